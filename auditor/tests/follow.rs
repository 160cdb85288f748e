//! Following boards over HTTP: honest ones that grow, servers that cheat and break, and kills at any moment.

mod support;

use rand::Rng;
use selge_core::entry::CancellationReason;
use selge_core::evidence::{Evidence, Verified};
use selge_core::note::{Checkpoint, LogKey};
use selge_core::tree::Tree;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use support::server::{Reply, Server};
use support::{smallest, Board, Plan};

type Files = BTreeMap<String, Vec<u8>>;

fn auditor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auditor")).args(arguments).output().unwrap()
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A finished election of some 620 entries: three bundles.
fn long() -> Board {
    let mut board = Board::prepare(&Plan { voters: vec![0; 602], ..smallest() });
    board.vote(0);
    board.vote(1);
    (2..602).for_each(|voter| board.cancel(voter, CancellationReason::PaperVote));
    board.finish_with(&[1]);
    board
}

/// The record of the first entries.
fn up_to(board: &Board, entries: usize) -> Files {
    let mut board = board.clone();
    board.entries.truncate(entries);
    board.record().files
}

/// Another history: entry `at` and the next one in the other order.
fn forked(board: &Board, at: usize, entries: usize) -> Files {
    let mut board = board.clone();
    board.entries.swap(at, at + 1);
    board.entries.truncate(entries);
    board.record().files
}

fn log(board: &Board) -> LogKey {
    board.manifest.log_key()
}

fn follow(server: &Server, board: &Board, into: &Path, more: &[&str]) -> Output {
    let (url, vkey) = (server.url(), log(board).vkey());
    let mut arguments = vec!["follow", &url, "--into", into.to_str().unwrap(), "--log-key", &vkey];
    arguments.extend(more);
    auditor(&arguments)
}

fn once(server: &Server, board: &Board, into: &Path) -> Output {
    follow(server, board, into, &["--once"])
}

fn read(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = format!("{prefix}{}", item.file_name().to_str().unwrap());
            if item.file_type().unwrap().is_dir() {
                folders.push((item.path(), format!("{path}/")));
            } else {
                files.insert(path, std::fs::read(item.path()).unwrap());
            }
        }
    }
    files
}

/// A program that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(server: &Server, board: &Board, into: &Path, more: &[&str]) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_auditor"))
        .args(["follow", &server.url(), "--log-key", &log(board).vkey(), "--into"])
        .arg(into)
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Running(child.unwrap())
}

/// Waits for something that is about to happen.
fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(120), "{what} does not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The copy's checkpoint covers this many entries.
fn holds(into: &Path, entries: usize) -> bool {
    let note = std::fs::read_to_string(into.join("record/checkpoint")).unwrap_or_default();
    note.lines().nth(1) == Some(&entries.to_string())
}

#[test]
fn a_board_is_followed_step_by_step_and_the_copy_is_the_record() {
    let board = long();
    let all = board.entries.len();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Files::new());
    let mut before = 0;
    for entries in [1, 3, 20, 255, 256, 257, 300, 511, 512, 600, all] {
        server.site().files = up_to(&board, entries);
        let done = once(&server, &board, folder.path());
        assert_eq!(done.status.code(), Some(0), "{}", words(&done));
        assert!(words(&done).contains(&format!("{entries} in all")), "{}", words(&done));
        assert_eq!(read(&folder.path().join("record")), up_to(&board, entries), "{entries}");
        assert!(read(&folder.path().join("part")).is_empty());
        // What was there before is not fetched again.
        let asked = std::mem::take(&mut server.site().asked);
        for bundle in 0..before / 256 {
            assert!(!asked.contains(&format!("tile/entries/{bundle:03}")), "{entries}: {asked:?}");
        }
        before = entries;
    }
    let record = folder.path().join("record");
    let audit = auditor(&["verify", record.to_str().unwrap(), "--election", &board.manifest.id().to_string()]);
    assert_eq!(audit.status.code(), Some(0), "{}", words(&audit));
    // Nothing new: nothing but the checkpoint and the tiles that prove it is asked for.
    let again = once(&server, &board, folder.path());
    assert_eq!(again.status.code(), Some(0), "{}", words(&again));
    assert_eq!(server.site().asked, ["checkpoint"]);
}

#[test]
fn whose_board_it_is_must_be_said_and_is_held_to() {
    let (board, other) = (Board::smallest(), Board::smallest());
    let server = Server::start(board.record().files);
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("mirror");
    let (url, into) = (server.url(), into.to_str().unwrap());
    let output = auditor(&["follow", &url, "--into", into, "--once"]);
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    assert!(words(&output).contains("whose board is it?"));
    // Another election's key, as its manifest names it.
    let manifest = folder.path().join("manifest.json");
    let bytes = |board: &Board| {
        let digest = selge_core::ids::Digest(board.manifest.id().0);
        board.files[&digest].clone()
    };
    std::fs::write(&manifest, bytes(&other)).unwrap();
    let elsewhere = folder.path().join("elsewhere");
    let given = ["--manifest", manifest.to_str().unwrap()];
    let wrong = auditor(&[&["follow", &url, "--into", elsewhere.to_str().unwrap(), "--once"][..], &given].concat());
    assert_eq!(wrong.status.code(), Some(1), "{}", words(&wrong));
    assert!(words(&wrong).contains("is of the log"), "{}", words(&wrong));
    // On first use the server may say, if asked to, and is held to it.
    let first = auditor(&["follow", &url, "--into", into, "--once", "--trust-first-use"]);
    assert_eq!(first.status.code(), Some(0), "{}", words(&first));
    assert!(words(&first).contains(&board.manifest.id().to_string()) && words(&first).contains(&log(&board).vkey()));
    let again = auditor(&["follow", &url, "--into", into, "--once"]);
    assert_eq!(again.status.code(), Some(0), "{}", words(&again));
    let wrong = auditor(&[&["follow", &url, "--into", into, "--once"][..], &given].concat());
    assert_eq!(wrong.status.code(), Some(3), "{}", words(&wrong));
    std::fs::write(&manifest, bytes(&board)).unwrap();
    let right = auditor(&[&["follow", &url, "--into", into, "--once"][..], &given].concat());
    assert_eq!(right.status.code(), Some(0), "{}", words(&right));
    // The server becomes another election's.
    server.site().files = other.record().files;
    let swapped = auditor(&["follow", &url, "--into", into, "--once", "--trust-first-use"]);
    assert_eq!(swapped.status.code(), Some(1), "{}", words(&swapped));
    for bad in ["ftp://x/", "nonsense", "http://", "http://user@localhost/", "http://localhost/?a=b"] {
        let output = auditor(&["follow", bad, "--into", into, "--once"]);
        assert_eq!(output.status.code(), Some(3), "{bad}: {}", words(&output));
    }
}

/// Follows an honest board, then a forging server; the evidence that is left.
fn caught(board: &Board, honest: Files, forged: Files, later: Option<Files>) -> Verified {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(honest.clone());
    assert_eq!(once(&server, board, folder.path()).status.code(), Some(0));
    server.site().files = forged;
    let mut output = once(&server, board, folder.path());
    if let Some(later) = later {
        assert_eq!(output.status.code(), Some(2), "{}", words(&output));
        assert!(words(&output).contains("nothing is proven"), "{}", words(&output));
        server.site().files = later;
        output = once(&server, board, folder.path());
    }
    assert_eq!(output.status.code(), Some(4), "{}", words(&output));
    assert!(words(&output).contains("FORK"), "{}", words(&output));
    // The copy stays what it was, and is honest; the finding stays too.
    assert_eq!(read(&folder.path().join("record")), honest);
    assert_eq!(once(&server, board, folder.path()).status.code(), Some(4));
    let path = folder.path().join("evidence-1.json");
    assert!(!folder.path().join("evidence-2.json").exists(), "the same evidence twice");
    let checked = auditor(&["evidence", "check", path.to_str().unwrap(), "--log-key", &log(board).vkey()]);
    assert_eq!(checked.status.code(), Some(0), "{}", words(&checked));
    assert!(words(&checked).contains("PROVEN"), "{}", words(&checked));
    Evidence::parse(&std::fs::read(path).unwrap()).unwrap().verify(&log(board)).unwrap()
}

#[test]
fn every_kind_of_fork_is_proven() {
    let board = long();
    let sizes = |proven: Verified| match proven {
        Verified::Fork(fork) => (fork.smaller().size, fork.larger().size),
        other => panic!("{other:?}"),
    };
    // The same size, in the first bundle and in the last.
    assert_eq!(sizes(caught(&board, up_to(&board, 400), forked(&board, 30, 400), None)), (400, 400));
    assert_eq!(sizes(caught(&board, up_to(&board, 400), forked(&board, 398, 400), None)), (400, 400));
    // A larger tree that does not begin with what was there.
    assert_eq!(sizes(caught(&board, up_to(&board, 400), forked(&board, 398, 401), None)), (400, 401));
    assert_eq!(sizes(caught(&board, up_to(&board, 256), forked(&board, 30, 600), None)), (256, 600));
    // A smaller one that is not its beginning.
    assert_eq!(sizes(caught(&board, up_to(&board, 600), forked(&board, 30, 300), None)), (300, 600));
    // Rolled back, which proves nothing, and grown again in another way.
    let (short, other) = (up_to(&board, 300), forked(&board, 350, 500));
    assert_eq!(sizes(caught(&board, up_to(&board, 400), short, Some(other))), (400, 500));
}

#[test]
fn what_a_server_does_wrong_is_said_and_never_believed() {
    let board = long();
    let all = board.entries.len();
    let files = board.record().files;
    let width = all - 512;
    let edge = format!("tile/0/002.p/{width}");
    let bundle = format!("tile/entries/002.p/{width}");
    let roll = files.keys().find(|p| p.starts_with("files/") && files[*p].len() == 4 + 50 * 602).unwrap().clone();
    let changed = |path: &str| {
        let mut bytes = files[path].clone();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        Reply::Bytes(bytes)
    };
    let short = |path: &str, by: usize| Reply::Bytes(files[path][..files[path].len() - by].to_vec());
    let swapped = {
        let mut board = board.clone();
        board.entries.swap(300, 301);
        Reply::Bytes(board.record().files["tile/entries/001"].clone())
    };
    let other_key = {
        let origin = log(&board).origin;
        let note = Checkpoint { origin, size: 5, root: Tree::new().root() }.sign(&board.keys.commission);
        Reply::Bytes(note.into_bytes())
    };
    // A tree that is signed, and of which the server shows nothing.
    let hollow = {
        let origin = log(&board).origin;
        let note = Checkpoint { origin, size: all as u64, root: [9; 32] }.sign(&board.keys.collector);
        Reply::Bytes(note.into_bytes())
    };
    let away = Reply::Redirect("http://127.0.0.1:1/elsewhere".into());
    let cases: Vec<(&str, Reply, i32, &str)> = vec![
        ("checkpoint", Reply::Endless, 2, "more than 16384 bytes"),
        ("checkpoint", Reply::Huge, 2, "more than 16384 bytes"),
        ("checkpoint", Reply::EndlessHead, 2, "checkpoint: "),
        ("checkpoint", away, 2, "not followed"),
        ("checkpoint", Reply::Status(500), 2, "answers 500"),
        ("checkpoint", Reply::Status(204), 2, "answers 204"),
        ("checkpoint", Reply::Gzip, 2, "gzip"),
        ("checkpoint", Reply::Garbage, 2, "checkpoint: "),
        ("checkpoint", Reply::Bytes(vec![0xff; 100]), 1, "not text"),
        ("checkpoint", Reply::Bytes(b"<html>".to_vec()), 1, "not a signed checkpoint"),
        ("checkpoint", other_key, 1, "not signed by the log"),
        ("checkpoint", hollow, 1, "do not lead to the root"),
        ("tile/0/000", changed("tile/0/000"), 1, "tile/0/000 does not hold"),
        ("tile/0/000", short("tile/0/000", 32), 1, "tile/0/000 does not hold"),
        ("tile/0/001", short("tile/0/001", 1), 1, "tile/0/001 does not hold"),
        ("tile/0/001", Reply::Endless, 2, "more than 8192 bytes"),
        ("tile/0/001", Reply::Half, 2, "breaks off"),
        (&edge, changed(&edge), 1, "do not lead to the root"),
        (&edge, short(&edge, 32), 1, "do not lead to the root"),
        (&edge, Reply::Status(404), 2, "does not have it"),
        ("tile/1/000.p/2", changed("tile/1/000.p/2"), 1, "do not lead to the root"),
        ("tile/entries/001", swapped, 1, "entry 300 is not the one"),
        ("tile/entries/001", changed("tile/entries/001"), 1, "another entry than was signed"),
        (&bundle, short(&bundle, 3), 1, "another entry than was signed"),
        (&bundle, Reply::Endless, 2, "more than 16777472 bytes"),
        (&roll, changed(&roll), 2, "another SHA-256"),
        (&roll, short(&roll, 10), 2, "another SHA-256"),
        (&roll, Reply::Status(404), 2, "does not have it"),
    ];
    std::thread::scope(|scope| {
        for (path, reply, status, expected) in cases {
            let (files, board) = (&files, &board);
            scope.spawn(move || {
                let server = Server::start(files.clone());
                server.set(path, reply.clone());
                let folder = tempfile::tempdir().unwrap();
                let output = once(&server, board, folder.path());
                let said = words(&output);
                assert_eq!(output.status.code(), Some(status), "{path} {reply:?}: {said}");
                assert!(said.contains(expected) && !said.contains("panicked"), "{path} {reply:?}: {said}");
                assert!(!folder.path().join("record/checkpoint").exists(), "{path} {reply:?}");
                // The server mends its ways: what was right is used, and the copy is whole.
                server.site().special.clear();
                let output = once(&server, board, folder.path());
                if said.contains("do not lead to the root that was signed") && path == "checkpoint" {
                    // A signed checkpoint that is not this tree's was never shown with a tree: no proof, but it is kept.
                    assert!(folder.path().join(format!("unexplained-{all}")).exists());
                }
                assert_eq!(output.status.code(), Some(0), "{path} {reply:?}: {}", words(&output));
                assert_eq!(read(&folder.path().join("record")), *files, "{path} {reply:?}");
            });
        }
    });
}

#[test]
fn partial_tiles_that_are_gone_are_taken_from_the_full_ones() {
    let board = long();
    let server = Server::start(board.record().files);
    // A server that keeps the full tiles alone, and whose checkpoint comes from a cache.
    server.set("checkpoint", Reply::Bytes(up_to(&board, 500)["checkpoint"].clone()));
    server.site().files.insert("tile/1/000.p/1".into(), up_to(&board, 500)["tile/1/000.p/1"].clone());
    let folder = tempfile::tempdir().unwrap();
    let output = once(&server, &board, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert!(server.site().asked.contains(&"tile/entries/001.p/244".to_owned()));
    let mut expected = up_to(&board, 500);
    // A record has files that its entries name; those of later entries are not there yet.
    let copy = read(&folder.path().join("record"));
    expected.retain(|path, _| copy.contains_key(path) || !path.starts_with("files/"));
    assert_eq!(copy, expected);
}

/// A server that keeps the connection and says nothing, or too little, holds nobody up for ever.
#[test]
fn a_server_that_says_nothing_or_too_little_is_given_up_and_asked_again() {
    let board = long();
    let files = board.record().files;
    let roll = files.keys().find(|p| p.starts_with("files/") && files[*p].len() == 4 + 50 * 602).unwrap().clone();
    let cases = [
        ("checkpoint", Reply::Silent),
        ("checkpoint", Reply::Stalled),
        ("tile/0/001", Reply::Silent),
        ("tile/entries/001", Reply::Stalled),
        ("tile/entries/000", Reply::Dripping),
        (&roll, Reply::Stalled),
        (&roll, Reply::Dripping),
    ];
    std::thread::scope(|scope| {
        for (path, reply) in cases {
            let (files, board) = (&files, &board);
            scope.spawn(move || {
                let server = Server::start(files.clone());
                server.set(path, reply.clone());
                let folder = tempfile::tempdir().unwrap();
                let output = follow(&server, board, folder.path(), &["--once", "--timeout", "3"]);
                let said = words(&output);
                assert_eq!(output.status.code(), Some(2), "{path} {reply:?}: {said}");
                assert!(said.contains(&format!("{path}: the server takes too long")), "{path} {reply:?}: {said}");
                let asked = server.site().asked.iter().filter(|asked| *asked == path).count();
                assert!(asked > 1, "{path} {reply:?}: asked {asked} times");
                server.site().special.clear();
                let output = once(&server, board, folder.path());
                assert_eq!(output.status.code(), Some(0), "{path} {reply:?}: {}", words(&output));
                assert_eq!(read(&folder.path().join("record")), *files, "{path} {reply:?}");
            });
        }
    });
    // Whoever only watches goes on by itself once the server speaks again.
    let server = Server::start(files.clone());
    server.set("tile/entries/001", Reply::Silent);
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&server, &board, folder.path(), &["--until-finished", "--timeout", "3"]);
    let asked = |path: &str| server.site().asked.iter().filter(|asked| *asked == path).count();
    wait_for("another try", || asked("tile/entries/001") > 2);
    assert!(child.0.try_wait().unwrap().is_none());
    server.site().special.clear();
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
    assert_eq!(read(&folder.path().join("record")), files);
    let quick = auditor(&["follow", &server.url(), "--into", "x", "--timeout", "0"]);
    assert_eq!(quick.status.code(), Some(3), "{}", words(&quick));
}

#[test]
fn kills_and_damage_at_any_moment_leave_a_copy_that_goes_on_and_believes_nothing() {
    let board = long();
    let files = board.record().files;
    let server = Server::start(files.clone());
    server.site().delay = Duration::from_millis(8);
    let folder = tempfile::tempdir().unwrap();
    let mut rng = rand::thread_rng();
    for round in 0..25 {
        let grown = [40, 300, 500, board.entries.len()][(round / 7).min(3)];
        server.site().files = up_to(&board, grown);
        let mut child = start(&server, &board, folder.path(), &["--once", "--quiet"]);
        std::thread::sleep(Duration::from_millis(rng.gen_range(5..200)));
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        // Somebody, or the disk, damages what is there.
        for below in ["record", "part"] {
            let there = read(&folder.path().join(below));
            let damaged: Vec<&String> = there.keys().filter(|p| *p != "checkpoint").collect();
            if !damaged.is_empty() && round % 3 != 0 {
                let path = damaged[rng.gen_range(0..damaged.len())];
                let mut bytes = there[path].clone();
                match round % 4 {
                    0 => bytes.clear(),
                    1 => bytes.truncate(bytes.len() / 2),
                    _ => bytes.iter_mut().take(3).for_each(|b| *b ^= 1),
                }
                std::fs::write(folder.path().join(below).join(path), bytes).unwrap();
            }
        }
        std::fs::write(folder.path().join("part/tile-of-nothing"), b"x").unwrap();
    }
    let output = once(&server, &board, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(read(&folder.path().join("record")), files);
    let record = folder.path().join("record");
    assert_eq!(auditor(&["verify", record.to_str().unwrap(), "--quiet"]).status.code(), Some(0));
}

#[test]
fn it_watches_until_the_end_through_restarts_of_the_server_and_an_interrupt_ends_it() {
    let board = long();
    let all = board.entries.len();
    let closed = board.places(|b| matches!(b, selge_core::entry::EntryBody::Closing(_)))[0] + 1;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(up_to(&board, 20));
    let address = server.address.to_string();
    let mut child = start(&server, &board, folder.path(), &["--until-finished", "--interval", "1"]);
    wait_for("the first copy", || holds(folder.path(), 20));
    // Nobody else may use the folder meanwhile.
    let second = once(&server, &board, folder.path());
    assert_eq!(second.status.code(), Some(2), "{}", words(&second));
    assert!(words(&second).contains("another auditor is following"), "{}", words(&second));
    drop(server);
    std::thread::sleep(Duration::from_millis(1500));
    let server = Server::start_at(&address, up_to(&board, closed));
    wait_for("the copy after the server's return", || holds(folder.path(), closed));
    assert!(child.0.try_wait().unwrap().is_none(), "closed is not finished");
    // Whoever wants the ballots alone is done here.
    let other = tempfile::tempdir().unwrap();
    let output = follow(&server, &board, other.path(), &["--until-closed"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert!(words(&output).contains("closed the voting"), "{}", words(&output));
    server.site().files = up_to(&board, all);
    let status = child.0.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(read(&folder.path().join("record")), board.record().files);

    let mut child = start(&server, &board, other.path(), &["--interval", "3600"]);
    wait_for("the rest", || holds(other.path(), all));
    let interrupt = Command::new("kill").arg("-INT").arg(child.0.id().to_string()).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
    let audit = auditor(&["verify", other.path().join("record").to_str().unwrap(), "--quiet"]);
    assert_eq!(audit.status.code(), Some(0), "{}", words(&audit));
}

#[test]
fn a_closing_that_the_commission_has_not_signed_ends_nothing() {
    let mut board = Board::prepare(&smallest());
    board.vote(0);
    let tree = board.tree();
    let closing = selge_core::entry::Closing { time: support::CLOSES, size: tree.size(), root: tree.root() };
    let body = selge_core::entry::EntryBody::Closing(closing);
    let keys = std::sync::Arc::clone(&board.keys);
    board.post(body, &keys.collector);
    let server = Server::start(board.record().files);
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(&server, &board, folder.path(), &["--until-closed", "--interval", "1"]);
    wait_for("the copy", || holds(folder.path(), board.entries.len()));
    server.site().asked.clear();
    wait_for("another look", || server.site().asked.len() > 1);
    assert!(child.0.try_wait().unwrap().is_none(), "it believes the collector");
    child.0.kill().unwrap();
    child.0.wait().unwrap();
}

#[test]
fn a_record_at_an_address_is_fetched_and_verified() {
    let board = long();
    let files = board.record().files;
    let server = Server::start(files.clone());
    let id = board.manifest.id().to_string();
    let passed = auditor(&["verify", &server.url(), "--election", &id]);
    assert_eq!(passed.status.code(), Some(0), "{}", words(&passed));
    assert!(words(&passed).contains("PASSED"));
    let other = auditor(&["verify", &server.url(), "--election", &"0".repeat(64)]);
    assert_eq!(other.status.code(), Some(1), "{}", words(&other));
    assert!(words(&other).contains("not the one that you asked for"), "{}", words(&other));
    // Interrupted, and gone on with.
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().to_str().unwrap();
    let bundle = files.keys().find(|p| p.starts_with("tile/entries/002")).unwrap().clone();
    server.set(&bundle, Reply::Status(503));
    let partly = auditor(&["verify", &server.url(), "--into", into]);
    assert_eq!(partly.status.code(), Some(2), "{}", words(&partly));
    server.site().special.clear();
    server.site().asked.clear();
    let whole = auditor(&["verify", &server.url(), "--into", into, "--json"]);
    assert_eq!(whole.status.code(), Some(0), "{}", words(&whole));
    let report: selge_auditor::Report = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!(report.election, Some(id));
    assert!(!server.site().asked.contains(&"tile/entries/001".to_owned()), "fetched twice");
    assert_eq!(read(&folder.path().join("record")), files);
    // One bit wrong on the way, or at the publisher's.
    let mut bytes = files["tile/entries/001"].clone();
    bytes[1000] ^= 1;
    server.set("tile/entries/001", Reply::Bytes(bytes));
    assert_eq!(auditor(&["verify", &server.url()]).status.code(), Some(1));
    // The publisher changes its mind.
    server.site().special.clear();
    server.site().files = forked(&board, 30, board.entries.len());
    let forked = auditor(&["verify", &server.url(), "--into", into]);
    assert_eq!(forked.status.code(), Some(4), "{}", words(&forked));
    // An election under way is incomplete.
    server.site().files = up_to(&board, 300);
    assert_eq!(auditor(&["verify", &server.url(), "--quiet"]).status.code(), Some(2));
    assert_eq!(auditor(&["verify", "http://127.0.0.1:1", "--quiet"]).status.code(), Some(2));
    assert_eq!(auditor(&["verify", into, "--into", into]).status.code(), Some(3));
}
