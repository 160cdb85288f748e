//! The state of an election (`STATE`): what the board's entries so far add up to, and which entry may come next.
//!
//! Everybody who reads the board runs this same code: the collector before it takes an entry in, mix servers and
//! trustees before they act, and the auditor. [`Election::check`] decides everything but the zero-knowledge proofs,
//! which are [`crate::ballot`]'s, [`crate::shuffle`]'s and [`crate::decryption`]'s to verify; [`Election::apply`] takes
//! only what `check` has passed.

use crate::ballot::{BallotError, EncryptedBallot};
use crate::ceremony::{CeremonyContext, CeremonyError, Commitments, JointKey, Round1, Shares};
use crate::codec::Encode;
use crate::elgamal::{Ciphertext, CiphertextList};
use crate::entry::{
    CancellationReason, Closing, Confirmation, Decryption, EntryBody, EntryKind, Mix, Opening, SignedEntry,
};
use crate::ids::{ContestIndex, Digest, LeafHash, MixIndex, TrusteeIndex, VoterId};
use crate::manifest::Manifest;
use crate::roll::{Roll, RollEntry, RollError};
use crate::sign::{BadSignature, VerifyingKey};
use crate::tree::Hash;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How far an election has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Key ceremony and roll.
    Setup,
    /// The ceremony failed; this election cannot go on.
    Aborted,
    /// Ballots are taken.
    Voting,
    /// Ballots are mixed and decrypted.
    Counting,
    /// The result is published.
    Finished,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Phase::Setup => "set-up",
            Phase::Aborted => "aborted",
            Phase::Voting => "voting",
            Phase::Counting => "counting",
            Phase::Finished => "finished",
        })
    }
}

/// Why an entry may not come next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The entry does not belong into this phase.
    #[error("a {kind} entry does not belong into the {phase} phase: {why}")]
    Phase {
        /// Kind of the entry.
        kind: EntryKind,
        /// Phase of the election.
        phase: Phase,
        /// What is missing or over.
        why: &'static str,
    },
    /// The signature is not that of whoever must sign this entry.
    #[error("{signer}: {source}")]
    Signature {
        /// Who must have signed.
        signer: String,
        /// What is wrong.
        source: BadSignature,
    },
    /// The second entry where only one is allowed.
    #[error("{0} is already on the board")]
    Duplicate(String),
    /// Nobody of that number.
    #[error("there is no {what} {number}")]
    Unknown {
        /// What is missing.
        what: &'static str,
        /// Its number.
        number: u16,
    },
    /// A digest or key that is not the one on the board.
    #[error("{what} is {found}, the board says {expected}")]
    Mismatch {
        /// What differs.
        what: &'static str,
        /// What the entry says.
        found: String,
        /// What it must say.
        expected: String,
    },
    /// A ceremony message does not hold.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The roll does not fit the manifest.
    #[error(transparent)]
    Roll(#[from] RollError),
    /// The voter is not on the roll.
    #[error("voter {0} is not on the roll")]
    NotOnRoll(VoterId),
    /// The ballot has a style that the roll does not give this voter.
    #[error("voter {voter} has ballot style {expected} on the roll, the ballot has {found}")]
    WrongStyle {
        /// Who.
        voter: VoterId,
        /// Style on the ballot.
        found: u16,
        /// Style on the roll.
        expected: u16,
    },
    /// The voter's ballots are cancelled.
    #[error("voter {voter}'s ballots are cancelled ({reason}); no further ballot is taken")]
    Cancelled {
        /// Who.
        voter: VoterId,
        /// Why.
        reason: CancellationReason,
    },
    /// The ballot's contests are not those of its style.
    #[error("voter {voter}'s ballot: {source}")]
    BallotShape {
        /// Who.
        voter: VoterId,
        /// What is wrong.
        source: BallotError,
    },
    /// The ballot does not follow the voter's newest one.
    #[error(
        "the ballot follows ballot {found}, voter {voter}'s newest is {expected}: look at the newest and cast again"
    )]
    Stale {
        /// Who.
        voter: VoterId,
        /// What the ballot names.
        found: LeafHash,
        /// The newest on the board.
        expected: LeafHash,
    },
    /// The commission signed a time that the manifest does not allow.
    #[error("{what} at {found} s since 1970 is outside the manifest's period ({opens} to {closes})")]
    Time {
        /// Opening or closing.
        what: &'static str,
        /// The time signed.
        found: u64,
        /// Manifest.
        opens: u64,
        /// Manifest.
        closes: u64,
    },
}

/// A voter's newest ballot.
#[derive(Clone, Debug)]
struct LastBallot {
    index: u64,
    leaf: LeafHash,
    contests: Arc<[(ContestIndex, Vec<Ciphertext>)]>,
}

/// How ballots add up (`COUNT-1`): `cast = counted + superseded + cancelled`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotNumbers {
    /// Ballots on the board.
    pub cast: u64,
    /// Replaced by a later ballot of the same voter.
    pub superseded: u64,
    /// Last ballots of voters whose ballots were cancelled.
    pub cancelled: u64,
    /// Ballots that count.
    pub counted: u64,
}

/// The ballots of one contest that count, in order of their place on the board (`COUNT-2`). Only
/// [`Election::counted`] makes one, and only after the closing.
#[derive(Clone, Debug)]
pub struct CountedSet {
    contest: ContestIndex,
    list: Arc<CiphertextList>,
    withheld: bool,
}

impl CountedSet {
    /// Which contest.
    pub fn contest(&self) -> ContestIndex {
        self.contest
    }

    /// The first mix server's input.
    pub fn list(&self) -> &Arc<CiphertextList> {
        &self.list
    }

    /// Whether there are too few to be decrypted on their own (`COUNT-3`).
    pub fn withheld(&self) -> bool {
        self.withheld
    }
}

/// What a voter sees of itself on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoterState {
    /// Index and leaf hash of the newest ballot.
    pub newest: Option<(u64, LeafHash)>,
    /// Whether the ballots are cancelled, and why.
    pub cancelled: Option<CancellationReason>,
}

/// The state that the board's entries define.
#[derive(Debug)]
pub struct Election {
    manifest: Arc<Manifest>,
    size: u64,
    commitments: BTreeMap<TrusteeIndex, Commitments>,
    round1: Option<Round1>,
    shares: BTreeMap<TrusteeIndex, Shares>,
    joint_key: Option<JointKey>,
    confirmations: BTreeMap<TrusteeIndex, Confirmation>,
    culprit: Option<TrusteeIndex>,
    roll: Option<(Digest, Arc<Roll>)>,
    opening: Option<Opening>,
    cast: u64,
    ballots: HashMap<VoterId, LastBallot>,
    cancelled: HashMap<VoterId, CancellationReason>,
    closing: Option<Closing>,
    counted: Vec<CountedSet>,
    mixes: BTreeMap<ContestIndex, Vec<Mix>>,
    decryptions: BTreeMap<(ContestIndex, TrusteeIndex), Decryption>,
    result: Option<Digest>,
}

/// What an entry's check needs besides the entry and the state.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckInput<'a> {
    /// The roll's file, for a roll entry.
    pub roll: Option<&'a Arc<Roll>>,
    /// The root of the tree before the entry, for a closing entry.
    pub root: Option<Hash>,
}

impl Election {
    /// The state after the manifest entry, which must be the board's first leaf and name this manifest.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn start(manifest: Arc<Manifest>, first: &SignedEntry) -> Result<Self, EntryError> {
        let EntryBody::Manifest(digest) = &first.body else {
            let (kind, phase) = (first.body.kind(), Phase::Setup);
            return Err(EntryError::Phase { kind, phase, why: "the first entry must be the manifest" });
        };
        if digest.0 != manifest.id().0 {
            return Err(mismatch("the manifest's digest", digest, manifest.id()));
        }
        verify(&manifest, first, "the election commission", &manifest.document().commission.key)?;
        Ok(Election {
            manifest,
            size: 1,
            commitments: BTreeMap::new(),
            round1: None,
            shares: BTreeMap::new(),
            joint_key: None,
            confirmations: BTreeMap::new(),
            culprit: None,
            roll: None,
            opening: None,
            cast: 0,
            ballots: HashMap::new(),
            cancelled: HashMap::new(),
            closing: None,
            counted: Vec::new(),
            mixes: BTreeMap::new(),
            decryptions: BTreeMap::new(),
            result: None,
        })
    }

    /// The manifest.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// Entries so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How far the election has come.
    pub fn phase(&self) -> Phase {
        match (&self.result, &self.closing, &self.opening, &self.culprit) {
            (Some(_), ..) => Phase::Finished,
            (_, Some(_), ..) => Phase::Counting,
            (_, _, Some(_), _) => Phase::Voting,
            (_, _, _, Some(_)) => Phase::Aborted,
            _ => Phase::Setup,
        }
    }

    /// The trustee that a complaint has shown to be at fault.
    pub fn culprit(&self) -> Option<TrusteeIndex> {
        self.culprit
    }

    /// The joint key, once all commitments are there.
    pub fn joint_key(&self) -> Option<&JointKey> {
        self.joint_key.as_ref()
    }

    /// Round 1 of the ceremony, once complete.
    pub fn round1(&self) -> Option<&Round1> {
        self.round1.as_ref()
    }

    /// Commitments so far.
    pub fn commitments(&self) -> impl Iterator<Item = &Commitments> {
        self.commitments.values()
    }

    /// Share messages so far.
    pub fn shares(&self) -> impl Iterator<Item = &Shares> {
        self.shares.values()
    }

    /// Whether a trustee has confirmed.
    pub fn confirmed(&self, trustee: TrusteeIndex) -> bool {
        self.confirmations.contains_key(&trustee)
    }

    /// Whether all trustees have confirmed.
    pub fn ceremony_complete(&self) -> bool {
        self.confirmations.len() == self.manifest.trustees()
    }

    /// The roll.
    pub fn roll(&self) -> Option<&Arc<Roll>> {
        self.roll.as_ref().map(|(_, roll)| roll)
    }

    /// The roll's digest.
    pub fn roll_digest(&self) -> Option<&Digest> {
        self.roll.as_ref().map(|(digest, _)| digest)
    }

    /// The opening.
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// The closing.
    pub fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref()
    }

    /// The result's digest.
    pub fn result(&self) -> Option<&Digest> {
        self.result.as_ref()
    }

    /// Mixes of a contest so far, in order.
    pub fn mixes(&self, contest: ContestIndex) -> &[Mix] {
        self.mixes.get(&contest).map_or(&[], Vec::as_slice)
    }

    /// Partial decryptions of a contest so far, in order of trustee.
    pub fn decryptions(&self, contest: ContestIndex) -> Vec<&Decryption> {
        self.decryptions.iter().filter(|((c, _), _)| *c == contest).map(|(_, d)| d).collect()
    }

    /// The counted ballots of every contest, once voting has ended.
    pub fn counted(&self) -> &[CountedSet] {
        &self.counted
    }

    /// The counted ballots of one contest, once voting has ended.
    pub fn counted_in(&self, contest: ContestIndex) -> Option<&CountedSet> {
        self.counted.get(usize::from(contest.0))
    }

    /// What the board says of a voter.
    pub fn voter(&self, voter: &VoterId) -> VoterState {
        VoterState {
            newest: self.ballots.get(voter).map(|b| (b.index, b.leaf)),
            cancelled: self.cancelled.get(voter).copied(),
        }
    }

    /// How ballots add up so far.
    pub fn numbers(&self) -> BallotNumbers {
        let voters = self.ballots.len() as u64;
        let cancelled = self.ballots.keys().filter(|v| self.cancelled.contains_key(v)).count() as u64;
        BallotNumbers { cast: self.cast, superseded: self.cast - voters, cancelled, counted: voters - cancelled }
    }

    /// The digest that confirmations name (`KEY-7`): of all round 1 and round 2 messages, in order of trustee.
    pub fn ceremony_digest(&self) -> Option<Digest> {
        self.round1.as_ref()?;
        if self.shares.len() != self.manifest.trustees() {
            return None;
        }
        let mut bytes = Vec::new();
        self.commitments.values().for_each(|m| m.encode(&mut bytes));
        self.shares.values().for_each(|m| m.encode(&mut bytes));
        Some(Digest::of(&bytes))
    }

    /// The ceremony's context.
    pub fn ceremony(&self) -> CeremonyContext<'_> {
        CeremonyContext {
            election: self.manifest.id(),
            trustees: self.manifest.trustees(),
            threshold: self.manifest.threshold(),
        }
    }

    /// Checks that an entry may come next: phase, signer and signature, and everything it refers to.
    ///
    /// Not checked here: the proofs of ballots, mixes and decryptions, and the result's content.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn check(&self, entry: &SignedEntry, input: &CheckInput<'_>) -> Result<(), EntryError> {
        self.check_phase(entry.body.kind())?;
        let document = self.manifest.document();
        match &entry.body {
            EntryBody::Manifest(_) => Err(EntryError::Duplicate("the manifest".into())),
            EntryBody::Commitments(m) => {
                self.check_trustee(entry, m.trustee)?;
                if self.commitments.contains_key(&m.trustee) {
                    return Err(EntryError::Duplicate(format!("trustee {}'s commitments", m.trustee)));
                }
                m.verify(&self.ceremony())?;
                // The last message completes the key: one that makes it unusable must not get onto the board.
                self.complete_round1(m)?;
                Ok(())
            }
            EntryBody::Shares(m) => {
                self.check_trustee(entry, m.trustee)?;
                if self.round1.is_none() {
                    return Err(self.wrong_phase(entry, "not all trustees have committed yet"));
                }
                if self.shares.contains_key(&m.trustee) {
                    return Err(EntryError::Duplicate(format!("trustee {}'s shares", m.trustee)));
                }
                Ok(m.check_shape(&self.ceremony())?)
            }
            EntryBody::Confirmation(m) => {
                self.check_trustee(entry, m.trustee)?;
                let (Some(digest), Some(key)) = (self.ceremony_digest(), &self.joint_key) else {
                    return Err(self.wrong_phase(entry, "not all trustees have sent their shares yet"));
                };
                if self.confirmed(m.trustee) {
                    return Err(EntryError::Duplicate(format!("trustee {}'s confirmation", m.trustee)));
                }
                if m.ceremony != digest {
                    return Err(mismatch("the ceremony's digest", m.ceremony, digest));
                }
                check_key(&m.joint_key, key)
            }
            EntryBody::Complaint(m) => {
                self.check_trustee(entry, m.trustee)?;
                let (Some(round1), Some(shares)) = (&self.round1, self.shares.get(&m.dealer)) else {
                    return Err(self.wrong_phase(entry, "the accused has not sent shares yet"));
                };
                round1.judge(&self.ceremony(), shares, m)?;
                Ok(())
            }
            EntryBody::Roll(digest) => {
                self.verify(entry, "the registrar", &document.registrar.key)?;
                if self.roll.is_some() {
                    return Err(EntryError::Duplicate("the roll".into()));
                }
                let roll = input.roll.ok_or_else(|| self.wrong_phase(entry, "its file is missing"))?;
                let found = Digest::of(&roll.to_bytes());
                if found != *digest {
                    return Err(mismatch("the roll file's digest", found, digest));
                }
                Ok(roll.check_styles(document.ballot_styles.len())?)
            }
            EntryBody::Opening(m) => {
                self.verify(entry, "the election commission", &document.commission.key)?;
                let (Some((roll, _)), Some(key), true) = (&self.roll, &self.joint_key, self.ceremony_complete()) else {
                    return Err(self.wrong_phase(entry, "the roll or the key ceremony is not complete"));
                };
                if m.roll != *roll {
                    return Err(mismatch("the roll's digest", m.roll, roll));
                }
                check_key(&m.joint_key, key)?;
                self.check_time("the opening", m.time, m.time < self.closes())
            }
            EntryBody::Ballot(m) => self.check_ballot(entry, m).map(|_| ()),
            EntryBody::Cancellation(m) => {
                self.verify(entry, "the election commission", &document.commission.key)?;
                self.on_roll(&m.voter)?;
                if self.cancelled.contains_key(&m.voter) {
                    return Err(EntryError::Duplicate(format!("the cancellation of voter {}", m.voter)));
                }
                Ok(())
            }
            EntryBody::Closing(m) => {
                self.verify(entry, "the election commission", &document.commission.key)?;
                if m.size != self.size {
                    return Err(mismatch("the board's size", m.size, self.size));
                }
                let root = input.root.ok_or_else(|| self.wrong_phase(entry, "the board's root is unknown"))?;
                if m.root != root {
                    return Err(mismatch("the board's root", hex::encode(m.root), hex::encode(root)));
                }
                let opened = self.opening.as_ref().map_or(0, |o| o.time);
                let late_enough = document.early_close || m.time >= self.closes();
                self.check_time("the closing", m.time, late_enough && m.time >= opened)
            }
            EntryBody::Mix(m) => self.check_mix(entry, m),
            EntryBody::Decryption(m) => self.check_decryption(entry, m),
            EntryBody::Result(_) => {
                self.verify(entry, "the election commission", &document.commission.key)?;
                let complete = self.counted.iter().filter(|set| !set.withheld).all(|set| {
                    self.mixes(set.contest).len() == self.manifest.mixes()
                        && self.decryptions(set.contest).len() >= self.manifest.threshold()
                });
                if complete {
                    Ok(())
                } else {
                    Err(self.wrong_phase(entry, "not every contest is mixed and decrypted yet"))
                }
            }
        }
    }

    /// Checks a ballot entry and returns the voter's place on the roll (`BAL-6`).
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn check_ballot(&self, entry: &SignedEntry, ballot: &EncryptedBallot) -> Result<RollEntry, EntryError> {
        self.check_phase(EntryKind::Ballot)?;
        let voter = self.on_roll(&ballot.voter)?;
        self.verify(entry, &format!("voter {}", ballot.voter), &voter.key)?;
        if voter.style != ballot.style {
            let (found, expected) = (ballot.style.0, voter.style.0);
            return Err(EntryError::WrongStyle { voter: ballot.voter, found, expected });
        }
        let shape = ballot.check_shape(&self.manifest);
        shape.map_err(|source| EntryError::BallotShape { voter: ballot.voter, source })?;
        if let Some(reason) = self.cancelled.get(&ballot.voter) {
            return Err(EntryError::Cancelled { voter: ballot.voter, reason: *reason });
        }
        let expected = self.ballots.get(&ballot.voter).map_or(LeafHash::NONE, |b| b.leaf);
        if ballot.previous != expected {
            return Err(EntryError::Stale { voter: ballot.voter, found: ballot.previous, expected });
        }
        Ok(voter)
    }

    /// Round 1 and the joint key, if this message is the last that they lack.
    fn complete_round1(&self, last: &Commitments) -> Result<Option<(Round1, JointKey)>, CeremonyError> {
        if self.commitments.len() + 1 != self.manifest.trustees() {
            return Ok(None);
        }
        let messages: Vec<_> = self.commitments.values().chain([last]).cloned().collect();
        let round1 = Round1::new(&self.ceremony(), &messages)?;
        let key = round1.joint_key(&self.ceremony())?;
        Ok(Some((round1, key)))
    }

    fn check_mix(&self, entry: &SignedEntry, m: &Mix) -> Result<(), EntryError> {
        let server = self.manifest.mix_server(m.mix).ok_or(unknown("mix server", m.mix.0))?;
        self.verify(entry, &format!("mix server {}", m.mix), &server.key)?;
        let set = self.mixed_contest(entry, m.contest)?;
        let done = self.mixes(m.contest);
        let expected = MixIndex(u16::try_from(done.len() + 1).unwrap_or(u16::MAX));
        if m.mix < expected {
            return Err(EntryError::Duplicate(format!("mix {} of contest {}", m.mix, m.contest)));
        }
        if m.mix != expected {
            return Err(mismatch("the mix's place in the chain", m.mix, expected));
        }
        let input = done.last().map_or(set.list.digest(), |before| &before.output);
        if m.input != *input {
            return Err(mismatch("the mix's input", m.input, input));
        }
        Ok(())
    }

    fn check_decryption(&self, entry: &SignedEntry, m: &Decryption) -> Result<(), EntryError> {
        self.check_trustee(entry, m.trustee)?;
        self.mixed_contest(entry, m.contest)?;
        let mixes = self.mixes(m.contest);
        let (Some(last), true) = (mixes.last(), mixes.len() == self.manifest.mixes()) else {
            return Err(self.wrong_phase(entry, "not all mix servers have mixed this contest yet"));
        };
        if self.decryptions.contains_key(&(m.contest, m.trustee)) {
            let what = format!("trustee {}'s decryption of contest {}", m.trustee, m.contest);
            return Err(EntryError::Duplicate(what));
        }
        if m.input != last.output {
            return Err(mismatch("the decrypted list", m.input, last.output));
        }
        Ok(())
    }

    /// The counted set of a contest that is large enough to be decrypted.
    fn mixed_contest(&self, entry: &SignedEntry, contest: ContestIndex) -> Result<&CountedSet, EntryError> {
        let set = self.counted_in(contest).ok_or(unknown("contest", contest.0))?;
        if set.withheld {
            return Err(self.wrong_phase(entry, "the contest has too few ballots to be decrypted"));
        }
        Ok(set)
    }

    fn check_phase(&self, kind: EntryKind) -> Result<(), EntryError> {
        let phase = self.phase();
        let (allowed, why) = match kind {
            EntryKind::Manifest => (Phase::Setup, "there is one manifest"),
            EntryKind::Commitments
            | EntryKind::Shares
            | EntryKind::Confirmation
            | EntryKind::Complaint
            | EntryKind::Roll
            | EntryKind::Opening => (Phase::Setup, "set-up is over"),
            EntryKind::Ballot | EntryKind::Cancellation | EntryKind::Closing => {
                (Phase::Voting, if phase < Phase::Voting { "voting has not started" } else { "voting has ended" })
            }
            EntryKind::Mix | EntryKind::Decryption | EntryKind::Result => {
                (Phase::Counting, if phase < Phase::Counting { "voting has not ended" } else { "the count is over" })
            }
        };
        if phase == allowed {
            Ok(())
        } else {
            Err(EntryError::Phase { kind, phase, why })
        }
    }

    fn wrong_phase(&self, entry: &SignedEntry, why: &'static str) -> EntryError {
        EntryError::Phase { kind: entry.body.kind(), phase: self.phase(), why }
    }

    fn verify(&self, entry: &SignedEntry, signer: &str, key: &VerifyingKey) -> Result<(), EntryError> {
        verify(&self.manifest, entry, signer, key)
    }

    fn check_trustee(&self, entry: &SignedEntry, trustee: TrusteeIndex) -> Result<(), EntryError> {
        let party = self.manifest.trustee(trustee).ok_or(unknown("trustee", trustee.0))?;
        self.verify(entry, &format!("trustee {trustee}"), &party.key)
    }

    fn on_roll(&self, voter: &VoterId) -> Result<RollEntry, EntryError> {
        self.roll().and_then(|roll| roll.get(voter)).copied().ok_or(EntryError::NotOnRoll(*voter))
    }

    fn opens(&self) -> u64 {
        u64::try_from(self.manifest.document().opens.unix_timestamp()).unwrap_or(0)
    }

    fn closes(&self) -> u64 {
        u64::try_from(self.manifest.document().closes.unix_timestamp()).unwrap_or(0)
    }

    fn check_time(&self, what: &'static str, found: u64, fits: bool) -> Result<(), EntryError> {
        if fits && found >= self.opens() {
            return Ok(());
        }
        Err(EntryError::Time { what, found, opens: self.opens(), closes: self.closes() })
    }

    /// Takes in an entry that [`Election::check`] has passed with the same state and input.
    ///
    /// # Errors
    /// [`EntryError`] only for an entry that the check would not have passed.
    pub fn apply(&mut self, entry: SignedEntry, leaf: LeafHash, input: &CheckInput<'_>) -> Result<(), EntryError> {
        let index = self.size;
        match entry.body {
            EntryBody::Manifest(_) => {}
            EntryBody::Commitments(m) => {
                if let Some((round1, key)) = self.complete_round1(&m)? {
                    (self.round1, self.joint_key) = (Some(round1), Some(key));
                }
                self.commitments.insert(m.trustee, m);
            }
            EntryBody::Shares(m) => {
                self.shares.insert(m.trustee, m);
            }
            EntryBody::Confirmation(m) => {
                self.confirmations.insert(m.trustee, m);
            }
            EntryBody::Complaint(m) => {
                if let (Some(round1), Some(shares)) = (&self.round1, self.shares.get(&m.dealer)) {
                    self.culprit = Some(round1.judge(&self.ceremony(), shares, &m)?);
                }
            }
            EntryBody::Roll(digest) => {
                self.roll = input.roll.map(|roll| (digest, Arc::clone(roll)));
            }
            EntryBody::Opening(m) => self.opening = Some(m),
            EntryBody::Ballot(m) => {
                let contests = m.contests.iter().map(|c| (c.contest(), c.ciphertexts().to_vec())).collect();
                self.cast += 1;
                self.ballots.insert(m.voter, LastBallot { index, leaf, contests });
            }
            EntryBody::Cancellation(m) => {
                self.cancelled.insert(m.voter, m.reason);
            }
            EntryBody::Closing(m) => {
                self.closing = Some(m);
                self.counted = self.count();
                // The counted sets hold all that is still needed of the ballots' ciphertexts.
                self.ballots.values_mut().for_each(|b| b.contests = Arc::new([]));
            }
            EntryBody::Mix(m) => self.mixes.entry(m.contest).or_default().push(m),
            EntryBody::Decryption(m) => {
                self.decryptions.insert((m.contest, m.trustee), m);
            }
            EntryBody::Result(digest) => self.result = Some(digest),
        }
        self.size += 1;
        Ok(())
    }

    /// `COUNT-2`: of each voter whose ballots are not cancelled the newest, in order of place on the board.
    fn count(&self) -> Vec<CountedSet> {
        let mut newest: Vec<_> =
            self.ballots.iter().filter(|(voter, _)| !self.cancelled.contains_key(voter)).map(|(_, b)| b).collect();
        newest.sort_unstable_by_key(|b| b.index);
        self.manifest
            .contests()
            .map(|(contest, _)| {
                let width = self.manifest.layout(contest).map_or(1, |l| l.width());
                let components: Vec<_> = newest
                    .iter()
                    .flat_map(|b| b.contests.iter().filter(|(c, _)| *c == contest))
                    .flat_map(|(_, vector)| vector.iter().flat_map(|c| [c.r, c.c]))
                    .collect();
                let list = Arc::new(CiphertextList::from_components(width, components).1);
                let withheld = list.len() < self.manifest.privacy_floor();
                CountedSet { contest, list, withheld }
            })
            .collect()
    }
}

fn verify(manifest: &Manifest, entry: &SignedEntry, signer: &str, key: &VerifyingKey) -> Result<(), EntryError> {
    entry.verify(manifest.id(), key).map_err(|source| EntryError::Signature { signer: signer.to_owned(), source })
}

fn check_key(found: &curve25519_dalek::RistrettoPoint, key: &JointKey) -> Result<(), EntryError> {
    let expected = key.public_key().point();
    if found == expected {
        return Ok(());
    }
    let hex = |p: &curve25519_dalek::RistrettoPoint| hex::encode(p.compress().as_bytes());
    Err(mismatch("the joint key", hex(found), hex(expected)))
}

fn mismatch(what: &'static str, found: impl ToString, expected: impl ToString) -> EntryError {
    EntryError::Mismatch { what, found: found.to_string(), expected: expected.to_string() }
}

fn unknown(what: &'static str, number: u16) -> EntryError {
    EntryError::Unknown { what, number }
}
