//! The matrix of checks and manipulations, as text.

use crate::Outcome;
use selge_auditor::checks::ALL;
use selge_auditor::Status;
use std::fmt::Write;

/// One line for each manipulation, one column for each check: `X` the check that must fail and does, `x` another that
/// fails, `o` the check that must not pass and does not, `.` one that could not be run, a blank one that passed.
pub fn matrix(outcomes: &[Outcome]) -> String {
    let width = outcomes.iter().map(|o| o.manipulation.name.len()).max().unwrap_or(0);
    let tall = ALL.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut line = |name: &str, cells: &mut dyn Iterator<Item = char>| {
        let cells: String = cells.flat_map(|c| [' ', c]).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", format!("{name:width$} {cells}").trim_end());
    };
    for row in 0..tall {
        line("", &mut ALL.iter().map(|check| check.id.chars().nth(row).unwrap_or(' ')));
    }
    for outcome in outcomes {
        let wanted = outcome.manipulation.check;
        let mut cells = ALL.iter().map(|check| {
            let own = *check == wanted;
            match outcome.report.check(check.id).map(|c| c.status) {
                Some(Status::Failed) if own => 'X',
                Some(Status::Failed) => 'x',
                Some(Status::NotRun) if own => 'o',
                Some(Status::NotRun | Status::Skipped) | None => '.',
                Some(Status::Passed) => ' ',
            }
        });
        line(outcome.manipulation.name, &mut cells);
    }
    let mut totals = ALL.iter().map(|check| outcomes.iter().filter(|o| o.manipulation.check == *check).count());
    let counts: Vec<usize> = totals.by_ref().collect();
    let digit = |n: usize, place: usize| match n / place {
        0 if place > 1 => ' ',
        n => char::from_digit((n % 10) as u32, 10).unwrap_or('?'),
    };
    for (name, place) in [("manipulations of this check", 10), ("", 1)] {
        line(name, &mut counts.iter().map(|n| digit(*n, place)));
    }
    text
}
