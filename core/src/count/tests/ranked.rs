//! Rules that count rankings.

use super::*;

#[test]
fn instant_runoff_transfers_and_ties() {
    // 100 voters: A 42, B 26, C 15, D 17 (the four-city example): C drops out to D, then B to D.
    let choices = vec![ranking("abcd", 42), ranking("bcda", 26), ranking("cdba", 15), ranking("dcba", 17)];
    let outcome = count(&rule(r#"{"type":"instant_runoff"}"#), &[ballots(4, choices)]).unwrap();
    assert_eq!((elected(&outcome).as_str(), outcome.rounds.len()), ("d", 3));
    let out: Vec<_> = outcome.rounds.iter().flat_map(|r| &r.actions).map(|a| a.candidate.as_str()).collect();
    assert_eq!(out, ["c", "b", "d"]);

    // b and c are last with 2 each; c would be out by the order, b by the lots.
    let choices = vec![ranking("a", 3), ranking("bc", 2), ranking("cb", 2)];
    let contest = ballots(3, choices);
    let outcome = count(&rule(r#"{"type":"instant_runoff"}"#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "b");
    let tie = &outcome.ties[0];
    assert_eq!((&tie.tied[..], &tie.chosen[..]), (&["b", "c"].map(String::from)[..], &["c".to_owned()][..]));
    assert_eq!(tie.about, TieFor::Elimination { round: 1 });
    let lots = rule(r#"{"type":"instant_runoff","ties":{"lot":["c","b","a"]}}"#);
    assert_eq!(elected(&count(&lots, std::slice::from_ref(&contest)).unwrap()), "c");
}

#[test]
fn looking_back_decides_before_the_order() {
    // d is out first and brings c level with b, behind a; c had fewer votes in round 1 although it stands first.
    let mut contest = ballots(4, vec![ranking("a", 5), ranking("b", 3), ranking("c", 4), ranking("db", 1)]);
    let outcome = count(&rule(r#"{"type":"instant_runoff"}"#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(outcome.ties[0].chosen, ["c"]);
    let back = rule(r#"{"type":"instant_runoff","look_back":true}"#);
    let outcome = count(&back, std::slice::from_ref(&contest)).unwrap();
    assert_eq!(
        (&outcome.ties[0].chosen[..], &outcome.ties[0].by),
        (&["b".to_owned()][..], &TieBreak::EarlierRound { round: 1 })
    );
    contest.choices.push((Choice::Set(vec![0]), 1));
    assert!(matches!(count(&back, std::slice::from_ref(&contest)), Err(CountError::WrongKind { .. })));
}

#[test]
fn until_two_goes_on_after_a_majority() {
    let contest = ballots(4, vec![ranking("a", 9), ranking("ba", 3), ranking("cb", 2), ranking("db", 1)]);
    let outcome = count(&rule(r#"{"type":"instant_runoff"}"#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(outcome.rounds.len(), 1);
    for batch in ["", r#","batch_elimination":true"#] {
        let on = rule(&format!(r#"{{"type":"instant_runoff","until_two":true{batch}}}"#));
        let outcome = count(&on, std::slice::from_ref(&contest)).unwrap();
        assert_eq!(elected(&outcome), "a");
        let last: Vec<_> = outcome.rounds.last().unwrap().votes.iter().map(|v| v.votes.to_string()).collect();
        assert_eq!(last, ["9", "6"]);
    }
}

#[test]
fn minimum_votes_and_write_ins() {
    let contest = ballots(4, vec![ranking("a", 4), ranking("b", 5), ranking("ca", 1), ranking("da", 9)]);
    let minimum = rule(r#"{"type":"instant_runoff","minimum_votes":2,"write_ins":"d"}"#);
    let outcome = count(&minimum, std::slice::from_ref(&contest)).unwrap();
    let out: Vec<_> = outcome.rounds.iter().flat_map(|r| &r.actions).map(|a| a.candidate.as_str()).collect();
    // d, the write-ins, has the most votes and is out first; then a has a majority.
    assert_eq!(out, ["d", "a"]);
    let wrong = rule(r#"{"type":"instant_runoff","write_ins":"x"}"#);
    assert_eq!(count(&wrong, std::slice::from_ref(&contest)), Err(CountError::UnknownId { id: "x".into() }));
    // Nobody reaches the minimum: the seat stays empty.
    let contest = ballots(3, vec![ranking("a", 4), ranking("b", 5)]);
    let minimum = rule(r#"{"type":"instant_runoff","minimum_votes":20}"#);
    let outcome = count(&minimum, std::slice::from_ref(&contest)).unwrap();
    assert_eq!((outcome.elected.len(), outcome.vacant), (0, 1));
}

#[test]
fn stv_transfers_surplus_in_fractions() {
    // a 12 (quota 8 of 23 for two seats), 4 over quota: each of a's ballots passes on 4/12 = 0.3333.
    let contest = ballots(3, vec![ranking("ab", 6), ranking("ac", 6), ranking("b", 5), ranking("c", 6)]);
    let outcome = count(&rule(r#"{"type":"stv","seats":2}"#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "ac");
    let round = &outcome.rounds[1];
    let votes: Vec<_> = round.votes.iter().map(|v| v.votes.to_string()).collect();
    assert_eq!(votes, ["8.0000", "6.9998", "7.9998"]);
    assert_eq!(round.residual.to_string(), "0.0004");
    let decimal = rule(r#"{"type":"stv","seats":2,"decimal_quota":true,"decimal_places":2}"#);
    let outcome = count(&decimal, std::slice::from_ref(&contest)).unwrap();
    assert_eq!(outcome.rounds[0].quota.to_string(), "7.67");
    let hare = rule(r#"{"type":"stv","seats":2,"quota":"hare"}"#);
    assert_eq!(count(&hare, std::slice::from_ref(&contest)).unwrap().rounds[0].quota.to_string(), "12.0000");
    let places = rule(r#"{"type":"stv","seats":2,"decimal_places":10}"#);
    assert!(matches!(count(&places, &[ballots(1, vec![])]), Err(CountError::TooManyPlaces { .. })));
}

#[test]
fn stv_can_elect_one_per_round() {
    let contest = ballots(3, vec![ranking("ac", 6), ranking("bc", 6)]);
    let outcome = count(&rule(r#"{"type":"stv","seats":2}"#), std::slice::from_ref(&contest)).unwrap();
    assert_eq!(
        outcome.elected.iter().map(|e| e.mandate.clone()).collect::<Vec<_>>(),
        vec![Mandate::Round { round: 1 }; 2]
    );
    let one = rule(r#"{"type":"stv","seats":2,"one_per_round":true,"ties":{"lot":["b","a","c"]}}"#);
    let outcome = count(&one, std::slice::from_ref(&contest)).unwrap();
    assert_eq!(elected(&outcome), "ba");
    assert_eq!(
        (&outcome.ties[0].about, &outcome.ties[0].chosen[..]),
        (&TieFor::Election { round: 1 }, &["b".to_owned()][..])
    );
}

#[test]
fn paper_ballots_are_read_as_the_rules_say() {
    use {Mark::*, OvervoteRule::*};
    let rules = |overvote, max_skipped, exhaust_on_repeat| CvrRules { overvote, max_skipped, exhaust_on_repeat };
    let read = |marks: &[Mark], rules: &CvrRules| {
        let ballot = RankedBallot::from_marks(marks, rules);
        (ballot.ranking.clone(), ballot.end)
    };
    let (c, any) = (Candidate, rules(Skip, None, false));
    assert_eq!(read(&[Skipped; 3], &any), (vec![], RankingEnd::Blank));
    assert_eq!(read(&[Skipped, c(4), c(4)], &any), (vec![4], RankingEnd::Choices));
    assert_eq!(read(&[c(1), Overvote, c(2)], &any), (vec![1, 2], RankingEnd::Choices));
    assert_eq!(read(&[c(1), Overvote, c(2)], &rules(Exhaust, None, false)), (vec![1], RankingEnd::Overvote));
    assert_eq!(read(&[Skipped, Skipped, c(2)], &rules(Skip, Some(1), false)), (vec![], RankingEnd::SkippedRanks));
    assert_eq!(read(&[Skipped, c(1), Skipped, c(2)], &rules(Skip, Some(1), false)), (vec![1, 2], RankingEnd::Choices));
    assert_eq!(read(&[c(1), c(1), c(2)], &rules(Skip, None, true)), (vec![1], RankingEnd::Repeated));
    assert_eq!(RankedBallot::from_marks(&[Overvote], &any).choice(), Choice::Blank);
    assert_eq!("overvote".parse(), Ok(Overvote));
    assert!("x".parse::<Mark>().is_err());
}

#[test]
fn a_batch_is_eliminated_only_if_it_cannot_catch_up() {
    let batch = rule(r#"{"type":"instant_runoff","batch_elimination":true}"#);
    let out = |votes: &[(&str, u64)]| {
        let contest = ballots(5, votes.iter().map(|(r, n)| ranking(r, *n)).collect());
        let outcome = count(&batch, std::slice::from_ref(&contest)).unwrap();
        let ids: Vec<_> = outcome.rounds[0].actions.iter().map(|a| a.candidate.clone()).collect();
        ids.join("")
    };
    assert_eq!(out(&[("a", 9), ("b", 9), ("c", 3), ("d", 1), ("e", 1)]), "dec");
    // d and e together reach c, and with c they reach b: only one goes.
    assert_eq!(out(&[("a", 5), ("b", 4), ("c", 2), ("d", 1), ("e", 1)]), "e");
    // d and e do not reach c, but with c they reach b.
    assert_eq!(out(&[("a", 6), ("b", 5), ("c", 3), ("d", 1), ("e", 1)]), "de");
}

#[test]
fn without_batches_one_is_eliminated_in_a_round() {
    let contest = ballots(4, vec![ranking("a", 9), ranking("b", 9), ranking("c", 2), ranking("d", 1)]);
    let outcome = count(&rule(r#"{"type":"instant_runoff"}"#), std::slice::from_ref(&contest)).unwrap();
    let out: Vec<_> = outcome.rounds.iter().map(|r| r.actions[0].candidate.as_str()).collect();
    assert_eq!(out, ["d", "c", "b", "a"]);
    assert!(outcome.rounds.iter().all(|r| r.actions.len() == 1));
}
