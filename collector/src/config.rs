//! The collector's config file.

use crate::limits::Limits;
use anyhow::{bail, ensure, Context, Result};
use hyper::Uri;
use selge_core::cosignature::WitnessKey;
use selge_core::manifest::Manifest;
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
    /// Where anybody can read the record over HTTP; nowhere without it.
    pub http: Option<HttpConfig>,
    /// The voting page, served at `listen`; none without it.
    pub page: Option<PageConfig>,
    /// Where the operator reads metrics and health; nowhere without it.
    pub metrics: Option<MetricsConfig>,
    /// How much strangers can take of the collector.
    #[serde(default)]
    pub limits: Limits,
    /// Where the manifest's witnesses are asked to cosign checkpoints.
    #[serde(rename = "witness", default)]
    pub witnesses: Vec<WitnessConfig>,
    /// Do not start before so many witnesses have said what they have cosigned that one of every quorum is among them.
    #[serde(default)]
    pub require_witnesses_at_start: bool,
}

/// The record over HTTP, which needs no encryption: it is public, and everything in it is checked by who reads it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
}

/// The voting page, at the board's own address: browsers then speak gRPC-Web to the same services.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageConfig {
    /// Folder of the page, as made by `make web`; read at the start.
    pub folder: PathBuf,
}

/// Metrics and health over HTTP, for the operator of this machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Address to listen on; a loopback one.
    pub listen: SocketAddr,
}

/// Where a witness of the manifest is asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Its name in the manifest.
    pub name: String,
    /// The submission prefix: `add-checkpoint` is below it.
    pub url: String,
    /// Certificates, PEM, that an https address is checked against; without it those that browsers trust.
    pub ca: Option<PathBuf>,
}

/// A witness of the manifest with the address where it is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The key that the manifest names.
    pub key: WitnessKey,
    /// The submission prefix, without a slash at the end.
    pub url: String,
    /// As in the config.
    pub ca: Option<PathBuf>,
}

impl WitnessConfig {
    /// The submission prefix without a slash at the end.
    fn prefix(&self) -> Result<String> {
        let (shown, prefix) = (&self.url, self.url.trim_end_matches('/'));
        let uri: Uri = prefix.parse().with_context(|| format!("the witness's url {shown:?} is no address"))?;
        ensure!(
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
                && uri.query().is_none(),
            "the witness's url {shown:?} must be like https://witness.example/prefix"
        );
        Ok(prefix.to_owned())
    }
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
        let ca = config.witnesses.iter_mut().flat_map(|witness| &mut witness.ca);
        let page = config.page.iter_mut().map(|page| &mut page.folder);
        for path in paths.into_iter().chain(&mut config.passphrase_file).chain(tls).chain(ca).chain(page) {
            *path = base.join(&*path);
        }
        config.check().with_context(|| format!("the config file {shown} is not usable"))?;
        Ok(config)
    }

    /// Where the manifest's witnesses are asked, in its order; those without an address are left out.
    ///
    /// # Errors
    /// If the config names a witness that the manifest does not.
    pub fn asked(&self, manifest: &Manifest) -> Result<Vec<Asked>> {
        let keys = manifest.witnesses().keys();
        for witness in &self.witnesses {
            let known = || keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(", ");
            ensure!(
                keys.iter().any(|key| key.name == witness.name),
                "the config gives an address of the witness {:?}, whom the manifest does not name (its witnesses: {}): \
                 who cosigns is fixed by the manifest; correct the name or remove this [[witness]]",
                witness.name,
                if keys.is_empty() { "none".to_owned() } else { known() }
            );
        }
        let asked = keys.iter().filter_map(|key| {
            let witness = self.witnesses.iter().find(|witness| witness.name == key.name)?;
            Some(witness.prefix().map(|url| Asked { key: key.clone(), url, ca: witness.ca.clone() }))
        });
        asked.collect()
    }

    /// Ballots travel encrypted and to the right server, or not at all.
    fn check(&self) -> Result<()> {
        for (i, witness) in self.witnesses.iter().enumerate() {
            witness.prefix()?;
            let twice = self.witnesses.iter().take(i).any(|other| other.name == witness.name);
            ensure!(!twice, "the witness {:?} is there twice: keep one of them", witness.name);
        }
        let zeros = self.limits.zeros();
        ensure!(zeros.is_empty(), "[limits] must be at least 1: {}", zeros.join(", "));
        if let Some(metrics) = &self.metrics {
            ensure!(
                metrics.listen.ip().is_loopback(),
                "[metrics] listen = \"{}\" is no loopback address: the numbers are for this machine, an agent on it may \
                 pass them on",
                metrics.listen
            );
        }
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
        assert_eq!((config.http.is_some(), config.metrics.is_some(), config.witnesses.len()), (true, true, 1));
        assert_eq!(config.page.unwrap().folder, folder.path().join("page"));
        assert_eq!(config.limits, Limits::default(), "what the example shows is what holds without it");
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

    #[test]
    fn metrics_stay_on_this_machine_and_no_limit_is_zero() {
        let with = |rest: &str| read(&format!("listen = '127.0.0.1:0'\ninsecure_loopback = true\n{rest}"));
        assert_eq!(with("[limits]\nreaders = 3").unwrap().limits.readers, 3);
        assert!(with("[metrics]\nlisten = '[::1]:9464'").unwrap().metrics.is_some());
        for (bad, why) in [
            ("[metrics]\nlisten = '0.0.0.0:9464'", "no loopback address"),
            ("[metrics]\nport = 1", "port"),
            ("[limits]\nreaders = 0\nconnections = 0", "at least 1: connections, readers"),
            ("[limits]\nvoters = 1", "voters"),
            ("[limits]\nreaders = -1", "readers"),
        ] {
            let error = format!("{:#}", with(bad).unwrap_err());
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn a_witness_has_a_name_and_an_address_once() {
        let tls = "[tls]\ncertificate = 'c'\nprivate_key = 'p'\n";
        let witness = |name: &str, url: &str| format!("[[witness]]\nname = '{name}'\nurl = '{url}'\n");
        let with = |rest: &str| format!("listen = '0.0.0.0:1'\n{tls}{rest}");
        let good = read(&with(&(witness("a", "http://w.example/w1/") + &witness("b", "https://w.example")))).unwrap();
        assert_eq!(good.witnesses[0].prefix().unwrap(), "http://w.example/w1");
        assert!(read(&with("[http]\nlisten = '0.0.0.0:80'")).is_ok());
        for (bad, why) in [
            (with(&witness("a", "ftp://w.example")), "must be like https://"),
            (with(&witness("a", "w.example")), "must be like https://"),
            (with(&witness("a", "no address")), "is no address"),
            (with(&witness("a", "/w")), "must be like https://"),
            (with(&witness("a", "http://w.example/?a")), "must be like https://"),
            (with("[[witness]]\nurl = 'http://w.example'\n"), "name"),
            (with(&(witness("a", "http://a.example") + &witness("a", "http://b.example"))), "is there twice"),
            (with(&(witness("a", "http://a.example") + "vkey = 'w+00000000+AA=='\n")), "vkey"),
            (with("[http]\nport = 80"), "port"),
        ] {
            let error = format!("{:#}", read(&bad).unwrap_err());
            assert!(error.contains(why), "{bad}: {error}");
        }
    }
}
