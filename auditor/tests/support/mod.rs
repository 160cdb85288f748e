//! The corpus's elections, and what these tests ask of a report.

#![allow(dead_code, unreachable_pub, unused_imports, missing_docs)] // a room of each test binary, which uses a part of it

pub mod server;

use selge_auditor::{render, Report, Status, Verdict};
pub use selge_corpus::board::{audit, plan, smallest, stages, town, witness_name, Board, Keys, Plan, CLOSES, OPENS};

/// Checks that the audit fails in `check`, naming `culprit`.
#[track_caller]
pub fn assert_fails(report: &Report, check: &str, culprit: &str) {
    assert_eq!(report.verdict, Verdict::Failed, "{}", render(report));
    let found = report.check(check).unwrap();
    assert_eq!(found.status, Status::Failed, "{check}\n{}", render(report));
    let named = found.findings.iter().any(|f| f.culprit.contains(culprit));
    assert!(named, "{check} does not name {culprit:?}:\n{}", render(report));
    let of_the_board = ["FILE", "BOARD", "ENTRY"].iter().any(|of| check.starts_with(of));
    assert!(report.result.is_none() || of_the_board, "a forged result is shown");
}
