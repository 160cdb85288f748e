//! Witnesses beside a collector: their lines arrive, and nobody waits for them.

use crate::http::get;
use crate::stage::{connect, copy_folder, Stage, OPEN};
use selge_collector::config::{Config, HttpConfig, WitnessConfig};
use selge_collector::export::export;
use selge_collector::server::{start, Running};
use selge_core::cosignature::WitnessKey;
use selge_core::ids::LeafHash;
use selge_core::note::Checkpoint;
use selge_core::sign::SigningKey;
use selge_core::witnesses::WitnessedCheckpoint;
use selge_node::client::BoardClient;
use selge_node::http::HttpServer;
use signed_note::{Note, StandardVerifier, VerifierList};
use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A witness of the stage's manifest.
pub(crate) struct Witness {
    pub(crate) server: HttpServer,
    pub(crate) key: WitnessKey,
    config: selge_witness::config::Config,
    seed: [u8; 32],
}

impl Witness {
    pub(crate) async fn new(stage: &Stage, name: &str) -> Self {
        let config = Self::config_of(stage, name);
        let keys = stage.manifest.witnesses().keys();
        let at = keys.iter().position(|key| key.name == name).unwrap();
        let seed = *stage.witnesses[at].expose_seed();
        let server = selge_witness::server::start(&config, SigningKey::from_seed(seed)).await.unwrap();
        Witness { server, key: keys[at].clone(), config, seed }
    }

    pub(crate) fn config_of(stage: &Stage, name: &str) -> selge_witness::config::Config {
        let log = stage.manifest.log_key();
        let toml = format!(
            "name = '{name}'\nlisten = '127.0.0.1:0'\nstate = 'state-{name}'\nkey = 'unused'\n[[log]]\norigin = '{}'\nvkey = '{}'\n",
            log.origin,
            log.vkey()
        );
        let path = stage.folder.path().join(format!("{name}.toml"));
        std::fs::write(&path, toml).unwrap();
        selge_witness::config::Config::read(&path).unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub(crate) fn config(&self) -> WitnessConfig {
        at(&self.key.name, self.address())
    }

    /// Ends it; `start` brings it back on the same address.
    pub(crate) async fn stop(self) -> StoppedWitness {
        let mut config = self.config.clone();
        config.listen = self.address();
        self.server.stop().await;
        StoppedWitness { config, key: self.key, seed: self.seed }
    }

    /// The same witness on the same address, after a restart.
    async fn restarted(self) -> Self {
        self.stop().await.start().await
    }
}

/// A witness that is not running.
pub(crate) struct StoppedWitness {
    config: selge_witness::config::Config,
    key: WitnessKey,
    seed: [u8; 32],
}

impl StoppedWitness {
    pub(crate) async fn start(self) -> Witness {
        let StoppedWitness { config, key, seed } = self;
        let server = selge_witness::server::start(&config, SigningKey::from_seed(seed)).await.unwrap();
        Witness { server, key, config, seed }
    }
}

/// Where a witness is asked.
pub(crate) fn at(name: &str, address: SocketAddr) -> WitnessConfig {
    WitnessConfig { name: name.to_owned(), url: format!("http://{address}"), ca: None }
}

pub(crate) fn served(server: &Running) -> String {
    get(server.record_address().unwrap(), "/checkpoint").text().to_owned()
}

/// Waits until the newest checkpoint carries this witness's line.
pub(crate) async fn cosigned(stage: &Stage, server: &Running, witness: &Witness) -> String {
    let started = Instant::now();
    loop {
        let note = served(server);
        let checkpoint = Checkpoint::open(&note, &stage.manifest.log_key()).unwrap();
        let (_, lines) = note.split_once("\n\n").unwrap();
        if witness.key.find(lines, &checkpoint).is_ok() {
            return note;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "no cosignature of {}: {note}", witness.key.name);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// An election with these witnesses, whose record is served.
pub(crate) fn stage(witnesses: &[&str], quorum: u16) -> Stage {
    let mut stage = Stage::witnessed(OPEN, "board", witnesses, quorum);
    stage.config.http = Some(HttpConfig { listen: "127.0.0.1:0".parse().unwrap() });
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn witnesses_lines_come_to_everybody_and_dead_witnesses_hold_nobody_up() {
    let mut stage = stage(&["silent", "one", "gone", "two"], 2);
    let (one, two) = (Witness::new(&stage, "one").await, Witness::new(&stage, "two").await);
    // One that takes connections and never answers, one that is not there.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    stage.config.witnesses =
        vec![at("silent", silent.local_addr().unwrap()), two.config(), at("gone", gone), one.config()];
    // The start asks them all and waits for the silent one, but not for long.
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let mut previous = LeafHash::NONE;
    let started = Instant::now();
    for round in 0..10 {
        let ballot = stage.ballot(1, previous, round % 3);
        previous = ballot.leaf_hash();
        stage.holds(&board.submit(&ballot).await.unwrap(), &ballot);
    }
    // The silent witness alone is waited for longer than this, once.
    assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
    cosigned(&stage, &server, &one).await;
    let note = cosigned(&stage, &server, &two).await;
    // Both lines, on the newest checkpoint, everywhere.
    let newest = Checkpoint::open(&note, &stage.manifest.log_key()).unwrap();
    assert_eq!(board.status().await.unwrap().checkpoint, note);
    assert_eq!(stage.checkpoint(&mut board).await, newest);
    assert_eq!(note.matches("\u{2014} ").count(), 3, "{note}");
    let receipt = board.receipt(&previous).await.unwrap().unwrap();
    assert_eq!(receipt.checkpoint, note);
    let out = stage.folder.path().join("record");
    assert_eq!(export(&stage.config, &out).unwrap().checkpoint, newest);
    assert_eq!(std::fs::read_to_string(out.join("checkpoint")).unwrap(), note);
    // Software that knows nothing of witnesses reads it all the same.
    let log = StandardVerifier::new(&stage.manifest.log_key().vkey()).unwrap();
    let read = Note::from_bytes(note.as_bytes()).unwrap();
    let (verified, unverified) = read.verify(&VerifierList::new(vec![Box::new(log)])).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 2));
    // A start finds the lines that were there, and a witness's new line takes the place of its old one.
    server.stop().await.unwrap();
    let unwitnessed = Config { witnesses: Vec::new(), ..stage.config.clone() };
    let server = start(&unwitnessed, stage.collector_key()).await.unwrap();
    assert_eq!(served(&server), note);
    server.stop().await.unwrap();
    let (one, server) = (one.restarted().await, stage.serve().await);
    let mut board = connect(&server).await;
    let ballot = stage.ballot(3, LeafHash::NONE, 0);
    board.submit(&ballot).await.unwrap();
    cosigned(&stage, &server, &one).await;
    let note = cosigned(&stage, &server, &two).await;
    assert_eq!(note.matches("\u{2014} ").count(), 3, "{note}");
    server.stop().await.unwrap();
}

/// A web server with a certificate before a witness; returns its address.
async fn encrypted(witness: SocketAddr, certificate: &rcgen::CertifiedKey<rcgen::KeyPair>) -> SocketAddr {
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(certificate.signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key)
        .unwrap();
    let (listener, acceptor) = (
        tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap(),
        tokio_rustls::TlsAcceptor::from(Arc::new(config)),
    );
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((outer, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut outer) = acceptor.accept(outer).await else { return };
                let mut inner = tokio::net::TcpStream::connect(witness).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_is_asked_over_https_if_its_certificate_is_trusted() {
    let mut stage = stage(&["one", "two"], 1);
    let (one, two) = (Witness::new(&stage, "one").await, Witness::new(&stage, "two").await);
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let ca = stage.folder.path().join("ca.pem");
    std::fs::write(&ca, own.cert.pem()).unwrap();
    stage.config.witnesses.clear();
    for (witness, certificate) in [(&one, &own), (&two, &other)] {
        let url = format!("https://localhost:{}", encrypted(witness.address(), certificate).await.port());
        stage.config.witnesses.push(WitnessConfig { name: witness.key.name.clone(), url, ca: Some(ca.clone()) });
    }
    let server = stage.serve().await;
    cosigned(&stage, &server, &one).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(served(&server).matches("\u{2014} ").count(), 2, "the certificate of another is trusted");
    server.stop().await.unwrap();
    std::fs::write(&ca, "no certificate").unwrap();
    let error = start(&stage.config, stage.collector_key()).await.err().unwrap();
    assert!(format!("{error:#}").contains("ca.pem is not usable as `ca`"), "{error:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_witness_cosigns_a_board_that_goes_back_or_differs() {
    let mut stage = stage(&["one"], 1);
    let witness = Witness::new(&stage, "one").await;
    stage.config.witnesses = vec![witness.config()];
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    cosigned(&stage, &server, &witness).await;
    let backup = stage.folder.path().join("backup");
    copy_folder(&stage.config.store, &backup);
    for who in [0, 1] {
        board.submit(&stage.ballot(who, LeafHash::NONE, 1)).await.unwrap();
    }
    let last = cosigned(&stage, &server, &witness).await;
    let last = Checkpoint::open(&last, &stage.manifest.log_key()).unwrap();
    server.stop().await.unwrap();
    // The store is restored from the backup while no witness answers, and other ballots come in: a fork that the
    // collector itself cannot see.
    let config = Config { store: backup, ..stage.config.clone() };
    let stopped = witness.stop().await;
    let server = start(&config, stage.collector_key()).await.unwrap();
    let _witness = stopped.start().await;
    let mut board = connect(&server).await;
    for who in [2, 3, 4] {
        board.submit(&stage.ballot(who, LeafHash::NONE, 2)).await.unwrap();
        let forked = stage.checkpoint(&mut board).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let note = served(&server);
        assert_eq!(Checkpoint::open(&note, &stage.manifest.log_key()).unwrap(), forked);
        assert_eq!(note.matches("\u{2014} ").count(), 1, "cosigned, after {} entries: {note}", last.size);
    }
    assert!(stage.checkpoint(&mut board).await.size > last.size);
    // What the board shows as witnessed is what the witness saw, from before the backup.
    let seen = board.status().await.unwrap().witnessed_checkpoint;
    let seen = Checkpoint::open(&seen, &stage.manifest.log_key()).unwrap();
    assert_eq!(seen.size + 2, last.size);
    server.stop().await.unwrap();
}

/// Waits until the board shows a witnessed checkpoint of at least `size` entries.
pub(crate) async fn witnessed(stage: &Stage, board: &mut BoardClient, size: u64) -> WitnessedCheckpoint {
    let started = Instant::now();
    loop {
        let note = board.status().await.unwrap().witnessed_checkpoint;
        match stage.manifest.witnesses().open(&note, &stage.manifest.log_key()) {
            Ok(found) if found.checkpoint().size >= size => return found,
            _ => assert!(started.elapsed() < Duration::from_secs(60), "no quorum on {size} entries: {note}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// While entries come faster than witnesses answer, quorums are still of one checkpoint, and follow the board.
#[tokio::test(flavor = "multi_thread")]
async fn quorums_are_reached_while_ballots_keep_coming() {
    let mut stage = stage(&["one", "two", "three"], 2);
    let (one, two) = (Witness::new(&stage, "one").await, Witness::new(&stage, "two").await);
    stage.config.witnesses = vec![one.config(), two.config()];
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let (mut previous, mut first) = (LeafHash::NONE, None);
    let mut replica =
        selge_node::replica::Replica::new(Arc::clone(&stage.manifest), selge_node::replica::Ballots::Verify);
    let (mut sizes, started) = (BTreeSet::new(), Instant::now());
    while sizes.len() < 3 {
        assert!(started.elapsed() < Duration::from_secs(120), "quorums on {sizes:?} alone");
        for round in 0..3 {
            let ballot = stage.ballot(1, previous, round);
            previous = ballot.leaf_hash();
            board.submit(&ballot).await.unwrap();
            first.get_or_insert(previous);
        }
        replica.sync(&mut board).await.unwrap();
        let covered = replica.witnessed();
        assert!(covered <= replica.tree().size());
        if covered > 0 {
            sizes.insert(covered);
        }
    }
    // A receipt in a witnessed checkpoint, for an entry that it covers and not for one that it does not.
    let first = first.unwrap();
    let receipt = board.witnessed_receipt(&first).await.unwrap().expect("long covered");
    receipt.verify(&first, &stage.manifest.log_key()).unwrap();
    let found = stage.manifest.witnesses().open(&receipt.checkpoint, &stage.manifest.log_key()).unwrap();
    assert_eq!(found.cosigned(), 2);
    // Without a third, both witnesses are needed: entries after one has gone are never called witnessed.
    let two = two.stop().await;
    let last = stage.ballot(1, previous, 0);
    board.submit(&last).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(board.witnessed_receipt(&last.leaf_hash()).await.unwrap().is_none());
    replica.sync(&mut board).await.unwrap();
    assert!(replica.witnessed() < replica.tree().size());
    // It comes back, and the board's end is witnessed.
    let _two = two.start().await;
    let size = replica.tree().size();
    witnessed(&stage, &mut board, size).await;
    replica.sync(&mut board).await.unwrap();
    assert_eq!(replica.witnessed(), size);
    assert!(board.witnessed_receipt(&last.leaf_hash()).await.unwrap().is_some());
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_is_for_the_manifest_to_say() {
    let mut stage = stage(&["one", "two"], 2);
    stage.config.witnesses = vec![at("three", "127.0.0.1:9".parse().unwrap())];
    let error = start(&stage.config, stage.collector_key()).await.err().unwrap();
    assert!(
        format!("{error:#}").contains("\"three\", whom the manifest does not name (its witnesses: one, two)"),
        "{error:#}"
    );
    assert!(!stage.config.store.join("checkpoint").exists(), "nothing is signed");
    // Missing ones are a warning: an election may be prepared before all witnesses are.
    stage.config.witnesses.clear();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    assert_eq!(board.status().await.unwrap().witnessed_checkpoint, "");
    server.stop().await.unwrap();
    let none = Stage::new();
    let mut config = none.config.clone();
    config.witnesses = vec![at("one", "127.0.0.1:9".parse().unwrap())];
    let error = start(&config, none.collector_key()).await.err().unwrap();
    assert!(format!("{error:#}").contains("its witnesses: none"), "{error:#}");
}
