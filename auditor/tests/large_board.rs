//! Boards of more than one bundle and one level of tiles.

mod support;

use selge_auditor::{render, Status, Verdict};
use selge_core::entry::CancellationReason;
use support::{assert_fails, smallest, Board, Plan};

#[test]
fn a_board_of_several_bundles_and_tile_levels_passes_and_every_tile_counts() {
    // Cancellations are the cheapest entries: 300 voters who do not vote are cancelled.
    let mut board = Board::prepare(&Plan { voters: vec![0; 302], ..smallest() });
    board.vote(0);
    board.vote(1);
    (2..302).for_each(|voter| board.cancel(voter, CancellationReason::PaperVote));
    board.finish_with(&[1]);
    let record = board.record();
    let report = support::audit(&record);
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    for path in ["tile/0/000", "tile/1/000.p/1"] {
        let mut changed = record.clone();
        changed.files.get_mut(path).unwrap()[7] ^= 1;
        assert_fails(&support::audit(&changed), "BOARD-4", path);
    }
    let second = record.files.keys().find(|p| p.starts_with("tile/entries/001.p/")).unwrap();
    let mut missing = record.clone();
    missing.files.remove(second);
    let report = support::audit(&missing);
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", render(&report));
    assert!(report.check("BOARD-2").unwrap().missing.iter().any(|m| m.contains(second)));
    // The entries of the first bundle are in order, and are not all.
    for id in ["BOARD-3", "ENTRY-1", "ENTRY-2", "ENTRY-3", "CAST-1", "CAST-2", "FILE-2", "FILE-3"] {
        assert_eq!(report.check(id).unwrap().status, Status::NotRun, "{id}\n{}", render(&report));
    }
}
