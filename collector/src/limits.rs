//! How much strangers can take of the collector: numbers an operator may set, and the buckets that rates are counted with.

use serde::Deserialize;
use std::time::{Duration, Instant};

/// The `[limits]` of the config file. A peer is an IPv4 address or an IPv6 network of 64 bits.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at a time; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Connections at a time of one peer; further ones are closed at once.
    pub connections_per_peer: usize,
    /// Entries that are being checked, or wait for it or for the disk.
    pub entries_in_hand: usize,
    /// Requests of one peer that are being answered at a time.
    pub requests_per_peer: usize,
    /// Entries that one peer may hand in per second, over a while; twice as many at once.
    pub entries_per_second_per_peer: u32,
    /// Ballots that one voter may cast per minute, over a while, and at once.
    pub ballots_per_voter_per_minute: u32,
    /// Checks on a second device that one peer may begin per minute, over a while, and at once.
    pub checks_per_minute_per_peer: u32,
    /// Requests in all that read entries or files at a time.
    pub readers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 4096,
            connections_per_peer: 1024,
            entries_in_hand: 4096,
            requests_per_peer: 1024,
            entries_per_second_per_peer: 1000,
            ballots_per_voter_per_minute: 60,
            checks_per_minute_per_peer: 120,
            readers: 256,
        }
    }
}

impl Limits {
    /// The limits that are 0, which would shut everybody out.
    pub fn zeros(&self) -> Vec<&'static str> {
        let all = [
            ("connections", self.connections),
            ("connections_per_peer", self.connections_per_peer),
            ("entries_in_hand", self.entries_in_hand),
            ("requests_per_peer", self.requests_per_peer),
            ("entries_per_second_per_peer", self.entries_per_second_per_peer as usize),
            ("ballots_per_voter_per_minute", self.ballots_per_voter_per_minute as usize),
            ("checks_per_minute_per_peer", self.checks_per_minute_per_peer as usize),
            ("readers", self.readers),
        ];
        all.into_iter().filter(|(_, value)| *value == 0).map(|(name, _)| name).collect()
    }
}

/// A token bucket: `size` at once, refilled at `per_second`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    since: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(size: f64, now: Instant) -> Self {
        Bucket { tokens: size, since: now }
    }

    fn refill(&mut self, size: f64, per_second: f64, now: Instant) {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        self.tokens = (self.tokens + passed * per_second).min(size);
        self.since = now;
    }

    /// Takes one token.
    ///
    /// # Errors
    /// How long until there is one.
    pub(crate) fn take(&mut self, size: f64, per_second: f64, now: Instant) -> Result<(), Duration> {
        self.refill(size, per_second, now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64(((1.0 - self.tokens) / per_second).clamp(0.001, 3600.0)))
    }

    /// Whether nothing of it is used any more.
    pub(crate) fn is_full(&mut self, size: f64, per_second: f64, now: Instant) -> bool {
        self.refill(size, per_second, now);
        self.tokens >= size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_size_at_once_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::full(3.0, start);
        assert!((0..3).all(|_| bucket.take(3.0, 2.0, start).is_ok()));
        let wait = bucket.take(3.0, 2.0, start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        assert!(bucket.take(3.0, 2.0, start + wait).is_ok());
        assert!(bucket.take(3.0, 2.0, start + wait).is_err());
        assert!(!bucket.is_full(3.0, 2.0, start + Duration::from_secs(1)));
        assert!(bucket.is_full(3.0, 2.0, start + Duration::from_secs(10)));
        // No more than its size however long one waits; a clock that stands still gives nothing.
        let later = start + Duration::from_secs(1000);
        assert_eq!((0..5).filter(|_| bucket.take(3.0, 2.0, later).is_ok()).count(), 3);
    }

    #[test]
    fn limits_of_zero_are_named() {
        assert!(Limits::default().zeros().is_empty());
        assert_eq!(Limits { readers: 0, ..Limits::default() }.zeros(), ["readers"]);
    }
}
