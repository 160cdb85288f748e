//! What the voting page shows to a second device (`CHECK`): before casting, that it encrypts what was chosen; afterwards,
//! what the recorded ballot holds.

use crate::device::{Device, Letter};
use crate::problem::Problem;
use crate::session::{hold, missing, Known, PageBoard};
use rand::rngs::OsRng;
use selge_core::check::{Claim, Code, Message, Statement};
use selge_core::draft::{BallotDraft, BallotOpening};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{Digest, ElectionId};
use selge_core::rules::Choice;
use selge_voter_client::{draft, in_groups};
use serde_json::{json, Value};
use std::sync::{Arc, Mutex};

/// A ballot that was made here, with the randomness that a check needs: kept until the page is closed or another is made.
pub(crate) struct Checkable {
    pub(crate) entry: SignedEntry,
    pub(crate) opening: BallotOpening,
    /// Its place on the board, once it has one.
    pub(crate) index: Option<u64>,
}

/// A ballot that is encrypted and neither cast nor opened, which either uses up.
pub(crate) struct Held {
    pub(crate) draft: BallotDraft,
    pub(crate) choices: Vec<Choice>,
}

/// What a second device was shown before anything was cast.
#[derive(Default)]
pub(crate) struct Challenge {
    /// The ballot that can still be cast or opened.
    pub(crate) held: Option<Held>,
    /// What which device was shown last, and has not seen opened.
    shown: Option<(Code, Digest)>,
    /// An opening that may not have arrived: its ballot is used up.
    unsent: Option<Letter>,
}

fn election(known: &Mutex<Known>) -> Result<ElectionId, Problem> {
    hold(known).info.as_ref().map(|info| *info.manifest().id()).ok_or_else(|| missing("the joint key"))
}

/// Encrypts the choices, keeps the ballot and tells the device with this code which it is (`CHECK-7`).
pub(crate) async fn show(
    known: Arc<Mutex<Known>>,
    mut board: PageBoard,
    code: String,
    choices: Vec<Choice>,
) -> Result<Value, Problem> {
    let mut device = Device::find(&mut board, &code, election(&known)?).await?;
    let digest = {
        let mut known = hold(&known);
        let known = &mut *known;
        let held = match known.challenge.held.take().filter(|held| held.choices == choices) {
            Some(held) => held,
            None => {
                let info = known.info.as_ref().ok_or_else(|| missing("the joint key"))?;
                let voter = known.voter.as_ref().ok_or_else(|| missing("the voter"))?;
                let (style, _) = known.standing.ok_or_else(|| missing("the voter"))?;
                Held { draft: draft(info, voter, style, &choices, &mut OsRng)?, choices }
            }
        };
        known.challenge.held.insert(held).draft.digest()
    };
    device.tell(&mut board, &Message::Shown(digest)).await?;
    hold(&known).challenge.shown = Some((device.code, digest));
    Ok(json!({ "shown": in_groups(&digest) }))
}

/// Gives the ballot up that this device was shown last, and opens it there. Asked again, it sends the same once more.
pub(crate) async fn open(known: Arc<Mutex<Known>>, mut board: PageBoard, code: String) -> Result<Value, Problem> {
    let mut device = Device::find(&mut board, &code, election(&known)?).await?;
    let letter = {
        let mut known = hold(&known);
        let challenge = &mut known.challenge;
        let due = |held: &mut Held| challenge.shown == Some((device.code, held.draft.digest()));
        if let Some(held) = challenge.held.take_if(due) {
            challenge.shown = None;
            challenge.unsent = Some(device.seal(&Message::Opened(held.draft.open()))?);
        }
        let unsent = challenge.unsent.as_ref().filter(|letter| letter.mailbox == device.mailbox);
        unsent.cloned().ok_or_else(|| missing("a ballot that this device was shown"))?
    };
    letter.leave(&mut board).await?;
    hold(&known).challenge.unsent = None;
    Ok(json!({}))
}

/// Proves to the device with this code what the ballot holds that was cast here last.
pub(crate) async fn vouch(known: Arc<Mutex<Known>>, mut board: PageBoard, code: String) -> Result<Value, Problem> {
    let mut device = Device::find(&mut board, &code, election(&known)?).await?;
    let ballot = |known: &Known| match known.checkable.as_ref().map(|own| (&own.entry.body, own.index)) {
        Some((EntryBody::Ballot(ballot), Some(_))) => Ok(ballot.shown_digest()),
        _ => Err(missing("a ballot that was cast on this page")),
    };
    let (digest, shown) = {
        let known = hold(&known);
        (ballot(&known)?, known.challenge.shown)
    };
    // The voter has changed the choices since this device was shown a ballot: it has to hear that this is another one.
    if shown.is_some_and(|(code, shown)| code == device.code && shown != digest) {
        device.tell(&mut board, &Message::Shown(digest)).await?;
        hold(&known).challenge.shown = Some((device.code, digest));
    }
    let told = {
        let known = hold(&known);
        let info = known.info.as_ref().ok_or_else(|| missing("the joint key"))?;
        let own = known.checkable.as_ref().ok_or_else(|| missing("a ballot that was cast on this page"))?;
        let (EntryBody::Ballot(ballot), Some(index)) = (&own.entry.body, own.index) else {
            return Err(missing("a ballot that was cast on this page"));
        };
        let leaf = own.entry.leaf_hash();
        let statement =
            Statement { manifest: info.manifest(), joint_key: info.joint_key(), offer: &device.offer, leaf, ballot };
        let claim = Claim::prove(&statement, &own.opening, &mut OsRng)
            .ok_or_else(|| Problem::new("internal", "the opening does not fit the ballot"))?;
        Message::Recorded { index, leaf, claim }
    };
    device.tell(&mut board, &told).await?;
    Ok(json!({}))
}
