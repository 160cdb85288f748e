//! Who a finding names, in the reader's language.
//!
//! A finding holds one text (`audit/names.rs`). What is known in it is said in the page's language, names and numbers go in
//! as they are; a text of any other form stays as it is.

use super::words::Words;
use selge_core::manifest::ManifestDocument;

/// Stand around the number of a known name, so that no name can be taken for words around it.
const MARKS: (char, char) = ('\u{1}', '\u{2}');

/// Somebody whom the manifest names, or one of its contests.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known<'m> {
    Commission(&'m str),
    Registrar(&'m str),
    Collector(&'m str),
    Trustee(u64, &'m str),
    MixServer(u64, &'m str),
    Contest(&'m str, &'m str),
}

impl Known<'_> {
    /// As `audit/names.rs` writes it.
    fn text(&self) -> String {
        match self {
            Known::Commission(name) => format!("the election commission ({name})"),
            Known::Registrar(name) => format!("the registrar ({name})"),
            Known::Collector(name) => format!("the collector ({name})"),
            Known::Trustee(n, name) => format!("trustee {n} ({name})"),
            Known::MixServer(n, name) => format!("mix server {n} ({name})"),
            Known::Contest(id, _) => format!("contest {id:?}"),
        }
    }

    fn say(&self, words: &Words) -> String {
        match self {
            Known::Commission(name) => words.naming("culprit-commission", name),
            Known::Registrar(name) => words.naming("culprit-registrar", name),
            Known::Collector(name) => words.naming("culprit-collector", name),
            Known::Trustee(n, name) => words.tell("culprit-trustee", &[("n", *n)], &[("name", name)]),
            Known::MixServer(n, name) => words.tell("culprit-mix-server", &[("n", *n)], &[("name", name)]),
            Known::Contest(_, title) => words.naming("culprit-contest", title),
        }
    }
}

/// Reads what findings call people and things.
pub(super) struct Culprits<'m> {
    /// With their texts, the longest first.
    known: Vec<(String, Known<'m>)>,
}

impl<'m> Culprits<'m> {
    pub(super) fn new(manifest: Option<&'m ManifestDocument>) -> Self {
        let mut known: Vec<Known<'m>> = Vec::new();
        if let Some(manifest) = manifest {
            known.push(Known::Commission(&manifest.commission.name));
            known.push(Known::Registrar(&manifest.registrar.name));
            known.push(Known::Collector(&manifest.collector.name));
            known.extend((1..).zip(&manifest.trustees).map(|(n, one)| Known::Trustee(n, one.name.as_str())));
            known.extend((1..).zip(&manifest.mix_servers).map(|(n, one)| Known::MixServer(n, one.name.as_str())));
            known.extend(manifest.contests.iter().map(|contest| Known::Contest(&contest.id, &contest.title)));
        }
        let mut known: Vec<_> = known.into_iter().map(|one| (one.text(), one)).collect();
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Culprits { known }
    }

    /// The parties that a finding names as responsible, without what it is about.
    pub(super) fn parties(&self, text: &str, words: &Words) -> String {
        let masked = self.mask(text).unwrap_or_default();
        // Behind a colon stands what else is to be said: who did not sign it, and that more is not known.
        let who = masked.split(": ").next().unwrap_or_default();
        let known = who.split(MARKS.0).skip(1).filter_map(|part| self.place(part.split(MARKS.1).next()?));
        let mut named: Vec<&Known<'_>> = Vec::new();
        for one in known.filter(|one| !matches!(one, Known::Contest(..))) {
            if !named.contains(&one) {
                named.push(one);
            }
        }
        let open = ["; or ", ", or ", "either "].iter().any(|word| who.contains(word));
        let key = if open { "culprit-or" } else { "culprit-and" };
        let names = named.into_iter().map(|one| one.say(words));
        let joined = names.reduce(|one, other| words.tell(key, &[], &[("one", &one), ("other", &other)]));
        joined.unwrap_or_else(|| self.say(text, words))
    }

    /// In the page's language.
    pub(super) fn say(&self, text: &str, words: &Words) -> String {
        self.mask(text).and_then(|masked| self.somebody(&masked, words)).unwrap_or_else(|| text.to_owned())
    }

    /// The text with a number in marks for each name that is known.
    fn mask(&self, text: &str) -> Option<String> {
        if text.contains([MARKS.0, MARKS.1]) {
            return None;
        }
        let mut masked = text.to_owned();
        for (i, (name, _)) in self.known.iter().enumerate() {
            masked = masked.replace(name.as_str(), &format!("{}{i}{}", MARKS.0, MARKS.1));
        }
        Some(masked)
    }

    fn one(&self, masked: &str) -> Option<&Known<'m>> {
        self.place(masked.strip_prefix(MARKS.0)?.strip_suffix(MARKS.1)?)
    }

    fn place(&self, number: &str) -> Option<&Known<'m>> {
        self.known.get(number.parse::<usize>().ok()?).map(|(_, known)| known)
    }

    /// Somebody, in a contest or with a file.
    fn somebody(&self, masked: &str, words: &Words) -> Option<String> {
        let Some((who, of)) = masked.split_once(", ") else { return self.party(masked, words) };
        let of = if is_path(of) { words.naming("culprit-file", of) } else { self.party(of, words)? };
        Some(words.tell("culprit-with", &[], &[("who", &self.party(who, words)?), ("of", &of)]))
    }

    fn party(&self, masked: &str, words: &Words) -> Option<String> {
        if let Some(known) = self.one(masked) {
            return Some(known.say(words));
        }
        let plain = |key| Some(words.say(key));
        match masked {
            "the record" => plain("culprit-record"),
            "the trustees" => plain("culprit-trustees"),
            "this program" => plain("culprit-program"),
            "the election commission" => plain("culprit-the-commission"),
            _ if is_path(masked) => Some(words.naming("culprit-file", masked)),
            _ => {
                let voter = masked.strip_prefix("voter ").filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric()))?;
                Some(words.naming("culprit-voter", voter))
            }
        }
    }
}

/// Whether it can be a path of a record and nothing else.
fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    text == "checkpoint" || text.contains('/') && text.chars().all(plain)
}
