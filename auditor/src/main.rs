//! `auditor`: verifies a record, follows a board, checks evidence and the voting page; for people and for programs.

mod command;
mod mirror;
mod progress;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Checks an election from its public data alone, trusting nobody who held it.
#[derive(Parser)]
#[command(name = "auditor", version, after_help = EXIT_STATUSES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_STATUSES: &str = "Exit statuses:
  0  what was asked for holds
  1  it does not
  2  it cannot be decided: something is missing, was left out, or cannot be reached
  3  wrong usage
  4  the board is forked: proof against the collector has been written (follow, verify of an address)";

#[derive(Subcommand)]
enum Command {
    /// Verifies a record: log, signatures, key ceremony, roll, ballots, mixes, decryptions and result.
    #[command(visible_alias = "report")]
    Verify(command::verify::Args),
    /// Keeps a verified copy of a board, and writes evidence if it ever contradicts itself.
    Follow(command::follow::Args),
    /// Evidence against a board.
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Releases of the voting page.
    #[command(subcommand)]
    Release(ReleaseCommand),
}

#[derive(Subcommand)]
enum EvidenceCommand {
    /// Checks a file of evidence or a voter's complaint, with the log's public key.
    Check(command::evidence::Args),
}

#[derive(Subcommand)]
enum ReleaseCommand {
    /// Compares a voting page, file by file, with the release that somebody has signed.
    Check(command::release::Args),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// What was asked for holds.
    Holds,
    /// It does not.
    Fails,
    /// It cannot be decided.
    Undecided,
    /// Wrong usage.
    Usage,
    /// Proof of a fork.
    Forked,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        ExitCode::from(match ending {
            Ending::Holds => 0,
            Ending::Fails => 1,
            Ending::Undecided => 2,
            Ending::Usage => 3,
            Ending::Forked => 4,
        })
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to do if even this cannot be printed.
            let _ = error.print();
            return if error.use_stderr() { Ending::Usage.into() } else { ExitCode::SUCCESS };
        }
    };
    if let Err(error) = selge_core::check_arithmetic() {
        eprintln!("error: {error}");
        return Ending::Usage.into();
    }
    match cli.command {
        Command::Verify(args) => command::verify::run(args),
        Command::Follow(args) => command::follow::run(&args),
        Command::Evidence(EvidenceCommand::Check(args)) => command::evidence::run(&args),
        Command::Release(ReleaseCommand::Check(args)) => command::release::run(&args),
    }
    .into()
}
