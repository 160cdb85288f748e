//! `make load`: how many ballots a second the collector takes in.

use anyhow::{Context, Result};
use clap::Parser;
use selge_tests::load::{run, Settings, Summary};
use std::path::PathBuf;
use std::process::ExitCode;

/// Hands ballots in to a collector on this machine, as fast as it takes them and then at a rate, closes voting under a
/// stream of ballots, and counts and audits what was taken.
///
/// The ballots are made before, with all cores, and kept for the next run. Generator and collector share the machine.
/// Exit status 0 only if every ballot has a receipt that verifies or a refusal, and the auditor passes the record.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Ballots in all.
    #[arg(long, default_value_t = 60_000, value_parser = clap::value_parser!(u64).range(50..=2_000_000))]
    ballots: u64,
    /// Ballots a second of the second part.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: u32,
    /// Ballots in flight of the first part.
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    in_flight: u32,
    /// Connections.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,
    /// Folder for the ballots that are kept, and for the summary `load.json`.
    #[arg(long, value_name = "FOLDER", default_value = "target/load")]
    kept: PathBuf,
}

fn print(summary: &Summary) {
    println!("part          ballots  accepted  rejected  turned away  per second  p50 ms  p99 ms  longest ms");
    let parts = [("full speed", &summary.full), ("at the rate", &summary.paced), ("closing", &summary.closing)];
    for (name, p) in parts {
        println!(
            "{name:<12} {:>8}  {:>8}  {:>8}  {:>11}  {:>10.0}  {:>6.0}  {:>6.0}  {:>10.0}",
            p.ballots, p.accepted, p.rejected, p.turned_away, p.per_second, p.p50_ms, p.p99_ms, p.longest_ms
        );
    }
    println!("voting closed, at the first go, in {:.1} s", summary.close_seconds);
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let every = summary.memory.len().div_ceil(8).max(1);
    let samples: Vec<String> =
        summary.memory.iter().step_by(every).map(|(time, bytes)| format!("{time:.0} s {:.0}", mib(*bytes))).collect();
    let peak = summary.memory.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0);
    println!("collector's memory, MiB: {}; peak {:.0}", samples.join(", "), mib(peak));
    println!("its growth at the rate: {:.0} bytes a ballot", summary.growth_per_ballot);
    let [p50, p99, after, after99] = summary.fdatasync_ms;
    println!("64 KiB and fdatasync, ms: {p50:.2} (p99 {p99:.2}) before, {after:.2} (p99 {after99:.2}) after");
    for (name, value) in &summary.collector {
        println!("{name}: {value:.1}");
    }
    let total: f64 = summary.processor.values().sum();
    let threads: Vec<String> = summary.processor.iter().map(|(name, time)| format!("{name} {time:.0}")).collect();
    println!("collector's processor time, µs a ballot: {total:.0} ({})", threads.join(", "));
    println!("generator's processor time, µs a ballot: {:.0}", summary.generator);
    println!("{} receipts verified; the auditor passes the record", summary.receipts);
}

async fn load(arguments: Arguments) -> Result<()> {
    let kept = arguments.kept;
    let settings = Settings {
        ballots: usize::try_from(arguments.ballots)?,
        rate: arguments.rate,
        in_flight: arguments.in_flight as usize,
        connections: arguments.connections as usize,
        kept: kept.join(arguments.ballots.to_string()),
    };
    let summary = run(&settings).await?;
    let path = kept.join("load.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&summary)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    print(&summary);
    Ok(())
}

fn main() -> ExitCode {
    selge_node::run::main(load(Arguments::parse()))
}
