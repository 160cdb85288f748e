//! An election's parties, made directly with the core, and a collector for them.

use selge_collector::config::Config;
use selge_collector::limits::Limits;
use selge_collector::server::{start, Running};
use selge_core::ceremony::{CeremonyContext, Commitments, JointKey, Round1, TrusteeShare};
use selge_core::codec::Encode;
use selge_core::cosignature::WitnessKey;
use selge_core::election::Election;
use selge_core::entry::{Closing, Confirmation, EntryBody, Opening, SignedEntry};
use selge_core::ids::{Digest, LeafHash, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::roll::{Roll, RollEntry};
use selge_core::rules::Choice;
use selge_core::sign::SigningKey;
use selge_node::client::{BoardArgs, BoardClient};
use selge_proto::v1::board_client::BoardClient as Grpc;
use selge_proto::v1::SubmitRequest;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tonic::transport::Channel;
use tonic::Code;

pub(crate) const TRUSTEES: u16 = 3;
pub(crate) const MIXES: u16 = 2;

/// A voter's side.
pub(crate) struct Voter {
    pub(crate) id: VoterId,
    pub(crate) key: SigningKey,
    pub(crate) style: StyleIndex,
}

/// One election with all its secrets.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) manifest_bytes: Vec<u8>,
    pub(crate) config: Config,
    pub(crate) commission: SigningKey,
    pub(crate) registrar: SigningKey,
    collector: [u8; 32],
    pub(crate) trustees: Vec<SigningKey>,
    pub(crate) mix_servers: Vec<SigningKey>,
    pub(crate) witnesses: Vec<SigningKey>,
    pub(crate) voters: Vec<Voter>,
    pub(crate) joint_key: JointKey,
    pub(crate) shares: Vec<TrusteeShare>,
    ceremony: Vec<EntryBody>,
}

fn key() -> SigningKey {
    SigningKey::generate(&mut rand::rngs::OsRng)
}

pub(crate) struct Period {
    pub(crate) opens: &'static str,
    pub(crate) closes: &'static str,
}

pub(crate) const OPEN: Period = Period { opens: "2020-01-01T00:00:00Z", closes: "2999-01-01T00:00:00Z" };

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(OPEN, "board")
    }

    pub(crate) fn with(period: Period, title: &str) -> Self {
        Self::witnessed(period, title, &[], 0)
    }

    /// An election whose manifest names these witnesses and this quorum.
    pub(crate) fn witnessed(period: Period, title: &str, names: &[&str], quorum: u16) -> Self {
        let witnesses: Vec<_> = names.iter().map(|_| key()).collect();
        let witness =
            |(name, key): (&&str, &SigningKey)| WitnessKey { name: (*name).to_owned(), key: key.verifying_key() };
        let vkeys: Vec<_> = names.iter().zip(&witnesses).map(witness).collect();
        let folder = tempfile::tempdir().unwrap();
        let (commission, registrar, collector) = (key(), key(), key());
        let trustees: Vec<_> = (0..TRUSTEES).map(|_| key()).collect();
        let mix_servers: Vec<_> = (0..MIXES).map(|_| key()).collect();
        let party = |name: String, key: &SigningKey| serde_json::json!({"name": name, "key": key.verifying_key()});
        let parties = |what: &str, keys: &[SigningKey]| -> Vec<_> {
            keys.iter().enumerate().map(|(i, key)| party(format!("{what} {i}"), key)).collect()
        };
        let contest = |id: &str| {
            let candidates: Vec<_> = ["a", "b", "c"].map(|c| serde_json::json!({"id": c, "name": c})).into();
            serde_json::json!({"id": id, "title": id, "rule": {"type": "choose_one", "blank": true}, "candidates": candidates})
        };
        let document = serde_json::json!({
            "format": "selge-manifest/1", "title": title, "opens": period.opens, "closes": period.closes,
            "early_close": true,
            "commission": party("commission".into(), &commission),
            "registrar": party("registrar".into(), &registrar),
            "collector": party("board.example.org".into(), &collector),
            "trustees": parties("trustee", &trustees), "threshold": 2,
            "mix_servers": parties("mix", &mix_servers), "privacy_floor": 2,
            "witnesses": vkeys, "witness_quorum": quorum,
            "contests": [contest("mayor"), contest("council")],
            "ballot_styles": [{"id": "both", "contests": ["mayor", "council"]}, {"id": "one", "contests": ["mayor"]}],
            "tallies": [{"id": "mayor", "title": "Mayor", "contests": ["mayor"], "rule": {"type": "plurality", "seats": 1}}],
        });
        let manifest_bytes = serde_json::to_vec(&document).unwrap();
        let manifest = Arc::new(Manifest::parse(&manifest_bytes).unwrap());
        let voters = (0..6u16)
            .map(|i| Voter { id: VoterId::random(&mut rand::rngs::OsRng), key: key(), style: StyleIndex(i % 2) })
            .collect();
        let entry = EntryBody::Manifest(Digest::of(&manifest_bytes)).sign(manifest.id(), &commission);
        std::fs::write(folder.path().join("manifest.json"), &manifest_bytes).unwrap();
        std::fs::write(folder.path().join("manifest.entry"), entry.to_bytes()).unwrap();
        let config = Config {
            store: folder.path().join("store"),
            listen: "127.0.0.1:0".parse().unwrap(),
            manifest: folder.path().join("manifest.json"),
            manifest_entry: folder.path().join("manifest.entry"),
            key: folder.path().join("collector.key"),
            passphrase_file: Some(folder.path().join("passphrase")),
            insecure_loopback: true,
            tls: None,
            http: None,
            page: None,
            metrics: None,
            // A few voters stand for many here.
            limits: Limits { ballots_per_voter_per_minute: 100_000, ..Limits::default() },
            witnesses: Vec::new(),
            require_witnesses_at_start: false,
        };
        let (joint_key, shares, ceremony) = hold_ceremony(&manifest);
        Stage {
            folder,
            manifest,
            manifest_bytes,
            config,
            commission,
            registrar,
            collector: *collector.expose_seed(),
            trustees,
            mix_servers,
            witnesses,
            voters,
            joint_key,
            shares,
            ceremony,
        }
    }

    pub(crate) fn collector_key(&self) -> SigningKey {
        SigningKey::from_seed(self.collector)
    }

    pub(crate) async fn serve(&self) -> Running {
        start(&self.config, self.collector_key()).await.unwrap()
    }

    pub(crate) fn sign(&self, body: EntryBody, key: &SigningKey) -> SignedEntry {
        body.sign(self.manifest.id(), key)
    }

    pub(crate) fn roll(&self) -> Vec<u8> {
        let entry = |v: &Voter| RollEntry { voter: v.id, key: v.key.verifying_key(), style: v.style };
        Roll::new(self.voters.iter().map(entry).collect()).unwrap().to_bytes()
    }

    pub(crate) fn roll_entry(&self) -> SignedEntry {
        self.sign(EntryBody::Roll(Digest::of(&self.roll())), &self.registrar)
    }

    pub(crate) fn opening(&self) -> SignedEntry {
        let time = u64::try_from(self.manifest.document().opens.unix_timestamp()).unwrap();
        let (roll, joint_key) = (Digest::of(&self.roll()), *self.joint_key.public_key().point());
        self.sign(EntryBody::Opening(Opening { roll, joint_key, time }), &self.commission)
    }

    pub(crate) fn ceremony_entries(&self) -> Vec<SignedEntry> {
        let trustee = |body: &EntryBody| match body {
            EntryBody::Commitments(m) => m.trustee,
            EntryBody::Shares(m) => m.trustee,
            EntryBody::Confirmation(m) => m.trustee,
            _ => unreachable!("only these are made"),
        };
        let sign = |body: &EntryBody| self.sign(body.clone(), &self.trustees[usize::from(trustee(body).0) - 1]);
        self.ceremony.iter().map(sign).collect()
    }

    /// Ceremony, roll and opening.
    pub(crate) async fn open(&self, board: &mut BoardClient) {
        for entry in self.ceremony_entries() {
            board.submit(&entry).await.unwrap();
        }
        board.post(&self.roll_entry(), vec![self.roll()]).await.unwrap();
        board.submit(&self.opening()).await.unwrap();
    }

    /// A ballot of voter `who`.
    pub(crate) fn ballot(&self, who: usize, previous: LeafHash, candidate: u32) -> SignedEntry {
        let voter = &self.voters[who];
        self.sign(self.ballot_body(voter, voter.style, previous, candidate), &voter.key)
    }

    pub(crate) fn ballot_body(
        &self,
        voter: &Voter,
        style: StyleIndex,
        previous: LeafHash,
        candidate: u32,
    ) -> EntryBody {
        let choices = vec![Choice::One(candidate); self.manifest.style(style).unwrap().len()];
        let (key, rng) = (self.joint_key.public_key(), &mut rand::rngs::OsRng);
        let ballot =
            selge_core::ballot::EncryptedBallot::encrypt(&self.manifest, key, voter.id, style, previous, &choices, rng);
        EntryBody::Ballot(ballot.unwrap())
    }

    pub(crate) async fn closing(&self, board: &mut BoardClient) -> SignedEntry {
        let checkpoint = self.checkpoint(board).await;
        let time = u64::try_from(self.manifest.document().opens.unix_timestamp()).unwrap() + 1;
        let body = EntryBody::Closing(Closing { time, size: checkpoint.size, root: checkpoint.root });
        self.sign(body, &self.commission)
    }

    pub(crate) async fn checkpoint(&self, board: &mut BoardClient) -> Checkpoint {
        let status = board.status().await.unwrap();
        Checkpoint::open(&status.checkpoint, &self.manifest.log_key()).unwrap()
    }

    /// Checks that a receipt shows this entry on the board.
    pub(crate) fn holds(&self, receipt: &Receipt, entry: &SignedEntry) -> Checkpoint {
        receipt.verify(&entry.leaf_hash(), &self.manifest.log_key()).unwrap()
    }
}

fn hold_ceremony(manifest: &Manifest) -> (JointKey, Vec<TrusteeShare>, Vec<EntryBody>) {
    let ctx =
        CeremonyContext { election: manifest.id(), trustees: manifest.trustees(), threshold: manifest.threshold() };
    let all: Vec<_> = (1..=TRUSTEES).map(TrusteeIndex).collect();
    let rng = &mut rand::rngs::OsRng;
    let (secrets, commitments): (Vec<_>, Vec<_>) = all.iter().map(|t| Commitments::make(&ctx, *t, rng)).unzip();
    let round1 = Round1::new(&ctx, &commitments).unwrap();
    let deals: Vec<_> = all.iter().zip(&secrets).map(|(t, s)| round1.deal(&ctx, *t, s).unwrap()).collect();
    let shares = all.iter().zip(&secrets).map(|(t, s)| round1.receive(&ctx, *t, s, &deals).unwrap()).collect();
    let joint_key = round1.joint_key(&ctx).unwrap();
    let mut transcript = Vec::new();
    commitments.iter().for_each(|m| m.encode(&mut transcript));
    deals.iter().for_each(|m| m.encode(&mut transcript));
    let confirm = |trustee: &TrusteeIndex| {
        let (ceremony, joint_key) = (Digest::of(&transcript), *joint_key.public_key().point());
        EntryBody::Confirmation(Confirmation { trustee: *trustee, ceremony, joint_key })
    };
    let confirmations: Vec<_> = all.iter().map(confirm).collect();
    let entries = commitments.into_iter().map(EntryBody::Commitments);
    let entries = entries.chain(deals.into_iter().map(EntryBody::Shares)).chain(confirmations);
    (joint_key, shares, entries.collect())
}

pub(crate) async fn connect(running: &Running) -> BoardClient {
    connect_to(&format!("http://{}", running.address())).await
}

pub(crate) async fn connect_to(url: &str) -> BoardClient {
    let args = BoardArgs { board: url.to_owned(), ca: None, insecure_loopback: true };
    args.connect().await.unwrap()
}

/// A client without any care.
pub(crate) async fn raw(running: &Running) -> Grpc<Channel> {
    Grpc::connect(format!("http://{}", running.address())).await.unwrap().max_encoding_message_size(usize::MAX)
}

/// Submits and expects a refusal with this code; returns its sentence.
pub(crate) async fn refused(grpc: &mut Grpc<Channel>, entry: &SignedEntry, code: Code) -> String {
    refused_bytes(grpc, entry.to_bytes(), code).await
}

pub(crate) async fn refused_bytes(grpc: &mut Grpc<Channel>, entry: Vec<u8>, code: Code) -> String {
    let status = grpc.submit(SubmitRequest { entry }).await.unwrap_err();
    assert_eq!(status.code(), code, "{status}");
    status.message().to_owned()
}

/// Copies a folder, as a crash at this moment would leave it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for found in std::fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let target = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy_folder(&found.path(), &target);
        } else {
            std::fs::copy(found.path(), target).unwrap();
        }
    }
}

/// The state that the board's own answers add up to, with every proof of a ballot checked.
pub(crate) async fn replica(stage: &Stage, board: &mut BoardClient) -> selge_node::replica::Replica {
    let mut replica =
        selge_node::replica::Replica::new(Arc::clone(&stage.manifest), selge_node::replica::Ballots::Verify);
    replica.sync(board).await.unwrap();
    let election: &Election = replica.election().unwrap();
    let status = board.status().await.unwrap();
    assert_eq!(status.phase, election.phase().to_string());
    assert_eq!(status.ballots_cast, election.numbers().cast);
    assert_eq!(status.ballots_counted, election.numbers().counted);
    replica
}
