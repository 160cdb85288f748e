//! The collector's config file.

use anyhow::{bail, ensure, Context, Result};
use hyper::Uri;
use selge_core::cosignature::WitnessKey;
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
    /// Who is asked to cosign checkpoints.
    #[serde(rename = "witness", default)]
    pub witnesses: Vec<WitnessConfig>,
}

/// Most witnesses: their lines travel with every checkpoint and receipt.
const MAX_WITNESSES: usize = 16;

/// Longest name of a witness.
const MAX_NAME: usize = 200;

/// The record over HTTP, which needs no encryption: it is public, and everything in it is checked by who reads it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
}

/// A witness, as its operator describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// The submission prefix: `add-checkpoint` is below it.
    pub url: String,
    /// The verifier key, `name+id+base64`.
    pub vkey: String,
    /// Certificates, PEM, that an https address is checked against; without it those that browsers trust.
    pub ca: Option<PathBuf>,
}

impl WitnessConfig {
    /// The address of `add-checkpoint` and the key.
    ///
    /// # Errors
    /// If one of them is not usable.
    pub fn parse(&self) -> Result<(Uri, WitnessKey)> {
        let shown = &self.url;
        let key = WitnessKey::from_vkey(&self.vkey).with_context(|| format!("the vkey of the witness {shown}"))?;
        ensure!(key.name.len() <= MAX_NAME, "the name of the witness {shown} is longer than {MAX_NAME} bytes");
        let address = format!("{}/add-checkpoint", self.url.trim_end_matches('/'));
        let uri: Uri = address.parse().with_context(|| format!("the witness's url {shown:?} is no address"))?;
        ensure!(
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
                && uri.query().is_none(),
            "the witness's url {shown:?} must be like https://witness.example/prefix"
        );
        Ok((uri, key))
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
        for path in paths.into_iter().chain(&mut config.passphrase_file).chain(tls).chain(ca) {
            *path = base.join(&*path);
        }
        config.check().with_context(|| format!("the config file {shown} is not usable"))?;
        Ok(config)
    }

    /// Ballots travel encrypted and to the right server, or not at all.
    fn check(&self) -> Result<()> {
        ensure!(
            self.witnesses.len() <= MAX_WITNESSES,
            "it names {} witnesses, at most {MAX_WITNESSES} are asked",
            self.witnesses.len()
        );
        let mut keys: Vec<WitnessKey> = Vec::new();
        for witness in &self.witnesses {
            let (_, key) = witness.parse()?;
            ensure!(keys.iter().all(|known| known.key != key.key), "the witness {} is there twice", key.name);
            keys.push(key);
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
        assert_eq!((config.http.is_some(), config.witnesses.len()), (true, 1));
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
    fn witnesses_are_asked_by_http_with_a_key_that_is_one() {
        let tls = "[tls]\ncertificate = 'c'\nprivate_key = 'p'\n";
        let witness = |url: &str, vkey: &str| format!("{tls}[[witness]]\nurl = '{url}'\nvkey = '{vkey}'\n");
        let vkey = WitnessKey {
            name: "w".into(),
            key: "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29".parse().unwrap(),
        };
        let vkey = vkey.vkey();
        let with = |rest: &str| format!("listen = '0.0.0.0:1'\n{rest}");
        assert!(read(&with(&witness("http://w.example/w1/", &vkey))).is_ok());
        assert!(read(&with(&format!("{tls}[http]\nlisten = '0.0.0.0:80'"))).is_ok());
        for (bad, why) in [
            (with(&witness("ftp://w.example", &vkey)), "must be like https://"),
            (with(&witness("w.example", &vkey)), "is no address"),
            (with(&witness("/w", &vkey)), "must be like https://"),
            (with(&witness("http://w.example/?a", &vkey)), "must be like https://"),
            (with(&witness("http://w.example", "w+00000000+AA==")), "the vkey of the witness"),
            (
                with(&format!(
                    "{0}{1}",
                    witness("http://a.example", &vkey),
                    witness("http://b.example", &vkey).replace(tls, "")
                )),
                "is there twice",
            ),
            (with(&format!("{tls}[http]\nport = 80")), "port"),
        ] {
            let error = format!("{:#}", read(&bad).unwrap_err());
            assert!(error.contains(why), "{bad}: {error}");
        }
        let many: String = (0..17).map(|_| witness("http://w.example", &vkey).replace(tls, "")).collect();
        assert!(format!("{:#}", read(&with(&format!("{tls}{many}"))).unwrap_err()).contains("at most 16"));
    }
}
