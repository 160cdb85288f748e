//! Seats of the Riigikogu: Riigikogu Election Act (Estonia), section 62.
//!
//! 1. A district's simple quota is its valid votes divided by its seats. A candidate whose votes reach it has a
//!    *personal* seat.
//! 2. Lists with at least 5 % of all valid votes take part in the rest. In each district such a list has as many seats
//!    as its votes hold whole quotas, one more if what remains is at least 75 % of the quota, personal seats counted
//!    in. They go to its candidates with the most votes and at least 10 % of the quota; with equal votes the one
//!    higher on the national list is ahead. These are *district* seats.
//! 3. All other seats are *compensation* seats: highest averages over the lists' national votes with divisors
//!    `1, 2^0.9, 3^0.9 …`, leaving out as many as the list already has seats. They go to candidates in the order of the
//!    national list who are not elected yet and have at least 5 % of their district's quota; a list without such a
//!    candidate is passed over. Of lists with equal figures the one further back in the consolidated list of
//!    candidates is ahead.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::averages::{self, Party, Power};
use super::{
    ties, Amount, CandidateRef, ContestTotals, CountError, Elected, Fraction, ListOutcome, Mandate, Outcome, Tie,
    TieBreak, TieFor,
};

/// The Riigikogu rule: districts with their seats, and the national lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Riigikogu {
    /// The districts, each one a contest.
    pub districts: Vec<District>,
    /// The national lists in the order of the consolidated list.
    pub lists: Vec<NationalList>,
}

/// An electoral district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// Id of the contest.
    pub contest: String,
    /// Seats of the district.
    pub seats: u32,
}

/// A party's national list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalList {
    /// Name of the list, as the candidates' `list` gives it.
    pub list: String,
    /// Ids of all its candidates in the country, in the order of the list.
    pub order: Vec<String>,
}

/// Share of the national vote that a list needs: 5 %.
const LIST_SHARE: (u64, u64) = (1, 20);
/// Share of the quota that a remainder needs for one more seat: 75 %.
const REMAINDER_SHARE: (u64, u64) = (3, 4);
/// Share of the quota that a candidate needs for a district seat: 10 %.
const DISTRICT_SHARE: (u64, u64) = (1, 10);
/// Share of the quota that a candidate needs for a compensation seat: 5 %.
const COMPENSATION_SHARE: (u64, u64) = (1, 20);
/// The divisors' power, 0.9.
const POWER: Power = Power { p: 9, q: 10 };

/// A district with what its contest holds.
struct Count<'a> {
    contest: &'a ContestTotals,
    seats: u32,
    valid: u64,
    candidates: Vec<(&'a CandidateRef, u64)>,
}

impl Count<'_> {
    /// Whether votes are at least `share` of the quota `valid / seats`; nothing is where nobody voted.
    fn reaches(&self, votes: u64, share: (u64, u64)) -> bool {
        self.valid > 0
            && u128::from(votes) * u128::from(self.seats) * u128::from(share.1)
                >= u128::from(self.valid) * u128::from(share.0)
    }

    /// Seats of a list with so many votes: whole quotas, and one for a large remainder.
    fn list_seats(&self, votes: u64) -> usize {
        let valid = u128::from(self.valid);
        let product = u128::from(votes) * u128::from(self.seats);
        let (Some(whole), Some(rest)) = (product.checked_div(valid), product.checked_rem(valid)) else { return 0 };
        let more = rest * u128::from(REMAINDER_SHARE.1) >= valid * u128::from(REMAINDER_SHARE.0);
        usize::try_from(whole).unwrap_or(usize::MAX).saturating_add(usize::from(more))
    }

    fn elected(&self, candidate: &CandidateRef, votes: u64, mandate: Mandate) -> Elected {
        candidate.elected(&self.contest.id, Amount::new(u128::from(votes), 0), mandate)
    }
}

pub(super) fn count(rule: &Riigikogu, contests: &[ContestTotals]) -> Result<Outcome, CountError> {
    let districts = districts(rule, contests)?;
    let places = list_places(rule, &districts)?;
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let (mut personal, mut local, mut ties) = (Vec::new(), Vec::new(), Vec::new());

    let mut votes = vec![0_u64; rule.lists.len()];
    for (candidate, n) in districts.iter().flat_map(|d| &d.candidates) {
        if let Some((list, _)) = places.get(candidate.id.as_str()) {
            if let Some(sum) = votes.get_mut(*list) {
                *sum = sum.checked_add(*n).ok_or(CountError::Overflow)?;
            }
        }
    }
    let national = districts.iter().try_fold(0_u64, |sum, d| sum.checked_add(d.valid)).ok_or(CountError::Overflow)?;
    let share = Fraction::new(LIST_SHARE.0, LIST_SHARE.1).unwrap_or_default();
    let passed: Vec<bool> = votes.iter().map(|&v| national > 0 && share.reached_by(v, national)).collect();
    let mut won = vec![0_u32; rule.lists.len()];

    for district in &districts {
        for &(candidate, n) in &district.candidates {
            if district.reaches(n, (1, 1)) {
                taken.insert(&candidate.id);
                personal.push(district.elected(candidate, n, Mandate::Personal));
                if let Some(won) = places.get(candidate.id.as_str()).and_then(|(l, _)| won.get_mut(*l)) {
                    *won += 1;
                }
            }
        }
        for (list, (passed, won)) in passed.iter().zip(&mut won).enumerate() {
            if *passed {
                district_seats(district, list, &places, &mut taken, won, &mut local, &mut ties);
            }
        }
    }

    let seats: u64 = districts.iter().map(|d| u64::from(d.seats)).sum();
    let awarded = (personal.len() + local.len()) as u64;
    let rest = seats.checked_sub(awarded).ok_or(CountError::SeatsExceeded { awarded, seats })?;
    let queues = compensation_queues(rule, &districts, &taken);
    // Back to front: of lists with equal figures the one further back in the consolidated list is ahead.
    let mut lists: Vec<_> = rule.lists.iter().zip(queues.into_iter().map(Vec::into_iter)).zip(&mut won).rev().collect();
    let parties: Vec<Party> = (lists.iter().zip(votes.iter().zip(&passed).rev()))
        .map(|(((_, queue), won), (&votes, &passed))| Party {
            votes,
            won: **won,
            capacity: if passed { queue.len() } else { 0 },
        })
        .collect();
    let mut compensation = Vec::new();
    for seat in averages::allocate(&parties, rest, POWER) {
        if !seat.tied.is_empty() {
            let name = |i: &usize| lists.get(*i).map(|((l, _), _)| l.list.clone());
            ties.push(Tie {
                contest: None,
                about: TieFor::List,
                tied: seat.tied.iter().filter_map(name).collect(),
                chosen: name(&seat.party).into_iter().collect(),
                by: TieBreak::ListOrder,
            });
        }
        let Some(((_, queue), won)) = lists.get_mut(seat.party) else { continue };
        if let Some((district, candidate, n)) = queue.next() {
            let mandate = Mandate::Compensation { divisor: seat.divisor };
            compensation.push(district.elected(candidate, n, mandate));
            **won += 1;
        }
    }

    let vacant = rest.saturating_sub(compensation.len() as u64);
    let quota = |d: &Count<'_>| d.contest.outcome(Fraction::new(d.valid, u64::from(d.seats)));
    Ok(Outcome {
        contests: districts.iter().map(quota).collect(),
        lists: (rule.lists.iter().zip(votes).zip(passed).zip(won))
            .map(|(((list, votes), passed), seats)| ListOutcome {
                list: list.list.clone(),
                independent: false,
                votes,
                passed,
                seats,
            })
            .collect(),
        rounds: Vec::new(),
        elected: personal.into_iter().chain(local).chain(compensation).collect(),
        vacant,
        ties,
    })
}

/// Step 2 for one list in one district.
fn district_seats<'a>(
    district: &Count<'a>,
    list: usize,
    places: &BTreeMap<&str, (usize, usize)>,
    taken: &mut BTreeSet<&'a str>,
    won: &mut u32,
    local: &mut Vec<Elected>,
    ties: &mut Vec<Tie>,
) {
    let mut members: Vec<_> = (district.candidates.iter())
        .filter_map(|&(c, n)| places.get(c.id.as_str()).filter(|(l, _)| *l == list).map(|(_, place)| (c, n, *place)))
        .collect();
    let votes = members.iter().map(|(_, n, _)| n).sum();
    let personal = members.iter().filter(|(c, _, _)| taken.contains(c.id.as_str())).count();
    members.retain(|(c, n, _)| !taken.contains(c.id.as_str()) && district.reaches(*n, DISTRICT_SHARE));
    members.sort_by_key(|(_, n, place)| (std::cmp::Reverse(*n), *place));
    let ranked: Vec<_> = members.into_iter().map(|(c, n, _)| (c, n)).collect();
    let cut = ties::cut(&ranked, district.list_seats(votes).saturating_sub(personal));
    for (candidate, n) in cut.taken {
        taken.insert(&candidate.id);
        local.push(district.elected(candidate, *n, Mandate::District));
        *won += 1;
    }
    ties.extend(cut.tie.map(|tie| tie.report(&district.contest.id, TieBreak::ListOrder)));
}

/// Step 3: who of each list can take a compensation seat, in the order of the list.
fn compensation_queues<'a, 'd>(
    rule: &Riigikogu,
    districts: &'d [Count<'a>],
    taken: &BTreeSet<&str>,
) -> Vec<Vec<(&'d Count<'a>, &'a CandidateRef, u64)>> {
    let mut by_id = BTreeMap::new();
    for district in districts {
        for &(candidate, n) in &district.candidates {
            by_id.insert(candidate.id.as_str(), (district, candidate, n));
        }
    }
    let free = |id: &String| {
        by_id
            .get(id.as_str())
            .copied()
            .filter(|(d, c, n)| !taken.contains(c.id.as_str()) && d.reaches(*n, COMPENSATION_SHARE))
    };
    rule.lists.iter().map(|l| l.order.iter().filter_map(free).collect()).collect()
}

/// The districts in the rule's order, each with its contest: every contest in exactly one district.
fn districts<'a>(rule: &Riigikogu, contests: &'a [ContestTotals]) -> Result<Vec<Count<'a>>, CountError> {
    let mut by_id = BTreeMap::new();
    for contest in contests {
        if by_id.insert(contest.id.as_str(), contest).is_some() {
            return Err(CountError::DuplicateId { id: contest.id.clone() });
        }
    }
    let mut districts = Vec::new();
    for district in &rule.districts {
        let id = &district.contest;
        let contest =
            by_id.remove(id.as_str()).ok_or_else(|| CountError::Missing { id: id.clone(), from: "the contests" })?;
        if district.seats == 0 {
            return Err(CountError::NoSeats);
        }
        let candidates = contest.checked()?;
        let valid = contest.votes.iter().try_fold(0_u64, |sum, v| sum.checked_add(*v)).ok_or(CountError::Overflow)?;
        districts.push(Count { contest, seats: district.seats, valid, candidates });
    }
    match by_id.into_keys().next() {
        Some(id) => Err(CountError::Missing { id: id.to_owned(), from: "the districts" }),
        None if districts.is_empty() => Err(CountError::NoSeats),
        None => Ok(districts),
    }
}

/// Each list candidate's list and place on it. Every candidate of a list stands on it once, and nobody else does.
fn list_places<'r>(
    rule: &'r Riigikogu,
    districts: &[Count<'_>],
) -> Result<BTreeMap<&'r str, (usize, usize)>, CountError> {
    let mut names = BTreeSet::new();
    let mut places = BTreeMap::new();
    for (i, list) in rule.lists.iter().enumerate() {
        if !names.insert(&list.list) {
            return Err(CountError::DuplicateId { id: list.list.clone() });
        }
        for (place, id) in list.order.iter().enumerate() {
            if places.insert(id.as_str(), (i, place)).is_some() {
                return Err(CountError::DuplicateId { id: id.clone() });
            }
        }
    }
    let mut seen = BTreeSet::new();
    for (candidate, _) in districts.iter().flat_map(|d| &d.candidates) {
        if !seen.insert(candidate.id.as_str()) {
            return Err(CountError::DuplicateId { id: candidate.id.clone() });
        }
        let place = places.get(candidate.id.as_str()).and_then(|(list, _)| rule.lists.get(*list)).map(|l| &l.list);
        if place != candidate.list.as_ref() {
            return Err(CountError::Missing { id: candidate.id.clone(), from: "the national list" });
        }
    }
    match places.keys().find(|id| !seen.contains(**id)) {
        Some(id) => Err(CountError::UnknownId { id: (*id).to_owned() }),
        None => Ok(places),
    }
}
