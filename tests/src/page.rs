//! An election for the voting page: contests of every voting rule, and voters with codes, as a browser meets them.

use crate::data::RiigikoguData;
use crate::plan::Plan;
use crate::stage::Stage;
use anyhow::{Context, Result};
use selge_core::count::{CandidateRef, CountingRule, InstantRunoff, TieOrder};
use selge_core::manifest::{BallotStyle, Contest, TallyRule};
use selge_core::rules::VotingRule;
use serde::Serialize;
use std::path::Path;

/// The district whose candidates stand: the largest list of 2023, so that a voter has to search.
const DISTRICT: u32 = 4;

fn candidates(names: &[&str]) -> Vec<CandidateRef> {
    let candidate =
        |(at, name): (usize, &&str)| CandidateRef { id: format!("c{at}"), name: (*name).into(), list: None };
    names.iter().enumerate().map(candidate).collect()
}

/// The election: one ballot style with a contest of every rule, one with three contests, one with one.
///
/// # Errors
/// If the built-in data is damaged.
pub fn plan() -> Result<Plan> {
    let data = RiigikoguData::read()?;
    let district = data.districts.iter().find(|d| d.number == DISTRICT).context("the district is missing")?;
    let contest =
        |id: &str, title: &str, rule, candidates| Contest { id: id.into(), title: title.into(), rule, candidates };
    let contests = vec![
        contest(
            "riigikogu",
            "Riigikogu, valimisringkond 4",
            VotingRule::PartyList { blank: false },
            district.candidates.iter().map(|c| c.candidate.clone()).collect(),
        ),
        contest(
            "question",
            "Kas linna keskväljak muuta autovabaks?",
            VotingRule::ChooseOne { blank: true },
            candidates(&["Jah", "Ei"]),
        ),
        contest(
            "council",
            "Linnaosa kogu",
            VotingRule::ChooseUpTo { max: 3, blank: true },
            candidates(&["Mari Tamm", "Jaan Kask", "Anu Lepp", "Ольга Иванова", "Peeter Saar", "Kadri Mägi"]),
        ),
        contest(
            "projects",
            "Kaasav eelarve",
            VotingRule::Approve { blank: true },
            candidates(&[
                "Mänguväljak Pelgulinnas",
                "Jalgrattatee mere äärde",
                "Raamatukogu pikem lahtiolek",
                "Linnaaed",
            ]),
        ),
        contest(
            "mayor",
            "Linnapea",
            VotingRule::Rank { max: 3, blank: true },
            candidates(&["Helena Põld", "Toomas Rand", "Sergei Volkov", "Liis Kivi"]),
        ),
        contest(
            "plans",
            "Trammitee kavandid",
            VotingRule::Score { max_score: 5, blank: true },
            candidates(&["Kavand A: läbi sadama", "Kavand B: mööda Narva maanteed", "Kavand C: tunnel"]),
        ),
    ];
    let tally = |id: &str, rule| TallyRule { id: id.into(), title: id.into(), contests: vec![id.into()], rule };
    let plurality = |seats| CountingRule::Plurality { seats, ties: TieOrder::default() };
    let tallies = vec![
        tally("riigikogu", plurality(8)),
        tally("question", plurality(1)),
        tally("council", plurality(3)),
        tally("projects", CountingRule::Approval { seats: 2, ties: TieOrder::default() }),
        tally("mayor", CountingRule::InstantRunoff(InstantRunoff::default())),
        tally("plans", CountingRule::Score { seats: 1, ties: TieOrder::default() }),
    ];
    let style = |id: &str, contests: &[&str]| BallotStyle {
        id: id.into(),
        contests: contests.iter().map(|c| (*c).to_owned()).collect(),
    };
    Ok(Plan {
        title: "Valimised 2027".into(),
        contests,
        styles: vec![
            style("all", &["riigikogu", "question", "council", "projects", "mayor", "plans"]),
            style("three", &["riigikogu", "question", "mayor"]),
            style("one", &["riigikogu"]),
        ],
        tallies,
        voters: Vec::new(),
        absent: 0,
        trustees: (2, 2),
        mixes: 2,
        days: 3,
        witnesses: (0, 0),
        privacy_floor: 2,
    })
}

/// A voter with a code for the page.
#[derive(Clone, Debug, Serialize)]
pub struct PageVoter {
    /// The pseudonym.
    pub voter: String,
    /// The ballot style's id.
    pub style: String,
    /// What is pasted into the page.
    pub code: String,
}

/// Enrols voters as people do, with `voter-client`: each gets a credential and a code.
///
/// # Errors
/// With the program's own words.
pub fn enrol(stage: &Stage, styles: &[&str]) -> Result<(Vec<PageVoter>, String)> {
    let mut roll = String::from("voter_id,public_key,ballot_style\n");
    let mut voters = Vec::new();
    for (at, style) in styles.iter().enumerate() {
        let file = stage.folder.join(format!("voter-{at}.key"));
        let run = |command: &str, option: &str| {
            let mut built = stage.programs.command("voter-client");
            built.arg(command).arg(option).arg(&file);
            built.arg("--passphrase-file").arg(stage.folder.join("passphrase"));
            stage.programs.run(&format!("voter-client {command}"), built)
        };
        let line = run("enroll", "--out")?;
        let (voter, _) = line.trim().split_once(',').context("voter-client enroll printed no line for the roll")?;
        roll += &format!("{},{style}\n", line.trim());
        let code = run("code", "--credential")?.trim().to_owned();
        voters.push(PageVoter { voter: voter.to_owned(), style: (*style).to_owned(), code });
    }
    Ok((voters, roll))
}

/// Has the stage's collector serve a page from now on.
///
/// # Errors
/// With the collector's own words.
pub fn serve(stage: &mut Stage, folder: &Path) -> Result<()> {
    let config = stage.folder.join("collector.toml");
    let folder = folder
        .canonicalize()
        .with_context(|| format!("there is no page at {}: make it with `make web`", folder.display()))?;
    let mut table: toml::Table = toml::from_str(&std::fs::read_to_string(&config)?)?;
    let page = toml::Table::from_iter([("folder".to_owned(), folder.to_string_lossy().into_owned().into())]);
    table.insert("page".to_owned(), page.into());
    std::fs::write(&config, toml::to_string(&table)?)?;
    stage.kill_collector()?;
    stage.start_collector()
}
