//! Requests to organisations' servers, signed as Standard Webhooks says
//! (<https://www.standardwebhooks.com>), so that whoever takes them finds a library that checks them.

use std::time::Duration;

use ambient::Wall;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dialplan::Webhook;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use https::{Failure, Https};
use hyper::Request;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use records::Letter;
use sha2::Sha256;

/// How long a try may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// What the text of a key begins with that is written in base 64, as Standard Webhooks has it.
const ENCODED: &str = "whsec_";

/// Tries once; says why the server has not taken it.
pub(crate) async fn send(
    https: &Https,
    webhook: &Webhook,
    letter: &Letter,
    now: Wall,
) -> Result<(), Failure> {
    https.tell(request(webhook, letter, now)?).await
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

fn request(webhook: &Webhook, letter: &Letter, now: Wall) -> Result<Request<Full<Bytes>>, Failure> {
    let seconds = now.unix_seconds();
    let body = letter.body.clone();
    Ok(Request::post(&*webhook.url)
        .header(USER_AGENT, concat!("line122/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &letter.delivery)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature(&webhook.key, &letter.delivery, seconds, &body))
        .body(Full::from(body))?)
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
