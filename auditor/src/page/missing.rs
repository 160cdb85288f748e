//! What a check is missing, or why it was not done, in the reader's language.
//!
//! As with culprits, the report holds one text for each (`Ledger::lack`, `Ledger::skip`): what is known is said in the
//! page's language, what is of any other form stays as it is.

use super::culprit::{holes, is_path, Culprits};
use super::words::Words;

/// What can be missing, the more special first, and the text for each. `SourceError`'s texts are among them, as they stand
/// behind a path.
const FORMS: &[(&str, &str)] = &[
    ("{what}, and never will be: the key ceremony failed", "missing-never"),
    ("what it needs is not in the record", "missing-not-there"),
    ("what it needs is not there or did not pass: see {checks}", "missing-see"),
    ("not done: it was not asked for", "missing-not-asked"),
    ("not done for {contests}: not asked for", "missing-not-asked-for"),
    ("the record cannot be listed: {error}", "missing-listing"),
    ("there is no file at all: is this the folder of an election record?", "missing-no-file"),
    ("the first entries, tile/entries/000, are missing", "missing-first-entries"),
    ("entries after entry {n}, which is not in order", "missing-after"),
    ("entries that cannot be read may name further files", "missing-unread"),
    ("too many files are missing to tell", "missing-too-many"),
    ("the roll is not on the board", "missing-roll"),
    ("voting has not been opened", "missing-opened"),
    ("voting has not been closed", "missing-closed"),
    ("voting has not been closed: further ballots may come", "missing-closed-further"),
    ("the opening, which names the key that ballots are encrypted under", "missing-opening-key"),
    ("not every ballot's proofs hold, so what is to be counted is not known", "missing-proofs"),
    (
        "{contest}: a counted ballot is no ciphertext at all, and no mix of it can be checked ({checks} names it)",
        "missing-no-ciphertext",
    ),
    ("{contest}: {found} trustees decrypted, {needed} are needed", "missing-trustees"),
    ("{contest}: the fully mixed list", "missing-mixed-list"),
    ("{contest}: the combined decryptions", "missing-combined"),
    ("the right decryption of {who}", "missing-decryption"),
    ("{who}: its files cannot be used", "missing-files"),
    ("the published result", "missing-result"),
    ("the published result, which names the trustees whose decryptions are combined", "missing-result-trustees"),
    ("the election is not finished: it is in the set-up phase", "missing-finished-set-up"),
    ("the election is not finished: it is in the voting phase", "missing-finished-voting"),
    ("the election is not finished: it is in the counting phase", "missing-finished-counting"),
    ("the election is not finished: it is in the aborted phase", "missing-finished-aborted"),
    ("the votes of 1 contest ({checks})", "missing-votes-one"),
    ("the votes of {n} contests ({checks})", "missing-votes"),
    ("right numbers of ballots ({checks})", "missing-numbers"),
    ("{standing}; the election is not finished, and they may still come", "missing-cosignatures"),
    ("an answer that is none of ballots", "missing-answer-ballots"),
    ("an answer that is none of mixes", "missing-answer-mixes"),
    ("an answer that is none of decryptions", "missing-answer-decryptions"),
    (
        "the proofs were not checked: a worker gave an answer that is none to its task; audit again",
        "missing-lost-answer",
    ),
    ("the proofs were not checked: the worker ended: {reason}; audit again", "missing-lost-worker"),
    ("{file}, the {kind} of {who}: {error}", "missing-file-of"),
    ("{file}: {error}", "missing-file"),
    ("{contest}: {who}", "missing-in-contest"),
];

/// Why a file cannot be read (`SourceError`).
const ERRORS: &[(&str, &str)] = &[
    ("the file is missing", "missing-error-missing"),
    ("the file is longer than {n} bytes, the most that it may have", "missing-error-too-long"),
    ("this is not a plain file", "missing-error-not-plain"),
    ("the file cannot be read: {reason}", "missing-error-read"),
];

/// Which witnesses have cosigned (`Standing`), and what may be said of some of them behind it.
const STANDING: &str = "{found} of {n} witnesses have cosigned it, {needed} must";
const WITNESSES: &[(&str, &str)] = &[
    ("cosigned: {names}", "missing-standing-cosigned"),
    ("not cosigned: {names}", "missing-standing-not"),
    ("a cosignature that does not hold: {names}", "missing-standing-false"),
];

impl Culprits<'_> {
    /// What is missing, in the page's language; nothing if it is of no known form.
    pub(super) fn missing(&self, text: &str, words: &Words) -> Option<String> {
        // A path is what it is in every language.
        if is_path(text) {
            return Some(text.to_owned());
        }
        let masked = self.mask(text)?;
        self.of_forms(FORMS, &masked, words).or_else(|| self.somebody(&masked, words))
    }

    fn of_forms(&self, forms: &[(&str, &str)], masked: &str, words: &Words) -> Option<String> {
        forms.iter().find_map(|(form, key)| self.lacking(form, key, masked, words))
    }

    fn lacking(&self, form: &str, key: &str, masked: &str, words: &Words) -> Option<String> {
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for (hole, value) in holes(form, masked)? {
            let said = match hole {
                "n" | "found" | "needed" => {
                    numbers.push((hole, value.parse().ok()?));
                    continue;
                }
                "who" | "contest" => self.somebody(value, words)?,
                "what" => self.of_forms(FORMS, value, words)?,
                "error" => self.of_forms(ERRORS, value, words)?,
                "standing" => self.standing(value, words)?,
                "kind" => {
                    let key = format!("kind-{}", value.replace(' ', "-"));
                    words.has(&key).then(|| words.say(&key))?
                }
                "file" if is_path(value) => value.to_owned(),
                "file" => return None,
                // Ids of checks and contests, names of witnesses, and what a system says.
                _ => self.unmask(value),
            };
            texts.push((hole, said));
        }
        let texts: Vec<_> = texts.iter().map(|(hole, said)| (*hole, said.as_str())).collect();
        Some(words.tell(key, &numbers, &texts))
    }

    fn standing(&self, masked: &str, words: &Words) -> Option<String> {
        let mut parts = masked.split("; ");
        let mut said = self.lacking(STANDING, "missing-standing", parts.next()?, words)?;
        for part in parts {
            let part = self.of_forms(WITNESSES, part, words)?;
            said = words.tell("missing-standing-and", &[], &[("one", &said), ("other", &part)]);
        }
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::Language;
    use super::*;

    const NAMES: [&str; 3] = ["mayor, parks", "w1.example, w2.example", "Permission denied (os error 13)"];

    fn plain(text: &str) -> String {
        text.replace(['\u{2068}', '\u{2069}'], "")
    }

    /// A text of each form, with everything that can stand in it.
    fn texts() -> Vec<String> {
        let mut errors: Vec<String> = Vec::new();
        for (error, _) in ERRORS {
            errors.push(error.replace("{n}", "500").replace("{reason}", NAMES[2]));
        }
        let witnesses: Vec<_> = WITNESSES.iter().map(|(one, _)| one.replace("{names}", NAMES[1])).collect();
        let standing = STANDING.replace("{found}", "2").replace("{n}", "5").replace("{needed}", "3");
        let parties = ["trustee 7 (not in the manifest)", "mix server 2 (not in the manifest), contest 3", "voter 9f"];
        let whats = ["the roll is not on the board", "voting has not been opened", "voting has not been closed"];
        let mut all: Vec<String> = Vec::new();
        for (form, _) in FORMS {
            for (who, error) in parties.iter().cycle().zip(&errors) {
                for what in whats {
                    let kind = if what.ends_with("closed") { "partial decryption" } else { "roll" };
                    let text = form.replace("{who}", who).replace("{error}", error).replace("{what}", what);
                    let text = text
                        .replace("{kind}", kind)
                        .replace("{standing}", &[&standing, &witnesses.join("; ")].map(|s| s.as_str()).join("; "));
                    let text = text.replace("{contest}", "contest 3").replace("{contests}", NAMES[0]);
                    let text =
                        text.replace("{checks}", "FILE-4, CAST-1").replace("{file}", "tile/entries/x001/234.p/5");
                    let text = text.replace("{found}", "2").replace("{needed}", "3").replace("{n}", "12");
                    all.push(text.replace("{reason}", NAMES[2]));
                }
            }
        }
        all.extend(parties.map(str::to_owned));
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn every_form_is_said_in_every_language_and_english_says_what_the_report_does() {
        let culprits = Culprits::new(None);
        for text in texts() {
            let said = culprits.missing(&text, &Words::new(Language::English)).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(plain(&said), text);
            for language in Language::ALL.into_iter().skip(1) {
                let said = plain(&culprits.missing(&text, &Words::new(language)).unwrap());
                let own = NAMES.iter().fold(said.replace("tile/entries", ""), |said, name| said.replace(name, ""));
                for english in ["the ", "not ", "entr", "trustee", "contest", "file ", " is ", " of ", "{", "$"] {
                    assert!(!own.contains(english), "{}: {english:?} in {own}", language.tag());
                }
            }
        }
    }

    #[test]
    fn what_is_of_no_form_is_not_said() {
        let culprits = Culprits::new(None);
        for text in [
            "",
            "anything",
            "files/ab: what no source says",
            "no path: the file is missing",
            "entries after entry x, which is not in order",
            "contest \"unknown\": the fully mixed list",
            "tile/0/000, the new kind of voter 9f: the file is missing",
            "2 of 5 witnesses have cosigned it, 3 must; new: a; the election is not finished, and they may still come",
            "anything, and never will be: the key ceremony failed",
            "the election is not finished: it is in the new phase",
            "\u{1}0\u{2}: the fully mixed list",
        ] {
            for language in Language::ALL {
                assert_eq!(culprits.missing(text, &Words::new(language)), None, "{text}");
            }
        }
    }

    #[test]
    fn a_path_is_the_same_in_every_language() {
        for path in ["checkpoint", "tile/0/x001/067.p/5", "files/ab/0123"] {
            for language in Language::ALL {
                assert_eq!(Culprits::new(None).missing(path, &Words::new(language)).as_deref(), Some(path));
            }
        }
    }
}
