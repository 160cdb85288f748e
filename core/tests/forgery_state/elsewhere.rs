//! A state whose ballots lie elsewhere, and entries that carry with them what has been checked: both take nothing on trust.

use super::*;
use selge_core::election::{BallotsError, SignedBallotEntry, VerifiedBallotEntry};
use std::collections::BTreeMap;

/// The same entries given to a state that keeps ciphertexts and to one that does not.
#[test]
fn the_count_is_the_same_from_memory_and_from_ballots_read_back_and_nothing_else_is_counted() {
    let mut board = Board::beginning_with(Election::without_ciphertexts).opened();
    let mut full = Election::start(Arc::clone(board.election.manifest()), &first(&board)).unwrap();
    replay_setup(&board, &mut full);
    let mut stored = BTreeMap::new();
    let mut give = |board: &mut Board, full: &mut Election, entry: SignedEntry| {
        stored.insert(board.election.size(), entry.to_bytes());
        board.take(&entry);
        full.apply(entry.clone(), entry.leaf_hash(), &CheckInput::default()).unwrap();
    };
    for (voter, candidate) in [(1, 0), (2, 1), (3, 2), (2, 0), (4, 1), (5, 2)] {
        let entry = board.ballot(voter, candidate);
        give(&mut board, &mut full, entry);
    }
    let cancelled = board.sign(Board::cancel(3), COMMISSION);
    give(&mut board, &mut full, cancelled);

    let closing = board.sign(EntryBody::Closing(board.closing(CLOSES)), COMMISSION);
    let input = CheckInput { roll: None, root: Some(board.tree.root()) };
    board.check(&closing).unwrap();
    let apply = |board: &mut Board| board.election.apply(closing.clone(), closing.leaf_hash(), &input);
    // Without the ballots nothing is counted, and nothing has changed.
    let size = board.election.size();
    assert!(matches!(apply(&mut board), Err(EntryError::Phase { .. })));
    assert_eq!((board.election.size(), board.election.phase()), (size, Phase::Voting));
    // What is read must be what the board has in that place.
    let read = |at: u64| stored.get(&at).cloned().ok_or("gone");
    let newest = *stored.keys().nth(3).unwrap();
    let older = *stored.keys().nth(1).unwrap();
    for (at, bytes) in [(newest, stored[&older].clone()), (newest, Vec::new()), (newest, vec![1; 70_000])] {
        let other = |asked: u64| if asked == at { Ok(bytes.clone()) } else { read(asked) };
        assert_eq!(board.election.count_from(other).unwrap_err(), BallotsError::Another { index: at });
    }
    let missing = |asked: u64| if asked == newest { Err("gone") } else { read(asked) };
    let error = board.election.count_from(missing).unwrap_err();
    assert_eq!(error, BallotsError::Unreadable { index: newest, error: "gone" });
    // Superseded and cancelled ballots are not even read.
    let needed = |asked: u64| {
        assert!(asked != older && asked != older + 1, "entry {asked} does not count");
        read(asked)
    };
    // What was read before the board grew is of another moment.
    let before = Board::beginning_with(Election::without_ciphertexts).opened();
    board.election.bring(before.election.count_from(read).unwrap());
    assert!(matches!(apply(&mut board), Err(EntryError::Phase { .. })));

    let counted = board.election.count_from(needed).unwrap();
    board.election.bring(counted);
    apply(&mut board).unwrap();
    full.apply(closing.clone(), closing.leaf_hash(), &input).unwrap();
    assert_eq!(board.election.numbers(), full.numbers());
    assert_eq!(board.election.counted().len(), 2);
    for (lean, full) in board.election.counted().iter().zip(full.counted()) {
        assert_eq!(lean.list().digest(), full.list().digest());
        assert_eq!(lean.withheld(), full.withheld());
    }
    assert_eq!(board.election.counted()[0].list().len(), 4);
}

fn first(board: &Board) -> SignedEntry {
    board.sign(EntryBody::Manifest(Digest(board.id().0)), COMMISSION)
}

/// Lets another state take in what the board's set-up was.
fn replay_setup(board: &Board, full: &mut Election) {
    let mut entries: Vec<_> = board.election.commitments().cloned().map(EntryBody::Commitments).collect();
    entries.extend(board.election.shares().cloned().map(EntryBody::Shares));
    entries.extend(Board::trustees().map(|(trustee, _)| board.confirmation(trustee)));
    entries.push(EntryBody::Roll(Digest::of(&board.roll.to_bytes())));
    entries.push(board.opening(OPENS));
    for body in entries {
        let entry = board.sign(body, COMMISSION);
        let input = CheckInput { roll: Some(&board.roll), root: None };
        full.apply(entry.clone(), entry.leaf_hash(), &input).unwrap();
    }
    assert_eq!(full.size(), board.election.size());
}

#[test]
fn an_entry_carries_only_what_has_been_checked_of_it() {
    let mut board = Board::voting();
    let key = |i: u8| signer(VOTER + i).verifying_key();
    let good = board.ballot(2, 1);
    // Signed by the voter, with proofs for other bytes.
    let spoilt = {
        let mut bytes = ballot_of(&board.ballot(3, 1)).to_bytes();
        let at = bytes.len() - 32;
        bytes[at] ^= 1;
        board.sign(EntryBody::Ballot(EncryptedBallot::from_bytes(&bytes).unwrap()), VOTER + 3)
    };
    let theirs = board.sign(EntryBody::Ballot(ballot_of(&board.ballot(4, 1))), VOTER + 5);
    let cancellation = board.sign(Board::cancel(5), COMMISSION);
    let cases = vec![
        (good.clone(), key(2)),
        (spoilt, key(3)),
        (theirs.clone(), key(4)),
        (cancellation, signer(COMMISSION).verifying_key()),
        // Holds, but under a key that is not the voter's.
        (theirs, key(5)),
    ];
    let signed = SignedBallotEntry::check_each(&board.id(), cases);
    assert_eq!(signed.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, false, true]);
    let signed: Vec<_> = signed.into_iter().flatten().collect();
    assert_eq!(board.election.check_signed(&signed[0].signed()), Ok(()));
    let not_theirs = board.election.check_signed(&signed[2].signed());
    assert!(matches!(not_theirs, Err(EntryError::NotOnRoll(id)) if id == voter(4)), "{not_theirs:?}");
    let joint = board.election.joint_key().unwrap().public_key().clone();
    let manifest = Arc::clone(board.election.manifest());
    let verified = VerifiedBallotEntry::verify_each(&manifest, &joint, signed);
    assert_eq!(verified.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let verified = verified.into_iter().next().unwrap().unwrap();
    assert_eq!(verified.ballot(), &ballot_of(&good));
    // What it has carried does not outlast the state: another ballot has come first.
    let other = board.cast(2);
    assert!(matches!(board.election.check_signed(&verified.signed()), Err(EntryError::Stale { .. })));
    assert_ne!(other, good);
    assert_eq!(verified.into_entry(), good);
}
