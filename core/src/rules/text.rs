//! The written form of a choice, for files and command lines.

use zeroize::Zeroizing;

use super::space::Kind;
use super::{Choice, ChoiceSpace, RuleError};

const BLANK: &str = "blank";

impl ChoiceSpace {
    /// Reads a written choice, with candidates as positions from 0.
    ///
    /// `blank` is a blank vote; else one candidate is `3`, a set `0,2` in any order, a ranking `2>0>1` with the best
    /// first, and scores `5,0,3` in the manifest's order. White space around the parts does not matter.
    ///
    /// # Errors
    /// [`RuleError::Unreadable`], or what [`rank`](Self::rank) says of a choice that is not valid.
    pub fn parse(&self, text: &str) -> Result<Choice, RuleError> {
        self.parse_with(text, |part| part.parse().ok())
    }

    /// Reads a written choice whose candidates are named as `position` understands them, such as by the manifest's ids.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(&self, text: &str, position: impl Fn(&str) -> Option<u32>) -> Result<Choice, RuleError> {
        let candidate = |part: &str| {
            let part = part.trim();
            position(part).ok_or_else(|| unreadable(part, "a candidate of this contest"))
        };
        let score = |part: &str| {
            let part = part.trim();
            part.parse().map_err(|_| unreadable(part, "a score"))
        };
        let text = text.trim();
        let choice = match self.kind {
            _ if text == BLANK => Choice::Blank,
            Kind::One => Choice::One(candidate(text)?),
            Kind::UpTo { .. } | Kind::Any => {
                let set: Result<Vec<u32>, _> = text.split(',').map(candidate).collect();
                Choice::set(set?)
            }
            Kind::Rank { .. } => Choice::Ranking(text.split('>').map(candidate).collect::<Result<_, _>>()?),
            Kind::Score { .. } => Choice::Scores(text.split(',').map(score).collect::<Result<_, _>>()?),
        };
        self.rank(&choice)?;
        Ok(choice)
    }

    /// Writes a choice in the form that [`parse`](Self::parse) reads. Secret like the choice itself.
    ///
    /// # Errors
    /// What [`rank`](Self::rank) says of a choice that is not valid.
    pub fn text(&self, choice: &Choice) -> Result<Zeroizing<String>, RuleError> {
        self.rank(choice)?;
        let join = |numbers: &[u32], separator: &str| {
            let parts: Vec<String> = numbers.iter().map(u32::to_string).collect();
            parts.join(separator)
        };
        Ok(Zeroizing::new(match choice {
            Choice::Blank => BLANK.to_owned(),
            Choice::One(c) => c.to_string(),
            Choice::Set(numbers) | Choice::Scores(numbers) => join(numbers, ","),
            Choice::Ranking(numbers) => join(numbers, ">"),
        }))
    }
}

fn unreadable(text: &str, expected: &'static str) -> RuleError {
    RuleError::Unreadable { text: text.to_owned(), expected }
}
