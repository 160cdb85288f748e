//! A collector that starts on an old or another copy of its store: the witnesses remember, and nothing is signed.

use crate::cosigning::{at, cosigned, stage, witnessed, Witness};
use crate::stage::{connect, copy_folder, Stage};
use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use selge_collector::config::Config;
use selge_collector::server::start;
use selge_core::ids::LeafHash;
use selge_core::sign::SigningKey;
use selge_node::http::{answer, serve, HttpServer};
use selge_witness::judge::{Refusal, Witness as Judge};
use selge_witness::record::Record;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A witness of the specification alone: it answers `add-checkpoint`, and shows nothing of what it has.
async fn plain_witness(stage: &Stage, at: usize, address: SocketAddr) -> HttpServer {
    let config = Witness::config_of(stage, &stage.manifest.witnesses().keys()[at].name);
    let record = Record::open(&config.state, config.logs().unwrap()).unwrap();
    let key = SigningKey::from_seed(*stage.witnesses[at].expose_seed());
    let judge = Arc::new(Judge::new(&config.name, key, record));
    let handler = move |request: hyper::Request<hyper::body::Incoming>| {
        let judge = Arc::clone(&judge);
        async move {
            if (request.method(), request.uri().path()) != (&Method::POST, "/add-checkpoint") {
                return answer(StatusCode::NOT_FOUND, "text/plain", "404 page not found\n");
            }
            let body = request.into_body().collect().await.unwrap().to_bytes();
            match judge.add_checkpoint(std::str::from_utf8(&body).unwrap()) {
                Ok(line) => answer(StatusCode::OK, "text/plain", line),
                Err(Refusal::Stale(size) | Refusal::Fork(size)) => {
                    answer(StatusCode::CONFLICT, "text/x.tlog.size", format!("{size}\n"))
                }
                Err(Refusal::Inconsistent(_)) => answer(StatusCode::UNPROCESSABLE_ENTITY, "text/plain", ""),
                Err(other) => answer(StatusCode::BAD_REQUEST, "text/plain", other.to_string()),
            }
        }
    };
    serve(address, handler).await.unwrap()
}

/// Everything that a store keeps, but its lock.
fn store_bytes(store: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(store).into_iter().flatten() {
        let path = entry.unwrap().path();
        match (path.file_name().and_then(|name| name.to_str()), path.is_dir()) {
            (Some("lock" | "index" | "spool"), _) => {}
            (_, true) => found.extend(store_bytes(&path)),
            (_, false) => found.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found
}

async fn refusal(config: &Config, stage: &Stage) -> String {
    let before = store_bytes(&config.store);
    let error = match start(config, stage.collector_key()).await {
        Ok(_) => panic!("the collector has started"),
        Err(error) => format!("{error:#}"),
    };
    assert!(error.contains("Nothing was signed") || error.contains("nothing was signed"), "{error}");
    assert!(error.contains(config.store.join("journal").to_str().unwrap()), "the error names the journal: {error}");
    for (path, bytes) in before {
        assert!(std::fs::read(&path).unwrap() == bytes, "{} has changed", path.display());
    }
    error
}

/// A board that a witness has cosigned; a copy of its store from before the last ballots; and a copy that went on
/// with other ballots.
struct Copies {
    stage: Stage,
    size: u64,
    old: Config,
    /// Forked, and smaller or as large as what was cosigned.
    forked: Config,
    /// Forked, and larger.
    larger: Config,
    empty: Config,
}

/// `plain`: the witness answers nothing but what the specification says.
async fn copies(plain: bool) -> (Copies, Vec<HttpServer>) {
    let mut stage = stage(&["one"], 1);
    let mut servers = Vec::new();
    let listen: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let server = if plain { plain_witness(&stage, 0, listen).await } else { Witness::new(&stage, "one").await.server };
    stage.config.witnesses = vec![at("one", server.address())];
    servers.push(server);
    let path = |name: &str| stage.folder.path().join(name);
    let of = |name: &str| Config { store: path(name), ..stage.config.clone() };
    let (old, forked, larger, empty) = (of("old"), of("forked"), of("larger"), of("empty"));
    let running = stage.serve().await;
    let mut board = connect(&running).await;
    stage.open(&mut board).await;
    let first = stage.ballot(0, LeafHash::NONE, 0);
    board.submit(&first).await.unwrap();
    running.stop().await.unwrap();
    for copy in [&old, &forked, &larger] {
        copy_folder(&stage.config.store, &copy.store);
    }
    let running = stage.serve().await;
    let mut board = connect(&running).await;
    for who in [1, 2] {
        board.submit(&stage.ballot(who, LeafHash::NONE, 0)).await.unwrap();
    }
    let size = stage.checkpoint(&mut board).await.size;
    witnessed(&stage, &mut board, size).await;
    running.stop().await.unwrap();
    // Collectors that ask nobody: two stores with one key.
    for (copy, voters) in [(&forked, &[3, 4][..]), (&larger, &[3, 4, 5])] {
        let alone = Config { witnesses: Vec::new(), ..copy.clone() };
        let running = start(&alone, stage.collector_key()).await.unwrap();
        let mut board = connect(&running).await;
        for who in voters {
            board.submit(&stage.ballot(*who, LeafHash::NONE, 0)).await.unwrap();
        }
        running.stop().await.unwrap();
    }
    (Copies { stage, size, old, forked, larger, empty }, servers)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_or_forked_copy_of_the_store_signs_nothing() {
    for plain in [false, true] {
        let (Copies { stage, size, old, forked, larger, empty }, servers) = copies(plain).await;
        for copy in [&old, &empty] {
            let error = refusal(copy, &stage).await;
            let known = format!("the witness one has cosigned a board of {size} entries");
            assert!(error.contains(&known) && error.contains("older copy"), "{plain}: {error}");
            assert!(error.contains("Put the newest journal and files back"), "{plain}: {error}");
        }
        for copy in [&forked, &larger] {
            let error = refusal(copy, &stage).await;
            let known = format!("the witness one has cosigned another board of {size} entries");
            assert!(error.contains(&known) && error.contains("second collector"), "{plain}: {error}");
            // The one that shows its checkpoint has given proof.
            assert_eq!(error.contains("Its checkpoint:\n"), !plain, "{error}");
        }
        // An old journal with the newest checkpoint beside it, or with none.
        std::fs::remove_file(old.store.join("checkpoint")).unwrap();
        assert!(refusal(&old, &stage).await.contains("older copy"));
        assert!(!old.store.join("checkpoint").exists());
        // The store itself goes on, also without its checkpoint.
        for lost in [false, true] {
            if lost {
                std::fs::remove_file(stage.config.store.join("checkpoint")).unwrap();
            }
            let running = stage.serve().await;
            let mut board = connect(&running).await;
            assert_eq!(stage.checkpoint(&mut board).await.size, size);
            witnessed(&stage, &mut board, size).await;
            running.stop().await.unwrap();
        }
        drop(servers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn witnesses_that_do_not_answer_stop_a_start_only_if_that_is_demanded() {
    let mut stage = stage(&["one", "two", "three"], 2);
    let (one, two) = (Witness::new(&stage, "one").await, Witness::new(&stage, "two").await);
    stage.config.witnesses = vec![one.config(), two.config()];
    // One of every two is among any two of the three: they are enough, one is not.
    let strict = Config { require_witnesses_at_start: true, ..stage.config.clone() };
    let running = start(&strict, stage.collector_key()).await.unwrap();
    cosigned(&stage, &running, &one).await;
    running.stop().await.unwrap();
    let two = two.stop().await;
    let error = refusal(&strict, &stage).await;
    assert!(error.contains("1 of 3 witnesses said what they have cosigned"), "{error}");
    assert!(error.contains("require_witnesses_at_start demands 2"), "{error}");
    // Otherwise it is a warning.
    stage.serve().await.stop().await.unwrap();
    let _two = two.start().await;
    start(&strict, stage.collector_key()).await.unwrap().stop().await.unwrap();
}
