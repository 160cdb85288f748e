//! Large values of the board, named by their SHA-256 digest: a file appears under its name only when it is whole,
//! synced and of that digest.

use anyhow::{Context, Result};
use selge_core::ids::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Folder of the files in a store.
pub const FILES: &str = "files";

/// Folder of uploads that are not complete.
const SPOOL: &str = "spool";

/// The files of a store.
#[derive(Clone, Debug)]
pub struct Files {
    files: PathBuf,
    spool: PathBuf,
}

impl Files {
    /// The files of the store at `store`, without touching anything.
    pub fn at(store: &Path) -> Self {
        Files { files: store.join(FILES), spool: store.join(SPOOL) }
    }

    /// Makes the folders and removes what unfinished uploads have left.
    ///
    /// # Errors
    /// If the store is not writable.
    pub fn prepare(&self) -> Result<()> {
        let make = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.files)?;
            std::fs::create_dir_all(&self.spool)?;
            // The folder stays: on a full disk it could not be made again.
            for found in std::fs::read_dir(&self.spool)? {
                std::fs::remove_file(found?.path())?;
            }
            Ok(())
        };
        make().with_context(|| {
            format!("cannot prepare the folders {} and {}", self.files.display(), self.spool.display())
        })
    }

    /// Where a file lies.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.files.join(digest.to_string())
    }

    /// Moves files that no entry names into `set-aside`: a crash between storing a file and sequencing its entry leaves
    /// them, and so does a journal that was restored from an older backup; nothing is ever deleted.
    ///
    /// # Errors
    /// If the folder cannot be read or written.
    pub fn set_others_aside(&self, named: &HashSet<Digest>) -> Result<()> {
        let aside = self.files.with_file_name("set-aside");
        let list = || -> std::io::Result<u64> {
            let mut moved = 0;
            for found in std::fs::read_dir(&self.files)? {
                let found = found?;
                let digest = found.file_name().to_str().and_then(|name| Digest::from_hex(name).ok());
                // Whatever is not named by a digest is not this program's, and stays.
                if digest.is_some_and(|digest| !named.contains(&digest)) {
                    std::fs::create_dir_all(&aside)?;
                    std::fs::rename(found.path(), aside.join(found.file_name()))?;
                    moved += 1;
                }
            }
            Ok(moved)
        };
        let moved = list().with_context(|| format!("cannot tidy the folder {}", self.files.display()))?;
        if moved > 0 {
            tracing::warn!(
                target: "selge",
                "{moved} files that no entry names were moved to {}: they are of uploads that a crash cut off, or of a \
                 newer journal than this one",
                aside.display()
            );
        }
        Ok(())
    }

    /// Begins a file of unknown digest.
    ///
    /// # Errors
    /// If the store is not writable.
    pub fn spool(&self) -> std::io::Result<Spooled> {
        Ok(Spooled { file: NamedTempFile::new_in(&self.spool)?, hash: Sha256::new(), len: 0 })
    }

    /// Gives a complete file its name, durably.
    ///
    /// # Errors
    /// If the store is not writable.
    pub fn install(&self, spooled: Spooled) -> std::io::Result<()> {
        let digest = spooled.digest();
        spooled.file.as_file().sync_all()?;
        spooled.file.persist(self.path(&digest)).map_err(|e| e.error)?;
        File::open(&self.files)?.sync_all()
    }

    /// Stores bytes that are already in memory.
    ///
    /// # Errors
    /// If the store is not writable.
    pub fn put(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut spooled = self.spool()?;
        spooled.write(bytes)?;
        self.install(spooled)
    }

    /// All bytes of a file of at most `max` bytes, whose digest is checked.
    ///
    /// # Errors
    /// If the file is missing, longer or another one.
    pub fn read(&self, digest: &Digest, max: u64) -> Result<Vec<u8>> {
        let path = self.path(digest);
        let shown = path.display();
        let mut bytes = Vec::new();
        let file = File::open(&path).with_context(|| format!("cannot open {shown}, which the board names"))?;
        file.take(max.saturating_add(1)).read_to_end(&mut bytes).with_context(|| format!("cannot read {shown}"))?;
        anyhow::ensure!(bytes.len() as u64 <= max, "{shown} is longer than the {max} bytes that it can have");
        anyhow::ensure!(
            Digest::of(&bytes) == *digest,
            "{shown} does not hold what its name says: restore it from a backup or from a copy of the record"
        );
        Ok(bytes)
    }
}

/// A file that is being received; removed unless it is installed.
#[derive(Debug)]
pub struct Spooled {
    file: NamedTempFile,
    hash: Sha256,
    len: u64,
}

impl Spooled {
    /// Appends bytes.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Bytes so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The digest of the bytes so far.
    pub fn digest(&self) -> Digest {
        Digest(self.hash.clone().finalize().into())
    }

    /// All bytes, whose number was bounded when they were written.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&self) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.file.path())
    }
}
