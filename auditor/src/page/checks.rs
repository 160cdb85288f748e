//! The checks, each with what it means, what it looked at and how long it took; and the problems on their own.

use super::culprit::Culprits;
use super::words::Words;
use crate::report::{CheckReport, Count, Report, Status};
use maud::{html, Markup};

/// What is wrong, and what could not be looked at: first thing below the verdict.
pub(super) fn problems(report: &Report, culprits: &Culprits<'_>, words: &Words) -> Markup {
    let failed: Vec<_> = report.checks.iter().filter(|check| check.status == Status::Failed).collect();
    html! {
        @if !failed.is_empty() {
            section aria-labelledby="problems" {
                h2 #problems { (words.say("problems")) }
                p.note { (words.say("in-english")) }
                @for check in failed {
                    div.problem-box {
                        h3 {
                            span.status.failed { span aria-hidden="true" { "✗ " } (words.say("status-failed")) } " · "
                            (title(check, words)) " " code { (check.id) }
                        }
                        p { (means(check, words)) }
                        p { (fails(check, words)) }
                        table {
                            thead { tr { th scope="col" { (words.say("culprit")) } th scope="col" { (words.say("problem")) } } }
                            tbody {
                                @for finding in &check.findings {
                                    tr {
                                        td { bdi { (culprits.say(&finding.culprit, words)) } }
                                        td lang="en" { bdi { (finding.problem) } }
                                    }
                                }
                            }
                        }
                        (more(check.further_findings, words))
                    }
                }
            }
        }
        @for (status, key) in [(Status::NotRun, "not-done"), (Status::Skipped, "not-asked")] {
            @if report.checks.iter().any(|check| check.status == status) {
                section aria-labelledby=(key) {
                    h2 id=(key) { (words.say(key)) }
                    @for check in report.checks.iter().filter(|check| check.status == status) {
                        div.problem-box.open {
                            h3 { (title(check, words)) " " code { (check.id) } }
                            (missing(check, culprits, words))
                        }
                    }
                }
            }
        }
    }
}

/// All checks, in groups.
pub(super) fn section(report: &Report, culprits: &Culprits<'_>, words: &Words) -> Markup {
    let groups = report.checks.chunk_by(|a, b| group(a) == group(b));
    html! {
        section aria-labelledby="checks" {
            h2 #checks { (words.say("checks")) }
            @for checks in groups {
                h3 {
                    (words.say(&format!("group-{}", checks.first().map_or("", group))))
                    " · " (words.with("checks-of", &[("n", checks.len() as u64)]))
                }
                ul.checks { @for check in checks { (line(check, culprits, words)) } }
            }
        }
    }
}

fn group(check: &CheckReport) -> &str {
    check.id.split('-').next().unwrap_or_default()
}

fn title(check: &CheckReport, words: &Words) -> String {
    let key = format!("check-{}", check.id);
    if words.has(&key) {
        words.say(&key)
    } else {
        check.title.clone()
    }
}

/// What it says about the election that the check has passed; of one that has not, it is only what must hold.
fn means(check: &CheckReport, words: &Words) -> Markup {
    let key = format!("check-{}-means", check.id);
    html! {
        @if words.has(&key) {
            @if check.status != Status::Passed { (words.say("must-hold")) " " }
            (words.say(&key))
        }
    }
}

/// What its failure means for the result.
fn fails(check: &CheckReport, words: &Words) -> Markup {
    let key = format!("check-{}-fails", check.id);
    html! { @if words.has(&key) { (words.say("fails-means")) " " (words.say(&key)) } }
}

fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Passed => ("passed", "✓ "),
        Status::Failed => ("failed", "✗ "),
        Status::NotRun => ("not_run", "? "),
        Status::Skipped => ("skipped", "? "),
    }
}

fn line(check: &CheckReport, culprits: &Culprits<'_>, words: &Words) -> Markup {
    let (name, mark) = status(check.status);
    html! {
        li {
            span class={ "status " (name) } {
                span aria-hidden="true" { (mark) }
                (words.say(&format!("status-{name}")))
            }
            div.body {
                (title(check, words)) " " code { (check.id) }
                p.means-small { (means(check, words)) }
                @if !check.counts.is_empty() {
                    p.counts { (check.counts.iter().map(|count| looked_at(count, words)).collect::<Vec<_>>().join(" · ")) }
                }
                @if !check.findings.is_empty() {
                    ul.problem-list {
                        @for finding in &check.findings {
                            li {
                                strong { bdi { (culprits.say(&finding.culprit, words)) } } ": "
                                bdi lang="en" { (finding.problem) }
                            }
                        }
                    }
                    (more(check.further_findings, words))
                }
                @if matches!(check.status, Status::NotRun | Status::Skipped) { (missing(check, culprits, words)) }
                @if !check.on_trust.is_empty() && check.status != Status::Skipped {
                    p.counts { (words.say("on-trust")) " " code { (check.on_trust.join(", ")) } }
                }
            }
            span.time { (words.seconds(check.seconds)) }
        }
    }
}

fn looked_at(count: &Count, words: &Words) -> String {
    // The first word of what is counted; the record of it stays readable where a language has no word yet.
    let word = count.what.split(' ').next().unwrap_or_default();
    let key = match count.what.as_str() {
        "hash tiles" => "what-tiles".to_owned(),
        "share messages" => "what-shares".to_owned(),
        _ => format!("what-{word}"),
    };
    let what = if words.has(&key) { words.say(&key) } else { count.what.clone() };
    words.tell("looked-at", &[("n", count.done), ("of", count.expected)], &[("what", &what)])
}

fn missing(check: &CheckReport, culprits: &Culprits<'_>, words: &Words) -> Markup {
    html! {
        @if !check.missing.is_empty() {
            @if check.status != Status::Skipped { p.counts { (words.say("missing")) } }
            ul.problem-list {
                @for what in &check.missing {
                    @match culprits.missing(what, words) {
                        // It runs as the page does, also where it begins with a path.
                        Some(said) => li { (said) },
                        None => li { bdi lang="en" { (what) } },
                    }
                }
            }
            (more(check.further_missing, words))
        }
    }
}

fn more(n: u64, words: &Words) -> Markup {
    html! { @if n > 0 { p.note { (words.with("and-more", &[("n", n)])) } } }
}
