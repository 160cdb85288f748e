//! The code that a voter carries from the checking device to the voting page (`CHECK-2`), and the mailbox that it leads
//! to (`CHECK-3`).

use super::{CheckError, Offer};
use crate::codec::{put_opaque, Encode};
use crate::ids::ElectionId;
use crate::transcript::{domain, PROTOCOL};
use sha2::{Digest, Sha256};
use std::fmt;

/// Crockford's base32: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Signs of a code.
const SIGNS: usize = 16;

/// Eighty bits that stand for an offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code([u8; 10]);

/// Text that is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Not sixteen signs.
    #[error("a code has {SIGNS} signs, this has {0}: type it as the other device shows it")]
    Length(usize),
    /// A sign that no code has.
    #[error("{0:?} does not occur in a code: type it as the other device shows it")]
    Sign(char),
}

fn hash(domain: &[u8], election: &ElectionId, bytes: &[u8]) -> [u8; 32] {
    let mut input = Vec::new();
    put_opaque(&mut input, PROTOCOL);
    put_opaque(&mut input, domain);
    election.encode(&mut input);
    input.extend_from_slice(bytes);
    Sha256::digest(input).into()
}

impl Code {
    /// The code of an offer.
    pub fn of(offer: &Offer, election: &ElectionId) -> Self {
        let mut code = [0; 10];
        code.copy_from_slice(&hash(domain::CHECK_CODE, election, &offer.to_bytes())[..10]);
        Code(code)
    }

    /// Reads what a person typed: case, spaces and hyphens do not matter, nor `o` for `0`, `i` and `l` for `1`.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut bits: u128 = 0;
        let mut signs = 0;
        for sign in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}')) {
            let plain = match sign.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|c| char::from(*c) == plain).ok_or(CodeError::Sign(sign))?;
            if signs < SIGNS {
                bits = (bits << 5) | value as u128;
            }
            signs += 1;
        }
        if signs != SIGNS {
            return Err(CodeError::Length(signs));
        }
        let mut code = [0; 10];
        code.copy_from_slice(&bits.to_be_bytes()[6..]);
        Ok(Code(code))
    }

    /// Where the two devices meet.
    pub fn mailbox(&self, election: &ElectionId) -> Mailbox {
        let mut id = [0; 16];
        id.copy_from_slice(&hash(domain::CHECK_MAILBOX, election, &self.0)[..16]);
        Mailbox(id)
    }

    /// Checks the offer that lies in the mailbox, as a voting page must before it sends anything (`CHECK-2`).
    ///
    /// # Errors
    /// [`CheckError::Offer`], [`CheckError::Code`].
    pub fn accept(&self, offer: &[u8], election: &ElectionId) -> Result<Offer, CheckError> {
        let offer = Offer::verify(offer, election)?;
        if Code::of(&offer, election) == *self {
            Ok(offer)
        } else {
            Err(CheckError::Code)
        }
    }
}

impl std::str::FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl fmt::Display for Code {
    /// Four groups of four, as `7k3m-…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bits = [0; 16];
        bits[6..].copy_from_slice(&self.0);
        let bits = u128::from_be_bytes(bits);
        for sign in 0..SIGNS {
            if sign > 0 && sign % 4 == 0 {
                f.write_str("-")?;
            }
            let value = (bits >> (5 * (SIGNS - 1 - sign))) & 31;
            write!(f, "{}", char::from(ALPHABET[value as usize]))?;
        }
        Ok(())
    }
}

/// Which mailbox at the relay.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mailbox(pub [u8; 16]);

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
