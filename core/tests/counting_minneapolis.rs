//! Real ranked ballots, Minneapolis 2013, counted by the rules in RCTab's configs: every number of RCTab's reports.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use selge_core::count::{
    count, count_ranked, Action, ActionKind, Amount, CandidateRef, ContestBallots, CountingRule, CvrRules, Destination,
    InstantRunoff, Outcome, OvervoteRule, RankedBallot, RankedContest, RankingEnd, Round, Stv,
};
use selge_core::rules::{Choice, VotingRule};
use serde_json::Value;

const WRITE_INS: &str = "Undeclared Write-ins";

fn read(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/minneapolis2013");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap()
}

/// The candidates; their ids are RCTab's names, so that reports can be compared.
fn candidates(contest: &str) -> Vec<CandidateRef> {
    let name = |line: &str| if line == "UWI" { WRITE_INS.to_owned() } else { line.to_owned() };
    let candidate = |name: String| CandidateRef { id: name.clone(), name, list: None };
    read(&format!("{contest}_candidates.txt")).lines().map(name).map(candidate).collect()
}

fn number(rules: &Value, key: &str) -> u32 {
    rules[key].as_str().unwrap().parse().unwrap()
}

fn flag(rules: &Value, key: &str) -> bool {
    rules[key].as_bool().unwrap()
}

fn cvr_rules(rules: &Value) -> CvrRules {
    CvrRules {
        overvote: match rules["overvoteRule"].as_str().unwrap() {
            "exhaustImmediately" => OvervoteRule::Exhaust,
            "alwaysSkipToNextRank" => OvervoteRule::Skip,
            other => panic!("{other}"),
        },
        max_skipped: Some(number(rules, "maxSkippedRanksAllowed")),
        exhaust_on_repeat: flag(rules, "exhaustOnDuplicateCandidate"),
    }
}

/// The counting rule that an RCTab config asks for; panics on what we do not offer.
fn counting_rule(rules: &Value) -> CountingRule {
    for unused in ["doesFirstRoundDetermineThreshold", "treatBlankAsUndeclaredWriteIn"] {
        assert!(!flag(rules, unused), "{unused}");
    }
    let write_ins = Some(WRITE_INS.to_owned());
    let minimum_votes = u64::from(number(rules, "minimumVoteThreshold"));
    let batch_elimination = flag(rules, "batchElimination");
    match rules["winnerElectionMode"].as_str().unwrap() {
        "singleWinnerMajority" => CountingRule::InstantRunoff(InstantRunoff {
            batch_elimination,
            until_two: flag(rules, "continueUntilTwoCandidatesRemain"),
            minimum_votes,
            write_ins,
            ..InstantRunoff::default()
        }),
        mode @ ("multiWinnerAllowMultipleWinnersPerRound" | "multiWinnerAllowOnlyOneWinnerPerRound") => {
            assert!(!flag(rules, "hareQuota"));
            CountingRule::Stv(Stv {
                seats: number(rules, "numberOfWinners"),
                quota: Default::default(),
                decimal_quota: flag(rules, "nonIntegerWinningThreshold"),
                decimal_places: number(rules, "decimalPlacesForVoteArithmetic"),
                one_per_round: mode == "multiWinnerAllowOnlyOneWinnerPerRound",
                batch_elimination,
                minimum_votes,
                write_ins,
                look_back: false,
                ties: Default::default(),
            })
        }
        other => panic!("{other}"),
    }
}

fn contest(name: &str, rules: &CvrRules) -> RankedContest {
    let text = read(&format!("{name}_ballots.csv"));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("count,rank1,rank2,rank3"));
    let ballots = lines.map(|line| {
        let (count, ranks) = line.split_once(',').unwrap();
        let marks: Vec<_> = ranks.split(',').map(|r| r.parse().unwrap()).collect();
        (RankedBallot::from_marks(&marks, rules), count.parse().unwrap())
    });
    RankedContest { id: name.to_owned(), candidates: candidates(name), ballots: ballots.collect() }
}

/// A number of a report in units of the outcome's decimal places; RCTab writes whole numbers now with and now without.
fn units(text: &str, places: u32) -> i128 {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let amount: Amount = text.parse().unwrap();
    assert!(amount.places() == 0 || amount.places() == places, "{text}");
    sign * i128::try_from(amount.units()).unwrap() * 10_i128.pow(places - amount.places())
}

fn signed(amount: Amount) -> i128 {
    i128::try_from(amount.units()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn votes(round: &Round) -> BTreeMap<&str, i128> {
    round.votes.iter().map(|v| (v.candidate.as_str(), signed(v.votes))).collect()
}

fn destination(to: &Destination) -> &str {
    match to {
        Destination::Candidate(id) => id,
        Destination::Exhausted => "exhausted",
        Destination::Residual => "residual surplus",
    }
}

/// Compares with the JSON report: tallies, thresholds, inactive ballots, who was elected and eliminated, transfers.
fn compare_json(outcome: &Outcome, report: &Value, places: u32) {
    let results = report["results"].as_array().unwrap();
    assert_eq!(outcome.rounds.len(), results.len(), "rounds");
    let mut transfers = 0;
    for (round, expected) in outcome.rounds.iter().zip(results) {
        let number = u64::from(round.number);
        assert_eq!(expected["round"].as_u64(), Some(number));
        assert_eq!(signed(round.quota), units(text(&expected["threshold"]), places), "quota {number}");
        let tally = expected["tally"].as_object().unwrap();
        let tally = tally.iter().map(|(c, v)| (c.as_str(), units(text(v), places))).collect();
        assert_eq!(votes(round), tally, "tally {number}");
        let inactive = &expected["inactiveBallots"];
        for (ours, key) in [
            (round.inactive.exhausted, "exhaustedChoices"),
            (round.inactive.overvotes, "overvotes"),
            (round.inactive.skipped_ranks, "skippedRankings"),
            (round.inactive.repeated, "repeatedRankings"),
        ] {
            assert_eq!(signed(ours), units(text(&inactive[key]), places), "{key} {number}");
        }
        let last = inactive["finalRoundSurplus"].as_str().unwrap_or("0");
        assert_eq!(signed(round.final_surplus), units(last, places), "final surplus {number}");

        type Actions<'a> = BTreeMap<&'a str, (ActionKind, BTreeMap<&'a str, i128>)>;
        let ours = |action: &'_ Action| {
            action
                .transfers
                .iter()
                .map(|t| (destination(&t.to).to_owned(), signed(t.votes)))
                .collect::<BTreeMap<_, _>>()
        };
        let mut theirs = Actions::new();
        for action in expected["tallyResults"].as_array().unwrap() {
            let (name, kind) = match (action["elected"].as_str(), action["eliminated"].as_str()) {
                (Some(name), None) => (name, ActionKind::Elected),
                (None, Some(name)) => (name, ActionKind::Eliminated),
                other => panic!("{other:?}"),
            };
            let moved = action["transfers"].as_object().unwrap();
            theirs.insert(name, (kind, moved.iter().map(|(to, v)| (to.as_str(), units(text(v), places))).collect()));
        }
        assert_eq!(round.actions.len(), theirs.len(), "actions {number}");
        for action in &round.actions {
            let (kind, moved) = &theirs[action.candidate.as_str()];
            assert_eq!(action.kind, *kind, "{} {number}", action.candidate);
            let moved: BTreeMap<_, _> = moved.iter().map(|(to, v)| ((*to).to_owned(), *v)).collect();
            assert_eq!(ours(action), moved, "{} {number}", action.candidate);
            transfers += moved.len();
        }
    }
    assert!(transfers > 30);
    let summary = &report["summary"];
    let ballots = &outcome.contests[0];
    assert_eq!(summary["undervotes"].as_u64(), Some(ballots.blanks));
    assert_eq!(text(&summary["totalNumBallots"]), ballots.ballots.to_string());
    assert_eq!(summary["numCandidates"].as_u64(), Some(ballots.votes.len() as u64));
    assert_eq!(summary["numWinners"].as_u64(), Some(outcome.elected.len() as u64));
    let last = outcome.rounds.last().unwrap();
    assert_eq!(signed(last.quota), units(text(&summary["finalThreshold"]), places));
}

/// A line of a CSV report; names with a comma stand in quotes.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

/// Compares with the CSV report: all rows, with transfers as differences and percentages of the active votes.
fn compare_csv(outcome: &Outcome, report: &str, places: u32, multi: bool) {
    let rows: BTreeMap<String, Vec<String>> = report
        .lines()
        .map(cells)
        .filter(|c| c[0] != "Contest Information" && c.len() > 1)
        .map(|mut c| (c.remove(0), c))
        .collect();
    // Three columns a round: votes, share, transfer.
    let cell = |row: &str, round: usize, column: usize| {
        let text = rows[row].get(3 * round + column).map_or("", String::as_str);
        (!text.is_empty()).then(|| units(text.trim_end_matches('%'), places))
    };
    let rounds = &outcome.rounds;
    assert_eq!(rows["Rounds"].len(), 3 * rounds.len());
    let mut checked = 0;
    for (i, round) in rounds.iter().enumerate() {
        let here = votes(round);
        let next = rounds.get(i + 1).map(votes);
        let base = signed(if multi { rounds[0].active } else { round.active });
        for id in candidates(&outcome.contests[0].contest).iter().map(|c| c.id.as_str()) {
            let now = here.get(id).copied().unwrap_or(0);
            assert_eq!(cell(id, i, 0), Some(now), "{id} {}", round.number);
            let moved = next.as_ref().map_or(0, |next| next.get(id).copied().unwrap_or(0) - now);
            assert_eq!(cell(id, i, 2), Some(moved), "{id} {}", round.number);
            let percent = rows[id][3 * i + 1].trim_end_matches('%');
            let (whole, hundredths) = percent.split_once('.').unwrap();
            let percent: i128 = format!("{whole}{hundredths:0<2}").parse().unwrap();
            assert_eq!(percent, now * 10_000 / base, "{id} {}", round.number);
            checked += 1;
        }
        let inactive = |r: &Round| {
            [r.inactive.exhausted, r.inactive.overvotes, r.inactive.skipped_ranks, r.inactive.repeated].map(signed)
        };
        let sum: i128 = inactive(round).iter().sum();
        for (row, ours) in [
            ("Active Ballots", signed(round.active)),
            ("Current Round Threshold", signed(round.quota)),
            ("Inactive Ballots by Exhausted Choices", inactive(round)[0]),
            ("Inactive Ballots by Overvotes", inactive(round)[1]),
            ("Inactive Ballots by Skipped Rankings", inactive(round)[2]),
            ("Inactive Ballots by Repeated Rankings", inactive(round)[3]),
            ("Inactive Ballots Total", sum),
        ] {
            assert_eq!(cell(row, i, 0), Some(ours), "{row} {}", round.number);
        }
        if multi {
            assert_eq!(cell("Residual surplus", i, 0), Some(signed(round.residual)));
            let last = cell("Final Round Surplus", i, 0).unwrap_or(0);
            assert_eq!(last, signed(round.final_surplus));
        }
        let acted = |kind| {
            let mut names: Vec<_> =
                round.actions.iter().filter(|a| a.kind == kind).map(|a| a.candidate.as_str()).collect();
            names.sort_unstable();
            names.join("; ")
        };
        for (row, kind) in [("Eliminated", ActionKind::Eliminated), ("Elected", ActionKind::Elected)] {
            let mut theirs: Vec<_> = rows[row].get(3 * i).map_or(vec![], |t| t.split("; ").collect());
            theirs.sort_unstable();
            assert_eq!(acted(kind), theirs.join("; "), "{row} {}", round.number);
        }
    }
    assert_eq!(checked, rounds.len() * outcome.contests[0].votes.len());
}

/// No vote is lost: what counts, what does not and what rounding took add up to all ballots in every round.
fn conserved(outcome: &Outcome, places: u32) {
    let contest = &outcome.contests[0];
    let all = i128::from(contest.ballots - contest.blanks) * 10_i128.pow(places);
    for round in &outcome.rounds {
        let i = &round.inactive;
        let parts = [round.active, i.exhausted, i.overvotes, i.skipped_ranks, i.repeated, round.residual];
        assert_eq!(parts.into_iter().map(signed).sum::<i128>(), all, "round {}", round.number);
    }
}

fn counted(name: &str) -> (CountingRule, RankedContest, Outcome) {
    let config = json(&format!("{name}_config.json"));
    let rule = counting_rule(&config["rules"]);
    let contest = contest(name, &cvr_rules(&config["rules"]));
    let outcome = count_ranked(&rule, &contest).unwrap();
    (rule, contest, outcome)
}

#[test]
fn mayor_by_instant_runoff() {
    let (_, _, outcome) = counted("mayor");
    compare_json(&outcome, &json("mayor_expected_detailed_report.json"), 0);
    compare_csv(&outcome, &read("mayor_expected_detailed_report.csv"), 0, false);
    conserved(&outcome, 0);
    assert_eq!(outcome.rounds.len(), 33);
    assert_eq!(outcome.elected.len(), 1);
    assert_eq!(outcome.elected[0].name, "BETSY HODGES");
    assert_eq!((outcome.vacant, outcome.ties.len()), (0, 0));
}

#[test]
fn park_board_by_single_transferable_vote() {
    let (_, _, outcome) = counted("park");
    compare_json(&outcome, &json("park_expected_detailed_report.json"), 4);
    compare_csv(&outcome, &read("park_expected_detailed_report.csv"), 4, true);
    conserved(&outcome, 4);
    let names: Vec<_> = outcome.elected.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["JOHN ERWIN", "ANNIE YOUNG", "MEG FORNEY"]);
    let json = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
}

/// Cast as electronic votes, the mayor's ballots are valid choices, and the rounds are the same but for what kind of
/// mark stopped a paper ballot.
#[test]
fn mayor_as_electronic_votes() {
    let (rule, ranked, paper) = counted("mayor");
    let space = VotingRule::Rank { max: 3, blank: true }.space(36).unwrap();
    let choices: Vec<(Choice, u64)> = ranked
        .ballots
        .iter()
        .map(|(ballot, count)| (space.unrank(space.rank(&ballot.choice()).unwrap()).unwrap(), *count))
        .collect();
    let ballots = ContestBallots { id: ranked.id.clone(), candidates: ranked.candidates.clone(), choices };
    let outcome = count(&rule, &[ballots]).unwrap();
    assert_eq!(outcome.elected, paper.elected);
    assert_eq!(outcome.rounds.len(), paper.rounds.len());
    for (ours, theirs) in outcome.rounds.iter().zip(&paper.rounds) {
        assert_eq!((&ours.votes, &ours.actions, ours.quota), (&theirs.votes, &theirs.actions, theirs.quota));
    }
    // Spoiled ballots, on which no candidate can be read, are blank as electronic votes.
    let spoiled: u64 =
        ranked.ballots.iter().filter(|(b, _)| b.ranking.is_empty() && b.end != RankingEnd::Blank).map(|(_, n)| n).sum();
    assert_eq!((paper.contests[0].blanks, spoiled), (639, 150));
    assert_eq!(outcome.contests[0].blanks, 789);
}
