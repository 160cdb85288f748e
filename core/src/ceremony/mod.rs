//! The key ceremony (`KEY`): t-of-n distributed key generation after Pedersen, with Feldman commitments.
//!
//! Three rounds, every message a signed board entry, so that anybody can check the transcript afterwards:
//! commitments with a proof of possession; shares, encrypted to their receivers with HPKE (RFC 9180); confirmations.
//! The joint key's secret never exists in one place. Source: Pedersen, *A threshold cryptosystem without a trusted
//! party* (EUROCRYPT 1991); Feldman (FOCS 1987). A participant who speaks last can bias the key's distribution
//! (Gennaro et al., J. Cryptology 2007), which does not help against ElGamal secrecy; the proofs of possession keep
//! anybody from choosing a key that cancels the others'.
//!
//! A wrong share is answered by a [`Complaint`]: the receiver publishes the one-time transport key of *this* ceremony,
//! and anybody can open the share and see who lied. The ceremony then ends and is held anew; nothing secret is lost,
//! since its key is never used.

mod encoding;
mod key;

pub use key::{lagrange_at_zero, JointKey, TrusteeShare};

use crate::codec::{put_count, put_opaque, put_scalar, DecodeError, Encode, Reader};
use crate::elgamal::{PublicKey, SecretScalars};
use crate::group::{decode_scalar, not_identity, random_scalar, Generators};
use crate::ids::{Digest, ElectionId, TrusteeIndex};
use crate::seal;
use crate::sum::Sum;
use crate::transcript::{domain, label, proof, ProtocolTranscript, PROTOCOL};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Most trustees of a ceremony.
const MAX_TRUSTEES: usize = 255;

/// A share encrypted: 32 bytes and the AEAD's tag.
const SEALED_LEN: usize = 32 + seal::TAG_LEN;

/// Why a ceremony message is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CeremonyError {
    /// A trustee index outside `1 … n`.
    #[error("there is no trustee {0}")]
    Trustee(TrusteeIndex),
    /// Not `t` commitments, or not one share per other trustee.
    #[error("trustee {trustee}: {found} {what}, {expected} are required")]
    Count {
        /// Whose message.
        trustee: TrusteeIndex,
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
    /// The proof of possession does not hold.
    #[error("trustee {0} does not prove that it knows its part of the key")]
    Possession(TrusteeIndex),
    /// A transport key that nothing can be encrypted to.
    #[error("trustee {0}'s transport key is not usable")]
    TransportKey(TrusteeIndex),
    /// The joint key came out as the identity, or a party's share key did.
    #[error("the joint key or a share of it is the identity: hold the ceremony again")]
    Identity,
    /// A share that does not open or does not fit the dealer's commitments.
    #[error("trustee {dealer} sent trustee {receiver} a wrong share: publish a complaint, then hold the ceremony again without {dealer}")]
    WrongShare {
        /// The culprit.
        dealer: TrusteeIndex,
        /// Who got it.
        receiver: TrusteeIndex,
    },
    /// A complaint whose key is not the accuser's.
    #[error("trustee {0}'s complaint does not hold the secret of its transport key")]
    ForeignComplaint(TrusteeIndex),
    /// A trustee's own stored secret does not fit the board.
    #[error("the stored secret of trustee {0} does not belong to the commitments on the board")]
    ForeignSecret(TrusteeIndex),
}

/// Which ceremony.
#[derive(Clone, Copy, Debug)]
pub struct CeremonyContext<'a> {
    /// The election.
    pub election: &'a ElectionId,
    /// Number of trustees, `n`.
    pub trustees: usize,
    /// Number of trustees that decrypt, `t`.
    pub threshold: usize,
}

/// Round 1, public (`KEY-1`): Feldman commitments, a transport key and a proof of possession.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitments {
    /// Whose.
    pub trustee: TrusteeIndex,
    transport: [u8; 32],
    coefficients: Vec<RistrettoPoint>,
    t: RistrettoPoint,
    z: Scalar,
}

/// What a trustee keeps between the rounds: its polynomial and its transport key.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DealerSecret {
    coefficients: Vec<Scalar>,
    transport: [u8; 32],
}

impl std::fmt::Debug for DealerSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DealerSecret(redacted)")
    }
}

impl DealerSecret {
    /// The bytes to store, encrypted.
    pub fn expose_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let mut out = zeroize::Zeroizing::new(Vec::with_capacity(36 + 32 * self.coefficients.len()));
        out.extend_from_slice(&self.transport);
        put_count(&mut out, self.coefficients.len());
        self.coefficients.iter().for_each(|c| put_scalar(&mut out, c));
        out
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let transport = reader.array("transport secret")?;
        let n = reader.count(MAX_TRUSTEES, 32, "secret coefficients")?;
        let coefficients = (0..n).map(|_| reader.scalar("secret coefficient")).collect::<Result<_, _>>()?;
        reader.finish("ceremony secret")?;
        Ok(DealerSecret { coefficients, transport })
    }

    /// The polynomial at `at`.
    fn evaluate(&self, at: TrusteeIndex) -> Scalar {
        let x = Scalar::from(at.0);
        self.coefficients.iter().rev().fold(Scalar::ZERO, |sum, c| sum * x + c)
    }
}

/// `KEY-1`: context and statement of the proof of possession.
fn possession(
    ctx: &CeremonyContext<'_>,
    trustee: TrusteeIndex,
    transport: &[u8; 32],
    coefficients: &[RistrettoPoint],
    t: &RistrettoPoint,
) -> Scalar {
    let mut transcript = Transcript::open(proof::POSSESSION, ctx.election);
    transcript.put_u64(label::TRUSTEE, trustee.0.into());
    transcript.put_u64(label::COUNT, coefficients.len() as u64);
    transcript.put_bytes(label::TRANSPORT_KEY, transport);
    for c in coefficients {
        transcript.put_point(label::COMMITMENTS, c);
    }
    transcript.put_point(label::POSSESSION_T, t);
    transcript.challenge(label::POSSESSION_C)
}

impl Commitments {
    /// Draws a polynomial of degree `t − 1` and commits to it.
    pub fn make<R: RngCore + CryptoRng>(
        ctx: &CeremonyContext<'_>,
        trustee: TrusteeIndex,
        rng: &mut R,
    ) -> (DealerSecret, Commitments) {
        let mut seed = zeroize::Zeroizing::new([0u8; 32]);
        rng.fill_bytes(&mut *seed);
        let (transport_secret, transport) = seal::derive_keys(&seed);
        let secret = DealerSecret {
            coefficients: (0..ctx.threshold).map(|_| random_scalar(rng)).collect(),
            transport: *transport_secret,
        };
        let coefficients: Vec<_> = secret.coefficients.iter().map(|c| RISTRETTO_BASEPOINT_TABLE * c).collect();
        let nonce = SecretScalars(vec![random_scalar(rng)]);
        let t = RISTRETTO_BASEPOINT_TABLE * &nonce.0[0];
        let c = possession(ctx, trustee, &transport, &coefficients, &t);
        let z = nonce.0[0] + c * secret.coefficients.first().copied().unwrap_or_default();
        (secret, Commitments { trustee, transport, coefficients, t, z })
    }

    /// Checks shape and proof of possession: `z·B = T + c·A_0` (`KEY-2`).
    ///
    /// # Errors
    /// [`CeremonyError`] naming the trustee.
    pub fn verify(&self, ctx: &CeremonyContext<'_>) -> Result<(), CeremonyError> {
        check_trustee(ctx, self.trustee)?;
        if self.coefficients.len() != ctx.threshold {
            return Err(CeremonyError::Count {
                trustee: self.trustee,
                what: "commitments",
                found: self.coefficients.len(),
                expected: ctx.threshold,
            });
        }
        let first = self.coefficients.first().copied().unwrap_or_default();
        let c = possession(ctx, self.trustee, &self.transport, &self.coefficients, &self.t);
        let mut sum = Sum::default();
        sum.equation().basepoint(self.z).point(-Scalar::ONE, self.t).point(-c, first);
        if not_identity(first, "commitment").is_err() || !sum.holds(&Generators::new(0)) {
            return Err(CeremonyError::Possession(self.trustee));
        }
        // A transport key of low order would make every honest dealer fail; encrypting to it once shows that.
        seal_to(&self.transport, &[], &[0; 32]).map(|_| ()).ok_or(CeremonyError::TransportKey(self.trustee))
    }

    /// The public value of the polynomial at `at`.
    fn evaluate(&self, at: TrusteeIndex) -> RistrettoPoint {
        let x = Scalar::from(at.0);
        let powers: Vec<Scalar> =
            std::iter::successors(Some(Scalar::ONE), |p| Some(p * x)).take(self.coefficients.len()).collect();
        RistrettoPoint::vartime_multiscalar_mul(powers, &self.coefficients)
    }
}

fn check_trustee(ctx: &CeremonyContext<'_>, trustee: TrusteeIndex) -> Result<(), CeremonyError> {
    if trustee.0 == 0 || usize::from(trustee.0) > ctx.trustees {
        return Err(CeremonyError::Trustee(trustee));
    }
    Ok(())
}

/// All trustees' indices.
fn all_trustees(ctx: &CeremonyContext<'_>) -> impl Iterator<Item = TrusteeIndex> {
    (1..=u16::try_from(ctx.trustees).unwrap_or(u16::MAX)).map(TrusteeIndex)
}

/// One encrypted share.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SealedShare {
    encapsulated: [u8; 32],
    ciphertext: [u8; SEALED_LEN],
}

/// Round 2, public (`KEY-4`): one share for every other trustee, in order, each encrypted to its transport key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// The dealer.
    pub trustee: TrusteeIndex,
    sealed: Vec<SealedShare>,
}

/// HPKE's `info`: what an encrypted share is bound to.
fn share_info(ctx: &CeremonyContext<'_>, round1: &Digest, dealer: TrusteeIndex, receiver: TrusteeIndex) -> Vec<u8> {
    let mut info = Vec::new();
    put_opaque(&mut info, PROTOCOL);
    put_opaque(&mut info, domain::SHARE);
    ctx.election.encode(&mut info);
    round1.encode(&mut info);
    dealer.encode(&mut info);
    receiver.encode(&mut info);
    info
}

/// Encrypts a share; `None` if the key is none.
fn seal_to(transport: &[u8; 32], info: &[u8], share: &[u8; 32]) -> Option<SealedShare> {
    let sealed = seal::seal(transport, info, share)?;
    Some(SealedShare { encapsulated: sealed.encapsulated, ciphertext: sealed.ciphertext.try_into().ok()? })
}

/// Round 1 complete: everybody's verified commitments, in order.
#[derive(Clone, Debug)]
pub struct Round1 {
    commitments: Vec<Commitments>,
    digest: Digest,
}

impl Round1 {
    /// Collects one verified message of every trustee, in any order.
    ///
    /// # Errors
    /// [`CeremonyError`] naming a trustee whose message is wrong or missing.
    pub fn new(ctx: &CeremonyContext<'_>, messages: &[Commitments]) -> Result<Self, CeremonyError> {
        let mut commitments = Vec::new();
        let mut bytes = Vec::new();
        for trustee in all_trustees(ctx) {
            let mut of = messages.iter().filter(|m| m.trustee == trustee);
            let message = match (of.next(), of.next()) {
                (Some(message), None) => message,
                (first, _) => {
                    let found = if first.is_some() { 2 } else { 0 };
                    return Err(CeremonyError::Count { trustee, what: "commitment messages", found, expected: 1 });
                }
            };
            message.verify(ctx)?;
            message.encode(&mut bytes);
            commitments.push(message.clone());
        }
        Ok(Round1 { commitments, digest: Digest::of(&bytes) })
    }

    /// The digest of all messages, in order: shares and confirmations name it.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    fn of(&self, trustee: TrusteeIndex) -> Result<&Commitments, CeremonyError> {
        let at = usize::from(trustee.0).checked_sub(1);
        at.and_then(|at| self.commitments.get(at)).ok_or(CeremonyError::Trustee(trustee))
    }

    /// `KEY-3`: the joint key and everybody's share of it, from public data alone.
    ///
    /// # Errors
    /// [`CeremonyError::Identity`].
    pub fn joint_key(&self, ctx: &CeremonyContext<'_>) -> Result<JointKey, CeremonyError> {
        let point = self.commitments.iter().filter_map(|c| c.coefficients.first()).sum();
        let shares: Vec<RistrettoPoint> =
            all_trustees(ctx).map(|j| self.commitments.iter().map(|c| c.evaluate(j)).sum()).collect();
        if shares.contains(&RistrettoPoint::identity()) {
            return Err(CeremonyError::Identity);
        }
        let public = PublicKey::new(point).map_err(|_| CeremonyError::Identity)?;
        Ok(JointKey { public, shares, threshold: ctx.threshold })
    }

    /// Encrypts a dealer's shares to all others.
    ///
    /// # Errors
    /// [`CeremonyError::ForeignSecret`] if the secret is not that of the dealer's commitments.
    pub fn deal(
        &self,
        ctx: &CeremonyContext<'_>,
        dealer: TrusteeIndex,
        secret: &DealerSecret,
    ) -> Result<Shares, CeremonyError> {
        self.check_own(dealer, secret)?;
        let mut sealed = Vec::new();
        for receiver in all_trustees(ctx).filter(|r| *r != dealer) {
            let share = zeroize::Zeroizing::new(secret.evaluate(receiver).to_bytes());
            sealed.push(self.seal(ctx, dealer, receiver, &share)?);
        }
        Ok(Shares { trustee: dealer, sealed })
    }

    fn seal(
        &self,
        ctx: &CeremonyContext<'_>,
        dealer: TrusteeIndex,
        receiver: TrusteeIndex,
        share: &[u8; 32],
    ) -> Result<SealedShare, CeremonyError> {
        seal_to(&self.of(receiver)?.transport, &share_info(ctx, &self.digest, dealer, receiver), share)
            .ok_or(CeremonyError::TransportKey(receiver))
    }

    fn check_own(&self, trustee: TrusteeIndex, secret: &DealerSecret) -> Result<(), CeremonyError> {
        let own: Vec<_> = secret.coefficients.iter().map(|c| RISTRETTO_BASEPOINT_TABLE * c).collect();
        if own != self.of(trustee)?.coefficients {
            return Err(CeremonyError::ForeignSecret(trustee));
        }
        Ok(())
    }

    /// Opens and checks one share with the receiver's transport secret (`KEY-5`): the value must be reduced and fit
    /// the dealer's commitments.
    fn open_share(
        &self,
        ctx: &CeremonyContext<'_>,
        shares: &Shares,
        receiver: TrusteeIndex,
        transport: &[u8; 32],
    ) -> Result<Scalar, CeremonyError> {
        let dealer = shares.trustee;
        let wrong = CeremonyError::WrongShare { dealer, receiver };
        let place = usize::from(receiver.0) - if receiver > dealer { 2 } else { 1 };
        let sealed = shares.sealed.get(place).ok_or(wrong.clone())?;
        let open = || -> Option<Scalar> {
            let info = share_info(ctx, &self.digest, dealer, receiver);
            let plain = seal::open(transport, &info, &sealed.encapsulated, &sealed.ciphertext)?;
            let bytes = zeroize::Zeroizing::new(<[u8; 32]>::try_from(plain.as_slice()).ok()?);
            decode_scalar(&bytes, "share").ok()
        };
        let share = open().ok_or(wrong.clone())?;
        if RISTRETTO_BASEPOINT_TABLE * &share != self.of(dealer)?.evaluate(receiver) {
            return Err(wrong);
        }
        Ok(share)
    }

    /// Round 3: adds up a trustee's own share from everybody's messages.
    ///
    /// # Errors
    /// [`CeremonyError::WrongShare`] names a dealer to complain about.
    pub fn receive(
        &self,
        ctx: &CeremonyContext<'_>,
        trustee: TrusteeIndex,
        secret: &DealerSecret,
        messages: &[Shares],
    ) -> Result<TrusteeShare, CeremonyError> {
        self.check_own(trustee, secret)?;
        let mut sum = secret.evaluate(trustee);
        for dealer in all_trustees(ctx).filter(|d| *d != trustee) {
            let shares = messages.iter().find(|m| m.trustee == dealer).ok_or(CeremonyError::Count {
                trustee: dealer,
                what: "share messages",
                found: 0,
                expected: 1,
            })?;
            shares.check_shape(ctx)?;
            sum += self.open_share(ctx, shares, trustee, &secret.transport)?;
        }
        Ok(TrusteeShare { secret: sum })
    }

    /// A complaint about `dealer`, with the secret that lets anybody judge it.
    pub fn complain(&self, accuser: TrusteeIndex, dealer: TrusteeIndex, secret: &DealerSecret) -> Complaint {
        Complaint { trustee: accuser, dealer, transport: secret.transport }
    }

    /// Judges a complaint from public data (`KEY-6`): who lied.
    ///
    /// # Errors
    /// [`CeremonyError::ForeignComplaint`] if the complaint does not hold the accuser's transport secret, or another
    /// [`CeremonyError`] if either message is of the wrong shape.
    pub fn judge(
        &self,
        ctx: &CeremonyContext<'_>,
        shares: &Shares,
        complaint: &Complaint,
    ) -> Result<TrusteeIndex, CeremonyError> {
        check_trustee(ctx, complaint.trustee)?;
        shares.check_shape(ctx)?;
        if complaint.trustee == complaint.dealer || shares.trustee != complaint.dealer {
            return Err(CeremonyError::ForeignComplaint(complaint.trustee));
        }
        let owned = seal::public_of(&complaint.transport)
            .is_some_and(|key| self.of(complaint.trustee).is_ok_and(|c| c.transport == key));
        if !owned {
            return Err(CeremonyError::ForeignComplaint(complaint.trustee));
        }
        match self.open_share(ctx, shares, complaint.trustee, &complaint.transport) {
            Ok(_) => Ok(complaint.trustee),
            Err(_) => Ok(complaint.dealer),
        }
    }
}

impl Shares {
    /// Checks that there is one share for every other trustee.
    ///
    /// # Errors
    /// [`CeremonyError`].
    pub fn check_shape(&self, ctx: &CeremonyContext<'_>) -> Result<(), CeremonyError> {
        check_trustee(ctx, self.trustee)?;
        let (found, expected) = (self.sealed.len(), ctx.trustees - 1);
        if found != expected {
            return Err(CeremonyError::Count { trustee: self.trustee, what: "shares", found, expected });
        }
        Ok(())
    }
}

/// "This dealer's share is wrong, and here is what lets you see it" (`KEY-6`).
#[derive(Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The accuser.
    pub trustee: TrusteeIndex,
    /// The accused.
    pub dealer: TrusteeIndex,
    transport: [u8; 32],
}

impl std::fmt::Debug for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Complaint({} about {})", self.trustee, self.dealer)
    }
}

#[cfg(test)]
mod tests;
