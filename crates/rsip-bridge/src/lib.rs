//! Messages as [`rsip`] has them, for code that speaks that vocabulary.
//!
//! The way leads out only: rsip misreads much of what arrives from a network (IPv6, folded lines,
//! users with dots, two Vias in a line), so nothing is parsed by it. What its types cannot hold is
//! refused rather than bent.

use std::net::IpAddr;

use rsip::headers::header::Tokenizer;
use rsip::{Auth, Domain, HostWithPort, Param};
use sip::uri::Scheme;
use sip::values::Elements;
use sip::{HeaderName, Host, Message, Method, StatusCode, Uri};

/// Why rsip's types cannot hold a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInRsip {
    /// Its methods are a closed list.
    #[error("rsip has no such method")]
    Method,
    /// Its URIs have no `tel:`, no IPv6 host and no headers.
    #[error("rsip has no such URI")]
    Uri,
}

/// The message in rsip's types. Each header has its full name, an unfolded value, and, for Via,
/// Route, Record-Route and Contact, one element. A known status loses its own reason phrase.
///
/// # Errors
/// If rsip has no place for the method or for the Request-URI.
pub fn to_rsip(message: &Message) -> Result<rsip::SipMessage, NotInRsip> {
    let headers = rsip::Headers::from(headers(message));
    let (version, body) = (rsip::Version::V2, message.body().to_vec());
    let Some(StatusCode(code)) = message.status() else {
        let method = method(message.method())?;
        let uri = Uri::parse(message.request_uri()).map_err(|_| NotInRsip::Uri)?;
        let uri = to_uri(&uri)?;
        return Ok(rsip::Request { method, uri, version, headers, body }.into());
    };
    let status_code = match rsip::StatusCode::from(code) {
        rsip::StatusCode::Other(code, _) => {
            rsip::StatusCode::Other(code, message.reason().to_owned())
        }
        known => known,
    };
    Ok(rsip::Response { status_code, version, headers, body }.into())
}

fn headers(message: &Message) -> Vec<rsip::Header> {
    let mut headers = Vec::new();
    let mut push = |name: &str, value: &str| {
        let header = Tokenizer::from((name.as_bytes(), value.as_bytes()));
        // It fails only for text that is not UTF-8.
        headers.extend(TryInto::<rsip::Header>::try_into(header));
    };
    for (written, value) in message.header_lines() {
        let name = HeaderName::from_bytes(written.as_bytes());
        match name {
            HeaderName::Other => push(written, value),
            HeaderName::Via | HeaderName::Route | HeaderName::RecordRoute | HeaderName::Contact => {
                for element in Elements::new(value) {
                    push(name.as_str(), element);
                }
            }
            _ => push(name.as_str(), value),
        }
    }
    headers
}

fn method(method: &Method) -> Result<rsip::Method, NotInRsip> {
    Ok(match method {
        Method::Invite => rsip::Method::Invite,
        Method::Ack => rsip::Method::Ack,
        Method::Bye => rsip::Method::Bye,
        Method::Cancel => rsip::Method::Cancel,
        Method::Register => rsip::Method::Register,
        Method::Options => rsip::Method::Options,
        Method::Prack => rsip::Method::PRack,
        Method::Update => rsip::Method::Update,
        Method::Info => rsip::Method::Info,
        Method::Refer => rsip::Method::Refer,
        Method::Notify => rsip::Method::Notify,
        Method::Subscribe => rsip::Method::Subscribe,
        Method::Message => rsip::Method::Message,
        Method::Publish => rsip::Method::Publish,
        Method::Other(_) => return Err(NotInRsip::Method),
    })
}

fn to_uri(uri: &Uri<'_>) -> Result<rsip::Uri, NotInRsip> {
    let scheme = match uri.scheme {
        Scheme::Sip => rsip::Scheme::Sip,
        Scheme::Sips => rsip::Scheme::Sips,
        Scheme::Tel | Scheme::Other(_) => return Err(NotInRsip::Uri),
    };
    let host = match uri.host {
        Host::Name(name) => rsip::Host::Domain(Domain::from(name)),
        Host::Address(address @ IpAddr::V4(_)) => rsip::Host::IpAddr(address),
        // It would be printed without brackets.
        Host::Address(IpAddr::V6(_)) => return Err(NotInRsip::Uri),
    };
    if uri.headers.is_some() {
        return Err(NotInRsip::Uri);
    }
    Ok(rsip::Uri {
        scheme: Some(scheme),
        auth: uri.user.map(|user| Auth::from((user, uri.password))),
        host_with_port: HostWithPort { host, port: uri.port.map(Into::into) },
        params: uri.params.iter().map(|(name, value)| param(name, value)).collect(),
        headers: Vec::new(),
    })
}

/// rsip's own variants only where they print what they were made of.
fn param(name: &str, value: Option<&str>) -> Param {
    match (name, value) {
        ("lr", None) => Param::Lr,
        ("user", Some(user)) => Param::User(user.into()),
        ("maddr", Some(address)) => Param::Maddr(address.into()),
        _ => Param::Other(name.into(), value.map(Into::into)),
    }
}
