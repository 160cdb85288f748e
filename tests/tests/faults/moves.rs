//! What the operator's guide says of backing up, moving and restoring a store, done as it says, with its own commands.

use crate::scene::{dice, Scene};
use selge_node::replica::{Ballots, Replica};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const GUIDE: &str = include_str!("../../../docs/operators-guide.md");

/// The guide's block of commands that begins like this.
fn commands(begin: &str) -> &'static str {
    let found: Vec<_> = GUIDE.split("```sh\n").skip(1).filter(|block| block.starts_with(begin)).collect();
    let [block] = found[..] else { panic!("{} blocks of the operator's guide begin with {begin:?}", found.len()) };
    block.split("```").next().unwrap()
}

fn sh(folder: &Path, script: &str) {
    let done = Command::new("sh").arg("-e").arg("-c").arg(script).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
}

fn config_with_store(scene: &Scene, store: &Path) -> String {
    let text = std::fs::read_to_string(scene.stage.folder.join("collector.toml")).unwrap();
    let mut config: toml::Table = toml::from_str(&text).unwrap();
    config.insert("store".into(), store.to_str().unwrap().into());
    toml::to_string(&config).unwrap()
}

/// What `collector status` says of a config, as `name value`.
fn status(scene: &Scene, config: &Path) -> impl Fn(&str) -> String {
    let mut command = scene.stage.programs.command("collector");
    let done = command.arg("status").arg("--config").arg(config).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8(done.stdout).unwrap();
    move |name: &str| {
        let value = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name:?} in {said}")).to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_backed_up_moved_and_restored_as_the_guide_says() {
    let _ = dice("moves");
    let (mut scene, ()) = Scene::open(12, |_| ()).await;
    let fleet = scene.set_out();
    fleet.goes_on(24).await;
    // The guide's folder is the collector's own, where the store is called `store`.
    let desk = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(scene.store(), desk.path().join("store")).unwrap();
    let backup = commands("mkdir backup");

    // While the server runs and ballots come in: the copy holds all that had been acknowledged when it was begun.
    for round in 0..3 {
        let before = fleet.given();
        sh(desk.path(), backup);
        let copied = desk.path().join("copied.toml");
        std::fs::write(&copied, config_with_store(&scene, &desk.path().join("backup"))).unwrap();
        let said = status(&scene, &copied);
        let (size, root): (u64, _) = (said("size").parse().unwrap(), said("root"));
        assert!(before.iter().all(|one| one.receipt.index < size), "backup {round} has {size} entries");
        let mut replica = Replica::new(Arc::clone(&scene.stage.manifest), Ballots::Trust);
        replica.sync(&mut scene.stage.board.connect().await.unwrap()).await.unwrap();
        assert_eq!(hex::encode(replica.tree().root_at(size).unwrap()), root, "backup {round} is of another board");
        assert!(before.iter().all(|one| replica.tree().leaf(one.receipt.index) == Some(one.leaf)));
        std::fs::remove_dir_all(desk.path().join("backup")).unwrap();
        fleet.goes_on(12).await;
    }

    // Moved to another machine: stopped, the whole store copied, the old key taken away, started there.
    scene.stage.stop_collector().unwrap();
    let given = fleet.given();
    let elsewhere = scene.stage.folder.join("another-machine");
    sh(desk.path(), &format!("cp -r store/. {}", elsewhere.display()));
    let key = scene.stage.folder.join("collector.key");
    std::fs::rename(&key, scene.stage.folder.join("collector-there.key")).unwrap();
    let error = format!("{:#}", scene.stage.start_collector().unwrap_err());
    assert!(error.contains("collector.key"), "{error}");
    let there = config_with_store(&scene, &elsewhere).replace("collector.key", "collector-there.key");
    std::fs::write(scene.stage.folder.join("collector.toml"), there).unwrap();
    scene.stage.start_collector().unwrap();
    fleet.moved(&scene.stage.board.board);
    fleet.holds(&given).await;
    fleet.goes_on(12).await;

    // Restored: the newest backup in a new folder, in place of a store that its disk has damaged.
    scene.stage.stop_collector().unwrap();
    let given = fleet.given();
    std::fs::remove_file(desk.path().join("store")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, desk.path().join("store")).unwrap();
    sh(desk.path(), backup);
    let segment = elsewhere.join("journal/00000000.segment");
    let mut damaged = std::fs::read(&segment).unwrap();
    damaged[300..400].fill(0x5a);
    std::fs::write(&segment, damaged).unwrap();
    let error = format!("{:#}", scene.stage.start_collector().unwrap_err());
    assert!(error.contains("is damaged at byte"), "{error}");
    let restored = scene.stage.folder.join("restored");
    sh(desk.path(), &format!("cp -r backup {}", restored.display()));
    std::fs::write(scene.stage.folder.join("collector.toml"), config_with_store(&scene, &restored)).unwrap();
    scene.stage.start_collector().unwrap();
    fleet.moved(&scene.stage.board.board);
    fleet.holds(&given).await;
    fleet.goes_on(12).await;
    scene.close(fleet).await;
}
