//! The checks: stable ids and titles. `CHECKS.md` says of each what it looks at and what its failure means.

/// One check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable id.
    pub id: &'static str,
    /// What holds if it passes.
    pub title: &'static str,
}

macro_rules! checks {
    ($($name:ident, $id:literal, $title:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $title, ".")]
            pub const $name: Check = Check { id: $id, title: $title };
        )*
        /// All checks, in the order of a report.
        pub const ALL: &[Check] = &[$($name),*];
    };
}

checks! {
    PLAIN, "FILE-1", "The record consists of plain files";
    COMPLETE, "FILE-2", "No file is missing";
    NOTHING_ELSE, "FILE-3", "No file is there that does not belong";
    DIGESTS, "FILE-4", "Every file holds what its name says";
    MANIFEST, "ELECTION-1", "The board starts with a valid manifest";
    ELECTION_ID, "ELECTION-2", "This is the election that was asked for";
    CHECKPOINT, "BOARD-1", "The checkpoint is signed by the collector";
    BUNDLES, "BOARD-2", "All entries are there and can be read";
    ROOT, "BOARD-3", "The entries lead to the checkpoint's root";
    TILES, "BOARD-4", "Every hash tile is that of the entries";
    WITNESSED, "BOARD-5", "Enough witnesses cosigned the checkpoint";
    DECODED, "ENTRY-1", "Every entry is well formed";
    SIGNED, "ENTRY-2", "Every entry is signed by whoever must sign it";
    ALLOWED, "ENTRY-3", "Every entry may stand where it stands";
    COMMITMENTS, "CEREMONY-1", "Every trustee proved to know its part of the key";
    CONFIRMATIONS, "CEREMONY-2", "Every trustee dealt its shares and confirmed the others'";
    JOINT_KEY, "CEREMONY-3", "The joint key is the sum of the trustees' parts";
    ROLL, "VOTERS-1", "The roll is in order and fits the manifest";
    OPENING, "PERIOD-1", "Voting was opened with this roll and key, at an allowed time";
    CLOSING, "PERIOD-2", "Voting was closed on exactly these entries, at an allowed time";
    BALLOT_PROOFS, "CAST-1", "Every ballot holds valid choices, made by its voter";
    ELIGIBLE, "CAST-2", "Every ballot is of a voter on the roll, in the voter's style, after the voter's last";
    NUMBERS, "CAST-3", "Counted, superseded and cancelled ballots add up to those cast";
    CHAIN, "MIX-1", "Every contest went through every mix server, from the counted ballots on";
    MIXES, "MIX-2", "Every mix only shuffled";
    ENOUGH, "DECRYPT-1", "Enough trustees decrypted every contest";
    DECRYPTIONS, "DECRYPT-2", "Every decryption is right";
    FINISHED, "OUTCOME-1", "The signed result is the last entry";
    VOTES, "OUTCOME-2", "The votes follow from the decryptions that the result names";
    RESULT, "OUTCOME-3", "The published result is the one that these votes give";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn every_check_is_documented_under_its_title() {
        let document = include_str!("../CHECKS.md");
        for check in ALL {
            let row = format!("| {} | {} |", check.id, check.title);
            assert!(document.contains(&row), "CHECKS.md has no row that begins {row:?}");
        }
    }
}
