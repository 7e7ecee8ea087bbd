//! Writes offers and answers.

use std::fmt::Write;
use std::net::SocketAddr;

use super::{Chosen, Codec, Description, Direction};

/// The payload type of telephone-event in our offers, which every phone expects there.
const TELEPHONE_EVENT: u8 = 101;

/// An offer of both laws (the preferred one first) and telephone-event 101. `session` numbers `o=`
/// (id, version); the version rises with every change (RFC 3264 §8).
#[must_use]
pub fn offer(
    local: SocketAddr,
    prefer: Codec,
    direction: Direction,
    session: (u64, u64),
) -> Vec<u8> {
    let codecs = match prefer {
        Codec::Pcma => [Codec::Pcma, Codec::Pcmu],
        Codec::Pcmu => [Codec::Pcmu, Codec::Pcma],
    };
    let codecs = codecs.map(|codec| (codec, codec.payload_type()));
    let mut text = head(local, session);
    audio_line(&mut text, local.port(), &codecs, Some(TELEPHONE_EVENT), direction);
    text.into_bytes()
}

/// The answer with the chosen format in the place of the used line.
pub(super) fn answer(
    offer: &Description,
    chosen: &Chosen,
    local: SocketAddr,
    session: (u64, u64),
) -> Vec<u8> {
    let mut text = head(local, session);
    for (index, line) in offer.lines.iter().enumerate() {
        if index == offer.used {
            let codecs = [chosen.codec];
            let event = chosen.telephone_event;
            audio_line(&mut text, local.port(), &codecs, event, chosen.direction);
        } else {
            let _ = write!(text, "m={} 0 {} {}\r\n", line.media, line.proto, line.formats);
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

/// Writing to a string cannot fail.
fn audio_line(
    text: &mut String,
    port: u16,
    codecs: &[(Codec, u8)],
    event: Option<u8>,
    direction: Direction,
) {
    let _ = write!(text, "m=audio {port} RTP/AVP");
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
