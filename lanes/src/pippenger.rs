//! Pippenger's multi-scalar multiplication on lanes.
//!
//! For every window the terms are sorted by digit, so that the terms of one bucket form a *run*. As many runs of like
//! length as there are lanes are summed side by side, each in its own lane: no two lanes ever meet in a bucket.
#![forbid(unsafe_code)]

use crate::backend::{Backend, Kernel};
use crate::curve::{Affine, Cached, Extended, Packed, Wide, CACHED_IDENTITY, WIDE_IDENTITY};
use crate::field::{Field, Words, MAX_LANES};
use crate::prefetch::prefetch;
use crate::recode::{bits, Digits, Plan};
use crate::serial::Serial;
use rayon::prelude::*;

/// Steps ahead of the additions at which points are fetched.
const AHEAD: usize = 2;

/// Vectors at once: enough independent work to keep the multipliers busy. Their lanes together are the *columns*.
const GROUPS: usize = 1;

/// Σ scalars_i · points_i as (X, Y, Z, T), on all cores. `points` has the identity after the last term's point.
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
        // Column c of the vectors sums up the buckets after c · segment.
        let segment = sorted.highest.div_ceil(F::LANES * GROUPS);
        let mut buckets = vec![CACHED_IDENTITY; segment * F::LANES * GROUPS];
        fill(f, &sorted, self.points, &mut buckets);
        sum_up(f, &buckets, segment)
    }
}

/// The terms of the runs in the order in which they are added: at each step one term for every column, as
/// [`Sorted::order`] has it, and a bit for each column that says whether it is negative.
struct Steps {
    /// Runs of one group: as many as there are columns.
    columns: usize,
    terms: Vec<u32>,
    /// Steps of each group.
    lengths: Vec<u32>,
}

impl Steps {
    fn new(sorted: &Sorted, columns: usize, identity: usize) -> Steps {
        let groups = sorted.runs.chunks(columns);
        let lengths: Vec<u32> = groups.clone().map(|group| group[0].len).collect();
        let total = lengths.iter().map(|&n| n as usize).sum::<usize>();
        // A column without a run, or with one that is over, adds the identity.
        let mut terms = vec![2 * identity as u32; total * columns];
        let mut rest = &mut terms[..];
        for (group, &steps) in groups.zip(&lengths) {
            let (here, later) = rest.split_at_mut(steps as usize * columns);
            for (column, run) in group.iter().enumerate() {
                let entries = &sorted.order[run.start as usize..(run.start + run.len) as usize];
                for (slot, entry) in here[column..].iter_mut().step_by(columns).zip(entries) {
                    *slot = *entry;
                }
            }
            rest = later;
        }
        Steps { columns, terms, lengths }
    }
}

/// Adds every run of points into its bucket. The last point is the identity.
#[inline(always)]
fn fill<F: Field>(f: F, sorted: &Sorted, points: &[Packed], buckets: &mut [Wide]) {
    let steps = Steps::new(sorted, F::LANES * GROUPS, points.len() - 1);
    let mut ahead = steps.terms.chunks_exact(steps.columns).skip(AHEAD);
    let mut terms = steps.terms.chunks_exact(steps.columns);
    // Sums of the runs of very full buckets.
    let mut parts: Vec<(u32, Wide)> = Vec::new();
    for (group, &length) in sorted.runs.chunks(steps.columns).zip(&steps.lengths) {
        let mut sums = [Extended::identity(f); GROUPS];
        for (step, terms) in terms.by_ref().take(length as usize).enumerate() {
            for term in ahead.next().unwrap_or_default() {
                prefetch(&points[(term >> 1) as usize]);
            }
            let mut negative = [0u8; GROUPS];
            let mut q = [Affine { plus: sums[0].x, minus: sums[0].x, t2d: sums[0].x }; GROUPS];
            for (k, terms) in terms.chunks_exact(F::LANES).enumerate() {
                let mut at = [&points[(terms[0] >> 1) as usize]; MAX_LANES];
                for l in 0..F::LANES {
                    at[l] = &points[(terms[l] >> 1) as usize];
                    negative[k] |= ((terms[l] & 1) as u8) << l;
                }
                q[k] = Affine::gather(f, &at);
            }
            if step == 0 {
                for k in 0..GROUPS {
                    sums[k] = Extended::from_affine(f, q[k], negative[k]);
                }
            } else {
                sums = Extended::add_affine(f, sums, q, negative);
            }
        }
        for (group, sum) in group.chunks(F::LANES).zip(sums) {
            let cached = sum.cached(f).scatter(f);
            for (run, cached) in group.iter().zip(cached) {
                buckets[run.bucket as usize - 1] = cached;
            }
            if group.iter().any(|run| run.part) {
                let wide = sum.scatter(f);
                parts.extend(group.iter().zip(wide).filter(|(run, _)| run.part).map(|(run, wide)| (run.bucket, wide)));
            }
        }
    }
    parts.sort_unstable_by_key(|(bucket, _)| *bucket);
    for parts in parts.chunk_by(|a, b| a.0 == b.0) {
        let sum = parts.iter().fold(Extended::identity(Serial), |a, (_, b)| a.add(Serial, widen(b).cached(Serial)));
        buckets[parts[0].0 as usize - 1] = sum.cached(Serial).scatter(Serial)[0];
    }
}

/// Σ (b + 1) · buckets_b: each column sums a segment from its top, then the columns are joined.
#[inline(always)]
fn sum_up<F: Field>(f: F, buckets: &[Wide], segment: usize) -> Wide {
    let mut running = [Extended::identity(f); GROUPS];
    let mut sums = [Extended::identity(f); GROUPS];
    for i in (0..segment).rev() {
        let mut q = [running[0].cached(f); GROUPS];
        for (k, q) in q.iter_mut().enumerate() {
            let mut at = [&buckets[i]; MAX_LANES];
            for (l, at) in at.iter_mut().enumerate().take(F::LANES) {
                *at = &buckets[(k * F::LANES + l) * segment + i];
            }
            *q = Cached::gather(f, &at);
        }
        for k in 0..GROUPS {
            running[k] = running[k].add(f, q[k]);
        }
        for k in 0..GROUPS {
            sums[k] = sums[k].add(f, running[k].cached(f));
        }
    }
    // Column c's buckets count c · segment more than its sum does: Σ_c c · running_c is the sum of all suffix sums.
    let running: Vec<Wide> = running.iter().flat_map(|r| r.scatter(f).into_iter().take(F::LANES)).collect();
    let sums: Vec<Wide> = sums.iter().flat_map(|s| s.scatter(f).into_iter().take(F::LANES)).collect();
    let mut suffix = Extended::identity(Serial);
    let mut above = Extended::identity(Serial);
    for wide in running[1..].iter().rev() {
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
    for wide in &sums {
        total = total.add(Serial, widen(wide).cached(Serial));
    }
    total.scatter(Serial)[0]
}
