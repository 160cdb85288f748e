//! The folder of a signed roll: `roll`, its canonical bytes, `roll.entry`, the signed board entry that names their
//! digest, and, once it is on the board, `roll.receipt`.

use anyhow::{bail, ensure, Context, Result};
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{EntryBody, SignedEntry, MAX_ENTRY};
use selge_core::ids::Digest;
use selge_core::manifest::Manifest;
use selge_core::roll::{Roll, MAX_VOTERS};
use selge_core::sign::SigningKey;
use selge_node::keyfile::write_private;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest roll file: the count and 50 bytes for each voter.
const MAX_ROLL: u64 = 4 + 50 * MAX_VOTERS as u64;

/// A roll with the entry that puts it on the board.
#[derive(Clone, Debug)]
pub struct SignedRoll {
    /// The roll's canonical bytes.
    pub bytes: Vec<u8>,
    /// Its digest.
    pub digest: Digest,
    /// The signed entry.
    pub entry: SignedEntry,
    /// How many voters.
    pub voters: usize,
}

impl SignedRoll {
    /// Signs a roll for one election.
    ///
    /// # Errors
    /// If the key is not that of the manifest's registrar, or the roll has a style that the manifest has not.
    pub fn sign(roll: &Roll, manifest: &Manifest, key: &SigningKey) -> Result<Self> {
        let expected = manifest.document().registrar.key;
        let found = key.verifying_key();
        ensure!(
            found == expected,
            "this key ({found}) is not the registrar's in the manifest ({expected}): is it the right key and manifest?"
        );
        roll.check_styles(manifest.document().ballot_styles.len())?;
        let bytes = roll.to_bytes();
        let digest = Digest::of(&bytes);
        let entry = EntryBody::Roll(digest).sign(manifest.id(), key);
        Ok(SignedRoll { bytes, digest, entry, voters: roll.len() })
    }

    /// Writes the folder. A folder that holds the same roll already is left as it is.
    ///
    /// # Errors
    /// If the folder holds another roll, or is not writable.
    pub fn write(&self, folder: &Path) -> Result<()> {
        for (path, bytes) in [(roll_path(folder), &self.bytes), (entry_path(folder), &self.entry.to_bytes())] {
            if path.exists() {
                let old = read_bounded(&path, MAX_ROLL)?;
                ensure!(
                    old == *bytes,
                    "{} exists and is another one: choose another folder, or delete it if it is not on the board",
                    path.display()
                );
                continue;
            }
            write_private(&path, bytes)?;
        }
        Ok(())
    }

    /// Reads and checks a folder.
    ///
    /// # Errors
    /// If a file is missing, changed, or of another election.
    pub fn read(folder: &Path, manifest: &Manifest) -> Result<Self> {
        let (roll_path, entry_path) = (roll_path(folder), entry_path(folder));
        let bytes = read_bounded(&roll_path, MAX_ROLL)?;
        let roll = Roll::from_bytes(&bytes).with_context(|| format!("{} is not a roll", roll_path.display()))?;
        roll.check_styles(manifest.document().ballot_styles.len())?;
        let shown = entry_path.display();
        let entry = SignedEntry::from_bytes(&read_bounded(&entry_path, MAX_ENTRY as u64)?)
            .with_context(|| format!("{shown} is not a board entry"))?;
        let EntryBody::Roll(digest) = entry.body else {
            bail!("{shown} is a {} entry, not a roll's", entry.body.kind());
        };
        entry
            .verify(manifest.id(), &manifest.document().registrar.key)
            .with_context(|| format!("{shown} is not signed by the manifest's registrar for this election"))?;
        let found = Digest::of(&bytes);
        ensure!(
            found == digest,
            "{} has digest {found}, the signed entry names {digest}: one of the files was changed",
            roll_path.display()
        );
        Ok(SignedRoll { bytes, digest, entry, voters: roll.len() })
    }
}

fn roll_path(folder: &Path) -> PathBuf {
    folder.join("roll")
}

fn entry_path(folder: &Path) -> PathBuf {
    folder.join("roll.entry")
}

/// Where the receipt goes.
pub fn receipt_path(folder: &Path) -> PathBuf {
    folder.join("roll.receipt")
}

fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>> {
    let shown = path.display();
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(max + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {shown}"))?;
    ensure!(bytes.len() as u64 <= max, "{shown} is longer than {max} bytes and cannot be what is asked for");
    Ok(bytes)
}
