//! The section `CHECK` carried out by its letter, with literal labels and lengths and none of the code that it describes.

use super::*;
use crate::seal;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use sha2::{Digest as _, Sha256};

fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap()
}

fn transcript(proof: &[u8], election: &ElectionId) -> Transcript {
    let mut transcript = Transcript::new(b"selge/v1");
    transcript.append_message(b"proof", proof);
    transcript.append_message(b"election", &election.0);
    transcript
}

fn challenge(mut transcript: Transcript, label: &'static [u8]) -> Scalar {
    let mut bytes = [0; 64];
    transcript.challenge_bytes(label, &mut bytes);
    Scalar::from_bytes_mod_order_wide(&bytes)
}

fn read(bytes: &[u8]) -> RistrettoPoint {
    CompressedRistretto::from_slice(bytes).unwrap().decompress().unwrap()
}

fn point(point: RistrettoPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// `CHECK-5`, computed by the verifier from the bytes of `CHECK-4` and of the ballot's body (`BAL-1`, `BALLOT-1`).
#[test]
fn a_claim_holds() {
    let f = Fixture::new();
    let recorded = f.cast(f.draft(VOTER, &choices(1)));
    let device = f.device();
    let statement = f.statement(device.offer(), &recorded);
    let offer = device.offer().to_bytes();
    let claim = Claim::prove(&statement, &recorded.opening, &mut OsRng).unwrap();
    let message = Message::Recorded { index: 2, leaf: recorded.entry.leaf_hash(), claim }.to_bytes();

    assert_eq!(message[0], 3);
    assert_eq!(message[1..9], 2u64.to_be_bytes());
    let leaf = Sha256::new().chain_update([0]).chain_update(recorded.entry.to_bytes()).finalize();
    assert_eq!(message[9..41], leaf[..]);
    assert_eq!(message[41..45], 2u32.to_be_bytes());
    assert_eq!((message[45], message[48]), (1, 2));
    let limb = |at: usize| u64::from(u16::from_be_bytes([message[at], message[at + 1]]));
    let limbs = [vec![limb(46)], vec![limb(49), limb(51)]];
    let (c_1, c_2) = (scalar(&message[53..85]), scalar(&message[85..117]));
    assert_eq!(message[117..121], 4u32.to_be_bytes());
    let z: Vec<Scalar> = message[121..].chunks(32).map(scalar).collect();
    assert_eq!(z.len(), 4);

    let (pk, b) = (*f.joint_key.point(), RISTRETTO_BASEPOINT_POINT);
    let mut t = transcript(b"check", f.manifest.id());
    t.append_message(b"joint-key", &point(pk));
    t.append_message(b"device-key", &offer[..32]);
    t.append_message(b"transport-key", &offer[32..64]);
    t.append_message(b"leaf", &leaf);
    t.append_message(b"voter", &VOTER.0);
    t.append_message(b"style", &0u64.to_be_bytes());
    let mut commitments = Vec::new();
    let mut answers = z[1..].iter();
    for (k, (contest, limbs)) in recorded.ballot().contests.iter().zip(&limbs).enumerate() {
        let bytes = contest.to_bytes();
        t.append_message(b"contest", &(k as u64).to_be_bytes());
        t.append_message(b"width", &(limbs.len() as u64).to_be_bytes());
        for (i, m) in limbs.iter().enumerate() {
            let ciphertext = &bytes[3 + 64 * i..3 + 64 * (i + 1)];
            t.append_message(b"ciphertext", ciphertext);
            t.append_message(b"limb", &m.to_be_bytes());
            let (r, c) = (read(&ciphertext[..32]), read(&ciphertext[32..]));
            let z = answers.next().unwrap();
            commitments.push((z * b - c_1 * r, z * pk - c_1 * (c - Scalar::from(*m) * b)));
        }
    }
    for (at, u) in commitments {
        t.append_message(b"check-T", &point(at));
        t.append_message(b"check-U", &point(u));
    }
    t.append_message(b"check-V", &point(z[0] * b - c_2 * read(&offer[..32])));
    assert_eq!(challenge(t, b"check-c"), c_1 + c_2);
    assert_eq!(recorded.opening.0.iter().map(|c| c.limbs.to_vec()).collect::<Vec<_>>(), limbs);
}

/// `CHECK-1` to `CHECK-4`: an offer, its code and mailbox, and a message to it.
#[test]
fn an_offer_leads_to_a_message() {
    let f = Fixture::new();
    let election = f.manifest.id();
    let listener = f.listener();
    let offer = listener.offer();
    assert_eq!(offer.len(), 128);
    let mut t = transcript(b"check key", election);
    t.append_message(b"device-key", &offer[..32]);
    t.append_message(b"transport-key", &offer[32..64]);
    t.append_message(b"possession-T", &offer[64..96]);
    let c = challenge(t, b"possession-c");
    let z = scalar(&offer[96..]);
    assert_eq!(RISTRETTO_BASEPOINT_TABLE * &z, read(&offer[64..96]) + c * read(&offer[..32]));

    let named = |domain: &[u8], rest: &[u8]| {
        let length = |n: usize| (n as u32).to_be_bytes();
        [&length(8)[..], b"selge/v1", &length(domain.len()), domain, &election.0, rest].concat()
    };
    let code = &Sha256::digest(named(b"check code", &offer))[..10];
    let bits: String = code.iter().map(|byte| format!("{byte:08b}")).collect();
    let sign =
        |k: usize| b"0123456789abcdefghjkmnpqrstvwxyz"[usize::from_str_radix(&bits[5 * k..5 * k + 5], 2).unwrap()];
    let signs: String = (0..16).map(|k| char::from(sign(k))).collect();
    assert_eq!(listener.code().to_string().replace('-', ""), signs);
    assert_eq!(listener.code().mailbox(election).0, Sha256::digest(named(b"check mailbox", code))[..16]);

    let draft = f.draft(VOTER, &choices(1));
    let opened = f.draft(VOTER, &choices(1)).open().to_bytes();
    // Voter and style, count, then without the numbers: contest, width, ciphertexts.
    let digest = Sha256::new()
        .chain_update(&opened[..22])
        .chain_update(&opened[22..22 + 3 + 64])
        .chain_update(&opened[22 + 3 + 64 + 34..22 + 3 + 64 + 34 + 3 + 128])
        .finalize();
    assert_eq!(OpenedBallot::from_bytes(&opened).unwrap().digest().0, digest[..]);
    assert_eq!(opened[..22], [&VOTER.0[..], &0u16.to_be_bytes(), &2u32.to_be_bytes()].concat());

    let shown = [&[1][..], &draft.digest().0].concat();
    let transport = offer[32..64].try_into().unwrap();
    let sealed = seal::seal(&transport, &[&named(b"check message", &offer)[..], &[0]].concat(), &shown).unwrap();
    let mut listener = listener;
    let message = [&sealed.encapsulated[..], &sealed.ciphertext].concat();
    assert!(matches!(listener.take(&message), Ok(Event::Shown(digest)) if digest == draft.digest()));
}
