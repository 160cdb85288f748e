//! A full and a read-only disk: a small file system in memory, which only root can mount.

use crate::fleet::{connect, PATIENCE};
use crate::scene::{dice, Scene};
use selge_core::ids::LeafHash;
use selge_tests::crowd::Device;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A mounted file system, which goes with the test.
struct Mount(PathBuf);

fn mount(arguments: &[&str], path: &Path) -> Result<(), String> {
    let done = Command::new("mount").args(arguments).arg(path).output().map_err(|e| e.to_string())?;
    done.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&done.stderr).trim().to_owned())
}

impl Mount {
    fn small(path: &Path) -> Result<Self, String> {
        std::fs::create_dir(path).map_err(|e| e.to_string())?;
        mount(&["-t", "tmpfs", "-o", "size=3m,mode=700", "selge-test"], path)?;
        Ok(Mount(path.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Fills the disk up, but for `left` bytes.
fn fill(path: &Path, left: usize) {
    use std::io::Write;
    let mut ballast = std::fs::File::create(path).unwrap();
    while ballast.write_all(&[1; 4096]).is_ok() {}
    let length = ballast.metadata().unwrap().len();
    ballast.set_len(length.saturating_sub(left as u64)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_ballots_and_goes_on_by_itself_and_a_read_only_one_stops_the_start() {
    let _ = dice("full disk");
    let (mut scene, mounted) = Scene::open(12, Mount::small).await;
    let mounted = match mounted {
        Ok(mounted) => mounted,
        Err(why) => {
            eprintln!("NOT TESTED: a full and a read-only disk, as no file system can be mounted here: {why}");
            return;
        }
    };
    // A voter of our own, to hear what the board says.
    let probe: Device = scene.devices.pop().unwrap();
    let mut fleet = scene.set_out();
    fleet.goes_on(12).await;
    let ballast = scene.store().join("ballast");
    fill(&ballast, 100 << 10);
    let mut board = connect(&scene.stage.board.board).await.unwrap();
    let mut newest = LeafHash::NONE;
    let wait = Instant::now();
    let (entry, said) = loop {
        let entry = probe.prepare(&scene.stage.manifest, &scene.key, true, newest).unwrap();
        match board.submit(&entry).await {
            // What is left of the segment is used up.
            Ok(receipt) => fleet.note(&entry, receipt),
            Err(error) => break (entry, error.to_string()),
        }
        newest = entry.leaf_hash();
        assert!(wait.elapsed() < PATIENCE, "the disk does not fill up");
    };
    assert!(said.contains("cannot store entries at the moment"), "{said}");
    // Reading goes on, also from a collector that is started on the full disk.
    let given = fleet.given();
    fleet.holds(&given).await;
    scene.stage.kill_collector().unwrap();
    scene.stage.start_collector().unwrap();
    fleet.moved(&scene.stage.board.board);
    fleet.holds(&given).await;
    let mut board = connect(&scene.stage.board.board).await.unwrap();
    board.status().await.unwrap();
    // With room again it goes on by itself.
    std::fs::remove_file(&ballast).unwrap();
    fleet.goes_on(24).await;
    let receipt = board.submit(&entry).await.unwrap();
    receipt.verify(&entry.leaf_hash(), &scene.stage.manifest.log_key()).unwrap();

    // Read-only: a start says so and changes nothing.
    scene.stage.stop_collector().unwrap();
    mount(&["-o", "remount,ro"], &scene.store()).unwrap();
    let error = format!("{:#}", scene.stage.start_collector().unwrap_err());
    assert!(error.contains("Read-only file system") && error.contains("exit status: 1"), "{error}");
    mount(&["-o", "remount,rw"], &scene.store()).unwrap();
    scene.stage.start_collector().unwrap();
    fleet.moved(&scene.stage.board.board);
    fleet.goes_on(12).await;
    fleet.holds(&fleet.given()).await;
    fleet.took(&entry, receipt, probe);
    scene.close_with(fleet, mounted).await;
}
