//! Which ballots count (`COUNT`): from the state's own memory, or read back from where the board keeps its entries.

use super::{Election, EntryError, Vector};
use crate::ballot::EncryptedBallot;
use crate::codec::{Decode, DecodeError};
use crate::elgamal::CiphertextList;
use crate::entry::{EntryBody, EntryKind, SignedEntry};
use crate::ids::ContestIndex;
use crate::tree::leaf_hash;
use rayon::prelude::*;
use std::sync::Arc;

/// The ballots of one contest that count, in order of their place on the board (`COUNT-2`). Only
/// [`Election::counted`] makes one, and only after the closing.
#[derive(Clone, Debug)]
pub struct CountedSet {
    pub(super) contest: ContestIndex,
    pub(super) list: Arc<CiphertextList>,
    pub(super) withheld: bool,
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

/// The ballots that count if voting ends now. Only [`Election::count_from`] makes one.
#[derive(Clone, Debug)]
pub struct CountedBallots {
    /// Entries that the board had.
    size: u64,
    sets: Vec<CountedSet>,
}

/// Why the ballots that count cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BallotsError<E> {
    /// An entry cannot be read.
    #[error("entry {index}, a ballot that counts, cannot be read: {error}")]
    Unreadable {
        /// Its place on the board.
        index: u64,
        /// What the reader says.
        error: E,
    },
    /// What is read in an entry's place is not the entry.
    #[error("what is read as entry {index}, a ballot that counts, is another entry than the board's")]
    Another {
        /// Its place on the board.
        index: u64,
    },
    /// A ballot has not the layout of its contests; [`Election::check`] passes none such.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
}

/// What a state keeps of a ballot's ciphertexts.
pub(super) fn vectors(ballot: &EncryptedBallot) -> Box<[Vector]> {
    ballot.contests.iter().map(|c| (c.contest(), c.ciphertexts().into())).collect()
}

impl Election {
    /// Reads the ballots that count if voting ends now, for a state without ciphertexts. `read` gives the bytes of an
    /// entry by its place, from any thread; nothing is believed that has not the leaf hash that the state knows.
    ///
    /// # Errors
    /// [`BallotsError`].
    pub fn count_from<E: Send>(
        &self,
        read: impl Fn(u64) -> Result<Vec<u8>, E> + Sync,
    ) -> Result<CountedBallots, BallotsError<E>> {
        let read_back = |(index, leaf)| {
            let bytes = read(index).map_err(|error| BallotsError::Unreadable { index, error })?;
            let another = BallotsError::Another { index };
            if leaf_hash(&bytes) != leaf {
                return Err(another);
            }
            match SignedEntry::from_bytes(&bytes).map(|entry| entry.body) {
                Ok(EntryBody::Ballot(ballot)) => Ok(vectors(&ballot)),
                _ => Err(another),
            }
        };
        let newest: Vec<_> = self.newest().into_iter().map(|ballot| (ballot.index, ballot.leaf)).collect();
        let ballots: Vec<_> = newest.into_par_iter().map(read_back).collect::<Result<_, _>>()?;
        let sets = self.sets(&ballots.iter().map(AsRef::as_ref).collect::<Vec<_>>())?;
        Ok(CountedBallots { size: self.size, sets })
    }

    /// Hands over what [`Election::count_from`] has read, for the closing that is applied next.
    pub fn bring(&mut self, counted: CountedBallots) {
        self.read_back = Some(counted);
    }

    /// The counted sets, when the closing is applied.
    pub(super) fn counted_at_the_closing(&mut self) -> Result<Vec<CountedSet>, EntryError> {
        if self.keeps_ciphertexts {
            let newest = self.newest();
            return Ok(self.sets(&newest.iter().map(|ballot| ballot.contests.as_ref()).collect::<Vec<_>>())?);
        }
        match self.read_back.take() {
            Some(counted) if counted.size == self.size => Ok(counted.sets),
            _ => {
                let why = "the ballots that count have not been read back";
                Err(EntryError::Phase { kind: EntryKind::Closing, phase: self.phase(), why })
            }
        }
    }

    /// Of each voter whose ballots are not cancelled the newest, in order of place on the board (`COUNT-2`).
    fn newest(&self) -> Vec<&super::LastBallot> {
        let voters = self.roll().map_or(&[][..], |roll| roll.entries()).iter().zip(&self.ballots);
        let counts = voters.filter(|(entry, _)| !self.cancelled.contains_key(&entry.voter));
        let mut newest: Vec<_> = counts.filter_map(|(_, ballot)| ballot.as_ref()).collect();
        newest.sort_unstable_by_key(|ballot| ballot.index);
        newest
    }

    /// The lists of all contests from the ballots that count.
    fn sets(&self, ballots: &[&[Vector]]) -> Result<Vec<CountedSet>, DecodeError> {
        self.manifest
            .contests()
            .map(|(contest, _)| {
                let width = self.manifest.layout(contest).map_or(1, |l| l.width());
                let vectors = ballots
                    .iter()
                    .flat_map(|ballot| ballot.iter().filter(|(c, _)| *c == contest))
                    .map(|(_, vector)| vector.as_ref());
                let list = Arc::new(CiphertextList::from_vectors(width, vectors)?);
                let withheld = list.len() < self.manifest.privacy_floor();
                Ok(CountedSet { contest, list, withheld })
            })
            .collect()
    }
}
