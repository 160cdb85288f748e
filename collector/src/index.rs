//! From an entry's leaf hash to its place on the board: a cache, rebuilt from the journal whenever it is in doubt.
//!
//! sled's flush does not sync on Linux, so its files may miss anything after a crash; nothing here is ever believed
//! without the tree agreeing.

use crate::filter::Filter;
use crate::stored_tree::StoredTree;
use anyhow::{ensure, Context, Result};
use selge_core::ids::LeafHash;
use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;

/// Folder of the index in a store.
pub const INDEX: &str = "index";

/// Leaves read at a time when the index is built.
const BATCH: u64 = 4096;

/// Entries of a run: what a map of 2,048 places takes without growing.
pub(crate) const RUN: u64 = 7 << 8;

/// Entries of a chunk, 768 bytes. sled takes hundreds of bytes of memory for every page, and a page holds at most 16 values,
/// however short: with one entry in each that was 68 bytes for every entry of the board.
const CHUNK: usize = 32;

/// What sled is asked to keep in memory; its default is a gigabyte. What is not in here is in the system's cache of files.
const CACHE: u64 = 1 << 20;

/// Finds entries by their leaf hash.
pub trait LeafIndex: Send + Sync {
    /// Remembers the leaves that come next. What cannot be written to disk is still found until the next start.
    fn append(&mut self, leaves: &[LeafHash]);

    /// The place of a leaf.
    ///
    /// # Errors
    /// If the index cannot be read.
    fn find(&self, leaf: &LeafHash) -> Result<Option<u64>>;
}

/// Half of a leaf's hash: of the two entries that somebody would have to find who wants them taken for each other, the tree
/// tells which one is asked for, and the other is searched for.
pub type Key = [u8; 16];

fn key(leaf: &LeafHash) -> Key {
    let [key @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = leaf.0;
    key
}

/// An entry's key and place.
type Pair = (Key, u64);

fn encode(chunk: &[Pair]) -> Vec<u8> {
    chunk.iter().flat_map(|(key, at)| key.iter().copied().chain(at.to_be_bytes())).collect()
}

fn decode(chunk: &[u8]) -> Result<Vec<Pair>> {
    let pair = |bytes: &[u8]| -> Option<Pair> {
        let (key, at) = bytes.split_first_chunk()?;
        Some((*key, u64::from_be_bytes(at.try_into().ok()?)))
    };
    chunk.chunks(24).map(|bytes| pair(bytes).context("a value is cut short")).collect()
}

/// sled's key of the chunk of a run that begins with `key`.
fn address(run: u64, key: &Key) -> [u8; 24] {
    let mut address = [0; 24];
    address[..8].copy_from_slice(&run.to_be_bytes());
    address[8..].copy_from_slice(key);
    address
}

/// The index on disk: the newest entries in memory and, whenever there are enough of them, a sorted run more in sled. A run
/// is written once, so that little of it stays in memory, and read only if its filter lets the key pass.
struct SledIndex {
    db: sled::Db,
    /// How many entries a run has.
    run: u64,
    /// Of the runs that sled holds, by number; run `r` has the entries from `r·run` on.
    runs: Vec<Filter>,
    newest: HashMap<Key, u64>,
    entries: u64,
    /// Whether the last attempt to write a run failed.
    failed: bool,
}

/// sled panics on some damage that it finds; for a cache that is an error like any other.
fn unless_it_panics<T>(job: impl FnOnce() -> sled::Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(job)) {
        Ok(done) => Ok(done?),
        Err(_) => anyhow::bail!("sled cannot read its files"),
    }
}

impl SledIndex {
    /// Opens what sled holds, which must be runs of the tree, and adds what came after them.
    fn open(path: &Path, tree: &StoredTree, run: u64) -> Result<Self> {
        let db = unless_it_panics(|| sled::Config::default().path(path).cache_capacity(CACHE).open())?;
        let mut newest = HashMap::new();
        newest.reserve(usize::try_from(run)?);
        let mut index = SledIndex { db, run, runs: Vec::new(), newest, entries: 0, failed: false };
        index.check(tree)?;
        index.entries = index.settled();
        let settled = index.entries;
        fill(&mut index, tree, settled)?;
        Ok(index)
    }

    /// How many entries are in runs.
    fn settled(&self) -> u64 {
        self.runs.len() as u64 * self.run
    }

    /// Takes over the runs, if each has exactly the tree's entries in the order in which they are searched.
    fn check(&mut self, tree: &StoredTree) -> Result<()> {
        let mut chunks = self.db.iter();
        let mut keys: Vec<Key> = Vec::new();
        while let Some((found, chunk)) = unless_it_panics(|| chunks.next().transpose())? {
            let (run, chunk) = (self.runs.len() as u64, decode(&chunk)?);
            let (first, _) = chunk.first().context("a value is empty")?;
            ensure!(found == address(run, first), "a value is not in its place");
            for (own, at) in chunk {
                ensure!(keys.last().is_none_or(|last| *last < own), "a value is not in order");
                ensure!(at / self.run == run, "it has entry {at} in run {run}");
                let leaf = tree.leaf(at)?.with_context(|| format!("it has entry {at}, which the journal has not"))?;
                ensure!(key(&leaf) == own, "it does not know entry {at} of the journal");
                keys.push(own);
            }
            // Keys that differ are those of different places, so that none is missing.
            if keys.len() as u64 == self.run {
                self.runs.push(Filter::new(&keys));
                keys.clear();
            }
        }
        ensure!(keys.is_empty(), "run {} is incomplete", self.runs.len());
        Ok(())
    }

    /// Moves the oldest of the newest entries to a run of their own.
    fn settle(&mut self, write: Write) -> Result<()> {
        let number = self.runs.len() as u64;
        let end = self.settled() + self.run;
        let mut pairs: Vec<Pair> =
            self.newest.iter().map(|(key, at)| (*key, *at)).filter(|(_, at)| *at < end).collect();
        pairs.sort_unstable();
        let mut batch = sled::Batch::default();
        for chunk in pairs.chunks(CHUNK) {
            batch.insert(&address(number, &chunk[0].0), encode(chunk));
        }
        unless_it_panics(|| write(&self.db, batch))?;
        self.runs.push(Filter::new(pairs.iter().map(|(key, _)| key)));
        self.newest.retain(|_, at| *at >= end);
        Ok(())
    }

    fn add(&mut self, leaves: &[LeafHash], write: Write) {
        for leaf in leaves {
            self.newest.insert(key(leaf), self.entries);
            self.entries += 1;
        }
        while self.entries - self.settled() >= self.run {
            let done = self.settle(write);
            let failed_before = std::mem::replace(&mut self.failed, done.is_err());
            if let Err(error) = done {
                if !failed_before {
                    tracing::error!(target: "selge", "the index cannot be written and grows in memory until it can: {error:#}");
                }
                return;
            }
        }
    }
}

/// How a run is written; a parameter so that a test can let it fail.
type Write = fn(&sled::Db, sled::Batch) -> sled::Result<()>;

impl LeafIndex for SledIndex {
    fn append(&mut self, leaves: &[LeafHash]) {
        self.add(leaves, |db, batch| db.apply_batch(batch));
    }

    fn find(&self, leaf: &LeafHash) -> Result<Option<u64>> {
        let key = key(leaf);
        if let Some(at) = self.newest.get(&key) {
            return Ok(Some(*at));
        }
        for (run, _) in (0..).zip(&self.runs).filter(|(_, filter)| filter.may_hold(&key)) {
            let address = address(run, &key);
            let chunk = unless_it_panics(|| self.db.range(..=address).next_back().transpose())?;
            // A key before the first of the run leads to the run before it, of which the filter may know nothing.
            let Some((_, chunk)) = chunk.filter(|(found, _)| found[..8] == address[..8]) else { continue };
            let chunk = decode(&chunk)?;
            if let Ok(place) = chunk.binary_search_by_key(&key, |(own, _)| *own) {
                return Ok(Some(chunk[place].1));
            }
        }
        Ok(None)
    }
}

/// The index in memory, for a disk on which sled does not work.
#[derive(Default)]
struct MemoryIndex(HashMap<LeafHash, u64>);

impl LeafIndex for MemoryIndex {
    fn append(&mut self, leaves: &[LeafHash]) {
        let first = self.0.len() as u64;
        self.0.extend(leaves.iter().copied().zip(first..));
    }

    fn find(&self, leaf: &LeafHash) -> Result<Option<u64>> {
        Ok(self.0.get(leaf).copied())
    }
}

/// Appends the tree's leaves from `first` on.
fn fill(index: &mut dyn LeafIndex, tree: &StoredTree, first: u64) -> Result<()> {
    for first in (first..tree.size()).step_by(BATCH as usize) {
        let batch = first..tree.size().min(first + BATCH);
        let leaves: Vec<LeafHash> = batch.filter_map(|at| tree.leaf(at).transpose()).collect::<Result<_, _>>()?;
        index.append(&leaves);
    }
    Ok(())
}

fn rebuild(path: &Path, tree: &StoredTree, run: u64) -> Result<SledIndex> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot delete {}", path.display()));
        }
        _ => {}
    }
    SledIndex::open(path, tree, run)
}

/// Opens the index at `path`, which must agree with `tree`; otherwise builds it anew from it, and says so.
fn open_or_rebuild(path: &Path, tree: &StoredTree, run: u64) -> Result<SledIndex> {
    let existed = path.exists();
    let reason = match SledIndex::open(path, tree, run) {
        Ok(index) => return Ok(index),
        Err(reason) => reason,
    };
    if existed {
        tracing::warn!(target: "selge", "the index is deleted and built anew from the journal: {reason:#}");
    }
    rebuild(path, tree, run)
}

/// The index of the store at `store`, of all leaves of `tree`.
pub fn open(store: &Path, tree: &StoredTree) -> Box<dyn LeafIndex> {
    match open_or_rebuild(&store.join(INDEX), tree, RUN) {
        Ok(index) => Box::new(index),
        Err(error) => {
            tracing::error!(target: "selge", "the index cannot be built on disk and is kept in memory until the next start: {error:#}");
            let mut index = MemoryIndex::default();
            // A map in memory takes every leaf.
            let _ = fill(&mut index, tree, 0);
            Box::new(index)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selge_core::tree::leaf_hash;

    const SHORT: u64 = 100;

    fn leaf(at: u64) -> LeafHash {
        leaf_hash(&at.to_be_bytes())
    }

    fn tree(folder: &Path, size: u64) -> StoredTree {
        let mut tree = StoredTree::new(folder);
        (0..size).for_each(|at| tree.push(leaf(at)));
        tree
    }

    fn holds(index: &SledIndex, size: u64) {
        for at in 0..size {
            assert_eq!(index.find(&leaf(at)).unwrap(), Some(at));
        }
        for at in size..size + 1000 {
            assert_eq!(index.find(&leaf(at)).unwrap(), None);
        }
        assert_eq!(index.settled(), size / SHORT * SHORT);
        assert_eq!(index.newest.len() as u64, size % SHORT);
    }

    #[test]
    fn it_finds_what_it_was_given_and_nothing_else_now_and_when_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(INDEX);
        let mut size = 0;
        for more in [0, 1, 98, 1, 1, 99, 250, 3, 447] {
            // As after a start with an index that is older than the tree, by some entries or some runs.
            let mut index = SledIndex::open(&path, &tree(folder.path(), size), SHORT).unwrap();
            holds(&index, size);
            index.append(&(size..size + more).map(leaf).collect::<Vec<_>>());
            size += more;
            holds(&index, size);
        }
        assert_eq!(size, 900);
    }

    /// What is in sled is changed, and must be refused when it is opened.
    #[test]
    fn runs_that_are_not_exactly_those_of_the_tree_are_built_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(INDEX);
        let (size, of) = (430, tree(folder.path(), 430));
        let chunk = |index: &SledIndex, nth: usize| {
            let (key, value) = index.db.iter().nth(nth).unwrap().unwrap();
            (key.to_vec(), decode(&value).unwrap())
        };
        type Damage<'a> = (&'a str, Box<dyn Fn(&SledIndex) + 'a>);
        let put = |index: &SledIndex, key: Vec<u8>, pairs: Vec<Pair>| {
            index.db.insert(key, encode(&pairs)).unwrap();
        };
        let damages: Vec<Damage<'_>> = vec![
            (
                "not in its place",
                Box::new(|index| {
                    let (mut key, pairs) = chunk(index, 0);
                    index.db.remove(&key).unwrap();
                    key[8] ^= 1;
                    put(index, key, pairs);
                }),
            ),
            (
                "not in its place",
                Box::new(|index| {
                    // A run that is missing altogether.
                    for _ in 0..4 {
                        index.db.remove(chunk(index, 4).0).unwrap();
                    }
                }),
            ),
            (
                "not in order",
                Box::new(|index| {
                    let (key, mut pairs) = chunk(index, 1);
                    pairs.swap(1, 2);
                    put(index, key, pairs);
                }),
            ),
            (
                "not in order",
                Box::new(|index| {
                    let (key, mut pairs) = chunk(index, 0);
                    pairs[2] = pairs[1];
                    put(index, key, pairs);
                }),
            ),
            (
                "in run 1",
                Box::new(|index| {
                    let (key, mut pairs) = chunk(index, 4);
                    pairs[1].1 -= SHORT;
                    put(index, key, pairs);
                }),
            ),
            (
                "does not know entry",
                Box::new(|index| {
                    let (key, mut pairs) = chunk(index, 0);
                    pairs[3].1 = pairs[4].1;
                    put(index, key, pairs);
                }),
            ),
            (
                "run 3 is incomplete",
                Box::new(|index| {
                    index.db.remove(chunk(index, 15).0).unwrap();
                }),
            ),
            (
                "run 3 is incomplete",
                Box::new(|index| {
                    let (key, mut pairs) = chunk(index, 15);
                    pairs.pop();
                    put(index, key, pairs);
                }),
            ),
            (
                "is cut short",
                Box::new(|index| {
                    let (key, pairs) = chunk(index, 15);
                    index.db.insert(key, &encode(&pairs)[..95]).unwrap();
                }),
            ),
            ("is empty", Box::new(|index| put(index, chunk(index, 15).0, Vec::new()))),
            (
                "which the journal has not",
                Box::new(|index| {
                    let mut after: Vec<Pair> = (400..500).map(|at| (key(&leaf(at)), at)).collect();
                    after.sort_unstable();
                    put(index, address(4, &after[0].0).to_vec(), after);
                }),
            ),
        ];
        for (said, damage) in damages {
            let index = open_or_rebuild(&path, &of, SHORT).unwrap();
            holds(&index, size);
            damage(&index);
            drop(index);
            let Err(error) = SledIndex::open(&path, &of, SHORT) else { panic!("{said}: not refused") };
            assert!(error.to_string().contains(said), "{error} is not {said}");
        }
        holds(&open_or_rebuild(&path, &of, SHORT).unwrap(), size);
    }

    #[test]
    fn what_cannot_be_written_is_found_all_the_same_and_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(INDEX);
        let mut index = SledIndex::open(&path, &tree(folder.path(), 0), SHORT).unwrap();
        let leaves: Vec<_> = (0..350).map(leaf).collect();
        index.add(&leaves[..150], |_, _| Err(sled::Error::Unsupported("a disk that is full".into())));
        assert!(index.failed);
        index.add(&leaves[150..250], |_, _| panic!("as sled does"));
        assert_eq!((index.settled(), index.newest.len()), (0, 250));
        assert!((0..250).all(|at| index.find(&leaf(at)).unwrap() == Some(at)));
        index.append(&leaves[250..]);
        assert!(!index.failed);
        holds(&index, 350);
        drop(index);
        holds(&SledIndex::open(&path, &tree(folder.path(), 350), SHORT).unwrap(), 350);
    }
}
