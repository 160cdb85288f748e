//! What a person sees of long work, on standard error.

use indicatif::{ProgressBar, ProgressStyle};
use selge_auditor::Watcher;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A bar on a terminal, a line now and then elsewhere; both say how long the phase will still take.
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
    began: Instant,
    said: Instant,
}

/// Between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(10);

/// How often a bar is drawn anew though nothing is finished: the time goes on.
const TICK: Duration = Duration::from_millis(250);

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

/// What a line says where there is no terminal.
fn line(what: &str, done: u64, total: u64, elapsed: Duration) -> String {
    let percent = if total == 0 { 100 } else { (u128::from(done) * 100 / u128::from(total)).min(100) };
    match left(done, total, elapsed) {
        Some(left) => format!("checking {what}: {percent} %, about {left} left"),
        None => format!("checking {what}: {percent} %"),
    }
}

/// How long the rest takes if it goes on as it went: none before anything is done.
fn left(done: u64, total: u64, elapsed: Duration) -> Option<String> {
    if done == 0 || done >= total {
        return None;
    }
    let seconds = (elapsed.as_secs_f64() / done as f64 * (total - done) as f64).ceil();
    Some(match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 90.0 * 60.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    })
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
            let style =
                ProgressStyle::with_template("{msg:32} {bar:30} {percent:>3} %  {elapsed} so far, about {eta} left");
            let bar = ProgressBar::new(total).with_message(what.to_owned());
            bar.enable_steady_tick(TICK);
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        if bar.is_none() {
            eprintln!("checking {what}");
        }
        let now = Instant::now();
        self.with(|step| *step = Some(Step { what: what.to_owned(), total, done: 0, bar, began: now, said: now }));
    }

    fn advance(&self, parts: u64) {
        self.with(|step| {
            let Some(step) = step else { return };
            step.done = step.done.saturating_add(parts);
            match &step.bar {
                Some(bar) => bar.inc(parts),
                None if step.said.elapsed() >= PAUSE => {
                    eprintln!("{}", line(&step.what, step.done, step.total, step.began.elapsed()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_follows_from_what_was_done() {
        let of = |done, total, seconds| line("mixes", done, total, Duration::from_secs(seconds));
        assert_eq!(of(0, 100, 10), "checking mixes: 0 %");
        assert_eq!(of(25, 100, 10), "checking mixes: 25 %, about 30 s left");
        assert_eq!(of(1, 100, 10), "checking mixes: 1 %, about 16 min left");
        assert_eq!(of(1, 1001, 10), "checking mixes: 0 %, about 2.8 h left");
        assert_eq!(of(100, 100, 10), "checking mixes: 100 %");
        assert_eq!(of(0, 0, 10), "checking mixes: 100 %");
        assert_eq!(of(u64::MAX, 1, 1), "checking mixes: 100 %");
    }
}
