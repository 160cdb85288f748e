//! Inputs for the benches: keys, lists and ballots of any size; how time is measured; and what others do.

pub mod cpu_time;
pub mod measure;
pub mod peer;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::Scalar;
use rand::rngs::OsRng;
use rayon::prelude::*;
use selge_core::ballot::EncryptedBallot;
use selge_core::ceremony::{CeremonyContext, CeremonyError, Commitments, JointKey, Round1, TrusteeShare};
use selge_core::codec::Encode;
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::ids::{ContestIndex, ElectionId, LeafHash, MixIndex, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::plaintext::{ContestContext, Layout};
use selge_core::rules::Choice;
use selge_core::shuffle::ShuffleContext;
use selge_core::sign::{Signature, SigningKey, VerifyingKey};
use selge_core::transcript::domain;
use serde_json::json;
use std::sync::Arc;

/// The benches' election.
pub const ELECTION: ElectionId = ElectionId([1; 32]);

/// Choices of the usual contest: as many as a voter in the largest district of a national election has, and more.
pub const CHOICES: usize = 255;

/// A key.
pub fn key() -> PublicKey {
    let secret = Scalar::random(&mut OsRng);
    PublicKey::new(RISTRETTO_BASEPOINT_POINT * secret).unwrap_or_else(|_| key())
}

/// A joint key of three trustees, two of whom are needed, and their shares.
pub fn trustees() -> (JointKey, Vec<TrusteeShare>) {
    let ctx = CeremonyContext { election: &ELECTION, trustees: 3, threshold: 2 };
    let made: Vec<_> = (1..=3).map(|i| Commitments::make(&ctx, TrusteeIndex(i), &mut OsRng)).collect();
    let messages: Vec<_> = made.iter().map(|(_, message)| message.clone()).collect();
    let all = || -> Result<_, CeremonyError> {
        let round1 = Round1::new(&ctx, &messages)?;
        let each = || (1..).map(TrusteeIndex).zip(made.iter().map(|(secret, _)| secret));
        let dealt = each().map(|(i, secret)| round1.deal(&ctx, i, secret)).collect::<Result<Vec<_>, _>>()?;
        let shares = each().map(|(i, secret)| round1.receive(&ctx, i, secret, &dealt)).collect::<Result<_, _>>()?;
        Ok((round1.joint_key(&ctx)?, shares))
    };
    match all() {
        Ok(done) => done,
        Err(error) => panic!("{error}"),
    }
}

/// A list of `n` ciphertexts of numbers below [`CHOICES`].
pub fn list(key: &PublicKey, n: usize) -> Arc<CiphertextList> {
    let number = |i: usize| Scalar::from((i % CHOICES) as u64);
    let ciphertexts: Vec<[Ciphertext; 1]> =
        (0..n).into_par_iter().map(|i| [key.encrypt(&number(i), &Scalar::random(&mut OsRng))]).collect();
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

/// Ballots of that election by different voters, as signed entries' bodies, with their signatures and keys.
pub fn ballots(manifest: &Manifest, key: &PublicKey, n: usize) -> Vec<CastBallot> {
    (0..n as u128)
        .into_par_iter()
        .map(|i| {
            let (voter, choice) = (VoterId(i.to_be_bytes()), [Choice::One(i as u32 % CHOICES as u32)]);
            match EncryptedBallot::encrypt(manifest, key, voter, StyleIndex(0), LeafHash::NONE, &choice, &mut OsRng) {
                Ok(ballot) => {
                    let (signer, bytes) = (SigningKey::generate(&mut OsRng), ballot.to_bytes());
                    let signature = signer.sign(domain::ENTRY, manifest.id(), &bytes);
                    CastBallot { bytes, signature, signer: signer.verifying_key() }
                }
                Err(error) => panic!("{error}"),
            }
        })
        .collect()
}

/// A ballot as a verifier gets it.
#[derive(Clone, Debug)]
pub struct CastBallot {
    /// Canonical bytes.
    pub bytes: Vec<u8>,
    /// The voter's signature over them.
    pub signature: Signature,
    /// The voter's key.
    pub signer: VerifyingKey,
}

/// Resident memory of this process in bytes by `/proc`: `VmRSS` now, `VmHWM` at most so far.
pub fn resident(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix(field)).unwrap_or_default();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) * 1024
}
