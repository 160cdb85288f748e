//! Single entries of the journal, by their index: their places are in memory, their bytes on disk.

use crate::disk::{read_exact_at, Access, Disk, DiskFile};
use crate::journal::{segment_path, Place};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Segments that are kept open.
const OPEN: usize = 64;

/// Reads single entries by their index.
#[derive(Debug)]
pub struct Entries {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    places: Vec<Place>,
    open: Mutex<BTreeMap<u32, Arc<dyn DiskFile>>>,
}

impl Entries {
    /// A reader of the journal in `folder` that knows no entry yet.
    pub fn new(disk: &Arc<dyn Disk>, folder: &Path) -> Self {
        Entries { disk: Arc::clone(disk), folder: folder.to_owned(), places: Vec::new(), open: Mutex::default() }
    }

    /// Learns where the next entries lie.
    pub fn extend(&mut self, places: &[Place]) {
        self.places.extend_from_slice(places);
    }

    /// The length of an entry.
    pub fn entry_len(&self, index: u64) -> Option<usize> {
        self.places.get(usize::try_from(index).ok()?).map(|p| p.len as usize)
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// If there is no such entry or the file cannot be read.
    pub fn read(&self, index: u64) -> std::io::Result<Vec<u8>> {
        let place = usize::try_from(index).ok().and_then(|i| self.places.get(i));
        let place = place.ok_or_else(|| std::io::Error::other(format!("there is no entry {index}")))?;
        let mut bytes = vec![0; place.len as usize];
        read_exact_at(self.segment(place.segment)?.as_ref(), &mut bytes, place.at)?;
        Ok(bytes)
    }

    fn segment(&self, number: u32) -> std::io::Result<Arc<dyn DiskFile>> {
        // Nobody panics while holding it.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&number) {
            return Ok(Arc::clone(file));
        }
        let file = self.disk.open(&segment_path(&self.folder, number), Access::Read)?;
        if open.len() >= OPEN {
            open.pop_first();
        }
        open.insert(number, Arc::clone(&file));
        Ok(file)
    }
}
