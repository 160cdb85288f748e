//! Forged mixes, decryptions and results, sealed by a colluding collector.

mod support;

use rand::rngs::OsRng;
use selge_auditor::{Status, Verdict};
use selge_core::codec::Encode;
use selge_core::elgamal::{CiphertextList, EncodedCiphertext};
use selge_core::entry::EntryBody;
use selge_core::group::Generators;
use selge_core::ids::ContestIndex;
use selge_core::shuffle::shuffle;
use std::sync::Arc;
use support::stages::{is_decryption, is_mix, output, CLOSED, DONE, MAYOR, MIXED};
use support::{assert_fails, chain_holds, Board};

/// The list with its first vector replaced by an encryption of zero under the joint key.
fn replaced(board: &Board, list: &CiphertextList) -> Arc<CiphertextList> {
    let vectors: Vec<Vec<EncodedCiphertext>> =
        (0..list.len()).map(|i| (0..list.width()).map(|limb| list.ciphertext(i, limb).unwrap()).collect()).collect();
    let zero = selge_core::group::random_scalar(&mut OsRng);
    let mut vectors = vectors;
    vectors[0][0] = EncodedCiphertext::from(&board.joint_key.public_key().encrypt_zero(&zero));
    Arc::new(CiphertextList::from_vectors(list.width(), vectors.iter().map(Vec::as_slice)).unwrap())
}

#[test]
fn a_mix_that_replaces_a_ballot_is_found_and_the_server_named() {
    for evil in 1..=3u16 {
        let mut board = CLOSED.clone();
        for mix in 1..=3 {
            if mix == evil {
                let honest = Arc::clone(&board.lists[&MAYOR]);
                let real = replaced(&board, &honest);
                board.mix_as_if(MAYOR, mix, &real, &honest);
            } else {
                board.mix(MAYOR, mix);
            }
        }
        for contest in [1, 2] {
            (1..=3).for_each(|mix| board.mix(ContestIndex(contest), mix));
        }
        board.decrypt_all(&[1, 3]);
        board.publish();
        let report = board.audit();
        assert_fails(&report, "MIX-2", &format!("mix server {evil} (Mix {evil}), contest \"mayor\""));
        assert_eq!(report.check("MIX-2").unwrap().findings.len(), 1);
        assert_eq!(report.check("MIX-2").unwrap().counts[0].done, u64::from(evil) - 1 + 6);
        assert_eq!(report.check("OUTCOME-3").unwrap().status, Status::NotRun);
    }
}

#[test]
fn a_proof_of_another_mix_or_contest_is_found() {
    let mixes = MIXED.places(is_mix);
    let proof = |at: usize| match &MIXED.entries[mixes[at]].body {
        EntryBody::Mix(m) => m.proof,
        _ => panic!(),
    };
    // Mayor and council have the same count and width, so only context and lists differ.
    for (at, from, server) in [(0, 6, 1), (1, 7, 2), (1, 0, 2), (2, 1, 3), (0, 3, 1)] {
        let mut board = MIXED.clone();
        let EntryBody::Mix(mut m) = board.entries[mixes[at]].body.clone() else { panic!() };
        m.proof = proof(from);
        board.entries[mixes[at]] = EntryBody::Mix(m).sign(board.manifest.id(), &board.keys.mixes[server - 1]);
        board.decrypt_all(&[1, 3]);
        board.publish();
        assert_fails(&board.audit(), "MIX-2", &format!("mix server {server} (Mix {server}), contest \"mayor\""));
    }
    let mayor = Arc::clone(CLOSED.lists.get(&MAYOR).unwrap());
    assert!(!chain_holds(&MIXED, MAYOR, &mayor, &[(output(0), proof(6))]), "the forgery must be one");
    assert!(chain_holds(&MIXED, MAYOR, &mayor, &[(output(0), proof(0))]));
}

#[test]
fn a_shuffle_that_was_proven_for_another_place_is_found() {
    // Mix server 2 proves its shuffle in the place of mix server 1.
    let mut board = CLOSED.clone();
    board.mix(MAYOR, 1);
    let input = Arc::clone(&board.lists[&MAYOR]);
    let ctx = board.mix_context(MAYOR, 1);
    let (list, proof) = shuffle(&ctx, &Generators::new(input.len()), &input, &mut OsRng).unwrap();
    let (output, proof) = (board.file(list.bytes().to_vec()), board.file(proof.to_bytes()));
    let body = selge_core::entry::Mix {
        contest: MAYOR,
        mix: selge_core::ids::MixIndex(2),
        input: *input.digest(),
        output,
        proof,
    };
    let keys = Arc::clone(&board.keys);
    board.post(EntryBody::Mix(body), &keys.mixes[1]);
    board.lists.insert(MAYOR, list);
    assert_fails(&board.audit(), "MIX-2", "mix server 2 (Mix 2), contest \"mayor\"");
}

#[test]
fn a_repeated_mix_and_a_mix_of_a_withheld_contest_are_found() {
    let mut board = MIXED.clone();
    let places = board.places(is_mix);
    board.entries.push(board.entries[places[2]].clone());
    assert_fails(&board.audit(), "MIX-1", "mix server 3 (Mix 3), contest \"mayor\"");
    let mut board = CLOSED.clone();
    let village = ContestIndex(3);
    let list = Arc::clone(&board.lists[&MAYOR]);
    board.mix_as_if(village, 1, &list, &list);
    assert_fails(&board.audit(), "MIX-1", "mix server 1 (Mix 1), contest \"village\"");
}

#[test]
fn a_mix_of_another_length_or_with_malformed_points_is_found() {
    let places = MIXED.places(is_mix);
    let EntryBody::Mix(honest) = MIXED.entries[places[2]].body.clone() else { panic!() };
    let list = MIXED.files[&honest.output].clone();
    let shorter = {
        let mut bytes = list[..list.len() - 64].to_vec();
        bytes[3] -= 1;
        bytes
    };
    let mut identity = list.clone();
    identity[6..38].fill(0);
    let mut garbage = list.clone();
    garbage[38..70].fill(0xff);
    for bytes in [shorter, identity, garbage, Vec::new(), list[..100].to_vec()] {
        let mut board = MIXED.clone();
        let output = board.file(bytes);
        let m = selge_core::entry::Mix { output, ..honest.clone() };
        board.entries[places[2]] = EntryBody::Mix(m).sign(board.manifest.id(), &board.keys.mixes[2]);
        assert_fails(&board.audit(), "MIX-2", "mix server 3 (Mix 3), contest \"mayor\"");
    }
    let mut longer = list;
    longer.extend([0; 64]);
    let mut board = MIXED.clone();
    let output = board.file(longer);
    let m = selge_core::entry::Mix { output, ..honest };
    board.entries[places[2]] = EntryBody::Mix(m).sign(board.manifest.id(), &board.keys.mixes[2]);
    assert_fails(&board.audit(), "FILE-4", "mix server 3 (Mix 3), contest \"mayor\"");
}

#[test]
fn a_wrong_share_is_found_and_the_trustee_named() {
    let mut board = MIXED.clone();
    for contest in 0..3 {
        board.decrypt(ContestIndex(contest), 1, 1);
        // Trustee 3 uses trustee 2's share for one contest.
        board.decrypt(ContestIndex(contest), 3, if contest == 1 { 2 } else { 3 });
    }
    board.publish_bytes(serde_json::to_vec(&DONE.compute()).unwrap());
    let report = board.audit();
    assert_fails(&report, "DECRYPT-2", "trustee 3 (Trustee 3), contest \"parks\"");
    assert_eq!(report.check("DECRYPT-2").unwrap().findings.len(), 1);
    assert_eq!(report.check("DECRYPT-2").unwrap().counts[0].done, 5);
    // One trustee more than needed, and that one is wrong: it is found although nobody counts with it.
    let mut board = MIXED.clone();
    board.decrypt_all(&[1, 3]);
    board.decrypt(MAYOR, 2, 1);
    board.publish_bytes(Vec::new());
    assert_fails(&board.audit(), "DECRYPT-2", "trustee 2 (Trustee 2), contest \"mayor\"");
}

#[test]
fn factors_of_another_contest_or_too_few_are_found() {
    let mut decrypted = MIXED.clone();
    decrypted.decrypt_all(&[1, 3]);
    let places = decrypted.places(is_decryption);
    let EntryBody::Decryption(honest) = decrypted.entries[places[0]].body.clone() else { panic!() };
    let EntryBody::Decryption(council) = decrypted.entries[places[4]].body.clone() else { panic!() };
    let full = decrypted.files[&honest.factors].clone();
    let fewer = {
        let mut bytes = full[..full.len() - 128].to_vec();
        bytes.extend_from_slice(&full[full.len() - 96..]);
        bytes[3] -= 1;
        bytes
    };
    let of_council = decrypted.files[&council.factors].clone();
    for bytes in [fewer, of_council, Vec::new()] {
        let mut board = decrypted.clone();
        let factors = board.file(bytes);
        let m = selge_core::entry::Decryption { factors, ..honest.clone() };
        board.entries[places[0]] = EntryBody::Decryption(m).sign(board.manifest.id(), &board.keys.trustees[0]);
        board.publish_bytes(Vec::new());
        assert_fails(&board.audit(), "DECRYPT-2", "trustee 1 (Trustee 1), contest \"mayor\"");
    }
    // A decryption of the list before the last mix.
    let mut board = decrypted.clone();
    let m = selge_core::entry::Decryption { input: output(1), ..honest };
    board.entries[places[0]] = EntryBody::Decryption(m).sign(board.manifest.id(), &board.keys.trustees[0]);
    assert_fails(&board.audit(), "MIX-1", "trustee 1 (Trustee 1), contest \"mayor\"");
}

#[test]
fn an_altered_result_is_found_even_if_the_commission_signs_it() {
    let mut honest = DONE.clone();
    let bytes = honest.unpublish();
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let altered = |pointer: &str, value: serde_json::Value| {
        let mut board = honest.clone();
        let mut document = document.clone();
        *document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        board.publish_bytes(serde_json::to_vec_pretty(&document).unwrap());
        board.audit()
    };
    let commission = "the election commission (Commission)";
    for (pointer, value) in [
        ("/contests/0/votes/0/count", 99.into()),
        ("/contests/1/undecodable", 1.into()),
        ("/contests/3/withheld", false.into()),
        ("/contests/2/contest", "mayor".into()),
        ("/tallies/0/outcome/elected/0/candidate", "nobody".into()),
        ("/tallies/1/outcome/elected", serde_json::json!([])),
        ("/ballots/counted", 10.into()),
        ("/election", "00".repeat(32).into()),
        ("/format", "selge-result/2".into()),
    ] {
        let report = altered(pointer, value);
        // A contest that another's id hides is missing from the document.
        let check = if pointer == "/contests/2/contest" { "OUTCOME-2" } else { "OUTCOME-3" };
        assert_fails(&report, check, commission);
    }
    // Trustees that did not decrypt, too few, too many, doubled, out of order.
    for trustees in [vec![1, 2], vec![1], vec![1, 2, 3], vec![1, 1], vec![3, 1], vec![], vec![1, 9], vec![0, 1]] {
        assert_fails(&altered("/contests/0/trustees", trustees.into()), "OUTCOME-2", commission);
    }
    // More than the result: a field that the types would skip.
    let mut more = document.clone();
    more.pointer_mut("/tallies/0/outcome/elected/0/mandate")
        .unwrap()
        .as_object_mut()
        .unwrap()
        .insert("really".into(), "somebody else".into());
    let mut board = honest.clone();
    board.publish_bytes(serde_json::to_vec(&more).unwrap());
    assert_fails(&board.audit(), "OUTCOME-3", commission);
    // No document at all.
    let mut board = honest.clone();
    board.publish_bytes(b"{}".to_vec());
    assert_fails(&board.audit(), "OUTCOME-1", commission);
    // Another layout of the same document is the same result.
    let mut board = honest.clone();
    board.publish_bytes(serde_json::to_vec(&document).unwrap());
    assert_eq!(board.audit().verdict, Verdict::Passed);
}

#[test]
fn a_result_of_another_election_is_found() {
    let mut board = DONE.clone();
    board.unpublish();
    board.publish_bytes(serde_json::to_vec(&Board::smallest().compute()).unwrap());
    assert_eq!(board.audit().check("OUTCOME-2").unwrap().status, Status::Failed);
}
