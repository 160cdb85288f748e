//! Wrong input to every command: a clear error, a non-zero exit status, no panic, nothing overwritten.
#![allow(missing_docs)]

use selge_tests::plan::Plan;
use selge_tests::process::Programs;
use selge_tests::stage::Stage;
use std::path::Path;
use std::process::Command;

/// Runs a command that must fail, and returns its words.
fn fails(programs: &Programs, name: &str, command: Command) -> String {
    let (status, stdout, stderr) = programs.start(name, command).unwrap().finish().unwrap();
    assert!(!status.success(), "{name} must fail, and said {stdout:?}");
    assert!(status.code().is_some(), "{name} died of a signal: {stderr}");
    assert!(!stderr.contains("panicked"), "{name} panicked: {stderr}");
    assert!(!stderr.trim().is_empty(), "{name} failed without a word");
    stderr
}

fn with(stage: &Stage, program: &str, arguments: &[&str]) -> Command {
    let mut command = stage.programs.command(program);
    command.current_dir(&stage.folder).args(arguments);
    command
}

/// Every command that takes a manifest and a key, with everything else in order.
fn commands() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("tally", vec!["ceremony", "--state", "s", "--wait", "1", "--key", "trustee-1.key"]),
        ("tally", vec!["decrypt", "--state", "s", "--wait", "1", "--key", "trustee-1.key"]),
        ("tally", vec!["open", "--wait", "1", "--key", "commission.key"]),
        ("tally", vec!["close", "--wait", "1", "--key", "commission.key"]),
        ("tally", vec!["result", "--wait", "1", "--out", "r.json", "--key", "commission.key"]),
        ("mixnet", vec!["mix", "--state", "m", "--wait", "1", "--key", "mix-1.key"]),
    ]
}

#[test]
fn an_arithmetic_that_there_is_not_stops_a_program() {
    let programs = Programs::find().unwrap();
    // What a program does with its arguments comes after.
    let every: [(&str, &[&str]); 3] = [
        ("collector", &["status", "--config", "nowhere.toml"]),
        ("mixnet", &["mix", "--manifest", "m", "--key", "k", "--state", "s", "--board", "https://localhost:1"]),
        ("tally", &["close", "--manifest", "m", "--key", "k", "--board", "https://localhost:1"]),
    ];
    for (name, arguments) in every {
        let mut command = programs.command(name);
        command.env("SELGE_LANES", "abacus").args(arguments);
        let said = fails(&programs, name, command);
        assert!(said.contains("SELGE_LANES=\"abacus\" names no backend: use one of ifma"), "{name}: {said}");
    }
}

#[test]
fn keys_manifests_passphrases_and_boards_that_are_wrong() {
    let (folder, other_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut plan = Plan::every_rule(8, (1, 1), &mut rand::thread_rng()).unwrap();
    plan.witnesses = (0, 0);
    let stage = Stage::set_up(Programs::find().unwrap(), folder.path(), &plan).unwrap();
    let other = Stage::set_up(Programs::find().unwrap(), other_folder.path(), &plan).unwrap();
    std::fs::write(stage.folder.join("wrong-passphrase"), "not it\n").unwrap();
    std::fs::write(stage.folder.join("garbage"), [0xff, 0x00, 0x7b].repeat(1000)).unwrap();
    let other_manifest = other.folder.join("manifest.json").to_str().unwrap().to_owned();
    let board = ["--insecure-loopback", "--board", &stage.board.board];
    let good = ["--manifest", "manifest.json", "--passphrase-file", "passphrase"];
    for (program, command) in commands() {
        let name = format!("{program} {}", command[0]);
        let run = |extra: &[&str]| {
            let arguments: Vec<&str> = command.iter().copied().chain(extra.iter().copied()).collect();
            fails(&stage.programs, &name, with(&stage, program, &arguments))
        };
        let with_board = |extra: &[&'static str]| [&board[..], extra].concat();
        let missing = run(&with_board(&["--manifest", "nowhere.json", "--passphrase-file", "passphrase"]));
        assert!(missing.contains("nowhere.json"), "{name}: {missing}");
        run(&with_board(&["--manifest", "garbage", "--passphrase-file", "passphrase"]));
        let wrong = run(&with_board(&["--manifest", "manifest.json", "--passphrase-file", "wrong-passphrase"]));
        assert!(wrong.contains("wrong passphrase"), "{name}: {wrong}");
        // Another election's manifest: its keys are not these.
        let mixed = run(&[&board[..], &["--manifest", &other_manifest, "--passphrase-file", "passphrase"]].concat());
        assert!(mixed.contains("is it the right key"), "{name}: {mixed}");
        // Without the ceremony's share there is nothing to connect for.
        if command[0] == "decrypt" {
            assert!(run(&[&board[..], &good].concat()).contains("share.key"));
            continue;
        }
        // Nobody answers there; or it is not encrypted; or it is another election's board.
        let nobody = run(&[&good[..], &["--insecure-loopback", "--board", "http://127.0.0.1:9"]].concat());
        assert!(nobody.contains("127.0.0.1:9"), "{name}: {nobody}");
        let open = run(&[&good[..], &["--board", &stage.board.board]].concat());
        assert!(open.contains("encrypted"), "{name}: {open}");
        let elsewhere = run(&[&good[..], &["--insecure-loopback", "--board", &other.board.board]].concat());
        assert!(elsewhere.contains("is this the right manifest and board"), "{name}: {elsewhere}");
        // The key of another role.
        let mut swapped: Vec<&str> = command.clone();
        let last = swapped.len() - 1;
        swapped[last] = "registrar.key";
        let arguments: Vec<&str> = swapped.into_iter().chain(board).chain(good).collect();
        let role = fails(&stage.programs, &name, with(&stage, program, &arguments));
        assert!(role.contains("registrar"), "{name}: {role}");
    }
}

#[test]
fn files_and_folders_that_are_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::every_rule(8, (1, 1), &mut rand::thread_rng()).unwrap();
    plan.witnesses = (0, 0);
    let stage = Stage::set_up(Programs::find().unwrap(), folder.path(), &plan).unwrap();
    let key_before = std::fs::read(stage.folder.join("commission.key")).unwrap();
    std::fs::write(stage.folder.join("garbage"), [0xff, 0x00, 0x7b].repeat(1000)).unwrap();
    std::fs::write(stage.folder.join("unknown-field.json"), "{\"format\":\"selge-manifest/1\",\"extra\":1}").unwrap();
    std::fs::write(stage.folder.join("voters-bad.csv"), "voter_id,public_key,ballot_style\nzz,zz,nowhere\n").unwrap();
    std::fs::create_dir(stage.folder.join("empty")).unwrap();
    let passphrase = ["--passphrase-file", "passphrase"];
    let cases: Vec<(&str, Vec<&str>, &str)> = vec![
        ("tally", vec!["keygen", "--role", "commission", "--out", "commission.key"], "never overwritten"),
        ("tally", vec!["manifest", "--document", "garbage", "--key", "commission.key", "--out", "x"], "garbage"),
        (
            "tally",
            vec!["manifest", "--document", "unknown-field.json", "--key", "commission.key", "--out", "x"],
            "extra",
        ),
        (
            "registrar",
            vec![
                "roll",
                "--voters",
                "voters-bad.csv",
                "--manifest",
                "manifest.json",
                "--key",
                "registrar.key",
                "--out",
                "x",
            ],
            "line 2",
        ),
        (
            "registrar",
            vec!["roll", "--voters", "none.csv", "--manifest", "manifest.json", "--key", "registrar.key", "--out", "x"],
            "none.csv",
        ),
    ];
    for (program, arguments, expected) in cases {
        let name = format!("{program} {}", arguments[0]);
        let arguments: Vec<&str> = arguments.into_iter().chain(passphrase).collect();
        let words = fails(&stage.programs, &name, with(&stage, program, &arguments));
        assert!(words.contains(expected), "{name} {arguments:?}: {words}");
    }
    assert_eq!(std::fs::read(stage.folder.join("commission.key")).unwrap(), key_before);
    for arguments in [
        &["serve", "--config", "nowhere.toml"][..],
        &["serve", "--config", "garbage"],
        // The store of the collector that is running.
        &["serve", "--config", "collector.toml"],
        &["export", "--config", "collector.toml", "--out", "."],
        &["status", "--config", "garbage"],
    ] {
        fails(&stage.programs, &format!("collector {arguments:?}"), with(&stage, "collector", arguments));
    }
}

#[test]
fn the_auditors_exit_statuses() {
    let programs = Programs::find().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let status = |arguments: &[&str], path: &Path| {
        let mut command = programs.command("auditor");
        command.args(arguments).arg(path);
        let (status, _, stderr) = programs.start("auditor", command).unwrap().finish().unwrap();
        assert!(!stderr.contains("panicked"), "{stderr}");
        status.code().unwrap()
    };
    assert_eq!(status(&["verify"], folder.path()), 2, "an empty record is incomplete");
    assert_eq!(status(&["verify"], &folder.path().join("nowhere")), 3);
    assert_eq!(status(&["verify", "--no-such-flag"], folder.path()), 3);
    assert_eq!(status(&["verify", "--election", "xyz"], folder.path()), 3);
    std::fs::write(folder.path().join("checkpoint"), "garbage").unwrap();
    assert!([1, 2].contains(&status(&["verify"], folder.path())));
}
