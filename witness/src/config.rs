//! The witness's config file.

use anyhow::{bail, ensure, Context, Result};
use selge_core::note::{is_key_name, LogKey};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the config file says; paths are relative to the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The witness's name, which is part of its key.
    pub name: String,
    /// Address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Folder of what the witness remembers; made at the first start.
    pub state: PathBuf,
    /// The witness's key file.
    pub key: PathBuf,
    /// File whose first line is the key's passphrase; without it the terminal asks.
    pub passphrase_file: Option<PathBuf>,
    /// The logs that are cosigned.
    #[serde(rename = "log", default)]
    logs: Vec<Log>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    origin: String,
    vkey: String,
}

impl Config {
    /// Reads a config file.
    ///
    /// # Errors
    /// Naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the config file {shown}"))?;
        let mut config: Config =
            toml::from_str(&text).with_context(|| format!("the config file {shown} is not usable"))?;
        let base = path.parent().unwrap_or(Path::new(""));
        let paths = [&mut config.state, &mut config.key];
        for path in paths.into_iter().chain(&mut config.passphrase_file) {
            *path = base.join(&*path);
        }
        check_name(&config.name)
            .and_then(|()| config.logs().map(drop))
            .with_context(|| format!("the config file {shown} is not usable"))?;
        Ok(config)
    }

    /// The logs that are cosigned.
    ///
    /// # Errors
    /// If there is none, a key is not usable, or an origin is named twice: two keys for one log could be two logs.
    pub fn logs(&self) -> Result<Vec<LogKey>> {
        let mut logs: Vec<LogKey> = Vec::new();
        for Log { origin, vkey } in &self.logs {
            let log = LogKey::from_vkey(vkey).with_context(|| format!("the vkey of the log {origin}"))?;
            ensure!(log.origin == *origin, "the vkey given for the log {origin} is that of {}", log.origin);
            ensure!(
                logs.iter().all(|known| known.origin != *origin),
                "the log {origin} is there twice: keep one of them"
            );
            logs.push(log);
        }
        if logs.is_empty() {
            bail!("it names no log: add a [[log]] section with `origin` and `vkey`");
        }
        Ok(logs)
    }
}

/// Checks a witness's name.
///
/// # Errors
/// If it cannot be a key's name.
pub fn check_name(name: &str) -> Result<()> {
    ensure!(
        is_key_name(name) && name.len() <= 200,
        "{name:?} cannot be a witness's name: it is like an address without https://, at most 200 bytes long, without \
         white space and `+`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "name = 'w/1'\nlisten = '127.0.0.1:0'\nstate = 's'\nkey = '/k'\n";
    const KEY: &str = "board.example.org/0123456789abcdef+9beed3af+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

    fn read(text: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("witness.toml");
        std::fs::write(&path, text).unwrap();
        let config = Config::read(&path)?;
        assert_eq!(config.state.parent(), Some(folder.path()));
        Ok(config)
    }

    #[test]
    fn the_example_that_help_shows_is_a_config() {
        let config = read(include_str!("example.toml")).unwrap();
        assert_eq!(config.logs().unwrap().len(), 1);
    }

    #[test]
    fn what_cannot_work_is_refused_with_its_reason() {
        let log = format!("[[log]]\norigin = 'board.example.org/0123456789abcdef'\nvkey = '{KEY}'\n");
        assert!(read(&format!("{BASE}{log}")).is_ok());
        for (bad, why) in [
            (BASE.to_owned(), "names no log"),
            (format!("{BASE}{log}{log}"), "there twice"),
            (format!("{BASE}{}", log.replace("origin = 'board", "origin = 'bored")), "is that of board.example.org"),
            (format!("{BASE}{}", log.replace("9beed3af", "9beed3ae")), "copied wrongly"),
            (format!("{}{log}", BASE.replace("w/1", "w 1")), "cannot be a witness's name"),
            (format!("{BASE}surprise = 1\n{log}"), "surprise"),
        ] {
            let error = format!("{:#}", read(&bad).unwrap_err());
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
