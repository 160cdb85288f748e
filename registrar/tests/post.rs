//! From a list of voters to a roll on a board that may lose its answer or lie.

use rand::rngs::OsRng;
use selge_core::codec::Encode;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{Digest, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::sign::SigningKey;
use selge_core::tree::{leaf_hash, Tree};
use selge_node::client::BoardArgs;
use selge_proto::v1::board_server::{Board, BoardServer};
use selge_proto::v1::{
    post_request::Part, EntriesRequest, EntriesResponse, FileRequest, FileResponse, PostRequest, ReceiptRequest,
    StatusRequest, StatusResponse, SubmitRequest, SubmitResponse, VoterRequest, VoterResponse,
};
use selge_registrar::folder::SignedRoll;
use selge_registrar::list::{parse, Format};
use selge_registrar::post::post;
use std::sync::{Arc, Mutex};
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::Empty;
use tonic::{Request, Response, Status, Streaming};

struct Election {
    manifest_bytes: Vec<u8>,
    manifest: Manifest,
    registrar: SigningKey,
    collector: SigningKey,
    first: SignedEntry,
}

fn election() -> Election {
    let key = || SigningKey::generate(&mut OsRng);
    let (commission, registrar, collector) = (key(), key(), key());
    let party = |name: &str, key: &SigningKey| serde_json::json!({"name": name, "key": key.verifying_key()});
    let document = serde_json::json!({
        "format": "selge-manifest/1", "title": "Test",
        "opens": "2020-01-01T00:00:00Z", "closes": "2100-01-01T00:00:00Z",
        "commission": party("commission", &commission), "registrar": party("registrar", &registrar),
        "collector": party("board.example", &collector), "trustees": [party("t", &key())], "threshold": 1,
        "mix_servers": [party("m", &key())], "privacy_floor": 2,
        "contests": [{"id": "c", "title": "C", "rule": {"type": "choose_one", "blank": true},
                      "candidates": [{"id": "a", "name": "A"}]}],
        "ballot_styles": [{"id": "town", "contests": ["c"]}],
        "tallies": [{"id": "c", "title": "C", "contests": ["c"], "rule": {"type": "plurality", "seats": 1}}],
    });
    let manifest_bytes = serde_json::to_vec(&document).unwrap();
    let manifest = Manifest::parse(&manifest_bytes).unwrap();
    let first = EntryBody::Manifest(Digest::of(&manifest_bytes)).sign(manifest.id(), &commission);
    Election { manifest_bytes, manifest, registrar, collector, first }
}

fn signed(election: &Election, voters: usize) -> SignedRoll {
    let mut list = "voter_id,public_key,ballot_style\n".to_owned();
    for _ in 0..voters {
        let key = SigningKey::generate(&mut OsRng).verifying_key();
        list.push_str(&format!("{},{key},town\n", VoterId::random(&mut OsRng)));
    }
    let roll = parse(list.as_bytes(), Format::Csv, &election.manifest).unwrap();
    SignedRoll::sign(&roll, &election.manifest, &election.registrar).unwrap()
}

#[derive(Default)]
struct Held {
    tree: Tree,
    entries: Vec<Vec<u8>>,
    files: Vec<Vec<u8>>,
}

/// Holds entries and files; may forget to answer once, or sign with another key.
struct FakeBoard {
    manifest: Vec<u8>,
    origin: String,
    key: SigningKey,
    lose_answer: Mutex<bool>,
    held: Mutex<Held>,
}

impl FakeBoard {
    fn receipt_of(&self, leaf: &[u8]) -> Option<String> {
        let held = self.held.lock().unwrap();
        let Held { tree, entries, .. } = &*held;
        let index = entries.iter().position(|e| leaf_hash(e).0.as_slice() == leaf)? as u64;
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: tree.size(), root: tree.root() };
        let proof = tree.inclusion_proof(index, tree.size()).ok()?;
        Some(Receipt { index, proof, checkpoint: checkpoint.sign(&self.key) }.text())
    }

    fn push(&self, entry: Vec<u8>) {
        let mut held = self.held.lock().unwrap();
        held.tree.push(leaf_hash(&entry));
        held.entries.push(entry);
    }
}

#[derive(Clone)]
struct Service(Arc<FakeBoard>);

#[tonic::async_trait]
impl Board for Service {
    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let held = self.0.held.lock().unwrap();
        let checkpoint = Checkpoint { origin: self.0.origin.clone(), size: held.tree.size(), root: held.tree.root() };
        let (checkpoint, manifest) = (checkpoint.sign(&self.0.key), self.0.manifest.clone());
        Ok(Response::new(StatusResponse { checkpoint, manifest, ..StatusResponse::default() }))
    }

    async fn post(&self, request: Request<Streaming<PostRequest>>) -> Result<Response<SubmitResponse>, Status> {
        let mut stream = request.into_inner();
        let (mut entry, mut file) = (Vec::new(), Vec::new());
        while let Some(part) = stream.message().await? {
            match part.part {
                Some(Part::Entry(bytes)) => entry = bytes,
                Some(Part::Chunk(bytes)) => file.extend_from_slice(&bytes),
                _ => {}
            }
        }
        self.0.push(entry.clone());
        self.0.held.lock().unwrap().files.push(file);
        if std::mem::take(&mut *self.0.lose_answer.lock().unwrap()) {
            return Err(Status::unavailable("shutting down"));
        }
        let receipt = self.0.receipt_of(&leaf_hash(&entry).0).unwrap();
        Ok(Response::new(SubmitResponse { receipt }))
    }

    async fn receipt(&self, request: Request<ReceiptRequest>) -> Result<Response<SubmitResponse>, Status> {
        match self.0.receipt_of(&request.into_inner().leaf_hash) {
            Some(receipt) => Ok(Response::new(SubmitResponse { receipt })),
            None => Err(Status::not_found("no such entry")),
        }
    }

    async fn submit(&self, _: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    type EntriesStream = Empty<Result<EntriesResponse, Status>>;
    async fn entries(&self, _: Request<EntriesRequest>) -> Result<Response<Self::EntriesStream>, Status> {
        Err(Status::unimplemented(""))
    }
    type FileStream = Empty<Result<FileResponse, Status>>;
    async fn file(&self, _: Request<FileRequest>) -> Result<Response<Self::FileStream>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn voter(&self, _: Request<VoterRequest>) -> Result<Response<VoterResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

async fn serve(election: &Election, key: &SigningKey, lose_answer: bool) -> (Arc<FakeBoard>, BoardArgs) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let fake = Arc::new(FakeBoard {
        manifest: election.manifest_bytes.clone(),
        origin: election.manifest.log_key().origin,
        key: SigningKey::from_seed(*key.expose_seed()),
        lose_answer: Mutex::new(lose_answer),
        held: Mutex::default(),
    });
    fake.push(election.first.to_bytes());
    let service = BoardServer::new(Service(Arc::clone(&fake)));
    let server = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    (fake, BoardArgs { board: url, ca: None, insecure_loopback: true })
}

#[tokio::test]
async fn a_roll_is_posted_once_however_often_it_is_tried() {
    let election = election();
    let roll = signed(&election, 5);
    for lose_answer in [false, true] {
        let (fake, args) = serve(&election, &election.collector, lose_answer).await;
        let mut board = args.connect().await.unwrap();
        let first = post(&mut board, &election.manifest, &roll).await.unwrap();
        assert_eq!((first.receipt.index, first.already), (1, lose_answer));
        let second = post(&mut board, &election.manifest, &roll).await.unwrap();
        assert_eq!((second.receipt.index, second.already), (1, true));
        let held = fake.held.lock().unwrap();
        assert_eq!(held.entries.len(), 2);
        assert_eq!(held.files, std::slice::from_ref(&roll.bytes));
    }
}

#[tokio::test]
async fn other_boards_and_false_receipts_are_refused() {
    let (mine, theirs) = (election(), election());
    let roll = signed(&mine, 2);
    let (fake, args) = serve(&theirs, &theirs.collector, false).await;
    let error = post(&mut args.connect().await.unwrap(), &mine.manifest, &roll).await.unwrap_err();
    assert!(error.to_string().contains("check the address and the file"), "{error}");
    assert_eq!(fake.held.lock().unwrap().entries.len(), 1);
    let (_, args) = serve(&mine, &theirs.collector, false).await;
    let error = post(&mut args.connect().await.unwrap(), &mine.manifest, &roll).await.unwrap_err();
    assert!(error.to_string().contains("not signed by this election's collector"), "{error}");
}

#[test]
fn a_folder_reads_back_and_every_change_is_seen() {
    let election = election();
    let roll = signed(&election, 3);
    let folder = tempfile::tempdir().unwrap();
    roll.write(folder.path()).unwrap();
    roll.write(folder.path()).unwrap();
    let read = SignedRoll::read(folder.path(), &election.manifest).unwrap();
    assert_eq!((read.digest, read.voters), (roll.digest, 3));
    let other = signed(&election, 3);
    assert!(other.write(folder.path()).unwrap_err().to_string().contains("exists and is another one"));
    std::fs::write(folder.path().join("roll"), &other.bytes).unwrap();
    let error = SignedRoll::read(folder.path(), &election.manifest).unwrap_err().to_string();
    assert!(error.contains("one of the files was changed"), "{error}");
    std::fs::write(folder.path().join("roll"), b"x").unwrap();
    assert!(SignedRoll::read(folder.path(), &election.manifest).is_err());
    // A folder of another election.
    let elsewhere = self::election();
    std::fs::write(folder.path().join("roll"), &roll.bytes).unwrap();
    let error = SignedRoll::read(folder.path(), &elsewhere.manifest).unwrap_err().to_string();
    assert!(error.contains("not signed by the manifest's registrar"), "{error}");
    // Another key than the manifest's.
    let list = parse(
        format!(
            "voter_id,public_key,ballot_style\n{},{},town\n",
            VoterId::random(&mut OsRng),
            SigningKey::generate(&mut OsRng).verifying_key()
        )
        .as_bytes(),
        Format::Csv,
        &election.manifest,
    );
    let error = SignedRoll::sign(&list.unwrap(), &election.manifest, &elsewhere.registrar).unwrap_err().to_string();
    assert!(error.contains("is not the registrar's in the manifest"), "{error}");
}
