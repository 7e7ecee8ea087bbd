//! Logging in by a provider of the region, which knows its people already (OpenID Connect, code flow with PKCE).

mod begun;
mod provider;
mod role;
mod token;

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;
use tokio::time::Instant;

use crate::connections::Peer;
use crate::login::{Door, cookie_of};
use crate::pages;
use begun::{AllBegun, PATIENCE};
use provider::Provider;

pub use role::Roles;

/// The cookie of who is at the provider.
const COOKIE_NAME: &str = "line122-openid";
/// Where the provider sends people back to, below `web.public_url`.
const BACK: &str = "/session/openid/back";

/// A provider, and what it may say of people.
pub struct OpenId {
    provider: Provider,
    roles: Roles,
    title: String,
    begun: AllBegun,
}

/// How a provider is asked.
#[derive(Clone, Debug)]
pub struct Client {
    /// The provider's own name: an HTTPS address.
    pub issuer: String,
    /// How it calls us.
    pub id: String,
    /// What we prove it by, if it gave us something.
    pub secret: Option<String>,
    /// Where browsers find our pages.
    pub public_url: String,
    /// What people call it; empty: its host.
    pub title: String,
}

impl OpenId {
    /// A provider; it is asked when somebody comes.
    ///
    /// # Errors
    /// If it is not asked by HTTPS, or nobody knows where our pages are: in words.
    pub fn new(client: Client, roles: Roles) -> Result<OpenId, &'static str> {
        if !is_private(&client.issuer) {
            return Err("the issuer begins with https://");
        }
        if client.public_url.is_empty() {
            return Err("web.public_url is needed: the provider sends people back there");
        }
        let host = client.issuer.split('/').nth(2).unwrap_or_default().to_owned();
        let title = if client.title.is_empty() { host } else { client.title };
        let back = format!("{}{BACK}", client.public_url.trim_end_matches('/'));
        let provider = Provider::new(client.issuer, client.id, client.secret, back);
        Ok(OpenId { provider, roles, title, begun: AllBegun::default() })
    }

    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }
}

impl std::fmt::Debug for OpenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenId").field("title", &self.title).finish_non_exhaustive()
    }
}

/// Whether nobody on the way reads what is said to this address: it is asked by HTTPS, or on this machine.
fn is_private(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_here)
}

/// `/session/openid`, from which one goes to the provider, and where one comes back from there.
pub(crate) fn routes(door: Arc<Door>) -> Router {
    Router::new().route("/session/openid", get(go)).route(BACK, get(back)).with_state(door)
}

#[derive(Deserialize)]
struct Wanted {
    page: String,
}

async fn go(
    State(door): State<Arc<Door>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Query(Wanted { page }): Query<Wanted>,
) -> Response {
    let Some(openid) = door.openid() else { return StatusCode::NOT_FOUND.into_response() };
    let peer = peer.map(|Extension(peer)| peer);
    if door.is_shut_for(peer) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    if !pages::has(&page) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(begun) = openid.begun.begin(Instant::now(), page.clone()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match openid.provider.door(&begun).await {
        Ok(to) => {
            let is_secure = peer.is_some_and(|peer| peer.is_secure(&headers));
            let cookie = state_cookie(&begun.state, PATIENCE.as_secs(), is_secure);
            ([(SET_COOKIE, cookie)], see(&to)).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "the OpenID provider does not answer");
            see(&format!("{page}#openid=unavailable"))
        }
    }
}

#[derive(Deserialize)]
struct CameBack {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

async fn back(
    State(door): State<Arc<Door>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Query(came): Query<CameBack>,
) -> Response {
    let Some(openid) = door.openid() else { return StatusCode::NOT_FOUND.into_response() };
    let peer = peer.map(|Extension(peer)| peer);
    let address = peer.map(|peer| peer.ip());
    if door.is_shut_for(peer) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let state = came.state.unwrap_or_default();
    // Another's way back, put under somebody's mouse, would log them in as the other.
    let is_same = state_of(&headers).is_some_and(|known| known == state);
    let begun = openid.begun.end(Instant::now(), &state).filter(|_| is_same);
    let Some(begun) = begun else {
        door.count_failure(peer);
        tracing::warn!(
            audit = "login",
            ?address,
            "back from the OpenID provider without having gone there"
        );
        return see("/cases#openid=again");
    };
    let refused = |why: &str| see(&format!("{}#openid={why}", begun.page));
    let Some(code) = came.code.filter(|_| came.error.is_none()) else {
        let error: String = came.error.unwrap_or_default().chars().take(64).collect();
        tracing::warn!(audit = "login", ?address, error, "refused by the OpenID provider");
        return refused("refused");
    };
    let claims = match openid.provider.claims(&begun, &code, door.now()).await {
        Ok(claims) => claims,
        Err(error) => {
            door.count_failure(peer);
            tracing::warn!(audit = "login", ?address, %error, "the OpenID provider's word is worth nothing");
            return refused("unavailable");
        }
    };
    let (name, subject) = (openid.roles.name(&claims), role::subject(&claims));
    let Some(role) = openid.roles.role(&claims).filter(|role| door.knows(role)) else {
        tracing::warn!(
            audit = "login",
            ?address,
            name,
            subject,
            "the OpenID provider gives no role here"
        );
        return refused("stranger");
    };
    tracing::info!(audit = "login", ?address, name, subject, by = openid.title, "known by OpenID");
    let is_secure = peer.is_some_and(|peer| peer.is_secure(&headers));
    let Some(session) = door.welcome_from_elsewhere(is_secure, name, role) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    // A page of ours in between: what another site's redirect asks for comes without our cookie.
    let page =
        format!("<!doctype html><meta http-equiv=\"refresh\" content=\"0;url={}\">", begun.page);
    let mut response = ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    for cookie in [session, state_cookie("", 0, is_secure)] {
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// `Lax`, since it comes back by a link of the provider's.
fn state_cookie(state: &str, seconds: u64, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!(
        "{COOKIE_NAME}={state}; HttpOnly; SameSite=Lax; Path=/session/openid; Max-Age={seconds}{secure}"
    )
}

fn state_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, COOKIE_NAME)
}

fn see(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    fn client(issuer: &str, public_url: &str) -> Client {
        Client {
            issuer: issuer.into(),
            id: "line122".into(),
            secret: None,
            public_url: public_url.into(),
            title: String::new(),
        }
    }

    #[test]
    fn a_provider_is_asked_in_the_open_on_this_machine_alone() {
        let pages = "https://122.example/";
        let made = |issuer| OpenId::new(client(issuer, pages), Roles::default());
        assert_eq!(made("https://id.example/realms/x").unwrap().title(), "id.example");
        assert!(made("http://127.0.0.1:9400").is_ok() && made("http://[::1]:9400").is_ok());
        for issuer in
            ["http://id.example", "http://127.id.example", "http://localhost.example", "id", ""]
        {
            assert!(made(issuer).is_err(), "{issuer}");
        }
        assert!(OpenId::new(client("https://id.example", ""), Roles::default()).is_err());
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "line122=a; line122-openid=b".parse().unwrap());
        assert_eq!(state_of(&headers), Some("b"));
        headers.insert(COOKIE, "line122=a".parse().unwrap());
        assert_eq!(state_of(&headers), None);
    }
}
