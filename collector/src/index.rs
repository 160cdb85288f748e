//! From an entry's leaf hash to its place on the board: a cache, rebuilt from the journal whenever it is in doubt.
//!
//! sled's flush does not sync on Linux, so its files may miss anything after a crash; nothing here is ever believed
//! without the tree agreeing.

use crate::stored_tree::StoredTree;
use anyhow::{Context, Result};
use selge_core::ids::LeafHash;
use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::{Path, PathBuf};

/// Folder of the index in a store.
pub const INDEX: &str = "index";

/// Leaves written at a time when the index is built anew.
const CHUNK: usize = 4096;

/// What sled is asked to keep in memory; its default is a gigabyte. It counts less than it takes: with 8 MiB it grew by 500
/// bytes an entry up to 80 MiB, with this to about 30 MiB at 300,000 entries, and was no slower, as what is not in here is in
/// the system's cache of files.
const CACHE: u64 = 1 << 20;

/// Finds entries by their leaf hash.
pub trait LeafIndex: Send + Sync {
    /// Remembers the leaves from index `first` on.
    ///
    /// # Errors
    /// If the index cannot be written.
    fn insert(&mut self, first: u64, leaves: &[LeafHash]) -> Result<()>;

    /// The place of a leaf.
    ///
    /// # Errors
    /// If the index cannot be read.
    fn find(&self, leaf: &LeafHash) -> Result<Option<u64>>;

    /// How many leaves are known.
    ///
    /// # Errors
    /// If the index cannot be read.
    fn len(&self) -> Result<u64>;

    /// Whether no leaf is known.
    ///
    /// # Errors
    /// If the index cannot be read.
    fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// Half of a leaf's hash: of the two entries that somebody would have to find who wants them taken for each other, the tree
/// tells which one is asked for, and the other is searched for. Whole ones take sled a third more memory.
pub fn key(leaf: &LeafHash) -> [u8; 16] {
    let [key @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = leaf.0;
    key
}

/// The index on disk.
struct SledIndex {
    db: sled::Db,
}

/// sled panics on some damage that it finds; for a cache that is an error like any other.
fn unless_it_panics<T>(job: impl FnOnce() -> sled::Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(job)) {
        Ok(done) => Ok(done?),
        Err(_) => anyhow::bail!("sled cannot read its files"),
    }
}

impl SledIndex {
    fn open(path: &Path) -> Result<Self> {
        let open = || sled::Config::default().path(path).cache_capacity(CACHE).open();
        Ok(SledIndex { db: unless_it_panics(open)? })
    }
}

impl LeafIndex for SledIndex {
    fn insert(&mut self, first: u64, leaves: &[LeafHash]) -> Result<()> {
        let mut batch = sled::Batch::default();
        for (leaf, index) in leaves.iter().zip(first..) {
            batch.insert(&key(leaf), &index.to_be_bytes());
        }
        unless_it_panics(|| self.db.apply_batch(batch))
    }

    fn find(&self, leaf: &LeafHash) -> Result<Option<u64>> {
        let Some(value) = unless_it_panics(|| self.db.get(key(leaf)))? else { return Ok(None) };
        let bytes = <[u8; 8]>::try_from(value.as_ref()).context("a value of the index is not a number")?;
        Ok(Some(u64::from_be_bytes(bytes)))
    }

    fn len(&self) -> Result<u64> {
        unless_it_panics(|| Ok(self.db.len() as u64))
    }
}

/// The index in memory, for a disk on which sled does not work.
#[derive(Default)]
struct MemoryIndex(HashMap<LeafHash, u64>);

impl LeafIndex for MemoryIndex {
    fn insert(&mut self, first: u64, leaves: &[LeafHash]) -> Result<()> {
        self.0.extend(leaves.iter().copied().zip(first..));
        Ok(())
    }

    fn find(&self, leaf: &LeafHash) -> Result<Option<u64>> {
        Ok(self.0.get(leaf).copied())
    }

    fn len(&self) -> Result<u64> {
        Ok(self.0.len() as u64)
    }
}

/// Whether an index holds exactly the tree's leaves.
fn agrees(index: &dyn LeafIndex, tree: &StoredTree) -> Result<()> {
    let (found, expected) = (index.len()?, tree.size());
    anyhow::ensure!(found == expected, "it holds {found} entries, the journal {expected}");
    for at in 0..expected {
        let leaf = tree.leaf(at)?.context("the tree is incomplete")?;
        anyhow::ensure!(index.find(&leaf)? == Some(at), "it does not know entry {at} of the journal");
    }
    Ok(())
}

fn fill(index: &mut dyn LeafIndex, tree: &StoredTree) -> Result<()> {
    for first in (0..tree.size()).step_by(CHUNK) {
        let chunk = first..tree.size().min(first + CHUNK as u64);
        let leaves: Vec<LeafHash> = chunk.filter_map(|at| tree.leaf(at).transpose()).collect::<Result<_, _>>()?;
        index.insert(first, &leaves)?;
    }
    Ok(())
}

fn rebuild(path: &Path, tree: &StoredTree) -> Result<Box<dyn LeafIndex>> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot delete {}", path.display()));
        }
        _ => {}
    }
    let mut index = SledIndex::open(path)?;
    fill(&mut index, tree)?;
    Ok(Box::new(index))
}

/// Opens the index of the store at `store`, which must agree with `tree`; otherwise builds it anew from it.
pub fn open(store: &Path, tree: &StoredTree) -> Box<dyn LeafIndex> {
    let path: PathBuf = store.join(INDEX);
    let existed = path.exists();
    let opened = SledIndex::open(&path).and_then(|index| agrees(&index, tree).map(|()| index));
    let reason = match opened {
        Ok(index) => return Box::new(index),
        Err(reason) => reason,
    };
    if existed {
        tracing::warn!(target: "selge", "the index is deleted and built anew from the journal: {reason:#}");
    } else {
        tracing::info!(target: "selge", "the index is built from the journal");
    }
    match rebuild(&path, tree) {
        Ok(index) => index,
        Err(error) => {
            tracing::error!(target: "selge", "the index cannot be built on disk and is kept in memory until the next start: {error:#}");
            let mut index = MemoryIndex::default();
            // A map in memory takes every leaf.
            let _ = fill(&mut index, tree);
            Box::new(index)
        }
    }
}
