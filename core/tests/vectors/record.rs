//! A whole election as a record: six voters, three contests, two mixes, three trustees.
//!
//! Of the ballots one is superseded and one cancelled; the contest `harbour` has one ballot and is withheld; `council` needs
//! two ciphertexts a choice. `verifies` reads the record from its files alone.

use super::ceremony::trustees;
use super::{rng, stored, text};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use rand_chacha::ChaCha20Rng;
use selge_core::ballot::EncryptedBallot;
use selge_core::ceremony::{Commitments, Shares};
use selge_core::codec::{Decode, Encode};
use selge_core::cosignature::{cosign, WitnessKey};
use selge_core::decryption::{DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::election::{CheckInput, CountedSet, Election, Phase};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{
    Cancellation, CancellationReason, Closing, Confirmation, Decryption, EntryBody, Mix, Opening, SignedEntry,
};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, LeafHash, MixIndex, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::outcome::{ElectionResult, ResultError};
use selge_core::record::{bundle, entry_bundles, file_path, hash_tiles, read_bundle, CHECKPOINT};
use selge_core::roll::{Roll, RollEntry};
use selge_core::rules::Choice;
use selge_core::shuffle::{shuffle, verify_chain, ShuffleContext, ShuffleProof};
use selge_core::sign::SigningKey;
use selge_core::tree::Tree;
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

const OPENED: u64 = 1_900_000_100;

struct Keys {
    commission: SigningKey,
    registrar: SigningKey,
    collector: SigningKey,
    trustees: Vec<SigningKey>,
    mixes: Vec<SigningKey>,
    voters: Vec<SigningKey>,
    witnesses: Vec<SigningKey>,
}

fn keys(rng: &mut ChaCha20Rng) -> Keys {
    let mut several = |n: usize| (0..n).map(|_| SigningKey::generate(rng)).collect::<Vec<_>>();
    let [commission, registrar, collector] = <[SigningKey; 3]>::try_from(several(3)).unwrap();
    let (trustees, mixes, voters) = (several(3), several(2), several(6));
    Keys { commission, registrar, collector, trustees, mixes, voters, witnesses: several(3) }
}

fn witness(i: usize, key: &SigningKey) -> WitnessKey {
    WitnessKey { name: format!("witness-{i}.example"), key: key.verifying_key() }
}

fn manifest(keys: &Keys) -> Vec<u8> {
    let party = |name: &str, key: &SigningKey| json!({"name": name, "key": key.verifying_key()});
    let parties = |name: &str, keys: &[SigningKey]| -> Vec<Value> {
        keys.iter().zip(1..).map(|(key, i)| party(&format!("{name} {i}"), key)).collect()
    };
    let candidates =
        |n: usize| (0..n).map(|i| json!({"id": format!("c{i}"), "name": format!("Candidate {i}")})).collect::<Vec<_>>();
    let document = json!({
        "format": "selge-manifest/1",
        "title": "Test election",
        "opens": "2030-03-17T17:46:40Z",
        "closes": "2030-03-18T17:46:40Z",
        "early_close": true,
        "commission": party("Commission", &keys.commission),
        "registrar": party("Registrar", &keys.registrar),
        "collector": party("board.example", &keys.collector),
        "trustees": parties("Trustee", &keys.trustees),
        "threshold": 2,
        "mix_servers": parties("Mix", &keys.mixes),
        "witnesses": keys.witnesses.iter().zip(1..).map(|(key, i)| witness(i, key)).collect::<Vec<_>>(),
        "witness_quorum": 2,
        "privacy_floor": 2,
        "contests": [
            {"id": "mayor", "title": "Mayor", "rule": {"type": "choose_one", "blank": true}, "candidates": candidates(3)},
            {"id": "council", "title": "Council", "rule": {"type": "rank", "max": 6, "blank": true}, "candidates": candidates(9)},
            {"id": "harbour", "title": "Harbour", "rule": {"type": "approve", "blank": false}, "candidates": candidates(4)}
        ],
        "ballot_styles": [
            {"id": "town", "contests": ["mayor", "council"]},
            {"id": "harbour", "contests": ["harbour", "mayor", "council"]}
        ],
        "tallies": [
            {"id": "mayor", "title": "Mayor", "contests": ["mayor"], "rule": {"type": "plurality", "seats": 1}},
            {"id": "council", "title": "Council", "contests": ["council"], "rule": {"type": "stv", "seats": 2}},
            {"id": "harbour", "title": "Harbour", "contests": ["harbour"], "rule": {"type": "approval", "seats": 1}}
        ]
    });
    serde_json::to_vec_pretty(&document).unwrap()
}

/// The board being written: entries, tree, files, and the state that judges every entry.
struct Board {
    manifest: Arc<Manifest>,
    election: Option<Election>,
    tree: Tree,
    entries: Vec<Vec<u8>>,
    files: BTreeMap<Digest, Vec<u8>>,
}

impl Board {
    fn file(&mut self, bytes: Vec<u8>) -> Digest {
        let digest = Digest::of(&bytes);
        self.files.insert(digest, bytes);
        digest
    }

    fn election(&self) -> &Election {
        self.election.as_ref().unwrap()
    }

    fn post(&mut self, body: EntryBody, key: &SigningKey) -> LeafHash {
        let entry = body.sign(self.manifest.id(), key);
        let (bytes, leaf) = (entry.to_bytes(), entry.leaf_hash());
        let again = SignedEntry::from_bytes(&bytes).unwrap();
        assert_eq!(again, entry);
        match &mut self.election {
            None => self.election = Some(Election::start(Arc::clone(&self.manifest), &entry).unwrap()),
            Some(election) => {
                let roll = match &entry.body {
                    EntryBody::Roll(digest) => Some(Arc::new(Roll::from_bytes(&self.files[digest]).unwrap())),
                    _ => None,
                };
                let input = CheckInput { roll: roll.as_ref(), root: Some(self.tree.root()) };
                election.check(&entry, &input).unwrap();
                election.apply(entry, leaf, &input).unwrap();
            }
        }
        self.tree.push(leaf);
        self.entries.push(bytes);
        leaf
    }

    fn ballot(&mut self, keys: &Keys, voter: usize, style: u16, choices: &[Choice], rng: &mut ChaCha20Rng) {
        let id = voter_id(voter);
        let previous = self.election().voter(&id).newest.map_or(LeafHash::NONE, |(_, leaf)| leaf);
        let key = self.election().joint_key().unwrap().public_key().clone();
        let ballot =
            EncryptedBallot::encrypt(&self.manifest, &key, id, StyleIndex(style), previous, choices, rng).unwrap();
        ballot.verify(&self.manifest, &key).unwrap();
        self.post(EntryBody::Ballot(ballot), &keys.voters[voter]);
    }
}

fn voter_id(i: usize) -> VoterId {
    VoterId([0xa0 + u8::try_from(i).unwrap(); 16])
}

/// The share messages of a stored record, which cannot be made anew.
fn stored_shares(stored: Option<&Value>) -> Option<Vec<Shares>> {
    let entries = read_entries(&files(stored?), 13);
    let shares: Vec<_> = entries
        .iter()
        // Written anew because another part's format has changed, some entries may no longer read.
        .filter_map(|e| match SignedEntry::from_bytes(e).ok()?.body {
            EntryBody::Shares(shares) => Some(shares),
            _ => None,
        })
        .collect();
    (shares.len() == 3).then_some(shares)
}

fn key_ceremony(
    board: &mut Board,
    keys: &Keys,
    stored: Option<&Value>,
    rng: &mut ChaCha20Rng,
) -> Vec<selge_core::ceremony::TrusteeShare> {
    let manifest = Arc::clone(&board.manifest);
    let ctx = selge_core::ceremony::CeremonyContext { election: manifest.id(), trustees: 3, threshold: 2 };
    let mut secrets = Vec::new();
    for i in trustees() {
        let (secret, message) = Commitments::make(&ctx, i, rng);
        secrets.push(secret);
        board.post(EntryBody::Commitments(message), &keys.trustees[usize::from(i.0) - 1]);
    }
    let round1 = board.election().round1().unwrap().clone();
    let messages = stored_shares(stored)
        .unwrap_or_else(|| trustees().zip(&secrets).map(|(i, s)| round1.deal(&ctx, i, s).unwrap()).collect());
    for (message, key) in messages.iter().zip(&keys.trustees) {
        board.post(EntryBody::Shares(message.clone()), key);
    }
    let shares = trustees().zip(&secrets).map(|(i, s)| round1.receive(&ctx, i, s, &messages).unwrap()).collect();
    let ceremony = board.election().ceremony_digest().unwrap();
    let joint_key = *board.election().joint_key().unwrap().public_key().point();
    for (trustee, key) in trustees().zip(&keys.trustees) {
        board.post(EntryBody::Confirmation(Confirmation { trustee, ceremony, joint_key }), key);
    }
    shares
}

fn vote(board: &mut Board, keys: &Keys, rng: &mut ChaCha20Rng) {
    let rank = |ranking: &[u32]| Choice::Ranking(ranking.to_vec());
    board.ballot(keys, 0, 0, &[Choice::One(2), rank(&[0, 4, 2])], rng);
    board.ballot(keys, 1, 0, &[Choice::Blank, rank(&[8, 7, 6, 5, 4, 3])], rng);
    board.ballot(keys, 2, 0, &[Choice::One(0), rank(&[1])], rng);
    // The only ballot of its contest; then voter 0 changes its mind, and voter 2 votes on paper.
    board.ballot(keys, 3, 1, &[Choice::set([1, 3]), Choice::One(1), Choice::Blank], rng);
    board.ballot(keys, 0, 0, &[Choice::One(1), rank(&[0, 1, 2, 3, 4, 5])], rng);
    board.ballot(keys, 4, 0, &[Choice::One(1), rank(&[4, 0])], rng);
    let cancellation = Cancellation { voter: voter_id(2), reason: CancellationReason::PaperVote };
    board.post(EntryBody::Cancellation(cancellation), &keys.commission);
}

fn mix(board: &mut Board, keys: &Keys, set: &CountedSet, rng: &mut ChaCha20Rng) -> Arc<CiphertextList> {
    let manifest = Arc::clone(&board.manifest);
    let key = board.election().joint_key().unwrap().public_key().clone();
    let mut list = Arc::clone(set.list());
    for (mix, signer) in (1..).map(MixIndex).zip(&keys.mixes) {
        let ctx = ShuffleContext { election: manifest.id(), joint_key: &key, contest: set.contest(), mix };
        let (output, proof) = shuffle(&ctx, &Generators::new(list.len()), &list, rng).unwrap();
        let (input, output_digest) = (*list.digest(), board.file(output.bytes().to_vec()));
        let proof = board.file(proof.to_bytes());
        let body = Mix { contest: set.contest(), mix, input, output: output_digest, proof };
        board.post(EntryBody::Mix(body), signer);
        list = output;
    }
    list
}

pub(crate) fn record(stored: Option<&Value>) -> Value {
    let rng = &mut rng("record");
    let keys = keys(rng);
    let manifest_bytes = manifest(&keys);
    let manifest = Arc::new(Manifest::parse(&manifest_bytes).unwrap());
    let mut board = Board {
        manifest: Arc::clone(&manifest),
        election: None,
        tree: Tree::new(),
        entries: Vec::new(),
        files: BTreeMap::new(),
    };
    let digest = board.file(manifest_bytes);
    board.post(EntryBody::Manifest(digest), &keys.commission);
    let shares = key_ceremony(&mut board, &keys, stored, rng);
    let voter = |(i, key): (usize, &SigningKey)| {
        let style = StyleIndex(u16::from(i == 3));
        RollEntry { voter: voter_id(i), key: key.verifying_key(), style }
    };
    let roll = Roll::new(keys.voters.iter().enumerate().map(voter).collect()).unwrap();
    let roll = board.file(roll.to_bytes());
    board.post(EntryBody::Roll(roll), &keys.registrar);
    let joint_key = *board.election().joint_key().unwrap().public_key().point();
    board.post(EntryBody::Opening(Opening { roll, joint_key, time: OPENED }), &keys.commission);
    vote(&mut board, &keys, rng);
    let closing = Closing { time: OPENED + 3600, size: board.tree.size(), root: board.tree.root() };
    board.post(EntryBody::Closing(closing), &keys.commission);
    for set in board.election().counted().to_vec().iter().filter(|set| !set.withheld()) {
        let list = mix(&mut board, &keys, set, rng);
        // The trustees who decrypt are two for one contest and all three for the other.
        for trustee in trustees().filter(|t| set.contest().0 == 1 || t.0 != 2) {
            let at = usize::from(trustee.0) - 1;
            let joint_key = board.election().joint_key().unwrap().clone();
            let ctx =
                DecryptionContext { election: manifest.id(), joint_key: &joint_key, contest: set.contest(), trustee };
            let factors = PartialDecryption::make(&ctx, &shares[at], &list, rng).unwrap();
            let factors = board.file(factors.to_bytes());
            let body = Decryption { trustee, contest: set.contest(), input: *list.digest(), factors };
            board.post(EntryBody::Decryption(body), &keys.trustees[at]);
        }
    }
    let result = ElectionResult::compute(board.election(), &votes(board.election(), &board.files)).unwrap();
    let result = board.file(serde_json::to_vec_pretty(&result).unwrap());
    board.post(EntryBody::Result(result), &keys.commission);
    publish(&board, &keys)
}

fn publish(board: &Board, keys: &Keys) -> Value {
    let mut files: BTreeMap<String, Vec<u8>> =
        board.files.iter().map(|(digest, bytes)| (file_path(digest), bytes.clone())).collect();
    for tile in hash_tiles(board.tree.size()) {
        files.insert(tile.path(), tile.hashes(&board.tree).unwrap());
    }
    for tile in entry_bundles(board.tree.size()) {
        let first = usize::try_from(tile.first_entry()).unwrap();
        let part = &board.entries[first..first + usize::try_from(tile.width).unwrap()];
        files.insert(tile.path(), bundle(part.iter().map(Vec::as_slice)).unwrap());
    }
    let origin = board.manifest.log_key().origin;
    let checkpoint = Checkpoint { origin, size: board.tree.size(), root: board.tree.root() };
    // Two of the three witnesses, and one that the manifest does not name.
    let cosignatures = [(1, &keys.witnesses[0], 1_900_100_000), (3, &keys.witnesses[2], 1_900_100_001)]
        .map(|(i, key, time)| cosign(&checkpoint, &witness(i, key).name, time, key));
    let stranger = cosign(&checkpoint, "stranger.example", 1_900_100_002, &keys.witnesses[1]);
    let note = checkpoint.sign(&keys.collector) + &cosignatures.concat() + &stranger;
    files.insert(CHECKPOINT.to_owned(), note.into_bytes());
    let files: BTreeMap<_, _> = files.iter().map(|(path, bytes)| (path, STANDARD.encode(bytes))).collect();
    json!({ "election": board.manifest.id(), "files": files })
}

/// Path → bytes.
fn files(record: &Value) -> BTreeMap<String, Vec<u8>> {
    let files = record["files"].as_object().unwrap();
    files.iter().map(|(path, b)| (path.clone(), STANDARD.decode(b.as_str().unwrap()).unwrap())).collect()
}

/// The first entries, at most so many.
fn read_entries(files: &BTreeMap<String, Vec<u8>>, most: usize) -> Vec<Vec<u8>> {
    let (path, bytes) = files.iter().find(|(path, _)| path.starts_with("tile/entries/000")).unwrap();
    let width = path.rsplit_once(".p/").unwrap().1.parse().unwrap();
    read_bundle(bytes, width).unwrap().into_iter().take(most).map(<[u8]>::to_vec).collect()
}

/// Checks every mix and decryption of the contests that are not withheld, and decrypts.
fn votes(election: &Election, files: &BTreeMap<Digest, Vec<u8>>) -> BTreeMap<ContestIndex, DecryptedVotes> {
    let manifest = election.manifest();
    let joint_key = election.joint_key().unwrap();
    let mut all = BTreeMap::new();
    for set in election.counted().iter().filter(|set| !set.withheld()) {
        let (contest, n, w) = (set.contest(), set.list().len(), set.list().width());
        let chain: Vec<_> = election
            .mixes(contest)
            .iter()
            .map(|m| {
                let output = CiphertextList::from_bytes(&files[&m.output], n, w).unwrap();
                (Arc::new(output), ShuffleProof::from_bytes(&files[&m.proof], n, w).unwrap())
            })
            .collect();
        let key = joint_key.public_key();
        let ctx = ShuffleContext { election: manifest.id(), joint_key: key, contest, mix: MixIndex(1) };
        let verified = verify_chain(&ctx, &Generators::new(n), set.list(), &chain).unwrap();
        assert_eq!(verified.len(), manifest.mixes());
        let list = verified.last().unwrap().output();
        let partial: Vec<(TrusteeIndex, PartialDecryption)> = election
            .decryptions(contest)
            .iter()
            .take(manifest.threshold())
            .map(|d| (d.trustee, PartialDecryption::from_bytes(&files[&d.factors], n, w).unwrap()))
            .collect();
        let verified: Vec<_> = partial
            .iter()
            .map(|(trustee, d)| {
                let ctx = DecryptionContext { election: manifest.id(), joint_key, contest, trustee: *trustee };
                d.verify(&ctx, list).unwrap()
            })
            .collect();
        let layout = manifest.layout(contest).unwrap();
        let votes = DecryptedVotes::combine(joint_key, layout, list, &verified).unwrap();
        all.insert(contest, votes);
    }
    all
}

/// Verifies the stored record from its files alone.
pub(crate) fn verifies() {
    let record = stored("record.json").unwrap();
    let paths = files(&record);
    let by_digest: BTreeMap<Digest, Vec<u8>> = paths
        .iter()
        .filter_map(|(path, bytes)| Some((Digest::from_hex(path.strip_prefix("files/")?).unwrap(), bytes.clone())))
        .collect();
    assert!(by_digest.iter().all(|(digest, bytes)| Digest::of(bytes) == *digest));
    let entries = read_entries(&paths, usize::MAX);
    let parsed: Vec<SignedEntry> = entries.iter().map(|e| SignedEntry::from_bytes(e).unwrap()).collect();
    let EntryBody::Manifest(digest) = &parsed[0].body else { panic!("the first entry is the manifest") };
    let manifest = Arc::new(Manifest::parse(&by_digest[digest]).unwrap());
    assert_eq!(manifest.id().to_string(), text(&record, "/election"));
    let mut tree = Tree::new();
    let mut election = Election::start(Arc::clone(&manifest), &parsed[0]).unwrap();
    tree.push(parsed[0].leaf_hash());
    for entry in &parsed[1..] {
        let roll = match &entry.body {
            EntryBody::Roll(digest) => Some(Arc::new(Roll::from_bytes(&by_digest[digest]).unwrap())),
            EntryBody::Ballot(b) => {
                b.verify(&manifest, election.joint_key().unwrap().public_key()).unwrap();
                None
            }
            _ => None,
        };
        let input = CheckInput { roll: roll.as_ref(), root: Some(tree.root()) };
        election.check(entry, &input).unwrap();
        election.apply(entry.clone(), entry.leaf_hash(), &input).unwrap();
        tree.push(entry.leaf_hash());
    }
    assert_eq!(election.phase(), Phase::Finished);
    let note = std::str::from_utf8(&paths[CHECKPOINT]).unwrap();
    let checkpoint = Checkpoint::open(note, &manifest.log_key()).unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (tree.size(), tree.root()));
    let witnessed = manifest.witnesses().open(note, &manifest.log_key()).unwrap();
    assert_eq!((witnessed.cosigned(), witnessed.checkpoint()), (2, &checkpoint));
    for tile in hash_tiles(tree.size()) {
        assert_eq!(paths[&tile.path()], tile.hashes(&tree).unwrap());
    }
    let named: std::collections::BTreeSet<Digest> = parsed.iter().flat_map(|e| e.body.files()).collect();
    assert_eq!(named, by_digest.keys().copied().collect());
    let result: ElectionResult = serde_json::from_slice(&by_digest[election.result().unwrap()]).unwrap();
    assert_eq!(result, ElectionResult::compute(&election, &votes(&election, &by_digest)).unwrap());
    assert!(result.is_published_as(&by_digest[election.result().unwrap()]));
    for other in [&b"{}"[..], b"", by_digest[election.result().unwrap()].split_last().unwrap().1] {
        assert!(!result.is_published_as(other));
    }
    no_result_of_other_votes(&election, &votes(&election, &by_digest), &parsed[0]);
    let n = election.numbers();
    assert_eq!((n.cast, n.superseded, n.cancelled, n.counted), (6, 1, 1, 4));
    assert_eq!(result.contests.iter().map(|c| c.withheld).collect::<Vec<_>>(), [false, false, true]);
}

/// Votes that are missing, of another contest, or given before voting has ended.
fn no_result_of_other_votes(election: &Election, votes: &BTreeMap<ContestIndex, DecryptedVotes>, first: &SignedEntry) {
    let all: Vec<_> = votes.iter().collect();
    let [(a, of_a), (b, of_b)] = all[..] else { panic!("two contests are decrypted") };
    for wrong in [
        BTreeMap::new(),
        BTreeMap::from([(*a, of_a.clone())]),
        BTreeMap::from([(*b, of_b.clone())]),
        BTreeMap::from([(*a, of_b.clone()), (*b, of_b.clone())]),
        BTreeMap::from([(*a, of_b.clone()), (*b, of_a.clone())]),
    ] {
        let error = ElectionResult::compute(election, &wrong).unwrap_err();
        assert!(matches!(error, ResultError::Votes { .. }), "{error}");
    }
    let started = Election::start(Arc::clone(election.manifest()), first).unwrap();
    assert!(matches!(ElectionResult::compute(&started, votes), Err(ResultError::NotClosed)));
}
