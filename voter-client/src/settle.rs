//! What the board's answer to a ballot means: a receipt that holds, a reason to try again, or neither.
//!
//! The board gives the same bytes the same place (`REC-1`), so a ballot whose answer got lost is simply sent again.

use crate::board::Board;
use anyhow::Result;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::LeafHash;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::{Receipt, ReceiptError};
use std::time::Duration;

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

/// What came of handing a ballot in once.
#[derive(Debug)]
pub enum Attempt {
    /// The ballot is on the board.
    Recorded(VerifiedReceipt),
    /// The board was busy or did not answer; the same bytes may be sent again.
    Again {
        /// What it said, or that it said nothing.
        problem: anyhow::Error,
        /// How long it asks to wait first.
        asked: Option<Duration>,
    },
    /// Sending the same bytes again does not help.
    Failed(CastError),
}

/// Judges the board's answer to a ballot that was handed in; a refusal leads to a question or two, since the ballot may
/// be on the board all the same.
pub async fn settle<B: Board>(
    board: &mut B,
    manifest: &Manifest,
    ballot: &SignedEntry,
    answer: Result<Receipt>,
) -> Attempt {
    let leaf = ballot.leaf_hash();
    let problem = match answer {
        Ok(receipt) => return accept(receipt, leaf, manifest),
        Err(problem) => problem,
    };
    if let Some(reason) = problem.downcast_ref::<ReceiptError>() {
        return Attempt::Failed(CastError::FalseReceipt { receipt: None, reason: reason.clone() });
    }
    match B::refusal(&problem) {
        Some(refusal) if !refusal.passing => refused(board, manifest, ballot, leaf, problem).await,
        refusal => Attempt::Again { problem, asked: refusal.and_then(|refusal| refusal.retry_after) },
    }
}

fn accept(receipt: Receipt, leaf: LeafHash, manifest: &Manifest) -> Attempt {
    match VerifiedReceipt::verify(receipt.clone(), leaf, manifest) {
        Ok(receipt) => Attempt::Recorded(receipt),
        Err(reason) => Attempt::Failed(CastError::FalseReceipt { receipt: Some(Box::new(receipt)), reason }),
    }
}

/// What a refusal means: the ballot may be on the board already (an attempt whose answer got lost, just before the end
/// of voting), or another one came in between.
async fn refused<B: Board>(
    board: &mut B,
    manifest: &Manifest,
    ballot: &SignedEntry,
    leaf: LeafHash,
    problem: anyhow::Error,
) -> Attempt {
    if let Ok(Some(receipt)) = board.receipt(&leaf).await {
        return accept(receipt, leaf, manifest);
    }
    if let EntryBody::Ballot(encrypted) = &ballot.body {
        if let Ok(state) = board.standing(&encrypted.voter).await {
            if state.cancelled.is_none() && state.newest != encrypted.previous && state.newest != LeafHash::NONE {
                return Attempt::Failed(CastError::Stale { newest: state.newest });
            }
        }
    }
    Attempt::Failed(CastError::Refused(problem))
}
