//! A board in memory, over core's own state and tree: what a collector does, without its store and its proof checks.
//! It can lose its answers, go down and come back, and fork.

use selge_core::codec::{Decode, Encode};
use selge_core::cosignature::cosign;
use selge_core::election::{CheckInput, Election};
use selge_core::entry::{EntryBody, EntryKind, SignedEntry};
use selge_core::ids::{Digest, LeafHash};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::roll::Roll;
use selge_core::sign::SigningKey;
use selge_core::tree::{leaf_hash, Tree};
use selge_node::client::BoardArgs;
use selge_proto::v1 as pb;
use selge_proto::v1::board_server::{Board as Service, BoardServer};
use selge_proto::v1::post_request::Part;
use selge_proto::MAX_CHUNK;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, Streaming};

pub(crate) struct State {
    pub(crate) election: Election,
    pub(crate) entries: Vec<Vec<u8>>,
    tree: Tree,
    files: HashMap<Digest, Vec<u8>>,
    /// So many entries are taken in without an answer.
    pub(crate) lose_answers: u32,
    /// Whether entries are turned away as if the board were down.
    pub(crate) down: bool,
    /// Entries that come in just before the next closing.
    pub(crate) before_closing: Vec<SignedEntry>,
    /// What the board calls its newest witnessed checkpoint.
    pub(crate) witnessed: String,
}

impl State {
    pub(crate) fn file(&self, digest: &Digest) -> &[u8] {
        &self.files[digest]
    }

    pub(crate) fn root(&self) -> selge_core::tree::Hash {
        self.tree.root()
    }
}

pub(crate) struct MemoryBoard {
    manifest: Arc<Manifest>,
    manifest_bytes: Vec<u8>,
    key: SigningKey,
    state: Mutex<State>,
}

/// A board being served, in a runtime of its own; dropped, it goes down and its connections break.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Server {
    pub(crate) fn args(&self) -> BoardArgs {
        BoardArgs { board: format!("http://{}", self.address), ca: None, insecure_loopback: true }
    }
}

impl MemoryBoard {
    pub(crate) fn new(manifest_bytes: Vec<u8>, first: SignedEntry, key: SigningKey) -> Arc<Self> {
        let manifest = Arc::new(Manifest::parse(&manifest_bytes).unwrap());
        let election = Election::start(Arc::clone(&manifest), &first).unwrap();
        let (mut tree, bytes) = (Tree::new(), first.to_bytes());
        tree.push(leaf_hash(&bytes));
        let files = HashMap::from([(Digest::of(&manifest_bytes), manifest_bytes.clone())]);
        let entries = vec![bytes];
        let (lose_answers, down, before_closing) = (0, false, Vec::new());
        let state =
            State { election, entries, tree, files, lose_answers, down, before_closing, witnessed: String::new() };
        Arc::new(MemoryBoard { manifest, manifest_bytes, key, state: Mutex::new(state) })
    }

    /// Another board with the first `size` entries of this one.
    pub(crate) fn fork(&self, size: usize) -> Arc<Self> {
        let state = self.state();
        let first = SignedEntry::from_bytes(&state.entries[0]).unwrap();
        let key = SigningKey::from_seed(*self.key.expose_seed());
        let fork = MemoryBoard::new(self.manifest_bytes.clone(), first, key);
        for bytes in &state.entries[1..size] {
            let entry = SignedEntry::from_bytes(bytes).unwrap();
            let files = entry.body.files().iter().map(|d| state.files[d].clone()).collect();
            fork.put(&entry, files).unwrap();
        }
        fork
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub(crate) fn size(&self) -> usize {
        self.state().entries.len()
    }

    /// The entries of one kind, in order.
    pub(crate) fn of_kind(&self, kind: EntryKind) -> Vec<SignedEntry> {
        let state = self.state();
        let all = state.entries.iter().map(|bytes| SignedEntry::from_bytes(bytes).unwrap());
        all.filter(|entry| entry.body.kind() == kind).collect()
    }

    /// Takes an entry in as a collector does, without the checks of zero-knowledge proofs.
    pub(crate) fn put(&self, entry: &SignedEntry, files: Vec<Vec<u8>>) -> Result<u64, String> {
        self.take(&mut self.state(), entry, files)
    }

    fn take(&self, state: &mut State, entry: &SignedEntry, files: Vec<Vec<u8>>) -> Result<u64, String> {
        let bytes = entry.to_bytes();
        if let Some(index) = state.entries.iter().position(|e| *e == bytes) {
            return Ok(index as u64);
        }
        if matches!(entry.body, EntryBody::Closing(_)) {
            for first in std::mem::take(&mut state.before_closing) {
                self.take(state, &first, Vec::new())?;
            }
        }
        let digests = entry.body.files();
        if files.iter().map(|f| Digest::of(f)).collect::<Vec<_>>() != digests {
            return Err("the files are not those that the entry names".into());
        }
        let roll = match &entry.body {
            EntryBody::Roll(_) => Some(Arc::new(Roll::from_bytes(&files[0]).map_err(|e| e.to_string())?)),
            _ => None,
        };
        let input = CheckInput { roll: roll.as_ref(), root: Some(state.tree.root()) };
        state.election.check(entry, &input).map_err(|e| e.to_string())?;
        state.election.apply(entry.clone(), leaf_hash(&bytes), &input).map_err(|e| e.to_string())?;
        state.tree.push(leaf_hash(&bytes));
        state.entries.push(bytes);
        state.files.extend(digests.into_iter().zip(files));
        Ok(state.entries.len() as u64 - 1)
    }

    fn checkpoint(&self, state: &State) -> String {
        self.checkpoint_at(state, state.tree.size()).sign(&self.key)
    }

    /// The checkpoint over the first `size` entries, which the collector signs and others may cosign.
    fn checkpoint_at(&self, state: &State, size: u64) -> Checkpoint {
        let origin = self.manifest.log_key().origin;
        Checkpoint { origin, size, root: state.tree.root_at(size).unwrap() }
    }

    /// The signed checkpoint over the first `size` entries, with the lines of these witnesses.
    pub(crate) fn cosigned(&self, size: u64, witnesses: &[(&str, &SigningKey)]) -> String {
        let checkpoint = self.checkpoint_at(&self.state(), size);
        let line = |(name, key): &(&str, &SigningKey)| cosign(&checkpoint, name, 1_700_000_000, key);
        checkpoint.sign(&self.key) + &witnesses.iter().map(line).collect::<String>()
    }

    fn receipt_of(&self, state: &State, index: u64) -> String {
        let proof = state.tree.inclusion_proof(index, state.tree.size()).unwrap();
        Receipt { index, proof, checkpoint: self.checkpoint(state) }.text()
    }

    fn answer(&self, bytes: &[u8], files: Vec<Vec<u8>>) -> Result<Response<pb::SubmitResponse>, Status> {
        let entry = SignedEntry::from_bytes(bytes).map_err(|e| Status::invalid_argument(e.to_string()))?;
        let mut state = self.state();
        if state.down {
            return Err(Status::unavailable("shutting down"));
        }
        let index = self.take(&mut state, &entry, files).map_err(Status::failed_precondition)?;
        if state.lose_answers > 0 {
            state.lose_answers -= 1;
            return Err(Status::unavailable("connection reset"));
        }
        Ok(Response::new(pb::SubmitResponse { receipt: self.receipt_of(&state, index) }))
    }

    /// Serves on `address`; port 0 takes a free one.
    pub(crate) fn serve(self: &Arc<Self>, address: &str) -> Server {
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let service = BoardServer::new(Shared(Arc::clone(self)))
            .max_decoding_message_size(selge_proto::MAX_MESSAGE)
            .max_encoding_message_size(selge_proto::MAX_MESSAGE);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.spawn(async move {
            let incoming = TcpListenerStream::new(TcpListener::from_std(listener).unwrap());
            tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming).await.unwrap();
        });
        Server { address, runtime: Some(runtime) }
    }
}

struct Shared(Arc<MemoryBoard>);

type Parts<T> = tokio_stream::Iter<std::vec::IntoIter<Result<T, Status>>>;

#[tonic::async_trait]
impl Service for Shared {
    async fn status(&self, _: Request<pb::StatusRequest>) -> Result<Response<pb::StatusResponse>, Status> {
        let state = self.0.state();
        let numbers = state.election.numbers();
        Ok(Response::new(pb::StatusResponse {
            checkpoint: self.0.checkpoint(&state),
            manifest: self.0.manifest_bytes.clone(),
            phase: state.election.phase().to_string(),
            ballots_cast: numbers.cast,
            ballots_counted: numbers.counted,
            witnessed_checkpoint: state.witnessed.clone(),
        }))
    }

    async fn submit(&self, request: Request<pb::SubmitRequest>) -> Result<Response<pb::SubmitResponse>, Status> {
        self.0.answer(&request.into_inner().entry, Vec::new())
    }

    async fn post(&self, request: Request<Streaming<pb::PostRequest>>) -> Result<Response<pb::SubmitResponse>, Status> {
        let mut parts = request.into_inner();
        let (mut entry, mut files) = (Vec::new(), Vec::<Vec<u8>>::new());
        while let Some(part) = parts.message().await? {
            match part.part {
                Some(Part::Entry(bytes)) => entry = bytes,
                Some(Part::FileLength(_)) => files.push(Vec::new()),
                Some(Part::Chunk(chunk)) => files.last_mut().unwrap().extend(chunk),
                None => return Err(Status::invalid_argument("an empty part")),
            }
        }
        self.0.answer(&entry, files)
    }

    type EntriesStream = Parts<pb::EntriesResponse>;

    async fn entries(&self, request: Request<pb::EntriesRequest>) -> Result<Response<Self::EntriesStream>, Status> {
        let pb::EntriesRequest { from, to } = request.into_inner();
        let entries = self.0.state().entries[from as usize..to as usize].to_vec();
        let batches: Vec<_> = entries.chunks(7).map(|c| Ok(pb::EntriesResponse { entries: c.to_vec() })).collect();
        Ok(Response::new(tokio_stream::iter(batches)))
    }

    type FileStream = Parts<pb::FileResponse>;

    async fn file(&self, request: Request<pb::FileRequest>) -> Result<Response<Self::FileStream>, Status> {
        let digest = Digest(request.into_inner().digest.try_into().unwrap());
        let file = self.0.state().files.get(&digest).cloned().ok_or_else(|| Status::not_found("no such file"))?;
        let length = file.len() as u64;
        let parts: Vec<_> =
            file.chunks(MAX_CHUNK).map(|c| Ok(pb::FileResponse { length, chunk: c.to_vec() })).collect();
        Ok(Response::new(tokio_stream::iter(parts)))
    }

    async fn receipt(&self, request: Request<pb::ReceiptRequest>) -> Result<Response<pb::SubmitResponse>, Status> {
        let leaf = LeafHash(request.into_inner().leaf_hash.try_into().unwrap());
        let state = self.0.state();
        let found = (0..state.tree.size()).find(|i| state.tree.leaf(*i) == Some(leaf));
        let index = found.ok_or_else(|| Status::not_found("no such entry"))?;
        Ok(Response::new(pb::SubmitResponse { receipt: self.0.receipt_of(&state, index) }))
    }

    async fn voter(&self, _: Request<pb::VoterRequest>) -> Result<Response<pb::VoterResponse>, Status> {
        Err(Status::unimplemented("no voter asks this board"))
    }
}
