//! `make bench`: every operation of the protocol beside one variable-base scalar multiplication (SM), in one run, on
//! one core, in processor time. Prints a table and writes `target/bench.json`.

use criterion::{BatchSize, Criterion};
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::traits::{MultiscalarMul, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::OsRng;
use selge_benches::cpu_time::CpuTime;
use selge_benches::{ballots as make_ballots, contest_context, key, list, manifest, shuffle_context, ELECTION};
use selge_core::ballot::{verify_all, EncryptedBallot};
use selge_core::ceremony::{CeremonyContext, Commitments, Round1};
use selge_core::codec::{Decode, Encode};
use selge_core::decryption::{DecryptionContext, PartialDecryption};
use selge_core::elgamal::{CiphertextList, PublicKey};
use selge_core::group::{decode_point, Generators};
use selge_core::ids::{ContestIndex, MixIndex, TrusteeIndex};
use selge_core::plaintext::EncryptedContest;
use selge_core::shuffle::{shuffle, verify, verify_chain, ShuffleContext, ShuffleProof};
use selge_core::sign::SigningKey;
use selge_core::transcript::domain;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Ciphertexts of the lists.
const N: usize = 10_000;

/// Ballots that are verified together.
const BALLOTS: usize = 2048;

/// Terms of the two sums that are compared.
const SUM: usize = 8192;

/// Ciphertexts for the memory measurements: enough to drown the program itself.
const MEMORY_N: usize = 100_000;

/// Asks this program to do one job and print its peak memory per ciphertext.
const MEMORY_JOB: &str = "SELGE_BENCH_MEMORY";

/// Name of the unit's bench.
const UNIT: &str = "scalar multiplication (SM)";

/// Items per iteration and the ratio to SM that must not be exceeded, by bench.
const OPERATIONS: &[(&str, usize, Option<f64>)] = &[
    (UNIT, 1, None),
    ("fixed-base multiplication", 1, None),
    ("term of a constant-time sum", SUM, None),
    ("term of a variable-time sum", SUM, None),
    ("decode a list", 2 * N, None),
    ("derive generators", N, None),
    ("shuffle and prove", N, Some(4.0)),
    ("verify a shuffle", N, Some(1.5)),
    ("verify a chain of 3 shuffles", 3 * N, None),
    ("partial decryption", N, None),
    ("verify a partial decryption", N, None),
    ("make a ballot, 255 choices", 1, Some(120.0)),
    ("verify a ballot, 255 choices", 1, Some(20.0)),
    ("make a ballot, 65536 choices", 1, Some(120.0)),
    ("verify a ballot, 65536 choices", 1, Some(20.0)),
    ("verify ballots together, 255 choices", BALLOTS, None),
];

fn main() {
    if let Ok(job) = std::env::var(MEMORY_JOB) {
        println!("{}", measure_memory(&job));
        return;
    }
    // Cargo also runs benches as tests, and lists them; then criterion does one iteration, and there is no table.
    let measured = std::env::args().any(|a| a == "--bench");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    pool.install(|| {
        let mut criterion = Criterion::default()
            .with_measurement(CpuTime)
            .sample_size(10)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(3))
            .configure_from_args();
        group_operations(&mut criterion);
        lists(&mut criterion);
        ballots(&mut criterion);
        criterion.final_summary();
    });
    if measured {
        table();
    }
}

fn group_operations(c: &mut Criterion<CpuTime>) {
    let point = RISTRETTO_BASEPOINT_POINT * Scalar::random(&mut OsRng);
    let scalar = Scalar::random(&mut OsRng);
    c.bench_function(UNIT, |b| b.iter(|| black_box(&point) * black_box(&scalar)));
    c.bench_function("fixed-base multiplication", |b| b.iter(|| RISTRETTO_BASEPOINT_TABLE * black_box(&scalar)));
    // What the shuffle's commitments would cost in constant time, and what they do cost (threat model, "Mix servers").
    let points = Generators::new(SUM).g().to_vec();
    let scalars: Vec<Scalar> = (0..SUM).map(|_| Scalar::random(&mut OsRng)).collect();
    c.bench_function("term of a constant-time sum", |b| {
        b.iter(|| RistrettoPoint::multiscalar_mul(black_box(&scalars), &points))
    });
    c.bench_function("term of a variable-time sum", |b| {
        b.iter(|| RistrettoPoint::vartime_multiscalar_mul(black_box(&scalars), &points))
    });
}

fn lists(c: &mut Criterion<CpuTime>) {
    let key = key();
    let input = list(&key, N);
    let bytes = input.to_bytes();
    c.bench_function("decode a list", |b| b.iter(|| CiphertextList::from_bytes(black_box(&bytes), N, 1)));
    c.bench_function("derive generators", |b| b.iter(|| Generators::new(black_box(N))));
    let generators = Generators::new(N);
    let ctx = shuffle_context(&key);
    c.bench_function("shuffle and prove", |b| b.iter(|| shuffle(&ctx, &generators, &input, &mut OsRng)));
    let (output, proof) = shuffle(&ctx, &generators, &input, &mut OsRng).expect("a shuffle");
    let proof = proof.to_bytes();
    // From the bytes of output and proof: the input is the output before it and was decoded with that.
    c.bench_function("verify a shuffle", |b| {
        b.iter(|| {
            let output = CiphertextList::from_bytes(output.bytes(), N, 1).expect("a list").into();
            let proof = ShuffleProof::from_bytes(&proof, N, 1).expect("a proof");
            verify(&ctx, &generators, &input, &output, &proof).expect("a true proof")
        })
    });

    let mut chain = vec![(Arc::clone(&output), ShuffleProof::from_bytes(&proof, N, 1).expect("a proof"))];
    for mix in 2..=3 {
        let ctx = ShuffleContext { mix: MixIndex(mix), ..ctx };
        chain.push(shuffle(&ctx, &generators, &chain[usize::from(mix) - 2].0, &mut OsRng).expect("a shuffle"));
    }
    let chain: Vec<_> = chain.iter().map(|(list, proof)| (list.to_bytes(), proof.to_bytes())).collect();
    c.bench_function("verify a chain of 3 shuffles", |b| {
        b.iter(|| {
            let chain: Vec<_> = chain
                .iter()
                .map(|(list, proof)| {
                    let list = CiphertextList::from_bytes(list, N, 1).expect("a list");
                    (Arc::new(list), ShuffleProof::from_bytes(proof, N, 1).expect("a proof"))
                })
                .collect();
            verify_chain(&ctx, &generators, &input, &chain).expect("true proofs").len()
        })
    });

    let ceremony = CeremonyContext { election: &ELECTION, trustees: 1, threshold: 1 };
    let (secret, commitments) = Commitments::make(&ceremony, TrusteeIndex(1), &mut OsRng);
    let round1 = Round1::new(&ceremony, &[commitments]).expect("a ceremony");
    let joint_key = round1.joint_key(&ceremony).expect("a key");
    let share = round1.receive(&ceremony, TrusteeIndex(1), &secret, &[]).expect("a share");
    let ctx = DecryptionContext {
        election: &ELECTION,
        joint_key: &joint_key,
        contest: ContestIndex(0),
        trustee: TrusteeIndex(1),
    };
    c.bench_function("partial decryption", |b| {
        b.iter(|| PartialDecryption::make(&ctx, &share, &input, &mut OsRng).expect("factors"))
    });
    let factors = PartialDecryption::make(&ctx, &share, &input, &mut OsRng).expect("factors").to_bytes();
    c.bench_function("verify a partial decryption", |b| {
        b.iter(|| {
            let factors = PartialDecryption::from_bytes(&factors, N, 1).expect("factors");
            factors.verify(&ctx, &input).map(|v| v.trustee()).expect("true factors")
        })
    });
}

/// Ballots of one contest, with the voter's signature, from bytes to verdict.
fn ballots(c: &mut Criterion<CpuTime>) {
    let key = key();
    let signer = SigningKey::generate(&mut OsRng);
    for space in [255u128, 65_536] {
        let ctx = contest_context(&key, space);
        let make = || {
            let bytes = EncryptedContest::encrypt(&ctx, 42, &mut OsRng).expect("a ballot").to_bytes();
            let signature = signer.sign(domain::ENTRY, &ELECTION, &bytes);
            (bytes, signature)
        };
        c.bench_function(&format!("make a ballot, {space} choices"), |b| b.iter(make));
        c.bench_function(&format!("verify a ballot, {space} choices"), |b| {
            b.iter_batched(
                make,
                |(bytes, signature)| {
                    signature.verify(&signer.verifying_key(), domain::ENTRY, &ELECTION, &bytes).expect("signed");
                    EncryptedContest::from_bytes(&bytes).expect("a ballot").verify(&ctx).expect("valid");
                },
                BatchSize::SmallInput,
            )
        });
    }

    let manifest = manifest(255);
    let bytes: Vec<_> = make_ballots(&manifest, &key, BALLOTS).iter().map(Encode::to_bytes).collect();
    c.bench_function("verify ballots together, 255 choices", |b| {
        b.iter(|| {
            let ballots: Vec<_> = bytes.iter().map(|b| EncryptedBallot::from_bytes(b).expect("a ballot")).collect();
            let ballots: Vec<_> = ballots.iter().collect();
            verify_all(&manifest, &key, &ballots).expect("valid").len()
        })
    });
}

/// The folder that cargo builds into.
fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.ancestors().find(|f| f.ends_with("release")).and_then(|f| f.parent()).unwrap_or(&own).to_path_buf()
}

/// Criterion's mean of a bench, in nanoseconds per iteration.
fn mean(name: &str) -> Option<f64> {
    let folder: String = name.chars().map(|c| if "?\"/\\*<>:|^".contains(c) { '_' } else { c }).collect();
    let path = target().join("criterion").join(folder).join("new/estimates.json");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    json["mean"]["point_estimate"].as_f64()
}

fn table() {
    let Some(unit) = mean(UNIT) else {
        println!("no measurement of {UNIT}: no table (was a filter given?)");
        return;
    };
    let mut rows = Vec::new();
    println!("\nOne core, N = {N}, bytes to verdict where something is verified. Goals are ratios to SM in this run.");
    println!("{:<36} {:>12} {:>9} {:>9}", "operation", "µs per item", "SM", "goal");
    for (name, items, goal) in OPERATIONS {
        let Some(nanoseconds) = mean(name) else { continue };
        let each = nanoseconds / *items as f64;
        let ratio = each / unit;
        let shown = goal.map_or_else(String::new, |g| format!("≤ {g}{}", if ratio <= g { "" } else { " !" }));
        println!("{name:<36} {:>12.2} {ratio:>9.2} {shown:>9}", each / 1e3);
        rows.push(serde_json::json!({
            "operation": name, "n": N, "cores": 1, "microseconds": each / 1e3, "sm": ratio, "goal_sm": goal,
        }));
    }
    println!("\nPeak memory beyond the program itself, per ciphertext, N = {MEMORY_N}");
    for job in ["shuffle and prove", "verify a shuffle"] {
        let Some(bytes) = spawn_memory(job) else { continue };
        println!("{job:<36} {bytes:>8} bytes {:>12}", format!("≤ 1536{}", if bytes <= 1536 { "" } else { " !" }));
        rows.push(serde_json::json!({ "operation": job, "n": MEMORY_N, "peak_bytes_per_item": bytes }));
    }
    let per_ciphertext = ShuffleProof::encoded_len(N, 1) as f64 / N as f64;
    println!("\nProof of a shuffle: {per_ciphertext:.1} bytes per ciphertext beyond the 64 of the output");
    let path = target().join("bench.json");
    match std::fs::write(&path, format!("{:#}\n", serde_json::Value::Array(rows))) {
        Ok(()) => println!("written to {}", path.display()),
        Err(error) => println!("{} could not be written: {error}", path.display()),
    }
}

fn spawn_memory(job: &str) -> Option<u64> {
    let output = std::process::Command::new(std::env::current_exe().ok()?).env(MEMORY_JOB, job).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn status(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix(field)).unwrap_or_default();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap_or(0) * 1024
}

/// Peak memory of one job per ciphertext, its input included, the program itself not.
fn measure_memory(job: &str) -> u64 {
    if let Some(folder) = std::env::var_os("SELGE_BENCH_FILES") {
        return verify_from_files(&PathBuf::from(folder));
    }
    let own = status("VmRSS");
    let key = key();
    let generators = Generators::new(MEMORY_N);
    let input = list(&key, MEMORY_N);
    let ctx = shuffle_context(&key);
    let (output, proof) = shuffle(&ctx, &generators, &input, &mut OsRng).expect("a shuffle");
    if job == "shuffle and prove" {
        return (status("VmHWM") - own) / MEMORY_N as u64;
    }
    // Another process verifies, so that its peak is not the prover's.
    let folder = std::env::temp_dir().join(format!("selge-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let key = key.point().compress().to_bytes().to_vec();
    for (name, bytes) in
        [("key", key), ("input", input.to_bytes()), ("output", output.to_bytes()), ("proof", proof.to_bytes())]
    {
        std::fs::write(folder.join(name), bytes).expect("written");
    }
    let run =
        std::process::Command::new(std::env::current_exe().expect("a path")).env("SELGE_BENCH_FILES", &folder).output();
    std::fs::remove_dir_all(&folder).expect("removed");
    String::from_utf8(run.expect("a run").stdout).unwrap_or_default().trim().parse().unwrap_or(0)
}

fn verify_from_files(folder: &std::path::Path) -> u64 {
    let own = status("VmRSS");
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a file");
    let key: [u8; 32] = read("key").try_into().expect("32 bytes");
    let key = PublicKey::new(decode_point(&key, "key").expect("a point")).expect("a key");
    let list = |name: &str| Arc::new(CiphertextList::from_bytes(&read(name), MEMORY_N, 1).expect("a list"));
    let (input, output) = (list("input"), list("output"));
    let proof = ShuffleProof::from_bytes(&read("proof"), MEMORY_N, 1).expect("a proof");
    let generators = Generators::new(MEMORY_N);
    verify(&shuffle_context(&key), &generators, &input, &output, &proof).expect("a true proof");
    (status("VmHWM") - own) / MEMORY_N as u64
}
