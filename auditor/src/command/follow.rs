//! `auditor follow`: a verified copy of a board that somebody else serves.

use super::key::KeyArgs;
use crate::mirror::fetch::{FetchError, Web, WebArgs};
use crate::mirror::{first_use, pin, Folder, Mirror, Trouble, Update};
use crate::progress::Progress;
use crate::Ending;
use selge_core::note::LogKey;
use std::path::PathBuf;
use std::time::Duration;

/// Wait after the first failure; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Failures in a row after which `--once` gives up.
const TRIES: u32 = 5;

const HELP: &str = "The folder holds the copy in `record/`, which `auditor verify` reads. It can be killed at any moment \
and started again with the same command: it checks its own files anew and goes on. `auditor verify URL` checks a whole election \
in one go.

Exit statuses:
  0  ended as asked, the copy holds
  1  what the server shows contradicts what was signed (with --once; otherwise it tries again and again)
  2  the server cannot be reached, or shows only an older state (with --once), or this disk cannot be used
  3  wrong usage
  4  FORK: the board contradicts itself; the evidence is in the folder, as evidence-N.json";

#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Where the board is served: the address of which `/checkpoint` is a part.
    url: String,
    /// The folder for the copy and for evidence.
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
    /// Believe the server, this first time, whose board it is, and hold it to that from then on. Compare the key and the
    /// election id that are printed with what the commission has published.
    #[arg(long, conflicts_with_all = ["manifest", "log_key"])]
    trust_first_use: bool,
    /// End once the copy is up to date.
    #[arg(long)]
    once: bool,
    /// End once the commission has closed the voting and the copy holds all ballots.
    #[arg(long)]
    until_closed: bool,
    /// End once the result is published and the copy is complete.
    #[arg(long)]
    until_finished: bool,
    /// Seconds between two looks at the board.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: u64,
    #[command(flatten)]
    web: WebArgs,
    /// Say only what is wrong.
    #[arg(long)]
    quiet: bool,
}

impl Args {
    fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }
}

pub(crate) fn run(args: &Args) -> Ending {
    let opened = args.key.log().and_then(|given| {
        let web = Web::new(&args.url, &args.web).map_err(|error| format!("{error:#}"))?;
        Ok((given, web))
    });
    let (given, web) = match opened {
        Ok(opened) => opened,
        Err(words) => {
            eprintln!("error: {words}");
            return Ending::Usage;
        }
    };
    let folder = match Folder::open(&args.into) {
        Ok(folder) => folder,
        Err(trouble) => {
            eprintln!("error: {trouble}");
            return Ending::Undecided;
        }
    };
    let log = match key(args, &web, &folder, given) {
        Ok(log) => log,
        Err(Trouble::Fetch(FetchError::Stopped)) => return Ending::Holds,
        Err(trouble) => return super::ending(&trouble, &folder),
    };
    let progress = Progress::new(args.quiet);
    let mut mirror = match Mirror::open(&web, folder, log, &progress) {
        Ok(mirror) => mirror,
        Err(trouble) => {
            eprintln!("error: {trouble}");
            return if matches!(trouble, Trouble::Usage(_)) { Ending::Usage } else { Ending::Undecided };
        }
    };
    match follow(args, &web, &mut mirror) {
        Ok(ending) => ending,
        Err(Trouble::Fetch(FetchError::Stopped)) => {
            match mirror.have() {
                Some(have) => args.say(&format!("stopped; the copy holds {} entries, all checked", have.size)),
                None => args.say("stopped; nothing has been checked since this start: the same command goes on"),
            }
            Ending::Holds
        }
        Err(trouble) => super::ending(&trouble, mirror.folder()),
    }
}

/// The key to hold the server to.
fn key(args: &Args, web: &Web, folder: &Folder, given: Option<LogKey>) -> Result<LogKey, Trouble> {
    if let Some(log) = pin(folder, given)? {
        return Ok(log);
    }
    if !args.trust_first_use {
        return Err(Trouble::Usage(
            "whose board is it? Give --manifest or --log-key, from a source that you trust; or --trust-first-use, to \
             believe the server this first time"
                .into(),
        ));
    }
    let manifest = retry(args, web, || first_use(web, None))?;
    eprintln!(
        "trusting the server, this first time, that its board is:\n  election {} ({:?})\n  log key  {}\n\
         Compare them with what the election commission has published.",
        manifest.id(),
        manifest.document().title,
        manifest.log_key().vkey()
    );
    pin(folder, Some(manifest.log_key()))?.ok_or_else(|| Trouble::Disk("the key cannot be kept".into()))
}

/// Tries until it works; a few times only with `--once`. A fork, a full disk and an interrupt end it at once.
fn retry<T>(args: &Args, web: &Web, mut job: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let (mut wait, mut failures) = (FIRST_WAIT, 0);
    loop {
        let trouble = match job() {
            Ok(done) => {
                if failures > 0 {
                    args.say("the server answers again");
                }
                return Ok(done);
            }
            Err(Trouble::Fetch(error)) if !error.is_of_server() => return Err(error.into()),
            Err(trouble @ (Trouble::Fetch(_) | Trouble::Bad(_))) => trouble,
            Err(trouble) => return Err(trouble),
        };
        failures += 1;
        if args.once && failures == TRIES {
            return Err(trouble);
        }
        // What contradicts a signature is said every time, what is only absent once.
        if failures == 1 || matches!(trouble, Trouble::Bad(_)) {
            eprintln!("warning: {trouble}; trying again");
        }
        web.pause(wait)?;
        wait = (2 * wait).min(LONGEST_WAIT);
    }
}

fn follow(args: &Args, web: &Web, mirror: &mut Mirror<'_>) -> Result<Ending, Trouble> {
    if let Some(seen) = mirror.seen() {
        args.say(&format!("going on from {} entries, checking the copy", seen.size));
    }
    let (mut older, mut waiting) = (None, false);
    loop {
        let update = retry(args, web, || mirror.update())?;
        match update {
            Update::Grown(new) => {
                older = None;
                args.say(&grown(mirror, new));
            }
            Update::Same => older = None,
            Update::Older(size) if older != Some(size) => {
                older = Some(size);
                let seen = mirror.seen().map_or(0, |seen| seen.size);
                eprintln!(
                    "warning: the server shows {size} entries, after {seen} had been signed. They are the beginning of the \
                     same board, so nothing is proven: it may be a cache, or a store restored from an old backup. If it \
                     goes on from there with other entries, that is a fork and will be reported."
                );
            }
            Update::Older(_) => {}
        }
        let facts = &mirror.facts;
        let finished = args.until_finished && facts.finished();
        // A record is complete with the witnesses' cosignatures, which come a little later.
        if finished && !mirror.witnessed() && !std::mem::replace(&mut waiting, true) {
            args.say("the result is published; waiting for the witnesses that the manifest demands");
        }
        let reached = (args.until_closed && facts.closed()) || (finished && mirror.witnessed());
        if reached {
            args.say(if facts.finished() {
                "the result is published, the copy is complete: check it with `auditor verify` on the folder's record/"
            } else {
                "the commission has closed the voting; the copy holds all ballots"
            });
            return Ok(Ending::Holds);
        }
        if args.once {
            return Ok(if matches!(update, Update::Older(_)) { Ending::Undecided } else { Ending::Holds });
        }
        web.pause(Duration::from_secs(args.interval)).map_err(Trouble::from)?;
    }
}

fn grown(mirror: &Mirror<'_>, new: u64) -> String {
    let (facts, Some(have)) = (&mirror.facts, mirror.have()) else { return String::new() };
    let entries = if new == 1 { "entry" } else { "entries" };
    let mut text = format!("{new} new {entries}, {} in all, {} of them ballots; ", have.size, facts.ballots);
    text += if new == have.size { "all checked" } else { "they continue what was there" };
    if facts.malformed > 0 {
        let are = if facts.malformed == 1 { "entry is" } else { "entries are" };
        text += &format!("; {} {are} malformed: the board does not hold, see `auditor verify`", facts.malformed);
    }
    if facts.manifest().is_none() {
        text += "; it does not begin with a manifest: this is no board of an election";
    }
    text
}
