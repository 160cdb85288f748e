//! Aggregated Bulletproof range proofs (`BALLOT-7`): the prover, and a verifier that describes terms of a [`Sum`].
//!
//! Bytes and transcript are those of the `bulletproofs` crate, whose generators these are. That crate checks one proof at
//! a time and computes the sum itself; the verifier here only *describes* the two equations, so that those of many ballots
//! share one sum and the generators appear in it once. The crate's prover folds the generators in every round of the
//! inner-product argument; the prover here leaves them as they are, so that tables of their multiples serve all rounds.
//! Tests compare every proof with the crate's, byte for byte, and every verdict.
//!
//! Source: Bünz, Bootle, Boneh, Poelstra, Wuille, Maxwell, *Bulletproofs* (IEEE S&P 2018), sections 3, 4.1, 4.2 and 6.2;
//! the crate's notes on the inner-product argument.
//!
//! [`Sum`]: crate::sum::Sum

mod gens;
mod prove;
mod verify;

pub(crate) use gens::{lane_gens, Tables};
pub(crate) use prove::{prove, Opening};
pub(crate) use verify::{absorb, describe, read, Parts, Replayed};

use curve25519_dalek::Scalar;
use merlin::Transcript;

/// Most bits of one value.
pub(crate) const MAX_BITS: usize = 16;

/// Most values of one proof.
pub(crate) const MAX_PARTIES: usize = 16;

/// Bytes of a proof over `size` bits in all, a power of two.
pub(crate) fn encoded_len(size: usize) -> usize {
    32 * (9 + 2 * size.ilog2() as usize)
}

fn challenge(transcript: &mut Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// 1, x, x², …
fn powers(x: Scalar) -> impl Iterator<Item = Scalar> + Clone {
    std::iter::successors(Some(Scalar::ONE), move |p| Some(p * x))
}

#[cfg(test)]
mod tests;
