//! Everything against curve25519-dalek, under every backend that this CPU has.

use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_COMPRESSED, RISTRETTO_BASEPOINT_POINT};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use num_bigint::BigUint;
use proptest::prelude::*;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use selge_lanes::{
    check_vartime, Backend, BadEncoding, FixedBase, FixedBaseError, Msm, Points, TermError, BACKEND_VARIABLE,
};

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn p() -> BigUint {
    (BigUint::from(1u8) << 255u32) - 19u8
}

fn bytes(a: &BigUint) -> [u8; 32] {
    let mut out = [0; 32];
    let le = a.to_bytes_le();
    out[..le.len()].copy_from_slice(&le);
    out
}

/// Distinct points, cheaply.
fn points(n: usize, rng: &mut ChaCha20Rng) -> Vec<RistrettoPoint> {
    let (mut point, step) = (RistrettoPoint::random(rng), RistrettoPoint::random(rng));
    (0..n)
        .map(|_| {
            point += step;
            point
        })
        .collect()
}

fn scalars(n: usize, rng: &mut ChaCha20Rng) -> Vec<Scalar> {
    (0..n).map(|_| Scalar::random(rng)).collect()
}

fn encode(points: &[RistrettoPoint]) -> Vec<[u8; 32]> {
    points.iter().map(|p| p.compress().to_bytes()).collect()
}

fn dalek(scalars: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
    RistrettoPoint::vartime_multiscalar_mul(scalars, points)
}

/// Encodings around every rule: canonical or not, negative or not, square or not.
fn edge_encodings() -> Vec<[u8; 32]> {
    let p = p();
    let sqrt_m1 = BigUint::from(2u8).modpow(&((&p - 1u8) >> 2u32), &p);
    let near = |a: &BigUint| (0..24u8).flat_map(|i| [a + i, a - i.min(a.to_bytes_le()[0])]).collect::<Vec<_>>();
    let mut values = near(&BigUint::from(30u8));
    values.extend(near(&p));
    values.extend(near(&((&p - 1u8) >> 1u32)));
    // s² = -1 makes 1 + a·s² or 1 - a·s² zero, and so do s = ±1.
    values.extend([sqrt_m1.clone(), &p - &sqrt_m1, BigUint::from(1u8), &p - 1u8]);
    values.extend((0..255u32).map(|i| BigUint::from(1u8) << i));
    let mut out: Vec<[u8; 32]> = values.iter().filter(|v| v.bits() <= 256).map(bytes).collect();
    // The bit that dalek's field ignores, on canonical encodings.
    for encoding in [[0; 32], RISTRETTO_BASEPOINT_COMPRESSED.to_bytes()] {
        let mut high = encoding;
        high[31] |= 0x80;
        out.extend([encoding, high]);
    }
    out.extend([[0xff; 32], [0x7f; 32]]);
    // The invalid encodings of RFC 9496, appendix A.3, as far as they are of further kinds: negative x·y, and y = 0.
    for hex in [
        "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
        "a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
        "d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e",
        "8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32",
        "32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b",
        "227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165",
        "5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e",
        "445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        out.push(std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()));
    }
    out
}

/// One encoding, alone and in a full vector at every place.
fn decodes_as_dalek(backend: Backend, encoding: [u8; 32], good: &[[u8; 32]]) {
    let expected = CompressedRistretto(encoding).decompress();
    assert_eq!(check_vartime(backend, &[encoding]).is_ok(), expected.is_some(), "{backend}: {encoding:02x?}");
    match Points::decode_vartime(backend, &[encoding]) {
        Ok(points) => {
            let mut sum = Msm::new(backend);
            sum.add_points_vartime(&[Scalar::ONE], &points).unwrap();
            assert_eq!(Some(sum.finish_vartime()), expected, "{backend}: {encoding:02x?}");
        }
        Err(bad) => assert_eq!((bad.index, expected), (0, None), "{backend}: {encoding:02x?}"),
    }
    for at in 0..good.len() {
        let mut batch = good.to_vec();
        batch[at] = encoding;
        let result = Points::decode_vartime(backend, &batch).map(|p| p.len());
        assert_eq!(result, expected.map(|_| batch.len()).ok_or(BadEncoding { index: at }));
    }
}

#[test]
fn exactly_the_encodings_decode_that_dalek_decodes() {
    let mut rng = rng(1);
    let good = encode(&points(17, &mut rng));
    let edges = edge_encodings();
    let decodable = edges.iter().filter(|e| CompressedRistretto(**e).decompress().is_some()).count();
    assert!(decodable > 40 && edges.len() - decodable > 100, "{decodable} of {}", edges.len());
    for backend in Backend::available() {
        for encoding in &edges {
            decodes_as_dalek(backend, *encoding, &good);
        }
        // One random string in 16 is an encoding.
        for i in 0..3000 {
            let mut encoding = [0; 32];
            rng.fill_bytes(&mut encoding);
            if i % 3 > 0 {
                encoding[31] &= 0x7f;
                encoding[0] &= 0xfe;
            }
            decodes_as_dalek(backend, encoding, &good[..1]);
        }
    }
}

#[test]
fn the_first_bad_encoding_is_named_wherever_it_stands() {
    let mut rng = rng(2);
    let no_square = (1..).map(|k| [2 * k; 32]).find(|e| CompressedRistretto(*e).decompress().is_none()).unwrap();
    for backend in Backend::available() {
        for n in [1, 2, 7, 8, 9, 15, 16, 17, 33, 1023, 1024, 1025, 3000] {
            let good = encode(&points(n, &mut rng));
            assert_eq!(check_vartime(backend, &good), Ok(()));
            let mut places = vec![0, n / 2, n - 1];
            places.extend((0..3).map(|_| rng.gen_range(0..n)));
            for at in places {
                let mut bad = good.clone();
                // Later ones of another kind do not hide it: not square there, not canonical here, and the reverse.
                let (first, later) = if rng.gen() { ([0xff; 32], no_square) } else { (no_square, [0xff; 32]) };
                bad[at + (n - at) / 2..].fill(later);
                bad[at] = first;
                let expected = BadEncoding { index: at };
                assert_eq!(check_vartime(backend, &bad), Err(expected), "{backend}, {n}");
                assert_eq!(Points::decode_vartime(backend, &bad).map(|p| p.len()), Err(expected));
                let mut sum = Msm::with_chunk(backend, 1 + rng.gen_range(0..2 * n));
                let result = sum.add_encoded_vartime(&scalars(n, &mut rng), &bad);
                assert_eq!(result, Err(TermError::Encoding(expected)));
            }
        }
    }
}

/// The sum by every way in, under every backend.
fn sums_as_dalek(scalars: &[Scalar], points: &[RistrettoPoint], chunk: usize) {
    let expected = dalek(scalars, points);
    let encodings = encode(points);
    for backend in Backend::available() {
        let what = format!("{backend}, {} terms in chunks of {chunk}", scalars.len());
        let mut encoded = Msm::with_chunk(backend, chunk);
        encoded.add_encoded_vartime(scalars, &encodings).unwrap();
        let mut decoded = Msm::with_chunk(backend, chunk);
        let kept = Points::decode_vartime(backend, &encodings).unwrap();
        decoded.add_points_vartime(scalars, &kept).unwrap();
        let mut made = Msm::with_chunk(backend, chunk);
        made.add_ristretto_vartime(scalars, points).unwrap();
        // All ways at once, in pieces, less what they must come to.
        let mut mixed = Msm::with_chunk(backend, chunk);
        let from = Points::from_ristretto_vartime(backend, points);
        let (a, b) = (scalars.len() / 3, scalars.len() / 2);
        mixed.add_encoded_vartime(&scalars[..a], &encodings[..a]).unwrap();
        mixed.add_ristretto_vartime(&scalars[a..b], &points[a..b]).unwrap();
        mixed.add_points_from_vartime(&scalars[b..], &from, b).unwrap();
        mixed.add_points_from_vartime(&scalars[..a], &kept, 0).unwrap();
        mixed.add_ristretto_vartime(&[-Scalar::ONE], &[expected + dalek(&scalars[..a], &points[..a])]).unwrap();
        assert_eq!(encoded.finish_vartime(), expected, "{what}");
        assert_eq!(decoded.finish_vartime(), expected, "{what}");
        assert_eq!(made.finish_vartime(), expected, "{what}");
        assert!(mixed.is_identity_vartime(), "{what}");
    }
}

#[test]
fn sums_of_all_sizes_are_dalek_s() {
    let mut rng = rng(3);
    for n in [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 100, 129, 1000, 1024, 1025, 5000] {
        let (scalars, points) = (scalars(n, &mut rng), points(n, &mut rng));
        sums_as_dalek(&scalars, &points, 1 << 18);
        sums_as_dalek(&scalars, &points, (n / 3).max(1));
    }
    let (scalars, points) = (scalars(20, &mut rng), points(20, &mut rng));
    for chunk in [0, 1, 2, 3, 19, 20, 21] {
        sums_as_dalek(&scalars, &points, chunk);
    }
}

#[test]
fn large_sums_with_wide_windows_are_dalek_s() {
    let mut rng = rng(4);
    let n = 100_000;
    let (scalars, points) = (scalars(n, &mut rng), points(n, &mut rng));
    sums_as_dalek(&scalars, &points, n);
}

#[test]
fn edge_scalars_and_points_are_summed_right() {
    let mut rng = rng(5);
    let q1 = -Scalar::ONE;
    let two = |k: u32| (0..k).fold(Scalar::ONE, |a, _| a + a);
    let mut edge: Vec<Scalar> = vec![Scalar::ZERO, Scalar::ONE, q1, q1 - Scalar::ONE, Scalar::from(2u8).invert()];
    edge.extend((0..253).map(two));
    edge.extend((0..253).map(|k| two(k) - Scalar::ONE));
    edge.extend((1..17).map(|c| (0..253 / c).map(|w| two(w * c + c - 1)).sum::<Scalar>()));
    let identity = RistrettoPoint::identity();
    let (a, b) = (RistrettoPoint::random(&mut rng), RISTRETTO_BASEPOINT_POINT);
    for points in [&[identity][..], &[a], &[a, -a], &[a, a, identity, -a, b]] {
        let points: Vec<_> = points.iter().cycle().take(edge.len()).copied().collect();
        sums_as_dalek(&edge, &points, 1 << 18);
        // Few terms at a time are summed in another way.
        sums_as_dalek(&edge, &points, 30);
        sums_as_dalek(&edge, &points, 1);
    }
    for n in [1usize, 3, 8, 9, 200, 3000] {
        let distinct = points(n, &mut rng);
        // All terms in one bucket of every window, in few, or in none; opposite and equal points there.
        for scalar in [Scalar::ZERO, Scalar::ONE, q1, Scalar::random(&mut rng), Scalar::from(rng.gen::<u128>())] {
            sums_as_dalek(&vec![scalar; n], &distinct, 1 << 18);
            sums_as_dalek(&vec![scalar; n], &vec![a; n], 1 << 18);
            let signs: Vec<_> = (0..n).map(|i| if i % 2 == 0 { a } else { -a }).collect();
            sums_as_dalek(&vec![scalar; n], &signs, 1 << 18);
        }
        let short: Vec<_> = (0..n).map(|_| Scalar::from(rng.gen::<u128>())).collect();
        sums_as_dalek(&short, &distinct, 1 << 18);
        let tiny: Vec<_> = (0..n).map(|i| Scalar::from(i as u64 % 3)).collect();
        sums_as_dalek(&tiny, &distinct, 1 << 18);
        let few: Vec<_> = (0..n).map(|i| if i % 100 == 0 { q1 } else { Scalar::ZERO }).collect();
        sums_as_dalek(&few, &distinct, 1 << 18);
    }
}

#[test]
fn an_identity_in_any_disguise_is_the_identity() {
    // Sums of points of order 4 as Edwards points: x·P + y·P + z·P = 0 in the group, whatever representatives decode.
    let mut rng = rng(6);
    for backend in Backend::available() {
        for _ in 0..200 {
            let point = RistrettoPoint::random(&mut rng);
            let (x, y) = (Scalar::random(&mut rng), Scalar::random(&mut rng));
            let third = -(point * x + RISTRETTO_BASEPOINT_POINT * y);
            let points = [point, RISTRETTO_BASEPOINT_POINT, third];
            let mut sum = Msm::new(backend);
            sum.add_encoded_vartime(&[x, y, Scalar::ONE], &encode(&points)).unwrap();
            let mut other = Msm::new(backend);
            other.add_encoded_vartime(&[x, y, Scalar::from(2u8)], &encode(&points)).unwrap();
            assert!(sum.is_identity_vartime(), "{backend}");
            assert!(!other.is_identity_vartime(), "{backend}");
        }
    }
}

#[test]
fn points_of_one_backend_serve_another() {
    let mut rng = rng(7);
    let (scalars, points) = (scalars(50, &mut rng), points(50, &mut rng));
    let (expected, encodings) = (dalek(&scalars, &points), encode(&points));
    for maker in Backend::ALL {
        let decoded = Points::decode_vartime(maker, &encodings).unwrap();
        let made = Points::from_ristretto_vartime(maker, &points);
        for backend in Backend::ALL {
            for points in [&decoded, &made] {
                let mut sum = Msm::new(backend);
                sum.add_points_vartime(&scalars, points).unwrap();
                assert_eq!(sum.finish_vartime(), expected, "{maker} for {backend}");
            }
        }
    }
}

#[test]
fn what_does_not_pair_up_is_refused_and_adds_nothing() {
    let mut rng = rng(8);
    let points = points(3, &mut rng);
    let two = scalars(2, &mut rng);
    for backend in Backend::available() {
        let mut sum = Msm::new(backend);
        let kept = Points::from_ristretto_vartime(backend, &points);
        let wrong = Err(TermError::Lengths { scalars: 2, points: 3 });
        assert_eq!(sum.add_ristretto_vartime(&two, &points), wrong);
        assert_eq!(sum.add_encoded_vartime(&two, &encode(&points)), wrong);
        assert_eq!(sum.add_points_from_vartime(&two, &kept, 2), Err(TermError::Lengths { scalars: 2, points: 1 }));
        assert_eq!(
            sum.add_points_from_vartime(&two, &kept, usize::MAX),
            Err(TermError::Lengths { scalars: 2, points: 0 })
        );
        assert!(sum.is_identity_vartime());
    }
}

#[test]
fn threads_do_not_change_the_sum() {
    let mut rng = rng(9);
    let (scalars, points) = (scalars(3000, &mut rng), points(3000, &mut rng));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sums_as_dalek(&scalars, &points, 1 << 18));
    }
}

#[test]
fn the_environment_s_backend_is_the_active_one() {
    // `make test` runs these tests once for each backend with the variable set.
    match Backend::from_env() {
        Ok(Some(backend)) => assert_eq!(Backend::active(), backend),
        Ok(None) => assert_eq!(Backend::active(), Backend::fastest()),
        Err(error) => panic!("{BACKEND_VARIABLE} is set for these tests: {error}"),
    }
    let mut sum = Msm::default();
    sum.add_ristretto_vartime(&[Scalar::ONE, -Scalar::ONE], &[RISTRETTO_BASEPOINT_POINT; 2]).unwrap();
    assert!(sum.is_identity_vartime());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What `lanes/fuzz` looks for without end.
    #[test]
    fn any_bytes_decode_and_sum_as_with_dalek(terms in prop::collection::vec((any::<[u8; 32]>(), any::<[u8; 32]>(), 0u8..4), 0..40), chunk in 1usize..50) {
        let (mut scalars, mut encodings) = (Vec::new(), Vec::new());
        for (scalar, encoding, kind) in terms {
            scalars.push(Scalar::from_bytes_mod_order(scalar));
            encodings.push(match kind {
                // As it is, with the rules that are easy to break kept, and points.
                0 => encoding,
                1 => { let mut e = encoding; e[0] &= 0xfe; e[31] &= 0x7f; e }
                _ => RistrettoPoint::mul_base(&Scalar::from_bytes_mod_order(encoding)).compress().to_bytes(),
            });
        }
        let points: Vec<_> = encodings.iter().map(|e| CompressedRistretto(*e).decompress()).collect();
        let expected = match points.iter().position(Option::is_none) {
            Some(index) => Err(TermError::Encoding(BadEncoding { index })),
            None => Ok(dalek(&scalars, &points.into_iter().flatten().collect::<Vec<_>>())),
        };
        for backend in Backend::available() {
            let mut sum = Msm::with_chunk(backend, chunk);
            let result = sum.add_encoded_vartime(&scalars, &encodings).map(|()| sum.finish_vartime());
            prop_assert_eq!(result, expected);
        }
    }
}

/// Scalars around every carry of the digits, on points that meet the table's entries: equal, opposite and identity ones.
#[test]
fn multiples_of_a_fixed_point_are_added_as_dalek_adds_them() {
    let mut rng = rng(9);
    let base = RistrettoPoint::random(&mut rng);
    let mut edges: Vec<Scalar> = (0..70u64).flat_map(|i| [Scalar::from(i), -Scalar::from(i)]).collect();
    let mut power = Scalar::ONE;
    for _ in 0..253 {
        edges.extend([power, power - Scalar::ONE, power + Scalar::ONE, -power, power.invert()]);
        power += power;
    }
    let mut terms: Vec<(RistrettoPoint, Scalar)> = Vec::new();
    for scalar in &edges {
        terms.push((RistrettoPoint::identity(), *scalar));
        terms.push((base * Scalar::from(rng.gen::<u64>()), *scalar));
    }
    for scalar in scalars(100, &mut rng) {
        let multiple = base * scalar;
        let random = RistrettoPoint::random(&mut rng);
        terms.extend([(multiple, scalar), (-multiple, scalar), (random, scalar), (base, scalar), (-base, scalar)]);
    }
    for base in [base, RISTRETTO_BASEPOINT_POINT, RistrettoPoint::identity()] {
        let expected: Vec<[u8; 32]> = terms.iter().map(|(p, s)| (p + base * s).compress().to_bytes()).collect();
        let (points, scalars): (Vec<_>, Vec<_>) = terms.iter().copied().unzip();
        let points = encode(&points);
        for backend in Backend::available() {
            let fixed = FixedBase::new(backend, &base);
            let mut out = vec![[0xee; 32]; points.len()];
            fixed.add_multiples(&points, &scalars, &mut out).unwrap();
            assert_eq!(out, expected, "{backend}");
            // Every number of lanes that are left over, and none at all.
            for n in 0..40 {
                let mut out = vec![[0xee; 32]; n];
                fixed.add_multiples(&points[n..2 * n], &scalars[n..2 * n], &mut out).unwrap();
                assert_eq!(out, expected[n..2 * n], "{backend}: {n}");
            }
        }
    }
}

#[test]
fn what_does_not_pair_up_with_multiples_is_refused() {
    let mut rng = rng(10);
    let (points, scalars) = (encode(&points(20, &mut rng)), scalars(20, &mut rng));
    for backend in Backend::available() {
        let fixed = FixedBase::new(backend, &RISTRETTO_BASEPOINT_POINT);
        for (p, s, o) in [(19, 20, 20), (20, 19, 20), (20, 20, 19), (0, 1, 1)] {
            let mut out = vec![[0xee; 32]; o];
            assert_eq!(
                fixed.add_multiples(&points[..p], &scalars[..s], &mut out),
                Err(FixedBaseError::Lengths { points: p, scalars: s, places: o })
            );
            assert!(out.iter().all(|o| *o == [0xee; 32]));
        }
        let mut bad = points.clone();
        bad[17] = [0xff; 32];
        let mut out = vec![[0xee; 32]; 20];
        let error = fixed.add_multiples(&bad, &scalars, &mut out).unwrap_err();
        assert_eq!(error, FixedBaseError::Encoding(BadEncoding { index: 17 }));
        assert!(out.iter().all(|o| *o == [0xee; 32]), "nothing is written");
    }
}
