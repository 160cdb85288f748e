use super::*;
use crate::entries::Entries;

fn entry(seed: u8, len: usize) -> Vec<u8> {
    (0..len).map(|i| seed.wrapping_mul(31).wrapping_add(i as u8)).collect()
}

/// Reads everything; `Err` is damage.
fn read_all(path: &Path) -> Result<(Vec<Vec<u8>>, Option<Torn>)> {
    let mut frames = Frames::open(path)?;
    let mut all = Vec::new();
    while let Some(frame) = frames.next_frame()? {
        all.extend(frame);
    }
    assert_eq!(frames.entries(), all.len() as u64);
    Ok((all, frames.torn()))
}

fn append(path: &Path, batch: &[&[u8]]) {
    let mut frames = Frames::open(path).unwrap();
    while frames.next_frame().unwrap().is_some() {}
    Journal::append_after(&frames).unwrap().append(batch).unwrap();
}

/// A journal of two batches, its entries, and where each batch ends.
fn sample(folder: &Path) -> (PathBuf, Vec<Vec<u8>>, Vec<u64>) {
    let path = folder.join(JOURNAL);
    Journal::create_missing(&path).unwrap();
    let entries: Vec<_> = (0..5u8).map(|i| entry(i, 20 + usize::from(i))).collect();
    let refs: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    let mut ends = vec![std::fs::metadata(&path).unwrap().len()];
    for batch in [&refs[..2], &refs[2..]] {
        append(&path, batch);
        ends.push(std::fs::metadata(&path).unwrap().len());
    }
    (path, entries, ends)
}

#[test]
fn entries_read_back_in_order_and_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let (path, entries, _) = sample(folder.path());
    assert_eq!(read_all(&path).unwrap(), (entries.clone(), None));
    let mut frames = Frames::open(&path).unwrap();
    let mut places = Entries::open(&path).unwrap();
    while let Some(frame) = frames.next_frame().unwrap() {
        places.push_frame(&frames, &frame);
    }
    let mut journal = Journal::append_after(&frames).unwrap();
    for (at, len) in journal.append(&[b"sixth", b"seventh"]).unwrap() {
        places.push(at, len);
    }
    for (i, entry) in entries.iter().map(Vec::as_slice).chain([&b"sixth"[..], b"seventh"]).enumerate() {
        assert_eq!(places.read(i as u64).unwrap(), entry);
        assert_eq!(places.entry_len(i as u64), Some(entry.len()));
    }
    assert!(places.read(7).is_err());
    assert_eq!(journal.entries(), 7);
    // Creating again changes nothing.
    Journal::create_missing(&path).unwrap();
    assert_eq!(read_all(&path).unwrap().0.len(), 7);
}

#[test]
fn a_write_that_is_cut_short_at_any_byte_loses_its_own_batch_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (path, entries, ends) = sample(folder.path());
    let whole = std::fs::read(&path).unwrap();
    let [head, first, second] = ends[..] else { panic!("two batches") };
    for cut in head..second {
        std::fs::write(&path, &whole[..cut as usize]).unwrap();
        let (kept, at) = if cut < first { (0, head) } else { (2, first) };
        let torn = (cut > at).then_some(Torn { at, bytes: cut - at });
        assert_eq!(read_all(&path).unwrap(), (entries[..kept].to_vec(), torn), "cut at {cut}");
        append(&path, &[b"next"]);
        let (all, torn) = read_all(&path).unwrap();
        assert_eq!((all.len(), all.last().map(Vec::as_slice), torn), (kept + 1, Some(&b"next"[..]), None));
    }
    // The file's length is stored before its content: the tail is zeros.
    for cut in first..second {
        let mut zeros = whole.clone();
        zeros[cut as usize..].fill(0);
        std::fs::write(&path, &zeros).unwrap();
        assert_eq!(read_all(&path).unwrap().0, entries[..2], "zeros from {cut}");
    }
    for cut in 0..head {
        std::fs::write(&path, &whole[..cut as usize]).unwrap();
        assert!(read_all(&path).unwrap_err().to_string().contains("is not a journal"));
    }
}

#[test]
fn damage_before_another_batch_is_an_error_that_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, entries, ends) = sample(folder.path());
    let whole = std::fs::read(&path).unwrap();
    for at in ends[0]..ends[1] {
        for change in [1u8, 0x80] {
            let mut bad = whole.clone();
            bad[at as usize] ^= change;
            std::fs::write(&path, &bad).unwrap();
            let error = read_all(&path).unwrap_err().to_string();
            assert!(error.contains("is damaged at byte 32 (entry 0)"), "{error}");
            assert!(error.contains(&format!("another batch follows at byte {}", ends[1])), "{error}");
            assert!(error.contains("Restore the file from a backup"), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), bad);
        }
    }
    let (first, second) = (&whole[32..ends[1] as usize], &whole[ends[1] as usize..]);
    for bad in [[&whole[..32], second].concat(), [&whole[..32], first, first].concat(), [&whole, second].concat()] {
        std::fs::write(&path, bad).unwrap();
        let error = read_all(&path).unwrap_err().to_string();
        assert!(error.contains("does not follow the one before it"), "{error}");
    }
    // In the last batch a bad byte is a write that was cut short.
    for at in ends[1]..ends[2] {
        let mut bad = whole.clone();
        bad[at as usize] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        assert_eq!(read_all(&path).unwrap().0, entries[..2], "byte {at}");
    }
}

#[test]
fn an_entry_cannot_pretend_to_be_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(JOURNAL);
    Journal::create_missing(&path).unwrap();
    // A whole journal of another store inside an entry: its heads have another salt.
    let other = tempfile::tempdir().unwrap();
    let (foreign, ..) = sample(other.path());
    let foreign = std::fs::read(foreign).unwrap();
    append(&path, &[b"first"]);
    let kept = std::fs::metadata(&path).unwrap().len();
    append(&path, &[&foreign]);
    let mut torn = std::fs::read(&path).unwrap();
    torn[kept as usize + 20] ^= 1;
    std::fs::write(&path, torn).unwrap();
    assert_eq!(read_all(&path).unwrap().0, [b"first".to_vec()]);
}

#[test]
fn a_batch_beyond_the_bounds_is_refused_and_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (path, entries, ends) = sample(folder.path());
    let mut frames = Frames::open(&path).unwrap();
    while frames.next_frame().unwrap().is_some() {}
    let mut journal = Journal::append_after(&frames).unwrap();
    let long = vec![0; MAX_ENTRY + 1];
    assert!(journal.append(&[]).is_err());
    assert!(journal.append(&[&long]).is_err());
    assert!(journal.append(&vec![&b"x"[..]; MAX_FRAME_ENTRIES + 1]).is_err());
    assert_eq!(std::fs::metadata(&path).unwrap().len(), ends[2]);
    journal.append(&vec![&b"x"[..]; MAX_FRAME_ENTRIES]).unwrap();
    assert_eq!(read_all(&path).unwrap().0.len(), entries.len() + MAX_FRAME_ENTRIES);
}
