//! Proofs and verdicts beside those of the `bulletproofs` crate.

use super::*;
use crate::codec::DecodeError;
use crate::elgamal::PublicKey;
use crate::group::{random_scalar, Generators};
use crate::replay::{challenges, Draw, Proof};
use crate::sum::Sum;
use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::RistrettoPoint;
use rand::rngs::OsRng;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use selge_lanes::{Backend, NumberKernel, NumberLanes, MAX_NUMBER_LANES};
use std::sync::OnceLock;

fn bulletproof_gens() -> &'static BulletproofGens {
    static GENS: OnceLock<BulletproofGens> = OnceLock::new();
    GENS.get_or_init(|| BulletproofGens::new(MAX_BITS, MAX_PARTIES))
}

fn transcript() -> Transcript {
    Transcript::new(b"range test")
}

/// Adds a proof's equations, the commitments with them.
fn describe(
    bytes: &[u8],
    bits: usize,
    commitments: &[CompressedRistretto],
    blinding: &RistrettoPoint,
    sum: &mut Sum,
) -> Result<(), DecodeError> {
    let parts = read(bytes, bits, commitments.len())?;
    let challenges = challenges(Backend::active(), &[Alone { bytes, bits, commitments }]).concat();
    let replayed = Replayed::new(&parts, &challenges).unwrap();
    Backend::active().run_numbers_vartime(DescribeOne { replayed, commitments, blinding, sum });
    Ok(())
}

/// A range proof in the transcript of this test.
struct Alone<'a> {
    bytes: &'a [u8],
    bits: usize,
    commitments: &'a [CompressedRistretto],
}

impl Proof for Alone<'_> {
    fn absorb<T: Draw>(&self) -> T {
        let mut transcript = T::named(b"range test");
        absorb(&mut transcript, self.bytes, self.bits, self.commitments);
        transcript
    }
}

struct DescribeOne<'a> {
    replayed: Replayed<'a>,
    commitments: &'a [CompressedRistretto],
    blinding: &'a RistrettoPoint,
    sum: &'a mut Sum,
}

impl NumberKernel for DescribeOne<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: NumberLanes>(self, s: S) {
        let mut inverses: Vec<Scalar> = self.replayed.to_invert().collect();
        assert_eq!(inverses.len(), self.replayed.inversions());
        Scalar::batch_invert(&mut inverses);
        let inverses: Vec<S::N> = inverses.iter().map(|i| s.load(&[*i; MAX_NUMBER_LANES])).collect();
        let weights = [s.load(&self.sum.weights_for(1)), s.load(&self.sum.weights_for(1))];
        let described = super::describe(s, &[&self.replayed; MAX_NUMBER_LANES], &inverses, weights);
        let first = |n: &S::N| s.store(*n)[0];
        assert_eq!(described.commitments.len(), self.commitments.len());
        let points = self.commitments.iter().chain(self.replayed.points());
        for (scalar, point) in described.commitments.iter().chain(&described.points).zip(points) {
            self.sum.weighted(first(scalar), point);
        }
        self.sum.weighted_fixed(first(&described.basepoint), first(&described.blinding), *self.blinding);
        for (i, (g, h)) in described.g.iter().zip(&described.h).enumerate() {
            self.sum.weighted_bulletproof_gens(self.replayed.shape().0, i, first(g), first(h));
        }
    }
}

fn ours(bytes: &[u8], bits: usize, commitments: &[CompressedRistretto], blinding: &RistrettoPoint) -> bool {
    let mut sum = Sum::default();
    describe(bytes, bits, commitments, blinding, &mut sum).is_ok() && sum.holds(&Generators::new(0))
}

fn theirs(bytes: &[u8], bits: usize, commitments: &[CompressedRistretto], gens: &PedersenGens) -> bool {
    RangeProof::from_bytes(bytes).is_ok_and(|proof| {
        proof.verify_multiple(bulletproof_gens(), gens, &mut transcript(), commitments, bits).is_ok()
    })
}

#[test]
fn the_generators_are_the_crates() {
    // Their H is private: the same derivation yields their G, and the proofs and verdicts below need the same H.
    assert_eq!(gens::flat_gens().0, gens::chain(b'G'));
    assert_eq!(gens::flat_gens().1.len(), MAX_BITS * MAX_PARTIES);
}

#[test]
fn with_the_same_randomness_a_proof_is_the_crates_byte_for_byte() {
    let key = PublicKey::new(RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng)).unwrap();
    let gens = PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: *key.point() };
    for (bits, parties) in [(8, 1), (8, 2), (16, 2), (8, 4), (16, 4), (16, 8), (16, 16)] {
        let largest = (1u64 << bits) - 1;
        for pick in [|_, _| 0, |_, most| most, |j: u64, most| j % (most + 1), |_, most| OsRng.gen_range(0..=most)] {
            let values: Vec<u64> = (0..parties).map(|j| pick(j, largest)).collect();
            let blindings: Vec<Scalar> = (0..parties).map(|_| random_scalar(&mut OsRng)).collect();
            let seed = OsRng.gen();
            let rng = || ChaCha20Rng::from_seed(seed);
            let (theirs, commitments) = RangeProof::prove_multiple_with_rng(
                bulletproof_gens(),
                &gens,
                &mut transcript(),
                &values,
                &blindings,
                bits,
                &mut rng(),
            )
            .unwrap();
            let opening = Opening { bits, values: &values, blindings: &blindings, commitments: &commitments };
            let mut after = transcript();
            let proof = prove(&mut after, &opening, &key, &mut rng());
            assert_eq!(proof, theirs.to_bytes(), "{bits} bits, {parties} values");
            assert!(ours(&proof, bits, &commitments, key.point()));
        }
    }
}

#[test]
fn a_proof_of_a_false_statement_does_not_hold() {
    let key = PublicKey::new(RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng)).unwrap();
    let gens = PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: *key.point() };
    let blindings = [random_scalar(&mut OsRng), random_scalar(&mut OsRng)];
    let commit = |values: [u64; 2]| -> Vec<CompressedRistretto> {
        values.iter().zip(&blindings).map(|(v, b)| gens.commit(Scalar::from(*v), *b).compress()).collect()
    };
    let holds = |values: [u64; 2], blindings: [Scalar; 2], commitments: &[CompressedRistretto]| {
        let opening = Opening { bits: 8, values: &values, blindings: &blindings, commitments };
        let proof = prove(&mut transcript(), &opening, &key, &mut OsRng);
        let verdict = ours(&proof, 8, commitments, key.point());
        assert_eq!(verdict, theirs(&proof, 8, commitments, &gens));
        verdict
    };
    assert!(holds([255, 0], blindings, &commit([255, 0])));
    assert!(!holds([256, 0], blindings, &commit([256, 0])), "a value that is too large");
    assert!(!holds([0, 0], blindings, &commit([256, 0])), "only its low bits proven");
    assert!(!holds([255, 0], [blindings[1], blindings[0]], &commit([255, 0])), "other blindings");
    assert!(!holds([255, 1], blindings, &commit([255, 0])), "another value");
}

#[test]
fn every_verdict_is_that_of_the_bulletproofs_crate() {
    let blinding = RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng);
    let gens = PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: blinding };
    for (bits, parties) in [(8, 1), (8, 2), (16, 2), (8, 4), (16, 4), (16, 8), (16, 16)] {
        let values: Vec<u64> = (0..parties).map(|_| OsRng.gen_range(0..1 << bits)).collect();
        let blindings: Vec<Scalar> = (0..parties).map(|_| random_scalar(&mut OsRng)).collect();
        let (proof, commitments) =
            RangeProof::prove_multiple(bulletproof_gens(), &gens, &mut transcript(), &values, &blindings, bits)
                .unwrap();
        let bytes = proof.to_bytes();
        assert_eq!(bytes.len(), encoded_len(bits * parties));
        let both = |bytes: &[u8], bits, commitments: &[CompressedRistretto]| {
            let verdict = ours(bytes, bits, commitments, &blinding);
            assert_eq!(verdict, theirs(bytes, bits, commitments, &gens));
            verdict
        };
        assert!(both(&bytes, bits, &commitments));
        let step = if parties > 4 { 7 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            assert!(!both(&bad, bits, &commitments), "byte {at}");
        }
        for at in (0..bytes.len()).step_by(32) {
            let mut bad = bytes.clone();
            bad[at..at + 32].fill(0);
            assert!(!both(&bad, bits, &commitments), "zeroed element at {at}");
        }
        let mut other = commitments.clone();
        other[0] = (other[0].decompress().unwrap() + RISTRETTO_BASEPOINT_POINT).compress();
        assert!(!both(&bytes, bits, &other));
        if bits == 16 {
            assert!(!both(&bytes, 8, &commitments), "fewer bits");
        }
        assert!(!both(&bytes[..bytes.len() - 32], bits, &commitments));
        assert!(!ours(&[&bytes[..], &[0; 32]].concat(), bits, &commitments, &blinding));
    }
}

#[test]
fn proofs_of_different_shapes_share_a_sum_and_one_false_one_spoils_it() {
    let blinding = RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng);
    let gens = PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: blinding };
    let proofs: Vec<_> = (0..40)
        .map(|i| {
            let (bits, parties) = [(8, 2), (16, 2), (16, 4)][i % 3];
            let values = vec![i as u64; parties];
            let blindings: Vec<Scalar> = (0..parties).map(|_| random_scalar(&mut OsRng)).collect();
            let (proof, commitments) =
                RangeProof::prove_multiple(bulletproof_gens(), &gens, &mut transcript(), &values, &blindings, bits)
                    .unwrap();
            (proof.to_bytes(), bits, commitments)
        })
        .collect();
    let verdict = |shift: Option<usize>| {
        let mut sum = Sum::default();
        for (i, (bytes, bits, commitments)) in proofs.iter().enumerate() {
            let mut commitments = commitments.clone();
            if shift == Some(i) {
                commitments[0] = (commitments[0].decompress().unwrap() + RISTRETTO_BASEPOINT_POINT).compress();
            }
            describe(bytes, *bits, &commitments, &blinding, &mut sum).unwrap();
        }
        sum.holds(&Generators::new(0))
    };
    assert!(verdict(None));
    assert!((0..proofs.len()).step_by(7).all(|i| !verdict(Some(i))));
}

#[test]
fn a_point_of_a_proof_that_is_the_identity_is_refused_when_it_is_read() {
    let (bits, parties) = (8, 2);
    let gens = PedersenGens::default();
    let blindings: Vec<Scalar> = (0..parties).map(|_| random_scalar(&mut OsRng)).collect();
    let (proof, _) =
        RangeProof::prove_multiple(bulletproof_gens(), &gens, &mut transcript(), &[1, 2], &blindings, bits).unwrap();
    let honest = proof.to_bytes();
    // A, S, T_1, T_2, three scalars, L and R of each fold, two scalars.
    let folds = (bits * parties).ilog2() as usize;
    for element in (0..4).chain(7..7 + 2 * folds) {
        let mut bytes = honest.clone();
        bytes[32 * element..32 * (element + 1)].fill(0);
        assert!(matches!(read(&bytes, bits, parties), Err(DecodeError::Identity { .. })), "element {element}");
    }
}
