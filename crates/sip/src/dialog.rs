//! Dialogs (RFC 3261 §12): the peer-to-peer relation that an INVITE makes.
//!
//! A forked INVITE may make several: one [`Dialog`] for each To tag that answers.

use crate::values::{CSeq, NameAddr};
use crate::{HeaderName, Message, Method, StatusCode, UriBuf};

/// What identifies a dialog at our side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId {
    /// The Call-ID.
    pub call_id: Box<str>,
    /// Our tag.
    pub local_tag: Box<str>,
    /// The peer's tag; empty for an RFC 2543 peer that sets none.
    pub remote_tag: Box<str>,
}

/// A dialog's state.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// The identity.
    pub id: DialogId,
    /// Our From or To with its tag, as it stands in our requests' From.
    pub local: Box<str>,
    /// The peer's From or To with its tag, as it stands in our requests' To.
    pub remote: Box<str>,
    /// The peer's Contact.
    pub remote_target: UriBuf,
    /// Routes of our requests, in order.
    pub route_set: Vec<Box<str>>,
    /// CSeq of our last request.
    pub local_seq: u32,
    /// CSeq of the peer's last request, if it sent one.
    pub remote_seq: Option<u32>,
}

/// Longest route set that a dialog keeps.
pub const ROUTES_MAX: usize = 32;

impl DialogId {
    /// The dialog that a received request belongs to; `None` if it is outside dialogs.
    #[must_use]
    pub fn of_request(request: &Message) -> Option<DialogId> {
        let remote_tag = request.from_tag().unwrap_or_default().into();
        let local_tag = request.to_tag()?.into();
        Some(DialogId { call_id: request.call_id().into(), local_tag, remote_tag })
    }

    /// The dialog that a received response belongs to or makes; `None` if it has no To tag.
    #[must_use]
    pub fn of_response(response: &Message) -> Option<DialogId> {
        let local_tag = response.from_tag().unwrap_or_default().into();
        let remote_tag = response.to_tag()?.into();
        Some(DialogId { call_id: response.call_id().into(), local_tag, remote_tag })
    }
}

impl Dialog {
    /// The dialog that our response with `local_tag` to this INVITE makes (RFC 3261 §12.1.1).
    ///
    /// # Errors
    /// 400 with a reason, if From, Contact or Record-Route cannot be used.
    pub fn uas(invite: &Message, local_tag: &str) -> Result<Dialog, (StatusCode, &'static str)> {
        let bad = |reason| (StatusCode(400), reason);
        let from = invite.header(HeaderName::From).ok_or(bad("Missing From"))?;
        NameAddr::parse(from).map_err(|_| bad("Malformed From"))?;
        let to = invite.header(HeaderName::To).ok_or(bad("Missing To"))?;
        let remote_target = match contact(invite) {
            Contact::Usable(uri) => uri,
            Contact::Missing => return Err(bad("Missing Contact")),
            Contact::Unusable => return Err(bad("Malformed Contact")),
        };
        let route_set = record_routes(invite).ok_or(bad("Malformed Record-Route"))?;
        let seq = cseq(invite).ok_or(bad("Malformed CSeq"))?;
        Ok(Dialog {
            id: DialogId {
                call_id: invite.call_id().into(),
                local_tag: local_tag.into(),
                remote_tag: invite.from_tag().unwrap_or_default().into(),
            },
            local: with_tag(to, invite.to_tag(), local_tag),
            remote: from.into(),
            remote_target,
            route_set,
            local_seq: 0,
            remote_seq: Some(seq),
        })
    }

    /// The dialog that a response with a To tag to our INVITE makes (RFC 3261 §12.1.2). A provisional
    /// response without Contact, which some gateways send, leaves the INVITE's Request-URI as the
    /// target until the 2xx.
    ///
    /// # Errors
    /// If To tag, Contact or Record-Route cannot be used.
    pub fn uac(invite: &Message, response: &Message) -> Result<Dialog, &'static str> {
        let id = DialogId::of_response(response).ok_or("no To tag")?;
        let from = invite.header(HeaderName::From).ok_or("no From")?;
        let to = response.header(HeaderName::To).ok_or("no To")?;
        let is_early = response.status().is_some_and(StatusCode::is_provisional);
        let remote_target = match contact(response) {
            Contact::Usable(uri) => uri,
            Contact::Missing if is_early => {
                UriBuf::parse(invite.request_uri()).map_err(|_| "malformed Request-URI")?
            }
            Contact::Missing => return Err("no Contact"),
            Contact::Unusable => return Err("malformed Contact"),
        };
        let mut route_set = record_routes(response).ok_or("malformed Record-Route")?;
        route_set.reverse();
        Ok(Dialog {
            id,
            local: from.into(),
            remote: to.into(),
            remote_target,
            route_set,
            local_seq: cseq(invite).ok_or("malformed CSeq")?,
            remote_seq: None,
        })
    }

    /// The 2xx to the INVITE that made this early dialog: its route set and target replace those of
    /// the provisional response (RFC 3261 §13.2.2.4).
    ///
    /// # Errors
    /// If Contact or Record-Route cannot be used; the dialog stays as it was.
    pub fn confirm(&mut self, response: &Message) -> Result<(), &'static str> {
        let Contact::Usable(remote_target) = contact(response) else {
            return Err("no usable Contact");
        };
        let mut route_set = record_routes(response).ok_or("malformed Record-Route")?;
        route_set.reverse();
        self.remote_target = remote_target;
        self.route_set = route_set;
        Ok(())
    }

    /// A request in this dialog with the next CSeq, and From, To, Call-ID and Route set (RFC 3261
    /// §12.2.1.1). The next hop is [`Dialog::next_hop`]. For the ACK to a 2xx there is
    /// [`Dialog::ack`].
    #[must_use]
    pub fn request(&mut self, method: Method) -> Message {
        // A dialog never lives for 2^31 requests (RFC 3261 §8.1.1.5); wrapping is better than a panic.
        self.local_seq = self.local_seq.wrapping_add(1) & 0x7fff_ffff;
        self.build(method, self.local_seq)
    }

    /// The ACK to a 2xx of the INVITE with CSeq `seq` (RFC 3261 §13.2.2.4).
    #[must_use]
    pub fn ack(&self, seq: u32) -> Message {
        self.build(Method::Ack, seq)
    }

    /// Where requests go: the first Route, or the remote target (RFC 3261 §12.2.1.1). For a strict
    /// router that is also the Request-URI.
    #[must_use]
    pub fn next_hop(&self) -> UriBuf {
        match self.first_route() {
            Some(route) => route.uri,
            None => self.remote_target.clone(),
        }
    }

    /// Takes a request of the peer into account: CSeq order and target refresh.
    ///
    /// # Errors
    /// 500 if the CSeq is lower than one seen before (RFC 3261 §12.2.2); 400 if it cannot be read.
    pub fn accept(&mut self, request: &Message) -> Result<(), StatusCode> {
        let seq = cseq(request).ok_or(StatusCode(400))?;
        match request.method() {
            // They carry the number of their INVITE (§12.2.2, §9.1, §17.1.1.3).
            Method::Ack | Method::Cancel => return Ok(()),
            _ if self.remote_seq.is_some_and(|last| seq < last) => return Err(StatusCode(500)),
            _ => self.remote_seq = Some(seq),
        }
        self.refresh_by(request, request.method());
        Ok(())
    }

    /// Takes a 2xx to our target refresh request into account: new remote target (RFC 3261
    /// §12.2.1.2).
    pub fn refresh(&mut self, response: &Message) {
        if response.status().is_some_and(StatusCode::is_success) {
            self.refresh_by(response, response.method());
        }
    }

    fn refresh_by(&mut self, message: &Message, method: &Method) {
        if !is_target_refresh(method) {
            return;
        }
        if let Contact::Usable(target) = contact(message) {
            self.remote_target = target;
        }
    }

    fn build(&self, method: Method, seq: u32) -> Message {
        let name = method.as_str().to_owned();
        let strict = self.first_route().filter(|route| !route.is_loose);
        let mut message = match &strict {
            Some(route) => Message::request(method, &for_request_line(&route.uri)),
            None => Message::request(method, self.remote_target.as_str()),
        };
        for route in self.route_set.iter().skip(usize::from(strict.is_some())) {
            message.push(HeaderName::Route, route);
        }
        if strict.is_some() {
            message.push(HeaderName::Route, format_args!("<{}>", self.remote_target));
        }
        message.push(HeaderName::From, &self.local);
        message.push(HeaderName::To, &self.remote);
        message.push(HeaderName::CallId, &self.id.call_id);
        message.push(HeaderName::CSeq, format_args!("{seq} {name}"));
        message
    }

    fn first_route(&self) -> Option<FirstRoute> {
        let route = NameAddr::parse(self.route_set.first()?).ok()?;
        let is_loose = route.uri.params.get("lr").is_some();
        Some(FirstRoute { uri: UriBuf::parse(route.uri.text).ok()?, is_loose })
    }
}

struct FirstRoute {
    uri: UriBuf,
    /// It has `lr`, so it leaves the Request-URI alone (RFC 3261 §16.12.1.1).
    is_loose: bool,
}

enum Contact {
    Missing,
    Unusable,
    Usable(UriBuf),
}

fn contact(message: &Message) -> Contact {
    let Some(text) = message.elements(HeaderName::Contact).next() else {
        return Contact::Missing;
    };
    match NameAddr::parse(text).map(|contact| UriBuf::parse(contact.uri.text)) {
        Ok(Ok(uri)) => Contact::Usable(uri),
        Ok(Err(_)) | Err(_) => Contact::Unusable,
    }
}

/// Record-Route from top to bottom; `None` if one cannot be read or there are too many.
fn record_routes(message: &Message) -> Option<Vec<Box<str>>> {
    let mut routes = Vec::new();
    for text in message.elements(HeaderName::RecordRoute) {
        if routes.len() == ROUTES_MAX || NameAddr::parse(text).is_err() {
            return None;
        }
        routes.push(text.into());
    }
    Some(routes)
}

fn cseq(message: &Message) -> Option<u32> {
    Some(CSeq::parse(message.header(HeaderName::CSeq)?).ok()?.number)
}

fn with_tag(to: &str, present: Option<&str>, tag: &str) -> Box<str> {
    match present {
        Some(_) => to.into(),
        None => format!("{to};tag={tag}").into(),
    }
}

/// Methods whose Contact moves the peer's target (RFC 3261 §12.2, RFC 3311 §5, RFC 6665 §4.1.2).
fn is_target_refresh(method: &Method) -> bool {
    matches!(
        method,
        Method::Invite | Method::Update | Method::Subscribe | Method::Notify | Method::Refer
    )
}

/// A Request-URI may hold neither headers nor the `method` parameter (RFC 3261 §19.1.1).
fn for_request_line(uri: &UriBuf) -> String {
    let text = uri.as_str().split('?').next().unwrap_or_default();
    text.split(';')
        .filter(|part| !part.get(..7).is_some_and(|p| p.eq_ignore_ascii_case("method=")))
        .collect::<Vec<_>>()
        .join(";")
}
