//! A log that can be made to lie, a client that speaks HTTP by hand, and the check of a cosignature written from the
//! specification's text alone.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use selge_core::cosignature::AddCheckpoint;
use selge_core::note::{Checkpoint, LogKey};
use selge_core::sign::SigningKey;
use selge_core::tree::{leaf_hash, Tree};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

pub(crate) const ORIGIN: &str = "board.example.org/0123456789abcdef";
pub(crate) const NAME: &str = "witness.example.org/w1";

pub(crate) struct Log {
    pub(crate) key: SigningKey,
    pub(crate) tree: Tree,
}

impl Log {
    /// A log of `size` entries, which begin with `seed`: logs of other seeds are forks.
    pub(crate) fn new(key: &SigningKey, seed: u8, size: u64) -> Self {
        let mut tree = Tree::new();
        (0..size).for_each(|at| tree.push(leaf_hash(&[&[seed][..], &at.to_be_bytes()].concat())));
        Log { key: SigningKey::from_seed(*key.expose_seed()), tree }
    }

    pub(crate) fn vkey(key: &SigningKey) -> String {
        LogKey { origin: ORIGIN.to_owned(), key: key.verifying_key() }.vkey()
    }

    pub(crate) fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: ORIGIN.to_owned(), size, root: self.tree.root_at(size).unwrap() }
    }

    pub(crate) fn request(&self, old: u64, size: u64) -> AddCheckpoint {
        let proof = self.tree.consistency_proof(old, size).unwrap();
        AddCheckpoint { old, proof, note: self.checkpoint(size).sign(&self.key) }
    }
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) fn send(address: SocketAddr, method: &str, path: &str, body: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes())?;
    Ok(stream)
}

pub(crate) fn receive(mut stream: TcpStream) -> Option<Response> {
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Response { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
}

pub(crate) fn post(address: SocketAddr, body: &str) -> Response {
    receive(send(address, "POST", "/add-checkpoint", body).unwrap()).unwrap()
}

/// Checks the answer to a request as c2sp.org/tlog-cosignature says; returns its time. Nothing of the product is used.
pub(crate) fn verify_cosignature(vkey: &str, note: &str, lines: &str) -> u64 {
    let mut parts = vkey.splitn(3, '+');
    let (name, id, key) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let key = STANDARD.decode(key).unwrap();
    assert_eq!((key.len(), key[0]), (33, 4), "a vkey of signature type 0x04");
    // SHA-256(<name> || "\n" || 0x04 || 32-byte Ed25519 cosigner public key)[:4]
    let hash = Sha256::digest([name.as_bytes(), b"\n", &key].concat());
    assert_eq!(hex::encode(&hash[..4]), id);
    assert_eq!(lines.matches('\n').count(), 1);
    let (found, encoded) =
        lines.strip_prefix("\u{2014} ").unwrap().strip_suffix('\n').unwrap().split_once(' ').unwrap();
    assert_eq!(found, name);
    let bytes = STANDARD.decode(encoded).unwrap();
    assert_eq!((bytes.len(), &bytes[..4]), (4 + 8 + 64, &hash[..4]));
    let time = u64::from_be_bytes(bytes[4..12].try_into().unwrap());
    let body = &note[..note.rfind("\n\n").unwrap() + 1];
    let message = format!("cosignature/v1\ntime {time}\n{body}");
    let signature = ed25519_zebra::Signature::from(<[u8; 64]>::try_from(&bytes[12..]).unwrap());
    let key = ed25519_zebra::VerificationKey::try_from(&key[1..]).unwrap();
    key.verify(&signature, message.as_bytes()).unwrap();
    assert!(key.verify(&signature, message.replace("time", "timf").as_bytes()).is_err());
    time
}
