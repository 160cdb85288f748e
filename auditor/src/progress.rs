//! What a person sees of long work, on standard error.

use console::Term;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use selge_auditor::Watcher;
use std::fmt::Write;
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

/// One line on a terminal so wide, also if the window becomes narrower: what is not as wide as it is yields.
fn style(columns: u16) -> ProgressStyle {
    let template = match columns {
        0..40 => "{percent:>3} % {wide_msg}",
        40..76 => "{bar:10} {percent:>3} %  {left:11} {wide_msg}",
        _ => "{msg:27} {wide_bar} {percent:>3} %  {elapsed:>4}{left:19}",
    };
    let about = if columns < 76 { "" } else { ", about " };
    // The bar's own estimate begins with 0 seconds.
    let estimate = move |state: &ProgressState, out: &mut dyn Write| {
        if let Some(left) = left(state.pos(), state.len().unwrap_or_default(), state.elapsed()) {
            // A line in memory, which takes all that is written to it.
            let _ = write!(out, "{about}{left} left");
        }
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("left", estimate)
        .progress_chars("##-")
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
        let (_, columns) = Term::stderr().size();
        let bar = ProgressBar::new(total).with_message(what.to_owned()).with_style(style(columns));
        // Also where a terminal can only write one line after the other (`TERM=dumb`).
        let bar = (!bar.is_hidden()).then_some(bar);
        if let Some(bar) = &bar {
            bar.enable_steady_tick(TICK);
        }
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
    use indicatif::{ProgressDrawTarget, TermLike};
    use std::io::Result;
    use std::sync::Arc;

    /// A terminal of so many columns that keeps what is written to it.
    #[derive(Clone, Debug)]
    struct Screen(u16, Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            self.0
        }

        fn move_cursor_up(&self, _lines: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _lines: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _columns: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _columns: usize) -> Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> Result<()> {
            self.1.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> Result<()> {
            self.1.lock().unwrap().clear();
            Ok(())
        }

        fn flush(&self) -> Result<()> {
            Ok(())
        }
    }

    /// The line of a bar at 4 of 10 in a window that had so many columns at first, and so many now.
    fn drawn(first: u16, now: u16) -> String {
        let screen = Screen(now, Arc::default());
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let bar = ProgressBar::with_draw_target(Some(10), target).with_message(LONGEST).with_style(style(first));
        bar.set_position(4);
        bar.force_draw();
        let line = screen.1.lock().unwrap().clone();
        line
    }

    /// The longest of what phases are called.
    const LONGEST: &str = "entries and ballots' proofs";

    #[test]
    fn a_bar_is_one_line_on_every_terminal() {
        for columns in 10..200 {
            let line = drawn(columns, columns);
            assert!(line.trim_end().chars().count() <= columns.into(), "{columns} columns: {line:?}");
            assert!(line.contains("40 %"), "{columns} columns: {line:?}");
        }
        assert!(drawn(80, 80).contains(LONGEST) && drawn(80, 80).contains(" left"), "{:?}", drawn(80, 80));
        assert!(drawn(40, 40).contains("entries") && drawn(40, 40).contains(" left"), "{:?}", drawn(40, 40));
        assert!(drawn(80, 76).trim_end().chars().count() <= 76);
    }

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
