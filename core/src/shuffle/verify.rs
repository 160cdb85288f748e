//! The shuffle's verifier: it describes its equations as terms and leaves the sum to [`Sum`].

use super::{
    challenge_c, challenge_x, challenge_yz, open, powers, public_product, Challenges, ShuffleContext, ShuffleProof,
};
use crate::elgamal::CiphertextList;
use crate::group::Generators;
use crate::ids::MixIndex;
use crate::sum::Sum;
use crate::transcript::Weights;
use curve25519_dalek::Scalar;
use std::sync::Arc;

/// Why a shuffle is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShuffleRejected {
    /// Input, output and proof are not of one shape.
    #[error("{what}: {found}, the input needs {expected}")]
    Shape {
        /// Which part.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length it must have.
        expected: usize,
    },
    /// The equations do not hold.
    #[error("the shuffle proof does not hold: the output is not a shuffle of the input")]
    False,
}

/// A list that is proven to hold the plaintexts of its input, in another order. Only [`verify`] and [`verify_chain`]
/// make one.
#[derive(Clone, Debug)]
pub struct VerifiedShuffle {
    output: Arc<CiphertextList>,
}

impl VerifiedShuffle {
    /// The shuffled list.
    pub fn output(&self) -> &Arc<CiphertextList> {
        &self.output
    }
}

/// Checks one shuffle (`SHUF-8`).
///
/// # Errors
/// [`ShuffleRejected`].
pub fn verify(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    proof: &ShuffleProof,
) -> Result<VerifiedShuffle, ShuffleRejected> {
    let mut sum = Sum::default();
    describe(ctx, input, output, proof, &mut sum)?;
    if generators.len() < sum.generators_needed() {
        return Err(ShuffleRejected::Shape {
            what: "commitment key",
            found: generators.len(),
            expected: sum.generators_needed(),
        });
    }
    if sum.holds(generators) {
        Ok(VerifiedShuffle { output: Arc::clone(output) })
    } else {
        Err(ShuffleRejected::False)
    }
}

/// Which mix of a chain is false.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mix {mix}: {reason}")]
pub struct ChainError {
    /// The culprit.
    pub mix: MixIndex,
    /// What is wrong with it.
    pub reason: ShuffleRejected,
}

/// Checks a chain of shuffles, each of whose inputs is the output before it, in one sum. `mixes` are in order, from
/// mix 1. If the sum fails, each is checked alone to name the first culprit.
///
/// # Errors
/// [`ChainError`] naming the mix.
pub fn verify_chain(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    mixes: &[(Arc<CiphertextList>, ShuffleProof)],
) -> Result<Vec<VerifiedShuffle>, ChainError> {
    let steps = || {
        (1u16..).zip(mixes).scan(Arc::clone(input), |before, (k, (output, proof))| {
            let ctx = ShuffleContext { mix: MixIndex(k), ..*ctx };
            Some((ctx, std::mem::replace(before, Arc::clone(output)), output, proof))
        })
    };
    let mut sum = Sum::new(Weights::from_os());
    let mut shaped = true;
    for (ctx, input, output, proof) in steps() {
        shaped &= describe(&ctx, &input, output, proof, &mut sum).is_ok();
    }
    if shaped && sum.holds(generators) {
        return Ok(mixes.iter().map(|(output, _)| VerifiedShuffle { output: Arc::clone(output) }).collect());
    }
    drop(sum);
    steps()
        .map(|(ctx, input, output, proof)| {
            verify(&ctx, generators, &input, output, proof).map_err(|reason| ChainError { mix: ctx.mix, reason })
        })
        .collect()
}

/// Adds the four equations of one shuffle to `sum` (`SHUF-8`, a to d).
pub(super) fn describe(
    ctx: &ShuffleContext<'_>,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    proof: &ShuffleProof,
    sum: &mut Sum,
) -> Result<(), ShuffleRejected> {
    let (n, w) = (input.len(), input.width());
    if n < super::MIN_LIST {
        return Err(ShuffleRejected::Shape { what: "input ballots", found: n, expected: super::MIN_LIST });
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
    let mut transcript = open(ctx, input, output);
    let x = challenge_x(&mut transcript, &proof.commitments.permutation);
    let (y, z) = challenge_yz(&mut transcript, &proof.commitments.powers);
    let c = challenge_c(&mut transcript, &proof.commitments);
    let challenges = Challenges { x, y, z, c };
    describe_product(proof, &challenges, sum);
    describe_multiexp(ctx, input, output, proof, &challenges, sum);
    Ok(())
}

/// The single-value product argument (Bayer–Groth, section 5.3) on `y·A + P − com(z, …, z; 0)`.
fn describe_product(proof: &ShuffleProof, challenges: &Challenges, sum: &mut Sum) {
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
    proof: &ShuffleProof,
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
    equation.list(output, proof.exponents.iter().copied(), &weights);
    equation.list(input, powers(x).map(|xi| -c * xi), &weights);
    for ((tau, masked), weight) in proof.rerandomizers.iter().zip(&com.masked).zip(weights.chunks_exact(2)) {
        equation
            .basepoint(weight[0] * tau)
            .point(-weight[0], masked.r)
            .point(weight[1] * tau, *ctx.joint_key.point())
            .point(-weight[1], masked.c);
    }
}
