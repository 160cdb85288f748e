//! Checkpoints that too few of the manifest's witnesses cosigned, whatever else stands in the place of a cosignature.

mod support;

use rand::rngs::OsRng;
use selge_auditor::{render, Report, Status, Verdict};
use selge_core::cosignature::cosign;
use selge_core::note::Checkpoint;
use selge_core::sign::SigningKey;
use support::stages::{DONE, MIXED};
use support::{assert_fails, audit, witness_name, Board, Plan, OPENS};

fn with(lines: &[String]) -> Report {
    audit(&DONE.record_with(lines))
}

fn cosigned(report: &Report) -> Vec<String> {
    report.witnesses.as_ref().unwrap().cosigned.clone()
}

#[test]
fn any_quorum_passes_and_is_named() {
    let own = |i| DONE.cosign(i, &DONE.checkpoint());
    for who in [vec![1, 2], vec![3, 1], vec![2, 3], vec![1, 2, 3]] {
        let report = with(&who.iter().map(|i| own(*i)).collect::<Vec<_>>());
        let text = render(&report);
        assert_eq!(report.verdict, Verdict::Passed, "{text}");
        let mut names: Vec<_> = who.iter().map(|i| witness_name(*i)).collect();
        names.sort();
        assert_eq!(cosigned(&report), names);
        let line = format!("Witnesses  {} of 3 cosigned the checkpoint, 2 must", who.len());
        assert!(text.contains(&line) && text.contains("2 of 2 cosignatures of different witnesses"), "{text}");
        assert_eq!(report.witnesses.unwrap().missing.len(), 3 - who.len());
    }
}

#[test]
fn what_is_no_cosignature_of_this_checkpoint_by_another_witness_counts_nothing() {
    let checkpoint = DONE.checkpoint();
    let own = |i| DONE.cosign(i, &checkpoint);
    let stranger = SigningKey::generate(&mut OsRng);
    let before = MIXED.checkpoint();
    let other = |of: Checkpoint| DONE.cosign(2, &of);
    // In the place of the second cosignature, and whether it is a line of witness 2 that does not hold.
    let forgeries = [
        (String::new(), false),
        (own(1), false),
        (cosign(&checkpoint, &witness_name(1), OPENS + 999, &DONE.keys.witnesses[0]), false),
        (other(Checkpoint { size: checkpoint.size - 1, ..checkpoint.clone() }), true),
        (other(Checkpoint { root: [8; 32], ..checkpoint.clone() }), true),
        (other(Checkpoint { origin: "board.example/0000000000000000".into(), ..checkpoint.clone() }), true),
        (other(Checkpoint { size: before.size, root: before.root, ..checkpoint.clone() }), true),
        (cosign(&checkpoint, "stranger.example", OPENS, &stranger), false),
        (cosign(&checkpoint, &witness_name(2), OPENS, &stranger), false),
        (cosign(&checkpoint, &witness_name(2), OPENS, &DONE.keys.witnesses[0]), false),
        (cosign(&checkpoint, &witness_name(2), OPENS, &DONE.keys.collector), false),
    ];
    for (at, (forged, own_line)) in forgeries.into_iter().enumerate() {
        let report = with(&[own(1), forged.clone()]);
        assert_fails(&report, "BOARD-5", "the collector (board.example)");
        let text = render(&report);
        assert_eq!(cosigned(&report), [witness_name(1)], "{at}");
        assert!(text.contains("1 of 3 witnesses have cosigned it, 2 must; cosigned: w1.example"), "{at}: {text}");
        assert!(text.contains("not cosigned: ") && text.contains("w3.example"), "{at}: {text}");
        let failed: Vec<_> = report.checks.iter().filter(|c| c.status != Status::Passed).map(|c| &c.id).collect();
        assert_eq!(failed, ["BOARD-5"], "{at}");
        assert_eq!(report.witnesses.unwrap().invalid.len(), usize::from(own_line), "{at}");
        // Beside a quorum it does no harm, and is spoken of.
        let report = with(&[own(1), forged, own(3)]);
        assert_eq!(report.verdict, Verdict::Passed, "{at}: {}", render(&report));
        assert_eq!(render(&report).contains("w2.example that does not hold"), own_line, "{at}");
    }
}

#[test]
fn cosignatures_that_were_good_before_do_not_carry_over() {
    // The witnesses cosigned the board before the decryptions; its end was shown to nobody.
    let before = MIXED.checkpoint();
    let report = with(&[1, 2, 3].map(|i| DONE.cosign(i, &before)));
    assert_fails(&report, "BOARD-5", "the collector");
    assert!(cosigned(&report).is_empty());
}

#[test]
fn before_the_result_they_may_still_come() {
    let mut board = DONE.clone();
    board.unpublish();
    let report = audit(&board.record_with(&[]));
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", render(&report));
    assert_eq!(report.check("BOARD-5").unwrap().status, Status::NotRun);
    assert!(render(&report).contains("they may still come"));
    let report = audit(&board.record());
    assert_eq!(report.check("BOARD-5").unwrap().status, Status::Passed, "{}", render(&report));
}

#[test]
fn a_single_witness_is_demanded_as_several_are() {
    let plan = Plan { witnesses: 2, quorum: 1, ..support::smallest() };
    let mut board = Board::prepare(&plan);
    board.vote(0);
    board.vote(1);
    board.finish_with(&[1]);
    assert_fails(&audit(&board.record_with(&[])), "BOARD-5", "the collector");
    let report = audit(&board.record_with(&[board.cosign(2, &board.checkpoint())]));
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
}

#[test]
fn an_election_without_witnesses_says_so() {
    let report = Board::smallest().audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    assert!(report.check("BOARD-5").is_none() && report.witnesses.is_none());
    assert!(render(&report).contains("NOTE  This election has no witnesses."));
    let mut plan = support::smallest();
    plan.witnesses = 2;
    let mut board = Board::prepare(&plan);
    board.vote(0);
    board.vote(1);
    board.finish_with(&[1]);
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    assert!(report.check("BOARD-5").is_none());
    let text = render(&report);
    assert!(text.contains("witness_quorum is 0") && text.contains("0 of 2 cosigned"), "{text}");
}
