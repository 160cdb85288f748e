//! A verified local copy of a board that somebody else serves.
//!
//! Nothing is believed but signatures of the log's key and hashes: not the server, and not the mirror's own files, which
//! are checked again at every start. Every new checkpoint must continue the newest one that was seen; two that contradict
//! each other are a fork, of which [`Trouble::Fork`] holds the proof.

mod facts;
pub(crate) mod fetch;
mod folder;
mod start;
mod tiles;

pub(crate) use facts::Facts;
pub(crate) use folder::Folder;
pub(crate) use start::{first_use, pin};

use crate::progress::Progress;
use fetch::{FetchError, Web};
use selge_auditor::Watcher;
use selge_core::evidence::{Claim, Evidence, Fork};
use selge_core::ids::Digest;
use selge_core::note::{Checkpoint, LogKey, MAX_NOTE};
use selge_core::record::{file_path, hash_tiles, read_bundle, TileRef, CHECKPOINT, MAX_BUNDLE, TILE_WIDTH};
use selge_core::tiles::{TilesError, VerifiedTiles};
use selge_core::tree::{leaf_hash, Hash};
use sha2::Digest as _;
use std::io::Read;
use std::path::Path;
use tiles::Tiles;

/// Name of the file with the newest checkpoint that was seen.
const SEEN: &str = "seen";

/// Why the mirror does not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The server cannot be read. Trying again may help.
    #[error("{0}")]
    Fetch(FetchError),
    /// What the server shows contradicts what was signed. That proves nothing to others: anybody can serve bad bytes.
    #[error("{0}")]
    Bad(String),
    /// Two signed checkpoints contradict each other: the proof.
    #[error("the board is forked")]
    Fork(Box<Evidence>),
    /// This machine's disk.
    #[error("{0}")]
    Disk(String),
    /// The folder or the request does not fit this log.
    #[error("{0}")]
    Usage(String),
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Disk(words) => Trouble::Disk(words),
            error => Trouble::Fetch(error),
        }
    }
}

/// What an update has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Update {
    /// This many entries more.
    Grown(u64),
    /// Nothing.
    Same,
    /// The server shows a checkpoint of this many entries: an older state of the same board.
    Older(u64),
}

/// A signed checkpoint with its note.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) checkpoint: Checkpoint,
    note: String,
}

/// The mirror of one board.
pub(crate) struct Mirror<'a> {
    web: &'a Web,
    folder: Folder,
    log: LogKey,
    progress: &'a Progress,
    /// The newest checkpoint that was seen, now or before.
    seen: Option<Signed>,
    /// What the mirror holds, verified since this start.
    have: Option<Signed>,
    pub(crate) facts: Facts,
}

impl<'a> Mirror<'a> {
    /// Goes on where the folder ends. Nothing is fetched.
    pub(crate) fn open(web: &'a Web, folder: Folder, log: LogKey, progress: &'a Progress) -> Result<Self, Trouble> {
        let read = |name: &str, bytes: Option<Vec<u8>>| -> Result<Option<Signed>, Trouble> {
            let Some(bytes) = bytes else { return Ok(None) };
            let note = String::from_utf8(bytes).unwrap_or_default();
            let opened = Checkpoint::open(&note, &log).map_err(|error| {
                Trouble::Usage(format!(
                    "the mirror's own file `{name}` does not hold: {error}. It is damaged or of another election: keep \
                     the folder if you did not change it, and follow into a new one"
                ))
            })?;
            Ok(Some(Signed { checkpoint: opened, note }))
        };
        let seen = read(SEEN, folder.read(SEEN, MAX_NOTE as u64))?;
        let held = read("record/checkpoint", folder.checkpoint(MAX_NOTE as u64))?;
        folder.tidy(held.as_ref().map_or(0, |held| held.checkpoint.size), &|_| true)?;
        // `seen` is written first, so it is not the older one unless somebody changed the folder.
        let seen = match (seen, held) {
            (Some(seen), Some(held)) if held.checkpoint.size > seen.checkpoint.size => Some(held),
            (seen, held) => seen.or(held),
        };
        Ok(Mirror { web, folder, log: log.clone(), progress, seen, have: None, facts: Facts::new(log) })
    }

    /// Whether the copy's checkpoint has the cosignatures that the manifest demands (`LOG-8`).
    pub(crate) fn witnessed(&self) -> bool {
        let (Some(manifest), Some(have)) = (self.facts.manifest(), &self.have) else { return false };
        manifest.witnesses().open(&have.note, &self.log).is_ok()
    }

    /// What is mirrored and verified.
    pub(crate) fn have(&self) -> Option<&Checkpoint> {
        self.have.as_ref().map(|have| &have.checkpoint)
    }

    /// The newest checkpoint that was seen.
    pub(crate) fn seen(&self) -> Option<&Checkpoint> {
        self.seen.as_ref().map(|seen| &seen.checkpoint)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    fn fetch_checkpoint(&self) -> Result<Signed, Trouble> {
        let note = String::from_utf8(self.web.get(CHECKPOINT, MAX_NOTE as u64)?)
            .map_err(|_| Trouble::Bad("the server's checkpoint is not text".into()))?;
        let checkpoint = Checkpoint::open(&note, &self.log)
            .map_err(|error| Trouble::Bad(format!("the server's checkpoint does not hold: {error}")))?;
        Ok(Signed { checkpoint, note })
    }

    /// Asks for the newest checkpoint, checks that it continues the newest one that was seen, and fetches and checks
    /// what is new.
    pub(crate) fn update(&mut self) -> Result<Update, Trouble> {
        let newest = self.fetch_checkpoint()?;
        let size = newest.checkpoint.size;
        if let Some(seen) = self.seen.clone() {
            if size == seen.checkpoint.size && newest.checkpoint.root != seen.checkpoint.root {
                return Err(self.fork(&seen, &newest, newest.checkpoint.root, &[]));
            }
            if size < seen.checkpoint.size {
                self.older(&newest, &seen)?;
                return Ok(Update::Older(size));
            }
        }
        let mut tiles = self.open_tiles(&newest)?;
        if let Some(seen) = self.seen.clone() {
            self.compare_in(&seen, &newest, &mut tiles)?;
        }
        // Before anything is fetched: what is signed is not forgotten, whatever happens from here on.
        if self.seen.as_ref().is_none_or(|seen| seen.checkpoint != newest.checkpoint) {
            self.folder.write(SEEN, newest.note.as_bytes())?;
            for edge in hash_tiles(size).filter(|tile| tile.width < TILE_WIDTH) {
                self.keep_tile(&edge, &mut tiles)?;
            }
        }
        self.seen = Some(newest.clone());
        let from = self.have.as_ref().map(|have| have.checkpoint.size);
        if from == Some(size) {
            // Cosignatures may have come.
            self.write_note(&newest)?;
            return Ok(Update::Same);
        }
        self.take_with(&newest, &mut tiles)?;
        Ok(Update::Grown(size - from.unwrap_or(0)))
    }

    fn write_note(&mut self, newest: &Signed) -> Result<(), Trouble> {
        // A cache may show the same checkpoint with fewer of them.
        if self.have.as_ref().is_some_and(|have| have.note.len() < newest.note.len()) {
            self.folder.write("record/checkpoint", newest.note.as_bytes())?;
            self.have = Some(newest.clone());
        }
        Ok(())
    }

    fn source(&self) -> Tiles<'_> {
        Tiles { web: self.web, folder: &self.folder }
    }

    fn open_tiles(&self, signed: &Signed) -> Result<VerifiedTiles, Trouble> {
        let Checkpoint { size, root, .. } = &signed.checkpoint;
        VerifiedTiles::open(*size, root, &mut self.source()).map_err(|error| self.unexplained(error, signed))
    }

    /// A signed checkpoint to which the server shows no tree: it proves nothing yet, but it is kept.
    fn unexplained(&self, error: TilesError<Trouble>, signed: &Signed) -> Trouble {
        let error = trouble(error);
        if let Trouble::Bad(words) = &error {
            let name = format!("unexplained-{}", signed.checkpoint.size);
            return match self.folder.write(&name, signed.note.as_bytes()) {
                Ok(()) => Trouble::Bad(format!("{words}; the signed checkpoint is kept as `{name}`")),
                Err(error) => error,
            };
        }
        error
    }

    /// Compares an older checkpoint that the server shows with the newest one that was seen.
    fn older(&mut self, older: &Signed, seen: &Signed) -> Result<(), Trouble> {
        let compared = self.open_tiles(seen).and_then(|mut tiles| {
            self.compare_in(older, seen, &mut tiles)?;
            Ok(tiles)
        });
        let mut tiles = match compared {
            Err(Trouble::Fetch(FetchError::Missing(path))) => {
                return Err(Trouble::Bad(format!(
                    "the server shows an older checkpoint, of {} entries, and no longer has {path}, which is needed to \
                     compare it with that of {} entries that was seen",
                    older.checkpoint.size, seen.checkpoint.size
                )));
            }
            compared => compared?,
        };
        // The mirror's own files may do to check it, where the server has no more.
        match self.have.is_none().then(|| self.take_with(seen, &mut tiles)) {
            Some(Err(Trouble::Fetch(error))) if error.is_of_server() => Ok(()),
            Some(taken) => taken,
            None => Ok(()),
        }
    }

    /// Whether `larger`, whose tree is `tiles`, begins with `smaller`.
    fn compare_in(&self, smaller: &Signed, larger: &Signed, tiles: &mut VerifiedTiles) -> Result<(), Trouble> {
        let small = &smaller.checkpoint;
        let root = tiles.root_at(small.size, &mut self.source()).map_err(trouble)?;
        if root == small.root {
            return Ok(());
        }
        let proof = tiles.consistency_proof(small.size, &mut self.source()).map_err(trouble)?;
        Err(self.fork(smaller, larger, root, &proof))
    }

    fn fork(&self, smaller: &Signed, larger: &Signed, root: Hash, proof: &[Hash]) -> Trouble {
        let (small, large) = (smaller.checkpoint.size, larger.checkpoint.size);
        let fork = Fork::new((&smaller.note, small), (&larger.note, large), root, proof);
        // What is handed out as a proof must be one.
        match fork.verify(&self.log) {
            Ok(_) => Trouble::Fork(Box::new(Evidence::new(&self.log, Claim::Fork(fork)))),
            Err(error) => Trouble::Bad(error.to_string()),
        }
    }

    fn keep_tile(&self, tile: &TileRef, tiles: &mut VerifiedTiles) -> Result<(), Trouble> {
        let Some(level) = tile.level else { return Ok(()) };
        let hashes = tiles.tile(level, tile.index, &mut self.source()).map_err(trouble)?.concat();
        self.folder.keep(&tile.path(), &hashes)
    }

    /// Fetches and checks everything of a checkpoint that is not in the mirror yet, and takes it in.
    fn take_with(&mut self, newest: &Signed, tiles: &mut VerifiedTiles) -> Result<(), Trouble> {
        let size = newest.checkpoint.size;
        let from = self.have.as_ref().map_or(0, |have| have.checkpoint.size);
        let mut facts = self.facts.clone();
        let many = size - from > TILE_WIDTH;
        if many {
            self.progress.begin("entries", size - from);
        }
        let bundles = (from / TILE_WIDTH)..size.div_ceil(TILE_WIDTH);
        let taken = bundles.into_iter().try_for_each(|index| {
            let tile = TileRef { level: None, index, width: (size - index * TILE_WIDTH).min(TILE_WIDTH) };
            let leaves = tiles.tile(0, index, &mut self.source()).map_err(trouble)?.to_vec();
            let bytes = self.bundle(&tile, &leaves)?;
            let entries = read_bundle(&bytes, tile.width).map_err(|error| Trouble::Bad(error.to_string()))?;
            for (at, entry) in (tile.first_entry()..).zip(entries).skip_while(|(at, _)| *at < from) {
                facts.take(at, entry, |digest, max| self.file(digest, max))?;
                self.progress.advance(1);
            }
            self.folder.keep(&tile.path(), &bytes)?;
            self.keep_tile(&TileRef { level: Some(0), ..tile }, tiles)?;
            self.web.stopped().map_err(Trouble::from)
        });
        self.progress.end();
        taken?;
        for tile in hash_tiles(size) {
            // Tiles that were full before are in the mirror and verified.
            let before = from >> (8 * u32::from(tile.level.unwrap_or(0)));
            if tile.level > Some(0) && (tile.width < TILE_WIDTH || tile.index >= before / TILE_WIDTH) {
                self.keep_tile(&tile, tiles)?;
            }
        }
        let wanted = facts.new_files();
        if !wanted.is_empty() {
            self.progress.begin("files", wanted.len() as u64);
            for (digest, max) in wanted {
                self.have_file(&digest, max)?;
                self.progress.advance(1);
            }
            self.progress.end();
        }
        facts.files_are_there();
        self.folder.adopt(size, &newest.note, &|name| facts.names(name))?;
        (self.facts, self.have) = (facts, Some(newest.clone()));
        Ok(())
    }

    /// The bundle whose entries have these leaf hashes.
    fn bundle(&self, tile: &TileRef, leaves: &[Hash]) -> Result<Vec<u8>, Trouble> {
        let wrong = |bytes: &[u8]| match read_bundle(bytes, tile.width) {
            Err(error) => Some(format!("{}: {error}", tile.path())),
            Ok(entries) => entries.iter().zip(leaves).position(|(entry, leaf)| leaf_hash(entry).0 != *leaf).map(|at| {
                let index = tile.first_entry() + at as u64;
                format!("{}: entry {index} is not the one that the signed checkpoint commits to", tile.path())
            }),
        };
        if let Some(bytes) = self.folder.candidates(&tile.path(), MAX_BUNDLE).find(|bytes| wrong(bytes).is_none()) {
            return Ok(bytes);
        }
        let bytes = tiles::server_bundle(self.web, tile)?;
        match wrong(&bytes) {
            None => Ok(bytes),
            Some(words) => Err(Trouble::Bad(format!("the server shows another entry than was signed: {words}"))),
        }
    }

    /// A file that entries name, read.
    fn file(&self, digest: &Digest, max: u64) -> Result<Vec<u8>, Trouble> {
        self.have_file(digest, max)?;
        let found = self.folder.candidates(&file_path(digest), max).find(|bytes| Digest::of(bytes) == *digest);
        found.ok_or_else(|| Trouble::Disk(format!("the file {digest} cannot be read again")))
    }

    /// Makes sure that a file is there and holds what its name says.
    fn have_file(&self, digest: &Digest, max: u64) -> Result<(), Trouble> {
        let places = self.folder.places(&file_path(digest));
        if places.iter().any(|path| holds(path, digest, max)) {
            return Ok(());
        }
        self.folder.make_files()?;
        let [_, part] = &places;
        self.web.download(digest, max, part)?;
        Ok(())
    }
}

/// Whether a file's SHA-256 is this digest.
fn holds(path: &Path, digest: &Digest, max: u64) -> bool {
    let plain = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= max);
    let Some(mut file) = plain.then(|| std::fs::File::open(path).ok()).flatten() else { return false };
    let (mut hash, mut buffer) = (sha2::Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return hash.finalize()[..] == digest.0,
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(_) => return false,
        }
    }
}

/// What was wrong with tiles, as the mirror says it.
fn trouble(error: TilesError<Trouble>) -> Trouble {
    match error {
        TilesError::Source(trouble) => trouble,
        error => Trouble::Bad(format!("the server shows another tree than was signed: {error}")),
    }
}
