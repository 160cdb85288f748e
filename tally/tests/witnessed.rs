//! A trustee of an election with witnesses: it opens nothing before their quorum has cosigned the closing that it sees.

mod support;

use rand::rngs::OsRng;
use selge_core::cosignature::WitnessKey;
use selge_core::entry::EntryKind;
use selge_core::sign::SigningKey;
use selge_tally::ceremony::{self, CeremonyArgs};
use selge_tally::decrypt::{self, DecryptArgs};
use support::{said, World, NONE, PATIENT};

const NAMES: [&str; 3] = ["w1.example", "w2.example", "w3.example"];

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn nothing_is_opened_before_the_quorum_has_cosigned_this_closing() {
    let keys: Vec<_> = NAMES.iter().map(|_| SigningKey::generate(&mut OsRng)).collect();
    let vkey = |(name, key): (&&str, &SigningKey)| WitnessKey { name: (*name).to_owned(), key: key.verifying_key() };
    let vkeys: Vec<_> = NAMES.iter().zip(&keys).map(vkey).collect();
    let mut world = World::with_document(1, 1, 1, |text| {
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        document["witnesses"] = serde_json::to_value(vkeys).unwrap();
        document["witness_quorum"] = 2.into();
        document.to_string()
    });
    let server = world.board.serve("127.0.0.1:0");
    let (party, state) = (world.party("trustee-1"), world.path("state-1"));
    ceremony::run(&CeremonyArgs { board: server.args(), party, state, wait: PATIENT }).await.unwrap();
    world.roll(7);
    world.open();
    for voter in 0..5 {
        world.vote(voter, 1, 0);
    }
    let instead = world.ballot(5, 2, 5);
    world.vote(5, 1, 0);
    let before = world.board.size() as u64;
    // Another history from here on, as long as the first one.
    let other = world.board.fork(before as usize - 1);
    other.put(&instead, Vec::new()).unwrap();
    world.close();
    let mixed_from = world.board.size() as u64;
    world.mix_all(&world.board);

    let by = |who: &[usize]| who.iter().map(|i| (NAMES[*i], &keys[*i])).collect::<Vec<_>>();
    let decrypt = async |wait| {
        let (party, state) = (world.party("trustee-1"), world.path("state-1"));
        decrypt::run(&DecryptArgs { board: server.args(), party, state, wait }).await
    };
    let show = |note: String| world.board.state().witnessed = note;
    let good = |who: &[usize]| world.board.cosigned(mixed_from, &by(who));
    for (what, note) in [
        ("none", String::new()),
        ("no note", "nonsense".to_owned()),
        ("too few", good(&[1])),
        ("one twice", good(&[1, 1])),
        ("from before the closing", world.board.cosigned(before, &by(&[0, 1, 2]))),
        (
            "strangers under their names",
            world.board.cosigned(mixed_from, &[(NAMES[0], &keys[1]), (NAMES[1], &keys[2])]),
        ),
        ("another checkpoint's lines", {
            let (text, _) = good(&[]).split_once("\n\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
            let (_, lines) = world
                .board
                .cosigned(before, &by(&[0, 1]))
                .split_once("\n\n")
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
                .unwrap();
            format!("{text}\n\n{lines}")
        }),
    ] {
        show(note);
        let words = said(decrypt(NONE).await);
        assert!(words.contains("2 of the 3 witnesses to cosign the closing"), "{what}: {words}");
    }
    // The witnesses have cosigned another history than the one that this trustee is shown.
    show(other.cosigned(before, &by(&[0, 1])));
    let words = said(decrypt(NONE).await);
    assert!(
        words.contains("evidence against the collector") && words.contains("its witnesses have cosigned"),
        "{words}"
    );
    assert!(world.board.of_kind(EntryKind::Decryption).is_empty());
    assert!(std::fs::read_dir(world.path("state-1"))
        .unwrap()
        .all(|f| { !f.unwrap().file_name().to_str().unwrap().starts_with("decrypted") }));

    // A quorum on the closing is enough, whatever has come after it.
    show(good(&[2, 0]));
    let done = decrypt(PATIENT).await.unwrap();
    assert_eq!(done.contests.now.len(), world.board.of_kind(EntryKind::Decryption).len());
    assert!(!done.contests.now.is_empty());
}
