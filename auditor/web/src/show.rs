//! The instance that speaks: the page's texts and the report, in the reader's language.

use crate::message::Answer;
use selge_auditor::page::{self, Language, Words};
use selge_auditor::Report;
use std::collections::BTreeMap;

/// The texts around the report.
fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("../page/locales/en.ftl"),
        Language::Estonian => include_str!("../page/locales/et.ftl"),
        Language::Russian => include_str!("../page/locales/ru.ftl"),
        Language::Arabic => include_str!("../page/locales/ar.ftl"),
    }
}

thread_local! {
    static WORDS: BTreeMap<&'static str, Words> =
        Language::ALL.into_iter().map(|language| (language.tag(), Words::of(language, source(language)))).collect();
}

/// A text with numbers and other texts in it.
pub(crate) fn say(
    language: &str,
    key: &str,
    numbers: &BTreeMap<String, u64>,
    texts: &BTreeMap<String, String>,
) -> Answer {
    let numbers: Vec<_> = numbers.iter().map(|(name, number)| (name.as_str(), *number)).collect();
    let texts: Vec<_> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    WORDS.with(|words| match words.get(language) {
        Some(words) if words.has(key) => Answer::default().with("text", words.tell(key, &numbers, &texts)),
        _ => Answer::problem("internal", format!("there is no text {key} in the language {language}")),
    })
}

/// A report as HTML.
pub(crate) fn report(language: &str, whole: bool, report: &[u8]) -> Answer {
    let language = Language::from_tag(language).unwrap_or_default();
    let draw = if whole { page::render } else { page::content };
    match serde_json::from_slice::<Report>(report) {
        Ok(report) => Answer::default().with("html", draw(&report, language)),
        Err(error) => Answer::problem("internal", format!("a report that cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every key with the variables that its text takes.
    fn keys(language: Language) -> BTreeSet<(String, Vec<String>)> {
        let mut found = BTreeSet::new();
        let mut key = String::new();
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for line in source(language).lines() {
            if let Some((name, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                key = name.to_owned();
                assert!(!texts.contains_key(&key), "{}: {key} stands twice", language.tag());
            }
            if !line.starts_with('#') {
                texts.entry(key.clone()).or_default().push_str(line);
            }
        }
        for (key, text) in texts.into_iter().filter(|(key, _)| !key.is_empty()) {
            let names = text
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>());
            let names: BTreeSet<String> = names.map(|name| name.trim_end_matches("-text").to_owned()).collect();
            found.insert((key, names.into_iter().collect()));
        }
        found
    }

    #[test]
    fn every_language_says_everything_and_all_of_it_can_be_read() {
        let english = keys(Language::English);
        for language in Language::ALL {
            assert_eq!(keys(language), english, "{}", language.tag());
            WORDS.with(|words| {
                let words = &words[language.tag()];
                assert!(keys(language).iter().all(|(key, _)| words.has(key)), "{}", language.tag());
            });
        }
    }
}
