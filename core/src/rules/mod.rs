//! Voting rules: every valid choice of a contest is one integer.
//!
//! A contest's [`VotingRule`] and its number of candidates `n` fix a [`ChoiceSpace`]: the finite set of valid
//! choices, numbered `0 … M−1`. The ballot encrypts that number and proves that it is below `M`, so that no accepted
//! ballot can turn out invalid at the count. Candidates are `0 … n−1`, their positions in the manifest's list.
//!
//! Let `b = 1` where the rule allows a blank vote and `b = 0` where not. **A blank vote, where allowed, is number 0**;
//! every other choice is `b + i`, with the index `i` by rule:
//!
//! | rule | choice | index `i` | `M − b` |
//! | --- | --- | --- | --- |
//! | `choose_one`, `party_list` | candidate `c` | `c` | `n` |
//! | `choose_up_to` | `c_1 < … < c_k`, `1 ≤ k ≤ min(max, n)` | `Σ_{j=1}^{k−1} C(n, j) + Σ_{j=1}^{k} C(c_j, j)` | `Σ_{j=1}^{min(max,n)} C(n, j)` |
//! | `approve` | a non-empty set | `Σ_{c chosen} 2^c − 1` | `2^n − 1` |
//! | `rank` | `c_1, …, c_k`, best first, `1 ≤ k ≤ min(max, n)` | `Σ_{j=1}^{k−1} P(n, j)` + Lehmer value | `Σ_{j=1}^{min(max,n)} P(n, j)` |
//! | `score` | `s_0, …, s_{n−1}`, each `0 … max_score` | `Σ_c s_c · (max_score + 1)^c` | `(max_score + 1)^n` |
//!
//! `C(n, k)` is the binomial coefficient (0 for `n < k`) and `P(n, k) = n (n−1) … (n−k+1)`. The Lehmer value of a
//! ranking of length `k` is `Σ_{j=1}^{k} d_j · P(n−j, k−j)`, where `d_j` is the number of candidates below `c_j` that
//! are not among `c_1 … c_{j−1}`: rankings of one length stand in lexicographic order.
//!
//! `docs/rules.md` works an example for each rule. The sources are standard: Knuth, TAOCP 4A, sections 7.2.1.2
//! (permutations) and 7.2.1.3 (combinations, the combinatorial number system).

mod choice;
mod error;
mod rankings;
mod scores;
mod sets;
mod space;
mod text;

#[cfg(test)]
mod tests;

pub use choice::Choice;
pub use error::RuleError;
pub use space::ChoiceSpace;

use serde::{Deserialize, Serialize};

/// How a voter may fill in one contest.
///
/// The JSON form in the manifest carries the rule's name as `type`: `{"type": "choose_one", "blank": true}`.
/// `blank` says in every rule whether a voter may hand in the contest without choosing anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum VotingRule {
    /// Exactly one candidate: [`Choice::One`].
    ChooseOne {
        /// Whether a blank vote is allowed.
        blank: bool,
    },
    /// At least one and at most `max` candidates, in no order: [`Choice::Set`].
    ChooseUpTo {
        /// Most candidates that may be chosen, at least 1; more than there are candidates means all of them.
        max: u32,
        /// Whether a blank vote (no candidate at all) is allowed.
        blank: bool,
    },
    /// Any number of candidates, in no order: [`Choice::Set`].
    Approve {
        /// Whether a blank vote (no candidate at all) is allowed.
        blank: bool,
    },
    /// At least one and at most `max` candidates, best first: [`Choice::Ranking`].
    Rank {
        /// Most candidates that may be ranked, at least 1; more than there are candidates means all of them.
        max: u32,
        /// Whether a blank vote (no candidate ranked) is allowed.
        blank: bool,
    },
    /// A score `0 … max_score` for every candidate: [`Choice::Scores`]. Zero for everybody is a vote and not a blank
    /// vote: the two are different choices.
    Score {
        /// The best score, at least 1.
        max_score: u32,
        /// Whether a blank vote (no scores given) is allowed.
        blank: bool,
    },
    /// Exactly one candidate, whose vote counts for the candidate's list as well: [`Choice::One`]. The manifest names
    /// each candidate's list. It differs from [`VotingRule::ChooseOne`] in what the voter is told, not in the numbers.
    PartyList {
        /// Whether a blank vote is allowed.
        blank: bool,
    },
}

impl VotingRule {
    /// Whether a blank vote is allowed.
    pub fn allows_blank(&self) -> bool {
        match *self {
            Self::ChooseOne { blank }
            | Self::ChooseUpTo { blank, .. }
            | Self::Approve { blank }
            | Self::Rank { blank, .. }
            | Self::Score { blank, .. }
            | Self::PartyList { blank } => blank,
        }
    }

    /// The valid choices under this rule with that many candidates.
    ///
    /// # Errors
    /// [`RuleError::ZeroLimit`] for a `max` or `max_score` of 0, [`RuleError::NoChoice`] if nobody could vote for
    /// anything, [`RuleError::TooLarge`] if `M` would exceed `2^128 − 1`.
    pub fn space(&self, candidates: u32) -> Result<ChoiceSpace, RuleError> {
        ChoiceSpace::new(self, candidates)
    }
}
