//! Forged shuffles with several rows, made by a prover that is free to lie in every message and knows every ballot's
//! plaintext and randomness.
//!
//! The prover and the equations `SHUF-16` a to h stand in `prover.rs` a second time, written from the specification. So each
//! test can show that its forgery is as good as it can be: that it breaks exactly one equation, or none under the
//! challenges which the prover would need.
#![allow(missing_docs)]

#[path = "forgery_rows/prover.rs"]
mod prover;

use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint as Point, Scalar};
use prover::{powers, Challenges, Forged, Known, Last, Liar, Lies, Scene};
use rand::rngs::OsRng;
use selge_core::elgamal::{CiphertextList, PublicKey};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, ElectionId, MixIndex};
use selge_core::shuffle::{self, verify, verify_chain, ShuffleContext, ShuffleProof, ShuffleRejected};
use std::sync::Arc;

/// Changes a proof, given what its equations lack and the challenges.
type Change<'a> = &'a dyn Fn(&mut Forged, &[Vec<Point>], &Challenges);

/// A row of answers, the message that commits to its mask, and the equation's place.
type Opened = (fn(&mut Forged) -> &mut Vec<Scalar>, Last, usize);

fn indices(places: &[usize]) -> Vec<Scalar> {
    places.iter().map(|i| Scalar::from(*i as u64 + 1)).collect()
}

fn pick(x: Scalar, places: &[usize]) -> Vec<Scalar> {
    let xs = powers(x, places.len());
    places.iter().map(|i| xs[*i]).collect()
}

/// Changes as many powers as there are limbs, from place `at`, so that the sums of plaintexts agree: the
/// multi-exponentiation argument then holds for an output that is no shuffle.
fn balance(scene: &Scene, output: &Known, x: Scalar, mut b: Vec<Scalar>, at: usize) -> Vec<Scalar> {
    let xs = powers(x, scene.places());
    let gap = |b: &[Scalar], k: usize| scene.input.weighted(&xs, k).0 - output.weighted(b, k).0;
    if scene.w == 1 {
        let lacking = gap(&b, 0);
        b[at] += lacking * output.m[at][0].invert();
    } else {
        let (u, v) = (&output.m[at], &output.m[at + 1]);
        let (g, h) = (gap(&b, 0), gap(&b, 1));
        let det = (u[0] * v[1] - v[0] * u[1]).invert();
        b[at] += (g * v[1] - v[0] * h) * det;
        b[at + 1] += (u[0] * h - u[1] * g) * det;
    }
    assert!((0..scene.w).all(|k| gap(&b, k) == Scalar::ZERO));
    b
}

#[test]
fn the_forging_prover_proves_true_shuffles() {
    for (count, w, m) in [(3, 1, 2), (4, 1, 2), (5, 2, 4), (8, 2, 4), (9, 1, 8)] {
        let scene = Scene::new(count, w, m);
        let places: Vec<_> = (0..count).rev().chain(count..scene.places()).collect();
        let output = scene.output(&places[..count]);
        let liar = Liar::prove(&scene, &output, indices(&places), |x| pick(x, &places), &Lies::default());
        assert_eq!(liar.fails(), "", "{count} × {w} in {m} rows");
        scene.judge(&output, &liar.proof).unwrap();
    }
}

#[test]
fn ballots_doubled_dropped_replaced_or_moved_break_the_product() {
    for (count, w, m) in [(4, 1, 2), (5, 1, 4), (7, 2, 4)] {
        let scene = Scene::new(count, w, m);
        let truth: Vec<_> = (0..scene.places()).collect();
        let mut places = truth.clone();
        places[count - 1] = 0;
        let doubled = scene.output(&places[..count]);
        let honest = Lies::default();
        Liar::prove(&scene, &doubled, indices(&places), |x| pick(x, &places), &honest).must_fail("bh");
        Liar::prove(&scene, &doubled, indices(&truth), |x| pick(x, &truth), &honest).must_fail("h");
        let own = scene.replaced(&[(count - 1, vec![999; w])]);
        Liar::prove(&scene, &own, indices(&truth), |x| pick(x, &truth), &honest).must_fail("h");
        let moved = scene.replaced(&[(0, vec![2; w]), (1, (10..).take(w).collect())]);
        for output in [&doubled, &own, &moved] {
            for a in [&truth, &places] {
                let lie = |x| balance(&scene, output, x, pick(x, a), 0);
                Liar::prove(&scene, output, indices(a), lie, &honest).must_fail("b");
                // The same, hidden from b by products of rows that are none …
                let lie = |x| balance(&scene, output, x, pick(x, a), 0);
                Liar::prove(&scene, output, indices(a), lie, &Lies { products: true, ..honest }).must_fail("e");
            }
            // … or hidden from h, with a true permutation, by a mask from nowhere.
            let lies = Lies { mask: true, ..honest };
            Liar::prove(&scene, output, indices(&truth), |x| pick(x, &truth), &lies).must_fail("g");
        }
    }
}

#[test]
fn a_commitment_to_no_permutation_breaks_the_product() {
    let scene = Scene::new(4, 1, 2);
    let replaced = scene.replaced(&[(2, vec![999])]);
    let truth: Vec<_> = (0..4).collect();
    // The sum, and the product, of 1 … 4 without being 1 … 4; nothing at all; numbers beyond the list; one row's product
    // of its own and the other's.
    for a in [[2, 2, 3, 3], [4, 3, 2, 1], [1, 1, 4, 6], [0, 0, 0, 0], [5, 6, 7, 8], [1, 2, 1, 2], [3, 4, 3, 4]] {
        let a = a.iter().map(|i| Scalar::from(*i as u64)).collect();
        let lie = |x| balance(&scene, &replaced, x, pick(x, &truth), 2);
        Liar::prove(&scene, &replaced, a, lie, &Lies::default()).must_fail("b");
    }
}

#[test]
fn rows_exchanged_are_refused() {
    for (count, m) in [(4, 2), (8, 4), (7, 4)] {
        let scene = Scene::new(count, 1, m);
        let n = scene.n;
        let truth: Vec<_> = (0..scene.places()).collect();
        let output = scene.output(&truth[..count]);
        let mut rows = truth.clone();
        rows[..2 * n].rotate_left(n);
        let honest = Lies::default();
        // Both commitments with rows 1 and 2 exchanged: a permutation, but not the one applied.
        Liar::prove(&scene, &output, indices(&rows), |x| pick(x, &rows), &honest).must_fail("h");
        // One of them: the pairs (π(i), x^π(i)) are torn apart.
        Liar::prove(&scene, &output, indices(&rows), |x| pick(x, &truth), &honest).must_fail("b");
        Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &rows), &honest).must_fail("bh");
        // Afterwards, in the proof.
        let liar = Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &truth), &honest);
        scene.judge(&output, &liar.proof).unwrap();
        let changes: [fn(&mut Forged); 3] = [|f| f.a.swap(0, 1), |f| f.p.swap(0, 1), |f| f.folds[0].swap(0, 1)];
        for change in changes {
            let mut bad = liar.proof.clone();
            change(&mut bad);
            assert_eq!(scene.judge(&output, &bad), Err(ShuffleRejected::False));
        }
        if m > 2 {
            let mut bad = liar.proof.clone();
            bad.b.swap(0, 1);
            assert_eq!(scene.judge(&output, &bad), Err(ShuffleRejected::False));
            let mut bad = liar.proof.clone();
            bad.folds.swap(0, 1);
            assert_eq!(scene.judge(&output, &bad), Err(ShuffleRejected::False));
        }
    }
}

/// `SHUF-10`: places beyond the list are members of both lists like all others.
#[test]
fn what_continues_the_list_cannot_hide_a_ballot() {
    let scene = Scene::new(5, 1, 4);
    let (count, truth) = (5, (0..8).collect::<Vec<_>>());
    let honest = Lies::default();
    // A ballot is moved beyond the list, where the output is the identity, and one for nobody stands in its place.
    let mut places = truth.clone();
    places.swap(count - 1, count);
    let dropped = scene.replaced(&[(count - 1, vec![0])]);
    Liar::prove(&scene, &dropped, indices(&places), |x| pick(x, &places), &honest).must_fail("h");
    // A ballot goes, and its place gets the prover's own, with no power at all, so that nothing tests it …
    let own = scene.replaced(&[(count - 1, vec![999])]);
    let untested = |x, places: &[usize], at: usize| {
        let mut b = pick(x, places);
        b[at] = Scalar::ZERO;
        b
    };
    let b = |x| untested(x, &places, count - 1);
    Liar::prove(&scene, &own, indices(&places), b, &honest).must_fail("bh");
    // … which is all it takes where the ballot that goes is an encryption of zero: only the product sees it.
    let mut zero = Scene::new(5, 1, 4);
    let mut ballots = zero.input.m.clone();
    ballots[count - 1][0] = Scalar::ZERO;
    zero.input = Known::new(&zero.key, ballots.clone());
    let own = zero.replaced(&[(count - 1, vec![999])]);
    let b = |x| untested(x, &truth, count - 1);
    Liar::prove(&zero, &own, indices(&truth), b, &honest).must_fail("b");
    // With a = 0 there as well, as if the places beyond the list had no number and no power: the same.
    for with_all_beyond in [false, true] {
        let mut a = indices(&places);
        a[count - 1] = Scalar::ZERO;
        let b = |x| {
            let mut b = untested(x, &places, count - 1);
            if with_all_beyond {
                b[count..].fill(Scalar::ZERO);
            }
            b
        };
        if with_all_beyond {
            a[count..].fill(Scalar::ZERO);
        }
        Liar::prove(&zero, &own, a, b, &honest).must_fail("b");
    }
    // A ballot that is zero may change places with what is beyond the list: the output is a shuffle of the input.
    let output = Known::new(&zero.key, ballots);
    let liar = Liar::prove(&zero, &output, indices(&places), |x| pick(x, &places), &honest);
    assert_eq!(liar.fails(), "");
    zero.judge(&output, &liar.proof).unwrap();
}

#[test]
fn limbs_torn_apart_break_the_product() {
    let scene = Scene::new(4, 2, 2);
    let mut m = scene.input.m.clone();
    (m[0][1], m[3][1]) = (m[3][1], m[0][1]);
    let torn = Known::new(&scene.key, m);
    let exchanged = Known::new(&scene.key, scene.input.m.iter().map(|v| vec![v[1], v[0]]).collect());
    let truth: Vec<_> = (0..4).collect();
    for output in [&torn, &exchanged] {
        let lie = |x| balance(&scene, output, x, pick(x, &truth), 0);
        Liar::prove(&scene, output, indices(&truth), lie, &Lies::default()).must_fail("b");
        Liar::prove(&scene, output, indices(&truth), |x| pick(x, &truth), &Lies::default()).must_fail("h");
    }
}

/// Each message is chosen after the challenge that it should precede, so that *every* equation holds under the
/// challenges as they were: what a proof without that message in its transcript would accept.
#[test]
fn messages_chosen_after_their_challenges_are_refused() {
    for (count, m) in [(4, 2), (7, 4)] {
        let scene = Scene::new(count, 1, m);
        let truth: Vec<_> = (0..scene.places()).collect();
        let output = scene.replaced(&[(1, vec![999])]);
        let lies = |x| balance(&scene, &output, x, pick(x, &truth), 1);
        let none = Lies::default();
        let product = Liar::prove(&scene, &output, indices(&truth), lies, &none);
        product.must_fail("b");
        let lies = |x| balance(&scene, &output, x, pick(x, &truth), 1);
        let zero = Liar::prove(&scene, &output, indices(&truth), lies, &Lies { products: true, ..none });
        zero.must_fail("e");
        let mask = Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &truth), &Lies { mask: true, ..none });
        mask.must_fail("g");
        let sums = Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &truth), &none);
        sums.must_fail("h");

        let frozen = |liar: &Liar<'_>, change: Change<'_>| {
            let deficits = liar.proof.deficits(&scene, &output, &liar.ch);
            let mut proof = liar.proof.clone();
            change(&mut proof, &deficits, &liar.ch);
            let late = Liar { scene: &scene, output: &output, proof, ch: liar.ch.clone() };
            assert_eq!(late.fails(), "", "the forgery must be a good one");
            assert_ne!(late.proof.challenges(&scene, &output), late.ch);
            assert_eq!(scene.judge(&output, &late.proof), Err(ShuffleRejected::False));
        };
        // What a fold's messages are multiplied with in the end.
        let left = |ch: &Challenges, s: usize| -> Scalar { ch.v[s + 1..].iter().product() };
        let right = |ch: &Challenges, s: usize| left(ch, s) * ch.v[s] * ch.v[s];

        frozen(&product, &|f, d, _| f.last[Last::Small as usize] -= d[1][0]);
        frozen(&product, &|f, d, ch| f.last[Last::Big as usize] -= ch.c.invert() * d[1][0]);
        frozen(&zero, &|f, d, _| f.last[Last::Zero0 as usize] -= d[4][0]);
        frozen(&zero, &|f, d, ch| f.last[Last::Zero1 as usize] -= ch.c.invert() * d[4][0]);
        frozen(&mask, &|f, d, _| f.last[Last::Mask as usize] -= d[6][0]);
        frozen(&sums, &|f, d, _| (0..2).for_each(|r| f.e[0][r] -= d[7][r]));
        for s in 0..sums.proof.folds.len() {
            for side in 0..2 {
                let coefficient =
                    |ch: &Challenges| if side == 0 { left(ch, s) } else { right(ch, s) }.invert() * ch.c.invert();
                frozen(&zero, &|f, d, ch| f.folds[s][side].zero -= coefficient(ch) * ch.c.invert() * d[4][0]);
                frozen(&mask, &|f, d, ch| f.folds[s][side].mask -= coefficient(ch) * d[6][0]);
                frozen(&sums, &|f, d, ch| {
                    (0..2).for_each(|r| f.folds[s][side].e[0][r] -= coefficient(ch) * d[7][r]);
                });
            }
        }
        // Masks chosen after c, so that answers fit which are not the committed rows.
        let lists: [Opened; 4] = [
            (|f| &mut f.g, Last::D, 0),
            (|f| &mut f.alpha, Last::Alpha, 2),
            (|f| &mut f.beta, Last::Beta, 3),
            (|f| &mut f.exponents, Last::S, 5),
        ];
        let good = scene.output(&truth[..count]);
        let liar = Liar::prove(&scene, &good, indices(&truth), |x| pick(x, &truth), &none);
        for (row, mask, equation) in lists {
            let mut bad = liar.proof.clone();
            row(&mut bad)[0] += Scalar::ONE;
            let d = bad.deficits(&scene, &good, &liar.ch);
            bad.last[mask as usize] -= d[equation][0];
            let d = bad.deficits(&scene, &good, &liar.ch);
            assert!(d[equation][0].is_identity());
            assert_eq!(scene.judge(&good, &bad), Err(ShuffleRejected::False));
        }
    }
}

/// Nothing but identity points and zeros is a solution of equations that are all linear in them.
#[test]
fn a_proof_of_nothing_is_refused() {
    for (count, m) in [(3, 2), (5, 4)] {
        let scene = Scene::new(count, 1, m);
        let output = scene.output(&(0..count).collect::<Vec<_>>());
        assert_eq!(scene.judge(&output, &Forged::nothing(&scene)), Err(ShuffleRejected::False));
        let nothing = vec![Scalar::ZERO; scene.places()];
        let liar = Liar::prove(&scene, &output, nothing.clone(), |_| nothing, &Lies::default());
        liar.must_fail("bh");
    }
}

/// Errors of two equations of one proof, and of two limbs, that add up to nothing.
#[test]
fn errors_that_cancel_without_weights_are_found() {
    let scene = Scene::new(5, 2, 4);
    let truth: Vec<_> = (0..scene.places()).collect();
    let output = scene.output(&truth[..5]);
    let liar = Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &truth), &Lies::default());
    scene.judge(&output, &liar.proof).unwrap();
    let cancels = |bad: &Forged| {
        let deficits = bad.deficits(&scene, &output, &liar.ch);
        assert!(deficits.iter().flatten().sum::<Point>().is_identity());
        assert!(deficits.iter().flatten().any(|d| !d.is_identity()));
        assert_eq!(scene.judge(&output, bad), Err(ShuffleRejected::False));
    };
    for i in 0..7 {
        for j in 0..i {
            let mut bad = liar.proof.clone();
            bad.r[i] += Scalar::ONE;
            bad.r[j] -= Scalar::ONE;
            cancels(&bad);
        }
    }
    let mut bad = liar.proof.clone();
    bad.tau[0] += Scalar::ONE;
    bad.tau[1] -= Scalar::ONE;
    cancels(&bad);
}

/// Two mix servers whose errors cancel: the first adds to a ballot, the second takes it away again.
#[test]
fn errors_of_two_mixes_do_not_cancel_in_one_sum() {
    let mut first = Scene::new(5, 1, 2);
    let truth: Vec<_> = (0..6).collect();
    let mut m = first.input.m.clone();
    m[1][0] += Scalar::ONE;
    let between = Known::new(&first.key, m);
    let after = first.output(&truth[..5]);
    let prove = |scene: &Scene, output: &Known| {
        let liar = Liar::prove(scene, output, indices(&truth), |x| pick(x, &truth), &Lies::default());
        liar.must_fail("h");
        (Arc::clone(&output.list), scene.encode(&liar.proof))
    };
    let one = prove(&first, &between);
    let input = std::mem::replace(&mut first.input, between);
    first.mix = MixIndex(2);
    let two = prove(&first, &after);
    let ctx = ShuffleContext { mix: MixIndex(1), ..first.ctx() };
    let error = verify_chain(&ctx, &first.generators, &input.list, &[one, two]).unwrap_err();
    assert_eq!((error.mix, error.reason), (MixIndex(1), ShuffleRejected::False));
}

/// `SHUF-11`: the shape is part of the statement. Each proof here is a true one of all equations, for another statement.
#[test]
fn a_proof_whose_transcript_has_another_shape_is_refused() {
    for (count, m, stated) in [(16, 2, (16, 8)), (16, 8, (16, 2)), (16, 4, (16, 1)), (5, 4, (8, 4)), (7, 2, (8, 2))] {
        let mut scene = Scene::new(count, 1, m);
        let places: Vec<_> = (0..count).rev().chain(count..scene.places()).collect();
        let output = scene.output(&places[..count]);
        let honest = Liar::prove(&scene, &output, indices(&places), |x| pick(x, &places), &Lies::default());
        scene.judge(&output, &honest.proof).unwrap();
        scene.stated = stated;
        let liar = Liar::prove(&scene, &output, indices(&places), |x| pick(x, &places), &Lies::default());
        assert_eq!(liar.fails(), "", "true but for its transcript");
        assert_eq!(scene.judge(&output, &liar.proof), Err(ShuffleRejected::False), "{count} in {m} rows as {stated:?}");
    }
}

/// Rows of the commitments read as columns of the list, and the reverse: `m × n` places are not `n × m`.
#[test]
fn a_transposed_matrix_is_refused() {
    for (count, m) in [(16, 4), (16, 2), (15, 4), (8, 4)] {
        let scene = Scene::new(count, 1, m);
        let truth: Vec<_> = (0..scene.places()).collect();
        let transposed: Vec<_> = truth.iter().map(|at| at % m * scene.n + at / m).collect();
        assert_ne!(truth, transposed);
        let output = scene.output(&truth[..count]);
        let honest = Lies::default();
        for (a, b) in [(&transposed, &truth), (&truth, &transposed)] {
            let lie = |x| pick(x, b);
            // The powers fit the output in the first pair only; the pairs (π(i), x^π(i)) in none.
            let fails = if b == &truth { "b" } else { "bh" };
            Liar::prove(&scene, &output, indices(a), lie, &honest).must_fail(fails);
        }
        Liar::prove(&scene, &output, indices(&transposed), |x| pick(x, &transposed), &honest).must_fail("h");
    }
}

/// A list of the padded size, with the places that continue it handed in as ciphertexts, is another list: its proof is
/// none for the shorter one, and the identity is no ciphertext of a list.
#[test]
fn the_continued_list_is_no_list() {
    let scene = Scene::new(5, 1, 4);
    let mut bytes = scene.input.list.bytes().to_vec();
    bytes[3] = 8;
    bytes.resize(bytes.len() + 3 * 64, 0);
    assert!(CiphertextList::from_bytes(&bytes, 8, 1).is_err());
    // As near to it as a list comes: encryptions of zero in the places of the identities.
    let mut longer = Scene::new(8, 1, 4);
    let mut ballots = scene.input.m.clone();
    ballots.resize(8, vec![Scalar::ZERO]);
    longer.input = Known::new(&longer.key, ballots);
    let truth: Vec<_> = (0..8).collect();
    let output = longer.output(&truth);
    let liar = Liar::prove(&longer, &output, indices(&truth), |x| pick(x, &truth), &Lies::default());
    longer.judge(&output, &liar.proof).unwrap();
    let shorter = |list: &CiphertextList| {
        let mut bytes = list.bytes()[..list.bytes().len() - 3 * 64].to_vec();
        bytes[3] = 5;
        Arc::new(CiphertextList::from_bytes(&bytes, 5, 1).unwrap())
    };
    let mut proof = liar.proof.bytes(&longer);
    assert!(ShuffleProof::from_bytes_in_rows(&proof, 5, 1, 4).is_err());
    proof[4] = 5;
    let proof = ShuffleProof::from_bytes_in_rows(&proof, 5, 1, 4).unwrap();
    let (input, output) = (shorter(&longer.input.list), shorter(&output.list));
    let refused = verify(&longer.ctx(), &longer.generators, &input, &output, &proof).map(|_| ());
    assert_eq!(refused, Err(ShuffleRejected::False));
}

/// The terms of a list are added up in tasks of 4,096 ballots, whose second begins within a row.
#[test]
fn a_list_of_more_ballots_than_one_task_holds_is_checked_to_its_end() {
    let count = (1 << 12) + 3;
    let key = PublicKey::new(Point::mul_base(&Scalar::from(7u64))).unwrap();
    let one = [key.encrypt(&Scalar::ONE, &Scalar::from(2u64))];
    let input = Arc::new(CiphertextList::from_vectors(1, std::iter::repeat_n(&one[..], count)).unwrap());
    let generators = Generators::new(shuffle::generators(count, 1));
    let (election, contest, mix) = (ElectionId([5; 32]), ContestIndex(0), MixIndex(1));
    let ctx = ShuffleContext { election: &election, joint_key: &key, contest, mix };
    let (output, proof) = shuffle::shuffle(&ctx, &generators, &input, &mut OsRng).unwrap();
    assert_eq!(verify(&ctx, &generators, &input, &output, &proof).map(drop), Ok(()));
}
