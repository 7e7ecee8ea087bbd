//! Asking a provider: what it can do (OpenID Connect Discovery), its keys, and for a code who somebody is (RFC 6749 §4.1).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambient::Wall;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use form_urlencoded::{Serializer, byte_serialize};
use http_body_util::Full;
use https::{Failure, Https};
use hyper::Request;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::begun::Begun;
use super::is_private;
use super::token::{Expected, Keys, Worthless, verify};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long what a provider says of itself, and its keys, are believed without asking again.
const BELIEVED_FOR: Duration = Duration::from_secs(3600);
/// Between two questions for keys because of a key that nobody knows: strangers can make up names of keys.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Where the provider answers what.
#[derive(Debug, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// What is known of the provider.
#[derive(Clone, Debug)]
struct Known {
    metadata: Arc<Metadata>,
    keys: Keys,
    asked_at: Instant,
}

/// What a provider answers to a code. More of it is of no interest: we ask for nothing in somebody's name.
#[derive(Deserialize)]
struct Answer {
    id_token: String,
}

/// A provider with what we are to it.
pub(super) struct Provider {
    https: Https,
    issuer: String,
    client: String,
    secret: Option<String>,
    /// Where it sends people back to.
    back: String,
    known: Mutex<Option<Known>>,
}

impl Provider {
    pub(super) fn new(
        issuer: String,
        client: String,
        secret: Option<String>,
        back: String,
    ) -> Provider {
        Provider {
            https: Https::new(PATIENCE),
            issuer,
            client,
            secret,
            back,
            known: Mutex::default(),
        }
    }

    /// Where a browser goes to say who its user is.
    pub(super) async fn door(&self, begun: &Begun) -> Result<String, Failure> {
        let metadata = self.known(BELIEVED_FOR).await?.metadata;
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client)
            .append_pair("redirect_uri", &self.back)
            .append_pair("scope", "openid profile")
            .append_pair("state", &begun.state)
            .append_pair("nonce", &begun.nonce)
            .append_pair("code_challenge", &begun.challenge())
            .append_pair("code_challenge_method", "S256")
            .finish();
        let door = &metadata.authorization_endpoint;
        let sign = if door.contains('?') { '&' } else { '?' };
        Ok(format!("{door}{sign}{query}"))
    }

    /// What the provider says of who came back with this code.
    pub(super) async fn claims(
        &self,
        begun: &Begun,
        code: &str,
        now: Wall,
    ) -> Result<Map<String, Value>, Failure> {
        let known = self.known(BELIEVED_FOR).await?;
        let answer: Answer = self.ask(self.exchange(&known.metadata, begun, code)?).await?;
        let expected =
            Expected { issuer: &self.issuer, client: &self.client, nonce: &begun.nonce, now };
        match verify(&answer.id_token, &known.keys, &expected) {
            // Providers change their keys now and then.
            Err(Worthless::UnknownKey) => {
                let known = self.known(ASKED_AGAIN_AFTER).await?;
                Ok(verify(&answer.id_token, &known.keys, &expected)?)
            }
            told => Ok(told?),
        }
    }

    fn exchange(
        &self,
        metadata: &Metadata,
        begun: &Begun,
        code: &str,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut body = Serializer::new(String::new());
        body.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.back)
            .append_pair("code_verifier", &begun.verifier);
        let mut request = Request::post(&metadata.token_endpoint)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let takes = |method: &str| {
            // Without a word it takes the one of the header (Discovery §3).
            let known = metadata.token_endpoint_auth_methods_supported.as_ref();
            known.map_or(method == "client_secret_basic", |all| all.iter().any(|one| one == method))
        };
        match &self.secret {
            Some(secret) if takes("client_secret_basic") || !takes("client_secret_post") => {
                // RFC 6749 §2.3.1
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let both = format!("{}:{}", encoded(&self.client), encoded(secret));
                request = request.header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(both)));
            }
            Some(secret) => {
                body.append_pair("client_id", &self.client).append_pair("client_secret", secret);
            }
            None => {
                body.append_pair("client_id", &self.client);
            }
        }
        Ok(request.body(Full::from(body.finish()))?)
    }

    /// What is known of the provider, not older than this.
    async fn known(&self, believed_for: Duration) -> Result<Known, Failure> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.asked_at.elapsed() < believed_for) {
            return Ok(known);
        }
        let address =
            format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata: Metadata = self.ask(Request::get(address).body(Full::default())?).await?;
        // Else one provider could speak for another (Discovery §4.3).
        if metadata.issuer != self.issuer {
            return Err(format!("the provider is {}, not {}", metadata.issuer, self.issuer).into());
        }
        // The code, the secret and the keys go there.
        if !is_private(&metadata.token_endpoint) || !is_private(&metadata.jwks_uri) {
            return Err("the provider would be asked in the open".into());
        }
        let keys = self.ask(Request::get(&metadata.jwks_uri).body(Full::default())?).await?;
        let known = Known { metadata: Arc::new(metadata), keys, asked_at: Instant::now() };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    async fn ask<T: DeserializeOwned>(&self, request: Request<Full<Bytes>>) -> Result<T, Failure> {
        let asked = request.uri().clone();
        let answer = self.https.ask(request).await?;
        if !answer.status().is_success() {
            // What it says beyond the status may hold secrets.
            return Err(format!("{asked}: {}", answer.status()).into());
        }
        serde_json::from_slice(answer.body()).map_err(|error| format!("{asked}: {error}").into())
    }
}
