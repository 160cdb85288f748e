//! Straus's method for few terms (*Addition chains of vectors*, American Mathematical Monthly 1964): the terms share
//! the doublings, and each lane sums terms of its own.
#![forbid(unsafe_code)]

use crate::backend::{Backend, Kernel};
use crate::curve::{Affine, Cached, Extended, Packed, Wide, CACHED_IDENTITY, PACKED_IDENTITY, WIDE_IDENTITY};
use crate::field::{Field, Words, MAX_LANES};
use crate::pippenger::widen;
use crate::recode::bits;
use crate::serial::Serial;

/// Up to how many terms buckets do not pay off (`docs/lanes.md`).
pub(crate) fn few(backend: Backend) -> usize {
    if backend == Backend::Ifma {
        1536
    } else {
        128
    }
}

/// Bits of a window: digits run from -(2^4 - 1) to 2^4.
const WIDTH: usize = 5;

/// Multiples of every point in its table.
const MULTIPLES: usize = 1 << (WIDTH - 1);

/// Σ scalars_i · points_i as (X, Y, Z, T), on the calling thread.
pub(crate) fn sum(backend: Backend, scalars: &[Words], points: &[Packed]) -> Wide {
    // Long scalars first: where all lanes are through with theirs there is nothing to add.
    let mut order: Vec<(usize, usize)> = scalars.iter().map(|s| bits(std::slice::from_ref(s))).zip(0..).collect();
    order.retain(|(bits, _)| *bits > 0);
    order.sort_unstable_by_key(|(bits, _)| std::cmp::Reverse(*bits));
    match order.first() {
        None => WIDE_IDENTITY,
        // The digit after the last bit takes the carry.
        Some((most, _)) => backend.run(Straus { scalars, points, order: &order, windows: most / WIDTH + 1 }),
    }
}

struct Straus<'a> {
    scalars: &'a [Words],
    points: &'a [Packed],
    /// Bits and index of each term.
    order: &'a [(usize, usize)],
    windows: usize,
}

/// A scalar's digits, lowest first: `windows` of them.
fn digits(scalar: &Words, windows: usize) -> impl Iterator<Item = i8> + '_ {
    let mut carry = 0;
    (0..windows).map(move |w| {
        let (word, shift) = (w * WIDTH / 64, w * WIDTH % 64);
        let low = scalar.get(word).copied().unwrap_or_default() >> shift;
        let high = scalar.get(word + 1).copied().unwrap_or_default().checked_shl(64 - shift as u32).unwrap_or_default();
        let raw = ((low | high) & ((1 << WIDTH) - 1)) as i8 + carry;
        carry = i8::from(raw > MULTIPLES as i8);
        raw - (carry << WIDTH)
    })
}

impl Kernel for Straus<'_> {
    type Output = Wide;

    #[inline(always)]
    fn run<F: Field>(self, f: F) -> Wide {
        let rows = self.order.len().div_ceil(F::LANES);
        // Row by row, multiple by multiple, lane by lane.
        let mut tables: Vec<Wide> = Vec::with_capacity(rows * MULTIPLES * F::LANES);
        // Window by window, row by row, lane by lane.
        let mut signed = vec![0i8; self.windows * rows * F::LANES];
        for (row, terms) in self.order.chunks(F::LANES).enumerate() {
            let mut at = [&PACKED_IDENTITY; MAX_LANES];
            for (lane, (_, i)) in terms.iter().enumerate() {
                at[lane] = &self.points[*i];
                for (w, digit) in digits(&self.scalars[*i], self.windows).enumerate() {
                    signed[(w * rows + row) * F::LANES + lane] = digit;
                }
            }
            let q = Affine::gather(f, &at);
            let mut multiple = [Extended::from_affine(f, q, 0)];
            for m in 0..MULTIPLES {
                if m > 0 {
                    multiple = Extended::add_affine(f, multiple, [q], [0]);
                }
                tables.extend_from_slice(&multiple[0].cached(f).scatter(f)[..F::LANES]);
            }
        }
        let mut sum = Extended::identity(f);
        for (w, signed) in signed.chunks_exact(rows * F::LANES).enumerate().rev() {
            if w + 1 < self.windows {
                for _ in 0..WIDTH {
                    sum = sum.double(f);
                }
            }
            for (signed, table) in signed.chunks_exact(F::LANES).zip(tables.chunks_exact(MULTIPLES * F::LANES)) {
                if signed.iter().all(|digit| *digit == 0) {
                    continue;
                }
                let mut at = [&CACHED_IDENTITY; MAX_LANES];
                let mut negative = 0u8;
                for (lane, digit) in signed.iter().enumerate() {
                    if let Some(m) = usize::from(digit.unsigned_abs()).checked_sub(1) {
                        at[lane] = &table[m * F::LANES + lane];
                    }
                    negative |= u8::from(*digit < 0) << lane;
                }
                sum = sum.add_signed(f, Cached::gather(f, &at), negative);
            }
        }
        let lanes = sum.scatter(f);
        let total = lanes[1..F::LANES].iter().fold(widen(&lanes[0]), |a, b| a.add(Serial, widen(b).cached(Serial)));
        total.scatter(Serial)[0]
    }
}
