//! Certificates and TLS sessions (RFC 3261 §26.3.1).

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
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
}

/// Makes TLS sessions.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    server: Option<Arc<ServerConfig>>,
    client: Arc<ClientConfig>,
}

impl Tls {
    pub(crate) fn load(files: &TlsFiles) -> Result<Tls, StartError> {
        let server = match (&files.certificate, &files.key) {
            (Some(certificate), Some(key)) => Some(server_config(certificate, key)?),
            _ => None,
        };
        let client = ClientConfig::builder()
            .with_root_certificates(authorities(files.authorities.as_deref())?)
            .with_no_client_auth();
        Ok(Tls { server, client: Arc::new(client) })
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

fn server_config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, StartError> {
    let bad = |path: &Path, why: String| StartError::Tls { path: path.into(), why };
    let chain = certificates(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| bad(key, e.to_string()))?;
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map(Arc::new)
        .map_err(|e| bad(key, e.to_string()))
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
