//! A load from its first ballot to the auditor's verdict.

use super::measure::{quantile, sync_times, thread_times, Resident};
use super::prepare::{kept, make};
use super::send::{receipts, Outcome, Pace, Senders, Sent};
use crate::kept::{copy_folder, Ready};
use crate::process::Programs;
use crate::stage::{CollectorOptions, Listen, Stage};
use anyhow::{bail, ensure, Context, Result};
use selge_core::outcome::ElectionResult;
use selge_core::record::{entry_bundles, read_bundle};
use selge_core::tree::leaf_hash;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tonic::Code;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Ballots in all; a tenth of them comes while voting is being closed.
    pub ballots: usize,
    /// Ballots a second of the second part.
    pub rate: u32,
    /// Ballots in flight of the first part, which is as fast as it goes.
    pub in_flight: usize,
    /// Connections.
    pub connections: usize,
    /// Folder in which the election and its ballots are kept for the next run.
    pub kept: PathBuf,
}

/// One part of the load.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Ballots handed in.
    pub ballots: usize,
    /// Ballots that got a receipt.
    pub accepted: usize,
    /// Ballots that did not.
    pub rejected: usize,
    /// How often a ballot was turned away and came back.
    pub turned_away: u64,
    /// Receipts a second.
    pub per_second: f64,
    /// Half of the receipts came within this time, ms.
    pub p50_ms: f64,
    /// 99 of 100 came within this time, ms.
    pub p99_ms: f64,
    /// The last one.
    pub longest_ms: f64,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// As fast as it goes.
    pub full: Part,
    /// At the rate that was asked for.
    pub paced: Part,
    /// While voting was being closed.
    pub closing: Part,
    /// Time of `tally close`.
    pub close_seconds: f64,
    /// The collector's resident memory in bytes, by seconds since the first ballot.
    pub memory: Vec<(f64, u64)>,
    /// What its memory grew by over the second part, for each ballot.
    pub growth_per_ballot: f64,
    /// Median and 99th percentile of one write of 64 KiB with fdatasync on the store's disk, before and after, ms.
    pub fdatasync_ms: [f64; 4],
    /// The collector's own means: ballots checked together, µs to check one, entries synced together, ms of a sync.
    pub collector: BTreeMap<String, f64>,
    /// Processor time of the collector's threads for each ballot of the first two parts, µs, by name.
    pub processor: BTreeMap<String, f64>,
    /// The same of this process, which hands the ballots in, µs.
    pub generator: f64,
    /// Receipts that were verified.
    pub receipts: usize,
    /// Whether the auditor passes the record.
    pub audit_passed: bool,
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn part(sent: &Sent) -> Part {
    let times = sent.times();
    Part {
        ballots: sent.outcomes.len(),
        accepted: times.len(),
        rejected: sent.outcomes.len() - times.len(),
        turned_away: sent.outcomes.iter().map(|o| u64::from(o.turned_away)).sum(),
        per_second: sent.per_second(),
        p50_ms: ms(quantile(&times, 0.5)),
        p99_ms: ms(quantile(&times, 0.99)),
        longest_ms: ms(quantile(&times, 1.0)),
    }
}

/// The ballots, made if need be, and the election in a folder that may be used up.
async fn prepared(settings: &Settings, work: &Path) -> Result<(Stage, Vec<Ready>)> {
    // Everybody is at one address here.
    let limits = [("entries_per_second_per_peer", 1_000_000), ("requests_per_peer", 100_000)];
    let options = CollectorOptions {
        metrics: Some(Listen { listen: "127.0.0.1:0".into() }),
        limits: limits.map(|(name, value)| (name.to_owned(), value)).into(),
    };
    if let Some(ballots) = kept(&settings.kept, settings.ballots).ok().flatten() {
        copy_folder(&settings.kept, work)?;
        match Stage::reopen(Programs::find()?, work, &options) {
            Ok(stage) => return Ok((stage, ballots)),
            Err(error) => eprintln!("  what was kept is of another version and is made anew ({error:#})"),
        }
        std::fs::remove_dir_all(work)?;
    }
    eprintln!("  making an election and {} ballots, kept in {}", settings.ballots, settings.kept.display());
    if settings.kept.exists() {
        std::fs::remove_dir_all(&settings.kept)?;
    }
    make(&settings.kept, settings.ballots).await?;
    let ballots = kept(&settings.kept, settings.ballots)?.context("the ballots that were just made are not there")?;
    copy_folder(&settings.kept, work)?;
    Ok((Stage::reopen(Programs::find()?, work, &options)?, ballots))
}

/// Everything that `/metrics` says, by name with labels.
fn metrics(address: &str) -> Result<BTreeMap<String, f64>> {
    let mut stream = TcpStream::connect(address).context("cannot reach the collector's metrics")?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    ensure!(text.starts_with("HTTP/1.1 200"), "the collector's metrics: {:?}", text.lines().next());
    Ok(text
        .lines()
        .filter(|line| line.starts_with("selge_"))
        .filter_map(|line| line.rsplit_once(' ').and_then(|(name, n)| Some((name.to_owned(), n.parse().ok()?))))
        .collect())
}

fn means(metrics: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let of = |name: &str| metrics.get(name).copied().unwrap_or_default();
    let mean = |sum: &str, count: &str| of(sum) / of(count).max(1.0);
    BTreeMap::from([
        ("ballots checked together".into(), mean("selge_verify_batch_sum", "selge_verify_batch_count")),
        ("µs to check a ballot".into(), 1e6 * mean("selge_verify_seconds_sum", "selge_verify_batch_sum")),
        ("entries synced together".into(), mean("selge_sync_batch_sum", "selge_sync_batch_count")),
        ("ms of a sync".into(), 1e3 * mean("selge_sync_seconds_sum", "selge_sync_seconds_count")),
    ])
}

/// Ballots come at a rate while the commission closes, once.
async fn close(stage: &Stage, senders: &Senders, ballots: &[Ready], rate: u32) -> Result<(Sent, f64)> {
    let (sending, all) = (senders.clone(), ballots.to_vec());
    let stream = tokio::spawn(async move { sending.send(&all, Pace::PerSecond(rate)).await });
    // In the middle of the stream.
    let lead = ballots.len() as f64 / f64::from(rate.max(1)) / 4.0;
    tokio::time::sleep(Duration::from_secs_f64(lead)).await;
    let mut command = stage.role("tally", "close", Some("commission.key"));
    command.args(["--wait", "120"]);
    let closing = stage.programs.start("commission, close", command)?;
    let start = Instant::now();
    let said = tokio::task::spawn_blocking(move || closing.success()).await??;
    let seconds = start.elapsed().as_secs_f64();
    ensure!(said.contains("closed "), "tally close said {said:?}");
    Ok((stream.await??, seconds))
}

/// Counts, exports and audits, and compares the record with the receipts: whoever has one is in it, and nobody else.
fn count(stage: &mut Stage, places: &HashMap<u64, selge_core::ids::LeafHash>, outcomes: &[Outcome]) -> Result<bool> {
    stage.mix()?;
    stage.decrypt(&[1, 2])?;
    stage.result()?;
    let record = stage.folder.join("record");
    stage.export(&record)?;
    stage.stop_collector()?;
    let (status, report) = stage.audit(&record, false)?;
    if status != 0 {
        bail!("the auditor does not pass the record:\n{report}");
    }
    let checkpoint = std::fs::read_to_string(record.join("checkpoint"))?;
    let size: u64 = checkpoint.lines().nth(1).context("no size")?.parse()?;
    let mut leaves = Vec::new();
    for tile in entry_bundles(size) {
        let bytes = std::fs::read(record.join(tile.path()))?;
        leaves.extend(read_bundle(&bytes, tile.width)?.into_iter().map(leaf_hash));
    }
    for (index, leaf) in places {
        let there = usize::try_from(*index).ok().and_then(|index| leaves.get(index));
        ensure!(there == Some(leaf), "the record does not hold ballot {leaf}, which has a receipt for entry {index}");
    }
    let on_board: std::collections::HashSet<_> = leaves.into_iter().collect();
    for outcome in outcomes {
        let refused = matches!(&outcome.answer, Err((code, _)) if refusal(*code));
        ensure!(
            !(refused && on_board.contains(&outcome.leaf)),
            "ballot {} was refused and is on the board",
            outcome.leaf
        );
    }
    let result: ElectionResult = serde_json::from_slice(&std::fs::read(stage.folder.join("result.json"))?)?;
    ensure!(
        result.ballots.cast == places.len() as u64,
        "{} ballots were cast, {} have a receipt",
        result.ballots.cast,
        places.len()
    );
    Ok(true)
}

/// Whether a code says that the ballot was not taken in, and not merely that nobody knows.
fn refusal(code: Code) -> bool {
    matches!(code, Code::ResourceExhausted | Code::FailedPrecondition | Code::InvalidArgument)
}

/// Runs a load; prints where it is to standard error.
///
/// # Errors
/// If a ballot is lost, a receipt does not hold, or the auditor does not pass the record.
pub async fn run(settings: &Settings) -> Result<Summary> {
    ensure!(settings.ballots >= 50, "a load of fewer than 50 ballots says nothing");
    let work = tempfile::Builder::new().prefix("selge-load-").tempdir()?;
    let folder = work.path().join("election");
    let (mut stage, ballots) = prepared(settings, &folder).await?;
    let tenth = ballots.len() / 10;
    let (load, last) = ballots.split_at(ballots.len() - tenth);
    let (first, second) = load.split_at(load.len() / 2);
    let before = sync_times(&folder, 64 << 10, 100)?;
    let senders = Senders::connect(&stage.board.board, settings.connections).await?;
    let resident = Resident::watch(stage.collector_id()?);
    let (start, process) = (Instant::now(), stage.collector_id()?);
    let (threads, own) = (thread_times(process), thread_times(std::process::id()));

    eprintln!("  {} ballots, {} in flight", first.len(), settings.in_flight);
    let full = senders.send(first, Pace::InFlight(settings.in_flight)).await?;
    let begun = start.elapsed().as_secs_f64();
    eprintln!("  {} ballots, {} a second", second.len(), settings.rate);
    let paced = senders.send(second, Pace::PerSecond(settings.rate)).await?;
    let ended = start.elapsed().as_secs_f64();
    let collector = means(&metrics(stage.metrics.as_deref().context("no metrics")?)?);
    let memory = resident.samples();
    let each = |spent: Duration| spent.as_secs_f64() * 1e6 / load.len() as f64;
    let before_name = |name: &str| threads.get(name).copied().unwrap_or_default();
    let processor: BTreeMap<String, f64> = thread_times(process)
        .into_iter()
        .map(|(name, time)| (name.clone(), each(time.saturating_sub(before_name(&name)))))
        .filter(|(_, time)| *time >= 1.0)
        .collect();
    let total = |times: &BTreeMap<String, Duration>| times.values().sum::<Duration>();
    let generator = each(total(&thread_times(std::process::id())).saturating_sub(total(&own)));
    let after = sync_times(&folder, 64 << 10, 100)?;
    for outcome in full.outcomes.iter().chain(&paced.outcomes) {
        if let Err((code, sentence)) = outcome.answer.as_ref() {
            ensure!(refusal(*code), "a ballot got no answer: {code:?}: {sentence}");
        }
    }

    eprintln!("  {} ballots while voting is being closed", last.len());
    let (closing, close_seconds) = close(&stage, &senders, last, (settings.rate / 4).max(1)).await?;
    for outcome in &closing.outcomes {
        if let Err((code, sentence)) = &outcome.answer {
            ensure!(
                matches!(code, Code::ResourceExhausted | Code::FailedPrecondition),
                "a ballot at the closing got neither receipt nor refusal: {code:?}: {sentence}"
            );
        }
    }

    eprintln!("  receipts, count and audit");
    let (full_part, paced_part, closing_part) = (part(&full), part(&paced), part(&closing));
    let outcomes: Vec<Outcome> = [full, paced, closing].into_iter().flat_map(|sent| sent.outcomes).collect();
    let places = receipts(&stage.manifest.log_key(), &outcomes)?;
    let audit_passed = count(&mut stage, &places, &outcomes)?;

    let at = |time: f64| memory.iter().rfind(|(t, _)| *t <= time).map_or(0.0, |(_, bytes)| *bytes as f64);
    let growth = (at(ended) - at(begun)) / paced_part.accepted.max(1) as f64;
    Ok(Summary {
        full: full_part,
        paced: paced_part,
        closing: closing_part,
        close_seconds,
        memory,
        growth_per_ballot: growth,
        fdatasync_ms: [
            ms(quantile(&before, 0.5)),
            ms(quantile(&before, 0.99)),
            ms(quantile(&after, 0.5)),
            ms(quantile(&after, 0.99)),
        ],
        collector,
        processor,
        generator,
        receipts: places.len(),
        audit_passed,
    })
}
