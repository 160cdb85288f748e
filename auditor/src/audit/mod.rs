//! The audit, room by room: the log, its entries, the ceremony, the ballots, every contest, the result, the files.

mod blame;
mod board;
mod ceremony;
mod contests;
mod difference;
mod files;
mod log;
mod names;
mod numbers;
mod result;
mod signers;
mod witnesses;

use crate::checks::{
    ALL, CLOSING, COMPLETE, DECRYPTIONS, ELECTION_ID, MIXES, OPENING, PLAIN, RESULT, ROLL, VOTES, WITNESSED,
};
use crate::ledger::{Ledger, Watcher};
use crate::report::{Asked, Report, TallyTitle, FORMAT};
use crate::scope::Scope;
use crate::source::{Listing, RecordSource};
use crate::work::{Here, Workers};
use board::Board;
use files::Files;
use selge_core::election::{Election, Phase};
use selge_core::ids::ElectionId;
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// What every room needs.
struct Audit<'a> {
    source: &'a dyn RecordSource,
    scope: &'a Scope,
    ledger: Ledger<'a>,
    workers: &'a dyn Workers,
    files: Files,
    /// The manifest's bytes.
    document: Arc<Vec<u8>>,
    /// Whether the manifest demands cosignatures.
    witnessed: bool,
    /// Who has cosigned the checkpoint, if those are too few.
    too_few: Option<String>,
}

/// Verifies a record. `election` is the id that the commission published elsewhere: a record cannot vouch for being
/// the right one.
///
/// The answer is always a report; whatever is wrong with the record is in it.
pub fn verify(source: &dyn RecordSource, election: Option<ElectionId>, watcher: &dyn Watcher) -> Report {
    verify_part(source, election, &Scope::all(), watcher)
}

/// Verifies a part of a record. What is not asked for is reported as skipped, and then the verdict is never
/// [`crate::Verdict::Passed`], nor is a result shown. Of a contest that the manifest does not have nothing is checked.
pub fn verify_part(
    source: &dyn RecordSource,
    election: Option<ElectionId>,
    scope: &Scope,
    watcher: &dyn Watcher,
) -> Report {
    let mut audit = std::pin::pin!(verify_with(source, election, scope, watcher, &Here));
    loop {
        // Tasks are done where they are begun, so nothing is ever waited for.
        if let Poll::Ready(report) = audit.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return report;
        }
    }
}

/// As [`verify_part`], with somebody else to check the proofs.
///
/// Whoever polls sees to it that the workers' answers come in between; no waker is called.
pub async fn verify_with(
    source: &dyn RecordSource,
    election: Option<ElectionId>,
    scope: &Scope,
    watcher: &dyn Watcher,
    workers: &dyn Workers,
) -> Report {
    let (ledger, files, document) = (Ledger::new(watcher), Files::default(), Arc::default());
    // Until the manifest says otherwise, what it may demand has not been checked.
    let mut audit = Audit { source, scope, ledger, workers, files, document, witnessed: true, too_few: None };
    let mut report = Report {
        format: FORMAT.to_owned(),
        verdict: crate::report::Verdict::Incomplete,
        election: None,
        election_given: election.is_some(),
        asked: (!scope.is_all()).then(|| Asked {
            parts: scope.parts().map(|part| part.name().to_owned()).collect(),
            contests: scope.contests().map(str::to_owned).collect(),
        }),
        title: None,
        phase: None,
        entries: None,
        root: None,
        witnesses: None,
        voters: None,
        ballots: None,
        checks: Vec::new(),
        notes: Vec::new(),
        result: None,
        tallies: Vec::new(),
        contests: Vec::new(),
        signers: Vec::new(),
        manifest: None,
        seconds: 0.0,
    };
    audit.run(election, &mut report).await;
    audit.leave_out(&mut report);
    report.seconds = audit.ledger.elapsed();
    let id = election.is_none().then_some(ELECTION_ID);
    let witnesses = (!audit.witnessed).then_some(WITNESSED);
    let left_out: Vec<_> = id.into_iter().chain(witnesses).collect();
    (report.verdict, report.checks) = audit.ledger.close(&left_out);
    report
}

impl Audit<'_> {
    async fn run(&mut self, election: Option<ElectionId>, report: &mut Report) {
        let listing = match self.source.list() {
            Ok(listing) => listing,
            Err(error) => {
                self.ledger.lack(PLAIN, format!("the record cannot be listed: {error}"));
                return;
            }
        };
        self.plain(&listing);
        let Some(manifest) = self.manifest(&listing, election) else { return };
        report.election = Some(manifest.id().to_string());
        report.title = Some(manifest.document().title.clone());
        report.manifest = Some(manifest.document().clone());
        report.tallies = manifest
            .tallies()
            .map(|(rule, _)| TallyTitle { tally: rule.id.clone(), title: rule.title.clone() })
            .collect();
        self.witnessed = manifest.witnesses().quorum() > 0;
        if let Some(problem) = self.unknown_contests(&manifest) {
            report.notes.push(problem);
            return;
        }
        let Some((note, checkpoint)) = self.checkpoint(&manifest) else { return };
        self.witnesses(&manifest, &note, &checkpoint, report);
        report.entries = Some(checkpoint.size);
        report.root = Some(hex(&checkpoint.root));
        let mut board = Board::new(manifest);
        self.entries(&mut board, &checkpoint).await;
        self.root_and_tiles(&board, &checkpoint);
        if let Some(state) = board.election.take() {
            self.state(&board, &state, report).await;
        }
        self.judge_witnesses(&board.manifest, report.phase == Some(Phase::Finished.to_string()));
        self.listed(&board, &checkpoint, &listing);
    }

    /// What is wrong with the contests that were asked for.
    fn unknown_contests(&self, manifest: &Manifest) -> Option<String> {
        let own: Vec<&str> = manifest.contests().map(|(_, contest)| contest.id.as_str()).collect();
        let unknown: Vec<&str> = self.scope.contests().filter(|id| !own.contains(id)).collect();
        (!unknown.is_empty())
            .then(|| format!("there is no contest {:?}: the manifest has {}", unknown.join(", "), own.join(", ")))
    }

    /// Notes every check that was not asked for, and who rests on it. With anything left out no result is proven.
    fn leave_out(&mut self, report: &mut Report) {
        for check in ALL {
            if !self.scope.wants(*check) {
                self.ledger.skip(*check, "not done: it was not asked for");
                continue;
            }
            self.ledger.trust(*check, &self.scope.on_trust(*check));
        }
        if let Some(manifest) = &report.manifest {
            let withheld = |id: &str| report.contests.iter().any(|c| c.withheld && c.contest == id);
            let ids = manifest.contests.iter().map(|contest| contest.id.as_str());
            let left_out: Vec<&str> = ids.filter(|id| !self.scope.wants_contest(id) && !withheld(id)).collect();
            if !left_out.is_empty() {
                let why = format!("not done for {}: not asked for", left_out.join(", "));
                [MIXES, DECRYPTIONS, VOTES, RESULT].iter().filter(|check| self.scope.wants(**check)).for_each(
                    |check| {
                        self.ledger.skip(*check, &*why);
                    },
                );
            }
        }
        if self.ledger.skipped() {
            report.result = None;
        }
    }

    /// Everything that follows from the entries.
    async fn state(&mut self, board: &Board, state: &Election, report: &mut Report) {
        report.phase = Some(state.phase().to_string());
        report.voters = state.roll().map(|roll| roll.len() as u64);
        report.ballots = Some(board.recount.numbers());
        self.ceremony(board, state);
        self.once(board, state);
        let published = self.published(board, state);
        self.numbers(board, state, published.as_deref());
        let votes = self.contests(board, state, published.as_deref(), report).await;
        if let Some(published) = published {
            report.result = self.result(state, published, &votes, report);
        }
        report.signers = signers::of(board, state, report.witnesses.as_ref());
    }

    /// Roll, opening and closing: there is one of each, and the state took it in only after checking it.
    fn once(&mut self, board: &Board, state: &Election) {
        let aborted = if state.phase() == Phase::Aborted { ", and never will be: the key ceremony failed" } else { "" };
        let closed_right = state.closing().is_some_and(|closing| {
            Some(closing.size) == board.closing_at && board.tree.root_at(closing.size).ok() == Some(closing.root)
        });
        for (check, there, what, missing) in [
            (ROLL, state.roll().is_some(), "roll", "the roll is not on the board"),
            (OPENING, state.opening().is_some(), "opening", "voting has not been opened"),
            (CLOSING, closed_right, "closing", "voting has not been closed"),
        ] {
            self.ledger.count(check, what, u64::from(there), 1);
            if there {
                self.ledger.end(check);
            } else {
                self.ledger.lack(check, format!("{missing}{aborted}"));
            }
        }
    }

    /// Everything in the record is a plain file.
    fn plain(&mut self, listing: &Listing) {
        let files = listing.files.len() as u64;
        self.ledger.count(PLAIN, "files", files, files + listing.odd.len() as u64);
        for (path, what) in &listing.odd {
            self.ledger.fail(
                PLAIN,
                blame::copier(path),
                format!("{what}: a record holds plain files alone, remove it"),
            );
        }
        if files == 0 {
            self.ledger.lack(COMPLETE, "there is no file at all: is this the folder of an election record?");
        } else {
            self.ledger.end(PLAIN);
        }
    }

    /// The checkpoint with its note, if it is the collector's.
    fn checkpoint(&mut self, manifest: &Arc<Manifest>) -> Option<(String, Checkpoint)> {
        let from = self.ledger.now();
        let checkpoint = self.open_checkpoint(manifest);
        self.ledger.took(crate::checks::CHECKPOINT, from);
        checkpoint
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
