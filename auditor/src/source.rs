//! Where a record is read from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Deepest folder of a record: a tile index has at most seven parts.
const MAX_DEPTH: usize = 12;

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It is not there.
    #[error("the file is missing")]
    Missing,
    /// It is longer than it may be.
    #[error("the file is longer than {0} bytes, the most that it may have")]
    TooLong(u64),
    /// It is a link, a folder or a device.
    #[error("this is not a plain file")]
    NotPlain,
    /// The system does not hand it out.
    #[error("the file cannot be read: {0}")]
    Io(String),
}

/// All that is in a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Paths of all plain files, with `/` between the parts.
    pub files: BTreeSet<String>,
    /// Everything else but folders, with what it is.
    pub odd: Vec<(String, String)>,
}

/// A record: a set of files named by path.
pub trait RecordSource: Sync {
    /// Lists everything.
    ///
    /// # Errors
    /// [`SourceError`] if that cannot be done in full.
    fn list(&self) -> Result<Listing, SourceError>;

    /// Reads one file of at most `max` bytes; never more than that is held in memory.
    ///
    /// # Errors
    /// [`SourceError`].
    fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, SourceError>;
}

/// A record in a folder.
#[derive(Clone, Debug)]
pub struct FolderSource {
    root: PathBuf,
}

impl FolderSource {
    /// The record in this folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        FolderSource { root: root.into() }
    }
}

fn io(error: &std::io::Error) -> SourceError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => SourceError::Missing,
        _ => SourceError::Io(error.to_string()),
    }
}

impl RecordSource for FolderSource {
    fn list(&self) -> Result<Listing, SourceError> {
        let mut listing = Listing::default();
        let mut folders = vec![(self.root.clone(), String::new(), 0)];
        while let Some((folder, prefix, depth)) = folders.pop() {
            for item in fs::read_dir(&folder).map_err(|e| io(&e))? {
                let item = item.map_err(|e| io(&e))?;
                let kind = item.file_type().map_err(|e| io(&e))?;
                let Ok(name) = item.file_name().into_string() else {
                    let name = item.file_name().to_string_lossy().into_owned();
                    listing.odd.push((format!("{prefix}{name}"), "its name is not text".into()));
                    continue;
                };
                let path = format!("{prefix}{name}");
                if kind.is_file() {
                    listing.files.insert(path);
                } else if !kind.is_dir() {
                    let what = if kind.is_symlink() { "it is a link" } else { "it is not a plain file" };
                    listing.odd.push((path, what.into()));
                } else if depth == MAX_DEPTH {
                    listing.odd.push((path, "the folder is nested too deeply".into()));
                } else {
                    folders.push((item.path(), format!("{path}/"), depth + 1));
                }
            }
        }
        listing.odd.sort_unstable();
        Ok(listing)
    }

    fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, SourceError> {
        let mut full = self.root.clone();
        for part in path.split('/') {
            // A link anywhere on the way could lead out of the record.
            if part.is_empty() || part == "." || part == ".." {
                return Err(SourceError::NotPlain);
            }
            full.push(part);
            if fs::symlink_metadata(&full).map_err(|e| io(&e))?.is_symlink() {
                return Err(SourceError::NotPlain);
            }
        }
        read_bounded(&full, max)
    }
}

fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, SourceError> {
    let metadata = fs::metadata(path).map_err(|e| io(&e))?;
    if !metadata.is_file() {
        return Err(SourceError::NotPlain);
    }
    if metadata.len() > max {
        return Err(SourceError::TooLong(max));
    }
    let file = fs::File::open(path).map_err(|e| io(&e))?;
    let mut bytes = Vec::new();
    let room = usize::try_from(metadata.len()).ok().filter(|n| bytes.try_reserve_exact(*n).is_ok());
    if room.is_none() {
        return Err(SourceError::Io(format!("{} bytes do not fit into memory", metadata.len())));
    }
    // The file may grow while it is read.
    file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| io(&e))?;
    if bytes.len() as u64 > max {
        return Err(SourceError::TooLong(max));
    }
    Ok(bytes)
}

/// A record in memory: for tests, and for pages that have fetched a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemorySource {
    /// Contents by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl RecordSource for MemorySource {
    fn list(&self) -> Result<Listing, SourceError> {
        Ok(Listing { files: self.files.keys().cloned().collect(), odd: Vec::new() })
    }

    fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, SourceError> {
        let bytes = self.files.get(path).ok_or(SourceError::Missing)?;
        if bytes.len() as u64 > max {
            return Err(SourceError::TooLong(max));
        }
        Ok(bytes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_too() {
        let source = MemorySource { files: BTreeMap::from([("a".to_owned(), vec![1, 2, 3])]) };
        assert_eq!(source.read("a", 3), Ok(vec![1, 2, 3]));
        assert_eq!(source.read("a", 2), Err(SourceError::TooLong(2)));
        assert_eq!(source.read("b", 2), Err(SourceError::Missing));
    }
}
