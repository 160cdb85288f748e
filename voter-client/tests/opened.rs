//! What a second device remembers of ballots that it saw opened.

use selge_core::ids::{Digest, ElectionId};
use selge_voter_client::OpenedBallots;
use std::path::{Path, PathBuf};

const ELECTION: ElectionId = ElectionId([7; 32]);

/// As many as are kept.
const MOST: usize = 4096;

fn file(folder: &Path) -> PathBuf {
    folder.join(format!("opened-{ELECTION}"))
}

fn digest(n: usize) -> Digest {
    Digest::of(&n.to_be_bytes())
}

#[test]
fn what_was_opened_is_known_to_the_next_run_and_to_this_election_alone() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state/selge");
    let opened = || OpenedBallots::new(&state, &ELECTION).unwrap();
    assert_eq!(opened().all().unwrap(), []);
    opened().remember(digest(1)).unwrap();
    opened().remember(digest(2)).unwrap();
    opened().remember(digest(1)).unwrap();
    assert_eq!(opened().all().unwrap(), [digest(2), digest(1)]);
    assert_eq!(OpenedBallots::new(&state, &ElectionId([8; 32])).unwrap().all().unwrap(), []);
}

#[test]
fn checks_at_the_same_time_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let opened = OpenedBallots::new(folder.path(), &ELECTION).unwrap();
            scope.spawn(move || (0..8).for_each(|i| opened.remember(digest(8 * n + i)).unwrap()));
        }
    });
    let mut all = OpenedBallots::new(folder.path(), &ELECTION).unwrap().all().unwrap();
    let mut expected: Vec<_> = (0..32).map(digest).collect();
    all.sort_unstable_by_key(|digest| digest.0);
    expected.sort_unstable_by_key(|digest| digest.0);
    assert_eq!(all, expected);
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let opened = OpenedBallots::new(folder.path(), &ELECTION).unwrap();
    let full: String = (0..MOST).map(|n| format!("{}\n", digest(n))).collect();
    std::fs::write(file(folder.path()), full).unwrap();
    opened.remember(digest(MOST)).unwrap();
    let all = opened.all().unwrap();
    assert_eq!((all.len(), all[0], all[MOST - 1]), (MOST, digest(1), digest(MOST)));
}

#[test]
fn a_damaged_file_is_neither_believed_nor_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let opened = OpenedBallots::new(folder.path(), &ELECTION).unwrap();
    let whole = format!("{}\n", digest(1));
    let long = whole.repeat(MOST + 1);
    for damaged in [&whole[..30], &whole[..64], "nonsense\n", "\n", "\u{e4}", &long] {
        std::fs::write(file(folder.path()), damaged).unwrap();
        for error in [opened.all().unwrap_err(), opened.remember(digest(2)).unwrap_err()] {
            let words = format!("{error:#}");
            assert!(words.contains("opened-0707") && words.contains("move it away"), "{words}");
        }
        assert_eq!(std::fs::read_to_string(file(folder.path())).unwrap(), damaged);
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = format!("{:#}", OpenedBallots::new(&file, &ELECTION).unwrap_err());
    assert!(error.contains("--state"), "{error}");
}
