//! Answers that one instance of a program gives to another.
//!
//! A page audits with several instances of one module that share no memory. What one of them has checked becomes a value of
//! another only with a tag, under a key that the one that asks has drawn and given to those that it asks: a type that only a
//! check can make stays one, because a tag is made where the check is made. An answer to another question, of another audit, or
//! one that has been damaged on the way, is refused.
//!
//! This is no part of the protocol: nothing here is ever published.

use crate::ids::Digest;
use hmac::{Hmac, Mac};
use rand::{CryptoRng, RngCore};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of a key: a block of SHA-256.
pub const KEY: usize = 64;

/// Bytes of a tag.
const TAG: usize = 32;

/// What an instance shares with those that it asks.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct HandoverKey([u8; KEY]);

impl std::fmt::Debug for HandoverKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandoverKey(redacted)")
    }
}

/// An answer that is not one to this question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not one to the question that was asked")]
pub struct ForeignAnswer;

impl HandoverKey {
    /// A new key.
    pub fn random<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut key = HandoverKey([0; KEY]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// The key that another instance has drawn.
    pub fn from_bytes(bytes: [u8; KEY]) -> Self {
        HandoverKey(bytes)
    }

    /// The bytes, for the instances that are asked and for nobody else.
    pub fn bytes(&self) -> &[u8; KEY] {
        &self.0
    }

    fn mac(&self, what: &'static [u8], question: &Digest, answer: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as Mac>::new((&self.0).into());
        // The answer alone has no fixed length, and comes last.
        mac.update(&(what.len() as u64).to_be_bytes());
        mac.update(what);
        mac.update(&question.0);
        mac.update(answer);
        mac
    }

    /// The answer with its tag.
    pub fn seal(&self, what: &'static [u8], question: &Digest, mut answer: Vec<u8>) -> Vec<u8> {
        let tag = self.mac(what, question, &answer).finalize().into_bytes();
        answer.extend_from_slice(&tag);
        answer
    }

    /// The answer, if it is one to this question.
    ///
    /// # Errors
    /// [`ForeignAnswer`].
    pub fn open<'a>(
        &self,
        what: &'static [u8],
        question: &Digest,
        sealed: &'a [u8],
    ) -> Result<&'a [u8], ForeignAnswer> {
        let at = sealed.len().checked_sub(TAG).ok_or(ForeignAnswer)?;
        let (answer, tag) = sealed.split_at(at);
        self.mac(what, question, answer).verify_slice(tag).map_err(|_| ForeignAnswer)?;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;

    #[test]
    fn only_the_answer_to_this_question_is_read() {
        let (key, question) = (HandoverKey::random(&mut OsRng), Digest::of(b"question"));
        let sealed = key.seal(b"sum", &question, b"answer".to_vec());
        let copy = HandoverKey::from_bytes(*key.bytes());
        assert_eq!(copy.open(b"sum", &question, &sealed), Ok(&b"answer"[..]));
        assert_eq!(key.open(b"sum", &Digest::of(b"another"), &sealed), Err(ForeignAnswer));
        assert_eq!(key.open(b"su", &question, &sealed), Err(ForeignAnswer));
        assert_eq!(key.open(b"any", &question, &sealed), Err(ForeignAnswer));
        // The same bytes in a row, divided elsewhere.
        let (mut moved, mut longer) = (Digest(*b"umquestion that begins elsewhere"), question.0[30..].to_vec());
        moved.0[2..].copy_from_slice(&question.0[..30]);
        longer.extend_from_slice(&sealed);
        assert_eq!(key.open(b"s", &moved, &longer), Err(ForeignAnswer));
        assert_eq!(HandoverKey::random(&mut OsRng).open(b"sum", &question, &sealed), Err(ForeignAnswer));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(b"sum", &question, &changed), Err(ForeignAnswer));
            assert_eq!(key.open(b"sum", &question, &sealed[..at]), Err(ForeignAnswer));
        }
    }
}
