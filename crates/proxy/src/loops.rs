//! Loop detection by a mark in our Via branches (RFC 3261 §16.3 item 4, RFC 5393 §4.2).

use std::hash::Hasher;

use sip::values::Via;
use sip::{Endpoint, HeaderName, Message};
use siphasher::sip::SipHasher24;

/// Key of the marks, so that nobody else can make one.
pub(crate) type Key = (u64, u64);

/// A hash of everything that decides where we send a request: the same request that comes again
/// with the same mark would be sent the same way again.
pub(crate) fn mark(request: &Message, key: Key) -> u64 {
    let mut hash = SipHasher24::new_with_keys(key.0, key.1);
    let mut add = |text: &str| {
        hash.write(text.as_bytes());
        hash.write_u8(0);
    };
    add(request.request_uri());
    add(request.call_id());
    add(request.from_tag().unwrap_or_default());
    add(request.to_tag().unwrap_or_default());
    // Outside dialogs the number decides where a request goes and Route is dropped, also the one to
    // us that a phone with an outbound proxy writes: with it the mark would be another next time.
    if request.to_tag().is_some() {
        request.headers(HeaderName::Route).for_each(&mut add);
    }
    for name in [HeaderName::CSeq, HeaderName::ProxyRequire, HeaderName::ProxyAuthorization] {
        for value in request.headers(name) {
            add(value);
        }
    }
    hash.finish()
}

/// Whether a request was here before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    /// It was not.
    New,
    /// It was, and comes back with another target.
    Spiral,
    /// It was, and would be sent the same way again.
    Loop,
}

/// Looks for our own Vias.
pub(crate) fn path_of(endpoint: &Endpoint, request: &Message, key: Key) -> Path {
    let mut own = None;
    let mut path = Path::New;
    for text in request.elements(HeaderName::Via).skip(1) {
        let Ok(via) = Via::parse(text) else { continue };
        let Some(found) = via.branch().and_then(mark_in) else { continue };
        if !endpoint.is_us(via.host, via.port) {
            continue;
        }
        if found == *own.get_or_insert_with(|| mark(request, key)) {
            return Path::Loop;
        }
        path = Path::Spiral;
    }
    path
}

fn mark_in(branch: &str) -> Option<u64> {
    let (_, mark) = branch.rsplit_once('.')?;
    (mark.len() == 16).then(|| u64::from_str_radix(mark, 16).ok())?
}
