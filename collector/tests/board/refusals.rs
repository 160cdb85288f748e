//! Entries that the board must not take.

use crate::stage::{connect, raw, refused, refused_bytes, replica, Period, Stage, Voter};
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{Cancellation, CancellationReason, EntryBody};
use selge_core::ids::{LeafHash, StyleIndex, VoterId};
use selge_core::sign::SigningKey;
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn ballots_that_may_not_count_are_refused() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut grpc = raw(&server).await;
    let mut board = connect(&server).await;
    let early = stage.ballot(0, LeafHash::NONE, 0);
    let why = refused(&mut grpc, &early, Code::FailedPrecondition).await;
    assert!(why.contains("voting has not started"), "{why}");
    stage.open(&mut board).await;
    let good = stage.ballot(0, LeafHash::NONE, 1);
    board.submit(&good).await.unwrap();
    let size = stage.checkpoint(&mut board).await.size;

    // A stranger.
    let stranger =
        Voter { id: VoterId([9; 16]), key: SigningKey::generate(&mut rand::rngs::OsRng), style: StyleIndex(0) };
    let entry = stage.sign(stage.ballot_body(&stranger, StyleIndex(0), LeafHash::NONE, 0), &stranger.key);
    let why = refused(&mut grpc, &entry, Code::InvalidArgument).await;
    assert!(why.contains("is not on the roll"), "{why}");
    // A voter's ballot signed by somebody else.
    let body = stage.ballot_body(&stage.voters[2], stage.voters[2].style, LeafHash::NONE, 0);
    let why = refused(&mut grpc, &stage.sign(body, &stage.voters[1].key), Code::InvalidArgument).await;
    assert!(why.contains("signature"), "{why}");
    // The wrong style, in both directions.
    for (who, style) in [(2, StyleIndex(1)), (3, StyleIndex(0))] {
        let voter = &stage.voters[who];
        let entry = stage.sign(stage.ballot_body(voter, style, LeafHash::NONE, 0), &voter.key);
        let why = refused(&mut grpc, &entry, Code::InvalidArgument).await;
        assert!(why.contains("ballot style"), "{why}");
    }
    // Another election's ballot: as it is, and signed again for this one.
    let other = Stage::with(crate::stage::OPEN, "another election");
    let voter = &stage.voters[2];
    let foreign = other.ballot_body(voter, voter.style, LeafHash::NONE, 0);
    refused(&mut grpc, &other.sign(foreign.clone(), &voter.key), Code::InvalidArgument).await;
    let why = refused(&mut grpc, &stage.sign(foreign, &voter.key), Code::InvalidArgument).await;
    assert!(why.starts_with("contest 0"), "{why}");
    // Somebody else's ballot under one's own name.
    let EntryBody::Ballot(mut copied) = good.body.clone() else { panic!("a ballot") };
    copied.voter = stage.voters[2].id;
    let why =
        refused(&mut grpc, &stage.sign(EntryBody::Ballot(copied), &stage.voters[2].key), Code::InvalidArgument).await;
    assert!(why.starts_with("contest 0"), "{why}");
    // A changed proof: every byte of the ballot's last 200 that still decodes.
    let EntryBody::Ballot(ballot) = stage.ballot(2, LeafHash::NONE, 0).body else { panic!("a ballot") };
    let bytes = ballot.to_bytes();
    let mut tried = 0;
    for at in (bytes.len() - 200..bytes.len()).step_by(7) {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let Ok(bad) = selge_core::ballot::EncryptedBallot::from_bytes(&bad) else { continue };
        refused(&mut grpc, &stage.sign(EntryBody::Ballot(bad), &stage.voters[2].key), Code::InvalidArgument).await;
        tried += 1;
    }
    assert!(tried > 5, "{tried}");
    // Ballots that do not follow the voter's newest.
    for previous in [LeafHash::NONE, LeafHash([1; 32])] {
        let why = refused(&mut grpc, &stage.ballot(0, previous, 2), Code::FailedPrecondition).await;
        assert!(why.contains("cast again"), "{why}");
    }
    refused(&mut grpc, &stage.ballot(2, good.leaf_hash(), 2), Code::FailedPrecondition).await;
    // An entry that comes with files, without them.
    let roll = stage.sign(EntryBody::Roll(selge_core::ids::Digest([1; 32])), &stage.registrar);
    let why = refused(&mut grpc, &roll, Code::InvalidArgument).await;
    assert!(why.contains("use Post"), "{why}");

    assert_eq!(stage.checkpoint(&mut board).await.size, size, "nothing of all this was taken");
    let entry = stage.ballot(2, LeafHash::NONE, 0);
    stage.holds(&board.submit(&entry).await.unwrap(), &entry);
    replica(&stage, &mut board).await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_voter_and_a_closed_election_take_no_ballot() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut grpc = raw(&server).await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let cancel = |who: usize| Cancellation { voter: stage.voters[who].id, reason: CancellationReason::Ineligible };
    let by_stranger = stage.sign(EntryBody::Cancellation(cancel(0)), &stage.registrar);
    refused(&mut grpc, &by_stranger, Code::InvalidArgument).await;
    let entry = stage.sign(EntryBody::Cancellation(cancel(0)), &stage.commission);
    board.submit(&entry).await.unwrap();
    let why = refused(&mut grpc, &stage.ballot(0, LeafHash::NONE, 0), Code::FailedPrecondition).await;
    assert!(why.contains("cancelled (not eligible)"), "{why}");
    let mut twice = cancel(0);
    twice.reason = CancellationReason::PaperVote;
    refused(&mut grpc, &stage.sign(EntryBody::Cancellation(twice), &stage.commission), Code::AlreadyExists).await;

    // The board grows between a closing's signature and its arrival.
    let closing = stage.closing(&mut board).await;
    board.submit(&stage.ballot(1, LeafHash::NONE, 0)).await.unwrap();
    let why = refused(&mut grpc, &closing, Code::FailedPrecondition).await;
    assert!(why.contains("the board's size"), "{why}");
    let closing = stage.closing(&mut board).await;
    let receipt = board.submit(&closing).await.unwrap();
    stage.holds(&receipt, &closing);
    assert_eq!(board.submit(&closing).await.unwrap().index, receipt.index);
    let why = refused(&mut grpc, &stage.ballot(2, LeafHash::NONE, 0), Code::FailedPrecondition).await;
    assert!(why.contains("voting has ended"), "{why}");
    replica(&stage, &mut board).await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_clock_bounds_the_period() {
    let past = Period { opens: "2020-01-01T00:00:00Z", closes: "2021-01-01T00:00:00Z" };
    let future = Period { opens: "2998-01-01T00:00:00Z", closes: "2999-01-01T00:00:00Z" };
    for (period, text) in [(past, "voting ended at"), (future, "voting starts at")] {
        let stage = Stage::with(period, "period");
        let server = stage.serve().await;
        let mut board = connect(&server).await;
        stage.open(&mut board).await;
        let why = refused(&mut raw(&server).await, &stage.ballot(0, LeafHash::NONE, 0), Code::FailedPrecondition).await;
        assert!(why.starts_with(text), "{why}");
        server.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn set_up_entries_are_checked_too() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut grpc = raw(&server).await;
    let mut board = connect(&server).await;
    let manifest = std::fs::read(&stage.config.manifest_entry).unwrap();
    // The board's own first entry is known; another manifest is not.
    let known = grpc.submit(selge_proto::v1::SubmitRequest { entry: manifest }).await.unwrap().into_inner();
    assert!(known.receipt.contains("index 0"));
    let entries = stage.ceremony_entries();
    let (commitments, rest) = entries.split_at(3);
    refused(&mut grpc, &rest[0], Code::FailedPrecondition).await;
    refused(&mut grpc, &stage.sign(commitments[0].body.clone(), &stage.trustees[1]), Code::InvalidArgument).await;
    refused(&mut grpc, &stage.opening(), Code::FailedPrecondition).await;
    for entry in commitments {
        board.submit(entry).await.unwrap();
        board.submit(entry).await.unwrap();
    }
    let other = Stage::with(crate::stage::OPEN, "another election");
    let rival = stage.sign(other.ceremony_entries()[0].body.clone(), &stage.trustees[0]);
    refused(&mut grpc, &rival, Code::AlreadyExists).await;
    refused_bytes(&mut grpc, rest[0].to_bytes()[..40].to_vec(), Code::InvalidArgument).await;
    assert_eq!(stage.checkpoint(&mut board).await.size, 4);
    server.stop().await.unwrap();
}
