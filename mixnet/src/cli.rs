//! The command line of `mixnet`.

use crate::keygen::{self, KeygenArgs};
use crate::mix::{self, MixArgs};
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::io::Write;

/// A mix server's commands.
///
/// Results go to standard output, one fact a line; progress goes to standard error. Every command can be killed and
/// started again: it goes on where it was.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "mixnet", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make a mix server's signing key, and print its public part
    Keygen(KeygenArgs),
    /// Shuffle every contest in this server's turn, and post output and proof
    ///
    /// Prints a line `mixed CONTEST`, `already CONTEST` or `withheld CONTEST` for each contest. A mix before this one
    /// whose proof does not hold is named, and the exit status is 1.
    Mix(MixArgs),
}

/// Runs the command that was typed.
///
/// # Errors
/// The command's.
pub async fn run(cli: Cli) -> Result<()> {
    let text = match cli.command {
        Command::Keygen(args) => format!("{}\n", keygen::run(&args)?),
        Command::Mix(args) => mix::run(&args).await?.contests.lines("mixed"),
    };
    selge_node::progress::clear();
    match std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("cannot print"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed_and_wrong_usage_is_refused() {
        Cli::command().debug_assert();
        for wrong in [
            &["mixnet"][..],
            &["mixnet", "keygen"],
            &["mixnet", "mix", "--manifest", "m", "--key", "k", "--state", "s"],
            &["mixnet", "mix", "--board", "https://b", "--manifest", "m", "--key", "k"],
            &[
                "mixnet",
                "mix",
                "--board",
                "https://b",
                "--manifest",
                "m",
                "--key",
                "k",
                "--state",
                "s",
                "--wait",
                "soon",
            ],
        ] {
            assert_eq!(Cli::try_parse_from(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
        Cli::try_parse_from(["mixnet", "mix", "--board", "https://b", "--manifest", "m", "--key", "k", "--state", "s"])
            .unwrap();
    }
}
