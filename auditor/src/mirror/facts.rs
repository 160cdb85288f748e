//! What the mirrored entries say of the election, as far as following needs it. Whether they hold is the audit's to say.

use super::Trouble;
use selge_core::codec::Decode;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::Digest;
use selge_core::manifest::{Manifest, MAX_MANIFEST};
use selge_core::note::LogKey;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest roll (`ENC-5`).
const MAX_ROLL: u64 = 4 + 50 * (1 << 26);

/// Longest result (`ENC-5`).
const MAX_RESULT: u64 = 256 << 20;

/// What is known of the election.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    log: LogKey,
    manifest: Option<Arc<Manifest>>,
    /// Ballots on the board.
    pub(crate) ballots: u64,
    /// Entries that are no entries of an election.
    pub(crate) malformed: u64,
    closed: bool,
    finished: bool,
    files: BTreeSet<Digest>,
    new: Vec<(Digest, u64)>,
}

impl Facts {
    pub(crate) fn new(log: LogKey) -> Self {
        Facts {
            log,
            manifest: None,
            ballots: 0,
            malformed: 0,
            closed: false,
            finished: false,
            files: BTreeSet::new(),
            new: Vec::new(),
        }
    }

    /// The manifest.
    pub(crate) fn manifest(&self) -> Option<&Arc<Manifest>> {
        self.manifest.as_ref()
    }

    /// Whether the commission has closed the voting.
    pub(crate) fn closed(&self) -> bool {
        self.closed
    }

    /// Whether nothing is to come any more: the result is there.
    pub(crate) fn finished(&self) -> bool {
        self.finished
    }

    /// Whether an entry names the file of this name.
    pub(crate) fn names(&self, name: &str) -> bool {
        Digest::from_hex(name).is_ok_and(|digest| self.files.contains(&digest))
    }

    /// Files that the newest entries name, each with its longest length.
    pub(crate) fn new_files(&self) -> Vec<(Digest, u64)> {
        self.new.clone()
    }

    /// All files have been got.
    pub(crate) fn files_are_there(&mut self) {
        self.new.clear();
    }

    /// Takes the next entry; `file` gets a file's bytes.
    pub(crate) fn take(
        &mut self,
        index: u64,
        bytes: &[u8],
        file: impl Fn(&Digest, u64) -> Result<Vec<u8>, Trouble>,
    ) -> Result<(), Trouble> {
        let Ok(entry) = SignedEntry::from_bytes(bytes) else {
            self.malformed += 1;
            return Ok(());
        };
        match &entry.body {
            EntryBody::Manifest(digest) if index == 0 => {
                self.files.insert(*digest);
                self.new.push((*digest, MAX_MANIFEST as u64));
                let manifest = Manifest::parse(&file(digest, MAX_MANIFEST as u64)?)
                    .map_err(|error| Trouble::Bad(format!("the board's manifest does not hold: {error}")))?;
                if manifest.log_key() != self.log {
                    return Err(Trouble::Bad(format!(
                        "the board's manifest is of the log {}, not of {}: it is another election's",
                        manifest.log_key().vkey(),
                        self.log.vkey()
                    )));
                }
                self.manifest = Some(Arc::new(manifest));
                return Ok(());
            }
            EntryBody::Ballot(_) => self.ballots += 1,
            EntryBody::Closing(_) => self.closed |= self.by_commission(&entry),
            EntryBody::Result(_) => self.finished |= self.by_commission(&entry),
            _ => {}
        }
        // A list has at most as many vectors as there are ballots (`SHUF-1`, `SHUF-9`, `DEC-1`), of at most 8 limbs.
        let list = 4096u64.saturating_add(self.ballots.saturating_mul(8 * 64));
        let max = match &entry.body {
            EntryBody::Roll(_) => MAX_ROLL,
            EntryBody::Result(_) => MAX_RESULT,
            EntryBody::Manifest(_) => MAX_MANIFEST as u64,
            _ => list,
        };
        for digest in entry.body.files() {
            if self.files.insert(digest) {
                self.new.push((digest, max));
            }
        }
        Ok(())
    }

    /// Without this check the collector alone could make everybody stop watching.
    fn by_commission(&self, entry: &SignedEntry) -> bool {
        let manifest = self.manifest.as_ref();
        manifest.is_some_and(|m| entry.verify(m.id(), &m.document().commission.key).is_ok())
    }
}
