//! The result (`RES`): what the commission signs, computed by anyone from the record.

use crate::count::{count, ContestBallots, Outcome};
use crate::decryption::DecryptedVotes;
use crate::election::{BallotNumbers, Election};
use crate::ids::{ContestIndex, ElectionId, TrusteeIndex};
use crate::rules::Choice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format that this code reads and writes.
pub const FORMAT: &str = "selge-result/1";

/// Longest result that is read.
pub const MAX_RESULT: usize = 256 << 20;

/// The result document. It is published as JSON; its digest is a board entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectionResult {
    /// [`FORMAT`].
    pub format: String,
    /// Which election.
    pub election: ElectionId,
    /// How ballots add up over all contests.
    pub ballots: BallotNumbers,
    /// The decrypted votes of every contest, in the manifest's order.
    pub contests: Vec<ContestResult>,
    /// The counts, in the manifest's order.
    pub tallies: Vec<TallyResult>,
}

/// The decrypted votes of one contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestResult {
    /// Id of the contest.
    pub contest: String,
    /// Ballots that count in this contest.
    pub counted: u64,
    /// Too few ballots to decrypt without showing who voted how.
    pub withheld: bool,
    /// The trustees whose factors were combined.
    pub trustees: Vec<TrusteeIndex>,
    /// Each choice that occurs, in order of its number, and how often.
    pub votes: Vec<ChoiceCount>,
    /// Ballots whose plaintext is no valid choice: possible only if `t` trustees helped to forge a ballot's proof.
    pub undecodable: u64,
}

/// How often a choice occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceCount {
    /// The choice; candidates are positions in the manifest's list, from 0.
    pub choice: Choice,
    /// Ballots with it.
    pub count: u64,
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TallyResult {
    /// Id of the tally.
    pub tally: String,
    /// Contests of this tally that are withheld: the count is made without them and says so.
    pub withheld: Vec<String>,
    /// The outcome; none where every contest is withheld, or the rule has no answer.
    pub outcome: Option<Outcome>,
    /// Whether the rule has no answer for these votes (TALLY in rules.md says when). The votes stand, and so do the other
    /// tallies; who is elected is then for a court to say, not for a program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
}

/// Why a result cannot be computed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultError {
    /// Voting has not ended.
    #[error("voting has not ended: there is nothing to count")]
    NotClosed,
    /// A contest's votes are missing or too few.
    #[error("contest {contest:?}: {found} votes decrypted from its last mix, {expected} ballots count")]
    Votes {
        /// Which contest.
        contest: String,
        /// Votes given.
        found: usize,
        /// Ballots that count.
        expected: usize,
    },
}

impl ElectionResult {
    /// Computes the result (`RES-1`). `votes` holds every contest that is not withheld.
    ///
    /// # Errors
    /// [`ResultError`].
    pub fn compute(election: &Election, votes: &BTreeMap<ContestIndex, DecryptedVotes>) -> Result<Self, ResultError> {
        let manifest = election.manifest();
        if election.closing().is_none() {
            return Err(ResultError::NotClosed);
        }
        let mut contests = Vec::new();
        for set in election.counted() {
            let id = manifest.contest(set.contest()).map_or_else(String::new, |c| c.id.clone());
            let counted = set.list().len();
            let mut result = ContestResult {
                contest: id.clone(),
                counted: counted as u64,
                withheld: set.withheld(),
                trustees: Vec::new(),
                votes: Vec::new(),
                undecodable: 0,
            };
            if !set.withheld() {
                let found = votes.get(&set.contest());
                let numbers = found.map_or(&[][..], DecryptedVotes::numbers);
                // Votes of another contest, or of a list before the last mix, are none.
                let last = election.mixes(set.contest()).last().map(|mix| &mix.output);
                if numbers.len() != counted || found.map(DecryptedVotes::list) != last {
                    return Err(ResultError::Votes { contest: id, found: numbers.len(), expected: counted });
                }
                result.trustees = found.map(|v| v.trustees().to_vec()).unwrap_or_default();
                let mut counts: BTreeMap<u128, u64> = BTreeMap::new();
                for number in numbers {
                    match number {
                        Some(number) => *counts.entry(*number).or_default() += 1,
                        None => result.undecodable += 1,
                    }
                }
                for (number, count) in counts {
                    // Decryption yields numbers below the space's size only, and all of them are choices.
                    match manifest.space(set.contest()).map(|s| s.unrank(number)) {
                        Some(Ok(choice)) => result.votes.push(ChoiceCount { choice, count }),
                        _ => result.undecodable += count,
                    }
                }
            }
            contests.push(result);
        }
        let tallies = manifest
            .tallies()
            .map(|(rule, indices)| {
                let of = |c: &ContestIndex| contests.get(usize::from(c.0));
                let withheld: Vec<String> =
                    indices.iter().filter_map(of).filter(|c| c.withheld).map(|c| c.contest.clone()).collect();
                if withheld.len() == indices.len() {
                    return TallyResult { tally: rule.id.clone(), withheld, outcome: None, undecided: false };
                }
                let ballots: Vec<ContestBallots> = indices
                    .iter()
                    .filter_map(|c| Some((manifest.contest(*c)?, of(c)?)))
                    .map(|(contest, result)| ContestBallots {
                        id: contest.id.clone(),
                        candidates: contest.candidates.clone(),
                        choices: result.votes.iter().map(|v| (v.choice.clone(), v.count)).collect(),
                    })
                    .collect();
                let outcome = count(&rule.rule, &ballots).ok();
                TallyResult { tally: rule.id.clone(), withheld, undecided: outcome.is_none(), outcome }
            })
            .collect();
        Ok(ElectionResult {
            format: FORMAT.to_owned(),
            election: *manifest.id(),
            ballots: election.numbers(),
            contests,
            tallies,
        })
    }

    /// Whether published bytes say exactly this (`RES-1`). Compared as JSON values: some readers skip unknown fields, so
    /// that two documents with different content can read as equal, and a signed result must say nothing unchecked.
    pub fn is_published_as(&self, bytes: &[u8]) -> bool {
        match (serde_json::to_value(self), serde_json::from_slice::<serde_json::Value>(bytes)) {
            (Ok(own), Ok(published)) => own == published,
            _ => false,
        }
    }
}
