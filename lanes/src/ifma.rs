//! Eight lanes with AVX-512 IFMA: five limbs of 51 bits in 64-bit lanes, multiplied by `vpmadd52`.
//!
//! Reduced: every limb is below 2^51 + 2^28, hence below 2^52, which is all of a limb that `vpmadd52` looks at.
//! `docs/lanes.md` shows that no operation leaves this bound or loses a carry.
//!
//! The arithmetic is safe code: functions with `#[target_feature]` may call the intrinsics that need it. What is
//! `unsafe` is to call those functions from code that does not declare the features; a value of [`Ifma`] is the proof
//! that the CPU has them.
#![allow(unsafe_code)]

use crate::backend::Kernel;
use crate::field::{Field, Words, ENTRIES, MAX_LANES};
use core::arch::x86_64::*;

/// The backend; made only where the CPU has AVX-512 F, DQ, VL and IFMA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ifma(());

/// Five limbs of eight elements.
pub(crate) type Fe = [__m512i; 5];

impl Ifma {
    /// The backend, if the CPU has what it takes.
    #[inline]
    pub(crate) fn new() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512ifma");
        has.then_some(Ifma(()))
    }

    /// Runs a kernel compiled for these features.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
        fn with_features<K: Kernel>(f: Ifma, kernel: K) -> K::Output {
            kernel.run(f)
        }
        // SAFETY: `self` exists, so `Ifma::new` has seen the features.
        unsafe { with_features(self, kernel) }
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat64(a: u64) -> __m512i {
    _mm512_set1_epi64(a as i64)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn mask51() -> __m512i {
    splat64((1 << 51) - 1)
}

/// One pass of carries, all at once. Limbs below 2^64; carries below 2^13.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn carry(a: Fe) -> Fe {
    let m = mask51();
    let low = |x| _mm512_and_si512(x, m);
    let high = |x| _mm512_srli_epi64::<51>(x);
    [
        _mm512_madd52lo_epu64(low(a[0]), high(a[4]), splat64(19)),
        _mm512_add_epi64(low(a[1]), high(a[0])),
        _mm512_add_epi64(low(a[2]), high(a[1])),
        _mm512_add_epi64(low(a[3]), high(a[2])),
        _mm512_add_epi64(low(a[4]), high(a[3])),
    ]
}

/// Column sums c_0 … c_9 of weights 2^(51k), each below 2^57, to reduced limbs.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn fold(c: [__m512i; 10]) -> Fe {
    let mut r = [c[0]; 5];
    for k in 0..5 {
        // 2^255 = 19 = 16 + 2 + 1.
        let h = c[k + 5];
        let h = _mm512_add_epi64(_mm512_add_epi64(_mm512_slli_epi64::<4>(h), _mm512_slli_epi64::<1>(h)), h);
        r[k] = _mm512_add_epi64(c[k], h);
    }
    carry(r)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn mul(a: Fe, b: Fe) -> Fe {
    // The high half of a_i·b_j has weight 2^(51(i+j) + 52), twice that of column i + j + 1.
    let zero = _mm512_setzero_si512();
    let mut c = [zero; 10];
    for i in 0..5 {
        for j in 0..5 {
            c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a[i], b[j]);
        }
    }
    for x in &mut c[1..] {
        *x = _mm512_add_epi64(*x, *x);
    }
    for i in 0..5 {
        for j in 0..5 {
            c[i + j] = _mm512_madd52lo_epu64(c[i + j], a[i], b[j]);
        }
    }
    fold(c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn square(a: Fe) -> Fe {
    // Mixed products count twice, high halves twice again.
    let zero = _mm512_setzero_si512();
    let mut c = [zero; 10];
    for i in 0..5 {
        for j in i + 1..5 {
            c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a[i], a[j]);
        }
    }
    for x in &mut c[2..9] {
        *x = _mm512_add_epi64(*x, *x);
    }
    for i in 0..5 {
        c[2 * i + 1] = _mm512_madd52hi_epu64(c[2 * i + 1], a[i], a[i]);
        for j in i + 1..5 {
            c[i + j] = _mm512_madd52lo_epu64(c[i + j], a[i], a[j]);
        }
    }
    for x in &mut c[1..] {
        *x = _mm512_add_epi64(*x, *x);
    }
    for i in 0..5 {
        c[2 * i] = _mm512_madd52lo_epu64(c[2 * i], a[i], a[i]);
    }
    fold(c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add(a: Fe, b: Fe) -> Fe {
    let mut r = a;
    for k in 0..5 {
        r[k] = _mm512_add_epi64(a[k], b[k]);
    }
    carry(r)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn sub(a: Fe, b: Fe) -> Fe {
    // 2p, whose limbs exceed every reduced one.
    let (p0, p) = (splat64((1 << 52) - 38), splat64((1 << 52) - 2));
    let mut r = a;
    for k in 0..5 {
        r[k] = _mm512_sub_epi64(_mm512_add_epi64(a[k], if k == 0 { p0 } else { p }), b[k]);
    }
    carry(r)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn select(mask: u8, a: Fe, b: Fe) -> Fe {
    let mut r = a;
    for k in 0..5 {
        r[k] = _mm512_mask_blend_epi64(mask, a[k], b[k]);
    }
    r
}

/// Carries from limb to limb, once; the top limb keeps its own.
#[inline]
#[target_feature(enable = "avx512f")]
fn carry_up(mut a: Fe) -> Fe {
    for k in 0..4 {
        a[k + 1] = _mm512_add_epi64(a[k + 1], _mm512_srli_epi64::<51>(a[k]));
        a[k] = _mm512_and_si512(a[k], mask51());
    }
    a
}

/// The limbs of the representatives in [0, p).
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn freeze(a: Fe) -> Fe {
    // A reduced element is below 2p; the carry out of a + 19 says whether p fits.
    let mut q = splat64(19);
    for limb in a {
        q = _mm512_srli_epi64::<51>(_mm512_add_epi64(limb, q));
    }
    let mut r = a;
    r[0] = _mm512_madd52lo_epu64(a[0], q, splat64(19));
    let mut r = carry_up(r);
    r[4] = _mm512_and_si512(r[4], mask51());
    r
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn is_zero(a: Fe) -> u8 {
    let a = freeze(a);
    let any = _mm512_or_si512(_mm512_or_si512(_mm512_or_si512(a[0], a[1]), _mm512_or_si512(a[2], a[3])), a[4]);
    _mm512_testn_epi64_mask(any, any)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn is_negative(a: Fe) -> u8 {
    _mm512_test_epi64_mask(freeze(a)[0], splat64(1))
}

/// Words of 64 bits to limbs of 51.
#[inline]
#[target_feature(enable = "avx512f")]
fn unpack(w: [__m512i; 4]) -> Fe {
    let m = mask51();
    let join = |low, high| _mm512_and_si512(_mm512_or_si512(low, high), m);
    [
        _mm512_and_si512(w[0], m),
        join(_mm512_srli_epi64::<51>(w[0]), _mm512_slli_epi64::<13>(w[1])),
        join(_mm512_srli_epi64::<38>(w[1]), _mm512_slli_epi64::<26>(w[2])),
        join(_mm512_srli_epi64::<25>(w[2]), _mm512_slli_epi64::<39>(w[3])),
        _mm512_srli_epi64::<12>(w[3]),
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(words: &Words) -> Fe {
    unpack([splat64(words[0]), splat64(words[1]), splat64(words[2]), splat64(words[3])])
}

/// Four words of each row, word by word.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
pub(crate) fn transpose(rows: &[&Words; MAX_LANES]) -> [__m512i; 4] {
    let row = |l: usize| {
        let row: *const Words = rows[l];
        // SAFETY: `row` comes from a reference to 32 bytes; the load needs no alignment.
        unsafe { _mm256_loadu_si256(row.cast()) }
    };
    // A pair holds rows l and l + 4; the transposition then gives the lanes their natural order.
    let pair = |l: usize| _mm512_inserti64x4::<1>(_mm512_castsi256_si512(row(l)), row(l + 4));
    let (p0, p1, p2, p3) = (pair(0), pair(1), pair(2), pair(3));
    let (even01, odd01) = (_mm512_unpacklo_epi64(p0, p1), _mm512_unpackhi_epi64(p0, p1));
    let (even23, odd23) = (_mm512_unpacklo_epi64(p2, p3), _mm512_unpackhi_epi64(p2, p3));
    let first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    let second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    [
        _mm512_permutex2var_epi64(even01, first, even23),
        _mm512_permutex2var_epi64(odd01, first, odd23),
        _mm512_permutex2var_epi64(even01, second, even23),
        _mm512_permutex2var_epi64(odd01, second, odd23),
    ]
}

/// The rows with these words.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn untranspose(w: [__m512i; 4]) -> [Words; MAX_LANES] {
    let mut columns = [[0u64; 8]; 4];
    for (column, w) in columns.iter_mut().zip(w) {
        let column: *mut [u64; 8] = column;
        // SAFETY: `column` comes from a mutable reference to 64 bytes; the store needs no alignment.
        unsafe { _mm512_storeu_si512(column.cast(), w) };
    }
    let mut rows = [[0; 4]; MAX_LANES];
    for (l, row) in rows.iter_mut().enumerate() {
        *row = [columns[0][l], columns[1][l], columns[2][l], columns[3][l]];
    }
    rows
}

/// Whole tables are read, at addresses that are the same for every index, and permuted in registers.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn lookup(table: &[[u64; ENTRIES]; 4], at: &[u64; MAX_LANES]) -> Fe {
    let load = |eight: &[u64; 8]| {
        let eight: *const [u64; 8] = eight;
        // SAFETY: `eight` comes from a reference to 64 bytes; the load needs no alignment.
        unsafe { _mm512_loadu_si512(eight.cast()) }
    };
    let at = load(at);
    let upper = _mm512_test_epi64_mask(at, splat64(16));
    let mut words = [at; 4];
    for (word, entries) in words.iter_mut().zip(table) {
        let (eights, _) = entries.as_chunks::<8>();
        // The permutation looks at the lower four bits of an index.
        let lower = _mm512_permutex2var_epi64(load(&eights[0]), at, load(&eights[1]));
        *word =
            _mm512_mask_blend_epi64(upper, lower, _mm512_permutex2var_epi64(load(&eights[2]), at, load(&eights[3])));
    }
    unpack(words)
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn gather(rows: &[&Words; MAX_LANES]) -> Fe {
    unpack(transpose(rows))
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn scatter(a: Fe) -> [Words; MAX_LANES] {
    let a = carry_up(carry(a));
    untranspose([
        _mm512_or_si512(a[0], _mm512_slli_epi64::<51>(a[1])),
        _mm512_or_si512(_mm512_srli_epi64::<13>(a[1]), _mm512_slli_epi64::<38>(a[2])),
        _mm512_or_si512(_mm512_srli_epi64::<26>(a[2]), _mm512_slli_epi64::<25>(a[3])),
        _mm512_or_si512(_mm512_srli_epi64::<39>(a[3]), _mm512_slli_epi64::<12>(a[4])),
    ])
}

impl Field for Ifma {
    type Fe = Fe;
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(self, words: &Words) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features; and so below.
        unsafe { splat(words) }
    }

    #[inline(always)]
    fn gather(self, rows: &[&Words; MAX_LANES]) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { gather(rows) }
    }

    #[inline(always)]
    fn scatter(self, a: Fe) -> [Words; MAX_LANES] {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { scatter(a) }
    }

    #[inline(always)]
    fn add(self, a: Fe, b: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { add(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: Fe, b: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { sub(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: Fe, b: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { mul(a, b) }
    }

    #[inline(always)]
    fn square(self, a: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { square(a) }
    }

    #[inline(always)]
    fn select(self, mask: u8, a: Fe, b: Fe) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { select(mask, a, b) }
    }

    #[inline(always)]
    fn is_zero(self, a: Fe) -> u8 {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { is_zero(a) }
    }

    #[inline(always)]
    fn is_negative(self, a: Fe) -> u8 {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { is_negative(a) }
    }

    #[inline(always)]
    fn lookup(self, table: &[[u64; ENTRIES]; 4], at: &[u64; MAX_LANES]) -> Fe {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { lookup(table, at) }
    }

    #[cfg(test)]
    const LIMBS: &'static [(u32, u64)] = <crate::serial::Serial as Field>::LIMBS;

    #[cfg(test)]
    fn gather_limbs(self, limbs: &[[u64; MAX_LANES]]) -> Fe {
        std::array::from_fn(|k| {
            let limb: *const [u64; MAX_LANES] = &limbs[k];
            // SAFETY: `self` exists, so the CPU has the features; `limb` comes from a reference to 64 bytes.
            unsafe { _mm512_loadu_si512(limb.cast()) }
        })
    }

    #[cfg(test)]
    fn scatter_limbs(self, a: Fe) -> Vec<[u64; MAX_LANES]> {
        let store = |limb| {
            let mut out = [0; MAX_LANES];
            let to: *mut [u64; MAX_LANES] = &mut out;
            // SAFETY: `self` exists, so the CPU has the features; `to` comes from a mutable reference to 64 bytes.
            unsafe { _mm512_storeu_si512(to.cast(), limb) };
            out
        };
        a.map(store).to_vec()
    }
}
