//! A check on a second device with real programs: challenge, cast, hear; and what goes wrong is told.
#![allow(missing_docs)]

use selge_tests::page::{enrol, plan};
use selge_tests::process::{Programs, Running};
use selge_tests::stage::Stage;
use std::process::Command;

/// Starts `voter-client check`: the process, and its code.
fn device(stage: &Stage) -> (Running, String) {
    let mut command = stage.programs.command("voter-client");
    command.arg("check").arg("--manifest").arg(stage.folder.join("manifest.json"));
    command.args(["--insecure-loopback", "--board", &stage.board.board]);
    let mut device = stage.programs.start("voter-client check", command).unwrap();
    let line = device.line().unwrap();
    let code = line.trim().strip_prefix("code ").unwrap_or_else(|| panic!("no code: {line:?}")).to_owned();
    (device, code)
}

fn voting(stage: &Stage, command: &str, voter: usize, code: Option<&str>, choice: &str) -> Command {
    let mut built = stage.voter_command(&[command]);
    built.arg("--credential").arg(stage.folder.join(format!("voter-{voter}.key")));
    built.args(["--choice", &format!("riigikogu={choice}")]);
    built.args(code.iter().flat_map(|code| ["--check-code", code]));
    built
}

fn vote(stage: &Stage, voter: usize, code: Option<&str>, choice: &str, receipt: &str) -> Command {
    let mut built = voting(stage, "vote", voter, code, choice);
    built.arg("--yes").arg("--receipt").arg(stage.folder.join(receipt));
    built
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_hears_what_was_opened_and_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let mut stage = Stage::set_up(Programs::find().unwrap(), folder.path(), &plan().unwrap()).unwrap();
    stage.ceremony().unwrap();
    let (voters, roll) = enrol(&stage, &["one", "one", "one"]).unwrap();
    stage.post_roll(&roll).unwrap();
    stage.open().await.unwrap();
    let document = stage.manifest.document();
    let [first, second] = [0, 1].map(|at| document.contests[0].candidates[at].clone());
    let number = |voter: usize| {
        let digits = &voters[voter].voter;
        format!("voter {}-{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..16])
    };

    // A ballot for the first candidate is opened, one for the second is cast; the code is typed as people type.
    let (device_0, code) = device(&stage);
    let typed = code.to_uppercase().replace('-', " ");
    let said = stage.programs.run("challenge", voting(&stage, "challenge", 0, Some(&typed), &first.id)).unwrap();
    assert!(said.starts_with("shown "), "{said}");
    stage.programs.run("vote", vote(&stage, 0, Some(&code), &second.id, "r0")).unwrap();
    let heard = device_0.success().unwrap();
    let lines: Vec<&str> = heard.lines().map(str::trim).collect();
    let at = |line: &str| lines.iter().position(|l| *l == line).unwrap_or_else(|| panic!("no {line:?} in {heard}"));
    let (opened, recorded) = (at("opened"), lines.iter().position(|l| l.starts_with("recorded ")).unwrap());
    let held: Vec<usize> =
        [&first, &second].map(|candidate| lines.iter().position(|line| line.contains(&candidate.name)).unwrap()).into();
    assert!(opened < held[0] && held[0] < recorded && recorded < held[1], "{heard}");
    assert_eq!(lines.iter().filter(|line| **line == number(0)).count(), 2, "{heard}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("shown ")).count(), 2);

    // Codes that nobody waits under, and text that is no code: nothing is cast.
    for (bad, reason) in [("0000-0000-0000-0000", "no device is waiting"), ("7k3m", "16 signs")] {
        let mut refused = stage.programs.start("vote", vote(&stage, 1, Some(bad), &first.id, "none")).unwrap();
        let (status, _, words) = refused.finish().unwrap();
        assert!(!status.success() && words.contains(reason), "{words}");
    }

    // The collector is killed while a device waits, which goes on trying at the old address; a new device gets a new code.
    let (waiting, _) = device(&stage);
    stage.kill_collector().unwrap();
    stage.start_collector().unwrap();
    waiting.kill().unwrap();

    // Two voters and two devices at once, and one without.
    let (device_1, code_1) = device(&stage);
    stage.programs.run("vote", vote(&stage, 1, Some(&code_1), &first.id, "r1")).unwrap();
    let heard = device_1.success().unwrap();
    assert!(heard.contains(&first.name) && heard.contains(&number(1)), "{heard}");
    stage.programs.run("vote", vote(&stage, 2, None, &first.id, "r2")).unwrap();

    stage.commission("close", &[]).unwrap();
    stage.mix().unwrap();
    stage.decrypt(&[1, 2]).unwrap();
    stage.result().unwrap();
    let record = stage.folder.join("record");
    stage.export(&record).unwrap();
    let (status, report) = stage.audit(&record, false).unwrap();
    assert!(status == 0 && report.contains("PASSED"), "{report}");
    assert!(report.contains("counted"), "{report}");
}
