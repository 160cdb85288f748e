//! Handing the roll to the board, as often as it takes.

use crate::folder::SignedRoll;
use anyhow::{ensure, Context, Result};
use selge_core::ids::Digest;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_node::client::BoardClient;

/// What became of the roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The receipt, verified.
    pub receipt: Receipt,
    /// Whether the roll was on the board before.
    pub already: bool,
}

/// Hands a roll in; a roll that is on the board already is not sent again.
///
/// # Errors
/// If the board is of another election, refuses, or gives a receipt that does not hold.
pub async fn post(board: &mut BoardClient, manifest: &Manifest, roll: &SignedRoll) -> Result<Posted> {
    let status = board.status().await?;
    let served = Digest::of(&status.manifest);
    ensure!(
        served.0 == manifest.id().0,
        "the board serves the election {served}, the manifest given is that of {}: check the address and the file",
        manifest.id()
    );
    let log = manifest.log_key();
    Checkpoint::open(&status.checkpoint, &log)
        .context("the board's checkpoint is not signed by this election's collector")?;
    let leaf = roll.entry.leaf_hash();
    let (receipt, already) = match board.receipt(&leaf).await? {
        Some(receipt) => (receipt, true),
        None => match board.post(&roll.entry, vec![roll.bytes.clone()]).await {
            Ok(receipt) => (receipt, false),
            // The answer to a first attempt may have been lost while the roll was stored.
            Err(error) => match board.receipt(&leaf).await {
                Ok(Some(receipt)) => (receipt, true),
                _ => return Err(error.context("the roll is not on the board; run the command again")),
            },
        },
    };
    receipt
        .verify(&leaf, &log)
        .context("the board's receipt for the roll is false: keep this message and tell the election commission")?;
    Ok(Posted { receipt, already })
}
