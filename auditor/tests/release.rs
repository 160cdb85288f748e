//! `auditor release check`: a page that is the one that was signed, and every way of not being it.

mod support;

use rand::rngs::OsRng;
use selge_core::ids::Digest;
use selge_core::note::LogKey;
use selge_core::release::Release;
use selge_core::sign::SigningKey;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use support::server::{Reply, Server};

const NAME: &str = "example.org/voting-page";

struct Page {
    files: BTreeMap<String, Vec<u8>>,
    key: SigningKey,
}

impl Page {
    fn new() -> Self {
        let files = [("index.html", "<html>"), ("a/v1/main.js", "main"), ("a/v1/voter.wasm", "wasm")];
        let copies = [("index.html.br", "squeezed")];
        let digests = |list: &[(&str, &str)]| -> BTreeMap<String, Digest> {
            list.iter().map(|(path, text)| ((*path).to_owned(), Digest::of(text.as_bytes()))).collect()
        };
        let (listed, compressed) = (digests(&files), digests(&copies));
        let release = serde_json::json!({
            "format": "selge-release/1", "version": "v1", "files": listed, "copies": compressed,
        });
        let text = format!("{release:#}\n");
        let key = SigningKey::generate(&mut OsRng);
        let bytes = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
        let mut all: BTreeMap<_, _> = files.iter().chain(&copies).map(bytes).collect();
        all.insert("release.note".into(), Release::sign(&text, NAME, &key).unwrap().into_bytes());
        all.insert("release.json".into(), text.into_bytes());
        Page { files: all, key }
    }

    fn vkey(&self) -> String {
        LogKey { origin: NAME.into(), key: self.key.verifying_key() }.vkey()
    }

    fn write(&self, folder: &Path) {
        for (path, bytes) in &self.files {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }

    /// As a web server has it: the beginning of the page is at the address itself.
    fn serve(&self) -> Server {
        let mut files = self.files.clone();
        let index = files.remove("index.html").unwrap();
        files.insert(String::new(), index);
        Server::start(files)
    }
}

fn check(place: &str, key: &str, more: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auditor"));
    let done = command.args(["release", "check", place, "--key", key]).args(more).output().unwrap();
    let words = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (done.status.code().unwrap(), words)
}

fn expect(found: (i32, String), status: i32, words: &str) {
    assert!(found.0 == status && found.1.contains(words), "{status} {words:?}: {found:?}");
}

#[test]
fn a_folder_is_the_page_that_was_signed_or_not() {
    let page = Page::new();
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().to_str().unwrap(), page.vkey());
    page.write(folder.path());
    expect(check(path, &key, &[]), 0, "HOLDS: all 3 files, and 1 compressed copies");
    let cases: [(&str, Option<&[u8]>, &str); 5] = [
        ("a/v1/main.js", Some(b"changed"), "OTHER    a/v1/main.js"),
        ("a/v1/main.js", None, "MISSING  a/v1/main.js"),
        ("a/v1/more.js", Some(b"more"), "FOREIGN  a/v1/more.js"),
        // What browsers are handed in place of the file itself.
        ("index.html.br", Some(b"changed"), "OTHER    index.html.br"),
        ("index.html.gz", Some(b"unsigned"), "FOREIGN  index.html.gz"),
    ];
    for (file, bytes, words) in cases {
        match bytes {
            Some(bytes) => std::fs::write(folder.path().join(file), bytes).unwrap(),
            None => std::fs::remove_file(folder.path().join(file)).unwrap(),
        }
        let found = check(path, &key, &[]);
        assert!(found.1.contains("DOES NOT HOLD"), "{found:?}");
        expect(found, 1, words);
        let _ = std::fs::remove_file(folder.path().join(file));
        page.write(folder.path());
    }
    // The whole page of somebody else, signed by themselves, is not what the key signed.
    Page::new().write(folder.path());
    expect(check(path, &key, &[]), 1, "it is not signed by the key");
    let note = folder.path().join("elsewhere.note");
    page.write(folder.path());
    std::fs::rename(folder.path().join("release.note"), &note).unwrap();
    expect(check(path, &key, &[]), 2, "has no release.note");
    // A note from elsewhere; where it lies it is none of the page's files.
    let away = tempfile::tempdir().unwrap();
    std::fs::copy(&note, away.path().join("n")).unwrap();
    std::fs::remove_file(note).unwrap();
    let given = away.path().join("n");
    expect(check(path, &key, &["--note", given.to_str().unwrap()]), 0, "HOLDS");
    expect(check(path, "nonsense", &[]), 3, "--key");
    expect(check("/nowhere/at/all", &key, &[]), 2, "has no release.note");
}

#[test]
fn a_served_page_is_fetched_file_by_file() {
    let page = Page::new();
    let key = page.vkey();
    let server = page.serve();
    expect(check(&server.url(), &key, &[]), 0, "HOLDS: all 3 files");
    assert!(server.site().asked.iter().any(String::is_empty), "the beginning is asked for as browsers do");
    let quick = ["--timeout", "1"];
    for (reply, status, words) in [
        (Reply::Bytes(b"changed".to_vec()), 1, "OTHER    a/v1/main.js"),
        (Reply::Status(404), 1, "MISSING  a/v1/main.js"),
        (Reply::Status(500), 2, "500"),
        (Reply::Redirect("https://elsewhere.example/main.js".into()), 2, "elsewhere.example"),
        (Reply::Gzip, 2, "encoded"),
        (Reply::Endless, 2, "more than"),
        (Reply::Garbage, 2, "a/v1/main.js"),
        (Reply::Silent, 2, "takes too long"),
    ] {
        server.set("a/v1/main.js", reply.clone());
        let found = check(&server.url(), &key, &quick);
        assert!(found.0 == status && found.1.contains(words), "{reply:?}: {found:?}");
    }
    server.site().special.clear();
    server.set("", Reply::Bytes(b"<html>changed".to_vec()));
    expect(check(&server.url(), &key, &[]), 1, "OTHER    index.html");
    server.site().special.clear();
    server.set("release.note", Reply::Bytes(vec![0xff; 100]));
    expect(check(&server.url(), &key, &[]), 1, "no text");
    expect(check("ftp://example.org", &key, &[]), 3, "not an address");
}
