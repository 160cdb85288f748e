//! `voter-client challenge`: encrypt a ballot, and open it instead of casting it.

use super::vote::{choose, may_vote, written_choices, ChoiceArgs, Deed};
use super::Progress;
use anyhow::Result;
use rand::rngs::OsRng;
use selge_core::check::{Code, Message};
use selge_node::client::BoardArgs;
use selge_node::keyfile::PassphraseArgs;
use selge_node::replica::read_manifest;
use selge_voter_client::{draft, in_groups, Device, ElectionInfo, Voter};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Your credential.
    #[arg(long, value_name = "FILE")]
    credential: PathBuf,
    /// The election's manifest, from a source that you trust: all checks rest on it.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Code of a second device (`voter-client check`, or the check page), which is shown what the ballot held.
    #[arg(long, value_name = "CODE")]
    check_code: Code,
    #[command(flatten)]
    choices: ChoiceArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    board: BoardArgs,
}

pub(crate) async fn run(mut args: Args) -> Result<()> {
    let written = written_choices(&mut args.choices)?;
    let (_, manifest) = read_manifest(&args.manifest)?;
    let voter = Voter::load(&args.credential, &args.passphrase.read("the credential")?)?;
    let progress = Progress::start("Checking the board's set-up and the trustees' joint key");
    let mut board = args.board.connect().await?;
    let info = ElectionInfo::fetch(&mut board, manifest).await?;
    let state = board.voter(&voter.id).await?;
    let style = may_vote(&info, &state, None)?;
    let mut device = Device::find(board.relay(), &args.check_code, info.manifest().id()).await?;
    drop(progress);
    // Nothing is handed in, so nothing is asked.
    let choices = choose(info.manifest(), style, written, true, Deed::Open)?;
    let draft = draft(&info, &voter, style, &choices, &mut OsRng)?;
    let digest = draft.digest();
    device.tell(&Message::Shown(digest)).await?;
    println!("shown {}", in_groups(&digest));
    device.tell(&Message::Opened(draft.open())).await?;
    eprintln!(
        "The other device has been shown the encrypted ballot first and what it held then. It was not cast and never will be: \
         vote with `voter-client vote`."
    );
    Ok(())
}
