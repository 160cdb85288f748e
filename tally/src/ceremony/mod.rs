//! `tally ceremony`: one trustee's part in the key ceremony, from its commitments to everybody's confirmation.
//!
//! Each look at the board decides what comes next, from the board and the folder alone; so the command goes on where
//! it was, whenever it was killed.

pub mod state;

use anyhow::{bail, ensure, Context, Result};
use selge_core::ceremony::CeremonyError;
use selge_core::election::{Election, Phase};
use selge_core::entry::{Confirmation, EntryBody, SignedEntry};
use selge_core::ids::TrusteeIndex;
use selge_node::client::BoardArgs;
use selge_node::link::{aborted, Link};
use selge_node::party::{Party, PartyArgs};
use selge_node::progress::say;
use selge_node::replica::{Ballots, Replica};
use selge_node::wait::WaitArgs;
use state::State;
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments of `tally ceremony`.
#[derive(Clone, Debug, clap::Args)]
pub struct CeremonyArgs {
    /// Where the board is.
    #[command(flatten)]
    pub board: BoardArgs,
    /// The election, and the trustee's key.
    #[command(flatten)]
    pub party: PartyArgs,
    /// Folder of this trustee's ceremony secret and key share, encrypted with the key file's passphrase. Keep it: the
    /// decryption needs the share.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// How long to wait for the other trustees.
    #[command(flatten)]
    pub wait: WaitArgs,
}

/// A completed ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// Who this trustee is.
    pub trustee: TrusteeIndex,
    /// The joint key, 32 bytes.
    pub joint_key: [u8; 32],
}

impl Completed {
    /// The joint key in hexadecimal.
    pub fn joint_key_hex(&self) -> String {
        self.joint_key.iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// What a look at the board says is to be done.
enum Next {
    /// Hand this in.
    Post(Box<SignedEntry>, &'static str),
    /// Hand in a complaint about a trustee, which ends the ceremony.
    Complain(Box<SignedEntry>, TrusteeIndex),
    /// Nothing, until these have acted.
    Wait(String),
    /// Everybody has confirmed.
    Complete([u8; 32]),
}

/// The trustees for which `acted` does not hold, by number and name.
fn others(election: &Election, what: &str, acted: impl Fn(TrusteeIndex) -> bool) -> String {
    let names: Vec<_> = (1u16..)
        .zip(&election.manifest().document().trustees)
        .filter(|(at, _)| !acted(TrusteeIndex(*at)))
        .map(|(at, party)| format!("trustee {at} ({})", party.name))
        .collect();
    format!("{} {what}", names.join(", "))
}

/// Takes part until everybody has confirmed.
///
/// # Errors
/// If a trustee is at fault, which is named; if the folder is not the one that this trustee began with; or if time is
/// up, after which the command can be started again.
pub async fn run(args: &CeremonyArgs) -> Result<Completed> {
    let (trustee, party) = args.party.trustee()?;
    let replica = Replica::new(Arc::clone(&party.manifest), Ballots::Trust);
    let mut link = Link::connect(&args.board, args.wait, replica).await?;
    let mut state = State::new(&args.state, trustee, &party);
    say(&format!("taking part as trustee {trustee} of {}", party.manifest.trustees()));
    loop {
        match next(link.election()?, &mut state, trustee, &party)? {
            Next::Post(entry, what) => {
                let posted = link.post(&entry, &[]).await;
                // A complaint of another trustee may have come first: the next look says who is at fault.
                if link.election()?.phase() == Phase::Aborted {
                    continue;
                }
                posted.with_context(|| format!("the {what} of trustee {trustee}"))?;
                say(&format!("posted the {what}"));
            }
            Next::Complain(entry, dealer) => {
                let posted = link.post(&entry, &[]).await;
                let name = party.manifest.trustee(dealer).map_or("", |p| p.name.as_str());
                // Another trustee's complaint may have come first: then the ceremony has ended, which is enough.
                if link.election()?.phase() != Phase::Aborted {
                    posted.with_context(|| format!("the complaint about trustee {dealer} ({name})"))?;
                }
                bail!(
                    "trustee {dealer} ({name}) dealt a wrong share, and a complaint on the board lets everybody see \
                     it: {}",
                    aborted(link.election()?)
                );
            }
            Next::Wait(whom) => link.pause(&whom).await?,
            Next::Complete(joint_key) => {
                say("the key ceremony is complete");
                return Ok(Completed { trustee, joint_key });
            }
        }
    }
}

fn next(election: &Election, state: &mut State<'_>, trustee: TrusteeIndex, party: &Party) -> Result<Next> {
    if election.phase() == Phase::Aborted {
        bail!("{}", aborted(election));
    }
    if election.ceremony_complete() && state.share()?.is_some() {
        return complete(election, state, trustee);
    }
    let ctx = election.ceremony();
    let posted = election.commitments().find(|m| m.trustee == trustee);
    let held = state.round1(&ctx, posted)?;
    if posted.is_none() {
        let entry = held.entry.clone().context("there are no commitments to post")?;
        return Ok(Next::Post(Box::new(entry), "commitments"));
    }
    let Some(round1) = election.round1() else {
        let committed = |t| election.commitments().any(|m| m.trustee == t);
        return Ok(Next::Wait(others(election, "to commit (round 1)", committed)));
    };
    let dealt = |t| election.shares().any(|m| m.trustee == t);
    if !dealt(trustee) {
        return Ok(Next::Post(Box::new(state.round2(&ctx, round1)?), "shares"));
    }
    if election.ceremony_digest().is_none() {
        return Ok(Next::Wait(others(election, "to deal shares (round 2)", dealt)));
    }
    if state.share()?.is_none() {
        let messages: Vec<_> = election.shares().cloned().collect();
        if let Err(error) = state.round3(&ctx, round1, &messages) {
            let Some(CeremonyError::WrongShare { dealer, .. }) = error.downcast_ref() else { return Err(error) };
            return Ok(Next::Complain(Box::new(state.complaint(round1, *dealer)?), *dealer));
        }
    }
    if election.ceremony_complete() {
        return complete(election, state, trustee);
    }
    check_share(election, state, trustee)?;
    if !election.confirmed(trustee) {
        return Ok(Next::Post(Box::new(confirmation(election, trustee, party)?), "confirmation"));
    }
    Ok(Next::Wait(others(election, "to confirm (round 3)", |t| election.confirmed(t))))
}

fn complete(election: &Election, state: &mut State<'_>, trustee: TrusteeIndex) -> Result<Next> {
    check_share(election, state, trustee)?;
    let key = election.joint_key().context("the board has no joint key")?;
    Ok(Next::Complete(key.public_key().point().compress().to_bytes()))
}

/// Checks that the stored share belongs to the joint key on the board.
fn check_share(election: &Election, state: &mut State<'_>, trustee: TrusteeIndex) -> Result<()> {
    let key = election.joint_key().context("the board has no joint key")?;
    let public = state.share()?.map(|share| share.public());
    ensure!(
        public.is_some() && public.as_ref() == key.share_key(trustee),
        "the key share in the --state folder does not belong to the joint key on the board: use the folder that this \
         trustee began the ceremony with"
    );
    Ok(())
}

fn confirmation(election: &Election, trustee: TrusteeIndex, party: &Party) -> Result<SignedEntry> {
    let (Some(ceremony), Some(key)) = (election.ceremony_digest(), election.joint_key()) else {
        bail!("the board has no joint key");
    };
    let body = Confirmation { trustee, ceremony, joint_key: *key.public_key().point() };
    Ok(EntryBody::Confirmation(body).sign(party.manifest.id(), &party.key))
}
