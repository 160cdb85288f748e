//! The way into the queue: what is malformed, out of place or unproven never reaches the sequencer.
//!
//! Ballots are checked in batches; all other entries without files, of which there are few, are checked here one by
//! one.

use crate::admitted::{decode, Admitted, Decoded};
use crate::batch::{Checked, Verifier, Waiting, Work};
use crate::board::Board;
use crate::closing::{announces, Gate};
use crate::limits::Limits;
use crate::peers::Peer;
use crate::refusal;
use crate::sequencer::{Message, Submission};
use crate::voters::Voters;
use selge_core::election::{CheckInput, EntryError};
use selge_core::entry::{EntryBody, EntryKind};
use selge_core::ids::LeafHash;
use selge_core::receipt::Receipt;
use selge_core::tree::leaf_hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, Semaphore};
use tonic::Status;

/// Length of the sequencer's queue.
pub const QUEUE: usize = 1024;

/// Takes entries in.
#[derive(Clone, Debug)]
pub struct Admission {
    board: Arc<Board>,
    queue: mpsc::Sender<Message>,
    ballots: mpsc::Sender<Work>,
    verifiers: Arc<Mutex<Vec<JoinHandle<()>>>>,
    gate: Arc<Gate>,
    cores: Arc<Semaphore>,
}

impl Admission {
    /// An admission to the queue of a sequencer; starts the threads that check ballots, one for each core, which end
    /// with the last copy of it. To be called within a runtime.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn new(board: Arc<Board>, queue: mpsc::Sender<Message>, limits: &Limits) -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let (ballots, waiting) = mpsc::channel(limits.entries_in_hand);
        let (waiting, voters) = (Arc::new(Mutex::new(waiting)), Voters::new(limits));
        let mut verifiers = Vec::with_capacity(cores);
        for i in 0..cores {
            let (queue, runtime) = (queue.clone(), tokio::runtime::Handle::current());
            // The answer does not depend on the client, who may go away: only then is it known when a ballot is done.
            let forward = move |checked: Checked| {
                let queue = queue.clone();
                runtime.spawn(async move {
                    let Checked { admitted, place, answer } = checked;
                    let receipt = sequence(&queue, admitted).await;
                    drop(place);
                    let _ = answer.send(receipt);
                });
            };
            let (board, voters, queue) = (Arc::clone(&board), Arc::clone(&voters), Arc::clone(&waiting));
            let verifier = Verifier { board, voters, queue, forward };
            let run = move || {
                let run = std::panic::AssertUnwindSafe(|| verifier.run());
                if std::panic::catch_unwind(run).is_err() {
                    crate::journal::abort("checking ballots has failed");
                }
            };
            verifiers.push(std::thread::Builder::new().name(format!("verifier-{i}")).spawn(run)?);
        }
        let verifiers = Arc::new(Mutex::new(verifiers));
        let gate = Gate::new(limits.entries_in_hand);
        Ok(Admission { board, queue, ballots, verifiers, gate, cores: Arc::new(Semaphore::new(cores)) })
    }

    /// Checks what waits, takes no more ballots, and waits until the threads that check them have let go of the board.
    pub async fn stop(self) {
        let _ = self.ballots.send(Work::Stop).await;
        let verifiers = std::mem::take(&mut *self.verifiers.lock().unwrap_or_else(PoisonError::into_inner));
        // A panic of theirs has ended the process.
        let join = move || verifiers.into_iter().for_each(|verifier| drop(verifier.join()));
        let _ = tokio::task::spawn_blocking(join).await;
    }

    /// Entries in hand, ballots that wait to be checked, and entries that wait for the disk.
    pub(crate) fn depths(&self) -> (usize, usize, usize) {
        let waits = |most: usize, left: usize| most.saturating_sub(left);
        (
            self.gate.in_hand(),
            waits(self.ballots.max_capacity(), self.ballots.capacity()),
            waits(self.queue.max_capacity(), self.queue.capacity()),
        )
    }

    /// Whether ballots are held back because voting is being closed.
    pub(crate) fn is_closing(&self) -> bool {
        self.gate.is_held()
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
    pub async fn submit(&self, bytes: Vec<u8>, peer: Option<Peer>) -> Result<Receipt, Status> {
        // LOG-2: the kind is the second byte; that the entry is what it begins as is checked when it is decoded.
        if bytes.get(1) == Some(&(EntryKind::Ballot as u8)) {
            let in_hand = match self.gate.enter(true) {
                Ok(in_hand) => in_hand,
                Err(refused) => return self.known_or(bytes, refused).await,
            };
            let (answer, receipt) = oneshot::channel();
            let work = Work::Check(Box::new(Waiting { bytes, peer, in_hand, answer }));
            // As many fit in as the gate lets in.
            self.ballots.send(work).await.map_err(|_| refusal::stopping())?;
            return receipt.await.map_err(|_| refusal::stopping())?;
        }
        let in_hand = self.gate.enter(false)?;
        let checked = self.on_a_core(move |board| check(board, decode(bytes)?)).await;
        match checked.inspect_err(|status| fault(peer.as_ref(), status))? {
            Found::Known(receipt) => Ok(receipt),
            Found::New(admitted) => {
                let closing = admitted.kind() == Some(EntryKind::Closing);
                let receipt = self.sequence(*admitted).await?;
                if closing {
                    self.gate.release();
                }
                Ok(receipt)
            }
            Found::Announced(refused) => {
                drop(in_hand);
                if !self.gate.is_held() {
                    tracing::info!(target: "selge", "the commission closes voting: ballots are held back");
                }
                if !self.gate.hold().await {
                    tracing::warn!(target: "selge", "some ballots take long; voting cannot be closed before them");
                }
                Err(refused)
            }
        }
    }

    /// The receipt of a ballot that the board has, for which there is always room; otherwise the refusal.
    async fn known_or(&self, bytes: Vec<u8>, refused: Status) -> Result<Receipt, Status> {
        let leaf = leaf_hash(&bytes);
        self.on_a_core(move |board| known(board, &leaf).ok_or(refused)).await
    }

    /// Hands an entry to the sequencer and waits for its answer.
    ///
    /// # Errors
    /// The sequencer's, or `UNAVAILABLE` while shutting down.
    pub async fn sequence(&self, admitted: Admitted) -> Result<Receipt, Status> {
        sequence(&self.queue, admitted).await
    }
}

async fn sequence(queue: &mpsc::Sender<Message>, admitted: Admitted) -> Result<Receipt, Status> {
    let (answer, receipt) = oneshot::channel();
    let submission = Submission { admitted, answer };
    queue.send(Message::Submit(Box::new(submission))).await.map_err(|_| refusal::stopping())?;
    receipt.await.map_err(|_| refusal::stopping())?
}

fn fault(peer: Option<&Peer>, status: &Status) {
    if status.code() == tonic::Code::InvalidArgument {
        peer.into_iter().for_each(Peer::fault);
    }
}

/// What became of an entry that is no ballot.
enum Found {
    Known(Receipt),
    New(Box<Admitted>),
    /// A closing of an earlier moment: refused, and the sign that voting is to end.
    Announced(Status),
}

/// The receipt of an entry that is on the board already.
pub(crate) fn known(board: &Board, leaf: &LeafHash) -> Option<Receipt> {
    board.find(leaf).and_then(|at| board.receipt(at).ok())
}

fn check(board: &Board, decoded: Decoded) -> Result<Found, Status> {
    if let Some(receipt) = known(board, &decoded.leaf()) {
        board.metrics.known();
        return Ok(Found::Known(receipt));
    }
    let entry = decoded.entry();
    if !entry.body.files().is_empty() {
        let text = format!("a {} entry comes with its files: use Post", entry.body.kind());
        return Err(Status::invalid_argument(text));
    }
    if entry.body.kind() == EntryKind::Ballot {
        return Err(refusal::misplaced());
    }
    let election = board.election();
    let root = Some(crate::board::read(&board.tree).root());
    let Err(error) = election.check(entry, &CheckInput { roll: None, root }) else {
        drop(election);
        return Ok(Found::New(Box::new(decoded.admit(None)?)));
    };
    drop(election);
    // The same bytes may just have been sequenced: then the sequencer has the receipt when it is signed.
    if board.find(&decoded.leaf()).is_some() {
        return Ok(Found::New(Box::new(decoded.on_the_board())));
    }
    let refused = refusal::entry(entry.body.kind(), &error);
    match (&entry.body, error) {
        // The signature is checked before what it names.
        (EntryBody::Closing(closing), EntryError::Mismatch { .. }) => {
            let now = u64::try_from(board.clock.now().unix_timestamp()).unwrap_or(0);
            let tree = crate::board::read(&board.tree);
            if announces(closing, board.manifest.document(), &tree, now) {
                return Ok(Found::Announced(refused));
            }
            Err(refused)
        }
        _ => Err(refused),
    }
}

/// The manifest's period, by the server's clock: the commission's opening and closing say when voting may start and has
/// ended, and neither can stretch it.
pub(crate) fn in_period(board: &Board, now: time::OffsetDateTime) -> Result<(), Status> {
    let document = board.manifest.document();
    if now < document.opens {
        return Err(Status::failed_precondition(format!("voting starts at {}", document.opens)));
    }
    if now >= document.closes {
        return Err(Status::failed_precondition(format!("voting ended at {}", document.closes)));
    }
    Ok(())
}
