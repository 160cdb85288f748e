//! Mailboxes in memory: so many, so many bytes, so long.

use selge_core::check::Mailbox;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Most mailboxes at a time.
const MAX_MAILBOXES: usize = 16_384;

/// Bytes of messages that each of them has room for, whatever the others hold: a check of a few contests needs less, so
/// that nobody can take the room of all others with long messages.
const SHARE: usize = 4 << 10;

/// Most bytes of messages beyond that, in all of them.
const MAX_BYTES: usize = 64 << 20;

/// How much of a mailbox's bytes is beyond its share.
fn beyond(bytes: usize) -> usize {
    bytes.saturating_sub(SHARE)
}

/// There is no room.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It is there now, or was already.
    Kept,
    /// Another message has its place.
    Taken,
    /// The place before it is empty.
    Gap,
    /// There is no such mailbox.
    NoMailbox,
}

/// One offer, and the messages that came for it.
#[derive(Debug)]
pub(super) struct Held {
    offer: Vec<u8>,
    messages: Vec<Vec<u8>>,
    bytes: usize,
    since: Instant,
    arrived: Arc<Notify>,
}

impl Held {
    pub(super) fn offer(&self) -> &[u8] {
        &self.offer
    }

    pub(super) fn messages(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn message(&self, place: usize) -> Option<&[u8]> {
        self.messages.get(place).map(Vec::as_slice)
    }

    /// Ends when the next message has come.
    pub(super) fn news(&self) -> impl Future<Output = ()> + use<> {
        Arc::clone(&self.arrived).notified_owned()
    }
}

/// All mailboxes.
#[derive(Debug)]
pub(super) struct Mailboxes {
    lifetime: Duration,
    held: HashMap<Mailbox, Held>,
    /// In the order in which they end.
    order: VecDeque<(Instant, Mailbox)>,
    /// Beyond the shares.
    bytes: usize,
}

impl Mailboxes {
    pub(super) fn new(lifetime: Duration) -> Self {
        Mailboxes { lifetime, held: HashMap::new(), order: VecDeque::new(), bytes: 0 }
    }

    /// Forgets what is too old.
    fn sweep(&mut self, now: Instant) {
        while let Some((since, id)) = self.order.front().copied() {
            if now.saturating_duration_since(since) < self.lifetime {
                return;
            }
            self.order.pop_front();
            if let Some(old) = self.held.remove(&id) {
                self.bytes -= beyond(old.bytes);
                // Whoever waits finds that it is gone.
                old.arrived.notify_waiters();
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.held.drain().for_each(|(_, held)| held.arrived.notify_waiters());
        self.order.clear();
        self.bytes = 0;
    }

    /// Makes a mailbox for an offer, or finds the one that there is. Gives how long it still lives.
    pub(super) fn open(&mut self, id: Mailbox, offer: Vec<u8>, now: Instant) -> Result<Duration, Full> {
        self.sweep(now);
        if let Some(held) = self.held.get(&id) {
            return Ok(self.lifetime.saturating_sub(now.saturating_duration_since(held.since)));
        }
        if self.held.len() >= MAX_MAILBOXES {
            return Err(Full);
        }
        self.held.insert(id, Held { offer, messages: Vec::new(), bytes: 0, since: now, arrived: Arc::default() });
        self.order.push_back((now, id));
        Ok(self.lifetime)
    }

    pub(super) fn get(&mut self, id: &Mailbox, now: Instant) -> Option<&Held> {
        self.sweep(now);
        self.held.get(id)
    }

    pub(super) fn leave(&mut self, id: &Mailbox, place: usize, message: Vec<u8>, now: Instant) -> Result<Left, Full> {
        self.sweep(now);
        let Some(held) = self.held.get_mut(id) else { return Ok(Left::NoMailbox) };
        match held.messages.get(place) {
            Some(there) if *there == message => return Ok(Left::Kept),
            Some(_) => return Ok(Left::Taken),
            None if held.messages.len() != place => return Ok(Left::Gap),
            None => {}
        }
        let bytes = held.bytes + message.len();
        let more = beyond(bytes) - beyond(held.bytes);
        if self.bytes + more > MAX_BYTES {
            return Err(Full);
        }
        self.bytes += more;
        held.bytes = bytes;
        held.messages.push(message);
        held.arrived.notify_waiters();
        Ok(Left::Kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn id(i: u32) -> Mailbox {
        Mailbox(u128::from(i).to_be_bytes())
    }

    #[test]
    fn nothing_is_replaced_and_nothing_is_left_out() {
        let now = Instant::now();
        let mut all = Mailboxes::new(HOUR);
        assert_eq!(all.leave(&id(1), 0, vec![1], now), Ok(Left::NoMailbox));
        assert_eq!(all.open(id(1), vec![7], now), Ok(HOUR));
        assert_eq!(all.leave(&id(1), 1, vec![1], now), Ok(Left::Gap));
        assert_eq!(all.leave(&id(1), 0, vec![1], now), Ok(Left::Kept));
        assert_eq!(all.leave(&id(1), 0, vec![1], now), Ok(Left::Kept));
        assert_eq!(all.leave(&id(1), 0, vec![2], now), Ok(Left::Taken));
        assert_eq!(all.leave(&id(1), 1, vec![2], now), Ok(Left::Kept));
        // The same offer once more changes nothing.
        assert_eq!(all.open(id(1), vec![8], now + HOUR / 2), Ok(HOUR / 2));
        let held = all.get(&id(1), now).unwrap();
        assert_eq!((held.offer(), held.messages()), (&[7][..], 2));
        assert_eq!((held.message(0), held.message(2)), (Some(&[1][..]), None));
        assert_eq!(held.bytes, 2);
        assert_eq!(all.bytes, 0);
    }

    #[test]
    fn everything_is_forgotten_after_its_time() {
        let now = Instant::now();
        let mut all = Mailboxes::new(HOUR);
        all.open(id(1), vec![], now).unwrap();
        all.open(id(2), vec![], now + HOUR / 2).unwrap();
        all.leave(&id(1), 0, vec![0; SHARE], now).unwrap();
        all.leave(&id(1), 1, vec![0; 10], now).unwrap();
        assert_eq!(all.bytes, 10);
        assert!(all.get(&id(1), now + HOUR - Duration::from_secs(1)).is_some());
        assert!(all.get(&id(1), now + HOUR).is_none());
        assert!(all.get(&id(2), now + HOUR).is_some());
        assert_eq!((all.bytes, all.order.len(), all.held.len()), (0, 1, 1));
        // And may come again.
        assert_eq!(all.open(id(1), vec![], now + HOUR), Ok(HOUR));
    }

    #[test]
    fn there_is_so_much_room() {
        let now = Instant::now();
        let mut all = Mailboxes::new(HOUR);
        for i in 0..MAX_MAILBOXES {
            all.open(id(i as u32), vec![], now).unwrap();
        }
        assert_eq!(all.open(id(u32::MAX), vec![], now), Err(Full));
        assert!(all.open(id(0), vec![], now).is_ok());
        for i in 0..4 {
            assert_eq!(all.leave(&id(i), 0, vec![0; SHARE + MAX_BYTES / 4], now), Ok(Left::Kept));
        }
        // Nobody has taken what is others'.
        assert_eq!(all.leave(&id(4), 0, vec![0; SHARE + 1], now), Err(Full));
        assert_eq!(all.leave(&id(5), 0, vec![0; SHARE], now), Ok(Left::Kept));
        assert_eq!(all.leave(&id(5), 1, vec![0], now), Err(Full));
        assert_eq!(all.leave(&id(0), 1, vec![0], now), Err(Full));
        assert_eq!(all.open(id(u32::MAX), vec![], now + HOUR), Ok(HOUR));
    }

    #[tokio::test]
    async fn whoever_waits_hears_of_news_and_of_the_end() {
        let now = Instant::now();
        let mut all = Mailboxes::new(HOUR);
        all.open(id(1), vec![], now).unwrap();
        let news = all.get(&id(1), now).unwrap().news();
        all.leave(&id(1), 0, vec![1], now).unwrap();
        news.await;
        let end = all.get(&id(1), now).unwrap().news();
        assert!(all.get(&id(1), now + HOUR).is_none());
        end.await;
    }
}
