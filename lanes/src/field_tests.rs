//! Every operation of every backend against num-bigint, on limbs at their bounds, edge values and random ones.
#![forbid(unsafe_code)]

use crate::backend::{Backend, Kernel};
use crate::curve::canonical;
use crate::field::{
    invsqrt, pow_p58, Field, Words, ENTRIES, INVSQRT_A_MINUS_D, MAX_LANES, MINUS_D, P, SQRT_M1, TOP_WORD, TWO_D,
};
use num_bigint::BigUint;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

fn big(words: &Words) -> BigUint {
    words.iter().rev().fold(BigUint::ZERO, |a, w| (a << 64u32) + w)
}

fn p() -> BigUint {
    (BigUint::from(1u8) << 255u32) - 19u8
}

/// The values of all lanes, after a check that every limb is reduced.
fn values<F: Field>(f: F, a: F::Fe, what: &str) -> Vec<BigUint> {
    let mut values = vec![BigUint::ZERO; F::LANES];
    for (limb, (weight, bound)) in f.scatter_limbs(a).iter().zip(F::LIMBS) {
        for (value, limb) in values.iter_mut().zip(limb) {
            assert!(limb < bound, "{what}: limb {limb} of weight 2^{weight} is not below {bound}");
            *value += BigUint::from(*limb) << *weight;
        }
    }
    values
}

/// Edge values as they may lie in memory.
fn edges() -> Vec<Words> {
    let (mut near_p, mut near_2_255) = (P, [0, 0, 0, 1 << 63]);
    let mut out = vec![[0; 4], [1, 0, 0, 0], [u64::MAX, u64::MAX, u64::MAX, TOP_WORD], SQRT_M1, MINUS_D, TWO_D];
    for _ in 0..20 {
        out.extend([near_p, near_2_255]);
        near_p[0] = near_p[0].wrapping_sub(1);
        near_2_255[0] += 1;
    }
    out.extend((0..19).map(|i| [P[0] + i, P[1], P[2], P[3]]));
    out.extend((0..255).map(|i| std::array::from_fn(|w| if i / 64 == w { 1 << (i % 64) } else { 0 })));
    out
}

/// Vectors of limbs at their bounds, of edge values and of random limbs.
fn vectors<F: Field>(f: F, rng: &mut ChaCha20Rng) -> Vec<F::Fe> {
    let limbs = |pick: &mut dyn FnMut(u64) -> u64| {
        let limbs: Vec<[u64; MAX_LANES]> =
            F::LIMBS.iter().map(|(_, bound)| std::array::from_fn(|_| pick(*bound))).collect();
        f.gather_limbs(&limbs)
    };
    let mut out = vec![limbs(&mut |bound| bound - 1), limbs(&mut |_| 0)];
    for _ in 0..40 {
        out.push(limbs(&mut |bound| if rng.gen() { bound - 1 } else { 0 }));
        out.push(limbs(&mut |bound| rng.gen_range(0..bound)));
    }
    let edges = edges();
    for chunk in edges.chunks(F::LANES) {
        out.push(f.gather(&std::array::from_fn(|l| &chunk[l % chunk.len()])));
    }
    out
}

fn every_backend(kernel: impl Kernel<Output = ()> + Copy) {
    for backend in Backend::available() {
        backend.run(kernel);
    }
}

#[test]
fn every_operation_is_right_and_keeps_the_bounds() {
    #[derive(Clone, Copy)]
    struct Test;
    impl Kernel for Test {
        type Output = ();
        fn run<F: Field>(self, f: F) {
            let p = &p();
            let mut rng = ChaCha20Rng::seed_from_u64(1);
            let all = vectors(f, &mut rng);
            let value = |a, what| values(f, a, what);
            for (i, &a) in all.iter().enumerate() {
                let va = value(a, "input");
                for (got, a) in value(f.square(a), "square").iter().zip(&va) {
                    assert_eq!(got % p, a * a % p);
                }
                let (zero, negative) = (f.is_zero(a), f.is_negative(a));
                let rows = f.scatter(a);
                for (l, a) in va.iter().enumerate() {
                    assert_eq!(zero >> l & 1 == 1, a % p == BigUint::ZERO);
                    assert_eq!(negative >> l & 1 == 1, (a % p).bit(0));
                    assert!(rows[l][3] <= TOP_WORD, "a top word with no room");
                    assert_eq!(big(&rows[l]) % p, a % p);
                    assert_eq!(big(&canonical(rows[l])), a % p);
                }
                assert!(rows[F::LANES..].iter().all(|r| *r == [0; 4]));
                assert_eq!(
                    value(f.gather(&rows.each_ref()), "gather"),
                    rows[..F::LANES].iter().map(big).collect::<Vec<_>>()
                );
                // All pairs with the extremes, and each with a few others.
                for &b in all[..4].iter().chain(&all[i..all.len().min(i + 8)]) {
                    let vb = value(b, "input");
                    let results = [
                        (
                            value(f.add(a, b), "add"),
                            (|a, b, p| (a + b) % p) as fn(&BigUint, &BigUint, &BigUint) -> BigUint,
                        ),
                        (value(f.sub(a, b), "sub"), |a, b, p| ((a % p) + p - b % p) % p),
                        (value(f.mul(a, b), "mul"), |a, b, p| a * b % p),
                        (value(f.mul(b, a), "mul"), |a, b, p| a * b % p),
                    ];
                    for (got, expected) in results {
                        for l in 0..F::LANES {
                            assert_eq!(&got[l] % p, expected(&va[l], &vb[l], p));
                        }
                    }
                    loose(f, (a, &va), (b, &vb));
                    let mask: u8 = rng.gen();
                    for (l, got) in value(f.select(mask, a, b), "select").iter().enumerate() {
                        assert_eq!(*got, if mask >> l & 1 == 1 { vb[l].clone() } else { va[l].clone() });
                    }
                }
            }
        }
    }
    every_backend(Test);
}

/// What may be done with elements that have not been reduced, as deep as it may.
fn loose<F: Field>(f: F, (a, va): (F::Fe, &[BigUint]), (b, vb): (F::Fe, &[BigUint])) {
    let p = &p();
    let minus = |a: &BigUint, b: &BigUint| a + (p << 2u32) - b;
    let (sum, less) = (f.add_loose(a, b), f.sub_loose(a, b));
    let deep = [
        f.add_loose(sum, sum),
        f.add_loose(less, less),
        f.add_loose(sum, less),
        f.sub_loose(sum, b),
        f.sub_loose(less, b),
    ];
    let products = deep.map(|d| values(f, f.mul(d, less), "mul of loose ones"));
    let squares = deep.map(|d| values(f, f.square(f.select(0x55, d, d)), "square of loose ones"));
    for l in 0..F::LANES {
        let (sum, less) = (&va[l] + &vb[l], minus(&va[l], &vb[l]));
        let deep = [&sum + &sum, &less + &less, &sum + &less, minus(&sum, &vb[l]), minus(&less, &vb[l])];
        for ((deep, product), square) in deep.iter().zip(&products).zip(&squares) {
            assert_eq!(&product[l] % p, deep * &less % p);
            assert_eq!(&square[l] % p, deep * deep % p);
        }
    }
}

#[test]
fn powers_and_roots_are_right() {
    #[derive(Clone, Copy)]
    struct Test;
    impl Kernel for Test {
        type Output = ();
        fn run<F: Field>(self, f: F) {
            let p = &p();
            let exponent = (p - 5u8) >> 3u32;
            let all = vectors(f, &mut ChaCha20Rng::seed_from_u64(2));
            for pair in all.chunks_exact(2) {
                let [a, b] = [pair[0], pair[1]];
                let [ra, rb] = pow_p58(f, [a, b]);
                let (roots, ok) = invsqrt(f, [a, b]);
                for (x, r, root, ok) in [(a, ra, roots[0], ok[0]), (b, rb, roots[1], ok[1])] {
                    let (x, r, root) = (values(f, x, "input"), values(f, r, "power"), values(f, root, "root"));
                    for l in 0..F::LANES {
                        assert_eq!(&r[l] % p, x[l].modpow(&exponent, p));
                        let is_square = x[l].modpow(&((p - 1u8) >> 1u32), p) == BigUint::from(1u8);
                        assert_eq!(ok >> l & 1 == 1, is_square);
                        assert!(!is_square || &root[l] * &root[l] * &x[l] % p == BigUint::from(1u8));
                    }
                }
            }
        }
    }
    every_backend(Test);
}

#[test]
fn long_chains_keep_the_bounds() {
    #[derive(Clone, Copy)]
    struct Test;
    impl Kernel for Test {
        type Output = ();
        fn run<F: Field>(self, f: F) {
            let p = &p();
            let mut rng = ChaCha20Rng::seed_from_u64(3);
            let mut all: Vec<(F::Fe, Vec<BigUint>)> =
                vectors(f, &mut rng).into_iter().take(12).map(|a| (a, values(f, a, "input"))).collect();
            for _ in 0..4000 {
                let (i, j, k) = (rng.gen_range(0..12), rng.gen_range(0..12), rng.gen_range(0..12));
                let ((a, va), (b, vb)) = (all[i].clone(), all[j].clone());
                let pairs = va.iter().zip(&vb);
                let (r, vr): (F::Fe, Vec<BigUint>) = match rng.gen_range(0..4) {
                    0 => (f.add(a, b), pairs.map(|(a, b)| (a + b) % p).collect()),
                    1 => (f.sub(a, b), pairs.map(|(a, b)| (a % p + p - b % p) % p).collect()),
                    2 => (f.mul(a, b), pairs.map(|(a, b)| a * b % p).collect()),
                    _ => (f.square(a), va.iter().map(|a| a * a % p).collect()),
                };
                assert_eq!(values(f, r, "chain").iter().map(|r| r % p).collect::<Vec<_>>(), vr);
                all[k] = (r, vr);
            }
        }
    }
    every_backend(Test);
}

#[test]
fn constants_are_what_they_are_called() {
    let p = &p();
    let one = BigUint::from(1u8);
    assert_eq!(big(&P), *p);
    assert_eq!(big(&SQRT_M1).modpow(&BigUint::from(2u8), p), p - 1u8);
    // d = -121665/121666.
    assert_eq!(big(&MINUS_D) * 121666u32 % p, BigUint::from(121665u32));
    assert_eq!((big(&TWO_D) + big(&MINUS_D) * 2u8) % p, BigUint::ZERO);
    // 1/(a - d), a = -1.
    let root = big(&INVSQRT_A_MINUS_D);
    assert_eq!(&root * &root % p * ((p - 1u8 + big(&MINUS_D)) % p) % p, one);
}

#[test]
fn every_entry_of_a_table_is_found_in_every_lane() {
    #[derive(Clone, Copy)]
    struct Test;
    impl Kernel for Test {
        type Output = ();
        fn run<F: Field>(self, f: F) {
            let mut rng = ChaCha20Rng::seed_from_u64(3);
            let entries: Vec<Words> = (0..ENTRIES)
                .map(|i| match i {
                    0 => [0; 4],
                    31 => [u64::MAX, u64::MAX, u64::MAX, TOP_WORD],
                    _ => [rng.gen(), rng.gen(), rng.gen(), rng.gen::<u64>() >> 1],
                })
                .collect();
            let table = std::array::from_fn(|word| std::array::from_fn(|e| entries[e][word]));
            for round in 0..ENTRIES as u64 {
                let at: [u64; MAX_LANES] = std::array::from_fn(|l| (round + 5 * l as u64) % ENTRIES as u64);
                let found = f.lookup(&table, &at);
                let values = values(f, found, "lookup");
                for (lane, value) in values.iter().enumerate() {
                    assert_eq!(*value, big(&entries[at[lane] as usize]), "entry {} in lane {lane}", at[lane]);
                }
            }
        }
    }
    every_backend(Test);
}

#[test]
fn canonical_subtracts_p_as_often_as_it_fits() {
    for words in edges() {
        assert_eq!(big(&canonical(words)), big(&words) % p());
    }
}
