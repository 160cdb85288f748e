//! The command: its key, its config, its end.

use crate::log::{post, verify_cosignature, Log, NAME, ORIGIN};
use selge_core::sign::SigningKey;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_witness"));
    command.env("SELGE_SCRYPT_WORK", "1").env_remove("SELGE_PASSPHRASE_FILE");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A witness's folder with a key, a log that it knows, and a config.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) log: SigningKey,
    pub(crate) vkey: String,
}

pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = SigningKey::generate(&mut rand::rngs::OsRng);
        std::fs::write(folder.path().join("passphrase"), "correct horse\n").unwrap();
        let mut home = Home { folder, log, vkey: String::new() };
        let made = home.keygen();
        assert!(made.status.success(), "{}", text(&made.stderr));
        home.vkey = text(&made.stdout).trim().to_owned();
        let config = format!(
            "name = '{NAME}'\nlisten = '127.0.0.1:0'\nstate = 'state'\nkey = 'witness.key'\n\
             passphrase_file = 'passphrase'\n[[log]]\norigin = '{ORIGIN}'\nvkey = '{}'\n",
            Log::vkey(&home.log)
        );
        std::fs::write(home.path("witness.toml"), config).unwrap();
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keygen(&self) -> Output {
        let mut keygen = command();
        keygen.args(["keygen", "--name", NAME, "--out"]).arg(self.path("witness.key"));
        keygen.arg("--passphrase-file").arg(self.path("passphrase")).output().unwrap()
    }

    fn command(&self) -> Command {
        let mut serve = command();
        serve.arg("serve").arg("--config").arg(self.path("witness.toml"));
        serve
    }

    pub(crate) fn serve(&self) -> Running {
        let mut child = self.command().stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
        Running { child, address }
    }

    /// Starts a witness that must refuse to; returns what it says.
    pub(crate) fn refuses_to_serve(&self) -> String {
        let output = self.command().output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    }

    /// The one file with a log's newest checkpoint.
    pub(crate) fn record(&self) -> PathBuf {
        use sha2::Digest;
        self.path("state").join(hex::encode(sha2::Sha256::digest(ORIGIN)))
    }
}

#[test]
fn a_witness_of_the_commands_own_making_cosigns_and_ends_when_it_is_told_to() {
    let home = Home::new();
    assert!(home.vkey.starts_with(&format!("{NAME}+")), "{}", home.vkey);
    let again = home.keygen();
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("never overwritten"));
    let mut running = home.serve();
    let second = home.refuses_to_serve();
    assert!(second.contains("another witness is running on the state folder"), "{second}");
    let request = Log::new(&home.log, 0, 3).request(0, 3);
    let answer = post(running.address, &request.text());
    assert_eq!(answer.status, 200, "{answer:?}");
    let time = verify_cosignature(&home.vkey, &request.note, &answer.body);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!((now - 60..=now).contains(&time), "{time} at {now}");
    let id = rustix::process::Pid::from_raw(i32::try_from(running.child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(running.child.wait().unwrap().success());
    // What it remembers is not believed when it is not what the log has signed.
    let kept = std::fs::read_to_string(home.record()).unwrap();
    assert_eq!(kept, request.note);
    for damaged in [kept.replace("\n3\n", "\n2\n"), String::new(), "x".repeat(20_000)] {
        std::fs::write(home.record(), damaged).unwrap();
        let said = home.refuses_to_serve();
        assert!(said.contains(home.record().to_str().unwrap()), "{said}");
    }
}

#[test]
fn commands_say_what_is_wrong() {
    let home = Home::new();
    let unnamed = command().args(["keygen", "--name", "a b", "--out", "/nowhere/x"]).output().unwrap();
    assert!(text(&unnamed.stderr).contains("cannot be a witness's name"), "{}", text(&unnamed.stderr));
    std::fs::write(home.path("passphrase"), "wrong\n").unwrap();
    assert!(home.refuses_to_serve().contains("wrong passphrase"));
    std::fs::remove_file(home.path("witness.toml")).unwrap();
    assert!(home.refuses_to_serve().contains("cannot read the config file"));
    assert_eq!(command().arg("serve").output().unwrap().status.code(), Some(2));
}
