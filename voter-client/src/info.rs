//! What every voter of an election needs, fetched once.

use crate::board::{Board, Status};
use crate::setup::{limit, SetUp, SetUpReader};
use anyhow::{bail, ensure, Context, Result};
use selge_core::elgamal::PublicKey;
use selge_core::ids::Digest;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
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
    pub async fn fetch<B: Board>(board: &mut B, manifest: Arc<Manifest>) -> Result<Self> {
        let status = board.status().await?;
        Self::fetch_from(board, manifest, &status).await
    }

    /// As [`ElectionInfo::fetch`], for a board whose status is known.
    ///
    /// # Errors
    /// Naming what does not hold.
    pub async fn fetch_from<B: Board>(board: &mut B, manifest: Arc<Manifest>, status: &Status) -> Result<Self> {
        let checkpoint = checkpoint_of(status, &manifest)?;
        let phase = status.phase.clone();
        let end = checkpoint.size.min(limit(&manifest));
        let mut reader = SetUpReader::new(Arc::clone(&manifest));
        let mut next = 0;
        while next < end {
            let to = (next + BATCH).min(end);
            for bytes in board.entries(next, to).await? {
                if let Some(setup) = reader.take(&bytes)? {
                    let receipt = board.receipt(setup.opening()).await?;
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

/// The checkpoint of a status, which must be of this manifest's election.
pub(crate) fn checkpoint_of(status: &Status, manifest: &Manifest) -> Result<Checkpoint> {
    let served = Digest::of(&status.manifest);
    ensure!(
        served.0 == manifest.id().0,
        "the board serves the election {served}, the manifest given is that of {}: check the address and the file",
        manifest.id()
    );
    Checkpoint::open(&status.checkpoint, &manifest.log_key())
        .context("the board's checkpoint is not signed by this election's collector")
}
