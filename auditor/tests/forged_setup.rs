//! Forged manifests, ceremonies, rolls, openings and closings, sealed by a colluding collector.

mod support;

use selge_auditor::{render, verify, Silent, Status, Verdict};
use selge_core::codec::Encode;
use selge_core::entry::{EntryBody, Opening};
use selge_core::ids::StyleIndex;
use std::sync::Arc;
use support::stages::{closing, first, DONE};
use support::{assert_fails, Board, CLOSES, OPENS};

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
    board.entries.push(DONE.entries[first(|b| matches!(b, EntryBody::Confirmation(_)))].clone());
    assert_fails(&board.audit(), "ENTRY-3", "trustee 1 (Trustee 1)");
}

#[test]
fn a_wrong_opening_is_refused() {
    let at = first(|b| matches!(b, EntryBody::Opening(_)));
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
    let at = first(|b| matches!(b, EntryBody::Roll(_)));
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
