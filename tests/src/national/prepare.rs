//! The election, opened, with everybody's ballots: made once, in pieces, so that whoever stops it loses little.

use crate::crowd::Device;
use crate::data::RiigikoguData;
use crate::kept::{read_ballots, write_ballots, write_whole, Ready};
use crate::plan::{draw_electorate, Plan, PlannedVoter};
use crate::process::Programs;
use crate::stage::Stage;
use anyhow::{ensure, Context, Result};
use rayon::prelude::*;
use selge_core::codec::Encode;
use selge_core::elgamal::PublicKey;
use selge_core::group::decode_point;
use selge_core::ids::{Digest, LeafHash, VoterId};
use selge_core::manifest::Manifest;
use selge_core::sign::SigningKey;
use selge_node::replica::read_manifest;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Voters whose ballots are in one file.
const PIECE: usize = 2000;

/// A voter with what only the voter knows.
#[derive(Serialize, Deserialize)]
struct Elector {
    voter: VoterId,
    seed: [u8; 32],
    plan: PlannedVoter,
}

/// What is kept.
pub(super) struct Prepared {
    /// The election as it was opened.
    pub(super) election: PathBuf,
    /// Who votes how.
    pub(super) plan: Plan,
    /// Those who also vote on paper.
    pub(super) cancelled: Vec<VoterId>,
    /// Ballots that will be superseded.
    pub(super) earlier: Vec<Ready>,
    /// Everybody's last ballot.
    pub(super) last: Vec<Ready>,
    /// Seconds that this run has spent on making ballots, and how many it has made.
    pub(super) made: (f64, usize),
}

fn electorate(folder: &Path) -> PathBuf {
    folder.join("electorate")
}

/// With this file, the joint key, the election is complete.
fn opened(folder: &Path) -> PathBuf {
    folder.join("joint-key")
}

/// The election and its ballots; what is missing is made.
pub(super) async fn prepare(folder: &Path, data: &RiigikoguData, voters: u64) -> Result<Prepared> {
    let election = folder.join("election");
    if !opened(folder).exists() {
        eprintln!("  making the election, kept in {}", folder.display());
        make_election(folder, &election, data, voters).await?;
    }
    let key = std::fs::read_to_string(opened(folder))?;
    let key: Digest = key.trim().parse().context("the kept joint key cannot be read")?;
    let key = PublicKey::new(decode_point(&key.0, "joint key")?)?;
    let (_, manifest) = read_manifest(&election.join("manifest.json"))?;
    let devices = read_electorate(folder)?;
    let (ballots, made) = ballots(folder, &manifest, &key, &devices)?;
    let mut prepared = Prepared {
        election,
        cancelled: devices.iter().filter(|d| d.plan.cancelled).map(|d| d.voter).collect(),
        plan: Plan::national(data, voters, devices.into_iter().map(|d| d.plan).collect()),
        earlier: Vec::new(),
        last: Vec::new(),
        made,
    };
    let mut ballots = ballots.into_iter();
    for voter in &prepared.plan.voters {
        if voter.earlier.is_some() {
            prepared.earlier.extend(ballots.next());
        }
        prepared.last.extend(ballots.next());
    }
    ensure!(
        prepared.last.len() == prepared.plan.voters.len() && ballots.next().is_none(),
        "the kept ballots are not those of the kept voters: remove {} and run again",
        folder.display()
    );
    Ok(prepared)
}

/// Keys, manifest, ceremony, roll and opening.
async fn make_election(folder: &Path, election: &Path, data: &RiigikoguData, voters: u64) -> Result<()> {
    for left in [election, &folder.join("ballots")] {
        if left.exists() {
            std::fs::remove_dir_all(left).with_context(|| format!("cannot remove {}", left.display()))?;
        }
    }
    std::fs::create_dir_all(election).with_context(|| format!("cannot make {}", election.display()))?;
    let plan = Plan::national(data, voters, draw_electorate(data, voters, &mut rand::thread_rng()));
    let devices: Vec<Device> = plan.voters.iter().cloned().map(Device::new).collect();
    write_whole(&electorate(folder), |file| {
        for Device { voter, key, plan } in &devices {
            let elector = Elector { voter: *voter, seed: *key.expose_seed(), plan: plan.clone() };
            serde_json::to_writer(&mut *file, &elector)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    })?;
    let mut stage = Stage::set_up(Programs::find()?, election, &plan)?;
    stage.ceremony()?;
    stage.roll(&devices, plan.absent)?;
    let key = stage.open().await?;
    stage.stop_collector()?;
    let key = Digest(key.encoded().0);
    write_whole(&opened(folder), |file| Ok(writeln!(file, "{key}")?))
}

fn read_electorate(folder: &Path) -> Result<Vec<Device>> {
    let path = electorate(folder);
    let file = std::fs::File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    BufReader::new(file)
        .lines()
        .map(|line| {
            let Elector { voter, seed, plan } = serde_json::from_str(&line?)?;
            Ok(Device { voter, key: SigningKey::from_seed(seed), plan })
        })
        .collect::<Result<_>>()
        .with_context(|| format!("{} is damaged: remove {} and run again", path.display(), folder.display()))
}

/// Everybody's ballots in order, those to be superseded before the last one; files that are missing are made.
fn ballots(
    folder: &Path,
    manifest: &Manifest,
    key: &PublicKey,
    devices: &[Device],
) -> Result<(Vec<Ready>, (f64, usize))> {
    let folder = folder.join("ballots");
    std::fs::create_dir_all(&folder)?;
    let piece = |k: usize| folder.join(format!("{k:05}"));
    let of = |k: usize| &devices[k * PIECE..devices.len().min((k + 1) * PIECE)];
    let (start, mut made) = (Instant::now(), 0);
    let missing: Vec<usize> = (0..devices.len().div_ceil(PIECE)).filter(|k| !piece(*k).exists()).collect();
    for (done, k) in missing.iter().enumerate() {
        if done % 10 == 0 {
            let left: usize = missing[done..].iter().map(|k| of(*k).len()).sum();
            eprintln!("  making ballots: {left} voters to go");
        }
        let entries: Vec<Vec<Vec<u8>>> =
            of(*k).par_iter().map(|device| ballots_of(device, manifest, key)).collect::<Result<_>>()?;
        let entries: Vec<Vec<u8>> = entries.into_iter().flatten().collect();
        made += entries.len();
        write_ballots(&piece(*k), &entries)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let mut all = Vec::new();
    for k in 0..devices.len().div_ceil(PIECE) {
        all.extend(read_ballots(&piece(k))?);
    }
    Ok((all, (seconds, made)))
}

fn ballots_of(device: &Device, manifest: &Manifest, key: &PublicKey) -> Result<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    let mut previous = LeafHash::NONE;
    if device.plan.earlier.is_some() {
        let entry = device.prepare(manifest, key, false, previous)?;
        previous = entry.leaf_hash();
        entries.push(entry.to_bytes());
    }
    entries.push(device.prepare(manifest, key, true, previous)?.to_bytes());
    Ok(entries)
}
