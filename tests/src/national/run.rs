//! A national election from the ballot box to the auditor's verdict.

use super::compare::{compare, Comparison};
use super::prepare::{prepare, Prepared};
use crate::clock::Clock;
use crate::data::{RiigikoguData, ELECTRONIC_VOTES};
use crate::kept::{copy_folder, Ready};
use crate::load::send::{receipts, Outcome, Pace, Senders};
use crate::process::{children_time, folder_size, own_peak, Programs};
use crate::report::{compare_with_plan, lists, ListRow};
use crate::stage::{CollectorOptions, Stage};
use anyhow::{ensure, Context, Result};
use rand::rngs::OsRng;
use selge_core::elgamal::PublicKey;
use selge_core::group::random_scalar;
use selge_core::outcome::ElectionResult;
use selge_lanes::Backend;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Connections to the board, and ballots in flight over them.
const CONNECTIONS: usize = 64;
const IN_FLIGHT: usize = 1024;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Ballots that count.
    pub voters: u64,
    /// Folder in which the election and its ballots are kept for the next run, and the record and summary are left.
    pub kept: PathBuf,
}

/// What came out, and what it took.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Id of the election.
    pub election: String,
    /// Its title.
    pub title: String,
    /// The record.
    pub record: PathBuf,
    /// How many ballots there were of each kind.
    pub ballots: selge_core::election::BallotNumbers,
    /// Whether the auditor passes the record.
    pub audit_passed: bool,
    /// Candidates beside the official votes.
    pub comparison: Comparison,
    /// Lists beside the official votes and seats.
    pub lists: Vec<ListRow>,
    /// Arithmetic for public points.
    pub backend: String,
    /// Cores of this machine.
    pub cores: usize,
    /// Seconds that this run spent on making ballots, and how many it made.
    pub made: (f64, usize),
    /// Seconds of every step.
    pub seconds_by_phase: Vec<(String, f64)>,
    /// Wall-clock seconds of the audit.
    pub audit_seconds: f64,
    /// Seconds of processor time of the audit, all cores together.
    pub audit_processor_seconds: f64,
    /// The same for each ballot that counts, in scalar multiplications measured before and after the audit.
    pub audit_sm_per_ballot: f64,
    /// Microseconds of one scalar multiplication.
    pub sm_microseconds: f64,
    /// Peak memory of each program.
    pub peak_memory_bytes: BTreeMap<String, u64>,
    /// Bytes of the record.
    pub record_bytes: u64,
    /// The auditor's own report.
    pub audit: serde_json::Value,
}

/// Seconds of one constant-time variable-base scalar multiplication: the best of many rounds, since the machine may be
/// busy and this is wall-clock time.
fn scalar_multiplication(key: &PublicKey) -> f64 {
    let (point, scalar) = (*key.point(), random_scalar(&mut OsRng));
    let round = |_| {
        let start = Instant::now();
        for _ in 0..100 {
            black_box(black_box(&point) * black_box(&scalar));
        }
        start.elapsed().as_secs_f64() / 100.0
    };
    (0..50).map(round).fold(f64::INFINITY, f64::min)
}

/// One run at a time in a folder; the lock goes with the file.
fn lock(folder: &Path) -> Result<File> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = File::create(folder.join("lock"))?;
    file.try_lock().with_context(|| {
        format!("another run is using {}: wait for it, or give it another folder", folder.display())
    })?;
    Ok(file)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// Hands ballots in; each must get a receipt.
async fn hand_in(senders: &Senders, ballots: &[Ready], kept: &Path) -> Result<Vec<Outcome>> {
    let sent = senders.send(ballots, Pace::InFlight(IN_FLIGHT.min(ballots.len()))).await?;
    for outcome in &sent.outcomes {
        if let Err((code, sentence)) = &outcome.answer {
            anyhow::bail!(
                "the board refused a ballot ({code:?}: {sentence}); if the ballots were made by another version of the \
                 programs, remove {} and run again",
                kept.display()
            );
        }
    }
    Ok(sent.outcomes)
}

/// Runs an election; prints where it is to standard error.
///
/// # Errors
/// If a step fails, a ballot is refused, the result is not what the voters chose, or the auditor does not pass the
/// record.
pub async fn run(settings: &Settings) -> Result<Summary> {
    let kept = &settings.kept;
    let _lock = lock(kept)?;
    let data = RiigikoguData::read()?;
    let prepared = prepare(kept, &data, settings.voters).await?;
    let (work, record) = (kept.join("work"), kept.join("record"));
    let mut clock = Clock::start();
    let mut stage = clock.phase("the opened election is copied, the collector starts", || {
        remove(&work)?;
        remove(&record)?;
        copy_folder(&prepared.election, &work)?;
        // All voters are at one address here.
        let limits = [("entries_per_second_per_peer", 1_000_000), ("requests_per_peer", 100_000)];
        let limits = limits.map(|(name, value)| (name.to_owned(), value)).into();
        Stage::reopen(Programs::find()?, &work, &CollectorOptions { metrics: None, limits })
    })?;
    let Prepared { plan, cancelled, earlier, last, made, .. } = prepared;
    eprint!("  voting: {} ballots … ", earlier.len() + last.len());
    let start = Instant::now();
    let senders = Senders::connect(&stage.board.board, CONNECTIONS).await?;
    let mut outcomes = hand_in(&senders, &earlier, kept).await?;
    outcomes.extend(hand_in(&senders, &last, kept).await?);
    clock.end("voting", start);
    drop((senders, earlier, last));
    let cast =
        clock.phase("every receipt is verified", || Ok(receipts(&stage.manifest.log_key(), &outcomes)?.len()))?;
    drop(outcomes);

    clock.phase("cancellations and closing", || {
        stage.cancel(&cancelled)?;
        stage.commission("close", &[])
    })?;
    clock.phase("mixing by 3 servers", || stage.mix())?;
    clock.phase("decryption by 3 trustees", || stage.decrypt(&[1, 2, 3]))?;
    clock.phase("result", || stage.result())?;
    clock.phase("record", || {
        stage.export(&record)?;
        stage.stop_collector()
    })?;
    let key = PublicKey::new(selge_core::group::hash_to_group(b"bench", b"selge national"))?;
    let (before, spent) = (scalar_multiplication(&key), children_time());
    let (status, report) = clock.phase("audit", || stage.audit(&record, true))?;
    let audit_processor_seconds = (children_time() - spent).as_secs_f64();
    let unit = (before + scalar_multiplication(&key)) / 2.0;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap_or(serde_json::Value::String(report));

    let result: ElectionResult = serde_json::from_slice(&std::fs::read(stage.folder.join("result.json"))?)?;
    let mut memory = stage.programs.memory();
    memory.insert("voters (this process)".into(), own_peak());
    let summary = Summary {
        election: stage.manifest.id().to_string(),
        title: plan.title.clone(),
        record: record.canonicalize()?,
        ballots: result.ballots,
        audit_passed: status == 0,
        comparison: compare(&data, settings.voters, &result)?,
        lists: lists(&data, &stage.manifest, &result)?,
        backend: Backend::active().to_string(),
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        made,
        audit_seconds: clock.of("audit"),
        audit_processor_seconds,
        audit_sm_per_ballot: audit_processor_seconds / result.ballots.counted.max(1) as f64 / unit,
        sm_microseconds: unit * 1e6,
        seconds_by_phase: std::iter::once(("everything, ballots being there".to_owned(), clock.total()))
            .chain(clock.phases().to_vec())
            .collect(),
        peak_memory_bytes: memory,
        record_bytes: folder_size(&record),
        audit: report,
    };
    let path = kept.join("summary.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&summary)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    ensure!(summary.audit_passed, "the auditor does not pass {}: {}", record.display(), summary.audit);
    ensure!(
        summary.ballots.cast == cast as u64,
        "the board holds {} ballots, {cast} have a receipt",
        summary.ballots.cast
    );
    compare_with_plan(&plan, &result).context("the result is not what the voters chose")?;
    ensure!(summary.ballots.counted == settings.voters, "{} ballots count", summary.ballots.counted);
    if let Some(row) = summary.comparison.candidates.iter().find(|row| row.votes != row.share) {
        anyhow::bail!("{} in district {} has {} votes, not {}", row.name, row.district, row.votes, row.share);
    }
    ensure!(
        summary.comparison.as_official != Some(false),
        "the seats are not those that the {ELECTRONIC_VOTES} official electronic votes give"
    );
    drop(stage);
    remove(&work)?;
    Ok(summary)
}
