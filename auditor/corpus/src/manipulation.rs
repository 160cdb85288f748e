//! What a manipulation says of itself.

use crate::board::stages::DONE;
use crate::Record;
use selge_auditor::checks::{Check, ALL};

/// Whose keys an attacker holds. Whoever holds none copies, serves or stores records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attacker {
    /// The key that signs checkpoints; it takes entries in, or not, and orders them.
    Collector,
    /// The commission's key.
    Commission,
    /// The registrar's key.
    Registrar,
    /// The keys of some voters, and what they chose and drew.
    Voters,
    /// One mix server's key, and what it drew.
    Mix(u16),
    /// All mix servers.
    Mixes,
    /// One trustee's signing key and share.
    Trustee(u16),
    /// The trustees from 1 to this one.
    Trustees(u16),
    /// A quorum of the witnesses, which cosign whatever they are asked to.
    Witnesses,
}

impl Attacker {
    /// Whether this attacker holds what `other`, a single party, holds.
    pub fn covers(&self, other: &Attacker) -> bool {
        match (self, other) {
            (Attacker::Mixes, Attacker::Mix(_)) => true,
            (Attacker::Trustees(most), Attacker::Trustee(i)) => i <= most,
            _ => self == other,
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        match self {
            Attacker::Collector => "the collector".into(),
            Attacker::Commission => "the election commission".into(),
            Attacker::Registrar => "the registrar".into(),
            Attacker::Voters => "voters".into(),
            Attacker::Mix(i) => format!("mix server {i}"),
            Attacker::Mixes => "all mix servers".into(),
            Attacker::Trustee(i) => format!("trustee {i}"),
            Attacker::Trustees(n) => format!("trustees 1 to {n}"),
            Attacker::Witnesses => "a quorum of witnesses".into(),
        }
    }
}

/// Whom or what the failed check must name, in every finding.
#[derive(Clone, Copy, Debug)]
pub enum Culprit {
    /// The collector.
    Collector,
    /// The commission.
    Commission,
    /// The registrar.
    Registrar,
    /// A voter of the corpus, from 0.
    Voter(usize),
    /// A trustee.
    Trustee(u16),
    /// A trustee and the contest, by id.
    TrusteeIn(u16, &'static str),
    /// A mix server and the contest, by id.
    Mix(u16, &'static str),
    /// Whoever made or handed out the copy.
    Copier,
    /// The entry at this place.
    Entry(fn() -> usize),
    /// These words: a path, a contest, a pseudonym.
    Words(&'static str),
}

impl Culprit {
    /// What a finding's culprit must contain.
    pub fn text(&self) -> String {
        match self {
            Culprit::Collector => "the collector (board.example)".into(),
            Culprit::Commission => "the election commission (Commission)".into(),
            Culprit::Registrar => "the registrar (Registrar)".into(),
            Culprit::Voter(at) => format!("voter {}", DONE.keys.voters[*at].0),
            Culprit::Trustee(i) => format!("trustee {i} (Trustee {i})"),
            Culprit::TrusteeIn(i, contest) => format!("trustee {i} (Trustee {i}), contest {contest:?}"),
            Culprit::Mix(i, contest) => format!("mix server {i} (Mix {i}), contest {contest:?}"),
            Culprit::Copier => "whoever made this copy".into(),
            Culprit::Entry(at) => format!("entry {}", at()),
            Culprit::Words(words) => (*words).into(),
        }
    }

    /// Who that is, if it is a party.
    pub(crate) fn party(&self) -> Option<Attacker> {
        Some(match self {
            Culprit::Collector => Attacker::Collector,
            Culprit::Commission => Attacker::Commission,
            Culprit::Registrar => Attacker::Registrar,
            Culprit::Voter(_) => Attacker::Voters,
            Culprit::Trustee(i) | Culprit::TrusteeIn(i, _) => Attacker::Trustee(*i),
            Culprit::Mix(i, _) => Attacker::Mix(*i),
            Culprit::Copier | Culprit::Entry(_) | Culprit::Words(_) => return None,
        })
    }

    /// Whether a finding names it.
    pub fn named_in(&self, finding: &str) -> bool {
        let text = self.text();
        let number = matches!(self, Culprit::Entry(_));
        let ends = |rest: &str| !number || !rest.starts_with(|c: char| c.is_ascii_digit());
        finding.match_indices(&text).any(|(at, _)| ends(&finding[at + text.len()..]))
    }
}

/// How the audit must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The check fails, and no other does.
    Failed,
    /// No check fails, and this one is the one that says what is missing.
    Incomplete,
}

/// One manipulation.
#[derive(Clone, Copy)]
pub struct Manipulation {
    /// Its name: letters, digits and hyphens.
    pub name: &'static str,
    /// What is done.
    pub what: &'static str,
    /// What it would gain.
    pub gain: &'static str,
    /// Whose keys that takes; none for those who only copy or store the record.
    pub attacker: &'static [Attacker],
    /// The check that must not pass.
    pub check: Check,
    /// Others that must fail besides; no further one may.
    pub also: &'static [Check],
    /// Whom it must name.
    pub culprit: Culprit,
    /// The attack in the table "Known attacks" of the specification, if it is one.
    pub attack: Option<&'static str>,
    /// How the audit must end.
    pub expected: Expected,
    /// Makes the record.
    pub make: fn() -> Record,
}

impl std::fmt::Debug for Manipulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Manipulation({})", self.name)
    }
}

/// A manipulation that makes `check` fail.
pub(crate) const fn fails(
    check: Check,
    culprit: Culprit,
    attacker: &'static [Attacker],
    name: &'static str,
    what: &'static str,
    gain: &'static str,
    make: fn() -> Record,
) -> Manipulation {
    let (also, attack, expected): (&[Check], _, _) = (&[], None, Expected::Failed);
    Manipulation { name, what, gain, attacker, check, also, culprit, attack, expected, make }
}

impl Manipulation {
    /// The checks that must fail, in the order of a report.
    pub fn failing(&self) -> Vec<&'static str> {
        let wanted = |c: &&Check| **c == self.check || self.also.contains(c);
        ALL.iter().filter(wanted).map(|c| c.id).collect()
    }

    /// The same, as an example of an attack in the specification's table.
    pub(crate) const fn known(self, attack: &'static str) -> Self {
        Manipulation { attack: Some(attack), ..self }
    }

    /// The same, with other checks that fail besides.
    pub(crate) const fn also(self, also: &'static [Check]) -> Self {
        Manipulation { also, ..self }
    }

    /// The same, leaving the record incomplete: nothing that is there is wrong.
    pub(crate) const fn incomplete(self) -> Self {
        Manipulation { expected: Expected::Incomplete, ..self }
    }
}
