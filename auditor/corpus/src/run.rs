//! Audits manipulated records and compares with what must come out.

use crate::accused::Accused;
use crate::board::stages::DONE;
use crate::board::Keys;
use crate::manipulation::{Attacker, Expected, Manipulation};
use crate::{all, Record};
use rayon::prelude::*;
use selge_auditor::checks::{Check, ALL};
use selge_auditor::{render, verify, Report, Silent, Status, Verdict};
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::note::Checkpoint;
use selge_core::record::{read_bundle, TileRef, CHECKPOINT};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Records of another election, whose keys vouch for nothing that was asked for: only whoever hands them out can be named.
const NOBODYS: [&str; 2] = ["manifest-exchanged-under-the-board", "whole-election-made-up"];

/// What tells a reader that it need not be whoever stands first.
const OPEN: [&str; 2] = ["the record does not tell which", "whoever made this copy"];

/// What came of one manipulation.
#[derive(Debug)]
pub struct Outcome {
    /// Which.
    pub manipulation: Manipulation,
    /// The record.
    pub record: Record,
    /// The audit, for the id of the corpus's election.
    pub report: Report,
    /// What is not as it must be; empty if all is well.
    pub problems: Vec<String>,
}

/// Makes and audits all manipulations, on all cores.
pub fn run() -> Vec<Outcome> {
    made();
    all().into_par_iter().map(one).collect()
}

/// Makes and audits the manipulations of these names.
///
/// # Errors
/// The first name that no manipulation has.
pub fn run_only(names: &[String]) -> Result<Vec<Outcome>, String> {
    let all = all();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|m| m.name != name.as_str())) {
        return Err(unknown.clone());
    }
    made();
    Ok(all.into_par_iter().filter(|m| names.iter().any(|name| name == m.name)).map(one).collect())
}

/// Makes the board that all start from before any thread of the pool waits for it: making it needs the pool.
fn made() {
    LazyLock::force(&DONE);
}

fn one(manipulation: Manipulation) -> Outcome {
    let record = (manipulation.make)();
    let report = verify(&record, Some(*DONE.manifest.id()), &Silent);
    let mut problems = judge(&manipulation, &report);
    problems.extend(unheld(&manipulation, &record));
    problems.extend(misjudged(&manipulation, &report));
    if !problems.is_empty() {
        problems.push(render(&report));
    }
    Outcome { manipulation, record, report, problems }
}

fn with_status(report: &Report, status: Status) -> Vec<&str> {
    report.checks.iter().filter(|c| c.status == status).map(|c| c.id.as_str()).collect()
}

/// Whether the audit ends as it must.
fn judge(manipulation: &Manipulation, report: &Report) -> Vec<String> {
    let mut problems = Vec::new();
    let (id, culprit) = (manipulation.check.id, manipulation.culprit.text());
    let found = report.check(id);
    let named: Vec<&str> = match manipulation.expected {
        Expected::Failed => found.map(|c| c.findings.iter().map(|f| f.culprit.as_str()).collect()),
        Expected::Incomplete => found.map(|c| c.missing.iter().map(String::as_str).collect()),
    }
    .unwrap_or_default();
    let (verdict, failed) = match manipulation.expected {
        Expected::Failed => (Verdict::Failed, manipulation.failing()),
        Expected::Incomplete => (Verdict::Incomplete, Vec::new()),
    };
    if report.verdict != verdict {
        problems.push(format!("the verdict is {:?} and not {verdict:?}", report.verdict));
    }
    if with_status(report, Status::Failed) != failed {
        problems.push(format!("{:?} failed and not {failed:?}", with_status(report, Status::Failed)));
    }
    if found.is_none_or(|c| c.status == Status::Passed) {
        problems.push(format!("{id} passed"));
    }
    if named.is_empty() || !named.iter().all(|n| manipulation.culprit.named_in(n)) {
        problems.push(format!("{id} names {named:?} and not {culprit:?} alone"));
    }
    problems
}

/// Parties that signed what is new in the record, without being the attacker's: the attack would take more than it says.
fn unheld(manipulation: &Manipulation, record: &Record) -> Vec<String> {
    let known: BTreeSet<Vec<u8>> = DONE.entries.iter().map(Encode::to_bytes).collect();
    let mut used = Vec::new();
    for entry in entries(record).into_iter().filter(|bytes| !known.contains(bytes)) {
        if let Ok(entry) = SignedEntry::from_bytes(&entry) {
            used.extend(signer(&DONE.keys, &entry));
        }
    }
    let log = DONE.manifest.log_key();
    let note = record.source.files.get(CHECKPOINT).and_then(|bytes| std::str::from_utf8(bytes).ok());
    if note.and_then(|note| Checkpoint::open(note, &log).ok()).is_some_and(|c| c != DONE.checkpoint()) {
        used.push(Attacker::Collector);
    }
    used.retain(|party| !manipulation.attacker.iter().any(|held| held.covers(party)));
    used.dedup();
    used.iter().map(|party| format!("it takes the key of {}, which the attacker does not hold", party.text())).collect()
}

/// Findings that leave the attacker out, or name somebody who did nothing without saying who else it may have been.
fn misjudged(manipulation: &Manipulation, report: &Report) -> Vec<String> {
    let mut problems: Vec<String> = (manipulation.culprit.party().into_iter())
        .filter(|party| !manipulation.attacker.iter().any(|held| held.covers(party)))
        .map(|party| format!("{} must be named, which the attacker is not", party.text()))
        .collect();
    for finding in report.checks.iter().flat_map(|check| &check.findings) {
        let accused = Accused::of(&finding.culprit);
        if !accused.holds(manipulation.attacker) && !NOBODYS.contains(&manipulation.name) {
            problems.push(format!("{:?} names {accused:?}, and not the attacker alone", finding.culprit));
        }
        // Somebody else may stand first only where the reader is told that it is one or the other.
        let told = accused.is_open() && OPEN.iter().any(|words| finding.culprit.contains(words));
        if !accused.first_holds(manipulation.attacker) && !told && !NOBODYS.contains(&manipulation.name) {
            problems.push(format!("{:?} names somebody else first, and does not leave it open", finding.culprit));
        }
    }
    problems
}

/// All entries of a record, as far as its bundles can be read.
fn entries(record: &Record) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for (path, bytes) in &record.source.files {
        if let Some(TileRef { level: None, width, .. }) = TileRef::parse(path) {
            entries.extend(read_bundle(bytes, width).unwrap_or_default().into_iter().map(<[u8]>::to_vec));
        }
    }
    entries
}

/// Whose signature an entry bears, in the corpus's election.
fn signer(keys: &Keys, entry: &SignedEntry) -> Option<Attacker> {
    let trustees = (1..).map(Attacker::Trustee).zip(&keys.trustees);
    let mixes = (1..).map(Attacker::Mix).zip(&keys.mixes);
    let voters = keys.voters.iter().map(|(_, key)| (Attacker::Voters, key));
    let others = [
        (Attacker::Commission, &keys.commission),
        (Attacker::Registrar, &keys.registrar),
        (Attacker::Collector, &keys.collector),
    ];
    let mut all = trustees.chain(mixes).chain(others).chain(voters);
    let election = match entry.body {
        // The manifest's own id is what is signed.
        EntryBody::Manifest(digest) => selge_core::ids::ElectionId(digest.0),
        _ => *DONE.manifest.id(),
    };
    all.find(|(_, key)| entry.verify(&election, &key.verifying_key()).is_ok()).map(|(party, _)| party)
}

/// What is wrong with a run: manipulations that were not caught as they must be, and checks that nobody tests.
pub fn complaints(outcomes: &[Outcome]) -> Vec<String> {
    let of = |outcome: &Outcome| {
        let problems = outcome.problems.join("\n  ");
        (!outcome.problems.is_empty()).then(|| format!("{}: {problems}", outcome.manipulation.name))
    };
    let untested = missing(outcomes);
    let untested =
        untested.iter().map(|check| format!("no manipulation is caught by {} alone: {}", check.id, check.title));
    outcomes.iter().filter_map(of).chain(untested).collect()
}

/// The checks that no manipulation is caught by alone.
pub fn missing(outcomes: &[Outcome]) -> Vec<Check> {
    let caught = |check: &Check| {
        outcomes
            .iter()
            .any(|o| o.manipulation.check == *check && o.manipulation.also.is_empty() && o.problems.is_empty())
    };
    ALL.iter().filter(|check| !caught(check)).copied().collect()
}
