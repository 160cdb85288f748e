//! Fiat–Shamir transcripts (`FS`): Merlin, with every label of the protocol in this one file.
//!
//! A transcript opens with the protocol's name, the proof's name and the election, then absorbs its context and
//! the *whole* statement before the first challenge (`FS-2`). Each proof's section of the specification lists what
//! it absorbs, in order, under the labels below.

use crate::ids::{Digest, ElectionId};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

/// The protocol's name and version, absorbed first by every transcript and prefixed to every signature.
pub const PROTOCOL: &[u8] = b"selge/v1";

/// Names of the proofs: the first thing that keeps a proof of one kind from being read as another.
pub mod proof {
    /// Ballot contest proof (`BALLOT`).
    pub const BALLOT: &[u8] = b"ballot contest";
    /// Shuffle argument (`SHUF`).
    pub const SHUFFLE: &[u8] = b"shuffle";
    /// Shuffle argument with several rows (`SHUF-11`).
    pub const SHUFFLE_ROWS: &[u8] = b"shuffle rows";
    /// Batched decryption proof (`DEC`).
    pub const DECRYPTION: &[u8] = b"partial decryption";
    /// Proof of possession in the key ceremony (`KEY`).
    pub const POSSESSION: &[u8] = b"possession";
    /// A checking device's proof that it knows its key (`CHECK-1`).
    pub const CHECK_KEY: &[u8] = b"check key";
    /// Designated-verifier proof of what a ballot contains (`CHECK-5`).
    pub const CHECK: &[u8] = b"check";

    /// All of them, for the test that they differ.
    pub const ALL: &[&[u8]] = &[BALLOT, SHUFFLE, SHUFFLE_ROWS, DECRYPTION, POSSESSION, CHECK_KEY, CHECK];
}

/// Labels of messages and challenges.
#[allow(missing_docs)] // each is named by the specification's line that uses it
pub mod label {
    pub const PROOF: &[u8] = b"proof";
    pub const ELECTION: &[u8] = b"election";
    pub const CONTEST: &[u8] = b"contest";
    pub const STYLE: &[u8] = b"style";
    pub const VOTER: &[u8] = b"voter";
    pub const TRUSTEE: &[u8] = b"trustee";
    pub const MIX: &[u8] = b"mix";
    pub const JOINT_KEY: &[u8] = b"joint-key";
    pub const SHARE_KEY: &[u8] = b"share-key";
    pub const SPACE: &[u8] = b"space";
    pub const WIDTH: &[u8] = b"width";
    pub const COUNT: &[u8] = b"count";
    pub const CIPHERTEXT: &[u8] = b"ciphertext";
    pub const COMPLEMENT: &[u8] = b"complement";
    pub const KNOWLEDGE_T: &[u8] = b"knowledge-T";
    pub const KNOWLEDGE_U: &[u8] = b"knowledge-U";
    pub const KNOWLEDGE_E: &[u8] = b"knowledge-e";
    pub const RANGE: &[u8] = b"range";
    pub const INPUT: &[u8] = b"input";
    pub const OUTPUT: &[u8] = b"output";
    pub const SHUFFLE_A: &[u8] = b"shuffle-A";
    pub const SHUFFLE_X: &[u8] = b"shuffle-x";
    pub const SHUFFLE_B: &[u8] = b"shuffle-B";
    pub const SHUFFLE_Y: &[u8] = b"shuffle-y";
    pub const SHUFFLE_Z: &[u8] = b"shuffle-z";
    pub const PRODUCT_D: &[u8] = b"product-d";
    pub const PRODUCT_SMALL_DELTA: &[u8] = b"product-delta";
    pub const PRODUCT_BIG_DELTA: &[u8] = b"product-Delta";
    pub const MULTIEXP_A: &[u8] = b"multiexp-A";
    pub const MULTIEXP_E: &[u8] = b"multiexp-E";
    pub const SHUFFLE_C: &[u8] = b"shuffle-c";
    pub const ROWS: &[u8] = b"rows";
    pub const HADAMARD_B: &[u8] = b"hadamard-B";
    pub const HADAMARD_U: &[u8] = b"hadamard-u";
    pub const HADAMARD_T: &[u8] = b"hadamard-t";
    pub const ZERO_L: &[u8] = b"zero-L";
    pub const ZERO_R: &[u8] = b"zero-R";
    pub const MASK_L: &[u8] = b"mask-L";
    pub const MASK_R: &[u8] = b"mask-R";
    pub const MULTIEXP_L: &[u8] = b"multiexp-L";
    pub const MULTIEXP_R: &[u8] = b"multiexp-R";
    pub const FOLD_V: &[u8] = b"fold-v";
    pub const ZERO_ALPHA: &[u8] = b"zero-alpha";
    pub const ZERO_BETA: &[u8] = b"zero-beta";
    pub const ZERO_0: &[u8] = b"zero-0";
    pub const ZERO_1: &[u8] = b"zero-1";
    pub const MASK_S: &[u8] = b"mask-S";
    pub const FACTORS: &[u8] = b"factors";
    pub const WEIGHTS: &[u8] = b"weights";
    pub const EQUALITY_T: &[u8] = b"equality-T";
    pub const EQUALITY_U: &[u8] = b"equality-U";
    pub const EQUALITY_C: &[u8] = b"equality-c";
    pub const COMMITMENTS: &[u8] = b"commitments";
    pub const TRANSPORT_KEY: &[u8] = b"transport-key";
    pub const POSSESSION_T: &[u8] = b"possession-T";
    pub const POSSESSION_C: &[u8] = b"possession-c";
    pub const DEVICE_KEY: &[u8] = b"device-key";
    pub const LEAF: &[u8] = b"leaf";
    pub const LIMB: &[u8] = b"limb";
    pub const CHECK_T: &[u8] = b"check-T";
    pub const CHECK_U: &[u8] = b"check-U";
    pub const CHECK_V: &[u8] = b"check-V";
    pub const CHECK_C: &[u8] = b"check-c";

    /// All of them, for the test that they differ.
    pub const ALL: &[&[u8]] = &[
        PROOF,
        ELECTION,
        CONTEST,
        STYLE,
        VOTER,
        TRUSTEE,
        MIX,
        JOINT_KEY,
        SHARE_KEY,
        SPACE,
        WIDTH,
        COUNT,
        CIPHERTEXT,
        COMPLEMENT,
        KNOWLEDGE_T,
        KNOWLEDGE_U,
        KNOWLEDGE_E,
        RANGE,
        INPUT,
        OUTPUT,
        SHUFFLE_A,
        SHUFFLE_X,
        SHUFFLE_B,
        SHUFFLE_Y,
        SHUFFLE_Z,
        PRODUCT_D,
        PRODUCT_SMALL_DELTA,
        PRODUCT_BIG_DELTA,
        MULTIEXP_A,
        MULTIEXP_E,
        SHUFFLE_C,
        ROWS,
        HADAMARD_B,
        HADAMARD_U,
        HADAMARD_T,
        ZERO_L,
        ZERO_R,
        MASK_L,
        MASK_R,
        MULTIEXP_L,
        MULTIEXP_R,
        FOLD_V,
        ZERO_ALPHA,
        ZERO_BETA,
        ZERO_0,
        ZERO_1,
        MASK_S,
        FACTORS,
        WEIGHTS,
        EQUALITY_T,
        EQUALITY_U,
        EQUALITY_C,
        COMMITMENTS,
        TRANSPORT_KEY,
        POSSESSION_T,
        POSSESSION_C,
        DEVICE_KEY,
        LEAF,
        LIMB,
        CHECK_T,
        CHECK_U,
        CHECK_V,
        CHECK_C,
    ];
}

/// What signatures are over, and what share encryption is bound to: these strings follow [`PROTOCOL`].
pub mod domain {
    /// Signatures on board entries (`LOG-3`).
    pub const ENTRY: &[u8] = b"entry";
    /// HPKE `info` of an encrypted share (`KEY-4`).
    pub const SHARE: &[u8] = b"ceremony share";
    /// A check's code (`CHECK-2`).
    pub const CHECK_CODE: &[u8] = b"check code";
    /// A check's mailbox (`CHECK-3`).
    pub const CHECK_MAILBOX: &[u8] = b"check mailbox";
    /// HPKE `info` of a message to a checking device (`CHECK-4`).
    pub const CHECK_MESSAGE: &[u8] = b"check message";

    /// All of them, for the test that they differ.
    pub const ALL: &[&[u8]] = &[ENTRY, SHARE, CHECK_CODE, CHECK_MAILBOX, CHECK_MESSAGE];
}

/// A Merlin transcript with the protocol's typed messages.
pub trait ProtocolTranscript {
    /// Opens the transcript of one proof in one election (`FS-1`).
    fn open(proof: &'static [u8], election: &ElectionId) -> Self;
    /// Absorbs an integer as 8 bytes, big-endian.
    fn put_u64(&mut self, label: &'static [u8], value: u64);
    /// Absorbs bytes.
    fn put_bytes(&mut self, label: &'static [u8], bytes: &[u8]);
    /// Absorbs a digest that stands for a list of points (`FS-3`).
    fn put_digest(&mut self, label: &'static [u8], digest: &Digest);
    /// Absorbs a point.
    fn put_point(&mut self, label: &'static [u8], point: &RistrettoPoint);
    /// Absorbs a point that is already encoded.
    fn put_encoded(&mut self, label: &'static [u8], point: &CompressedRistretto);
    /// A challenge: 64 bytes, little-endian, reduced modulo the group order.
    fn challenge(&mut self, label: &'static [u8]) -> Scalar;
    /// A stream of 128-bit weights (`FS-4`): the ChaCha20 key stream (RFC 8439, zero nonce, from block 0) under a
    /// 32-byte challenge, 16 bytes a weight, little-endian.
    fn weights(&mut self, label: &'static [u8]) -> Weights;
}

impl ProtocolTranscript for Transcript {
    fn open(proof: &'static [u8], election: &ElectionId) -> Self {
        let mut transcript = Transcript::new(PROTOCOL);
        transcript.append_message(label::PROOF, proof);
        transcript.append_message(label::ELECTION, &election.0);
        transcript
    }

    fn put_u64(&mut self, label: &'static [u8], value: u64) {
        self.append_message(label, &value.to_be_bytes());
    }

    fn put_bytes(&mut self, label: &'static [u8], bytes: &[u8]) {
        self.append_message(label, bytes);
    }

    fn put_digest(&mut self, label: &'static [u8], digest: &Digest) {
        self.append_message(label, &digest.0);
    }

    fn put_point(&mut self, label: &'static [u8], point: &RistrettoPoint) {
        self.put_encoded(label, &point.compress());
    }

    fn put_encoded(&mut self, label: &'static [u8], point: &CompressedRistretto) {
        self.append_message(label, point.as_bytes());
    }

    fn challenge(&mut self, label: &'static [u8]) -> Scalar {
        let mut wide = [0; 64];
        self.challenge_bytes(label, &mut wide);
        Scalar::from_bytes_mod_order_wide(&wide)
    }

    fn weights(&mut self, label: &'static [u8]) -> Weights {
        let mut seed = [0; 32];
        self.challenge_bytes(label, &mut seed);
        Weights(ChaCha20Rng::from_seed(seed))
    }
}

/// An endless stream of 128-bit scalars.
#[derive(Debug)]
pub struct Weights(ChaCha20Rng);

impl Weights {
    /// Weights for checking equations together, from the operating system's randomness: whoever made the proofs
    /// cannot have known them.
    pub fn from_os() -> Self {
        Weights(ChaCha20Rng::from_rng(rand::rngs::OsRng).unwrap_or_else(|_| ChaCha20Rng::from_entropy()))
    }

    /// The first `n`, on all cores.
    pub fn first(self, n: usize) -> Vec<Scalar> {
        /// Scalars of one task.
        const TASK: usize = 1 << 12;
        /// Words of the stream in a scalar.
        const WORDS: u128 = 4;
        let start = self.0.get_word_pos();
        let mut all = vec![Scalar::ZERO; n];
        all.par_chunks_mut(TASK).enumerate().for_each(|(task, chunk)| {
            let mut own = Weights(self.0.clone());
            own.0.set_word_pos(start + WORDS * (task * TASK) as u128);
            chunk.iter_mut().zip(own).for_each(|(scalar, weight)| *scalar = weight);
        });
        all
    }
}

impl Iterator for Weights {
    type Item = Scalar;

    fn next(&mut self) -> Option<Scalar> {
        let mut bytes = [0; 16];
        rand::RngCore::fill_bytes(&mut self.0, &mut bytes);
        Some(Scalar::from(u128::from_le_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_label_is_used_for_one_thing() {
        for all in [proof::ALL, label::ALL, domain::ALL] {
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }
    }

    #[test]
    fn weights_on_all_cores_are_those_of_the_stream() {
        let ours = |skipped: usize| {
            let mut weights = Weights(ChaCha20Rng::from_seed([7; 32]));
            weights.by_ref().take(skipped).for_each(drop);
            weights
        };
        for (skipped, n) in [(0, 0), (0, 1), (3, 4095), (1, 4096), (0, 4097), (5, 10_000)] {
            assert_eq!(ours(skipped).first(n), ours(skipped).take(n).collect::<Vec<_>>(), "{n} after {skipped}");
        }
    }

    #[test]
    fn context_changes_every_challenge() {
        let challenge = |proof, election: u8, value| {
            let mut t = Transcript::open(proof, &ElectionId([election; 32]));
            t.put_u64(label::COUNT, value);
            t.challenge(label::SHUFFLE_X)
        };
        let base = challenge(proof::SHUFFLE, 1, 1);
        assert_ne!(base, challenge(proof::BALLOT, 1, 1));
        assert_ne!(base, challenge(proof::SHUFFLE, 2, 1));
        assert_ne!(base, challenge(proof::SHUFFLE, 1, 2));
        assert_eq!(base, challenge(proof::SHUFFLE, 1, 1));
    }

    #[test]
    fn weights_are_the_chacha20_key_stream() {
        // RFC 8439, appendix A.1, test vector 1: key 0, nonce 0, block 0.
        let mut weights = Weights(ChaCha20Rng::from_seed([0; 32]));
        let first = weights.next().unwrap();
        assert_eq!(hex::encode(&first.as_bytes()[..16]), "76b8e0ada0f13d90405d6ae55386bd28");
        let second = weights.next().unwrap();
        assert_eq!(hex::encode(&second.as_bytes()[..16]), "bdd219b8a08ded1aa836efcc8b770dc7");
    }
}
