//! Signatures (`SIG`): Ed25519 under the one validation rule of ZIP 215, for everybody.
//!
//! RFC 8032 lets verifiers disagree on crafted signatures; ZIP 215 fixes one answer, single or batched, so that the
//! collector and the auditor can never differ about a ballot. ed25519-zebra signs and checks one signature; many are terms of
//! one sum on vector lanes, and tests hold its answers against that crate's.

use crate::codec::{put_opaque, Decode, DecodeError, Encode, Reader};
use crate::ids::ElectionId;
use crate::transcript::{Weights, PROTOCOL};
use curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::Scalar;
use ed25519_zebra as ed;
use rand::{CryptoRng, RngCore};
use selge_lanes::EdwardsMsm;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha512};
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
    fn r(&self) -> [u8; 32] {
        std::array::from_fn(|i| self.0[i])
    }

    fn s(&self) -> [u8; 32] {
        std::array::from_fn(|i| self.0[32 + i])
    }

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

/// One signature to be checked with others, by [`verify_each`].
#[derive(Clone, Debug)]
pub struct SignatureCheck {
    key: VerifyingKey,
    signature: Signature,
    message: Vec<u8>,
    /// SHA-512 of `R`, `A` and the message, as a number.
    k: Scalar,
}

impl SignatureCheck {
    /// Of `signature` over `body` in a domain of one election.
    pub fn new(
        signature: &Signature,
        key: &VerifyingKey,
        domain: &'static [u8],
        election: &ElectionId,
        body: &[u8],
    ) -> Self {
        Self::raw(signature, key, signed_bytes(domain, election, body))
    }

    /// Of `signature` over `message` as it is.
    pub fn raw(signature: &Signature, key: &VerifyingKey, message: Vec<u8>) -> Self {
        let hash = Sha512::new().chain_update(signature.r()).chain_update(key.0).chain_update(&message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        SignatureCheck { key: *key, signature: *signature, message, k }
    }

    fn alone(&self) -> Result<(), BadSignature> {
        self.signature.verify_raw(&self.key, &self.message)
    }
}

/// Checks many signatures together; the answer to each is that of [`Signature::verify_raw`]: ZIP 215 has one rule for
/// one signature and for many (`SIG-2`). If the sum fails each is checked alone, so a false signature costs whoever
/// checks little more than if nothing were summed.
pub fn verify_each(checks: &[SignatureCheck]) -> Vec<Result<(), BadSignature>> {
    if checks.len() > 1 && all_hold(checks) {
        return vec![Ok(()); checks.len()];
    }
    checks.iter().map(SignatureCheck::alone).collect()
}

/// Whether 8·Σ w·(R + k·A − s·B) is the identity, for fresh 128-bit weights `w` (`SUM`), and every `s` is reduced.
///
/// 8 times an equation's left side lies in the group of the basepoint's order, which is prime and above 2^128: as with any
/// equation in a [`Sum`](crate::sum::Sum), a false one survives with probability 2^-128.
fn all_hold(checks: &[SignatureCheck]) -> bool {
    let mut weights = Weights::from_os();
    let mut scalars = Vec::with_capacity(2 * checks.len() + 1);
    let mut points = Vec::with_capacity(2 * checks.len() + 1);
    let mut basepoint = Scalar::ZERO;
    for check in checks {
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(check.signature.s()));
        let (Some(s), Some(weight)) = (s, weights.next()) else { return false };
        scalars.extend([weight, weight * check.k]);
        points.extend([check.signature.r(), check.key.0]);
        basepoint -= weight * s;
    }
    scalars.push(basepoint);
    points.push(ED25519_BASEPOINT_COMPRESSED.0);
    let mut sum = EdwardsMsm::default();
    sum.add_encoded_vartime(&scalars, &points).is_ok() && sum.is_small_order_vartime()
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
    use curve25519_dalek::EdwardsPoint;
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
        // y and y + p: of 19 numbers that have two encodings some are points, and not all of those of small order.
        let mut others = 0;
        for low in 0..19 {
            for top in [0x7f, 0xff] {
                let mut encoding = [0xff; 32];
                (encoding[0], encoding[31]) = (0xed + low, top);
                let Some(point) = CompressedEdwardsY(encoding).decompress() else { continue };
                others += u32::from(!point.is_small_order());
                assert_eq!(VerifyingKey(encoding).check(), Err(KeyError::Point), "{point:?}");
            }
        }
        assert!(others > 0);
        let good = SigningKey::generate(&mut OsRng).verifying_key().to_string();
        assert!(good.parse::<VerifyingKey>().is_ok());
        assert_eq!(good.to_uppercase().parse::<VerifyingKey>(), Err(KeyError::Text));
    }

    /// The 8 points of small order and every other encoding of them that decompresses, as key and as `R`, with `s` = 0,
    /// all of which ZIP 215 takes; the same with an `s` that is not reduced or not theirs, and honest ones with a point
    /// of small order added. Each alone, in pairs, and all in one batch.
    #[test]
    fn a_batch_answers_as_each_check_alone() {
        let mut small = Vec::new();
        for low in 0..=2u8 {
            for top in [0u8, 0x80] {
                // 0, 1 and 2, and p, p + 1 and p − 1, with either sign.
                let mut encoding = [0; 32];
                encoding[0] = low;
                encoding[31] |= top;
                small.push(encoding);
                let mut encoding = [0xff; 32];
                encoding[0] = 0xec + low;
                encoding[31] = 0x7f | top;
                small.push(encoding);
            }
        }
        for point in curve25519_dalek::constants::EIGHT_TORSION {
            let encoding = point.compress().0;
            small.push(encoding);
            small.push({
                let mut other = encoding;
                other[31] ^= 0x80;
                other
            });
        }
        let mut s_values = vec![[0u8; 32]; 3];
        // The group's order: not reduced, so never valid, although it is 0 modulo the order.
        s_values[1] = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
            .unwrap()
            .try_into()
            .unwrap();
        s_values[2][0] = 1;
        let mut cases: Vec<(VerifyingKey, Signature, &[u8])> = Vec::new();
        for key in &small {
            for r in &small {
                for s in &s_values {
                    let mut signature = [0; 64];
                    signature[..32].copy_from_slice(r);
                    signature[32..].copy_from_slice(s);
                    cases.push((VerifyingKey(*key), Signature(signature), b"message"));
                }
            }
        }
        let honest = SigningKey::generate(&mut OsRng);
        for message in [&b"one"[..], b"two"] {
            let signature = honest.sign_raw(message);
            for torsion in curve25519_dalek::constants::EIGHT_TORSION {
                let shifted = |bytes: &[u8]| {
                    let point = CompressedEdwardsY(bytes.try_into().unwrap()).decompress().unwrap();
                    (point + torsion).compress().0
                };
                let mut other_r = signature;
                other_r[..32].copy_from_slice(&shifted(&signature[..32]));
                let other_key = VerifyingKey(shifted(&honest.verifying_key().0));
                cases.push((honest.verifying_key(), Signature(other_r), message));
                cases.push((other_key, Signature(signature), message));
            }
        }
        let alone: Vec<_> = cases.iter().map(|(key, signature, message)| signature.verify_raw(key, message)).collect();
        let valid = alone.iter().filter(|answer| answer.is_ok()).count();
        assert!(valid > 100 && valid < cases.len(), "{valid} of {} hold", cases.len());
        let check = |at: usize| {
            let (key, signature, message) = &cases[at];
            SignatureCheck::raw(signature, key, message.to_vec())
        };
        let zebra = |at: usize| {
            let (key, signature, message) = &cases[at];
            ed::batch::Item::from((ed::VerificationKeyBytes::from(key.0), ed::Signature::from(signature.0), message))
        };
        assert_eq!(verify_each(&(0..cases.len()).map(check).collect::<Vec<_>>()), alone);
        // Only those that hold: the batch's own sum decides, not the single checks after it.
        let good: Vec<usize> = (0..cases.len()).filter(|at| alone[*at].is_ok()).collect();
        let mut sum = ed::batch::Verifier::new();
        good.iter().for_each(|at| sum.queue(zebra(*at)));
        sum.verify(OsRng).unwrap();
        assert!(all_hold(&good.iter().copied().map(check).collect::<Vec<_>>()));
        // With one that does not hold, the sum must fail, for every one of them.
        for bad in (0..cases.len()).filter(|at| alone[*at].is_err()) {
            let mut sum = ed::batch::Verifier::new();
            let other = good[bad % good.len()];
            [bad, other].iter().for_each(|at| sum.queue(zebra(*at)));
            assert!(sum.verify(OsRng).is_err(), "{:?}", cases[bad]);
            assert!(!all_hold(&[check(other), check(bad)]), "{:?}", cases[bad]);
            assert_eq!(verify_each(&[check(bad), check(good[0])]), [alone[bad].clone(), Ok(())]);
        }
        assert!(verify_each(&[]).is_empty());
    }

    /// Two false signatures whose errors add up to nothing: only different weights tell.
    #[test]
    fn errors_that_cancel_without_weights_are_found_and_named() {
        let shifted = |message: &[u8], by: Scalar| {
            let key = SigningKey::generate(&mut OsRng);
            let mut signature = Signature(key.sign_raw(message));
            let s = Scalar::from_canonical_bytes(signature.s()).unwrap() + by;
            signature.0[32..].copy_from_slice(s.as_bytes());
            SignatureCheck::raw(&signature, &key.verifying_key(), message.to_vec())
        };
        let errors = [Scalar::ZERO, Scalar::ONE, Scalar::ZERO, -Scalar::ONE, Scalar::ZERO];
        let checks: Vec<_> = errors.iter().map(|by| shifted(b"message", *by)).collect();
        // Σ (R + k·A − s·B) is the identity of the curve: without weights these would hold together.
        let point = |bytes: [u8; 32]| CompressedEdwardsY(bytes).decompress().unwrap();
        let total: EdwardsPoint = checks
            .iter()
            .map(|c| {
                let s = Scalar::from_canonical_bytes(c.signature.s()).unwrap();
                point(c.signature.r()) + c.k * point(c.key.0) - EdwardsPoint::mul_base(&s)
            })
            .sum();
        assert_eq!(total, EdwardsPoint::default());
        assert!(!all_hold(&checks));
        let verdicts = verify_each(&checks);
        assert!(verdicts.iter().zip(errors).all(|(verdict, by)| verdict.is_ok() == (by == Scalar::ZERO)));
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
