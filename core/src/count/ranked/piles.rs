//! The ballots in the course of a count: equal ballots lie on one pile and move together.

use std::collections::BTreeMap;

use super::{CountError, RankedContest, RankingEnd, Settings};

/// Equal ballots.
struct Pile {
    /// Candidates still ahead in the ranking, the current holder last; turned round so that the next one is popped.
    ahead: Vec<usize>,
    end: RankingEnd,
    ballots: u64,
    /// What one of these ballots is still worth, in units.
    value: u128,
    /// What one of them left with each candidate elected.
    left_with: Vec<(usize, u128)>,
    /// Whether it has been found, in an earlier round, to count for nobody any more.
    out: bool,
}

/// Where ballots lie in one round.
pub(super) struct Tally {
    /// Units by candidate.
    pub(super) votes: Vec<u128>,
    pub(super) exhausted: u128,
    pub(super) overvotes: u128,
    pub(super) skipped_ranks: u128,
    pub(super) repeated: u128,
    /// Units that became inactive in the closing round.
    pub(super) final_surplus: u128,
    /// Moves since the round before: from, to (none: nobody), units.
    pub(super) moves: Vec<(usize, Option<usize>, u128)>,
}

/// All ballots of a contest.
///
/// No sum overflows: the number of ballots is below 2^64, and a ballot is worth at most 10^9 units.
pub(super) struct Piles {
    piles: Vec<Pile>,
    candidates: usize,
    one: u128,
    pub(super) ballots: u64,
    pub(super) blanks: u64,
}

impl Piles {
    pub(super) fn new(settings: &Settings, contest: &RankedContest) -> Result<Self, CountError> {
        let candidates = contest.candidates.len();
        let (mut ballots, mut blanks) = (0_u64, 0_u64);
        let mut piles = Vec::new();
        for (ballot, count) in &contest.ballots {
            ballots = ballots.checked_add(*count).ok_or(CountError::Overflow)?;
            let mut ahead = Vec::with_capacity(ballot.ranking.len());
            for &candidate in &ballot.ranking {
                let unknown = || CountError::UnknownCandidate { contest: contest.id.clone(), candidate };
                let position = usize::try_from(candidate).ok().filter(|c| *c < candidates).ok_or_else(unknown)?;
                if ahead.contains(&position) {
                    return Err(CountError::RepeatedCandidate { contest: contest.id.clone(), candidate });
                }
                ahead.push(position);
            }
            if ahead.is_empty() && ballot.end == RankingEnd::Blank {
                blanks += count;
                continue;
            }
            ahead.reverse();
            piles.push(Pile {
                ahead,
                end: ballot.end,
                ballots: *count,
                value: settings.one(),
                left_with: Vec::new(),
                out: false,
            });
        }
        Ok(Self { piles, candidates, one: settings.one(), ballots, blanks })
    }

    /// Moves every ballot to the first candidate of its ranking who can hold it, and adds up.
    pub(super) fn tally(&mut self, can_hold: impl Fn(usize) -> bool, closing: bool) -> Tally {
        let mut moves: BTreeMap<(usize, usize), u128> = BTreeMap::new();
        let mut tally = Tally {
            votes: vec![0; self.candidates],
            exhausted: 0,
            overvotes: 0,
            skipped_ranks: 0,
            repeated: 0,
            final_surplus: 0,
            moves: Vec::new(),
        };
        for pile in &mut self.piles {
            let units = pile.value * u128::from(pile.ballots);
            let holder = pile.ahead.last().copied();
            while pile.ahead.last().is_some_and(|c| !can_hold(*c)) {
                pile.ahead.pop();
            }
            let next = pile.ahead.last().copied();
            match next.and_then(|c| tally.votes.get_mut(c)) {
                Some(votes) => *votes += units,
                None if closing && !pile.out => tally.final_surplus += units,
                None => {
                    *match pile.end {
                        RankingEnd::Blank | RankingEnd::Choices => &mut tally.exhausted,
                        RankingEnd::Overvote => &mut tally.overvotes,
                        RankingEnd::SkippedRanks => &mut tally.skipped_ranks,
                        RankingEnd::Repeated => &mut tally.repeated,
                    } += units;
                }
            }
            pile.out = next.is_none();
            if let Some(from) = holder.filter(|_| holder != next && units > 0) {
                *moves.entry((from, next.unwrap_or(self.candidates))).or_default() += units;
            }
        }
        let to = |to: usize| (to < self.candidates).then_some(to);
        tally.moves = moves.into_iter().map(|((from, next), units)| (from, to(next), units)).collect();
        tally
    }

    /// Leaves with an elected candidate what the quota needs of each ballot, and keeps `surplus / votes` of its value
    /// to pass on. Both the fraction and the value are rounded down, so the candidate is not left below the quota.
    pub(super) fn settle(&mut self, elected: usize, votes: u128, surplus: u128) {
        let fraction = (surplus * self.one).checked_div(votes).unwrap_or(0);
        for pile in self.piles.iter_mut().filter(|p| p.ahead.last() == Some(&elected)) {
            let passed_on = pile.value * fraction / self.one;
            pile.left_with.push((elected, pile.value - passed_on));
            pile.value = passed_on;
        }
    }

    /// All that ballots left with an elected candidate.
    pub(super) fn left_with(&self, elected: usize) -> u128 {
        let units = |pile: &Pile| {
            let left = pile.left_with.iter().find(|(c, _)| *c == elected);
            left.map_or(0, |(_, value)| value * u128::from(pile.ballots))
        };
        self.piles.iter().map(units).sum()
    }
}
