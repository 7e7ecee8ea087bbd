//! Writes offers and answers.

use std::fmt::Write;
use std::net::SocketAddr;

use super::fingerprint::Setup;
use super::security::OFFERED;
use super::{Chosen, Codec, Description, Direction, Protection, Security, Srtp, crypto, ice};

/// The payload type of telephone-event in our offers, which every phone expects there.
const TELEPHONE_EVENT: u8 = 101;

/// An offer of both laws (the preferred one first) and telephone-event 101. `session` numbers `o=`
/// (id, version); the version rises with every change (RFC 3264 §8). `None` if it must be protected
/// and there is no way to it.
#[must_use]
pub fn offer(
    local: SocketAddr,
    prefer: Codec,
    direction: Direction,
    session: (u64, u64),
    security: &Security,
) -> Option<Vec<u8>> {
    let codecs = match prefer {
        Codec::Pcma => [Codec::Pcma, Codec::Pcmu],
        Codec::Pcmu => [Codec::Pcmu, Codec::Pcma],
    };
    let codecs = codecs.map(|codec| (codec, codec.payload_type()));
    let mut text = head(local, session);
    if security.ice.is_some() {
        ice::write_offer_head(&mut text);
    }
    let line = (security.profile()?, local.port());
    audio_line(&mut text, line, &codecs, Some(TELEPHONE_EVENT), direction);
    offer_security(&mut text, security);
    if let Some(ours) = &security.ice {
        ice::write(&mut text, ours, local, Some("0"));
    }
    Some(text.into_bytes())
}

/// The answer with the chosen format in the place of the used line.
pub(super) fn answer(
    offer: &Description,
    chosen: &Chosen,
    local: SocketAddr,
    session: (u64, u64),
    security: &Security,
) -> Vec<u8> {
    let mut text = head(local, session);
    if chosen.ice.is_some() {
        ice::write_answer_head(&mut text, offer);
    }
    for (index, line) in offer.lines.iter().enumerate() {
        if index == offer.used {
            let codecs = [chosen.codec];
            let event = chosen.telephone_event;
            let profile = (&*line.proto, local.port());
            audio_line(&mut text, profile, &codecs, event, chosen.direction);
            answer_security(&mut text, offer, chosen, security);
            if let Some(ours) = &chosen.ice {
                ice::write(&mut text, ours, local, line.mid.as_deref());
            }
        } else {
            let _ = write!(text, "m={} 0 {} {}\r\n", line.media, line.proto, line.formats);
            if chosen.ice.is_some() {
                ice::write_mid(&mut text, line.mid.as_deref());
            }
        }
    }
    text.into_bytes()
}

fn head(local: SocketAddr, (id, version): (u64, u64)) -> String {
    let address = local.ip();
    let family = if address.is_ipv4() { "IP4" } else { "IP6" };
    format!(
        "v=0\r\no=- {id} {version} IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\n\
         t=0 0\r\n"
    )
}

/// All ways that we know; the answer takes one (RFC 8643 §3.1).
fn offer_security(text: &mut String, security: &Security) {
    if security.srtp == Srtp::Off && security.ice.is_none() {
        return;
    }
    if let Some(keys) = &security.keys {
        for (tag, suite) in OFFERED {
            crypto::write(text, tag, &keys.of(suite));
        }
    }
    if let Some(fingerprint) = &security.fingerprint {
        let setup = Setup::ActPass.name();
        let _ = write!(text, "a=fingerprint:{fingerprint}\r\na=setup:{setup}\r\na=rtcp-mux\r\n");
    }
}

/// The way that was chosen.
fn answer_security(text: &mut String, offer: &Description, chosen: &Chosen, security: &Security) {
    if chosen.rtcp_mux {
        text.push_str("a=rtcp-mux\r\n");
    }
    match (chosen.protection, &security.fingerprint) {
        (Protection::Sdes(keys), _) => {
            let taken = offer.audio.crypto.iter().find(|line| line.key == keys.remote);
            if let Some(line) = taken {
                crypto::write(text, line.tag, &keys.local);
            }
        }
        (Protection::Dtls { begin, .. }, Some(fingerprint)) => {
            let setup = if begin { Setup::Active } else { Setup::Passive };
            let setup = setup.name();
            let _ = write!(text, "a=fingerprint:{fingerprint}\r\na=setup:{setup}\r\n");
        }
        (Protection::Dtls { .. }, None) | (Protection::Open, _) => {}
    }
}

/// Writing to a string cannot fail.
fn audio_line(
    text: &mut String,
    (profile, port): (&str, u16),
    codecs: &[(Codec, u8)],
    event: Option<u8>,
    direction: Direction,
) {
    let _ = write!(text, "m=audio {port} {profile}");
    for payload_type in codecs.iter().map(|(_, payload_type)| *payload_type).chain(event) {
        let _ = write!(text, " {payload_type}");
    }
    text.push_str("\r\n");
    for (codec, payload_type) in codecs {
        let _ = write!(text, "a=rtpmap:{payload_type} {}/8000\r\n", codec.name());
    }
    if let Some(event) = event {
        let _ = write!(text, "a=rtpmap:{event} telephone-event/8000\r\na=fmtp:{event} 0-15\r\n");
    }
    let _ = write!(text, "a=ptime:20\r\na={}\r\n", direction.name());
}
