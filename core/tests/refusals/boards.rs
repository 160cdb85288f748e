//! Trees, signed notes, cosignatures and receipts.

use rand::rngs::OsRng;
use selge_core::cosignature::{cosign, AddCheckpoint, WitnessKey, MAX_REQUEST};
use selge_core::ids::LeafHash;
use selge_core::note::{open_text, sign_text, Checkpoint, LogKey, NoteError, VkeyError, MAX_NOTE};
use selge_core::receipt::{Receipt, ReceiptError, MAX_RECEIPT};
use selge_core::sign::{SigningKey, VerifyingKey};
use selge_core::tree::{
    consistency_proof_from, inclusion_proof_from, leaf_hash, verify_consistency, verify_inclusion, Tree, TreeError,
};

fn tree(size: u8) -> Tree {
    let mut tree = Tree::new();
    (0..size).for_each(|i| tree.push(leaf_hash(&[i])));
    tree
}

/// A log with its key, and a signed checkpoint of its 11 leaves.
fn log() -> (SigningKey, LogKey, Checkpoint) {
    let key = SigningKey::generate(&mut OsRng);
    let log = LogKey { origin: "example.org/log".into(), key: key.verifying_key() };
    let checkpoint = Checkpoint { origin: log.origin.clone(), size: 11, root: tree(11).root() };
    (key, log, checkpoint)
}

/// A line of another signer's, of `bytes` bytes with its newline.
fn line_of_another(bytes: usize) -> String {
    let rest = "\u{2014}  AAAAAAAA\n".len();
    format!("\u{2014} {} AAAAAAAA\n", "w".repeat(bytes - rest))
}

#[test]
fn there_are_no_proofs_beyond_a_tree_and_none_are_longer_than_they_need_be() {
    let tree = tree(11);
    assert_eq!(tree.consistency_proof(7, 6), Err(TreeError::OutOfRange { asked: 7, size: 6 }));
    let beyond = TreeError::OutOfRange { asked: 12, size: 11 };
    assert_eq!(tree.consistency_proof(7, 12), Err(beyond.clone()));
    assert_eq!(tree.inclusion_proof(7, 12), Err(beyond.clone()));
    assert_eq!(tree.root_at(12), Err(beyond));
    let mut node = |level: u32, index: u64| tree.node(level as usize, index).ok_or(());
    for index in [11, 12, u64::MAX] {
        assert_eq!(inclusion_proof_from(index, 11, &mut node), Ok(Vec::new()));
        assert_eq!(consistency_proof_from(index, 11, &mut node), Ok(Vec::new()));
    }
    // A larger tree is not the beginning of a smaller one, whatever its root.
    let root = tree.root();
    let order = TreeError::OutOfRange { asked: 8, size: 6 };
    assert_eq!(verify_consistency(8, 6, &root, &root, &[]), Err(order));
    // Nor is a grown tree the same tree without a proof, although a complete smaller one is its own first hash.
    let short = TreeError::Length { found: 0, size: 8 };
    assert_eq!(verify_consistency(4, 8, &root, &root, &[]), Err(short));
    for size in 1..=11 {
        let root = tree.root_at(size).unwrap();
        for index in 0..size {
            let longer = [tree.inclusion_proof(index, size).unwrap(), vec![[0; 32]]].concat();
            let length = TreeError::Length { found: longer.len(), size };
            assert_eq!(verify_inclusion(&leaf_hash(&[index as u8]), index, size, &longer, &root), Err(length));
            // A root is no leaf of a larger tree.
            if size > 1 {
                let length = TreeError::Length { found: 0, size };
                assert_eq!(verify_inclusion(&LeafHash(root), index, size, &[], &root), Err(length));
            }
            let longer = [tree.consistency_proof(index, size).unwrap(), vec![[0; 32]]].concat();
            let (old, length) = (tree.root_at(index).unwrap(), TreeError::Length { found: longer.len(), size });
            assert_eq!(verify_consistency(index, size, &old, &root, &longer), Err(length));
        }
    }
}

#[test]
fn a_checkpoint_has_one_signature_of_its_log_an_origin_and_a_length() {
    let (key, log, checkpoint) = log();
    let note = checkpoint.sign(&key);
    let (_, own) = note.split_once("\n\n").unwrap();
    let twice = Err(NoteError::Malformed("two signatures of one key"));
    assert_eq!(Checkpoint::open(&format!("{note}{own}"), &log), twice);
    assert_eq!(Checkpoint::open(&format!("{note}{}{own}", line_of_another(40)), &log), twice);
    let longest = format!("{note}{}", line_of_another(MAX_NOTE - note.len()));
    assert_eq!(longest.len(), MAX_NOTE);
    assert_eq!(Checkpoint::open(&longest, &log), Ok(checkpoint.clone()));
    let longer = format!("{note}{}", line_of_another(MAX_NOTE - note.len() + 1));
    assert_eq!(Checkpoint::open(&longer, &log), Err(NoteError::Malformed("longer than 16 KiB")));
    let nameless = LogKey { origin: String::new(), ..log };
    let note = Checkpoint { origin: String::new(), ..checkpoint }.sign(&key);
    assert_eq!(Checkpoint::open(&note, &nameless), Err(NoteError::Malformed("the origin is empty")));
}

#[test]
fn a_signed_text_is_a_note_whose_last_signatures_count() {
    let (key, log, _) = log();
    let text = "first\n\nsecond\n";
    let note = sign_text(text, &log.origin, &key).unwrap();
    assert_eq!(open_text(&note, &log), Ok(text));
    for wrong in ["", "no newline", "a\ttab\n", "\u{1b}[2J\n"] {
        assert!(matches!(sign_text(wrong, &log.origin, &key), Err(NoteError::Malformed(_))), "{wrong:?}");
    }
    assert!(matches!(sign_text(text, "a name", &key), Err(NoteError::Malformed(_))));
    let unsigned = NoteError::Unsigned(log.origin.clone());
    assert_eq!(open_text(&note.replace("second", "Second"), &log), Err(unsigned.clone()));
    let another = LogKey { key: SigningKey::generate(&mut OsRng).verifying_key(), ..log.clone() };
    assert_eq!(open_text(&note, &another), Err(unsigned.clone()));
    // Text after the blank line in the place of signatures, none at all, and those of another alone.
    assert!(matches!(open_text(text, &log), Err(NoteError::Malformed(_))));
    assert!(matches!(open_text("first\n", &log), Err(NoteError::Malformed(_))));
    assert!(matches!(open_text(note.trim_end(), &log), Err(NoteError::Malformed(_))));
    assert_eq!(open_text(&format!("{text}\n{}", line_of_another(40)), &log), Err(unsigned));
}

#[test]
fn a_cosignature_has_a_length_and_a_time_that_there_is() {
    let (_, _, checkpoint) = log();
    let key = SigningKey::generate(&mut OsRng);
    let witness = WitnessKey { name: "witness.example/w1".into(), key: key.verifying_key() };
    let last = cosign(&checkpoint, &witness.name, i64::MAX as u64, &key);
    assert_eq!(witness.find(&last, &checkpoint).unwrap().time, i64::MAX as u64);
    let beyond = cosign(&checkpoint, &witness.name, i64::MAX as u64 + 1, &key);
    assert!(matches!(witness.find(&beyond, &checkpoint), Err(NoteError::Malformed(_))));
    assert_eq!(witness.find(last.trim_end(), &checkpoint), Err(NoteError::Malformed("no final newline")));
    let longest = format!("{}{last}", line_of_another(MAX_NOTE - last.len()));
    assert!(witness.find(&longest, &checkpoint).is_ok());
    let longer = format!("{}{last}", line_of_another(MAX_NOTE - last.len() + 1));
    assert_eq!(witness.find(&longer, &checkpoint), Err(NoteError::Malformed("longer than 16 KiB")));
}

#[test]
fn a_receipt_has_a_plain_index_a_proof_of_64_hashes_and_a_length() {
    let (key, log, checkpoint) = log();
    let proof = tree(11).inclusion_proof(6, 11).unwrap();
    let receipt = Receipt { index: 6, proof, checkpoint: checkpoint.sign(&key) };
    let text = receipt.text();
    assert!(Receipt::parse(&text).unwrap().verify(&leaf_hash(&[6]), &log).is_ok());
    assert!(matches!(receipt.verify(&LeafHash([0; 32]), &log), Err(ReceiptError::Inclusion(_))));
    for index in ["06", "+6", "6 ", " 6", "-6", ""] {
        let other = text.replace("\nindex 6\n", &format!("\nindex {index}\n"));
        assert_eq!(Receipt::parse(&other), Err(ReceiptError::Malformed("no index")), "{index:?}");
    }
    let of = |hashes| Receipt { proof: vec![[7; 32]; hashes], ..receipt.clone() };
    assert_eq!(Receipt::parse(&of(64).text()), Ok(of(64)));
    assert!(matches!(Receipt::parse(&of(65).text()), Err(ReceiptError::Malformed(_))));
    // The form allows one line of extra data.
    let with_extra = |bytes: usize| text.replacen("index", &format!("extra {}\nindex", "A".repeat(bytes - 7)), 1);
    let longest = with_extra(MAX_RECEIPT - text.len());
    assert_eq!(longest.len(), MAX_RECEIPT);
    assert_eq!(Receipt::parse(&longest), Ok(receipt));
    let longer = with_extra(MAX_RECEIPT - text.len() + 1);
    assert_eq!(Receipt::parse(&longer), Err(ReceiptError::Malformed("too long")));
}

#[test]
fn a_request_to_a_witness_has_a_length_and_a_key_under_which_anything_holds_is_none() {
    let of = |note: usize| AddCheckpoint { old: 20, proof: vec![[2; 32]; 63], note: "n".repeat(note) };
    let longest = MAX_REQUEST - of(0).text().len();
    assert_eq!(AddCheckpoint::parse(&of(longest).text()), Ok(of(longest)));
    assert!(AddCheckpoint::parse(&of(longest + 1).text()).is_err());
    let (_, log, _) = log();
    assert_eq!(LogKey::from_vkey(&log.vkey()), Ok(log.clone()));
    let weak = LogKey { key: VerifyingKey([0; 32]), ..log };
    assert_eq!(LogKey::from_vkey(&weak.vkey()), Err(VkeyError::Key));
}
