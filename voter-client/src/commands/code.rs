//! `voter-client code`.

use anyhow::{ensure, Result};
use selge_node::keyfile::PassphraseArgs;
use selge_node::replica::read_manifest;
use selge_voter_client::Voter;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Your credential.
    #[arg(long, value_name = "FILE")]
    credential: PathBuf,
    /// Print a link to the voting page at this address instead of the bare code, such as `https://board.example.org:4433`.
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// The election's manifest: the link then names the election, and the page refuses another.
    #[arg(long, value_name = "FILE", requires = "link")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if let Some(link) = &args.link {
        let (shown, secure) = (link, link.starts_with("https://"));
        let loopback =
            ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"].iter().any(|own| link.starts_with(own));
        ensure!(secure || loopback, "{shown} is not an https address: a code must not travel without encryption");
        ensure!(!link.contains('#'), "{shown} has a # already: give the address of the page alone");
    }
    let voter = Voter::load(&args.credential, &args.passphrase.read("the credential")?)?;
    let code = voter.code();
    match &args.link {
        None => println!("{}", *code),
        Some(link) => {
            let election = match &args.manifest {
                Some(path) => format!("&election={}", read_manifest(path)?.1.id()),
                None => String::new(),
            };
            println!("{}/#credential={}{election}", link.trim_end_matches('/'), *code);
        }
    }
    eprintln!(
        "This is your credential, not encrypted: whoever has it can vote in your name. Paste it into the voting page, or \
         show the link as a QR code (`qrencode -t ansiutf8`) to the device that you vote with, and keep it nowhere else."
    );
    Ok(())
}
