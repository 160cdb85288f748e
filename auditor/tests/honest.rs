//! Honest records pass; those of an election under way are incomplete, and say what is missing.

mod support;

use selge_auditor::{checks, render, verify, Report, Silent, Status, Verdict};
use selge_core::entry::{CancellationReason, EntryBody};
use support::stages::{closing, DONE};
use support::{audit, Board};

fn status(report: &Report, id: &str) -> Status {
    report.check(id).unwrap().status
}

fn count(report: &Report, id: &str, what: &str) -> (u64, u64) {
    let counts = &report.check(id).unwrap().counts;
    let count = counts.iter().find(|c| c.what == what).unwrap_or_else(|| panic!("{id} counts no {what}"));
    (count.done, count.expected)
}

#[test]
fn an_honest_record_passes_every_check_with_full_counts() {
    let board = Board::town();
    let report = verify(&board.record(), Some(*board.manifest.id()), &Silent);
    let text = render(&report);
    assert_eq!(report.verdict, Verdict::Passed, "{text}");
    assert_eq!(report.checks.len(), checks::ALL.len());
    assert!(report.checks.iter().all(|c| c.status == Status::Passed), "{text}");
    assert_eq!(count(&report, "CAST-1", "ballots"), (14, 14));
    assert_eq!(count(&report, "MIX-2", "mixes"), (9, 9));
    assert_eq!(count(&report, "MIX-1", "mixes"), (9, 9));
    assert_eq!(count(&report, "DECRYPT-2", "decryptions"), (9, 9));
    assert_eq!(count(&report, "CAST-3", "contests"), (4, 4));
    assert_eq!(count(&report, "OUTCOME-2", "contests"), (3, 3));
    assert_eq!(count(&report, "ENTRY-2", "entries"), (board.entries.len() as u64, board.entries.len() as u64));
    let ballots = report.ballots.unwrap();
    assert_eq!((ballots.cast, ballots.superseded, ballots.cancelled, ballots.counted), (14, 3, 2, 9));
    let result = report.result.as_ref().unwrap();
    assert_eq!(result, &board.compute());
    assert!(result.contests[3].withheld);
    assert!(text.contains("PASSED") && text.contains("RESULT  Mayor"), "{text}");
}

#[test]
fn without_the_id_the_report_asks_to_compare_it() {
    let board = Board::smallest();
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    assert!(report.check("ELECTION-2").is_none());
    assert_eq!(report.election, Some(board.manifest.id().to_string()));
    assert!(render(&report).contains("compare this with what the commission published"));
}

#[test]
fn the_json_report_reads_back() {
    let report = Board::smallest().audit();
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}

#[test]
fn an_election_under_way_is_incomplete_at_every_entry() {
    let board = Board::smallest();
    for size in 1..board.entries.len() {
        let mut under_way = board.clone();
        under_way.entries.truncate(size);
        let report = under_way.audit();
        assert_eq!(report.verdict, Verdict::Incomplete, "{size} entries\n{}", render(&report));
        for id in
            ["BOARD-1", "BOARD-2", "BOARD-3", "BOARD-4", "ENTRY-1", "ENTRY-2", "ENTRY-3", "FILE-2", "FILE-3", "FILE-4"]
        {
            assert_eq!(status(&report, id), Status::Passed, "{id} at {size} entries\n{}", render(&report));
        }
        let last = &board.entries[size];
        let waiting = report.checks.iter().filter(|c| c.status == Status::NotRun).count();
        assert!(waiting > 0 && report.result.is_none(), "before {:?}", last.body.kind());
    }
}

#[test]
fn what_is_missing_is_named() {
    let mut board = Board::town();
    board.unpublish();
    assert_eq!(status(&board.audit(), "OUTCOME-1"), Status::NotRun);
    let places = board.places(|b| matches!(b, EntryBody::Mix(_)));
    board.entries.truncate(places[5]);
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", render(&report));
    assert_eq!(count(&report, "MIX-2", "mixes"), (5, 9));
    let missing = &report.check("MIX-1").unwrap().missing;
    assert!(missing.iter().any(|m| m.contains("parks") && m.contains("mix server 3 (Mix 3)")), "{missing:?}");
    assert!(missing.iter().any(|m| m.contains("council") && m.contains("mix server 1 (Mix 1)")), "{missing:?}");
    assert!(!missing.iter().any(|m| m.contains("village")), "{missing:?}");
}

#[test]
fn more_decryptions_than_needed_are_checked_too() {
    let mut board = Board::town_voted();
    board.close();
    board.mix_all();
    board.decrypt_all(&[1, 2, 3, 5]);
    board.publish();
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    assert_eq!(count(&report, "DECRYPT-2", "decryptions"), (12, 12));
}

#[test]
fn a_cancellation_of_somebody_who_did_not_vote_changes_no_count() {
    let mut board = DONE.clone();
    let at = closing(&board);
    let rest = board.entries.split_off(at);
    board.cancel(11, CancellationReason::PaperVote);
    board.entries.extend(rest);
    board.close_again();
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
}

#[test]
fn another_layout_of_the_result_is_the_same_result() {
    let mut board = DONE.clone();
    let document: serde_json::Value = serde_json::from_slice(&board.unpublish()).unwrap();
    board.publish_bytes(serde_json::to_vec(&document).unwrap());
    assert_eq!(board.audit().verdict, Verdict::Passed);
}

#[test]
fn an_election_without_ballots_passes_with_nothing_to_count() {
    let mut board = Board::prepare(&support::town());
    board.finish();
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    assert_eq!(count(&report, "MIX-2", "mixes"), (0, 0));
    assert!(report.result.unwrap().contests.iter().all(|c| c.withheld));
}

#[test]
fn nothing_at_all_is_incomplete() {
    let report = audit(&selge_auditor::MemorySource::default());
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!(report.checks.iter().all(|c| c.status == Status::NotRun), "{}", render(&report));
}
