//! Writes the rounds of a count of rankings down.

use super::piles::{Piles, Tally};
use super::{Outcome, RankedContest, Settings};
use crate::count::{
    Action, ActionKind, Amount, CandidateAmount, CandidateRef, CandidateVotes, ContestOutcome, Destination, Inactive,
    Mandate, Round, Tie, Transfer,
};

/// The rounds so far.
pub(super) struct Report<'a> {
    candidates: &'a [CandidateRef],
    places: u32,
    rounds: Vec<Round>,
    /// Who acted in the latest round, in the order of the round's actions.
    actors: Vec<usize>,
}

impl<'a> Report<'a> {
    pub(super) fn new(candidates: &'a [CandidateRef], places: u32) -> Self {
        Self { candidates, places, rounds: Vec::new(), actors: Vec::new() }
    }

    fn amount(&self, units: u128) -> Amount {
        Amount::new(units, self.places)
    }

    fn id(&self, candidate: usize) -> String {
        self.candidates.get(candidate).map(|c| c.id.clone()).unwrap_or_default()
    }

    pub(super) fn round(
        &mut self,
        number: u32,
        quota: u128,
        active: u128,
        residual: u128,
        tally: &Tally,
        shown: &[bool],
    ) {
        let rows = self.candidates.iter().zip(&tally.votes).zip(shown).filter(|(_, shown)| **shown);
        let votes = rows
            .map(|((c, units), _)| CandidateAmount { candidate: c.id.clone(), votes: self.amount(*units) })
            .collect();
        self.rounds.push(Round {
            number,
            quota: self.amount(quota),
            votes,
            active: self.amount(active),
            inactive: Inactive {
                exhausted: self.amount(tally.exhausted),
                overvotes: self.amount(tally.overvotes),
                skipped_ranks: self.amount(tally.skipped_ranks),
                repeated: self.amount(tally.repeated),
            },
            residual: self.amount(residual),
            final_surplus: self.amount(tally.final_surplus),
            actions: Vec::new(),
        });
        self.actors.clear();
    }

    pub(super) fn action(&mut self, candidate: usize, kind: ActionKind) {
        let action = Action { candidate: self.id(candidate), kind, transfers: Vec::new() };
        if let Some(round) = self.rounds.last_mut() {
            round.actions.push(action);
            self.actors.push(candidate);
        }
    }

    /// Adds to the latest round's actions where the votes went.
    pub(super) fn moved(&mut self, moves: &[(usize, Option<usize>, u128)]) {
        for (from, to, units) in moves {
            let to = to.map_or(Destination::Exhausted, |to| Destination::Candidate(self.id(to)));
            self.transfer(*from, to, *units);
        }
    }

    /// Adds to a winner's action what rounding lost.
    pub(super) fn lost(&mut self, from: usize, units: u128) {
        if units > 0 {
            self.transfer(from, Destination::Residual, units);
        }
    }

    fn transfer(&mut self, from: usize, to: Destination, units: u128) {
        let transfer = Transfer { to, votes: self.amount(units) };
        let at = self.actors.iter().position(|actor| *actor == from);
        let actions = self.rounds.last_mut().map(|round| &mut round.actions);
        if let Some(action) = actions.zip(at).and_then(|(actions, at)| actions.get_mut(at)) {
            action.transfers.push(transfer);
        }
    }

    pub(super) fn outcome(
        self,
        settings: &Settings,
        contest: &RankedContest,
        piles: &Piles,
        first: &[u128],
        elected: Vec<(usize, u32, u128)>,
        ties: Vec<Tie>,
    ) -> Outcome {
        let first = contest.candidates.iter().zip(first).map(|(c, units)| CandidateVotes {
            candidate: c.id.clone(),
            // First preferences are whole votes, and their number fits: it was counted in 64 bits.
            votes: u64::try_from(units / settings.one()).unwrap_or(u64::MAX),
        });
        let seats = elected.iter().filter_map(|(c, round, units)| {
            let candidate = contest.candidates.get(*c)?;
            Some(candidate.elected(&contest.id, self.amount(*units), Mandate::Round { round: *round }))
        });
        Outcome {
            contests: vec![ContestOutcome {
                contest: contest.id.clone(),
                ballots: piles.ballots,
                blanks: piles.blanks,
                votes: first.collect(),
                quota: None,
            }],
            lists: Vec::new(),
            elected: seats.collect(),
            rounds: self.rounds,
            vacant: settings.seats.saturating_sub(elected.len()) as u64,
            ties,
        }
    }
}
