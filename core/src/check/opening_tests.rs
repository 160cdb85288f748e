//! A ballot that is opened instead of cast, what ends a check, and what a ballot must be to be drawn.

use super::*;

#[test]
fn a_challenged_ballot_shows_what_it_held_and_is_given_up() {
    let f = Fixture::new();
    let mut listener = f.listener();
    let draft = f.draft(VOTER, &choices(2));
    let digest = draft.digest();
    // The same ciphertexts once more: what a dishonest page would keep to cast them all the same.
    let kept = f.draft(VOTER, &choices(0));
    let shown = f.seal(&Message::Shown(digest), &listener);
    listener.take(&shown).unwrap();
    let opened = draft.open();
    let bytes = opened.to_bytes();
    assert_eq!(OpenedBallot::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    let sealed = f.seal(&Message::Opened(opened), &listener);
    match listener.take(&sealed) {
        Ok(Event::Opened(heard)) => assert_eq!(heard, Heard { voter: VOTER, choices: named(&choices(2)) }),
        other => panic!("{other:?}"),
    }
    // Another one, then cast.
    let shown = f.seal(&Message::Shown(kept.digest()), &listener);
    listener.take(&shown).unwrap();
    let recorded = f.cast(kept);
    let sealed = f.seal(&f.recorded_message(&listener, &recorded), &listener);
    listener.take(&sealed).unwrap();
    assert_eq!(listener.conclude(&recorded.entry, &recorded.receipt).unwrap().choices, named(&choices(0)));
}

#[test]
fn an_opening_that_is_false_or_of_another_ballot_is_told() {
    let f = Fixture::new();
    let take = |shown: Digest, bytes: &[u8]| {
        let mut listener = f.listener();
        let first = f.seal(&Message::Shown(shown), &listener);
        listener.take(&first).unwrap();
        let sealed = f.seal(&Message::Opened(OpenedBallot::from_bytes(bytes).unwrap()), &listener);
        listener.take(&sealed).unwrap_err()
    };
    let draft = f.draft(VOTER, &choices(2));
    let digest = draft.digest();
    let bytes = draft.open().to_bytes();
    assert_eq!(take(Digest::of(b"other"), &bytes), CheckError::OtherBallot);
    // Contest 0: voter 16, style 2, count 4, contest 2, width 1, ciphertext 64, then the limb.
    let limb = 16 + 2 + 4 + 2 + 1 + 64;
    let mut lie = bytes.clone();
    lie[limb + 1] ^= 1;
    assert_eq!(take(digest, &lie), OpeningError::False { contest: ContestIndex(0) }.into());
    // The right number with another r.
    let mut lie = bytes.clone();
    lie[limb + 2] ^= 1;
    assert!(matches!(take(digest, &lie), CheckError::Opening(_)));
    // The ciphertext itself: then it is not the ballot that was shown.
    let other = f.draft(VOTER, &choices(2)).open().to_bytes();
    let mut swapped = bytes.clone();
    swapped[limb - 64..limb].copy_from_slice(&other[limb - 64..limb]);
    assert_eq!(take(digest, &swapped), CheckError::OtherBallot);
    // A contest fewer, one in another's place, one of another number of ciphertexts, of none or of too many.
    let short = 16 + 2 + 4;
    let contest = 2 + 1 + 64 + 2 + 32;
    let second = 2 + 1 + usize::from(bytes[short + contest + 2]) * (64 + 2 + 32);
    let mut fewer = bytes[..short + contest].to_vec();
    fewer[short - 1] = 1;
    let twice =
        [&bytes[..short + contest], &bytes[short..short + contest], &bytes[short + contest + second..]].concat();
    let mut wide = bytes.clone();
    wide[short + 2] = 2;
    let more: Vec<u8> = bytes[short + 3..short + contest].to_vec();
    wide.splice(short + 3..short + contest, [&more[..64], &more[..64], &more[64..], &more[64..]].concat());
    let mut renamed = bytes.clone();
    renamed[short + contest + 1] ^= 1;
    for foreign in [fewer, twice, wide, renamed] {
        let opened = OpenedBallot::from_bytes(&foreign).unwrap();
        assert_eq!(opened.verify(&f.manifest, &f.joint_key).unwrap_err(), OpeningError::Foreign);
    }
    for width in [0, MAX_WIDTH as u8 + 1] {
        let mut other = bytes.clone();
        other[short + 2] = width;
        let read = OpenedBallot::from_bytes(&other).unwrap_err();
        assert!(matches!(read, crate::codec::DecodeError::TooMany { what: "ciphertext count", .. }), "{read}");
    }
    // A number outside the space, honestly encrypted: no such ballot could be cast.
    let one = f.draft(VOTER, &choices(2)).open();
    let foreign = OpenedBallot::from_bytes(&one.to_bytes()).unwrap();
    assert!(foreign.verify(&f.manifest, &f.joint_key).is_ok());
    assert_eq!(
        foreign.verify(&f.manifest, &Fixture::new().joint_key).unwrap_err(),
        OpeningError::False { contest: ContestIndex(0) }
    );
}

#[test]
fn after_its_end_a_check_hears_nothing() {
    let f = Fixture::new();
    let (listener, again) = (f.listener(), f.listener());
    let shown = Message::Shown(Digest::of(b"x"));
    let (sealed, heard) = (f.seal(&shown, &listener), f.seal(&shown, &again));
    assert!(again.key().open(f.manifest.id(), 0, &heard).is_ok());
    let key = listener.into_key();
    assert!(matches!(key.open(f.manifest.id(), 0, &sealed), Err(CheckError::Unreadable)));
    // What failed once is over, whatever comes next.
    let mut listener = f.listener();
    let offer = Offer::verify(&listener.offer(), f.manifest.id()).unwrap();
    let opened = Message::Opened(f.draft(VOTER, &choices(2)).open());
    assert!(matches!(listener.take(&f.seal(&opened, &listener)), Err(CheckError::Order)), "nothing was shown");
    let next = shown.seal(f.manifest.id(), &offer, 1).unwrap();
    assert!(matches!(listener.take(&next), Err(CheckError::Order)));
}

#[test]
fn a_ballot_has_a_choice_for_each_contest_of_its_style() {
    let f = Fixture::new();
    let all = choices(2);
    let one_more = [&all[..], &all[..1]].concat();
    for wrong in [&all[..1], &[], &one_more] {
        let error = BallotDraft::draw(&f.manifest, &f.joint_key, VOTER, STYLE, wrong, &mut OsRng).unwrap_err();
        let (found, expected) = (wrong.len(), all.len());
        assert_eq!(error, crate::ballot::BallotError::ContestCount { found, expected });
    }
}

#[test]
fn a_ballot_that_was_opened_and_cast_all_the_same_is_told() {
    let f = Fixture::new();
    let mut listener = f.listener();
    let draft = f.draft(VOTER, &choices(2));
    let digest = draft.digest();
    // A dishonest page keeps the ciphertexts and both proves and opens them.
    let recorded = f.cast(draft);
    assert_eq!(recorded.ballot().shown_digest(), digest);
    let mut bytes = Vec::new();
    VOTER.encode(&mut bytes);
    STYLE.encode(&mut bytes);
    crate::codec::put_count(&mut bytes, 2);
    for (contest, opening) in recorded.ballot().contests.iter().zip(&recorded.opening.0) {
        contest.contest().encode(&mut bytes);
        bytes.push(contest.ciphertexts().len() as u8);
        contest.ciphertexts().iter().for_each(|c| c.encode(&mut bytes));
        for (limb, r) in opening.limbs.iter().zip(&opening.r.0) {
            bytes.extend_from_slice(&(*limb as u16).to_be_bytes());
            put_scalar(&mut bytes, r);
        }
    }
    let opened = OpenedBallot::from_bytes(&bytes).unwrap();
    for message in [Message::Shown(digest), Message::Opened(opened)] {
        let sealed = f.seal(&message, &listener);
        listener.take(&sealed).unwrap();
    }
    let sealed = f.seal(&f.recorded_message(&listener, &recorded), &listener);
    listener.take(&sealed).unwrap();
    assert_eq!(listener.conclude(&recorded.entry, &recorded.receipt), Err(CheckError::OpenedBallot));
    // Under a later code the page says nothing of it; a device that remembers tells, one that does not cannot.
    for remembered in [true, false] {
        let mut later = f.listener();
        later.remember(remembered.then_some(digest));
        let sealed = f.seal(&f.recorded_message(&later, &recorded), &later);
        later.take(&sealed).unwrap();
        let told = later.conclude(&recorded.entry, &recorded.receipt).err();
        assert_eq!(told, remembered.then_some(CheckError::OpenedBallot));
    }
}
