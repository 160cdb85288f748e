//! How ballots add up, counted a second time in the simplest way: one pass, one map.

use super::board::Board;
use super::{blame, names, Audit};
use crate::checks::NUMBERS;
use selge_core::election::{BallotNumbers, Election};
use selge_core::entry::EntryBody;
use selge_core::ids::{StyleIndex, VoterId};
use selge_core::outcome::ElectionResult;
use std::collections::HashMap;

#[derive(Default)]
struct Seen {
    ballots: u64,
    style: Option<StyleIndex>,
    cancelled: bool,
}

/// What the entries say of every voter.
#[derive(Default)]
pub(super) struct Recount {
    voters: HashMap<VoterId, Seen>,
}

impl Recount {
    pub(super) fn take(&mut self, body: &EntryBody) {
        match body {
            EntryBody::Ballot(ballot) => {
                let seen = self.voters.entry(ballot.voter).or_default();
                seen.ballots += 1;
                seen.style = Some(ballot.style);
            }
            EntryBody::Cancellation(m) => self.voters.entry(m.voter).or_default().cancelled = true,
            _ => {}
        }
    }

    pub(super) fn numbers(&self) -> BallotNumbers {
        let mut numbers = BallotNumbers::default();
        for seen in self.voters.values().filter(|seen| seen.ballots > 0) {
            numbers.cast += seen.ballots;
            numbers.superseded += seen.ballots - 1;
            if seen.cancelled {
                numbers.cancelled += 1;
            } else {
                numbers.counted += 1;
            }
        }
        numbers
    }

    /// Voters whose ballots are cancelled, with and without ballots.
    pub(super) fn cancelled_voters(&self) -> u64 {
        self.voters.values().filter(|seen| seen.cancelled).count() as u64
    }

    /// Counted ballots of each style.
    fn by_style(&self) -> HashMap<StyleIndex, u64> {
        let mut counts = HashMap::new();
        for seen in self.voters.values().filter(|seen| !seen.cancelled) {
            if let Some(style) = seen.style {
                *counts.entry(style).or_default() += 1;
            }
        }
        counts
    }
}

impl Audit<'_> {
    /// Compares the second count with the state's numbers, with the length of every contest's list, and with the published
    /// numbers.
    pub(super) fn numbers(&mut self, board: &Board, state: &Election, published: Option<&ElectionResult>) {
        let from = self.ledger.now();
        let numbers = board.recount.numbers();
        self.ledger.count(NUMBERS, "ballots", numbers.superseded + numbers.cancelled + numbers.counted, numbers.cast);
        if state.numbers() != numbers {
            let problem = format!("the board's state says {:?}, a second count {numbers:?}", state.numbers());
            self.ledger.fail(NUMBERS, "this program", problem);
        }
        if let Some(published) = published.map(|result| result.ballots) {
            self.ledger.count(NUMBERS, "published numbers", (published == numbers).into(), 1);
            if published != numbers {
                let problem = format!("the published result says {published:?}, a count of the record {numbers:?}");
                let culprit = blame::with_collector(&board.manifest, &names::commission(&board.manifest));
                self.ledger.fail(NUMBERS, culprit, problem);
            }
        }
        if state.closing().is_none() {
            self.ledger.lack(NUMBERS, "voting has not been closed: further ballots may come");
            return;
        }
        let by_style = board.recount.by_style();
        for (contest, described) in board.manifest.contests() {
            let expected: u64 = by_style
                .iter()
                .filter(|(style, _)| board.manifest.style(**style).is_some_and(|s| s.contains(&contest)))
                .map(|(_, count)| count)
                .sum();
            let found = state.counted_in(contest).map(|set| set.list().len() as u64);
            self.ledger.count(NUMBERS, "contests", u64::from(found == Some(expected)), 1);
            if found != Some(expected) {
                let problem =
                    format!("the list of counted ballots has {}, a second count {expected}", found.unwrap_or(0));
                self.ledger.fail(NUMBERS, format!("this program (contest {:?})", described.id), problem);
            }
        }
        self.ledger.end(NUMBERS);
        self.ledger.took(NUMBERS, from);
    }
}
