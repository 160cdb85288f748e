//! The group (`GRP`): ristretto255 (RFC 9496), strict decoding, and generators that nobody knows a relation between.

use crate::codec::DecodeError;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use selge_lanes::{Backend, Msm, Points, TermError};
use sha2::{Digest, Sha512};

/// Domain separation tag of the generators (RFC 9380, section 3.1).
pub const GENERATORS_DST: &[u8] = b"selge/v1 generators ristretto255_XMD:SHA-512_R255MAP_RO_";

/// Decodes a point from its one canonical encoding; the identity is allowed.
///
/// # Errors
/// [`DecodeError::BadPoint`] for any other 32 bytes.
pub fn decode_point(bytes: &[u8; 32], what: &'static str) -> Result<RistrettoPoint, DecodeError> {
    CompressedRistretto(*bytes).decompress().ok_or(DecodeError::BadPoint { what })
}

/// Checks on all cores that every one of these is the canonical encoding of a point; the identity is allowed.
///
/// # Errors
/// [`DecodeError::BadPoint`] if one is not.
pub fn check_points(encoded: &[[u8; 32]], what: &'static str) -> Result<(), DecodeError> {
    selge_lanes::check_vartime(Backend::active(), encoded).map_err(|_| DecodeError::BadPoint { what })
}

/// Decodes a scalar below the group order.
///
/// # Errors
/// [`DecodeError::BadScalar`] for a value that is not reduced.
pub fn decode_scalar(bytes: &[u8; 32], what: &'static str) -> Result<Scalar, DecodeError> {
    Option::from(Scalar::from_canonical_bytes(*bytes)).ok_or(DecodeError::BadScalar { what })
}

/// The point, unless it is the identity.
///
/// # Errors
/// [`DecodeError::Identity`].
pub fn not_identity(point: RistrettoPoint, what: &'static str) -> Result<RistrettoPoint, DecodeError> {
    if point == RistrettoPoint::identity() {
        Err(DecodeError::Identity { what })
    } else {
        Ok(point)
    }
}

/// A uniform scalar.
pub fn random_scalar<R: RngCore + CryptoRng>(rng: &mut R) -> Scalar {
    Scalar::random(rng)
}

/// `expand_message_xmd` with SHA-512 (RFC 9380, section 5.3.1) to 64 bytes, which is one block.
fn expand_message_xmd_64(msg: &[u8], dst: &[u8]) -> [u8; 64] {
    // RFC 9380 allows a tag of at most 255 bytes; the only tags used are constants of this crate.
    let dst_len = [u8::try_from(dst.len()).unwrap_or(u8::MAX)];
    let b0 = Sha512::new()
        .chain_update([0u8; 128])
        .chain_update(msg)
        .chain_update(64u16.to_be_bytes())
        .chain_update([0u8])
        .chain_update(dst)
        .chain_update(dst_len)
        .finalize();
    Sha512::new().chain_update(b0).chain_update([1u8]).chain_update(dst).chain_update(dst_len).finalize().into()
}

/// `hash_to_ristretto255` (RFC 9380, appendix B): expand to 64 bytes, then the one-way map of RFC 9496, section 4.3.4.
pub fn hash_to_group(msg: &[u8], dst: &[u8]) -> RistrettoPoint {
    RistrettoPoint::from_uniform_bytes(&expand_message_xmd_64(msg, dst))
}

/// The commitment key of the shuffle argument: `H` blinds, `G_1 … G_n` carry the values (`GRP-3`).
///
/// `H` is the hash of `"H"`; `G_i` is the hash of `"G" || u32 i` for `i = 1 … n`. The `G_i` are kept in the form that
/// [`selge_lanes`] sums in.
#[derive(Debug, Clone)]
pub struct Generators {
    h: RistrettoPoint,
    /// As often as there were extensions.
    parts: Vec<Points>,
    len: usize,
}

/// Generators derived at a time.
const PART: usize = 1 << 16;

fn derive_generator(i: usize) -> RistrettoPoint {
    let mut msg = [b'G', 0, 0, 0, 0];
    msg[1..].copy_from_slice(&u32::try_from(i).unwrap_or(u32::MAX).to_be_bytes());
    hash_to_group(&msg, GENERATORS_DST)
}

impl Generators {
    /// Derives `H` and the first `n` value generators, on all cores.
    pub fn new(n: usize) -> Self {
        let mut generators = Generators { h: hash_to_group(b"H", GENERATORS_DST), parts: Vec::new(), len: 0 };
        generators.extend(n);
        generators
    }

    /// Derives further generators until there are at least `n`.
    pub fn extend(&mut self, n: usize) {
        while self.len < n {
            let to = n.min(self.len + PART);
            let part: Vec<_> = (self.len + 1..=to).into_par_iter().map(derive_generator).collect();
            self.parts.push(Points::from_ristretto_vartime(Backend::active(), &part));
            self.len = to;
        }
    }

    /// The blinding generator.
    pub fn h(&self) -> &RistrettoPoint {
        &self.h
    }

    /// The value generators, derived anew: for tests and for whoever checks this implementation.
    pub fn g(&self) -> Vec<RistrettoPoint> {
        (1..=self.len).into_par_iter().map(derive_generator).collect()
    }

    /// Adds `Σ scalars_i · G_{from + i}` to `sum`, from `G_{from + 1}`.
    ///
    /// # Errors
    /// [`TermError`] if there are not so many generators.
    pub(crate) fn add_from_vartime(&self, sum: &mut Msm, mut scalars: &[Scalar], from: usize) -> Result<(), TermError> {
        let mut skip = from;
        for part in &self.parts {
            let begin = skip.min(part.len());
            let (now, later) = scalars.split_at(scalars.len().min(part.len() - begin));
            sum.add_points_from_vartime(now, part, begin)?;
            (scalars, skip) = (later, skip - begin);
        }
        match scalars.len() {
            0 => Ok(()),
            left => Err(TermError::Lengths { scalars: self.len.max(from) + left, points: self.len }),
        }
    }

    /// How many value generators there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no value generator.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_to_group_matches_the_published_vector() {
        // RFC 9497, appendix A.1.1, test vector 1: BlindedElement = Blind * HashToGroup(Input).
        let point = hash_to_group(&[0], b"HashToGroup-OPRFV1-\x00-ristretto255-SHA512");
        let mut blind = [0; 32];
        hex::decode_to_slice("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706", &mut blind).unwrap();
        let blinded = point * decode_scalar(&blind, "blind").unwrap();
        assert_eq!(
            hex::encode(blinded.compress().as_bytes()),
            "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"
        );
    }

    #[test]
    fn generators_are_distinct_and_extend_consistently() {
        let mut few = Generators::new(3);
        let many = Generators::new(10);
        few.extend(10);
        assert_eq!(few.g(), many.g());
        assert_eq!((many.len(), many.is_empty(), Generators::new(0).is_empty()), (10, false, true));
        let missing = |from, n| few.add_from_vartime(&mut Msm::default(), &vec![Scalar::ONE; n], from).err();
        assert_eq!((missing(0, 10), missing(7, 3), missing(10, 0)), (None, None, None));
        assert_eq!(missing(7, 4), Some(TermError::Lengths { scalars: 11, points: 10 }));
        assert_eq!(missing(12, 1), Some(TermError::Lengths { scalars: 13, points: 10 }));
        let mut all: Vec<_> = many.g().iter().map(|p| p.compress().to_bytes()).collect();
        all.push(many.h().compress().to_bytes());
        all.push(curve25519_dalek::constants::RISTRETTO_BASEPOINT_COMPRESSED.to_bytes());
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 12);
    }

    #[test]
    fn only_canonical_encodings_decode() {
        // RFC 9496, appendix A.2: a non-canonical field element, and a negative one.
        let mut too_large = [0xff; 32];
        too_large[0] = 0xed;
        too_large[31] = 0x7f;
        assert!(decode_point(&too_large, "p").is_err());
        let mut odd = [0; 32];
        odd[0] = 1;
        assert!(decode_point(&odd, "p").is_err());
        assert!(decode_point(&[0; 32], "p").is_ok());
        let q = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        assert!(decode_scalar(&q, "s").is_err());
        assert!(not_identity(RistrettoPoint::identity(), "p").is_err());
    }
}
