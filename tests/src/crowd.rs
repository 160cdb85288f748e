//! A crowd: many voters' devices in one process, each with its own key and ballot.

use crate::plan::PlannedVoter;
use anyhow::{ensure, Context, Result};
use rand::rngs::OsRng;
use selge_core::ballot::EncryptedBallot;
use selge_core::elgamal::PublicKey;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{LeafHash, VoterId};
use selge_core::manifest::Manifest;
use selge_core::receipt::Receipt;
use selge_core::sign::SigningKey;
use selge_node::client::{BoardArgs, BoardClient};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Ballots in flight at a time.
const IN_FLIGHT: usize = 64;

/// Connections to the board.
const CONNECTIONS: usize = 4;

/// One voter's device.
#[derive(Debug)]
pub struct Device {
    /// The pseudonym.
    pub voter: VoterId,
    /// The key that signs ballots.
    pub key: SigningKey,
    /// What it will cast.
    pub plan: PlannedVoter,
}

/// A ballot that was cast, with its receipt.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Whose.
    pub voter: VoterId,
    /// The ballot's leaf hash, its tracker.
    pub leaf: LeafHash,
    /// The receipt, verified.
    pub receipt: Receipt,
}

impl Device {
    /// A fresh device.
    pub fn new(plan: PlannedVoter) -> Self {
        Device { voter: VoterId::random(&mut OsRng), key: SigningKey::generate(&mut OsRng), plan }
    }

    /// Encrypts, proves and signs the later ballot, or the one that it will supersede.
    ///
    /// # Errors
    /// If the plan does not fit the manifest.
    pub fn prepare(
        &self,
        manifest: &Manifest,
        key: &PublicKey,
        later: bool,
        previous: LeafHash,
    ) -> Result<SignedEntry> {
        let choices = if later { &self.plan.choices } else { self.plan.earlier.as_ref().unwrap_or(&self.plan.choices) };
        let style = manifest.style_index(&self.plan.style).context("no such style")?;
        let ballot = EncryptedBallot::encrypt(manifest, key, self.voter, style, previous, choices, &mut OsRng)?;
        Ok(EntryBody::Ballot(ballot).sign(manifest.id(), &self.key))
    }
}

/// Casts every device's ballots: the earlier one first, where there is one. Every receipt is verified.
///
/// # Errors
/// If a ballot is refused or a receipt does not hold.
pub async fn cast_all(
    board: &BoardArgs,
    manifest: &Arc<Manifest>,
    key: &Arc<PublicKey>,
    devices: Vec<Device>,
    progress: impl Fn() + Clone + Send + 'static,
) -> Result<Vec<Cast>> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(board.connect().await?);
    }
    let permits = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut tasks = tokio::task::JoinSet::new();
    for (i, device) in devices.into_iter().enumerate() {
        let permit = Arc::clone(&permits).acquire_owned().await?;
        let (manifest, key) = (Arc::clone(manifest), Arc::clone(key));
        let mut client = clients[i % CONNECTIONS].clone();
        let progress = progress.clone();
        tasks.spawn(async move {
            let result = cast_device(&mut client, &manifest, &key, device).await;
            drop(permit);
            progress();
            result
        });
    }
    let mut casts = Vec::new();
    while let Some(done) = tasks.join_next().await {
        casts.extend(done??);
    }
    Ok(casts)
}

async fn cast_device(
    client: &mut BoardClient,
    manifest: &Arc<Manifest>,
    key: &Arc<PublicKey>,
    device: Device,
) -> Result<Vec<Cast>> {
    let mut casts: Vec<Cast> = Vec::new();
    let device = Arc::new(device);
    for later in [false, true] {
        if !later && device.plan.earlier.is_none() {
            continue;
        }
        let previous = casts.last().map_or(LeafHash::NONE, |c| c.leaf);
        let (manifest2, key, device2) = (Arc::clone(manifest), Arc::clone(key), Arc::clone(&device));
        let entry = tokio::task::spawn_blocking(move || device2.prepare(&manifest2, &key, later, previous)).await??;
        let receipt = submit(client, &entry).await?;
        let leaf = entry.leaf_hash();
        receipt.verify(&leaf, &manifest.log_key())?;
        casts.push(Cast { voter: device.voter, leaf, receipt });
    }
    Ok(casts)
}

/// Submits and, while the board is busy, waits and submits again, as a voter's device does.
async fn submit(client: &mut BoardClient, entry: &SignedEntry) -> Result<Receipt> {
    let start = Instant::now();
    loop {
        match client.submit(entry).await {
            Ok(receipt) => return Ok(receipt),
            Err(error) if error.to_string().contains("busy") => {
                ensure!(start.elapsed() < Duration::from_secs(120), "the board stays busy: {error}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) => return Err(error),
        }
    }
}
