//! What the machine does meanwhile: the collector's memory, and the time that the disk takes to sync.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A process's resident memory over time.
#[derive(Debug)]
pub struct Resident {
    stop: Arc<AtomicBool>,
    watching: JoinHandle<Vec<(f64, u64)>>,
}

fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

impl Resident {
    /// Begins to watch a process.
    pub fn watch(process: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (start, ended) = (Instant::now(), Arc::clone(&stop));
        let watching = std::thread::spawn(move || {
            let mut samples = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                samples.extend(resident(process).map(|bytes| (start.elapsed().as_secs_f64(), bytes)));
                std::thread::sleep(Duration::from_millis(200));
            }
            samples
        });
        Resident { stop, watching }
    }

    /// Seconds since the beginning, and bytes.
    pub fn samples(self) -> Vec<(f64, u64)> {
        self.stop.store(true, Ordering::Relaxed);
        self.watching.join().unwrap_or_default()
    }
}

/// Processor time of a process so far, by the names of its threads (without the number that some end with).
pub fn thread_times(process: u32) -> BTreeMap<String, Duration> {
    let mut times = BTreeMap::new();
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return times };
    for thread in threads.flatten() {
        let Ok(stat) = std::fs::read_to_string(thread.path().join("stat")) else { continue };
        // pid (name) state …: the name may hold anything but ends with the last parenthesis.
        let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { continue };
        let ticks: u64 = rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
        // A tick is a hundredth of a second on Linux, whatever the kernel's own is.
        *times.entry(name.to_owned()).or_default() += Duration::from_millis(10 * ticks);
    }
    times
}

/// Times of appending `bytes` to a file in `folder` and syncing its data, rising.
///
/// # Errors
/// If the folder cannot be written.
pub fn sync_times(folder: &Path, bytes: usize, times: usize) -> Result<Vec<Duration>> {
    let mut file = tempfile::NamedTempFile::new_in(folder).context("cannot measure the disk")?;
    let block = vec![0x5a; bytes];
    let mut measured = Vec::with_capacity(times);
    for _ in 0..times {
        file.write_all(&block)?;
        let start = Instant::now();
        file.as_file().sync_data()?;
        measured.push(start.elapsed());
    }
    measured.sort_unstable();
    Ok(measured)
}

/// The value that `share` of the sorted `values` do not exceed.
pub fn quantile(values: &[Duration], share: f64) -> Duration {
    let at = (values.len() as f64 * share).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_spends_its_time_in_threads() {
        let end = Instant::now() + Duration::from_secs(60);
        // Ticks are coarse.
        while Instant::now() < end {
            let spent: Duration = thread_times(std::process::id()).values().sum();
            if spent >= Duration::from_millis(20) {
                return;
            }
            std::hint::black_box((0..100_000u64).fold(0, |a, b| a ^ b));
        }
        panic!("no time was spent");
    }

    #[test]
    fn a_quantile_is_a_value_that_was_measured() {
        let values: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(quantile(&values, 0.5).as_millis(), 100);
        assert_eq!(quantile(&values, 0.99).as_millis(), 198);
        assert_eq!(quantile(&values, 1.0).as_millis(), 200);
        assert_eq!(quantile(&[], 0.5), Duration::ZERO);
    }
}
