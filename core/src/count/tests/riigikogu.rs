//! The Riigikogu's rule at its borders: shares that are just reached, equal votes, and what contradicts itself.
//!
//! The expected seats are worked out from section 62 of the Riigikogu Election Act.

use super::*;

/// A district: its contest, its seats, and each candidate's id, list and votes.
type Ring<'a> = (&'a str, u32, &'a [(&'a str, &'a str, u64)]);
/// A national list: its name and its candidates in order.
type National<'a> = (&'a str, &'a [&'a str]);

fn contest((id, _, candidates): &Ring<'_>) -> ContestTotals {
    let candidate = |(id, list, _): &(&str, &str, u64)| CandidateRef {
        id: (*id).into(),
        name: id.to_uppercase(),
        list: (!list.is_empty()).then(|| (*list).into()),
    };
    let votes: Vec<u64> = candidates.iter().map(|(_, _, votes)| *votes).collect();
    let candidates = candidates.iter().map(candidate).collect();
    ContestTotals { id: (*id).into(), candidates, ballots: votes.iter().sum(), votes, blanks: 0 }
}

fn riigikogu(districts: &[Ring<'_>], lists: &[National<'_>]) -> CountingRule {
    let district = |(id, seats, _): &Ring<'_>| District { contest: (*id).into(), seats: *seats };
    let list = |(list, order): &National<'_>| NationalList {
        list: (*list).into(),
        order: order.iter().map(|id| (*id).into()).collect(),
    };
    CountingRule::Riigikogu(Riigikogu {
        districts: districts.iter().map(district).collect(),
        lists: lists.iter().map(list).collect(),
    })
}

fn run(districts: &[Ring<'_>], lists: &[National<'_>]) -> Result<Outcome, CountError> {
    let contests: Vec<_> = districts.iter().map(contest).collect();
    count_totals(&riigikogu(districts, lists), &contests)
}

/// Who has a seat, and of what kind: `a` personal, `b` district, `c` compensation with divisor 2 is `a! b c/2`.
fn seats(outcome: &Outcome) -> String {
    let seat = |e: &Elected| match e.mandate {
        Mandate::Personal => format!("{}!", e.candidate),
        Mandate::District => e.candidate.clone(),
        Mandate::Compensation { divisor } => format!("{}/{divisor}", e.candidate),
        ref other => panic!("{other:?}"),
    };
    outcome.elected.iter().map(seat).collect::<Vec<_>>().join(" ")
}

fn names(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// Subsection 3: of candidates of a list with equal votes, the one further towards the top of the national list.
#[test]
fn equal_candidates_go_by_the_national_list() {
    // Quota 10: list A has one seat, and its two candidates are equal; c is personal; the rest is compensation.
    let district = ("d", 3, &[("a", "A", 6), ("b", "A", 6), ("c", "", 10), ("d", "B", 8)][..]);
    let outcome = run(&[district], &[("A", &["b", "a"]), ("B", &["d"])]).unwrap();
    assert_eq!(seats(&outcome), "c! b d");
    assert_eq!((&outcome.ties[0].tied, &outcome.ties[0].chosen), (&names(&["b", "a"]), &names(&["b"])));
    assert_eq!((&outcome.ties[0].about, &outcome.ties[0].by), (&TieFor::Seat, &TieBreak::ListOrder));
}

/// Subsection 5: of lists with equal comparison figures, the one further towards the bottom of the consolidated list.
#[test]
fn equal_lists_go_by_the_consolidated_list_from_its_bottom() {
    // Quota 30, so nobody has a seat in the district; three equal lists share one seat, then two.
    let votes = [("a", "A", 10), ("b", "B", 10), ("c", "C", 10)];
    let lists: [National<'_>; 3] = [("B", &["b"]), ("A", &["a"]), ("C", &["c"])];
    let outcome = run(&[("d", 1, &votes)], &lists).unwrap();
    assert_eq!(seats(&outcome), "c/1");
    assert_eq!((&outcome.ties[0].tied, &outcome.ties[0].chosen), (&names(&["C", "A", "B"]), &names(&["C"])));
    assert_eq!((&outcome.ties[0].about, outcome.ties[0].contest.is_none()), (&TieFor::List, true));
    assert_eq!(
        outcome.lists.iter().map(|l| (l.list.as_str(), l.seats)).collect::<Vec<_>>(),
        [("B", 0), ("A", 0), ("C", 1)]
    );

    // With two seats the quota is 15, and the lists are equal again: B, at the top, is the one without.
    let outcome = run(&[("d", 2, &votes)], &lists).unwrap();
    assert_eq!((seats(&outcome).as_str(), outcome.ties.len()), ("c/1 a/1", 2));
}

/// Subsection 1 and 2: the simple quota, just reached, is a personal seat; even where it is a single vote.
#[test]
fn a_district_of_one_vote_elects_with_it() {
    let outcome = run(&[("d", 1, &[("a", "A", 1), ("b", "B", 0)])], &[("A", &["a"]), ("B", &["b"])]).unwrap();
    assert_eq!(seats(&outcome), "a!");
    assert_eq!(outcome.contests[0].quota, Fraction::new(1, 1));
    assert_eq!(outcome.lists.iter().map(|l| l.passed).collect::<Vec<_>>(), [true, false]);
}

/// Subsections 3 and 4: lists with at least 5 per cent of the votes nationally.
#[test]
fn a_list_with_exactly_5_percent_takes_part() {
    // Quota 50: a is personal. B's 5 of 100 votes are a compensation seat, as A has no further candidate.
    let lists: [National<'_>; 2] = [("A", &["a"]), ("B", &["b"])];
    let outcome = run(&[("d", 2, &[("a", "A", 60), ("i", "", 35), ("b", "B", 5)])], &lists).unwrap();
    assert_eq!((seats(&outcome).as_str(), outcome.vacant), ("a! b/1", 0));
    // 5 of 101 are too few.
    let outcome = run(&[("d", 2, &[("a", "A", 60), ("i", "", 36), ("b", "B", 5)])], &lists).unwrap();
    assert_eq!((seats(&outcome).as_str(), outcome.vacant), ("a!", 1));
    assert_eq!(outcome.lists.iter().map(|l| l.passed).collect::<Vec<_>>(), [true, false]);
}

/// Subsection 3: one seat more for a remainder of at least 75 per cent of the quota.
#[test]
fn a_remainder_of_exactly_three_quarters_is_a_seat() {
    // Quota 100; A has 275 votes, of which 170 are a's personal seat.
    let lists: [National<'_>; 1] = [("A", &["a", "b", "c"])];
    let outcome = run(&[("d", 3, &[("a", "A", 170), ("b", "A", 80), ("c", "A", 25), ("i", "", 25)])], &lists).unwrap();
    assert_eq!(seats(&outcome), "a! b c");
    // With 274 c's seat is a compensation seat: the third of the list.
    let outcome = run(&[("d", 3, &[("a", "A", 170), ("b", "A", 80), ("c", "A", 24), ("i", "", 26)])], &lists).unwrap();
    assert_eq!(seats(&outcome), "a! b c/3");
}

/// Subsection 3: a district seat takes at least 10 per cent of the quota.
#[test]
fn a_candidate_with_exactly_10_percent_of_the_quota_can_take_a_district_seat() {
    // Quota 100, and A's 275 votes are three seats.
    let lists: [National<'_>; 1] = [("A", &["c", "b", "a"])];
    let outcome = run(&[("d", 3, &[("a", "A", 170), ("b", "A", 95), ("c", "A", 10), ("i", "", 25)])], &lists).unwrap();
    assert_eq!(seats(&outcome), "a! b c");
    // With 9 votes c leaves it to the compensation seats, where 5 per cent are enough.
    let outcome = run(&[("d", 3, &[("a", "A", 170), ("b", "A", 96), ("c", "A", 9), ("i", "", 25)])], &lists).unwrap();
    assert_eq!(seats(&outcome), "a! b c/3");
}

/// A compensation seat takes at least 5 per cent of the quota of the candidate's district.
#[test]
fn a_candidate_with_exactly_5_percent_of_the_quota_can_take_a_compensation_seat() {
    let lists: [National<'_>; 1] = [("A", &["c", "b", "a"])];
    let outcome = run(&[("d", 3, &[("a", "A", 175), ("b", "A", 95), ("c", "A", 5), ("i", "", 25)])], &lists).unwrap();
    assert_eq!((seats(&outcome).as_str(), outcome.vacant), ("a! b c/3", 0));
    let outcome = run(&[("d", 3, &[("a", "A", 176), ("b", "A", 95), ("c", "A", 4), ("i", "", 25)])], &lists).unwrap();
    assert_eq!((seats(&outcome).as_str(), outcome.vacant), ("a! b", 1));
}

/// The seats of a district where nobody voted have no quota; they are compensation seats.
#[test]
fn a_district_without_votes_gives_its_seats_to_the_country() {
    // Quota 10 in the first district: A's votes are one seat there.
    let districts = [("voted", 1, &[("a", "A", 6), ("b", "A", 4)][..]), ("empty", 1, &[("c", "A", 0)][..])];
    let outcome = run(&districts, &[("A", &["c", "b", "a"])]).unwrap();
    assert_eq!(seats(&outcome), "a b/2");
    assert_eq!(outcome.contests[1].quota, Fraction::new(0, 1));
}

#[test]
fn without_votes_nobody_is_elected_and_no_list_takes_part() {
    let outcome = run(&[("d", 2, &[("a", "A", 0), ("b", "B", 0)])], &[("B", &["b"]), ("A", &["a"])]).unwrap();
    assert_eq!((outcome.elected.len(), outcome.vacant, outcome.ties.len()), (0, 2, 0));
    assert!(outcome.lists.iter().all(|l| !l.passed));
}

/// Four lists with 0.75 quotas each and three seats: the law awards a fourth.
#[test]
fn more_seats_than_there_are_is_no_result() {
    let votes = [("a", "A", 5), ("b", "B", 5), ("c", "C", 5), ("d", "D", 5)];
    let lists: [National<'_>; 4] = [("A", &["a"]), ("B", &["b"]), ("C", &["c"]), ("D", &["d"])];
    assert_eq!(run(&[("d", 3, &votes)], &lists), Err(CountError::SeatsExceeded { awarded: 4, seats: 3 }));
}

#[test]
fn contradictory_districts_and_lists_are_refused() {
    let (one, two) = (("one", 1, &[("a", "A", 5)][..]), ("two", 1, &[("b", "A", 3)][..]));
    let lists: [National<'_>; 1] = [("A", &["a", "b"])];
    assert!(run(&[one, two], &lists).is_ok());
    let twice = |id: &str| Err(CountError::DuplicateId { id: id.into() });

    // A district's votes handed in twice.
    let contests = [contest(&one), contest(&two), contest(&two)];
    assert_eq!(count_totals(&riigikogu(&[one, two], &lists), &contests), twice("two"));
    // A district without a seat, and no district.
    assert_eq!(run(&[one, ("two", 0, two.2)], &lists), Err(CountError::NoSeats));
    assert_eq!(run(&[], &[]), Err(CountError::NoSeats));
    // Two lists of one name.
    assert_eq!(run(&[one, two], &[("A", &["a", "b"]), ("A", &[])]), twice("A"));
    // A candidate, on a list or not, in two districts.
    assert_eq!(run(&[one, two, ("three", 1, &[("a", "A", 1)])], &lists), twice("a"));
    let independent: &[_] = &[("i", "", 1)];
    assert_eq!(run(&[one, two, ("three", 1, independent), ("four", 1, independent)], &lists), twice("i"));
}
