//! Clients that do their worst, alone or by the thousand, while honest voters go on.

use crate::fleet::{connect, PATIENCE};
use crate::scene::{dice, long, Scene};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rustix::process::{getrlimit, setrlimit, Resource};
use selge_core::codec::Encode;
use selge_core::entry::SignedEntry;
use selge_core::ids::LeafHash;
use selge_node::client::{is_transient, BoardClient};
use selge_proto::v1::board_client::BoardClient as Grpc;
use selge_proto::v1::SubmitRequest;
use selge_tests::crowd::Device;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tonic::Code;

/// Opens HTTP/2 (RFC 9113, 3.4) with empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

fn address(scene: &Scene) -> SocketAddr {
    scene.stage.board.board.strip_prefix("http://").unwrap().parse().unwrap()
}

/// A connection from another address of this machine, so that limits of one address do not hide those of all.
async fn from_elsewhere(to: SocketAddr, number: usize) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let [a, b] = u16::try_from(number % 200 + 2).unwrap_or(2).to_be_bytes();
    socket.bind(SocketAddr::from(([127, 1, a, b], 0)))?;
    socket.connect(to).await
}

/// Submits until the board says yes or no; `Err` is a refusal.
async fn answer(board: &mut BoardClient, entry: &SignedEntry) -> Result<selge_core::receipt::Receipt, String> {
    let start = Instant::now();
    loop {
        match board.submit(entry).await {
            Ok(receipt) => return Ok(receipt),
            Err(error) if is_transient(&error) => {
                assert!(start.elapsed() < PATIENCE, "{error:#}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// One voter's ballots at the same time, again and again, and in the wrong order: the board takes each once, in its order.
#[tokio::test(flavor = "multi_thread")]
async fn one_voters_ballots_in_any_order_are_each_taken_once() {
    let mut rng = dice("order");
    let (mut scene, ()) = Scene::open(8, |_| ()).await;
    let mut voter: Device = scene.devices.pop().unwrap();
    let mut fleet = scene.set_out();
    let mut newest = LeafHash::NONE;
    let mut last = None;
    for round in 0..if long() { 40 } else { 6 } {
        let mut ballot = |voter: &mut Device, previous| {
            voter.plan.choices = vec![selge_core::rules::Choice::One(rng.gen_range(0..3))];
            let entry = voter.prepare(&scene.stage.manifest, &scene.key, true, previous).unwrap();
            (entry, voter.plan.choices.clone())
        };
        // Two that both follow the newest one, each handed in over many connections at the same time.
        let pair = [ballot(&mut voter, newest), ballot(&mut voter, newest)];
        let mut jobs = Vec::new();
        for i in 0..16 {
            let (entry, board) = (pair[i % 2].0.clone(), scene.stage.board.board.clone());
            jobs.push(tokio::spawn(async move {
                let mut board = connect(&board).await.unwrap();
                (i % 2, answer(&mut board, &entry).await)
            }));
        }
        let mut receipts = [Vec::new(), Vec::new()];
        for job in jobs {
            match job.await.unwrap() {
                (which, Ok(receipt)) => receipts[which].push(receipt),
                (_, Err(refused)) => assert!(refused.contains("refused"), "{refused}"),
            }
        }
        let winner = usize::from(receipts[0].is_empty());
        assert_eq!(receipts[winner].len(), 8, "round {round}: each copy gets the receipt");
        assert!(receipts[1 - winner].is_empty(), "round {round}: two ballots follow the same one");
        assert!(receipts[winner].iter().all(|r| r.index == receipts[winner][0].index), "round {round}");
        fleet.note(&pair[winner].0, receipts[winner][0].clone());
        // The next but one before the next.
        let first = ballot(&mut voter, pair[winner].0.leaf_hash());
        let second = ballot(&mut voter, first.0.leaf_hash());
        let mut board = connect(&scene.stage.board.board).await.unwrap();
        assert!(answer(&mut board, &second.0).await.is_err(), "round {round}: out of order");
        for entry in [&first.0, &second.0] {
            let receipt = answer(&mut board, entry).await.unwrap();
            fleet.note(entry, receipt);
        }
        newest = second.0.leaf_hash();
        let receipt = answer(&mut board, &second.0).await.unwrap();
        last = Some((second, receipt));
    }
    let ((entry, choices), receipt) = last.unwrap();
    voter.plan.choices = choices;
    fleet.took(&entry, receipt, voter);
    scene.close(fleet).await;
}

/// Everything that is not a ballot, while voters go on.
#[tokio::test(flavor = "multi_thread")]
async fn floods_of_garbage_and_slow_and_half_open_clients_do_not_stop_the_voting() {
    let mut rng = dice("garbage");
    let (mut scene, ()) = Scene::open(12, |_| ()).await;
    let fleet = scene.set_out();
    fleet.goes_on(12).await;
    let to = address(&scene);
    let ballot = fleet.sample(&scene.stage.board.board).await;
    let rounds = if long() { 20 } else { 3 };
    let mut held = Vec::new();
    for round in 0..rounds {
        let seed: u64 = rng.gen();
        let mut jobs = Vec::new();
        for i in 0..40 {
            let mut rng = StdRng::seed_from_u64(seed ^ i);
            jobs.push(tokio::spawn(async move {
                // A server that has had enough may close in the middle.
                let Ok(mut socket) = from_elsewhere(to, i as usize).await else { return None };
                let mut garbage = vec![0; rng.gen_range(1..200_000)];
                rng.fill(&mut garbage[..]);
                match i % 8 {
                    0 => drop(socket.write_all(&garbage).await),
                    1 => drop(socket.write_all(&[PREFACE, &garbage].concat()).await),
                    2 => drop(socket.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await),
                    // Slow: part of the opening, or an opening and nothing more, and the connection stays.
                    3 => {
                        let _ = socket.write_all(&PREFACE[..rng.gen_range(0..24)]).await;
                        return Some(socket);
                    }
                    4 => {
                        let _ = socket.write_all(PREFACE).await;
                        return Some(socket);
                    }
                    // Half-open: says no more, but does not go.
                    5 => {
                        let _ = socket.write_all(PREFACE).await;
                        let _ = socket.shutdown().await;
                        return Some(socket);
                    }
                    // A byte now and then.
                    6 => {
                        for byte in PREFACE {
                            if socket.write_all(&[*byte]).await.is_err() {
                                break;
                            }
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                        return Some(socket);
                    }
                    // A frame that announces 16 MiB.
                    _ => drop(socket.write_all(&[PREFACE, &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]].concat()).await),
                }
                None
            }));
        }
        // Well-formed calls with entries that are none.
        let mut grpc = Grpc::connect(scene.stage.board.board.clone()).await.unwrap();
        for i in 0..60 {
            let mut bytes = ballot.to_bytes();
            let at = rng.gen_range(0..bytes.len());
            match i % 6 {
                0 => bytes[at] ^= 1 << rng.gen_range(0..8),
                1 => bytes.truncate(at),
                2 => bytes.extend_from_slice(&[0; 7]),
                3 => rng.fill(&mut bytes[..]),
                4 => bytes.clear(),
                _ => bytes = vec![1; 70_000],
            }
            let status = grpc.submit(SubmitRequest { entry: bytes }).await.unwrap_err();
            let expected = [
                Code::InvalidArgument,
                Code::FailedPrecondition,
                Code::PermissionDenied,
                Code::AlreadyExists,
                Code::ResourceExhausted,
                Code::Unavailable,
                // Longer than any entry: not read to its end.
                Code::OutOfRange,
            ];
            assert!(expected.contains(&status.code()), "round {round}, {i}: {status}");
        }
        // Larger than any message: the call ends, and no other.
        let mut large =
            Grpc::connect(scene.stage.board.board.clone()).await.unwrap().max_encoding_message_size(1 << 30);
        assert!(large.submit(SubmitRequest { entry: vec![1; 40 << 20] }).await.is_err());
        for job in jobs {
            held.extend(job.await.unwrap());
        }
        fleet.goes_on(24).await;
    }
    fleet.holds(&fleet.given()).await;
    drop(held);
    scene.close(fleet).await;
}

/// Thousands who connect and say nothing: those who are connected go on, and whoever comes gets in.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_idle_connections_do_not_stop_the_voting() {
    let _ = dice("idle");
    let wanted = if long() { 10_000 } else { 1_000 };
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    let most = getrlimit(Resource::Nofile).current.map_or(wanted, |files| (files as usize).saturating_sub(500));
    let (mut scene, ()) = Scene::open(8, |_| ()).await;
    let fleet = scene.set_out();
    fleet.goes_on(8).await;
    let to = address(&scene);
    let mut idle = Vec::new();
    let mut refused = 0;
    for chunk in 0..wanted.min(most).div_ceil(250) {
        let jobs: Vec<_> = (0..250)
            .map(|i| {
                let connecting = from_elsewhere(to, chunk * 250 + i);
                tokio::spawn(tokio::time::timeout(Duration::from_secs(2), connecting))
            })
            .collect();
        for job in jobs {
            match job.await.unwrap() {
                Ok(Ok(socket)) => idle.push(socket),
                // The kernel's queue is full, or the collector turns them away.
                _ => refused += 1,
            }
        }
        if refused > 1000 {
            break;
        }
    }
    eprintln!("{} idle connections opened, {refused} turned away, of {wanted}", idle.len());
    assert!(idle.len() >= wanted.min(most) / 4);
    fleet.goes_on(24).await;
    // Somebody who comes now gets in, while they stay.
    let start = Instant::now();
    let mut newcomer = loop {
        if let Ok(Ok(mut board)) =
            tokio::time::timeout(Duration::from_secs(20), connect(&scene.stage.board.board)).await
        {
            if matches!(tokio::time::timeout(Duration::from_secs(20), board.status()).await, Ok(Ok(_))) {
                break board;
            }
        }
        assert!(start.elapsed() < PATIENCE, "nobody gets in beside {} idle connections", idle.len());
    };
    newcomer.status().await.unwrap();
    fleet.holds(&fleet.given()).await;
    drop(idle);
    fleet.goes_on(24).await;
    scene.close(fleet).await;
}
