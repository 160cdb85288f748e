//! Who a program acts for: a key that the manifest names.

use crate::keyfile::{self, PassphraseArgs};
use crate::replica::read_manifest;
use age::secrecy::SecretString;
use anyhow::{ensure, Context, Result};
use selge_core::ids::{MixIndex, TrusteeIndex};
use selge_core::manifest::{Manifest, Party as ManifestParty};
use selge_core::sign::SigningKey;
use std::path::PathBuf;
use std::sync::Arc;

/// Which election, and who acts in it.
#[derive(Clone, Debug, clap::Args)]
pub struct PartyArgs {
    /// The election's manifest, got from the election commission and not from the board.
    #[arg(long, value_name = "FILE")]
    pub manifest: PathBuf,
    /// The key file of whoever acts.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// How the key file's passphrase is given.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// An opened key with the manifest that names it.
#[derive(Debug)]
pub struct Party {
    /// The election.
    pub manifest: Arc<Manifest>,
    /// The key.
    pub key: SigningKey,
    /// The passphrase that the key was under, for further secrets of the same person.
    pub passphrase: SecretString,
}

/// The place of a key in a list of parties, from 1.
fn place(parties: &[ManifestParty], key: &SigningKey) -> Option<u16> {
    let at = parties.iter().position(|party| party.key == key.verifying_key())?;
    u16::try_from(at + 1).ok()
}

impl PartyArgs {
    fn open(&self, role: &str) -> Result<Party> {
        let (_, manifest) = read_manifest(&self.manifest)?;
        let passphrase = self.passphrase.read(&self.key.display().to_string())?;
        let key = keyfile::signing_key(&self.key, role, &passphrase)?;
        Ok(Party { manifest, key, passphrase })
    }

    fn nobody(&self, who: &str, party: &Party) -> String {
        format!(
            "{} (public key {}) is not the key of {who} of the election {:?}: is it the right key, and {} the right \
             manifest?",
            self.key.display(),
            party.key.verifying_key(),
            party.manifest.document().title,
            self.manifest.display()
        )
    }

    /// Opens the election commission's key.
    ///
    /// # Errors
    /// If the manifest or the key is not usable, or the key is another's.
    pub fn commission(&self) -> Result<Party> {
        let party = self.open("commission")?;
        let named = party.manifest.document().commission.key == party.key.verifying_key();
        ensure!(named, "{}", self.nobody("the commission", &party));
        Ok(party)
    }

    /// Opens a trustee's key.
    ///
    /// # Errors
    /// As [`PartyArgs::commission`].
    pub fn trustee(&self) -> Result<(TrusteeIndex, Party)> {
        let party = self.open("trustee")?;
        let at = place(&party.manifest.document().trustees, &party.key);
        Ok((TrusteeIndex(at.with_context(|| self.nobody("a trustee", &party))?), party))
    }

    /// Opens a mix server's key.
    ///
    /// # Errors
    /// As [`PartyArgs::commission`].
    pub fn mix_server(&self) -> Result<(MixIndex, Party)> {
        let party = self.open("mix server")?;
        let at = place(&party.manifest.document().mix_servers, &party.key);
        Ok((MixIndex(at.with_context(|| self.nobody("a mix server", &party))?), party))
    }
}
