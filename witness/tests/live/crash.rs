//! Killed at any moment, a witness never forgets what somebody holds its cosignature of.

use crate::log::{post, receive, send, Log};
use crate::process::Home;
use std::time::{Duration, Instant};

#[test]
fn killed_between_storing_and_answering_it_goes_on_from_what_it_stored() {
    let home = Home::new();
    let log = Log::new(&home.log, 0, 40);
    let fork = Log::new(&home.log, 1, 40);
    let mut newest = 0;
    for size in [3, 4, 11, 32] {
        let mut running = home.serve();
        let unread = send(running.address, "POST", "/add-checkpoint", &log.request(newest, size).text()).unwrap();
        // The answer is never read: as soon as the checkpoint is on disk, the process is gone.
        let started = Instant::now();
        while !std::fs::read_to_string(home.record()).is_ok_and(|note| note.contains(&format!("\n{size}\n"))) {
            assert!(started.elapsed() < Duration::from_secs(60), "size {size} is never stored");
        }
        running.child.kill().unwrap();
        running.child.wait().unwrap();
        drop(unread);
        let revived = home.serve();
        // Whoever got no answer is told the size and asks again; another history comes too late.
        for other in [log.request(newest, size), fork.request(newest, size)] {
            let answer = post(revived.address, &other.text());
            assert_eq!((answer.status, answer.body.as_str()), (409, format!("{size}\n").as_str()));
        }
        assert_eq!(post(revived.address, &fork.request(size, size).text()).status, 409);
        assert_eq!(post(revived.address, &fork.request(size, size + 1).text()).status, 422);
        assert_eq!(post(revived.address, &log.request(size, size).text()).status, 200);
        newest = size;
    }
}

#[test]
fn killed_at_random_it_remembers_at_least_what_it_has_cosigned() {
    let home = Home::new();
    let log = Log::new(&home.log, 0, 2000);
    let (mut cosigned, mut killed_midway) = (0, 0);
    for round in 0..8u64 {
        let mut running = home.serve();
        let address = running.address;
        let told = post(address, &log.request(0, 1).text());
        let mut newest: u64 = if told.status == 409 { told.body.trim().parse().unwrap() } else { 1 };
        assert!(newest >= cosigned, "{newest} is remembered, {cosigned} has been cosigned");
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let mut cosigned = newest;
                while newest < 2000 {
                    let request = log.request(newest, newest + 1).text();
                    let Ok(stream) = send(address, "POST", "/add-checkpoint", &request) else { break };
                    let Some(answer) = receive(stream) else { break };
                    assert_eq!(answer.status, 200, "{answer:?}");
                    newest += 1;
                    cosigned = newest;
                }
                cosigned
            });
            std::thread::sleep(Duration::from_millis(15 + 13 * round));
            running.child.kill().unwrap();
            running.child.wait().unwrap();
            let reached = asking.join().unwrap();
            killed_midway += u32::from(reached > cosigned);
            cosigned = reached;
        });
    }
    assert!(killed_midway > 0, "no round cosigned anything before it was killed");
}
