//! Long vectors of scalars on all cores: random ones, powers, running products, and commitments to vectors that are never
//! kept whole.

use crate::elgamal::{CiphertextList, SecretScalars};
use crate::group::Generators;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use chacha20::ChaCha20;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use selge_lanes::{Backend, Msm, TermError};
use zeroize::{Zeroize, Zeroizing};

/// Scalars that one task works on.
pub(super) const TASK: usize = 1 << 12;

/// Encodings that are gathered at a time.
pub(super) const GATHERED: usize = 1 << 14;

/// `n` uniform scalars: 64 bytes each of the ChaCha20 key stream under a key from `rng`, with the task's number as the
/// nonce. Asking the operating system for all of it would take longer, on one core.
pub(super) fn random_scalars<R: RngCore + CryptoRng>(n: usize, rng: &mut R) -> SecretScalars {
    let mut key = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *key);
    let mut scalars = vec![Scalar::ZERO; n];
    scalars.par_chunks_mut(TASK).enumerate().for_each(|(task, scalars)| {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&(task as u64).to_le_bytes());
        let mut cipher = ChaCha20::new((&*key).into(), &nonce.into());
        let mut wide = Zeroizing::new([0; 64 * 16]);
        for scalars in scalars.chunks_mut(16) {
            wide.fill(0);
            cipher.apply_keystream(&mut *wide);
            for (scalar, wide) in scalars.iter_mut().zip(wide.as_chunks().0) {
                *scalar = Scalar::from_bytes_mod_order_wide(wide);
            }
        }
    });
    SecretScalars(scalars)
}

/// A generator whose bytes are drawn many at a time: for the operating system's a few at a time are a call each.
pub(super) struct Buffered<'a, R> {
    rng: &'a mut R,
    bytes: Zeroizing<[u8; 4096]>,
    used: usize,
}

impl<'a, R: RngCore + CryptoRng> Buffered<'a, R> {
    pub(super) fn new(rng: &'a mut R) -> Self {
        let bytes = Zeroizing::new([0; 4096]);
        Buffered { rng, used: bytes.len(), bytes }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        if self.used + N > self.bytes.len() {
            self.rng.fill_bytes(&mut *self.bytes);
            self.used = 0;
        }
        let mut taken = [0; N];
        taken.copy_from_slice(&self.bytes[self.used..self.used + N]);
        self.used += N;
        taken
    }
}

impl<R: RngCore + CryptoRng> RngCore for Buffered<'_, R> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.rng.fill_bytes(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        self.rng.try_fill_bytes(bytes)
    }
}

impl<R: RngCore + CryptoRng> CryptoRng for Buffered<'_, R> {}

/// `x^1, x^2, …, x^n`.
pub(super) fn powers(x: Scalar, n: usize) -> Vec<Scalar> {
    let mut all = vec![Scalar::ZERO; n];
    // x^TASK, by squaring.
    let step = (0..TASK.ilog2()).fold(x, |power, _| power * power);
    let starts: Vec<Scalar> =
        std::iter::successors(Some(x), |start| Some(start * step)).take(n.div_ceil(TASK)).collect();
    all.par_chunks_mut(TASK).zip(starts).for_each(|(chunk, mut power)| {
        for out in chunk {
            *out = power;
            power *= x;
        }
    });
    all
}

/// The running products of `value(0), value(1), …`, made anew in tasks whenever they are needed: what is kept is the
/// product before each task.
pub(super) struct RunningProducts<F> {
    value: F,
    before: SecretScalars,
}

impl<F: Fn(usize) -> Scalar + Sync> RunningProducts<F> {
    pub(super) fn new(n: usize, value: F) -> Self {
        let tasks = (0..n.div_ceil(TASK)).into_par_iter();
        let mut before =
            SecretScalars(tasks.map(|task| (task * TASK..n.min((task + 1) * TASK)).map(&value).product()).collect());
        let mut running = Scalar::ONE;
        for product in &mut before.0 {
            running *= std::mem::replace(product, running);
        }
        running.zeroize();
        RunningProducts { value, before }
    }

    /// `value(i)`.
    pub(super) fn value(&self, i: usize) -> Scalar {
        (self.value)(i)
    }

    /// The products up to and with `from`, `from + 1`, …; `from` is where a task starts.
    pub(super) fn from(&self, from: usize) -> impl Iterator<Item = Scalar> + '_ {
        debug_assert!(from.is_multiple_of(TASK), "a task's start");
        let mut running = self.before.0.get(from / TASK).copied().unwrap_or(Scalar::ONE);
        (from..).map(move |i| {
            running *= self.value(i);
            running
        })
    }
}

/// `Σ values_i·G_i + blinding·H`, with at least as many generators as values.
pub(super) fn commit(generators: &Generators, values: &[Scalar], blinding: &Scalar) -> RistrettoPoint {
    let mut sum = prover_sum(values.len() / 16);
    // The callers have compared the lengths; what is not committed to would be a proof that no verifier accepts.
    let added = generators.add_from_vartime(&mut sum, values, 0);
    debug_assert!(added.is_ok(), "as many generators as values");
    sum.finish_vartime() + generators.h() * blinding
}

/// As [`commit`] for the `n` values that `fill` writes, task by task: it is given where a task starts, and its room.
pub(super) fn commit_to(
    generators: &Generators,
    n: usize,
    blinding: &Scalar,
    fill: impl Fn(usize, &mut [Scalar]) + Sync,
) -> RistrettoPoint {
    let mut sum = prover_sum(n / 16);
    let mut values = SecretScalars(vec![Scalar::ZERO; n.min(GATHERED)]);
    for from in (0..n).step_by(GATHERED) {
        let values = &mut values.0[..GATHERED.min(n - from)];
        values.par_chunks_mut(TASK).enumerate().for_each(|(task, values)| fill(from + task * TASK, values));
        let added = generators.add_from_vartime(&mut sum, values, from);
        debug_assert!(added.is_ok(), "as many generators as values");
    }
    sum.finish_vartime() + generators.h() * blinding
}

/// A sum in chunks of about so many terms. They are a small part of the list, so that the working memory stays small beside
/// it.
pub(super) fn prover_sum(chunk: usize) -> Msm {
    Msm::with_chunk(Backend::active(), chunk.next_power_of_two().clamp(1 << 13, selge_lanes::CHUNK))
}

/// `+ Σ_i scalars_i · C_{from + i}` for one component `C` of a list (`R` or `C` of a limb), still encoded.
pub(super) fn add_column(
    sum: &mut Msm,
    scalars: &[Scalar],
    list: &CiphertextList,
    component: usize,
    from: usize,
) -> Result<(), TermError> {
    let stride = 2 * list.width();
    let mut column = list.points().iter().skip(from * stride + component).step_by(stride).copied();
    for scalars in scalars.chunks(GATHERED) {
        let points: Vec<[u8; 32]> = column.by_ref().take(scalars.len()).collect();
        sum.add_encoded_vartime(scalars, &points)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;
    use std::collections::HashSet;

    const SIZES: [usize; 7] = [0, 1, 2, TASK - 1, TASK, TASK + 1, 3 * TASK + 5];

    #[test]
    fn powers_are_powers() {
        let x = random_scalars(1, &mut OsRng).0[0];
        for n in SIZES {
            let one_by_one: Vec<_> = std::iter::successors(Some(x), |p| Some(p * x)).take(n).collect();
            assert_eq!(powers(x, n), one_by_one);
        }
    }

    #[test]
    fn running_products_are_the_same_from_every_task() {
        for n in SIZES {
            let values = random_scalars(n, &mut OsRng);
            let products = RunningProducts::new(n, |i| values.0.get(i).copied().unwrap_or(Scalar::ONE));
            let mut running = Scalar::ONE;
            let one_by_one: Vec<_> = (values.0.iter())
                .map(|v| {
                    running *= v;
                    running
                })
                .collect();
            for (task, expected) in one_by_one.chunks(TASK).enumerate() {
                let found: Vec<_> = products.from(task * TASK).take(expected.len()).collect();
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_buffered_generator_gives_the_bytes_in_order() {
        let seed = [7; 32];
        let mut expected = vec![0; 3 * 4096];
        ChaCha20Rng::from_seed(seed).fill_bytes(&mut expected);
        let mut rng = ChaCha20Rng::from_seed(seed);
        let mut buffered = Buffered::new(&mut rng);
        let drawn: Vec<u8> = (0..3 * 512).flat_map(|_| buffered.next_u64().to_le_bytes()).collect();
        assert_eq!(drawn, expected);
        // What is left of a buffer and too short is not used.
        let mut rng = ChaCha20Rng::from_seed(seed);
        let mut buffered = Buffered::new(&mut rng);
        assert_eq!(buffered.next_u32().to_le_bytes(), expected[..4]);
        let drawn: Vec<u8> = (0..512).flat_map(|_| buffered.next_u64().to_le_bytes()).collect();
        assert_eq!(drawn[..4088], expected[4..4092]);
        assert_eq!(drawn[4088..], expected[4096..4104]);
    }

    #[test]
    fn random_scalars_do_not_repeat() {
        let n = 3 * TASK + 5;
        let (one, two) = (random_scalars(n, &mut OsRng), random_scalars(n, &mut OsRng));
        let all: HashSet<[u8; 32]> = one.0.iter().chain(&two.0).map(Scalar::to_bytes).collect();
        assert_eq!(all.len(), 2 * n);
    }

    #[test]
    fn a_commitment_made_in_tasks_is_the_commitment() {
        let n = GATHERED + TASK + 7;
        // In several pieces, as they come about when one contest after another needs more of them.
        let mut generators = Generators::new(5);
        [TASK + 1, GATHERED - 1, n].into_iter().for_each(|n| generators.extend(n));
        let values = random_scalars(n, &mut OsRng);
        let blinding = values.0[3];
        for n in [0, 1, TASK, n] {
            let made = commit_to(&generators, n, &blinding, |from, out| {
                let len = out.len();
                out.copy_from_slice(&values.0[from..from + len]);
            });
            assert_eq!(made, commit(&generators, &values.0[..n], &blinding));
        }
    }
}
