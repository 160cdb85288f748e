//! What fuzzers call: everything that reads bytes of other people. `fuzz/` runs these for hours (`make fuzz`), and a test of
//! this crate for a second, with bytes drawn from a fixed seed.
//!
//! None may panic. Besides: what decodes encodes to the same bytes (`ENC-1`), and nothing that was changed verifies.

use crate::board::stages::{is_mix, MAYOR};
use crate::board::{audit, smallest, Board, Plan};
use selge_auditor::{render, MemorySource, Verdict};
use selge_core::ballot::EncryptedBallot;
use selge_core::ceremony::{Commitments, Complaint, DealerSecret, Shares};
use selge_core::chaum_pedersen::EqualityProof;
use selge_core::check::{Claim, Code, Message, Offer};
use selge_core::codec::{Decode, Encode};
use selge_core::cosignature::{AddCheckpoint, WitnessKey};
use selge_core::decryption::{DecryptionContext, PartialDecryption};
use selge_core::draft::OpenedBallot;
use selge_core::elgamal::{Ciphertext, CiphertextList, EncodedCiphertext};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::evidence::Evidence;
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, ElectionId, TrusteeIndex};
use selge_core::manifest::Manifest;
use selge_core::note::{Checkpoint, LogKey};
use selge_core::outcome::ElectionResult;
use selge_core::plaintext::EncryptedContest;
use selge_core::receipt::Receipt;
use selge_core::record::{read_bundle, TileRef};
use selge_core::roll::Roll;
use selge_core::shuffle::{verify, ShuffleProof};
use selge_core::sign::{Signature, VerifyingKey};
use std::sync::{Arc, LazyLock};

/// A whole election, small enough to be audited in a moment.
static BOARD: LazyLock<Board> = LazyLock::new(|| {
    let mut board = Board::prepare(&Plan { trustees: 2, threshold: 2, witnesses: 1, quorum: 1, ..smallest() });
    board.vote(0);
    board.vote(1);
    board.finish_with(&[1, 2]);
    board
});
static RECORD: LazyLock<MemorySource> = LazyLock::new(|| BOARD.record());

/// Whatever decodes has one encoding.
fn canonical<T: Decode + Encode>(bytes: &[u8]) {
    if let Ok(value) = T::from_bytes(bytes) {
        assert_eq!(value.to_bytes(), bytes, "{} has two encodings", T::NAME);
    }
}

/// An offer is read only with its proof of possession (`CHECK-1`).
fn offer(bytes: &[u8]) {
    if let Ok(offer) = Offer::verify(bytes, &ElectionId([0; 32])) {
        assert_eq!(offer.to_bytes(), bytes);
    }
}

/// Whatever text reads says the same when it is read again.
fn text<T: PartialEq + std::fmt::Debug, E>(
    bytes: &[u8],
    read: impl Fn(&str) -> Result<T, E>,
    write: impl Fn(&T) -> String,
) {
    let Some(value) = std::str::from_utf8(bytes).ok().and_then(|text| read(text).ok()) else { return };
    assert_eq!(read(&write(&value)).ok().as_ref(), Some(&value));
}

/// Count and width, from 0 to 15 and 3, of a list that follows.
fn shape(data: &[u8]) -> Option<(usize, usize, &[u8])> {
    let (head, rest) = data.split_first()?;
    Some((usize::from(head & 15), usize::from(head >> 4 & 3), rest))
}

type Decoder = fn(&[u8]);

/// The decoders; a fuzzer's first byte chooses one, and its place here must not change.
const DECODERS: &[(&str, Decoder)] = &[
    ("entry", canonical::<SignedEntry>),
    ("ballot", canonical::<EncryptedBallot>),
    ("contest", canonical::<EncryptedContest>),
    ("commitments", canonical::<Commitments>),
    ("shares", canonical::<Shares>),
    ("complaint", canonical::<Complaint>),
    ("equality proof", canonical::<EqualityProof>),
    ("roll", canonical::<Roll>),
    ("ciphertext", canonical::<Ciphertext>),
    ("encoded ciphertext", canonical::<EncodedCiphertext>),
    ("signature", canonical::<Signature>),
    ("key", canonical::<VerifyingKey>),
    ("list", |data| {
        let Some((count, width, bytes)) = shape(data) else { return };
        if let Ok(list) = CiphertextList::from_bytes(bytes, count, width) {
            assert_eq!((list.len(), list.width(), list.bytes()), (count, width, bytes));
        }
    }),
    ("shuffle proof", |data| {
        let Some((count, width, bytes)) = shape(data) else { return };
        if let Ok(proof) = ShuffleProof::from_bytes(bytes, count, width) {
            assert_eq!(proof.to_bytes(), bytes);
            assert_eq!(ShuffleProof::encoded_len(count, width), bytes.len());
        }
    }),
    ("shuffle proof in rows", |data| {
        let Some((count, width, bytes)) = shape(data) else { return };
        for rows in [2, 4, 8] {
            if let Ok(proof) = ShuffleProof::from_bytes_in_rows(bytes, count, width, rows) {
                assert_eq!(proof.to_bytes(), bytes);
                assert_eq!(ShuffleProof::encoded_len_in_rows(count, width, rows), bytes.len());
            }
        }
    }),
    ("factors", |data| {
        let Some((count, width, bytes)) = shape(data) else { return };
        if let Ok(factors) = PartialDecryption::from_bytes(bytes, count, width) {
            assert_eq!(factors.to_bytes(), bytes);
        }
    }),
    ("ceremony secret", |bytes| {
        if let Ok(secret) = DealerSecret::from_bytes(bytes) {
            assert_eq!(*secret.expose_bytes(), bytes);
        }
    }),
    ("manifest", |bytes| {
        if let Ok(manifest) = Manifest::parse(bytes) {
            assert_eq!(manifest.id().0, Digest::of(bytes).0);
            // All that a checked manifest promises is there.
            let all = manifest.contests().all(|(c, _)| manifest.space(c).is_some() && manifest.layout(c).is_some());
            assert!(all && manifest.threshold() <= manifest.trustees());
        }
    }),
    ("result", |bytes| {
        if let Ok(result) = serde_json::from_slice::<ElectionResult>(bytes) {
            let again = serde_json::to_vec(&result).expect("a result is JSON");
            assert!(result.is_published_as(&again));
        }
    }),
    ("bundle", |data| {
        let Some((width, bytes)) = data.split_first() else { return };
        if let Ok(entries) = read_bundle(bytes, u64::from(*width)) {
            assert_eq!(selge_core::record::bundle(entries).ok().as_deref(), Some(bytes));
        }
    }),
    ("tile's path", |bytes| {
        let tile = std::str::from_utf8(bytes).ok().and_then(|path| Some((path, TileRef::parse(path)?)));
        if let Some((path, tile)) = tile {
            assert_eq!(tile.path(), path);
        }
    }),
    ("checkpoint", |bytes| {
        let Ok(note) = std::str::from_utf8(bytes) else { return };
        let log = BOARD.manifest.log_key();
        // A checkpoint that holds is the collector's own, whatever stands beside its line.
        if let Ok(checkpoint) = Checkpoint::open(note, &log) {
            assert_eq!(checkpoint, BOARD.checkpoint());
        }
        let _ = BOARD.manifest.witnesses().standing(note, &BOARD.checkpoint());
    }),
    ("receipt", |bytes| text(bytes, Receipt::parse, Receipt::text)),
    ("log's key", |bytes| text(bytes, LogKey::from_vkey, LogKey::vkey)),
    ("witness's key", |bytes| text(bytes, WitnessKey::from_vkey, WitnessKey::vkey)),
    ("question to a witness", |bytes| text(bytes, AddCheckpoint::parse, AddCheckpoint::text)),
    ("evidence", |bytes| {
        if let Ok(evidence) = Evidence::parse(bytes) {
            let _ = evidence.verify(&BOARD.manifest.log_key());
        }
    }),
    ("opened ballot", canonical::<OpenedBallot>),
    ("claim", canonical::<Claim>),
    ("message of a check", canonical::<Message>),
    ("offer of a check", offer),
    ("code of a check", |bytes| text(bytes, Code::parse, Code::to_string)),
];

/// Reads the bytes after the first with the decoder that the first one names.
///
/// # Panics
/// If a value has two encodings.
pub fn decoders(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    if let Some((_, decode)) = DECODERS.get(usize::from(*which) % DECODERS.len()) {
        decode(bytes);
    }
}

/// Changes bytes as the fuzzer says: each change is a place (two bytes), a kind and a byte.
fn change(bytes: &mut Vec<u8>, changes: &[u8]) {
    for change in changes.chunks_exact(4).take(8) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len().max(1);
        match change[2] % 5 {
            0 if at < bytes.len() => bytes[at] ^= change[3],
            1 if at < bytes.len() => bytes[at] = change[3],
            2 => bytes.insert(at, change[3]),
            3 => bytes.truncate(at),
            4 if at < bytes.len() => drop(bytes.remove(at)),
            _ => {}
        }
    }
}

/// Changes a proof of the election (the first byte says which) and verifies it.
///
/// # Panics
/// If a changed proof holds.
pub fn proofs(data: &[u8]) {
    let Some((which, changes)) = data.split_first() else { return };
    let mix = BOARD.entries.iter().find(|e| is_mix(&e.body)).map(|e| e.body.files()).unwrap_or_default();
    let list = &BOARD.lists[&MAYOR];
    let changed = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        change(&mut bytes, changes);
        bytes
    };
    match which % 3 {
        0 => {
            let honest = &BOARD.files[&mix[1]];
            let bytes = changed(honest);
            let state = BOARD.state();
            let Some(input) = state.counted_in(MAYOR).map(|set| Arc::clone(set.list())) else { return };
            if let Ok(proof) = ShuffleProof::from_bytes(&bytes, input.len(), input.width()) {
                let holds = verify(&BOARD.mix_context(MAYOR, 1), &Generators::new(input.len()), &input, list, &proof);
                assert_eq!(holds.is_ok(), bytes == *honest);
            }
        }
        1 => {
            let ctx = DecryptionContext {
                election: BOARD.manifest.id(),
                joint_key: &BOARD.joint_key,
                contest: MAYOR,
                trustee: TrusteeIndex(1),
            };
            let posted = BOARD.entries.iter().find_map(|e| match &e.body {
                EntryBody::Decryption(m) if m.trustee.0 == 1 => Some(&BOARD.files[&m.factors]),
                _ => None,
            });
            let Some(honest) = posted else { return };
            let bytes = changed(honest);
            if let Ok(factors) = PartialDecryption::from_bytes(&bytes, list.len(), list.width()) {
                assert_eq!(factors.verify(&ctx, list).is_ok(), bytes == *honest);
            }
        }
        _ => {
            let Some(EntryBody::Ballot(ballot)) = BOARD.ballots_of(0).first().map(|at| &BOARD.entries[*at].body) else {
                return;
            };
            let honest = ballot.contests[usize::from(ContestIndex(0).0)].to_bytes();
            let bytes = changed(&honest);
            if let Ok(contest) = EncryptedContest::from_bytes(&bytes) {
                // The proof is checked for the contest that the verifier knows; whether the ballot names it is the ballot's check.
                let named = contest.contest() == MAYOR;
                let holds = named && contest.verify(&crate::forge::context(&BOARD, 0, MAYOR)).is_ok();
                assert_eq!(holds, bytes == honest);
            }
        }
    }
}

/// Changes a record and audits it. The first byte says what: an odd one an entry, over which everybody signs a new
/// checkpoint, an even one a file as it lies there; the second says which.
///
/// # Panics
/// If a changed record passes.
pub fn records(data: &[u8]) {
    let [how, which, changes @ ..] = data else { return };
    let record = if how % 2 == 1 {
        let mut board = BOARD.clone();
        let at = usize::from(*which) % board.entries.len();
        let mut bytes = board.bytes()[at].clone();
        change(&mut bytes, changes);
        bytes.truncate(selge_core::entry::MAX_ENTRY);
        board.raw.insert(at, bytes);
        board.record()
    } else {
        let mut record = RECORD.clone();
        let path = record.files.keys().nth(usize::from(*which) % RECORD.files.len()).cloned().unwrap_or_default();
        change(record.files.entry(path).or_default(), changes);
        record
    };
    let report = audit(&record);
    assert!(report.verdict != Verdict::Passed || record == *RECORD, "a changed record passes:\n{}", render(&report));
}

/// Bytes to start from: for each decoder one that it reads, in the form of [`decoders`].
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let place = |name: &str| DECODERS.iter().position(|(n, _)| *n == name).unwrap_or_default() as u8;
    let mut seeds = Vec::new();
    let mut seed = |name: &str, bytes: &[u8]| {
        let number = seeds.len();
        let words = name.replace(' ', "-").replace('\'', "");
        seeds.push((format!("{number:02}-{words}"), [&[place(name)], bytes].concat()));
    };
    for entry in &BOARD.entries {
        seed("entry", &entry.to_bytes());
        match &entry.body {
            EntryBody::Manifest(d) => seed("manifest", &BOARD.files[d]),
            EntryBody::Commitments(m) => seed("commitments", &m.to_bytes()),
            EntryBody::Shares(m) => seed("shares", &m.to_bytes()),
            EntryBody::Roll(d) => seed("roll", &BOARD.files[d]),
            EntryBody::Ballot(m) => {
                seed("ballot", &m.to_bytes());
                seed("contest", &m.contests[0].to_bytes());
                seed("encoded ciphertext", &m.contests[0].ciphertexts()[0].to_bytes());
                seed("ciphertext", &m.contests[0].ciphertexts()[0].to_bytes());
            }
            EntryBody::Mix(m) => {
                // Two vectors of one ciphertext.
                seed("list", &[&[0x12], &BOARD.files[&m.output][..]].concat());
                seed("shuffle proof", &[&[0x12], &BOARD.files[&m.proof][..]].concat());
            }
            EntryBody::Decryption(m) => {
                let bytes = &BOARD.files[&m.factors];
                seed("factors", &[&[0x12], &bytes[..]].concat());
                seed("equality proof", &bytes[bytes.len() - 96..]);
            }
            EntryBody::Result(d) => seed("result", &BOARD.files[d]),
            _ => {}
        }
        seed("signature", &entry.signature.to_bytes());
    }
    seed("ceremony secret", &BOARD.secrets[0].expose_bytes());
    seed("key", &BOARD.keys.commission.verifying_key().to_bytes());
    seed("checkpoint", &RECORD.files["checkpoint"]);
    seed("log's key", BOARD.manifest.log_key().vkey().as_bytes());
    let bundle = RECORD.files.iter().find(|(path, _)| path.starts_with("tile/entries/"));
    if let Some((path, bytes)) = bundle {
        seed("bundle", &[&[BOARD.entries.len() as u8], &bytes[..]].concat());
        seed("tile's path", path.as_bytes());
    }
    seeds
}
