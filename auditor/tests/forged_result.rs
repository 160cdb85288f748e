//! Results that say something else, or the same in a form that readers take differently, signed by the commission.

mod support;

use selge_auditor::{render, Status, Verdict};
use serde_json::{json, Value};
use std::sync::LazyLock;
use support::{Board, Plan};

/// A ranking with a tie, a plurality and a withheld contest: rounds, transfers, mandates and nulls.
static DECRYPTED: LazyLock<Board> = LazyLock::new(|| {
    let plan = Plan { trustees: 2, threshold: 2, mixes: 1, ..support::town() };
    let mut board = Board::prepare(&plan);
    (0..4).chain([10]).for_each(|voter| board.vote(voter));
    board.close();
    board.mix_all();
    board.decrypt_all(&[1, 2]);
    board
});

static HONEST: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(DECRYPTED.compute()).unwrap());

fn audit(bytes: Vec<u8>) -> selge_auditor::Report {
    let mut board = DECRYPTED.clone();
    board.publish_bytes(bytes);
    board.audit()
}

#[track_caller]
fn passes(bytes: Vec<u8>) {
    let report = audit(bytes);
    assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
}

#[track_caller]
fn fails(what: &str, bytes: Vec<u8>) {
    let report = audit(bytes);
    assert_eq!(report.verdict, Verdict::Failed, "{what}\n{}", render(&report));
    assert!(report.result.is_none(), "{what}");
    let status = |id: &str| report.check(id).unwrap().status;
    assert!(
        ["OUTCOME-1", "OUTCOME-2", "OUTCOME-3", "CAST-3"].iter().any(|id| status(id) == Status::Failed),
        "{what}\n{}",
        render(&report)
    );
}

/// JSON pointers to every value that `of` takes.
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

/// One pointer for every different shape of path: places of lists do not matter.
fn places(of: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut all = Vec::new();
    pointers(&HONEST, "", &of, &mut all);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|p| {
        let shape: Vec<&str> = p.split('/').map(|part| if part.parse::<u32>().is_ok() { "#" } else { part }).collect();
        seen.insert(shape.join("/"))
    });
    all
}

fn changed(pointer: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = HONEST.clone();
    change(document.pointer_mut(pointer).unwrap());
    assert_ne!(document, *HONEST, "{pointer} is as it was");
    serde_json::to_vec(&document).unwrap()
}

#[test]
fn the_same_values_written_otherwise_are_the_same_result() {
    let compact = serde_json::to_string(&*HONEST).unwrap();
    passes(compact.clone().into_bytes());
    // White space is free, however much of it there is.
    let mut spaced = compact.clone().into_bytes();
    spaced.resize(20 * compact.len(), b'\n');
    passes(spaced);
    // A character may be written as an escape, up to six times as long.
    let escape = |c: char| if c.is_ascii_alphabetic() { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    let mut inside = false;
    let escaped: String = compact
        .chars()
        .map(|c| {
            inside ^= c == '"';
            if inside {
                escape(c)
            } else {
                c.to_string()
            }
        })
        .collect();
    assert!(escaped.len() > 3 * compact.len());
    passes(escaped.into_bytes());
    // So may the order of an object's fields.
    let Value::Object(fields) = &*HONEST else { panic!() };
    let turned: Vec<String> = fields.iter().rev().map(|(k, v)| format!("{k:?}:{v}")).collect();
    passes(format!("{{{}}}", turned.join(",")).into_bytes());
}

#[test]
fn no_object_may_hold_more_or_less() {
    for pointer in places(Value::is_object) {
        fails(&pointer, changed(&pointer, |v| drop(v.as_object_mut().unwrap().insert("remark".into(), json!("x")))));
        let Some(Value::Object(fields)) = HONEST.pointer(&pointer).cloned() else { panic!() };
        for key in fields.keys() {
            let what = format!("{pointer}/{key} left out");
            fails(&what, changed(&pointer, |v| drop(v.as_object_mut().unwrap().remove(key))));
        }
    }
}

#[test]
fn no_list_may_be_shortened_lengthened_or_reordered() {
    for pointer in places(|v| v.as_array().is_some_and(|l| !l.is_empty())) {
        fails(&pointer, changed(&pointer, |v| drop(v.as_array_mut().unwrap().pop())));
        fails(
            &pointer,
            changed(&pointer, |v| {
                let list = v.as_array_mut().unwrap();
                list.push(list[0].clone());
            }),
        );
    }
    for pointer in places(|v| v.as_array().is_some_and(|l| l.first() != l.last())) {
        fails(&pointer, changed(&pointer, |v| v.as_array_mut().unwrap().reverse()));
    }
}

#[test]
fn no_value_may_be_another_or_of_another_kind() {
    for pointer in places(|v| !v.is_object() && !v.is_array()) {
        fails(
            &pointer,
            changed(&pointer, |v| {
                *v = match &*v {
                    Value::Null => json!(""),
                    Value::Bool(b) => json!(!*b),
                    Value::Number(n) => json!(n.as_u64().unwrap() + 1),
                    Value::String(text) => json!(format!("{text} ")),
                    _ => panic!(),
                };
            }),
        );
    }
    for pointer in places(Value::is_number) {
        // 3.0 for 3: a reader of floating-point numbers sees no difference.
        fails(&pointer, changed(&pointer, |v| *v = json!(v.as_f64().unwrap())));
    }
    for pointer in places(Value::is_object) {
        // The fields' values without their names, in the order in which they are declared or in any other.
        fails(&pointer, changed(&pointer, |v| *v = v.as_object().unwrap().values().cloned().collect()));
    }
}

#[test]
fn votes_may_not_be_split_padded_or_repeated() {
    let votes = "/contests/0/votes";
    let first = HONEST.pointer("/contests/0/votes/0").unwrap().clone();
    let (choice, count) = (first["choice"].clone(), first["count"].as_u64().unwrap());
    let insert = |entries: Vec<Value>| changed(votes, |v| drop(v.as_array_mut().unwrap().splice(0..1, entries)));
    fails("a choice twice", insert(vec![first.clone(), first.clone()]));
    fails("nought in front", insert(vec![json!({"choice": choice, "count": 0}), first.clone()]));
    fails("a choice without votes", insert(vec![first.clone(), json!({"choice": {"one": 7}, "count": 0})]));
    if count > 1 {
        let parts = [1, count - 1].map(|n| json!({"choice": choice, "count": n}));
        fails("a count in two parts", insert(parts.to_vec()));
    }
    // Other writings of one choice.
    for other in [json!({"set": [0]}), json!({"one": "0"}), json!({"blank": null}), json!([0])] {
        fails(&format!("{other}"), insert(vec![json!({"choice": other, "count": count})]));
    }
}

#[test]
fn a_field_that_stands_twice_is_refused() {
    // Readers differ on which of the two they take: here the true one stands last, there first.
    let text = serde_json::to_string(&*HONEST).unwrap();
    for (field, lie) in [
        ("\"format\":", "\"selge-result/2\","),
        ("\"counted\":", "99,"),
        ("\"undecodable\":", "99,"),
        ("\"outcome\":", "null,"),
        ("\"vacant\":", "7,"),
        ("\"candidate\":", "\"c9\","),
        ("\"type\":", "\"personal\","),
        ("\"quota\":", "\"9/1\","),
    ] {
        let at = text.find(field).unwrap();
        fails(field, format!("{}{field}{lie}{}", &text[..at], &text[at..]).into_bytes());
        let (head, tail) = text.split_at(at);
        let end = at + tail.find([',', '}']).unwrap();
        let lie = lie.trim_end_matches(',');
        if !tail[field.len()..].starts_with(['{', '[']) {
            fails(field, format!("{}{},{field}{lie}{}", head, &text[at..end], &text[end..]).into_bytes());
        }
    }
}

#[test]
fn bytes_around_the_document_are_refused() {
    let text = serde_json::to_string(&*HONEST).unwrap();
    for bytes in
        [format!("{text}{text}"), format!("{text},"), format!("\u{feff}{text}"), format!("[{text}]"), String::new()]
    {
        fails(bytes.get(..20).unwrap_or(""), bytes.clone().into_bytes());
    }
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    fails("UTF-16", utf16);
}
