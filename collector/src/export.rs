//! Writing the election record from a store, also while a server runs on it.
//!
//! Everything up to the stored checkpoint is durable and never changes, so neither the lock nor the key is needed.

use crate::checkpoint;
use crate::config::Config;
use crate::disk::{Disk, SystemDisk};
use crate::files::Files;
use crate::journal::{Frames, JOURNAL};
use anyhow::{bail, ensure, Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use selge_core::codec::Decode;
use selge_core::entry::SignedEntry;
use selge_core::ids::Digest;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::record::{bundle, file_path, hash_tiles, TileRef, CHECKPOINT, TILE_WIDTH};
use selge_core::tree::{leaf_hash, Tree};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What was written.
#[derive(Debug)]
pub struct Exported {
    /// The checkpoint that the record leads to.
    pub checkpoint: Checkpoint,
    /// How many files besides tiles.
    pub files: usize,
    /// Who has cosigned the checkpoint, in words, and whether those are enough; `None` for an election without witnesses.
    pub witnesses: Option<(String, bool)>,
}

/// Between two looks for cosignatures.
const LOOK: Duration = Duration::from_millis(200);

/// Who of the manifest's witnesses has cosigned the store's newest checkpoint, in words, and whether those are enough.
///
/// # Errors
/// If the checkpoint cannot be read.
pub(crate) fn standing(store: &Path, manifest: &Manifest) -> Result<Option<(String, bool)>> {
    let Some((note, checkpoint)) = checkpoint::stored(store, manifest)? else { return Ok(None) };
    let standing = manifest.witnesses().standing(&note, &checkpoint)?;
    Ok((!manifest.witnesses().is_empty()).then(|| (standing.to_string(), standing.reached())))
}

/// Waits until a collector that runs on the store has the newest checkpoint cosigned by the quorum, or `wait` is over.
///
/// # Errors
/// If the store cannot be read.
pub fn wait_for_witnesses(config: &Config, wait: Duration) -> Result<()> {
    let (_, manifest) = selge_node::replica::read_manifest(&config.manifest)?;
    let until = Instant::now() + wait;
    while standing(&config.store, &manifest)?.is_some_and(|(_, reached)| !reached) && Instant::now() < until {
        std::thread::sleep(LOOK);
    }
    Ok(())
}

fn write(out: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = out.join(name);
    let write = || {
        std::fs::create_dir_all(path.parent().unwrap_or(out))?;
        std::fs::write(&path, bytes)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// A new folder, or one that is there and empty: a record holds nothing else.
fn prepare(out: &Path) -> Result<()> {
    let shown = out.display();
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {shown}"))?;
    let mut found = std::fs::read_dir(out).with_context(|| format!("cannot read the folder {shown}"))?;
    if found.next().is_some() {
        bail!("{shown} is not empty: name a new folder, nothing is overwritten");
    }
    Ok(())
}

/// A bar on a terminal, and nothing elsewhere: there the first and last line say enough.
fn progress(size: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("exporting {wide_bar} {human_pos}/{human_len} entries, {eta} left");
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Writes the record of `config`'s store into `out`.
///
/// # Errors
/// If the store is damaged or empty, or `out` is not an empty folder that can be written.
pub fn export(config: &Config, out: &Path) -> Result<Exported> {
    let (_, manifest) = selge_node::replica::read_manifest(&config.manifest)?;
    let store = &config.store;
    let Some((note, checkpoint)) = checkpoint::stored(store, &manifest)? else {
        bail!("the store {} has no checkpoint yet: start the collector once", store.display());
    };
    prepare(out)?;
    let (tree, named) = entries(&manifest, &store.join(JOURNAL), checkpoint.size, out)?;
    ensure!(
        tree.root() == checkpoint.root,
        "the store's journal and its checkpoint over {} entries are not of the same board: restore both from one backup",
        checkpoint.size
    );
    for tile in hash_tiles(checkpoint.size) {
        let bytes = tile.hashes(&tree).context("the tree is incomplete")?;
        write(out, &tile.path(), &bytes)?;
    }
    let files = Files::at(store);
    for digest in &named {
        copy(&files.path(digest), &out.join(file_path(digest)), digest)?;
    }
    // Last: a record with a checkpoint is complete.
    write(out, CHECKPOINT, note.as_bytes())?;
    let standing = manifest.witnesses().standing(&note, &checkpoint)?;
    let witnesses = (!manifest.witnesses().is_empty()).then(|| (standing.to_string(), standing.reached()));
    Ok(Exported { checkpoint, files: named.len(), witnesses })
}

/// Writes the entry bundles; returns the tree and the files that the entries name.
fn entries(manifest: &Manifest, journal: &Path, size: u64, out: &Path) -> Result<(Tree, BTreeSet<Digest>)> {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::default());
    let mut frames = Frames::open(&disk, journal)?;
    let (mut tree, mut named) = (Tree::new(), BTreeSet::new());
    let mut pending: Vec<Vec<u8>> = Vec::new();
    let bar = progress(size);
    let flush = |pending: &mut Vec<Vec<u8>>, end: u64| -> Result<()> {
        let tile = TileRef { level: None, index: (end - 1) / TILE_WIDTH, width: pending.len() as u64 };
        write(out, &tile.path(), &bundle(pending.iter().map(Vec::as_slice))?)?;
        pending.clear();
        Ok(())
    };
    'journal: while tree.size() < size {
        let Some(frame) = frames.next_frame()? else {
            return Err(frames.damage("it ends here", &format!("a checkpoint over {size} entries has been signed")));
        };
        for bytes in frame.entries() {
            let at = tree.size();
            let entry = SignedEntry::from_bytes(bytes).with_context(|| format!("entry {at} of the journal"))?;
            named.extend(entry.body.files());
            tree.push(leaf_hash(bytes));
            pending.push(bytes.to_vec());
            if pending.len() as u64 == TILE_WIDTH {
                flush(&mut pending, tree.size())?;
                bar.set_position(tree.size());
            }
            if tree.size() == size {
                break 'journal;
            }
        }
    }
    if !pending.is_empty() {
        flush(&mut pending, size)?;
    }
    bar.finish_and_clear();
    ensure!(
        named.contains(&Digest(manifest.id().0)),
        "the store {} does not hold the election of this manifest",
        journal.display()
    );
    Ok((tree, named))
}

/// Copies a file and checks its digest on the way.
fn copy(from: &Path, to: &PathBuf, digest: &Digest) -> Result<()> {
    let shown = from.display();
    let mut source = File::open(from).with_context(|| format!("cannot open {shown}, which the board names"))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let parent = to.parent().context("a file of the record has a folder")?;
    std::fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
    let mut target = File::create(to).with_context(|| format!("cannot write {}", to.display()))?;
    loop {
        let read = source.read(&mut buffer).with_context(|| format!("cannot read {shown}"))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        target.write_all(bytes).with_context(|| format!("cannot write {}", to.display()))?;
    }
    ensure!(
        hash.finalize()[..] == digest.0,
        "{shown} does not hold what its name says: restore it from a backup or from a copy of the record"
    );
    Ok(())
}
