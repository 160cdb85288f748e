//! Four lanes with AVX2: ten limbs of 26 and 25 bits in turn, in 64-bit lanes, multiplied by `vpmuludq`.
//!
//! Reduced: limbs of even index are below 2^26 + 2^16, of odd index below 2^25 + 2^16. `docs/lanes.md` shows that no
//! operation leaves this bound, that every factor of a product is below 2^32 and every sum of products below 2^64.
//!
//! The arithmetic is safe code: functions with `#[target_feature]` may call the intrinsics that need it. What is
//! `unsafe` is to call those functions from code that does not declare the features; a value of [`Avx2`] is the proof
//! that the CPU has them.
#![allow(unsafe_code)]

use crate::backend::Kernel;
use crate::field::{Field, Words, ENTRIES, MAX_LANES};
use core::arch::x86_64::*;

/// The backend; made only where the CPU has AVX2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

/// Ten limbs of four elements.
pub(crate) type Fe = [__m256i; 10];

impl Avx2 {
    /// The backend, if the CPU has what it takes.
    #[inline]
    pub(crate) fn new() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Avx2(()))
    }

    /// Runs a kernel compiled for these features.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx2")]
        fn with_features<K: Kernel>(f: Avx2, kernel: K) -> K::Output {
            kernel.run(f)
        }
        // SAFETY: `self` exists, so `Avx2::new` has seen the feature.
        unsafe { with_features(self, kernel) }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat64(a: u64) -> __m256i {
    _mm256_set1_epi64x(a as i64)
}

#[inline]
#[target_feature(enable = "avx2")]
fn times(a: __m256i, b: __m256i) -> __m256i {
    _mm256_mul_epu32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn plus(a: __m256i, b: __m256i) -> __m256i {
    _mm256_add_epi64(a, b)
}

/// 19·a for any a below 2^59.
#[inline]
#[target_feature(enable = "avx2")]
fn times19(a: __m256i) -> __m256i {
    plus(plus(_mm256_slli_epi64::<4>(a), _mm256_slli_epi64::<1>(a)), a)
}

#[inline]
#[target_feature(enable = "avx2")]
fn low(k: usize, a: __m256i) -> __m256i {
    _mm256_and_si256(a, splat64(if k.is_multiple_of(2) { (1 << 26) - 1 } else { (1 << 25) - 1 }))
}

#[inline]
#[target_feature(enable = "avx2")]
fn high(k: usize, a: __m256i) -> __m256i {
    if k.is_multiple_of(2) {
        _mm256_srli_epi64::<26>(a)
    } else {
        _mm256_srli_epi64::<25>(a)
    }
}

/// One pass of carries, all at once, for limbs below 2^30.
#[inline]
#[target_feature(enable = "avx2")]
fn carry(a: Fe) -> Fe {
    let mut r = a;
    r[0] = plus(low(0, a[0]), times(high(9, a[9]), splat64(19)));
    for k in 1..10 {
        r[k] = plus(low(k, a[k]), high(k - 1, a[k - 1]));
    }
    r
}

/// Carries of column sums below 2^63, in two chains that meet.
#[inline]
#[target_feature(enable = "avx2")]
fn carry_wide(mut c: Fe) -> Fe {
    macro_rules! step {
        ($($k:literal)*) => { $(
            c[$k + 1] = plus(c[$k + 1], high($k, c[$k]));
            c[$k] = low($k, c[$k]);
        )* };
    }
    step!(0 4 1 5 2 6 3 7 4 8);
    c[0] = plus(c[0], times19(high(9, c[9])));
    c[9] = low(9, c[9]);
    c[1] = plus(c[1], high(0, c[0]));
    c[0] = low(0, c[0]);
    c
}

/// The sum of products.
macro_rules! sum {
    ($a:ident[$i:literal] * $b:ident[$j:literal] $(+ $c:ident[$k:literal] * $d:ident[$l:literal])*) => {{
        let sum = times($a[$i], $b[$j]);
        $(let sum = plus(sum, times($c[$k], $d[$l]));)*
        sum
    }};
}

#[inline]
#[target_feature(enable = "avx2")]
fn mul(a: &Fe, b: &Fe) -> Fe {
    // Limbs of odd index have half a bit less than their weight: a product of two such counts twice. What passes
    // 2^255 counts 19 times. Written out, as the compiler does not unroll the two loops that would say so.
    let (mut a2, mut b19) = (*a, *b);
    for k in 0..10 {
        a2[k] = plus(a[k], a[k]);
        b19[k] = times(b[k], splat64(19));
    }
    carry_wide([
        sum!(
            a[0] * b[0]
                + a2[1] * b19[9]
                + a[2] * b19[8]
                + a2[3] * b19[7]
                + a[4] * b19[6]
                + a2[5] * b19[5]
                + a[6] * b19[4]
                + a2[7] * b19[3]
                + a[8] * b19[2]
                + a2[9] * b19[1]
        ),
        sum!(
            a[0] * b[1]
                + a[1] * b[0]
                + a[2] * b19[9]
                + a[3] * b19[8]
                + a[4] * b19[7]
                + a[5] * b19[6]
                + a[6] * b19[5]
                + a[7] * b19[4]
                + a[8] * b19[3]
                + a[9] * b19[2]
        ),
        sum!(
            a[0] * b[2]
                + a2[1] * b[1]
                + a[2] * b[0]
                + a2[3] * b19[9]
                + a[4] * b19[8]
                + a2[5] * b19[7]
                + a[6] * b19[6]
                + a2[7] * b19[5]
                + a[8] * b19[4]
                + a2[9] * b19[3]
        ),
        sum!(
            a[0] * b[3]
                + a[1] * b[2]
                + a[2] * b[1]
                + a[3] * b[0]
                + a[4] * b19[9]
                + a[5] * b19[8]
                + a[6] * b19[7]
                + a[7] * b19[6]
                + a[8] * b19[5]
                + a[9] * b19[4]
        ),
        sum!(
            a[0] * b[4]
                + a2[1] * b[3]
                + a[2] * b[2]
                + a2[3] * b[1]
                + a[4] * b[0]
                + a2[5] * b19[9]
                + a[6] * b19[8]
                + a2[7] * b19[7]
                + a[8] * b19[6]
                + a2[9] * b19[5]
        ),
        sum!(
            a[0] * b[5]
                + a[1] * b[4]
                + a[2] * b[3]
                + a[3] * b[2]
                + a[4] * b[1]
                + a[5] * b[0]
                + a[6] * b19[9]
                + a[7] * b19[8]
                + a[8] * b19[7]
                + a[9] * b19[6]
        ),
        sum!(
            a[0] * b[6]
                + a2[1] * b[5]
                + a[2] * b[4]
                + a2[3] * b[3]
                + a[4] * b[2]
                + a2[5] * b[1]
                + a[6] * b[0]
                + a2[7] * b19[9]
                + a[8] * b19[8]
                + a2[9] * b19[7]
        ),
        sum!(
            a[0] * b[7]
                + a[1] * b[6]
                + a[2] * b[5]
                + a[3] * b[4]
                + a[4] * b[3]
                + a[5] * b[2]
                + a[6] * b[1]
                + a[7] * b[0]
                + a[8] * b19[9]
                + a[9] * b19[8]
        ),
        sum!(
            a[0] * b[8]
                + a2[1] * b[7]
                + a[2] * b[6]
                + a2[3] * b[5]
                + a[4] * b[4]
                + a2[5] * b[3]
                + a[6] * b[2]
                + a2[7] * b[1]
                + a[8] * b[0]
                + a2[9] * b19[9]
        ),
        sum!(
            a[0] * b[9]
                + a[1] * b[8]
                + a[2] * b[7]
                + a[3] * b[6]
                + a[4] * b[5]
                + a[5] * b[4]
                + a[6] * b[3]
                + a[7] * b[2]
                + a[8] * b[1]
                + a[9] * b[0]
        ),
    ])
}

#[inline]
#[target_feature(enable = "avx2")]
fn square(a: &Fe) -> Fe {
    // As `mul`, with each mixed product counted twice.
    let (mut a2, mut a4, mut a19) = (*a, *a, *a);
    for k in 0..10 {
        a2[k] = plus(a[k], a[k]);
        a4[k] = plus(a2[k], a2[k]);
        a19[k] = times(a[k], splat64(19));
    }
    carry_wide([
        sum!(a[0] * a[0] + a4[1] * a19[9] + a2[2] * a19[8] + a4[3] * a19[7] + a2[4] * a19[6] + a2[5] * a19[5]),
        sum!(a2[0] * a[1] + a2[2] * a19[9] + a2[3] * a19[8] + a2[4] * a19[7] + a2[5] * a19[6]),
        sum!(a2[0] * a[2] + a2[1] * a[1] + a4[3] * a19[9] + a2[4] * a19[8] + a4[5] * a19[7] + a[6] * a19[6]),
        sum!(a2[0] * a[3] + a2[1] * a[2] + a2[4] * a19[9] + a2[5] * a19[8] + a2[6] * a19[7]),
        sum!(a2[0] * a[4] + a4[1] * a[3] + a[2] * a[2] + a4[5] * a19[9] + a2[6] * a19[8] + a2[7] * a19[7]),
        sum!(a2[0] * a[5] + a2[1] * a[4] + a2[2] * a[3] + a2[6] * a19[9] + a2[7] * a19[8]),
        sum!(a2[0] * a[6] + a4[1] * a[5] + a2[2] * a[4] + a2[3] * a[3] + a4[7] * a19[9] + a[8] * a19[8]),
        sum!(a2[0] * a[7] + a2[1] * a[6] + a2[2] * a[5] + a2[3] * a[4] + a2[8] * a19[9]),
        sum!(a2[0] * a[8] + a4[1] * a[7] + a2[2] * a[6] + a4[3] * a[5] + a[4] * a[4] + a2[9] * a19[9]),
        sum!(a2[0] * a[9] + a2[1] * a[8] + a2[2] * a[7] + a2[3] * a[6] + a2[4] * a[5]),
    ])
}

/// [`mul`], called: the code of a sum with all its multiplications in line is larger than what a CPU keeps decoded, and
/// then its speed depends on where a linker puts it. rustc 1.95 takes no notice of `inline(never)` beside `target_feature`.
#[inline(never)]
fn mul_called(_: Avx2, a: &Fe, b: &Fe) -> Fe {
    // SAFETY: an `Avx2` exists, so the CPU has AVX2.
    unsafe { mul(a, b) }
}

/// [`square`], called.
#[inline(never)]
fn square_called(_: Avx2, a: &Fe) -> Fe {
    // SAFETY: an `Avx2` exists, so the CPU has AVX2.
    unsafe { square(a) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: Fe, b: Fe) -> Fe {
    let mut r = a;
    for k in 0..10 {
        r[k] = plus(a[k], b[k]);
    }
    carry(r)
}

#[inline]
#[target_feature(enable = "avx2")]
fn sub(a: Fe, b: Fe) -> Fe {
    let mut r = a;
    for k in 0..10usize {
        // 4p, whose limbs exceed every reduced one.
        let p = match k {
            0 => (1 << 28) - 76,
            k if k.is_multiple_of(2) => (1 << 28) - 4,
            _ => (1 << 27) - 4,
        };
        r[k] = _mm256_sub_epi64(plus(a[k], splat64(p)), b[k]);
    }
    carry(r)
}

#[inline]
#[target_feature(enable = "avx2")]
fn select(mask: u8, a: Fe, b: Fe) -> Fe {
    let bits = _mm256_setr_epi64x(1, 2, 4, 8);
    let mask = _mm256_cmpeq_epi64(_mm256_and_si256(splat64(u64::from(mask)), bits), bits);
    let mut r = a;
    for k in 0..10 {
        r[k] = _mm256_blendv_epi8(a[k], b[k], mask);
    }
    r
}

/// Carries from limb to limb, once; the top limb keeps its own.
#[inline]
#[target_feature(enable = "avx2")]
fn carry_up(mut a: Fe) -> Fe {
    for k in 0..9 {
        a[k + 1] = plus(a[k + 1], high(k, a[k]));
        a[k] = low(k, a[k]);
    }
    a
}

/// The limbs of the representatives in [0, p).
#[inline]
#[target_feature(enable = "avx2")]
fn freeze(a: Fe) -> Fe {
    // A reduced element is below 2p; the carry out of a + 19 says whether p fits.
    let mut q = splat64(19);
    for (k, limb) in a.into_iter().enumerate() {
        q = high(k, plus(limb, q));
    }
    let mut r = a;
    r[0] = plus(a[0], times(q, splat64(19)));
    let mut r = carry_up(r);
    r[9] = low(9, r[9]);
    r
}

/// One bit per lane that is all ones or all zeros.
#[inline]
#[target_feature(enable = "avx2")]
fn bits(lanes: __m256i) -> u8 {
    _mm256_movemask_pd(_mm256_castsi256_pd(lanes)) as u8
}

#[inline]
#[target_feature(enable = "avx2")]
fn is_zero(a: Fe) -> u8 {
    let a = freeze(a);
    let mut any = a[0];
    for limb in &a[1..] {
        any = _mm256_or_si256(any, *limb);
    }
    bits(_mm256_cmpeq_epi64(any, _mm256_setzero_si256()))
}

#[inline]
#[target_feature(enable = "avx2")]
fn is_negative(a: Fe) -> u8 {
    bits(_mm256_slli_epi64::<63>(freeze(a)[0]))
}

/// Words of 64 bits to limbs of 26 and 25.
#[inline]
#[target_feature(enable = "avx2")]
fn unpack(w: [__m256i; 4]) -> Fe {
    [
        low(0, w[0]),
        low(1, _mm256_srli_epi64::<26>(w[0])),
        low(2, _mm256_or_si256(_mm256_srli_epi64::<51>(w[0]), _mm256_slli_epi64::<13>(w[1]))),
        low(3, _mm256_srli_epi64::<13>(w[1])),
        _mm256_srli_epi64::<38>(w[1]),
        low(5, w[2]),
        low(6, _mm256_srli_epi64::<25>(w[2])),
        low(7, _mm256_or_si256(_mm256_srli_epi64::<51>(w[2]), _mm256_slli_epi64::<13>(w[3]))),
        low(8, _mm256_srli_epi64::<12>(w[3])),
        _mm256_srli_epi64::<38>(w[3]),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(words: &Words) -> Fe {
    unpack([splat64(words[0]), splat64(words[1]), splat64(words[2]), splat64(words[3])])
}

#[inline]
#[target_feature(enable = "avx2")]
fn transpose(r: [__m256i; 4]) -> [__m256i; 4] {
    let (even01, odd01) = (_mm256_unpacklo_epi64(r[0], r[1]), _mm256_unpackhi_epi64(r[0], r[1]));
    let (even23, odd23) = (_mm256_unpacklo_epi64(r[2], r[3]), _mm256_unpackhi_epi64(r[2], r[3]));
    [
        _mm256_permute2x128_si256::<0x20>(even01, even23),
        _mm256_permute2x128_si256::<0x20>(odd01, odd23),
        _mm256_permute2x128_si256::<0x31>(even01, even23),
        _mm256_permute2x128_si256::<0x31>(odd01, odd23),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn gather(rows: &[&Words; MAX_LANES]) -> Fe {
    let row = |l: usize| {
        let row: *const Words = rows[l];
        // SAFETY: `row` comes from a reference to 32 bytes; the load needs no alignment.
        unsafe { _mm256_loadu_si256(row.cast()) }
    };
    unpack(transpose([row(0), row(1), row(2), row(3)]))
}

#[inline]
#[target_feature(enable = "avx2")]
fn scatter(a: Fe) -> [Words; MAX_LANES] {
    let a = carry_up(carry(a));
    let or = |a, b| _mm256_or_si256(a, b);
    let w = transpose([
        or(or(a[0], _mm256_slli_epi64::<26>(a[1])), _mm256_slli_epi64::<51>(a[2])),
        or(or(_mm256_srli_epi64::<13>(a[2]), _mm256_slli_epi64::<13>(a[3])), _mm256_slli_epi64::<38>(a[4])),
        or(or(a[5], _mm256_slli_epi64::<25>(a[6])), _mm256_slli_epi64::<51>(a[7])),
        or(or(_mm256_srli_epi64::<13>(a[7]), _mm256_slli_epi64::<12>(a[8])), _mm256_slli_epi64::<38>(a[9])),
    ]);
    let mut rows = [[0; 4]; MAX_LANES];
    for (row, w) in rows.iter_mut().zip(w) {
        let row: *mut Words = row;
        // SAFETY: `row` comes from a mutable reference to 32 bytes; the store needs no alignment.
        unsafe { _mm256_storeu_si256(row.cast(), w) };
    }
    rows
}

/// Whole tables are read, at addresses that are the same for every index, four entries at a time permuted in registers
/// and the right ones blended out, bit by bit of the index.
#[inline]
#[target_feature(enable = "avx2")]
fn lookup(table: &[[u64; ENTRIES]; 4], at: &[u64; MAX_LANES]) -> Fe {
    let load = |four: &[u64; 4]| {
        let four: *const [u64; 4] = four;
        // SAFETY: `four` comes from a reference to 32 bytes; the load needs no alignment.
        unsafe { _mm256_loadu_si256(four.cast()) }
    };
    let at = load(&at.as_chunks().0[0]);
    // Entry k of four is the halves 2k and 2k + 1 of eight.
    let half = _mm256_slli_epi64::<1>(_mm256_and_si256(at, splat64(3)));
    let halves = _mm256_or_si256(half, _mm256_slli_epi64::<32>(plus(half, splat64(1))));
    // All bytes of a lane from one bit of its index.
    let bit = |bit: u64| _mm256_cmpeq_epi64(_mm256_and_si256(at, splat64(bit)), splat64(bit));
    let (bit2, bit3, bit4) = (bit(4), bit(8), bit(16));
    let mut words = [at; 4];
    for (word, entries) in words.iter_mut().zip(table) {
        let (fours, _) = entries.as_chunks::<4>();
        let four = |k: usize| _mm256_permutevar8x32_epi32(load(&fours[k]), halves);
        let eight = |k: usize| _mm256_blendv_epi8(four(2 * k), four(2 * k + 1), bit2);
        let sixteen = |k: usize| _mm256_blendv_epi8(eight(2 * k), eight(2 * k + 1), bit3);
        *word = _mm256_blendv_epi8(sixteen(0), sixteen(1), bit4);
    }
    unpack(words)
}

impl Field for Avx2 {
    type Fe = Fe;
    const LANES: usize = 4;

    #[inline(always)]
    fn splat(self, words: &Words) -> Fe {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { splat(words) }
    }

    #[inline(always)]
    fn gather(self, rows: &[&Words; MAX_LANES]) -> Fe {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { gather(rows) }
    }

    #[inline(always)]
    fn scatter(self, a: Fe) -> [Words; MAX_LANES] {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { scatter(a) }
    }

    #[inline(always)]
    fn add(self, a: Fe, b: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { add(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: Fe, b: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { sub(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: Fe, b: Fe) -> Fe {
        mul_called(self, &a, &b)
    }

    #[inline(always)]
    fn square(self, a: Fe) -> Fe {
        square_called(self, &a)
    }

    #[inline(always)]
    fn select(self, mask: u8, a: Fe, b: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { select(mask, a, b) }
    }

    #[inline(always)]
    fn is_zero(self, a: Fe) -> u8 {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { is_zero(a) }
    }

    #[inline(always)]
    fn is_negative(self, a: Fe) -> u8 {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { is_negative(a) }
    }

    #[inline(always)]
    fn lookup(self, table: &[[u64; ENTRIES]; 4], at: &[u64; MAX_LANES]) -> Fe {
        // SAFETY: `self` exists, so the CPU has AVX2.
        unsafe { lookup(table, at) }
    }

    #[cfg(test)]
    const LIMBS: &'static [(u32, u64)] = &[
        (0, (1 << 26) + (1 << 16)),
        (26, (1 << 25) + (1 << 16)),
        (51, (1 << 26) + (1 << 16)),
        (77, (1 << 25) + (1 << 16)),
        (102, (1 << 26) + (1 << 16)),
        (128, (1 << 25) + (1 << 16)),
        (153, (1 << 26) + (1 << 16)),
        (179, (1 << 25) + (1 << 16)),
        (204, (1 << 26) + (1 << 16)),
        (230, (1 << 25) + (1 << 16)),
    ];

    #[cfg(test)]
    fn gather_limbs(self, limbs: &[[u64; MAX_LANES]]) -> Fe {
        std::array::from_fn(|k| {
            let limb: *const [u64; MAX_LANES] = &limbs[k];
            // SAFETY: `self` exists, so the CPU has AVX2; `limb` comes from a reference to 64 bytes.
            unsafe { _mm256_loadu_si256(limb.cast()) }
        })
    }

    #[cfg(test)]
    fn scatter_limbs(self, a: Fe) -> Vec<[u64; MAX_LANES]> {
        let store = |limb| {
            let mut out = [0; MAX_LANES];
            let to: *mut [u64; MAX_LANES] = &mut out;
            // SAFETY: `self` exists, so the CPU has AVX2; `to` comes from a mutable reference to 64 bytes.
            unsafe { _mm256_storeu_si256(to.cast(), limb) };
            out
        };
        a.map(store).to_vec()
    }
}
