//! Starting the real programs and watching their memory.

use anyhow::{bail, ensure, Context, Result};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The programs and the folder that they work in.
#[derive(Debug)]
pub struct Programs {
    folder: PathBuf,
    memory: Arc<Memory>,
}

/// A program that is running.
#[derive(Debug)]
pub struct Running {
    /// What it is called in messages.
    pub name: String,
    child: Child,
    stderr: Option<JoinHandle<String>>,
    stdout: Option<BufReader<std::process::ChildStdout>>,
}

impl Programs {
    /// The programs beside the one that is running, or in the folder above it (for tests, which run in `deps`).
    ///
    /// # Errors
    /// If they have not been built.
    pub fn find() -> Result<Self> {
        let own = std::env::current_exe().context("this program does not know where it is")?;
        let folder = own.ancestors().skip(1).take(2).find(|f| f.join("collector").is_file()).with_context(|| {
            format!(
                "the programs are not beside {}: build them all with `cargo build --workspace --bins`",
                own.display()
            )
        })?;
        Ok(Programs { folder: folder.to_path_buf(), memory: Memory::watch() })
    }

    /// A command of one of the programs. Key files of a demonstration need no costly passphrase derivation.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("SELGE_SCRYPT_WORK", "4").env_remove("SELGE_PASSPHRASE_FILE").env_remove("SELGE_BOARD");
        command
    }

    /// Starts a command.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(&self, name: &str, mut command: Command) -> Result<Running> {
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        self.memory.add(name, child.id());
        // Standard error is drained at once: a full pipe would stop the program.
        let stderr = child.stderr.take().map(|mut pipe| {
            std::thread::spawn(move || {
                let mut text = String::new();
                let _ = pipe.read_to_string(&mut text);
                text
            })
        });
        let stdout = child.stdout.take().map(BufReader::new);
        Ok(Running { name: name.to_owned(), child, stderr, stdout })
    }

    /// Runs a command to its end and returns its standard output.
    ///
    /// # Errors
    /// With the program's own words if it fails.
    pub fn run(&self, name: &str, command: Command) -> Result<String> {
        self.start(name, command)?.success()
    }

    /// Peak memory of every program so far, in bytes; the largest of those of one name.
    pub fn memory(&self) -> BTreeMap<String, u64> {
        self.memory.peaks.lock().map(|p| p.clone()).unwrap_or_default()
    }
}

impl Running {
    /// The next line of standard output.
    ///
    /// # Errors
    /// If the program ends before it.
    pub fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if let Some(stdout) = &mut self.stdout {
            stdout.read_line(&mut line)?;
        }
        if line.is_empty() {
            let (status, _, stderr) = self.finish()?;
            bail!("{} ended early ({status}):\n{stderr}", self.name);
        }
        Ok(line.trim_end().to_owned())
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the program at once, as a power cut would.
    ///
    /// # Errors
    /// If it cannot be ended.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the program to end (SIGTERM) and waits.
    ///
    /// # Errors
    /// If it fails.
    pub fn stop(self) -> Result<String> {
        let status = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        ensure!(status.success(), "cannot ask {} to end", self.name);
        self.success()
    }

    /// Waits for the end: exit status, standard output and standard error.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub fn finish(&mut self) -> Result<(std::process::ExitStatus, String, String)> {
        let mut stdout = String::new();
        if let Some(mut pipe) = self.stdout.take() {
            pipe.read_to_string(&mut stdout)?;
        }
        let status = self.child.wait()?;
        let stderr = self.stderr.take().and_then(|t| t.join().ok()).unwrap_or_default();
        Ok((status, stdout, stderr))
    }

    /// Waits for a successful end and returns standard output.
    ///
    /// # Errors
    /// With the program's own words if it fails.
    pub fn success(mut self) -> Result<String> {
        let (status, stdout, stderr) = self.finish()?;
        ensure!(status.success(), "{} failed ({status}):\n{stderr}", self.name);
        Ok(stdout)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // No process outlives a demonstration or test; one that has ended is not affected.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Samples the peak resident memory of running programs from `/proc`.
#[derive(Debug)]
struct Memory {
    processes: Mutex<Vec<(String, u32)>>,
    peaks: Mutex<BTreeMap<String, u64>>,
    stop: AtomicBool,
}

impl Memory {
    fn watch() -> Arc<Self> {
        let memory = Arc::new(Memory {
            processes: Mutex::new(Vec::new()),
            peaks: Mutex::new(BTreeMap::new()),
            stop: AtomicBool::new(false),
        });
        let weak = Arc::downgrade(&memory);
        std::thread::spawn(move || {
            while let Some(memory) = weak.upgrade() {
                if memory.stop.load(Ordering::Relaxed) {
                    return;
                }
                memory.sample();
                drop(memory);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        memory
    }

    fn add(&self, name: &str, pid: u32) {
        if let Ok(mut processes) = self.processes.lock() {
            processes.push((name.to_owned(), pid));
        }
    }

    fn sample(&self) {
        let (Ok(mut processes), Ok(mut peaks)) = (self.processes.lock(), self.peaks.lock()) else { return };
        processes.retain(|(name, pid)| match peak(*pid) {
            Some(bytes) => {
                let seen = peaks.entry(name.clone()).or_default();
                *seen = (*seen).max(bytes);
                true
            }
            None => false,
        });
    }
}

/// A process's peak resident memory (`VmHWM`), while it runs.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

/// This process's own peak resident memory.
pub fn own_peak() -> u64 {
    peak(std::process::id()).unwrap_or(0)
}

/// Processor time of all child processes that have ended and been waited for.
pub fn children_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // pid (name) state …: the name may hold anything but ends with the last parenthesis.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = rest.split_whitespace().skip(13).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    // A tick is a hundredth of a second on Linux, whatever the kernel's own is.
    Duration::from_millis(10 * ticks)
}

/// Bytes of all files below a folder.
pub fn folder_size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|e| match e.metadata() {
            Ok(m) if m.is_dir() => folder_size(&e.path()),
            Ok(m) => m.len(),
            Err(_) => 0,
        })
        .sum()
}
