//! Audits all manipulated records, prints which check catches which, and writes them out if asked to.

use anyhow::Context;
use clap::Parser;
use selge_corpus::fuzz::seeds;
use selge_corpus::{all, complaints, matrix, run, run_only, write};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Audit every manipulated record of the tamper corpus and print the matrix of checks and manipulations.
///
/// Exits with 1 if a manipulation is not caught by the check that must catch it, or names anybody else, or if a check has no
/// manipulation that it alone catches.
#[derive(Parser)]
#[command(name = "corpus")]
struct Arguments {
    /// Also write every record to FOLDER/NAME/record, with expected.json beside it; FOLDER must be new or empty
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Only write the records of these manipulations, and the honest one, with --out
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', requires = "out")]
    only: Vec<String>,
    /// Only write the bytes that the fuzzer of decoders starts from into FOLDER
    #[arg(long, value_name = "FOLDER")]
    seeds: Option<PathBuf>,
    /// Only list the manipulations: what is done, by whom, what for, and what must come out
    #[arg(long)]
    list: bool,
}

const LEGEND: &str = "X  the check that catches the manipulation\nx  another check that fails as well, as it must\n\
                      o  the check that finds something missing, where nothing that is there is wrong\n\
                      .  a check that could not be run, as what it needs is wrong or missing\n   (blank) a check that passed";

/// How the program ends if this could not be written: quietly where nobody reads on, as behind `| head`.
fn ended(written: std::io::Result<()>) -> anyhow::Result<Option<ExitCode>> {
    match written {
        Ok(()) => Ok(None),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Some(ExitCode::SUCCESS)),
        Err(error) => Err(error).context("the output cannot be written"),
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.list {
        let mut out = std::io::stdout().lock();
        for m in all() {
            let attacker: Vec<_> = m.attacker.iter().map(|a| a.text()).collect();
            let attacker =
                if attacker.is_empty() { "whoever copies the record".to_owned() } else { attacker.join(", ") };
            let written = writeln!(
                out,
                "{}\n  {}\n  attacker: {attacker}\n  gain: {}\n  {} names {}",
                m.name,
                m.what,
                m.gain,
                m.check.id,
                m.culprit.text()
            );
            if let Some(ending) = ended(written)? {
                return Ok(ending);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(folder) = &arguments.seeds {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        for (name, bytes) in seeds() {
            let path = folder.join(name);
            std::fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let (Some(folder), false) = (&arguments.out, arguments.only.is_empty()) {
        let outcomes = run_only(&arguments.only)
            .map_err(|name| anyhow::anyhow!("there is no manipulation {name:?}: --list shows all of them"))?;
        write(folder, &outcomes).context("the records cannot be written")?;
        let problems: Vec<_> = outcomes.iter().flat_map(|o| &o.problems).collect();
        problems.iter().for_each(|problem| eprintln!("\n{problem}"));
        println!("{} records and the honest one are in {}", outcomes.len(), folder.display());
        return Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let outcomes = run();
    if let Some(ending) = ended(write!(std::io::stdout(), "{}\n{LEGEND}\n", matrix(&outcomes)))? {
        return Ok(ending);
    }
    if let Some(folder) = &arguments.out {
        write(folder, &outcomes).context("the records cannot be written")?;
        println!("\n{} records and the honest one are in {}", outcomes.len(), folder.display());
    }
    let complaints = complaints(&outcomes);
    if complaints.is_empty() {
        let several = outcomes.iter().filter(|o| !o.manipulation.also.is_empty()).count();
        let written = writeln!(
            std::io::stdout(),
            "\nAll {} manipulations are caught, each by its check, which names its culprit; {several} fail further checks, which they \
             must, and every other one its own check alone.",
            outcomes.len()
        );
        return Ok(ended(written)?.unwrap_or(ExitCode::SUCCESS));
    }
    complaints.iter().for_each(|complaint| eprintln!("\n{complaint}"));
    eprintln!("\n{} of {} manipulations or checks are not as they must be", complaints.len(), outcomes.len());
    Ok(ExitCode::FAILURE)
}
