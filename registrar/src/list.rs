//! The list of voters, as CSV or JSON, with every problem found in one pass: whoever corrects a list of a million lines
//! wants to do so once.

use crate::list::problems::Problems;
use anyhow::{bail, Context, Result};
use selge_core::ids::VoterId;
use selge_core::manifest::Manifest;
use selge_core::roll::{Roll, RollEntry, MAX_VOTERS};
use selge_core::sign::VerifyingKey;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::path::Path;

mod problems;
#[cfg(test)]
mod tests;

/// Longest list that is read: a few hundred bytes for each voter of the largest roll.
const MAX_FILE: u64 = 16 << 30;

/// The columns of CSV and the fields of JSON.
const COLUMNS: [&str; 3] = ["voter_id", "public_key", "ballot_style"];

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A header line and one line per voter.
    Csv,
    /// An array of objects.
    Json,
}

/// Reads a list; its name must end in `.csv` or `.json`.
///
/// # Errors
/// Naming every bad line, with its number and what is wrong with it.
pub fn read(path: &Path, manifest: &Manifest) -> Result<Roll> {
    let shown = path.display();
    let format = match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => Format::Csv,
        Some("json") => Format::Json,
        _ => bail!("{shown}: the name of a list of voters must end in .csv or .json"),
    };
    let length = std::fs::metadata(path).with_context(|| format!("cannot read the list of voters {shown}"))?.len();
    if length > MAX_FILE {
        bail!("{shown} has {length} bytes, at most {MAX_FILE} are read");
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the list of voters {shown}"))?;
    parse(&bytes, format, manifest).with_context(|| format!("{shown} is not usable; no roll was written"))
}

/// Reads a list from memory.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8], format: Format, manifest: &Manifest) -> Result<Roll> {
    // Spreadsheets write a byte order mark before the header.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut list = List::new(manifest);
    match format {
        Format::Csv => list.csv(bytes)?,
        Format::Json => list.json(bytes)?,
    }
    list.roll()
}

/// One voter as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with voter_id, public_key and ballot_style")]
struct Row<'a> {
    #[serde(borrow)]
    voter_id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    public_key: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    ballot_style: std::borrow::Cow<'a, str>,
}

struct List<'a> {
    manifest: &'a Manifest,
    entries: Vec<RollEntry>,
    voters: HashMap<VoterId, u64>,
    keys: HashMap<VerifyingKey, u64>,
    problems: Problems,
}

impl<'a> List<'a> {
    fn new(manifest: &'a Manifest) -> Self {
        List {
            manifest,
            entries: Vec::new(),
            voters: HashMap::new(),
            keys: HashMap::new(),
            problems: Problems::default(),
        }
    }

    fn csv(&mut self, bytes: &[u8]) -> Result<()> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(true).flexible(true).trim(csv::Trim::All).from_reader(bytes);
        let header = reader.headers().context("line 1: the header cannot be read")?.clone();
        let order = columns(&header)?;
        let mut record = csv::ByteRecord::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(error).context("the file cannot be read as CSV"),
            }
            let line = record.position().map_or(0, csv::Position::line);
            if record.len() != COLUMNS.len() {
                let found = record.len();
                self.problems.add(line, format!("{found} values, the header names {}", COLUMNS.len()));
                continue;
            }
            let fields = order.map(|at| record.get(at).and_then(|field| std::str::from_utf8(field).ok()));
            match fields {
                [Some(voter), Some(key), Some(style)] => self.voter(line, voter, key, style),
                _ => self.problems.add(line, "a value is not UTF-8 text"),
            }
        }
    }

    fn json(&mut self, bytes: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(bytes).context("the file is not UTF-8 text")?;
        let rows: Vec<&RawValue> = serde_json::from_str(text).context("the file is not a JSON array of voters")?;
        let (mut line, mut seen) = (1, 0);
        for raw in rows {
            // The raw value is a slice of the text, so its distance from the start tells its line.
            let start = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            let before = text.get(seen..start).unwrap_or_default();
            line += before.bytes().filter(|b| *b == b'\n').count() as u64;
            seen = start;
            match serde_json::from_str::<Row<'_>>(raw.get()) {
                Ok(row) => self.voter(line, row.voter_id.trim(), row.public_key.trim(), row.ballot_style.trim()),
                // serde_json counts lines from the object's start, which would contradict ours.
                Err(error) => {
                    let error = error.to_string();
                    self.problems.add(line, error.split(" at line ").next().unwrap_or(&error));
                }
            }
        }
        Ok(())
    }

    fn voter(&mut self, line: u64, voter: &str, key: &str, style: &str) {
        let mut good = true;
        let voter = match VoterId::from_hex(voter) {
            Ok(id) => Some(id),
            Err(error) => {
                self.problems.add(line, format!("voter_id {voter:?}: {error}"));
                None
            }
        };
        let key = match key.parse::<VerifyingKey>() {
            Ok(key) => Some(key),
            Err(error) => {
                self.problems.add(line, format!("public_key {key:?}: {error}"));
                None
            }
        };
        let index = self.manifest.style_index(style);
        if index.is_none() {
            let ids: Vec<_> = self.manifest.document().ballot_styles.iter().take(10).map(|s| s.id.as_str()).collect();
            self.problems
                .add(line, format!("ballot_style {style:?} is not in the manifest, which has {}", ids.join(", ")));
        }
        if let Some(first) = voter.and_then(|id| insert(&mut self.voters, id, line)) {
            self.problems.add(line, format!("the same voter_id stands in line {first}"));
            good = false;
        }
        if let Some(first) = key.and_then(|key| insert(&mut self.keys, key, line)) {
            self.problems.add(line, format!("the same public_key stands in line {first}: its holder could vote twice"));
            good = false;
        }
        if let (Some(voter), Some(key), Some(style), true) = (voter, key, index, good) {
            self.entries.push(RollEntry { voter, key, style });
        }
    }

    fn roll(self) -> Result<Roll> {
        self.problems.into_result()?;
        if self.entries.is_empty() {
            bail!("the list names no voters");
        }
        if self.entries.len() > MAX_VOTERS {
            bail!("the list names {} voters, a roll holds at most {MAX_VOTERS}", self.entries.len());
        }
        Ok(Roll::new(self.entries)?)
    }
}

/// Remembers where a value stands; returns the line where it stood before.
fn insert<K: std::hash::Hash + Eq>(seen: &mut HashMap<K, u64>, value: K, line: u64) -> Option<u64> {
    use std::collections::hash_map::Entry;
    match seen.entry(value) {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(place) => {
            place.insert(line);
            None
        }
    }
}

/// Where each of [`COLUMNS`] stands in the header, which must name these alone: a list with names or addresses in it
/// has no business at the board.
fn columns(header: &csv::StringRecord) -> Result<[usize; 3]> {
    let expected = COLUMNS.join(",");
    let extra: Vec<_> = header.iter().filter(|name| !COLUMNS.contains(name)).collect();
    if !extra.is_empty() {
        bail!(
            "line 1: the header must be {expected} and has {} besides: leave out every other column, since personal \
             data does not belong on the public roll",
            extra.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
        );
    }
    let mut order = [0; 3];
    for (place, name) in order.iter_mut().zip(COLUMNS) {
        let mut at = header.iter().enumerate().filter(|(_, found)| *found == name).map(|(at, _)| at);
        *place = match (at.next(), at.next()) {
            (Some(at), None) => at,
            (None, _) => bail!("line 1: the header must be {expected}, and {name} is missing"),
            (Some(_), Some(_)) => bail!("line 1: the header must be {expected}, and {name} stands twice"),
        };
    }
    Ok(order)
}
