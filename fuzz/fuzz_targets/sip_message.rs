//! Any datagram: no panic; what is sent on is read alike again.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sip::message::HEADERS_MAX;
use sip::values::{
    AuthParams, CSeq, Contacts, Diversion, Event, HistoryEntry, NameAddr, RAck, Reason, Replaces,
    SessionExpires, SubscriptionState, Via,
};
use sip::{HeaderName, Message, StatusCode, Uri};

fuzz_target!(|data: &[u8]| {
    let message = match Message::parse(Bytes::copy_from_slice(data)) {
        // One more line than the ceiling may come out of the one with Content-Length added.
        Ok(message) if message.header_lines().count() == HEADERS_MAX => message,
        Ok(message) => {
            let again = Message::parse(message.to_bytes()).expect("what we send can be read");
            assert!(
                message
                    .header_lines()
                    .eq(again.header_lines().take(message.header_lines().count()))
            );
            assert_eq!(message.body(), again.body());
            message
        }
        Err(error) => match error.salvaged {
            Some(salvaged) => *salvaged,
            None => return,
        },
    };
    read(&message);
    edit(message);
});

fn read(message: &Message) {
    let _ = (message.validate_request(), message.validate_response(), Contacts::of(message));
    let _ = (message.to_tag(), message.from_tag());
    if let Ok(uri) = Uri::parse(message.request_uri()) {
        assert!(uri.is_equivalent(&uri));
    }
    for (_, value) in message.header_lines() {
        if let Ok(address) = NameAddr::parse(value) {
            let _ = (address.q(), address.expires(), address.uri.header_fields().count());
        }
        if let Ok(entry) = HistoryEntry::parse(value) {
            let _ = (entry.left_cause(), entry.reached_cause());
        }
        if let Ok(auth) = AuthParams::parse(value) {
            let _ = auth.iter().count();
        }
        let _ = (Via::parse(value), CSeq::parse(value), RAck::parse(value), Reason::parse(value));
        let _ = (Replaces::parse(value), SessionExpires::parse(value), Diversion::parse(value));
        let _ = (Event::parse(value), SubscriptionState::parse(value));
    }
}

fn edit(mut message: Message) {
    let mut response = Message::response(&message, StatusCode(400));
    response.set_to_tag("fuzz");
    Message::parse(response.to_bytes()).expect("an answer can be read");
    let vias = message.elements(HeaderName::Via).count();
    message.push_top(HeaderName::Via, "SIP/2.0/UDP us;branch=z9hG4bKus");
    message.replace_top(HeaderName::Via, "SIP/2.0/UDP us;branch=z9hG4bKus;rport=1");
    message.pop_top(HeaderName::Via);
    assert_eq!(message.elements(HeaderName::Via).count(), vias);
    message.pop_top(HeaderName::Via);
    assert_eq!(message.elements(HeaderName::Via).count(), vias.saturating_sub(1));
}
