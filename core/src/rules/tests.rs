//! Each numbering is a bijection, and every invalid choice is refused with its reason.

use proptest::prelude::*;

use super::*;

fn every_rule(max: u32) -> Vec<VotingRule> {
    let mut rules = Vec::new();
    for blank in [false, true] {
        rules.push(VotingRule::ChooseOne { blank });
        rules.push(VotingRule::PartyList { blank });
        rules.push(VotingRule::Approve { blank });
        for max in 1..=max {
            rules.push(VotingRule::ChooseUpTo { max, blank });
            rules.push(VotingRule::Rank { max, blank });
            rules.push(VotingRule::Score { max_score: max, blank });
        }
    }
    rules
}

#[test]
fn small_spaces_are_bijections() {
    for n in 1..=5 {
        for rule in every_rule(6) {
            let space = rule.space(n).unwrap();
            let mut seen = std::collections::BTreeSet::new();
            for number in 0..space.size() {
                let choice = space.unrank(number).unwrap();
                assert_eq!(space.rank(&choice), Ok(number), "{rule:?} {n}");
                assert_eq!(choice == Choice::Blank, number == 0 && rule.allows_blank());
                let text = space.text(&choice).unwrap();
                assert_eq!(space.parse(&text).as_ref(), Ok(&choice));
                let json = serde_json::to_string(&choice).unwrap();
                assert_eq!(serde_json::from_str::<Choice>(&json).unwrap(), choice);
                assert!(seen.insert(choice));
            }
            let size = space.size();
            assert_eq!(space.unrank(size), Err(RuleError::NumberTooLarge { number: size, size }));
            assert!(space.unrank(u128::MAX).is_err());
        }
    }
}

/// Counts the valid choices by trying all tuples, without the numbering's formulas.
/// [`ChoiceSpace::unrank`] asks for none; whoever else does gets nothing.
#[test]
fn beyond_a_space_there_is_no_choice() {
    assert_eq!((sets::unrank(3, 2, 5), sets::unrank(3, 2, 6)), (Some(vec![1, 2]), None));
    assert_eq!((rankings::unrank(3, 2, 8), rankings::unrank(3, 2, 9)), (Some(vec![2, 1]), None));
    assert_eq!((sets::unrank(2, 9, 3), rankings::unrank(2, 9, 4)), (None, None), "more than there are candidates");
}

#[test]
fn sizes_agree_with_plain_enumeration() {
    let n = 4_u32;
    let tuples = |length: u32, digits: u32| {
        (0..digits.pow(length)).map(move |mut v| {
            (0..length)
                .map(|_| {
                    let d = v % digits;
                    v /= digits;
                    d
                })
                .collect::<Vec<u32>>()
        })
    };
    for rule in every_rule(5) {
        let space = rule.space(n).unwrap();
        let mut valid = u128::from(space.rank(&Choice::Blank).is_ok());
        for length in 0..=6 {
            for tuple in tuples(length, 7).take(200_000) {
                if let [one] = tuple.as_slice() {
                    valid += u128::from(space.rank(&Choice::One(*one)).is_ok());
                }
                valid += u128::from(space.rank(&Choice::Set(tuple.clone())).is_ok());
                valid += u128::from(space.rank(&Choice::Ranking(tuple.clone())).is_ok());
                valid += u128::from(space.rank(&Choice::Scores(tuple)).is_ok());
            }
        }
        assert_eq!(valid, space.size(), "{rule:?}");
    }
}

/// The table of worked examples in docs/rules.md.
#[test]
fn worked_examples() {
    let text = include_str!("../../../docs/rules.md");
    let mut checked = 0;
    for row in text.lines().filter(|line| line.starts_with("| `{")) {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, rule, n, choice, _, number, size, _] = cells[..] else { panic!("{row}") };
        let rule: VotingRule = serde_json::from_str(rule).unwrap();
        let space = rule.space(n.parse().unwrap()).unwrap();
        let number: u128 = number.parse().unwrap();
        assert_eq!(space.size().to_string(), size, "{row}");
        assert_eq!(space.rank(&space.parse(choice).unwrap()), Ok(number), "{row}");
        assert_eq!(*space.text(&space.unrank(number).unwrap()).unwrap(), choice, "{row}");
        checked += 1;
    }
    assert_eq!(checked, 6);
}

/// Contests whose size is close to what a number can hold, or whose candidates are many.
fn large() -> Vec<(VotingRule, u32)> {
    let (max, blank) = (u32::MAX, true);
    vec![
        (VotingRule::ChooseOne { blank }, max),
        (VotingRule::Approve { blank: false }, 127),
        (VotingRule::Approve { blank }, 127),
        (VotingRule::ChooseUpTo { max, blank }, 127),
        (VotingRule::ChooseUpTo { max: 4, blank }, max),
        (VotingRule::ChooseUpTo { max: 60, blank: false }, 128),
        (VotingRule::Rank { max, blank }, 33),
        (VotingRule::Rank { max: 3, blank: false }, max),
        (VotingRule::Rank { max: 20, blank }, 80),
        (VotingRule::Score { max_score: max, blank }, 3),
        (VotingRule::Score { max_score: 99, blank }, 19),
        (VotingRule::Score { max_score: 1, blank }, 127),
        (VotingRule::Score { max_score: 6_981_462, blank }, 5),
    ]
}

#[test]
fn ends_of_large_spaces() {
    for (rule, n) in large() {
        let space = rule.space(n).unwrap();
        for number in [0, 1, 2, space.size() / 2, space.size() - 2, space.size() - 1] {
            assert_eq!(space.rank(&space.unrank(number).unwrap()), Ok(number), "{rule:?} {n}");
        }
        assert!(space.unrank(space.size()).is_err());
    }
}

#[test]
fn too_large_contests_say_what_to_change() {
    let blank = true;
    for (rule, n) in [
        (VotingRule::Approve { blank }, 128),
        (VotingRule::Approve { blank }, u32::MAX),
        (VotingRule::ChooseUpTo { max: 5, blank }, u32::MAX),
        (VotingRule::ChooseUpTo { max: u32::MAX, blank }, u32::MAX),
        (VotingRule::ChooseUpTo { max: u32::MAX, blank }, 128),
        (VotingRule::Rank { max: u32::MAX, blank }, 35),
        (VotingRule::Rank { max: 5, blank }, u32::MAX),
        (VotingRule::Score { max_score: 1, blank }, 128),
        (VotingRule::Score { max_score: u32::MAX, blank: false }, 4),
        (VotingRule::Score { max_score: u32::MAX, blank }, u32::MAX),
    ] {
        let error = rule.space(n).unwrap_err();
        assert!(error.to_string().contains("contest too large"), "{rule:?} {n}: {error}");
    }
    assert_eq!(VotingRule::Rank { max: 0, blank }.space(3), Err(RuleError::ZeroLimit { field: "max" }));
    assert_eq!(VotingRule::Score { max_score: 0, blank }.space(3), Err(RuleError::ZeroLimit { field: "max_score" }));
    assert_eq!(VotingRule::ChooseUpTo { max: 0, blank }.space(3), Err(RuleError::ZeroLimit { field: "max" }));
    assert_eq!(VotingRule::ChooseOne { blank }.space(0), Err(RuleError::NoChoice));
}

#[test]
fn invalid_choices_are_refused() {
    let blank = false;
    let one = VotingRule::ChooseOne { blank }.space(3).unwrap();
    let up_to = VotingRule::ChooseUpTo { max: 2, blank }.space(3).unwrap();
    let any = VotingRule::Approve { blank: true }.space(3).unwrap();
    let rank = VotingRule::Rank { max: 2, blank }.space(3).unwrap();
    let score = VotingRule::Score { max_score: 5, blank }.space(3).unwrap();
    let unknown = RuleError::UnknownCandidate { candidate: 3, candidates: 3 };
    for space in [&one, &up_to, &rank, &score] {
        assert_eq!(space.rank(&Choice::Blank), Err(RuleError::BlankNotAllowed));
    }
    assert_eq!(one.rank(&Choice::One(3)), Err(unknown.clone()));
    assert_eq!(up_to.rank(&Choice::Set(vec![0, 3])), Err(unknown.clone()));
    assert_eq!(any.rank(&Choice::Set(vec![3])), Err(unknown.clone()));
    assert_eq!(rank.rank(&Choice::Ranking(vec![3])), Err(unknown));
    assert_eq!(up_to.rank(&Choice::Set(vec![])), Err(RuleError::Empty));
    assert_eq!(any.rank(&Choice::Set(vec![])), Err(RuleError::Empty));
    assert_eq!(rank.rank(&Choice::Ranking(vec![])), Err(RuleError::Empty));
    assert_eq!(up_to.rank(&Choice::Set(vec![1, 1])), Err(RuleError::Duplicate { candidate: 1 }));
    assert_eq!(up_to.rank(&Choice::Set(vec![2, 1])), Err(RuleError::NotAscending { candidate: 1 }));
    assert_eq!(rank.rank(&Choice::Ranking(vec![1, 1])), Err(RuleError::Duplicate { candidate: 1 }));
    assert_eq!(up_to.rank(&Choice::Set(vec![0, 1, 2])), Err(RuleError::TooMany { given: 3, max: 2 }));
    assert_eq!(rank.rank(&Choice::Ranking(vec![0, 1, 2])), Err(RuleError::TooMany { given: 3, max: 2 }));
    assert_eq!(score.rank(&Choice::Scores(vec![0, 1])), Err(RuleError::ScoreCount { given: 2, candidates: 3 }));
    assert_eq!(score.rank(&Choice::Scores(vec![0; 4])), Err(RuleError::ScoreCount { given: 4, candidates: 3 }));
    assert_eq!(
        score.rank(&Choice::Scores(vec![0, 6, 0])),
        Err(RuleError::ScoreTooHigh { candidate: 1, score: 6, max_score: 5 })
    );
    assert_eq!(
        one.rank(&Choice::Ranking(vec![0])),
        Err(RuleError::WrongKind { expected: "one candidate", found: "a ranking" })
    );
    assert!(matches!(rank.parse("0>x"), Err(RuleError::Unreadable { .. })));
    assert!(matches!(rank.parse(""), Err(RuleError::Unreadable { .. })));
    assert!(matches!(score.parse("1,2,-1"), Err(RuleError::Unreadable { .. })));
    assert_eq!(up_to.parse(" 2 , 0 "), Ok(Choice::Set(vec![0, 2])));
    assert_eq!(up_to.parse("2,2"), Err(RuleError::Duplicate { candidate: 2 }));
    assert_eq!(*any.text(&Choice::Set(vec![0, 2])).unwrap(), "0,2");
    assert_eq!(any.text(&Choice::Set(vec![2, 0])).err(), Some(RuleError::NotAscending { candidate: 0 }));
    assert_eq!((any.candidates(), any.allows_blank(), one.allows_blank()), (3, true, false));
    let ids = ["ann", "bob", "cem"];
    let position = |id: &str| ids.iter().position(|i| *i == id).and_then(|p| u32::try_from(p).ok());
    assert_eq!(rank.parse_with("cem > ann", position), Ok(Choice::Ranking(vec![2, 0])));
}

#[test]
fn the_manifest_form_is_strict() {
    let rule = VotingRule::Rank { max: 3, blank: true };
    let json = serde_json::to_string(&rule).unwrap();
    assert_eq!(json, r#"{"type":"rank","max":3,"blank":true}"#);
    assert_eq!(serde_json::from_str::<VotingRule>(&json).unwrap(), rule);
    for bad in [
        r#"{"type":"rank","max":3}"#,
        r#"{"type":"rank","max":3,"blank":true,"more":1}"#,
        r#"{"type":"choose_one","blank":true,"max":1}"#,
        r#"{"type":"rank","max":-3,"blank":true}"#,
        r#"{"type":"other","blank":true}"#,
    ] {
        assert!(serde_json::from_str::<VotingRule>(bad).is_err(), "{bad}");
    }
}

#[test]
fn debug_shows_no_vote() {
    for choice in [Choice::Blank, Choice::One(7), Choice::Scores(vec![7])] {
        assert_eq!(format!("{choice:?}"), "Choice(redacted)");
    }
}

proptest! {
    #[test]
    fn large_spaces_are_bijections(which in 0..13_usize, raw in any::<u128>()) {
        let (rule, n) = large()[which].clone();
        let space = rule.space(n).unwrap();
        let number = raw % space.size();
        let choice = space.unrank(number).unwrap();
        prop_assert_eq!(space.rank(&choice), Ok(number));
    }

    #[test]
    fn nothing_panics(n in any::<u32>(), max in any::<u32>(), raw in any::<u128>(), list in prop::collection::vec(any::<u32>(), 0..200)) {
        for rule in every_rule(1).into_iter().chain([
            VotingRule::ChooseUpTo { max, blank: true },
            VotingRule::Rank { max, blank: true },
            VotingRule::Score { max_score: max, blank: true },
        ]) {
            for n in [n, n % 200] {
                let Ok(space) = rule.space(n) else { continue };
                if let Ok(choice) = space.unrank(raw) {
                    prop_assert_eq!(space.rank(&choice), Ok(raw));
                }
                for choice in [Choice::Set(list.clone()), Choice::set(list.clone()), Choice::Ranking(list.clone()), Choice::Scores(list.clone())] {
                    if let Ok(number) = space.rank(&choice) {
                        prop_assert_eq!(space.unrank(number), Ok(choice));
                    }
                }
            }
        }
    }
}
