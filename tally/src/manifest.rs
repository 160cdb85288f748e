//! `tally manifest`: checks the commission's document, and signs the entry with which a board begins.

use anyhow::{ensure, Context, Result};
use selge_core::entry::EntryBody;
use selge_core::ids::{Digest, ElectionId};
use selge_core::manifest::{Manifest, MAX_MANIFEST};
use selge_node::files::{read_if_there, write_entry, write_public};
use selge_node::keyfile::{self, PassphraseArgs};
use selge_node::progress::say;
use std::path::PathBuf;

/// Arguments of `tally manifest`.
#[derive(Clone, Debug, clap::Args)]
pub struct ManifestArgs {
    /// The document, JSON of the format selge-manifest/1.
    #[arg(long, value_name = "FILE")]
    pub document: PathBuf,
    /// The commission's key file.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Folder for manifest.json (the document's exact bytes) and manifest.entry (the signed first entry of the board).
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How the key file's passphrase is given.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// What has been made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The election's id.
    pub election: ElectionId,
    /// The manifest's exact bytes.
    pub manifest: PathBuf,
    /// The signed entry.
    pub entry: PathBuf,
}

/// Checks the document, signs its digest and writes both.
///
/// # Errors
/// Naming the place in the document that does not hold; or if the key is not the commission's of this document.
pub fn run(args: &ManifestArgs) -> Result<Made> {
    let shown = args.document.display();
    let bytes = read_if_there(&args.document, MAX_MANIFEST)?.with_context(|| format!("there is no file {shown}"))?;
    let manifest = Manifest::parse(&bytes).with_context(|| format!("{shown} is not usable"))?;
    let passphrase = args.passphrase.read(&args.key.display().to_string())?;
    let key = keyfile::signing_key(&args.key, "commission", &passphrase)?;
    let named = manifest.document().commission.key;
    ensure!(
        key.verifying_key() == named,
        "{} has the public key {}, the document names {named} as the commission's: put the right key into {shown}, or \
         use the key file that it names",
        args.key.display(),
        key.verifying_key()
    );
    let made = Made {
        election: *manifest.id(),
        manifest: args.out.join("manifest.json"),
        entry: args.out.join("manifest.entry"),
    };
    let before = read_if_there(&made.manifest, MAX_MANIFEST)?;
    ensure!(
        before.is_none_or(|before| before == bytes),
        "{} is another election's manifest: choose another --out folder, or remove it if that election was never held",
        made.manifest.display()
    );
    write_public(&made.manifest, &bytes)?;
    write_entry(&made.entry, &EntryBody::Manifest(Digest::of(&bytes)).sign(manifest.id(), &key))?;
    say(&format!("wrote {} and {}", made.manifest.display(), made.entry.display()));
    let (n, quorum) = (manifest.witnesses().keys().len(), manifest.witnesses().quorum());
    if n > 0 && 2 * quorum <= n {
        say(&format!(
            "WARNING: a quorum of {quorum} of {n} witnesses protects nobody: two boards could each have one without any \
             witness doing wrong. More than half of them must be demanded (witness_quorum)"
        ));
    }
    Ok(made)
}
