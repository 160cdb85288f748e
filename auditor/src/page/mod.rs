//! The report as one page for people: no script, nothing to load, the same in a browser, on paper and to a screen reader.
//!
//! What the record says (names, ids, problems) is shown as it is, escaped; everything else comes from the Fluent files in
//! `words/`, one a language.

mod checks;
mod culprit;
mod flow;
mod missing;
mod outcome;
mod people;
#[cfg(test)]
mod tests;
mod words;

pub use words::{Language, Words};

use crate::checks::{ALLOWED, ELECTION_ID};
use crate::report::{Report, Status, Verdict};
use culprit::Culprits;
use maud::{html, Markup, PreEscaped, DOCTYPE};

const STYLE: &str = include_str!("style.css");

/// The page in a language.
pub fn render(report: &Report, language: Language) -> String {
    let words = &Words::new(language);
    let title = report.title.clone().unwrap_or_else(|| words.say("unknown-election"));
    html! {
        (DOCTYPE)
        html lang=(language.tag()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (words.say(short(report.verdict))) " · " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body(report, words, &title)) }
        }
    }
    .into_string()
}

/// The page's content alone, for a page that shows it inside another.
pub fn content(report: &Report, language: Language) -> String {
    let words = &Words::new(language);
    let title = report.title.clone().unwrap_or_else(|| words.say("unknown-election"));
    body(report, words, &title).into_string()
}

fn body(report: &Report, words: &Words, title: &str) -> Markup {
    let culprits = &Culprits::new(report.manifest.as_ref());
    html! {
        main class="report" {
            header {
                p.kicker { (words.say("kicker")) }
                h1 { bdi { (title) } }
            }
            (verdict(report, culprits, words))
            @if report.verdict != Verdict::Passed { (checks::problems(report, culprits, words)) }
            (outcome::section(report, words))
            (flow::section(report, words))
            (people::section(report, words))
            (checks::section(report, culprits, words))
            (further(report, words))
        }
    }
}

fn short(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "verdict-passed",
        Verdict::Failed => "verdict-failed",
        Verdict::Incomplete => "verdict-incomplete",
    }
}

/// The answer, in words that need nothing else on the page.
fn verdict(report: &Report, culprits: &Culprits<'_>, words: &Words) -> Markup {
    let of = |status| report.checks.iter().filter(|check| check.status == status).count() as u64;
    let (passed, failed, skipped) = (of(Status::Passed), of(Status::Failed), of(Status::Skipped));
    let open = of(Status::NotRun) + skipped;
    let numbers = [("all", report.checks.len() as u64), ("passed", passed), ("failed", failed), ("open", open)];
    let (class, mark) = match report.verdict {
        Verdict::Passed => ("passed", "✓"),
        Verdict::Failed => ("failed", "✗"),
        Verdict::Incomplete => ("incomplete", "?"),
    };
    let part = report.verdict == Verdict::Incomplete && skipped > 0;
    let of = if part { "verdict-part" } else { short(report.verdict) };
    let count = format!("{of}-count");
    let means = if report.is_of_another_election() { "verdict-other-means".to_owned() } else { format!("{of}-means") };
    let cut = report.check(ALLOWED.id).is_some_and(|check| check.status != Status::Passed);
    html! {
        section class={ "verdict " (class) } aria-labelledby="verdict" {
            span.mark aria-hidden="true" { (mark) }
            div {
                h2 #verdict { (words.say(short(report.verdict))) }
                p.means { (words.say(&means)) }
                (at_fault(report, culprits, words))
                p { (words.with(&count, &numbers)) }
            }
        }
        dl.facts {
            @if let Some(id) = &report.election {
                dt { (words.say("election-id")) }
                dd {
                    code.id dir="ltr" { (grouped(id)) }
                    @match report.check(ELECTION_ID.id).map(|check| check.status) {
                        Some(Status::Passed) if report.election_given => p.note { (words.say("id-was-given")) },
                        Some(Status::Failed) => {
                            p.status.failed { span aria-hidden="true" { "✗ " } (words.say("id-is-another")) }
                        }
                        _ => p.note { (words.say("compare-id")) },
                    }
                }
            }
            @if let Some(phase) = &report.phase {
                dt { (words.say("phase")) }
                dd {
                    (words.say(&format!("phase-{phase}")))
                    @if cut { p.note { (words.say("phase-until")) } }
                }
            }
            @if let Some(voters) = report.voters {
                dt { (words.say("voters")) }
                dd { (words.number(voters)) }
            }
            @if let Some(entries) = report.entries {
                dt { (words.say("board")) }
                dd {
                    (words.with("board-entries", &[("n", entries)]))
                    @if let Some(root) = &report.root { br; code.id dir="ltr" { (grouped(root)) } }
                }
            }
            @if let Some(asked) = &report.asked {
                dt { (words.say("asked-for")) }
                dd dir="ltr" { code { (asked.parts.iter().chain(&asked.contests).cloned().collect::<Vec<_>>().join(", ")) } }
            }
            dt { (words.say("time")) }
            dd { (words.seconds(report.seconds)) }
        }
    }
}

/// Parties that the verdict names.
const NAMED: usize = 3;

/// Who is responsible, where the record itself is false.
fn at_fault(report: &Report, culprits: &Culprits<'_>, words: &Words) -> Markup {
    let failed = report.checks.iter().filter(|check| check.status == Status::Failed);
    let mut named: Vec<String> = Vec::new();
    for finding in failed.flat_map(|check| &check.findings) {
        let who = culprits.parties(&finding.culprit, words);
        if !named.contains(&who) {
            named.push(who);
        }
    }
    html! {
        @if !named.is_empty() && !report.is_of_another_election() {
            p.culprits {
                (words.say("culprit-fault")) " "
                @for (place, who) in named.iter().take(NAMED).enumerate() {
                    @if place > 0 { " · " }
                    strong { bdi { (who) } }
                }
                @if let Some(more @ 1..) = named.len().checked_sub(NAMED) {
                    " " (words.with("and-more", &[("n", more as u64)]))
                }
            }
        }
    }
}

/// An id in groups that eyes can compare.
fn grouped(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().collect();
    digits.chunks(8).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// What else a reader can do.
fn further(report: &Report, words: &Words) -> Markup {
    html! {
        section aria-labelledby="further" {
            h2 #further { (words.say("further")) }
            ol.further {
                @if report.verdict == Verdict::Failed { li { (words.say("further-evidence")) } }
                li { (words.say("further-id")) }
                li { (words.say("further-checkpoint")) }
                li { (words.say("further-receipt")) }
                li {
                    (words.say("further-again"))
                    pre dir="ltr" { code { "auditor verify RECORD" @if let Some(id) = &report.election { " " span.whole { "--election" } " " (id) } } }
                }
                li { (words.say("further-own")) }
            }
            @if !report.notes.is_empty() {
                h3 { (words.say("notes")) }
                ul { @for note in &report.notes { li lang="en" dir="ltr" { (note) } } }
            }
            h3 { (words.say("limits")) }
            ul {
                @for limit in ["limit-device", "limit-roll", "limit-cancelled", "limit-newest"] { li { (words.say(limit)) } }
            }
        }
        footer { p { (words.with("made-by", &[])) " " (env!("CARGO_PKG_VERSION")) } }
    }
}
