//! Election Results Reporting, NIST SP 1500-100r2 (version 2.0), JSON.
//!
//! Every contest of the manifest is a `CandidateContest`; every tally with lists is a `PartyContest` besides, with the lists' votes and
//! seats. Blank votes are `Undervotes`. Counts that are withheld are 0 with `IsSuppressedForPrivacy`. The status is
//! `unofficial-complete`: whether a result is certified is for an authority to say, not for a program.

use super::{
    blanks, candidate_id, contest_id, elected, lists, moment, party_id, selection_id, vote_variation, votes,
    votes_allowed, Audited, NOTES, PROGRAM,
};
use selge_core::count::{Amount, CountingRule};
use selge_core::manifest::{Contest, TallyRule};
use selge_core::outcome::{ContestResult, TallyResult};
use serde_json::{json, Value};
use std::io;
use time::OffsetDateTime;

/// The only unit: the whole electronic vote.
const UNIT: &str = "gpunit-1";

/// The language of names is not in the manifest: `und` stands for that (BCP 47).
fn text(content: &str) -> Value {
    let string = json!({"@type": "ElectionResults.LanguageString", "Content": content, "Language": "und"});
    json!({"@type": "ElectionResults.InternationalizedText", "Text": [string]})
}

fn identifier(kind: &str, value: &str) -> Value {
    json!({"@type": "ElectionResults.ExternalIdentifier", "Type": "other", "OtherType": kind, "Value": value})
}

fn count(number: impl Into<Value>) -> Value {
    json!({"@type": "ElectionResults.VoteCounts", "Count": number.into(), "GpUnitId": UNIT, "Type": "total"})
}

/// An amount as a JSON number; its exact value is in `rounds.csv`.
fn number(amount: &Amount) -> Value {
    amount.to_string().parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
}

fn date(time: OffsetDateTime) -> String {
    time.date().to_string()
}

pub(super) fn write(audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &document(audited))?;
    to.write_all(b"\n")
}

fn document(audited: &Audited<'_>) -> Value {
    let (manifest, result) = (audited.manifest, audited.result);
    let lists = lists(manifest);
    let parties = lists.iter().filter_map(|list| {
        Some(json!({"@id": party_id(&lists, list)?, "@type": "ElectionResults.Party", "Name": text(list)}))
    });
    let mut unit = json!({
        "@id": UNIT, "@type": "ElectionResults.ReportingUnit", "Type": "other", "OtherType": "electronic vote",
        "Name": text(&manifest.title), "VotersParticipated": result.ballots.counted,
    });
    if let Some(voters) = audited.report.voters {
        unit["VotersRegistered"] = voters.into();
    }
    let candidates = audited.contests().flat_map(|(contest, of)| candidates(audited, contest, of, &lists));
    let contests = audited.contests().map(|(contest, of)| candidate_contest(audited, contest, of));
    let tallies = audited.tallies().filter_map(|(rule, tally)| party_contest(rule, tally, &lists));
    let ballots = result.ballots;
    json!({
        "@type": "ElectionResults.ElectionReport",
        "Format": "summary-contest",
        "GeneratedDate": moment(audited.made),
        "Issuer": manifest.commission.name,
        "IssuerAbbreviation": manifest.commission.name,
        "SequenceStart": 1,
        "SequenceEnd": 1,
        "Status": "unofficial-complete",
        "VendorApplicationId": PROGRAM,
        "Notes": format!(
            "{NOTES} Ballots: {} cast = {} counted + {} superseded + {} cancelled; BallotsCast are those counted.",
            ballots.cast, ballots.counted, ballots.superseded, ballots.cancelled
        ),
        "ExternalIdentifier": [identifier("selge-election-id", &result.election.to_string())],
        "GpUnit": [unit],
        "Party": parties.collect::<Vec<_>>(),
        "Election": [{
            "@type": "ElectionResults.Election",
            "ElectionScopeId": UNIT,
            "Name": text(&manifest.title),
            "StartDate": date(manifest.opens),
            "EndDate": date(manifest.closes),
            "Type": "other",
            "OtherType": "not stated in the manifest",
            "BallotCounts": [{
                "@type": "ElectionResults.BallotCounts", "GpUnitId": UNIT, "Type": "total", "BallotsCast": ballots.counted,
            }],
            "Candidate": candidates.collect::<Vec<_>>(),
            "Contest": contests.chain(tallies).collect::<Vec<_>>(),
        }],
    })
}

fn candidates<'a>(
    audited: &'a Audited<'_>,
    contest: &'a Contest,
    result: &'a ContestResult,
    lists: &'a [&str],
) -> impl Iterator<Item = Value> + 'a {
    let decided = audited.tally_of(&contest.id).is_some_and(|(_, tally)| tally.outcome.is_some()) && !result.withheld;
    contest.candidates.iter().map(move |candidate| {
        let mut value = json!({
            "@id": candidate_id(contest, candidate), "@type": "ElectionResults.Candidate", "BallotName": text(&candidate.name),
            "ExternalIdentifier": [identifier("selge-candidate-id", &candidate.id)],
        });
        if let Some(party) = candidate.list.as_deref().and_then(|list| party_id(lists, list)) {
            value["PartyId"] = party.into();
        }
        if decided {
            let won = elected(audited, &contest.id, &candidate.id).is_some();
            value["PostElectionStatus"] = if won { "winner" } else { "defeated" }.into();
        }
        value
    })
}

fn candidate_contest(audited: &Audited<'_>, contest: &Contest, result: &ContestResult) -> Value {
    let tally = audited.tally_of(&contest.id);
    let rounds = tally.and_then(|(_, tally)| tally.outcome.as_ref()).map_or(&[][..], |outcome| &outcome.rounds);
    let selections =
        (1..).zip(contest.candidates.iter().zip(votes(contest, result))).map(|(place, (candidate, votes))| {
            let mut counts = if result.withheld {
                let mut hidden = count(0);
                hidden["IsSuppressedForPrivacy"] = true.into();
                vec![hidden]
            } else {
                vec![count(votes)]
            };
            for round in rounds {
                if let Some(votes) = round.votes.iter().find(|votes| votes.candidate == candidate.id) {
                    let mut of_round = count(number(&votes.votes));
                    of_round["Round"] = round.number.into();
                    counts.push(of_round);
                }
            }
            json!({
                "@id": selection_id(contest, candidate), "@type": "ElectionResults.CandidateSelection",
                "CandidateIds": [candidate_id(contest, candidate)], "SequenceOrder": place, "VoteCounts": counts,
            })
        });
    let mut value = json!({
        "@id": contest_id(contest), "@type": "ElectionResults.CandidateContest", "ElectionDistrictId": UNIT,
        "Name": contest.title, "VotesAllowed": votes_allowed(contest), "VoteVariation": vote_variation(audited, contest),
        "ExternalIdentifier": [identifier("selge-contest-id", &contest.id)],
        "ContestSelection": selections.collect::<Vec<_>>(),
    });
    if !result.withheld {
        value["OtherCounts"] =
            json!([{"@type": "ElectionResults.OtherCounts", "GpUnitId": UNIT, "Undervotes": blanks(result)}]);
    }
    // Seats that several contests share are nobody's alone.
    if let Some(seats) = tally.filter(|(rule, _)| rule.contests.len() == 1).and_then(|(rule, _)| seats(&rule.rule)) {
        value["NumberElected"] = seats.into();
    }
    value
}

fn seats(rule: &CountingRule) -> Option<u32> {
    match rule {
        CountingRule::Plurality { seats, .. }
        | CountingRule::Approval { seats, .. }
        | CountingRule::Score { seats, .. }
        | CountingRule::DHondt { seats, .. } => Some(*seats),
        CountingRule::InstantRunoff(_) => Some(1),
        CountingRule::Stv(stv) => Some(stv.seats),
        CountingRule::Riigikogu(_) => None,
    }
}

/// The lists of a tally that has some. Independent candidates are no parties: their votes are in their contests.
fn party_contest(rule: &TallyRule, tally: &TallyResult, lists: &[&str]) -> Option<Value> {
    let outcome = tally.outcome.as_ref().filter(|outcome| outcome.lists.iter().any(|list| !list.independent))?;
    let selections = outcome.lists.iter().filter(|list| !list.independent).filter_map(|list| {
        let party = party_id(lists, &list.list)?;
        let mut seats = count(list.seats);
        seats["Type"] = "seats".into();
        Some(json!({
            "@id": format!("selection-{}-{party}", rule.id), "@type": "ElectionResults.PartySelection", "PartyIds": [party],
            "VoteCounts": [count(list.votes), seats],
        }))
    });
    Some(json!({
        "@id": format!("tally-{}", rule.id), "@type": "ElectionResults.PartyContest", "ElectionDistrictId": UNIT,
        "Name": rule.title, "VoteVariation": "proportional",
        "ExternalIdentifier": [identifier("selge-tally-id", &rule.id)],
        "ContestSelection": selections.collect::<Vec<_>>(),
    }))
}
