//! The shuffle and its prover. What of it may run in variable time is argued in the threat model, "Mix servers".

use super::reencrypt::reencrypt;
use super::scalars::{random_scalars, Buffered};
use super::{row, rows, Form, ShuffleContext, ShuffleProof};
#[cfg(test)]
use crate::elgamal::PublicKey;
use crate::elgamal::{CiphertextList, SecretScalars};
use crate::group::Generators;
use rand::seq::SliceRandom;
use rand::{CryptoRng, RngCore};
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
    /// The input, whose points were checked when it was read, has one that is none.
    #[error("the input has changed in memory since it was read: this machine is faulty; mix on another")]
    Memory,
}

/// A secret permutation of `0 … n − 1`: output `i` is input `self.0[i]`.
pub struct Permutation(pub(super) Vec<u32>);

impl Permutation {
    /// A uniform permutation (Fisher–Yates).
    pub fn random<R: RngCore + CryptoRng>(n: usize, rng: &mut R) -> Self {
        let mut indices: Vec<u32> = (0..u32::try_from(n).unwrap_or(u32::MAX)).collect();
        indices.shuffle(&mut Buffered::new(rng));
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
