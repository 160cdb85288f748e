//! A manifest: each rule of `MAN-2` broken alone, and the limits that just hold.

use selge_core::ids::StyleIndex;
use selge_core::manifest::{Manifest, ManifestError, MAX_MANIFEST};
use selge_core::sign::SigningKey;
use serde_json::{json, Value};

fn key(i: u16) -> Value {
    let mut seed = [0; 32];
    seed[..2].copy_from_slice(&i.to_le_bytes());
    json!(SigningKey::from_seed(seed).verifying_key())
}

fn party(i: u16) -> Value {
    json!({"name": format!("party{i}.example"), "key": key(i)})
}

fn candidates(n: usize) -> Value {
    (0..n).map(|i| json!({"id": format!("c{i}"), "name": "Somebody"})).collect()
}

fn document() -> Value {
    let rule = json!({"type": "choose_one", "blank": true});
    let tally = json!({"type": "plurality", "seats": 1});
    json!({
        "format": "selge-manifest/1", "title": "Test", "opens": "2030-01-01T00:00:00Z", "closes": "2030-01-01T00:00:01Z",
        "commission": party(1), "registrar": party(2), "collector": party(3),
        "trustees": [party(4), party(5)], "threshold": 2, "mix_servers": [party(6), party(7)], "privacy_floor": 2,
        "contests": [
            {"id": "one", "title": "One", "rule": rule, "candidates": candidates(2)},
            {"id": "two", "title": "Two", "rule": rule, "candidates": candidates(2)},
        ],
        "ballot_styles": [{"id": "both", "contests": ["one", "two"]}, {"id": "half", "contests": ["two"]}],
        "tallies": [
            {"id": "t1", "title": "T", "contests": ["one"], "rule": tally},
            {"id": "t2", "title": "T", "contests": ["two"], "rule": tally},
        ],
    })
}

fn parse(document: &Value) -> Result<Manifest, ManifestError> {
    Manifest::parse(document.to_string().as_bytes())
}

/// The good manifest with one value changed, or added.
fn with(place: &str, value: Value) -> Value {
    let mut document = document();
    let (parent, field) = place.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(object) => drop(object.insert(field.to_owned(), value)),
        Value::Array(array) => array[field.parse::<usize>().unwrap()] = value,
        other => panic!("{other}"),
    }
    document
}

#[test]
fn every_rule_of_a_manifest_is_held() {
    parse(&document()).unwrap();
    let style = |contests: Value| json!([{"id": "s", "contests": contests}]);
    let few = "1 to 10000 are allowed, there are 0";
    let many = |from: u16| -> Value { (0..256).map(|i| party(from + i)).collect() };
    let styles =
        |n: usize| -> Value { (0..n).map(|i| json!({"id": format!("s{i}"), "contests": ["one", "two"]})).collect() };
    let long = "n".repeat(257);
    for (place, value, said) in [
        ("/format", json!("selge-manifest/2"), "format is \"selge-manifest/2\""),
        ("/closes", json!("2030-01-01T00:00:00Z"), "closes: must be at least one second later"),
        ("/closes", json!("2029-12-31T00:00:00Z"), "closes: must be at least one second later"),
        ("/trustees", json!([]), "trustees: 1 to 255 are allowed, there are 0"),
        ("/trustees", many(1000), "trustees: 1 to 255 are allowed, there are 256"),
        ("/threshold", json!(0), "threshold: must be 1 to 2"),
        ("/threshold", json!(3), "threshold: must be 1 to 2"),
        ("/mix_servers", json!([]), "mix_servers: 1 to 255 are allowed, there are 0"),
        ("/mix_servers", many(1000), "mix_servers: 1 to 255 are allowed, there are 256"),
        ("/privacy_floor", json!(1), "privacy_floor: must be at least 2"),
        ("/privacy_floor", json!(0), "privacy_floor: must be at least 2"),
        ("/registrar/key", key(1), "two of them have the same key"),
        ("/collector/key", key(4), "two of them have the same key"),
        ("/trustees/1/key", key(4), "two of them have the same key"),
        ("/mix_servers/1/key", key(5), "two of them have the same key"),
        ("/trustees/1/name", json!("party4.example"), "trustees: \"party4.example\" stands twice"),
        ("/mix_servers/1/name", json!("party6.example"), "mix_servers: \"party6.example\" stands twice"),
        ("/trustees/0/name", json!(""), "is not a name of 1 to 256"),
        ("/trustees/0/name", json!(long), "is not a name of 1 to 256"),
        ("/trustees/0/name", json!("evil\nname"), "is not a name of 1 to 256"),
        ("/collector/name", json!(""), "collector name: must not be empty"),
        ("/collector/name", json!("a b"), "collector name: must not be empty"),
        ("/collector/name", json!("a\u{7f}b"), "collector name: must not be empty"),
        ("/collector/name", json!("a+b"), "collector name: must not be empty"),
        ("/contests", json!([]), few),
        ("/ballot_styles", json!([]), few),
        ("/tallies", json!([]), few),
        ("/ballot_styles", styles(10_001), "ballot_styles: 1 to 10000 are allowed, there are 10001"),
        ("/contests/1/id", json!("one"), "contests: \"one\" stands twice"),
        ("/ballot_styles/1/id", json!("both"), "ballot_styles: \"both\" stands twice"),
        ("/tallies/1/id", json!("t1"), "tallies: \"t1\" stands twice"),
        ("/contests/0/candidates/1/id", json!("c0"), "contest \"one\" candidates: \"c0\" stands twice"),
        ("/contests/0/candidates/1/id", json!("о"), "something else than visible ASCII"),
        ("/tallies/0/id", json!("t 1"), "something else than visible ASCII"),
        ("/ballot_styles/0/id", json!("bоth"), "something else than visible ASCII"),
        ("/contests/0/candidates", candidates(0), few),
        ("/contests/0/candidates", candidates(10_001), "has 10001 candidates, at most 10000"),
        ("/ballot_styles/0/contests", json!([]), "ballot style \"both\": names no contest"),
        ("/tallies/0/contests", json!([]), "tally \"t1\": names no contest"),
        ("/ballot_styles/0/contests", json!(["one", "two", "one"]), "ballot style \"both\": \"one\" stands twice"),
        ("/tallies/0/contests", json!(["one", "one"]), "tally \"t1\": \"one\" stands twice"),
        ("/ballot_styles/0/contests", json!(["one", "three"]), "there is no contest \"three\""),
        ("/tallies/0/contests", json!(["One"]), "there is no contest \"One\""),
        ("/ballot_styles", style(json!(["two"])), "contest \"one\": is in no ballot style"),
        ("/ballot_styles", style(json!(["one"])), "contest \"two\": is in no ballot style"),
        ("/tallies/0/rule/seats", json!(0), "tally \"t1\""),
        ("/witness_quorum", json!(1), "witness_quorum: must be at most 0"),
        ("/unknown", json!(1), "unknown field"),
    ] {
        let error = parse(&with(place, value.clone())).expect_err(place).to_string();
        let value: String = value.to_string().chars().take(60).collect();
        assert!(error.contains(said), "{place} = {value}: {error}, not {said:?}");
    }
}

/// A contest of more choices than a ballot can number.
#[test]
fn a_contest_has_no_more_choices_than_eight_ciphertexts_hold() {
    let approve = |n| {
        let mut contest = document()["contests"][0].clone();
        contest["rule"] = json!({"type": "approve", "blank": true});
        contest["candidates"] = candidates(n);
        let mut document = with("/contests/0", contest);
        document["tallies"][0]["rule"] = json!({"type": "approval", "seats": 1});
        parse(&document)
    };
    assert!(approve(127).is_ok());
    let error = approve(129).unwrap_err();
    assert!(matches!(&error, ManifestError::Rule { contest, .. } if contest == "one"), "{error}");
}

#[test]
fn what_just_keeps_to_the_limits_is_taken() {
    let parties = |n: u16| -> Value { (0..n).map(|i| party(1000 + i)).collect() };
    for (place, value) in [
        ("/trustees", parties(255)),
        ("/mix_servers", parties(255)),
        ("/trustees/0/name", json!("n".repeat(256))),
        ("/trustees/0/name", json!("Õie Süld")),
        ("/contests/0/candidates", candidates(10_000)),
        ("/contests/0/candidates", candidates(1)),
        ("/threshold", json!(1)),
        ("/tallies/0/id", json!("!~")),
    ] {
        parse(&with(place, value)).unwrap_or_else(|error| panic!("{place}: {error}"));
    }
    let mut bytes = document().to_string().into_bytes();
    bytes.resize(MAX_MANIFEST, b' ');
    Manifest::parse(&bytes).unwrap();
    bytes.push(b' ');
    assert!(matches!(Manifest::parse(&bytes), Err(ManifestError::TooLarge(n)) if n == MAX_MANIFEST + 1));
}

#[test]
fn a_style_is_found_by_its_id() {
    let manifest = parse(&document()).unwrap();
    let found = ["both", "half", "none"].map(|id| manifest.style_index(id));
    assert_eq!(found, [Some(StyleIndex(0)), Some(StyleIndex(1)), None]);
}

/// Names of the log itself, of somebody else, and one that is too long.
#[test]
fn a_witness_is_somebody_else() {
    let witnesses = |witnesses: &[(&str, u16)]| {
        use selge_core::cosignature::WitnessKey;
        let mut document = document();
        let vkey = |(name, i): &(&str, u16)| {
            let key = serde_json::from_value(key(*i)).unwrap();
            json!(WitnessKey { name: (*name).to_owned(), key }.vkey())
        };
        document["witnesses"] = witnesses.iter().map(vkey).collect();
        document["witness_quorum"] = json!(1);
        parse(&document).map(|_| ()).map_err(|error| error.to_string())
    };
    let long = "w".repeat(201);
    assert_eq!(witnesses(&[("w.example", 90), (&long[1..], 91)]), Ok(()));
    for (of, said) in [
        (&[(&long[..], 90)][..], "is longer than 200 bytes"),
        (&[("w.example", 3)], "has the key of a party"),
        (&[("w.example", 7)], "has the key of a party"),
        (&[("party3.example", 90)], "is a name of the collector's log"),
        (&[("party3.example/log", 90)], "is a name of the collector's log"),
        (&[("w.example", 90), ("w.example", 91)], "have the same name"),
        (&[("w.example", 90), ("v.example", 90)], "have the same name, key"),
    ] {
        let error = witnesses(of).unwrap_err();
        assert!(error.contains(said), "{error}, not {said:?}");
    }
    assert_eq!(witnesses(&[("party3.examples", 90)]), Ok(()));
}
