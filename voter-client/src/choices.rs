//! Choices as people write and read them.
//!
//! The written form is that of [`ChoiceSpace::parse_with`]: `blank`, one candidate, a set `a,b`, a ranking `best>next`,
//! scores `5,0,3` in the manifest's order. A candidate is its id, or `#N` for the N-th of the manifest's list, counted
//! from 1. A bare number is never a position: in many elections the ids are numbers, and a vote must not go to another
//! candidate because two numberings differ.
//!
//! Text here is a vote in clear: it is wiped when dropped and only ever shown to the voter.

use selge_core::count::CandidateRef;
use selge_core::ids::StyleIndex;
use selge_core::manifest::{Contest, Manifest};
use selge_core::rules::{Choice, ChoiceSpace, RuleError, VotingRule};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::Deserialize;
use std::cell::RefCell;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Most candidates that a message suggests.
const SUGGESTIONS: usize = 3;

/// How alike (Jaro-Winkler) a candidate must be to be suggested.
const ALIKE: f64 = 0.8;

/// What is wrong with a written choice. Its text holds what the voter wrote: show it to the voter alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceProblem {
    /// No candidate has this id.
    #[error("there is no candidate {part:?} in contest {contest:?}{}", suggestions(near))]
    UnknownCandidate {
        /// Id of the contest.
        contest: String,
        /// What was written.
        part: String,
        /// Candidates that are similar, as they are shown.
        near: Vec<String>,
    },
    /// The rule does not allow it.
    #[error("contest {contest:?}: {problem}")]
    NotAllowed {
        /// Id of the contest.
        contest: String,
        /// What is wrong.
        problem: String,
    },
}

fn suggestions(near: &[String]) -> String {
    match near {
        [] => "; candidates are named by their id, or as #1, #2 … by their place in the list".to_owned(),
        near => format!("; did you mean {}?", near.join(" or ")),
    }
}

/// A candidate as shown: id, name and list.
pub fn label(candidate: &CandidateRef) -> String {
    let CandidateRef { id, name, list } = candidate;
    let named = if id == name { id.clone() } else { format!("{id} {name}") };
    match list {
        Some(list) => format!("{named} ({list})"),
        None => named,
    }
}

/// The position of a candidate that is named by id or as `#N`.
fn position(contest: &Contest, part: &str) -> Option<u32> {
    let number = || {
        let number = part.strip_prefix('#')?.parse::<usize>().ok()?.checked_sub(1)?;
        (number < contest.candidates.len()).then_some(number)
    };
    let at = contest.candidates.iter().position(|c| c.id == part).or_else(number)?;
    u32::try_from(at).ok()
}

/// Reads a written choice of one contest.
///
/// # Errors
/// [`ChoiceProblem`], in words that name candidates as the manifest does.
pub fn parse(contest: &Contest, space: &ChoiceSpace, text: &str) -> Result<Choice, ChoiceProblem> {
    let unknown = RefCell::new(None);
    let result = space.parse_with(text, |part| {
        let found = position(contest, part);
        if found.is_none() {
            unknown.borrow_mut().get_or_insert_with(|| Zeroizing::new(part.to_owned()));
        }
        found
    });
    result.map_err(|error| match unknown.into_inner() {
        Some(part) => unknown_candidate(contest, &part),
        None => not_allowed(contest, explain(contest, &error)),
    })
}

fn not_allowed(contest: &Contest, problem: String) -> ChoiceProblem {
    ChoiceProblem::NotAllowed { contest: contest.id.clone(), problem }
}

/// A part that is no candidate: perhaps several, written in the form of another rule.
fn unknown_candidate(contest: &Contest, part: &str) -> ChoiceProblem {
    let several = |separator: char| {
        let parts: Vec<_> = part.split(separator).map(str::trim).collect();
        (parts.len() > 1 && parts.iter().all(|p| position(contest, p).is_some())).then_some(parts.len())
    };
    if part.is_empty() {
        return not_allowed(contest, format!("no candidate is named where one is expected; {}", form(&contest.rule)));
    }
    if let Some(count) = several(',').or_else(|| several('>')) {
        let problem = match contest.rule {
            VotingRule::ChooseOne { .. } | VotingRule::PartyList { .. } => {
                format!("{count} candidates are named; exactly one is allowed")
            }
            _ => format!("the candidates are separated in the wrong way; {}", form(&contest.rule)),
        };
        return not_allowed(contest, problem);
    }
    let near = nearest(contest, part);
    ChoiceProblem::UnknownCandidate { contest: contest.id.clone(), part: part.to_owned(), near }
}

/// Candidates whose id or name is like `part`.
fn nearest(contest: &Contest, part: &str) -> Vec<String> {
    let part = Zeroizing::new(part.to_lowercase());
    let alike = |candidate: &CandidateRef| {
        let name = candidate.name.to_lowercase();
        let words = name.split_whitespace().map(|word| strsim::jaro_winkler(word, &part));
        let whole = [strsim::jaro_winkler(&candidate.id.to_lowercase(), &part), strsim::jaro_winkler(&name, &part)];
        words.chain(whole).fold(0.0, f64::max)
    };
    let mut scored: Vec<_> = contest.candidates.iter().map(|c| (alike(c), c)).filter(|(a, _)| *a >= ALIKE).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(SUGGESTIONS).map(|(_, c)| label(c)).collect()
}

/// How a choice under a rule is written.
pub fn form(rule: &VotingRule) -> String {
    let form = match rule {
        VotingRule::ChooseOne { .. } | VotingRule::PartyList { .. } => "write one candidate".to_owned(),
        VotingRule::ChooseUpTo { max, .. } => format!("write up to {max} candidates, separated by commas"),
        VotingRule::Approve { .. } => "write any number of candidates, separated by commas".to_owned(),
        VotingRule::Rank { max, .. } => format!("write up to {max} candidates, best first, separated by >"),
        VotingRule::Score { max_score, .. } => {
            format!("write one score from 0 to {max_score} for each candidate in the list's order, separated by commas")
        }
    };
    if rule.allows_blank() {
        form + ", or blank"
    } else {
        form
    }
}

/// A rule's error with candidates by name instead of by position.
fn explain(contest: &Contest, error: &RuleError) -> String {
    let who = |at: u32| {
        let candidate = usize::try_from(at).ok().and_then(|at| contest.candidates.get(at));
        candidate.map_or_else(|| format!("number {at}"), label)
    };
    match error {
        RuleError::Duplicate { candidate } => format!("{} is named more than once", who(*candidate)),
        RuleError::ScoreTooHigh { candidate, score, max_score } => {
            let who = u32::try_from(*candidate).map_or_else(|_| String::new(), who);
            format!("{who} has score {score}; the best score is {max_score}")
        }
        RuleError::BlankNotAllowed => format!("a blank vote is not allowed here; {}", form(&contest.rule)),
        RuleError::Empty => format!("the choice is empty; {}", form(&contest.rule)),
        other => other.to_string(),
    }
}

/// A choice in words, one line for each candidate.
pub fn describe(contest: &Contest, choice: &Choice) -> Zeroizing<String> {
    let who = |at: &u32| {
        usize::try_from(*at).ok().and_then(|at| contest.candidates.get(at)).map_or_else(|| format!("#{at}"), label)
    };
    let lines: Vec<Zeroizing<String>> = match choice {
        Choice::Blank => vec![Zeroizing::new("blank: no choice in this contest".to_owned())],
        Choice::One(candidate) => vec![Zeroizing::new(who(candidate))],
        Choice::Set(set) => set.iter().map(|c| Zeroizing::new(who(c))).collect(),
        Choice::Ranking(ranking) => {
            ranking.iter().zip(1..).map(|(c, place)| Zeroizing::new(format!("{place}. {}", who(c)))).collect()
        }
        Choice::Scores(scores) => {
            scores.iter().zip(0..).map(|(score, at)| Zeroizing::new(format!("{score} for {}", who(&at)))).collect()
        }
    };
    let mut text = Zeroizing::new(String::with_capacity(lines.iter().map(|l| l.len() + 5).sum()));
    for line in lines {
        text.push_str("    ");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// One written choice: contest id and text.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct WrittenChoice {
    contest: String,
    text: String,
}

impl fmt::Debug for WrittenChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrittenChoice(redacted)")
    }
}

impl WrittenChoice {
    /// Reads `CONTEST=CHOICE`; `None` without a `=`.
    pub fn parse(text: &str) -> Option<Self> {
        let (contest, text) = text.split_once('=')?;
        Some(WrittenChoice { contest: contest.trim().to_owned(), text: text.to_owned() })
    }
}

/// Written choices of a whole ballot. JSON: an object of contest ids and texts, in any order.
#[derive(Debug, Default)]
pub struct WrittenBallot(pub Vec<WrittenChoice>);

impl<'de> Deserialize<'de> for WrittenBallot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = WrittenBallot;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of contest ids and choices, such as {\"mayor\": \"101\"}")
            }
            // Not a map type: of two members with one name it would silently keep the last.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WrittenBallot, A::Error> {
                let mut choices = Vec::new();
                while let Some((contest, text)) = map.next_entry()? {
                    choices.push(WrittenChoice { contest, text });
                }
                Ok(WrittenBallot(choices))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Reads the written choices of a ballot: one for each contest of the style, in the style's order.
///
/// # Errors
/// Every problem of the ballot, not only the first.
pub fn ballot(manifest: &Manifest, style: StyleIndex, written: &WrittenBallot) -> Result<Vec<Choice>, Vec<String>> {
    let contests = manifest.style(style).unwrap_or_default();
    let of_style: Vec<_> =
        contests.iter().filter_map(|at| Some((manifest.contest(*at)?, manifest.space(*at)?))).collect();
    let mut problems = Vec::new();
    for choice in &written.0 {
        if !of_style.iter().any(|(contest, _)| contest.id == choice.contest) {
            let ids: Vec<_> = of_style.iter().map(|(contest, _)| contest.id.as_str()).collect();
            problems.push(format!(
                "contest {:?} is not on your ballot; your contests are {}",
                choice.contest,
                ids.join(", ")
            ));
        }
    }
    let mut choices = Vec::new();
    for (contest, space) in of_style {
        let mut of = written.0.iter().filter(|c| c.contest == contest.id);
        match (of.next(), of.next()) {
            (Some(one), None) => match parse(contest, space, &one.text) {
                Ok(choice) => choices.push(choice),
                Err(problem) => problems.push(problem.to_string()),
            },
            (Some(_), Some(_)) => problems.push(format!("contest {:?} has more than one choice", contest.id)),
            (None, _) => {
                problems.push(format!("contest {:?} has no choice; {}", contest.id, form(&contest.rule)));
            }
        }
    }
    if problems.is_empty() {
        Ok(choices)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contest(rule: VotingRule) -> (Contest, ChoiceSpace) {
        let candidate = |id: &str, name: &str| CandidateRef { id: id.into(), name: name.into(), list: None };
        let candidates = vec![candidate("101", "Mari Tamm"), candidate("2", "Jaan Kask"), candidate("x", "Anu Lepp")];
        let space = rule.space(3).unwrap();
        (Contest { id: "mayor".into(), title: "Mayor".into(), rule, candidates }, space)
    }

    fn read(rule: VotingRule, text: &str) -> Result<Choice, String> {
        let (contest, space) = contest(rule);
        parse(&contest, &space, text).map_err(|p| p.to_string())
    }

    #[test]
    fn candidates_are_named_by_id_or_place_and_never_by_a_bare_position() {
        let one = VotingRule::ChooseOne { blank: true };
        assert_eq!(read(one.clone(), "101").unwrap(), Choice::One(0));
        // The id 2 is the second candidate, not position 2 from 0.
        assert_eq!(read(one.clone(), " 2 ").unwrap(), Choice::One(1));
        assert_eq!(read(one.clone(), "#3").unwrap(), Choice::One(2));
        assert_eq!(read(one.clone(), "blank").unwrap(), Choice::Blank);
        for text in ["0", "1", "3", "#0", "#4", "#", "", "#x"] {
            assert!(read(one.clone(), text).is_err(), "{text:?}");
        }
        assert_eq!(read(VotingRule::Rank { max: 3, blank: false }, "x > #1").unwrap(), Choice::Ranking(vec![2, 0]));
        assert_eq!(read(VotingRule::Approve { blank: false }, "x, 101").unwrap(), Choice::Set(vec![0, 2]));
    }

    #[test]
    fn an_id_wins_over_a_place() {
        let (mut contest, space) = contest(VotingRule::ChooseOne { blank: false });
        contest.candidates[2].id = "#1".into();
        assert_eq!(parse(&contest, &space, "#1").unwrap(), Choice::One(2));
    }

    #[test]
    fn problems_are_told_in_the_voters_words() {
        let one = VotingRule::ChooseOne { blank: false };
        for (rule, text, expected) in [
            (one.clone(), "101,2", "2 candidates are named; exactly one is allowed"),
            (one.clone(), "Tam", "did you mean 101 Mari Tamm?"),
            (one.clone(), "jaan kask", "did you mean 2 Jaan Kask?"),
            (one.clone(), "qqqq", "named by their id, or as #1"),
            (one, "blank", "a blank vote is not allowed here; write one candidate"),
            (
                VotingRule::ChooseUpTo { max: 2, blank: false },
                "101,2,x",
                "3 candidates are named; at most 2 are allowed",
            ),
            (VotingRule::ChooseUpTo { max: 2, blank: false }, "2,2", "2 Jaan Kask is named more than once"),
            (VotingRule::ChooseUpTo { max: 2, blank: false }, "2,", "no candidate is named where one is expected"),
            (VotingRule::Rank { max: 2, blank: false }, "x,2", "best first, separated by >"),
            (VotingRule::Score { max_score: 5, blank: false }, "1,9,2", "2 Jaan Kask has score 9; the best score is 5"),
            (VotingRule::Score { max_score: 5, blank: false }, "1,2", "2 scores are given"),
        ] {
            let found = read(rule, text).unwrap_err();
            assert!(found.contains(expected), "{text:?}: {found}");
        }
    }

    #[test]
    fn descriptions_name_candidates() {
        let (contest, _) = contest(VotingRule::Rank { max: 3, blank: true });
        assert_eq!(*describe(&contest, &Choice::Ranking(vec![2, 0])), "    1. x Anu Lepp\n    2. 101 Mari Tamm\n");
        assert!(describe(&contest, &Choice::Blank).contains("blank"));
        assert_eq!(describe(&contest, &Choice::Scores(vec![1, 2, 3])).lines().count(), 3);
    }

    #[test]
    fn a_member_that_stands_twice_stays_twice() {
        let ballot: WrittenBallot = serde_json::from_str(r#"{"a": "1", "a": "2"}"#).unwrap();
        assert_eq!(ballot.0.len(), 2);
        assert!(serde_json::from_str::<WrittenBallot>(r#"{"a": 1}"#).is_err());
        assert!(serde_json::from_str::<WrittenBallot>(r#"["a"]"#).is_err());
        assert_eq!(format!("{ballot:?}"), "WrittenBallot([WrittenChoice(redacted), WrittenChoice(redacted)])");
    }
}
