//! A prover for `BALLOT` that may lie in every message; not the crate's.

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_core::codec::{Decode, DecodeError, Encode};
use selge_core::elgamal::{Ciphertext, PublicKey};
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, ElectionId, StyleIndex, VoterId};
use selge_core::plaintext::{ContestContext, ContestError, EncryptedContest, Layout};
use selge_core::transcript::{label, proof, ProtocolTranscript};

pub(crate) const ELECTION: ElectionId = ElectionId([6; 32]);

pub(crate) fn scalar() -> Scalar {
    random_scalar(&mut OsRng)
}

pub(crate) fn place(i: usize) -> Scalar {
    Scalar::from(1u128 << (16 * i))
}

pub(crate) fn context(key: &PublicKey, space: u128) -> ContestContext<'_> {
    ContestContext {
        election: &ELECTION,
        joint_key: key,
        voter: VoterId([1; 16]),
        style: StyleIndex(0),
        contest: ContestIndex(0),
        layout: Layout::new(space).unwrap(),
    }
}

pub(crate) fn gens(ctx: &ContestContext<'_>) -> PedersenGens {
    PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: *ctx.joint_key.point() }
}

pub(crate) fn bits(ctx: &ContestContext<'_>) -> usize {
    if ctx.layout.space() <= 256 {
        8
    } else {
        16
    }
}

/// A contest whose parts need not fit together.
pub(crate) struct Forged {
    pub(crate) at: ContestIndex,
    pub(crate) ciphertexts: Vec<Ciphertext>,
    pub(crate) complements: Vec<RistrettoPoint>,
    /// `T`, `U`, `z_m`, `z_r`.
    pub(crate) knowledge: Vec<(RistrettoPoint, RistrettoPoint, Scalar, Scalar)>,
    pub(crate) range: Vec<u8>,
}

impl Forged {
    pub(crate) fn contest(&self) -> Result<EncryptedContest, DecodeError> {
        let mut out = self.at.0.to_be_bytes().to_vec();
        out.push(self.ciphertexts.len() as u8);
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

    pub(crate) fn verify(&self, ctx: &ContestContext<'_>) -> Result<(), ContestError> {
        self.contest().unwrap().verify(ctx)
    }
}

pub(crate) fn open(ctx: &ContestContext<'_>, ciphertexts: &[Ciphertext], complements: &[RistrettoPoint]) -> Transcript {
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
pub(crate) fn complete(
    ctx: &ContestContext<'_>,
    ciphertexts: &[Ciphertext],
    rest: &[RistrettoPoint],
) -> Vec<RistrettoPoint> {
    let mut d0 = Scalar::from(ctx.layout.space() - 1) * RISTRETTO_BASEPOINT_POINT;
    ciphertexts.iter().enumerate().for_each(|(i, c)| d0 -= place(i) * c.c);
    rest.iter().enumerate().for_each(|(i, d)| d0 -= place(i + 1) * d);
    [&[d0], rest].concat()
}

/// Openings `(value, blinding)` that the range proof claims, in its order.
pub(crate) type Openings = Vec<(u64, Scalar)>;

/// Proves knowledge of `(m, r)` as `know` says, and the range of whatever `openings` say.
pub(crate) fn forge(
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
pub(crate) fn forge_with(
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
    Forged { at: ctx.contest, ciphertexts, complements, knowledge, range }
}

pub(crate) fn prove_range(ctx: &ContestContext<'_>, mut t: Transcript, openings: &Openings) -> Vec<u8> {
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
pub(crate) fn last_blinding(r: &[Scalar], s: &[Scalar]) -> Scalar {
    -(0..r.len()).map(|i| place(i) * r[i]).sum::<Scalar>() - (0..s.len()).map(|i| place(i + 1) * s[i]).sum::<Scalar>()
}

/// Encrypts the limbs `m`, commits to the complements `d_1 …`, and claims `claimed` limbs to the range proof, padded
/// with `padding`.
pub(crate) fn lie(ctx: &ContestContext<'_>, m: &[Scalar], d: &[Scalar], claimed: &[u64], padding: &[u64]) -> Forged {
    let r: Vec<_> = m.iter().map(|_| scalar()).collect();
    lie_with(ctx, m, r, d, claimed, padding)
}

/// As [`lie`], with this randomness of the ciphertexts.
pub(crate) fn lie_with(
    ctx: &ContestContext<'_>,
    m: &[Scalar],
    r: Vec<Scalar>,
    d: &[Scalar],
    claimed: &[u64],
    padding: &[u64],
) -> Forged {
    let s: Vec<_> = d.iter().map(|_| scalar()).collect();
    let ciphertexts = m.iter().zip(&r).map(|(m, r)| ctx.joint_key.encrypt(m, r)).collect();
    let complements = d.iter().zip(&s).map(|(d, s)| ctx.joint_key.encrypt(d, s).c).collect();
    let blindings = r.iter().copied().chain([last_blinding(&r, &s)]).chain(s);
    let openings = claimed.iter().copied().zip(blindings).chain(padding.iter().map(|v| (*v, Scalar::ZERO))).collect();
    let know: Vec<_> = m.iter().copied().zip(r).collect();
    forge(ctx, ciphertexts, complements, &know, &openings)
}
