//! Whether a voting page is one that somebody has signed. The page fetches; what is believed is the key that the reader gives.

use crate::message::Answer;
use selge_auditor::release::{Comparison, Found, Release, ReleaseError, MAX_FILE, MAX_RELEASE, NOTE};
use selge_core::ids::Digest;
use selge_core::note::LogKey;
use serde::Serialize;
use std::collections::BTreeMap;

/// One file of a release beside what was found.
#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    signed: Option<&'a Digest>,
    found: &'static str,
    /// What it is instead.
    digest: Option<Digest>,
}

fn signer(key: &str) -> Result<LogKey, Answer> {
    LogKey::from_vkey(key.trim()).map_err(|error| Answer::problem("release-key", error))
}

/// Reads a key, and says which file it is to be tried on.
pub(crate) fn begin(key: &str) -> Answer {
    match signer(key) {
        Ok(_) => Answer::default().with("note", NOTE).with("most", MAX_RELEASE),
        Err(problem) => problem,
    }
}

/// Opens a signed release with a key and compares it with the digests of what was found, by path.
pub(crate) fn compare(key: &str, found: &BTreeMap<String, Digest>, note: &[u8]) -> Answer {
    let key = match signer(key) {
        Ok(key) => key,
        Err(problem) => return problem,
    };
    let Ok(note) = std::str::from_utf8(note) else {
        return Answer::problem("release-malformed", "the signed release is no text");
    };
    let release = match Release::open(note, &key) {
        Ok((release, _)) => release,
        Err(error @ ReleaseError::Unsigned(_)) => return Answer::problem("release-unsigned", error),
        Err(error) => return Answer::problem("release-malformed", error),
    };
    let compared = release.compare(found);
    Answer::default()
        .with("signer", &key.origin)
        .with("version", &release.version)
        .with("holds", compared.holds())
        .with("copies", release.copies.len())
        .with("most", MAX_FILE)
        .with("files", files(&release, &compared))
}

fn files<'a>(release: &'a Release, compared: &'a Comparison) -> Vec<File<'a>> {
    let file = |(path, found): (&'a String, &Found)| {
        let (found, digest) = match found {
            Found::Same => ("same", None),
            Found::Other(digest) => ("other", Some(*digest)),
            Found::Missing => ("missing", None),
        };
        File { path, signed: release.files.get(path).or_else(|| release.copies.get(path)), found, digest }
    };
    compared.files.iter().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;
    use selge_core::sign::SigningKey;

    const NAME: &str = "example.org/voting-page";

    fn stage() -> (String, String) {
        let key = SigningKey::generate(&mut OsRng);
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let text = format!(
            "{{\"format\":\"selge-release/1\",\"version\":\"abc\",\"files\":{{\"a/main.js\":\"{one}\",\"index.html\":\"{two}\"}},\
             \"copies\":{{\"index.html.br\":\"{one}\"}}}}\n"
        );
        let note = Release::sign(&text, NAME, &key).unwrap();
        (LogKey { origin: NAME.into(), key: key.verifying_key() }.vkey(), note)
    }

    fn problem(answer: &Answer) -> Option<&str> {
        answer.fields.get("problem")?["name"].as_str()
    }

    #[test]
    fn every_file_is_told_as_it_was_found() {
        let (key, note) = stage();
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let ask = |found: &[(&str, Digest)]| {
            let found = found.iter().map(|(path, digest)| ((*path).to_owned(), *digest)).collect();
            compare(&format!(" {key}\n"), &found, note.as_bytes()).fields
        };
        let good = ask(&[("a/main.js", one), ("index.html", two)]);
        assert_eq!((&good["holds"], &good["signer"], &good["version"]), (&true.into(), &NAME.into(), &"abc".into()));
        assert_eq!(good["copies"], 1);
        let bad = ask(&[("index.html", one)]);
        assert_eq!(bad["holds"], false);
        assert_eq!((&bad["files"][0]["path"], &bad["files"][0]["found"]), (&"a/main.js".into(), &"missing".into()));
        assert_eq!((&bad["files"][1]["path"], &bad["files"][1]["found"]), (&"index.html".into(), &"other".into()));
        assert_eq!(bad["files"][1]["signed"], two.to_string());
        assert_eq!(bad["files"][1]["digest"], one.to_string());
        assert_eq!(ask(&[])["holds"], false);
    }

    #[test]
    fn what_cannot_be_believed_is_told_by_its_cause() {
        let (key, note) = stage();
        let (stranger, strange) = stage();
        let none = BTreeMap::new();
        assert_eq!(begin(&key).fields["note"], NOTE);
        for wrong in ["", "my key", &key[1..], &format!("{key}A")] {
            assert_eq!(problem(&begin(wrong)), Some("release-key"), "{wrong}");
            assert_eq!(problem(&compare(wrong, &none, note.as_bytes())), Some("release-key"), "{wrong}");
        }
        assert_eq!(problem(&compare(&stranger, &none, note.as_bytes())), Some("release-unsigned"));
        assert_eq!(problem(&compare(&key, &none, strange.as_bytes())), Some("release-unsigned"));
        let changed = note.replacen("abc", "abd", 1);
        assert_eq!(problem(&compare(&key, &none, changed.as_bytes())), Some("release-unsigned"));
        for bytes in [&b""[..], b"<!doctype html>", b"\xff\xfe"] {
            assert_eq!(problem(&compare(&key, &none, bytes)), Some("release-malformed"));
        }
        assert_eq!(problem(&compare(&key, &none, note.as_bytes())), None);
    }
}
