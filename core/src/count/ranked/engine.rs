//! The rounds of a count of rankings.

use super::piles::{Piles, Tally};
use super::report::Report;
use super::{Outcome, Quota, RankedContest, Settings};
use crate::count::{ActionKind, Tie, TieBreak, TieFor};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Continuing,
    /// Elected in this round.
    Elected(u32),
    Eliminated,
    /// A candidate for write-ins whom nobody put first.
    Absent,
}

/// The state of a count, advanced round by round.
pub(super) struct Engine<'a> {
    settings: &'a Settings,
    contest: &'a RankedContest,
    piles: Piles,
    status: Vec<Status>,
    quota: u128,
    residual: u128,
    /// Units by candidate in each round so far.
    history: Vec<Vec<u128>>,
    /// Who was elected, with the round and the units then held.
    elected: Vec<(usize, u32, u128)>,
    ties: Vec<Tie>,
    report: Report<'a>,
}

impl<'a> Engine<'a> {
    pub(super) fn new(settings: &'a Settings, contest: &'a RankedContest, piles: Piles) -> Self {
        Self {
            settings,
            contest,
            piles,
            status: vec![Status::Continuing; contest.candidates.len()],
            quota: 0,
            residual: 0,
            history: Vec::new(),
            elected: Vec::new(),
            ties: Vec::new(),
            report: Report::new(&contest.candidates, settings.places),
        }
    }

    /// Every round elects, eliminates or ends the count, so there are at most as many as candidates, and one more.
    pub(super) fn run(mut self) -> Outcome {
        let mut first: Option<Vec<u128>> = None;
        for number in 1_u32.. {
            let closing = self.settings.stv && self.elected.len() >= self.settings.seats;
            let tally = self.tally(number, closing);
            first.get_or_insert_with(|| tally.votes.clone());
            if tally.votes.iter().all(|units| *units == 0) {
                // No ballot counts for a candidate: nobody is elected.
                break;
            }
            let winners = self.winners(number, &tally.votes);
            for &winner in &winners {
                self.elect(number, winner, held(&tally.votes, winner));
            }
            let enough = self.elected.len() >= self.settings.seats;
            let go_on = self.settings.until_two && self.continuing().count() > 1;
            let losers =
                if winners.is_empty() && (!enough || go_on) { self.losers(number, &tally.votes) } else { Vec::new() };
            for &loser in &losers {
                self.set(loser, Status::Eliminated);
                self.report.action(loser, ActionKind::Eliminated);
            }
            let more = match (self.settings.stv, enough) {
                (_, false) => !winners.is_empty() || !losers.is_empty(),
                // The closing round shows where the last surplus went.
                (true, true) => !winners.is_empty(),
                (false, true) => go_on || !losers.is_empty(),
            };
            if !more {
                break;
            }
        }
        let votes = first.unwrap_or_default();
        self.report.outcome(self.settings, self.contest, &self.piles, &votes, self.elected, self.ties)
    }

    /// Moves the ballots and writes the round down.
    fn tally(&mut self, number: u32, closing: bool) -> Tally {
        let (status, stv) = (&self.status, self.settings.stv);
        let can_hold = |c: usize| match status.get(c) {
            Some(Status::Continuing) => true,
            Some(Status::Elected(_)) => !stv,
            Some(Status::Eliminated | Status::Absent) | None => false,
        };
        let mut tally = self.piles.tally(can_hold, closing);
        self.report.moved(&tally.moves);
        if stv {
            self.keep_elected(number, &mut tally);
        }
        if number == 1 {
            if let Some(absent) = self.settings.write_ins.filter(|c| held(&tally.votes, *c) == 0) {
                self.set(absent, Status::Absent);
            }
        }
        let active = tally.votes.iter().sum::<u128>() + tally.final_surplus;
        if number == 1 || !stv {
            self.quota = self.quota_of(active);
        }
        let shown: Vec<bool> =
            self.status.iter().map(|s| matches!(s, Status::Continuing | Status::Elected(_))).collect();
        self.report.round(number, self.quota, active, self.residual, &tally, &shown);
        self.history.push(tally.votes.clone());
        tally
    }

    /// Shows those elected earlier with what their ballots left with them; what exceeds the quota then is lost.
    fn keep_elected(&mut self, number: u32, tally: &mut Tally) {
        for (c, status) in self.status.iter().enumerate() {
            let Status::Elected(round) = *status else { continue };
            let units = if round + 1 == number {
                let left = self.piles.left_with(c);
                let lost = left.saturating_sub(self.quota);
                self.residual += lost;
                self.report.lost(c, lost);
                left - lost
            } else {
                self.history.last().map_or(0, |votes| held(votes, c))
            };
            if let Some(votes) = tally.votes.get_mut(c) {
                *votes = units;
            }
        }
    }

    fn quota_of(&self, active: u128) -> u128 {
        let s = self.settings;
        let step = if s.decimal_quota { 1 } else { s.one() };
        let seats = s.seats as u128;
        let quota = match s.quota {
            Quota::Droop => (active / (step * (seats + 1)) + 1) * step,
            Quota::Hare => active.div_ceil(step * seats) * step,
        };
        quota.max(u128::from(s.minimum_votes) * s.one())
    }

    fn continuing(&self) -> impl Iterator<Item = usize> + '_ {
        let continuing = |(c, status): (usize, &Status)| (*status == Status::Continuing).then_some(c);
        self.status.iter().enumerate().filter_map(continuing)
    }

    /// Who is elected in this round, the one with the most votes first.
    fn winners(&mut self, round: u32, votes: &[u128]) -> Vec<usize> {
        let open = self.settings.seats.saturating_sub(self.elected.len());
        let write_ins = self.settings.write_ins.is_some_and(|w| self.status.get(w) == Some(&Status::Continuing));
        if open == 0 || write_ins {
            return Vec::new();
        }
        let mut winners: Vec<usize> = self.continuing().collect();
        let minimum = u128::from(self.settings.minimum_votes) * self.settings.one();
        if winners.len() <= open {
            winners.retain(|c| held(votes, *c) >= minimum);
        } else {
            winners.retain(|c| held(votes, *c) >= self.quota);
        }
        winners.sort_by_key(|c| (core::cmp::Reverse(held(votes, *c)), self.place(*c)));
        if self.settings.one_per_round && winners.len() > 1 {
            let most = winners.first().map_or(0, |c| held(votes, *c));
            winners.retain(|c| held(votes, *c) == most);
            winners = self.break_tie(winners, true, TieFor::Election { round }).into_iter().collect();
        }
        winners
    }

    fn elect(&mut self, round: u32, winner: usize, votes: u128) {
        self.set(winner, Status::Elected(round));
        self.elected.push((winner, round, votes));
        self.report.action(winner, ActionKind::Elected);
        if self.settings.stv {
            self.piles.settle(winner, votes, votes.saturating_sub(self.quota));
        }
    }

    /// Who is eliminated: write-ins first, then all below the minimum, then a batch, then the last one.
    fn losers(&mut self, round: u32, votes: &[u128]) -> Vec<usize> {
        if let Some(w) = self.settings.write_ins.filter(|w| self.status.get(*w) == Some(&Status::Continuing)) {
            return vec![w];
        }
        let mut sorted: Vec<(u128, usize)> = self.continuing().map(|c| (held(votes, c), c)).collect();
        sorted.sort_unstable();
        let minimum = u128::from(self.settings.minimum_votes) * self.settings.one();
        let below: Vec<usize> = sorted.iter().filter(|(v, _)| *v < minimum).map(|(_, c)| *c).collect();
        if !below.is_empty() {
            return below;
        }
        if self.settings.batch_elimination {
            let batch = self.batch(&sorted);
            if batch.len() > 1 {
                return batch;
            }
        }
        let Some(least) = sorted.first().map(|(v, _)| *v) else { return Vec::new() };
        let last: Vec<usize> = sorted.iter().filter(|(v, _)| *v == least).map(|(_, c)| *c).collect();
        self.break_tie(last, false, TieFor::Elimination { round }).into_iter().collect()
    }

    /// The largest group of last candidates whose votes together are fewer than the next one's.
    ///
    /// For one seat that is never everybody but the first while nobody has a majority: the others' votes together are
    /// then at least the first one's. For several seats the group leaves as many candidates as seats are open, and its
    /// votes would bring nobody to the quota, so that eliminating one after the other comes to the same.
    fn batch(&self, sorted: &[(u128, usize)]) -> Vec<usize> {
        let open = self.settings.seats.saturating_sub(self.elected.len());
        let most = sorted.last().map_or(0, |(votes, _)| *votes);
        let mut sum = 0;
        let mut size = 0;
        for (i, (votes, _)) in sorted.iter().enumerate() {
            let same = !self.settings.stv || (sorted.len() - i >= open && most + sum < self.quota);
            if same && sum < *votes {
                size = i;
            }
            sum += votes;
        }
        sorted.iter().take(size).map(|(_, c)| *c).collect()
    }

    /// The one who is ahead, or who is behind, of candidates with equal votes.
    fn break_tie(&mut self, tied: Vec<usize>, ahead: bool, about: TieFor) -> Option<usize> {
        if tied.len() < 2 {
            return tied.first().copied();
        }
        let mut left = tied.clone();
        let mut by = self.settings.ties.name();
        if self.settings.look_back {
            // The latest round is the one in which they are equal.
            for (i, votes) in self.history.iter().enumerate().rev().skip(1) {
                let of = |c: &usize| held(votes, *c);
                let bound = if ahead { left.iter().map(of).max() } else { left.iter().map(of).min() };
                left.retain(|c| Some(of(c)) == bound);
                if left.len() == 1 {
                    by = TieBreak::EarlierRound { round: u32::try_from(i).unwrap_or(u32::MAX).saturating_add(1) };
                    break;
                }
            }
        }
        left.sort_by_key(|c| self.place(*c));
        let chosen = if ahead { left.first() } else { left.last() }.copied()?;
        let mut tied = tied;
        tied.sort_by_key(|c| ((*c == chosen) != ahead, self.place(*c)));
        let id = |c: &usize| self.contest.candidates.get(*c).map(|c| c.id.clone());
        let tie = Tie {
            contest: Some(self.contest.id.clone()),
            about,
            tied: tied.iter().filter_map(id).collect(),
            chosen: id(&chosen).into_iter().collect(),
            by,
        };
        self.ties.push(tie);
        Some(chosen)
    }

    fn place(&self, candidate: usize) -> usize {
        self.settings.ahead.get(candidate).copied().unwrap_or(usize::MAX)
    }

    fn set(&mut self, candidate: usize, status: Status) {
        if let Some(place) = self.status.get_mut(candidate) {
            *place = status;
        }
    }
}

fn held(votes: &[u128], candidate: usize) -> u128 {
    votes.get(candidate).copied().unwrap_or(0)
}
