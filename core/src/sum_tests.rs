//! Sums: long ones in parts, short ones, and what none may leave out.

use super::*;
use crate::group::random_scalar;
use crate::range::{MAX_BITS, MAX_PARTIES};
use rand::rngs::OsRng;

/// `n` scalars, and points whose discrete logarithms nobody keeps.
fn terms(n: usize) -> Vec<(Scalar, RistrettoPoint)> {
    (0..n).map(|_| (random_scalar(&mut OsRng), RistrettoPoint::random(&mut OsRng))).collect()
}

fn total(terms: &[(Scalar, RistrettoPoint)]) -> RistrettoPoint {
    terms.iter().map(|(scalar, point)| scalar * point).sum()
}

fn encodings(terms: &[(Scalar, RistrettoPoint)]) -> impl Iterator<Item = [u8; 32]> + '_ {
    terms.iter().map(|term| term.1.compress().0)
}

type Column = (Arc<CiphertextList>, Vec<(Scalar, RistrettoPoint)>);

/// A list of five ciphertexts.
fn column() -> Column {
    let terms = terms(10);
    (Arc::new(CiphertextList::from_valid(1, &encodings(&terms).collect::<Vec<_>>())), terms)
}

/// A sum that holds, of so many generators, two lists, 14 encoded points, and others.
fn long(generators: &Generators, columns: [&Column; 2]) -> Sum {
    let mut sum = Sum::default();
    let of_g: Vec<_> = generators.g().iter().map(|g| (random_scalar(&mut OsRng), *g)).collect();
    let h = random_scalar(&mut OsRng);
    sum.equation().g(of_g.iter().map(|t| t.0)).h(h).point(-Scalar::ONE, total(&of_g) + generators.h() * h);
    for (list, points) in columns {
        let weight = random_scalar(&mut OsRng);
        sum.list_scalars(list).iter_mut().zip(points).for_each(|(slot, term)| *slot += weight * term.0);
        sum.weighted_fixed(Scalar::ZERO, -weight, total(points));
    }
    let encoded = terms(13);
    sum.weighted_all(encoded.iter().map(|t| t.0).collect(), encodings(&encoded));
    sum.weighted(-Scalar::ONE, &total(&encoded).compress());
    sum
}

/// The long terms of such a sum, one after the other.
fn long_scalars(sum: &mut Sum) -> Vec<&mut Scalar> {
    let lists = sum.lists.iter_mut().flat_map(|list| list.scalars.iter_mut());
    sum.g.iter_mut().chain(lists).chain(sum.encoded_scalars.iter_mut()).collect()
}

fn holds_in_parts(sum: &Sum, generators: &Generators, threads: usize, least: usize) -> bool {
    sum.terms(generators, threads, least).is_ok_and(Msm::is_identity_vartime)
}

#[test]
fn a_true_equation_holds_and_a_false_one_does_not() {
    let generators = Generators::new(4);
    let (a, b) = (random_scalar(&mut OsRng), random_scalar(&mut OsRng));
    let point = RISTRETTO_BASEPOINT_POINT * a + generators.g()[2] * b;
    let mut sum = Sum::default();
    sum.equation().basepoint(a).g([Scalar::ZERO, Scalar::ZERO, b].into_iter()).point(-Scalar::ONE, point);
    assert!(sum.holds(&generators));
    assert!(!sum.holds(&Generators::new(2)), "too few generators must not pass");
    sum.equation().h(Scalar::ONE);
    assert!(!sum.holds(&generators));
}

#[test]
fn two_errors_that_cancel_without_weights_are_found() {
    let mut sum = Sum::default();
    sum.equation().basepoint(Scalar::ONE);
    sum.equation().basepoint(-Scalar::ONE);
    assert!(!sum.holds(&Generators::new(0)));
}

#[test]
fn an_encoded_point_counts_like_any_other_and_one_that_is_none_fails() {
    let generators = Generators::new(0);
    let secret = random_scalar(&mut OsRng);
    let point = (RISTRETTO_BASEPOINT_POINT * secret).compress();
    let mut sum = Sum::default();
    sum.equation().basepoint(-secret).encoded(Scalar::ONE, &point);
    assert!(sum.holds(&generators));
    for bad in [[0xff; 32], [1; 32]] {
        let mut sum = Sum::default();
        sum.equation().basepoint(-secret).encoded(Scalar::ONE, &point);
        sum.equation().encoded(Scalar::ZERO, &CompressedRistretto(bad));
        assert!(!sum.holds(&generators), "even with a scalar of zero");
    }
}

#[test]
fn a_column_of_encoded_points_is_summed() {
    let generators = Generators::new(3);
    let n = 2 * GATHERED + 5;
    let of = |i: usize| generators.g()[i % 3];
    let three: Vec<[u8; 32]> = (0..3).map(|i| of(i).compress().0).collect();
    let scalars: Vec<_> = (0..n).map(|i| Scalar::from(i as u64)).collect();
    let expected: RistrettoPoint =
        (0..3).map(|r| of(r) * (r..n).step_by(3).map(|i| Scalar::from(i as u64)).sum::<Scalar>()).sum();
    let spread: Vec<[u8; 32]> = (0..n).flat_map(|i| [[0xff; 32], three[i % 3]]).collect();
    assert_eq!(vartime_msm_strided(&scalars, &spread, 1, 2), Some(expected));
    assert_eq!(vartime_msm_strided(&scalars, &spread, 0, 2), None, "no points");
    assert_eq!(vartime_msm_strided(&scalars, &spread[2..], 1, 2), None, "too few");
}

#[test]
fn a_long_sum_is_the_same_in_parts_and_leaves_nothing_out() {
    let generators = Generators::new(11);
    let mut sum = long(&generators, [&column(), &column()]);
    let n = long_scalars(&mut sum).len();
    assert_eq!(n, 11 + 20 + 14);
    for threads in 1..=n + 2 {
        for least in [1, 7, n, n + 1] {
            assert!(holds_in_parts(&sum, &generators, threads, least), "{threads} threads, parts of {least}");
        }
    }
    assert!(sum.holds(&generators));
    for at in 0..n {
        *long_scalars(&mut sum)[at] += Scalar::ONE;
        for threads in [1, 2, 7, n] {
            assert!(!holds_in_parts(&sum, &generators, threads, 1), "term {at}, {threads} threads");
        }
        *long_scalars(&mut sum)[at] -= Scalar::ONE;
    }
    for at in [0, 13] {
        let good = std::mem::replace(&mut sum.encoded[at], [0xff; 32]);
        assert!([1, 2, 5, n].iter().all(|threads| !holds_in_parts(&sum, &generators, *threads, 1)), "no point at {at}");
        sum.encoded[at] = good;
    }
    // A point for a scalar of zero is a term too; one without a scalar, or a scalar without a point, spoils all.
    sum.encoded_scalars.push(Scalar::ZERO);
    assert!([1, 2, 5].iter().all(|threads| !holds_in_parts(&sum, &generators, *threads, 1)));
    sum.encoded.push([0; 32]);
    assert!(sum.holds(&generators));
    sum.encoded.push([0; 32]);
    assert!([1, 2, 5].iter().all(|threads| !holds_in_parts(&sum, &generators, *threads, 1)));
}

#[test]
fn parts_are_full_but_for_the_last() {
    let scalars = vec![Scalar::ONE; 40];
    let of = |n: usize| Terms::Generators { scalars: &scalars[..n], from: 100 };
    for (terms, most, lengths) in [
        (vec![of(11), of(10), of(10), of(14)], 12, &[12, 12, 12, 9][..]),
        (vec![of(40)], 13, &[13, 13, 13, 1]),
        (vec![of(3), of(0), of(2)], 9, &[5]),
        (vec![of(3), Terms::Unpaired { scalars: 1, points: 2 }, of(2)], 2, &[2, 2, 1]),
    ] {
        let parts = cut(terms, most);
        let found: Vec<usize> = parts.iter().map(|part| part.iter().map(Terms::len).sum()).collect();
        assert_eq!(found, lengths);
    }
    let parts = cut(vec![of(5)], 2);
    let begins: Vec<_> =
        parts.iter().flatten().map(|t| if let Terms::Generators { from, .. } = t { *from } else { 0 }).collect();
    assert_eq!(begins, [100, 102, 104]);
}

/// Terms of every kind that a short sum has.
fn short() -> Sum {
    let mut sum = Sum::default();
    for (i, bits) in [(0, 8), (9, 8), (3, 16), (15, 16)] {
        sum.weighted_bulletproof_gens(bits, i, random_scalar(&mut OsRng), random_scalar(&mut OsRng));
    }
    let loose = terms(5);
    sum.weighted_fixed(random_scalar(&mut OsRng), loose[0].0, loose[0].1);
    sum.h = random_scalar(&mut OsRng);
    sum.equation().point(loose[1].0, loose[1].1).point(loose[2].0, loose[2].1);
    sum.weighted_all(loose[3..].iter().map(|t| t.0).collect(), encodings(&loose[3..]));
    sum
}

#[test]
fn a_short_sum_is_the_same_with_tables_as_with_lanes() {
    let generators = Generators::new(0);
    let identity = Some(RistrettoPoint::identity());
    let mut sum = short();
    let found = sum.small_sum(&generators).unwrap();
    assert_ne!(Some(found), identity);
    assert!(!holds_in_parts(&sum, &generators, 1, 1));
    sum.scalars.push(-Scalar::ONE);
    sum.points.push(found);
    let both = |sum: &Sum| (sum.small_sum(&generators) == identity, holds_in_parts(sum, &generators, 1, 1));
    assert_eq!(both(&sum), (true, true));
    let change: [fn(&mut Sum) -> &mut Scalar; 8] = [
        |sum| &mut sum.basepoint,
        |sum| &mut sum.h,
        |sum| &mut sum.shared.as_mut().unwrap().1,
        |sum| &mut sum.scalars[1],
        |sum| &mut sum.encoded_scalars[0],
        |sum| &mut sum.encoded_scalars[1],
        |sum| &mut sum.range.g[MAX_BITS + 1],
        |sum| &mut sum.range.h[3],
    ];
    for (i, scalar) in change.into_iter().enumerate() {
        *scalar(&mut sum) += Scalar::ONE;
        assert_eq!(both(&sum), (false, false), "{i}");
        *scalar(&mut sum) -= Scalar::ONE;
    }
    sum.h = Scalar::ZERO;
    assert_eq!(both(&sum), (false, false));
    sum.encoded[1] = [1; 32];
    assert_eq!(sum.small_sum(&generators), None);
}

#[test]
fn tables_are_for_short_sums_of_ranges_where_there_are_not_eight_lanes() {
    let others = [Backend::Avx2, Backend::Serial, Backend::Dalek];
    let small = |sum: &Sum| {
        assert!(!sum.is_small(Backend::Ifma));
        let found = others.map(|backend| sum.is_small(backend));
        assert!(found.iter().all(|small| *small == found[0]), "{found:?}");
        found[0]
    };
    assert!(small(&short()));
    let mut sum = short();
    sum.list_scalars(&column().0);
    assert!(!small(&sum), "with a list");
    let mut sum = short();
    sum.equation().g([Scalar::ONE].into_iter());
    assert!(!small(&sum), "with generators");
    let mut sum = short();
    sum.range = RangeTerms::default();
    assert!(!small(&sum), "without ranges");
    let mut sum = short();
    let loose = sum.points.len() + sum.encoded.len();
    sum.points.resize(sum.points.len() + SMALL - 1 - loose, RistrettoPoint::identity());
    assert!(small(&sum), "one below the limit");
    sum.points.push(RistrettoPoint::identity());
    assert!(!small(&sum), "at the limit");
}

#[test]
fn a_sum_appended_to_another_is_added_in_full() {
    let (few, many) = (Generators::new(3), Generators::new(11));
    let (one, two, three) = (column(), column(), column());
    let joined = |first: Sum, second: Sum| {
        let mut sum = first;
        sum.append(second);
        sum
    };
    for (of, more) in [(&few, &many), (&many, &few)] {
        let mut sum = joined(long(of, [&one, &two]), long(more, [&two, &three]));
        assert_eq!((sum.g.len(), sum.lists.len(), sum.encoded.len()), (11, 3, 28));
        assert!(sum.holds(&many));
        for at in 0..long_scalars(&mut sum).len() {
            let mut false_one = long(more, [&two, &three]);
            let Some(scalar) = long_scalars(&mut false_one).into_iter().nth(at) else { break };
            *scalar += Scalar::ONE;
            assert!(!joined(long(of, [&one, &two]), false_one).holds(&many), "term {at} of the second");
        }
    }
    // What is not in the first at all: ranges, the basepoint, h, loose points, the shared point.
    let closed = || {
        let mut sum = short();
        let found = sum.small_sum(&few).unwrap();
        sum.scalars.push(-Scalar::ONE);
        sum.points.push(found);
        sum
    };
    assert!(joined(Sum::default(), closed()).holds(&few));
    assert!(joined(closed(), closed()).holds(&few), "with different shared points");
    let narrow = |h| {
        let mut sum = Sum::default();
        sum.weighted_bulletproof_gens(8, 3, Scalar::ONE, h);
        sum
    };
    let mut sum = joined(closed(), narrow(Scalar::ZERO));
    assert_eq!((sum.range.bits, sum.holds(&few)), (16, false));
    sum.append(joined(Sum::default(), narrow(Scalar::ONE)));
    sum.weighted_bulletproof_gens(8, 3, -Scalar::from(2u64), -Scalar::ONE);
    assert!(sum.holds(&few));
}

#[test]
fn a_term_beyond_the_generators_of_ranges_does_not_hold() {
    let of = |i| {
        let mut sum = Sum::default();
        sum.weighted_bulletproof_gens(MAX_BITS, i, Scalar::ONE, Scalar::ONE);
        sum.weighted_bulletproof_gens(MAX_BITS, i, -Scalar::ONE, -Scalar::ONE);
        sum.holds(&Generators::new(0))
    };
    assert!(of(MAX_BITS * MAX_PARTIES - 1));
    assert!(!of(MAX_BITS * MAX_PARTIES));
    let too_many = || vec![Scalar::ZERO; MAX_BITS * MAX_PARTIES + 1];
    let range = |g, h| RangeTerms { bits: MAX_BITS, g, h };
    for range in [range(too_many(), Vec::new()), range(Vec::new(), too_many())] {
        let sum = Sum { range, ..Sum::default() };
        assert!(!sum.holds(&Generators::new(0)));
    }
}
