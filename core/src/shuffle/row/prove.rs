//! The prover with one row. What of it may run in variable time is argued in the threat model, "Mix servers".

use super::{challenge_c, challenge_x, challenge_yz, Challenges, Commitments, RowProof};
use crate::elgamal::{Ciphertext, CiphertextList, PublicKey, SecretScalars};
use crate::group::Generators;
use crate::shuffle::prove::{commit, random_scalars, Permutation};
use crate::shuffle::{open, powers, ShuffleContext, ShuffleError, MIN_LIST};
use crate::sum::vartime_msm_strided;
use crate::transcript::proof;
use curve25519_dalek::Scalar;
use rand::{CryptoRng, RngCore};
use std::sync::Arc;
use zeroize::Zeroize;

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

    // SHUF-3: A commits to a_i = π(i).
    let blinding = random_scalars(6, rng);
    let [r_a, r_p, r_d, r_small, r_big, r_e] = blinding.0[..] else {
        return Err(ShuffleError::TooFew { found: n, min: MIN_LIST });
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
    Ok(RowProof {
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
