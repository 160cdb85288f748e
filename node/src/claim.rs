//! What a party has lent its secret to, noted before it acts: one list per contest, for good.
//!
//! A collector that shows two histories of one election could have two lists shuffled and decrypted that differ in one
//! ballot: the difference of the two results would be that voter's vote. So a mix server shuffles, and a trustee
//! decrypts, one list of a contest and no other, whatever board they are shown and however often they are started.

use crate::files::{read_if_there, write_public};
use anyhow::{bail, Result};
use selge_core::ids::{ContestIndex, Digest};
use std::path::Path;

/// Notes in `folder` that this party has `done` (such as "decrypted") something to a list of a contest, and refuses any
/// other list. The note is on disk when this returns.
///
/// # Errors
/// If another list was noted before, or the folder is not writable.
pub fn claim(folder: &Path, done: &str, id: &str, contest: ContestIndex, list: &Digest) -> Result<()> {
    let path = folder.join(format!("{done}-{contest}"));
    let mark = format!("{list}\n");
    match read_if_there(&path, 128)? {
        None => write_public(&path, mark.as_bytes()),
        Some(before) if before == mark.as_bytes() => Ok(()),
        Some(_) => bail!(
            "{} says that another list of contest {id} has already been {done}: the board has shown two histories, which \
             is evidence against the collector; keep that file and both boards",
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_list_of_a_contest_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (Digest([1; 32]), Digest([2; 32]));
        let claim = |id, contest, list| claim(folder.path(), "decrypted", id, ContestIndex(contest), list);
        claim("mayor", 0, &first).unwrap();
        claim("mayor", 0, &first).unwrap();
        claim("council", 1, &second).unwrap();
        let error = claim("mayor", 0, &second).unwrap_err().to_string();
        assert!(error.contains("another list of contest mayor"), "{error}");
        std::fs::write(folder.path().join("decrypted-0"), "").unwrap();
        assert!(claim("mayor", 0, &first).is_err());
    }
}
