//! The key ceremony: every trustee in a task of its own, killed and started again, against a board in memory.

mod support;

use rand::{rngs::OsRng, Rng};
use selge_core::ceremony::Shares;
use selge_core::codec::{Decode, Encode};
use selge_core::election::Phase;
use selge_core::entry::{EntryBody, EntryKind};
use selge_core::ids::TrusteeIndex;
use selge_node::client::BoardArgs;
use selge_node::wait::WaitArgs;
use selge_tally::ceremony::state::read_share;
use selge_tally::ceremony::{self, CeremonyArgs};
use std::time::Duration;
use support::{said, World, NONE, PATIENT};

fn args(world: &World, board: &BoardArgs, i: usize, wait: WaitArgs) -> CeremonyArgs {
    CeremonyArgs {
        board: board.clone(),
        party: world.party(&format!("trustee-{i}")),
        state: world.path(&format!("state-{i}")),
        wait,
    }
}

/// Checks that the board's joint key is that of the shares in the folders, by every trustee's public share.
fn check_complete(world: &World) {
    let state = world.board.state();
    assert!(state.election.ceremony_complete());
    let key = state.election.joint_key().unwrap();
    let passphrase = support::passphrase(world.folder.path()).read("test").unwrap();
    for i in 1..=world.manifest.trustees() as u16 {
        let share = read_share(&world.path(&format!("state-{i}")), &passphrase).unwrap();
        assert_eq!(key.share_key(TrusteeIndex(i)), Some(&share.public()), "trustee {i}");
    }
}

async fn hold(trustees: usize, threshold: usize) {
    let world = World::new(trustees, threshold, 1);
    let server = world.board.serve("127.0.0.1:0");
    let tasks: Vec<_> = (1..=trustees)
        .map(|i| {
            let args = args(&world, &server.args(), i, PATIENT);
            tokio::spawn(async move { ceremony::run(&args).await.unwrap() })
        })
        .collect();
    let mut keys = Vec::new();
    for (i, task) in (1u16..).zip(tasks) {
        let done = task.await.unwrap();
        assert_eq!(done.trustee, TrusteeIndex(i));
        keys.push(done.joint_key_hex());
    }
    keys.dedup();
    let key = world.board.state().election.joint_key().unwrap().public_key().point().compress();
    assert_eq!(keys, [key.to_bytes().map(|b| format!("{b:02x}")).concat()]);
    check_complete(&world);
    // Started once more, it has nothing to do and says the same.
    let size = world.board.size();
    let again = ceremony::run(&args(&world, &server.args(), 1, NONE)).await.unwrap();
    assert_eq!((again.joint_key_hex(), world.board.size()), (keys[0].clone(), size));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn two_of_three() {
    hold(3, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn three_of_five() {
    hold(5, 3).await;
}

/// With no time to wait a command ends at its first pause: every step of every trustee is a process of its own. The
/// answer of each of its posts is lost on top.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn killed_at_every_pause_and_after_every_lost_answer_it_goes_on() {
    let world = World::new(3, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let mut runs = 0;
    while !world.board.state().election.ceremony_complete() {
        for i in 1..=3 {
            let before = world.board.size();
            world.board.state().lose_answers = 1;
            let _ = ceremony::run(&args(&world, &server.args(), i, NONE)).await;
            assert!(world.board.size() <= before + 1, "a lost answer ends the run");
            world.board.state().lose_answers = 0;
        }
        runs += 1;
        assert!(runs < 10, "no progress");
    }
    let after_three_rounds = world.board.size();
    for i in 1..=3 {
        ceremony::run(&args(&world, &server.args(), i, NONE)).await.unwrap();
    }
    assert_eq!(world.board.size(), after_three_rounds);
    check_complete(&world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn aborted_at_any_moment_it_goes_on() {
    let world = World::new(3, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let tasks: Vec<_> = (1..=3)
        .map(|i| {
            let args = args(&world, &server.args(), i, PATIENT);
            tokio::spawn(async move {
                for kills in 0.. {
                    let run = {
                        let args = args.clone();
                        tokio::spawn(async move { ceremony::run(&args).await })
                    };
                    let abort = run.abort_handle();
                    // Later starts live longer, so that the test ends.
                    let life = OsRng.gen_range(0..40 + 20 * kills);
                    let killer = tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_millis(life)).await;
                        abort.abort();
                    });
                    let result = run.await;
                    killer.abort();
                    if let Ok(done) = result {
                        done.unwrap();
                        return kills;
                    }
                }
                unreachable!()
            })
        })
        .collect();
    let mut kills = 0;
    for task in tasks {
        kills += task.await.unwrap();
    }
    assert!(kills > 3, "the test must kill: {kills}");
    check_complete(&world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn commitments_that_were_stored_but_never_posted_are_posted_later() {
    let world = World::new(3, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let first = args(&world, &server.args(), 1, NONE);
    world.board.state().down = true;
    let error = said(ceremony::run(&first).await);
    assert!(error.contains("did not answer"), "{error}");
    let stored = std::fs::read(first.state.join("commitments.entry")).unwrap();
    world.board.state().down = false;
    let error = said(ceremony::run(&first).await);
    assert!(error.contains("trustee 2 (trustee-2), trustee 3 (trustee-3) to commit"), "{error}");
    assert_eq!(world.board.of_kind(EntryKind::Commitments)[0].to_bytes(), stored);

    // Killed between the two files: the polynomial has never been shown, so a new one does no harm.
    let second = args(&world, &server.args(), 2, NONE);
    world.board.state().down = true;
    said(ceremony::run(&second).await);
    let secret = std::fs::read(second.state.join("ceremony.key")).unwrap();
    std::fs::remove_file(second.state.join("commitments.entry")).unwrap();
    world.board.state().down = false;
    said(ceremony::run(&second).await);
    assert_ne!(std::fs::read(second.state.join("ceremony.key")).unwrap(), secret);
    said(ceremony::run(&args(&world, &server.args(), 3, NONE)).await);

    // The same for shares, which would come out different if they were made anew.
    world.board.state().down = true;
    said(ceremony::run(&first).await);
    let stored = std::fs::read(first.state.join("shares.entry")).unwrap();
    world.board.state().down = false;
    said(ceremony::run(&first).await);
    assert!(world.board.of_kind(EntryKind::Shares).iter().any(|e| e.to_bytes() == stored));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_lost_or_foreign_secret_is_an_error_and_never_a_second_polynomial() {
    let world = World::new(3, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let first = args(&world, &server.args(), 1, NONE);
    said(ceremony::run(&first).await);
    assert_eq!(world.board.of_kind(EntryKind::Commitments).len(), 1);

    let empty = CeremonyArgs { state: world.path("empty"), ..first.clone() };
    let error = said(ceremony::run(&empty).await);
    assert!(error.contains("the board has commitments of trustee 1, but their secret"), "{error}");
    assert!(!empty.state.join("ceremony.key").exists());

    // A folder of another trustee, and of another election.
    let second = args(&world, &server.args(), 2, NONE);
    let error = said(ceremony::run(&CeremonyArgs { state: first.state.clone(), ..second.clone() }).await);
    assert!(error.contains("another election or another trustee"), "{error}");
    let other = World::new(3, 2, 1);
    let elsewhere = other.board.serve("127.0.0.1:0");
    let foreign = args(&other, &elsewhere.args(), 1, NONE);
    said(ceremony::run(&foreign).await);
    let error = said(ceremony::run(&CeremonyArgs { state: foreign.state.clone(), ..first.clone() }).await);
    assert!(error.contains("another election or another trustee"), "{error}");

    // The secret of other commitments under the right name: seen as soon as shares are to be dealt.
    said(ceremony::run(&second).await);
    said(ceremony::run(&args(&world, &server.args(), 3, NONE)).await);
    std::fs::copy(second.state.join("ceremony.key"), first.state.join("ceremony.key")).unwrap();
    let error = said(ceremony::run(&first).await);
    assert!(error.contains("the stored secret of trustee 1 does not belong"), "{error}");
    assert!(world.board.of_kind(EntryKind::Shares).iter().all(|e| match &e.body {
        EntryBody::Shares(m) => m.trustee != TrusteeIndex(1),
        _ => false,
    }));
    std::fs::write(first.state.join("ceremony.key"), "garbage").unwrap();
    assert!(said(ceremony::run(&first).await).contains("ceremony.key is not a key file"));
    std::fs::remove_file(first.state.join("ceremony.key")).unwrap();
    assert!(said(ceremony::run(&first).await).contains("restore it from a backup"));
}

/// Trustee 2 commits and deals, but what it sends to trustee 1 is damaged. It has signed that.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_wrong_share_leads_to_a_complaint_that_names_its_dealer() {
    let world = World::new(3, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let secret = world.commit(TrusteeIndex(2));
    let tasks: Vec<_> = [1, 3]
        .map(|i| {
            let args = args(&world, &server.args(), i, PATIENT);
            tokio::spawn(async move { said(ceremony::run(&args).await) })
        })
        .into_iter()
        .collect();
    while world.board.state().election.round1().is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shares = {
        let state = world.board.state();
        let ctx = state.election.ceremony();
        state.election.round1().unwrap().deal(&ctx, TrusteeIndex(2), &secret).unwrap()
    };
    let mut bytes = shares.to_bytes();
    bytes[2 + 4 + 32] ^= 1; // the first byte encrypted to trustee 1
    world.put(EntryBody::Shares(Shares::from_bytes(&bytes).unwrap()), "trustee-2", Vec::new());
    for task in tasks {
        let error = task.await.unwrap();
        assert!(error.contains("trustee 2 (trustee-2)") && error.contains("at fault"), "{error}");
    }
    let complaints = world.board.of_kind(EntryKind::Complaint);
    let [complaint] = complaints.as_slice() else { panic!("{} complaints", complaints.len()) };
    let EntryBody::Complaint(complaint) = &complaint.body else { panic!("no complaint") };
    assert_eq!((complaint.trustee, complaint.dealer), (TrusteeIndex(1), TrusteeIndex(2)));
    assert_eq!(world.board.state().election.phase(), Phase::Aborted);
    assert_eq!(world.board.state().election.culprit(), Some(TrusteeIndex(2)));
    // Whoever looks later is told as well, and no key share is kept of a failed ceremony.
    let error = said(ceremony::run(&args(&world, &server.args(), 1, NONE)).await);
    assert!(error.contains("trustee 2 (trustee-2)"), "{error}");
    assert!(!world.path("state-1/share.key").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_board_that_goes_down_and_comes_back_is_waited_for() {
    let world = World::new(2, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let (address, board_args) = (server.address, server.args());
    let first = args(&world, &board_args, 1, PATIENT);
    let task = tokio::spawn(async move { ceremony::run(&first).await.unwrap() });
    while world.board.size() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(server);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!task.is_finished());
    let _server = world.board.serve(&address.to_string());
    ceremony::run(&args(&world, &board_args, 2, PATIENT)).await.unwrap();
    task.await.unwrap();
    check_complete(&world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_changed_history_is_refused() {
    let world = World::new(3, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let first = args(&world, &server.args(), 1, NONE);
    said(ceremony::run(&first).await);
    let (fork, size) = (world.board.fork(world.board.size()), world.board.size());
    assert_eq!(size, 2);
    for i in 2..=3 {
        world.commit(TrusteeIndex(i));
    }
    said(ceremony::run(&first).await); // deals shares
    assert_eq!(world.board.of_kind(EntryKind::Shares).len(), 1);
    // The same election, but the others committed to something else.
    let forked = World { board: fork, ..world };
    for i in 2..=3 {
        forked.commit(TrusteeIndex(i));
    }
    let elsewhere = forked.board.serve("127.0.0.1:0");
    let error = said(ceremony::run(&CeremonyArgs { board: elsewhere.args(), ..first }).await);
    assert!(error.contains("answer other commitments"), "{error}");
    assert!(forked.board.of_kind(EntryKind::Shares).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn wrong_manifests_keys_and_passphrases_are_refused() {
    let (world, other) = (World::new(2, 2, 1), World::new(2, 2, 1));
    let server = world.board.serve("127.0.0.1:0");
    let good = args(&world, &server.args(), 1, NONE);
    // The other election's manifest and key, on this board.
    let foreign = CeremonyArgs { board: server.args(), ..args(&other, &server.args(), 1, NONE) };
    let error = said(ceremony::run(&foreign).await);
    assert!(error.contains("is this the right manifest and board?"), "{error}");
    let with = |change: &dyn Fn(&mut CeremonyArgs)| {
        let mut args = good.clone();
        change(&mut args);
        args
    };
    std::fs::write(world.path("garbage"), "{\"format\": 1}").unwrap();
    std::fs::write(world.path("wrong"), "wrong\n").unwrap();
    let wrong = selge_node::keyfile::PassphraseArgs::from_file(world.path("wrong"));
    for (args, expected) in [
        (with(&|a| a.party.key = other.path("trustee-1")), "is not the key of a trustee of the election"),
        (with(&|a| a.party.key = world.path("commission")), "holds a commission key, this command needs a trustee key"),
        (with(&|a| a.party.key = world.path("nothing")), "cannot read the key file"),
        (with(&|a| a.party.manifest = world.path("nothing")), "cannot read the manifest"),
        (with(&|a| a.party.manifest = world.path("garbage")), "is not usable"),
        (with(&|a| a.party.passphrase = wrong.clone()), "wrong passphrase"),
        (with(&|a| a.board.board = "http://127.0.0.1:1".into()), "is the collector running"),
        (with(&|a| a.board.insecure_loopback = false), "is not encrypted"),
        (with(&|a| a.board.board = "ftp://x".into()), "is not an http or https address"),
    ] {
        let error = said(ceremony::run(&args).await);
        assert!(error.contains(expected), "{error}\nis to say {expected:?}");
    }
    assert_eq!(world.board.size(), 1);
    assert!(!good.state.exists());
}
