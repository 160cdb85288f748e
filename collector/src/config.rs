//! The collector's config file.

use anyhow::{bail, Context, Result};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the config file says; paths are relative to the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder of the store; made at the first start.
    pub store: PathBuf,
    /// Address to listen on, such as `0.0.0.0:4433`; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The manifest's exact bytes.
    pub manifest: PathBuf,
    /// The commission's signed manifest entry, the board's first leaf.
    pub manifest_entry: PathBuf,
    /// The collector's key file.
    pub key: PathBuf,
    /// File whose first line is the key's passphrase; without it the terminal asks.
    pub passphrase_file: Option<PathBuf>,
    /// Listen without encryption; only for a loopback address.
    #[serde(default)]
    pub insecure_loopback: bool,
    /// Certificate and key of the server.
    pub tls: Option<TlsConfig>,
}

/// Certificate and key, both PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub private_key: PathBuf,
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
        let tls = config.tls.iter_mut().flat_map(|tls| [&mut tls.certificate, &mut tls.private_key]);
        let paths = [&mut config.store, &mut config.manifest, &mut config.manifest_entry, &mut config.key];
        for path in paths.into_iter().chain(&mut config.passphrase_file).chain(tls) {
            *path = base.join(&*path);
        }
        config.check().with_context(|| format!("the config file {shown} is not usable"))?;
        Ok(config)
    }

    /// Ballots travel encrypted and to the right server, or not at all.
    fn check(&self) -> Result<()> {
        match (&self.tls, self.insecure_loopback) {
            (Some(_), true) => bail!("it has both [tls] and insecure_loopback: remove one of them"),
            (None, false) => bail!(
                "it has no [tls] section: give `certificate` and `private_key` there (or set insecure_loopback = true \
                 for a demonstration on a loopback address)"
            ),
            (None, true) if !self.listen.ip().is_loopback() => bail!(
                "insecure_loopback is for loopback addresses alone, and listen = \"{}\" is none: use [tls]",
                self.listen
            ),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "store = 's'\nmanifest = 'm'\nmanifest_entry = '/e'\nkey = 'k'\n";

    fn read(rest: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collector.toml");
        std::fs::write(&path, format!("{BASE}{rest}")).unwrap();
        let config = Config::read(&path)?;
        assert_eq!(config.store, folder.path().join("s"));
        assert_eq!(config.manifest_entry, Path::new("/e"));
        Ok(config)
    }

    #[test]
    fn the_example_that_help_shows_is_a_config() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collector.toml");
        std::fs::write(&path, include_str!("example.toml")).unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!(config.tls.unwrap().private_key, folder.path().join("server-key.pem"));
    }

    #[test]
    fn only_a_loopback_address_goes_without_encryption() {
        let tls = "[tls]\ncertificate = 'c'\nprivate_key = 'p'\n";
        assert!(read("listen = '127.0.0.1:0'\ninsecure_loopback = true").is_ok());
        assert!(read("listen = '[::1]:0'\ninsecure_loopback = true").is_ok());
        assert!(read(&format!("listen = '0.0.0.0:1'\n{tls}")).is_ok());
        for (bad, why) in [
            ("listen = '127.0.0.1:0'".to_owned(), "no [tls] section"),
            ("listen = '0.0.0.0:0'\ninsecure_loopback = true".to_owned(), "for loopback addresses alone"),
            ("listen = '192.0.2.1:0'\ninsecure_loopback = true".to_owned(), "for loopback addresses alone"),
            (format!("listen = '127.0.0.1:0'\ninsecure_loopback = true\n{tls}"), "both [tls] and insecure_loopback"),
            ("listen = 'nowhere'\ninsecure_loopback = true".to_owned(), "listen"),
            ("listen = '127.0.0.1:0'\ninsecure_loopback = true\nsurprise = 1".to_owned(), "surprise"),
        ] {
            let error = format!("{:#}", read(&bad).unwrap_err());
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
