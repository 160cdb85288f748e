//! Before and after the voting: manifest, roll, opening and closing.

use super::{body, from, record};
use crate::board::stages::{closing, first, DONE};
use crate::board::{Board, CLOSES, OPENS};
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use selge_auditor::checks::{CLOSING, ELECTION_ID, MANIFEST, OPENING, ROLL, SIGNED};
use selge_core::codec::Encode;
use selge_core::entry::{Closing, EntryBody, Opening};
use selge_core::ids::{Digest, ElectionId};
use selge_core::manifest::Manifest;
use std::sync::Arc;

/// The record whose first entry names another manifest, which the commission signed.
fn manifest(change: impl FnOnce(String) -> String) -> Record {
    from(&DONE, |board| {
        let EntryBody::Manifest(digest) = board.entries[0].body else {
            unreachable!("the manifest is the first entry")
        };
        let text = String::from_utf8(board.files[&digest].clone()).expect("JSON");
        let changed = change(text.clone());
        assert_ne!(changed, text);
        if let Ok(manifest) = Manifest::parse(changed.as_bytes()) {
            board.manifest = Arc::new(manifest);
        }
        let file = board.file(changed.into_bytes());
        board.entries[0] = EntryBody::Manifest(file).sign(&ElectionId(file.0), &DONE.keys.commission);
    })
}

fn opening(change: impl FnOnce(Opening) -> Opening) -> Record {
    from(&DONE, |board| {
        let at = first(|b| matches!(b, EntryBody::Opening(_)));
        let changed = change(body!(board, at, Opening));
        board.replace(at, EntryBody::Opening(changed));
    })
}

fn close(change: impl FnOnce(Closing) -> Closing) -> Record {
    from(&DONE, |board| {
        let at = closing(board);
        let changed = change(body!(board, at, Closing));
        board.replace(at, EntryBody::Closing(changed));
    })
}

/// The record with these bytes as its roll, which the registrar signed.
fn roll(change: impl FnOnce(&mut Vec<u8>)) -> Record {
    from(&DONE, |board| {
        let at = first(|b| matches!(b, EntryBody::Roll(_)));
        let mut bytes = board.roll.to_bytes();
        change(&mut bytes);
        let file = board.file(bytes);
        board.replace(at, EntryBody::Roll(file));
    })
}

/// Where a voter stands in the roll's bytes: 16 of its id, 32 of its key, 2 of its style.
fn voter(place: usize) -> usize {
    4 + 50 * place
}

/// By the registrar.
const fn false_roll(name: &'static str, what: &'static str, gain: &'static str, make: fn() -> Record) -> Manipulation {
    fails(ROLL, Culprit::Registrar, &[A::Collector, A::Registrar], name, what, gain, make)
}

/// By the commission.
const fn false_manifest(
    name: &'static str,
    what: &'static str,
    gain: &'static str,
    make: fn() -> Record,
) -> Manipulation {
    fails(MANIFEST, Culprit::Words("files/"), &[A::Collector, A::Commission], name, what, gain, make)
}

pub(super) const ALL: &[Manipulation] = &[
    fails(
        MANIFEST,
        Culprit::Collector,
        &[A::Collector],
        "manifest-signed-by-the-collector",
        "the collector signs the manifest's entry",
        "it holds an election in the commission's name",
        || {
            from(&DONE, |board| {
                let body = board.entries[0].body.clone();
                board.entries[0] = body.sign(board.manifest.id(), &DONE.keys.collector);
            })
        },
    ),
    fails(
        MANIFEST,
        Culprit::Words("entry 0"),
        &[A::Collector],
        "board-without-its-manifest",
        "the first entry is left out, so that the board starts with the ceremony",
        "whose keys count is for a reader to guess",
        || from(&DONE, |board| drop(board.entries.remove(0))),
    ),
    false_manifest(
        "manifest-with-one-key-twice",
        "the commission's manifest gives mix servers 1 and 2 one key",
        "one mix server alone knows who voted how",
        || {
            let key = |i: usize| DONE.keys.mixes[i].verifying_key().to_string();
            manifest(|text| text.replace(&key(1), &key(0)))
        },
    ),
    false_manifest(
        "manifest-that-decrypts-single-ballots",
        "the commission's manifest sets the privacy floor to one ballot",
        "a village's only vote is shown",
        || manifest(|text| text.replace("\"privacy_floor\": 3", "\"privacy_floor\": 1")),
    ),
    false_manifest(
        "manifest-that-says-two-things",
        "the commission's manifest has the threshold twice, and readers differ on which counts",
        "one reader demands three trustees, another one",
        || manifest(|text| text.replace("\"threshold\": 3", "\"threshold\": 1,\n  \"threshold\": 3")),
    ),
    false_manifest(
        "manifest-with-a-field-of-its-own",
        "the commission's manifest has a field that the specification does not",
        "another program than this one reads something into it",
        || manifest(|text| text.replace("\"threshold\": 3", "\"threshold\": 3, \"remark\": \"one will do\"")),
    ),
    fails(
        SIGNED,
        Culprit::Collector,
        &[A::Collector, A::Commission],
        "manifest-exchanged-under-the-board",
        "the commission's manifest has another title, and everything after it is that of the true election",
        "what people voted on is told otherwise",
        || manifest(|text| text.replace("\"title\": \"Test\"", "\"title\": \"Best\"")),
    )
    .also(&[ELECTION_ID]),
    fails(
        ELECTION_ID,
        Culprit::Words("whoever handed out this record"),
        &[A::Collector, A::Commission, A::Registrar, A::Mixes, A::Trustees(5), A::Voters],
        "whole-election-made-up",
        "everybody together makes up another election in which everything holds",
        "any result at all; only the id tells",
        || Board::town().record().into(),
    ),
    false_roll(
        "roll-with-a-style-that-is-none",
        "the registrar gives a voter a ballot style that the manifest does not have",
        "a ballot that nobody has agreed on",
        || roll(|bytes| bytes[voter(0) + 49] = 9),
    ),
    false_roll(
        "roll-with-one-key-for-two-voters",
        "the registrar gives two voters one key",
        "one person votes twice",
        || {
            roll(|bytes| {
                let key = bytes[voter(0) + 16..voter(0) + 48].to_vec();
                bytes[voter(1) + 16..voter(1) + 48].copy_from_slice(&key);
            })
        },
    ),
    false_roll(
        "roll-with-a-voter-twice",
        "one pseudonym stands twice on the registrar's roll, with two keys",
        "programs differ on whose ballot is the voter's",
        || {
            roll(|bytes| {
                let id = bytes[voter(0)..voter(0) + 16].to_vec();
                bytes[voter(1)..voter(1) + 16].copy_from_slice(&id);
            })
        },
    ),
    false_roll(
        "roll-with-a-key-of-small-order",
        "the registrar gives a voter a key under which one signature holds for every message",
        "the voter, or anybody, can say that anybody signed",
        || {
            roll(|bytes| {
                bytes[voter(0) + 16..voter(0) + 48].fill(0);
                bytes[voter(0) + 16] = 1;
            })
        },
    )
    .known(super::attack::SIGNATURE),
    false_roll(
        "roll-out-of-order",
        "two voters stand in each other's place on the registrar's roll",
        "programs that search the roll differ on who is on it",
        || roll(|bytes| bytes[voter(0)..voter(2)].rotate_left(50)),
    ),
    false_roll(
        "roll-with-a-hidden-voter",
        "a voter stands behind the last one whom the registrar's roll counts",
        "a program that reads to the end lets somebody vote whom others do not",
        || {
            roll(|bytes| {
                let last = bytes[bytes.len() - 50..].to_vec();
                bytes.extend(last);
            })
        },
    ),
    fails(
        OPENING,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "opening-with-another-roll",
        "the commission opens voting with a roll that is not on the board",
        "who may vote is decided by a list that nobody sees",
        || opening(|m| Opening { roll: Digest([0; 32]), ..m }),
    ),
    fails(
        OPENING,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "opening-too-early",
        "the commission opens voting a second before the time that the manifest says",
        "friends vote before others may",
        || opening(|m| Opening { time: OPENS - 1, ..m }),
    ),
    fails(
        OPENING,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "opening-too-late",
        "the commission opens voting when it should have ended",
        "only those who were told vote",
        || opening(|m| Opening { time: CLOSES, ..m }),
    ),
    fails(
        CLOSING,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "closing-too-early",
        "the commission closes voting a second before the time that the manifest says",
        "those who vote late do not count",
        || close(|m| Closing { time: CLOSES - 1, ..m }),
    ),
    fails(
        CLOSING,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "closing-of-fewer-entries",
        "the commission's closing names a board without the last ballot",
        "the last ballot counts or not, as one likes",
        || close(|m| Closing { size: m.size - 1, ..m }),
    ),
    fails(
        CLOSING,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "closing-of-other-entries",
        "the commission's closing names the root of another board",
        "another set of ballots can be said to be the one that was closed",
        || close(|m| Closing { root: [8; 32], ..m }),
    ),
    fails(
        ELECTION_ID,
        Culprit::Words("whoever handed out this record"),
        &[],
        "record-of-another-election",
        "the honest record of another election is handed out in the place of this one",
        "a result is shown that people did not vote on",
        || record(&Board::smallest(), |_| ()),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifests_are_refused_for_what_the_manipulation_says() {
        let text = String::from_utf8(DONE.files[&DONE.entries[0].body.files()[0]].clone()).unwrap();
        assert!(Manifest::parse(text.as_bytes()).is_ok());
        let parsed = |from: &str, to: &str| Manifest::parse(text.replace(from, to).as_bytes());
        let problem = parsed("\"privacy_floor\": 3", "\"privacy_floor\": 1").unwrap_err().to_string();
        assert!(problem.contains("privacy_floor"), "{problem}");
        let problem = parsed("\"threshold\": 3", "\"threshold\": 1,\n  \"threshold\": 3").unwrap_err().to_string();
        assert!(problem.contains("duplicate field"), "{problem}");
    }
}
