//! The command: exit statuses, reports, folders with more than plain files.

mod support;

use std::path::Path;
use std::process::{Command, Output};
use support::Board;

fn auditor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auditor")).args(arguments).output().unwrap()
}

fn write(board: &Board, folder: &Path) {
    for (path, bytes) in board.record().files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn exit_statuses_are_those_that_the_help_promises() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let board = Board::smallest();
    write(&board, folder.path());
    let id = board.manifest.id().to_string();

    let passed = auditor(&["verify", path, "--election", &id]);
    assert_eq!(passed.status.code(), Some(0), "{}", text(&passed.stdout));
    assert!(text(&passed.stdout).lines().last().unwrap().starts_with("PASSED"));
    assert!(text(&passed.stderr).contains("checking entries"), "progress belongs on standard error");

    let json = auditor(&["verify", path, "--json", "--quiet"]);
    assert_eq!(json.status.code(), Some(0));
    assert!(json.stderr.is_empty());
    let report: selge_auditor::Report = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report.election, Some(id));

    let other = auditor(&["verify", path, "--election", &"0".repeat(64)]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stdout).lines().last().unwrap().starts_with("FAILED"), "{}", text(&other.stdout));

    std::fs::remove_file(folder.path().join("checkpoint")).unwrap();
    let incomplete = auditor(&["verify", path]);
    assert_eq!(incomplete.status.code(), Some(2));
    assert!(text(&incomplete.stdout).lines().last().unwrap().starts_with("INCOMPLETE"));

    for wrong in [
        &["verify"][..],
        &["verify", path, "--election", "123"],
        &["verify", path, "--surprise"],
        &["verify", "/nowhere/at/all"],
        &["verify", path, path],
        &["audit"],
        &[],
    ] {
        let output = auditor(wrong);
        assert_eq!(output.status.code(), Some(3), "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}");
    }
    for help in [&["--help"][..], &["verify", "--help"], &["--version"]] {
        assert_eq!(auditor(help).status.code(), Some(0), "{help:?}");
    }
    assert!(text(&auditor(&["verify", "--help"]).stdout).contains("3  wrong usage"));
}

#[cfg(unix)]
#[test]
fn an_arithmetic_that_there_is_not_is_told_and_nothing_is_audited() {
    let run = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditor"));
        command.env("SELGE_LANES", name).args(["verify", "nowhere"]).output().unwrap()
    };
    let unknown = run("abacus");
    assert_eq!(unknown.status.code(), Some(3));
    assert!(text(&unknown.stderr).contains("names no backend: use one of"), "{}", text(&unknown.stderr));
    assert!(!text(&run("serial").stderr).contains("backend"), "this one is everywhere");
    assert!(!text(&run("").stderr).contains("backend"), "empty is unset");
}

#[test]
fn links_are_no_part_of_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    write(&Board::smallest(), folder.path());
    let elsewhere = tempfile::tempdir().unwrap();
    let (checkpoint, moved) = (folder.path().join("checkpoint"), elsewhere.path().join("checkpoint"));
    std::fs::rename(&checkpoint, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &checkpoint).unwrap();
    let output = auditor(&["verify", path]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("! whoever made this copy (checkpoint): it is a link"),
        "{}",
        text(&output.stdout)
    );

    // A folder that is a link leads out of the record as well.
    std::fs::remove_file(&checkpoint).unwrap();
    std::fs::rename(&moved, &checkpoint).unwrap();
    let (files, moved) = (folder.path().join("files"), elsewhere.path().join("files"));
    std::fs::rename(&files, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &files).unwrap();
    assert_eq!(auditor(&["verify", path]).status.code(), Some(1));
}
