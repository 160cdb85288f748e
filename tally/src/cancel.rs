//! `tally cancel`: the ballots of voters who voted on paper, or lost the right to vote, do not count.

use crate::voting::VotingArgs;
use anyhow::{bail, ensure, Context, Result};
use selge_core::election::{Election, Phase};
use selge_core::entry::{Cancellation, CancellationReason, EntryBody};
use selge_core::ids::VoterId;
use selge_node::client::is_transient;
use selge_node::link::aborted;
use selge_node::progress::{say, step};
use std::path::{Path, PathBuf};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Entries handed in side by side: the board sequences many at once, and one after the other would take a batch each.
const SIDE_BY_SIDE: usize = 64;

/// Most problems of a file that are listed.
const MAX_SHOWN: usize = 50;

/// Why ballots do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Reason {
    /// The voter voted on paper, which overrides.
    PaperVote,
    /// The voter lost the right to vote.
    Ineligible,
}

impl From<Reason> for CancellationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::PaperVote => CancellationReason::PaperVote,
            Reason::Ineligible => CancellationReason::Ineligible,
        }
    }
}

/// Arguments of `tally cancel`.
#[derive(Clone, Debug, clap::Args)]
pub struct CancelArgs {
    /// Board, election, key and time to wait.
    #[command(flatten)]
    pub voting: VotingArgs,
    /// Whose ballots: a text file with one voter id a line; empty lines are skipped.
    #[arg(long, value_name = "FILE")]
    pub voters: PathBuf,
    /// Why.
    #[arg(long, value_enum)]
    pub reason: Reason,
}

/// What came of it, in the file's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cancelled {
    /// Cancelled by this command.
    pub now: Vec<VoterId>,
    /// Had been cancelled before, and why.
    pub before: Vec<(VoterId, CancellationReason)>,
}

fn list(problems: &[String]) -> String {
    let mut text = problems.iter().take(MAX_SHOWN).map(|p| format!("\n  {p}")).collect::<String>();
    if problems.len() > MAX_SHOWN {
        text.push_str(&format!("\n  and {} more", problems.len() - MAX_SHOWN));
    }
    text
}

/// Reads voter ids with their line numbers; all bad lines are named at once.
fn read_voters(path: &Path) -> Result<Vec<(usize, VoterId)>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the voters from {shown}"))?;
    let mut voters = Vec::new();
    let mut bad = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match VoterId::from_hex(line.trim()) {
            Ok(voter) => voters.push((number, voter)),
            Err(error) => bad.push(format!("line {number}: {error}, this is {:?}", line.trim())),
        }
    }
    ensure!(bad.is_empty(), "{shown} holds lines that are no voter ids; nobody has been cancelled:{}", list(&bad));
    ensure!(!voters.is_empty(), "{shown} names nobody");
    Ok(voters)
}

/// Checks that all voters are on the roll before the first one is cancelled.
fn check_roll(election: &Election, voters: &[(usize, VoterId)], path: &Path) -> Result<()> {
    let roll = election.roll().context("there is no roll on the board yet")?;
    let unknown: Vec<_> = voters
        .iter()
        .filter(|(_, voter)| roll.get(voter).is_none())
        .map(|(number, voter)| format!("line {number}: {voter}"))
        .collect();
    ensure!(
        unknown.is_empty(),
        "{} names voters who are not on the roll; nobody has been cancelled:{}",
        path.display(),
        list(&unknown)
    );
    Ok(())
}

/// Cancels the voters' ballots. Who is cancelled already stays so and is reported.
///
/// # Errors
/// If a line is no voter id, a voter is not on the roll, or voting is not open. Those that the board took before the
/// error are cancelled; the command can be started again.
pub async fn run(args: &CancelArgs) -> Result<Cancelled> {
    let mut voters = read_voters(&args.voters)?;
    let mut seen = std::collections::HashSet::new();
    voters.retain(|(_, voter)| seen.insert(*voter));
    let (party, mut link) = args.voting.link().await?;
    match link.election()?.phase() {
        Phase::Voting => {}
        Phase::Setup => bail!("voting has not been opened: cancel once it is"),
        Phase::Aborted => bail!("{}", aborted(link.election()?)),
        Phase::Counting | Phase::Finished => {
            bail!("voting has been closed: cancellations were due before, and the ballots on the board are final")
        }
    }
    check_roll(link.election()?, &voters, &args.voters)?;
    let mut done = Cancelled::default();
    for (_, voter) in &voters {
        match link.election()?.voter(voter).cancelled {
            Some(reason) => done.before.push((*voter, reason)),
            None => done.now.push(*voter),
        }
    }
    let work = (!done.now.is_empty()).then(|| step(format!("cancelling {}", voters_of(done.now.len()))));
    loop {
        let election = link.election()?;
        let pending: Vec<_> =
            done.now.iter().filter(|v| election.voter(v).cancelled.is_none()).take(SIDE_BY_SIDE).copied().collect();
        if pending.is_empty() {
            break;
        }
        let since = Instant::now();
        let mut answers = JoinSet::new();
        for voter in pending {
            let body = EntryBody::Cancellation(Cancellation { voter, reason: args.reason.into() });
            let entry = body.sign(party.manifest.id(), &party.key);
            let mut client = link.client();
            answers.spawn(async move { (voter, client.submit(&entry).await) });
        }
        let mut failed = Vec::new();
        while let Some(answer) = answers.join_next().await {
            if let (voter, Err(error)) = answer.context("a request was stopped")? {
                failed.push((voter, error));
            }
        }
        link.sync().await?;
        // A refusal does not matter to whom the board shows as cancelled, such as by a second commission member.
        failed.retain(|(voter, _)| link.election().is_ok_and(|e| e.voter(voter).cancelled.is_none()));
        let hard = failed.iter().position(|(_, error)| !is_transient(error)).unwrap_or(0);
        if !failed.is_empty() {
            let (voter, error) = failed.swap_remove(hard);
            link.retry(error.context(format!("voter {voter}")), since).await?;
        }
    }
    if let Some(work) = work {
        work.done();
    }
    say(&format!("{} cancelled, {} had been before", voters_of(done.now.len()), done.before.len()));
    Ok(done)
}

fn voters_of(n: usize) -> String {
    format!("{n} voter{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voters.txt");
        let good = "00112233445566778899aabbccddeeff";
        std::fs::write(&path, format!("{good}\n\n  {good} \r\n")).unwrap();
        assert_eq!(read_voters(&path).unwrap().iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 3]);
        std::fs::write(&path, format!("{good}\nnobody\n{good}0\n{good}\n")).unwrap();
        let error = read_voters(&path).unwrap_err().to_string();
        assert!(error.contains("line 2: ") && error.contains("line 3: ") && !error.contains("line 4"), "{error}");
        std::fs::write(&path, "zz\n".repeat(MAX_SHOWN + 3)).unwrap();
        let error = read_voters(&path).unwrap_err().to_string();
        assert!(error.contains("and 3 more") && !error.contains(&format!("line {}:", MAX_SHOWN + 1)), "{error}");
        std::fs::write(&path, "\n \n").unwrap();
        assert!(read_voters(&path).unwrap_err().to_string().contains("names nobody"));
        assert!(read_voters(&folder.path().join("none")).is_err());
    }
}
