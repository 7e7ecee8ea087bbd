//! Certificates that the pages get by themselves from an authority such as Let's Encrypt (ACME, RFC 8555).
//!
//! The authority connects to the pages' own port and asks there for a proof (tls-alpn-01, RFC 8737), so that nothing
//! else has to be opened.

mod authority;
mod client;
mod kept;

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambient::Wall;
use https::Failure;
use jiff::Timestamp;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{DnsName, PrivateKeyDer};

use crate::connections::Tls;
use authority::Authority;
use kept::{Folder, Kept};

/// After the first failure; twice as long after each further one, up to [`PAUSE_MAX`]. Let's Encrypt bears five
/// failures an hour.
const PAUSE: Duration = Duration::from_secs(5 * 60);
const PAUSE_MAX: Duration = Duration::from_secs(12 * 3600);
/// How long to sleep at most: the clock may be set, and machines sleep too.
const LOOK_AGAIN: Duration = Duration::from_secs(3600);
/// How long all of one try may take.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// For whom certificates are wanted, and from whom.
#[derive(Clone, Debug)]
pub struct Acme {
    /// The names that browsers know the pages by.
    pub domains: Vec<String>,
    /// The mail address that the authority may write to.
    pub contact: Option<String>,
    /// Where the authority tells what it can do (RFC 8555 §7.1.1).
    pub directory: String,
    /// Where the account's key and the certificate lie.
    pub folder: PathBuf,
}

impl Acme {
    /// With what the pages begin: the certificate of before, or one that nobody has signed until the authority has.
    ///
    /// # Errors
    /// If a domain is no name, the directory is not asked by HTTPS, or the folder cannot be used.
    pub fn begin(&self) -> io::Result<Tls> {
        for domain in &self.domains {
            DnsName::try_from(domain.as_str()).map_err(|_| {
                io::Error::other(format!("\"{domain}\" is no name for a certificate"))
            })?;
        }
        if !self.directory.starts_with("https://") {
            return Err(io::Error::other("the directory of an authority begins with https://"));
        }
        let folder = Folder::open(&self.folder)?;
        let config = match folder.certificate() {
            Some(kept) => kept.config(),
            None => unsigned(&self.domains),
        };
        config.map(Tls::new).map_err(io::Error::other)
    }

    /// Gets a certificate whenever a third of the life of the present one is left; as long as there is none the old
    /// one stays in use.
    pub async fn keep(self, tls: Arc<Tls>, clock: impl Fn() -> Wall + Send + Sync) -> Infallible {
        let folder = Folder::of(&self.folder);
        let authority = Authority::new(&self, &folder);
        let mut kept = folder
            .certificate()
            .filter(|kept| kept.is_for(&self.domains) && folder.is_account_at(&self.directory));
        let mut failures = 0;
        loop {
            let now = clock();
            let wait = kept.as_ref().map_or(Duration::ZERO, |kept| kept.due().since(now));
            if !wait.is_zero() {
                tokio::time::sleep(wait.min(LOOK_AGAIN)).await;
                continue;
            }
            let got = tokio::time::timeout(PATIENCE, authority.certify(&tls)).await;
            let got = got.unwrap_or_else(|_| Err("not done in time".into()));
            match got.and_then(|got| self.install(&folder, &tls, got, clock())) {
                Ok(new) => {
                    let until = timestamp(new.ends);
                    tracing::info!(domains = ?self.domains, until, "the pages have a new certificate");
                    kept = Some(new);
                    failures = 0;
                }
                Err(error) => {
                    let pause = pause(failures);
                    let (why, again_in) = (error.to_string(), pause.as_secs());
                    match kept.as_ref().filter(|kept| kept.ends > clock()) {
                        Some(kept) => {
                            let until = timestamp(kept.ends);
                            tracing::warn!(
                                why,
                                again_in,
                                until,
                                "no new certificate for the pages, the old one stays in use"
                            );
                        }
                        None => tracing::error!(
                            why,
                            again_in,
                            "no certificate for the pages, browsers do not trust them"
                        ),
                    }
                    failures += 1;
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    fn install(&self, folder: &Folder, tls: &Tls, pem: String, now: Wall) -> Result<Kept, Failure> {
        let new = Kept::parse(&pem)?;
        // Asking for it again and again would only anger the authority.
        if new.due() <= now {
            return Err(
                "the certificate is over already: is the clock of this machine right?".into()
            );
        }
        let config = new.config()?;
        folder.write_certificate(&pem)?;
        tls.renew(config);
        Ok(new)
    }
}

/// How long to wait after so many failures before this one.
fn pause(failures: u32) -> Duration {
    PAUSE.saturating_mul(2_u32.saturating_pow(failures)).min(PAUSE_MAX)
}

fn timestamp(at: Wall) -> String {
    Timestamp::from_second(at.unix_seconds()).map_or_else(|_| String::new(), |at| at.to_string())
}

/// Before the first certificate: the authority has to be answered over TLS, too.
fn unsigned(domains: &[String]) -> Result<Arc<ServerConfig>, Failure> {
    let made = rcgen::generate_simple_self_signed(domains.to_vec())?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    let config = ServerConfig::builder().with_no_client_auth();
    Ok(Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme(folder: &std::path::Path) -> Acme {
        Acme {
            domains: vec!["122.example".into()],
            contact: None,
            directory: "https://127.0.0.1:1/directory".into(),
            folder: folder.join("acme"),
        }
    }

    #[test]
    fn pauses_grow_up_to_half_a_day() {
        let minutes: Vec<_> = (0..5).map(|failures| pause(failures).as_secs() / 60).collect();
        assert_eq!(minutes, [5, 10, 20, 40, 80]);
        assert_eq!(pause(20), PAUSE_MAX);
        assert_eq!(pause(u32::MAX), PAUSE_MAX);
    }

    #[test]
    fn what_cannot_be_certified_is_refused_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let begin = |change: fn(&mut Acme)| {
            let mut acme = acme(folder.path());
            change(&mut acme);
            acme.begin().map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(begin(|_| ()), Ok(()));
        assert!(
            begin(|acme| acme.domains.push("122 example".into()))
                .unwrap_err()
                .contains("122 example")
        );
        assert!(begin(|acme| acme.domains.push("122.рф".into())).is_err());
        assert!(begin(|acme| acme.directory = "http://ca.example".into()).is_err());
    }
}
