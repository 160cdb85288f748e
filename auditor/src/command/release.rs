//! `auditor release check`: whether a voting page, served or in a folder, is one that somebody has signed.

use super::key::read;
use crate::mirror::fetch::{shown, FetchError, Web, WebArgs};
use crate::Ending;
use selge_auditor::release::{Comparison, Found, Release, MAX_FILE, MAX_RELEASE, NOTE};
use selge_auditor::{FolderSource, RecordSource};
use selge_core::ids::Digest;
use selge_core::note::LogKey;
use std::collections::BTreeMap;
use std::path::PathBuf;

const HELP: &str =
    "What is believed is the key that you give. A server can give others another page than you: check from several \
places, and compare the version that the page shows under “How do I know?” with the one printed here.

Exit statuses:
  0  HOLDS: every file is the one that was signed
  1  it does not
  2  something cannot be reached or read
  3  wrong usage";

#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// The page: its address, as `https://vote.example.org`, or a folder.
    place: String,
    /// The public key of whoever signs releases, as `name+id+base64`, from a source that you trust.
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// The signed release [default: the page's own release.note].
    #[arg(long, value_name = "FILE")]
    note: Option<PathBuf>,
    #[command(flatten)]
    web: WebArgs,
}

/// Where a page is.
enum Place {
    Web(Box<Web>),
    Folder(FolderSource),
}

/// How it ended without a verdict, and why.
struct Stop(Ending, String);

impl From<FetchError> for Stop {
    fn from(error: FetchError) -> Self {
        Stop(Ending::Undecided, error.to_string())
    }
}

pub(crate) fn run(args: &Args) -> Ending {
    let answer = check(args).unwrap_or_else(|Stop(ending, words)| {
        eprintln!("error: {words}");
        (String::new(), ending)
    });
    match super::print(&answer.0) {
        Ok(()) => answer.1,
        Err(error) => {
            eprintln!("error: the answer cannot be printed: {error}");
            Ending::Undecided
        }
    }
}

fn check(args: &Args) -> Result<(String, Ending), Stop> {
    let usage = |words: String| Stop(Ending::Usage, words);
    let key = LogKey::from_vkey(args.key.trim()).map_err(|error| usage(format!("--key: {error}")))?;
    let place = if args.place.contains("://") {
        Place::Web(Box::new(Web::new(&args.place, &args.web).map_err(|error| usage(format!("{error:#}")))?))
    } else {
        Place::Folder(FolderSource::new(&args.place))
    };
    let note = match &args.note {
        Some(path) => read(path, MAX_RELEASE).map_err(usage)?,
        None => place.get(NOTE, MAX_RELEASE as u64)?.ok_or_else(|| {
            Stop(Ending::Undecided, format!("{} has no {NOTE}: give the signed release with --note", args.place))
        })?,
    };
    let opened = std::str::from_utf8(&note).map_err(|_| "it is no text".to_owned());
    let opened = opened.and_then(|text| Release::open(text, &key).map_err(|error| error.to_string()));
    let (release, _) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            let text = format!("DOES NOT HOLD: the release cannot be believed: {}\n", shown(&error));
            return Ok((text, Ending::Fails));
        }
    };
    let found = place.digests(&release)?;
    let compared = release.compare(&found);
    let ending = if compared.holds() { Ending::Holds } else { Ending::Fails };
    Ok((say(&release, &key, &compared), ending))
}

impl Place {
    /// A file of at most `max` bytes; `None` if there is none.
    fn get(&self, path: &str, max: u64) -> Result<Option<Vec<u8>>, Stop> {
        match self {
            Place::Web(web) => match web.get(path, max) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(FetchError::Missing(_)) => Ok(None),
                Err(error) => Err(error.into()),
            },
            Place::Folder(folder) => match folder.read(path, max) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(selge_auditor::SourceError::Missing) => Ok(None),
                Err(error) => Err(Stop(Ending::Undecided, format!("{path}: {error}"))),
            },
        }
    }

    /// Digests of what is there: of a folder all of it, of a server what the release names.
    fn digests(&self, release: &Release) -> Result<BTreeMap<String, Digest>, Stop> {
        let paths: Vec<String> = match self {
            Place::Web(_) => release.files.keys().cloned().collect(),
            Place::Folder(folder) => {
                let listing = folder.list().map_err(|error| Stop(Ending::Undecided, error.to_string()))?;
                if let Some((path, what)) = listing.odd.first() {
                    return Err(Stop(Ending::Undecided, format!("{}: {what}", shown(path))));
                }
                listing.files.into_iter().collect()
            }
        };
        let mut found = BTreeMap::new();
        for path in paths {
            // A browser is given the beginning of the page at the address itself.
            let at = if path == "index.html" && matches!(self, Place::Web(_)) { "" } else { path.as_str() };
            match self.get(at, MAX_FILE) {
                Ok(Some(bytes)) => {
                    found.insert(path, Digest::of(&bytes));
                }
                Ok(None) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(found)
    }
}

fn say(release: &Release, key: &LogKey, compared: &Comparison) -> String {
    let mut text = format!("release {} signed by {}\n", shown(&release.version), key.origin);
    for (path, found) in &compared.files {
        let signed = release.files.get(path).or_else(|| release.copies.get(path)).map(Digest::to_string);
        match found {
            Found::Same => {}
            Found::Other(digest) => {
                text += &format!("OTHER    {path}: SHA-256 {digest}, signed was {}\n", signed.unwrap_or_default());
            }
            Found::Missing => text += &format!("MISSING  {path}\n"),
        }
    }
    for path in &compared.foreign {
        text += &format!("FOREIGN  {}: not in the release\n", shown(path));
    }
    let same = compared.files.values().filter(|found| **found == Found::Same).count();
    let (all, copies) = (release.files.len(), compared.files.len() - release.files.len());
    text + &if compared.holds() {
        format!("HOLDS: all {all} files, and {copies} compressed copies, are those that were signed.\n")
    } else {
        format!(
            "DOES NOT HOLD: {same} of {} files are those that were signed. Do not vote on this page; tell the election commission, \
             and keep what you have fetched.\n",
            all + copies + compared.foreign.len()
        )
    }
}
