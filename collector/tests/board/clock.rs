//! A clock that jumps: it decides when ballots are taken, and can neither lose nor double one.

use crate::stage::{connect, replica, Period, Stage};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use selge_collector::machine::{Clock, Machine};
use selge_collector::server::start_on;
use selge_core::ids::LeafHash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;
use time::OffsetDateTime;

/// A clock that shows what it is told, in seconds since 1970.
#[derive(Debug, Default)]
struct Jumping(AtomicI64);

impl Clock for Jumping {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_opens_and_shuts_the_door_and_changes_nothing_behind_it() {
    let stage = Stage::with(Period { opens: "2020-01-01T00:00:00Z", closes: "2020-01-02T00:00:00Z" }, "clock");
    let opens = stage.manifest.document().opens.unix_timestamp();
    let closes = stage.manifest.document().closes.unix_timestamp();
    let clock = Arc::new(Jumping::default());
    let machine = || Machine { clock: Arc::<Jumping>::clone(&clock), ..Machine::real() };
    clock.0.store(opens, Ordering::Relaxed);
    let mut server = start_on(machine(), &stage.config, stage.collector_key()).await.unwrap();
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let mut rng = StdRng::seed_from_u64(7);
    let (mut newest, mut given) = (vec![LeafHash::NONE; stage.voters.len()], Vec::new());
    for jump in 0..40 {
        let now = match jump % 8 {
            0 => closes,
            1 => closes - 1,
            2 => opens - 1,
            3 => opens,
            4 => 0,
            5 => 253_402_300_799, // the last second of the year 9999
            _ => rng.gen_range(opens - 90_000..closes + 90_000),
        };
        clock.0.store(now, Ordering::Relaxed);
        let who = rng.gen_range(0..newest.len());
        let ballot = stage.ballot(who, newest[who], rng.gen_range(0..3));
        match board.submit(&ballot).await {
            Ok(receipt) => {
                assert!((opens..closes).contains(&now), "a ballot is taken at {now}");
                stage.holds(&receipt, &ballot);
                newest[who] = ballot.leaf_hash();
                given.push((ballot, receipt));
            }
            Err(error) => {
                let error = error.to_string();
                let why = if now < opens { "voting starts at" } else { "voting ended at" };
                assert!(!(opens..closes).contains(&now) && error.contains(why), "{now}: {error}");
            }
        }
        // Receipts are given at any time, and the same bytes get the same place.
        for (ballot, receipt) in &given {
            assert_eq!(board.submit(ballot).await.unwrap().index, receipt.index);
        }
        if jump % 10 == 9 {
            drop(board);
            server.stop().await.unwrap();
            server = start_on(machine(), &stage.config, stage.collector_key()).await.unwrap();
            board = connect(&server).await;
        }
    }
    assert!(given.len() > 10, "{}", given.len());
    let replica = replica(&stage, &mut board).await;
    assert_eq!(replica.election().unwrap().numbers().cast, given.len() as u64);
    for (ballot, receipt) in &given {
        let old = stage.holds(receipt, ballot);
        assert_eq!(replica.tree().root_at(old.size).unwrap(), old.root);
    }
    drop(board);
    server.stop().await.unwrap();
}
