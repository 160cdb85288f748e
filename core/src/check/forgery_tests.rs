//! Attacks on `CHECK` itself: what a page, a relay, a holder of the code and a buyer of votes can make of the rules, and
//! which rule stops them. Where none does, the test says so.

use super::*;

const ONE: StyleIndex = StyleIndex(1);

/// The same election with a second style: contest `a` alone, which is one limb.
fn with_one_limb() -> Fixture {
    let f = Fixture::new();
    let mut document = serde_json::to_value(f.manifest.document()).unwrap();
    document["ballot_styles"].as_array_mut().unwrap().push(json!({"id": "one", "contests": ["a"]}));
    Fixture { manifest: Manifest::parse(document.to_string().as_bytes()).unwrap(), ..f }
}

/// `C − m'·B = r·PK'` has a solution `PK'` for every `m'`: a device that is told a wrong joint key would hear a lie that
/// holds, were it not for the ballot's own proof, which holds under no other key (`CHECK-6`, `BALLOT-2`).
#[test]
fn another_joint_key_makes_a_lie_hold_and_the_ballot_fail() {
    let f = with_one_limb();
    let draft = BallotDraft::draw(&f.manifest, &f.joint_key, VOTER, ONE, &[Choice::One(1)], &mut OsRng).unwrap();
    let mut recorded = f.cast(draft);
    let (m, r) = (recorded.opening.0[0].limbs[0], recorded.opening.0[0].r.0[0]);
    let lie = m ^ 1;
    let shift = (Scalar::from(m) - Scalar::from(lie)) * r.invert();
    let point = f.joint_key.point() + RISTRETTO_BASEPOINT_TABLE * &shift;
    let g = Fixture { manifest: with_one_limb().manifest, joint_key: PublicKey::new(point).unwrap() };
    recorded.opening.0[0].limbs[0] = lie;

    let device = g.device();
    let statement = g.statement(device.offer(), &recorded);
    let claim = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
    let lied = g.manifest.space(ContestIndex(0)).unwrap().unrank(lie.into()).unwrap();
    assert_eq!(claim.verify(&statement).unwrap(), named(&[lied]));

    let mut listener = g.listener();
    let sealed = g.seal(&g.recorded_message(&listener, &recorded), &listener);
    listener.take(&sealed).unwrap();
    assert_eq!(listener.conclude(&recorded.entry, &recorded.receipt), Err(CheckError::NotRecorded));
}

/// The same numbers in a row, cut into contests elsewhere; too few and too many; and nothing but zeros.
#[test]
fn numbers_cannot_move_between_contests() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let device = f.device();
    let statement = f.statement(device.offer(), &recorded);
    let honest = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
    let limbs: Vec<u64> = recorded.opening.0.iter().flat_map(|c| c.limbs.to_vec()).collect();
    assert_eq!(limbs.len(), 3);
    for cut in [vec![2, 1], vec![3], vec![1, 1, 1], vec![1, 1], vec![1, 2, 1], vec![]] {
        let mut left = limbs.iter().copied().chain(std::iter::repeat(0));
        let moved = cut.iter().map(|width| left.by_ref().take(*width).collect()).collect();
        for side in [0, 1] {
            let mut claim = honest.clone();
            claim.set(Zeroizing::new(Vec::clone(&moved)), random_scalar(&mut OsRng), random_scalar(&mut OsRng));
            assert_eq!(claim.verify(&statement), Err(CheckError::Proof), "{cut:?}");
            claim.correct(&statement, side);
            assert_eq!(claim.verify(&statement), Err(CheckError::Proof), "{cut:?}");
        }
    }
    let mut bytes = honest.to_bytes();
    let limbs_end = 4 + (1 + 2) + (1 + 2 * 2);
    bytes[limbs_end..limbs_end + 64].fill(0);
    bytes[limbs_end + 64 + 4..].fill(0);
    assert_eq!(Claim::from_bytes(&bytes).unwrap().verify(&statement), Err(CheckError::Proof));
}

/// A proof of possession cannot be bent into one for a related key, and a trustee's is none for a device (`FS-1`).
#[test]
fn a_proof_of_possession_serves_one_offer() {
    let f = Fixture::new();
    let election = f.manifest.id();
    let Offer { key, transport, t, z } = f.device().offer().clone();
    let refused = |offer: Offer| assert_eq!(Offer::verify(&offer.to_bytes(), election), Err(CheckError::Offer));
    let shift = random_scalar(&mut OsRng);
    let by = RISTRETTO_BASEPOINT_TABLE * &shift;
    let c = possession(election, &key, &transport, &t);
    // V + δB under the challenge of V, under its own, and the same for T.
    refused(Offer { key: key + by, transport, t, z: z + c * shift });
    let moved = possession(election, &(key + by), &transport, &t);
    refused(Offer { key: key + by, transport, t, z: z + moved * shift });
    refused(Offer { key, transport, t: t + by, z: z + shift });
    refused(Offer { key: -key, transport, t: -t, z: -z });
    // The same X25519 key in other bytes: one offer has one encoding.
    let mut bytes = transport;
    bytes[31] ^= 0x80;
    refused(Offer { key, transport: bytes, t, z });
    // A trustee's proof in the ceremony (KEY-1) that it knows its part of the joint key.
    let (a, k) = (random_scalar(&mut OsRng), random_scalar(&mut OsRng));
    let (key, t) = (RISTRETTO_BASEPOINT_TABLE * &a, RISTRETTO_BASEPOINT_TABLE * &k);
    for name in [proofs::POSSESSION, proofs::CHECK] {
        let mut transcript = Transcript::open(name, election);
        transcript.put_point(label::DEVICE_KEY, &key);
        transcript.put_bytes(label::TRANSPORT_KEY, &transport);
        transcript.put_point(label::POSSESSION_T, &t);
        let z = k + transcript.challenge(label::POSSESSION_C) * a;
        refused(Offer { key, transport, t, z });
    }
}

/// What CHECK-1 cannot stop: a key that its makers know only together has an offer like any other. Neither of them alone
/// can make up a claim, so a true one convinces both.
#[test]
fn a_key_in_two_shares_makes_an_offer_that_neither_can_practise_with() {
    let f = Fixture::new();
    let election = f.manifest.id();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let transport = f.device().offer().transport;
    let (v, k) = ([0; 2].map(|_| random_scalar(&mut OsRng)), [0; 2].map(|_| random_scalar(&mut OsRng)));
    let sum_of = |s: &[Scalar; 2]| RISTRETTO_BASEPOINT_TABLE * &s[0] + RISTRETTO_BASEPOINT_TABLE * &s[1];
    let (key, t) = (sum_of(&v), sum_of(&k));
    let c = possession(election, &key, &transport, &t);
    // Each tells the other only its own k + c·v.
    let z = (k[0] + c * v[0]) + (k[1] + c * v[1]);
    let offer = Offer { key, transport, t, z };
    assert_eq!(Offer::verify(&offer.to_bytes(), election).unwrap(), offer);
    let statement = f.statement(&offer, &recorded);
    let honest = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
    assert_eq!(honest.verify(&statement).unwrap(), named(&choices(1)));
    for share in v {
        let half = DeviceKey {
            v: SecretScalars(vec![share, Scalar::ZERO]),
            transport: Zeroizing::new([1; 32]),
            offer: offer.clone(),
        };
        let claim = Claim::practise(&statement, &half, &choices(2), &mut OsRng).unwrap();
        assert_eq!(claim.verify(&statement), Err(CheckError::Proof));
    }
}

/// Messages are encrypted to the device and signed by nobody. Who knows the offer, as the relay does, can therefore make up
/// a ballot that was never cast and open it, under any voter's number; about the recorded one it can say nothing.
#[test]
fn whoever_has_the_offer_can_make_up_an_opened_ballot_and_no_recorded_one() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let mut listener = f.listener();
    let made_up = f.draft(VOTER, &choices(2));
    let shown = f.seal(&Message::Shown(made_up.digest()), &listener);
    listener.take(&shown).unwrap();
    let opened = f.seal(&Message::Opened(made_up.open()), &listener);
    match listener.take(&opened) {
        Ok(Event::Opened(heard)) => assert_eq!(heard, Heard { voter: VOTER, choices: named(&choices(2)) }),
        other => panic!("{other:?}"),
    }
    // It has not the page's randomness, and its own is another ballot's.
    let other = f.cast(f.draft(VOTER, &choices(2)));
    let claimed = Recorded { opening: other.opening, ..recorded };
    let sealed = f.seal(&f.recorded_message(&listener, &claimed), &listener);
    listener.take(&sealed).unwrap();
    assert_eq!(listener.conclude(&claimed.entry, &claimed.receipt), Err(CheckError::Proof));
}

/// A page that was caught with a false opening has nothing more to say: no message after it makes the check end well.
#[test]
fn after_a_message_that_does_not_hold_the_check_is_over() {
    let f = Fixture::new();
    let digest = |draft: &BallotDraft| Message::Shown(draft.digest());
    let (first, other) = (f.draft(VOTER, &choices(2)), f.draft(VOTER, &choices(0)));
    let mut lie = f.draft(VOTER, &choices(2)).open().to_bytes();
    // Voter, style, count, contest, width and ciphertext come before the first number.
    lie[16 + 2 + 4 + 2 + 1 + 64 + 1] ^= 1;
    let lie = OpenedBallot::from_bytes(&lie).unwrap();
    let falsehoods: [Vec<Message>; 3] = [
        vec![digest(&first), Message::Opened(other.open())],
        vec![Message::Shown(lie.digest()), Message::Opened(lie)],
        vec![Message::Opened(first.open())],
    ];
    for messages in falsehoods {
        let mut listener = f.listener();
        let last = messages.iter().map(|m| listener.take(&f.seal(m, &listener))).last();
        assert!(matches!(last, Some(Err(_))));
        let recorded = f.cast(f.draft(VOTER, &choices(1)));
        let sealed = f.seal(&f.recorded_message(&listener, &recorded), &listener);
        assert!(matches!(listener.take(&sealed), Err(CheckError::Order)));
        assert!(matches!(listener.conclude(&recorded.entry, &recorded.receipt), Err(CheckError::Order)));
    }
}

/// A relay that kept the messages, and then finds the device: it can still practise, and open nothing (`CHECK-3`).
#[test]
fn a_device_that_has_heard_all_cannot_open_what_a_relay_kept() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let mut listener = f.listener();
    let sealed = f.seal(&f.recorded_message(&listener, &recorded), &listener);
    assert!(listener.key().open(f.manifest.id(), 0, &sealed).is_ok());
    listener.take(&sealed).unwrap();
    assert!(matches!(listener.key().open(f.manifest.id(), 0, &sealed), Err(CheckError::Unreadable)));
    assert_eq!(listener.conclude(&recorded.entry, &recorded.receipt).unwrap().choices, named(&choices(1)));
    let key = listener.into_key();
    assert!(key.practise(&f.manifest, &f.joint_key, &recorded.entry, &choices(2), &mut OsRng).is_some());
}
