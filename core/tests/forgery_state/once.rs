//! What is said once, and not before what it rests on: set-up, signatures, shapes and numbers.

use super::*;
use selge_core::ballot::BallotError;
use selge_core::elgamal::PublicKey;
use selge_core::plaintext::{ContestContext, ContestError, EncryptedContest, Layout};

#[test]
fn the_first_entry_is_the_commissions_and_names_this_manifest() {
    let manifest = Arc::clone(Board::new().election.manifest());
    let start =
        |body: EntryBody, of: u8| Election::start(Arc::clone(&manifest), &body.sign(manifest.id(), &signer(of)));
    let own = EntryBody::Manifest(Digest(manifest.id().0));
    assert!(start(own.clone(), COMMISSION).is_ok());
    assert!(matches!(start(own, COLLECTOR), Err(EntryError::Signature { .. })));
    let another = start(EntryBody::Manifest(Digest([9; 32])), COMMISSION);
    assert!(matches!(another, Err(EntryError::Mismatch { .. })));
    assert!(matches!(start(EntryBody::Roll(Digest([9; 32])), COMMISSION), Err(EntryError::Phase { .. })));
}

#[test]
fn each_round_of_the_ceremony_waits_for_the_one_before_and_nobody_speaks_twice() {
    let (mut board, mut other) = (Board::new(), Board::new());
    other.commit();
    let foreign = other.election.round1().unwrap();
    let foreign = foreign.deal(&other.election.ceremony(), TrusteeIndex(1), &other.secrets[0]).unwrap();
    let duplicate = |error: EntryError| assert!(matches!(error, EntryError::Duplicate(_)), "{error}");
    let early = |error: EntryError| assert!(matches!(error, EntryError::Phase { .. }), "{error}");

    let (_, message) = Commitments::make(&board.election.ceremony(), TrusteeIndex(1), &mut OsRng);
    early(board.refused(EntryBody::Shares(foreign.clone()), TRUSTEE + 1));
    board.put(EntryBody::Commitments(message.clone()), TRUSTEE + 1);
    duplicate(board.refused(EntryBody::Commitments(message), TRUSTEE + 1));
    let (_, second) = Commitments::make(&board.election.ceremony(), TrusteeIndex(1), &mut OsRng);
    duplicate(board.refused(EntryBody::Commitments(second), TRUSTEE + 1));
    early(board.refused(EntryBody::Shares(foreign), TRUSTEE + 1));

    let mut board = Board::new();
    board.commit();
    // The joint key is known now, and what all commitments and no shares hash to; neither makes a confirmation.
    let mut bytes = Vec::new();
    board.election.commitments().for_each(|m| m.encode(&mut bytes));
    let confirmation =
        Confirmation { trustee: TrusteeIndex(1), ceremony: Digest::of(&bytes), joint_key: board.joint_key() };
    assert_eq!(board.election.ceremony_digest(), None);
    early(board.refused(EntryBody::Confirmation(confirmation), TRUSTEE + 1));
    let shares = |board: &Board| {
        let round1 = board.election.round1().unwrap();
        EntryBody::Shares(round1.deal(&board.election.ceremony(), TrusteeIndex(1), &board.secrets[0]).unwrap())
    };
    assert!(matches!(board.refused(shares(&board), TRUSTEE + 2), EntryError::Signature { .. }));
    board.put(shares(&board), TRUSTEE + 1);
    duplicate(board.refused(shares(&board), TRUSTEE + 1));
    assert_eq!(board.election.ceremony_digest(), None);
}

#[test]
fn one_roll_is_taken_whose_file_is_there_and_is_the_one_named() {
    let mut board = Board::new();
    let roll = EntryBody::Roll(Digest::of(&board.roll.to_bytes()));
    let error = board.refused(EntryBody::Roll(Digest([9; 32])), REGISTRAR);
    assert!(matches!(error, EntryError::Mismatch { .. }), "{error}");
    let missing = board.election.check(&board.sign(roll.clone(), REGISTRAR), &CheckInput::default());
    assert!(matches!(missing, Err(EntryError::Phase { .. })));
    assert!(matches!(board.refused(roll.clone(), COLLECTOR), EntryError::Signature { .. }));
    board.put(roll.clone(), REGISTRAR);
    assert!(matches!(board.refused(roll, REGISTRAR), EntryError::Duplicate(_)));
    assert_eq!(board.election.roll_digest(), Some(&Digest::of(&board.roll.to_bytes())));
}

/// Where voting may end early, it does not end before it began.
#[test]
fn a_closing_is_not_earlier_than_the_opening() {
    let mut document = document();
    document["early_close"] = json!(true);
    let mut board = Board::of(&document, |election| election);
    board.complete_setup();
    board.put(board.opening(OPENS + 5), COMMISSION);
    assert_eq!(board.election.opening().map(|opening| opening.time), Some(OPENS + 5));
    let too_early = board.refused(EntryBody::Closing(board.closing(OPENS + 4)), COMMISSION);
    assert!(matches!(too_early, EntryError::Time { .. }), "{too_early}");
    board.put(EntryBody::Closing(board.closing(OPENS + 5)), COMMISSION);
}

/// A ballot with more ciphertexts than its contest has, all of them proven: the list of the count would have another shape.
#[test]
fn a_ballot_of_another_shape_is_refused_and_a_cancellation_without_a_ballot_takes_none_away() {
    let mut board = Board::voting();
    let key = board.election.joint_key().unwrap().public_key();
    let (id, layout) = (board.id(), Layout::new(1 << 20).unwrap());
    let (voter, style, contest) = (voter(2), StyleIndex(1), ContestIndex(0));
    let ctx = ContestContext { election: &id, joint_key: key, voter, style, contest, layout };
    let contest = EncryptedContest::encrypt(&ctx, 7, &mut OsRng).unwrap();
    contest.verify(&ctx).unwrap();
    let wide = EncryptedBallot { contests: vec![contest], ..ballot_of(&board.ballot(2, 0)) };
    let error = board.refused(EntryBody::Ballot(wide), VOTER + 2);
    let EntryError::BallotShape { source: BallotError::Contest { source, .. }, .. } = error else { panic!("{error}") };
    assert_eq!(source, ContestError::Shape { what: "ciphertexts", found: 2, expected: 1 });

    board.cast(1);
    board.put(Board::cancel(3), COMMISSION);
    let numbers = board.election.numbers();
    assert_eq!((numbers.cast, numbers.superseded, numbers.cancelled, numbers.counted), (1, 0, 0, 1));
}

#[test]
fn signatures_checked_together_are_those_of_ballots_of_voters_on_the_roll() {
    let mut board = Board::voting();
    let good = [board.ballot(1, 0), board.ballot(2, 1)];
    let mut forged = board.ballot(3, 0);
    forged.signature.0[40] ^= 1;
    let stranger = EncryptedBallot { voter: voter(77), ..ballot_of(&good[0]) };
    let stranger = board.sign(EntryBody::Ballot(stranger), VOTER + 1);
    let cancellation = board.sign(Board::cancel(4), COMMISSION);
    let entries = [Some(&good[0]), None, Some(&forged), Some(&stranger), Some(&cancellation), Some(&good[1])];
    let signed = board.election.check_signatures(&entries);
    let held: Vec<_> = signed.iter().map(Option::is_some).collect();
    assert_eq!(held, [true, false, false, false, false, true]);
    for signed in signed.iter().flatten() {
        board.election.check_signed(signed).unwrap();
    }
    board.close();
    for signed in signed.iter().flatten() {
        assert!(matches!(board.election.check_signed(signed), Err(EntryError::Phase { .. })));
    }
}

/// An encoded contest has one ciphertext at least and no more than a choice can need.
#[test]
fn a_contest_without_ciphertexts_or_with_too_many_is_not_read() {
    let key = PublicKey::new(RistrettoPoint::mul_base(&random_scalar(&mut OsRng))).unwrap();
    let (voter, style, contest, layout) = (voter(1), StyleIndex(0), ContestIndex(0), Layout::new(100).unwrap());
    let ctx = ContestContext { election: &ElectionId([1; 32]), joint_key: &key, voter, style, contest, layout };
    let bytes = EncryptedContest::encrypt(&ctx, 7, &mut OsRng).unwrap().to_bytes();
    // Contest, width, and for each ciphertext itself, the complement's commitment and the proof of knowledge.
    let (each, range) = bytes[3..].split_at(32 * (2 + 1 + 4));
    for (width, read) in [(0u8, false), (1, true), (8, true), (9, false), (255, false)] {
        let w = usize::from(width);
        let parts = [each[..64].repeat(w), each[64..96].repeat(w), each[96..].repeat(w)].concat();
        let bytes = [&[0, 0, width][..], &parts, range].concat();
        assert_eq!(EncryptedContest::from_bytes(&bytes).is_ok(), read, "{width} ciphertexts");
    }
    let layout = Layout::new(1 << 20).unwrap();
    assert_eq!(layout.number(&[5, 1]), Some((1 << 16) + 5));
    for limbs in [&[][..], &[5], &[5, 1, 0]] {
        assert_eq!(layout.number(limbs), None);
    }
}

/// A result waits for every contest that is counted, not for one of them.
#[test]
fn a_result_waits_for_every_contest() {
    let mut board = Board::new();
    let voters = board.roll.entries().iter().map(|entry| RollEntry { style: StyleIndex(0), ..*entry }).collect();
    board.roll = Arc::new(Roll::new(voters).unwrap());
    let mut board = board.opened();
    board.cast(1);
    board.cast(2);
    board.close();
    let result = EntryBody::Result(Digest([7; 32]));
    for contest in [0u16, 1] {
        let error = board.refused(result.clone(), COMMISSION);
        assert!(matches!(error, EntryError::Phase { .. }), "{error}");
        let input = *board.election.counted()[usize::from(contest)].list().digest();
        board.put(board.mix(contest, 1, input, 1), MIXER + 1);
        board.put(board.mix(contest, 2, Digest([1; 32]), 2), MIXER + 2);
        for trustee in [1u16, 2] {
            let (contest, input, factors) = (ContestIndex(contest), Digest([2; 32]), Digest([3; 32]));
            let body = Decryption { trustee: TrusteeIndex(trustee), contest, input, factors };
            board.put(EntryBody::Decryption(body), TRUSTEE + trustee as u8);
        }
    }
    board.put(result, COMMISSION);
}
