//! Pippenger's multi-scalar multiplication on lanes.
//!
//! For every window the terms are sorted by digit, so that the terms of one bucket form a *run*. As many runs of like
//! length as there are lanes are summed side by side, each in its own lane: no two lanes ever meet in a bucket.

use crate::backend::{Backend, Kernel};
use crate::curve::{Affine, Cached, Extended, Packed, Wide, CACHED_IDENTITY, PACKED_IDENTITY, WIDE_IDENTITY};
use crate::field::{Field, Words, MAX_LANES};
use crate::prefetch::prefetch;
use crate::recode::{bits, Digits, Plan};
use crate::serial::Serial;
use rayon::prelude::*;

/// Steps ahead of the additions at which points are fetched.
const AHEAD: usize = 1;

/// Σ scalars_i · points_i as (X, Y, Z, T), on all cores. `points` and `scalars` are equally long, scalars reduced.
pub(crate) fn sum(backend: Backend, scalars: &[Words], points: &[Packed]) -> Wide {
    let bits = bits(scalars);
    if bits == 0 {
        return WIDE_IDENTITY;
    }
    let plan = Plan::new(scalars.len(), bits, backend.lanes());
    let digits = Digits::new(plan, scalars);
    // The window with the most buckets may be the last: it goes first.
    let mut windows: Vec<(usize, Wide)> = (0..plan.windows)
        .into_par_iter()
        .rev()
        .with_max_len(1)
        .map(|window| (window, backend.run(Window { plan, window, digits: &digits, points })))
        .collect();
    windows.sort_unstable_by_key(|(window, _)| *window);
    let mut total = Extended::identity(Serial);
    for (_, wide) in windows.iter().rev() {
        for _ in 0..plan.width {
            total = total.double(Serial);
        }
        total = total.add(Serial, widen(wide).cached(Serial));
    }
    total.scatter(Serial)[0]
}

/// One point in the serial arithmetic.
pub(crate) fn widen(wide: &Wide) -> Extended<Serial> {
    Extended::gather(Serial, &[wide; MAX_LANES])
}

/// Σ digit_i · points_i over one window.
struct Window<'a> {
    plan: Plan,
    window: usize,
    digits: &'a Digits,
    points: &'a [Packed],
}

/// Terms of one bucket, or of a part of a very full one: `order[start..start + len]`.
#[derive(Clone, Copy, Default)]
struct Run {
    bucket: u32,
    start: u32,
    len: u32,
    /// The bucket has further runs.
    part: bool,
}

/// The terms sorted by bucket: twice the point's index, plus 1 where the digit is negative.
struct Sorted {
    order: Vec<u32>,
    /// Runs, longest first.
    runs: Vec<Run>,
    /// The highest bucket with a term; buckets count from 1.
    highest: usize,
}

impl Window<'_> {
    fn sort(&self) -> Sorted {
        let most = self.plan.most(self.window);
        let mut ends = vec![0u32; most + 1];
        for block in self.digits.window(self.window) {
            for digit in block {
                ends[(digit >> 1) as usize] += 1;
            }
        }
        ends[0] = 0; // Digits of zero take no part.
        let highest = ends.iter().rposition(|&n| n != 0).unwrap_or(0);
        let total: usize = ends.iter().map(|&n| n as usize).sum();
        // What a bucket has beyond this makes further runs, so that lanes stay equally busy.
        let longest = (4 * total / highest.max(1)).max(64);

        let mut lengths = vec![0u32; longest + 1];
        let mut at = 0;
        for count in &mut ends {
            let mut left = *count as usize;
            lengths[longest] += (left / longest) as u32;
            left %= longest;
            lengths[left] += 1;
            // From here on the bucket's next free place.
            (*count, at) = (at, at + *count);
        }
        let mut order = vec![0u32; total];
        let mut index = 0u32;
        for block in self.digits.window(self.window) {
            for digit in block {
                if *digit > 1 {
                    let place = &mut ends[(digit >> 1) as usize];
                    order[*place as usize] = index | (digit & 1);
                    *place += 1;
                }
                index += 2;
            }
        }
        // Runs, longest first: now each entry of `ends` is its bucket's end.
        lengths[0] = 0;
        let mut place = 0;
        for count in lengths.iter_mut().rev() {
            (*count, place) = (place, place + *count);
        }
        let mut runs = vec![Run::default(); place as usize];
        let mut start = 0;
        for (bucket, &end) in ends.iter().enumerate() {
            let part = (end - start) as usize > longest;
            while start < end {
                let len = (end - start).min(longest as u32);
                let slot = &mut lengths[len as usize];
                runs[*slot as usize] = Run { bucket: bucket as u32, start, len, part };
                *slot += 1;
                start += len;
            }
        }
        Sorted { order, runs, highest }
    }
}

impl Kernel for Window<'_> {
    type Output = Wide;

    #[inline(always)]
    fn run<F: Field>(self, f: F) -> Wide {
        let sorted = self.sort();
        if sorted.runs.is_empty() {
            return WIDE_IDENTITY;
        }
        // Lane l sums up the buckets after l · segment.
        let segment = sorted.highest.div_ceil(F::LANES);
        let mut buckets = vec![CACHED_IDENTITY; segment * F::LANES];
        fill(f, &sorted, self.points, &mut buckets);
        sum_up(f, &buckets, segment)
    }
}

/// Adds every run of points into its bucket.
#[inline(always)]
fn fill<F: Field>(f: F, sorted: &Sorted, points: &[Packed], buckets: &mut [Wide]) {
    let Sorted { order, runs, .. } = sorted;
    let identity = &PACKED_IDENTITY;
    // Sums of the runs of very full buckets.
    let mut parts: Vec<(u32, Wide)> = Vec::new();
    let groups = runs.len().div_ceil(F::LANES);
    for g in 0..groups {
        let group = &runs[g * F::LANES..runs.len().min((g + 1) * F::LANES)];
        let next = &runs[runs.len().min((g + 1) * F::LANES)..runs.len().min((g + 2) * F::LANES)];
        let steps = group[0].len as usize;
        let mut sum = Extended::identity(f);
        for step in 0..steps {
            let mut at = [identity; MAX_LANES];
            let mut negative = 0u8;
            for (l, run) in group.iter().enumerate() {
                if step < run.len as usize {
                    let entry = order[run.start as usize + step];
                    at[l] = &points[(entry >> 1) as usize];
                    negative |= ((entry & 1) as u8) << l;
                }
            }
            let (ahead, then) = if step + AHEAD < steps { (group, step + AHEAD) } else { (next, step + AHEAD - steps) };
            for run in ahead {
                if then < run.len as usize {
                    prefetch(&points[(order[run.start as usize + then] >> 1) as usize]);
                }
            }
            let point = Affine::gather(f, &at);
            sum =
                if step == 0 { Extended::from_affine(f, point, negative) } else { sum.add_affine(f, point, negative) };
        }
        let cached = sum.cached(f).scatter(f);
        for (run, cached) in group.iter().zip(cached) {
            buckets[run.bucket as usize - 1] = cached;
        }
        if group.iter().any(|run| run.part) {
            let wide = sum.scatter(f);
            parts.extend(group.iter().zip(wide).filter(|(run, _)| run.part).map(|(run, wide)| (run.bucket, wide)));
        }
    }
    parts.sort_unstable_by_key(|(bucket, _)| *bucket);
    for parts in parts.chunk_by(|a, b| a.0 == b.0) {
        let sum = parts.iter().fold(Extended::identity(Serial), |a, (_, b)| a.add(Serial, widen(b).cached(Serial)));
        buckets[parts[0].0 as usize - 1] = sum.cached(Serial).scatter(Serial)[0];
    }
}

/// Σ (b + 1) · buckets_b: each lane sums a segment from its top, then the lanes are joined.
#[inline(always)]
fn sum_up<F: Field>(f: F, buckets: &[Wide], segment: usize) -> Wide {
    let mut running = Extended::identity(f);
    let mut sum = Extended::identity(f);
    for i in (0..segment).rev() {
        let mut at = [&buckets[i]; MAX_LANES];
        for (l, at) in at.iter_mut().enumerate().take(F::LANES) {
            *at = &buckets[l * segment + i];
        }
        running = running.add(f, Cached::gather(f, &at));
        sum = sum.add(f, running.cached(f));
    }
    // Lane l's buckets count l · segment more than its sum does: Σ_l l · running_l is the sum of all suffix sums.
    let (running, sums) = (running.scatter(f), sum.scatter(f));
    let mut suffix = Extended::identity(Serial);
    let mut above = Extended::identity(Serial);
    for wide in running[1..F::LANES.max(1)].iter().rev() {
        suffix = suffix.add(Serial, widen(wide).cached(Serial));
        above = above.add(Serial, suffix.cached(Serial));
    }
    let mut total = Extended::identity(Serial);
    for bit in (0..usize::BITS - segment.leading_zeros()).rev() {
        total = total.double(Serial);
        if segment >> bit & 1 == 1 {
            total = total.add(Serial, above.cached(Serial));
        }
    }
    for wide in &sums[..F::LANES] {
        total = total.add(Serial, widen(wide).cached(Serial));
    }
    total.scatter(Serial)[0]
}
