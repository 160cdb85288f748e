//! One lane, in plain Rust: five limbs of 51 bits, for CPUs without vectors that this crate knows.
//!
//! Reduced: every limb is below 2^51 + 2^28. Loose, before carries: below 2^54.
#![forbid(unsafe_code)]

use crate::field::{Field, Words, ENTRIES, MAX_LANES};

/// The backend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Serial;

/// Five limbs.
pub(crate) type Fe = [u64; 5];

const MASK: u64 = (1 << 51) - 1;

/// 2p, in limbs that exceed every reduced one.
const TWO_P: Fe = [(1 << 52) - 38, (1 << 52) - 2, (1 << 52) - 2, (1 << 52) - 2, (1 << 52) - 2];

/// One pass of carries, all at once.
#[inline(always)]
fn carry(a: Fe) -> Fe {
    [
        (a[0] & MASK) + 19 * (a[4] >> 51),
        (a[1] & MASK) + (a[0] >> 51),
        (a[2] & MASK) + (a[1] >> 51),
        (a[3] & MASK) + (a[2] >> 51),
        (a[4] & MASK) + (a[3] >> 51),
    ]
}

/// Carries of column sums below 2^115.
#[inline(always)]
fn carry_wide(mut c: [u128; 5]) -> Fe {
    const LOW: u128 = MASK as u128;
    for i in 0..4 {
        c[i + 1] += c[i] >> 51;
        c[i] &= LOW;
    }
    let top = c[4] >> 51;
    c[4] &= LOW;
    c[0] += 19 * top;
    c[1] += c[0] >> 51;
    c[0] &= LOW;
    [c[0] as u64, c[1] as u64, c[2] as u64, c[3] as u64, c[4] as u64]
}

#[inline(always)]
fn m(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

/// The limbs of the representative in [0, p).
#[inline(always)]
fn freeze(a: Fe) -> Fe {
    let mut a = carry(a);
    // Below 2p now; the carry out of a + 19 says whether p fits.
    let mut q = (a[0] + 19) >> 51;
    for limb in &a[1..] {
        q = (limb + q) >> 51;
    }
    a[0] += 19 * q;
    for i in 0..4 {
        a[i + 1] += a[i] >> 51;
        a[i] &= MASK;
    }
    a[4] &= MASK;
    a
}

impl Field for Serial {
    type Fe = Fe;
    const LANES: usize = 1;

    #[inline(always)]
    fn splat(self, w: &Words) -> Fe {
        [
            w[0] & MASK,
            (w[0] >> 51 | w[1] << 13) & MASK,
            (w[1] >> 38 | w[2] << 26) & MASK,
            (w[2] >> 25 | w[3] << 39) & MASK,
            w[3] >> 12,
        ]
    }

    #[inline(always)]
    fn gather(self, rows: &[&Words; MAX_LANES]) -> Fe {
        self.splat(rows[0])
    }

    #[inline(always)]
    fn scatter(self, a: Fe) -> [Words; MAX_LANES] {
        let mut a = carry(a);
        for i in 0..4 {
            a[i + 1] += a[i] >> 51;
            a[i] &= MASK;
        }
        let mut rows = [[0; 4]; MAX_LANES];
        rows[0] = [a[0] | a[1] << 51, a[1] >> 13 | a[2] << 38, a[2] >> 26 | a[3] << 25, a[3] >> 39 | a[4] << 12];
        rows
    }

    #[inline(always)]
    fn add(self, a: Fe, b: Fe) -> Fe {
        carry(self.add_loose(a, b))
    }

    #[inline(always)]
    fn sub(self, a: Fe, b: Fe) -> Fe {
        carry(self.sub_loose(a, b))
    }

    #[inline(always)]
    fn add_loose(self, a: Fe, b: Fe) -> Fe {
        [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4]]
    }

    #[inline(always)]
    fn sub_loose(self, a: Fe, b: Fe) -> Fe {
        let mut d = a;
        for i in 0..5 {
            d[i] = a[i] + TWO_P[i] - b[i];
        }
        d
    }

    #[inline(always)]
    fn mul(self, a: Fe, b: Fe) -> Fe {
        let (b1, b2, b3, b4) = (19 * b[1], 19 * b[2], 19 * b[3], 19 * b[4]);
        carry_wide([
            m(a[0], b[0]) + m(a[4], b1) + m(a[3], b2) + m(a[2], b3) + m(a[1], b4),
            m(a[1], b[0]) + m(a[0], b[1]) + m(a[4], b2) + m(a[3], b3) + m(a[2], b4),
            m(a[2], b[0]) + m(a[1], b[1]) + m(a[0], b[2]) + m(a[4], b3) + m(a[3], b4),
            m(a[3], b[0]) + m(a[2], b[1]) + m(a[1], b[2]) + m(a[0], b[3]) + m(a[4], b4),
            m(a[4], b[0]) + m(a[3], b[1]) + m(a[2], b[2]) + m(a[1], b[3]) + m(a[0], b[4]),
        ])
    }

    #[inline(always)]
    fn square(self, a: Fe) -> Fe {
        let (a0, a1) = (2 * a[0], 2 * a[1]);
        let (a3, a4) = (19 * a[3], 19 * a[4]);
        carry_wide([
            m(a[0], a[0]) + 2 * (m(a[1], a4) + m(a[2], a3)),
            m(a[3], a3) + m(a0, a[1]) + 2 * m(a[2], a4),
            m(a[1], a[1]) + m(a0, a[2]) + 2 * m(a[3], a4),
            m(a[4], a4) + m(a0, a[3]) + m(a1, a[2]),
            m(a[2], a[2]) + m(a0, a[4]) + m(a1, a[3]),
        ])
    }

    #[inline(always)]
    fn select(self, mask: u8, a: Fe, b: Fe) -> Fe {
        // Branches on signs of digits are not foreseen by any CPU.
        let mask = u64::from(mask & 1).wrapping_neg();
        let mut r = a;
        for i in 0..5 {
            r[i] = a[i] ^ (mask & (a[i] ^ b[i]));
        }
        r
    }

    #[inline(always)]
    fn is_zero(self, a: Fe) -> u8 {
        // Comparing arrays may stop at the first limb.
        u8::from(freeze(a).iter().fold(0, |any, limb| any | limb) == 0)
    }

    #[inline(always)]
    fn is_negative(self, a: Fe) -> u8 {
        (freeze(a)[0] & 1) as u8
    }

    #[inline(always)]
    fn lookup(self, table: &[[u64; ENTRIES]; 4], at: &[u64; MAX_LANES]) -> Fe {
        let at = std::hint::black_box(at[0]);
        let mut masks = [0u64; ENTRIES];
        for (entry, mask) in (0u64..).zip(&mut masks) {
            // All ones where the difference is zero.
            *mask = ((entry ^ at).wrapping_sub(1) >> 63).wrapping_neg();
        }
        let word = |entries: &[u64; ENTRIES]| entries.iter().zip(&masks).fold(0, |sum, (e, mask)| sum | (e & mask));
        self.splat(&[word(&table[0]), word(&table[1]), word(&table[2]), word(&table[3])])
    }

    #[cfg(test)]
    const LIMBS: &'static [(u32, u64)] = &[
        (0, (1 << 51) + (1 << 28)),
        (51, (1 << 51) + (1 << 28)),
        (102, (1 << 51) + (1 << 28)),
        (153, (1 << 51) + (1 << 28)),
        (204, (1 << 51) + (1 << 28)),
    ];

    #[cfg(test)]
    fn gather_limbs(self, limbs: &[[u64; MAX_LANES]]) -> Fe {
        std::array::from_fn(|k| limbs[k][0])
    }

    #[cfg(test)]
    fn scatter_limbs(self, a: Fe) -> Vec<[u64; MAX_LANES]> {
        a.map(|limb| [limb, 0, 0, 0, 0, 0, 0, 0]).to_vec()
    }
}
