//! The one place that decides what comes next on the board.
//!
//! For every batch, in this order:
//! 1. **check**: each entry against the state that the entries before it have made (signatures and proofs of ballots have
//!    been checked on the way here, and [`Admitted`] says so);
//! 2. **place**: every entry gets its index, and the board's root with the batch is computed;
//! 3. **journal and sync**: the batch and that root are durable, or they do not exist;
//! 4. **apply**: to the state, the tree, the index;
//! 5. **sign**: one checkpoint for the batch, over the root that is in the journal;
//! 6. **answer**: everybody gets an inclusion proof in that checkpoint.
//!
//! Nobody is told of an entry before it is durable, and no checkpoint covers an entry that a crash could take away: the
//! board can never have to go back on its signature. A crash before 3 loses what nobody was promised; after 3 the next
//! start does 4 and 5 again from the journal, and whoever got no answer hands the same bytes in again and gets the same
//! place. Tiles are computed from the tree when they are asked for; witnesses are asked after 5, and nobody waits for them.
//!
//! A batch holds ballots of different voters, or one entry of another kind: then each entry of the batch may be checked
//! against the state before the batch.

use crate::admitted::{Admitted, What};
use crate::board::{read, write, Board, Head};
use crate::journal::{Journal, Place, WriteError, MAX_FRAME_BYTES, MAX_FRAME_ENTRIES};
use crate::metrics::Reason;
use crate::refusal;
use crate::replay::{check_completion, Tally};
use selge_core::election::{CheckInput, CountedBallots, Phase};
use selge_core::entry::EntryKind;
use selge_core::ids::{LeafHash, VoterId};
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::sign::SigningKey;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tonic::Status;

/// Longest time that the first entry of a batch waits for others that are already in the queue. An entry that is alone
/// never waits.
const BATCH_TIME: Duration = Duration::from_millis(100);

/// How often it is said that the disk still takes nothing.
const TELL_AGAIN: Duration = Duration::from_secs(10);

/// What clients are asked to wait when the disk takes nothing.
const TRY_AGAIN: Duration = Duration::from_secs(5);

type Answer = oneshot::Sender<Result<Receipt, Status>>;

/// An entry on its way to the board.
#[derive(Debug)]
pub struct Submission {
    pub(crate) admitted: Admitted,
    /// Where the answer goes.
    pub(crate) answer: Answer,
}

/// An entry that may come next.
#[derive(Debug)]
struct Next {
    admitted: Admitted,
    answer: Answer,
    /// The ballots that count, for a closing.
    counted: Option<CountedBallots>,
}

/// What the queue carries.
#[derive(Debug)]
pub enum Message {
    /// An entry.
    Submit(Box<Submission>),
    /// Take nothing more, answer what is in the queue, and end.
    Stop,
}

/// The submission of a message. A stop closes the queue behind it, and what is before the close still comes out.
fn take(message: Option<Message>, queue: &mut mpsc::Receiver<Message>) -> Option<Submission> {
    match message? {
        Message::Submit(submission) => Some(*submission),
        Message::Stop => {
            queue.close();
            take(queue.blocking_recv(), queue)
        }
    }
}

/// The sequencer.
#[derive(Debug)]
pub struct Sequencer {
    board: Arc<Board>,
    journal: Journal,
    key: SigningKey,
    store: PathBuf,
    tally: Tally,
    /// Since when it has last been said that the disk takes nothing.
    refusing: Option<Instant>,
    /// Holds the store's lock for as long as the journal can be written.
    _lock: std::fs::File,
}

impl Sequencer {
    pub(crate) fn new(
        board: Arc<Board>,
        journal: Journal,
        key: SigningKey,
        store: PathBuf,
        lock: std::fs::File,
    ) -> Self {
        let tally = board.head().tally;
        Sequencer { board, journal, key, store, tally, refusing: None, _lock: lock }
    }

    /// Works until it is told to stop or nobody can submit any more; what is in the queue by then is still answered.
    pub fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut held = None;
        while let Some(first) = held.take().or_else(|| take(queue.blocking_recv(), &mut queue)) {
            let batch = self.collect(first, &mut queue, &mut held);
            if !batch.is_empty() {
                self.commit(batch);
            }
        }
    }

    /// Takes what is waiting; `held` gets the first submission that has to wait for the next batch.
    fn collect(
        &self,
        first: Submission,
        queue: &mut mpsc::Receiver<Message>,
        held: &mut Option<Submission>,
    ) -> Vec<Next> {
        let started = Instant::now();
        let mut batch: Vec<Next> = Vec::new();
        let mut voters: HashSet<VoterId> = HashSet::new();
        let (mut bytes, mut next) = (0, Some(first));
        while let Some(submission) = next {
            let voter = submission.admitted.voter();
            let alone = match voter {
                None => true,
                Some(voter) => {
                    voters.contains(&voter) || bytes + submission.admitted.bytes().len() > MAX_FRAME_BYTES / 2
                }
            };
            if !batch.is_empty() && alone {
                *held = Some(submission);
                break;
            }
            if let Some(next) = self.check(submission) {
                bytes += next.admitted.bytes().len();
                voters.extend(voter);
                batch.push(next);
                if voter.is_none() {
                    break;
                }
            }
            if batch.len() == MAX_FRAME_ENTRIES || started.elapsed() > BATCH_TIME {
                break;
            }
            next = take(queue.try_recv().ok(), queue);
        }
        batch
    }

    /// Step 1; answers at once what is refused or known.
    fn check(&self, submission: Submission) -> Option<Next> {
        let Submission { admitted, answer } = submission;
        if let Some(at) = self.board.find(&admitted.leaf()) {
            let receipt = self.board.receipt(at).map_err(|e| refusal::internal("a receipt cannot be made", e));
            let _ = answer.send(receipt);
            return None;
        }
        match self.may_come(admitted.what()) {
            Ok(counted) => Some(Next { admitted, answer, counted }),
            Err(refused) => {
                let _ = answer.send(Err(refused));
                None
            }
        }
    }

    /// The state's rules, with everything of an entry that has not been checked before; for a closing also the ballots
    /// that count, so that nothing is left to read once the journal has it.
    fn may_come(&self, what: &What) -> Result<Option<CountedBallots>, Status> {
        let election = self.board.election();
        let (entry, roll) = match what {
            What::Ballot(ballot) => {
                let checked = election.check_signed(&ballot.signed());
                return checked.map(|()| None).map_err(|e| refusal::entry(EntryKind::Ballot, &e));
            }
            What::Other(entry, roll) => (entry, roll),
            What::OnTheBoard => return Err(refusal::internal("an entry is lost", "the index has forgotten it")),
        };
        let kind = entry.body.kind();
        let input = CheckInput { roll: roll.as_ref(), root: Some(read(&self.board.tree).root()) };
        election
            .check(entry, &input)
            .and_then(|()| check_completion(&election, entry))
            .map_err(|e| refusal::entry(kind, &e))?;
        if kind != EntryKind::Closing {
            return Ok(None);
        }
        let counted = election.count_from(|at| self.board.entry(at));
        counted.map(Some).map_err(|e| refusal::internal("the ballots that count cannot be read", e))
    }

    /// Steps 2 to 6.
    fn commit(&mut self, batch: Vec<Next>) {
        let bytes: Vec<&[u8]> = batch.iter().map(|next| next.admitted.bytes()).collect();
        let leaves: Vec<LeafHash> = batch.iter().map(|next| next.admitted.leaf()).collect();
        let (first, root) = {
            let tree = read(&self.board.tree);
            (tree.size(), tree.root_with(&leaves))
        };
        let started = Instant::now();
        let stored = self.journal.append(&bytes, root);
        self.board.metrics.stored(batch.len(), started.elapsed(), stored.is_ok());
        let places = match stored {
            Ok(places) => places,
            Err(error) => return self.refuse(batch, &error),
        };
        if self.refusing.take().is_some() {
            tracing::warn!(target: "selge", "the journal can be written again, entries are taken in");
        }
        let (kind, count) = (batch.first().and_then(|next| next.admitted.kind()), batch.len());
        let (answers, checkpoint, phase) = self.apply(batch, &places, &leaves);
        if checkpoint.root != root {
            self.journal.give_up("the board does not have the root that was stored with its newest entries");
        }
        let note = checkpoint.sign(&self.key);
        let size = checkpoint.size;
        self.board.publish(&self.store, Head { checkpoint: note, size, phase, tally: self.tally });
        for (answer, at) in answers.into_iter().zip(first..) {
            let receipt = self.board.receipt(at).map_err(|e| refusal::internal("a receipt cannot be made", e));
            // Whoever has gone away asks for the receipt later.
            let _ = answer.send(receipt);
        }
        kind.iter().for_each(|kind| self.board.metrics.accepted(&kind.to_string(), count));
        match kind {
            Some(kind) if count == 1 => tracing::debug!(target: "selge", "entry {first}: {kind}"),
            _ => tracing::debug!(target: "selge", "entries {first} to {}: ballots", size - 1),
        }
    }

    /// Says that nothing of a batch is stored.
    fn refuse(&mut self, batch: Vec<Next>, error: &WriteError) {
        if self.refusing.is_none_or(|told| told.elapsed() > TELL_AGAIN) {
            self.refusing = Some(Instant::now());
            tracing::error!(target: "selge", "{error}: no entry is taken in until there is room on the store's disk and it \
                is writable; reading goes on, and nothing that was acknowledged is affected");
        }
        for next in batch {
            let sentence = "the collector cannot store entries at the moment";
            let _ = next.answer.send(Err(refusal::busy(Reason::Store, sentence, TRY_AGAIN)));
        }
    }

    /// Step 4. Readers see all of it or nothing: who finds an entry refused because it is already there must be able to
    /// find it.
    fn apply(&mut self, batch: Vec<Next>, places: &[Place], leaves: &[LeafHash]) -> (Vec<Answer>, Checkpoint, Phase) {
        let root = read(&self.board.tree).root();
        let mut election = write(&self.board.election);
        let mut answers = Vec::with_capacity(batch.len());
        for Next { admitted, answer, counted } in batch {
            let leaf = admitted.leaf();
            let Some((entry, roll)) = admitted.into_entry() else {
                self.journal.give_up("an entry was stored that the board has already");
            };
            self.tally.add(&election, &entry);
            counted.into_iter().for_each(|counted| election.bring(counted));
            let input = CheckInput { roll: roll.as_ref(), root: Some(root) };
            if let Err(error) = election.apply(entry, leaf, &input) {
                // The check has just passed; state and journal would now say different things.
                self.journal.give_up(&format!("an entry that was checked cannot be applied: {error}"));
            }
            answers.push(answer);
        }
        let mut entries = write(&self.board.entries);
        entries.extend(places);
        entries.flush();
        drop(entries);
        let mut tree = write(&self.board.tree);
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        tree.flush();
        write(&self.board.index).append(leaves);
        let origin = self.board.manifest.log_key().origin;
        let checkpoint = Checkpoint { origin, size: tree.size(), root: tree.root() };
        (answers, checkpoint, election.phase())
    }
}
