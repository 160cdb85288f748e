//! The shuffle and its prover. What of it may run in variable time is argued in the threat model, "Mix servers".

use super::{
    challenge_c, challenge_x, challenge_yz, open, powers, Challenges, Commitments, ShuffleContext, ShuffleProof,
};
use crate::elgamal::{Ciphertext, CiphertextList, PublicKey, SecretScalars};
use crate::group::Generators;
use crate::sum::vartime_msm_strided;
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
pub struct Permutation(Vec<u32>);

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
fn random_scalars<R: RngCore + CryptoRng>(n: usize, rng: &mut R) -> SecretScalars {
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
fn commit(generators: &Generators, values: &[Scalar], blinding: &Scalar) -> RistrettoPoint {
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
    let (n, w) = (input.len(), input.width());
    let permutation = Permutation::random(n, rng);
    let rho = random_scalars(n * w, rng);
    let output = reencrypt(ctx.joint_key, input, &permutation, &rho)?;
    let proof = prove(ctx, generators, input, &output, &permutation, &rho, rng)?;
    Ok((output, proof))
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

/// Proves a shuffle whose witness is known. A lying caller gets a proof that no verifier accepts.
pub(super) fn prove<R: RngCore + CryptoRng>(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    permutation: &Permutation,
    rho: &SecretScalars,
    rng: &mut R,
) -> Result<ShuffleProof, ShuffleError> {
    let n = input.len();
    if n < super::MIN_LIST {
        return Err(ShuffleError::TooFew { found: n, min: super::MIN_LIST });
    }
    if generators.len() < n {
        return Err(ShuffleError::Generators { found: generators.len(), needed: n });
    }
    let mut transcript = open(ctx, input, output);

    // SHUF-3: A commits to a_i = π(i).
    let blinding = random_scalars(6, rng);
    let [r_a, r_p, r_d, r_small, r_big, r_e] = blinding.0[..] else {
        return Err(ShuffleError::TooFew { found: n, min: super::MIN_LIST });
    };
    let pi = SecretScalars(permutation.0.iter().map(|i| Scalar::from(u64::from(*i) + 1)).collect());
    let a_commitment = commit(generators, &pi.0, &r_a);
    let x = challenge_x(&mut transcript, &a_commitment);

    // SHUF-4: P commits to p_i = x^π(i).
    let p = {
        let x_powers: Vec<Scalar> = powers(x).take(n).collect();
        SecretScalars(permutation.0.iter().map(|i| x_powers[*i as usize]).collect())
    };
    let p_commitment = commit(generators, &p.0, &r_p);
    let (y, z) = challenge_yz(&mut transcript, &p_commitment);

    // SHUF-5: product argument over a_i = y·π(i) + p_i − z, with partial products b_i.
    let a = SecretScalars(pi.0.iter().zip(&p.0).map(|(pi, p)| y * pi + p - z).collect());
    drop(pi);
    let mut running = Scalar::ONE;
    let b = SecretScalars(
        a.0.iter()
            .map(|a| {
                running *= a;
                running
            })
            .collect(),
    );
    running.zeroize();
    let d = random_scalars(n, rng);
    let mut delta = random_scalars(n, rng);
    delta.0[0] = d.0[0];
    delta.0[n - 1] = Scalar::ZERO;
    // Each vector lives only as long as its commitment takes: memory is what limits a mix server.
    let small_delta = {
        let small = SecretScalars((1..n).map(|i| -delta.0[i - 1] * d.0[i]).collect());
        commit(generators, &small.0, &r_small)
    };
    let big_delta = {
        let value = |i: usize| delta.0[i] - a.0[i] * delta.0[i - 1] - b.0[i - 1] * d.0[i];
        let big = SecretScalars((1..n).map(value).collect());
        commit(generators, &big.0, &r_big)
    };

    // SHUF-6: multi-exponentiation argument.
    let e = random_scalars(n, rng);
    let w = output.width();
    let tau = random_scalars(w, rng);
    let commitments = Commitments {
        permutation: a_commitment,
        powers: p_commitment,
        masks: commit(generators, &d.0, &r_d),
        small_delta,
        big_delta,
        exponent_masks: commit(generators, &e.0, &r_e),
        masked: masked(ctx.joint_key, output, &e, &tau),
    };
    let c = challenge_c(&mut transcript, &commitments);
    let challenges = Challenges { x, y, z, c };

    // SHUF-7: responses to c.
    let answer = |mask: &Scalar, secret: &Scalar| mask + challenges.c * secret;
    let rerandomizers = (0..w)
        .map(|k| {
            let rho_k: Scalar = p.0.iter().enumerate().map(|(i, p)| p * rho.0[i * w + k]).sum();
            answer(&tau.0[k], &-rho_k)
        })
        .collect();
    Ok(ShuffleProof {
        commitments,
        values: d.0.iter().zip(&a.0).map(|(d, a)| answer(d, a)).collect(),
        partials: (1..n - 1).map(|i| answer(&delta.0[i], &b.0[i])).collect(),
        values_blinding: answer(&r_d, &(challenges.y * r_a + r_p)),
        partials_blinding: answer(&r_small, &r_big),
        exponents: e.0.iter().zip(&p.0).map(|(e, p)| answer(e, p)).collect(),
        exponents_blinding: answer(&r_e, &r_p),
        rerandomizers,
    })
}

/// `E_k = Σ e_i·C'_{i,k} + Enc(0; τ_k)`.
fn masked(key: &PublicKey, output: &CiphertextList, e: &SecretScalars, tau: &SecretScalars) -> Vec<Ciphertext> {
    let stride = 2 * tau.0.len();
    tau.0
        .iter()
        .enumerate()
        .map(|(k, tau)| {
            // A list holds valid points only, and as many as there are masks.
            let half = |offset| vartime_msm_strided(&e.0, output.points(), 2 * k + offset, stride).unwrap_or_default();
            Ciphertext { r: half(0), c: half(1) } + key.encrypt_zero(tau)
        })
        .collect()
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
