//! What each peer may take of the collector. A peer is a network address without its port, of an IPv6 address the first
//! 64 bits; nothing outside this file sees it, so that none can end up beside a voter's pseudonym.

use crate::limits::{Bucket, Limits};
use crate::metrics::Reason;
use crate::refusal;
use std::collections::hash_map::RandomState;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

/// Entries without truth in them that one connection may send before it loses its place for a while.
const FAULTS: f64 = 64.0;

/// How fast faults are forgotten, per second.
const FORGIVEN: f64 = 1.0;

/// A number that stands for a peer while this process lives, and tells nobody who it is.
type Key = u64;

/// All peers that are connected.
#[derive(Debug)]
pub(crate) struct Peers {
    limits: Limits,
    hasher: RandomState,
    connected: Mutex<HashMap<Key, Connected>>,
}

#[derive(Debug)]
struct Connected {
    connections: usize,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    requests: Arc<Semaphore>,
    entries: Mutex<Bucket>,
    checks: Mutex<Bucket>,
}

/// One connection of a peer. Its requests share the peer's places.
#[derive(Clone, Debug)]
pub struct Peer(Arc<Connection>);

#[derive(Debug)]
struct Connection {
    peers: Arc<Peers>,
    key: Key,
    shared: Arc<Shared>,
    faults: Mutex<Bucket>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Peers {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Peers { limits, hasher: RandomState::new(), connected: Mutex::default() })
    }

    fn key(&self, address: IpAddr) -> Key {
        match address.to_canonical() {
            IpAddr::V4(address) => self.hasher.hash_one(address.octets()),
            IpAddr::V6(address) => self.hasher.hash_one(&address.octets()[..8]),
        }
    }

    /// A connection from `address`; `None` if its peer has too many.
    pub(crate) fn connect(self: &Arc<Self>, address: IpAddr) -> Option<Peer> {
        let (key, now) = (self.key(address), Instant::now());
        let mut connected = lock(&self.connected);
        let peer = connected.entry(key).or_insert_with(|| {
            let requests = Arc::new(Semaphore::new(self.limits.requests_per_peer));
            let entries = Mutex::new(Bucket::full(self.burst(), now));
            let checks = Mutex::new(Bucket::full(self.checks_per_minute(), now));
            Connected { connections: 0, shared: Arc::new(Shared { requests, entries, checks }) }
        });
        if peer.connections >= self.limits.connections_per_peer {
            return None;
        }
        peer.connections += 1;
        let (peers, shared) = (Arc::clone(self), Arc::clone(&peer.shared));
        Some(Peer(Arc::new(Connection { peers, key, shared, faults: Mutex::new(Bucket::full(FAULTS, now)) })))
    }

    fn burst(&self) -> f64 {
        2.0 * self.per_second()
    }

    fn per_second(&self) -> f64 {
        f64::from(self.limits.entries_per_second_per_peer)
    }

    fn checks_per_minute(&self) -> f64 {
        f64::from(self.limits.checks_per_minute_per_peer)
    }

    /// Whether a peer that has gone would get nothing new by coming back.
    fn rested(&self, shared: &Shared) -> bool {
        let now = Instant::now();
        let checks = self.checks_per_minute();
        lock(&shared.entries).is_full(self.burst(), self.per_second(), now)
            && lock(&shared.checks).is_full(checks, checks / 60.0, now)
    }
}

impl Peer {
    /// A place for a request.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED`.
    pub(crate) fn request(&self) -> Result<OwnedSemaphorePermit, Status> {
        Arc::clone(&self.0.shared.requests).try_acquire_owned().map_err(|_| {
            let text = "too many requests from this address are being answered";
            refusal::busy(Reason::Peer, text, Duration::from_secs(1))
        })
    }

    /// Lets an entry in, by the peer's rate and what came over this connection before.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED`.
    pub(crate) fn entry(&self) -> Result<(), Status> {
        let (now, peers) = (Instant::now(), &self.0.peers);
        // Asked of a copy: only a fault costs.
        let mut faults = *lock(&self.0.faults);
        if let Err(wait) = faults.take(FAULTS, FORGIVEN, now) {
            let text = "too many of the entries that came over this connection were false";
            return Err(refusal::busy(Reason::Peer, text, wait));
        }
        lock(&self.0.shared.entries).take(peers.burst(), peers.per_second(), now).map_err(|wait| {
            let text = format!("at most {} entries a second are taken from one address", peers.per_second());
            refusal::busy(Reason::Peer, &text, wait.max(Duration::from_millis(250)))
        })
    }

    /// Lets a check on a second device begin, by the peer's rate.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED`.
    pub(crate) fn mailbox(&self) -> Result<(), Status> {
        let most = self.0.peers.checks_per_minute();
        lock(&self.0.shared.checks).take(most, most / 60.0, Instant::now()).map_err(|wait| {
            let text = format!("at most {most} checks a minute begin from one address");
            refusal::busy(Reason::Peer, &text, wait)
        })
    }

    /// An entry from this connection was false: malformed, of a wrong signature or with a false proof.
    pub(crate) fn fault(&self) {
        let _ = lock(&self.0.faults).take(FAULTS, FORGIVEN, Instant::now());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut connected = lock(&self.peers.connected);
        let Some(peer) = connected.get_mut(&self.key) else { return };
        peer.connections = peer.connections.saturating_sub(1);
        // A peer that comes back at once does not get a new bucket.
        if peer.connections == 0 && self.peers.rested(&peer.shared) {
            connected.remove(&self.key);
        } else if connected.len() > 2 * self.peers.limits.connections {
            connected.retain(|_, peer| peer.connections > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;

    fn peers(limits: Limits) -> Arc<Peers> {
        Peers::new(limits)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_has_so_many_connections_and_requests_and_leaves_the_others_theirs() {
        let peers = peers(Limits { connections_per_peer: 2, requests_per_peer: 3, ..Limits::default() });
        let first = peers.connect(address("2001:db8::1")).unwrap();
        let second = peers.connect(address("2001:db8::ffff:1")).unwrap();
        assert!(peers.connect(address("2001:db8::2")).is_none(), "the same network");
        let other = peers.connect(address("2001:db8:0:1::1")).unwrap();
        let v4 = peers.connect(address("192.0.2.1")).unwrap();
        let _mapped = peers.connect(address("::ffff:192.0.2.1")).unwrap();
        assert!(peers.connect(address("192.0.2.1")).is_none(), "the same address, written otherwise");
        let held: Vec<_> = [&first, &second, &first].map(|peer| peer.request().unwrap()).into();
        let refused = second.request().unwrap_err();
        assert_eq!(refused.code(), Code::ResourceExhausted);
        assert!(refusal::retry_after(&refused).is_some());
        assert!(other.request().is_ok() && v4.request().is_ok());
        drop(held);
        assert!(second.request().is_ok());
        drop(first);
        assert!(peers.connect(address("2001:db8::3")).is_some());
    }

    #[test]
    fn a_peer_has_a_rate_that_reconnecting_does_not_renew() {
        let peers = peers(Limits { entries_per_second_per_peer: 5, ..Limits::default() });
        let peer = peers.connect(address("192.0.2.1")).unwrap();
        assert_eq!((0..100).take_while(|_| peer.entry().is_ok()).count(), 10);
        drop(peer);
        let again = peers.connect(address("192.0.2.1")).unwrap();
        assert!(again.entry().is_err());
        assert!(peers.connect(address("192.0.2.2")).unwrap().entry().is_ok());
    }

    #[test]
    fn a_peer_begins_so_many_checks() {
        let peers = peers(Limits { checks_per_minute_per_peer: 3, ..Limits::default() });
        let peer = peers.connect(address("192.0.2.1")).unwrap();
        assert_eq!((0..10).take_while(|_| peer.mailbox().is_ok()).count(), 3);
        drop(peer);
        let again = peers.connect(address("192.0.2.1")).unwrap();
        assert_eq!(again.mailbox().unwrap_err().code(), Code::ResourceExhausted);
        assert!(again.entry().is_ok() && peers.connect(address("192.0.2.2")).unwrap().mailbox().is_ok());
    }

    #[test]
    fn a_connection_that_sends_false_entries_loses_its_place_and_no_other_does() {
        let peers = peers(Limits::default());
        let (bad, good) = (peers.connect(address("192.0.2.1")).unwrap(), peers.connect(address("192.0.2.1")).unwrap());
        let taken = (0..1000)
            .take_while(|_| {
                bad.fault();
                bad.entry().is_ok()
            })
            .count();
        assert!(taken < 2 * FAULTS as usize, "{taken}");
        assert!(good.entry().is_ok());
    }

    #[test]
    fn peers_that_are_gone_are_forgotten() {
        let peers = peers(Limits { connections: 8, ..Limits::default() });
        for i in 0..=255 {
            let peer = peers.connect(IpAddr::from([192, 0, 2, i])).unwrap();
            peer.entry().unwrap();
        }
        assert!(lock(&peers.connected).len() <= 2 * 8 + 1);
    }
}
