//! The `collector` command.

use crate::checkpoint;
use crate::config::Config;
use crate::disk::{Disk, SystemDisk};
use crate::files::Files;
use crate::replay::replay;
use crate::{export, server};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use selge_core::manifest::Manifest;
use selge_core::witnesses::Line;
use selge_node::keyfile::{self, PassphraseArgs};
use selge_node::run::StopSignal;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const CONFIG_HELP: &str = concat!(
    "The config file is TOML; paths in it are relative to it. insecure_loopback = true instead of [tls] listens without \
     encryption, on a loopback address alone.\n\n",
    include_str!("example.toml")
);

/// Takes in ballots, keeps the bulletin board and gives receipts.
///
/// Exit statuses: 0 done, 1 failed (standard error says why and what to do), 2 wrong usage. `RUST_LOG` chooses what is
/// logged to standard error; addresses of clients are never logged.
#[derive(Debug, Parser)]
#[command(name = "collector", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the collector's signing key and prints the public key, which goes into the manifest.
    Keygen(KeygenArgs),
    /// Runs the board's server until SIGTERM or SIGINT, which finish what is in hand.
    ///
    /// Prints `listening on ADDRESS` when ready, with [http] `serving the record on ADDRESS`, and with [metrics]
    /// `metrics on ADDRESS`.
    #[command(after_long_help = CONFIG_HELP)]
    Serve(ConfigArgs),
    /// Writes the election record, which anybody can audit, from the store; a server may be running on it.
    Export(ExportArgs),
    /// Prints where the board stands, from the store; a server may be running on it.
    ///
    /// The last line is the log's verifier key, which witnesses and other tools ask for.
    Status(ConfigArgs),
}

#[derive(Debug, Args)]
struct KeygenArgs {
    /// The key file to make; an existing one is never overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// The config file (`collector serve --help` shows one).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct ExportArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Folder of the record: a new one, or an empty one.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// If the manifest names witnesses: wait at most so long for the running server to have enough of them cosign the
    /// newest checkpoint. Without enough of them the record is written too, and says so; no audit will pass it.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// With what was wrong, where, and what to do.
    pub async fn run(self) -> Result<()> {
        match self.command {
            Command::Keygen(args) => keygen(&args),
            Command::Serve(args) => serve(&args).await,
            Command::Export(args) => export(&args),
            Command::Status(args) => status(&args),
        }
    }
}

/// Prints results; a closed pipe is an error like any other, not a panic.
fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("cannot write to standard output")
}

fn keygen(args: &KeygenArgs) -> Result<()> {
    let passphrase = args.passphrase.create("the collector's new key")?;
    let key = keyfile::generate(&args.out, "collector", &passphrase)?;
    eprintln!("wrote {}; its public key goes into the manifest", args.out.display());
    say(&key.to_string())
}

async fn serve(args: &ConfigArgs) -> Result<()> {
    let config = Config::read(&args.config)?;
    let passphrase = match &config.passphrase_file {
        Some(path) => PassphraseArgs::from_file(path).read("the collector's key")?,
        None => PassphraseArgs::default().read("the collector's key")?,
    };
    let key = keyfile::signing_key(&config.key, "collector", &passphrase)?;
    let mut running = server::start(&config, key).await?;
    // Before anybody is told that there is something to stop.
    let stop = StopSignal::install()?;
    let record = running.record_address().map(|address| format!("\nserving the record on {address}"));
    let metrics = running.metrics_address().map(|address| format!("\nmetrics on {address}"));
    let more = [record, metrics].map(Option::unwrap_or_default).concat();
    say(&format!("listening on {}{more}", running.address()))?;
    tokio::select! {
        failed = running.failed() => return failed,
        () = stop.wait() => {}
    }
    tracing::info!(target: "selge", "shutting down");
    running.stop().await
}

fn export(args: &ExportArgs) -> Result<()> {
    let config = Config::read(&args.config.config)?;
    export::wait_for_witnesses(&config, Duration::from_secs(args.wait))?;
    let done = export::export(&config, &args.out)?;
    let mut text = format!(
        "exported {} entries and {} files to {}\nroot {}",
        done.checkpoint.size,
        done.files,
        args.out.display(),
        hex::encode(done.checkpoint.root)
    );
    match done.witnesses {
        Some((standing, true)) => text.push_str(&format!("\nwitnessed: {standing}")),
        Some((standing, false)) => {
            text.push_str(&format!("\nNOT witnessed: {standing}"));
            eprintln!(
                "WARNING: the quorum of witnesses is missing on the record's checkpoint, and no audit will pass this record. \
                 Let the collector run until `collector status` shows the quorum, and export again (--wait SECONDS waits \
                 for it)"
            );
        }
        None => {}
    }
    say(&text)
}

/// A line for the quorum and one for each witness.
fn witness_lines(config: &Config, manifest: &Manifest) -> Result<String> {
    let Some((note, checkpoint)) = checkpoint::stored(&config.store, manifest)? else { return Ok(String::new()) };
    let standing = manifest.witnesses().standing(&note, &checkpoint)?;
    if manifest.witnesses().is_empty() {
        return Ok("witnesses none".to_owned());
    }
    let asked = config.asked(manifest)?;
    let quorum = if standing.reached() { "reached" } else { "MISSING" };
    let (n, of, must) = (standing.cosigned().count(), standing.lines().len(), manifest.witnesses().quorum());
    let mut text = format!("witnesses {n} of {of} cosigned size {}, quorum {must} {quorum}", checkpoint.size);
    for (witness, line) in standing.lines() {
        let state = match line {
            Line::Cosigned(_) => "cosigned",
            Line::False(_) => "INVALID cosignature",
            Line::Missing => "not cosigned",
        };
        let place = asked.iter().find(|asked| asked.key == **witness);
        let place =
            place.map_or_else(|| "NOT ASKED, no [[witness]] in the config".to_owned(), |asked| asked.url.clone());
        text.push_str(&format!("\nwitness {} {state} ({place})", witness.name));
    }
    Ok(text)
}

fn status(args: &ConfigArgs) -> Result<()> {
    let config = Config::read(&args.config)?;
    let (_, manifest) = selge_node::replica::read_manifest(&config.manifest)?;
    let size = checkpoint::stored(&config.store, &manifest)?.map(|(_, checkpoint)| checkpoint.size);
    let size = size.with_context(|| format!("the store {} has no checkpoint yet", config.store.display()))?;
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::default());
    let state = replay(&disk, &manifest, &config.store, &Files::at(&config.store), size)?;
    let election = state.election.context("the journal is empty")?;
    let numbers = state.tally.numbers();
    say(&format!(
        "election {}\nphase {}\nsize {}\nroot {}\nballots cast {}\nballots superseded {}\nballots cancelled {}\nballots counted {}\n{}\nvkey {}",
        manifest.id(),
        election.phase(),
        state.tree.size(),
        hex::encode(state.tree.root()),
        numbers.cast,
        numbers.superseded,
        numbers.cancelled,
        numbers.counted,
        witness_lines(&config, &manifest)?,
        manifest.log_key().vkey()
    ))
}
