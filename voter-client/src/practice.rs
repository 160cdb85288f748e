//! A practice check: the device shows, with its own key, a check of other choices than the ballot's, which looks the same and
//! holds as well (`CHECK`, simulation). This is why a check is no receipt.

use crate::ask::{fill_in, Dialogue};
use crate::ElectionInfo;
use anyhow::{Context, Result};
use rand::rngs::OsRng;
use selge_core::check::{DeviceKey, Heard};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::StyleIndex;
use selge_core::rules::Choice;
use std::io::{Read, Write};
use std::sync::Mutex;

/// Empties a terminal and what can be scrolled back to, so that one check does not stand above another.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";

/// What is left of a check when it is over: enough to make up the same for any choices.
#[derive(Debug)]
pub struct Practice {
    info: ElectionInfo,
    key: DeviceKey,
    entry: SignedEntry,
}

impl Practice {
    /// `entry` is the recorded ballot that was checked, `key` comes from [`selge_core::check::Listener::into_key`].
    pub fn new(info: ElectionInfo, key: DeviceKey, entry: SignedEntry) -> Self {
        Practice { info, key, entry }
    }

    /// The ballot's style: what contests there are to choose in.
    pub fn style(&self) -> StyleIndex {
        match &self.entry.body {
            EntryBody::Ballot(ballot) => ballot.style,
            _ => StyleIndex(0),
        }
    }

    /// Makes a check that shows these choices, and verifies it as a real one is.
    ///
    /// # Errors
    /// If the choices do not fit the ballot.
    pub fn show(&self, choices: &[Choice]) -> Result<Heard> {
        let made = self.key.practise(self.info.manifest(), self.info.joint_key(), &self.entry, choices, &mut OsRng);
        made.context("these choices do not fit the ballot")
    }
}

/// Shows what the ballot holds on a terminal, and a check of any other choices as often as the holder asks, until the
/// holder ends it or `practice` is taken away because its time is over. `show` writes a check in words; every one stands
/// alone in the window, with the same words around it.
///
/// # Errors
/// If the terminal cannot be written to.
pub fn practise<R: Read, W: Write>(
    practice: &Mutex<Option<Practice>>,
    real: &Heard,
    show: impl Fn(&Heard) -> String,
    dialogue: &mut Dialogue<R, W>,
) -> Result<()> {
    let mut heard = real.clone();
    loop {
        dialogue.say(CLEAR)?;
        dialogue.say(&show(&heard))?;
        dialogue.say(
            "\nThis device can make up the same check for any other choices, and nobody can tell which one stands above. Type \
             practice to choose them, real to see the ballot's own again, or press Enter to end.\n",
        )?;
        match next(practice, real, dialogue)? {
            Some(other) => heard = other,
            None => return Ok(()),
        }
    }
}

/// What to show next; `None` if that is nothing. Whoever closes the terminal has seen enough.
fn next<R: Read, W: Write>(
    practice: &Mutex<Option<Practice>>,
    real: &Heard,
    dialogue: &mut Dialogue<R, W>,
) -> Result<Option<Heard>> {
    let held = || practice.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    loop {
        let Ok(line) = dialogue.line("> ") else { return Ok(None) };
        match line.to_lowercase().as_str() {
            "" => return Ok(None),
            "real" => return Ok(Some(real.clone())),
            "practice" => {
                let ballot = held().as_ref().map(|own| (own.info.manifest().clone(), own.style()));
                let Some((manifest, style)) = ballot else { return Ok(None) };
                let Ok(choices) = fill_in(&manifest, style, dialogue) else { return Ok(None) };
                return held().as_ref().map(|own| own.show(&choices)).transpose();
            }
            _ => dialogue.say("Please type practice or real, or press Enter to end.\n")?,
        }
    }
}
