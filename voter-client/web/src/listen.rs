//! The check on a second device (`CHECK`), both sides of it: the page that has cast a ballot vouches for what it holds, and
//! another device listens. Only that device is convinced, since it could have made the same proof for any choice.

use crate::problem::Problem;
use crate::session::{hold, missing, shown, Known, PageBoard};
use crate::view::HeardView;
use crate::wire::{self, WireError};
use anyhow::Result;
use rand::rngs::OsRng;
use selge_core::check::{CheckError, Claim, Code, DeviceKey, Event, Listener, Mailbox, Message, Statement};
use selge_core::codec::Decode;
use selge_core::draft::BallotOpening;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::LeafHash;
use selge_proto::v1::{
    AcceptRequest, AcceptResponse, LeaveRequest, LeaveResponse, OfferRequest, OfferResponse, TakeRequest, TakeResponse,
};
use selge_voter_client::board::Board;
use selge_voter_client::tracker;
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};

/// A ballot that was made here, with the randomness that a check needs: kept until the page is closed or another is made.
pub(crate) struct Checkable {
    pub(crate) entry: SignedEntry,
    pub(crate) opening: BallotOpening,
    /// Its place on the board, once it has one.
    pub(crate) index: Option<u64>,
}

/// What a check that does not hold is called; its sentence says which step it was.
fn failed(error: CheckError) -> Problem {
    let name = match error {
        CheckError::Offer | CheckError::Code => "check-code",
        CheckError::Unreadable | CheckError::Order => "check-broken",
        _ => "check-false",
    };
    Problem::new(name, error)
}

/// What an answer of the relay means.
fn of_relay(error: WireError) -> Problem {
    match error {
        WireError::Status { code: wire::code::NOT_FOUND, message, .. } => Problem::new("check-gone", message),
        other => Problem::of(&other.into(), "check-broken"),
    }
}

/// Proves to the device with this code what the ballot holds that was cast here last.
pub(crate) async fn vouch(known: Arc<Mutex<Known>>, mut board: PageBoard, code: String) -> Result<Value, Problem> {
    let info = hold(&known).info.clone().ok_or_else(|| missing("the joint key"))?;
    let election = info.manifest().id();
    let code = Code::parse(&code).map_err(|error| Problem::new("check-code", error))?;
    let mailbox = code.mailbox(election);
    let request = AcceptRequest { mailbox: mailbox.0.to_vec() };
    let answer: AcceptResponse = board.relay("Accept", &request, None).await.map_err(of_relay)?;
    let offer = code.accept(&answer.offer, election).map_err(failed)?;
    let place = u8::try_from(answer.messages).map_err(|_| Problem::new("check-broken", "the mailbox is full"))?;
    let sealed = {
        let known = hold(&known);
        let own = known.checkable.as_ref().ok_or_else(|| missing("a ballot that was cast on this page"))?;
        let (EntryBody::Ballot(ballot), Some(index)) = (&own.entry.body, own.index) else {
            return Err(missing("a ballot that was cast on this page"));
        };
        let leaf = own.entry.leaf_hash();
        let statement =
            Statement { manifest: info.manifest(), joint_key: info.joint_key(), offer: &offer, leaf, ballot };
        let claim = Claim::prove(&statement, &own.opening, &mut OsRng)
            .ok_or_else(|| Problem::new("internal", "the opening does not fit the ballot"))?;
        Message::Recorded { index, leaf, claim }.seal(election, &offer, place).map_err(failed)?
    };
    let request = LeaveRequest { mailbox: mailbox.0.to_vec(), place: place.into(), message: sealed };
    let _: LeaveResponse = board.relay("Leave", &request, None).await.map_err(of_relay)?;
    Ok(json!({}))
}

/// Makes a code, waits for what a voting page says to it, and checks that against the ballot on the board. While it waits
/// it tells the page its code.
pub(crate) async fn listen(known: Arc<Mutex<Known>>, mut board: PageBoard) -> Result<Value, Problem> {
    let info = hold(&known).info.clone().ok_or_else(|| missing("the joint key"))?;
    let manifest = Arc::clone(info.manifest());
    let key = DeviceKey::draw(manifest.id(), &mut OsRng);
    let mut listener = Listener::new(&manifest, info.joint_key(), key);
    let code = listener.code();
    let mailbox = code.mailbox(manifest.id());
    let _: OfferResponse =
        board.relay("Offer", &OfferRequest { offer: listener.offer() }, None).await.map_err(of_relay)?;
    let (index, leaf) = loop {
        let sealed = next(&mut board, &mailbox, listener.place(), &code).await?;
        // Ballots that are shown or opened before one is cast are for a challenge; here it is the recorded one that counts.
        if let Event::Recorded { index, leaf } = listener.take(&sealed).map_err(failed)? {
            break (index, leaf);
        }
    };
    let (entry, receipt) = fetch(&mut board, index, &leaf).await?;
    let heard = listener.conclude(&entry, &receipt).map_err(failed)?;
    // Unsigned, so only a warning.
    let standing = board.standing(&heard.voter).await.ok();
    let newest = standing.as_ref().is_none_or(|standing| standing.newest == leaf);
    let cancelled = standing.is_some_and(|standing| standing.cancelled.is_some());
    let view = HeardView::new(&manifest, &heard, tracker(&leaf), newest, cancelled);
    shown(&view.ok_or_else(|| Problem::new("internal", "a contest that does not exist"))?)
}

/// The next message of the mailbox, however long it takes; the relay ends the wait when it forgets the mailbox.
async fn next(board: &mut PageBoard, mailbox: &Mailbox, place: u8, code: &Code) -> Result<Vec<u8>, Problem> {
    loop {
        let request = TakeRequest { mailbox: mailbox.0.to_vec(), place: place.into() };
        let tell = json!({ "code": code.to_string() });
        match board.relay::<TakeResponse>("Take", &request, Some(tell)).await {
            Ok(answer) if !answer.message.is_empty() => return Ok(answer.message),
            Ok(_) => {}
            Err(error) => return Err(of_relay(error)),
        }
    }
}

/// The entry that the page spoke of, from the board itself, with its receipt.
async fn fetch(
    board: &mut PageBoard,
    index: u64,
    leaf: &LeafHash,
) -> Result<(SignedEntry, selge_core::receipt::Receipt), Problem> {
    let absent = || failed(CheckError::NotRecorded);
    let next = index.checked_add(1).ok_or_else(absent)?;
    let entries = board.entries(index, next).await.map_err(|error| Problem::of(&error, "check-false"))?;
    let entry = entries.first().and_then(|bytes| SignedEntry::from_bytes(bytes).ok()).ok_or_else(absent)?;
    let receipt = board.receipt(leaf).await.map_err(|error| Problem::of(&error, "check-false"))?;
    Ok((entry, receipt.ok_or_else(absent)?))
}
