//! Why votes cannot be counted.

/// Why votes cannot be counted: the input contradicts itself or the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountError {
    /// The rule counts one contest.
    #[error("this rule counts exactly one contest, and {given} are given")]
    OneContest {
        /// Number given.
        given: usize,
    },
    /// The rule fills no seat.
    #[error("there are no seats to fill")]
    NoSeats,
    /// The rule counts rankings, not totals.
    #[error("this rule counts rankings; votes per candidate do not suffice")]
    NeedsRankings,
    /// The rule does not count rankings.
    #[error("this rule counts votes per candidate, not rankings")]
    NotRanked,
    /// A choice of a shape that the rule cannot count.
    #[error("contest {contest}: this rule cannot count {found}")]
    WrongKind {
        /// Id of the contest.
        contest: String,
        /// What the choice is.
        found: &'static str,
    },
    /// A choice that names a candidate that does not exist.
    #[error("contest {contest}: there is no candidate {candidate}")]
    UnknownCandidate {
        /// Id of the contest.
        contest: String,
        /// Position of the candidate.
        candidate: u32,
    },
    /// A choice that names a candidate twice.
    #[error("contest {contest}: candidate {candidate} is named twice in one choice")]
    RepeatedCandidate {
        /// Id of the contest.
        contest: String,
        /// Position of the candidate.
        candidate: u32,
    },
    /// Not one number for each candidate.
    #[error("contest {contest}: {given} numbers are given for {candidates} candidates")]
    WrongLength {
        /// Id of the contest.
        contest: String,
        /// How many numbers.
        given: usize,
        /// How many candidates.
        candidates: usize,
    },
    /// An id that stands for two things.
    #[error("the id {id} is used twice")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// An id that stands for nothing.
    #[error("the id {id} is not known here")]
    UnknownId {
        /// The id.
        id: String,
    },
    /// An order of candidates or contests that leaves one out.
    #[error("{id} is missing from {from}")]
    Missing {
        /// The id.
        id: String,
        /// Where it is missing.
        from: &'static str,
    },
    /// Totals of different contests cannot be added.
    #[error("the totals of contests {left} and {right} do not belong together")]
    DifferentContests {
        /// Id of the one.
        left: String,
        /// Id of the other.
        right: String,
    },
    /// More decimal places than supported.
    #[error("{places} decimal places are asked for; at most {max} are possible")]
    TooManyPlaces {
        /// Places asked for.
        places: u32,
        /// Most possible.
        max: u32,
    },
    /// The law's rounding awards more seats than there are; the law has no answer for that.
    #[error("the districts award {awarded} seats, and there are only {seats}")]
    SeatsExceeded {
        /// Seats awarded.
        awarded: u64,
        /// Seats that exist.
        seats: u64,
    },
    /// More votes than numbers reach.
    #[error("the numbers of votes are too large")]
    Overflow,
}
