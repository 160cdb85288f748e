//! What the published schemas of NIST's formats demand of the classes that the exports use, restated as tables: the attributes that the
//! exports use (no others may be, also none that a schema would allow besides), which the schema demands (`!`), and what each holds.
//! The schemas themselves are not in this repository. Sources, as published by NIST:
//! `NIST_V2_election_results_reporting.json` (github.com/usnistgov/ElectionResultsReporting, commit 521b97ae, SP 1500-100r2) and
//! `NIST_V0_cast_vote_records.json` (github.com/usnistgov/CastVoteRecords, commit d98f2537, SP 1500-103), with which every line here has
//! been compared. What the schemas cannot say is demanded besides: that ids are unique, and that what they point at is there and of the
//! class that `refTypes` names.

use serde_json::Value;
use std::collections::BTreeMap;

/// What an attribute holds.
pub(crate) enum Holds {
    Text,
    Integer,
    Number,
    Yes,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339 with a zone and whole seconds.
    Moment,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object of one of these classes.
    Class(&'static [&'static str]),
    /// At least so many of these.
    List(usize, &'static Holds),
    /// The `@id` of an object of one of these classes.
    Id(&'static [&'static str]),
}

use Holds::*;

/// A class: its name and its attributes.
pub(crate) type Classes = &'static [(&'static str, &'static [(&'static str, Holds)])];

const VARIATION: Holds = Word(&[
    "approval",
    "borda",
    "cumulative",
    "majority",
    "n-of-m",
    "other",
    "plurality",
    "proportional",
    "range",
    "rcv",
    "super-majority",
]);
const IDENTIFIER: Holds = Word(&["fips", "local-level", "national-level", "ocd-id", "other", "state-level"]);
const COUNT_TYPE: Holds = Word(&[
    "absentee",
    "absentee-fwab",
    "absentee-in-person",
    "absentee-mail",
    "early",
    "election-day",
    "other",
    "provisional",
    "seats",
    "total",
    "uocava",
    "write-in",
]);
const INTERNATIONAL: Holds = Class(&["ElectionResults.InternationalizedText"]);
const EXTERNAL: Holds = List(0, &Class(&["ElectionResults.ExternalIdentifier"]));
const VOTE_COUNTS: Holds = List(0, &Class(&["ElectionResults.VoteCounts"]));
const UNIT: Holds = Id(&["ElectionResults.ReportingUnit", "ElectionResults.ReportingDevice"]);
const DISTRICT: Holds = Id(&["ElectionResults.ReportingUnit"]);
const PARTIES: Holds = List(1, &Id(&["ElectionResults.Party", "ElectionResults.Coalition"]));
const SELECTION: Holds = List(
    0,
    &Class(&[
        "ElectionResults.PartySelection",
        "ElectionResults.BallotMeasureSelection",
        "ElectionResults.CandidateSelection",
    ]),
);

pub(crate) const ELECTION_RESULTS: Classes = &[
    (
        "ElectionResults.ElectionReport",
        &[
            ("!Format", Word(&["precinct-level", "summary-contest"])),
            ("!GeneratedDate", Moment),
            ("!Issuer", Text),
            ("!IssuerAbbreviation", Text),
            ("!SequenceEnd", Integer),
            ("!SequenceStart", Integer),
            (
                "!Status",
                Word(&[
                    "certified",
                    "correction",
                    "pre-election",
                    "recount",
                    "unofficial-complete",
                    "unofficial-partial",
                ]),
            ),
            ("!VendorApplicationId", Text),
            ("Election", List(0, &Class(&["ElectionResults.Election"]))),
            ("ExternalIdentifier", EXTERNAL),
            ("GpUnit", List(0, &Class(&["ElectionResults.ReportingDevice", "ElectionResults.ReportingUnit"]))),
            ("Notes", Text),
            ("Party", List(0, &Class(&["ElectionResults.Party", "ElectionResults.Coalition"]))),
        ],
    ),
    (
        "ElectionResults.Election",
        &[
            ("!ElectionScopeId", DISTRICT),
            ("!EndDate", Date),
            ("!Name", INTERNATIONAL),
            ("!StartDate", Date),
            (
                "!Type",
                Word(&[
                    "general",
                    "other",
                    "partisan-primary-closed",
                    "partisan-primary-open",
                    "primary",
                    "runoff",
                    "special",
                ]),
            ),
            ("BallotCounts", List(0, &Class(&["ElectionResults.BallotCounts"]))),
            ("Candidate", List(0, &Class(&["ElectionResults.Candidate"]))),
            (
                "Contest",
                List(
                    0,
                    &Class(&[
                        "ElectionResults.PartyContest",
                        "ElectionResults.BallotMeasureContest",
                        "ElectionResults.CandidateContest",
                        "ElectionResults.RetentionContest",
                    ]),
                ),
            ),
            ("OtherType", Text),
        ],
    ),
    (
        "ElectionResults.BallotCounts",
        &[("!GpUnitId", UNIT), ("!Type", COUNT_TYPE), ("BallotsCast", Integer), ("BallotsRejected", Integer)],
    ),
    (
        "ElectionResults.Candidate",
        &[
            ("!@id", Text),
            ("!BallotName", INTERNATIONAL),
            ("ExternalIdentifier", EXTERNAL),
            ("PartyId", Id(&["ElectionResults.Party", "ElectionResults.Coalition"])),
            (
                "PostElectionStatus",
                Word(&["advanced-to-runoff", "defeated", "projected-winner", "winner", "withdrawn"]),
            ),
        ],
    ),
    (
        "ElectionResults.CandidateContest",
        &[
            ("!@id", Text),
            ("!ElectionDistrictId", DISTRICT),
            ("!Name", Text),
            ("!VotesAllowed", Integer),
            ("ContestSelection", SELECTION),
            ("ExternalIdentifier", EXTERNAL),
            ("NumberElected", Integer),
            ("OtherCounts", List(0, &Class(&["ElectionResults.OtherCounts"]))),
            ("VoteVariation", VARIATION),
        ],
    ),
    (
        "ElectionResults.PartyContest",
        &[
            ("!@id", Text),
            ("!ElectionDistrictId", DISTRICT),
            ("!Name", Text),
            ("ContestSelection", SELECTION),
            ("ExternalIdentifier", EXTERNAL),
            ("VoteVariation", VARIATION),
        ],
    ),
    (
        "ElectionResults.CandidateSelection",
        &[
            ("!@id", Text),
            ("CandidateIds", List(0, &Id(&["ElectionResults.Candidate"]))),
            ("SequenceOrder", Integer),
            ("VoteCounts", VOTE_COUNTS),
        ],
    ),
    ("ElectionResults.PartySelection", &[("!@id", Text), ("!PartyIds", PARTIES), ("VoteCounts", VOTE_COUNTS)]),
    (
        "ElectionResults.VoteCounts",
        &[
            ("!Count", Number),
            ("!GpUnitId", UNIT),
            ("!Type", COUNT_TYPE),
            ("IsSuppressedForPrivacy", Yes),
            ("Round", Integer),
        ],
    ),
    ("ElectionResults.OtherCounts", &[("!GpUnitId", UNIT), ("Overvotes", Number), ("Undervotes", Number)]),
    (
        "ElectionResults.ExternalIdentifier",
        &[("!Type", IDENTIFIER), ("!Value", Text), ("Label", Text), ("OtherType", Text)],
    ),
    (
        "ElectionResults.InternationalizedText",
        &[("!Text", List(1, &Class(&["ElectionResults.LanguageString"]))), ("Label", Text)],
    ),
    ("ElectionResults.LanguageString", &[("!Content", Text), ("!Language", Text)]),
    ("ElectionResults.Party", &[("!@id", Text), ("!Name", INTERNATIONAL), ("ExternalIdentifier", EXTERNAL)]),
    (
        "ElectionResults.ReportingUnit",
        &[
            ("!@id", Text),
            (
                "!Type",
                // Of 29; the others are kinds of places.
                Word(&["country", "municipality", "other", "state"]),
            ),
            ("Name", INTERNATIONAL),
            ("OtherType", Text),
            ("VotersParticipated", Integer),
            ("VotersRegistered", Integer),
        ],
    ),
];

const CODE: Holds = List(0, &Class(&["CVR.Code"]));
const CVR_SELECTIONS: &[&str] =
    &["CVR.ContestSelection", "CVR.PartySelection", "CVR.BallotMeasureSelection", "CVR.CandidateSelection"];
const CVR_CONTESTS: &[&str] =
    &["CVR.PartyContest", "CVR.BallotMeasureContest", "CVR.CandidateContest", "CVR.RetentionContest"];

pub(crate) const CAST_VOTE_RECORDS: Classes = &[
    (
        "CVR.CastVoteRecordReport",
        &[
            ("!Election", List(1, &Class(&["CVR.Election"]))),
            ("!GeneratedDate", Moment),
            ("!GpUnit", List(1, &Class(&["CVR.GpUnit"]))),
            ("!ReportGeneratingDeviceIds", List(1, &Id(&["CVR.ReportingDevice"]))),
            ("!ReportingDevice", List(1, &Class(&["CVR.ReportingDevice"]))),
            ("!Version", Word(&["1.0.0"])),
            ("CVR", List(0, &Class(&["CVR.CVR"]))),
            ("Notes", Text),
            ("Party", List(0, &Class(&["CVR.Party"]))),
            (
                "ReportType",
                List(0, &Word(&["adjudicated", "aggregated", "originating-device-export", "other", "rcv-round"])),
            ),
        ],
    ),
    (
        "CVR.Election",
        &[
            ("!@id", Text),
            ("!Contest", List(1, &Class(CVR_CONTESTS))),
            ("!ElectionScopeId", Id(&["CVR.GpUnit"])),
            ("Candidate", List(0, &Class(&["CVR.Candidate"]))),
            ("Code", CODE),
            ("Name", Text),
        ],
    ),
    ("CVR.Candidate", &[("!@id", Text), ("Code", CODE), ("Name", Text), ("PartyId", Id(&["CVR.Party"]))]),
    (
        "CVR.CandidateContest",
        &[
            ("!@id", Text),
            ("!ContestSelection", List(1, &Class(CVR_SELECTIONS))),
            ("Code", CODE),
            ("Name", Text),
            ("NumberElected", Integer),
            ("VoteVariation", VARIATION),
            ("VotesAllowed", Integer),
        ],
    ),
    ("CVR.CandidateSelection", &[("!@id", Text), ("CandidateIds", List(0, &Id(&["CVR.Candidate"])))]),
    ("CVR.Code", &[("!Type", IDENTIFIER), ("!Value", Text), ("Label", Text), ("OtherType", Text)]),
    (
        "CVR.CVR",
        &[
            ("!CVRSnapshot", List(1, &Class(&["CVR.CVRSnapshot"]))),
            ("!CurrentSnapshotId", Id(&["CVR.CVRSnapshot"])),
            ("!ElectionId", Id(&["CVR.Election"])),
            ("UniqueId", Text),
        ],
    ),
    (
        "CVR.CVRSnapshot",
        &[
            ("!@id", Text),
            ("!Type", Word(&["interpreted", "modified", "original"])),
            ("CVRContest", List(0, &Class(&["CVR.CVRContest"]))),
        ],
    ),
    (
        "CVR.CVRContest",
        &[
            ("!ContestId", Id(CVR_CONTESTS)),
            ("CVRContestSelection", List(0, &Class(&["CVR.CVRContestSelection"]))),
            ("OtherStatus", Text),
            ("Status", List(0, &Word(&["invalidated-rules", "not-indicated", "other", "overvoted", "undervoted"]))),
        ],
    ),
    (
        "CVR.CVRContestSelection",
        &[
            ("!SelectionPosition", List(1, &Class(&["CVR.SelectionPosition"]))),
            ("ContestSelectionId", Id(CVR_SELECTIONS)),
            ("Rank", Integer),
            ("TotalNumberVotes", Integer),
        ],
    ),
    (
        "CVR.SelectionPosition",
        &[("!HasIndication", Word(&["no", "unknown", "yes"])), ("!NumberVotes", Integer), ("Rank", Integer)],
    ),
    ("CVR.Party", &[("!@id", Text), ("Code", CODE), ("Name", Text)]),
    ("CVR.ReportingDevice", &[("!@id", Text), ("Application", Text), ("Code", CODE)]),
    (
        "CVR.GpUnit",
        &[
            ("!@id", Text),
            (
                "!Type",
                Word(&["combined-precinct", "other", "polling-place", "precinct", "split-precinct", "vote-center"]),
            ),
            ("Name", Text),
            ("OtherType", Text),
        ],
    ),
];

/// What is wrong with a document whose root is of this class.
pub(crate) fn problems(classes: Classes, root: &'static str, document: &Value) -> Vec<String> {
    let mut ids = BTreeMap::new();
    let mut problems = Vec::new();
    gather(document, &mut ids, &mut problems);
    let check = Check { classes, ids };
    check.class("document", &[root], document, &mut problems);
    problems
}

/// Notes every `@id` with its class; the second of one id is a problem.
fn gather(value: &Value, ids: &mut BTreeMap<String, String>, problems: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let (Some(id), Some(class)) = (object.get("@id"), object.get("@type")) {
                let (id, class) = (id.as_str().unwrap_or_default(), class.as_str().unwrap_or_default());
                if ids.insert(id.to_owned(), class.to_owned()).is_some() {
                    problems.push(format!("two objects have the id {id:?}"));
                }
            }
            object.values().for_each(|value| gather(value, ids, problems));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, ids, problems)),
        _ => {}
    }
}

struct Check {
    classes: Classes,
    ids: BTreeMap<String, String>,
}

impl Check {
    fn class(&self, place: &str, allowed: &[&str], value: &Value, problems: &mut Vec<String>) {
        let class = value.get("@type").and_then(Value::as_str).unwrap_or("none");
        let found = self.classes.iter().find(|(name, _)| *name == class && allowed.contains(name));
        let (Some((_, attributes)), Some(object)) = (found, value.as_object()) else {
            problems.push(format!("{place} is of class {class} and not of {allowed:?}"));
            return;
        };
        let name = |attribute: &'static str| attribute.trim_start_matches('!');
        for (attribute, _) in attributes.iter().filter(|(a, _)| a.starts_with('!')) {
            if !object.contains_key(name(attribute)) {
                problems.push(format!("{place} ({class}) has no {}", name(attribute)));
            }
        }
        for (key, value) in object.iter().filter(|(key, _)| *key != "@type") {
            match attributes.iter().find(|(attribute, _)| name(attribute) == key) {
                Some((_, holds)) => self.holds(&format!("{place}.{key}"), holds, value, problems),
                None => problems.push(format!("{place} ({class}) has {key:?}, which the class has not")),
            }
        }
    }

    fn holds(&self, place: &str, holds: &Holds, value: &Value, problems: &mut Vec<String>) {
        let text = value.as_str();
        let right = match holds {
            Text => text.is_some(),
            Integer => value.is_i64() || value.is_u64(),
            Number => value.is_number(),
            Yes => value.is_boolean(),
            Date => text.is_some_and(|t| t.len() == 10 && shaped(t, "dddd-dd-dd")),
            Moment => text.is_some_and(|t| shaped(t, "dddd-dd-ddTdd:dd:ddZ") || shaped(t, "dddd-dd-ddTdd:dd:dd+dd:dd")),
            Word(words) => text.is_some_and(|t| words.contains(&t)),
            Class(classes) => return self.class(place, classes, value, problems),
            List(least, of) => {
                let values = value.as_array().map_or(&[][..], Vec::as_slice);
                values.iter().enumerate().for_each(|(i, v)| self.holds(&format!("{place}[{i}]"), of, v, problems));
                value.is_array() && values.len() >= *least
            }
            Id(classes) => text.and_then(|t| self.ids.get(t)).is_some_and(|class| classes.contains(&class.as_str())),
        };
        if !right {
            problems.push(format!("{place} cannot be {value}"));
        }
    }
}

/// Whether a text has a shape in which `d` is a digit.
fn shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.chars().zip(shape.chars()).all(|(t, s)| if s == 'd' { t.is_ascii_digit() } else { t == s })
}
