//! A whole board on a disk that fails and loses power, with its index and checkpoint file destroyed on the way: every
//! receipt ever given holds, and every ballot is there once.

use crate::disk::{Fault, FaultyDisk};
use crate::stage::{copy_folder, Stage};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rustix::io::Errno;
use selge_collector::admission::{Admission, QUEUE};
use selge_collector::admitted::decode;
use selge_collector::config::Config;
use selge_collector::machine::Machine;
use selge_collector::store::open_on;
use selge_core::codec::{Decode, Encode};
use selge_core::entry::SignedEntry;
use selge_core::ids::LeafHash;
use selge_core::receipt::Receipt;
use selge_core::roll::Roll;
use selge_core::tree::{leaf_hash, Tree};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;

/// Entries that are handed in at once, group after group.
fn script(stage: &Stage) -> Vec<Vec<SignedEntry>> {
    let mut groups: Vec<Vec<SignedEntry>> = stage.ceremony_entries().into_iter().map(|entry| vec![entry]).collect();
    groups.push(vec![stage.roll_entry()]);
    groups.push(vec![stage.opening()]);
    let mut newest = vec![LeafHash::NONE; stage.voters.len()];
    for round in 0..2 {
        let ballots: Vec<_> = (0..stage.voters.len()).map(|who| stage.ballot(who, newest[who], round)).collect();
        newest = ballots.iter().map(SignedEntry::leaf_hash).collect();
        groups.push(ballots);
    }
    groups
}

/// Damages the cache and the checkpoint file, which is never synced, in some way.
fn damage(store: &Path, rng: &mut StdRng) -> String {
    let index = store.join("index");
    let mut files: Vec<_> = std::fs::read_dir(&index).into_iter().flatten().map(|f| f.unwrap().path()).collect();
    files.sort();
    files.retain(|path| path.is_file());
    let chosen = files.choose(rng).cloned();
    let what =
        ["nothing", "all", "garbage", "a page", "half", "conf", "snap.generating", "one file"].choose(rng).unwrap();
    match (*what, chosen) {
        ("all", _) => std::fs::remove_dir_all(&index).unwrap_or_default(),
        ("garbage", Some(path)) => {
            let bytes: Vec<u8> = (0..rng.gen_range(1..9000)).map(|_| rng.gen()).collect();
            std::fs::write(path, bytes).unwrap();
        }
        ("a page", Some(path)) => {
            let mut bytes = std::fs::read(&path).unwrap();
            let from = rng.gen_range(0..=bytes.len());
            bytes.iter_mut().skip(from).take(512).for_each(|byte| *byte = rng.gen());
            std::fs::write(path, bytes).unwrap();
        }
        ("half", Some(path)) => {
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(path, &bytes[..rng.gen_range(0..=bytes.len())]).unwrap();
        }
        ("conf", _) => std::fs::remove_file(index.join("conf")).unwrap_or_default(),
        ("snap.generating", _) if index.exists() => {
            std::fs::write(index.join("snap.00000000000002C3.generating"), b"half a snapshot").unwrap();
        }
        ("one file", Some(path)) => std::fs::remove_file(path).unwrap(),
        _ => {}
    }
    let checkpoint = store.join("checkpoint");
    match rng.gen_range(0..6) {
        // It comes after the journal, never without it.
        _ if !checkpoint.exists() => {}
        0 => std::fs::write(&checkpoint, b"").unwrap(),
        1 => std::fs::write(&checkpoint, [0; 4096]).unwrap(),
        2 => std::fs::remove_file(&checkpoint).unwrap_or_default(),
        torn @ 3..=4 => {
            let mut bytes = std::fs::read(&checkpoint).unwrap_or_default();
            let from = rng.gen_range(0..=bytes.len());
            match torn {
                3 => bytes.truncate(from),
                _ => bytes[from..].fill(0),
            }
            std::fs::write(&checkpoint, bytes).unwrap();
        }
        _ => {}
    }
    format!("the index loses {what}")
}

/// One life of the collector: hands everything in until the process ends. Returns whether all of it has a receipt.
async fn live(
    stage: &Stage,
    config: &Config,
    disk: &FaultyDisk,
    groups: &[Vec<SignedEntry>],
    given: &mut Vec<(SignedEntry, Receipt)>,
    case: &str,
) -> bool {
    let machine = Machine { disk: disk.shared(), ..Machine::real() };
    let open = || catch_unwind(AssertUnwindSafe(|| open_on(&machine, config, stage.collector_key())));
    let opened = match open() {
        // A start that fails exits with an error; the operator sees to the disk.
        Ok(Err(_)) if !disk.ended() => {
            disk.heal();
            open()
        }
        opened => opened,
    };
    let Ok(opened) = opened else {
        assert!(disk.ended(), "{case}: a start panics");
        return false;
    };
    let (board, sequencer) = opened.unwrap_or_else(|error| panic!("{case}: {error:#}"));
    let mut tree = Tree::new();
    (0..board.head().size).for_each(|at| tree.push(leaf_hash(&board.entry(at).unwrap())));
    // What was ever acknowledged is there, at its place, and no old checkpoint is contradicted.
    for (entry, receipt) in given.iter() {
        let now = board.receipt(board.find(&entry.leaf_hash()).unwrap_or_else(|| panic!("{case}: lost"))).unwrap();
        assert_eq!(now.index, receipt.index, "{case}");
        let new = stage.holds(&now, entry);
        let old = stage.holds(receipt, entry);
        assert!(
            new.size >= old.size && tree.root_at(old.size).unwrap() == old.root,
            "{case}: a receipt is contradicted"
        );
    }
    let (sender, queue) = tokio::sync::mpsc::channel(QUEUE);
    let working = std::thread::spawn(move || sequencer.run(queue));
    let admission = Admission::new(Arc::clone(&board), sender, &stage.config.limits).unwrap();
    let mut complete = true;
    'groups: for group in groups {
        let mut left: Vec<&SignedEntry> = group.iter().collect();
        while !left.is_empty() {
            let jobs: Vec<_> = left
                .iter()
                .map(|entry| {
                    let (admission, bytes) = (admission.clone(), entry.to_bytes());
                    let roll = (**entry == stage.roll_entry()).then(|| stage.roll());
                    tokio::spawn(async move {
                        let Some(roll) = roll else { return admission.submit(bytes, None).await };
                        admission.board().files.put(&roll).unwrap();
                        let roll = Arc::new(Roll::from_bytes(&roll).unwrap());
                        admission.sequence(decode(bytes)?.admit(Some(roll))?).await
                    })
                })
                .collect();
            let mut again = Vec::new();
            for (job, entry) in jobs.into_iter().zip(left) {
                match job.await.unwrap() {
                    Ok(receipt) => {
                        stage.holds(&receipt, entry);
                        given.push((entry.clone(), receipt));
                    }
                    Err(_) if disk.ended() => complete = false,
                    Err(status) => {
                        assert_eq!(status.code(), tonic::Code::ResourceExhausted, "{case}: {status}");
                        assert!(status.message().contains("cannot store entries at the moment"), "{status}");
                        again.push(entry);
                    }
                }
            }
            if !complete {
                break 'groups;
            }
            // Reading goes on while nothing can be stored.
            for (entry, _) in given.iter() {
                assert!(board.find(&entry.leaf_hash()).is_some(), "{case}");
            }
            disk.heal();
            left = again;
        }
    }
    let numbers = board.election().numbers();
    admission.stop().await;
    drop(board);
    let ended = working.join();
    assert_eq!(ended.is_err(), disk.ended(), "{case}");
    if complete {
        assert_eq!((numbers.cast, numbers.counted), (12, 6), "{case}: each ballot is there once");
    }
    complete
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_whose_disk_fails_and_loses_power_keeps_every_receipt() {
    let stage = Stage::new();
    let groups = script(&stage);
    let pristine = stage.folder.path().join("pristine");
    let at = |store: &Path| Config { store: store.to_owned(), ..stage.config.clone() };
    let double = FaultyDisk::default();
    assert!(live(&stage, &at(&pristine), &double, &groups, &mut Vec::new(), "no fault").await);
    let operations = double.operations();
    let faults = [
        Fault::Fails(Errno::NOSPC),
        Fault::Fails(Errno::IO),
        Fault::CutAfter,
        Fault::Fails(Errno::ROFS),
        Fault::Short(Errno::NOSPC),
        Fault::FailsWhenDone(Errno::IO),
        Fault::CutBefore,
    ];
    let long = std::env::var_os("SELGE_FAULTS").is_some_and(|value| value == "long");
    let cases: Vec<(u64, Fault)> = if long {
        (0..operations).flat_map(|from| faults.map(|fault| (from, fault))).collect()
    } else {
        // Every operation goes wrong in one way, every way is tried.
        (0..operations).zip(faults.into_iter().cycle()).collect()
    };
    for (seed, (from, fault)) in cases.into_iter().enumerate() {
        let store = stage.folder.path().join(format!("store-{seed}"));
        let rng = &mut StdRng::seed_from_u64(seed as u64);
        let mut case = format!("case {seed}: {fault:?} from operation {from} on");
        let mut disk = FaultyDisk::default();
        disk.set_fault(from, if rng.gen() { 1 } else { u64::MAX }, fault);
        let mut given = Vec::new();
        let mut lives = 0;
        loop {
            let done = live(&stage, &at(&store), &disk, &groups, &mut given, &case).await;
            lives += 1;
            assert!(lives < 5, "{case}: it never ends");
            // The power goes, or the process is killed.
            disk = if lives == 1 && rng.gen() { disk.after_kill() } else { disk.after_power_loss(rng.gen()) };
            // A copy, as the last life may still be letting its index go.
            let copy = store.with_extension(lives.to_string());
            copy_folder(&store, &copy);
            std::fs::remove_dir_all(&store).unwrap();
            std::fs::rename(&copy, &store).unwrap();
            case += &format!(", {}", damage(&store, rng));
            if done && lives > 1 {
                break;
            }
        }
        std::fs::remove_dir_all(&store).unwrap();
    }
}
