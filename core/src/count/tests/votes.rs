//! Rules that count votes per candidate.

use super::*;

#[test]
fn plurality_counts_and_blanks() {
    let choices = vec![(Choice::One(1), 5), (Choice::Blank, 2), (Choice::One(0), 3), (Choice::One(1), 1)];
    let outcome = count(&rule(r#"{"type":"plurality","seats":1}"#), &[ballots(3, choices)]).unwrap();
    assert_eq!(elected(&outcome), "b");
    let contest = &outcome.contests[0];
    assert_eq!((contest.ballots, contest.blanks), (11, 2));
    assert_eq!(contest.votes.iter().map(|v| v.votes).collect::<Vec<_>>(), [3, 6, 0]);
    assert!(outcome.ties.is_empty());
}

#[test]
fn plurality_ties_follow_the_manifest() {
    let contest = totals(&[""; 4], &[2, 5, 2, 2]);
    let outcome = count_totals(&rule(r#"{"type":"plurality","seats":3}"#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "bac");
    let tie = &outcome.ties[0];
    assert_eq!(
        (&tie.tied[..], &tie.chosen[..]),
        (&["a", "c", "d"].map(String::from)[..], &["a", "c"].map(String::from)[..])
    );
    assert_eq!((&tie.about, &tie.by), (&TieFor::Seat, &TieBreak::CandidateOrder));

    let lots = rule(r#"{"type":"plurality","seats":3,"ties":{"lot":["d","c","b","a"]}}"#);
    let outcome = count_totals(&lots, std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "bdc");
    assert_eq!(outcome.ties[0].by, TieBreak::Lot);
    for bad in [r#"["d","c","b"]"#, r#"["d","c","b","a","e"]"#, r#"["d","c","b","a","a"]"#] {
        let lots = rule(&format!(r#"{{"type":"plurality","seats":3,"ties":{{"lot":{bad}}}}}"#));
        assert!(count_totals(&lots, std::slice::from_ref(&contest)).is_err());
    }
    // A tie above the border decides nothing and is not reported.
    let outcome = count_totals(&rule(r#"{"type":"plurality","seats":2}"#), &[totals(&[""; 3], &[4, 4, 1])]).unwrap();
    assert!(outcome.ties.is_empty());
}

#[test]
fn nobody_is_elected_without_votes() {
    let outcome = count_totals(&rule(r#"{"type":"plurality","seats":2}"#), &[totals(&[""; 3], &[0, 3, 0])]).unwrap();
    assert_eq!((elected(&outcome).as_str(), outcome.vacant, outcome.ties.len()), ("b", 1, 0));
    for json in [r#"{"type":"instant_runoff"}"#, r#"{"type":"stv","seats":2}"#] {
        let outcome = count(&rule(json), &[ballots(3, vec![(Choice::Blank, 7)])]).unwrap();
        assert!(outcome.elected.is_empty() && outcome.vacant > 0);
        assert_eq!(outcome.contests[0].blanks, 7);
    }
}

#[test]
fn approval_and_score() {
    let choices = vec![(Choice::Set(vec![0, 2]), 3), (Choice::Set(vec![2]), 1), (Choice::Blank, 1)];
    let outcome = count(&rule(r#"{"type":"approval","seats":2}"#), &[ballots(3, choices)]).unwrap();
    assert_eq!(elected(&outcome), "ca");
    let choices = vec![(Choice::Scores(vec![5, 0, 3]), 2), (Choice::Scores(vec![0, 4, 4]), 1)];
    let outcome = count(&rule(r#"{"type":"score","seats":1}"#), &[ballots(3, choices)]).unwrap();
    assert_eq!(outcome.contests[0].votes.iter().map(|v| v.votes).collect::<Vec<_>>(), [10, 4, 10]);
    assert_eq!(elected(&outcome), "a");
    assert_eq!(outcome.ties[0].tied, ["a", "c"]);
}

/// The standard example of the method: 100,000, 80,000, 30,000 and 20,000 votes for 8 seats give 4, 3, 1 and 0.
#[test]
fn dhondt_gives_seats_to_lists_and_their_best_candidates() {
    let lists = ["A", "A", "A", "A", "B", "B", "B", "C", "D"];
    let votes = [10_000, 60_000, 20_000, 10_000, 50_000, 10_000, 20_000, 30_000, 20_000];
    let contest = totals(&lists, &votes);
    let dhondt = |more: &str| rule(&format!(r#"{{"type":"dhondt","seats":8{more}}}"#));
    let outcome = count_totals(&dhondt(""), std::slice::from_ref(&contest)).unwrap();
    let seats: Vec<_> = outcome.lists.iter().map(|l| (l.list.as_str(), l.votes, l.seats)).collect();
    assert_eq!(seats, [("A", 100_000, 4), ("B", 80_000, 3), ("C", 30_000, 1), ("D", 20_000, 0)]);
    assert_eq!(elected(&outcome), "becgahfd");
    assert!(outcome.ties.is_empty());
    // At 14 % C (13.0 %) and D (8.7 %) are out, and the other two have seven candidates for eight seats.
    let outcome = count_totals(&dhondt(r#","threshold":"14/100""#), std::slice::from_ref(&contest)).unwrap();
    let seats: Vec<_> = outcome.lists.iter().map(|l| (l.passed, l.seats)).collect();
    assert_eq!(seats, [(true, 4), (true, 3), (false, 0), (false, 0)]);
    assert_eq!(outcome.vacant, 1);
    let outcome = count_totals(&dhondt(r#","within_list":"candidate_order""#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "aebfchgd");
}

#[test]
fn dhondt_ties_and_independents() {
    // Quotients 6, 6, 4, 3, 3, 2: four seats leave one of two equal threes out.
    let contest = totals(&["A", "A", "B", "B", ""], &[4, 2, 3, 3, 4]);
    let outcome = count_totals(&rule(r#"{"type":"dhondt","seats":4}"#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "aceb");
    assert_eq!(outcome.ties.len(), 2);
    assert_eq!((&outcome.ties[0].about, &outcome.ties[0].by), (&TieFor::List, &TieBreak::ListOrder));
    assert_eq!(
        (&outcome.ties[0].tied[..], &outcome.ties[0].chosen[..]),
        (&["A", "B"].map(String::from)[..], &["A".to_owned()][..])
    );
    // B's one seat goes to the earlier of two equal candidates.
    assert_eq!(
        (&outcome.ties[1].tied[..], &outcome.ties[1].chosen[..]),
        (&["c", "d"].map(String::from)[..], &["c".to_owned()][..])
    );
    assert!(outcome.lists[2].independent);
    let lots = rule(r#"{"type":"dhondt","seats":4,"ties":{"lot":["d","e","c","b","a"]}}"#);
    let outcome = count_totals(&lots, std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "daec");
    assert_eq!(outcome.ties[0].by, TieBreak::Lot);
}

/// Riigikogu details that the real election does not show.
#[test]
fn riigikogu_ties_and_excess() {
    let run = |lists: &[&str], votes: &[u64], seats, order: &[(&str, &[&str])]| {
        let list = |(list, order): &(&str, &[&str])| NationalList {
            list: (*list).into(),
            order: order.iter().map(|id| (*id).into()).collect(),
        };
        let districts = vec![District { contest: "contest".into(), seats }];
        let rule = Riigikogu { districts, lists: order.iter().map(list).collect() };
        count_totals(&CountingRule::Riigikogu(rule), &[totals(lists, votes)])
    };
    // Quota 10: list A has one seat, and its two candidates are equal; c is personal; the rest is compensation.
    let outcome = run(&["A", "A", "", "B"], &[6, 6, 10, 8], 3, &[("A", &["b", "a"]), ("B", &["d"])]).unwrap();
    assert_eq!(elected(&outcome), "cbd");
    assert_eq!(
        (&outcome.ties[0].tied[..], &outcome.ties[0].by),
        (&["b", "a"].map(String::from)[..], &TieBreak::ListOrder)
    );
    // Equal lists with one seat to share: the one earlier in the consolidated list.
    let outcome = run(&["A", "B"], &[5, 5], 1, &[("B", &["b"]), ("A", &["a"])]).unwrap();
    assert_eq!(elected(&outcome), "b");
    assert_eq!((&outcome.ties[0].about, outcome.ties[0].contest.is_none()), (&TieFor::List, true));
    // Four lists with 0.75 quotas each and three seats: the law awards a fourth.
    let four: &[(&str, &[&str])] = &[("A", &["a"]), ("B", &["b"]), ("C", &["c"]), ("D", &["d"])];
    let excess = run(&["A", "B", "C", "D"], &[5; 4], 3, four);
    assert_eq!(excess, Err(CountError::SeatsExceeded { awarded: 4, seats: 3 }));
    let none = run(&["A", "B"], &[0, 0], 2, &[("B", &["b"]), ("A", &["a"])]).unwrap();
    assert_eq!((none.elected.len(), none.vacant), (0, 2));
}

#[test]
fn wrong_input_is_refused() {
    let plurality = rule(r#"{"type":"plurality","seats":1}"#);
    let one = |choice| count(&plurality, &[ballots(2, vec![(choice, 1)])]);
    assert!(matches!(one(Choice::One(2)), Err(CountError::UnknownCandidate { .. })));
    assert!(matches!(one(Choice::Set(vec![1, 1])), Err(CountError::RepeatedCandidate { .. })));
    assert!(matches!(one(Choice::Scores(vec![1, 1])), Err(CountError::WrongKind { .. })));
    let overflow = ballots(2, vec![(Choice::One(1), u64::MAX), (Choice::Blank, 1)]);
    assert_eq!(count(&plurality, &[overflow]), Err(CountError::Overflow));
    assert_eq!(count(&plurality, &[]), Err(CountError::OneContest { given: 0 }));
    let none = rule(r#"{"type":"plurality","seats":0}"#);
    assert_eq!(count(&none, &[ballots(2, vec![])]), Err(CountError::NoSeats));
    let stv = rule(r#"{"type":"stv","seats":1}"#);
    assert_eq!(count_totals(&stv, &[totals(&[""], &[1])]), Err(CountError::NeedsRankings));
    let twice = ballots(2, vec![(Choice::Ranking(vec![1, 1]), 1)]);
    assert!(matches!(count(&stv, &[twice]), Err(CountError::RepeatedCandidate { .. })));
    let mut same = totals(&["", ""], &[1, 2]);
    same.candidates[1].id = "a".into();
    assert_eq!(count_totals(&plurality, &[same]), Err(CountError::DuplicateId { id: "a".into() }));
    for bad in [
        r#"{"type":"plurality"}"#,
        r#"{"type":"plurality","seats":1,"more":1}"#,
        r#"{"type":"stv","seats":1,"more":1}"#,
        r#"{"type":"instant_runoff","seats":1}"#,
        r#"{"type":"dhondt","seats":1,"threshold":"5/0"}"#,
        r#"{"type":"dhondt","seats":1,"threshold":"+5/9"}"#,
        r#"{"type":"dhondt","seats":1,"threshold":0.05}"#,
    ] {
        assert!(serde_json::from_str::<CountingRule>(bad).is_err(), "{bad}");
    }
}

#[test]
fn amounts_have_one_written_form() {
    for (text, units, places) in [("0", 0, 0), ("177.5192", 1_775_192, 4), ("8.0000", 80_000, 4)] {
        let amount: Amount = text.parse().unwrap();
        assert_eq!((amount.units(), amount.places(), amount.to_string().as_str()), (units, places, text));
    }
    for bad in ["", ".", "1.", ".5", "+1", "-1", "1.0000000000", "1.2.3", "340282366920938463463374607431768211456"] {
        assert!(bad.parse::<Amount>().is_err(), "{bad}");
    }
}
