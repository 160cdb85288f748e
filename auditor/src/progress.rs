//! What a person sees of long work, on standard error.

use indicatif::{ProgressBar, ProgressStyle};
use selge_auditor::Watcher;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A bar on a terminal, a line now and then elsewhere.
pub(crate) struct Progress {
    start: Instant,
    quiet: bool,
    step: Mutex<Option<Step>>,
}

struct Step {
    what: String,
    total: u64,
    done: u64,
    bar: Option<ProgressBar>,
    said: Instant,
}

/// Between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(10);

impl Progress {
    /// Shows nothing if `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        Progress { start: Instant::now(), quiet, step: Mutex::new(None) }
    }

    fn with(&self, act: impl FnOnce(&mut Option<Step>)) {
        // A step is plain data: it is usable whatever happened to the thread that held it.
        act(&mut self.step.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Watcher for Progress {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn begin(&self, what: &str, total: u64) {
        if self.quiet {
            return;
        }
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg:32} {bar:30} {human_pos} of {human_len}  {eta}");
            let bar = ProgressBar::new(total).with_message(what.to_owned());
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        if bar.is_none() {
            eprintln!("checking {what}: {total}");
        }
        self.with(|step| *step = Some(Step { what: what.to_owned(), total, done: 0, bar, said: Instant::now() }));
    }

    fn advance(&self, parts: u64) {
        self.with(|step| {
            let Some(step) = step else { return };
            step.done = step.done.saturating_add(parts);
            match &step.bar {
                Some(bar) => bar.inc(parts),
                None if step.said.elapsed() >= PAUSE => {
                    eprintln!("checking {}: {} of {}", step.what, step.done, step.total);
                    step.said = Instant::now();
                }
                None => {}
            }
        });
    }

    fn end(&self) {
        self.with(|step| {
            if let Some(bar) = step.take().and_then(|s| s.bar) {
                bar.finish_and_clear();
            }
        });
    }
}
