//! What outlives a restart: the account at the authority, and the certificate with its key, readable by nobody else.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambient::Wall;
use https::Failure;
use instant_acme::AccountCredentials;
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use webpki::EndEntityCert;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// One file for both, so that they are never of different certificates.
const CERTIFICATE: &str = "certificate.pem";
const ACCOUNT: &str = "account.json";

/// A certificate with its chain and its key.
#[derive(Debug)]
pub(super) struct Kept {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    begins: Wall,
    /// When browsers trust it no more.
    pub(super) ends: Wall,
}

impl Kept {
    /// Reads chain and key.
    pub(super) fn parse(pem: &str) -> Result<Kept, Failure> {
        let chain =
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
        let first = chain.first().ok_or("no certificate came")?;
        let validity = *Certificate::from_der(first)?.tbs_certificate().validity();
        let wall = |time: x509_cert::time::Time| {
            let millis = time.to_unix_duration().as_millis();
            Wall::from_unix_millis(i64::try_from(millis).unwrap_or(i64::MAX))
        };
        Ok(Kept {
            key: PrivateKeyDer::from_pem_slice(pem.as_bytes())?,
            begins: wall(validity.not_before),
            ends: wall(validity.not_after),
            chain,
        })
    }

    /// When a new one is wanted: a third of its life before its end.
    pub(super) fn due(&self) -> Wall {
        self.begins + self.ends.since(self.begins) * 2 / 3
    }

    /// Whether it is made out to all of these names.
    pub(super) fn is_for(&self, domains: &[String]) -> bool {
        let Some(read) = self.chain.first().and_then(|one| EndEntityCert::try_from(one).ok())
        else {
            return false;
        };
        domains.iter().all(|domain| {
            ServerName::try_from(domain.as_str())
                .is_ok_and(|name| read.verify_is_valid_for_subject_name(&name).is_ok())
        })
    }

    /// What serves pages with it.
    pub(super) fn config(&self) -> Result<Arc<ServerConfig>, Failure> {
        let config = ServerConfig::builder().with_no_client_auth();
        Ok(Arc::new(config.with_single_cert(self.chain.clone(), self.key.clone_key())?))
    }
}

/// An account at an authority.
#[derive(Serialize, Deserialize)]
struct KeptAccount {
    directory: String,
    credentials: AccountCredentials,
}

/// Where it lies.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes it, if it is not there yet.
    pub(super) fn open(path: &Path) -> io::Result<Folder> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        Ok(Folder::of(path))
    }

    pub(super) fn of(path: &Path) -> Folder {
        Folder(path.to_owned())
    }

    /// The certificate, if there is one that can be read.
    pub(super) fn certificate(&self) -> Option<Kept> {
        let file = self.0.join(CERTIFICATE);
        let text = self.read(CERTIFICATE)?;
        let told =
            |error: &Failure| tracing::warn!(file = %file.display(), %error, "no certificate");
        Kept::parse(&text).inspect_err(told).ok()
    }

    pub(super) fn write_certificate(&self, pem: &str) -> io::Result<()> {
        self.write(CERTIFICATE, pem)
    }

    /// The account at this authority.
    pub(super) fn account(&self, directory: &str) -> Option<AccountCredentials> {
        let kept: KeptAccount = serde_json::from_str(&self.read(ACCOUNT)?).ok()?;
        (kept.directory == directory).then_some(kept.credentials)
    }

    /// Whether the last authority that was asked is this one: else its certificate may be one for trials.
    pub(super) fn is_account_at(&self, directory: &str) -> bool {
        self.account(directory).is_some()
    }

    pub(super) fn write_account(
        &self,
        directory: &str,
        credentials: AccountCredentials,
    ) -> Result<(), Failure> {
        let kept = KeptAccount { directory: directory.to_owned(), credentials };
        Ok(self.write(ACCOUNT, &serde_json::to_string(&kept)?)?)
    }

    fn read(&self, name: &str) -> Option<String> {
        let file = self.0.join(name);
        let told = |error: &io::Error| {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(file = %file.display(), %error, "cannot be read");
            }
        };
        fs::read_to_string(&file).inspect_err(told).ok()
    }

    /// All of it or nothing: a power cut leaves what was there before.
    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let new = self.0.join(format!("{name}.new"));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, self.0.join(name))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn pem() -> String {
        let mut params = CertificateParams::new(["122.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2026, 11, 1);
        params.not_after = date_time_ymd(2027, 1, 30);
        let key = KeyPair::generate().unwrap();
        key.serialize_pem() + &params.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn a_third_of_its_life_before_the_end_it_is_due() {
        let kept = Kept::parse(&pem()).unwrap();
        // 31 December 2026, 30 of 90 days before the end.
        assert_eq!(kept.due().unix_seconds(), 1_798_675_200);
        assert_eq!(kept.ends.unix_seconds(), 1_798_675_200 + 30 * 86_400);
        assert!(kept.config().is_ok());
        let is_for = |names: &[&str]| {
            kept.is_for(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        };
        assert!(is_for(&["122.example"]));
        assert!(!is_for(&["122.example", "desk.example"]));
        assert!(Kept::parse("").is_err());
    }

    #[test]
    fn nobody_else_reads_it_and_half_a_file_is_none() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("acme")).unwrap();
        assert!(folder.certificate().is_none());
        fs::write(folder.0.join("certificate.pem.new"), "of a power cut").unwrap();
        let pem = pem();
        folder.write_certificate(&pem).unwrap();
        assert!(folder.certificate().is_some());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.0), 0o700);
        assert_eq!(mode(&folder.0.join(CERTIFICATE)), 0o600);
        fs::write(folder.0.join(CERTIFICATE), &pem[..pem.len() / 2]).unwrap();
        assert!(folder.certificate().is_none());
        assert!(!folder.is_account_at("https://ca.example"));
    }
}
