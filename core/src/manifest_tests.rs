use super::*;
use crate::sign::SigningKey;
use serde_json::{json, Value};

fn party(i: u8) -> Value {
    json!({"name": format!("party{i}.example"), "key": SigningKey::from_seed([i; 32]).verifying_key()})
}

fn contest(id: usize, rule: &Value, candidates: usize) -> Value {
    let candidate = |i| json!({"id": format!("{id}-{i}"), "name": format!("Candidate {i}"), "list": "L"});
    json!({"id": format!("c{id}"), "title": "Contest", "rule": rule, "candidates": (0..candidates).map(candidate).collect::<Vec<_>>()})
}

/// A manifest with one style and one tally over all contests.
fn parse(contests: &[Value], tally: &Value) -> Result<Manifest, ManifestError> {
    Manifest::parse(document(contests, tally).to_string().as_bytes())
}

fn document(contests: &[Value], tally: &Value) -> Value {
    let ids: Vec<_> = contests.iter().map(|c| c["id"].clone()).collect();
    json!({
        "format": FORMAT, "title": "Test", "opens": "2030-01-01T00:00:00Z", "closes": "2030-01-02T00:00:00Z",
        "commission": party(1), "registrar": party(2), "collector": party(3),
        "trustees": [party(4), party(5)], "threshold": 2, "mix_servers": [party(6)], "privacy_floor": 2,
        "contests": contests,
        "ballot_styles": [{"id": "s", "contests": ids}],
        "tallies": [{"id": "t", "title": "Tally", "contests": ids, "rule": tally}],
    })
}

/// The small manifest with these witnesses and this quorum.
fn witnessed(witnesses: &Value, quorum: &Value) -> Result<Manifest, ManifestError> {
    let mut document = document(&[contest(0, &choose_one(), 2)], &json!({"type": "plurality", "seats": 1}));
    document["witnesses"] = witnesses.clone();
    document["witness_quorum"] = quorum.clone();
    Manifest::parse(document.to_string().as_bytes())
}

fn witness(name: &str, seed: u8) -> String {
    WitnessKey { name: name.to_owned(), key: SigningKey::from_seed([seed; 32]).verifying_key() }.vkey()
}

fn choose_one() -> Value {
    json!({"type": "choose_one", "blank": true})
}

/// A Riigikogu tally over `n` districts of two candidates each: the rule here that takes more than one contest.
fn riigikogu(n: usize) -> Value {
    let ids = |i| [format!("{i}-0"), format!("{i}-1")];
    json!({
        "type": "riigikogu",
        "districts": (0..n).map(|i| json!({"contest": format!("c{i}"), "seats": 2})).collect::<Vec<_>>(),
        "lists": [{"list": "L", "order": (0..n).flat_map(ids).collect::<Vec<_>>()}],
    })
}

#[test]
fn every_counting_rule_is_accepted_for_contests_that_it_counts() {
    let approve = json!({"type": "approve", "blank": false});
    let score = json!({"type": "score", "max_score": 5, "blank": true});
    let rank = json!({"type": "rank", "max": 3, "blank": true});
    for (rule, tally) in [
        (choose_one(), json!({"type": "plurality", "seats": 1})),
        (approve.clone(), json!({"type": "approval", "seats": 2})),
        (score.clone(), json!({"type": "score", "seats": 1})),
        (rank.clone(), json!({"type": "instant_runoff"})),
        (choose_one(), json!({"type": "instant_runoff"})),
        (rank.clone(), json!({"type": "stv", "seats": 2})),
        (json!({"type": "party_list", "blank": true}), json!({"type": "dhondt", "seats": 3, "threshold": "5/100"})),
    ] {
        parse(&[contest(0, &rule, 4)], &tally).unwrap_or_else(|e| panic!("{tally}: {e}"));
    }
    parse(&[contest(0, &choose_one(), 2), contest(1, &choose_one(), 2)], &riigikogu(2)).unwrap();
    for (rule, tally) in [
        (approve, json!({"type": "stv", "seats": 1})),
        (score, json!({"type": "plurality", "seats": 1})),
        (rank, json!({"type": "dhondt", "seats": 3})),
        (choose_one(), json!({"type": "score", "seats": 1})),
        (choose_one(), json!({"type": "plurality", "seats": 0})),
        (choose_one(), json!({"type": "plurality", "seats": 1, "ties": {"lot": ["nobody"]}})),
    ] {
        let error = parse(&[contest(0, &rule, 4)], &tally).unwrap_err();
        assert!(matches!(error, ManifestError::Tally { .. }), "{tally}: {error}");
    }
    let two = [contest(0, &choose_one(), 2), contest(1, &choose_one(), 2)];
    let error = parse(&two, &json!({"type": "plurality", "seats": 1})).unwrap_err();
    assert!(matches!(error, ManifestError::Tally { .. }), "one contest only: {error}");
}

#[test]
fn a_style_whose_ballot_fits_into_no_entry_is_refused() {
    let several = |n: usize, rule: &Value, candidates: usize| -> Vec<Value> {
        (0..n).map(|i| contest(i, rule, candidates)).collect()
    };
    parse(&several(MAX_CONTESTS, &choose_one(), 2), &riigikogu(MAX_CONTESTS)).unwrap();
    let many = parse(&several(MAX_CONTESTS + 1, &choose_one(), 2), &riigikogu(MAX_CONTESTS + 1)).unwrap_err();
    assert!(many.to_string().contains("65 contests"), "{many}");
    // Eight limbs each, 2,599 bytes: 24 of them fit beside the rest of the entry, 25 do not.
    let wide = json!({"type": "approve", "blank": true});
    let size = |n: usize| {
        let mut contests = several(n, &wide, 127);
        // The tally is not what this is about.
        contests.push(contest(n, &choose_one(), 2));
        let ids: Vec<_> = contests.iter().map(|c| c["id"].clone()).collect();
        let document = json!({
            "format": FORMAT, "title": "Test", "opens": "2030-01-01T00:00:00Z", "closes": "2030-01-02T00:00:00Z",
            "commission": party(1), "registrar": party(2), "collector": party(3),
            "trustees": [party(4)], "threshold": 1, "mix_servers": [party(6)], "privacy_floor": 2,
            "contests": contests,
            "ballot_styles": [{"id": "s", "contests": ids}],
            "tallies": [{"id": "t", "title": "Tally", "contests": [format!("c{n}")], "rule": {"type": "plurality", "seats": 1}}],
        });
        Manifest::parse(document.to_string().as_bytes()).map(|m| m.layout(ContestIndex(0)).map(|l| l.contest_len()))
    };
    assert_eq!(size(24).unwrap(), Some(2599));
    let error = size(25).unwrap_err();
    assert!(error.to_string().contains("65535 bytes"), "{error}");
}

#[test]
fn an_election_has_a_handful_of_different_witnesses_or_none() {
    let none = parse(&[contest(0, &choose_one(), 2)], &json!({"type": "plurality", "seats": 1})).unwrap();
    assert!(none.witnesses().is_empty());
    assert_eq!(none.witnesses().quorum(), 0);
    assert!(witnessed(&json!([]), &json!(0)).unwrap().witnesses().is_empty());
    let many: Vec<_> = (0..=16).map(|i| witness(&format!("w{i}"), 100 + i)).collect();
    for (n, quorum) in [(1, 0), (1, 1), (3, 2), (16, 16)] {
        let manifest = witnessed(&json!(many[..n]), &json!(quorum)).unwrap();
        assert_eq!((manifest.witnesses().keys().len(), manifest.witnesses().quorum()), (n, quorum));
        assert_eq!(manifest.witnesses().keys()[0].vkey(), many[0]);
    }
    let log = crate::note::LogKey { origin: "w".into(), key: SigningKey::from_seed([99; 32]).verifying_key() };
    for (witnesses, quorum, why) in [
        (json!(many), json!(2), "at most 16 are allowed, there are 17"),
        (json!(many[..2]), json!(3), "witness_quorum: must be at most 2"),
        (json!([]), json!(1), "witness_quorum: must be at most 0"),
        (json!(many[..2]), json!(-1), "not a valid document"),
        (json!([many[0], many[0]]), json!(1), "would count twice"),
        (json!([many[0], witness("w0", 90)]), json!(1), "would count twice"),
        (json!([many[0], witness("other", 100)]), json!(1), "would count twice"),
        (json!([witness("w", 3)]), json!(1), "the key of a party"),
        (json!([witness("w", 6)]), json!(1), "the key of a party"),
        (json!([witness("party3.example", 90)]), json!(1), "a name of the collector's log"),
        (json!([witness("party3.example/0123456789abcdef", 90)]), json!(1), "a name of the collector's log"),
        (json!([witness(&"w".repeat(201), 90)]), json!(1), "longer than 200 bytes"),
        (json!([log.vkey()]), json!(1), "signature type 1, 4 is needed"),
        (json!(["w+00000000+AA=="]), json!(1), "not a valid document"),
        (json!([{"name": "w", "key": "00"}]), json!(1), "not a valid document"),
        (json!(many[0]), json!(1), "not a valid document"),
    ] {
        let error = witnessed(&witnesses, &quorum).unwrap_err().to_string();
        assert!(error.contains(why), "{witnesses} {quorum}: {error}");
    }
}
