//! Receipts (`REC`): proof that an entry is on the board, in the C2SP `tlog-proof` form
//! (<https://c2sp.org/tlog-proof>). A receipt verifies offline, with the manifest and the entry alone.

use crate::ids::LeafHash;
use crate::note::{Checkpoint, LogKey, NoteError, MAX_NOTE};
use crate::tree::{verify_inclusion, Hash, TreeError};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Longest receipt that is read.
pub const MAX_RECEIPT: usize = MAX_NOTE + 64 * 64;

/// Why a receipt does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// Not in the `tlog-proof` form.
    #[error("not a receipt: {0}")]
    Malformed(&'static str),
    /// The checkpoint does not hold.
    #[error(transparent)]
    Checkpoint(#[from] NoteError),
    /// The entry is not in the checkpoint's tree.
    #[error("the receipt does not show this entry on the board: {0}")]
    Inclusion(#[from] TreeError),
}

/// An inclusion proof with the checkpoint that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's position on the board.
    pub index: u64,
    /// Sibling hashes, from the leaf up.
    pub proof: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
}

impl Receipt {
    /// The `tlog-proof` text.
    pub fn text(&self) -> String {
        let mut text = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.proof {
            text.push_str(&STANDARD.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads the `tlog-proof` text. Extra data, which the form allows, is ignored: it is not authenticated.
    ///
    /// # Errors
    /// [`ReceiptError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > MAX_RECEIPT {
            return Err(ReceiptError::Malformed("too long"));
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ReceiptError::Malformed("no blank line"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ReceiptError::Malformed("the first line is not c2sp.org/tlog-proof@v1"));
        }
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(|n| n.parse::<u64>().ok().filter(|v| v.to_string() == n))
            .ok_or(ReceiptError::Malformed("no index"))?;
        let proof = lines
            .map(|line| STANDARD.decode(line).ok().and_then(|bytes| Hash::try_from(bytes).ok()))
            .collect::<Option<Vec<_>>>()
            .filter(|proof| proof.len() <= 64)
            .ok_or(ReceiptError::Malformed("a proof line is not 32 bytes in base64"))?;
        Ok(Receipt { index, proof, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that `leaf` is on the board of `log` (`REC-2`).
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(&self, leaf: &LeafHash, log: &LogKey) -> Result<Checkpoint, ReceiptError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, log)?;
        verify_inclusion(leaf, self.index, checkpoint.size, &self.proof, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::SigningKey;
    use crate::tree::{leaf_hash, Tree};
    use rand::rngs::OsRng;

    #[test]
    fn a_receipt_holds_for_its_entry_alone() {
        let key = SigningKey::generate(&mut OsRng);
        let log = LogKey { origin: "example.org/board".into(), key: key.verifying_key() };
        let mut tree = Tree::new();
        let leaves: Vec<_> = (0..11u8).map(|i| leaf_hash(&[i])).collect();
        leaves.iter().for_each(|l| tree.push(*l));
        let checkpoint = Checkpoint { origin: log.origin.clone(), size: 11, root: tree.root() }.sign(&key);
        let receipt = Receipt { index: 6, proof: tree.inclusion_proof(6, 11).unwrap(), checkpoint };
        let text = receipt.text();
        assert_eq!(Receipt::parse(&text).unwrap(), receipt);
        assert_eq!(receipt.verify(&leaves[6], &log).unwrap().size, 11);
        assert!(receipt.verify(&leaves[5], &log).is_err());
        let with_extra = text.replacen("index", "extra AAAA\nindex", 1);
        assert_eq!(Receipt::parse(&with_extra).unwrap(), receipt);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let bad = String::from_utf8(bytes).ok().and_then(|t| Receipt::parse(&t).ok());
            assert!(bad.is_none_or(|r| r.verify(&leaves[6], &log).is_err()), "byte {at}");
        }
        assert!(Receipt::parse("").is_err());
        assert!(Receipt::parse(&text[..40]).is_err());
    }
}
