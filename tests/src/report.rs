//! The demonstration's outcome beside the official one.

use crate::data::{contest_id, RiigikoguData, ELECTRONIC_VOTES};
use crate::plan::Plan;
use anyhow::{ensure, Context, Result};
use selge_core::count::{count_totals, ContestBallots, Outcome};
use selge_core::manifest::Manifest;
use selge_core::outcome::ElectionResult;
use selge_core::rules::Choice;
use serde::Serialize;
use std::collections::BTreeMap;

/// One list's votes and seats, here and officially.
#[derive(Clone, Debug, Serialize)]
pub struct ListRow {
    /// Short name.
    pub list: String,
    /// Votes in this election.
    pub votes: u64,
    /// Votes of 312,181 officially.
    pub official_electronic: u64,
    /// Seats by this election's votes alone.
    pub seats: u32,
    /// Seats by the official electronic votes alone.
    pub official_electronic_seats: u32,
    /// Seats by this election's votes and the published paper votes; at full size only.
    pub seats_with_paper: Option<u32>,
    /// Seats officially, by electronic and paper votes.
    pub official_seats: u32,
}

/// Checks that the result is the plaintext count of what the voters chose, contest by contest.
///
/// # Errors
/// Naming the contest that differs.
pub fn compare_with_plan(plan: &Plan, result: &ElectionResult) -> Result<u64> {
    let expected = plan.expected();
    let mut votes = 0;
    for contest in &result.contests {
        let expected = expected.get(&contest.contest).cloned().unwrap_or_default();
        let total: u64 = expected.values().sum();
        ensure!(
            contest.counted == total,
            "contest {}: {} ballots count, the voters cast {total}",
            contest.contest,
            contest.counted
        );
        if contest.withheld {
            ensure!(contest.votes.is_empty(), "contest {} is withheld and yet shows votes", contest.contest);
            continue;
        }
        let found: BTreeMap<Choice, u64> = contest.votes.iter().map(|v| (v.choice.clone(), v.count)).collect();
        ensure!(
            found == expected && contest.undecodable == 0,
            "contest {}: the result is not the count of what the voters chose",
            contest.contest
        );
        votes += total;
    }
    Ok(votes)
}

/// The outcome of a tally.
///
/// # Errors
/// If the result does not have it.
pub fn outcome<'a>(result: &'a ElectionResult, tally: &str) -> Result<&'a Outcome> {
    result
        .tallies
        .iter()
        .find(|t| t.tally == tally)
        .and_then(|t| t.outcome.as_ref())
        .with_context(|| format!("the result has no tally {tally:?}"))
}

fn seats(outcome: &Outcome, list: &str) -> u32 {
    outcome.lists.iter().find(|l| l.list == list).map_or(0, |l| l.seats)
}

/// Votes and seats of every list beside the official ones.
///
/// # Errors
/// If the result does not have the Riigikogu's tally.
pub fn lists(data: &RiigikoguData, manifest: &Manifest, result: &ElectionResult) -> Result<Vec<ListRow>> {
    let ours = outcome(result, "riigikogu")?;
    let electronic = data.totals(|c| c.electronic);
    let paper = data.totals(|c| c.paper);
    let by_electronic = count_totals(&data.rule(), &electronic)?;
    let both = electronic.iter().zip(&paper).map(|(e, p)| e.plus(p)).collect::<Result<Vec<_>, _>>()?;
    let official = count_totals(&data.rule(), &both)?;
    let full = result.ballots.counted == ELECTRONIC_VOTES;
    let with_paper = if full {
        let mut sums = Vec::new();
        for (district, paper) in data.districts.iter().zip(&paper) {
            let id = contest_id(district.number);
            let contest = result.contests.iter().find(|c| c.contest == id).context("a district is missing")?;
            let candidates = manifest
                .contests()
                .find(|(_, c)| c.id == id)
                .map(|(_, c)| c.candidates.clone())
                .context("a district is missing")?;
            let choices = contest.votes.iter().map(|v| (v.choice.clone(), v.count)).collect();
            sums.push(ContestBallots { id, candidates, choices }.single_totals()?.plus(paper)?);
        }
        Some(count_totals(&data.rule(), &sums)?)
    } else {
        None
    };
    let votes_of = |outcome: &Outcome, list: &str| {
        outcome.lists.iter().filter(|l| l.list == list && !l.independent).map(|l| l.votes).sum::<u64>()
    };
    let mut rows: Vec<ListRow> = data
        .lists
        .iter()
        .map(|(list, _, _)| ListRow {
            list: list.clone(),
            votes: votes_of(ours, list),
            official_electronic: votes_of(&by_electronic, list),
            seats: seats(ours, list),
            official_electronic_seats: seats(&by_electronic, list),
            seats_with_paper: with_paper.as_ref().map(|o| seats(o, list)),
            official_seats: seats(&official, list),
        })
        .collect();
    rows.sort_by_key(|r| std::cmp::Reverse((r.official_seats, r.official_electronic)));
    Ok(rows)
}
