//! The command line of `tally`.

use crate::cancel::CancelArgs;
use crate::ceremony::CeremonyArgs;
use crate::decrypt::DecryptArgs;
use crate::keygen::KeygenArgs;
use crate::manifest::ManifestArgs;
use crate::release::SignReleaseArgs;
use crate::result::ResultArgs;
use crate::voting::VotingArgs;
use crate::{cancel, ceremony, decrypt, keygen, manifest, release, result, table, voting};
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use selge_core::manifest::Manifest;
use selge_node::replica::read_manifest;
use std::io::Write;

/// The election commission's and the trustees' commands.
///
/// Results go to standard output, one fact a line; progress goes to standard error. Every command can be killed and
/// started again: it goes on where it was.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "tally", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Make a signing key for the commission, a trustee or releases of the voting page, and print its public part
    Keygen(KeygenArgs),
    /// Commission: check the election's document, sign it, and print the election id
    Manifest {
        #[command(flatten)]
        args: ManifestArgs,
        /// Print one JSON object (election, manifest, entry) instead of the id alone
        #[arg(long)]
        json: bool,
    },
    /// Trustee: take part in the key ceremony until it is complete, and print the joint key
    ///
    /// A trustee who dealt a wrong share is named, on the board too, and the exit status is 1.
    Ceremony(CeremonyArgs),
    /// Commission: open voting once key ceremony and roll are on the board
    Open(VotingArgs),
    /// Commission: cancel the ballots of voters who voted on paper or lost the right to vote
    ///
    /// Prints a line `cancelled VOTER` or `already VOTER` for each.
    Cancel(CancelArgs),
    /// Commission: close voting
    ///
    /// If ballots come in at the same moment it tries again.
    Close(VotingArgs),
    /// Trustee: check all ballots and mixes, and post this trustee's part of the decryption
    ///
    /// Prints a line `decrypted CONTEST`, `already CONTEST` or `withheld CONTEST` for each contest.
    Decrypt(DecryptArgs),
    /// Commission: check everything, combine the decryptions, count, sign and post the result, and print it
    ///
    /// Waits for enough decryptions of every contest. A trustee whose factors are false is named and left out. A
    /// result that is on the board already is computed again and compared.
    Result {
        #[command(flatten)]
        args: ResultArgs,
        /// Print the result's JSON instead of the table
        #[arg(long)]
        json: bool,
    },
    /// Sign the voting page that `make web` made: writes release.note into its folder, and prints the public key
    ///
    /// `auditor release check` compares a page, also a served one, with what was signed.
    SignRelease(SignReleaseArgs),
}

/// Prints to standard output; a reader that went away is not an error of the election.
fn print(text: &str) -> Result<()> {
    selge_node::progress::clear();
    match std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("cannot print"),
        _ => Ok(()),
    }
}

fn lines<T: std::fmt::Display>(word: &str, items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| format!("{word} {item}\n")).collect()
}

/// Runs the command that was typed.
///
/// # Errors
/// The command's.
pub async fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Keygen(args) => print(&format!("{}\n", keygen::run(&args)?)),
        Command::Manifest { args, json } => {
            let made = manifest::run(&args)?;
            if !json {
                return print(&format!("{}\n", made.election));
            }
            let (manifest, entry) = (made.manifest.display().to_string(), made.entry.display().to_string());
            print(&format!(
                "{}\n",
                serde_json::json!({ "election": made.election, "manifest": manifest, "entry": entry })
            ))
        }
        Command::Ceremony(args) => {
            let done = ceremony::run(&args).await?;
            print(&format!("trustee {}\njoint_key {}\n", done.trustee, done.joint_key_hex()))
        }
        Command::Open(args) => print(&format!("opened {}\n", voting::open(&args).await?.time)),
        Command::Cancel(args) => {
            let done = cancel::run(&args).await?;
            let before = done.before.iter().map(|(voter, reason)| format!("{voter} {reason}"));
            print(&(lines("cancelled", &done.now) + &lines("already", before)))
        }
        Command::Close(args) => {
            let closing = voting::close(&args).await?;
            print(&format!("closed {}\nentries {}\n", closing.time, closing.size))
        }
        Command::Decrypt(args) => print(&decrypt::run(&args).await?.contests.lines("decrypted")),
        Command::Result { args, json } => {
            let published = result::run(&args).await?;
            let (_, manifest) = read_manifest(&args.party.manifest)?;
            print(&shown(&manifest, &published, json)?)
        }
        Command::SignRelease(args) => {
            let done = release::sign(&args)?;
            let (note, files) = (done.note.display(), done.files);
            print(&format!("signed {} of {files} files in {note}\nkey {}\n", done.version, done.vkey))
        }
    }
}

fn shown(manifest: &Manifest, published: &result::Published, json: bool) -> Result<String> {
    if json {
        return Ok(String::from_utf8(published.bytes.clone())?);
    }
    let mut text = table::table(manifest, &published.result);
    for (trustee, contest) in &published.rejected {
        text.push_str(&format!("trustee {trustee}: false factors for contest {contest}, left out\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed_and_wrong_usage_is_refused() {
        Cli::command().debug_assert();
        for wrong in [
            &["tally"][..],
            &["tally", "count"],
            &["tally", "keygen", "--out", "x"],
            &["tally", "keygen", "--role", "voter", "--out", "x"],
            &["tally", "sign-release", "--page", "p", "--key", "k"],
            &["tally", "open", "--manifest", "m", "--key", "k"],
            &["tally", "open", "--board", "https://b", "--manifest", "m", "--key", "k", "--wait", "-1"],
            &["tally", "ceremony", "--board", "https://b", "--manifest", "m", "--key", "k"],
            &["tally", "cancel", "--board", "https://b", "--manifest", "m", "--key", "k", "--voters", "v"],
        ] {
            let error = Cli::try_parse_from(wrong).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong:?}");
        }
        let good = ["tally", "close", "--board", "http://localhost:1", "--insecure-loopback", "--manifest", "m"];
        Cli::try_parse_from(good.iter().chain(&["--key", "k", "--wait", "5"])).unwrap();
    }
}
