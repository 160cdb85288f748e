//! The questions on the terminal, with scripted answers.

mod support;

use selge_core::ids::StyleIndex;
use selge_core::rules::Choice;
use selge_voter_client::{ask, Dialogue};
use support::Set;

/// Answers the questions with these lines; returns the choices and what was shown.
fn answer(given: Option<Vec<Choice>>, lines: &str) -> (anyhow::Result<Option<Vec<Choice>>>, String) {
    let set = Set::new("Town election", 1);
    let mut shown = Vec::new();
    let choices = ask(&set.manifest, StyleIndex(0), given, &mut Dialogue::new(lines.as_bytes(), &mut shown));
    (choices, String::from_utf8(shown).unwrap())
}

#[test]
fn choices_are_asked_searched_shown_and_confirmed() {
    let (choices, shown) = answer(None, "jaan\nkask-102\n#3 > oak-list\nyes\n");
    assert_eq!(choices.unwrap().unwrap(), [Choice::One(1), Choice::Ranking(vec![2, 0])]);
    for expected in ["Who shall be mayor?", "#2  kask-102 Jaan Kask", "Matching \"jaan\"", "1. ash-list Ash Party"] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn a_mistake_is_explained_and_a_choice_can_be_changed() {
    let (choices, shown) = answer(None, "tamm-101,lepp-103\nblank\nblank\n#1\n1\n#1\nmaybe\nyes\n");
    assert_eq!(choices.unwrap().unwrap(), [Choice::One(0), Choice::Ranking(vec![0])]);
    assert!(shown.contains("exactly one is allowed"), "{shown}");
    assert!(shown.contains("a blank vote is not allowed here"), "{shown}");
    assert!(shown.contains("answer in full"), "{shown}");
}

#[test]
fn nothing_goes_out_without_a_yes() {
    let given = || Some(vec![Choice::Blank, Choice::Ranking(vec![1])]);
    assert!(answer(given(), "no\n").0.unwrap().is_none());
    for silence in ["", "y", "y\n", "\n\n"] {
        assert!(answer(given(), silence).0.is_err(), "{silence:?}");
    }
    let (choices, shown) = answer(given(), "YES\n");
    assert!(choices.unwrap().is_some());
    assert!(shown.contains("blank: no choice") && shown.contains("elm-list Elm Party"), "{shown}");
    assert!(answer(None, &"x".repeat(20_000)).0.unwrap_err().to_string().contains("longer than"));
}
