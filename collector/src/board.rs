//! The board as readers see it: the state in memory, with the files and entries on disk behind it.

use crate::checkpoint;
use crate::entries::Entries;
use crate::files::Files;
use crate::index::LeafIndex;
use crate::machine::Clock;
use crate::metrics::Metrics;
use crate::replay::Tally;
use crate::stored_tree::{StoredTree, StoredTreeError};
use selge_core::election::{Election, Phase};
use selge_core::elgamal::CiphertextList;
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, LeafHash};
use selge_core::manifest::Manifest;
use selge_core::receipt::Receipt;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::watch;

/// What is signed and shown: one consistent moment of the board.
#[derive(Clone, Debug)]
pub struct Head {
    /// The signed checkpoint.
    pub checkpoint: String,
    /// Its size.
    pub size: u64,
    /// How far the election has come.
    pub phase: Phase,
    /// How ballots add up.
    pub tally: Tally,
}

/// The board. Only the sequencer changes it.
pub struct Board {
    /// The manifest.
    pub manifest: Arc<Manifest>,
    /// What the voting period is read from.
    pub(crate) clock: Arc<dyn Clock>,
    /// The manifest's exact bytes.
    pub manifest_bytes: Vec<u8>,
    /// The files.
    pub files: Files,
    pub(crate) election: RwLock<Election>,
    pub(crate) tree: RwLock<StoredTree>,
    pub(crate) entries: RwLock<Entries>,
    pub(crate) index: RwLock<Box<dyn LeafIndex>>,
    head: RwLock<Arc<Head>>,
    /// The newest checkpoint that the quorum has cosigned, and its size.
    witnessed: RwLock<Option<Arc<(String, u64)>>>,
    /// Held while the checkpoint file and the head are changed, so that the file is never older than the head.
    publishing: Mutex<()>,
    /// Tells of every signed checkpoint.
    pub(crate) signed: watch::Sender<()>,
    lists: Mutex<BTreeMap<ContestIndex, Arc<CiphertextList>>>,
    generators: Mutex<Arc<Generators>>,
    /// What the operator sees.
    pub(crate) metrics: Arc<Metrics>,
}

// Readers leave nothing half done, and a panic of the one writer ends the process: a poisoned lock is a good one.
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Board({} entries)", self.head().size)
    }
}

impl Board {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        manifest: Arc<Manifest>,
        manifest_bytes: Vec<u8>,
        files: Files,
        (election, tree, entries): (Election, StoredTree, Entries),
        index: Box<dyn LeafIndex>,
        head: Head,
    ) -> Self {
        Board {
            clock,
            manifest,
            manifest_bytes,
            files,
            election: RwLock::new(election),
            tree: RwLock::new(tree),
            entries: RwLock::new(entries),
            index: RwLock::new(index),
            head: RwLock::new(Arc::new(head)),
            witnessed: RwLock::default(),
            publishing: Mutex::default(),
            signed: watch::Sender::new(()),
            lists: Mutex::default(),
            generators: Mutex::new(Arc::new(Generators::new(0))),
            metrics: Arc::default(),
        }
    }

    /// The newest signed moment.
    pub fn head(&self) -> Arc<Head> {
        Arc::clone(&read(&self.head))
    }

    /// Publishes a newly signed moment. The checkpoint file is for exports: a failure to write it stops nothing.
    pub(crate) fn publish(&self, store: &Path, head: Head) {
        let publishing = lock(&self.publishing);
        self.replace(store, head);
        drop(publishing);
        self.signed.send_replace(());
    }

    /// Publishes the newest checkpoint with what `add` makes of it, if it is still that of `size` entries.
    pub(crate) fn cosigned(&self, store: &Path, size: u64, add: impl FnOnce(&str) -> String) {
        let _publishing = lock(&self.publishing);
        let head = self.head();
        if head.size == size {
            self.replace(store, Head { checkpoint: add(&head.checkpoint), ..Head::clone(&head) });
        }
    }

    /// Takes in a checkpoint that the quorum has cosigned; of one size the last that came has most lines.
    pub(crate) fn witnessed(&self, note: &str, size: u64) {
        let mut newest = write(&self.witnessed);
        if newest.as_ref().is_none_or(|newest| newest.1 <= size) {
            *newest = Some(Arc::new((note.to_owned(), size)));
        }
    }

    /// The newest checkpoint that counts as witnessed (`LOG-8`), and its size: if no quorum is demanded, the newest.
    pub fn witnessed_checkpoint(&self) -> Option<Arc<(String, u64)>> {
        if self.manifest.witnesses().quorum() == 0 {
            let head = self.head();
            return Some(Arc::new((head.checkpoint.clone(), head.size)));
        }
        read(&self.witnessed).clone()
    }

    fn replace(&self, store: &Path, head: Head) {
        if let Err(error) = checkpoint::write(store, &head.checkpoint) {
            tracing::error!(target: "selge", "the newest checkpoint cannot be written for exports, the entries are stored: {error}");
        }
        *write(&self.head) = Arc::new(head);
    }

    /// The election's state. May wait while a closing is counted, so not from async code.
    pub fn election(&self) -> RwLockReadGuard<'_, Election> {
        read(&self.election)
    }

    /// The place of an entry.
    pub fn find(&self, leaf: &LeafHash) -> Option<u64> {
        let found = read(&self.index).find(leaf);
        let tree = read(&self.tree);
        let is_at = |at: &u64| tree.leaf(*at).is_ok_and(|found| found.as_ref() == Some(leaf));
        match found {
            Ok(Some(at)) if is_at(&at) => return Some(at),
            Ok(None) => return None,
            Ok(_) => {}
            Err(error) => tracing::error!(target: "selge", "the index cannot be read, the tree is searched: {error:#}"),
        }
        (0..tree.size()).find(is_at)
    }

    /// The bytes of entry `at`.
    ///
    /// # Errors
    /// If there is no such entry or the journal cannot be read.
    pub fn entry(&self, at: u64) -> std::io::Result<Vec<u8>> {
        read(&self.entries).read(at)
    }

    /// The receipt of entry `at` in the newest checkpoint.
    ///
    /// # Errors
    /// [`StoredTreeError`], also if the checkpoint does not cover the entry yet.
    pub fn receipt(&self, at: u64) -> Result<Receipt, StoredTreeError> {
        let head = self.head();
        let proof = read(&self.tree).inclusion_proof(at, head.size)?;
        Ok(Receipt { index: at, proof, checkpoint: head.checkpoint.clone() })
    }

    /// The receipt of entry `at` in the newest witnessed checkpoint; `None` if that does not cover the entry yet.
    pub fn witnessed_receipt(&self, at: u64) -> Option<Receipt> {
        let witnessed = self.witnessed_checkpoint()?;
        let proof = read(&self.tree).inclusion_proof(at, witnessed.1).ok()?;
        Some(Receipt { index: at, proof, checkpoint: witnessed.0.clone() })
    }

    /// The newest verified list of a contest, if it is still in memory.
    pub(crate) fn cached_list(&self, contest: ContestIndex) -> Option<Arc<CiphertextList>> {
        lock(&self.lists).get(&contest).cloned()
    }

    /// Keeps the newest verified list of a contest: the next mix or decryption needs it.
    pub(crate) fn cache_list(&self, contest: ContestIndex, list: Arc<CiphertextList>) {
        lock(&self.lists).insert(contest, list);
    }

    /// At least `n` generators.
    pub(crate) fn generators(&self, n: usize) -> Arc<Generators> {
        let mut generators = lock(&self.generators);
        if generators.len() < n {
            *generators = Arc::new(Generators::new(n));
        }
        Arc::clone(&generators)
    }
}
