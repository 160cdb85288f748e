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
use crate::sum::Sum;
use crate::transcript::{label, proof, ProtocolTranscript};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
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
/// The ciphertexts are valid points. The proof's points stay as they were sent: whether they are points shows with the sum
/// that they are terms of.
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
fn open(
    ctx: &ContestContext<'_>,
    ciphertexts: &[EncodedCiphertext],
    complements: &[CompressedRistretto],
) -> Transcript {
    let mut transcript = Transcript::open(proof::BALLOT, ctx.election);
    transcript.put_encoded(label::JOINT_KEY, ctx.joint_key.encoded());
    transcript.put_bytes(label::VOTER, &ctx.voter.0);
    transcript.put_u64(label::STYLE, ctx.style.0.into());
    transcript.put_u64(label::CONTEST, ctx.contest.0.into());
    transcript.put_bytes(label::SPACE, &ctx.layout.space.to_be_bytes());
    transcript.put_u64(label::WIDTH, ciphertexts.len() as u64);
    for ciphertext in ciphertexts {
        transcript.put_bytes(label::CIPHERTEXT, &ciphertext.to_bytes());
    }
    for complement in complements {
        transcript.put_encoded(label::COMPLEMENT, complement);
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
        let mut transcript = open(ctx, &ciphertexts, &complements);
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
        let mut sum = Sum::default();
        self.describe(ctx, &mut sum)?;
        if sum.holds(no_generators()) {
            return Ok(());
        }
        // Which of the two is false is only of interest now.
        let mut sum = Sum::default();
        self.describe_knowledge(ctx, &mut sum);
        Err(if sum.holds(no_generators()) { ContestError::Range } else { ContestError::Knowledge })
    }

    /// Adds the equations of the whole proof to `sum`; nothing is shown before that sum holds.
    ///
    /// # Errors
    /// [`ContestError`] for a proof of the wrong shape.
    pub(crate) fn describe(&self, ctx: &ContestContext<'_>, sum: &mut Sum) -> Result<(), ContestError> {
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
        let mut transcript = self.describe_knowledge(ctx, sum);
        self.describe_range(ctx, &mut transcript, sum)
    }

    /// `BALLOT-6`: `z_r·B = T + e·R` and `z_m·B + z_r·PK = U + e·C` for every limb.
    fn describe_knowledge(&self, ctx: &ContestContext<'_>, sum: &mut Sum) -> Transcript {
        let mut transcript = open(ctx, &self.ciphertexts, &self.complements);
        for k in &self.knowledge {
            transcript.put_encoded(label::KNOWLEDGE_T, &k.t);
            transcript.put_encoded(label::KNOWLEDGE_U, &k.u);
        }
        let e = transcript.challenge(label::KNOWLEDGE_E);
        for (k, ciphertext) in self.knowledge.iter().zip(&self.ciphertexts) {
            sum.equation().basepoint(k.z_r).encoded(-Scalar::ONE, &k.t).encoded(-e, ciphertext.r());
            sum.equation()
                .basepoint(k.z_m)
                .shared_point(k.z_r, *ctx.joint_key.point())
                .encoded(-Scalar::ONE, &k.u)
                .encoded(-e, ciphertext.c());
        }
        transcript
    }

    /// `BALLOT-3` and `BALLOT-7`: the limbs add up to `(M − 1)·B`, and all of them are in range.
    fn describe_range(
        &self,
        ctx: &ContestContext<'_>,
        transcript: &mut Transcript,
        sum: &mut Sum,
    ) -> Result<(), ContestError> {
        let layout = ctx.layout;
        let mut equation = sum.equation();
        equation.basepoint(-Scalar::from(layout.space - 1));
        for (i, (ciphertext, complement)) in self.ciphertexts.iter().zip(&self.complements).enumerate() {
            equation.encoded(place(i), ciphertext.c()).encoded(place(i), complement);
        }
        let commitments = range_commitments(layout, &self.ciphertexts, &self.complements);
        transcript.put_u64(label::RANGE, layout.bits as u64);
        range::describe(transcript, &self.range, layout.bits, &commitments, ctx.joint_key.point(), sum)
            .map_err(|_| ContestError::Range)
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
