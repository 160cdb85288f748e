//! The file of the newest signed checkpoint: what exports and `collector status` read, and by which a start knows that
//! nothing which was signed is missing from the journal.
//!
//! It is replaced as a whole, and not synced: it can be signed anew at any time, over the root in the journal. So a power
//! failure can leave an older one, and what was being written can be empty, or have zeros where parts of it should be.

use anyhow::{Context, Result};
use selge_core::manifest::Manifest;
use selge_core::note::{Checkpoint, LogKey, NoteError, MAX_NOTE};
use selge_core::record::CHECKPOINT;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// Writes the newest checkpoint where an export finds it.
pub(crate) fn write(store: &Path, note: &str) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".checkpoint-").tempfile_in(store)?;
    file.write_all(note.as_bytes())?;
    file.persist(store.join(CHECKPOINT)).map_err(|e| e.error)?;
    Ok(())
}

/// What a store has of its newest checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    /// A note that the log has signed, with what it says.
    Signed(String, Checkpoint),
    /// The beginning of one, up to and with the log's own signature: the last lines are torn.
    Torn(String, Checkpoint),
    /// Nothing that can be read.
    Unreadable(NoteError),
    /// Nothing at all.
    Nothing,
}

/// Understands the file's bytes.
///
/// # Errors
/// [`NoteError::Origin`] for a checkpoint of another log: then the store is not this election's.
fn understand(bytes: &[u8], log: &LogKey) -> Result<Found, NoteError> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(Found::Nothing);
    }
    let why = match std::str::from_utf8(bytes).map(|note| (note, Checkpoint::open(note, log))) {
        Ok((note, Ok(checkpoint))) => return Ok(Found::Signed(note.to_owned(), checkpoint)),
        Ok((_, Err(error @ NoteError::Origin { .. }))) => return Err(error),
        Ok((_, Err(error))) => error,
        Err(_) => NoteError::Malformed("not text"),
    };
    // The whole lines before the first byte that cannot be of a note.
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let mut end = text.len();
    while let Some(line) = text.get(..end).and_then(|text| text.rfind('\n')) {
        let whole = text.get(..=line).unwrap_or_default();
        match Checkpoint::open(whole, log) {
            Ok(checkpoint) => return Ok(Found::Torn(whole.to_owned(), checkpoint)),
            Err(error @ NoteError::Origin { .. }) => return Err(error),
            Err(_) => end = line,
        }
    }
    Ok(Found::Unreadable(why))
}

fn find(store: &Path, manifest: &Manifest) -> Result<Found> {
    let path = store.join(CHECKPOINT);
    let shown = path.display();
    let cannot = || format!("cannot read {shown}");
    let mut bytes = Vec::new();
    match File::open(&path) {
        Ok(file) => file.take(MAX_NOTE as u64 + 1).read_to_end(&mut bytes).with_context(cannot)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error).with_context(cannot),
    };
    if bytes.is_empty() || bytes.iter().all(|byte| *byte == 0) {
        tracing::warn!(target: "selge", "{shown} is empty, as a power failure can leave it; a start writes it anew");
    }
    understand(&bytes, &manifest.log_key())
        .with_context(|| format!("{shown} is not a checkpoint of this election's board"))
}

/// The signed checkpoint that a store holds, with its note; `None` if there is none yet or a crash left it unreadable.
///
/// Of a note that is torn behind the log's signature, the lines that are whole.
///
/// # Errors
/// If it is of another log, or the file cannot be read.
pub fn stored(store: &Path, manifest: &Manifest) -> Result<Option<(String, Checkpoint)>> {
    let shown = store.join(CHECKPOINT);
    let shown = shown.display();
    Ok(match find(store, manifest)? {
        Found::Signed(note, checkpoint) => Some((note, checkpoint)),
        Found::Torn(note, checkpoint) => {
            tracing::warn!(
                target: "selge",
                "{shown} is torn behind the log's signature, as a power failure can leave it: cosignatures may be missing \
                 until the witnesses are asked again"
            );
            Some((note, checkpoint))
        }
        Found::Unreadable(error) => {
            tracing::warn!(
                target: "selge",
                "{shown} is damaged ({error}), as a power failure can leave it; a start signs it anew, over what the \
                 journal holds"
            );
            None
        }
        Found::Nothing => None,
    })
}

/// Puts an unreadable checkpoint into `set-aside`, before a new one takes its place: should it turn out that the disk has
/// lost more than a power failure can take, this is a trace of what was signed.
///
/// # Errors
/// If the files cannot be written.
pub(crate) fn set_aside(store: &Path, manifest: &Manifest) -> Result<()> {
    if !matches!(find(store, manifest)?, Found::Unreadable(_)) {
        return Ok(());
    }
    let aside = store.join("set-aside");
    let place = |number: u32| aside.join(format!("checkpoint-{number}"));
    let keep = || -> std::io::Result<()> {
        std::fs::create_dir_all(&aside)?;
        let free = (1..=u32::MAX).map(place).find(|path| !path.exists());
        std::fs::rename(store.join(CHECKPOINT), free.unwrap_or_else(|| place(0)))
    };
    keep().with_context(|| format!("cannot move the damaged checkpoint to {}", aside.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use selge_core::sign::SigningKey;

    fn note() -> (LogKey, Checkpoint, String) {
        let key = SigningKey::from_seed([5; 32]);
        let log = LogKey { origin: "board.example.org/1".into(), key: key.verifying_key() };
        let checkpoint = Checkpoint { origin: log.origin.clone(), size: 77, root: [9; 32] };
        let mut note = checkpoint.sign(&key);
        // As many cosignatures as make it longer than a page.
        for witness in 0..40 {
            note += &format!("\u{2014} witness-{witness}.example/key {}\n", "A".repeat(104));
        }
        assert!(note.len() > 4096);
        (log, checkpoint, note)
    }

    #[test]
    fn whatever_is_left_of_a_note_is_the_signed_one_or_nothing() {
        let (log, checkpoint, note) = note();
        assert_eq!(understand(note.as_bytes(), &log), Ok(Found::Signed(note.clone(), checkpoint.clone())));
        let own_end = note.match_indices('\n').nth(4).unwrap().0 + 1;
        for cut in 0..note.len() {
            let garbage: Vec<u8> = (0..50).map(|i| 0x80 | (cut * 7 + i) as u8).collect();
            for tail in [&[][..], &[0; 5000], &garbage] {
                let torn = [&note.as_bytes()[..cut], tail].concat();
                match understand(&torn, &log).unwrap() {
                    Found::Signed(text, found) | Found::Torn(text, found) => {
                        assert!(cut >= own_end && note.starts_with(&text), "{cut}");
                        assert_eq!(found, checkpoint, "{cut}");
                        assert_eq!(Checkpoint::open(&text, &log), Ok(found), "{cut}");
                    }
                    Found::Unreadable(_) | Found::Nothing => assert!(cut < own_end, "{cut}"),
                }
            }
        }
        // Pages in the middle and at the beginning that were never written.
        for (from, to) in [(0, 4096), (0, 100), (4000, 4096), (300, 1000)] {
            let mut torn = note.clone().into_bytes();
            torn[from..to].fill(0);
            match understand(&torn, &log).unwrap() {
                Found::Torn(_, found) => assert!(found == checkpoint && from >= own_end, "{from}"),
                Found::Unreadable(_) => assert!(from < own_end, "{from}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_the_log_has_not_signed_is_never_taken_for_its_checkpoint() {
        let (log, _, note) = note();
        for (from, to) in [("\n77\n", "\n78\n"), ("\n77\n", "\n7\n"), ("CQkJ", "CQkK")] {
            let changed = note.replacen(from, to, 1);
            assert_ne!(changed, note);
            let found = understand(changed.as_bytes(), &log).unwrap();
            assert!(matches!(found, Found::Unreadable(_)), "{from:?}: {found:?}");
        }
        let other = LogKey { origin: "board.example.org/2".into(), ..log };
        for foreign in [note.clone(), format!("{note}torn")] {
            assert!(matches!(understand(foreign.as_bytes(), &other), Err(NoteError::Origin { .. })));
        }
        assert_eq!(understand(&[0; 5000], &other), Ok(Found::Nothing));
        assert_eq!(understand(b"", &other), Ok(Found::Nothing));
    }
}
