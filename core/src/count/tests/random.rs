//! Properties of counts of random votes.

use proptest::prelude::*;

use super::*;

fn any_rule() -> impl Strategy<Value = CountingRule> {
    let options = (0..5_u32, 0..10_u32, any::<[bool; 6]>(), 0..4_u64);
    options.prop_map(|(seats, decimal_places, f, minimum_votes)| {
        let write_ins = f[4].then(|| "b".to_owned());
        let ties = if f[5] {
            TieOrder::Lot(["e", "d", "c", "b", "a"].map(String::from).to_vec())
        } else {
            TieOrder::default()
        };
        if f[0] {
            CountingRule::InstantRunoff(InstantRunoff {
                batch_elimination: f[1],
                until_two: f[2],
                minimum_votes,
                write_ins,
                look_back: f[3],
                ties,
            })
        } else {
            CountingRule::Stv(Stv {
                seats,
                quota: if f[1] { Quota::Droop } else { Quota::Hare },
                decimal_quota: f[2],
                decimal_places,
                one_per_round: f[3],
                batch_elimination: f[4],
                minimum_votes,
                write_ins,
                look_back: f[1],
                ties,
            })
        }
    })
}

proptest! {
    /// Rankings counted by any settings: the count ends, no vote appears or is lost, everybody is elected at most once.
    #[test]
    fn rounds_conserve_votes(
        rule in any_rule(),
        rows in prop::collection::vec((prop::sample::subsequence(vec![0_u32, 1, 2, 3, 4], 0..=5).prop_shuffle(), 0..9_u64), 0..12),
    ) {
        let choice = |(r, n): (Vec<u32>, u64)| (if r.is_empty() { Choice::Blank } else { Choice::Ranking(r) }, n);
        let contest = ballots(5, rows.into_iter().map(choice).collect());
        match count(&rule, std::slice::from_ref(&contest)) {
            Err(error) => prop_assert_eq!(error, CountError::NoSeats),
            Ok(outcome) => {
                prop_assert!(outcome.rounds.len() <= 12);
                let all = outcome.contests[0].ballots - outcome.contests[0].blanks;
                for round in &outcome.rounds {
                    let sum = round.active.units() + round.inactive.exhausted.units() + round.residual.units();
                    prop_assert_eq!(sum, u128::from(all) * 10_u128.pow(round.active.places()));
                }
                let mut ids: Vec<_> = outcome.elected.iter().map(|e| &e.candidate).collect();
                ids.sort();
                ids.dedup();
                prop_assert_eq!(ids.len(), outcome.elected.len());
                let json = serde_json::to_string(&outcome).unwrap();
                prop_assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
            }
        }
    }

    /// Eliminating several at once elects the same candidates as eliminating one after the other; with several seats each
    /// of them with the same votes.
    #[test]
    fn batches_change_nobodys_election(
        rule in any_rule(),
        rows in prop::collection::vec((prop::sample::subsequence(vec![0_u32, 1, 2, 3, 4], 1..=5).prop_shuffle(), 1..20_u64), 1..12),
    ) {
        let choice = |(r, n): (Vec<u32>, u64)| (Choice::Ranking(r), n);
        let contest = ballots(5, rows.into_iter().map(choice).collect());
        let elected = |batch: bool| {
            let mut rule = rule.clone();
            match &mut rule {
                // The rounds to look back at are not the same.
                CountingRule::InstantRunoff(r) => (r.batch_elimination, r.look_back) = (batch, false),
                CountingRule::Stv(r) => (r.batch_elimination, r.look_back, r.seats) = (batch, false, r.seats.max(1)),
                _ => unreachable!(),
            }
            let outcome = count(&rule, std::slice::from_ref(&contest)).unwrap();
            let stv = matches!(rule, CountingRule::Stv(_));
            outcome.elected.iter().map(|e| (e.candidate.clone(), stv.then_some(e.votes))).collect::<Vec<_>>()
        };
        prop_assert_eq!(elected(true), elected(false));
    }

    /// D'Hondt by exact integers is d'Hondt by sorting all quotients as fractions.
    #[test]
    fn dhondt_agrees_with_sorted_quotients(votes in prop::collection::vec(0..60_u64, 5), seats in 1..5_u32) {
        let rule = CountingRule::DHondt { seats, threshold: Fraction::default(), within_list: WithinList::Votes, ties: TieOrder::default() };
        let lists = ["A", "B", "A", "B", "A"];
        let outcome = count_totals(&rule, &[totals(&lists, &votes)]).unwrap();
        let sum = |name: &str| -> u64 { lists.iter().zip(&votes).filter(|(l, _)| **l == name).map(|(_, v)| *v).sum() };
        let mut quotients = Vec::new();
        for (list, members) in [(0_usize, 3_u64), (1, 2)] {
            for divisor in 1..=members {
                quotients.push((num_rational::Ratio::new(sum(["A", "B"][list]), divisor), list));
            }
        }
        quotients.retain(|(q, _)| *q.numer() > 0);
        quotients.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        quotients.truncate(seats as usize);
        for list in 0..2 {
            let expected = quotients.iter().filter(|(_, l)| *l == list).count();
            prop_assert_eq!(outcome.lists[list].seats as usize, expected);
        }
    }

    /// Votes as large as they come neither overflow nor panic.
    #[test]
    fn large_numbers_do_not_panic(votes in prop::collection::vec(any::<u64>(), 3), seats in any::<u32>()) {
        let places = 9;
        let choices: Vec<_> = votes.iter().enumerate().map(|(i, v)| (Choice::Ranking(vec![i as u32, (i as u32 + 1) % 3]), v / 4)).collect();
        let contest = ballots(3, choices);
        for quota in [Quota::Droop, Quota::Hare] {
            let stv = Stv { seats: seats.max(1), quota, decimal_quota: true, decimal_places: places, one_per_round: false, batch_elimination: true, minimum_votes: seats.into(), write_ins: None, look_back: true, ties: TieOrder::default() };
            let two = Stv { seats: 2, ..stv.clone() };
            prop_assert!(count(&CountingRule::Stv(two), std::slice::from_ref(&contest)).is_ok());
            prop_assert!(count(&CountingRule::Stv(stv), std::slice::from_ref(&contest)).is_ok());
        }
        for json in [r#"{"type":"plurality","seats":4294967295}"#, r#"{"type":"dhondt","seats":4294967295,"threshold":"18446744073709551615/18446744073709551614"}"#] {
            let _ = count_totals(&rule(json), &[ContestTotals { id: "c".into(), candidates: candidates(&["A", "B", ""]), votes: votes.clone(), ballots: 0, blanks: 0 }]);
        }
        let districts = vec![District { contest: "c".into(), seats }];
        let lists = vec![NationalList { list: "A".into(), order: vec!["a".into()] }, NationalList { list: "B".into(), order: vec!["b".into()] }];
        let _ = count_totals(&CountingRule::Riigikogu(Riigikogu { districts, lists }), &[ContestTotals { id: "c".into(), candidates: candidates(&["A", "B", ""]), votes, ballots: 0, blanks: 0 }]);
    }
}
