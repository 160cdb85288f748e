//! Forged boards, each sealed by a colluding collector: the intended check fails and names who did it.

mod support;

use selge_auditor::{render, Status, Verdict};
use selge_core::entry::EntryBody;
use selge_core::ids::ElectionId;
use std::sync::Arc;
use support::stages::{first, is_decryption, is_mix, DONE, VOTED};
use support::{assert_fails, Board};

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
        (first(|b| matches!(b, EntryBody::Commitments(_))), "trustee 1 (Trustee 1)"),
        (first(|b| matches!(b, EntryBody::Roll(_))), "the registrar (Registrar)"),
        (first(|b| matches!(b, EntryBody::Opening(_))), "the election commission (Commission)"),
        (first(|b| matches!(b, EntryBody::Cancellation(_))), "the election commission (Commission)"),
        (first(|b| matches!(b, EntryBody::Closing(_))), "the election commission (Commission)"),
        (first(is_mix), "mix server 1 (Mix 1), contest \"mayor\""),
        (first(is_decryption), "trustee 1 (Trustee 1), contest \"mayor\""),
        (first(|b| matches!(b, EntryBody::Result(_))), "the election commission (Commission)"),
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
