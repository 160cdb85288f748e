//! Single entries of the journal, by their index: their places are in memory, their bytes on disk.

use crate::journal::Frames;
use anyhow::{Context, Result};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Where an entry lies in the file.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
    len: u32,
}

/// Reads single entries by their index.
#[derive(Debug)]
pub struct Entries {
    file: File,
    places: Vec<Place>,
}

impl Entries {
    /// A reader of the journal at `path` that knows no entry yet.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open the journal {}", path.display()))?;
        Ok(Entries { file, places: Vec::new() })
    }

    /// Learns where the next entry lies.
    pub fn push(&mut self, at: u64, len: u32) {
        self.places.push(Place { at, len });
    }

    /// Learns the frame that `frames` has just read.
    pub fn push_frame(&mut self, frames: &Frames, entries: &[Vec<u8>]) {
        let bytes: u64 = entries.iter().map(|e| 4 + e.len() as u64).sum();
        let mut at = frames.position() - bytes;
        for entry in entries {
            self.push(at + 4, entry.len() as u32);
            at += 4 + entry.len() as u64;
        }
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
        self.file.read_exact_at(&mut bytes, place.at)?;
        Ok(bytes)
    }
}
