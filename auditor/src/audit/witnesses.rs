//! The witnesses of the manifest: whether enough of them cosigned the record's checkpoint.

use super::{names, Audit};
use crate::checks::WITNESSED;
use crate::report::{Report, WitnessReport};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::witnesses::Line;

impl Audit<'_> {
    /// Looks at the cosignatures of a checkpoint that the collector has signed, and says in the report what it saw.
    pub(super) fn witnesses(&mut self, manifest: &Manifest, note: &str, checkpoint: &Checkpoint, report: &mut Report) {
        let from = self.ledger.now();
        let witnesses = manifest.witnesses();
        if witnesses.is_empty() {
            report.notes.push(
                "This election has no witnesses. That everybody is shown the same board rests on people comparing its \
                 checkpoint with the one that others have, and with their receipts."
                    .to_owned(),
            );
            return;
        }
        let standing = match witnesses.standing(note, checkpoint) {
            Ok(standing) => standing,
            // The collector's own line could not have been found among lines like these.
            Err(error) => return self.ledger.fail(WITNESSED, names::collector(manifest), error),
        };
        let of = |what: fn(&Line) -> bool| {
            let lines = standing.lines().iter().filter(|(_, line)| what(line));
            lines.map(|(witness, _)| witness.name.clone()).collect::<Vec<_>>()
        };
        let found = WitnessReport {
            quorum: witnesses.quorum() as u64,
            cosigned: of(|line| matches!(line, Line::Cosigned(_))),
            missing: of(|line| matches!(line, Line::Missing)),
            invalid: of(|line| matches!(line, Line::False(_))),
        };
        if !found.invalid.is_empty() {
            report.notes.push(format!(
                "The checkpoint has a cosignature under the name and key id of {} that does not hold; it is not counted. \
                 Ask that witness what it has cosigned.",
                found.invalid.join(", ")
            ));
        }
        let (enough, quorum) = (found.cosigned.len().min(witnesses.quorum()) as u64, found.quorum);
        if quorum == 0 {
            report.notes.push(
                "The manifest names witnesses and demands none of their cosignatures (witness_quorum is 0): whether this \
                 board is the one that they saw is for you to judge."
                    .to_owned(),
            );
        } else {
            self.ledger.count(WITNESSED, "cosignatures of different witnesses", enough, quorum);
            self.ledger.end(WITNESSED);
        }
        report.witnesses = Some(found);
        self.too_few = (!standing.reached()).then(|| standing.to_string());
        self.ledger.took(WITNESSED, from);
    }

    /// Too few cosignatures are a fault once the election is over; before, the collector may still be asking.
    pub(super) fn judge_witnesses(&mut self, manifest: &Manifest, finished: bool) {
        let Some(standing) = self.too_few.take() else { return };
        if finished {
            let problem = format!(
                "{standing}: the witnesses may have been shown another board than this record holds; a later copy of the \
                 record may have their cosignatures, if they only were late"
            );
            let culprit =
                format!("{}; or whoever made this copy and left cosignatures out", names::collector(manifest));
            self.ledger.fail(WITNESSED, culprit, problem);
        } else {
            self.ledger.lack(WITNESSED, format!("{standing}; the election is not finished, and they may still come"));
        }
    }
}
