//! Where a published result differs from the computed one, in words: what was published, and what the record gives.

use selge_core::count::{Elected, Outcome};
use selge_core::manifest::Manifest;
use selge_core::outcome::{ContestResult, ElectionResult, TallyResult};
use selge_core::rules::Choice;
use serde_json::Value;
use std::collections::BTreeMap;

/// Names that are shown of either side.
const NAMES: usize = 5;

/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// The first difference, if there is one.
pub(super) fn of(manifest: &Manifest, computed: &ElectionResult, published: &ElectionResult) -> Option<String> {
    let differs =
        |what: String, how: String| Some(format!("{what} is published differently from what the record gives: {how}"));
    if computed.format != published.format {
        return differs("the format".into(), values(&quoted(&published.format), &quoted(&computed.format)));
    }
    if computed.election != published.election {
        let how = values(&published.election.to_string(), &computed.election.to_string());
        return differs("the election's id".into(), how);
    }
    let (own, other) = (computed.contests.len(), published.contests.len());
    if own != other {
        return differs("the list of contests".into(), values(&other.to_string(), &own.to_string()));
    }
    if let Some((own, other)) = computed.contests.iter().zip(&published.contests).find(|(own, other)| own != other) {
        return differs(format!("contest {:?}", own.contest), contest(manifest, own, other));
    }
    let (own, other) = (computed.tallies.len(), published.tallies.len());
    if own != other {
        return differs("the list of tallies".into(), values(&other.to_string(), &own.to_string()));
    }
    let (own, other) = computed.tallies.iter().zip(&published.tallies).find(|(own, other)| own != other)?;
    differs(format!("tally {:?}", own.tally), tally(own, other))
}

fn values(published: &str, own: &str) -> String {
    format!("{published} is published, the record gives {own}")
}

/// A text of the published document in quotes, cut where it is long.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{more}")
}

fn contest(manifest: &Manifest, own: &ContestResult, other: &ContestResult) -> String {
    let said = |what: &str, published: String, own: String| format!("{what}: {}", values(&published, &own));
    let number = |what: &str, published: u64, own: u64| said(what, published.to_string(), own.to_string());
    if own.contest != other.contest {
        return said("its id", quoted(&other.contest), quoted(&own.contest));
    }
    if own.counted != other.counted {
        return number("counted ballots", other.counted, own.counted);
    }
    if own.withheld != other.withheld {
        return said("whether it is withheld", other.withheld.to_string(), own.withheld.to_string());
    }
    if own.undecodable != other.undecodable {
        return number("ballots without a valid choice", other.undecodable, own.undecodable);
    }
    let choice = |choice: &Choice| choice_text(manifest, &own.contest, choice);
    let counts = |of: &ContestResult| of.votes.iter().map(|v| (v.choice.clone(), v.count)).collect::<BTreeMap<_, _>>();
    let (recorded, said_of) = (counts(own), counts(other));
    for vote in &own.votes {
        let published = said_of.get(&vote.choice).copied().unwrap_or(0);
        if published != vote.count {
            return number(&format!("votes for {}", choice(&vote.choice)), published, vote.count);
        }
    }
    match other.votes.iter().find(|vote| !recorded.contains_key(&vote.choice)) {
        Some(added) => number(&format!("votes for {}", choice(&added.choice)), added.count, 0),
        None if own.trustees != other.trustees => {
            let list = |of: &ContestResult| format!("{:?}", of.trustees.iter().map(|t| t.0).collect::<Vec<_>>());
            said("the trustees who decrypted", list(other), list(own))
        }
        None => "its choices are repeated, or stand in another order".into(),
    }
}

/// A choice with the manifest's names.
fn choice_text(manifest: &Manifest, contest: &str, choice: &Choice) -> String {
    let described = manifest.contests().map(|(_, contest)| contest).find(|described| described.id == contest);
    let name = |number: &u32| {
        let candidate = described.and_then(|d| d.candidates.get(usize::try_from(*number).ok()?));
        candidate.map_or_else(|| format!("candidate {number}, who is none"), |c| quoted(&c.name))
    };
    let names = |numbers: &[u32]| numbers.iter().take(NAMES).map(name).collect::<Vec<_>>().join(", ");
    match choice {
        Choice::Blank => "no candidate (blank)".into(),
        Choice::One(number) => name(number),
        Choice::Set(numbers) => format!("the set {}", names(numbers)),
        Choice::Ranking(numbers) => format!("the ranking {}", names(numbers)),
        Choice::Scores(scores) => format!("the scores {:?}", &scores[..scores.len().min(NAMES)]),
    }
}

fn tally(own: &TallyResult, other: &TallyResult) -> String {
    match (&own.outcome, &other.outcome) {
        (Some(own), Some(other)) if own != other => outcome(own, other),
        _ => first(&serde_json::to_value(own).unwrap_or_default(), &serde_json::to_value(other).unwrap_or_default()),
    }
}

fn outcome(own: &Outcome, other: &Outcome) -> String {
    let without = |all: &[Elected], those: &[Elected]| -> Vec<String> {
        let is = |a: &Elected, b: &Elected| a.contest == b.contest && a.candidate == b.candidate;
        let missing = all.iter().filter(|one| !those.iter().any(|other| is(one, other)));
        missing.map(|one| format!("{} (candidate {})", quoted(&one.name), quoted(&one.candidate))).collect()
    };
    let added = without(&other.elected, &own.elected);
    let missing = without(&own.elected, &other.elected);
    if added.is_empty() && missing.is_empty() {
        return first(&serde_json::to_value(own).unwrap_or_default(), &serde_json::to_value(other).unwrap_or_default());
    }
    let list = |names: &[String]| match names {
        [] => "nobody".to_owned(),
        names if names.len() > NAMES => format!("{} and {} more", names[..NAMES].join(", "), names.len() - NAMES),
        names => names.join(", "),
    };
    let [added, missing] = [added, missing].map(|names| list(&names));
    format!("published as elected, and not by the record: {added}; elected by the record, and not published: {missing}")
}

/// The first place where two documents of one form differ.
fn first(own: &Value, published: &Value) -> String {
    let (mut own, mut published, mut path) = (own, published, String::new());
    loop {
        let step = match (own, published) {
            (Value::Object(a), Value::Object(b)) => a
                .iter()
                .find(|(key, value)| b.get(*key).is_some_and(|other| other != *value))
                .map(|(key, value)| (key.clone(), value, &b[key])),
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let pairs = a.iter().zip(b).enumerate();
                pairs.clone().find(|(_, (a, b))| a != b).map(|(place, (a, b))| (place.to_string(), a, b))
            }
            _ => None,
        };
        let Some((key, a, b)) = step else { break };
        path += &format!("/{key}");
        (own, published) = (a, b);
    }
    let text = |value: &Value| match value {
        Value::Array(items) => format!("{} items", items.len()),
        value => {
            let text = value.to_string();
            let short: String = text.chars().take(SHOWN).collect();
            if short.len() < text.len() {
                short + "…"
            } else {
                short
            }
        }
    };
    let path = if path.is_empty() { "it".to_owned() } else { path };
    format!("{path}: {}", values(&text(published), &text(own)))
}
