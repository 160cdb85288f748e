//! What a ceremony comes to: the joint key, everybody's share of it, and how shares combine.

use crate::codec::DecodeError;
use crate::elgamal::PublicKey;
use crate::group::decode_scalar;
use crate::ids::TrusteeIndex;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::{RistrettoPoint, Scalar};
use zeroize::Zeroize;

/// A trustee's share of the joint key's secret.
pub struct TrusteeShare {
    pub(super) secret: Scalar,
}

impl TrusteeShare {
    /// The secret, for constant-time use and for storing it, encrypted.
    pub fn secret(&self) -> &Scalar {
        &self.secret
    }

    /// Reads a stored share.
    ///
    /// # Errors
    /// [`DecodeError::BadScalar`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        Ok(TrusteeShare { secret: decode_scalar(bytes, "key share")? })
    }

    /// The public counterpart, to compare with the joint key's.
    pub fn public(&self) -> RistrettoPoint {
        RISTRETTO_BASEPOINT_TABLE * &self.secret
    }
}

impl Drop for TrusteeShare {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl std::fmt::Debug for TrusteeShare {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrusteeShare(redacted)")
    }
}

/// The trustees' joint key, with everybody's public share.
#[derive(Clone, Debug)]
pub struct JointKey {
    pub(super) public: PublicKey,
    pub(super) shares: Vec<RistrettoPoint>,
    pub(super) threshold: usize,
}

impl JointKey {
    /// The key that ballots are encrypted under.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The public share of a trustee.
    pub fn share_key(&self, trustee: TrusteeIndex) -> Option<&RistrettoPoint> {
        self.shares.get(usize::from(trustee.0).checked_sub(1)?)
    }

    /// How many trustees decrypt.
    pub fn threshold(&self) -> usize {
        self.threshold
    }
}

/// The Lagrange coefficient at 0 of `of` among `trustees`, which are distinct and contain it.
pub fn lagrange_at_zero(of: TrusteeIndex, trustees: &[TrusteeIndex]) -> Scalar {
    let own = Scalar::from(of.0);
    trustees
        .iter()
        .filter(|t| **t != of)
        .map(|t| {
            let other = Scalar::from(t.0);
            other * (other - own).invert()
        })
        .product()
}
