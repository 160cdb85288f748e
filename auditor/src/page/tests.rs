//! Pages of reports as they can be, in every language: nothing is missing, nothing from the record is markup.

use super::*;
use crate::checks::ALL;
use crate::report::{CheckReport, ContestPassage, Count, Finding, Signer, TallyTitle, WitnessReport};
use selge_core::election::BallotNumbers;

const EVIL: &str = "<script>alert(1)</script>\"'&\u{202e}";

fn report(verdict: Verdict) -> Report {
    let checks = ALL.iter().enumerate().map(|(place, check)| CheckReport {
        id: check.id.into(),
        title: check.title.into(),
        status: match (verdict, place) {
            (Verdict::Failed, 7) => Status::Failed,
            (Verdict::Failed | Verdict::Incomplete, 9..12) => Status::NotRun,
            _ => Status::Passed,
        },
        counts: ["entries", "hash tiles", "share messages", "cosignatures of different witnesses", "something new"]
            .map(|what| Count { what: what.into(), done: 1234, expected: 1235 })
            .into(),
        findings: if place == 7 { vec![Finding { culprit: EVIL.into(), problem: EVIL.into() }] } else { vec![] },
        further_findings: 3,
        missing: vec![EVIL.into()],
        further_missing: 1,
        on_trust: if place == 12 { vec!["CAST-1".into()] } else { vec![] },
        seconds: 0.25,
    });
    Report {
        format: crate::report::FORMAT.into(),
        verdict,
        election: Some("ab".repeat(32)),
        election_given: verdict == Verdict::Passed,
        asked: None,
        title: Some(EVIL.into()),
        phase: Some("finished".into()),
        entries: Some(12_345),
        root: Some("cd".repeat(32)),
        witnesses: Some(WitnessReport { quorum: 1, cosigned: vec![EVIL.into()], missing: vec![], invalid: vec![] }),
        voters: Some(1000),
        ballots: Some(BallotNumbers { cast: 900, counted: 700, superseded: 150, cancelled: 50 }),
        checks: checks.collect(),
        notes: vec![EVIL.into()],
        result: None,
        tallies: vec![TallyTitle { tally: "t".into(), title: EVIL.into() }],
        contests: vec![
            ContestPassage {
                contest: "a".into(),
                title: EVIL.into(),
                counted: 690,
                withheld: false,
                mixed: 2,
                decryptions: 3,
                decrypted: Some(690),
                undecodable: 1,
            },
            ContestPassage {
                contest: "b".into(),
                title: "B".into(),
                counted: 10,
                withheld: true,
                mixed: 0,
                decryptions: 0,
                decrypted: None,
                undecodable: 0,
            },
        ],
        signers: ["commission", "registrar", "collector", "voters", "mix_server", "trustee", "witness"]
            .map(|role| Signer {
                role: role.into(),
                name: (role != "voters").then(|| EVIL.to_owned()),
                signed: [
                    "manifest",
                    "opening",
                    "cancellations",
                    "closing",
                    "result",
                    "roll",
                    "ballots",
                    "checkpoint",
                    "mixes",
                    "ceremony",
                    "decryptions",
                    "cosignature",
                ]
                .map(|what| (what.to_owned(), 2))
                .into(),
            })
            .into(),
        manifest: None,
        seconds: 12.34,
    }
}

/// What every page must be.
fn sound(page: &str, language: Language) {
    assert!(page.starts_with("<!DOCTYPE html><html lang="), "{}", &page[..40]);
    assert!(page.contains(&format!("lang=\"{}\"", language.tag())));
    assert!(!page.contains("<script"), "markup from the record");
    for outside in ["src=", "href=", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(outside), "a page that loads something: {outside}");
    }
    // Every part has a heading that names it.
    for part in page.split("aria-labelledby=\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
    assert_eq!(page.matches("<h1>").count(), 1);
}

#[test]
fn every_verdict_has_a_page_in_every_language() {
    for language in Language::ALL {
        let words = Words::new(language);
        let mut pages = std::collections::BTreeSet::new();
        for verdict in [Verdict::Passed, Verdict::Failed, Verdict::Incomplete] {
            let page = render(&report(verdict), language);
            sound(&page, language);
            assert!(page.contains(&words.say(short(verdict))));
            for other in [Verdict::Passed, Verdict::Failed, Verdict::Incomplete].into_iter().filter(|v| *v != verdict) {
                assert!(!page.contains(&words.say(short(other))), "two verdicts on one page");
            }
            assert!(page.contains("&lt;script&gt;"));
            assert!(pages.insert(page));
        }
    }
}

#[test]
fn a_part_is_never_shown_as_the_whole() {
    let mut part = report(Verdict::Incomplete);
    part.asked = Some(crate::report::Asked { parts: vec!["mix".into()], contests: vec![EVIL.into()] });
    part.checks[20].status = Status::Skipped;
    for language in Language::ALL {
        let words = Words::new(language);
        let page = render(&part, language);
        sound(&page, language);
        for key in ["verdict-part-means", "verdict-incomplete", "not-asked", "status-skipped", "on-trust", "asked-for"]
        {
            assert!(words.has(key) && page.contains(&words.say(key)), "{key}");
        }
        assert!(!page.contains("verdict passed") && !page.contains(&words.say("verdict-passed")));
    }
}

#[test]
fn a_wrong_id_is_not_put_down_to_the_record() {
    let mut other = report(Verdict::Failed);
    for check in &mut other.checks {
        check.status = if check.id == "ELECTION-2" { Status::Failed } else { Status::Passed };
    }
    for language in Language::ALL {
        let words = Words::new(language);
        let page = render(&other, language);
        sound(&page, language);
        assert!(page.contains(&words.say("verdict-other-means")) && !page.contains(&words.say("verdict-failed-means")));
        let false_too = render(&report(Verdict::Failed), language);
        assert!(false_too.contains(&words.say("verdict-failed-means")));
    }
    assert!(crate::render(&other).contains("another election than the one that was asked for"));
}

#[test]
fn what_a_check_would_have_shown_is_not_told_as_true_if_it_failed() {
    for language in Language::ALL {
        let words = Words::new(language);
        let said = |page: &str, key: &str| page.matches(&words.say(key)).count();
        let page = render(&report(Verdict::Failed), language);
        // The failed check in its box and in the list, and the three that were not done.
        assert_eq!(said(&page, "must-hold"), 5);
        // And once, in its box, what it means for the result that it failed.
        let failed = report(Verdict::Failed).checks.into_iter().find(|check| check.status == Status::Failed).unwrap();
        assert_eq!((said(&page, "fails-means"), said(&page, &format!("check-{}-fails", failed.id))), (1, 1));
        assert_eq!(said(&render(&report(Verdict::Incomplete), language), "fails-means"), 0);
        assert_eq!(said(&render(&report(Verdict::Passed), language), "must-hold"), 0);
        let mut cut = report(Verdict::Failed);
        cut.checks.iter_mut().filter(|check| check.id == "ENTRY-3").for_each(|check| check.status = Status::NotRun);
        assert_eq!(said(&render(&cut, language), "phase-until"), 1);
        assert_eq!(said(&render(&report(Verdict::Passed), language), "phase-until"), 0);
    }
}

#[test]
fn a_report_of_nothing_has_a_page() {
    let empty = Report {
        election: None,
        title: None,
        phase: None,
        entries: None,
        root: None,
        witnesses: None,
        voters: None,
        ballots: None,
        contests: vec![],
        signers: vec![],
        notes: vec![],
        tallies: vec![],
        ..report(Verdict::Incomplete)
    };
    for language in Language::ALL {
        sound(&render(&empty, language), language);
        let content = content(&empty, language);
        assert!(!content.contains("<html") && content.starts_with("<main"));
    }
}

#[test]
fn the_numbers_of_the_way_add_up_on_the_page() {
    let page = render(&report(Verdict::Failed), Language::English);
    for number in ["900", "150", "50", "700", "690"] {
        assert!(page.contains(&format!("<strong>{number}</strong>")), "{number}");
    }
    let problems = page.find("What is wrong").unwrap();
    assert!(problems < page.find("The way of the ballots").unwrap(), "what is wrong stands first");
}

#[test]
fn an_id_is_said_to_be_the_right_one_only_if_it_was_compared() {
    for language in Language::ALL {
        let words = Words::new(language);
        let said = |report: &Report| {
            let page = render(report, language);
            ["id-was-given", "id-is-another", "compare-id"].map(|key| page.contains(&words.say(key)))
        };
        let mut of = report(Verdict::Passed);
        assert_eq!(said(&of), [true, false, false]);
        of.election_given = false;
        of.checks.retain(|check| check.id != "ELECTION-2");
        assert_eq!(said(&of), [false, false, true]);
        let mut other = report(Verdict::Failed);
        other.election_given = true;
        let check = other.checks.iter_mut().find(|check| check.id == "ELECTION-2").unwrap();
        check.status = Status::Failed;
        assert_eq!(said(&other), [false, true, false]);
        other.election = None;
        assert_eq!(said(&other), [false, false, false]);
        // Asked for, but nobody compared it.
        let mut open = report(Verdict::Incomplete);
        open.election_given = true;
        open.checks.iter_mut().filter(|check| check.id == "ELECTION-2").for_each(|check| check.status = Status::NotRun);
        assert_eq!(said(&open), [false, false, true]);
    }
}

#[test]
fn the_verdict_names_who_is_at_fault() {
    let mut of = report(Verdict::Failed);
    let failed = of.checks.iter().position(|check| check.status == Status::Failed).unwrap();
    let finding = |culprit: &str| Finding { culprit: culprit.into(), problem: "false".into() };
    let verdict = |report: &Report, language| {
        let page = render(report, language);
        page.split("verdict failed").nth(1).unwrap().split("</section>").next().unwrap().to_owned()
    };
    for language in Language::ALL {
        let words = Words::new(language);
        let more = words.with("and-more", &[("n", 2)]);
        of.checks[failed].findings =
            vec![finding(EVIL), finding("voter 77"), finding("voter 77"), finding("the record")];
        let three = verdict(&of, language);
        assert!(
            three.contains(&words.say("culprit-fault")) && three.contains("&lt;script&gt;") && !three.contains(&more)
        );
        let voter = words.naming("culprit-voter", "77");
        assert_eq!(three.matches(&voter).count(), 1);
        let others = ["one", "two"].map(finding);
        of.checks[failed].findings.extend(others);
        let five = verdict(&of, language);
        assert!(five.contains(&words.say("culprit-record")) && five.contains(&more) && !five.contains("two"));
        assert!(!verdict(&report(Verdict::Failed), language).contains(&more));
        let mut other = report(Verdict::Failed);
        other.checks.iter_mut().for_each(|check| {
            check.status = if check.id == "ELECTION-2" { Status::Failed } else { Status::Passed };
        });
        assert!(!verdict(&other, language).contains(&words.say("culprit-fault")));
    }
}
