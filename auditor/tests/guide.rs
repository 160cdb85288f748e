//! What the observer's guide shows of the vectors' election is what the auditor says.

use selge_auditor::{render, verify_part, MemorySource, Part, Scope, Silent};

const GUIDE: &str = include_str!("../../docs/observers-guide.md");

/// The election of the vectors.
fn record() -> MemorySource {
    let text = include_str!("../../core/tests/vectors/record.json");
    let vector: serde_json::Value = serde_json::from_str(text).unwrap();
    let decode = |text: &serde_json::Value| base64_decode(text.as_str().unwrap());
    let files = vector["files"].as_object().unwrap().iter().map(|(path, text)| (path.clone(), decode(text)));
    MemorySource { files: files.collect() }
}

fn base64_decode(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[test]
fn the_guides_election_and_its_verdicts_are_the_vectors() {
    let after = |what: &str| GUIDE.split(what).nth(1).unwrap().split_whitespace().next().unwrap();
    let id = after("auditor verify /tmp/vector-record --election ");
    assert_eq!(after("first-steps.py /tmp/vector-record "), id);
    let verdict = |scope: &Scope| {
        let report = verify_part(&record(), Some(id.parse().unwrap()), scope, &Silent);
        let text = render(&report);
        assert_eq!(report.election.as_deref(), Some(id), "{text}");
        text.lines().last().unwrap().to_owned()
    };
    let passed = verdict(&Scope::all());
    assert!(GUIDE.contains(&passed), "{passed}");
    // The guide's example leaves the election's id out, so that one check less is in it.
    let part = verify_part(&record(), None, &Scope::new([Part::Mix], []), &Silent);
    let part = render(&part);
    assert!(GUIDE.contains(part.lines().last().unwrap()), "{part}");
    for line in part.lines().skip_while(|line| !line.contains(" MIX-2 ")).skip(1).take(2) {
        assert!(GUIDE.contains(line), "{line}");
    }
}
