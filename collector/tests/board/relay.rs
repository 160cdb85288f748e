//! The relay between a voting page and a second device: everything over the wire, and nothing that a stranger can spoil.

use crate::stage::{connect, Stage};
use rand::rngs::OsRng;
use selge_core::check::{Claim, Code as CheckCode, DeviceKey, Event, Heard, Listener, Mailbox, Message, Statement};
use selge_core::codec::Encode;
use selge_core::draft::BallotDraft;
use selge_core::entry::EntryBody;
use selge_core::ids::{ElectionId, LeafHash};
use selge_core::rules::Choice;
use selge_node::client::BoardError;
use std::time::Duration;
use tonic::Code;

fn code(error: &anyhow::Error) -> Code {
    error.downcast_ref::<BoardError>().unwrap().code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_hears_over_the_relay_what_was_recorded() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let joint_key = stage.joint_key.public_key().clone();
    let election = *stage.manifest.id();

    // The device.
    let mut listener = Listener::new(&stage.manifest, &joint_key, DeviceKey::draw(&election, &mut OsRng));
    let mut device = connect(&server).await.relay();
    let typed = CheckCode::parse(&listener.code().to_string()).unwrap();
    let mailbox = typed.mailbox(&election);
    assert_eq!(device.accept(&mailbox).await.unwrap(), None);
    assert_eq!(device.offer(listener.offer()).await.unwrap(), Duration::from_secs(1800));
    assert!(device.offer(listener.offer()).await.unwrap() <= Duration::from_secs(1800));
    let waiting = tokio::spawn({
        let mut device = device.clone();
        async move { device.take(&mailbox, 0).await }
    });

    // The page.
    let mut page = connect(&server).await.relay();
    let (offer, messages) = page.accept(&mailbox).await.unwrap().unwrap();
    assert_eq!(messages, 0);
    let offer = typed.accept(&offer, &election).unwrap();
    let voter = &stage.voters[0];
    let style = board.voter(&voter.id).await.unwrap().style.unwrap();
    let choices = vec![Choice::One(1); stage.manifest.style(style).unwrap().len()];
    let draft = BallotDraft::draw(&stage.manifest, &joint_key, voter.id, style, &choices, &mut OsRng).unwrap();
    let shown = Message::Shown(draft.digest()).seal(&election, &offer, 0).unwrap();
    page.leave(&mailbox, 0, shown.clone()).await.unwrap();
    page.leave(&mailbox, 0, shown.clone()).await.unwrap();
    let taken = waiting.await.unwrap().unwrap().unwrap();
    assert!(matches!(listener.take(&taken), Ok(Event::Shown(_))));

    // Strangers who know the code: nothing that is there can be replaced, nothing can be left out.
    let error = page.leave(&mailbox, 0, vec![1]).await.unwrap_err();
    assert_eq!(code(&error), Code::AlreadyExists);
    assert_eq!(code(&page.leave(&mailbox, 2, vec![1]).await.unwrap_err()), Code::FailedPrecondition);

    let (ballot, opening) = draft.cast(&stage.manifest, &joint_key, LeafHash::NONE, &mut OsRng).unwrap();
    let entry = stage.sign(EntryBody::Ballot(ballot.clone()), &voter.key);
    let receipt = board.submit(&entry).await.unwrap();
    let statement = Statement {
        manifest: &stage.manifest,
        joint_key: &joint_key,
        offer: &offer,
        leaf: entry.leaf_hash(),
        ballot: &ballot,
    };
    let claim = Claim::prove(&statement, &opening, &mut OsRng).unwrap();
    let told = Message::Recorded { index: receipt.index, leaf: entry.leaf_hash(), claim };
    page.leave(&mailbox, 1, told.seal(&election, &offer, 1).unwrap()).await.unwrap();

    let taken = device.take(&mailbox, 1).await.unwrap().unwrap();
    let Ok(Event::Recorded { index, leaf }) = listener.take(&taken) else { panic!("recorded") };
    let bytes = board.entries(index, index + 1).await.unwrap().remove(0);
    assert_eq!(bytes, entry.to_bytes());
    let proof = board.receipt(&leaf).await.unwrap().unwrap();
    let heard = listener.conclude(&entry, &proof).unwrap();
    assert_eq!(heard.voter, voter.id);
    assert_eq!(heard.choices.iter().map(|(_, choice)| choice.clone()).collect::<Vec<_>>(), choices);
    let other = vec![Choice::One(0); choices.len()];
    let practised: Heard =
        listener.into_key().practise(&stage.manifest, &joint_key, &entry, &other, &mut OsRng).unwrap();
    assert_eq!(practised.choices[0].1, other[0]);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_offer_gets_no_mailbox() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut relay = connect(&server).await.relay();
    let election = *stage.manifest.id();
    let device = DeviceKey::draw(&election, &mut OsRng);
    let mut bad = device.offer().to_bytes();
    bad[100] ^= 1;
    let foreign = DeviceKey::draw(&ElectionId([0; 32]), &mut OsRng).offer().to_bytes();
    for offer in [vec![], bad, foreign] {
        assert_eq!(code(&relay.offer(offer).await.unwrap_err()), Code::InvalidArgument);
    }
    let nowhere = Mailbox([1; 16]);
    assert_eq!(code(&relay.leave(&nowhere, 0, vec![1]).await.unwrap_err()), Code::NotFound);
    assert_eq!(code(&relay.take(&nowhere, 0).await.unwrap_err()), Code::NotFound);
    assert!(relay.take(&nowhere, 0).await.unwrap_err().to_string().contains("make a new one"));
    relay.offer(device.offer().to_bytes()).await.unwrap();
    let mailbox = CheckCode::of(device.offer(), &election).mailbox(&election);
    for (place, message) in [(8, vec![1]), (0, vec![])] {
        assert_eq!(code(&relay.leave(&mailbox, place, message).await.unwrap_err()), Code::InvalidArgument);
    }
    let longest = vec![7; selge_core::check::MAX_MESSAGE];
    relay.leave(&mailbox, 0, longest.clone()).await.unwrap();
    assert_eq!(relay.take(&mailbox, 0).await.unwrap().unwrap(), longest);
    assert!(relay.leave(&mailbox, 1, vec![7; selge_core::check::MAX_MESSAGE + 1]).await.is_err());
    assert_eq!(relay.accept(&mailbox).await.unwrap().unwrap().1, 1);
    // A stop does not wait for those who wait.
    let waiting = tokio::spawn(async move { relay.take(&mailbox, 1).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop().await.unwrap();
    assert_eq!(code(&waiting.await.unwrap().unwrap_err()), Code::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_begins_only_so_many_checks() {
    let mut stage = Stage::new();
    stage.config.limits.checks_per_minute_per_peer = 2;
    let server = stage.serve().await;
    let mut relay = connect(&server).await.relay();
    let offer = || DeviceKey::draw(stage.manifest.id(), &mut OsRng).offer().to_bytes();
    relay.offer(offer()).await.unwrap();
    relay.offer(offer()).await.unwrap();
    let error = relay.offer(offer()).await.unwrap_err();
    let error = error.downcast_ref::<BoardError>().unwrap();
    assert_eq!(error.code, Code::ResourceExhausted);
    assert!(error.retry_after.is_some());
    server.stop().await.unwrap();
}
