//! Files of evidence as strangers check them: good ones, forged ones, and complaints beside a record.

mod support;

use rand::rngs::OsRng;
use selge_core::codec::Encode;
use selge_core::elgamal::{CiphertextList, EncodedCiphertext};
use selge_core::entry::{CancellationReason, Closing, EntryBody};
use selge_core::evidence::{Base64, Claim, Complaint, Evidence, Finding, Fork, Proof, ReplacedEntry};
use selge_core::ids::ContestIndex;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::sign::SigningKey;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use support::{Board, CLOSES};

/// The collector's receipt for entry `at`, given when the board had `size` entries.
fn receipt(board: &Board, at: usize, size: usize) -> Receipt {
    let tree = board.tree();
    let root = tree.root_at(size as u64).unwrap();
    let checkpoint = Checkpoint { origin: board.manifest.log_key().origin, size: size as u64, root };
    let proof = tree.inclusion_proof(at as u64, size as u64).unwrap();
    Receipt { index: at as u64, proof, checkpoint: checkpoint.sign(&board.keys.collector) }
}

/// A complaint about the ballot at entry `at`, with the receipt of that time.
fn complaint(board: &Board, at: usize) -> Complaint {
    Complaint {
        receipt: receipt(board, at, at + 1).text(),
        ballot: Base64(board.entries[at].to_bytes()),
        findings: vec![Finding { verdict: "WRONG".into(), check: "place".into(), words: "gone\u{1b}[2J".into() }],
        signed: vec![],
        proofs: vec![],
    }
}

struct Desk {
    folder: tempfile::TempDir,
    board: Board,
}

impl Desk {
    fn new(board: Board) -> Desk {
        Desk { folder: tempfile::tempdir().unwrap(), board }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn record(&self, name: &str, board: &Board) -> PathBuf {
        for (path, bytes) in board.record().files {
            self.write(&format!("{name}/{path}"), &bytes);
        }
        self.folder.path().join(name)
    }

    fn check(&self, file: &Path, more: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_auditor"))
            .args(["evidence", "check", file.to_str().unwrap()])
            .args(more)
            .output()
            .unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!text.contains("panicked") && !text.contains('\u{1b}'), "{text}");
        (output.status.code().unwrap(), text)
    }

    fn evidence(&self, claim: Claim, more: &[&str]) -> (i32, String) {
        let log = self.board.manifest.log_key();
        let file = self.write("evidence.json", Evidence::new(&log, claim).text().as_bytes());
        self.check(&file, &[&["--log-key", &log.vkey()][..], more].concat())
    }

    /// A complaint with the record of `board`.
    fn judge(&self, complaint: Complaint, board: &Board) -> (i32, String) {
        let name = format!("record-{}", rand::random::<u64>());
        let record = self.record(&name, board);
        self.evidence(Claim::Complaint(complaint), &["--record", record.to_str().unwrap()])
    }
}

#[track_caller]
fn expect(answer: &(i32, String), status: i32, words: &str) {
    assert!(answer.0 == status && answer.1.contains(words), "{status} {words:?}: {} {}", answer.0, answer.1);
}

#[test]
fn honest_records_refute_complaints_and_say_what_became_of_the_ballot() {
    let board = Board::town();
    let ballots = |voter| board.ballots_of(voter);
    let desk = Desk::new(board.clone());
    // Without the record nothing is decided, and what the voter's program says is shown as such.
    let alone = desk.evidence(Claim::Complaint(complaint(&board, ballots(4)[0])), &[]);
    expect(&alone, 2, "UNDECIDED");
    assert!(alone.1.contains("which proves nothing") && alone.1.contains("gone\u{fffd}[2J"), "{}", alone.1);
    let counted = desk.judge(complaint(&board, ballots(4)[0]), &board);
    expect(&counted, 1, "REFUTED");
    assert!(counted.1.contains("mayor: one of the 9 ballots of the first mix's input"), "{}", counted.1);
    let village = desk.judge(complaint(&board, ballots(10)[0]), &board);
    assert!(village.0 == 1 && village.1.contains("village: withheld"), "{}", village.1);
    let last = *ballots(0).last().unwrap();
    expect(&desk.judge(complaint(&board, ballots(0)[0]), &board), 1, "the same voter has cast a later ballot");
    expect(&desk.judge(complaint(&board, last), &board), 1, "it was counted");
    expect(&desk.judge(complaint(&board, ballots(3)[0]), &board), 2, "cancelled this voter's ballots (not eligible");
    // Records that are not finished.
    let open = Board::town_voted();
    let at = open.ballots_of(4)[0];
    let voting = Desk::new(open.clone());
    expect(&voting.judge(complaint(&open, at), &open), 1, "voting had not been closed");
    let mut closed = open.clone();
    closed.close();
    expect(&voting.judge(complaint(&closed, at), &closed), 2, "is not mixed yet");
    let mut early = open.clone();
    early.entries.truncate(at);
    expect(&voting.judge(complaint(&open, at), &early), 2, "older than the receipt");
    // A receipt of more entries than the board had when it ended: there is no newer record to get.
    let late = board.ballots_of(4)[0];
    let mut longer = board.clone();
    longer.entries.push(board.entries[late].clone());
    let end = board.entries.len();
    let promise = |at| Complaint { receipt: receipt(&longer, at, end + 1).text(), ..complaint(&board, late) };
    let ended = desk.judge(promise(end), &board);
    expect(&ended, 0, "PROVEN");
    let words = format!("entry {end}, the ballot's, is not in the board that was ended");
    assert!(ended.1.contains(&words) && ended.1.contains("Against: the collector, which signed both"), "{}", ended.1);
    expect(&desk.judge(promise(late), &board), 0, "whether the ballot is in the board that was ended is not decided");
    let mut forged = board.clone();
    let result = forged.entries.pop().unwrap().body;
    forged.entries.push(result.clone().sign(board.manifest.id(), &board.keys.collector));
    expect(&desk.judge(promise(end), &forged), 0, "that the election commission has not signed");
    // Without the result there may still be more to come.
    forged.entries.pop();
    expect(&desk.judge(promise(end), &forged), 2, "older than the receipt");
    // Records that are not usable.
    let other = Board::smallest();
    expect(&voting.judge(complaint(&open, at), &other), 2, "the record cannot be used");
    let record = voting.record("damaged", &open);
    let bundle = std::fs::read_dir(record.join("tile/entries/000.p")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&bundle).unwrap();
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    let damaged = voting.evidence(Claim::Complaint(complaint(&open, at)), &["--record", record.to_str().unwrap()]);
    expect(&damaged, 2, "damaged or forged");
    let nowhere = voting.evidence(Claim::Complaint(complaint(&open, at)), &["--record", "/nowhere"]);
    expect(&nowhere, 2, "the record cannot be used");
}

#[test]
fn a_ballot_that_is_lost_is_proven() {
    let board = Board::town_voted();
    let desk = Desk::new(board.clone());
    let at = board.ballots_of(4)[0];
    // Taken off the board, which goes on without it.
    let mut without = board.clone();
    without.entries.remove(at);
    let answer = desk.judge(complaint(&board, at), &without);
    expect(&answer, 0, "PROVEN: the log");
    // Changed in its place.
    let mut changed = board.clone();
    changed.entries.swap(at, at + 1);
    expect(&desk.judge(complaint(&board, at), &changed), 0, "contradict each other");
    // The same without the record, when the board has given a proof for another entry in that place.
    let proof = ReplacedEntry {
        leaf: board.entries[at].leaf_hash(),
        receipt: complaint(&board, at).receipt,
        other_leaf: changed.entries[at].leaf_hash(),
        other_receipt: receipt(&changed, at, changed.entries.len()).text(),
    };
    expect(&desk.evidence(Claim::ReplacedEntry(proof.clone()), &[]), 0, "PROVEN");
    let with = |proof| Complaint { proofs: vec![proof], ..complaint(&board, at) };
    expect(&desk.evidence(Claim::Complaint(with(Proof::ReplacedEntry(proof.clone()))), &[]), 0, "PROVEN");
    let other = ReplacedEntry {
        leaf: proof.other_leaf,
        other_leaf: proof.leaf,
        receipt: proof.other_receipt.clone(),
        other_receipt: proof.receipt.clone(),
    };
    expect(&desk.evidence(Claim::Complaint(with(Proof::ReplacedEntry(other))), &[]), 1, "DOES NOT HOLD");
    let size = (at + 1) as u64;
    let (one, two) = (receipt(&board, at, at + 1), receipt(&changed, at, at + 1));
    let fork = Fork::new((&one.checkpoint, size), (&two.checkpoint, size), [0; 32], &[]);
    expect(&desk.evidence(Claim::Complaint(with(Proof::Fork(fork))), &[]), 0, "PROVEN");
}

#[test]
fn a_ballot_that_the_first_mix_left_out_is_proven() {
    let mut board = Board::town_voted();
    let at = board.ballots_of(4)[0];
    board.close();
    // Everybody colludes: the first mix takes the list without one of the ballots.
    for contest in [0, 1, 2].map(ContestIndex) {
        let list = Arc::clone(&board.lists[&contest]);
        let vectors: Vec<Vec<EncodedCiphertext>> = (1..list.len())
            .map(|i| (0..list.width()).map(|limb| list.ciphertext(i, limb).unwrap()).collect())
            .collect();
        let short = CiphertextList::from_vectors(list.width(), vectors.iter().map(Vec::as_slice)).unwrap();
        let short = Arc::new(short);
        board.mix_as_if(contest, 1, &short, &short);
    }
    let desk = Desk::new(board.clone());
    let answer = desk.judge(complaint(&board, at), &board);
    expect(&answer, 0, "PROVEN");
    assert!(answer.1.contains("Against: the first mix server"), "{}", answer.1);
}

#[test]
fn what_others_signed_in_the_voters_place_is_proven() {
    let board = Board::town_voted();
    let at = board.ballots_of(4)[0];
    let desk = Desk::new(board.clone());
    let stranger = SigningKey::generate(&mut OsRng);
    // A later ballot of the voter's, which the voter has not signed.
    let mut replaced = board.clone();
    let ballot = EntryBody::Ballot(replaced.ballot(4));
    replaced.post(ballot, &stranger);
    let tree = replaced.tree();
    let closing = Closing { time: CLOSES, size: tree.size(), root: tree.root() };
    let keys = Arc::clone(&replaced.keys);
    replaced.post(EntryBody::Closing(closing), &keys.commission);
    expect(&desk.judge(complaint(&replaced, at), &replaced), 0, "the voter has not signed it");
    // A cancellation and a closing that the commission has not signed.
    let mut cancelled = board.clone();
    let voter = cancelled.keys.voters[4].0;
    let reason = CancellationReason::PaperVote;
    cancelled.post(EntryBody::Cancellation(selge_core::entry::Cancellation { voter, reason }), &stranger);
    expect(&desk.judge(complaint(&cancelled, at), &cancelled), 0, "is not signed by the election commission");
    let mut closed = board.clone();
    let tree = closed.tree();
    let closing = Closing { time: CLOSES, size: tree.size(), root: tree.root() };
    closed.post(EntryBody::Closing(closing), &stranger);
    expect(&desk.judge(complaint(&closed, at), &closed), 0, "is not signed by the election commission");
    // A ballot that was taken in after the closing, with a receipt.
    let mut late = board.clone();
    late.close();
    let ballot = EntryBody::Ballot(late.ballot(11));
    let keys = Arc::clone(&late.keys);
    late.post(ballot, &keys.voters[11].1);
    expect(&desk.judge(complaint(&late, late.entries.len() - 1), &late), 0, "after the closing");
}

#[test]
fn forged_and_tampered_complaints_prove_nothing() {
    let board = Board::town_voted();
    let desk = Desk::new(board.clone());
    let (at, other) = (board.ballots_of(4)[0], board.ballots_of(5)[0]);
    let good = complaint(&board, at);
    let holds = |complaint: Complaint| desk.evidence(Claim::Complaint(complaint), &[]);
    expect(&holds(good.clone()), 2, "The receipt holds");
    // A receipt for another ballot, a ballot that is none, a changed one.
    expect(&holds(Complaint { ballot: Base64(board.entries[other].to_bytes()), ..good.clone() }), 1, "DOES NOT HOLD");
    expect(&holds(Complaint { ballot: Base64(board.entries[1].to_bytes()), ..good.clone() }), 1, "not a ballot");
    expect(&holds(Complaint { ballot: Base64(vec![1, 2, 3]), ..good.clone() }), 1, "not an entry");
    // A receipt that the voter made.
    let mut forged = board.clone();
    let own = SigningKey::generate(&mut OsRng);
    forged.entries.swap(1, 2);
    let tree = forged.tree();
    let checkpoint = Checkpoint { origin: board.manifest.log_key().origin, size: tree.size(), root: tree.root() };
    let receipt = Receipt {
        index: at as u64,
        proof: tree.inclusion_proof(at as u64, tree.size()).unwrap(),
        checkpoint: checkpoint.sign(&own),
    };
    expect(&holds(Complaint { receipt: receipt.text(), ..good.clone() }), 1, "not signed by the log");
    let text = Evidence::new(&board.manifest.log_key(), Claim::Complaint(good.clone())).text();
    let vkey = board.manifest.log_key().vkey();
    // Bytes of the receipt: any change is found.
    let start = text.find("tlog-proof").unwrap();
    for step in 0..40 {
        let mut bytes = text.clone().into_bytes();
        bytes[start + step * 7] ^= 1;
        let file = desk.write("tampered.json", &bytes);
        let answer = desk.check(&file, &["--log-key", &vkey]);
        assert_eq!(answer.0, 1, "{step}: {}", answer.1);
    }
    // Another election's key; no key; no file; no evidence at all.
    let file = desk.write("good.json", text.as_bytes());
    expect(&desk.check(&file, &["--log-key", &Board::smallest().manifest.log_key().vkey()]), 1, "DOES NOT HOLD");
    expect(&desk.check(&file, &[]), 3, "whose key?");
    expect(&desk.check(&file, &["--log-key", "nonsense"]), 3, "--log-key");
    expect(&desk.check(Path::new("/nowhere"), &["--log-key", &vkey]), 3, "cannot read");
    expect(&desk.check(&desk.write("empty", b""), &["--log-key", &vkey]), 1, "not a file of evidence");
    expect(&desk.check(&desk.write("huge", &vec![b' '; 2 << 20]), &["--log-key", &vkey]), 3, "another file");
    // The manifest does for the key.
    let digest = selge_core::ids::Digest(board.manifest.id().0);
    let manifest = desk.write("manifest.json", &board.files[&digest]);
    expect(&desk.check(&file, &["--manifest", manifest.to_str().unwrap()]), 2, "The receipt holds");
}

#[test]
fn witnesses_that_cosigned_both_states_of_a_fork_are_named() {
    let board = Board::town_voted();
    let mut changed = board.clone();
    let at = board.ballots_of(4)[0];
    changed.entries.swap(at, at + 1);
    let note = |board: &Board, witnesses: &[usize]| {
        let checkpoint = board.checkpoint();
        let lines: String = witnesses.iter().map(|i| board.cosign(*i, &checkpoint)).collect();
        checkpoint.sign(&board.keys.collector) + &lines
    };
    let desk = Desk::new(board.clone());
    let size = board.checkpoint().size;
    let fork = |one: &[usize], other: &[usize]| {
        Fork::new((&note(&board, one), size), (&note(&changed, other), size), [0; 32], &[])
    };
    let EntryBody::Manifest(digest) = &board.entries[0].body else { panic!("the manifest stands first") };
    let manifest = desk.write("manifest.json", &board.files[digest]);
    let with_manifest = |fork: Fork| {
        let file =
            desk.write("fork.json", Evidence::new(&board.manifest.log_key(), Claim::Fork(fork)).text().as_bytes());
        desk.check(&file, &["--manifest", manifest.to_str().unwrap()])
    };
    let both = with_manifest(fork(&[1, 2], &[1, 3]));
    expect(&both, 0, "Witnesses: 2 cosigned the first state and 2 the second, of 3; 2 are the quorum.");
    assert!(both.1.contains("Both were cosigned by w1.example: a witness must never do that"), "{}", both.1);
    expect(&with_manifest(fork(&[1], &[2])), 0, "None of them cosigned both.");
    // A line under a witness's name that does not hold is no cosignature.
    let copied = note(&board, &[1]).lines().last().unwrap().to_owned() + "\n";
    let forged = note(&changed, &[]) + &copied;
    let forged = Fork::new((&note(&board, &[1]), size), (&forged, size), [0; 32], &[]);
    let found = with_manifest(forged.clone());
    expect(&found, 0, "1 cosigned the first state and 0 the second");
    assert!(!found.1.contains("w1.example"), "{}", found.1);
    // Without the manifest nobody knows the witnesses' keys.
    let named = desk.evidence(Claim::Fork(forged), &[]);
    expect(&named, 0, "Both states have lines in the name of w1.example. Give --manifest to learn whether");
    let none = desk.evidence(Claim::Fork(fork(&[], &[])), &[]);
    assert!(none.0 == 0 && !none.1.contains("itness"), "{}", none.1);
}
