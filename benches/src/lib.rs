//! Inputs for the benches: keys, lists and ballots of any size; and how time is measured.

pub mod cpu_time;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::Scalar;
use rand::rngs::OsRng;
use selge_core::ballot::EncryptedBallot;
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::ids::{ContestIndex, ElectionId, LeafHash, MixIndex, StyleIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::plaintext::{ContestContext, Layout};
use selge_core::rules::Choice;
use selge_core::shuffle::ShuffleContext;
use selge_core::sign::SigningKey;
use serde_json::json;
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

/// An election with one contest in which one of `choices` candidates is chosen.
pub fn manifest(choices: usize) -> Manifest {
    let party = |i: u8| json!({"name": format!("p{i}"), "key": SigningKey::from_seed([i; 32]).verifying_key()});
    let candidates: Vec<_> = (0..choices).map(|i| json!({"id": format!("c{i}"), "name": format!("C {i}")})).collect();
    let document = json!({
        "format": "selge-manifest/1", "title": "Bench",
        "opens": "2030-01-01T00:00:00Z", "closes": "2030-01-02T00:00:00Z",
        "commission": party(1), "registrar": party(2), "collector": party(3),
        "trustees": [party(4)], "threshold": 1, "mix_servers": [party(5)], "privacy_floor": 2,
        "contests": [
            {"id": "a", "title": "A", "rule": {"type": "choose_one", "blank": false}, "candidates": candidates},
        ],
        "ballot_styles": [{"id": "s", "contests": ["a"]}],
        "tallies": [{"id": "t", "title": "T", "contests": ["a"], "rule": {"type": "plurality", "seats": 1}}],
    });
    match Manifest::parse(document.to_string().as_bytes()) {
        Ok(manifest) => manifest,
        Err(error) => panic!("{error}"),
    }
}

/// Ballots of that election, by different voters.
pub fn ballots(manifest: &Manifest, key: &PublicKey, n: usize) -> Vec<EncryptedBallot> {
    (0..n as u128)
        .map(|i| {
            let (voter, choice) = (VoterId(i.to_be_bytes()), [Choice::One(i as u32 % 3)]);
            match EncryptedBallot::encrypt(manifest, key, voter, StyleIndex(0), LeafHash::NONE, &choice, &mut OsRng) {
                Ok(ballot) => ballot,
                Err(error) => panic!("{error}"),
            }
        })
        .collect()
}
