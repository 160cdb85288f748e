//! kill -9 at any moment, under load and while starting, with damage that a power failure can do before the next start.

use crate::scene::{dice, long, Scene};
use crate::store::damage;
use rand::seq::SliceRandom;
use rand::Rng;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_killed_at_any_moment_loses_nothing() {
    let kills = if long() { 200 } else { 12 };
    let mut rng = dice("kills");
    let (mut scene, ()) = Scene::open(24, |_| ()).await;
    let fleet = scene.set_out();
    fleet.goes_on(24).await;
    let mut checked = 0;
    for kill in 1..=kills {
        tokio::time::sleep(Duration::from_millis(rng.gen_range(0..300))).await;
        scene.stage.kill_collector().unwrap();
        let mut done = damage(&scene.store(), &mut rng);
        // Killed again before it listens.
        for _ in 0..rng.gen_range(0..3) {
            let mut command = scene.stage.programs.command("collector");
            command.arg("serve").arg("--config").arg(scene.stage.folder.join("collector.toml"));
            let starting = scene.stage.programs.start("collector", command).unwrap();
            tokio::time::sleep(Duration::from_millis(rng.gen_range(0..80))).await;
            starting.kill().unwrap();
            done += "; killed while starting";
        }
        if let Err(error) = scene.stage.start_collector() {
            panic!("after kill {kill} ({done}) the collector does not start: {error:#}");
        }
        fleet.moved(&scene.stage.board.board);
        // The newest receipts, and some of all others.
        let given = fleet.given();
        let mut ask = given[checked..].to_vec();
        ask.extend(given[..checked].choose_multiple(&mut rng, 50).cloned());
        checked = given.len();
        fleet.holds(&ask).await;
        if kill % 4 == 0 {
            fleet.goes_on(10).await;
        }
        if kill % 20 == 0 {
            eprintln!("{kill} kills, {checked} receipts; the last: {done}");
        }
    }
    fleet.goes_on(24).await;
    scene.close(fleet).await;
}
