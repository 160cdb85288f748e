//! The record over HTTP: read and verified by software that is not ours, the same as the exported one, and nothing else.

use crate::http::{ask, get};
use crate::stage::{connect, Stage};
use selge_collector::config::HttpConfig;
use selge_collector::export::export;
use selge_core::ids::LeafHash;
use signed_note::{Note, StandardVerifier, VerifierList};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use tlog_tiles::{Hash, Tile, TileHashReader, TileReader};

fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.config.http = Some(HttpConfig { listen: "127.0.0.1:0".parse().unwrap() });
    stage
}

/// Cloudflare's reader of tiles, over HTTP; `spoil` changes a byte of one path.
struct Reader {
    address: SocketAddr,
    fetched: RefCell<HashMap<String, Vec<u8>>>,
    spoil: Option<String>,
}

impl Reader {
    fn new(address: SocketAddr) -> Self {
        Reader { address, fetched: RefCell::default(), spoil: None }
    }
}

impl TileReader for Reader {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            // Its paths are those of Go's checksum database, which name the height too.
            let path = format!("/tile/{}", tile.path().strip_prefix("tile/8/").unwrap());
            let mut fetched = self.fetched.borrow_mut();
            let bytes = fetched.entry(path.clone()).or_insert_with(|| {
                let response = get(self.address, &path);
                assert_eq!(response.status, 200, "{path}");
                response.body
            });
            let mut bytes = bytes.clone();
            if self.spoil.as_ref() == Some(&path) {
                bytes[0] ^= 1;
            }
            bytes
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// The signed checkpoint as Cloudflare's libraries read it.
fn checkpoint(address: SocketAddr, vkey: &str) -> tlog_tiles::Checkpoint {
    let response = get(address, "/checkpoint");
    assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
    let note = Note::from_bytes(&response.body).unwrap();
    let (verified, _) = note.verify(&VerifierList::new(vec![Box::new(StandardVerifier::new(vkey).unwrap())])).unwrap();
    assert_eq!(verified.len(), 1);
    tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap()
}

/// The entries of all bundles, read as the specification says.
fn entries(address: SocketAddr, size: u64) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for bundle in 0..size.div_ceil(256) {
        let width = (size - bundle * 256).min(256);
        let partial = if width == 256 { String::new() } else { format!(".p/{width}") };
        let response = get(address, &format!("/tile/entries/{bundle:03}{partial}"));
        assert_eq!(response.status, 200);
        assert_eq!(response.header("content-length"), Some(response.body.len().to_string().as_str()));
        let mut rest = response.body.as_slice();
        while let Some((length, more)) = rest.split_first_chunk() {
            let (entry, more) = more.split_at(u16::from_be_bytes(*length).into());
            entries.push(entry.to_vec());
            rest = more;
        }
    }
    entries
}

/// Every file below a folder, by its path.
fn files(folder: &Path, below: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{below}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &path, found);
        } else {
            found.push((path, std::fs::read(entry.path()).unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn software_that_is_not_ours_reads_and_verifies_the_board() {
    let stage = stage();
    let server = stage.serve().await;
    let address = server.record_address().unwrap();
    let vkey = stage.manifest.log_key().vkey();
    let mut board = connect(&server).await;
    let mut seen = vec![checkpoint(address, &vkey)];
    stage.open(&mut board).await;
    let mut newest = vec![LeafHash::NONE; stage.voters.len()];
    // More than one tile.
    for round in 0..86u32 {
        let mut jobs = Vec::new();
        for who in [1, 3, 5] {
            let ballot = stage.ballot(who, newest[who], round % 3);
            newest[who] = ballot.leaf_hash();
            let mut board = board.clone();
            jobs.push(tokio::spawn(async move { board.submit(&ballot).await.unwrap() }));
        }
        for job in jobs {
            job.await.unwrap();
        }
        if round % 9 == 0 {
            seen.push(checkpoint(address, &vkey));
        }
    }
    let vkey_of_all = vkey.clone();
    let verify = move || {
        let last = checkpoint(address, &vkey_of_all);
        let (size, root) = (last.size(), *last.hash());
        assert!(size > 256, "{size}");
        assert!(seen.windows(2).all(|two| two[0].size() < two[1].size()) && seen.len() > 5);
        let entries = entries(address, size);
        assert_eq!(entries.len() as u64, size);
        let reader = Reader::new(address);
        let tiles = TileHashReader::new(size, root, &reader);
        assert_eq!(tlog_tiles::tree_hash(size, &tiles).unwrap(), root);
        for (at, entry) in (0..size).zip(&entries) {
            let proof = tlog_tiles::prove_record(size, at, &tiles).unwrap();
            let leaf = tlog_tiles::record_hash(entry);
            tlog_tiles::check_record(&proof, size, root, at, leaf).unwrap();
            assert!(tlog_tiles::check_record(&proof, size, root, at, Hash([0; 32])).is_err());
        }
        for old in &seen {
            let proof = tlog_tiles::prove_tree(size, old.size(), &tiles).unwrap();
            tlog_tiles::check_tree(&proof, size, root, old.size(), *old.hash()).unwrap();
            // Whoever has an old checkpoint finds the partial tiles that it needs.
            let then = TileHashReader::new(old.size(), *old.hash(), &reader);
            assert_eq!(tlog_tiles::tree_hash(old.size(), &then).unwrap(), *old.hash());
        }
        // One changed byte in a tile that a proof needs: either the tile or the proof does not hold.
        let width = size - 256;
        for path in ["/tile/0/000".to_owned(), format!("/tile/0/001.p/{width}"), "/tile/1/000.p/1".to_owned()] {
            let spoiled = Reader { spoil: Some(path.clone()), ..Reader::new(address) };
            let leaf = tlog_tiles::record_hash(&entries[1]);
            let proof = tlog_tiles::prove_record(size, 1, &TileHashReader::new(size, root, &spoiled));
            assert!(proof.and_then(|p| tlog_tiles::check_record(&p, size, root, 1, leaf)).is_err(), "{path}");
            assert!(spoiled.fetched.borrow().contains_key(&path), "{path} is not needed");
        }
    };
    tokio::task::spawn_blocking(verify).await.unwrap();
    // The exported record holds the same bytes under the same names.
    let out = stage.folder.path().join("record");
    export(&stage.config, &out).unwrap();
    let mut exported = Vec::new();
    files(&out, "", &mut exported);
    assert!(exported.len() > 6, "{}", exported.len());
    for (path, bytes) in exported {
        let response = get(address, &path);
        assert_eq!((response.status, response.body == bytes), (200, true), "{path}");
        let (kind, cache) = match path.as_str() {
            "/checkpoint" => ("text/plain; charset=utf-8", "no-cache"),
            _ => ("application/octet-stream", "public, max-age=31536000, immutable"),
        };
        assert_eq!(response.header("content-type"), Some(kind), "{path}");
        assert_eq!(response.header("cache-control"), Some(cache), "{path}");
        // The page that audits in a browser comes from elsewhere.
        assert_eq!(response.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        let length = bytes.len().to_string();
        assert_eq!(response.header("content-length"), Some(length.as_str()), "{path}");
        let head = ask(address, "HEAD", &path);
        assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, Some(length.as_str())));
    }
    // Nothing beyond the checkpoint.
    let size = stage.checkpoint(&mut board).await.size;
    let width = size - 256;
    for (path, status) in [
        (format!("/tile/entries/001.p/{width}"), 200),
        (format!("/tile/entries/001.p/{}", width + 1), 404),
        (format!("/tile/0/001.p/{width}"), 200),
        (format!("/tile/0/001.p/{}", width + 1), 404),
        ("/tile/0/001".to_owned(), 404),
        ("/tile/entries/001".to_owned(), 404),
        ("/tile/entries/002.p/1".to_owned(), 404),
        ("/tile/1/000.p/1".to_owned(), 200),
        ("/tile/1/000.p/2".to_owned(), 404),
        ("/tile/2/000.p/1".to_owned(), 404),
        ("/tile/entries/000.p/3".to_owned(), 200),
    ] {
        assert_eq!(get(address, &path).status, status, "{path}");
    }
    server.stop().await.unwrap();
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_record_is_served() {
    let stage = stage();
    let server = stage.serve().await;
    let address = server.record_address().unwrap();
    // What the store and the folder above it hold besides.
    for path in [
        "/",
        "/journal",
        "/lock",
        "/index",
        "/spool",
        "/../collector.key",
        "/files/../journal",
        "/files/../../manifest.json",
        "/files/%2e%2e/journal",
        "/files//etc/passwd",
        "/tile/../journal",
        "/checkpoint/../journal",
        "/tile/0/..",
        "/files",
        "/files/",
        "/tile/entries/../../journal",
        "//journal",
        "/tile/entries/000",
    ] {
        let response = get(address, path);
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
        assert_eq!(response.header("cache-control"), Some("no-store"), "{path}");
        assert!(response.text().len() > 20 && response.text().ends_with('\n'), "{path}: {}", response.text());
    }
    let absent = get(address, &format!("/files/{}", "00".repeat(32)));
    assert_eq!((absent.status, absent.text().contains("the board has no file 0000")), (404, true));
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let response = ask(address, method, "/checkpoint");
        assert_eq!((response.status, response.header("allow")), (405, Some("get, head")), "{method}");
    }
    // A head without end is not waited for: it is answered with an error or cut off.
    let mut endless = TcpStream::connect(address).unwrap();
    let mut sent = 0;
    while endless.write_all(&[b'x'; 1024]).is_ok() {
        sent += 1024;
        assert!(sent < 64 << 20, "the server reads on and on");
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_who_dawdle_are_let_go_and_hold_nobody_up() {
    let stage = stage();
    let server = stage.serve().await;
    let address = server.record_address().unwrap();
    let mut board = connect(&server).await;
    // As many as there are places, and more; none of them ever ends its request.
    let mut idle: Vec<TcpStream> = (0..530).map(|_| TcpStream::connect(address).unwrap()).collect();
    for stream in &mut idle {
        let _ = stream.write_all(b"GET /checkpoint HTTP/1.1\r\nHost: ");
    }
    // The board is another door.
    stage.open(&mut board).await;
    let ballot = stage.ballot(1, LeafHash::NONE, 1);
    stage.holds(&board.submit(&ballot).await.unwrap(), &ballot);
    let started = Instant::now();
    let response = tokio::task::spawn_blocking(move || get(address, "/checkpoint")).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
    // They are gone, not only idle.
    let mut first = idle.swap_remove(0);
    first.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    let mut rest = Vec::new();
    first.read_to_end(&mut rest).unwrap();
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
    server.stop().await.unwrap();
}
