//! ElGamal encryption of small integers (`ENCRYPT`) and lists of ciphertext vectors.
//!
//! An integer `m` under key `PK` is `(R, C) = (r·B, m·B + r·PK)`. `C` alone is a Pedersen commitment to `m` with
//! blinding `r` under the bases `(B, PK)`, which is what lets a range proof speak about a ciphertext as it stands.

use crate::codec::{put_count, Decode, DecodeError, Encode, Reader};
use crate::group::{check_points, not_identity};
use crate::ids::Digest;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoBasepointTable};
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

/// Most ciphertexts (limbs) that one choice may need: 8 limbs of 16 bits hold any number below 2^128.
pub const MAX_WIDTH: usize = 8;

/// Most ciphertext vectors in one list: well above any electorate, and a bound for every decoder.
pub const MAX_LIST: usize = 1 << 26;

/// The trustees' joint encryption key, with a table that makes multiplying it fast and constant-time.
#[derive(Clone)]
pub struct PublicKey {
    point: RistrettoPoint,
    encoded: CompressedRistretto,
    table: Box<RistrettoBasepointTable>,
}

impl PublicKey {
    /// A key from a point.
    ///
    /// # Errors
    /// [`DecodeError::Identity`]: under the identity every ciphertext would show its plaintext.
    pub fn new(point: RistrettoPoint) -> Result<Self, DecodeError> {
        let point = not_identity(point, "joint key")?;
        Ok(PublicKey { point, encoded: point.compress(), table: Box::new(RistrettoBasepointTable::create(&point)) })
    }

    /// The key as a point.
    pub fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    /// The key's encoding.
    pub fn encoded(&self) -> &CompressedRistretto {
        &self.encoded
    }

    /// `r·PK`, in constant time.
    pub(crate) fn mask(&self, r: &Scalar) -> RistrettoPoint {
        &*self.table * r
    }

    /// `(r·B, r·PK)`: an encryption of zero, in constant time.
    pub fn encrypt_zero(&self, r: &Scalar) -> Ciphertext {
        Ciphertext { r: RISTRETTO_BASEPOINT_TABLE * r, c: self.mask(r) }
    }

    /// The Pedersen commitment `m·B + r·PK`, in constant time.
    pub fn commit(&self, m: &Scalar, r: &Scalar) -> RistrettoPoint {
        RISTRETTO_BASEPOINT_TABLE * m + self.mask(r)
    }

    /// `(r·B, m·B + r·PK)`, in constant time.
    pub fn encrypt(&self, m: &Scalar, r: &Scalar) -> Ciphertext {
        Ciphertext { r: RISTRETTO_BASEPOINT_TABLE * r, c: self.commit(m, r) }
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", hex::encode(self.encoded.as_bytes()))
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.point == other.point
    }
}

/// One ElGamal ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    /// First half, `r·B`.
    pub r: RistrettoPoint,
    /// Second half, `m·B + r·PK`.
    pub c: RistrettoPoint,
}

impl std::ops::Add for Ciphertext {
    type Output = Ciphertext;
    fn add(self, other: Ciphertext) -> Ciphertext {
        Ciphertext { r: self.r + other.r, c: self.c + other.c }
    }
}

impl Encode for Ciphertext {
    fn encode(&self, out: &mut Vec<u8>) {
        crate::codec::put_point(out, &self.r);
        crate::codec::put_point(out, &self.c);
    }
}

impl Decode for Ciphertext {
    const NAME: &'static str = "ciphertext";

    /// The first half must not be the identity: such a "ciphertext" shows its plaintext (`ENCRYPT-2`).
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let r = not_identity(reader.point("ciphertext R")?, "ciphertext R")?;
        Ok(Ciphertext { r, c: reader.point("ciphertext C")? })
    }
}

/// A ciphertext in its bytes `R || C`, of which `R` is not the identity. That both are points shows where they are decoded: a
/// ballot's with its proofs, which every sum takes as they were sent; a list's when the list is read.
///
/// What is stored or hashed stays in this form: it is a fifth of the size, and encoding a point costs as much as decoding
/// one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EncodedCiphertext {
    r: CompressedRistretto,
    c: CompressedRistretto,
}

impl std::fmt::Debug for EncodedCiphertext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EncodedCiphertext({}, {})", hex::encode(self.r.as_bytes()), hex::encode(self.c.as_bytes()))
    }
}

impl From<&Ciphertext> for EncodedCiphertext {
    fn from(ciphertext: &Ciphertext) -> Self {
        EncodedCiphertext { r: ciphertext.r.compress(), c: ciphertext.c.compress() }
    }
}

impl From<&EncodedCiphertext> for EncodedCiphertext {
    fn from(ciphertext: &EncodedCiphertext) -> Self {
        *ciphertext
    }
}

impl EncodedCiphertext {
    /// First half, `r·B`.
    pub fn r(&self) -> &CompressedRistretto {
        &self.r
    }

    /// Second half, `m·B + r·PK`.
    pub fn c(&self) -> &CompressedRistretto {
        &self.c
    }

    /// The ciphertext as points, if its bytes are their canonical encodings.
    pub fn decode_points(&self) -> Option<Ciphertext> {
        Some(Ciphertext { r: self.r.decompress()?, c: self.c.decompress()? })
    }
}

impl Encode for EncodedCiphertext {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.r.as_bytes());
        out.extend_from_slice(self.c.as_bytes());
    }
}

impl Decode for EncodedCiphertext {
    const NAME: &'static str = "ciphertext";

    /// `R` must not be the identity (`ENCRYPT-2`), of which there is one encoding; nothing is decoded.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (r, c) = (reader.encoded("ciphertext R")?, reader.encoded("ciphertext C")?);
        if r == CompressedRistretto::identity() {
            return Err(DecodeError::Identity { what: "ciphertext R" });
        }
        Ok(EncodedCiphertext { r, c })
    }
}

/// A list of ciphertext vectors of one width: what mix servers take in and put out (`SHUF-1`).
///
/// It is kept in its canonical bytes `u32 count || u16 width || count · width · (R || C)`: vector after vector, limb after
/// limb. Its digest is over these and stands for the list in every transcript. No `R` is the identity. All points are valid
/// where the list was read from bytes; where it is made of ballots' ciphertexts they are if the ballots' proofs hold.
#[derive(Clone, PartialEq, Eq)]
pub struct CiphertextList {
    width: usize,
    bytes: Vec<u8>,
    digest: Digest,
}

impl std::fmt::Debug for CiphertextList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CiphertextList({} × {}, {})", self.len(), self.width, self.digest)
    }
}

impl CiphertextList {
    /// Bytes before the first point.
    pub const HEADER: usize = 6;

    /// A list from vectors, each of `width` ciphertexts.
    ///
    /// # Errors
    /// [`DecodeError::WrongCount`] if a vector has another width.
    pub fn from_vectors<'a, C: 'a>(
        width: usize,
        vectors: impl IntoIterator<Item = &'a [C]>,
    ) -> Result<Self, DecodeError>
    where
        EncodedCiphertext: From<&'a C>,
    {
        let mut points = Vec::new();
        for vector in vectors {
            if vector.len() != width {
                return Err(DecodeError::WrongCount {
                    what: "ciphertext vector",
                    found: vector.len(),
                    expected: width,
                });
            }
            vector.iter().for_each(|c| EncodedCiphertext::from(c).encode(&mut points));
        }
        let mut bytes = Self::header(points.len() / (64 * width).max(1), width);
        bytes.append(&mut points);
        Ok(Self::of(width, bytes))
    }

    fn header(count: usize, width: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::HEADER + 64 * count * width);
        put_count(&mut bytes, count);
        bytes.extend_from_slice(&u16::try_from(width).unwrap_or(u16::MAX).to_be_bytes());
        bytes
    }

    fn of(width: usize, bytes: Vec<u8>) -> Self {
        let digest = Digest(Sha256::digest(&bytes).into());
        CiphertextList { width, bytes, digest }
    }

    /// A list from flat encodings of points that are known to be valid; their number is a multiple of `2 · width`.
    pub(crate) fn from_valid(width: usize, points: &[[u8; 32]]) -> Self {
        let mut bytes = Self::header(points.len() / (2 * width).max(1), width);
        bytes.extend_from_slice(points.as_flattened());
        Self::of(width, bytes)
    }

    /// Reads a list from its canonical bytes, checking all points on all cores.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are not canonical, or not of this count and width, or an `R` is the identity.
    pub fn from_bytes(bytes: &[u8], count: usize, width: usize) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let found = reader.u32("ciphertext list")? as usize;
        if found != count || count > MAX_LIST {
            return Err(DecodeError::WrongCount { what: "ciphertext list", found, expected: count });
        }
        let found = usize::from(reader.u16("ciphertext width")?);
        if found != width || width == 0 || width > MAX_WIDTH {
            return Err(DecodeError::WrongCount { what: "ciphertext width", found, expected: width });
        }
        // No product can wrap, not even where addresses have 32 bits: a wrapped one would be a shorter list.
        let needed = count.saturating_mul(width).saturating_mul(64);
        let points = reader.take(needed, "ciphertext list")?.as_chunks().0;
        reader.finish("ciphertext list")?;
        if points.par_iter().step_by(2).any(|r| *r == [0; 32]) {
            return Err(DecodeError::Identity { what: "a ciphertext's first half" });
        }
        check_points(points, "a point of the ciphertext list")?;
        Ok(Self::of(width, bytes.to_vec()))
    }

    /// The canonical bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A copy of the canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// How many vectors.
    pub fn len(&self) -> usize {
        self.points().len() / (2 * self.width).max(1)
    }

    /// Whether there is no vector.
    pub fn is_empty(&self) -> bool {
        self.points().is_empty()
    }

    /// Ciphertexts per vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All points' encodings, flat, `R` before `C`.
    pub fn points(&self) -> &[[u8; 32]] {
        self.bytes.get(Self::HEADER..).unwrap_or_default().as_chunks().0
    }

    /// The ciphertext at `limb` of vector `i`, if there is one.
    pub fn ciphertext(&self, i: usize, limb: usize) -> Option<EncodedCiphertext> {
        let at = 2 * (i.checked_mul(self.width)?.checked_add(limb)?);
        match (self.points().get(at), self.points().get(at + 1)) {
            (Some(r), Some(c)) if limb < self.width => {
                Some(EncodedCiphertext { r: CompressedRistretto(*r), c: CompressedRistretto(*c) })
            }
            _ => None,
        }
    }

    /// The digest of the canonical bytes.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// Scalars that are wiped when dropped, and never printed.
#[derive(Default)]
pub struct SecretScalars(pub Vec<Scalar>);

impl Drop for SecretScalars {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for SecretScalars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretScalars({} redacted)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::random_scalar;
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
    use curve25519_dalek::traits::Identity;
    use rand::rngs::OsRng;

    fn list(n: usize, width: usize) -> CiphertextList {
        let pk = PublicKey::new(RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng)).unwrap();
        let points: Vec<_> = (0..n * width)
            .flat_map(|i| {
                let c = pk.encrypt(&Scalar::from(i as u64), &random_scalar(&mut OsRng));
                [c.r.compress().0, c.c.compress().0]
            })
            .collect();
        CiphertextList::from_valid(width, &points)
    }

    #[test]
    fn a_list_reads_back_and_every_other_shape_is_refused() {
        let list = list(5, 2);
        let bytes = list.bytes().to_vec();
        assert_eq!(CiphertextList::from_bytes(&bytes, 5, 2).unwrap(), list);
        let vectors: Vec<Vec<_>> = (0..5).map(|i| (0..2).map(|k| list.ciphertext(i, k).unwrap()).collect()).collect();
        assert_eq!(CiphertextList::from_vectors(2, vectors.iter().map(Vec::as_slice)).unwrap(), list);
        assert!(CiphertextList::from_vectors(1, vectors.iter().map(Vec::as_slice)).is_err());
        assert!(CiphertextList::from_bytes(&bytes, 4, 2).is_err());
        assert!(CiphertextList::from_bytes(&bytes, 5, 1).is_err());
        assert!(CiphertextList::from_bytes(&bytes[..bytes.len() - 1], 5, 2).is_err());
        assert!(CiphertextList::from_bytes(&[&bytes[..], &[0]].concat(), 5, 2).is_err());
        for i in 0..10 {
            let mut identity = bytes.clone();
            identity[6 + 64 * i..][..32].fill(0);
            let found = CiphertextList::from_bytes(&identity, 5, 2);
            assert!(matches!(found, Err(DecodeError::Identity { .. })), "ciphertext {i}");
            // A second half may be: its ciphertext is one of zero under the randomness that its maker chose.
            let mut zero = bytes.clone();
            zero[6 + 64 * i + 32..][..32].fill(0);
            assert!(CiphertextList::from_bytes(&zero, 5, 2).is_ok(), "ciphertext {i}");
        }
        // A header that says something else than who reads expects, before points of just that number.
        for (count, width) in [(5u32, 1u16), (10, 2)] {
            let header = [&count.to_be_bytes()[..], &width.to_be_bytes()].concat();
            let other = [&header[..], &bytes[6..]].concat();
            assert!(matches!(CiphertextList::from_bytes(&other, 10, 1), Err(DecodeError::WrongCount { .. })));
        }
        let mut garbage = bytes;
        garbage[38..70].fill(0xff);
        assert!(matches!(CiphertextList::from_bytes(&garbage, 5, 2), Err(DecodeError::BadPoint { .. })));
    }

    #[test]
    fn a_list_is_one_to_eight_ciphertexts_wide() {
        for (width, read) in [(0usize, false), (1, true), (MAX_WIDTH, true), (MAX_WIDTH + 1, false)] {
            let bytes = list(3, width).bytes().to_vec();
            let found = CiphertextList::from_bytes(&bytes, if width == 0 { 0 } else { 3 }, width);
            assert_eq!(found.is_ok(), read, "{width}");
        }
    }

    #[test]
    fn a_list_has_no_ciphertext_beyond_its_vectors() {
        let two = list(5, 2);
        let there = |i, limb| two.ciphertext(i, limb).is_some();
        assert!(there(0, 0) && there(4, 1) && !there(0, 2) && !there(5, 0) && !there(usize::MAX, 0));
        assert_eq!((two.len(), two.is_empty(), two.width()), (5, false, 2));
        assert!(list(0, 1).is_empty());
    }

    #[test]
    fn the_identity_is_no_key() {
        assert!(PublicKey::new(RistrettoPoint::identity()).is_err());
        let key = |n: u64| PublicKey::new(RISTRETTO_BASEPOINT_POINT * Scalar::from(n)).unwrap();
        assert!(key(1) == key(1) && key(1) != key(2));
    }

    #[test]
    fn secrets_are_redacted() {
        assert_eq!(format!("{:?}", SecretScalars(vec![Scalar::ONE; 2])), "SecretScalars(2 redacted)");
    }
}
