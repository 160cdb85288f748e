//! `voter-client check`: this machine as the voter's second device.

use super::Progress;
use anyhow::{bail, Context, Result};
use rand::rngs::OsRng;
use selge_core::check::{voter_number, DeviceKey, Event, Heard, Listener, Mailbox, LIFETIME};
use selge_core::codec::Decode;
use selge_core::entry::SignedEntry;
use selge_core::ids::LeafHash;
use selge_core::manifest::Manifest;
use selge_node::client::{is_transient, BoardArgs, BoardClient};
use selge_node::relay::RelayClient;
use selge_node::replica::read_manifest;
use selge_voter_client::{choices, in_groups, tracker, ElectionInfo};
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The election's manifest, from a source that you trust, and not from the device that votes.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    #[command(flatten)]
    board: BoardArgs,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let (_, manifest) = read_manifest(&args.manifest)?;
    let progress = Progress::start("Checking the board's set-up and the trustees' joint key");
    let mut board = args.board.connect().await?;
    let info = ElectionInfo::fetch(&mut board, manifest).await?;
    drop(progress);
    let mut relay = board.relay();
    let key = DeviceKey::draw(info.manifest().id(), &mut OsRng);
    let mut listener = Listener::new(info.manifest(), info.joint_key(), key);
    relay.offer(listener.offer()).await?;
    let mailbox = listener.code().mailbox(info.manifest().id());
    println!("code {}", listener.code());
    eprintln!("Give this code to the device that votes. It is good for 30 minutes and for one check.");
    let until = Instant::now() + Duration::from_secs(LIFETIME);
    loop {
        let sealed = next(&mut relay, &mailbox, &listener, until).await?;
        match listener.take(&sealed)? {
            Event::Shown(digest) => {
                println!("shown {}", in_groups(&digest));
                eprintln!("A ballot is encrypted on the other device. Cast it there, or open it to see what it holds.");
            }
            Event::Opened(heard) => {
                println!("opened");
                print(info.manifest(), &heard);
                eprintln!(
                    "That ballot was opened and will not be cast: it held what stands above. Compare the voter number with \
                     your voter card."
                );
            }
            Event::Recorded { index, leaf } => return conclude(&mut board, &info, &listener, index, &leaf).await,
        }
    }
}

/// The message at the listener's place, however often the connection is lost on the way.
async fn next(relay: &mut RelayClient, mailbox: &Mailbox, listener: &Listener<'_>, until: Instant) -> Result<Vec<u8>> {
    while Instant::now() < until {
        match relay.take(mailbox, listener.place()).await {
            Ok(Some(message)) => return Ok(message),
            Ok(None) => {}
            Err(error) if is_transient(&error) => tokio::time::sleep(Duration::from_secs(1)).await,
            Err(error) => return Err(error),
        }
    }
    bail!("no ballot was checked within 30 minutes: the code is no longer good; start again for a new one")
}

async fn conclude(
    board: &mut BoardClient,
    info: &ElectionInfo,
    listener: &Listener<'_>,
    index: u64,
    leaf: &LeafHash,
) -> Result<()> {
    let progress = Progress::start("Fetching the recorded ballot from the board and checking it");
    let absent =
        "the board does not show the ballot that the voting device spoke of: vote again, and tell the commission";
    let bytes = board.entries(index, index.checked_add(1).context(absent)?).await?;
    let entry = bytes.first().and_then(|bytes| SignedEntry::from_bytes(bytes).ok()).context(absent)?;
    let receipt = board.receipt(leaf).await?.context(absent)?;
    let heard = listener.conclude(&entry, &receipt)?;
    let state = board.voter(&heard.voter).await?;
    drop(progress);
    println!("recorded {}", tracker(leaf));
    print(info.manifest(), &heard);
    eprintln!("The ballot on the board holds what stands above. Compare the voter number with your voter card.");
    // The board's word alone, so nothing more than a warning.
    if let Some(reason) = state.cancelled {
        eprintln!("Warning: the election commission has cancelled this voter's ballots ({reason}), says the board.");
    } else if state.newest != *leaf {
        eprintln!("Warning: this is no longer the voter's newest ballot, says the board; the newest one counts.");
    }
    eprintln!(
        "Whoever holds this device could have made the same proof for any choice: it shows nobody else anything."
    );
    Ok(())
}

fn print(manifest: &Manifest, heard: &Heard) {
    println!("voter {}", voter_number(&heard.voter));
    for (index, choice) in &heard.choices {
        if let Some(contest) = manifest.contest(*index) {
            println!("{}", contest.title);
            print!("{}", *choices::describe(contest, choice));
        }
    }
}
