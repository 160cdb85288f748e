//! Problems collected by line.

use anyhow::{bail, Result};

/// Most problems that are shown.
const SHOWN: usize = 50;

/// What is wrong with a list.
#[derive(Debug, Default)]
pub(super) struct Problems {
    shown: Vec<String>,
    count: usize,
}

impl Problems {
    pub(super) fn add(&mut self, line: u64, problem: impl AsRef<str>) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(format!("line {line}: {}", problem.as_ref()));
        }
    }

    /// An error that lists the problems, if there are any.
    pub(super) fn into_result(self) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let more = self.count - self.shown.len();
        let tail = if more > 0 { format!("\n  and {more} more") } else { String::new() };
        bail!("{} problems:\n  {}{tail}", self.count, self.shown.join("\n  "))
    }
}
