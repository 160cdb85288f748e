//! Forged records, each sealed by a colluding collector: the intended check fails and names who did it.

mod support;

use rand::rngs::OsRng;
use selge_auditor::{render, verify, Silent, Status, Verdict};
use selge_core::ballot::EncryptedBallot;
use selge_core::codec::Encode;
use selge_core::elgamal::{Ciphertext, CiphertextList};
use selge_core::entry::{Cancellation, CancellationReason, EntryBody, Opening};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, ElectionId, LeafHash, StyleIndex, VoterId};
use selge_core::rules::Choice;
use selge_core::shuffle::shuffle;
use std::sync::{Arc, LazyLock};
use support::{assert_fails, chain_holds, Board, CLOSES, OPENS};

const MAYOR: ContestIndex = ContestIndex(0);

// One election at four stages.
static VOTED: LazyLock<Board> = LazyLock::new(Board::town_voted);
static CLOSED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = VOTED.clone();
    board.close();
    board
});
static MIXED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = CLOSED.clone();
    board.mix_all();
    board
});
static DONE: LazyLock<Board> = LazyLock::new(|| {
    let mut board = MIXED.clone();
    board.decrypt_all(&[1, 3]);
    board.publish();
    board
});

fn is_mix(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Mix(_))
}

fn is_decryption(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Decryption(_))
}

fn closing(board: &Board) -> usize {
    board.places(|b| matches!(b, EntryBody::Closing(_)))[0]
}

// The board

#[test]
fn a_checkpoint_of_another_key_is_not_the_collectors() {
    let board = DONE.clone();
    let mut other = Board::smallest();
    other.entries = board.entries.clone();
    other.manifest = Arc::clone(&board.manifest);
    other.files = board.files.clone();
    assert_fails(&other.audit(), "BOARD-1", "the collector (board.example)");
}

#[test]
fn entries_that_do_not_lead_to_the_checkpoint_are_a_fork() {
    let mut record = DONE.record();
    record.files.insert("checkpoint".into(), {
        let mut shorter = DONE.clone();
        // Same size, other content: the last entry is signed by the commission anew.
        let result = shorter.entries.pop().unwrap().body;
        shorter.entries.push(result.sign(&ElectionId([0; 32]), &DONE.keys.commission));
        shorter.record().files.remove("checkpoint").unwrap()
    });
    assert_fails(&support::audit(&record), "BOARD-3", "the collector (board.example)");
}

#[test]
fn a_huge_signed_size_costs_nothing() {
    let origin = DONE.manifest.log_key().origin;
    for size in [DONE.entries.len() as u64 + 1, 1 << 40, u64::MAX] {
        let mut record = DONE.record();
        let checkpoint = selge_core::note::Checkpoint { origin: origin.clone(), size, root: [1; 32] };
        record.files.insert("checkpoint".into(), checkpoint.sign(&DONE.keys.collector).into_bytes());
        let report = support::audit(&record);
        assert_ne!(report.verdict, Verdict::Passed);
        assert_eq!(report.check("BOARD-2").unwrap().status, Status::NotRun, "{}", render(&report));
    }
}

#[test]
fn dropped_doubled_and_swapped_entries_are_found() {
    let at = VOTED.ballots_of(7)[0];
    let mut dropped = DONE.clone();
    dropped.entries.remove(at);
    assert_fails(&dropped.audit(), "PERIOD-2", "the election commission");
    // With the commission's help the closing fits again: then the first mix does not.
    dropped.close_again();
    assert_fails(&dropped.audit(), "MIX-1", "mix server 1 (Mix 1), contest \"mayor\"");

    let mut doubled = DONE.clone();
    doubled.entries.insert(at, doubled.entries[at].clone());
    let voter = format!("voter {}", DONE.keys.voters[7].0);
    assert_fails(&doubled.audit(), "CAST-2", &voter);

    let mut swapped = DONE.clone();
    swapped.entries.swap(at, at + 1);
    assert_fails(&swapped.audit(), "PERIOD-2", "the election commission");
    swapped.close_again();
    assert_fails(&swapped.audit(), "MIX-1", "mix server 1");
}

#[test]
fn a_dropped_revote_is_found() {
    // Voter 0 cast three ballots: without the second, the third follows one that is not there.
    let mut board = DONE.clone();
    board.entries.remove(board.ballots_of(0)[1]);
    board.close_again();
    assert_fails(&board.audit(), "CAST-2", &format!("voter {}", DONE.keys.voters[0].0));
    let mut board = DONE.clone();
    board.entries.remove(board.ballots_of(0)[2]);
    board.close_again();
    assert_fails(&board.audit(), "MIX-1", "mix server 1");
}

#[test]
fn a_dropped_result_mix_or_decryption_is_found() {
    let mut board = DONE.clone();
    board.entries.remove(board.places(is_mix)[1]);
    assert_fails(&board.audit(), "MIX-1", "mix server 3 (Mix 3), contest \"mayor\"");
    let mut board = DONE.clone();
    board.entries.remove(board.places(is_mix)[2]);
    assert_fails(&board.audit(), "MIX-1", "trustee 1 (Trustee 1), contest \"mayor\"");
    let mut board = DONE.clone();
    board.entries.remove(board.places(is_decryption)[0]);
    assert_fails(&board.audit(), "OUTCOME-1", "the election commission");
    let mut board = DONE.clone();
    board.unpublish();
    assert_eq!(board.audit().verdict, Verdict::Incomplete);
}

#[test]
fn an_entry_after_the_result_is_refused() {
    let mut board = DONE.clone();
    board.entries.push(board.entries[board.places(is_decryption)[0]].clone());
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(report.check("ENTRY-3").unwrap().status, Status::Failed, "{}", render(&report));
    assert_eq!(report.check("OUTCOME-1").unwrap().status, Status::NotRun);
}

#[test]
fn another_roles_signature_is_refused() {
    for (kind, culprit) in [
        (board_place(|b| matches!(b, EntryBody::Commitments(_))), "trustee 1 (Trustee 1)"),
        (board_place(|b| matches!(b, EntryBody::Roll(_))), "the registrar (Registrar)"),
        (board_place(|b| matches!(b, EntryBody::Opening(_))), "the election commission (Commission)"),
        (board_place(|b| matches!(b, EntryBody::Cancellation(_))), "the election commission (Commission)"),
        (board_place(|b| matches!(b, EntryBody::Closing(_))), "the election commission (Commission)"),
        (board_place(is_mix), "mix server 1 (Mix 1), contest \"mayor\""),
        (board_place(is_decryption), "trustee 1 (Trustee 1), contest \"mayor\""),
        (board_place(|b| matches!(b, EntryBody::Result(_))), "the election commission (Commission)"),
    ] {
        let mut board = DONE.clone();
        let body = board.entries[kind].body.clone();
        board.entries[kind] = body.sign(board.manifest.id(), &board.keys.collector);
        assert_fails(&board.audit(), "ENTRY-2", culprit);
    }
    let mut board = DONE.clone();
    let body = board.entries[0].body.clone();
    board.entries[0] = body.sign(board.manifest.id(), &board.keys.collector);
    assert_fails(&board.audit(), "ELECTION-1", "the election commission (Commission)");
}

fn board_place(of: impl Fn(&EntryBody) -> bool) -> usize {
    DONE.places(of)[0]
}

// Manifest, ceremony, roll, opening

#[test]
fn a_changed_manifest_is_another_election() {
    let board = DONE.clone();
    let EntryBody::Manifest(digest) = board.entries[0].body else { panic!() };
    let text = String::from_utf8(board.files[&digest].clone()).unwrap();
    let changed = text.replace("\"privacy_floor\": 3", "\"privacy_floor\": 2").into_bytes();
    assert_ne!(changed, text.as_bytes());
    // The file alone.
    let mut record = board.record();
    record.files.insert(format!("files/{digest}"), changed.clone());
    assert_fails(&support::audit(&record), "FILE-4", "manifest");
    // Commission and collector together: every other signature is for the true election.
    let mut forged = board.clone();
    forged.manifest = Arc::new(selge_core::manifest::Manifest::parse(&changed).unwrap());
    let file = forged.file(changed);
    forged.entries[0] = EntryBody::Manifest(file).sign(forged.manifest.id(), &board.keys.commission);
    assert_fails(&forged.audit(), "ENTRY-2", "trustee 1 (Trustee 1)");
    // Everybody together: then only the published id tells.
    let other = Board::smallest();
    let report = verify(&other.record(), Some(*board.manifest.id()), &Silent);
    assert_fails_id(&report);
}

#[track_caller]
fn assert_fails_id(report: &selge_auditor::Report) {
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(report.check("ELECTION-2").unwrap().status, Status::Failed);
    assert_eq!(report.checks.iter().filter(|c| c.status == Status::Failed).count(), 1, "{}", render(report));
}

#[test]
fn ceremony_messages_of_another_are_refused() {
    let commitments = DONE.places(|b| matches!(b, EntryBody::Commitments(_)));
    // A trustee that posts another's commitments as its own cannot prove possession.
    let mut board = DONE.clone();
    let EntryBody::Commitments(mut stolen) = board.entries[commitments[0]].body.clone() else { panic!() };
    stolen.trustee = selge_core::ids::TrusteeIndex(2);
    board.entries[commitments[1]] = EntryBody::Commitments(stolen).sign(board.manifest.id(), &board.keys.trustees[1]);
    assert_fails(&board.audit(), "CEREMONY-1", "trustee 2 (Trustee 2)");
    // A confirmation of another key.
    let mut board = DONE.clone();
    let at = board.places(|b| matches!(b, EntryBody::Confirmation(_)))[2];
    let EntryBody::Confirmation(mut m) = board.entries[at].body.clone() else { panic!() };
    m.joint_key += m.joint_key;
    board.entries[at] = EntryBody::Confirmation(m).sign(board.manifest.id(), &board.keys.trustees[2]);
    assert_fails(&board.audit(), "CEREMONY-2", "trustee 3 (Trustee 3)");
    // No confirmation at all.
    let mut board = DONE.clone();
    board.entries.remove(at);
    let report = board.audit();
    assert_fails(&report, "ENTRY-3", "the election commission");
    assert!(report.check("CEREMONY-2").unwrap().missing.iter().any(|m| m.contains("trustee 3")), "{}", render(&report));
}

#[test]
fn a_complaint_ends_the_election_and_the_convicted_trustee_is_named() {
    // Trustee 2 accuses trustee 1, whose shares are right: the complaint convicts trustee 2.
    let mut board = DONE.clone();
    board.entries.truncate(board.places(|b| matches!(b, EntryBody::Confirmation(_)))[0]);
    let (accuser, dealer) = (selge_core::ids::TrusteeIndex(2), selge_core::ids::TrusteeIndex(1));
    let complaint = board.state().round1().unwrap().complain(accuser, dealer, &board.secrets[1]);
    let keys = Arc::clone(&board.keys);
    board.post(EntryBody::Complaint(complaint), &keys.trustees[1]);
    let report = board.audit();
    assert_fails(&report, "CEREMONY-2", "trustee 2 (Trustee 2)");
    assert_eq!(report.phase.as_deref(), Some("aborted"));
    // Nobody can go on as if there had been no complaint.
    board.entries.push(DONE.entries[board_place(|b| matches!(b, EntryBody::Confirmation(_)))].clone());
    assert_fails(&board.audit(), "ENTRY-3", "trustee 1 (Trustee 1)");
}

#[test]
fn a_wrong_opening_is_refused() {
    let at = board_place(|b| matches!(b, EntryBody::Opening(_)));
    let EntryBody::Opening(honest) = DONE.entries[at].body.clone() else { panic!() };
    let other_key = honest.joint_key + honest.joint_key;
    for opening in [
        Opening { joint_key: other_key, ..honest.clone() },
        Opening { roll: selge_core::ids::Digest([0; 32]), ..honest.clone() },
        Opening { time: OPENS - 1, ..honest.clone() },
        Opening { time: CLOSES, ..honest },
    ] {
        let mut board = DONE.clone();
        board.entries[at] = EntryBody::Opening(opening).sign(board.manifest.id(), &board.keys.commission);
        assert_fails(&board.audit(), "PERIOD-1", "the election commission");
    }
}

#[test]
fn an_early_closing_is_refused() {
    let mut board = DONE.clone();
    let at = closing(&board);
    let EntryBody::Closing(mut m) = board.entries[at].body.clone() else { panic!() };
    m.time = CLOSES - 1;
    board.entries[at] = EntryBody::Closing(m).sign(board.manifest.id(), &board.keys.commission);
    assert_fails(&board.audit(), "PERIOD-2", "the election commission");
}

#[test]
fn a_changed_roll_is_found() {
    let at = board_place(|b| matches!(b, EntryBody::Roll(_)));
    let mut entries = DONE.roll.entries().to_vec();
    entries[0].style = StyleIndex(1 - entries[0].style.0);
    let roll = selge_core::roll::Roll::new(entries.clone()).unwrap().to_bytes();
    // Registrar and collector put another roll on the board: the opening names the true one.
    let mut board = DONE.clone();
    let digest = board.file(roll);
    board.entries[at] = EntryBody::Roll(digest).sign(board.manifest.id(), &board.keys.registrar);
    assert_fails(&board.audit(), "PERIOD-1", "the election commission");
    // A roll with a style that does not exist.
    entries[0].style = StyleIndex(9);
    let roll = selge_core::roll::Roll::new(entries).unwrap().to_bytes();
    let mut unordered = roll.clone();
    unordered[4..104].rotate_left(50);
    for bytes in [roll, unordered, Vec::new(), vec![0xff; 64]] {
        let mut board = DONE.clone();
        let digest = board.file(bytes);
        board.entries[at] = EntryBody::Roll(digest).sign(board.manifest.id(), &board.keys.registrar);
        let report = board.audit();
        assert_eq!(report.check("VOTERS-1").unwrap().status, Status::Failed, "{}", render(&report));
        assert_eq!(report.verdict, Verdict::Failed);
    }
}

// Ballots

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

// Mixes

/// The list with its first vector replaced by an encryption of zero under the joint key.
fn replaced(board: &Board, list: &CiphertextList) -> Arc<CiphertextList> {
    let vectors: Vec<Vec<Ciphertext>> =
        (0..list.len()).map(|i| (0..list.width()).map(|limb| list.ciphertext(i, limb).unwrap()).collect()).collect();
    let zero = selge_core::group::random_scalar(&mut OsRng);
    let mut vectors = vectors;
    vectors[0][0] = board.joint_key.public_key().encrypt_zero(&zero);
    Arc::new(CiphertextList::from_vectors(list.width(), vectors.iter().map(Vec::as_slice)).unwrap())
}

#[test]
fn a_mix_that_replaces_a_ballot_is_found_and_the_server_named() {
    for evil in 1..=3u16 {
        let mut board = CLOSED.clone();
        for mix in 1..=3 {
            if mix == evil {
                let honest = Arc::clone(&board.lists[&MAYOR]);
                let real = replaced(&board, &honest);
                board.mix_as_if(MAYOR, mix, &real, &honest);
            } else {
                board.mix(MAYOR, mix);
            }
        }
        for contest in [1, 2] {
            (1..=3).for_each(|mix| board.mix(ContestIndex(contest), mix));
        }
        board.decrypt_all(&[1, 3]);
        board.publish();
        let report = board.audit();
        assert_fails(&report, "MIX-2", &format!("mix server {evil} (Mix {evil}), contest \"mayor\""));
        assert_eq!(report.check("MIX-2").unwrap().findings.len(), 1);
        assert_eq!(report.check("MIX-2").unwrap().counts[0].done, u64::from(evil) - 1 + 6);
        assert_eq!(report.check("OUTCOME-3").unwrap().status, Status::NotRun);
    }
}

#[test]
fn a_proof_of_another_mix_or_contest_is_found() {
    let mixes = MIXED.places(is_mix);
    let proof = |at: usize| match &MIXED.entries[mixes[at]].body {
        EntryBody::Mix(m) => m.proof,
        _ => panic!(),
    };
    // Mayor and council have the same count and width, so only context and lists differ.
    for (at, from, server) in [(0, 6, 1), (1, 7, 2), (1, 0, 2), (2, 1, 3), (0, 3, 1)] {
        let mut board = MIXED.clone();
        let EntryBody::Mix(mut m) = board.entries[mixes[at]].body.clone() else { panic!() };
        m.proof = proof(from);
        board.entries[mixes[at]] = EntryBody::Mix(m).sign(board.manifest.id(), &board.keys.mixes[server - 1]);
        board.decrypt_all(&[1, 3]);
        board.publish();
        assert_fails(&board.audit(), "MIX-2", &format!("mix server {server} (Mix {server}), contest \"mayor\""));
    }
    let mayor = Arc::clone(CLOSED.lists.get(&MAYOR).unwrap());
    assert!(!chain_holds(&MIXED, MAYOR, &mayor, &[(output(0), proof(6))]), "the forgery must be one");
    assert!(chain_holds(&MIXED, MAYOR, &mayor, &[(output(0), proof(0))]));
}

fn output(at: usize) -> selge_core::ids::Digest {
    match &MIXED.entries[MIXED.places(is_mix)[at]].body {
        EntryBody::Mix(m) => m.output,
        _ => panic!(),
    }
}

#[test]
fn a_shuffle_that_was_proven_for_another_place_is_found() {
    // Mix server 2 proves its shuffle in the place of mix server 1.
    let mut board = CLOSED.clone();
    board.mix(MAYOR, 1);
    let input = Arc::clone(&board.lists[&MAYOR]);
    let ctx = board.mix_context(MAYOR, 1);
    let (bytes, list, proof) = shuffle(&ctx, &Generators::new(input.len()), &input, &mut OsRng).unwrap();
    let (output, proof) = (board.file(bytes), board.file(proof.to_bytes()));
    let body = selge_core::entry::Mix {
        contest: MAYOR,
        mix: selge_core::ids::MixIndex(2),
        input: *input.digest(),
        output,
        proof,
    };
    let keys = Arc::clone(&board.keys);
    board.post(EntryBody::Mix(body), &keys.mixes[1]);
    board.lists.insert(MAYOR, list);
    assert_fails(&board.audit(), "MIX-2", "mix server 2 (Mix 2), contest \"mayor\"");
}

#[test]
fn a_repeated_mix_and_a_mix_of_a_withheld_contest_are_found() {
    let mut board = MIXED.clone();
    let places = board.places(is_mix);
    board.entries.push(board.entries[places[2]].clone());
    assert_fails(&board.audit(), "MIX-1", "mix server 3 (Mix 3), contest \"mayor\"");
    let mut board = CLOSED.clone();
    let village = ContestIndex(3);
    let list = Arc::clone(&board.lists[&MAYOR]);
    board.mix_as_if(village, 1, &list, &list);
    assert_fails(&board.audit(), "MIX-1", "mix server 1 (Mix 1), contest \"village\"");
}

#[test]
fn a_mix_of_another_length_or_with_malformed_points_is_found() {
    let places = MIXED.places(is_mix);
    let EntryBody::Mix(honest) = MIXED.entries[places[2]].body.clone() else { panic!() };
    let list = MIXED.files[&honest.output].clone();
    let shorter = {
        let mut bytes = list[..list.len() - 64].to_vec();
        bytes[3] -= 1;
        bytes
    };
    let mut identity = list.clone();
    identity[6..38].fill(0);
    let mut garbage = list.clone();
    garbage[38..70].fill(0xff);
    for bytes in [shorter, identity, garbage, Vec::new(), list[..100].to_vec()] {
        let mut board = MIXED.clone();
        let output = board.file(bytes);
        let m = selge_core::entry::Mix { output, ..honest.clone() };
        board.entries[places[2]] = EntryBody::Mix(m).sign(board.manifest.id(), &board.keys.mixes[2]);
        assert_fails(&board.audit(), "MIX-2", "mix server 3 (Mix 3), contest \"mayor\"");
    }
    let mut longer = list;
    longer.extend([0; 64]);
    let mut board = MIXED.clone();
    let output = board.file(longer);
    let m = selge_core::entry::Mix { output, ..honest };
    board.entries[places[2]] = EntryBody::Mix(m).sign(board.manifest.id(), &board.keys.mixes[2]);
    assert_fails(&board.audit(), "FILE-4", "mix server 3 (Mix 3), contest \"mayor\"");
}

// Decryptions and result

#[test]
fn a_wrong_share_is_found_and_the_trustee_named() {
    let mut board = MIXED.clone();
    for contest in 0..3 {
        board.decrypt(ContestIndex(contest), 1, 1);
        // Trustee 3 uses trustee 2's share for one contest.
        board.decrypt(ContestIndex(contest), 3, if contest == 1 { 2 } else { 3 });
    }
    board.publish_bytes(serde_json::to_vec(&DONE.compute()).unwrap());
    let report = board.audit();
    assert_fails(&report, "DECRYPT-2", "trustee 3 (Trustee 3), contest \"parks\"");
    assert_eq!(report.check("DECRYPT-2").unwrap().findings.len(), 1);
    assert_eq!(report.check("DECRYPT-2").unwrap().counts[0].done, 5);
    // One trustee more than needed, and that one is wrong: it is found although nobody counts with it.
    let mut board = MIXED.clone();
    board.decrypt_all(&[1, 3]);
    board.decrypt(MAYOR, 2, 1);
    board.publish_bytes(Vec::new());
    assert_fails(&board.audit(), "DECRYPT-2", "trustee 2 (Trustee 2), contest \"mayor\"");
}

#[test]
fn factors_of_another_contest_or_too_few_are_found() {
    let mut decrypted = MIXED.clone();
    decrypted.decrypt_all(&[1, 3]);
    let places = decrypted.places(is_decryption);
    let EntryBody::Decryption(honest) = decrypted.entries[places[0]].body.clone() else { panic!() };
    let EntryBody::Decryption(council) = decrypted.entries[places[4]].body.clone() else { panic!() };
    let full = decrypted.files[&honest.factors].clone();
    let fewer = {
        let mut bytes = full[..full.len() - 128].to_vec();
        bytes.extend_from_slice(&full[full.len() - 96..]);
        bytes[3] -= 1;
        bytes
    };
    let of_council = decrypted.files[&council.factors].clone();
    for bytes in [fewer, of_council, Vec::new()] {
        let mut board = decrypted.clone();
        let factors = board.file(bytes);
        let m = selge_core::entry::Decryption { factors, ..honest.clone() };
        board.entries[places[0]] = EntryBody::Decryption(m).sign(board.manifest.id(), &board.keys.trustees[0]);
        board.publish_bytes(Vec::new());
        assert_fails(&board.audit(), "DECRYPT-2", "trustee 1 (Trustee 1), contest \"mayor\"");
    }
    // A decryption of the list before the last mix.
    let mut board = decrypted.clone();
    let m = selge_core::entry::Decryption { input: output(1), ..honest };
    board.entries[places[0]] = EntryBody::Decryption(m).sign(board.manifest.id(), &board.keys.trustees[0]);
    assert_fails(&board.audit(), "MIX-1", "trustee 1 (Trustee 1), contest \"mayor\"");
}

#[test]
fn an_altered_result_is_found_even_if_the_commission_signs_it() {
    let mut honest = DONE.clone();
    let bytes = honest.unpublish();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let altered = |pointer: &str, value: serde_json::Value| {
        let mut board = honest.clone();
        let mut document = document.clone();
        *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        board.publish_bytes(serde_json::to_vec_pretty(&document).unwrap());
        board.audit()
    };
    let commission = "the election commission (Commission)";
    for (pointer, value) in [
        ("/contests/0/votes/0/count", 99.into()),
        ("/contests/1/undecodable", 1.into()),
        ("/contests/3/withheld", false.into()),
        ("/contests/2/contest", "mayor".into()),
        ("/tallies/0/outcome/elected/0/candidate", "nobody".into()),
        ("/tallies/1/outcome/elected", serde_json::json!([])),
        ("/ballots/counted", 10.into()),
        ("/election", "00".repeat(32).into()),
        ("/format", "selge-result/2".into()),
    ] {
        let report = altered(pointer, value);
        // A contest that another's id hides is missing from the document.
        let check = if pointer == "/contests/2/contest" { "OUTCOME-2" } else { "OUTCOME-3" };
        assert_fails(&report, check, commission);
    }
    // Trustees that did not decrypt, too few, too many, doubled, out of order.
    for trustees in [vec![1, 2], vec![1], vec![1, 2, 3], vec![1, 1], vec![3, 1], vec![], vec![1, 9], vec![0, 1]] {
        assert_fails(&altered("/contests/0/trustees", trustees.into()), "OUTCOME-2", commission);
    }
    // More than the result: a field that the types would skip.
    let mut more = document.clone();
    more.pointer_mut("/tallies/0/outcome/elected/0/mandate")
        .unwrap()
        .as_object_mut()
        .unwrap()
        .insert("really".into(), "somebody else".into());
    let mut board = honest.clone();
    board.publish_bytes(serde_json::to_vec(&more).unwrap());
    assert_fails(&board.audit(), "OUTCOME-3", commission);
    let mut spaced = serde_json::to_vec(&document).unwrap();
    spaced.resize(10 * bytes.len(), b' ');
    let mut board = honest.clone();
    board.publish_bytes(spaced);
    assert_fails(&board.audit(), "OUTCOME-3", commission);
    // No document at all.
    let mut board = honest.clone();
    board.publish_bytes(b"{}".to_vec());
    assert_fails(&board.audit(), "OUTCOME-1", commission);
    // Another layout of the same document is the same result.
    let mut board = honest.clone();
    board.publish_bytes(serde_json::to_vec(&document).unwrap());
    assert_eq!(board.audit().verdict, Verdict::Passed);
}

#[test]
fn a_result_of_another_election_is_found() {
    let mut board = DONE.clone();
    board.unpublish();
    board.publish_bytes(serde_json::to_vec(&Board::smallest().compute()).unwrap());
    assert_eq!(board.audit().check("OUTCOME-2").unwrap().status, Status::Failed);
}
