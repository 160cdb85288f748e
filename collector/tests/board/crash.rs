//! What the disk can do to a store between two starts.

use crate::stage::{connect, copy_folder, replica, Stage};
use selge_collector::config::Config;
use selge_collector::server::start;
use selge_core::ids::LeafHash;
use std::path::PathBuf;

/// A stage whose store holds an opened election and three ballots; the server has stopped.
async fn voted() -> (Stage, Vec<selge_core::entry::SignedEntry>) {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let ballots: Vec<_> = (0..3).map(|who| stage.ballot(who, LeafHash::NONE, 1)).collect();
    for ballot in &ballots {
        board.submit(ballot).await.unwrap();
    }
    drop(board);
    server.stop().await.unwrap();
    (stage, ballots)
}

async fn start_error(config: &Config, stage: &Stage) -> String {
    match start(config, stage.collector_key()).await {
        Ok(_) => panic!("the server has started"),
        Err(error) => format!("{error:#}"),
    }
}

fn journal(stage: &Stage) -> PathBuf {
    stage.config.store.join("journal/00000000.segment")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_at_any_moment_holds_every_receipt() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    let mut images = Vec::new();
    let (mut previous, mut ballots) = (LeafHash::NONE, Vec::new());
    for round in 0..4 {
        let ballot = stage.ballot(0, previous, round % 3);
        previous = ballot.leaf_hash();
        let receipt = board.submit(&ballot).await.unwrap();
        ballots.push((ballot, receipt));
        // The server goes on as if nothing had happened; the image is what a power failure now would leave.
        let image = stage.folder.path().join(format!("image-{round}"));
        copy_folder(&stage.config.store, &image);
        images.push((image, ballots.clone()));
    }
    for (image, acknowledged) in images {
        let config = Config { store: image, ..stage.config.clone() };
        let revived = start(&config, stage.collector_key()).await.unwrap();
        let mut board = connect(&revived).await;
        for (ballot, receipt) in &acknowledged {
            stage.holds(receipt, ballot);
            let again = board.receipt(&ballot.leaf_hash()).await.unwrap().unwrap();
            assert_eq!(again.index, receipt.index);
            stage.holds(&again, ballot);
        }
        let tree = replica(&stage, &mut board).await;
        for (ballot, receipt) in &acknowledged {
            let old = stage.holds(receipt, ballot);
            assert_eq!(tree.tree().root_at(old.size).unwrap(), old.root, "the revived board contradicts a receipt");
        }
        revived.stop().await.unwrap();
    }
    server.stop().await.unwrap();
}

/// Where the batches of a segment end.
fn frame_ends(segment: &[u8]) -> Vec<usize> {
    let mut ends = vec![104];
    loop {
        let at = *ends.last().unwrap();
        let bytes = u32::from_be_bytes(segment[at + 20..at + 24].try_into().unwrap()) as usize;
        if bytes == 0 {
            return ends;
        }
        ends.push(at + 104 + bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_end_is_cut_off_and_lost_or_damaged_entries_are_not_passed_over() {
    let (stage, ballots) = voted().await;
    let path = journal(&stage);
    let reserved = std::fs::read(&path).unwrap();
    // Signatures may end with zeros, but not with all of these.
    let end = reserved.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let segment = |bytes: &[u8]| [bytes, &vec![0; reserved.len() - bytes.len()]].concat();
    let whole = reserved[..end].to_vec();
    // A whole head that is out of order is no write that a crash cut short; anything less is.
    let batches = frame_ends(&reserved);
    let used = *batches.last().unwrap();
    std::fs::write(&path, segment(&[&reserved[..used], &reserved[104..208]].concat())).unwrap();
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains("does not follow the one before it"), "{error}");
    for tail in [&b"x"[..], &[0; 5000], &reserved[105..200]] {
        std::fs::write(&path, segment(&[&reserved[..used], tail].concat())).unwrap();
        let server = stage.serve().await;
        let mut board = connect(&server).await;
        for ballot in &ballots {
            stage.holds(&board.receipt(&ballot.leaf_hash()).await.unwrap().unwrap(), ballot);
        }
        drop(board);
        server.stop().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), reserved);
    }
    // The last acknowledged batch damaged or gone: it looks like a torn write, but a checkpoint has been signed over it.
    for bad in [
        whole[..whole.len() - 1].to_vec(),
        whole[..whole.len() - 300].to_vec(),
        whole[..104].to_vec(),
        segment(&whole[..104]),
    ] {
        std::fs::write(&path, &bad).unwrap();
        let error = start_error(&stage.config, &stage).await;
        assert!(error.contains("has been signed") && error.contains("Restore"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), bad, "nothing is changed");
    }
    std::fs::remove_file(&path).unwrap();
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains("has a checkpoint but no journal"), "{error}");
    // In the middle.
    let mut bad = whole.clone();
    bad[whole.len() / 2] ^= 1;
    std::fs::write(&path, segment(&bad)).unwrap();
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains("is damaged at byte") && error.contains("backup"), "{error}");
    std::fs::write(&path, &reserved).unwrap();
    stage.serve().await.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkpoint_file_is_a_copy_and_the_same_one_is_signed_again() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    // Nothing can be renamed to it: receipts are given all the same.
    let file = stage.config.store.join("checkpoint");
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    let ballot = stage.ballot(0, LeafHash::NONE, 1);
    let receipt = board.submit(&ballot).await.unwrap();
    stage.holds(&receipt, &ballot);
    drop(board);
    server.stop().await.unwrap();
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains("cannot read") && error.contains("checkpoint"), "{error}");
    std::fs::remove_dir(&file).unwrap();
    // And a reader of the store has it before anything new comes in.
    let server = stage.serve().await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), receipt.checkpoint);
    server.stop().await.unwrap();
}

/// A power failure can leave any part of a file that was not synced: the same checkpoint is signed again over the journal,
/// and one that cannot be read is kept. But what is left and can be read still guards the journal.
#[tokio::test(flavor = "multi_thread")]
async fn a_torn_checkpoint_file_is_written_anew() {
    let (stage, _) = voted().await;
    let file = stage.config.store.join("checkpoint");
    let signed = std::fs::read(&file).unwrap();
    let middle = signed.len() / 2;
    let with_zeros = |from: usize, to: usize| {
        let mut torn = signed.clone();
        torn[from..to].fill(0);
        torn
    };
    let mut long = signed.clone();
    (0..60).for_each(|i| long.extend(format!("\u{2014} w{i}.example {}\n", "A".repeat(100)).into_bytes()));
    let cases = [
        // Torn, and whether nothing of it can be read.
        (signed[..middle].to_vec(), true),
        (with_zeros(middle, signed.len()), true),
        (with_zeros(0, 40), true),
        ([&signed[..], &[0xfe; 300]].concat(), false),
        // Longer than a page, whose second was not written.
        (long[..4096].iter().copied().chain([0; 2000]).collect(), false),
        (vec![0xa5; 9000], true),
    ];
    let aside = |number: usize| stage.config.store.join(format!("set-aside/checkpoint-{number}"));
    let mut kept = 0;
    for (torn, unreadable) in cases {
        std::fs::write(&file, &torn).unwrap();
        stage.serve().await.stop().await.unwrap();
        let now = std::fs::read(&file).unwrap();
        assert!(now.starts_with(&signed[..signed.len() - 1]), "{}", String::from_utf8_lossy(&now));
        if unreadable {
            kept += 1;
            assert_eq!(std::fs::read(aside(kept)).unwrap(), torn);
        }
        assert!(!aside(kept + 1).exists());
    }
    // The journal has lost the last ballot, and the checkpoint its end: what is left of it says so.
    let path = journal(&stage);
    let whole = std::fs::read(&path).unwrap();
    let ends = frame_ends(&whole);
    let mut short = whole.clone();
    short[ends[ends.len() - 2]..].fill(0);
    std::fs::write(&path, &short).unwrap();
    std::fs::write(&file, &long[..long.len() - 20]).unwrap();
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains("has been signed") && error.contains("Restore"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), long[..long.len() - 20], "nothing is changed");
    std::fs::write(&path, &whole).unwrap();
    stage.serve().await.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_is_a_cache() {
    let (stage, ballots) = voted().await;
    let index = stage.config.store.join("index");
    let garble = |name: &str| {
        let path = index.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.iter_mut().for_each(|b| *b ^= 0x5a);
        std::fs::write(&path, bytes).unwrap();
    };
    for step in 0..4 {
        match step {
            0 => std::fs::remove_dir_all(&index).unwrap(),
            1 => garble("db"),
            2 => garble("conf"),
            _ => {
                // What no collector writes; damaged runs are tried in `collector/src/index.rs`.
                sled::open(&index).unwrap().insert(b"some key", b"some value").unwrap();
            }
        }
        let server = stage.serve().await;
        let mut board = connect(&server).await;
        for ballot in &ballots {
            stage.holds(&board.submit(ballot).await.unwrap(), ballot);
        }
        replica(&stage, &mut board).await;
        drop(board);
        server.stop().await.unwrap();
        // So few entries are in memory alone.
        assert_eq!(sled::open(&index).unwrap().len(), 0, "step {step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_belongs_to_one_election_one_key_and_one_server() {
    let (stage, _) = voted().await;
    let other = Stage::with(crate::stage::OPEN, "another election");
    let foreign = Config { store: stage.config.store.clone(), ..other.config.clone() };
    let error = start_error(&foreign, &other).await;
    assert!(error.contains("is not a checkpoint of this election") || error.contains("belongs to election"), "{error}");
    std::fs::remove_file(stage.config.store.join("checkpoint")).unwrap();
    let error = start_error(&foreign, &other).await;
    assert!(error.contains("the store belongs to election"), "{error}");
    let error = format!("{:#}", start(&stage.config, other.collector_key()).await.unwrap_err());
    assert!(error.contains("the manifest names"), "{error}");
    let swapped = Config { manifest_entry: other.config.manifest_entry.clone(), ..stage.config.clone() };
    let fresh = Config { store: stage.folder.path().join("fresh"), ..swapped };
    let error = start_error(&fresh, &stage).await;
    assert!(error.contains("does not belong to this manifest"), "{error}");

    let server = stage.serve().await;
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains("another collector is running"), "{error}");
    server.stop().await.unwrap();
    // A checkpoint that a power failure left empty is signed anew; a roll that is gone is named.
    std::fs::write(stage.config.store.join("checkpoint"), b"").unwrap();
    stage.serve().await.stop().await.unwrap();
    let roll = selge_core::ids::Digest::of(&stage.roll());
    let file = stage.config.store.join("files").join(roll.to_string());
    std::fs::write(&file, b"something else").unwrap();
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains("does not hold what its name says"), "{error}");
    std::fs::remove_file(&file).unwrap();
    let error = start_error(&stage.config, &stage).await;
    assert!(error.contains(&roll.to_string()) && error.contains("is missing"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_of_a_crash_are_removed() {
    let (stage, _) = voted().await;
    let store = &stage.config.store;
    let orphan = store.join("files").join(selge_core::ids::Digest::of(b"orphan").to_string());
    let spooled = store.join("spool").join("half");
    let kept = store.join("files").join("README");
    for path in [&orphan, &spooled, &kept] {
        std::fs::write(path, b"orphan").unwrap();
    }
    stage.serve().await.stop().await.unwrap();
    assert_eq!((orphan.exists(), spooled.exists(), kept.exists()), (false, false, true));
}
