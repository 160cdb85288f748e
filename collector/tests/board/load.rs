//! Many at once, too many, and the end of voting: everybody gets an answer, and nobody can take what is another's.

use crate::http::get;
use crate::stage::{connect, raw, refused, replica, Stage};
use selge_collector::config::MetricsConfig;
use selge_collector::server::Running;
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{Closing, EntryBody, SignedEntry};
use selge_core::ids::LeafHash;
use selge_node::client::{BoardClient, BoardError};
use selge_proto::v1::{StatusRequest, SubmitRequest};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::HealthCheckRequest;
use tonic_types::StatusExt;

fn stage(change: impl FnOnce(&mut Stage)) -> Stage {
    let mut stage = Stage::new();
    stage.config.metrics = Some(MetricsConfig { listen: "127.0.0.1:0".parse().unwrap() });
    change(&mut stage);
    stage
}

async fn opened(stage: &Stage) -> (Running, BoardClient) {
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    (server, board)
}

/// A ballot of voter `who` whose proof is false and whose signature holds.
fn false_ballot(stage: &Stage, who: usize, previous: LeafHash) -> SignedEntry {
    let voter = &stage.voters[who];
    let EntryBody::Ballot(ballot) = stage.ballot(who, previous, 1).body else { panic!("a ballot") };
    let mut bytes = ballot.to_bytes();
    // The last number of the last range proof, which stays a reduced scalar.
    let at = bytes.len() - 32;
    bytes[at] ^= 1;
    let ballot = selge_core::ballot::EncryptedBallot::from_bytes(&bytes).unwrap();
    stage.sign(EntryBody::Ballot(ballot), &voter.key)
}

async fn channel(server: &Running) -> tonic::transport::Channel {
    let url = format!("http://{}", server.address());
    tonic::transport::Endpoint::from_shared(url).unwrap().connect().await.unwrap()
}

fn busy(error: &anyhow::Error) -> &BoardError {
    let error = error.downcast_ref::<BoardError>().unwrap();
    assert_eq!(error.code, Code::ResourceExhausted, "{error}");
    assert!(error.retry_after.is_some_and(|wait| !wait.is_zero()), "{error}: without a word on when to come back");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn false_ballots_spoil_nobodys() {
    let stage = stage(|_| ());
    let (server, board) = opened(&stage).await;
    let mut newest = vec![LeafHash::NONE; stage.voters.len()];
    for round in 0..6u32 {
        let honest: Vec<SignedEntry> = (0..4).map(|who| stage.ballot(who, newest[who], round % 3)).collect();
        let bad: Vec<SignedEntry> = (0..6).map(|i| false_ballot(&stage, 4 + i % 2, LeafHash::NONE)).collect();
        let submit = |entry: &SignedEntry| {
            let (mut board, entry) = (board.clone(), entry.clone());
            tokio::spawn(async move { board.submit(&entry).await })
        };
        let jobs: Vec<_> = bad[..3].iter().chain(&honest).chain(&bad[3..]).map(submit).collect();
        let mut answers = Vec::new();
        for job in jobs {
            answers.push(job.await.unwrap());
        }
        for (who, (ballot, answer)) in honest.iter().zip(&answers[3..7]).enumerate() {
            stage.holds(answer.as_ref().unwrap(), ballot);
            newest[who] = ballot.leaf_hash();
        }
        for answer in answers[..3].iter().chain(&answers[7..]) {
            let error = answer.as_ref().unwrap_err().to_string();
            assert!(error.contains("does not hold"), "{error}");
        }
    }
    // Who has sent false ballots may still cast a true one.
    let (mut board, late) = (board, stage.ballot(4, LeafHash::NONE, 2));
    stage.holds(&board.submit(&late).await.unwrap(), &late);
    assert_eq!(replica(&stage, &mut board).await.election().unwrap().numbers().cast, 25);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voter_has_a_rate_and_no_stranger_can_use_it_up() {
    let stage = stage(|stage| stage.config.limits.ballots_per_voter_per_minute = 2);
    let (server, mut board) = opened(&stage).await;
    let mut grpc = raw(&server).await;
    for _ in 0..20 {
        let body = stage.ballot_body(&stage.voters[0], stage.voters[0].style, LeafHash::NONE, 1);
        let why = refused(&mut grpc, &stage.sign(body, &stage.voters[1].key), Code::InvalidArgument).await;
        assert!(why.contains("signature"), "{why}");
    }
    let mut previous = LeafHash::NONE;
    for _ in 0..2 {
        let ballot = stage.ballot(0, previous, 1);
        stage.holds(&board.submit(&ballot).await.unwrap(), &ballot);
        previous = ballot.leaf_hash();
        // What the board has costs nothing.
        stage.holds(&board.submit(&ballot).await.unwrap(), &ballot);
    }
    let third = stage.ballot(0, previous, 2);
    let error = board.submit(&third).await.unwrap_err();
    assert!(busy(&error).retry_after.unwrap() > Duration::from_secs(5), "{error}");
    let other = stage.ballot(1, LeafHash::NONE, 2);
    stage.holds(&board.submit(&other).await.unwrap(), &other);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_has_its_connections_and_its_rate() {
    let stage = stage(|stage| {
        stage.config.limits.connections_per_peer = 2;
        // Twice as many at once: what opening takes, and a few ballots.
        stage.config.limits.entries_per_second_per_peer = 8;
    });
    let (server, mut board) = opened(&stage).await;
    let mut second = raw(&server).await;
    second.status(StatusRequest {}).await.unwrap();
    let mut third = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(60), third.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)), "a third connection was kept");
    // The two go on, and reading has no rate.
    let mut turned_away = 0;
    for _ in 0..200 {
        // The connection is one of the two: a channel of its own would be a third.
        let status = second.submit(SubmitRequest { entry: vec![1, 8, 0, 0] }).await.unwrap_err();
        match status.code() {
            Code::ResourceExhausted => turned_away += 1,
            code => assert_eq!(code, Code::InvalidArgument),
        }
    }
    assert!(turned_away > 0, "200 at once were all looked at");
    board.status().await.unwrap();
    drop((second, board));
    // When a connection ends its place is free again.
    let mut tries = 0;
    while selge_proto::v1::board_client::BoardClient::connect(format!("http://{}", server.address())).await.is_err() {
        tries += 1;
        assert!(tries < 600, "no place has become free");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_let_go() {
    let stage = stage(|_| ());
    let server = stage.serve().await;
    let mut silent = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    let mut bytes = Vec::new();
    // The server may open its side of HTTP/2 before it gives up.
    let ended = tokio::time::timeout(Duration::from_secs(120), silent.read_to_end(&mut bytes)).await;
    assert!(ended.is_ok(), "it is still there");
    connect(&server).await.status().await.unwrap();
    server.stop().await.unwrap();
}

fn now() -> u64 {
    u64::try_from(time::OffsetDateTime::now_utc().unix_timestamp()).unwrap()
}

impl Stage {
    /// A closing of the board as it is now, signed at `time`.
    async fn closing_at(&self, board: &mut BoardClient, time: u64) -> SignedEntry {
        let checkpoint = self.checkpoint(board).await;
        let body = EntryBody::Closing(Closing { time, size: checkpoint.size, root: checkpoint.root });
        self.sign(body, &self.commission)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_that_comes_too_late_holds_ballots_back_until_the_next_one() {
    let stage = stage(|_| ());
    let (server, mut board) = opened(&stage).await;
    let mut grpc = raw(&server).await;
    let health = |path: &str| get(server.metrics_address().unwrap(), path);
    let stale = stage.closing_at(&mut board, now()).await;
    let kept = stage.closing_at(&mut board, now() - 3600).await;
    let forged = {
        let EntryBody::Closing(closing) = stale.body.clone() else { panic!("a closing") };
        stage.sign(EntryBody::Closing(closing), &stage.registrar)
    };
    let first = stage.ballot(0, LeafHash::NONE, 1);
    stage.holds(&board.submit(&first).await.unwrap(), &first);
    // Neither one that somebody has kept nor a forged one holds anybody back.
    refused(&mut grpc, &kept, Code::FailedPrecondition).await;
    refused(&mut grpc, &forged, Code::InvalidArgument).await;
    let second = stage.ballot(1, LeafHash::NONE, 1);
    stage.holds(&board.submit(&second).await.unwrap(), &second);
    assert_eq!(health("/readyz").status, 200);

    let why = refused(&mut grpc, &stale, Code::FailedPrecondition).await;
    assert!(why.contains("the board's size"), "{why}");
    let late = stage.ballot(2, LeafHash::NONE, 1);
    let error = board.submit(&late).await.unwrap_err();
    assert!(busy(&error).to_string().contains("voting is being closed"), "{error}");
    // Who is on the board gets the receipt all the same.
    stage.holds(&board.submit(&first).await.unwrap(), &first);
    let not_ready = health("/readyz");
    assert_eq!(not_ready.status, 503);
    assert!(not_ready.text().contains("being closed"), "{not_ready:?}");
    assert!(health("/metrics").text().contains("\nselge_closing 1\n"));

    let closing = stage.closing_at(&mut board, now()).await;
    stage.holds(&board.submit(&closing).await.unwrap(), &closing);
    assert_eq!(health("/readyz").status, 200);
    let error = board.submit(&late).await.unwrap_err().to_string();
    assert!(error.contains("voting has ended"), "{error}");
    assert_eq!(board.receipt(&late.leaf_hash()).await.unwrap(), None);
    assert_eq!(replica(&stage, &mut board).await.election().unwrap().numbers().cast, 2);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn voting_closes_under_a_stream_of_ballots_and_every_ballot_has_its_answer() {
    let stage = std::sync::Arc::new(stage(|_| ()));
    let (server, mut board) = opened(&stage).await;
    let mut voters = Vec::new();
    for who in 0..stage.voters.len() {
        let (stage, mut board) = (std::sync::Arc::clone(&stage), board.clone());
        // Each voter votes again and again, until told that voting has ended.
        voters.push(tokio::spawn(async move {
            let (mut newest, mut taken) = (LeafHash::NONE, Vec::new());
            loop {
                let ballot = stage.ballot(who, newest, 1);
                loop {
                    match board.submit(&ballot).await {
                        Ok(receipt) => {
                            stage.holds(&receipt, &ballot);
                            newest = ballot.leaf_hash();
                            taken.push(receipt.index);
                            break;
                        }
                        Err(error) if error.to_string().contains("voting has ended") => return taken,
                        Err(error) => {
                            busy(&error);
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                }
            }
        }));
    }
    // As `tally close` does it, with a delay in which ballots come, so that the first closing is too late for certain.
    let first = stage.closing_at(&mut board, now()).await;
    let size = stage.checkpoint(&mut board).await.size;
    while stage.checkpoint(&mut board).await.size == size {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    refused(&mut raw(&server).await, &first, Code::FailedPrecondition).await;
    let second = stage.closing_at(&mut board, now()).await;
    let receipt = board.submit(&second).await.expect("the second closing is of a board that stands still");
    let end = stage.holds(&receipt, &second);
    let mut taken = 0;
    for voter in voters {
        let places = voter.await.unwrap();
        assert!(places.iter().all(|place| *place < end.size - 1), "a ballot after the closing");
        taken += places.len() as u64;
    }
    assert_eq!(replica(&stage, &mut board).await.election().unwrap().numbers().cast, taken);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_numbers_and_health_and_no_voter() {
    let stage = stage(|_| ());
    let (server, mut board) = opened(&stage).await;
    let address = server.metrics_address().unwrap();
    let ballot = stage.ballot(0, LeafHash::NONE, 1);
    board.submit(&ballot).await.unwrap();
    board.submit(&ballot).await.unwrap();
    refused(&mut raw(&server).await, &false_ballot(&stage, 1, LeafHash::NONE), Code::InvalidArgument).await;
    let metrics = get(address, "/metrics");
    assert_eq!(metrics.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let text = metrics.text();
    for line in [
        "selge_entries_accepted_total{kind=\"ballot\"} 1",
        "selge_entries_accepted_total{kind=\"opening\"} 1",
        "selge_entries_known_total 1",
        "selge_entries_refused_total{reason=\"Proof\"} 1",
        "selge_ballots_cast 1",
        "selge_board_size 13",
        "selge_entries_in_hand 0",
        "selge_verify_queue 0",
        "selge_ready 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(stage.voters.iter().all(|voter| !text.contains(&voter.id.to_string())));
    assert!(!text.contains("127.0.0.1"));
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/", 404), ("/metrics/", 404)] {
        assert_eq!(get(address, path).status, status, "{path}");
    }
    assert_eq!(crate::http::ask(address, "POST", "/metrics").status, 405);
    let mut health = HealthClient::new(channel(&server).await);
    for service in ["", "selge.v1.Board"] {
        let request = HealthCheckRequest { service: service.into() };
        let serving = health.check(request).await.unwrap().into_inner().status;
        assert_eq!(serving, ServingStatus::Serving as i32, "{service:?}");
    }
    drop((health, board));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_one_peer_are_bounded_and_say_when_to_come_back() {
    let stage = stage(|stage| stage.config.limits.requests_per_peer = 1);
    let server = stage.serve().await;
    let mut grpc = raw(&server).await;
    // A reader that does not read holds the only place.
    let mut watching = HealthClient::new(channel(&server).await);
    let watch = watching.watch(HealthCheckRequest { service: String::new() }).await.unwrap();
    let status = grpc.status(StatusRequest {}).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().and_then(|info| info.retry_delay).is_some());
    drop((watch, watching));
    let mut tries = 0;
    while grpc.status(StatusRequest {}).await.is_err() {
        tries += 1;
        assert!(tries < 600, "the place has not become free");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.stop().await.unwrap();
}
