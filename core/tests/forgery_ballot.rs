//! Forged ballots, made by a prover that stands here a second time and may lie in every message: choices outside the
//! space, numbers that wrap around the group order, copies of other voters' ballots, and what voters and trustees can
//! do together.
#![allow(missing_docs)]

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_core::ceremony::{CeremonyContext, Commitments, Round1};
use selge_core::codec::{Decode, DecodeError, Encode};
use selge_core::decryption::{DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, ElectionId, StyleIndex, TrusteeIndex, VoterId};
use selge_core::plaintext::{ContestContext, ContestError, EncryptedContest, Layout};
use selge_core::transcript::{label, proof, ProtocolTranscript};

const ELECTION: ElectionId = ElectionId([6; 32]);

fn scalar() -> Scalar {
    random_scalar(&mut OsRng)
}

fn place(i: usize) -> Scalar {
    Scalar::from(1u128 << (16 * i))
}

fn context(key: &PublicKey, space: u128) -> ContestContext<'_> {
    ContestContext {
        election: &ELECTION,
        joint_key: key,
        voter: VoterId([1; 16]),
        style: StyleIndex(0),
        contest: ContestIndex(0),
        layout: Layout::new(space).unwrap(),
    }
}

fn gens(ctx: &ContestContext<'_>) -> PedersenGens {
    PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: *ctx.joint_key.point() }
}

fn bits(ctx: &ContestContext<'_>) -> usize {
    if ctx.layout.space() <= 256 {
        8
    } else {
        16
    }
}

/// A contest whose parts need not fit together.
struct Forged {
    ciphertexts: Vec<Ciphertext>,
    complements: Vec<RistrettoPoint>,
    /// `T`, `U`, `z_m`, `z_r`.
    knowledge: Vec<(RistrettoPoint, RistrettoPoint, Scalar, Scalar)>,
    range: Vec<u8>,
}

impl Forged {
    fn contest(&self) -> Result<EncryptedContest, DecodeError> {
        let mut out = vec![0, 0, self.ciphertexts.len() as u8];
        let mut put = |p: &RistrettoPoint| out.extend_from_slice(p.compress().as_bytes());
        self.ciphertexts.iter().for_each(|c| [c.r, c.c].iter().for_each(&mut put));
        self.complements.iter().for_each(put);
        for (t, u, z_m, z_r) in &self.knowledge {
            [t, u].iter().for_each(|p| out.extend_from_slice(p.compress().as_bytes()));
            [z_m, z_r].iter().for_each(|z| out.extend_from_slice(z.as_bytes()));
        }
        out.extend_from_slice(&(self.range.len() as u32).to_be_bytes());
        out.extend_from_slice(&self.range);
        EncryptedContest::from_bytes(&out)
    }

    fn verify(&self, ctx: &ContestContext<'_>) -> Result<(), ContestError> {
        self.contest().unwrap().verify(ctx)
    }
}

fn open(ctx: &ContestContext<'_>, ciphertexts: &[Ciphertext], complements: &[RistrettoPoint]) -> Transcript {
    let mut t = Transcript::open(proof::BALLOT, ctx.election);
    t.put_point(label::JOINT_KEY, ctx.joint_key.point());
    t.put_bytes(label::VOTER, &ctx.voter.0);
    t.put_u64(label::STYLE, ctx.style.0.into());
    t.put_u64(label::CONTEST, ctx.contest.0.into());
    t.put_bytes(label::SPACE, &ctx.layout.space().to_be_bytes());
    t.put_u64(label::WIDTH, ciphertexts.len() as u64);
    ciphertexts.iter().for_each(|c| t.put_bytes(label::CIPHERTEXT, &c.to_bytes()));
    complements.iter().for_each(|p| t.put_point(label::COMPLEMENT, p));
    t
}

/// All complements: `D_0` completes the sum to `(M − 1)·B` (`BALLOT-3`), `rest` are the others.
fn complete(ctx: &ContestContext<'_>, ciphertexts: &[Ciphertext], rest: &[RistrettoPoint]) -> Vec<RistrettoPoint> {
    let mut d0 = Scalar::from(ctx.layout.space() - 1) * RISTRETTO_BASEPOINT_POINT;
    ciphertexts.iter().enumerate().for_each(|(i, c)| d0 -= place(i) * c.c);
    rest.iter().enumerate().for_each(|(i, d)| d0 -= place(i + 1) * d);
    [&[d0], rest].concat()
}

/// Openings `(value, blinding)` that the range proof claims, in its order.
type Openings = Vec<(u64, Scalar)>;

/// Proves knowledge of `(m, r)` as `know` says, and the range of whatever `openings` say.
fn forge(
    ctx: &ContestContext<'_>,
    ciphertexts: Vec<Ciphertext>,
    rest: Vec<RistrettoPoint>,
    know: &[(Scalar, Scalar)],
    openings: &Openings,
) -> Forged {
    let complements = complete(ctx, &ciphertexts, &rest);
    forge_with(ctx, ciphertexts, complements, know, openings)
}

/// As [`forge`], with a `D_0` of the voter's own.
fn forge_with(
    ctx: &ContestContext<'_>,
    ciphertexts: Vec<Ciphertext>,
    complements: Vec<RistrettoPoint>,
    know: &[(Scalar, Scalar)],
    openings: &Openings,
) -> Forged {
    let mut t = open(ctx, &ciphertexts, &complements);
    let key = ctx.joint_key.point();
    let nonces: Vec<_> = know.iter().map(|_| (scalar(), scalar())).collect();
    let mut knowledge = Vec::new();
    for (a, b) in &nonces {
        let (first, second) = (b * RISTRETTO_BASEPOINT_POINT, a * RISTRETTO_BASEPOINT_POINT + b * key);
        t.put_point(label::KNOWLEDGE_T, &first);
        t.put_point(label::KNOWLEDGE_U, &second);
        knowledge.push((first, second, Scalar::ZERO, Scalar::ZERO));
    }
    let e = t.challenge(label::KNOWLEDGE_E);
    for ((k, (a, b)), (m, r)) in knowledge.iter_mut().zip(&nonces).zip(know) {
        (k.2, k.3) = (a + e * m, b + e * r);
    }
    let range = prove_range(ctx, t, openings);
    Forged { ciphertexts, complements, knowledge, range }
}

fn prove_range(ctx: &ContestContext<'_>, mut t: Transcript, openings: &Openings) -> Vec<u8> {
    let (values, blindings): (Vec<_>, Vec<_>) = openings.iter().copied().unzip();
    t.put_u64(label::RANGE, bits(ctx) as u64);
    let generators = BulletproofGens::new(16, 16);
    let made = RangeProof::prove_multiple_with_rng(
        &generators,
        &gens(ctx),
        &mut t,
        &values,
        &blindings,
        bits(ctx),
        &mut OsRng,
    );
    made.unwrap().0.to_bytes()
}

/// `D_0`'s blinding, which the others fix.
fn last_blinding(r: &[Scalar], s: &[Scalar]) -> Scalar {
    -(0..r.len()).map(|i| place(i) * r[i]).sum::<Scalar>() - (0..s.len()).map(|i| place(i + 1) * s[i]).sum::<Scalar>()
}

/// Encrypts the limbs `m`, commits to the complements `d_1 …`, and claims `claimed` limbs to the range proof, padded
/// with `padding`.
fn lie(ctx: &ContestContext<'_>, m: &[Scalar], d: &[Scalar], claimed: &[u64], padding: &[u64]) -> Forged {
    let r: Vec<_> = m.iter().map(|_| scalar()).collect();
    let s: Vec<_> = d.iter().map(|_| scalar()).collect();
    let ciphertexts = m.iter().zip(&r).map(|(m, r)| ctx.joint_key.encrypt(m, r)).collect();
    let complements = d.iter().zip(&s).map(|(d, s)| ctx.joint_key.encrypt(d, s).c).collect();
    let blindings = r.iter().copied().chain([last_blinding(&r, &s)]).chain(s);
    let openings = claimed.iter().copied().zip(blindings).chain(padding.iter().map(|v| (*v, Scalar::ZERO))).collect();
    let know: Vec<_> = m.iter().copied().zip(r).collect();
    forge(ctx, ciphertexts, complements, &know, &openings)
}

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
    let copied = victim.ciphertexts()[0].decode_points();
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
    let mut vectors = vec![vec![honest.ciphertexts()[0].decode_points()]];
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
