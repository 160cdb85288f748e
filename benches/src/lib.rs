//! Inputs for the benches: keys, lists and ballots of any size.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::Scalar;
use rand::rngs::OsRng;
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::ids::{ContestIndex, ElectionId, MixIndex, StyleIndex, VoterId};
use selge_core::plaintext::{ContestContext, Layout};
use selge_core::shuffle::ShuffleContext;
use std::sync::Arc;

/// The benches' election.
pub const ELECTION: ElectionId = ElectionId([1; 32]);

/// A key.
pub fn key() -> PublicKey {
    let secret = Scalar::random(&mut OsRng);
    PublicKey::new(RISTRETTO_BASEPOINT_POINT * secret).unwrap_or_else(|_| key())
}

/// A list of `n` ciphertexts.
pub fn list(key: &PublicKey, n: usize) -> Arc<CiphertextList> {
    let ciphertexts: Vec<[Ciphertext; 1]> =
        (0..n).map(|i| [key.encrypt(&Scalar::from(i as u64), &Scalar::random(&mut OsRng))]).collect();
    match CiphertextList::from_vectors(1, ciphertexts.iter().map(|c| &c[..])) {
        Ok(list) => Arc::new(list),
        Err(error) => panic!("{error}"),
    }
}

/// The context of the shuffles.
pub fn shuffle_context(key: &PublicKey) -> ShuffleContext<'_> {
    ShuffleContext { election: &ELECTION, joint_key: key, contest: ContestIndex(0), mix: MixIndex(1) }
}

/// The context of a ballot's contest with `space` choices.
pub fn contest_context(key: &PublicKey, space: u128) -> ContestContext<'_> {
    let Some(layout) = Layout::new(space) else { panic!("an empty space") };
    ContestContext {
        election: &ELECTION,
        joint_key: key,
        voter: VoterId([2; 16]),
        style: StyleIndex(0),
        contest: ContestIndex(0),
        layout,
    }
}
