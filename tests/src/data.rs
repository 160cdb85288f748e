//! Real election data, built into the program: the Riigikogu election of 2023 and the mayor's race of Minneapolis
//! 2013. Sources and licences stand in `tests/data`.

use anyhow::{ensure, Context, Result};
use selge_core::count::{
    CandidateRef, ContestTotals, CountingRule, CvrRules, District, InstantRunoff, Mark, NationalList, OvervoteRule,
    RankedBallot, Riigikogu,
};
use selge_core::rules::Choice;
use std::collections::BTreeMap;

const CANDIDATES: &str = include_str!("../data/estonia_rk2023/candidates.csv");
const DISTRICTS: &str = include_str!("../data/estonia_rk2023/districts.csv");
const LISTS: &str = include_str!("../data/estonia_rk2023/lists.csv");
const MAYOR_BALLOTS: &str = include_str!("../data/minneapolis2013/mayor_ballots.csv");
const MAYOR_CANDIDATES: &str = include_str!("../data/minneapolis2013/mayor_candidates.txt");

/// All electronic votes of the Riigikogu election of 2023.
pub const ELECTRONIC_VOTES: u64 = 312_181;

/// A candidate of a district, with the published votes.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// As the manifest names it.
    pub candidate: CandidateRef,
    /// Electronic votes.
    pub electronic: u64,
    /// Paper votes.
    pub paper: u64,
}

/// A district's candidates and seats.
#[derive(Clone, Debug)]
pub struct DistrictData {
    /// Number, 1 to 12.
    pub number: u32,
    /// Seats.
    pub seats: u32,
    /// Candidates in order of their number.
    pub candidates: Vec<Candidate>,
}

/// The Riigikogu election.
#[derive(Clone, Debug)]
pub struct RiigikoguData {
    /// Districts.
    pub districts: Vec<DistrictData>,
    /// National lists: short name, full name, candidates in order.
    pub lists: Vec<(String, String, Vec<String>)>,
}

fn rows(text: &'static str) -> csv::Reader<&'static [u8]> {
    csv::Reader::from_reader(text.as_bytes())
}

impl RiigikoguData {
    /// Reads the built-in tables.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn read() -> Result<Self> {
        let mut districts: BTreeMap<u32, DistrictData> = BTreeMap::new();
        for row in rows(DISTRICTS).deserialize() {
            let (number, seats): (u32, u32) = row?;
            districts.insert(number, DistrictData { number, seats, candidates: Vec::new() });
        }
        for row in rows(CANDIDATES).deserialize() {
            let (district, id, name, list, electronic, paper): (u32, String, String, String, u64, u64) = row?;
            let list = (!list.is_empty()).then_some(list);
            let candidate = Candidate { candidate: CandidateRef { id, name, list }, electronic, paper };
            districts.get_mut(&district).context("a candidate of an unknown district")?.candidates.push(candidate);
        }
        let lists = rows(LISTS)
            .deserialize()
            .map(|row| {
                let (short, name, order): (String, String, String) = row?;
                Ok((short, name, order.split(' ').map(str::to_owned).collect()))
            })
            .collect::<Result<_>>()?;
        let data = RiigikoguData { districts: districts.into_values().collect(), lists };
        let sum: u64 = data.districts.iter().flat_map(|d| &d.candidates).map(|c| c.electronic).sum();
        ensure!(sum == ELECTRONIC_VOTES, "the built-in votes add up to {sum}");
        Ok(data)
    }

    /// The counting rule of section 62.
    pub fn rule(&self) -> CountingRule {
        let district = |d: &DistrictData| District { contest: contest_id(d.number), seats: d.seats };
        CountingRule::Riigikogu(Riigikogu {
            districts: self.districts.iter().map(district).collect(),
            lists: self
                .lists
                .iter()
                .map(|(list, _, order)| NationalList { list: list.clone(), order: order.clone() })
                .collect(),
        })
    }

    /// Published votes per candidate, chosen by `votes`.
    pub fn totals(&self, votes: impl Fn(&Candidate) -> u64) -> Vec<ContestTotals> {
        self.districts
            .iter()
            .map(|d| {
                let votes: Vec<u64> = d.candidates.iter().map(&votes).collect();
                ContestTotals {
                    id: contest_id(d.number),
                    candidates: d.candidates.iter().map(|c| c.candidate.clone()).collect(),
                    ballots: votes.iter().sum(),
                    votes,
                    blanks: 0,
                }
            })
            .collect()
    }
}

/// The id of a district's contest.
pub fn contest_id(district: u32) -> String {
    format!("district-{district}")
}

/// Names of the mayor's race's candidates; the last stands for all undeclared write-ins.
pub fn mayor_candidates() -> Vec<CandidateRef> {
    MAYOR_CANDIDATES
        .lines()
        .enumerate()
        .map(|(i, name)| CandidateRef { id: format!("m{:02}", i + 1), name: name.trim().to_owned(), list: None })
        .collect()
}

/// The instant-runoff rule of the mayor's race.
pub fn mayor_rule() -> CountingRule {
    let write_ins = mayor_candidates().last().map(|c| c.id.clone());
    CountingRule::InstantRunoff(InstantRunoff { batch_elimination: true, write_ins, ..InstantRunoff::default() })
}

/// The mayor's race's cast-vote records as choices, each with its number of ballots.
///
/// # Errors
/// If the built-in table is damaged.
pub fn mayor_ballots() -> Result<Vec<(Choice, u64)>> {
    let rules = CvrRules { overvote: OvervoteRule::Exhaust, max_skipped: Some(1), exhaust_on_repeat: false };
    let mut counts: BTreeMap<Choice, u64> = BTreeMap::new();
    for row in rows(MAYOR_BALLOTS).records() {
        let row = row?;
        let count: u64 = row.get(0).context("no count")?.parse()?;
        let marks = row
            .iter()
            .skip(1)
            .map(|mark| mark.parse::<Mark>().map_err(|e| anyhow::anyhow!("{mark:?}: {e:?}")))
            .collect::<Result<Vec<_>>>()?;
        *counts.entry(RankedBallot::from_marks(&marks, &rules).choice()).or_default() += count;
    }
    Ok(counts.into_iter().collect())
}
