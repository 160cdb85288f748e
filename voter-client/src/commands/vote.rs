//! `voter-client vote`.

use super::Progress;
use anyhow::{bail, ensure, Context, Result};
use rand::rngs::OsRng;
use selge_core::check::{Code, Message};
use selge_core::entry::SignedEntry;
use selge_core::ids::{LeafHash, StyleIndex};
use selge_core::manifest::Manifest;
use selge_core::rules::Choice;
use selge_node::client::{BoardArgs, BoardClient, VoterInfo};
use selge_node::keyfile::PassphraseArgs;
use selge_node::replica::read_manifest;
use selge_voter_client::check::witnesses;
use selge_voter_client::choices::{self, WrittenBallot, WrittenChoice};
use selge_voter_client::files::{
    ballot_of, keep_evidence, read_ballot, read_receipt, receipt_of, save_ballot, save_receipt,
};
use selge_voter_client::{
    ask, cast_with, draft, finish, tracker, CastError, Device, Dialogue, ElectionInfo, Patience, VerifiedReceipt, Voter,
};
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// Longest file of choices that is read.
const MAX_CHOICES: u64 = 1 << 20;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Your credential.
    #[arg(long, value_name = "FILE", required_unless_present = "resend")]
    credential: Option<PathBuf>,
    /// The election's manifest, from a source that you trust: all checks rest on it.
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Where to store the receipt; the signed ballot goes beside it as FILE.ballot before it is sent. Neither holds your
    /// choices in clear. Existing files are not overwritten.
    #[arg(long, value_name = "FILE", required_unless_present = "resend")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    choices: ChoiceArgs,
    /// Ballot style that you should have, as the registrar told you; without it the board's word is taken, which
    /// auditors compare with the roll.
    #[arg(long, value_name = "ID")]
    style: Option<String>,
    /// Do not ask for confirmation on the terminal (given choices only; without a terminal nothing is asked).
    #[arg(long)]
    yes: bool,
    /// Send this signed ballot again, after a crash or a lost connection. If the board has it already, it gives the
    /// same place; the receipt goes to the file's name without .ballot, or to --receipt.
    #[arg(long, value_name = "FILE.ballot", conflicts_with_all = ["credential", "choice", "choices_file", "style"])]
    resend: Option<PathBuf>,
    /// Code of a second device (`voter-client check`, or the check page): after casting, that device, and it alone, is shown
    /// what the recorded ballot holds.
    #[arg(long, value_name = "CODE", conflicts_with = "resend")]
    check_code: Option<Code>,
    /// Seconds to go on trying when the board is busy or does not answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 180)]
    patience: u64,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    board: BoardArgs,
}

/// Choices that are not asked for on the terminal.
#[derive(clap::Args)]
pub(super) struct ChoiceArgs {
    /// A choice: the contest's id, `=`, and `blank`, one candidate, a set `a,b`, a ranking `best>next`, or scores
    /// `5,0,3` in the list's order. A candidate is its id, or #N for the N-th of the list (from 1); a bare number is
    /// always an id. Give it once for each contest.
    ///
    /// Other users of this machine can see a program's arguments while it runs, and shells keep them in their history:
    /// prefer the terminal's questions or --choices-file.
    #[arg(long, value_name = "CONTEST=CHOICE")]
    choice: Vec<String>,
    /// Choices as a JSON object, such as {"mayor": "101", "council": "a,b"}; `-` reads standard input. Delete the file
    /// afterwards: it is your vote in clear.
    #[arg(long, value_name = "FILE", conflicts_with = "choice")]
    choices_file: Option<PathBuf>,
}

pub(crate) async fn run(mut args: Args) -> Result<()> {
    if let Some(ballot) = &args.resend {
        return resend(&args, ballot).await;
    }
    let written = written_choices(&mut args.choices)?;
    let (Some(credential), Some(receipt_path)) = (&args.credential, &args.receipt) else {
        bail!("--credential and --receipt are required");
    };
    let ballot_path = ballot_of(receipt_path);
    ensure!(
        !ballot_path.exists(),
        "{} exists: it is an earlier ballot. If it got no receipt, send it again with: vote --resend {}; for a new \
         ballot choose another name with --receipt",
        ballot_path.display(),
        ballot_path.display()
    );
    ensure!(!receipt_path.exists(), "{} exists: choose another name with --receipt", receipt_path.display());
    let (_, manifest) = read_manifest(&args.manifest)?;
    let voter = Voter::load(credential, &args.passphrase.read("the credential")?)?;

    let progress = Progress::start("Checking the board's set-up and the trustees' joint key");
    let mut board = args.board.connect().await?;
    let info = ElectionInfo::fetch(&mut board, manifest).await?;
    let state = board.voter(&voter.id).await?;
    drop(progress);
    let style = may_vote(&info, &state, args.style.as_deref())?;
    if state.newest != LeafHash::NONE {
        eprintln!("This will replace your ballot with tracker {}.", tracker(&state.newest));
    }

    // Before anything is cast: a mistyped code is found while it can still be corrected.
    let mut device = match &args.check_code {
        Some(code) => Some(Device::find(board.relay(), code, info.manifest().id()).await?),
        None => None,
    };
    let choices = choose(info.manifest(), style, written, args.yes, Deed::Cast)?;
    let progress = Progress::start("Encrypting and proving");
    let draft = draft(&info, &voter, style, &choices, &mut OsRng)?;
    drop(choices);
    if let Some(device) = &mut device {
        device.tell(&Message::Shown(draft.digest())).await?;
    }
    let (ballot, opening) = finish(&info, &voter, draft, state.newest, &mut OsRng)?;
    drop(progress);
    // First to disk: whatever happens from here on, the same ballot can be sent again.
    save_ballot(&ballot_path, &ballot)?;
    let receipt = hand_in(&args, &mut board, info.manifest(), &ballot, &ballot_path, receipt_path).await?;
    if let Some(device) = &mut device {
        device.vouch(info.manifest(), info.joint_key(), &ballot, receipt.receipt().index, &opening).await.context(
            "the ballot is on the board, but the other device could not be told; vote again to check once more",
        )?;
        eprintln!("The other device has been told: look there, and compare the voter number with your voter card.");
    }
    Ok(())
}

async fn resend(args: &Args, ballot_path: &Path) -> Result<()> {
    let (_, manifest) = read_manifest(&args.manifest)?;
    let ballot = read_ballot(ballot_path)?;
    let receipt_path = match &args.receipt {
        Some(path) => path.clone(),
        None => {
            receipt_of(ballot_path).context("the file's name does not end in .ballot: say where to store --receipt")?
        }
    };
    if receipt_path.exists() {
        let old = read_receipt(&receipt_path)?;
        let old = VerifiedReceipt::verify(old, ballot.leaf_hash(), &manifest).with_context(|| {
            format!("{} exists and is for another ballot: choose another name with --receipt", receipt_path.display())
        })?;
        eprintln!("{} proves already that this ballot is on the board; nothing was sent.", receipt_path.display());
        print(&old, &receipt_path);
        return Ok(());
    }
    let mut board = args.board.connect().await?;
    hand_in(args, &mut board, &manifest, &ballot, ballot_path, &receipt_path).await.map(|_| ())
}

async fn hand_in(
    args: &Args,
    board: &mut BoardClient,
    manifest: &Manifest,
    ballot: &SignedEntry,
    ballot_path: &Path,
    receipt_path: &Path,
) -> Result<VerifiedReceipt> {
    let progress = Progress::start("Handing in the ballot");
    let patience = Patience { total: Duration::from_secs(args.patience), ..Patience::default() };
    let result = cast_with(board, manifest, ballot, &patience, |why, pause| {
        progress.note(&format!("{why:#}; next attempt in {:.1} s", pause.as_secs_f32()));
    })
    .await;
    drop(progress);
    let again = format!("send the same ballot again with: vote --resend {}", ballot_path.display());
    match result {
        Ok(receipt) => {
            save_receipt(receipt_path, receipt.receipt())
                .with_context(|| format!("the ballot is on the board, but its receipt is not stored; {again}"))?;
            print(&receipt, receipt_path);
            if let Some(seen) = witnesses(manifest, &receipt.receipt().checkpoint, receipt.checkpoint()) {
                eprintln!(
                    "Witnesses, at this moment: {seen}. A receipt does not wait for them: `voter-client receipt check` with \
                     --board shows later whether they have seen your ballot on the board."
                );
            }
            eprintln!(
                "Your ballot is on the board. Keep {} and {}: together they prove it. Whoever knows the tracker can find \
                 the encrypted ballot, which does not show your choices.",
                receipt_path.display(),
                ballot_path.display()
            );
            Ok(receipt)
        }
        Err(CastError::FalseReceipt { receipt, reason }) => {
            let text = receipt.map_or_else(|| "the board's answer was not a receipt\n".to_owned(), |r| r.text());
            let kept = keep_evidence(receipt_path, &format!("{reason}\n\n{text}"))?;
            bail!(
                "the board's receipt is false: {reason}. Your ballot does not count as handed in. Keep {} and {} as \
                 evidence against the collector and tell the election commission; then {again}",
                kept.display(),
                ballot_path.display()
            )
        }
        Err(error @ CastError::Unanswered { .. }) => Err(error).with_context(|| again),
        Err(error) => {
            let kept = set_aside(args, ballot_path);
            Err(error).with_context(|| format!("the ballot, kept in {}, was not taken", kept.display()))
        }
    }
}

/// Gives a refused ballot another name, so that the voter can vote again under the same one and still complain.
fn set_aside(args: &Args, ballot_path: &Path) -> PathBuf {
    if args.resend.is_none() {
        for number in 1..=999u16 {
            let mut name = ballot_path.as_os_str().to_owned();
            name.push(format!(".refused-{number}"));
            let path = PathBuf::from(name);
            if !path.exists() && std::fs::rename(ballot_path, &path).is_ok() {
                return path;
            }
        }
    }
    ballot_path.to_owned()
}

fn print(receipt: &VerifiedReceipt, path: &Path) {
    println!("tracker {}", receipt.tracker());
    println!("index {}", receipt.receipt().index);
    println!("receipt {}", path.display());
}

/// The voter's ballot style, if the board says that the voter may vote now.
pub(super) fn may_vote(info: &ElectionInfo, state: &VoterInfo, expected: Option<&str>) -> Result<StyleIndex> {
    ensure!(info.voting(), "voting has ended: the board takes no more ballots");
    if let Some(reason) = &state.cancelled {
        bail!(
            "the election commission has cancelled your ballots ({reason}), says the board: no ballot is taken; if that \
             is wrong, tell the election commission"
        );
    }
    let Some(style) = state.style else {
        bail!("you are not on the roll, says the board: is this the right credential for this election?");
    };
    let name = info.manifest().document().ballot_styles.get(usize::from(style.0)).map(|style| style.id.as_str());
    let name = name.with_context(|| format!("the board gives you ballot style {style}, which does not exist"))?;
    if let Some(expected) = expected.filter(|expected| *expected != name) {
        bail!("the board gives you ballot style {name:?}, you expect {expected:?}: tell the election commission");
    }
    Ok(style)
}

/// A file of choices, `-` for standard input.
pub(super) fn read_choices(path: &Path) -> Result<WrittenBallot> {
    let mut text = Zeroizing::new(String::new());
    let mut read = |from: &mut dyn Read| from.take(MAX_CHOICES + 1).read_to_string(&mut text);
    if path.as_os_str() == "-" {
        read(&mut std::io::stdin())
    } else {
        File::open(path).and_then(|mut file| read(&mut file))
    }
    .with_context(|| format!("cannot read the choices {}", path.display()))?;
    ensure!(text.len() as u64 <= MAX_CHOICES, "{} is too long for a file of choices", path.display());
    serde_json::from_str(&text).with_context(|| format!("{} is not usable", path.display()))
}

/// The choices that were written on the command line, in a file or on standard input.
pub(super) fn written_choices(args: &mut ChoiceArgs) -> Result<Option<WrittenBallot>> {
    if let Some(path) = &args.choices_file {
        return read_choices(path).map(Some);
    }
    if args.choice.is_empty() {
        ensure!(
            std::io::stdin().is_terminal(),
            "there is no terminal to ask for your choices: use --choices-file FILE (or - for standard input)"
        );
        return Ok(None);
    }
    let written = args.choice.iter().map(|text| {
        WrittenChoice::parse(text).context("a --choice is CONTEST=CHOICE, such as --choice mayor=101; one has no `=`")
    });
    let written = written.collect::<Result<_>>();
    args.choice.zeroize();
    Ok(Some(WrittenBallot(written?)))
}

/// What is typed on the terminal, and what is shown there, whatever the program's own input and output are.
pub(super) fn terminal() -> Result<(File, File)> {
    let open = |options: &mut OpenOptions| options.open("/dev/tty").context("cannot open the terminal");
    Ok((open(OpenOptions::new().read(true))?, open(OpenOptions::new().write(true))?))
}

/// What is done with a ballot once it is encrypted: what the voter is asked to confirm.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Cast,
    Open,
}

/// The choices, confirmed on the terminal if there is one.
pub(super) fn choose(
    manifest: &Manifest,
    style: StyleIndex,
    written: Option<WrittenBallot>,
    yes: bool,
    deed: Deed,
) -> Result<Vec<Choice>> {
    let given = match written {
        Some(written) => Some(choices::ballot(manifest, style, &written).map_err(|problems| {
            anyhow::anyhow!(
                "the ballot cannot be filled in like this; nothing was handed in\n  {}",
                problems.join("\n  ")
            )
        })?),
        None => None,
    };
    match given {
        Some(choices) if yes || !std::io::stdin().is_terminal() => Ok(choices),
        given => {
            let (input, output) = terminal()?;
            let dialogue = Dialogue::new(input, output);
            let mut dialogue = match deed {
                Deed::Cast => dialogue,
                Deed::Open => dialogue.for_challenge(),
            };
            ask(manifest, style, given, &mut dialogue)?.context("you did not confirm: nothing was handed in")
        }
    }
}
