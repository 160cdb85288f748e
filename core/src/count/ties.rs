//! Who is ahead of whom with equal votes, fixed before the election.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CandidateRef, CountError, Tie, TieBreak, TieFor};

/// Who is ahead with equal votes. JSON: `"candidate_order"`, or `{"lot": ["id", …]}`.
///
/// Lots are drawn in public before the election and stand in the manifest: a draw at the count could neither be checked
/// nor repeated by an auditor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieOrder {
    /// The candidate who stands earlier in the manifest.
    #[default]
    CandidateOrder,
    /// The candidate whose id stands earlier in this list, which names every candidate once.
    Lot(Vec<String>),
}

impl TieOrder {
    /// The place of each candidate, 0 the most ahead.
    pub(super) fn places(&self, candidates: &[CandidateRef]) -> Result<Vec<usize>, CountError> {
        let Self::Lot(order) = self else {
            return Ok((0..candidates.len()).collect());
        };
        let mut place = BTreeMap::new();
        for (i, id) in order.iter().enumerate() {
            if place.insert(id, i).is_some() {
                return Err(CountError::DuplicateId { id: id.clone() });
            }
        }
        let places: Result<Vec<usize>, _> = candidates
            .iter()
            .map(|c| {
                let missing = || CountError::Missing { id: c.id.clone(), from: "the order of lots" };
                place.remove(&c.id).ok_or_else(missing)
            })
            .collect();
        let places = places?;
        match place.into_keys().next() {
            Some(id) => Err(CountError::UnknownId { id: id.clone() }),
            None => Ok(places),
        }
    }

    pub(super) fn name(&self) -> TieBreak {
        match self {
            Self::CandidateOrder => TieBreak::CandidateOrder,
            Self::Lot(_) => TieBreak::Lot,
        }
    }
}

/// Who of a sorted list takes the seats.
pub(super) struct Cut<'a, T> {
    pub(super) taken: &'a [(T, u64)],
    /// A tie at the border.
    pub(super) tie: Option<Border<T>>,
}

/// All who are equal to the last one who takes a seat, with one of them outside.
pub(super) struct Border<T> {
    inside: Vec<T>,
    outside: Vec<T>,
}

/// Gives `seats` seats to the first of a sorted list.
pub(super) fn cut<T: Copy>(sorted: &[(T, u64)], seats: usize) -> Cut<'_, T> {
    let (taken, left) = sorted.split_at_checked(seats).unwrap_or((sorted, &[]));
    let tie = match (taken.last(), left.first()) {
        (Some((_, last)), Some((_, next))) if last == next => {
            let equal = |part: &[(T, u64)]| part.iter().filter(|(_, v)| v == last).map(|(t, _)| *t).collect();
            Some(Border { inside: equal(taken), outside: equal(left) })
        }
        _ => None,
    };
    Cut { taken, tie }
}

impl Border<&CandidateRef> {
    pub(super) fn report(&self, contest: &str, by: TieBreak) -> Tie {
        Tie {
            contest: Some(contest.to_owned()),
            about: TieFor::Seat,
            tied: self.inside.iter().chain(&self.outside).map(|c| c.id.clone()).collect(),
            chosen: self.inside.iter().map(|c| c.id.clone()).collect(),
            by,
        }
    }
}
