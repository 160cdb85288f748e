//! Shuffle proofs by their number of rows: what prover and verifier take, in processor time on one core, and bytes.
//!
//! `cargo bench -p selge-benches --bench rows -- 100000 1,64,256`: ciphertexts, and numbers of rows to compare.

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::OsRng;
use selge_benches::cpu_time::now;
use selge_benches::{key, list, shuffle_context};
use selge_core::codec::Encode;
use selge_core::elgamal::CiphertextList;
use selge_core::group::Generators;
use selge_core::shuffle::{shuffle_in_rows, verify, ShuffleProof};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

/// Ciphertexts where none are asked for.
const N: usize = 10_000;

/// Ciphertexts where Cargo runs the bench as a test.
const TEST_N: usize = 100;

/// Scalar multiplications that the unit is the mean of.
const UNIT: u32 = 2000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let n = match (arguments.first(), std::env::args().any(|a| a == "--bench")) {
        (Some(n), _) => n.parse().expect("the number of ciphertexts"),
        (None, true) => N,
        (None, false) => TEST_N,
    };
    let rows: Vec<usize> = match arguments.get(1) {
        Some(rows) => rows.split(',').map(|m| m.parse().expect("a number of rows")).collect(),
        None => [1, 4, 16, 64, 256].into_iter().filter(|m| *m < n).collect(),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    pool.install(|| compare(n, &rows));
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let result = work();
    (result, now().saturating_sub(start))
}

fn compare(n: usize, rows: &[usize]) {
    let (point, scalar) = (RistrettoPoint::random(&mut OsRng), Scalar::random(&mut OsRng));
    let unit = timed(|| (0..UNIT).map(|_| black_box(black_box(&point) * black_box(&scalar))).for_each(|_| ()));
    let unit = unit.1 / UNIT;
    println!("N = {n}, SM = {:.1} µs; times per ciphertext, one core", unit.as_secs_f64() * 1e6);
    println!("rows | shuffle and prove, µs, SM | generators, µs, SM | verify, µs, SM | proof bytes | per ciphertext");
    let key = key();
    let ctx = shuffle_context(&key);
    let input = list(&key, n);
    for &m in rows {
        // More limbs than columns do not occur here.
        let (generators, derivation) = timed(|| Generators::new(n.div_ceil(m)));
        let (mixed, proving) = timed(|| shuffle_in_rows(&ctx, &generators, &input, m, &mut OsRng));
        let (output, proof) = mixed.expect("a shuffle");
        let proof = proof.to_bytes();
        // From the bytes of output and proof: the input is the output before it and was decoded with that.
        let ((), verifying) = timed(|| {
            let output = Arc::new(CiphertextList::from_bytes(output.bytes(), n, 1).expect("a list"));
            let proof = ShuffleProof::from_bytes_in_rows(&proof, n, 1, m).expect("a proof");
            verify(&ctx, &generators, &input, &output, &proof).expect("a true proof");
        });
        let each = |time: Duration| {
            let time = time.as_secs_f64() / n as f64;
            format!("{:.2} {:.3}", time * 1e6, time / unit.as_secs_f64())
        };
        println!(
            "{m} | {} | {} | {} | {} | {:.2}",
            each(proving),
            each(derivation),
            each(verifying),
            proof.len(),
            proof.len() as f64 / n as f64
        );
    }
}
