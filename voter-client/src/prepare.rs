//! From choices to a signed ballot.

use crate::info::ElectionInfo;
use crate::voter::Voter;
use rand::{CryptoRng, RngCore};
use selge_core::ballot::{BallotError, EncryptedBallot};
use selge_core::codec::Encode;
use selge_core::draft::{BallotDraft, BallotOpening};
use selge_core::entry::{EntryBody, SignedEntry, MAX_ENTRY};
use selge_core::ids::{LeafHash, StyleIndex};
use selge_core::rules::Choice;

/// Why choices do not make a ballot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The choices do not fit the ballot style.
    #[error(transparent)]
    Ballot(#[from] BallotError),
    /// The style has more or larger contests than a board entry can hold, whatever is chosen.
    #[error(
        "a ballot of this style takes {bytes} bytes and a board entry holds {MAX_ENTRY}: tell the election commission"
    )]
    TooLarge {
        /// Length of the entry.
        bytes: usize,
    },
}

/// Encrypts one choice for each contest of the style, in its order, and signs the ballot.
///
/// `previous` is the leaf hash of the voter's newest ballot on the board, or [`LeafHash::NONE`]. `rng` must be
/// cryptographically secure and its state must stay secret: whoever can repeat it can read the ballot.
///
/// # Errors
/// [`PrepareError`].
pub fn prepare<R: RngCore + CryptoRng>(
    info: &ElectionInfo,
    voter: &Voter,
    style: StyleIndex,
    previous: LeafHash,
    choices: &[Choice],
    rng: &mut R,
) -> Result<SignedEntry, PrepareError> {
    let manifest = info.manifest();
    let ballot = EncryptedBallot::encrypt(manifest, info.joint_key(), voter.id, style, previous, choices, rng)?;
    signed(info, voter, ballot)
}

/// Encrypts choices without proving and signing: what can be shown to a second device before it is cast (`CHECK-7`).
///
/// # Errors
/// [`PrepareError`].
pub fn draft<R: RngCore + CryptoRng>(
    info: &ElectionInfo,
    voter: &Voter,
    style: StyleIndex,
    choices: &[Choice],
    rng: &mut R,
) -> Result<BallotDraft, PrepareError> {
    Ok(BallotDraft::draw(info.manifest(), info.joint_key(), voter.id, style, choices, rng)?)
}

/// Proves and signs a draft. The opening is for a check on a second device: whoever has it can show the vote to everybody.
///
/// # Errors
/// [`PrepareError`].
pub fn finish<R: RngCore + CryptoRng>(
    info: &ElectionInfo,
    voter: &Voter,
    draft: BallotDraft,
    previous: LeafHash,
    rng: &mut R,
) -> Result<(SignedEntry, BallotOpening), PrepareError> {
    let (ballot, opening) = draft.cast(info.manifest(), info.joint_key(), previous, rng)?;
    Ok((signed(info, voter, ballot)?, opening))
}

fn signed(info: &ElectionInfo, voter: &Voter, ballot: EncryptedBallot) -> Result<SignedEntry, PrepareError> {
    let manifest = info.manifest();
    let entry = EntryBody::Ballot(ballot).sign(manifest.id(), &voter.key);
    let bytes = entry.to_bytes().len();
    if bytes > MAX_ENTRY {
        return Err(PrepareError::TooLarge { bytes });
    }
    Ok(entry)
}
