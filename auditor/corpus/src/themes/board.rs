//! The board as a whole: the collector's checkpoint, the tree under it, the witnesses.

use super::{attack, from, record};
use crate::board::stages::{closing, DONE, MIXED, VOTED};
use crate::board::{witness_name, Board, OPENS};
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use rand::rngs::OsRng;
use selge_auditor::checks::{BUNDLES, CHECKPOINT, CLOSING, ROOT, WITNESSED};
use selge_core::cosignature::cosign;
use selge_core::ids::ElectionId;
use selge_core::note::{Checkpoint, MAX_NOTE};
use selge_core::sign::SigningKey;

/// The record with this checkpoint, which the collector signs and a quorum cosigns.
fn checkpoint(of: impl FnOnce(Checkpoint) -> Checkpoint) -> Record {
    record(&DONE, |r| {
        let checkpoint = of(DONE.checkpoint());
        let lines: String = (1..=2).map(|i| DONE.cosign(i, &checkpoint)).collect();
        let note = checkpoint.sign(&DONE.keys.collector) + &lines;
        r.source.files.insert("checkpoint".into(), note.into_bytes());
    })
}

/// The record with these lines of witnesses.
fn lines(of: impl FnOnce(&Checkpoint) -> Vec<String>) -> Record {
    DONE.record_with(&of(&DONE.checkpoint())).into()
}

/// An election of its own, in which voter 7 did not vote, with the keys of the true one.
fn other_history() -> Board {
    let mut board = VOTED.clone();
    let at = board.ballots_of(7)[0];
    board.entries.remove(at);
    board.finish();
    board
}

pub(super) const ALL: &[Manipulation] = &[
    fails(
        CHECKPOINT,
        Culprit::Copier,
        &[],
        "checkpoint-of-a-stranger",
        "the checkpoint is signed with a key that is not the collector's",
        "anybody can publish a board in the collector's name",
        || {
            record(&DONE, |r| {
                let note = DONE.checkpoint().sign(&SigningKey::generate(&mut OsRng));
                r.source.files.insert("checkpoint".into(), note.into_bytes());
            })
        },
    ),
    fails(
        CHECKPOINT,
        Culprit::Collector,
        &[A::Collector],
        "checkpoint-of-another-log",
        "the checkpoint is one that the collector signed for another election's board",
        "a board of another election is taken for this one's",
        || checkpoint(|c| Checkpoint { origin: "board.example/0000000000000000".into(), ..c }),
    ),
    fails(
        CHECKPOINT,
        Culprit::Collector,
        &[A::Collector],
        "checkpoint-of-nothing",
        "the collector signs for a board without entries",
        "no entry has to fit anything",
        || checkpoint(|c| Checkpoint { size: 0, ..c }),
    ),
    fails(
        CHECKPOINT,
        Culprit::Copier,
        &[],
        "checkpoint-without-a-signature",
        "the collector's line is taken out of the checkpoint, the witnesses' are left",
        "a board that the collector never signed for passes as witnessed",
        || {
            record(&DONE, |r| {
                let note = String::from_utf8(r.source.files["checkpoint"].clone()).expect("text");
                let own = format!("\u{2014} {} ", DONE.checkpoint().origin);
                let kept: String = note.split_inclusive('\n').filter(|line| !line.starts_with(&own)).collect();
                r.source.files.insert("checkpoint".into(), kept.into_bytes());
            })
        },
    ),
    fails(
        CHECKPOINT,
        Culprit::Copier,
        &[],
        "checkpoint-edited",
        "the size in a signed checkpoint is one less",
        "the last entry is off the board",
        || {
            record(&DONE, |r| {
                let (size, less) = (format!("\n{}\n", DONE.entries.len()), format!("\n{}\n", DONE.entries.len() - 1));
                let note = String::from_utf8(r.source.files["checkpoint"].clone()).expect("text");
                r.source.files.insert("checkpoint".into(), note.replacen(&size, &less, 1).into_bytes());
            })
        },
    ),
    fails(
        CHECKPOINT,
        Culprit::Copier,
        &[],
        "checkpoint-that-is-no-text",
        "a byte that no text has stands behind the checkpoint",
        "a reader that passes it over shows another checkpoint than it checks",
        || record(&DONE, |r| r.source.files.get_mut("checkpoint").expect("a checkpoint").push(0xff)),
    ),
    fails(
        CHECKPOINT,
        Culprit::Copier,
        &[],
        "checkpoint-longer-than-any",
        "lines without end stand behind the checkpoint",
        "a reader runs out of memory",
        || record(&DONE, |r| r.source.files.get_mut("checkpoint").expect("a checkpoint").resize(MAX_NOTE + 1, b'\n')),
    ),
    fails(
        BUNDLES,
        Culprit::Words("tile/entries/000"),
        &[A::Collector],
        "checkpoint-over-more-than-is-shown",
        "the collector signs for an entry that it does not publish",
        "it decides later what it was",
        || checkpoint(|c| Checkpoint { size: c.size + 1, root: [1; 32], ..c }),
    )
    .incomplete(),
    fails(
        ROOT,
        Culprit::Collector,
        &[A::Collector, A::Witnesses],
        "checkpoint-over-other-entries",
        "collector and witnesses sign a root that the published entries do not lead to",
        "readers of the checkpoint and readers of the entries see different boards",
        || checkpoint(|c| Checkpoint { root: [8; 32], ..c }),
    )
    .known(attack::BOARD),
    fails(
        ROOT,
        Culprit::Collector,
        &[A::Collector, A::Witnesses, A::Commission],
        "last-entry-exchanged-under-the-checkpoint",
        "the checkpoint is over a board that ends with another signature of the commission",
        "two boards are signed for, of which each has its readers",
        || {
            let mut other = DONE.clone();
            let result = other.entries.pop().expect("the result").body;
            other.entries.push(result.sign(&ElectionId([0; 32]), &DONE.keys.commission));
            let root = other.tree().root();
            checkpoint(|c| Checkpoint { root, ..c })
        },
    )
    .known(attack::BOARD),
    fails(
        CLOSING,
        Culprit::Collector,
        &[A::Collector],
        "ballot-dropped",
        "the collector leaves a ballot out that was on the board",
        "the vote is gone",
        || {
            from(&DONE, |board| {
                let at = board.ballots_of(7)[0];
                board.entries.remove(at);
            })
        },
    )
    .known(attack::BOARD),
    fails(
        CLOSING,
        Culprit::Collector,
        &[A::Collector],
        "ballots-reordered",
        "the collector exchanges two ballots' places",
        "what was shown to voters as the board is not what is counted",
        || {
            from(&DONE, |board| {
                let at = board.ballots_of(7)[0];
                board.entries.swap(at, at + 1);
            })
        },
    )
    .known(attack::BOARD),
    fails(
        CLOSING,
        Culprit::Collector,
        &[A::Collector, A::Voters],
        "ballot-added-under-the-closing",
        "a ballot that came after the closing is put before it, without the commission",
        "a late vote is counted",
        || {
            from(&DONE, |board| {
                let at = closing(board);
                board.vote(9);
                let ballot = board.entries.pop().expect("the ballot");
                board.entries.insert(at, ballot);
            })
        },
    ),
    fails(
        WITNESSED,
        Culprit::Copier,
        &[],
        "cosignatures-stripped",
        "the witnesses' lines are taken out of the checkpoint",
        "a board that nobody saw but the collector passes for the one that all saw",
        || lines(|_| Vec::new()),
    ),
    fails(
        WITNESSED,
        Culprit::Collector,
        &[A::Collector],
        "one-witness-twice",
        "one witness's line stands twice",
        "one witness is a quorum",
        || lines(|c| vec![DONE.cosign(1, c), DONE.cosign(1, c)]),
    ),
    fails(
        WITNESSED,
        Culprit::Collector,
        &[A::Collector, A::Witnesses],
        "one-witness-at-two-times",
        "one witness cosigns twice, with different times",
        "one witness is a quorum",
        || {
            lines(|c| {
                let again = cosign(c, &witness_name(1), OPENS + 999, &DONE.keys.witnesses[0]);
                vec![DONE.cosign(1, c), again]
            })
        },
    ),
    fails(
        WITNESSED,
        Culprit::Collector,
        &[A::Collector],
        "cosignatures-of-an-earlier-board",
        "the lines are those under the board before the decryptions",
        "the witnesses never see how it ends",
        || {
            let before = MIXED.checkpoint();
            lines(|_| (1..=3).map(|i| DONE.cosign(i, &before)).collect())
        },
    ),
    fails(
        WITNESSED,
        Culprit::Collector,
        &[A::Collector],
        "cosignature-by-the-collector",
        "the collector signs in a witness's name with its own key",
        "it needs one witness less",
        || {
            lines(|c| {
                let forged = cosign(c, &witness_name(2), OPENS, &DONE.keys.collector);
                vec![DONE.cosign(1, c), forged]
            })
        },
    ),
    fails(
        WITNESSED,
        Culprit::Collector,
        &[A::Collector],
        "cosignature-by-a-stranger",
        "somebody cosigns who is no witness of the manifest",
        "whoever asks more friends has a quorum",
        || {
            lines(|c| {
                let stranger = SigningKey::generate(&mut OsRng);
                vec![DONE.cosign(1, c), cosign(c, "stranger.example", OPENS, &stranger)]
            })
        },
    ),
    fails(
        WITNESSED,
        Culprit::Collector,
        &[A::Collector, A::Commission, A::Mixes, A::Trustees(4)],
        "second-history-without-witnesses",
        "all roles together hold a second count of the same election, in which a ballot is missing, behind the witnesses' back",
        "the difference of the two results is somebody's vote, and either can be published",
        || {
            let other = other_history();
            other.record_with(&(1..=3).map(|i| DONE.cosign(i, &DONE.checkpoint())).collect::<Vec<_>>()).into()
        },
    )
    .known(attack::HISTORIES),
];
