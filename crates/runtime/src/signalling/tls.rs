//! Certificates and TLS sessions (RFC 3261 §26.3.1).

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use crate::StartError;

/// Files for TLS, in PEM.
#[derive(Clone, Debug, Default)]
pub struct TlsFiles {
    /// Our certificate with its chain.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
    /// Certificates of the authorities that servers we connect to are checked against; without it
    /// those of the system.
    pub authorities: Option<PathBuf>,
    /// Certificates of the authorities that may vouch for whoever connects to us; without it nobody
    /// is asked for a certificate.
    pub client_authorities: Option<PathBuf>,
}

/// What accepts TLS sessions with a certificate and its key, as the pages do.
///
/// # Errors
/// If a file cannot be used.
pub fn accepting(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, StartError> {
    server_config(certificate, key, None)
}

/// Names of one certificate that are looked at.
const NAMES_MAX: usize = 64;

/// Makes TLS sessions.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    server: Option<Arc<ServerConfig>>,
    client: Arc<ClientConfig>,
}

impl Tls {
    pub(crate) fn load(files: &TlsFiles) -> Result<Tls, StartError> {
        let client = ClientConfig::builder()
            .with_root_certificates(authorities(files.authorities.as_deref())?);
        let (Some(certificate), Some(key)) = (&files.certificate, &files.key) else {
            return Ok(Tls { server: None, client: Arc::new(client.with_no_client_auth()) });
        };
        let bad = |e: rustls::Error| StartError::Tls { path: key.into(), why: e.to_string() };
        let server = server_config(certificate, key, files.client_authorities.as_deref())?;
        // A trunk that asks who we are is shown the same certificate.
        let client = client
            .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
            .map_err(bad)?;
        Ok(Tls { server: Some(server), client: Arc::new(client) })
    }

    /// Whether connections can be accepted.
    pub(crate) fn can_accept(&self) -> bool {
        self.server.is_some()
    }

    /// The session of an accepted connection.
    pub(crate) fn accept(&self) -> Option<rustls::Connection> {
        ServerConnection::new(self.server.clone()?).ok().map(Into::into)
    }

    /// The session of a connection that we open, to whom the certificate must be made out.
    pub(crate) fn connect(
        &self,
        name: Option<&str>,
        address: IpAddr,
    ) -> Option<rustls::Connection> {
        let name = match name {
            Some(name) => ServerName::try_from(name.to_owned()).ok()?,
            None => ServerName::IpAddress(address.into()),
        };
        ClientConnection::new(self.client.clone(), name).ok().map(Into::into)
    }
}

/// Whom the peer's certificate names as a SIP domain (RFC 5922 §7.1): URIs `sip:` and `sips:` without
/// a user, or without those the DNS names. Nothing if it showed none.
pub(crate) fn peer_names(session: &rustls::Connection) -> Vec<Box<str>> {
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    let Some(Ok(certificate)) = certificate.map(webpki::EndEntityCert::try_from) else {
        return Vec::new();
    };
    let mut names: Vec<Box<str>> =
        certificate.valid_uri_names().filter_map(domain_of).take(NAMES_MAX).collect();
    if names.is_empty() {
        let all = certificate.valid_dns_names().take(NAMES_MAX);
        names = all.map(|name| name.to_ascii_lowercase().into()).collect();
    }
    names
}

/// The domain of a SIP URI that means a whole domain.
fn domain_of(uri: &str) -> Option<Box<str>> {
    let uri = sip::Uri::parse(uri).ok()?;
    let is_sip = matches!(uri.scheme, sip::uri::Scheme::Sip | sip::uri::Scheme::Sips);
    (is_sip && uri.user.is_none()).then(|| uri.host.to_string().to_ascii_lowercase().into())
}

fn server_config(
    certificate: &Path,
    key: &Path,
    clients: Option<&Path>,
) -> Result<Arc<ServerConfig>, StartError> {
    let bad = |path: &Path, why: String| StartError::Tls { path: path.into(), why };
    let builder = match clients {
        None => ServerConfig::builder().with_no_client_auth(),
        Some(path) => {
            // Phones have no certificate and prove themselves by password.
            let verifier = WebPkiClientVerifier::builder(Arc::new(authorities(Some(path))?))
                .allow_unauthenticated()
                .build()
                .map_err(|e| bad(path, e.to_string()))?;
            ServerConfig::builder().with_client_cert_verifier(verifier)
        }
    };
    builder
        .with_single_cert(certificates(certificate)?, private_key(key)?)
        .map(Arc::new)
        .map_err(|e| bad(key, e.to_string()))
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, StartError> {
    PrivateKeyDer::from_pem_file(path)
        .map_err(|e| StartError::Tls { path: path.into(), why: e.to_string() })
}

fn authorities(file: Option<&Path>) -> Result<RootCertStore, StartError> {
    let mut store = RootCertStore::empty();
    match file {
        Some(path) => {
            for certificate in certificates(path)? {
                store
                    .add(certificate)
                    .map_err(|e| StartError::Tls { path: path.into(), why: e.to_string() })?;
            }
        }
        None => {
            // A system without certificates can still be called; it only cannot call out over TLS.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, StartError> {
    let bad = |why: String| StartError::Tls { path: path.into(), why };
    let all: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|e| bad(e.to_string()))?
        .collect::<Result<_, _>>()
        .map_err(|e| bad(e.to_string()))?;
    if all.is_empty() {
        return Err(bad("there is no certificate in it".into()));
    }
    Ok(all)
}
