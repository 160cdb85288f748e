//! Keeps book of the checks while they run, so that none can pass by default.

use crate::checks::{Check, ALL};
use crate::report::{CheckReport, Count, Finding, Status, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

/// Findings that are kept of one check; of all others the number is.
const MAX_FINDINGS: usize = 20;

/// Gives the checks a clock and shows how far they are.
pub trait Watcher: Sync {
    /// Time since any fixed moment.
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    /// A long step begins, of `total` parts.
    fn begin(&self, _what: &str, _total: u64) {}

    /// `parts` further parts of the step are done.
    fn advance(&self, _parts: u64) {}

    /// The step is over.
    fn end(&self) {}
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Watcher for Silent {}

#[derive(Default)]
struct Line {
    counts: Vec<Count>,
    findings: Vec<Finding>,
    further: u64,
    missing: Vec<String>,
    further_missing: u64,
    skipped: Option<String>,
    on_trust: Vec<String>,
    ended: bool,
    time: Duration,
}

/// Who is named where the record's own files may have been exchanged.
const COPY: &str = "whoever made this copy";

/// What is added to whom the entries make responsible, if they are not shown to be what was signed.
const DOUBT: &str = "; or whoever made this copy, whose entries are not shown to be those that the collector signed";

/// All checks' lines.
pub(crate) struct Ledger<'a> {
    watcher: &'a dyn Watcher,
    lines: BTreeMap<&'static str, Line>,
    start: Duration,
    doubted: bool,
}

impl<'a> Ledger<'a> {
    pub(crate) fn new(watcher: &'a dyn Watcher) -> Self {
        Ledger { watcher, lines: BTreeMap::new(), start: watcher.now(), doubted: false }
    }

    pub(crate) fn watcher(&self) -> &'a dyn Watcher {
        self.watcher
    }

    fn line(&mut self, check: Check) -> &mut Line {
        self.lines.entry(check.id).or_default()
    }

    /// Something is wrong.
    pub(crate) fn fail(&mut self, check: Check, culprit: impl Into<String>, problem: impl ToString) {
        let line = self.line(check);
        if line.findings.len() < MAX_FINDINGS {
            line.findings.push(Finding { culprit: culprit.into(), problem: problem.to_string() });
        } else {
            line.further += 1;
        }
    }

    /// The entries are not shown to be those that the collector signed: whoever is blamed for one besides its signer may have
    /// had no part in it.
    pub(crate) fn doubt_entries(&mut self) {
        self.doubted = true;
    }

    /// Something is not there, so that the check cannot look at it.
    pub(crate) fn lack(&mut self, check: Check, what: impl Into<String>) {
        let line = self.line(check);
        if line.missing.len() < MAX_FINDINGS {
            line.missing.push(what.into());
        } else {
            line.further_missing += 1;
        }
    }

    /// The check was not asked for, or not in full; it cannot pass any more.
    pub(crate) fn skip(&mut self, check: Check, why: impl Into<String>) {
        self.line(check).skipped = Some(why.into());
    }

    /// Whether anything was left out.
    pub(crate) fn skipped(&self) -> bool {
        self.lines.values().any(|line| line.skipped.is_some())
    }

    /// The check takes on trust what another one, which was not asked for, would have shown.
    pub(crate) fn trust(&mut self, check: Check, on: &[Check]) {
        self.line(check).on_trust = on.iter().map(|on| on.id.to_owned()).collect();
    }

    /// The check must look at so many `what`, and has found `done` of them right.
    pub(crate) fn count(&mut self, check: Check, what: &str, done: u64, expected: u64) {
        let line = self.line(check);
        match line.counts.iter_mut().find(|c| c.what == what) {
            Some(count) => {
                count.done = count.done.saturating_add(done);
                count.expected = count.expected.saturating_add(expected);
            }
            None => line.counts.push(Count { what: what.to_owned(), done, expected }),
        }
    }

    /// The check has run to its end. Only this makes it pass, and only with full counts.
    pub(crate) fn end(&mut self, check: Check) {
        self.line(check).ended = true;
    }

    /// Whether something has been found wrong.
    pub(crate) fn failed(&self, check: Check) -> bool {
        self.lines.get(check.id).is_some_and(|l| !l.findings.is_empty())
    }

    pub(crate) fn now(&self) -> Duration {
        self.watcher.now()
    }

    /// The time since `from` went into this check.
    pub(crate) fn took(&mut self, check: Check, from: Duration) {
        let time = self.watcher.now().saturating_sub(from);
        self.line(check).time += time;
    }

    pub(crate) fn elapsed(&self) -> f64 {
        self.watcher.now().saturating_sub(self.start).as_secs_f64()
    }

    /// All lines and the verdict, without the checks that there is no question for: that of the election's id where the
    /// caller gave none, that of the witnesses where the manifest demands none.
    pub(crate) fn close(mut self, left_out: &[Check]) -> (Verdict, Vec<CheckReport>) {
        let mut reports = Vec::new();
        let failed: Vec<&str> = ALL.iter().filter(|c| self.failed(**c)).map(|c| c.id).collect();
        for check in ALL.iter().filter(|c| !left_out.contains(c)) {
            let mut line = self.lines.remove(check.id).unwrap_or_default();
            if self.doubted {
                let blamed = line.findings.iter_mut().filter(|f| f.culprit.contains("the collector"));
                // Whoever is in doubt for another reason is so already.
                blamed.filter(|f| !f.culprit.contains(COPY)).for_each(|f| f.culprit += DOUBT);
            }
            let full = !line.counts.is_empty() && line.counts.iter().all(|c| c.done == c.expected);
            let status = if !line.findings.is_empty() {
                Status::Failed
            } else if line.skipped.is_some() && line.missing.is_empty() {
                Status::Skipped
            } else if line.ended && full && line.missing.is_empty() && line.skipped.is_none() {
                Status::Passed
            } else {
                Status::NotRun
            };
            line.missing.extend(line.skipped.take());
            if status == Status::NotRun && line.missing.is_empty() {
                line.missing.push(match &failed[..] {
                    [] => "what it needs is not in the record".into(),
                    failed => format!("what it needs is not there or did not pass: see {}", failed.join(", ")),
                });
            }
            reports.push(CheckReport {
                id: check.id.to_owned(),
                title: check.title.to_owned(),
                status,
                counts: line.counts,
                findings: line.findings,
                further_findings: line.further,
                missing: line.missing,
                further_missing: line.further_missing,
                on_trust: line.on_trust,
                seconds: line.time.as_secs_f64(),
            });
        }
        let verdict = if reports.iter().any(|c| c.status == Status::Failed) {
            Verdict::Failed
        } else if reports.iter().all(|c| c.status == Status::Passed) {
            Verdict::Passed
        } else {
            Verdict::Incomplete
        };
        (verdict, reports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{ELECTION_ID, MIXES, ROOT};

    fn status(of: impl Fn(&mut Ledger<'_>)) -> Status {
        let mut ledger = Ledger::new(&Silent);
        of(&mut ledger);
        ledger.close(&[]).1.into_iter().find(|c| c.id == MIXES.id).unwrap().status
    }

    #[test]
    fn a_check_passes_only_if_it_ended_with_full_counts() {
        assert_eq!(status(|_| ()), Status::NotRun);
        assert_eq!(status(|l| l.end(MIXES)), Status::NotRun);
        assert_eq!(status(|l| l.count(MIXES, "mixes", 3, 3)), Status::NotRun);
        let full = |l: &mut Ledger<'_>| {
            l.count(MIXES, "mixes", 3, 3);
            l.end(MIXES);
        };
        assert_eq!(status(full), Status::Passed);
        for spoil in [
            (|l| l.count(MIXES, "mixes", 0, 1)) as fn(&mut Ledger<'_>),
            |l| l.count(MIXES, "others", 2, 1),
            |l| l.lack(MIXES, "one"),
            |l| {
                l.lack(MIXES, "one");
                l.skip(MIXES, "not asked for");
            },
        ] {
            assert_eq!(
                status(|l| {
                    full(l);
                    spoil(l);
                }),
                Status::NotRun
            );
        }
        assert_eq!(
            status(|l| {
                full(l);
                l.fail(MIXES, "mix server 1", "false");
            }),
            Status::Failed
        );
    }

    #[test]
    fn what_was_skipped_never_passes_and_hides_no_failure() {
        let mut ledger = Ledger::new(&Silent);
        for check in ALL {
            ledger.count(*check, "parts", 1, 1);
            ledger.end(*check);
        }
        ledger.skip(MIXES, "not asked for");
        let (verdict, checks) = ledger.close(&[]);
        assert_eq!(verdict, Verdict::Incomplete);
        let mixes = checks.iter().find(|c| c.id == MIXES.id).unwrap();
        assert_eq!((mixes.status, &mixes.missing[..]), (Status::Skipped, &["not asked for".to_owned()][..]));
        let failed = |l: &mut Ledger<'_>| {
            l.skip(MIXES, "not asked for");
            l.fail(MIXES, "mix server 1", "false");
        };
        assert_eq!(status(failed), Status::Failed);
    }

    #[test]
    fn one_failure_outweighs_what_is_missing() {
        let mut ledger = Ledger::new(&Silent);
        assert_eq!(Ledger::new(&Silent).close(&[]).0, Verdict::Incomplete);
        (0..50).for_each(|_| ledger.fail(ROOT, "the collector", "fork"));
        (0..29).for_each(|i| ledger.lack(ROOT, format!("tile {i}")));
        let (verdict, checks) = ledger.close(&[ELECTION_ID]);
        assert_eq!(verdict, Verdict::Failed);
        assert_eq!(checks.len(), ALL.len() - 1);
        let root = checks.iter().find(|c| c.id == ROOT.id).unwrap();
        assert_eq!((root.findings.len(), root.further_findings), (20, 30));
        assert_eq!((root.missing.len(), root.further_missing), (20, 9));
        assert!(root.missing.iter().enumerate().all(|(i, tile)| *tile == format!("tile {i}")));
    }

    #[test]
    fn what_did_not_run_says_why() {
        let words = |of: &dyn Fn(&mut Ledger<'_>)| {
            let mut ledger = Ledger::new(&Silent);
            of(&mut ledger);
            ledger.close(&[]).1.into_iter().find(|c| c.id == MIXES.id).unwrap().missing.join("; ")
        };
        assert_eq!(words(&|_| ()), "what it needs is not in the record");
        assert_eq!(words(&|l| l.end(MIXES)), "what it needs is not in the record");
        let others = |l: &mut Ledger<'_>| {
            l.fail(ROOT, "the collector", "fork");
            l.fail(ELECTION_ID, "the record", "another");
        };
        let see = format!("see {}, {}", ELECTION_ID.id, ROOT.id);
        assert_eq!(words(&others), format!("what it needs is not there or did not pass: {see}"));
        assert_eq!(words(&|l| l.lack(MIXES, "mix 1")), "mix 1");
        assert_eq!(words(&|l| l.fail(MIXES, "mix server 1", "false")), "");
        let left_out = |l: &mut Ledger<'_>| {
            l.lack(MIXES, "mix 1");
            l.skip(MIXES, "not asked for");
        };
        assert_eq!(words(&left_out), "mix 1; not asked for");
    }

    #[test]
    fn what_is_on_trust_and_how_long_it_took_are_told() {
        struct Steps(std::sync::atomic::AtomicU64);
        impl Watcher for Steps {
            fn now(&self) -> Duration {
                Duration::from_secs(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
            }
        }
        let steps = Steps(10.into());
        let mut ledger = Ledger::new(&steps);
        ledger.trust(MIXES, &[ROOT, ELECTION_ID]);
        for _ in 0..2 {
            let from = ledger.now();
            ledger.took(MIXES, from);
        }
        assert!((ledger.elapsed() - 5.0).abs() < 1e-9);
        let (_, checks) = ledger.close(&[]);
        let mixes = checks.iter().find(|c| c.id == MIXES.id).unwrap();
        assert_eq!(mixes.on_trust, [ROOT.id, ELECTION_ID.id]);
        assert!((mixes.seconds - 2.0).abs() < 1e-9);
    }

    #[test]
    fn ids_are_unique() {
        let ids: std::collections::BTreeSet<_> = ALL.iter().map(|c| c.id).collect();
        assert_eq!(ids.len(), ALL.len());
    }
}
