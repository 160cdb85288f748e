//! Witnesses (`LOG-7`): their cosignatures, <https://c2sp.org/tlog-cosignature> with Ed25519, and what they are asked,
//! <https://c2sp.org/tlog-witness>.
//!
//! A witness signs that a checkpoint continues the largest tree that it has seen of this log. Whoever demands the
//! cosignatures of some witnesses cannot be shown another board than those witnesses saw.

use crate::note::{key_id, parse_vkey, signature_line, vkey, Checkpoint, NoteError, VkeyError, MAX_NOTE};
use crate::sign::{Signature, SigningKey, VerifyingKey};
use crate::tree::Hash;
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde::{Deserialize, Serialize};

/// The signature type of timestamped Ed25519 cosignatures in signed notes.
const COSIGNATURE: u8 = 4;

/// Most hashes of a consistency proof that a witness is sent.
const MAX_PROOF: usize = 63;

/// Longest request to a witness: the old size, a proof of 45 bytes a line, and a note.
pub const MAX_REQUEST: usize = 64 + 45 * MAX_PROOF + MAX_NOTE;

/// A witness's name and key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WitnessKey {
    /// The name.
    pub name: String,
    /// The key.
    pub key: VerifyingKey,
}

/// A witness's statement about a checkpoint, whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// When it was made, in seconds since 1970.
    pub time: u64,
    /// The signature line with its newline, to be appended to the note.
    pub line: String,
}

/// What is signed: header, time and the note's whole text.
fn message(time: u64, checkpoint: &Checkpoint) -> String {
    format!("cosignature/v1\ntime {time}\n{}", checkpoint.text())
}

impl WitnessKey {
    /// The key id.
    pub fn id(&self) -> [u8; 4] {
        key_id(&self.name, COSIGNATURE, &self.key)
    }

    /// The key in the form that other tools take: `name+id+base64`.
    pub fn vkey(&self) -> String {
        vkey(&self.name, COSIGNATURE, &self.key)
    }

    /// Reads a key in that form.
    ///
    /// # Errors
    /// [`VkeyError`].
    pub fn from_vkey(text: &str) -> Result<Self, VkeyError> {
        parse_vkey(text, COSIGNATURE).map(|(name, key)| WitnessKey { name, key })
    }

    /// Finds this witness's cosignature of `checkpoint` among signature lines; those of others are left alone.
    ///
    /// # Errors
    /// [`NoteError`] if a line is malformed, or this witness's is missing or does not hold.
    pub fn find(&self, lines: &str, checkpoint: &Checkpoint) -> Result<Cosignature, NoteError> {
        if lines.len() > MAX_NOTE {
            return Err(NoteError::Malformed("longer than 16 KiB"));
        }
        if !lines.ends_with('\n') {
            return Err(NoteError::Malformed("no final newline"));
        }
        for line in lines.split_inclusive('\n') {
            if let Some(found) = self.find_one(line, checkpoint)? {
                return found;
            }
        }
        Err(NoteError::Unsigned(self.name.clone()))
    }

    /// This witness's cosignature in one line with its newline, or why it does not hold; `None` if the line is another
    /// signer's.
    pub(crate) fn find_one(
        &self,
        line: &str,
        checkpoint: &Checkpoint,
    ) -> Result<Option<Result<Cosignature, NoteError>>, NoteError> {
        let (name, id, bytes) = signature_line(line.strip_suffix('\n').unwrap_or(line))?;
        if name != self.name || id != self.id() {
            return Ok(None);
        }
        let hold = || {
            let (time, signature) =
                bytes.split_first_chunk().ok_or(NoteError::Malformed("a cosignature is too short"))?;
            let time = u64::from_be_bytes(*time);
            let signature = signature.try_into().map_err(|_| NoteError::Malformed("a cosignature is not 72 bytes"))?;
            if i64::try_from(time).is_err() {
                return Err(NoteError::Malformed("a cosignature's time is beyond 2^63"));
            }
            Signature(signature)
                .verify_raw(&self.key, message(time, checkpoint).as_bytes())
                .map_err(|_| NoteError::Unsigned(self.name.clone()))?;
            Ok(Cosignature { time, line: line.to_owned() })
        };
        Ok(Some(hold()))
    }
}

/// In documents a key is written in the form that other tools take.
impl TryFrom<String> for WitnessKey {
    type Error = VkeyError;

    fn try_from(text: String) -> Result<Self, VkeyError> {
        WitnessKey::from_vkey(&text)
    }
}

impl From<WitnessKey> for String {
    fn from(key: WitnessKey) -> Self {
        key.vkey()
    }
}

impl WitnessKey {
    /// The note with this witness's cosignature, in the place of an earlier one.
    pub fn add_to(&self, note: &str, cosignature: &Cosignature) -> String {
        let (text, signatures) = note.split_once("\n\n").unwrap_or((note, ""));
        let own =
            |line: &str| matches!(signature_line(line), Ok((name, id, _)) if name == self.name && id == self.id());
        let others: String =
            signatures.split_inclusive('\n').filter(|line| !own(line.trim_end_matches('\n'))).collect();
        format!("{text}\n\n{others}{}", cosignature.line)
    }
}

/// Cosigns a checkpoint as the witness `name` at `time`; returns the signature line with its newline.
pub fn cosign(checkpoint: &Checkpoint, name: &str, time: u64, key: &SigningKey) -> String {
    let witness = WitnessKey { name: name.to_owned(), key: key.verifying_key() };
    let mut bytes = witness.id().to_vec();
    bytes.extend_from_slice(&time.to_be_bytes());
    bytes.extend_from_slice(&key.sign_raw(message(time, checkpoint).as_bytes()));
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

/// The request `add-checkpoint`: a checkpoint, and the proof that it continues the witness's last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the last checkpoint that the witness cosigned.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub note: String,
}

/// Text is not a request `add-checkpoint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an add-checkpoint request: {0}")]
pub struct RequestError(&'static str);

impl AddCheckpoint {
    /// The request's body.
    pub fn text(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old, self.note)
    }

    /// Reads a request's body. The note is opened by [`Checkpoint::open`].
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        if text.len() > MAX_REQUEST {
            return Err(RequestError("it is too long"));
        }
        let (head, note) = text.split_once("\n\n").ok_or(RequestError("there is no empty line before the note"))?;
        let mut lines = head.split('\n');
        let size = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .ok_or(RequestError("the first line is not `old SIZE`"))?;
        let old: u64 = size.parse().map_err(|_| RequestError("the old size is not a number"))?;
        if old.to_string() != size {
            return Err(RequestError("the old size is not in plain decimal"));
        }
        let hash = |line: &str| STANDARD.decode(line).ok().and_then(|bytes| Hash::try_from(bytes).ok());
        let proof: Vec<Hash> = lines
            .by_ref()
            .take(MAX_PROOF)
            .map(|line| hash(line).ok_or(RequestError("a proof line is not a hash in base64")))
            .collect::<Result<_, _>>()?;
        if lines.next().is_some() {
            return Err(RequestError("the proof has more than 63 lines"));
        }
        Ok(AddCheckpoint { old, proof, note: note.to_owned() })
    }

    /// The origin that the note claims, which nothing has checked yet.
    pub fn origin(&self) -> &str {
        self.note.split('\n').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::LogKey;
    use rand::rngs::OsRng;

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "example.org/log".into(), size: 42, root: [7; 32] }
    }

    #[test]
    fn a_cosignature_holds_for_its_witness_checkpoint_and_time_alone() {
        let key = SigningKey::generate(&mut OsRng);
        let witness = WitnessKey { name: "witness.example/w1".into(), key: key.verifying_key() };
        let line = cosign(&checkpoint(), &witness.name, 1_679_315_147, &key);
        let found = witness.find(&line, &checkpoint()).unwrap();
        assert_eq!(found, Cosignature { time: 1_679_315_147, line: line.clone() });
        // Among others, in a whole note's place.
        let log = SigningKey::generate(&mut OsRng);
        let note = checkpoint().sign(&log);
        let (_, signature) = note.split_once("\n\n").unwrap();
        assert_eq!(witness.find(&format!("{signature}{line}"), &checkpoint()).unwrap(), found);
        let cosigned = format!("{note}{line}");
        let log = LogKey { origin: checkpoint().origin, key: log.verifying_key() };
        assert_eq!(Checkpoint::open(&cosigned, &log).unwrap(), checkpoint());
        assert_eq!(witness.add_to(&note, &found), cosigned);
        let later = witness.find(&cosign(&checkpoint(), &witness.name, 1_679_315_148, &key), &checkpoint()).unwrap();
        assert_eq!(witness.add_to(&cosigned, &later), format!("{note}{}", later.line));
        for other in [
            Checkpoint { size: 43, ..checkpoint() },
            Checkpoint { root: [8; 32], ..checkpoint() },
            Checkpoint { origin: "example.org/other".into(), ..checkpoint() },
        ] {
            assert_eq!(witness.find(&line, &other), Err(NoteError::Unsigned(witness.name.clone())));
        }
        let renamed = WitnessKey { name: "witness.example/w2".into(), ..witness.clone() };
        assert_eq!(renamed.find(&line, &checkpoint()), Err(NoteError::Unsigned(renamed.name.clone())));
        for at in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(text) = String::from_utf8(bytes) {
                assert!(witness.find(&text, &checkpoint()).is_err(), "byte {at}");
            }
        }
        assert!(witness.find("", &checkpoint()).is_err());
        assert_eq!(WitnessKey::from_vkey(&witness.vkey()), Ok(witness.clone()));
        // The same key as a log's is another key: a witness never signs a checkpoint, nor a log a cosignature.
        let as_log = LogKey { origin: witness.name.clone(), key: witness.key };
        assert_ne!(as_log.id(), witness.id());
        assert!(matches!(WitnessKey::from_vkey(&as_log.vkey()), Err(VkeyError::Kind { found: 1, expected: 4 })));
        assert!(LogKey::from_vkey(&witness.vkey()).is_err());
    }

    #[test]
    fn requests_read_back_and_malformed_ones_do_not() {
        let note = checkpoint().sign(&SigningKey::generate(&mut OsRng));
        for proof in [vec![], vec![[1; 32]], vec![[2; 32]; 63]] {
            let request = AddCheckpoint { old: 20, proof, note: note.clone() };
            assert_eq!(AddCheckpoint::parse(&request.text()), Ok(request.clone()));
            assert_eq!(request.origin(), "example.org/log");
        }
        let good = AddCheckpoint { old: 20, proof: vec![[1; 32]], note: note.clone() };
        let long = AddCheckpoint { proof: vec![[1; 32]; 64], ..good.clone() };
        assert!(AddCheckpoint::parse(&long.text()).is_err());
        for (from, to) in [("old 20", "old 020"), ("old 20", "old -1"), ("old 20", "20"), ("AQE", "AQ"), ("\n\n", "\n")]
        {
            assert!(AddCheckpoint::parse(&good.text().replace(from, to)).is_err(), "{from:?} → {to:?}");
        }
        assert!(AddCheckpoint::parse("").is_err());
        assert!(AddCheckpoint::parse(&"x".repeat(MAX_REQUEST + 1)).is_err());
    }
}
