//! Has the manifest's witnesses cosign checkpoints (`LOG-7`), beside the way of an entry: nobody waits for a witness.
//!
//! Witnesses are asked for one checkpoint at a time, the *target*: a quorum is of one checkpoint, and under load the
//! newest one changes many times a second. The target is held until the quorum has cosigned it, or for a while; then the
//! newest checkpoint takes its place. Every witness has one task and at most one request under way. A target that the
//! quorum has cosigned becomes the board's witnessed checkpoint; lines for the checkpoint that is still the newest are
//! shown with it at once.

mod ask;
pub mod guard;

use crate::board::{read, Board};
use crate::config::Asked;
use anyhow::{bail, ensure, Result};
use ask::{Said, Witness};
use selge_core::cosignature::Cosignature;
use selge_core::note::Checkpoint;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Shortest time between two targets, and between two requests to one witness.
const PAUSE: Duration = Duration::from_millis(500);

/// Longest time that a target waits for the quorum.
const HELD: Duration = Duration::from_secs(10);

/// Longest time until a witness that fails is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The checkpoint that witnesses are asked for.
#[derive(Debug)]
struct Target {
    checkpoint: Checkpoint,
    /// The note with the lines that have come.
    note: Mutex<String>,
    /// Tells when the quorum has cosigned it.
    witnessed: watch::Sender<bool>,
}

struct Asker {
    board: Arc<Board>,
    store: PathBuf,
    witness: Witness,
    target: watch::Receiver<Arc<Target>>,
    /// Size of the last checkpoint that the witness cosigned, as far as is known.
    known: u64,
}

/// Asks the witnesses until the set is dropped.
///
/// # Errors
/// If a witness cannot be asked as the config says.
pub fn start(board: &Arc<Board>, store: &Path, witnesses: &[Asked]) -> Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    if board.manifest.witnesses().is_empty() {
        return Ok(tasks);
    }
    let target = watch::Sender::new(Arc::new(Target::of(board)?));
    for asked in witnesses {
        let witness = Witness::new(asked, &board.manifest.log_key().origin)?;
        let (board, store) = (Arc::clone(board), store.to_owned());
        tasks.spawn(Asker { board, store, witness, target: target.subscribe(), known: 0 }.run());
    }
    tasks.spawn(choose(Arc::clone(board), target));
    Ok(tasks)
}

/// Makes the newest checkpoint the target, whenever the one before has had its time.
async fn choose(board: Arc<Board>, target: watch::Sender<Arc<Target>>) {
    let mut signed = board.signed.subscribe();
    loop {
        // Before the head is read: what is signed from now on is the next target.
        signed.mark_unchanged();
        match Target::of(&board) {
            Ok(next) => drop(target.send_replace(Arc::new(next))),
            Err(error) => tracing::error!(target: "selge", "the newest checkpoint cannot be cosigned: {error:#}"),
        }
        sleep(PAUSE).await;
        let mut witnessed = target.borrow().witnessed.subscribe();
        let _ = timeout(HELD, witnessed.wait_for(|done| *done)).await;
        if signed.changed().await.is_err() {
            return;
        }
    }
}

impl Target {
    /// The newest checkpoint, with the lines that it has from before.
    fn of(board: &Board) -> Result<Self> {
        let note = board.head().checkpoint.clone();
        let checkpoint = Checkpoint::open(&note, &board.manifest.log_key())?;
        let target = Target { checkpoint, note: Mutex::new(note), witnessed: watch::Sender::new(false) };
        target.judge(board, |_| None);
        Ok(target)
    }

    /// Changes the note, and publishes it if the quorum has cosigned it.
    fn judge(&self, board: &Board, change: impl FnOnce(&str) -> Option<String>) {
        // A note is replaced as a whole: whatever happened to another thread, it is a good one.
        let mut note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changed) = change(&note) {
            *note = changed;
        }
        if let Ok(witnessed) = board.manifest.witnesses().open(&note, &board.manifest.log_key()) {
            board.witnessed(&note, witnessed.checkpoint().size);
            self.witnessed.send_replace(true);
        }
    }
}

impl Asker {
    async fn run(mut self) {
        let (mut pause, mut failing) = (PAUSE, false);
        loop {
            let target = Arc::clone(&self.target.borrow_and_update());
            let name = &self.witness.key.name;
            match self.known_after(&target).await {
                Ok(known) => {
                    if failing {
                        tracing::info!(target: "selge", "the witness {name} cosigns again");
                    }
                    (self.known, pause, failing) = (known, PAUSE, false);
                    if self.target.changed().await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    // Once, not for every checkpoint.
                    if !failing {
                        tracing::warn!(
                            target: "selge",
                            "the witness {name} does not cosign, ballots are taken in all the same: {error:#}"
                        );
                    }
                    failing = true;
                    sleep(pause).await;
                    pause = (2 * pause).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Has the target cosigned; returns the size that the witness knows then.
    async fn known_after(&self, target: &Arc<Target>) -> Result<u64> {
        let size = target.checkpoint.size;
        let mut known = self.known;
        // A second time if it starts from another size than was thought.
        for _ in 0..2 {
            match self.request(target, known).await? {
                Said::Cosigned(cosignature) => {
                    let (board, store) = (Arc::clone(&self.board), self.store.clone());
                    let (witness, target) = (self.witness.key.clone(), Arc::clone(target));
                    tokio::task::spawn_blocking(move || add(&board, &store, &witness, &target, &cosignature)).await?;
                    return Ok(size);
                }
                Said::Inconsistent => bail!("{}", guard::forked(known)),
                Said::Size(found) => {
                    ensure!(found <= size, "{}", guard::older(found, size));
                    ensure!(found != known, "{}", guard::forked(found));
                    known = found;
                }
            }
        }
        bail!("it names another size each time: somebody else hands it checkpoints of this board")
    }

    async fn request(&self, target: &Target, old: u64) -> Result<Said> {
        let (board, checkpoint) = (Arc::clone(&self.board), &target.checkpoint);
        let size = checkpoint.size;
        let proof = tokio::task::spawn_blocking(move || read(&board.tree).consistency_proof(old, size)).await??;
        let note = target.note.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.witness.add_checkpoint(old, proof, &note, checkpoint).await
    }
}

/// Adds a cosignature to the target, and to the newest checkpoint if that is still the same.
fn add(
    board: &Board,
    store: &Path,
    witness: &selge_core::cosignature::WitnessKey,
    target: &Target,
    cosignature: &Cosignature,
) {
    board.metrics.cosigned(&witness.name, target.checkpoint.size);
    board.cosigned(store, target.checkpoint.size, |note| witness.add_to(note, cosignature));
    target.judge(board, |note| Some(witness.add_to(note, cosignature)));
}
