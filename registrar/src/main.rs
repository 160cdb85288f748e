//! `registrar`: make the roll of voters, sign it, and hand it to the board.

use anyhow::Result;
use clap::{Parser, Subcommand};
use selge_node::client::BoardArgs;
use selge_node::keyfile::{self, write_private, PassphraseArgs};
use selge_node::replica::read_manifest;
use selge_registrar::folder::{receipt_path, SignedRoll};
use selge_registrar::post::post;
use selge_registrar::{list, ROLE};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// Make the roll of a Selge election: who may vote, with which key and ballot style.
///
/// Results are printed on standard output, one fact per line; everything else goes to standard error. Exit status: 0
/// done, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "registrar", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the registrar's signing key; prints the public key for the manifest.
    Keygen {
        /// Where to store the key, encrypted; an existing file is never overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Make and sign the roll from a list of voters.
    ///
    /// The list is a CSV file with the header line `voter_id,public_key,ballot_style` (in any order), or a JSON array of
    /// objects with these three fields. voter_id and public_key are what `voter-client enroll` prints; ballot_style is
    /// an id of the manifest. Every bad line is listed. The folder gets `roll` and `roll.entry`.
    Roll {
        /// The list, a .csv or .json file.
        #[arg(long, value_name = "FILE")]
        voters: PathBuf,
        /// The election's manifest.
        #[arg(long, value_name = "FILE")]
        manifest: PathBuf,
        /// The registrar's key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Folder for the signed roll.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Hand the signed roll to the board; can be repeated, the roll is taken once.
    ///
    /// Checks the files and the board's receipt, which goes to `roll.receipt` in the folder.
    Post {
        /// Folder that `roll` made.
        #[arg(long, value_name = "DIR")]
        roll: PathBuf,
        /// The election's manifest.
        #[arg(long, value_name = "FILE")]
        manifest: PathBuf,
        #[command(flatten)]
        board: BoardArgs,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    selge_node::run::main(run(args.command))
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Keygen { out, passphrase } => {
            let public = keyfile::generate(&out, ROLE, &passphrase.create("the registrar's new key")?)?;
            println!("{public}");
            Ok(())
        }
        Command::Roll { voters, manifest, key, out, passphrase } => {
            let (_, manifest) = read_manifest(&manifest)?;
            let key = keyfile::signing_key(&key, ROLE, &passphrase.read("the registrar's key")?)?;
            let progress = progress("Reading the list of voters");
            let roll = list::read(&voters, &manifest)?;
            let signed = SignedRoll::sign(&roll, &manifest, &key)?;
            signed.write(&out)?;
            drop(progress);
            let mut styles: BTreeMap<u16, usize> = BTreeMap::new();
            roll.entries().iter().for_each(|e| *styles.entry(e.style.0).or_default() += 1);
            for (style, count) in styles {
                let style = manifest.document().ballot_styles.get(usize::from(style));
                eprintln!("ballot style {}: {count} voters", style.map_or("?", |s| s.id.as_str()));
            }
            println!("voters {}", signed.voters);
            println!("digest {}", signed.digest);
            println!("folder {}", out.display());
            Ok(())
        }
        Command::Post { roll: folder, manifest, board } => {
            let (_, manifest) = read_manifest(&manifest)?;
            let roll = SignedRoll::read(&folder, &manifest)?;
            let progress = progress("Handing in the roll");
            let posted = post(&mut board.connect().await?, &manifest, &roll).await?;
            drop(progress);
            write_private(&receipt_path(&folder), posted.receipt.text().as_bytes())?;
            if posted.already {
                eprintln!("The roll was on the board already.");
            }
            println!("index {}", posted.receipt.index);
            println!("digest {}", roll.digest);
            println!("receipt {}", receipt_path(&folder).display());
            Ok(())
        }
    }
}

/// A line that says what is going on: a spinner on a terminal, plain text elsewhere; ends when dropped.
fn progress(what: &str) -> Option<Progress> {
    if !std::io::stderr().is_terminal() {
        eprintln!("{what} …");
        return None;
    }
    let bar = indicatif::ProgressBar::new_spinner().with_message(what.to_owned());
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    Some(Progress(bar))
}

struct Progress(indicatif::ProgressBar);

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
