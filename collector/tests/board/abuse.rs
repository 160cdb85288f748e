//! Clients that mean harm, or do it: the server refuses and goes on answering.

use crate::stage::{connect, raw, refused_bytes, Stage};
use selge_core::codec::Encode;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{Digest, LeafHash};
use selge_proto::v1::board_client::BoardClient as Grpc;
use selge_proto::v1::post_request::Part;
use selge_proto::v1::{EntriesRequest, FileRequest, PostRequest, ReceiptRequest, SubmitRequest, VoterRequest};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tonic::transport::Channel;
use tonic::{Code, Status};

fn parts(parts: Vec<Part>) -> impl tokio_stream::Stream<Item = PostRequest> + Send + 'static {
    tokio_stream::iter(parts.into_iter().map(|part| PostRequest { part: Some(part) }))
}

async fn post_error(grpc: &mut Grpc<Channel>, messages: Vec<Part>) -> Status {
    grpc.post(parts(messages)).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_of_any_size_is_refused() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let mut grpc = raw(&server).await;
    // Larger than any message: the server may end the call, but not the connection's other calls or itself.
    let huge = grpc.submit(SubmitRequest { entry: vec![1; 100 << 20] }).await.unwrap_err();
    assert_eq!(huge.code(), Code::OutOfRange, "{huge}");
    let mut grpc = raw(&server).await;
    refused_bytes(&mut grpc, vec![1; 65_536], Code::InvalidArgument).await;
    let ballot = stage.ballot(0, LeafHash::NONE, 1).to_bytes();
    for len in [0, 1, 2, 6, 7, 30, ballot.len() - 1] {
        refused_bytes(&mut grpc, ballot[..len].to_vec(), Code::InvalidArgument).await;
    }
    refused_bytes(&mut grpc, [&ballot[..], &[0]].concat(), Code::InvalidArgument).await;
    for kind in [0, 14, 255] {
        let mut unknown = ballot.clone();
        unknown[1] = kind;
        let why = refused_bytes(&mut grpc, unknown, Code::InvalidArgument).await;
        assert!(why.contains("entry kind"), "{why}");
    }
    for at in 0..ballot.len().min(400) {
        let mut bad = ballot.clone();
        bad[at] ^= 0x41;
        assert!(grpc.submit(SubmitRequest { entry: bad }).await.is_err(), "byte {at}");
    }
    // Readers.
    let code = |result: Result<(), Status>| result.unwrap_err().code();
    for (from, to) in [(1, 0), (0, 1 << 40), (u64::MAX, u64::MAX)] {
        let result = grpc.entries(EntriesRequest { from, to }).await.map(|_| ());
        assert_eq!(code(result), Code::InvalidArgument, "{from} to {to}");
    }
    assert_eq!(code(grpc.file(FileRequest { digest: vec![1; 31] }).await.map(|_| ())), Code::InvalidArgument);
    assert_eq!(
        code(grpc.file(FileRequest { digest: b"../../../../../../../etc/passwd\0".to_vec() }).await.map(|_| ())),
        Code::NotFound
    );
    assert_eq!(
        code(grpc.receipt(ReceiptRequest { leaf_hash: vec![], witnessed: false }).await.map(|_| ())),
        Code::InvalidArgument
    );
    assert_eq!(code(grpc.voter(VoterRequest { voter: vec![0; 17] }).await.map(|_| ())), Code::InvalidArgument);
    // Bytes that are not HTTP/2 at all.
    for _ in 0..50 {
        let mut socket = tokio::net::TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(&[0xff; 4096]).await.unwrap();
    }
    let good = stage.ballot(0, LeafHash::NONE, 1);
    stage.holds(&board.submit(&good).await.unwrap(), &good);
    server.stop().await.unwrap();
}

/// A roll entry that nobody's files fit yet, on a board that has no roll.
fn roll_of(stage: &Stage, bytes: &[u8]) -> SignedEntry {
    stage.sign(EntryBody::Roll(Digest::of(bytes)), &stage.registrar)
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_bounded_before_a_byte_is_kept() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    let mut grpc = raw(&server).await;
    let roll = stage.roll();
    let entry = stage.roll_entry();
    let first = || Part::Entry(entry.to_bytes());
    let forged = stage.sign(EntryBody::Roll(Digest::of(&roll)), &stage.commission);
    let cases: Vec<(Vec<Part>, &str)> = vec![
        (vec![], "first message must be the entry"),
        (vec![Part::FileLength(3)], "first message must be the entry"),
        (vec![Part::Entry(vec![])], "malformed"),
        (vec![Part::Entry(forged.to_bytes()), Part::FileLength(roll.len() as u64)], "signature"),
        (vec![first()], "must come next"),
        (vec![first(), first()], "must come next"),
        (vec![first(), Part::Chunk(roll.clone())], "must come next"),
        (vec![first(), Part::FileLength(0)], "this entry needs 1 to"),
        (vec![first(), Part::FileLength((4 << 30) + 1)], "this entry needs 1 to"),
        (vec![first(), Part::FileLength(u64::MAX)], "this entry needs 1 to"),
        (vec![first(), Part::FileLength(roll.len() as u64)], "ends after 0 of"),
        (vec![first(), Part::FileLength(roll.len() as u64), Part::Chunk(roll[..9].to_vec())], "ends after 9 of"),
        (vec![first(), Part::FileLength(9), Part::Chunk(roll[..10].to_vec())], "does not fit file"),
        (vec![first(), Part::FileLength(9), Part::Chunk(vec![])], "does not fit file"),
        (vec![first(), Part::FileLength(2 << 20), Part::Chunk(vec![1; (1 << 20) + 1])], "does not fit file"),
        (vec![first(), Part::FileLength(9), Part::Chunk(roll[..9].to_vec())], "the entry names"),
        (
            vec![first(), Part::FileLength(roll.len() as u64), Part::Chunk(roll.clone()), Part::Chunk(vec![1])],
            "more follows",
        ),
    ];
    for (messages, why) in cases {
        let status = post_error(&mut grpc, messages).await;
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert!(status.message().contains(why), "{status} for {why}");
    }
    let status = grpc.post(tokio_stream::iter([PostRequest { part: None }])).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let bad = b"no roll at all".to_vec();
    let status = post_error(
        &mut grpc,
        vec![Part::Entry(roll_of(&stage, &bad).to_bytes()), Part::FileLength(bad.len() as u64), Part::Chunk(bad)],
    )
    .await;
    assert!(status.message().contains("the roll is malformed"), "{status}");
    // A client that goes away in the middle.
    for _ in 0..6 {
        let (sender, receiver) = tokio::sync::mpsc::channel(4);
        for part in [first(), Part::FileLength(roll.len() as u64), Part::Chunk(roll[..5].to_vec())] {
            sender.send(PostRequest { part: Some(part) }).await.unwrap();
        }
        let mut grpc = raw(&server).await;
        let call = grpc.post(tokio_stream::wrappers::ReceiverStream::new(receiver));
        assert!(tokio::time::timeout(Duration::from_millis(200), call).await.is_err(), "the server waits for the rest");
        drop(sender);
    }
    // Nothing is left of all this, and the registrar's own upload is taken.
    let store = &stage.config.store;
    let leftovers = || std::fs::read_dir(store.join("spool")).unwrap().count();
    for _ in 0..100 {
        if leftovers() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(leftovers(), 0);
    assert_eq!(std::fs::read_dir(store.join("files")).unwrap().count(), 1, "the manifest");
    stage.open(&mut board).await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_that_stalls_holds_its_own_places_alone() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    let roll = stage.roll();
    let mut held = Vec::new();
    for _ in 0..4 {
        let (sender, receiver) = tokio::sync::mpsc::channel(4);
        for part in [Part::Entry(stage.roll_entry().to_bytes()), Part::FileLength(roll.len() as u64)] {
            sender.send(PostRequest { part: Some(part) }).await.unwrap();
        }
        let mut grpc = raw(&server).await;
        let call = tokio::spawn(async move { grpc.post(tokio_stream::wrappers::ReceiverStream::new(receiver)).await });
        held.push((sender, call));
    }
    // The places are taken once the server has read the messages.
    let mut refused = None;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let messages = vec![Part::Entry(stage.roll_entry().to_bytes()), Part::FileLength(1)];
        let status = post_error(&mut raw(&server).await, messages).await;
        if status.code() == Code::ResourceExhausted {
            refused = Some(status);
            break;
        }
    }
    assert!(refused.is_some(), "a fifth upload of one party was taken");
    // Trustees are not affected.
    board.submit(&stage.ceremony_entries()[0]).await.unwrap();
    for (sender, call) in held {
        drop(sender);
        assert_eq!(call.await.unwrap().unwrap_err().code(), Code::InvalidArgument);
    }
    board.post(&stage.roll_entry(), vec![roll]).await.unwrap();
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_stalls_ends() {
    use selge_collector::admission::{Admission, QUEUE};
    let stage = Stage::new();
    let (board, sequencer) = selge_collector::store::open(&stage.config, stage.collector_key()).unwrap();
    let (sender, queue) = tokio::sync::mpsc::channel(QUEUE);
    let running = std::thread::spawn(move || sequencer.run(queue));
    let uploads = selge_collector::upload::Uploads::new(Admission::new(board, sender, &stage.config.limits).unwrap());
    let uploads = uploads.with_stall(Duration::from_millis(100));
    let roll = stage.roll();
    let messages = [
        Part::Entry(stage.roll_entry().to_bytes()),
        Part::FileLength(roll.len() as u64),
        Part::Chunk(roll[..7].to_vec()),
    ];
    for sent in 0..=messages.len() {
        let (sender, receiver) = tokio::sync::mpsc::channel(4);
        for part in &messages[..sent] {
            sender.send(Ok(PostRequest { part: Some(part.clone()) })).await.unwrap();
        }
        let status = uploads.post(tokio_stream::wrappers::ReceiverStream::new(receiver), None).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded, "{status}");
        assert_eq!(std::fs::read_dir(stage.config.store.join("spool")).unwrap().count(), 0);
        drop(sender);
    }
    drop(uploads);
    running.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_the_middle_of_something_cannot_hold_up_a_shutdown() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let first = PostRequest { part: Some(Part::Entry(stage.roll_entry().to_bytes())) };
    sender.send(first).await.unwrap();
    let mut grpc = raw(&server).await;
    let call = tokio::spawn(async move { grpc.post(tokio_stream::wrappers::ReceiverStream::new(receiver)).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tokio::time::timeout(Duration::from_secs(10), server.stop_within(Duration::from_millis(300)))
        .await
        .unwrap()
        .unwrap();
    drop(sender);
    assert!(call.await.unwrap().is_err());
    // The lock is free: another server takes over.
    let server = stage.serve().await;
    stage.open(&mut connect(&server).await).await;
    server.stop().await.unwrap();
}
