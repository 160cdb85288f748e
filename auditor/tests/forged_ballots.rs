//! Forged ballots and cancellations, sealed by a colluding collector, with the commission's help where it takes that.

mod support;

use rand::rngs::OsRng;
use selge_auditor::{render, Verdict};
use selge_core::ballot::EncryptedBallot;
use selge_core::entry::{Cancellation, CancellationReason, EntryBody};
use selge_core::ids::{LeafHash, StyleIndex, VoterId};
use selge_core::rules::Choice;
use std::sync::Arc;
use support::stages::{closing, CLOSED, DONE, VOTED};
use support::{assert_fails, Board};

/// The town election with one more ballot of voter 9 before the second revote, honestly processed from there on.
fn with_ballot(of: impl Fn(&Board) -> EncryptedBallot) -> Board {
    let mut board = VOTED.clone();
    let ballot = of(&board);
    let keys = Arc::clone(&board.keys);
    board.post(EntryBody::Ballot(ballot), &keys.voters[9].1);
    board.entries.push(DONE.entries[closing(&DONE)].clone());
    board.close_again();
    board
}

fn voter(at: usize) -> String {
    format!("voter {}", DONE.keys.voters[at].0)
}

#[test]
fn a_copied_ballot_is_refused() {
    // Voter 9 casts voter 4's ciphertexts and proofs under its own name.
    let copied = with_ballot(|board| {
        let EntryBody::Ballot(mut ballot) = board.entries[board.ballots_of(4)[0]].body.clone() else { panic!() };
        ballot.voter = board.keys.voters[9].0;
        ballot.previous = board.entries[board.ballots_of(9)[0]].leaf_hash();
        ballot
    });
    let report = copied.audit();
    assert_fails(&report, "CAST-1", &voter(9));
    assert_eq!(report.check("CAST-1").unwrap().counts[0].expected - report.check("CAST-1").unwrap().counts[0].done, 1);
}

#[test]
fn a_ballot_of_another_style_contest_or_election_is_refused() {
    let key = |b: &Board| b.joint_key.public_key().clone();
    let previous = |b: &Board| b.entries[b.ballots_of(9)[0]].leaf_hash();
    let style = with_ballot(|b| {
        let choices = [Choice::One(0), Choice::Ranking(vec![1]), Choice::One(1)];
        let id = b.keys.voters[9].0;
        EncryptedBallot::encrypt(&b.manifest, &key(b), id, StyleIndex(1), previous(b), &choices, &mut OsRng).unwrap()
    });
    assert_fails(&style.audit(), "CAST-2", &voter(9));
    // Its own style's name on another's contests.
    let shape = with_ballot(|b| {
        let choices = [Choice::One(0), Choice::Ranking(vec![1]), Choice::One(1)];
        let id = b.keys.voters[9].0;
        let mut ballot =
            EncryptedBallot::encrypt(&b.manifest, &key(b), id, StyleIndex(1), previous(b), &choices, &mut OsRng)
                .unwrap();
        ballot.style = StyleIndex(0);
        ballot
    });
    assert_fails(&shape.audit(), "CAST-1", &voter(9));
    // Two contests in each other's place.
    let swapped = with_ballot(|b| {
        let mut ballot = b.ballot(9);
        ballot.contests.swap(0, 2);
        ballot
    });
    assert_fails(&swapped.audit(), "CAST-1", &voter(9));
    // A contest of the voter's own earlier ballot holds: the same voter, style and contest. It is no forgery.
    let mut other = Board::smallest();
    other.manifest = Arc::clone(&DONE.manifest);
    let foreign = with_ballot(|b| {
        let mut ballot = b.ballot(9);
        let foreign_key = other.joint_key.public_key().clone();
        let id = b.keys.voters[9].0;
        let choices = b.choices(9);
        let of =
            EncryptedBallot::encrypt(&b.manifest, &foreign_key, id, StyleIndex(0), previous(b), &choices, &mut OsRng);
        ballot.contests = of.unwrap().contests;
        ballot
    });
    assert_fails(&foreign.audit(), "CAST-1", &voter(9));
}

#[test]
fn a_ballot_of_nobody_on_the_roll_or_of_a_cancelled_voter_is_refused() {
    let stranger = with_ballot(|b| {
        let mut ballot = b.ballot(9);
        ballot.voter = VoterId([7; 16]);
        ballot
    });
    assert_fails(&stranger.audit(), "CAST-2", &format!("voter {}", VoterId([7; 16])));
    let mut cancelled = VOTED.clone();
    cancelled.vote(2);
    cancelled.entries.push(DONE.entries[closing(&DONE)].clone());
    cancelled.close_again();
    assert_fails(&cancelled.audit(), "CAST-2", &voter(2));
}

#[test]
fn a_replayed_ballot_is_refused() {
    let replayed = with_ballot(|b| {
        let mut ballot = b.ballot(9);
        ballot.previous = LeafHash::NONE;
        ballot
    });
    assert_fails(&replayed.audit(), "CAST-2", &voter(9));
}

#[test]
fn a_ballot_signed_by_another_voter_is_refused() {
    let mut board = VOTED.clone();
    let ballot = board.ballot(9);
    let keys = Arc::clone(&board.keys);
    board.post(EntryBody::Ballot(ballot), &keys.voters[8].1);
    assert_fails(&board.audit(), "ENTRY-2", &voter(9));
}

#[test]
fn a_ballot_after_the_closing_is_refused() {
    let mut board = CLOSED.clone();
    board.vote(9);
    assert_fails(&board.audit(), "ENTRY-3", &voter(9));
    let mut board = CLOSED.clone();
    board.cancel(9, CancellationReason::PaperVote);
    assert_fails(&board.audit(), "ENTRY-3", "the election commission");
}

#[test]
fn a_cancelled_or_superseded_ballot_that_is_counted_is_found() {
    // An honest election goes through; then the cancellation, or the revote, is slipped in before the closing.
    let slipped_in = |place: &dyn Fn(&mut Board)| {
        let mut board = DONE.clone();
        let at = closing(&board);
        let rest = board.entries.split_off(at);
        place(&mut board);
        board.entries.extend(rest);
        board.close_again();
        board.audit()
    };
    let cancelled = slipped_in(&|board| board.cancel(6, CancellationReason::PaperVote));
    assert_fails(&cancelled, "MIX-1", "mix server 1 (Mix 1), contest \"mayor\"");
    assert_eq!(cancelled.ballots.unwrap().counted, 8);
    let superseded = slipped_in(&|board| board.vote(6));
    assert_fails(&superseded, "MIX-1", "mix server 1 (Mix 1), contest \"mayor\"");
    // A cancellation of somebody who did not vote changes no list, and is allowed.
    let harmless = slipped_in(&|board| board.cancel(11, CancellationReason::PaperVote));
    assert_eq!(harmless.verdict, Verdict::Passed, "{}", render(&harmless));
}

#[test]
fn an_uncancelled_ballot_that_is_dropped_is_found() {
    let mut board = DONE.clone();
    let id = board.keys.voters[2].0;
    let at = board.places(|b| matches!(b, EntryBody::Cancellation(Cancellation { voter, .. }) if *voter == id))[0];
    board.entries.remove(at);
    board.close_again();
    assert_fails(&board.audit(), "MIX-1", "mix server 1");
}
