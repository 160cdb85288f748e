//! The votes that a count starts from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Amount, CandidateVotes, ContestOutcome, CountError, Elected, Fraction, Mandate};
use crate::rules::Choice;

/// A candidate as the manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateRef {
    /// Unique id.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// The list that the candidate's votes also count for; none for an independent candidate.
    #[serde(default)]
    pub list: Option<String>,
}

/// The decrypted choices of one contest. They are public: the mix has cut their link to voters.
#[derive(Debug, Clone)]
pub struct ContestBallots {
    /// Id of the contest.
    pub id: String,
    /// Candidates in the manifest's order.
    pub candidates: Vec<CandidateRef>,
    /// Choices and how many ballots hold each; one choice may stand in several entries.
    pub choices: Vec<(Choice, u64)>,
}

/// Votes per candidate of one contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestTotals {
    /// Id of the contest.
    pub id: String,
    /// Candidates in the manifest's order.
    pub candidates: Vec<CandidateRef>,
    /// Votes, or sum of scores, of each candidate, in the same order.
    pub votes: Vec<u64>,
    /// Ballots, blank ones included.
    pub ballots: u64,
    /// Blank ballots.
    pub blanks: u64,
}

impl ContestBallots {
    /// Votes per candidate: one for the candidate of a choice, or for each candidate of a set.
    ///
    /// # Errors
    /// For a choice of another kind, or with a candidate that does not exist or is named twice.
    pub fn totals(&self) -> Result<ContestTotals, CountError> {
        self.add_up(|choice, count, votes| match choice {
            Choice::One(c) => self.add(votes, *c, count),
            Choice::Set(set) => {
                let mut seen = BTreeSet::new();
                set.iter().try_for_each(|&candidate| {
                    if !seen.insert(candidate) {
                        return Err(CountError::RepeatedCandidate { contest: self.id.clone(), candidate });
                    }
                    self.add(votes, candidate, count)
                })
            }
            other => Err(self.wrong_kind(other)),
        })
    }

    /// Votes per candidate where a ballot votes for exactly one.
    ///
    /// # Errors
    /// As [`totals`](Self::totals), and for a set.
    pub fn single_totals(&self) -> Result<ContestTotals, CountError> {
        self.add_up(|choice, count, votes| match choice {
            Choice::One(c) => self.add(votes, *c, count),
            other => Err(self.wrong_kind(other)),
        })
    }

    /// Sum of scores per candidate.
    ///
    /// # Errors
    /// For a choice of another kind, or without exactly one score for each candidate.
    pub fn score_totals(&self) -> Result<ContestTotals, CountError> {
        self.add_up(|choice, count, votes| match choice {
            Choice::Scores(scores) if scores.len() == votes.len() => {
                votes.iter_mut().zip(scores).try_for_each(|(sum, &score)| {
                    *sum = count
                        .checked_mul(u64::from(score))
                        .and_then(|more| sum.checked_add(more))
                        .ok_or(CountError::Overflow)?;
                    Ok(())
                })
            }
            Choice::Scores(scores) => {
                Err(CountError::WrongLength { contest: self.id.clone(), given: scores.len(), candidates: votes.len() })
            }
            other => Err(self.wrong_kind(other)),
        })
    }

    fn add_up(
        &self,
        add: impl Fn(&Choice, u64, &mut Vec<u64>) -> Result<(), CountError>,
    ) -> Result<ContestTotals, CountError> {
        let mut votes = vec![0; self.candidates.len()];
        let (mut ballots, mut blanks) = (0_u64, 0_u64);
        for (choice, count) in &self.choices {
            ballots = ballots.checked_add(*count).ok_or(CountError::Overflow)?;
            match choice {
                // Not more than `ballots`, which did not overflow.
                Choice::Blank => blanks += count,
                choice => add(choice, *count, &mut votes)?,
            }
        }
        let (id, candidates) = (self.id.clone(), self.candidates.clone());
        Ok(ContestTotals { id, candidates, votes, ballots, blanks })
    }

    fn add(&self, votes: &mut [u64], candidate: u32, count: u64) -> Result<(), CountError> {
        let sum = usize::try_from(candidate)
            .ok()
            .and_then(|c| votes.get_mut(c))
            .ok_or_else(|| CountError::UnknownCandidate { contest: self.id.clone(), candidate })?;
        *sum = sum.checked_add(count).ok_or(CountError::Overflow)?;
        Ok(())
    }

    fn wrong_kind(&self, choice: &Choice) -> CountError {
        CountError::WrongKind { contest: self.id.clone(), found: choice.kind() }
    }
}

impl ContestTotals {
    /// Both totals of one contest added up, such as electronic and paper votes.
    ///
    /// # Errors
    /// [`CountError::DifferentContests`] if the two are not of the same contest and candidates.
    pub fn plus(&self, other: &Self) -> Result<Self, CountError> {
        if self.id != other.id || self.candidates != other.candidates || self.votes.len() != other.votes.len() {
            return Err(CountError::DifferentContests { left: self.id.clone(), right: other.id.clone() });
        }
        let add = |a: u64, b: u64| a.checked_add(b).ok_or(CountError::Overflow);
        let votes: Result<Vec<u64>, _> = self.votes.iter().zip(&other.votes).map(|(a, b)| add(*a, *b)).collect();
        Ok(Self {
            id: self.id.clone(),
            candidates: self.candidates.clone(),
            votes: votes?,
            ballots: add(self.ballots, other.ballots)?,
            blanks: add(self.blanks, other.blanks)?,
        })
    }

    /// Candidates with their votes, after checking that there is one number for each and that ids are unique.
    pub(super) fn checked(&self) -> Result<Vec<(&CandidateRef, u64)>, CountError> {
        if self.votes.len() != self.candidates.len() {
            return Err(CountError::WrongLength {
                contest: self.id.clone(),
                given: self.votes.len(),
                candidates: self.candidates.len(),
            });
        }
        unique_ids(&self.candidates)?;
        Ok(self.candidates.iter().zip(self.votes.iter().copied()).collect())
    }

    pub(super) fn outcome(&self, quota: Option<Fraction>) -> ContestOutcome {
        let votes = self.candidates.iter().zip(&self.votes);
        ContestOutcome {
            contest: self.id.clone(),
            ballots: self.ballots,
            blanks: self.blanks,
            votes: votes.map(|(c, &votes)| CandidateVotes { candidate: c.id.clone(), votes }).collect(),
            quota,
        }
    }
}

impl CandidateRef {
    pub(super) fn elected(&self, contest: &str, votes: Amount, mandate: Mandate) -> Elected {
        Elected {
            contest: contest.to_owned(),
            candidate: self.id.clone(),
            name: self.name.clone(),
            list: self.list.clone(),
            votes,
            mandate,
        }
    }
}

pub(super) fn unique_ids(candidates: &[CandidateRef]) -> Result<(), CountError> {
    let mut seen = BTreeSet::new();
    match candidates.iter().find(|c| !seen.insert(&c.id)) {
        Some(c) => Err(CountError::DuplicateId { id: c.id.clone() }),
        None => Ok(()),
    }
}
