//! Every operation of the journal on its disk goes wrong in every way, and the power goes or the process is killed: what
//! was acknowledged is there, and nothing else but at most the one batch that was under way.

use crate::disk::{Ended, Fault, FaultyDisk};
use rustix::io::Errno;
use selge_collector::disk::Disk;
use selge_collector::journal::{create_missing, Frames, Journal};
use selge_core::tree::{leaf_hash, Hash, Tree};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;

fn folder() -> PathBuf {
    PathBuf::from("/store/journal")
}

/// Batches with which a second and a third segment begin, with the root after each.
struct Script {
    batches: Vec<Vec<Vec<u8>>>,
    roots: Vec<Hash>,
}

impl Script {
    fn new() -> Self {
        let entry = |batch: usize, i: usize, len: usize| -> Vec<u8> {
            (0..len).map(|at| (batch * 37 + i * 11 + at * 7 + at / 251) as u8).collect()
        };
        let batch = |n: usize, count: usize, len: usize| (0..count).map(|i| entry(n, i, len)).collect();
        let batches: Vec<Vec<Vec<u8>>> = vec![
            batch(0, 1, 300),
            batch(1, 3, 1600),
            batch(2, 4, 62_000),
            batch(3, 2, 10_000),
            batch(4, 4, 60_000),
            batch(5, 1, 1),
            batch(6, 3, 12_000),
            batch(7, 2, 700),
        ];
        let mut tree = Tree::new();
        let add = |batch: &Vec<Vec<u8>>| {
            batch.iter().for_each(|entry| tree.push(leaf_hash(entry)));
            tree.root()
        };
        let roots = batches.iter().map(add).collect();
        Script { batches, roots }
    }

    /// How many batches a journal holds, each of which must be whole and right.
    fn found(&self, disk: &Arc<dyn Disk>, case: &str) -> (usize, Frames) {
        let mut frames = Frames::open(disk, &folder()).unwrap_or_else(|error| panic!("{case}: {error:#}"));
        let mut found = 0;
        while let Some(frame) = frames.next_frame().unwrap_or_else(|error| panic!("{case}: {error:#}")) {
            assert!(frame.entries().eq(self.batches[found].iter().map(Vec::as_slice)), "{case}: batch {found}");
            assert_eq!(frame.root, self.roots[found], "{case}: batch {found}");
            found += 1;
        }
        (found, frames)
    }

    /// A process: opens the journal, which must hold at least `stored` batches, and appends the others. A batch that is
    /// refused is handed in again once; `stored` counts what was acknowledged, and what a start has found.
    fn work(&self, double: &FaultyDisk, stored: &mut usize, case: &str) {
        let disk = double.shared();
        let start = || -> anyhow::Result<(usize, Journal)> {
            create_missing(disk.as_ref(), &folder())?;
            let (found, frames) = self.found(&disk, case);
            Ok((found, Journal::append_after(&frames)?))
        };
        // A start that fails exits; the operator sees to the disk and starts again.
        let (found, mut journal) = start()
            .or_else(|_| {
                double.heal();
                start()
            })
            .unwrap_or_else(|error| panic!("{case}: {error:#}"));
        assert!(found == *stored || found == *stored + 1, "{case}: {found} batches instead of {stored}");
        *stored = found;
        while *stored < self.batches.len() {
            let batch: Vec<&[u8]> = self.batches[*stored].iter().map(Vec::as_slice).collect();
            let root = self.roots[*stored];
            if journal.append(&batch, root).is_err() {
                // Whoever reads the journal now, beside the server, finds what was acknowledged. A batch whose write
                // was reported as failed although it was done may be there too, until the next one takes its place.
                assert!(matches!(self.found(&disk, case).0, n if n == *stored || n == *stored + 1), "{case}");
                double.heal();
                journal.append(&batch, root).unwrap_or_else(|error| panic!("{case}: {error}"));
            }
            *stored += 1;
        }
    }

    /// One run with one fault, and what comes after it.
    fn run(&self, from: u64, many: u64, fault: Fault, seed: u64) -> String {
        let case = format!("{fault:?} from operation {from} on, {many} times, seed {seed}");
        let double = FaultyDisk::default();
        double.set_fault(from, many, fault);
        let mut stored = 0;
        let process = catch_unwind(AssertUnwindSafe(|| self.work(&double, &mut stored, &case)));
        let ended = match process {
            Ok(()) => "went on".to_owned(),
            Err(panic) => match panic.downcast::<Ended>() {
                Ok(ended) => ended.0,
                Err(panic) => std::panic::resume_unwind(panic),
            },
        };
        let power = matches!(fault, Fault::CutBefore | Fault::CutAfter) || seed > 0;
        let revived = if power { double.after_power_loss(seed) } else { double.after_kill() };
        self.work(&revived, &mut stored, &case);
        assert_eq!(stored, self.batches.len(), "{case}");
        // And once more, the power alone.
        let last = revived.after_power_loss(seed ^ 0x5eed);
        assert_eq!(self.found(&last.shared(), &case).0, self.batches.len(), "{case}");
        ended
    }
}

#[test]
fn each_operation_fails_in_each_way_and_no_acknowledged_batch_is_lost() {
    let script = Script::new();
    let double = FaultyDisk::default();
    script.work(&double, &mut 0, "no fault");
    let operations = double.operations();
    assert!(operations > 30, "{operations}");
    let faults = [
        Fault::Fails(Errno::NOSPC),
        Fault::Fails(Errno::ROFS),
        Fault::Fails(Errno::IO),
        Fault::FailsWhenDone(Errno::NOSPC),
        Fault::FailsWhenDone(Errno::IO),
        Fault::Short(Errno::NOSPC),
        Fault::Short(Errno::IO),
        Fault::CutBefore,
        Fault::CutAfter,
    ];
    let mut ends: std::collections::BTreeMap<String, u32> = Default::default();
    for from in 0..operations {
        for fault in faults {
            // Seed 0 is a kill, where the power does not go anyway.
            for seed in 0..3 {
                let ended = script.run(from, if seed == 1 { u64::MAX } else { 1 }, fault, seed);
                *ends.entry(ended).or_default() += 1;
            }
        }
    }
    println!("{operations} operations; how the processes ended: {ends:#?}");
    for part in [
        "went on",
        "the power went",
        "the journal cannot be synced",
        "new segment cannot be synced",
        "the journal's folder cannot be synced",
        "the journal cannot be written: Input/output error",
    ] {
        assert!(ends.keys().any(|end| end.contains(part)), "no process ended so: {part}");
    }
}

#[test]
fn power_that_goes_after_each_operation_takes_nothing_that_was_acknowledged() {
    let script = Script::new();
    let double = FaultyDisk::default();
    script.work(&double, &mut 0, "no fault");
    for from in 0..double.operations() {
        for seed in 10..16 {
            script.run(from, 1, if seed % 2 == 0 { Fault::CutBefore } else { Fault::CutAfter }, seed);
        }
    }
}

/// The shim must be able to lose something, or it shows nothing: a disk whose sync lies loses acknowledged batches.
#[test]
fn without_a_sync_the_double_loses_batches() {
    let script = Script::new();
    let double = FaultyDisk::default();
    script.work(&double, &mut 0, "no fault");
    let count = |disk: &FaultyDisk| {
        let Ok(mut frames) = Frames::open(&disk.shared(), &folder()) else { return 0 };
        let mut found = 0;
        while let Ok(Some(_)) = frames.next_frame() {
            found += 1;
        }
        found
    };
    assert_eq!(count(&double.after_power_loss(1)), script.batches.len());
    double.forget_syncs();
    let lost = (0..20).filter(|seed| count(&double.after_power_loss(*seed)) < script.batches.len());
    assert!(lost.count() > 5);
}
