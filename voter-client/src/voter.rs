//! A voter: a pseudonym and a signing key, both made on the voter's own device.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use rand::{CryptoRng, RngCore};
use selge_core::ids::VoterId;
use selge_core::sign::SigningKey;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

#[cfg(feature = "native")]
use age::secrecy::SecretString;
#[cfg(feature = "native")]
use anyhow::{ensure, Context, Result};
#[cfg(feature = "native")]
use selge_node::keyfile;
#[cfg(feature = "native")]
use std::path::Path;

/// What a key file with a voter's credential says that it is for.
pub const VOTER_ROLE: &str = "voter";

/// What a voter's code begins with.
const CODE: &str = "selge1.";

/// Bytes of a code: seed, voter id, and the first bytes of their SHA-256.
const CODE_BYTES: usize = 32 + 16 + CODE_CHECK;

/// Bytes that tell a mistyped code from a good one.
const CODE_CHECK: usize = 4;

/// Why a text is no voter's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// There is none in it.
    #[error("this holds no voter's code: a code begins with {CODE}")]
    None,
    /// A part is missing, or there is too much of it.
    #[error("the code has {found} characters after {CODE}, a whole one has {expected}: copy all of it")]
    Length {
        /// Characters that were found.
        found: usize,
        /// Characters of a code.
        expected: usize,
    },
    /// A character is another than it was.
    #[error("the code was changed: copy it again, do not type it")]
    Mistyped,
}

/// Who votes.
#[derive(Debug)]
pub struct Voter {
    /// The pseudonym on the roll.
    pub id: VoterId,
    /// Signs the ballots.
    pub key: SigningKey,
}

impl Voter {
    /// A fresh voter.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        Voter { id: VoterId::random(rng), key: SigningKey::generate(rng) }
    }

    /// The credential as text, to be pasted or shown as a QR code: `selge1.` and, in base64url without padding, the key's
    /// seed (32 bytes), the voter id (16 bytes) and the first 4 bytes of the SHA-256 of both. It is not encrypted.
    pub fn code(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        bytes[..32].copy_from_slice(self.key.expose_seed());
        bytes[32..48].copy_from_slice(&self.id.0);
        let check = Sha256::digest(&bytes[..48]);
        bytes[48..].copy_from_slice(&check[..CODE_CHECK]);
        let mut code = Zeroizing::new(String::with_capacity(CODE.len() + CODE_BYTES.div_ceil(3) * 4));
        code.push_str(CODE);
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut code);
        code
    }

    /// Reads a code, wherever it stands in a text (a link, say); spaces and line breaks within it do not matter.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn from_code(text: &str) -> Result<Self, CodeError> {
        let mut bare = Zeroizing::new(String::with_capacity(text.len()));
        bare.extend(text.chars().filter(|c| !c.is_whitespace()));
        let (_, rest) = bare.split_once(CODE).ok_or(CodeError::None)?;
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
        let (code, length) = (&rest[..end], (CODE_BYTES * 4).div_ceil(3));
        if code.len() != length {
            return Err(CodeError::Length { found: code.len(), expected: length });
        }
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        if URL_SAFE_NO_PAD.decode_slice_unchecked(code, bytes.as_mut_slice()).ok() != Some(CODE_BYTES) {
            return Err(CodeError::Mistyped);
        }
        if Sha256::digest(&bytes[..48])[..CODE_CHECK] != bytes[48..] {
            return Err(CodeError::Mistyped);
        }
        Self::from_secret(&bytes[..48]).ok_or(CodeError::Mistyped)
    }

    /// The credential as a key file holds it: the key's seed (32 bytes) and the voter id (16 bytes). `None` for anything
    /// of another length.
    pub fn from_secret(secret: &[u8]) -> Option<Self> {
        let (seed, id) = secret.split_first_chunk::<32>()?;
        let seed = Zeroizing::new(*seed);
        Some(Voter { id: VoterId(id.try_into().ok()?), key: SigningKey::from_seed(*seed) })
    }

    /// Stores the credential: the key's seed (32 bytes) and the voter id (16 bytes), encrypted with the passphrase.
    ///
    /// # Errors
    /// If the file exists, since a credential on the roll cannot be made again, or cannot be written.
    #[cfg(feature = "native")]
    pub fn save(&self, path: &Path, passphrase: &SecretString) -> Result<()> {
        ensure!(
            !path.exists(),
            "{} exists already: choose another name, a credential is never overwritten",
            path.display()
        );
        let mut secret = Zeroizing::new(Vec::with_capacity(48));
        secret.extend_from_slice(self.key.expose_seed());
        secret.extend_from_slice(&self.id.0);
        keyfile::seal(path, VOTER_ROLE, &secret, passphrase)
    }

    /// Reads a stored credential.
    ///
    /// # Errors
    /// If the file is missing, holds something else, or the passphrase is wrong.
    #[cfg(feature = "native")]
    pub fn load(path: &Path, passphrase: &SecretString) -> Result<Self> {
        let secret = keyfile::open(path, VOTER_ROLE, passphrase)?;
        Self::from_secret(&secret).with_context(|| format!("{} does not hold a voter's credential", path.display()))
    }

    /// What the registrar needs: `voter_id,public_key`.
    pub fn registration(&self) -> String {
        format!("{},{}", self.id, self.key.verifying_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;

    #[test]
    fn a_code_reads_back_from_wherever_it_stands_and_no_other_text_is_one() {
        let voter = Voter::generate(&mut OsRng);
        let code = voter.code();
        for text in [
            code.to_string(),
            format!("  {}\n{} ", &code[..20], &code[20..]),
            format!("https://board.example/#{}", *code),
            format!("Your code: {}.", *code),
        ] {
            assert_eq!(Voter::from_code(&text).unwrap().registration(), voter.registration(), "{text}");
        }
        assert_eq!(Voter::from_code("").unwrap_err(), CodeError::None);
        assert_eq!(Voter::from_code(&code[7..]).unwrap_err(), CodeError::None);
        let (length, short) = (code.len() - 7, &code[..code.len() - 1]);
        assert_eq!(Voter::from_code(short).unwrap_err(), CodeError::Length { found: length - 1, expected: length });
        assert!(matches!(Voter::from_code(&format!("{}A", *code)), Err(CodeError::Length { .. })));
        for at in 7..code.len() {
            let mut bytes = code.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Voter::from_code(&changed).unwrap_err(), CodeError::Mistyped, "character {at}");
        }
    }

    #[test]
    #[cfg(feature = "native")]
    fn a_credential_reads_back_and_nothing_else_is_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = SecretString::from("correct horse".to_owned());
        let path = folder.path().join("voter.key");
        let voter = Voter::generate(&mut OsRng);
        voter.save(&path, &passphrase).unwrap();
        let read = Voter::load(&path, &passphrase).unwrap();
        assert_eq!(read.registration(), voter.registration());
        assert!(voter.save(&path, &passphrase).unwrap_err().to_string().contains("never overwritten"));
        let wrong = Voter::load(&path, &SecretString::from("battery".to_owned())).unwrap_err().to_string();
        assert!(wrong.contains("wrong passphrase"), "{wrong}");
        let other = folder.path().join("trustee.key");
        keyfile::generate(&other, "trustee", &passphrase).unwrap();
        let role = Voter::load(&other, &passphrase).unwrap_err().to_string();
        assert!(role.contains("holds a trustee key, this command needs a voter key"), "{role}");
        let short = folder.path().join("short.key");
        keyfile::seal(&short, VOTER_ROLE, &[7; 47], &passphrase).unwrap();
        assert!(Voter::load(&short, &passphrase).unwrap_err().to_string().contains("voter's credential"));
    }
}
