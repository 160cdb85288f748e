//! The way of the ballots as a picture that adds up: a list whose bars are as long as its numbers are large, so that a
//! screen reader, a printer and an eye get the same.

use super::words::Words;
use crate::checks::{CHAIN, DECRYPTIONS, ENOUGH, MIXES, VOTES};
use crate::report::{ContestPassage, Finding, Report};
use maud::{html, Markup};
use selge_core::rules::Choice;

/// One step.
struct Step {
    text: String,
    hint: Option<String>,
    n: u64,
    /// Taken away from the step before.
    off: bool,
    /// Whether the step holds, where that is to be said.
    holds: Option<Holds>,
}

/// What is known of a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Proven,
    /// Not looked at, not there yet, or not asked for.
    Open,
    /// Shown to be wrong.
    Refuted,
}

/// Contests that are named at a step.
const NAMED: usize = 3;

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
    // Before voting there is nothing on the way.
    let under_way = |cast: u64| cast > 0 || !matches!(report.phase.as_deref(), None | Some("set-up" | "aborted"));
    let Some(ballots) = report.ballots.as_ref().filter(|ballots| under_way(ballots.cast)) else { return Vec::new() };
    let step = |key: &str, n| Step { text: words.say(key), hint: None, n, off: false, holds: None };
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
    let mut left = mixed;
    for (place, server) in (1u64..).zip(servers) {
        let refuted = |contest: &ContestPassage| {
            let mix = format!("mix server {place} ({}), contest {:?}", server.name, contest.contest);
            findings(report, &[CHAIN.id, MIXES.id]).any(|finding| finding.culprit.contains(&mix))
        };
        // Where mixes were not asked for, decryptions are checked without them.
        let (on, lost) = left.into_iter().partition(|contest| contest.mixed >= place || contest.decryptions > 0);
        left = on;
        let name = |key: &str| words.naming(key, &server.name);
        branches(&mut steps, lost, refuted, &name("flow-mix-lost"), words);
        if left.is_empty() {
            return steps;
        }
        let proven = left.iter().all(|contest| contest.mixed >= place);
        steps.push(Step {
            text: name("flow-mix"),
            hint: (place == 1).then(|| words.say("flow-mix-means")),
            n: of(&left),
            off: false,
            holds: Some(if proven { Holds::Proven } else { Holds::Open }),
        });
    }
    let refuted = |contest: &ContestPassage| {
        let of = format!(", contest {:?}", contest.contest);
        findings(report, &[CHAIN.id, ENOUGH.id, DECRYPTIONS.id, VOTES.id]).any(|finding| finding.culprit.contains(&of))
    };
    let (on, lost) = left.into_iter().partition(|contest| contest.decrypted.is_some());
    left = on;
    branches(&mut steps, lost, refuted, &words.say("flow-decrypted-lost"), words);
    if left.is_empty() {
        return steps;
    }
    let decrypted = left.iter().filter_map(|contest| contest.decrypted).sum();
    steps.push(Step { holds: Some(Holds::Proven), ..step("flow-decrypted", decrypted) });
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

fn findings<'r>(report: &'r Report, checks: &'r [&str]) -> impl Iterator<Item = &'r Finding> {
    report.checks.iter().filter(|check| checks.contains(&check.id.as_str())).flat_map(|check| &check.findings)
}

/// Those who do not come further, as branches: what is shown to be wrong apart from what nobody could look at.
fn branches(
    steps: &mut Vec<Step>,
    lost: Vec<&ContestPassage>,
    refuted: impl Fn(&ContestPassage) -> bool,
    text: &str,
    words: &Words,
) {
    let (refuted, unknown): (Vec<_>, Vec<_>) = lost.into_iter().partition(|contest| refuted(contest));
    for (contests, holds) in [(refuted, Holds::Refuted), (unknown, Holds::Open)] {
        if contests.is_empty() {
            continue;
        }
        let mut hint = contests.iter().take(NAMED).map(|contest| contest.title.as_str()).collect::<Vec<_>>().join(", ");
        if let Some(more @ 1..) = contests.len().checked_sub(NAMED) {
            hint = format!("{hint} {}", words.with("and-more", &[("n", more as u64)]));
        }
        let n = contests.iter().map(|contest| contest.counted).sum();
        steps.push(Step { text: text.to_owned(), hint: Some(hint), n, off: true, holds: Some(holds) });
    }
}

fn line(step: &Step, most: u64, words: &Words) -> Markup {
    let width = if most == 0 { 0.0 } else { 100.0 * step.n as f64 / most as f64 };
    html! {
        li class=[step.off.then_some("off")] {
            div.row {
                span {
                    (step.text)
                    @match step.holds {
                        Some(Holds::Proven) => { " · " span.status.passed { "✓ " (words.say("flow-proven")) } }
                        Some(Holds::Open) => { " · " span.status.not_run { "? " (words.say("flow-not-proven")) } }
                        Some(Holds::Refuted) => { " · " span.status.failed { "✗ " (words.say("flow-wrong")) } }
                        None => {}
                    }
                }
                strong { (words.number(step.n)) }
            }
            @if let Some(hint) = &step.hint { p.note { bdi { (hint) } } }
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
