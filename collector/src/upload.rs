//! Entries with files: nothing is received before the entry's signature and place are checked, and never more than the
//! entry can need; files wait on disk, not in memory.

use crate::admission::{known, Admission};
use crate::admitted::{decode, Admitted, Decoded};
use crate::board::Board;
use crate::files::Spooled;
use crate::metrics::Reason;
use crate::peers::Peer;
use crate::proofs::{expected_files, verify, Length};
use crate::refusal::{self, internal};
use selge_core::election::{CheckInput, EntryError, Phase};
use selge_core::entry::{EntryBody, EntryKind, SignedEntry};
use selge_core::ids::Digest;
use selge_core::receipt::Receipt;
use selge_proto::v1::post_request::Part;
use selge_proto::v1::PostRequest;
use selge_proto::MAX_CHUNK;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{timeout, timeout_at, Instant};
use tokio_stream::{Stream, StreamExt};
use tonic::Status;

/// Uploads that one party may have under way.
const MAX_PER_PARTY: usize = 4;

/// Longest wait for the next message.
const STALL: Duration = Duration::from_secs(30);

/// Slowest upload that is waited for, in bytes per second.
const SLOWEST: u64 = 128 << 10;

/// Takes in entries with their files.
#[derive(Clone, Debug)]
pub struct Uploads {
    admission: Admission,
    parties: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
    /// Shuffle and decryption proofs use all cores: one at a time is fastest for everybody.
    verifying: Arc<Semaphore>,
    stall: Duration,
}

/// Who must have signed: the number of different answers is bounded by the manifest, since the signature is checked first.
fn party(body: &EntryBody) -> String {
    match body {
        EntryBody::Roll(_) => "registrar".to_owned(),
        EntryBody::Mix(mix) => format!("mix server {}", mix.mix),
        EntryBody::Decryption(m) => format!("trustee {}", m.trustee),
        _ => "commission".to_owned(),
    }
}

/// Everything that can be checked before the files are there.
fn check_entry(board: &Board, entry: &SignedEntry) -> Result<Vec<(Digest, Length)>, Status> {
    {
        let election = board.election();
        let checked = match &entry.body {
            // The state's check needs the roll itself; these are its parts that do not.
            EntryBody::Roll(_) => {
                let (kind, phase) = (EntryKind::Roll, election.phase());
                if phase != Phase::Setup {
                    Err(EntryError::Phase { kind, phase, why: "set-up is over" })
                } else if election.roll_digest().is_some() {
                    Err(EntryError::Duplicate("the roll".into()))
                } else {
                    entry
                        .verify(board.manifest.id(), &board.manifest.document().registrar.key)
                        .map_err(|source| EntryError::Signature { signer: "the registrar".into(), source })
                }
            }
            _ => election.check(entry, &CheckInput::default()),
        };
        checked.map_err(|e| refusal::entry(entry.body.kind(), &e))?;
    }
    expected_files(board, &entry.body)
}

enum First {
    Known(Receipt),
    NoFiles(Vec<u8>),
    Sequenced(Box<Admitted>),
    Files(Box<Decoded>, Vec<(Digest, Length)>),
}

impl Uploads {
    /// Uploads into the board of `admission`.
    pub fn new(admission: Admission) -> Self {
        Uploads { admission, parties: Arc::default(), verifying: Arc::new(Semaphore::new(1)), stall: STALL }
    }

    /// Waits at most this long for a client's next message.
    #[must_use]
    pub fn with_stall(self, stall: Duration) -> Self {
        Uploads { stall, ..self }
    }

    fn slot(&self, body: &EntryBody) -> Result<OwnedSemaphorePermit, Status> {
        let mut parties = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        let slots = parties.entry(party(body)).or_insert_with(|| Arc::new(Semaphore::new(MAX_PER_PARTY)));
        Arc::clone(slots).try_acquire_owned().map_err(|_| {
            let text = format!("{MAX_PER_PARTY} uploads of this party are under way");
            refusal::busy(Reason::Busy, &text, self.stall)
        })
    }

    /// Takes in one entry with its files.
    ///
    /// # Errors
    /// With the status and sentence for the client.
    pub async fn post<S>(&self, mut stream: S, peer: Option<Peer>) -> Result<Receipt, Status>
    where
        S: Stream<Item = Result<PostRequest, Status>> + Unpin + Send,
    {
        let Some(Part::Entry(bytes)) = self.next(&mut stream).await? else {
            return Err(Status::invalid_argument("the first message must be the entry"));
        };
        let first = self
            .admission
            .on_a_core(move |board| {
                let decoded = decode(bytes)?;
                if let Some(receipt) = known(board, &decoded.leaf()) {
                    return Ok(First::Known(receipt));
                }
                if decoded.entry().body.files().is_empty() {
                    return Ok(First::NoFiles(decoded.into_bytes()));
                }
                match check_entry(board, decoded.entry()) {
                    Ok(expected) => Ok(First::Files(Box::new(decoded), expected)),
                    // The same bytes have just been sequenced: the receipt comes when it is signed.
                    Err(_) if board.find(&decoded.leaf()).is_some() => {
                        Ok(First::Sequenced(Box::new(decoded.on_the_board())))
                    }
                    Err(refused) => Err(refused),
                }
            })
            .await?;
        let (decoded, expected) = match first {
            First::Known(receipt) => return Ok(receipt),
            First::NoFiles(bytes) => {
                self.end(&mut stream).await?;
                return self.admission.submit(bytes, peer).await;
            }
            First::Sequenced(admitted) => return self.admission.sequence(*admitted).await,
            First::Files(decoded, expected) => (decoded, expected),
        };
        let _slot = self.slot(&decoded.entry().body)?;
        let mut files = Vec::new();
        for (digest, length) in expected {
            files.push(self.receive(&mut stream, &digest, length).await?);
        }
        self.end(&mut stream).await?;
        self.store(*decoded, files).await
    }

    async fn store(&self, decoded: Decoded, files: Vec<Spooled>) -> Result<Receipt, Status> {
        let turn = Arc::clone(&self.verifying).acquire_owned().await.map_err(|_| refusal::stopping())?;
        let (decoded, accepted) = self
            .admission
            .on_a_core(move |board| {
                let _turn = turn;
                // An entry that has become stale while its files came in is not worth minutes of verification.
                check_entry(board, decoded.entry())?;
                let bytes = files
                    .iter()
                    .map(|f| f.read().map_err(|e| internal("an upload cannot be read", e)))
                    .collect::<Result<Vec<_>, _>>()?;
                let accepted = verify(board, &decoded.entry().body, &bytes)?;
                // Files first: an entry on the board always has its files.
                for file in files {
                    board.files.install(file).map_err(|e| internal("an upload cannot be stored", e))?;
                }
                Ok((decoded, accepted))
            })
            .await?;
        let receipt = self.admission.sequence(decoded.admit(accepted.roll)?).await?;
        if let Some((contest, list)) = accepted.list {
            self.admission.board().cache_list(contest, list);
        }
        Ok(receipt)
    }

    async fn next<S>(&self, stream: &mut S) -> Result<Option<Part>, Status>
    where
        S: Stream<Item = Result<PostRequest, Status>> + Unpin,
    {
        let stalled = |_| Status::deadline_exceeded(format!("nothing came for {} seconds", self.stall.as_secs()));
        let message = timeout(self.stall, stream.next()).await.map_err(stalled)?.transpose()?;
        match message {
            None => Ok(None),
            Some(PostRequest { part: Some(part) }) => Ok(Some(part)),
            Some(PostRequest { part: None }) => Err(Status::invalid_argument("a message without content")),
        }
    }

    async fn end<S>(&self, stream: &mut S) -> Result<(), Status>
    where
        S: Stream<Item = Result<PostRequest, Status>> + Unpin,
    {
        match self.next(stream).await? {
            None => Ok(()),
            Some(_) => Err(Status::invalid_argument("more follows than the files that the entry names")),
        }
    }

    async fn receive<S>(&self, stream: &mut S, digest: &Digest, length: Length) -> Result<Spooled, Status>
    where
        S: Stream<Item = Result<PostRequest, Status>> + Unpin,
    {
        let Some(Part::FileLength(announced)) = self.next(stream).await? else {
            return Err(Status::invalid_argument(format!("the length of file {digest} must come next")));
        };
        if !length.admits(announced) {
            let text = format!("file {digest} is announced with {announced} bytes, this entry needs {length}");
            return Err(Status::invalid_argument(text));
        }
        let deadline = Instant::now() + self.stall + Duration::from_secs(announced / SLOWEST);
        let receive = async {
            let board = self.admission.board();
            let mut file = board.files.spool().map_err(|e| internal("an upload cannot be stored", e))?;
            while file.len() < announced {
                let Some(Part::Chunk(chunk)) = self.next(stream).await? else {
                    let text = format!("file {digest} ends after {} of {announced} bytes", file.len());
                    return Err(Status::invalid_argument(text));
                };
                if chunk.is_empty() || chunk.len() > MAX_CHUNK || chunk.len() as u64 > announced - file.len() {
                    let text = format!("a chunk of {} bytes does not fit file {digest}", chunk.len());
                    return Err(Status::invalid_argument(text));
                }
                let write = tokio::task::spawn_blocking(move || file.write(&chunk).map(|()| file));
                file = match write.await {
                    Ok(Ok(file)) => file,
                    Ok(Err(error)) => return Err(internal("an upload cannot be stored", error)),
                    Err(error) => return Err(internal("an upload cannot be stored", error)),
                };
            }
            Ok(file)
        };
        let slow = |_| Status::deadline_exceeded(format!("file {digest} came too slowly"));
        let file = timeout_at(deadline, receive).await.map_err(slow)??;
        let found = file.digest();
        if found != *digest {
            return Err(Status::invalid_argument(format!("a file has digest {found}, the entry names {digest}")));
        }
        Ok(file)
    }
}
