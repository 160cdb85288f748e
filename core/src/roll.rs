//! The roll (`ROLL`): who may vote, under which pseudonym, with which key and ballot style.
//!
//! Canonical bytes: `u32 count`, then for each voter, in strictly rising order of voter id, `voter id (16) || public
//! key (32) || u16 ballot style`. The registrar signs the digest on the board; the bytes are a file.

use crate::codec::{put_count, Decode, DecodeError, Encode, Reader};
use crate::ids::{StyleIndex, VoterId};
use crate::sign::VerifyingKey;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Most voters on one roll.
pub const MAX_VOTERS: usize = 1 << 26;

/// Bytes of one entry.
const ENTRY_LEN: usize = 50;

/// One voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollEntry {
    /// The pseudonym.
    pub voter: VoterId,
    /// The key that signs this voter's ballots.
    pub key: VerifyingKey,
    /// Which contests the voter gets.
    pub style: StyleIndex,
}

/// All voters, in order of voter id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roll {
    entries: Vec<RollEntry>,
}

/// Why voters do not make a roll.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RollError {
    /// One pseudonym twice.
    #[error("voter {0} is on the roll twice")]
    DuplicateVoter(VoterId),
    /// A key that is no canonical point, or under which anybody's signature holds.
    #[error("voter {0}'s public key is not usable: the voter must make a new one")]
    Key(VoterId),
    /// One key twice: whoever holds it could vote twice.
    #[error("voter {0} has the same key as another voter")]
    DuplicateKey(VoterId),
    /// A ballot style that the manifest does not have.
    #[error("voter {voter} has ballot style {style}, the manifest has {styles} styles")]
    Style {
        /// Which voter.
        voter: VoterId,
        /// The style given.
        style: StyleIndex,
        /// How many there are.
        styles: usize,
    },
}

impl Roll {
    /// A roll of voters in any order.
    ///
    /// # Errors
    /// [`RollError`] if a voter or a key stands twice.
    pub fn new(mut entries: Vec<RollEntry>) -> Result<Self, RollError> {
        entries.sort_unstable_by_key(|e| e.voter);
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].voter == pair[1].voter) {
            return Err(RollError::DuplicateVoter(pair[0].voter));
        }
        if let Some(entry) = entries.par_iter().find_first(|e| e.key.check().is_err()) {
            return Err(RollError::Key(entry.voter));
        }
        let mut keys = BTreeSet::new();
        if let Some(entry) = entries.iter().find(|e| !keys.insert(e.key)) {
            return Err(RollError::DuplicateKey(entry.voter));
        }
        Ok(Roll { entries })
    }

    /// Checks that every voter's style exists (`ROLL-3`).
    ///
    /// # Errors
    /// [`RollError::Style`].
    pub fn check_styles(&self, styles: usize) -> Result<(), RollError> {
        match self.entries.iter().find(|e| usize::from(e.style.0) >= styles) {
            Some(e) => Err(RollError::Style { voter: e.voter, style: e.style, styles }),
            None => Ok(()),
        }
    }

    /// The entry of a voter.
    pub fn get(&self, voter: &VoterId) -> Option<&RollEntry> {
        self.entries.get(self.place(voter)?)
    }

    /// The place of a voter among the entries.
    pub fn place(&self, voter: &VoterId) -> Option<usize> {
        self.entries.binary_search_by_key(voter, |e| e.voter).ok()
    }

    /// All entries, in order.
    pub fn entries(&self) -> &[RollEntry] {
        &self.entries
    }

    /// How many voters.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Encode for Roll {
    fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(4 + ENTRY_LEN * self.entries.len());
        put_count(out, self.entries.len());
        for e in &self.entries {
            e.voter.encode(out);
            e.key.encode(out);
            e.style.encode(out);
        }
    }
}

impl Decode for Roll {
    const NAME: &'static str = "roll";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let n = reader.count(MAX_VOTERS, ENTRY_LEN, "roll")?;
        let mut entries: Vec<RollEntry> = Vec::with_capacity(n);
        for _ in 0..n {
            let entry = RollEntry {
                voter: VoterId::decode(reader)?,
                key: VerifyingKey::decode(reader)?,
                style: StyleIndex::decode(reader)?,
            };
            if entries.last().is_some_and(|last| last.voter >= entry.voter) {
                return Err(DecodeError::Unordered { what: "the roll's voter ids" });
            }
            entries.push(entry);
        }
        // Rising voter ids leave two errors: a key that stands twice, or is not usable.
        Roll::new(entries).map_err(|error| match error {
            RollError::Key(_) => DecodeError::BadPoint { what: "a key on the roll" },
            _ => DecodeError::Unordered { what: "the roll's keys, made distinct," },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(voter: u8, key: u8) -> RollEntry {
        let key = crate::sign::SigningKey::from_seed([key; 32]).verifying_key();
        RollEntry { voter: VoterId([voter; 16]), key, style: StyleIndex(0) }
    }

    #[test]
    fn a_roll_reads_back_and_every_disorder_is_refused() {
        let roll = Roll::new(vec![entry(3, 1), entry(1, 2), entry(2, 3)]).unwrap();
        let bytes = roll.to_bytes();
        assert_eq!(Roll::from_bytes(&bytes).unwrap(), roll);
        assert_eq!(roll.get(&VoterId([2; 16])), Some(&entry(2, 3)));
        assert_eq!(roll.get(&VoterId([9; 16])), None);
        assert!(Roll::new(vec![entry(1, 1), entry(1, 2)]).is_err());
        assert!(Roll::new(vec![entry(1, 1), entry(2, 1)]).is_err());
        let mut swapped = bytes.clone();
        swapped[4..54].copy_from_slice(&bytes[54..104]);
        swapped[54..104].copy_from_slice(&bytes[4..54]);
        let order = |bytes: &[u8]| Roll::from_bytes(bytes).unwrap_err().to_string();
        let (voters, keys) = ("the roll's voter ids", "the roll's keys");
        assert!(order(&swapped).contains(voters));
        let mut last_swapped = bytes.clone();
        last_swapped[54..104].copy_from_slice(&bytes[104..154]);
        last_swapped[104..154].copy_from_slice(&bytes[54..104]);
        assert!(order(&last_swapped).contains(voters), "both behind the first");
        let mut twice = bytes.clone();
        twice.copy_within(4..20, 54);
        assert!(order(&twice).contains(voters));
        assert_eq!((roll.len(), roll.is_empty(), Roll::new(Vec::new()).unwrap().is_empty()), (3, false, true));
        let mut no_key = bytes.clone();
        no_key[20..52].fill(0);
        assert!(order(&no_key).contains("a key on the roll"), "a key of small order");
        let mut same_key = bytes.clone();
        same_key.copy_within(20..52, 70);
        assert!(order(&same_key).contains(keys));
        assert!(Roll::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(roll.check_styles(1).is_ok());
        assert!(roll.check_styles(0).is_err());
    }
}
