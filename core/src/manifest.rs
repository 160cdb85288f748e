//! The manifest (`MAN`): everything that is fixed before an election, in one JSON document.
//!
//! The election's id is the SHA-256 digest of the manifest's exact bytes, and every proof and signature names it, so
//! nothing of one election can be used in another. The document is never re-encoded.

use crate::ballot::MAX_CONTESTS;
use crate::cosignature::WitnessKey;
use crate::count::{count, CandidateRef, ContestBallots, CountError, CountingRule};
use crate::elgamal::MAX_WIDTH;
use crate::entry::{ballot_entry_len, MAX_ENTRY};
use crate::ids::{ContestIndex, ElectionId, MixIndex, StyleIndex, TrusteeIndex};
use crate::note::LogKey;
use crate::plaintext::Layout;
use crate::rules::{ChoiceSpace, RuleError, VotingRule};
use crate::sign::VerifyingKey;
use crate::witnesses::{Witnesses, MAX_WITNESSES, MAX_WITNESS_NAME};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};
use time::OffsetDateTime;

/// The format that this code reads.
pub const FORMAT: &str = "selge-manifest/1";

/// Longest manifest that is read.
pub const MAX_MANIFEST: usize = 8 << 20;

/// Most contests, styles or tallies.
const MAX_ITEMS: usize = 10_000;

/// Most candidates of one contest.
const MAX_CANDIDATES: usize = 10_000;

/// Most trustees or mix servers.
const MAX_PARTIES: usize = 255;

/// The document as written by the commission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// [`FORMAT`].
    pub format: String,
    /// What the election is called.
    pub title: String,
    /// From when ballots are taken.
    #[serde(with = "time::serde::rfc3339")]
    pub opens: OffsetDateTime,
    /// Until when ballots are taken.
    #[serde(with = "time::serde::rfc3339")]
    pub closes: OffsetDateTime,
    /// Whether the commission may close earlier, for elections that end when everybody has voted.
    #[serde(default)]
    pub early_close: bool,
    /// Signs manifest, opening, cancellations, closing and result.
    pub commission: Party,
    /// Signs the roll.
    pub registrar: Party,
    /// Takes in ballots and signs checkpoints; the name is the log's origin prefix.
    pub collector: Party,
    /// Hold shares of the key; their order gives their index, from 1.
    pub trustees: Vec<Party>,
    /// How many trustees decrypt.
    pub threshold: u16,
    /// Shuffle, in this order.
    pub mix_servers: Vec<Party>,
    /// Cosign checkpoints; an election may have none.
    #[serde(default)]
    pub witnesses: Vec<WitnessKey>,
    /// How many of the witnesses must cosign the checkpoint of the record, and the one that mixing starts from.
    #[serde(default)]
    pub witness_quorum: u16,
    /// Fewest counted ballots of a contest that are decrypted.
    pub privacy_floor: u32,
    /// The questions.
    pub contests: Vec<Contest>,
    /// Which contests a voter gets.
    pub ballot_styles: Vec<BallotStyle>,
    /// How the contests are counted.
    pub tallies: Vec<TallyRule>,
}

/// Somebody with a signing key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Name to show.
    pub name: String,
    /// Public signing key.
    pub key: VerifyingKey,
}

/// One question on a ballot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// Unique id.
    pub id: String,
    /// Title to show.
    pub title: String,
    /// How it may be filled in.
    pub rule: VotingRule,
    /// Who or what can be chosen; a choice names positions in this list.
    pub candidates: Vec<CandidateRef>,
}

/// A set of contests that some voters get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotStyle {
    /// Unique id.
    pub id: String,
    /// Ids of the contests, in the ballot's order.
    pub contests: Vec<String>,
}

/// A count over one or more contests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TallyRule {
    /// Unique id.
    pub id: String,
    /// Title to show.
    pub title: String,
    /// Ids of the contests.
    pub contests: Vec<String>,
    /// How they are counted.
    pub rule: CountingRule,
}

/// Why a manifest is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Longer than [`MAX_MANIFEST`].
    #[error("the manifest has {0} bytes, at most {MAX_MANIFEST} are read")]
    TooLarge(usize),
    /// Not JSON, or not of this shape.
    #[error("the manifest is not a valid document: {0}")]
    Json(#[from] serde_json::Error),
    /// Written for another version.
    #[error("the manifest's format is {0:?}, this program reads {FORMAT:?}")]
    Format(String),
    /// A rule of the specification is broken.
    #[error("the manifest's {place}: {problem}")]
    Invalid {
        /// Where.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A contest's rule does not fit its candidates.
    #[error("the manifest's contest {contest:?}: {source}")]
    Rule {
        /// Which contest.
        contest: String,
        /// What is wrong.
        source: RuleError,
    },
    /// A tally's rule cannot count its contests.
    #[error("the manifest's tally {tally:?}: {source}")]
    Tally {
        /// Which tally.
        tally: String,
        /// What is wrong.
        source: CountError,
    },
}

fn invalid(place: impl Into<String>, problem: impl Into<String>) -> ManifestError {
    ManifestError::Invalid { place: place.into(), problem: problem.into() }
}

/// A manifest that has been checked, with its id.
#[derive(Clone, Debug)]
pub struct Manifest {
    id: ElectionId,
    document: ManifestDocument,
    spaces: Vec<ChoiceSpace>,
    layouts: Vec<Layout>,
    styles: Vec<Vec<ContestIndex>>,
    tallies: Vec<Vec<ContestIndex>>,
    witnesses: Witnesses,
}

impl Manifest {
    /// Reads and checks a manifest (`MAN-2`).
    ///
    /// # Errors
    /// [`ManifestError`] naming the place.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        let document: ManifestDocument = serde_json::from_slice(bytes)?;
        if document.format != FORMAT {
            return Err(ManifestError::Format(document.format));
        }
        check_form(&serde_json::from_slice(bytes)?, &serde_json::to_value(&document)?, "")?;
        if document.opens.unix_timestamp() >= document.closes.unix_timestamp() {
            return Err(invalid("closes", "must be at least one second later than opens"));
        }
        check_parties(&document)?;
        let witnesses = check_witnesses(&document)?;
        let contest_ids = unique_ids("contests", document.contests.iter().map(|c| c.id.as_str()))?;
        unique_ids("ballot_styles", document.ballot_styles.iter().map(|s| s.id.as_str()))?;
        unique_ids("tallies", document.tallies.iter().map(|t| t.id.as_str()))?;
        let contest_places: HashMap<&str, usize> = contest_ids.iter().copied().zip(0..).collect();
        let find = |place: &str, ids: &[String]| -> Result<Vec<ContestIndex>, ManifestError> {
            if ids.is_empty() {
                return Err(invalid(place, "names no contest"));
            }
            unique(place, ids.iter().map(String::as_str))?;
            ids.iter()
                .map(|id| {
                    contest_places
                        .get(id.as_str())
                        .and_then(|at| u16::try_from(*at).ok())
                        .map(ContestIndex)
                        .ok_or_else(|| invalid(place, format!("there is no contest {id:?}")))
                })
                .collect()
        };
        let styles = document
            .ballot_styles
            .iter()
            .map(|s| find(&format!("ballot style {:?}", s.id), &s.contests))
            .collect::<Result<Vec<_>, _>>()?;
        let tallies = document
            .tallies
            .iter()
            .map(|t| find(&format!("tally {:?}", t.id), &t.contests))
            .collect::<Result<Vec<_>, _>>()?;
        let mut spaces = Vec::new();
        let mut layouts = Vec::new();
        for contest in &document.contests {
            let space = check_contest(contest)?;
            let layout = Layout::new(space.size())
                .filter(|l| l.width() <= MAX_WIDTH)
                .ok_or_else(|| invalid(format!("contest {:?}", contest.id), "has too many valid choices"))?;
            spaces.push(space);
            layouts.push(layout);
        }
        for (at, contest) in (0..).map(ContestIndex).zip(&document.contests) {
            if !styles.iter().flatten().any(|c| *c == at) {
                let place = format!("contest {:?}", contest.id);
                return Err(invalid(place, "is in no ballot style: nobody could vote in it"));
            }
        }
        check_styles(&document, &styles, &layouts)?;
        check_tallies(&document, &tallies, &spaces)?;
        let id = ElectionId(Sha256::digest(bytes).into());
        Ok(Manifest { id, document, spaces, layouts, styles, tallies, witnesses })
    }

    /// The election's id.
    pub fn id(&self) -> &ElectionId {
        &self.id
    }

    /// The document.
    pub fn document(&self) -> &ManifestDocument {
        &self.document
    }

    /// A contest.
    pub fn contest(&self, at: ContestIndex) -> Option<&Contest> {
        self.document.contests.get(usize::from(at.0))
    }

    /// All contests, with their index.
    pub fn contests(&self) -> impl Iterator<Item = (ContestIndex, &Contest)> {
        (0..).map(ContestIndex).zip(&self.document.contests)
    }

    /// A contest's choices.
    pub fn space(&self, at: ContestIndex) -> Option<&ChoiceSpace> {
        self.spaces.get(usize::from(at.0))
    }

    /// How a contest's choices are spread over ciphertexts.
    pub fn layout(&self, at: ContestIndex) -> Option<Layout> {
        self.layouts.get(usize::from(at.0)).copied()
    }

    /// The contests of a ballot style, in the ballot's order.
    pub fn style(&self, at: StyleIndex) -> Option<&[ContestIndex]> {
        self.styles.get(usize::from(at.0)).map(Vec::as_slice)
    }

    /// The index of the ballot style with this id.
    pub fn style_index(&self, id: &str) -> Option<StyleIndex> {
        let at = self.document.ballot_styles.iter().position(|s| s.id == id)?;
        u16::try_from(at).ok().map(StyleIndex)
    }

    /// The tallies, with their contests.
    pub fn tallies(&self) -> impl Iterator<Item = (&TallyRule, &[ContestIndex])> {
        self.document.tallies.iter().zip(self.tallies.iter().map(Vec::as_slice))
    }

    /// A trustee.
    pub fn trustee(&self, at: TrusteeIndex) -> Option<&Party> {
        self.document.trustees.get(usize::from(at.0).checked_sub(1)?)
    }

    /// How many trustees there are, `n`.
    pub fn trustees(&self) -> usize {
        self.document.trustees.len()
    }

    /// How many trustees decrypt, `t`.
    pub fn threshold(&self) -> usize {
        usize::from(self.document.threshold)
    }

    /// A mix server.
    pub fn mix_server(&self, at: MixIndex) -> Option<&Party> {
        self.document.mix_servers.get(usize::from(at.0).checked_sub(1)?)
    }

    /// How many mix servers there are.
    pub fn mixes(&self) -> usize {
        self.document.mix_servers.len()
    }

    /// The witnesses, and how many of them must cosign.
    pub fn witnesses(&self) -> &Witnesses {
        &self.witnesses
    }

    /// Fewest counted ballots of a contest that are mixed and decrypted.
    pub fn privacy_floor(&self) -> usize {
        self.document.privacy_floor as usize
    }

    /// The board's origin and key (`LOG-4`): the origin is the collector's name, a slash, and the first 16
    /// hexadecimal digits of the election id.
    pub fn log_key(&self) -> LogKey {
        let id = self.id.to_string();
        let origin = format!("{}/{}", self.document.collector.name, id.get(..16).unwrap_or(&id));
        LogKey { origin, key: self.document.collector.key }
    }
}

/// Checks that the manifest is written as `MAN` says (`MAN-1`). `serde` also reads an object from a list of its values,
/// and a name from an object of that name; others who read the manifest would refuse it.
fn check_form(written: &Value, read: &Value, place: &str) -> Result<(), ManifestError> {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => written.iter().try_for_each(|(field, value)| {
            let place = format!("{place}/{field}");
            match read.get(field) {
                Some(of) => check_form(value, of, &place),
                None => Err(invalid(place, "is no field of a manifest")),
            }
        }),
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => (0..)
            .zip(written.iter().zip(read))
            .try_for_each(|(i, (written, read)): (usize, _)| check_form(written, read, &format!("{place}/{i}"))),
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => {
            let place = if place.is_empty() { "document" } else { place };
            Err(invalid(place, "must be an object, a list or a name where the specification says so"))
        }
        _ => Ok(()),
    }
}

fn check_parties(document: &ManifestDocument) -> Result<(), ManifestError> {
    let (n, t) = (document.trustees.len(), usize::from(document.threshold));
    if n == 0 || n > MAX_PARTIES {
        return Err(invalid("trustees", format!("1 to {MAX_PARTIES} are allowed, there are {n}")));
    }
    if t == 0 || t > n {
        return Err(invalid("threshold", format!("must be 1 to {n}, the number of trustees, and is {t}")));
    }
    let mixes = document.mix_servers.len();
    if mixes == 0 || mixes > MAX_PARTIES {
        return Err(invalid("mix_servers", format!("1 to {MAX_PARTIES} are allowed, there are {mixes}")));
    }
    if document.privacy_floor < 2 {
        return Err(invalid("privacy_floor", "must be at least 2: one ballot cannot hide among others"));
    }
    let all = [&document.commission, &document.registrar, &document.collector];
    let all: Vec<_> = all.into_iter().chain(&document.trustees).chain(&document.mix_servers).collect();
    // One key in two roles would let a signature of one stand for the other's.
    let keys: BTreeSet<_> = all.iter().map(|p| p.key).collect();
    if keys.len() != all.len() {
        return Err(invalid("parties", "two of them have the same key"));
    }
    unique("trustees", document.trustees.iter().map(|p| p.name.as_str()))?;
    unique("mix_servers", document.mix_servers.iter().map(|p| p.name.as_str()))?;
    let origin = &document.collector.name;
    if origin.is_empty() || origin.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
        return Err(invalid("collector name", "must not be empty or hold spaces or '+': it names the public log"));
    }
    Ok(())
}

/// Checks that the witnesses are different ones and nobody else of the election, and that the quorum can be reached.
fn check_witnesses(document: &ManifestDocument) -> Result<Witnesses, ManifestError> {
    let (witnesses, quorum) = (&document.witnesses, usize::from(document.witness_quorum));
    let n = witnesses.len();
    if n > MAX_WITNESSES {
        return Err(invalid("witnesses", format!("at most {MAX_WITNESSES} are allowed, there are {n}")));
    }
    if quorum > n {
        let problem = format!("must be at most {n}, the number of witnesses, and is {quorum}");
        return Err(invalid("witness_quorum", problem));
    }
    let parties = [&document.commission, &document.registrar, &document.collector];
    let parties: Vec<_> = parties.into_iter().chain(&document.trustees).chain(&document.mix_servers).collect();
    for (i, witness) in witnesses.iter().enumerate() {
        let name = &witness.name;
        if name.len() > MAX_WITNESS_NAME {
            return Err(invalid("witnesses", format!("the name {name:?} is longer than {MAX_WITNESS_NAME} bytes")));
        }
        if parties.iter().any(|party| party.key == witness.key) {
            return Err(invalid("witnesses", format!("{name:?} has the key of a party of the election")));
        }
        // The log's origin begins with this name, so that nobody takes one for the other.
        if *name == document.collector.name || name.starts_with(&format!("{}/", document.collector.name)) {
            return Err(invalid("witnesses", format!("{name:?} is a name of the collector's log")));
        }
        for other in witnesses.iter().take(i) {
            if other.name == *name || other.key == witness.key || other.id() == witness.id() {
                let problem =
                    format!("{:?} and {name:?} have the same name, key or key id: one would count twice", other.name);
                return Err(invalid("witnesses", problem));
            }
        }
    }
    Ok(Witnesses::new(witnesses.clone(), quorum))
}

fn check_contest(contest: &Contest) -> Result<ChoiceSpace, ManifestError> {
    let place = || format!("contest {:?}", contest.id);
    let n = contest.candidates.len();
    if n > MAX_CANDIDATES {
        return Err(invalid(place(), format!("has {n} candidates, at most {MAX_CANDIDATES} are allowed")));
    }
    unique_ids(&format!("contest {:?} candidates", contest.id), contest.candidates.iter().map(|c| c.id.as_str()))?;
    let candidates = u32::try_from(n).map_err(|_| invalid(place(), "has too many candidates"))?;
    contest.rule.space(candidates).map_err(|source| ManifestError::Rule { contest: contest.id.clone(), source })
}

/// Checks that a ballot of every style fits into a board entry: else nobody with that style could vote.
fn check_styles(
    document: &ManifestDocument,
    styles: &[Vec<ContestIndex>],
    layouts: &[Layout],
) -> Result<(), ManifestError> {
    for (style, contests) in document.ballot_styles.iter().zip(styles) {
        let of_style = contests.iter().filter_map(|c| layouts.get(usize::from(c.0)));
        let bytes = ballot_entry_len(of_style.map(Layout::contest_len).sum());
        if contests.len() > MAX_CONTESTS || bytes > MAX_ENTRY {
            let n = contests.len();
            return Err(invalid(
                format!("ballot style {:?}", style.id),
                format!("has {n} contests, whose ballot would take {bytes} bytes: at most {MAX_CONTESTS} contests and {MAX_ENTRY} bytes are allowed"),
            ));
        }
    }
    Ok(())
}

/// Checks that every tally's rule can count its contests: found at the count, it would leave no result. A choice that no
/// ballot holds is enough to see whether rule and contests fit.
fn check_tallies(
    document: &ManifestDocument,
    tallies: &[Vec<ContestIndex>],
    spaces: &[ChoiceSpace],
) -> Result<(), ManifestError> {
    for (tally, contests) in document.tallies.iter().zip(tallies) {
        let mut ballots = Vec::new();
        for at in contests.iter().map(|c| usize::from(c.0)) {
            if let (Some(contest), Some(space)) = (document.contests.get(at), spaces.get(at)) {
                // The last choice is never blank, unless the contest allows nothing else.
                let last = space.unrank(space.size().saturating_sub(1));
                let last = last.map_err(|source| ManifestError::Rule { contest: contest.id.clone(), source })?;
                let (id, candidates) = (contest.id.clone(), contest.candidates.clone());
                ballots.push(ContestBallots { id, candidates, choices: vec![(last, 0)] });
            }
        }
        count(&tally.rule, &ballots).map_err(|source| ManifestError::Tally { tally: tally.id.clone(), source })?;
    }
    Ok(())
}

/// As [`unique`], for ids that programs and people type: visible ASCII alone, so that two that look the same are.
fn unique_ids<'a>(place: &str, ids: impl Iterator<Item = &'a str>) -> Result<Vec<&'a str>, ManifestError> {
    let ids = unique(place, ids)?;
    match ids.iter().find(|id| !id.bytes().all(|b| b.is_ascii_graphic())) {
        Some(id) => Err(invalid(place, format!("the id {id:?} holds something else than visible ASCII characters"))),
        None => Ok(ids),
    }
}

/// Checks that names are present, not empty and distinct.
fn unique<'a>(place: &str, ids: impl Iterator<Item = &'a str>) -> Result<Vec<&'a str>, ManifestError> {
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() || ids.len() > MAX_ITEMS {
        return Err(invalid(place, format!("1 to {MAX_ITEMS} are allowed, there are {}", ids.len())));
    }
    let mut seen = BTreeSet::new();
    for id in &ids {
        if id.is_empty() || id.len() > 256 || id.chars().any(char::is_control) {
            return Err(invalid(place, format!("{id:?} is not a name of 1 to 256 printable bytes")));
        }
        if !seen.insert(*id) {
            return Err(invalid(place, format!("{id:?} stands twice")));
        }
    }
    Ok(ids)
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
