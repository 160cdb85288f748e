//! `tally keygen`: a signing key for the commission, a trustee, or releases of the voting page.

use anyhow::Result;
use selge_core::sign::VerifyingKey;
use selge_node::keyfile::{self, PassphraseArgs};
use selge_node::progress::say;
use std::path::PathBuf;

/// Whose key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// The election commission: signs manifest, opening, cancellations, closing and result.
    Commission,
    /// A trustee: signs its messages of the key ceremony and its decryptions.
    Trustee,
    /// Whoever vouches for the voting page: signs its releases.
    Release,
}

impl Role {
    /// The name in key files.
    pub fn name(self) -> &'static str {
        match self {
            Role::Commission => "commission",
            Role::Trustee => "trustee",
            Role::Release => "release",
        }
    }
}

/// Arguments of `tally keygen`.
#[derive(Clone, Debug, clap::Args)]
pub struct KeygenArgs {
    /// Whose key it is.
    #[arg(long, value_enum)]
    pub role: Role,
    /// Where to write the key file; an existing file is never overwritten.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How the new key file's passphrase is given.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// Makes the key and returns its public part, which goes into the manifest unless it is a release's.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn run(args: &KeygenArgs) -> Result<VerifyingKey> {
    let passphrase = args.passphrase.create(&args.out.display().to_string())?;
    let key = keyfile::generate(&args.out, args.role.name(), &passphrase)?;
    match args.role {
        Role::Release => say(&format!("wrote {}; `tally sign-release` signs with it", args.out.display())),
        Role::Commission | Role::Trustee => {
            say(&format!("wrote {}; its public key goes into the manifest", args.out.display()));
        }
    }
    Ok(key)
}
