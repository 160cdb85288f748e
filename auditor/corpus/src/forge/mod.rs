//! Provers that may lie, with whatever secrets the attacker knows.
//!
//! Those for ballots and shuffles are core's, of its own forgery tests: written from the specification, and not the crate's.

#[path = "../../../../core/tests/forgery_ballot/prover.rs"]
#[allow(dead_code)] // core's tests use the rest
pub(crate) mod ballot;
pub(crate) mod decryption;
pub(crate) mod known;
#[path = "../../../../core/tests/forgery_shuffle/prover.rs"]
#[allow(dead_code)]
pub(crate) mod shuffle;

use crate::board::Board;
use curve25519_dalek::Scalar;
use rand::rngs::OsRng;
use selge_core::ceremony::lagrange_at_zero;
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, TrusteeIndex};
use selge_core::plaintext::{ContestContext, EncryptedContest};

/// What a voter's proof for a contest must be bound to.
pub(crate) fn context(board: &Board, voter: usize, contest: ContestIndex) -> ContestContext<'_> {
    ContestContext {
        election: board.manifest.id(),
        joint_key: board.joint_key.public_key(),
        voter: board.keys.voters[voter].0,
        style: board.style(voter),
        contest,
        layout: board.manifest.layout(contest).expect("a contest of the manifest"),
    }
}

/// The key's secret as the shares of these trustees give it: right only if they are as many as decrypt.
pub(crate) fn interpolate(board: &Board, trustees: &[u16], at: Option<u16>) -> Scalar {
    let indices: Vec<_> = trustees.iter().copied().map(TrusteeIndex).collect();
    let share = |i: &TrusteeIndex| board.shares[usize::from(i.0) - 1].secret();
    match at {
        None => indices.iter().map(|i| lagrange_at_zero(*i, &indices) * share(i)).sum(),
        // Moved so that the point looked for is at zero.
        Some(at) => {
            let x = |i: &TrusteeIndex| Scalar::from(i.0) - Scalar::from(at);
            let coefficient = |own: &TrusteeIndex| -> Scalar {
                indices.iter().filter(|i| *i != own).map(|i| x(i) * (x(i) - x(own)).invert()).product()
            };
            indices.iter().map(|i| coefficient(i) * share(i)).sum()
        }
    }
}

/// A contest of one limb that holds `m`, and whose range proof speaks of 0: with the key's secret a commitment opens to
/// both. If these trustees are too few to know that secret, the proof is false.
pub fn undecodable(
    board: &Board,
    voter: usize,
    contest: ContestIndex,
    m: Scalar,
    trustees: &[u16],
) -> EncryptedContest {
    let ctx = context(board, voter, contest);
    let r = random_scalar(&mut OsRng);
    let other = r + m * interpolate(board, trustees, None).invert();
    let largest = u64::try_from(ctx.layout.space() - 1).expect("one limb");
    let ciphertext = ctx.joint_key.encrypt(&m, &r);
    let forged = ballot::forge(&ctx, vec![ciphertext], vec![], &[(m, r)], &vec![(0, other), (largest, -other)]);
    forged.contest().expect("a well-formed contest")
}
