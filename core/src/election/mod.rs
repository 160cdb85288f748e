//! The state of an election (`STATE`): what the board's entries so far add up to, and which entry may come next.
//!
//! Everybody who reads the board runs this same code: the collector before it takes an entry in, mix servers and
//! trustees before they act, and the auditor. [`Election::check`] decides everything but the zero-knowledge proofs,
//! which are [`crate::ballot`]'s, [`crate::shuffle`]'s and [`crate::decryption`]'s to verify; [`Election::apply`] takes
//! only what `check` has passed.

use crate::ceremony::{CeremonyContext, Commitments, JointKey, Round1, Shares};
use crate::codec::Encode;
use crate::elgamal::EncodedCiphertext;
use crate::entry::{CancellationReason, Closing, Confirmation, Decryption, EntryBody, Mix, Opening, SignedEntry};
use crate::ids::{ContestIndex, Digest, LeafHash, TrusteeIndex, VoterId};
use crate::manifest::Manifest;
use crate::roll::Roll;
use crate::tree::Hash;
mod check;
mod count;
mod error;
mod signed;

pub use count::{BallotsError, CountedBallots, CountedSet};
pub use error::EntryError;
pub use signed::{SignedBallot, SignedBallotEntry, VerifiedBallotEntry};

use check::{mismatch, verify};
use count::vectors;

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

/// A voter's newest ballot.
#[derive(Clone, Debug)]
struct LastBallot {
    index: u64,
    leaf: LeafHash,
    /// Empty in a state without ciphertexts, and after the closing.
    contests: Box<[Vector]>,
}

/// A ballot's ciphertexts for one contest.
type Vector = (ContestIndex, Box<[EncodedCiphertext]>);

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
    keeps_ciphertexts: bool,
    /// In a state without ciphertexts, for the closing that comes next.
    read_back: Option<CountedBallots>,
    /// For every voter on the roll, in its order. All of it is taken at the opening, so that the memory of a board on which
    /// people vote does not depend on how many have done so.
    ballots: Vec<Option<LastBallot>>,
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
            keeps_ciphertexts: true,
            read_back: None,
            ballots: Vec::new(),
            cancelled: HashMap::new(),
            closing: None,
            counted: Vec::new(),
            mixes: BTreeMap::new(),
            decryptions: BTreeMap::new(),
            result: None,
        })
    }

    /// Keeps of every voter's newest ballot its place and leaf hash alone, however long it is. The closing can then only be
    /// applied after [`Election::bring`]. To be asked for before the first ballot.
    #[must_use]
    pub fn without_ciphertexts(self) -> Self {
        Election { keeps_ciphertexts: self.cast > 0 && self.keeps_ciphertexts, ..self }
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
            newest: self.last_ballot(voter).map(|b| (b.index, b.leaf)),
            cancelled: self.cancelled.get(voter).copied(),
        }
    }

    fn last_ballot(&self, voter: &VoterId) -> Option<&LastBallot> {
        self.ballots.get(self.roll()?.place(voter)?)?.as_ref()
    }

    /// How ballots add up so far.
    pub fn numbers(&self) -> BallotNumbers {
        let voters = self.ballots.iter().flatten().count() as u64;
        let cancelled = self.cancelled.keys().filter(|voter| self.last_ballot(voter).is_some()).count() as u64;
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
            EntryBody::Opening(m) => {
                self.ballots = vec![None; self.roll().map_or(0, |roll| roll.len())];
                self.opening = Some(m);
            }
            EntryBody::Ballot(m) => {
                let contests = if self.keeps_ciphertexts { vectors(&m) } else { Box::default() };
                let place = self.roll().and_then(|roll| roll.place(&m.voter));
                let slot = place.and_then(|place| self.ballots.get_mut(place)).ok_or(EntryError::NotOnRoll(m.voter))?;
                *slot = Some(LastBallot { index, leaf, contests });
                self.cast += 1;
            }
            EntryBody::Cancellation(m) => {
                self.cancelled.insert(m.voter, m.reason);
            }
            EntryBody::Closing(m) => {
                self.counted = self.counted_at_the_closing()?;
                self.closing = Some(m);
                // The counted sets hold all that is still needed of the ballots' ciphertexts.
                self.ballots.iter_mut().flatten().for_each(|b| b.contests = Box::default());
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
}
