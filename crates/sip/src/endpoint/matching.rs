//! Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3).

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::values::{CSeq, Via};
use crate::{HeaderName, Host, Message, Method};

/// What begins every branch made by RFC 3261 (§8.1.1.7).
pub(super) const COOKIE: &str = "z9hG4bK";

/// The key by which a request finds its server transaction. An ACK and a CANCEL have the key of
/// their INVITE.
///
/// By RFC 3261 that is branch, sent-by and method. A branch without the cookie, or with nothing
/// after it, comes from an RFC 2543 sender; then it is all that §17.2.3 lists except the To tags,
/// which are compared by the caller. `None` if Via or CSeq cannot be read.
pub(super) fn server_key<'a>(message: &Message, key: &'a mut String) -> Option<&'a str> {
    key.clear();
    let text = message.elements(HeaderName::Via).next()?;
    let via = Via::parse(text).ok()?;
    let method = match message.method() {
        Method::Ack | Method::Cancel => Method::Invite.as_str(),
        method => method.as_str(),
    };
    let branch = via.params.get("branch").unwrap_or_default();
    if is_unique(branch) {
        let _ = write!(key, "{branch}\n{method}\n{}\n", via.port.unwrap_or(0));
        match via.host {
            Host::Address(address) => {
                let _ = write!(key, "{address}");
            }
            Host::Name(name) => key.extend(name.chars().map(|c| c.to_ascii_lowercase())),
        }
    } else {
        let number = CSeq::parse(message.header(HeaderName::CSeq)?).ok()?.number;
        let (uri, call_id) = (message.request_uri(), message.call_id());
        let from_tag = message.from_tag().unwrap_or_default();
        let _ = write!(key, "\n{method}\n{number}\n{uri}\n{call_id}\n{from_tag}\n{text}");
    }
    Some(key)
}

/// Whether the request comes from an RFC 2543 sender, so that To tags have to be compared as well.
pub(super) fn is_old_style(key: &str) -> bool {
    key.starts_with('\n')
}

/// What requests have in common that came on several paths from one sender (RFC 3261 §8.2.2.2), as a
/// keyed hash; `None` within a dialog.
pub(super) fn merge_key(message: &Message, secret: u64) -> Option<u64> {
    if message.to_tag().is_some() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    secret.hash(&mut hasher);
    message.call_id().hash(&mut hasher);
    message.from_tag().hash(&mut hasher);
    message.header(HeaderName::CSeq).hash(&mut hasher);
    Some(hasher.finish())
}

/// The To tag of answers given without state: the same for a request, its retransmissions and its
/// ACK (§8.2.7), not to be guessed by others.
pub(super) fn stateless_tag(message: &Message, secret: u64) -> String {
    let mut hasher = DefaultHasher::new();
    (secret, "tag").hash(&mut hasher);
    message.call_id().hash(&mut hasher);
    message.from_tag().hash(&mut hasher);
    format!("s{:016x}", hasher.finish())
}

/// Writes the key under which a response finds its client transaction: the branch, and whether it is
/// that of a CANCEL, which shares the branch of its INVITE (§9.1).
pub(super) fn client_key<'a>(branch: &str, is_cancel: bool, key: &'a mut String) -> &'a str {
    key.clear();
    key.push_str(branch);
    if is_cancel {
        key.push_str(" CANCEL");
    }
    key
}

fn is_unique(branch: &str) -> bool {
    branch.strip_prefix(COOKIE).is_some_and(|rest| !rest.is_empty())
}
