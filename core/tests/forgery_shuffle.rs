//! Forged shuffles, made by a prover that is free to lie in every message and knows every ballot's plaintext and
//! randomness: the position of mix servers who collude with all trustees and all voters.
//!
//! The prover and the equations `SHUF-8` a to d stand in `prover.rs` a second time, written from the paper and not from the
//! crate. So each test can show that its forgery is as good as it can be: that it breaks exactly one equation, or
//! none under the challenges which the prover would need.
#![allow(missing_docs)]

#[path = "forgery_shuffle/prover.rs"]
mod prover;

use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use prover::*;
use rand::rngs::OsRng;
use selge_core::ids::MixIndex;
use selge_core::shuffle::{shuffle, verify_chain, ShuffleContext, ShuffleProof, ShuffleRejected};
use std::sync::Arc;

#[test]
fn the_forging_prover_proves_true_shuffles() {
    for (n, w) in [(2, 1), (2, 2), (5, 2)] {
        let scene = Scene::new(n, w);
        let places: Vec<_> = (0..n).rev().collect();
        let output = scene.output(&places);
        let liar = Liar::prove(&scene, &output, indices(&places), |x| pick(x, &places, n));
        assert_eq!(liar.holds(), ALL_HOLD);
        liar.judge().unwrap();
    }
}

#[test]
fn ballots_doubled_dropped_or_replaced_break_the_product() {
    for n in [2, 3, 6] {
        // One ballot twice and another not at all, with the "permutation" that says so …
        let scene = Scene::new(n, 1);
        let truth: Vec<_> = (0..n).collect();
        let mut places = truth.clone();
        places[n - 1] = 0;
        let doubled = scene.output(&places);
        let liar = Liar::prove(&scene, &doubled, indices(&places), |x| pick(x, &places, n));
        assert_eq!((liar.holds(), liar.judge()), ([true, false, true, false], Err(ShuffleRejected::False)));
        // … with powers that hide it from the multi-exponentiation, beside a true permutation or not …
        for a in [&truth, &places] {
            let liar = Liar::prove(&scene, &doubled, indices(a), |x| balance(&scene, &doubled, x, pick(x, a, n), 0));
            assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
        }
        // … and a ballot of the mix server's own.
        let mut m = scene.input.m.clone();
        m[0] = vec![Scalar::from(999u64)];
        let replaced = Known::new(&scene.key, m);
        let liar =
            Liar::prove(&scene, &replaced, indices(&truth), |x| balance(&scene, &replaced, x, pick(x, &truth, n), 0));
        assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
        // Ballots that add up to the same: two votes become one vote for each of two others.
        let mut m = scene.input.m.clone();
        m[0][0] += Scalar::ONE;
        m[1][0] -= Scalar::ONE;
        let moved = Known::new(&scene.key, m);
        let liar = Liar::prove(&scene, &moved, indices(&truth), |x| balance(&scene, &moved, x, pick(x, &truth, n), 1));
        assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
    }
}

#[test]
fn a_commitment_to_no_permutation_breaks_the_product() {
    let scene = Scene::new(4, 1);
    let mut m = scene.input.m.clone();
    m[2] = vec![Scalar::from(999u64)];
    let replaced = Known::new(&scene.key, m);
    let truth: Vec<_> = (0..4).collect();
    // The sum, and the product, of 1 … 4 without being 1 … 4; nothing at all; numbers beyond the list.
    for a in [[2, 2, 3, 3], [4, 3, 2, 1], [1, 1, 4, 6], [0, 0, 0, 0], [5, 6, 7, 8]] {
        let a = a.iter().map(|i| Scalar::from(*i as u64)).collect();
        let liar = Liar::prove(&scene, &replaced, a, |x| balance(&scene, &replaced, x, pick(x, &truth, 4), 2));
        assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
    }
}

#[test]
fn limbs_torn_apart_break_the_product() {
    // Ballots (1, 2) and (11, 12) come out as (1, 12) and (11, 2): every limb is shuffled truly, on its own.
    let scene = Scene::new(3, 2);
    let mut m = scene.input.m.clone();
    let limb = m[0][1];
    m[0][1] = m[1][1];
    m[1][1] = limb;
    let torn = Known::new(&scene.key, m);
    let truth: Vec<_> = (0..3).collect();
    let liar = Liar::prove(&scene, &torn, indices(&truth), |x| balance(&scene, &torn, x, pick(x, &truth, 3), 0));
    assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
    // Honest powers satisfy the first limb's equations and not the second's.
    let liar = Liar::prove(&scene, &torn, indices(&truth), |x| pick(x, &truth, 3));
    assert_eq!((liar.holds(), liar.judge()), ([true, true, true, false], Err(ShuffleRejected::False)));
    // Two limbs exchanged within every ballot alike.
    let m = scene.input.m.iter().map(|v| vec![v[1], v[0]]).collect();
    let exchanged = Known::new(&scene.key, m);
    let liar =
        Liar::prove(&scene, &exchanged, indices(&truth), |x| balance(&scene, &exchanged, x, pick(x, &truth, 3), 0));
    assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
}

/// Each commitment is chosen after the challenge that it should precede, so that *every* equation holds under the
/// challenges as they were: what a proof without that commitment in its transcript would accept.
#[test]
fn commitments_chosen_after_their_challenges_are_refused() {
    for n in [2, 4] {
        let scene = Scene::new(n, 1);
        let mut m = scene.input.m.clone();
        m[n - 1] = vec![Scalar::ZERO];
        let output = Known::new(&scene.key, m);
        for message in Late::ALL {
            let liar = late(&scene, &output, message);
            assert_eq!(liar.holds(), ALL_HOLD, "{message:?}");
            assert_ne!(liar.proof.challenges(&scene, &output), liar.ch, "{message:?}");
            assert_eq!(liar.judge(), Err(ShuffleRejected::False), "{message:?}");
        }
    }
}

/// Nothing but identity points and zeros is a solution of equations that are all linear in them.
#[test]
fn a_proof_of_nothing_is_refused() {
    for n in [2, 3] {
        let scene = Scene::new(n, 1);
        let output = scene.output(&(0..n).collect::<Vec<_>>());
        let liar = Liar::prove(&scene, &output, vec![Scalar::ZERO; n], |_| vec![Scalar::ZERO; n]);
        assert_eq!(liar.judge(), Err(ShuffleRejected::False));
        let mut nothing = liar.proof.clone();
        let none = RistrettoPoint::identity();
        (nothing.a, nothing.p, nothing.d, nothing.small, nothing.big, nothing.s) = (none, none, none, none, none, none);
        nothing.e = vec![[none; 2]];
        for part in [&mut nothing.values, &mut nothing.partials, &mut nothing.exponents, &mut nothing.rerandomizers] {
            part.fill(Scalar::ZERO);
        }
        nothing.blindings = [Scalar::ZERO; 3];
        assert_eq!(scene.judge(&output, &nothing), Err(ShuffleRejected::False));
    }
}

/// Two mix servers whose errors cancel: the first adds to a ballot, the second takes it away again, so that the last
/// list is a true shuffle of the first. The equations' errors cancel too, in a sum without weights.
#[test]
fn errors_of_two_mixes_do_not_cancel_in_one_sum() {
    let n = 3;
    let mut first = Scene::new(n, 1);
    let truth: Vec<_> = (0..n).collect();
    let mut m = first.input.m.clone();
    m[1][0] += Scalar::ONE;
    let between = Known::new(&first.key, m);
    let after = first.output(&truth);
    let prove = |scene: &Scene, output: &Known| {
        let liar = Liar::prove(scene, output, indices(&truth), |x| pick(x, &truth, n));
        assert_eq!(liar.holds(), [true, true, true, false]);
        let proof = ShuffleProof::from_bytes(&liar.proof.bytes(), n, 1).unwrap();
        (Arc::clone(&output.list), proof)
    };
    let one = prove(&first, &between);
    let input = std::mem::replace(&mut first.input, between);
    first.mix = MixIndex(2);
    let two = prove(&first, &after);
    let ctx = ShuffleContext { mix: MixIndex(1), ..first.ctx() };
    let error = verify_chain(&ctx, &first.generators, &input.list, &[one, two]).unwrap_err();
    assert_eq!((error.mix, error.reason), (MixIndex(1), ShuffleRejected::False));
}

/// The second mix undoes the first exactly, so that one list stands in three places and its terms are added up under
/// one digest. A true chain holds; a proof that leans on the merged terms does not.
#[test]
fn a_list_that_returns_is_still_checked_in_every_place() {
    let n = 3;
    let mut scene = Scene::new(n, 1);
    let places = [1, 2, 0];
    let back = [2, 0, 1];
    let between = scene.output(&places);
    let input = scene.input.clone();
    let encode = |liar: Liar<'_>| ShuffleProof::from_bytes(&liar.proof.bytes(), n, 1).unwrap();
    let one = encode(Liar::prove(&scene, &between, indices(&places), |x| pick(x, &places, n)));
    let skip = encode(Liar::prove(&scene, &input, indices(&places), |x| pick(x, &places, n)));
    scene.input = between.clone();
    scene.mix = MixIndex(2);
    let two = encode(Liar::prove(&scene, &input, indices(&back), |x| pick(x, &back, n)));
    let chain = [(Arc::clone(&between.list), one.clone()), (Arc::clone(&input.list), two.clone())];
    let ctx = ShuffleContext { mix: MixIndex(1), ..scene.ctx() };
    assert_eq!(verify_chain(&ctx, &scene.generators, &input.list, &chain).unwrap().len(), 2);
    // Mix 1 "shuffles" the list into itself with a permutation that it did not apply.
    let chain = [(Arc::clone(&input.list), skip), (Arc::clone(&input.list), two)];
    assert_eq!(verify_chain(&ctx, &scene.generators, &input.list, &chain).unwrap_err().mix, MixIndex(1));
    // Mix 2 hands in mix 1's own proof and list again.
    let chain = [(Arc::clone(&between.list), one.clone()), (between.list, one)];
    assert_eq!(verify_chain(&ctx, &scene.generators, &input.list, &chain).unwrap_err().mix, MixIndex(2));
}

/// A proof that does not even fit its lists adds nothing to the chain's sum, which holds without it: it is refused all the same.
#[test]
fn a_chain_with_a_mix_of_fewer_ballots_is_refused() {
    let (scene, fewer) = (Scene::new(4, 1), Scene::new(3, 1));
    let generators = &scene.generators;
    let first = shuffle(&scene.ctx(), generators, &scene.input.list, &mut OsRng).unwrap();
    let dropped = shuffle(&fewer.ctx(), generators, &fewer.input.list, &mut OsRng).unwrap();
    for (mixes, culprit) in [
        (vec![dropped.clone()], 1),
        (vec![dropped.clone(), dropped.clone()], 1),
        (vec![first.clone(), dropped.clone()], 2),
        // The right list, with a proof that is of another.
        (vec![first.clone(), (Arc::clone(&first.0), dropped.1.clone())], 2),
    ] {
        let error = verify_chain(&scene.ctx(), generators, &scene.input.list, &mixes).unwrap_err();
        assert_eq!(error.mix, MixIndex(culprit));
        assert!(matches!(error.reason, ShuffleRejected::Shape { found: 3, expected: 4, .. }), "{}", error.reason);
    }
}
