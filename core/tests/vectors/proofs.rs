//! Ballot contests and shuffles.

use super::blocks::{point, scalar};
use super::{equations, rng, ELECTION};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as B;
use curve25519_dalek::Scalar;
use rand_chacha::ChaCha20Rng;
use selge_core::codec::{Decode, Encode};
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::group::{random_scalar, Generators};
use selge_core::ids::{ContestIndex, MixIndex, StyleIndex, VoterId};
use selge_core::plaintext::{ContestContext, EncryptedContest, Layout};
use selge_core::shuffle::{shuffle_in_rows, verify, ShuffleContext, ShuffleProof};
use serde_json::{json, Value};
use std::sync::Arc;

pub(crate) fn ballot() -> Value {
    let mut rng = rng("ballot");
    let secret = random_scalar(&mut rng);
    let joint_key = PublicKey::new(B * secret).unwrap();
    let cases = [(10u128, 4u128), (300, 299), (70_000, 66_000), (1 << 100, 12_345)];
    cases
        .iter()
        .map(|&(space, number)| {
            let ctx = ContestContext {
                election: &ELECTION,
                joint_key: &joint_key,
                voter: VoterId([0x22; 16]),
                style: StyleIndex(1),
                contest: ContestIndex(2),
                layout: Layout::new(space).unwrap(),
            };
            let contest = EncryptedContest::encrypt(&ctx, number, &mut rng).unwrap();
            let bytes = contest.to_bytes();
            EncryptedContest::from_bytes(&bytes).unwrap().verify(&ctx).unwrap();
            for (limb, c) in contest.ciphertexts().iter().enumerate() {
                let m = Scalar::from((number >> (16 * limb)) & 0xffff);
                let c = c.decode_points().unwrap();
                assert_eq!(c.c - secret * c.r, B * m);
            }
            let mut value = json!({
                "election": ELECTION, "joint_key": point(joint_key.point()), "secret_key": scalar(&secret),
                "voter": VoterId([0x22; 16]), "style": 1, "contest": 2,
                "space": space.to_string(), "number": number.to_string(), "width": ctx.layout.width(),
                "bytes": hex::encode(bytes),
            });
            value["e"] = json!(equations::ballot_challenge(&value));
            value
        })
        .collect()
}

/// A list, its shuffle and the proof in `m` rows, with all that a verifier needs.
fn shuffled(n: usize, w: usize, m: usize, secret: &Scalar, rng: &mut ChaCha20Rng) -> Value {
    let joint_key = PublicKey::new(B * secret).unwrap();
    let vectors: Vec<Vec<Ciphertext>> = (0..n)
        .map(|i| {
            let m = |k: usize| Scalar::from((10 * i + k) as u64);
            (0..w).map(|k| joint_key.encrypt(&m(k), &random_scalar(rng))).collect()
        })
        .collect();
    let input = Arc::new(CiphertextList::from_vectors(w, vectors.iter().map(Vec::as_slice)).unwrap());
    let ctx = ShuffleContext { election: &ELECTION, joint_key: &joint_key, contest: ContestIndex(2), mix: MixIndex(1) };
    let generators = Generators::new(n);
    let (output, proof) = shuffle_in_rows(&ctx, &generators, &input, m, rng).unwrap();
    let bytes = proof.to_bytes();
    let again = ShuffleProof::from_bytes_in_rows(&bytes, n, w, m).unwrap();
    verify(&ctx, &generators, &input, &output, &again).unwrap();
    json!({
        "election": ELECTION, "joint_key": point(joint_key.point()), "secret_key": scalar(secret),
        "contest": 2, "mix": 1, "count": n, "width": w,
        "input": hex::encode(input.to_bytes()), "output": hex::encode(output.bytes()),
        "input_digest": input.digest(), "output_digest": output.digest(),
        "proof": hex::encode(bytes),
    })
}

pub(crate) fn shuffle() -> Value {
    let mut rng = rng("shuffle");
    let secret = random_scalar(&mut rng);
    [(4usize, 1usize), (3, 2), (2, 1)]
        .iter()
        .map(|&(n, w)| {
            let mut value = shuffled(n, w, 1, &secret, &mut rng);
            for (name, challenge) in ["x", "y", "z", "c"].iter().zip(equations::shuffle_challenges(&value)) {
                value[*name] = json!(scalar(&challenge));
            }
            value
        })
        .collect()
}

/// A list that fills its rows, and one that is continued by three vectors.
pub(crate) fn shuffle_rows() -> Value {
    let mut rng = rng("shuffle rows");
    let secret = random_scalar(&mut rng);
    [(4usize, 1usize, 2usize), (9, 2, 4), (33, 1, 2)]
        .iter()
        .map(|&(n, w, m)| {
            let mut value = shuffled(n, w, m, &secret, &mut rng);
            value["rows"] = json!(m);
            equations::rows::put_challenges(&mut value);
            value
        })
        .collect()
}
