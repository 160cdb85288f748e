//! Every refusal of c2sp.org/tlog-witness with its status, and what the witness still says after it.

use crate::log::{post, receive, send, verify_cosignature, Log, ORIGIN};
use crate::process::Home;
use selge_core::cosignature::AddCheckpoint;
use selge_core::note::Checkpoint;
use selge_core::sign::SigningKey;
use selge_witness::judge::{Refusal, Witness};
use selge_witness::record::Record;

#[test]
fn a_log_that_only_grows_is_cosigned_and_everything_else_is_refused() {
    let home = Home::new();
    let running = home.serve();
    let ask = |request: &AddCheckpoint| post(running.address, &request.text());
    let log = Log::new(&home.log, 0, 40);
    let fork = Log::new(&home.log, 1, 40);
    let mut newest = 0;
    for size in [1, 2, 7, 8, 20] {
        let request = log.request(newest, size);
        let answer = ask(&request);
        assert_eq!(answer.status, 200, "{answer:?}");
        verify_cosignature(&home.vkey, &request.note, &answer.body);
        newest = size;
    }
    let stranger = SigningKey::generate(&mut rand::rngs::OsRng);
    let good = log.request(20, 30);
    let with = |change: &dyn Fn(&mut AddCheckpoint)| {
        let mut request = good.clone();
        change(&mut request);
        request.text()
    };
    let elsewhere = Checkpoint { origin: "board.example.org/other".into(), ..log.checkpoint(30) };
    let other_signers = format!("\u{2014} {ORIGIN} AAAAAAAA\n");
    let cases = [
        ("unknown log", 404, with(&|r| r.note = elsewhere.sign(&home.log))),
        ("another key", 403, with(&|r| r.note = log.checkpoint(30).sign(&stranger))),
        ("a changed checkpoint", 403, with(&|r| r.note = r.note.replace("\n30\n", "\n31\n"))),
        ("no signature of the log", 403, with(&|r| r.note = format!("{}\n{other_signers}", log.checkpoint(30).text()))),
        ("old beyond new", 400, AddCheckpoint { old: 20, ..log.request(7, 7) }.text()),
        ("nothing", 400, String::new()),
        ("not a request", 400, "new 20\n\nnote\n".to_owned()),
        ("a leading zero", 400, good.text().replace("old 20", "old 020")),
        ("no empty line", 400, good.text().replace("\n\n", "\n")),
        ("a note without a signature", 400, with(&|r| r.note = log.checkpoint(30).text())),
        ("an extension line", 400, with(&|r| r.note = r.note.replace("\n\n", "\nmore\n\n"))),
        ("too many hashes", 400, with(&|r| r.proof = vec![[0; 32]; 64])),
        ("a wrong hash", 422, with(&|r| r.proof[0][0] ^= 1)),
        ("no proof", 422, with(&|r| r.proof.clear())),
        ("a proof too long", 422, with(&|r| r.proof.push([0; 32]))),
        ("a fork with its own proof", 422, fork.request(20, 30).text()),
        ("a proof for what needs none", 422, AddCheckpoint { proof: vec![[0; 32]], ..log.request(20, 20) }.text()),
        ("another tree of that size", 409, fork.request(20, 20).text()),
        ("from zero again", 409, log.request(0, 30).text()),
        ("from zero again, forked", 409, fork.request(0, 30).text()),
        ("from an older one", 409, log.request(8, 30).text()),
        ("from one never seen", 409, log.request(25, 30).text()),
        ("a rollback", 409, log.request(8, 8).text()),
    ];
    for (what, status, body) in &cases {
        let answer = post(running.address, body);
        assert_eq!(answer.status, *status, "{what}: {answer:?}");
        assert!(!answer.body.contains('\u{2014}') && answer.body.ends_with('\n'), "{what}: {answer:?}");
        let size = answer.head.contains("content-type: text/x.tlog.size\r\n");
        assert_eq!((size, size && answer.body == "20\n"), (*status == 409, *status == 409), "{what}: {answer:?}");
        assert!(answer.head.contains("x-content-type-options: nosniff"), "{answer:?}");
        // It says the same of the truth as before.
        let same = log.request(20, 20);
        verify_cosignature(&home.vkey, &same.note, &ask(&same).body);
    }
    for (method, path, status) in [("GET", "/add-checkpoint", 405), ("PUT", "/add-checkpoint", 405), ("POST", "/", 404)]
    {
        let answer = receive(send(running.address, method, path, &good.text()).unwrap()).unwrap();
        assert_eq!(answer.status, status, "{answer:?}");
    }
    // What is too long is not read to its end: the answer may be lost with the connection.
    let long = send(running.address, "POST", "/add-checkpoint", &"x".repeat(100_000)).ok().and_then(receive);
    assert!(long.as_ref().is_none_or(|answer| answer.status == 400), "{long:?}");
    // Other signers' lines, as on a checkpoint that is cosigned already.
    let more = AddCheckpoint { note: format!("{}\u{2014} other AAAAAAAA\n", good.note), ..good };
    verify_cosignature(&home.vkey, &more.note, &ask(&more).body);
}

#[test]
fn nothing_is_cosigned_that_cannot_be_stored() {
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::generate(&mut rand::rngs::OsRng);
    let log = Log::new(&key, 0, 9);
    let known = selge_core::note::LogKey::from_vkey(&Log::vkey(&key)).unwrap();
    let witness = Witness::new(
        "w",
        SigningKey::generate(&mut rand::rngs::OsRng),
        Record::open(folder.path(), vec![known]).unwrap(),
    );
    let place = witness.record().log(ORIGIN).unwrap().path().to_owned();
    // A folder in the file's place stands for a disk that fails.
    std::fs::create_dir_all(place.join("x")).unwrap();
    assert!(matches!(witness.add_checkpoint(&log.request(0, 5).text()), Err(Refusal::Store(_))));
    std::fs::remove_dir_all(&place).unwrap();
    // It has promised nothing, so even another history is still open to the log.
    let fork = Log::new(&key, 1, 9);
    witness.add_checkpoint(&fork.request(0, 5).text()).unwrap();
    assert!(matches!(witness.add_checkpoint(&log.request(5, 9).text()), Err(Refusal::Inconsistent(_))));
}

#[test]
fn of_many_requests_from_one_size_one_is_cosigned() {
    let home = Home::new();
    let running = home.serve();
    let log = Log::new(&home.log, 0, 40);
    assert_eq!(post(running.address, &log.request(0, 5).text()).status, 200);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let jobs: Vec<_> = (6..26)
            .map(|size| {
                let body = log.request(5, size).text();
                scope.spawn(move || (size, post(running.address, &body)))
            })
            .collect();
        jobs.into_iter().map(|job| job.join().unwrap()).collect()
    });
    let won: Vec<_> = answers.iter().filter(|(_, answer)| answer.status == 200).map(|(size, _)| *size).collect();
    let [won] = won[..] else { panic!("{won:?} are cosigned") };
    for (size, answer) in &answers {
        assert!(
            *size == won || (answer.status, answer.body.clone()) == (409, format!("{won}\n")),
            "{size}: {answer:?}"
        );
    }
    assert_eq!(post(running.address, &log.request(won, won).text()).status, 200);
}
