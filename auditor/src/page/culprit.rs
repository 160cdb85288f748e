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

/// Sentences that a finding's culprit can be (`audit/blame.rs`), the more special ones first, and the text for each.
const FORMS: &[(&str, &str)] = &[
    (
        "{sentence}; or whoever made this copy, whose entries are not shown to be those that the collector signed",
        "culprit-doubt",
    ),
    ("{collector}, which put {entry} on the board: there is no key of {who}", "culprit-no-key"),
    ("{collector}, which put {entry} on the board: {who} did not sign it for this election", "culprit-unsigned"),
    ("{collector}, which put {entry} on the board", "culprit-put"),
    ("{collector}, which signed {entry} itself: {who} did not sign it for this election", "culprit-signed-itself"),
    (
        "{other}, whose signature {entry} bears, and {collector}, which took it: {who} did not sign it for this election",
        "culprit-forged",
    ),
    ("{collector}, which repeated {first} as {entry}: {who} signed it once", "culprit-repeated"),
    ("{collector}, which took {entry} when no ballot may be taken", "culprit-no-time"),
    (
        "{collector}, which left out, repeated or moved what concerns this voter before {entry}; or {collector} and {who}, \
         which signed it like that: the record does not tell which",
        "culprit-voter-before",
    ),
    (
        "{collector}, which changed the entries before {entry}; or {collector} and {who}, which signed it like that: the \
         record does not tell which",
        "culprit-entries-before",
    ),
    (
        "{collector}, which left out the mix before {entry}; or {collector} and {who}, which signed it like that: the \
         record does not tell which",
        "culprit-mix-before",
    ),
    (
        "{collector}, which moved {entry} or left out what must stand before it; or {collector} and {who}, which signed it \
         like that: the record does not tell which",
        "culprit-moved",
    ),
    (
        "{collector}, which took {entry}, and with it either {who}, which signed it like that, or {other}: the record does \
         not tell which",
        "culprit-either",
    ),
    ("{who}, which signed {entry}, and {collector}, which took it", "culprit-signed"),
    ("{who}, which signed for a longer file, and {collector}, which took it", "culprit-longer"),
    ("{who}, which signed for {file}, and {collector}, which took it", "culprit-signed-for"),
    ("{entry}, and {collector}, which took it", "culprit-took"),
    ("{collector}; or whoever made this copy of the entries", "culprit-copied-entries"),
    ("{collector}; or whoever made this copy and left cosignatures out", "culprit-copied-cosignatures"),
    ("{collector}; or whoever made this copy ({file})", "culprit-or-copier"),
    ("whoever made this copy ({entry}); or the collector, which put it there", "culprit-copier-first"),
    ("the collector, which put another entry first; or whoever made this copy ({entry})", "culprit-put-first"),
    (
        "the election commission, if it signed for this manifest; or the collector, or whoever made this copy ({file})",
        "culprit-manifest",
    ),
    ("whoever made this copy ({file}); or {sentence}", "culprit-copier-or"),
    ("whoever made this copy ({file})", "culprit-copier"),
    ("whoever handed out this record, or that id", "culprit-handed-out"),
    ("this program ({who})", "culprit-program-in"),
];

/// Stands for the name of whoever has none in the manifest.
const NOWHERE: &str = " (not in the manifest)";

/// What may be said of an entry behind it.
const ENTRIES: &[(&str, &str)] = &[
    (", a mix of another list than the board has", "culprit-entry-another-list"),
    (", a mix in a later place than its own", "culprit-entry-later-place"),
    (" of a contest that may not be decrypted", "culprit-entry-withheld"),
    (" of another list than the last mix's", "culprit-entry-not-last"),
    (", which does not fit what stands before it", "culprit-entry-unfit"),
];

/// What may be said of somebody else who may be at fault.
const OTHERS: &[(&str, &str)] = &[
    (", which signed another mix before it", "culprit-other-mix-before"),
    (", which signed a closing of other ballots", "culprit-other-closing"),
    (", whose mix was left out and had changed nothing", "culprit-other-left-out"),
    (", which signed another mix", "culprit-other-mix"),
    (" or a trustee, whose roll or message was another", "culprit-other-roll"),
];

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

    /// Who is responsible, by a finding, as briefly as can be said without leaving anybody out.
    pub(super) fn parties(&self, text: &str, words: &Words) -> String {
        self.mask(text).and_then(|masked| self.brief(&masked, words)).unwrap_or_else(|| self.say(text, words))
    }

    fn brief(&self, masked: &str, words: &Words) -> Option<String> {
        // Behind a colon stands what else is to be said: who did not sign it, and that more is not known.
        let who = masked.split(": ").next().unwrap_or_default();
        // Somebody without a name can only be said in the whole sentence.
        if ["whoever", " trustee,", "the trustees", "this program", "the record"]
            .iter()
            .any(|other| who.contains(other))
        {
            return None;
        }
        let mut named: Vec<String> = Vec::new();
        let voter = who.strip_prefix("voter ").or_else(|| Some(who.split_once(" of voter ")?.1));
        if let Some(voter) = voter.or_else(|| Some(who.split_once(" and voter ")?.1)) {
            let id = voter.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
            named.push(words.naming("culprit-voter", id));
        }
        for known in who.split(MARKS.0).skip(1).filter_map(|part| self.place(part.split(MARKS.1).next()?)) {
            let name = known.say(words);
            if !matches!(known, Known::Contest(..)) && !named.contains(&name) {
                named.push(name);
            }
        }
        let join = |key: &'static str| {
            move |one: String, other: String| words.tell(key, &[], &[("one", &one), ("other", &other)])
        };
        if who.contains(", and with it either ") {
            let others = named.split_off(1.min(named.len())).into_iter().reduce(join("culprit-or"));
            return named.into_iter().chain(others).reduce(join("culprit-and-either"));
        }
        let open = who.contains("; or ") || who.contains(", or ");
        named.into_iter().reduce(join(if open { "culprit-or" } else { "culprit-and" }))
    }

    /// In the page's language.
    pub(super) fn say(&self, text: &str, words: &Words) -> String {
        self.mask(text).and_then(|masked| self.sentence(&masked, words)).unwrap_or_else(|| text.to_owned())
    }

    fn sentence(&self, masked: &str, words: &Words) -> Option<String> {
        let of_form = |form: &(&str, &str)| self.formed(form.0, form.1, masked, words);
        FORMS.iter().find_map(of_form).or_else(|| self.entry(masked, words))
    }

    /// The text of a form, if this is of that form and everything in it can be said.
    fn formed(&self, form: &str, key: &str, masked: &str, words: &Words) -> Option<String> {
        let mut texts = Vec::new();
        for (hole, value) in holes(form, masked)? {
            let said = match hole {
                "file" if !value.contains([MARKS.0, MARKS.1]) => value.to_owned(),
                "file" => return None,
                "entry" | "first" => self.entry(value, words)?,
                "other" => self.other(value, words)?,
                // One of the other forms; a copier is named once.
                "sentence" if !value.contains("whoever made this copy") => self.sentence(value, words)?,
                "sentence" => return None,
                _ => self.somebody(value, words)?,
            };
            texts.push((hole, said));
        }
        let texts: Vec<_> = texts.iter().map(|(hole, said)| (*hole, said.as_str())).collect();
        Some(words.tell(key, &[], &texts))
    }

    fn other(&self, masked: &str, words: &Words) -> Option<String> {
        if masked == "another trustee, whose message was another" {
            return Some(words.say("culprit-other-trustee"));
        }
        match OTHERS.iter().find_map(|(end, key)| Some((masked.strip_suffix(end)?, key))) {
            Some((who, key)) => Some(words.tell(key, &[], &[("who", &self.somebody(who, words)?)])),
            None => self.somebody(masked, words),
        }
    }

    /// An entry, or somebody.
    fn entry(&self, masked: &str, words: &Words) -> Option<String> {
        if let Some((entry, key)) = ENTRIES.iter().find_map(|(end, key)| Some((masked.strip_suffix(end)?, key))) {
            return Some(words.tell(key, &[], &[("entry", &self.entry(entry, words)?)]));
        }
        if let Some(contest) = masked.strip_prefix("mixes or decryptions of ") {
            return Some(words.tell("culprit-entries-of", &[], &[("who", &self.party(contest, words)?)]));
        }
        let Some(entry) = masked.strip_prefix("entry ") else { return self.somebody(masked, words) };
        if let Some((at, file)) = entry.split_once(", in ") {
            return Some(words.tell("culprit-entry-in", &[("n", at.parse().ok()?)], &[("file", file)]));
        }
        let Some((at, of)) = entry.split_once(" (") else {
            return Some(words.with("culprit-entry", &[("n", entry.parse().ok()?)]));
        };
        let (at, (kind, of)) = (at.parse().ok()?, of.split_once(')')?);
        let key = format!("kind-{}", kind.replace(' ', "-"));
        let kind = if words.has(&key) { words.say(&key) } else { return None };
        match of.strip_prefix(" of ") {
            Some(who) => {
                let who = self.somebody(who, words)?;
                Some(words.tell("culprit-entry-of", &[("n", at)], &[("kind", &kind), ("who", &who)]))
            }
            None if of.is_empty() => Some(words.tell("culprit-entry-kind", &[("n", at)], &[("kind", &kind)])),
            None => None,
        }
    }

    /// The text with a number in marks for each name that is known.
    pub(super) fn mask(&self, text: &str) -> Option<String> {
        if text.contains([MARKS.0, MARKS.1]) {
            return None;
        }
        let mut masked = text.to_owned();
        for (i, (name, _)) in self.known.iter().enumerate() {
            masked = masked.replace(name.as_str(), &format!("{}{i}{}", MARKS.0, MARKS.1));
        }
        Some(masked)
    }

    /// The text that was masked.
    pub(super) fn unmask(&self, masked: &str) -> String {
        let names = self.known.iter().enumerate();
        names.fold(masked.to_owned(), |text, (i, (name, _))| text.replace(&format!("{}{i}{}", MARKS.0, MARKS.1), name))
    }

    fn one(&self, masked: &str) -> Option<&Known<'m>> {
        self.place(masked.strip_prefix(MARKS.0)?.strip_suffix(MARKS.1)?)
    }

    fn place(&self, number: &str) -> Option<&Known<'m>> {
        self.known.get(number.parse::<usize>().ok()?).map(|(_, known)| known)
    }

    /// Somebody, in a contest or with a file.
    pub(super) fn somebody(&self, masked: &str, words: &Words) -> Option<String> {
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
            _ if masked.ends_with(NOWHERE) => {
                let (role, n) = masked.strip_suffix(NOWHERE)?.rsplit_once(' ')?;
                let key = match role {
                    "trustee" => "culprit-trustee",
                    "mix server" => "culprit-mix-server",
                    _ => return None,
                };
                Some(words.tell(key, &[("n", n.parse().ok()?)], &[("name", &words.say("culprit-not-in-manifest"))]))
            }
            _ if masked.starts_with("contest ") => {
                Some(words.with("culprit-contest-number", &[("n", masked.strip_prefix("contest ")?.parse().ok()?)]))
            }
            _ if is_path(masked) => Some(words.naming("culprit-file", masked)),
            _ => {
                let voter = masked.strip_prefix("voter ").filter(|id| id.chars().all(|c| c.is_ascii_alphanumeric()))?;
                Some(words.naming("culprit-voter", voter))
            }
        }
    }
}

/// What stands in a form's holes, each by its name, if the text is of that form.
pub(super) fn holes<'t>(form: &'t str, text: &'t str) -> Option<Vec<(&'t str, &'t str)>> {
    let mut parts = form.split('{');
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut holes = Vec::new();
    for part in parts {
        let (hole, literal) = part.split_once('}')?;
        // The last hole ends where the text does.
        let (value, after) = match literal {
            "" => (rest, ""),
            _ if form.ends_with(part) => (rest.strip_suffix(literal)?, ""),
            _ => rest.split_once(literal)?,
        };
        rest = after;
        holes.push((hole, value));
    }
    rest.is_empty().then_some(holes)
}

/// Whether it can be a path of a record and nothing else.
pub(super) fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    text == "checkpoint" || text.contains('/') && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    fn culprits() -> Culprits<'static> {
        let known = [
            Known::Collector("board.example"),
            Known::Commission("A; or whoever made this copy (x), which took it: no"),
            Known::MixServer(2, "Mix, and 2"),
            Known::Contest("mayor", "mayor"),
        ];
        let mut known: Vec<_> = known.into_iter().map(|one| (one.text(), one)).collect();
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Culprits { known }
    }

    fn plain(text: &str) -> String {
        text.replace(['\u{2068}', '\u{2069}'], "")
    }

    /// A sentence of each form, with everything that can stand in it.
    fn sentences() -> Vec<String> {
        let server = Known::MixServer(2, "Mix, and 2").text() + ", contest \"mayor\"";
        let commission = Known::Commission("A; or whoever made this copy (x), which took it: no").text();
        let fill = |form: &str, entry: &str, other: &str| {
            let collector = Known::Collector("board.example").text();
            form.replace("{collector}", &collector)
                .replace("{entry}", entry)
                .replace("{first}", "entry 7")
                .replace("{who}", &server)
                .replace("{other}", other)
                .replace("{file}", "files/ab/0123")
                .replace(
                    "{sentence}",
                    &format!("{server}, which signed for a longer file, and {collector}, which took it"),
                )
        };
        let entries = [
            "entry 36 (mix)",
            "entry 36",
            "entry 12 (partial decryption) of voter 9f",
            "mixes or decryptions of contest \"mayor\"",
        ];
        let mut all = Vec::new();
        for (form, _) in FORMS {
            all.extend(entries.iter().map(|entry| fill(form, entry, &commission)));
            all.extend(ENTRIES.iter().map(|(end, _)| fill(form, &format!("entry 36 (mix){end}"), &commission)));
            all.extend(OTHERS.iter().map(|(end, _)| fill(form, "entry 36 (mix)", &format!("{commission}{end}"))));
        }
        all.extend(
            ["voter 9f", "the trustees", "tile/0/000.p/26", "entry 0, in tile/entries/000.p/5"].map(str::to_owned),
        );
        all
    }

    #[test]
    fn every_form_is_said_in_every_language_and_english_says_what_the_finding_does() {
        let culprits = culprits();
        for sentence in sentences() {
            let said = plain(&culprits.say(&sentence, &Words::new(Language::English)));
            assert_eq!(said.replace("the file tile", "tile"), sentence);
            for language in Language::ALL.into_iter().skip(1) {
                let said = plain(&culprits.say(&sentence, &Words::new(language)));
                let own = said.replace("A; or whoever made this copy (x), which took it: no", "");
                for english in [" which ", " whoever ", "collector", " the ", "entry", "{", "$"] {
                    assert!(!own.contains(english), "{}: {own}", language.tag());
                }
            }
        }
    }

    #[test]
    fn what_is_of_no_form_stays_as_it_is() {
        let culprits = culprits();
        for text in [
            "",
            "entry",
            "entry x",
            "entry 5 (mix",
            "entry 5 (new kind)",
            "the collector (another)",
            "\u{1}0\u{2}",
            "mix server 2 (Mix, and 2), which took it",
        ] {
            for language in Language::ALL {
                assert_eq!(culprits.say(text, &Words::new(language)), text);
                culprits.parties(text, &Words::new(language));
            }
        }
    }

    #[test]
    fn nobody_is_left_out_of_the_short_form() {
        let culprits = culprits();
        let short = |text: &str| plain(&culprits.parties(text, &Words::new(Language::English)));
        let (collector, server) = ("the collector (board.example)", "mix server 2 (Mix, and 2)");
        let both = format!("{server} and {collector}");
        assert_eq!(short(&format!("{server}, contest \"mayor\", and {collector}, which took it")), both);
        let voter = format!("entry 12 (ballot) of voter 9f, and {collector}, which took it");
        assert_eq!(short(&voter), format!("voter 9f and {collector}"));
        assert_eq!(
            short(&format!("{collector}, which put entry 5 (mix) on the board: {server} did not sign it")),
            collector
        );
        for whole in [
            format!("{collector}; or whoever made this copy (checkpoint)"),
            format!("the trustees, and {collector}, which took it"),
        ] {
            assert_eq!(short(&whole), whole);
        }
    }
}
