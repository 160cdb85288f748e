//! Names of things: every identifier is a type of its own, so that none can stand in for another.

use crate::codec::{Decode, DecodeError, Encode, Reader};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Text is not the lower-case hexadecimal form of the right length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {len} lower-case hexadecimal digits")]
pub struct HexError {
    what: &'static str,
    len: usize,
}

macro_rules! bytes_id {
    ($(#[$doc:meta])* $name:ident, $len:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Reads the hexadecimal form.
            ///
            /// # Errors
            /// [`HexError`] unless the text is exactly the right number of lower-case hexadecimal digits: one value has
            /// one text.
            pub fn from_hex(text: &str) -> Result<Self, HexError> {
                let mut bytes = [0; $len];
                let error = HexError { what: $what, len: 2 * $len };
                if text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(error);
                }
                hex::decode_to_slice(text, &mut bytes).map_err(|_| error)?;
                Ok($name(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex::encode(self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = HexError;
            fn from_str(text: &str) -> Result<Self, HexError> {
                Self::from_hex(text)
            }
        }

        impl Encode for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0);
            }
        }

        impl Decode for $name {
            const NAME: &'static str = $what;
            fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok($name(reader.array($what)?))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                Self::from_hex(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

bytes_id!(
    /// A SHA-256 digest of a file's exact bytes.
    Digest, 32, "digest"
);
bytes_id!(
    /// Which election: the SHA-256 digest of the manifest's exact bytes (`MAN-1`).
    ElectionId, 32, "election id"
);
bytes_id!(
    /// A voter's random pseudonym on the roll.
    VoterId, 16, "voter id"
);
bytes_id!(
    /// The RFC 6962 leaf hash of a board entry.
    LeafHash, 32, "leaf hash"
);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }
}

impl VoterId {
    /// A fresh pseudonym from the given randomness.
    pub fn random<R: rand::RngCore + rand::CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        VoterId(bytes)
    }
}

impl LeafHash {
    /// "No earlier ballot": what a voter's first ballot names as its predecessor.
    pub const NONE: LeafHash = LeafHash([0; 32]);
}

macro_rules! index_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u16);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl Encode for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0.to_be_bytes());
            }
        }

        impl Decode for $name {
            const NAME: &'static str = $what;
            fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok($name(reader.u16($what)?))
            }
        }
    };
}

index_id!(
    /// A contest: its position in the manifest, from 0.
    ContestIndex, "contest index"
);
index_id!(
    /// A ballot style: its position in the manifest, from 0.
    StyleIndex, "ballot style index"
);
index_id!(
    /// A trustee: its position in the manifest, from **1**, since its share is the polynomials' value there.
    TrusteeIndex, "trustee index"
);
index_id!(
    /// A mix server: its position in the manifest and its place in the chain, from **1**.
    MixIndex, "mix index"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_differ() {
        let [one, other] = [(); 2].map(|()| VoterId::random(&mut rand::rngs::OsRng));
        assert!(one != other && one != VoterId([0; 16]));
    }

    #[test]
    fn hexadecimal_is_exact() {
        assert!(VoterId::from_hex("00112233445566778899aabbccddeeff").is_ok());
        assert!(VoterId::from_hex("00112233445566778899aabbccddee").is_err());
        assert!(VoterId::from_hex("00112233445566778899AABBCCDDEEFF").is_err());
        assert!(VoterId::from_hex("zz112233445566778899aabbccddeeff").is_err());
    }
}
