//! Messages between the page and this module: `u32` length of a JSON document, big-endian, the document, then bytes.
//!
//! In an answer the document's `blobs` says how long each piece of these bytes is.

use selge_core::ids::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the page asks.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Ask {
    /// Begins an audit of these files, with so many workers; answers as [`Ask::Step`].
    Audit { election: Option<String>, workers: usize, files: Vec<String> },
    /// Lets the audit go on: tasks for workers (`orders` with their numbers, and a blob each; before the first, with `set_up`,
    /// a blob for every worker), whether it waits for answers (`again` is false), or the report (a blob of JSON).
    Step,
    /// Brings a task's answer; answers as [`Ask::Step`].
    Answer { number: u32 },
    /// Says that a task's worker has ended; answers as [`Ask::Step`].
    Lost { number: u32, why: String },
    /// Makes this instance a worker.
    SetUp,
    /// Runs a task; the answer is a blob.
    Run,
    /// The `bundles` (path and width) and `tiles` of the tree that a checkpoint is of.
    Tree,
    /// The `files` that a bundle's entries name.
    Named { width: u64 },
    /// The `digest` (SHA-256) of bytes.
    Digest,
    /// Whether this is the public key of a release; the path of the `note` to try it on, and its `most` bytes.
    Signer { key: String },
    /// Opens a signed release (the blob) with a key and compares it with digests of files by path: `signer`, `version`, whether it
    /// `holds`, how many compressed `copies` there are, the `files` (`path`, `signed`, `found` and `digest`) and `most` bytes of each.
    Release { key: String, found: BTreeMap<String, Digest> },
    /// A `text` of the page.
    Say {
        language: String,
        key: String,
        #[serde(default)]
        numbers: BTreeMap<String, u64>,
        #[serde(default)]
        texts: BTreeMap<String, String>,
    },
    /// A report as HTML: as a page's content, or `whole`, as a page by itself.
    Report { language: String, whole: bool },
}

/// What the page gets.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) fields: Map<String, Value>,
    pub(crate) blobs: Vec<Vec<u8>>,
}

/// Something that a person can do something about: `name` has words on the page.
#[derive(Serialize)]
struct Problem<'a> {
    name: &'a str,
    detail: String,
}

impl Answer {
    pub(crate) fn with(mut self, field: &str, value: impl Serialize) -> Self {
        // These types have no map keys but text, and no other way to fail.
        self.fields.insert(field.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    pub(crate) fn blob(mut self, bytes: Vec<u8>) -> Self {
        self.blobs.push(bytes);
        self
    }

    pub(crate) fn problem(name: &str, detail: impl ToString) -> Self {
        Answer::default().with("problem", Problem { name, detail: detail.to_string() })
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let Answer { mut fields, blobs } = self;
        fields.insert("blobs".to_owned(), blobs.iter().map(Vec::len).collect());
        let document = serde_json::to_vec(&fields).unwrap_or_default();
        let mut bytes = u32::try_from(document.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
        bytes.extend_from_slice(&document);
        blobs.iter().for_each(|blob| bytes.extend_from_slice(blob));
        bytes
    }
}

/// A message's document and the bytes behind it.
pub(crate) fn read(message: &[u8]) -> Result<(Ask, &[u8]), String> {
    let (length, rest) = message.split_first_chunk().ok_or("a message without a length")?;
    let length = u32::from_be_bytes(*length) as usize;
    let (document, blob) = rest.split_at_checked(length).ok_or("a message that is cut off")?;
    let ask = serde_json::from_slice(document).map_err(|error| format!("a message that cannot be read: {error}"))?;
    Ok((ask, blob))
}
