//! What the journal needs of a disk, and nothing more: the one place where its bytes leave the process.
//!
//! Behind it is the operating system, or a disk that fails and loses power when a test says so.

use rustix::fs::{fallocate, FallocateFlags};
use rustix::io::Errno;
use std::fmt::Debug;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// A disk.
///
/// What is written is on disk when the file's [`DiskFile::sync`] has returned without an error; that a name is there,
/// when [`Disk::sync_folder`] has. Before that a power failure may take all, nothing or any part of it.
pub trait Disk: Send + Sync + Debug {
    /// Makes a folder unless it is there, durably.
    ///
    /// # Errors
    /// The system's.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;

    /// The names in a folder; none if it is not there.
    ///
    /// # Errors
    /// The system's; `NotADirectory` if it is a file.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Opens a file that is there.
    ///
    /// # Errors
    /// The system's.
    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>>;

    /// Makes an empty file, instead of one that is there.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name in the same folder, at once.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Deletes a file.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names of a folder durable.
    ///
    /// # Errors
    /// The system's.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Ends the process at once, because nothing can be known any more of what the disk holds.
    fn give_up(&self, why: &str) -> !;
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

/// A file on a disk, read and written at places, by any number of threads.
pub trait DiskFile: Send + Sync + Debug {
    /// Its length.
    ///
    /// # Errors
    /// The system's.
    fn length(&self) -> io::Result<u64>;

    /// Reads at most `buffer` from byte `at` on; 0 at the end.
    ///
    /// # Errors
    /// The system's.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;

    /// Writes at most `bytes` at byte `at`; how many is the answer. After an error none of them are written, unless it
    /// says that the disk is failing.
    ///
    /// # Errors
    /// The system's.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize>;

    /// Makes the file `length` bytes long, filled up with zeros, and has the disk set the space aside where it can.
    ///
    /// # Errors
    /// The system's.
    fn reserve(&self, length: u64) -> io::Result<()>;

    /// Makes the content and length durable.
    ///
    /// # Errors
    /// The system's. After one, what has been written since the last sync may be lost although it can still be read,
    /// and a later sync that succeeds says nothing about it.
    fn sync(&self) -> io::Result<()>;
}

/// Reads all of `buffer` from byte `at` on.
///
/// # Errors
/// The file's; `UnexpectedEof` if it is shorter.
pub fn read_exact_at(file: &dyn DiskFile, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match file.read_at(buffer, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = buffer.get_mut(read..).unwrap_or_default();
                at += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes all of `bytes` at byte `at`.
///
/// # Errors
/// The file's, with how many bytes were written before it.
pub fn write_all_at(file: &dyn DiskFile, bytes: &[u8], at: u64) -> Result<(), (usize, io::Error)> {
    let mut done = 0;
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match file.write_at(rest, at + done as u64) {
            Ok(0) => return Err((done, io::ErrorKind::StorageFull.into())),
            Ok(written) => done += written,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((done, error)),
        }
    }
    Ok(())
}

/// Whether an error of a write says only that the disk takes nothing at the moment, and not that it is failing.
pub fn takes_nothing(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem)
}

/// The operating system's disk.
#[derive(Debug, Default)]
pub struct SystemDisk {
    told: Arc<AtomicBool>,
}

#[derive(Debug)]
struct SystemFile {
    file: File,
    /// Whether it has been said that the file system cannot set space aside.
    told: Arc<AtomicBool>,
}

impl Disk for SystemDisk {
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        match folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => self.sync_folder(parent),
            None => Ok(()),
        }
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        match std::fs::read_dir(folder) {
            Ok(found) => found.map(|name| Ok(name?.file_name().to_string_lossy().into_owned())).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(access == Access::Write).open(path)?;
        Ok(Arc::new(SystemFile { file, told: Arc::clone(&self.told) }))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
        Ok(Arc::new(SystemFile { file, told: Arc::clone(&self.told) }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn give_up(&self, why: &str) -> ! {
        crate::journal::abort(why)
    }
}

impl DiskFile for SystemFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.file.read_at(buffer, at)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        self.file.write_at(bytes, at)
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        match fallocate(&self.file, FallocateFlags::empty(), 0, length) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
                if !self.told.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        target: "selge",
                        "the store's file system cannot set space aside for the journal: a full disk is noticed only when \
                         ballots come in. Watch its free space, or use ext4, XFS or Btrfs"
                    );
                }
                self.file.set_len(length)
            }
            done => Ok(done?),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
