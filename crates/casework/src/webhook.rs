//! Requests to organisations' servers, signed as Standard Webhooks says
//! (<https://www.standardwebhooks.com>), so that whoever takes them finds a library that checks them.

use std::sync::Arc;
use std::time::Duration;

use ambient::Wall;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dialplan::Webhook;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use records::Letter;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long a try may take, from the name's look-up to the answer's head.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the text of a key begins with that is written in base 64, as Standard Webhooks has it.
const ENCODED: &str = "whsec_";

/// Sends webhooks.
pub(crate) struct Webhooks {
    tls: TlsConnector,
}

impl Webhooks {
    pub(crate) fn new() -> Webhooks {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Webhooks { tls: Arc::new(config).into() }
    }

    /// Tries once; says why the server has not taken it.
    pub(crate) async fn send(
        &self,
        webhook: &Webhook,
        letter: &Letter,
        now: Wall,
    ) -> Result<(), String> {
        match tokio::time::timeout(PATIENCE, self.post(webhook, letter, now)).await {
            Ok(sent) => sent,
            Err(_) => Err("no answer in time".into()),
        }
    }

    async fn post(&self, webhook: &Webhook, letter: &Letter, now: Wall) -> Result<(), String> {
        let uri: Uri = webhook.url.parse().map_err(told)?;
        let host = uri.host().ok_or("an address without a host")?.to_owned();
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let stream = TcpStream::connect((bare.as_str(), port)).await.map_err(told)?;
        let request = request(&uri, webhook, letter, now)?;
        if is_tls {
            let name = ServerName::try_from(bare).map_err(told)?;
            exchange(self.tls.connect(name, stream).await.map_err(told)?, request).await
        } else {
            exchange(stream, request).await
        }
    }
}

/// The signature of a body: HMAC-SHA256 over the mark of the delivery, the time of the try in seconds, and
/// the body, with dots between.
#[must_use]
pub fn signature(key: &str, delivery: &str, seconds: i64, body: &str) -> String {
    let encoded = key.strip_prefix(ENCODED).and_then(|text| STANDARD.decode(text).ok());
    let key = encoded.unwrap_or_else(|| key.as_bytes().to_vec());
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(format!("{delivery}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn request(
    uri: &Uri,
    webhook: &Webhook,
    letter: &Letter,
    now: Wall,
) -> Result<Request<Full<Bytes>>, String> {
    let host = uri.authority().ok_or("an address without a host")?.as_str();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let seconds = now.unix_seconds();
    let body = letter.body.clone();
    Request::post(path)
        .header(HOST, host)
        .header(USER_AGENT, concat!("line122/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &letter.delivery)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature(&webhook.key, &letter.delivery, seconds, &body))
        .body(Full::from(body))
        .map_err(told)
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<(), String> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
    let response = async { sender.send_request(request).await.map_err(told) };
    // A server may end the connection together with its answer; without one, the request fails.
    let connection = async {
        let _ = connection.await;
        std::future::pending().await
    };
    // What the answer says beyond its status is of no interest, nor what becomes of the connection.
    let response = tokio::select! {
        response = response => response?,
        () = connection => return Err("the connection ended".into()),
    };
    if response.status().is_success() { Ok(()) } else { Err(response.status().to_string()) }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification and its libraries.
    #[test]
    fn it_is_signed_as_libraries_expect() {
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = r#"{"test": 2432232314}"#;
        let signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_ne!(signature("another", "msg", 1, body), signature("key", "msg", 1, body));
    }
}
