//! Group, transcripts, encodings, signatures and the log.

use super::{rng, ELECTION};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as B;
use curve25519_dalek::{RistrettoPoint, Scalar};
use selge_core::codec::{put_opaque, Encode};
use selge_core::cosignature::{cosign, WitnessKey};
use selge_core::elgamal::{CiphertextList, PublicKey};
use selge_core::entry::{Cancellation, CancellationReason, EntryBody, SignedEntry};
use selge_core::group::{hash_to_group, Generators, GENERATORS_DST};
use selge_core::ids::{StyleIndex, VoterId};
use selge_core::note::{Checkpoint, LogKey};
use selge_core::receipt::Receipt;
use selge_core::roll::{Roll, RollEntry};
use selge_core::sign::{Signature, SigningKey, VerifyingKey};
use selge_core::transcript::{label, proof, ProtocolTranscript};
use selge_core::tree::{leaf_hash, Tree};
use serde_json::{json, Value};

pub(crate) fn point(p: &RistrettoPoint) -> String {
    hex::encode(p.compress().as_bytes())
}

pub(crate) fn scalar(s: &Scalar) -> String {
    hex::encode(s.as_bytes())
}

pub(crate) fn group() -> Value {
    let generators = Generators::new(4);
    assert_eq!(hash_to_group(b"G\0\0\0\x03", GENERATORS_DST), generators.g()[2]);
    json!({
        "dst": String::from_utf8_lossy(GENERATORS_DST),
        "basepoint": point(&B),
        "H": point(generators.h()),
        "G": generators.g().iter().map(point).collect::<Vec<_>>(),
    })
}

pub(crate) fn transcript() -> Value {
    let mut t = merlin::Transcript::open(proof::SHUFFLE, &ELECTION);
    t.put_u64(label::COUNT, 7);
    let challenge = t.challenge(label::SHUFFLE_X);
    let weights: Vec<_> = t.weights(label::WEIGHTS).take(3).map(|w| hex::encode(&w.as_bytes()[..16])).collect();
    json!({
        "election": ELECTION, "proof": "shuffle", "count": 7,
        "challenge": scalar(&challenge), "weights": weights,
    })
}

pub(crate) fn encoding() -> Value {
    let key = PublicKey::new(B * Scalar::from(3u8)).unwrap();
    let ciphertext = key.encrypt(&Scalar::from(5u8), &Scalar::from(7u8));
    let list = CiphertextList::from_vectors(1, [&[ciphertext][..]]).unwrap();
    let mut opaque = Vec::new();
    put_opaque(&mut opaque, b"abc");
    let voter = |i: u8| RollEntry {
        voter: VoterId([i; 16]),
        key: SigningKey::from_seed([i; 32]).verifying_key(),
        style: StyleIndex(i.into()),
    };
    json!({
        "opaque_abc": hex::encode(opaque),
        "key": point(key.point()),
        "ciphertext": hex::encode(ciphertext.to_bytes()),
        "list": hex::encode(list.to_bytes()),
        "list_digest": list.digest(),
        "roll_of_two": hex::encode(Roll::new(vec![voter(2), voter(1)]).unwrap().to_bytes()),
    })
}

/// Signatures that verifiers of RFC 8032 disagree about, and the answer of ZIP 215.
fn edge_cases() -> Value {
    let mut small = [0; 32];
    small[0] = 1; // the identity
    let mut negative_zero = small;
    negative_zero[31] = 0x80; // the identity again, not canonical
    let mut unreduced = [0; 64];
    unreduced[..32].copy_from_slice(&small);
    // s = the group order: the equation holds, the encoding does not.
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    unreduced[32..].copy_from_slice(&order);
    let mut zero = [0; 64];
    zero[..32].copy_from_slice(&small);
    let mut other_r = zero;
    other_r[..32].copy_from_slice(&negative_zero);
    let cases = [
        ("key of small order", small, zero, true),
        ("key that is not canonical", negative_zero, zero, true),
        ("R that is not canonical", small, other_r, true),
        ("s that is not reduced", small, unreduced, false),
        ("key that is no point", [2; 32], zero, false),
    ];
    cases
        .iter()
        .map(|(what, key, signature, valid)| {
            assert_eq!(Signature(*signature).verify_raw(&VerifyingKey(*key), b"any").is_ok(), *valid, "{what}");
            json!({
                "what": what, "key": hex::encode(key), "message": hex::encode("any"),
                "signature": hex::encode(signature), "valid": valid,
            })
        })
        .collect()
}

/// What SIG-1 and LOG-3 say is signed, put together by hand.
pub(crate) fn signed_bytes(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
    let mut out = Vec::new();
    out.extend_from_slice(&length(8));
    out.extend_from_slice(b"selge/v1");
    out.extend_from_slice(&length(5));
    out.extend_from_slice(b"entry");
    out.extend_from_slice(&ELECTION.0);
    out.extend_from_slice(&length(1 + body.len()));
    out.push(kind);
    out.extend_from_slice(body);
    out
}

fn cancellation(voter: u8, key: &SigningKey) -> SignedEntry {
    let body = Cancellation { voter: VoterId([voter; 16]), reason: CancellationReason::PaperVote };
    EntryBody::Cancellation(body).sign(&ELECTION, key)
}

pub(crate) fn signature() -> Value {
    let key = SigningKey::generate(&mut rng("signature"));
    let entry = cancellation(0x22, &key);
    let signed = signed_bytes(9, &[&[0x22; 16][..], &[1]].concat());
    entry.signature.verify_raw(&key.verifying_key(), &signed).unwrap();
    entry.verify(&ELECTION, &key.verifying_key()).unwrap();
    json!({
        "seed": hex::encode(key.expose_seed()),
        "key": key.verifying_key(),
        "election": ELECTION,
        "signed_bytes": hex::encode(signed),
        "signature": hex::encode(entry.signature.0),
        "entry": hex::encode(entry.to_bytes()),
        "leaf_hash": entry.leaf_hash(),
        "edge_cases": edge_cases(),
    })
}

/// When the vectors' witness cosigned.
const COSIGNED: u64 = 1_900_000_000;

pub(crate) fn log() -> Value {
    let key = SigningKey::generate(&mut rng("log"));
    let log = LogKey { origin: "board.example/1111111111111111".into(), key: key.verifying_key() };
    let entries: Vec<_> = (1..=5u8).map(|i| cancellation(i, &key).to_bytes()).collect();
    let mut tree = Tree::new();
    entries.iter().for_each(|e| tree.push(leaf_hash(e)));
    let note = Checkpoint { origin: log.origin.clone(), size: 5, root: tree.root() }.sign(&key);
    let receipt = Receipt { index: 2, proof: tree.inclusion_proof(2, 5).unwrap(), checkpoint: note.clone() };
    receipt.verify(&leaf_hash(&entries[2]), &log).unwrap();
    let witness = SigningKey::generate(&mut rng("witness"));
    let of = WitnessKey { name: "witness.example/w1".into(), key: witness.verifying_key() };
    let checkpoint = Checkpoint::open(&note, &log).unwrap();
    let line = cosign(&checkpoint, &of.name, COSIGNED, &witness);
    // What is signed, written out as C2SP tlog-cosignature says.
    let signed = format!("cosignature/v1\ntime {COSIGNED}\n{}\n", note.split_once("\n\n").unwrap().0);
    let bytes = STANDARD.decode(line.trim_end().rsplit_once(' ').unwrap().1).unwrap();
    assert_eq!((&bytes[..4], &bytes[4..12]), (&of.id()[..], &COSIGNED.to_be_bytes()[..]));
    Signature(bytes[12..].try_into().unwrap()).verify_raw(&of.key, signed.as_bytes()).unwrap();
    let hashes = |proof: Vec<[u8; 32]>| proof.iter().map(hex::encode).collect::<Vec<_>>();
    json!({
        "seed": hex::encode(key.expose_seed()),
        "vkey": log.vkey(),
        "key_id": hex::encode(log.id()),
        "entries": entries.iter().map(hex::encode).collect::<Vec<_>>(),
        "leaf_hashes": entries.iter().map(|e| leaf_hash(e)).collect::<Vec<_>>(),
        "root": hex::encode(tree.root()),
        "root_of_three": hex::encode(tree.root_at(3).unwrap()),
        "consistency_3_to_5": hashes(tree.consistency_proof(3, 5).unwrap()),
        "inclusion_of_2": hashes(receipt.proof.clone()),
        "checkpoint": note,
        "witness": json!({
            "seed": hex::encode(witness.expose_seed()),
            "vkey": of.vkey(),
            "key_id": hex::encode(of.id()),
            "time": COSIGNED,
            "line": line,
        }),
        "receipt_of_2": receipt.text(),
    })
}
