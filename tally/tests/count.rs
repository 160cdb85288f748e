//! Decryption and result, against a board in memory.

mod support;

use rand::rngs::OsRng;
use selge_core::codec::Encode;
use selge_core::count::Outcome;
use selge_core::entry::{Decryption, EntryBody, EntryKind};
use selge_core::ids::{ContestIndex, Digest, TrusteeIndex};
use selge_core::outcome::ElectionResult;
use selge_node::wait::WaitArgs;
use selge_tally::ceremony::{self, CeremonyArgs};
use selge_tally::decrypt::{self, DecryptArgs};
use selge_tally::result::{self, ResultArgs};
use selge_tally::table::table;
use support::board::{MemoryBoard, Server};
use support::{said, World, NONE, PATIENT};

const MAYOR: ContestIndex = ContestIndex(0);

/// An election with its ceremony held by `tally ceremony`, ten ballots of seven voters, and voting closed.
async fn voted(trustees: usize, threshold: usize) -> World {
    let mut world = World::new(trustees, threshold, 2);
    let server = world.board.serve("127.0.0.1:0");
    let tasks: Vec<_> = (1..=trustees)
        .map(|i| {
            let (party, state) = (world.party(&format!("trustee-{i}")), world.path(&format!("state-{i}")));
            let args = CeremonyArgs { board: server.args(), party, state, wait: PATIENT };
            tokio::spawn(async move { ceremony::run(&args).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    world.roll(7);
    world.open();
    // The island's voter is the last one and alone in that contest.
    for (voter, mayor, best) in
        [(0, 0, 0), (1, 2, 0), (2, 1, 5), (0, 1, 0), (3, 1, 5), (4, 2, 0), (5, 2, 5), (6, 2, 5), (5, 1, 0), (1, 1, 0)]
    {
        world.vote(voter, mayor, best);
    }
    let body = selge_core::entry::Cancellation {
        voter: world.voters[4].id,
        reason: selge_core::entry::CancellationReason::PaperVote,
    };
    world.put(EntryBody::Cancellation(body), "commission", Vec::new());
    world.close();
    world
}

fn decrypting(world: &World, server: &Server, i: usize, wait: WaitArgs) -> DecryptArgs {
    let (party, state) = (world.party(&format!("trustee-{i}")), world.path(&format!("state-{i}")));
    DecryptArgs { board: server.args(), party, state, wait }
}

fn counting(world: &World, server: &Server, wait: WaitArgs) -> ResultArgs {
    let (party, out) = (world.party("commission"), world.path("result.json"));
    ResultArgs { board: server.args(), party, out, wait }
}

/// Mayor: blank 0, candidates 0 … 2; after revotes and the cancellation voters 0, 1, 2, 3, 5 chose 1 and voter 6 chose 2.
fn check(result: &ElectionResult) {
    let b = result.ballots;
    assert_eq!((b.cast, b.superseded, b.cancelled, b.counted), (10, 3, 1, 6));
    let outcome = |i: usize| -> &Outcome { result.tallies[i].outcome.as_ref().unwrap() };
    let votes: Vec<_> = outcome(0).contests[0].votes.iter().map(|v| v.votes).collect();
    assert_eq!(votes, [0, 5, 1]);
    assert_eq!(outcome(0).elected[0].candidate, "c1");
    // First preferences: 0 for voters 0, 1, 5; 5 for voters 2, 3, 6.
    let firsts: Vec<_> = outcome(1).contests[0].votes.iter().map(|v| v.votes).collect();
    assert_eq!(firsts, [3, 0, 0, 0, 0, 3, 0, 0]);
    let elected: Vec<_> = outcome(1).elected.iter().map(|e| e.candidate.as_str()).collect();
    assert_eq!(elected, ["c0", "c5"]);
    assert!(result.contests[2].withheld && result.contests[2].votes.is_empty());
    assert_eq!(result.tallies[2].outcome, None);
    assert!(result.contests.iter().all(|c| c.undecodable == 0));
}

/// False factors of a trustee: right in form, made with another key, and signed by it.
fn put_false_factors(world: &World, board: &MemoryBoard, trustee: u16, contest: ContestIndex) {
    let (bytes, input) = {
        let state = board.state();
        let input = state.election.mixes(contest).last().unwrap().output;
        let own = world.party(&format!("trustee-{trustee}"));
        let passphrase = own.passphrase.read("test").unwrap();
        let state_folder = world.path(&format!("state-{trustee}"));
        let share = selge_tally::ceremony::state::read_share(&state_folder, &passphrase).unwrap();
        let set = state.election.counted_in(contest).unwrap();
        let file = state.file(&input).to_vec();
        let list =
            selge_core::elgamal::CiphertextList::from_bytes(&file, set.list().len(), set.list().width()).unwrap();
        let ctx = selge_core::decryption::DecryptionContext {
            election: world.manifest.id(),
            joint_key: state.election.joint_key().unwrap(),
            contest,
            trustee: TrusteeIndex(trustee),
        };
        let good = selge_core::decryption::PartialDecryption::make(&ctx, &share, &list, &mut OsRng).unwrap();
        let mut bytes = good.to_bytes();
        // The first factor is replaced by the second: points that decode, and a proof that does not hold.
        let second = bytes[6 + 32..6 + 64].to_vec();
        bytes[6..6 + 32].copy_from_slice(&second);
        (bytes, input)
    };
    let body = Decryption { trustee: TrusteeIndex(trustee), contest, input, factors: Digest::of(&bytes) };
    board.put(&world.sign(EntryBody::Decryption(body), &format!("trustee-{trustee}")), vec![bytes]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn every_two_of_three_trustees_find_the_same_votes() {
    let world = voted(3, 2).await;
    world.mix_all(&world.board);
    let mut votes = Vec::new();
    for pair in [[1, 2], [1, 3], [2, 3]] {
        let board = world.board.fork(world.board.size());
        let server = board.serve("127.0.0.1:0");
        for i in pair {
            let done = decrypt::run(&decrypting(&world, &server, i, NONE)).await.unwrap();
            assert_eq!(
                (done.contests.now, done.contests.withheld),
                (vec!["mayor".into(), "council".into()], vec!["island".into()])
            );
            // Once more there is nothing to do.
            let again = decrypt::run(&decrypting(&world, &server, i, NONE)).await.unwrap();
            assert_eq!((again.contests.now.len(), again.contests.before.len()), (0, 2));
        }
        let published = result::run(&counting(&world, &server, NONE)).await.unwrap();
        check(&published.result);
        let named: Vec<_> = published.result.contests[0].trustees.iter().map(|t| usize::from(t.0)).collect();
        assert_eq!(named, pair);
        assert!(published.rejected.is_empty());
        assert_eq!(std::fs::read(world.path("result.json")).unwrap(), published.bytes);
        let entry = &board.of_kind(EntryKind::Result)[0];
        assert_eq!(entry.body, EntryBody::Result(Digest::of(&published.bytes)));
        // Once more it is computed again, compared, and written again.
        std::fs::remove_file(world.path("result.json")).unwrap();
        let again = result::run(&counting(&world, &server, NONE)).await.unwrap();
        assert_eq!(again.bytes, published.bytes);
        assert!(world.path("result.json").exists());
        let shown = table(&world.manifest, &published.result);
        assert!(shown.contains("10 cast, 3 superseded, 1 cancelled, 6 counted"), "{shown}");
        assert!(shown.contains("elected  Candidate 1"), "{shown}");
        assert!(shown.contains("withheld, too few ballots: island"), "{shown}");
        votes.push((published.result.tallies, published.result.contests.into_iter().map(|c| c.votes)));
    }
    let votes: Vec<_> = votes.into_iter().map(|(t, v)| (t, v.collect::<Vec<_>>())).collect();
    assert!(votes.iter().all(|v| *v == votes[0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn commission_and_trustees_wait_for_what_must_come_first() {
    let world = voted(3, 2).await;
    let server = world.board.serve("127.0.0.1:0");
    let error = said(decrypt::run(&decrypting(&world, &server, 1, NONE)).await);
    assert!(error.contains("2 more mixes of contest mayor, 2 more mixes of contest council"), "{error}");
    let error = said(result::run(&counting(&world, &server, NONE)).await);
    assert!(error.contains("2 more mixes of contest mayor"), "{error}");
    // All at once: the commission, three trustees, and the mixes only later; each answer of the first is lost.
    world.board.state().lose_answers = 2;
    let counting_args = counting(&world, &server, PATIENT);
    let commission = tokio::spawn(async move { result::run(&counting_args).await.unwrap() });
    let trustees: Vec<_> = (1..=2)
        .map(|i| {
            let args = decrypting(&world, &server, i, PATIENT);
            tokio::spawn(async move { decrypt::run(&args).await.unwrap() })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    world.mix_all(&world.board);
    for task in trustees {
        assert_eq!(task.await.unwrap().contests.now.len(), 2);
    }
    check(&commission.await.unwrap().result);
    assert_eq!(world.board.of_kind(EntryKind::Decryption).len(), 4);
    // A trustee who comes late finds the count over.
    let late = decrypt::run(&decrypting(&world, &server, 3, NONE)).await.unwrap();
    assert!(late.contests.now.is_empty() && late.contests.before.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn false_factors_are_named_and_left_out() {
    let world = voted(3, 2).await;
    world.mix_all(&world.board);
    put_false_factors(&world, &world.board, 1, MAYOR);
    let fork = world.board.fork(world.board.size());
    let server = world.board.serve("127.0.0.1:0");
    // Trustee 1 does the rest right; its false factors stay on the board.
    assert_eq!(decrypt::run(&decrypting(&world, &server, 1, NONE)).await.unwrap().contests.before, ["mayor"]);
    decrypt::run(&decrypting(&world, &server, 2, NONE)).await.unwrap();
    let error = said(result::run(&counting(&world, &server, NONE)).await);
    assert!(error.contains("waited 0 s for 1 more decryption of contest mayor"), "{error}");
    assert!(!world.path("result.json").exists());
    decrypt::run(&decrypting(&world, &server, 3, NONE)).await.unwrap();
    let published = result::run(&counting(&world, &server, NONE)).await.unwrap();
    check(&published.result);
    assert_eq!(published.rejected, [(TrusteeIndex(1), "mayor".to_owned())]);
    let named = |i: usize| published.result.contests[i].trustees.iter().map(|t| t.0).collect::<Vec<_>>();
    assert_eq!((named(0), named(1)), (vec![2, 3], vec![1, 2]));
    // With a second false trustee nobody can open the ballots any more, and both are named.
    put_false_factors(&world, &fork, 3, MAYOR);
    let server = fork.serve("127.0.0.1:0");
    decrypt::run(&decrypting(&world, &server, 2, NONE)).await.unwrap();
    let error = said(result::run(&counting(&world, &server, NONE)).await);
    assert!(error.contains("trustee 1 (trustee-1), trustee 3 (trustee-3) are false"), "{error}");
    assert!(fork.of_kind(EntryKind::Result).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_trustee_decrypts_one_list_of_a_contest_and_checks_every_mix() {
    let world = voted(3, 2).await;
    let (fork, third) = (world.board.fork(world.board.size()), world.board.fork(world.board.size()));
    world.mix_all(&world.board);
    let server = world.board.serve("127.0.0.1:0");
    decrypt::run(&decrypting(&world, &server, 1, NONE)).await.unwrap();
    // Another history of the same election, with other mixes of the same ballots.
    world.mix_all(&fork);
    let server = fork.serve("127.0.0.1:0");
    let error = said(decrypt::run(&decrypting(&world, &server, 1, NONE)).await);
    assert!(error.contains("another list of contest mayor has already been decrypted"), "{error}");
    assert!(fork.of_kind(EntryKind::Decryption).is_empty());

    // A third one, whose second mix server posts a proof of something else.
    let (entry, files) = world.mix(&third, MAYOR, 1);
    third.put(&entry, files).unwrap();
    let (entry, mut files) = world.mix(&third, MAYOR, 2);
    let (_, other) = world.mix(&third, MAYOR, 2);
    files[1] = other[1].clone();
    let EntryBody::Mix(mut mix) = entry.body else { panic!("no mix") };
    mix.proof = Digest::of(&files[1]);
    third.put(&world.sign(EntryBody::Mix(mix), "mix-2"), files).unwrap();
    for place in 1..=2 {
        let (entry, files) = world.mix(&third, ContestIndex(1), place);
        third.put(&entry, files).unwrap();
    }
    let server = third.serve("127.0.0.1:0");
    let error = said(decrypt::run(&decrypting(&world, &server, 2, NONE)).await);
    assert!(error.contains("contest mayor has not been decrypted") && error.contains("mix server 2"), "{error}");
    // The other contest is not held up by it.
    let decrypted = third.of_kind(EntryKind::Decryption);
    let contests = decrypted.iter().map(|e| matches!(&e.body, EntryBody::Decryption(d) if d.contest.0 == 1));
    assert_eq!(contests.collect::<Vec<_>>(), [true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_copied_ballot_stops_a_trustee() {
    let mut world = World::new(1, 1, 1);
    let server = world.board.serve("127.0.0.1:0");
    let args = CeremonyArgs {
        board: server.args(),
        party: world.party("trustee-1"),
        state: world.path("state-1"),
        wait: PATIENT,
    };
    ceremony::run(&args).await.unwrap();
    world.roll(4);
    world.open();
    world.vote(0, 1, 0);
    // Voter 1 casts voter 0's ciphertexts and proofs as its own, to see them opened side by side.
    let EntryBody::Ballot(mut copy) = world.ballot(0, 1, 0).body else { panic!("no ballot") };
    copy.voter = world.voters[1].id;
    copy.previous = selge_core::ids::LeafHash::NONE;
    let entry = EntryBody::Ballot(copy).sign(world.manifest.id(), &world.voters[1].key);
    world.board.put(&entry, Vec::new()).unwrap();
    world.close();
    world.mix_all(&world.board);
    for error in [
        said(decrypt::run(&decrypting(&world, &server, 1, NONE)).await),
        said(result::run(&counting(&world, &server, NONE)).await),
    ] {
        assert!(error.contains("the ballot at board entry 7 does not hold"), "{error}");
    }
    assert!(world.board.of_kind(EntryKind::Decryption).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_false_result_on_the_board_is_not_confirmed() {
    let world = voted(2, 2).await;
    world.mix_all(&world.board);
    let server = world.board.serve("127.0.0.1:0");
    for i in 1..=2 {
        decrypt::run(&decrypting(&world, &server, i, NONE)).await.unwrap();
    }
    let fork = world.board.fork(world.board.size());
    let mut published = result::run(&counting(&world, &server, NONE)).await.unwrap();
    std::fs::remove_file(world.path("result.json")).unwrap();
    published.result.contests[0].votes[0].count += 1;
    let bytes = serde_json::to_vec_pretty(&published.result).unwrap();
    fork.put(&world.sign(EntryBody::Result(Digest::of(&bytes)), "commission"), vec![bytes]).unwrap();
    let server = fork.serve("127.0.0.1:0");
    let error = said(result::run(&counting(&world, &server, NONE)).await);
    assert!(error.contains("is not what comes out"), "{error}");
    assert!(!world.path("result.json").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn shares_of_another_trustee_or_election_are_refused() {
    let (world, other) = (voted(2, 2).await, voted(2, 2).await);
    world.mix_all(&world.board);
    let server = world.board.serve("127.0.0.1:0");
    let good = decrypting(&world, &server, 1, NONE);
    for (state, expected) in [
        (world.path("state-2"), "does not belong to the joint key"),
        (other.path("state-1"), "does not belong to the joint key"),
        (world.path("nowhere"), "is it the --state folder of the ceremony?"),
    ] {
        let error = said(decrypt::run(&DecryptArgs { state, ..good.clone() }).await);
        assert!(error.contains(expected), "{error}");
    }
    let elsewhere = other.board.serve("127.0.0.1:0");
    let error = said(decrypt::run(&DecryptArgs { board: elsewhere.args(), ..good }).await);
    assert!(error.contains("is this the right manifest and board?"), "{error}");
    assert!(world.board.of_kind(EntryKind::Decryption).is_empty());
}
