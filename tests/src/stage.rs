//! An election on this machine, step by step, with one real process for every role.

use crate::crowd::Device;
use crate::plan::Plan;
use crate::process::{Programs, Running};
use crate::witness::{Witness, WitnessPlace};
use anyhow::{ensure, Context, Result};
use rand::rngs::OsRng;
use rand::RngCore;
use selge_core::elgamal::PublicKey;
use selge_core::ids::VoterId;
use selge_core::manifest::{Manifest, ManifestDocument, Party, FORMAT};
use selge_node::client::BoardArgs;
use selge_node::replica::{read_manifest, Ballots, Replica};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// Seconds that a role waits for the others before it gives up.
const PATIENCE: &str = "3600";

/// An election under way.
#[derive(Debug)]
pub struct Stage {
    /// The programs.
    pub programs: Programs,
    /// Where keys, stores and files lie.
    pub folder: PathBuf,
    /// The manifest.
    pub manifest: Arc<Manifest>,
    /// How to reach the board, while it runs.
    pub board: BoardArgs,
    /// Where the record is served over HTTP, while the board runs.
    pub record: String,
    /// Where the collector's metrics are, if its config has them.
    pub metrics: Option<String>,
    collector: Option<Running>,
    witnesses: Vec<Witness>,
}

/// The sections of the collector's configuration file that an election can do without.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CollectorOptions {
    /// Where metrics are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Listen>,
    /// Limits by name.
    pub limits: BTreeMap<String, u64>,
}

/// An address to listen on.
#[derive(Clone, Debug, Serialize)]
pub struct Listen {
    /// The address.
    pub listen: String,
}

/// The collector's configuration file.
#[derive(Serialize)]
struct CollectorConfig<'a> {
    store: PathBuf,
    listen: String,
    manifest: PathBuf,
    manifest_entry: PathBuf,
    key: PathBuf,
    passphrase_file: PathBuf,
    insecure_loopback: bool,
    http: Listen,
    witness: Vec<WitnessPlace>,
    #[serde(flatten)]
    options: &'a CollectorOptions,
}

impl CollectorConfig<'_> {
    fn write(folder: &Path, witness: Vec<WitnessPlace>, options: &CollectorOptions) -> Result<()> {
        let config = CollectorConfig {
            store: folder.join("collector"),
            listen: "127.0.0.1:0".to_owned(),
            manifest: folder.join("manifest.json"),
            manifest_entry: folder.join("manifest.entry"),
            key: folder.join("collector.key"),
            passphrase_file: folder.join("passphrase"),
            insecure_loopback: true,
            http: Listen { listen: "127.0.0.1:0".to_owned() },
            witness,
            options,
        };
        std::fs::write(folder.join("collector.toml"), toml::to_string(&config)?)?;
        Ok(())
    }
}

impl Stage {
    /// Makes everybody's keys and the signed manifest, and starts the collector.
    ///
    /// # Errors
    /// With the failing program's own words.
    pub fn set_up(programs: Programs, folder: &Path, plan: &Plan) -> Result<Self> {
        let folder = folder.canonicalize().with_context(|| format!("cannot use {}", folder.display()))?;
        let mut secret = [0; 16];
        OsRng.fill_bytes(&mut secret);
        let passphrase: String = secret.iter().map(|b| format!("{b:02x}")).collect();
        selge_node::keyfile::write_private(&folder.join("passphrase"), passphrase.as_bytes())?;
        let party = |name: &str, program: &str, arguments: &[&str], file: &str| -> Result<Party> {
            let mut command = programs.command(program);
            command.arg("keygen").args(arguments).arg("--out").arg(folder.join(file));
            command.arg("--passphrase-file").arg(folder.join("passphrase"));
            let key = programs.run(&format!("{program} keygen"), command)?;
            Ok(Party { name: name.to_owned(), key: key.trim().parse()? })
        };
        let mut witnesses: Vec<_> =
            (1..=plan.witnesses.0).map(|i| Witness::keygen(&programs, &folder, i)).collect::<Result<_>>()?;
        let now = OffsetDateTime::now_utc().replace_nanosecond(0)?;
        let document = ManifestDocument {
            format: FORMAT.to_owned(),
            title: plan.title.clone(),
            opens: now - Duration::minutes(1),
            closes: now + Duration::days(plan.days.into()),
            early_close: true,
            commission: party("Election commission", "tally", &["--role", "commission"], "commission.key")?,
            registrar: party("Registrar", "registrar", &[], "registrar.key")?,
            collector: party("selge.example/demo", "collector", &[], "collector.key")?,
            trustees: (1..=plan.trustees.0)
                .map(|i| party(&format!("Trustee {i}"), "tally", &["--role", "trustee"], &format!("trustee-{i}.key")))
                .collect::<Result<_>>()?,
            threshold: plan.trustees.1,
            mix_servers: (1..=plan.mixes)
                .map(|i| party(&format!("Mix server {i}"), "mixnet", &[], &format!("mix-{i}.key")))
                .collect::<Result<_>>()?,
            witnesses: witnesses.iter().map(|witness| witness.key.clone()).collect(),
            witness_quorum: plan.witnesses.1,
            privacy_floor: plan.privacy_floor,
            contests: plan.contests.clone(),
            ballot_styles: plan.styles.clone(),
            tallies: plan.tallies.clone(),
        };
        std::fs::write(folder.join("draft.json"), serde_json::to_vec_pretty(&document)?)?;
        let mut command = programs.command("tally");
        command.arg("manifest").arg("--document").arg(folder.join("draft.json"));
        command.arg("--key").arg(folder.join("commission.key")).arg("--out").arg(&folder);
        command.arg("--passphrase-file").arg(folder.join("passphrase"));
        programs.run("tally manifest", command)?;
        let (_, manifest) = read_manifest(&folder.join("manifest.json"))?;
        witnesses.iter_mut().try_for_each(|witness| witness.start(&programs, &manifest.log_key()))?;
        // A few devices stand for many voters here.
        let limits = [("ballots_per_voter_per_minute".to_owned(), 1_000_000)].into();
        let options = CollectorOptions { metrics: None, limits };
        CollectorConfig::write(&folder, witnesses.iter().map(Witness::place).collect(), &options)?;
        let board = BoardArgs { board: String::new(), ca: None, insecure_loopback: true };
        let mut stage = Stage {
            programs,
            folder,
            manifest,
            board,
            record: String::new(),
            metrics: None,
            collector: None,
            witnesses,
        };
        stage.start_collector()?;
        Ok(stage)
    }

    /// Goes on with an election without witnesses whose folder is there, such as a copy of another's, and starts its
    /// collector.
    ///
    /// # Errors
    /// With the collector's own words.
    pub fn reopen(programs: Programs, folder: &Path, options: &CollectorOptions) -> Result<Self> {
        let folder = folder.canonicalize().with_context(|| format!("cannot use {}", folder.display()))?;
        let (_, manifest) = read_manifest(&folder.join("manifest.json"))?;
        CollectorConfig::write(&folder, Vec::new(), options)?;
        let board = BoardArgs { board: String::new(), ca: None, insecure_loopback: true };
        let mut stage = Stage {
            programs,
            folder,
            manifest,
            board,
            record: String::new(),
            metrics: None,
            collector: None,
            witnesses: Vec::new(),
        };
        let metrics = options.metrics.is_some();
        stage.start_collector()?;
        if let (true, Some(running)) = (metrics, &mut stage.collector) {
            let line = running.line()?;
            let address = line.strip_prefix("metrics on ").with_context(|| format!("the collector said {line:?}"))?;
            stage.metrics = Some(address.to_owned());
        }
        Ok(stage)
    }

    /// The collector's process id.
    ///
    /// # Errors
    /// If it does not run.
    pub fn collector_id(&self) -> Result<u32> {
        Ok(self.collector.as_ref().context("the collector does not run")?.id())
    }

    /// Starts the collector; it listens on a port of its own each time.
    ///
    /// # Errors
    /// With the collector's own words.
    pub fn start_collector(&mut self) -> Result<()> {
        let mut command = self.programs.command("collector");
        command.arg("serve").arg("--config").arg(self.folder.join("collector.toml"));
        let mut running = self.programs.start("collector", command)?;
        let line = running.line()?;
        let address = line.strip_prefix("listening on ").with_context(|| format!("the collector said {line:?}"))?;
        self.board.board = format!("http://{address}");
        let line = running.line()?;
        let address = line.strip_prefix("serving the record on ");
        self.record = format!("http://{}", address.with_context(|| format!("the collector said {line:?}"))?);
        self.collector = Some(running);
        Ok(())
    }

    /// Kills the collector as a power cut would.
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill_collector(&mut self) -> Result<()> {
        self.collector.take().context("the collector does not run")?.kill()
    }

    /// Asks the collector to end.
    ///
    /// # Errors
    /// If it does not run or fails.
    pub fn stop_collector(&mut self) -> Result<()> {
        self.collector.take().context("the collector does not run")?.stop().map(|_| ())
    }

    /// Kills a witness, counted from 1, as a power cut would.
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill_witness(&mut self, i: usize) -> Result<()> {
        let at = i.checked_sub(1).and_then(|at| self.witnesses.get_mut(at));
        at.with_context(|| format!("there is no witness {i}"))?.kill()
    }

    /// Starts a witness, counted from 1, again at the address that it had.
    ///
    /// # Errors
    /// With the witness's own words.
    pub fn start_witness(&mut self, i: usize) -> Result<()> {
        let log = self.manifest.log_key();
        let at = i.checked_sub(1).and_then(|at| self.witnesses.get_mut(at));
        at.with_context(|| format!("there is no witness {i}"))?.start(&self.programs, &log)
    }

    /// A command with manifest and board, and a key where one is needed.
    pub fn role(&self, program: &str, command: &str, key: Option<&str>) -> Command {
        let mut built = self.programs.command(program);
        built.arg(command).arg("--manifest").arg(self.folder.join("manifest.json"));
        built.args(["--insecure-loopback", "--board", &self.board.board]);
        if let Some(key) = key {
            built.arg("--key").arg(self.folder.join(key));
            built.arg("--passphrase-file").arg(self.folder.join("passphrase"));
        }
        built
    }

    fn trustee(&self, command: &str, trustee: u16) -> Result<Running> {
        let mut built = self.role("tally", command, Some(&format!("trustee-{trustee}.key")));
        built.arg("--state").arg(self.folder.join(format!("trustee-{trustee}"))).args(["--wait", PATIENCE]);
        self.programs.start("trustee", built)
    }

    /// Starts one trustee's part in the key ceremony.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_ceremony(&self, trustee: u16) -> Result<Running> {
        self.trustee("ceremony", trustee)
    }

    /// Starts one trustee's decryption.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_decryption(&self, trustee: u16) -> Result<Running> {
        self.trustee("decrypt", trustee)
    }

    /// Starts one mix server.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_mix(&self, mix: u16) -> Result<Running> {
        let mut command = self.role("mixnet", "mix", Some(&format!("mix-{mix}.key")));
        command.arg("--state").arg(self.folder.join(format!("mix-{mix}"))).args(["--wait", PATIENCE]);
        self.programs.start(&format!("mix server {mix}"), command)
    }

    /// Runs the key ceremony, every trustee at the same time.
    ///
    /// # Errors
    /// With the words of the trustee that fails.
    pub fn ceremony(&self) -> Result<()> {
        let running: Vec<_> = self.trustees().map(|i| self.start_ceremony(i)).collect::<Result<_>>()?;
        running.into_iter().try_for_each(|r| r.success().map(|_| ()))
    }

    fn trustees(&self) -> impl Iterator<Item = u16> {
        1..=u16::try_from(self.manifest.trustees()).unwrap_or(0)
    }

    /// Puts the voters on the roll, and as many more who will stay at home.
    ///
    /// # Errors
    /// With the registrar's own words.
    pub fn roll(&self, devices: &[Device], absent: usize) -> Result<()> {
        let mut lines = String::from("voter_id,public_key,ballot_style\n");
        let style = &self.manifest.document().ballot_styles.first().context("no ballot style")?.id;
        for device in devices {
            lines += &format!("{},{},{}\n", device.voter, device.key.verifying_key(), device.plan.style);
        }
        for _ in 0..absent {
            let key = selge_core::sign::SigningKey::generate(&mut OsRng).verifying_key();
            lines += &format!("{},{key},{style}\n", VoterId::random(&mut OsRng));
        }
        self.post_roll(&lines)
    }

    /// Puts a list of voters, in the registrar's form, on the roll.
    ///
    /// # Errors
    /// With the registrar's own words.
    pub fn post_roll(&self, lines: &str) -> Result<()> {
        std::fs::write(self.folder.join("voters.csv"), lines)?;
        let mut command = self.programs.command("registrar");
        command.arg("roll").arg("--voters").arg(self.folder.join("voters.csv"));
        command.arg("--manifest").arg(self.folder.join("manifest.json"));
        command.arg("--key").arg(self.folder.join("registrar.key"));
        command.arg("--passphrase-file").arg(self.folder.join("passphrase"));
        command.arg("--out").arg(self.folder.join("roll"));
        self.programs.run("registrar", command)?;
        let mut command = self.role("registrar", "post", None);
        command.arg("--roll").arg(self.folder.join("roll"));
        self.programs.run("registrar", command).map(|_| ())
    }

    /// A step of the commission.
    ///
    /// # Errors
    /// With its own words.
    pub fn commission(&self, step: &str, arguments: &[&std::ffi::OsStr]) -> Result<String> {
        let mut command = self.role("tally", step, Some("commission.key"));
        command.args(arguments);
        self.programs.run(&format!("commission, {step}"), command)
    }

    /// Opens the election and reads the joint key off the board, checking all that is on it.
    ///
    /// # Errors
    /// If the board does not hold.
    pub async fn open(&self) -> Result<Arc<PublicKey>> {
        self.commission("open", &[])?;
        let mut replica = Replica::new(Arc::clone(&self.manifest), Ballots::Verify);
        replica.sync(&mut self.board.connect().await?).await?;
        let key = replica.election()?.joint_key().context("no joint key after the opening")?;
        Ok(Arc::new(key.public_key().clone()))
    }

    /// Cancels voters' ballots because they have voted on paper.
    ///
    /// # Errors
    /// With the commission's own words.
    pub fn cancel(&self, voters: &[VoterId]) -> Result<()> {
        let path = self.folder.join("cancelled.txt");
        std::fs::write(&path, voters.iter().map(|v| format!("{v}\n")).collect::<String>())?;
        self.commission("cancel", &["--voters".as_ref(), path.as_os_str(), "--reason".as_ref(), "paper-vote".as_ref()])
            .map(|_| ())
    }

    /// Lets every mix server work; each waits for its turn.
    ///
    /// # Errors
    /// With the words of the mix server that fails.
    pub fn mix(&self) -> Result<()> {
        let servers = u16::try_from(self.manifest.mixes())?;
        let running: Vec<_> = (1..=servers).map(|k| self.start_mix(k)).collect::<Result<_>>()?;
        running.into_iter().try_for_each(|r| r.success().map(|_| ()))
    }

    /// Lets some trustees decrypt.
    ///
    /// # Errors
    /// With the words of the trustee that fails.
    pub fn decrypt(&self, trustees: &[u16]) -> Result<()> {
        let running: Vec<_> = trustees.iter().map(|i| self.start_decryption(*i)).collect::<Result<_>>()?;
        running.into_iter().try_for_each(|r| r.success().map(|_| ()))
    }

    /// Counts, and puts the signed result on the board.
    ///
    /// # Errors
    /// With the commission's own words.
    pub fn result(&self) -> Result<()> {
        let out = self.folder.join("result.json");
        self.commission("result", &["--wait".as_ref(), PATIENCE.as_ref(), "--out".as_ref(), out.as_os_str()])
            .map(|_| ())
    }

    /// Writes the election record, as soon as the quorum has cosigned its checkpoint.
    ///
    /// # Errors
    /// With the collector's own words.
    pub fn export(&self, out: &Path) -> Result<()> {
        let mut command = self.programs.command("collector");
        command.arg("export").arg("--config").arg(self.folder.join("collector.toml")).arg("--out").arg(out);
        command.args(["--wait", "120"]);
        self.programs.run("collector export", command).map(|_| ())
    }

    /// What the collector says of its store.
    ///
    /// # Errors
    /// With the collector's own words.
    pub fn collector_status(&self) -> Result<String> {
        let mut command = self.programs.command("collector");
        command.arg("status").arg("--config").arg(self.folder.join("collector.toml"));
        self.programs.run("collector status", command)
    }

    /// Runs the auditor on a record: exit status and report.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn audit(&self, record: &Path, json: bool) -> Result<(i32, String)> {
        let mut command = self.programs.command("auditor");
        command.arg("verify").arg(record).args(["--election", &self.manifest.id().to_string()]);
        if json {
            command.arg("--json");
        }
        let (status, stdout, stderr) = self.programs.start("auditor", command)?.finish()?;
        ensure!(status.code().is_some(), "the auditor was killed:\n{stderr}");
        Ok((status.code().unwrap_or(-1), if stdout.is_empty() { stderr } else { stdout }))
    }

    /// Starts somebody who follows the board into a folder.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn follow(&self, into: &Path, until: &str) -> Result<Running> {
        let mut command = self.programs.command("auditor");
        command.arg("follow").arg(&self.record).arg("--into").arg(into).args([until, "--interval", "1"]);
        command.arg("--manifest").arg(self.folder.join("manifest.json"));
        self.programs.start("auditor follow", command)
    }

    /// Checks a file of evidence: exit status and answer.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn check_evidence(&self, file: &Path) -> Result<(i32, String)> {
        let mut command = self.programs.command("auditor");
        command.args(["evidence", "check"]).arg(file).arg("--manifest").arg(self.folder.join("manifest.json"));
        let (status, stdout, stderr) = self.programs.start("auditor evidence check", command)?.finish()?;
        Ok((status.code().unwrap_or(-1), stdout + &stderr))
    }

    /// Runs a voter's commands as a person would: enrol, vote, check the receipt, ask for the status.
    pub fn voter_command(&self, command: &[&str]) -> Command {
        let mut built = self.programs.command("voter-client");
        built.args(command).arg("--manifest").arg(self.folder.join("manifest.json"));
        built.args(["--insecure-loopback", "--board", &self.board.board]);
        built.arg("--passphrase-file").arg(self.folder.join("passphrase"));
        built
    }
}
