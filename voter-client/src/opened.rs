//! What a second device keeps from one check to the next: digests of ballots that it saw opened instead of cast, none of
//! which may ever turn up as recorded (`CHECK-7`). They say nothing about any ballot that counts.

use anyhow::{ensure, Context, Result};
use selge_core::ids::{Digest, ElectionId};
use selge_node::files::read_if_there;
use selge_node::keyfile::write_private;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// Most digests that are kept, the newest; one check can bring four.
const MOST: usize = 4096;

/// A line: a digest in hexadecimal and the line's end.
const LINE: usize = 65;

/// The ballots of one election that this device saw opened: a file of one digest a line, oldest first. A crash leaves the
/// file with or without the newest line, and several checks at once may share it.
#[derive(Debug, Clone)]
pub struct OpenedBallots {
    folder: PathBuf,
    path: PathBuf,
}

impl OpenedBallots {
    /// The file of an election in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn new(folder: &Path, election: &ElectionId) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| {
            format!(
                "cannot make the folder {}: give another one for this device's memory with --state",
                folder.display()
            )
        })?;
        Ok(OpenedBallots { folder: folder.to_owned(), path: folder.join(format!("opened-{election}")) })
    }

    /// All of them.
    ///
    /// # Errors
    /// If the file cannot be read, or is not such a file.
    pub fn all(&self) -> Result<Vec<Digest>> {
        let _lock = self.lock(false)?;
        self.read()
    }

    /// Adds one; when this returns it is on the disk.
    ///
    /// # Errors
    /// If the file cannot be read or written; what was in it stays.
    pub fn remember(&self, digest: Digest) -> Result<()> {
        let _lock = self.lock(true)?;
        let mut all = self.read()?;
        all.retain(|other| *other != digest);
        all.push(digest);
        let newest = all.get(all.len().saturating_sub(MOST)..).unwrap_or_default();
        let text: String = newest.iter().map(|digest| format!("{digest}\n")).collect();
        write_private(&self.path, text.as_bytes())
    }

    /// The file is replaced when it is written, so the lock is on another one beside it.
    fn lock(&self, write: bool) -> Result<File> {
        let path = self.folder.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        if write { file.lock() } else { file.lock_shared() }
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(file)
    }

    fn read(&self) -> Result<Vec<Digest>> {
        let shown = self.path.display();
        let damaged = || {
            format!(
                "{shown} is damaged: restore it from a backup, or move it away, and this device no longer knows which \
                 ballots it saw opened"
            )
        };
        let Some(bytes) = read_if_there(&self.path, MOST * LINE).with_context(damaged)? else { return Ok(Vec::new()) };
        let text = String::from_utf8(bytes).ok().with_context(damaged)?;
        ensure!(text.is_empty() || text.ends_with('\n'), damaged());
        text.lines().map(|line| Digest::from_hex(line).with_context(damaged)).collect()
    }
}
