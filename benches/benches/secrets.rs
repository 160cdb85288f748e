//! Whether the time of what is done with secrets depends on them: the test of O. Reparaz, J. Balasch and I. Verbauwhede,
//! *Dude, is my code constant time?* (DATE 2017).
//!
//! An operation is timed on two classes of secrets, one that never changes and random ones, drawn anew and in random order.
//! Welch's t-test then compares the means, over all times and over the shortest half, three quarters and so on, as longer ones
//! are mostly the machine's. Beyond 10 in absolute value the two differ; below 4.5 no difference was seen, which proves
//! nothing. Sums in variable time are measured beside them, to see that a difference would be found.

use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::{OsRng, StdRng};
use rand::{Rng, RngCore, SeedableRng};
use selge_benches::cpu_time::now;
use selge_benches::{contest_context, key, CHOICES};
use selge_core::plaintext::EncryptedContest;
use selge_core::sign::SigningKey;
use selge_core::transcript::domain;
use selge_lanes::{Backend, FixedBase, Msm, Points};
use std::hint::black_box;
use std::process::ExitCode;

/// Scalars of one sample of an operation on lanes.
const TOGETHER: usize = 16;

/// Parts of the shortest times that are compared, in hundredths.
const CROPS: [usize; 5] = [50, 75, 90, 97, 100];

const LEAK: f64 = 10.0;
const SUSPICION: f64 = 4.5;

/// An operation and how it fared.
struct Outcome {
    name: String,
    samples: usize,
    /// Nanoseconds, of the middle time.
    median: f64,
    t: f64,
    must_leak: bool,
}

impl Outcome {
    fn verdict(&self) -> &'static str {
        match (self.t.abs(), self.must_leak) {
            (t, true) if t > LEAK => "depends on the scalars, as it should",
            (_, true) => "not found: too few samples, or a machine that is too busy",
            (t, false) if t > LEAK => "DEPENDS ON THE SECRET",
            (t, false) if t > SUSPICION => "suspicious: measure again",
            _ => "no difference seen",
        }
    }

    fn is_as_expected(&self) -> bool {
        (self.t.abs() > LEAK) == self.must_leak
    }
}

/// Welch's t of two samples.
fn welch(classes: [&[f64]; 2]) -> f64 {
    let moments = classes.map(|times| {
        let n = times.len() as f64;
        let mean = times.iter().sum::<f64>() / n;
        let variance = times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, variance / n)
    });
    let [(a, va), (b, vb)] = moments;
    let deviation = (va + vb).sqrt();
    if deviation > 0.0 {
        (a - b) / deviation
    } else {
        0.0
    }
}

/// Times `run` on secrets that `fixed` and `random` make, by turns at random.
fn measure<S>(
    name: &str,
    samples: usize,
    must_leak: bool,
    mut fixed: impl FnMut() -> S,
    mut random: impl FnMut() -> S,
    mut run: impl FnMut(&S),
) -> Outcome {
    let mut order = StdRng::from_rng(OsRng).expect("randomness");
    let mut times: Vec<(bool, f64)> = Vec::with_capacity(samples);
    for at in 0..samples + samples / 10 {
        let class = order.gen();
        // Both are made, in either order, so that nothing but the secret differs: neither its place nor what was done before.
        let (a, b) = if order.gen() {
            let a = fixed();
            (a, random())
        } else {
            let b = random();
            (fixed(), b)
        };
        let secret = if class { a } else { b };
        let start = now();
        run(black_box(&secret));
        let took = (now() - start).as_nanos() as f64;
        // The first tenth is for warming up.
        if at >= samples / 10 {
            times.push((class, took));
        }
    }
    times.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let crop = |percent: usize| {
        let kept = &times[..times.len() * percent / 100];
        let of = |class: bool| -> Vec<f64> { kept.iter().filter(|t| t.0 == class).map(|t| t.1).collect() };
        let (a, b) = (of(true), of(false));
        if a.len() < 10 || b.len() < 10 {
            // Nearly all of the short times are of one class.
            return if times.len() < 100 { 0.0 } else { f64::INFINITY };
        }
        welch([&a, &b])
    };
    let t = CROPS.into_iter().map(crop).max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
    let median = times.get(times.len() / 2).map_or(0.0, |t| t.1);
    Outcome { name: name.to_owned(), samples, median, t, must_leak }
}

fn scalars() -> Vec<Scalar> {
    (0..TOGETHER).map(|_| Scalar::random(&mut OsRng)).collect()
}

fn lanes(samples: usize) -> Vec<Outcome> {
    let points: Vec<RistrettoPoint> = scalars().iter().map(|s| s * RISTRETTO_BASEPOINT_TABLE).collect();
    let encodings: Vec<[u8; 32]> = points.iter().map(|p| p.compress().0).collect();
    let mut out = vec![[0; 32]; TOGETHER];
    let backends = || Backend::available().filter(|b| *b != Backend::Dalek);
    let mut outcomes = Vec::new();
    for backend in backends() {
        let base = FixedBase::new(backend, &RISTRETTO_BASEPOINT_POINT);
        for (what, fixed) in [("0", Scalar::ZERO), ("1", Scalar::ONE), ("-1", -Scalar::ONE)] {
            outcomes.push(measure(
                &format!("add secret multiples, {backend}: {what} or random"),
                samples,
                false,
                || vec![fixed; TOGETHER],
                scalars,
                |s| base.add_multiples(&encodings, s, &mut out).expect("points"),
            ));
        }
    }
    for backend in backends() {
        let points = Points::from_ristretto_vartime(backend, &points);
        outcomes.push(measure(
            &format!("sum in variable time, {backend}: 1 or random"),
            samples,
            true,
            || vec![Scalar::ONE; TOGETHER],
            scalars,
            |s| {
                let mut sum = Msm::new(backend);
                sum.add_points_vartime(s, &points).expect("as many scalars as points");
                black_box(sum.finish_vartime());
            },
        ));
    }
    outcomes
}

fn voters_and_trustees(samples: usize) -> Vec<Outcome> {
    let key = key();
    let scalar = || Scalar::random(&mut OsRng);
    let point = RISTRETTO_BASEPOINT_POINT * scalar();
    let ctx = contest_context(&key, CHOICES as u128);
    let signers = || SigningKey::from_seed(OsRng.gen());
    let again = || SigningKey::from_seed([1; 32]);
    let message = [7; 200];
    vec![
        measure(
            "encrypt 0 or a random number",
            samples,
            false,
            || (Scalar::ZERO, scalar()),
            || (scalar(), scalar()),
            |(m, r)| {
                black_box(key.encrypt(m, r));
            },
        ),
        measure(
            "a trustee's factor: share 1 or random",
            samples,
            false,
            || Scalar::ONE,
            scalar,
            |s| {
                black_box(s * point);
            },
        ),
        measure("sign: one key or random ones", samples, false, again, signers, |s| {
            black_box(s.sign(domain::ENTRY, &selge_benches::ELECTION, &message));
        }),
        measure(
            "make a ballot: choice 0 or a random one of 255",
            samples / 50,
            false,
            || 0,
            || u128::from(OsRng.next_u64() % CHOICES as u64),
            |choice| {
                black_box(EncryptedContest::encrypt(&ctx, *choice, &mut OsRng)).expect("a ballot");
            },
        ),
    ]
}

fn main() -> ExitCode {
    // Cargo says so when it measures, and says nothing when it only tests.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let samples = if measured { 100_000 } else { 60 };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let outcomes: Vec<Outcome> =
        pool.install(|| lanes(samples).into_iter().chain(voters_and_trustees(samples)).collect());
    println!("{:<56} {:>8} {:>10} {:>9}", "operation", "samples", "median ns", "t");
    for o in &outcomes {
        println!("{:<56} {:>8} {:>10.0} {:>9.1}  {}", o.name, o.samples, o.median, o.t, o.verdict());
    }
    if measured && !outcomes.iter().all(Outcome::is_as_expected) {
        println!("not all is as it should be");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
