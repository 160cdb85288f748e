//! Forged claims, by provers that know everything but the device's secret; and what a relay, a thief of the code and a
//! dishonest page can do.

use super::*;
use crate::ballot::EncryptedBallot;
use crate::codec::Decode;
use crate::draft::{BallotDraft, BallotOpening, OpenedBallot};
use crate::elgamal::{PublicKey, MAX_WIDTH};
use crate::entry::{EntryBody, SignedEntry};
use crate::group::hash_to_group;
use crate::ids::{ContestIndex, Digest, LeafHash, StyleIndex};
use crate::manifest::Manifest;
use crate::note::Checkpoint;
use crate::receipt::Receipt;
use crate::rules::Choice;
use crate::sign::SigningKey;
use crate::tree::Tree;
use rand::rngs::OsRng;
use serde_json::json;

#[path = "forgery_tests.rs"]
mod forgery;
#[path = "letter_tests.rs"]
mod letter;
#[path = "opening_tests.rs"]
mod opening_tests;

const STYLE: StyleIndex = StyleIndex(0);
const VOTER: VoterId = VoterId([9; 16]);

/// Two contests; the second needs two limbs.
fn manifest() -> Manifest {
    let party = |i: u8| json!({"name": format!("p{i}"), "key": SigningKey::from_seed([i; 32]).verifying_key()});
    let candidates: Vec<_> = (0..17).map(|i| json!({"id": format!("c{i}"), "name": "C"})).collect();
    let document = json!({
        "format": "selge-manifest/1", "title": "Test",
        "opens": "2030-01-01T00:00:00Z", "closes": "2030-01-02T00:00:00Z",
        "commission": party(1), "registrar": party(2), "collector": party(3),
        "trustees": [party(4)], "threshold": 1, "mix_servers": [party(5)], "privacy_floor": 2,
        "contests": [
            {"id": "a", "title": "A", "rule": {"type": "choose_one", "blank": true}, "candidates": candidates[..3]},
            {"id": "b", "title": "B", "rule": {"type": "approve", "blank": true}, "candidates": candidates},
        ],
        "ballot_styles": [{"id": "both", "contests": ["a", "b"]}],
        "tallies": [
            {"id": "t", "title": "T", "contests": ["a"], "rule": {"type": "plurality", "seats": 1}},
            {"id": "u", "title": "U", "contests": ["b"], "rule": {"type": "approval", "seats": 1}},
        ],
    });
    Manifest::parse(document.to_string().as_bytes()).unwrap()
}

struct Fixture {
    manifest: Manifest,
    joint_key: PublicKey,
}

/// A recorded ballot with all that its voting page knows.
struct Recorded {
    entry: SignedEntry,
    receipt: Receipt,
    opening: BallotOpening,
}

impl Recorded {
    fn ballot(&self) -> &EncryptedBallot {
        match &self.entry.body {
            EntryBody::Ballot(ballot) => ballot,
            _ => panic!("a ballot"),
        }
    }
}

fn choices(first: u32) -> Vec<Choice> {
    vec![Choice::One(first), Choice::set([2, 16])]
}

fn named(choices: &[Choice]) -> Vec<(ContestIndex, Choice)> {
    choices.iter().enumerate().map(|(i, c)| (ContestIndex(i as u16), c.clone())).collect()
}

impl Fixture {
    fn new() -> Self {
        let joint_key = PublicKey::new(RISTRETTO_BASEPOINT_TABLE * &random_scalar(&mut OsRng)).unwrap();
        Fixture { manifest: manifest(), joint_key }
    }

    fn draft(&self, voter: VoterId, choices: &[Choice]) -> BallotDraft {
        BallotDraft::draw(&self.manifest, &self.joint_key, voter, STYLE, choices, &mut OsRng).unwrap()
    }

    /// Casts a draft as entry 2 of a board of five.
    fn cast(&self, draft: BallotDraft) -> Recorded {
        let (ballot, opening) = draft.cast(&self.manifest, &self.joint_key, LeafHash::NONE, &mut OsRng).unwrap();
        let entry = EntryBody::Ballot(ballot).sign(self.manifest.id(), &SigningKey::from_seed([40; 32]));
        let mut tree = Tree::new();
        (0..5u8).for_each(|i| tree.push(if i == 2 { entry.leaf_hash() } else { crate::tree::leaf_hash(&[i]) }));
        let checkpoint = Checkpoint { origin: self.manifest.log_key().origin, size: 5, root: tree.root() };
        let checkpoint = checkpoint.sign(&SigningKey::from_seed([3; 32]));
        let receipt = Receipt { index: 2, proof: tree.inclusion_proof(2, 5).unwrap(), checkpoint };
        Recorded { entry, receipt, opening }
    }

    fn device(&self) -> DeviceKey {
        DeviceKey::draw(self.manifest.id(), &mut OsRng)
    }

    fn listener(&self) -> Listener<'_> {
        Listener::new(&self.manifest, &self.joint_key, self.device())
    }

    fn statement<'a>(&'a self, offer: &'a Offer, recorded: &'a Recorded) -> Statement<'a> {
        Statement {
            manifest: &self.manifest,
            joint_key: &self.joint_key,
            offer,
            leaf: recorded.entry.leaf_hash(),
            ballot: recorded.ballot(),
        }
    }

    fn seal(&self, message: &Message, listener: &Listener<'_>) -> Vec<u8> {
        let offer = listener.code().accept(&listener.offer(), self.manifest.id()).unwrap();
        message.seal(self.manifest.id(), &offer, listener.place()).unwrap()
    }

    fn recorded_message(&self, listener: &Listener<'_>, recorded: &Recorded) -> Message {
        let offer = listener.code().accept(&listener.offer(), self.manifest.id()).unwrap();
        let claim = Claim::prove(&self.statement(&offer, recorded), &recorded.opening, &mut OsRng).unwrap();
        Message::Recorded { index: 2, leaf: recorded.entry.leaf_hash(), claim }
    }
}

#[test]
fn a_device_hears_what_the_recorded_ballot_holds() {
    let f = Fixture::new();
    for first in [0, 2] {
        let mut listener = f.listener();
        let draft = f.draft(VOTER, &choices(first));
        let shown = f.seal(&Message::Shown(draft.digest()), &listener);
        assert!(matches!(listener.take(&shown), Ok(Event::Shown(digest)) if digest == draft.digest()));
        let recorded = f.cast(draft);
        assert!(matches!(listener.conclude(&recorded.entry, &recorded.receipt), Err(CheckError::Order)));
        let sealed = f.seal(&f.recorded_message(&listener, &recorded), &listener);
        let Ok(Event::Recorded { index: 2, leaf }) = listener.take(&sealed) else { panic!("recorded") };
        assert_eq!(leaf, recorded.entry.leaf_hash());
        let heard = listener.conclude(&recorded.entry, &recorded.receipt).unwrap();
        assert_eq!(heard, Heard { voter: VOTER, choices: named(&choices(first)) });
        assert_eq!(voter_number(&heard.voter), "0909-0909-0909-0909");
    }
}

#[test]
fn the_holder_of_the_device_makes_every_other_choice_as_well() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let device = f.device();
    let statement = f.statement(device.offer(), &recorded);
    let honest = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
    assert_eq!(honest.verify(&statement).unwrap(), named(&choices(1)));
    let space = f.manifest.space(ContestIndex(0)).unwrap();
    for number in 0..space.size() {
        for set in [vec![0], vec![16], (0..17).collect()] {
            let wanted = [space.unrank(number).unwrap(), Choice::set(set)];
            let claim = Claim::practise(&statement, &device, &wanted, &mut OsRng).unwrap();
            assert_eq!(claim.verify(&statement).unwrap(), named(&wanted));
            assert_eq!(claim.to_bytes().len(), honest.to_bytes().len());
        }
    }
    // Not with another device's key, and not for choices that there are none of.
    assert!(Claim::practise(&statement, &f.device(), &choices(0), &mut OsRng).is_none());
    assert!(Claim::practise(&statement, &device, &[Choice::One(9), Choice::set([])], &mut OsRng).is_none());
    assert!(Claim::practise(&statement, &device, &choices(0)[..1], &mut OsRng).is_none());
}

/// Both kinds of transcript have the same distribution: here, that neither part of the OR gives itself away by a challenge
/// or answer that is small, repeated or zero.
#[test]
fn challenges_of_both_parts_are_fresh_in_both_kinds_of_transcript() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let device = f.device();
    let statement = f.statement(device.offer(), &recorded);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        for claim in [
            Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap(),
            Claim::practise(&statement, &device, &choices(1), &mut OsRng).unwrap(),
        ] {
            let bytes = claim.to_bytes();
            let scalars = &bytes[bytes.len() - 4 - 32 * 6..];
            for scalar in scalars[..64].chunks(32).chain(scalars[68..].chunks(32)) {
                assert!(seen.insert(scalar.to_vec()));
            }
        }
    }
}

#[test]
fn every_byte_of_a_claim_matters() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let device = f.device();
    let statement = f.statement(device.offer(), &recorded);
    let bytes = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap().to_bytes();
    assert_eq!(Claim::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    for at in 0..bytes.len() {
        for bit in [0, 7] {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            let found = Claim::from_bytes(&bad).map(|claim| claim.verify(&statement));
            assert!(!matches!(found, Ok(Ok(_))), "byte {at}");
        }
    }
}

#[test]
fn a_claim_is_for_one_ballot_and_one_device() {
    let f = Fixture::new();
    let (recorded, other) = (f.cast(f.draft(VOTER, &choices(1))), f.cast(f.draft(VOTER, &choices(1))));
    let (device, second) = (f.device(), f.device());
    let statement = f.statement(device.offer(), &recorded);
    let claim = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
    claim.verify(&statement).unwrap();
    for wrong in [
        Statement { offer: second.offer(), ..statement },
        Statement { leaf: other.entry.leaf_hash(), ..statement },
        Statement { ballot: other.ballot(), ..statement },
        Statement { joint_key: &Fixture::new().joint_key, ..statement },
        // Another transport key under the same V: somebody else could read the message.
        Statement { offer: &Offer { transport: second.offer().transport, ..device.offer().clone() }, ..statement },
    ] {
        assert_eq!(claim.verify(&wrong), Err(CheckError::Proof));
    }
    // The same ciphertexts as another voter's ballot, and in another election.
    let copied = EncryptedBallot { voter: VoterId([8; 16]), ..recorded.ballot().clone() };
    assert_eq!(claim.verify(&Statement { ballot: &copied, ..statement }), Err(CheckError::Proof));
    let mut short = recorded.ballot().clone();
    short.contests.pop();
    assert_eq!(claim.verify(&Statement { ballot: &short, ..statement }), Err(CheckError::Proof));
    assert!(Claim::prove(&Statement { ballot: &short, ..statement }, &recorded.opening, &mut OsRng).is_none());
    let document = serde_json::to_string(f.manifest.document()).unwrap().replace("Test", "Tent");
    let renamed = Manifest::parse(document.as_bytes()).unwrap();
    assert_eq!(claim.verify(&Statement { manifest: &renamed, ..statement }), Err(CheckError::Proof));
}

/// Answers that are left out leave out the commitments to the numbers that they belong to.
#[test]
fn a_claim_has_one_answer_for_each_number_and_practice_one_number_for_each_ciphertext() {
    let f = Fixture::new();
    let device = f.device();
    let mut recorded = f.cast(f.draft(VOTER, &choices(1)));
    let statement = f.statement(device.offer(), &recorded);
    let mut claim = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
    let answers = 1 + 3;
    let bytes = claim.to_bytes();
    let (head, tail) = bytes.split_at(bytes.len() - 32 * answers - 4);
    let with = |n: u32, more: &[u8]| Claim::from_bytes(&[head, &n.to_be_bytes(), &tail[4..], more].concat()).unwrap();
    assert!(with(4, &[]).verify(&statement).is_ok());
    assert_eq!(with(5, &[0; 32]).verify(&statement), Err(CheckError::Proof), "one more");
    // Numbers of the forger's choice, an answer for the device alone, and the challenge that these commitments have.
    let lie = Zeroizing::new(vec![vec![2], vec![0, 0]]);
    for left in [1, 2, 3] {
        claim = Claim::from_bytes(&[head, &(left as u32).to_be_bytes(), &tail[4..4 + 32 * left]].concat()).unwrap();
        claim.set(lie.clone(), Scalar::ZERO, random_scalar(&mut OsRng));
        claim.correct(&statement, 0);
        assert_eq!(claim.verify(&statement), Err(CheckError::Proof), "{left} answers");
    }
    // A first contest with the second's ciphertexts.
    let EntryBody::Ballot(ballot) = &mut recorded.entry.body else { panic!("a ballot") };
    let mut wide = ballot.contests[1].to_bytes();
    wide[..2].fill(0);
    ballot.contests[0] = crate::plaintext::EncryptedContest::from_bytes(&wide).unwrap();
    let statement = f.statement(device.offer(), &recorded);
    assert!(Claim::practise(&statement, &device, &choices(1), &mut OsRng).is_none());
}

/// A page that knows all randomness of the ballot, and lies about what it holds.
#[test]
fn a_page_cannot_claim_another_choice() {
    let f = Fixture::new();
    let device = f.device();
    let lie = |change: &dyn Fn(&mut BallotOpening)| {
        let mut recorded = f.cast(f.draft(VOTER, &choices(1)));
        change(&mut recorded.opening);
        let statement = f.statement(device.offer(), &recorded);
        let claim = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
        assert_eq!(claim.verify(&statement), Err(CheckError::Proof));
    };
    lie(&|opening| opening.0[0].limbs[0] ^= 1);
    lie(&|opening| opening.0[1].limbs[1] ^= 1);
    lie(&|opening| opening.0[1].r.0.swap(0, 1));
    // Right answers to all challenges that the forger picks itself, in every order that leaves it a choice.
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let statement = f.statement(device.offer(), &recorded);
    let mut limbs = Zeroizing::new(recorded.opening.0.iter().map(|c| c.limbs.to_vec()).collect::<Vec<_>>());
    limbs[0][0] ^= 1;
    for (c_1, c_2) in [
        (Scalar::ZERO, random_scalar(&mut OsRng)),
        (random_scalar(&mut OsRng), Scalar::ZERO),
        (random_scalar(&mut OsRng), random_scalar(&mut OsRng)),
    ] {
        let mut claim = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
        // Commitments that fit (c_1, c_2, z): then the transcript's challenge is another one.
        claim.set(limbs.clone(), c_1, c_2);
        assert_eq!(claim.verify(&statement), Err(CheckError::Proof));
        // And with the sum corrected afterwards on either side, which moves the commitments again.
        for side in [0, 1] {
            let mut corrected = claim.clone();
            corrected.correct(&statement, side);
            assert_eq!(corrected.verify(&statement), Err(CheckError::Proof));
        }
    }
    // With the secret of another device the second part can be answered, but not for this device.
    let thief = f.device();
    let forged = Claim::practise(&f.statement(thief.offer(), &recorded), &thief, &choices(2), &mut OsRng).unwrap();
    assert_eq!(forged.verify(&statement), Err(CheckError::Proof));
}

#[test]
fn a_key_that_its_maker_does_not_know_is_no_offer() {
    let f = Fixture::new();
    let election = f.manifest.id();
    let honest = f.device();
    let bytes = honest.offer().to_bytes();
    assert_eq!(Offer::verify(&bytes, election).unwrap(), *honest.offer());
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        assert_eq!(Offer::verify(&bad, election), Err(CheckError::Offer), "byte {at}");
    }
    assert_eq!(Offer::verify(&bytes, &ElectionId([0; 32])), Err(CheckError::Offer));
    assert_eq!(Offer::verify(&bytes[..127], election), Err(CheckError::Offer));
    // Bytes behind an offer, which would be one more offer of the same device.
    assert_eq!(Offer::verify(&[&bytes[..], &[0]].concat(), election), Err(CheckError::Offer));
    // A V out of a hash: a claim for it would convince everybody.
    let key = hash_to_group(b"nobody knows", b"test");
    let (t, z) = (RISTRETTO_BASEPOINT_TABLE * &Scalar::from(5u64), Scalar::from(5u64));
    for offer in [
        Offer { key, ..honest.offer().clone() },
        Offer { key, t, z, ..honest.offer().clone() },
        Offer { key: RistrettoPoint::default(), t, z, ..honest.offer().clone() },
    ] {
        assert_eq!(Offer::verify(&offer.to_bytes(), election), Err(CheckError::Offer));
    }
    // A transport key of low order, with a proof that covers it.
    let (v, transport) = (random_scalar(&mut OsRng), [0; 32]);
    let key = RISTRETTO_BASEPOINT_TABLE * &v;
    let z = Scalar::from(5u64) + possession(election, &key, &transport, &t) * v;
    assert_eq!(Offer::verify(&Offer { key, transport, t, z }.to_bytes(), election), Err(CheckError::Offer));
}

#[test]
fn a_code_reads_as_people_type_it_and_fits_one_offer() {
    let f = Fixture::new();
    let election = f.manifest.id();
    let device = f.device();
    let code = Code::of(device.offer(), election);
    let text = code.to_string();
    assert_eq!(text.len(), 19);
    for typed in [
        text.to_uppercase(),
        text.replace('-', ""),
        text.replace('-', " "),
        text.replace('-', "–"),
        format!(" {text}\n"),
        text.replace('0', "O").replace('1', "I"),
        text.replace('1', "l"),
    ] {
        assert_eq!(Code::parse(&typed).unwrap(), code, "{typed}");
    }
    assert_eq!(Code::parse(&text[..18]), Err(CodeError::Length(15)));
    assert_eq!(Code::parse(&format!("{text}0")), Err(CodeError::Length(17)));
    assert_eq!(Code::parse(&text.replacen(&text[..1], "u", 1)), Err(CodeError::Sign('u')));
    assert_eq!(Code::parse("7k3m-é"), Err(CodeError::Sign('é')));
    assert_eq!(Code::parse("zzzz-zzzz-zzzz-zzzz").unwrap().to_string(), "zzzz-zzzz-zzzz-zzzz");
    // A relay that puts another device's offer into the mailbox.
    let offer = device.offer().to_bytes();
    assert_eq!(code.accept(&offer, election).unwrap(), *device.offer());
    assert_eq!(code.accept(&f.device().offer().to_bytes(), election), Err(CheckError::Code));
    assert_eq!(code.accept(&offer[1..], election), Err(CheckError::Offer));
    assert_ne!(code.mailbox(election), code.mailbox(&ElectionId([0; 32])));
    assert_ne!(code.mailbox(election), Code::of(f.device().offer(), election).mailbox(election));
}

#[test]
fn a_relay_can_only_make_a_check_fail() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let sealed = {
        let listener = f.listener();
        f.seal(&f.recorded_message(&listener, &recorded), &listener)
    };
    // For another device.
    assert!(matches!(f.listener().take(&sealed), Err(CheckError::Unreadable)));
    // Changed, cut, empty, too long, in another place.
    let mut listener = f.listener();
    let sealed = f.seal(&f.recorded_message(&listener, &recorded), &listener);
    for at in (0..sealed.len()).step_by(5) {
        let mut bad = sealed.clone();
        bad[at] ^= 1;
        assert!(listener.take(&bad).is_err(), "byte {at}");
    }
    assert!(listener.take(&sealed[..sealed.len() - 1]).is_err());
    assert!(listener.take(&[]).is_err());
    assert!(listener.take(&vec![0; MAX_MESSAGE + 1]).is_err());
    assert_eq!(listener.place(), 0);
    let offer = Offer::verify(&listener.offer(), f.manifest.id()).unwrap();
    let later = Message::Shown(Digest::of(b"x")).seal(f.manifest.id(), &offer, 1).unwrap();
    assert!(matches!(listener.take(&later), Err(CheckError::Unreadable)));
    assert!(matches!(
        Message::Shown(Digest::of(b"x")).seal(f.manifest.id(), &offer, MAX_MESSAGES),
        Err(CheckError::Order)
    ));
    // What the board shows for it instead.
    listener.take(&sealed).unwrap();
    let other = f.cast(f.draft(VOTER, &choices(1)));
    assert_eq!(listener.conclude(&other.entry, &other.receipt), Err(CheckError::NotRecorded));
    let elsewhere = Receipt { index: 3, ..recorded.receipt.clone() };
    assert_eq!(listener.conclude(&recorded.entry, &elsewhere), Err(CheckError::NotRecorded));
    assert!(matches!(listener.conclude(&recorded.entry, &other.receipt), Err(CheckError::Receipt(_))));
    let unsigned =
        Receipt { checkpoint: recorded.receipt.checkpoint.replace("5\n", "6\n"), ..recorded.receipt.clone() };
    assert!(matches!(listener.conclude(&recorded.entry, &unsigned), Err(CheckError::Receipt(_))));
    assert_eq!(listener.conclude(&recorded.entry, &recorded.receipt).unwrap().choices, named(&choices(1)));
    // Once told, the page cannot tell another story.
    let again = Message::Shown(recorded.ballot().shown_digest());
    let again = again.seal(f.manifest.id(), &offer, listener.place()).unwrap();
    assert!(matches!(listener.take(&again), Err(CheckError::Order)));
}

/// Somebody who saw the code speaks of a ballot of its own: the device names that ballot's voter, not the card's.
#[test]
fn a_thief_of_the_code_can_only_speak_of_its_own_ballot() {
    let f = Fixture::new();
    let thief = VoterId([6; 16]);
    let mut listener = f.listener();
    let stolen = f.cast(f.draft(thief, &choices(2)));
    let sealed = f.seal(&f.recorded_message(&listener, &stolen), &listener);
    listener.take(&sealed).unwrap();
    assert_eq!(listener.conclude(&stolen.entry, &stolen.receipt).unwrap().voter, thief);
    // After the honest page has shown its ballot, not even that.
    let mut listener = f.listener();
    let shown = f.seal(&Message::Shown(f.draft(VOTER, &choices(1)).digest()), &listener);
    listener.take(&shown).unwrap();
    let sealed = f.seal(&f.recorded_message(&listener, &stolen), &listener);
    listener.take(&sealed).unwrap();
    assert_eq!(listener.conclude(&stolen.entry, &stolen.receipt), Err(CheckError::OtherBallot));
}

#[test]
fn a_ballot_whose_proof_does_not_hold_is_not_heard() {
    let f = Fixture::new();
    let (honest, other) = (f.cast(f.draft(VOTER, &choices(1))), f.cast(f.draft(VOTER, &choices(1))));
    let mut ballot = honest.ballot().clone();
    ballot.contests[1] = other.ballot().contests[1].clone();
    ballot.voter = VoterId([5; 16]);
    let draft = f.draft(VOTER, &choices(1));
    let mut recorded = f.cast(draft);
    recorded.entry.body = EntryBody::Ballot(ballot);
    let mut tree = Tree::new();
    tree.push(recorded.entry.leaf_hash());
    let checkpoint = Checkpoint { origin: f.manifest.log_key().origin, size: 1, root: tree.root() };
    recorded.receipt =
        Receipt { index: 2, proof: vec![], checkpoint: checkpoint.sign(&SigningKey::from_seed([3; 32])) };
    recorded.receipt.index = 0;
    let mut listener = f.listener();
    let Message::Recorded { leaf, claim, .. } = f.recorded_message(&listener, &recorded) else { panic!("recorded") };
    let sealed = f.seal(&Message::Recorded { index: 0, leaf, claim }, &listener);
    listener.take(&sealed).unwrap();
    assert_eq!(listener.conclude(&recorded.entry, &recorded.receipt), Err(CheckError::NotRecorded));
}

#[test]
fn a_device_can_practise() {
    let f = Fixture::new();
    let listener = f.listener();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let key = listener.into_key();
    let heard = key.practise(&f.manifest, &f.joint_key, &recorded.entry, &choices(2), &mut OsRng).unwrap();
    assert_eq!(heard, Heard { voter: VOTER, choices: named(&choices(2)) });
}

#[test]
fn secrets_are_not_printed() {
    let f = Fixture::new();
    let device = f.device();
    let draft = f.draft(VOTER, &choices(1));
    assert!(format!("{draft:?}").contains("redacted"));
    let recorded = f.cast(draft);
    let claim = Claim::prove(&f.statement(device.offer(), &recorded), &recorded.opening, &mut OsRng).unwrap();
    assert!(format!("{:?}", recorded.opening).contains("redacted"));
    assert!(format!("{claim:?}").contains("redacted"));
    assert!(format!("{device:?}").contains("redacted"));
    assert!(format!("{:?}", f.draft(VOTER, &choices(1)).open()).contains("redacted"));
}
