//! A small election whose collector is to suffer, and what must hold at its end.

use crate::fleet::Fleet;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use selge_core::count::{CandidateRef, CountingRule, TieOrder};
use selge_core::elgamal::PublicKey;
use selge_core::manifest::{BallotStyle, Contest, TallyRule};
use selge_core::outcome::ElectionResult;
use selge_core::rules::{Choice, VotingRule};
use selge_node::replica::{Ballots, Replica};
use selge_tests::crowd::Device;
use selge_tests::plan::{Plan, PlannedVoter};
use selge_tests::process::Programs;
use selge_tests::report::compare_with_plan;
use selge_tests::stage::Stage;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) const CANDIDATES: u32 = 3;

/// Whether the long form runs.
pub(crate) fn long() -> bool {
    std::env::var_os("SELGE_FAULTS").is_some_and(|value| value == "long")
}

/// Random numbers that can be drawn again.
pub(crate) fn dice(test: &str) -> StdRng {
    let seed = match std::env::var("SELGE_FAULTS_SEED") {
        Ok(text) => text.parse().expect("SELGE_FAULTS_SEED is a number"),
        Err(_) => rand::thread_rng().gen::<u32>().into(),
    };
    eprintln!("{test}: SELGE_FAULTS_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// The election.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) plan: Plan,
    pub(crate) key: Arc<PublicKey>,
    pub(crate) devices: Vec<Device>,
    _folder: TempDir,
}

fn plan(voters: usize) -> Plan {
    let candidates = (0..CANDIDATES).map(|i| CandidateRef { id: format!("c{i}"), name: format!("C {i}"), list: None });
    let voter = PlannedVoter { style: "all".into(), choices: vec![Choice::One(0)], earlier: None, cancelled: false };
    Plan {
        title: "Faults".into(),
        contests: vec![Contest {
            id: "question".into(),
            title: "Question".into(),
            rule: VotingRule::ChooseOne { blank: true },
            candidates: candidates.collect(),
        }],
        styles: vec![BallotStyle { id: "all".into(), contests: vec!["question".into()] }],
        tallies: vec![TallyRule {
            id: "question".into(),
            title: "Question".into(),
            contests: vec!["question".into()],
            rule: CountingRule::Plurality { seats: 1, ties: TieOrder::default() },
        }],
        voters: vec![voter; voters],
        absent: 1,
        trustees: (2, 2),
        mixes: 2,
        days: 1,
        witnesses: (0, 0),
        privacy_floor: 2,
    }
}

impl Scene {
    /// An election whose voting is open. `prepare` is called with the path of the store before it is made.
    pub(crate) async fn open<T>(voters: usize, prepare: impl FnOnce(&Path) -> T) -> (Self, T) {
        let folder = tempfile::tempdir().unwrap();
        let prepared = prepare(&folder.path().join("collector"));
        let plan = plan(voters);
        let stage = Stage::set_up(Programs::find().unwrap(), folder.path(), &plan).unwrap();
        stage.ceremony().unwrap();
        let devices: Vec<Device> = plan.voters.iter().cloned().map(Device::new).collect();
        stage.roll(&devices, plan.absent).unwrap();
        let key = stage.open().await.unwrap();
        (Scene { stage, plan, key, devices, _folder: folder }, prepared)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.stage.folder.join("collector")
    }

    /// Voters who cast one ballot after the other.
    pub(crate) fn set_out(&mut self) -> Fleet {
        let devices = std::mem::take(&mut self.devices);
        Fleet::set_out(&self.stage.board.board, &self.stage.manifest, &self.key, devices)
    }

    /// Ends the voting, checks everything that was ever given against the board, counts, exports, and runs the auditor.
    pub(crate) async fn close(self, fleet: Fleet) {
        self.close_with(fleet, ()).await;
    }

    /// As [`Scene::close`]; `disk`, on which the store is, goes before its folder does.
    pub(crate) async fn close_with<T>(mut self, fleet: Fleet, disk: T) {
        let (voters, given) = fleet.come_home().await;
        let ballots = given.iter().map(|one| one.leaf).collect::<std::collections::BTreeSet<_>>().len();
        let stage = &self.stage;
        let mut replica = Replica::new(Arc::clone(&stage.manifest), Ballots::Verify);
        let mut board = stage.board.connect().await.unwrap();
        replica.sync(&mut board).await.unwrap();
        let numbers = replica.election().unwrap().numbers();
        assert_eq!(numbers.cast, ballots as u64, "each ballot is on the board once");
        assert_eq!(numbers.counted, voters.len() as u64);
        for one in &given {
            let old = one.receipt.verify(&one.leaf, &stage.manifest.log_key()).unwrap();
            assert_eq!(replica.tree().leaf(one.receipt.index), Some(one.leaf), "an acknowledged ballot is gone");
            assert_eq!(replica.tree().root_at(old.size).unwrap(), old.root, "the board contradicts a receipt");
        }
        self.plan.voters = voters.into_iter().map(|device| device.plan).collect();
        stage.commission("close", &[]).unwrap();
        stage.mix().unwrap();
        stage.decrypt(&[1, 2]).unwrap();
        stage.result().unwrap();
        let record = stage.folder.join("record");
        stage.export(&record).unwrap();
        self.stage.stop_collector().unwrap();
        let (status, report) = self.stage.audit(&record, false).unwrap();
        assert_eq!(status, 0, "{report}");
        let result = std::fs::read(self.stage.folder.join("result.json")).unwrap();
        let result: ElectionResult = serde_json::from_slice(&result).unwrap();
        compare_with_plan(&self.plan, &result).unwrap();
        eprintln!("{} receipts for {ballots} ballots hold, the auditor passes the record", given.len());
        drop(disk);
    }
}
