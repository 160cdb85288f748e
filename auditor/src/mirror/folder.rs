//! The mirror's folder.
//!
//! ```text
//! record/       the mirror, in the record's layout: what `auditor verify` reads
//! part/         files of a state of the board that is not complete yet, in the same layout
//! seen          the newest checkpoint that was seen and continues the ones before it
//! log.vkey      the log's key
//! evidence-N.json
//! lock
//! ```
//! Only `seen`, `log.vkey`, the record's `checkpoint` and evidence must survive a power cut, and are synced: all else is
//! checked again at every start against the signed checkpoint, and fetched again if it does not hold.

use super::Trouble;
use rustix::fs::{flock, FlockOperation};
use selge_core::record::{self, TileRef};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

const RECORD: &str = "record";
const PART: &str = "part";

/// A mirror's folder, which nobody else uses at the same time.
pub(crate) struct Folder {
    root: PathBuf,
    _lock: File,
}

fn disk(path: &Path) -> impl Fn(std::io::Error) -> Trouble + '_ {
    move |error| Trouble::Disk(format!("{}: {error}", path.display()))
}

fn read(path: &Path, max: u64) -> Option<Vec<u8>> {
    // A link could lead anywhere; whatever cannot be read is fetched anew.
    let plain = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= max);
    let mut bytes = Vec::new();
    let taken = File::open(path).ok().filter(|_| plain)?.take(max + 1).read_to_end(&mut bytes);
    taken.ok().filter(|_| bytes.len() as u64 <= max).map(|_| bytes)
}

impl Folder {
    /// Opens or makes the folder.
    pub(crate) fn open(root: &Path) -> Result<Self, Trouble> {
        let lock = root.join("lock");
        for folder in [RECORD, PART] {
            fs::create_dir_all(root.join(folder)).map_err(disk(&root.join(folder)))?;
        }
        let file = File::options().create(true).truncate(false).write(true).open(&lock).map_err(disk(&lock))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|error| {
            let words = if error == rustix::io::Errno::WOULDBLOCK {
                "another auditor is following into this folder: wait for its end, or give another folder".to_owned()
            } else {
                error.to_string()
            };
            Trouble::Disk(format!("{}: {words}", lock.display()))
        })?;
        Ok(Folder { root: root.to_owned(), _lock: file })
    }

    /// Where the record is.
    pub(crate) fn record(&self) -> PathBuf {
        self.root.join(RECORD)
    }

    fn at(&self, below: &str, path: &str) -> PathBuf {
        self.root.join(below).join(path)
    }

    /// A file of the mirror, and one that was got for it: nothing says that either is right.
    pub(crate) fn candidates(&self, path: &str, max: u64) -> impl Iterator<Item = Vec<u8>> + '_ {
        let path = path.to_owned();
        [RECORD, PART].into_iter().filter_map(move |below| read(&self.at(below, &path), max))
    }

    /// Keeps a file until the mirror takes it in, unless the mirror has it.
    pub(crate) fn keep(&self, path: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let max = bytes.len() as u64;
        if [RECORD, PART].iter().any(|below| read(&self.at(below, path), max).is_some_and(|there| there == bytes)) {
            return Ok(());
        }
        let to = self.at(PART, path);
        let folder = to.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(disk(folder))?;
        let unfinished = self.root.join("unfinished");
        let write = || File::create(&unfinished)?.write_all(bytes).and_then(|()| fs::rename(&unfinished, &to));
        write().map_err(disk(&to))
    }

    /// Where a file of the record is, if it is there: in the mirror or among what was got for it.
    pub(crate) fn places(&self, path: &str) -> [PathBuf; 2] {
        [self.at(RECORD, path), self.at(PART, path)]
    }

    /// Makes the folder in which files by digest are kept until the mirror takes them in.
    pub(crate) fn make_files(&self) -> Result<(), Trouble> {
        let folder = self.at(PART, "files");
        fs::create_dir_all(&folder).map_err(disk(&folder))
    }

    /// Writes a file of the folder itself, so that a power cut leaves the old one or the new one.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let (to, unfinished) = (self.root.join(name), self.root.join("unfinished"));
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, &to)?;
            File::open(to.parent().unwrap_or(&self.root))?.sync_all()
        };
        write().map_err(disk(&to))
    }

    /// Reads a file of the folder itself.
    pub(crate) fn read(&self, name: &str, max: u64) -> Option<Vec<u8>> {
        read(&self.root.join(name), max)
    }

    /// The mirror's own checkpoint.
    pub(crate) fn checkpoint(&self, max: u64) -> Option<Vec<u8>> {
        read(&self.at(RECORD, record::CHECKPOINT), max)
    }

    /// Takes everything that belongs to a board of `size` entries into the mirror, with its checkpoint. What is killed in
    /// between leaves files that the next start sorts out.
    pub(crate) fn adopt(&self, size: u64, note: &str, wanted: &dyn Fn(&str) -> bool) -> Result<(), Trouble> {
        let from = self.root.join(PART);
        for path in paths(&from)? {
            let wanted = path.strip_prefix("files/").map_or_else(|| belongs(&path, size), wanted);
            let (old, new) = (from.join(&path), self.at(RECORD, &path));
            if wanted {
                let folder = new.parent().unwrap_or(&self.root);
                fs::create_dir_all(folder).map_err(disk(folder))?;
                fs::rename(&old, &new).map_err(disk(&new))?;
            } else {
                fs::remove_file(&old).map_err(disk(&old))?;
            }
        }
        self.write("record/checkpoint", note.as_bytes())?;
        self.tidy(size, wanted)
    }

    /// Moves what does not belong to a board of `size` entries out of the mirror: tiles of other sizes, and files that
    /// are not `wanted`.
    pub(crate) fn tidy(&self, size: u64, wanted: &dyn Fn(&str) -> bool) -> Result<(), Trouble> {
        let from = self.at(RECORD, "");
        for path in paths(&from)? {
            let stays = if let Some(name) = path.strip_prefix("files/") {
                wanted(name)
            } else {
                path == record::CHECKPOINT || belongs(&path, size)
            };
            if !stays {
                let (old, new) = (from.join(&path), self.at(PART, &path));
                let folder = new.parent().unwrap_or(&self.root);
                // A partial tile is outlived by a wider one; anything else may yet be of use.
                if path.contains(".p/") || fs::create_dir_all(folder).is_err() || fs::rename(&old, &new).is_err() {
                    fs::remove_file(&old).map_err(disk(&old))?;
                }
            }
        }
        Ok(())
    }

    /// Writes evidence under a name that is not taken; returns where.
    pub(crate) fn evidence(&self, text: &str) -> Result<PathBuf, Trouble> {
        for number in 1u32.. {
            let name = format!("evidence-{number}.json");
            match self.read(&name, u64::MAX - 1) {
                // The same finding again, after another start.
                Some(there) if there == text.as_bytes() => return Ok(self.root.join(name)),
                None if !self.root.join(&name).exists() => {
                    self.write(&name, text.as_bytes())?;
                    return Ok(self.root.join(name));
                }
                _ => {}
            }
        }
        Err(Trouble::Disk(format!("{}: there is no name left for evidence", self.root.display())))
    }
}

/// Whether a path is a tile or bundle that a board of `size` entries calls for.
fn belongs(path: &str, size: u64) -> bool {
    TileRef::parse(path).is_some_and(|tile| {
        let count = size.checked_shr(8 * u32::from(tile.level.unwrap_or(0))).unwrap_or(0);
        let whole = count / record::TILE_WIDTH;
        let full = tile.width == record::TILE_WIDTH && tile.index < whole;
        full || (tile.index == whole && tile.width == count % record::TILE_WIDTH)
    })
}

/// All files below a folder, by path.
fn paths(root: &Path) -> Result<BTreeSet<String>, Trouble> {
    let mut found = BTreeSet::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for item in fs::read_dir(&folder).map_err(disk(&folder))? {
            let item = item.map_err(disk(&folder))?;
            let path = format!("{prefix}{}", item.file_name().to_string_lossy());
            match item.file_type() {
                Ok(kind) if kind.is_dir() => folders.push((item.path(), format!("{path}/"))),
                Ok(_) => {
                    found.insert(path);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(disk(&item.path())(error)),
            }
        }
    }
    Ok(found)
}
