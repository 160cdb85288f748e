//! Threshold decryption (`DEC`): factors with one proof per list, Lagrange in the exponent, and the plaintext's number.

use crate::ceremony::{lagrange_at_zero, JointKey, TrusteeShare};
use crate::chaum_pedersen::EqualityProof;
use crate::codec::{put_count, Decode, DecodeError, Encode, Reader};
use crate::elgamal::{CiphertextList, MAX_LIST, MAX_WIDTH};
use crate::group::{check_points, Generators};
use crate::ids::{ContestIndex, Digest, ElectionId, TrusteeIndex};
use crate::plaintext::Layout;
use crate::sum::Sum;
use crate::transcript::{label, proof, ProtocolTranscript};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use num_integer::Integer;
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
    /// Encoded; valid points.
    factors: Vec<[u8; 32]>,
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
    factors: &'a [[u8; 32]],
}

impl VerifiedDecryption<'_> {
    /// Whose factors.
    pub fn trustee(&self) -> TrusteeIndex {
        self.trustee
    }
}

/// The first halves of all ciphertexts.
fn bases(list: &CiphertextList) -> impl ExactSizeIterator<Item = [u8; 32]> + '_ {
    list.points().iter().step_by(2).copied()
}

/// A point of a list or of factors, which hold valid points only.
fn point(encoded: &[u8; 32]) -> RistrettoPoint {
    CompressedRistretto(*encoded).decompress().unwrap_or_default()
}

/// Canonical bytes of factors: `u32 vectors || u16 width || D …`.
fn factor_bytes(width: usize, factors: &[[u8; 32]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(6 + 32 * factors.len());
    put_count(&mut bytes, factors.len() / width.max(1));
    bytes.extend_from_slice(&u16::try_from(width).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend_from_slice(factors.as_flattened());
    bytes
}

/// `DEC-2`: context and statement.
fn open(
    ctx: &DecryptionContext<'_>,
    share_key: &RistrettoPoint,
    list: &CiphertextList,
    factors: &[[u8; 32]],
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
        let factors: Vec<_> =
            list.points().par_iter().step_by(2).map(|r| (share.secret() * point(r)).compress().0).collect();
        let mut transcript = open(ctx, share_key, list, &factors);
        let proof = EqualityProof::prove(&mut transcript, bases(list), factors.len(), share.secret(), rng)
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
        let described = self.proof.describe(&mut transcript, share_key, bases, &self.factors, &mut sum);
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
        let factors = points.as_chunks().0.to_vec();
        check_points(&factors, "a decryption factor")?;
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
        let (common, coefficients) = integer_lagrange(&trustees);
        let shares: Vec<_> = trustees
            .iter()
            .zip(&coefficients)
            .filter_map(|(t, l)| Some((l, decryptions.iter().find(|d| d.trustee == *t)?.factors)))
            .collect();
        let table = LimbTable::new(layout, &common);
        let width = list.width().max(1);
        let numbers = list
            .points()
            .par_chunks(2 * width * CHUNK)
            .enumerate()
            .flat_map_iter(|(chunk, points)| {
                let first = chunk * width * CHUNK;
                // Δ·(m·B) = Δ·C − Σ Δ·λ_j·D_j
                let limbs: Vec<RistrettoPoint> = (first..)
                    .zip(points.chunks_exact(2))
                    .map(|(i, rc)| {
                        let own = common.times(point(&rc[1]));
                        shares
                            .iter()
                            .fold(own, |sum, (l, factors)| sum - l.times(factors.get(i).map(point).unwrap_or_default()))
                    })
                    .collect();
                let found = table.find(&limbs);
                found
                    .chunks_exact(width)
                    .map(|limbs| layout.number(&limbs.iter().copied().collect::<Option<Vec<u64>>>()?))
                    .collect::<Vec<_>>()
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

/// Vectors that are combined at a time.
const CHUNK: usize = 256;

/// An integer that public points are multiplied by, in variable time; small where it can be.
#[derive(Debug)]
enum Factor {
    Small(i64),
    Full(Scalar),
}

impl Factor {
    fn times(&self, point: RistrettoPoint) -> RistrettoPoint {
        match self {
            Factor::Full(scalar) => scalar * point,
            Factor::Small(n) => {
                let bits = u64::BITS - n.unsigned_abs().leading_zeros();
                let sum = (0..bits).rev().fold(RistrettoPoint::identity(), |sum, bit| {
                    let doubled = sum + sum;
                    if n.unsigned_abs() >> bit & 1 == 1 {
                        doubled + point
                    } else {
                        doubled
                    }
                });
                if *n < 0 {
                    -sum
                } else {
                    sum
                }
            }
        }
    }
}

/// `Δ` and `Δ·λ_j` for the Lagrange coefficients `λ_j` at 0 of these trustees, where `Δ` clears all denominators: a few
/// additions per ballot instead of full multiplications. If they do not fit into 63 bits, `Δ` is 1.
fn integer_lagrange(trustees: &[TrusteeIndex]) -> (Factor, Vec<Factor>) {
    let exact = || -> Option<(i64, Vec<i64>)> {
        let index = |t: &TrusteeIndex| i64::from(t.0);
        let fractions: Vec<(i64, i64)> = trustees
            .iter()
            .map(|own| {
                trustees.iter().filter(|t| *t != own).try_fold((1i64, 1i64), |(above, below), t| {
                    let (above, below) = (above.checked_mul(index(t))?, below.checked_mul(index(t) - index(own))?);
                    let common = above.gcd(&below);
                    Some((above / common, below / common))
                })
            })
            .collect::<Option<_>>()?;
        let common = fractions
            .iter()
            .try_fold(1i64, |common, (_, below)| (common / common.gcd(below)).checked_mul(below.checked_abs()?))?;
        let whole = fractions.iter().map(|(above, below)| above.checked_mul(common / below)).collect::<Option<_>>()?;
        Some((common, whole))
    };
    match exact() {
        Some((common, whole)) => (Factor::Small(common), whole.into_iter().map(Factor::Small).collect()),
        None => (Factor::Small(1), trustees.iter().map(|t| Factor::Full(lagrange_at_zero(*t, trustees))).collect()),
    }
}

/// `2·Δ·m·B` for every value `m` that a limb can have. Encoding twice a point is what many points share the work of.
struct LimbTable {
    values: HashMap<[u8; 32], u64>,
}

impl LimbTable {
    fn new(layout: Layout, common: &Factor) -> Self {
        let size = u64::try_from(layout.space().min(1 << 16)).unwrap_or(1 << 16);
        let step = common.times(RISTRETTO_BASEPOINT_POINT);
        let points: Vec<_> =
            (0..size).scan(RistrettoPoint::identity(), |next, _| Some(std::mem::replace(next, *next + step))).collect();
        let encoded: Vec<_> =
            points.par_chunks(CHUNK).flat_map_iter(RistrettoPoint::double_and_compress_batch).collect();
        LimbTable { values: encoded.into_iter().map(|p| p.to_bytes()).zip(0..).collect() }
    }

    /// The values of `Δ`-fold limbs.
    fn find(&self, limbs: &[RistrettoPoint]) -> Vec<Option<u64>> {
        let encoded = RistrettoPoint::double_and_compress_batch(limbs);
        encoded.iter().map(|p| self.values.get(p.as_bytes()).copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_coefficients_are_the_lagrange_coefficients() {
        let sets: [&[u16]; 7] =
            [&[1], &[1, 2], &[2, 3], &[1, 3, 5], &[2, 4, 5, 9], &[3, 17, 40], &[1, 2, 3, 4, 5, 6, 7]];
        let large: Vec<u16> = (1..=80).collect();
        let mut exact = 0;
        for set in sets.into_iter().chain([&large[..]]) {
            let trustees: Vec<_> = set.iter().copied().map(TrusteeIndex).collect();
            let (common, coefficients) = integer_lagrange(&trustees);
            exact += u32::from(matches!(coefficients[0], Factor::Small(_)));
            let base = RISTRETTO_BASEPOINT_POINT;
            for (t, l) in trustees.iter().zip(&coefficients) {
                assert_eq!(l.times(base), common.times(base) * lagrange_at_zero(*t, &trustees), "{set:?}");
            }
        }
        assert_eq!(exact, 7, "only the last set is too large for small integers");
    }
}
