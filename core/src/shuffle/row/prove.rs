//! The prover with one row. What of it may run in variable time is argued in the threat model, "Mix servers".

use super::{challenge_c, challenge_x, challenge_yz, Commitments, RowProof};
use crate::elgamal::{Ciphertext, CiphertextList, PublicKey, SecretScalars};
use crate::group::Generators;
use crate::shuffle::prove::Permutation;
use crate::shuffle::scalars::{
    add_column, commit, commit_to, powers, prover_sum, random_scalars, RunningProducts, TASK,
};
use crate::shuffle::{open, ShuffleContext, ShuffleError, MIN_LIST};
use crate::transcript::proof;
use curve25519_dalek::Scalar;
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use std::sync::Arc;

/// Proves a shuffle whose witness is known. A lying caller gets a proof that no verifier accepts.
pub(in crate::shuffle) fn prove<R: RngCore + CryptoRng>(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    permutation: &Permutation,
    rho: &SecretScalars,
    rng: &mut R,
) -> Result<RowProof, ShuffleError> {
    let n = input.len();
    if n < MIN_LIST {
        return Err(ShuffleError::TooFew { found: n, min: MIN_LIST });
    }
    if generators.len() < n {
        return Err(ShuffleError::Generators { found: generators.len(), needed: n });
    }
    let mut transcript = open(proof::SHUFFLE, ctx, input, output);

    // SHUF-3: A commits to a_i = π(i). Vectors of which values can be made again are not kept: memory is what limits a mix
    // server.
    let blinding = random_scalars(6, rng);
    let [r_a, r_p, r_d, r_small, r_big, r_e] = blinding.0[..] else {
        return Err(ShuffleError::TooFew { found: n, min: MIN_LIST });
    };
    let pi = |i: usize| Scalar::from(permutation.0.get(i).map_or(0, |i| u64::from(*i) + 1));
    let a_commitment = commit_to(generators, n, &r_a, |from, out| fill(out, (from..).map(pi)));
    let x = challenge_x(&mut transcript, &a_commitment);

    // SHUF-4: P commits to p_i = x^π(i).
    let p = {
        let x_powers = powers(x, n);
        SecretScalars(permutation.0.par_iter().map(|i| x_powers[*i as usize]).collect())
    };
    let p_commitment = commit(generators, &p.0, &r_p);
    let (y, z) = challenge_yz(&mut transcript, &p_commitment);

    // SHUF-5: product argument over a_i = y·π(i) + p_i − z, with partial products b_i.
    let products = RunningProducts::new(n, |i| y * pi(i) + p.0[i] - z);
    let a = |i: usize| products.value(i);
    let mut d = random_scalars(n, rng);
    let mut delta = random_scalars(n, rng);
    delta.0[0] = d.0[0];
    delta.0[n - 1] = Scalar::ZERO;
    let small_delta = commit_to(generators, n - 1, &r_small, |from, out| {
        fill(out, (from..).map(|i| -delta.0[i] * d.0[i + 1]));
    });
    let big_delta = commit_to(generators, n - 1, &r_big, |from, out| {
        let value = |(i, b): (usize, Scalar)| delta.0[i + 1] - a(i + 1) * delta.0[i] - b * d.0[i + 1];
        fill(out, (from..).zip(products.from(from)).map(value));
    });

    // SHUF-6: multi-exponentiation argument.
    let mut e = random_scalars(n, rng);
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

    // SHUF-7: responses to c, in place of the masks.
    let answer = |mask: &Scalar, secret: &Scalar| mask + c * secret;
    let rerandomizer =
        |k: usize| -> Scalar { p.0.par_iter().zip(rho.0.par_chunks_exact(w)).map(|(p, rho)| p * rho[k]).sum() };
    let rerandomizers = (0..w).map(|k| answer(&tau.0[k], &-rerandomizer(k))).collect();
    d.0.par_iter_mut().enumerate().for_each(|(i, d)| *d = answer(d, &a(i)));
    delta.0.par_chunks_mut(TASK).enumerate().for_each(|(task, delta)| {
        delta.iter_mut().zip(products.from(task * TASK)).for_each(|(delta, b)| *delta = answer(delta, &b));
    });
    e.0.par_iter_mut().zip(&p.0).for_each(|(e, p)| *e = answer(e, p));
    // The first partial product is the first value, and the last is public.
    delta.0.pop();
    delta.0.remove(0);
    Ok(RowProof {
        commitments,
        values: std::mem::take(&mut d.0),
        partials: std::mem::take(&mut delta.0),
        values_blinding: answer(&r_d, &(y * r_a + r_p)),
        partials_blinding: answer(&r_small, &r_big),
        exponents: std::mem::take(&mut e.0),
        exponents_blinding: answer(&r_e, &r_p),
        rerandomizers,
    })
}

/// Writes the first values.
fn fill(out: &mut [Scalar], values: impl Iterator<Item = Scalar>) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = value);
}

/// `E_k = Σ e_i·C'_{i,k} + Enc(0; τ_k)`.
fn masked(key: &PublicKey, output: &CiphertextList, e: &SecretScalars, tau: &SecretScalars) -> Vec<Ciphertext> {
    let component = |component: usize| {
        let mut sum = prover_sum(e.0.len() / 16);
        // A list holds valid points only, and as many as there are masks.
        let added = add_column(&mut sum, &e.0, output, component, 0);
        debug_assert!(added.is_ok(), "valid points, and one for each mask");
        sum.finish_vartime()
    };
    let sums = (0..tau.0.len()).map(|k| Ciphertext { r: component(2 * k), c: component(2 * k + 1) });
    sums.zip(&tau.0).map(|(sum, tau)| sum + key.encrypt_zero(tau)).collect()
}
