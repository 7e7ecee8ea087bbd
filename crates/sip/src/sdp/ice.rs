//! ICE in a description (RFC 8839), as the lite agent that we are needs it: our name and password, our
//! one address, and whether the peer speaks ICE at all. Where the peer is, its checks tell the media
//! engine; what it says of its candidates is not looked at.

use std::fmt::{self, Write};
use std::net::SocketAddr;

use ambient::Entropy;
use sdp_types::{Media, Session};

use super::{Description, audio};

/// The characters of names and passwords (RFC 8839 §5.4).
const ICE_CHARS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The lengths that a name and a password may have (RFC 8839 §5.4).
const UFRAG_LENGTHS: std::ops::RangeInclusive<usize> = 4..=256;
const PASSWORD_LENGTHS: std::ops::RangeInclusive<usize> = 22..=256;
/// The priority of our only candidate: a host's, of the first component (RFC 8445 §5.1.2.1).
const PRIORITY: u32 = (126 << 24) | (65_535 << 8) | 255;
/// The stream that a browser gives our audio as, so that a page finds it with its track.
const MSID: &str = "line122 audio";

/// Our credentials for one session: what a check must know to be heard (RFC 8445 §5.3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ice {
    /// `a=ice-ufrag`, 48 random bits.
    pub ufrag: [u8; Ice::UFRAG],
    /// `a=ice-pwd`, 144 random bits.
    pub password: [u8; Ice::PASSWORD],
}

/// What a description says of its side's ICE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IceOffer {
    /// Its name; another one than before is an ICE restart (RFC 8839 §4.4.1.1.1).
    pub ufrag: Box<str>,
    /// It makes no checks itself, as we make none.
    pub lite: bool,
}

impl Ice {
    /// Characters of a name.
    pub const UFRAG: usize = 8;
    /// Characters of a password.
    pub const PASSWORD: usize = 24;

    /// Fresh ones. `entropy` must be of the operating system in a live program.
    #[must_use]
    pub fn generate(entropy: &mut Entropy) -> Ice {
        let letter = |octet: u8| ICE_CHARS[usize::from(octet & 63)];
        Ice { ufrag: entropy.bytes().map(letter), password: entropy.bytes().map(letter) }
    }
}

impl fmt::Debug for Ice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ice").field("ufrag", &text(&self.ufrag)).finish_non_exhaustive()
    }
}

impl IceOffer {
    /// Reads it from the media line or, as far as it does not stand there, from the session.
    pub(super) fn read(session: &Session, media: &Media) -> Option<IceOffer> {
        let value = |name| {
            let of_media = audio::values(&media.attributes, name).next();
            of_media.or_else(|| audio::values(&session.attributes, name).next()).map(str::trim)
        };
        let ufrag = value("ice-ufrag").filter(|ufrag| is_ice_text(ufrag, UFRAG_LENGTHS))?;
        value("ice-pwd").filter(|password| is_ice_text(password, PASSWORD_LENGTHS))?;
        let lite = audio::has(&session.attributes, "ice-lite");
        Some(IceOffer { ufrag: ufrag.into(), lite })
    }
}

/// The identification of a media line (RFC 5888 §4).
pub(super) fn mid(media: &Media) -> Option<&str> {
    let mid = audio::values(&media.attributes, "mid").next().map(str::trim)?;
    (!mid.is_empty() && !mid.contains(char::is_whitespace)).then_some(mid)
}

/// Whether the line of this identification may share its way with others (RFC 8843 §7).
pub(super) fn is_bundled(session: &Session, mid: &str) -> bool {
    audio::values(&session.attributes, "group").any(|group| {
        let mut words = group.split_ascii_whitespace();
        words.next() == Some("BUNDLE") && words.any(|word| word == mid)
    })
}

/// What an offer of ours says for the whole session.
pub(super) fn write_offer_head(text: &mut String) {
    text.push_str("a=ice-lite\r\na=group:BUNDLE 0\r\n");
}

/// The same for an answer, in which of the offered lines only the used one goes on.
pub(super) fn write_answer_head(text: &mut String, offer: &Description) {
    text.push_str("a=ice-lite\r\n");
    if let (Some(mid), true) = (&offer.lines[offer.used].mid, offer.bundled) {
        let _ = write!(text, "a=group:BUNDLE {mid}\r\n");
    }
}

/// What stands at the audio line.
pub(super) fn write(text: &mut String, ours: &Ice, local: SocketAddr, mid: Option<&str>) {
    write_mid(text, mid);
    let (ufrag, password) = (self::text(&ours.ufrag), self::text(&ours.password));
    let (address, port) = (local.ip(), local.port());
    let _ = write!(
        text,
        "a=msid:{MSID}\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n\
         a=candidate:1 1 udp {PRIORITY} {address} {port} typ host\r\na=end-of-candidates\r\n"
    );
}

/// The identification, also of a line that is refused.
pub(super) fn write_mid(text: &mut String, mid: Option<&str>) {
    if let Some(mid) = mid {
        let _ = write!(text, "a=mid:{mid}\r\n");
    }
}

fn text(letters: &[u8]) -> &str {
    std::str::from_utf8(letters).unwrap_or_default()
}

fn is_ice_text(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|octet| ICE_CHARS.contains(&octet))
}

#[cfg(test)]
mod tests;
