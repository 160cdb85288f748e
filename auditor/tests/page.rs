//! The page that the command writes: of an honest record, of one under way, and where it cannot be written.

mod support;

use selge_auditor::page::{render, Language};
use selge_auditor::{ContestPassage, Finding, Status, Verdict};
use selge_core::election::BallotNumbers;
use std::process::Command;
use support::{audit, Board};

#[test]
fn the_page_of_an_honest_record_shows_its_numbers_and_names() {
    let board = Board::town();
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(report.manifest.as_ref(), Some(board.manifest.document()));
    let mixes = board.manifest.mixes() as u64;
    for contest in &report.contests {
        let (mixed, decrypted) = if contest.withheld { (0, None) } else { (mixes, Some(contest.counted)) };
        assert_eq!((contest.mixed, contest.decrypted), (mixed, decrypted), "{}", contest.contest);
    }
    let signed = |role: &str, what: &str| -> u64 {
        let of = report.signers.iter().filter(|signer| signer.role == role).flat_map(|signer| &signer.signed);
        of.filter(|(kind, _)| kind == what).map(|(_, n)| n).sum()
    };
    assert_eq!(signed("voters", "ballots"), report.ballots.unwrap().cast);
    let of = |number: &dyn Fn(&ContestPassage) -> u64| report.contests.iter().map(number).sum::<u64>();
    assert_eq!(signed("mix_server", "mixes"), of(&|contest| contest.mixed));
    assert_eq!(signed("trustee", "decryptions"), of(&|contest| contest.decryptions));
    assert!(signed("trustee", "decryptions") > 0);
    assert_eq!(
        (signed("commission", "closing"), signed("commission", "result"), signed("registrar", "roll")),
        (1, 1, 1)
    );
    for language in Language::ALL {
        let page = render(&report, language);
        for candidate in board.manifest.document().contests.iter().take(3).flat_map(|c| &c.candidates) {
            assert!(page.contains(&maud_escaped(&candidate.name)), "{}", candidate.name);
        }
    }
}

/// As the page writes text.
fn maud_escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[test]
fn every_stage_of_an_election_has_a_page() {
    let board = Board::smallest();
    for entries in 0..board.entries.len() {
        let mut early = board.clone();
        early.entries.truncate(entries);
        let report = audit(&early.record());
        for language in Language::ALL {
            assert!(render(&report, language).contains("verdict incomplete"), "{entries} entries");
        }
    }
}

#[test]
fn the_command_writes_the_page_and_says_so_if_it_cannot() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in Board::smallest().record().files {
        let path = folder.path().join("record").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let (record, page) = (folder.path().join("record"), folder.path().join("page.html"));
    let run = |file: &std::path::Path, language: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_auditor"));
        command
            .arg("report")
            .arg(&record)
            .arg("--html")
            .arg(file)
            .args(["--language", language, "--quiet"])
            .output()
            .unwrap()
    };
    assert_eq!(run(&page, "et").status.code(), Some(0));
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.contains("lang=\"et\"") && text.contains("verdict passed"));
    let nowhere = run(&folder.path().join("none/page.html"), "et");
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("cannot be written"));
    let unknown = run(&page, "xx");
    assert_eq!(unknown.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("en, et, ru, ar"));
}

/// Text and number of each step of the way, with a minus for what is taken away.
fn steps(page: &str) -> Vec<(String, i64)> {
    let list = page.split("<ol class=\"flow\">").nth(1).unwrap().split("</ol>").next().unwrap();
    let step = |item: &str| {
        let n: i64 = item.split("<strong>").nth(1).unwrap().split('<').next().unwrap().parse().unwrap();
        let text = item.split("</div>").next().unwrap();
        (text.to_owned(), if item.starts_with(" class=\"off\"") { -n } else { n })
    };
    list.split("<li").skip(1).map(step).collect()
}

#[test]
fn the_way_adds_up_wherever_it_breaks() {
    let passage = |contest: &str, counted, mixed, decryptions, decrypted| ContestPassage {
        contest: contest.into(),
        title: contest.to_uppercase(),
        counted,
        withheld: false,
        mixed,
        decryptions,
        decrypted,
        undecodable: 0,
    };
    let board = Board::town();
    let manifest = board.manifest.document();
    let servers = manifest.mix_servers.len() as u64;
    let mut of = board.audit();
    (of.verdict, of.result) = (Verdict::Failed, None);
    of.ballots = Some(BallotNumbers { cast: 30, counted: 20, superseded: 7, cancelled: 3 });
    of.contests = vec![
        passage("a", 20, servers, 3, Some(20)),
        passage("b", 9, 0, 0, None),
        passage("c", 5, 0, 0, None),
        passage("d", 4, servers, 1, None),
        passage("e", 2, servers, 0, None),
    ];
    let mut find = |id: &str, culprit: String| {
        let check = of.checks.iter_mut().find(|check| check.id == id).unwrap();
        check.status = Status::Failed;
        check.findings = vec![Finding { culprit, problem: "it does not hold".into() }];
    };
    find("MIX-2", format!("mix server 1 ({}), contest \"b\"", manifest.mix_servers[0].name));
    find("DECRYPT-2", "trustee 2 (T), contest \"d\"".into());
    let page = render(&of, Language::English);
    let way = steps(&page);
    // Each number that stands for itself is the one before it less what was taken away in between.
    let votes = way.iter().position(|(text, _)| text.contains("Votes in all contests")).unwrap();
    let mut left = way[votes].1;
    for (text, n) in &way[votes + 1..] {
        match n {
            ..0 => left += n,
            _ => assert_eq!(*n, left, "{text}"),
        }
        assert_ne!(*n, 0, "{text}");
    }
    let taken: Vec<_> = way[votes..].iter().filter(|(_, n)| *n < 0).collect();
    let marks: Vec<_> =
        taken.iter().map(|(text, n)| (*n, text.contains("status failed"), text.contains("✗"))).collect();
    assert_eq!(marks, [(-9, true, true), (-5, false, false), (-4, true, true), (-2, false, false)]);
    assert!(way.last().unwrap().0.contains("Decrypted by the trustees together") && way.last().unwrap().1 == 20);
    // Where nothing comes further there are no rows of zeros.
    of.contests.remove(0);
    of.contests.truncate(2);
    let way = steps(&render(&of, Language::English));
    assert_eq!(way.last().unwrap().1, -5);
    assert!(!render(&of, Language::English).contains("Decrypted by the trustees together"));
}

#[test]
fn the_verdict_names_parties_in_the_pages_language() {
    let board = Board::town();
    let manifest = board.manifest.document();
    let server = format!("mix server 2 ({})", manifest.mix_servers[1].name);
    let collector = format!("the collector ({})", manifest.collector.name);
    let commission = format!("the election commission ({})", manifest.commission.name);
    let contest = format!("contest {:?}", manifest.contests[0].id);
    let mut of = board.audit();
    (of.verdict, of.result) = (Verdict::Failed, None);
    let check = of.checks.iter_mut().find(|check| check.id == "MIX-1").unwrap();
    check.status = Status::Failed;
    let finding = |culprit| Finding { culprit, problem: "it does not hold".into() };
    check.findings = vec![
        finding(format!("{server}, {contest}")),
        finding(format!("entry 36 (mix) of {server}, {contest}; or {collector} and {commission}, who then did it")),
        finding(format!("{collector}, which put entry 5 (roll) on the board: {commission} did not sign it")),
    ];
    for (language, name, or) in [
        (Language::English, "mix server", " or "),
        (Language::Estonian, "segaja", " või "),
        (Language::Russian, "перемешивающий сервер", " или "),
        (Language::Arabic, "خادم الخلط", " أو "),
    ] {
        let page = render(&of, language);
        let verdict = page.split("<p class=\"culprits\">").nth(1).unwrap().split("</p>").next().unwrap();
        // Isolated, so that no name turns what is around it.
        let plain = verdict.replace(['\u{2068}', '\u{2069}'], "");
        let named: Vec<_> = plain.split("<bdi>").skip(1).map(|part| part.split("</bdi>").next().unwrap()).collect();
        assert_eq!(named.len(), 3, "{plain}");
        assert_eq!(named[0], format!("{name} 2 ({})", maud_escaped(&manifest.mix_servers[1].name)));
        assert!(named[1].starts_with(named[0]) && named[1].matches(or).count() == 2, "{}", named[1]);
        assert!(named[1].contains(named[2]) && !named[2].contains(or), "{}", named[2]);
        assert!(!plain.contains("entry"), "{plain}");
    }
}
