//! Boards that should not be: everything that a collector, a commission, trustees and mix servers who collude could
//! put on one, given to the replay that every role runs.
#![allow(missing_docs)]

use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_core::ballot::EncryptedBallot;
use selge_core::ceremony::{CeremonyContext, CeremonyError, Commitments, Complaint, DealerSecret};
use selge_core::codec::{Decode, Encode, Reader};
use selge_core::election::{CheckInput, Election, EntryError, Phase};
use selge_core::entry::{
    Cancellation, CancellationReason, Closing, Confirmation, Decryption, EntryBody, EntryKind, Mix, Opening,
    SignedEntry,
};
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, Digest, ElectionId, LeafHash, MixIndex, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::roll::{Roll, RollEntry};
use selge_core::rules::Choice;
use selge_core::sign::SigningKey;
use selge_core::transcript::{label, proof, ProtocolTranscript};
use selge_core::tree::Tree;
use serde_json::json;
use std::sync::Arc;

#[path = "forgery_state/board.rs"]
mod board;
#[path = "forgery_state/elsewhere.rs"]
mod elsewhere;
#[path = "forgery_state/once.rs"]
mod once;

use board::*;

/// Every kind of entry in every phase: only where it belongs does anything but the phase decide.
#[test]
fn entries_of_another_phase_are_refused() {
    let digest = Digest([7; 32]);
    let sample = |board: &Board| -> Vec<(EntryBody, u8)> {
        let (_, commitments) = Commitments::make(&board.election.ceremony(), TrusteeIndex(1), &mut OsRng);
        let confirmation =
            Confirmation { trustee: TrusteeIndex(1), ceremony: digest, joint_key: RistrettoPoint::default() };
        let decryption =
            Decryption { trustee: TrusteeIndex(1), contest: ContestIndex(0), input: digest, factors: digest };
        vec![
            (EntryBody::Commitments(commitments), TRUSTEE + 1),
            (EntryBody::Confirmation(confirmation), TRUSTEE + 1),
            (EntryBody::Roll(digest), REGISTRAR),
            (
                EntryBody::Opening(Opening { roll: digest, joint_key: RistrettoPoint::default(), time: OPENS }),
                COMMISSION,
            ),
            (Board::cancel(1), COMMISSION),
            (EntryBody::Closing(board.closing(CLOSES)), COMMISSION),
            (board.mix(0, 1, digest, 1), MIXER + 1),
            (EntryBody::Decryption(decryption), TRUSTEE + 1),
            (EntryBody::Result(digest), COMMISSION),
        ]
    };
    let mut voting = Board::voting();
    let late = voting.ballot(3, 1);
    for i in [1, 2] {
        voting.cast(i);
    }
    let mut counting = Board::voting();
    for i in [1, 2] {
        counting.cast(i);
    }
    counting.close();
    let setup = |k: EntryKind| k < EntryKind::Ballot;
    let vote = |k: EntryKind| (EntryKind::Ballot..=EntryKind::Closing).contains(&k);
    let count = |k: EntryKind| k > EntryKind::Closing;
    let boards: [(&Board, &dyn Fn(EntryKind) -> bool); 3] =
        [(&Board::new(), &setup), (&voting, &vote), (&counting, &count)];
    for (board, belongs) in boards {
        for (body, of) in sample(board).into_iter().filter(|(body, _)| !belongs(body.kind())) {
            let kind = body.kind();
            let error = board.refused(body, of);
            let EntryError::Phase { why, .. } = error else { panic!("{error}") };
            let early =
                board.election.phase() == Phase::Setup || (board.election.phase() == Phase::Voting && count(kind));
            let expected = match (setup(kind), vote(kind), early) {
                (true, ..) => "set-up is over",
                (_, true, true) => "voting has not started",
                (_, true, false) => "voting has ended",
                (.., true) => "voting has not ended",
                (.., false) => "the count is over",
            };
            assert_eq!(why, expected, "{kind:?}");
        }
    }
    // A ballot after the close, though it was made and signed before.
    let election = ElectionId([1; 32]);
    assert_ne!(election, counting.id());
    assert!(matches!(counting.check(&late), Err(EntryError::Phase { kind: EntryKind::Ballot, .. })));
}

/// What a collector holds back, plays again, or gives to another.
#[test]
fn ballots_replayed_reordered_or_moved_are_refused() {
    let mut board = Board::voting();
    let held_back = board.ballot(1, 2);
    let first = board.cast(1);
    // The ballot held back named no predecessor; now there is one.
    assert!(matches!(board.check(&held_back), Err(EntryError::Stale { .. })));
    assert!(matches!(board.check(&first), Err(EntryError::Stale { .. })));
    let second = board.cast(1);
    let third = board.cast(1);
    for old in [&held_back, &first, &second, &third] {
        assert!(matches!(board.check(old), Err(EntryError::Stale { .. })));
    }
    // The same ballot made to follow the newest one, which the voter did not sign.
    let mut again = ballot_of(&first);
    again.previous = third.leaf_hash();
    let again = SignedEntry { body: EntryBody::Ballot(again), signature: first.signature };
    assert!(matches!(board.check(&again), Err(EntryError::Signature { .. })));
    // A second board entry of one ballot: another signature of it is another leaf, and as stale as the first.
    let resigned = board.sign(first.body.clone(), VOTER + 1);
    assert!(matches!(board.check(&resigned), Err(EntryError::Stale { .. })));
    // Somebody else's ballot: under the own name, in the owner's name, and by somebody not on the roll.
    let victim = board.ballot(2, 1);
    let key = board.election.joint_key().unwrap().public_key();
    let mut stolen = ballot_of(&victim);
    stolen.voter = voter(3);
    assert!(stolen.verify(board.election.manifest(), key).is_err());
    assert!(matches!(board.refused(victim.body.clone(), VOTER + 3), EntryError::Signature { .. }));
    stolen.voter = voter(77);
    assert!(matches!(board.refused(EntryBody::Ballot(stolen), VOTER + 3), EntryError::NotOnRoll(_)));
    // A style that the roll does not give: more contests, or fewer.
    for (i, style) in [(2, 0), (1, 1)] {
        let choices = vec![Choice::One(0); 2 - usize::from(style)];
        let previous = board.election.voter(&voter(i)).newest.map_or(LeafHash::NONE, |(_, leaf)| leaf);
        let style = StyleIndex(style);
        let manifest = board.election.manifest();
        let wrong = EncryptedBallot::encrypt(manifest, key, voter(i), style, previous, &choices, &mut OsRng).unwrap();
        wrong.verify(manifest, key).unwrap();
        assert!(matches!(board.refused(EntryBody::Ballot(wrong), VOTER + i), EntryError::WrongStyle { .. }));
    }
    // Contests exchanged, doubled or left out, in a ballot that is signed as such.
    let whole = ballot_of(&third);
    let [a, b] = &whole.contests[..] else { unreachable!("the long style has two contests") };
    for contests in [vec![b.clone(), a.clone()], vec![a.clone(), a.clone()], vec![a.clone()], vec![]] {
        let wrong = EncryptedBallot { contests, ..whole.clone() };
        assert!(wrong.verify(board.election.manifest(), key).is_err());
    }
    // A contest's proof of an old ballot in a new one: the voter's own, and so the voter's own choice.
    let numbers = board.election.numbers();
    assert_eq!((numbers.cast, numbers.superseded, numbers.counted), (3, 2, 1));
}

/// One signature never says two things, and no entry has two encodings.
#[test]
fn signatures_and_bytes_cannot_be_bent() {
    let board = Board::voting();
    let ballot = board.ballot(2, 1);
    // s + ℓ is the other encoding that a lax verifier takes.
    let mut other = ballot.clone();
    let mut carry = 0u16;
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    for (byte, l) in other.signature.0[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(l);
        *byte = carry as u8;
        carry >>= 8;
    }
    assert!(matches!(board.check(&other), Err(EntryError::Signature { .. })));
    // The kinds whose bodies are alike: a digest signed as a result is not one signed as a manifest or roll.
    let digest = Digest::of(&board.roll.to_bytes());
    let commission = signer(COMMISSION);
    let result = EntryBody::Result(digest).sign(&board.id(), &commission);
    for body in [EntryBody::Manifest(digest), EntryBody::Roll(digest)] {
        let moved = SignedEntry { body, signature: result.signature };
        assert!(moved.verify(&board.id(), &commission.verifying_key()).is_err());
    }
    // Every prefix, every extension and every inner length that is off by one.
    let bytes = ballot.to_bytes();
    for at in 0..bytes.len() {
        assert!(SignedEntry::from_bytes(&bytes[..at]).is_err());
    }
    for extra in [&[0u8][..], &[1, 2, 3], &bytes] {
        assert!(SignedEntry::from_bytes(&[&bytes, extra].concat()).is_err());
    }
    for (at, change) in [(5, 1u8), (5, 0xff), (bytes.len() - 65, 1), (bytes.len() - 65, 0xff)] {
        let mut bad = bytes.clone();
        bad[at] = bad[at].wrapping_add(change);
        assert!(SignedEntry::from_bytes(&bad).is_err());
    }
    // An entry of another election, whose parties and keys are the same.
    let elsewhere = ballot.body.clone().sign(&ElectionId([1; 32]), &signer(VOTER + 2));
    assert!(matches!(board.check(&elsewhere), Err(EntryError::Signature { .. })));
}

/// The commission's own entries bind it to the board as it is.
#[test]
fn openings_closings_and_cancellations_say_what_the_board_says() {
    let mut board = Board::new();
    board.commit();
    board.deal();
    board.put(board.confirmation(TrusteeIndex(1)), TRUSTEE + 1);
    board.put(board.confirmation(TrusteeIndex(2)), TRUSTEE + 2);
    board.put(EntryBody::Roll(Digest::of(&board.roll.to_bytes())), REGISTRAR);
    // One confirmation short; trustee 3's cannot be given by another, nor twice, nor for another transcript.
    assert!(matches!(board.refused(board.opening(OPENS), COMMISSION), EntryError::Phase { .. }));
    let third = board.confirmation(TrusteeIndex(3));
    assert!(matches!(board.refused(third.clone(), TRUSTEE + 1), EntryError::Signature { .. }));
    assert!(matches!(board.refused(third.clone(), COMMISSION), EntryError::Signature { .. }));
    assert!(matches!(board.refused(board.confirmation(TrusteeIndex(1)), TRUSTEE + 1), EntryError::Duplicate(_)));
    for (ceremony, joint_key) in [
        (Digest([0; 32]), board.joint_key()),
        (board.election.ceremony_digest().unwrap(), board.joint_key() + board.joint_key()),
    ] {
        let wrong = EntryBody::Confirmation(Confirmation { trustee: TrusteeIndex(3), ceremony, joint_key });
        let error = board.refused(wrong, TRUSTEE + 3);
        assert!(matches!(error, EntryError::Mismatch { .. } | EntryError::JointKey { .. }), "{error}");
    }
    board.put(third, TRUSTEE + 3);
    // Another key, another roll, another time, another signer.
    for change in [
        |o: &mut Opening| o.joint_key += o.joint_key,
        |o: &mut Opening| o.joint_key = RistrettoPoint::default(),
        |o: &mut Opening| o.roll.0[0] ^= 1,
        |o: &mut Opening| o.time = OPENS - 1,
        |o: &mut Opening| o.time = CLOSES,
        |o: &mut Opening| o.time = u64::MAX,
    ] {
        let EntryBody::Opening(mut opening) = board.opening(OPENS) else { unreachable!("it is an opening") };
        change(&mut opening);
        board.refused(EntryBody::Opening(opening), COMMISSION);
    }
    board.refused(board.opening(OPENS), COLLECTOR);
    board.put(board.opening(OPENS + 5), COMMISSION);
    board.refused(board.opening(OPENS + 5), COMMISSION);

    for i in 1..=4 {
        board.cast(i);
    }
    board.cast(4);
    // A cancellation by anyone but the commission, of nobody, or twice; and a ballot after one.
    for of in [COLLECTOR, REGISTRAR, VOTER + 4] {
        assert!(matches!(board.refused(Board::cancel(4), of), EntryError::Signature { .. }));
    }
    assert!(matches!(board.refused(Board::cancel(99), COMMISSION), EntryError::NotOnRoll(_)));
    board.put(Board::cancel(4), COMMISSION);
    assert!(matches!(board.refused(Board::cancel(4), COMMISSION), EntryError::Duplicate(_)));
    assert!(matches!(board.check(&board.ballot(4, 1)), Err(EntryError::Cancelled { .. })));

    // A closing that leaves ballots out, names another tree, or comes too early.
    let good = board.closing(CLOSES);
    let mut short = Tree::new();
    (0..board.tree.size() - 1).for_each(|i| short.push(board.tree.leaf(i).unwrap()));
    for bad in [
        Closing { size: good.size - 1, root: short.root(), ..good },
        Closing { size: good.size - 1, ..good.clone() },
        Closing { root: short.root(), ..good.clone() },
        Closing { size: good.size + 1, ..good.clone() },
        Closing { time: CLOSES - 1, ..good.clone() },
        Closing { time: 0, ..good.clone() },
    ] {
        board.refused(EntryBody::Closing(bad), COMMISSION);
    }
    board.refused(EntryBody::Closing(good.clone()), COLLECTOR);
    board.put(EntryBody::Closing(good), COMMISSION);
    assert_eq!(board.election.phase(), Phase::Counting);
    let numbers = board.election.numbers();
    assert_eq!((numbers.cast, numbers.superseded, numbers.cancelled, numbers.counted), (5, 1, 1, 3));
    // The second contest has one ballot and stays closed.
    let sets = board.election.counted();
    assert_eq!((sets[0].list().len(), sets[0].withheld()), (3, false));
    assert_eq!((sets[1].list().len(), sets[1].withheld()), (1, true));
}

#[test]
fn a_list_of_as_many_ballots_as_the_privacy_floor_says_is_counted() {
    for (floor, withheld) in [(2, false), (3, false), (4, true)] {
        let mut document = document();
        document["privacy_floor"] = floor.into();
        let mut board = Board::of(&document, |election| election).opened();
        (2..=4).for_each(|i| drop(board.cast(i)));
        board.close();
        let set = &board.election.counted()[0];
        assert_eq!((set.list().len(), set.withheld()), (3, withheld), "floor {floor}");
    }
}

/// The chain of mixes and decryptions: skipped, repeated, of another contest, on another list.
#[test]
fn the_count_follows_one_chain() {
    let mut board = Board::voting();
    for i in 1..=3 {
        board.cast(i);
    }
    board.close();
    let input = *board.election.counted()[0].list().digest();
    let few = *board.election.counted()[1].list().digest();
    let decryption = |contest: u16, trustee: u16, input: Digest| {
        let (trustee, contest) = (TrusteeIndex(trustee), ContestIndex(contest));
        EntryBody::Decryption(Decryption { trustee, contest, input, factors: Digest([5; 32]) })
    };
    let result = || EntryBody::Result(Digest([6; 32]));
    // The second mix first, the first by another, on the output of nothing, on another contest's list; a third mix.
    board.refused(board.mix(0, 2, input, 1), MIXER + 2);
    board.refused(board.mix(0, 1, input, 1), MIXER + 2);
    board.refused(board.mix(0, 1, Digest([1; 32]), 1), MIXER + 1);
    board.refused(board.mix(0, 1, few, 1), MIXER + 1);
    board.refused(board.mix(0, 3, input, 1), MIXER + 1);
    board.refused(board.mix(0, 0, input, 1), MIXER + 1);
    board.refused(board.mix(9, 1, input, 1), MIXER + 1);
    // A withheld contest is neither mixed nor decrypted.
    board.refused(board.mix(1, 1, few, 1), MIXER + 1);
    board.refused(decryption(1, 1, few), TRUSTEE + 1);
    board.refused(decryption(0, 1, input), TRUSTEE + 1);
    board.put(board.mix(0, 1, input, 1), MIXER + 1);
    for again in [input, Digest([1; 32])] {
        assert!(matches!(board.refused(board.mix(0, 1, again, 2), MIXER + 1), EntryError::Duplicate(_)));
    }
    // The second server's input is the first's output and nothing else.
    board.refused(board.mix(0, 2, input, 2), MIXER + 2);
    board.refused(decryption(0, 1, Digest([1; 32])), TRUSTEE + 1);
    board.refused(result(), COMMISSION);
    board.put(board.mix(0, 2, Digest([1; 32]), 2), MIXER + 2);
    board.refused(board.mix(0, 3, Digest([2; 32]), 3), MIXER + 1);
    for list in [input, Digest([1; 32]), few] {
        board.refused(decryption(0, 1, list), TRUSTEE + 1);
    }
    board.refused(decryption(0, 1, Digest([2; 32])), TRUSTEE + 2);
    board.put(decryption(0, 1, Digest([2; 32])), TRUSTEE + 1);
    board.refused(decryption(0, 1, Digest([2; 32])), TRUSTEE + 1);
    board.refused(decryption(0, 4, Digest([2; 32])), TRUSTEE + 1);
    board.refused(result(), COMMISSION);
    board.put(decryption(0, 3, Digest([2; 32])), TRUSTEE + 3);
    board.refused(result(), COLLECTOR);
    board.put(result(), COMMISSION);
    let over = board.refused(result(), COMMISSION);
    assert!(matches!(over, EntryError::Phase { why: "the count is over", .. }), "{over}");
    board.refused(decryption(0, 2, Digest([2; 32])), TRUSTEE + 2);
}

/// Of three mixes the last takes the second's output: the first's would let it leave a mix out.
#[test]
fn every_mix_follows_the_one_before_it() {
    let mut document = document();
    let third = json!({"name": "third.example", "key": signer(MIXER + 3).verifying_key()});
    document["mix_servers"].as_array_mut().unwrap().push(third);
    let mut board = Board::of(&document, |election| election).opened();
    for i in 1..=2 {
        board.cast(i);
    }
    board.close();
    let input = *board.election.counted()[0].list().digest();
    board.put(board.mix(0, 1, input, 1), MIXER + 1);
    board.put(board.mix(0, 2, Digest([1; 32]), 2), MIXER + 2);
    for other in [input, Digest([1; 32])] {
        let error = board.refused(board.mix(0, 3, other, 3), MIXER + 3);
        assert!(matches!(error, EntryError::Mismatch { .. }), "{error}");
    }
    board.put(board.mix(0, 3, Digest([2; 32]), 3), MIXER + 3);
}

/// Ceremony messages made to blame somebody else, or to cancel somebody else's part of the key.
#[test]
fn the_ceremony_blames_the_guilty() {
    let mut board = Board::new();
    let ctx = CeremonyContext { ..board.election.ceremony() };
    let (_, honest) = Commitments::make(&ctx, TrusteeIndex(1), &mut OsRng);
    // Trustee 2 hands in trustee 1's commitments: as they are, and with its own number on them.
    assert!(matches!(board.refused(EntryBody::Commitments(honest.clone()), TRUSTEE + 2), EntryError::Signature { .. }));
    let mut copied = honest.clone();
    copied.trustee = TrusteeIndex(2);
    assert!(matches!(board.refused(EntryBody::Commitments(copied), TRUSTEE + 2), EntryError::Ceremony(_)));
    board.commit();
    board.deal();
    let (accuser, dealer) = (TrusteeIndex(1), TrusteeIndex(2));
    let round1 = board.election.round1().unwrap();
    let own = |board: &Board, i: usize, about: TrusteeIndex| {
        board.election.round1().unwrap().complain(TrusteeIndex(i as u16), about, &board.secrets[i - 1])
    };
    // A complaint with a made-up secret, a foreign one, about oneself, or about nobody.
    let foreign = round1.complain(accuser, dealer, &board.secrets[2]);
    let made_up = |bytes: [u8; 32]| {
        let bytes = [&accuser.to_bytes()[..], &dealer.to_bytes(), &bytes].concat();
        Complaint::from_bytes(&bytes).unwrap()
    };
    for complaint in [foreign, made_up([0; 32]), made_up([0xff; 32]), own(&board, 1, accuser)] {
        board.refused(EntryBody::Complaint(complaint), TRUSTEE + 1);
    }
    board.refused(EntryBody::Complaint(own(&board, 1, TrusteeIndex(0))), TRUSTEE + 1);
    board.refused(EntryBody::Complaint(own(&board, 1, TrusteeIndex(4))), TRUSTEE + 1);
    board.refused(EntryBody::Complaint(own(&board, 1, dealer)), TRUSTEE + 3);
    // The bits of the secret that X25519 clears and sets make no other secret: the share still opens.
    let mut clamped = own(&board, 1, dealer).to_bytes();
    clamped[4] ^= 0b111;
    clamped[35] ^= 0b1100_0000;
    let clamped = Complaint::from_bytes(&clamped).unwrap();
    board.put(EntryBody::Complaint(clamped), TRUSTEE + 1);
    assert_eq!((board.election.phase(), board.election.culprit()), (Phase::Aborted, Some(accuser)));
    // Nothing follows, and above all no confirmation or opening.
    assert!(matches!(board.refused(board.confirmation(accuser), TRUSTEE + 1), EntryError::Phase { .. }));
    let roll = EntryBody::Roll(Digest::of(&board.roll.to_bytes()));
    assert!(matches!(board.refused(roll, REGISTRAR), EntryError::Phase { .. }));
}

/// JSON with one name twice, or with a field that this version does not know, is no manifest.
#[test]
fn manifests_with_two_readings_are_refused() {
    let good = document().to_string();
    Manifest::parse(good.as_bytes()).unwrap();
    for (from, to) in [
        ("\"threshold\":2", "\"threshold\":2,\"threshold\":1"),
        ("\"privacy_floor\":2", "\"privacy_floor\":2,\"privacy_floor\":2"),
        ("\"privacy_floor\":2", "\"privacy_floor\":2,\"privacyFloor\":2"),
        ("\"blank\":true", "\"blank\":true,\"blank\":false"),
        ("\"blank\":true", "\"blank\":true,\"type\":\"approve\""),
        ("\"blank\":true", "\"blank\":true,\"max\":1"),
        ("\"seats\":1", "\"seats\":1,\"seats\":2"),
        ("\"type\":\"plurality\"", "\"type\":\"plurality\",\"type\":\"approval\""),
        ("\"id\":\"a\"", "\"id\":\"a\",\"id\":\"z\""),
        ("\"title\":\"All\"", "\"title\":\"All\",\"title\":\"None\""),
        ("\"threshold\":2", "\"threshold\":2.0"),
        ("\"threshold\":2", "\"threshold\":4"),
        ("\"threshold\":2", "\"threshold\":0"),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(Manifest::parse(good.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
    }
    for wrapped in [format!("{good} {{}}"), format!("{good}{good}"), format!("\u{feff}{good}"), format!("[{good}]")] {
        assert!(Manifest::parse(wrapped.as_bytes()).is_err());
    }
}

/// The last trustee to commit chooses the rest of its polynomial so that trustee 1's share of the key is zero. The proof
/// of possession, which is of the constant term alone, does not prevent that.
#[test]
fn a_trustees_share_cannot_be_cancelled_by_another() {
    let mut board = Board::new();
    let ctx = board.election.ceremony();
    let (one, three) = (Commitments::make(&ctx, TrusteeIndex(1), &mut OsRng), TrusteeIndex(3));
    let two = Commitments::make(&ctx, TrusteeIndex(2), &mut OsRng);
    let (secret, honest) = Commitments::make(&ctx, three, &mut OsRng);
    // Bytes: u16 trustee, transport key, u32 count, then A_0 and A_1; a secret: transport key, u32 count, a_0 …
    let coefficients = |m: &Commitments| -> [RistrettoPoint; 2] {
        let bytes = m.to_bytes();
        let mut reader = Reader::new(&bytes[38..]);
        [reader.point("A_0").unwrap(), reader.point("A_1").unwrap()]
    };
    let others: RistrettoPoint = [&one.1, &two.1].iter().flat_map(|m| coefficients(m)).sum();
    let a_0 = Scalar::from_canonical_bytes(secret.expose_bytes()[36..68].try_into().unwrap()).unwrap();
    let first = RistrettoPoint::mul_base(&a_0);
    let second = -(others + first);
    let nonce = random_scalar(&mut OsRng);
    let t = RistrettoPoint::mul_base(&nonce);
    let bytes = honest.to_bytes();
    let mut transcript = Transcript::open(proof::POSSESSION, &board.id());
    transcript.put_u64(label::TRUSTEE, 3);
    transcript.put_u64(label::COUNT, 2);
    transcript.put_bytes(label::TRANSPORT_KEY, &bytes[2..34]);
    transcript.put_point(label::COMMITMENTS, &first);
    transcript.put_point(label::COMMITMENTS, &second);
    transcript.put_point(label::POSSESSION_T, &t);
    let z = nonce + transcript.challenge(label::POSSESSION_C) * a_0;
    let mut rogue = bytes[..38].to_vec();
    [first, second, t].iter().for_each(|p| rogue.extend_from_slice(p.compress().as_bytes()));
    rogue.extend_from_slice(z.as_bytes());
    let rogue = Commitments::from_bytes(&rogue).unwrap();
    rogue.verify(&ctx).unwrap();
    board.put(EntryBody::Commitments(one.1), TRUSTEE + 1);
    board.put(EntryBody::Commitments(two.1), TRUSTEE + 2);
    let entry = board.sign(EntryBody::Commitments(rogue), TRUSTEE + 3);
    let size = board.election.size();
    let refused = board.check(&entry).and_then(|()| {
        let leaf = entry.leaf_hash();
        board.election.apply(entry.clone(), leaf, &CheckInput::default())
    });
    assert!(matches!(refused, Err(EntryError::Ceremony(CeremonyError::Identity))));
    assert_eq!(board.election.size(), size);
    assert!(board.election.joint_key().is_none());
}
