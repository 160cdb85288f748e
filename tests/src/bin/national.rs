//! `make national`: all electronic votes of Estonia's parliamentary election of 2023.

use anyhow::Result;
use clap::Parser;
use selge_tests::data::ELECTRONIC_VOTES;
use selge_tests::national::{run, Settings, Summary};
use std::path::PathBuf;
use std::process::ExitCode;

/// Replays the electronic votes of the Riigikogu election of 2023: 12 districts, second votes, paper votes that override,
/// 3 mixes, 3 trustees of whom 2 are needed, and the audit.
///
/// Every role is a process of its own. The voters' ballots are made once, with all cores, and kept with their election:
/// the next run hands the same ballots in, counts and audits. A run that is stopped can be started again.
///
/// Exit status 0 only if every ballot got a receipt, the auditor passes the record, every candidate has exactly the votes
/// that were cast, and, with all voters, votes, seats and members are those of the official electronic votes.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Ballots that count; all electronic votes of 2023 if not given.
    #[arg(long, default_value_t = ELECTRONIC_VOTES, value_parser = clap::value_parser!(u64).range(600..=ELECTRONIC_VOTES))]
    voters: u64,
    /// Folder with one folder for each number of voters, in which everything is kept.
    #[arg(long, value_name = "FOLDER", default_value = "target/national")]
    kept: PathBuf,
}

/// A goal beside what was measured, at full size; the numbers say nothing about a small election.
fn goal(summary: &Summary, value: f64, ifma: f64, portable: f64, unit: &str) -> String {
    if summary.ballots.counted != ELECTRONIC_VOTES {
        return String::new();
    }
    let limit = if summary.backend == "ifma" { ifma } else { portable };
    format!("  (goal ≤ {limit} {unit}{})", if value <= limit { "" } else { " !" })
}

fn print(summary: &Summary) {
    let (b, counted) = (&summary.ballots, summary.ballots.counted as f64);
    println!("\n{}\nelection {}\n", summary.title, summary.election);
    println!(
        "Ballots: {} cast = {} counted + {} superseded + {} cancelled by a paper vote",
        b.cast, b.counted, b.superseded, b.cancelled
    );
    println!("\n  list       here   2023 e-votes   seats here   by e-votes 2023   with paper   official");
    for r in &summary.lists {
        println!(
            "  {:<7}{:>8} {:>14} {:>12} {:>17} {:>12} {:>10}",
            r.list,
            r.votes,
            r.official_electronic,
            r.seats,
            r.official_electronic_seats,
            r.seats_with_paper.map_or_else(|| "–".to_owned(), |s| s.to_string()),
            r.official_seats
        );
    }
    let c = &summary.comparison;
    let what =
        if c.as_official.is_some() { "official electronic votes" } else { "share of the official electronic votes" };
    println!("\n{} of {} candidates have exactly their {what}.", c.equal, c.candidates.len());
    if let Some(same) = c.as_official {
        let (are, not) = ("Votes, seats and members are", if same { "" } else { "NOT " });
        println!("{are} {not}those that the official electronic votes give by themselves.");
    }
    println!("\nTime by phase");
    if summary.made.1 > 0 {
        println!(
            "  {:<52} {:>8.1} s, once",
            format!("making {} ballots (the voters' work)", summary.made.1),
            summary.made.0
        );
    }
    for (name, seconds) in &summary.seconds_by_phase {
        println!("  {name:<52} {seconds:>8.1} s");
    }
    println!("\nPeak memory");
    for (name, bytes) in &summary.peak_memory_bytes {
        println!("  {name:<52} {:>8.1} MiB", *bytes as f64 / f64::from(1 << 20));
    }
    println!(
        "\nRecord: {} ({:.1} MiB, {:.0} bytes a ballot)",
        summary.record.display(),
        summary.record_bytes as f64 / f64::from(1 << 20),
        summary.record_bytes as f64 / counted
    );
    println!("\nAudit, {} cores, {} arithmetic: passed", summary.cores, summary.backend);
    for check in summary.audit["checks"].as_array().into_iter().flatten() {
        let seconds = check["seconds"].as_f64().unwrap_or(0.0);
        if seconds >= summary.audit_seconds / 50.0 {
            println!(
                "  {:<10} {:<60} {seconds:>6.1} s",
                check["id"].as_str().unwrap_or(""),
                check["title"].as_str().unwrap_or("")
            );
        }
    }
    let (wall, sm) = (summary.audit_seconds, summary.audit_sm_per_ballot);
    println!("  everything, waiting time {wall:.1} s{}", goal(summary, wall, 20.0, 60.0, "s"));
    println!(
        "  processor time {:.1} s, {:.0} µs a ballot that counts, {sm:.2} SM of {:.1} µs{}",
        summary.audit_processor_seconds,
        summary.audit_processor_seconds * 1e6 / counted,
        summary.sm_microseconds,
        goal(summary, sm, 2.5, 10.0, "SM")
    );
}

async fn national(arguments: Arguments) -> Result<()> {
    let kept = arguments.kept.join(arguments.voters.to_string());
    let summary = run(&Settings { voters: arguments.voters, kept: kept.clone() }).await?;
    print(&summary);
    println!("\nSummary: {}", kept.join("summary.json").display());
    Ok(())
}

fn main() -> ExitCode {
    selge_node::run::main(national(Arguments::parse()))
}
