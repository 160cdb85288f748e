use super::*;
use crate::elgamal::{PublicKey, SecretScalars};
use crate::group::{random_scalar, Generators};
use crate::ids::{ContestIndex, ElectionId, MixIndex};
use crate::shuffle::prove::{prove as prove_any, reencrypt_for_test, Permutation};
use crate::shuffle::tests::{fixture, of_points, points, Fixture};
use crate::shuffle::{
    generators, rows, shuffle, shuffle_in_rows, verify, verify_chain, Form, ShuffleError, ShuffleProof, ShuffleRejected,
};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::traits::Identity;
use rand::rngs::OsRng;
use std::sync::Arc;

fn rows_of(proof: &mut ShuffleProof) -> &mut RowsProof {
    match &mut proof.0 {
        Form::Rows(proof) => proof,
        Form::Row(_) => panic!("a proof with one row"),
    }
}

fn mixed(f: &Fixture, rows: usize) -> (Arc<CiphertextList>, ShuffleProof) {
    shuffle_in_rows(&f.ctx(), &f.generators, &f.input, rows, &mut OsRng).unwrap()
}

#[test]
fn honest_shuffles_hold_at_every_shape() {
    // Full matrices, a last row with one vector or all but one, rows that lie beyond the list, the fewest columns, more
    // limbs than columns.
    let shapes = [
        (3, 1, 2),
        (4, 1, 2),
        (5, 1, 4),
        (5, 2, 2),
        (9, 8, 4),
        (16, 1, 4),
        (17, 1, 8),
        (17, 3, 16),
        (31, 1, 8),
        (32, 2, 8),
        (33, 1, 32),
        (35, 1, 32),
        (100, 1, 16),
    ];
    for (n, w, m) in shapes {
        let f = fixture(n, w);
        let (output, proof) = mixed(&f, m);
        f.verify(&output, &proof).unwrap_or_else(|e| panic!("{n} × {w} in {m} rows: {e}"));
        let bytes = proof.to_bytes();
        assert_eq!(bytes.len(), ShuffleProof::encoded_len_in_rows(n, w, m));
        assert_eq!(ShuffleProof::from_bytes_in_rows(&bytes, n, w, m).unwrap(), proof);
    }
}

#[test]
fn only_as_many_generators_as_columns_or_limbs_are_needed() {
    for (n, w, m) in [(16, 1, 4), (9, 8, 4)] {
        let f = fixture(n, w);
        let shape = Shape::new(n, w, m).unwrap();
        let (few, enough) = (Generators::new(shape.generators() - 1), Generators::new(shape.generators()));
        assert!(matches!(
            shuffle_in_rows(&f.ctx(), &few, &f.input, m, &mut OsRng),
            Err(ShuffleError::Generators { .. })
        ));
        let (output, proof) = shuffle_in_rows(&f.ctx(), &enough, &f.input, m, &mut OsRng).unwrap();
        verify(&f.ctx(), &enough, &f.input, &output, &proof).unwrap();
        assert!(matches!(
            verify(&f.ctx(), &few, &f.input, &output, &proof),
            Err(ShuffleRejected::Shape { what: "commitment key", .. })
        ));
    }
}

#[test]
fn numbers_of_rows_that_no_list_is_proven_in_are_refused() {
    let f = fixture(6, 1);
    for m in [0, 3, 6, 8, 2 * MAX_ROWS, usize::MAX] {
        let refused = shuffle_in_rows(&f.ctx(), &f.generators, &f.input, m, &mut OsRng);
        assert_eq!(refused.map(|_| ()), Err(ShuffleError::Rows { found: 6, rows: m }));
        assert_eq!(ShuffleProof::encoded_len_in_rows(6, 1, m), 0);
    }
    for n in [0, 1, 2] {
        assert!(shuffle_in_rows(&fixture(n, 1).ctx(), &f.generators, &fixture(n, 1).input, 2, &mut OsRng).is_err());
    }
}

#[test]
fn every_byte_of_the_proof_matters() {
    for (n, w, m) in [(3, 1, 2), (7, 2, 4)] {
        let f = fixture(n, w);
        let (output, proof) = mixed(&f, m);
        let bytes = proof.to_bytes();
        let mut read = 0;
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            if let Ok(proof) = ShuffleProof::from_bytes_in_rows(&bad, n, w, m) {
                assert_eq!(f.verify(&output, &proof), Err(ShuffleRejected::False), "byte {at}");
                read += 1;
            }
        }
        assert!(read > 100, "only {read} changes were as far as the equations");
        for cut in [0, 1, 8, 9, 40, bytes.len() - 32, bytes.len() - 1] {
            assert!(ShuffleProof::from_bytes_in_rows(&bytes[..cut], n, w, m).is_err());
        }
        assert!(ShuffleProof::from_bytes_in_rows(&[&bytes[..], &[0; 32]].concat(), n, w, m).is_err());
    }
}

/// Every point and scalar of a proof exchanged for another valid one, so that decoding cannot be what refuses it.
#[test]
fn every_value_of_the_proof_matters() {
    for (n, w, m) in [(3, 1, 2), (11, 2, 4)] {
        let f = fixture(n, w);
        let (output, proof) = mixed(&f, m);
        let bytes = proof.to_bytes();
        let shape = Shape::new(n, w, m).unwrap();
        let scalars = 5 * shape.columns - 2 + 2 * w + 7;
        let points = (bytes.len() - 9) / 32 - scalars;
        for at in 0..points + scalars {
            let place = 9 + 32 * at..9 + 32 * (at + 1);
            let old: [u8; 32] = bytes[place.clone()].try_into().unwrap();
            let new = if at < points {
                let point = curve25519_dalek::ristretto::CompressedRistretto(old).decompress().unwrap();
                (point + f.generators.h()).compress().0
            } else {
                (Scalar::from_canonical_bytes(old).unwrap() + Scalar::ONE).to_bytes()
            };
            let mut bad = bytes.clone();
            bad[place].copy_from_slice(&new);
            let bad = ShuffleProof::from_bytes_in_rows(&bad, n, w, m).unwrap();
            assert_eq!(f.verify(&output, &bad), Err(ShuffleRejected::False), "value {at} of {n} × {w} in {m} rows");
        }
    }
}

#[test]
fn a_proof_of_one_shape_is_no_proof_of_another() {
    let (n, w) = (12, 1);
    let f = fixture(n, w);
    for m in [2, 4, 8] {
        let (output, proof) = mixed(&f, m);
        let bytes = proof.to_bytes();
        for other in [0, 1, 2, 4, 8, 16] {
            let read = ShuffleProof::from_bytes_in_rows(&bytes, n, w, other);
            assert_eq!(read.is_ok(), other == m, "{m} rows read as {other}");
        }
        for (n, w) in [(n - 1, w), (n + 1, w), (n, w + 1), (0, w), (n, 0), (usize::MAX, w)] {
            assert!(ShuffleProof::from_bytes_in_rows(&bytes, n, w, m).is_err());
        }
        // Only the rows that every verifier computes from the size are read from a board.
        assert_eq!(ShuffleProof::from_bytes(&bytes, n, w).is_ok(), rows(n) == m);

        // A header that claims another shape of the same number of bytes, or of another.
        for other in [2u16, 4, 8, 16, 0] {
            let mut relabelled = bytes.clone();
            relabelled[7..9].copy_from_slice(&other.to_be_bytes());
            if usize::from(other) != m {
                assert!(ShuffleProof::from_bytes_in_rows(&relabelled, n, w, other.into()).is_err());
            }
        }
        let mut form = bytes.clone();
        form[0] = 0;
        assert!(ShuffleProof::from_bytes_in_rows(&form, n, w, m).is_err());

        // The number of rows stands in the transcript, and a shape that contradicts the vectors is refused.
        let mut bad = proof.clone();
        rows_of(&mut bad).shape = Shape::new(n, w, if m == 2 { 4 } else { 2 }).unwrap();
        assert!(matches!(f.verify(&output, &bad), Err(ShuffleRejected::Shape { .. })));
        let mut bad = proof.clone();
        rows_of(&mut bad).shape.columns += 1;
        assert!(matches!(f.verify(&output, &bad), Err(ShuffleRejected::Shape { .. })));
    }
    // Two sizes whose proofs have the same number of columns and so of bytes: 11 and 12 in 4 rows.
    let (output, proof) = mixed(&f, 4);
    let mut bytes = proof.to_bytes();
    bytes[4] = 11;
    let proof = ShuffleProof::from_bytes_in_rows(&bytes, 11, w, 4).unwrap();
    assert!(matches!(f.verify(&output, &proof), Err(ShuffleRejected::Shape { .. })));
    let shorter = |list: &CiphertextList| of_points(w, points(list)[..22].to_vec());
    let (input, output) = (shorter(&f.input), shorter(&output));
    let refused = verify(&f.ctx(), &f.generators, &input, &output, &proof);
    assert_eq!(refused.map(|_| ()), Err(ShuffleRejected::False));
}

#[test]
fn the_wrong_context_is_refused() {
    let f = fixture(6, 1);
    let (output, proof) = mixed(&f, 4);
    let other_key = PublicKey::new(RISTRETTO_BASEPOINT_POINT).unwrap();
    let other_election = ElectionId([8; 32]);
    for ctx in [
        ShuffleContext { election: &other_election, ..f.ctx() },
        ShuffleContext { joint_key: &other_key, ..f.ctx() },
        ShuffleContext { contest: ContestIndex(2), ..f.ctx() },
        ShuffleContext { mix: MixIndex(2), ..f.ctx() },
    ] {
        assert!(verify(&ctx, &f.generators, &f.input, &output, &proof).is_err());
    }
    assert!(verify(&f.ctx(), &f.generators, &output, &f.input, &proof).is_err(), "swapped lists");
    let elsewhere = fixture(6, 1);
    assert!(verify(&f.ctx(), &f.generators, &elsewhere.input, &output, &proof).is_err(), "other input");
}

/// A mix server that changes the list and proves as well as the crate's own prover can.
#[test]
fn a_mix_server_that_drops_doubles_or_replaces_a_ballot_is_refused() {
    for (n, w, m) in [(6, 2, 4), (8, 2, 2), (7, 2, 4)] {
        let f = fixture(n, w);
        let rho: SecretScalars = f.rho();
        let prove = |output: &Arc<CiphertextList>, permutation: &Permutation| {
            prove_any(&f.ctx(), &f.generators, &f.input, output, m, permutation, &rho, &mut OsRng).unwrap()
        };
        let permutation = Permutation::random(n, &mut OsRng);
        let output = reencrypt_for_test(&f.key, &f.input, &permutation, &rho);
        f.verify(&output, &prove(&output, &permutation)).unwrap();

        // One ballot twice, another not at all: with the map that says so, and with a true permutation.
        let mut indices: Vec<u32> = (0..n as u32).collect();
        indices[n - 1] = 0;
        let doubled = Permutation::of(indices);
        let output_doubled = reencrypt_for_test(&f.key, &f.input, &doubled, &rho);
        for claimed in [&doubled, &permutation] {
            assert_eq!(f.verify(&output_doubled, &prove(&output_doubled, claimed)), Err(ShuffleRejected::False));
        }

        // The server's own ballot, limbs exchanged between ballots, votes moved between ballots, in first and last place.
        type Change = fn(&mut [RistrettoPoint], &PublicKey, usize);
        let changes: [Change; 4] = [
            |points, key, _| {
                let own = key.encrypt(&Scalar::ONE, &random_scalar(&mut OsRng));
                (points[0], points[1]) = (own.r, own.c);
            },
            |points, key, w| {
                let own = key.encrypt(&Scalar::ONE, &random_scalar(&mut OsRng));
                let at = points.len() - 2 * w;
                (points[at], points[at + 1]) = (own.r, own.c);
            },
            |points, _, w| {
                points.swap(0, 2 * w);
                points.swap(1, 2 * w + 1);
            },
            |points, _, w| {
                points[1] += RISTRETTO_BASEPOINT_POINT;
                let at = points.len() - 2 * w + 1;
                points[at] -= RISTRETTO_BASEPOINT_POINT;
            },
        ];
        for change in changes {
            let mut components = points(&output);
            change(&mut components, &f.key, w);
            let bad = of_points(w, components);
            assert_eq!(f.verify(&bad, &prove(&bad, &permutation)), Err(ShuffleRejected::False));
        }
        let dropped = of_points(w, points(&output)[2 * w..].to_vec());
        assert!(matches!(f.verify(&dropped, &prove(&output, &permutation)), Err(ShuffleRejected::Shape { .. })));
    }
}

#[test]
fn vectors_of_the_wrong_length_are_refused() {
    let f = fixture(7, 1);
    let (output, good) = mixed(&f, 4);
    type Change = fn(&mut RowsProof);
    let changes: [Change; 18] = [
        |p| p.permutation.clear(),
        |p| p.permutation.push(RistrettoPoint::identity()),
        |p| p.powers.clear(),
        |p| p.powers.push(RistrettoPoint::identity()),
        |p| p.products.clear(),
        |p| p.products.push(RistrettoPoint::identity()),
        |p| p.folds.clear(),
        |p| p.folds.push(p.folds[0].clone()),
        |p| p.folds[1].right.multiexp.clear(),
        |p| p.folds[0].left.multiexp.push(p.last.masked[0]),
        |p| p.last.masked.clear(),
        |p| p.answers.values.clear(),
        |p| p.answers.partials.push(Scalar::ONE),
        |p| p.answers.alpha.clear(),
        |p| p.answers.beta.push(Scalar::ZERO),
        |p| p.answers.exponents.truncate(1),
        |p| p.answers.masks.clear(),
        |p| p.answers.rerandomizers.clear(),
    ];
    for (which, change) in changes.into_iter().enumerate() {
        let mut bad = good.clone();
        change(rows_of(&mut bad));
        assert!(matches!(f.verify(&output, &bad), Err(ShuffleRejected::Shape { .. })), "change {which}");
    }
}

#[test]
fn a_chain_of_different_forms_shares_one_sum_and_names_the_false_mix() {
    let f = fixture(9, 1);
    let mut before = Arc::clone(&f.input);
    let mut mixes = Vec::new();
    for (k, m) in [(1, 4), (2, 1), (3, 2)] {
        let ctx = ShuffleContext { mix: MixIndex(k), ..f.ctx() };
        let (output, proof) = shuffle_in_rows(&ctx, &f.generators, &before, m, &mut OsRng).unwrap();
        mixes.push((Arc::clone(&output), proof));
        before = output;
    }
    assert_eq!(verify_chain(&f.ctx(), &f.generators, &f.input, &mixes).unwrap().len(), 3);
    for k in [0, 2] {
        let mut bad = mixes.clone();
        rows_of(&mut bad[k].1).answers.exponents[0] += Scalar::ONE;
        let error = verify_chain(&f.ctx(), &f.generators, &f.input, &bad).unwrap_err();
        assert_eq!((error.mix, error.reason), (MixIndex(k as u16 + 1), ShuffleRejected::False));
    }
    mixes.swap(0, 2);
    assert_eq!(verify_chain(&f.ctx(), &f.generators, &f.input, &mixes).unwrap_err().mix, MixIndex(1));
}

#[test]
fn the_size_decides_the_rows() {
    let sizes = [(2, 1), (31, 1), (32, 2), (127, 2), (128, 4), (511, 4), (512, 8), (100_000, 64), (1_000_000, 256)];
    for (n, m) in sizes {
        assert_eq!(rows(n), m, "{n} vectors");
    }
    for n in [0, 1, MAX_LIST, usize::MAX] {
        assert!((1..=MAX_ROWS).contains(&rows(n)));
    }
    for n in 2..5000 {
        let m = rows(n);
        assert!(m == 1 || (8 * m * m <= n && Shape::new(n, 1, m).is_some()), "{n} vectors in {m} rows");
        assert!(32 * m * m > n, "{n} vectors could have more than {m} rows");
    }
    assert!(ShuffleProof::encoded_len(1_000_000, 1) < 1_000_000);
    assert!(ShuffleProof::encoded_len(100_000, 1) < 4 * 100_000);
    for (n, w, m) in [(31, 1, 1), (32, 1, 2), (130, 2, 4)] {
        let f = fixture(n, w);
        let (output, proof) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
        let bytes = proof.to_bytes();
        assert_eq!(ShuffleProof::encoded_len(n, w), bytes.len());
        assert_eq!(ShuffleProof::encoded_len_in_rows(n, w, m), bytes.len());
        f.verify(&output, &ShuffleProof::from_bytes(&bytes, n, w).unwrap()).unwrap();
        // A true proof in any other number of rows is not read.
        for other in [1, 2, 4, 8].into_iter().filter(|other| *other != m) {
            let (_, proof) = mixed(&f, other);
            assert!(ShuffleProof::from_bytes(&proof.to_bytes(), n, w).is_err(), "{n} vectors in {other} rows");
        }
    }
}

#[test]
fn as_many_generators_are_derived_as_the_proof_needs() {
    assert_eq!([(2, 1), (31, 8), (32, 1), (33, 1), (512, 8)].map(|(n, w)| generators(n, w)), [2, 31, 16, 17, 64]);
    assert_eq!(generators(1_000_000, 1), 3907);
    for (n, w) in [(3, 4), (33, 2), (128, 1)] {
        let mut f = fixture(n, w);
        let needed = generators(n, w);
        f.generators = Generators::new(needed);
        let (output, proof) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
        f.verify(&output, &proof).unwrap();
        f.generators = Generators::new(needed - 1);
        assert!(shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).is_err());
        assert!(f.verify(&output, &proof).is_err());
    }
}
