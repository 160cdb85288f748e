//! The program as voters run it: its files, words and exit statuses.

mod support;

use selge_core::evidence::Evidence;
use selge_node::keyfile::PassphraseArgs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use support::{FakeBoard, Fault, Set};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A text that a vote in clear would contain.
const CHOICES: &str = r#"{"mayor": "kask-102", "council": "ash-list>oak-list"}"#;

struct Desk {
    folder: tempfile::TempDir,
    fake: FakeBoard,
    set: Set,
}

struct Ran {
    ok: bool,
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    async fn new() -> Self {
        let set = Set::new("Town election", 2);
        let fake = FakeBoard::serve(&set).await;
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk { folder, fake, set };
        std::fs::write(desk.path("passphrase"), "correct horse\n").unwrap();
        std::fs::write(desk.path("manifest.json"), &desk.set.manifest_bytes).unwrap();
        // The least scrypt work, since tests make many.
        std::env::set_var("SELGE_SCRYPT_WORK", "1");
        let passphrase = PassphraseArgs::from_file(desk.path("passphrase")).read("").unwrap();
        desk.set.voters[0].save(&desk.path("me.key"), &passphrase).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn run(&self, args: &[&str], input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_voter-client"))
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("SELGE_SCRYPT_WORK", "1")
            .env("SELGE_PASSPHRASE_FILE", "passphrase")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).await.unwrap();
        drop(stdin);
        let done = child.wait_with_output().await.unwrap();
        Ran {
            ok: done.status.success(),
            code: done.status.code(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }

    async fn vote(&self, receipt: &str, more: &[&str], input: &str) -> Ran {
        let mut args = vec!["vote", "--credential", "me.key", "--manifest", "manifest.json", "--receipt", receipt];
        args.extend(["--board", &self.fake.url, "--insecure-loopback", "--patience", "5"]);
        args.extend(more);
        self.run(&args, input).await
    }

    async fn check(&self, receipt: &str, more: &[&str]) -> Ran {
        let mut args = vec!["receipt", "check", "--receipt", receipt, "--manifest", "manifest.json"];
        args.extend(more);
        self.run(&args, "").await
    }

    fn board(&self) -> [&str; 3] {
        ["--board", &self.fake.url, "--insecure-loopback"]
    }
}

fn fact<'a>(out: &'a str, name: &str) -> &'a str {
    let line = out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {out}"))
}

fn holds(path: &Path, text: &str) -> bool {
    let bytes = std::fs::read(path).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voter_enrols_votes_and_checks() {
    let desk = Desk::new().await;
    let enrolled = desk.run(&["enroll", "--out", "new.key"], "").await;
    assert!(enrolled.ok, "{}", enrolled.err);
    let (id, key) = enrolled.out.trim().split_once(',').unwrap();
    assert_eq!((id.len(), key.len(), enrolled.out.lines().count()), (32, 64, 1));
    assert!(enrolled.err.contains("registrar"), "{}", enrolled.err);
    let again = desk.run(&["enroll", "--out", "new.key"], "").await;
    assert!(again.err.contains("never overwritten") && again.code == Some(1), "{}", again.err);

    let voted = desk.vote("r1", &["--choices-file", "-"], CHOICES).await;
    assert!(voted.ok, "{}", voted.err);
    assert_eq!(fact(&voted.out, "index"), "12");
    let tracker = fact(&voted.out, "tracker").to_owned();
    let checked = desk.check("r1", &["--credential", "me.key"]).await;
    assert!(checked.ok, "{}", checked.err);
    assert!(checked.out.contains("ok: inclusion") && checked.out.contains("ok: signature"), "{}", checked.out);
    assert!(checked.out.contains(&tracker), "{}", checked.out);
    let key = desk.set.voters[0].key.verifying_key().to_string();
    let online = desk.check("r1", &[&["--public-key", &key][..], &desk.board()].concat()).await;
    assert!(online.ok, "{}{}", online.out, online.err);
    for check in ["log", "place", "proofs", "newest", "cancelled"] {
        assert!(online.out.contains(&format!("ok: {check}: ")), "{check}: {}", online.out);
    }
    let status = ["status", "--credential", "me.key", "--manifest", "manifest.json"];
    let status = desk.run(&[&status[..], &desk.board()].concat(), "").await;
    assert!(status.ok, "{}", status.err);
    assert_eq!(fact(&status.out, "newest"), tracker);
    assert_eq!((fact(&status.out, "style"), fact(&status.out, "cancelled")), ("town", "no"));
    assert!(status.err.contains("board's word"), "{}", status.err);

    // Voting again replaces, and the first receipt then tells so.
    let second = desk.vote("r2", &["--choice", "mayor=blank", "--choice", "council=#2", "--yes"], "").await;
    assert!(second.ok && second.err.contains(&tracker), "{}", second.err);
    let old = desk.check("r1", &[&["--credential", "me.key"][..], &desk.board()].concat()).await;
    assert!(old.ok, "{}{}", old.out, old.err);
    assert!(old.out.contains("replaced: newest") && old.out.contains("signed with your key"), "{}", old.out);
    // Without the key nobody can tell whose the later ballot is.
    let old = desk.check("r1", &desk.board()).await;
    assert!(old.ok && old.out.contains("not checked: newest") && old.out.contains("give --credential"), "{}", old.out);
    assert!(!desk.path("r1.complaint-1.json").exists(), "nothing is wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_written_where_the_voter_wants_it() {
    let desk = Desk::new().await;
    assert!(desk.vote("r", &["--choices-file", "-"], CHOICES).await.ok);
    desk.fake.set(Fault::Forgets);
    let lost = desk.check("r", &desk.board()).await;
    assert_eq!(lost.code, Some(1), "{}{}", lost.out, lost.err);
    assert!(lost.out.contains("WRONG: place: the board no longer shows this ballot"), "{}", lost.out);
    assert!(lost.err.contains("auditor evidence check r.complaint-1.json --manifest manifest.json"), "{}", lost.err);
    assert!(lost.err.contains("--record FOLDER"), "{}", lost.err);
    let named = desk.check("r", &[&["--complaint", "mine.json"][..], &desk.board()].concat()).await;
    assert!(named.err.contains("mine.json") && !desk.path("r.complaint-2.json").exists(), "{}", named.err);
    let taken = desk.check("r", &[&["--complaint", "mine.json"][..], &desk.board()].concat()).await;
    assert!(taken.err.contains("is there already"), "{}", taken.err);
    for name in ["r.complaint-1.json", "mine.json"] {
        let evidence = Evidence::parse(&std::fs::read(desk.path(name)).unwrap()).unwrap();
        assert!(evidence.verify(&desk.set.manifest.log_key()).is_ok());
        for text in ["kask-102", "ash-list", "Jaan"] {
            assert!(!holds(&desk.path(name), text), "{text} in {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_holds_a_choice_in_clear() {
    let desk = Desk::new().await;
    let voted = desk.vote("r", &["--choices-file", "-"], CHOICES).await;
    assert!(voted.ok, "{}", voted.err);
    assert!(desk.vote("r-argv", &["--choice", "mayor=kask-102", "--choice", "council=ash-list>oak-list"], "").await.ok);
    let files: Vec<_> = std::fs::read_dir(desk.folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
    // The credential, the receipts and ballots, and what the test put there: no other file appeared.
    let mut names: Vec<_> = files.iter().map(|f| f.file_name().unwrap().to_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["manifest.json", "me.key", "passphrase", "r", "r-argv", "r-argv.ballot", "r.ballot"]);
    for path in files.iter().filter(|p| !p.ends_with("manifest.json")) {
        for text in ["mayor", "kask-102", "ash-list", "oak-list", "council", "Jaan", "Ash Party"] {
            assert!(!holds(path, text), "{text} in {}", path.display());
        }
    }
    for text in ["kask-102", "ash-list", "oak-list", "Jaan", "Ash Party"] {
        assert!(!voted.err.contains(text) && !voted.out.contains(text), "{text}: {}", voted.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_storing_is_healed_by_resending() {
    let desk = Desk::new().await;
    desk.fake.set(Fault::Down);
    let mut args = vec!["vote", "--credential", "me.key", "--manifest", "manifest.json", "--receipt", "r"];
    args.extend(["--patience", "0", "--choices-file", "-"]);
    args.extend(desk.board());
    let down = desk.run(&args, CHOICES).await;
    assert_eq!(down.code, Some(1));
    assert!(down.err.contains("vote --resend r.ballot"), "{}", down.err);
    assert!(desk.path("r.ballot").exists() && !desk.path("r").exists());
    // Voting anew under the same name would lose the ballot that may be on the board.
    let anew = desk.run(&args, CHOICES).await;
    assert!(anew.err.contains("earlier ballot"), "{}", anew.err);
    // The board stored it, as after a crash between storing and answering.
    let bytes = std::fs::read(desk.path("r.ballot")).unwrap();
    let place = desk.fake.lock().push(bytes);
    desk.fake.set(Fault::None);
    let mut resend = vec!["vote", "--resend", "r.ballot", "--manifest", "manifest.json"];
    resend.extend(desk.board());
    let sent = desk.run(&resend, "").await;
    assert!(sent.ok, "{}", sent.err);
    assert_eq!(fact(&sent.out, "index"), place.to_string());
    let receipt = std::fs::read(desk.path("r")).unwrap();
    let sent_again = desk.run(&resend, "").await;
    assert!(sent_again.ok && sent_again.err.contains("proves already"), "{}", sent_again.err);
    assert_eq!(sent_again.out, sent.out);
    assert_eq!(std::fs::read(desk.path("r")).unwrap(), receipt);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_receipt_is_kept_as_evidence_and_not_as_receipt() {
    let desk = Desk::new().await;
    desk.fake.set(Fault::ForgedCheckpoint);
    let voted = desk.vote("r", &["--choices-file", "-"], CHOICES).await;
    assert_eq!(voted.code, Some(1));
    assert!(voted.err.contains("receipt is false") && voted.err.contains("r.evidence-1"), "{}", voted.err);
    assert!(!desk.path("r").exists());
    assert!(holds(&desk.path("r.evidence-1"), "c2sp.org/tlog-proof@v1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_input_is_explained_before_anything_is_sent() {
    let desk = Desk::new().await;
    let bad = r#"{"mayor": "tamm-101,kask-102", "council": "asch", "dogcatcher": "x"}"#;
    let ran = desk.vote("r", &["--choices-file", "-"], bad).await;
    for expected in [
        "2 candidates are named; exactly one is allowed",
        "did you mean ash-list Ash Party",
        "\"dogcatcher\" is not on your ballot; your contests are mayor, council",
        "nothing was handed in",
    ] {
        assert!(ran.err.contains(expected), "{expected}: {}", ran.err);
    }
    let ran = desk.vote("r", &["--choice", "mayor=tamm-101"], "").await;
    assert!(ran.err.contains("contest \"council\" has no choice; write up to 2 candidates, best first"), "{}", ran.err);
    let ran = desk
        .vote("r", &["--choice", "mayor=tamm-101", "--choice", "mayor=kask-102", "--choice", "council=ash-list"], "")
        .await;
    assert!(ran.err.contains("more than one choice"), "{}", ran.err);
    let ran = desk.vote("r", &["--choice", "mayor"], "").await;
    assert!(ran.err.contains("CONTEST=CHOICE"), "{}", ran.err);
    let ran = desk.vote("r", &[], "").await;
    assert!(ran.err.contains("--choices-file"), "{}", ran.err);
    let ran = desk.vote("r", &["--style", "village", "--choices-file", "-"], CHOICES).await;
    assert!(ran.err.contains("you expect \"village\""), "{}", ran.err);
    desk.fake.lock().cancelled.push(desk.set.voters[0].id);
    let ran = desk.vote("r", &["--choices-file", "-"], CHOICES).await;
    assert!(ran.err.contains("voted on paper"), "{}", ran.err);
    desk.fake.lock().on_roll.clear();
    desk.fake.lock().cancelled.clear();
    let ran = desk.vote("r", &["--choices-file", "-"], CHOICES).await;
    assert!(ran.err.contains("not on the roll"), "{}", ran.err);
    desk.fake.lock().phase = "counting";
    let ran = desk.vote("r", &["--choices-file", "-"], CHOICES).await;
    assert!(ran.err.contains("voting has ended"), "{}", ran.err);
    assert_eq!(desk.fake.lock().submissions, 0);
    assert!(!desk.path("r.ballot").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_told_apart() {
    let desk = Desk::new().await;
    std::fs::write(desk.path("passphrase"), "wrong\n").unwrap();
    let ran = desk.vote("r", &["--choices-file", "-"], CHOICES).await;
    assert!(ran.err.contains("wrong passphrase") && ran.code == Some(1), "{}", ran.err);
    std::fs::write(desk.path("passphrase"), "correct horse\n").unwrap();
    let passphrase = PassphraseArgs::from_file(desk.path("passphrase")).read("").unwrap();
    std::fs::remove_file(desk.path("me.key")).unwrap();
    selge_node::keyfile::generate(&desk.path("me.key"), "registrar", &passphrase).unwrap();
    let ran = desk.vote("r", &["--choices-file", "-"], CHOICES).await;
    assert!(ran.err.contains("holds a registrar key, this command needs a voter key"), "{}", ran.err);
    assert_eq!(desk.fake.lock().submissions, 0);
}
