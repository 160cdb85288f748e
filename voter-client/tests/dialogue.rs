//! The questions on the terminal, with scripted answers.

mod support;

use selge_core::check::{DeviceKey, Heard};
use selge_core::ids::{LeafHash, StyleIndex};
use selge_core::rules::Choice;
use selge_voter_client::choices::describe;
use selge_voter_client::{ask, practise, prepare, Dialogue, ElectionInfo, Practice};
use std::sync::Mutex;
use support::{FakeBoard, Set};

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
fn the_voter_is_asked_what_will_be_done() {
    let set = Set::new("Town election", 1);
    let given = || Some(vec![Choice::Blank, Choice::Ranking(vec![1])]);
    let mut shown = Vec::new();
    let mut dialogue = Dialogue::new(&b"yes\n"[..], &mut shown).for_challenge();
    assert!(ask(&set.manifest, StyleIndex(0), given(), &mut dialogue).unwrap().is_some());
    let opened = String::from_utf8(shown).unwrap();
    assert!(opened.contains("open it on the second device") && !opened.contains("hand in"), "{opened}");
    let (_, cast) = answer(given(), "yes\n");
    assert!(cast.contains("hand in this ballot") && !cast.contains("open it"), "{cast}");
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

/// A check of a recorded ballot that is over, as the terminal shows it: what is typed, and the windows one after the other.
async fn after_a_check(typed: &str, time_is_over: bool) -> Vec<String> {
    let set = Set::new("Town election", 1);
    let fake = FakeBoard::serve(&set).await;
    let mut board = fake.args().connect().await.unwrap();
    let info = ElectionInfo::fetch(&mut board, set.manifest.clone()).await.unwrap();
    let choices = [Choice::One(1), Choice::Ranking(vec![2, 0])];
    let ballot =
        prepare(&info, &set.voters[0], StyleIndex(0), LeafHash::NONE, &choices, &mut rand::rngs::OsRng).unwrap();
    let key = DeviceKey::draw(info.manifest().id(), &mut rand::rngs::OsRng);
    let contests = set.manifest.style(StyleIndex(0)).unwrap();
    let real = Heard { voter: set.voters[0].id, choices: contests.iter().copied().zip(choices).collect() };
    let practice = Mutex::new((!time_is_over).then(|| Practice::new(info, key, ballot)));
    let mut shown = Vec::new();
    let words = |heard: &Heard| {
        heard
            .choices
            .iter()
            .map(|(at, choice)| describe(set.manifest.contest(*at).unwrap(), choice).to_string())
            .collect()
    };
    practise(&practice, &real, words, &mut Dialogue::new(typed.as_bytes(), &mut shown)).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    let mut windows = shown.split("\x1b[H\x1b[2J\x1b[3J").map(str::to_owned);
    assert_eq!(windows.next().unwrap(), "", "the first window is emptied like the others");
    windows.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_check_looks_as_a_real_one() {
    let windows =
        after_a_check("what\npractice\ntamm-101\nblank\n#2\nREAL\npractice\nkask-102\n#3 > #1\n\n", false).await;
    let parts = |window: &String| {
        let (shown, around) = window.split_once("\nThis device can make up").unwrap();
        (shown.to_owned(), around.split("> ").next().unwrap().to_owned())
    };
    let [real, made, real_again, same] = windows.iter().map(parts).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(real.0, "    kask-102 Jaan Kask\n    1. ash-list Ash Party\n    2. oak-list Oak Party\n");
    assert_eq!(made.0, "    tamm-101 Mari Tamm\n    1. elm-list Elm Party\n");
    // The ballot's own choices make the same window whether they are real or made up, and others change nothing else.
    assert_eq!(real, real_again);
    assert_eq!(real, same);
    assert_eq!(real.1, made.1);
    assert!(windows[0].contains("type practice or real") && windows[0].contains("a blank vote is not allowed here"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_there_is_no_practice() {
    let windows = after_a_check("real\npractice\nreal\n", true).await;
    assert_eq!(windows.len(), 2, "{windows:?}");
    // A terminal that is closed ends it as well.
    assert_eq!(after_a_check("practice\ntamm-101\n", false).await.len(), 1);
    assert_eq!(after_a_check("", false).await.len(), 1);
}
