//! A board in this process that can be told to cheat, behind a relay that can cut the connection.

#![allow(dead_code, unreachable_pub)] // each test binary uses its part

use rand::rngs::OsRng;
use selge_core::ceremony::{CeremonyContext, Commitments};
use selge_core::codec::{Decode, Encode};
use selge_core::cosignature::{cosign, WitnessKey};
use selge_core::election::{CheckInput, Election};
use selge_core::entry::{Confirmation, EntryBody, Opening, SignedEntry};
use selge_core::ids::{Digest, LeafHash, StyleIndex, TrusteeIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::roll::{Roll, RollEntry};
use selge_core::sign::SigningKey;
use selge_core::tree::Tree;
use selge_node::client::BoardArgs;
use selge_proto::v1::board_server::{Board, BoardServer};
use selge_proto::v1::{
    EntriesRequest, EntriesResponse, FileRequest, FileResponse, PostRequest, ReceiptRequest, StatusRequest,
    StatusResponse, SubmitRequest, SubmitResponse, VoterRequest, VoterResponse,
};
use selge_voter_client::Voter;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

/// How the board cheats or fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Stores the ballot, then the connection breaks; once.
    CutAfterStoring,
    /// Says that it is busy, this many times.
    Busy(u32),
    /// Never takes anything.
    Down,
    /// Gives a receipt that names another index.
    OtherIndex,
    /// Gives a receipt for another leaf.
    OtherLeaf,
    /// Gives a checkpoint that another key signed.
    ForgedCheckpoint,
    /// Gives text that is no receipt.
    Garbage,
    /// Stores nothing and answers with a receipt for a tree that it never publishes.
    Unpublished,
    /// Refuses because voting has ended.
    Closed,
    /// Says later that it has never seen the ballot.
    Forgets,
    /// Names somebody else's ballot as the voter's newest.
    OthersNewest,
}

/// An election that has been opened.
pub struct Set {
    pub manifest_bytes: Vec<u8>,
    pub manifest: Arc<Manifest>,
    pub commission: SigningKey,
    pub trustees: Vec<SigningKey>,
    pub collector: SigningKey,
    pub registrar: SigningKey,
    pub mix: SigningKey,
    pub voters: Vec<Voter>,
    pub witnesses: Vec<SigningKey>,
    pub entries: Vec<Vec<u8>>,
}

/// A witness's name, from 0.
fn witness_name(i: usize) -> String {
    format!("w{i}.example")
}

/// A manifest with these parties' keys.
pub fn manifest_json(title: &str, keys: &[&SigningKey], trustees: &[SigningKey]) -> Vec<u8> {
    let party = |name: &str, key: &SigningKey| serde_json::json!({"name": name, "key": key.verifying_key()});
    let candidate = |id: &str, name: &str| serde_json::json!({"id": id, "name": name});
    let mayor =
        [candidate("tamm-101", "Mari Tamm"), candidate("kask-102", "Jaan Kask"), candidate("lepp-103", "Anu Lepp")];
    let council =
        [candidate("oak-list", "Oak Party"), candidate("elm-list", "Elm Party"), candidate("ash-list", "Ash Party")];
    let names: Vec<_> = trustees.iter().enumerate().map(|(i, key)| party(&format!("trustee {i}"), key)).collect();
    let document = serde_json::json!({
        "format": "selge-manifest/1", "title": title,
        "opens": "2020-01-01T00:00:00Z", "closes": "2100-01-01T00:00:00Z",
        "commission": party("commission", keys[0]), "registrar": party("registrar", keys[1]),
        "collector": party("board.example", keys[2]), "trustees": names, "threshold": 2,
        "mix_servers": [party("mix", keys[3])], "privacy_floor": 2,
        "contests": [
            {"id": "mayor", "title": "Who shall be mayor?", "candidates": mayor,
             "rule": {"type": "choose_one", "blank": true}},
            {"id": "council", "title": "Town council", "candidates": council,
             "rule": {"type": "rank", "max": 2, "blank": false}},
        ],
        "ballot_styles": [{"id": "town", "contests": ["mayor", "council"]}, {"id": "village", "contests": ["mayor"]}],
        "tallies": [{"id": "mayor", "title": "Mayor", "contests": ["mayor"], "rule": {"type": "plurality", "seats": 1}}],
    });
    serde_json::to_vec_pretty(&document).unwrap()
}

impl Set {
    pub fn new(title: &str, voters: usize) -> Self {
        Self::witnessed(title, voters, 0, 0)
    }

    pub fn witnessed(title: &str, voters: usize, witnesses: usize, quorum: u16) -> Self {
        let key = || SigningKey::generate(&mut OsRng);
        let (commission, registrar, collector, mix) = (key(), key(), key(), key());
        let trustees: Vec<_> = (0..3).map(|_| key()).collect();
        let witnesses: Vec<_> = (0..witnesses).map(|_| key()).collect();
        let witness = |(i, key): (usize, &SigningKey)| WitnessKey { name: witness_name(i), key: key.verifying_key() };
        let vkeys: Vec<_> = witnesses.iter().enumerate().map(witness).collect();
        let plain = manifest_json(title, &[&commission, &registrar, &collector, &mix], &trustees);
        let mut document: serde_json::Value = serde_json::from_slice(&plain).unwrap();
        document["witnesses"] = serde_json::to_value(vkeys).unwrap();
        document["witness_quorum"] = quorum.into();
        let manifest_bytes = serde_json::to_vec_pretty(&document).unwrap();
        let manifest = Arc::new(Manifest::parse(&manifest_bytes).unwrap());
        let voters: Vec<_> = (0..voters).map(|_| Voter::generate(&mut OsRng)).collect();
        let mut set = Set {
            manifest_bytes,
            manifest,
            commission,
            trustees,
            collector,
            registrar,
            mix,
            voters,
            witnesses,
            entries: vec![],
        };
        set.entries = set.set_up(|_| {});
        set
    }

    /// The board's entries up to the opening, correctly signed; `bend` may change what is about to be signed.
    pub fn set_up(&self, mut bend: impl FnMut(&mut EntryBody)) -> Vec<Vec<u8>> {
        let manifest = &self.manifest;
        let ctx = CeremonyContext { election: manifest.id(), trustees: 3, threshold: 2 };
        let mut entries = Vec::new();
        let mut add = |mut body: EntryBody, key: &SigningKey| {
            bend(&mut body);
            let entry = body.sign(manifest.id(), key);
            entries.push(entry.to_bytes());
            entry
        };
        let first = add(EntryBody::Manifest(Digest::of(&self.manifest_bytes)), &self.commission);
        let mut election = Election::start(Arc::clone(manifest), &first).unwrap();
        let apply = |election: &mut Election, entry: SignedEntry, roll: Option<&Arc<Roll>>| {
            let leaf = entry.leaf_hash();
            election.apply(entry, leaf, &CheckInput { roll, root: None }).unwrap();
        };
        let index = |i: usize| TrusteeIndex(u16::try_from(i + 1).unwrap());
        let dealt: Vec<_> = (0..3).map(|i| Commitments::make(&ctx, index(i), &mut OsRng)).collect();
        for (i, (_, message)) in dealt.iter().enumerate() {
            let entry = add(EntryBody::Commitments(message.clone()), &self.trustees[i]);
            apply(&mut election, entry, None);
        }
        let roll = Arc::new(self.roll());
        let entry = add(EntryBody::Roll(Digest::of(&roll.to_bytes())), &self.registrar);
        apply(&mut election, entry, Some(&roll));
        for (i, (secret, _)) in dealt.iter().enumerate() {
            let shares = election.round1().unwrap().deal(&ctx, index(i), secret).unwrap();
            let entry = add(EntryBody::Shares(shares), &self.trustees[i]);
            apply(&mut election, entry, None);
        }
        let joint_key = *election.joint_key().unwrap().public_key().point();
        let ceremony = election.ceremony_digest().unwrap();
        for i in 0..3 {
            let confirmation = Confirmation { trustee: index(i), ceremony, joint_key };
            let entry = add(EntryBody::Confirmation(confirmation), &self.trustees[i]);
            apply(&mut election, entry, None);
        }
        let opening = Opening { roll: Digest::of(&roll.to_bytes()), joint_key, time: 1_600_000_000 };
        add(EntryBody::Opening(opening), &self.commission);
        entries
    }

    pub fn roll(&self) -> Roll {
        let entry = |v: &Voter| RollEntry { voter: v.id, key: v.key.verifying_key(), style: StyleIndex(0) };
        Roll::new(self.voters.iter().map(entry).collect()).unwrap()
    }
}

/// What the board holds; tests change it while it serves.
pub struct State {
    pub manifest_bytes: Vec<u8>,
    pub manifest: Arc<Manifest>,
    pub collector: SigningKey,
    pub entries: Vec<Vec<u8>>,
    pub tree: Tree,
    /// Entries shown instead of those of the tree.
    pub shown: Option<Vec<Vec<u8>>>,
    pub newest: HashMap<VoterId, (LeafHash, u64)>,
    pub on_roll: Vec<VoterId>,
    pub cancelled: Vec<VoterId>,
    pub phase: &'static str,
    pub fault: Fault,
    pub submissions: u32,
    /// Every witness's key, and which of them cosign what is called witnessed.
    pub witnesses: Vec<SigningKey>,
    pub cosigning: Vec<usize>,
}

impl State {
    pub fn push(&mut self, bytes: Vec<u8>) -> u64 {
        let leaf = selge_core::tree::leaf_hash(&bytes);
        let index = self.tree.size();
        if let Ok(SignedEntry { body: EntryBody::Ballot(ballot), .. }) = SignedEntry::from_bytes(&bytes) {
            self.newest.insert(ballot.voter, (leaf, index));
        }
        self.tree.push(leaf);
        self.entries.push(bytes);
        index
    }

    fn checkpoint(&self) -> String {
        let origin = self.manifest.log_key().origin;
        let checkpoint = Checkpoint { origin, size: self.tree.size(), root: self.tree.root() };
        match self.fault {
            Fault::ForgedCheckpoint if self.submissions > 0 => checkpoint.sign(&SigningKey::generate(&mut OsRng)),
            _ => checkpoint.sign(&self.collector),
        }
    }

    /// The lines of these witnesses for the newest checkpoint.
    pub fn cosignatures(&self, witnesses: &[usize]) -> String {
        let log = self.manifest.log_key();
        let checkpoint = Checkpoint { origin: log.origin, size: self.tree.size(), root: self.tree.root() };
        witnesses.iter().map(|i| cosign(&checkpoint, &witness_name(*i), 1_700_000_000, &self.witnesses[*i])).collect()
    }

    fn receipt(&self, index: u64) -> String {
        let index = match self.fault {
            Fault::OtherLeaf if self.submissions > 0 => index - 1,
            _ => index,
        };
        let proof = self.tree.inclusion_proof(index, self.tree.size()).unwrap();
        let index = match self.fault {
            Fault::OtherIndex if self.submissions > 0 => index - 1,
            _ => index,
        };
        Receipt { index, proof, checkpoint: self.checkpoint() }.text()
    }
}

/// The service.
#[derive(Clone)]
pub struct FakeBoard {
    pub state: Arc<Mutex<State>>,
    cut: Arc<Notify>,
    pub url: String,
}

impl FakeBoard {
    /// Serves the election on a port of this machine.
    pub async fn serve(set: &Set) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = listener.local_addr().unwrap();
        let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", relay.local_addr().unwrap());
        let mut state = State {
            manifest_bytes: set.manifest_bytes.clone(),
            manifest: Arc::clone(&set.manifest),
            collector: SigningKey::from_seed(*set.collector.expose_seed()),
            entries: Vec::new(),
            tree: Tree::new(),
            shown: None,
            newest: HashMap::new(),
            on_roll: set.voters.iter().map(|v| v.id).collect(),
            cancelled: Vec::new(),
            phase: "voting",
            fault: Fault::None,
            submissions: 0,
            witnesses: set.witnesses.iter().map(|key| SigningKey::from_seed(*key.expose_seed())).collect(),
            cosigning: Vec::new(),
        };
        set.entries.iter().for_each(|entry| {
            state.push(entry.clone());
        });
        let board = FakeBoard { state: Arc::new(Mutex::new(state)), cut: Arc::new(Notify::new()), url };
        let cut = Arc::clone(&board.cut);
        tokio::spawn(async move {
            while let Ok((mut outside, _)) = relay.accept().await {
                let cut = Arc::clone(&cut);
                tokio::spawn(async move {
                    let Ok(mut inside) = TcpStream::connect(inner).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut outside, &mut inside) => {}
                        () = cut.notified() => {}
                    }
                });
            }
        });
        let service = BoardServer::new(board.clone());
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        board
    }

    pub fn args(&self) -> BoardArgs {
        BoardArgs { board: self.url.clone(), ca: None, insecure_loopback: true }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn set(&self, fault: Fault) {
        self.lock().fault = fault;
    }
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl Board for FakeBoard {
    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let state = self.lock();
        Ok(Response::new(StatusResponse {
            checkpoint: state.checkpoint(),
            manifest: state.manifest_bytes.clone(),
            phase: state.phase.into(),
            ballots_cast: state.newest.len() as u64,
            ballots_counted: state.newest.len() as u64,
            witnessed_checkpoint: String::new(),
        }))
    }

    async fn submit(&self, request: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        let bytes = request.into_inner().entry;
        let leaf = selge_core::tree::leaf_hash(&bytes);
        let cut = {
            let mut state = self.lock();
            state.submissions += 1;
            match state.fault {
                Fault::Busy(0) => state.fault = Fault::None,
                Fault::Busy(n) => {
                    state.fault = Fault::Busy(n - 1);
                    return Err(Status::resource_exhausted("too many ballots at once"));
                }
                Fault::Down => return Err(Status::unavailable("shutting down")),
                Fault::Closed => return Err(Status::failed_precondition("voting has ended")),
                Fault::Garbage => return Ok(Response::new(SubmitResponse { receipt: "thank you".into() })),
                Fault::Unpublished => {
                    let mut other = Tree::new();
                    other.push(leaf);
                    let origin = state.manifest.log_key().origin;
                    let checkpoint = Checkpoint { origin, size: 1, root: [9; 32] }.sign(&state.collector);
                    let receipt = Receipt { index: 0, proof: vec![], checkpoint }.text();
                    return Ok(Response::new(SubmitResponse { receipt }));
                }
                _ => {}
            }
            let known = state.entries.iter().position(|e| *e == bytes);
            if known.is_none() {
                let Ok(SignedEntry { body: EntryBody::Ballot(ballot), .. }) = SignedEntry::from_bytes(&bytes) else {
                    return Err(Status::invalid_argument("not a ballot"));
                };
                let newest = state.newest.get(&ballot.voter).map_or(LeafHash::NONE, |(leaf, _)| *leaf);
                if ballot.previous != newest {
                    return Err(Status::failed_precondition(format!("the ballot follows {}", ballot.previous)));
                }
                state.push(bytes.clone());
            }
            let cut = state.fault == Fault::CutAfterStoring;
            if cut {
                state.fault = Fault::None;
            }
            cut
        };
        if cut {
            self.cut.notify_waiters();
            std::future::pending::<()>().await;
        }
        let state = self.lock();
        let index = state.entries.iter().position(|e| *e == bytes).unwrap();
        Ok(Response::new(SubmitResponse { receipt: state.receipt(index as u64) }))
    }

    async fn post(&self, _: Request<Streaming<PostRequest>>) -> Result<Response<SubmitResponse>, Status> {
        Err(Status::unimplemented("no files here"))
    }

    type EntriesStream = Answers<EntriesResponse>;

    async fn entries(&self, request: Request<EntriesRequest>) -> Result<Response<Self::EntriesStream>, Status> {
        let EntriesRequest { from, to } = request.into_inner();
        let state = self.lock();
        let all = state.shown.as_ref().unwrap_or(&state.entries);
        let entries = all.get(from as usize..to as usize).ok_or(Status::invalid_argument("no such entries"))?.to_vec();
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(EntriesResponse { entries })))))
    }

    type FileStream = Answers<FileResponse>;

    async fn file(&self, _: Request<FileRequest>) -> Result<Response<Self::FileStream>, Status> {
        Err(Status::not_found("no files here"))
    }

    async fn receipt(&self, request: Request<ReceiptRequest>) -> Result<Response<SubmitResponse>, Status> {
        let ReceiptRequest { leaf_hash: leaf, witnessed } = request.into_inner();
        let state = self.lock();
        if witnessed && state.cosigning.is_empty() {
            return Err(Status::not_found("not witnessed yet"));
        }
        let lines = if witnessed { state.cosignatures(&state.cosigning) } else { String::new() };
        let all = state.shown.as_ref().unwrap_or(&state.entries);
        let at = all.iter().position(|e| selge_core::tree::leaf_hash(e).0.as_slice() == leaf);
        match at {
            Some(at) if state.fault != Fault::Forgets || at < 12 => {
                Ok(Response::new(SubmitResponse { receipt: state.receipt(at as u64) + &lines }))
            }
            _ => Err(Status::not_found("no such entry")),
        }
    }

    async fn voter(&self, request: Request<VoterRequest>) -> Result<Response<VoterResponse>, Status> {
        let id = VoterId(request.into_inner().voter.try_into().map_err(|_| Status::invalid_argument("voter id"))?);
        let state = self.lock();
        let mut newest = state.newest.get(&id).copied();
        if state.fault == Fault::OthersNewest {
            newest = state.newest.iter().find(|(voter, _)| **voter != id).map(|(_, ballot)| *ballot);
        }
        let cancelled = state.cancelled.contains(&id);
        Ok(Response::new(VoterResponse {
            newest: newest.map_or_else(Vec::new, |(leaf, _)| leaf.0.to_vec()),
            newest_index: newest.map_or(0, |(_, index)| index),
            cancelled,
            cancelled_reason: if cancelled { "voted on paper".into() } else { String::new() },
            on_roll: state.on_roll.contains(&id),
            style: 0,
        }))
    }
}
