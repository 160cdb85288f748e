//! Scalars as signed digits, and the choice of the window.
#![forbid(unsafe_code)]

use crate::field::Words;
use rayon::prelude::*;

/// Scalars per block of digits.
pub(crate) const BLOCK: usize = 1024;

/// Widest window: with 2^15 buckets of 128 bytes a thread works in 4 MiB.
const MAX_WIDTH: usize = 16;

/// How scalars are cut: `windows` digits of `width` bits, lowest first, the last one unsigned and with what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) width: usize,
    pub(crate) windows: usize,
    /// Bits of the last digit, before the carry into it: at most `width + 1`.
    pub(crate) top: usize,
}

impl Plan {
    /// The cheapest cut for `n` scalars of at most `bits` bits: per window 7 multiplications for every term and 18
    /// for every bucket, in vectors.
    pub(crate) fn new(n: usize, bits: usize, lanes: usize) -> Plan {
        let cut = |width: usize| {
            // The top digit takes a bit more, if the scalars have one over: a window of one bit is a waste.
            let windows = bits.saturating_sub(1).div_ceil(width).max(1);
            Plan { width, windows, top: bits - width * (windows - 1) }
        };
        (2..=MAX_WIDTH).map(cut).min_by_key(|plan| plan.cost(n, lanes)).unwrap_or(cut(MAX_WIDTH))
    }

    fn cost(&self, n: usize, lanes: usize) -> usize {
        // Sorting an entry is worth some 3 vector multiplications; what a window takes beyond all that, in the serial
        // arithmetic that joins its lanes, some 400.
        let buckets = (self.windows - 1) * (1 << (self.width - 1)) + (1 << self.top);
        self.windows * ((7 + 3) * n + 400 * lanes) + 18 * buckets
    }

    /// Most buckets of a window: digits run from minus to plus this.
    pub(crate) fn most(&self, window: usize) -> usize {
        if window + 1 == self.windows {
            1 << self.top
        } else {
            1 << (self.width - 1)
        }
    }
}

/// Bits of the longest scalar.
pub(crate) fn bits(scalars: &[Words]) -> usize {
    let any = scalars.iter().fold([0; 4], |a, s| [a[0] | s[0], a[1] | s[1], a[2] | s[2], a[3] | s[3]]);
    (0..4).rev().find(|&i| any[i] != 0).map_or(0, |i| 64 * (i + 1) - any[i].leading_zeros() as usize)
}

/// All digits of all scalars, in blocks of [`BLOCK`] scalars, window after window in each block.
///
/// A digit d is stored as 2·|d|, plus 1 if it is negative.
pub(crate) struct Digits {
    digits: Vec<u32>,
    windows: usize,
}

impl Digits {
    pub(crate) fn new(plan: Plan, scalars: &[Words]) -> Digits {
        // With half a window added at every digit but the last, each digit can be read by itself.
        let half = 1u32 << (plan.width - 1);
        let mut bias = [0u64; 4];
        for w in 0..plan.windows - 1 {
            let bit = w * plan.width + plan.width - 1;
            bias[bit / 64] |= 1 << (bit % 64);
        }
        let mut digits = vec![0u32; scalars.len() * plan.windows];
        digits.par_chunks_mut(BLOCK * plan.windows).zip(scalars.par_chunks(BLOCK)).for_each(|(digits, scalars)| {
            let n = scalars.len();
            for (i, scalar) in scalars.iter().enumerate() {
                let biased = add(scalar, &bias);
                for w in 0..plan.windows - 1 {
                    let raw = extract(&biased, w * plan.width, plan.width);
                    digits[w * n + i] = if raw >= half { 2 * (raw - half) } else { 2 * (half - raw) + 1 };
                }
                // The top digit has room for the carry.
                digits[(plan.windows - 1) * n + i] =
                    2 * extract(&biased, (plan.windows - 1) * plan.width, plan.top + 1);
            }
        });
        Digits { digits, windows: plan.windows }
    }

    /// Blocks of one window's digits, in the order of the scalars.
    pub(crate) fn window(&self, window: usize) -> impl Iterator<Item = &[u32]> {
        self.digits.chunks(BLOCK * self.windows).map(move |block| {
            let n = block.len() / self.windows;
            &block[window * n..(window + 1) * n]
        })
    }
}

/// a + b, which is below 2^256: scalars are below 2^253 and biases below 2^252.
#[inline(always)]
fn add(a: &Words, b: &Words) -> Words {
    let mut sum = [0; 4];
    let mut carry = 0u64;
    for i in 0..4 {
        let wide = u128::from(a[i]) + u128::from(b[i]) + u128::from(carry);
        (sum[i], carry) = (wide as u64, (wide >> 64) as u64);
    }
    sum
}

/// `len` bits of `a` from bit `at`, zeros beyond its end; `len` at most 31.
#[inline(always)]
fn extract(a: &Words, at: usize, len: usize) -> u32 {
    let (word, shift) = (at / 64, at % 64);
    let low = a.get(word).copied().unwrap_or(0);
    let high = a.get(word + 1).copied().unwrap_or(0);
    let joined = (u128::from(high) << 64 | u128::from(low)) >> shift;
    (joined as u32) & ((1 << len) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::{BigInt, BigUint};
    use proptest::prelude::*;

    fn big(w: &Words) -> BigInt {
        w.iter().rev().fold(BigInt::from(0), |a, w| (a << 64) + w)
    }

    fn check(plan: Plan, scalars: &[Words]) {
        let digits = Digits::new(plan, scalars);
        let mut sums = vec![BigInt::from(0); scalars.len()];
        for w in 0..plan.windows {
            let flat: Vec<u32> = digits.window(w).flatten().copied().collect();
            assert_eq!(flat.len(), scalars.len());
            for (sum, digit) in sums.iter_mut().zip(flat) {
                let size = BigInt::from(digit >> 1);
                assert!((digit >> 1) as usize <= plan.most(w), "{plan:?}, window {w}: {size}");
                *sum += (if digit & 1 == 1 { -size } else { size }) << (w * plan.width);
            }
        }
        for (sum, scalar) in sums.iter().zip(scalars) {
            assert_eq!(*sum, big(scalar), "{plan:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn digits_add_up_to_the_scalar(words in prop::collection::vec(any::<[u64; 4]>(), 1..20), bits in 1usize..=253, width in 2usize..=MAX_WIDTH) {
            let scalars: Vec<Words> = words
                .iter()
                .map(|w| {
                    let cut = (big(w).to_biguint().unwrap()) % (BigUint::from(1u8) << bits);
                    let mut out = [0; 4];
                    for (o, d) in out.iter_mut().zip(cut.to_u64_digits()) {
                        *o = d;
                    }
                    out
                })
                .collect();
            let windows = bits.saturating_sub(1).div_ceil(width).max(1);
            check(Plan { width, windows, top: bits - width * (windows - 1) }, &scalars);
        }
    }

    #[test]
    fn extremes_have_digits() {
        // All ones, and the order less one.
        let ones = [u64::MAX, u64::MAX, u64::MAX, (1 << 61) - 1];
        let q1 = [0x5812631a5cf5d3ec, 0x14def9dea2f79cd6, 0, 0x1000000000000000];
        for scalars in [vec![ones], vec![q1], vec![[0; 4]], vec![[1, 0, 0, 0]], vec![ones; BLOCK + 1], vec![[0; 4], q1]]
        {
            for n in [1, 100, 1 << 14, 1 << 20] {
                for lanes in [1, 4, 8] {
                    let plan = Plan::new(n, bits(&scalars), lanes);
                    assert!(plan.top <= plan.width + 1);
                    check(plan, &scalars);
                }
            }
        }
    }
}
