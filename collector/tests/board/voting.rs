//! What works: set-up, ballots, votes changed, receipts, reading.

use crate::stage::{connect, copy_folder, replica, Stage};
use selge_core::election::BallotNumbers;
use selge_core::entry::{Cancellation, CancellationReason, EntryBody};
use selge_core::ids::{Digest, LeafHash, VoterId};

#[tokio::test(flavor = "multi_thread")]
async fn an_election_opens_and_takes_ballots_and_changed_votes() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    let status = board.status().await.unwrap();
    assert_eq!((status.phase.as_str(), status.manifest), ("set-up", stage.manifest_bytes.clone()));
    stage.open(&mut board).await;

    let first = stage.ballot(0, LeafHash::NONE, 1);
    let receipt = board.submit(&first).await.unwrap();
    stage.holds(&receipt, &first);
    // The same bytes again: the same place, whether the voter has voted again or not.
    assert_eq!(board.submit(&first).await.unwrap().index, receipt.index);
    let second = stage.ballot(0, first.leaf_hash(), 2);
    let newer = board.submit(&second).await.unwrap();
    stage.holds(&newer, &second);
    assert!(newer.index > receipt.index);
    let again = board.submit(&first).await.unwrap();
    assert_eq!(again.index, receipt.index);
    stage.holds(&again, &first);

    let voter = &stage.voters[0];
    let info = board.voter(&voter.id).await.unwrap();
    assert_eq!(
        (info.newest, info.newest_index, info.cancelled, info.style),
        (second.leaf_hash(), newer.index, None, Some(voter.style))
    );
    let other = stage.ballot(1, LeafHash::NONE, 0);
    board.submit(&other).await.unwrap();
    let cancellation = Cancellation { voter: stage.voters[1].id, reason: CancellationReason::PaperVote };
    board.submit(&stage.sign(EntryBody::Cancellation(cancellation), &stage.commission)).await.unwrap();
    let info = board.voter(&stage.voters[1].id).await.unwrap();
    assert_eq!(info.cancelled.as_deref(), Some("voted on paper"));
    assert_eq!(board.voter(&VoterId([7; 16])).await.unwrap().style, None);

    assert_eq!(board.receipt(&LeafHash([3; 32])).await.unwrap(), None);
    let receipt = board.receipt(&first.leaf_hash()).await.unwrap().unwrap();
    stage.holds(&receipt, &first);
    assert_eq!(board.file(&Digest::of(&stage.roll()), 1 << 20).await.unwrap(), stage.roll());
    let replica = replica(&stage, &mut board).await;
    let numbers = BallotNumbers { cast: 3, superseded: 1, cancelled: 1, counted: 1 };
    assert_eq!(replica.election().unwrap().numbers(), numbers);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ballots_that_come_at_once_each_get_a_place() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    // Every voter's ballot five times over, all at the same moment, and of voter 0 two rival ones besides.
    let ballots: Vec<_> = (0..stage.voters.len()).map(|who| stage.ballot(who, LeafHash::NONE, 1)).collect();
    let rivals = [stage.ballot(0, LeafHash::NONE, 0), stage.ballot(0, LeafHash::NONE, 2)];
    let submit = |entry: selge_core::entry::SignedEntry| {
        let mut board = board.clone();
        tokio::spawn(async move { (board.submit(&entry).await, entry) })
    };
    let honest: Vec<_> = (0..5).flat_map(|_| ballots[1..].iter().cloned()).map(submit).collect();
    let rival: Vec<_> = rivals.iter().chain(&ballots[..1]).cloned().map(submit).collect();
    let mut places = std::collections::BTreeMap::new();
    for job in honest {
        let (receipt, entry) = job.await.unwrap();
        let receipt = receipt.unwrap();
        stage.holds(&receipt, &entry);
        assert_eq!(*places.entry(entry.leaf_hash()).or_insert(receipt.index), receipt.index);
    }
    let mut taken = 0;
    for job in rival {
        let (receipt, entry) = job.await.unwrap();
        match receipt {
            Ok(receipt) => {
                stage.holds(&receipt, &entry);
                taken += 1;
            }
            Err(error) => assert!(error.to_string().contains("cast again"), "{error}"),
        }
    }
    assert_eq!(taken, 1, "one of three first ballots of one voter");
    let replica = replica(&stage, &mut board).await;
    assert_eq!(replica.election().unwrap().numbers().cast, stage.voters.len() as u64);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_goes_on_where_it_was() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let first = stage.ballot(0, LeafHash::NONE, 1);
    board.submit(&first).await.unwrap();
    let before = stage.checkpoint(&mut board).await;
    drop(board);
    server.stop().await.unwrap();
    let copy = stage.folder.path().join("copy");
    copy_folder(&stage.config.store, &copy);
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    assert_eq!(stage.checkpoint(&mut board).await, before);
    let receipt = board.submit(&first).await.unwrap();
    stage.holds(&receipt, &first);
    let second = stage.ballot(0, first.leaf_hash(), 2);
    stage.holds(&board.submit(&second).await.unwrap(), &second);
    replica(&stage, &mut board).await;
    server.stop().await.unwrap();
}
