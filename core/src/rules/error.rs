//! Why a rule, a choice or a number is refused.

/// Why a rule, a choice or a number is refused.
///
/// Errors about a choice carry the offending values, which the voter entered: show them to the voter, do not log them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// `max` or `max_score` is 0.
    #[error("the rule's `{field}` is 0; it must be at least 1")]
    ZeroLimit {
        /// The field of the rule.
        field: &'static str,
    },
    /// The contest has no candidates.
    #[error("the contest has no candidates, so there is nothing to choose")]
    NoChoice,
    /// More valid choices than a ballot can number.
    #[error(
        "contest too large: {candidates} candidates give more than 2^128 - 1 valid choices; \
         {remedy}, or split the candidates over several contests"
    )]
    TooLarge {
        /// Number of candidates.
        candidates: u32,
        /// What to change in the rule.
        remedy: &'static str,
    },
    /// A blank vote where the manifest allows none.
    #[error("a blank vote is not allowed in this contest")]
    BlankNotAllowed,
    /// A set, ranking or list of scores without an element.
    #[error("the choice is empty; a vote for nobody is written as a blank vote")]
    Empty,
    /// The choice has another shape than the rule asks for.
    #[error("this contest asks for {expected}, not for {found}")]
    WrongKind {
        /// What the rule asks for.
        expected: &'static str,
        /// What the choice is.
        found: &'static str,
    },
    /// A candidate position that is not in the manifest's list.
    #[error("candidate {candidate} does not exist: the contest has {candidates}, numbered from 0")]
    UnknownCandidate {
        /// The position named.
        candidate: u32,
        /// Number of candidates.
        candidates: u32,
    },
    /// The same candidate twice.
    #[error("candidate {candidate} is named more than once")]
    Duplicate {
        /// The position named twice.
        candidate: u32,
    },
    /// A set whose candidates are not in ascending order.
    #[error("the candidates of a set must be in ascending order, and candidate {candidate} is out of place")]
    NotAscending {
        /// The first position out of place.
        candidate: u32,
    },
    /// More candidates than the rule allows.
    #[error("{given} candidates are named; at most {max} are allowed")]
    TooMany {
        /// Number named.
        given: usize,
        /// Number allowed.
        max: u32,
    },
    /// Not one score for each candidate.
    #[error("{given} scores are given; each of the {candidates} candidates needs exactly one")]
    ScoreCount {
        /// Number of scores.
        given: usize,
        /// Number of candidates.
        candidates: u32,
    },
    /// A score above the maximum.
    #[error("candidate {candidate} has score {score}; the best score is {max_score}")]
    ScoreTooHigh {
        /// Position of the candidate.
        candidate: usize,
        /// The score.
        score: u32,
        /// The best score allowed.
        max_score: u32,
    },
    /// A number that stands for no choice.
    #[error("{number} is not the number of a choice: this contest has {size}, numbered from 0")]
    NumberTooLarge {
        /// The number.
        number: u128,
        /// Number of valid choices, `M`.
        size: u128,
    },
    /// A written choice that cannot be read.
    #[error("cannot read `{text}` in the choice; expected {expected}")]
    Unreadable {
        /// The part that cannot be read.
        text: String,
        /// What stands there in a written choice.
        expected: &'static str,
    },
}
