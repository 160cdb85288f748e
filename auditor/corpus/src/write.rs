//! The corpus as folders, for verifiers that are not ours.

use crate::board::stages::DONE;
use crate::manipulation::Expected;
use crate::{Outcome, Record};
use serde_json::{json, Value};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// The form of `expected.json`.
const FORMAT: &str = "selge-corpus/1";

fn expected(outcome: &Outcome) -> Value {
    let m = &outcome.manipulation;
    let verdict = match m.expected {
        Expected::Failed => "failed",
        Expected::Incomplete => "incomplete",
    };
    json!({
        "format": FORMAT, "name": m.name, "what": m.what, "gain": m.gain, "attack": m.attack,
        "attacker": m.attacker.iter().map(|a| a.text()).collect::<Vec<_>>(),
        "election": DONE.manifest.id().to_string(), "verdict": verdict, "check": m.check.id, "culprit": m.culprit.text(),
    })
}

fn put(folder: &Path, record: &Record, expected: &Value) -> Result<()> {
    let inside = folder.join("record");
    std::fs::create_dir_all(&inside)
        .map_err(|e| Error::new(e.kind(), format!("{} cannot be made: {e}", inside.display())))?;
    record.write(&inside)?;
    std::fs::write(folder.join("expected.json"), format!("{expected:#}\n"))
}

/// Writes every record to `folder/<name>/record`, with `expected.json` beside it; `folder/honest` is the valid record that
/// all come from.
///
/// # Errors
/// Whatever the system says, and [`ErrorKind::AlreadyExists`] if there is something in the folder.
pub fn write(folder: &Path, outcomes: &[Outcome]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    if std::fs::read_dir(folder)?.next().is_some() {
        let problem = format!("{} is not empty: name a new folder, or empty it", folder.display());
        return Err(Error::new(ErrorKind::AlreadyExists, problem));
    }
    let honest = json!({
        "format": FORMAT, "name": "honest", "what": "nothing is manipulated", "gain": null, "attack": null, "attacker": [],
        "election": DONE.manifest.id().to_string(), "verdict": "passed", "check": null, "culprit": null,
    });
    put(&folder.join("honest"), &DONE.record().into(), &honest)?;
    outcomes.iter().try_for_each(|o| put(&folder.join(o.manipulation.name), &o.record, &expected(o)))
}
