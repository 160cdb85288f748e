//! Small counts worked out by hand, ties, and that no input makes a count panic.

mod lists;
mod random;
mod ranked;
mod riigikogu;
mod runoff;
mod stv;
mod votes;

use super::*;
use crate::rules::Choice;

fn candidates(lists: &[&str]) -> Vec<CandidateRef> {
    let candidate = |(i, list): (usize, &&str)| {
        let id = char::from(b'a' + u8::try_from(i).unwrap()).to_string();
        CandidateRef { name: id.to_uppercase(), id, list: (!list.is_empty()).then(|| (*list).to_owned()) }
    };
    lists.iter().enumerate().map(candidate).collect()
}

fn ballots(n: usize, choices: Vec<(Choice, u64)>) -> ContestBallots {
    ContestBallots { id: "contest".into(), candidates: candidates(&vec![""; n]), choices }
}

fn totals(lists: &[&str], votes: &[u64]) -> ContestTotals {
    let ballots = votes.iter().sum();
    ContestTotals { id: "contest".into(), candidates: candidates(lists), votes: votes.to_vec(), ballots, blanks: 0 }
}

fn rule(json: &str) -> CountingRule {
    serde_json::from_str(json).unwrap()
}

fn elected(outcome: &Outcome) -> String {
    outcome.elected.iter().map(|e| e.candidate.as_str()).collect()
}

fn ranking(text: &str, count: u64) -> (Choice, u64) {
    (Choice::Ranking(text.bytes().map(|b| u32::from(b - b'a')).collect()), count)
}
