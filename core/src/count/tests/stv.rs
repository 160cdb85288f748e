//! Single transferable vote at its borders: the quota, the minimum, rounding, and eliminating in batches.

use super::*;

fn stv(options: &str, candidates: usize, rankings: &[(&str, u64)]) -> Outcome {
    let choices = rankings.iter().map(|(r, n)| ranking(r, *n)).collect();
    count(&rule(&format!(r#"{{"type":"stv"{options}}}"#)), &[ballots(candidates, choices)]).unwrap()
}

fn rounds(outcome: &Outcome) -> Vec<Mandate> {
    outcome.elected.iter().map(|e| e.mandate.clone()).collect()
}

#[test]
fn one_per_round_elects_the_one_with_the_most_votes() {
    // 21 votes for two seats: the quota is 8, which a and b both reach.
    let outcome = stv(r#","seats":2,"one_per_round":true"#, 3, &[("a", 8), ("b", 10), ("c", 3)]);
    assert_eq!((elected(&outcome).as_str(), outcome.rounds[0].quota.to_string().as_str()), ("ba", "8.0000"));
    assert_eq!(rounds(&outcome), [1, 2].map(|round| Mandate::Round { round }));
    assert!(outcome.ties.is_empty());
    // First preferences are whole votes, and who is elected is shown with what elected.
    assert_eq!(outcome.contests[0].votes.iter().map(|v| v.votes).collect::<Vec<_>>(), [8, 10, 3]);
    assert_eq!(outcome.elected.iter().map(|e| e.votes.to_string()).collect::<Vec<_>>(), ["10.0000", "8.0000"]);
}

#[test]
fn looking_back_elects_the_one_who_was_ahead() {
    // The quota is 6 of 16. c's votes bring a and b to it at once; before that b had 5 and a 4.
    let votes = [("a", 4), ("b", 5), ("ca", 2), ("cb", 1), ("d", 4)];
    let outcome = stv(r#","seats":2,"one_per_round":true,"look_back":true"#, 4, &votes);
    assert_eq!(elected(&outcome), "ba");
    let tie = &outcome.ties[0];
    assert_eq!((&tie.about, &tie.by), (&TieFor::Election { round: 2 }, &TieBreak::EarlierRound { round: 1 }));
    assert_eq!((&tie.tied[..], &tie.chosen[..]), (&["b", "a"].map(String::from)[..], &["b".to_owned()][..]));
    assert_eq!(elected(&stv(r#","seats":2,"one_per_round":true"#, 4, &votes)), "ab");
}

#[test]
fn a_seat_takes_the_minimum_even_where_seats_are_left() {
    let outcome = stv(r#","seats":2,"minimum_votes":5"#, 2, &[("a", 10), ("b", 5)]);
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("ab", 0));
    let outcome = stv(r#","seats":2,"minimum_votes":5"#, 2, &[("a", 10), ("b", 4)]);
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("a", 1));
    // The quota, 5 of 14, is never below the minimum.
    let outcome = stv(r#","seats":2,"minimum_votes":7"#, 3, &[("a", 6), ("b", 4), ("c", 4)]);
    assert_eq!(outcome.rounds[0].quota.to_string(), "7.0000");
}

#[test]
fn a_surplus_too_small_to_pass_on_is_residual() {
    // In whole votes: a has 6 and the quota is 5, but a sixth of each ballot rounds down to nothing.
    let outcome = stv(r#","seats":2,"decimal_places":0"#, 3, &[("ab", 6), ("b", 4), ("c", 4)]);
    let residual = Transfer { to: Destination::Residual, votes: "1".parse().unwrap() };
    assert_eq!(outcome.rounds[0].actions[0].transfers, [residual]);
    let votes: Vec<_> = outcome.rounds[1].votes.iter().map(|v| v.votes.to_string()).collect();
    assert_eq!((votes.join(" ").as_str(), outcome.rounds[1].residual.to_string().as_str()), ("5 4 4", "1"));
    // It is lost once and not in every round.
    assert_eq!((outcome.rounds.len(), outcome.rounds[3].residual.to_string().as_str()), (4, "1"));
}

#[test]
fn a_batch_leaves_a_candidate_for_each_open_seat() {
    // 76 votes for three seats: the quota is 20, and a's surplus is exhausted. c and d together have fewer votes than b, and
    // could not bring it to the quota, but with two seats open for three only the last one is out.
    let votes = [("a", 60), ("b", 9), ("c", 4), ("d", 3)];
    for batch in ["", r#","batch_elimination":true"#] {
        let outcome = stv(&format!(r#","seats":3{batch}"#), 4, &votes);
        assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("abc", 0), "{batch}");
    }
    // Of five for two seats the last three go at once: their 5 votes are fewer than c's 7, and do not bring b to 16.
    let votes = [("a", 40), ("b", 9), ("c", 7), ("d", 3), ("e", 1), ("f", 1)];
    let outcome = stv(r#","seats":3,"batch_elimination":true"#, 6, &votes);
    let out: Vec<_> = outcome.rounds[1].actions.iter().map(|a| a.candidate.as_str()).collect();
    assert_eq!((out.join("").as_str(), elected(&outcome).as_str()), ("efd", "abc"));
    // Three votes more for b, and the same 5 would bring it to the quota: d stays.
    let votes = [("a", 40), ("b", 12), ("c", 7), ("d", 3), ("e", 1), ("f", 1)];
    let outcome = stv(r#","seats":3,"batch_elimination":true"#, 6, &votes);
    let out: Vec<_> = outcome.rounds[1].actions.iter().map(|a| a.candidate.as_str()).collect();
    assert_eq!((out.join("").as_str(), outcome.rounds[1].quota.to_string().as_str()), ("ef", "17.0000"));
}

#[test]
fn a_batch_brings_nobody_to_the_quota() {
    // 28 votes for two seats: the quota is 10. e alone brings a to it, so that d's ballots pass a over and keep their whole
    // value for c. Eliminated with e, they would leave most of it with a, and b would be ahead of c.
    let votes = [("a", 9), ("b", 8), ("c", 7), ("dac", 2), ("ea", 2)];
    for batch in ["", r#","batch_elimination":true"#] {
        let outcome = stv(&format!(r#","seats":2{batch}"#), 5, &votes);
        assert_eq!(elected(&outcome), "ac", "{batch}");
        assert_eq!(rounds(&outcome), [2, 5].map(|round| Mandate::Round { round }), "{batch}");
    }
}

#[test]
fn seats_and_decimal_places_have_bounds() {
    let contest = ballots(2, vec![ranking("a", 2), ranking("b", 1)]);
    let run = |options: &str| count(&rule(&format!(r#"{{"type":"stv",{options}}}"#)), std::slice::from_ref(&contest));
    assert_eq!(run(r#""seats":0"#), Err(CountError::NoSeats));
    assert_eq!(run(r#""seats":1,"decimal_places":10"#), Err(CountError::TooManyPlaces { places: 10, max: 9 }));
    let quota = run(r#""seats":1,"decimal_places":9,"decimal_quota":true"#).unwrap().rounds[0].quota;
    assert_eq!(quota.to_string(), "1.500000001");
    assert_eq!("1.500000001".parse(), Ok(quota));
}
