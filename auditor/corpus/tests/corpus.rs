//! Every manipulation is caught by its check, which names its culprit; every check and every known attack has one.

use rayon::prelude::*;
use selge_auditor::page::{render, Language};
use selge_auditor::{checks, verify, verify_part, Count, FolderSource, Part, Report, Scope, Silent, Status, Verdict};
use selge_core::note::Checkpoint;
use selge_corpus::board::stages::DONE;
use selge_corpus::{all, complaints, matrix, missing, run, write, Expected, Outcome};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

static OUTCOMES: LazyLock<Vec<Outcome>> = LazyLock::new(run);

#[test]
fn every_manipulation_is_caught_by_its_check_which_names_the_culprit() {
    let complaints = complaints(&OUTCOMES);
    assert!(complaints.is_empty(), "{}\n{}", complaints.join("\n\n"), matrix(&OUTCOMES));
}

/// Also the checks that are not the manipulation's own: what could not be looked at is not said to have passed.
#[test]
fn every_check_of_every_manipulated_record_ends_as_matrix_txt_says() {
    let (found, kept) = (matrix(&OUTCOMES), include_str!("matrix.txt"));
    let differing: Vec<_> = found.lines().filter(|line| !kept.lines().any(|old| old == *line)).collect();
    assert!(
        found == kept,
        "these lines are not, or not there, in auditor/corpus/tests/matrix.txt; if all of them are meant, write it anew with: cargo run \
         -p selge-corpus | sed '/^$/,$d' > auditor/corpus/tests/matrix.txt\n{}",
        differing.join("\n")
    );
}

/// All that the checks of the honest record count, in their order.
const COUNTED: &str = "\
FILE-1 files: 33 of 33
FILE-2 files: 33 of 33
FILE-3 files: 33 of 33
FILE-4 files: 30 of 30
ELECTION-1 manifest: 1 of 1
ELECTION-2 id: 1 of 1
BOARD-1 checkpoint: 1 of 1
BOARD-2 entries: 54 of 54
BOARD-2 bundles: 1 of 1
BOARD-3 root: 1 of 1
BOARD-4 hash tiles: 1 of 1
BOARD-5 cosignatures of different witnesses: 2 of 2
ENTRY-1 entries: 54 of 54
ENTRY-2 entries: 54 of 54
ENTRY-3 entries: 54 of 54
CEREMONY-1 commitments: 5 of 5
CEREMONY-2 share messages: 5 of 5
CEREMONY-2 confirmations: 5 of 5
CEREMONY-3 key: 1 of 1
VOTERS-1 roll: 1 of 1
PERIOD-1 opening: 1 of 1
PERIOD-2 closing: 1 of 1
CAST-1 ballots: 14 of 14
CAST-2 ballots: 14 of 14
CAST-3 ballots: 14 of 14
CAST-3 published numbers: 1 of 1
CAST-3 contests: 4 of 4
MIX-1 mixes: 9 of 9
MIX-2 mixes: 9 of 9
DECRYPT-1 contests: 3 of 3
DECRYPT-2 decryptions: 9 of 9
OUTCOME-1 result: 1 of 1
OUTCOME-2 contests: 3 of 3
OUTCOME-3 result: 1 of 1
";

#[test]
fn every_check_of_the_honest_record_counts_what_it_looked_at() {
    let report = verify(&DONE.record(), Some(*DONE.manifest.id()), &Silent);
    let count = |id: &str, c: &Count| format!("{id} {}: {} of {}\n", c.what, c.done, c.expected);
    let counted: String =
        report.checks.iter().flat_map(|check| check.counts.iter().map(|c| count(&check.id, c))).collect();
    assert_eq!(counted, COUNTED);
}

/// Where an entry does not fit what stands before it, the collector is named, and then whoever else it may have been.
#[test]
fn whoever_else_may_be_at_fault_is_named() {
    let (board, open) = ("the collector (board.example)", "the record does not tell which");
    for (name, words) in [
        ("ballot-cast-again", format!("{board}, which repeated entry 27 as entry 34 (ballot): voter VOTER signed it once")),
        (
            "ballot-dropped",
            format!(
                "{board}, which changed the entries before entry 33 (closing); or {board} and the election commission \
                 (Commission), which signed it like that: {open}"
            ),
        ),
        (
            "ballot-counted-twice",
            format!(
                "{board}, which took entry 35 (mix), a mix of another list than the board has, and with it either mix server \
                 1 (Mix 1), contest \"mayor\", which signed it like that, or the election commission (Commission), which \
                 signed a closing of other ballots: {open}"
            ),
        ),
        (
            "mix-from-the-counted-ballots-again",
            format!(
                "{board}, which took entry 36 (mix), a mix of another list than the board has, and with it either mix server \
                 2 (Mix 2), contest \"mayor\", which signed it like that, or mix server 1 (Mix 1), which signed another mix \
                 before it: {open}"
            ),
        ),
        (
            "mix-skipped",
            format!(
                "{board}, which took entry 36 (mix), a mix in a later place than its own, and with it either mix server 3 \
                 (Mix 3), contest \"mayor\", which signed it like that, or mix server 2 (Mix 2), whose mix was left out and \
                 had changed nothing: {open}"
            ),
        ),
        (
            "mix-left-out-of-the-record",
            format!(
                "{board}, which left out the mix before entry 35 (mix); or {board} and mix server 2 (Mix 2), contest \
                 \"mayor\", which signed it like that: {open}"
            ),
        ),
        (
            "another-contests-list-decrypted",
            format!(
                "{board}, which took entry 44 (partial decryption) of another list than the last mix's, and with it either \
                 trustee 1 (Trustee 1), contest \"mayor\", which signed it like that, or mix server 3 (Mix 3), which signed \
                 another mix: {open}"
            ),
        ),
        (
            "closing-by-the-collector",
            format!(
                "{board}, which signed entry 34 (closing) itself: the election commission (Commission) did not sign it for \
                 this election"
            ),
        ),
        (
            "result-by-a-trustee",
            format!(
                "trustee 1 (Trustee 1), whose signature entry 53 (result) bears, and {board}, which took it: the election \
                 commission (Commission) did not sign it for this election"
            ),
        ),
        ("closing-too-early", format!(
            "the election commission (Commission), which signed entry 34 (closing), and {board}, which took it"
        )),
    ] {
        let outcome = OUTCOMES.iter().find(|o| o.manipulation.name == name).unwrap();
        let [finding] = &outcome.report.check(outcome.manipulation.check.id).unwrap().findings[..] else {
            panic!("{name} has one finding")
        };
        let voter = finding.culprit.split("voter ").nth(1).and_then(|rest| rest.get(..32)).unwrap_or("VOTER");
        assert_eq!(finding.culprit.replace(voter, "VOTER"), words, "{name}");
    }
}

/// A false result is told by what it says, and what it should say.
#[test]
fn a_false_result_is_told_with_both_sides() {
    let gives = "is published differently from what the record gives";
    for (name, words) in [
        ("somebody-else-elected", "tally \"mayor\" GIVES: published as elected, and not by the record: \"Candidate 2\" (candidate \"nobody\"); elected by the record, and not published: \"Candidate 2\" (candidate \"c2\")"),
        ("seats-left-vacant", "tally \"parks\" GIVES: published as elected, and not by the record: nobody; elected by the record, and not published: \"Candidate 16\" (candidate \"c16\"), \"Candidate 0\" (candidate \"c0\")"),
        ("a-round-of-the-count-changed", "tally \"council\" GIVES: /rounds/0/votes/0/votes: \"99\" is published, the record gives \"5\""),
        ("votes-made-up", "contest \"mayor\" GIVES: votes for no candidate (blank): 99 is published, the record gives 1"),
        ("votes-exchanged-between-choices", "contest \"mayor\" GIVES: votes for no candidate (blank): 2 is published, the record gives 1"),
        ("withheld-contest-shown-as-counted", "contest \"village\" GIVES: whether it is withheld: false is published, the record gives true"),
        ("undecodable-votes-made-up", "contest \"parks\" GIVES: ballots without a valid choice: 1 is published, the record gives 0"),
        ("result-of-another-format", "the format GIVES: \"selge-result/2\" is published, the record gives \"selge-result/1\""),
        ("undecodable-ballot-given-to-somebody", "contest \"mayor\" GIVES: votes for no candidate (blank): 2 is published, the record gives 1"),
        ("undecodable-ballot-kept-quiet", "contest \"mayor\" GIVES: ballots without a valid choice: 0 is published, the record gives 1"),
    ] {
        let outcome = OUTCOMES.iter().find(|o| o.manipulation.name == name).unwrap();
        let problem = &outcome.report.check("OUTCOME-3").unwrap().findings[0].problem;
        assert_eq!(problem.replace(gives, "GIVES"), words, "{name}");
    }
}

/// Entries that do not lead to the signed checkpoint may be anybody's who had the copy.
#[test]
fn whoever_made_the_copy_is_named_if_the_entries_are_not_those_that_were_signed() {
    let of = |name: &str| OUTCOMES.iter().find(|o| o.manipulation.name == name).unwrap();
    for name in ["entry-of-an-unknown-kind", "closing-by-the-collector", "vote-for-one-more-candidate"] {
        let signed = of(name);
        let check = signed.manipulation.check.id;
        let blamed = |report: &selge_auditor::Report| report.check(check).unwrap().findings[0].culprit.clone();
        assert!(!blamed(&signed.report).contains("whoever made this copy"), "{name}: the collector signed this");
        let mut record = signed.record.clone();
        let note = record.source.files.get_mut("checkpoint").unwrap();
        let mut checkpoint = Checkpoint::open(std::str::from_utf8(note).unwrap(), &DONE.manifest.log_key()).unwrap();
        checkpoint.root = [8; 32];
        *note = checkpoint.sign(&DONE.keys.collector).into_bytes();
        let report = verify(&record, Some(*DONE.manifest.id()), &Silent);
        assert_eq!(report.check("BOARD-3").unwrap().status, Status::Failed, "{name}");
        assert!(blamed(&report).contains("; or whoever made this copy, whose entries"), "{name}: {}", blamed(&report));
        Language::ALL.into_iter().for_each(|language| names_culprits(&render(&report, language), &report, language));
    }
}

/// Whoever is named is named in the page's language: sentences that it does not know stand there in English.
fn names_culprits(page: &str, report: &Report, language: Language) {
    let page = page.replace(['\u{2068}', '\u{2069}'], "");
    for finding in report.checks.iter().flat_map(|check| &check.findings) {
        let same = page.contains(&format!("<bdi>{}</bdi>", escaped(&finding.culprit)));
        assert!(language == Language::English || !same, "{}: {}", language.tag(), finding.culprit);
    }
}

/// The page of a manipulated record tells a reader at once, in every language, and shows no result as proven that is not.
#[test]
fn every_manipulated_record_has_a_page_that_names_what_is_wrong() {
    for outcome in OUTCOMES.iter() {
        let name = outcome.manipulation.name;
        for language in Language::ALL {
            let page = render(&outcome.report, language);
            let mark = match outcome.report.verdict {
                Verdict::Passed => panic!("{name} passes"),
                Verdict::Failed => "verdict failed",
                Verdict::Incomplete => "verdict incomplete",
            };
            assert!(page.contains(mark), "{name}");
            assert!(!page.contains("verdict passed"), "{name}");
            let (way, check) = (page.find("id=\"flow\"").unwrap(), outcome.manipulation.check.id);
            assert!(page.find(check).is_some_and(|at| at < way), "{name}: {check} does not stand first");
            names_culprits(&page, &outcome.report, language);
        }
    }
}

/// Whether it is a path of a record, which is the same in every language.
fn is_path(text: &str) -> bool {
    text == "checkpoint" || ["files/", "tile/"].iter().any(|folder| text.starts_with(folder)) && !text.contains(' ')
}

/// What is missing, or was not asked for, is said in the page's language: what it does not know stands there in English.
#[test]
fn what_is_missing_is_said_in_every_language() {
    let part = |scope: Scope| verify_part(&DONE.record(), Some(*DONE.manifest.id()), &scope, &Silent);
    let parts = Part::ALL.iter().map(|part| Scope::new([*part], []));
    let contest = Scope::new([], ["mayor".to_owned()]);
    let parts: Vec<Report> = parts.chain([contest]).map(part).collect();
    let mut lines = BTreeSet::new();
    for report in OUTCOMES.iter().map(|outcome| &outcome.report).chain(&parts) {
        let missing: Vec<&String> = report.checks.iter().flat_map(|check| &check.missing).collect();
        for language in Language::ALL {
            let page = render(report, language).replace(['\u{2068}', '\u{2069}'], "");
            for line in &missing {
                let escaped = escaped(line);
                assert!(!page.contains(&format!("<bdi lang=\"en\">{escaped}</bdi>")), "{}: {line}", language.tag());
                let same = page.contains(&format!("<li>{escaped}</li>"));
                assert!(language == Language::English || same == is_path(line), "{}: {line}", language.tag());
            }
        }
        lines.extend(missing);
    }
    assert!(lines.len() > 60, "{lines:#?}");
}

/// As markup has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The checks that run only if they are asked for, and with which parts.
fn parts_of(check: &str) -> Option<&'static [Part]> {
    Some(match check {
        "FILE-2" | "FILE-3" | "FILE-4" => &[Part::File],
        "BOARD-4" => &[Part::Board],
        "CAST-1" => &[Part::Cast],
        "MIX-2" => &[Part::Mix],
        "DECRYPT-2" => &[Part::Decrypt, Part::Outcome],
        "OUTCOME-2" | "OUTCOME-3" => &[Part::Outcome],
        _ => return None,
    })
}

/// The parts of which each runs something that the others do not, and one of those that run nothing more.
const PARTS: [Part; 7] = [Part::File, Part::Board, Part::Entry, Part::Cast, Part::Mix, Part::Decrypt, Part::Outcome];

/// Whoever asks for a part is told what is wrong with it, and never that all is well.
#[test]
fn a_manipulated_record_never_passes_in_part_and_fails_in_its_own() {
    let problems: Vec<String> = OUTCOMES
        .par_iter()
        .flat_map_iter(|o| PARTS.iter().map(move |part| (o, *part)))
        .filter_map(|(o, part)| {
            let m = &o.manipulation;
            let report = verify_part(&o.record, Some(*DONE.manifest.id()), &Scope::new([part], []), &Silent);
            let said = |problem: &str| {
                Some(format!("{} with --only {part}: {problem}\n{}", m.name, selge_auditor::render(&report)))
            };
            if report.verdict == Verdict::Passed || report.result.is_some() {
                return said("a part passes as the whole");
            }
            for check in checks::ALL {
                let skipped = parts_of(check.id).is_some_and(|parts| !parts.contains(&part));
                let status = report.check(check.id).map(|c| c.status);
                if skipped && !matches!(status, Some(Status::Skipped | Status::Failed)) {
                    return said(&format!("{} was not asked for and is {status:?}", check.id));
                }
            }
            // A check that always runs finds it whatever is asked for.
            let own = parts_of(m.check.id).is_none_or(|parts| parts.contains(&part));
            let failed = report.check(m.check.id).is_some_and(|c| c.status == Status::Failed);
            if own && m.expected == Expected::Failed && !failed {
                return said("not found");
            }
            // What is found on the way without having been asked for is the same fault.
            let others =
                report.checks.iter().any(|c| c.status == Status::Failed && !m.failing().contains(&c.id.as_str()));
            if others || (m.expected == Expected::Incomplete && report.verdict != Verdict::Incomplete) {
                return said("another fault is named");
            }
            // A file that no check reads any more, as an earlier one is wrong, is found by asking for files.
            let findings = report.check(m.check.id).map_or(&[][..], |c| &c.findings);
            if !findings.is_empty() && !findings.iter().any(|f| m.culprit.named_in(&f.culprit)) {
                return said("somebody else is named");
            }
            None
        })
        .collect();
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n\n"));
}

#[test]
fn a_check_without_a_manipulation_is_complained_of() {
    let none = missing(&OUTCOMES[..0]);
    assert_eq!(none, selge_auditor::checks::ALL);
    assert_eq!(complaints(&OUTCOMES[..0]).len(), none.len());
}

/// What stands in `expected.json` beside the record, and what the audit of the folder says.
fn judged(folder: &Path) -> (Value, selge_auditor::Report) {
    let expected: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let election = expected["election"].as_str().unwrap().parse().unwrap();
    let report = verify(&FolderSource::new(folder.join("record")), Some(election), &Silent);
    (expected, report)
}

#[test]
fn records_that_are_written_out_are_judged_as_expected_json_says() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["hash-tile-withheld", "ballot-replaced-by-the-first-mix", "text-beside-the-files"];
    #[cfg(unix)]
    let names = names.into_iter().chain(["link-beside-the-files"]);
    let mut few = Vec::new();
    for name in names {
        let Outcome { manipulation, record, report, problems } =
            OUTCOMES.iter().find(|o| o.manipulation.name == name).unwrap();
        let (record, report, problems) = (record.clone(), report.clone(), problems.clone());
        few.push(Outcome { manipulation: *manipulation, record, report, problems });
    }
    write(folder.path(), &few).unwrap();
    let again = write(folder.path(), &few).unwrap_err();
    assert!(again.to_string().contains("is not empty"), "{again}");
    let (expected, report) = judged(&folder.path().join("honest"));
    assert_eq!((expected["verdict"].as_str(), report.verdict), (Some("passed"), Verdict::Passed));
    for outcome in &few {
        let (expected, report) = judged(&folder.path().join(outcome.manipulation.name));
        assert_eq!(expected["verdict"], serde_json::to_value(report.verdict).unwrap());
        let check = report.check(expected["check"].as_str().unwrap()).unwrap();
        let culprit = expected["culprit"].as_str().unwrap();
        let named = check.findings.iter().map(|f| &f.culprit).chain(&check.missing);
        assert!(named.clone().count() > 0 && named.clone().all(|n| n.contains(culprit)), "{expected}");
    }
}

#[test]
fn the_record_that_all_are_made_from_passes() {
    let report = verify(&DONE.record(), Some(*DONE.manifest.id()), &Silent);
    assert_eq!(report.verdict, Verdict::Passed, "{}", selge_auditor::render(&report));
}

#[test]
fn the_manipulations_are_a_hundred_and_more_and_have_names_of_their_own() {
    let all = all();
    let names: BTreeSet<_> = all.iter().map(|m| m.name).collect();
    assert!(names.len() >= 100, "{}", names.len());
    assert_eq!(names.len(), all.len());
    for m in all {
        assert!(m.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", m.name);
        assert!(!m.what.is_empty() && !m.gain.is_empty(), "{}", m.name);
    }
}

/// The first column of the table "Known attacks" in the specification, without those on a check on a second device: they leave
/// nothing in a record, and are tried in core (`check`).
fn known_attacks() -> Vec<&'static str> {
    let document = include_str!("../../../docs/protocol.md");
    let table = document.split("## Known attacks").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    let columns = rows.filter_map(|row| row.trim_start_matches("| ").split_once(" | "));
    columns.filter(|(_, rule)| !rule.starts_with("CHECK-")).map(|(attack, _)| attack).collect()
}

#[test]
fn every_known_attack_of_the_specification_is_tried() {
    let known = known_attacks();
    assert!(known.len() >= 18, "{known:?}");
    let tried: BTreeSet<_> = all().iter().filter_map(|m| m.attack).collect();
    let untried: Vec<_> = known.iter().filter(|attack| !tried.contains(*attack)).collect();
    assert!(untried.is_empty(), "no manipulation is an example of {untried:?}");
    let unknown: Vec<_> = tried.iter().filter(|attack| !known.contains(attack)).collect();
    assert!(unknown.is_empty(), "not in the specification's table: {unknown:?}");
}
