//! Signatures of many ballots at once, before the state takes the ballots in one by one.

use super::{Election, EntryError};
use crate::ballot::EncryptedBallot;
use crate::entry::{EntryBody, SignedEntry};
use crate::sign::{verify_each, VerifyingKey};
use rayon::prelude::*;

/// Signatures whose equations share a sum.
const BATCH: usize = 256;

/// A ballot whose signature holds under `key`. Only [`Election::check_signatures`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct SignedBallot<'a> {
    ballot: &'a EncryptedBallot,
    key: VerifyingKey,
}

impl Election {
    /// Checks the signatures of those entries that are ballots of voters on the roll, on all cores. What holds can go to
    /// [`Election::check_signed`]; of anything else [`Election::check`] says what is wrong.
    pub fn check_signatures<'a>(&self, entries: &[Option<&'a SignedEntry>]) -> Vec<Option<SignedBallot<'a>>> {
        let signer = |entry: &Option<&'a SignedEntry>| match entry {
            Some(SignedEntry { body: EntryBody::Ballot(ballot), .. }) => {
                Some(SignedBallot { ballot, key: self.roll()?.get(&ballot.voter)?.key })
            }
            _ => None,
        };
        entries
            .par_chunks(BATCH)
            .flat_map_iter(|entries| {
                let claimed: Vec<_> = entries.iter().map(signer).collect();
                let of_voters = entries.iter().zip(&claimed).filter_map(|(entry, claimed)| (*entry).zip(*claimed));
                let checks = of_voters
                    .map(|(entry, claimed)| entry.signature_check(self.manifest().id(), &claimed.key))
                    .collect();
                let mut answers = verify_each(checks).into_iter();
                let holds = claimed.into_iter().map(|claimed| {
                    let claimed = claimed?;
                    answers.next()?.ok().map(|()| claimed)
                });
                holds.collect::<Vec<_>>()
            })
            .collect()
    }

    /// As [`Election::check`], for a ballot whose signature has been checked.
    ///
    /// # Errors
    /// [`EntryError`]; [`EntryError::NotOnRoll`] also if the key is no longer the voter's.
    pub fn check_signed(&self, signed: &SignedBallot<'_>) -> Result<(), EntryError> {
        if self.ballot_voter(signed.ballot)?.key != signed.key {
            return Err(EntryError::NotOnRoll(signed.ballot.voter));
        }
        self.check_signed_ballot(signed.ballot).map(|_| ())
    }
}
