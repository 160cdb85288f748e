//! Evidence against a board (`EVID`): files that show a stranger, with the log's public key alone, that its collector
//! broke its word, and complaints of voters, which hold the collector's word for a ballot.
//!
//! Nothing here believes a file: what a [`Verified`] says has been computed from signatures and hashes.

use crate::codec::Decode;
use crate::entry::{EntryBody, SignedEntry};
use crate::ids::LeafHash;
use crate::note::{Checkpoint, LogKey, NoteError};
use crate::receipt::{Receipt, ReceiptError};
use crate::tree::{verify_consistency, Hash, TreeError};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The `format` of this version.
pub const FORMAT: &str = "selge-evidence/1";

/// Longest file of evidence that is read: a ballot, and some receipts.
pub const MAX_EVIDENCE: usize = 1 << 20;

/// Most proofs, findings and signed notes of a complaint.
const MAX_ITEMS: usize = 64;

/// Bytes as base64 text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        STANDARD.decode(text).map(Base64).map_err(|_| serde::de::Error::custom("not base64"))
    }
}

/// A hash as base64 text, as in checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base64Hash(pub Hash);

impl Serialize for Base64Hash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Hash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let bytes = Base64::deserialize(d)?.0;
        bytes.try_into().map(Base64Hash).map_err(|_| serde::de::Error::custom("not 32 bytes in base64"))
    }
}

/// A file of evidence, as it is written and read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// [`FORMAT`].
    pub format: String,
    /// The log's key as `name+id+base64`: for information, whoever checks brings the key.
    pub log: String,
    /// What is claimed.
    pub claim: Claim,
}

/// What a file claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Claim {
    /// Two checkpoints contradict each other (`EVID-2`).
    Fork(Fork),
    /// Two entries have been in one place (`EVID-3`).
    ReplacedEntry(ReplacedEntry),
    /// A ballot with a receipt is not treated as it must be (`EVID-4`).
    Complaint(Complaint),
}

/// Two signed checkpoints of one log, neither of which continues the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fork {
    /// The signed checkpoint of the smaller tree; of two of one size, either.
    pub smaller: String,
    /// The other.
    pub larger: String,
    /// The root that the larger tree has at the smaller size; absent for two of one size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Base64Hash>,
    /// The consistency proof from that root to the larger tree's; empty for two of one size.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<Base64Hash>,
}

/// Two proofs for one place of one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacedEntry {
    /// The leaf hash of the one entry.
    pub leaf: LeafHash,
    /// Its receipt.
    pub receipt: String,
    /// The leaf hash of the other entry.
    pub other_leaf: LeafHash,
    /// Its receipt, for the same index.
    pub other_receipt: String,
}

/// What a voter saw, in the words of the voter's program: not proven by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// How the check came out.
    pub verdict: String,
    /// Which check.
    pub check: String,
    /// What was seen.
    pub words: String,
}

/// A contradiction that a complaint brings along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Proof {
    /// Two checkpoints contradict each other.
    Fork(Fork),
    /// Another entry is in the ballot's place.
    ReplacedEntry(ReplacedEntry),
}

/// A voter's complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// The ballot's receipt.
    pub receipt: String,
    /// The ballot: the entry's bytes.
    pub ballot: Base64,
    /// What the voter's program found.
    pub findings: Vec<Finding>,
    /// What the board has signed since: checkpoints and receipts.
    #[serde(default)]
    pub signed: Vec<String>,
    /// Contradictions among what the board has signed.
    #[serde(default)]
    pub proofs: Vec<Proof>,
}

/// Why evidence does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The file is not evidence.
    #[error("not a file of evidence: {0}")]
    Malformed(String),
    /// A checkpoint does not hold.
    #[error("the {which} checkpoint does not hold: {error}")]
    Checkpoint {
        /// Which.
        which: &'static str,
        /// Why.
        error: NoteError,
    },
    /// A receipt does not hold.
    #[error("the {which} receipt does not hold: {error}")]
    Receipt {
        /// Which.
        which: &'static str,
        /// Why.
        error: ReceiptError,
    },
    /// The proof between two trees does not hold.
    #[error("the proof of what the larger tree holds does not lead to its signed root: {0}")]
    Proof(TreeError),
    /// There is no contradiction.
    #[error("there is no contradiction: {0}")]
    Consistent(&'static str),
}

/// Two checkpoints of one log that contradict each other, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedFork {
    notes: [String; 2],
    smaller: Checkpoint,
    larger: Checkpoint,
    root: Hash,
}

impl VerifiedFork {
    /// The signed notes of the smaller and the larger one, with whatever cosignatures they have; those are not verified.
    pub fn notes(&self) -> &[String; 2] {
        &self.notes
    }

    /// The checkpoint of the smaller tree.
    pub fn smaller(&self) -> &Checkpoint {
        &self.smaller
    }

    /// The checkpoint of the larger tree, or of the other one of the same size.
    pub fn larger(&self) -> &Checkpoint {
        &self.larger
    }

    /// The root that the larger tree has at the smaller one's size, which is not the smaller one's.
    pub fn root(&self) -> &Hash {
        &self.root
    }
}

/// Two entries in one place of one log, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReplacement {
    index: u64,
    leaf: LeafHash,
    other_leaf: LeafHash,
    checkpoints: [Checkpoint; 2],
}

impl VerifiedReplacement {
    /// The place.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The two leaves.
    pub fn leaves(&self) -> [&LeafHash; 2] {
        [&self.leaf, &self.other_leaf]
    }

    /// The checkpoints under which each of them is in that place.
    pub fn checkpoints(&self) -> &[Checkpoint; 2] {
        &self.checkpoints
    }
}

/// A complaint whose receipt holds for its ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedComplaint {
    ballot: SignedEntry,
    receipt: Receipt,
    checkpoint: Checkpoint,
    proofs: Vec<VerifiedProof>,
    findings: Vec<Finding>,
}

/// A contradiction, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifiedProof {
    /// Two checkpoints.
    Fork(VerifiedFork),
    /// Two entries.
    ReplacedEntry(VerifiedReplacement),
}

impl VerifiedComplaint {
    /// The ballot. Whose it is, its signature tells whoever has the roll.
    pub fn ballot(&self) -> &SignedEntry {
        &self.ballot
    }

    /// The receipt, which holds for the ballot.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The receipt's checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Contradictions that are proven without anything else.
    pub fn proofs(&self) -> &[VerifiedProof] {
        &self.proofs
    }

    /// What the voter's program said: not proven.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Evidence that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// A fork.
    Fork(VerifiedFork),
    /// Two entries in one place.
    ReplacedEntry(VerifiedReplacement),
    /// A complaint, whose proofs (if there are any) hold.
    Complaint(Box<VerifiedComplaint>),
}

impl Fork {
    /// Two notes of one log, in any order, whose trees have these sizes; `root` and `proof` as the larger tree has them.
    pub fn new(one: (&str, u64), other: (&str, u64), root: Hash, proof: &[Hash]) -> Self {
        let (smaller, larger) = if one.1 <= other.1 { (one, other) } else { (other, one) };
        let differ = smaller.1 != larger.1;
        Fork {
            smaller: smaller.0.to_owned(),
            larger: larger.0.to_owned(),
            root: differ.then_some(Base64Hash(root)),
            proof: if differ { proof.iter().copied().map(Base64Hash).collect() } else { Vec::new() },
        }
    }

    /// Checks it (`EVID-2`).
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub fn verify(&self, log: &LogKey) -> Result<VerifiedFork, EvidenceError> {
        let open =
            |which, note: &str| Checkpoint::open(note, log).map_err(|error| EvidenceError::Checkpoint { which, error });
        let (smaller, larger) = (open("smaller", &self.smaller)?, open("larger", &self.larger)?);
        let root = match (&self.root, smaller.size == larger.size) {
            (None, true) if self.proof.is_empty() => larger.root,
            (Some(Base64Hash(root)), false) => {
                let proof: Vec<Hash> = self.proof.iter().map(|hash| hash.0).collect();
                verify_consistency(smaller.size, larger.size, root, &larger.root, &proof)
                    .map_err(EvidenceError::Proof)?;
                *root
            }
            (_, true) => {
                return Err(EvidenceError::Malformed("two checkpoints of one size need no root and no proof".into()))
            }
            (None, false) => {
                let words = "checkpoints of two sizes need the root that the larger tree has at the smaller size";
                return Err(EvidenceError::Malformed(words.into()));
            }
        };
        if root == smaller.root {
            return Err(EvidenceError::Consistent("the larger tree begins with the smaller one"));
        }
        let notes = [self.smaller.clone(), self.larger.clone()];
        Ok(VerifiedFork { notes, smaller, larger, root })
    }
}

fn open_receipt(
    which: &'static str,
    text: &str,
    leaf: &LeafHash,
    log: &LogKey,
) -> Result<(Receipt, Checkpoint), EvidenceError> {
    let failed = |error| EvidenceError::Receipt { which, error };
    let receipt = Receipt::parse(text).map_err(failed)?;
    let checkpoint = receipt.verify(leaf, log).map_err(failed)?;
    Ok((receipt, checkpoint))
}

impl ReplacedEntry {
    /// Checks it (`EVID-3`).
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub fn verify(&self, log: &LogKey) -> Result<VerifiedReplacement, EvidenceError> {
        let (one, first) = open_receipt("first", &self.receipt, &self.leaf, log)?;
        let (other, second) = open_receipt("second", &self.other_receipt, &self.other_leaf, log)?;
        if one.index != other.index {
            return Err(EvidenceError::Consistent("the two entries are in different places"));
        }
        if self.leaf == self.other_leaf {
            return Err(EvidenceError::Consistent("it is the same entry twice"));
        }
        Ok(VerifiedReplacement {
            index: one.index,
            leaf: self.leaf,
            other_leaf: self.other_leaf,
            checkpoints: [first, second],
        })
    }
}

impl Complaint {
    /// Checks it (`EVID-4`): the receipt must hold for the ballot, and every proof.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub fn verify(&self, log: &LogKey) -> Result<VerifiedComplaint, EvidenceError> {
        if [self.findings.len(), self.signed.len(), self.proofs.len()].iter().any(|n| *n > MAX_ITEMS) {
            return Err(EvidenceError::Malformed(format!("more than {MAX_ITEMS} findings, notes or proofs")));
        }
        let ballot = SignedEntry::from_bytes(&self.ballot.0)
            .map_err(|error| EvidenceError::Malformed(format!("the ballot is not an entry: {error}")))?;
        if !matches!(ballot.body, EntryBody::Ballot(_)) {
            return Err(EvidenceError::Malformed(format!("the entry is a {}, not a ballot", ballot.body.kind())));
        }
        let leaf = ballot.leaf_hash();
        let (receipt, checkpoint) = open_receipt("voter's", &self.receipt, &leaf, log)?;
        let proofs = self.proofs.iter().map(|proof| match proof {
            Proof::Fork(fork) => fork.verify(log).map(VerifiedProof::Fork),
            Proof::ReplacedEntry(replaced) if replaced.leaf == leaf => {
                replaced.verify(log).map(VerifiedProof::ReplacedEntry)
            }
            Proof::ReplacedEntry(_) => Err(EvidenceError::Malformed("the replaced entry is not the ballot".into())),
        });
        let proofs = proofs.collect::<Result<_, _>>()?;
        Ok(VerifiedComplaint { ballot, receipt, checkpoint, proofs, findings: self.findings.clone() })
    }
}

impl Evidence {
    /// Evidence against this log.
    pub fn new(log: &LogKey, claim: Claim) -> Self {
        Evidence { format: FORMAT.to_owned(), log: log.vkey(), claim }
    }

    /// Whether it claims to prove something without the record.
    pub fn proves(&self) -> bool {
        match &self.claim {
            Claim::Fork(_) | Claim::ReplacedEntry(_) => true,
            Claim::Complaint(complaint) => !complaint.proofs.is_empty(),
        }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        // It is plain data: text, numbers and lists.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads a file, without checking what it claims.
    ///
    /// # Errors
    /// [`EvidenceError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > MAX_EVIDENCE {
            return Err(EvidenceError::Malformed(format!("longer than {MAX_EVIDENCE} bytes")));
        }
        let evidence: Evidence =
            serde_json::from_slice(bytes).map_err(|error| EvidenceError::Malformed(error.to_string()))?;
        if evidence.format != FORMAT {
            return Err(EvidenceError::Malformed(format!("its format is {:?}, not {FORMAT:?}", evidence.format)));
        }
        Ok(evidence)
    }

    /// Checks all that it claims, against the key of the log that whoever checks knows.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub fn verify(&self, log: &LogKey) -> Result<Verified, EvidenceError> {
        match &self.claim {
            Claim::Fork(fork) => fork.verify(log).map(Verified::Fork),
            Claim::ReplacedEntry(replaced) => replaced.verify(log).map(Verified::ReplacedEntry),
            Claim::Complaint(complaint) => complaint.verify(log).map(|c| Verified::Complaint(Box::new(c))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::SigningKey;
    use crate::tree::{leaf_hash, Tree};
    use rand::rngs::OsRng;

    struct Log {
        key: SigningKey,
        log: LogKey,
    }

    impl Log {
        fn new() -> Self {
            let key = SigningKey::generate(&mut OsRng);
            let log = LogKey { origin: "example.org/board".into(), key: key.verifying_key() };
            Log { key, log }
        }

        fn note(&self, tree: &Tree, size: u64) -> String {
            let (origin, root) = (self.log.origin.clone(), tree.root_at(size).unwrap());
            Checkpoint { origin, size, root }.sign(&self.key)
        }

        fn receipt(&self, tree: &Tree, index: u64) -> String {
            let proof = tree.inclusion_proof(index, tree.size()).unwrap();
            Receipt { index, proof, checkpoint: self.note(tree, tree.size()) }.text()
        }
    }

    /// `size` leaves, the one at `other` being another.
    fn tree(size: u64, other: Option<u64>) -> Tree {
        let mut tree = Tree::new();
        (0..size).for_each(|i| tree.push(leaf_hash(&[i as u8, u8::from(other == Some(i))])));
        tree
    }

    fn fork(log: &Log, one: &Tree, small: u64, other: &Tree, large: u64) -> Fork {
        let proof = other.consistency_proof(small, large).unwrap();
        let (a, b) = (log.note(one, small), log.note(other, large));
        Fork::new((&a, small), (&b, large), other.root_at(small).unwrap(), &proof)
    }

    #[test]
    fn forks_of_all_sizes_are_proven_and_honest_growth_is_none() {
        let log = Log::new();
        let (honest, forked) = (tree(20, None), tree(20, Some(0)));
        for small in 0..=20u64 {
            for large in small..=20 {
                let claim = fork(&log, &honest, small, &forked, large);
                let file = Evidence::new(&log.log, Claim::Fork(claim.clone()));
                let read = Evidence::parse(file.text().as_bytes()).unwrap();
                assert_eq!(read, file);
                // Two empty trees are the same, and the empty tree is the beginning of all.
                if small == 0 {
                    assert!(matches!(read.verify(&log.log), Err(EvidenceError::Consistent(_))));
                    continue;
                }
                let Ok(Verified::Fork(proven)) = read.verify(&log.log) else { panic!("{small} {large}") };
                assert_eq!((proven.smaller().size, proven.larger().size), (small, large));
                assert_eq!(*proven.root(), forked.root_at(small).unwrap());
                let grown = fork(&log, &honest, small, &honest, large);
                assert!(matches!(grown.verify(&log.log), Err(EvidenceError::Consistent(_))), "{small} {large}");
                // A root that the larger tree does not have proves nothing.
                let lie = Fork { root: Some(Base64Hash([7; 32])), ..grown.clone() };
                assert!(matches!(lie.verify(&log.log), Err(EvidenceError::Proof(_) | EvidenceError::Malformed(_))));
                assert!(claim.verify(&Log::new().log).is_err());
                if small < large {
                    let swapped =
                        Fork { smaller: claim.larger.clone(), larger: claim.smaller.clone(), ..claim.clone() };
                    assert!(swapped.verify(&log.log).is_err());
                    assert!(Fork { root: None, ..claim.clone() }.verify(&log.log).is_err());
                    for at in 0..claim.proof.len() {
                        let mut bad = claim.clone();
                        bad.proof[at].0[5] ^= 1;
                        assert!(matches!(bad.verify(&log.log), Err(EvidenceError::Proof(_))));
                        bad.proof.remove(at);
                        assert!(matches!(bad.verify(&log.log), Err(EvidenceError::Proof(_))));
                    }
                }
            }
        }
    }

    #[test]
    fn an_empty_tree_with_a_root_is_a_contradiction_in_itself() {
        let log = Log::new();
        let honest = tree(3, None);
        let odd = Checkpoint { origin: log.log.origin.clone(), size: 0, root: [1; 32] }.sign(&log.key);
        let claim = Fork::new((&odd, 0), (&log.note(&honest, 3), 3), crate::tree::empty_root(), &[]);
        assert!(claim.verify(&log.log).is_ok());
    }

    #[test]
    fn two_entries_in_one_place_are_proven() {
        let log = Log::new();
        let (one, other) = (tree(9, None), tree(13, Some(4)));
        let leaf = |tree: &Tree, at| tree.leaf(at).unwrap();
        let claim = ReplacedEntry {
            leaf: leaf(&one, 4),
            receipt: log.receipt(&one, 4),
            other_leaf: leaf(&other, 4),
            other_receipt: log.receipt(&other, 4),
        };
        let proven = claim.verify(&log.log).unwrap();
        assert_eq!((proven.index(), proven.checkpoints()[1].size), (4, 13));
        let same = ReplacedEntry { other_leaf: claim.leaf, other_receipt: log.receipt(&one, 4), ..claim.clone() };
        assert!(matches!(same.verify(&log.log), Err(EvidenceError::Consistent(_))));
        let elsewhere =
            ReplacedEntry { other_leaf: leaf(&other, 5), other_receipt: log.receipt(&other, 5), ..claim.clone() };
        assert!(matches!(elsewhere.verify(&log.log), Err(EvidenceError::Consistent(_))));
        let strange = ReplacedEntry { other_leaf: LeafHash([3; 32]), ..claim.clone() };
        assert!(matches!(strange.verify(&log.log), Err(EvidenceError::Receipt { .. })));
        assert!(claim.verify(&Log::new().log).is_err());
    }

    #[test]
    fn every_changed_byte_of_a_file_is_refused_or_changes_nothing() {
        let log = Log::new();
        let claim = fork(&log, &tree(5, None), 5, &tree(9, Some(2)), 9);
        let text = Evidence::new(&log.log, Claim::Fork(claim)).text();
        let good = Evidence::parse(text.as_bytes()).unwrap().verify(&log.log).unwrap();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(read) = Evidence::parse(&bytes) {
                // The log's name in the file is for information alone.
                assert!(read.verify(&log.log).is_err() || read.verify(&log.log) == Ok(good.clone()), "byte {at}");
            }
        }
        for bad in ["", "{}", "[]", "null", "\u{0}", "{\"format\":\"selge-evidence/2\"}"] {
            assert!(matches!(Evidence::parse(bad.as_bytes()), Err(EvidenceError::Malformed(_))));
        }
        assert!(Evidence::parse(text.replacen("\"kind\"", "\"more\": 1, \"kind\"", 1).as_bytes()).is_err());
        assert!(Evidence::parse(text.replacen("\"log\"", "\"more\": 1, \"log\"", 1).as_bytes()).is_err());
        assert!(Evidence::parse(&vec![b' '; MAX_EVIDENCE + 1]).is_err());
    }
}
