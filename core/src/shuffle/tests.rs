use super::prove::{prove, reencrypt_for_test};
use super::row::Commitments;
use super::*;
use crate::elgamal::{Ciphertext, SecretScalars, MAX_LIST, MAX_WIDTH};
use crate::group::{random_scalar, Generators};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::RistrettoPoint;
use rand::rngs::OsRng;
use std::sync::Arc;

const ELECTION: ElectionId = ElectionId([9; 32]);

pub(super) struct Fixture {
    pub(super) key: PublicKey,
    pub(super) generators: Generators,
    pub(super) input: Arc<CiphertextList>,
}

/// A proof with one row, to be tampered with.
fn row(proof: &mut ShuffleProof) -> &mut RowProof {
    match &mut proof.0 {
        Form::Row(proof) => proof,
        Form::Rows(_) => panic!("a proof with several rows"),
    }
}

pub(super) fn fixture(n: usize, w: usize) -> Fixture {
    let key = PublicKey::new(RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng)).unwrap();
    let vectors: Vec<Vec<Ciphertext>> = (0..n)
        .map(|i| (0..w).map(|k| key.encrypt(&Scalar::from((i * 10 + k) as u64), &random_scalar(&mut OsRng))).collect())
        .collect();
    let input = CiphertextList::from_vectors(w, vectors.iter().map(Vec::as_slice)).unwrap();
    Fixture { key, generators: Generators::new(n), input: Arc::new(input) }
}

impl Fixture {
    pub(super) fn ctx(&self) -> ShuffleContext<'_> {
        ShuffleContext { election: &ELECTION, joint_key: &self.key, contest: ContestIndex(1), mix: MixIndex(1) }
    }

    pub(super) fn rho(&self) -> SecretScalars {
        SecretScalars((0..self.input.points().len() / 2).map(|_| random_scalar(&mut OsRng)).collect())
    }

    pub(super) fn verify(&self, output: &Arc<CiphertextList>, proof: &ShuffleProof) -> Result<(), ShuffleRejected> {
        verify(&self.ctx(), &self.generators, &self.input, output, proof).map(|_| ())
    }
}

#[test]
fn honest_shuffles_hold_at_every_size_and_width() {
    for (n, w) in [(2, 1), (3, 1), (5, 2), (17, 3), (64, 1), (9, 8)] {
        let f = fixture(n, w);
        let (output, proof) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
        f.verify(&output, &proof).unwrap();
        assert_eq!(CiphertextList::from_bytes(output.bytes(), n, w).unwrap(), *output);
        let encoded = proof.to_bytes();
        assert_eq!(encoded.len(), ShuffleProof::encoded_len(n, w));
        assert_eq!(ShuffleProof::from_bytes(&encoded, n, w).unwrap(), proof);
    }
}

#[test]
fn too_short_lists_are_refused() {
    let f = fixture(1, 1);
    assert!(matches!(
        shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng),
        Err(ShuffleError::TooFew { found: 1, .. })
    ));
    let f = fixture(4, 1);
    assert!(matches!(
        shuffle(&f.ctx(), &Generators::new(3), &f.input, &mut OsRng),
        Err(ShuffleError::Generators { .. })
    ));
}

#[test]
fn every_byte_of_the_proof_matters() {
    for (n, w) in [(2, 1), (4, 2)] {
        let f = fixture(n, w);
        let (output, proof) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
        let bytes = proof.to_bytes();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            if let Ok(proof) = ShuffleProof::from_bytes(&bad, n, w) {
                assert_eq!(f.verify(&output, &proof), Err(ShuffleRejected::False), "byte {at}");
            }
        }
        for (n, w) in [(n + 1, w), (n, w + 1), (n - 1, w)] {
            assert!(ShuffleProof::from_bytes(&bytes, n, w).is_err());
        }
        assert!(ShuffleProof::from_bytes(&bytes[..bytes.len() - 32], n, w).is_err());
        assert!(ShuffleProof::from_bytes(&[&bytes[..], &[0; 32]].concat(), n, w).is_err());
    }
}

#[test]
fn the_wrong_context_is_refused() {
    let f = fixture(5, 1);
    let (output, proof) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
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
    let elsewhere = fixture(5, 1);
    assert!(verify(&f.ctx(), &f.generators, &elsewhere.input, &output, &proof).is_err(), "other input");
}

pub(super) fn points(list: &CiphertextList) -> Vec<RistrettoPoint> {
    list.points().iter().map(|p| CompressedRistretto(*p).decompress().unwrap()).collect()
}

pub(super) fn of_points(width: usize, points: Vec<RistrettoPoint>) -> Arc<CiphertextList> {
    let encoded: Vec<_> = points.iter().map(|p| p.compress().0).collect();
    Arc::new(CiphertextList::from_valid(width, &encoded))
}

/// A mix server that changes the list and proves as well as it can, with every secret it has.
#[test]
fn a_mix_server_that_drops_doubles_or_replaces_a_ballot_is_refused() {
    let (n, w) = (6, 2);
    let f = fixture(n, w);
    let honest = || Permutation::random(n, &mut OsRng);
    let rho = f.rho();

    // It doubles one ballot and drops another: "π" is not a permutation, though each step re-encrypts correctly.
    let doubled = Permutation::of(vec![0, 1, 2, 3, 4, 4]);
    let output = reencrypt_for_test(&f.key, &f.input, &doubled, &rho);
    let proof = prove(&f.ctx(), &f.generators, &f.input, &output, 1, &doubled, &rho, &mut OsRng).unwrap();
    assert_eq!(f.verify(&output, &proof), Err(ShuffleRejected::False));
    // The same output, proven with a true permutation.
    let truth = honest();
    let proof = prove(&f.ctx(), &f.generators, &f.input, &output, 1, &truth, &rho, &mut OsRng).unwrap();
    assert_eq!(f.verify(&output, &proof), Err(ShuffleRejected::False));

    // It replaces one ballot by its own.
    let permutation = honest();
    let output = reencrypt_for_test(&f.key, &f.input, &permutation, &rho);
    let mut components = points(&output);
    let own = f.key.encrypt(&Scalar::from(1u64), &random_scalar(&mut OsRng));
    (components[0], components[1]) = (own.r, own.c);
    let replaced = of_points(w, components);
    let proof = prove(&f.ctx(), &f.generators, &f.input, &replaced, 1, &permutation, &rho, &mut OsRng).unwrap();
    assert_eq!(f.verify(&replaced, &proof), Err(ShuffleRejected::False));

    // It swaps limbs between two ballots: each component is a permutation, but the vectors are torn apart.
    let mut components = points(&output);
    components.swap(0, 2 * w);
    components.swap(1, 2 * w + 1);
    let torn = of_points(w, components);
    let proof = prove(&f.ctx(), &f.generators, &f.input, &torn, 1, &permutation, &rho, &mut OsRng).unwrap();
    assert_eq!(f.verify(&torn, &proof), Err(ShuffleRejected::False));

    // It adds to one ballot and takes the same from another: sums of plaintexts are unchanged.
    let mut components = points(&output);
    components[1] += RISTRETTO_BASEPOINT_POINT;
    components[2 * w + 1] -= RISTRETTO_BASEPOINT_POINT;
    let moved = of_points(w, components);
    let proof = prove(&f.ctx(), &f.generators, &f.input, &moved, 1, &permutation, &rho, &mut OsRng).unwrap();
    assert_eq!(f.verify(&moved, &proof), Err(ShuffleRejected::False));

    // It drops a ballot outright.
    let dropped = of_points(w, points(&output)[2 * w..].to_vec());
    let (good, proof) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
    assert!(matches!(f.verify(&dropped, &proof), Err(ShuffleRejected::Shape { .. })));
    f.verify(&good, &proof).unwrap();
}

/// A prover that changes a commitment after having learnt the challenge that follows it.
#[test]
fn commitments_cannot_be_exchanged_afterwards() {
    let f = fixture(4, 1);
    let (output, good) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
    type Change = fn(&mut Commitments, RistrettoPoint);
    let changes: [Change; 8] = [
        |c, p| c.permutation += p,
        |c, p| c.powers += p,
        |c, p| c.masks += p,
        |c, p| c.small_delta += p,
        |c, p| c.big_delta += p,
        |c, p| c.exponent_masks += p,
        |c, p| c.masked[0].r += p,
        |c, p| c.masked[0].c += p,
    ];
    for change in changes {
        let mut bad = good.clone();
        change(&mut row(&mut bad).commitments, *f.generators.h());
        assert_eq!(f.verify(&output, &bad), Err(ShuffleRejected::False));
    }
}

#[test]
fn proof_vectors_of_the_wrong_length_are_refused() {
    let f = fixture(4, 1);
    let (output, good) = shuffle(&f.ctx(), &f.generators, &f.input, &mut OsRng).unwrap();
    type Change = fn(&mut RowProof);
    let changes: [Change; 8] = [
        |p| p.values.clear(),
        |p| p.values.push(Scalar::ONE),
        |p| p.partials.clear(),
        |p| p.partials.push(Scalar::ONE),
        |p| p.exponents.truncate(1),
        |p| p.exponents.push(Scalar::ZERO),
        |p| p.commitments.masked.clear(),
        |p| p.rerandomizers.clear(),
    ];
    for change in changes {
        let mut bad = good.clone();
        change(row(&mut bad));
        assert!(matches!(f.verify(&output, &bad), Err(ShuffleRejected::Shape { .. })));
    }
}

#[test]
fn a_chain_holds_and_names_the_false_mix() {
    let f = fixture(8, 1);
    let mut before = Arc::clone(&f.input);
    let mut mixes = Vec::new();
    for k in 1..=3 {
        let ctx = ShuffleContext { mix: MixIndex(k), ..f.ctx() };
        let (output, proof) = shuffle(&ctx, &f.generators, &before, &mut OsRng).unwrap();
        mixes.push((Arc::clone(&output), proof));
        before = output;
    }
    assert_eq!(verify_chain(&f.ctx(), &f.generators, &f.input, &mixes).unwrap().len(), 3);
    for k in 0..3 {
        let mut bad = mixes.clone();
        row(&mut bad[k].1).values[0] += Scalar::ONE;
        let error = verify_chain(&f.ctx(), &f.generators, &f.input, &bad).unwrap_err();
        assert_eq!(error.mix, MixIndex(k as u16 + 1));
    }
    let mut skipped = mixes.clone();
    skipped.remove(1);
    assert_eq!(verify_chain(&f.ctx(), &f.generators, &f.input, &skipped).unwrap_err().mix, MixIndex(2));
    mixes.swap(0, 1);
    assert_eq!(verify_chain(&f.ctx(), &f.generators, &f.input, &mixes).unwrap_err().mix, MixIndex(1));
}

/// The header and the caller agree on a shape that no list has; as many bytes follow as it would take.
#[test]
fn a_proof_is_of_a_list_that_there_can_be() {
    for (count, width) in [(5usize, 0usize), (5, MAX_WIDTH + 1), (1, 1), (0, 1)] {
        let count_and_width = [&(count as u32).to_be_bytes()[..], &(width as u16).to_be_bytes()].concat();
        let read = |mut bytes: Vec<u8>, rows| {
            bytes.resize(10_000, 0);
            ShuffleProof::from_bytes_in_rows(&bytes, count, width, rows).unwrap_err()
        };
        let one = read(count_and_width.clone(), 1);
        assert!(
            matches!(one, DecodeError::WrongCount { what: "shuffle proof vectors" | "shuffle proof width", .. }),
            "{count} of width {width}: {one}"
        );
        for rows in [2u16, 3, 4, 8] {
            let several = read([&[rows::FORM][..], &count_and_width, &rows.to_be_bytes()].concat(), rows.into());
            assert!(
                matches!(several, DecodeError::Unknown { what, .. } if what.contains("number of rows")),
                "{several}"
            );
        }
    }
    for (count, allowed) in [(MAX_LIST, true), (MAX_LIST + 1, false)] {
        assert_eq!(ShuffleProof::encoded_len_in_rows(count, 1, 2) > 0, allowed, "{count} ballots");
    }
    // Rows are a power of two, and fewer than ballots.
    for (rows, allowed) in [(2, true), (4, true), (3, false), (8, false), (0, false)] {
        assert_eq!(ShuffleProof::encoded_len_in_rows(8, 1, rows) > 0, allowed, "{rows} rows");
    }
}
