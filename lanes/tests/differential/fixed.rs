//! Secret multiples of a fixed point, added to many points.

use super::*;

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
