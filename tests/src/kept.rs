//! Elections whose ballots are made once and kept in a folder: making them is the voters' work, and most of the time.

use anyhow::{Context, Result};
use selge_core::ids::LeafHash;
use selge_core::tree::leaf_hash;
use std::io::{BufWriter, Write};
use std::path::Path;

/// A ballot as it is handed in.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The entry's canonical bytes.
    pub bytes: Vec<u8>,
    /// Their leaf hash.
    pub leaf: LeafHash,
}

/// Writes signed ballots to a file that is there either whole or not at all.
///
/// # Errors
/// If it cannot be written.
pub fn write_ballots(path: &Path, entries: &[Vec<u8>]) -> Result<()> {
    write_whole(path, |file| {
        for entry in entries {
            file.write_all(&u32::try_from(entry.len())?.to_be_bytes())?;
            file.write_all(entry)?;
        }
        Ok(())
    })
}

/// Writes a file that is there either whole or not at all.
///
/// # Errors
/// If it cannot be written.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut BufWriter<std::fs::File>) -> Result<()>) -> Result<()> {
    let partial = path.with_extension("part");
    let done = || -> Result<()> {
        let mut file = BufWriter::new(std::fs::File::create(&partial)?);
        write(&mut file)?;
        file.into_inner()?.sync_all()?;
        Ok(std::fs::rename(&partial, path)?)
    };
    done().with_context(|| format!("cannot write {}", path.display()))
}

/// The ballots of a file that [`write_ballots`] has written.
///
/// # Errors
/// If it cannot be read or ends within a ballot.
pub fn read_ballots(path: &Path) -> Result<Vec<Ready>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut ready = Vec::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let cut = || format!("{} ends within a ballot: remove it, and it is made anew", path.display());
        let (len, after) = rest.split_first_chunk::<4>().with_context(cut)?;
        let (entry, after) = after.split_at_checked(u32::from_be_bytes(*len) as usize).with_context(cut)?;
        ready.push(Ready { bytes: entry.to_vec(), leaf: leaf_hash(entry) });
        rest = after;
    }
    Ok(ready)
}

/// Copies a folder with all that is in it.
///
/// # Errors
/// Naming the file that cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for found in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let found = found?;
        let target = to.join(found.file_name());
        if found.file_type()?.is_dir() {
            copy_folder(&found.path(), &target)?;
        } else {
            std::fs::copy(found.path(), &target).with_context(|| format!("cannot copy to {}", target.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ballots_come_back_and_a_file_that_is_cut_short_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ballots");
        let entries = [vec![1, 2, 3], Vec::new(), vec![4; 300]];
        write_ballots(&path, &entries).unwrap();
        let read = read_ballots(&path).unwrap();
        assert_eq!(read.iter().map(|r| r.bytes.clone()).collect::<Vec<_>>(), entries);
        assert_eq!(read[0].leaf, leaf_hash(&entries[0]));
        let bytes = std::fs::read(&path).unwrap();
        for cut in [1, 6, 8, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let error = read_ballots(&path).unwrap_err().to_string();
            assert!(error.contains("ends within a ballot"), "{error}");
        }
    }
}
