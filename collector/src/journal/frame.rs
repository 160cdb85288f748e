//! The bytes of a journal: the head of a segment and the head of a frame.

use selge_core::tree::Hash;
use sha2::{Digest as _, Sha256};

/// Most entries of one frame.
pub const MAX_FRAME_ENTRIES: usize = 1024;

/// Most payload bytes of one frame.
pub const MAX_FRAME_BYTES: usize = 8 << 20;

const MAGIC: &[u8; 16] = b"selge journal 2\n";

/// Bytes of a segment's head.
pub(super) const SEGMENT_HEAD: usize = 104;

/// Bytes of a frame's head.
pub(super) const FRAME_HEAD: usize = 104;

/// Secret and of one journal alone, so that no entry can hold bytes that look like the beginning of a frame.
pub(super) type Salt = [u8; 16];

fn check(salt: &Salt, head: &[u8]) -> [u8; 16] {
    let digest = Sha256::new().chain_update(salt).chain_update(head).finalize();
    let mut check = [0; 16];
    check.copy_from_slice(&digest[..16]);
    check
}

/// Where a journal stands between two frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stand {
    /// Number of the next frame.
    pub(super) sequence: u64,
    /// Entries so far, which is the index of the next one.
    pub(super) entries: u64,
    /// The root over them.
    pub(super) root: Hash,
}

/// A segment's head.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentHead {
    pub(super) salt: Salt,
    pub(super) number: u64,
    /// Where the journal stands at its beginning.
    pub(super) stand: Stand,
}

impl SegmentHead {
    pub(super) fn encode(&self) -> [u8; SEGMENT_HEAD] {
        let mut head = [0; SEGMENT_HEAD];
        head[..16].copy_from_slice(MAGIC);
        head[16..32].copy_from_slice(&self.salt);
        head[32..40].copy_from_slice(&self.number.to_be_bytes());
        head[40..48].copy_from_slice(&self.stand.sequence.to_be_bytes());
        head[48..56].copy_from_slice(&self.stand.entries.to_be_bytes());
        head[56..88].copy_from_slice(&self.stand.root);
        let check = check(&self.salt, &head[..88]);
        head[88..].copy_from_slice(&check);
        head
    }

    pub(super) fn decode(bytes: &[u8; SEGMENT_HEAD]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (salt, rest) = rest.split_first_chunk::<16>()?;
        let (number, rest) = rest.split_first_chunk::<8>()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (entries, rest) = rest.split_first_chunk::<8>()?;
        let (root, found) = rest.split_first_chunk::<32>()?;
        let stand =
            Stand { sequence: u64::from_be_bytes(*sequence), entries: u64::from_be_bytes(*entries), root: *root };
        (check(salt, &bytes[..88]) == found).then(|| SegmentHead {
            salt: *salt,
            number: u64::from_be_bytes(*number),
            stand,
        })
    }
}

/// A frame's head.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameHead {
    pub(super) sequence: u64,
    pub(super) first: u64,
    pub(super) entries: usize,
    pub(super) bytes: usize,
    /// The root of the board with this batch: what is about to be signed.
    pub(super) root: Hash,
    pub(super) digest: [u8; 32],
}

impl FrameHead {
    pub(super) fn encode(&self, salt: &Salt) -> [u8; FRAME_HEAD] {
        let mut head = [0; FRAME_HEAD];
        head[..8].copy_from_slice(&self.sequence.to_be_bytes());
        head[8..16].copy_from_slice(&self.first.to_be_bytes());
        head[16..20].copy_from_slice(&(self.entries as u32).to_be_bytes());
        head[20..24].copy_from_slice(&(self.bytes as u32).to_be_bytes());
        head[24..56].copy_from_slice(&self.root);
        head[56..88].copy_from_slice(&self.digest);
        let check = check(salt, &head[..88]);
        head[88..].copy_from_slice(&check);
        head
    }

    pub(super) fn decode(salt: &Salt, bytes: &[u8; FRAME_HEAD]) -> Option<Self> {
        let (sequence, rest) = bytes.split_first_chunk::<8>()?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let (entries, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let (digest, found) = rest.split_first_chunk::<32>()?;
        let head = FrameHead {
            sequence: u64::from_be_bytes(*sequence),
            first: u64::from_be_bytes(*first),
            entries: u32::from_be_bytes(*entries) as usize,
            bytes: u32::from_be_bytes(*length) as usize,
            root: *root,
            digest: *digest,
        };
        // The bounds come first: they cost nothing, and the search for later frames asks at every byte.
        let plausible = (1..=MAX_FRAME_ENTRIES).contains(&head.entries) && (1..=MAX_FRAME_BYTES).contains(&head.bytes);
        (plausible && check(salt, &bytes[..88]) == found).then_some(head)
    }
}

/// Where an entry lies in a payload: its first byte and its length.
pub(super) type Within = (usize, u32);

/// The payload of a batch, and where each entry begins in it; `None` if a frame cannot hold it.
pub(super) fn join(batch: &[&[u8]]) -> Option<(Vec<u8>, Vec<Within>)> {
    let mut payload = Vec::with_capacity(batch.iter().map(|e| 4 + e.len()).sum());
    let mut places = Vec::with_capacity(batch.len());
    for entry in batch {
        let len = u32::try_from(entry.len()).ok().filter(|len| *len as usize <= selge_core::entry::MAX_ENTRY)?;
        payload.extend_from_slice(&len.to_be_bytes());
        places.push((payload.len(), len));
        payload.extend_from_slice(entry);
    }
    let fits = !batch.is_empty() && batch.len() <= MAX_FRAME_ENTRIES && payload.len() <= MAX_FRAME_BYTES;
    fits.then_some((payload, places))
}

/// Where the entries of a payload lie in it, which must be exactly `count`.
pub(super) fn split(payload: &[u8], count: usize) -> Option<Vec<Within>> {
    let (mut rest, mut at) = (payload, 0);
    let mut places = Vec::with_capacity(count);
    for _ in 0..count {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let len = u32::from_be_bytes(*len);
        rest = after.get(len as usize..)?;
        places.push((at + 4, len));
        at += 4 + len as usize;
    }
    rest.is_empty().then_some(places)
}
