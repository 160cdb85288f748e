//! The second device's side of a check (`CHECK-6`). Only this device is convinced, since it could have made the same proof
//! for any choice, and can show that it could.

use crate::device::{failed, of_relay};
use crate::problem::Problem;
use crate::session::{hold, missing, shown, Known, PageBoard};
use crate::view::{HeardView, HeldView};
use anyhow::Result;
use rand::rngs::OsRng;
use selge_core::check::{CheckError, DeviceKey, Event, Heard, Listener, LIFETIME};
use selge_core::codec::Decode;
use selge_core::entry::SignedEntry;
use selge_core::ids::{Digest, LeafHash};
use selge_core::manifest::Manifest;
use selge_core::receipt::Receipt;
use selge_core::rules::Choice;
use selge_proto::v1::{OfferRequest, OfferResponse, TakeRequest, TakeResponse};
use selge_voter_client::board::Board;
use selge_voter_client::{in_groups, tracker};
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};

/// What is left of a check when it is over: enough to make up the same for any choice.
pub(crate) struct Concluded {
    key: DeviceKey,
    entry: SignedEntry,
}

/// Makes a code, waits for what a voting page says to it, and checks that against the ballot on the board. While it waits
/// it tells the page its code, and what it has been shown before anything was cast. `opened` are the ballots that this
/// device has seen opened under earlier codes.
pub(crate) async fn listen(
    known: Arc<Mutex<Known>>,
    mut board: PageBoard,
    opened: Vec<Digest>,
) -> Result<Value, Problem> {
    let info = {
        let mut known = hold(&known);
        known.concluded = None;
        known.info.clone().ok_or_else(|| missing("the joint key"))?
    };
    let manifest = Arc::clone(info.manifest());
    let key = DeviceKey::draw(manifest.id(), &mut OsRng);
    let mut listener = Listener::new(&manifest, info.joint_key(), key);
    listener.remember(opened);
    let mailbox = listener.code().mailbox(manifest.id());
    let answer: OfferResponse =
        board.relay("Offer", &OfferRequest { offer: listener.offer() }, None).await.map_err(of_relay)?;
    let seconds = u64::from(answer.seconds).min(LIFETIME);
    let mut tell = json!({ "code": listener.code().to_string(), "seconds": seconds });
    let mut last = None;
    let (index, leaf) = loop {
        let request = TakeRequest { mailbox: mailbox.0.to_vec(), place: listener.place().into() };
        let answer: TakeResponse = board.relay("Take", &request, Some(tell.clone())).await.map_err(of_relay)?;
        if answer.message.is_empty() {
            // Nothing has come yet; the relay ends the wait when it forgets the mailbox.
            continue;
        }
        match listener.take(&answer.message).map_err(failed)? {
            Event::Shown(digest) => {
                last = Some(digest);
                tell["shown"] = in_groups(&digest).into();
                tell["opened"] = Value::Null;
            }
            Event::Opened(heard) => {
                let view = HeldView::new(&manifest, &heard).ok_or_else(foreign)?;
                tell["opened"] = shown(&view)?;
                tell["digest"] = last.map(|digest| digest.to_string()).into();
            }
            Event::Recorded { index, leaf } => break (index, leaf),
        }
    };
    let (entry, receipt) = fetch(&mut board, index, &leaf).await?;
    let heard = listener.conclude(&entry, &receipt).map_err(failed)?;
    // Unsigned, so only a warning.
    let standing = board.standing(&heard.voter).await.ok();
    let newest = standing.as_ref().is_none_or(|standing| standing.newest == leaf);
    let cancelled = standing.is_some_and(|standing| standing.cancelled.is_some());
    hold(&known).concluded = Some(Concluded { key: listener.into_key(), entry });
    let held = HeldView::new(&manifest, &heard).ok_or_else(foreign)?;
    shown(&HeardView { held, tracker: tracker(&leaf), newest, cancelled })
}

/// A check that shows these choices instead: made with this device's key, and as good as the one that it heard.
pub(crate) fn practise(known: &Mutex<Known>, choices: &[Choice]) -> Result<Value, Problem> {
    let known = hold(known);
    let info = known.info.as_ref().ok_or_else(|| missing("the joint key"))?;
    let Concluded { key, entry } = known.concluded.as_ref().ok_or_else(|| missing("a check that is over"))?;
    let manifest: &Manifest = info.manifest();
    let heard: Heard = key
        .practise(manifest, info.joint_key(), entry, choices, &mut OsRng)
        .ok_or_else(|| Problem::new("choices", "these choices do not fit the ballot"))?;
    shown(&HeldView::new(manifest, &heard).ok_or_else(foreign)?)
}

fn foreign() -> Problem {
    Problem::new("internal", "a contest that does not exist")
}

/// The entry that the page spoke of, from the board itself, with its receipt.
async fn fetch(board: &mut PageBoard, index: u64, leaf: &LeafHash) -> Result<(SignedEntry, Receipt), Problem> {
    let absent = || failed(CheckError::NotRecorded);
    let next = index.checked_add(1).ok_or_else(absent)?;
    let entries = board.entries(index, next).await.map_err(|error| Problem::of(&error, "check-false"))?;
    let entry = entries.first().and_then(|bytes| SignedEntry::from_bytes(bytes).ok()).ok_or_else(absent)?;
    let receipt = board.receipt(leaf).await.map_err(|error| Problem::of(&error, "check-false"))?;
    Ok((entry, receipt.ok_or_else(absent)?))
}
