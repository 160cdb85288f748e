//! Threshold decryption (`DEC`): factors with one proof per list, Lagrange in the exponent, and the plaintext's number.

use crate::ceremony::{lagrange_at_zero, JointKey, TrusteeShare};
use crate::chaum_pedersen::EqualityProof;
use crate::codec::{put_count, put_point, Decode, DecodeError, Encode, Reader};
use crate::elgamal::{CiphertextList, MAX_LIST, MAX_WIDTH};
use crate::group::Generators;
use crate::ids::{ContestIndex, Digest, ElectionId, TrusteeIndex};
use crate::plaintext::Layout;
use crate::sum::Sum;
use crate::transcript::{label, proof, ProtocolTranscript};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use std::collections::HashMap;

/// What a partial decryption is bound to besides the list.
#[derive(Clone, Copy, Debug)]
pub struct DecryptionContext<'a> {
    /// The election.
    pub election: &'a ElectionId,
    /// The trustees' key and everybody's share of it.
    pub joint_key: &'a JointKey,
    /// Whose ballots.
    pub contest: ContestIndex,
    /// Whose factors.
    pub trustee: TrusteeIndex,
}

/// One trustee's factors `D = x_j·R` for every ciphertext of a list, and their proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialDecryption {
    width: usize,
    factors: Vec<RistrettoPoint>,
    proof: EqualityProof,
}

/// Why a partial decryption is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptionError {
    /// No such trustee.
    #[error("there is no trustee {0}")]
    Trustee(TrusteeIndex),
    /// Not one factor per ciphertext.
    #[error("trustee {trustee} gave {found} decryption factors, the list needs {expected}")]
    Count {
        /// Whose.
        trustee: TrusteeIndex,
        /// Factors given.
        found: usize,
        /// Factors needed.
        expected: usize,
    },
    /// The share is not the one that the ceremony gave this trustee.
    #[error(
        "the stored key share is not trustee {trustee}'s share of this election's key: look for the right key file"
    )]
    ForeignShare {
        /// Whose share it should be.
        trustee: TrusteeIndex,
    },
    /// The proof does not hold.
    #[error("trustee {trustee}'s decryption factors are not made with its share of the key")]
    False {
        /// The culprit.
        trustee: TrusteeIndex,
    },
    /// Not `t` different trustees' factors.
    #[error("{found} trustees' decryptions, exactly {expected} different ones are combined")]
    Threshold {
        /// How many were given.
        found: usize,
        /// How many are needed.
        expected: usize,
    },
}

/// Factors that are proven to be made with the trustee's share. Only [`PartialDecryption::verify`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedDecryption<'a> {
    trustee: TrusteeIndex,
    list: Digest,
    factors: &'a [RistrettoPoint],
}

impl VerifiedDecryption<'_> {
    /// Whose factors.
    pub fn trustee(&self) -> TrusteeIndex {
        self.trustee
    }
}

/// The first halves of all ciphertexts.
fn bases(list: &CiphertextList) -> Vec<RistrettoPoint> {
    list.components().iter().step_by(2).copied().collect()
}

/// Canonical bytes of factors: `u32 vectors || u16 width || D …`.
fn factor_bytes(width: usize, factors: &[RistrettoPoint]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(6 + 32 * factors.len());
    put_count(&mut bytes, factors.len() / width.max(1));
    bytes.extend_from_slice(&u16::try_from(width).unwrap_or(u16::MAX).to_be_bytes());
    factors.iter().for_each(|f| put_point(&mut bytes, f));
    bytes
}

/// `DEC-2`: context and statement.
fn open(
    ctx: &DecryptionContext<'_>,
    share_key: &RistrettoPoint,
    list: &CiphertextList,
    factors: &[RistrettoPoint],
) -> Transcript {
    let mut transcript = Transcript::open(proof::DECRYPTION, ctx.election);
    transcript.put_point(label::JOINT_KEY, ctx.joint_key.public_key().point());
    transcript.put_u64(label::CONTEST, ctx.contest.0.into());
    transcript.put_u64(label::TRUSTEE, ctx.trustee.0.into());
    transcript.put_point(label::SHARE_KEY, share_key);
    transcript.put_digest(label::INPUT, list.digest());
    transcript.put_digest(label::FACTORS, &Digest::of(&factor_bytes(list.width(), factors)));
    transcript
}

impl PartialDecryption {
    /// Computes and proves a trustee's factors, in constant time.
    ///
    /// # Errors
    /// [`DecryptionError::Trustee`] if the joint key has no such trustee, [`DecryptionError::ForeignShare`] if the share
    /// is not that trustee's: a share of another key must not meet these ciphertexts.
    pub fn make<R: RngCore + CryptoRng>(
        ctx: &DecryptionContext<'_>,
        share: &TrusteeShare,
        list: &CiphertextList,
        rng: &mut R,
    ) -> Result<Self, DecryptionError> {
        let share_key = ctx.joint_key.share_key(ctx.trustee).ok_or(DecryptionError::Trustee(ctx.trustee))?;
        if share.public() != *share_key {
            return Err(DecryptionError::ForeignShare { trustee: ctx.trustee });
        }
        let bases = bases(list);
        let factors: Vec<_> = bases.par_iter().map(|r| share.secret() * r).collect();
        let mut transcript = open(ctx, share_key, list, &factors);
        let proof = EqualityProof::prove(&mut transcript, &bases, factors.len(), share.secret(), rng)
            .map_err(|e| DecryptionError::Count { trustee: ctx.trustee, found: e.powers, expected: e.bases })?;
        Ok(PartialDecryption { width: list.width(), factors, proof })
    }

    /// Checks the factors (`DEC-4`).
    ///
    /// # Errors
    /// [`DecryptionError`] naming the trustee.
    pub fn verify(
        &self,
        ctx: &DecryptionContext<'_>,
        list: &CiphertextList,
    ) -> Result<VerifiedDecryption<'_>, DecryptionError> {
        let share_key = ctx.joint_key.share_key(ctx.trustee).ok_or(DecryptionError::Trustee(ctx.trustee))?;
        let bases = bases(list);
        if self.factors.len() != bases.len() || self.width != list.width() {
            let (found, expected) = (self.factors.len(), bases.len());
            return Err(DecryptionError::Count { trustee: ctx.trustee, found, expected });
        }
        let mut transcript = open(ctx, share_key, list, &self.factors);
        let mut sum = Sum::default();
        let described = self.proof.describe(&mut transcript, share_key, &bases, &self.factors, &mut sum);
        if described.is_ok() && sum.holds(&Generators::new(0)) {
            Ok(VerifiedDecryption { trustee: ctx.trustee, list: *list.digest(), factors: &self.factors })
        } else {
            Err(DecryptionError::False { trustee: ctx.trustee })
        }
    }

    /// Reads factors for exactly `count` vectors of `width` ciphertexts, decoding on all cores.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not canonical or of another shape: fewer factors than ciphertexts are an error,
    /// never a shorter list.
    pub fn from_bytes(bytes: &[u8], count: usize, width: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let found = reader.u32("decryption factors")? as usize;
        if found != count || count > MAX_LIST {
            return Err(DecodeError::WrongCount { what: "decryption factors", found, expected: count });
        }
        let found = usize::from(reader.u16("decryption factors")?);
        if found != width || width == 0 || width > MAX_WIDTH {
            return Err(DecodeError::WrongCount { what: "decryption factors' width", found, expected: width });
        }
        let points = reader.take(count.saturating_mul(width).saturating_mul(32), "decryption factors")?;
        let proof = EqualityProof::decode(&mut reader)?;
        reader.finish("partial decryption")?;
        let factors = points
            .par_chunks_exact(32)
            .map(|chunk| {
                let mut encoded = [0; 32];
                encoded.copy_from_slice(chunk);
                crate::group::decode_point(&encoded, "a decryption factor")
            })
            .collect::<Result<_, _>>()?;
        Ok(PartialDecryption { width, factors, proof })
    }
}

impl Encode for PartialDecryption {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&factor_bytes(self.width, &self.factors));
        self.proof.encode(out);
    }
}

/// The numbers that a list holds: one entry per vector, `None` where it is no valid choice.
///
/// No accepted ballot decrypts to `None` unless `t` trustees have helped a voter to forge its range proof; such a
/// vector is reported and not counted, and never stops the count of the others (`DEC-6`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptedVotes {
    list: Digest,
    trustees: Vec<TrusteeIndex>,
    numbers: Vec<Option<u128>>,
}

impl DecryptedVotes {
    /// Combines exactly `t` trustees' factors (`DEC-5`) and looks every limb up.
    ///
    /// # Errors
    /// [`DecryptionError::Threshold`] unless there are `t` different trustees' factors, all for this list.
    pub fn combine(
        joint_key: &JointKey,
        layout: Layout,
        list: &CiphertextList,
        decryptions: &[VerifiedDecryption<'_>],
    ) -> Result<Self, DecryptionError> {
        let mut trustees: Vec<_> = decryptions.iter().map(|d| d.trustee).collect();
        trustees.sort_unstable();
        trustees.dedup();
        let expected = joint_key.threshold();
        let fitting = decryptions.iter().all(|d| d.list == *list.digest());
        if trustees.len() != expected || decryptions.len() != expected || !fitting {
            return Err(DecryptionError::Threshold { found: trustees.len(), expected });
        }
        let coefficients: Vec<Scalar> = decryptions.iter().map(|d| lagrange_at_zero(d.trustee, &trustees)).collect();
        let limbs = list.components().par_iter().skip(1).step_by(2).enumerate().map(|(i, c)| {
            let shared: RistrettoPoint =
                decryptions.iter().zip(&coefficients).filter_map(|(d, l)| Some(d.factors.get(i)? * l)).sum();
            c - shared
        });
        let limbs: Vec<RistrettoPoint> = limbs.collect();
        let table = LimbTable::new(layout);
        let numbers = limbs
            .par_chunks_exact(list.width().max(1))
            .map(|vector| {
                let limbs: Option<Vec<u64>> = vector.iter().map(|p| table.find(p)).collect();
                limbs.and_then(|limbs| layout.number(&limbs))
            })
            .collect();
        Ok(DecryptedVotes { list: *list.digest(), trustees, numbers })
    }

    /// Digest of the list that was decrypted.
    pub fn list(&self) -> &Digest {
        &self.list
    }

    /// The trustees whose factors were combined, in rising order.
    pub fn trustees(&self) -> &[TrusteeIndex] {
        &self.trustees
    }

    /// The numbers, in the list's order.
    pub fn numbers(&self) -> &[Option<u128>] {
        &self.numbers
    }
}

/// `m·B` for every value that a limb can have.
struct LimbTable {
    values: HashMap<[u8; 32], u64>,
}

impl LimbTable {
    fn new(layout: Layout) -> Self {
        let size = u64::try_from(layout.space().min(1 << 16)).unwrap_or(1 << 16);
        let mut points = Vec::new();
        let mut next = RistrettoPoint::identity();
        for _ in 0..size {
            points.push(next);
            next += RISTRETTO_BASEPOINT_POINT;
        }
        let values = points.par_iter().map(|p| p.compress().to_bytes()).collect::<Vec<_>>();
        LimbTable { values: values.into_iter().zip(0..).collect() }
    }

    fn find(&self, point: &RistrettoPoint) -> Option<u64> {
        self.values.get(point.compress().as_bytes()).copied()
    }
}
