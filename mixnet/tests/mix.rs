//! Mix servers, each in a task of its own, against a board in memory.

#[path = "../../tally/tests/support/mod.rs"]
mod support;

use selge_core::entry::{EntryBody, EntryKind};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest};
use selge_mixnet::keygen::{self, KeygenArgs};
use selge_mixnet::mix::{self, MixArgs};
use selge_node::link::Link;
use selge_node::replica::{Ballots, Replica};
use selge_node::wait::WaitArgs;
use std::sync::Arc;
use std::time::Duration;
use support::board::{MemoryBoard, Server};
use support::{said, World, NONE, PATIENT};

const MAYOR: ContestIndex = ContestIndex(0);
const COUNCIL: ContestIndex = ContestIndex(1);

fn open(mixes: usize) -> World {
    let mut world = World::new(1, 1, mixes);
    world.quick_ceremony();
    world.roll(5);
    world.open();
    (0..5).for_each(|voter| world.vote(voter, voter as u32 % 3, voter as u32));
    world
}

fn voted(mixes: usize) -> World {
    let world = open(mixes);
    world.close();
    world
}

fn args(world: &World, server: &Server, i: usize, wait: WaitArgs) -> MixArgs {
    let state = world.folder.path().join(format!("state-of-mix-{i}"));
    MixArgs { board: server.args(), party: world.party(&format!("mix-{i}")), state, wait }
}

/// Checks every chain on the board from the counted sets on, as a trustee does.
async fn check_chains(world: &World, server: &Server, board: &MemoryBoard) {
    let replica = Replica::new(Arc::clone(&world.manifest), Ballots::Verify);
    let mut link = Link::connect(&server.args(), NONE, replica).await.unwrap();
    for contest in [MAYOR, COUNCIL] {
        let list = link.mixed(contest, &mut Generators::new(0)).await.unwrap();
        let state = board.state();
        let mixes = state.election.mixes(contest);
        assert_eq!(mixes.len(), world.manifest.mixes());
        assert_eq!(*list.digest(), mixes.last().unwrap().output);
        // Nobody passes a list on as it was.
        assert!(mixes.iter().all(|m| m.input != m.output));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn three_servers_mix_in_their_turn() {
    let world = open(3);
    let server = world.board.serve("127.0.0.1:0");
    let tasks: Vec<_> = (1..=3)
        .map(|i| {
            let args = args(&world, &server, i, PATIENT);
            tokio::spawn(async move { mix::run(&args).await.unwrap() })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(world.board.of_kind(EntryKind::Mix).is_empty(), "voting is still open");
    world.close();
    for (place, task) in (1u16..).zip(tasks) {
        let mut done = task.await.unwrap();
        done.contests.now.sort();
        assert_eq!(
            (done.place, done.contests.now, done.contests.before.len()),
            (place, vec!["council".into(), "mayor".into()], 0)
        );
        assert_eq!(done.contests.withheld, ["island"]);
    }
    assert_eq!(world.board.of_kind(EntryKind::Mix).len(), 6);
    check_chains(&world, &server, &world.board).await;
    // Once more there is nothing to do.
    let again = mix::run(&args(&world, &server, 2, NONE)).await.unwrap();
    assert_eq!((again.contests.now.len(), again.contests.before.len()), (0, 2));
    assert_eq!(world.board.of_kind(EntryKind::Mix).len(), 6);
}

/// Two histories of one election whose lists differ in one ballot would show that ballot's vote: a server that has
/// shuffled in one of them does not in the other, though it is started anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_server_shuffles_one_list_of_a_contest() {
    let world = voted(2);
    let fork = world.board.fork(world.board.size());
    let server = world.board.serve("127.0.0.1:0");
    for i in 1..=2 {
        mix::run(&args(&world, &server, i, PATIENT)).await.unwrap();
    }
    let server = fork.serve("127.0.0.1:0");
    // The same counted set may be shuffled again, as after a crash; the second server's input is then another list.
    mix::run(&args(&world, &server, 1, NONE)).await.unwrap();
    let error = said(mix::run(&args(&world, &server, 2, NONE)).await);
    assert!(error.contains("another list of contest mayor has already been mixed"), "{error}");
    assert_eq!(fork.of_kind(EntryKind::Mix).len(), 2, "only the first server's");
}

/// The last server is started first, and every one is killed at its pauses; every answer of the board is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn killed_and_started_again_each_server_mixes_once() {
    let world = voted(3);
    let server = world.board.serve("127.0.0.1:0");
    let error = said(mix::run(&args(&world, &server, 3, NONE)).await);
    assert!(error.contains("waited 0 s for mix server 1 to mix contest mayor"), "{error}");
    let mut runs = 0;
    while world.board.of_kind(EntryKind::Mix).len() < 6 {
        for i in [3, 2, 1] {
            world.board.state().lose_answers = 1;
            let _ = mix::run(&args(&world, &server, i, NONE)).await;
        }
        runs += 1;
        assert!(runs < 10, "no progress");
    }
    assert!(runs > 1, "no run was cut off");
    world.board.state().lose_answers = 0;
    check_chains(&world, &server, &world.board).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn aborted_at_any_moment_it_goes_on() {
    let world = voted(2);
    let server = world.board.serve("127.0.0.1:0");
    let mut kills = 0;
    for i in 1..=2 {
        for life in (0..).step_by(7) {
            let args = args(&world, &server, i, PATIENT);
            let run = tokio::spawn(async move { mix::run(&args).await });
            let abort = run.abort_handle();
            tokio::select! {
                done = run => { done.unwrap().unwrap(); break }
                () = tokio::time::sleep(Duration::from_millis(life)) => { abort.abort(); kills += 1 }
            }
        }
    }
    assert!(kills > 3, "the test must kill: {kills}");
    check_chains(&world, &server, &world.board).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn the_chain_before_is_checked_and_its_culprit_named() {
    let world = voted(3);
    let server = world.board.serve("127.0.0.1:0");
    // Server 1 mixes the council rightly, and for the mayor puts the proof of another shuffle beside its output.
    let (entry, files) = world.mix(&world.board, COUNCIL, 1);
    world.board.put(&entry, files).unwrap();
    let (entry, mut files) = world.mix(&world.board, MAYOR, 1);
    files[1] = world.mix(&world.board, MAYOR, 1).1[1].clone();
    let EntryBody::Mix(mut false_mix) = entry.body else { panic!("no mix") };
    false_mix.proof = Digest::of(&files[1]);
    world.put(EntryBody::Mix(false_mix), "mix-1", files);
    let error = said(mix::run(&args(&world, &server, 2, NONE)).await);
    assert!(error.contains("contest mayor has not been mixed by mix server 2"), "{error}");
    assert!(error.contains("mix server 1"), "{error}");
    // The other contest went on.
    let state = world.board.state();
    assert_eq!((state.election.mixes(MAYOR).len(), state.election.mixes(COUNCIL).len()), (1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn outputs_that_are_no_lists_are_refused() {
    let world = voted(2);
    let server = world.board.serve("127.0.0.1:0");
    let (entry, mut files) = world.mix(&world.board, MAYOR, 1);
    let EntryBody::Mix(mut mix) = entry.body else { panic!("no mix") };
    // One ballot fewer than was put in, with a count that says so.
    let ballot = 64 * world.manifest.layout(MAYOR).unwrap().width();
    let shorter = files[0].len() - ballot;
    files[0].truncate(shorter);
    files[0][..4].copy_from_slice(&4u32.to_be_bytes());
    mix.output = Digest::of(&files[0]);
    world.put(EntryBody::Mix(mix), "mix-1", files);
    let error = said(mix::run(&args(&world, &server, 2, NONE)).await);
    assert!(error.contains("mix server 1, contest 0"), "{error}");
    assert_eq!(world.board.state().election.mixes(MAYOR).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_board_that_comes_back_gets_the_mix_that_was_made_meanwhile() {
    let world = open(1);
    let server = world.board.serve("127.0.0.1:0");
    let address = server.address.to_string();
    let args = args(&world, &server, 1, PATIENT);
    let task = tokio::spawn(async move { mix::run(&args).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(server);
    world.close();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!task.is_finished());
    world.board.state().down = true;
    let server = world.board.serve(&address);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(world.board.of_kind(EntryKind::Mix).is_empty());
    world.board.state().down = false;
    assert_eq!(task.await.unwrap().contests.now.len(), 2);
    check_chains(&world, &server, &world.board).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn wrong_manifests_boards_and_keys_are_refused() {
    let (world, other) = (voted(2), voted(2));
    let (server, elsewhere) = (world.board.serve("127.0.0.1:0"), other.board.serve("127.0.0.1:0"));
    let good = args(&world, &server, 1, NONE);
    let with = |change: &dyn Fn(&mut MixArgs)| {
        let mut args = good.clone();
        change(&mut args);
        args
    };
    std::fs::write(world.path("garbage"), "garbage").unwrap();
    for (args, expected) in [
        (with(&|a| a.board = elsewhere.args()), "is this the right manifest and board?"),
        (with(&|a| a.party = other.party("mix-1")), "is this the right manifest and board?"),
        (with(&|a| a.party.key = other.path("mix-1")), "is not the key of a mix server of the election"),
        (with(&|a| a.party.key = world.path("trustee-1")), "holds a trustee key, this command needs a mix server key"),
        (with(&|a| a.party.key = world.path("garbage")), "is not a key file"),
        (with(&|a| a.party.manifest = world.path("garbage")), "is not usable"),
    ] {
        let error = said(mix::run(&args).await);
        assert!(error.contains(expected), "{error}\nis to say {expected:?}");
    }
    assert!(world.board.of_kind(EntryKind::Mix).is_empty() && other.board.of_kind(EntryKind::Mix).is_empty());
}

#[test]
fn a_key_file_is_never_overwritten() {
    let world = World::new(1, 1, 1);
    let passphrase = support::passphrase(world.folder.path());
    let args = KeygenArgs { out: world.path("new"), passphrase: passphrase.clone() };
    let key = keygen::run(&args).unwrap();
    let opened = selge_node::keyfile::signing_key(&args.out, "mix server", &passphrase.read("test").unwrap()).unwrap();
    assert_eq!(opened.verifying_key(), key);
    assert!(said(keygen::run(&args)).contains("exists already"));
}
