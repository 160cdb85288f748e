//! Why an entry may not come next on the board.

use super::Phase;
use crate::ballot::BallotError;
use crate::ceremony::CeremonyError;
use crate::codec::DecodeError;
use crate::entry::{CancellationReason, EntryKind};
use crate::ids::{LeafHash, VoterId};
use crate::roll::RollError;
use crate::sign::BadSignature;

/// Why an entry may not come next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The entry does not belong into this phase.
    #[error("a {kind} entry does not belong into the {phase} phase: {why}")]
    Phase {
        /// Kind of the entry.
        kind: EntryKind,
        /// Phase of the election.
        phase: Phase,
        /// What is missing or over.
        why: &'static str,
    },
    /// The signature is not that of whoever must sign this entry.
    #[error("{signer}: {source}")]
    Signature {
        /// Who must have signed.
        signer: String,
        /// What is wrong.
        source: BadSignature,
    },
    /// The second entry where only one is allowed.
    #[error("{0} is already on the board")]
    Duplicate(String),
    /// Nobody of that number.
    #[error("there is no {what} {number}")]
    Unknown {
        /// What is missing.
        what: &'static str,
        /// Its number.
        number: u16,
    },
    /// A digest or key that is not the one on the board.
    #[error("{what} is {found}, the board says {expected}")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What the entry says.
        found: String,
        /// What it must say.
        expected: String,
    },
    /// Another joint key than the trustees' parts add up to.
    #[error("the joint key is {found}, the board says {expected}")]
    JointKey {
        /// What the entry says, in hexadecimal.
        found: String,
        /// What it must say.
        expected: String,
    },
    /// A ceremony message does not hold.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The roll does not fit the manifest.
    #[error(transparent)]
    Roll(#[from] RollError),
    /// The counted ballots do not fit into a list (never for ballots that were checked).
    #[error(transparent)]
    List(#[from] DecodeError),
    /// The voter is not on the roll.
    #[error("voter {0} is not on the roll")]
    NotOnRoll(VoterId),
    /// The ballot has a style that the roll does not give this voter.
    #[error("voter {voter} has ballot style {expected} on the roll, the ballot has {found}")]
    WrongStyle {
        /// Who.
        voter: VoterId,
        /// Style on the ballot.
        found: u16,
        /// Style on the roll.
        expected: u16,
    },
    /// The voter's ballots are cancelled.
    #[error("voter {voter}'s ballots are cancelled ({reason}); no further ballot is taken")]
    Cancelled {
        /// Who.
        voter: VoterId,
        /// Why.
        reason: CancellationReason,
    },
    /// The ballot's contests are not those of its style.
    #[error("voter {voter}'s ballot: {source}")]
    BallotShape {
        /// Who.
        voter: VoterId,
        /// What is wrong.
        source: BallotError,
    },
    /// The ballot does not follow the voter's newest one.
    #[error(
        "the ballot follows ballot {found}, voter {voter}'s newest is {expected}: look at the newest and cast again"
    )]
    Stale {
        /// Who.
        voter: VoterId,
        /// What the ballot names.
        found: LeafHash,
        /// The newest on the board.
        expected: LeafHash,
    },
    /// The commission signed a time that the manifest does not allow.
    #[error("{what} at {found} s since 1970 is outside the manifest's period ({opens} to {closes})")]
    Time {
        /// Opening or closing.
        what: &'static str,
        /// The time signed.
        found: u64,
        /// Manifest.
        opens: u64,
        /// Manifest.
        closes: u64,
    },
}
