//! A record that also may hold what no record may: links.

use selge_auditor::{Listing, MemorySource, RecordSource, SourceError};
use std::collections::BTreeMap;
use std::path::Path;

/// A record in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The plain files, by path.
    pub source: MemorySource,
    /// Symbolic links, with what they point to.
    pub links: BTreeMap<String, String>,
}

impl From<MemorySource> for Record {
    fn from(source: MemorySource) -> Self {
        Record { source, links: BTreeMap::new() }
    }
}

impl RecordSource for Record {
    fn list(&self) -> Result<Listing, SourceError> {
        let odd = self.links.keys().map(|path| (path.clone(), "it is a link".to_owned())).collect();
        Ok(Listing { odd, ..self.source.list()? })
    }

    fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, SourceError> {
        if self.links.contains_key(path) {
            return Err(SourceError::NotPlain);
        }
        self.source.read(path, max)
    }
}

impl Record {
    /// Writes the record into a folder that exists.
    ///
    /// # Errors
    /// Whatever the system says, with the path.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let named = |path: &Path, error: std::io::Error| {
            std::io::Error::new(error.kind(), format!("{} cannot be written: {error}", path.display()))
        };
        for (path, bytes) in &self.source.files {
            let path = folder.join(path);
            path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(|e| named(&path, e))?;
            std::fs::write(&path, bytes).map_err(|e| named(&path, e))?;
        }
        #[cfg(unix)]
        for (path, to) in &self.links {
            let path = folder.join(path);
            path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(|e| named(&path, e))?;
            std::os::unix::fs::symlink(to, &path).map_err(|e| named(&path, e))?;
        }
        Ok(())
    }
}
