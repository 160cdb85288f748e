//! Seats to lists by d'Hondt's method.

use super::*;

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

/// TALLY-5: the threshold is a share of the valid votes, and who has just that share has reached it.
#[test]
fn a_list_with_exactly_5_percent_has_reached_the_threshold() {
    let threshold = rule(r#"{"type":"dhondt","seats":2,"threshold":"5/100"}"#);
    // 5 of 100 votes.
    let outcome = count_totals(&threshold, &[totals(&["A", "B"], &[95, 5])]).unwrap();
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("ab", 0));
    assert!(outcome.lists[1].passed);
    // 5 of 101: one vote is missing.
    let outcome = count_totals(&threshold, &[totals(&["A", "B"], &[96, 5])]).unwrap();
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("a", 1));
    assert!(!outcome.lists[1].passed);
}

#[test]
fn a_list_without_votes_takes_no_seat_that_is_left() {
    // A has one candidate for four seats, B its one vote, C none.
    let outcome =
        count_totals(&rule(r#"{"type":"dhondt","seats":4}"#), &[totals(&["A", "B", "C"], &[7, 1, 0])]).unwrap();
    assert_eq!((elected(&outcome).as_str(), outcome.vacant), ("ab", 2));
    assert_eq!(outcome.lists.iter().map(|l| l.seats).collect::<Vec<_>>(), [1, 1, 0]);
}

/// A closed list's seats go by its order, so that equal votes on it are no tie.
#[test]
fn equal_votes_on_a_closed_list_decide_nothing() {
    let contest = totals(&["A", "A", "B"], &[3, 3, 1]);
    let seat = |within| rule(&format!(r#"{{"type":"dhondt","seats":1,"within_list":"{within}"}}"#));
    let closed = count_totals(&seat("candidate_order"), std::slice::from_ref(&contest)).unwrap();
    assert_eq!((elected(&closed).as_str(), closed.ties.len()), ("a", 0));
    let open = count_totals(&seat("votes"), std::slice::from_ref(&contest)).unwrap();
    assert_eq!((elected(&open).as_str(), &open.ties[0].tied[..]), ("a", &["a", "b"].map(String::from)[..]));
    // Who is elected is shown with the own votes, not the list's.
    assert_eq!(open.elected[0].votes.to_string(), "3");
}

#[test]
fn lists_need_a_seat_to_share() {
    let none = rule(r#"{"type":"dhondt","seats":0}"#);
    assert_eq!(count_totals(&none, &[totals(&["A", "B"], &[7, 1])]), Err(CountError::NoSeats));
}
