//! What the page is told, ready to be shown.

use selge_core::check::{voter_number, Heard};
use selge_core::count::CandidateRef;
use selge_core::ids::{LeafHash, StyleIndex};
use selge_core::manifest::{Contest, Manifest};
use selge_core::rules::{Choice, VotingRule};
use selge_voter_client::tracker;
use serde::Serialize;

/// The election.
#[derive(Debug, Serialize)]
pub struct ElectionView<'a> {
    id: String,
    title: &'a str,
    /// Seconds since 1970.
    opens: i64,
    closes: i64,
    phase: &'a str,
    commission: &'a str,
    collector: &'a str,
    trustees: usize,
    threshold: usize,
    mixes: usize,
    witnesses: usize,
}

impl<'a> ElectionView<'a> {
    pub(crate) fn new(manifest: &'a Manifest, phase: &'a str) -> Self {
        let document = manifest.document();
        ElectionView {
            id: manifest.id().to_string(),
            title: &document.title,
            opens: document.opens.unix_timestamp(),
            closes: document.closes.unix_timestamp(),
            phase,
            commission: &document.commission.name,
            collector: &document.collector.name,
            trustees: manifest.trustees(),
            threshold: manifest.threshold(),
            mixes: manifest.mixes(),
            witnesses: manifest.witnesses().keys().len(),
        }
    }
}

/// A contest as the voter fills it in.
#[derive(Debug, Serialize)]
struct ContestView<'a> {
    id: &'a str,
    title: &'a str,
    rule: &'a VotingRule,
    candidates: &'a [CandidateRef],
}

impl<'a> From<&'a Contest> for ContestView<'a> {
    fn from(contest: &'a Contest) -> Self {
        ContestView { id: &contest.id, title: &contest.title, rule: &contest.rule, candidates: &contest.candidates }
    }
}

/// The voter and what there is to vote on.
#[derive(Debug, Serialize)]
pub struct VoterView<'a> {
    voter: String,
    style: &'a str,
    contests: Vec<ContestView<'a>>,
    /// The tracker of an earlier ballot, if the board says that there is one.
    earlier: Option<String>,
}

impl<'a> VoterView<'a> {
    /// `None` if there is no such ballot style.
    pub(crate) fn new(manifest: &'a Manifest, voter: String, style: StyleIndex, newest: &LeafHash) -> Option<Self> {
        let contests = manifest.style(style)?.iter().map(|at| manifest.contest(*at).map(ContestView::from));
        Some(VoterView {
            voter,
            style: &manifest.document().ballot_styles.get(usize::from(style.0))?.id,
            contests: contests.collect::<Option<_>>()?,
            earlier: (*newest != LeafHash::NONE).then(|| tracker(newest)),
        })
    }
}

/// What a ballot holds, as the second device was proven.
#[derive(Debug, Serialize)]
pub struct HeldView<'a> {
    /// The voter's number, to be compared with the voter card.
    voter: String,
    contests: Vec<ContestView<'a>>,
    choices: Vec<&'a Choice>,
}

impl<'a> HeldView<'a> {
    /// `None` if there is no such contest.
    pub(crate) fn new(manifest: &'a Manifest, heard: &'a Heard) -> Option<Self> {
        let contests = heard.choices.iter().map(|(at, _)| manifest.contest(*at).map(ContestView::from));
        Some(HeldView {
            voter: voter_number(&heard.voter),
            contests: contests.collect::<Option<_>>()?,
            choices: heard.choices.iter().map(|(_, choice)| choice).collect(),
        })
    }
}

/// What the second device has found on the board.
#[derive(Debug, Serialize)]
pub struct HeardView<'a> {
    pub(crate) held: HeldView<'a>,
    pub(crate) tracker: String,
    /// Whether the board says that no later ballot of the voter is there.
    pub(crate) newest: bool,
    /// Whether the board says that the voter's ballots are cancelled.
    pub(crate) cancelled: bool,
}

/// A signed ballot that has not been handed in.
#[derive(Debug, Serialize)]
pub struct BallotView {
    /// Its canonical bytes, base64: encrypted, it does not show the choices.
    pub ballot: String,
    /// Its tracker.
    pub tracker: String,
}

/// A ballot that is on the board.
#[derive(Debug, Serialize)]
pub struct CastView {
    /// Its tracker.
    pub tracker: String,
    /// Its place on the board.
    pub index: u64,
    /// Whether this page can prove to a second device what it holds: not so a ballot that was kept from an earlier visit.
    pub checkable: bool,
    /// The receipt as text (C2SP `tlog-proof`).
    pub receipt: String,
}
