//! What newsrooms and researchers read: the result and the decrypted votes of an audited record, as tables (CSV) and in the
//! Common Data Formats of the United States' National Institute of Standards and Technology.
//!
//! Only a record that has passed every check is exported. All is made from the [`Report`] alone, written as it is made: what is in
//! memory is the result, in which equal votes stand once with their number.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `contests.csv` | each contest: ballots, blank ones, withheld or not |
//! | `results.csv` | each candidate of each contest: votes, and the seats won in each tally |
//! | `lists.csv` | each list of each tally: votes and seats |
//! | `rounds.csv` | each round of counts of rankings |
//! | `votes.csv` | each decrypted vote |
//! | `election-report.json` | Election Results Reporting, NIST SP 1500-100r2 |
//! | `cast-vote-records.json` | Cast Vote Records, NIST SP 1500-103 |
//!
//! Mixing is per contest: which votes of two contests came from one ballot is not known to anybody. So every decrypted vote is a
//! record of its own, with one contest. Votes stand in the order of their choices' numbers, which says nothing about when or by whom
//! they were cast. Contests with too few ballots are never decrypted, and have none.

mod cast_vote_records;
mod election_report;
mod tables;

use crate::report::{Report, Verdict};
use selge_core::count::{CandidateRef, CountingRule, Elected};
use selge_core::manifest::{Contest, ManifestDocument, TallyRule};
use selge_core::outcome::{ContestResult, ElectionResult, TallyResult};
use selge_core::rules::{Choice, VotingRule};
use std::io;
use time::OffsetDateTime;

/// A record that has passed, and when its exports are made.
#[derive(Clone, Copy, Debug)]
pub struct Audited<'a> {
    report: &'a Report,
    result: &'a ElectionResult,
    manifest: &'a ManifestDocument,
    made: OffsetDateTime,
}

/// The record has not passed: there is no result to export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is exported: the verdict is {0}, and only what a passed audit has proven is exported")]
pub struct NotAudited(pub Verdict);

impl<'a> Audited<'a> {
    /// The report, if its verdict is [`Verdict::Passed`].
    ///
    /// # Errors
    /// [`NotAudited`].
    pub fn new(report: &'a Report, made: OffsetDateTime) -> Result<Self, NotAudited> {
        match (report.verdict, &report.result, &report.manifest) {
            (Verdict::Passed, Some(result), Some(manifest)) => Ok(Audited { report, result, manifest, made }),
            (verdict, ..) => Err(NotAudited(verdict)),
        }
    }

    /// The contests with their votes, in the manifest's order.
    fn contests(&self) -> impl Iterator<Item = (&'a Contest, &'a ContestResult)> + use<'a> {
        let results = &self.result.contests;
        let of = |contest: &'a Contest| Some((contest, results.iter().find(|r| r.contest == contest.id)?));
        self.manifest.contests.iter().filter_map(of)
    }

    /// The tallies with their outcomes, in the manifest's order.
    fn tallies(&self) -> impl Iterator<Item = (&'a TallyRule, &'a TallyResult)> + use<'a> {
        let results = &self.result.tallies;
        let of = |rule: &'a TallyRule| Some((rule, results.iter().find(|r| r.tally == rule.id)?));
        self.manifest.tallies.iter().filter_map(of)
    }

    /// The first tally that counts a contest.
    fn tally_of(&self, contest: &str) -> Option<(&'a TallyRule, &'a TallyResult)> {
        self.tallies().find(|(rule, _)| rule.contests.iter().any(|of| of == contest))
    }
}

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// `contests.csv`
    Contests,
    /// `results.csv`
    Results,
    /// `lists.csv`
    Lists,
    /// `rounds.csv`
    Rounds,
    /// `votes.csv`
    Votes,
    /// `election-report.json`
    ElectionReport,
    /// `cast-vote-records.json`
    CastVoteRecords,
}

impl Export {
    /// All of them.
    pub const ALL: [Export; 7] = [
        Export::Contests,
        Export::Results,
        Export::Lists,
        Export::Rounds,
        Export::Votes,
        Export::ElectionReport,
        Export::CastVoteRecords,
    ];

    /// The file's name.
    pub fn file_name(self) -> &'static str {
        match self {
            Export::Contests => "contests.csv",
            Export::Results => "results.csv",
            Export::Lists => "lists.csv",
            Export::Rounds => "rounds.csv",
            Export::Votes => "votes.csv",
            Export::ElectionReport => "election-report.json",
            Export::CastVoteRecords => "cast-vote-records.json",
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn write(self, audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Export::Contests => tables::contests(audited, to),
            Export::Results => tables::results(audited, to),
            Export::Lists => tables::lists(audited, to),
            Export::Rounds => tables::rounds(audited, to),
            Export::Votes => tables::votes(audited, to),
            Export::ElectionReport => election_report::write(audited, to),
            Export::CastVoteRecords => cast_vote_records::write(audited, to),
        }
    }
}

/// What every document says of itself.
const NOTES: &str =
    "Exported from an election record that passed every check of the Selge auditor. Electronic votes only. Mixing is \
                     per contest, so votes of different contests cannot be joined.";

/// Name and version of this program.
const PROGRAM: &str = concat!("selge-auditor ", env!("CARGO_PKG_VERSION"));

/// A moment as both formats write it.
fn moment(time: OffsetDateTime) -> String {
    let time = time.replace_nanosecond(0).unwrap_or(time);
    // RFC 3339 holds every year that a manifest can have; another one is written as the first.
    time.format(&time::format_description::well_known::Rfc3339).unwrap_or_else(|_| "0000-01-01T00:00:00Z".into())
}

/// The names of all lists, in the manifest's order.
fn lists(manifest: &ManifestDocument) -> Vec<&str> {
    let mut lists = Vec::new();
    for list in manifest.contests.iter().flat_map(|c| &c.candidates).filter_map(|c| c.list.as_deref()) {
        if !lists.contains(&list) {
            lists.push(list);
        }
    }
    lists
}

/// A list's id in a document.
fn party_id(lists: &[&str], list: &str) -> Option<String> {
    lists.iter().position(|of| *of == list).map(|place| format!("party-{}", place + 1))
}

fn contest_id(contest: &Contest) -> String {
    format!("contest-{}", contest.id)
}

fn candidate_id(contest: &Contest, candidate: &CandidateRef) -> String {
    format!("candidate-{}-{}", contest.id, candidate.id)
}

fn selection_id(contest: &Contest, candidate: &CandidateRef) -> String {
    format!("selection-{}-{}", contest.id, candidate.id)
}

/// Votes of every candidate, in the manifest's order: first preferences of rankings, sums of scores.
fn votes(contest: &Contest, result: &ContestResult) -> Vec<u64> {
    let mut votes = vec![0; contest.candidates.len()];
    let mut add = |candidate: u32, n: u64| {
        if let Some(sum) = votes.get_mut(candidate as usize) {
            *sum += n;
        }
    };
    for vote in &result.votes {
        match &vote.choice {
            Choice::Blank => {}
            Choice::One(candidate) => add(*candidate, vote.count),
            Choice::Set(set) => set.iter().for_each(|candidate| add(*candidate, vote.count)),
            Choice::Ranking(ranking) => ranking.iter().take(1).for_each(|candidate| add(*candidate, vote.count)),
            Choice::Scores(scores) => (0..).zip(scores).for_each(|(c, score)| add(c, u64::from(*score) * vote.count)),
        }
    }
    votes
}

fn blanks(result: &ContestResult) -> u64 {
    result.votes.iter().filter(|vote| vote.choice == Choice::Blank).map(|vote| vote.count).sum()
}

/// The most candidates that one vote can hold.
fn votes_allowed(contest: &Contest) -> u64 {
    let all = contest.candidates.len() as u64;
    match contest.rule {
        VotingRule::ChooseOne { .. } | VotingRule::PartyList { .. } => 1,
        VotingRule::ChooseUpTo { max, .. } | VotingRule::Rank { max, .. } => u64::from(max).min(all),
        VotingRule::Approve { .. } | VotingRule::Score { .. } => all,
    }
}

/// How a contest is counted, in the words that both formats share.
fn vote_variation(audited: &Audited<'_>, contest: &Contest) -> &'static str {
    match audited.tally_of(&contest.id).map(|(rule, _)| &rule.rule) {
        Some(CountingRule::InstantRunoff(_) | CountingRule::Stv(_)) => "rcv",
        Some(CountingRule::DHondt { .. } | CountingRule::Riigikogu(_)) => "proportional",
        Some(CountingRule::Approval { .. }) => "approval",
        Some(CountingRule::Score { .. }) => "range",
        Some(CountingRule::Plurality { .. }) | None => match contest.rule {
            VotingRule::ChooseOne { .. } | VotingRule::PartyList { .. } => "plurality",
            VotingRule::ChooseUpTo { .. } => "n-of-m",
            VotingRule::Approve { .. } => "approval",
            VotingRule::Rank { .. } => "rcv",
            VotingRule::Score { .. } => "range",
        },
    }
}

/// Whether a candidate is elected in any tally.
fn elected<'a>(audited: &Audited<'a>, contest: &str, candidate: &str) -> Option<(&'a TallyRule, usize, &'a Elected)> {
    audited.tallies().find_map(|(rule, tally)| {
        let elected = &tally.outcome.as_ref()?.elected;
        let place = elected.iter().position(|e| e.contest == contest && e.candidate == candidate)?;
        Some((rule, place + 1, elected.get(place)?))
    })
}
