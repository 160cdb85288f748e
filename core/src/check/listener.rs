//! The checking device's side: messages in order, and no choice named before everything holds (`CHECK-6`, `CHECK-7`).

use super::{CheckError, Claim, Code, DeviceKey, Message, Statement};
use crate::codec::Encode;
use crate::elgamal::PublicKey;
use crate::entry::{EntryBody, SignedEntry};
use crate::ids::{ContestIndex, Digest, LeafHash, VoterId};
use crate::manifest::Manifest;
use crate::receipt::Receipt;
use crate::rules::Choice;
use rand::{CryptoRng, RngCore};

/// What a message of the voting page means.
#[derive(Debug)]
pub enum Event {
    /// The page has encrypted a ballot and says which: now the voter may be asked "cast or challenge".
    Shown(Digest),
    /// The ballot shown last has been opened and held exactly this.
    Opened(Heard),
    /// The page says that a ballot is recorded: fetch the entry at this index with its receipt, and call
    /// [`Listener::conclude`].
    Recorded {
        /// Where.
        index: u64,
        /// As what.
        leaf: LeafHash,
    },
}

/// What a ballot holds, proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whose ballot: the voter compares it with the voter card ([`super::voter_number`]).
    pub voter: VoterId,
    /// The choices, in the ballot's order.
    pub choices: Vec<(ContestIndex, Choice)>,
}

/// One check, from the offer to the verdict.
#[derive(Debug)]
pub struct Listener<'a> {
    manifest: &'a Manifest,
    joint_key: &'a PublicKey,
    key: DeviceKey,
    place: u8,
    /// Shown and not opened.
    shown: Option<Digest>,
    opened: Vec<Digest>,
    recorded: Option<(u64, LeafHash, Claim)>,
    /// A message did not hold: nothing that comes later is heard.
    failed: bool,
}

impl<'a> Listener<'a> {
    /// Begins a check.
    pub fn new(manifest: &'a Manifest, joint_key: &'a PublicKey, key: DeviceKey) -> Self {
        Listener { manifest, joint_key, key, place: 0, shown: None, opened: Vec::new(), recorded: None, failed: false }
    }

    /// Ballots that this device has seen opened under earlier codes: none of them may turn up as recorded (`CHECK-7`).
    pub fn remember(&mut self, opened: impl IntoIterator<Item = Digest>) {
        self.opened.extend(opened);
    }

    /// The code to show.
    pub fn code(&self) -> Code {
        Code::of(self.key.offer(), self.manifest.id())
    }

    /// The offer to leave at the relay.
    pub fn offer(&self) -> Vec<u8> {
        self.key.offer().to_bytes()
    }

    /// Place of the message that is awaited, from 0.
    pub fn place(&self) -> u8 {
        self.place
    }

    /// Takes the next message of the mailbox.
    ///
    /// After [`Event::Recorded`], and after a message that does not hold, no further one is heard, and the key that they
    /// are opened with is wiped.
    ///
    /// # Errors
    /// [`CheckError`]; the check is over then, except after [`CheckError::Unreadable`]: whatever lies there, the next
    /// message has the same place.
    pub fn take(&mut self, sealed: &[u8]) -> Result<Event, CheckError> {
        if self.failed || self.recorded.is_some() {
            return Err(CheckError::Order);
        }
        let message = self.key.open(self.manifest.id(), self.place, sealed)?;
        self.place += 1;
        let event = self.hear(message);
        self.failed = event.is_err();
        if self.failed || self.recorded.is_some() {
            self.key.stop_listening();
        }
        event
    }

    fn hear(&mut self, message: Message) -> Result<Event, CheckError> {
        match message {
            // Another ballot takes the place of one that was neither cast nor opened: the voter went back and changed it.
            Message::Shown(digest) => {
                self.shown = Some(digest);
                Ok(Event::Shown(digest))
            }
            Message::Opened(ballot) => {
                let digest = self.shown.take().ok_or(CheckError::Order)?;
                if ballot.digest() != digest {
                    return Err(CheckError::OtherBallot);
                }
                self.opened.push(digest);
                let choices = ballot.verify(self.manifest, self.joint_key)?;
                Ok(Event::Opened(Heard { voter: ballot.voter(), choices }))
            }
            Message::Recorded { index, leaf, claim } => {
                self.recorded = Some((index, leaf, claim));
                Ok(Event::Recorded { index, leaf })
            }
        }
    }

    /// Checks the claim against the entry that the device itself fetched from the board.
    ///
    /// # Errors
    /// [`CheckError`], which never tells what the ballot might hold.
    pub fn conclude(&self, entry: &SignedEntry, receipt: &Receipt) -> Result<Heard, CheckError> {
        let (index, leaf, claim) = self.recorded.as_ref().ok_or(CheckError::Order)?;
        if entry.leaf_hash() != *leaf || receipt.index != *index {
            return Err(CheckError::NotRecorded);
        }
        receipt.verify(leaf, &self.manifest.log_key())?;
        let EntryBody::Ballot(ballot) = &entry.body else { return Err(CheckError::NotRecorded) };
        let digest = ballot.shown_digest();
        if self.opened.contains(&digest) {
            return Err(CheckError::OpenedBallot);
        }
        if self.shown.is_some_and(|shown| shown != digest) {
            return Err(CheckError::OtherBallot);
        }
        ballot.verify(self.manifest, self.joint_key).map_err(|_| CheckError::NotRecorded)?;
        let choices = claim.verify(&self.statement(*leaf, ballot))?;
        Ok(Heard { voter: ballot.voter, choices })
    }

    /// Ends the check: nothing more is heard, and what is left of the key is for [`DeviceKey::practise`].
    pub fn into_key(mut self) -> DeviceKey {
        self.key.stop_listening();
        self.key
    }

    fn statement<'s>(&'s self, leaf: LeafHash, ballot: &'s crate::ballot::EncryptedBallot) -> Statement<'s> {
        Statement { manifest: self.manifest, joint_key: self.joint_key, offer: self.key.offer(), leaf, ballot }
    }
}

impl DeviceKey {
    /// Makes the same transcript for choices of the holder's liking, and checks it as a real one is: what anybody who
    /// holds this device could show. `None` if the entry is no ballot or the choices do not fit it.
    pub fn practise<R: RngCore + CryptoRng>(
        &self,
        manifest: &Manifest,
        joint_key: &PublicKey,
        entry: &SignedEntry,
        choices: &[Choice],
        rng: &mut R,
    ) -> Option<Heard> {
        let EntryBody::Ballot(ballot) = &entry.body else { return None };
        let statement = Statement { manifest, joint_key, offer: self.offer(), leaf: entry.leaf_hash(), ballot };
        let claim = Claim::practise(&statement, self, choices, rng)?;
        Some(Heard { voter: ballot.voter, choices: claim.verify(&statement).ok()? })
    }
}

#[cfg(test)]
impl Listener<'_> {
    /// What a thief finds in the device.
    pub(super) fn key(&self) -> &DeviceKey {
        &self.key
    }
}
