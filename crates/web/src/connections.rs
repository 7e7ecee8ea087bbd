//! Connections to the web port: how many there may be, and how long one may say nothing.
//!
//! A call needs files and memory of the same process, so those who only hold a connection open must
//! not take them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::{Acceptor, ClientHello};
use tokio_rustls::server::TlsStream;

/// Connections at once; further ones wait in the kernel until one ends.
const CONNECTIONS_MAX: usize = 256;
/// From the opening, or from the last answer, to the end of a request's header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a request's header.
const HEADER_MAX: usize = 16 * 1024;
/// How long to wait when the system has no file for one more connection.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The protocol of an authority that wants to see whose port this is (RFC 8737).
pub(crate) const PROOF: &[u8] = b"acme-tls/1";

/// Where the pages are served.
pub struct Port {
    /// Where browsers connect.
    pub listener: TcpListener,
    /// With which certificate; without one in the open, for a reverse proxy on this machine or for loopback.
    pub tls: Option<Arc<Tls>>,
}

/// The certificate of the pages, which may be renewed while they are served.
#[derive(Debug)]
pub struct Tls {
    config: RwLock<Arc<ServerConfig>>,
    /// What is shown to authorities, by domain.
    proofs: RwLock<BTreeMap<String, Arc<ServerConfig>>>,
}

impl Tls {
    /// Begins with this one.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>) -> Tls {
        Tls { config: RwLock::new(config), proofs: RwLock::default() }
    }

    /// Uses this one for every session that begins; those in progress go on.
    pub fn renew(&self, config: Arc<ServerConfig>) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    /// Shows this to an authority that asks for this domain.
    pub(crate) fn prove(&self, domain: &str, config: Arc<ServerConfig>) {
        let mut proofs = self.proofs.write().unwrap_or_else(PoisonError::into_inner);
        proofs.insert(domain.to_owned(), config);
    }

    /// Shows nothing to authorities any more.
    pub(crate) fn prove_nothing(&self) {
        self.proofs.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What answers somebody who begins a session; `None` if there is nothing to say.
    fn answering(&self, hello: &ClientHello<'_>) -> Option<Arc<ServerConfig>> {
        let is_authority = hello.alpn().into_iter().flatten().any(|one| one == PROOF);
        if !is_authority {
            return Some(self.config.read().unwrap_or_else(PoisonError::into_inner).clone());
        }
        let proofs = self.proofs.read().unwrap_or_else(PoisonError::into_inner);
        proofs.get(hello.server_name()?).cloned()
    }

    /// A session with a browser; `None` if it was an authority, which has seen what it wanted.
    async fn accept(&self, stream: TcpStream) -> io::Result<Option<TlsStream<TcpStream>>> {
        let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let config = self.answering(&begun.client_hello());
        let config = config.ok_or_else(|| io::Error::other("a proof that nobody waits for"))?;
        let session = begun.into_stream(config).await?;
        let is_browser = session.get_ref().1.alpn_protocol() != Some(PROOF);
        Ok(is_browser.then_some(session))
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// It came by TLS of ours.
    tls: bool,
}

impl Peer {
    /// The address alone.
    pub(crate) fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }

    /// Whether nobody on the way can read a request: it came by TLS, to us or to a reverse proxy.
    pub(crate) fn is_secure(&self, headers: &HeaderMap) -> bool {
        self.tls || headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
    }
}

/// Answers on every connection until it is dropped.
pub(crate) async fn answer(port: Port, router: Router) -> Infallible {
    let Port { listener, tls } = port;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            unreachable!("nobody closes the semaphore")
        };
        match listener.accept().await {
            Ok((stream, address)) => {
                let peer = Peer { address, tls: tls.is_some() };
                let router = router.clone().layer(Extension(peer));
                match &tls {
                    None => tokio::spawn(serve(stream, router, place)),
                    Some(tls) => tokio::spawn(serve_secured(stream, tls.clone(), router, place)),
                };
            }
            Err(error) => {
                tracing::warn!(%error, "the web port takes no connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn serve_secured(
    stream: TcpStream,
    tls: Arc<Tls>,
    router: Router,
    place: OwnedSemaphorePermit,
) {
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(Some(stream))) => serve(stream, router, place).await,
        Ok(Ok(None)) => tracing::debug!("an authority has seen whose port this is"),
        Ok(Err(error)) => tracing::debug!(%error, "no TLS session with a browser"),
        Err(_) => {}
    }
}

async fn serve<S>(stream: S, router: Router, _place: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a web connection ended");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    use super::*;

    /// A certificate of its own, and who trusts it alone.
    fn certificate() -> (Arc<ServerConfig>, TlsConnector) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let server = ServerConfig::builder().with_no_client_auth();
        let server = server.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        (Arc::new(server), TlsConnector::from(Arc::new(client)))
    }

    #[tokio::test]
    async fn pages_are_served_over_tls_and_a_renewed_certificate_is_used_at_once() {
        let (first, trusts_first) = certificate();
        let tls = Arc::new(Tls::new(first));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let port = Port { listener, tls: Some(tls.clone()) };
        let says = |Extension(peer): Extension<Peer>, headers: HeaderMap| async move {
            if peer.is_secure(&headers) { "secure" } else { "open" }
        };
        tokio::spawn(answer(port, Router::new().route("/", get(says))));
        let ask = async |connector: &TlsConnector| {
            let stream = TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let mut stream = connector.connect(name, stream).await?;
            let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request).await?;
            let mut told = String::new();
            stream.read_to_string(&mut told).await?;
            std::io::Result::Ok(told)
        };
        assert!(ask(&trusts_first).await.unwrap().ends_with("secure"));
        let (second, trusts_second) = certificate();
        assert!(ask(&trusts_second).await.is_err());
        tls.renew(second);
        assert!(ask(&trusts_second).await.unwrap().ends_with("secure"));
        assert!(ask(&trusts_first).await.is_err());
    }

    #[tokio::test]
    async fn an_authority_sees_the_proof_of_its_domain_and_no_page() {
        let (config, _) = certificate();
        let tls = Arc::new(Tls::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let port = Port { listener, tls: Some(tls.clone()) };
        tokio::spawn(answer(port, Router::new().route("/", get(|| async { "a page" }))));
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let proof = ServerConfig::builder().with_no_client_auth();
        let mut proof = proof.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        proof.alpn_protocols = vec![PROOF.to_vec()];
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let authority = ClientConfig::builder().with_root_certificates(roots);
        let mut authority = authority.with_no_client_auth();
        authority.alpn_protocols = vec![PROOF.to_vec()];
        let authority = TlsConnector::from(Arc::new(authority));
        let look = async || {
            let stream = TcpStream::connect(address).await?;
            let name = ServerName::try_from("localhost").unwrap();
            let mut stream = authority.connect(name, stream).await?;
            // The line may have gone already.
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
            let mut told = Vec::new();
            let _ = stream.read_to_end(&mut told).await;
            std::io::Result::Ok(told)
        };
        assert!(look().await.is_err(), "nothing is to be proven yet");
        tls.prove("localhost", Arc::new(proof));
        assert_eq!(look().await.unwrap(), b"", "no page goes over a proof");
        tls.prove_nothing();
        assert!(look().await.is_err());
    }
}
