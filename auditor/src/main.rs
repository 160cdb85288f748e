//! `auditor verify`: the checks of a record in a folder, for people and for programs.

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use selge_auditor::{render, verify, FolderSource, Report, Verdict, Watcher};
use selge_core::ids::ElectionId;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Checks an election from its public record alone, trusting nobody who held it.
#[derive(Parser)]
#[command(name = "auditor", version, after_help = EXIT_STATUSES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_STATUSES: &str = "Exit statuses:
  0  all checks ran and passed
  1  a check failed
  2  nothing failed, but the record is incomplete or a check could not run
  3  wrong usage";

#[derive(Subcommand)]
enum Command {
    /// Verifies a record: log, signatures, key ceremony, roll, ballots, mixes, decryptions and result.
    #[command(after_help = EXIT_STATUSES)]
    Verify(VerifyArgs),
}

#[derive(Args)]
struct VerifyArgs {
    /// The folder of the record (with `checkpoint`, `tile/` and `files/`).
    path: PathBuf,

    /// Print the report as JSON instead of text.
    #[arg(long)]
    json: bool,

    /// The election id that the commission published: 64 hexadecimal digits. Without it the report shows the
    /// record's own id, and comparing it is left to you.
    #[arg(long, value_name = "ID")]
    election: Option<ElectionId>,

    /// Show no progress on standard error.
    #[arg(long)]
    quiet: bool,
}

/// Whether the reader has closed the pipe, as `| head` does.
fn broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to do if even this cannot be printed.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(3) } else { ExitCode::SUCCESS };
        }
    };
    let Command::Verify(args) = cli.command;
    if !args.path.is_dir() {
        eprintln!("error: {} is not a folder: give the folder of an election record", args.path.display());
        return ExitCode::from(3);
    }
    let found = |name| args.path.join(name).exists();
    if !args.json && !found("checkpoint") && !found("tile") {
        eprintln!(
            "error: {} holds no election record: it has neither `checkpoint` nor `tile/`; {}",
            args.path.display(),
            if found("record") { "did you mean the folder `record` in it?" } else { "give the folder that holds them" }
        );
        return ExitCode::from(2);
    }
    let progress = Progress::new(args.quiet);
    let report = verify(&FolderSource::new(args.path), args.election, &progress);
    let text = if args.json { json(&report) } else { Ok(render(&report)) };
    let printed = text.and_then(|text| Ok(std::io::stdout().write_all(text.as_bytes())?));
    match (printed, report.verdict) {
        // Whoever reads only part of the report still gets the verdict's status.
        (Err(error), _) if !broken_pipe(error.as_ref()) => {
            eprintln!("error: the report cannot be printed: {error}");
            ExitCode::from(2)
        }
        (_, Verdict::Passed) => ExitCode::SUCCESS,
        (_, Verdict::Failed) => ExitCode::from(1),
        (_, Verdict::Incomplete) => ExitCode::from(2),
    }
}

fn json(report: &Report) -> Result<String, Box<dyn std::error::Error>> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// A bar on a terminal, a line now and then elsewhere.
struct Progress {
    start: Instant,
    quiet: bool,
    step: Mutex<Option<Step>>,
}

struct Step {
    what: String,
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
    said: Instant,
}

/// Between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(10);

impl Progress {
    fn new(quiet: bool) -> Self {
        Progress { start: Instant::now(), quiet, step: Mutex::new(None) }
    }

    fn with(&self, act: impl FnOnce(&mut Option<Step>)) {
        // A step is plain data: it is usable whatever happened to the thread that held it.
        act(&mut self.step.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Watcher for Progress {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn begin(&self, what: &str, total: u64) {
        if self.quiet {
            return;
        }
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg:32} {bar:30} {human_pos} of {human_len}  {eta}");
            let bar = ProgressBar::new(total).with_message(what.to_owned());
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        if bar.is_none() {
            eprintln!("checking {what}: {total}");
        }
        self.with(|step| *step = Some(Step { what: what.to_owned(), total, done: 0, bar, said: Instant::now() }));
    }

    fn advance(&self, parts: u64) {
        self.with(|step| {
            let Some(step) = step else { return };
            step.done = step.done.saturating_add(parts);
            match &step.bar {
                Some(bar) => bar.inc(parts),
                None if step.said.elapsed() >= PAUSE => {
                    eprintln!("checking {}: {} of {}", step.what, step.done, step.total);
                    step.said = Instant::now();
                }
                None => {}
            }
        });
    }

    fn end(&self) {
        self.with(|step| {
            if let Some(bar) = step.take().and_then(|s| s.bar) {
                bar.finish_and_clear();
            }
        });
    }
}
