//! What an audit comes to. The JSON form is `--json`'s; its field names are stable.

use crate::checks::ELECTION_ID;
use selge_core::count::Outcome;
use selge_core::election::BallotNumbers;
use selge_core::manifest::ManifestDocument;
use selge_core::outcome::ElectionResult;
use serde::{Deserialize, Serialize};

/// The report's format.
pub(crate) const FORMAT: &str = "selge-audit/1";

/// The whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check ran and passed.
    Passed,
    /// At least one check failed.
    Failed,
    /// No check failed, but at least one did not run to its end, or was not asked for.
    Incomplete,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
            Self::Incomplete => "INCOMPLETE",
        })
    }
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It looked at everything and found nothing wrong.
    Passed,
    /// It found something wrong.
    Failed,
    /// It could not look at everything, and found nothing wrong so far.
    NotRun,
    /// It was not asked for, or not in full, and found nothing wrong so far.
    Skipped,
}

/// How much a check looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// What is counted.
    pub what: String,
    /// How many were looked at and found right.
    pub done: u64,
    /// How many there must be.
    pub expected: u64,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Who or what is at fault: a role, an entry, a file.
    pub culprit: String,
    /// What is wrong.
    pub problem: String,
}

/// One check's line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Stable id.
    pub id: String,
    /// What holds if it passes.
    pub title: String,
    /// What became of it.
    pub status: Status,
    /// What it looked at.
    pub counts: Vec<Count>,
    /// What is wrong; the first few.
    pub findings: Vec<Finding>,
    /// How many further findings there are.
    pub further_findings: u64,
    /// What is missing, or why the check did not run; the first few.
    pub missing: Vec<String>,
    /// How many further things are missing.
    pub further_missing: u64,
    /// Ids of checks that were not asked for, and whose answer this one takes on trust.
    #[serde(default)]
    pub on_trust: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `selge-audit/1`.
    pub format: String,
    /// The whole answer.
    pub verdict: Verdict,
    /// The election's id, in hexadecimal, if the manifest could be read.
    pub election: Option<String>,
    /// Whether the caller said which election this must be; if not, the id must be compared by the reader.
    pub election_given: bool,
    /// What was asked for; `None` if everything was.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// The election's title.
    pub title: Option<String>,
    /// How far the election has come.
    pub phase: Option<String>,
    /// Entries on the board.
    pub entries: Option<u64>,
    /// The board's root, in hexadecimal, as signed by the collector.
    pub root: Option<String>,
    /// Who cosigned the checkpoint; `None` if the election has no witnesses or there is no checkpoint.
    #[serde(default)]
    pub witnesses: Option<WitnessReport>,
    /// Voters on the roll.
    pub voters: Option<u64>,
    /// How ballots add up, as the auditor counted them.
    pub ballots: Option<BallotNumbers>,
    /// All checks.
    pub checks: Vec<CheckReport>,
    /// Remarks that change no verdict.
    pub notes: Vec<String>,
    /// The result, as the auditor computed it: present only if it equals the published one, and everything was asked for.
    pub result: Option<ElectionResult>,
    /// The names that go with the result's ids, for showing it.
    pub tallies: Vec<TallyTitle>,
    /// How the ballots of every contest went on after the closing.
    #[serde(default)]
    pub contests: Vec<ContestPassage>,
    /// Who signed what.
    #[serde(default)]
    pub signers: Vec<Signer>,
    /// The manifest, for names: as checked, if it could be read.
    #[serde(default)]
    pub manifest: Option<ManifestDocument>,
    /// How long the audit took.
    pub seconds: f64,
}

/// The part of an audit that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Names of the parts; none if all were.
    pub parts: Vec<String>,
    /// Ids of the contests; none if all were.
    pub contests: Vec<String>,
}

/// Which of the manifest's witnesses cosigned the checkpoint, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessReport {
    /// How many must.
    pub quorum: u64,
    /// Their cosignature holds.
    pub cosigned: Vec<String>,
    /// There is none of theirs.
    pub missing: Vec<String>,
    /// There is one of theirs that does not hold.
    pub invalid: Vec<String>,
}

/// One contest, from the counted ballots to the votes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContestPassage {
    /// Id in the manifest.
    pub contest: String,
    /// Title in the manifest.
    pub title: String,
    /// Ballots that count in this contest.
    pub counted: u64,
    /// Too few of them: neither mixed nor decrypted.
    pub withheld: bool,
    /// Mixes that are proven, in a row from the counted ballots on.
    pub mixed: u64,
    /// Trustees whose decryption is proven.
    pub decryptions: u64,
    /// Votes that follow from the proven decryptions.
    pub decrypted: Option<u64>,
    /// Of these, the ones that hold no valid choice.
    pub undecodable: u64,
}

/// Somebody who signed something on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// `commission`, `registrar`, `collector`, `trustee`, `mix_server`, `witness` or `voters`.
    pub role: String,
    /// Name in the manifest; none for the voters.
    pub name: Option<String>,
    /// What was signed, by kind, and how often.
    pub signed: Vec<(String, u64)>,
}

/// A tally's id and title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TallyTitle {
    /// Id in the manifest.
    pub tally: String,
    /// Title in the manifest.
    pub title: String,
}

/// Votes and seats of candidates who stand on no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutsideLists {
    pub(crate) votes: u64,
    pub(crate) seats: u64,
}

/// What a count by lists gives to candidates who are on none of the outcome's lists (`TALLY-6`; under `TALLY-5` an
/// independent candidate is a list of one). They are valid votes, so a threshold counts them too.
pub(crate) fn outside_lists(outcome: &Outcome) -> OutsideLists {
    let (mut votes, mut seats) = (0_u64, outcome.elected.len() as u64);
    for vote in outcome.contests.iter().flat_map(|contest| &contest.votes) {
        votes = votes.saturating_add(vote.votes);
    }
    for list in &outcome.lists {
        (votes, seats) = (votes.saturating_sub(list.votes), seats.saturating_sub(list.seats.into()));
    }
    OutsideLists { votes, seats }
}

/// The name of a contest's candidate; of what is no candidate's id, such as a list's name, that itself.
pub(crate) fn candidate_name<'m>(
    manifest: Option<&'m ManifestDocument>,
    contest: Option<&str>,
    id: &'m str,
) -> &'m str {
    // Ids are unique in a contest, and may come again in another.
    let contest = manifest.and_then(|manifest| manifest.contests.iter().find(|c| Some(c.id.as_str()) == contest));
    let candidate = contest.and_then(|contest| contest.candidates.iter().find(|candidate| candidate.id == id));
    candidate.map_or(id, |candidate| candidate.name.as_str())
}

impl Report {
    /// The check with this id.
    pub fn check(&self, id: &str) -> Option<&CheckReport> {
        self.checks.iter().find(|c| c.id == id)
    }

    /// Whether nothing is wrong but that another election was asked for: a slip of whoever asked, more often than a false record.
    pub(crate) fn is_of_another_election(&self) -> bool {
        let mut failed = self.checks.iter().filter(|check| check.status == Status::Failed).peekable();
        failed.peek().is_some() && failed.all(|check| check.id == ELECTION_ID.id)
    }
}
