//! Decoding and large sums of public points with every backend of `selge-lanes` beside curve25519-dalek, and beside
//! one variable-base scalar multiplication (SM), in one run on one core. Prints a table.

use criterion::Criterion;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::OsRng;
use rand::Rng;
use selge_lanes::{Backend, Msm, Points};
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

const UNIT: &str = "lanes: scalar multiplication (SM)";

/// Points decoded at a time; the cost of one hardly depends on it.
const DECODE: usize = 1 << 13;

/// Sizes of the sums, as powers of two. The slower ones stop earlier, for the sake of the bench's own time.
fn sizes(backend: Backend) -> &'static [usize] {
    match backend {
        Backend::Ifma => &[10, 12, 14, 16, 18],
        Backend::Avx2 => &[10, 12, 14, 16],
        Backend::Serial => &[10, 13],
        // Here dalek's own sum in one piece, as anyone would call it.
        Backend::Dalek => &[10, 13, 16],
    }
}

struct Row {
    name: String,
    items: usize,
}

fn main() {
    // Cargo also runs benches as tests, and lists them; then criterion does one iteration, and there is no table.
    let measured = std::env::args().any(|a| a == "--bench");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let mut rows = Vec::new();
    pool.install(|| {
        let mut criterion = Criterion::default()
            .sample_size(10)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(300))
            .configure_from_args();
        let most = if measured { 18 } else { 10 };
        measure(&mut criterion, most, &mut rows);
        criterion.final_summary();
    });
    if measured {
        table(&rows);
    }
}

fn measure(c: &mut Criterion, most: usize, rows: &mut Vec<Row>) {
    let mut bench = |name: String, items: usize, routine: &mut dyn FnMut()| {
        c.bench_function(&name, |b| b.iter(&mut *routine));
        rows.push(Row { name, items });
    };
    let point = RISTRETTO_BASEPOINT_POINT * Scalar::random(&mut OsRng);
    let scalar = Scalar::random(&mut OsRng);
    bench(UNIT.into(), 1, &mut || {
        black_box(black_box(&point) * black_box(&scalar));
    });

    let n = 1 << most;
    let mut next = point;
    let points: Vec<RistrettoPoint> = std::iter::repeat_with(|| {
        next += RISTRETTO_BASEPOINT_POINT;
        next
    })
    .take(n)
    .collect();
    let encodings: Vec<[u8; 32]> =
        RistrettoPoint::double_and_compress_batch(&points).iter().map(CompressedRistretto::to_bytes).collect();
    let scalars: Vec<Scalar> = (0..n).map(|_| Scalar::random(&mut OsRng)).collect();
    let weights: Vec<Scalar> = (0..n).map(|_| Scalar::from(OsRng.gen::<u128>())).collect();

    let some = DECODE.min(n);
    for backend in Backend::available() {
        bench(format!("decode a point, {backend}"), some, &mut || {
            black_box(Points::decode_vartime(backend, &encodings[..some])).expect("encodings");
        });
    }
    for backend in Backend::available() {
        bench(format!("take a point of dalek's over, {backend}"), some, &mut || {
            black_box(Points::from_ristretto_vartime(backend, &points[..some]));
        });
    }
    for backend in Backend::available() {
        for log in sizes(backend).iter().filter(|log| **log <= most) {
            let n = 1 << log;
            let decoded = Points::decode_vartime(backend, &encodings[..n]).expect("encodings");
            for (kind, scalars) in [("term", &scalars), ("128-bit term", &weights)] {
                bench(format!("{kind} of 2^{log:02}, {backend}"), n, &mut || {
                    if backend == Backend::Dalek {
                        black_box(RistrettoPoint::vartime_multiscalar_mul(&scalars[..n], &points[..n]));
                        return;
                    }
                    let mut sum = Msm::new(backend);
                    sum.add_points_vartime(&scalars[..n], &decoded).expect("as many scalars as points");
                    black_box(sum.finish_vartime());
                });
            }
        }
    }
}

/// Criterion's mean of a bench, in nanoseconds per iteration.
fn mean(name: &str) -> Option<f64> {
    let own = std::env::current_exe().unwrap_or_default();
    let target: PathBuf = own.ancestors().find(|f| f.ends_with("release")).and_then(|f| f.parent())?.into();
    let folder: String = name.chars().map(|c| if "?\"/\\*<>:|^".contains(c) { '_' } else { c }).collect();
    let path = target.join("criterion").join(folder).join("new/estimates.json");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    json["mean"]["point_estimate"].as_f64()
}

fn table(rows: &[Row]) {
    let Some(unit) = mean(UNIT) else {
        println!("no measurement of {UNIT}: no table (was a filter given?)");
        return;
    };
    println!("\nPublic points on one core, variable time. SM = {:.1} µs.", unit / 1e3);
    println!("{:<44} {:>12} {:>9}", "operation", "µs per item", "SM");
    for Row { name, items } in rows {
        if let Some(nanoseconds) = mean(name) {
            let each = nanoseconds / *items as f64;
            println!("{name:<44} {:>12.3} {:>9.4}", each / 1e3, each / unit);
        }
    }
}
