//! `make bench`: every operation of the protocol, and what others do, beside one variable-base scalar multiplication
//! (SM) of curve25519-dalek in one run. Prints one table and writes `target/bench.json`.
//!
//! On one core times are processor time; on two cores, where the question is how long one waits, wall time of the same
//! job on one and on two threads.

mod ballots;
mod goals;
mod group;
mod lists;
mod memory;
mod table;

use goals::{BALLOT, CHAIN, DECRYPTION, PARTS};
use lists::{Lists, COMBINE};
use rayon::{ThreadPool, ThreadPoolBuilder};
use selge_benches::measure::{Meter, Time};
use selge_lanes::Backend;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use table::Table;

/// What is measured, and how long.
pub(crate) struct Settings {
    /// Numbers of items, rising.
    sizes: Vec<usize>,
    /// The same for what takes much longer, but not per item more with more items.
    peer_sizes: Vec<usize>,
    meter: Meter,
    single: ThreadPool,
    double: ThreadPool,
    two_cores: bool,
    /// How often the same job is done on one and on two cores.
    rounds: usize,
}

impl Settings {
    fn new(sizes: &[usize], budget: Duration) -> Self {
        let pool = |n| ThreadPoolBuilder::new().num_threads(n).build().expect("a pool of threads");
        Settings {
            sizes: sizes.to_vec(),
            peer_sizes: sizes.iter().copied().filter(|n| *n <= 10_000).collect(),
            meter: Meter::new(budget),
            single: pool(1),
            double: pool(2),
            two_cores: std::thread::available_parallelism().is_ok_and(|n| n.get() >= 2),
            rounds: 2,
        }
    }

    /// The size at which one and two cores are compared: the largest of the usual ones.
    fn wall_n(&self) -> usize {
        self.sizes.iter().copied().filter(|n| *n <= 100_000).max().unwrap_or(1)
    }
}

fn settings() -> Result<(Settings, bool, bool), String> {
    let (mut measured, mut large, mut all) = (false, false, true);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            // Cargo says so when it measures, and says nothing when it only tests.
            "--bench" => measured = true,
            "--large" => large = true,
            "--lists" => all = false,
            other => {
                return Err(format!(
                    "{other:?} is not known here: there are only --large, up to a million, and --lists, of lists alone"
                ))
            }
        }
    }
    Backend::from_env().map_err(|error| error.to_string())?;
    let (sizes, budget): (&[usize], _) = match (measured, large) {
        (false, _) => (&[8, 64], Duration::ZERO),
        (true, false) => (&[1000, 10_000, 100_000], Duration::from_millis(600)),
        (true, true) => (&[1000, 10_000, 100_000, 1_000_000], Duration::from_millis(600)),
    };
    Ok((Settings::new(sizes, budget), measured, all))
}

/// The folder that cargo builds into.
fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let built = own.ancestors().find(|f| f.ends_with("release") || f.ends_with("debug")).and_then(|f| f.parent());
    built.map_or_else(std::env::temp_dir, std::path::Path::to_path_buf)
}

/// What an auditor adds up for one ballot, without reading, hashing and the log: `make national` measures it whole.
fn parts(table: &mut Table, unit: f64) {
    let parts = [(BALLOT, 1.0), (CHAIN, 3.0), (DECRYPTION, 3.0), (COMBINE, 1.0)];
    let found: Option<Vec<(usize, f64)>> =
        parts.iter().map(|(name, times)| table.sm(name).map(|(n, sm)| (n, sm * times))).collect();
    if let Some(found) = found {
        let sm = found.iter().map(|(_, sm)| sm).sum::<f64>();
        let n = found.iter().map(|(n, _)| *n).min().unwrap_or(0);
        table.time(PARTS, n, Time { seconds: sm * unit, sm });
    }
}

fn main() -> ExitCode {
    if memory::is_job() {
        return ExitCode::SUCCESS;
    }
    let (settings, measured, all) = match settings() {
        Ok(settings) => settings,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    let backend = Backend::active();
    let mut table = Table::new(backend.name());
    if all {
        group::measure(&settings, &mut table);
        group::measure_peers(&settings, &mut table);
        ballots::measure(&settings, &mut table);
    }
    for n in settings.sizes.iter().copied() {
        let lists = Lists::make(n);
        lists.measure(&settings, &mut table);
        if settings.sizes.last() == Some(&n) {
            if let Err(error) = memory::measure(&lists, n, &mut table) {
                eprintln!("error: peak memory could not be measured: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let unit = settings.meter.unit();
    parts(&mut table, unit);
    table.conclude(&group::PEERS);
    if !measured {
        return ExitCode::SUCCESS;
    }
    goals::apply(&mut table, backend);
    println!("\nArithmetic for public points: {backend}. What is verified runs from bytes to verdict.");
    println!("On one core processor time, on two wall time. \"!\": a goal that is missed.\n");
    if !table.finish(&target().join("bench.json")) {
        println!("some goals are missed");
    }
    ExitCode::SUCCESS
}
