//! The Riigikogu election of 2023: all 101 seats from the published votes, against the published allocation.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use num_bigint::BigUint;
use selge_core::count::{
    count, count_totals, CandidateRef, ContestBallots, ContestTotals, CountError, CountingRule, District, Mandate,
    NationalList, Outcome, Riigikogu,
};
use selge_core::rules::{Choice, VotingRule};

fn rows(name: &str) -> Vec<Vec<String>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data/estonia_rk2023");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(!text.contains('"'));
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The districts with electronic votes as ballots and paper votes as totals.
fn contests() -> (Vec<ContestBallots>, Vec<ContestTotals>) {
    let mut districts: BTreeMap<u32, Vec<(CandidateRef, u64, u64)>> = BTreeMap::new();
    for row in rows("candidates.csv") {
        let [district, id, name, list, electronic, paper] = row.try_into().unwrap();
        let list = (!list.is_empty()).then_some(list);
        let candidate = (CandidateRef { id, name, list }, electronic.parse().unwrap(), paper.parse().unwrap());
        districts.entry(district.parse().unwrap()).or_default().push(candidate);
    }
    let mut both = (Vec::new(), Vec::new());
    for (district, members) in districts {
        let id = format!("district-{district}");
        let candidates: Vec<_> = members.iter().map(|(c, _, _)| c.clone()).collect();
        let space = VotingRule::PartyList { blank: false }.space(u32::try_from(candidates.len()).unwrap()).unwrap();
        let choices = members
            .iter()
            .enumerate()
            .map(|(number, (_, electronic, _))| (space.unrank(number as u128).unwrap(), *electronic));
        both.0.push(ContestBallots { id: id.clone(), candidates: candidates.clone(), choices: choices.collect() });
        let votes: Vec<u64> = members.iter().map(|(_, _, paper)| *paper).collect();
        let ballots = votes.iter().sum();
        both.1.push(ContestTotals { id, candidates, votes, ballots, blanks: 0 });
    }
    both
}

fn rule() -> Riigikogu {
    let district =
        |row: Vec<String>| District { contest: format!("district-{}", row[0]), seats: row[1].parse().unwrap() };
    let list =
        |row: Vec<String>| NationalList { list: row[0].clone(), order: row[2].split(' ').map(str::to_owned).collect() };
    Riigikogu {
        districts: rows("districts.csv").into_iter().map(district).collect(),
        lists: rows("lists.csv").into_iter().map(list).collect(),
    }
}

fn totals() -> Vec<ContestTotals> {
    let (electronic, paper) = contests();
    electronic.iter().zip(&paper).map(|(e, p)| e.single_totals().unwrap().plus(p).unwrap()).collect()
}

fn outcome() -> Outcome {
    count_totals(&CountingRule::Riigikogu(rule()), &totals()).unwrap()
}

#[test]
fn all_seats_of_2023() {
    let (electronic, paper) = contests();
    let sum = |c: &ContestTotals| c.votes.iter().sum::<u64>();
    assert_eq!(electronic.iter().map(|c| sum(&c.totals().unwrap())).sum::<u64>(), 312_181);
    assert_eq!(paper.iter().map(sum).sum::<u64>(), 298_118);

    let outcome = outcome();
    assert_eq!((outcome.elected.len(), outcome.vacant, outcome.ties.len()), (101, 0, 0));
    let kind = |m: &Mandate| match m {
        Mandate::Personal => "personal",
        Mandate::District => "district",
        Mandate::Compensation { .. } => "compensation",
        other => panic!("{other:?}"),
    };
    let ours: Vec<Vec<String>> = outcome
        .elected
        .iter()
        .map(|e| vec![kind(&e.mandate).into(), e.name.clone(), e.list.clone().unwrap(), e.votes.to_string()])
        .collect();
    let expected = rows("elected.csv");
    let theirs: Vec<Vec<String>> = expected.iter().map(|row| row[..4].to_vec()).collect();
    let set = |rows: &[Vec<String>]| rows.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(set(&ours).len(), 101);
    assert_eq!(set(&ours), set(&theirs));
    // The order of personal and district seats is of no account; compensation seats are given in this order.
    assert_eq!(ours[75..], theirs[75..]);
    let seats: Vec<_> = [9, 66, 26].to_vec();
    let of = |k: &str| ours.iter().filter(|row| row[0] == k).count();
    assert_eq!([of("personal"), of("district"), of("compensation")].to_vec(), seats);

    let seats: BTreeMap<_, _> = outcome.lists.iter().map(|l| (l.list.as_str(), l.seats)).collect();
    let expected = [
        ("EE200", 14),
        ("EKRE", 17),
        ("EÜVP", 0),
        ("IE", 8),
        ("KESK", 16),
        ("PP", 0),
        ("REF", 37),
        ("ROH", 0),
        ("SDE", 9),
    ];
    assert_eq!(seats, BTreeMap::from(expected));
    let json = serde_json::to_string(&outcome).unwrap();
    assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
}

/// The published comparison figures are our `votes / divisor^0.9`, within a millionth.
#[test]
fn comparison_figures() {
    let outcome = outcome();
    let votes: BTreeMap<_, _> = outcome.lists.iter().map(|l| (l.list.clone(), l.votes)).collect();
    let mut checked = 0;
    for (elected, row) in outcome.elected.iter().zip(rows("elected.csv")).skip(75) {
        let Mandate::Compensation { divisor } = elected.mandate else { panic!() };
        let (whole, decimals) = row[4].split_once('.').unwrap();
        let figure: u64 = format!("{whole}{}", &decimals[..6]).parse().unwrap();
        let exact = BigUint::from(votes[&row[2]] * 1_000_000).pow(10);
        let power = |figure: u64| BigUint::from(figure).pow(10) * BigUint::from(divisor).pow(9);
        assert!(power(figure - 1) < exact && exact < power(figure + 2), "{}", row[1]);
        checked += 1;
    }
    assert_eq!(checked, 26);
}

/// The quotas as published with the result: 61610/10 and so on.
#[test]
fn quotas() {
    let quotas: Vec<String> = outcome().contests.iter().map(|c| c.quota.unwrap().to_string()).collect();
    assert_eq!(quotas[..4], ["6161/1", "74813/13", "12771/2", "52793/8"]);
}

#[test]
fn electronic_votes_alone_are_counted_too() {
    let (electronic, _) = contests();
    let rule = CountingRule::Riigikogu(rule());
    let outcome = count(&rule, &electronic).unwrap();
    assert_eq!(outcome.elected.len(), 101);
    assert_eq!(outcome.contests.iter().map(|c| c.ballots).sum::<u64>(), 312_181);
}

#[test]
fn contradictions_are_refused() {
    let all = totals();
    let run =
        |rule: &Riigikogu, contests: &[ContestTotals]| count_totals(&CountingRule::Riigikogu(rule.clone()), contests);
    assert!(matches!(run(&rule(), &all[1..]), Err(CountError::Missing { .. })));
    let mut changed = rule();
    changed.districts.pop();
    assert!(matches!(run(&changed, &all), Err(CountError::Missing { .. })));
    let mut changed = rule();
    changed.lists[0].order.pop();
    assert!(matches!(run(&changed, &all), Err(CountError::Missing { .. })));
    let mut changed = rule();
    changed.lists[0].order.push("2000".into());
    assert!(matches!(run(&changed, &all), Err(CountError::UnknownId { .. })));
    let mut changed = rule();
    let id = changed.lists[0].order[0].clone();
    changed.lists[1].order.push(id);
    assert!(matches!(run(&changed, &all), Err(CountError::DuplicateId { .. })));
    let mut changed = all.clone();
    changed[0].votes.pop();
    assert!(matches!(run(&rule(), &changed), Err(CountError::WrongLength { .. })));
    let mut changed = all.clone();
    changed[3].votes[0] = u64::MAX;
    assert_eq!(run(&rule(), &changed), Err(CountError::Overflow));
    let (mut electronic, _) = contests();
    electronic[0].choices.push((Choice::Ranking(vec![0]), 1));
    let rule = CountingRule::Riigikogu(rule());
    assert!(matches!(count(&rule, &electronic), Err(CountError::WrongKind { .. })));
}
