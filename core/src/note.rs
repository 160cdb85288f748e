//! C2SP signed notes, and checkpoints as such (`LOG-4`): <https://c2sp.org/signed-note>, <https://c2sp.org/tlog-checkpoint>.

use crate::sign::{Signature, SigningKey, VerifyingKey};
use crate::tree::Hash;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use sha2::{Digest, Sha256};

/// Longest note that is read: three lines and a few dozen signatures.
pub const MAX_NOTE: usize = 16 * 1024;

/// The signature type of Ed25519 in signed notes.
const ED25519: u8 = 1;

/// The key id of a signed note's key: the first four bytes of `SHA-256(name || 0x0A || type || key)`.
pub(crate) fn key_id(name: &str, kind: u8, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name.as_bytes()).chain_update([b'\n', kind]).chain_update(key.0).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// A key of signature type `kind` in the form that other tools take: `name+id+base64`.
pub(crate) fn vkey(name: &str, kind: u8, key: &VerifyingKey) -> String {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&key.0);
    format!("{name}+{}+{}", hex::encode(key_id(name, kind, key)), STANDARD.encode(bytes))
}

/// Whether a key may have this name: not empty, without white space, control characters and `+`.
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// Text is not a verifier key that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VkeyError {
    /// Not `name+id+base64`.
    #[error("a verifier key is `name+id+base64`, the id being 8 lower-case hexadecimal digits")]
    Malformed,
    /// A key of another kind.
    #[error("the verifier key has signature type {found}, {expected} is needed")]
    Kind {
        /// Type found.
        found: u8,
        /// Type expected.
        expected: u8,
    },
    /// The id is not that of the name and key.
    #[error("the verifier key's id does not belong to its name and key: it was copied wrongly")]
    Id,
    /// The key is no Ed25519 key.
    #[error("the verifier key holds no usable Ed25519 key")]
    Key,
}

/// Reads a verifier key of signature type `kind`: its name and key.
pub(crate) fn parse_vkey(text: &str, kind: u8) -> Result<(String, VerifyingKey), VkeyError> {
    // The base64 may hold further plus signs.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(VkeyError::Malformed);
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| VkeyError::Malformed)?;
    let (found, key) = bytes.split_first().ok_or(VkeyError::Malformed)?;
    if *found != kind {
        return Err(VkeyError::Kind { found: *found, expected: kind });
    }
    let key = VerifyingKey(key.try_into().map_err(|_| VkeyError::Key)?);
    key.check().map_err(|_| VkeyError::Key)?;
    if !is_key_name(name) {
        return Err(VkeyError::Malformed);
    }
    if hex::encode(key_id(name, kind, &key)) != id {
        return Err(VkeyError::Id);
    }
    Ok((name.to_owned(), key))
}

/// One signature line without its newline: name, key id and signature.
pub(crate) fn signature_line(line: &str) -> Result<(&str, [u8; 4], Vec<u8>), NoteError> {
    let (name, encoded) = line
        .strip_prefix("\u{2014} ")
        .and_then(|rest| rest.split_once(' '))
        .ok_or(NoteError::Malformed("a signature line is not '— name base64'"))?;
    let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Malformed("a signature is not base64"))?;
    let (id, signature) = bytes.split_first_chunk().ok_or(NoteError::Malformed("a signature is too short"))?;
    Ok((name, *id, signature.to_vec()))
}

/// A log's name and key, as a verifier knows them; or those of whoever else signs notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    /// The log's origin line, which is also the key's name.
    pub origin: String,
    /// The key.
    pub key: VerifyingKey,
}

impl LogKey {
    /// The key id.
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.origin, ED25519, &self.key)
    }

    /// The key in the form that other tools take: `name+id+base64`.
    pub fn vkey(&self) -> String {
        vkey(&self.origin, ED25519, &self.key)
    }

    /// Reads a key in that form.
    ///
    /// # Errors
    /// [`VkeyError`].
    pub fn from_vkey(text: &str) -> Result<Self, VkeyError> {
        parse_vkey(text, ED25519).map(|(origin, key)| LogKey { origin, key })
    }
}

/// Signs a text, which must end with a line: a note with one signature.
///
/// # Errors
/// [`NoteError::Malformed`] for a text that is no note's, or a name that no key has.
pub fn sign_text(text: &str, name: &str, key: &SigningKey) -> Result<String, NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed("no final newline"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(NoteError::Malformed("a control character"));
    }
    if !is_key_name(name) {
        return Err(NoteError::Malformed("a key's name is not empty, and has no white space and no plus sign"));
    }
    let signer = LogKey { origin: name.to_owned(), key: key.verifying_key() };
    let mut signature = signer.id().to_vec();
    signature.extend_from_slice(&key.sign_raw(text.as_bytes()));
    Ok(format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(signature)))
}

/// A note's text, if this key has signed it. Lines of other signers are left alone.
///
/// # Errors
/// [`NoteError`].
pub fn open_text<'a>(note: &'a str, signer: &LogKey) -> Result<&'a str, NoteError> {
    // The signatures follow the last blank line.
    let at = note.rfind("\n\n").ok_or(NoteError::Malformed("no blank line"))?;
    let (text, signatures) = (&note[..=at], &note[at + 2..]);
    let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Malformed("no final newline"))?;
    signed(text, signatures, signer)?;
    Ok(text)
}

/// Looks for the signer's line among the signatures, and checks it.
fn signed(text: &str, signatures: &str, signer: &LogKey) -> Result<(), NoteError> {
    let mut signed = false;
    for line in signatures.split('\n') {
        let (name, id, signature) = signature_line(line)?;
        if name != signer.origin || id != signer.id() {
            continue;
        }
        let signature: [u8; 64] =
            signature.try_into().map_err(|_| NoteError::Malformed("an Ed25519 signature is not 64 bytes"))?;
        Signature(signature)
            .verify_raw(&signer.key, text.as_bytes())
            .map_err(|_| NoteError::Unsigned(signer.origin.clone()))?;
        // C2SP signed-note: several signatures of one key make the note malformed.
        if std::mem::replace(&mut signed, true) {
            return Err(NoteError::Malformed("two signatures of one key"));
        }
    }
    if signed {
        Ok(())
    } else {
        Err(NoteError::Unsigned(signer.origin.clone()))
    }
}

/// A tree head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

/// Why a note is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// The text is not a signed note, or not of a checkpoint.
    #[error("not a signed checkpoint: {0}")]
    Malformed(&'static str),
    /// A checkpoint of another log.
    #[error("the checkpoint is of the log {found:?}, not of {expected:?}")]
    Origin {
        /// Origin found.
        found: String,
        /// Origin expected.
        expected: String,
    },
    /// The log's signature is missing or wrong.
    #[error("the checkpoint is not signed by the log {0}")]
    Unsigned(String),
}

impl Checkpoint {
    /// The note's text, which is what is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let log = LogKey { origin: self.origin.clone(), key: key.verifying_key() };
        let mut signature = log.id().to_vec();
        signature.extend_from_slice(&key.sign_raw(text.as_bytes()));
        format!("{text}\n\u{2014} {} {}\n", self.origin, STANDARD.encode(signature))
    }

    /// Reads a signed note and checks the log's signature. Lines of other signers are left alone.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn open(note: &str, log: &LogKey) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE {
            return Err(NoteError::Malformed("longer than 16 KiB"));
        }
        let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Malformed("no blank line"))?;
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Malformed("no final newline"))?;
        let checkpoint = Self::parse(text)?;
        if checkpoint.origin != log.origin {
            return Err(NoteError::Origin { found: checkpoint.origin, expected: log.origin.clone() });
        }
        signed(&checkpoint.text(), signatures, log)?;
        Ok(checkpoint)
    }

    /// Reads a note's text without its last newline. Extension lines, which the format allows and this protocol has
    /// no use for, are refused: what is signed is always what is shown.
    fn parse(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::Malformed("the text is not three lines"));
        };
        if origin.is_empty() {
            return Err(NoteError::Malformed("the origin is empty"));
        }
        let number: u64 = size.parse().map_err(|_| NoteError::Malformed("the size is not a number"))?;
        if number.to_string() != size {
            return Err(NoteError::Malformed("the size is not in plain decimal"));
        }
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| Hash::try_from(bytes).ok())
            .ok_or(NoteError::Malformed("the root is not 32 bytes in base64"))?;
        Ok(Checkpoint { origin: origin.to_owned(), size: number, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;

    /// Each of what a name may not hold, alone: white space, a control character that is none, and `+`.
    #[test]
    fn names_of_keys_and_the_longest_note_are_the_specifications() {
        assert!(is_key_name("example.org/log"));
        for wrong in ["", "a b", "a\u{1}b", "a+b"] {
            assert!(!is_key_name(wrong), "{wrong:?}");
        }
        assert_eq!(MAX_NOTE, 16_384, "ENC-5");
    }

    #[test]
    fn a_checkpoint_opens_with_its_key_alone() {
        let key = SigningKey::generate(&mut OsRng);
        let log = LogKey { origin: "example.org/log".into(), key: key.verifying_key() };
        let checkpoint = Checkpoint { origin: log.origin.clone(), size: 42, root: [7; 32] };
        let note = checkpoint.sign(&key);
        assert_eq!(Checkpoint::open(&note, &log).unwrap(), checkpoint);
        let other = LogKey { key: SigningKey::generate(&mut OsRng).verifying_key(), ..log.clone() };
        assert!(matches!(Checkpoint::open(&note, &other), Err(NoteError::Unsigned(_))));
        let elsewhere = LogKey { origin: "example.org/other".into(), ..log.clone() };
        assert!(matches!(Checkpoint::open(&note, &elsewhere), Err(NoteError::Origin { .. })));
        // A cosignature of somebody else does no harm, and does not help.
        let cosigned = format!("{note}\u{2014} witness.example AAAAAAAA\n");
        assert_eq!(Checkpoint::open(&cosigned, &log).unwrap(), checkpoint);
        for (from, to) in [("42", "43"), ("42", "042"), ("42", "+42"), ("\n\n", "\n"), ("\u{2014} ", "- ")] {
            assert!(Checkpoint::open(&note.replace(from, to), &log).is_err(), "{from:?} → {to:?}");
        }
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(Checkpoint::open(&text, &log).is_err(), "byte {at}");
            }
        }
        assert!(Checkpoint::open(note.trim_end(), &log).is_err());
        assert!(Checkpoint::open("", &log).is_err());
    }

    #[test]
    fn the_published_key_id_comes_out() {
        // golang.org/x/mod/sumdb/note, documentation of NewVerifier: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
        let bytes = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let key = LogKey { origin: "PeterNeumann".into(), key: VerifyingKey(bytes[1..].try_into().unwrap()) };
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(key.vkey(), text);
        assert_eq!(LogKey::from_vkey(text), Ok(key));
        for (from, to, error) in [
            ("PeterNeumann", "PeterNeuman", VkeyError::Id),
            ("PeterNeumann", "", VkeyError::Malformed),
            ("PeterNeumann", "Peter Neumann", VkeyError::Malformed),
            ("c74f20a3", "C74F20A3", VkeyError::Id),
            ("+ARpc", "+BBpc", VkeyError::Kind { found: 4, expected: 1 }),
            ("+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "+ARpc", VkeyError::Key),
            ("+ARpc", "ARpc", VkeyError::Malformed),
        ] {
            assert_eq!(LogKey::from_vkey(&text.replacen(from, to, 1)), Err(error), "{from} → {to}");
        }
    }
}
