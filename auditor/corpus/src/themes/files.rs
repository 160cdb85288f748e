//! Files of a record that were changed, left out, added or exchanged on the way. Nobody's keys are needed for that.

use super::{attack, place, record};
use crate::board::stages::{is_decryption, is_mix, output, DONE};
use crate::manipulation::{fails, Culprit, Manipulation};
use crate::Record;
use selge_auditor::checks::{BUNDLES, CHECKPOINT, COMPLETE, DECODED, DIGESTS, MANIFEST, NOTHING_ELSE, PLAIN, TILES};
use selge_core::entry::EntryBody;
use selge_core::ids::Digest;
use selge_core::record::file_path;

/// A digest that the finished board names: of an entry of this kind, its first file or a later one.
fn named(of: fn(&EntryBody) -> bool, file: usize) -> Digest {
    DONE.entries[place(&DONE, 0, of)].body.files()[file]
}

fn bytes<'a>(record: &'a mut Record, digest: &Digest) -> &'a mut Vec<u8> {
    record.source.files.get_mut(&file_path(digest)).expect("a file of the record")
}

fn path(record: &Record, start: &str) -> String {
    record.source.files.keys().find(|p| p.starts_with(start)).expect("a file of the record").clone()
}

/// One bit of a file is changed.
fn flipped(of: fn(&EntryBody) -> bool, file: usize, at: usize) -> Record {
    record(&DONE, |r| bytes(r, &named(of, file))[at] ^= 1)
}

fn without(of: fn(&EntryBody) -> bool, file: usize) -> Record {
    record(&DONE, |r| drop(r.source.files.remove(&file_path(&named(of, file)))))
}

fn with(path: &str, bytes: &[u8]) -> Record {
    record(&DONE, |r| drop(r.source.files.insert(path.to_owned(), bytes.to_vec())))
}

fn roll(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Roll(_))
}

fn result(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Result(_))
}

fn manifest(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Manifest(_))
}

/// A file that is left out.
const fn withheld(name: &'static str, what: &'static str, gain: &'static str, make: fn() -> Record) -> Manipulation {
    fails(COMPLETE, Culprit::Words("files/"), &[], name, what, gain, make).incomplete()
}

pub(super) const ALL: &[Manipulation] = &[
    fails(
        PLAIN,
        Culprit::Words("notes"),
        &[],
        "link-beside-the-files",
        "a symbolic link lies in the record's folder",
        "whoever copies or serves the folder follows it to files that are none of the record's",
        || record(&DONE, |r| drop(r.links.insert("notes".into(), "/etc/passwd".into()))),
    ),
    fails(
        PLAIN,
        Culprit::Words("files/"),
        &[],
        "link-named-like-a-digest",
        "a symbolic link lies among the files under a name of 64 digits",
        "a reader takes what it points to, which can change later, for a file of the record",
        || record(&DONE, |r| drop(r.links.insert(file_path(&Digest([7; 32])), "../checkpoint".into()))),
    ),
    fails(
        COMPLETE,
        Culprit::Words("tile/0/000.p/"),
        &[],
        "hash-tile-withheld",
        "a tile of the tree's hashes is left out",
        "nobody can prove from this copy that an entry is on the board",
        || {
            record(&DONE, |r| {
                let path = path(r, "tile/0/");
                r.source.files.remove(&path);
            })
        },
    )
    .incomplete(),
    withheld(
        "mix-proof-withheld",
        "the proof of mix server 1 for the mayor is left out",
        "nobody can tell whether the mix put other ballots in the place of these",
        || without(is_mix, 1),
    ),
    withheld(
        "mixed-list-withheld",
        "the output of mix server 1 for the mayor is left out",
        "nobody can tell whether the mix put other ballots in the place of these",
        || without(is_mix, 0),
    ),
    withheld(
        "factors-withheld",
        "the factors of trustee 1 for the mayor are left out",
        "nobody can tell whether the votes follow from the ballots",
        || without(is_decryption, 0),
    )
    .known(attack::FACTORS),
    withheld("roll-withheld", "the roll is left out", "nobody can tell whether those who voted may vote", || {
        without(roll, 0)
    }),
    withheld(
        "result-withheld",
        "the result's document is left out",
        "a result can be spread by word of mouth that is not the signed one",
        || without(result, 0),
    ),
    fails(
        MANIFEST,
        Culprit::Words("files/"),
        &[],
        "manifest-withheld",
        "the manifest is left out",
        "nobody can tell whose keys count",
        || without(manifest, 0),
    )
    .incomplete(),
    fails(
        CHECKPOINT,
        Culprit::Words("checkpoint"),
        &[],
        "checkpoint-withheld",
        "the checkpoint is left out",
        "entries can be dropped or added: nothing says which the collector signed for",
        || record(&DONE, |r| drop(r.source.files.remove("checkpoint"))),
    )
    .incomplete(),
    fails(
        NOTHING_ELSE,
        Culprit::Words("files/0000"),
        &[],
        "file-that-nobody-names",
        "a file lies among the files that no entry names",
        "a reader takes it for part of the signed record",
        || with(&file_path(&Digest([0; 32])), b"{\"votes\": 99}"),
    ),
    fails(
        NOTHING_ELSE,
        Culprit::Words("README.txt"),
        &[],
        "text-beside-the-files",
        "a text lies beside the checkpoint",
        "it tells readers what the record is said to show",
        || with("README.txt", b"The mayor was elected with 99 votes."),
    ),
    fails(
        NOTHING_ELSE,
        Culprit::Words("checkpoint.old"),
        &[],
        "second-checkpoint",
        "an earlier checkpoint that holds lies beside the newest one",
        "tools that read any checkpoint they find take an earlier board for this one",
        || {
            let mut before = DONE.clone();
            before.unpublish();
            with("checkpoint.old", before.record().files["checkpoint"].as_slice())
        },
    ),
    fails(
        NOTHING_ELSE,
        Culprit::Words("tile/0/000.p/3"),
        &[],
        "tile-of-an-earlier-board",
        "a hash tile of the board with three entries, which holds, lies beside the newest",
        "tools that read any tile they find take an earlier board for this one",
        || {
            let tile = DONE.record().files.into_iter().find(|(p, _)| p.starts_with("tile/0/")).expect("a tile").1;
            with("tile/0/000.p/3", &tile[..96])
        },
    ),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "manifest-changed",
        "the manifest's file says that two ballots are enough to decrypt a contest",
        "a reader thinks that another election was held",
        || {
            record(&DONE, |r| {
                let file = bytes(r, &named(manifest, 0));
                let text = String::from_utf8(file.clone()).expect("JSON");
                *file = text.replace("\"privacy_floor\": 3", "\"privacy_floor\": 2").into_bytes();
                assert_ne!(*file, text.into_bytes());
            })
        },
    ),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "roll-changed",
        "a voter's style is another in the roll's file",
        "that voter's ballot looks as if it were for other contests",
        || record(&DONE, |r| *bytes(r, &named(roll, 0)).last_mut().expect("a roll") ^= 1),
    ),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "mixed-list-changed",
        "a ciphertext in a mix's output is another",
        "a ballot is exchanged after it was proven",
        || flipped(is_mix, 0, 40),
    )
    .known(attack::BOARD),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "mix-proof-changed",
        "an answer in a mix's proof is another",
        "an honest mix server looks like a cheat",
        || flipped(is_mix, 1, 500),
    ),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "mixed-lists-exchanged",
        "the outputs of mix servers 1 and 2 for the mayor lie under each other's names",
        "honest mix servers look like cheats",
        || {
            record(&DONE, |r| {
                let (one, two) = (output(0), output(1));
                let (of_one, of_two) = (bytes(r, &one).clone(), bytes(r, &two).clone());
                *bytes(r, &one) = of_two;
                *bytes(r, &two) = of_one;
            })
        },
    ),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "mixed-list-longer",
        "a mix's output has a ballot more at its end",
        "a ballot is added after the count",
        || record(&DONE, |r| bytes(r, &output(0)).extend([9; 64])),
    ),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "factors-changed",
        "a factor of trustee 1 for the mayor is another",
        "an honest trustee looks like a cheat",
        || flipped(is_decryption, 0, 20),
    ),
    fails(
        DIGESTS,
        Culprit::Copier,
        &[],
        "result-changed",
        "the result's file gives the mayor's first choice another number of votes",
        "the wrong candidate looks elected",
        || {
            record(&DONE, |r| {
                let file = bytes(r, &named(result, 0));
                let text = String::from_utf8(file.clone()).expect("JSON");
                *file = text.replacen("\"count\": ", "\"count\": 9", 1).into_bytes();
                assert_ne!(*file, text.into_bytes());
            })
        },
    ),
    fails(
        BUNDLES,
        Culprit::Words("tile/entries/000"),
        &[],
        "last-entry-cut-off",
        "the last entry is left out of its bundle",
        "the result is gone, as if the election were still being counted",
        || {
            record(&DONE, |r| {
                let path = path(r, "tile/entries/");
                let last = DONE.bytes().pop().expect("an entry").len() + 2;
                let bundle = r.source.files.get_mut(&path).expect("a bundle");
                bundle.truncate(bundle.len() - last);
            })
        },
    ),
    fails(
        MANIFEST,
        Culprit::Words("tile/entries/000"),
        &[],
        "entries-withheld",
        "the bundle with all entries is left out",
        "nothing can be checked any more",
        || record(&DONE, |r| drop(r.source.files.remove(&path(r, "tile/entries/")))),
    )
    .incomplete(),
    fails(
        DECODED,
        Culprit::Words("entry 0"),
        &[],
        "first-entry-of-another-version",
        "the version of the entry that names the manifest is changed",
        "nobody can tell which election it is",
        || {
            record(&DONE, |r| {
                let bundle = path(r, "tile/entries/");
                // Behind the entry's length.
                r.source.files.get_mut(&bundle).expect("a bundle")[2] ^= 0x80;
            })
        },
    ),
    withheld(
        "all-files-but-the-manifest-withheld",
        "every file that an entry names is left out, but for the manifest",
        "a board of which nothing can be checked is taken for a record",
        || {
            record(&DONE, |r| {
                let kept = file_path(&named(manifest, 0));
                r.source.files.retain(|path, _| !path.starts_with("files/") || *path == kept);
            })
        },
    ),
    fails(
        BUNDLES,
        Culprit::Words("tile/entries/000"),
        &[],
        "entry-hidden-behind-the-last",
        "a bundle has an entry more than the checkpoint's size says",
        "a reader that stops at the end of the file sees a ballot that the tree does not have",
        || {
            record(&DONE, |r| {
                let path = path(r, "tile/entries/");
                let ballot = DONE.bytes()[DONE.ballots_of(4)[0]].clone();
                let bundle = r.source.files.get_mut(&path).expect("a bundle");
                bundle.extend((ballot.len() as u16).to_be_bytes());
                bundle.extend(ballot);
            })
        },
    ),
    fails(
        TILES,
        Culprit::Words("tile/0/000.p/"),
        &[],
        "hash-tile-changed",
        "a hash in a tile is another",
        "voters cannot find their ballots' hashes, or find others",
        || {
            record(&DONE, |r| {
                let path = path(r, "tile/0/");
                r.source.files.get_mut(&path).expect("a tile")[40] ^= 4;
            })
        },
    ),
    fails(
        TILES,
        Culprit::Words("tile/0/000.p/"),
        &[],
        "hash-tile-of-another-board",
        "a hash tile is that of a board on which a ballot is missing",
        "a proof is made from it that a ballot is not on the board",
        || {
            let mut dropped = DONE.clone();
            let at = dropped.ballots_of(7)[0];
            dropped.entries[at] = dropped.entries[at - 1].clone();
            let other = dropped.record().files;
            record(&DONE, |r| {
                let path = path(r, "tile/0/");
                r.source.files.insert(path.clone(), other[&path].clone());
            })
        },
    ),
];
