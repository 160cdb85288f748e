//! The `witness` command.

use crate::config::{check_name, Config};
use crate::server;
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use selge_core::cosignature::WitnessKey;
use selge_node::keyfile::{self, PassphraseArgs};
use selge_node::run::StopSignal;
use std::io::Write;
use std::path::PathBuf;

/// Role of the key file.
const ROLE: &str = "witness";

const CONFIG_HELP: &str = concat!(
    "The config file is TOML; paths in it are relative to it. The witness listens without encryption: everything that \
     it is told and says is public and signed. Put a web server with a certificate before it where others expect \
     https.\n\n",
    include_str!("example.toml")
);

/// Cosigns the checkpoints of logs that only ever grow (C2SP tlog-witness).
///
/// Exit statuses: 0 done, 1 failed (standard error says why and what to do), 2 wrong usage. `RUST_LOG` chooses what is
/// logged to standard error.
#[derive(Debug, Parser)]
#[command(name = "witness", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the witness's signing key and prints its verifier key, which goes into the manifest.
    Keygen(KeygenArgs),
    /// Answers POST /add-checkpoint until SIGTERM or SIGINT.
    ///
    /// GET /checkpoint/ and the SHA-256 of a log's origin, in hexadecimal, shows what was cosigned last of that log.
    ///
    /// Prints `listening on ADDRESS` when ready.
    #[command(after_long_help = CONFIG_HELP)]
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
struct KeygenArgs {
    /// The witness's name, such as `witness.example.org/w1`; it is part of the key.
    #[arg(long)]
    name: String,
    /// The key file to make; an existing one is never overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// The config file (`witness serve --help` shows one).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
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
        }
    }
}

/// Prints results; a closed pipe is an error like any other, not a panic.
fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("cannot write to standard output")
}

fn keygen(args: &KeygenArgs) -> Result<()> {
    check_name(&args.name)?;
    let passphrase = args.passphrase.create("the witness's new key")?;
    let key = keyfile::generate(&args.out, ROLE, &passphrase)?;
    say(&WitnessKey { name: args.name.clone(), key }.vkey())
}

async fn serve(args: &ServeArgs) -> Result<()> {
    let config = Config::read(&args.config)?;
    let passphrase = match &config.passphrase_file {
        Some(path) => PassphraseArgs::from_file(path).read("the witness's key")?,
        None => PassphraseArgs::default().read("the witness's key")?,
    };
    let key = keyfile::signing_key(&config.key, ROLE, &passphrase)?;
    let running = server::start(&config, key).await?;
    // Before anybody is told that there is something to stop.
    let stop = StopSignal::install()?;
    say(&format!("listening on {}", running.address()))?;
    stop.wait().await;
    tracing::info!(target: "selge", "shutting down");
    running.stop().await;
    Ok(())
}
