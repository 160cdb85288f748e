//! `auditor verify`: the checks of a record in a folder, or fetched from an address into one.

use crate::mirror::fetch::{Web, WebArgs};
use crate::mirror::{first_use, pin, Folder, Mirror, Trouble, Update};
use crate::progress::Progress;
use crate::Ending;
use selge_auditor::export::{Audited, Export};
use selge_auditor::page::{self, Language};
use selge_auditor::{render, verify_part, FolderSource, Part, Report, Scope, Verdict};
use selge_core::ids::ElectionId;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EXIT_STATUSES: &str = "Exit statuses:
  0  all checks ran and passed
  1  a check failed, or what the address shows contradicts its signed checkpoint
  2  INCOMPLETE: nothing failed, but the record is incomplete, a check could not run, or --only or --contest left
     something out; never 0 then
  3  wrong usage
  4  the board at the address contradicts what was fetched into the folder before: the evidence is in the folder";

/// Tries at an address before giving up.
const TRIES: u32 = 5;

#[derive(clap::Args)]
#[command(after_help = EXIT_STATUSES)]
pub(crate) struct Args {
    /// The folder of the record (with `checkpoint`, `tile/` and `files/`), or the address, http:// or https://, where it
    /// is served: by the collector or by any web server.
    #[arg(value_name = "FOLDER or URL")]
    path: String,

    /// Print the report as JSON instead of text.
    #[arg(long)]
    json: bool,

    /// Also write the report as a page for people, which needs nothing else and can be printed; an existing file is
    /// replaced.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Language of the page: en, et, ru or ar.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: Language,

    /// Also write the result and the decrypted votes as tables (CSV) and in NIST's formats (JSON) into this folder, which must be new or
    /// empty. Only a record that has PASSED is exported.
    #[arg(long, value_name = "FOLDER")]
    export: Option<PathBuf>,

    /// The election id that the commission published: 64 hexadecimal digits. Without it the report shows the
    /// record's own id, and comparing it is left to you.
    #[arg(long, value_name = "ID")]
    election: Option<ElectionId>,

    /// Check these parts alone, several separated by commas: file, election, board, entry, ceremony, voters, period, cast,
    /// mix, decrypt or outcome, after the checks' ids. The board is followed from its first entry to its last all the same, and
    /// what is wrong on the way is told. What is left out is reported as skipped, and the verdict is INCOMPLETE.
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,

    /// Check the mixes, decryptions and votes of this contest alone, by its id in the manifest; may be given several times.
    /// The verdict is INCOMPLETE, as with --only.
    #[arg(long, value_name = "ID")]
    contest: Vec<String>,

    /// For an address: keep what is fetched in this folder, below `record/`, and go on there if it was interrupted
    /// [default: a temporary folder].
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,

    #[command(flatten)]
    web: WebArgs,

    /// Show no progress on standard error.
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: Args) -> Ending {
    if let Some(problem) = args.export.as_deref().and_then(unfit) {
        eprintln!("error: {problem}");
        return Ending::Usage;
    }
    let is_address = args.path.starts_with("http://") || args.path.starts_with("https://");
    if is_address {
        return fetched(&args);
    }
    if args.into.is_some() || args.web.ca.is_some() {
        eprintln!("error: --into and --ca are for a record at an address; {:?} is none", args.path);
        return Ending::Usage;
    }
    let path = Path::new(&args.path);
    if !path.is_dir() {
        eprintln!("error: {} is not a folder: give the folder of an election record, or its address", path.display());
        return Ending::Usage;
    }
    let found = |name| path.join(name).exists();
    if !args.json && !found("checkpoint") && !found("tile") {
        eprintln!(
            "error: {} holds no election record: it has neither `checkpoint` nor `tile/`; {}",
            path.display(),
            if found("record") { "did you mean the folder `record` in it?" } else { "give the folder that holds them" }
        );
        return Ending::Undecided;
    }
    check(&args, path)
}

fn language(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| {
        let tags: Vec<_> = Language::ALL.into_iter().map(Language::tag).collect();
        format!("there is no page in this language: choose one of {}", tags.join(", "))
    })
}

fn check(args: &Args, path: &Path) -> Ending {
    let scope = Scope::new(args.only.iter().copied(), args.contest.iter().cloned());
    let report = verify_part(&FolderSource::new(path), args.election, &scope, &Progress::new(args.quiet));
    if let Some(problem) = unknown_contest(&args.contest, &report) {
        eprintln!("error: {problem}");
        return Ending::Usage;
    }
    let mut exported = true;
    if let Some(file) = &args.html {
        if let Err(error) = std::fs::write(file, page::render(&report, args.language)) {
            eprintln!("error: the page {} cannot be written: {error}", file.display());
            return Ending::Undecided;
        }
    }
    if let Some(folder) = &args.export {
        if let Err(problem) = export(&report, folder) {
            eprintln!("error: {problem}");
            exported = false;
        }
    }
    let text = if args.json { json(&report) } else { Ok(render(&report)) };
    match (text.and_then(|text| Ok(super::print(&text)?)), report.verdict) {
        (Err(error), _) => {
            eprintln!("error: the report cannot be printed: {error}");
            Ending::Undecided
        }
        (_, Verdict::Passed) if !exported => Ending::Undecided,
        (_, Verdict::Passed) => Ending::Holds,
        (_, Verdict::Failed) => Ending::Fails,
        (_, Verdict::Incomplete) => Ending::Undecided,
    }
}

/// A contest that was asked for and that the manifest does not have.
fn unknown_contest(asked: &[String], report: &Report) -> Option<String> {
    let own: Vec<&str> = report.manifest.as_ref()?.contests.iter().map(|contest| contest.id.as_str()).collect();
    let unknown = asked.iter().find(|id| !own.contains(&id.as_str()))?;
    Some(format!("there is no contest {unknown:?} in this election: it has {}", own.join(", ")))
}

/// Writes all exports into a folder.
fn export(report: &Report, folder: &Path) -> Result<(), String> {
    let audited = Audited::new(report, std::time::SystemTime::now().into()).map_err(|error| error.to_string())?;
    let named = |path: &Path, error: std::io::Error| format!("{} cannot be written: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| named(folder, error))?;
    for export in Export::ALL {
        let path = folder.join(export.file_name());
        let file = std::fs::File::create_new(&path).map_err(|error| named(&path, error))?;
        let mut file = std::io::BufWriter::new(file);
        let written = export.write(&audited, &mut file).and_then(|()| file.flush());
        written.map_err(|error| named(&path, error))?;
    }
    Ok(())
}

/// Why a folder cannot take exports, before a long audit.
fn unfit(folder: &Path) -> Option<String> {
    match std::fs::read_dir(folder).map(|mut inside| inside.next().is_some()) {
        Ok(true) => Some(format!("{} is not empty: name a new folder for --export, or empty it", folder.display())),
        Ok(false) => None,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(format!("{} cannot take exports: {error}", folder.display())),
    }
}

fn json(report: &Report) -> Result<String, Box<dyn std::error::Error>> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// Fetches the record, then checks it.
fn fetched(args: &Args) -> Ending {
    let web = match Web::new(&args.path, &args.web) {
        Ok(web) => web,
        Err(error) => {
            eprintln!("error: {error:#}");
            return Ending::Usage;
        }
    };
    // Removed at the end, together with what was fetched.
    let temporary = match args.into.is_none().then(tempfile::tempdir).transpose() {
        Ok(temporary) => temporary,
        Err(error) => {
            eprintln!("error: cannot make a temporary folder: {error}; give one with --into");
            return Ending::Undecided;
        }
    };
    let Some(root) = args.into.as_deref().or(temporary.as_ref().map(|t| t.path())) else { return Ending::Usage };
    let folder = match Folder::open(root) {
        Ok(folder) => folder,
        Err(trouble) => {
            eprintln!("error: {trouble}");
            return Ending::Undecided;
        }
    };
    if !args.quiet {
        eprintln!("fetching the record from {} into {}", web.base(), folder.record().display());
    }
    let record = folder.record();
    let progress = Progress::new(args.quiet);
    let log =
        match retry(&web, || first_use(&web, args.election.as_ref())).and_then(|m| pin(&folder, Some(m.log_key()))) {
            Ok(Some(log)) => log,
            Ok(None) => return Ending::Undecided,
            Err(trouble) => return super::ending(&trouble, &folder),
        };
    let mut mirror = match Mirror::open(&web, folder, log, &progress) {
        Ok(mirror) => mirror,
        Err(trouble) => {
            eprintln!("error: {trouble}");
            return if matches!(trouble, Trouble::Usage(_)) { Ending::Usage } else { Ending::Undecided };
        }
    };
    match retry(&web, || mirror.update()) {
        Ok(Update::Older(size)) => {
            eprintln!(
                "error: the address shows only {size} entries, fewer than were fetched before: it is out of date"
            );
            Ending::Undecided
        }
        Ok(_) => {
            drop(mirror);
            check(args, &record)
        }
        Err(trouble) => super::ending(&trouble, mirror.folder()),
    }
}

fn retry<T>(web: &Web, mut job: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let mut wait = Duration::from_millis(200);
    for _ in 1..TRIES {
        match job() {
            // Checkpoint and tiles may have been fetched from two states of the server.
            Err(Trouble::Fetch(error)) if error.is_of_server() => eprintln!("warning: {error}; trying again"),
            Err(Trouble::Bad(words)) => eprintln!("warning: {words}; trying again"),
            done => return done,
        }
        web.pause(wait)?;
        wait *= 2;
    }
    job()
}
