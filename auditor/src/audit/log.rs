//! The log: the manifest that it starts with, the checkpoint, the tree.

use super::board::Board;
use super::{blame, names, Audit};
use crate::checks::{CHECKPOINT, DECODED, ELECTION_ID, MANIFEST, ROOT, TILES};
use crate::source::{Listing, SourceError};
use selge_core::codec::{Decode, Reader};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::ElectionId;
use selge_core::manifest::{Manifest, MAX_MANIFEST};
use selge_core::note::{Checkpoint, MAX_NOTE};
use selge_core::record::{self, hash_tiles, TileRef, MAX_BUNDLE, TILE_WIDTH};
use std::sync::Arc;

/// The bundle with the first entry: full, or the widest partial one. How wide it must be is the checkpoint's to say,
/// and whose checkpoint counts is the manifest's, which the first entry names.
fn first_bundle(listing: &Listing) -> Option<TileRef> {
    let tile = |width| TileRef { level: None, index: 0, width };
    (1..=TILE_WIDTH).rev().map(tile).find(|t| listing.files.contains(&t.path()))
}

impl Audit<'_> {
    /// The manifest that the first entry names.
    pub(super) fn manifest(&mut self, listing: &Listing, asked: Option<ElectionId>) -> Option<Arc<Manifest>> {
        let from = self.ledger.now();
        let manifest = self.read_manifest(listing);
        self.ledger.took(MANIFEST, from);
        let manifest = manifest?;
        if let Some(asked) = asked {
            let same = asked == *manifest.id();
            self.ledger.count(ELECTION_ID, "id", u64::from(same), 1);
            self.ledger.end(ELECTION_ID);
            if !same {
                let problem = format!("it is of election {}, {asked} was asked for", manifest.id());
                self.ledger.fail(ELECTION_ID, "whoever handed out this record, or that id", problem);
            }
        }
        Some(manifest)
    }

    fn read_manifest(&mut self, listing: &Listing) -> Option<Arc<Manifest>> {
        let Some(bundle) = first_bundle(listing) else {
            self.ledger.lack(MANIFEST, "the first entries, tile/entries/000, are missing");
            return None;
        };
        let bytes = match self.source.read(&bundle.path(), MAX_BUNDLE) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.ledger.lack(MANIFEST, format!("{}: {error}", bundle.path()));
                return None;
            }
        };
        let mut reader = Reader::new(&bytes);
        let first = reader
            .u16("entry length")
            .and_then(|len| reader.take(len.into(), "board entry"))
            .and_then(SignedEntry::from_bytes);
        let first = match first {
            Ok(first) => first,
            Err(error) => {
                let culprit = format!(
                    "{}; or the collector, which put it there",
                    blame::copier(&format!("entry 0, in {}", bundle.path()))
                );
                self.ledger.fail(DECODED, culprit, error);
                return None;
            }
        };
        let EntryBody::Manifest(digest) = first.body else {
            let problem = format!("the first entry must be the manifest, and is a {} entry", first.body.kind());
            let culprit = "the collector, which put another entry first; or whoever made this copy (entry 0)";
            self.ledger.fail(MANIFEST, culprit, problem);
            return None;
        };
        self.files.name_manifest(&digest);
        let bytes = self.file(MANIFEST, &digest, MAX_MANIFEST as u64)?;
        match Manifest::parse(&bytes) {
            Ok(manifest) => {
                self.document = Arc::new(bytes);
                self.ledger.count(MANIFEST, "manifest", 1, 1);
                self.ledger.end(MANIFEST);
                Some(Arc::new(manifest))
            }
            Err(error) => {
                // Without a manifest nobody's key is known, and so no signature can be checked.
                let culprit = format!(
                    "the election commission, if it signed for this manifest; or the collector, or {}",
                    blame::copier(&record::file_path(&digest))
                );
                self.ledger.fail(MANIFEST, culprit, error);
                None
            }
        }
    }

    pub(super) fn open_checkpoint(&mut self, manifest: &Manifest) -> Option<(String, Checkpoint)> {
        let collector = names::collector(manifest);
        // Nobody's signature says whose it is.
        let unsigned = format!("{collector}; or {}", blame::copier(record::CHECKPOINT));
        let bytes = match self.source.read(record::CHECKPOINT, MAX_NOTE as u64) {
            Ok(bytes) => bytes,
            Err(error @ (SourceError::TooLong(_) | SourceError::NotPlain)) => {
                self.ledger.fail(CHECKPOINT, unsigned, error);
                return None;
            }
            Err(error) => {
                self.ledger.lack(CHECKPOINT, format!("{}: {error}", record::CHECKPOINT));
                return None;
            }
        };
        let Ok(note) = String::from_utf8(bytes) else {
            self.ledger.fail(CHECKPOINT, unsigned, "the checkpoint is not text");
            return None;
        };
        let opened = Checkpoint::open(&note, &manifest.log_key());
        match opened {
            Ok(checkpoint) if checkpoint.size > 0 => {
                self.ledger.count(CHECKPOINT, "checkpoint", 1, 1);
                self.ledger.end(CHECKPOINT);
                Some((note, checkpoint))
            }
            Ok(_) => {
                self.ledger.fail(CHECKPOINT, collector, "the checkpoint is of an empty board");
                None
            }
            Err(error) => {
                self.ledger.fail(CHECKPOINT, unsigned, error);
                None
            }
        }
    }

    /// The tree of the entries against the checkpoint and the hash tiles.
    pub(super) fn root_and_tiles(&mut self, board: &Board, checkpoint: &Checkpoint) {
        if !board.complete {
            self.ledger.doubt_entries();
            return;
        }
        let from = self.ledger.now();
        let (found, expected) = (board.tree.root(), checkpoint.root);
        self.ledger.count(ROOT, "root", u64::from(found == expected), 1);
        self.ledger.end(ROOT);
        if found != expected {
            self.ledger.doubt_entries();
            let problem = format!(
                "the entries lead to the root {}, the signed checkpoint says {}",
                super::hex(&found),
                super::hex(&expected)
            );
            let culprit = format!("{}; or whoever made this copy of the entries", names::collector(&board.manifest));
            self.ledger.fail(ROOT, culprit, problem);
        }
        self.ledger.took(ROOT, from);
        if !self.scope.wants(TILES) {
            return;
        }
        let from = self.ledger.now();
        for tile in hash_tiles(checkpoint.size) {
            let path = tile.path();
            let right = match self.source.read(&path, 32 * tile.width) {
                Ok(bytes) => Some(bytes) == tile.hashes(&board.tree),
                Err(SourceError::Missing | SourceError::Io(_)) => {
                    self.ledger.count(TILES, "hash tiles", 0, 1);
                    self.ledger.lack(TILES, path);
                    continue;
                }
                Err(_) => false,
            };
            self.ledger.count(TILES, "hash tiles", u64::from(right), 1);
            if !right {
                self.ledger.fail(TILES, blame::copier(&path), "the tile's hashes are not those of the entries");
            }
        }
        self.ledger.end(TILES);
        self.ledger.took(TILES, from);
    }
}
