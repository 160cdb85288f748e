//! An election for tests: keys in files, a manifest, a board in memory, and quick ways to each phase.
#![allow(dead_code)] // each test file uses its part

pub(crate) mod board;

use board::MemoryBoard;
use rand::rngs::OsRng;
use selge_core::ballot::EncryptedBallot;
use selge_core::ceremony::{Commitments, DealerSecret};
use selge_core::codec::Encode;
use selge_core::entry::{Closing, Confirmation, EntryBody, Mix, Opening, SignedEntry};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, LeafHash, MixIndex, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::roll::{Roll, RollEntry};
use selge_core::rules::Choice;
use selge_core::shuffle::{shuffle, ShuffleContext};
use selge_core::sign::SigningKey;
use selge_node::keyfile::{self, PassphraseArgs};
use selge_node::party::PartyArgs;
use selge_node::wait::WaitArgs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) struct Voter {
    pub(crate) id: VoterId,
    pub(crate) key: SigningKey,
    pub(crate) style: StyleIndex,
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) board: Arc<MemoryBoard>,
    pub(crate) voters: Vec<Voter>,
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Waiting as long as a slow machine needs.
pub(crate) const PATIENT: WaitArgs = WaitArgs { wait: 120 };

/// Not waiting at all: a command runs up to its first pause and ends there, as if it had been killed.
pub(crate) const NONE: WaitArgs = WaitArgs { wait: 0 };

/// Every message of an error's chain.
pub(crate) fn said<T: std::fmt::Debug>(result: anyhow::Result<T>) -> String {
    format!("{:#}", result.unwrap_err())
}

/// The document of an election with a large contest, a ranked one, and one with too few voters.
pub(crate) fn document(key: impl Fn(&str) -> String, trustees: usize, threshold: usize, mixes: usize) -> String {
    let party = |name: String| serde_json::json!({ "name": name, "key": key(&name) });
    let candidates = |n: usize| -> Vec<_> {
        (0..n).map(|i| serde_json::json!({ "id": format!("c{i}"), "name": format!("Candidate {i}") })).collect()
    };
    serde_json::to_string_pretty(&serde_json::json!({
        "format": "selge-manifest/1",
        "title": "Test election",
        "opens": "2020-01-01T00:00:00Z",
        "closes": "2199-01-01T00:00:00Z",
        "early_close": true,
        "commission": party("commission".into()),
        "registrar": party("registrar".into()),
        "collector": party("collector".into()),
        "trustees": (1..=trustees).map(|i| party(format!("trustee-{i}"))).collect::<Vec<_>>(),
        "threshold": threshold,
        "mix_servers": (1..=mixes).map(|i| party(format!("mix-{i}"))).collect::<Vec<_>>(),
        "privacy_floor": 2,
        "contests": [
            { "id": "mayor", "title": "Mayor", "rule": { "type": "choose_one", "blank": true },
              "candidates": candidates(3) },
            { "id": "council", "title": "Council", "rule": { "type": "rank", "max": 8, "blank": false },
              "candidates": candidates(8) },
            { "id": "island", "title": "Island", "rule": { "type": "choose_one", "blank": false },
              "candidates": candidates(2) },
        ],
        "ballot_styles": [
            { "id": "mainland", "contests": ["mayor", "council"] },
            { "id": "island", "contests": ["mayor", "council", "island"] },
        ],
        "tallies": [
            { "id": "mayor", "title": "Mayor", "contests": ["mayor"], "rule": { "type": "plurality", "seats": 1 } },
            { "id": "council", "title": "Council", "contests": ["council"],
              "rule": { "type": "stv", "seats": 2 } },
            { "id": "island", "title": "Island", "contests": ["island"],
              "rule": { "type": "plurality", "seats": 1 } },
        ],
    }))
    .unwrap()
}

fn role(name: &str) -> &str {
    match name.split('-').next().unwrap() {
        "mix" => "mix server",
        other => other,
    }
}

impl World {
    pub(crate) fn new(trustees: usize, threshold: usize, mixes: usize) -> Self {
        Self::with_document(trustees, threshold, mixes, |text| text)
    }

    /// An election whose document is changed before anybody reads it.
    pub(crate) fn with_document(
        trustees: usize,
        threshold: usize,
        mixes: usize,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        static FAST: Once = Once::new();
        FAST.call_once(|| std::env::set_var("SELGE_SCRYPT_WORK", "1"));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("passphrase"), "correct horse\n").unwrap();
        let names = ["commission", "registrar", "collector"].map(str::to_owned).into_iter();
        let names = names.chain((1..=trustees).map(|i| format!("trustee-{i}")));
        let names: Vec<_> = names.chain((1..=mixes).map(|i| format!("mix-{i}"))).collect();
        let passphrase = passphrase(folder.path()).read("test").unwrap();
        for name in &names {
            keyfile::generate(&folder.path().join(name), role(name), &passphrase).unwrap();
        }
        let key = |name: &str| open_key(folder.path(), name);
        let text = document(|name| key(name).verifying_key().to_string(), trustees, threshold, mixes);
        let bytes = change(text).into_bytes();
        std::fs::write(folder.path().join("manifest.json"), &bytes).unwrap();
        let manifest = Arc::new(Manifest::parse(&bytes).unwrap());
        let first = EntryBody::Manifest(Digest::of(&bytes)).sign(manifest.id(), &key("commission"));
        let board = MemoryBoard::new(bytes.clone(), first, key("collector"));
        World { folder, manifest, bytes, board, voters: Vec::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn key(&self, name: &str) -> SigningKey {
        open_key(self.folder.path(), name)
    }

    pub(crate) fn party(&self, name: &str) -> PartyArgs {
        PartyArgs {
            manifest: self.path("manifest.json"),
            key: self.path(name),
            passphrase: passphrase(self.folder.path()),
        }
    }

    pub(crate) fn sign(&self, body: EntryBody, name: &str) -> SignedEntry {
        body.sign(self.manifest.id(), &self.key(name))
    }

    pub(crate) fn put(&self, body: EntryBody, name: &str, files: Vec<Vec<u8>>) {
        self.board.put(&self.sign(body, name), files).unwrap();
    }

    /// A roll of `n` voters, the last of them on the island.
    pub(crate) fn roll(&mut self, n: usize) {
        let style = |i| StyleIndex(u16::from(i + 1 == n));
        self.voters = (0..n)
            .map(|i| Voter { id: VoterId::random(&mut OsRng), key: SigningKey::generate(&mut OsRng), style: style(i) })
            .collect();
        let entry = |v: &Voter| RollEntry { voter: v.id, key: v.key.verifying_key(), style: v.style };
        let roll = Roll::new(self.voters.iter().map(entry).collect()).unwrap().to_bytes();
        self.put(EntryBody::Roll(Digest::of(&roll)), "registrar", vec![roll]);
    }

    /// The key ceremony with all secrets in one place, for tests that are about something else.
    pub(crate) fn quick_ceremony(&self) {
        let secrets: Vec<_> = (1..=self.manifest.trustees() as u16).map(|i| self.commit(TrusteeIndex(i))).collect();
        for (i, secret) in (1u16..).zip(&secrets) {
            let shares = {
                let state = self.board.state();
                let round1 = state.election.round1().unwrap();
                round1.deal(&state.election.ceremony(), TrusteeIndex(i), secret).unwrap()
            };
            self.put(EntryBody::Shares(shares), &format!("trustee-{i}"), Vec::new());
        }
        for i in 1..=self.manifest.trustees() as u16 {
            let body = {
                let election = &self.board.state().election;
                let joint_key = *election.joint_key().unwrap().public_key().point();
                let ceremony = election.ceremony_digest().unwrap();
                Confirmation { trustee: TrusteeIndex(i), ceremony, joint_key }
            };
            self.put(EntryBody::Confirmation(body), &format!("trustee-{i}"), Vec::new());
        }
    }

    /// Posts a trustee's commitments and returns their secret.
    pub(crate) fn commit(&self, trustee: TrusteeIndex) -> DealerSecret {
        let (secret, commitments) = Commitments::make(&self.board.state().election.ceremony(), trustee, &mut OsRng);
        self.put(EntryBody::Commitments(commitments), &format!("trustee-{trustee}"), Vec::new());
        secret
    }

    pub(crate) fn open(&self) {
        let opening = {
            let election = &self.board.state().election;
            let joint_key = *election.joint_key().unwrap().public_key().point();
            Opening { roll: *election.roll_digest().unwrap(), joint_key, time: now() }
        };
        self.put(EntryBody::Opening(opening), "commission", Vec::new());
    }

    /// A voter's ballot: `mayor` and the best of the ranking.
    pub(crate) fn ballot(&self, voter: usize, mayor: u32, best: u32) -> SignedEntry {
        let voter = &self.voters[voter];
        let state = self.board.state();
        let key = state.election.joint_key().unwrap().public_key().clone();
        let previous = state.election.voter(&voter.id).newest.map_or(LeafHash::NONE, |(_, leaf)| leaf);
        let mut choices = vec![Choice::One(mayor), Choice::Ranking(vec![best, (best + 1) % 8])];
        if voter.style.0 == 1 {
            choices.push(Choice::One(0));
        }
        let ballot =
            EncryptedBallot::encrypt(&self.manifest, &key, voter.id, voter.style, previous, &choices, &mut OsRng);
        EntryBody::Ballot(ballot.unwrap()).sign(self.manifest.id(), &voter.key)
    }

    pub(crate) fn vote(&self, voter: usize, mayor: u32, best: u32) {
        let ballot = self.ballot(voter, mayor, best);
        self.board.put(&ballot, Vec::new()).unwrap();
    }

    pub(crate) fn close(&self) {
        let closing = {
            let state = self.board.state();
            Closing { time: now(), size: state.entries.len() as u64, root: state.root() }
        };
        self.put(EntryBody::Closing(closing), "commission", Vec::new());
    }

    /// One mix of a contest, as the board stands.
    pub(crate) fn mix(&self, board: &MemoryBoard, contest: ContestIndex, place: u16) -> (SignedEntry, Vec<Vec<u8>>) {
        let state = board.state();
        let set = state.election.counted_in(contest).unwrap();
        let key = state.election.joint_key().unwrap().public_key();
        let election = self.manifest.id();
        let generators = Generators::new(set.list().len());
        let mut list = Arc::clone(set.list());
        // Outputs before this one are read back from the board.
        if let Some(before) = state.election.mixes(contest).last() {
            let bytes = state.file(&before.output).to_vec();
            list = Arc::new(selge_core::elgamal::CiphertextList::from_bytes(&bytes, list.len(), list.width()).unwrap());
        }
        let ctx = ShuffleContext { election, joint_key: key, contest, mix: MixIndex(place) };
        let (output, proof) = shuffle(&ctx, &generators, &list, &mut OsRng).unwrap();
        let proof = proof.to_bytes();
        let body = Mix {
            contest,
            mix: MixIndex(place),
            input: *list.digest(),
            output: *output.digest(),
            proof: Digest::of(&proof),
        };
        (self.sign(EntryBody::Mix(body), &format!("mix-{place}")), vec![output.bytes().to_vec(), proof])
    }

    /// All mixes of all contests that are large enough.
    pub(crate) fn mix_all(&self, board: &MemoryBoard) {
        let contests: Vec<_> = {
            let state = board.state();
            state.election.counted().iter().filter(|s| !s.withheld()).map(|s| s.contest()).collect()
        };
        for contest in contests {
            for place in 1..=self.manifest.mixes() as u16 {
                let (entry, files) = self.mix(board, contest, place);
                board.put(&entry, files).unwrap();
            }
        }
    }
}

pub(crate) fn passphrase(folder: &Path) -> PassphraseArgs {
    PassphraseArgs::from_file(folder.join("passphrase"))
}

fn open_key(folder: &Path, name: &str) -> SigningKey {
    let passphrase = passphrase(folder).read("test").unwrap();
    keyfile::signing_key(&folder.join(name), role(name), &passphrase).unwrap()
}
