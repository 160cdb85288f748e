//! From the journal to the election's state: what a start, a status and an export read.

use crate::disk::Disk;
use crate::entries::Entries;
use crate::files::Files;
use crate::journal::{Frames, JOURNAL};
use crate::stored_tree::StoredTree;
use anyhow::{bail, Context, Result};
use rayon::prelude::*;
use selge_core::ceremony::Round1;
use selge_core::codec::Decode;
use selge_core::election::{BallotNumbers, CheckInput, Election, EntryError};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{Digest, LeafHash};
use selge_core::manifest::Manifest;
use selge_core::roll::Roll;
use selge_core::tree::leaf_hash;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest roll that is taken.
pub const MAX_ROLL: u64 = 4 << 30;

/// How ballots add up, kept up to date: counting them anew takes as long as there are voters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    cast: u64,
    voters: u64,
    cancelled: u64,
}

impl Tally {
    /// Takes in an entry; to be called before `election` has.
    pub fn add(&mut self, election: &Election, entry: &SignedEntry) {
        match &entry.body {
            EntryBody::Ballot(ballot) => {
                self.cast += 1;
                self.voters += u64::from(election.voter(&ballot.voter).newest.is_none());
            }
            EntryBody::Cancellation(m) => self.cancelled += u64::from(election.voter(&m.voter).newest.is_some()),
            _ => {}
        }
    }

    /// The numbers.
    pub fn numbers(&self) -> BallotNumbers {
        BallotNumbers {
            cast: self.cast,
            superseded: self.cast - self.voters,
            cancelled: self.cancelled,
            counted: self.voters - self.cancelled,
        }
    }
}

/// What a journal adds up to.
#[derive(Debug)]
pub struct Replayed {
    /// The state; none for an empty journal.
    pub election: Option<Election>,
    /// The tree.
    pub tree: StoredTree,
    /// Where the entries lie.
    pub entries: Entries,
    /// The reader, at the end of what was read.
    pub frames: Frames,
    /// How ballots add up.
    pub tally: Tally,
    /// Files that entries name.
    pub named: HashSet<Digest>,
}

/// Finds what [`Election::apply`] would find only after the journal has taken the entry: commitments that make the joint
/// key, or somebody's share of it, the identity.
///
/// # Errors
/// [`EntryError`].
pub fn check_completion(election: &Election, entry: &SignedEntry) -> Result<(), EntryError> {
    let EntryBody::Commitments(last) = &entry.body else { return Ok(()) };
    let mut messages: Vec<_> = election.commitments().cloned().collect();
    messages.push(last.clone());
    if messages.len() == election.manifest().trustees() {
        Round1::new(&election.ceremony(), &messages)?.joint_key(&election.ceremony())?;
    }
    Ok(())
}

/// Reads and checks the journal of `store`, up to `limit` entries.
///
/// Everything is checked again except the proofs of ballots, mixes and decryptions: they take most of the time, they were
/// checked before the journal took them, the journal's checksums show that nothing has changed since, and the trustees
/// and every auditor check them again.
///
/// # Errors
/// If the journal is damaged, is of another election or holds what the election does not allow.
pub fn replay(
    disk: &Arc<dyn Disk>,
    manifest: &Arc<Manifest>,
    store: &Path,
    files: &Files,
    limit: u64,
) -> Result<Replayed> {
    let path = store.join(JOURNAL);
    let frames = Frames::open(disk, &path)?;
    let mut state = Replayed {
        election: None,
        tree: StoredTree::new(store),
        entries: Entries::new(disk, store),
        frames,
        tally: Tally::default(),
        named: HashSet::new(),
    };
    let mut told = Instant::now();
    while state.tree.size() < limit {
        let Some(frame) = state.frames.next_frame()? else { break };
        let room = usize::try_from(limit - state.tree.size()).unwrap_or(usize::MAX);
        let whole = frame.places.len() <= room;
        state.entries.extend(&frame.places);
        let bytes: Vec<&[u8]> = frame.entries().take(room).collect();
        let decoded: Vec<_> =
            bytes.par_iter().map(|bytes| (leaf_hash(bytes), SignedEntry::from_bytes(bytes))).collect();
        for (leaf, entry) in decoded {
            let at = state.tree.size();
            let place = || format!("entry {at} of the journal {} does not hold", path.display());
            state.take(manifest, files, entry.with_context(place)?, leaf).with_context(place)?;
        }
        if whole && state.tree.root() != frame.root {
            return Err(state
                .frames
                .damage("the batch before it does not lead to the root stored with it", "its checksums are whole"));
        }
        if told.elapsed() > Duration::from_secs(5) {
            told = Instant::now();
            tracing::info!(target: "selge", "reading the journal: {} entries so far", state.tree.size());
        }
    }
    state.tree.flush();
    state.entries.flush();
    Ok(state)
}

impl Replayed {
    fn take(&mut self, manifest: &Arc<Manifest>, files: &Files, entry: SignedEntry, leaf: LeafHash) -> Result<()> {
        for digest in entry.body.files() {
            let path = files.path(&digest);
            if !path.is_file() {
                bail!("its file {} is missing: restore it from a backup or from a copy of the record", path.display());
            }
            self.named.insert(digest);
        }
        let Some(election) = &mut self.election else {
            if let EntryBody::Manifest(digest) = &entry.body {
                if digest.0 != manifest.id().0 {
                    bail!(
                        "the store belongs to election {digest}, the config's manifest is that of {}: use another \
                         `store` folder, or the manifest of the store's election",
                        manifest.id()
                    );
                }
            }
            // The journal has the ballots: memory grows with the voters and not with what they choose among.
            self.election = Some(Election::start(Arc::clone(manifest), &entry)?.without_ciphertexts());
            self.tree.push(leaf);
            return Ok(());
        };
        let roll = match &entry.body {
            EntryBody::Roll(digest) => Some(Arc::new(Roll::from_bytes(&files.read(digest, MAX_ROLL)?)?)),
            _ => None,
        };
        let input = CheckInput { roll: roll.as_ref(), root: Some(self.tree.root()) };
        election.check(&entry, &input)?;
        self.tally.add(election, &entry);
        if matches!(entry.body, EntryBody::Closing(_)) {
            let counted = election.count_from(|at| self.entries.read(at));
            election.bring(counted.context("the ballots that count cannot be read back from the journal")?);
        }
        election.apply(entry, leaf, &input)?;
        self.tree.push(leaf);
        Ok(())
    }
}
