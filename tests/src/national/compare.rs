//! What came out beside what was published.

use crate::data::{RiigikoguData, ELECTRONIC_VOTES};
use crate::plan::shares;
use crate::report::outcome;
use anyhow::{ensure, Context, Result};
use selge_core::count::count_totals;
use selge_core::outcome::ElectionResult;
use serde::Serialize;
use std::collections::BTreeMap;

/// One candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateRow {
    /// Electoral district.
    pub district: u32,
    /// As the manifest names the candidate.
    pub id: String,
    /// Name.
    pub name: String,
    /// Votes in this election.
    pub votes: u64,
    /// Official electronic votes.
    pub official: u64,
    /// The share of the official votes that fits this election's size; at full size the same.
    pub share: u64,
}

/// All candidates, and the seats.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// One row for each candidate.
    pub candidates: Vec<CandidateRow>,
    /// Of these, how many have exactly their share.
    pub equal: usize,
    /// Whether all votes, seats and members are those that the official electronic votes alone give. At full size only.
    pub as_official: Option<bool>,
}

/// Compares every candidate's votes with the official electronic ones.
///
/// # Errors
/// If the result lacks the tally or a district, or names a candidate that nobody published.
pub(super) fn compare(data: &RiigikoguData, voters: u64, result: &ElectionResult) -> Result<Comparison> {
    let ours = outcome(result, "riigikogu")?;
    let mut candidates = Vec::new();
    for ((district, shares), contest) in data.districts.iter().zip(shares(data, voters)).zip(&ours.contests) {
        ensure!(
            contest.contest == crate::data::contest_id(district.number),
            "{:?} is where district {} should be",
            contest.contest,
            district.number
        );
        let mut votes: BTreeMap<&str, u64> = contest.votes.iter().map(|v| (v.candidate.as_str(), v.votes)).collect();
        for (candidate, share) in district.candidates.iter().zip(shares) {
            let id = &candidate.candidate.id;
            candidates.push(CandidateRow {
                district: district.number,
                id: id.clone(),
                name: candidate.candidate.name.clone(),
                votes: votes.remove(id.as_str()).with_context(|| format!("the result lacks candidate {id:?}"))?,
                official: candidate.electronic,
                share,
            });
        }
        ensure!(votes.is_empty(), "the result has unknown candidates: {votes:?}");
    }
    ensure!(ours.contests.len() == data.districts.len(), "the result has {} districts", ours.contests.len());
    let as_official = if voters == ELECTRONIC_VOTES {
        Some(count_totals(&data.rule(), &data.totals(|c| c.electronic))? == *ours)
    } else {
        None
    };
    let equal = candidates.iter().filter(|row| row.votes == row.share).count();
    Ok(Comparison { candidates, equal, as_official })
}
