//! The journal: the board's entries in append-only segments, which are the only truth of a store.
//!
//! ```text
//! journal/00000000.segment, 00000001.segment, …
//! segment: "selge journal 2\n" (16) || salt (16) || number u64 || stand || check (16) || frame … || zeros
//! stand:   sequence u64 || entries u64 || root (32)              of the journal before the segment's first frame
//! frame:   sequence u64 || first index u64 || entries u32 || bytes u32 || root (32)
//!          || SHA-256 of the payload (32) || check (16) || payload
//! payload: (length u32 || entry) …
//! ```
//! All numbers are big-endian. `check` is the first half of `SHA-256(salt || the head before it)`. The salt is secret and of
//! this journal alone, so that no entry can hold bytes that look like the beginning of a frame.
//!
//! A frame is one batch, with the root that is signed when it is stored. It is written and synced as a whole before the
//! next one is begun. So whatever is wrong after the last good frame is either a write that a crash cut short, which nobody
//! was told about and which is taken away; or, if another frame or segment begins after it, damage to something that was
//! synced, which is never touched and always an error. (That a sector is written whole or not at all is the disk's
//! promise, and the only one besides sync that this rests on.)
//!
//! A segment is made whole before it gets its name: space for all of it, its head, sync, name, sync of the folder. So a
//! disk that fills up is noticed between two batches, when nothing is half written.

mod frame;
mod frames;

pub use frame::{MAX_FRAME_BYTES, MAX_FRAME_ENTRIES};
pub use frames::{Frame, Frames, Place, Torn};

use crate::disk::{takes_nothing, write_all_at, Access, Disk, DiskFile};
use anyhow::{Context, Result};
use frame::{join, FrameHead, Salt, SegmentHead, Stand, FRAME_HEAD, SEGMENT_HEAD};
use rand::RngCore;
use selge_core::tree::{empty_root, Hash};
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Folder of the journal in a store.
pub const JOURNAL: &str = "journal";

/// Name of a segment that is being made.
const UNFINISHED: &str = "unfinished";

/// Length of the first segment.
const FIRST_SEGMENT: u64 = 256 << 10;

/// How often the length of segments doubles: up to 64 MiB.
const DOUBLINGS: u32 = 8;

fn segment_name(number: u32) -> String {
    format!("{number:08}.segment")
}

fn segment_number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(".segment")?.parse().ok()?;
    (segment_name(number) == name).then_some(number)
}

/// Where segment `number` of a journal lies.
pub fn segment_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(segment_name(number))
}

/// How long segment `number` is: as long as all before it together, so that a small election takes little space and a large
/// one few files.
fn segment_length(number: u32) -> u64 {
    FIRST_SEGMENT << number.saturating_sub(1).min(DOUBLINGS)
}

/// Why a batch was not stored.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be written: {0}")]
pub struct WriteError(#[from] io::Error);

/// The journal, open for appending.
#[derive(Debug)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    salt: Salt,
    segment: u32,
    file: Arc<dyn DiskFile>,
    length: u64,
    at: u64,
    stand: Stand,
}

/// Whether there is a journal, or what is left of one.
///
/// # Errors
/// If its folder cannot be read or segments are missing.
pub fn exists(disk: &dyn Disk, folder: &Path) -> Result<bool> {
    Ok(frames::count_segments(disk, folder)? > 0)
}

/// Creates an empty journal unless there is one.
///
/// # Errors
/// If the folder is not writable.
pub fn create_missing(disk: &dyn Disk, folder: &Path) -> Result<()> {
    if exists(disk, folder)? {
        return Ok(());
    }
    let mut salt = [0; 16];
    rand::rngs::OsRng.fill_bytes(&mut salt);
    let stand = Stand { sequence: 0, entries: 0, root: empty_root() };
    disk.make_folder(folder)
        .and_then(|()| make_segment(disk, folder, &SegmentHead { salt, number: 0, stand }, segment_length(0)))
        .map(|_| ())
        .with_context(|| format!("cannot create the journal {}", folder.display()))
}

/// Makes a segment and gives it its name. A failed sync ends the process, any other error changes nothing.
fn make_segment(disk: &dyn Disk, folder: &Path, head: &SegmentHead, length: u64) -> io::Result<Arc<dyn DiskFile>> {
    let number = u32::try_from(head.number).map_err(|_| io::Error::other("the journal has too many segments"))?;
    let unfinished = folder.join(UNFINISHED);
    let file = disk.create(&unfinished)?;
    let fill = || {
        file.reserve(length)?;
        write_all_at(file.as_ref(), &head.encode(), 0).map_err(|(_, error)| error)
    };
    if let Err(error) = fill() {
        // Makes room again; what stays is overwritten by the next attempt.
        let _ = disk.remove(&unfinished);
        return Err(error);
    }
    if let Err(error) = file.sync() {
        disk.give_up(&format!("the journal's new segment cannot be synced: {error}"));
    }
    disk.rename(&unfinished, &folder.join(segment_name(number)))?;
    if let Err(error) = disk.sync_folder(folder) {
        disk.give_up(&format!("the journal's folder cannot be synced: {error}"));
    }
    Ok(file)
}

impl Journal {
    /// Opens the journal for appending after what `frames` has read to its end, and takes away what a crash left there.
    ///
    /// The last batch is written and synced once more: if its sync has failed, the system may show it and yet not have it
    /// on disk, and a later sync that succeeds would not mean it.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn append_after(frames: &Frames) -> Result<Self> {
        let path = frames.folder.join(segment_name(frames.segment));
        let shown = path.display();
        let cannot = || format!("cannot write the journal {shown}");
        let (disk, folder) = (Arc::clone(&frames.disk), frames.folder.clone());
        let file = disk.open(&path, Access::Write).with_context(cannot)?;
        let mut length = file.length().with_context(cannot)?;
        if let Some(torn) = frames.torn() {
            tracing::warn!(
                target: "selge",
                "the journal ends with {} bytes of a write that was cut short at byte {} of {shown}, before anybody was \
                 told of it: they are taken away",
                torn.bytes,
                torn.at
            );
            clear(file.as_ref(), torn.at, torn.bytes).with_context(cannot)?;
        }
        if let Some((at, bytes)) = &frames.last {
            write_all_at(file.as_ref(), bytes, *at).map_err(|(_, error)| error).with_context(cannot)?;
        }
        let wanted = segment_length(frames.segment);
        if length < wanted {
            // A backup may have left the zeros out. Without room the next batch makes a new segment.
            match file.reserve(wanted) {
                Ok(()) => length = wanted,
                Err(error) => tracing::warn!(target: "selge", "no space can be set aside in {shown}: {error}"),
            }
        }
        file.sync()
            .and_then(|()| disk.sync_folder(&folder))
            .with_context(|| format!("cannot sync the journal {shown}"))?;
        if disk.names(&folder).with_context(cannot)?.iter().any(|name| name == UNFINISHED) {
            disk.remove(&folder.join(UNFINISHED)).with_context(cannot)?;
        }
        Ok(Journal {
            disk,
            folder,
            salt: frames.salt,
            segment: frames.segment,
            file,
            length,
            at: frames.at,
            stand: frames.stand,
        })
    }

    /// Entries in the journal.
    pub fn entries(&self) -> u64 {
        self.stand.entries
    }

    /// Appends one batch, with the root of the board that has it, and syncs it. When this returns without an error, the
    /// batch survives a crash; where its entries lie is the answer.
    ///
    /// A disk that takes nothing (full, read-only) leaves the journal as it was. A failed *sync*, or a write that fails in
    /// any other way, ends the process: the kernel may have dropped the dirty pages and would report the next sync as
    /// good, so that nothing read or written after it can be relied on. The next start reads what is really there.
    ///
    /// # Errors
    /// [`WriteError`], with the journal as it was before.
    pub fn append(&mut self, batch: &[&[u8]], root: Hash) -> Result<Vec<Place>, WriteError> {
        let (mut payload, places) =
            join(batch).ok_or_else(|| io::Error::other("a batch of a size that a frame cannot hold"))?;
        let needed = (FRAME_HEAD + payload.len()) as u64;
        if self.length.saturating_sub(self.at) < needed {
            self.next_segment(needed)?;
        }
        let head = FrameHead {
            sequence: self.stand.sequence,
            first: self.stand.entries,
            entries: batch.len(),
            bytes: payload.len(),
            root,
            digest: Sha256::digest(&payload).into(),
        };
        let mut frame = Vec::with_capacity(FRAME_HEAD + payload.len());
        frame.extend_from_slice(&head.encode(&self.salt));
        frame.append(&mut payload);
        if let Err((written, error)) = write_all_at(self.file.as_ref(), &frame, self.at) {
            self.take_back(written as u64, &error);
            return Err(error.into());
        }
        if let Err(error) = self.file.sync() {
            self.disk.give_up(&format!("the journal cannot be synced: {error}"));
        }
        let (segment, start) = (self.segment, self.at + FRAME_HEAD as u64);
        self.at += needed;
        self.stand =
            Stand { sequence: self.stand.sequence + 1, entries: self.stand.entries + batch.len() as u64, root };
        Ok(places.into_iter().map(|(at, len)| Place { segment, len, at: start + at as u64 }).collect())
    }

    /// Ends the process, as a failed sync does: what is in memory and what is stored say different things.
    pub fn give_up(&self, why: &str) -> ! {
        self.disk.give_up(why)
    }

    /// Goes on in a new segment, in which at least a frame of `needed` bytes has room.
    fn next_segment(&mut self, needed: u64) -> io::Result<()> {
        let number = self.segment + 1;
        let head = SegmentHead { salt: self.salt, number: number.into(), stand: self.stand };
        let length = segment_length(number).max(SEGMENT_HEAD as u64 + needed);
        self.file = make_segment(self.disk.as_ref(), &self.folder, &head, length)?;
        (self.segment, self.length, self.at) = (number, length, SEGMENT_HEAD as u64);
        Ok(())
    }

    /// After a write that failed when `written` bytes of the frame were there.
    fn take_back(&self, written: u64, error: &io::Error) {
        if !takes_nothing(error) {
            self.disk.give_up(&format!("the journal cannot be written: {error}"));
        }
        if written == 0 {
            return;
        }
        if let Err(worse) = clear(self.file.as_ref(), self.at, written).and_then(|()| self.file.sync()) {
            self.disk.give_up(&format!("a failed write ({error}) cannot be taken back: {worse}"));
        }
    }
}

/// Overwrites with zeros; to be synced.
fn clear(file: &dyn DiskFile, at: u64, bytes: u64) -> io::Result<()> {
    let zeros = vec![0; (1 << 20).min(bytes) as usize];
    let mut done = 0;
    while done < bytes {
        let len = zeros.len().min((bytes - done) as usize);
        write_all_at(file, &zeros[..len], at + done).map_err(|(_, error)| error)?;
        done += len as u64;
    }
    Ok(())
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
mod tests {
    use super::*;

    #[test]
    fn segments_grow_with_the_journal_to_a_bound() {
        let lengths: Vec<u64> = (0..11).map(|number| segment_length(number) >> 10).collect();
        assert_eq!(lengths, [256, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 65536]);
        for number in [11, 46, 47, 63, 64, 65, 1000, u32::MAX] {
            assert_eq!(segment_length(number), 64 << 20, "{number}");
        }
        for number in [0, 1, 12_345_678, 123_456_789] {
            assert_eq!(segment_number(&segment_name(number)), Some(number));
        }
        for name in ["unfinished", "1.segment", "00000001.segment~", "+0000001.segment", ".segment"] {
            assert_eq!(segment_number(name), None, "{name}");
        }
    }
}
