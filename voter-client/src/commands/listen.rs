//! `voter-client check`: this machine as the voter's second device.

use super::vote::{read_choices, terminal};
use super::Progress;
use anyhow::{bail, Context, Result};
use rand::rngs::OsRng;
use selge_core::check::{voter_number, DeviceKey, Event, Heard, Listener, Mailbox, LIFETIME};
use selge_core::codec::Decode;
use selge_core::entry::SignedEntry;
use selge_core::ids::{Digest, LeafHash};
use selge_core::manifest::Manifest;
use selge_node::client::{is_transient, BoardArgs, BoardClient, VoterInfo};
use selge_node::relay::RelayClient;
use selge_node::replica::read_manifest;
use selge_voter_client::choices::{self, WrittenBallot};
use selge_voter_client::{in_groups, practise, tracker, Dialogue, ElectionInfo, OpenedBallots, Practice};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The election's manifest, from a source that you trust, and not from the device that votes.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Folder in which this device remembers, from one check to the next, which encrypted ballots it saw opened: none of
    /// them may turn up as recorded. It says nothing about a ballot that counts [default: $XDG_STATE_HOME/selge, or
    /// ~/.local/state/selge].
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// A practice check: when the check is over, show these choices instead of the ballot's own. A JSON object, as for
    /// `vote --choices-file`; `-` reads standard input.
    ///
    /// The program prints the same in every other point, and its proof for these choices has been verified like a real
    /// one. On a terminal you are asked for such choices when the check is over, without this option.
    #[arg(long, value_name = "FILE")]
    practice: Option<PathBuf>,
    #[command(flatten)]
    board: BoardArgs,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let (_, manifest) = read_manifest(&args.manifest)?;
    let state = args.state.or_else(state_folder).context(
        "there is no home folder to remember opened ballots in: say with --state FOLDER where this device shall keep them",
    )?;
    let memory = OpenedBallots::new(&state, manifest.id())?;
    let opened = memory.all()?;
    let instead = args.practice.as_deref().map(read_choices).transpose()?;
    let progress = Progress::start("Checking the board's set-up and the trustees' joint key");
    let mut board = args.board.connect().await?;
    let info = ElectionInfo::fetch(&mut board, manifest).await?;
    drop(progress);
    let mut relay = board.relay();
    let key = DeviceKey::draw(info.manifest().id(), &mut OsRng);
    let mut listener = Listener::new(info.manifest(), info.joint_key(), key);
    listener.remember(opened);
    relay.offer(listener.offer()).await?;
    let mailbox = listener.code().mailbox(info.manifest().id());
    println!("code {}", listener.code());
    eprintln!("Give this code to the device that votes. It is good for 30 minutes and for one check.");
    let until = Instant::now() + Duration::from_secs(LIFETIME);
    let mut last = None;
    let (index, leaf) = loop {
        let sealed = next(&mut relay, &mailbox, &listener, until).await?;
        match listener.take(&sealed)? {
            Event::Shown(digest) => {
                last = Some(digest);
                println!("shown {}", in_groups(&digest));
                eprintln!("A ballot is encrypted on the other device. Cast it there, or open it to see what it holds.");
            }
            Event::Opened(heard) => {
                remember(&memory, last);
                println!("opened");
                print!("{}", facts(info.manifest(), &heard));
                eprintln!(
                    "That ballot was opened and will not be cast: it held what stands above. Compare the voter number with \
                     your voter card."
                );
            }
            Event::Recorded { index, leaf } => break (index, leaf),
        }
    };
    let over = conclude(&mut board, listener, index, &leaf).await?;
    show(info, over, instead.as_ref(), until).await
}

/// Where programs keep what they have to remember, by the XDG Base Directory Specification.
fn state_folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let base = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(base.join("selge"))
}

/// Remembers an opened ballot before anybody is told of it. A full disk ends no check: this one knows the ballot anyway.
fn remember(memory: &OpenedBallots, opened: Option<Digest>) {
    if let Some(Err(error)) = opened.map(|digest| memory.remember(digest)) {
        eprintln!("Warning: this device will not know the opened ballot in a later check: {error:#}");
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

/// A check that holds.
struct Over {
    heard: Heard,
    leaf: LeafHash,
    state: VoterInfo,
    entry: SignedEntry,
    key: DeviceKey,
}

async fn conclude(board: &mut BoardClient, listener: Listener<'_>, index: u64, leaf: &LeafHash) -> Result<Over> {
    let _progress = Progress::start("Fetching the recorded ballot from the board and checking it");
    let absent =
        "the board does not show the ballot that the voting device spoke of: vote again, and tell the commission";
    let bytes = board.entries(index, index.checked_add(1).context(absent)?).await?;
    let entry = bytes.first().and_then(|bytes| SignedEntry::from_bytes(bytes).ok()).context(absent)?;
    let receipt = board.receipt(leaf).await?.context(absent)?;
    let heard = listener.conclude(&entry, &receipt)?;
    let state = board.voter(&heard.voter).await?;
    Ok(Over { heard, leaf: *leaf, state, entry, key: listener.into_key() })
}

/// Shows what was heard, or what the holder of this device wants it to show.
async fn show(info: ElectionInfo, over: Over, instead: Option<&WrittenBallot>, until: Instant) -> Result<()> {
    let Over { heard, leaf, state, entry, key } = over;
    let manifest = Arc::clone(info.manifest());
    let practice = Practice::new(info, key, entry);
    let shown = {
        let manifest = Arc::clone(&manifest);
        move |heard: &Heard| format!("recorded {}\n{}", tracker(&leaf), facts(&manifest, heard))
    };
    // The board's word alone, so nothing more than a warning.
    let warning = match state.cancelled {
        Some(reason) => {
            format!("Warning: the election commission has cancelled this voter's ballots ({reason}), says the board.\n")
        }
        None if state.newest != leaf => {
            "Warning: this is no longer the voter's newest ballot, says the board; the newest one counts.\n".to_owned()
        }
        None => String::new(),
    };
    let words = format!(
        "The ballot on the board holds what stands above. Compare the voter number with your voter card.\n{warning}Whoever \
         holds this device could have made the same proof for any choice: it shows nobody else anything.\n"
    );
    let heard = match instead {
        None => heard,
        Some(written) => {
            let choices = choices::ballot(&manifest, practice.style(), written).map_err(|problems| {
                anyhow::anyhow!("the practice check cannot be filled in like this\n  {}", problems.join("\n  "))
            })?;
            practice.show(&choices)?
        }
    };
    if instead.is_some() || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        print!("{}", shown(&heard));
        eprint!("{words}");
        return Ok(());
    }
    // The window is emptied first, before a real check as before one that is made up.
    let (input, output) = terminal()?;
    let practice = Arc::new(Mutex::new(Some(practice)));
    let own = Arc::clone(&practice);
    let (done, ended) = tokio::sync::oneshot::channel();
    // A thread of its own, which nobody waits for when the time is over: reading from a terminal cannot be called off.
    std::thread::spawn(move || {
        let window = |heard: &Heard| shown(heard) + &words;
        let _ = done.send(practise(&own, &heard, window, &mut Dialogue::new(input, output)));
    });
    if let Ok(ended) = tokio::time::timeout_at(until.into(), ended).await {
        return ended.context("the window was closed")?;
    }
    practice.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    eprintln!("\nThe half hour of this code is over: the key that made up other checks is forgotten.");
    Ok(())
}

fn facts(manifest: &Manifest, heard: &Heard) -> String {
    let mut text = format!("voter {}\n", voter_number(&heard.voter));
    for (index, choice) in &heard.choices {
        if let Some(contest) = manifest.contest(*index) {
            text.push_str(&contest.title);
            text.push('\n');
            text.push_str(&choices::describe(contest, choice));
        }
    }
    text
}
