//! Asking servers of others: one connection a request, since requests are few.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Body;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of an answer.
const BODY_MAX: usize = 256 * 1024;

/// What went wrong, in words.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Asks servers whom the system trusts.
#[derive(Clone)]
pub(crate) struct Https(TlsConnector);

impl Https {
    pub(crate) fn new() -> Https {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Https(Arc::new(config).into())
    }

    /// The whole answer. An address with `http` is asked in the open: whoever gives it answers for that.
    pub(crate) async fn ask<B>(&self, request: Request<B>) -> Result<Response<Bytes>, Failure>
    where
        B: Body<Data: Send, Error: Into<Failure>> + Send + Unpin + 'static,
    {
        let asked = request.uri().clone();
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".into()));
        answer.map_err(|error| format!("{asked}: {error}").into())
    }

    async fn exchange<B>(&self, mut request: Request<B>) -> Result<Response<Bytes>, Failure>
    where
        B: Body<Data: Send, Error: Into<Failure>> + Send + Unpin + 'static,
    {
        let uri = request.uri().clone();
        let host = uri.host().ok_or("an address without a host")?;
        let is_open = uri.scheme_str() == Some("http");
        let port = uri.port_u16().unwrap_or(if is_open { 80 } else { 443 });
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let stream = TcpStream::connect((bare.as_str(), port)).await?;
        let authority = uri.authority().ok_or("an address without a host")?.as_str();
        request.headers_mut().insert(HOST, HeaderValue::from_str(authority)?);
        *request.uri_mut() =
            uri.path_and_query().map_or(Uri::from_static("/"), |path| Uri::from(path.clone()));
        if is_open {
            return over(stream, request).await;
        }
        over(self.0.connect(ServerName::try_from(bare)?, stream).await?, request).await
    }
}

async fn over<S, B>(stream: S, request: Request<B>) -> Result<Response<Bytes>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    B: Body<Data: Send, Error: Into<Failure>> + Send + Unpin + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let answer = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, BODY_MAX).collect().await?.to_bytes();
        Ok(Response::from_parts(head, body))
    };
    // A server may end the connection together with its answer; without one, the request fails.
    let connection = async {
        let _ = connection.await;
        std::future::pending().await
    };
    tokio::select! {
        answer = answer => answer,
        () = connection => Err("the connection ended".into()),
    }
}
