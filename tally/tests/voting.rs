//! Manifest, opening, cancelling and closing, against a board in memory.

mod support;

use selge_core::codec::{Decode, Encode};
use selge_core::election::Phase;
use selge_core::entry::{CancellationReason, EntryBody, EntryKind, SignedEntry};
use selge_core::ids::VoterId;
use selge_node::keyfile::PassphraseArgs;
use selge_node::wait::WaitArgs;
use selge_tally::cancel::{self, CancelArgs, Reason};
use selge_tally::keygen::{self, KeygenArgs, Role};
use selge_tally::manifest::{self, ManifestArgs};
use selge_tally::voting::{self, VotingArgs};
use std::time::Duration;
use support::board::Server;
use support::{said, World, NONE, PATIENT};

fn args(world: &World, server: &Server, wait: WaitArgs) -> VotingArgs {
    VotingArgs { board: server.args(), party: world.party("commission"), wait }
}

fn cancelling(world: &World, server: &Server, text: &str) -> CancelArgs {
    let voters = world.path("cancel.txt");
    std::fs::write(&voters, text).unwrap();
    CancelArgs { voting: args(world, server, NONE), voters, reason: Reason::PaperVote }
}

#[test]
fn a_document_becomes_a_manifest_with_its_exact_bytes() {
    let world = World::new(3, 2, 2);
    // Bytes that no JSON writer would make: they must come out as they are.
    let text = String::from_utf8(world.bytes.clone()).unwrap().replacen("{", "{ \n\t", 1);
    let document = world.path("document.json");
    std::fs::write(&document, &text).unwrap();
    let args = ManifestArgs {
        document,
        key: world.path("commission"),
        out: world.path("out"),
        passphrase: support::passphrase(world.folder.path()),
    };
    let made = manifest::run(&args).unwrap();
    assert_eq!(std::fs::read_to_string(&made.manifest).unwrap(), text);
    let entry = SignedEntry::from_bytes(&std::fs::read(&made.entry).unwrap()).unwrap();
    entry.verify(&made.election, &world.key("commission").verifying_key()).unwrap();
    let EntryBody::Manifest(digest) = entry.body else { panic!("no manifest entry") };
    assert_eq!(digest.0, made.election.0);
    assert_ne!(made.election, *world.manifest.id());
    // Again the same; another document does not overwrite it.
    assert_eq!(manifest::run(&args).unwrap().election, made.election);
    std::fs::write(&args.document, text.replace("Test election", "Other election")).unwrap();
    assert!(said(manifest::run(&args)).contains("another election's manifest"));
    assert_eq!(std::fs::read_to_string(&made.manifest).unwrap(), text);
}

#[test]
fn documents_and_keys_that_do_not_fit_are_refused() {
    let world = World::new(3, 2, 2);
    let text = String::from_utf8(world.bytes.clone()).unwrap();
    let out = world.path("out");
    let run = |document: &str, key: &str, passphrase: &str| {
        let path = world.path("document.json");
        std::fs::write(&path, document).unwrap();
        let passphrase = PassphraseArgs::from_file(world.path(passphrase));
        said(manifest::run(&ManifestArgs { document: path, key: world.path(key), out: out.clone(), passphrase }))
    };
    std::fs::write(world.path("wrong"), "wrong\n").unwrap();
    for (document, key, passphrase, expected) in [
        ("", "commission", "passphrase", "is not a valid document"),
        ("[]", "commission", "passphrase", "is not a valid document"),
        (&text.replace("\"threshold\": 2", "\"threshold\": 4"), "commission", "passphrase", "threshold"),
        (&text.replace("\"seats\": 2", "\"seats\": 0"), "commission", "passphrase", "council"),
        (&text, "registrar", "passphrase", "holds a registrar key"),
        (&text, "nothing", "passphrase", "cannot read the key file"),
        (&text, "commission", "wrong", "wrong passphrase"),
        (&text, "commission", "nothing", "cannot read the passphrase file"),
    ] {
        let error = run(document, key, passphrase);
        assert!(error.contains(expected), "{error}\nis to say {expected:?}");
    }
    let other = World::new(3, 2, 2);
    std::fs::copy(other.path("commission"), world.path("other")).unwrap();
    assert!(run(&text, "other", "passphrase").contains("as the commission's"));
    assert!(!out.exists());
}

#[test]
fn a_key_file_is_never_overwritten() {
    let world = World::new(1, 1, 1);
    let passphrase = support::passphrase(world.folder.path());
    let args = KeygenArgs { role: Role::Trustee, out: world.path("new"), passphrase: passphrase.clone() };
    let key = keygen::run(&args).unwrap();
    let opened = selge_node::keyfile::signing_key(&args.out, "trustee", &passphrase.read("test").unwrap()).unwrap();
    assert_eq!(opened.verifying_key(), key);
    assert!(said(keygen::run(&args)).contains("exists already"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn voting_opens_once_ceremony_and_roll_are_there() {
    let mut world = World::new(2, 2, 1);
    let server = world.board.serve("127.0.0.1:0");
    let error = said(voting::open(&args(&world, &server, NONE)).await);
    assert!(error.contains("trustee 1 (trustee-1), trustee 2 (trustee-2) to complete the key ceremony"), "{error}");
    assert!(said(voting::close(&args(&world, &server, NONE)).await).contains("has not been opened"));
    world.quick_ceremony();
    let error = said(voting::open(&args(&world, &server, NONE)).await);
    assert!(error.contains("the registrar to post the roll"), "{error}");
    let waiting = args(&world, &server, PATIENT);
    let task = tokio::spawn(async move { voting::open(&waiting).await.unwrap() });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!task.is_finished());
    world.roll(2);
    let opening = task.await.unwrap();
    assert_eq!(world.board.state().election.opening(), Some(&opening));
    // Once more, and after a lost answer, it is as it was.
    assert_eq!(voting::open(&args(&world, &server, NONE)).await.unwrap(), opening);
    assert_eq!(world.board.of_kind(EntryKind::Opening).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_the_commission_of_this_election_opens() {
    let (mut world, other) = (World::new(1, 1, 1), World::new(1, 1, 1));
    let server = world.board.serve("127.0.0.1:0");
    world.quick_ceremony();
    world.roll(2);
    let mut foreign = args(&world, &server, NONE);
    foreign.party.key = other.path("commission");
    assert!(said(voting::open(&foreign).await).contains("is not the key of the commission"));
    let foreign = VotingArgs { party: other.party("commission"), ..args(&world, &server, NONE) };
    assert!(said(voting::open(&foreign).await).contains("is this the right manifest and board?"));
    assert_eq!(world.board.state().election.phase(), Phase::Setup);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn voters_are_cancelled_once_and_all_or_none_for_a_bad_list() {
    let mut world = World::new(1, 1, 1);
    let server = world.board.serve("127.0.0.1:0");
    world.quick_ceremony();
    world.roll(150);
    let ids: Vec<VoterId> = world.voters.iter().map(|v| v.id).collect();
    let text = |ids: &[VoterId]| ids.iter().map(|id| format!("{id}\n")).collect::<String>();
    let early = cancelling(&world, &server, &text(&ids[..1]));
    assert!(said(cancel::run(&early).await).contains("has not been opened"));
    world.open();
    world.vote(0, 1, 0);
    world.vote(1, 1, 0);

    let stranger = VoterId([9; 16]);
    let bad = cancelling(&world, &server, &format!("{}{stranger}\n", text(&ids[..2])));
    let error = said(cancel::run(&bad).await);
    assert!(error.contains(&format!("line 3: {stranger}")) && error.contains("nobody has been cancelled"), "{error}");
    assert!(world.board.of_kind(EntryKind::Cancellation).is_empty());

    let first = cancelling(&world, &server, &text(&[ids[0], ids[0]]));
    assert_eq!(cancel::run(&first).await.unwrap().now, [ids[0]]);
    // More than are handed in side by side, in two kinds, one of them done already; and answers get lost.
    world.board.state().lose_answers = 5;
    let patient = args(&world, &server, PATIENT);
    let all = CancelArgs { reason: Reason::Ineligible, voting: patient, ..cancelling(&world, &server, &text(&ids)) };
    let done = cancel::run(&all).await.unwrap();
    assert_eq!(done.before, [(ids[0], CancellationReason::PaperVote)]);
    assert_eq!(done.now, ids[1..]);
    assert_eq!(world.board.of_kind(EntryKind::Cancellation).len(), ids.len());
    let numbers = world.board.state().election.numbers();
    assert_eq!((numbers.cast, numbers.cancelled, numbers.counted), (2, 2, 0));
    let again = cancel::run(&all).await.unwrap();
    assert_eq!((again.now.len(), again.before.len()), (0, ids.len()));
    world.close();
    assert!(said(cancel::run(&all).await).contains("voting has been closed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn closing_is_signed_anew_when_a_ballot_comes_first() {
    let mut world = World::new(1, 1, 1);
    let server = world.board.serve("127.0.0.1:0");
    world.quick_ceremony();
    world.roll(3);
    world.open();
    world.vote(0, 1, 0);
    let late = vec![world.ballot(1, 2, 0), world.ballot(2, 0, 0)];
    world.board.state().before_closing = late.clone();
    let closing = voting::close(&args(&world, &server, PATIENT)).await.unwrap();
    let entries = world.board.state().entries.clone();
    assert_eq!(entries[entries.len() - 3..entries.len() - 1], [late[0].to_bytes(), late[1].to_bytes()]);
    assert_eq!(closing.size as usize, entries.len() - 1);
    assert_eq!(world.board.state().election.numbers().counted, 3);
    assert_eq!(voting::close(&args(&world, &server, NONE)).await.unwrap(), closing);
    assert!(voting::open(&args(&world, &server, NONE)).await.is_ok(), "it has been open");
    assert_eq!(world.board.of_kind(EntryKind::Closing).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn voting_keeps_to_the_manifests_period() {
    for (from, to, expected) in [
        ("2020-01-01T00:00:00Z", "2198-01-01T00:00:00Z", "lets voting begin at 2198-01-01"),
        ("\"early_close\": true", "\"early_close\": false", "lets voting end at 2199-01-01"),
    ] {
        let mut world = World::with_document(1, 1, 1, |text| text.replace(from, to));
        let server = world.board.serve("127.0.0.1:0");
        world.quick_ceremony();
        world.roll(2);
        let args = args(&world, &server, NONE);
        let result = match voting::open(&args).await {
            Ok(_) => voting::close(&args).await.map(|_| ()),
            Err(error) => Err(error),
        };
        let error = said(result);
        assert!(error.contains(expected), "{error}");
    }
}
