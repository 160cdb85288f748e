//! One ballot on the board, from the board's entries alone: where it is, what came after it, and whether it was in the
//! first mix's input (`COUNT-2`).
//!
//! This answers a voter's questions without the replay of the whole election, and believes no entry that decides about
//! the ballot without its signature. Whether the rest of the board holds is the auditor's to say.

use crate::codec::{Decode, DecodeError};
use crate::elgamal::{CiphertextList, EncodedCiphertext};
use crate::entry::{CancellationReason, EntryBody, SignedEntry};
use crate::ids::{ContestIndex, Digest, LeafHash, MixIndex, VoterId};
use crate::manifest::Manifest;
use crate::roll::Roll;
use crate::sign::VerifyingKey;
use crate::tree::{leaf_hash, Tree};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Why an entry cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// An entry is malformed.
    #[error("entry {index} is malformed: {error}")]
    Malformed {
        /// Its place.
        index: u64,
        /// Why.
        error: DecodeError,
    },
    /// An entry is not signed by whoever must have signed it.
    #[error("entry {index} ({kind}) is not signed by {who}: the collector has put it on the board against the rules")]
    Unsigned {
        /// Its place.
        index: u64,
        /// What it is.
        kind: String,
        /// Who should have signed.
        who: &'static str,
    },
    /// The roll is not the one on the board.
    #[error("this is not the roll that the board names")]
    OtherRoll,
    /// The roll is malformed.
    #[error("the roll is malformed: {0}")]
    MalformedRoll(DecodeError),
}

/// A ballot of the voter.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Where it is.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: LeafHash,
    /// It.
    pub entry: SignedEntry,
}

/// What became of a ballot in one contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstMix {
    /// Voting has not been closed.
    Open,
    /// The contest has too few ballots to be decrypted, and is not mixed (`COUNT-3`).
    Withheld {
        /// Ballots that count.
        ballots: usize,
    },
    /// The first mix server has not mixed yet.
    Waiting {
        /// Ballots that count.
        ballots: usize,
    },
    /// The first mix took exactly the ballots that count.
    Input {
        /// How many.
        ballots: usize,
    },
    /// The first mix took something else.
    Other {
        /// Where the mix is.
        index: u64,
        /// Digest of what it took.
        input: Digest,
        /// Digest of the ballots that count.
        counted: Digest,
    },
}

/// The list of the ballots that count in a contest.
#[derive(Clone, Copy, Debug)]
struct Counted {
    digest: Digest,
    ballots: usize,
}

type Vectors = Vec<(ContestIndex, Vec<EncodedCiphertext>)>;

/// What the entries so far say of one voter's ballot.
#[derive(Debug)]
pub struct BallotTrace {
    manifest: Arc<Manifest>,
    voter: VoterId,
    contests: Vec<ContestIndex>,
    tree: Tree,
    roll: Option<Digest>,
    newest: Option<Placed>,
    cancelled: Option<(u64, CancellationReason)>,
    ballots: HashMap<VoterId, (u64, Vectors)>,
    cancelled_voters: HashSet<VoterId>,
    closing: Option<u64>,
    counted: BTreeMap<ContestIndex, Counted>,
    mixes: BTreeMap<ContestIndex, (u64, Digest)>,
}

impl BallotTrace {
    /// Nothing seen yet; `contests` are those of the ballot that is asked about.
    pub fn new(manifest: Arc<Manifest>, voter: VoterId, contests: Vec<ContestIndex>) -> Self {
        BallotTrace {
            manifest,
            voter,
            contests,
            tree: Tree::new(),
            roll: None,
            newest: None,
            cancelled: None,
            ballots: HashMap::new(),
            cancelled_voters: HashSet::new(),
            closing: None,
            counted: BTreeMap::new(),
            mixes: BTreeMap::new(),
        }
    }

    /// Takes the board's next entry.
    ///
    /// # Errors
    /// [`TraceError`] if the entry is malformed, or decides about the ballot without the signature that it needs.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), TraceError> {
        let (index, leaf) = (self.tree.size(), leaf_hash(bytes));
        self.tree.push(leaf);
        let entry = SignedEntry::from_bytes(bytes).map_err(|error| TraceError::Malformed { index, error })?;
        let manifest = Arc::clone(&self.manifest);
        let signed = |key: &VerifyingKey, who| {
            let kind = entry.body.kind().to_string();
            entry.verify(manifest.id(), key).map_err(|_| TraceError::Unsigned { index, kind, who })
        };
        let commission = &manifest.document().commission.key;
        match &entry.body {
            EntryBody::Roll(digest) => {
                signed(&manifest.document().registrar.key, "the registrar")?;
                self.roll.get_or_insert(*digest);
            }
            EntryBody::Ballot(ballot) if self.closing.is_none() => {
                let vectors = ballot.contests.iter().filter(|c| self.contests.contains(&c.contest()));
                let vectors = vectors.map(|c| (c.contest(), c.ciphertexts().to_vec())).collect();
                self.ballots.insert(ballot.voter, (index, vectors));
                if ballot.voter == self.voter {
                    self.newest = Some(Placed { index, leaf, entry });
                }
            }
            EntryBody::Cancellation(cancellation) if self.closing.is_none() => {
                signed(commission, "the election commission")?;
                self.cancelled_voters.insert(cancellation.voter);
                if cancellation.voter == self.voter {
                    self.cancelled = Some((index, cancellation.reason));
                }
            }
            EntryBody::Closing(_) if self.closing.is_none() => {
                signed(commission, "the election commission")?;
                self.close(index).map_err(|error| TraceError::Malformed { index, error })?;
            }
            EntryBody::Mix(mix) if mix.mix == MixIndex(1) && self.contests.contains(&mix.contest) => {
                if let Some(server) = manifest.mix_server(MixIndex(1)) {
                    signed(&server.key, "the first mix server")?;
                }
                self.mixes.entry(mix.contest).or_insert((index, mix.input));
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes the next entry into the tree alone: after an entry that does not hold, the tree still shows whether it is
    /// on the board.
    pub fn skip(&mut self, bytes: &[u8]) {
        self.tree.push(leaf_hash(bytes));
    }

    /// Fails if a ballot on the board has vectors of another width than its contest's, which is malformed.
    fn close(&mut self, index: u64) -> Result<(), DecodeError> {
        self.closing = Some(index);
        let cancelled = &self.cancelled_voters;
        let mut newest: Vec<_> = self.ballots.drain().filter(|(voter, _)| !cancelled.contains(voter)).collect();
        newest.sort_unstable_by_key(|(_, (index, _))| *index);
        for contest in &self.contests {
            let width = self.manifest.layout(*contest).map_or(1, |layout| layout.width());
            let vectors = newest.iter().flat_map(|(_, (_, vectors))| vectors.iter().filter(|(c, _)| c == contest));
            let list = CiphertextList::from_vectors(width, vectors.map(|(_, vector)| vector.as_slice()))?;
            self.counted.insert(*contest, Counted { digest: *list.digest(), ballots: list.len() });
        }
        Ok(())
    }

    /// The tree of the entries so far.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The voter's newest ballot that was cast before the closing.
    pub fn newest(&self) -> Option<&Placed> {
        self.newest.as_ref()
    }

    /// Where and why the commission has cancelled the voter's ballots.
    pub fn cancelled(&self) -> Option<(u64, CancellationReason)> {
        self.cancelled
    }

    /// Whether voting has been closed.
    pub fn closed(&self) -> bool {
        self.closing.is_some()
    }

    /// Digest of the roll's file, once the board names it.
    pub fn roll(&self) -> Option<&Digest> {
        self.roll.as_ref()
    }

    /// The voter's key on the roll that the board names.
    ///
    /// # Errors
    /// [`TraceError`] if these bytes are another roll or none.
    pub fn key_on(&self, roll: &[u8]) -> Result<Option<VerifyingKey>, TraceError> {
        if self.roll != Some(Digest::of(roll)) {
            return Err(TraceError::OtherRoll);
        }
        let roll = Roll::from_bytes(roll).map_err(TraceError::MalformedRoll)?;
        Ok(roll.get(&self.voter).map(|entry| entry.key))
    }

    /// What the first mix of a contest took, beside what counts there. That a ballot is in its input follows if it is
    /// the voter's [newest](Self::newest), not [cancelled](Self::cancelled), and the input is what counts.
    pub fn first_mix(&self, contest: ContestIndex) -> FirstMix {
        let Some(counted) = self.counted.get(&contest) else { return FirstMix::Open };
        let ballots = counted.ballots;
        match self.mixes.get(&contest) {
            Some((_, input)) if *input == counted.digest => FirstMix::Input { ballots },
            Some((index, input)) => FirstMix::Other { index: *index, input: *input, counted: counted.digest },
            None if ballots < self.manifest.privacy_floor() => FirstMix::Withheld { ballots },
            None => FirstMix::Waiting { ballots },
        }
    }
}
