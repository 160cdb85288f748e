//! The journal's bytes: what is cut short is taken away, what is damaged is named and never touched.

use crate::disk::FaultyDisk;
use anyhow::Result;
use selge_collector::disk::{Disk, SystemDisk};
use selge_collector::entries::Entries;
use selge_collector::journal::{create_missing, segment_path, Frames, Journal, Torn, MAX_FRAME_ENTRIES};
use selge_core::entry::MAX_ENTRY;
use selge_core::tree::{empty_root, leaf_hash, Hash, Tree};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes of the head of a segment, and of a frame.
const HEAD: usize = 104;

/// Length of the first segment.
const SEGMENT: usize = 256 << 10;

fn folder() -> PathBuf {
    PathBuf::from("/store/journal")
}

fn entry(seed: u8, len: usize) -> Vec<u8> {
    (0..len).map(|i| seed.wrapping_mul(31).wrapping_add(i as u8)).collect()
}

/// Reads everything; `Err` is damage.
pub(crate) fn read_all(disk: &Arc<dyn Disk>, folder: &Path) -> Result<(Vec<Vec<u8>>, Option<Torn>)> {
    let (all, frames) = read(disk, folder)?;
    Ok((all, frames.torn()))
}

fn read(disk: &Arc<dyn Disk>, folder: &Path) -> Result<(Vec<Vec<u8>>, Frames)> {
    let mut frames = Frames::open(disk, folder)?;
    let mut all: Vec<Vec<u8>> = Vec::new();
    while let Some(frame) = frames.next_frame()? {
        all.extend(frame.entries().map(<[u8]>::to_vec));
        assert_eq!(frame.root, root(&all), "the root that is stored is that of the entries");
    }
    assert_eq!(frames.entries(), all.len() as u64);
    Ok((all, frames))
}

fn root(entries: &[Vec<u8>]) -> Hash {
    let mut tree = Tree::new();
    entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    tree.root()
}

fn append(disk: &Arc<dyn Disk>, folder: &Path, batch: &[&[u8]]) {
    create_missing(disk.as_ref(), folder).unwrap();
    let (mut all, frames) = read(disk, folder).unwrap();
    all.extend(batch.iter().map(|entry| entry.to_vec()));
    Journal::append_after(&frames).unwrap().append(batch, root(&all)).unwrap();
}

/// The first segment of a journal of two batches, its entries, and where the head and each batch end.
fn sample() -> (Vec<u8>, Vec<Vec<u8>>, [usize; 3]) {
    let (double, disk) = new();
    let entries: Vec<_> = (0..5u8).map(|i| entry(i, 20 + usize::from(i))).collect();
    let refs: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    append(&disk, &folder(), &refs[..2]);
    append(&disk, &folder(), &refs[2..]);
    let first = HEAD + HEAD + 2 * 4 + 20 + 21;
    (double.content(&segment_path(&folder(), 0)), entries, [HEAD, first, first + HEAD + 3 * 4 + 22 + 23 + 24])
}

fn new() -> (FaultyDisk, Arc<dyn Disk>) {
    let double = FaultyDisk::default();
    let disk = double.shared();
    (double, disk)
}

/// A disk with one segment of these bytes.
fn with(bytes: &[u8]) -> (FaultyDisk, Arc<dyn Disk>) {
    let double = FaultyDisk::with(&[(segment_path(&folder(), 0), bytes.to_vec())]);
    let disk = double.shared();
    (double, disk)
}

fn error(bytes: &[u8]) -> String {
    let (double, disk) = with(bytes);
    let error = read_all(&disk, &folder()).unwrap_err();
    assert_eq!(double.content(&segment_path(&folder(), 0)), bytes, "nothing is changed");
    format!("{error:#}")
}

#[test]
fn entries_read_back_in_order_and_one_by_one_across_segments() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("journal");
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::default());
    create_missing(disk.as_ref(), &folder).unwrap();
    let mut all: Vec<Vec<u8>> = Vec::new();
    let (_, frames) = read(&disk, &folder).unwrap();
    let mut journal = Journal::append_after(&frames).unwrap();
    let mut places = Entries::new(&disk, temporary.path());
    // 0.9 MB: the segments have 256, 256, 512 … KiB.
    for batch in 0..12u8 {
        let entries: Vec<_> = (0..6).map(|i| entry(batch * 6 + i, 12_500 + usize::from(batch) * 50)).collect();
        let refs: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        all.extend(entries.iter().cloned());
        places.extend(&journal.append(&refs, root(&all)).unwrap());
    }
    assert_eq!(journal.entries(), 72);
    for (i, entry) in all.iter().enumerate() {
        assert_eq!(places.read(i as u64).unwrap(), *entry);
        assert_eq!(places.entry_len(i as u64).unwrap(), entry.len());
    }
    assert!(places.read(72).is_err() && places.entry_len(72).is_err());
    let length = |number| std::fs::metadata(segment_path(&folder, number)).unwrap().len();
    assert_eq!([0, 1, 2].map(length), [256 << 10, 256 << 10, 512 << 10]);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
    // Creating again changes nothing.
    create_missing(disk.as_ref(), &folder).unwrap();
    assert_eq!(read_all(&disk, &folder).unwrap(), (all.clone(), None));
    // A reader finds the same places.
    let mut frames = Frames::open(&disk, &folder).unwrap();
    let mut found = Entries::new(&disk, temporary.path());
    while let Some(frame) = frames.next_frame().unwrap() {
        found.extend(&frame.places);
    }
    assert!((0..72).all(|i| found.read(i).unwrap() == all[i as usize]));
    // Segments that do not follow each other.
    std::fs::rename(segment_path(&folder, 1), segment_path(&folder, 7)).unwrap();
    let error = read_all(&disk, &folder).unwrap_err().to_string();
    assert!(error.contains("has 00000002.segment but not 00000001.segment"), "{error}");
    std::fs::copy(segment_path(&folder, 2), segment_path(&folder, 1)).unwrap();
    std::fs::remove_file(segment_path(&folder, 7)).unwrap();
    let error = read_all(&disk, &folder).unwrap_err().to_string();
    assert!(error.contains("is a segment of another journal"), "{error}");
}

#[test]
fn space_is_set_aside_before_it_is_needed() {
    use std::os::unix::fs::MetadataExt;
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("journal");
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::default());
    create_missing(disk.as_ref(), &folder).unwrap();
    let segment = std::fs::metadata(segment_path(&folder, 0)).unwrap();
    assert_eq!(segment.len(), SEGMENT as u64);
    let probe = tempfile::tempfile_in(temporary.path()).unwrap();
    if rustix::fs::fallocate(&probe, rustix::fs::FallocateFlags::empty(), 0, 4096).is_ok() {
        assert!(segment.blocks() * 512 >= SEGMENT as u64, "{} blocks", segment.blocks());
    } else {
        eprintln!("not tested: this file system cannot set space aside");
    }
}

#[test]
fn a_write_that_is_cut_short_at_any_byte_loses_its_own_batch_alone() {
    let (whole, entries, [head, first, second]) = sample();
    let last = |from: &[u8]| from.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    for cut in head..second {
        let (kept, at) = if cut < first { (0, head) } else { (2, first) };
        // The rest was never written, or the file ends there.
        let mut zeros = whole.clone();
        zeros[cut..].fill(0);
        for bytes in [&zeros[..], &whole[..cut]] {
            let (double, disk) = with(bytes);
            let end = last(&bytes[..cut]).max(at);
            let torn = (end > at).then_some(Torn { segment: 0, at: at as u64, bytes: (end - at) as u64 });
            assert_eq!(read_all(&disk, &folder()).unwrap(), (entries[..kept].to_vec(), torn), "cut at {cut}");
            append(&disk, &folder(), &[b"next"]);
            let (all, torn) = read_all(&disk, &folder()).unwrap();
            assert_eq!((all.len(), all.last().map(Vec::as_slice), torn), (kept + 1, Some(&b"next"[..]), None));
            assert_eq!(double.content(&segment_path(&folder(), 0)).len(), SEGMENT);
        }
    }
    for cut in 0..head {
        assert!(error(&whole[..cut]).contains("is not that of a journal"));
    }
}

#[test]
fn any_part_of_an_unfinished_write_loses_its_own_batch_alone() {
    // A disk stores the sectors of a write in any order.
    let (double, disk) = new();
    append(&disk, &folder(), &[b"kept"]);
    let path = segment_path(&folder(), 0);
    let before = double.content(&path);
    let long: Vec<_> = (0..3).map(|i| entry(i, 1000)).collect();
    append(&disk, &folder(), &long.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let after = double.content(&path);
    let sectors: Vec<usize> =
        (0..SEGMENT / 512).filter(|i| before[i * 512..(i + 1) * 512] != after[i * 512..(i + 1) * 512]).collect();
    assert!((6..10).contains(&sectors.len()));
    for chosen in 0..1u32 << sectors.len() {
        let mut bytes = before.clone();
        for (i, sector) in sectors.iter().enumerate().filter(|(i, _)| chosen >> i & 1 == 1) {
            let _ = i;
            bytes[sector * 512..(sector + 1) * 512].copy_from_slice(&after[sector * 512..(sector + 1) * 512]);
        }
        let (_, disk) = with(&bytes);
        let (all, _) = read_all(&disk, &folder()).unwrap();
        assert_eq!(all.len(), if bytes == after { 4 } else { 1 }, "{chosen:b}");
        append(&disk, &folder(), &[b"next"]);
        let (all, torn) = read_all(&disk, &folder()).unwrap();
        assert_eq!((all[0].as_slice(), all.last().unwrap().as_slice(), torn), (&b"kept"[..], &b"next"[..], None));
    }
}

#[test]
fn damage_before_another_batch_is_an_error_that_changes_nothing() {
    let (whole, entries, ends) = sample();
    for at in ends[0]..ends[1] {
        for change in [1u8, 0x80] {
            let mut bad = whole.clone();
            bad[at] ^= change;
            let error = error(&bad);
            assert!(error.contains("is damaged at byte 104 (entry 0)"), "{error}");
            assert!(error.contains(&format!("another batch follows at byte {}", ends[1])), "{error}");
            assert!(error.contains("Restore the journal from a backup"), "{error}");
        }
    }
    let mut gone = whole.clone();
    gone[ends[0]..ends[1]].fill(0);
    let told = error(&gone);
    assert!(told.contains("nothing is stored there, and another batch follows"), "{told}");
    let (first, second) = (&whole[HEAD..ends[1]], &whole[ends[1]..]);
    for bad in [
        [&whole[..HEAD], second].concat(),
        [&whole[..HEAD], first, first].concat(),
        [&whole[..ends[2]], second].concat(),
    ] {
        let error = error(&bad);
        assert!(error.contains("does not follow the one before it"), "{error}");
    }
    // In the last batch a bad byte is a write that was cut short.
    for at in ends[1]..ends[2] {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        assert_eq!(read_all(&with(&bad).1, &folder()).unwrap().0, entries[..2], "byte {at}");
    }
    for at in 0..HEAD {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        assert!(error(&bad).contains("is not that of a journal"), "byte {at}");
    }
}

#[test]
fn the_end_of_a_segment_is_checked_against_the_next_one() {
    let (double, disk) = new();
    let large: Vec<_> = (0..6).map(|i| entry(i, 15_000)).collect();
    let refs: Vec<&[u8]> = large.iter().map(Vec::as_slice).collect();
    for _ in 0..3 {
        append(&disk, &folder(), &refs);
    }
    let [path, next] = [0, 1].map(|number| segment_path(&folder(), number));
    let (bytes, following) = (double.content(&path), double.content(&next));
    let used = 2 * (HEAD + 6 * 15_004) + HEAD;
    let both = |first: &[u8], second: &[u8]| {
        FaultyDisk::with(&[(path.clone(), first.to_vec()), (next.clone(), second.to_vec())]).shared()
    };
    assert_eq!(read_all(&both(&bytes, &following), &folder()).unwrap().0.len(), 18);
    // What was never acknowledged may stand behind the last batch of a segment.
    let mut refused = bytes.clone();
    refused[used..used + 500].fill(7);
    assert_eq!(read_all(&both(&refused, &following), &folder()).unwrap().0.len(), 18);
    // The last batch was synced before the next segment was made.
    let mut bad = bytes.clone();
    bad[used - 1] ^= 1;
    let error = read_all(&both(&bad, &following), &folder()).unwrap_err().to_string();
    assert!(error.contains("00000001.segment begins with entry 12"), "{error}");
    // A head is synced before the segment has its name.
    for at in [0, 20, 40, 60, HEAD - 1] {
        let mut bad = following.clone();
        bad[at] ^= 1;
        assert!(read_all(&both(&bytes, &bad), &folder()).is_err(), "byte {at}");
    }
    let (_, elsewhere) = new();
    append(&elsewhere, &folder(), &[b"x"]);
    let alien = with(&sample().0).0.content(&path);
    let error = read_all(&both(&bytes, &alien), &folder()).unwrap_err().to_string();
    assert!(error.contains("is a segment of another journal"), "{error}");
}

#[test]
fn an_entry_cannot_pretend_to_be_a_batch() {
    // A whole journal of another store inside an entry: its heads have another salt.
    let (foreign, _, ends) = sample();
    let (double, disk) = new();
    append(&disk, &folder(), &[b"first"]);
    append(&disk, &folder(), &[&foreign[..ends[2]]]);
    let mut torn = double.content(&segment_path(&folder(), 0));
    torn[HEAD + HEAD + 4 + 5 + 20] ^= 1;
    assert_eq!(read_all(&with(&torn).1, &folder()).unwrap().0, [b"first".to_vec()]);
}

#[test]
fn a_batch_beyond_the_bounds_is_refused_and_leaves_no_trace() {
    let (whole, entries, _) = sample();
    let (double, disk) = with(&whole);
    let (_, frames) = read(&disk, &folder()).unwrap();
    let mut journal = Journal::append_after(&frames).unwrap();
    let long = vec![0; MAX_ENTRY + 1];
    assert!(journal.append(&[], empty_root()).is_err());
    assert!(journal.append(&[&long], empty_root()).is_err());
    assert!(journal.append(&vec![&b"x"[..]; MAX_FRAME_ENTRIES + 1], empty_root()).is_err());
    let largest = vec![1; MAX_ENTRY];
    assert!(journal.append(&vec![&largest[..]; 129], empty_root()).is_err(), "8 MiB and more");
    assert_eq!(double.content(&segment_path(&folder(), 0)), whole);
    let mut all = entries.clone();
    all.extend(vec![b"x".to_vec(); MAX_FRAME_ENTRIES]);
    journal.append(&vec![&b"x"[..]; MAX_FRAME_ENTRIES], root(&all)).unwrap();
    // A batch that is longer than the next segment would be gets a segment of its length.
    all.extend(vec![largest.clone(); 100]);
    journal.append(&vec![&largest[..]; 100], root(&all)).unwrap();
    assert_eq!(read_all(&disk, &folder()).unwrap(), (all, None));
}

#[test]
fn another_format_is_named() {
    let disk: Arc<dyn Disk> = Arc::new(SystemDisk::default());
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("journal");
    std::fs::write(&path, b"selge journal 1\n0123456789abcdef").unwrap();
    let error = Frames::open(&disk, &path).unwrap_err().to_string();
    assert!(error.contains("is a file, and no journal of this program's version"), "{error}");
    let missing = Frames::open(&disk, &temporary.path().join("nowhere")).unwrap_err().to_string();
    assert!(missing.contains("it is not there"), "{missing}");
    let (whole, ..) = sample();
    let mut future = whole;
    future[14] = b'3';
    assert!(self::error(&future).contains("is not that of a journal of this program's version"));
}
