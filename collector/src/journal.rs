//! The journal: the board's entries in one append-only file, which is the only truth of a store.
//!
//! ```text
//! file:   "selge journal 1\n" (16) || salt (16) || frame …
//! frame:  first index u64 || entries u32 || bytes u32 || SHA-256 of the payload (32) || check (16) || payload
//! payload: (length u32 || entry) …
//! ```
//! All numbers are big-endian. `check` is the first half of `SHA-256(salt || the frame's head before it)`. A frame is one
//! batch: it is written and synced as a whole before the next one is begun. So whatever is wrong after the last good frame
//! is either a write that a crash cut short, which nobody was told about and which is cut off; or, if another frame
//! begins after it, damage to something that was synced, which is never touched and always an error. The salt is secret
//! and of this file alone, so that no entry can hold bytes that look like the beginning of a frame.

use anyhow::{bail, Context, Result};
use rand::RngCore;
use selge_core::entry::MAX_ENTRY;
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Name of the journal in a store.
pub const JOURNAL: &str = "journal";

/// Most entries of one frame.
pub const MAX_FRAME_ENTRIES: usize = 1024;

/// Most payload bytes of one frame.
pub const MAX_FRAME_BYTES: usize = 8 << 20;

const MAGIC: &[u8; 16] = b"selge journal 1\n";
const FILE_HEAD: u64 = 32;
const FRAME_HEAD: usize = 64;

type Salt = [u8; 16];

/// The bytes after the last good frame, which a crash left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where they begin.
    pub at: u64,
    /// How many there are.
    pub bytes: u64,
}

/// One frame's head.
#[derive(Clone, Copy, Debug)]
struct Head {
    first: u64,
    entries: usize,
    bytes: usize,
    digest: [u8; 32],
}

impl Head {
    fn encode(&self, salt: &Salt) -> [u8; FRAME_HEAD] {
        let mut head = [0; FRAME_HEAD];
        head[..8].copy_from_slice(&self.first.to_be_bytes());
        head[8..12].copy_from_slice(&(self.entries as u32).to_be_bytes());
        head[12..16].copy_from_slice(&(self.bytes as u32).to_be_bytes());
        head[16..48].copy_from_slice(&self.digest);
        let check = check(salt, &head[..48]);
        head[48..].copy_from_slice(&check);
        head
    }

    fn decode(salt: &Salt, bytes: &[u8; FRAME_HEAD]) -> Option<Self> {
        let (first, rest) = bytes.split_first_chunk::<8>()?;
        let (entries, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (digest, found) = rest.split_first_chunk::<32>()?;
        let head = Head {
            first: u64::from_be_bytes(*first),
            entries: u32::from_be_bytes(*entries) as usize,
            bytes: u32::from_be_bytes(*length) as usize,
            digest: *digest,
        };
        // The bounds come first: they cost nothing, and the search for later frames asks at every byte.
        let plausible = (1..=MAX_FRAME_ENTRIES).contains(&head.entries) && (1..=MAX_FRAME_BYTES).contains(&head.bytes);
        (plausible && check(salt, &bytes[..48]) == found).then_some(head)
    }
}

fn check(salt: &Salt, head: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(salt).chain_update(head).finalize();
    let mut check = [0; 16];
    check.copy_from_slice(&digest[..16]);
    check
}

/// Reads frames one after the other.
#[derive(Debug)]
pub struct Frames {
    path: PathBuf,
    file: BufReader<File>,
    salt: Salt,
    at: u64,
    len: u64,
    next: u64,
}

/// What comes next in a journal.
enum Step {
    Frame(Vec<Vec<u8>>),
    End,
    Bad(&'static str),
    /// A batch that was begun after others, which are not there.
    Gap,
}

impl Frames {
    /// Opens a journal for reading, also while a server appends to it.
    ///
    /// # Errors
    /// If it is not there or not a journal.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        let file = File::open(path).with_context(|| format!("cannot open the journal {shown}"))?;
        let len = file.metadata().with_context(|| format!("cannot read the journal {shown}"))?.len();
        let mut file = BufReader::with_capacity(1 << 20, file);
        let mut head = [0; FILE_HEAD as usize];
        if len < FILE_HEAD || file.read_exact(&mut head).is_err() || head[..16] != MAGIC[..] {
            bail!("{shown} is not a journal of this program's version: is `store` in the config the right folder?");
        }
        let mut salt = [0; 16];
        salt.copy_from_slice(&head[16..]);
        Ok(Frames { path: path.to_owned(), file, salt, at: FILE_HEAD, len, next: 0 })
    }

    /// Entries read so far.
    pub fn entries(&self) -> u64 {
        self.next
    }

    /// Where the next frame begins.
    pub(crate) fn position(&self) -> u64 {
        self.at
    }

    /// The next frame's entries; `None` at the end, or where a write was cut short.
    ///
    /// # Errors
    /// If something that was synced is damaged, or the file cannot be read.
    pub fn next_frame(&mut self) -> Result<Option<Vec<Vec<u8>>>> {
        match self.step().with_context(|| format!("cannot read the journal {}", self.path.display()))? {
            Step::Frame(entries) => Ok(Some(entries)),
            Step::End => Ok(None),
            Step::Gap => Err(self.damage("a batch does not follow the one before it", "its own head is whole")),
            Step::Bad(what) => match self.later_frame()? {
                None => Ok(None),
                Some(later) => Err(self.damage(what, &format!("another batch follows at byte {later}"))),
            },
        }
    }

    /// What is left after the last good frame.
    pub fn torn(&self) -> Option<Torn> {
        (self.at < self.len).then_some(Torn { at: self.at, bytes: self.len - self.at })
    }

    /// The error for damage at the place where reading stopped.
    pub fn damage(&self, what: &str, why: &str) -> anyhow::Error {
        anyhow::anyhow!(
            "the journal {} is damaged at byte {} (entry {}): {what}, and {why}, so this was stored once and is not a \
             write that a crash cut short. Nothing has been changed. Restore the file from a backup, or from a copy of \
             the store's disk, and start again; every receipt given so far depends on it",
            self.path.display(),
            self.at,
            self.next
        )
    }

    fn step(&mut self) -> std::io::Result<Step> {
        let left = self.len - self.at;
        if left == 0 {
            return Ok(Step::End);
        }
        if left < FRAME_HEAD as u64 {
            return Ok(Step::Bad("a batch's head is cut short"));
        }
        let mut head = [0; FRAME_HEAD];
        self.file.read_exact(&mut head)?;
        let Some(head) = Head::decode(&self.salt, &head) else {
            return Ok(Step::Bad("a batch's head does not fit its checksum"));
        };
        if head.first != self.next {
            return Ok(Step::Gap);
        }
        if left - (FRAME_HEAD as u64) < head.bytes as u64 {
            return Ok(Step::Bad("a batch is cut short"));
        }
        let mut payload = vec![0; head.bytes];
        self.file.read_exact(&mut payload)?;
        if Sha256::digest(&payload)[..] != head.digest {
            return Ok(Step::Bad("a batch does not fit its checksum"));
        }
        let Some(entries) = split(&payload, head.entries) else {
            return Ok(Step::Bad("a batch does not hold the entries that it names"));
        };
        self.at += (FRAME_HEAD + head.bytes) as u64;
        self.next += head.entries as u64;
        Ok(Step::Frame(entries))
    }

    /// Where a frame begins that can only have been written after the bad place was synced.
    fn later_frame(&mut self) -> Result<Option<u64>> {
        const WINDOW: usize = 1 << 20;
        let mut from = self.at + 1;
        let mut window = Vec::new();
        while from + (FRAME_HEAD as u64) <= self.len {
            let len = ((self.len - from) as usize).min(WINDOW + FRAME_HEAD - 1);
            window.resize(len, 0);
            self.file
                .get_ref()
                .read_exact_at(&mut window, from)
                .with_context(|| format!("cannot read the journal {}", self.path.display()))?;
            for (offset, bytes) in window.windows(FRAME_HEAD).enumerate() {
                let head = bytes.first_chunk().and_then(|bytes| Head::decode(&self.salt, bytes));
                if head.is_some_and(|head| head.first > self.next) {
                    return Ok(Some(from + offset as u64));
                }
            }
            from += (len - FRAME_HEAD + 1) as u64;
        }
        Ok(None)
    }
}

/// The entries of a payload, which must be exactly `count`.
fn split(payload: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut rest = payload;
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let (entry, after) = after.split_at_checked(u32::from_be_bytes(*len) as usize)?;
        entries.push(entry.to_vec());
        rest = after;
    }
    rest.is_empty().then_some(entries)
}

/// Why a batch was not stored.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub struct WriteError(#[from] std::io::Error);

/// The journal, open for appending.
#[derive(Debug)]
pub struct Journal {
    file: File,
    salt: Salt,
    len: u64,
    entries: u64,
}

impl Journal {
    /// Creates an empty journal unless there is one.
    ///
    /// # Errors
    /// If the folder is not writable.
    pub fn create_missing(path: &Path) -> Result<()> {
        if path.exists() {
            return Ok(());
        }
        let mut head = Vec::from(MAGIC);
        let mut salt = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut salt);
        head.extend_from_slice(&salt);
        // Written whole or not at all, so that a store never holds half a head.
        selge_node::keyfile::write_private(path, &head)
    }

    /// Opens the journal for appending after what `frames` has read to its end, and cuts off what a crash left there.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn append_after(frames: &Frames) -> Result<Self> {
        let shown = frames.path.display();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&frames.path)
            .with_context(|| format!("cannot write the journal {shown}"))?;
        if let Some(torn) = frames.torn() {
            tracing::warn!(
                target: "selge",
                "the journal ends with {} bytes of a write that was cut short at byte {}, before anybody was told of it: \
                 they are cut off",
                torn.bytes,
                torn.at
            );
            file.set_len(torn.at)
                .and_then(|()| file.sync_all())
                .with_context(|| format!("cannot cut off the end of the journal {shown}"))?;
        }
        file.seek(SeekFrom::Start(frames.at)).with_context(|| format!("cannot write the journal {shown}"))?;
        Ok(Journal { file, salt: frames.salt, len: frames.at, entries: frames.next })
    }

    /// Entries in the journal.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Appends one batch and syncs it. When this returns without an error, the batch survives a crash.
    ///
    /// A failed write is taken back, and the batch is not stored. A failed *sync* ends the process: the kernel may
    /// have dropped the dirty pages and would report the next sync as good, so that nothing read or written after it
    /// can be relied on. The next start reads what is really there.
    ///
    /// # Errors
    /// [`WriteError`], with the journal as it was before.
    pub fn append(&mut self, batch: &[&[u8]]) -> Result<Vec<(u64, u32)>, WriteError> {
        let mut payload = Vec::with_capacity(batch.iter().map(|e| 4 + e.len()).sum());
        let mut places = Vec::with_capacity(batch.len());
        for entry in batch {
            let len = u32::try_from(entry.len()).ok().filter(|len| *len as usize <= MAX_ENTRY);
            let len = len.ok_or_else(|| std::io::Error::other("an entry is too long"))?;
            payload.extend_from_slice(&len.to_be_bytes());
            places.push((self.len + (FRAME_HEAD + payload.len()) as u64, len));
            payload.extend_from_slice(entry);
        }
        if batch.is_empty() || batch.len() > MAX_FRAME_ENTRIES || payload.len() > MAX_FRAME_BYTES {
            return Err(std::io::Error::other("a batch of a size that a frame cannot hold").into());
        }
        let digest = Sha256::digest(&payload).into();
        let head = Head { first: self.entries, entries: batch.len(), bytes: payload.len(), digest };
        let mut frame = Vec::with_capacity(FRAME_HEAD + payload.len());
        frame.extend_from_slice(&head.encode(&self.salt));
        frame.append(&mut payload);
        if let Err(error) = self.file.write_all(&frame) {
            let back = self.file.set_len(self.len).and_then(|()| self.file.seek(SeekFrom::Start(self.len)));
            if let Err(worse) = back {
                abort(&format!("a failed write ({error}) cannot be taken back: {worse}"));
            }
            return Err(error.into());
        }
        if let Err(error) = self.file.sync_data() {
            abort(&format!("the journal cannot be synced: {error}"));
        }
        self.len += frame.len() as u64;
        self.entries += batch.len() as u64;
        Ok(places)
    }
}

/// Ends the process at once, before anybody is told of something that may not be stored.
pub fn abort(why: &str) -> ! {
    tracing::error!(target: "selge", "{why}; the collector stops here and has acknowledged nothing of it. Check the disk, then start again");
    eprintln!(
        "error: {why}; the collector stops here and has acknowledged nothing of it. Check the disk, then start again"
    );
    std::process::abort()
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
