//! What one media line says of its audio.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use sdp_types::{Attribute, Connection, Media, Session};

use super::crypto::Crypto;
use super::fingerprint::{DtlsOffer, Fingerprint, Setup};
use super::ice::IceOffer;
use super::{Audio, Codec, Direction, Format, Profile, SdpError, is_old_hold};

/// Packet time where none is asked for (RFC 3551 §4.2).
const PTIME_MS: u16 = 20;
/// Longest packet time that is believed.
const PTIME_MAX_MS: u16 = 200;
/// Formats of one media line that are looked at, more than any phone lists.
const FORMATS_MAX: usize = 64;
/// `a=crypto` lines that are looked at, more than there are suites.
const CRYPTO_MAX: usize = 16;

/// Reads a media line. `with_ice` where ICE finds the way: then the line's address says nothing, which
/// of a browser is 0.0.0.0 or a name that nobody knows.
///
/// `NoAudio` if it is none for us: no audio, refused with port 0, a profile that we do not speak, an
/// address that is none. `NoCodec` if only its codecs are foreign.
pub(super) fn read(session: &Session, media: &Media, with_ice: bool) -> Result<Audio, SdpError> {
    if !media.media.eq_ignore_ascii_case("audio") || media.port == 0 {
        return Err(SdpError::NoAudio);
    }
    let profile = profile(&media.proto).ok_or(SdpError::NoAudio)?;
    let connection = media.connections.first().or(session.connection.as_ref());
    let unknown = with_ice.then_some(Ipv4Addr::UNSPECIFIED.into());
    let address = connection.and_then(address).or(unknown).ok_or(SdpError::NoAudio)?;
    let formats = formats(media);
    if !formats.iter().any(|format| matches!(format, Format::Audio(..))) {
        return Err(SdpError::NoCodec);
    }
    let rtp = SocketAddr::new(address, media.port);
    let mut direction = direction(&media.attributes)
        .or_else(|| direction(&session.attributes))
        .unwrap_or(Direction::SendRecv);
    if is_old_hold(address) && !with_ice {
        // Nothing may be sent to it (RFC 2543 §B.5, RFC 3264 §8.4).
        direction = direction.and(Direction::SendOnly);
    }
    Ok(Audio {
        rtp,
        rtcp: rtcp(media, rtp),
        formats,
        direction,
        ptime_ms: ptime(media),
        profile,
        crypto: crypto(media),
        dtls: dtls(session, media),
        ice: IceOffer::read(session, media),
        rtcp_mux: has(&media.attributes, "rtcp-mux"),
    })
}

fn profile(proto: &str) -> Option<Profile> {
    [
        ("RTP/AVP", Profile::Avp),
        ("RTP/AVPF", Profile::Avp),
        ("RTP/SAVP", Profile::Savp),
        ("RTP/SAVPF", Profile::Savp),
        ("UDP/TLS/RTP/SAVP", Profile::DtlsSavp),
        ("UDP/TLS/RTP/SAVPF", Profile::DtlsSavp),
    ]
    .into_iter()
    .find_map(|(name, profile)| proto.eq_ignore_ascii_case(name).then_some(profile))
}

/// The keys that can be used; they stand at the media line only (RFC 4568 §4).
fn crypto(media: &Media) -> Vec<Crypto> {
    values(&media.attributes, "crypto").take(CRYPTO_MAX).filter_map(Crypto::parse).collect()
}

/// The certificate, at the media line or for the whole session (RFC 8122 §5, RFC 4145 §4).
fn dtls(session: &Session, media: &Media) -> Option<DtlsOffer> {
    let of = |attributes| values(attributes, "fingerprint").find_map(Fingerprint::parse);
    let fingerprint = of(&media.attributes).or_else(|| of(&session.attributes))?;
    let setup = values(&media.attributes, "setup").next();
    let setup = match setup.or_else(|| values(&session.attributes, "setup").next()) {
        Some(text) => Setup::parse(text)?,
        // RFC 4145 §4: an offer without the attribute is active.
        None => Setup::Active,
    };
    Some(DtlsOffer { fingerprint, setup })
}

fn address(connection: &Connection) -> Option<IpAddr> {
    let address: IpAddr = connection.connection_address.trim().parse().ok()?;
    (!address.is_multicast()).then_some(address)
}

/// The known formats, each payload type by its `rtpmap` or, without one, by RFC 3551.
fn formats(media: &Media) -> Vec<Format> {
    let mut formats: Vec<Format> = Vec::new();
    for text in media.fmt.split_ascii_whitespace().take(FORMATS_MAX) {
        let Some(payload_type) = text.parse::<u8>().ok().filter(|number| *number < 128) else {
            continue;
        };
        let format = match rtpmap(media, payload_type) {
            Some(encoding) => format_of(encoding, payload_type),
            None => static_format(payload_type),
        };
        if let Some(format) = format
            && !formats.iter().any(|known| known.payload_type() == payload_type)
        {
            formats.push(format);
        }
    }
    formats
}

/// The encoding that an `rtpmap` gives to a payload type.
fn rtpmap(media: &Media, payload_type: u8) -> Option<&str> {
    values(&media.attributes, "rtpmap").find_map(|value| {
        let (number, encoding) = value.trim().split_once(' ')?;
        (number.parse() == Ok(payload_type)).then_some(encoding.trim())
    })
}

fn format_of(encoding: &str, payload_type: u8) -> Option<Format> {
    let mut parts = encoding.split('/');
    let (name, rate) = (parts.next()?, parts.next()?);
    let is_mono = parts.next().is_none_or(|channels| channels.trim() == "1");
    if rate.trim() != "8000" || !is_mono {
        return None;
    }
    if name.eq_ignore_ascii_case("telephone-event") {
        return Some(Format::TelephoneEvent(payload_type));
    }
    [Codec::Pcma, Codec::Pcmu]
        .into_iter()
        .find(|codec| codec.name().eq_ignore_ascii_case(name))
        .map(|codec| Format::Audio(codec, payload_type))
}

fn static_format(payload_type: u8) -> Option<Format> {
    [Codec::Pcma, Codec::Pcmu]
        .into_iter()
        .find(|codec| codec.payload_type() == payload_type)
        .map(|codec| Format::Audio(codec, payload_type))
}

impl Format {
    /// The RTP payload type.
    #[must_use]
    pub fn payload_type(self) -> u8 {
        match self {
            Format::Audio(_, payload_type) | Format::TelephoneEvent(payload_type) => payload_type,
        }
    }
}

fn direction(attributes: &[Attribute]) -> Option<Direction> {
    attributes.iter().find_map(|attribute| {
        [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]
            .into_iter()
            .find(|direction| attribute.attribute.trim().eq_ignore_ascii_case(direction.name()))
    })
}

/// RFC 3605: `a=rtcp:PORT [IN IP4 ADDRESS]`; otherwise the port above that of RTP.
fn rtcp(media: &Media, rtp: SocketAddr) -> SocketAddr {
    let mut rtcp = SocketAddr::new(rtp.ip(), rtp.port().checked_add(1).unwrap_or(rtp.port()));
    let Some(value) = values(&media.attributes, "rtcp").next() else { return rtcp };
    let mut parts = value.split_ascii_whitespace();
    if let Some(port) = parts.next().and_then(|port| port.parse().ok()) {
        rtcp.set_port(port);
        if let Some(address) = parts.nth(2).and_then(|address| address.parse().ok()) {
            rtcp.set_ip(address);
        }
    }
    rtcp
}

fn ptime(media: &Media) -> u16 {
    let number = |name| {
        values(&media.attributes, name)
            .next()
            .and_then(|value| value.trim().parse::<u16>().ok())
            .filter(|millis| (1..=PTIME_MAX_MS).contains(millis))
    };
    let wanted = number("ptime").unwrap_or(PTIME_MS);
    number("maxptime").map_or(wanted, |most| wanted.min(most))
}

/// Whether there is an attribute of this name.
pub(super) fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.attribute.eq_ignore_ascii_case(name))
}

/// The values of all attributes of this name.
pub(super) fn values<'a>(
    attributes: &'a [Attribute],
    name: &'a str,
) -> impl Iterator<Item = &'a str> {
    attributes
        .iter()
        .filter(move |attribute| attribute.attribute.eq_ignore_ascii_case(name))
        .filter_map(|attribute| attribute.value.as_deref())
}
