//! Forged ballots, made by a prover that stands in `prover.rs` a second time and may lie in every message: choices outside the
//! space, numbers that wrap around the group order, copies of other voters' ballots, and what voters and trustees can
//! do together.
#![allow(missing_docs)]

#[path = "forgery_ballot/prover.rs"]
mod prover;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::{RistrettoPoint, Scalar};
use prover::*;
use rand::rngs::OsRng;
use selge_core::ceremony::{CeremonyContext, Commitments, Round1};
use selge_core::codec::DecodeError;
use selge_core::decryption::{DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::ids::{ContestIndex, TrusteeIndex, VoterId};
use selge_core::plaintext::{ContestContext, ContestError, EncryptedContest};
use selge_core::transcript::{label, ProtocolTranscript};

/// Refused for what it says, and not for how many parts it has: an ill-shaped forgery would prove nothing.
#[track_caller]
fn refused(verdict: Result<(), ContestError>) {
    assert!(matches!(verdict, Err(ContestError::Range | ContestError::Knowledge)), "{verdict:?}");
}

fn key() -> PublicKey {
    PublicKey::new(RistrettoPoint::mul_base(&scalar())).unwrap()
}

#[test]
fn the_forging_prover_proves_true_ballots() {
    let key = key();
    lie(&context(&key, 10), &[Scalar::from(4u64)], &[], &[4, 5], &[]).verify(&context(&key, 10)).unwrap();
    let ctx = context(&key, (1 << 32) + 9);
    let m = [Scalar::from(7u64), Scalar::ZERO, Scalar::ONE];
    lie(&ctx, &m, &[Scalar::ZERO, Scalar::ZERO], &[7, 0, 1, 1, 0, 0], &[0, 0]).verify(&ctx).unwrap();
}

#[test]
fn choices_outside_the_space_are_refused() {
    let key = key();
    let half = Scalar::from(2u64).invert();
    // One limb: M, M + 1, −1, 2^8, 2^16, a half, and −2^16, each claimed to be something in range.
    for space in [1u128, 10, 200, 256, 300, 1 << 16] {
        let ctx = context(&key, space);
        let size = Scalar::from(space);
        let far = Scalar::from(1u64 << 16);
        for m in [size, size + Scalar::ONE, -Scalar::ONE, far, half, -far] {
            for claimed in [[0, 0], [space as u64 - 1, 0], [0, space as u64 - 1]] {
                refused(lie(&ctx, &[m], &[], &claimed, &[]).verify(&ctx));
            }
        }
    }
}

/// Everything is in range and known, but the complements do not complete the choice to M − 1.
#[test]
fn complements_of_another_sum_are_refused() {
    let key = key();
    let ctx = context(&key, 10);
    for (m, d) in [(10u64, 0u64), (200, 55), (4, 6), (4, 4), (0, 0)] {
        let (r, s) = (scalar(), scalar());
        // Blindings that cancel and blindings that do not: only the sum of the values can be wrong, or both.
        for s in [s, -r] {
            let ciphertext = key.encrypt(&Scalar::from(m), &r);
            let complement = key.commit(&Scalar::from(d), &s);
            let know = [(Scalar::from(m), r)];
            refused(forge_with(&ctx, vec![ciphertext], vec![complement], &know, &vec![(m, r), (d, s)]).verify(&ctx));
        }
    }
    let (m, r) = (Scalar::from(4u64), scalar());
    let (ciphertext, other) = (key.encrypt(&m, &r), scalar());
    let complement = key.commit(&Scalar::from(5u64), &other);
    let bad = forge_with(&ctx, vec![ciphertext], vec![complement], &[(m, r)], &vec![(4, r), (5, other)]);
    refused(bad.verify(&ctx));
}

/// Limbs and complements add up to M − 1 only modulo the group order, or only with limbs out of range.
#[test]
fn limbs_that_wrap_around_are_refused() {
    let key = key();
    let up = place(1).invert();
    let ctx = context(&key, 1 << 20);
    // m = M with d = −1: as limbs (−1, 0), (2^16 − 1, −1), (0, −2^-16).
    let m = [Scalar::ZERO, Scalar::from(16u64)];
    for d in [Scalar::ZERO, -Scalar::ONE, -up] {
        for claimed in [[0, 16, 0, 0], [0, 16, 0xffff, 0]] {
            refused(lie(&ctx, &m, &[d], &claimed, &[]).verify(&ctx));
        }
    }
    // A limb that is the quotient m / 2^16 in the field: the whole number is in the space and no limb is.
    for m0 in [Scalar::ONE, Scalar::from(1u64 << 16)] {
        let m = [m0, (Scalar::from(5u64) - m0) * up];
        let d1 = Scalar::from(15u64);
        assert_eq!(m[0] + place(1) * m[1], Scalar::from(5u64));
        refused(lie(&ctx, &m, &[d1], &[5, 0, 0xfffa, 15], &[]).verify(&ctx));
    }
    // The largest space: m + d = 2^128 − 2 stays below the group order, but d = −1 − m does not.
    let ctx = context(&key, u128::MAX);
    let m = vec![Scalar::from(0xffffu64); 8];
    let mut claimed = vec![0xffff; 8];
    claimed.extend([0; 8]);
    refused(lie(&ctx, &m, &[Scalar::ZERO; 7], &claimed, &[]).verify(&ctx));
}

/// The padding belongs to the verifier: it cannot hold what a limb lacks.
#[test]
fn the_padding_cannot_be_chosen() {
    let key = key();
    let ctx = context(&key, (1 << 32) + 9);
    let m = [Scalar::from(7u64), Scalar::ZERO, Scalar::ONE];
    let d = [Scalar::ZERO, Scalar::ZERO];
    for padding in [[1, 0], [0, 1], [0xffff, 0xffff]] {
        refused(lie(&ctx, &m, &d, &[7, 0, 1, 1, 0, 0], &padding).verify(&ctx));
    }
}

/// A range proof about commitments of the voter's own, in a transcript of the voter's own.
#[test]
fn a_range_proof_of_something_else_is_refused() {
    let key = key();
    let ctx = context(&key, 10);
    let bad = lie(&ctx, &[Scalar::from(77u64)], &[], &[0, 0], &[]);
    let good = lie(&ctx, &[Scalar::from(4u64)], &[], &[4, 5], &[]);
    good.verify(&ctx).unwrap();
    let mixed = Forged { range: good.range.clone(), ..bad };
    refused(mixed.verify(&ctx));
    // Proven before the proof of knowledge, so that its challenge is not in the range proof's transcript.
    let (m, r) = (Scalar::from(4u64), scalar());
    let ciphertext = key.encrypt(&m, &r);
    let mut forged = forge(&ctx, vec![ciphertext], vec![], &[(m, r)], &vec![(4, r), (5, -r)]);
    forged.verify(&ctx).unwrap();
    forged.range =
        prove_range(&ctx, open(&ctx, &[ciphertext], &complete(&ctx, &[ciphertext], &[])), &vec![(4, r), (5, -r)]);
    refused(forged.verify(&ctx));
    // A proof of more bits: 16 where 8 are asked for.
    let mut t = open(&ctx, &[ciphertext], &complete(&ctx, &[ciphertext], &[]));
    for k in &forged.knowledge {
        t.put_point(label::KNOWLEDGE_T, &k.0);
        t.put_point(label::KNOWLEDGE_U, &k.1);
    }
    t.challenge(label::KNOWLEDGE_E);
    forged.range = prove_range(&context(&key, 300), t, &vec![(4, r), (5, -r)]);
    assert!(matches!(forged.verify(&ctx), Err(ContestError::Shape { .. })));
}

#[test]
fn ciphertext_halves_that_do_not_belong_together_are_refused() {
    let key = key();
    let ctx = context(&key, 10);
    let (m, r, other) = (Scalar::from(4u64), scalar(), scalar());
    let mut ciphertext = key.encrypt(&m, &r);
    let openings = vec![(4, r), (5, -r)];
    ciphertext.r = other * RISTRETTO_BASEPOINT_POINT;
    // The range is true of C; neither R's nor C's blinding makes the proof of knowledge hold.
    for know in [(m, r), (m, other), (Scalar::ZERO, other)] {
        let forged = forge(&ctx, vec![ciphertext], vec![], &[know], &openings);
        refused(forged.verify(&ctx));
    }
    // An R that is the identity shows the choice to everybody; the decoder refuses it.
    let bare = Ciphertext { r: key.encrypt_zero(&Scalar::ZERO).r, c: m * RISTRETTO_BASEPOINT_POINT };
    let zero = Scalar::ZERO;
    let forged = forge(&ctx, vec![bare], vec![], &[(m, zero)], &vec![(4, zero), (5, zero)]);
    assert!(matches!(forged.contest(), Err(DecodeError::Identity { .. })));
}

/// A voter who wants to cast what another has cast, without knowing what it is.
#[test]
fn copies_are_refused_as_they_are_and_encrypted_anew() {
    let key = key();
    let ctx = context(&key, 10);
    let victim = EncryptedContest::encrypt(&ctx, 3, &mut OsRng).unwrap();
    victim.verify(&ctx).unwrap();
    let copier = ContestContext { voter: VoterId([2; 16]), ..ctx };
    refused(victim.verify(&copier));
    let copied = victim.ciphertexts()[0].decode_points().unwrap();
    let rho = scalar();
    let anew = copied + key.encrypt_zero(&rho);
    // The copier knows ρ alone: proves that, or a simulated transcript for a guessed challenge.
    for ciphertext in [copied, anew] {
        for know in [(Scalar::ZERO, rho), (Scalar::from(3u64), rho)] {
            let openings = vec![(3, rho), (6, -rho)];
            let mut forged = forge(&copier, vec![ciphertext], vec![], &[know], &openings);
            refused(forged.verify(&copier));
            let (e, z_m, z_r) = (scalar(), scalar(), scalar());
            let t = z_r * RISTRETTO_BASEPOINT_POINT - e * ciphertext.r;
            let u = z_m * RISTRETTO_BASEPOINT_POINT + z_r * key.point() - e * ciphertext.c;
            forged.knowledge = vec![(t, u, z_m, z_r)];
            refused(forged.verify(&copier));
        }
    }
}

/// What is *not* prevented (`DEC-6`): whoever holds the key's secret can open a commitment in two ways, so `t` trustees
/// together can help a voter to cast a number outside the space. It is seen at the count, counts for nobody, and stops
/// nothing.
#[test]
fn a_ballot_forged_with_the_trustees_secret_counts_for_nobody() {
    let ceremony = CeremonyContext { election: &ELECTION, trustees: 1, threshold: 1 };
    let trustee = TrusteeIndex(1);
    let (secret, message) = Commitments::make(&ceremony, trustee, &mut OsRng);
    let round1 = Round1::new(&ceremony, &[message]).unwrap();
    let joint = round1.joint_key(&ceremony).unwrap();
    let share = round1.receive(&ceremony, trustee, &secret, &[]).unwrap();
    let ctx = context(joint.public_key(), 10);
    let x = share.secret().invert();
    let honest = EncryptedContest::encrypt(&ctx, 9, &mut OsRng).unwrap();
    let mut vectors = vec![vec![honest.ciphertexts()[0].decode_points().unwrap()]];
    for m in [Scalar::from(10u64), -Scalar::ONE, Scalar::from(1u64 << 16), scalar()] {
        let r = scalar();
        let ciphertext = ctx.joint_key.encrypt(&m, &r);
        // C = m·B + r·PK = 4·B + (r + (m − 4)/x)·PK.
        let other = r + (m - Scalar::from(4u64)) * x;
        let forged = forge(&ctx, vec![ciphertext], vec![], &[(m, r)], &vec![(4, other), (5, -other)]);
        forged.verify(&ctx).unwrap();
        // Even so the proof of knowledge holds R and C together: the plaintext cannot be left open until the count.
        let mut moved = ciphertext;
        moved.r = other * RISTRETTO_BASEPOINT_POINT;
        let torn = forge(&ctx, vec![moved], vec![], &[(m, r)], &vec![(4, other), (5, -other)]);
        refused(torn.verify(&ctx));
        vectors.push(vec![ciphertext]);
    }
    let list = CiphertextList::from_vectors(1, vectors.iter().map(Vec::as_slice)).unwrap();
    let ctx_d = DecryptionContext { election: &ELECTION, joint_key: &joint, contest: ContestIndex(0), trustee };
    let partial = PartialDecryption::make(&ctx_d, &share, &list, &mut OsRng).unwrap();
    let verified = partial.verify(&ctx_d, &list).unwrap();
    let votes = DecryptedVotes::combine(&joint, ctx.layout, &list, &[verified]).unwrap();
    assert_eq!(votes.numbers(), [Some(9), None, None, None, None]);
}
