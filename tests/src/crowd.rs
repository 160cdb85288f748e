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
use std::sync::atomic::{AtomicU64, Ordering};
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
    /// The ballot.
    pub entry: SignedEntry,
    /// The receipt, verified.
    pub receipt: Receipt,
}

/// What casting cost.
#[derive(Debug, Default)]
pub struct CastTimes {
    /// Sum of the time that devices took to encrypt and prove, in nanoseconds.
    pub preparing: AtomicU64,
}

impl Device {
    /// A fresh device.
    pub fn new(plan: PlannedVoter) -> Self {
        Device { voter: VoterId::random(&mut OsRng), key: SigningKey::generate(&mut OsRng), plan }
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
    times: &Arc<CastTimes>,
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
        let (manifest, key, times) = (Arc::clone(manifest), Arc::clone(key), Arc::clone(times));
        let mut client = clients[i % CONNECTIONS].clone();
        let progress = progress.clone();
        tasks.spawn(async move {
            let result = cast_device(&mut client, &manifest, &key, device, &times).await;
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
    times: &Arc<CastTimes>,
) -> Result<Vec<Cast>> {
    let mut casts: Vec<Cast> = Vec::new();
    let device = Arc::new(device);
    for later in [false, true] {
        if !later && device.plan.earlier.is_none() {
            continue;
        }
        let previous = casts.last().map_or(LeafHash::NONE, |c| c.entry.leaf_hash());
        let (manifest2, key, device2, times) =
            (Arc::clone(manifest), Arc::clone(key), Arc::clone(&device), Arc::clone(times));
        let entry = tokio::task::spawn_blocking(move || {
            let start = Instant::now();
            let plan = &device2.plan;
            let choices = if later { &plan.choices } else { plan.earlier.as_ref().unwrap_or(&plan.choices) };
            let style = manifest2.style_index(&plan.style).context("no such style")?;
            let ballot =
                EncryptedBallot::encrypt(&manifest2, &key, device2.voter, style, previous, choices, &mut OsRng)?;
            let entry = EntryBody::Ballot(ballot).sign(manifest2.id(), &device2.key);
            times.preparing.fetch_add(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
            anyhow::Ok(entry)
        })
        .await??;
        let receipt = submit(client, &entry).await?;
        receipt.verify(&entry.leaf_hash(), &manifest.log_key())?;
        casts.push(Cast { voter: device.voter, entry, receipt });
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
