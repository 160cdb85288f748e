//! Small elections made in memory with the core alone: honest ones, and the pieces to forge others from.
//!
//! [`Board`] grows step by step (`prepare`, `cast`, `cancel`, `close`, `mix_all`, `decrypt_all`, `publish`); every step
//! is also a function of its own, `entries` and `files` are open, and `record` seals whatever they hold with a tree,
//! tiles and a checkpoint signed by the collector: everybody may collude.

#![allow(dead_code, unreachable_pub, missing_docs)] // a room of each test binary, which uses a part of it

pub mod plan;
pub mod server;
pub mod stages;

pub use plan::{smallest, town, Plan};
use rand::rngs::OsRng;
use selge_auditor::{verify, MemorySource, Report, Silent, Status, Verdict};
use selge_core::ballot::EncryptedBallot;
use selge_core::ceremony::{CeremonyContext, Commitments, DealerSecret, JointKey, Round1, TrusteeShare};
use selge_core::codec::Encode;
use selge_core::cosignature::{cosign, WitnessKey};
use selge_core::decryption::{DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::election::{CheckInput, Election};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{
    Cancellation, CancellationReason, Closing, Confirmation, Decryption, EntryBody, Mix, Opening, SignedEntry,
};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, LeafHash, MixIndex, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::outcome::ElectionResult;
use selge_core::record::{bundle, entry_bundles, file_path, hash_tiles, CHECKPOINT};
use selge_core::roll::{Roll, RollEntry};
use selge_core::rules::Choice;
use selge_core::shuffle::{shuffle, verify_chain, ShuffleContext, ShuffleProof};
use selge_core::sign::SigningKey;
use selge_core::tree::Tree;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Everybody's signing keys.
pub struct Keys {
    pub commission: SigningKey,
    pub registrar: SigningKey,
    pub collector: SigningKey,
    pub trustees: Vec<SigningKey>,
    pub mixes: Vec<SigningKey>,
    pub voters: Vec<(VoterId, SigningKey)>,
    pub witnesses: Vec<SigningKey>,
}

/// A witness's name in these elections, from 1.
pub fn witness_name(i: usize) -> String {
    format!("w{i}.example")
}

/// An election under way, or done, or forged.
#[derive(Clone)]
pub struct Board {
    pub keys: Arc<Keys>,
    pub manifest: Arc<Manifest>,
    pub secrets: Arc<Vec<DealerSecret>>,
    pub shares: Arc<Vec<TrusteeShare>>,
    pub joint_key: Arc<JointKey>,
    pub roll: Arc<Roll>,
    pub entries: Vec<SignedEntry>,
    pub files: BTreeMap<Digest, Vec<u8>>,
    newest: HashMap<VoterId, LeafHash>,
    /// The newest list of every contest, as the mixes see it.
    pub lists: BTreeMap<ContestIndex, Arc<CiphertextList>>,
}

pub const OPENS: u64 = 1_767_225_600; // 2026-01-01T00:00:00Z
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

    /// The whole town election: revotes, cancellations, a withheld contest.
    pub fn town() -> Board {
        let mut board = Board::town_voted();
        board.finish();
        board
    }

    /// The town election up to the last ballot: voters 0 to 10 vote (10 in the village), 0 and 1 again; 2 and 3 are
    /// cancelled.
    pub fn town_voted() -> Board {
        let mut board = Board::prepare(&town());
        for voter in 0..11 {
            board.vote(voter);
        }
        board.vote(0);
        board.cancel(2, CancellationReason::PaperVote);
        board.vote(1);
        board.vote(0);
        board.cancel(3, CancellationReason::Ineligible);
        board
    }

    /// Closing, mixes, decryptions, result.
    pub fn finish(&mut self) {
        self.finish_with(&[1, 3]);
    }

    /// The same, decrypted by these trustees.
    pub fn finish_with(&mut self, trustees: &[u16]) {
        self.close();
        self.mix_all();
        self.decrypt_all(trustees);
        self.publish();
    }

    /// The smallest whole election.
    pub fn smallest() -> Board {
        let mut board = Board::prepare(&smallest());
        board.vote(0);
        board.vote(1);
        board.finish_with(&[1]);
        board
    }

    /// Signs an entry and puts it on the board.
    pub fn post(&mut self, body: EntryBody, key: &SigningKey) {
        self.entries.push(body.sign(self.manifest.id(), key));
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
        self.entries.iter().for_each(|e| tree.push(e.leaf_hash()));
        tree
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

    /// A voter's choices: different ones for different voters, and another at every revote.
    pub fn choices(&self, voter: usize) -> Vec<Choice> {
        let style = usize::from(self.style(voter).0);
        let salt = voter + self.entries.len();
        match (self.manifest.document().contests.len(), style) {
            (1, _) => vec![Choice::One(voter as u32 % self.manifest.document().contests[0].candidates.len() as u32)],
            (_, 0) => vec![
                if voter == 5 { Choice::Blank } else { Choice::One(salt as u32 % 3) },
                Choice::set([voter as u32, 16]),
                Choice::Ranking(vec![salt as u32 % 4, (salt as u32 + 1) % 4]),
            ],
            _ => vec![Choice::One(salt as u32 % 3), Choice::Ranking(vec![3, 0, 1]), Choice::One(1)],
        }
    }

    pub fn style(&self, voter: usize) -> StyleIndex {
        self.roll.get(&self.keys.voters[voter].0).unwrap().style
    }

    /// A voter's next ballot.
    pub fn ballot(&self, voter: usize) -> EncryptedBallot {
        let (id, _) = &self.keys.voters[voter];
        let previous = self.newest.get(id).copied().unwrap_or(LeafHash::NONE);
        let key = self.joint_key.public_key();
        let choices = self.choices(voter);
        EncryptedBallot::encrypt(&self.manifest, key, *id, self.style(voter), previous, &choices, &mut OsRng).unwrap()
    }

    /// Casts a ballot that this voter signs.
    pub fn cast(&mut self, voter: usize, ballot: EncryptedBallot) {
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Ballot(ballot), &keys.voters[voter].1);
        self.newest.insert(keys.voters[voter].0, self.entries.last().unwrap().leaf_hash());
    }

    /// Votes honestly.
    pub fn vote(&mut self, voter: usize) {
        self.cast(voter, self.ballot(voter));
    }

    pub fn cancel(&mut self, voter: usize, reason: CancellationReason) {
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Cancellation(Cancellation { voter: keys.voters[voter].0, reason }), &keys.commission);
    }

    /// Closes the board as it is; the lists to mix are those that count.
    pub fn close(&mut self) {
        let keys = Arc::clone(&self.keys);
        let tree = self.tree();
        self.post(EntryBody::Closing(Closing { time: CLOSES, size: tree.size(), root: tree.root() }), &keys.commission);
        let state = self.state();
        self.lists =
            state.counted().iter().filter(|s| !s.withheld()).map(|s| (s.contest(), Arc::clone(s.list()))).collect();
    }

    /// Makes the closing fit whatever is before it now: the commission colludes.
    pub fn close_again(&mut self) {
        let at = self.entries.iter().position(|e| matches!(e.body, EntryBody::Closing(_))).unwrap();
        let mut tree = Tree::new();
        self.entries[..at].iter().for_each(|e| tree.push(e.leaf_hash()));
        let closing = Closing { time: CLOSES, size: at as u64, root: tree.root() };
        self.entries[at] = EntryBody::Closing(closing).sign(self.manifest.id(), &self.keys.commission);
    }

    pub fn mix_context(&self, contest: ContestIndex, mix: u16) -> ShuffleContext<'_> {
        let (election, joint_key) = (self.manifest.id(), self.joint_key.public_key());
        ShuffleContext { election, joint_key, contest, mix: MixIndex(mix) }
    }

    /// Mixes one contest's newest list honestly.
    pub fn mix(&mut self, contest: ContestIndex, mix: u16) {
        let input = Arc::clone(&self.lists[&contest]);
        self.mix_as_if(contest, mix, &input.clone(), &input);
    }

    /// Shuffles `real` and says that the input was `claimed`.
    pub fn mix_as_if(
        &mut self,
        contest: ContestIndex,
        mix: u16,
        real: &Arc<CiphertextList>,
        claimed: &Arc<CiphertextList>,
    ) {
        let generators = Generators::new(real.len());
        let (output, proof) = shuffle(&self.mix_context(contest, mix), &generators, real, &mut OsRng).unwrap();
        let (output_file, proof_file) = (self.file(output.bytes().to_vec()), self.file(proof.to_bytes()));
        let body =
            Mix { contest, mix: MixIndex(mix), input: *claimed.digest(), output: output_file, proof: proof_file };
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Mix(body), &keys.mixes[usize::from(mix) - 1]);
        self.lists.insert(contest, output);
    }

    pub fn mix_all(&mut self) {
        for contest in self.lists.keys().copied().collect::<Vec<_>>() {
            (1..=self.manifest.mixes() as u16).for_each(|mix| self.mix(contest, mix));
        }
    }

    /// Posts a trustee's factors, made and proven with the share of trustee `share`.
    pub fn decrypt(&mut self, contest: ContestIndex, trustee: u16, share: u16) {
        let list = Arc::clone(&self.lists[&contest]);
        let (election, joint_key) = (self.manifest.id(), &*self.joint_key);
        let ctx = DecryptionContext { election, joint_key, contest, trustee: TrusteeIndex(share) };
        let share = &self.shares[usize::from(share) - 1];
        let factors = PartialDecryption::make(&ctx, share, &list, &mut OsRng).unwrap();
        let factors = self.file(factors.to_bytes());
        let body = Decryption { trustee: TrusteeIndex(trustee), contest, input: *list.digest(), factors };
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Decryption(body), &keys.trustees[usize::from(trustee) - 1]);
    }

    pub fn decrypt_all(&mut self, trustees: &[u16]) {
        for contest in self.lists.keys().copied().collect::<Vec<_>>() {
            trustees.iter().for_each(|t| self.decrypt(contest, *t, *t));
        }
    }

    /// The result that the record gives, from each contest's first decryptions.
    pub fn compute(&self) -> ElectionResult {
        let state = self.state();
        let mut votes = BTreeMap::new();
        for (contest, list) in &self.lists {
            let posted = state.decryptions(*contest);
            let factors: Vec<_> = posted[..self.manifest.threshold()]
                .iter()
                .map(|d| {
                    let bytes = &self.files[&d.factors];
                    (d.trustee, PartialDecryption::from_bytes(bytes, list.len(), list.width()).unwrap())
                })
                .collect();
            let verified: Vec<_> = factors
                .iter()
                .map(|(trustee, f)| {
                    let election = self.manifest.id();
                    let (joint_key, contest, trustee) = (&*self.joint_key, *contest, *trustee);
                    f.verify(&DecryptionContext { election, joint_key, contest, trustee }, list).unwrap()
                })
                .collect();
            let layout = self.manifest.layout(*contest).unwrap();
            let of = DecryptedVotes::combine(&self.joint_key, layout, list, &verified).unwrap();
            votes.insert(*contest, of);
        }
        ElectionResult::compute(&state, &votes).unwrap()
    }

    pub fn publish(&mut self) {
        let result = serde_json::to_vec_pretty(&self.compute()).unwrap();
        self.publish_bytes(result);
    }

    pub fn publish_bytes(&mut self, bytes: Vec<u8>) {
        let digest = self.file(bytes);
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Result(digest), &keys.commission);
    }

    /// The published result's bytes; the entry is taken off the board.
    pub fn unpublish(&mut self) -> Vec<u8> {
        let Some(EntryBody::Result(digest)) = self.entries.pop().map(|e| e.body) else { panic!("not finished") };
        self.files.remove(&digest).unwrap()
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
        let bytes: Vec<Vec<u8>> = self.entries.iter().map(Encode::to_bytes).collect();
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

/// The auditor's answer.
pub fn audit(record: &MemorySource) -> Report {
    verify(record, None, &Silent)
}

/// Checks that the audit fails in `check`, naming `culprit`.
#[track_caller]
pub fn assert_fails(report: &Report, check: &str, culprit: &str) {
    assert_eq!(report.verdict, Verdict::Failed, "{}", selge_auditor::render(report));
    let found = report.check(check).unwrap();
    assert_eq!(found.status, Status::Failed, "{check}\n{}", selge_auditor::render(report));
    assert!(
        found.findings.iter().any(|f| f.culprit.contains(culprit)),
        "{check} does not name {culprit:?}:\n{}",
        selge_auditor::render(report)
    );
    assert!(
        report.result.is_none()
            || check.starts_with("FILE")
            || check.starts_with("BOARD")
            || check.starts_with("ENTRY"),
        "a forged result is shown"
    );
}

/// Whether a proof file holds for a context: for tests that must know that their forgery is one.
pub fn chain_holds(
    board: &Board,
    contest: ContestIndex,
    input: &Arc<CiphertextList>,
    mixes: &[(Digest, Digest)],
) -> bool {
    let (n, w) = (input.len(), input.width());
    let chain: Vec<_> = mixes
        .iter()
        .map(|(output, proof)| {
            let output = CiphertextList::from_bytes(&board.files[output], n, w).unwrap();
            (Arc::new(output), ShuffleProof::from_bytes(&board.files[proof], n, w).unwrap())
        })
        .collect();
    verify_chain(&board.mix_context(contest, 1), &Generators::new(n), input, &chain).is_ok()
}
