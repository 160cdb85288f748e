//! The verifier with one row.

use super::{challenge_c, challenge_x, challenge_yz, Challenges, RowProof};
use crate::elgamal::CiphertextList;
use crate::shuffle::{open, powers_from, public_product, ShuffleContext, ShuffleRejected, MIN_LIST};
use crate::sum::Sum;
use crate::transcript::proof as proof_name;
use curve25519_dalek::Scalar;
use std::sync::Arc;

/// Adds the four equations of one shuffle to `sum` (`SHUF-8`, a to d).
pub(in crate::shuffle) fn describe(
    ctx: &ShuffleContext<'_>,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    proof: &RowProof,
    sum: &mut Sum,
) -> Result<(), ShuffleRejected> {
    let (n, w) = (input.len(), input.width());
    if n < MIN_LIST {
        return Err(ShuffleRejected::Shape { what: "input ballots", found: n, expected: MIN_LIST });
    }
    for (what, found, expected) in [
        ("output ballots", output.len(), n),
        ("output width", output.width(), w),
        ("proof values", proof.values.len(), n),
        ("proof partial products", proof.partials.len(), n - 2),
        ("proof exponents", proof.exponents.len(), n),
        ("proof masked ciphertexts", proof.commitments.masked.len(), w),
        ("proof rerandomizers", proof.rerandomizers.len(), w),
    ] {
        if found != expected {
            return Err(ShuffleRejected::Shape { what, found, expected });
        }
    }
    let mut transcript = open(proof_name::SHUFFLE, ctx, input, output);
    let x = challenge_x(&mut transcript, &proof.commitments.permutation);
    let (y, z) = challenge_yz(&mut transcript, &proof.commitments.powers);
    let c = challenge_c(&mut transcript, &proof.commitments);
    let challenges = Challenges { x, y, z, c };
    describe_product(proof, &challenges, sum);
    describe_multiexp(ctx, input, output, proof, &challenges, sum);
    Ok(())
}

/// The single-value product argument (Bayer–Groth, section 5.3) on `y·A + P − com(z, …, z; 0)`.
fn describe_product(proof: &RowProof, challenges: &Challenges, sum: &mut Sum) {
    let Challenges { x, y, z, c } = *challenges;
    let com = &proof.commitments;
    let n = proof.values.len();

    // (a) com(ã; r̃) = c·(y·A + P − com(z, …, z; 0)) + D
    sum.equation()
        .g(proof.values.iter().map(|a| a + c * z))
        .h(proof.values_blinding)
        .point(-c * y, com.permutation)
        .point(-c, com.powers)
        .point(-Scalar::ONE, com.masks);

    // (b) com(c·b̃_{i+1} − b̃_i·ã_{i+1}; s̃) = c·Δ + δ, with b̃_1 = ã_1 and b̃_N = c·∏(y·i + x^i − z)
    let last = c * public_product(n, x, y, z);
    let partials = proof.values[..1].iter().chain(&proof.partials).chain(std::iter::once(&last));
    let next = partials.clone().skip(1);
    sum.equation()
        .g(partials.zip(next).zip(&proof.values[1..]).map(|((b, b_next), a_next)| c * b_next - b * a_next))
        .h(proof.partials_blinding)
        .point(-c, com.big_delta)
        .point(-Scalar::ONE, com.small_delta);
}

/// The multi-exponentiation argument (Bayer–Groth, section 4, one row) on `P`.
fn describe_multiexp(
    ctx: &ShuffleContext<'_>,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    proof: &RowProof,
    challenges: &Challenges,
    sum: &mut Sum,
) {
    let Challenges { x, c, .. } = *challenges;
    let com = &proof.commitments;

    // (c) com(ẽ; q̃) = c·P + S
    sum.equation()
        .g(proof.exponents.iter().copied())
        .h(proof.exponents_blinding)
        .point(-c, com.powers)
        .point(-Scalar::ONE, com.exponent_masks);

    // (d) Σ ẽ_i·C'_{i,k} + Enc(0; τ̃_k) = E_k + c·Σ x^i·C_{i,k}, for R and C of every limb k, each with a weight of
    // its own: 2w equations folded into one.
    let weights = sum.component_weights(2 * input.width());
    let mut equation = sum.equation();
    equation.list(output, |i| proof.exponents.iter().skip(i).copied(), &weights);
    equation.list(input, |i| powers_from(x, i + 1).map(|xi| -c * xi), &weights);
    for ((tau, masked), weight) in proof.rerandomizers.iter().zip(&com.masked).zip(weights.chunks_exact(2)) {
        equation
            .basepoint(weight[0] * tau)
            .point(-weight[0], masked.r)
            .point(weight[1] * tau, *ctx.joint_key.point())
            .point(-weight[1], masked.c);
    }
}
