//! Signatures of many ballots at once, before the state takes the ballots in one by one; and, for whoever puts ballots
//! on a board, entries that carry with them what has been checked of them.

use super::{Election, EntryError};
use crate::ballot::{self, BallotError, EncryptedBallot};
use crate::elgamal::PublicKey;
use crate::entry::{EntryBody, SignedEntry};
use crate::ids::ElectionId;
use crate::manifest::Manifest;
use crate::sign::{verify_each, BadSignature, Signature, VerifyingKey};
use rayon::prelude::*;

/// Fewest signatures whose equations share a sum, which is computed on all cores.
const BATCH: usize = 1024;

/// Messages that one thread hashes at a time.
const PIECE: usize = 64;

/// A ballot whose signature holds under `key`. Only [`Election::check_signatures`] and [`SignedBallotEntry`] make one.
#[derive(Clone, Copy, Debug)]
pub struct SignedBallot<'a> {
    ballot: &'a EncryptedBallot,
    key: VerifyingKey,
}

/// A ballot's entry whose signature holds under `key`. Only [`SignedBallotEntry::check_each`] makes one.
#[derive(Clone, Debug)]
pub struct SignedBallotEntry {
    ballot: EncryptedBallot,
    signature: Signature,
    key: VerifyingKey,
}

impl SignedBallotEntry {
    /// Checks the signature of each ballot under the key beside it, all in one sum. Whose key it must be,
    /// [`Election::ballot_voter`] says before and [`Election::check_signed`] decides after.
    ///
    /// # Errors
    /// For each entry, [`BadSignature`]; for one that is no ballot too.
    pub fn check_each(
        election: &ElectionId,
        entries: Vec<(SignedEntry, VerifyingKey)>,
    ) -> Vec<Result<Self, BadSignature>> {
        let checks: Vec<_> = entries.iter().map(|(entry, key)| entry.signature_check(election, key)).collect();
        let verdicts = verify_each(&checks);
        let signed = |((entry, key), verdict): ((SignedEntry, VerifyingKey), Result<(), BadSignature>)| {
            verdict?;
            match entry.body {
                EntryBody::Ballot(ballot) => Ok(SignedBallotEntry { ballot, signature: entry.signature, key }),
                _ => Err(BadSignature { key }),
            }
        };
        entries.into_iter().zip(verdicts).map(signed).collect()
    }

    /// The ballot.
    pub fn ballot(&self) -> &EncryptedBallot {
        &self.ballot
    }

    /// What [`Election::check_signed`] takes.
    pub fn signed(&self) -> SignedBallot<'_> {
        SignedBallot { ballot: &self.ballot, key: self.key }
    }
}

/// A ballot's entry whose signature and proofs hold. Only [`VerifiedBallotEntry::verify_each`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedBallotEntry(SignedBallotEntry);

impl VerifiedBallotEntry {
    /// Checks the proofs of each ballot, as [`ballot::verify_each`] does.
    ///
    /// # Errors
    /// For each entry, [`BallotError`].
    pub fn verify_each(
        manifest: &Manifest,
        joint_key: &PublicKey,
        entries: Vec<SignedBallotEntry>,
    ) -> Vec<Result<Self, BallotError>> {
        let ballots: Vec<_> = entries.iter().map(SignedBallotEntry::ballot).collect();
        let verdicts = ballot::verify_each(manifest, joint_key, &ballots).into_iter();
        let verdicts: Vec<_> = verdicts.map(|verdict| verdict.map(|_| ())).collect();
        let verified = |(entry, verdict): (_, Result<(), _>)| verdict.map(|()| VerifiedBallotEntry(entry));
        entries.into_iter().zip(verdicts).map(verified).collect()
    }

    /// The ballot.
    pub fn ballot(&self) -> &EncryptedBallot {
        self.0.ballot()
    }

    /// What [`Election::check_signed`] takes.
    pub fn signed(&self) -> SignedBallot<'_> {
        self.0.signed()
    }

    /// The entry.
    pub fn into_entry(self) -> SignedEntry {
        let SignedBallotEntry { ballot, signature, .. } = self.0;
        SignedEntry { body: EntryBody::Ballot(ballot), signature }
    }
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
        let batch = entries.len().div_ceil(rayon::current_num_threads()).max(BATCH);
        let of_batch = |entries: &[Option<&'a SignedEntry>]| -> Vec<Option<SignedBallot<'a>>> {
            let claimed: Vec<_> = entries.par_iter().with_min_len(PIECE).map(signer).collect();
            let check = |(entry, claimed): (&Option<&SignedEntry>, &Option<SignedBallot<'_>>)| {
                Some(entry.as_ref()?.signature_check(self.manifest().id(), &claimed.as_ref()?.key))
            };
            let pairs = entries.par_iter().zip(&claimed).with_min_len(PIECE);
            let checks: Vec<_> = pairs.map(check).collect();
            let checks: Vec<_> = checks.into_iter().flatten().collect();
            let mut answers = verify_each(&checks).into_iter();
            let holds = claimed.into_iter().map(|claimed| {
                let claimed = claimed?;
                answers.next()?.ok().map(|()| claimed)
            });
            holds.collect()
        };
        entries.par_chunks(batch).flat_map_iter(of_batch).collect()
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
