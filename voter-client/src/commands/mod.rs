//! One file per command.

pub(crate) mod challenge;
pub(crate) mod check;
pub(crate) mod code;
pub(crate) mod enroll;
pub(crate) mod listen;
pub(crate) mod status;
pub(crate) mod vote;

use std::io::IsTerminal;
use std::time::Duration;

/// A line that says what is going on, on standard error: a spinner on a terminal, plain text elsewhere.
pub(crate) struct Progress(Option<indicatif::ProgressBar>);

impl Progress {
    pub(crate) fn start(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            eprintln!("{what} …");
            return Progress(None);
        }
        let bar = indicatif::ProgressBar::new_spinner().with_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress(Some(bar))
    }

    /// Says something in between.
    pub(crate) fn note(&self, text: &str) {
        match &self.0 {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
