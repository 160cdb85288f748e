//! Counting rules: from the votes of a contest to who is elected.
//!
//! Counting is a pure function of public data: the rule and the candidates from the manifest, and either the decrypted
//! choices or votes per candidate (such as electronic and paper votes added up). All arithmetic is exact, and the
//! [`Outcome`] has one value and one JSON form for one input, so anybody can compute it again and compare.
//!
//! No draw happens at the count. A tie that matters is decided by an order that the manifest fixed before the
//! election, and every such decision is reported in [`Outcome::ties`].
//!
//! | rule | input | source |
//! | --- | --- | --- |
//! | [`CountingRule::Plurality`], [`CountingRule::Approval`], [`CountingRule::Score`] | choices or totals | |
//! | [`CountingRule::InstantRunoff`], [`CountingRule::Stv`] | rankings | RCTab 2.0's rules, see [`InstantRunoff`] and [`Stv`] |
//! | [`CountingRule::DHondt`] | choices or totals | |
//! | [`CountingRule::Riigikogu`] | choices or totals of all districts | Riigikogu Election Act, section 62 |

mod averages;
mod ballots;
mod cvr;
mod dhondt;
mod error;
mod number;
mod outcome;
mod ranked;
mod riigikogu;
mod simple;
mod ties;

#[cfg(test)]
mod tests;

pub use ballots::{CandidateRef, ContestBallots, ContestTotals};
pub use cvr::{CvrRules, Mark, OvervoteRule, RankedBallot, RankingEnd};
pub use dhondt::WithinList;
pub use error::CountError;
pub use number::{Amount, Fraction};
pub use outcome::{
    Action, ActionKind, CandidateAmount, CandidateVotes, ContestOutcome, Destination, Elected, Inactive, ListOutcome,
    Mandate, Outcome, Round, Tie, TieBreak, TieFor, Transfer,
};
pub use ranked::{count_ranked, InstantRunoff, Quota, RankedContest, Stv};
pub use riigikogu::{District, NationalList, Riigikogu};
pub use ties::TieOrder;

use serde::{Deserialize, Serialize};

/// How the votes of a contest are counted.
///
/// The JSON form in the manifest carries the rule's name as `type`: `{"type": "plurality", "seats": 1}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum CountingRule {
    /// Most votes win; a choice is one candidate or a set, and each candidate in it has one vote.
    Plurality {
        /// Seats to fill.
        seats: u32,
        /// Who is ahead with equal votes.
        #[serde(default)]
        ties: TieOrder,
    },
    /// Most approvals win; counted like [`CountingRule::Plurality`].
    Approval {
        /// Seats to fill.
        seats: u32,
        /// Who is ahead with equal votes.
        #[serde(default)]
        ties: TieOrder,
    },
    /// The greatest sums of scores win.
    Score {
        /// Seats to fill.
        seats: u32,
        /// Who is ahead with equal scores.
        #[serde(default)]
        ties: TieOrder,
    },
    /// One seat by rankings: the last candidate drops out until one has a majority.
    InstantRunoff(InstantRunoff),
    /// Several seats by rankings: single transferable vote.
    Stv(Stv),
    /// Seats to lists by the greatest quotients of votes and 1, 2, 3 …; an independent candidate is a list of one.
    #[serde(rename = "dhondt")]
    DHondt {
        /// Seats to fill.
        seats: u32,
        /// Share of the valid votes that a list needs to take part, such as `"5/100"`.
        #[serde(default)]
        threshold: Fraction,
        /// Who of a list takes its seats.
        #[serde(default)]
        within_list: WithinList,
        /// Who is ahead with equal votes; of lists with equal quotients, the one whose first candidate stands first.
        #[serde(default)]
        ties: TieOrder,
    },
    /// The Riigikogu of Estonia: personal, district and compensation seats over several contests.
    Riigikogu(Riigikogu),
}

/// Counts decrypted choices, each with the number of ballots that hold it.
///
/// The Riigikogu rule takes one contest for each of its districts, every other rule exactly one contest.
///
/// # Errors
/// For input that contradicts itself or the rule; no input makes it panic.
pub fn count(rule: &CountingRule, contests: &[ContestBallots]) -> Result<Outcome, CountError> {
    match rule {
        CountingRule::InstantRunoff(_) | CountingRule::Stv(_) => {
            count_ranked(rule, &RankedContest::from_ballots(only(contests)?)?)
        }
        CountingRule::Score { .. } => count_totals(rule, &[only(contests)?.score_totals()?]),
        CountingRule::Plurality { .. } | CountingRule::Approval { .. } => {
            count_totals(rule, &[only(contests)?.totals()?])
        }
        CountingRule::DHondt { .. } => count_totals(rule, &[only(contests)?.single_totals()?]),
        CountingRule::Riigikogu(_) => {
            let totals: Result<Vec<_>, _> = contests.iter().map(ContestBallots::single_totals).collect();
            count_totals(rule, &totals?)
        }
    }
}

/// Counts votes per candidate, such as electronic and paper votes added with [`ContestTotals::plus`].
///
/// # Errors
/// As [`count`]; [`CountError::NeedsRankings`] for the rules that count rankings.
pub fn count_totals(rule: &CountingRule, contests: &[ContestTotals]) -> Result<Outcome, CountError> {
    match rule {
        CountingRule::Plurality { seats, ties }
        | CountingRule::Approval { seats, ties }
        | CountingRule::Score { seats, ties } => simple::count(*seats, ties, only(contests)?),
        CountingRule::DHondt { seats, threshold, within_list, ties } => {
            dhondt::count(*seats, threshold, *within_list, ties, only(contests)?)
        }
        CountingRule::Riigikogu(rule) => riigikogu::count(rule, contests),
        CountingRule::InstantRunoff(_) | CountingRule::Stv(_) => Err(CountError::NeedsRankings),
    }
}

fn only<T>(contests: &[T]) -> Result<&T, CountError> {
    match contests {
        [contest] => Ok(contest),
        _ => Err(CountError::OneContest { given: contests.len() }),
    }
}
