//! Threshold decryption (`DEC`): factors with one proof per list, Lagrange in the exponent, and the plaintext's number.

use crate::ceremony::{lagrange_at_zero, JointKey, TrusteeShare};
use crate::chaum_pedersen::{describe_all, EqualityProof, Statement};
use crate::codec::{put_count, Decode, DecodeError, Encode, Reader};
use crate::elgamal::{CiphertextList, MAX_LIST, MAX_WIDTH};
use crate::group::{check_points, Generators};
use crate::handover::{ForeignAnswer, HandoverKey};
use crate::ids::{ContestIndex, Digest, ElectionId, TrusteeIndex};
use crate::plaintext::Layout;
use crate::sum::Sum;
use crate::transcript::{label, proof, ProtocolTranscript};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use num_integer::Integer;
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use selge_lanes::{combine_doubled_vartime, Backend};
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
        let mut sum = Sum::default();
        let described = describe_all(vec![self.statement(ctx, list)?], bases(list), &mut sum);
        if described.is_ok() && sum.holds(&Generators::new(0)) {
            Ok(self.verified(ctx, list))
        } else {
            Err(DecryptionError::False { trustee: ctx.trustee })
        }
    }

    /// What the proof states of the factors.
    fn statement(&self, ctx: &DecryptionContext<'_>, list: &CiphertextList) -> Result<Statement<'_>, DecryptionError> {
        let key = ctx.joint_key.share_key(ctx.trustee).ok_or(DecryptionError::Trustee(ctx.trustee))?;
        let (found, expected) = (self.factors.len(), bases(list).len());
        if found != expected || self.width != list.width() {
            return Err(DecryptionError::Count { trustee: ctx.trustee, found, expected });
        }
        let transcript = open(ctx, key, list, &self.factors);
        Ok(Statement { proof: &self.proof, transcript, key: *key, powers: &self.factors })
    }

    /// Only for factors whose equations have held.
    fn verified(&self, ctx: &DecryptionContext<'_>, list: &CiphertextList) -> VerifiedDecryption<'_> {
        VerifiedDecryption { trustee: ctx.trustee, list: *list.digest(), factors: &self.factors }
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

/// Checks several trustees' factors of one list together, each of whose ciphertexts is then one term of the sum; the
/// answer is that of [`PartialDecryption::verify`] for each.
pub fn verify_each<'a>(
    parts: &'a [(DecryptionContext<'_>, PartialDecryption)],
    list: &CiphertextList,
) -> Vec<Result<VerifiedDecryption<'a>, DecryptionError>> {
    let together = || {
        let statements = parts.par_iter().map(|(ctx, part)| part.statement(ctx, list).ok());
        let mut sum = Sum::default();
        describe_all(statements.collect::<Option<_>>()?, bases(list), &mut sum).ok()?;
        sum.holds(&Generators::new(0)).then_some(())
    };
    match together() {
        Some(()) => parts.iter().map(|(ctx, part)| Ok(part.verified(ctx, list))).collect(),
        None => parts.iter().map(|(ctx, part)| part.verify(ctx, list)).collect(),
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
        let lagrange = Lagrange::at_zero(&trustees);
        let factors: Vec<_> =
            trustees.iter().filter_map(|t| decryptions.iter().find(|d| d.trustee == *t).map(|d| d.factors)).collect();
        let table = LimbTable::new(layout, &lagrange);
        let width = list.width().max(1);
        let numbers = list
            .points()
            .par_chunks(2 * width * CHUNK)
            .enumerate()
            .flat_map_iter(|(chunk, points)| {
                let first = chunk * width * CHUNK;
                let own: Vec<[u8; 32]> = points.iter().skip(1).step_by(2).copied().collect();
                let factors: Vec<_> =
                    factors.iter().map(|f| f.get(first..first + own.len()).unwrap_or_default()).collect();
                let found = table.find(&lagrange.limbs(&own, &factors));
                found
                    .chunks_exact(width)
                    .map(|limbs| layout.number(&limbs.iter().copied().collect::<Option<Vec<u64>>>()?))
                    .collect::<Vec<_>>()
            })
            .collect();
        Ok(DecryptedVotes { list: *list.digest(), trustees, numbers })
    }

    /// Bytes for the instance of this program that has asked `question` and drawn `key`; [`DecryptedVotes::take_over`] reads
    /// them.
    pub fn hand_over(&self, key: &HandoverKey, question: &Digest) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.list.encode(&mut bytes);
        put_count(&mut bytes, self.trustees.len());
        self.trustees.iter().for_each(|t| t.encode(&mut bytes));
        put_count(&mut bytes, self.numbers.len());
        for number in &self.numbers {
            bytes.push(number.is_some().into());
            bytes.extend_from_slice(&number.unwrap_or_default().to_be_bytes());
        }
        key.seal(HANDED_OVER, question, bytes)
    }

    /// What another instance has combined and [`DecryptedVotes::hand_over`] has written, for this question and no other.
    ///
    /// # Errors
    /// [`ForeignAnswer`].
    pub fn take_over(bytes: &[u8], key: &HandoverKey, question: &Digest) -> Result<Self, ForeignAnswer> {
        let bytes = key.open(HANDED_OVER, question, bytes)?;
        let mut reader = Reader::new(bytes);
        let mut read = || -> Result<Self, DecodeError> {
            let list = Digest::decode(&mut reader)?;
            let trustees = reader.count(usize::from(u16::MAX), 2, "trustees")?;
            let trustees = (0..trustees).map(|_| TrusteeIndex::decode(&mut reader)).collect::<Result<_, _>>()?;
            let numbers = reader.count(MAX_LIST, 17, "numbers")?;
            let number = |reader: &mut Reader<'_>| {
                let there = reader.u8("number")? != 0;
                Ok(Some(u128::from_be_bytes(reader.array("number")?)).filter(|_| there))
            };
            let numbers = (0..numbers).map(|_| number(&mut reader)).collect::<Result<_, DecodeError>>()?;
            Ok(DecryptedVotes { list, trustees, numbers })
        };
        let votes = read().map_err(|_| ForeignAnswer)?;
        reader.finish("votes").map_err(|_| ForeignAnswer)?;
        Ok(votes)
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

/// What a tag of handed over votes is for.
const HANDED_OVER: &[u8] = b"decrypted votes";

/// Vectors that are combined at a time.
const CHUNK: usize = 256;

/// How factors are combined: a limb is `m·B = C − Σ λ_j·D_j` with the Lagrange coefficients `λ_j` at 0.
#[derive(Debug)]
enum Lagrange {
    /// `Δ` and `−Δ·λ_j`, where `Δ` clears all denominators: a few additions per ballot instead of full multiplications.
    Whole { common: i64, coefficients: Vec<i64> },
    /// `−λ_j`, where those do not fit into 63 bits: then `Δ` is 1.
    Full(Vec<Scalar>),
}

impl Lagrange {
    fn at_zero(trustees: &[TrusteeIndex]) -> Self {
        match whole_coefficients(trustees) {
            Some((common, coefficients)) => Lagrange::Whole { common, coefficients },
            None => Lagrange::Full(trustees.iter().map(|t| -lagrange_at_zero(*t, trustees)).collect()),
        }
    }

    /// `Δ`.
    fn common(&self) -> Scalar {
        match self {
            // It is not negative.
            Lagrange::Whole { common, .. } => Scalar::from(common.unsigned_abs()),
            Lagrange::Full(_) => Scalar::ONE,
        }
    }

    /// The encodings of twice the `Δ`-fold limbs, from the second halves of ciphertexts and each trustee's factors for them.
    fn limbs(&self, own: &[[u8; 32]], factors: &[&[[u8; 32]]]) -> Vec<[u8; 32]> {
        let whole = match self {
            Lagrange::Whole { common, coefficients } => {
                let coefficients: Vec<i64> = std::iter::once(*common).chain(coefficients.iter().copied()).collect();
                let lists: Vec<&[[u8; 32]]> = std::iter::once(own).chain(factors.iter().copied()).collect();
                combine_doubled_vartime(Backend::active(), &coefficients, &lists).ok()
            }
            Lagrange::Full(_) => None,
        };
        whole.unwrap_or_else(|| self.limbs_one_by_one(own, factors))
    }

    /// As [`Lagrange::limbs`], for any coefficients, and for ciphertexts that are none.
    fn limbs_one_by_one(&self, own: &[[u8; 32]], factors: &[&[[u8; 32]]]) -> Vec<[u8; 32]> {
        let coefficients: Vec<Scalar> = match self {
            Lagrange::Whole { coefficients, .. } => coefficients.iter().map(|n| signed(*n)).collect(),
            Lagrange::Full(coefficients) => coefficients.clone(),
        };
        let limb = |(i, c): (usize, &[u8; 32])| {
            let factors = factors.iter().map(|f| f.get(i).map(point).unwrap_or_default());
            coefficients.iter().zip(factors).fold(self.common() * point(c), |sum, (l, d)| sum + l * d)
        };
        let limbs: Vec<RistrettoPoint> = own.iter().enumerate().map(limb).collect();
        RistrettoPoint::double_and_compress_batch(&limbs).iter().map(CompressedRistretto::to_bytes).collect()
    }
}

fn signed(n: i64) -> Scalar {
    let scalar = Scalar::from(n.unsigned_abs());
    if n < 0 {
        -scalar
    } else {
        scalar
    }
}

/// `Δ` and `−Δ·λ_j`, unless one of them is too large.
fn whole_coefficients(trustees: &[TrusteeIndex]) -> Option<(i64, Vec<i64>)> {
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
    let negated = |(above, below): &(i64, i64)| above.checked_mul(common / below)?.checked_neg();
    Some((common, fractions.iter().map(negated).collect::<Option<_>>()?))
}

/// `2·Δ·m·B` for every value `m` that a limb can have. Encoding twice a point is what many points share the work of.
struct LimbTable {
    values: HashMap<[u8; 32], u64>,
}

impl LimbTable {
    fn new(layout: Layout, lagrange: &Lagrange) -> Self {
        let size = u64::try_from(layout.space().min(1 << 16)).unwrap_or(1 << 16);
        let step = RistrettoPoint::mul_base(&lagrange.common());
        let points: Vec<_> =
            (0..size).scan(RistrettoPoint::identity(), |next, _| Some(std::mem::replace(next, *next + step))).collect();
        let encoded: Vec<_> =
            points.par_chunks(CHUNK).flat_map_iter(RistrettoPoint::double_and_compress_batch).collect();
        LimbTable { values: encoded.into_iter().map(|p| p.to_bytes()).zip(0..).collect() }
    }

    /// The values of limbs from their encodings.
    fn find(&self, encoded: &[[u8; 32]]) -> Vec<Option<u64>> {
        encoded.iter().map(|limb| self.values.get(limb).copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_taken_over_whole_and_for_their_question_alone() {
        use rand::rngs::OsRng;
        let (list, trustees) = (Digest::of(b"list"), vec![TrusteeIndex(1), TrusteeIndex(3)]);
        let votes = DecryptedVotes { list, trustees, numbers: vec![Some(0), None, Some(u128::MAX), Some(7)] };
        let (key, question) = (HandoverKey::random(&mut OsRng), Digest::of(b"question"));
        let bytes = votes.hand_over(&key, &question);
        assert_eq!(DecryptedVotes::take_over(&bytes, &key, &question), Ok(votes.clone()));
        assert_eq!(DecryptedVotes::take_over(&bytes, &key, &Digest::of(b"another")), Err(ForeignAnswer));
        let other = HandoverKey::random(&mut OsRng);
        assert_eq!(DecryptedVotes::take_over(&bytes, &other, &question), Err(ForeignAnswer));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert_eq!(DecryptedVotes::take_over(&changed, &key, &question), Err(ForeignAnswer));
        }
    }

    #[test]
    fn whole_coefficients_are_the_lagrange_coefficients() {
        let sets: [&[u16]; 7] =
            [&[1], &[1, 2], &[2, 3], &[1, 3, 5], &[2, 4, 5, 9], &[3, 17, 40], &[1, 2, 3, 4, 5, 6, 7]];
        let large: Vec<u16> = (1..=80).collect();
        let mut whole = 0;
        for set in sets.into_iter().chain([&large[..]]) {
            let trustees: Vec<_> = set.iter().copied().map(TrusteeIndex).collect();
            let lagrange = Lagrange::at_zero(&trustees);
            let coefficients = match &lagrange {
                Lagrange::Whole { coefficients, .. } => coefficients.iter().map(|n| signed(*n)).collect(),
                Lagrange::Full(coefficients) => coefficients.clone(),
            };
            whole += u32::from(matches!(lagrange, Lagrange::Whole { .. }));
            for (t, l) in trustees.iter().zip(&coefficients) {
                assert_eq!(*l, -lagrange.common() * lagrange_at_zero(*t, &trustees), "{set:?}");
            }
        }
        assert_eq!(whole, 7, "only the last set is too large for small integers");
    }

    #[test]
    fn limbs_in_lanes_and_one_by_one_are_the_same_even_beside_what_is_no_point() {
        use crate::group::random_scalar;
        use rand::rngs::OsRng;
        let random = |n: usize| -> Vec<[u8; 32]> {
            (0..n).map(|_| RistrettoPoint::mul_base(&random_scalar(&mut OsRng)).compress().0).collect()
        };
        for set in [&[2u16][..], &[1, 3], &[2, 4, 5, 9]] {
            let trustees: Vec<_> = set.iter().copied().map(TrusteeIndex).collect();
            let lagrange = Lagrange::at_zero(&trustees);
            for n in [0, 1, 15, 16, 17, 100] {
                let mut own = random(n);
                let factors: Vec<_> = set.iter().map(|_| random(n)).collect();
                let factors: Vec<&[[u8; 32]]> = factors.iter().map(Vec::as_slice).collect();
                assert_eq!(lagrange.limbs(&own, &factors), lagrange.limbs_one_by_one(&own, &factors));
                if let Some(bad) = own.get_mut(n / 2) {
                    *bad = [0xff; 32];
                }
                assert_eq!(lagrange.limbs(&own, &factors), lagrange.limbs_one_by_one(&own, &factors));
            }
        }
    }
}
