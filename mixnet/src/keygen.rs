//! `mixnet keygen`: a mix server's signing key.

use anyhow::Result;
use selge_core::sign::VerifyingKey;
use selge_node::keyfile::{self, PassphraseArgs};
use selge_node::progress::say;
use std::path::PathBuf;

/// Arguments of `mixnet keygen`.
#[derive(Clone, Debug, clap::Args)]
pub struct KeygenArgs {
    /// Where to write the key file; an existing file is never overwritten.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How the new key file's passphrase is given.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// Makes the key and returns its public part, which goes into the manifest.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn run(args: &KeygenArgs) -> Result<VerifyingKey> {
    let passphrase = args.passphrase.create(&args.out.display().to_string())?;
    let key = keyfile::generate(&args.out, "mix server", &passphrase)?;
    say(&format!("wrote {}; its public key goes into the manifest", args.out.display()));
    Ok(key)
}
