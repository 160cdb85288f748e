//! What every voter of an election needs, fetched once.

use crate::cast::answered;
use crate::setup::{limit, SetUp, SetUpReader};
use anyhow::{bail, ensure, Context, Result};
use selge_core::elgamal::PublicKey;
use selge_core::ids::Digest;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_node::client::BoardClient;
use std::sync::Arc;

/// Entries fetched at a time.
const BATCH: u64 = 32;

/// A manifest with the joint key that its trustees are proven to hold.
#[derive(Clone, Debug)]
pub struct ElectionInfo {
    manifest: Arc<Manifest>,
    setup: SetUp,
    checkpoint: Checkpoint,
    phase: String,
}

impl ElectionInfo {
    /// Reads the board's set-up and checks all of it: that the board is this election's, every signature of the key
    /// ceremony, the joint key, the opening, and that these are the first entries of the signed log.
    ///
    /// # Errors
    /// Naming what does not hold.
    pub async fn fetch(board: &mut BoardClient, manifest: Arc<Manifest>) -> Result<Self> {
        let (checkpoint, phase) = newest_checkpoint(board, &manifest).await?;
        let end = checkpoint.size.min(limit(&manifest));
        let mut reader = SetUpReader::new(Arc::clone(&manifest));
        let mut next = 0;
        while next < end {
            let to = (next + BATCH).min(end);
            for bytes in answered(board.entries(next, to)).await? {
                if let Some(setup) = reader.take(&bytes)? {
                    let receipt = answered(board.receipt(setup.opening())).await?;
                    let receipt = receipt.context("the board has no proof for the opening that it shows")?;
                    let size = setup.check_receipt(&receipt, &manifest)?;
                    ensure!(
                        size >= checkpoint.size,
                        "the board has been rolled back from {} to {size} entries: keep this message, it is evidence \
                         against the collector",
                        checkpoint.size
                    );
                    return Ok(ElectionInfo { manifest, setup, checkpoint, phase });
                }
            }
            next = to;
        }
        if end < checkpoint.size {
            bail!("the board's first {end} entries do not open the vote: this is not the board of a sound election");
        }
        bail!("voting has not begun: the board holds no opening yet; try again when the election commission has opened")
    }

    /// The manifest.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// The key that ballots are encrypted under.
    pub fn joint_key(&self) -> &PublicKey {
        self.setup.joint_key.public_key()
    }

    /// The board's checkpoint when this was fetched.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Whether the board said, when this was fetched, that it takes ballots. Unsigned, so only a hint.
    pub fn voting(&self) -> bool {
        self.phase == "voting"
    }
}

/// The board's newest checkpoint, which must be of this manifest's election, and its word for the phase.
pub(crate) async fn newest_checkpoint(board: &mut BoardClient, manifest: &Manifest) -> Result<(Checkpoint, String)> {
    let status = answered(board.status()).await?;
    let served = Digest::of(&status.manifest);
    ensure!(
        served.0 == manifest.id().0,
        "the board serves the election {served}, the manifest given is that of {}: check the address and the file",
        manifest.id()
    );
    let checkpoint = Checkpoint::open(&status.checkpoint, &manifest.log_key())
        .context("the board's checkpoint is not signed by this election's collector")?;
    Ok((checkpoint, status.phase))
}
