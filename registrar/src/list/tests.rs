use super::*;
use rand::rngs::OsRng;
use selge_core::codec::Encode;
use selge_core::sign::SigningKey;

fn manifest() -> Manifest {
    let party = |name: &str| serde_json::json!({"name": name, "key": SigningKey::generate(&mut OsRng).verifying_key()});
    let document = serde_json::json!({
        "format": "selge-manifest/1", "title": "Test",
        "opens": "2020-01-01T00:00:00Z", "closes": "2100-01-01T00:00:00Z",
        "commission": party("commission"), "registrar": party("registrar"), "collector": party("board.example"),
        "trustees": [party("t")], "threshold": 1, "mix_servers": [party("m")], "privacy_floor": 2,
        "contests": [{"id": "c", "title": "C", "rule": {"type": "choose_one", "blank": true},
                      "candidates": [{"id": "a", "name": "A"}]}],
        "ballot_styles": [{"id": "town", "contests": ["c"]}, {"id": "village", "contests": ["c"]}],
        "tallies": [{"id": "c", "title": "C", "contests": ["c"], "rule": {"type": "plurality", "seats": 1}}],
    });
    Manifest::parse(&serde_json::to_vec(&document).unwrap()).unwrap()
}

fn key() -> String {
    SigningKey::generate(&mut OsRng).verifying_key().to_string()
}

fn id(n: u32) -> String {
    format!("{n:032x}")
}

fn errors(text: &str, format: Format) -> String {
    format!("{:#}", parse(text.as_bytes(), format, &manifest()).unwrap_err())
}

#[test]
fn csv_and_json_make_the_same_roll() {
    let (a, b) = (key(), key());
    let csv = format!("voter_id,public_key,ballot_style\r\n{},{a},village\r\n\r\n {} , {b} ,town\r\n", id(2), id(1));
    let swapped = format!("\u{feff}ballot_style,voter_id,public_key\ntown,{},{b}\nvillage,{},{a}\n", id(1), id(2));
    let json = serde_json::json!([
        {"voter_id": id(2), "public_key": a, "ballot_style": "village"},
        {"voter_id": id(1), "public_key": b, "ballot_style": "town"},
    ]);
    let roll = parse(csv.as_bytes(), Format::Csv, &manifest()).unwrap();
    assert_eq!(roll.len(), 2);
    assert_eq!(roll.entries()[0].style.0, 0);
    assert_eq!(roll.entries()[1].style.0, 1);
    assert_eq!(roll.entries()[1].key.to_string(), a);
    assert_eq!(parse(swapped.as_bytes(), Format::Csv, &manifest()).unwrap(), roll);
    let json = parse(json.to_string().as_bytes(), Format::Json, &manifest()).unwrap();
    assert_eq!(json.to_bytes(), roll.to_bytes());
}

#[test]
fn every_bad_line_is_named_at_once() {
    let (a, b) = (key(), key());
    let text = format!(
        "voter_id,public_key,ballot_style\n{},{a},town\nxyz,{b},town\n{},{b},moon\n{},{},town\n{},short\n{},{},town\n{},{a},town\n",
        id(1), id(2), id(1), key(), id(3), id(4), "ff".repeat(31), id(5)
    );
    let found = errors(&text, Format::Csv);
    for expected in [
        "line 3: voter_id \"xyz\": voter id must be 32",
        "line 4: ballot_style \"moon\" is not in the manifest, which has town, village",
        "line 4: the same public_key stands in line 3",
        "line 5: the same voter_id stands in line 2",
        "line 6: 2 values, the header names 3",
        "line 7: public_key",
        "line 8: the same public_key stands in line 2",
    ] {
        assert!(found.contains(expected), "{expected}\n{found}");
    }
    assert!(found.starts_with("7 problems"), "{found}");
}

#[test]
fn json_problems_have_lines_too() {
    let text = format!(
        "[\n  {{\"voter_id\": \"{}\", \"public_key\": \"{}\", \"ballot_style\": \"town\"}},\n  {{\"voter_id\": \"1\",\n   \
         \"public_key\": \"{}\", \"ballot_style\": \"town\"}},\n  {{\"voter_id\": \"{}\", \"name\": \"Mari\"}},\n  7\n]",
        id(1), key(), key(), id(2)
    );
    let found = errors(&text, Format::Json);
    for expected in ["3 problems", "line 3: voter_id \"1\"", "line 5: unknown field `name`", "line 6: invalid type"] {
        assert!(found.contains(expected), "{expected}\n{found}");
    }
    assert!(errors("{}", Format::Json).contains("not a JSON array"));
    assert!(errors("[]", Format::Json).contains("names no voters"));
}

#[test]
fn the_header_must_name_the_columns_alone() {
    let extra = errors("voter_id,public_key,ballot_style,name\n", Format::Csv);
    assert!(extra.contains("\"name\" besides") && extra.contains("personal data"), "{extra}");
    assert!(errors("voter_id,public_key\n", Format::Csv).contains("ballot_style is missing"));
    assert!(errors("voter_id,voter_id,public_key,ballot_style\n", Format::Csv).contains("voter_id stands twice"));
    // A list without a header does not lose its first voter.
    assert!(errors(&format!("{},{},town\n", id(1), key()), Format::Csv).contains("the header must be"));
    assert!(errors("", Format::Csv).contains("is missing"));
    assert!(errors("voter_id,public_key,ballot_style\n", Format::Csv).contains("names no voters"));
}

#[test]
fn a_long_list_of_problems_is_cut() {
    let mut text = "voter_id,public_key,ballot_style\n".to_owned();
    (0..80).for_each(|_| text.push_str("x,y,town\n"));
    let found = errors(&text, Format::Csv);
    assert!(found.starts_with("160 problems"), "{found}");
    assert!(found.ends_with("and 110 more"), "{found}");
    assert_eq!(found.lines().count(), 52);
}

#[test]
fn text_that_is_not_utf8_is_named() {
    let mut bytes = b"voter_id,public_key,ballot_style\n".to_vec();
    bytes.extend_from_slice(b"\xff,a,town\n");
    let found = format!("{:#}", parse(&bytes, Format::Csv, &manifest()).unwrap_err());
    assert!(found.contains("line 2: a value is not UTF-8"), "{found}");
}
