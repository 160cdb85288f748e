//! A disk in memory that fails and loses power when a test says so, and knows what it would hold then.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rustix::io::Errno;
use selge_collector::disk::{Access, Disk, DiskFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is written whole or not at all: a page. (Smaller parts of one write are tried in `journal.rs`.)
const PAGE: usize = 4096;

/// The panic by which a process that works on this disk ends: it gave up, or the power went.
pub(crate) struct Ended(pub(crate) String);

/// What goes wrong with one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails, and has done nothing. A failed sync drops what it should have stored, as Linux does.
    Fails(Errno),
    /// It fails, although it is done.
    FailsWhenDone(Errno),
    /// A write stores half; the next write fails. Other operations fail and have done nothing.
    Short(Errno),
    /// The power goes before it.
    CutBefore,
    /// The power goes after it.
    CutAfter,
}

#[derive(Debug, Default)]
struct Content {
    /// What readers see.
    now: Vec<u8>,
    synced: Vec<u8>,
    /// Pages that differ, as far as the system knows.
    dirty: BTreeSet<usize>,
}

type Shared = Arc<Mutex<Content>>;

#[derive(Clone, Debug)]
enum Name {
    Set(PathBuf, Shared),
    Renamed(PathBuf, PathBuf),
    Removed(PathBuf),
}

impl Name {
    fn apply(&self, names: &mut BTreeMap<PathBuf, Shared>) {
        match self {
            Name::Set(path, file) => {
                names.insert(path.clone(), Arc::clone(file));
            }
            Name::Renamed(from, to) => {
                if let Some(file) = names.remove(from) {
                    names.insert(to.clone(), file);
                }
            }
            Name::Removed(path) => {
                names.remove(path);
            }
        }
    }
}

#[derive(Debug, Default)]
struct State {
    names: BTreeMap<PathBuf, Shared>,
    synced: BTreeMap<PathBuf, Shared>,
    /// Changes of names since the last sync of the folder, in order.
    pending: Vec<Name>,
    /// Operations that change something, so far.
    operations: u64,
    /// The first operation that goes wrong, for how many, and how.
    fault: Option<(u64, u64, Fault)>,
    ended: bool,
}

/// The disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultyDisk(Arc<Mutex<State>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A process that ends in the middle leaves the disk as it is.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FaultyDisk {
    pub(crate) fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// From the operation with this number on, so many of them go wrong.
    pub(crate) fn set_fault(&self, from: u64, many: u64, fault: Fault) {
        lock(&self.0).fault = Some((from, many, fault));
    }

    pub(crate) fn heal(&self) {
        lock(&self.0).fault = None;
    }

    /// Whether the process that works here has ended.
    pub(crate) fn ended(&self) -> bool {
        lock(&self.0).ended
    }

    pub(crate) fn operations(&self) -> u64 {
        lock(&self.0).operations
    }

    /// As if no sync of a file had stored anything.
    pub(crate) fn forget_syncs(&self) {
        for file in lock(&self.0).names.values() {
            let mut content = lock(file);
            let Content { now, synced, dirty } = &mut *content;
            synced.fill(0);
            *dirty = (0..now.len().div_ceil(PAGE)).collect();
        }
    }

    pub(crate) fn content(&self, path: &Path) -> Vec<u8> {
        lock(&lock(&self.0).names[path]).now.clone()
    }

    /// A disk on which these files are.
    pub(crate) fn with(files: &[(PathBuf, Vec<u8>)]) -> Self {
        let content = |bytes: &Vec<u8>| Content { now: bytes.clone(), synced: bytes.clone(), dirty: BTreeSet::new() };
        let names: BTreeMap<_, _> =
            files.iter().map(|(path, bytes)| (path.clone(), Arc::new(Mutex::new(content(bytes))))).collect();
        let state = State { synced: names.clone(), names, ..State::default() };
        FaultyDisk(Arc::new(Mutex::new(state)))
    }

    /// What a process finds that is started after another was killed: the system still knows all that was written, and
    /// what it believes to be stored.
    pub(crate) fn after_kill(&self) -> Self {
        let state = lock(&self.0);
        let mut copies: BTreeMap<*const Mutex<Content>, Shared> = BTreeMap::new();
        let mut copy = |file: &Shared| {
            let new = || {
                let content = lock(file);
                let (now, synced, dirty) = (content.now.clone(), content.synced.clone(), content.dirty.clone());
                Arc::new(Mutex::new(Content { now, synced, dirty }))
            };
            Arc::clone(copies.entry(Arc::as_ptr(file)).or_insert_with(new))
        };
        let names = state.names.iter().map(|(path, file)| (path.clone(), copy(file))).collect();
        let synced = state.synced.iter().map(|(path, file)| (path.clone(), copy(file))).collect();
        let pending = state.pending.iter().map(|name| match name {
            Name::Set(path, file) => Name::Set(path.clone(), copy(file)),
            other => other.clone(),
        });
        let pending = pending.collect();
        FaultyDisk(Arc::new(Mutex::new(State { names, synced, pending, ..State::default() })))
    }

    /// What is on the disk when the power comes back: all that was synced, and of the rest any part.
    pub(crate) fn after_power_loss(&self, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let state = lock(&self.0);
        let mut names = state.synced.clone();
        // A journaling file system stores changes of names in order.
        let stored = rng.gen_range(0..=state.pending.len());
        state.pending[..stored].iter().for_each(|name| name.apply(&mut names));
        let share = [0.0, 0.5, 0.9, 1.0][rng.gen_range(0..4)];
        let files: Vec<_> = names
            .into_iter()
            .map(|(path, file)| {
                let content = lock(&file);
                let mut bytes = content.synced.clone();
                if !content.dirty.is_empty() && rng.gen_bool(0.5) {
                    bytes.resize(content.now.len(), 0);
                }
                for page in content.dirty.iter().filter(|_| rng.gen_bool(share)) {
                    let range = page * PAGE..(page * PAGE + PAGE).min(bytes.len()).min(content.now.len());
                    if !range.is_empty() {
                        bytes[range.clone()].copy_from_slice(&content.now[range]);
                    }
                }
                (path, bytes)
            })
            .collect();
        FaultyDisk::with(&files)
    }

    /// Does one operation that changes something, or what is to go wrong instead. `half` is for a write.
    fn operate<T>(
        &self,
        run: impl FnOnce(&mut State) -> T,
        lose: impl FnOnce(&mut State),
        half: Option<T>,
    ) -> io::Result<T> {
        let mut state = lock(&self.0);
        if state.ended {
            drop(state);
            resume_unwind(Box::new(Ended("no process works here any more".into())));
        }
        let number = state.operations;
        state.operations += 1;
        let fault = match state.fault {
            Some((from, many, fault)) if (from..from.saturating_add(many)).contains(&number) => fault,
            _ => return Ok(run(&mut state)),
        };
        match fault {
            Fault::Fails(errno) => {
                lose(&mut state);
                Err(errno.into())
            }
            Fault::FailsWhenDone(errno) => {
                run(&mut state);
                Err(errno.into())
            }
            Fault::Short(errno) => match half {
                Some(half) => {
                    run(&mut state);
                    state.fault = Some((number + 1, 1, Fault::Fails(errno)));
                    Ok(half)
                }
                None => {
                    lose(&mut state);
                    Err(errno.into())
                }
            },
            Fault::CutBefore | Fault::CutAfter => {
                if fault == Fault::CutAfter {
                    run(&mut state);
                }
                state.ended = true;
                drop(state);
                resume_unwind(Box::new(Ended("the power went".into())))
            }
        }
    }

    fn file(&self, path: &Path) -> io::Result<Shared> {
        lock(&self.0).names.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn handle(&self, content: Shared) -> Arc<dyn DiskFile> {
        Arc::new(Handle { disk: self.clone(), content })
    }
}

#[derive(Debug)]
struct Handle {
    disk: FaultyDisk,
    content: Shared,
}

impl Disk for FaultyDisk {
    fn make_folder(&self, _: &Path) -> io::Result<()> {
        self.operate(|_| (), |_| (), None)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let name = |path: &PathBuf| path.strip_prefix(folder).ok().map(|name| name.to_str().unwrap().to_owned());
        Ok(lock(&self.0).names.keys().filter_map(name).collect())
    }

    fn open(&self, path: &Path, _: Access) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.handle(self.file(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let content = Shared::default();
        let name = Name::Set(path.to_owned(), Arc::clone(&content));
        let create = |state: &mut State| {
            name.apply(&mut state.names);
            state.pending.push(name);
        };
        self.operate(create, |_| (), None)?;
        Ok(self.handle(content))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.file(from)?;
        let name = Name::Renamed(from.to_owned(), to.to_owned());
        let rename = |state: &mut State| {
            name.apply(&mut state.names);
            state.pending.push(name);
        };
        self.operate(rename, |_| (), None)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.file(path)?;
        let name = Name::Removed(path.to_owned());
        let remove = |state: &mut State| {
            name.apply(&mut state.names);
            state.pending.push(name);
        };
        self.operate(remove, |_| (), None)
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        let sync = |state: &mut State| {
            let pending = std::mem::take(&mut state.pending);
            pending.iter().for_each(|name| name.apply(&mut state.synced));
        };
        // Names that are lost stay pending: a file system that forgets them in memory has no order any more.
        self.operate(sync, |_| (), None)
    }

    fn give_up(&self, why: &str) -> ! {
        lock(&self.0).ended = true;
        resume_unwind(Box::new(Ended(why.to_owned())))
    }
}

impl DiskFile for Handle {
    fn length(&self) -> io::Result<u64> {
        Ok(lock(&self.content).now.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let content = lock(&self.content);
        let found = content.now.get(at as usize..).unwrap_or_default();
        let len = found.len().min(buffer.len());
        buffer[..len].copy_from_slice(&found[..len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        let at = at as usize;
        let half = bytes.len() / 2;
        let short = {
            let state = lock(&self.disk.0);
            matches!(state.fault, Some((number, _, Fault::Short(_))) if number == state.operations)
        };
        let written = if short { half } else { bytes.len() };
        let write = |_: &mut State| {
            let mut content = lock(&self.content);
            let end = at + written;
            if content.now.len() < end {
                content.now.resize(end, 0);
            }
            content.now[at..end].copy_from_slice(&bytes[..written]);
            content.dirty.extend(at / PAGE..end.div_ceil(PAGE));
            written
        };
        self.disk.operate(write, |_| (), Some(half))
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        let reserve = |_: &mut State| {
            let mut content = lock(&self.content);
            let old = content.now.len();
            content.now.resize(length as usize, 0);
            // Only the length has to be stored.
            content.dirty.insert(old / PAGE);
        };
        self.disk.operate(reserve, |_| (), None)
    }

    fn sync(&self) -> io::Result<()> {
        let sync = |_: &mut State| {
            let mut content = lock(&self.content);
            let Content { now, synced, dirty } = &mut *content;
            synced.resize(now.len(), 0);
            for page in std::mem::take(dirty) {
                let range = (page * PAGE).min(now.len())..(page * PAGE + PAGE).min(now.len());
                synced[range.clone()].copy_from_slice(&now[range]);
            }
        };
        let lose = |_: &mut State| lock(&self.content).dirty.clear();
        self.disk.operate(sync, lose, None)
    }
}
