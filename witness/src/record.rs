//! What a witness remembers: for every log, the newest checkpoint that it has cosigned, signed by the log.
//!
//! ```text
//! lock                    held by the one witness that may write
//! <sha-256 of the origin>  the newest checkpoint of a log, as the log signed it
//! ```

use anyhow::{bail, Context, Result};
use rustix::fs::{flock, FlockOperation};
use selge_core::note::{Checkpoint, LogKey, MAX_NOTE};
use selge_node::files::{read_if_there, write_public};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// One log's place in the record.
#[derive(Debug)]
pub struct LogRecord {
    /// The log's key.
    pub log: LogKey,
    path: PathBuf,
    /// Held from the check of a request until its checkpoint is stored: otherwise of two requests that both continue the
    /// last checkpoint the second stored could be the smaller one.
    pub(crate) newest: Mutex<Option<Checkpoint>>,
}

/// The record, for this process alone.
#[derive(Debug)]
pub struct Record {
    logs: BTreeMap<String, LogRecord>,
    _lock: File,
}

fn take_lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = open.with_context(|| format!("cannot write {}", path.display()))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => bail!(
            "another witness is running on the state folder {}: stop it first, two could cosign two different boards",
            folder.display()
        ),
        Err(error) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

impl Record {
    /// Opens the record in `folder`, or begins it.
    ///
    /// # Errors
    /// If it is in use, not writable or damaged.
    pub fn open(folder: &Path, logs: Vec<LogKey>) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the state folder {}", folder.display()))?;
        let lock = take_lock(folder)?;
        let logs = logs.into_iter().map(|log| Ok((log.origin.clone(), LogRecord::open(folder, log)?)));
        Ok(Record { logs: logs.collect::<Result<_>>()?, _lock: lock })
    }

    /// The log of this origin.
    pub fn log(&self, origin: &str) -> Option<&LogRecord> {
        self.logs.get(origin)
    }

    /// The newest cosigned checkpoint, as the log signed it, of the log whose origin has this SHA-256 digest in
    /// hexadecimal; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn newest(&self, id: &str) -> Result<Option<Vec<u8>>> {
        let named = |log: &&LogRecord| log.path.file_name().is_some_and(|name| name == id);
        match self.logs.values().find(named) {
            // A file is replaced as a whole, so no lock is needed.
            Some(log) => read_if_there(&log.path, MAX_NOTE),
            None => Ok(None),
        }
    }

    /// The logs.
    pub fn logs(&self) -> impl Iterator<Item = &LogRecord> {
        self.logs.values()
    }
}

impl LogRecord {
    fn open(folder: &Path, log: LogKey) -> Result<Self> {
        let path = folder.join(hex::encode(Sha256::digest(log.origin.as_bytes())));
        let shown = path.display();
        let newest = match read_if_there(&path, MAX_NOTE)? {
            None => None,
            Some(bytes) => {
                let note = String::from_utf8(bytes).ok();
                let checkpoint = note.context("not a note").and_then(|note| Ok(Checkpoint::open(&note, &log)?));
                Some(checkpoint.with_context(|| {
                    format!(
                        "{shown} does not hold a checkpoint of the log {}: the witness does not know any more what it \
                         has cosigned. Retire its key and make a new witness; with an older or empty record it could \
                         cosign a board that contradicts one that it has cosigned",
                        log.origin
                    )
                })?)
            }
        };
        Ok(LogRecord { log, path, newest: Mutex::new(newest) })
    }

    /// Where the newest checkpoint lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stores a checkpoint durably, in the place of the one before.
    pub(crate) fn store(&self, note: &str) -> Result<()> {
        write_public(&self.path, note.as_bytes())
    }
}
