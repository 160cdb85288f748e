//! Instant runoff at its borders: write-ins, the minimum, ties and ballots that run out.

use super::*;

fn runoff(options: &str, candidates: usize, rankings: &[(&str, u64)]) -> Outcome {
    let choices = rankings.iter().map(|(r, n)| ranking(r, *n)).collect();
    count(&rule(&format!(r#"{{"type":"instant_runoff"{options}}}"#)), &[ballots(candidates, choices)]).unwrap()
}

/// The candidates who act in each round: `c d/a` for c and d in round 1, a in round 2.
fn acts(outcome: &Outcome) -> String {
    let round = |r: &Round| r.actions.iter().map(|a| a.candidate.as_str()).collect::<Vec<_>>().join(" ");
    outcome.rounds.iter().map(round).collect::<Vec<_>>().join("/")
}

fn shown(round: &Round) -> String {
    round.votes.iter().map(|v| format!("{}{}", v.candidate, v.votes)).collect::<Vec<_>>().join(" ")
}

#[test]
fn write_ins_are_eliminated_before_a_majority_elects() {
    // a has 9 of 12, but c stands for write-ins.
    let outcome = runoff(r#","write_ins":"c""#, 3, &[("a", 9), ("b", 1), ("cb", 2)]);
    assert_eq!(acts(&outcome), "c/a");
    assert_eq!(outcome.elected[0].mandate, Mandate::Round { round: 2 });
}

#[test]
fn write_ins_with_one_vote_take_part_and_pass_it_on() {
    // 3 : 2 and one write-in, which makes the others equal.
    let outcome = runoff(r#","write_ins":"c""#, 3, &[("a", 3), ("b", 2), ("cb", 1)]);
    assert_eq!(acts(&outcome), "c/b/a");
    assert_eq!(shown(&outcome.rounds[0]), "a3 b2 c1");
    assert_eq!(outcome.rounds[0].actions[0].transfers.len(), 1);
    assert_eq!(shown(&outcome.rounds[1]), "a3 b3");
}

#[test]
fn write_ins_that_nobody_put_first_take_no_part() {
    let outcome = runoff(r#","write_ins":"c""#, 3, &[("ac", 3), ("b", 2)]);
    assert_eq!((acts(&outcome).as_str(), shown(&outcome.rounds[0]).as_str()), ("a", "a3 b2"));
    // Nor do ballots pass to them later: b's go on to a.
    let outcome = runoff(r#","write_ins":"d""#, 4, &[("a", 4), ("bda", 2), ("c", 4)]);
    assert_eq!((acts(&outcome).as_str(), shown(&outcome.rounds[1]).as_str()), ("b/a", "a6 c4"));
}

#[test]
fn everybody_below_the_minimum_is_eliminated_at_once() {
    // e has just the minimum.
    let votes = [("a", 9), ("b", 8), ("c", 1), ("d", 1), ("e", 2)];
    assert_eq!(acts(&runoff(r#","minimum_votes":2"#, 5, &votes)), "c d/e/a");
}

#[test]
fn the_last_one_is_elected_with_the_minimum_and_not_below_it() {
    let outcome = runoff(r#","minimum_votes":5"#, 1, &[("a", 5)]);
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("a", 0));
    let outcome = runoff(r#","minimum_votes":5"#, 1, &[("a", 4)]);
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("", 1));
    // More than half of the votes are not enough below the minimum.
    let outcome = runoff(r#","minimum_votes":20"#, 2, &[("a", 4), ("b", 5)]);
    assert_eq!(outcome.rounds[0].quota.to_string(), "20");
}

#[test]
fn ballots_that_run_out_after_the_majority_are_exhausted() {
    let outcome = runoff(r#","until_two":true"#, 3, &[("a", 9), ("b", 3), ("c", 2)]);
    assert_eq!(acts(&outcome), "a/c/");
    // Nothing leaves the one who is elected; one seat has no surplus.
    let transfers = |round: usize| &outcome.rounds[round].actions[0].transfers;
    assert!(transfers(0).is_empty());
    assert_eq!(transfers(1)[..], [Transfer { to: Destination::Exhausted, votes: "2".parse().unwrap() }]);
    let last = &outcome.rounds[2];
    let amounts = [last.active, last.inactive.exhausted, last.final_surplus].map(|amount| amount.to_string());
    assert_eq!(amounts, ["12", "2", "0"]);
}

#[test]
fn looking_back_goes_on_to_the_round_in_which_they_differ() {
    // d drops out, then e. b and c are then last with 4 each, as in round 2; in round 1 b had 3.
    let votes = [("a", 8), ("f", 8), ("b", 3), ("c", 4), ("db", 1), ("ea", 2)];
    let outcome = runoff(r#","look_back":true"#, 6, &votes);
    let tie = &outcome.ties[0];
    assert_eq!((&tie.about, &tie.chosen[..]), (&TieFor::Elimination { round: 3 }, &["b".to_owned()][..]));
    assert_eq!(tie.by, TieBreak::EarlierRound { round: 1 });
    // Without it the order of the candidates decides, and c is behind.
    assert_eq!(runoff("", 6, &votes).ties[0].chosen, ["c"]);
}

#[test]
fn a_tie_names_those_ahead_first() {
    let votes = [("a", 5), ("b", 2), ("c", 2), ("d", 2)];
    let outcome = runoff(r#","ties":{"lot":["d","a","b","c"]}"#, 4, &votes);
    assert_eq!(
        (&outcome.ties[0].tied[..], outcome.ties[0].chosen[0].as_str()),
        (&["d", "b", "c"].map(String::from)[..], "c")
    );
    let outcome = runoff(r#","ties":{"lot":["c","b","a","d"]}"#, 4, &votes);
    assert_eq!(
        (&outcome.ties[0].tied[..], outcome.ties[0].chosen[0].as_str()),
        (&["c", "b", "d"].map(String::from)[..], "d")
    );
}

#[test]
fn a_ballot_with_a_ranking_counts_whatever_is_said_of_its_end() {
    let ballot = |ranking: &[u32], end| (RankedBallot { ranking: ranking.to_vec(), end }, 2);
    let ballots =
        vec![ballot(&[1], RankingEnd::Blank), ballot(&[], RankingEnd::Blank), ballot(&[], RankingEnd::Choices)];
    let contest = RankedContest { id: "contest".into(), candidates: candidates(&["", ""]), ballots };
    let outcome = count_ranked(&rule(r#"{"type":"instant_runoff"}"#), &contest).unwrap();
    assert_eq!((elected(&outcome).as_str(), outcome.contests[0].ballots, outcome.contests[0].blanks), ("b", 6, 2));
    assert_eq!(outcome.rounds[0].inactive.exhausted.to_string(), "2");
}

#[test]
fn unknown_candidates_and_equal_ids_are_refused() {
    let runoff = rule(r#"{"type":"instant_runoff"}"#);
    for candidate in [3, u32::MAX] {
        let refused = CountError::UnknownCandidate { contest: "contest".into(), candidate };
        let choices = vec![(Choice::Ranking(vec![0, candidate]), 1)];
        assert_eq!(count(&runoff, &[ballots(3, choices)]), Err(refused));
    }
    let mut same = ballots(2, vec![ranking("ab", 1)]);
    same.candidates[1].id = "a".into();
    assert_eq!(count(&runoff, &[same]), Err(CountError::DuplicateId { id: "a".into() }));
}
