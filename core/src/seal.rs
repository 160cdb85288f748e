//! Encryption to a transport key: HPKE (RFC 9180) base mode, one message a context, DHKEM(X25519, HKDF-SHA256),
//! HKDF-SHA256, ChaCha20-Poly1305, empty `aad`.
//!
//! The key ceremony sends its shares so (`KEY-4`), and a voting page its messages to a checking device (`CHECK-4`). What
//! a message is bound to stands in `info`.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem as _, X25519HkdfSha256};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use rand::rngs::OsRng;
use rand::RngCore;
use zeroize::Zeroizing;

type Kem = X25519HkdfSha256;

/// Bytes that a message grows by: the AEAD's tag.
pub(crate) const TAG_LEN: usize = 16;

/// A message with the one-time key that it is encrypted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The encapsulated key.
    pub encapsulated: [u8; 32],
    /// Ciphertext and tag.
    pub ciphertext: Vec<u8>,
}

/// A transport key pair from 32 uniform bytes: secret, then public.
pub(crate) fn derive_keys(seed: &[u8; 32]) -> (Zeroizing<[u8; 32]>, [u8; 32]) {
    let (private, public) = Kem::derive_keypair(seed);
    let mut secret = Zeroizing::new([0; 32]);
    secret.copy_from_slice(&private.to_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(&public.to_bytes());
    (secret, key)
}

/// The public key of a transport secret; `None` if it is none.
pub(crate) fn public_of(secret: &[u8; 32]) -> Option<[u8; 32]> {
    let key = <Kem as hpke::Kem>::PrivateKey::from_bytes(secret).ok()?;
    Kem::sk_to_pk(&key).to_bytes().as_slice().try_into().ok()
}

/// Encrypts to a transport key; `None` if nothing can be encrypted to it, as it is of low order.
pub(crate) fn seal(key: &[u8; 32], info: &[u8], plain: &[u8]) -> Option<Sealed> {
    let key = <Kem as hpke::Kem>::PublicKey::from_bytes(key).ok()?;
    let (encapsulated, ciphertext) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem, _>(
        &OpModeS::Base,
        &key,
        info,
        plain,
        &[],
        &mut HpkeRng,
    )
    .ok()?;
    Some(Sealed { encapsulated: encapsulated.to_bytes().as_slice().try_into().ok()?, ciphertext })
}

/// Decrypts; `None` for what was not encrypted to this key with this `info`.
pub(crate) fn open(
    secret: &[u8; 32],
    info: &[u8],
    encapsulated: &[u8; 32],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = <Kem as hpke::Kem>::PrivateKey::from_bytes(secret).ok()?;
    let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &key,
        &encapsulated,
        info,
        ciphertext,
        &[],
    )
    .ok()
    .map(Zeroizing::new)
}

/// The operating system's randomness, for `hpke`, which uses a later `rand_core` than the proofs do.
struct HpkeRng;

impl hpke::rand_core::RngCore for HpkeRng {
    fn next_u32(&mut self) -> u32 {
        OsRng.next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        OsRng.next_u64()
    }
    fn fill_bytes(&mut self, dst: &mut [u8]) {
        OsRng.fill_bytes(dst);
    }
}

impl hpke::rand_core::CryptoRng for HpkeRng {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_opens_with_its_key_and_info_alone() {
        let (secret, key) = derive_keys(&[1; 32]);
        assert_eq!(public_of(&secret), Some(key));
        let sealed = seal(&key, b"info", b"plain").unwrap();
        assert_eq!(sealed.ciphertext.len(), 5 + TAG_LEN);
        let open_as = |secret: &[u8; 32], info: &[u8], sealed: &Sealed| {
            open(secret, info, &sealed.encapsulated, &sealed.ciphertext).map(|p| p.to_vec())
        };
        assert_eq!(open_as(&secret, b"info", &sealed), Some(b"plain".to_vec()));
        assert_eq!(open_as(&secret, b"other", &sealed), None);
        assert_eq!(open_as(&derive_keys(&[2; 32]).0, b"info", &sealed), None);
        let mut bent = sealed.clone();
        bent.ciphertext[0] ^= 1;
        assert_eq!(open_as(&secret, b"info", &bent), None);
        assert!(seal(&[0; 32], b"info", b"plain").is_none());
    }

    /// With the same randomness two messages would have one key stream: each would show the other.
    #[test]
    fn no_two_messages_are_encrypted_alike() {
        let (_, key) = derive_keys(&[1; 32]);
        let [one, other] = [(); 2].map(|()| seal(&key, b"info", b"plain").unwrap());
        assert_ne!(one.encapsulated, other.encapsulated);
        assert_ne!(one.ciphertext, other.ciphertext);
    }
}
