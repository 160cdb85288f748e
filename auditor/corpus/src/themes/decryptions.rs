//! Decryption factors that are wrong, missing, of something else, or proven without the share.

use super::{attack, body, from};
use crate::board::stages::{is_decryption, output, CLOSED, COUNCIL, DONE, MAYOR, MIXED, PARKS, VILLAGE};
use crate::board::Board;
use crate::forge::decryption::{Factors, Statement};
use crate::forge::interpolate;
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as B;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::OsRng;
use selge_auditor::checks::{CHAIN, DECRYPTIONS, ENOUGH, FINISHED};
use selge_core::entry::{Decryption, EntryBody};
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, ElectionId, TrusteeIndex};
use std::sync::Arc;

/// The mixed board, decrypted by trustees 1, 3 and 4, but that trustee 1's factors for the mayor are these bytes; the
/// commission publishes the result that the true ones would have given.
fn posted(bytes: impl FnOnce(&Board, &Statement<'_>) -> Vec<u8>) -> Record {
    posted_by(1, bytes)
}

fn posted_by(trustee: u16, bytes: impl FnOnce(&Board, &Statement<'_>) -> Vec<u8>) -> Record {
    from(&DONE, |board| {
        let list = Arc::clone(&board.lists[&MAYOR]);
        let bytes = bytes(board, &Statement::new(board, MAYOR, trustee, &list));
        let factors = board.file(bytes);
        let of = |b: &EntryBody| matches!(b, EntryBody::Decryption(m) if m.trustee.0 == trustee && m.contest == MAYOR);
        let at = board.places(of)[0];
        let m = body!(board, at, Decryption);
        board.replace(at, EntryBody::Decryption(Decryption { factors, ..m }));
    })
}

/// Trustee 1's factors for the mayor, forged.
fn forged(forge: impl FnOnce(&Statement<'_>, &Scalar) -> Factors) -> Record {
    posted(|board, statement| forge(statement, board.shares[0].secret()).bytes())
}

/// The mixed board, and one decryption of trustee 1 with this list in the place of the contest's.
fn of_list(contest: ContestIndex, list: impl FnOnce(&Board) -> Arc<selge_core::elgamal::CiphertextList>) -> Record {
    from(&MIXED, |board| {
        let list = list(board);
        board.lists.insert(contest, list);
        board.decrypt(contest, 1, 1);
    })
}

fn decryption(at: usize) -> Decryption {
    body!(DONE, DONE.places(is_decryption)[at], Decryption)
}

const HELD: &[A] = &[A::Collector, A::Trustee(1)];
const FIRST: Culprit = Culprit::TrusteeIn(1, "mayor");
const WRONG: &str = "ballots decrypt to what the trustee likes";

const fn wrong(name: &'static str, what: &'static str, gain: &'static str, make: fn() -> Record) -> Manipulation {
    fails(DECRYPTIONS, FIRST, HELD, name, what, gain, make).known(attack::FACTORS)
}

pub(super) const ALL: &[Manipulation] = &[
    wrong(
        "factor-changed-with-the-true-share",
        "one factor is another, and the proof is made with the true share as if it were right",
        WRONG,
        || {
            forged(|s, x| {
                let mut d = s.factors(x);
                d[0] += B;
                s.prove(d, x)
            })
        },
    ),
    wrong(
        "factors-that-exchange-two-ballots",
        "two factors change places",
        "two ballots are noise, or each decrypts to the other's vote where they were made for it",
        || {
            forged(|s, x| {
                let mut d = s.factors(x);
                d.swap(0, 1);
                s.prove(d, x)
            })
        },
    ),
    wrong(
        "errors-that-cancel-in-a-sum",
        "what one factor has too much another has too little",
        "two votes become two others, where factors are checked in one sum without weights",
        || {
            forged(|s, x| {
                let mut d = s.factors(x);
                d[0] += B;
                d[1] -= B;
                s.prove(d, x)
            })
        },
    ),
    wrong(
        "errors-fitted-to-the-weights",
        "two factors' errors cancel under the weights that the true factors would have drawn",
        "two votes become two others, where weights are drawn before the factors are fixed",
        || {
            forged(|s, x| {
                let (honest, mut d) = (s.prove(s.factors(x), x), s.factors(x));
                let weights = s.open(&d).1;
                d[0] += weights[1] * B;
                d[1] -= weights[0] * B;
                Factors { d, ..honest }
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    wrong(
        "factors-of-a-share-made-up",
        "factors and proof are made with a number that is nobody's share",
        "the election cannot be decrypted, or only with somebody who knows the number",
        || {
            forged(|s, _| {
                let x = random_scalar(&mut OsRng);
                s.prove(s.factors(&x), &x)
            })
        },
    ),
    wrong(
        "share-key-of-ones-own",
        "factors are made with a number that is nobody's share, and the proof names that number's key as the share's",
        "any factors are right for some key, where the prover says which",
        || {
            forged(|s, _| {
                let x = random_scalar(&mut OsRng);
                let own = Statement { share_key: RistrettoPoint::mul_base(&x), ..*s };
                own.prove(own.factors(&x), &x)
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    wrong(
        "factors-with-a-simulated-proof",
        "wrong factors have a proof whose challenge was chosen first",
        WRONG,
        || {
            forged(|s, x| {
                let mut d = s.factors(x);
                d[0] += B;
                s.simulate(d)
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    wrong(
        "proof-for-another-contests-factors",
        "the proof, which holds otherwise, names the council's contest",
        "one proof serves for two contests",
        || forged(|s, x| Statement { contest: COUNCIL, ..*s }.prove(s.factors(x), x)),
    ),
    wrong(
        "proof-for-another-elections-factors",
        "the proof, which holds otherwise, names another election",
        "one proof serves in two elections",
        || forged(|s, x| Statement { election: ElectionId([0; 32]), ..*s }.prove(s.factors(x), x)),
    ),
    wrong(
        "proof-for-another-list",
        "the proof, which holds otherwise, names the list before the last mix",
        "factors that were made for one list serve for another",
        || {
            posted(|board, s| {
                let bytes = board.files[&output(1)].clone();
                let before = selge_core::elgamal::CiphertextList::from_bytes(&bytes, s.list.len(), 1).expect("a list");
                let x = board.shares[0].secret();
                Statement { list: &before, ..*s }.prove(s.factors(x), x).bytes()
            })
        },
    ),
    wrong(
        "factors-that-are-identities",
        "all factors are the identity, and the proof nothing but identities and zero",
        "equations that are linear in them hold",
        || {
            forged(|s, _| {
                let none = RistrettoPoint::identity();
                Factors { width: 1, d: vec![none; s.list.len()], t: none, u: none, z: Scalar::ZERO }
            })
        },
    )
    .known(attack::ENCODING),
    wrong(
        "factors-of-another-contest",
        "trustee 1's factors for the mayor are those for the council",
        "ballots are noise",
        || posted(|board, _| board.files[&decryption(6).factors].clone()),
    ),
    wrong("factor-missing", "there is a factor less than there are ballots", "the last ballot is left out", || {
        posted(|board, s| {
            let x = board.shares[0].secret();
            let mut d = s.factors(x);
            d.pop();
            let shorter = s.prove(s.factors(x), x);
            Factors { d, ..shorter }.bytes()
        })
    })
    .known(attack::LENGTHS),
    wrong(
        "factors-left-out",
        "the factors are an empty file",
        "a program that checks what is there finds nothing wrong",
        || posted(|_, _| Vec::new()),
    )
    .known(attack::LENGTHS),
    wrong(
        "factor-that-is-no-point",
        "a factor is no point of the group",
        "programs that take it for the identity count another vote",
        || {
            posted(|board, s| {
                let x = board.shares[0].secret();
                let mut bytes = s.prove(s.factors(x), x).bytes();
                bytes[6..38].fill(0xff);
                bytes
            })
        },
    )
    .known(attack::ENCODING),
    wrong(
        "answer-of-the-decryption-unreduced",
        "the answer in a decryption's proof is above the group's order",
        "one proof has many encodings",
        || {
            posted(|board, s| {
                let x = board.shares[0].secret();
                let mut bytes = s.prove(s.factors(x), x).bytes();
                bytes.pop();
                bytes.push(0xff);
                bytes
            })
        },
    )
    .known(attack::ENCODING),
    fails(
        DECRYPTIONS,
        Culprit::TrusteeIn(3, "mayor"),
        &[A::Collector, A::Trustee(3)],
        "factors-of-another-trustee",
        "trustee 3 posts trustee 1's factors and proof as its own",
        "fewer trustees than the threshold have decrypted",
        || posted_by(3, |board, _| board.files[&decryption(0).factors].clone()),
    )
    .known(attack::FACTORS),
    fails(
        DECRYPTIONS,
        Culprit::TrusteeIn(4, "mayor"),
        &[A::Collector, A::Trustee(1), A::Trustee(3), A::Trustee(4)],
        "absent-trustee-made-up",
        "trustees 1 and 3, who also have trustee 4's signing key, make up its share from theirs, one too few for that",
        "two trustees decrypt where three are needed",
        || {
            posted_by(4, |board, s| {
                let x = interpolate(board, &[1, 3], Some(4));
                s.prove(s.factors(&x), &x).bytes()
            })
        },
    )
    .known(attack::FACTORS),
    fails(
        DECRYPTIONS,
        Culprit::TrusteeIn(2, "mayor"),
        &[A::Collector, A::Trustees(4), A::Commission],
        "wrong-factors-that-nobody-needs",
        "a fourth trustee's factors are wrong, and the result does not use them",
        "the trustee says later that it was not heard",
        || {
            from(&MIXED, |board| {
                board.decrypt_all(&[1, 3, 4]);
                board.decrypt(MAYOR, 2, 1);
                board.publish_bytes(DONE.files[&body!(DONE, DONE.entries.len() - 1, Result)].clone());
            })
        },
    )
    .known(attack::FACTORS),
    fails(
        ENOUGH,
        FIRST,
        HELD,
        "one-trustee-twice",
        "trustee 1 decrypts the mayor's contest twice",
        "one trustee counts for two of the threshold",
        || {
            from(&MIXED, |board| {
                board.decrypt(MAYOR, 1, 1);
                board.decrypt(MAYOR, 1, 1);
            })
        },
    )
    .known(attack::FACTORS),
    fails(
        FINISHED,
        Culprit::Collector,
        &[A::Collector],
        "decryption-left-out-of-the-record",
        "a decryption is left out, so that one less than the threshold is there",
        "the votes that the result gives cannot be checked",
        || from(&DONE, |board| drop(board.entries.remove(board.places(is_decryption)[0]))),
    )
    .known(attack::FACTORS),
    fails(
        FINISHED,
        Culprit::Commission,
        &[A::Collector, A::Commission, A::Trustees(2)],
        "result-with-too-few-trustees",
        "the commission publishes when two trustees have decrypted",
        "the result is what the commission says",
        || {
            from(&MIXED, |board| {
                board.decrypt_all(&[1, 2]);
                board.publish_bytes(DONE.files[&body!(DONE, DONE.entries.len() - 1, Result)].clone());
            })
        },
    ),
    fails(
        CHAIN,
        FIRST,
        &[A::Collector, A::Trustee(1), A::Mix(1), A::Mix(2)],
        "decryption-before-all-have-mixed",
        "trustee 1 decrypts the output of mix server 2",
        "who knows two servers' permutations knows who voted how",
        || {
            from(&CLOSED, |board| {
                (1..=2).for_each(|mix| board.mix(MAYOR, mix));
                board.decrypt(MAYOR, 1, 1);
            })
        },
    )
    .known(attack::MIXES),
    fails(
        CHAIN,
        FIRST,
        HELD,
        "counted-ballots-decrypted",
        "trustee 1 decrypts the counted ballots, which were mixed for show",
        "everybody learns who voted how",
        || of_list(MAYOR, |_| Arc::clone(&CLOSED.lists[&MAYOR])),
    )
    .known(attack::FACTORS),
    fails(
        CHAIN,
        FIRST,
        HELD,
        "another-contests-list-decrypted",
        "trustee 1 decrypts the council's list as the mayor's",
        "the council's votes count for the mayor",
        || of_list(MAYOR, |board| Arc::clone(&board.lists[&COUNCIL])),
    )
    .known(attack::FACTORS),
    fails(
        CHAIN,
        Culprit::TrusteeIn(1, "parks"),
        HELD,
        "another-list-decrypted-as-the-parks",
        "trustee 1 decrypts the mayor's list, which has another width, as the parks'",
        "the mayor's votes count for the parks",
        || of_list(PARKS, |board| Arc::clone(&board.lists[&MAYOR])),
    )
    .known(attack::FACTORS),
    fails(
        CHAIN,
        Culprit::TrusteeIn(1, "village"),
        HELD,
        "withheld-contest-decrypted",
        "trustee 1 decrypts the village's only ballot",
        "everybody learns how the only voter of the village voted",
        || of_list(VILLAGE, |_| Arc::clone(CLOSED.state().counted_in(VILLAGE).expect("a contest").list())),
    ),
    fails(
        selge_auditor::checks::ALLOWED,
        Culprit::Words("trustee 9 (not in the manifest)"),
        HELD,
        "decryption-of-a-trustee-that-is-none",
        "trustee 1 signs a decryption of a ninth trustee; there are five",
        "it counts twice",
        || {
            from(&MIXED, |board| {
                board.decrypt(MAYOR, 1, 1);
                let m = body!(board, board.entries.len() - 1, Decryption);
                let body = EntryBody::Decryption(Decryption { trustee: TrusteeIndex(9), ..m });
                board.post(body, &DONE.keys.trustees[0]);
            })
        },
    ),
];
