//! A growing list of records of one length, on disk and not in memory: what is needed of every entry although few of them are
//! asked for.
//!
//! It is a cache of one run. Its file has no name, so that nobody else can open it and a crash leaves nothing behind; every
//! start fills it again from the journal. What cannot be written is kept in memory until it can be.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Records that wait for [`Records::flush`], at most, while many are added at a time.
const WAITING: usize = 4096;

/// Records of `N` bytes, by their place.
#[derive(Debug)]
pub(crate) struct Records<const N: usize> {
    file: Option<File>,
    /// So many are in the file; the others follow in `rest`.
    written: u64,
    rest: Vec<[u8; N]>,
    /// Whether the last attempt to write failed.
    full: bool,
}

impl<const N: usize> Records<N> {
    /// No records yet, to be kept on the disk of `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        let file = tempfile::tempfile_in(folder);
        if let Err(error) = &file {
            // As on a disk that is full or cannot be written at all, from which readers are served.
            tracing::warn!(target: "selge", "what is found again by the journal is kept in memory, no file can be made in {}: {error}", folder.display());
        }
        Records { file: file.ok(), written: 0, rest: Vec::new(), full: false }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.written + self.rest.len() as u64
    }

    /// Adds a record.
    pub(crate) fn push(&mut self, record: [u8; N]) {
        self.rest.push(record);
        if self.rest.len() >= WAITING && !self.full {
            self.flush();
        }
    }

    /// Writes what waits in memory. It stays there if that fails, and the next time tries again.
    pub(crate) fn flush(&mut self) {
        let Some(file) = &self.file else { return };
        match file.write_all_at(self.rest.as_flattened(), self.written * N as u64) {
            Ok(()) => {
                self.written = self.len();
                self.rest.clear();
                self.rest.shrink_to(WAITING);
                self.full = false;
            }
            Err(error) if !self.full => {
                self.full = true;
                tracing::warn!(target: "selge", "what is found again by the journal cannot be written and is kept in memory: {error}");
            }
            Err(_) => {}
        }
    }

    /// The record at a place, if there is one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn get(&self, at: u64) -> std::io::Result<Option<[u8; N]>> {
        if let Some(at) = at.checked_sub(self.written) {
            return Ok(usize::try_from(at).ok().and_then(|at| self.rest.get(at)).copied());
        }
        let Some(file) = &self.file else { return Ok(None) };
        let mut record = [0; N];
        file.read_exact_at(&mut record, at * N as u64)?;
        Ok(Some(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: u64) -> [u8; 8] {
        n.to_be_bytes()
    }

    fn holds(records: &Records<8>, n: u64) {
        assert_eq!(records.len(), n);
        (0..n).for_each(|at| assert_eq!(records.get(at).unwrap(), Some(record(at))));
        assert_eq!(records.get(n).unwrap(), None);
        assert_eq!(records.get(u64::MAX).unwrap(), None);
    }

    #[test]
    fn records_come_back_from_file_and_memory_and_little_stays_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Records::new(folder.path());
        for n in 0..3 * WAITING as u64 + 5 {
            records.push(record(n));
            assert!(records.rest.len() < WAITING);
            if n % 1000 == 7 {
                records.flush();
                assert!(records.rest.is_empty());
            }
        }
        holds(&records, 3 * WAITING as u64 + 5);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has a name");
    }

    #[test]
    fn what_cannot_be_written_stays_in_memory_and_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let mut records = Records::new(folder.path());
        (0..10).for_each(|n| records.push(record(n)));
        records.flush();
        let good = records.file.take();
        let path = folder.path().join("read-only");
        std::fs::write(&path, good.as_ref().map(|_| (0..10).flat_map(record).collect::<Vec<u8>>()).unwrap()).unwrap();
        records.file = Some(File::open(&path).unwrap());
        for n in 10..WAITING as u64 + 30 {
            records.push(record(n));
        }
        records.flush();
        holds(&records, WAITING as u64 + 30);
        assert!(records.full && records.written == 10);
        records.file = good;
        records.flush();
        holds(&records, WAITING as u64 + 30);
        assert!(records.rest.is_empty() && !records.full);
    }

    #[test]
    fn without_a_folder_all_is_in_memory() {
        let mut records = Records::new(Path::new("/nowhere/at all"));
        (0..2 * WAITING as u64).for_each(|n| records.push(record(n)));
        records.flush();
        holds(&records, 2 * WAITING as u64);
    }
}
