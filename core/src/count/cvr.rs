//! Ranked paper ballots: from the marks in each rank to a ranking.
//!
//! A paper ballot can leave a rank empty, hold several marks in one rank, or rank a candidate twice. Election rules say
//! where the reading of such a ballot stops; what is read up to there is a ranking like an electronic one.

use core::str::FromStr;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::rules::Choice;

/// What stands in one rank of a paper ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// This candidate.
    Candidate(u32),
    /// Several candidates.
    Overvote,
    /// Nothing.
    Skipped,
}

/// Reads a candidate's position, `overvote` or `undervote` (nothing marked).
impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "undervote" => Ok(Self::Skipped),
            "overvote" => Ok(Self::Overvote),
            _ => text.parse().map(Self::Candidate).map_err(|_| format!("`{text}` is not a mark on a ballot")),
        }
    }
}

/// How to read ballots with gaps, overvotes and repetitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CvrRules {
    /// What an overvote does.
    pub overvote: OvervoteRule,
    /// Most ranks left empty one after the other; more of them stop the reading at the next mark. None: any number.
    pub max_skipped: Option<u32>,
    /// Whether a candidate ranked a second time stops the reading; else the repetition is passed over.
    pub exhaust_on_repeat: bool,
}

/// What an overvote does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OvervoteRule {
    /// The reading stops (RCTab: `exhaustImmediately`).
    Exhaust,
    /// The rank is passed over (RCTab: `alwaysSkipToNextRank`).
    Skip,
}

/// A ballot as it is counted: a ranking, and what stands after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RankedBallot {
    /// Distinct candidates, best first.
    pub ranking: Vec<u32>,
    /// Why there is no further candidate.
    pub end: RankingEnd,
}

/// Why a ranking goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RankingEnd {
    /// The ballot holds no mark at all: a blank vote.
    Blank,
    /// The voter ranked no further candidate.
    Choices,
    /// An overvote.
    Overvote,
    /// Too many ranks left empty.
    SkippedRanks,
    /// A candidate for the second time.
    Repeated,
}

impl RankedBallot {
    /// Reads the marks of a ballot, first rank first.
    pub fn from_marks(marks: &[Mark], rules: &CvrRules) -> Self {
        let mut ranking = Vec::new();
        let mut seen = BTreeSet::new();
        let mut skipped = 0_u32;
        let mut marked = false;
        for mark in marks {
            if *mark == Mark::Skipped {
                skipped = skipped.saturating_add(1);
                continue;
            }
            marked = true;
            if rules.max_skipped.is_some_and(|max| skipped > max) {
                return Self { ranking, end: RankingEnd::SkippedRanks };
            }
            skipped = 0;
            match *mark {
                Mark::Overvote if rules.overvote == OvervoteRule::Exhaust => {
                    return Self { ranking, end: RankingEnd::Overvote };
                }
                Mark::Candidate(c) if seen.insert(c) => ranking.push(c),
                Mark::Candidate(_) if rules.exhaust_on_repeat => {
                    return Self { ranking, end: RankingEnd::Repeated };
                }
                Mark::Candidate(_) | Mark::Overvote | Mark::Skipped => {}
            }
        }
        Self { ranking, end: if marked { RankingEnd::Choices } else { RankingEnd::Blank } }
    }

    /// The ballot as a voter would cast it electronically, for the rule `rank`. A ballot on which no candidate can be
    /// read becomes a blank vote, also where it is not empty but spoiled.
    pub fn choice(&self) -> Choice {
        if self.ranking.is_empty() {
            Choice::Blank
        } else {
            Choice::Ranking(self.ranking.clone())
        }
    }
}
