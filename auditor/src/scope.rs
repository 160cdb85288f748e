//! What is to be checked: everything, or the parts and contests that somebody asked for.

use crate::checks::{Check, BALLOT_PROOFS, COMPLETE, DECRYPTIONS, DIGESTS, MIXES, NOTHING_ELSE, RESULT, TILES, VOTES};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

macro_rules! parts {
    ($($name:ident, $text:literal, $what:literal;)*) => {
        /// A part of the checks: those whose ids begin with its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Part {
            $(#[doc = $what] $name,)*
        }

        impl Part {
            /// All parts, in the order of a report.
            pub const ALL: &[Part] = &[$(Part::$name),*];

            /// The name, as it is written after `--only`.
            pub fn name(self) -> &'static str {
                match self { $(Part::$name => $text),* }
            }

            /// What it asks.
            pub fn what(self) -> &'static str {
                match self { $(Part::$name => $what),* }
            }
        }
    };
}

parts! {
    File, "file", "is the record whole, and is each file what its name says?";
    Election, "election", "is it this election, with a manifest that the commission signed?";
    Board, "board", "do the entries and tiles lead to the checkpoint that was signed and witnessed?";
    Entry, "entry", "is every entry signed by whoever must, and in its place?";
    Ceremony, "ceremony", "was the key made by all trustees together?";
    Voters, "voters", "is the roll in order?";
    Period, "period", "was voting opened and closed as the manifest allows?";
    Cast, "cast", "is every ballot valid, from a voter on the roll, and do the numbers add up?";
    Mix, "mix", "was every counted ballot mixed by every server, none lost, added or changed?";
    Decrypt, "decrypt", "did enough trustees decrypt, and rightly?";
    Outcome, "outcome", "is the published result what these votes give? With it goes DECRYPT-2.";
}

impl Part {
    fn of(check: Check) -> Option<Part> {
        let name = check.id.split('-').next()?;
        Part::ALL.iter().copied().find(|part| part.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no part of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no part {0:?}: the parts are {names}", names = Part::ALL.iter().map(|p| p.name()).collect::<Vec<_>>().join(", "))]
pub struct UnknownPart(String);

impl FromStr for Part {
    type Err = UnknownPart;

    fn from_str(name: &str) -> Result<Self, UnknownPart> {
        Part::ALL.iter().copied().find(|part| part.name() == name).ok_or_else(|| UnknownPart(name.to_owned()))
    }
}

/// What is to be checked.
///
/// The board is followed from its first entry to its last whatever is asked for, as nothing else could be judged without:
/// the checks that this answers always run, and what they find wrong is always reported. The others run if their part is
/// asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    parts: BTreeSet<Part>,
    contests: BTreeSet<String>,
}

/// What each check takes for granted that another one shows. A check not named here takes nothing for granted that could be
/// left out.
const RESTS_ON: &[(Check, &[Check])] = &[
    (MIXES, &[BALLOT_PROOFS]),
    (DECRYPTIONS, &[BALLOT_PROOFS, MIXES]),
    (VOTES, &[BALLOT_PROOFS, MIXES, DECRYPTIONS]),
    (RESULT, &[BALLOT_PROOFS, MIXES, DECRYPTIONS, VOTES]),
];

impl Scope {
    /// Only these parts, and in them only these contests, by id; none at all stands for all of them.
    pub fn new(parts: impl IntoIterator<Item = Part>, contests: impl IntoIterator<Item = String>) -> Self {
        Scope { parts: parts.into_iter().collect(), contests: contests.into_iter().collect() }
    }

    /// Everything.
    pub fn all() -> Self {
        Scope::default()
    }

    /// Whether everything is asked for.
    pub fn is_all(&self) -> bool {
        self.parts.is_empty() && self.contests.is_empty()
    }

    /// The parts asked for; none if all are.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        self.parts.iter().copied()
    }

    /// The ids of the contests asked for; none if all are.
    pub fn contests(&self) -> impl Iterator<Item = &str> {
        self.contests.iter().map(String::as_str)
    }

    /// Whether a check runs.
    pub(crate) fn wants(&self, check: Check) -> bool {
        if self.parts.is_empty() {
            return true;
        }
        match check {
            // The votes are combined from decryptions that are proven, and from no others.
            DECRYPTIONS => [Part::Decrypt, Part::Outcome].iter().any(|part| self.parts.contains(part)),
            COMPLETE | NOTHING_ELSE | DIGESTS | TILES | BALLOT_PROOFS | MIXES | VOTES | RESULT => {
                Part::of(check).is_some_and(|part| self.parts.contains(&part))
            }
            _ => true,
        }
    }

    /// Whether a contest's mixes, decryptions and votes are looked at.
    pub(crate) fn wants_contest(&self, id: &str) -> bool {
        self.contests.is_empty() || self.contests.contains(id)
    }

    /// The checks on which this one rests, and which do not run.
    pub(crate) fn on_trust(&self, check: Check) -> Vec<Check> {
        let rests_on = RESTS_ON.iter().find(|(of, _)| *of == check).map_or(&[][..], |(_, on)| on);
        rests_on.iter().copied().filter(|on| !self.wants(*on)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::ALL;

    #[test]
    fn every_check_belongs_to_a_part_and_every_part_has_checks() {
        assert!(ALL.iter().all(|check| Part::of(*check).is_some()));
        for part in Part::ALL {
            assert!(ALL.iter().any(|check| Part::of(*check) == Some(*part)), "{part}");
            assert_eq!(part.name().parse(), Ok(*part));
            let own = ALL.iter().filter(|check| Part::of(**check) == Some(*part));
            assert!(own.clone().all(|check| Scope::new([*part], []).wants(*check)), "{part} leaves its own checks out");
        }
        let unknown = "mixes".parse::<Part>().unwrap_err().to_string();
        assert!(unknown.contains("\"mixes\"") && unknown.contains("mix, decrypt"), "{unknown}");
    }

    #[test]
    fn nothing_asked_for_is_everything() {
        let all = Scope::all();
        assert!(all.is_all() && ALL.iter().all(|check| all.wants(*check) && all.on_trust(*check).is_empty()));
        assert!(all.wants_contest("any"));
        assert!(!Scope::new([], ["a".to_owned()]).is_all() && !Scope::new([Part::Mix], []).is_all());
    }

    #[test]
    fn what_is_taken_on_trust_is_what_was_left_out() {
        let ids = |scope: &Scope, check| scope.on_trust(check).iter().map(|c| c.id).collect::<Vec<_>>();
        assert_eq!(ids(&Scope::new([Part::Mix], []), MIXES), ["CAST-1"]);
        assert_eq!(ids(&Scope::new([Part::Decrypt], []), DECRYPTIONS), ["CAST-1", "MIX-2"]);
        assert_eq!(ids(&Scope::new([Part::Outcome, Part::Mix], []), RESULT), ["CAST-1"]);
        assert!(ids(&Scope::new([Part::Cast, Part::Mix, Part::Outcome], []), RESULT).is_empty());
    }
}
