//! Our registration with a trunk (RFC 3261 §10.2): kept alive, tried again with growing pauses.

use std::net::IpAddr;
use std::time::Duration;

use ambient::{Entropy, Now};
use dialplan::TrunkId;
use sip::digest::Client;
use sip::values::{Contacts, delta_seconds};
use sip::{Flow, HeaderName, Message, Method, NextHop, StatusCode, UriBuf};

use super::contact_towards;
use crate::response_context::Owner;
use crate::timer::Timer;
use crate::turn::Turn;
use crate::{Credentials, Proxy};

/// The first pause after a failure; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_secs(5);
/// The longest pause (RFC 5626 §4.5 asks for a ceiling of this order).
const PAUSE_MAX: Duration = Duration::from_secs(600);
/// The shortest time between two registrations that succeed.
const REFRESH_MIN: Duration = Duration::from_secs(10);
/// Challenges in a row that are answered before the password is taken as wrong.
const CHALLENGES_MAX: u32 = 3;

/// Our registration with one trunk.
#[derive(Debug)]
pub(super) struct Registration {
    registrar: UriBuf,
    user: Box<str>,
    password: Box<str>,
    expires: Duration,
    call_id: String,
    cseq: u32,
    digest: Client,
    /// Challenges answered since the last success.
    challenges: u32,
    failures: u32,
    is_registered: bool,
    /// Where the registrar answered from.
    address: Option<IpAddr>,
}

impl Registration {
    pub(super) fn new(
        registrar: &str,
        user: &str,
        password: &str,
        expires: Duration,
        entropy: &mut Entropy,
    ) -> Option<Registration> {
        Some(Registration {
            registrar: UriBuf::parse(registrar).ok()?,
            user: user.into(),
            password: password.into(),
            expires,
            call_id: entropy.token(),
            cseq: 0,
            digest: Client::new(user, password, entropy.fork()),
            challenges: 0,
            failures: 0,
            is_registered: false,
            address: None,
        })
    }

    pub(super) fn is_registered(&self) -> bool {
        self.is_registered
    }

    pub(super) fn is_at(&self, source: IpAddr) -> bool {
        self.address == Some(source)
    }

    /// The account's address: our user at the registrar's host.
    pub(super) fn address_of_record(&self) -> String {
        let uri = self.registrar.as_uri();
        let port = uri.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("sip:{}@{}{port}", self.user, uri.host)
    }

    pub(super) fn credentials(&self) -> Credentials {
        Credentials { user: self.user.clone(), password: self.password.clone() }
    }
}

impl Proxy {
    pub(super) fn start_registration(&mut self, now: Now, trunk: &TrunkId) {
        if self.trunks.states.get(trunk).is_some_and(|state| state.registration.is_some()) {
            self.timers.arm(Timer::Register(trunk.clone()), now.mono);
        }
    }

    /// Registers, or refreshes.
    pub(crate) fn register_out(&mut self, turn: &mut Turn<'_>, trunk: &TrunkId) {
        let Some(expires) = self.registration(trunk).map(|known| known.expires) else { return };
        self.send_register(turn, trunk, expires, Owner::Register(trunk.clone()));
    }

    /// Leaves the registrar (§10.2.2), if we are registered there; nobody waits for its answer.
    pub(super) fn unregister(&mut self, turn: &mut Turn<'_>, trunk: &TrunkId) {
        let Some(state) = self.trunks.states.get_mut(trunk) else { return };
        if state.registration.as_ref().is_some_and(Registration::is_registered) {
            self.send_register(turn, trunk, Duration::ZERO, Owner::Forgotten);
        }
        if let Some(state) = self.trunks.states.get_mut(trunk) {
            state.registration = None;
        }
    }

    fn send_register(
        &mut self,
        turn: &mut Turn<'_>,
        trunk: &TrunkId,
        expires: Duration,
        owner: Owner,
    ) {
        let Some(registration) = self.registration(trunk) else { return };
        registration.cseq += 1;
        let (uri, aor) = (registration.registrar.clone(), registration.address_of_record());
        let (call_id, cseq) = (registration.call_id.clone(), registration.cseq);
        let user = registration.user.clone();
        let mut request = self.own_request(Method::Register, &uri, &aor, &aor, (&call_id, cseq));
        let hop = NextHop::Uri(uri);
        request.push(HeaderName::Contact, contact_towards(turn, &user, &hop));
        request.push(HeaderName::Expires, expires.as_secs());
        let Some(registration) = self.registration(trunk) else { return };
        registration.digest.authorise(&mut request);
        let tx = turn.endpoint.request(turn.now, request, hop);
        self.clients.insert(tx, owner);
    }

    pub(crate) fn registration_answered(
        &mut self,
        turn: &mut Turn<'_>,
        trunk: &TrunkId,
        response: &Message,
        flow: &Flow,
    ) {
        let Some(status) = response.status() else { return };
        let Some(registration) = self.registration(trunk) else { return };
        match status {
            status if status.is_provisional() => {}
            status if status.is_success() => {
                registration.address = Some(flow.remote.ip());
                registration.challenges = 0;
                registration.failures = 0;
                if !registration.is_registered {
                    tracing::info!(%trunk, "registered");
                }
                registration.is_registered = true;
                let granted = granted(response, &registration.user).unwrap_or(registration.expires);
                // In good time: a refresh may have to be repeated.
                let again = (granted / 2).max(REFRESH_MIN);
                self.timers.arm(Timer::Register(trunk.clone()), turn.now.mono + again);
            }
            StatusCode(401 | 407) if registration.challenges < CHALLENGES_MAX => {
                registration.challenges += 1;
                if registration.digest.learn(response) {
                    self.register_out(turn, trunk);
                } else {
                    self.registration_failed(turn, trunk);
                }
            }
            StatusCode(423) => {
                let min = response.header(HeaderName::MinExpires).map(delta_seconds);
                let longer = min
                    .and_then(Result::ok)
                    .map(|seconds| Duration::from_secs(seconds.into()))
                    .filter(|min| *min > registration.expires);
                match longer {
                    Some(min) => {
                        registration.expires = min;
                        self.register_out(turn, trunk);
                    }
                    None => self.registration_failed(turn, trunk),
                }
            }
            _ => self.registration_failed(turn, trunk),
        }
    }

    /// No, or no answer: tried again after a pause that grows.
    pub(crate) fn registration_failed(&mut self, turn: &Turn<'_>, trunk: &TrunkId) {
        let Some(registration) = self.registration(trunk) else { return };
        if registration.is_registered || registration.failures == 0 {
            tracing::warn!(%trunk, "registration failed");
        }
        registration.is_registered = false;
        registration.challenges = 0;
        let pause = PAUSE_FIRST.saturating_mul(1 << registration.failures.min(10)).min(PAUSE_MAX);
        registration.failures = registration.failures.saturating_add(1);
        // Between half and the whole of it, so that many do not come back at once.
        let half = pause / 2;
        let jitter = Duration::from_millis(self.entropy.below(half.as_millis() as u64));
        self.timers.arm(Timer::Register(trunk.clone()), turn.now.mono + half + jitter);
    }

    fn registration(&mut self, trunk: &TrunkId) -> Option<&mut Registration> {
        self.trunks.states.get_mut(trunk)?.registration.as_mut()
    }
}

/// The time that the registrar grants our contact.
fn granted(response: &Message, user: &str) -> Option<Duration> {
    let ours = match Contacts::of(response) {
        Ok(Contacts::List(list)) => {
            list.iter().find(|c| c.uri.user == Some(user)).and_then(|contact| contact.expires())
        }
        Ok(Contacts::All) | Err(_) => None,
    };
    let header = || delta_seconds(response.header(HeaderName::Expires)?).ok();
    ours.or_else(header).map(|seconds| Duration::from_secs(seconds.into()))
}
