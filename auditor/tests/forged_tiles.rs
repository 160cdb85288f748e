//! Tiles, bundles and checkpoints of another size of the same honest board.

mod support;

use selge_auditor::{render, MemorySource, Status, Verdict};
use selge_core::codec::Encode;
use selge_core::entry::CancellationReason;
use selge_core::note::Checkpoint;
use selge_core::record::{bundle, CHECKPOINT};
use std::sync::LazyLock;
use support::stages::DONE;
use support::{assert_fails, audit, smallest, Board, Plan};

/// A finished board of more than 256 entries.
static LARGE: LazyLock<Board> = LazyLock::new(|| {
    let mut board = Board::prepare(&Plan { voters: vec![0; 262], ..smallest() });
    board.vote(0);
    board.vote(1);
    (2..262).for_each(|voter| board.cancel(voter, CancellationReason::PaperVote));
    board.finish_with(&[1]);
    board
});

fn shortened(board: &Board, size: usize) -> Board {
    let mut board = board.clone();
    board.entries.truncate(size);
    board
}

fn with(record: &MemorySource, other: &MemorySource, paths: impl Fn(&str) -> bool) -> MemorySource {
    let mut record = record.clone();
    record.files.extend(other.files.iter().filter(|(p, _)| paths(p)).map(|(p, b)| (p.clone(), b.clone())));
    record
}

#[test]
fn a_signed_checkpoint_of_an_earlier_size_fits_no_later_record() {
    let size = LARGE.entries.len();
    for earlier in [1, 10, 255, 256, 257, size - 1] {
        let old = shortened(&LARGE, earlier).record();
        let mixed = with(&LARGE.record(), &old, |p| p == CHECKPOINT);
        let report = audit(&mixed);
        assert_ne!(report.verdict, Verdict::Passed, "{earlier}\n{}", render(&report));
        // With the earlier tiles beside the later ones the later ones are superfluous.
        let both = with(&LARGE.record(), &old, |_| true);
        let report = audit(&both);
        assert_eq!(report.check("FILE-3").unwrap().status, Status::Failed, "{earlier}\n{}", render(&report));
    }
}

#[test]
fn a_partial_tile_beside_the_full_one_is_superfluous() {
    let record = LARGE.record();
    let entries: Vec<Vec<u8>> = LARGE.entries.iter().map(Encode::to_bytes).collect();
    for width in [1usize, 100, 255] {
        let mut more = record.clone();
        let part = bundle(entries[..width].iter().map(Vec::as_slice)).unwrap();
        let path = format!("tile/entries/000.p/{width}");
        more.files.insert(path.clone(), part);
        assert_fails(&audit(&more), "FILE-3", &path);
        let mut more = record.clone();
        let path = format!("tile/0/000.p/{width}");
        more.files.insert(path.clone(), record.files["tile/0/000"][..32 * width].to_vec());
        assert_fails(&audit(&more), "FILE-3", &path);
        // In its stead it is not what is called for.
        let mut stead = more;
        stead.files.remove("tile/0/000");
        assert_fails(&audit(&stead), "FILE-3", &path);
    }
}

#[test]
fn a_wider_or_narrower_tile_under_another_width_is_refused() {
    let record = LARGE.record();
    let last = LARGE.entries.len() % 256;
    let (tile, entries) = (format!("tile/0/001.p/{last}"), format!("tile/entries/001.p/{last}"));
    let other = |path: &str, bytes: Vec<u8>| {
        let mut record = record.clone();
        assert_ne!(record.files[path], bytes);
        record.files.insert(path.to_owned(), bytes);
        audit(&record)
    };
    let hashes = &record.files[&tile];
    assert_fails(&other(&tile, hashes[..hashes.len() - 32].to_vec()), "BOARD-4", &tile);
    assert_fails(&other(&tile, [&hashes[..], &hashes[..32]].concat()), "BOARD-4", &tile);
    assert_fails(&other("tile/0/000", record.files["tile/0/000"][..32 * 255].to_vec()), "BOARD-4", "tile/0/000");
    let part = |from: usize, to: usize| {
        bundle(LARGE.entries[from..to].iter().map(Encode::to_bytes).collect::<Vec<_>>().iter().map(Vec::as_slice))
            .unwrap()
    };
    let size = LARGE.entries.len();
    assert_fails(&other(&entries, part(256, size - 1)), "BOARD-2", &entries);
    assert_fails(&other(&entries, part(255, size)), "BOARD-2", &entries);
    // Exactly as many, but not these.
    assert_fails(&other(&entries, part(0, last)), "BOARD-3", "the collector");
}

#[test]
fn a_checkpoint_with_more_in_it_is_refused() {
    let record = LARGE.record();
    let note = String::from_utf8(record.files[CHECKPOINT].clone()).unwrap();
    let signature = note.lines().last().unwrap().to_owned();
    let root_end = note.find("\n\n").unwrap();
    let other = |note: String| {
        let mut record = record.clone();
        record.files.insert(CHECKPOINT.to_owned(), note.into_bytes());
        audit(&record)
    };
    for bad in [
        format!("{note}{signature}\n"),
        format!("{}\nextension{}", &note[..root_end], &note[root_end..]),
        format!("\n{note}"),
        format!("{note}\n"),
        note.replace('\n', "\r\n"),
        note.replacen(&LARGE.entries.len().to_string(), &format!("0{}", LARGE.entries.len()), 1),
        format!("{note}\u{2014} other.example\n"),
    ] {
        assert_fails(&other(bad), "BOARD-1", "the collector");
    }
    // A witness's line, which nobody here can check, is left alone (LOG-4).
    let report = other(format!("{note}\u{2014} witness.example AAAAAAAA\n"));
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
}

#[test]
fn a_huge_signed_size_costs_nothing() {
    let origin = DONE.manifest.log_key().origin;
    for size in [DONE.entries.len() as u64 + 1, 1 << 40, u64::MAX] {
        let mut record = DONE.record();
        let checkpoint = Checkpoint { origin: origin.clone(), size, root: [1; 32] };
        record.files.insert(CHECKPOINT.to_owned(), checkpoint.sign(&DONE.keys.collector).into_bytes());
        let report = audit(&record);
        assert_ne!(report.verdict, Verdict::Passed);
        assert_eq!(report.check("BOARD-2").unwrap().status, Status::NotRun, "{}", render(&report));
    }
}
