//! The election's witnesses as processes of their own, which can be killed and started again.

use crate::process::{Programs, Running};
use anyhow::{Context, Result};
use selge_core::cosignature::WitnessKey;
use selge_core::note::LogKey;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// One witness.
#[derive(Debug)]
pub struct Witness {
    /// The key that the manifest names.
    pub key: WitnessKey,
    config: PathBuf,
    listen: String,
    running: Option<Running>,
}

/// The witness's configuration file.
#[derive(Serialize)]
struct WitnessFile<'a> {
    name: &'a str,
    listen: &'a str,
    state: PathBuf,
    key: PathBuf,
    passphrase_file: PathBuf,
    log: [Log; 1],
}

#[derive(Serialize)]
struct Log {
    origin: String,
    vkey: String,
}

/// A witness's place in the collector's configuration file.
#[derive(Debug, Serialize)]
pub struct WitnessPlace {
    name: String,
    url: String,
}

impl Witness {
    /// Makes the key of witness `i`; it cannot run before there is a log.
    ///
    /// # Errors
    /// With the program's own words.
    pub fn keygen(programs: &Programs, folder: &Path, i: u16) -> Result<Self> {
        let mut command = programs.command("witness");
        command.args(["keygen", "--name", &format!("witness-{i}.example")]);
        command.arg("--out").arg(folder.join(format!("witness-{i}.key")));
        command.arg("--passphrase-file").arg(folder.join("passphrase"));
        let vkey = programs.run("witness keygen", command)?;
        let key = WitnessKey::from_vkey(vkey.trim())?;
        let config = folder.join(format!("witness-{i}.toml"));
        Ok(Witness { key, config, listen: "127.0.0.1:0".to_owned(), running: None })
    }

    /// Starts it, or starts it again at the address that it had.
    ///
    /// # Errors
    /// With the program's own words.
    pub fn start(&mut self, programs: &Programs, log: &LogKey) -> Result<()> {
        let file = WitnessFile {
            name: &self.key.name,
            listen: &self.listen,
            state: self.config.with_extension("state"),
            key: self.config.with_extension("key"),
            passphrase_file: self.config.with_file_name("passphrase"),
            log: [Log { origin: log.origin.clone(), vkey: log.vkey() }],
        };
        std::fs::write(&self.config, toml::to_string(&file)?)?;
        let mut command = programs.command("witness");
        command.arg("serve").arg("--config").arg(&self.config);
        let mut running = programs.start("witness", command)?;
        let line = running.line()?;
        let address = line.strip_prefix("listening on ").with_context(|| format!("the witness said {line:?}"))?;
        self.listen = address.to_owned();
        self.running = Some(running);
        Ok(())
    }

    /// Kills it as a power cut would.
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill(&mut self) -> Result<()> {
        self.running.take().context("the witness does not run")?.kill()
    }

    /// What the collector must know.
    pub fn place(&self) -> WitnessPlace {
        WitnessPlace { name: self.key.name.clone(), url: format!("http://{}", self.listen) }
    }
}
