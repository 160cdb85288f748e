//! The operator's numbers, in the OpenMetrics text form that Prometheus reads. They count and measure; no voter, ballot
//! or client is in them.

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{exponential_buckets, Histogram};
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Why an entry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Reason {
    /// Bytes that are no entry, or files that do not fit theirs.
    Malformed,
    /// A signature that is not the signer's.
    Signature,
    /// A voter who is not on the roll.
    Roll,
    /// It may not come next: wrong phase, stale, cancelled, there already.
    Place,
    /// A proof that does not hold.
    Proof,
    /// Too much at once, in all.
    Busy,
    /// Too much at once of one peer.
    Peer,
    /// Too much of one voter.
    Voter,
    /// Ballots while voting is being closed.
    Closing,
    /// No answer in time.
    Late,
    /// While shutting down.
    Stopping,
    /// The disk takes nothing.
    Store,
    /// The collector's own fault.
    Internal,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Witness {
    witness: String,
}

/// What the operator sees of the moment of asking.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    pub(crate) in_hand: usize,
    pub(crate) to_verify: usize,
    pub(crate) to_store: usize,
    pub(crate) size: u64,
    pub(crate) ballots: u64,
    pub(crate) closing: bool,
    pub(crate) ready: bool,
    pub(crate) free_bytes: Option<u64>,
}

/// The numbers of one running collector.
#[derive(Debug)]
pub struct Metrics {
    accepted: Family<Kind, Counter>,
    known: Counter,
    refused: Family<Refused, Counter>,
    answer_time: Histogram,
    verify_time: Histogram,
    verify_batch: Histogram,
    verify_again: Counter,
    sync_time: Histogram,
    sync_batch: Histogram,
    pub(crate) connections: Gauge,
    pub(crate) connections_closed: Counter,
    cosigned: Family<Witness, Gauge>,
    moment: Gauges,
    started: Instant,
    /// Milliseconds from the start to the newest batch that could not be written; 0 if the newest one could.
    store_failed: AtomicU64,
    registry: Registry,
}

#[derive(Debug, Default)]
struct Gauges {
    in_hand: Gauge,
    to_verify: Gauge,
    to_store: Gauge,
    size: Gauge,
    ballots: Gauge,
    closing: Gauge,
    ready: Gauge,
    free: Gauge,
    memory: Gauge,
    files: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        // 0.1 ms to 26 s, and 1 to 4096.
        let seconds = || Histogram::new(exponential_buckets(1e-4, 2.0, 19));
        let sizes = || Histogram::new(exponential_buckets(1.0, 2.0, 13));
        let mut metrics = Metrics {
            accepted: Family::default(),
            known: Counter::default(),
            refused: Family::default(),
            answer_time: seconds(),
            verify_time: seconds(),
            verify_batch: sizes(),
            verify_again: Counter::default(),
            sync_time: seconds(),
            sync_batch: sizes(),
            connections: Gauge::default(),
            connections_closed: Counter::default(),
            cosigned: Family::default(),
            moment: Gauges::default(),
            started: Instant::now(),
            store_failed: AtomicU64::new(0),
            registry: Registry::with_prefix("selge"),
        };
        metrics.register();
        metrics
    }
}

fn number(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// A number of `/proc/self/status`, in bytes.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()?.checked_mul(1024)
}

impl Metrics {
    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("entries_accepted", "Entries that got a place on the board and a receipt", self.accepted.clone());
        r.register("entries_known", "Entries handed in again that got the receipt of their place", self.known.clone());
        r.register("entries_refused", "Entries that were refused, by reason", self.refused.clone());
        let (seconds, bytes) = (Unit::Seconds, Unit::Bytes);
        let help = "From an entry's arrival to its answer, of those without files";
        r.register_with_unit("answer", help, seconds.clone(), self.answer_time.clone());
        r.register_with_unit("verify", "Checking one batch of ballots", seconds.clone(), self.verify_time.clone());
        r.register("verify_batch", "Ballots checked together", self.verify_batch.clone());
        r.register("verify_again", "Batches whose sum failed because a ballot is false", self.verify_again.clone());
        r.register_with_unit("sync", "Writing and syncing one batch to the journal", seconds, self.sync_time.clone());
        r.register("sync_batch", "Entries synced together", self.sync_batch.clone());
        r.register("connections", "Open gRPC connections", self.connections.clone());
        let help = "Connections closed at once because their peer had too many";
        r.register("connections_closed", help, self.connections_closed.clone());
        r.register(
            "witness_size",
            "Size of the newest checkpoint that each witness has cosigned",
            self.cosigned.clone(),
        );
        let m = &self.moment;
        r.register(
            "entries_in_hand",
            "Entries that are being checked or wait for it or for the disk",
            m.in_hand.clone(),
        );
        r.register("verify_queue", "Ballots that wait to be checked", m.to_verify.clone());
        r.register("sync_queue", "Checked entries that wait for the disk", m.to_store.clone());
        r.register("board_size", "Entries that the newest signed checkpoint covers", m.size.clone());
        r.register("ballots_cast", "Ballots on the board", m.ballots.clone());
        r.register("closing", "1 while ballots are held back because voting is being closed", m.closing.clone());
        r.register("ready", "1 if ballots can be taken in and stored, as /readyz says", m.ready.clone());
        r.register_with_unit("store_free", "Room left on the store's disk", bytes.clone(), m.free.clone());
        r.register_with_unit("resident_memory", "Resident memory of the process", bytes, m.memory.clone());
        r.register("open_files", "Open file descriptors", m.files.clone());
    }

    /// An entry got its answer: a receipt, or a refusal.
    pub(crate) fn answered(&self, time: Duration, refused: Option<Reason>) {
        self.answer_time.observe(time.as_secs_f64());
        if let Some(reason) = refused {
            self.refused(reason);
        }
    }

    /// An entry was refused.
    pub(crate) fn refused(&self, reason: Reason) {
        self.refused.get_or_create(&Refused { reason }).inc();
    }

    /// An entry was there already.
    pub(crate) fn known(&self) {
        self.known.inc();
    }

    /// A batch of ballots was checked.
    pub(crate) fn verified(&self, ballots: usize, time: Duration, again: bool) {
        self.verify_batch.observe(ballots as f64);
        self.verify_time.observe(time.as_secs_f64());
        self.verify_again.inc_by(u64::from(again));
    }

    /// Entries of one kind are stored and signed.
    pub(crate) fn accepted(&self, kind: &str, entries: usize) {
        self.accepted.get_or_create(&Kind { kind: kind.to_owned() }).inc_by(entries as u64);
    }

    /// A batch was written and synced, or could not be.
    pub(crate) fn stored(&self, entries: usize, time: Duration, done: bool) {
        let failed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        self.store_failed.store(if done { 0 } else { failed }, Ordering::Release);
        if done {
            self.sync_batch.observe(entries as f64);
            self.sync_time.observe(time.as_secs_f64());
        }
    }

    /// How long ago the newest batch could not be written, if it could not.
    pub(crate) fn store_failed(&self) -> Option<Duration> {
        let at = self.store_failed.load(Ordering::Acquire);
        (at != 0).then(|| self.started.elapsed().saturating_sub(Duration::from_millis(at)))
    }

    /// A witness has cosigned.
    pub(crate) fn cosigned(&self, witness: &str, size: u64) {
        self.cosigned.get_or_create(&Witness { witness: witness.to_owned() }).set(number(size));
    }

    /// All numbers as text.
    pub(crate) fn text(&self, moment: &Moment) -> Result<String, std::fmt::Error> {
        let m = &self.moment;
        m.in_hand.set(number(moment.in_hand));
        m.to_verify.set(number(moment.to_verify));
        m.to_store.set(number(moment.to_store));
        m.size.set(number(moment.size));
        m.ballots.set(number(moment.ballots));
        m.closing.set(moment.closing.into());
        m.ready.set(moment.ready.into());
        moment.free_bytes.map(|bytes| m.free.set(number(bytes)));
        resident().map(|bytes| m.memory.set(bytes));
        let files = std::fs::read_dir("/proc/self/fd").map(Iterator::count);
        files.ok().map(|files| m.files.set(number(files)));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_text_that_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.accepted("ballot", 3);
        metrics.answered(Duration::from_millis(3), Some(Reason::Proof));
        metrics.verified(17, Duration::from_millis(2), true);
        metrics.stored(3, Duration::from_millis(1), true);
        metrics.cosigned("w.example/1", 12);
        let moment = Moment { size: 14, ready: true, free_bytes: Some(1 << 40), ..Moment::default() };
        let text = metrics.text(&moment).unwrap();
        for line in [
            "selge_entries_accepted_total{kind=\"ballot\"} 3",
            "selge_entries_refused_total{reason=\"Proof\"} 1",
            "selge_answer_seconds_count 1",
            "selge_verify_batch_bucket{le=\"32.0\"} 1",
            "selge_verify_again_total 1",
            "selge_sync_seconds_bucket{le=\"+Inf\"} 1",
            "selge_witness_size{witness=\"w.example/1\"} 12",
            "selge_board_size 14",
            "selge_ready 1",
            "selge_closing 0",
            "selge_store_free_bytes 1099511627776",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
        assert!(text.lines().any(|l| l.strip_prefix("selge_resident_memory_bytes ").is_some_and(|n| n != "0")));
        assert!(metrics.store_failed().is_none());
        metrics.stored(1, Duration::ZERO, false);
        assert!(metrics.store_failed().is_some_and(|ago| ago < Duration::from_secs(600)));
        metrics.stored(1, Duration::ZERO, true);
        assert!(metrics.store_failed().is_none());
    }

    /// Every number of the operator's guide exists, and the guide says of every one what it is and when it alarms.
    #[test]
    fn the_operators_guide_has_every_number_and_no_other() {
        let guide = include_str!("../../docs/operators-guide.md");
        let (_, table) = guide.split_once("| number at `/metrics` |").unwrap();
        let rows: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
        let mut named = std::collections::BTreeSet::new();
        for row in &rows {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
            assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.trim().is_empty()), "{row}");
            for name in cells[0].split(',') {
                let name = name.trim().trim_matches('`').split('{').next().unwrap();
                assert!(named.insert(name.strip_suffix("_total").unwrap_or(name).to_owned()), "{name} twice");
            }
        }
        let metrics = Metrics::default();
        metrics.accepted("ballot", 1);
        metrics.refused(Reason::Busy);
        metrics.cosigned("w.example/1", 1);
        let text = metrics.text(&Moment { free_bytes: Some(1), ..Moment::default() }).unwrap();
        let found = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        assert_eq!(named, found.map(str::to_owned).collect());
        // Likewise the reasons of refusals.
        let reasons = [
            Reason::Malformed,
            Reason::Signature,
            Reason::Roll,
            Reason::Place,
            Reason::Proof,
            Reason::Busy,
            Reason::Peer,
            Reason::Voter,
            Reason::Closing,
            Reason::Late,
            Reason::Stopping,
            Reason::Store,
            Reason::Internal,
        ];
        let what = rows.iter().find(|row| row.contains("selge_entries_refused_total")).unwrap();
        let what = what.split(" | ").nth(1).unwrap();
        let named: std::collections::BTreeSet<_> = what.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(named, reasons.map(|reason| format!("{reason:?}")).into());
        // A new one belongs into the list above.
        reasons.iter().for_each(|reason| match reason {
            Reason::Malformed | Reason::Signature | Reason::Roll | Reason::Place | Reason::Proof | Reason::Busy => {}
            Reason::Peer | Reason::Voter | Reason::Closing | Reason::Late | Reason::Stopping => {}
            Reason::Store | Reason::Internal => {}
        });
    }
}
