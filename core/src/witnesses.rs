//! The witnesses that a manifest names (`LOG-8`): who has cosigned a checkpoint, and whether they are enough.
//!
//! Only the lines of the manifest's witnesses count, each witness once, and only if the cosignature holds for exactly
//! this checkpoint.

use crate::cosignature::WitnessKey;
use crate::note::{Checkpoint, LogKey, NoteError};

/// Most witnesses of an election: their lines travel with every checkpoint and receipt.
pub const MAX_WITNESSES: usize = 16;

/// Longest name of a witness, in bytes; with [`MAX_WITNESSES`] it keeps a fully cosigned note far below its limit.
pub const MAX_WITNESS_NAME: usize = 200;

/// The witnesses of an election and how many of them must cosign; none for an election without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnesses {
    keys: Vec<WitnessKey>,
    quorum: usize,
}

/// What a checkpoint carries of one witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A cosignature that holds, made at this time in seconds since 1970.
    Cosigned(u64),
    /// Lines under its name and key id, none of which holds.
    False(NoteError),
    /// Nothing.
    Missing,
}

/// What a checkpoint carries of every witness, in the manifest's order.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    quorum: usize,
    lines: Vec<(&'a WitnessKey, Line)>,
}

/// A checkpoint that the log has signed and enough witnesses have cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessedCheckpoint {
    checkpoint: Checkpoint,
    cosigned: usize,
}

/// Why a checkpoint does not count as witnessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The log's checkpoint does not hold.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Too few cosignatures hold.
    #[error("the checkpoint over {size} entries is not witnessed: {standing}")]
    TooFew {
        /// Entries of the checkpoint.
        size: u64,
        /// Who has cosigned and who has not.
        standing: String,
    },
}

impl Witnesses {
    /// The witnesses that a checked manifest names.
    pub(crate) fn new(keys: Vec<WitnessKey>, quorum: usize) -> Self {
        Witnesses { keys, quorum }
    }

    /// Their keys, in the manifest's order.
    pub fn keys(&self) -> &[WitnessKey] {
        &self.keys
    }

    /// How many must cosign.
    pub fn quorum(&self) -> usize {
        self.quorum
    }

    /// Whether the election has no witnesses.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// What `note`, whose checkpoint has been opened, carries of every witness. Lines of others are left alone.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] if the note's signature lines cannot be read.
    pub fn standing(&self, note: &str, checkpoint: &Checkpoint) -> Result<Standing<'_>, NoteError> {
        let (_, lines) = note.split_once("\n\n").ok_or(NoteError::Malformed("no blank line"))?;
        let standing = self.keys.iter().map(|witness| Ok((witness, witness.line(lines, checkpoint)?)));
        Ok(Standing { quorum: self.quorum, lines: standing.collect::<Result<_, NoteError>>()? })
    }

    /// Opens a checkpoint of `log` that the quorum must have cosigned (`LOG-8`).
    ///
    /// # Errors
    /// [`WitnessError`], naming who has cosigned and who has not.
    pub fn open(&self, note: &str, log: &LogKey) -> Result<WitnessedCheckpoint, WitnessError> {
        let checkpoint = Checkpoint::open(note, log)?;
        let standing = self.standing(note, &checkpoint)?;
        if !standing.reached() {
            return Err(WitnessError::TooFew { size: checkpoint.size, standing: standing.to_string() });
        }
        Ok(WitnessedCheckpoint { cosigned: standing.cosigned().count(), checkpoint })
    }
}

impl WitnessKey {
    /// What signature lines carry of this witness; of several lines one that holds is enough, and counts once.
    fn line(&self, lines: &str, checkpoint: &Checkpoint) -> Result<Line, NoteError> {
        let mut state = Line::Missing;
        for line in lines.split_inclusive('\n') {
            match self.find_one(line, checkpoint)? {
                None => {}
                Some(Ok(cosignature)) => return Ok(Line::Cosigned(cosignature.time)),
                Some(Err(error)) => state = Line::False(error),
            }
        }
        Ok(state)
    }
}

impl<'a> Standing<'a> {
    /// Every witness with its line.
    pub fn lines(&self) -> &[(&'a WitnessKey, Line)] {
        &self.lines
    }

    /// The witnesses whose cosignature holds.
    pub fn cosigned(&self) -> impl Iterator<Item = &'a WitnessKey> + '_ {
        self.lines.iter().filter(|(_, line)| matches!(line, Line::Cosigned(_))).map(|(witness, _)| *witness)
    }

    /// Whether they are enough.
    pub fn reached(&self) -> bool {
        self.cosigned().count() >= self.quorum
    }
}

/// Who has cosigned and who has not, in words.
impl std::fmt::Display for Standing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = |of: fn(&Line) -> bool| {
            let names: Vec<_> = self.lines.iter().filter(|(_, line)| of(line)).map(|(w, _)| w.name.as_str()).collect();
            names.join(", ")
        };
        let (n, cosigned) = (self.lines.len(), self.cosigned().count());
        write!(f, "{cosigned} of {n} witnesses have cosigned it, {} must", self.quorum)?;
        for (what, names) in [
            ("cosigned", names(|line| matches!(line, Line::Cosigned(_)))),
            ("not cosigned", names(|line| matches!(line, Line::Missing))),
            ("a cosignature that does not hold", names(|line| matches!(line, Line::False(_)))),
        ] {
            if !names.is_empty() {
                write!(f, "; {what}: {names}")?;
            }
        }
        Ok(())
    }
}

impl WitnessedCheckpoint {
    /// The checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// How many witnesses have cosigned it.
    pub fn cosigned(&self) -> usize {
        self.cosigned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosignature::cosign;
    use crate::sign::SigningKey;
    use rand::rngs::OsRng;

    struct Stage {
        log: SigningKey,
        witnesses: Vec<SigningKey>,
        of: Witnesses,
    }

    fn name(i: usize) -> String {
        format!("w{i}.example")
    }

    fn stage(quorum: usize) -> Stage {
        let witnesses: Vec<_> = (0..3).map(|_| SigningKey::generate(&mut OsRng)).collect();
        let keys = (0..).zip(&witnesses).map(|(i, key)| WitnessKey { name: name(i), key: key.verifying_key() });
        let of = Witnesses::new(keys.collect(), quorum);
        Stage { log: SigningKey::generate(&mut OsRng), witnesses, of }
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "board.example/0".into(), size: 42, root: [7; 32] }
    }

    impl Stage {
        fn key(&self) -> LogKey {
            LogKey { origin: checkpoint().origin, key: self.log.verifying_key() }
        }

        fn line(&self, i: usize, of: &Checkpoint) -> String {
            cosign(of, &name(i), 1_700_000_000 + i as u64, &self.witnesses[i])
        }

        fn note(&self, lines: &[String]) -> String {
            checkpoint().sign(&self.log) + &lines.concat()
        }

        /// How many count, if they are enough.
        fn open(&self, lines: &[String]) -> Result<usize, WitnessError> {
            self.of.open(&self.note(lines), &self.key()).map(|found| found.cosigned())
        }
    }

    #[test]
    fn a_quorum_is_of_different_witnesses_of_the_manifest_for_this_checkpoint() {
        let stage = stage(2);
        let own = |i| stage.line(i, &checkpoint());
        assert_eq!(stage.open(&[own(0), own(1)]), Ok(2));
        assert_eq!(stage.open(&[own(2), own(1), own(0)]), Ok(3));
        let again = cosign(&checkpoint(), &name(0), 1_700_000_999, &stage.witnesses[0]);
        let other = |of: Checkpoint| stage.line(1, &of);
        let stranger = SigningKey::generate(&mut OsRng);
        for second in [
            String::new(),
            own(0),
            again,
            other(Checkpoint { size: 41, ..checkpoint() }),
            other(Checkpoint { root: [8; 32], ..checkpoint() }),
            other(Checkpoint { origin: "board.example/1".into(), ..checkpoint() }),
            cosign(&checkpoint(), "stranger.example", 1_700_000_000, &stranger),
            // A stranger under a witness's name, and a witness under another's: their key ids are others.
            cosign(&checkpoint(), &name(1), 1_700_000_000, &stranger),
            cosign(&checkpoint(), &name(1), 1_700_000_000, &stage.witnesses[0]),
            // The log's own signature again would make the note malformed; a witness's plain signature counts nothing.
            checkpoint().sign(&stage.witnesses[1]).split_once("\n\n").unwrap().1.replace("board.example/0", &name(1)),
        ] {
            let error = stage.open(&[own(0), second.clone()]).unwrap_err();
            assert!(matches!(error, WitnessError::TooFew { size: 42, .. }), "{second}: {error}");
            assert!(error.to_string().contains("1 of 3 witnesses have cosigned it, 2 must"), "{error}");
            // What does not count does no harm either.
            assert_eq!(stage.open(&[own(0), second, own(2)]), Ok(2));
        }
    }

    #[test]
    fn every_witness_is_named_with_what_it_did() {
        let stage = stage(2);
        let lines = [stage.line(0, &checkpoint()), stage.line(2, &Checkpoint { size: 43, ..checkpoint() })];
        let note = stage.note(&lines);
        let standing = stage.of.standing(&note, &checkpoint()).unwrap();
        assert_eq!(
            standing.to_string(),
            "1 of 3 witnesses have cosigned it, 2 must; cosigned: w0.example; not cosigned: w1.example; \
             a cosignature that does not hold: w2.example"
        );
        assert_eq!(standing.lines()[0].1, Line::Cosigned(1_700_000_000));
        // A line that does not hold is no reason to pass over one that does.
        let both = stage.note(&[lines[1].clone(), stage.line(2, &checkpoint())]);
        assert_eq!(stage.of.standing(&both, &checkpoint()).unwrap().cosigned().count(), 1);
    }

    #[test]
    fn without_witnesses_every_checkpoint_of_the_log_is_enough() {
        let stage = stage(2);
        assert!(!stage.of.is_empty());
        let none = Witnesses::default();
        assert!(none.is_empty());
        assert_eq!(none.open(&stage.note(&[]), &stage.key()).unwrap().checkpoint(), &checkpoint());
        assert!(none.open(&checkpoint().sign(&stage.witnesses[0]), &stage.key()).is_err());
    }
}
