//! The election that a load is cast in, opened, with its ballots.

use crate::crowd::Device;
use crate::kept::{read_ballots, write_ballots, Ready};
use crate::plan::{Plan, PlannedVoter};
use crate::process::Programs;
use crate::stage::Stage;
use anyhow::{ensure, Context, Result};
use rayon::prelude::*;
use selge_core::codec::{Decode, Encode};
use selge_core::count::{CandidateRef, CountingRule, TieOrder};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::LeafHash;
use selge_core::manifest::{BallotStyle, Contest, TallyRule};
use selge_core::rules::{Choice, VotingRule};
use selge_node::replica::read_manifest;
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// File of the ballots, written last: with it the folder is complete.
const BALLOTS: &str = "ballots";

/// An election that ends sooner than this is made anew.
const LEAST_LEFT: Duration = Duration::hours(2);

/// Everybody chooses one of 255, by turns.
fn plan(ballots: usize) -> Plan {
    let candidate = |i: u32| CandidateRef { id: format!("c{i}"), name: format!("Candidate {i}"), list: None };
    let contest = Contest {
        id: "question".into(),
        title: "One of 255".into(),
        rule: VotingRule::ChooseOne { blank: false },
        candidates: (0..255).map(candidate).collect(),
    };
    let rule = CountingRule::Plurality { seats: 1, ties: TieOrder::default() };
    let voter = |i: usize| PlannedVoter {
        style: "all".into(),
        choices: vec![Choice::One((i % 255) as u32)],
        earlier: None,
        cancelled: false,
    };
    Plan {
        title: format!("Load of {ballots} ballots"),
        styles: vec![BallotStyle { id: "all".into(), contests: vec![contest.id.clone()] }],
        tallies: vec![TallyRule {
            id: "count".into(),
            title: "Count".into(),
            contests: vec![contest.id.clone()],
            rule,
        }],
        contests: vec![contest],
        voters: (0..ballots).map(voter).collect(),
        absent: 1,
        trustees: (2, 2),
        witnesses: (0, 0),
        days: 1,
        mixes: 1,
        privacy_floor: 2,
    }
}

/// Makes the election and its ballots in `folder`, on all cores.
///
/// # Errors
/// With the failing program's own words.
pub async fn make(folder: &Path, ballots: usize) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let plan = plan(ballots);
    let mut stage = Stage::set_up(Programs::find()?, folder, &plan)?;
    stage.ceremony()?;
    let devices: Vec<Device> = plan.voters.iter().cloned().map(Device::new).collect();
    stage.roll(&devices, plan.absent)?;
    let key = stage.open().await?;
    stage.stop_collector()?;
    let entries: Vec<Vec<u8>> = devices
        .par_iter()
        .map(|device| Ok(device.prepare(&stage.manifest, &key, true, LeafHash::NONE)?.to_bytes()))
        .collect::<Result<_>>()?;
    write_ballots(&folder.join(BALLOTS), &entries)
}

/// The ballots of an election that [`make`] has made and that still lasts; `None` if there is none.
///
/// # Errors
/// If the files cannot be read.
pub fn kept(folder: &Path, ballots: usize) -> Result<Option<Vec<Ready>>> {
    if !folder.join(BALLOTS).exists() {
        return Ok(None);
    }
    let (_, manifest) = read_manifest(&folder.join("manifest.json"))?;
    if manifest.document().closes < OffsetDateTime::now_utc() + LEAST_LEFT {
        return Ok(None);
    }
    let ready = read_ballots(&folder.join(BALLOTS))?;
    ensure!(ready.len() == ballots, "{} ballots are kept, {ballots} were made", ready.len());
    // Ballots of another version of the protocol would all be refused.
    let fits = ready.first().is_some_and(|first| {
        SignedEntry::from_bytes(&first.bytes).is_ok_and(|entry| matches!(entry.body, EntryBody::Ballot(_)))
    });
    Ok(fits.then_some(ready))
}
