//! The shuffle argument (`SHUF`): Bayer and Groth, *Efficient Zero-Knowledge Argument for Correctness of a Shuffle*
//! (EUROCRYPT 2012), for vectors of `w` ciphertexts, with one row (`m = 1` there) or several.
//!
//! Statement: lists `C` and `C'` of `N` vectors under key `PK`. Witness: a permutation `π` of `1 … N` and scalars
//! `ρ_{i,k}` with `C'_{i,k} = C_{π(i),k} + Enc(0; ρ_{i,k})`.
//!
//! Why it works. The prover commits to `a_i = π(i)` before it learns `x`, and to `b_i = x^{π(i)}` before it learns
//! `y` and `z`. The product argument shows `∏ (y·a_i + b_i − z) = ∏ (y·i + x^i − z)`: two polynomials in `z` that
//! agree at a random point are equal, so their roots are, as multisets, and at a random `y` that forces the pairs
//! `(a_i, b_i)` to be a permutation of `(i, x^i)`. The multi-exponentiation argument shows
//! `Σ x^i·C_i = Σ b_i·C'_i + Enc(0; ρ)`. Since `π` was fixed before `x` was known, both sides agree as polynomials
//! in `x`: each output holds the plaintext of the input that `π` names.
//!
//! With one row (`row`) a proof has three scalars per vector. With `m` rows (`rows`) the commitments are to the rows
//! of a matrix of `n = ⌈N/m⌉` columns, and further arguments reduce the claim about `m` rows to one about a single row: a
//! proof then has in the order of `n + m` scalars and points.

mod prove;
mod reencrypt;
mod row;
mod rows;
mod scalars;
mod verify;

pub use prove::{shuffle, shuffle_in_rows, Permutation, ShuffleError};
pub use rows::MAX_ROWS;
pub use verify::{verify, verify_chain, ChainError, ShuffleRejected, VerifiedShuffle};

use crate::codec::{DecodeError, Encode};
use crate::elgamal::{CiphertextList, PublicKey};
use crate::ids::{ContestIndex, ElectionId, MixIndex};
use crate::transcript::{label, ProtocolTranscript};
use curve25519_dalek::Scalar;
use merlin::Transcript;
use rayon::prelude::*;
use row::RowProof;
use rows::{RowsProof, Shape};

/// Fewest vectors that can be shuffled: one vector cannot hide among others.
pub const MIN_LIST: usize = 2;

/// What a shuffle proof is bound to besides the two lists.
#[derive(Clone, Copy, Debug)]
pub struct ShuffleContext<'a> {
    /// The election.
    pub election: &'a ElectionId,
    /// The key that the ciphertexts are under.
    pub joint_key: &'a PublicKey,
    /// Whose ballots.
    pub contest: ContestIndex,
    /// Which mix server, and so which place in the chain.
    pub mix: MixIndex,
}

/// How many rows the proof for a list of `count` vectors has (`SHUF-10`): the greatest power of two `m` with `8·m² ≤
/// count`, or one. Provers and verifiers alike take it from here: a proof with any other number of rows is not read.
pub fn rows(count: usize) -> usize {
    let most = (count / 8).isqrt().clamp(1, MAX_ROWS);
    1 << most.ilog2()
}

/// How many value generators it takes to prove and to verify a shuffle of `count` vectors of `width` ciphertexts.
pub fn generators(count: usize, width: usize) -> usize {
    Shape::new(count, width, rows(count)).map_or(count, |shape| shape.generators())
}

/// A shuffle proof, with one row (`SHUF-9` gives the bytes) or several (`SHUF-17`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShuffleProof(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Row(Box<RowProof>),
    Rows(Box<RowsProof>),
}

impl ShuffleProof {
    /// Bytes of a proof for `count` vectors of `width` ciphertexts, in as many rows as [`rows`] says.
    pub fn encoded_len(count: usize, width: usize) -> usize {
        Self::encoded_len_in_rows(count, width, rows(count))
    }

    /// Bytes of a proof in this many rows; 0 for a number of rows that no list of this size is proven in.
    pub fn encoded_len_in_rows(count: usize, width: usize, rows: usize) -> usize {
        match rows {
            1 => RowProof::encoded_len(count, width),
            _ => Shape::new(count, width, rows).map_or(0, |shape| shape.encoded_len()),
        }
    }

    /// Reads a proof for exactly `count` vectors of `width` ciphertexts, in as many rows as [`rows`] says.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not canonical or of another shape.
    pub fn from_bytes(bytes: &[u8], count: usize, width: usize) -> Result<Self, DecodeError> {
        Self::from_bytes_in_rows(bytes, count, width, rows(count))
    }

    /// Reads a proof in exactly this many rows, for whoever compares them: the board has [`ShuffleProof::from_bytes`].
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not canonical or of another shape.
    pub fn from_bytes_in_rows(bytes: &[u8], count: usize, width: usize, rows: usize) -> Result<Self, DecodeError> {
        match rows {
            1 => RowProof::from_bytes(bytes, count, width).map(|proof| ShuffleProof(Form::Row(Box::new(proof)))),
            _ => {
                RowsProof::from_bytes(bytes, count, width, rows).map(|proof| ShuffleProof(Form::Rows(Box::new(proof))))
            }
        }
    }
}

impl Encode for ShuffleProof {
    fn encode(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Form::Row(proof) => proof.encode(out),
            Form::Rows(proof) => proof.encode(out),
        }
    }
}

/// `SHUF-2`: context and statement.
fn open(proof: &'static [u8], ctx: &ShuffleContext<'_>, input: &CiphertextList, output: &CiphertextList) -> Transcript {
    let mut transcript = Transcript::open(proof, ctx.election);
    transcript.put_point(label::JOINT_KEY, ctx.joint_key.point());
    transcript.put_u64(label::CONTEST, ctx.contest.0.into());
    transcript.put_u64(label::MIX, ctx.mix.0.into());
    transcript.put_u64(label::COUNT, input.len() as u64);
    transcript.put_u64(label::WIDTH, input.width() as u64);
    transcript.put_digest(label::INPUT, input.digest());
    transcript.put_digest(label::OUTPUT, output.digest());
    transcript
}

/// `x^1, x^2, …`
fn powers(x: Scalar) -> impl Iterator<Item = Scalar> {
    std::iter::successors(Some(x), move |p| Some(p * x))
}

/// `x^i, x^(i+1), …`, in time that does not depend on `x`.
fn powers_from(x: Scalar, i: usize) -> impl Iterator<Item = Scalar> {
    let bits = (0..usize::BITS - i.leading_zeros()).rev();
    let first = bits.fold(Scalar::ONE, |power, bit| {
        let squared = power * power;
        if i >> bit & 1 == 1 {
            squared * x
        } else {
            squared
        }
    });
    std::iter::successors(Some(first), move |p| Some(p * x))
}

/// Factors of [`public_product`] that one task multiplies.
const TASK: usize = 1 << 12;

/// `∏ (y·i + x^i − z)` over `i = 1 … n`, on all cores.
fn public_product(n: usize, x: Scalar, y: Scalar, z: Scalar) -> Scalar {
    let task = |task: usize| {
        let before = task * TASK;
        let mut yi = y * Scalar::from(before as u64);
        let factors = powers_from(x, before + 1).take((n - before).min(TASK)).map(|xi| {
            yi += y;
            yi + xi - z
        });
        factors.product::<Scalar>()
    };
    (0..n.div_ceil(TASK)).into_par_iter().map(task).product()
}

#[cfg(test)]
mod tests;
