//! What the elections of the tests are like.

use serde_json::json;

/// What an election is like.
pub struct Plan {
    /// How many trustees.
    pub trustees: usize,
    /// How many of them decrypt.
    pub threshold: u16,
    /// How many mix servers.
    pub mixes: usize,
    /// Fewest counted ballots that are decrypted.
    pub floor: u32,
    /// How many witnesses.
    pub witnesses: usize,
    /// How many of them must cosign.
    pub quorum: u16,
    /// The manifest's contests.
    pub contests: serde_json::Value,
    /// The manifest's ballot styles.
    pub styles: serde_json::Value,
    /// The manifest's tallies.
    pub tallies: serde_json::Value,
    /// The style of every voter.
    pub voters: Vec<u16>,
}

/// `n` candidates without lists.
pub fn candidates(n: usize) -> serde_json::Value {
    (0..n).map(|i| json!({"id": format!("c{i}"), "name": format!("Candidate {i}")})).collect()
}

/// Four contests of different rules and widths; the village's has too few ballots to be decrypted.
pub fn town() -> Plan {
    Plan {
        trustees: 5,
        threshold: 3,
        mixes: 3,
        floor: 3,
        witnesses: 3,
        quorum: 2,
        contests: json!([
            {"id": "mayor", "title": "Mayor", "rule": {"type": "choose_one", "blank": true}, "candidates": candidates(3)},
            {"id": "parks", "title": "Parks", "rule": {"type": "approve", "blank": true}, "candidates": candidates(17)},
            {"id": "council", "title": "Council", "rule": {"type": "rank", "max": 3, "blank": false},
             "candidates": candidates(4)},
            {"id": "village", "title": "Village elder", "rule": {"type": "choose_one", "blank": false},
             "candidates": candidates(2)},
        ]),
        styles: json!([
            {"id": "town", "contests": ["mayor", "parks", "council"]},
            {"id": "village", "contests": ["mayor", "council", "village"]},
        ]),
        tallies: json!([
            {"id": "mayor", "title": "Mayor", "contests": ["mayor"], "rule": {"type": "plurality", "seats": 1}},
            {"id": "parks", "title": "Parks", "contests": ["parks"], "rule": {"type": "approval", "seats": 2}},
            {"id": "council", "title": "Council", "contests": ["council"], "rule": {"type": "instant_runoff"}},
            {"id": "village", "title": "Elder", "contests": ["village"], "rule": {"type": "plurality", "seats": 1}},
        ]),
        voters: (0..12).map(|i| u16::from(i >= 10)).collect(),
    }
}

/// The smallest election that has all of its parts.
pub fn smallest() -> Plan {
    Plan {
        trustees: 1,
        threshold: 1,
        mixes: 1,
        floor: 2,
        witnesses: 0,
        quorum: 0,
        contests: json!([{"id": "q", "title": "Q", "rule": {"type": "choose_one", "blank": false},
                          "candidates": candidates(2)}]),
        styles: json!([{"id": "s", "contests": ["q"]}]),
        tallies: json!([{"id": "t", "title": "T", "contests": ["q"], "rule": {"type": "plurality", "seats": 1}}]),
        voters: vec![0, 0],
    }
}
