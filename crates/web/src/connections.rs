//! Connections to the web port: how many there may be, and how long one may say nothing.
//!
//! A call needs files and memory of the same process, so those who only hold a connection open must
//! not take them.

use std::convert::Infallible;
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
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::{Accept, TlsAcceptor};

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

/// Where the pages are served.
pub struct Port {
    /// Where browsers connect.
    pub listener: TcpListener,
    /// With which certificate; without one in the open, for a reverse proxy on this machine or for loopback.
    pub tls: Option<Arc<Tls>>,
}

/// The certificate of the pages, which may be renewed while they are served.
#[derive(Debug)]
pub struct Tls(RwLock<Arc<ServerConfig>>);

impl Tls {
    /// Begins with this one.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>) -> Tls {
        Tls(RwLock::new(config))
    }

    /// Uses this one for every session that begins; those in progress go on.
    pub fn renew(&self, config: Arc<ServerConfig>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    fn acceptor(&self) -> TlsAcceptor {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone().into()
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
                    Some(tls) => {
                        let session = tls.acceptor().accept(stream);
                        tokio::spawn(serve_secured(session, router, place))
                    }
                };
            }
            Err(error) => {
                tracing::warn!(%error, "the web port takes no connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn serve_secured(session: Accept<TcpStream>, router: Router, place: OwnedSemaphorePermit) {
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, session).await {
        Ok(Ok(stream)) => serve(stream, router, place).await,
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
}
