//! Whole elections with real processes, which are killed on the way; each ends with the auditor.
#![allow(missing_docs)]

use selge_core::codec::Decode;
use selge_core::elgamal::PublicKey;
use selge_core::ids::VoterId;
use selge_core::outcome::ElectionResult;
use selge_core::record::{entry_bundles, read_bundle};
use selge_core::tree::leaf_hash;
use selge_node::replica::{Ballots, Replica};
use selge_tests::crowd::{cast_all, Cast, Device};
use selge_tests::data::RiigikoguData;
use selge_tests::hostile::attack;
use selge_tests::plan::Plan;
use selge_tests::process::Programs;
use selge_tests::report::compare_with_plan;
use selge_tests::stage::Stage;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn stage(folder: &Path, plan: &Plan) -> Stage {
    Stage::set_up(Programs::find().unwrap(), folder, plan).unwrap()
}

/// Roll and opening: the voters' devices, whose ballots will be cancelled, and the joint key.
async fn open(stage: &Stage, plan: &Plan) -> (Vec<Device>, Vec<VoterId>, Arc<PublicKey>) {
    let devices: Vec<Device> = plan.voters.iter().cloned().map(Device::new).collect();
    let cancelled = devices.iter().filter(|d| d.plan.cancelled).map(|d| d.voter).collect();
    stage.roll(&devices, plan.absent).unwrap();
    (devices, cancelled, stage.open().await.unwrap())
}

async fn cast(stage: &Stage, key: &Arc<PublicKey>, devices: Vec<Device>) -> Vec<Cast> {
    cast_all(&stage.board, &stage.manifest, key, devices, || ()).await.unwrap()
}

/// Every file below a folder, by path.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if item.file_type().unwrap().is_dir() {
                folders.push(item.path());
            } else {
                let path = item.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(path, std::fs::read(item.path()).unwrap());
            }
        }
    }
    files
}

/// The entry at a place of a record.
fn entry(record: &Path, index: u64) -> Vec<u8> {
    let checkpoint = std::fs::read_to_string(record.join("checkpoint")).unwrap();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let bundle = entry_bundles(size).nth((index / 256) as usize).unwrap();
    let bytes = std::fs::read(record.join(bundle.path())).unwrap();
    read_bundle(&bytes, bundle.width).unwrap()[(index % 256) as usize].to_vec()
}

/// Mixes, decrypts, counts, exports and audits; the result must be the plaintext count.
fn count_and_audit(stage: &mut Stage, plan: &Plan, trustees: &[u16], casts: &[Cast]) -> ElectionResult {
    // Somebody watches all the while, perhaps since the voting, and ends up with the same record.
    let mirror = stage.folder.join("mirror");
    let watching = stage.follow(&mirror, "--until-finished").unwrap();
    stage.mix().unwrap();
    stage.decrypt(trustees).unwrap();
    stage.result().unwrap();
    let record = stage.folder.join("record");
    stage.export(&record).unwrap();
    watching.success().unwrap();
    let tree = |folder: &Path| {
        // Which witnesses had cosigned when it was fetched may differ.
        let mut files = files(folder);
        let note = String::from_utf8(files.remove("checkpoint").unwrap()).unwrap();
        (files, note.split_once("\n\n").unwrap().0.to_owned())
    };
    assert_eq!(tree(&mirror.join("record")), tree(&record));
    let (status, report) = stage.audit(&mirror.join("record"), false).unwrap();
    assert!(status == 0 && report.contains("PASSED"), "{report}");
    // Somebody who comes now fetches it, and checks it in one go.
    let (status, report) = stage.audit(Path::new(&stage.record), false).unwrap();
    assert!(status == 0 && report.contains("PASSED"), "{report}");
    stage.stop_collector().unwrap();
    let (status, report) = stage.audit(&record, false).unwrap();
    assert_eq!(status, 0, "{report}");
    let result: ElectionResult =
        serde_json::from_slice(&std::fs::read(stage.folder.join("result.json")).unwrap()).unwrap();
    compare_with_plan(plan, &result).unwrap();
    assert_eq!(result.ballots.cast, result.ballots.counted + result.ballots.superseded + result.ballots.cancelled);

    // Every ballot with a receipt is on the board, at the place that the receipt names.
    let checkpoint = std::fs::read_to_string(record.join("checkpoint")).unwrap();
    let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    let leaves: Vec<_> = entry_bundles(size)
        .flat_map(|tile| {
            let bytes = std::fs::read(record.join(tile.path())).unwrap();
            read_bundle(&bytes, tile.width).unwrap().into_iter().map(leaf_hash).collect::<Vec<_>>()
        })
        .collect();
    for cast in casts {
        assert_eq!(leaves[cast.receipt.index as usize], cast.leaf);
    }
    result
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_with_two_of_three_trustees_and_every_program_killed_once() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::every_rule(40, (3, 2), &mut rand::thread_rng()).unwrap();
    let mut stage = stage(folder.path(), &plan);

    // A trustee is killed in the middle of the ceremony, and started again.
    let first = stage.start_ceremony(1).unwrap();
    let second = stage.start_ceremony(2).unwrap();
    std::thread::sleep(Duration::from_millis(700));
    first.kill().unwrap();
    let again = stage.start_ceremony(1).unwrap();
    let third = stage.start_ceremony(3).unwrap();
    for trustee in [again, second, third] {
        trustee.success().unwrap();
    }
    let (devices, cancelled, key) = open(&stage, &plan).await;

    // What must be refused is, and leaves no trace.
    let mut client = stage.board.connect().await.unwrap();
    let town: Vec<_> = devices.iter().filter(|d| d.plan.style == "town").collect();
    let refusals = attack(&mut client, &stage.manifest, &key, town[0], town[1]).await.unwrap();
    assert_eq!(refusals.len(), 6);

    // The collector is killed between two halves of the voters: nothing that it acknowledged is lost.
    let mut early = devices;
    let late = early.split_off(early.len() / 2);
    let mut casts = cast(&stage, &key, early).await;
    let mirror = stage.folder.join("mirror");
    stage.follow(&mirror, "--once").unwrap().success().unwrap();
    let (status, report) = stage.audit(&mirror.join("record"), false).unwrap();
    assert!(status == 2 && report.contains("INCOMPLETE"), "{report}");
    // A witness dies with it, and comes back later: two of the three go on.
    stage.kill_witness(1).unwrap();
    stage.kill_collector().unwrap();
    stage.start_collector().unwrap();
    let mut board = stage.board.connect().await.unwrap();
    for one in &casts {
        let receipt = board.receipt(&one.leaf).await.unwrap().expect("a ballot with a receipt is on the board");
        assert_eq!(receipt.index, one.receipt.index);
        receipt.verify(&one.leaf, &stage.manifest.log_key()).unwrap();
    }
    casts.extend(cast(&stage, &key, late).await);
    stage.start_witness(1).unwrap();
    stage.kill_witness(3).unwrap();
    stage.cancel(&cancelled).unwrap();
    stage.commission("close", &[]).unwrap();

    // A mix server and a trustee are killed at work, and go on when they are started again.
    let mix = stage.start_mix(1).unwrap();
    std::thread::sleep(Duration::from_millis(150));
    mix.kill().unwrap();
    let trustee = stage.start_decryption(3).unwrap();
    std::thread::sleep(Duration::from_millis(150));
    trustee.kill().unwrap();
    let result = count_and_audit(&mut stage, &plan, &[1, 3], &casts);
    let status = stage.collector_status().unwrap();
    assert!(status.contains("witnesses 2 of 3 cosigned") && status.contains("quorum 2 reached"), "{status}");
    assert!(status.contains("witness witness-3.example not cosigned"), "{status}");
    let (_, report) = stage.audit(&stage.folder.join("record"), false).unwrap();
    assert!(report.contains("cosigned: witness-1.example, witness-2.example"), "{report}");
    assert!(report.contains("did not: witness-3.example"), "{report}");
    let village = result.contests.iter().find(|c| c.contest == "village").unwrap();
    assert!(village.withheld && village.votes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_of_five_trustees_and_a_forged_record() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::every_rule(20, (5, 3), &mut rand::thread_rng()).unwrap();
    let mut stage = stage(folder.path(), &plan);
    stage.ceremony().unwrap();
    let (devices, cancelled, key) = open(&stage, &plan).await;
    let casts = cast(&stage, &key, devices).await;
    stage.cancel(&cancelled).unwrap();

    // Without the quorum voting can be closed, but nobody mixes: this could be one of two histories.
    stage.kill_witness(1).unwrap();
    stage.kill_witness(2).unwrap();
    stage.commission("close", &[]).unwrap();
    let mut impatient = stage.role("mixnet", "mix", Some("mix-1.key"));
    impatient.arg("--state").arg(stage.folder.join("mix-1")).args(["--wait", "2"]);
    let (status, _, words) = stage.programs.start("mix server 1", impatient).unwrap().finish().unwrap();
    assert!(!status.success() && words.contains("2 of the 3 witnesses to cosign the closing"), "{words}");
    assert!(stage.collector_status().unwrap().contains("quorum 2 MISSING"));
    let waiting = stage.start_mix(1).unwrap();
    stage.start_witness(2).unwrap();
    waiting.success().unwrap();
    let result = count_and_audit(&mut stage, &plan, &[2, 4, 5], &casts);
    let combined = result.contests.iter().find(|c| !c.withheld).unwrap();
    assert_eq!(combined.trustees.iter().map(|t| t.0).collect::<Vec<_>>(), [2, 4, 5]);

    // One byte of a mix's output is changed: the auditor says which file and which check.
    let record = stage.folder.join("record");
    let files: Vec<_> = std::fs::read_dir(record.join("files")).unwrap().map(|f| f.unwrap().path()).collect();
    let largest = files.iter().max_by_key(|f| std::fs::metadata(f).unwrap().len()).unwrap();
    let mut bytes = std::fs::read(largest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(largest, &bytes).unwrap();
    let (status, report) = stage.audit(&record, false).unwrap();
    assert_eq!(status, 1, "{report}");
    let name = largest.file_name().unwrap().to_str().unwrap();
    assert!(report.contains(name), "the report names the file:\n{report}");
    std::fs::remove_file(largest).unwrap();
    let (status, report) = stage.audit(&record, false).unwrap();
    assert_eq!(status, 2, "{report}");
}

/// A voter looks for the own ballot in the published record, long after the collector is gone.
fn find_ballot_in_record(stage: &Stage, casts: &[Cast]) {
    let record = stage.folder.join("record");
    let check = |receipt: &Cast, ballot: &Cast, folder: &Path| {
        std::fs::write(stage.folder.join("one.ballot"), entry(&record, ballot.receipt.index)).unwrap();
        std::fs::write(stage.folder.join("one.receipt"), receipt.receipt.text()).unwrap();
        let mut command = stage.programs.command("voter-client");
        command.args(["receipt", "check", "--receipt"]).arg(stage.folder.join("one.receipt"));
        command.arg("--ballot").arg(stage.folder.join("one.ballot")).arg("--record").arg(folder);
        command.arg("--manifest").arg(stage.folder.join("manifest.json"));
        let (status, stdout, stderr) = stage.programs.start("voter-client", command).unwrap().finish().unwrap();
        assert!(!stderr.contains("panicked"), "{stderr}");
        (status.success(), stdout + &stderr)
    };
    // Somebody who voted once and whose ballot counts.
    let once = |cast: &&Cast| casts.iter().filter(|c| c.voter == cast.voter).count() == 1;
    let counts = |cast: &&Cast| !check(cast, cast, &record).1.contains("has cancelled your ballots");
    let counted: Vec<&Cast> = casts.iter().filter(once).filter(counts).take(2).collect();
    let (good, words) = check(counted[0], counted[0], &record);
    assert!(good && words.contains("last ballot in the record"), "{words}");
    assert!(words.contains("that the first mix server took in"), "{words}");
    let (good, words) = check(counted[1], counted[0], &record);
    assert!(!good && words.contains("WRONG"), "{words}");
    let (good, words) = check(counted[0], counted[0], &stage.folder);
    assert!(!good && words.contains("checkpoint"), "{words}");
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files(from) {
        let path = to.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// An operator restores an old backup, and the board goes on from there: whoever watched can prove it, and so can the
/// voters whose ballots are gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_forgets_ballots_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = Plan::every_rule(12, (3, 2), &mut rand::thread_rng()).unwrap();
    // With witnesses the collector would not start: this is what those who watch are for where there are none.
    plan.witnesses = (0, 0);
    let mut stage = stage(folder.path(), &plan);
    stage.ceremony().unwrap();
    let (mut devices, _, key) = open(&stage, &plan).await;
    let late = devices.split_off(6);
    let (store, backup) = (stage.folder.join("collector"), stage.folder.join("backup"));
    stage.stop_collector().unwrap();
    copy(&store, &backup);
    stage.start_collector().unwrap();
    let casts = cast(&stage, &key, devices).await;
    let mirror = stage.folder.join("mirror");
    stage.follow(&mirror, "--once").unwrap().success().unwrap();
    stage.kill_collector().unwrap();
    std::fs::remove_dir_all(&store).unwrap();
    copy(&backup, &store);
    stage.start_collector().unwrap();
    // It is smaller now, which proves nothing yet.
    let (status, _, words) = stage.follow(&mirror, "--once").unwrap().finish().unwrap();
    assert!(status.code() == Some(2) && words.contains("nothing is proven"), "{words}");
    let others = cast(&stage, &key, late).await;
    let (status, _, words) = stage.follow(&mirror, "--once").unwrap().finish().unwrap();
    assert!(status.code() == Some(4) && words.contains("FORK"), "{words}");
    let (status, words) = stage.check_evidence(&mirror.join("evidence-1.json")).unwrap();
    assert!(status == 0 && words.contains("PROVEN"), "{words}");
    // A voter whose ballot is gone, and whose place somebody else has.
    let lost = casts.iter().find(|cast| others.iter().any(|o| o.receipt.index == cast.receipt.index)).unwrap();
    let (receipt, ballot) = (stage.folder.join("lost"), stage.folder.join("lost.ballot"));
    std::fs::write(&receipt, lost.receipt.text()).unwrap();
    std::fs::write(&ballot, entry(&mirror.join("record"), lost.receipt.index)).unwrap();
    let mut command = stage.programs.command("voter-client");
    command.args(["receipt", "check", "--insecure-loopback", "--board", &stage.board.board]);
    command.arg("--receipt").arg(&receipt).arg("--manifest").arg(stage.folder.join("manifest.json"));
    let (status, said, words) = stage.programs.start("voter-client", command).unwrap().finish().unwrap();
    assert_eq!(status.code(), Some(1), "{said}{words}");
    assert!(said.contains("WRONG: place") && said.contains("WRONG: replaced"), "{said}{words}");
    let (status, words) = stage.check_evidence(&stage.folder.join("lost.complaint-1.json")).unwrap();
    assert!(status == 0 && words.contains("PROVEN"), "{words}");
    let record = stage.folder.join("record");
    stage.export(&record).unwrap();
    stage.stop_collector().unwrap();
    // The record alone looks like that of any election under way: the audit cannot see what was there before.
    let (status, report) = stage.audit(&record, false).unwrap();
    assert!(status == 2 && report.contains("INCOMPLETE"), "{report}");
}

/// The demonstration's election, small: real candidates, real shares, real rankings.
#[tokio::test(flavor = "multi_thread")]
async fn the_riigikogu_replayed_small() {
    let folder = tempfile::tempdir().unwrap();
    let data = RiigikoguData::read().unwrap();
    let mut plan = Plan::riigikogu(&data, 600, &mut rand::thread_rng()).unwrap().cut_to(250);
    // An election may have no witnesses.
    plan.witnesses = (0, 0);
    let mut stage = stage(folder.path(), &plan);
    stage.ceremony().unwrap();
    let (devices, cancelled, key) = open(&stage, &plan).await;
    let casts = cast(&stage, &key, devices).await;
    stage.cancel(&cancelled).unwrap();
    stage.commission("close", &[]).unwrap();
    // Whoever wants to can follow the board, every proof checked.
    let mut replica = Replica::new(Arc::clone(&stage.manifest), Ballots::Verify);
    replica.sync(&mut stage.board.connect().await.unwrap()).await.unwrap();
    assert_eq!(replica.election().unwrap().numbers().cast, casts.len() as u64);
    count_and_audit(&mut stage, &plan, &[1, 2], &casts);
    find_ballot_in_record(&stage, &casts);
    let roll = std::fs::read(stage.folder.join("roll/roll")).unwrap();
    assert_eq!(selge_core::roll::Roll::from_bytes(&roll).unwrap().len(), plan.voters.len() + plan.absent);
}
