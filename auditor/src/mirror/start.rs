//! Whose board is followed: the log's key, from somewhere else than the board.

use super::fetch::Web;
use super::{Folder, Trouble};
use selge_core::codec::{Decode, Reader};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{Digest, ElectionId};
use selge_core::manifest::{Manifest, MAX_MANIFEST};
use selge_core::note::{LogKey, MAX_NOTE};
use selge_core::record::{file_path, TileRef, CHECKPOINT, TILE_WIDTH};

/// Name of the file with the log's key.
const PIN: &str = "log.vkey";

/// Longest verifier key that is read.
const MAX_VKEY: u64 = 4096;

/// The key that the folder was made for, or `given`; both must be the same if there are both.
pub(crate) fn pin(folder: &Folder, given: Option<LogKey>) -> Result<Option<LogKey>, Trouble> {
    let pinned = match folder.read(PIN, MAX_VKEY) {
        None => None,
        Some(bytes) => {
            let text = String::from_utf8(bytes).unwrap_or_default();
            let key = LogKey::from_vkey(text.trim_end());
            Some(key.map_err(|error| Trouble::Usage(format!("the folder's file `{PIN}` does not hold: {error}")))?)
        }
    };
    match (pinned, given) {
        (Some(pinned), Some(given)) if pinned != given => Err(Trouble::Usage(format!(
            "this folder is a mirror of the log {}, not of {}: give another folder, or the right manifest",
            pinned.vkey(),
            given.vkey()
        ))),
        (Some(pinned), _) => Ok(Some(pinned)),
        (None, Some(given)) => {
            folder.write(PIN, format!("{}\n", given.vkey()).as_bytes())?;
            Ok(Some(given))
        }
        (None, None) => Ok(None),
    }
}

/// The manifest that the server's board begins with: its word, unless it must be that of `election`.
pub(crate) fn first_use(web: &Web, election: Option<&ElectionId>) -> Result<Manifest, Trouble> {
    let bad = |words: String| Trouble::Bad(words);
    let note = String::from_utf8(web.get(CHECKPOINT, MAX_NOTE as u64)?).unwrap_or_default();
    let size: Option<u64> = note.lines().nth(1).and_then(|line| line.parse().ok());
    let size = size.filter(|size| *size > 0).ok_or_else(|| bad("the server's checkpoint is none of a board".into()))?;
    let bundle = TileRef { level: None, index: 0, width: size.min(TILE_WIDTH) };
    let bytes = super::tiles::server_bundle(web, &bundle)?;
    let mut reader = Reader::new(&bytes);
    let entry = reader.u16("entry length").and_then(|length| reader.take(length.into(), "board entry"));
    let entry = entry.and_then(SignedEntry::from_bytes).map_err(|error| bad(format!("entry 0: {error}")))?;
    let EntryBody::Manifest(digest) = entry.body else {
        return Err(bad(format!("the board begins with a {}, not with a manifest", entry.body.kind())));
    };
    if election.is_some_and(|election| election.0 != digest.0) {
        return Err(bad(format!("the server shows the election {digest}, not the one that you asked for")));
    }
    let bytes = web.get(&file_path(&digest), MAX_MANIFEST as u64)?;
    if Digest::of(&bytes) != digest {
        return Err(bad(format!("{}: its SHA-256 is not its name", file_path(&digest))));
    }
    Manifest::parse(&bytes).map_err(|error| bad(format!("the board's manifest does not hold: {error}")))
}
