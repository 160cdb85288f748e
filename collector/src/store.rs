//! A store: one election's folder on disk.
//!
//! ```text
//! lock            held by the one server that may write
//! journal/        the entries: the only truth
//! files/<sha-256> large values that entries name
//! checkpoint      the newest signed checkpoint, for exports
//! index/          leaf hash → place; a cache
//! spool/          uploads that are not complete; emptied at start
//! ```

use crate::board::{Board, Head};
use crate::checkpoint;
use crate::config::Config;
use crate::disk::takes_nothing;
use crate::files::Files;
use crate::index;
use crate::journal::{self, Journal, JOURNAL};
use crate::machine::Machine;
use crate::replay::{replay, Replayed};
use crate::sequencer::Sequencer;
use crate::stored_tree::StoredTree;
use crate::witnesses::guard;
use anyhow::{bail, ensure, Context, Result};
use rustix::fs::{flock, FlockOperation};
use selge_core::codec::Decode;
use selge_core::election::Election;
use selge_core::entry::SignedEntry;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::sign::SigningKey;
use selge_core::tree::{leaf_hash, Tree};
use selge_proto::MAX_MESSAGE;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;

/// Longest manifest that a status message can carry.
const MAX_SERVED_MANIFEST: usize = MAX_MESSAGE - (64 << 10);

/// Takes the store for this process alone.
fn take_lock(store: &Path) -> Result<File> {
    let path = store.join("lock");
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = open.with_context(|| format!("cannot write {}", path.display()))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => bail!(
            "another collector is running on the store {}: stop it first, two would write two different boards",
            store.display()
        ),
        Err(error) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// Checks that the store's last signed checkpoint is still true, so that a board never contradicts what it has signed.
fn check_history(stored: Option<&(String, Checkpoint)>, replayed: &Replayed) -> Result<()> {
    let tree = &replayed.tree;
    let Some((_, checkpoint)) = stored else { return Ok(()) };
    if checkpoint.size > tree.size() {
        return Err(replayed
            .frames
            .damage("it ends here", &format!("a checkpoint over {} entries has been signed", checkpoint.size)));
    }
    ensure!(
        tree.root_at(checkpoint.size)? == checkpoint.root,
        "the store's journal and its checkpoint over {} entries are not of the same board: restore both from one backup",
        checkpoint.size
    );
    Ok(())
}

/// The first entry of a new store.
fn begin(config: &Config, manifest: &Arc<Manifest>, manifest_bytes: &[u8], files: &Files) -> Result<Vec<u8>> {
    let path = config.manifest_entry.display();
    let bytes =
        std::fs::read(&config.manifest_entry).with_context(|| format!("cannot read the manifest entry {path}"))?;
    let entry = SignedEntry::from_bytes(&bytes).with_context(|| format!("{path} is not a manifest entry"))?;
    Election::start(Arc::clone(manifest), &entry)
        .with_context(|| format!("{path} does not belong to this manifest"))?;
    files.put(manifest_bytes).context("cannot store the manifest")?;
    Ok(bytes)
}

/// Asks the witnesses whether they have seen more of this board, or another, before anything is changed or signed.
fn ask_witnesses(
    config: &Config,
    manifest: &Manifest,
    key: &SigningKey,
    tree: &StoredTree,
    stored: Option<(String, Checkpoint)>,
) -> Result<()> {
    let (asked, witnesses) = (config.asked(manifest)?, manifest.witnesses());
    let absent = witnesses.keys().iter().filter(|key| asked.iter().all(|asked| asked.key != **key));
    let absent: Vec<_> = absent.map(|key| key.name.as_str()).collect();
    if !absent.is_empty() {
        let too_few = if asked.len() < witnesses.quorum() {
            format!(
                " and the quorum of {} CANNOT be reached: mixing and the record would wait for ever",
                witnesses.quorum()
            )
        } else {
            String::new()
        };
        tracing::warn!(
            target: "selge",
            "the config has no [[witness]] with the address of {}, whom the manifest names: they are not asked{too_few}",
            absent.join(", ")
        );
    }
    if witnesses.is_empty() {
        return Ok(());
    }
    let check = guard::check(&config.store, manifest, key, tree, stored, &asked, config.require_witnesses_at_start);
    // A store is opened where it may block.
    tokio::runtime::Handle::current().block_on(check)
}

/// Opens or begins the store that `config` names. Blocks, on a thread of a tokio runtime that may.
///
/// # Errors
/// If it is in use, damaged or another election's, or the key is not that of the manifest's collector.
pub fn open(config: &Config, key: SigningKey) -> Result<(Arc<Board>, Sequencer)> {
    open_on(&Machine::real(), config, key)
}

/// As [`open`], on a machine.
///
/// # Errors
/// As [`open`].
pub fn open_on(machine: &Machine, config: &Config, key: SigningKey) -> Result<(Arc<Board>, Sequencer)> {
    let (store, disk) = (&config.store, &machine.disk);
    let (manifest_bytes, manifest) = selge_node::replica::read_manifest(&config.manifest)?;
    ensure!(
        manifest_bytes.len() <= MAX_SERVED_MANIFEST,
        "the manifest has {} bytes, a board can serve at most {MAX_SERVED_MANIFEST}",
        manifest_bytes.len()
    );
    ensure!(
        key.verifying_key() == manifest.document().collector.key,
        "the key file {} holds key {}, the manifest names {} as the collector's",
        config.key.display(),
        key.verifying_key(),
        manifest.document().collector.key
    );
    std::fs::create_dir_all(store).with_context(|| format!("cannot make the store {}", store.display()))?;
    let lock = take_lock(store)?;
    let files = Files::at(store);
    files.prepare()?;
    let journal_path = store.join(JOURNAL);
    if !journal::exists(disk.as_ref(), &journal_path)? && store.join(selge_core::record::CHECKPOINT).exists() {
        bail!(
            "the store {} has a checkpoint but no journal: entries that were acknowledged are missing. Restore the \
             journal from a backup; a new board would contradict the old one",
            store.display()
        );
    }
    journal::create_missing(disk.as_ref(), &journal_path)?;
    let mut replayed = replay(disk, &manifest, store, &files, u64::MAX)?;
    let stored = checkpoint::stored(store, &manifest)?;
    check_history(stored.as_ref(), &replayed)?;
    ask_witnesses(config, &manifest, &key, &replayed.tree, stored.clone())?;
    let mut journal = Journal::append_after(&replayed.frames)?;
    let election = match replayed.election.take() {
        Some(election) => election,
        None => {
            let first = begin(config, &manifest, &manifest_bytes, &files)?;
            let root = Tree::new().root_with(&[leaf_hash(&first)]);
            journal.append(&[&first], root).context("cannot begin the journal")?;
            tracing::info!(target: "selge", "a new board for election {}", manifest.id());
            replayed = replay(disk, &manifest, store, &files, u64::MAX)?;
            replayed.election.take().context("the journal does not hold what was just written")?
        }
    };
    let Replayed { tree, entries, tally, named, .. } = replayed;
    files.set_others_aside(&named)?;
    let index = index::open(store, &tree);
    let head = sign(store, &manifest, &key, stored, &tree, &election, tally)?;
    tracing::info!(target: "selge", "election {}: {} entries, phase {}", manifest.id(), head.size, head.phase);
    let board = Arc::new(Board::new(
        Arc::clone(&machine.clock),
        manifest,
        manifest_bytes,
        files,
        (election, tree, entries),
        index,
        head,
    ));
    let sequencer = Sequencer::new(Arc::clone(&board), journal, key, store.clone(), lock);
    Ok((board, sequencer))
}

/// Signs what the journal adds up to: Ed25519 is deterministic, so this is the checkpoint from before a crash.
fn sign(
    store: &Path,
    manifest: &Manifest,
    key: &SigningKey,
    stored: Option<(String, Checkpoint)>,
    tree: &StoredTree,
    election: &Election,
    tally: crate::replay::Tally,
) -> Result<Head> {
    let newest = Checkpoint { origin: manifest.log_key().origin, size: tree.size(), root: tree.root() };
    let note = match stored {
        // With the witnesses' lines that have come before.
        Some((note, stored)) if stored == newest => note,
        _ => newest.sign(key),
    };
    if let Err(error) = checkpoint::set_aside(store, manifest) {
        // On a full disk, which serves readers all the same.
        tracing::warn!(target: "selge", "{error:#}; it is replaced");
    }
    match checkpoint::write(store, &note) {
        // Readers are served from a full disk too. The journal holds the root that is signed here.
        Err(error) if takes_nothing(&error) => {
            tracing::error!(target: "selge", "the newest checkpoint cannot be written for exports, the entries are stored: {error}");
        }
        written => written.with_context(|| format!("cannot write the checkpoint into {}", store.display()))?,
    }
    Ok(Head { checkpoint: note, size: newest.size, phase: election.phase(), tally })
}
