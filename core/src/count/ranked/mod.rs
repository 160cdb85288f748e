//! Counting rankings: instant runoff and single transferable vote.
//!
//! The rounds are those of RCTab 2.0, the tabulator used for public elections in the United States, for the settings
//! offered here; `core/tests/counting_minneapolis.rs` compares every number of its reports. Differences: ties go by the
//! manifest's order instead of a random draw, a tie between the last two is decided by eliminating one, write-ins that
//! nobody put first take no part, `ExhaustIfMultipleContinuing`, bottoms-up and multi-pass modes are left out, and
//! several seats can be filled with batch elimination, as far as it elects the same candidates.

mod engine;
mod piles;
mod report;

use serde::{Deserialize, Serialize};

use super::ballots::unique_ids;
use super::number::MAX_PLACES;
use super::{CandidateRef, ContestBallots, CountError, CountingRule, Outcome, RankedBallot, RankingEnd, TieOrder};
use crate::rules::Choice;

/// Instant runoff: while nobody has a majority of the votes still active, the candidate with the fewest is eliminated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstantRunoff {
    /// Eliminate at once all candidates whose votes together do not reach the next one's.
    pub batch_elimination: bool,
    /// Go on after the winner is found until two candidates are left.
    pub until_two: bool,
    /// Candidates with fewer votes are eliminated first; the quota is never lower.
    pub minimum_votes: u64,
    /// Id of the candidate that stands for undeclared write-ins: eliminated before anybody is elected.
    pub write_ins: Option<String>,
    /// Decide ties by the votes in the latest earlier round in which they differ, before [`ties`](Self::ties).
    pub look_back: bool,
    /// Who is ahead with equal votes.
    pub ties: TieOrder,
}

/// Single transferable vote: who reaches the quota is elected and passes the surplus on at a fraction of its value
/// (weighted inclusive Gregory method); if nobody does, the candidate with the fewest votes is eliminated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stv {
    /// Seats to fill.
    pub seats: u32,
    /// Votes that elect, fixed in the first round.
    #[serde(default)]
    pub quota: Quota,
    /// Whether the quota may have decimal places.
    #[serde(default)]
    pub decimal_quota: bool,
    /// Decimal places of votes, at most 9; values are rounded down, and what is lost is reported.
    #[serde(default = "default_places")]
    pub decimal_places: u32,
    /// Elect one candidate in a round, the one with the most votes, even if several reach the quota.
    #[serde(default)]
    pub one_per_round: bool,
    /// Eliminate at once all candidates whose votes together do not reach the next one's, if that leaves a candidate for
    /// each open seat and those votes would bring nobody to the quota.
    #[serde(default)]
    pub batch_elimination: bool,
    /// Candidates with fewer votes are eliminated first; the quota is never lower.
    #[serde(default)]
    pub minimum_votes: u64,
    /// Id of the candidate that stands for undeclared write-ins: eliminated before anybody is elected.
    #[serde(default)]
    pub write_ins: Option<String>,
    /// Decide ties by the votes in the latest earlier round in which they differ, before [`ties`](Self::ties).
    #[serde(default)]
    pub look_back: bool,
    /// Who is ahead with equal votes.
    #[serde(default)]
    pub ties: TieOrder,
}

fn default_places() -> u32 {
    4
}

/// Votes that elect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// More than votes / (seats + 1).
    #[default]
    Droop,
    /// At least votes / seats.
    Hare,
}

/// A contest whose ballots are rankings, such as paper ballots with [`RankedBallot::from_marks`].
#[derive(Debug, Clone)]
pub struct RankedContest {
    /// Id of the contest.
    pub id: String,
    /// Candidates in the manifest's order.
    pub candidates: Vec<CandidateRef>,
    /// Ballots and how many there are of each.
    pub ballots: Vec<(RankedBallot, u64)>,
}

impl RankedContest {
    /// Decrypted choices as rankings; one candidate is a ranking of length one.
    ///
    /// # Errors
    /// [`CountError::WrongKind`] for a set or scores.
    pub fn from_ballots(contest: &ContestBallots) -> Result<Self, CountError> {
        let ballot = |(choice, count): &(Choice, u64)| {
            let (ranking, end) = match choice {
                Choice::Blank => (Vec::new(), RankingEnd::Blank),
                Choice::One(c) => (vec![*c], RankingEnd::Choices),
                Choice::Ranking(ranking) => (ranking.clone(), RankingEnd::Choices),
                other => {
                    return Err(CountError::WrongKind { contest: contest.id.clone(), found: other.kind() });
                }
            };
            Ok((RankedBallot { ranking, end }, *count))
        };
        let ballots: Result<Vec<_>, _> = contest.choices.iter().map(ballot).collect();
        Ok(Self { id: contest.id.clone(), candidates: contest.candidates.clone(), ballots: ballots? })
    }
}

/// What both rules come down to.
struct Settings {
    seats: usize,
    /// Several seats: fixed quota, surpluses, and a closing round that shows where the last ones went.
    stv: bool,
    quota: Quota,
    decimal_quota: bool,
    places: u32,
    one_per_round: bool,
    until_two: bool,
    batch_elimination: bool,
    minimum_votes: u64,
    write_ins: Option<usize>,
    look_back: bool,
    ties: TieOrder,
    /// Place of each candidate in the order of ties, 0 the most ahead.
    ahead: Vec<usize>,
}

impl Settings {
    fn new(rule: &CountingRule, candidates: &[CandidateRef]) -> Result<Self, CountError> {
        let (write_ins, ties) = match rule {
            CountingRule::InstantRunoff(r) => (&r.write_ins, &r.ties),
            CountingRule::Stv(r) => (&r.write_ins, &r.ties),
            _ => return Err(CountError::NotRanked),
        };
        let position = |id: &String| {
            let position = candidates.iter().position(|c| c.id == *id);
            position.ok_or_else(|| CountError::UnknownId { id: id.clone() })
        };
        let write_ins = write_ins.as_ref().map(position).transpose()?;
        let (ahead, ties) = (ties.places(candidates)?, ties.clone());
        match rule {
            CountingRule::Stv(r) => {
                if r.seats == 0 {
                    return Err(CountError::NoSeats);
                }
                if r.decimal_places > MAX_PLACES {
                    return Err(CountError::TooManyPlaces { places: r.decimal_places, max: MAX_PLACES });
                }
                Ok(Self {
                    seats: usize::try_from(r.seats).map_err(|_| CountError::Overflow)?,
                    stv: true,
                    quota: r.quota,
                    decimal_quota: r.decimal_quota,
                    places: r.decimal_places,
                    one_per_round: r.one_per_round,
                    until_two: false,
                    batch_elimination: r.batch_elimination,
                    minimum_votes: r.minimum_votes,
                    write_ins,
                    look_back: r.look_back,
                    ties,
                    ahead,
                })
            }
            CountingRule::InstantRunoff(r) => Ok(Self {
                seats: 1,
                stv: false,
                quota: Quota::Droop,
                decimal_quota: false,
                places: 0,
                one_per_round: false,
                until_two: r.until_two,
                batch_elimination: r.batch_elimination,
                minimum_votes: r.minimum_votes,
                write_ins,
                look_back: r.look_back,
                ties,
                ahead,
            }),
            _ => Err(CountError::NotRanked),
        }
    }

    /// One vote in units of the last decimal place.
    fn one(&self) -> u128 {
        10_u128.pow(self.places)
    }
}

/// Counts rankings by [`CountingRule::InstantRunoff`] or [`CountingRule::Stv`].
///
/// # Errors
/// [`CountError::NotRanked`] for another rule; else for input that contradicts itself or the rule.
pub fn count_ranked(rule: &CountingRule, contest: &RankedContest) -> Result<Outcome, CountError> {
    unique_ids(&contest.candidates)?;
    let settings = Settings::new(rule, &contest.candidates)?;
    let piles = piles::Piles::new(&settings, contest)?;
    Ok(engine::Engine::new(&settings, contest, piles).run())
}
