//! The files of a record: which there must be, and whether each holds what its name says.

use super::board::Board;
use super::{blame, names, Audit};
use crate::checks::{Check, COMPLETE, DIGESTS, NOTHING_ELSE};
use crate::source::{Listing, SourceError};
use selge_core::entry::EntryBody;
use selge_core::ids::Digest;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::record::{entry_bundles, file_path, hash_tiles, CHECKPOINT};
use std::collections::{BTreeMap, BTreeSet};

/// Missing paths that are named; a checkpoint may claim any number of entries.
const MAX_MISSING: usize = 20;

/// Files that entries name, and those that have been read and found right.
#[derive(Default)]
pub(super) struct Files {
    named: BTreeMap<Digest, Named>,
    right: BTreeSet<Digest>,
    /// Files that somebody has tried to read.
    tried: BTreeSet<Digest>,
}

/// Which file it is, and who signed for it.
struct Named {
    what: String,
    signers: Option<String>,
}

impl Files {
    /// Notes the file that the first entry names; who signs it is known only once it has been read.
    pub(super) fn name_manifest(&mut self, digest: &Digest) {
        self.named.insert(*digest, Named { what: "manifest of the election commission".to_owned(), signers: None });
    }

    /// Notes the files of an entry.
    pub(super) fn name(&mut self, manifest: &Manifest, body: &EntryBody) {
        for digest in body.files() {
            self.named.entry(digest).or_insert_with(|| {
                let signer = names::signer(manifest, body);
                let signers = blame::with_collector(manifest, &format!("{signer}, which signed for a longer file"));
                Named { what: format!("{} of {signer}", body.kind()), signers: Some(signers) }
            });
        }
    }
}

impl Audit<'_> {
    /// Reads a file that an entry names, for `check`; `None` is already on the books.
    pub(super) fn file(&mut self, check: Check, digest: &Digest, max: u64) -> Option<Vec<u8>> {
        let path = file_path(digest);
        self.files.tried.insert(*digest);
        let named = self.files.named.get(digest);
        let whose = named.map_or_else(String::new, |of| format!(", the {}", of.what));
        let file = named.map_or_else(|| "the file".to_owned(), |of| format!("the {}", of.what));
        match self.source.read(&path, max) {
            Ok(bytes) if Digest::of(&bytes) == *digest => {
                self.files.right.insert(*digest);
                Some(bytes)
            }
            Ok(_) => {
                let problem = format!("{file}: the file was changed: its SHA-256 is not its name");
                self.ledger.fail(DIGESTS, blame::copier(&path), problem);
                None
            }
            Err(error @ SourceError::TooLong(_)) => {
                // No more of it is read, so whether it is what was signed for stays open.
                let signers = named.and_then(|of| of.signers.as_ref());
                let signers = signers.map_or_else(String::new, |signers| format!("; or {signers}"));
                self.ledger.fail(DIGESTS, blame::copier(&path) + &signers, format!("{file}: {error}"));
                None
            }
            Err(error @ SourceError::NotPlain) => {
                self.ledger.fail(DIGESTS, blame::copier(&path), format!("{file}: {error}"));
                None
            }
            Err(error) => {
                self.ledger.lack(check, format!("{path}{whose}: {error}"));
                None
            }
        }
    }

    /// Reads a file that nothing has read yet, for its digest alone.
    pub(super) fn unread(&mut self, digest: &Digest, max: u64) {
        if !self.files.tried.contains(digest) {
            self.file(DIGESTS, digest, max);
        }
    }

    /// Compares what is there with what must be there.
    pub(super) fn listed(&mut self, board: &Board, checkpoint: &Checkpoint, listing: &Listing) {
        if !self.scope.wants(COMPLETE) {
            return;
        }
        let from = self.ledger.now();
        self.ledger.count(DIGESTS, "files", self.files.right.len() as u64, self.files.named.len() as u64);
        self.ledger.end(DIGESTS);
        let tiles = entry_bundles(checkpoint.size).chain(hash_tiles(checkpoint.size)).map(|tile| tile.path());
        let files = self.files.named.keys().map(file_path);
        let mut left = listing.files.clone();
        let (mut there, mut missing) = (0, 0);
        for path in std::iter::once(CHECKPOINT.to_owned()).chain(files).chain(tiles) {
            if left.remove(&path) {
                there += 1;
                continue;
            }
            missing += 1;
            self.ledger.lack(COMPLETE, path);
            // What is there bounds the passes above; this bounds those here, whatever size the checkpoint claims.
            if missing == MAX_MISSING {
                break;
            }
        }
        self.ledger.count(COMPLETE, "files", there, there + missing as u64);
        if !board.complete {
            self.ledger.lack(COMPLETE, "entries that cannot be read may name further files");
            self.ledger.lack(NOTHING_ELSE, "entries that cannot be read may name further files");
            return;
        }
        self.ledger.end(COMPLETE);
        if missing == MAX_MISSING {
            self.ledger.lack(NOTHING_ELSE, "too many files are missing to tell");
            return;
        }
        self.ledger.count(NOTHING_ELSE, "files", there, there + left.len() as u64);
        for path in left {
            self.ledger.fail(
                NOTHING_ELSE,
                blame::copier(&path),
                "no entry names this file and it is no part of the log: remove it",
            );
        }
        self.ledger.end(NOTHING_ELSE);
        self.ledger.took(NOTHING_ELSE, from);
    }
}
