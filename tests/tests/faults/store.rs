//! What a power failure, a bad disk or a clumsy hand does to a store while no collector runs on it.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::Rng;
use std::path::{Path, PathBuf};

/// Bytes of the head of a segment, and of a frame (`collector/src/journal.rs`).
const HEAD: usize = 104;

/// The last segment of a journal, and where its frames end.
pub(crate) fn journal_end(store: &Path) -> (PathBuf, Vec<u8>, usize) {
    let mut segments: Vec<_> = std::fs::read_dir(store.join("journal")).unwrap().map(|f| f.unwrap().path()).collect();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "segment"));
    let last = segments.into_iter().max().unwrap();
    let bytes = std::fs::read(&last).unwrap();
    let mut at = HEAD;
    while let Some(length) = bytes.get(at + 20..at + 24) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        // A kill may have come in the middle of a write: then the torn frame is the end already.
        if length == 0 || at + HEAD + length > bytes.len() {
            break;
        }
        at += HEAD + length;
    }
    (last, bytes, at)
}

/// Does some of it, and says what.
pub(crate) fn damage(store: &Path, rng: &mut StdRng) -> String {
    let mut done = Vec::new();
    if rng.gen_bool(0.4) {
        done.push(tear(store, rng));
    }
    if rng.gen_bool(0.4) {
        done.push(spoil_index(&store.join("index"), rng));
    }
    if rng.gen_bool(0.3) {
        let checkpoint = store.join("checkpoint");
        let mut bytes = std::fs::read(&checkpoint).unwrap_or_default();
        let what = ["emptied", "zeros", "removed", "cut short", "torn"].choose(rng).unwrap();
        let from = rng.gen_range(0..=bytes.len());
        match *what {
            "cut short" => std::fs::write(checkpoint, &bytes[..from]).unwrap(),
            "torn" => {
                bytes[from..].fill(0);
                std::fs::write(checkpoint, bytes).unwrap();
            }
            "emptied" => std::fs::write(checkpoint, b"").unwrap(),
            "zeros" => std::fs::write(checkpoint, [0; 300]).unwrap(),
            _ => std::fs::remove_file(checkpoint).unwrap_or_default(),
        }
        done.push(format!("checkpoint {what}"));
    }
    if rng.gen_bool(0.2) {
        std::fs::write(store.join("journal/unfinished"), b"a segment that a crash cut off").unwrap();
        std::fs::write(store.join("spool/unfinished"), b"an upload that a crash cut off").unwrap();
        done.push("unfinished files".into());
    }
    done.join(", ")
}

/// Leaves part of a frame that was never synced behind the last one.
fn tear(store: &Path, rng: &mut StdRng) -> String {
    let (path, mut bytes, end) = journal_end(store);
    let room = bytes.len() - end;
    let from = end + if rng.gen() { 0 } else { rng.gen_range(0..=room.min(600)) };
    let len = rng.gen_range(0..=(bytes.len() - from).min(5000));
    let torn: Vec<u8> = (0..len).map(|_| rng.gen()).collect();
    bytes[from..from + len].copy_from_slice(&torn);
    std::fs::write(&path, &bytes).unwrap();
    format!("{len} torn bytes behind byte {end}")
}

fn spoil_index(index: &Path, rng: &mut StdRng) -> String {
    let found = std::fs::read_dir(index).into_iter().flatten().map(|f| f.unwrap().path());
    let mut files: Vec<_> = found.filter(|path| path.is_file()).collect();
    files.sort();
    let Some(file) = files.choose(rng).cloned() else { return "no index".into() };
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    match rng.gen_range(0..6) {
        0 => {
            std::fs::remove_dir_all(index).unwrap();
            "index removed".into()
        }
        1 => {
            let garbage: Vec<u8> = (0..rng.gen_range(0..20_000)).map(|_| rng.gen()).collect();
            std::fs::write(&file, garbage).unwrap();
            format!("garbage in index/{name}")
        }
        2 => {
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(&file, &bytes[..rng.gen_range(0..=bytes.len())]).unwrap();
            format!("index/{name} cut short")
        }
        3 => {
            std::fs::write(index.join("snap.0000000000000C15.generating"), b"half a snapshot").unwrap();
            "a snapshot of the index that was being made".into()
        }
        4 => {
            std::fs::remove_file(&file).unwrap();
            format!("index/{name} removed")
        }
        _ => {
            let mut bytes = std::fs::read(&file).unwrap();
            for _ in 0..rng.gen_range(1..20) {
                if let Some(byte) = bytes.choose_mut(rng) {
                    *byte ^= rng.gen::<u8>();
                }
            }
            std::fs::write(&file, bytes).unwrap();
            format!("bytes of index/{name} changed")
        }
    }
}
