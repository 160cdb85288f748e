//! Tables: RFC 4180 with a header, UTF-8, one thing a line, ids as in the manifest.

use super::{blanks, votes as votes_of, Audited};
use crate::report::outside_lists;
use selge_core::count::{ActionKind, Mandate};
use selge_core::manifest::Contest;
use selge_core::outcome::TallyResult;
use selge_core::rules::Choice;
use std::io;

type Table<'w> = csv::Writer<&'w mut dyn io::Write>;

fn table<'w>(to: &'w mut dyn io::Write, header: &[&str]) -> io::Result<Table<'w>> {
    let mut table = csv::Writer::from_writer(to);
    table.write_record(header)?;
    Ok(table)
}

fn yes(is: bool) -> &'static str {
    if is {
        "yes"
    } else {
        "no"
    }
}

/// What came of a tally.
fn status(tally: &TallyResult) -> &'static str {
    match &tally.outcome {
        Some(_) if !tally.withheld.is_empty() => "counted without withheld contests",
        Some(_) => "counted",
        None if tally.undecided => "undecided",
        None => "withheld",
    }
}

fn mandate(mandate: &Mandate) -> &'static str {
    match mandate {
        Mandate::Votes => "votes",
        Mandate::Round { .. } => "round",
        Mandate::List { .. } => "list",
        Mandate::Personal => "personal",
        Mandate::District => "district",
        Mandate::Compensation { .. } => "compensation",
    }
}

pub(super) fn contests(audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
    let header = ["election", "contest", "title", "counted", "withheld", "blank", "undecodable", "trustees"];
    let mut table = table(to, &header)?;
    for (contest, result) in audited.contests() {
        let trustees: Vec<String> = result.trustees.iter().map(ToString::to_string).collect();
        let known = |n: u64| if result.withheld { String::new() } else { n.to_string() };
        table.write_record([
            audited.result.election.to_string(),
            contest.id.clone(),
            contest.title.clone(),
            result.counted.to_string(),
            yes(result.withheld).to_owned(),
            known(blanks(result)),
            known(result.undecodable),
            trustees.join(" "),
        ])?;
    }
    table.flush()
}

/// A line for each candidate, and for each tally of the candidate's contest.
pub(super) fn results(audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
    let header = [
        "election",
        "tally",
        "tally_title",
        "tally_status",
        "contest",
        "contest_title",
        "candidate",
        "name",
        "list",
        "votes",
        "elected",
        "seat",
        "votes_when_elected",
        "mandate",
    ];
    let mut table = table(to, &header)?;
    for (contest, result) in audited.contests() {
        let votes = votes_of(contest, result);
        let of_this = |rule: &&str| **rule == *contest.id;
        let tallies =
            audited.tallies().filter(|(rule, _)| rule.contests.iter().map(String::as_str).any(|c| of_this(&c)));
        for (rule, tally) in tallies {
            for (candidate, votes) in contest.candidates.iter().zip(&votes) {
                let elected = tally.outcome.as_ref().and_then(|outcome| {
                    let is = |e: &&selge_core::count::Elected| e.contest == contest.id && e.candidate == candidate.id;
                    (1..).zip(&outcome.elected).find(|(_, e)| is(e))
                });
                let decided = tally.outcome.is_some() && !result.withheld;
                let fact = |text: String| elected.map_or_else(String::new, |_| text);
                table.write_record([
                    audited.result.election.to_string(),
                    rule.id.clone(),
                    rule.title.clone(),
                    status(tally).to_owned(),
                    contest.id.clone(),
                    contest.title.clone(),
                    candidate.id.clone(),
                    candidate.name.clone(),
                    candidate.list.clone().unwrap_or_default(),
                    if result.withheld { String::new() } else { votes.to_string() },
                    if decided { yes(elected.is_some()).to_owned() } else { String::new() },
                    fact(elected.map_or(0, |(place, _)| place).to_string()),
                    fact(elected.map_or_else(String::new, |(_, e)| e.votes.to_string())),
                    fact(elected.map_or("", |(_, e)| mandate(&e.mandate)).to_owned()),
                ])?;
            }
        }
    }
    table.flush()
}

/// A line for each list; votes for candidates who are on none stand in one line without a name, so that a tally's votes add up
/// to its valid votes.
pub(super) fn lists(audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
    let header = ["election", "tally", "tally_title", "list", "independent", "votes", "passed_threshold", "seats"];
    let mut table = table(to, &header)?;
    for (rule, tally) in audited.tallies() {
        let Some(outcome) = tally.outcome.as_ref().filter(|outcome| !outcome.lists.is_empty()) else { continue };
        let election = audited.result.election.to_string();
        let mut line = |list: &str, independent, votes: u64, passed: &str, seats: u64| {
            let (votes, seats) = (votes.to_string(), seats.to_string());
            table.write_record([&*election, &rule.id, &rule.title, list, yes(independent), &votes, passed, &seats])
        };
        for list in &outcome.lists {
            line(&list.list, list.independent, list.votes, yes(list.passed), list.seats.into())?;
        }
        let others = outside_lists(outcome);
        if others.votes > 0 {
            line("", true, others.votes, "", others.seats)?;
        }
    }
    table.flush()
}

pub(super) fn rounds(audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
    let header = ["election", "tally", "round", "quota", "candidate", "votes", "action"];
    let mut table = table(to, &header)?;
    for (rule, tally) in audited.tallies() {
        for round in tally.outcome.iter().flat_map(|outcome| &outcome.rounds) {
            for votes in &round.votes {
                let action = round.actions.iter().find(|action| action.candidate == votes.candidate);
                table.write_record([
                    audited.result.election.to_string(),
                    rule.id.clone(),
                    round.number.to_string(),
                    round.quota.to_string(),
                    votes.candidate.clone(),
                    votes.votes.to_string(),
                    action
                        .map_or("", |action| match action.kind {
                            ActionKind::Elected => "elected",
                            ActionKind::Eliminated => "eliminated",
                        })
                        .to_owned(),
                ])?;
            }
        }
    }
    table.flush()
}

/// A line for each decrypted vote. `choice` names candidates by id with a blank between: the one, the set, the ranking from the best on,
/// or `id=score`.
pub(super) fn votes(audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
    let mut table = table(to, &["election", "contest", "vote", "kind", "choice"])?;
    let election = audited.result.election.to_string();
    for (contest, result) in audited.contests() {
        let choices = result.votes.iter().map(|vote| {
            let (kind, choice) = choice(contest, &vote.choice);
            (kind, choice, vote.count)
        });
        let undecodable = std::iter::once(("undecodable", String::new(), result.undecodable));
        let mut number = 0_u64;
        for (kind, choice, count) in choices.chain(undecodable) {
            for _ in 0..count {
                number += 1;
                table.write_record([&*election, &*contest.id, &*number.to_string(), kind, &*choice])?;
            }
        }
    }
    table.flush()
}

fn choice(contest: &Contest, choice: &Choice) -> (&'static str, String) {
    let id = |candidate: &u32| contest.candidates.get(*candidate as usize).map_or("", |c| c.id.as_str());
    let ids = |candidates: &[u32]| candidates.iter().map(id).collect::<Vec<_>>().join(" ");
    match choice {
        Choice::Blank => ("blank", String::new()),
        Choice::One(candidate) => ("one", id(candidate).to_owned()),
        Choice::Set(set) => ("set", ids(set)),
        Choice::Ranking(ranking) => ("ranking", ids(ranking)),
        Choice::Scores(scores) => {
            let scores = contest.candidates.iter().zip(scores).map(|(c, score)| format!("{}={score}", c.id));
            ("scores", scores.collect::<Vec<_>>().join(" "))
        }
    }
}
