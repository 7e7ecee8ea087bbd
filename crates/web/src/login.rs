//! Logging in and out, and what a request needs that is not everybody's.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambient::Wall;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use dialplan::AgentId;
use journal::CallId;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::accounts::{Accounts, PASSWORD_MAX, Proven, Role};
use crate::connections::Peer;
use crate::openid::{self, OpenId};
use crate::second_factor::Shown;
use crate::sessions::{Invited, Sessions, Signed};

/// The cookie with the session's secret.
const COOKIE_NAME: &str = "line122";
/// The header that repeats [`Signed::csrf`].
const CSRF: &str = "x-csrf-token";
/// Wrong passwords and codes for one name, and from one address, within [`FORGET_AFTER`]; then nobody can log in
/// by it. Behind a reverse proxy all come from one address.
const FAILURES_OF_NAME_MAX: u32 = 5;
const FAILURES_OF_ADDRESS_MAX: u32 = 50;
/// After the last wrong password.
const FORGET_AFTER: Duration = Duration::from_secs(15 * 60);
/// Names and addresses that are remembered; the oldest is forgotten for a new one.
const REMEMBERED_MAX: usize = 10_000;
/// Passwords that are checked at once: each takes 19 MiB and a core.
const CHECKS_AT_ONCE: usize = 2;
/// Bytes of a login.
const BODY_MAX: usize = 4096;

/// The door of the pages that are not everybody's.
pub struct Door {
    accounts: Accounts,
    sessions: Sessions,
    failures: Failures,
    shown: Shown,
    checks: Semaphore,
    clock: Box<dyn Fn() -> Wall + Send + Sync>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Nobody is logged in with these headers.
    NotSigned,
    /// What changes something does not repeat the session's word: it may come from another site.
    Forged,
}

impl Door {
    /// A door for these accounts; nobody is in. The clock tells the time of day, by which authenticators go, and sessions, which
    /// outlive the program.
    #[must_use]
    pub fn new(accounts: Accounts, clock: impl Fn() -> Wall + Send + Sync + 'static) -> Door {
        Door {
            accounts,
            sessions: Sessions::default(),
            failures: Failures::default(),
            shown: Shown::default(),
            checks: Semaphore::new(CHECKS_AT_ONCE),
            clock: Box::new(clock),
        }
    }

    /// `/session`: POST logs in, GET says who is logged in, DELETE logs out.
    pub fn routes(self: Arc<Door>) -> Router {
        Router::new()
            .route("/session", post(log_in).get(who).delete(log_out))
            .layer(DefaultBodyLimit::max(BODY_MAX))
            .with_state(self.clone())
            .merge(openid::routes(self))
    }

    /// Who sends a request.
    pub(crate) fn lets_in(&self, method: &Method, headers: &HeaderMap) -> Result<Signed, Refused> {
        let signed = self.signed(headers).ok_or(Refused::NotSigned)?;
        if method != Method::GET && !repeats(headers, &signed) {
            return Err(Refused::Forged);
        }
        Ok(signed)
    }

    /// Who sends a request with these headers. An account that is no more, or has another role, ends
    /// its sessions.
    pub(crate) fn signed(&self, headers: &HeaderMap) -> Option<Signed> {
        self.sessions.of(self.now(), token_of(headers)?).filter(|signed| self.has(signed))
    }

    /// Whether who came in with these headers as this agent still is: for what goes on for hours, and keeps no session.
    pub(crate) fn still_has(&self, headers: &HeaderMap, agent: &AgentId) -> bool {
        let signed = token_of(headers).and_then(|token| self.sessions.peek(self.now(), token));
        let is_agent = |signed: &Signed| matches!(&signed.role, Role::Agent(is) if is == agent);
        signed.is_some_and(|signed| is_agent(&signed) && self.has(&signed))
    }

    /// Whose telephone sends a request with these headers.
    pub(crate) fn phone(&self, headers: &HeaderMap) -> Option<AgentId> {
        let signed = self.signed(headers)?;
        self.accounts.phone_of(&signed.name, &signed.role)
    }

    /// Who is logged in.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    fn has(&self, signed: &Signed) -> bool {
        if signed.from_elsewhere {
            return self.accounts.has(&signed.role);
        }
        self.accounts.role_of(&signed.name).as_ref() == Some(&signed.role)
    }
}

/// Who comes in by a provider of the region.
impl Door {
    /// The provider.
    pub(crate) fn openid(&self) -> Option<&OpenId> {
        self.accounts.elsewhere()
    }

    /// Whether there is whom a role is of.
    pub(crate) fn knows(&self, role: &Role) -> bool {
        self.accounts.has(role)
    }

    /// The time of day.
    pub(crate) fn now(&self) -> Wall {
        (self.clock)()
    }

    /// Begins a session; gives its cookie.
    pub(crate) fn welcome_from_elsewhere(
        &self,
        is_secure: bool,
        name: String,
        role: Role,
    ) -> Option<String> {
        let begun = self.sessions.begin_from_elsewhere(self.now(), name, role);
        let (token, signed) = begun.ok()?;
        tracing::info!(audit = "login", name = signed.name, role = ?signed.role, "logged in");
        Some(cookie(&token, is_secure))
    }
}

/// Who comes in by an invitation.
impl Door {
    /// Whether too many that are worth nothing came from an address of late.
    pub(crate) fn is_shut_for(&self, peer: Option<Peer>) -> bool {
        self.failures.is_too_many(Instant::now(), peer.map(Key::of).iter())
    }

    /// One that is worth nothing came.
    pub(crate) fn count_failure(&self, peer: Option<Peer>) {
        self.failures.add(Instant::now(), peer.map(Key::of).into_iter());
    }

    /// An invitation is taken back: who came in by it is out.
    pub(crate) fn shut_out(&self, invitation: CallId) {
        self.sessions.end_invited(invitation);
    }

    /// Begins a session, and gives the answer with its cookie, which is never sent in the open if it came otherwise.
    pub(crate) fn welcome(
        &self,
        is_secure: bool,
        name: String,
        role: Role,
        invited: Option<Invited>,
    ) -> Response {
        let by = invited.map(|invited| invited.by);
        let Ok((token, signed)) = self.sessions.begin(self.now(), name, role, invited) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        tracing::info!(audit = "login", name = signed.name, role = ?signed.role, invitation = ?by, "logged in");
        ([(SET_COOKIE, cookie(&token, is_secure))], Json(signed)).into_response()
    }
}

fn cookie(token: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={token}; HttpOnly; SameSite=Strict; Path=/{secure}")
}

#[derive(Deserialize)]
struct Login {
    name: String,
    password: String,
    /// Of the authenticator, for accounts that have one.
    code: Option<String>,
}

/// Who fails is never told whether it was for the password or for the code: else the password could be guessed alone.
async fn log_in(
    State(door): State<Arc<Door>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Json(Login { name, password, code }): Json<Login>,
) -> Response {
    let peer = peer.map(|Extension(peer)| peer);
    let address = peer.map(Key::of);
    let of_name = Key::Name(name.clone());
    let keys = [Some(of_name.clone()), address.clone()];
    let shown: String = name.chars().take(64).collect();
    if door.failures.is_too_many(Instant::now(), keys.iter().flatten()) {
        tracing::warn!(audit = "login", name = shown, ?address, "too many wrong passwords");
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let Ok(_turn) = door.checks.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let accounts = door.accounts.clone();
    let asked = name.clone();
    let checked = tokio::task::spawn_blocking(move || {
        let is_long = password.len() > PASSWORD_MAX;
        accounts.verify(&asked, if is_long { "" } else { &password })
    });
    let refused = |why: &str| {
        door.failures.add(Instant::now(), keys.into_iter().flatten());
        tracing::warn!(audit = "login", name = shown, ?address, "{why}");
        StatusCode::UNAUTHORIZED.into_response()
    };
    let Ok(Some(Proven { role, second_factor })) = checked.await else {
        return refused("wrong name or password");
    };
    if let Some(factor) = second_factor {
        let code = code.unwrap_or_default();
        if !door.shown.takes(door.now(), &name, &factor, &code) {
            return refused("the right password without the right code");
        }
        // Who asks for the code after the password has failed once each time.
        door.failures.forget(&of_name);
    }
    let is_secure = peer.is_some_and(|peer| peer.is_secure(&headers));
    door.welcome(is_secure, name, role, None)
}

/// What is told to who is not logged in.
#[derive(Serialize)]
struct Nobody<'a> {
    /// What people call the provider by which one may log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<&'a str>,
}

async fn who(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response {
    match door.signed(&headers) {
        Some(signed) => Json(signed).into_response(),
        None => {
            let openid = door.openid().map(OpenId::title);
            (StatusCode::UNAUTHORIZED, Json(Nobody { openid })).into_response()
        }
    }
}

async fn log_out(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response {
    let Some(signed) = door.signed(&headers).filter(|signed| repeats(&headers, signed)) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    door.sessions.end(token_of(&headers).unwrap_or_default());
    tracing::info!(audit = "logout", name = signed.name, "logged out");
    let cookie = format!("{COOKIE_NAME}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    ([(SET_COOKIE, cookie)], StatusCode::NO_CONTENT).into_response()
}

/// Lets through supervisors and admins who are logged in; what changes something must repeat the
/// session's word as well.
pub(crate) async fn only_staff(
    State(door): State<Arc<Door>>,
    mut request: Request,
    next: Next,
) -> Response {
    match door.lets_in(request.method(), request.headers()) {
        Ok(Signed { role: Role::Organisation(_) | Role::Agent(_), .. }) => {
            StatusCode::FORBIDDEN.into_response()
        }
        Ok(signed) => {
            request.extensions_mut().insert(signed);
            next.run(request).await
        }
        Err(Refused::NotSigned) => StatusCode::UNAUTHORIZED.into_response(),
        Err(Refused::Forged) => StatusCode::FORBIDDEN.into_response(),
    }
}

/// Lets through agents, whom handlers find as an [`AgentId`] among the extensions.
pub(crate) async fn only_agents(
    State(door): State<Arc<Door>>,
    mut request: Request,
    next: Next,
) -> Response {
    match door.lets_in(request.method(), request.headers()) {
        Ok(Signed { role: Role::Agent(agent), .. }) => {
            request.extensions_mut().insert(agent);
            next.run(request).await
        }
        Ok(_) | Err(Refused::Forged) => StatusCode::FORBIDDEN.into_response(),
        Err(Refused::NotSigned) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// Lets through admins, after [`only_staff`]; and commands on the machine itself.
pub(crate) async fn only_admins(request: Request, next: Next) -> Response {
    match request.extensions().get::<Signed>() {
        Some(signed) if signed.role != Role::Admin => StatusCode::FORBIDDEN.into_response(),
        Some(_) | None => next.run(request).await,
    }
}

fn repeats(headers: &HeaderMap, signed: &Signed) -> bool {
    headers.get(CSRF).is_some_and(|word| word.as_bytes() == signed.csrf.as_bytes())
}

fn token_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, COOKIE_NAME)
}

/// The value of a cookie.
pub(crate) fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|one| one.split_once('='));
    pairs.find(|(one, _)| one.trim() == name).map(|(_, value)| value.trim())
}

/// Wrong passwords and codes of late.
#[derive(Debug, Default)]
struct Failures(Mutex<BTreeMap<Key, (u32, Instant)>>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Name(String),
    Address(IpAddr),
}

impl Key {
    fn of(peer: Peer) -> Key {
        Key::Address(peer.ip())
    }
}

impl Failures {
    fn is_too_many<'a>(&self, now: Instant, mut keys: impl Iterator<Item = &'a Key>) -> bool {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.any(|key| {
            let most = match key {
                Key::Name(_) => FAILURES_OF_NAME_MAX,
                Key::Address(_) => FAILURES_OF_ADDRESS_MAX,
            };
            let known = failures.get(key);
            known.is_some_and(|(count, last)| *count >= most && now - *last < FORGET_AFTER)
        })
    }

    fn add(&self, now: Instant, keys: impl Iterator<Item = Key>) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if let Some((count, last)) = failures.get_mut(&key)
                && now - *last >= FORGET_AFTER
            {
                (*count, *last) = (0, now);
            }
            if failures.len() >= REMEMBERED_MAX && !failures.contains_key(&key) {
                let oldest = failures.iter().min_by_key(|(_, (_, last))| *last);
                if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                    failures.remove(&oldest);
                }
            }
            let (count, last) = failures.entry(key).or_insert((0, now));
            (*count, *last) = (*count + 1, now);
        }
    }

    fn forget(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_passwords_shut_a_name_and_an_address_for_a_while() {
        let failures = Failures::default();
        let mut now = Instant::now();
        let name = [Key::Name("ivanov".into())];
        let address = [Key::Address([203, 0, 113, 7].into())];
        let shut = |now, keys: &[Key]| failures.is_too_many(now, keys.iter());
        for _ in 0..FAILURES_OF_NAME_MAX {
            assert!(!shut(now, &name));
            failures.add(now, name.iter().chain(&address).cloned());
        }
        assert!(shut(now, &name) && !shut(now, &address));
        now += FORGET_AFTER;
        assert!(!shut(now, &name));
        for number in 0..=REMEMBERED_MAX {
            failures.add(now, [Key::Name(number.to_string())].into_iter());
        }
        assert_eq!(failures.0.lock().unwrap().len(), REMEMBERED_MAX);
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=b; line122=abc; c=d".parse().unwrap());
        assert_eq!(token_of(&headers), Some("abc"));
        headers.insert(COOKIE, "line1222=abc".parse().unwrap());
        assert_eq!(token_of(&headers), None);
    }
}
