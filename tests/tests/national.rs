//! `make national` in small: twice, the second time with the election and ballots of the first.
#![allow(missing_docs)]

use selge_tests::national::{run, Settings};

#[tokio::test(flavor = "multi_thread")]
async fn the_electronic_votes_come_out_candidate_by_candidate_and_ballots_are_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { voters: 600, kept: folder.path().join("600") };
    let first = run(&settings).await.unwrap();
    assert!(first.audit_passed);
    assert_eq!(first.ballots.counted, 600);
    assert!(first.ballots.superseded > 0 && first.ballots.cancelled > 0);
    assert_eq!(first.made.1 as u64, first.ballots.cast);
    assert_eq!(first.comparison.equal, first.comparison.candidates.len());
    assert!(first.audit_sm_per_ballot > 0.0);

    // A piece of the ballots is lost: it alone is made again, and the election is the same.
    std::fs::remove_file(settings.kept.join("ballots/00000")).unwrap();
    let second = run(&settings).await.unwrap();
    assert_eq!(second.election, first.election);
    assert_eq!(second.made.1, first.made.1, "there is but one piece of this size");
    let third = run(&settings).await.unwrap();
    assert_eq!((third.election, third.made.1), (first.election, 0));
    assert_eq!(third.comparison.candidates, first.comparison.candidates);
}
