//! Small elections made in memory with the core alone: honest ones, and the pieces to forge others from.
//!
//! [`Board`] grows step by step (`prepare`, `cast`, `cancel`, `close`, `mix_all`, `decrypt_all`, `publish`); every step
//! is also a function of its own, `entries` and `files` are open, and `record` seals whatever they hold with a tree,
//! tiles and a checkpoint signed by the collector: everybody may collude.

pub mod plan;
pub mod stages;
mod steps;

pub use plan::{smallest, town, Plan};
use rand::rngs::OsRng;
use selge_auditor::{verify, MemorySource, Report, Silent};
use selge_core::ceremony::{CeremonyContext, Commitments, DealerSecret, JointKey, Round1, TrusteeShare};
use selge_core::codec::Encode;
use selge_core::cosignature::{cosign, WitnessKey};
use selge_core::election::{CheckInput, Election};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{Confirmation, EntryBody, Opening, SignedEntry};
use selge_core::ids::{ContestIndex, Digest, LeafHash, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::record::{bundle, entry_bundles, file_path, hash_tiles, CHECKPOINT};
use selge_core::roll::{Roll, RollEntry};
use selge_core::sign::SigningKey;
use selge_core::tree::{leaf_hash, Tree};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Everybody's signing keys.
pub struct Keys {
    /// The election commission's.
    pub commission: SigningKey,
    /// The registrar's.
    pub registrar: SigningKey,
    /// The collector's.
    pub collector: SigningKey,
    /// The trustees', from trustee 1.
    pub trustees: Vec<SigningKey>,
    /// The mix servers', from mix server 1.
    pub mixes: Vec<SigningKey>,
    /// The voters', with their pseudonyms.
    pub voters: Vec<(VoterId, SigningKey)>,
    /// The witnesses', from witness 1.
    pub witnesses: Vec<SigningKey>,
}

/// A witness's name in these elections, from 1.
pub fn witness_name(i: usize) -> String {
    format!("w{i}.example")
}

impl Keys {
    /// The key of whoever must sign this.
    pub fn signer(&self, body: &EntryBody) -> &SigningKey {
        let trustee = |i: &TrusteeIndex| &self.trustees[usize::from(i.0) - 1];
        match body {
            EntryBody::Commitments(m) => trustee(&m.trustee),
            EntryBody::Shares(m) => trustee(&m.trustee),
            EntryBody::Confirmation(m) => trustee(&m.trustee),
            EntryBody::Complaint(m) => trustee(&m.trustee),
            EntryBody::Decryption(m) => trustee(&m.trustee),
            EntryBody::Roll(_) => &self.registrar,
            EntryBody::Mix(m) => &self.mixes[usize::from(m.mix.0) - 1],
            EntryBody::Ballot(m) => &self.voters.iter().find(|(id, _)| *id == m.voter).expect("a voter").1,
            _ => &self.commission,
        }
    }
}

/// An election under way, or done, or forged.
#[derive(Clone)]
pub struct Board {
    /// Everybody's signing keys.
    pub keys: Arc<Keys>,
    /// The manifest.
    pub manifest: Arc<Manifest>,
    /// What the trustees keep of the ceremony.
    pub secrets: Arc<Vec<DealerSecret>>,
    /// The trustees' shares of the key.
    pub shares: Arc<Vec<TrusteeShare>>,
    /// The joint key.
    pub joint_key: Arc<JointKey>,
    /// The roll.
    pub roll: Arc<Roll>,
    /// The entries.
    pub entries: Vec<SignedEntry>,
    /// Bytes that stand in the place of an entry, whatever they are.
    pub raw: BTreeMap<usize, Vec<u8>>,
    /// The files that entries may name.
    pub files: BTreeMap<Digest, Vec<u8>>,
    newest: HashMap<VoterId, LeafHash>,
    /// The newest list of every contest, as the mixes see it.
    pub lists: BTreeMap<ContestIndex, Arc<CiphertextList>>,
}

/// When voting opens, in seconds since 1970.
pub const OPENS: u64 = 1_767_225_600; // 2026-01-01T00:00:00Z
/// When voting closes.
pub const CLOSES: u64 = 1_767_312_000; // 2026-01-02T00:00:00Z

fn key() -> SigningKey {
    SigningKey::generate(&mut OsRng)
}

fn party(name: &str, key: &SigningKey) -> serde_json::Value {
    json!({"name": name, "key": key.verifying_key()})
}

fn parties(name: &str, keys: &[SigningKey]) -> serde_json::Value {
    (1..).zip(keys).map(|(i, k)| party(&format!("{name} {i}"), k)).collect()
}

impl Board {
    /// Manifest, ceremony, roll and opening.
    pub fn prepare(plan: &Plan) -> Board {
        let keys = Keys {
            commission: key(),
            registrar: key(),
            collector: key(),
            trustees: (0..plan.trustees).map(|_| key()).collect(),
            mixes: (0..plan.mixes).map(|_| key()).collect(),
            voters: plan.voters.iter().map(|_| (VoterId::random(&mut OsRng), key())).collect(),
            witnesses: (0..plan.witnesses).map(|_| key()).collect(),
        };
        let witness = |(i, key): (usize, &SigningKey)| WitnessKey { name: witness_name(i), key: key.verifying_key() };
        let witnesses: Vec<_> = (1..).zip(&keys.witnesses).map(witness).collect();
        let document = json!({
            "format": "selge-manifest/1", "title": "Test", "early_close": false,
            "opens": "2026-01-01T00:00:00Z", "closes": "2026-01-02T00:00:00Z",
            "commission": party("Commission", &keys.commission), "registrar": party("Registrar", &keys.registrar),
            "collector": party("board.example", &keys.collector),
            "trustees": parties("Trustee", &keys.trustees), "threshold": plan.threshold,
            "witnesses": witnesses, "witness_quorum": plan.quorum,
            "mix_servers": parties("Mix", &keys.mixes), "privacy_floor": plan.floor,
            "contests": plan.contests, "ballot_styles": plan.styles, "tallies": plan.tallies,
        });
        let bytes = serde_json::to_vec_pretty(&document).unwrap();
        let manifest = Arc::new(Manifest::parse(&bytes).unwrap());
        let election = *manifest.id();
        let ctx = CeremonyContext { election: &election, trustees: plan.trustees, threshold: plan.threshold.into() };
        let everyone = || (1..=plan.trustees as u16).map(TrusteeIndex);
        let (secrets, commitments): (Vec<_>, Vec<_>) =
            everyone().map(|i| Commitments::make(&ctx, i, &mut OsRng)).unzip();
        let round1 = Round1::new(&ctx, &commitments).unwrap();
        let dealt: Vec<_> = everyone().zip(&secrets).map(|(i, s)| round1.deal(&ctx, i, s).unwrap()).collect();
        let shares = everyone().zip(&secrets).map(|(i, s)| round1.receive(&ctx, i, s, &dealt).unwrap()).collect();
        let joint_key = Arc::new(round1.joint_key(&ctx).unwrap());
        let roll = Roll::new(
            keys.voters
                .iter()
                .zip(&plan.voters)
                .map(|((voter, key), style)| RollEntry {
                    voter: *voter,
                    key: key.verifying_key(),
                    style: StyleIndex(*style),
                })
                .collect(),
        )
        .unwrap();
        let keys = Arc::new(keys);
        let mut board = Board {
            keys: Arc::clone(&keys),
            manifest,
            secrets: Arc::new(secrets),
            shares: Arc::new(shares),
            joint_key,
            roll: Arc::new(roll),
            entries: Vec::new(),
            raw: BTreeMap::new(),
            files: BTreeMap::new(),
            newest: HashMap::new(),
            lists: BTreeMap::new(),
        };
        let manifest_file = board.file(bytes);
        board.post(EntryBody::Manifest(manifest_file), &keys.commission);
        for (m, key) in commitments.into_iter().zip(&keys.trustees) {
            board.post(EntryBody::Commitments(m), key);
        }
        for (m, key) in dealt.into_iter().zip(&keys.trustees) {
            board.post(EntryBody::Shares(m), key);
        }
        let ceremony = board.state().ceremony_digest().unwrap();
        let point = *board.joint_key.public_key().point();
        for (trustee, key) in everyone().zip(&keys.trustees) {
            board.post(EntryBody::Confirmation(Confirmation { trustee, ceremony, joint_key: point }), key);
        }
        let roll = board.file(board.roll.to_bytes());
        board.post(EntryBody::Roll(roll), &keys.registrar);
        board.post(EntryBody::Opening(Opening { roll, joint_key: point, time: OPENS }), &keys.commission);
        board
    }

    /// Signs an entry and puts it on the board.
    pub fn post(&mut self, body: EntryBody, key: &SigningKey) {
        self.entries.push(body.sign(self.manifest.id(), key));
    }

    /// Puts an entry on the board, signed by whoever must sign it.
    pub fn put(&mut self, body: EntryBody) {
        let keys = Arc::clone(&self.keys);
        self.post(body.clone(), keys.signer(&body));
    }

    /// Puts an entry in the place of another, signed by whoever must sign it.
    pub fn replace(&mut self, at: usize, body: EntryBody) {
        let keys = Arc::clone(&self.keys);
        let key = keys.signer(&body);
        self.entries[at] = body.sign(self.manifest.id(), key);
    }

    /// Forgets who has voted, for other ballots on a board that was cut off before the first.
    pub(crate) fn forget(&mut self) {
        self.newest.clear();
    }

    /// Adds a file.
    pub fn file(&mut self, bytes: Vec<u8>) -> Digest {
        let digest = Digest::of(&bytes);
        self.files.insert(digest, bytes);
        digest
    }

    /// The tree of all entries.
    pub fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        self.bytes().iter().for_each(|bytes| tree.push(leaf_hash(bytes)));
        tree
    }

    /// All entries as they stand on the board.
    pub fn bytes(&self) -> Vec<Vec<u8>> {
        let entries = self.entries.iter().enumerate();
        entries.map(|(at, entry)| self.raw.get(&at).cloned().unwrap_or_else(|| entry.to_bytes())).collect()
    }

    /// The state of an honest board; panics where an entry does not hold.
    pub fn state(&self) -> Election {
        let mut state = Election::start(Arc::clone(&self.manifest), &self.entries[0]).unwrap();
        let mut tree = Tree::new();
        tree.push(self.entries[0].leaf_hash());
        for entry in &self.entries[1..] {
            let input = CheckInput { roll: Some(&self.roll), root: Some(tree.root()) };
            state.check(entry, &input).unwrap();
            state.apply(entry.clone(), entry.leaf_hash(), &input).unwrap();
            tree.push(entry.leaf_hash());
        }
        state
    }

    /// Places of entries of one kind.
    pub fn places(&self, of: impl Fn(&EntryBody) -> bool) -> Vec<usize> {
        (0..self.entries.len()).filter(|i| of(&self.entries[*i].body)).collect()
    }

    /// Places of all ballots of a voter.
    pub fn ballots_of(&self, voter: usize) -> Vec<usize> {
        let id = self.keys.voters[voter].0;
        self.places(|b| matches!(b, EntryBody::Ballot(m) if m.voter == id))
    }

    /// The newest checkpoint.
    pub fn checkpoint(&self) -> Checkpoint {
        let tree = self.tree();
        Checkpoint { origin: self.manifest.log_key().origin, size: tree.size(), root: tree.root() }
    }

    /// The cosignature of witness `i`, from 1.
    pub fn cosign(&self, i: usize, checkpoint: &Checkpoint) -> String {
        cosign(checkpoint, &witness_name(i), OPENS + i as u64, &self.keys.witnesses[i - 1])
    }

    /// The sealed record with these lines after the collector's.
    pub fn record_with(&self, lines: &[String]) -> MemorySource {
        let mut record = self.record();
        let note = self.checkpoint().sign(&self.keys.collector) + &lines.concat();
        record.files.insert(CHECKPOINT.to_owned(), note.into_bytes());
        record
    }

    /// The sealed record: files that entries name, tree, tiles, checkpoint; the quorum and no more has cosigned it.
    pub fn record(&self) -> MemorySource {
        let tree = self.tree();
        let checkpoint = self.checkpoint();
        let mut files = BTreeMap::new();
        let cosigned: String = (1..=self.manifest.witnesses().quorum().min(self.keys.witnesses.len()))
            .map(|i| self.cosign(i, &checkpoint))
            .collect();
        let note = checkpoint.sign(&self.keys.collector) + &cosigned;
        files.insert(CHECKPOINT.to_owned(), note.into_bytes());
        let bytes = self.bytes();
        for tile in entry_bundles(tree.size()) {
            let first = tile.first_entry() as usize;
            let part = bytes[first..first + tile.width as usize].iter().map(Vec::as_slice);
            files.insert(tile.path(), bundle(part).unwrap());
        }
        for tile in hash_tiles(tree.size()) {
            files.insert(tile.path(), tile.hashes(&tree).unwrap());
        }
        for digest in self.entries.iter().flat_map(|e| e.body.files()) {
            if let Some(bytes) = self.files.get(&digest) {
                files.insert(file_path(&digest), bytes.clone());
            }
        }
        MemorySource { files }
    }

    /// The auditor's answer to the sealed record.
    pub fn audit(&self) -> Report {
        audit(&self.record())
    }
}

/// The auditor's answer to a record.
pub fn audit(record: &MemorySource) -> Report {
    verify(record, None, &Silent)
}
