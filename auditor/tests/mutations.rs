//! Whatever happens to the bytes of a record, the auditor neither passes it nor panics.
//!
//! The smallest election is small enough to change every byte of its small files and every few of the others; each
//! record below is verified in full.

mod support;

use rayon::prelude::*;
use selge_auditor::{render, MemorySource, Status, Verdict};
use std::sync::LazyLock;
use support::{assert_fails, audit, Board};

static SMALLEST: LazyLock<MemorySource> = LazyLock::new(|| Board::smallest().record());
static TOWN: LazyLock<MemorySource> = LazyLock::new(|| Board::town().record());

/// Below this every byte is changed, above it every `STEP`-th, from a different start in every file.
const SMALL: usize = 1024;
const STEP: usize = 7;

fn changed(record: &MemorySource, path: &str, change: impl Fn(&mut Vec<u8>)) -> MemorySource {
    let mut record = record.clone();
    change(record.files.get_mut(path).unwrap());
    record
}

/// Audits every changed record and checks that none passes.
fn none_passes(cases: Vec<(String, MemorySource)>) {
    cases.par_iter().for_each(|(what, record)| {
        let report = audit(record);
        assert_ne!(report.verdict, Verdict::Passed, "{what}\n{}", render(&report));
    });
}

#[test]
fn the_records_themselves_pass() {
    for record in [&*SMALLEST, &*TOWN] {
        let report = audit(record);
        assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    }
}

#[test]
fn no_record_with_a_changed_byte_passes() {
    let mut tried = 0;
    for (nth, (path, bytes)) in SMALLEST.files.iter().enumerate() {
        let (start, step) = if bytes.len() <= SMALL { (0, 1) } else { (nth % STEP, STEP) };
        let cases: Vec<usize> = (start..bytes.len()).step_by(step).collect();
        tried += cases.len();
        cases.par_iter().for_each(|at| {
            let flip = 1 << (at % 8);
            let record = changed(&SMALLEST, path, |bytes| bytes[*at] ^= flip);
            let report = audit(&record);
            assert_ne!(report.verdict, Verdict::Passed, "{path}, byte {at} ^ {flip}\n{}", render(&report));
        });
    }
    assert!(tried > 2000, "only {tried} changes were tried");
}

#[test]
fn no_larger_record_with_a_changed_byte_passes() {
    let cases = TOWN.files.iter().flat_map(|(path, bytes)| {
        let step = bytes.len() / 6 + 1;
        (0..bytes.len()).step_by(step).map(move |at| {
            let what = format!("{path}, byte {at}");
            (what, changed(&TOWN, path, |bytes| bytes[at] = bytes[at].wrapping_add(1)))
        })
    });
    none_passes(cases.collect());
}

#[test]
fn no_record_with_a_removed_emptied_shortened_or_lengthened_file_passes() {
    for record in [&*SMALLEST, &*TOWN] {
        for path in record.files.keys() {
            let mut removed = record.clone();
            removed.files.remove(path);
            let report = audit(&removed);
            // Nothing that is there is wrong: the record is incomplete, and what is missing is named.
            assert_eq!(report.verdict, Verdict::Incomplete, "{path} removed\n{}", render(&report));
            // Which width the first bundle must have is known only from what it holds.
            let name = if path.starts_with("tile/entries/000") { "tile/entries/000" } else { path };
            let named = report.checks.iter().any(|c| c.missing.iter().any(|m| m.contains(name)));
            assert!(named, "{path}\n{}", render(&report));
        }
        let cases = record.files.iter().flat_map(|(path, bytes)| {
            let len = bytes.len();
            [
                (format!("{path} emptied"), changed(record, path, Vec::clear)),
                (format!("{path} without its last byte"), changed(record, path, |b| b.truncate(len - 1))),
                (format!("{path} cut in half"), changed(record, path, |b| b.truncate(len / 2))),
                (format!("{path} with a byte more"), changed(record, path, |b| b.push(0))),
                (format!("{path} twice"), changed(record, path, |b| b.extend_from_within(..))),
                (format!("{path} reversed"), changed(record, path, |b| b.reverse())),
            ]
        });
        none_passes(cases.collect());
    }
}

#[test]
fn an_extra_file_is_named() {
    for path in [
        "files/0000000000000000000000000000000000000000000000000000000000000000",
        "files/readme",
        "note.txt",
        "checkpoint.old",
        "tile/0/000",
        "tile/entries/000.p/3",
        "tile/entries/001",
        "tile/7/000.p/1",
        "tile/entries/x000/000",
    ] {
        let mut record = SMALLEST.clone();
        record.files.insert(path.to_owned(), b"x".to_vec());
        let report = audit(&record);
        assert_fails(&report, "FILE-3", path);
    }
    // A full first bundle beside the partial one is read first, and is no bundle.
    let mut record = SMALLEST.clone();
    record.files.insert("tile/entries/000".to_owned(), b"x".to_vec());
    assert_eq!(audit(&record).verdict, Verdict::Failed);
}

#[test]
fn swapped_files_do_not_pass() {
    let paths: Vec<&String> = SMALLEST.files.keys().collect();
    let mut cases = Vec::new();
    for (i, a) in paths.iter().enumerate() {
        for b in &paths[i + 1..] {
            let mut record = SMALLEST.clone();
            let (of_a, of_b) = (record.files[*a].clone(), record.files[*b].clone());
            record.files.insert((*a).clone(), of_b);
            record.files.insert((*b).clone(), of_a);
            cases.push((format!("{a} and {b} swapped"), record));
        }
    }
    none_passes(cases);
}

#[test]
fn a_hash_tile_of_other_hashes_is_named() {
    let path = SMALLEST.files.keys().find(|p| p.starts_with("tile/0/")).unwrap().clone();
    let report = audit(&changed(&SMALLEST, &path, |bytes| bytes[40] ^= 4));
    assert_fails(&report, "BOARD-4", &path);
    let failed = report.checks.iter().filter(|c| c.status == Status::Failed).count();
    assert_eq!(failed, 1, "{}", render(&report));
}
