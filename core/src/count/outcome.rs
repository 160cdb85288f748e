//! What a count comes to. Every list in it has a fixed order, so equal counts have equal JSON.

use serde::{Deserialize, Serialize};

use super::{Amount, Fraction};

/// The result of a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Votes by contest, in the order given.
    pub contests: Vec<ContestOutcome>,
    /// Votes and seats by list; empty for rules without lists.
    pub lists: Vec<ListOutcome>,
    /// Rounds of a count of rankings; empty for other rules.
    pub rounds: Vec<Round>,
    /// Who is elected, in the order in which the seats were filled.
    pub elected: Vec<Elected>,
    /// Seats that nobody could take.
    pub vacant: u64,
    /// Ties that decided something, in the order in which they arose.
    pub ties: Vec<Tie>,
}

/// Votes in one contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestOutcome {
    /// Id of the contest.
    pub contest: String,
    /// Ballots, blank ones included.
    pub ballots: u64,
    /// Blank ballots.
    pub blanks: u64,
    /// Votes of each candidate in the manifest's order; first preferences where rankings are counted.
    pub votes: Vec<CandidateVotes>,
    /// Votes for one seat in the contest, where the rule has such a quota.
    pub quota: Option<Fraction>,
}

/// A candidate's votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateVotes {
    /// Id of the candidate.
    pub candidate: String,
    /// Number of votes, or sum of scores.
    pub votes: u64,
}

/// A list's votes and seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListOutcome {
    /// Name of the list; for an independent candidate that candidate's id.
    pub list: String,
    /// Whether this is an independent candidate.
    pub independent: bool,
    /// Votes of its candidates in all contests.
    pub votes: u64,
    /// Whether it reached the threshold.
    pub passed: bool,
    /// Seats won.
    pub seats: u32,
}

/// Somebody who is elected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elected {
    /// Id of the contest in which the candidate stood.
    pub contest: String,
    /// Id of the candidate.
    pub candidate: String,
    /// Name of the candidate.
    pub name: String,
    /// List of the candidate.
    pub list: Option<String>,
    /// Votes of the candidate: sum of scores, or votes held when elected, where that is what counts.
    pub votes: Amount,
    /// What kind of seat it is.
    pub mandate: Mandate,
}

/// What won a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mandate {
    /// Most votes, approvals or scores.
    Votes,
    /// Elected in a round of a count of rankings.
    Round {
        /// The round, from 1.
        round: u32,
    },
    /// The list's seat by highest averages.
    List {
        /// The seat's divisor: the list's first seat has 1.
        divisor: u32,
    },
    /// The candidate's own votes reached the district's quota.
    Personal,
    /// The list's votes in the district.
    District,
    /// The list's votes in the whole country, by highest averages.
    Compensation {
        /// The comparison figure is the list's votes divided by this number to the power 9/10.
        divisor: u32,
    },
}

/// One round of a count of rankings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Number of the round, from 1.
    pub number: u32,
    /// Votes that elect in this round.
    pub quota: Amount,
    /// Votes of the candidates still in the count and of those elected earlier, in the manifest's order.
    pub votes: Vec<CandidateAmount>,
    /// Votes that count for somebody in this round, [`final_surplus`](Self::final_surplus) included.
    pub active: Amount,
    /// Votes that count for nobody any more.
    pub inactive: Inactive,
    /// Surplus lost to rounding so far.
    pub residual: Amount,
    /// Surplus that nobody could receive in the closing round, once all seats were filled.
    pub final_surplus: Amount,
    /// Who was elected or eliminated in this round, and where the votes went for the next one.
    pub actions: Vec<Action>,
}

/// Votes of a candidate in a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CandidateAmount {
    /// Id of the candidate.
    pub candidate: String,
    /// The votes.
    pub votes: Amount,
}

/// Votes that count for nobody any more, by what stopped them. Blank ballots are not among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inactive {
    /// No further candidate in the ranking.
    pub exhausted: Amount,
    /// A rank with several candidates; electronic ballots have none.
    pub overvotes: Amount,
    /// Too many ranks left empty; electronic ballots have none.
    pub skipped_ranks: Amount,
    /// A candidate ranked twice; electronic ballots have none.
    pub repeated: Amount,
}

/// What happened to a candidate in a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Id of the candidate.
    pub candidate: String,
    /// Elected or eliminated.
    pub kind: ActionKind,
    /// Where the votes went: candidates in the manifest's order, then exhausted, then residual; no zeros.
    pub transfers: Vec<Transfer>,
}

/// Elected or eliminated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// The candidate has a seat.
    Elected,
    /// The candidate is out.
    Eliminated,
}

/// Votes that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Where to.
    pub to: Destination,
    /// How many.
    pub votes: Amount,
}

/// Where votes moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// To the candidate with this id.
    Candidate(String),
    /// To nobody.
    Exhausted,
    /// Lost to rounding.
    Residual,
}

/// A tie that decided something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// Id of the contest; none for seats shared between contests.
    pub contest: Option<String>,
    /// What the tie was about.
    pub about: TieFor,
    /// Ids of the candidates, or names of the lists, that were equal; the one who is ahead first.
    pub tied: Vec<String>,
    /// Those of them for whom it was decided: who got the seats, or who was eliminated.
    pub chosen: Vec<String>,
    /// What decided.
    pub by: TieBreak,
}

/// What a tie was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TieFor {
    /// Which candidates take the last seats.
    Seat,
    /// Which candidate is eliminated.
    Elimination {
        /// In which round.
        round: u32,
    },
    /// Which candidate is elected first where a round elects one only.
    Election {
        /// In which round.
        round: u32,
    },
    /// Which list takes the next seat.
    List,
}

/// What decided a tie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TieBreak {
    /// The order of the candidates in the manifest.
    CandidateOrder,
    /// The order of lots in the manifest.
    Lot,
    /// The votes in an earlier round.
    EarlierRound {
        /// Which round.
        round: u32,
    },
    /// For candidates the order of their national list. For lists their order in the manifest: the first one is ahead,
    /// for compensation seats of the Riigikogu the last one.
    ListOrder,
}
