//! Peak memory, each job in a process of its own.

use crate::goals::{CHAIN, ONE_ROW, SHUFFLE};
use crate::lists::Lists;
use crate::table::Table;
use rand::rngs::OsRng;
use selge_benches::{resident, shuffle_context};
use selge_core::elgamal::{CiphertextList, PublicKey};
use selge_core::group::{decode_point, Generators};
use selge_core::shuffle::{self, shuffle_in_rows, verify_chain, ShuffleProof};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Asks this program to do one job and print its peak memory.
const JOB: &str = "SELGE_BENCH_MEMORY";
/// Where its input is.
const FILES: &str = "SELGE_BENCH_FILES";

/// Does the job if this process was started for one.
pub(crate) fn is_job() -> bool {
    let (Ok(job), Some(folder)) = (std::env::var(JOB), std::env::var_os(FILES)) else { return false };
    let (folder, n) = (PathBuf::from(folder), std::env::args().next_back().and_then(|n| n.parse().ok()).unwrap_or(0));
    let peak = match job.as_str() {
        SHUFFLE => prove(&folder, n, shuffle::rows(n)),
        ONE_ROW => prove(&folder, n, 1),
        _ => verify(&folder, n),
    };
    println!("{peak}");
    true
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).expect("a file")
}

fn key(folder: &Path) -> PublicKey {
    let key: [u8; 32] = read(folder, "key").try_into().expect("32 bytes");
    PublicKey::new(decode_point(&key, "key").expect("a point")).expect("a key")
}

fn list(folder: &Path, name: &str, n: usize) -> Arc<CiphertextList> {
    Arc::new(CiphertextList::from_bytes(&read(folder, name), n, 1).expect("a list"))
}

/// What the prover needs beyond its input, generators included.
fn prove(folder: &Path, n: usize, rows: usize) -> u64 {
    let (key, input) = (key(folder), list(folder, "input", n));
    let own = resident("VmRSS");
    let generators = Generators::new(if rows == 1 { n } else { shuffle::generators(n, 1) });
    let done = shuffle_in_rows(&shuffle_context(&key), &generators, &input, rows, &mut OsRng).expect("a shuffle");
    let peak = resident("VmHWM").saturating_sub(own);
    drop(done);
    peak
}

/// What the verifier of a chain of three needs in all, input, lists and proofs included.
fn verify(folder: &Path, n: usize) -> u64 {
    let own = resident("VmRSS");
    let (key, input) = (key(folder), list(folder, "input", n));
    let proof = |k: usize| ShuffleProof::from_bytes(&read(folder, &format!("proof-{k}")), n, 1).expect("a proof");
    let chain: Vec<_> = (0..3).map(|k| (list(folder, &format!("list-{k}"), n), proof(k))).collect();
    let generators = Generators::new(shuffle::generators(n, 1));
    let verified = verify_chain(&shuffle_context(&key), &generators, &input, &chain).expect("true proofs");
    let peak = resident("VmHWM").saturating_sub(own);
    drop(verified);
    peak
}

/// Adds to the rows of `n` what a process takes at its peak.
pub(crate) fn measure(lists: &Lists, n: usize, table: &mut Table) -> std::io::Result<()> {
    let folder = tempfile::tempdir()?;
    lists.write(folder.path())?;
    for job in [SHUFFLE, ONE_ROW, CHAIN] {
        let mut command = std::process::Command::new(std::env::current_exe()?);
        let output = command.arg(n.to_string()).env(JOB, job).env(FILES, folder.path()).output()?;
        let peak: Option<u64> = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
        let peak = peak
            .filter(|_| output.status.success())
            .ok_or_else(|| std::io::Error::other(format!("{job}: {}", String::from_utf8_lossy(&output.stderr))))?;
        if let Some(row) = table.rows.iter_mut().find(|row| row.operation == job && row.n == n && row.cores == 1) {
            row.peak_bytes = Some(peak as f64 / n as f64);
        }
    }
    Ok(())
}
