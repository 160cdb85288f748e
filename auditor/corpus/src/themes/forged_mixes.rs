//! False shuffles by mix servers that collude with all voters and trustees, so that they know what is in every ballot, and
//! prove whatever they like with messages as close to honest ones as they get.

use super::attack;
use crate::board::stages::{MAYOR, PARKS};
use crate::forge::known::{post_mix, KNOWN};
use crate::forge::shuffle::{balance, indices, late, pick, Forged, Known, Late, Liar, Scene};
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use selge_auditor::checks::MIXES;
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, MixIndex};

/// The known board with a forged first mix of a contest.
fn first_mix(contest: ContestIndex, forge: impl FnOnce(&Scene) -> (Known, Forged)) -> Record {
    let scene = KNOWN.scene(contest, 1);
    let (output, proof) = forge(&scene);
    let mut board = KNOWN.board.clone();
    post_mix(&mut board, &scene, &output.list, &proof);
    board.record().into()
}

fn truth(scene: &Scene) -> Vec<usize> {
    (0..scene.n).collect()
}

/// The first ballot in the place of the last as well.
fn doubled(scene: &Scene) -> Vec<usize> {
    (0..scene.n - 1).chain([0]).collect()
}

/// An output whose plaintexts are changed.
fn other(scene: &Scene, change: impl FnOnce(&mut Vec<Vec<Scalar>>)) -> Known {
    let mut m = scene.input.m.clone();
    change(&mut m);
    Known::new(&scene.key, m)
}

/// Nobody's ballot in the place of the last.
fn last_is_zero(scene: &Scene) -> Known {
    other(scene, |m| m[scene.n - 1][0] = Scalar::ZERO)
}

/// Proves with this committed permutation, and powers of this one that hide it from the multi-exponentiation.
fn balanced(scene: &Scene, output: Known, a: Vec<Scalar>, places: &[usize], at: usize) -> (Known, Forged) {
    let lie = |x| balance(scene, &output, x, pick(x, places, scene.n), at);
    let proof = Liar::prove(scene, &output, a, lie).proof;
    (output, proof)
}

/// All equations hold under the challenges as they were before this message was chosen.
fn too_late(message: Late) -> Record {
    first_mix(MAYOR, |scene| {
        let output = last_is_zero(scene);
        let proof = late(scene, &output, message).proof;
        (output, proof)
    })
}

/// Commitments under a key whose relations the server knows: it opens the one to the permutation to whatever the challenges
/// demand, and every equation holds under that key.
fn own_generators(mut scene: Scene) -> (Scene, Known, Forged) {
    let t: Vec<Scalar> = (0..scene.n).map(|_| random_scalar(&mut rand::rngs::OsRng)).collect();
    scene.g = t.iter().map(|t| t * scene.h).collect();
    let output = last_is_zero(&scene);
    let truth = truth(&scene);
    let proof = {
        let lie = |x| balance(&scene, &output, x, pick(x, &truth, scene.n), 0);
        let mut liar = Liar::prove(&scene, &output, indices(&truth), lie);
        let (x, y) = (liar.ch.x, liar.ch.y.invert());
        let honest = pick(x, &truth, scene.n);
        for i in 0..scene.n {
            let moved = (honest[i] - liar.b[i]) * y;
            liar.a[i] += moved;
            // What the opening moves by, its blinding takes back.
            liar.r[0] -= moved * t[i];
        }
        assert_eq!(scene.commit(&liar.a, &liar.r[0]), liar.proof.a);
        liar.mask();
        liar.draw();
        liar.answer();
        assert!(liar.holds().iter().all(|holds| *holds), "the forgery must be a good one");
        liar.proof
    };
    (scene, output, proof)
}

/// Mix server 1 adds one to a number, mix server 2 takes it away again: the last list is a true shuffle of the first.
fn errors_that_cancel() -> Record {
    let mut board = KNOWN.board.clone();
    let mut scene = KNOWN.scene(MAYOR, 1);
    let between = other(&scene, |m| m[1][0] += Scalar::ONE);
    let after = scene.output(&truth(&scene));
    for output in [between, after] {
        let truth = truth(&scene);
        let proof = Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &truth, scene.n)).proof;
        post_mix(&mut board, &scene, &output.list, &proof);
        (scene.input, scene.mix) = (output, MixIndex(scene.mix.0 + 1));
    }
    board.record().into()
}

/// Nothing but identity points and zeros, which solve all equations that are linear in them.
fn nothing(scene: &Scene) -> Forged {
    let (none, zero) = (RistrettoPoint::identity(), Scalar::ZERO);
    let mut proof = Liar::prove(scene, &scene.input, vec![zero; scene.n], |_| vec![zero; scene.n]).proof;
    (proof.a, proof.p, proof.d, proof.small, proof.big, proof.s) = (none, none, none, none, none, none);
    proof.e.fill([none; 2]);
    for part in [&mut proof.values, &mut proof.partials, &mut proof.exponents, &mut proof.rerandomizers] {
        part.fill(zero);
    }
    proof.blindings = [zero; 3];
    proof
}

const ALL_TOGETHER: &[A] = &[A::Collector, A::Commission, A::Voters, A::Mixes, A::Trustees(5)];
const FIRST: Culprit = Culprit::Mix(1, "mayor");

const fn forged(name: &'static str, what: &'static str, gain: &'static str, make: fn() -> Record) -> Manipulation {
    fails(MIXES, FIRST, ALL_TOGETHER, name, what, gain, make)
}

const DOUBLES: &str = "a vote counts twice, another not at all";
const OWN: &str = "a vote is the mix server's";

pub(super) const ALL: &[Manipulation] = &[
    forged(
        "ballot-doubled-with-a-permutation-that-says-so",
        "the first ballot comes out twice, and the \"permutation\" that is committed to is that",
        DOUBLES,
        || {
            first_mix(MAYOR, |scene| {
                let places = doubled(scene);
                let output = scene.output(&places);
                let proof = Liar::prove(scene, &output, indices(&places), |x| pick(x, &places, scene.n)).proof;
                (output, proof)
            })
        },
    ),
    forged(
        "ballot-doubled-beside-a-true-permutation",
        "the first ballot comes out twice; a true permutation is committed to, and powers that balance the sums",
        DOUBLES,
        || first_mix(MAYOR, |s| balanced(s, s.output(&doubled(s)), indices(&truth(s)), &truth(s), 0)),
    ),
    forged(
        "ballot-doubled-with-powers-that-balance",
        "the first ballot comes out twice; what is committed to says so, and the powers balance the sums",
        DOUBLES,
        || first_mix(MAYOR, |s| balanced(s, s.output(&doubled(s)), indices(&doubled(s)), &doubled(s), 0)),
    ),
    forged(
        "ballot-exchanged-with-powers-that-balance",
        "a ballot of the server's own comes out in the place of the first, and the powers balance the sums",
        OWN,
        || {
            first_mix(MAYOR, |s| {
                let output = other(s, |m| m[0][0] = Scalar::from(999u64));
                balanced(s, output, indices(&truth(s)), &truth(s), 0)
            })
        },
    ),
    forged(
        "vote-moved-between-ballots",
        "one ballot's number is one more and another's one less, so that all numbers add up to the same",
        "two votes are exchanged for two that suit the server",
        || {
            first_mix(MAYOR, |s| {
                let output = other(s, |m| {
                    m[0][0] += Scalar::ONE;
                    m[1][0] -= Scalar::ONE;
                });
                balanced(s, output, indices(&truth(s)), &truth(s), 2)
            })
        },
    ),
    forged(
        "no-permutation-of-the-same-sum",
        "numbers are committed to that add up to the same as a permutation's",
        OWN,
        || {
            first_mix(MAYOR, |s| {
                let output = other(s, |m| m[2][0] = Scalar::from(999u64));
                let mut a = indices(&truth(s));
                a[0] += Scalar::ONE;
                a[1] -= Scalar::ONE;
                balanced(s, output, a, &truth(s), 2)
            })
        },
    ),
    forged(
        "no-permutation-at-all",
        "nothing but zeros is committed to",
        OWN,
        || {
            first_mix(MAYOR, |s| {
                let output = other(s, |m| m[2][0] = Scalar::from(999u64));
                balanced(s, output, vec![Scalar::ZERO; s.n], &truth(s), 2)
            })
        },
    ),
    fails(
        MIXES,
        Culprit::Mix(1, "parks"),
        ALL_TOGETHER,
        "limbs-torn-apart",
        "the second limbs of two ballots are exchanged: every limb is shuffled truly, on its own",
        "two votes become two others",
        || {
            first_mix(PARKS, |s| {
                let output = other(s, |m| {
                    let limb = m[2][1];
                    m[2][1] = m[3][1];
                    m[3][1] = limb;
                });
                balanced(s, output, indices(&truth(s)), &truth(s), 0)
            })
        },
    ),
    fails(
        MIXES,
        Culprit::Mix(1, "parks"),
        ALL_TOGETHER,
        "limbs-exchanged-within-ballots",
        "the two limbs of every ballot change places",
        "every vote becomes another",
        || {
            first_mix(PARKS, |s| {
                let output = other(s, |m| m.iter_mut().for_each(|v| v.reverse()));
                balanced(s, output, indices(&truth(s)), &truth(s), 0)
            })
        },
    ),
    forged(
        "permutation-chosen-after-its-challenges",
        "the commitment to the permutation is chosen last: it opens to whatever makes the powers those of a permutation",
        OWN,
        || too_late(Late::A),
    )
    .known(attack::PERMUTATION),
    forged(
        "powers-chosen-after-their-challenges",
        "the commitment to the powers is chosen after those challenges that it should precede",
        OWN,
        || too_late(Late::P),
    )
    .known(attack::PERMUTATION),
    forged(
        "masks-of-the-product-chosen-last",
        "the commitment to the product's masks is chosen after the last challenge",
        OWN,
        || too_late(Late::D),
    )
    .known(attack::FIAT_SHAMIR),
    forged(
        "small-delta-chosen-last",
        "the first of the product's two cross commitments is chosen after the last challenge",
        OWN,
        || too_late(Late::SmallDelta),
    )
    .known(attack::FIAT_SHAMIR),
    forged(
        "large-delta-chosen-last",
        "the second of the product's two cross commitments is chosen after the last challenge",
        OWN,
        || too_late(Late::BigDelta),
    )
    .known(attack::FIAT_SHAMIR),
    forged(
        "masks-of-the-powers-chosen-last",
        "the commitment to the powers' masks is chosen after the last challenge",
        OWN,
        || too_late(Late::S),
    )
    .known(attack::FIAT_SHAMIR),
    forged(
        "masked-sum-chosen-last",
        "the masked sum of the outputs is chosen after the last challenge",
        OWN,
        || too_late(Late::E),
    )
    .known(attack::FIAT_SHAMIR),
    forged(
        "generators-with-a-trapdoor",
        "the server commits under generators whose relations it knows, and opens them as the challenges demand",
        OWN,
        || {
            let (scene, output, proof) = own_generators(KNOWN.scene(MAYOR, 1));
            let mut board = KNOWN.board.clone();
            post_mix(&mut board, &scene, &output.list, &proof);
            board.record().into()
        },
    )
    .known(attack::GENERATORS),
    forged(
        "errors-of-two-mixes-that-cancel",
        "mix server 1 adds one to a ballot and mix server 2 takes it away, so that their equations' errors cancel",
        "where the equations are added up without weights, a mix need not be one",
        errors_that_cancel,
    ),
    forged(
        "proof-of-nothing",
        "the proof is nothing but identity points and zeros",
        "equations that are linear in them hold",
        || first_mix(MAYOR, |scene| (scene.output(&doubled(scene)), nothing(scene))),
    )
    .known(attack::ENCODING),
];

/// For completeness: a forger that tells the truth is believed, so what is refused above is the lie.
#[cfg(test)]
mod tests {
    use super::*;
    use selge_auditor::{verify, Silent, Status};

    #[test]
    fn an_honest_shuffle_of_the_forging_prover_passes() {
        let mut board = KNOWN.board.clone();
        for contest in [MAYOR, PARKS] {
            let scene = KNOWN.scene(contest, 1);
            let places: Vec<_> = (0..scene.n).rev().collect();
            let output = scene.output(&places);
            let proof = Liar::prove(&scene, &output, indices(&places), |x| pick(x, &places, scene.n)).proof;
            post_mix(&mut board, &scene, &output.list, &proof);
        }
        let report = verify(&board.record(), None, &Silent);
        let mixes = report.check(MIXES.id).unwrap();
        assert_eq!(mixes.status, Status::NotRun, "{}", selge_auditor::render(&report));
        assert_eq!(mixes.counts[0].done, 2);
    }
}
