//! The voting page at the board's address: its files, what browsers are told of them, and the board over gRPC-Web behind
//! the same limits.

use crate::http::{ask, ask_with, get, Response};
use crate::stage::{connect, Stage};
use prost::Message;
use selge_collector::config::PageConfig;
use selge_proto::v1::{StatusRequest, StatusResponse, SubmitRequest, VoterRequest};
use std::net::SocketAddr;
use std::path::Path;

const HTML: &str = "<!doctype html><title>Vote</title>";

/// A stage whose collector serves a small page.
fn stage() -> Stage {
    let mut stage = Stage::new();
    let folder = stage.folder.path().join("page");
    let write = |name: &str, bytes: &str| {
        std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    };
    write("index.html", HTML);
    write("a/1/main.js", "run()");
    write("a/1/main.js.br", "(brotli)");
    write("a/1/main.js.gz", "(gzip)");
    write("a/1/voter.wasm", "wasm");
    stage.config.page = Some(PageConfig { folder });
    stage
}

/// One message in gRPC-Web's frame.
fn frame(message: &impl Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    [&[0][..], &u32::try_from(bytes.len()).unwrap().to_be_bytes(), &bytes].concat()
}

fn call(address: SocketAddr, method: &str, body: &[u8]) -> Response {
    let headers = [("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1")];
    ask_with(address, "POST", &format!("/selge.v1.Board/{method}"), &headers, body)
}

fn within(body: &[u8], part: &str) -> bool {
    body.windows(part.len()).any(|window| window == part.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_with_its_policy_and_nothing_beside_it() {
    let stage = stage();
    let running = stage.serve().await;
    let address = running.address();
    let index = get(address, "/");
    assert_eq!((index.status, index.text()), (200, HTML));
    assert_eq!(index.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(index.header("cache-control"), Some("no-cache"));
    let policy = index.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(index.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(index.header("strict-transport-security"), None, "this collector has no TLS");
    // An auditor's page may read the files, and learn that one is missing.
    assert_eq!(index.header("access-control-allow-origin"), Some("*"));
    assert_eq!(get(address, "/release.note").header("access-control-allow-origin"), Some("*"));
    let etag = index.header("etag").unwrap().to_owned();
    assert_eq!(ask_with(address, "GET", "/index.html", &[("if-none-match", &etag)], b"").status, 304);
    let head = ask(address, "HEAD", "/a/1/main.js");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("5"), 0));
    assert_eq!(head.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(get(address, "/a/1/voter.wasm").header("content-type"), Some("application/wasm"));
    for (accept, encoding, text) in [
        ("gzip, br", Some("br"), "(brotli)"),
        ("gzip;q=1.0, br;q=0", Some("gzip"), "(gzip)"),
        ("deflate", None, "run()"),
        ("", None, "run()"),
    ] {
        let answer = ask_with(address, "GET", "/a/1/main.js", &[("accept-encoding", accept)], b"");
        assert_eq!((answer.header("content-encoding"), answer.text()), (encoding, text), "{accept}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
    }
    for path in [
        "/a/1/main.js.br",
        "/a",
        "/a/",
        "/a/1/../1/main.js",
        "//index.html",
        "/collector.key",
        "/selge.v1.Board/Status",
    ] {
        assert_eq!(get(address, path).status, 404, "{path}");
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_reach_the_board_with_the_limits_of_all_others() {
    let mut stage = stage();
    stage.config.limits.entries_per_second_per_peer = 1;
    let running = stage.serve().await;
    let address = running.address();
    let status = call(address, "Status", &frame(&StatusRequest {}));
    assert_eq!(status.status, 200);
    assert_eq!(status.header("content-type"), Some("application/grpc-web+proto"));
    assert_eq!(status.header("access-control-allow-origin"), None, "no page from elsewhere calls the board");
    // The body is chunked; the message is in one of the chunks.
    let expected = StatusResponse { phase: "set-up".into(), ..StatusResponse::default() };
    assert!(within(&status.body, &expected.phase) && within(&status.body, "grpc-status:0"));
    assert!(within(&status.body, std::str::from_utf8(&stage.manifest_bytes).unwrap()));
    let bad = call(address, "Voter", &frame(&VoterRequest { voter: vec![1] }));
    assert!(bad.header("grpc-status") == Some("3") || within(&bad.body, "grpc-status:3"), "{bad:?}");
    // Longer than any entry: cut off before it is in memory.
    let long = call(address, "Submit", &frame(&SubmitRequest { entry: vec![0; 200_000] }));
    assert!(
        long.header("grpc-status").is_some_and(|code| code != "0") || !within(&long.body, "grpc-status:0"),
        "{long:?}"
    );
    // A peer's entries are bounded, also over gRPC-Web, and the browser learns when to come back.
    let mut busy = 0;
    for _ in 0..8 {
        let answer = call(address, "Submit", &frame(&SubmitRequest { entry: vec![1, 2, 3] }));
        if answer.header("grpc-status") == Some("8") || within(&answer.body, "grpc-status:8") {
            assert!(
                answer.header("grpc-status-details-bin").is_some() || within(&answer.body, "grpc-status-details-bin")
            );
            busy += 1;
        }
    }
    assert!(busy > 0, "a peer may hand in as much as it likes");
    // The programs are served as before.
    assert_eq!(connect(&running).await.status().await.unwrap().phase, "set-up");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_without_a_page_speaks_no_http_1_and_a_bad_page_does_not_start() {
    let stage = Stage::new();
    let running = stage.serve().await;
    let mut stream = std::net::TcpStream::connect(running.address()).unwrap();
    std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
    running.stop().await.unwrap();

    let mut stage = self::stage();
    let folder = stage.config.page.clone().unwrap().folder;
    let refused = |stage: &Stage| {
        let config = stage.config.clone();
        let key = stage.collector_key();
        async move { format!("{:#}", selge_collector::server::start(&config, key).await.unwrap_err()) }
    };
    std::fs::write(folder.join("strange.exe"), "").unwrap();
    assert!(refused(&stage).await.contains("strange.exe, which is of no kind that a page has"));
    std::fs::remove_file(folder.join("strange.exe")).unwrap();
    std::fs::write(folder.join("a b.js"), "").unwrap();
    assert!(refused(&stage).await.contains("has a name that a page's file does not have"));
    std::fs::remove_file(folder.join("a b.js")).unwrap();
    std::fs::remove_file(folder.join("index.html")).unwrap();
    assert!(refused(&stage).await.contains("make the page with `make web`"));
    stage.config.page = Some(PageConfig { folder: Path::new("/nowhere").into() });
    assert!(refused(&stage).await.contains("cannot read the [page] folder /nowhere"));
}
