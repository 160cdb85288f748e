//! The command as a real process: keys, serve, kill -9, status, export, TLS.

use crate::stage::{connect_to, replica, Stage};
use selge_core::ids::LeafHash;
use selge_node::client::BoardArgs;
use selge_node::keyfile;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_collector"));
    command.env("SELGE_SCRYPT_WORK", "1").env_remove("SELGE_PASSPHRASE_FILE");
    command
}

fn serve(config: &Path) -> Server {
    let mut child = command().arg("serve").arg("--config").arg(config).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    Server { child, address }
}

fn run(args: &[&str]) -> Output {
    command().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A stop right after the line that says where the server is has to be an orderly one, as any other.
#[test]
fn a_server_can_be_stopped_as_soon_as_it_listens() {
    let stage = Stage::new();
    let config = prepare(&stage, "insecure_loopback = true\n");
    for _ in 0..10 {
        let mut server = serve(&config);
        let asked = Command::new("kill").arg("-TERM").arg(server.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        let status = server.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

/// Writes key, passphrase and config file.
fn prepare(stage: &Stage, rest: &str) -> PathBuf {
    let folder = stage.folder.path();
    std::fs::write(folder.join("passphrase"), "correct horse\n").unwrap();
    let passphrase = keyfile::PassphraseArgs::from_file(folder.join("passphrase")).read("key").unwrap();
    keyfile::seal(&folder.join("collector.key"), "collector", stage.collector_key().expose_seed(), &passphrase)
        .unwrap();
    let config = folder.join("collector.toml");
    let base =
        "store = 'store'\nlisten = '127.0.0.1:0'\nmanifest = 'manifest.json'\nmanifest_entry = 'manifest.entry'\n\
                key = 'collector.key'\npassphrase_file = 'passphrase'\n";
    std::fs::write(&config, format!("{base}{rest}")).unwrap();
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_ballots_come_in_keeps_every_receipt() {
    let stage = Stage::new();
    let config = prepare(&stage, "insecure_loopback = true\n");
    let mut server = serve(&config);
    let mut board = connect_to(&format!("http://{}", server.address)).await;
    stage.open(&mut board).await;
    let mut kept = Vec::new();
    let mut newest = vec![LeafHash::NONE; stage.voters.len()];
    for round in 0..5u32 {
        let ballots: Vec<_> = (0..stage.voters.len()).map(|who| stage.ballot(who, newest[who], round % 3)).collect();
        let jobs: Vec<_> = ballots
            .iter()
            .cloned()
            .map(|ballot| {
                let mut board = board.clone();
                tokio::spawn(async move { (board.submit(&ballot).await, ballot) })
            })
            .collect();
        // At another moment of the batch in every round.
        tokio::time::sleep(std::time::Duration::from_millis(u64::from(round) * 15)).await;
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        for job in jobs {
            if let (Ok(receipt), ballot) = job.await.unwrap() {
                stage.holds(&receipt, &ballot);
                kept.push((receipt, ballot));
            }
        }
        server = serve(&config);
        board = connect_to(&format!("http://{}", server.address)).await;
        for (receipt, ballot) in &kept {
            let again = board.receipt(&ballot.leaf_hash()).await.unwrap().expect("an acknowledged ballot is gone");
            assert_eq!(again.index, receipt.index);
        }
        // Whoever got no answer hands the same bytes in again.
        for (who, ballot) in ballots.iter().enumerate() {
            let receipt = board.submit(ballot).await.unwrap();
            stage.holds(&receipt, ballot);
            newest[who] = ballot.leaf_hash();
            kept.push((receipt, ballot.clone()));
        }
        let replica = replica(&stage, &mut board).await;
        for (receipt, ballot) in &kept {
            let old = stage.holds(receipt, ballot);
            assert_eq!(replica.tree().root_at(old.size).unwrap(), old.root, "the board contradicts a receipt");
        }
    }
    // Status and export while the server runs.
    let checkpoint = stage.checkpoint(&mut board).await;
    let config = config.to_str().unwrap();
    let status = run(&["status", "--config", config]);
    let shown = text(&status.stdout);
    assert!(status.status.success(), "{}", text(&status.stderr));
    let lines = [
        "phase voting".to_owned(),
        format!("size {}", checkpoint.size),
        format!("root {}", hex::encode(checkpoint.root)),
        format!("ballots cast {}", 5 * stage.voters.len()),
        format!("ballots counted {}", stage.voters.len()),
        format!("vkey {}", stage.manifest.log_key().vkey()),
    ];
    for line in lines {
        assert!(shown.lines().any(|l| l == line), "{line} in {shown}");
    }
    let out = stage.folder.path().join("record");
    let exported = run(&["export", "--config", config, "--out", out.to_str().unwrap()]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    assert!(text(&exported.stdout).contains(&format!("exported {} entries and 2 files", checkpoint.size)));
    let again = run(&["export", "--config", config, "--out", out.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("is not empty"));

    // A clean end.
    let id = rustix::process::Pid::from_raw(i32::try_from(server.child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert!(server.child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_for_clients_who_know_the_certificate() {
    let stage = Stage::new();
    let folder = stage.folder.path();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("server.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("server-key.pem"), made.signing_key.serialize_pem()).unwrap();
    let config = prepare(&stage, "[tls]\ncertificate = 'server.pem'\nprivate_key = 'server-key.pem'\n");
    let server = serve(&config);
    let args = |ca: &str| BoardArgs {
        board: format!("https://{}", server.address),
        ca: Some(folder.join(ca)),
        insecure_loopback: false,
    };
    let mut board = args("server.pem").connect().await.unwrap();
    stage.open(&mut board).await;
    let ballot = stage.ballot(0, LeafHash::NONE, 1);
    stage.holds(&board.submit(&ballot).await.unwrap(), &ballot);
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("other.pem"), other.cert.pem()).unwrap();
    assert!(args("other.pem").connect().await.is_err());
    let plain = BoardArgs { board: format!("http://{}", server.address), ca: None, insecure_loopback: true };
    let answered = match plain.connect().await {
        Ok(mut board) => board.status().await.is_ok(),
        Err(_) => false,
    };
    assert!(!answered, "a TLS server answers without TLS");
}

#[test]
fn the_record_is_served_where_the_config_says() {
    let stage = Stage::new();
    let config = prepare(&stage, "insecure_loopback = true\n[http]\nlisten = '127.0.0.1:0'\n");
    let mut child = command().arg("serve").arg("--config").arg(&config).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let second = lines.next().unwrap().unwrap();
    let address = first.strip_prefix("listening on ").unwrap().to_owned();
    let server = Server { child, address };
    let record: std::net::SocketAddr = second.strip_prefix("serving the record on ").unwrap().parse().unwrap();
    assert_ne!(record.to_string(), server.address);
    let note = crate::http::get(record, "/checkpoint");
    let checkpoint = selge_core::note::Checkpoint::open(note.text(), &stage.manifest.log_key()).unwrap();
    assert_eq!(checkpoint.size, 1);
    // The address is taken: a second collector says so.
    let other = Stage::new();
    let config = prepare(&other, &format!("insecure_loopback = true\n[http]\nlisten = '{record}'\n"));
    let taken = run(&["serve", "--config", config.to_str().unwrap()]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(text(&taken.stderr).contains(&format!("cannot listen on {record}, the [http] address")));
}

#[test]
fn commands_say_what_is_wrong() {
    let stage = Stage::new();
    let config = prepare(&stage, "insecure_loopback = true\n");
    let folder = stage.folder.path();
    let (config, key) = (config.to_str().unwrap(), folder.join("new.key"));
    let passphrase = folder.join("passphrase");
    let keygen = ["keygen", "--out", key.to_str().unwrap(), "--passphrase-file", passphrase.to_str().unwrap()];
    let made = run(&keygen);
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(text(&made.stdout).trim().parse::<selge_core::sign::VerifyingKey>().is_ok());
    let again = run(&keygen);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("never overwritten"));
    for command in ["status", "serve"] {
        let missing = run(&[command, "--config", "/nowhere/collector.toml"]);
        assert_eq!(missing.status.code(), Some(1));
        assert!(text(&missing.stderr).contains("cannot read the config file /nowhere/collector.toml"));
    }
    let early = run(&["status", "--config", config]);
    assert!(text(&early.stderr).contains("has no checkpoint yet"), "{}", text(&early.stderr));
    // Another collector's key.
    std::fs::rename(&key, folder.join("collector.key")).unwrap();
    let foreign = run(&["serve", "--config", config]);
    assert_eq!(foreign.status.code(), Some(1));
    assert!(text(&foreign.stderr).contains("the manifest names"), "{}", text(&foreign.stderr));
    std::fs::write(&passphrase, "wrong\n").unwrap();
    let wrong = run(&["serve", "--config", config]);
    assert!(text(&wrong.stderr).contains("wrong passphrase"), "{}", text(&wrong.stderr));
    assert_eq!(run(&["serve"]).status.code(), Some(2));
}

/// A line of a log in which an identifier stands: as hexadecimal digits, as the bytes' numbers, or as an escaped text.
fn names(line: &str, id: &[u8]) -> bool {
    let numbers = format!("{id:?}");
    let escaped: String = id.iter().flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    let line = line.to_lowercase();
    [hex::encode(id), numbers, escaped.to_lowercase()].iter().any(|form| line.contains(form))
}

/// With everything logged that there is to log, at the libraries' own most talkative, no line holds the address of a
/// client, and so no line holds a voter beside one: whoever reads the log cannot find out who is behind a pseudonym. What
/// is logged by default names no voter at all.
#[tokio::test(flavor = "multi_thread")]
async fn no_line_of_the_log_holds_a_clients_address_and_none_a_voter_unless_asked_for() {
    // Nothing else has these addresses, least of all the server.
    let elsewhere = ["127.55.66.77", "127.55.66.78"].map(|ip| ip.parse::<std::net::Ipv4Addr>().unwrap());
    assert!(names(&format!("x {:?}", [7, 8]), &[7, 8]) && names("x \\xAB\\x08", &[0xab, 8]) && !names("abc", &[7, 8]));
    let stage = Stage::new();
    let rest = "insecure_loopback = true\n[http]\nlisten = '127.0.0.1:0'\n[metrics]\nlisten = '127.0.0.1:0'\n\
                [limits]\nconnections_per_peer = 2\n";
    let config = prepare(&stage, rest);
    for (round, (level, json)) in [("trace", false), ("trace", true), ("", true), ("", false)].into_iter().enumerate() {
        let log = stage.folder.path().join(format!("log-{round}"));
        let mut command = command();
        command.arg("serve").arg("--config").arg(&config).stdout(Stdio::piped());
        command.stderr(std::fs::File::create(&log).unwrap());
        match level {
            "" => command.env_remove("RUST_LOG"),
            level => command.env("RUST_LOG", level),
        };
        match json {
            true => command.env("SELGE_LOG_FORMAT", "json"),
            false => command.env_remove("SELGE_LOG_FORMAT"),
        };
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut listening = || {
            let line = lines.next().unwrap().unwrap();
            line.rsplit_once(' ').unwrap().1.to_owned()
        };
        let (address, record, metrics) = (listening(), listening(), listening());
        let mut server = Server { child, address };
        if round == 0 {
            stage.open(&mut connect_to(&format!("http://{}", server.address)).await).await;
        }
        // From other addresses than the server's own: taken, stale, of a wrong signature, malformed, and asked for.
        let url = format!("http://{}", server.address);
        let endpoint = tonic::transport::Endpoint::from_shared(url).unwrap().local_address(Some(elsewhere[0].into()));
        let mut board = selge_proto::v1::board_client::BoardClient::new(endpoint.connect().await.unwrap());
        let voter = &stage.voters[round];
        let ballot = stage.ballot(round, LeafHash::NONE, 1);
        let forged = stage.ballot_body(voter, voter.style, ballot.leaf_hash(), 1);
        let bytes = |entry: &selge_core::entry::SignedEntry| selge_core::codec::Encode::to_bytes(entry);
        let mut spoilt = bytes(&ballot);
        spoilt.truncate(200);
        let stale = bytes(&stage.ballot(round, LeafHash::NONE, 1));
        let cases = [(bytes(&ballot), true), (stale, false), (bytes(&stage.sign(forged, &stage.commission)), false)];
        for (entry, taken) in cases.into_iter().chain([(spoilt, false)]) {
            let answer = board.submit(selge_proto::v1::SubmitRequest { entry }).await;
            assert_eq!(answer.is_ok(), taken, "{answer:?}");
        }
        let asked = selge_proto::v1::VoterRequest { voter: voter.id.0.to_vec() };
        board.voter(asked).await.unwrap();
        // Not HTTP at all, more connections than one address may have, and readers of the record and the numbers.
        for to in [&server.address, &record, &metrics] {
            let mut held = Vec::new();
            for _ in 0..4 {
                let socket = tokio::net::TcpSocket::new_v4().unwrap();
                socket.bind(std::net::SocketAddr::from((elsewhere[1], 0))).unwrap();
                let mut stream = socket.connect(to.parse().unwrap()).await.unwrap();
                let said = tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /checkpoint \x00\xff\r\n\r\n");
                let _ = said.await;
                held.push(stream);
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        drop(board);
        // Everything is written when the process is gone.
        let stopped = Command::new("kill").arg("-TERM").arg(server.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        assert!(server.child.wait().unwrap().success());
        let text = std::fs::read_to_string(&log).unwrap();
        let everything = !level.is_empty();
        assert!(text.contains("shutting down") && (!everything || text.contains("TRACE")), "{text}");
        for line in text.lines() {
            assert!(elsewhere.iter().all(|ip| !line.contains(&ip.to_string()) && !names(line, &ip.octets())), "{line}");
            assert!(everything || stage.voters.iter().all(|voter| !names(line, &voter.id.0)), "{line}");
            if json {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
                assert!(line["fields"]["message"].is_string() || everything, "{line}");
            }
        }
    }
}
