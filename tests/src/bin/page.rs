//! An election for tests of the voting page: it says on standard output where the page is and which codes there are, then
//! does what each line of standard input says and answers with one line of JSON. It ends with standard input.

use anyhow::{bail, ensure, Context, Result};
use clap::Parser;
use selge_core::ids::VoterId;
use selge_core::outcome::ElectionResult;
use selge_tests::page::{enrol, plan, serve};
use selge_tests::process::Programs;
use selge_tests::stage::Stage;
use serde_json::{json, Value};
use std::io::{BufRead, Write};
use std::path::PathBuf;

/// An election with a voting page, led by the lines of standard input: kill, start, cancel VOTER, close, count.
#[derive(Parser)]
struct Args {
    /// Folder of the page, as made by `make web`.
    #[arg(long, value_name = "DIR", default_value = "target/page")]
    page: PathBuf,
    /// Ballot styles of the voters, one for each: all, three or one.
    #[arg(long, value_name = "STYLES", default_value = "all,three,one", value_delimiter = ',')]
    voters: Vec<String>,
}

fn say(value: &Value) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{value}").and_then(|()| out.flush()).context("nobody listens")
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let folder = tempfile::tempdir()?;
    let mut stage = Stage::set_up(Programs::find()?, folder.path(), &plan()?)?;
    serve(&mut stage, &args.page)?;
    stage.ceremony()?;
    let styles: Vec<&str> = args.voters.iter().map(String::as_str).collect();
    let (voters, roll) = enrol(&stage, &styles)?;
    stage.post_roll(&roll)?;
    let before = json!({
        "board": stage.board.board, "election": stage.manifest.id().to_string(), "voters": voters,
        "manifest": stage.folder.join("manifest.json"), "closes": stage.manifest.document().closes.unix_timestamp(),
    });
    say(&before)?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let done = step(&mut stage, &line).await;
        let answer = done.unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
        say(&answer)?;
    }
    Ok(())
}

async fn step(stage: &mut Stage, line: &str) -> Result<Value> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("open", "") => {
            stage.open().await?;
            Ok(json!({}))
        }
        ("kill", "") => {
            stage.kill_collector()?;
            Ok(json!({}))
        }
        ("start", "") => {
            stage.start_collector()?;
            Ok(json!({ "board": stage.board.board }))
        }
        ("cancel", voter) => {
            stage.cancel(&[VoterId::from_hex(voter)?])?;
            Ok(json!({}))
        }
        ("close", "") => {
            stage.commission("close", &[])?;
            Ok(json!({}))
        }
        ("count", "") => {
            stage.mix()?;
            stage.decrypt(&[1, 2])?;
            stage.result()?;
            let record = stage.folder.join("record");
            stage.export(&record)?;
            let (status, report) = stage.audit(&record, false)?;
            ensure!(status == 0 && report.contains("PASSED"), "the audit did not pass:\n{report}");
            let result: ElectionResult = serde_json::from_slice(&std::fs::read(stage.folder.join("result.json"))?)?;
            Ok(json!({ "contests": result.contests, "ballots": result.ballots }))
        }
        _ => bail!("{line:?} is no step"),
    }
}
