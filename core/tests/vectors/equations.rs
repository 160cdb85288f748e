//! The specification's transcripts and equations, from its text: plain Merlin, plain curve arithmetic, no code of the crate
//! but the generators, which `group.json` pins.

#[path = "rows.rs"]
pub(crate) mod rows;

use super::blocks::scalar;
use super::{bytes, stored, text};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as B;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use selge_core::group::Generators;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Reads points and scalars one after the other.
struct Bytes(Vec<u8>, usize);

impl Bytes {
    fn take(&mut self, n: usize) -> &[u8] {
        self.1 += n;
        &self.0[self.1 - n..self.1]
    }
    fn p(&mut self) -> RistrettoPoint {
        CompressedRistretto::from_slice(self.take(32)).unwrap().decompress().unwrap()
    }
    fn s(&mut self) -> Scalar {
        Scalar::from_canonical_bytes(self.take(32).try_into().unwrap()).unwrap()
    }
    fn many<T>(&mut self, n: usize, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..n).map(|_| read(self)).collect()
    }
}

fn open(proof: &'static [u8], value: &Value) -> Transcript {
    let mut t = Transcript::new(b"selge/v1");
    t.append_message(b"proof", proof);
    t.append_message(b"election", &bytes(value, "/election"));
    t
}

fn integer(t: &mut Transcript, label: &'static [u8], value: &Value, pointer: &str) {
    t.append_message(label, &value.pointer(pointer).unwrap().as_u64().unwrap().to_be_bytes());
}

fn challenge(t: &mut Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    t.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

fn point(value: &Value, pointer: &str) -> RistrettoPoint {
    Bytes(bytes(value, pointer), 0).p()
}

fn number(value: &Value, pointer: &str) -> usize {
    usize::try_from(value.pointer(pointer).unwrap().as_u64().unwrap()).unwrap()
}

/// BALLOT-2 and BALLOT-4.
pub(crate) fn ballot_challenge(v: &Value) -> String {
    let w = number(v, "/width");
    let mut b = Bytes(bytes(v, "/bytes"), 3);
    let mut t = open(b"ballot contest", v);
    t.append_message(b"joint-key", &bytes(v, "/joint_key"));
    t.append_message(b"voter", &bytes(v, "/voter"));
    integer(&mut t, b"style", v, "/style");
    integer(&mut t, b"contest", v, "/contest");
    t.append_message(b"space", &text(v, "/space").parse::<u128>().unwrap().to_be_bytes());
    integer(&mut t, b"width", v, "/width");
    (0..w).for_each(|_| t.append_message(b"ciphertext", b.take(64)));
    (0..w).for_each(|_| t.append_message(b"complement", b.take(32)));
    for _ in 0..w {
        t.append_message(b"knowledge-T", b.take(32));
        t.append_message(b"knowledge-U", b.take(32));
        b.take(64);
    }
    scalar(&challenge(&mut t, b"knowledge-e"))
}

/// BALLOT-3 and BALLOT-6, and the size of the range proof of BALLOT-1.
fn ballot(v: &Value) {
    let w = number(v, "/width");
    let e = Bytes(bytes(v, "/e"), 0).s();
    let key = point(v, "/joint_key");
    let mut b = Bytes(bytes(v, "/bytes"), 3);
    let ciphertexts = b.many(w, |b| (b.p(), b.p()));
    let complements = b.many(w, Bytes::p);
    let largest = text(v, "/space").parse::<u128>().unwrap() - 1;
    let both = ciphertexts.iter().zip(&complements).enumerate();
    assert_eq!(B * Scalar::from(largest), both.map(|(i, ((_, c), d))| (c + d) * Scalar::from(1u128 << (16 * i))).sum());
    for (r, c) in ciphertexts {
        let (t, u, z_m, z_r) = (b.p(), b.p(), b.s(), b.s());
        assert_eq!(B * z_r, t + r * e);
        assert_eq!(B * z_m + key * z_r, u + c * e);
    }
    let bits = if text(v, "/space").parse::<u128>().unwrap() <= 256 { 8 } else { 16 };
    let length = 32 * (9 + 2 * (bits * (2 * w).next_power_of_two()).ilog2());
    assert_eq!(b.take(4), length.to_be_bytes());
    assert_eq!(b.0.len() - b.1, length as usize);
}

/// SHUF-2.
fn shuffle_statement(proof: &'static [u8], v: &Value) -> Transcript {
    let mut t = open(proof, v);
    t.append_message(b"joint-key", &bytes(v, "/joint_key"));
    for (label, pointer) in
        [(&b"contest"[..], "/contest"), (b"mix", "/mix"), (b"count", "/count"), (b"width", "/width")]
    {
        integer(&mut t, label, v, pointer);
    }
    t.append_message(b"input", &Sha256::digest(bytes(v, "/input")));
    t.append_message(b"output", &Sha256::digest(bytes(v, "/output")));
    t
}

/// SHUF-2 to SHUF-4 and SHUF-7.
pub(crate) fn shuffle_challenges(v: &Value) -> [Scalar; 4] {
    let mut t = shuffle_statement(b"shuffle", v);
    let mut b = Bytes(bytes(v, "/proof"), 6);
    t.append_message(b"shuffle-A", b.take(32));
    let x = challenge(&mut t, b"shuffle-x");
    t.append_message(b"shuffle-B", b.take(32));
    let (y, z) = (challenge(&mut t, b"shuffle-y"), challenge(&mut t, b"shuffle-z"));
    for label in [&b"product-d"[..], b"product-delta", b"product-Delta", b"multiexp-A"] {
        t.append_message(label, b.take(32));
    }
    (0..number(v, "/width")).for_each(|_| t.append_message(b"multiexp-E", b.take(64)));
    [x, y, z, challenge(&mut t, b"shuffle-c")]
}

/// SHUF-8 and SHUF-9.
fn shuffle(v: &Value) {
    let (n, w) = (number(v, "/count"), number(v, "/width"));
    let [x, y, z, c] = ["/x", "/y", "/z", "/c"].map(|name| Bytes(bytes(v, name), 0).s());
    let generators = Generators::new(n);
    let com = |values: &[Scalar], blinding: Scalar| {
        values.iter().zip(generators.g()).map(|(v, g)| g * v).sum::<RistrettoPoint>() + generators.h() * blinding
    };
    let key = point(v, "/joint_key");
    let mut b = Bytes(bytes(v, "/proof"), 6);
    assert_eq!(b.0.len(), 6 + 32 * (3 * n + 7 + 3 * w));
    let [a_com, p_com, d_com, small, big, s_com] = [(); 6].map(|()| b.p());
    let masked = b.many(2 * w, Bytes::p);
    let (a, partials, e, tau) =
        (b.many(n, Bytes::s), b.many(n - 2, Bytes::s), b.many(n, Bytes::s), b.many(w, Bytes::s));
    let (r, s, q) = (b.s(), b.s(), b.s());
    // (a)
    assert_eq!(com(&a, r), (a_com * y + p_com - com(&vec![z; n], Scalar::ZERO)) * c + d_com);
    // (b)
    let powers: Vec<Scalar> = std::iter::successors(Some(x), |p| Some(p * x)).take(n).collect();
    let product: Scalar = powers.iter().zip(1u64..).map(|(xi, i)| y * Scalar::from(i) + xi - z).product();
    let all: Vec<Scalar> = [&[a[0]], &partials[..], &[c * product]].concat();
    let steps: Vec<Scalar> = (0..n - 1).map(|i| c * all[i + 1] - all[i] * a[i + 1]).collect();
    assert_eq!(com(&steps, s), big * c + small);
    // (c)
    assert_eq!(com(&e, q), p_com * c + s_com);
    // (d)
    let list = |name: &str| Bytes(bytes(v, name), 6).many(2 * n * w, Bytes::p);
    let (input, output) = (list("/input"), list("/output"));
    for at in 0..2 * w {
        let sum = |list: &[RistrettoPoint], by: &[Scalar]| -> RistrettoPoint {
            by.iter().enumerate().map(|(i, s)| list[2 * w * i + at] * s).sum()
        };
        let zero = if at % 2 == 0 { B * tau[at / 2] } else { key * tau[at / 2] };
        assert_eq!(sum(&output, &e) + zero, masked[at] + sum(&input, &powers) * c);
    }
}

/// KEY-1 and KEY-2.
fn possession(v: &Value, message: &str) {
    let mut b = Bytes(hex::decode(message).unwrap(), 0);
    let mut t = open(b"possession", v);
    let trustee = u64::from(u16::from_be_bytes(b.take(2).try_into().unwrap()));
    t.append_message(b"trustee", &trustee.to_be_bytes());
    let transport = b.take(32).to_vec();
    let count = u32::from_be_bytes(b.take(4).try_into().unwrap());
    t.append_message(b"count", &u64::from(count).to_be_bytes());
    t.append_message(b"transport-key", &transport);
    let commitments = b.many(count as usize, Bytes::p);
    commitments.iter().for_each(|p| t.append_message(b"commitments", p.compress().as_bytes()));
    let (possession, z) = (b.p(), b.s());
    t.append_message(b"possession-T", possession.compress().as_bytes());
    assert_eq!(B * z, possession + commitments[0] * challenge(&mut t, b"possession-c"));
}

/// DEC-2 to DEC-4, with the weights of FS-4.
fn decryption(v: &Value, factors: &Value) {
    let list = bytes(v, "/decryption/list");
    let n = number(v, "/decryption/count") * number(v, "/decryption/width");
    let file = bytes(factors, "/bytes");
    let mut t = open(b"partial decryption", v);
    t.append_message(b"joint-key", &bytes(v, "/joint_key"));
    integer(&mut t, b"contest", v, "/decryption/contest");
    integer(&mut t, b"trustee", factors, "/trustee");
    let share_key = bytes(v, &format!("/share_keys/{}", number(factors, "/trustee") - 1));
    t.append_message(b"share-key", &share_key);
    t.append_message(b"input", &Sha256::digest(&list));
    t.append_message(b"factors", &Sha256::digest(&file[..6 + 32 * n]));
    let mut seed = [0; 32];
    t.challenge_bytes(b"weights", &mut seed);
    let mut stream = <rand_chacha::ChaCha20Rng as rand::SeedableRng>::from_seed(seed);
    let bases = Bytes(list, 6).many(n, |b| (b.p(), b.p()).0);
    let mut b = Bytes(file, 6);
    let powers = b.many(n, Bytes::p);
    let (mut base, mut power) = (RistrettoPoint::default(), RistrettoPoint::default());
    for (r, d) in bases.iter().zip(&powers) {
        let mut weight = [0; 16];
        rand::RngCore::fill_bytes(&mut stream, &mut weight);
        let weight = Scalar::from(u128::from_le_bytes(weight));
        (base, power) = (base + r * weight, power + d * weight);
    }
    t.append_message(b"equality-T", b.take(32));
    t.append_message(b"equality-U", b.take(32));
    let c = challenge(&mut t, b"equality-c");
    b.1 -= 64;
    let (t, u, z) = (b.p(), b.p(), b.s());
    assert_eq!(B * z, t + Bytes(share_key, 0).p() * c);
    assert_eq!(base * z, u + power * c);
    assert_eq!(b.1, b.0.len());
}

/// Checks every stored proof.
pub(crate) fn hold() {
    let all = |name: &str| stored(name).unwrap().as_array().unwrap().clone();
    all("ballot.json").iter().for_each(ballot);
    all("shuffle.json").iter().for_each(shuffle);
    all("shuffle_rows.json").iter().for_each(rows::shuffle);
    let ceremony = stored("ceremony.json").unwrap();
    for message in ceremony["round1"].as_array().unwrap() {
        possession(&ceremony, message.as_str().unwrap());
    }
    for factors in ceremony["decryption"]["factors"].as_array().unwrap() {
        decryption(&ceremony, factors);
    }
}
