//! `tally sign-release` as a real process: what is signed is what lies in the folder, or nothing is.

use selge_core::ids::Digest;
use selge_core::note::LogKey;
use selge_core::release::Release;
use std::path::Path;
use std::process::{Command, Output};

fn tally(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tally"));
    command.env("SELGE_SCRYPT_WORK", "1").env_remove("SELGE_PASSPHRASE_FILE").current_dir(folder);
    command.args(args).args(["--passphrase-file", "passphrase"]).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_release_is_signed_if_the_folder_is_exactly_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    std::fs::write(at("passphrase"), "correct horse\n").unwrap();
    std::fs::create_dir_all(at("page/a/v1")).unwrap();
    std::fs::write(at("page/index.html"), "<html>").unwrap();
    std::fs::write(at("page/a/v1/main.js"), "main").unwrap();
    let (one, two) = (Digest::of(b"<html>"), Digest::of(b"main"));
    let files = serde_json::json!({ "index.html": one, "a/v1/main.js": two });
    let release = serde_json::json!({ "format": "selge-release/1", "version": "v1", "files": files });

    let sign = |key: &str| {
        tally(folder.path(), &["sign-release", "--page", "page", "--key", key, "--name", "example.org/page"])
    };
    let refused = |key: &str, words: &str| {
        let done = sign(key);
        assert!(done.status.code() == Some(1) && text(&done.stderr).contains(words), "{words}: {done:?}");
        assert!(!at("page/release.note").exists());
    };
    for (role, file) in [("release", "release.key"), ("trustee", "trustee.key")] {
        let made = tally(folder.path(), &["keygen", "--role", role, "--out", file]);
        assert!(made.status.success(), "{made:?}");
    }
    refused("release.key", "make the page with `make web`");
    std::fs::write(at("page/release.json"), "{}").unwrap();
    refused("release.key", "not a release");
    std::fs::write(at("page/release.json"), format!("{release:#}\n")).unwrap();
    refused("trustee.key", "trustee.key");
    std::fs::write(at("page/a/v1/main.js"), "changed").unwrap();
    refused("release.key", "a/v1/main.js: other bytes");
    std::fs::remove_file(at("page/a/v1/main.js")).unwrap();
    refused("release.key", "a/v1/main.js: missing");
    std::fs::write(at("page/a/v1/main.js"), "main").unwrap();
    std::fs::write(at("page/a/v1/more.js"), "more").unwrap();
    refused("release.key", "a/v1/more.js: not in the release");
    std::fs::remove_file(at("page/a/v1/more.js")).unwrap();

    let done = sign("release.key");
    assert!(done.status.success(), "{done:?}");
    let said = text(&done.stdout);
    assert!(said.starts_with("signed v1 of 2 files in page/release.note\n"), "{said}");
    let key = LogKey::from_vkey(said.lines().find_map(|line| line.strip_prefix("key ")).unwrap()).unwrap();
    let note = std::fs::read_to_string(at("page/release.note")).unwrap();
    let (opened, signed) = Release::open(&note, &key).unwrap();
    assert_eq!(opened.files["index.html"], one);
    assert_eq!(signed, std::fs::read_to_string(at("page/release.json")).unwrap());
    // Signing again signs the same.
    assert!(sign("release.key").status.success());
    assert_eq!(std::fs::read_to_string(at("page/release.note")).unwrap(), note);
}
