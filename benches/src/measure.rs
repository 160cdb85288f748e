//! How long a job takes, in processor time and in scalar multiplications.

use crate::cpu_time::now;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::OsRng;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Scalar multiplications of one measurement of the unit, about 10 ms.
const UNITS: u32 = 300;

/// A sample of a job takes at least so long; a shorter job is repeated within it.
const SAMPLE: Duration = Duration::from_millis(10);

/// Most samples of one job.
const SAMPLES: usize = 25;

/// What a job takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Seconds of processor time.
    pub seconds: f64,
    /// The same in SM.
    pub sm: f64,
}

impl Time {
    /// One item's share of a job about `items`.
    pub fn per(self, items: usize) -> Time {
        let items = items.max(1) as f64;
        Time { seconds: self.seconds / items, sm: self.sm / items }
    }
}

/// The unit: one constant-time variable-base scalar multiplication (SM) of curve25519-dalek.
///
/// It is measured directly before and after every sample, since a shared machine has fast and slow seconds.
#[derive(Debug)]
pub struct Meter {
    point: RistrettoPoint,
    scalar: Scalar,
    budget: Duration,
}

impl Meter {
    /// A meter that spends about `budget` on each job.
    pub fn new(budget: Duration) -> Self {
        let point = RISTRETTO_BASEPOINT_POINT * Scalar::random(&mut OsRng);
        Meter { point, scalar: Scalar::random(&mut OsRng), budget }
    }

    /// Seconds of one SM, now.
    pub fn unit(&self) -> f64 {
        let start = now();
        for _ in 0..UNITS {
            black_box(black_box(&self.point) * black_box(&self.scalar));
        }
        (now() - start).as_secs_f64() / f64::from(UNITS)
    }

    /// The median over samples of `job`: as many as the budget has room for, at least one.
    pub fn measure<T>(&self, mut job: impl FnMut() -> T) -> Time {
        let started = Instant::now();
        let mut samples = Vec::new();
        let mut repeat = 1u32;
        let mut unit = self.unit();
        while samples.len() < SAMPLES && (samples.is_empty() || started.elapsed() < self.budget) {
            let start = now();
            for _ in 0..repeat {
                black_box(job());
            }
            let took = now() - start;
            if took < SAMPLE / 2 && repeat < 1 << 20 {
                // Too short for the clock: this was the warm-up.
                let wanted = SAMPLE.as_secs_f64() / took.as_secs_f64().max(1e-6);
                repeat = repeat.saturating_mul(wanted.ceil() as u32);
                continue;
            }
            let after = self.unit();
            let seconds = took.as_secs_f64() / f64::from(repeat);
            samples.push(Time { seconds, sm: seconds * 2.0 / (unit + after) });
            unit = after;
        }
        Time { seconds: median(samples.iter().map(|s| s.seconds)), sm: median(samples.iter().map(|s| s.sm)) }
    }
}

/// The middle value; of an even number the lower one of the middle.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

/// Wall-clock seconds of `job` in each of `pools`, the best of `rounds` by turns.
pub fn wall<T: Send>(pools: &[&rayon::ThreadPool], rounds: usize, job: impl Fn() -> T + Sync) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; pools.len()];
    for _ in 0..rounds {
        for (pool, best) in pools.iter().zip(&mut best) {
            let start = Instant::now();
            pool.install(|| black_box(job()));
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    best
}

/// The exponent `k` of `time = a·n^k`, by least squares on the logarithms; `None` of fewer than two sizes.
pub fn growth(times: &[(usize, f64)]) -> Option<f64> {
    let points: Vec<(f64, f64)> = times.iter().map(|(n, t)| ((*n as f64).ln(), t.ln())).collect();
    let count = points.len() as f64;
    let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / count, points.iter().map(|p| p.1).sum::<f64>() / count);
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    (spread > 0.0).then(|| points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_the_exponent() {
        let times = |k: i32| [1000, 10_000, 100_000].map(|n: usize| (n, 3e-6 * (n as f64).powi(k)));
        for k in [1, 2] {
            assert!((growth(&times(k)).unwrap() - f64::from(k)).abs() < 1e-9);
        }
        assert_eq!(growth(&[(7, 1.0)]), None);
        assert_eq!(growth(&[]), None);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0].into_iter()), 1.0);
        assert!(median(std::iter::empty()).is_nan());
    }

    #[test]
    fn a_scalar_multiplication_is_counted_as_what_it_is() {
        let meter = Meter::new(Duration::ZERO);
        let mut runs = 0u32;
        let time = meter.measure(|| runs += 1);
        assert!(runs > 0 && time.seconds.is_finite() && time.sm.is_finite());
        let ten = Time { seconds: 1.0, sm: 20.0 }.per(10);
        assert_eq!(ten, Time { seconds: 0.1, sm: 2.0 });
    }
}
