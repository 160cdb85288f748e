//! A release of the voting page: which bytes its files have, signed as a C2SP note (<https://c2sp.org/signed-note>).
//!
//! The note's text is the file `release.json` that the page's build writes. Whoever reviews and builds the sources signs it;
//! who fetches the page compares what came with what was signed.

use crate::ids::Digest;
use crate::note::{open_text, sign_text, LogKey, NoteError};
use crate::sign::SigningKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The release without signature, as the build writes it.
pub const MANIFEST: &str = "release.json";

/// The same with signatures.
pub const NOTE: &str = "release.note";

/// Longest release that is read, with its signatures.
pub const MAX_RELEASE: usize = 256 * 1024;

/// Most bytes of one file of a page.
pub const MAX_FILE: u64 = 16 << 20;

/// What this format calls itself.
const FORMAT: &str = "selge-release/1";

/// Where a browser begins.
const INDEX: &str = "index.html";

/// Longest path of a file.
const MAX_PATH: usize = 200;

/// Files of a page with their digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    format: String,
    /// Which one it is: the page shows it.
    pub version: String,
    /// SHA-256 of every file by its path. The same sources and compiler give the same.
    pub files: BTreeMap<String, Digest>,
    /// The same of compressed copies, which also depend on the compressor.
    #[serde(default)]
    pub copies: BTreeMap<String, Digest>,
}

/// Why something is no release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// Not a signed note.
    #[error("this is not a signed note: {0}")]
    Note(&'static str),
    /// The signer's signature is missing or wrong.
    #[error("it is not signed by the key {0}")]
    Unsigned(String),
    /// Too long to be one.
    #[error("a release has at most {MAX_RELEASE} bytes, this has {0}")]
    Long(usize),
    /// Not the JSON of a release.
    #[error("this is not a release of a voting page ({FORMAT}): {0}")]
    Malformed(String),
    /// A path that no file of a page has.
    #[error("{0:?} is not the path of a file of a page")]
    Path(String),
}

impl From<NoteError> for ReleaseError {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::Malformed(what) => ReleaseError::Note(what),
            NoteError::Unsigned(name) | NoteError::Origin { expected: name, .. } => ReleaseError::Unsigned(name),
        }
    }
}

/// What was found in place of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The very bytes that were signed.
    Same,
    /// Other bytes, with this digest.
    Other(Digest),
    /// Nothing.
    Missing,
}

/// A release beside what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Every file of the release by its path, and every compressed copy that was found.
    pub files: BTreeMap<String, Found>,
    /// Paths that were found and are none of the release's.
    pub foreign: Vec<String>,
}

impl Comparison {
    /// Whether what was found is the release and nothing else.
    pub fn holds(&self) -> bool {
        self.foreign.is_empty() && self.files.values().all(|found| *found == Found::Same)
    }
}

/// Letters, digits, `.`, `-` and `_` between single slashes, and no part that begins with a dot.
fn is_path(path: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    path.len() <= MAX_PATH
        && path.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && part.chars().all(sign))
}

impl Release {
    /// Reads a release without looking for a signature.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        if text.len() > MAX_RELEASE {
            return Err(ReleaseError::Long(text.len()));
        }
        let release: Release =
            serde_json::from_str(text).map_err(|error| ReleaseError::Malformed(error.to_string()))?;
        if release.format != FORMAT {
            return Err(ReleaseError::Malformed(format!("its format is {:?}", release.format)));
        }
        if !release.files.contains_key(INDEX) {
            return Err(ReleaseError::Malformed(format!("it has no {INDEX}")));
        }
        match release.files.keys().chain(release.copies.keys()).find(|path| !is_path(path)) {
            Some(path) => Err(ReleaseError::Path(path.clone())),
            None => Ok(release),
        }
    }

    /// Signs a release's text, which must be one.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub fn sign(text: &str, name: &str, key: &SigningKey) -> Result<String, ReleaseError> {
        Self::parse(text)?;
        Ok(sign_text(text, name, key)?)
    }

    /// Reads a signed release: the release, and the text that was signed. Lines of other signers are left alone.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub fn open<'a>(note: &'a str, signer: &LogKey) -> Result<(Self, &'a str), ReleaseError> {
        if note.len() > MAX_RELEASE {
            return Err(ReleaseError::Long(note.len()));
        }
        let text = open_text(note, signer)?;
        Ok((Self::parse(text)?, text))
    }

    /// Compares with the digests of what was found, by path. [`MANIFEST`] and [`NOTE`] are no files of the page; a
    /// compressed copy that is not there is none that can be false.
    pub fn compare(&self, found: &BTreeMap<String, Digest>) -> Comparison {
        let beside = |(path, signed): (&String, &Digest)| {
            let verdict = match found.get(path) {
                Some(digest) if digest == signed => Found::Same,
                Some(digest) => Found::Other(*digest),
                None => Found::Missing,
            };
            (path.clone(), verdict)
        };
        let copies = self.copies.iter().filter(|(path, _)| found.contains_key(*path));
        let known = |path: &&String| {
            self.files.contains_key(*path)
                || self.copies.contains_key(*path)
                || [MANIFEST, NOTE].contains(&path.as_str())
        };
        Comparison {
            files: self.files.iter().chain(copies).map(beside).collect(),
            foreign: found.keys().filter(|path| !known(path)).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;

    fn text() -> String {
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        format!(
            "{{\n  \"format\": \"{FORMAT}\",\n  \"version\": \"abc\",\n  \"files\": {{\n    \"a/abc/main.js\": \"{one}\",\n    \
             \"index.html\": \"{two}\"\n  }},\n  \"copies\": {{ \"index.html.br\": \"{one}\" }}\n}}\n"
        )
    }

    #[test]
    fn what_was_found_is_compared_file_by_file() {
        let release = Release::parse(&text()).unwrap();
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let all = |files: &[(&str, Digest)]| files.iter().map(|(path, digest)| ((*path).to_owned(), *digest)).collect();
        let good = [("a/abc/main.js", one), ("index.html", two)];
        assert!(release.compare(&all(&good)).holds());
        let with_own = [good[0], good[1], ("release.json", two), ("release.note", one), ("index.html.br", one)];
        assert!(release.compare(&all(&with_own)).holds());
        let found = release.compare(&all(&[("index.html", one), ("index.html.br", two), ("new.js", one)]));
        assert!(!found.holds());
        assert_eq!(found.files["index.html"], Found::Other(one));
        assert_eq!(found.files["index.html.br"], Found::Other(two));
        assert_eq!(found.files["a/abc/main.js"], Found::Missing);
        assert_eq!(found.foreign, ["new.js"]);
        assert!(!release.compare(&all(&[good[0], good[1], ("new.js", one)])).holds());
        // One file as signed makes up for nothing.
        assert!(!release.compare(&all(&good[..1])).holds());
        assert!(!release.compare(&all(&[good[0], ("index.html", one)])).holds());
        assert!(!release.compare(&all(&[good[0], good[1], ("index.html.br", two)])).holds());
    }

    #[test]
    fn only_what_the_key_signed_is_read() {
        let key = SigningKey::generate(&mut OsRng);
        let signer = LogKey { origin: "example.org/release".into(), key: key.verifying_key() };
        let note = Release::sign(&text(), &signer.origin, &key).unwrap();
        assert_eq!(Release::open(&note, &signer).unwrap(), (Release::parse(&text()).unwrap(), text().as_str()));
        let other = SigningKey::generate(&mut OsRng);
        let stranger = LogKey { key: other.verifying_key(), ..signer.clone() };
        assert!(matches!(Release::open(&note, &stranger), Err(ReleaseError::Unsigned(_))));
        // Two people may sign the same; each line is read by who knows its key.
        let second = Release::sign(&text(), "second.example", &other).unwrap();
        let both = format!("{note}{}\n", second.trim_end().rsplit_once('\n').unwrap().1);
        assert!(Release::open(&both, &signer).is_ok());
        assert!(Release::open(&both, &LogKey { origin: "second.example".into(), key: other.verifying_key() }).is_ok());
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(Release::open(&changed, &signer).is_err(), "byte {at}");
            }
        }
        for cut in 0..note.len() {
            assert!(note.get(..cut).is_none_or(|part| Release::open(part, &signer).is_err()), "{cut} bytes");
        }
    }

    #[test]
    fn what_is_no_release_is_told() {
        for (from, to) in [
            (FORMAT, "selge-release/2"),
            ("\"index.html\"", "\"other.html\""),
            ("a/abc/main.js", "../main.js"),
            ("a/abc/main.js", "/main.js"),
            ("a/abc/main.js", "a//main.js"),
            ("a/abc/main.js", "a/.main.js"),
            ("a/abc/main.js", "a/m in.js"),
            ("\"version\"", "\"versions\""),
        ] {
            assert!(Release::parse(&text().replacen(from, to, 1)).is_err(), "{from} → {to}");
        }
        let path = |n: usize| Release::parse(&text().replacen("a/abc/main.js", &"p".repeat(n), 1));
        assert!(path(MAX_PATH).is_ok() && matches!(path(MAX_PATH + 1), Err(ReleaseError::Path(_))));
        let padded = |n: usize| format!("{}{}", text(), " ".repeat(n - text().len()));
        assert!(Release::parse(&padded(MAX_RELEASE)).is_ok());
        assert!(matches!(Release::parse(&padded(MAX_RELEASE + 1)), Err(ReleaseError::Long(_))));
        let nobody = LogKey { origin: "example.org".into(), key: SigningKey::from_seed([1; 32]).verifying_key() };
        for (n, long) in [(MAX_RELEASE, false), (MAX_RELEASE + 1, true)] {
            let error = Release::open(&padded(n), &nobody).unwrap_err();
            assert_eq!(matches!(error, ReleaseError::Long(_)), long, "{error}");
        }
        assert!(Release::parse("").is_err());
        let key = SigningKey::generate(&mut OsRng);
        assert!(matches!(Release::sign("{}\n", "example.org", &key), Err(ReleaseError::Malformed(_))));
        assert!(matches!(Release::sign(&text(), "two words", &key), Err(ReleaseError::Note(_))));
        assert!(matches!(Release::sign(text().trim_end(), "example.org", &key), Err(ReleaseError::Note(_))));
    }
}
