//! Signatures (`SIG`): Ed25519 under the one validation rule of ZIP 215, for everybody.
//!
//! RFC 8032 lets verifiers disagree on crafted signatures; ZIP 215 fixes one answer, single or batched, so that the
//! collector and the auditor can never differ about a ballot.

use crate::codec::{put_opaque, Decode, DecodeError, Encode, Reader};
use crate::ids::ElectionId;
use crate::transcript::PROTOCOL;
use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_zebra as ed;
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::Zeroize;

/// The algorithm id of Ed25519 with ZIP 215 validation.
const ED25519: u8 = 1;

/// A public signing key. Whoever takes keys in, in a manifest or on a roll, calls [`VerifyingKey::check`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyingKey(pub [u8; 32]);

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::str::FromStr for VerifyingKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| KeyError::Text)?;
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(KeyError::Text);
        }
        let key = VerifyingKey(bytes);
        key.check()?;
        Ok(key)
    }
}

impl VerifyingKey {
    /// Checks that the key is a canonical encoding and not of small order (`SIG-3`): under a key of small order one
    /// signature holds for every message, so whoever registers it can say that anybody signed.
    ///
    /// # Errors
    /// [`KeyError::Point`].
    pub fn check(&self) -> Result<(), KeyError> {
        let point = CompressedEdwardsY(self.0).decompress().ok_or(KeyError::Point)?;
        if point.is_small_order() || point.compress().0 != self.0 {
            return Err(KeyError::Point);
        }
        Ok(())
    }
}

impl Serialize for VerifyingKey {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifyingKey {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Encode for VerifyingKey {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Decode for VerifyingKey {
    const NAME: &'static str = "public signing key";
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(VerifyingKey(reader.array("public signing key")?))
    }
}

/// Text is not a public signing key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not 64 lower-case hexadecimal digits.
    #[error("a public signing key is 64 lower-case hexadecimal digits")]
    Text,
    /// 32 bytes that are no key.
    #[error("these 32 bytes are not a usable Ed25519 public key")]
    Point,
}

/// A secret signing key: wiped when dropped, never printed, not cloneable.
pub struct SigningKey {
    seed: [u8; 32],
}

impl SigningKey {
    /// A fresh key.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        SigningKey { seed }
    }

    /// The key of a stored 32-byte seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        SigningKey { seed }
    }

    /// The seed, for storing it.
    pub fn expose_seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public key.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(ed::VerificationKey::from(&ed::SigningKey::from(self.seed)).into())
    }

    /// Signs `message` as it is (for signed notes, whose format is not ours).
    pub fn sign_raw(&self, message: &[u8]) -> [u8; 64] {
        ed::SigningKey::from(self.seed).sign(message).into()
    }

    /// Signs `body` in a domain of one election (`SIG-1`).
    pub fn sign(&self, domain: &'static [u8], election: &ElectionId, body: &[u8]) -> Signature {
        Signature(self.sign_raw(&signed_bytes(domain, election, body)))
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

/// `SIG-1`: what is signed: `opaque protocol<u32> || opaque domain<u32> || election id || opaque body<u32>`.
fn signed_bytes(domain: &[u8], election: &ElectionId, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(64 + body.len());
    put_opaque(&mut message, PROTOCOL);
    put_opaque(&mut message, domain);
    election.encode(&mut message);
    put_opaque(&mut message, body);
    message
}

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", hex::encode(self.0))
    }
}

/// A signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not that of key {key}")]
pub struct BadSignature {
    /// The key that should have signed.
    pub key: VerifyingKey,
}

impl Signature {
    /// Checks the signature over `body` in a domain of one election.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(
        &self,
        key: &VerifyingKey,
        domain: &'static [u8],
        election: &ElectionId,
        body: &[u8],
    ) -> Result<(), BadSignature> {
        self.verify_raw(key, &signed_bytes(domain, election, body))
    }

    /// Checks the signature over `message` as it is.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify_raw(&self, key: &VerifyingKey, message: &[u8]) -> Result<(), BadSignature> {
        ed::VerificationKey::try_from(key.0)
            .and_then(|vk| vk.verify(&ed::Signature::from(self.0), message))
            .map_err(|_| BadSignature { key: *key })
    }
}

impl Encode for Signature {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(ED25519);
        put_opaque(out, &self.0);
    }
}

impl Decode for Signature {
    const NAME: &'static str = "signature";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let algorithm = reader.u8("signature algorithm")?;
        if algorithm != ED25519 {
            return Err(DecodeError::Unknown { what: "signature algorithm", found: algorithm.into() });
        }
        let bytes = reader.opaque(64, "signature")?;
        match <[u8; 64]>::try_from(bytes) {
            Ok(bytes) => Ok(Signature(bytes)),
            Err(_) => Err(DecodeError::WrongCount { what: "signature", found: bytes.len(), expected: 64 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::domain;
    use rand::rngs::OsRng;

    /// Under these keys the signature with R the identity and s = 0 holds for every message (ZIP 215).
    #[test]
    fn keys_of_small_order_and_other_encodings_are_refused() {
        let mut signature = [0; 64];
        signature[0] = 1;
        let keys = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000080",
        ];
        for text in keys {
            let key = VerifyingKey(hex::decode(text).unwrap().try_into().unwrap());
            Signature(signature).verify_raw(&key, b"anything").unwrap();
            assert_eq!(key.check(), Err(KeyError::Point));
            assert_eq!(text.parse::<VerifyingKey>(), Err(KeyError::Point));
        }
        let good = SigningKey::generate(&mut OsRng).verifying_key().to_string();
        assert!(good.parse::<VerifyingKey>().is_ok());
        assert_eq!(good.to_uppercase().parse::<VerifyingKey>(), Err(KeyError::Text));
    }

    #[test]
    fn a_signature_holds_for_its_message_alone() {
        let key = SigningKey::generate(&mut OsRng);
        let election = ElectionId([1; 32]);
        let signature = key.sign(domain::ENTRY, &election, b"body");
        let public = key.verifying_key();
        signature.verify(&public, domain::ENTRY, &election, b"body").unwrap();
        assert!(signature.verify(&public, domain::ENTRY, &election, b"bodY").is_err());
        assert!(signature.verify(&public, domain::SHARE, &election, b"body").is_err());
        assert!(signature.verify(&public, domain::ENTRY, &ElectionId([2; 32]), b"body").is_err());
        let other = SigningKey::generate(&mut OsRng).verifying_key();
        assert!(signature.verify(&other, domain::ENTRY, &election, b"body").is_err());
        assert!(signature.verify(&VerifyingKey([0xff; 32]), domain::ENTRY, &election, b"body").is_err());
        assert_eq!(Signature::from_bytes(&signature.to_bytes()).unwrap(), signature);
        let mut other_algorithm = signature.to_bytes();
        other_algorithm[0] = 2;
        assert!(Signature::from_bytes(&other_algorithm).is_err());
        assert_eq!(format!("{key:?}"), "SigningKey(redacted)");
    }
}
