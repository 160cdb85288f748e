//! Voters' devices that vote again and again, whatever happens to the collector, and keep every receipt.

use crate::scene::CANDIDATES;
use rand::Rng;
use selge_core::codec::Decode;
use selge_core::elgamal::PublicKey;
use selge_core::entry::SignedEntry;
use selge_core::ids::LeafHash;
use selge_core::manifest::Manifest;
use selge_core::receipt::Receipt;
use selge_core::rules::Choice;
use selge_node::client::{is_transient, BoardArgs, BoardClient};
use selge_tests::crowd::Device;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Longest time in which the board must have answered a device again, on a slow and busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Longest pause of a voter between two ballots, in milliseconds: enough load to be in the middle of something at any moment,
/// and few enough ballots that all of them can be checked afterwards.
const PAUSE: u64 = 1500;

/// A receipt that somebody was given, verified.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) leaf: LeafHash,
    pub(crate) receipt: Receipt,
}

/// What all devices share.
pub(crate) struct Sea {
    manifest: Arc<Manifest>,
    key: Arc<PublicKey>,
    address: watch::Sender<String>,
    given: Mutex<Vec<Given>>,
    stop: AtomicBool,
}

/// The devices.
pub(crate) struct Fleet {
    sea: Arc<Sea>,
    devices: JoinSet<Device>,
    /// Devices that voted on their own.
    others: Vec<Device>,
}

pub(crate) async fn connect(address: &str) -> anyhow::Result<BoardClient> {
    BoardArgs { board: address.to_owned(), ca: None, insecure_loopback: true }.connect().await
}

/// Hands an entry in until the board answers, wherever it is by then.
async fn hand_in(sea: &Sea, client: &mut Option<(String, BoardClient)>, entry: &SignedEntry) -> Receipt {
    let start = Instant::now();
    loop {
        let address = sea.address.borrow().clone();
        if client.as_ref().is_none_or(|(connected, _)| *connected != address) {
            *client = connect(&address).await.ok().map(|board| (address, board));
        }
        if let Some((_, board)) = client {
            match tokio::time::timeout(Duration::from_secs(60), board.submit(entry)).await {
                Ok(Ok(receipt)) => return receipt,
                Ok(Err(error)) => assert!(is_transient(&error), "an honest ballot is refused: {error:#}"),
                Err(_) => *client = None,
            }
        }
        assert!(start.elapsed() < PATIENCE, "the board does not answer any more");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn vote(sea: Arc<Sea>, mut device: Device) -> Device {
    let (mut client, mut newest) = (None, LeafHash::NONE);
    loop {
        device.plan.choices = vec![Choice::One(rand::thread_rng().gen_range(0..CANDIDATES))];
        let work = Arc::clone(&sea);
        let made = tokio::task::spawn_blocking(move || {
            let entry = device.prepare(&work.manifest, &work.key, true, newest).unwrap();
            (device, entry)
        });
        let entry;
        (device, entry) = made.await.unwrap();
        let receipt = hand_in(&sea, &mut client, &entry).await;
        newest = entry.leaf_hash();
        receipt.verify(&newest, &sea.manifest.log_key()).unwrap();
        sea.given.lock().unwrap().push(Given { leaf: newest, receipt });
        if sea.stop.load(Ordering::Relaxed) {
            return device;
        }
        let pause = rand::thread_rng().gen_range(0..PAUSE);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

impl Fleet {
    pub(crate) fn set_out(address: &str, manifest: &Arc<Manifest>, key: &Arc<PublicKey>, devices: Vec<Device>) -> Self {
        let sea = Arc::new(Sea {
            manifest: Arc::clone(manifest),
            key: Arc::clone(key),
            address: watch::Sender::new(address.to_owned()),
            given: Mutex::default(),
            stop: AtomicBool::new(false),
        });
        let devices = devices.into_iter().map(|device| vote(Arc::clone(&sea), device)).collect();
        Fleet { sea, devices, others: Vec::new() }
    }

    /// Where the collector is now.
    pub(crate) fn moved(&self, address: &str) {
        self.sea.address.send_replace(address.to_owned());
    }

    /// All receipts so far.
    pub(crate) fn given(&self) -> Vec<Given> {
        self.sea.given.lock().unwrap().clone()
    }

    /// Adds a receipt that a test was given.
    pub(crate) fn note(&self, entry: &SignedEntry, receipt: Receipt) {
        let leaf = entry.leaf_hash();
        receipt.verify(&leaf, &self.sea.manifest.log_key()).unwrap();
        self.sea.given.lock().unwrap().push(Given { leaf, receipt });
    }

    /// Adds the last receipt of a device that a test has let vote.
    pub(crate) fn took(&mut self, entry: &SignedEntry, receipt: Receipt, device: Device) {
        self.note(entry, receipt);
        self.others.push(device);
    }

    /// Some ballot that is on the board.
    pub(crate) async fn sample(&self, address: &str) -> SignedEntry {
        let at = self.given()[0].receipt.index;
        let bytes = connect(address).await.unwrap().entries(at, at + 1).await.unwrap();
        SignedEntry::from_bytes(&bytes[0]).unwrap()
    }

    /// Waits until so many more receipts have been given: the service answers.
    pub(crate) async fn goes_on(&self, more: usize) {
        let (start, before) = (Instant::now(), self.given().len());
        while self.given().len() < before + more {
            assert!(start.elapsed() < PATIENCE, "no ballots come in any more");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks the board for these receipts: each must be there, at its place.
    pub(crate) async fn holds(&self, given: &[Given]) {
        let address = self.sea.address.borrow().clone();
        let mut board = connect(&address).await.unwrap();
        for one in given {
            let again = board.receipt(&one.leaf).await.unwrap().expect("an acknowledged ballot is gone");
            assert_eq!(again.index, one.receipt.index);
            again.verify(&one.leaf, &self.sea.manifest.log_key()).unwrap();
        }
    }

    /// Lets every device finish its ballot; returns the devices, which plan what they have voted, and all receipts.
    pub(crate) async fn come_home(mut self) -> (Vec<Device>, Vec<Given>) {
        self.sea.stop.store(true, Ordering::Relaxed);
        let mut devices = std::mem::take(&mut self.others);
        while let Some(device) = self.devices.join_next().await {
            devices.push(device.unwrap());
        }
        let given = self.given();
        (devices, given)
    }
}
