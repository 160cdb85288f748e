//! A check on a second device: an offer with its secrets, a ballot shown and opened, one recorded, and a claim of other
//! choices that the device made up.

use super::blocks::{point, scalar};
use super::{bytes, rng, text};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as B;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::RngCore;
use selge_core::check::{Claim, Code, DeviceKey, Event, Heard, Listener, Message, Statement};
use selge_core::codec::{Decode, Encode};
use selge_core::draft::BallotDraft;
use selge_core::elgamal::PublicKey;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, LeafHash, StyleIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::rules::Choice;
use selge_core::sign::SigningKey;
use selge_core::tree::{leaf_hash, Tree};
use serde_json::{json, Value};

const VOTER: VoterId = VoterId([9; 16]);
const STYLE: StyleIndex = StyleIndex(0);

/// Place of the ballot on a board of five entries.
const INDEX: u64 = 2;

/// Two contests; the second needs two limbs.
fn document() -> String {
    let party = |i: u8| json!({"name": format!("p{i}"), "key": SigningKey::from_seed([i; 32]).verifying_key()});
    let candidates: Vec<_> = (0..17).map(|i| json!({"id": format!("c{i}"), "name": "C"})).collect();
    json!({
        "format": "selge-manifest/1", "title": "Check",
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
    })
    .to_string()
}

fn choices(first: u32) -> Vec<Choice> {
    vec![Choice::One(first), Choice::set([2, 16])]
}

fn numbered(choices: &[Choice]) -> Vec<(ContestIndex, Choice)> {
    (0..).map(ContestIndex).zip(choices.iter().cloned()).collect()
}

/// The board's answer about the ballot's entry.
fn receipt(manifest: &Manifest, leaf: LeafHash) -> Receipt {
    let mut tree = Tree::new();
    (0..5u8).for_each(|i| tree.push(if u64::from(i) == INDEX { leaf } else { leaf_hash(&[i]) }));
    let checkpoint = Checkpoint { origin: manifest.log_key().origin, size: 5, root: tree.root() };
    let proof = tree.inclusion_proof(INDEX, 5).unwrap();
    Receipt { index: INDEX, proof, checkpoint: checkpoint.sign(&SigningKey::from_seed([3; 32])) }
}

/// Sealed messages cannot be made anew (HPKE): the stored ones are taken, and [`verifies`] opens them.
fn sealed(stored: Option<&Value>, place: u8, made: impl FnOnce() -> Vec<u8>) -> String {
    stored.map_or_else(|| hex::encode(made()), |stored| text(stored, &format!("/messages/{place}/sealed")).to_owned())
}

pub(crate) fn check(stored: Option<&Value>) -> Value {
    let mut rng = rng("check");
    let document = document();
    let manifest = Manifest::parse(document.as_bytes()).unwrap();
    let election = manifest.id();
    let secret = random_scalar(&mut rng);
    let joint_key = PublicKey::new(B * secret).unwrap();

    // What DeviceKey::draw takes from its randomness, in its order.
    let mut peek = rng.clone();
    let mut seed = [0; 32];
    peek.fill_bytes(&mut seed);
    let (v, k) = (random_scalar(&mut peek), random_scalar(&mut peek));
    let device = DeviceKey::draw(election, &mut rng);
    let offer = device.offer().clone();
    assert_eq!(offer.to_bytes()[..32], (B * v).compress().to_bytes());
    assert_eq!(offer.to_bytes()[64..96], (B * k).compress().to_bytes());
    let code = Code::of(&offer, election);

    let draw =
        |first, rng: &mut _| BallotDraft::draw(&manifest, &joint_key, VOTER, STYLE, &choices(first), rng).unwrap();
    let given_up = draw(0, &mut rng);
    let kept = draw(1, &mut rng);
    let (first, second) = (given_up.digest(), kept.digest());
    let (ballot, opening) = kept.cast(&manifest, &joint_key, LeafHash::NONE, &mut rng).unwrap();
    let entry = EntryBody::Ballot(ballot.clone()).sign(election, &SigningKey::from_seed([40; 32]));
    let leaf = entry.leaf_hash();
    let statement = Statement { manifest: &manifest, joint_key: &joint_key, offer: &offer, leaf, ballot: &ballot };
    let claim = Claim::prove(&statement, &opening, &mut rng).unwrap();
    let made_up = Claim::practise(&statement, &device, &choices(2), &mut rng).unwrap();
    let messages = [
        Message::Shown(first),
        Message::Opened(given_up.open()),
        Message::Shown(second),
        Message::Recorded { index: INDEX, leaf, claim },
    ];
    let messages: Vec<_> = (0u8..)
        .zip(&messages)
        .map(|(place, message)| {
            let sealed = sealed(stored, place, || message.seal(election, &offer, place).unwrap());
            json!({ "plain": hex::encode(message.to_bytes()), "sealed": sealed })
        })
        .collect();
    let named = |first| choices(first).iter().map(|choice| json!(choice)).collect::<Vec<_>>();
    let mut value = json!({
        "manifest": document, "election": election, "joint_key": point(joint_key.point()), "secret_key": scalar(&secret),
        "device": {
            "transport_seed": hex::encode(seed), "v": scalar(&v), "k": scalar(&k), "offer": hex::encode(offer.to_bytes()),
            "code": code.to_string(), "mailbox": hex::encode(code.mailbox(election).0),
        },
        "entry": hex::encode(entry.to_bytes()), "leaf_hash": leaf, "index": INDEX,
        "receipt": receipt(&manifest, leaf).text(),
        "messages": messages, "opened": named(0), "recorded": named(1),
        "made_up": { "claim": hex::encode(made_up.to_bytes()), "choices": named(2) },
    });
    for (at, claim) in
        [("/c", &value["messages"][3]["plain"].as_str().unwrap()[82..]), ("/made_up/c", text(&value, "/made_up/claim"))]
            .map(|(at, claim)| (at, hex::decode(claim).unwrap()))
    {
        let c = json!(scalar(&challenge(&value, &claim)));
        match at {
            "/c" => value["c"] = c,
            _ => value["made_up"]["c"] = c,
        }
    }
    value
}

fn read(bytes: &[u8]) -> RistrettoPoint {
    CompressedRistretto::from_slice(bytes).unwrap().decompress().unwrap()
}

fn number(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap()
}

/// `CHECK-5` by its letter, from the bytes of a claim, of the offer and of the entry: the verifier's challenge.
fn challenge(value: &Value, claim: &[u8]) -> Scalar {
    let entry = SignedEntry::from_bytes(&bytes(value, "/entry")).unwrap();
    let EntryBody::Ballot(ballot) = &entry.body else { panic!("a ballot") };
    let (offer, pk) = (bytes(value, "/device/offer"), bytes(value, "/joint_key"));
    // u32 2 ‖ u8 1 ‖ m ‖ u8 2 ‖ m ‖ m ‖ c_1 ‖ c_2 ‖ u32 4 ‖ z
    assert_eq!((&claim[..5], claim[7], claim.len()), (&[0, 0, 0, 2, 1][..], 2, 80 + 128));
    let limb = |at: usize| u64::from(u16::from_be_bytes([claim[at], claim[at + 1]]));
    let limbs = [vec![limb(5)], vec![limb(8), limb(10)]];
    let (c_1, c_2) = (number(&claim[12..44]), number(&claim[44..76]));
    let z: Vec<_> = claim[80..].chunks(32).map(number).collect();
    let mut t = Transcript::new(b"selge/v1");
    t.append_message(b"proof", b"check");
    t.append_message(b"election", &bytes(value, "/election"));
    t.append_message(b"joint-key", &pk);
    t.append_message(b"device-key", &offer[..32]);
    t.append_message(b"transport-key", &offer[32..64]);
    t.append_message(b"leaf", &bytes(value, "/leaf_hash"));
    t.append_message(b"voter", &VOTER.0);
    t.append_message(b"style", &0u64.to_be_bytes());
    let (mut commitments, mut answers) = (Vec::new(), z[1..].iter());
    for (k, (contest, limbs)) in ballot.contests.iter().zip(&limbs).enumerate() {
        let bytes = contest.to_bytes();
        t.append_message(b"contest", &(k as u64).to_be_bytes());
        t.append_message(b"width", &(limbs.len() as u64).to_be_bytes());
        for (i, m) in limbs.iter().enumerate() {
            let ciphertext = &bytes[3 + 64 * i..3 + 64 * (i + 1)];
            t.append_message(b"ciphertext", ciphertext);
            t.append_message(b"limb", &m.to_be_bytes());
            let (r, c, z) = (read(&ciphertext[..32]), read(&ciphertext[32..]), answers.next().unwrap());
            commitments.push((z * B - c_1 * r, z * read(&pk) - c_1 * (c - Scalar::from(*m) * B)));
        }
    }
    for (at, u) in commitments {
        t.append_message(b"check-T", at.compress().as_bytes());
        t.append_message(b"check-U", u.compress().as_bytes());
    }
    t.append_message(b"check-V", (z[0] * B - c_2 * read(&offer[..32])).compress().as_bytes());
    let mut wide = [0; 64];
    t.challenge_bytes(b"check-c", &mut wide);
    let c = Scalar::from_bytes_mod_order_wide(&wide);
    assert_eq!(c, c_1 + c_2);
    c
}

/// The stored bytes, as a device hears them.
pub(crate) fn verifies(value: &Value) {
    let manifest = Manifest::parse(text(value, "/manifest").as_bytes()).unwrap();
    let mut rng = rng("check");
    random_scalar(&mut rng);
    let joint_key = PublicKey::new(read(&bytes(value, "/joint_key"))).unwrap();
    let mut listener = Listener::new(&manifest, &joint_key, DeviceKey::draw(manifest.id(), &mut rng));
    assert_eq!(listener.offer(), bytes(value, "/device/offer"));
    let mut take = |place: usize| listener.take(&bytes(value, &format!("/messages/{place}/sealed"))).unwrap();
    let Event::Shown(first) = take(0) else { panic!("shown") };
    let Event::Opened(heard) = take(1) else { panic!("opened") };
    assert_eq!(heard, Heard { voter: VOTER, choices: numbered(&choices(0)) });
    let Event::Shown(second) = take(2) else { panic!("shown") };
    assert_ne!(first, second);
    let Event::Recorded { index: INDEX, leaf } = take(3) else { panic!("recorded") };
    let entry = SignedEntry::from_bytes(&bytes(value, "/entry")).unwrap();
    assert_eq!(leaf, entry.leaf_hash());
    let receipt = Receipt::parse(text(value, "/receipt")).unwrap();
    let heard = listener.conclude(&entry, &receipt).unwrap();
    assert_eq!(heard, Heard { voter: VOTER, choices: numbered(&choices(1)) });
    // What the device made up holds for it as the page's does.
    let EntryBody::Ballot(ballot) = &entry.body else { panic!("a ballot") };
    let code: Code = text(value, "/device/code").parse().unwrap();
    let offer = code.accept(&bytes(value, "/device/offer"), manifest.id()).unwrap();
    let statement = Statement { manifest: &manifest, joint_key: &joint_key, offer: &offer, leaf, ballot };
    let claim = Claim::from_bytes(&bytes(value, "/made_up/claim")).unwrap();
    assert_eq!(claim.verify(&statement).unwrap(), numbered(&choices(2)));
}
