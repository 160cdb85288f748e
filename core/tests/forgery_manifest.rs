//! Manifests that two readers could take differently: one election must be one thing to everybody (`MAN-1`).
#![allow(missing_docs)]

use selge_core::cosignature::WitnessKey;
use selge_core::manifest::Manifest;
use selge_core::sign::SigningKey;
use serde_json::{json, Value};

fn party(i: u8) -> Value {
    json!({"name": format!("party{i}.example"), "key": SigningKey::from_seed([i; 32]).verifying_key()})
}

fn contest(id: &str, rule: &Value) -> Value {
    let candidate = |i| json!({"id": format!("{id}{i}"), "name": format!("Candidate {i}"), "list": "L"});
    json!({"id": id, "title": "Contest", "rule": rule, "candidates": (0..3).map(candidate).collect::<Vec<_>>()})
}

fn witness(name: &str, seed: u8) -> String {
    WitnessKey { name: name.to_owned(), key: SigningKey::from_seed([seed; 32]).verifying_key() }.vkey()
}

/// Every field that there is, of every rule: nothing is left to a default.
fn full() -> Value {
    let lot = |id: &str| json!({"lot": [format!("{id}1"), format!("{id}0"), format!("{id}2")]});
    let order = || json!("candidate_order");
    let tally =
        |id: &str, contest: &str, rule: Value| json!({"id": id, "title": "T", "contests": [contest], "rule": rule});
    json!({
        "format": "selge-manifest/1", "title": "Test", "early_close": false,
        "opens": "2030-01-01T00:00:00Z", "closes": "2030-01-02T00:00:00Z",
        "commission": party(1), "registrar": party(2), "collector": party(3),
        "trustees": [party(4), party(5)], "threshold": 2, "mix_servers": [party(6)], "privacy_floor": 2,
        "witnesses": [witness("w1", 7), witness("w2", 8)], "witness_quorum": 1,
        "contests": [
            contest("one", &json!({"type": "choose_one", "blank": true})),
            contest("some", &json!({"type": "choose_up_to", "max": 2, "blank": true})),
            contest("all", &json!({"type": "approve", "blank": true})),
            contest("rank", &json!({"type": "rank", "max": 3, "blank": true})),
            contest("score", &json!({"type": "score", "max_score": 5, "blank": true})),
            contest("list", &json!({"type": "party_list", "blank": true})),
        ],
        "ballot_styles": [{"id": "s", "contests": ["one", "some", "all", "rank", "score", "list"]}],
        "tallies": [
            tally("t1", "one", json!({"type": "plurality", "seats": 1, "ties": lot("one")})),
            tally("t2", "all", json!({"type": "approval", "seats": 1, "ties": order()})),
            tally("t3", "score", json!({"type": "score", "seats": 1, "ties": order()})),
            tally("t4", "rank", json!({
                "type": "instant_runoff", "batch_elimination": false, "until_two": false, "minimum_votes": 0,
                "write_ins": null, "look_back": false, "ties": order(),
            })),
            tally("t5", "rank", json!({
                "type": "stv", "seats": 1, "quota": "droop", "decimal_quota": false, "decimal_places": 4,
                "one_per_round": false, "batch_elimination": false, "minimum_votes": 0, "write_ins": "rank2",
                "look_back": false, "ties": lot("rank"),
            })),
            tally("t6", "list", json!({
                "type": "dhondt", "seats": 2, "threshold": "5/100", "within_list": "votes", "ties": order(),
            })),
            tally("t7", "one", json!({
                "type": "riigikogu", "districts": [{"contest": "one", "seats": 1}],
                "lists": [{"list": "L", "order": ["one0", "one1", "one2"]}],
            })),
        ],
    })
}

fn pointers(value: &Value, at: &str, of: &impl Fn(&Value) -> bool, out: &mut Vec<String>) {
    if of(value) {
        out.push(at.to_owned());
    }
    match value {
        Value::Object(map) => map.iter().for_each(|(k, v)| pointers(v, &format!("{at}/{k}"), of, out)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| pointers(v, &format!("{at}/{i}"), of, out)),
        _ => {}
    }
}

fn places(of: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    pointers(&full(), "", &of, &mut out);
    out
}

/// What of these is taken for a manifest.
fn accepted(pointers: Vec<String>, change: impl Fn(&mut Value)) -> Vec<String> {
    let taken = |pointer: &String| {
        let mut document = full();
        change(document.pointer_mut(pointer).unwrap());
        Manifest::parse(document.to_string().as_bytes()).is_ok()
    };
    pointers.into_iter().filter(taken).collect()
}

fn is_rule_enum(value: &Value) -> bool {
    value.as_str().is_some_and(|text| ["candidate_order", "droop", "votes"].contains(&text))
}

#[test]
fn the_full_manifest_is_one() {
    Manifest::parse(full().to_string().as_bytes()).unwrap();
}

#[test]
fn a_field_that_is_not_listed_is_refused_everywhere() {
    let more = |v: &mut Value| drop(v.as_object_mut().unwrap().insert("remark".into(), json!("x")));
    assert_eq!(accepted(places(Value::is_object), more), [""; 0]);
}

#[test]
fn an_object_is_not_a_list_of_its_values() {
    // The order in which the fields are declared, which some readers take for names.
    let bare = |v: &mut Value| {
        let fields = v.as_object().unwrap();
        let declared = [
            "format",
            "title",
            "opens",
            "closes",
            "early_close",
            "commission",
            "registrar",
            "collector",
            "trustees",
            "threshold",
            "mix_servers",
            "privacy_floor",
            "contests",
            "ballot_styles",
            "tallies",
        ];
        let orders: [&[&str]; 8] = [
            &declared,
            &["name", "key"],
            &["id", "title", "rule", "candidates"],
            &["id", "name", "list"],
            &["id", "contests"],
            &["id", "title", "contests", "rule"],
            &["contest", "seats"],
            &["list", "order"],
        ];
        let order = orders.iter().find(|o| o.len() == fields.len() && o.iter().all(|f| fields.contains_key(*f)));
        *v = match order {
            Some(order) => order.iter().map(|f| fields[*f].clone()).collect(),
            None => {
                let kind = fields.get("type").cloned();
                let rest = fields.iter().filter(|(k, _)| *k != "type").map(|(_, v)| v.clone());
                kind.into_iter().chain(rest).collect()
            }
        };
    };
    assert_eq!(accepted(places(Value::is_object), bare), [""; 0]);
}

#[test]
fn a_name_is_not_an_object_with_that_name() {
    let wrapped = |v: &mut Value| *v = json!({v.as_str().unwrap(): null});
    assert_eq!(accepted(places(is_rule_enum), wrapped), [""; 0]);
}

#[test]
fn numbers_and_truths_are_of_their_own_kind() {
    let float = |v: &mut Value| *v = json!(v.as_f64().unwrap());
    assert_eq!(accepted(places(Value::is_number), float), [""; 0]);
    let text = |v: &mut Value| *v = json!(v.to_string());
    assert_eq!(accepted(places(|v| v.is_number() || v.is_boolean()), text), [""; 0]);
    let null = |v: &mut Value| *v = Value::Null;
    let not_null = places(|v| v.is_number() || v.is_boolean() || v.is_object() || v.is_array());
    assert_eq!(accepted(not_null, null), [""; 0]);
}

#[test]
fn a_field_that_stands_twice_is_refused_everywhere() {
    let text = full().to_string();
    let mut taken = Vec::new();
    for (at, _) in text.match_indices("\":") {
        let start = text[..at].rfind('"').unwrap();
        // The value ends where what follows is whole again.
        let rest = &text[at + 2..];
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        stream.next().unwrap().unwrap();
        let end = at + 2 + stream.byte_offset();
        let field = &text[start..end];
        let doubled = format!("{}{field},{}", &text[..start], &text[start..]);
        if Manifest::parse(doubled.as_bytes()).is_ok() {
            taken.push(field.to_owned());
        }
    }
    assert_eq!(taken, [""; 0]);
}
