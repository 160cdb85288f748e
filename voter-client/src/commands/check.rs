//! `voter-client receipt check`.

use super::Progress;
use anyhow::{bail, Result};
use selge_core::sign::VerifyingKey;
use selge_node::client::BoardArgs;
use selge_node::keyfile::PassphraseArgs;
use selge_node::replica::read_manifest;
use selge_voter_client::check::{complaint, offline, online, Owner, Report};
use selge_voter_client::check_record::in_record;
use selge_voter_client::files::{ballot_of, keep_complaint, read_ballot, read_receipt};
use selge_voter_client::Voter;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The receipt.
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// The signed ballot [default: the receipt's name with .ballot].
    #[arg(long, value_name = "FILE")]
    ballot: Option<PathBuf>,
    /// The election's manifest, from a source that you trust.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Your credential, to check that the ballot is signed by you.
    #[arg(long, value_name = "FILE", conflicts_with = "public_key")]
    credential: Option<PathBuf>,
    /// Your public key instead, as `enroll` printed it: needs no passphrase.
    #[arg(long, value_name = "HEX")]
    public_key: Option<VerifyingKey>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Folder of a published election record, to look for the ballot in it.
    #[arg(long, value_name = "FOLDER")]
    record: Option<PathBuf>,
    /// Where to write a complaint if something is wrong [default: the receipt's name with .complaint-1.json].
    #[arg(long, value_name = "FILE")]
    complaint: Option<PathBuf>,
    /// Address of the collector, to compare with the board as it is now; without it nothing is sent anywhere.
    #[arg(long, value_name = "URL")]
    board: Option<String>,
    /// Certificate (PEM) that the collector's must lead to; the system's trust store is not used.
    #[arg(long, value_name = "FILE", requires = "board")]
    ca: Option<PathBuf>,
    /// Allow an unencrypted `http://` address on this machine, for demonstrations.
    #[arg(long, requires = "board")]
    insecure_loopback: bool,
}

pub(crate) async fn run(args: &Args) -> Result<()> {
    let (_, manifest) = read_manifest(&args.manifest)?;
    let receipt = read_receipt(&args.receipt)?;
    let ballot_path = args.ballot.clone().unwrap_or_else(|| ballot_of(&args.receipt));
    let ballot = read_ballot(&ballot_path)?;
    let owner = match (&args.credential, args.public_key) {
        (Some(path), _) => {
            let voter = Voter::load(path, &args.passphrase.read("the credential")?)?;
            Some(Owner { id: Some(voter.id), key: voter.key.verifying_key() })
        }
        (None, key) => key.map(|key| Owner { id: None, key }),
    };
    let mut report = offline(&manifest, &receipt, &ballot, owner.as_ref());
    if let Some(folder) = &args.record {
        in_record(&mut report, folder, &manifest, &receipt, &ballot, owner.as_ref())?;
    }
    let mut unanswered = None;
    if let Some(board) = &args.board {
        let progress = Progress::start("Asking the board");
        let args = BoardArgs { board: board.clone(), ca: args.ca.clone(), insecure_loopback: args.insecure_loopback };
        let asked = async {
            let mut board = args.connect().await?;
            online(&mut report, &mut board, &manifest, &receipt, &ballot, owner.as_ref()).await
        };
        unanswered = asked.await.err();
        drop(progress);
    }
    print(&report);
    if report.wrong() {
        let Some(evidence) = complaint(&manifest, &receipt, &ballot, &report) else {
            bail!(
                "something is wrong, see above, and {} is not a receipt for {} under {}: they do not belong together, or \
                 one of them was changed. That proves nothing against anybody: look for the right files",
                args.receipt.display(),
                ballot_path.display(),
                args.manifest.display()
            );
        };
        let kept = keep_complaint(&args.receipt, args.complaint.as_deref(), &evidence.text())?;
        let (kept, manifest) = (kept.display(), args.manifest.display());
        bail!(
            "something is wrong, see above. The complaint is in {kept}: your receipt, your encrypted ballot, and what the \
             board has signed. Give it to the election commission and to observers. Anybody can check it with \
             `auditor evidence check {kept} --manifest {manifest}`{}. It shows your voter id, and not your choice",
            if evidence.proves() { "" } else { ", and --record FOLDER once the record is published" }
        );
    }
    match unanswered {
        Some(error) => Err(error.context("the files hold, but the board could not be checked")),
        None => Ok(()),
    }
}

fn print(report: &Report) {
    for finding in &report.findings {
        println!("{}: {}: {}", finding.verdict, finding.check, finding.words);
    }
}
