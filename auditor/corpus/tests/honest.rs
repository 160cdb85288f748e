//! The honest record, looked at in whole and in every part: each check that was asked for sees as much as in the whole, and
//! the report says all that a reader is told.

use selge_auditor::checks::{self, Check};
use selge_auditor::{
    verify_part, Listing, Part, RecordSource, Report, Scope, Silent, SourceError, Status, Verdict, Watcher,
};
use selge_core::entry::EntryBody;
use selge_core::ids::TrusteeIndex;
use selge_core::record::CHECKPOINT;
use selge_corpus::board::stages::DONE;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};

static WHOLE: LazyLock<Report> = LazyLock::new(|| audit(&Scope::all()));

/// Contests that are mixed and decrypted; the village's has too few ballots.
const CONTESTS: [&str; 3] = ["mayor", "parks", "council"];

/// Checks of one contest after the other, and the one of all of them together.
const BY_CONTEST: [&str; 3] = ["MIX-2", "DECRYPT-2", "OUTCOME-2"];
const OF_ALL: &str = "OUTCOME-3";

fn audit(scope: &Scope) -> Report {
    verify_part(&DONE.record(), Some(*DONE.manifest.id()), scope, &Silent)
}

/// Whether a check runs if these parts are asked for.
fn asked(check: Check, parts: &[Part]) -> bool {
    match check.id {
        "FILE-2" | "FILE-3" | "FILE-4" => parts.contains(&Part::File),
        "BOARD-4" => parts.contains(&Part::Board),
        "CAST-1" => parts.contains(&Part::Cast),
        "MIX-2" => parts.contains(&Part::Mix),
        "DECRYPT-2" => parts.contains(&Part::Decrypt) || parts.contains(&Part::Outcome),
        "OUTCOME-2" | "OUTCOME-3" => parts.contains(&Part::Outcome),
        _ => true,
    }
}

#[test]
fn a_part_looks_at_as_much_as_the_whole() {
    use Part::{Board, Cast, Ceremony, Decrypt, File, Mix, Outcome};
    let some: [&[Part]; 10] = [
        &[File],
        &[Board],
        &[Ceremony],
        &[Cast],
        &[Mix],
        &[Decrypt],
        &[Outcome],
        &[Mix, Decrypt],
        &[File, Mix],
        &[Cast, Mix, Decrypt],
    ];
    for parts in some {
        let report = audit(&Scope::new(parts.iter().copied(), []));
        assert_eq!((report.verdict, &report.result), (Verdict::Incomplete, &None), "{parts:?}");
        for check in checks::ALL {
            let (found, whole) = (report.check(check.id).unwrap(), WHOLE.check(check.id).unwrap());
            assert!(found.findings.is_empty(), "{parts:?}: {found:?}");
            if asked(*check, parts) {
                assert_eq!((found.status, &found.counts), (Status::Passed, &whole.counts), "{parts:?}: {found:?}");
                assert!(found.missing.is_empty(), "{parts:?}: {found:?}");
            } else {
                assert_eq!(found.status, Status::Skipped, "{parts:?}: {found:?}");
                assert_eq!(found.missing, ["not done: it was not asked for"], "{parts:?}");
                assert!(found.counts.iter().all(|c| c.done == 0), "{parts:?}: {found:?}");
            }
        }
        let of = |part| if parts.contains(&part) { 3 } else { 0 };
        for line in report.contests.iter().filter(|line| !line.withheld) {
            let decryptions = of(Decrypt).max(of(Outcome));
            assert_eq!((line.mixed, line.decryptions), (of(Mix), decryptions), "{parts:?}: {line:?}");
        }
    }
}

#[test]
fn a_contest_is_looked_at_as_in_the_whole_and_what_was_not_asked_for_is_counted() {
    let some: [&[&str]; 5] = [&["mayor"], &["parks"], &["council"], &["parks", "council"], &["mayor", "village"]];
    for contests in some {
        let report = audit(&Scope::new([], contests.iter().map(|id| (*id).to_owned())));
        assert_eq!((report.verdict, &report.result), (Verdict::Incomplete, &None), "{contests:?}");
        let left_out: Vec<_> = CONTESTS.into_iter().filter(|id| !contests.contains(id)).collect();
        let why = [format!("not done for {}: not asked for", left_out.join(", "))];
        for check in checks::ALL {
            let (found, whole) = (report.check(check.id).unwrap(), WHOLE.check(check.id).unwrap());
            if BY_CONTEST.contains(&check.id) {
                let done = (3 - left_out.len()) as u64;
                let counts: Vec<_> = found.counts.iter().map(|c| (&c.what, c.done, c.expected)).collect();
                let expected: Vec<_> =
                    whole.counts.iter().map(|c| (&c.what, c.expected * done / 3, c.expected)).collect();
                assert_eq!(counts, expected, "{contests:?}: {found:?}");
                assert_eq!((found.status, &found.missing[..]), (Status::Skipped, &why[..]), "{contests:?}: {found:?}");
            } else if check.id == OF_ALL {
                assert!(found.counts.is_empty(), "{contests:?}: {found:?}");
                assert_eq!((found.status, &found.missing[..]), (Status::Skipped, &why[..]), "{contests:?}: {found:?}");
            } else {
                assert_eq!((found.status, &found.counts), (Status::Passed, &whole.counts), "{contests:?}: {found:?}");
            }
        }
        for line in &report.contests {
            let of = if contests.contains(&line.contest.as_str()) && !line.withheld { 3 } else { 0 };
            assert_eq!((line.mixed, line.decryptions), (of, of), "{contests:?}: {line:?}");
        }
    }
    // The one that is withheld need not be asked for.
    let all = audit(&Scope::new([], CONTESTS.map(str::to_owned)));
    assert_eq!((all.verdict, &all.result), (Verdict::Passed, &WHOLE.result));
    // With a part and a contest, both leave out.
    let report = audit(&Scope::new([Part::Mix], ["parks".to_owned()]));
    let line = |id: &str| {
        let check = report.check(id).unwrap();
        let counts: Vec<_> = check.counts.iter().map(|c| (c.done, c.expected)).collect();
        (check.status, counts, check.missing.join("; "))
    };
    let why = "not done for mayor, council: not asked for";
    assert_eq!(line("MIX-2"), (Status::Skipped, vec![(3, 9)], why.to_owned()));
    for id in ["DECRYPT-2", "OUTCOME-2", OF_ALL] {
        let (status, counts, missing) = line(id);
        assert_eq!((status, missing.as_str()), (Status::Skipped, "not done: it was not asked for"), "{id}");
        assert!(counts.iter().all(|count| *count == (0, 0)), "{id}: {counts:?}");
    }
}

/// What is found wrong on the way to what was asked for is told.
#[test]
fn decryptions_of_a_list_that_is_none_name_the_mix_server() {
    let manipulations = selge_corpus::all();
    let broken = manipulations.iter().find(|m| m.name == "mixed-ballot-that-is-no-point").unwrap();
    let (record, scope) = ((broken.make)(), Scope::new([Part::Decrypt], []));
    let report = verify_part(&record, Some(*DONE.manifest.id()), &scope, &Silent);
    let mixes = report.check("MIX-2").unwrap();
    assert_eq!((report.verdict, mixes.status), (Verdict::Failed, Status::Failed), "{mixes:?}");
    assert!(broken.culprit.named_in(&mixes.findings[0].culprit), "{mixes:?}");
}

#[test]
fn a_contest_that_there_is_not_is_said_and_nothing_checked() {
    let report = audit(&Scope::new([], ["parks".to_owned(), "lakes".to_owned()]));
    assert_eq!((report.verdict, report.result, report.entries), (Verdict::Incomplete, None, None));
    let said = "there is no contest \"lakes\": the manifest has mayor, parks, council, village";
    assert_eq!(report.notes, [said]);
}

#[test]
fn the_report_says_what_a_reader_is_told() {
    let report = &*WHOLE;
    let document = DONE.manifest.document();
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(report.election, Some(DONE.manifest.id().to_string()));
    assert!(report.election_given && report.asked.is_none());
    let note = "tally \"village\" is counted without village: too few ballots to decrypt without showing who voted how";
    assert_eq!(report.notes, [note]);
    assert_eq!((&report.title, &report.manifest), (&Some(document.title.clone()), &Some(document.clone())));
    let titles: Vec<_> = report.tallies.iter().map(|t| (t.tally.as_str(), t.title.as_str())).collect();
    assert_eq!(titles, [("mayor", "Mayor"), ("parks", "Parks"), ("council", "Council"), ("village", "Elder")]);
    let checkpoint = DONE.checkpoint();
    let root: String = checkpoint.root.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((report.entries, &report.root), (Some(checkpoint.size), &Some(root)));
    assert_eq!((report.phase.as_deref(), report.voters), (Some("finished"), Some(12)));
    let ballots = report.ballots.unwrap();
    assert_eq!((ballots.cast, ballots.superseded, ballots.cancelled, ballots.counted), (14, 3, 2, 9));
    let witnesses = report.witnesses.as_ref().unwrap();
    assert_eq!((witnesses.quorum, witnesses.cosigned.len() >= 2, &witnesses.invalid[..]), (2, true, &[][..]));
    assert_eq!(witnesses.cosigned.len() + witnesses.missing.len(), 3);
    assert!(witnesses.cosigned.iter().all(|name| !witnesses.missing.contains(name)));
    let lines: Vec<_> = report
        .contests
        .iter()
        .map(|c| {
            (c.contest.as_str(), c.withheld, c.mixed, c.decryptions, c.decrypted == Some(c.counted), c.undecodable)
        })
        .collect();
    let whole = |id| (id, false, 3, 3, true, 0);
    assert_eq!(lines, [whole("mayor"), whole("parks"), whole("council"), ("village", true, 0, 0, false, 0)]);
    let commission = report.signers.iter().find(|signer| signer.role == "commission").unwrap();
    let signed: Vec<_> = commission.signed.iter().map(|(what, n)| (what.as_str(), *n)).collect();
    assert_eq!(signed, [("manifest", 1), ("opening", 1), ("cancellations", 2), ("closing", 1), ("result", 1)]);
    let without = verify_part(&DONE.record(), None, &Scope::all(), &Silent);
    assert!(!without.election_given && without.check("ELECTION-2").is_none());
}

/// What each party has signed, as the entries say themselves, at every length of the board.
#[test]
fn the_signers_lines_are_those_of_the_entries() {
    for n in 1..=DONE.entries.len() {
        let mut board = DONE.clone();
        board.entries.truncate(n);
        let report = verify_part(&board.record(), None, &Scope::all(), &Silent);
        let manifest = DONE.manifest.document();
        let mut expected: Vec<(String, String, BTreeMap<&str, u64>)> = Vec::new();
        let mut add = |role: &str, name: &str, what, n| {
            let at = expected.iter().position(|line| (line.0.as_str(), line.1.as_str()) == (role, name));
            let at = at.unwrap_or_else(|| {
                expected.push((role.to_owned(), name.to_owned(), BTreeMap::new()));
                expected.len() - 1
            });
            *expected[at].2.entry(what).or_default() += n;
        };
        let (commission, trustees) = (manifest.commission.name.as_str(), &manifest.trustees);
        for entry in &board.entries {
            let trustee = |of: TrusteeIndex| trustees[usize::from(of.0) - 1].name.as_str();
            match &entry.body {
                EntryBody::Manifest(_) => add("commission", commission, "manifest", 1),
                EntryBody::Opening(_) => add("commission", commission, "opening", 1),
                EntryBody::Cancellation(_) => add("commission", commission, "cancellations", 1),
                EntryBody::Closing(_) => add("commission", commission, "closing", 1),
                EntryBody::Result(_) => add("commission", commission, "result", 1),
                EntryBody::Roll(_) => add("registrar", &manifest.registrar.name, "roll", 1),
                EntryBody::Ballot(_) => add("voters", "", "ballots", 1),
                EntryBody::Mix(m) => {
                    add("mix_server", &manifest.mix_servers[usize::from(m.mix.0) - 1].name, "mixes", 1);
                }
                EntryBody::Commitments(m) => add("trustee", trustee(m.trustee), "ceremony", 1),
                EntryBody::Shares(m) => add("trustee", trustee(m.trustee), "ceremony", 1),
                EntryBody::Confirmation(m) => add("trustee", trustee(m.trustee), "ceremony", 1),
                EntryBody::Decryption(m) => add("trustee", trustee(m.trustee), "decryptions", 1),
                other => panic!("{other:?}"),
            }
        }
        add("collector", &manifest.collector.name, "checkpoint", 1);
        for name in &report.witnesses.as_ref().unwrap().cosigned {
            add("witness", name, "cosignature", 1);
        }
        let found: BTreeSet<_> = report
            .signers
            .iter()
            .map(|line| {
                let signed = line.signed.iter().map(|(what, n)| (what.as_str(), *n)).collect::<BTreeMap<_, _>>();
                (line.role.clone(), line.name.clone().unwrap_or_default(), signed)
            })
            .collect();
        assert_eq!(found, expected.into_iter().collect(), "{n} entries");
        assert_eq!(found.len(), report.signers.len());
    }
}

/// What a watcher is told of one step: its name, its parts, the parts that were done.
#[derive(Default)]
struct Steps(Mutex<Vec<(String, u64, u64)>>);

impl Watcher for Steps {
    fn begin(&self, what: &str, total: u64) {
        self.0.lock().unwrap().push((what.to_owned(), total, 0));
    }

    fn advance(&self, parts: u64) {
        self.0.lock().unwrap().last_mut().expect("a step has begun").2 += parts;
    }
}

#[test]
fn every_step_that_is_shown_gets_to_its_end() {
    let some: [(&[Part], &[&str], &[&str]); 5] = [
        (&[], &[], &["entries and ballots' proofs", "mixes and decryptions"]),
        (&[Part::Mix], &[], &["entries", "mixes"]),
        (&[Part::Decrypt], &[], &["entries", "decryptions"]),
        (&[], &["parks"], &["entries and ballots' proofs", "mixes and decryptions"]),
        (&[Part::Cast], &[], &["entries and ballots' proofs"]),
    ];
    for (parts, contests, shown) in some {
        let (steps, contests) = (Steps::default(), contests.iter().map(|id| (*id).to_owned()));
        let scope = Scope::new(parts.iter().copied(), contests);
        verify_part(&DONE.record(), Some(*DONE.manifest.id()), &scope, &steps);
        let steps = steps.0.into_inner().unwrap();
        assert_eq!(steps.iter().map(|(what, ..)| what.as_str()).collect::<Vec<_>>(), shown, "{scope:?}");
        assert!(steps.iter().all(|(_, total, done)| done == total && *total > 0), "{scope:?}: {steps:?}");
    }
}

/// A record whose folder the system does not list.
struct Unlisted;

impl RecordSource for Unlisted {
    fn list(&self) -> Result<Listing, SourceError> {
        Err(SourceError::Io("no permission".into()))
    }

    fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, SourceError> {
        DONE.record().read(path, max)
    }
}

#[test]
fn a_record_that_cannot_be_listed_is_incomplete_and_says_why() {
    assert!(Unlisted.read(CHECKPOINT, 1 << 20).is_ok());
    let report = verify_part(&Unlisted, Some(*DONE.manifest.id()), &Scope::all(), &Silent);
    assert!(report.checks.iter().all(|check| check.status == Status::NotRun));
    let missing = &report.check("FILE-1").unwrap().missing;
    assert_eq!(missing[..], ["the record cannot be listed: the file cannot be read: no permission"]);
}
