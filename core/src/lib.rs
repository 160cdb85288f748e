//! The Selge voting protocol: group, proofs, ballots, board and record.
//!
//! `docs/protocol.md` is the specification; rule IDs such as `SHUF-2` in this crate refer to it. Nothing here
//! does I/O, reads a clock or opens a socket, so that the auditor's verdict depends on its input alone.
//!
//! The way of a ballot is a row of types, several of which only a check can make: [`ballot::EncryptedBallot`] →
//! [`entry::SignedEntry`] → [`ballot::VerifiedBallot`] → [`election::CountedSet`] → [`shuffle::VerifiedShuffle`] →
//! [`decryption::VerifiedDecryption`] → [`decryption::DecryptedVotes`] → [`outcome::ElectionResult`]. Decrypted votes
//! carry the digest of their list, which the result compares with the board's last mix.

pub mod ballot;
pub mod ceremony;
pub mod chaum_pedersen;
pub mod check;
pub mod codec;
pub mod cosignature;
pub mod count;
pub mod decryption;
pub mod draft;
pub mod election;
pub mod elgamal;
pub mod entry;
pub mod evidence;
pub mod group;
pub mod handover;
pub mod ids;
pub mod keytext;
pub mod manifest;
pub mod note;
pub mod outcome;
pub mod peaks;
pub mod plaintext;
mod range;
pub mod receipt;
pub mod record;
pub mod release;
mod replay;
pub mod roll;
pub mod rules;
mod seal;
pub mod shuffle;
pub mod sign;
pub mod sum;
pub mod tiles;
pub mod trace;
pub mod transcript;
pub mod tree;
pub mod witnesses;

/// Whether the environment asks for an arithmetic (`SELGE_LANES`) that there is. A program says so when it starts; without
/// that, the fastest one computes.
///
/// # Errors
/// With the names that there are.
pub fn check_arithmetic() -> Result<(), selge_lanes::BackendError> {
    selge_lanes::Backend::from_env().map(|_| ())
}
