//! The registrar (RFC 3261 §10.3, RFC 3327, RFC 5626 §6).

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::Secret;
use sip::digest::Role;
use sip::uri::Scheme;
use sip::values::{CSeq, Contacts, NameAddr, delta_seconds};
use sip::{
    ConnectionId, Flow, HeaderName, Host, Message, NextHop, StatusCode, Transport, Uri, UriBuf,
};

use crate::auth::Proof;
use crate::bindings::{Binding, CONTACTS_MAX, CONTACTS_PER_ACCOUNT_MAX, merge};
use crate::screen::unknown_extensions;
use crate::shield::Offence;
use crate::timer::Timer;
use crate::turn::{Incoming, Turn};
use crate::{Output, Party, Proxy};

/// Shortest time of a binding; less is answered with 423.
pub const EXPIRES_MIN: Duration = Duration::from_secs(60);
/// Longest time of a binding; more is shortened.
pub const EXPIRES_MAX: Duration = Duration::from_secs(7200);
/// Time of a binding whose phone asks for none.
pub const EXPIRES_DEFAULT: Duration = Duration::from_secs(3600);

/// Extensions that a REGISTER may require.
const KNOWN_EXTENSIONS: &[&str] = &["path", "outbound"];

/// Why a REGISTER is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// 400 with a reason.
    Malformed(&'static str),
    /// The time is too short.
    TooBrief,
    /// An older request than the one that made the binding (§10.3 item 7).
    OutOfOrder,
    /// Too many contacts.
    Full,
}

/// What a REGISTER asks for.
enum Change {
    /// Nothing: it only asks which contacts there are.
    Ask,
    RemoveAll,
    /// Contacts to add, or with no time, to remove.
    Contacts(Vec<(Binding, Duration)>),
}

impl Proxy {
    /// Takes a REGISTER whose Request-URI is our domain.
    pub(crate) fn register(&mut self, turn: &mut Turn<'_>, incoming: &Incoming) {
        let request = &incoming.message;
        if unknown_extensions(request, HeaderName::Require, KNOWN_EXTENSIONS).next().is_some() {
            self.refuse_extensions(turn, incoming, HeaderName::Require, KNOWN_EXTENSIONS);
            return;
        }
        let name = match self.proof(turn.now, Role::Server, request, &incoming.flow) {
            Proof::Account(name) => name,
            Proof::Missing => {
                if !self.names_account(request) {
                    // It is challenged all the same, so that nobody learns which accounts there are.
                    self.offence(turn.now, &incoming.flow, Offence::NoAccount);
                }
                return self.challenge(turn, incoming, Role::Server, false);
            }
            Proof::Stale => return self.challenge(turn, incoming, Role::Server, true),
            Proof::Refused => return self.turn_away(turn, incoming, Offence::Password),
        };
        // One account cannot register for another (§10.3 item 4).
        if !self.is_address_of_record(turn, request, &name) {
            return self.answer(turn, incoming, StatusCode(403));
        }
        // A Path that the phone does not know of would be used behind its back (RFC 3327 §5.3).
        if request.header(HeaderName::Path).is_some() && !supports(request, "path") {
            self.answer_with(turn, incoming, StatusCode(420), |response| {
                response.push(HeaderName::Unsupported, "path");
            });
            return;
        }
        let was_empty = self.bindings.of(&name).is_empty();
        match self
            .change_of(turn.now, incoming, &name)
            .and_then(|change| self.apply(turn.now, &name, change))
        {
            Ok(()) => self.registered(turn, incoming, &name, was_empty),
            Err(Refusal::Malformed(what)) => {
                self.answer_with(turn, incoming, StatusCode(400), |r| r.set_reason(what));
            }
            Err(Refusal::TooBrief) => {
                self.answer_with(turn, incoming, StatusCode(423), |response| {
                    response.push(HeaderName::MinExpires, EXPIRES_MIN.as_secs());
                });
            }
            // §10.3 item 7: the update fails as a whole.
            Err(Refusal::OutOfOrder) => self.answer(turn, incoming, StatusCode(500)),
            Err(Refusal::Full) => self.answer(turn, incoming, StatusCode(503)),
        }
    }

    fn names_account(&self, request: &Message) -> bool {
        let to = request.header(HeaderName::To).and_then(|to| NameAddr::parse(to).ok());
        let user = to.as_ref().and_then(|to| to.uri.user_unescaped());
        user.is_some_and(|user| self.directory.account(&user).is_some())
    }

    /// The account's bindings may have come to their end.
    pub(crate) fn expire_bindings(&mut self, now: Now, account: &Arc<str>) {
        let was_empty = self.bindings.of(account).is_empty();
        self.bindings.remove_where(account, |binding| binding.expires <= now.mono);
        self.bindings_changed(account, was_empty);
    }

    /// A connection is gone, and the bindings over it with it (RFC 5626 §6).
    pub(crate) fn connection_lost(&mut self, now: Now, connection: ConnectionId) {
        for account in self.bindings.over(connection) {
            let is_over = |binding: &Binding| matches!(&binding.hop, NextHop::Flow(flow) if flow.connection == Some(connection));
            self.bindings.remove_where(&account, is_over);
            self.bindings_changed(&account, false);
            self.keep_bindings(now, &account);
        }
    }

    fn registered(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming,
        account: &Arc<str>,
        was_empty: bool,
    ) {
        self.bindings_changed(account, was_empty);
        self.keep_bindings(turn.now, account);
        let mut response = Message::response(&incoming.message, StatusCode(200));
        response.set_to_tag(&self.entropy.token());
        for binding in self.bindings.of(account) {
            response.push(HeaderName::Contact, contact_value(binding, turn.now.mono));
        }
        response.copy_from(&incoming.message, HeaderName::Path);
        if uses_outbound(incoming) {
            response.push(HeaderName::Require, "outbound");
            response.push(HeaderName::Supported, "path, outbound");
        } else {
            response.push(HeaderName::Supported, "path");
        }
        turn.endpoint.respond(turn.now, incoming.tx, response);
    }

    /// Arms the timer of the account's next expiry, and tells whether an agent came or went.
    pub(crate) fn bindings_changed(&mut self, account: &Arc<str>, was_empty: bool) {
        let timer = Timer::Bindings(account.clone());
        match self.bindings.next_expiry(account) {
            Some(at) => self.timers.arm(timer, at),
            None => {
                self.timers.disarm(&timer);
            }
        }
        let is_empty = self.bindings.of(account).is_empty();
        let Some(Party::Agent(agent)) = self.directory.account(account).map(|a| a.party.clone())
        else {
            return;
        };
        match (was_empty, is_empty) {
            (true, false) => self.outputs.push_back(Output::Reachable(agent)),
            (false, true) => self.outputs.push_back(Output::Unreachable(agent)),
            (true, true) | (false, false) => {}
        }
    }

    /// To names the account (§10.3 item 3), at our domain.
    fn is_address_of_record(&self, turn: &Turn<'_>, request: &Message, account: &str) -> bool {
        let Some(Ok(to)) = request.header(HeaderName::To).map(NameAddr::parse) else {
            return false;
        };
        to.uri.user_unescaped().is_some_and(|user| user == account)
            && self.is_our_domain(turn, &to.uri)
    }

    fn change_of(&self, now: Now, incoming: &Incoming, account: &str) -> Result<Change, Refusal> {
        let request = &incoming.message;
        // A malformed time is read as the default (§10.2.1.1).
        let expires = request
            .header(HeaderName::Expires)
            .map(|text| delta_seconds(text).unwrap_or(EXPIRES_DEFAULT.as_secs() as u32));
        let list = match Contacts::of(request) {
            Ok(Contacts::List(list)) if list.is_empty() => return Ok(Change::Ask),
            Ok(Contacts::List(list)) => list,
            Ok(Contacts::All) if expires == Some(0) => return Ok(Change::RemoveAll),
            // §10.3 item 6.
            Ok(Contacts::All) => return Err(Refusal::Malformed("Contact: * needs Expires: 0")),
            Err(_) => return Err(Refusal::Malformed("malformed Contact")),
        };
        if list.len() > CONTACTS_PER_ACCOUNT_MAX {
            return Err(Refusal::Full);
        }
        let cseq = request
            .header(HeaderName::CSeq)
            .and_then(|text| CSeq::parse(text).ok())
            .ok_or(Refusal::Malformed("malformed CSeq"))?
            .number;
        let mut contacts = Vec::with_capacity(list.len());
        let known = self.directory.account(account);
        let password = known.map_or_else(|| "".into(), |account| account.password.clone());
        for contact in list {
            let seconds = contact
                .expires()
                .or(expires)
                .map_or(EXPIRES_DEFAULT, |s| Duration::from_secs(s.into()));
            if !seconds.is_zero() && seconds < EXPIRES_MIN {
                return Err(Refusal::TooBrief);
            }
            let lifetime = seconds.min(EXPIRES_MAX);
            let expires = now.mono + lifetime;
            let binding = binding_of(incoming, &contact, cseq, expires, password.clone())?;
            contacts.push((binding, lifetime));
        }
        Ok(Change::Contacts(contacts))
    }

    /// Makes the change as a whole or not at all (§10.3 item 7).
    fn apply(&mut self, now: Now, account: &Arc<str>, change: Change) -> Result<(), Refusal> {
        let mut bindings: Vec<Binding> = self.bindings.of(account).to_vec();
        bindings.reverse(); // into the order of arrival, as `replace` wants it
        bindings.retain(|binding| binding.expires > now.mono);
        let before = bindings.len();
        match change {
            Change::Ask => return Ok(()),
            Change::RemoveAll => bindings.clear(),
            Change::Contacts(contacts) => {
                for (binding, lifetime) in contacts {
                    let is_late = |known: &Binding| {
                        known.is_same_phone(&binding)
                            && known.call_id == binding.call_id
                            && known.cseq >= binding.cseq
                    };
                    if bindings.iter().any(is_late) {
                        return Err(Refusal::OutOfOrder);
                    }
                    if lifetime.is_zero() {
                        bindings.retain(|known| !known.is_same_phone(&binding));
                    } else {
                        merge(&mut bindings, binding);
                    }
                }
            }
        }
        if bindings.len() > before && self.bindings.len() - before + bindings.len() > CONTACTS_MAX {
            return Err(Refusal::Full);
        }
        self.bindings.replace(account, bindings);
        Ok(())
    }
}

fn binding_of(
    incoming: &Incoming,
    contact: &NameAddr<'_>,
    cseq: u32,
    expires: Mono,
    password: Secret,
) -> Result<Binding, Refusal> {
    let Incoming { message: request, flow, .. } = incoming;
    let uri =
        UriBuf::parse(contact.uri.text).map_err(|_| Refusal::Malformed("malformed Contact"))?;
    if contact.uri.scheme == Scheme::Sips && !flow.transport.is_secure() {
        // Nothing could ever be sent to it (RFC 3261 §26.2.2).
        return Err(Refusal::Malformed("a sips Contact needs TLS"));
    }
    let path: Vec<Box<str>> = request.elements(HeaderName::Path).map(Box::from).collect();
    let hop = match path.first() {
        Some(first) => {
            let first = NameAddr::parse(first).map_err(|_| Refusal::Malformed("malformed Path"))?;
            let uri = UriBuf::parse(first.uri.text);
            NextHop::Uri(uri.map_err(|_| Refusal::Malformed("malformed Path"))?)
        }
        None => hop_of_contact(request, &contact.uri, flow)
            .ok_or(Refusal::Malformed("malformed Contact"))?,
    };
    Ok(Binding {
        q: contact.q(),
        password,
        expires,
        call_id: request.call_id().into(),
        cseq,
        path,
        hop,
        source: SocketAddr::new(flow.remote.ip().to_canonical(), flow.remote.port()),
        instance: contact.params.get("+sip.instance").map(Box::from),
        reg_id: contact.params.get("reg-id").and_then(|text| text.parse().ok()),
        contact: uri,
    })
}

/// Where requests to a contact go: back over the flow of its registration, if that is a connection
/// or comes from another address than the contact names (RFC 5626 §5.3, a NAT); else to the contact.
fn hop_of_contact(request: &Message, contact: &Uri<'_>, flow: &Flow) -> Option<NextHop> {
    let came_directly = request.elements(HeaderName::Via).nth(1).is_none();
    let is_elsewhere = match contact.host {
        Host::Address(address) => address != flow.remote.ip(),
        Host::Name(_) => false,
    };
    if came_directly && (flow.transport != Transport::Udp || is_elsewhere) {
        return Some(NextHop::Flow(flow.clone()));
    }
    UriBuf::parse(contact.text).ok().map(NextHop::Uri)
}

/// A contact as the answer lists it: with the time that is left (§10.3 item 8).
fn contact_value(binding: &Binding, now: Mono) -> String {
    let left = binding.expires.since(now).as_secs();
    let mut value = format!("<{}>;expires={left}", binding.contact);
    if binding.q < 1000 {
        let _ = write!(value, ";q=0.{:03}", binding.q);
    }
    if let Some(instance) = &binding.instance {
        let _ = write!(value, ";+sip.instance=\"{instance}\"");
    }
    if let Some(reg_id) = binding.reg_id {
        let _ = write!(value, ";reg-id={reg_id}");
    }
    value
}

fn supports(request: &Message, tag: &str) -> bool {
    request.elements(HeaderName::Supported).any(|known| known.eq_ignore_ascii_case(tag))
}

/// RFC 5626 §6: the phone keeps a flow and numbers it. Over UDP it would ask for STUN answers, which
/// we do not give, so there it keeps its binding alive in its own way.
fn uses_outbound(incoming: &Incoming) -> bool {
    let request = &incoming.message;
    incoming.flow.transport.is_reliable()
        && supports(request, "outbound")
        && request.elements(HeaderName::Contact).any(|contact| contact.contains("reg-id"))
}
