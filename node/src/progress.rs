//! What a person sees of a long step, on standard error: a moving line on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The line on the terminal, or the last plain line.
#[derive(Default)]
struct Line {
    bar: Option<ProgressBar>,
    last: String,
}

fn line() -> &'static Mutex<Line> {
    static LINE: OnceLock<Mutex<Line>> = OnceLock::new();
    LINE.get_or_init(Mutex::default)
}

fn with_line(act: impl FnOnce(&mut Line)) {
    // A panic elsewhere while the line was held leaves at worst a stale line.
    act(&mut line().lock().unwrap_or_else(std::sync::PoisonError::into_inner));
}

fn on_terminal() -> bool {
    use std::io::IsTerminal;
    std::io::stderr().is_terminal()
}

fn spin(line: &mut Line, text: String) {
    let bar = line.bar.get_or_insert_with(|| {
        let style =
            ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::new_spinner().with_style(style);
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    });
    bar.set_message(text);
}

/// Says once that something has happened.
pub fn say(text: &str) {
    with_line(|line| {
        if let Some(bar) = line.bar.take() {
            bar.finish_and_clear();
        }
        line.last.clear();
        eprintln!("{text}");
    });
}

/// Says what is waited for, and how long already; elsewhere than on a terminal each thing is said once.
pub fn waiting(text: &str, since: Duration) {
    with_line(|line| {
        if on_terminal() {
            spin(line, format!("waiting for {text} ({} s)", since.as_secs()));
        } else if line.last != text {
            eprintln!("waiting for {text}");
            text.clone_into(&mut line.last);
        }
    });
}

/// A step of work, from [`step`] until it is dropped.
#[derive(Debug)]
pub struct Step {
    text: String,
    start: Instant,
}

/// Says that a step of work begins.
pub fn step(text: impl Into<String>) -> Step {
    let text = text.into();
    with_line(|line| {
        if on_terminal() {
            spin(line, text.clone());
        } else {
            eprintln!("{text}");
            line.last.clear();
        }
    });
    Step { text, start: Instant::now() }
}

impl Step {
    /// Says that the step is done, and how long it took.
    pub fn done(self) {
        say(&format!("{}: done in {:.1} s", self.text, self.start.elapsed().as_secs_f64()));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        with_line(|line| {
            if let Some(bar) = line.bar.take() {
                bar.finish_and_clear();
            }
        });
    }
}

/// Takes the moving line away: before a program prints its result, or its error.
pub fn clear() {
    with_line(|line| {
        if let Some(bar) = line.bar.take() {
            bar.finish_and_clear();
        }
    });
}
