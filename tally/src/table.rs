//! A result as people read it.

use selge_core::count::{Elected, Outcome};
use selge_core::manifest::Manifest;
use selge_core::outcome::{ElectionResult, TallyResult};
use std::fmt::Write;

/// The result's table: how ballots add up, and for each tally who is elected.
pub fn table(manifest: &Manifest, result: &ElectionResult) -> String {
    let b = &result.ballots;
    let mut text = format!(
        "{}\nballots: {} cast, {} superseded, {} cancelled, {} counted\n",
        manifest.document().title,
        b.cast,
        b.superseded,
        b.cancelled,
        b.counted
    );
    for tally in &result.tallies {
        let title = manifest.document().tallies.iter().find(|t| t.id == tally.tally).map_or("", |t| t.title.as_str());
        let _ = write!(text, "\n{title} ({})\n", tally.tally);
        outcome(&mut text, tally);
    }
    text
}

fn outcome(text: &mut String, tally: &TallyResult) {
    if !tally.withheld.is_empty() {
        let _ = writeln!(text, "  withheld, too few ballots: {}", tally.withheld.join(", "));
    }
    if tally.undecided {
        text.push_str("  not decided: the rule has no answer for these votes, which stand as they are\n");
    }
    let Some(outcome) = &tally.outcome else { return };
    for list in &outcome.lists {
        let below = if list.passed { "" } else { ", below the threshold" };
        let _ = writeln!(text, "  list {}: votes {}, seats {}{below}", list.list, list.votes, list.seats);
    }
    elected(text, outcome);
    if outcome.vacant > 0 {
        let _ = writeln!(text, "  seats that stay vacant: {}", outcome.vacant);
    }
    if !outcome.ties.is_empty() {
        let _ = writeln!(text, "  ties that decided something: {}, see the result file", outcome.ties.len());
    }
}

fn elected(text: &mut String, outcome: &Outcome) {
    let width = outcome.elected.iter().map(|e| e.name.chars().count()).max().unwrap_or(0);
    for Elected { name, list, votes, .. } in &outcome.elected {
        let list = list.as_ref().map_or_else(String::new, |l| format!("  {l}"));
        let votes = votes.to_string();
        let unit = if votes == "1" { "vote" } else { "votes" };
        let _ = writeln!(text, "  elected  {name:<width$}  {votes:>8} {unit}{list}");
    }
}
