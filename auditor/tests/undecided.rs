//! Votes for which a counting rule has no answer: the result says so, and everything else stands.

mod support;

use selge_auditor::{render, Verdict};
use serde_json::json;
use support::plan::Plan;
use support::Board;

/// Seven seats and four lists of 1.75 quotas each, all rounded up to two seats (TALLY-6).
fn four_equal_lists() -> Plan {
    let candidates: serde_json::Value = (0..8)
        .map(|i| json!({"id": format!("c{i}"), "name": format!("Candidate {i}"), "list": format!("L{}", i % 4)}))
        .collect();
    let lists: serde_json::Value =
        (0..4).map(|i| json!({"list": format!("L{i}"), "order": [format!("c{i}"), format!("c{}", i + 4)]})).collect();
    Plan {
        contests: json!([{"id": "q", "title": "Q", "rule": {"type": "party_list", "blank": false},
                          "candidates": candidates}]),
        tallies: json!([
            {"id": "seats", "title": "Seats", "contests": ["q"],
             "rule": {"type": "riigikogu", "districts": [{"contest": "q", "seats": 7}], "lists": lists}},
            {"id": "votes", "title": "Votes", "contests": ["q"], "rule": {"type": "plurality", "seats": 1}},
        ]),
        voters: vec![0; 28],
        ..support::plan::smallest()
    }
}

#[test]
fn a_rule_without_an_answer_stops_neither_the_result_nor_the_audit() {
    let mut board = Board::prepare(&four_equal_lists());
    (0..28).for_each(|voter| board.vote(voter));
    board.finish_with(&[1]);
    let report = board.audit();
    let text = render(&report);
    assert_eq!(report.verdict, Verdict::Passed, "{text}");
    let result = report.result.as_ref().unwrap();
    assert!(result.tallies[0].undecided && result.tallies[0].outcome.is_none());
    assert!(!result.tallies[1].undecided && result.tallies[1].outcome.is_some());
    assert_eq!(result.contests[0].votes.iter().map(|v| v.count).sum::<u64>(), 28);
    assert!(text.contains("not decided"), "{text}");
    // Where there is an answer the result has no such field, and cannot be given one.
    let json = serde_json::to_string(&board.compute()).unwrap();
    assert_eq!(json.matches("undecided").count(), 1);
}
