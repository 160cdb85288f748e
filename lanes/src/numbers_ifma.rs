//! Eight numbers modulo the group order q with AVX-512 IFMA: five limbs of 52 bits, multiplied by `vpmadd52` in
//! Montgomery's way (*Modular multiplication without trial division*, Mathematics of Computation 1985) with R = 2^260.
//!
//! Reduced: limbs 0 to 3 are below 2^52 and the number is below 2^253. `docs/lanes.md` shows that every operation keeps
//! this. As in `ifma.rs`, the arithmetic is safe code, and calling it takes an [`Ifma`].
#![allow(unsafe_code)]

use crate::field::Words;
use crate::ifma::{transpose, untranspose, Ifma};
use crate::numbers::{NumberKernel, NumberLanes, MAX_NUMBER_LANES};
use core::arch::x86_64::*;
use curve25519_dalek::Scalar;

/// Eight numbers a, each as a·R.
type N = [__m512i; 5];

/// q = 2^252 + c; limb 3 is zero and limb 4 is 2^44.
const Q: [u64; 5] = [0x0002_631a_5cf5_d3ed, 0x000d_ea2f_79cd_6581, 0x0000_0000_0014_def9, 0, 1 << 44];

/// -1/q modulo 2^52.
const MINUS_Q_INVERSE: u64 = 0x0005_1da3_1254_7e1b;

/// R² modulo q.
const R_SQUARED: [u64; 5] =
    [0x0009_d265_e952_d13b, 0x000d_63c7_15be_a69f, 0x0005_be65_cb68_7604, 0x0003_dcee_c73d_217f, 0x0000_0941_1b7c_309a];

/// q in words.
const Q_WORDS: Words = [0x5812_631a_5cf5_d3ed, 0x14de_f9de_a2f7_9cd6, 0, 1 << 60];

/// Runs a kernel compiled for these features.
pub(crate) fn run<K: NumberKernel>(f: Ifma, kernel: K) -> K::Output {
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma")]
    fn with_features<K: NumberKernel>(f: Ifma, kernel: K) -> K::Output {
        kernel.run(f)
    }
    // SAFETY: `f` exists, so `Ifma::new` has seen the features.
    unsafe { with_features(f, kernel) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat64(a: u64) -> __m512i {
    _mm512_set1_epi64(a as i64)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn mask52() -> __m512i {
    splat64((1 << 52) - 1)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(limbs: [u64; 5]) -> N {
    [splat64(limbs[0]), splat64(limbs[1]), splat64(limbs[2]), splat64(limbs[3]), splat64(limbs[4])]
}

/// Carries from limb to limb, signed; the top limb keeps its own.
#[inline]
#[target_feature(enable = "avx512f")]
fn carry_up(mut a: N) -> N {
    for k in 0..4 {
        a[k + 1] = _mm512_add_epi64(a[k + 1], _mm512_srai_epi64::<52>(a[k]));
        a[k] = _mm512_and_si512(a[k], mask52());
    }
    a
}

/// a·b/R: below q + 2^246 for reduced a and b.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn mul(a: N, b: N) -> N {
    let zero = _mm512_setzero_si512();
    let mut c = [zero; 10];
    for i in 0..5 {
        for j in 0..5 {
            c[i + j] = _mm512_madd52lo_epu64(c[i + j], a[i], b[j]);
        }
        for j in 0..5 {
            c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a[i], b[j]);
        }
    }
    let (q, inverse) = (splat(Q), splat64(MINUS_Q_INVERSE));
    for i in 0..5 {
        // The multiple of q that makes limb i vanish; limb 3 of q is zero.
        let m = _mm512_madd52lo_epu64(zero, c[i], inverse);
        for j in [0, 1, 2, 4] {
            c[i + j] = _mm512_madd52lo_epu64(c[i + j], m, q[j]);
        }
        for j in [0, 1, 2, 4] {
            c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], m, q[j]);
        }
        c[i + 1] = _mm512_add_epi64(c[i + 1], _mm512_srli_epi64::<52>(c[i]));
    }
    carry_up([c[5], c[6], c[7], c[8], c[9]])
}

/// A number below 2^255, from limbs of any sign, to a reduced one: what it has of 2^252 beyond the first is taken out in
/// multiples of q.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn fold(a: N) -> N {
    let mut r = carry_up(a);
    let zero = _mm512_setzero_si512();
    let over = _mm512_sub_epi64(_mm512_srai_epi64::<44>(r[4]), splat64(1));
    let g = _mm512_max_epi64(over, zero);
    for (k, limb) in [Q[0], Q[1], Q[2]].into_iter().enumerate() {
        let limb = splat64(limb);
        r[k] = _mm512_sub_epi64(r[k], _mm512_madd52lo_epu64(zero, g, limb));
        r[k + 1] = _mm512_sub_epi64(r[k + 1], _mm512_madd52hi_epu64(zero, g, limb));
    }
    r[4] = _mm512_sub_epi64(r[4], _mm512_slli_epi64::<44>(g));
    carry_up(r)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add(a: N, b: N) -> N {
    let mut r = a;
    for k in 0..5 {
        r[k] = _mm512_add_epi64(a[k], b[k]);
    }
    fold(r)
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn sub(a: N, b: N) -> N {
    // 2q exceeds every reduced number.
    let two_q = splat([2 * Q[0], 2 * Q[1], 2 * Q[2], 0, 2 * Q[4]]);
    let mut r = a;
    for k in 0..5 {
        r[k] = _mm512_sub_epi64(_mm512_add_epi64(a[k], two_q[k]), b[k]);
    }
    fold(r)
}

/// a^(q-2).
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn invert(a: N) -> N {
    // The bits of q - 2, whose highest is 2^252.
    let low = (u128::from(Q_WORDS[1]) << 64 | u128::from(Q_WORDS[0])) - 2;
    let mut r = a;
    for bit in (0..252u32).rev() {
        r = mul(r, r);
        if bit < 128 && low >> bit & 1 == 1 {
            r = mul(r, a);
        }
    }
    r
}

/// Words of 64 bits to limbs of 52, and to a·R.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma,avx512vl")]
fn load(rows: &[&Words; MAX_NUMBER_LANES]) -> N {
    let w = transpose(rows);
    let m = mask52();
    let limbs = [
        _mm512_and_si512(w[0], m),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<52>(w[0]), _mm512_slli_epi64::<12>(w[1])), m),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<40>(w[1]), _mm512_slli_epi64::<24>(w[2])), m),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<28>(w[2]), _mm512_slli_epi64::<36>(w[3])), m),
        _mm512_srli_epi64::<16>(w[3]),
    ];
    mul(limbs, splat(R_SQUARED))
}

/// The words of a, at most q.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn store(a: N) -> [Words; MAX_NUMBER_LANES] {
    let a = mul(a, splat([1, 0, 0, 0, 0]));
    untranspose([
        _mm512_or_si512(a[0], _mm512_slli_epi64::<52>(a[1])),
        _mm512_or_si512(_mm512_srli_epi64::<12>(a[1]), _mm512_slli_epi64::<40>(a[2])),
        _mm512_or_si512(_mm512_srli_epi64::<24>(a[2]), _mm512_slli_epi64::<28>(a[3])),
        _mm512_or_si512(_mm512_srli_epi64::<36>(a[3]), _mm512_slli_epi64::<16>(a[4])),
    ])
}

fn words(scalar: &Scalar) -> Words {
    crate::decode::le_words(scalar.as_bytes())
}

fn scalar(words: &Words) -> Scalar {
    if *words == Q_WORDS {
        return Scalar::ZERO;
    }
    let mut bytes = [0; 32];
    for (eight, word) in bytes.chunks_exact_mut(8).zip(words) {
        eight.copy_from_slice(&word.to_le_bytes());
    }
    // Below q, so nothing is reduced here.
    Scalar::from_bytes_mod_order(bytes)
}

impl NumberLanes for Ifma {
    type N = N;
    const LANES: usize = 8;

    #[inline(always)]
    fn load(self, numbers: &[Scalar; MAX_NUMBER_LANES]) -> N {
        let mut all = [[0; 4]; MAX_NUMBER_LANES];
        for (words_of, number) in all.iter_mut().zip(numbers) {
            *words_of = words(number);
        }
        let [a, b, c, d, e, f, g, h] = &all;
        // SAFETY: `self` exists, so the CPU has the features; and so below.
        unsafe { load(&[a, b, c, d, e, f, g, h]) }
    }

    #[inline(always)]
    fn store(self, a: N) -> [Scalar; MAX_NUMBER_LANES] {
        // SAFETY: `self` exists, so the CPU has the features.
        let all = unsafe { store(a) };
        let mut out = [Scalar::ZERO; MAX_NUMBER_LANES];
        for (out, words) in out.iter_mut().zip(&all) {
            *out = scalar(words);
        }
        out
    }

    #[inline(always)]
    fn add(self, a: N, b: N) -> N {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { add(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: N, b: N) -> N {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { sub(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: N, b: N) -> N {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { mul(a, b) }
    }

    #[inline(always)]
    fn invert(self, a: N) -> N {
        // SAFETY: `self` exists, so the CPU has the features.
        unsafe { invert(a) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    fn q() -> BigUint {
        Q_WORDS.iter().rev().fold(BigUint::ZERO, |n, word| (n << 64u32) + *word)
    }

    fn value(limbs: &[u64; 5]) -> BigUint {
        limbs.iter().rev().fold(BigUint::ZERO, |n, limb| (n << 52u32) + *limb)
    }

    fn from_limbs(limbs: &[[u64; 5]; 8]) -> N {
        std::array::from_fn(|k| {
            let limb: [u64; 8] = std::array::from_fn(|l| limbs[l][k]);
            // SAFETY: whoever calls has an `Ifma`; the load is of 64 bytes behind a reference.
            unsafe { _mm512_loadu_si512(limb.as_ptr().cast()) }
        })
    }

    fn to_limbs(a: N) -> [[u64; 5]; 8] {
        let mut columns = [[0u64; 8]; 5];
        for (column, limb) in columns.iter_mut().zip(a) {
            // SAFETY: whoever calls has an `Ifma`; the store is of 64 bytes behind a mutable reference.
            unsafe { _mm512_storeu_si512(column.as_mut_ptr().cast(), limb) };
        }
        std::array::from_fn(|l| std::array::from_fn(|k| columns[k][l]))
    }

    /// Every operation on reduced numbers up to the bound: the right number modulo q, reduced again.
    #[test]
    fn results_are_right_and_reduced_up_to_the_bound() {
        let Some(f) = Ifma::new() else { return };
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let top = |n: u64| n & ((1 << 45) - 1);
        let mask = (1u64 << 52) - 1;
        // 2c, which is 2q - 2^253.
        let two_c = |k: usize| ((2 * Q[k]) & mask) | if k == 0 { 0 } else { (2 * Q[k - 1]) >> 52 };
        let two_c = [two_c(0), two_c(1), two_c(2), 0, 0];
        let mut edges: Vec<[u64; 5]> = vec![[0; 5], [1, 0, 0, 0, 0], Q, [mask, mask, mask, mask, (1 << 45) - 1]];
        edges.push([Q[0] - 1, Q[1], Q[2], 0, Q[4]]);
        edges.push([Q[0] + 1, Q[1], Q[2], 0, Q[4]]);
        edges.push([0, 0, 0, 0, 1 << 44]);
        edges.push([mask, mask, mask, mask, (1 << 44) - 1]);
        // And a little less than 2^253.
        edges.extend([two_c, [mask - 1, mask, mask, mask, (1 << 45) - 1], [0, mask, 0, mask, (1 << 45) - 1]]);
        let bound = BigUint::from(1u8) << 253u32;
        let r_inverse = (BigUint::from(1u8) << 260u32).modinv(&q()).unwrap();
        for _ in 0..2000 {
            let mut pick = || -> [[u64; 5]; 8] {
                std::array::from_fn(|_| {
                    if rng.gen() {
                        edges[rng.gen_range(0..edges.len())]
                    } else {
                        [
                            rng.gen::<u64>() & mask,
                            rng.gen::<u64>() & mask,
                            rng.gen::<u64>() & mask,
                            rng.gen::<u64>() & mask,
                            top(rng.gen()),
                        ]
                    }
                })
            };
            let (a, b) = (pick(), pick());
            let (x, y) = (from_limbs(&a), from_limbs(&b));
            for (name, result) in [("add", f.add(x, y)), ("sub", f.sub(x, y)), ("mul", NumberLanes::mul(f, x, y))] {
                for ((a, b), result) in a.iter().zip(&b).zip(to_limbs(result)) {
                    assert!(
                        result[..4].iter().all(|limb| *limb <= mask) && value(&result) < bound,
                        "{name}: {result:x?}"
                    );
                    let (a, b) = (value(a), value(b));
                    let expected = match name {
                        "add" => a + b,
                        "sub" => a + q() + q() - b,
                        _ => a * b * &r_inverse,
                    };
                    assert_eq!(value(&result) % q(), expected % q(), "{name}");
                }
            }
            let stored = NumberLanes::store(f, x);
            for (a, stored) in a.iter().zip(stored) {
                assert_eq!(BigUint::from_bytes_le(stored.as_bytes()), value(a) * &r_inverse % q());
            }
        }
    }
}
