//! The shuffle's verifier: it describes its equations as terms and leaves the sum to [`Sum`].

use super::{row, rows, Form, ShuffleContext, ShuffleProof};
use crate::elgamal::CiphertextList;
use crate::group::Generators;
use crate::ids::MixIndex;
use crate::sum::Sum;
use crate::transcript::Weights;
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

/// Checks one shuffle (`SHUF-8`, `SHUF-16`).
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
/// `ctx.mix` on: mix 1, or the mix whose input `input` is. If the sum fails, each is checked alone to name the first culprit.
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
        (ctx.mix.0..).zip(mixes).scan(Arc::clone(input), |before, (k, (output, proof))| {
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

/// Adds the equations of one shuffle to `sum`.
fn describe(
    ctx: &ShuffleContext<'_>,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    proof: &ShuffleProof,
    sum: &mut Sum,
) -> Result<(), ShuffleRejected> {
    match &proof.0 {
        Form::Row(proof) => row::describe(ctx, input, output, proof, sum),
        Form::Rows(proof) => rows::describe(ctx, input, output, proof, sum),
    }
}
