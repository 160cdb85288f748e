//! Asking for choices on a terminal, line by line: it works with a screen reader and over a slow connection, and the
//! voter writes the same form as in a file.

use crate::choices::{describe, form, label, parse, ChoiceProblem};
use anyhow::{ensure, Context, Result};
use selge_core::ids::StyleIndex;
use selge_core::manifest::{Contest, Manifest};
use selge_core::rules::{Choice, ChoiceSpace, VotingRule};
use std::io::{Read, Write};
use zeroize::Zeroizing;

/// A longer list is shown only on demand.
const LONG_LIST: usize = 25;

/// Most matches of a search that are shown.
const MATCHES: usize = 20;

/// Longest line that is read.
const MAX_LINE: usize = 16 * 1024;

/// Whom to ask: what is typed is read byte by byte into memory that is wiped, without a buffer that would keep it.
#[derive(Debug)]
pub struct Dialogue<R, W> {
    input: R,
    output: W,
    deed: &'static str,
}

impl<R: Read, W: Write> Dialogue<R, W> {
    /// A dialogue over an input that delivers lines, such as `/dev/tty`.
    pub fn new(input: R, output: W) -> Self {
        Dialogue { input, output, deed: "encrypt and hand in this ballot" }
    }

    /// The same for a ballot that will be opened on the second device and not handed in.
    #[must_use]
    pub fn for_challenge(self) -> Self {
        Dialogue { deed: "encrypt this ballot and open it on the second device instead of casting it", ..self }
    }

    /// Shows text.
    pub(crate) fn say(&mut self, text: &str) -> Result<()> {
        self.output
            .write_all(text.as_bytes())
            .and_then(|()| self.output.flush())
            .context("cannot write to the terminal")
    }

    /// Asks for a line; the end of input is an error, since nobody is there to answer.
    pub(crate) fn line(&mut self, prompt: &str) -> Result<Zeroizing<String>> {
        self.say(prompt)?;
        let mut line = Zeroizing::new(String::with_capacity(MAX_LINE));
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LINE));
        let mut byte = [0];
        loop {
            let read = self.input.read(&mut byte).context("cannot read from the terminal")?;
            ensure!(read == 1, "the input ended: nothing was handed in");
            if byte == *b"\n" {
                break;
            }
            ensure!(bytes.len() < MAX_LINE, "the line is longer than {MAX_LINE} bytes: nothing was handed in");
            bytes.extend_from_slice(&byte);
        }
        // Bytes that are not text name no candidate and are asked for again.
        line.push_str(std::str::from_utf8(&bytes).unwrap_or("\u{fffd}").trim());
        Ok(line)
    }

    /// Shows what will be handed in and asks whether to do so; `None` for no, and the number of a contest to change.
    fn confirm(&mut self, contests: usize) -> Result<Answer> {
        let change = if contests > 1 { ", a contest's number to change it" } else { ", change to choose again" };
        let prompt = format!("Type yes to {}{change}, or no to stop: ", self.deed);
        loop {
            let line = self.line(&prompt)?;
            match line.to_lowercase().as_str() {
                "yes" => return Ok(Answer::Yes),
                "no" => return Ok(Answer::No),
                "change" if contests == 1 => return Ok(Answer::Change(0)),
                text => match text.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < contests) {
                    Some(at) => return Ok(Answer::Change(at)),
                    None if contests > 1 => {
                        self.say("Please answer in full: yes, no, or the number of a contest.\n")?
                    }
                    None => self.say("Please answer in full: yes, change or no.\n")?,
                },
            }
        }
    }
}

enum Answer {
    Yes,
    No,
    Change(usize),
}

/// Asks for the choices that are not `given`, shows all of them in words, and asks for confirmation; `None` if the
/// voter declines.
///
/// # Errors
/// If the terminal is gone.
pub fn ask<R: Read, W: Write>(
    manifest: &Manifest,
    style: StyleIndex,
    given: Option<Vec<Choice>>,
    dialogue: &mut Dialogue<R, W>,
) -> Result<Option<Vec<Choice>>> {
    let contests = contests(manifest, style)?;
    let mut choices = match given {
        Some(choices) => choices,
        None => fill_in(manifest, style, dialogue)?,
    };
    loop {
        dialogue.say(&format!("\n{}: your ballot\n", manifest.document().title))?;
        for (number, ((contest, _), choice)) in (1..).zip(contests.iter().zip(&choices)) {
            let shown = describe(contest, choice);
            dialogue.say(&format!("\n{number}. {}\n", contest.title))?;
            dialogue.say(&shown)?;
        }
        dialogue.say("\n")?;
        match dialogue.confirm(contests.len())? {
            Answer::Yes => return Ok(Some(choices)),
            Answer::No => return Ok(None),
            Answer::Change(at) => {
                if let (Some((contest, space)), Some(choice)) = (contests.get(at), choices.get_mut(at)) {
                    *choice = ask_contest(contest, space, dialogue)?;
                }
            }
        }
    }
}

fn contests(manifest: &Manifest, style: StyleIndex) -> Result<Vec<(&Contest, &ChoiceSpace)>> {
    let style = manifest.style(style).with_context(|| format!("the manifest has no ballot style {style}"))?;
    Ok(style.iter().filter_map(|at| Some((manifest.contest(*at)?, manifest.space(*at)?))).collect())
}

/// Asks for a choice in every contest of the style.
pub(crate) fn fill_in<R: Read, W: Write>(
    manifest: &Manifest,
    style: StyleIndex,
    dialogue: &mut Dialogue<R, W>,
) -> Result<Vec<Choice>> {
    contests(manifest, style)?.into_iter().map(|(contest, space)| ask_contest(contest, space, dialogue)).collect()
}

fn ask_contest<R: Read, W: Write>(
    contest: &Contest,
    space: &ChoiceSpace,
    dialogue: &mut Dialogue<R, W>,
) -> Result<Choice> {
    let count = contest.candidates.len();
    dialogue.say(&format!("\n{}\n", contest.title))?;
    if count <= LONG_LIST {
        show(contest, |_| true, dialogue)?;
    } else {
        dialogue.say(&format!("  {count} candidates: type a part of a name to search, or ? for the whole list\n"))?;
    }
    if let VotingRule::Score { max_score, blank } = contest.rule {
        return ask_scores(contest, max_score, blank, dialogue);
    }
    dialogue.say(&format!("Candidates are named by id or as #1, #2 … Please {}.\n", form(&contest.rule)))?;
    loop {
        let line = dialogue.line("> ")?;
        if line.as_str() == "?" {
            show(contest, |_| true, dialogue)?;
            continue;
        }
        match parse(contest, space, &line) {
            Ok(choice) => return Ok(choice),
            Err(ChoiceProblem::UnknownCandidate { part, .. }) if search(contest, &part, dialogue)? => {}
            Err(problem) => dialogue.say(&format!("{problem}\n"))?,
        }
    }
}

/// One question per candidate: a list of scores in the right order is easy to get wrong.
fn ask_scores<R: Read, W: Write>(
    contest: &Contest,
    max_score: u32,
    blank: bool,
    dialogue: &mut Dialogue<R, W>,
) -> Result<Choice> {
    let mut scores = Zeroizing::new(Vec::with_capacity(contest.candidates.len()));
    for candidate in &contest.candidates {
        loop {
            let or_blank = if blank { ", or blank for no vote in this contest" } else { "" };
            let line = dialogue.line(&format!("Score for {}, 0 to {max_score}{or_blank}: ", label(candidate)))?;
            if blank && line.as_str() == "blank" {
                return Ok(Choice::Blank);
            }
            match line.parse::<u32>() {
                Ok(score) if score <= max_score => {
                    scores.push(score);
                    break;
                }
                _ => dialogue.say(&format!("Please type a number from 0 to {max_score}.\n"))?,
            }
        }
    }
    Ok(Choice::Scores(scores.to_vec()))
}

/// Shows the candidates that contain `part`; false if there are none.
fn search<R: Read, W: Write>(contest: &Contest, part: &str, dialogue: &mut Dialogue<R, W>) -> Result<bool> {
    let part = Zeroizing::new(part.to_lowercase());
    let matching = |position: usize| {
        contest.candidates.get(position).is_some_and(|c| label(c).to_lowercase().contains(part.as_str()))
    };
    let count = (0..contest.candidates.len()).filter(|at| matching(*at)).count();
    if count == 0 {
        return Ok(false);
    }
    dialogue.say(&format!("Matching {:?}:\n", part.as_str()))?;
    let mut shown = 0;
    show(
        contest,
        |at| {
            let show = matching(at) && shown < MATCHES;
            shown += usize::from(show);
            show
        },
        dialogue,
    )?;
    if count > MATCHES {
        dialogue.say(&format!("  and {} more: type more of the name\n", count - MATCHES))?;
    }
    dialogue.say("Please type your choice with the id or # number of the candidate that you mean.\n")?;
    Ok(true)
}

fn show<R: Read, W: Write>(
    contest: &Contest,
    mut which: impl FnMut(usize) -> bool,
    dialogue: &mut Dialogue<R, W>,
) -> Result<()> {
    for (at, candidate) in contest.candidates.iter().enumerate() {
        if which(at) {
            let number = format!("#{}", at + 1);
            dialogue.say(&format!("  {number:>6}  {}\n", label(candidate)))?;
        }
    }
    Ok(())
}
