//! Which files there are to be fetched of a record at an address. What is fetched is believed nowhere: the audit checks it.

use crate::message::Answer;
use selge_core::codec::Decode;
use selge_core::entry::SignedEntry;
use selge_core::record::{entry_bundles, file_path, hash_tiles, read_bundle};
use std::collections::BTreeSet;

/// Most entries of a record that a page fetches: a browser's memory is smaller than longer ones.
const MAX_ENTRIES: u64 = 1 << 24;

/// The paths of the tree that a checkpoint says there is. Whose signature it bears is the audit's to check.
pub(crate) fn tree(checkpoint: &[u8]) -> Answer {
    let size = std::str::from_utf8(checkpoint).ok().and_then(|note| note.lines().nth(1)).map(str::parse::<u64>);
    let Some(Ok(size)) = size else {
        return Answer::problem("no-record", "the file `checkpoint` there is no checkpoint of a log");
    };
    if size > MAX_ENTRIES {
        let detail = format!("the checkpoint is of {size} entries, a page fetches at most {MAX_ENTRIES}");
        return Answer::problem("too-large", detail);
    }
    let bundles: Vec<_> = entry_bundles(size).map(|bundle| (bundle.path(), bundle.width)).collect();
    let tiles: Vec<_> = hash_tiles(size).map(|tile| tile.path()).collect();
    Answer::default().with("bundles", bundles).with("tiles", tiles)
}

/// The paths of the files that a bundle's entries name; what cannot be read names nothing, and fails in the audit.
pub(crate) fn named(bundle: &[u8], width: u64) -> Answer {
    let entries = read_bundle(bundle, width).unwrap_or_default();
    let entries = entries.iter().filter_map(|bytes| SignedEntry::from_bytes(bytes).ok());
    let files: BTreeSet<String> =
        entries.flat_map(|entry| entry.body.files()).map(|digest| file_path(&digest)).collect();
    Answer::default().with("files", files)
}
