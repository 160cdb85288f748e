//! The power goes while a real collector works on a real file system.
//!
//! The store is on an ext4 on a loop device, so a file stands for the disk. The collector is killed, which leaves in the
//! kernel's memory all that it has written and not synced; the file is copied, and the next collector works on the copy, of
//! which the kernel knows nothing but what is on it. Needs root, and a kernel with loop devices.

use crate::scene::{dice, long, Scene};
use rand::Rng;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Bytes of the disk.
const DISK: u64 = 48 << 20;

fn run(program: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Result<(), String> {
    let done = Command::new(program).args(arguments.iter().map(AsRef::as_ref)).output();
    let done = done.map_err(|e| format!("{program}: {e}"))?;
    let said = || format!("{program}: {}", String::from_utf8_lossy(&done.stderr).trim());
    done.status.success().then_some(()).ok_or_else(said)
}

/// The disk and where it is mounted; both go with the test.
struct Power {
    at: PathBuf,
    images: TempDir,
    number: u32,
}

impl Power {
    fn image(&self, number: u32) -> PathBuf {
        self.images.path().join(format!("disk-{number}"))
    }

    /// A new disk, mounted where the store is to be.
    fn on(at: &Path) -> Result<Self, String> {
        let images = tempfile::tempdir().map_err(|e| e.to_string())?;
        let power = Power { at: at.to_owned(), images, number: 0 };
        let image = power.image(0);
        let file = std::fs::File::create(&image).and_then(|file| file.set_len(DISK));
        file.map_err(|e| e.to_string())?;
        run("mkfs.ext4", &[&"-q", &"-F", &image])?;
        std::fs::create_dir(at).map_err(|e| e.to_string())?;
        power.mount()?;
        Ok(power)
    }

    fn mount(&self) -> Result<(), String> {
        run("mount", &[&"-t", &"ext4", &"-o", &"loop", &self.image(self.number), &self.at])
    }

    /// Cuts the power: the store is on a disk that has what has reached it by now. Nobody may be writing.
    fn cut(&mut self) {
        let (old, new) = (self.image(self.number), self.image(self.number + 1));
        // The kernel may be writing on its own: then the copy is of no moment that ever was, and is made again.
        let written = || std::fs::metadata(&old).unwrap().modified().unwrap();
        loop {
            // A time of change is told to some milliseconds.
            std::thread::sleep(Duration::from_millis(50));
            let before = written();
            run("cp", &[&"--sparse=always", &old, &new]).unwrap();
            if written() == before {
                break;
            }
        }
        run("umount", &[&self.at]).unwrap();
        self.number += 1;
        self.mount().unwrap();
        std::fs::remove_file(old).unwrap();
    }
}

impl Drop for Power {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn power_that_goes_under_a_real_collector_takes_nothing_that_was_acknowledged() {
    let mut rng = dice("power");
    let (mut scene, power) = Scene::open(24, Power::on).await;
    let mut power = match power {
        Ok(power) => power,
        Err(why) => {
            eprintln!("NOT TESTED: power losses of a whole process, as no disk can be made here: {why}");
            return;
        }
    };
    // At once: roll and opening have been acknowledged, and the roll is a file.
    scene.stage.kill_collector().unwrap();
    power.cut();
    scene.stage.start_collector().unwrap();
    let fleet = scene.set_out();
    let canary = scene.store().join("canary");
    let (mut checked, mut lost) = (0, 0);
    let cuts = if long() { 60 } else { 6 };
    for cut in 1..=cuts {
        fleet.goes_on(rng.gen_range(1..40)).await;
        // The kernel has its own times for writing what nobody has synced; now and then it has just done so.
        if rng.gen_bool(0.2) {
            run("sync", &[&"-f", &scene.store()]).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(rng.gen_range(0..300))).await;
        // What is written and not synced must be able to get lost, or all this shows nothing.
        std::fs::write(&canary, format!("cut {cut}")).unwrap();
        scene.stage.kill_collector().unwrap();
        power.cut();
        lost += u32::from(std::fs::read_to_string(&canary).ok() != Some(format!("cut {cut}")));
        if let Err(error) = scene.stage.start_collector() {
            panic!("after cut {cut} the collector does not start: {error:#}");
        }
        fleet.moved(&scene.stage.board.board);
        let given = fleet.given();
        fleet.holds(&given[checked..]).await;
        checked = given.len();
    }
    eprintln!("{cuts} cuts, {checked} receipts; what was not synced was lost {lost} times");
    assert!(lost > 0, "nothing is ever lost on this disk");
    fleet.holds(&fleet.given()).await;
    fleet.goes_on(24).await;
    scene.close_with(fleet, power).await;
}
