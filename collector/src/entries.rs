//! Single entries of the journal, by their index: places and bytes are on disk.

use crate::disk::{read_exact_at, Access, Disk, DiskFile};
use crate::journal::{segment_path, Place, JOURNAL};
use crate::records::Records;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Segments that are kept open.
const OPEN: usize = 64;

fn to_record(place: &Place) -> [u8; 16] {
    (u128::from(place.segment) << 96 | u128::from(place.len) << 64 | u128::from(place.at)).to_be_bytes()
}

fn from_record(record: [u8; 16]) -> Place {
    let number = u128::from_be_bytes(record);
    Place { segment: (number >> 96) as u32, len: (number >> 64) as u32, at: number as u64 }
}

/// Reads single entries by their index.
#[derive(Debug)]
pub struct Entries {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    places: Records<16>,
    open: Mutex<BTreeMap<u32, Arc<dyn DiskFile>>>,
}

impl Entries {
    /// A reader of the journal of `store` that knows no entry yet.
    pub fn new(disk: &Arc<dyn Disk>, store: &Path) -> Self {
        let (disk, folder) = (Arc::clone(disk), store.join(JOURNAL));
        Entries { disk, folder, places: Records::new(store), open: Mutex::default() }
    }

    /// Learns where the next entries lie.
    pub fn extend(&mut self, places: &[Place]) {
        places.iter().for_each(|place| self.places.push(to_record(place)));
    }

    /// Frees the memory of the places that came since.
    pub fn flush(&mut self) {
        self.places.flush();
    }

    fn place(&self, index: u64) -> std::io::Result<Place> {
        let record = self.places.get(index)?;
        record.map(from_record).ok_or_else(|| std::io::Error::other(format!("there is no entry {index}")))
    }

    /// The length of an entry.
    ///
    /// # Errors
    /// If there is no such entry or its place cannot be read.
    pub fn entry_len(&self, index: u64) -> std::io::Result<usize> {
        Ok(self.place(index)?.len as usize)
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// If there is no such entry or the file cannot be read.
    pub fn read(&self, index: u64) -> std::io::Result<Vec<u8>> {
        let place = self.place(index)?;
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
