//! Handing a signed ballot in, until there is a receipt that holds.
//!
//! The board gives the same bytes the same place (`REC-1`), so a ballot whose answer got lost is simply sent again.

use anyhow::Result;
use rand::Rng;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::LeafHash;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::{Receipt, ReceiptError};
use selge_node::client::{BoardClient, BoardError};
use std::future::Future;
use std::time::Duration;
use tokio::time::{sleep, timeout, Instant};
use tonic::Code;

/// How long one question to the board may take.
const ANSWER: Duration = Duration::from_secs(60);

/// Longest wait that the board may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// Bounds the wait for one answer of the board.
pub(crate) async fn answered<T>(question: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(ANSWER, question).await {
        Ok(answer) => answer,
        Err(_) => Err(anyhow::anyhow!("the board did not answer within {} s: try again later", ANSWER.as_secs())),
    }
}

/// How long to go on when the board is busy or does not answer.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one attempt.
    pub attempt: Duration,
    /// After which no further attempt is made.
    pub total: Duration,
    /// The first wait; every wait is twice the one before, and a random part is cut off so that many voters who were
    /// turned away together do not come back together.
    pub wait: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            attempt: Duration::from_secs(30),
            total: Duration::from_secs(180),
            wait: Duration::from_millis(250),
            longest: Duration::from_secs(10),
        }
    }
}

/// A receipt that has been verified for one entry of one election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    receipt: Receipt,
    leaf: LeafHash,
    checkpoint: Checkpoint,
}

impl VerifiedReceipt {
    /// Checks a receipt offline.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(receipt: Receipt, leaf: LeafHash, manifest: &Manifest) -> Result<Self, ReceiptError> {
        let checkpoint = receipt.verify(&leaf, &manifest.log_key())?;
        Ok(VerifiedReceipt { receipt, leaf, checkpoint })
    }

    /// The receipt.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The leaf hash of the entry.
    pub fn leaf(&self) -> &LeafHash {
        &self.leaf
    }

    /// The checkpoint that the receipt leads to.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The leaf hash as people read it.
    pub fn tracker(&self) -> String {
        crate::tracker(&self.leaf)
    }
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CastError {
    /// The voter's newest ballot is not the one that this ballot follows.
    #[error(
        "another ballot with your credential has reached the board since you started (tracker {}): if that was you on \
         another device, vote again to replace it; if it was not you, somebody else has your credential, so vote again \
         and tell the election commission",
        crate::tracker(newest)
    )]
    Stale {
        /// The newest ballot, as the board says.
        newest: LeafHash,
    },
    /// The board will not take the ballot.
    #[error("{0:#}")]
    Refused(anyhow::Error),
    /// The board was busy or did not answer, up to the end of our patience. It may have stored the ballot.
    #[error("{last:#} (tried {attempts} times; it is not known whether the ballot was stored)")]
    Unanswered {
        /// How often it was tried.
        attempts: u32,
        /// What the last attempt said.
        last: anyhow::Error,
    },
    /// The board answered with a receipt that does not hold: evidence against the collector.
    #[error("the board's receipt is false: {reason}. The ballot does not count as handed in")]
    FalseReceipt {
        /// What the board gave, if it could be read.
        receipt: Option<Box<Receipt>>,
        /// What is wrong.
        reason: ReceiptError,
    },
}

/// Whether sending the same bytes again may help.
fn passing(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::Unknown
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::Cancelled
            | Code::Internal
    )
}

/// Hands a signed ballot in and verifies the receipt. The same ballot may be handed in any number of times.
///
/// # Errors
/// [`CastError`].
pub async fn cast(
    board: &mut BoardClient,
    manifest: &Manifest,
    ballot: &SignedEntry,
    patience: &Patience,
) -> Result<VerifiedReceipt, CastError> {
    cast_with(board, manifest, ballot, patience, |_, _| {}).await
}

/// As [`cast`]; `on_wait` is told why and for how long before each wait.
///
/// # Errors
/// [`CastError`].
pub async fn cast_with(
    board: &mut BoardClient,
    manifest: &Manifest,
    ballot: &SignedEntry,
    patience: &Patience,
    mut on_wait: impl FnMut(&anyhow::Error, Duration),
) -> Result<VerifiedReceipt, CastError> {
    let started = Instant::now();
    let leaf = ballot.leaf_hash();
    let mut wait = patience.wait;
    for attempts in 1.. {
        let problem = match timeout(patience.attempt, board.submit(ballot)).await {
            Ok(Ok(receipt)) => return accept(receipt, leaf, manifest),
            Ok(Err(error)) => error,
            Err(_) => anyhow::anyhow!("the board did not answer within {} s", patience.attempt.as_secs()),
        };
        if let Some(reason) = problem.downcast_ref::<ReceiptError>() {
            return Err(CastError::FalseReceipt { receipt: None, reason: reason.clone() });
        }
        if problem.downcast_ref::<BoardError>().is_some_and(|error| !passing(error.code)) {
            return refused(board, manifest, ballot, leaf, problem).await;
        }
        let asked = problem.downcast_ref::<BoardError>().and_then(|error| error.retry_after);
        let pause = pause(wait, asked, rand::thread_rng().gen_range(0.0..1.0));
        if started.elapsed() + pause > patience.total {
            return Err(CastError::Unanswered { attempts, last: problem });
        }
        on_wait(&problem, pause);
        sleep(pause).await;
        wait = (wait * 2).min(patience.longest);
    }
    Err(CastError::Unanswered { attempts: u32::MAX, last: anyhow::anyhow!("the board did not answer") })
}

/// How long to wait: never less than the board asks for, and by `random` (0 to 1) longer or shorter, so that many voters
/// who were turned away together do not come back together.
fn pause(wait: Duration, asked: Option<Duration>, random: f64) -> Duration {
    let own = wait.mul_f64(0.5 + 0.5 * random);
    // A board that asks for hours is not waited for by the hour.
    let asked = asked.map(|asked| asked.min(LONGEST_ASKED).mul_f64(1.0 + 0.5 * random));
    asked.unwrap_or_default().max(own)
}

fn accept(receipt: Receipt, leaf: LeafHash, manifest: &Manifest) -> Result<VerifiedReceipt, CastError> {
    VerifiedReceipt::verify(receipt.clone(), leaf, manifest)
        .map_err(|reason| CastError::FalseReceipt { receipt: Some(Box::new(receipt)), reason })
}

/// What a refusal means: the ballot may be on the board already (an attempt whose answer got lost, just before the end
/// of voting), or another one came in between.
async fn refused(
    board: &mut BoardClient,
    manifest: &Manifest,
    ballot: &SignedEntry,
    leaf: LeafHash,
    problem: anyhow::Error,
) -> Result<VerifiedReceipt, CastError> {
    if let Ok(Some(receipt)) = answered(board.receipt(&leaf)).await {
        return accept(receipt, leaf, manifest);
    }
    if let EntryBody::Ballot(encrypted) = &ballot.body {
        if let Ok(state) = answered(board.voter(&encrypted.voter)).await {
            if state.cancelled.is_none() && state.newest != encrypted.previous && state.newest != LeafHash::NONE {
                return Err(CastError::Stale { newest: state.newest });
            }
        }
    }
    Err(CastError::Refused(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_is_given_the_time_that_it_asks_for_and_no_two_voters_come_back_together() {
        let own = Duration::from_millis(500);
        for random in [0.0, 0.3, 1.0] {
            let alone = pause(own, None, random);
            assert!(alone >= own / 2 && alone <= own);
            let asked = pause(own, Some(Duration::from_secs(4)), random);
            assert!(asked >= Duration::from_secs(4) && asked <= Duration::from_secs(6));
            assert_eq!(pause(own, Some(Duration::ZERO), random), alone);
            assert!(pause(own, Some(Duration::from_secs(1 << 40)), random) <= Duration::from_secs(90));
        }
        assert_ne!(pause(own, Some(own), 0.1), pause(own, Some(own), 0.2));
    }
}
