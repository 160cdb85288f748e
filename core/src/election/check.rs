//! Which entry may come next (`STATE`): phase, signer and signature, and everything that the entry refers to.

use super::{CheckInput, CountedSet, Election, EntryError, Phase};
use crate::ballot::EncryptedBallot;
use crate::ceremony::{CeremonyError, Commitments, JointKey, Round1};
use crate::codec::Encode;
use crate::entry::{Decryption, EntryBody, EntryKind, Mix, SignedEntry};
use crate::ids::{ContestIndex, Digest, LeafHash, MixIndex, TrusteeIndex, VoterId};
use crate::manifest::Manifest;
use crate::roll::RollEntry;
use crate::sign::VerifyingKey;

impl Election {
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
        let voter = self.ballot_voter(ballot)?;
        self.verify(entry, &format!("voter {}", ballot.voter), &voter.key)?;
        self.check_signed_ballot(ballot)
    }

    /// The voter whose signature a ballot must bear, if a ballot may come next at all. Whoever checks signatures
    /// together asks this first and [`Election::check_signed_ballot`] after.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn ballot_voter(&self, ballot: &EncryptedBallot) -> Result<RollEntry, EntryError> {
        self.check_phase(EntryKind::Ballot)?;
        self.on_roll(&ballot.voter)
    }

    /// Everything that [`Election::check_ballot`] checks but the signature.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn check_signed_ballot(&self, ballot: &EncryptedBallot) -> Result<RollEntry, EntryError> {
        let voter = self.ballot_voter(ballot)?;
        if voter.style != ballot.style {
            let (found, expected) = (ballot.style.0, voter.style.0);
            return Err(EntryError::WrongStyle { voter: ballot.voter, found, expected });
        }
        let shape = ballot.check_shape(&self.manifest);
        shape.map_err(|source| EntryError::BallotShape { voter: ballot.voter, source })?;
        if let Some(reason) = self.cancelled.get(&ballot.voter) {
            return Err(EntryError::Cancelled { voter: ballot.voter, reason: *reason });
        }
        let expected = self.last_ballot(&ballot.voter).map_or(LeafHash::NONE, |b| b.leaf);
        if ballot.previous != expected {
            return Err(EntryError::Stale { voter: ballot.voter, found: ballot.previous, expected });
        }
        Ok(voter)
    }

    /// Round 1 and the joint key, if this message is the last that they lack.
    pub(super) fn complete_round1(&self, last: &Commitments) -> Result<Option<(Round1, JointKey)>, CeremonyError> {
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
}

pub(super) fn verify(
    manifest: &Manifest,
    entry: &SignedEntry,
    signer: &str,
    key: &VerifyingKey,
) -> Result<(), EntryError> {
    entry.verify(manifest.id(), key).map_err(|source| EntryError::Signature { signer: signer.to_owned(), source })
}

fn check_key(found: &curve25519_dalek::RistrettoPoint, key: &JointKey) -> Result<(), EntryError> {
    let expected = key.public_key().point();
    if found == expected {
        return Ok(());
    }
    let hex = |p: &curve25519_dalek::RistrettoPoint| hex::encode(p.compress().as_bytes());
    Err(EntryError::JointKey { found: hex(found), expected: hex(expected) })
}

pub(super) fn mismatch(what: &'static str, found: impl ToString, expected: impl ToString) -> EntryError {
    EntryError::Mismatch { what, found: found.to_string(), expected: expected.to_string() }
}

fn unknown(what: &'static str, number: u16) -> EntryError {
    EntryError::Unknown { what, number }
}
