//! One voter's visit: what the page asks for, step by step, with questions to the board in between.

use crate::listen::{self, Concluded};
use crate::message::{Answer, Ask, Heard, Message};
use crate::problem::Problem;
use crate::view::{BallotView, CastView, ElectionView, VoterView};
use crate::vouch::{self, Challenge, Checkable, Held};
use crate::wire::{self, WireError};
use anyhow::{ensure, Context as _, Result};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use rand::rngs::OsRng;
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{LeafHash, StyleIndex, VoterId};
use selge_core::manifest::Manifest;
use selge_core::receipt::Receipt;
use selge_core::rules::Choice;
use selge_proto::v1::{
    EntriesRequest, EntriesResponse, ReceiptRequest, StatusRequest, StatusResponse, SubmitRequest, SubmitResponse,
    VoterRequest, VoterResponse,
};
use selge_voter_client::board::{Board, Refusal, Standing, Status};
use selge_voter_client::{draft, finish, settle, tracker, Attempt, CastError, ElectionInfo, Voter};
use serde::Serialize;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use zeroize::Zeroizing;

/// What a board in set-up calls itself.
const SET_UP: &str = "set-up";

/// What a board that takes ballots calls itself.
const VOTING: &str = "voting";

type Work = Pin<Box<dyn Future<Output = Result<Value, Problem>> + Send>>;

/// What the session knows by now.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) manifest: Option<Arc<Manifest>>,
    status: Option<Status>,
    pub(crate) info: Option<ElectionInfo>,
    /// The ballot that was made last.
    pub(crate) checkable: Option<Checkable>,
    pub(crate) challenge: Challenge,
    /// The check that this device has heard as a second device.
    pub(crate) concluded: Option<Concluded>,
    pub(crate) voter: Option<Arc<Voter>>,
    pub(crate) standing: Option<(StyleIndex, LeafHash)>,
}

/// A visit.
#[derive(Default)]
pub struct Session {
    known: Arc<Mutex<Known>>,
    wire: Arc<Mutex<Wire>>,
    work: Option<Work>,
}

pub(crate) fn hold<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// Answers a message. A message that comes while a question is open takes its place: the page has given up on it.
    pub fn answer(&mut self, message: &[u8]) -> Zeroizing<Vec<u8>> {
        let answer = match serde_json::from_slice(message) {
            Ok(message) => self.act(message),
            Err(error) => Answer::Problem(Problem::new("internal", format!("a message that cannot be read: {error}"))),
        };
        // These types have no map keys but text, and no other way to fail.
        Zeroizing::new(serde_json::to_vec(&answer).unwrap_or_default())
    }

    fn act(&mut self, message: Message) -> Answer {
        let heard = match message {
            Message::Heard(heard) => Some(heard),
            other => {
                self.work = Some(self.begin(other));
                None
            }
        };
        {
            let mut wire = hold(&self.wire);
            wire.heard = heard;
            wire.ask = None;
        }
        let Some(work) = &mut self.work else {
            return Answer::Problem(Problem::new("internal", "an answer to no question"));
        };
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => {
                self.work = None;
                done.map_or_else(Answer::Problem, Answer::Done)
            }
            Poll::Pending => match hold(&self.wire).ask.take() {
                Some(ask) => Answer::Ask(ask),
                None => Answer::Problem(Problem::new("internal", "waiting for nothing")),
            },
        }
    }

    fn begin(&self, message: Message) -> Work {
        let (known, board) = (Arc::clone(&self.known), PageBoard { wire: Arc::clone(&self.wire) });
        match message {
            Message::Election { expected } => Box::pin(election(known, board, expected)),
            Message::Trust => Box::pin(trust(known, board)),
            Message::Credential { code } => Box::pin(credential(known, board, code)),
            Message::Prepare { choices } => Box::pin(async move { encrypt(&known, choices) }),
            Message::Cast { ballot } => Box::pin(cast(known, board, ballot)),
            Message::Show { code, choices } => Box::pin(vouch::show(known, board, code, choices)),
            Message::Open { code } => Box::pin(vouch::open(known, board, code)),
            Message::Vouch { code } => Box::pin(vouch::vouch(known, board, code)),
            Message::Listen { opened } => Box::pin(listen::listen(known, board, opened)),
            Message::Practise { choices } => Box::pin(async move { listen::practise(&known, &choices) }),
            // The listening itself, with its key, went when this message took its place.
            Message::Unlisten => Box::pin(async move {
                hold(&known).concluded = None;
                Ok(Value::Object(serde_json::Map::new()))
            }),
            Message::Heard(_) => Box::pin(async { Err(Problem::new("internal", "an answer to no question")) }),
            Message::Forget => Box::pin(async move {
                let mut known = hold(&known);
                known.voter = None;
                known.standing = None;
                known.checkable = None;
                known.challenge = Challenge::default();
                Ok(Value::Object(serde_json::Map::new()))
            }),
        }
    }
}

/// A value for the page.
pub(crate) fn shown(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| Problem::new("internal", error))
}

pub(crate) fn missing(what: &str) -> Problem {
    Problem::new("internal", format!("{what} is not known yet"))
}

async fn election(known: Arc<Mutex<Known>>, mut board: PageBoard, expected: Option<String>) -> Result<Value, Problem> {
    let status = board.status().await.map_err(|error| Problem::of(&error, "false-board"))?;
    let manifest = Manifest::parse(&status.manifest).map_err(|error| Problem::new("false-board", error))?;
    let id = manifest.id().to_string();
    if let Some(expected) = expected.filter(|expected| !expected.trim().eq_ignore_ascii_case(&id)) {
        let detail = format!("the board serves the election {id}, your link is for {}", expected.trim());
        return Err(Problem::new("other-election", detail));
    }
    let view = shown(&ElectionView::new(&manifest, &status.phase))?;
    let mut known = hold(&known);
    // Nothing of another election may stay.
    *known = Known { manifest: Some(Arc::new(manifest)), status: Some(status), ..Known::default() };
    Ok(view)
}

/// The checks of the key that ballots are encrypted under: done once, and before anything is encrypted.
async fn trust(known: Arc<Mutex<Known>>, mut board: PageBoard) -> Result<Value, Problem> {
    let (manifest, status) = {
        let known = hold(&known);
        let manifest = known.manifest.clone().ok_or_else(|| missing("the election"))?;
        (manifest, known.status.clone().ok_or_else(|| missing("the election"))?)
    };
    if status.phase == SET_UP {
        return Err(Problem::new("not-open", "the board holds no opening yet"));
    }
    let info = ElectionInfo::fetch_from(&mut board, manifest, &status).await;
    hold(&known).info = Some(info.map_err(|error| Problem::of(&error, "false-board"))?);
    Ok(Value::Object(serde_json::Map::new()))
}

async fn credential(known: Arc<Mutex<Known>>, mut board: PageBoard, code: Zeroizing<String>) -> Result<Value, Problem> {
    let manifest = hold(&known).manifest.clone().ok_or_else(|| missing("the election"))?;
    let voter = Voter::from_code(&code)?;
    drop(code);
    let status = board.status().await.map_err(|error| Problem::of(&error, "false-board"))?;
    let standing = board.standing(&voter.id).await.map_err(|error| Problem::of(&error, "false-board"))?;
    let Some(style) = standing.style else {
        let detail = format!("voter {} is not on the roll, says the board", voter.id);
        return Err(Problem::new("not-on-roll", detail));
    };
    if let Some(reason) = standing.cancelled {
        let detail = format!("the ballots of voter {} are cancelled, says the board: {reason}", voter.id);
        return Err(Problem::new("cancelled", detail));
    }
    if status.phase != VOTING {
        let name = if status.phase == SET_UP { "not-open" } else { "closed" };
        return Err(Problem::new(name, format!("the board's phase is {:?}", status.phase)));
    }
    let view = VoterView::new(&manifest, voter.id.to_string(), style, &standing.newest)
        .ok_or_else(|| Problem::new("false-board", format!("there is no ballot style {style}")))?;
    let view = shown(&view)?;
    let mut known = hold(&known);
    // What was encrypted for another voter is no use to this one.
    known.challenge = Challenge::default();
    known.voter = Some(Arc::new(voter));
    known.standing = Some((style, standing.newest));
    Ok(view)
}

fn encrypt(known: &Mutex<Known>, choices: Vec<Choice>) -> Result<Value, Problem> {
    let mut known = hold(known);
    let known = &mut *known;
    let info = known.info.as_ref().ok_or_else(|| missing("the joint key"))?;
    let voter = known.voter.as_ref().ok_or_else(|| missing("the voter"))?;
    let (style, previous) = known.standing.ok_or_else(|| missing("the voter"))?;
    // The ballot that a second device was shown is the one to cast (`CHECK-7`), unless the voter has changed it since.
    let draft = match known.challenge.held.take().filter(|held| held.choices == choices) {
        Some(Held { draft, .. }) => draft,
        None => draft(info, voter, style, &choices, &mut OsRng)?,
    };
    let (entry, opening) = finish(info, voter, draft, previous, &mut OsRng)?;
    let view = BallotView { ballot: STANDARD.encode(entry.to_bytes()), tracker: tracker(&entry.leaf_hash()) };
    known.checkable = Some(Checkable { entry, opening, index: None });
    shown(&view)
}

async fn cast(known: Arc<Mutex<Known>>, mut board: PageBoard, ballot: String) -> Result<Value, Problem> {
    let manifest = hold(&known).manifest.clone().ok_or_else(|| missing("the election"))?;
    let bytes = STANDARD.decode(ballot).map_err(|_| Problem::new("kept-damaged", "the ballot is no base64"))?;
    let ballot = SignedEntry::from_bytes(&bytes).map_err(|error| Problem::new("kept-damaged", error))?;
    let EntryBody::Ballot(encrypted) = &ballot.body else {
        return Err(Problem::new("kept-damaged", format!("it is a {} entry, no ballot", ballot.body.kind())));
    };
    let voter = encrypted.voter;
    let answer = board.submit(&ballot).await;
    match settle(&mut board, &manifest, &ballot, answer).await {
        Attempt::Recorded(receipt) => {
            let mut known = hold(&known);
            if known.voter.as_ref().is_some_and(|own| own.id == voter) {
                if let Some((_, newest)) = &mut known.standing {
                    *newest = *receipt.leaf();
                }
            }
            let (tracker, index) = (receipt.tracker(), receipt.receipt().index);
            let own = known.checkable.as_mut().filter(|own| own.entry.leaf_hash() == *receipt.leaf());
            let checkable = own.map(|own| own.index = Some(index)).is_some();
            shown(&CastView { tracker, index, checkable, receipt: receipt.receipt().text() })
        }
        Attempt::Again { problem, asked } => {
            let wait = asked.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            let mut problem = Problem::of(&problem, "lost");
            problem.wait = wait;
            Err(problem)
        }
        Attempt::Failed(CastError::Stale { newest }) => {
            let detail = CastError::Stale { newest }.to_string();
            Err(Problem { tracker: Some(tracker(&newest)), ..Problem::new("stale", detail) })
        }
        Attempt::Failed(error @ CastError::FalseReceipt { .. }) => Err(Problem::new("false-receipt", error)),
        Attempt::Failed(error) => Err(refused(&mut board, &voter, &error).await),
    }
}

/// Why a ballot was refused, as far as the board says so elsewhere.
async fn refused(board: &mut PageBoard, voter: &VoterId, error: &CastError) -> Problem {
    let name = match (board.status().await, board.standing(voter).await) {
        (Ok(status), _) if status.phase != VOTING && status.phase != SET_UP => "closed",
        (_, Ok(Standing { style: None, .. })) => "not-on-roll",
        (_, Ok(Standing { cancelled: Some(_), .. })) => "cancelled",
        _ => "refused",
    };
    Problem::new(name, error)
}

/// What goes back and forth between the session and the page.
#[derive(Default)]
struct Wire {
    ask: Option<Ask>,
    heard: Option<Heard>,
}

/// The board as the page reaches it.
pub(crate) struct PageBoard {
    wire: Arc<Mutex<Wire>>,
}

impl PageBoard {
    /// Asks the relay; `tell` is for the page to show meanwhile.
    pub(crate) async fn relay<M: prost::Message + Default>(
        &mut self,
        method: &'static str,
        request: &impl prost::Message,
        tell: Option<Value>,
    ) -> Result<M, WireError> {
        let ask = Ask { tell, ..wire::ask("Relay", method, request) };
        wire::message(&self.ask(ask).await)
    }

    /// Leaves a question for the page and waits until it comes back with what it heard.
    async fn ask(&mut self, ask: Ask) -> Heard {
        let mut left = Some(ask);
        std::future::poll_fn(move |_| {
            let mut wire = hold(&self.wire);
            match left.take() {
                Some(ask) => {
                    wire.ask = Some(ask);
                    Poll::Pending
                }
                None => wire.heard.take().map_or(Poll::Pending, Poll::Ready),
            }
        })
        .await
    }
}

impl Board for PageBoard {
    async fn status(&mut self) -> Result<Status> {
        let heard = self.ask(wire::ask("Board", "Status", &StatusRequest {})).await;
        let status: StatusResponse = wire::message(&heard)?;
        Ok(Status { manifest: status.manifest, checkpoint: status.checkpoint, phase: status.phase })
    }

    async fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Vec<u8>>> {
        let heard = self.ask(wire::ask("Board", "Entries", &EntriesRequest { from, to })).await;
        let entries: Vec<_> =
            wire::messages::<EntriesResponse>(&heard)?.into_iter().flat_map(|batch| batch.entries).collect();
        ensure!(entries.len() as u64 == to - from, "the board sent another number of entries than asked for");
        Ok(entries)
    }

    async fn receipt(&mut self, leaf: &LeafHash) -> Result<Option<Receipt>> {
        let request = ReceiptRequest { leaf_hash: leaf.0.to_vec(), witnessed: false };
        let heard = self.ask(wire::ask("Board", "Receipt", &request)).await;
        match wire::message::<SubmitResponse>(&heard) {
            Ok(answer) => Ok(Some(Receipt::parse(&answer.receipt)?)),
            Err(WireError::Status { code: wire::code::NOT_FOUND, .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn standing(&mut self, voter: &VoterId) -> Result<Standing> {
        let heard = self.ask(wire::ask("Board", "Voter", &VoterRequest { voter: voter.0.to_vec() })).await;
        let answer: VoterResponse = wire::message(&heard)?;
        let newest = match answer.newest.as_slice() {
            [] => LeafHash::NONE,
            bytes => LeafHash(bytes.try_into().context("the board sent a malformed leaf hash")?),
        };
        let style = u16::try_from(answer.style).ok().filter(|_| answer.on_roll).map(StyleIndex);
        Ok(Standing { newest, cancelled: answer.cancelled.then_some(answer.cancelled_reason), style })
    }

    async fn submit(&mut self, entry: &SignedEntry) -> Result<Receipt> {
        let heard = self.ask(wire::ask("Board", "Submit", &SubmitRequest { entry: entry.to_bytes() })).await;
        let answer: SubmitResponse = wire::message(&heard)?;
        Ok(Receipt::parse(&answer.receipt)?)
    }

    fn refusal(error: &anyhow::Error) -> Option<Refusal> {
        let error = error.downcast_ref::<WireError>()?;
        let retry_after = match error {
            WireError::Status { retry_after, .. } => *retry_after,
            _ => None,
        };
        Some(Refusal { passing: error.passing(), retry_after })
    }
}
