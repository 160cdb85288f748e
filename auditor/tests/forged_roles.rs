//! Entries signed with valid keys of the wrong role, parts of another election, and proofs that serve twice.

mod support;

use rayon::prelude::*;
use selge_auditor::{render, Status, Verdict};
use selge_core::entry::{Decryption, EntryBody, Mix, SignedEntry};
use selge_core::ids::{ContestIndex, MixIndex, TrusteeIndex};
use selge_core::manifest::Manifest;
use selge_core::sign::SigningKey;
use std::sync::Arc;
use support::stages::{first, is_decryption, is_mix, output, DONE, MIXED};
use support::{assert_fails, smallest, Board, Keys, Plan};

fn all_keys(keys: &Keys) -> Vec<&SigningKey> {
    let fixed = [&keys.commission, &keys.registrar, &keys.collector];
    let voters = keys.voters.iter().map(|(_, key)| key);
    fixed.into_iter().chain(&keys.trustees).chain(&keys.mixes).chain(voters).collect()
}

#[test]
fn no_entry_may_be_signed_by_anybody_else() {
    let mut board = Board::prepare(&Plan { trustees: 2, mixes: 2, ..smallest() });
    board.vote(0);
    board.vote(1);
    board.finish_with(&[1]);
    let cases: Vec<(usize, SignedEntry)> = (0..board.entries.len())
        .flat_map(|at| {
            let body = board.entries[at].body.clone();
            let signed = |key: &&SigningKey| (at, body.clone().sign(board.manifest.id(), key));
            all_keys(&board.keys).iter().map(signed).collect::<Vec<_>>()
        })
        // Signatures are deterministic: the right key gives the entry that is there.
        .filter(|(at, entry)| board.entries[*at] != *entry)
        .collect();
    assert_eq!(cases.len(), board.entries.len() * (all_keys(&board.keys).len() - 1));
    cases.par_iter().for_each(|(at, entry)| {
        let mut forged = board.clone();
        forged.entries[*at] = entry.clone();
        let report = forged.audit();
        let check = report.check(if *at == 0 { "ELECTION-1" } else { "ENTRY-2" }).unwrap();
        assert_eq!(check.status, Status::Failed, "entry {at}\n{}", render(&report));
        assert_eq!(report.verdict, Verdict::Failed);
    });
}

#[test]
fn nobody_may_act_in_anothers_place() {
    let keys = Arc::clone(&DONE.keys);
    // Each signs as what it is, in the place of another of its kind.
    let at = first(is_mix);
    let EntryBody::Mix(mix) = DONE.entries[at].body.clone() else { panic!() };
    for place in [0, 2, 3, 4, u16::MAX] {
        let mut board = DONE.clone();
        let body = Mix { mix: MixIndex(place), ..mix.clone() };
        let key = keys.mixes.get(usize::from(place).wrapping_sub(1)).unwrap_or(&keys.mixes[0]);
        board.entries[at] = EntryBody::Mix(body).sign(board.manifest.id(), key);
        assert_eq!(board.audit().verdict, Verdict::Failed, "mix server 1 as {place}");
    }
    let at = first(is_decryption);
    let EntryBody::Decryption(honest) = DONE.entries[at].body.clone() else { panic!() };
    for place in [0, 2, 3, 4, u16::MAX] {
        let mut board = DONE.clone();
        let body = Decryption { trustee: TrusteeIndex(place), ..honest.clone() };
        let key = keys.trustees.get(usize::from(place).wrapping_sub(1)).unwrap_or(&keys.trustees[0]);
        board.entries[at] = EntryBody::Decryption(body).sign(board.manifest.id(), key);
        assert_eq!(board.audit().verdict, Verdict::Failed, "trustee 1 as {place}");
    }
    // A contest that does not exist.
    for contest in [4, u16::MAX] {
        let mut board = DONE.clone();
        let body = Mix { contest: ContestIndex(contest), ..mix.clone() };
        let at = first(is_mix);
        board.entries[at] = EntryBody::Mix(body).sign(board.manifest.id(), &keys.mixes[0]);
        assert_fails(&board.audit(), "ENTRY-3", "mix server 1");
    }
}

#[test]
fn entries_of_another_election_are_refused_one_by_one() {
    // The same parties, keys and ballots' number; the manifests differ in a white space alone.
    let board = Board::smallest();
    let EntryBody::Manifest(digest) = board.entries[0].body else { panic!() };
    let mut bytes = board.files[&digest].clone();
    bytes.push(b'\n');
    let other = Arc::new(Manifest::parse(&bytes).unwrap());
    assert_ne!(other.id(), board.manifest.id());
    assert_eq!(other.document(), board.manifest.document());
    // As the file of the true election: its digest is another.
    let mut record = board.record();
    record.files.insert(format!("files/{digest}"), bytes.clone());
    assert_fails(&support::audit(&record), "FILE-4", "whoever made this copy (files/");
    // As an election of its own, with a checkpoint of its own: every entry but the first names the true one.
    let mut forged = board.clone();
    forged.manifest = Arc::clone(&other);
    let file = forged.file(bytes);
    forged.entries[0] = EntryBody::Manifest(file).sign(other.id(), &board.keys.commission);
    assert_fails(&forged.audit(), "ENTRY-2", "trustee 1");
    // Single entries, signed by the right party for the other election.
    for (at, entry) in board.entries.iter().enumerate() {
        let key = all_keys(&board.keys)
            .into_iter()
            .find(|key| entry.body.clone().sign(board.manifest.id(), key) == *entry)
            .unwrap();
        let mut mixed = board.clone();
        mixed.entries[at] = entry.body.clone().sign(other.id(), key);
        assert_eq!(mixed.audit().verdict, Verdict::Failed, "entry {at}");
    }
}

#[test]
fn a_mix_that_puts_out_its_input_is_refused_with_anybodys_proof() {
    let mixes = MIXED.places(is_mix);
    let EntryBody::Mix(one) = MIXED.entries[mixes[0]].body.clone() else { panic!() };
    let EntryBody::Mix(two) = MIXED.entries[mixes[1]].body.clone() else { panic!() };
    for proof in [one.proof, two.proof, output(0)] {
        let mut board = MIXED.clone();
        board.entries.truncate(mixes[1]);
        let m = Mix { output: two.input, proof, ..two.clone() };
        let keys = Arc::clone(&board.keys);
        board.post(EntryBody::Mix(m), &keys.mixes[1]);
        assert_eq!(board.audit().verdict, Verdict::Failed);
    }
}
