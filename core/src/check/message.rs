//! What a voting page tells a checking device, and how it is sealed (`CHECK-4`).

use super::{CheckError, Claim, DeviceKey, Offer};
use crate::codec::{put_opaque, Decode, DecodeError, Encode, Reader};
use crate::draft::OpenedBallot;
use crate::ids::{Digest, ElectionId, LeafHash};
use crate::seal;
use crate::transcript::{domain, PROTOCOL};
use zeroize::Zeroizing;

/// Longest sealed message.
pub const MAX_MESSAGE: usize = 65_535;

/// Most messages in a mailbox.
pub const MAX_MESSAGES: u8 = 8;

/// One message of a voting page.
#[derive(Debug)]
pub enum Message {
    /// A ballot is encrypted, and not cast yet.
    Shown(Digest),
    /// The ballot shown last has been given up.
    Opened(OpenedBallot),
    /// A ballot has been recorded.
    Recorded {
        /// Where.
        index: u64,
        /// As what.
        leaf: LeafHash,
        /// What it holds.
        claim: Claim,
    },
}

impl Encode for Message {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Message::Shown(digest) => {
                out.push(1);
                digest.encode(out);
            }
            Message::Opened(ballot) => {
                out.push(2);
                ballot.encode(out);
            }
            Message::Recorded { index, leaf, claim } => {
                out.push(3);
                out.extend_from_slice(&index.to_be_bytes());
                leaf.encode(out);
                claim.encode(out);
            }
        }
    }
}

impl Decode for Message {
    const NAME: &'static str = "message";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8("kind of message")? {
            1 => Ok(Message::Shown(Digest::decode(reader)?)),
            2 => Ok(Message::Opened(OpenedBallot::decode(reader)?)),
            3 => Ok(Message::Recorded {
                index: reader.u64("index")?,
                leaf: LeafHash::decode(reader)?,
                claim: Claim::decode(reader)?,
            }),
            found => Err(DecodeError::Unknown { what: "kind of message", found: found.into() }),
        }
    }
}

fn info(election: &ElectionId, offer: &Offer, place: u8) -> Vec<u8> {
    let mut info = Vec::new();
    put_opaque(&mut info, PROTOCOL);
    put_opaque(&mut info, domain::CHECK_MESSAGE);
    election.encode(&mut info);
    offer.encode(&mut info);
    info.push(place);
    info
}

impl Message {
    /// Encrypts the message for the device, at its place in the mailbox.
    ///
    /// # Errors
    /// [`CheckError::Offer`] for an offer that was never verified, [`CheckError::Order`] if the mailbox is full or the
    /// message too long for it.
    pub fn seal(&self, election: &ElectionId, offer: &Offer, place: u8) -> Result<Vec<u8>, CheckError> {
        let plain = Zeroizing::new(self.to_bytes());
        let sealed = seal::seal(&offer.transport, &info(election, offer, place), &plain).ok_or(CheckError::Offer)?;
        let bytes = [sealed.encapsulated.as_slice(), &sealed.ciphertext].concat();
        if place >= MAX_MESSAGES || bytes.len() > MAX_MESSAGE {
            return Err(CheckError::Order);
        }
        Ok(bytes)
    }
}

impl DeviceKey {
    /// Opens the message at this place.
    ///
    /// # Errors
    /// [`CheckError::Unreadable`].
    pub fn open(&self, election: &ElectionId, place: u8, sealed: &[u8]) -> Result<Message, CheckError> {
        let mut reader = Reader::new(sealed);
        let read = |reader: &mut Reader<'_>| -> Option<Message> {
            let encapsulated = reader.array("encapsulated key").ok()?;
            let ciphertext = reader.take(reader.left(), "ciphertext").ok()?;
            let info = info(election, self.offer(), place);
            let plain = seal::open(&self.transport, &info, &encapsulated, ciphertext)?;
            Message::from_bytes(&plain).ok()
        };
        if sealed.len() > MAX_MESSAGE || place >= MAX_MESSAGES {
            return Err(CheckError::Unreadable);
        }
        read(&mut reader).ok_or(CheckError::Unreadable)
    }
}
