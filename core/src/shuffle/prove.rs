//! The shuffle and its prover. What of it may run in variable time is argued in the threat model, "Mix servers".

use super::{row, rows, Form, ShuffleContext, ShuffleProof};
use crate::elgamal::{CiphertextList, PublicKey, SecretScalars};
use crate::group::Generators;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::seq::SliceRandom;
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use selge_lanes::Msm;
use std::sync::Arc;
use zeroize::Zeroize;

/// Why a list cannot be shuffled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShuffleError {
    /// Too few vectors to hide among.
    #[error("{found} ballots cannot be shuffled, at least {min} are needed")]
    TooFew {
        /// Vectors in the input.
        found: usize,
        /// Fewest that can be shuffled.
        min: usize,
    },
    /// The commitment key is shorter than the list.
    #[error("the commitment key has {found} generators, the list needs {needed}")]
    Generators {
        /// Generators there are.
        found: usize,
        /// Generators needed.
        needed: usize,
    },
    /// A number of rows that lists of this size are not proven in.
    #[error("{found} ballots cannot be proven in {rows} rows: a power of two up to {max}, below the number of ballots, can", max = super::MAX_ROWS)]
    Rows {
        /// Vectors in the input.
        found: usize,
        /// Rows asked for.
        rows: usize,
    },
    /// A permutation of another length.
    #[error("a permutation of {found} does not fit a list of {expected}")]
    Permutation {
        /// Length of the permutation.
        found: usize,
        /// Length of the list.
        expected: usize,
    },
}

/// A secret permutation of `0 … n − 1`: output `i` is input `self.0[i]`.
pub struct Permutation(pub(super) Vec<u32>);

impl Permutation {
    /// A uniform permutation (Fisher–Yates).
    pub fn random<R: RngCore + CryptoRng>(n: usize, rng: &mut R) -> Self {
        let mut indices: Vec<u32> = (0..u32::try_from(n).unwrap_or(u32::MAX)).collect();
        indices.shuffle(rng);
        Permutation(indices)
    }
}

impl Drop for Permutation {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Permutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Permutation({} redacted)", self.0.len())
    }
}

/// `n` uniform scalars, asking the generator for many at a time: one system call per scalar would be most of the work.
pub(super) fn random_scalars<R: RngCore + CryptoRng>(n: usize, rng: &mut R) -> SecretScalars {
    let mut scalars = Vec::with_capacity(n);
    let mut buffer = vec![0u8; 64 * 512];
    while scalars.len() < n {
        let want = 64 * (n - scalars.len()).min(512);
        rng.fill_bytes(&mut buffer[..want]);
        scalars.extend(buffer[..want].chunks_exact(64).map(|chunk| {
            let mut wide = [0; 64];
            wide.copy_from_slice(chunk);
            let scalar = Scalar::from_bytes_mod_order_wide(&wide);
            wide.zeroize();
            scalar
        }));
    }
    buffer.zeroize();
    SecretScalars(scalars)
}

/// `Σ values_i·G_i + blinding·H`, with at least as many generators as values.
pub(super) fn commit(generators: &Generators, values: &[Scalar], blinding: &Scalar) -> RistrettoPoint {
    let mut sum = Msm::default();
    // The callers have compared the lengths; what is not committed to would be a proof that no verifier accepts.
    let added = generators.add_vartime(&mut sum, values);
    debug_assert!(added.is_ok(), "as many generators as values");
    sum.finish_vartime() + generators.h() * blinding
}

/// Re-encrypts and permutes `input`, and proves that nothing else was done to it.
///
/// Returns the output and the proof. The re-encryption is constant-time.
///
/// # Errors
/// [`ShuffleError`] if the list is too short for a shuffle, or the generators for the list.
pub fn shuffle<R: RngCore + CryptoRng>(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    rng: &mut R,
) -> Result<(Arc<CiphertextList>, ShuffleProof), ShuffleError> {
    shuffle_in_rows(ctx, generators, input, super::rows(input.len()), rng)
}

/// As [`shuffle`], with a proof in this many rows, for whoever compares them: the board takes what [`shuffle`] makes.
///
/// # Errors
/// As [`shuffle`], and [`ShuffleError::Rows`].
pub fn shuffle_in_rows<R: RngCore + CryptoRng>(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    rows: usize,
    rng: &mut R,
) -> Result<(Arc<CiphertextList>, ShuffleProof), ShuffleError> {
    let (n, w) = (input.len(), input.width());
    let permutation = Permutation::random(n, rng);
    let rho = random_scalars(n * w, rng);
    let output = reencrypt(ctx.joint_key, input, &permutation, &rho)?;
    let proof = prove(ctx, generators, input, &output, rows, &permutation, &rho, rng)?;
    Ok((output, proof))
}

/// Proves a shuffle whose witness is known. A lying caller gets a proof that no verifier accepts.
#[allow(clippy::too_many_arguments)] // the statement, the witness, the shape
pub(super) fn prove<R: RngCore + CryptoRng>(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    rows: usize,
    permutation: &Permutation,
    rho: &SecretScalars,
    rng: &mut R,
) -> Result<ShuffleProof, ShuffleError> {
    let form = match rows {
        1 => Form::Row(Box::new(row::prove(ctx, generators, input, output, permutation, rho, rng)?)),
        _ => Form::Rows(Box::new(rows::prove(ctx, generators, input, output, rows, permutation, rho, rng)?)),
    };
    Ok(ShuffleProof(form))
}

/// `SHUF-1`: `C'_{i,k} = C_{π(i),k} + Enc(0; ρ_{i,k})`.
fn reencrypt(
    key: &PublicKey,
    input: &CiphertextList,
    permutation: &Permutation,
    rho: &SecretScalars,
) -> Result<Arc<CiphertextList>, ShuffleError> {
    let (n, w) = (input.len(), input.width());
    if permutation.0.len() != n {
        return Err(ShuffleError::Permutation { found: permutation.0.len(), expected: n });
    }
    let decode = |at: usize| -> RistrettoPoint {
        // A list holds valid points only.
        input.points().get(at).and_then(|bytes| CompressedRistretto(*bytes).decompress()).unwrap_or_default()
    };
    let mut points = vec![[0; 32]; 2 * n * w];
    points.par_chunks_exact_mut(2).zip(&rho.0).enumerate().for_each(|(at, (out, rho))| {
        let zero = key.encrypt_zero(rho);
        let source = permutation.0[at / w] as usize;
        let from = 2 * (source * w + at % w);
        out[0] = (decode(from) + zero.r).compress().0;
        out[1] = (decode(from + 1) + zero.c).compress().0;
    });
    Ok(Arc::new(CiphertextList::from_valid(w, &points)))
}

#[cfg(test)]
impl Permutation {
    pub(super) fn of(indices: Vec<u32>) -> Self {
        Permutation(indices)
    }
}

#[cfg(test)]
pub(super) fn reencrypt_for_test(
    key: &PublicKey,
    input: &CiphertextList,
    permutation: &Permutation,
    rho: &SecretScalars,
) -> Arc<CiphertextList> {
    reencrypt(key, input, permutation, rho).unwrap()
}
