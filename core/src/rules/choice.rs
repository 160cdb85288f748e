//! A voter's choice in clear.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A voter's choice in clear; candidates are positions in the manifest's list, from 0.
///
/// Secret until the ballots are mixed: it has no `Display`, its `Debug` shows nothing, and its memory is cleared on
/// drop. A value is only known to be valid once [`ChoiceSpace::rank`](super::ChoiceSpace::rank) has accepted it.
///
/// JSON: `"blank"`, `{"one": 3}`, `{"set": [0, 2]}`, `{"ranking": [2, 0, 1]}`, `{"scores": [5, 0, 3]}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// No choice, handed in on purpose.
    Blank,
    /// One candidate.
    One(u32),
    /// Distinct candidates in ascending order.
    Set(Vec<u32>),
    /// Distinct candidates, best first.
    Ranking(Vec<u32>),
    /// One score for each candidate, in the manifest's order.
    Scores(Vec<u32>),
}

impl Choice {
    /// A set from candidates in any order; a candidate named twice stays twice, for the rule to refuse.
    pub fn set(candidates: impl IntoIterator<Item = u32>) -> Self {
        let mut candidates: Vec<u32> = candidates.into_iter().collect();
        candidates.sort_unstable();
        Self::Set(candidates)
    }

    /// What kind of choice this is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Blank => "a blank vote",
            Self::One(_) => "one candidate",
            Self::Set(_) => "a set of candidates",
            Self::Ranking(_) => "a ranking",
            Self::Scores(_) => "scores",
        }
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice(redacted)")
    }
}
