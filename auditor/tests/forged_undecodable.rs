//! Ballots that hold no valid choice, which `t` trustees together can help a voter to cast (`DEC-6`): they are reported,
//! count for nobody, and stop nothing.

mod support;

use curve25519_dalek::Scalar;
use selge_auditor::{render, Verdict};
use selge_core::ballot::EncryptedBallot;
use selge_core::entry::EntryBody;
use selge_core::ids::ContestIndex;
use selge_corpus::undecodable;
use serde_json::{json, Value};
use std::sync::{Arc, LazyLock};
use support::{assert_fails, smallest, Board, Plan};

/// A voter's ballot of the smallest election, holding `m`, made with the help of its only trustee.
fn forged(board: &Board, voter: usize, m: Scalar) -> EncryptedBallot {
    let mut ballot = board.ballot(voter);
    ballot.contests = vec![undecodable(board, voter, ContestIndex(0), m, &[1])];
    ballot
}

/// Three honest voters and three whose ballots hold 2, −1 and 2^16, up to the decryptions.
static DECRYPTED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = Board::prepare(&Plan { voters: vec![0; 6], ..smallest() });
    for (voter, m) in [(1, Scalar::from(2u64)), (3, -Scalar::ONE), (5, Scalar::from(1u64 << 16))] {
        board.vote(voter - 1);
        let ballot = forged(&board, voter, m);
        ballot.verify(&board.manifest, board.joint_key.public_key()).unwrap();
        board.cast(voter, ballot);
    }
    board.close();
    board.mix_all();
    board.decrypt_all(&[1]);
    board
});

#[test]
fn undecodable_votes_are_noted_count_for_nobody_and_stop_nothing() {
    let mut board = DECRYPTED.clone();
    board.publish();
    let report = board.audit();
    let text = render(&report);
    assert_eq!(report.verdict, Verdict::Passed, "{text}");
    assert_eq!(report.notes.iter().filter(|note| note.contains("no valid choice")).count(), 1, "{text}");
    assert!(text.contains("NOTE  contest \"q\": 3 ballots hold no valid choice"), "{text}");
    let result = report.result.unwrap();
    let contest = &result.contests[0];
    assert_eq!((contest.counted, contest.undecodable), (6, 3));
    assert_eq!(contest.votes.iter().map(|v| v.count).sum::<u64>(), 3);
    assert_eq!(result.tallies[0].outcome.as_ref().unwrap().contests[0].ballots, 3);
}

#[test]
fn undecodable_votes_that_are_given_to_somebody_or_kept_quiet_are_found() {
    let honest: Value = serde_json::to_value(DECRYPTED.compute()).unwrap();
    for (pointer, value) in [
        ("/contests/0/votes/0/count", json!(6)),
        ("/contests/0/undecodable", json!(0)),
        ("/contests/0/undecodable", json!(2)),
        ("/contests/0/counted", json!(3)),
        ("/tallies/0/outcome/contests/0/ballots", json!(6)),
    ] {
        let mut document = honest.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        let mut board = DECRYPTED.clone();
        board.publish_bytes(serde_json::to_vec(&document).unwrap());
        assert_fails(&board.audit(), "OUTCOME-3", "the election commission");
    }
}

/// Whoever copies such a ballot, or claims it without the secret, is refused like any other.
#[test]
fn a_forged_ballot_is_no_blueprint_for_other_voters() {
    let mut board = Board::prepare(&Plan { voters: vec![0; 3], ..smallest() });
    let ballot = forged(&board, 0, Scalar::from(2u64));
    board.cast(0, ballot.clone());
    let mut copied = ballot;
    copied.voter = board.keys.voters[1].0;
    let keys = Arc::clone(&board.keys);
    board.post(EntryBody::Ballot(copied), &keys.voters[1].1);
    let report = board.audit();
    assert_fails(&report, "CAST-1", &format!("voter {}", keys.voters[1].0));
    assert_eq!(report.check("CAST-1").unwrap().counts[0].done, 1);
    assert_eq!(board.manifest.space(ContestIndex(0)).unwrap().size(), 2);
}
