//! The page's texts in every language, and numbers as its readers write them.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Estonian.
    Estonian,
    /// Russian.
    Russian,
    /// Arabic.
    Arabic,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 4] = [Language::English, Language::Estonian, Language::Russian, Language::Arabic];

    /// The language's tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Estonian => "et",
            Language::Russian => "ru",
            Language::Arabic => "ar",
        }
    }

    /// The language with this tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Which way it is written: the value of the attribute `dir`.
    pub fn direction(self) -> &'static str {
        match self {
            Language::Arabic => "rtl",
            _ => "ltr",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Language::English => include_str!("words/en.ftl"),
            Language::Estonian => include_str!("words/et.ftl"),
            Language::Russian => include_str!("words/ru.ftl"),
            Language::Arabic => include_str!("words/ar.ftl"),
        }
    }

    /// What stands between groups of three digits, and before a fraction.
    fn signs(self) -> (&'static str, &'static str) {
        match self {
            Language::English | Language::Arabic => (",", "."),
            Language::Estonian | Language::Russian => ("\u{a0}", ","),
        }
    }
}

/// The texts of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Those of the report.
    pub(super) fn new(language: Language) -> Self {
        Self::of(language, language.source())
    }

    /// Those of a page around the report, in Fluent's syntax.
    pub fn of(language: Language, source: &str) -> Self {
        let mut bundle = FluentBundle::new(vec![language.tag().parse::<LanguageIdentifier>().unwrap_or_default()]);
        // What could not be read, and what is there twice, is a test's to find.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
        Words { language, bundle }
    }

    /// A text without numbers.
    pub fn say(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text with numbers: `$name` chooses the form, `$name-text` is the number as it is written.
    pub fn with(&self, key: &str, numbers: &[(&str, u64)]) -> String {
        self.tell(key, numbers, &[])
    }

    /// A text with a name from the record in it.
    pub(super) fn naming(&self, key: &str, name: &str) -> String {
        self.tell(key, &[], &[("name", name)])
    }

    /// A text with numbers and other texts in it.
    pub fn tell(&self, key: &str, numbers: &[(&str, u64)], texts: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, number) in numbers {
            args.set((*name).to_owned(), FluentValue::from(*number));
            args.set(format!("{name}-text"), FluentValue::from(self.number(*number)));
        }
        for (name, text) in texts {
            args.set((*name).to_owned(), FluentValue::from(*text));
        }
        self.format(key, &args)
    }

    fn format(&self, key: &str, args: &FluentArgs<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "no text {key}");
            return key.to_owned();
        };
        self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
    }

    /// Whether there is a text under this key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.get_message(key).is_some_and(|message| message.value().is_some())
    }

    /// A number in groups of three digits.
    pub fn number(&self, n: u64) -> String {
        let digits = n.to_string();
        let (group, _) = self.language.signs();
        let mut text = String::new();
        for (i, digit) in digits.chars().enumerate() {
            // Four digits stand together where a space would separate them.
            if i > 0 && (digits.len() - i).is_multiple_of(3) && (digits.len() > 4 || group == ",") {
                text.push_str(group);
            }
            text.push(digit);
        }
        text
    }

    /// Seconds with one decimal, and the language's sign for them.
    pub(super) fn seconds(&self, seconds: f64) -> String {
        let (_, point) = self.language.signs();
        format!("{}\u{a0}{}", format!("{seconds:.1}").replace('.', point), self.say("seconds"))
    }

    /// A share with one decimal, in percent.
    pub(super) fn percent(&self, part: u64, whole: u64) -> String {
        let (_, point) = self.language.signs();
        let share = if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 };
        format!("{share:.1}").replace('.', point) + "\u{a0}%"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::ALL;
    use std::collections::BTreeSet;

    fn keys(language: Language) -> BTreeSet<&'static str> {
        if let Err((_, errors)) = FluentResource::try_new(language.source().to_owned()) {
            panic!("{}: {errors:?}", language.tag());
        }
        let lines = language.source().lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
        let all: Vec<_> = lines.filter_map(|line| line.split_once(" =")).map(|(key, _)| key).collect();
        let keys: BTreeSet<_> = all.iter().copied().collect();
        assert_eq!(keys.len(), all.len(), "{}: a key stands twice", language.tag());
        keys
    }

    #[test]
    fn every_language_says_everything() {
        let english = keys(Language::English);
        for language in Language::ALL {
            assert_eq!(keys(language), english, "{}", language.tag());
        }
        let words = Words::new(Language::English);
        for check in ALL {
            assert!(words.has(&format!("check-{}", check.id)), "{}", check.id);
            assert!(words.has(&format!("check-{}-means", check.id)), "{}", check.id);
            assert!(words.has(&format!("check-{}-fails", check.id)), "{}", check.id);
            assert_eq!(words.say(&format!("check-{}", check.id)), check.title);
        }
    }

    #[test]
    fn numbers_are_written_as_readers_do() {
        let of = |language, n| Words::new(language).number(n);
        assert_eq!(of(Language::English, 1_234_567), "1,234,567");
        assert_eq!(of(Language::English, 1234), "1,234");
        assert_eq!(of(Language::Estonian, 1234), "1234");
        assert_eq!(of(Language::Russian, 12_345), "12\u{a0}345");
        assert_eq!(Words::new(Language::Estonian).percent(1, 3), "33,3\u{a0}%");
        assert_eq!(Words::new(Language::English).percent(0, 0), "0.0\u{a0}%");
        assert_eq!(Words::new(Language::English).seconds(0.04), "0.0\u{a0}s");
        assert_eq!(Words::new(Language::Russian).seconds(0.6), "0,6\u{a0}с");
        assert_eq!(Words::new(Language::Arabic).seconds(0.6), "0.6\u{a0}ث");
    }

    #[test]
    fn forms_follow_the_number() {
        for language in Language::ALL {
            let words = Words::new(language);
            let texts: BTreeSet<_> = [1, 2, 5].map(|n| words.with("checks-of", &[("n", n)])).into_iter().collect();
            assert_eq!(texts.len(), 3, "{}", language.tag());
            assert!(texts.iter().all(|text| !text.contains("{") && !text.contains("checks-of")));
        }
    }
}
