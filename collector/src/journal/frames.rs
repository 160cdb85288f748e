//! Reading a journal from its beginning, and telling a write that was cut short from damage.

use super::frame::{split, FrameHead, Salt, SegmentHead, Stand, FRAME_HEAD, SEGMENT_HEAD};
use super::segment_name;
use crate::disk::{read_exact_at, Access, Disk, DiskFile};
use anyhow::{bail, ensure, Context, Result};
use selge_core::tree::{empty_root, Hash};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes that are looked at together when a segment's end is searched.
const WINDOW: usize = 64 << 10;

/// Where an entry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the segment.
    pub segment: u32,
    /// Its length.
    pub len: u32,
    /// First byte in the segment.
    pub at: u64,
}

/// One batch, as it was stored.
#[derive(Debug)]
pub struct Frame {
    /// Number of the batch.
    pub sequence: u64,
    /// The root of the board with this batch.
    pub root: Hash,
    /// Where its entries lie.
    pub places: Vec<Place>,
    bytes: Arc<[u8]>,
    start: u64,
}

impl Frame {
    /// The entries.
    pub fn entries(&self) -> impl Iterator<Item = &[u8]> {
        self.places.iter().filter_map(|place| {
            let at = usize::try_from(place.at - self.start).ok()?;
            self.bytes.get(at..at + place.len as usize)
        })
    }
}

/// The bytes after the last good frame, which a crash left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Number of the segment, always the last one.
    pub segment: u32,
    /// Where they begin.
    pub at: u64,
    /// How many there are, up to the last that is not zero.
    pub bytes: u64,
}

/// Reads frames one after the other.
#[derive(Debug)]
pub struct Frames {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) folder: PathBuf,
    file: Arc<dyn DiskFile>,
    length: u64,
    pub(super) salt: Salt,
    pub(super) segment: u32,
    segments: u32,
    pub(super) at: u64,
    pub(super) stand: Stand,
    /// The last frame of the segment that is being read: where it lies and its bytes.
    pub(super) last: Option<(u64, Arc<[u8]>)>,
    torn: Option<Torn>,
}

/// What comes next in a segment.
enum Step {
    Frame(Frame),
    /// No more frames here, and why.
    End(&'static str),
    /// A batch that was begun after others, which are not there.
    Gap,
}

/// How many segments there are; they are numbered from 0 without a gap.
///
/// # Errors
/// If the folder cannot be read, is no folder, or a segment is missing.
pub(super) fn count_segments(disk: &dyn Disk, folder: &Path) -> Result<u32> {
    let shown = folder.display();
    let names = match disk.names(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => bail!(
            "{shown} is a file, and no journal of this program's version: is `store` in the config the right folder? If \
             an earlier version has made it, go on with that version"
        ),
        Err(error) => return Err(error).with_context(|| format!("cannot read the journal {shown}")),
    };
    let mut numbers: Vec<u32> = names.iter().filter_map(|name| super::segment_number(name)).collect();
    numbers.sort_unstable();
    for (number, expected) in numbers.iter().zip(0..) {
        ensure!(
            *number == expected,
            "the journal {shown} has {} but not {}: restore that file from a backup, or from a copy of the store's disk",
            segment_name(*number),
            segment_name(expected)
        );
    }
    Ok(u32::try_from(numbers.len())?)
}

impl Frames {
    /// Opens a journal for reading, also while a server appends to it.
    ///
    /// # Errors
    /// If it is not there or not a journal.
    pub fn open(disk: &Arc<dyn Disk>, folder: &Path) -> Result<Self> {
        let segments = count_segments(disk.as_ref(), folder)?;
        let path = folder.join(segment_name(0));
        ensure!(segments > 0, "cannot open the journal {}: it is not there", path.display());
        let (file, length, head) = open_segment(disk.as_ref(), &path)?;
        let stand = Stand { sequence: 0, entries: 0, root: empty_root() };
        ensure!(head.number == 0 && head.stand == stand, "{} is not a journal's first segment", path.display());
        Ok(Frames {
            disk: Arc::clone(disk),
            folder: folder.to_owned(),
            file,
            length,
            salt: head.salt,
            segment: 0,
            segments,
            at: SEGMENT_HEAD as u64,
            stand,
            last: None,
            torn: None,
        })
    }

    /// Entries read so far.
    pub fn entries(&self) -> u64 {
        self.stand.entries
    }

    fn path(&self) -> PathBuf {
        self.folder.join(segment_name(self.segment))
    }

    /// The next frame; `None` at the end, or where a write was cut short.
    ///
    /// # Errors
    /// If something that was synced is damaged, or a file cannot be read.
    pub fn next_frame(&mut self) -> Result<Option<Frame>> {
        loop {
            let why = match self.step().with_context(|| format!("cannot read the journal {}", self.path().display()))? {
                Step::Frame(frame) => return Ok(Some(frame)),
                Step::Gap => {
                    return Err(self.damage("a batch does not follow the one before it", "its own head is whole"))
                }
                Step::End(why) => why,
            };
            if self.segment + 1 < self.segments {
                self.next_segment(why)?;
                continue;
            }
            self.end(why)?;
            return Ok(None);
        }
    }

    /// What is left after the last good frame; known when [`Frames::next_frame`] has said that there is no further one.
    pub fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// The error for damage at the place where reading stopped.
    pub fn damage(&self, what: &str, why: &str) -> anyhow::Error {
        anyhow::anyhow!(
            "the journal {} is damaged at byte {} (entry {}): {what}, and {why}, so this was stored once and is not a \
             write that a crash cut short. Nothing has been changed. Restore the journal from a backup, or from a copy of \
             the store's disk, and start again; every receipt given so far depends on it",
            self.path().display(),
            self.at,
            self.stand.entries
        )
    }

    fn step(&mut self) -> std::io::Result<Step> {
        let left = self.length - self.at;
        if left < FRAME_HEAD as u64 {
            return Ok(Step::End("a batch's head is cut short"));
        }
        let mut head = [0; FRAME_HEAD];
        read_exact_at(self.file.as_ref(), &mut head, self.at)?;
        if head == [0; FRAME_HEAD] {
            return Ok(Step::End("nothing is stored there"));
        }
        let Some(decoded) = FrameHead::decode(&self.salt, &head) else {
            return Ok(Step::End("a batch's head does not fit its checksum"));
        };
        if (decoded.sequence, decoded.first) != (self.stand.sequence, self.stand.entries) {
            return Ok(Step::Gap);
        }
        if left - (FRAME_HEAD as u64) < decoded.bytes as u64 {
            return Ok(Step::End("a batch is cut short"));
        }
        let mut bytes = vec![0; FRAME_HEAD + decoded.bytes];
        bytes[..FRAME_HEAD].copy_from_slice(&head);
        let payload = &mut bytes[FRAME_HEAD..];
        read_exact_at(self.file.as_ref(), payload, self.at + FRAME_HEAD as u64)?;
        if Sha256::digest(&payload)[..] != decoded.digest {
            return Ok(Step::End("a batch does not fit its checksum"));
        }
        let Some(places) = split(payload, decoded.entries) else {
            return Ok(Step::End("a batch does not hold the entries that it names"));
        };
        let (segment, start) = (self.segment, self.at);
        let place = |(at, len)| Place { segment, len, at: start + (FRAME_HEAD + at) as u64 };
        let places = places.into_iter().map(place).collect();
        let bytes: Arc<[u8]> = bytes.into();
        self.last = Some((start, Arc::clone(&bytes)));
        self.at += bytes.len() as u64;
        self.stand = Stand {
            sequence: self.stand.sequence + 1,
            entries: self.stand.entries + decoded.entries as u64,
            root: decoded.root,
        };
        Ok(Step::Frame(Frame { sequence: decoded.sequence, root: decoded.root, places, bytes, start }))
    }

    /// Goes on with the next segment. It was made when all before it was synced, so it must begin where this one ends;
    /// what else is behind that end was never acknowledged.
    fn next_segment(&mut self, why: &'static str) -> Result<()> {
        let number = self.segment + 1;
        let path = self.folder.join(segment_name(number));
        let (file, length, head) = open_segment(self.disk.as_ref(), &path)?;
        ensure!(
            head.salt == self.salt && head.number == u64::from(number),
            "{} is a segment of another journal: restore the journal's files from one backup",
            path.display()
        );
        if head.stand.sequence != self.stand.sequence || head.stand.entries != self.stand.entries {
            let later = format!("{} begins with entry {}", segment_name(number), head.stand.entries);
            return Err(self.damage(why, &later));
        }
        if head.stand.root != self.stand.root {
            return Err(self.damage("its roots differ", &format!("{} begins with another", segment_name(number))));
        }
        (self.file, self.length, self.segment, self.at) = (file, length, number, SEGMENT_HEAD as u64);
        self.last = None;
        Ok(())
    }

    /// At the end of the last segment: is what follows nothing, a torn write, or damage?
    fn end(&mut self, why: &'static str) -> Result<()> {
        let unreadable = || format!("cannot read the journal {}", self.path().display());
        let Some(end) = self.last_byte().with_context(unreadable)? else { return Ok(()) };
        if let Some(later) = self.later_frame(end).with_context(unreadable)? {
            return Err(self.damage(why, &format!("another batch follows at byte {later}")));
        }
        self.torn = Some(Torn { segment: self.segment, at: self.at, bytes: end - self.at });
        Ok(())
    }

    /// Behind the last byte from here on that is not zero, if there is one.
    fn last_byte(&self) -> std::io::Result<Option<u64>> {
        let zeros = vec![0; WINDOW];
        let mut window = vec![0; WINDOW];
        let mut to = self.length;
        while to > self.at {
            let from = to.saturating_sub(WINDOW as u64).max(self.at);
            let len = (to - from) as usize;
            let found = &mut window[..len];
            read_exact_at(self.file.as_ref(), found, from)?;
            if *found != zeros[..len] {
                let last = found.iter().rposition(|byte| *byte != 0).unwrap_or(0);
                return Ok(Some(from + last as u64 + 1));
            }
            to = from;
        }
        Ok(None)
    }

    /// Where a frame begins, before byte `end`, that can only have been written after the bad place was synced.
    fn later_frame(&self, end: u64) -> std::io::Result<Option<u64>> {
        // A head may end with zeros.
        let end = (end + FRAME_HEAD as u64).min(self.length);
        let mut from = self.at + 1;
        let mut window = Vec::new();
        while from + (FRAME_HEAD as u64) <= end {
            let len = ((end - from) as usize).min(WINDOW + FRAME_HEAD - 1);
            window.resize(len, 0);
            read_exact_at(self.file.as_ref(), &mut window, from)?;
            for (offset, bytes) in window.windows(FRAME_HEAD).enumerate() {
                let head = bytes.first_chunk().and_then(|bytes| FrameHead::decode(&self.salt, bytes));
                if head.is_some_and(|head| head.sequence > self.stand.sequence) {
                    return Ok(Some(from + offset as u64));
                }
            }
            from += (len - FRAME_HEAD + 1) as u64;
        }
        Ok(None)
    }
}

/// A segment with its length and head. A head is synced before the segment has its name, so a bad one is damage.
fn open_segment(disk: &dyn Disk, path: &Path) -> Result<(Arc<dyn DiskFile>, u64, SegmentHead)> {
    let shown = path.display();
    let cannot = || format!("cannot open the journal {shown}");
    let file = disk.open(path, Access::Read).with_context(cannot)?;
    let length = file.length().with_context(cannot)?;
    let mut head = [0; SEGMENT_HEAD];
    if length >= SEGMENT_HEAD as u64 {
        read_exact_at(file.as_ref(), &mut head, 0).with_context(cannot)?;
    }
    let Some(head) = SegmentHead::decode(&head) else {
        bail!(
            "the beginning of {shown} is not that of a journal of this program's version, or is damaged: is `store` in the \
             config the right folder? If it is, restore the file from a backup, or from a copy of the store's disk"
        );
    };
    Ok((file, length, head))
}
