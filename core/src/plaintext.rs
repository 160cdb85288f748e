//! The proof on every contest of a ballot (`BALLOT`): the ciphertexts hold one valid choice, and this voter knows it.
//!
//! A choice is an integer `m` in `[0, M)`, written in `w` limbs of 16 bits, one ciphertext `(R_i, C_i)` each. Let
//! `d = M − 1 − m`, with limbs `d_i`. Because `C_i` is a Pedersen commitment to limb `m_i` under the bases
//! `(B, PK)`, and commitments `D_i` to the limbs `d_i` are made so that
//! `Σ 2^16i (C_i + D_i) = (M − 1)·B`,
//! one aggregated Bulletproof that all of `C_i` and `D_i` hold numbers in `[0, 2^16)`
//! shows `0 ≤ m ≤ M − 1`: neither sum can wrap around, since both stay far below the group order. A sigma proof of
//! `(m_i, r_i)` ties each commitment's blinding to its `R_i` and makes the voter know what the ballot holds, and the
//! transcript that both share names the voter, so that nobody can cast a copy.

use crate::codec::{put_encoded, put_opaque, put_scalar, Decode, DecodeError, Encode, Reader};
use crate::draft::ContestDraft;
use crate::elgamal::{Ciphertext, EncodedCiphertext, PublicKey, SecretScalars, MAX_WIDTH};
use crate::group::{random_scalar, Generators};
use crate::ids::{ContestIndex, ElectionId, StyleIndex, VoterId};
use crate::range::{self, Opening, MAX_BITS, MAX_PARTIES};
use crate::replay::{challenges, Absorb, Draw, Proof};
use crate::sum::Sum;
use crate::transcript::{label, proof, ProtocolTranscript};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use selge_lanes::{Backend, NumberKernel, NumberLanes, MAX_NUMBER_LANES};
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Longest range proof: 16 values of 16 bits.
const MAX_RANGE_PROOF: usize = 32 * (9 + 2 * (MAX_BITS * MAX_PARTIES).ilog2() as usize);

/// Bits of one limb.
const LIMB_BITS: u32 = 16;

/// How a choice number is spread over ciphertexts, fixed by the size `M` of the choice space (`BALLOT-1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    space: u128,
    width: usize,
    bits: usize,
}

impl Layout {
    /// The layout for choices `0 … space − 1`; `None` for an empty space.
    pub fn new(space: u128) -> Option<Self> {
        let largest = space.checked_sub(1)?;
        let bits = 128 - largest.leading_zeros();
        let width = (bits.div_ceil(LIMB_BITS) as usize).max(1);
        // With one ciphertext an 8-bit proof suffices for up to 256 choices; more limbs are always 16 bits.
        let bits = if largest < 256 { 8 } else { LIMB_BITS as usize };
        Some(Layout { space, width, bits })
    }

    /// Number of valid choices, `M`.
    pub fn space(&self) -> u128 {
        self.space
    }

    /// Ciphertexts per choice, `w`.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Values that the aggregated range proof covers: `2w`, padded with zeros to a power of two.
    fn parties(&self) -> usize {
        (2 * self.width).next_power_of_two()
    }

    fn range_proof_len(&self) -> usize {
        range::encoded_len(self.bits * self.parties())
    }

    /// Bytes of an encoded contest of this layout (`BALLOT-1`).
    pub fn contest_len(&self) -> usize {
        let (w, header, range_length) = (self.width, 2 + 1, 4);
        header + 32 * (2 * w + w + 4 * w) + range_length + self.range_proof_len()
    }

    /// The limbs of `number`, least significant first.
    pub(crate) fn limbs(&self, number: u128) -> Vec<u64> {
        (0..self.width).map(|i| ((number >> (LIMB_BITS as usize * i)) & 0xffff) as u64).collect()
    }

    /// The number with the given limbs, if it is in the space.
    pub fn number(&self, limbs: &[u64]) -> Option<u128> {
        if limbs.len() != self.width || limbs.iter().any(|l| *l > 0xffff) {
            return None;
        }
        let number = limbs.iter().rev().fold(0u128, |n, limb| (n << LIMB_BITS) | u128::from(*limb));
        (number < self.space).then_some(number)
    }
}

/// What a contest's proof is bound to besides the ciphertexts.
#[derive(Clone, Copy, Debug)]
pub struct ContestContext<'a> {
    /// The election.
    pub election: &'a ElectionId,
    /// The trustees' joint key.
    pub joint_key: &'a PublicKey,
    /// Who casts.
    pub voter: VoterId,
    /// Under which ballot style.
    pub style: StyleIndex,
    /// Which contest.
    pub contest: ContestIndex,
    /// How its choices are encoded.
    pub layout: Layout,
}

/// Why a contest of a ballot is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContestError {
    /// The number to encrypt is not a valid choice.
    #[error("choice number {number} is not below the number of valid choices, {space}")]
    OutOfSpace {
        /// The number.
        number: u128,
        /// The size of the space.
        space: u128,
    },
    /// Not as many ciphertexts, complements or knowledge proofs as the contest's rule needs.
    #[error("{what}: {found}, the contest's rule needs {expected}")]
    Shape {
        /// Which part.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
    /// A ciphertext whose bytes are no points.
    #[error("ciphertext {0} (counted from 1) is not two canonical encodings of ristretto255 elements")]
    Ciphertext(usize),
    /// The range proof is malformed or false.
    #[error("the range proof does not hold: the ballot may contain an invalid choice")]
    Range,
    /// The proof of knowledge is false.
    #[error("the proof of knowledge does not hold: the ballot was not made by this voter for this contest")]
    Knowledge,
}

/// Proof of knowledge of `(m, r)` for one ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Knowledge {
    t: CompressedRistretto,
    u: CompressedRistretto,
    z_m: Scalar,
    z_r: Scalar,
}

/// One contest of a ballot as cast: ciphertexts and their proof.
///
/// All points stay as they were sent: whether they are points shows with the sum that they are terms of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedContest {
    contest: ContestIndex,
    ciphertexts: Vec<EncodedCiphertext>,
    complements: Vec<CompressedRistretto>,
    knowledge: Vec<Knowledge>,
    range: Vec<u8>,
}

/// 2^(16·i).
pub(crate) fn place(i: usize) -> Scalar {
    Scalar::from(1u128 << (LIMB_BITS as usize * i))
}

/// `BALLOT-2`: context and statement.
fn open<T: Absorb>(
    ctx: &ContestContext<'_>,
    ciphertexts: &[EncodedCiphertext],
    complements: &[CompressedRistretto],
) -> T {
    let mut transcript = T::open(proof::BALLOT, ctx.election);
    transcript.append(label::JOINT_KEY, ctx.joint_key.encoded().as_bytes());
    transcript.append(label::VOTER, &ctx.voter.0);
    transcript.append(label::STYLE, &u64::from(ctx.style.0).to_be_bytes());
    transcript.append(label::CONTEST, &u64::from(ctx.contest.0).to_be_bytes());
    transcript.append(label::SPACE, &ctx.layout.space.to_be_bytes());
    transcript.append(label::WIDTH, &(ciphertexts.len() as u64).to_be_bytes());
    for ciphertext in ciphertexts {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(ciphertext.r().as_bytes());
        bytes[32..].copy_from_slice(ciphertext.c().as_bytes());
        transcript.append(label::CIPHERTEXT, &bytes);
    }
    for complement in complements {
        transcript.append(label::COMPLEMENT, complement.as_bytes());
    }
    transcript
}

/// `BALLOT-5`: what the range proof is about: `C_i`, then `D_i`, then identities.
fn range_commitments(
    layout: Layout,
    ciphertexts: &[EncodedCiphertext],
    complements: &[CompressedRistretto],
) -> Vec<CompressedRistretto> {
    let mut commitments: Vec<_> = ciphertexts.iter().map(|c| *c.c()).chain(complements.iter().copied()).collect();
    commitments.resize(layout.parties(), CompressedRistretto::identity());
    commitments
}

impl EncryptedContest {
    /// Encrypts choice `number` and proves it valid.
    ///
    /// # Errors
    /// [`ContestError::OutOfSpace`] if there is no such choice.
    pub fn encrypt<R: RngCore + CryptoRng>(
        ctx: &ContestContext<'_>,
        number: u128,
        rng: &mut R,
    ) -> Result<Self, ContestError> {
        Ok(ContestDraft::draw(ctx, number, rng)?.prove(ctx, rng))
    }

    /// Proves over given openings; [`ContestDraft`] is the honest caller.
    #[allow(clippy::too_many_arguments)] // the witness in full; splitting it would only hide the section's names
    pub(crate) fn prove<R: RngCore + CryptoRng>(
        ctx: &ContestContext<'_>,
        ciphertexts: &[Ciphertext],
        complements: &[RistrettoPoint],
        m: &[u64],
        d: &[u64],
        r: &SecretScalars,
        s: &SecretScalars,
        rng: &mut R,
    ) -> Self {
        let layout = ctx.layout;
        let ciphertexts: Vec<_> = ciphertexts.iter().map(EncodedCiphertext::from).collect();
        let complements: Vec<_> = complements.iter().map(RistrettoPoint::compress).collect();
        let mut transcript: Transcript = open(ctx, &ciphertexts, &complements);
        // BALLOT-4: knowledge of (m_i, r_i).
        let nonces = SecretScalars((0..2 * layout.width).map(|_| random_scalar(rng)).collect());
        let mut knowledge: Vec<_> = nonces
            .0
            .chunks_exact(2)
            .map(|ab| {
                let Ciphertext { r: t, c: u } = ctx.joint_key.encrypt(&ab[0], &ab[1]);
                Knowledge { t: t.compress(), u: u.compress(), z_m: Scalar::ZERO, z_r: Scalar::ZERO }
            })
            .collect();
        for k in &knowledge {
            transcript.put_encoded(label::KNOWLEDGE_T, &k.t);
            transcript.put_encoded(label::KNOWLEDGE_U, &k.u);
        }
        let e = transcript.challenge(label::KNOWLEDGE_E);
        for (i, k) in knowledge.iter_mut().enumerate() {
            k.z_m = nonces.0[2 * i] + e * Scalar::from(m[i]);
            k.z_r = nonces.0[2 * i + 1] + e * r.0[i];
        }
        // BALLOT-5: all limbs of m and of M − 1 − m are in range.
        let padding = layout.parties() - 2 * layout.width;
        let values: Zeroizing<Vec<u64>> =
            Zeroizing::new(m.iter().chain(d).copied().chain(std::iter::repeat_n(0, padding)).collect());
        let blindings =
            SecretScalars(r.0.iter().chain(&s.0).copied().chain(std::iter::repeat_n(Scalar::ZERO, padding)).collect());
        transcript.put_u64(label::RANGE, layout.bits as u64);
        let commitments = range_commitments(layout, &ciphertexts, &complements);
        let opening =
            Opening { bits: layout.bits, values: &values, blindings: &blindings.0, commitments: &commitments };
        let range = range::prove(&mut transcript, &opening, ctx.joint_key, rng);
        EncryptedContest { contest: ctx.contest, ciphertexts, complements, knowledge, range }
    }

    /// Which contest this says it is for.
    pub fn contest(&self) -> ContestIndex {
        self.contest
    }

    /// The ciphertexts, one per limb.
    pub fn ciphertexts(&self) -> &[EncodedCiphertext] {
        &self.ciphertexts
    }

    /// Checks the proof (`BALLOT-6`, `BALLOT-7`) with the context that the verifier knows, never with the ballot's.
    ///
    /// # Errors
    /// [`ContestError`] naming the part that does not hold.
    pub fn verify(&self, ctx: &ContestContext<'_>) -> Result<(), ContestError> {
        let proofs = [self.read(ctx)?];
        let mut sum = Sum::default();
        describe_all(ctx.joint_key, &proofs, &mut sum);
        if sum.holds(no_generators()) {
            return Ok(());
        }
        // What exactly is false is only of interest now.
        if let Some(at) = self.ciphertexts.iter().position(|c| c.decode_points().is_none()) {
            return Err(ContestError::Ciphertext(at + 1));
        }
        let e = challenges(Backend::active(), &proofs).concat().first().copied().unwrap_or_default();
        let mut sum = Sum::default();
        for (k, ciphertext) in self.knowledge.iter().zip(&self.ciphertexts) {
            sum.equation().encoded(Scalar::ONE, &k.t).encoded(e, ciphertext.r()).basepoint(-k.z_r);
            sum.equation()
                .encoded(Scalar::ONE, &k.u)
                .encoded(e, ciphertext.c())
                .basepoint(-k.z_m)
                .shared_point(-k.z_r, *ctx.joint_key.point());
        }
        Err(if sum.holds(no_generators()) { ContestError::Range } else { ContestError::Knowledge })
    }

    /// The proof's parts, for [`describe_all`]; nothing is shown before that sum holds.
    ///
    /// # Errors
    /// [`ContestError`] for a proof of the wrong shape.
    pub(crate) fn read<'a>(&'a self, ctx: &ContestContext<'a>) -> Result<Unreplayed<'a>, ContestError> {
        let layout = ctx.layout;
        for (what, found, expected) in [
            ("ciphertexts", self.ciphertexts.len(), layout.width),
            ("complement commitments", self.complements.len(), layout.width),
            ("knowledge proofs", self.knowledge.len(), layout.width),
            ("range proof bytes", self.range.len(), layout.range_proof_len()),
        ] {
            if found != expected {
                return Err(ContestError::Shape { what, found, expected });
            }
        }
        let range = range::read(&self.range, layout.bits, layout.parties()).map_err(|_| ContestError::Range)?;
        Ok(Unreplayed { contest: self, ctx: *ctx, range })
    }
}

/// A contest's proof whose transcript has not been replayed yet.
pub(crate) struct Unreplayed<'a> {
    contest: &'a EncryptedContest,
    ctx: ContestContext<'a>,
    range: range::Parts,
}

impl Unreplayed<'_> {
    /// Proofs that agree in this are replayed and described side by side.
    fn shape(&self) -> (usize, (usize, usize)) {
        (self.contest.ciphertexts.len(), self.range.shape())
    }
}

impl Proof for Unreplayed<'_> {
    /// `e`, and those of the range proof.
    fn absorb<T: Draw>(&self) -> T {
        let EncryptedContest { ciphertexts, complements, knowledge, range, .. } = self.contest;
        let layout = self.ctx.layout;
        let mut transcript: T = open(&self.ctx, ciphertexts, complements);
        for k in knowledge {
            transcript.append(label::KNOWLEDGE_T, k.t.as_bytes());
            transcript.append(label::KNOWLEDGE_U, k.u.as_bytes());
        }
        transcript.draw(label::KNOWLEDGE_E);
        transcript.append(label::RANGE, &(layout.bits as u64).to_be_bytes());
        range::absorb(&mut transcript, range, layout.bits, &range_commitments(layout, ciphertexts, complements));
        transcript
    }
}

/// A contest's proof with the challenges of its transcript.
struct Replayed<'a> {
    contest: &'a EncryptedContest,
    /// `M − 1`.
    largest: Scalar,
    e: Scalar,
    range: range::Replayed<'a>,
}

impl Replayed<'_> {
    fn shape(&self) -> (usize, (usize, usize)) {
        (self.contest.ciphertexts.len(), self.range.shape())
    }
}

/// Adds the equations of all these proofs under one joint key to `sum`: `BALLOT-3`, `BALLOT-6` and `BALLOT-7`. Their
/// challenges are inverted together, and as many are replayed and described at once as there are lanes.
pub(crate) fn describe_all(joint_key: &PublicKey, proofs: &[Unreplayed<'_>], sum: &mut Sum) {
    let backend = Backend::active();
    let mut sorted: Vec<&Unreplayed<'_>> = proofs.iter().collect();
    sorted.sort_by_key(|proof| proof.shape());
    let mut replayed = Vec::with_capacity(sorted.len());
    for alike in sorted.chunk_by(|a, b| a.shape() == b.shape()) {
        for (proof, challenges) in alike.iter().zip(challenges(backend, alike)) {
            let largest = Scalar::from(proof.ctx.layout.space - 1);
            let with_challenges = challenges.split_first().and_then(|(e, rest)| {
                let range = range::Replayed::new(&proof.range, rest)?;
                Some(Replayed { contest: proof.contest, largest, e: *e, range })
            });
            match with_challenges {
                Some(proof) => replayed.push(proof),
                // A challenge is zero, as it is with negligible probability: no sum holds with this equation.
                None => drop(sum.equation().basepoint(Scalar::ONE)),
            }
        }
    }
    backend.run_numbers_vartime(DescribeAll { joint_key, contests: &replayed, sum });
}

struct DescribeAll<'a, 'c> {
    joint_key: &'a PublicKey,
    /// By shape.
    contests: &'a [Replayed<'c>],
    sum: &'a mut Sum,
}

impl NumberKernel for DescribeAll<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<S: NumberLanes>(self, s: S) {
        let groups: Vec<&[Replayed<'_>]> =
            self.contests.chunk_by(|a, b| a.shape() == b.shape()).flat_map(|alike| alike.chunks(S::LANES)).collect();
        let mut numbers = Vec::new();
        for group in &groups {
            let lanes = lanes(group);
            let mut challenges = lanes.map(|contest| contest.range.to_invert());
            for _ in 0..lanes[0].range.inversions() {
                numbers.push(s.load(&std::array::from_fn(|l| challenges[l].next().unwrap_or_default())));
            }
        }
        invert_all(s, &mut numbers);
        let mut rest = &numbers[..];
        for group in groups {
            let (own, later) = rest.split_at(lanes(group)[0].range.inversions());
            describe_group(s, self.joint_key, group, own, self.sum);
            rest = later;
        }
    }
}

/// The proofs of a group, one for each lane; lanes that are left over repeat the first.
fn lanes<'a, 'c>(group: &'a [Replayed<'c>]) -> [&'a Replayed<'c>; MAX_NUMBER_LANES] {
    std::array::from_fn(|l| group.get(l).unwrap_or(&group[0]))
}

/// The inverses of all numbers, of which none is zero, with one inversion (Montgomery, *Speeding the Pollard and elliptic
/// curve methods of factorization*, Mathematics of Computation 1987).
#[inline(always)]
fn invert_all<S: NumberLanes>(s: S, numbers: &mut [S::N]) {
    let Some((first, rest)) = numbers.split_first() else { return };
    let mut products = Vec::with_capacity(numbers.len());
    products.push(*first);
    let mut product = *first;
    for number in rest {
        product = s.mul(product, *number);
        products.push(product);
    }
    let mut inverse = s.invert(product);
    for i in (1..numbers.len()).rev() {
        let number = numbers[i];
        numbers[i] = s.mul(inverse, products[i - 1]);
        inverse = s.mul(inverse, number);
    }
    numbers[0] = inverse;
}

/// Adds the equations of proofs of one shape, as many as there are lanes or fewer. Every point is a term once: `C_i` and
/// `D_i` occur in several equations.
#[inline(always)]
fn describe_group<S: NumberLanes>(
    s: S,
    joint_key: &PublicKey,
    group: &[Replayed<'_>],
    inverses: &[S::N],
    sum: &mut Sum,
) {
    let proofs = lanes(group);
    let width = proofs[0].contest.ciphertexts.len();
    // An equation of the lanes beyond the group counts nothing.
    let mut weights = Vec::with_capacity(2 * width + 3);
    for _ in 0..2 * width + 3 {
        weights.push(s.load(&sum.weights_for(group.len())));
    }
    let range = proofs.map(|proof| &proof.range);
    let described = range::describe(s, &range, inverses, [weights[2 * width], weights[2 * width + 1]]);
    let e = s.load(&proofs.map(|proof| proof.e));
    // BALLOT-3: Σ 2^(16·i)·(C_i + D_i) − (M − 1)·B = 0
    let in_sum = weights[2 * width + 2];
    let mut basepoint = s.sub(described.basepoint, s.mul(in_sum, s.load(&proofs.map(|proof| proof.largest))));
    let mut shared = described.blinding;
    let mut terms = Vec::with_capacity(5 * width + described.points.len());
    for i in 0..width {
        // BALLOT-6: T + e·R − z_r·B = 0 and U + e·C − z_m·B − z_r·PK = 0. Where a scalar is 1 its term has the weight, which
        // is short.
        let (weight_r, weight_c) = (weights[2 * i], weights[2 * i + 1]);
        let z_m = s.load(&proofs.map(|proof| proof.contest.knowledge[i].z_m));
        let z_r = s.load(&proofs.map(|proof| proof.contest.knowledge[i].z_r));
        basepoint = s.sub(basepoint, s.add(s.mul(weight_r, z_r), s.mul(weight_c, z_m)));
        shared = s.sub(shared, s.mul(weight_c, z_r));
        let placed = s.mul(in_sum, s.load(&[place(i); MAX_NUMBER_LANES]));
        let of_c = s.add(s.mul(weight_c, e), s.add(placed, described.commitments[i]));
        let of_d = s.add(placed, described.commitments[width + i]);
        terms.extend([weight_r, weight_c, s.mul(weight_r, e), of_c, of_d]);
    }
    terms.extend_from_slice(&described.points);

    let mut stored = Vec::with_capacity(terms.len());
    for term in terms {
        stored.push(s.store(term));
    }
    for (l, proof) in group.iter().enumerate() {
        let EncryptedContest { ciphertexts, complements, knowledge, .. } = proof.contest;
        let limbs = ciphertexts.iter().zip(complements).zip(knowledge);
        let of_limbs = limbs.flat_map(|((c, d), k)| [&k.t, &k.u, c.r(), c.c(), d]);
        for (scalars, point) in stored.iter().zip(of_limbs.chain(proof.range.points())) {
            sum.weighted(scalars[l], point);
        }
    }
    let total = |numbers: [Scalar; MAX_NUMBER_LANES]| numbers.iter().sum::<Scalar>();
    sum.weighted_fixed(total(s.store(basepoint)), total(s.store(shared)), *joint_key.point());
    let bits = proofs[0].range.shape().0;
    for (i, (g, h)) in described.g.iter().zip(&described.h).enumerate() {
        sum.weighted_bulletproof_gens(bits, i, total(s.store(*g)), total(s.store(*h)));
    }
}

/// An empty commitment key, for sums that use none.
fn no_generators() -> &'static Generators {
    static NONE: OnceLock<Generators> = OnceLock::new();
    NONE.get_or_init(|| Generators::new(0))
}

impl Encode for EncryptedContest {
    fn encode(&self, out: &mut Vec<u8>) {
        self.contest.encode(out);
        out.push(u8::try_from(self.ciphertexts.len()).unwrap_or(u8::MAX));
        self.ciphertexts.iter().for_each(|c| c.encode(out));
        self.complements.iter().for_each(|p| put_encoded(out, p));
        for k in &self.knowledge {
            put_encoded(out, &k.t);
            put_encoded(out, &k.u);
            put_scalar(out, &k.z_m);
            put_scalar(out, &k.z_r);
        }
        put_opaque(out, &self.range);
    }
}

impl Decode for EncryptedContest {
    const NAME: &'static str = "encrypted contest";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let contest = ContestIndex::decode(reader)?;
        let width = usize::from(reader.u8("ciphertext count")?);
        if width == 0 || width > MAX_WIDTH {
            return Err(DecodeError::TooMany { what: "ciphertext count", found: width, max: MAX_WIDTH });
        }
        let ciphertexts = (0..width).map(|_| EncodedCiphertext::decode(reader)).collect::<Result<_, _>>()?;
        let complements = (0..width).map(|_| reader.encoded("complement commitment")).collect::<Result<_, _>>()?;
        let knowledge = (0..width)
            .map(|_| {
                Ok(Knowledge {
                    t: reader.encoded("knowledge T")?,
                    u: reader.encoded("knowledge U")?,
                    z_m: reader.scalar("knowledge z_m")?,
                    z_r: reader.scalar("knowledge z_r")?,
                })
            })
            .collect::<Result<_, DecodeError>>()?;
        let range = reader.opaque(MAX_RANGE_PROOF, "range proof")?.to_vec();
        Ok(EncryptedContest { contest, ciphertexts, complements, knowledge, range })
    }
}

#[cfg(test)]
#[path = "plaintext_tests.rs"]
mod tests;
