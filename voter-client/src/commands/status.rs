//! `voter-client status`.

use super::Progress;
use anyhow::Result;
use selge_core::ids::LeafHash;
use selge_node::client::BoardArgs;
use selge_node::keyfile::PassphraseArgs;
use selge_node::replica::read_manifest;
use selge_voter_client::check::newest_entry;
use selge_voter_client::{tracker, ElectionInfo, Voter};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Your credential.
    #[arg(long, value_name = "FILE")]
    credential: PathBuf,
    /// The election's manifest, from a source that you trust.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    board: BoardArgs,
}

pub(crate) async fn run(args: &Args) -> Result<()> {
    let (_, manifest) = read_manifest(&args.manifest)?;
    let voter = Voter::load(&args.credential, &args.passphrase.read("the credential")?)?;
    let progress = Progress::start("Reading the board's set-up");
    let mut board = args.board.connect().await?;
    let info = ElectionInfo::fetch(&mut board, manifest).await?;
    let manifest = info.manifest();
    let state = board.voter(&voter.id).await?;
    let newest = (state.newest != LeafHash::NONE).then_some(&state.newest);
    let shown = match newest {
        Some(_) => Some(newest_entry(&mut board, manifest, &state).await?),
        None => None,
    };
    drop(progress);

    println!("voter {}", voter.id);
    println!("election {}", manifest.id());
    let style = state.style.and_then(|at| manifest.document().ballot_styles.get(usize::from(at.0)));
    println!("on_roll {}", if state.style.is_some() { "yes" } else { "no" });
    println!("style {}", style.map_or("none", |style| style.id.as_str()));
    println!("newest {}", newest.map_or_else(|| "none".to_owned(), tracker));
    if newest.is_some() {
        println!("index {}", state.newest_index);
    }
    println!("cancelled {}", state.cancelled.as_deref().unwrap_or("no"));
    eprintln!(
        "This is the board's word: it cannot prove here that there is no later ballot or cancellation. Only your \
         receipt proves that a ballot is on the board (voter-client receipt check)."
    );
    match shown {
        None => Ok(()),
        Some(Ok(entry)) if entry.verify(manifest.id(), &voter.key.verifying_key()).is_ok() => {
            eprintln!("The newest ballot is proven to be on the board, and it is signed with your key.");
            Ok(())
        }
        Some(Ok(_)) => anyhow::bail!(
            "the ballot that the board calls your newest is not signed with your key: do not rely on this board, and \
             tell the election commission"
        ),
        Some(Err(problem)) => anyhow::bail!(
            "the board cannot show the ballot that it calls your newest ({problem}): tell the election commission"
        ),
    }
}
