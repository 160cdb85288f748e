//! Handing ballots in, as fast as the board takes them or at a rate, over many connections.

use crate::kept::Ready;
use anyhow::{ensure, Context, Result};
use rayon::prelude::*;
use selge_core::ids::LeafHash;
use selge_core::note::LogKey;
use selge_core::receipt::Receipt;
use selge_proto::v1::board_client::BoardClient;
use selge_proto::v1::SubmitRequest;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};
use tonic::transport::{Channel, Endpoint};
use tonic::Code;
use tonic_types::StatusExt;

/// How ballots are handed in.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// So many at a time, the next one when one is answered. Who is turned away comes back when the board says.
    InFlight(usize),
    /// So many a second, whatever the board does; each once. A late answer counts from the time that was planned.
    PerSecond(u32),
}

/// What became of one ballot.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its leaf hash.
    pub leaf: LeafHash,
    /// The receipt, or the code and sentence of the last refusal.
    pub answer: Result<String, (Code, String)>,
    /// From handing it in to the answer, all attempts together.
    pub time: Duration,
    /// How often it was turned away before.
    pub turned_away: u32,
}

/// What became of all.
#[derive(Debug)]
pub struct Sent {
    /// One for each ballot.
    pub outcomes: Vec<Outcome>,
    /// From the first to the last answer.
    pub time: Duration,
}

impl Sent {
    /// Times of the ballots that got a receipt, rising.
    pub fn times(&self) -> Vec<Duration> {
        let mut times: Vec<_> = self.outcomes.iter().filter(|o| o.answer.is_ok()).map(|o| o.time).collect();
        times.sort_unstable();
        times
    }

    /// Receipts a second.
    pub fn per_second(&self) -> f64 {
        self.outcomes.iter().filter(|o| o.answer.is_ok()).count() as f64 / self.time.as_secs_f64().max(1e-9)
    }
}

/// Connections to a board.
#[derive(Clone, Debug)]
pub struct Senders {
    clients: Arc<Vec<BoardClient<Channel>>>,
}

async fn hand_in(mut client: BoardClient<Channel>, ballot: Ready, planned: Instant, again: bool) -> Outcome {
    let Ready { bytes, leaf } = ballot;
    let mut turned_away = 0;
    loop {
        let answer = client.submit(SubmitRequest { entry: bytes.clone() }).await;
        let answer = match answer {
            Ok(answer) => Ok(answer.into_inner().receipt),
            Err(status) if again && status.code() == Code::ResourceExhausted => {
                turned_away += 1;
                let wait = status.get_details_retry_info().and_then(|info| info.retry_delay);
                sleep(wait.unwrap_or(Duration::from_secs(1))).await;
                continue;
            }
            Err(status) => Err((status.code(), status.message().to_owned())),
        };
        return Outcome { leaf, answer, time: planned.elapsed(), turned_away };
    }
}

impl Senders {
    /// Connects.
    ///
    /// # Errors
    /// If nobody answers.
    pub async fn connect(url: &str, connections: usize) -> Result<Self> {
        let mut clients = Vec::new();
        for _ in 0..connections {
            let channel =
                Endpoint::from_shared(url.to_owned())?.connect().await.context("cannot connect to the board")?;
            clients.push(BoardClient::new(channel));
        }
        Ok(Senders { clients: Arc::new(clients) })
    }

    /// Hands all ballots in.
    ///
    /// # Errors
    /// Never, unless a task is stopped.
    pub async fn send(&self, ballots: &[Ready], pace: Pace) -> Result<Sent> {
        let start = Instant::now();
        let mut outcomes = Vec::with_capacity(ballots.len());
        match pace {
            Pace::InFlight(most) => {
                let ballots: Arc<Vec<Ready>> = Arc::new(ballots.to_vec());
                let next = Arc::new(AtomicUsize::new(0));
                let mut workers = JoinSet::new();
                for worker in 0..most {
                    let (ballots, next) = (Arc::clone(&ballots), Arc::clone(&next));
                    let client = self.clients[worker % self.clients.len()].clone();
                    workers.spawn(async move {
                        let mut done = Vec::new();
                        while let Some(ballot) = ballots.get(next.fetch_add(1, Ordering::Relaxed)) {
                            done.push(hand_in(client.clone(), ballot.clone(), Instant::now(), true).await);
                        }
                        done
                    });
                }
                while let Some(done) = workers.join_next().await {
                    outcomes.extend(done?);
                }
            }
            Pace::PerSecond(rate) => {
                let mut jobs = JoinSet::new();
                for (i, ballot) in ballots.iter().enumerate() {
                    let planned = start + Duration::from_secs_f64(i as f64 / f64::from(rate.max(1)));
                    sleep_until(planned.into()).await;
                    let client = self.clients[i % self.clients.len()].clone();
                    jobs.spawn(hand_in(client, ballot.clone(), planned, false));
                    // Finished ones are taken out as they come.
                    while let Some(done) = jobs.try_join_next() {
                        outcomes.push(done?);
                    }
                }
                while let Some(done) = jobs.join_next().await {
                    outcomes.push(done?);
                }
            }
        }
        Ok(Sent { outcomes, time: start.elapsed() })
    }
}

/// Checks every receipt; returns the place of each ballot that has one.
///
/// # Errors
/// If a receipt does not hold, or two are for one place.
pub fn receipts(key: &LogKey, outcomes: &[Outcome]) -> Result<HashMap<u64, LeafHash>> {
    let places = outcomes
        .par_iter()
        .filter_map(|outcome| Some((outcome.leaf, outcome.answer.as_ref().ok()?)))
        .map(|(leaf, text)| {
            let receipt = Receipt::parse(text).context("a receipt cannot be read")?;
            receipt.verify(&leaf, key).context("a receipt does not hold")?;
            Ok((receipt.index, leaf))
        })
        .collect::<Result<Vec<_>>>()?;
    let (number, places) = (places.len(), HashMap::from_iter(places));
    ensure!(places.len() == number, "two ballots have receipts for one place");
    Ok(places)
}
