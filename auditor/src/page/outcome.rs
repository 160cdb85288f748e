//! The result: who is elected, seats and votes as tables with bars.

use super::words::Words;
use crate::report::{candidate_name, outside_lists, Report};
use maud::{html, Markup};
use selge_core::count::{Amount, ContestOutcome, Elected, Mandate, Outcome, Tie, TieBreak, TieFor};
use selge_core::manifest::ManifestDocument;
use selge_core::outcome::TallyResult;

/// More elected people than one looks through at once.
const MANY: usize = 20;

/// Ties, and names in one, that are shown of many: candidates without votes tie in crowds.
const TIES: usize = 10;

pub(super) fn section(report: &Report, words: &Words) -> Markup {
    html! {
        section aria-labelledby="result" {
            h2 #result { (words.say("result")) }
            @match &report.result {
                None => { p { (words.say("no-result")) } }
                Some(result) => {
                    p { (words.say("result-proven")) }
                    @for tally in &result.tallies { (tally_part(report, tally, words)) }
                }
            }
        }
    }
}

fn tally_part(report: &Report, tally: &TallyResult, words: &Words) -> Markup {
    let title =
        report.tallies.iter().find(|t| t.tally == tally.tally).map_or(tally.tally.as_str(), |t| t.title.as_str());
    html! {
        h3 { bdi { (title) } }
        @match &tally.outcome {
            None if tally.undecided => { p { (words.say("undecided")) } }
            None => { p { (words.say("withheld")) } }
            Some(outcome) => {
                @if !outcome.lists.is_empty() { (lists(outcome, report.manifest.as_ref(), words)) }
                (elected(outcome, report.manifest.as_ref(), words))
                (contests(outcome, report.manifest.as_ref(), words))
            }
        }
    }
}

fn bar(n: u64, most: u64) -> Markup {
    let width = if most == 0 { 0.0 } else { 100.0 * n as f64 / most as f64 };
    html! { span.bar style={ "width:" (format!("{width:.2}")) "%" } aria-hidden="true" {} }
}

fn lists(outcome: &Outcome, manifest: Option<&ManifestDocument>, words: &Words) -> Markup {
    let mut rows: Vec<_> = outcome.lists.iter().collect();
    rows.sort_by_key(|list| std::cmp::Reverse((list.seats, list.votes)));
    // All valid votes, those for candidates without a list included: what the threshold is a share of.
    let votes: u64 = outcome.contests.iter().flat_map(|contest| &contest.votes).map(|vote| vote.votes).sum();
    let seats = rows.iter().map(|list| u64::from(list.seats)).max().unwrap_or(0);
    let others = outside_lists(outcome);
    let contest = outcome.contests.first().map(|contest| contest.contest.as_str());
    html! {
        div.scroll tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { (words.say("list")) }
                        th.n scope="col" { (words.say("votes")) }
                        th.n.share scope="col" { (words.say("share")) }
                        th.n scope="col" { (words.say("seats")) }
                        th.bars scope="col" aria-hidden="true" {}
                    }
                }
                tbody {
                    @for list in rows {
                        tr {
                            th scope="row" {
                                bdi { @if list.independent { (candidate_name(manifest, contest, &list.list)) } @else { (list.list) } }
                                @if list.independent { " · " span.note { (words.say("independent")) } }
                                @else if !list.passed { " · " span.note { (words.say("below-threshold")) } }
                            }
                            td.n { (words.number(list.votes)) }
                            td.n { (words.percent(list.votes, votes)) }
                            td.n { strong { (words.number(list.seats.into())) } }
                            td aria-hidden="true" { (bar(list.seats.into(), seats)) }
                        }
                    }
                    @if others.votes > 0 {
                        tr {
                            th scope="row" { (words.say("without-list")) }
                            td.n { (words.number(others.votes)) }
                            td.n { (words.percent(others.votes, votes)) }
                            td.n { strong { (words.number(others.seats)) } }
                            td aria-hidden="true" { (bar(others.seats, seats)) }
                        }
                    }
                }
            }
        }
    }
}

fn mandate(mandate: &Mandate, words: &Words) -> String {
    match mandate {
        Mandate::Votes => words.say("by-votes"),
        Mandate::Round { round } => words.with("by-round", &[("n", u64::from(*round))]),
        Mandate::List { .. } => words.say("by-list"),
        Mandate::Personal => words.say("by-personal"),
        Mandate::District => words.say("by-district"),
        Mandate::Compensation { .. } => words.say("by-compensation"),
    }
}

fn contest_title<'m>(manifest: Option<&'m ManifestDocument>, id: &'m str) -> &'m str {
    let known = manifest.and_then(|manifest| manifest.contests.iter().find(|contest| contest.id == id));
    known.map_or(id, |contest| contest.title.as_str())
}

/// As many votes as there are, in groups of three digits where they are whole.
fn amount(votes: &Amount, words: &Words) -> String {
    match (votes.places(), u64::try_from(votes.units())) {
        (0, Ok(whole)) => words.number(whole),
        _ => votes.to_string(),
    }
}

fn elected(outcome: &Outcome, manifest: Option<&ManifestDocument>, words: &Words) -> Markup {
    let row = |elected: &Elected| {
        html! {
            tr {
                th scope="row" {
                    bdi { (elected.name) }
                    @if let Some(list) = &elected.list { " · " span.note { bdi { (list) } } }
                }
                td.n { (amount(&elected.votes, words)) }
                td { bdi { (contest_title(manifest, &elected.contest)) } }
                td { (mandate(&elected.mandate, words)) }
            }
        }
    };
    let table = html! {
        div.scroll tabindex="0" {
            table {
                caption { (words.say("elected")) }
                thead {
                    tr {
                        th scope="col" { (words.say("candidate")) }
                        th.n scope="col" { (words.say(if outcome.rounds.is_empty() { "votes" } else { "votes-when-elected" })) }
                        th scope="col" { (words.say("where-stood")) }
                        th scope="col" { (words.say("won-by")) }
                    }
                }
                tbody { @for one in &outcome.elected { (row(one)) } }
            }
        }
    };
    html! {
        @if outcome.elected.is_empty() {
            p { (words.say("nobody-elected")) }
        } @else {
            // A parliament is folded: seats by list stand above.
            @if outcome.elected.len() > MANY {
                details { summary { (words.say("elected")) " (" (outcome.elected.len()) ")" } (table) }
            } @else {
                (table)
            }
        }
        @if outcome.vacant > 0 { p { (words.with("vacant", &[("n", outcome.vacant)])) } }
        @if !outcome.ties.is_empty() { (ties(&outcome.ties, manifest, words)) }
    }
}

fn ties(ties: &[Tie], manifest: Option<&ManifestDocument>, words: &Words) -> Markup {
    let names = |tie: &Tie, ids: &[String]| {
        html! {
            @for (place, id) in ids.iter().take(TIES).enumerate() { @if place > 0 { ", " } bdi { (candidate_name(manifest, tie.contest.as_deref(), id)) } }
            @if let Some(more @ 1..) = ids.len().checked_sub(TIES) {
                " " (words.with("and-more", &[("n", more as u64)]))
            }
        }
    };
    let about = |tie: &Tie| match tie.about {
        TieFor::Seat => words.say("tie-seat"),
        TieFor::Elimination { round } => words.with("tie-elimination", &[("n", round.into())]),
        TieFor::Election { round } => words.with("tie-election", &[("n", round.into())]),
        TieFor::List => words.say("tie-list"),
    };
    let by = |tie: &Tie| match tie.by {
        TieBreak::CandidateOrder => words.say("tie-candidate-order"),
        TieBreak::Lot => words.say("tie-lot"),
        TieBreak::EarlierRound { round } => words.with("tie-earlier-round", &[("n", round.into())]),
        TieBreak::ListOrder => words.say("tie-list-order"),
    };
    html! {
        p { (words.with("ties", &[("n", ties.len() as u64)])) }
        details open[ties.len() <= 3] {
            summary { (words.say("ties-which")) }
            ul.ties {
                @for tie in ties.iter().take(TIES) {
                    li {
                        @if let Some(contest) = &tie.contest { bdi { (contest_title(manifest, contest)) } ": " }
                        (about(tie)) br;
                        span.note { (words.say("tie-equal")) } " " (names(tie, &tie.tied)) br;
                        span.note { (words.say("tie-by")) } " " (by(tie)) br;
                        span.note { (words.say("tie-chosen")) } " " strong { (names(tie, &tie.chosen)) }
                    }
                }
            }
            @if let Some(more @ 1..) = ties.len().checked_sub(TIES) {
                p.note { (words.with("and-more", &[("n", more as u64)])) }
            }
        }
    }
}

fn contests(outcome: &Outcome, manifest: Option<&ManifestDocument>, words: &Words) -> Markup {
    let first = if outcome.rounds.is_empty() { "votes" } else { "first-preferences" };
    html! {
        details open[outcome.contests.len() == 1] {
            summary { (words.say("votes-in")) }
            @for contest in &outcome.contests { (contest_votes(contest, first, manifest, words)) }
        }
    }
}

/// `votes` is what the candidates' numbers are called.
fn contest_votes(contest: &ContestOutcome, votes: &str, manifest: Option<&ManifestDocument>, words: &Words) -> Markup {
    let described = manifest.and_then(|manifest| manifest.contests.iter().find(|c| c.id == contest.contest));
    let mut rows: Vec<_> = contest.votes.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.votes));
    let most = rows.first().map_or(0, |first| first.votes);
    let candidate = |id: &str| described.and_then(|c| c.candidates.iter().find(|candidate| candidate.id == id));
    html! {
        div.scroll tabindex="0" {
            table {
                caption {
                    bdi { (contest_title(manifest, &contest.contest)) } " · "
                    (words.with("ballots-in", &[("n", contest.ballots)]))
                    @if contest.blanks > 0 { ", " (words.with("blank-in", &[("n", contest.blanks)])) }
                }
                thead {
                    tr {
                        th scope="col" { (words.say("candidate")) }
                        th.n scope="col" { (words.say(votes)) }
                        th.bars scope="col" aria-hidden="true" {}
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" {
                                bdi { (candidate(&row.candidate).map_or(row.candidate.as_str(), |c| c.name.as_str())) }
                                @if let Some(list) = candidate(&row.candidate).and_then(|c| c.list.as_ref()) {
                                    " · " span.note { bdi { (list) } }
                                }
                            }
                            td.n { (words.number(row.votes)) }
                            td aria-hidden="true" { (bar(row.votes, most)) }
                        }
                    }
                }
            }
        }
    }
}
