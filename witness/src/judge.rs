//! What a witness says to a request: the checks of <https://c2sp.org/tlog-witness>, in their order.

use crate::record::Record;
use selge_core::cosignature::{cosign, AddCheckpoint, RequestError};
use selge_core::note::{Checkpoint, NoteError};
use selge_core::sign::SigningKey;
use selge_core::tree::{empty_root, verify_consistency, TreeError};
use std::sync::PoisonError;
use std::time::{SystemTime, UNIX_EPOCH};

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is malformed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The note is malformed.
    #[error("{0}")]
    Note(NoteError),
    /// The old size is beyond the checkpoint's.
    #[error("the old size {old} is beyond the checkpoint's size {size}")]
    Sizes {
        /// The old size.
        old: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// The log is not known here.
    #[error("this witness does not know the log {0:?}")]
    UnknownLog(String),
    /// The log has not signed.
    #[error("{0}")]
    Unsigned(NoteError),
    /// The request does not start from the newest cosigned checkpoint.
    #[error("the newest cosigned checkpoint has size {0}")]
    Stale(u64),
    /// Another tree of the size that was cosigned.
    #[error("another tree of size {0} has been cosigned")]
    Fork(u64),
    /// The proof does not show that the log has only grown.
    #[error("the checkpoint does not continue the newest cosigned one: {0}")]
    Inconsistent(TreeError),
    /// The witness could not remember the checkpoint.
    #[error("the witness cannot store the checkpoint at the moment")]
    Store(anyhow::Error),
}

/// A witness: what it remembers and its key.
#[derive(Debug)]
pub struct Witness {
    name: String,
    key: SigningKey,
    record: Record,
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl Witness {
    /// A witness of this name and key.
    pub fn new(name: &str, key: SigningKey, record: Record) -> Self {
        Witness { name: name.to_owned(), key, record }
    }

    /// What it remembers.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Answers one request: the cosignature, after the checkpoint is stored durably. Blocks.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn add_checkpoint(&self, body: &str) -> Result<String, Refusal> {
        let request = AddCheckpoint::parse(body)?;
        let known = self.record.log(request.origin());
        let known = known.ok_or_else(|| Refusal::UnknownLog(request.origin().to_owned()))?;
        let checkpoint = Checkpoint::open(&request.note, &known.log).map_err(|error| match error {
            NoteError::Unsigned(_) => Refusal::Unsigned(error),
            _ => Refusal::Note(error),
        })?;
        let (old, size) = (request.old, checkpoint.size);
        if old > size {
            return Err(Refusal::Sizes { old, size });
        }
        // Nothing is changed in memory before it is on disk, so a panic leaves what is true.
        let mut newest = known.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let (cosigned, root) = newest.as_ref().map_or((0, empty_root()), |newest| (newest.size, newest.root));
        if old != cosigned {
            return Err(Refusal::Stale(cosigned));
        }
        if old == size && root != checkpoint.root {
            tracing::warn!(
                target: "selge",
                "the log {} has signed another tree of size {size} than the one that was cosigned: the board is forked, \
                 or was restored from an old backup. The request:\n{body}",
                checkpoint.origin
            );
            return Err(Refusal::Fork(cosigned));
        }
        verify_consistency(old, size, &root, &checkpoint.root, &request.proof).map_err(Refusal::Inconsistent)?;
        if newest.as_ref() != Some(&checkpoint) {
            known.store(&request.note).map_err(Refusal::Store)?;
            *newest = Some(checkpoint.clone());
        }
        // Still under the lock: a cosignature says that at its time nothing larger was known.
        Ok(cosign(&checkpoint, &self.name, now(), &self.key))
    }
}
