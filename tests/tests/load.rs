//! `make load` in small: a real collector under a stream of ballots that does not end when voting does.
#![allow(missing_docs)]

use selge_tests::load::{run, Settings};

#[tokio::test(flavor = "multi_thread")]
async fn every_ballot_has_a_receipt_or_a_refusal_and_voting_closes_under_a_stream_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let settings = Settings { ballots: 240, rate: 40, in_flight: 24, connections: 5, kept };
    // Twice: the second time with the ballots that the first has made.
    for _ in 0..2 {
        let summary = run(&settings).await.unwrap();
        assert!(summary.audit_passed);
        assert_eq!((summary.full.ballots, summary.paced.ballots, summary.closing.ballots), (108, 108, 24));
        assert_eq!((summary.full.rejected, summary.paced.rejected), (0, 0), "{summary:?}");
        assert_eq!(summary.receipts, 216 + summary.closing.accepted);
        assert!(summary.memory.iter().any(|(_, bytes)| *bytes > 1 << 20), "the collector's memory was watched");
        assert!(summary.collector.values().all(|value| *value > 0.0), "{summary:?}");
    }
}
