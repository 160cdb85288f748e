//! Tasks for instances of this program that share no memory with the one that audits.
//!
//! Tasks and answers travel as bytes; what carries them is the caller's. An answer counts only with a tag under a key that
//! this audit has drawn, over the very bytes of its task and of what it rests on: whoever mixes answers up, cuts them or
//! makes them up leaves a check that was not done. The weights of each task's sums are drawn by the instance that runs it.

use super::question::{Ground, GroundError, ListFile};
use super::task::{Answer, Decrypted, Task, Wrong};
use super::{Begun, Lost, Outcome, Workers};
use selge_core::ballot::EncryptedBallot;
use selge_core::codec::{put_count, put_opaque, Decode, DecodeError, Encode, Reader};
use selge_core::decryption::DecryptedVotes;
use selge_core::handover::{HandoverKey, KEY};
use selge_core::ids::{ContestIndex, Digest, MixIndex, TrusteeIndex};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

/// Longest text of a problem.
const MAX_PROBLEM: usize = 1 << 16;

/// Tasks in hand for each worker: one that it works at, one that waits, and one on the way.
const IN_HAND: usize = 3;

/// What a tag of an answer is for.
const ANSWER: &[u8] = b"answer to a task";

/// A task on its way to a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its number, to be given back with the answer.
    pub number: u32,
    /// For [`Worker::run`].
    pub task: Vec<u8>,
}

/// The side that audits.
pub struct Remote {
    many: usize,
    shared: Rc<Shared>,
}

struct Shared {
    key: HandoverKey,
    /// Digest of the ground, once there is one.
    ground: Cell<Option<Digest>>,
    set_up: RefCell<Option<Vec<u8>>>,
    orders: RefCell<Vec<Order>>,
    waiting: RefCell<HashMap<u32, Waiting>>,
    next: Cell<u32>,
    breathes: Cell<bool>,
}

/// A task that is not done.
struct Waiting {
    question: Digest,
    form: Form,
    outcome: Option<Outcome>,
}

/// What an answer must be of.
#[derive(Clone, Copy)]
enum Form {
    Ballots(usize),
    Mixes(usize),
    Decryptions(usize),
}

impl Remote {
    /// For so many workers, with a key that is drawn now.
    pub fn new(many: usize, key: HandoverKey) -> Self {
        let shared = Shared {
            key,
            ground: Cell::new(None),
            set_up: RefCell::new(None),
            orders: RefCell::new(Vec::new()),
            waiting: RefCell::new(HashMap::new()),
            next: Cell::new(0),
            breathes: Cell::new(false),
        };
        Remote { many: many.max(1), shared: Rc::new(shared) }
    }

    /// What every worker must get before the first task, once: for [`Worker::new`]. It holds the key.
    pub fn set_up(&self) -> Option<Vec<u8>> {
        self.shared.set_up.borrow_mut().take()
    }

    /// The tasks that have been begun since the last call.
    pub fn orders(&self) -> Vec<Order> {
        self.shared.orders.take()
    }

    /// Whether the audit only stopped so that orders can leave, and goes on without waiting for an answer.
    pub fn breathes(&self) -> bool {
        self.shared.breathes.take()
    }

    /// Takes in what a worker has answered. Whatever is not the answer of a worker of this audit to this task makes the
    /// task one without an answer.
    pub fn answer(&self, number: u32, bytes: &[u8]) {
        self.settle(number, |waiting| {
            let lost = || Lost("a worker gave an answer that is none to its task".into());
            let bytes = self.shared.key.open(ANSWER, &waiting.question, bytes).map_err(|_| lost())?;
            read_answer(bytes, waiting.form, &self.shared.key, &waiting.question).map_err(|_| lost())
        });
    }

    /// The worker that had this task has ended.
    pub fn lost(&self, number: u32, why: &str) {
        self.settle(number, |_| Err(Lost(format!("the worker ended: {why}"))));
    }

    fn settle(&self, number: u32, outcome: impl FnOnce(&Waiting) -> Outcome) {
        if let Some(waiting) = self.shared.waiting.borrow_mut().get_mut(&number) {
            // The first word counts.
            if waiting.outcome.is_none() {
                waiting.outcome = Some(outcome(waiting));
            }
        }
    }
}

impl Shared {
    fn in_hand(&self) -> usize {
        self.waiting.borrow().values().filter(|waiting| waiting.outcome.is_none()).count()
    }
}

impl Workers for Remote {
    fn many(&self) -> usize {
        // With one worker there are two instances: this one goes on meanwhile.
        self.many.max(2)
    }

    fn begin(&self, task: &Task<'_>) -> Begun {
        let shared = &self.shared;
        let ground = shared.ground.get().unwrap_or_else(|| {
            let bytes = task.ground().to_bytes();
            let digest = Digest::of(&bytes);
            *shared.set_up.borrow_mut() = Some([&shared.key.bytes()[..], &bytes].concat());
            shared.ground.set(Some(digest));
            digest
        });
        let (bytes, form) = put_task(task);
        let number = shared.next.replace(shared.next.get().wrapping_add(1));
        let waiting = Waiting { question: question(&ground, &bytes), form, outcome: None };
        shared.waiting.borrow_mut().insert(number, waiting);
        shared.orders.borrow_mut().push(Order { number, task: bytes });
        let shared = Rc::clone(shared);
        Begun::Later(Box::pin(std::future::poll_fn(move |_| {
            let mut waiting = shared.waiting.borrow_mut();
            match waiting.get_mut(&number).and_then(|waiting| waiting.outcome.take()) {
                Some(outcome) => {
                    waiting.remove(&number);
                    Poll::Ready(outcome)
                }
                None => Poll::Pending,
            }
        })))
    }

    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        let mut breathed = false;
        Box::pin(std::future::poll_fn(move |_| {
            if !std::mem::replace(&mut breathed, true) {
                self.shared.breathes.set(true);
                return Poll::Pending;
            }
            if self.shared.in_hand() < IN_HAND * self.many {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }))
    }
}

/// The side that runs tasks.
pub struct Worker {
    key: HandoverKey,
    ground: Ground,
    digest: Digest,
}

impl Worker {
    /// From [`Remote::set_up`].
    ///
    /// # Errors
    /// [`GroundError`].
    pub fn new(set_up: &[u8]) -> Result<Self, GroundError> {
        let mut reader = Reader::new(set_up);
        let key = HandoverKey::from_bytes(reader.array::<KEY>("key")?);
        let ground = reader.take(reader.left(), "ground")?;
        Ok(Worker { key, ground: Ground::from_bytes(ground)?, digest: Digest::of(ground) })
    }

    /// Runs an order's task and gives the answer for [`Remote::answer`].
    ///
    /// # Errors
    /// [`DecodeError`] for bytes that are no task.
    pub fn run(&self, task: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let question = question(&self.digest, task);
        let answer = run(&self.ground, task)?;
        Ok(self.key.seal(ANSWER, &question, put_answer(&answer, &self.key, &question)))
    }
}

/// What an answer is bound to.
fn question(ground: &Digest, task: &[u8]) -> Digest {
    Digest::of(&[ground.0, Digest::of(task).0].concat())
}

fn place(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn put_task(task: &Task<'_>) -> (Vec<u8>, Form) {
    let mut out = Vec::new();
    let form = match task {
        Task::Ballots { ballots, .. } => {
            out.push(1);
            put_count(&mut out, ballots.len());
            ballots.iter().for_each(|ballot| ballot.encode(&mut out));
            Form::Ballots(ballots.len())
        }
        Task::Mixes { contest, first, input, mixes, .. } => {
            out.push(2);
            contest.encode(&mut out);
            first.encode(&mut out);
            put_list(&mut out, input);
            put_count(&mut out, mixes.len());
            for (output, proof) in mixes {
                put_list(&mut out, output);
                put_opaque(&mut out, proof);
            }
            Form::Mixes(mixes.len())
        }
        Task::Decryptions { contest, list, factors, combine, .. } => {
            out.push(3);
            contest.encode(&mut out);
            put_list(&mut out, list);
            put_count(&mut out, factors.len());
            for (trustee, factors) in factors {
                trustee.encode(&mut out);
                put_opaque(&mut out, factors);
            }
            put_count(&mut out, combine.len());
            combine.iter().for_each(|trustee| trustee.encode(&mut out));
            Form::Decryptions(factors.len())
        }
    };
    (out, form)
}

fn put_list(out: &mut Vec<u8>, list: &ListFile) {
    out.extend_from_slice(&place(list.count()).to_be_bytes());
    out.extend_from_slice(&place(list.width()).to_be_bytes());
    put_opaque(out, list.bytes());
}

fn read_list(reader: &mut Reader<'_>) -> Result<Arc<ListFile>, DecodeError> {
    let (count, width) = (reader.u32("count")? as usize, reader.u32("width")? as usize);
    Ok(Arc::new(ListFile::new(reader.opaque(usize::MAX, "list")?.to_vec(), count, width)))
}

fn run(ground: &Ground, task: &[u8]) -> Result<Answer, DecodeError> {
    let mut reader = Reader::new(task);
    let bytes = |reader: &mut Reader<'_>| Ok::<_, DecodeError>(Arc::new(reader.opaque(usize::MAX, "file")?.to_vec()));
    match reader.u8("kind of task")? {
        1 => {
            let count = reader.count(usize::MAX, 1, "ballots")?;
            let ballots = (0..count)
                .map(|_| EncryptedBallot::decode(&mut reader))
                .collect::<Result<Vec<EncryptedBallot>, _>>()?;
            reader.finish("task")?;
            Ok(Task::Ballots { ground, ballots: ballots.iter().collect() }.run())
        }
        2 => {
            let (contest, first) = (ContestIndex::decode(&mut reader)?, MixIndex::decode(&mut reader)?);
            let input = read_list(&mut reader)?;
            let count = reader.count(usize::MAX, 1, "mixes")?;
            let mixes = (0..count)
                .map(|_| Ok((read_list(&mut reader)?, bytes(&mut reader)?)))
                .collect::<Result<_, DecodeError>>()?;
            reader.finish("task")?;
            Ok(Task::Mixes { ground, contest, first, input, mixes }.run())
        }
        3 => {
            let contest = ContestIndex::decode(&mut reader)?;
            let list = read_list(&mut reader)?;
            let count = reader.count(usize::MAX, 1, "decryptions")?;
            let factors = (0..count)
                .map(|_| Ok((TrusteeIndex::decode(&mut reader)?, bytes(&mut reader)?)))
                .collect::<Result<_, DecodeError>>()?;
            let count = reader.count(usize::MAX, 2, "trustees")?;
            let combine = (0..count).map(|_| TrusteeIndex::decode(&mut reader)).collect::<Result<_, _>>()?;
            reader.finish("task")?;
            Ok(Task::Decryptions { ground, contest, list, factors, combine }.run())
        }
        found => Err(DecodeError::Unknown { what: "kind of task", found: found.into() }),
    }
}

fn put_wrong(out: &mut Vec<u8>, wrong: &[Wrong]) {
    put_count(out, wrong.len());
    for Wrong { place: at, problem } in wrong {
        out.extend_from_slice(&place(*at).to_be_bytes());
        put_opaque(out, problem.as_bytes());
    }
}

fn read_text(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    Ok(String::from_utf8_lossy(reader.opaque(MAX_PROBLEM, "problem")?).into_owned())
}

/// The wrong ones of `of`.
fn read_wrong(reader: &mut Reader<'_>, of: usize) -> Result<Vec<Wrong>, DecodeError> {
    let count = reader.count(of, 8, "problems")?;
    let each = |reader: &mut Reader<'_>| {
        let place = reader.u32("place")? as usize;
        if place >= of {
            return Err(DecodeError::TooMany { what: "place", found: place, max: of });
        }
        Ok(Wrong { place, problem: read_text(reader)? })
    };
    (0..count).map(|_| each(reader)).collect()
}

fn put_answer(answer: &Answer, key: &HandoverKey, question: &Digest) -> Vec<u8> {
    let mut out = Vec::new();
    match answer {
        Answer::Ballots(wrong) => {
            out.push(1);
            put_wrong(&mut out, wrong);
        }
        Answer::Mixes(right, wrong) => {
            out.push(2);
            out.extend_from_slice(&place(*right).to_be_bytes());
            put_wrong(&mut out, wrong);
        }
        Answer::Decryptions(Decrypted { wrong, votes }) => {
            out.push(3);
            put_wrong(&mut out, wrong);
            match votes {
                None => out.push(0),
                Some(Ok(votes)) => {
                    out.push(1);
                    put_opaque(&mut out, &votes.hand_over(key, question));
                }
                Some(Err(problem)) => {
                    out.push(2);
                    put_opaque(&mut out, problem.as_bytes());
                }
            }
        }
    }
    out
}

fn read_answer(
    bytes: &[u8],
    form: Form,
    key: &HandoverKey,
    question: &Digest,
) -> Result<Answer, Box<dyn std::error::Error>> {
    let mut reader = Reader::new(bytes);
    let answer = match (reader.u8("kind of answer")?, form) {
        (1, Form::Ballots(of)) => Answer::Ballots(read_wrong(&mut reader, of)?),
        (2, Form::Mixes(of)) => {
            let right = reader.u32("mixes")? as usize;
            if right > of {
                return Err(DecodeError::TooMany { what: "mixes", found: right, max: of }.into());
            }
            Answer::Mixes(right, read_wrong(&mut reader, of + 1)?)
        }
        (3, Form::Decryptions(of)) => {
            let wrong = read_wrong(&mut reader, of)?;
            let votes = match reader.u8("votes")? {
                0 => None,
                1 => Some(Ok(DecryptedVotes::take_over(reader.opaque(usize::MAX, "votes")?, key, question)?)),
                _ => Some(Err(read_text(&mut reader)?)),
            };
            Answer::Decryptions(Decrypted { wrong, votes })
        }
        (found, _) => return Err(DecodeError::Unknown { what: "kind of answer", found: found.into() }.into()),
    };
    reader.finish("answer")?;
    Ok(answer)
}
