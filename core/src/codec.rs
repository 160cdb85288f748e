//! Canonical bytes (`ENC`): one encoding per value, in the TLS presentation language's style (RFC 8446, section 3).
//!
//! Integers are fixed-width big-endian. A variable-length vector is preceded by the number of its *items* as a
//! `u32` (`u8` where the specification says so). Points and scalars are their 32 canonical bytes. A decoder takes
//! a slice that is already in memory and checks every length against what is left of it before allocating, so
//! that a claimed length can never cost memory.

use crate::group::{decode_point, decode_scalar};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};

/// Why bytes are not the canonical encoding of a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The input ended inside a value.
    #[error("the data ends early: {what} needs {needed} more bytes, {left} are left")]
    Truncated {
        /// The value being read.
        what: &'static str,
        /// Bytes that it needs.
        needed: usize,
        /// Bytes that are left.
        left: usize,
    },
    /// Bytes were left over after the value.
    #[error("{left} bytes follow the end of the {what}")]
    Trailing {
        /// The value that was read.
        what: &'static str,
        /// Bytes after it.
        left: usize,
    },
    /// A count exceeds what the specification allows at this place.
    #[error("{what}: {found} items, at most {max} are allowed")]
    TooMany {
        /// The vector being read.
        what: &'static str,
        /// Items claimed.
        found: usize,
        /// Items allowed.
        max: usize,
    },
    /// A count differs from the one that the context fixes.
    #[error("{what}: {found} items, exactly {expected} are required")]
    WrongCount {
        /// The vector being read.
        what: &'static str,
        /// Items found.
        found: usize,
        /// Items required.
        expected: usize,
    },
    /// 32 bytes that are not the canonical encoding of a ristretto255 element.
    #[error("{what} is not the canonical encoding of a ristretto255 element")]
    BadPoint {
        /// The value being read.
        what: &'static str,
    },
    /// The identity, where the statement needs another element.
    #[error("{what} is the identity element, which is not allowed here")]
    Identity {
        /// The value being read.
        what: &'static str,
    },
    /// 32 bytes that are not a reduced scalar.
    #[error("{what} is not a reduced scalar")]
    BadScalar {
        /// The value being read.
        what: &'static str,
    },
    /// A number that has no meaning at this place.
    #[error("{what} has the unknown value {found}")]
    Unknown {
        /// The field.
        what: &'static str,
        /// Its value.
        found: u64,
    },
    /// Values that must rise strictly do not.
    #[error("{what} are not in strictly rising order")]
    Unordered {
        /// The vector.
        what: &'static str,
    },
}

/// A value that has canonical bytes.
pub trait Encode {
    /// Appends the canonical bytes to `out`.
    fn encode(&self, out: &mut Vec<u8>);

    /// The canonical bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// A value that can be read from its canonical bytes and from no others.
pub trait Decode: Sized {
    /// What this value is called in errors.
    const NAME: &'static str;

    /// Reads one value.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes at the reader are not a canonical encoding.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Reads exactly one value from all of `bytes`.
    ///
    /// # Errors
    /// As [`Decode::decode`], and [`DecodeError::Trailing`] if bytes are left over.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let value = Self::decode(&mut reader)?;
        reader.finish(Self::NAME)?;
        Ok(value)
    }
}

/// Reads values from a slice, never past its end.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// Bytes not read yet.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer are left.
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(n) {
            Some((head, rest)) => {
                self.rest = rest;
                Ok(head)
            }
            None => Err(DecodeError::Truncated { what, needed: n - self.rest.len(), left: self.rest.len() }),
        }
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] if fewer are left.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N, what)?);
        Ok(out)
    }

    /// A `u8`.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u8(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        Ok(u8::from_be_bytes(self.array(what)?))
    }

    /// A big-endian `u16`.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u16(&mut self, what: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array(what)?))
    }

    /// A big-endian `u32`.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u32(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.array(what)?))
    }

    /// A big-endian `u64`.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn u64(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        Ok(u64::from_be_bytes(self.array(what)?))
    }

    /// A point in canonical form; the identity is allowed.
    ///
    /// # Errors
    /// [`DecodeError::BadPoint`], [`DecodeError::Truncated`].
    pub fn point(&mut self, what: &'static str) -> Result<RistrettoPoint, DecodeError> {
        decode_point(&self.array(what)?, what)
    }

    /// Bytes that stand for a point, and are decoded where the point is used.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`].
    pub fn encoded(&mut self, what: &'static str) -> Result<CompressedRistretto, DecodeError> {
        Ok(CompressedRistretto(self.array(what)?))
    }

    /// A reduced scalar.
    ///
    /// # Errors
    /// [`DecodeError::BadScalar`], [`DecodeError::Truncated`].
    pub fn scalar(&mut self, what: &'static str) -> Result<Scalar, DecodeError> {
        decode_scalar(&self.array(what)?, what)
    }

    /// The `u32` count that opens a vector of items of at least `item_len` bytes each.
    ///
    /// # Errors
    /// [`DecodeError::TooMany`] above `max`; [`DecodeError::Truncated`] if so many items cannot follow.
    pub fn count(&mut self, max: usize, item_len: usize, what: &'static str) -> Result<usize, DecodeError> {
        let found = self.u32(what)? as usize;
        if found > max {
            return Err(DecodeError::TooMany { what, found, max });
        }
        let needed = found.saturating_mul(item_len);
        if needed > self.left() {
            return Err(DecodeError::Truncated { what, needed: needed - self.left(), left: self.left() });
        }
        Ok(found)
    }

    /// A byte string with a `u32` length.
    ///
    /// # Errors
    /// As [`Reader::count`].
    pub fn opaque(&mut self, max: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let n = self.count(max, 1, what)?;
        self.take(n, what)
    }

    /// A vector of points.
    ///
    /// # Errors
    /// As [`Reader::count`] and [`Reader::point`].
    pub fn points(&mut self, max: usize, what: &'static str) -> Result<Vec<RistrettoPoint>, DecodeError> {
        let n = self.count(max, 32, what)?;
        (0..n).map(|_| self.point(what)).collect()
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`].
    pub fn finish(self, what: &'static str) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(DecodeError::Trailing { what, left }),
        }
    }
}

/// Appends a vector's `u32` item count.
///
/// Every vector in the protocol is bounded far below 2^32 items by its type; the saturation keeps this total.
pub fn put_count(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
}

/// Appends a byte string with its `u32` length.
pub fn put_opaque(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Appends a point's 32 bytes.
pub fn put_point(out: &mut Vec<u8>, point: &RistrettoPoint) {
    out.extend_from_slice(point.compress().as_bytes());
}

/// Appends an encoded point's 32 bytes.
pub fn put_encoded(out: &mut Vec<u8>, point: &CompressedRistretto) {
    out.extend_from_slice(point.as_bytes());
}

/// Appends a scalar's 32 bytes.
pub fn put_scalar(out: &mut Vec<u8>, scalar: &Scalar) {
    out.extend_from_slice(scalar.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_checked_before_anything_is_allocated() {
        let mut bytes = vec![0xff, 0xff, 0xff, 0xff];
        assert!(matches!(Reader::new(&bytes).points(usize::MAX, "points"), Err(DecodeError::Truncated { .. })));
        assert!(matches!(Reader::new(&bytes).opaque(10, "bytes"), Err(DecodeError::TooMany { .. })));
        bytes.truncate(3);
        assert!(matches!(Reader::new(&bytes).opaque(10, "bytes"), Err(DecodeError::Truncated { .. })));
    }

    #[test]
    fn what_is_missing_is_said() {
        let count = |bytes: &[u8]| Reader::new(bytes).count(10, 3, "items");
        let missing = |needed, left| DecodeError::Truncated { what: "items", needed, left };
        assert_eq!(count(&[0, 0, 0, 2, 1, 1, 1, 1, 1, 1]), Ok(2));
        assert_eq!(count(&[0, 0, 0, 2, 1, 1, 1, 1, 1]), Err(missing(1, 5)));
        assert_eq!(count(&[0, 0, 0, 11]), Err(DecodeError::TooMany { what: "items", found: 11, max: 10 }));
        assert_eq!(Reader::new(&[1, 2]).take(5, "items"), Err(missing(3, 2)));
    }

    #[test]
    fn integers_are_big_endian_and_trailing_bytes_are_refused() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u64("x"), Ok(0x0102_0304_0506_0708));
        assert_eq!(reader.finish("x"), Err(DecodeError::Trailing { what: "x", left: 1 }));
    }
}
