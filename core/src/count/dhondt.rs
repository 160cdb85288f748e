//! D'Hondt: seats to lists, then to candidates within each list.

use core::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::averages::{self, Party, Power};
use super::{
    ties, Amount, CandidateRef, ContestTotals, CountError, Fraction, ListOutcome, Mandate, Outcome, Tie, TieBreak,
    TieFor, TieOrder,
};

/// Who of a list takes its seats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithinList {
    /// The candidates with the most votes (open list).
    #[default]
    Votes,
    /// The candidates who stand first in the manifest (closed list).
    CandidateOrder,
}

struct List<'a> {
    name: &'a str,
    independent: bool,
    votes: u64,
    /// Candidates with their votes, the first to be elected first.
    members: Vec<(&'a CandidateRef, u64)>,
}

pub(super) fn count(
    seats: u32,
    threshold: &Fraction,
    within: WithinList,
    order: &TieOrder,
    contest: &ContestTotals,
) -> Result<Outcome, CountError> {
    if seats == 0 {
        return Err(CountError::NoSeats);
    }
    let lists = lists(within, order, contest)?;
    let valid = lists.iter().try_fold(0_u64, |sum, l| sum.checked_add(l.votes)).ok_or(CountError::Overflow)?;
    let passed = |list: &List<'_>| threshold.reached_by(list.votes, valid);
    let parties: Vec<Party> = lists
        .iter()
        .map(|l| Party { votes: l.votes, won: 0, capacity: if passed(l) { l.members.len() } else { 0 } })
        .collect();
    let given = averages::allocate(&parties, u64::from(seats), Power { p: 1, q: 1 });

    let mut ties = Vec::new();
    let mut won = vec![0_u32; lists.len()];
    let mut elected = Vec::new();
    for seat in &given {
        let (Some(list), Some(won)) = (lists.get(seat.party), won.get_mut(seat.party)) else { continue };
        if !seat.tied.is_empty() {
            ties.push(Tie {
                contest: Some(contest.id.clone()),
                about: TieFor::List,
                tied: seat.tied.iter().filter_map(|i| lists.get(*i)).map(|l| l.name.to_owned()).collect(),
                chosen: vec![list.name.to_owned()],
                by: match order {
                    TieOrder::CandidateOrder => TieBreak::ListOrder,
                    TieOrder::Lot(_) => TieBreak::Lot,
                },
            });
        }
        let place = usize::try_from(*won).map_err(|_| CountError::Overflow)?;
        *won = won.saturating_add(1);
        if let Some((candidate, votes)) = list.members.get(place) {
            let mandate = Mandate::List { divisor: seat.divisor };
            elected.push(candidate.elected(&contest.id, Amount::new(u128::from(*votes), 0), mandate));
        }
    }
    if within == WithinList::Votes {
        for (list, won) in lists.iter().zip(&won) {
            let seats = usize::try_from(*won).map_err(|_| CountError::Overflow)?;
            let tie = ties::cut(&list.members, seats).tie;
            ties.extend(tie.map(|tie| tie.report(&contest.id, order.name())));
        }
    }
    let outcomes = lists.iter().zip(won).map(|(list, seats)| ListOutcome {
        list: list.name.to_owned(),
        independent: list.independent,
        votes: list.votes,
        passed: passed(list),
        seats,
    });
    Ok(Outcome {
        contests: vec![contest.outcome(None)],
        lists: outcomes.collect(),
        rounds: Vec::new(),
        vacant: u64::from(seats).saturating_sub(elected.len() as u64),
        elected,
        ties,
    })
}

/// The lists in the order of their first candidates, which decides between equal quotients.
fn lists<'a>(within: WithinList, order: &TieOrder, contest: &'a ContestTotals) -> Result<Vec<List<'a>>, CountError> {
    let places = order.places(&contest.candidates)?;
    let mut candidates: Vec<_> = contest.checked()?.into_iter().enumerate().zip(places).collect();
    candidates.sort_by_key(|(_, place)| *place);
    let mut lists: Vec<List<'a>> = Vec::new();
    let mut by_name = BTreeMap::new();
    let mut members: Vec<Vec<(usize, &CandidateRef, u64)>> = Vec::new();
    for ((position, (candidate, votes)), _) in candidates {
        let at = candidate.list.as_deref().and_then(|name| by_name.get(name).copied()).unwrap_or(lists.len());
        if at == lists.len() {
            let name = candidate.list.as_deref();
            lists.push(List {
                name: name.unwrap_or(&candidate.id),
                independent: name.is_none(),
                votes: 0,
                members: Vec::new(),
            });
            members.push(Vec::new());
            if let Some(name) = name {
                by_name.insert(name, at);
            }
        }
        if let (Some(list), Some(members)) = (lists.get_mut(at), members.get_mut(at)) {
            list.votes = list.votes.checked_add(votes).ok_or(CountError::Overflow)?;
            members.push((position, candidate, votes));
        }
    }
    for (list, mut members) in lists.iter_mut().zip(members) {
        match within {
            // Stable: among equal votes the order of ties, in which they stand, remains.
            WithinList::Votes => members.sort_by_key(|(_, _, votes)| Reverse(*votes)),
            WithinList::CandidateOrder => members.sort_by_key(|(position, _, _)| *position),
        }
        list.members = members.into_iter().map(|(_, candidate, votes)| (candidate, votes)).collect();
    }
    Ok(lists)
}
