//! Mixes of lists that are long enough to be proven in several rows (`SHUF-10`), honest and forged, sealed by a
//! colluding collector.

mod support;

use rand::rngs::OsRng;
use selge_auditor::{Status, Verdict};
use selge_core::codec::Encode;
use selge_core::elgamal::{CiphertextList, EncodedCiphertext};
use selge_core::entry::{EntryBody, Mix};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, MixIndex};
use selge_core::shuffle::{rows, shuffle_in_rows, verify_chain, ShuffleProof};
use std::sync::{Arc, LazyLock};
use support::stages::is_mix;
use support::{assert_fails, smallest, Board, Plan};

const QUESTION: ContestIndex = ContestIndex(0);

/// An odd number, so that the last of two rows goes beyond the list.
const VOTERS: usize = 35;

/// Two mix servers, and as many ballots as it takes.
static CLOSED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = Board::prepare(&Plan { mixes: 2, voters: vec![0; VOTERS], ..smallest() });
    (0..VOTERS).for_each(|voter| board.vote(voter));
    board.close();
    board
});

/// Posts what `mix` says is a shuffle of the newest list.
fn post(board: &mut Board, mix: u16, output: Arc<CiphertextList>, proof: Vec<u8>) {
    let input = *board.lists[&QUESTION].digest();
    let (list, proof) = (board.file(output.bytes().to_vec()), board.file(proof));
    let body = Mix { contest: QUESTION, mix: MixIndex(mix), input, output: list, proof };
    let keys = Arc::clone(&board.keys);
    board.post(EntryBody::Mix(body), &keys.mixes[usize::from(mix) - 1]);
    board.lists.insert(QUESTION, output);
}

fn finish(board: &mut Board) {
    board.decrypt_all(&[1]);
    board.publish();
}

/// The list with its vector `at` replaced by an encryption of zero.
fn replaced(board: &Board, list: &CiphertextList, at: usize) -> Arc<CiphertextList> {
    let mut vectors: Vec<EncodedCiphertext> = (0..list.len()).map(|i| list.ciphertext(i, 0).unwrap()).collect();
    let secret = selge_core::group::random_scalar(&mut OsRng);
    vectors[at] = EncodedCiphertext::from(&board.joint_key.public_key().encrypt_zero(&secret));
    Arc::new(CiphertextList::from_vectors(1, vectors.chunks(1)).unwrap())
}

#[test]
fn an_honest_election_is_proven_in_rows_and_passes() {
    let mut board = CLOSED.clone();
    board.mix_all();
    finish(&mut board);
    assert_eq!(rows(VOTERS), 2);
    for at in board.places(is_mix) {
        let EntryBody::Mix(mix) = &board.entries[at].body else { panic!() };
        let proof = &board.files[&mix.proof];
        assert_eq!(proof.len(), ShuffleProof::encoded_len_in_rows(VOTERS, 1, 2));
        assert_ne!(proof.len(), ShuffleProof::encoded_len_in_rows(VOTERS, 1, 1));
        assert_eq!(proof[..9], [128, 0, 0, 0, VOTERS as u8, 0, 1, 0, 2]);
    }
    let report = board.audit();
    assert_eq!(report.verdict, Verdict::Passed, "{}", selge_auditor::render(&report));
    assert_eq!(report.check("MIX-2").unwrap().counts[0].done, 2);
}

/// In the first and the last place, which are in different rows.
#[test]
fn a_replaced_ballot_is_found_and_the_server_named() {
    for (evil, at) in [(1, 0), (2, VOTERS - 1)] {
        let mut board = CLOSED.clone();
        for mix in 1..=2 {
            let honest = Arc::clone(&board.lists[&QUESTION]);
            let real = if mix == evil { replaced(&board, &honest, at) } else { Arc::clone(&honest) };
            board.mix_as_if(QUESTION, mix, &real, &honest);
        }
        finish(&mut board);
        let report = board.audit();
        assert_fails(&report, "MIX-2", &format!("mix server {evil} (Mix {evil}), contest \"q\""));
        assert_eq!(report.check("OUTCOME-3").unwrap().status, Status::NotRun);
    }
}

/// One size has one form: a true proof in another number of rows is refused.
#[test]
fn a_true_proof_in_another_number_of_rows_is_refused() {
    for m in [1, 2, 4, 8] {
        let mut board = CLOSED.clone();
        let input = Arc::clone(&board.lists[&QUESTION]);
        let ctx = board.mix_context(QUESTION, 1);
        let generators = Generators::new(VOTERS);
        let (output, proof) = shuffle_in_rows(&ctx, &generators, &input, m, &mut OsRng).unwrap();
        verify_chain(&ctx, &generators, &input, &[(Arc::clone(&output), proof.clone())]).unwrap();
        post(&mut board, 1, output, proof.to_bytes());
        board.mix(QUESTION, 2);
        finish(&mut board);
        let report = board.audit();
        if m == rows(VOTERS) {
            assert_eq!(report.verdict, Verdict::Passed, "{}", selge_auditor::render(&report));
        } else {
            assert_fails(&report, "MIX-2", "mix server 1 (Mix 1), contest \"q\"");
        }
    }
}

#[test]
fn changed_proofs_are_refused() {
    let mut mixed = CLOSED.clone();
    mixed.mix(QUESTION, 1);
    let places = mixed.places(is_mix);
    let EntryBody::Mix(honest) = mixed.entries[places[0]].body.clone() else { panic!() };
    let mut untouched = mixed.clone();
    untouched.mix(QUESTION, 2);
    finish(&mut untouched);
    assert_eq!(untouched.audit().verdict, Verdict::Passed);
    let proof = mixed.files[&honest.proof].clone();
    let swapped = |a: usize, b: usize| {
        let mut bytes = proof.clone();
        let (a, b) = (9 + 32 * a, 9 + 32 * b);
        let (left, right) = bytes.split_at_mut(b);
        left[a..a + 32].swap_with_slice(&mut right[..32]);
        bytes
    };
    let byte = |at: usize, to: u8| {
        let mut bytes = proof.clone();
        bytes[at] = to;
        bytes
    };
    let last = (proof.len() - 9) / 32 - 1;
    let forged = [
        swapped(0, 1),           // rows 1 and 2 of the permutation
        swapped(2, 3),           // of the powers
        swapped(5, 7),           // the fold's left and right
        swapped(last - 1, last), // two blindings
        byte(0, 0),              // the form
        byte(4, 34),             // vectors
        byte(8, 4),              // rows
        proof[..proof.len() - 32].to_vec(),
        [&proof[..], &[0; 32]].concat(),
        Vec::new(),
    ];
    for (which, bytes) in forged.into_iter().enumerate() {
        assert_ne!(bytes, proof, "forgery {which}");
        let longer = bytes.len() > proof.len();
        let mut board = mixed.clone();
        let file = board.file(bytes);
        board.entries[places[0]] =
            EntryBody::Mix(Mix { proof: file, ..honest.clone() }).sign(board.manifest.id(), &board.keys.mixes[0]);
        board.mix(QUESTION, 2);
        finish(&mut board);
        // A file that is longer than any true proof is not even read.
        let check = if longer { "FILE-4" } else { "MIX-2" };
        assert_fails(&board.audit(), check, "mix server 1 (Mix 1), contest \"q\"");
    }
}
