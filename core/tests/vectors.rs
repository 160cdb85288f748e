//! Test vectors of the protocol: made anew from fixed seeds, compared with the stored ones, and checked a second time by
//! equations written out from `docs/protocol.md` with plain Merlin and curve arithmetic.
//!
//! What uses the operating system's randomness (HPKE) cannot be made anew; its stored bytes are taken and verified.
//! A prover that draws its randomness in another order makes other bytes, which is no change of the protocol as long as the
//! stored ones still verify: write the vectors anew. Anything else that changes them is a new version.
//! `SELGE_WRITE_VECTORS=1 cargo test -p selge-core --test vectors` writes the files and the specification's examples.

#[path = "vectors/blocks.rs"]
mod blocks;
#[path = "vectors/ceremony.rs"]
mod ceremony;
#[path = "vectors/check.rs"]
mod check;
#[path = "vectors/equations.rs"]
mod equations;
#[path = "vectors/proofs.rs"]
mod proofs;
#[path = "vectors/record.rs"]
mod record;

use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use selge_core::ids::{Digest, ElectionId};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The election of every vector but the record's.
const ELECTION: ElectionId = ElectionId([0x11; 32]);

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

fn writing() -> bool {
    std::env::var_os("SELGE_WRITE_VECTORS").is_some()
}

fn stored(name: &str) -> Option<Value> {
    let text = std::fs::read(path(name)).ok()?;
    Some(serde_json::from_slice(&text).expect("a stored vector is JSON"))
}

/// A generator whose output is the same for ever.
fn rng(name: &str) -> ChaCha20Rng {
    ChaCha20Rng::from_seed(Digest::of(format!("selge/v1 vectors: {name}").as_bytes()).0)
}

/// Compares what was made anew with what is stored, or stores it.
fn pin(name: &str, made: &Value) {
    if writing() {
        std::fs::write(path(name), format!("{made:#}\n")).expect("the vectors' folder is writable");
        return;
    }
    let stored = stored(name).unwrap_or_else(|| panic!("{name} is missing"));
    differ(name, &stored, made);
}

/// Names the first place where two values differ: they are too long to print.
fn differ(at: &str, stored: &Value, made: &Value) {
    match (stored, made) {
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{at}");
            a.iter().for_each(|(key, value)| differ(&format!("{at}/{key}"), value, &b[key]));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            a.iter().zip(b).enumerate().for_each(|(i, (x, y))| differ(&format!("{at}/{i}"), x, y));
        }
        _ => assert!(stored == made, "{at} is no longer what it was: stored bytes would stop verifying"),
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer}"))
}

fn bytes(value: &Value, pointer: &str) -> Vec<u8> {
    hex::decode(text(value, pointer)).unwrap_or_else(|_| panic!("no hex at {pointer}"))
}

/// One test, so that files are written before the specification's examples are taken from them.
#[test]
fn vectors_are_those_stored_and_the_specification_shows_them() {
    type Make = fn(Option<&Value>) -> Value;
    let all: [(&str, Make); 11] = [
        ("group.json", |_| blocks::group()),
        ("transcript.json", |_| blocks::transcript()),
        ("encoding.json", |_| blocks::encoding()),
        ("signature.json", |_| blocks::signature()),
        ("log.json", |_| blocks::log()),
        ("ballot.json", |_| proofs::ballot()),
        ("shuffle.json", |_| proofs::shuffle()),
        ("shuffle_rows.json", |_| proofs::shuffle_rows()),
        ("ceremony.json", ceremony::ceremony),
        ("record.json", record::record),
        ("check.json", check::check),
    ];
    for (name, make) in all {
        pin(name, &make(stored(name).as_ref()));
    }
    equations::hold();
    record::verifies();
    check::verifies(&stored("check.json").expect("written or stored"));
    examples();
}

/// The specification's worked examples: what it shows, in which file, and where in it.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("H (GRP-3)", "group.json", "/H"),
    ("G_1", "group.json", "/G/0"),
    ("G_4", "group.json", "/G/3"),
    ("challenge after FS-1, `count` 7 (`shuffle-x`)", "transcript.json", "/challenge"),
    ("first weight, little-endian (FS-4)", "transcript.json", "/weights/0"),
    ("encryption of 5 with r = 7 under 3·B (ENCRYPT-1)", "encoding.json", "/ciphertext"),
    ("a list of one such vector (SHUF-1)", "encoding.json", "/list"),
    ("its digest", "encoding.json", "/list_digest"),
    ("bytes that are signed for `cancellation` (SIG-1, LOG-3)", "signature.json", "/signed_bytes"),
    ("the entry (LOG-2)", "signature.json", "/entry"),
    ("its leaf hash (LOG-1)", "signature.json", "/leaf_hash"),
    ("ballot contest, M = 10, number 4 (BALLOT-1)", "ballot.json", "/0/bytes"),
    ("its challenge e", "ballot.json", "/0/e"),
    ("ballot contest of two limbs, M = 70,000", "ballot.json", "/2/bytes"),
    ("shuffle of N = 4, w = 1: proof (SHUF-9)", "shuffle.json", "/0/proof"),
    ("its challenge x", "shuffle.json", "/0/x"),
    ("its challenge c", "shuffle.json", "/0/c"),
    ("shuffle of N = 4, w = 1 in two rows: proof (SHUF-17)", "shuffle_rows.json", "/0/proof"),
    ("its challenge v", "shuffle_rows.json", "/0/v/0"),
    ("round-1 message of trustee 1 (KEY-1)", "ceremony.json", "/round1/0"),
    ("round-1 digest (KEY-4)", "ceremony.json", "/round1_digest"),
    ("shares of trustee 1 (KEY-4)", "ceremony.json", "/shares/0"),
    ("joint key (KEY-3)", "ceremony.json", "/joint_key"),
    ("factors of trustee 1 (DEC-1)", "ceremony.json", "/decryption/factors/0/bytes"),
    ("root of five leaves (LOG-1)", "log.json", "/root"),
    ("id of the log's key (LOG-4)", "log.json", "/key_id"),
    ("a witness's cosignature of the checkpoint over them (LOG-7)", "log.json", "/witness/line"),
    ("election id of the whole record (MAN-1)", "record.json", "/election"),
    ("offer of a checking device (CHECK-1)", "check.json", "/device/offer"),
    ("its code (CHECK-2)", "check.json", "/device/code"),
    ("its mailbox (CHECK-3)", "check.json", "/device/mailbox"),
    ("*recorded*, in clear (CHECK-4)", "check.json", "/messages/3/plain"),
    ("its claim's challenge c (CHECK-5)", "check.json", "/c"),
    ("a claim of other choices that the device made up", "check.json", "/made_up/claim"),
];

/// Longest value shown, in characters.
const SHOWN: usize = 136;

fn examples() {
    let mut table = String::from("| what | place | value |\n| --- | --- | --- |\n");
    for (what, file, pointer) in EXAMPLES {
        let value = stored(file).expect("written or stored");
        let value = text(&value, pointer).trim_end();
        let shown = if value.len() > SHOWN { format!("{}…", &value[..SHOWN]) } else { value.to_owned() };
        table += &format!("| {what} | `{file}` `{pointer}` | `{shown}` |\n");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/protocol.md");
    let spec = std::fs::read_to_string(&path).expect("the specification is there");
    let (before, rest) = spec.split_once("<!-- examples -->\n").expect("the examples' place");
    let (found, after) = rest.split_once("<!-- /examples -->").expect("the examples' end");
    if writing() {
        std::fs::write(path, format!("{before}<!-- examples -->\n{table}<!-- /examples -->{after}")).unwrap();
    } else {
        assert_eq!(found, table, "docs/protocol.md shows other examples than the vectors hold");
    }
}

/// `NAME-1` in a text: words of capitals, a hyphen and digits.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| {
        word.split_once('-').is_some_and(|(name, number)| {
            name.len() > 2
                && name.bytes().all(|b| b.is_ascii_uppercase())
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        })
    })
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a source folder").map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every rule has one place in the documents, and the code cites no other.
#[test]
fn cited_rules_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = ["docs/protocol.md", "docs/rules.md"].map(|d| std::fs::read_to_string(root.join(d)).unwrap());
    let defined: Vec<&str> =
        docs.iter().flat_map(|d| d.split("**").skip(1).step_by(2)).filter(|b| ids(b).eq([*b])).collect();
    let rules: std::collections::BTreeSet<&str> = defined.iter().copied().collect();
    assert_eq!(rules.len(), defined.len(), "a rule is defined twice");
    assert!(rules.contains("SHUF-8") && rules.contains("TALLY-6"));
    let names: std::collections::BTreeSet<&str> = rules.iter().filter_map(|r| Some(r.split_once('-')?.0)).collect();
    for text in &docs {
        for id in ids(text).filter(|id| id.split_once('-').is_some_and(|(name, _)| names.contains(name))) {
            assert!(rules.contains(id), "the documents cite {id}, which is defined nowhere");
        }
    }
    let mut files = Vec::new();
    // Not the auditor: its checks have ids of their own.
    for package in ["core", "node", "registrar", "collector", "mixnet", "tally", "voter-client"] {
        sources(&root.join(package).join("src"), &mut files);
    }
    let mut cited = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for id in ids(&text).filter(|id| id.split_once('-').is_some_and(|(name, _)| names.contains(name))) {
            assert!(rules.contains(id), "{} cites {id}, which is defined nowhere", file.display());
            cited += 1;
        }
    }
    assert!(cited > 50, "the sources cite {cited} rules");
}
