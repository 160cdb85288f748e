//! The argument with one row (`SHUF-3` to `SHUF-9`). Both of its parts are sigma protocols, and they share their last
//! challenge `c`: three scalars and no group element per ciphertext vector, plus a constant.

mod prove;
mod verify;

pub(super) use prove::prove;
pub(super) use verify::describe;

use super::MIN_LIST;
use crate::codec::{put_count, put_point, put_scalar, DecodeError, Encode, Reader};
use crate::elgamal::{Ciphertext, MAX_LIST, MAX_WIDTH};
use crate::transcript::{label, ProtocolTranscript};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;

/// A proof with one row: six commitments, `2w` points, and `3N + 1 + w` scalars (`SHUF-9` gives the bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowProof {
    /// Commitments, named as in the specification.
    pub(super) commitments: Commitments,
    /// `ã_i`, for `i = 1 … N`.
    pub(super) values: Vec<Scalar>,
    /// `b̃_i`, for `i = 2 … N − 1`; the first and last follow from the statement.
    pub(super) partials: Vec<Scalar>,
    /// `r̃`, blinding of the values' opening.
    pub(super) values_blinding: Scalar,
    /// `s̃`, blinding of the partial products' opening.
    pub(super) partials_blinding: Scalar,
    /// `ẽ_i`, for `i = 1 … N`.
    pub(super) exponents: Vec<Scalar>,
    /// `q̃`, blinding of the exponents' opening.
    pub(super) exponents_blinding: Scalar,
    /// `τ̃_k`, one per limb.
    pub(super) rerandomizers: Vec<Scalar>,
}

/// The prover's messages before its last challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commitments {
    /// `A`: to `π(i)`.
    pub(super) permutation: RistrettoPoint,
    /// `P`: to `x^{π(i)}`.
    pub(super) powers: RistrettoPoint,
    /// `D`: to the product argument's masks `d_i`.
    pub(super) masks: RistrettoPoint,
    /// `δ`.
    pub(super) small_delta: RistrettoPoint,
    /// `Δ`.
    pub(super) big_delta: RistrettoPoint,
    /// `S`: to the multi-exponentiation's masks `e_i`.
    pub(super) exponent_masks: RistrettoPoint,
    /// `E_k`: the output list raised to the masks, re-encrypted.
    pub(super) masked: Vec<Ciphertext>,
}

/// The challenges, in order.
#[derive(Clone, Copy, Debug)]
struct Challenges {
    x: Scalar,
    y: Scalar,
    z: Scalar,
    c: Scalar,
}

/// `SHUF-3`: absorbs `A` and draws `x`.
fn challenge_x(transcript: &mut Transcript, permutation: &RistrettoPoint) -> Scalar {
    transcript.put_point(label::SHUFFLE_A, permutation);
    transcript.challenge(label::SHUFFLE_X)
}

/// `SHUF-4`: absorbs `P` and draws `y` and `z`.
fn challenge_yz(transcript: &mut Transcript, powers: &RistrettoPoint) -> (Scalar, Scalar) {
    transcript.put_point(label::SHUFFLE_B, powers);
    (transcript.challenge(label::SHUFFLE_Y), transcript.challenge(label::SHUFFLE_Z))
}

/// `SHUF-7`: absorbs the masks of both arguments and draws `c`.
fn challenge_c(transcript: &mut Transcript, commitments: &Commitments) -> Scalar {
    transcript.put_point(label::PRODUCT_D, &commitments.masks);
    transcript.put_point(label::PRODUCT_SMALL_DELTA, &commitments.small_delta);
    transcript.put_point(label::PRODUCT_BIG_DELTA, &commitments.big_delta);
    transcript.put_point(label::MULTIEXP_A, &commitments.exponent_masks);
    for ciphertext in &commitments.masked {
        transcript.put_bytes(label::MULTIEXP_E, &ciphertext.to_bytes());
    }
    transcript.challenge(label::SHUFFLE_C)
}

impl RowProof {
    /// Bytes of a proof for `count` vectors of `width` ciphertexts (`SHUF-9`).
    pub(super) fn encoded_len(count: usize, width: usize) -> usize {
        let scalars = count + count.saturating_sub(2) + count + 3 + width;
        6 + 32 * (6 + 2 * width + scalars)
    }

    /// Reads a proof for exactly `count` vectors of `width` ciphertexts.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not canonical or of another shape.
    pub(super) fn from_bytes(bytes: &[u8], count: usize, width: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let found = reader.u32("shuffle proof")? as usize;
        if found != count || !(MIN_LIST..=MAX_LIST).contains(&count) {
            return Err(DecodeError::WrongCount { what: "shuffle proof vectors", found, expected: count });
        }
        let found = usize::from(reader.u16("shuffle proof")?);
        if found != width || width == 0 || width > MAX_WIDTH {
            return Err(DecodeError::WrongCount { what: "shuffle proof width", found, expected: width });
        }
        let expected = Self::encoded_len(count, width);
        if bytes.len() != expected {
            return Err(DecodeError::WrongCount { what: "shuffle proof bytes", found: bytes.len(), expected });
        }
        let commitments = Commitments {
            permutation: reader.point("shuffle A")?,
            powers: reader.point("shuffle P")?,
            masks: reader.point("shuffle D")?,
            small_delta: reader.point("shuffle delta")?,
            big_delta: reader.point("shuffle Delta")?,
            exponent_masks: reader.point("shuffle S")?,
            masked: (0..width)
                .map(|_| Ok(Ciphertext { r: reader.point("shuffle E")?, c: reader.point("shuffle E")? }))
                .collect::<Result<_, DecodeError>>()?,
        };
        let mut scalars = |n: usize| (0..n).map(|_| reader.scalar("shuffle response")).collect::<Result<Vec<_>, _>>();
        let values = scalars(count)?;
        let partials = scalars(count - 2)?;
        let exponents = scalars(count)?;
        let rerandomizers = scalars(width)?;
        let proof = RowProof {
            commitments,
            values,
            partials,
            exponents,
            rerandomizers,
            values_blinding: reader.scalar("shuffle r")?,
            partials_blinding: reader.scalar("shuffle s")?,
            exponents_blinding: reader.scalar("shuffle q")?,
        };
        reader.finish("shuffle proof")?;
        Ok(proof)
    }
}

impl Encode for RowProof {
    fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(Self::encoded_len(self.values.len(), self.rerandomizers.len()));
        put_count(out, self.values.len());
        out.extend_from_slice(&u16::try_from(self.rerandomizers.len()).unwrap_or(u16::MAX).to_be_bytes());
        let c = &self.commitments;
        for point in [&c.permutation, &c.powers, &c.masks, &c.small_delta, &c.big_delta, &c.exponent_masks] {
            put_point(out, point);
        }
        c.masked.iter().for_each(|e| e.encode(out));
        for scalars in [&self.values, &self.partials, &self.exponents, &self.rerandomizers] {
            scalars.iter().for_each(|s| put_scalar(out, s));
        }
        for scalar in [&self.values_blinding, &self.partials_blinding, &self.exponents_blinding] {
            put_scalar(out, scalar);
        }
    }
}
