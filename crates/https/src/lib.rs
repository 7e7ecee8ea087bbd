//! Asking servers of others: organisations that are told of cases, authorities that give certificates, providers
//! that know people. Requests are few, so that each has a connection of its own.

use std::error::Error;
use std::iter;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

/// Bytes of an answer that is read.
const BODY_MAX: usize = 256 * 1024;

/// What went wrong, in words.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Asks servers whom the system trusts.
#[derive(Clone)]
pub struct Https {
    client: Client<HttpsConnector<HttpConnector>, UnsyncBoxBody<Bytes, Failure>>,
    patience: Duration,
}

impl Https {
    /// `patience` is how long an answer may take, from the name's look-up to its last byte.
    #[must_use]
    pub fn new(patience: Duration) -> Https {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
        let mut client = Client::builder(TokioExecutor::new());
        Https { client: client.pool_max_idle_per_host(0).build(connector.build()), patience }
    }

    /// The whole answer. An address with `http` is asked in the open: whoever gives it answers for that.
    ///
    /// # Errors
    ///
    /// In words, with the address: no connection, no answer in time, one of over 256 KiB.
    pub async fn ask<B>(&self, request: Request<B>) -> Result<Response<Bytes>, Failure>
    where
        B: Body<Data = Bytes, Error: Into<Failure>> + Send + 'static,
    {
        let asked = request.uri().clone();
        let answer = self.exchange(request, async |answer| {
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, BODY_MAX).collect().await?.to_bytes();
            Ok(Response::from_parts(head, body))
        });
        answer.await.map_err(|error| format!("{asked}: {error}").into())
    }

    /// Says something to a server that needs no answer beyond its status.
    ///
    /// # Errors
    ///
    /// In words, without the address, which may be a secret of its own: no connection, no answer in time, a status
    /// other than success.
    pub async fn tell<B>(&self, request: Request<B>) -> Result<(), Failure>
    where
        B: Body<Data = Bytes, Error: Into<Failure>> + Send + 'static,
    {
        self.exchange(request, async |answer| match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(status.to_string().into()),
        })
        .await
    }

    async fn exchange<B, T>(
        &self,
        request: Request<B>,
        read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, Failure>,
    ) -> Result<T, Failure>
    where
        B: Body<Data = Bytes, Error: Into<Failure>> + Send + 'static,
    {
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        let exchange = async { read(self.client.request(request).await?).await };
        let answer = tokio::time::timeout(self.patience, exchange).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".into()));
        answer.map_err(|error| whole(&*error).into())
    }
}

/// An error with its causes.
fn whole(error: &dyn Error) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn request(address: &str) -> Request<Empty<Bytes>> {
        Request::get(address).body(Empty::new()).unwrap()
    }

    /// A server that answers one request with these words; the server's address.
    async fn server(answer: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/case?n=1", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let length = stream.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..length]).to_lowercase();
            assert!(head.starts_with("get /case?n=1 http/1.1"), "{head}");
            assert!(head.contains("host: 127.0.0.1:"), "{head}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        });
        address
    }

    #[tokio::test]
    async fn an_answer_is_read_whole() {
        let address = server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".into()).await;
        let answer = Https::new(Duration::from_secs(10)).ask(request(&address)).await.unwrap();
        assert_eq!(answer.body(), "hello");
    }

    #[tokio::test]
    async fn what_is_too_long_or_too_slow_fails() {
        let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(BODY_MAX + 1));
        let address = server(long).await;
        let error = Https::new(Duration::from_secs(10)).ask(request(&address)).await.unwrap_err();
        assert!(error.to_string().contains("length limit exceeded"), "{error}");
        let address = server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel".into()).await;
        let error = Https::new(Duration::from_millis(50)).ask(request(&address)).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{address}: no answer in time"));
    }

    #[tokio::test]
    async fn who_is_told_answers_with_a_status() {
        let https = Https::new(Duration::from_secs(10));
        // What it says beyond the status is not waited for.
        let address = server("HTTP/1.1 204 No Content\r\n\r\n".into()).await;
        https.tell(request(&address)).await.unwrap();
        let address = server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n".into()).await;
        https.tell(request(&address)).await.unwrap();
        let address = server("HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n".into()).await;
        let error = https.tell(request(&address)).await.unwrap_err();
        assert_eq!(error.to_string(), "503 Service Unavailable");
    }

    #[tokio::test]
    async fn nobody_there_is_told_with_its_cause() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let error = Https::new(Duration::from_secs(10)).tell(request(&address)).await.unwrap_err();
        assert!(error.to_string().contains("Connection refused"), "{error}");
    }
}
