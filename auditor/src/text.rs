//! The report for people: plain text, the same with and without a terminal.

use crate::report::{candidate_name, CheckReport, Report, Status, Verdict};
use selge_core::count::{Elected, Mandate, Outcome, Tie, TieBreak, TieFor};
use selge_core::manifest::ManifestDocument;

/// The report as text, ending in the verdict.
pub fn render(report: &Report) -> String {
    let mut text = Text(String::new());
    text.head(report);
    text.line("");
    text.line("CHECKS");
    for check in &report.checks {
        text.check(check);
    }
    for note in &report.notes {
        text.line("");
        text.line(&format!("NOTE  {note}"));
    }
    text.outcome(report);
    text.line("");
    text.line(&verdict(report));
    text.0
}

fn verdict(report: &Report) -> String {
    let of = |status| report.checks.iter().filter(|c| c.status == status).map(|c| c.id.as_str()).collect::<Vec<_>>();
    let (passed, failed, open) = (of(Status::Passed), of(Status::Failed), of(Status::NotRun));
    let skipped = of(Status::Skipped);
    match report.verdict {
        Verdict::Passed => {
            let mut text =
                format!("PASSED: all {} checks ran and passed; the record proves this result.", passed.len());
            if !report.election_given {
                text.push_str(" Compare the election id above with the one that the commission published.");
            }
            text
        }
        Verdict::Failed if report.is_of_another_election() => format!(
            "FAILED: {} of {} checks failed ({}); this is the record of another election than the one that was asked for. \
             Compare the id that you gave with the one that the commission published, and see where the record is from.",
            failed.len(),
            report.checks.len(),
            failed.join(", ")
        ),
        Verdict::Failed => format!(
            "FAILED: {} of {} checks failed ({}); the record does not prove its result. Keep the record: it is evidence.",
            failed.len(),
            report.checks.len(),
            failed.join(", ")
        ),
        Verdict::Incomplete if !skipped.is_empty() && open.is_empty() => format!(
            "INCOMPLETE: nothing is wrong in what was asked for, but {} of {} checks were not done in full, as that was not \
             asked for ({}); no result is proven.",
            skipped.len(),
            report.checks.len(),
            skipped.join(", ")
        ),
        Verdict::Incomplete if !skipped.is_empty() => format!(
            "INCOMPLETE: nothing is wrong so far, but {} of {} checks could not be completed ({}), and {} were not done in \
             full, as that was not asked for ({}); no result is proven.",
            open.len(),
            report.checks.len(),
            open.join(", "),
            skipped.len(),
            skipped.join(", ")
        ),
        Verdict::Incomplete => format!(
            "INCOMPLETE: nothing is wrong so far, but {} of {} checks could not be completed ({}); no result is proven.",
            open.len(),
            report.checks.len(),
            open.join(", ")
        ),
    }
}

struct Text(String);

impl Text {
    /// Adds a line. Names come from the record: they must not move the cursor or forge a line.
    fn line(&mut self, line: &str) {
        self.0.extend(line.chars().map(|c| if harmless(c) { c } else { '\u{fffd}' }));
        self.0.push('\n');
    }

    fn head(&mut self, report: &Report) {
        let unknown = || "unknown".to_owned();
        let number = |n: Option<u64>| n.map_or_else(unknown, thousands);
        self.line(&format!("Election   {}", report.title.clone().unwrap_or_else(unknown)));
        self.line(&format!("Id         {}", report.election.clone().unwrap_or_else(unknown)));
        if report.election.is_some() && !report.election_given {
            self.line("           compare this with what the commission published (or give it with --election)");
        }
        // The state stops at the first entry that does not fit: what the record says after it is not known.
        let cut = report.check(crate::checks::ALLOWED.id).is_some_and(|c| c.status != Status::Passed);
        let until = if cut { ", as far as the entries could be followed" } else { "" };
        self.line(&format!("Phase      {}{until}", report.phase.clone().unwrap_or_else(unknown)));
        self.line(&format!("Board      {} entries", number(report.entries)));
        if let Some(root) = &report.root {
            self.line(&format!("           root {root}"));
        }
        if let Some(found) = &report.witnesses {
            let all = found.cosigned.len() + found.missing.len() + found.invalid.len();
            let (n, quorum) = (found.cosigned.len(), found.quorum);
            self.line(&format!("Witnesses  {n} of {all} cosigned the checkpoint, {quorum} must"));
            for (what, names) in
                [("cosigned", &found.cosigned), ("did not", &found.missing), ("not valid", &found.invalid)]
            {
                if !names.is_empty() {
                    self.line(&format!("           {what}: {}", names.join(", ")));
                }
            }
        }
        self.line(&format!("Voters     {} on the roll", number(report.voters)));
        if let Some(n) = &report.ballots {
            self.line(&format!(
                "Ballots    {} cast = {} counted + {} superseded + {} cancelled",
                thousands(n.cast),
                thousands(n.counted),
                thousands(n.superseded),
                thousands(n.cancelled)
            ));
        }
        if let Some(asked) = &report.asked {
            let of = |of: &[String], all: &str| if of.is_empty() { all.to_owned() } else { of.join(", ") };
            let (parts, contests) = (of(&asked.parts, "all parts"), of(&asked.contests, "all contests"));
            self.line(&format!("Asked for  {parts}; {contests}"));
        }
        self.line(&format!("Time       {:.1} s", report.seconds));
    }

    fn check(&mut self, check: &CheckReport) {
        let status = match check.status {
            Status::Passed => "passed",
            Status::Failed => "FAILED",
            Status::NotRun => "not run",
            Status::Skipped => "skipped",
        };
        let counts: Vec<_> = check
            .counts
            .iter()
            .map(|c| format!("{} of {} {}", thousands(c.done), thousands(c.expected), c.what))
            .collect();
        self.line(&format!("{:<7}  {:<10}  {} ({:.1} s)", status, check.id, check.title, check.seconds));
        if !counts.is_empty() {
            self.line(&format!("{:21}{}", "", counts.join(", ")));
        }
        for finding in &check.findings {
            self.line(&format!("{:21}! {}: {}", "", finding.culprit, finding.problem));
        }
        if check.further_findings > 0 {
            self.line(&format!("{:21}! and {} more", "", thousands(check.further_findings)));
        }
        for missing in &check.missing {
            // What was left out on request says so itself.
            let what = if check.status == Status::Skipped { "" } else { "missing: " };
            self.line(&format!("{:21}- {what}{missing}", ""));
        }
        if check.further_missing > 0 {
            self.line(&format!("{:21}- and {} more", "", thousands(check.further_missing)));
        }
        if !check.on_trust.is_empty() && check.status != Status::Skipped {
            self.line(&format!("{:21}- on trust, as it was not asked for: {}", "", check.on_trust.join(", ")));
        }
    }

    fn outcome(&mut self, report: &Report) {
        let Some(result) = &report.result else { return };
        for tally in &result.tallies {
            let title = report.tallies.iter().find(|t| t.tally == tally.tally).map_or("", |t| t.title.as_str());
            self.line("");
            self.line(&format!("RESULT  {title} ({})", tally.tally));
            match &tally.outcome {
                None if tally.undecided => {
                    self.line("  not decided: the rule has no answer for these votes, which stand as they are");
                }
                None => self.line("  withheld: too few ballots to decrypt without showing who voted how"),
                Some(outcome) => self.elected(outcome, report.manifest.as_ref()),
            }
        }
    }

    fn elected(&mut self, outcome: &Outcome, manifest: Option<&ManifestDocument>) {
        for contest in &outcome.contests {
            let blanks = match contest.blanks {
                0 => String::new(),
                n => format!(", {} of them blank", thousands(n)),
            };
            self.line(&format!("  {}: {}{blanks}", contest.contest, counted(contest.ballots, "ballot")));
        }
        let label = |e: &Elected| match &e.list {
            Some(list) => format!("{} ({list})", e.name),
            None => e.name.clone(),
        };
        if !outcome.elected.is_empty() {
            self.line("  elected, with votes, contest and what won the seat:");
        }
        let width = outcome.elected.iter().map(|e| label(e).chars().count()).max().unwrap_or(0);
        for (place, elected) in (1..).zip(&outcome.elected) {
            let votes = elected.votes.to_string();
            let how = mandate(&elected.mandate);
            self.line(&format!("  {place:>3}. {:<width$}  {votes:>12}  {}, {how}", label(elected), elected.contest));
        }
        if outcome.elected.is_empty() {
            self.line("  nobody is elected");
        }
        if outcome.vacant > 0 {
            let stay = if outcome.vacant == 1 { "stays" } else { "stay" };
            self.line(&format!("  {} {stay} vacant", counted(outcome.vacant, "seat")));
        }
        for line in outcome.ties.iter().take(TIES).map(|one| tie(one, manifest)) {
            self.line(&line);
        }
        if let Some(more @ 1..) = outcome.ties.len().checked_sub(TIES) {
            let tie = if more == 1 { "tie that was" } else { "ties that were" };
            self.line(&format!("  and {more} more {tie} decided"));
        }
    }
}

/// Ties, and names in one, that are shown of many: candidates without votes tie in crowds.
const TIES: usize = 10;

/// A tie that decided something, in words.
fn tie(tie: &Tie, manifest: Option<&ManifestDocument>) -> String {
    let names = |ids: &[String]| {
        let names = ids
            .iter()
            .take(TIES)
            .map(|id| candidate_name(manifest, tie.contest.as_deref(), id))
            .collect::<Vec<_>>()
            .join(", ");
        match ids.len().checked_sub(TIES) {
            Some(more @ 1..) => format!("{names} and {more} more"),
            _ => names,
        }
    };
    let about = match tie.about {
        TieFor::Seat => "for a seat".to_owned(),
        TieFor::Elimination { round } => format!("to be eliminated in round {round}"),
        TieFor::Election { round } => format!("to be elected first in round {round}"),
        TieFor::List => "for a seat of a list".to_owned(),
    };
    let by = match tie.by {
        TieBreak::CandidateOrder => "the order of candidates in the manifest".to_owned(),
        TieBreak::Lot => "the order of lots in the manifest".to_owned(),
        TieBreak::EarlierRound { round } => format!("the votes in round {round}"),
        TieBreak::ListOrder => "the order of lists in the manifest".to_owned(),
    };
    let contest = tie.contest.as_ref().map_or_else(String::new, |contest| format!("{contest}, "));
    format!("  a tie: {contest}{} were equal; {by} chose {}, {about}", names(&tie.tied), names(&tie.chosen))
}

/// What won a seat, in words.
fn mandate(mandate: &Mandate) -> String {
    match mandate {
        Mandate::Votes => "most votes".into(),
        Mandate::Round { round } => format!("in round {round}"),
        Mandate::List { divisor } => format!("seat {divisor} of the list"),
        Mandate::Personal => "personal mandate".into(),
        Mandate::District => "district mandate of the list".into(),
        Mandate::Compensation { .. } => "compensation mandate of the list".into(),
    }
}

/// No control character, and none that changes the direction of what follows.
fn harmless(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// So many of a thing whose plural ends in s.
fn counted(n: u64, thing: &str) -> String {
    format!("{} {thing}{}", thousands(n), if n == 1 { "" } else { "s" })
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_named_with_what_resolved_it() {
        let of = |n: u32, about, by| Tie {
            contest: Some("chair".into()),
            about,
            tied: (1..=n).map(|n| format!("c{n}")).collect(),
            chosen: vec!["c1".into()],
            by,
        };
        assert_eq!(
            tie(&of(2, TieFor::Seat, TieBreak::CandidateOrder), None),
            "  a tie: chair, c1, c2 were equal; the order of candidates in the manifest chose c1, for a seat"
        );
        let crowd = tie(&of(12, TieFor::Elimination { round: 3 }, TieBreak::EarlierRound { round: 2 }), None);
        assert!(crowd.contains("c10 and 2 more were equal; the votes in round 2 chose c1, to be eliminated in round 3"));
        let elected =
            |ties| Outcome { contests: vec![], lists: vec![], rounds: vec![], elected: vec![], vacant: 0, ties };
        let mut text = Text(String::new());
        text.elected(&elected(vec![of(2, TieFor::List, TieBreak::ListOrder); 12]), None);
        assert_eq!(text.0.matches("a tie:").count(), TIES);
        assert!(text.0.ends_with("  and 2 more ties that were decided\n"), "{}", text.0);
        let mut text = Text(String::new());
        text.elected(&elected(Vec::new()), None);
        assert!(!text.0.contains("tie"));
    }

    #[test]
    fn numbers_are_grouped_and_names_cannot_forge_lines() {
        assert_eq!([0, 999, 1000, 12_345_678].map(thousands), ["0", "999", "1,000", "12,345,678"]);
        assert_eq!([0, 1, 2, 1001].map(|n| counted(n, "seat")), ["0 seats", "1 seat", "2 seats", "1,001 seats"]);
        let mut text = Text(String::new());
        text.line("evil\nPASSED\u{1b}[2J\u{202e}");
        assert_eq!(text.0, "evil\u{fffd}PASSED\u{fffd}[2J\u{fffd}\n");
    }
}
