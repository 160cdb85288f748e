//! The numbered set of valid choices of one contest.

use super::{rankings, scores, sets, Choice, RuleError, VotingRule};

/// The valid choices of one contest, numbered `0 … M−1`.
///
/// ```
/// use selge_core::rules::{Choice, VotingRule};
///
/// let space = VotingRule::Rank { max: 2, blank: true }.space(3)?;
/// assert_eq!(space.size(), 10); // blank, 3 of length one, 6 of length two
/// assert_eq!(space.rank(&Choice::Ranking(vec![2, 0]))?, 8);
/// assert_eq!(space.unrank(8)?, Choice::Ranking(vec![2, 0]));
/// # Ok::<(), selge_core::rules::RuleError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceSpace {
    pub(super) kind: Kind,
    blank: bool,
    pub(super) candidates: u32,
    size: u128,
}

/// The shape of a choice other than blank, with limits already cut down to the number of candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    One,
    UpTo { max: u32 },
    Any,
    Rank { max: u32 },
    Score { max_score: u32 },
}

impl ChoiceSpace {
    pub(super) fn new(rule: &VotingRule, candidates: u32) -> Result<Self, RuleError> {
        if candidates == 0 {
            return Err(RuleError::NoChoice);
        }
        let limit = |value: u32, field| match value {
            0 => Err(RuleError::ZeroLimit { field }),
            _ => Ok(value),
        };
        let n = candidates;
        let (kind, count, remedy) = match *rule {
            VotingRule::ChooseOne { .. } | VotingRule::PartyList { .. } => {
                (Kind::One, Some(u128::from(n)), "use fewer candidates")
            }
            VotingRule::ChooseUpTo { max, .. } => {
                let max = limit(max, "max")?.min(n);
                (Kind::UpTo { max }, sets::count(n, max), "lower `max`")
            }
            VotingRule::Approve { .. } => {
                let count = scores::count(n, 2).and_then(|c| c.checked_sub(1));
                (Kind::Any, count, "use `choose_up_to` with a small `max`")
            }
            VotingRule::Rank { max, .. } => {
                let max = limit(max, "max")?.min(n);
                (Kind::Rank { max }, rankings::count(n, max), "lower `max`")
            }
            VotingRule::Score { max_score, .. } => {
                let max_score = limit(max_score, "max_score")?;
                let count = scores::count(n, u128::from(max_score) + 1);
                (Kind::Score { max_score }, count, "lower `max_score`")
            }
        };
        let blank = rule.allows_blank();
        let size =
            count.and_then(|c| c.checked_add(u128::from(blank))).ok_or(RuleError::TooLarge { candidates, remedy })?;
        Ok(Self { kind, blank, candidates, size })
    }

    /// `M`, the number of valid choices, at least 1.
    pub fn size(&self) -> u128 {
        self.size
    }

    /// Number of candidates.
    pub fn candidates(&self) -> u32 {
        self.candidates
    }

    /// Whether a blank vote is allowed; then its number is 0.
    pub fn allows_blank(&self) -> bool {
        self.blank
    }

    /// The number of a choice, below [`size`](Self::size).
    ///
    /// # Errors
    /// Says what is wrong with a choice that is not valid under the rule.
    pub fn rank(&self, choice: &Choice) -> Result<u128, RuleError> {
        let index = match (self.kind, choice) {
            (_, Choice::Blank) => {
                return if self.blank { Ok(0) } else { Err(RuleError::BlankNotAllowed) };
            }
            (Kind::One, Choice::One(c)) => {
                self.check_candidate(*c)?;
                Some(u128::from(*c))
            }
            (Kind::UpTo { max }, Choice::Set(set)) => {
                self.check_set(set, max)?;
                sets::rank(self.candidates, set)
            }
            (Kind::Any, Choice::Set(set)) => {
                self.check_set(set, self.candidates)?;
                approvals(set)
            }
            (Kind::Rank { max }, Choice::Ranking(ranking)) => {
                self.check_ranking(ranking, max)?;
                rankings::rank(self.candidates, ranking)
            }
            (Kind::Score { max_score }, Choice::Scores(given)) => {
                self.check_scores(given, max_score)?;
                scores::rank(given, u128::from(max_score) + 1)
            }
            (kind, choice) => return Err(RuleError::WrongKind { expected: kind.expected(), found: choice.kind() }),
        };
        // A valid choice has an index below the size, so the two steps below fail on a defect only.
        let number = index.and_then(|i| i.checked_add(u128::from(self.blank)));
        number
            .filter(|&number| number < self.size)
            .ok_or(RuleError::NumberTooLarge { number: u128::MAX, size: self.size })
    }

    /// The choice that a number stands for.
    ///
    /// # Errors
    /// [`RuleError::NumberTooLarge`] for a number of [`size`](Self::size) or more.
    pub fn unrank(&self, number: u128) -> Result<Choice, RuleError> {
        let too_large = RuleError::NumberTooLarge { number, size: self.size };
        if number >= self.size {
            return Err(too_large);
        }
        let Some(index) = number.checked_sub(u128::from(self.blank)) else {
            return Ok(Choice::Blank);
        };
        let n = self.candidates;
        let choice = match self.kind {
            Kind::One => u32::try_from(index).ok().map(Choice::One),
            Kind::UpTo { max } => sets::unrank(n, max, index).map(Choice::Set),
            Kind::Any => index.checked_add(1).map(|bits| {
                let chosen = |c: &u32| bits.checked_shr(*c).is_some_and(|b| b & 1 == 1);
                Choice::Set((0..n).filter(chosen).collect())
            }),
            Kind::Rank { max } => rankings::unrank(n, max, index).map(Choice::Ranking),
            Kind::Score { max_score } => scores::unrank(n, u128::from(max_score) + 1, index).map(Choice::Scores),
        };
        choice.ok_or(too_large)
    }

    fn check_candidate(&self, candidate: u32) -> Result<(), RuleError> {
        if candidate < self.candidates {
            Ok(())
        } else {
            Err(RuleError::UnknownCandidate { candidate, candidates: self.candidates })
        }
    }

    fn check_length(&self, given: usize, max: u32) -> Result<(), RuleError> {
        if given == 0 {
            return Err(RuleError::Empty);
        }
        if u32::try_from(given).map_or(true, |given| given > max) {
            return Err(RuleError::TooMany { given, max });
        }
        Ok(())
    }

    fn check_set(&self, set: &[u32], max: u32) -> Result<(), RuleError> {
        self.check_length(set.len(), max)?;
        let mut last = None;
        for &candidate in set {
            self.check_candidate(candidate)?;
            if last == Some(candidate) {
                return Err(RuleError::Duplicate { candidate });
            }
            if last > Some(candidate) {
                return Err(RuleError::NotAscending { candidate });
            }
            last = Some(candidate);
        }
        Ok(())
    }

    fn check_ranking(&self, ranking: &[u32], max: u32) -> Result<(), RuleError> {
        self.check_length(ranking.len(), max)?;
        let mut seen = std::collections::BTreeSet::new();
        for &candidate in ranking {
            self.check_candidate(candidate)?;
            if !seen.insert(candidate) {
                return Err(RuleError::Duplicate { candidate });
            }
        }
        Ok(())
    }

    fn check_scores(&self, given: &[u32], max_score: u32) -> Result<(), RuleError> {
        if u32::try_from(given.len()).ok() != Some(self.candidates) {
            return Err(RuleError::ScoreCount { given: given.len(), candidates: self.candidates });
        }
        match given.iter().enumerate().find(|(_, &score)| score > max_score) {
            Some((candidate, &score)) => Err(RuleError::ScoreTooHigh { candidate, score, max_score }),
            None => Ok(()),
        }
    }
}

impl Kind {
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::One => "one candidate",
            Self::UpTo { .. } | Self::Any => "a set of candidates",
            Self::Rank { .. } => "a ranking",
            Self::Score { .. } => "scores",
        }
    }
}

/// `Σ 2^c − 1` over a non-empty set.
fn approvals(set: &[u32]) -> Option<u128> {
    let bits = set.iter().try_fold(0_u128, |bits, &c| Some(bits | 1_u128.checked_shl(c)?))?;
    bits.checked_sub(1)
}
