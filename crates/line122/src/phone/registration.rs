//! The registration of the built-in phone (RFC 3261 §10.2).

use std::time::Duration;

use ambient::{Entropy, Now};
use sip::{
    ClientTx, Endpoint, Event, Flow, HeaderName, Message, Method, NextHop, StatusCode, digest,
};

use super::ua::UaSettings;

/// The time that we ask for.
const EXPIRES: Duration = Duration::from_secs(600);
/// Registered again after so long: well before the binding expires.
const AGAIN: Duration = Duration::from_secs(300);

/// The binding of our address with the server.
pub(crate) struct Registration {
    login: Option<digest::Client>,
    call_id: String,
    tag: String,
    sequence: u32,
    pending: Option<Pending>,
    signed_off: bool,
}

struct Pending {
    tx: ClientTx,
    expires: Duration,
    /// Challenges are answered once; a second one means a wrong password.
    answered: bool,
}

impl Registration {
    pub(crate) fn new(settings: &UaSettings, entropy: &mut Entropy) -> Registration {
        let login = settings
            .password
            .as_deref()
            .map(|password| digest::Client::new(&settings.user, password, entropy.fork()));
        Registration {
            login,
            call_id: entropy.token(),
            tag: entropy.token(),
            sequence: 0,
            pending: None,
            signed_off: false,
        }
    }

    /// Makes the binding, or makes it last longer.
    pub(crate) fn sign_on(&mut self, now: Now, endpoint: &mut Endpoint, settings: &UaSettings) {
        self.send(now, endpoint, settings, EXPIRES, None);
    }

    /// Removes the binding.
    pub(crate) fn sign_off(&mut self, now: Now, endpoint: &mut Endpoint, settings: &UaSettings) {
        self.send(now, endpoint, settings, Duration::ZERO, None);
    }

    /// Whether the server confirmed that the binding is gone.
    pub(crate) fn is_signed_off(&self) -> bool {
        self.signed_off
    }

    /// Whether the event belongs to our REGISTER.
    pub(crate) fn owns(&self, event: &Event) -> bool {
        let (Event::Response { tx, .. } | Event::Failed { tx, .. }) = event else { return false };
        self.pending.as_ref().is_some_and(|pending| pending.tx == *tx)
    }

    /// Takes an answer. Tells when to sign on again, or why it failed; nothing while it goes on.
    pub(crate) fn handle(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        settings: &UaSettings,
        event: &Event,
    ) -> Option<Result<Duration, StatusCode>> {
        let status = match event {
            Event::Response { message, .. } => message.status()?,
            _ => StatusCode(408),
        };
        if status.is_provisional() {
            return None;
        }
        let pending = self.pending.take()?;
        if let (StatusCode(401 | 407), false, Event::Response { message, .. }) =
            (status, pending.answered, event)
            && self.login.is_some()
        {
            self.send(now, endpoint, settings, pending.expires, Some(message));
            return None;
        }
        if pending.expires.is_zero() {
            self.signed_off = true;
            return None;
        }
        Some(if status.is_success() { Ok(AGAIN) } else { Err(status) })
    }

    fn send(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        settings: &UaSettings,
        expires: Duration,
        challenge: Option<&Message>,
    ) {
        self.sequence += 1;
        let mut request = Message::request(Method::Register, &format!("sip:{}", settings.domain));
        let aor = format!("<sip:{}@{}>", settings.user, settings.domain);
        request.push(HeaderName::From, format_args!("{aor};tag={}", self.tag));
        request.push(HeaderName::To, &aor);
        request.push(HeaderName::CallId, &self.call_id);
        request.push(HeaderName::CSeq, format_args!("{} REGISTER", self.sequence));
        let flow = Flow::to(settings.transport, settings.server);
        let us = endpoint.listener_for(&flow);
        let (host, port) = (us.advertised_host.clone(), us.advertised_port);
        let transport = match settings.transport {
            sip::Transport::Tcp => ";transport=tcp",
            _ => "",
        };
        request.push(
            HeaderName::Contact,
            format_args!("<sip:{}@{host}:{port}{transport}>", settings.user),
        );
        request.push(HeaderName::Expires, expires.as_secs());
        let answered = challenge.is_some();
        if let (Some(challenge), Some(login)) = (challenge, &mut self.login) {
            login.answer(challenge, &mut request);
        }
        let tx = endpoint.request(now, request, NextHop::Flow(flow));
        self.pending = Some(Pending { tx, expires, answered });
    }
}
