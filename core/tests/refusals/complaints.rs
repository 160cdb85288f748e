//! Complaints of voters, and other evidence against a board (`EVID`).

use rand::rngs::OsRng;
use selge_core::ballot::EncryptedBallot;
use selge_core::codec::Encode;
use selge_core::entry::{Cancellation, CancellationReason, EntryBody, SignedEntry};
use selge_core::evidence::{
    Base64, Claim, Complaint, Evidence, EvidenceError, Finding, Fork, Proof, ReplacedEntry, Verified, VerifiedProof,
    MAX_EVIDENCE,
};
use selge_core::ids::{ElectionId, LeafHash, StyleIndex, VoterId};
use selge_core::note::{Checkpoint, LogKey};
use selge_core::receipt::Receipt;
use selge_core::sign::SigningKey;
use selge_core::tree::{leaf_hash, Tree};

/// The place of the voter's ballot.
const PLACE: u64 = 4;

/// Findings, notes and proofs that a complaint may have of each.
const MOST: usize = 64;

struct Setting {
    key: SigningKey,
    log: LogKey,
    ballot: SignedEntry,
}

impl Setting {
    fn new() -> Self {
        let key = SigningKey::generate(&mut OsRng);
        let log = LogKey { origin: "example.org/board".into(), key: key.verifying_key() };
        let (voter, previous) = (VoterId([5; 16]), LeafHash::NONE);
        let ballot = EncryptedBallot { voter, style: StyleIndex(0), previous, contests: Vec::new() };
        let ballot = EntryBody::Ballot(ballot).sign(&ElectionId([1; 32]), &SigningKey::generate(&mut OsRng));
        Setting { key, log, ballot }
    }

    /// A board of `size` leaves with this one in the ballot's place.
    fn board(size: u64, leaf: LeafHash) -> Tree {
        let mut tree = Tree::new();
        (0..size).for_each(|i| tree.push(if i == PLACE { leaf } else { leaf_hash(&[i as u8]) }));
        tree
    }

    fn note(&self, tree: &Tree) -> String {
        Checkpoint { origin: self.log.origin.clone(), size: tree.size(), root: tree.root() }.sign(&self.key)
    }

    fn receipt(&self, tree: &Tree, index: u64) -> String {
        let proof = tree.inclusion_proof(index, tree.size()).unwrap();
        Receipt { index, proof, checkpoint: self.note(tree) }.text()
    }

    /// A complaint about an entry that was on the board of nine leaves.
    fn complaint(&self, entry: &SignedEntry) -> Complaint {
        Complaint {
            receipt: self.receipt(&Self::board(9, entry.leaf_hash()), PLACE),
            ballot: Base64(entry.to_bytes()),
            findings: vec![self.finding()],
            signed: Vec::new(),
            proofs: Vec::new(),
        }
    }

    fn finding(&self) -> Finding {
        Finding { verdict: "wrong".into(), check: "board".into(), words: "the ballot is gone".into() }
    }

    /// Another entry in the place of `leaf`.
    fn replaced(&self, leaf: LeafHash) -> ReplacedEntry {
        let other = leaf_hash(b"another ballot");
        ReplacedEntry {
            leaf,
            receipt: self.receipt(&Self::board(9, leaf), PLACE),
            other_leaf: other,
            other_receipt: self.receipt(&Self::board(12, other), PLACE),
        }
    }

    fn fork(&self) -> Fork {
        let (one, other) = (Self::board(9, self.ballot.leaf_hash()), Self::board(12, leaf_hash(b"another ballot")));
        let proof = other.consistency_proof(9, 12).unwrap();
        Fork::new((&self.note(&one), 9), (&self.note(&other), 12), other.root_at(9).unwrap(), &proof)
    }
}

#[test]
fn a_complaint_is_about_a_ballot_with_a_receipt_and_its_proofs_are_of_that_ballot() {
    let s = Setting::new();
    let good = s.complaint(&s.ballot);
    let verified = good.verify(&s.log).unwrap();
    assert_eq!((verified.ballot(), verified.checkpoint().size), (&s.ballot, 9));
    assert_eq!(
        (verified.receipt().index, verified.findings(), verified.proofs()),
        (PLACE, &good.findings[..], &[][..])
    );
    assert!(good.verify(&Setting::new().log).is_err());

    // An entry that is no ballot, with a receipt that holds.
    let cancellation = Cancellation { voter: VoterId([5; 16]), reason: CancellationReason::PaperVote };
    let cancellation = EntryBody::Cancellation(cancellation).sign(&ElectionId([1; 32]), &s.key);
    assert!(matches!(s.complaint(&cancellation).verify(&s.log), Err(EvidenceError::Malformed(_))));
    // Bytes that are no entry, and a ballot that is not the receipt's.
    let mut nothing = good.clone();
    nothing.ballot.0.pop();
    assert!(matches!(nothing.verify(&s.log), Err(EvidenceError::Malformed(_))));
    let elsewhere = Complaint { ballot: Base64(Setting::new().ballot.to_bytes()), ..good.clone() };
    assert!(matches!(elsewhere.verify(&s.log), Err(EvidenceError::Receipt { which: "voter's", .. })));

    // Proofs that hold, one that is of another entry, and one that does not hold.
    let (fork, replaced) = (Proof::Fork(s.fork()), Proof::ReplacedEntry(s.replaced(s.ballot.leaf_hash())));
    let with = |proofs| Complaint { proofs, ..good.clone() };
    let proven = with(vec![fork.clone(), replaced.clone()]).verify(&s.log).unwrap();
    assert!(matches!(proven.proofs(), [VerifiedProof::Fork(_), VerifiedProof::ReplacedEntry(_)]));
    let of_another = s.replaced(leaf_hash(b"somebody else's ballot"));
    assert!(of_another.verify(&s.log).is_ok());
    let foreign = with(vec![fork, Proof::ReplacedEntry(of_another)]).verify(&s.log);
    assert!(matches!(foreign, Err(EvidenceError::Malformed(_))));
    let lie = Fork { larger: s.fork().smaller, ..s.fork() };
    assert!(with(vec![replaced, Proof::Fork(lie)]).verify(&s.log).is_err());
}

#[test]
fn a_complaint_holds_so_many_findings_notes_and_proofs_and_no_more() {
    let s = Setting::new();
    let good = s.complaint(&s.ballot);
    let of = |findings: usize, signed: usize, proofs: usize| {
        let fork = if proofs == 0 { None } else { Some(Proof::Fork(s.fork())) };
        let proofs = fork.into_iter().cycle().take(proofs).collect();
        let (findings, signed) = (vec![s.finding(); findings], vec![String::new(); signed]);
        Complaint { findings, signed, proofs, ..good.clone() }.verify(&s.log)
    };
    assert!(of(0, 0, 0).is_ok());
    assert!(of(MOST, MOST, MOST).is_ok());
    for (findings, signed, proofs) in [(MOST + 1, 0, 0), (0, MOST + 1, 0), (0, 0, MOST + 1)] {
        assert!(matches!(of(findings, signed, proofs), Err(EvidenceError::Malformed(_))));
    }
}

#[test]
fn a_file_proves_something_by_itself_unless_it_is_a_complaint_without_proofs() {
    let s = Setting::new();
    let replaced = s.replaced(s.ballot.leaf_hash());
    let complaint = s.complaint(&s.ballot);
    let proven = Complaint { proofs: vec![Proof::Fork(s.fork())], ..complaint.clone() };
    for (claim, proves) in [
        (Claim::Fork(s.fork()), true),
        (Claim::ReplacedEntry(replaced), true),
        (Claim::Complaint(complaint), false),
        (Claim::Complaint(proven), true),
    ] {
        let file = Evidence::new(&s.log, claim);
        assert_eq!(file.proves(), proves);
        assert_eq!(Evidence::parse(file.text().as_bytes()), Ok(file.clone()));
        let verified = file.verify(&s.log).unwrap();
        assert_eq!(matches!(verified, Verified::Complaint(_)), matches!(file.claim, Claim::Complaint(_)));
    }
}

#[test]
fn a_file_of_evidence_has_a_version_and_a_length() {
    let s = Setting::new();
    let mut text = Evidence::new(&s.log, Claim::Fork(s.fork())).text().into_bytes();
    let another = String::from_utf8(text.clone()).unwrap().replace("selge-evidence/1", "selge-evidence/2");
    assert!(matches!(Evidence::parse(another.as_bytes()), Err(EvidenceError::Malformed(_))));
    text.resize(MAX_EVIDENCE, b' ');
    assert!(Evidence::parse(&text).is_ok());
    text.push(b' ');
    assert!(matches!(Evidence::parse(&text), Err(EvidenceError::Malformed(_))));
}

/// Two notes in either order make the same fork; two of one size need nothing else, and may bring nothing else.
#[test]
fn a_fork_of_one_size_is_two_notes_and_one_of_two_sizes_is_in_order() {
    let s = Setting::new();
    let (one, other) = (Setting::board(9, s.ballot.leaf_hash()), Setting::board(12, leaf_hash(b"another ballot")));
    let (root, proof) = (other.root_at(9).unwrap(), other.consistency_proof(9, 12).unwrap());
    let (a, b) = (s.note(&one), s.note(&other));
    assert_eq!(Fork::new((&b, 12), (&a, 9), root, &proof), Fork::new((&a, 9), (&b, 12), root, &proof));
    let same = Setting::board(9, leaf_hash(b"another ballot"));
    let fork = Fork::new((&a, 9), (&s.note(&same), 9), root, &proof);
    assert!(fork.verify(&s.log).is_ok());
    assert_eq!((fork.root, fork.proof.len()), (None, 0));
    let with_proof = Fork { proof: s.fork().proof, ..fork.clone() };
    assert!(matches!(with_proof.verify(&s.log), Err(EvidenceError::Malformed(_))));
    let with_root = Fork { root: s.fork().root, ..fork };
    assert!(matches!(with_root.verify(&s.log), Err(EvidenceError::Malformed(_))));
}
