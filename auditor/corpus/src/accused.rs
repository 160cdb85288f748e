//! Whom a finding accuses, read from its words: a reader has nothing else.

use crate::Attacker;

/// Somebody who is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Party(Attacker),
    /// Whoever made or handed out the copy, which takes nobody's key.
    Copier,
}

/// Those whom a finding accuses: everybody of one of these groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accused(Vec<Vec<Named>>);

impl Accused {
    /// Reads the words under "Responsible".
    pub(crate) fn of(culprit: &str) -> Self {
        let mut groups = Vec::new();
        for part in culprit.split("; or ") {
            // What follows says who did not do it, or that the record does not tell.
            let part = part.split_once(": ").map_or(part, |(accused, _)| accused);
            let (together, rest) = part.split_once(", and with it either ").unwrap_or(("", part));
            for one in rest.split(", or ") {
                groups.push([names(together), names(one)].concat());
            }
        }
        Accused(groups)
    }

    fn is_of(group: &[Named], attacker: &[Attacker]) -> bool {
        let held = |named: &Named| match named {
            Named::Party(party) => attacker.iter().any(|a| a.covers(party)),
            Named::Copier => attacker.is_empty(),
        };
        !group.is_empty() && group.iter().all(held)
    }

    /// Whether one of the groups is of the attacker alone.
    pub(crate) fn holds(&self, attacker: &[Attacker]) -> bool {
        self.0.iter().any(|group| Self::is_of(group, attacker))
    }

    /// Whether there is more than one group, so that nobody is accused for certain who is not in all of them.
    pub(crate) fn is_open(&self) -> bool {
        self.0.len() > 1
    }

    /// Whether the group that stands first is of the attacker alone.
    pub(crate) fn first_holds(&self, attacker: &[Attacker]) -> bool {
        self.0.first().is_some_and(|group| Self::is_of(group, attacker))
    }
}

/// Everybody whom these words name.
fn names(words: &str) -> Vec<Named> {
    let mut named = Vec::new();
    for (name, party) in [
        ("the collector", Attacker::Collector),
        ("the election commission", Attacker::Commission),
        ("the registrar", Attacker::Registrar),
    ] {
        if words.contains(name) {
            named.push(Named::Party(party));
        }
    }
    for (name, party) in [("mix server ", Attacker::Mix as fn(u16) -> _), ("trustee ", Attacker::Trustee)] {
        for (at, _) in words.match_indices(name) {
            let number: String = words[at + name.len()..].chars().take_while(char::is_ascii_digit).collect();
            named.extend(number.parse().ok().map(|number| Named::Party(party(number))));
        }
    }
    let is_id = |rest: &str| rest.len() >= 32 && rest.bytes().take(32).all(|b| b.is_ascii_hexdigit());
    if words.match_indices("voter ").any(|(at, name)| is_id(&words[at + name.len()..])) {
        named.push(Named::Party(Attacker::Voters));
    }
    if ["whoever made this copy", "whoever handed out"].iter().any(|copier| words.contains(copier)) {
        named.push(Named::Copier);
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use Attacker::{Collector, Commission, Mix};

    #[test]
    fn whoever_is_accused_is_read_from_the_words() {
        let collector = Named::Party(Collector);
        for (words, groups) in [
            ("the collector (c), which signed entry 3 (closing) itself: the election commission (C) did not sign it", vec![vec![
                collector,
            ]]),
            ("mix server 12 (M), contest \"a\", and the collector (c), which took it", vec![vec![
                collector,
                Named::Party(Mix(12)),
            ]]),
            (
                "the collector (c), which moved entry 3 (mix); or the collector (c) and mix server 1 (M), which signed it: open",
                vec![vec![collector], vec![collector, Named::Party(Mix(1))]],
            ),
            (
                "the collector (c), which took it, and with it either mix server 1 (M), or the election commission (C): open",
                vec![vec![collector, Named::Party(Mix(1))], vec![collector, Named::Party(Commission)]],
            ),
            ("whoever made this copy (files/ab)", vec![vec![Named::Copier]]),
            ("this program", vec![vec![]]),
        ] {
            assert_eq!(Accused::of(words), Accused(groups), "{words}");
        }
    }

    #[test]
    fn an_accusation_holds_only_of_those_who_did_it() {
        let signer = Accused::of("mix server 1 (M), and the collector (c), which took it");
        assert!(signer.holds(&[Collector, Mix(1)]));
        assert!(!signer.holds(&[Collector]) && !signer.holds(&[Mix(1)]) && !signer.holds(&[]));
        let open =
            Accused::of("the collector (c), and with it either mix server 1 (M), or the election commission (C)");
        assert!(open.holds(&[Collector, Commission]) && !open.first_holds(&[Collector, Commission]));
        assert!(open.is_open() && !open.holds(&[Collector]));
        assert!(!Accused::of("this program").holds(&[Collector]), "nobody is named");
    }
}
