//! `tally open`, `tally cancel`, `tally close`: the commission's entries around and during voting.

use crate::witnessed;
use anyhow::{bail, ensure, Result};
use selge_core::election::{Election, Phase};
use selge_core::entry::{Closing, EntryBody, Opening};
use selge_node::client::{BoardArgs, BoardError};
use selge_node::link::{aborted, Link};
use selge_node::party::{Party, PartyArgs};
use selge_node::progress::say;
use selge_node::replica::{Ballots, Replica};
use selge_node::wait::WaitArgs;
use std::sync::Arc;
use time::OffsetDateTime;

/// Arguments of `tally open` and `tally close`.
#[derive(Clone, Debug, clap::Args)]
pub struct VotingArgs {
    /// Where the board is.
    #[command(flatten)]
    pub board: BoardArgs,
    /// The election, and the commission's key.
    #[command(flatten)]
    pub party: PartyArgs,
    /// How long to wait for what must come first.
    #[command(flatten)]
    pub wait: WaitArgs,
}

impl VotingArgs {
    /// Opens the commission's key and reads the board.
    pub(crate) async fn link(&self) -> Result<(Party, Link)> {
        let party = self.party.commission()?;
        let replica = Replica::new(Arc::clone(&party.manifest), Ballots::Trust);
        let link = Link::connect(&self.board, self.wait, replica).await?;
        Ok((party, link))
    }
}

/// Closings that are signed anew without a pause: the board needs one, and one more if reading it took too long.
const AT_ONCE: u32 = 3;

/// A time as people read it.
fn shown(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok())
        .and_then(|t| t.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_else(|| format!("{seconds} s since 1970"))
}

fn now() -> u64 {
    u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).unwrap_or(0)
}

/// What is missing before voting can start.
fn missing(election: &Election) -> Option<String> {
    let manifest = election.manifest();
    let unconfirmed: Vec<_> = (1u16..)
        .zip(&manifest.document().trustees)
        .filter(|(at, _)| !election.confirmed(selge_core::ids::TrusteeIndex(*at)))
        .map(|(at, party)| format!("trustee {at} ({})", party.name))
        .collect();
    match (unconfirmed.is_empty(), election.roll_digest()) {
        (true, Some(_)) => None,
        (true, None) => Some("the registrar to post the roll".to_owned()),
        (false, _) => Some(format!("{} to complete the key ceremony", unconfirmed.join(", "))),
    }
}

/// Opens voting, as soon as key ceremony and roll are on the board. Voting that is open already stays so.
///
/// # Errors
/// If the ceremony failed, the period has not begun, or time is up.
pub async fn open(args: &VotingArgs) -> Result<Opening> {
    let (party, mut link) = args.link().await?;
    loop {
        let election = link.election()?;
        if let Some(opening) = election.opening() {
            say(&format!("voting has been open since {}", shown(opening.time)));
            return Ok(opening.clone());
        }
        if election.phase() == Phase::Aborted {
            bail!("{}", aborted(election));
        }
        if let Some(missing) = missing(election) {
            link.pause(&missing).await?;
            continue;
        }
        let (Some(roll), Some(key)) = (election.roll_digest(), election.joint_key()) else {
            bail!("the board has neither roll nor joint key");
        };
        let time = now();
        let opens = election.manifest().document().opens;
        ensure!(
            i64::try_from(time).is_ok_and(|t| t >= opens.unix_timestamp()),
            "the manifest lets voting begin at {opens}, it is {}: open it then",
            shown(time)
        );
        let opening = Opening { roll: *roll, joint_key: *key.public_key().point(), time };
        let entry = EntryBody::Opening(opening.clone()).sign(party.manifest.id(), &party.key);
        link.post(&entry, &[]).await?;
        say(&format!("voting is open since {}", shown(time)));
        return Ok(opening);
    }
}

const MIXING_WAITS: &str = "mix servers and trustees wait";

/// Closes voting. The closing names every entry before it, so it is signed anew if a ballot came in between: the board
/// has then held back all further ballots, answered those that had come, and waits for the new one.
///
/// # Errors
/// If voting has not begun or may not end yet; if the board lets ballots in all the time until time is up.
pub async fn close(args: &VotingArgs) -> Result<Closing> {
    let (party, mut link) = args.link().await?;
    let mut tried = 0;
    loop {
        let election = link.election()?;
        if let Some(closing) = election.closing() {
            let closing = closing.clone();
            say(&format!("voting has been closed since {}", shown(closing.time)));
            witnessed::report(&mut link, "the closing", MIXING_WAITS).await?;
            return Ok(closing);
        }
        match election.phase() {
            Phase::Voting => {}
            Phase::Aborted => bail!("{}", aborted(election)),
            _ => bail!("voting has not been opened: there is nothing to close"),
        }
        let time = now();
        let document = election.manifest().document();
        ensure!(
            document.early_close || i64::try_from(time).is_ok_and(|t| t >= document.closes.unix_timestamp()),
            "the manifest lets voting end at {} and not earlier (early_close is false), it is {}",
            document.closes,
            shown(time)
        );
        let tree = link.replica().tree();
        let (size, root) = (tree.size(), tree.root());
        let closing = Closing { time, size, root };
        let entry = EntryBody::Closing(closing.clone()).sign(party.manifest.id(), &party.key);
        match link.post(&entry, &[]).await {
            Ok(()) => {
                say(&format!("voting is closed since {}, after {size} entries", shown(time)));
                witnessed::report(&mut link, "the closing", MIXING_WAITS).await?;
                return Ok(closing);
            }
            Err(error) => {
                // Refused because a ballot came first: the refusal has been followed by a sync, which shows it.
                let refused = error.chain().any(|cause| cause.is::<BoardError>());
                if !refused || link.replica().tree().size() == size {
                    return Err(error);
                }
                // At once, while the board stands still; if it does not, it is another one than ours.
                tried += 1;
                if tried > AT_ONCE {
                    link.pause("a moment without a new ballot").await?;
                }
            }
        }
    }
}
