//! Parts of an audit: what is skipped says so, what it rests on is named, and no part passes as the whole.

mod support;

use selge_auditor::page::{self, Language};
use selge_auditor::{render, verify_part, Part, Report, Scope, Silent, Status, Verdict};
use std::process::Command;
use support::Board;

fn audit(board: &Board, scope: &Scope) -> Report {
    verify_part(&board.record(), Some(*board.manifest.id()), scope, &Silent)
}

fn ids(report: &Report, status: Status) -> Vec<&str> {
    report.checks.iter().filter(|c| c.status == status).map(|c| c.id.as_str()).collect()
}

/// Nothing that a reader sees takes the part for the whole.
fn never_passed(report: &Report) {
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", render(report));
    assert!(report.result.is_none());
    let text = render(report);
    assert!(!text.contains("PASSED") && !text.contains("RESULT") && text.contains("INCOMPLETE: "), "{text}");
    for language in Language::ALL {
        let page = page::render(report, language);
        assert!(page.contains("verdict incomplete") && !page.contains("verdict passed"));
    }
    assert!(serde_json::to_string(report).unwrap().contains("\"verdict\":\"incomplete\""));
}

#[test]
fn a_part_of_an_honest_record_is_incomplete_and_names_what_was_left_out() {
    let board = Board::town();
    for (part, skipped) in [
        (Part::File, &["BOARD-4", "CAST-1", "MIX-2", "DECRYPT-2", "OUTCOME-2", "OUTCOME-3"][..]),
        (Part::Board, &["FILE-2", "FILE-3", "FILE-4", "CAST-1", "MIX-2", "DECRYPT-2", "OUTCOME-2", "OUTCOME-3"]),
        (Part::Cast, &["FILE-2", "FILE-3", "FILE-4", "BOARD-4", "MIX-2", "DECRYPT-2", "OUTCOME-2", "OUTCOME-3"]),
        (Part::Mix, &["FILE-2", "FILE-3", "FILE-4", "BOARD-4", "CAST-1", "DECRYPT-2", "OUTCOME-2", "OUTCOME-3"]),
        (Part::Decrypt, &["FILE-2", "FILE-3", "FILE-4", "BOARD-4", "CAST-1", "MIX-2", "OUTCOME-2", "OUTCOME-3"]),
        (Part::Outcome, &["FILE-2", "FILE-3", "FILE-4", "BOARD-4", "CAST-1", "MIX-2"]),
    ] {
        let report = audit(&board, &Scope::new([part], []));
        never_passed(&report);
        assert_eq!(ids(&report, Status::Skipped), skipped, "{part}");
        assert!(ids(&report, Status::NotRun).is_empty(), "{part}\n{}", render(&report));
        assert_eq!(report.asked.as_ref().unwrap().parts, [part.name()]);
    }
}

#[test]
fn what_a_part_takes_on_trust_is_said() {
    let board = Board::town();
    let trust = |parts: &[Part], check: &str| {
        let report = audit(&board, &Scope::new(parts.iter().copied(), []));
        report.check(check).unwrap().on_trust.clone()
    };
    assert_eq!(trust(&[Part::Mix], "MIX-2"), ["CAST-1"]);
    assert_eq!(trust(&[Part::Cast, Part::Mix], "MIX-2"), Vec::<String>::new());
    assert_eq!(trust(&[Part::Decrypt], "DECRYPT-2"), ["CAST-1", "MIX-2"]);
    assert_eq!(trust(&[Part::Outcome, Part::Mix], "OUTCOME-3"), ["CAST-1"]);
    let report = audit(&board, &Scope::new([Part::Mix], []));
    assert!(render(&report).contains("on trust, as it was not asked for: CAST-1"), "{}", render(&report));
}

#[test]
fn all_parts_together_are_the_whole() {
    let board = Board::smallest();
    let report = audit(&board, &Scope::new(Part::ALL.iter().copied(), []));
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    assert!(report.result.is_some());
}

#[test]
fn a_single_contest_is_checked_and_the_others_are_not() {
    let board = Board::town();
    let report = audit(&board, &Scope::new([], ["parks".to_owned()]));
    never_passed(&report);
    assert_eq!(ids(&report, Status::Skipped), ["MIX-2", "DECRYPT-2", "OUTCOME-2", "OUTCOME-3"]);
    let counts = |id: &str| report.check(id).unwrap().counts.iter().map(|c| (c.done, c.expected)).collect::<Vec<_>>();
    assert_eq!((counts("MIX-2"), counts("DECRYPT-2"), counts("OUTCOME-2")), (vec![(3, 9)], vec![(3, 9)], vec![(1, 3)]));
    assert!(report.check("MIX-2").unwrap().missing[0].contains("mayor, council"), "the withheld one is not left out");
    let done: Vec<_> = report.contests.iter().filter(|c| c.mixed > 0).map(|c| c.contest.as_str()).collect();
    assert_eq!(done, ["parks"]);
    let both = audit(&board, &Scope::new([Part::Mix], ["parks".to_owned(), "mayor".to_owned()]));
    never_passed(&both);
    let all = ["mayor", "parks", "council"].map(str::to_owned);
    assert_eq!(audit(&board, &Scope::new([], all)).verdict, Verdict::Passed);
}

#[test]
fn a_missing_file_of_another_part_is_told_by_its_part_alone() {
    let board = Board::town();
    let mut record = board.record();
    let (_, factors) = record
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("files/"))
        .map(|(p, b)| (b.len(), p.clone()))
        .max()
        .unwrap();
    record.files.remove(&factors);
    let of = |part| verify_part(&record, None, &Scope::new([part], []), &Silent);
    let file = of(Part::File);
    assert_eq!(file.check("FILE-2").unwrap().status, Status::NotRun, "{}", render(&file));
    assert_eq!(file.verdict, Verdict::Incomplete);
}

#[test]
fn the_command_ends_with_2_for_a_part_and_3_for_one_that_there_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in Board::smallest().record().files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditor"));
        command.arg("verify").arg(folder.path()).arg("--quiet").args(arguments).output().unwrap()
    };
    let part = run(&["--only", "mix,decrypt"]);
    assert_eq!(part.status.code(), Some(2));
    let text = String::from_utf8(part.stdout).unwrap();
    assert!(text.lines().last().unwrap().starts_with("INCOMPLETE: nothing is wrong in what was asked for"), "{text}");
    assert!(text.contains("skipped  CAST-1") && text.contains("Asked for  mix, decrypt; all contests"), "{text}");
    let json: Report = serde_json::from_slice(&run(&["--only", "cast", "--json"]).stdout).unwrap();
    assert_eq!(json.check("MIX-2").unwrap().status, Status::Skipped);
    assert_eq!(run(&["--contest", "q"]).status.code(), Some(0), "it is the only contest");
    for (wrong, words) in [(&["--only", "mixes"][..], "the parts are file"), (&["--contest", "z"], "it has q")] {
        let output = run(wrong);
        assert_eq!(output.status.code(), Some(3), "{wrong:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words) && output.stdout.is_empty(), "{said}");
    }
    // A failure is a failure, whatever was asked for.
    let id = "0".repeat(64);
    assert_eq!(run(&["--only", "mix", "--election", &id]).status.code(), Some(1));
}
