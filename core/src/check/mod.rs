//! Checking a vote on a second device (`CHECK`), in a way that convinces that device alone.
//!
//! The device draws a [`DeviceKey`]; its public [`Offer`] has a short [`Code`] that the voter carries to the voting page.
//! After casting, the page proves with [`Claim::prove`] what the recorded ballot contains; the device hears it with a
//! [`Listener`]. Whoever holds the device key could have made the same proof for any other choice
//! ([`Claim::practise`]), so it shows nobody else anything.

mod code;
mod listener;
mod message;
mod proof;
#[cfg(test)]
mod tests;

pub use code::{Code, CodeError, Mailbox};
pub use listener::{Event, Heard, Listener};
pub use message::{Message, MAX_MESSAGE, MAX_MESSAGES};
pub use proof::{Claim, Statement};

use crate::codec::{put_point, put_scalar, DecodeError, Encode, Reader};
use crate::draft::OpeningError;
use crate::elgamal::SecretScalars;
use crate::group::{not_identity, random_scalar};
use crate::ids::{ElectionId, VoterId};
use crate::receipt::ReceiptError;
use crate::seal;
use crate::transcript::{label, proof as proofs, ProtocolTranscript};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, Zeroizing};

/// Seconds that an offer, its code and its mailbox live.
pub const LIFETIME: u64 = 30 * 60;

/// Why a check does not show a choice. None of these says what the ballot holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The offer's key is not known to whoever made it, or nothing can be encrypted to it.
    #[error("the other device's key is not its own: make a new code on that device and try again")]
    Offer,
    /// The offer is not the one whose code was typed.
    #[error("the other device's key does not fit this code: compare the code, or make a new one on that device")]
    Code,
    /// A message that was not made for this device, or was changed on the way.
    #[error("a message cannot be read: it was not made for this device, or was changed on the way; make a new code and try again")]
    Unreadable,
    /// A message that does not belong at this place.
    #[error("the voting page sent its messages out of order: make a new code and try again")]
    Order,
    /// An opened ballot that is false.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// The recorded ballot is not the one that was shown before casting.
    #[error(
        "the recorded ballot is not the one that the voting page showed before casting: vote again on another device"
    )]
    OtherBallot,
    /// The recorded ballot was opened before.
    #[error("the recorded ballot was opened before and must not have been cast: vote again on another device")]
    OpenedBallot,
    /// The entry that was fetched is not the ballot that the page spoke of.
    #[error("the board does not hold the ballot that the voting page spoke of: vote again, and tell the election commission")]
    NotRecorded,
    /// The receipt of the entry does not hold.
    #[error("the board does not prove that it holds the ballot: {0}")]
    Receipt(#[from] ReceiptError),
    /// The proof is false, or not about this ballot and this device.
    #[error("the proof does not hold: the recorded ballot does not contain what the voting page says, or the page is at fault; vote again on another device")]
    Proof,
}

/// What a device announces: its key for this check, with a proof that it knows the secret (`CHECK-1`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    key: RistrettoPoint,
    transport: [u8; 32],
    t: RistrettoPoint,
    z: Scalar,
}

fn possession(election: &ElectionId, key: &RistrettoPoint, transport: &[u8; 32], t: &RistrettoPoint) -> Scalar {
    let mut transcript = Transcript::open(proofs::CHECK_KEY, election);
    transcript.put_point(label::DEVICE_KEY, key);
    transcript.put_bytes(label::TRANSPORT_KEY, transport);
    transcript.put_point(label::POSSESSION_T, t);
    transcript.challenge(label::POSSESSION_C)
}

impl Offer {
    /// Reads an offer and checks it: the device knows its key, and can be written to (`CHECK-1`).
    ///
    /// # Errors
    /// [`CheckError::Offer`].
    pub fn verify(bytes: &[u8], election: &ElectionId) -> Result<Self, CheckError> {
        let offer = Offer::read(bytes).map_err(|_| CheckError::Offer)?;
        let c = possession(election, &offer.key, &offer.transport, &offer.t);
        let t = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-c, &offer.key, &offer.z);
        // Encrypting to a key of low order fails.
        if t != offer.t || seal::seal(&offer.transport, &[], &[]).is_none() {
            return Err(CheckError::Offer);
        }
        Ok(offer)
    }

    /// Reads an offer without checking it. Not [`Decode`](crate::codec::Decode): an offer that nobody has checked must not
    /// be proven to.
    fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let offer = Offer {
            key: not_identity(reader.point("device key")?, "device key")?,
            transport: reader.array("transport key")?,
            t: reader.point("possession T")?,
            z: reader.scalar("possession z")?,
        };
        reader.finish("offer")?;
        Ok(offer)
    }
}

impl Encode for Offer {
    fn encode(&self, out: &mut Vec<u8>) {
        put_point(out, &self.key);
        out.extend_from_slice(&self.transport);
        put_point(out, &self.t);
        put_scalar(out, &self.z);
    }
}

/// A device's secrets for one check. Wiped when dropped, and never printed.
pub struct DeviceKey {
    v: SecretScalars,
    transport: Zeroizing<[u8; 32]>,
    offer: Offer,
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceKey(redacted, {:?})", self.offer)
    }
}

impl DeviceKey {
    /// Draws a key for one check.
    pub fn draw<R: RngCore + CryptoRng>(election: &ElectionId, rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        let (secret, transport) = seal::derive_keys(&seed);
        let v = SecretScalars(vec![random_scalar(rng), random_scalar(rng)]);
        let key = RISTRETTO_BASEPOINT_TABLE * &v.0[0];
        let t = RISTRETTO_BASEPOINT_TABLE * &v.0[1];
        let z = v.0[1] + possession(election, &key, &transport, &t) * v.0[0];
        DeviceKey { v, transport: secret, offer: Offer { key, transport, t, z } }
    }

    /// What to leave at the relay.
    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    fn secret(&self) -> &Scalar {
        &self.v.0[0]
    }

    /// Wipes what messages are opened with, and keeps what [`Claim::practise`] needs (`CHECK-3`).
    fn stop_listening(&mut self) {
        self.transport.zeroize();
    }
}

/// A ballot's voter as people compare it with the voter card: four groups of four hexadecimal digits.
///
/// Sixty-four of the pseudonym's 128 bits: among a nation's voters no two are alike but by an accident of one in millions.
pub fn voter_number(voter: &VoterId) -> String {
    let digits = voter.to_string();
    [&digits[0..4], &digits[4..8], &digits[8..12], &digits[12..16]].join("-")
}
