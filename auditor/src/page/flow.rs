//! The way of the ballots as a picture that adds up: a list whose bars are as long as its numbers are large, so that a
//! screen reader, a printer and an eye get the same.

use super::words::Words;
use crate::report::{ContestPassage, Report};
use maud::{html, Markup};
use selge_core::rules::Choice;

/// One step.
struct Step {
    text: String,
    hint: Option<String>,
    n: u64,
    /// Taken away from the step before.
    off: bool,
    /// Whether the step is proven, where that is to be said.
    proven: Option<bool>,
}

pub(super) fn section(report: &Report, words: &Words) -> Markup {
    let steps = steps(report, words);
    let most = steps.iter().map(|step| step.n).max().unwrap_or(0);
    html! {
        section aria-labelledby="flow" {
            h2 #flow { (words.say("flow")) }
            @if steps.is_empty() {
                p { (words.say("flow-none")) }
            } @else {
                p { (words.say("flow-means")) }
                ol.flow { @for step in &steps { (line(step, most, words)) } }
                @if report.contests.len() > 1 { (contests(report, words)) }
            }
        }
    }
}

fn steps(report: &Report, words: &Words) -> Vec<Step> {
    let Some(ballots) = &report.ballots else { return Vec::new() };
    let step = |key: &str, n| Step { text: words.say(key), hint: None, n, off: false, proven: None };
    let off = |key: &str, n| Step { off: true, ..step(key, n) };
    let mut steps = vec![
        step("flow-cast", ballots.cast),
        off("flow-superseded", ballots.superseded),
        off("flow-cancelled", ballots.cancelled),
        step("flow-counted", ballots.counted),
    ];
    if report.contests.is_empty() {
        return steps;
    }
    let of = |contests: &[&ContestPassage]| contests.iter().map(|contest| contest.counted).sum::<u64>();
    let all: Vec<_> = report.contests.iter().collect();
    let (withheld, mixed): (Vec<_>, Vec<_>) = all.iter().copied().partition(|contest| contest.withheld);
    if of(&all) != ballots.counted {
        steps.push(Step { hint: Some(words.say("flow-votes-means")), ..step("flow-votes", of(&all)) });
    }
    if !withheld.is_empty() {
        steps.push(off("flow-withheld", of(&withheld)));
    }
    let servers = report.manifest.as_ref().map_or(&[][..], |manifest| &manifest.mix_servers);
    for (place, server) in (1u64..).zip(servers) {
        let proven = mixed.iter().all(|contest| contest.mixed >= place);
        steps.push(Step {
            text: words.naming("flow-mix", &server.name),
            hint: (place == 1).then(|| words.say("flow-mix-means")),
            n: mixed.iter().filter(|contest| contest.mixed >= place).map(|contest| contest.counted).sum(),
            off: false,
            proven: Some(proven),
        });
    }
    let decrypted = mixed.iter().filter_map(|contest| contest.decrypted).sum();
    let proven = mixed.iter().all(|contest| contest.decrypted.is_some());
    steps.push(Step { proven: Some(proven), ..step("flow-decrypted", decrypted) });
    if let Some(result) = &report.result {
        let undecodable: u64 = result.contests.iter().map(|contest| contest.undecodable).sum();
        let blank: u64 = result
            .contests
            .iter()
            .flat_map(|contest| &contest.votes)
            .filter(|vote| vote.choice == Choice::Blank)
            .map(|vote| vote.count)
            .sum();
        if undecodable > 0 {
            steps.push(off("flow-undecodable", undecodable));
        }
        if blank > 0 {
            steps.push(off("flow-blank", blank));
        }
        steps.push(step("flow-valid", decrypted.saturating_sub(undecodable + blank)));
    }
    steps
}

fn line(step: &Step, most: u64, words: &Words) -> Markup {
    let width = if most == 0 { 0.0 } else { 100.0 * step.n as f64 / most as f64 };
    html! {
        li class=[step.off.then_some("off")] {
            div.row {
                span {
                    (step.text)
                    @match step.proven {
                        Some(true) => { " · " span.status.passed { "✓ " (words.say("flow-proven")) } }
                        Some(false) => { " · " span.status.not_run { "? " (words.say("flow-not-proven")) } }
                        None => {}
                    }
                }
                strong { (words.number(step.n)) }
            }
            @if let Some(hint) = &step.hint { p.note { (hint) } }
            span class={ "bar" @if step.off { " less" } } style={ "width:" (format!("{width:.2}")) "%" } aria-hidden="true" {}
        }
    }
}

fn contests(report: &Report, words: &Words) -> Markup {
    html! {
        details {
            summary { (words.say("flow-contests")) }
            div.scroll tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { (words.say("where-stood")) }
                            @for key in ["flow-in-counted", "flow-in-mixed", "flow-in-decryptions", "flow-in-votes"] {
                                th.n scope="col" { (words.say(key)) }
                            }
                        }
                    }
                    tbody {
                        @for contest in &report.contests {
                            tr {
                                th scope="row" { bdi { (contest.title) } }
                                td.n { (words.number(contest.counted)) }
                                @if contest.withheld {
                                    td.n colspan="3" { (words.say("flow-withheld")) }
                                } @else {
                                    td.n { (words.number(contest.mixed)) }
                                    td.n { (words.number(contest.decryptions)) }
                                    td.n { (contest.decrypted.map_or_else(|| "–".to_owned(), |n| words.number(n))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
