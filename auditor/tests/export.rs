//! Exports: they hold what the audited result says, fit NIST's published schemas, and are not made of anything that has not passed.

mod formats;
mod support;

use formats::{problems, CAST_VOTE_RECORDS, ELECTION_RESULTS};
use selge_auditor::export::{Audited, Export, NotAudited};
use selge_auditor::page::{render as render_page, Language};
use selge_auditor::{render, verify_part, Part, Report, Scope, Silent, Verdict};
use selge_core::rules::Choice;
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;
use std::sync::LazyLock;
use support::{Board, Plan};
use time::OffsetDateTime;

/// A contest of every rule, lists and independent candidates, names that a table must quote, and a contest that is withheld.
static AUDITED: LazyLock<Report> = LazyLock::new(|| {
    let candidates = json!([
        {"id": "a", "name": "Ada, \"the first\"", "list": "Red"}, {"id": "b", "name": "Õie\nB", "list": "Blue"},
        {"id": "c", "name": "=1+1"}, {"id": "d", "name": "D", "list": "Red"},
    ]);
    let contest =
        |id: &str, rule: Value| json!({"id": id, "title": format!("Of {id}"), "rule": rule, "candidates": candidates});
    let tally = |id: &str, rule: Value| json!({"id": format!("t-{id}"), "title": id, "contests": [id], "rule": rule});
    let plan = Plan {
        floor: 4,
        contests: json!([
            contest("one", json!({"type": "choose_one", "blank": true})),
            contest("some", json!({"type": "choose_up_to", "max": 2, "blank": false})),
            contest("any", json!({"type": "approve", "blank": true})),
            contest("ranks", json!({"type": "rank", "max": 4, "blank": false})),
            contest("seats", json!({"type": "rank", "max": 3, "blank": true})),
            contest("scores", json!({"type": "score", "max_score": 3, "blank": false})),
            contest("list", json!({"type": "party_list", "blank": true})),
            contest("few", json!({"type": "choose_one", "blank": false})),
        ]),
        styles: json!([
            {"id": "s", "contests": ["one", "some", "any", "ranks", "seats", "scores", "list"]}, {"id": "f", "contests": ["few"]},
        ]),
        tallies: json!([
            tally("one", json!({"type": "plurality", "seats": 1})),
            tally("some", json!({"type": "plurality", "seats": 2})),
            tally("any", json!({"type": "approval", "seats": 1})),
            tally("ranks", json!({"type": "instant_runoff"})),
            tally("seats", json!({"type": "stv", "seats": 2})),
            tally("scores", json!({"type": "score", "seats": 1})),
            tally("list", json!({"type": "dhondt", "seats": 3})),
            tally("few", json!({"type": "plurality", "seats": 1})),
        ]),
        voters: vec![0, 0, 0, 0, 0, 0, 1],
        ..support::smallest()
    };
    let mut board = Board::prepare(&plan);
    let votes = |one: Choice, set: [u32; 2], ranking: [u32; 3], scores: [u32; 4], list: u32| {
        let (set, ranking) = (Choice::set(set), Choice::Ranking(ranking.to_vec()));
        vec![one, set.clone(), set, ranking.clone(), ranking, Choice::Scores(scores.to_vec()), Choice::One(list)]
    };
    for (voter, choices) in [
        votes(Choice::One(0), [0, 1], [0, 1, 2], [3, 0, 0, 1], 0),
        votes(Choice::One(0), [0, 2], [0, 1, 2], [3, 1, 0, 0], 0),
        votes(Choice::One(1), [1, 2], [1, 0, 2], [0, 3, 2, 0], 1),
        votes(Choice::Blank, [2, 3], [2, 3, 0], [0, 0, 0, 0], 2),
        votes(Choice::One(3), [0, 3], [3, 2, 1], [1, 1, 1, 1], 3),
        votes(Choice::One(0), [0, 1], [0, 1, 2], [3, 0, 0, 1], 0),
    ]
    .into_iter()
    .enumerate()
    {
        let ballot = board.ballot_of(voter, &choices);
        board.cast(voter, ballot);
    }
    let ballot = board.ballot_of(6, &[Choice::One(1)]);
    board.cast(6, ballot);
    board.finish_with(&[1]);
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    report
});

fn export(report: &Report, export: Export) -> String {
    let audited = Audited::new(report, OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap()).unwrap();
    let mut bytes = Vec::new();
    export.write(&audited, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn document(of: Export) -> Value {
    serde_json::from_str(&export(&AUDITED, of)).unwrap()
}

/// A table's lines by column.
fn table(of: Export) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(export(&AUDITED, of).as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
}

fn sound(classes: formats::Classes, root: &'static str, document: &Value) {
    let problems = problems(classes, root, document);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn documents_fit_the_published_schemas() {
    sound(ELECTION_RESULTS, "ElectionResults.ElectionReport", &document(Export::ElectionReport));
    sound(CAST_VOTE_RECORDS, "CVR.CastVoteRecordReport", &document(Export::CastVoteRecords));
}

/// Else the test above could not fail.
#[test]
fn what_does_not_fit_a_schema_is_noticed() {
    let good = document(Export::CastVoteRecords);
    let spoilt = |change: &dyn Fn(&mut Value)| {
        let mut document = good.clone();
        change(&mut document);
        problems(CAST_VOTE_RECORDS, "CVR.CastVoteRecordReport", &document).len()
    };
    assert_eq!(spoilt(&|_| ()), 0);
    let changes: [&dyn Fn(&mut Value); 8] = [
        &|d| drop(d.as_object_mut().unwrap().remove("Version")),
        &|d| d["Surprise"] = json!(1),
        &|d| d["Version"] = json!("2.0.0"),
        &|d| d["GeneratedDate"] = json!("yesterday"),
        &|d| d["CVR"][0]["ElectionId"] = json!("contest-one"),
        &|d| d["CVR"][1]["CVRSnapshot"][0]["@id"] = json!("snapshot-1"),
        &|d| d["CVR"][0]["CVRSnapshot"] = json!([]),
        &|d| d["Election"][0]["Contest"][0]["@type"] = json!("CVR.Party"),
    ];
    for (place, change) in changes.into_iter().enumerate() {
        assert!(spoilt(change) > 0, "change {place}");
    }
}

/// The numbers of every export are those of the audited result.
#[test]
fn all_exports_say_the_same() {
    let result = AUDITED.result.as_ref().unwrap();
    let (results, report) = (table(Export::Results), document(Export::ElectionReport));
    let (votes, records) = (table(Export::Votes), document(Export::CastVoteRecords));
    for tally in result.tallies.iter().filter_map(|t| t.outcome.as_ref()) {
        for contest in &tally.contests {
            let of_contest = report["Election"][0]["Contest"].as_array().unwrap().iter();
            let of_contest = of_contest.clone().find(|c| c["@id"] == format!("contest-{}", contest.contest)).unwrap();
            assert_eq!(of_contest["OtherCounts"][0]["Undervotes"], contest.blanks);
            for (place, candidate) in contest.votes.iter().enumerate() {
                let line = |l: &&BTreeMap<String, String>| {
                    l["contest"] == contest.contest && l["candidate"] == candidate.candidate
                };
                let line = results.iter().find(line).unwrap();
                assert_eq!(line["votes"], candidate.votes.to_string(), "{line:?}");
                let elected =
                    tally.elected.iter().any(|e| e.candidate == candidate.candidate && e.contest == contest.contest);
                assert_eq!(line["elected"], if elected { "yes" } else { "no" });
                assert_eq!(of_contest["ContestSelection"][place]["VoteCounts"][0]["Count"], candidate.votes);
            }
            let of_votes = votes.iter().filter(|v| v["contest"] == contest.contest).count() as u64;
            assert_eq!(of_votes, contest.ballots);
            let voted = |cvr: &Value| cvr["CVRSnapshot"][0]["CVRContest"][0]["ContestId"] == of_contest["@id"];
            let of_records = records["CVR"].as_array().unwrap().iter().filter(|cvr| voted(cvr)).count() as u64;
            assert_eq!(of_records, contest.ballots);
        }
    }
    assert_eq!(results.iter().filter(|l| l["tally_status"] == "counted").count(), 7 * 4);
}

#[test]
fn votes_are_told_as_they_were_cast_and_withheld_ones_are_not() {
    let votes = table(Export::Votes);
    let of = |contest: &str| {
        let mut of: Vec<_> = votes
            .iter()
            .filter(|v| v["contest"] == contest)
            .map(|v| format!("{} {}", v["kind"], v["choice"]))
            .collect();
        of.sort();
        of
    };
    assert_eq!(of("one"), ["blank ", "one a", "one a", "one a", "one b", "one d"]);
    assert_eq!(of("some"), ["set a b", "set a b", "set a c", "set a d", "set b c", "set c d"]);
    assert_eq!(of("ranks")[3..], ["ranking b a c", "ranking c d a", "ranking d c b"]);
    assert_eq!(of("scores")[0], "scores a=0 b=0 c=0 d=0");
    assert!(of("few").is_empty());
    let few = table(Export::Contests).into_iter().find(|c| c["contest"] == "few").unwrap();
    assert_eq!((few["withheld"].as_str(), few["counted"].as_str(), few["blank"].as_str()), ("yes", "1", ""));
    let few: Vec<_> = table(Export::Results).into_iter().filter(|l| l["contest"] == "few").collect();
    assert!(few.iter().all(|l| l["votes"].is_empty() && l["elected"].is_empty() && l["tally_status"] == "withheld"));
    let report = document(Export::ElectionReport).to_string();
    assert!(report.contains("\"IsSuppressedForPrivacy\":true"));
    // What a table must quote comes back as it was.
    assert!(table(Export::Results).iter().any(|l| l["name"] == "Õie\nB") && report.contains("Ada, \\\"the first\\\""));
}

#[test]
fn lists_and_rounds_have_their_numbers() {
    let lists: Vec<_> =
        table(Export::Lists).into_iter().map(|l| (l["list"].clone(), l["votes"].clone(), l["seats"].clone())).collect();
    let line = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert!(lists.contains(&line("Red", "4", "2")) && lists.contains(&line("Blue", "1", "1")), "{lists:?}");
    let report = document(Export::ElectionReport);
    let contests = report["Election"][0]["Contest"].as_array().unwrap();
    let parties = contests.iter().find(|c| c["@type"] == "ElectionResults.PartyContest").unwrap();
    assert_eq!(parties["ContestSelection"][0]["VoteCounts"][1]["Count"], 2, "{parties}");
    let rounds = table(Export::Rounds);
    assert!(rounds.iter().any(|r| r["tally"] == "t-seats" && r["action"] == "elected"), "{rounds:?}");
    assert!(rounds.iter().any(|r| r["tally"] == "t-ranks" && r["round"] == "2"), "{rounds:?}");
    let ranked = contests.iter().find(|c| c["@id"] == "contest-ranks").unwrap();
    assert_eq!(ranked["ContestSelection"][0]["VoteCounts"][1]["Round"], 1);
}

/// The report as it is where a rule leaves candidates out of all lists, as that of the Riigikogu does.
fn without_blue() -> Report {
    let mut report = AUDITED.clone();
    let tallies = &mut report.result.as_mut().unwrap().tallies;
    let outcome = tallies.iter_mut().find(|tally| tally.tally == "t-list").unwrap().outcome.as_mut().unwrap();
    outcome.lists.retain(|list| list.list != "Blue");
    report
}

#[test]
fn votes_outside_of_lists_are_valid_votes() {
    let of = |report: &Report| -> Vec<[String; 5]> {
        let text = export(report, Export::Lists);
        let mut lines = csv::Reader::from_reader(text.as_bytes());
        let line = |line: BTreeMap<String, String>| {
            ["list", "independent", "votes", "passed_threshold", "seats"].map(|column| line[column].clone())
        };
        lines.deserialize().map(|one| line(one.unwrap())).collect()
    };
    let votes = |report: &Report| of(report).iter().map(|line| line[2].parse::<u64>().unwrap()).sum::<u64>();
    assert_eq!(votes(&AUDITED), 6);
    assert!(of(&AUDITED).iter().all(|line| !line[0].is_empty()));
    let report = without_blue();
    assert_eq!(votes(&report), 6);
    assert_eq!(of(&report).last().unwrap(), &["", "yes", "1", "", "1"]);
    for (report, row) in [(&AUDITED.clone(), None), (&report, Some("Candidates without a list"))] {
        let page = render_page(report, Language::English);
        let table = page.split("Share of valid votes").nth(1).unwrap().split("</table>").next().unwrap();
        // Four of six, whoever the other two are for.
        assert!(table.contains("66.7\u{a0}%") && table.contains("16.7\u{a0}%"), "{table}");
        assert_eq!(table.contains("Candidates without a list"), row.is_some());
        // An independent candidate by name.
        assert!(table.contains("=1+1") && !table.contains("<bdi>c</bdi>"), "{table}");
    }
}

/// As the page writes the name of a candidate; of a list it is the name itself.
fn named(id: &str) -> &str {
    match id {
        "a" => "Ada, &quot;the first&quot;",
        "b" => "Õie\nB",
        "c" => "=1+1",
        "d" => "D",
        list => list,
    }
}

#[test]
fn a_page_says_what_votes_of_rankings_are_and_names_ties() {
    let page = render_page(&AUDITED, Language::English);
    // Two of the tallies count rankings.
    assert_eq!(page.matches("First preferences").count(), 2);
    assert_eq!(page.matches("Votes when elected").count(), 2);
    assert!(page.contains("count of rankings, in round"));
    let result = AUDITED.result.as_ref().unwrap();
    let ties: Vec<_> = result.tallies.iter().filter_map(|tally| tally.outcome.as_ref()).flat_map(|o| &o.ties).collect();
    assert!(!ties.is_empty());
    for tie in &ties {
        let names: Vec<_> = tie.chosen.iter().map(|id| format!("<bdi>{}</bdi>", named(id))).collect();
        assert!(page.contains(&format!("<strong>{}</strong>", names.join(", "))), "{tie:?}");
    }
    assert!(!page.contains("<bdi>a</bdi>") && !page.contains("<bdi>d</bdi>"));
    let text = render(&AUDITED);
    let line = text.lines().find(|line| line.contains("a tie:")).unwrap();
    assert!(line.contains("=1+1") || line.contains("Ada"), "{line}");
}

#[test]
fn only_what_has_passed_is_exported() {
    let now = OffsetDateTime::from_unix_timestamp(0).unwrap();
    let board = Board::smallest();
    let part = verify_part(&board.record(), None, &Scope::new([Part::Outcome], []), &Silent);
    assert_eq!(Audited::new(&part, now).unwrap_err(), NotAudited(Verdict::Incomplete));
    let failed = Report { verdict: Verdict::Failed, ..AUDITED.clone() };
    assert_eq!(Audited::new(&failed, now).unwrap_err(), NotAudited(Verdict::Failed));
}

/// Takes so many bytes and no more, as a full disk does.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// As many votes as all people on earth could cast need no memory: they are written one by one, up to the first error.
#[test]
fn votes_are_written_one_by_one() {
    let mut many = AUDITED.clone();
    many.result.as_mut().unwrap().contests[0].votes[0].count = 1 << 33;
    let audited = Audited::new(&many, OffsetDateTime::UNIX_EPOCH).unwrap();
    for export in [Export::Votes, Export::CastVoteRecords] {
        let error = export.write(&audited, &mut Full(1 << 20)).unwrap_err();
        assert!(error.to_string().contains("no storage space"), "{error}");
    }
}

#[test]
fn the_command_exports_a_record_that_passes_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    for (path, bytes) in Board::smallest().record().files {
        let path = record.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let run = |into: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditor"));
        command.arg("report").arg(&record).arg("--quiet").arg("--export").arg(folder.path().join(into)).args(more);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run("good", &[]), (Some(0), String::new()));
    for export in Export::ALL {
        assert!(folder.path().join("good").join(export.file_name()).metadata().unwrap().len() > 0);
    }
    let (status, said) = run("good", &[]);
    assert!(status == Some(3) && said.contains("is not empty"), "{said}");
    let (status, said) = run("part", &["--only", "mix"]);
    assert!(status == Some(2) && said.contains("nothing is exported"), "{said}");
    let (status, said) = run("other", &["--election", &"0".repeat(64)]);
    assert!(status == Some(1) && said.contains("nothing is exported"), "{said}");
    assert!(!folder.path().join("part").exists() && !folder.path().join("other").exists());
    std::fs::write(folder.path().join("file"), b"").unwrap();
    let (status, said) = run("file", &[]);
    assert!(status == Some(3) && said.contains("cannot take exports"), "{said}");
}
