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
    assert_eq!(outcome.elected[0].votes.to_string(), "6");
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

/// TALLY-2: nothing but a candidate without any vote stays without a seat.
#[test]
fn a_single_vote_can_win_a_seat() {
    let outcome = count_totals(&rule(r#"{"type":"plurality","seats":3}"#), &[totals(&[""; 3], &[0, 1, 5])]).unwrap();
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("cb", 1));
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

/// RULE-6: a score for every candidate, no more and no fewer.
#[test]
fn a_ballot_of_scores_has_one_for_each_candidate() {
    let score = rule(r#"{"type":"score","seats":1}"#);
    for scores in [vec![5, 1], vec![5, 1, 0, 2]] {
        let given = scores.len();
        let refused = CountError::WrongLength { contest: "contest".into(), given, candidates: 3 };
        assert_eq!(count(&score, &[ballots(3, vec![(Choice::Scores(scores), 1)])]), Err(refused));
    }
}

/// TALLY-7.
#[test]
fn electronic_and_paper_votes_are_added_per_candidate() {
    let electronic = ContestTotals { blanks: 1, ballots: 8, ..totals(&["", ""], &[5, 2]) };
    let paper = ContestTotals { blanks: 2, ballots: 6, ..totals(&["", ""], &[1, 3]) };
    let sum = electronic.plus(&paper).unwrap();
    assert_eq!((sum.votes.as_slice(), sum.ballots, sum.blanks), (&[6, 5][..], 14, 3));

    let refused = |other: ContestTotals| {
        assert!(matches!(electronic.plus(&other), Err(CountError::DifferentContests { .. })), "{other:?}");
    };
    refused(ContestTotals { id: "another contest".into(), ..paper.clone() });
    let mut other_order = paper.clone();
    other_order.candidates.reverse();
    refused(other_order);
    refused(ContestTotals { votes: vec![1, 3, 0], ..paper.clone() });
    refused(ContestTotals { votes: vec![4], ..paper });
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

#[test]
fn fractions_have_one_written_form() {
    for (text, written) in [("5/100", "1/20"), ("4/2", "2/1"), ("0/7", "0/1")] {
        assert_eq!(text.parse::<Fraction>().unwrap().to_string(), written);
    }
    // No threshold is the threshold 0.
    assert_eq!(Fraction::new(0, 7), Some(Fraction::default()));
    assert_eq!(Fraction::new(0, 0), None);
    for bad in ["", "/", "1", "1/", "/2", "1/0", "0/0", "-1/2", "1/2/3", "18446744073709551616/1"] {
        assert!(bad.parse::<Fraction>().is_err(), "{bad}");
    }
}
