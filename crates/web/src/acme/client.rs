//! The library asks the authority by our HTTPS.

use std::pin::Pin;

use bytes::Bytes;
use http_body_util::Full;
use https::Https;
use hyper::Request;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

/// Asks whom the system trusts.
pub(super) struct Client(pub(super) Https);

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let https = self.0.clone();
        Box::pin(async move {
            let answer = https.ask(request).await.map_err(Error::Other)?;
            Ok(answer.map(Full::new).into())
        })
    }
}
