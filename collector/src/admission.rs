//! The way into the queue: what is malformed, out of place or unproven never reaches the sequencer.

use crate::board::Board;
use crate::refusal;
use crate::sequencer::{Message, Submission};
use selge_core::codec::Decode;
use selge_core::election::CheckInput;
use selge_core::entry::{EntryBody, SignedEntry, MAX_ENTRY};
use selge_core::ids::LeafHash;
use selge_core::receipt::Receipt;
use selge_core::roll::Roll;
use selge_core::tree::leaf_hash;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, Semaphore};
use tonic::Status;

/// Entries that are being checked or wait for it or for the sequencer; more are turned away.
const MAX_IN_HAND: usize = 2048;

/// Length of the sequencer's queue.
pub const QUEUE: usize = 1024;

/// Takes entries in.
#[derive(Clone, Debug)]
pub struct Admission {
    board: Arc<Board>,
    queue: mpsc::Sender<Message>,
    places: Arc<Semaphore>,
    cores: Arc<Semaphore>,
}

/// A decoded entry.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The canonical bytes.
    pub bytes: Vec<u8>,
    /// The entry.
    pub entry: SignedEntry,
    /// Its leaf hash.
    pub leaf: LeafHash,
}

/// Decodes strictly.
///
/// # Errors
/// `INVALID_ARGUMENT`.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, Status> {
    if bytes.len() > MAX_ENTRY {
        let text = format!("the entry has {} bytes, at most {MAX_ENTRY} are taken", bytes.len());
        return Err(Status::invalid_argument(text));
    }
    let entry = SignedEntry::from_bytes(&bytes).map_err(|e| refusal::malformed(&e))?;
    let leaf = leaf_hash(&bytes);
    Ok(Decoded { bytes, entry, leaf })
}

impl Admission {
    /// An admission to the queue of a sequencer.
    pub fn new(board: Arc<Board>, queue: mpsc::Sender<Message>) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let (places, cores) = (Arc::new(Semaphore::new(MAX_IN_HAND)), Arc::new(Semaphore::new(cores)));
        Admission { board, queue, places, cores }
    }

    /// The board.
    pub fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// Runs `job` where it may block, with one core of its own; waits for one if need be.
    ///
    /// # Errors
    /// The job's, or `UNAVAILABLE` while shutting down.
    pub async fn on_a_core<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Board) -> Result<T, Status> + Send + 'static,
    ) -> Result<T, Status> {
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| refusal::stopping())?;
        let board = Arc::clone(&self.board);
        let work = tokio::task::spawn_blocking(move || {
            let result = job(&board);
            drop(core);
            result
        });
        work.await.map_err(|error| refusal::internal("an entry could not be checked", error))?
    }

    /// Takes in an entry that names no files.
    ///
    /// # Errors
    /// With the status and sentence for the client.
    pub async fn submit(&self, bytes: Vec<u8>) -> Result<Receipt, Status> {
        let _place = self.places.try_acquire().map_err(|_| busy())?;
        let now = self.board.clock.now();
        let checked = self.on_a_core(move |board| check(board, decode(bytes)?, now)).await?;
        match checked {
            Checked::Known(receipt) => Ok(receipt),
            Checked::New(decoded) => self.sequence(*decoded, None).await,
        }
    }

    /// Hands an entry whose proofs hold to the sequencer and waits for its answer.
    ///
    /// # Errors
    /// The sequencer's, or `UNAVAILABLE` while shutting down.
    pub async fn sequence(&self, decoded: Decoded, roll: Option<Arc<Roll>>) -> Result<Receipt, Status> {
        let (answer, receipt) = oneshot::channel();
        let Decoded { bytes, entry, leaf } = decoded;
        let submission = Submission { bytes, entry, leaf, roll, answer };
        self.queue.send(Message::Submit(Box::new(submission))).await.map_err(|_| refusal::stopping())?;
        receipt.await.map_err(|_| refusal::stopping())?
    }
}

fn busy() -> Status {
    Status::resource_exhausted("too many entries are being checked: hand the same bytes in again in a moment")
}

enum Checked {
    Known(Receipt),
    New(Box<Decoded>),
}

/// The receipt of an entry that is on the board already.
pub(crate) fn known(board: &Board, leaf: &LeafHash) -> Option<Receipt> {
    board.find(leaf).and_then(|at| board.receipt(at).ok())
}

fn check(board: &Board, decoded: Decoded, now: time::OffsetDateTime) -> Result<Checked, Status> {
    if let Some(receipt) = known(board, &decoded.leaf) {
        return Ok(Checked::Known(receipt));
    }
    let entry = &decoded.entry;
    if !entry.body.files().is_empty() {
        let text = format!("a {} entry comes with its files: use Post", entry.body.kind());
        return Err(Status::invalid_argument(text));
    }
    let joint_key = {
        let election = board.election();
        let root = Some(crate::board::read(&board.tree).root());
        let input = CheckInput { roll: None, root };
        if let Err(error) = election.check(entry, &input) {
            // The same bytes may just have been sequenced: then the sequencer has the receipt when it is signed.
            if board.find(&decoded.leaf).is_some() {
                return Ok(Checked::New(Box::new(decoded)));
            }
            return Err(refusal::entry(entry.body.kind(), &error));
        }
        election.joint_key().map(|key| key.public_key().clone())
    };
    if let EntryBody::Ballot(ballot) = &entry.body {
        in_period(board, now)?;
        let key = joint_key.ok_or_else(|| Status::failed_precondition("the key ceremony is not complete"))?;
        ballot.verify(&board.manifest, &key).map_err(refusal::not_true)?;
    }
    Ok(Checked::New(Box::new(decoded)))
}

/// The manifest's period, by the server's clock: the commission's opening and closing say when voting may start and has
/// ended, and neither can stretch it.
fn in_period(board: &Board, now: time::OffsetDateTime) -> Result<(), Status> {
    let document = board.manifest.document();
    if now < document.opens {
        return Err(Status::failed_precondition(format!("voting starts at {}", document.opens)));
    }
    if now >= document.closes {
        return Err(Status::failed_precondition(format!("voting ended at {}", document.closes)));
    }
    Ok(())
}
