//! Ballots checked together get the answers that each gets alone, wherever in a batch the false ones stand.
#![allow(missing_docs)]

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::OsRng;
use selge_core::ballot::{verify_all, verify_each, BallotError, EncryptedBallot};
use selge_core::codec::{Decode, DecodeError, Encode};
use selge_core::elgamal::PublicKey;
use selge_core::entry::{decode_all, EntryBody, SignedEntry};
use selge_core::group::random_scalar;
use selge_core::ids::{LeafHash, StyleIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::plaintext::{ContestError, EncryptedContest};
use selge_core::rules::Choice;
use selge_core::sign::SigningKey;
use serde_json::json;

/// More than two batches, the last one short.
const BALLOTS: usize = 300;

fn manifest() -> Manifest {
    let party = |i: u8| json!({"name": format!("p{i}"), "key": SigningKey::from_seed([i; 32]).verifying_key()});
    let candidates: Vec<_> = (0..17).map(|i| json!({"id": format!("c{i}"), "name": "C"})).collect();
    let document = json!({
        "format": "selge-manifest/1", "title": "Test",
        "opens": "2030-01-01T00:00:00Z", "closes": "2030-01-02T00:00:00Z",
        "commission": party(1), "registrar": party(2), "collector": party(3),
        "trustees": [party(4)], "threshold": 1, "mix_servers": [party(5)], "privacy_floor": 2,
        "contests": [
            {"id": "a", "title": "A", "rule": {"type": "choose_one", "blank": false}, "candidates": candidates[..3]},
            {"id": "b", "title": "B", "rule": {"type": "approve", "blank": true}, "candidates": candidates},
        ],
        "ballot_styles": [{"id": "s", "contests": ["a"]}, {"id": "both", "contests": ["a", "b"]}],
        "tallies": [
            {"id": "t", "title": "T", "contests": ["a"], "rule": {"type": "plurality", "seats": 1}},
            {"id": "u", "title": "U", "contests": ["b"], "rule": {"type": "approval", "seats": 1}},
        ],
    });
    Manifest::parse(document.to_string().as_bytes()).unwrap()
}

/// A change of one byte at `at` of a ballot's first contest, counted from its end where negative.
fn bent(ballot: &EncryptedBallot, at: isize) -> EncryptedBallot {
    let mut ballot = ballot.clone();
    let mut bytes = ballot.contests[0].to_bytes();
    let at = if at < 0 { bytes.len().wrapping_add_signed(at) } else { at.unsigned_abs() };
    bytes[at] ^= 1;
    ballot.contests[0] = EncryptedContest::from_bytes(&bytes).unwrap();
    ballot
}

#[test]
fn together_and_alone_ballots_get_the_same_answers() {
    let manifest = manifest();
    let key = PublicKey::new(RistrettoPoint::mul_base(&random_scalar(&mut OsRng))).unwrap();
    let honest: Vec<EncryptedBallot> = (0..BALLOTS)
        .map(|i| {
            let voter = VoterId(Scalar::from(i as u64).as_bytes()[..16].try_into().unwrap());
            let both = i % 50 == 7;
            let mut choices = vec![Choice::One(i as u32 % 3)];
            choices.extend(both.then(|| Choice::set([3, 16])));
            let style = StyleIndex(u16::from(both));
            EncryptedBallot::encrypt(&manifest, &key, voter, style, LeafHash::NONE, &choices, &mut OsRng).unwrap()
        })
        .collect();
    let check = |false_ones: &[(usize, EncryptedBallot)]| {
        let mut ballots: Vec<&EncryptedBallot> = honest.iter().collect();
        false_ones.iter().for_each(|(at, ballot)| ballots[*at] = ballot);
        let alone = |ballot: &EncryptedBallot| ballot.verify(&manifest, &key).err();
        assert!(false_ones.iter().all(|(_, ballot)| alone(ballot).is_some()), "a forgery that is none");
        let first: Option<(usize, BallotError)> =
            false_ones.iter().min_by_key(|(at, _)| at).map(|(at, ballot)| (*at, alone(ballot).unwrap()));
        // Each verdict, among some of the others.
        let start = false_ones.first().map_or(0, |(at, _)| at.saturating_sub(at % 37));
        let some = &ballots[start..BALLOTS.min(start + 50)];
        for ((ballot, found), at) in some.iter().zip(verify_each(&manifest, &key, some)).zip(start..) {
            let expected = false_ones.iter().find(|(bad, _)| *bad == at).map(|(_, bad)| alone(bad).unwrap());
            assert_eq!(found.as_ref().err(), expected.as_ref(), "ballot {at}");
            assert!(found.is_err() || found.unwrap().ballot() == *ballot);
        }
        match (verify_all(&manifest, &key, &ballots), first) {
            (Ok(verified), None) => {
                assert!(verified.iter().map(|v| v.ballot()).eq(ballots.iter().copied()));
            }
            (Err(found), Some(first)) => assert_eq!(found, first),
            (found, first) => panic!("together: {:?}, alone: {first:?}", found.map(|v| v.len())),
        }
    };
    check(&[]);
    assert_eq!(verify_all(&manifest, &key, &[]).unwrap().len(), 0);
    // The last bytes of z_m, z_r and the range proof's numbers: they stay reduced scalars.
    let (z_m, z_r) = (3 + 64 + 32 + 64, 3 + 64 + 32 + 96);
    for at in [0, 1, 127, 128, 255, 256, BALLOTS - 1] {
        // Also R, C and the complement: no points any more, or others.
        for byte in [z_m, z_r, -32, -64, 3, 3 + 32, 3 + 64] {
            check(&[(at, bent(&honest[at], byte))]);
        }
        for (place, half) in [3, 3 + 32].into_iter().enumerate() {
            let mut none = honest[at].clone();
            let mut bytes = none.contests[0].to_bytes();
            bytes[half..half + 32].fill(0xff);
            none.contests[0] = EncryptedContest::from_bytes(&bytes).unwrap();
            let source = ContestError::Ciphertext(1);
            let expected = BallotError::Contest { contest: none.contests[0].contest(), source };
            assert_eq!(none.verify(&manifest, &key).unwrap_err(), expected, "half {place}");
            check(&[(at, none)]);
        }
        // Another voter's ballot, one of another style, and one without its contests.
        let other = (at + 1) % BALLOTS;
        let copied = EncryptedBallot { voter: honest[at].voter, ..honest[other].clone() };
        let styled = EncryptedBallot { style: StyleIndex(1), ..honest[at].clone() };
        let empty = EncryptedBallot { contests: Vec::new(), ..honest[at].clone() };
        let nowhere = EncryptedBallot { style: StyleIndex(2), ..honest[at].clone() };
        [copied, styled, empty, nowhere].into_iter().for_each(|ballot| check(&[(at, ballot)]));
    }
    // Errors that cancel in a sum without weights: the same scalar one more here and one less there.
    let shifted = |at: usize, by: Scalar| {
        let mut ballot = honest[at].clone();
        let mut bytes = ballot.contests[0].to_bytes();
        let z = Scalar::from_canonical_bytes(bytes[z_m as usize..][..32].try_into().unwrap()).unwrap() + by;
        bytes[z_m as usize..][..32].copy_from_slice(z.as_bytes());
        ballot.contests[0] = EncryptedContest::from_bytes(&bytes).unwrap();
        (at, ballot)
    };
    check(&[shifted(3, Scalar::ONE), shifted(4, -Scalar::ONE)]);
    check(&[shifted(200, Scalar::ONE), shifted(2, -Scalar::ONE)]);
    // Any number of false ones, in any place: all of a few and of many, every other one, the halves.
    for (total, false_if) in [
        (1, Box::new(|_| true) as Box<dyn Fn(usize) -> bool>),
        (3, Box::new(|_| true)),
        (40, Box::new(|_| true)),
        (40, Box::new(|i| i % 2 == 0)),
        (40, Box::new(|i| i % 13 == 5)),
        (40, Box::new(|i| i < 20)),
        (40, Box::new(|i| i >= 20)),
    ] {
        let mixed: Vec<_> = (0..total)
            .map(|i| if false_if(i) { bent(&honest[i], [z_m, -32, z_r][i % 3]) } else { honest[i].clone() })
            .collect();
        let verdicts = verify_each(&manifest, &key, &mixed.iter().collect::<Vec<_>>());
        assert_eq!(verdicts.len(), total);
        for (i, (ballot, verdict)) in mixed.iter().zip(verdicts).enumerate() {
            assert_eq!(verdict.is_err(), false_if(i), "{i} of {total}");
            assert_eq!(verdict.err(), ballot.verify(&manifest, &key).err());
        }
    }
    assert_eq!(verify_each(&manifest, &key, &[]).len(), 0);
}

/// Whoever reads a board sees a ciphertext that is no point with the entry, as if each had been decoded alone.
#[test]
fn entries_whose_ciphertexts_are_no_points_are_named_among_others() {
    let manifest = manifest();
    let key = PublicKey::new(RistrettoPoint::mul_base(&random_scalar(&mut OsRng))).unwrap();
    let signer = SigningKey::generate(&mut OsRng);
    let choices = [Choice::One(1), Choice::set([3, 16])];
    let voter = VoterId([9; 16]);
    let honest =
        EncryptedBallot::encrypt(&manifest, &key, voter, StyleIndex(1), LeafHash::NONE, &choices, &mut OsRng).unwrap();
    let entry = |ballot: &EncryptedBallot| EntryBody::Ballot(ballot.clone()).sign(manifest.id(), &signer).to_bytes();
    let mut entries = vec![entry(&honest); 600];
    entries[1] = b"no entry".to_vec();
    for (at, contest, half) in [(0, 0, 0), (300, 1, 0), (301, 0, 1), (599, 1, 1)] {
        let mut ballot = honest.clone();
        let mut bytes = ballot.contests[contest].to_bytes();
        bytes[3 + 32 * half..][..32].fill(0xff);
        ballot.contests[contest] = EncryptedContest::from_bytes(&bytes).unwrap();
        entries[at] = entry(&ballot);
    }
    let read = decode_all(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
    assert_eq!(read.len(), entries.len());
    for (at, (read, bytes)) in read.iter().zip(&entries).enumerate() {
        match at {
            0 | 300 | 301 | 599 => assert!(matches!(read, Err(DecodeError::BadPoint { .. })), "entry {at}"),
            _ => assert_eq!(*read, SignedEntry::from_bytes(bytes), "entry {at}"),
        }
    }
    assert!(read[1].is_err());
    assert!(decode_all(&[]).is_empty());
}
