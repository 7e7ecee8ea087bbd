//! Browsers that speak SIP over WebSocket (RFC 7118): at `/sip` who is logged in and has a telephone, without another password;
//! at `/sip/guest` citizens, where the dialplan has a trunk for them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::http::header::{
    CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use casework::Casework;
use dialplan::TrunkId;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use switch::Vouched;
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role as Side, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::browsers::{Browsers, IceServer};
use crate::connections::Peer;
use crate::line::{Line, SipSocket};
use crate::login::Door;

/// The subprotocol (RFC 7118 §4.1).
const PROTOCOL: &str = "sip";
/// Agents' browsers at once.
const AGENTS_MAX: usize = 1024;
/// Citizens' browsers at once, and of one address. Behind a reverse proxy all come from one, and only the first counts.
const GUESTS_MAX: usize = 256;
const GUESTS_OF_ADDRESS_MAX: usize = 4;
/// How long a citizen's connection may last.
const GUEST_LONGEST: Duration = Duration::from_secs(3 * 3600);
/// The longest message.
const MESSAGE_MAX: usize = 64 * 1024;
/// How often a browser is asked for a sign of life.
const PING_EVERY: Duration = Duration::from_secs(15);
/// A browser that gives none for so long is gone: asleep, or without a network.
const SILENT_MAX: Duration = Duration::from_secs(40);

/// Where browsers come in.
struct Gate {
    line: Arc<dyn Line>,
    casework: Arc<Casework>,
    door: Arc<Door>,
    agents: Arc<Semaphore>,
    guests: Guests,
    media: Arc<Browsers>,
}

/// `/sip`, `/sip/guest`, and `/api/call`, which the page of guests asks first.
pub(crate) fn router(
    line: Arc<dyn Line>,
    casework: Arc<Casework>,
    media: Arc<Browsers>,
    door: Arc<Door>,
) -> Router {
    let agents = Arc::new(Semaphore::new(AGENTS_MAX));
    let gate = Gate { line, casework, door, agents, guests: Guests::default(), media };
    Router::new()
        .route("/api/call", get(show_line))
        .route("/sip", get(open_agent))
        .route("/sip/guest", get(open_guest))
        .with_state(Arc::new(gate))
}

/// What a citizen's browser needs to know.
#[derive(Serialize)]
struct LineView {
    realm: String,
    number: String,
    ice_servers: Vec<IceServer>,
}

async fn show_line(State(gate): State<Arc<Gate>>) -> Response {
    if gate.guests_trunk().is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let numbers = &gate.casework.plan().service.numbers;
    Json(LineView {
        realm: gate.media.realm.clone(),
        number: numbers.first().map(ToString::to_string).unwrap_or_default(),
        ice_servers: gate.media.ice_servers(gate.casework.now(), "guest"),
    })
    .into_response()
}

async fn open_agent(
    State(gate): State<Arc<Gate>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let Some(agent) = gate.door.phone(request.headers()) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let Ok(place) = gate.agents.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let who = Vouched::Account(agent.as_str().into());
    let (headers, there) = (request.headers().clone(), gate.clone());
    let is_welcome = move || there.door.phone(&headers).as_ref() == Some(&agent);
    gate.open(request, peer, who, is_welcome, place)
}

async fn open_guest(
    State(gate): State<Arc<Gate>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let Some(trunk) = gate.guests_trunk() else { return StatusCode::NOT_FOUND.into_response() };
    let Some(place) = gate.guests.enter(peer.ip()) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let (began, there, who) = (Instant::now(), gate.clone(), Vouched::Trunk(trunk.clone()));
    let is_welcome =
        move || began.elapsed() < GUEST_LONGEST && there.guests_trunk() == Some(trunk.clone());
    gate.open(request, peer, who, is_welcome, place)
}

impl Gate {
    fn guests_trunk(&self) -> Option<TrunkId> {
        let plan = self.casework.plan();
        plan.trunks.values().find(|trunk| trunk.guests).map(|trunk| trunk.id.clone())
    }

    /// Opens a connection, which lasts while `is_welcome` says so; `place` is given back with its end.
    fn open(
        self: Arc<Gate>,
        mut request: Request,
        peer: Peer,
        who: Vouched,
        is_welcome: impl Fn() -> bool + Send + 'static,
        place: impl Send + 'static,
    ) -> Response {
        let headers = request.headers();
        let Some(accept) = accept(headers) else { return StatusCode::BAD_REQUEST.into_response() };
        // A browser sends its cookies to us whatever page opens the connection (RFC 6455 §10.2).
        if !comes_from_us(headers) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let (remote, is_secure) = (peer.address, peer.is_secure(headers));
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let _place = place;
            let Ok(upgraded) = upgrade.await else { return };
            tracing::debug!(?who, %remote, "a browser speaks SIP");
            let Some(socket) = self.line.open_sip(remote, is_secure, who) else { return };
            if let Err(error) = pass_on(upgraded, socket, is_welcome).await {
                tracing::debug!(%remote, %error, "a browser is gone");
            }
        });
        let headers = [
            (CONNECTION, HeaderValue::from_static("upgrade")),
            (UPGRADE, HeaderValue::from_static("websocket")),
            (SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL)),
            (SEC_WEBSOCKET_ACCEPT, accept),
        ];
        (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    }
}

/// Citizens who are connected, by their addresses.
#[derive(Clone, Default)]
struct Guests(Arc<Mutex<BTreeMap<IpAddr, usize>>>);

/// A citizen's place, given back when it is dropped.
struct GuestPlace(Guests, IpAddr);

impl Guests {
    fn enter(&self, address: IpAddr) -> Option<GuestPlace> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = known.values().sum();
        let of_address = known.get(&address).copied().unwrap_or(0);
        let most = if address.is_loopback() { GUESTS_MAX } else { GUESTS_OF_ADDRESS_MAX };
        if all >= GUESTS_MAX || of_address >= most {
            return None;
        }
        known.insert(address, of_address + 1);
        Some(GuestPlace(self.clone(), address))
    }
}

impl Drop for GuestPlace {
    fn drop(&mut self) {
        let mut known = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = known.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                known.remove(&self.1);
            }
        }
    }
}

/// Passes messages both ways until one side ends, or the browser is welcome no more.
async fn pass_on(
    upgraded: Upgraded,
    mut line: SipSocket,
    is_welcome: impl Fn() -> bool,
) -> Result<(), Error> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX));
    let io = TokioIo::new(upgraded);
    let mut browser = WebSocketStream::from_raw_socket(io, Side::Server, Some(config)).await;
    let mut heard = Instant::now();
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = browser.next() => {
                heard = Instant::now();
                let taken = match message {
                    Some(Ok(Message::Text(text))) => (line.to_line)(text.into()),
                    Some(Ok(Message::Binary(bytes))) => (line.to_line)(bytes),
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => true,
                    Some(Err(error)) => return Err(error),
                };
                if !taken {
                    return browser.close(None).await;
                }
            }
            message = line.from_line.recv() => match message {
                Some(message) => browser.send(as_text(message)).await?,
                None => return browser.close(None).await,
            },
            _ = ping.tick() => {
                if heard.elapsed() > SILENT_MAX || !is_welcome() {
                    return browser.close(None).await;
                }
                browser.send(Message::Ping(Bytes::new())).await?;
            }
        }
    }
}

/// SIP is UTF-8 (RFC 3261 §7); what a body has beside it travels as it is (RFC 7118 §4.2).
fn as_text(message: Bytes) -> Message {
    match std::str::from_utf8(&message) {
        Ok(text) => Message::text(text),
        Err(_) => Message::Binary(message),
    }
}

/// The answer to a handshake (RFC 6455 §4.2.2); `None` if it is none that we can answer.
fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let lists = |name: HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|text| text.split(',')).any(|one| one.trim().eq_ignore_ascii_case(word))
    };
    let is_handshake = lists(CONNECTION, "upgrade")
        && lists(UPGRADE, "websocket")
        && lists(SEC_WEBSOCKET_VERSION, "13")
        && lists(SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| is_handshake)?;
    derive_accept_key(key.as_bytes()).parse().ok()
}

/// Whether a page of ours opens the connection, or no page at all.
fn comes_from_us(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin.zip(host).is_some_and(|((_, origin), host)| origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_a_handshake_for_sip_is_accepted() {
        // The sample of RFC 6455 §1.3.
        let mut handshake = headers(&[
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "chat, sip"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]);
        assert_eq!(accept(&handshake).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        handshake.insert("sec-websocket-protocol", "chat".parse().unwrap());
        assert_eq!(accept(&handshake), None);
        assert_eq!(accept(&HeaderMap::new()), None);
    }

    #[test]
    fn citizens_have_places_and_one_address_has_few() {
        let (guests, home) = (Guests::default(), IpAddr::from([192, 0, 2, 1]));
        let mut places: Vec<_> = (0..4).map(|_| guests.enter(home).unwrap()).collect();
        assert!(guests.enter(home).is_none() && guests.enter([192, 0, 2, 2].into()).is_some());
        places.pop();
        assert!(guests.enter(home).is_some());
        drop(places);
        assert!(guests.0.lock().unwrap().is_empty());
    }

    #[test]
    fn another_site_cannot_speak_in_the_name_of_who_is_logged_in() {
        let from = |origin| headers(&[("host", "desk.example:8122"), ("origin", origin)]);
        assert!(comes_from_us(&from("https://desk.example:8122")));
        assert!(comes_from_us(&headers(&[("host", "desk.example")])));
        for other in ["https://evil.example", "https://desk.example", "null"] {
            assert!(!comes_from_us(&from(other)), "{other}");
        }
    }
}
