//! `make demo`: a whole real election on this machine.

use anyhow::{bail, ensure, Context, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use selge_core::elgamal::PublicKey;
use selge_core::ids::LeafHash;
use selge_core::outcome::ElectionResult;
use selge_tests::clock::Clock;
use selge_tests::crowd::{cast_all, Device};
use selge_tests::data::{RiigikoguData, ELECTRONIC_VOTES};
use selge_tests::hostile::{self, Refusal};
use selge_tests::plan::Plan;
use selge_tests::process::{folder_size, own_peak, Programs};
use selge_tests::report::{compare_with_plan, lists, outcome, ListRow};
use selge_tests::stage::Stage;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Voters who use the voter's program itself, as a person would; the others are a crowd in this process.
const BY_HAND: usize = 3;

/// Ballots that are made, and thrown away, to measure what one takes.
const SAMPLE: usize = 10;

/// A whole real election on this machine: key ceremony, roll, ballots, revotes, paper votes that override, three mixes,
/// threshold decryption, count and audit, each role a process of its own.
///
/// Candidates, parties and shares are those of the Riigikogu election of 2023; a pilot contest replays the ranked
/// ballots of Minneapolis 2013. Exit status 0 only if the auditor passes the record and the result is exactly the
/// count of what the voters chose.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Ballots that should count; 312181 replays every electronic vote of 2023.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u64).range(600..=312_181))]
    voters: u64,
    /// New or empty folder for `record/` and `summary.json`; without it a new one below the system's temporary folder is
    /// made, and kept.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Summary {
    election: String,
    title: String,
    record: PathBuf,
    audit_passed: bool,
    result_matches_votes: bool,
    ballots: selge_core::election::BallotNumbers,
    handed_in: u64,
    rejected: Vec<Refusal>,
    lists: Vec<ListRow>,
    mayor: Option<String>,
    seconds_by_phase: Vec<(String, f64)>,
    milliseconds_per_ballot: Vec<(String, f64)>,
    peak_memory_bytes: BTreeMap<String, u64>,
    record_bytes: u64,
    witnesses: Option<serde_json::Value>,
    audit: serde_json::Value,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    // Block on a spawned task: blocking steps then run beside, not on, the runtime's own threads.
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn out_folder(out: Option<PathBuf>) -> Result<PathBuf> {
    match out {
        Some(folder) => {
            let used = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
            ensure!(!used, "{} is not empty: name a new folder with OUT=…, nothing is overwritten", folder.display());
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            Ok(folder)
        }
        None => Ok(tempfile::Builder::new().prefix("selge-demo-").tempdir()?.keep()),
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let programs = Programs::find()?;
    let out = out_folder(arguments.out)?;
    let work = tempfile::Builder::new().prefix("selge-demo-work-").tempdir()?;
    let data = RiigikoguData::read()?;
    let plan = Plan::riigikogu(&data, arguments.voters, &mut rand::thread_rng())?;
    let mut clock = Clock::start();
    eprintln!("Selge: {}\n", plan.title);

    let mut stage = clock
        .phase("keys and manifest, witnesses and collector start", || Stage::set_up(programs, work.path(), &plan))?;
    clock.phase("key ceremony: 3 trustees, 2 needed", || stage.ceremony())?;
    let (hand, devices) = devices(&stage, &plan)?;
    clock.phase("roll", || stage.roll(&devices, plan.absent))?;
    eprint!("  opening … ");
    let start = Instant::now();
    let key = stage.open().await?;
    clock.end("opening", start);

    let devices = vote_by_hand(&mut clock, &stage, &plan, hand, devices)?;
    clock.phase("witness 3 of 3 is killed and stays away", || stage.kill_witness(3))?;
    let refusals = attack(&mut clock, &stage, &key, &devices).await?;
    let cancelled: Vec<_> = devices.iter().filter(|d| d.plan.cancelled).map(|d| d.voter).collect();
    let (casts, proving) = vote(&mut clock, &stage, &key, devices).await?;
    clock.phase("cancellations and closing", || {
        stage.cancel(&cancelled)?;
        stage.commission("close", &[])
    })?;
    clock.phase("mixing by 3 servers", || stage.mix())?;
    clock.phase("decryption by 3 trustees", || stage.decrypt(&[1, 2, 3]))?;
    clock.phase("result", || stage.result())?;
    let record = out.join("record");
    clock.phase("record", || {
        stage.export(&record)?;
        stage.stop_collector()
    })?;
    clock.phase("voters find their ballots in the record", || {
        for k in 0..BY_HAND {
            let receipt = stage.folder.join(format!("voter-{k}.receipt"));
            let mut command = stage.programs.command("voter-client");
            command.args(["receipt", "check", "--receipt"]).arg(&receipt).arg("--record").arg(&record);
            command.arg("--manifest").arg(stage.folder.join("manifest.json"));
            command.arg("--credential").arg(stage.folder.join(format!("voter-{k}.key")));
            command.arg("--passphrase-file").arg(stage.folder.join("passphrase"));
            stage.programs.run("voter-client", command)?;
        }
        Ok(())
    })?;
    let audit = clock.phase("audit", || stage.audit(&record, true))?;

    let result: ElectionResult = serde_json::from_slice(&std::fs::read(stage.folder.join("result.json"))?)?;
    let matches = compare_with_plan(&plan, &result);
    let report: serde_json::Value =
        serde_json::from_str(&audit.1).unwrap_or_else(|_| serde_json::Value::String(audit.1.clone()));
    let total = clock.total();
    let mut memory = stage.programs.memory();
    memory.insert("crowd of voters (this process)".into(), own_peak());
    let per_ballot = |phase: &str| (phase.to_owned(), clock.of(phase) * 1e3 / casts.max(1) as f64);
    let summary = Summary {
        election: stage.manifest.id().to_string(),
        title: plan.title.clone(),
        record: record.canonicalize()?,
        audit_passed: audit.0 == 0,
        result_matches_votes: matches.is_ok(),
        ballots: result.ballots,
        handed_in: casts as u64 + refusals.len() as u64,
        rejected: refusals,
        lists: lists(&data, &stage.manifest, &result)?,
        mayor: outcome(&result, "mayor")?.elected.first().map(|e| e.name.clone()),
        milliseconds_per_ballot: vec![
            ("encrypting and proving, on the voter's device".into(), proving),
            per_ballot("voting"),
            per_ballot("mixing by 3 servers"),
            per_ballot("decryption by 3 trustees"),
            per_ballot("audit"),
        ],
        seconds_by_phase: std::iter::once(("everything".to_owned(), total)).chain(clock.phases().to_vec()).collect(),
        peak_memory_bytes: memory,
        record_bytes: folder_size(&record),
        witnesses: report.get("witnesses").cloned(),
        audit: report,
    };
    std::fs::write(out.join("summary.json"), serde_json::to_vec_pretty(&summary)?)?;
    print(&summary, &stage, &record, &out)?;
    ensure!(
        summary.handed_in == summary.ballots.cast + summary.rejected.len() as u64,
        "the board holds {} ballots, {} were handed in",
        summary.ballots.cast,
        summary.handed_in
    );
    matches.context("the result is not what the voters chose")?;
    if audit.0 != 0 {
        bail!("the auditor does not pass the record (exit status {}): see above", audit.0);
    }
    Ok(())
}

/// Devices for everybody; the first few are kept for the voter's own program.
fn devices(stage: &Stage, plan: &Plan) -> Result<(Vec<PathBuf>, Vec<Device>)> {
    let mut devices: Vec<Device> = plan.voters.iter().cloned().map(Device::new).collect();
    let by_hand: Vec<usize> =
        devices.iter().enumerate().filter(|(_, d)| !d.plan.cancelled).map(|(i, _)| i).take(BY_HAND).collect();
    let mut credentials = Vec::new();
    for (k, at) in by_hand.iter().enumerate() {
        // The voter's program makes the key; this process learns only what the registrar would.
        let credential = stage.folder.join(format!("voter-{k}.key"));
        let mut command = stage.programs.command("voter-client");
        command.arg("enroll").arg("--out").arg(&credential);
        command.arg("--passphrase-file").arg(stage.folder.join("passphrase"));
        let line = stage.programs.run("voter-client", command)?;
        let secret = selge_node::keyfile::open(
            &credential,
            "voter",
            &selge_node::keyfile::PassphraseArgs::from_file(stage.folder.join("passphrase")).read("the demo's keys")?,
        )?;
        let (seed, id) = secret.split_at_checked(32).context("the credential is too short")?;
        devices[*at].key = selge_core::sign::SigningKey::from_seed(seed.try_into()?);
        devices[*at].voter = selge_core::ids::VoterId(id.try_into()?);
        ensure!(line.contains(&devices[*at].voter.to_string()), "the voter's program printed {line:?}");
        credentials.push(credential);
        devices.swap(k, *at);
    }
    Ok((credentials, devices))
}

/// A few voters enrol, vote and check their receipts with the voter's program; returns the others' devices.
fn vote_by_hand(
    clock: &mut Clock,
    stage: &Stage,
    plan: &Plan,
    credentials: Vec<PathBuf>,
    mut devices: Vec<Device>,
) -> Result<Vec<Device>> {
    let others = devices.split_off(credentials.len());
    clock.phase("voters with the voter's program", || {
        for (k, (credential, device)) in credentials.iter().zip(&devices).enumerate() {
            let style = plan.styles.iter().find(|s| s.id == device.plan.style).context("no such style")?;
            let choices: BTreeMap<String, String> = style
                .contests
                .iter()
                .zip(&device.plan.choices)
                .map(|(id, choice)| {
                    let (at, contest) =
                        stage.manifest.contests().find(|(_, c)| c.id == *id).context("no such contest")?;
                    let space = stage.manifest.space(at).context("no such contest")?;
                    let ids = space
                        .text(choice)?
                        .split('>')
                        .map(|position| match position.parse::<usize>() {
                            Ok(i) => contest.candidates.get(i).map_or_else(String::new, |c| c.id.clone()),
                            Err(_) => position.to_owned(),
                        })
                        .collect::<Vec<_>>()
                        .join(">");
                    Ok((id.clone(), ids))
                })
                .collect::<Result<_>>()?;
            let file = stage.folder.join(format!("choices-{k}.json"));
            std::fs::write(&file, serde_json::to_vec(&choices)?)?;
            let receipt = stage.folder.join(format!("voter-{k}.receipt"));
            let mut command = stage.voter_command(&["vote"]);
            command.arg("--credential").arg(credential).arg("--choices-file").arg(&file).arg("--yes");
            command.arg("--receipt").arg(&receipt);
            stage.programs.run("voter-client", command)?;
            std::fs::remove_file(&file)?;
            let mut command = stage.programs.command("voter-client");
            command.args(["receipt", "check", "--receipt"]).arg(&receipt);
            command.arg("--ballot").arg(receipt.with_extension("receipt.ballot"));
            command.arg("--manifest").arg(stage.folder.join("manifest.json"));
            command.args(["--insecure-loopback", "--board", &stage.board.board]);
            stage.programs.run("voter-client", command)?;
            let mut command = stage.voter_command(&["status"]);
            command.arg("--credential").arg(credential);
            stage.programs.run("voter-client", command)?;
        }
        Ok(())
    })?;
    Ok(others)
}

/// Ballots that must be refused, before any honest one of these voters is cast.
async fn attack(clock: &mut Clock, stage: &Stage, key: &PublicKey, devices: &[Device]) -> Result<Vec<Refusal>> {
    eprint!("  hostile ballots … ");
    let start = Instant::now();
    let [honest, others @ ..] = devices else { bail!("too few voters") };
    let other = others.iter().find(|d| d.plan.style == honest.plan.style).context("too few voters")?;
    let refusals = hostile::attack(&mut stage.board.connect().await?, &stage.manifest, key, honest, other).await?;
    clock.end("hostile ballots", start);
    Ok(refusals)
}

async fn vote(clock: &mut Clock, stage: &Stage, key: &Arc<PublicKey>, devices: Vec<Device>) -> Result<(usize, f64)> {
    // What a voter's device takes when it does nothing else: measured before the crowd shares this machine.
    let sample = devices.len().min(SAMPLE);
    let start = Instant::now();
    for device in devices.iter().take(sample) {
        device.prepare(&stage.manifest, key, true, LeafHash::NONE)?;
    }
    let proving = start.elapsed().as_secs_f64() * 1e3 / sample.max(1) as f64;
    let start = Instant::now();
    eprint!("  voting … ");
    let bar = ProgressBar::with_draw_target(Some(devices.len() as u64), ProgressDrawTarget::stderr());
    if std::io::stderr().is_terminal() {
        eprintln!();
        bar.set_style(ProgressStyle::with_template("    {wide_bar} {pos}/{len} voters, {eta} left")?);
    }
    let tick = bar.clone();
    let casts = cast_all(&stage.board, &stage.manifest, key, devices, move || tick.inc(1)).await?;
    bar.finish_and_clear();
    clock.end("voting", start);
    Ok((casts.len() + BY_HAND, proving))
}

fn print(summary: &Summary, stage: &Stage, record: &Path, out: &Path) -> Result<()> {
    let b = &summary.ballots;
    println!("\n{}\nelection {}\n", summary.title, summary.election);
    println!(
        "Ballots: {} cast = {} counted + {} superseded + {} cancelled by a paper vote",
        b.cast, b.counted, b.superseded, b.cancelled
    );
    println!("         {} handed in = {} cast + {} rejected:", summary.handed_in, b.cast, summary.rejected.len());
    for refusal in &summary.rejected {
        println!("         - {}: {}", refusal.attempt, refusal.refused);
    }
    if let Some(found) = &summary.witnesses {
        let names = |what: &str| {
            let names = found[what].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
            names.collect::<Vec<_>>().join(", ")
        };
        println!(
            "\nWitnesses: the quorum is {}; the record's checkpoint is cosigned by {} and not by {}",
            found["quorum"],
            names("cosigned"),
            names("missing")
        );
    }
    println!("\nVotes and seats beside the official ones of 2023 (the voters here are drawn with the real shares)");
    println!("  list       here      %   2023 e-votes      %   seats here   by e-votes 2023   with paper   official");
    let (all, official): (u64, u64) = (summary.ballots.counted, ELECTRONIC_VOTES);
    let percent = |n: u64, of: u64| n as f64 * 100.0 / of.max(1) as f64;
    for r in &summary.lists {
        println!(
            "  {:<7}{:>8} {:>6.2} {:>14} {:>6.2} {:>12} {:>17} {:>12} {:>10}",
            r.list,
            r.votes,
            percent(r.votes, all),
            r.official_electronic,
            percent(r.official_electronic, official),
            r.seats,
            r.official_electronic_seats,
            r.seats_with_paper.map_or_else(|| "–".to_owned(), |s| s.to_string()),
            r.official_seats
        );
    }
    if summary.lists.iter().all(|r| r.seats_with_paper.is_none()) {
        println!(
            "  \"with paper\" adds the published paper votes; it is shown at the full size, VOTERS={ELECTRONIC_VOTES}"
        );
    }
    if let Some(name) = &summary.mayor {
        println!("\nPilot contest, ranked: {name} is elected (officially: BETSY HODGES)");
    }
    println!("\nTime by phase");
    for (name, seconds) in &summary.seconds_by_phase {
        println!("  {name:<40} {seconds:>8.1} s");
    }
    println!("\nTime per ballot cast");
    for (name, ms) in &summary.milliseconds_per_ballot {
        println!("  {name:<48} {ms:>8.2} ms");
    }
    println!("\nPeak memory");
    for (name, bytes) in &summary.peak_memory_bytes {
        println!("  {name:<40} {:>8.1} MiB", *bytes as f64 / f64::from(1 << 20));
    }
    let (_, report) = stage.audit(record, false)?;
    println!("\n{}", report.trim_end());
    println!(
        "\nEvery contest's result is {} what the voters chose.",
        if summary.result_matches_votes { "exactly" } else { "NOT" }
    );
    println!("Record:  {} ({:.1} MiB)", summary.record.display(), summary.record_bytes as f64 / f64::from(1 << 20));
    println!("Summary: {}", out.join("summary.json").display());
    let auditor = std::env::current_exe().map(|own| own.with_file_name("auditor")).unwrap_or_else(|_| "auditor".into());
    println!(
        "Check it yourself, and read the report in a browser: {} verify {} --election {} --html audit.html",
        auditor.display(),
        summary.record.display(),
        summary.election
    );
    Ok(())
}
