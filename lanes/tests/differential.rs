//! Everything against curve25519-dalek, under every backend that this CPU has.

#[path = "differential/fixed.rs"]
mod fixed;
#[path = "differential/numbers.rs"]
mod numbers;

use curve25519_dalek::constants::{
    ED25519_BASEPOINT_POINT, EIGHT_TORSION, RISTRETTO_BASEPOINT_COMPRESSED, RISTRETTO_BASEPOINT_POINT,
};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use curve25519_dalek::{EdwardsPoint, RistrettoPoint, Scalar};
use num_bigint::BigUint;
use proptest::prelude::*;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use selge_lanes::{
    check_vartime, combine_doubled_vartime, Backend, BadEncoding, EdwardsMsm, FixedBase, FixedBaseError, Msm,
    NumberKernel, NumberLanes, Points, TermError, BACKEND_VARIABLE, KECCAK_LANES, MAX_NUMBER_LANES,
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

/// Encodings of Ed25519 points: any number below 2^255 for y, whose x must exist, with either sign.
fn edge_edwards() -> Vec<[u8; 32]> {
    let mut out = edge_encodings();
    // y around 0 and p: 0, 1, -1 and the others, canonical or not (ZIP 215 takes both).
    for low in 0..32u8 {
        let mut small = [0; 32];
        small[0] = low;
        let mut large = [0xff; 32];
        (large[0], large[31]) = (0xe0 + low, 0x7f);
        out.extend([small, large]);
    }
    out.extend(EIGHT_TORSION.map(|point| point.compress().0));
    let signs = |e: [u8; 32]| {
        let mut other = e;
        other[31] ^= 0x80;
        [e, other]
    };
    out.into_iter().flat_map(signs).collect()
}

/// The point that a backend decodes: P with k·P - k·expected = 0 for what is expected and for nothing shifted.
fn edwards_decodes_as_dalek(backend: Backend, encoding: [u8; 32], good: &[[u8; 32]]) {
    let expected = CompressedEdwardsY(encoding).decompress();
    for at in 0..=good.len() {
        let mut batch = good.to_vec();
        batch.insert(at, encoding);
        let ones = vec![Scalar::ONE; batch.len()];
        let mut sum = EdwardsMsm::new(backend);
        let added = sum.add_encoded_vartime(&ones, &batch);
        let Some(expected) = expected else {
            assert_eq!(added, Err(TermError::Encoding(BadEncoding { index: at })), "{backend}: {encoding:02x?}");
            continue;
        };
        added.unwrap();
        // Less what it must come to, in prime order and torsion: 0; and with the basepoint besides: not 0.
        let rest: EdwardsPoint = good.iter().map(|e| CompressedEdwardsY(*e).decompress().unwrap()).sum();
        let total = (expected + rest).compress().0;
        sum.add_encoded_vartime(&[-Scalar::ONE], &[total]).unwrap();
        assert!(sum.is_small_order_vartime(), "{backend}: {encoding:02x?}");
        let mut off = EdwardsMsm::new(backend);
        off.add_encoded_vartime(&ones, &batch).unwrap();
        let shifted = (expected + rest + ED25519_BASEPOINT_POINT).compress().0;
        off.add_encoded_vartime(&[-Scalar::ONE], &[shifted]).unwrap();
        assert!(!off.is_small_order_vartime(), "{backend}: {encoding:02x?}");
    }
}

#[test]
fn exactly_the_ed25519_encodings_decode_that_dalek_decodes() {
    let mut rng = rng(10);
    let good: Vec<[u8; 32]> = (0..17).map(|_| EdwardsPoint::mul_base(&Scalar::random(&mut rng)).compress().0).collect();
    let edges = edge_edwards();
    let decodable = edges.iter().filter(|e| CompressedEdwardsY(**e).decompress().is_some()).count();
    assert!(decodable > 200 && edges.len() - decodable > 200, "{decodable} of {}", edges.len());
    for backend in Backend::available() {
        for encoding in &edges {
            edwards_decodes_as_dalek(backend, *encoding, &[]);
        }
        for encoding in edges.iter().step_by(7) {
            edwards_decodes_as_dalek(backend, *encoding, &good);
        }
        // One random string in two is an encoding.
        for _ in 0..1000 {
            edwards_decodes_as_dalek(backend, rng.gen(), &good[..1]);
        }
    }
}

#[test]
fn a_sum_of_ed25519_points_is_judged_by_eight_times_itself() {
    let mut rng = rng(11);
    for n in [0usize, 1, 2, 7, 8, 9, 100, 1000, 3000] {
        // Points with every torsion, and the sum of all as the last term, with every torsion: of order 8 at most.
        let scalars = scalars(n, &mut rng);
        let points: Vec<EdwardsPoint> =
            (0..n).map(|i| EdwardsPoint::mul_base(&Scalar::random(&mut rng)) + EIGHT_TORSION[i % 8]).collect();
        let total = EdwardsPoint::vartime_multiscalar_mul(&scalars, &points);
        let encodings: Vec<[u8; 32]> = points.iter().map(|p| p.compress().0).collect();
        for backend in Backend::available() {
            let holds = |last: EdwardsPoint| {
                let mut sum = EdwardsMsm::new(backend);
                let (first, rest) = (n / 3, n - n / 3);
                sum.add_encoded_vartime(&scalars[..first], &encodings[..first]).unwrap();
                sum.add_encoded_vartime(&scalars[n - rest..], &encodings[n - rest..]).unwrap();
                sum.add_encoded_vartime(&[-Scalar::ONE], &[last.compress().0]).unwrap();
                sum.is_small_order_vartime()
            };
            for torsion in EIGHT_TORSION {
                assert!(holds(total + torsion), "{backend}, {n}");
                assert!(!holds(total + torsion + ED25519_BASEPOINT_POINT), "{backend}, {n}");
            }
            let mut sum = EdwardsMsm::new(backend);
            let wrong = sum.add_encoded_vartime(&[Scalar::ONE; 2], &[[0; 32]]);
            assert_eq!(wrong, Err(TermError::Lengths { scalars: 2, points: 1 }));
            assert!(sum.is_small_order_vartime(), "what is refused adds nothing");
        }
    }
}

/// A walk through the operations: each step takes two numbers that were there before.
struct Walk<'a> {
    start: &'a [[Scalar; MAX_NUMBER_LANES]],
    steps: &'a [(u8, usize, usize)],
}

impl NumberKernel for Walk<'_> {
    type Output = (usize, Vec<[Scalar; MAX_NUMBER_LANES]>);

    #[inline(always)]
    fn run<S: NumberLanes>(self, s: S) -> Self::Output {
        let mut all: Vec<S::N> = Vec::new();
        for start in self.start {
            all.push(s.load(start));
        }
        for (operation, a, b) in self.steps {
            let (a, b) = (all[*a], all[*b]);
            all.push(match operation {
                0 => s.add(a, b),
                1 => s.sub(a, b),
                2 => s.mul(a, b),
                _ => s.invert(a),
            });
        }
        let mut out = Vec::new();
        for number in all {
            out.push(s.store(number));
        }
        (S::LANES, out)
    }
}

#[test]
fn lists_are_combined_as_dalek_combines_them() {
    let mut rng = rng(12);
    let no_square = (1..).map(|k| [2 * k; 32]).find(|e| CompressedRistretto(*e).decompress().is_none()).unwrap();
    let large = i64::MAX / 3;
    let sets: [&[i64]; 9] =
        [&[], &[0], &[1], &[-1], &[2, -3, 1], &[0, 5, -5], &[large, -large, 7], &[i64::MAX, i64::MIN], &[1; 9]];
    for factors in sets {
        for n in [0usize, 1, 7, 8, 15, 16, 17, 40] {
            let mut lists: Vec<Vec<RistrettoPoint>> = factors.iter().map(|_| points(n, &mut rng)).collect();
            // Identities, and equal and opposite points side by side.
            if let Some(first) = lists.first_mut().filter(|_| n > 2) {
                first[n / 2] = RistrettoPoint::identity();
            }
            if lists.len() > 1 && n > 3 {
                (lists[1][0], lists[1][1]) = (lists[0][0], -lists[0][1]);
            }
            let scalar = |n: i64| if n < 0 { -Scalar::from(n.unsigned_abs()) } else { Scalar::from(n.unsigned_abs()) };
            let length = if factors.is_empty() { 0 } else { n };
            let sum =
                |i: usize| factors.iter().zip(&lists).map(|(n, list)| scalar(*n) * list[i]).sum::<RistrettoPoint>();
            let expected: Vec<[u8; 32]> = (0..length).map(sum).map(|sum| (sum + sum).compress().to_bytes()).collect();
            let mut encoded: Vec<Vec<[u8; 32]>> = lists.iter().map(|list| encode(list)).collect();
            for backend in Backend::available() {
                let combined = |lists: &[Vec<[u8; 32]>]| {
                    let lists: Vec<&[[u8; 32]]> = lists.iter().map(Vec::as_slice).collect();
                    combine_doubled_vartime(backend, factors, &lists)
                };
                assert_eq!(combined(&encoded), Ok(expected.clone()), "{backend}: {factors:?}, {n}");
                for at in [0, n / 2, n.saturating_sub(1)] {
                    for bad in [[0xff; 32], no_square] {
                        let Some(list) = encoded.last_mut().filter(|list| at < list.len()) else { continue };
                        let right = std::mem::replace(&mut list[at], bad);
                        assert_eq!(combined(&encoded), Err(TermError::Encoding(BadEncoding { index: at })));
                        encoded.last_mut().unwrap()[at] = right;
                    }
                }
                if let Some(list) = encoded.last_mut().filter(|list| !list.is_empty()) {
                    let last = list.pop().unwrap();
                    let refused = factors.len() > 1;
                    assert_eq!(combined(&encoded).is_err(), refused, "lists of different lengths");
                    encoded.last_mut().unwrap().push(last);
                }
                assert!(combine_doubled_vartime(backend, &[1, 2], &[&[]]).is_err());
            }
        }
    }
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

    #[test]
    fn any_bytes_are_ed25519_points_as_with_dalek(terms in prop::collection::vec((any::<[u8; 32]>(), any::<[u8; 32]>(), 0u8..3), 0..40)) {
        let (mut scalars, mut encodings) = (Vec::new(), Vec::new());
        for (scalar, encoding, kind) in terms {
            scalars.push(Scalar::from_bytes_mod_order(scalar));
            let point = EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(encoding));
            encodings.push(match kind {
                0 => encoding,
                _ => (point + EIGHT_TORSION[usize::from(encoding[0] % 8)]).compress().0,
            });
        }
        let points: Vec<_> = encodings.iter().map(|e| CompressedEdwardsY(*e).decompress()).collect();
        let expected = match points.iter().position(Option::is_none) {
            Some(index) => Err(TermError::Encoding(BadEncoding { index })),
            None => Ok(EdwardsPoint::vartime_multiscalar_mul(&scalars, points.into_iter().flatten().collect::<Vec<_>>())),
        };
        for backend in Backend::available() {
            let mut sum = EdwardsMsm::new(backend);
            let result = sum.add_encoded_vartime(&scalars, &encodings).map(|()| match expected {
                Ok(total) => sum.add_encoded_vartime(&[-Scalar::ONE], &[total.compress().0]).is_ok() && sum.is_small_order_vartime(),
                Err(_) => false,
            });
            prop_assert_eq!(result, expected.map(|_| true));
        }
    }
}
