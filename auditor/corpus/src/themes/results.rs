//! Results that the commission signs and that do not follow from the record.

use super::{attack, from};
use crate::board::stages::{DONE, MAYOR, VOTED};
use crate::board::Board;
use crate::forge::undecodable;
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use curve25519_dalek::Scalar;
use selge_auditor::checks::{FINISHED, RESULT, VOTES};
use serde_json::{json, Value};
use std::sync::LazyLock;

/// The board before the result, and the result.
static HONEST: LazyLock<(Board, Value)> = LazyLock::new(|| {
    let mut board = DONE.clone();
    let document = serde_json::from_slice(&board.unpublish()).expect("JSON");
    (board, document)
});

/// The same of an election in which voter 9 votes a second time, for no choice, with the help of three trustees.
static UNDECODABLE: LazyLock<(Board, Value)> = LazyLock::new(|| {
    let mut board = VOTED.clone();
    let mut ballot = board.ballot(9);
    ballot.contests[0] = undecodable(&board, 9, MAYOR, Scalar::from(1u64 << 16), &[1, 2, 3]);
    board.cast(9, ballot);
    board.finish();
    let document: Value = serde_json::from_slice(&board.unpublish()).expect("JSON");
    assert_eq!(document["contests"][0]["undecodable"], 1, "the forged ballot passes, and is seen at the count");
    (board, document)
});

/// The record with this as its result.
fn publishes(board: &Board, bytes: Vec<u8>) -> Record {
    from(board, |board| board.publish_bytes(bytes))
}

fn changed_of(of: &(Board, Value), pointer: &str, change: impl FnOnce(&mut Value)) -> Record {
    let mut document = of.1.clone();
    change(document.pointer_mut(pointer).expect("a place in the result"));
    assert_ne!(document, of.1);
    publishes(&of.0, serde_json::to_vec_pretty(&document).expect("JSON"))
}

/// The record with another value at this place of its result.
fn changed(pointer: &str, change: impl FnOnce(&mut Value)) -> Record {
    changed_of(&HONEST, pointer, change)
}

fn set(pointer: &str, value: Value) -> Record {
    changed(pointer, |v| *v = value)
}

fn trustees(named: &[u16]) -> Record {
    set("/contests/0/trustees", json!(named))
}

const HELD: &[A] = &[A::Collector, A::Commission];
/// Whoever casts the ballot, helps to forge it, counts it and publishes it.
const TOGETHER: &[A] = &[A::Collector, A::Commission, A::Voters, A::Mixes, A::Trustees(4)];

const fn false_result(
    name: &'static str,
    what: &'static str,
    gain: &'static str,
    make: fn() -> Record,
) -> Manipulation {
    fails(RESULT, Culprit::Commission, HELD, name, what, gain, make)
}

const fn false_trustees(name: &'static str, what: &'static str, make: fn() -> Record) -> Manipulation {
    let gain = "which decryptions the votes come from cannot be told";
    fails(VOTES, Culprit::Commission, HELD, name, what, gain, make)
}

const fn given_away(name: &'static str, what: &'static str, gain: &'static str, make: fn() -> Record) -> Manipulation {
    fails(RESULT, Culprit::Commission, TOGETHER, name, what, gain, make).known(attack::UNDECODABLE)
}

pub(super) const ALL: &[Manipulation] = &[
    false_result(
        "votes-made-up",
        "the result gives a choice for mayor other votes than were decrypted",
        "somebody else is elected",
        || set("/contests/0/votes/0/count", json!(99)),
    ),
    false_result(
        "votes-exchanged-between-choices",
        "two choices for mayor change places in the result",
        "somebody else is elected, with the right number of votes in all",
        || {
            changed("/contests/0/votes", |v| {
                let first = v[0]["choice"].clone();
                v[0]["choice"] = v[1]["choice"].clone();
                v[1]["choice"] = first;
            })
        },
    ),
    false_result(
        "somebody-else-elected",
        "the votes are right, and somebody else is said to be elected",
        "somebody else is elected",
        || set("/tallies/0/outcome/elected/0/candidate", json!("nobody")),
    ),
    false_result(
        "seats-left-vacant",
        "the votes are right, and nobody is said to be elected",
        "a seat stays empty",
        || set("/tallies/1/outcome/elected", json!([])),
    ),
    false_result(
        "a-round-of-the-count-changed",
        "the first round of the council's count has other votes, and ends the same",
        "a candidate looks as if it had hardly been wanted",
        || set("/tallies/2/outcome/rounds/0/votes/0/votes", json!("99")),
    ),
    false_result(
        "withheld-contest-shown-as-counted",
        "the village's contest is said not to be withheld",
        "a vote that must stay secret seems to have been looked at",
        || set("/contests/3/withheld", json!(false)),
    ),
    false_result(
        "undecodable-votes-made-up",
        "the result says that a ballot for the parks was not decodable",
        "trustees seem to have cheated",
        || set("/contests/1/undecodable", json!(1)),
    ),
    false_result(
        "result-of-another-format",
        "the result says that it is of another format",
        "programs read its numbers as something else",
        || set("/format", json!("selge-result/2")),
    ),
    false_result(
        "result-of-another-election",
        "the result says that it is another election's",
        "it can be disowned",
        || set("/election", json!("00".repeat(32))),
    ),
    false_result(
        "result-with-more-in-it",
        "the result says of who is elected something that no rule does",
        "readers take it for signed and checked",
        || {
            changed("/tallies/0/outcome/elected/0/mandate", |v| {
                v.as_object_mut().expect("an object").insert("really".into(), json!("somebody else"));
            })
        },
    ),
    fails(
        VOTES,
        Culprit::Commission,
        HELD,
        "contest-left-out-of-the-result",
        "the result has the mayor's contest twice and the council's not at all",
        "who sits in the council is for the commission to say",
        || set("/contests/2/contest", json!("mayor")),
    ),
    false_trustees("trustee-named-that-did-not-decrypt", "the result names a trustee who did not decrypt", || {
        trustees(&[1, 2, 3])
    }),
    false_trustees("too-few-trustees-named", "the result names two trustees", || trustees(&[1, 3])),
    false_trustees("too-many-trustees-named", "the result names four trustees", || trustees(&[1, 2, 3, 4])),
    false_trustees("one-trustee-named-twice", "the result names one trustee twice", || trustees(&[1, 1, 3])),
    false_trustees("trustees-named-out-of-order", "the result names trustees out of order", || trustees(&[3, 1, 4])),
    false_trustees("no-trustees-named", "the result names no trustees", || trustees(&[])),
    false_trustees("trustee-named-that-is-none", "the result names a trustee that there is not", || {
        trustees(&[1, 3, 9])
    }),
    fails(
        FINISHED,
        Culprit::Commission,
        HELD,
        "result-that-cannot-be-read",
        "the result's document is empty",
        "anything can be said to be the result",
        || publishes(&HONEST.0, b"{}".to_vec()),
    ),
    fails(
        FINISHED,
        Culprit::Commission,
        HELD,
        "result-that-says-two-things",
        "the result has one number twice, and readers differ on which counts",
        "everybody finds in it what suits them",
        || {
            let text = serde_json::to_string(&HONEST.1).expect("JSON");
            let twice = text.replacen("\"counted\":", "\"counted\":99,\"counted\":", 1);
            assert_ne!(text, twice);
            publishes(&HONEST.0, twice.into_bytes())
        },
    ),
    given_away(
        "undecodable-ballot-given-to-somebody",
        "three trustees help a voter to a ballot that holds no choice; the result counts it for a candidate",
        "the trustees give away a vote at the count, when they know for whom they need it",
        || changed_of(&UNDECODABLE, "/contests/0/votes/0/count", |v| *v = json!(v.as_u64().expect("a number") + 1)),
    ),
    given_away(
        "undecodable-ballot-kept-quiet",
        "three trustees help a voter to a ballot that holds no choice; the result does not speak of it",
        "nobody learns that three trustees have cheated together",
        || changed_of(&UNDECODABLE, "/contests/0/undecodable", |v| *v = json!(0)),
    ),
];
