//! A check on a second device with real programs: challenge, cast, hear; and what goes wrong is told.
#![allow(missing_docs)]

use rand::rngs::{OsRng, StdRng};
use rand::SeedableRng;
use selge_core::check::{CheckError, Message};
use selge_core::ids::LeafHash;
use selge_core::rules::Choice;
use selge_node::keyfile::PassphraseArgs;
use selge_tests::page::{enrol, plan};
use selge_tests::process::{Programs, Running};
use selge_tests::stage::Stage;
use selge_voter_client::{cast, draft, finish, Device, ElectionInfo, Patience, Voter};
use std::process::Command;

/// Starts `voter-client check`: the process, and its code.
fn device(stage: &Stage, more: &[&str]) -> (Running, String) {
    let mut command = stage.programs.command("voter-client");
    command.arg("check").arg("--manifest").arg(stage.folder.join("manifest.json"));
    command.args(["--insecure-loopback", "--board", &stage.board.board]);
    command.arg("--state").arg(stage.folder.join("device")).args(more);
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
    let (device_0, code) = device(&stage, &[]);
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
    let (waiting, _) = device(&stage, &[]);
    stage.kill_collector().unwrap();
    stage.start_collector().unwrap();
    waiting.kill().unwrap();

    // The same ballot, checked for real and shown as a coercer wants to see it: nothing else is different.
    let (device_1, code_1) = device(&stage, &[]);
    let voted = stage.programs.run("vote", vote(&stage, 1, Some(&code_1), &first.id, "r1")).unwrap();
    let heard = device_1.success().unwrap();
    assert!(heard.contains(&first.name) && heard.contains(&number(1)), "{heard}");
    let wanted = stage.folder.join("wanted.json");
    std::fs::write(&wanted, format!(r#"{{"riigikogu": "{}"}}"#, second.id)).unwrap();
    let (device_1, code_1) = device(&stage, &["--practice", wanted.to_str().unwrap()]);
    let again = stage.programs.run("vote", vote(&stage, 1, Some(&code_1), &first.id, "r1-again")).unwrap();
    let made = device_1.success().unwrap();
    let tracker = |out: &str| out.lines().find_map(|line| line.strip_prefix("tracker ")).unwrap().to_owned();
    let facts = |out: &str| out.lines().filter(|line| !line.starts_with("shown ")).collect::<Vec<_>>().join("\n");
    let [told, told_again] = [&voted, &again].map(|out| tracker(out));
    let [candidate, other] = [&first, &second].map(selge_voter_client::choices::label);
    assert_eq!(facts(&made).replace(&told_again, &told).replace(&other, &candidate), facts(&heard));

    // A device of dishonest making opens a ballot to please the voter, and casts the same one: the second device knows it, though
    // its program was ended in between.
    let passphrase = PassphraseArgs::from_file(stage.folder.join("passphrase")).read("").unwrap();
    let voter = Voter::load(&stage.folder.join("voter-2.key"), &passphrase).unwrap();
    let mut board = stage.board.connect().await.unwrap();
    let info = ElectionInfo::fetch(&mut board, stage.manifest.clone()).await.unwrap();
    let style = board.voter(&voter.id).await.unwrap().style.unwrap();
    let drawn = || draft(&info, &voter, style, &[Choice::One(0)], &mut StdRng::seed_from_u64(1)).unwrap();
    let (mut opener, code) = device(&stage, &[]);
    let mut dishonest = Device::find(board.relay(), &code.parse().unwrap(), info.manifest().id()).await.unwrap();
    dishonest.tell(&Message::Shown(drawn().digest())).await.unwrap();
    dishonest.tell(&Message::Opened(drawn().open())).await.unwrap();
    assert!(opener.line().unwrap().starts_with("shown "));
    assert_eq!(opener.line().unwrap(), "opened");
    opener.kill().unwrap();
    let (entry, opening) = finish(&info, &voter, drawn(), LeafHash::NONE, &mut OsRng).unwrap();
    let receipt = cast(&mut board, info.manifest(), &entry, &Patience::default()).await.unwrap();
    let (mut knowing, code) = device(&stage, &[]);
    let mut dishonest = Device::find(board.relay(), &code.parse().unwrap(), info.manifest().id()).await.unwrap();
    let index = receipt.receipt().index;
    dishonest.vouch(info.manifest(), info.joint_key(), &entry, index, &opening).await.unwrap();
    let (status, out, words) = knowing.finish().unwrap();
    assert!(!status.success() && words.contains(&CheckError::OpenedBallot.to_string()), "{words}");
    assert!(!out.contains("recorded") && !out.contains(&first.name), "{out}");
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
