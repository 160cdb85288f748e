//! The argument with `m` rows (`SHUF-10` to `SHUF-17`), for proofs that are short.
//!
//! The list is written into a matrix of `m` rows and `n` columns, and the prover commits to the rows. The Hadamard
//! product argument commits to the running products of the rows, which leaves the single-value product argument a
//! single row, and a zero argument `Σ ⟨α_j, β_j⟩ = 0` over `m` pairs of rows. That, and the multi-exponentiation
//! `Σ ⟨p_j, C'_j⟩` over `m` rows, are both inner products of rows, and are folded together: with a challenge `v`, rows
//! `j` and `j + m/2` become one, on the left `X_j + v·X_{j+m/2}`, on the right `v·X_j + X_{j+m/2}`. The inner product of
//! the folded rows is a polynomial in `v` whose middle coefficient is the claim; the prover has sent the two others.
//! After `log2 m` folds one row is left, which is opened as in the argument with one row.
//!
//! It is the paper's recursion (section 4, "Reducing the prover's computation", with `μ = 2`) carried to the end, and for
//! the zero argument too. The prover sums every output `log2 m` times instead of `m` times.

mod prove;
#[cfg(test)]
mod tests;
mod verify;

pub(super) use prove::prove;
pub(super) use verify::describe;

use super::{open, ShuffleContext};
use crate::codec::{put_count, put_point, put_scalar, DecodeError, Encode, Reader};
use crate::elgamal::{Ciphertext, CiphertextList, MAX_LIST, MAX_WIDTH};
use crate::transcript::{label, proof, ProtocolTranscript};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;

/// Most rows that a proof may have.
pub const MAX_ROWS: usize = 1 << 12;

/// First byte of a proof with several rows. One with a single row starts with a count, whose first byte is below 5.
pub(super) const FORM: u8 = 128;

/// `SHUF-10`: `count` vectors of `width` ciphertexts in `rows` rows and `columns` columns.
///
/// The list is continued to `rows · columns` vectors by ciphertexts `(identity, identity)`, in the input as in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    count: usize,
    width: usize,
    rows: usize,
    columns: usize,
}

impl Shape {
    /// The shape, if a list of this size may be proven in so many rows.
    pub(super) fn new(count: usize, width: usize, rows: usize) -> Option<Self> {
        let allowed = rows.is_power_of_two()
            && (2..=MAX_ROWS).contains(&rows)
            && rows < count
            && count <= MAX_LIST
            && (1..=MAX_WIDTH).contains(&width);
        allowed.then(|| Shape { count, width, rows, columns: count.div_ceil(rows) })
    }

    /// Vectors with those that continue the list.
    fn positions(&self) -> usize {
        self.rows * self.columns
    }

    /// Times that the rows are halved.
    fn folds(&self) -> usize {
        self.rows.ilog2() as usize
    }

    /// Value generators that the commitments need.
    pub(super) fn generators(&self) -> usize {
        self.columns.max(self.width)
    }

    /// Bytes of a proof (`SHUF-17`).
    pub(super) fn encoded_len(&self) -> usize {
        let points = 3 * self.rows - 1 + self.folds() * (4 + 4 * self.width) + 9 + 2 * self.width;
        let scalars = 5 * self.columns - 2 + 2 * self.width + 7;
        9 + 32 * (points + scalars)
    }
}

/// A proof with several rows. Points and scalars stand in the order of the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowsProof {
    shape: Shape,
    /// `A_1 … A_m`: to the rows of `π(i)`.
    permutation: Vec<RistrettoPoint>,
    /// `P_1 … P_m`: to the rows of `x^{π(i)}`.
    powers: Vec<RistrettoPoint>,
    /// `B_2 … B_m`: to the running products of the rows; `B_1` follows from `A_1` and `P_1`.
    products: Vec<RistrettoPoint>,
    folds: Vec<Fold>,
    last: Last,
    answers: Answers,
}

/// One fold's messages: the outer coefficients of the folded inner products.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fold {
    left: Cross,
    right: Cross,
}

/// One coefficient.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cross {
    /// `L` or `R`: to the coefficient of the zero argument.
    zero: RistrettoPoint,
    /// `M`: to the plaintexts that mask the multi-exponentiation's.
    mask: RistrettoPoint,
    /// `E_k`: the coefficient of the multi-exponentiation, masked.
    multiexp: Vec<Ciphertext>,
}

/// The prover's messages before its last challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Last {
    /// `D`: to the product argument's masks.
    masks: RistrettoPoint,
    /// `δ`.
    small_delta: RistrettoPoint,
    /// `Δ`.
    big_delta: RistrettoPoint,
    /// `Z_α`: to the mask of the left row of the zero argument.
    alpha: RistrettoPoint,
    /// `Z_β`: to the mask of the right row.
    beta: RistrettoPoint,
    /// `Z_0`, `Z_1`: to the coefficients of `c^0` and `c^1` in the masked rows' product.
    zero: [RistrettoPoint; 2],
    /// `S`: to the mask of the exponents.
    exponents: RistrettoPoint,
    /// `M_S`: to the plaintexts that mask the last multi-exponentiation's.
    mask: RistrettoPoint,
    /// `E_k`.
    masked: Vec<Ciphertext>,
}

/// What the prover answers to its last challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answers {
    /// `g̃`: the row of the products, `n` values.
    values: Vec<Scalar>,
    /// `h̃_2 … h̃_{n−1}`: its partial products; the first and last follow.
    partials: Vec<Scalar>,
    /// `α̃`, `n` values.
    alpha: Vec<Scalar>,
    /// `β̃`, `n` values.
    beta: Vec<Scalar>,
    /// `ẽ`, `n` values.
    exponents: Vec<Scalar>,
    /// `μ̃_k`, one per limb.
    masks: Vec<Scalar>,
    /// `τ̃_k`, one per limb.
    rerandomizers: Vec<Scalar>,
    blindings: Blindings,
}

/// Blindings of the openings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Blindings {
    values: Scalar,
    partials: Scalar,
    alpha: Scalar,
    beta: Scalar,
    zero: Scalar,
    exponents: Scalar,
    mask: Scalar,
}

/// `SHUF-11`: context, statement and shape.
fn start(ctx: &ShuffleContext<'_>, input: &CiphertextList, output: &CiphertextList, shape: &Shape) -> Transcript {
    let mut transcript = open(proof::SHUFFLE_ROWS, ctx, input, output);
    transcript.put_u64(label::ROWS, shape.rows as u64);
    transcript
}

/// `SHUF-12`: absorbs `A_1 … A_m` and draws `x`.
fn challenge_x(transcript: &mut Transcript, permutation: &[RistrettoPoint]) -> Scalar {
    permutation.iter().for_each(|a| transcript.put_point(label::SHUFFLE_A, a));
    transcript.challenge(label::SHUFFLE_X)
}

/// `SHUF-12`: absorbs `P_1 … P_m` and draws `y` and `z`.
fn challenge_yz(transcript: &mut Transcript, powers: &[RistrettoPoint]) -> (Scalar, Scalar) {
    powers.iter().for_each(|p| transcript.put_point(label::SHUFFLE_B, p));
    (transcript.challenge(label::SHUFFLE_Y), transcript.challenge(label::SHUFFLE_Z))
}

/// `SHUF-13`: absorbs `B_2 … B_m` and draws `u` and `t`.
fn challenge_ut(transcript: &mut Transcript, products: &[RistrettoPoint]) -> (Scalar, Scalar) {
    products.iter().for_each(|b| transcript.put_point(label::HADAMARD_B, b));
    (transcript.challenge(label::HADAMARD_U), transcript.challenge(label::HADAMARD_T))
}

/// `SHUF-14`: absorbs one fold's messages and draws its `v`.
fn challenge_v(transcript: &mut Transcript, fold: &Fold) -> Scalar {
    for (cross, zero, mask, multiexp) in [
        (&fold.left, label::ZERO_L, label::MASK_L, label::MULTIEXP_L),
        (&fold.right, label::ZERO_R, label::MASK_R, label::MULTIEXP_R),
    ] {
        transcript.put_point(zero, &cross.zero);
        transcript.put_point(mask, &cross.mask);
        for ciphertext in &cross.multiexp {
            transcript.put_bytes(multiexp, &ciphertext.to_bytes());
        }
    }
    transcript.challenge(label::FOLD_V)
}

/// `SHUF-15`: absorbs the masks of all arguments and draws `c`.
fn challenge_c(transcript: &mut Transcript, last: &Last) -> Scalar {
    transcript.put_point(label::PRODUCT_D, &last.masks);
    transcript.put_point(label::PRODUCT_SMALL_DELTA, &last.small_delta);
    transcript.put_point(label::PRODUCT_BIG_DELTA, &last.big_delta);
    transcript.put_point(label::ZERO_ALPHA, &last.alpha);
    transcript.put_point(label::ZERO_BETA, &last.beta);
    transcript.put_point(label::ZERO_0, &last.zero[0]);
    transcript.put_point(label::ZERO_1, &last.zero[1]);
    transcript.put_point(label::MULTIEXP_A, &last.exponents);
    transcript.put_point(label::MASK_S, &last.mask);
    for ciphertext in &last.masked {
        transcript.put_bytes(label::MULTIEXP_E, &ciphertext.to_bytes());
    }
    transcript.challenge(label::SHUFFLE_C)
}

impl RowsProof {
    /// Reads a proof for exactly `count` vectors of `width` ciphertexts in exactly `rows` rows.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not canonical or of another shape.
    pub(super) fn from_bytes(bytes: &[u8], count: usize, width: usize, rows: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let wrong = |what, found, expected| DecodeError::WrongCount { what, found, expected };
        let form = reader.u8("shuffle proof")?;
        if form != FORM {
            return Err(DecodeError::Unknown { what: "the form of a shuffle proof with rows", found: form.into() });
        }
        for (what, found, expected) in [
            ("shuffle proof vectors", reader.u32("shuffle proof")? as usize, count),
            ("shuffle proof width", usize::from(reader.u16("shuffle proof")?), width),
            ("shuffle proof rows", usize::from(reader.u16("shuffle proof")?), rows),
        ] {
            if found != expected {
                return Err(wrong(what, found, expected));
            }
        }
        let Some(shape) = Shape::new(count, width, rows) else {
            return Err(DecodeError::Unknown { what: "the number of rows of a shuffle proof", found: rows as u64 });
        };
        let expected = shape.encoded_len();
        if bytes.len() != expected {
            return Err(wrong("shuffle proof bytes", bytes.len(), expected));
        }
        let proof = Self::read(&mut reader, shape)?;
        reader.finish("shuffle proof")?;
        Ok(proof)
    }

    /// Points and scalars, whose number has been checked.
    fn read(reader: &mut Reader<'_>, shape: Shape) -> Result<Self, DecodeError> {
        let (w, n) = (shape.width, shape.columns);
        let permutation = points(reader, shape.rows, "shuffle A")?;
        let powers = points(reader, shape.rows, "shuffle P")?;
        let products = points(reader, shape.rows - 1, "shuffle B")?;
        let mut cross = || {
            Ok(Cross {
                zero: reader.point("shuffle L or R")?,
                mask: reader.point("shuffle M")?,
                multiexp: ciphertexts(reader, w)?,
            })
        };
        let folds = (0..shape.folds()).map(|_| Ok(Fold { left: cross()?, right: cross()? }));
        let folds = folds.collect::<Result<_, DecodeError>>()?;
        let last = Last {
            masks: reader.point("shuffle D")?,
            small_delta: reader.point("shuffle delta")?,
            big_delta: reader.point("shuffle Delta")?,
            alpha: reader.point("shuffle Z")?,
            beta: reader.point("shuffle Z")?,
            zero: [reader.point("shuffle Z")?, reader.point("shuffle Z")?],
            exponents: reader.point("shuffle S")?,
            mask: reader.point("shuffle M")?,
            masked: ciphertexts(reader, w)?,
        };
        let mut scalar = || reader.scalar("shuffle response");
        let mut scalars = |n: usize| (0..n).map(|_| scalar()).collect::<Result<Vec<_>, _>>();
        let answers = Answers {
            values: scalars(n)?,
            partials: scalars(n - 2)?,
            alpha: scalars(n)?,
            beta: scalars(n)?,
            exponents: scalars(n)?,
            masks: scalars(w)?,
            rerandomizers: scalars(w)?,
            blindings: Blindings {
                values: scalar()?,
                partials: scalar()?,
                alpha: scalar()?,
                beta: scalar()?,
                zero: scalar()?,
                exponents: scalar()?,
                mask: scalar()?,
            },
        };
        Ok(RowsProof { shape, permutation, powers, products, folds, last, answers })
    }
}

fn points(reader: &mut Reader<'_>, n: usize, what: &'static str) -> Result<Vec<RistrettoPoint>, DecodeError> {
    (0..n).map(|_| reader.point(what)).collect()
}

fn ciphertexts(reader: &mut Reader<'_>, n: usize) -> Result<Vec<Ciphertext>, DecodeError> {
    (0..n).map(|_| Ok(Ciphertext { r: reader.point("shuffle E")?, c: reader.point("shuffle E")? })).collect()
}

impl Encode for RowsProof {
    fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(self.shape.encoded_len());
        out.push(FORM);
        put_count(out, self.shape.count);
        // Width and rows are bounded far below 2^16 by the shape.
        for number in [self.shape.width, self.shape.rows] {
            out.extend_from_slice(&u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes());
        }
        for points in [&self.permutation, &self.powers, &self.products] {
            points.iter().for_each(|p| put_point(out, p));
        }
        for cross in self.folds.iter().flat_map(|fold| [&fold.left, &fold.right]) {
            put_point(out, &cross.zero);
            put_point(out, &cross.mask);
            cross.multiexp.iter().for_each(|e| e.encode(out));
        }
        let l = &self.last;
        let [zero_0, zero_1] = &l.zero;
        for point in [&l.masks, &l.small_delta, &l.big_delta, &l.alpha, &l.beta, zero_0, zero_1, &l.exponents, &l.mask]
        {
            put_point(out, point);
        }
        l.masked.iter().for_each(|e| e.encode(out));
        let a = &self.answers;
        for scalars in [&a.values, &a.partials, &a.alpha, &a.beta, &a.exponents, &a.masks, &a.rerandomizers] {
            scalars.iter().for_each(|s| put_scalar(out, s));
        }
        let b = &a.blindings;
        for scalar in [&b.values, &b.partials, &b.alpha, &b.beta, &b.zero, &b.exponents, &b.mask] {
            put_scalar(out, scalar);
        }
    }
}
