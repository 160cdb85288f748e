//! Cast Vote Records, NIST SP 1500-103 (version 1.0), JSON: one `CVR` for each decrypted vote, which is of one contest.
//!
//! Records are written one by one. A blank vote is a contest `not-indicated`; a vote without a valid choice, which only colluding
//! trustees can bring about, is one of status `other`, `undecodable`.

use super::{
    candidate_id, contest_id, lists, moment, party_id, selection_id, vote_variation, votes_allowed, Audited, NOTES,
    PROGRAM,
};
use selge_core::manifest::Contest;
use selge_core::rules::Choice;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{json, Value};
use std::cell::Cell;
use std::io;

const UNIT: &str = "gpunit-1";
const ELECTION: &str = "election-1";
const DEVICE: &str = "device-1";

pub(super) fn write(audited: &Audited<'_>, to: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *to, &Document(audited))?;
    to.write_all(b"\n")
}

/// The whole document, of which no more than one record is in memory.
struct Document<'a>(&'a Audited<'a>);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let audited = self.0;
        let mut map = serializer.serialize_map(None)?;
        if let Value::Object(head) = head(audited) {
            head.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        }
        map.serialize_entry("CVR", &Records(audited))?;
        map.end()
    }
}

struct Records<'a>(&'a Audited<'a>);

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = Cell::new(0_u64);
        serializer.collect_seq(self.0.contests().flat_map(|(contest, result)| {
            let choices = result.votes.iter().map(move |vote| (voted(contest, &vote.choice), vote.count));
            let undecodable = std::iter::once_with(move || (undecodable(contest), result.undecodable));
            let number = &number;
            choices.chain(undecodable).flat_map(move |(voted, count)| {
                (0..count).map(move |_| {
                    number.set(number.get() + 1);
                    record(&voted, number.get())
                })
            })
        }))
    }
}

fn record(contest: &Value, number: u64) -> Value {
    let snapshot = format!("snapshot-{number}");
    json!({
        "@type": "CVR.CVR", "ElectionId": ELECTION, "UniqueId": number.to_string(), "CurrentSnapshotId": snapshot,
        "CVRSnapshot": [{"@id": snapshot, "@type": "CVR.CVRSnapshot", "Type": "interpreted", "CVRContest": [contest]}],
    })
}

fn head(audited: &Audited<'_>) -> Value {
    let manifest = audited.manifest;
    let lists = lists(manifest);
    let parties = lists
        .iter()
        .filter_map(|list| Some(json!({"@id": party_id(&lists, list)?, "@type": "CVR.Party", "Name": list})));
    let candidates = manifest.contests.iter().flat_map(|contest| contest.candidates.iter().map(move |c| (contest, c)));
    let candidates = candidates.map(|(contest, candidate)| {
        let mut value = json!({
            "@id": candidate_id(contest, candidate), "@type": "CVR.Candidate", "Name": candidate.name,
            "Code": [code("selge-candidate-id", &candidate.id)],
        });
        if let Some(party) = candidate.list.as_deref().and_then(|list| party_id(&lists, list)) {
            value["PartyId"] = party.into();
        }
        value
    });
    let contests = manifest.contests.iter().map(|contest| {
        let selections = contest.candidates.iter().map(|candidate| {
            json!({
                "@id": selection_id(contest, candidate), "@type": "CVR.CandidateSelection",
                "CandidateIds": [candidate_id(contest, candidate)],
            })
        });
        json!({
            "@id": contest_id(contest), "@type": "CVR.CandidateContest", "Name": contest.title,
            "VotesAllowed": votes_allowed(contest), "VoteVariation": vote_variation(audited, contest),
            "Code": [code("selge-contest-id", &contest.id)], "ContestSelection": selections.collect::<Vec<_>>(),
        })
    });
    json!({
        "@type": "CVR.CastVoteRecordReport",
        "Version": "1.0.0",
        "GeneratedDate": moment(audited.made),
        "Notes": format!("{NOTES} Every record is one decrypted vote of one contest, and the order says nothing."),
        "ReportType": ["aggregated"],
        "ReportGeneratingDeviceIds": [DEVICE],
        "ReportingDevice": [{"@id": DEVICE, "@type": "CVR.ReportingDevice", "Application": PROGRAM}],
        "GpUnit": [{
            "@id": UNIT, "@type": "CVR.GpUnit", "Type": "other", "OtherType": "electronic vote", "Name": manifest.title,
        }],
        "Party": parties.collect::<Vec<_>>(),
        "Election": [{
            "@id": ELECTION, "@type": "CVR.Election", "ElectionScopeId": UNIT, "Name": manifest.title,
            "Code": [code("selge-election-id", &audited.result.election.to_string())],
            "Candidate": candidates.collect::<Vec<_>>(),
            "Contest": contests.collect::<Vec<_>>(),
        }],
    })
}

fn code(kind: &str, value: &str) -> Value {
    json!({"@type": "CVR.Code", "Type": "other", "OtherType": kind, "Value": value})
}

fn undecodable(contest: &Contest) -> Value {
    json!({
        "@type": "CVR.CVRContest", "ContestId": contest_id(contest), "Status": ["other"], "OtherStatus": "undecodable",
    })
}

/// A vote as the contest of a record.
fn voted(contest: &Contest, choice: &Choice) -> Value {
    let mut value = json!({"@type": "CVR.CVRContest", "ContestId": contest_id(contest)});
    let select = |candidate: u32, rank: Option<u32>, votes: u32| {
        let candidate = contest.candidates.get(candidate as usize)?;
        let indicated = if votes > 0 { "yes" } else { "no" };
        let mut position = json!({"@type": "CVR.SelectionPosition", "HasIndication": indicated, "NumberVotes": votes});
        let mut selection = json!({
            "@type": "CVR.CVRContestSelection", "ContestSelectionId": selection_id(contest, candidate),
            "TotalNumberVotes": votes,
        });
        if let Some(rank) = rank {
            position["Rank"] = rank.into();
            selection["Rank"] = rank.into();
        }
        selection["SelectionPosition"] = json!([position]);
        Some(selection)
    };
    let selections: Vec<Value> = match choice {
        Choice::Blank => {
            value["Status"] = json!(["not-indicated"]);
            Vec::new()
        }
        Choice::One(candidate) => select(*candidate, None, 1).into_iter().collect(),
        Choice::Set(set) => set.iter().filter_map(|candidate| select(*candidate, None, 1)).collect(),
        Choice::Ranking(ranking) => (1..).zip(ranking).filter_map(|(rank, c)| select(*c, Some(rank), 1)).collect(),
        Choice::Scores(scores) => (0..).zip(scores).filter_map(|(c, score)| select(c, None, *score)).collect(),
    };
    value["CVRContestSelection"] = selections.into();
    value
}
