//! `voter-client`: enrol, vote, and check that the ballot is on the board.

mod commands;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Vote in a Selge election and check that the ballot is on the public board.
///
/// Results are printed on standard output, one fact per line; everything else goes to standard error. Exit status: 0
/// done, 1 failed or something is wrong, 2 wrong usage.
#[derive(Parser)]
#[command(name = "voter-client", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a voter's credential: a random voter id and a signing key, in one encrypted file.
    ///
    /// Prints the line `voter_id,public_key` that the registrar needs to put you on the roll. The credential itself
    /// never leaves this machine.
    Enroll(commands::enroll::Args),
    /// Print the credential as a code, or as a link, for the voting page in a browser.
    Code(commands::code::Args),
    /// Encrypt, sign and hand in a ballot, and keep the receipt.
    ///
    /// Without choices, the terminal asks for them contest by contest. You can vote again: the last ballot counts.
    Vote(commands::vote::Args),
    /// Make this machine the voter's second device: it shows a code, and then what the ballot on the board holds.
    ///
    /// Give the code to the device that votes (`voter-client vote --check-code`, or the voting page). Only this machine is
    /// convinced: whoever holds it could have made the same proof for any choice.
    Check(commands::listen::Args),
    /// Encrypt a ballot and open it on the second device instead of casting it, to see whether this device is honest.
    ///
    /// It should not be able to know before whether a ballot will be cast or opened, so do it as often as you like. The
    /// opened ballot is not cast and does not count.
    Challenge(commands::challenge::Args),
    /// Show what the board says about you: your newest ballot and whether your ballots are cancelled.
    Status(commands::status::Args),
    /// Work with a receipt.
    #[command(subcommand)]
    Receipt(Receipt),
}

#[derive(Subcommand)]
enum Receipt {
    /// Check that a receipt holds, and, with --board, that the ballot is still on the board and counts.
    ///
    /// Without --board nothing is asked of anybody: the collector's signature, the inclusion proof and your own
    /// signature are checked with the files alone.
    Check(commands::check::Args),
}

fn main() -> ExitCode {
    let args = Args::parse();
    selge_node::run::main(async move {
        match args.command {
            Command::Enroll(args) => commands::enroll::run(&args),
            Command::Code(args) => commands::code::run(&args),
            Command::Vote(args) => commands::vote::run(args).await,
            Command::Check(args) => commands::listen::run(args).await,
            Command::Challenge(args) => commands::challenge::run(args).await,
            Command::Status(args) => commands::status::run(&args).await,
            Command::Receipt(Receipt::Check(args)) => commands::check::run(&args).await,
        }
    })
}
