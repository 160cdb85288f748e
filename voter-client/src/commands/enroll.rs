//! `voter-client enroll`.

use anyhow::{ensure, Result};
use rand::rngs::OsRng;
use selge_node::keyfile::PassphraseArgs;
use selge_voter_client::Voter;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to store the credential; an existing file is never overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let shown = args.out.display();
    // Before the passphrase is asked for twice.
    ensure!(!args.out.exists(), "{shown} exists already: choose another name, a credential is never overwritten");
    let passphrase = args.passphrase.create("the new credential")?;
    let voter = Voter::generate(&mut OsRng);
    voter.save(&args.out, &passphrase)?;
    println!("{}", voter.registration());
    eprintln!(
        "Your credential is in {shown}. Keep the file and its passphrase: nobody can make them again, and whoever has \
         both can vote in your name.\n\
         Give the registrar the line above (voter_id,public_key), in the way that proves to the registrar who you are. \
         It is not secret. You can vote once the registrar has put it on the roll."
    );
    Ok(())
}
