//! The audio part of SDP offers and answers (RFC 8866, RFC 3264), as much as telephony needs.
//!
//! Hold and resume are offers with another [`Direction`]. Lines that are not for us (video, T.38) are
//! refused with port 0 and keep their place. Whether RTP is protected, and with which keys, is agreed
//! here too ([`Security`]).

mod audio;
mod crypto;
mod fingerprint;
mod ice;
mod read;
mod security;
#[cfg(test)]
mod tests;
mod write;

use std::net::{IpAddr, SocketAddr};

pub use crypto::{Crypto, KeyMaterial, OurKeys, SdesKeys, Suite};
pub use fingerprint::{DtlsOffer, Fingerprint, Setup};
pub use ice::{Ice, IceOffer};
pub use security::{Protection, Security, Srtp};
pub use write::offer;

/// A G.711 law (RFC 3551): the codecs that the engine speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// A-law, static payload type 8: Russia's telephone network.
    Pcma,
    /// µ-law, static payload type 0.
    Pcmu,
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names are SDP's
pub enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

/// A format of the audio line with its payload type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A codec.
    Audio(Codec, u8),
    /// RFC 4733 events at 8 kHz.
    TelephoneEvent(u8),
}

/// What one side's SDP says of its audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// Where it wants to receive RTP; an unspecified address is a hold of RFC 2543, or says nothing
    /// where ICE is used.
    pub rtp: SocketAddr,
    /// Where it wants to receive RTCP (RFC 3605); the next port unless told otherwise.
    pub rtcp: SocketAddr,
    /// Formats that the engine knows, in the order of preference, each payload type once.
    pub formats: Vec<Format>,
    /// Who sends, from the describing side's view.
    pub direction: Direction,
    /// Packet time asked for, in milliseconds; 20 unless told otherwise.
    pub ptime_ms: u16,
    /// What its RTP is spoken over.
    pub profile: Profile,
    /// Its keys for SRTP, in its order, of suites that we know.
    pub crypto: Vec<Crypto>,
    /// Its certificate for DTLS, if it would make one.
    pub dtls: Option<DtlsOffer>,
    /// Its ICE, if it speaks that.
    pub ice: Option<IceOffer>,
    /// RTCP may come to the port of RTP (RFC 5761).
    pub rtcp_mux: bool,
}

/// The transports of a media line (RFC 3551, RFC 3711, RFC 5764); each also in the variant with early
/// feedback (RFC 4585), which asks nothing of a side that gives none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `RTP/AVP`.
    Avp,
    /// `RTP/SAVP`.
    Savp,
    /// `UDP/TLS/RTP/SAVP`.
    DtlsSavp,
}

/// Why SDP cannot be used: answered with 488, or 400 where it cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// Not SDP, or more media lines than [`MEDIA_MAX`].
    #[error("the session description cannot be read")]
    Malformed,
    /// No audio line over RTP, or refused with port 0.
    #[error("no audio")]
    NoAudio,
    /// Only SRTP, which is off here.
    #[error("SRTP is off here")]
    SrtpOff,
    /// SRTP is required here, and there is no way to it in common.
    #[error("SRTP is required here, or no suite is in common")]
    NoSrtp,
    /// The peer is a browser's, and its media does not come as a browser's does.
    #[error("ICE, one port for RTP and RTCP, and DTLS are required here")]
    NoIce,
    /// Keys for SRTP came over signalling that is not protected itself.
    #[error("SRTP keys are taken over TLS only")]
    KeysInTheOpen,
    /// No codec in common.
    #[error("no codec in common")]
    NoCodec,
}

/// Media lines of one description.
pub const MEDIA_MAX: usize = 16;

/// One side's session description, kept to answer it: the order and number of its media lines.
#[derive(Clone, Debug)]
pub struct Description {
    /// The first usable audio line, a protected one before others.
    pub audio: Audio,
    /// How it is protected.
    protection: Protection,
    /// Our own ICE, where it is used.
    ice: Option<Ice>,
    /// The audio line stands in a `BUNDLE` group.
    bundled: bool,
    /// All media lines in order.
    lines: Vec<MediaLine>,
    /// Which of them is `audio`.
    used: usize,
}

/// A media line as it was offered, to be refused in its place.
#[derive(Clone, Debug)]
struct MediaLine {
    media: Box<str>,
    proto: Box<str>,
    formats: Box<str>,
    mid: Option<Box<str>>,
}

/// The outcome of offer and answer, as the media engine needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The codec and the payload type that the peer wants to receive.
    pub codec: (Codec, u8),
    /// The payload type of telephone events, if agreed.
    pub telephone_event: Option<u8>,
    /// Where to send RTP; `None` while the peer is on hold without an address, and where ICE finds it.
    pub remote_rtp: Option<SocketAddr>,
    /// Where to send RTCP.
    pub remote_rtcp: Option<SocketAddr>,
    /// Who sends, from our view.
    pub direction: Direction,
    /// How RTP and RTCP are protected.
    pub protection: Protection,
    /// RTCP goes to the port of RTP (RFC 5761).
    pub rtcp_mux: bool,
    /// Our own ICE, where the peer's checks say where it is.
    pub ice: Option<Ice>,
}

impl Description {
    /// Reads an offer.
    ///
    /// # Errors
    /// If there is no audio that the engine could talk to, or none that is protected as it must be.
    pub fn parse(body: &[u8], security: &Security) -> Result<Description, SdpError> {
        Description::read(body, security.ice, |audio| security.meet(audio))
    }

    /// Reads the answer to an offer that we made with the same `security`.
    ///
    /// # Errors
    /// As [`Description::parse`].
    pub fn parse_answer(body: &[u8], security: &Security) -> Result<Description, SdpError> {
        Description::read(body, security.ice, |audio| security.learn(audio))
    }

    fn read(
        body: &[u8],
        ice: Option<Ice>,
        protection: impl Fn(&Audio) -> Result<Protection, SdpError>,
    ) -> Result<Description, SdpError> {
        let session = read::session(body).ok_or(SdpError::Malformed)?;
        if session.medias.len() > MEDIA_MAX {
            return Err(SdpError::Malformed);
        }
        let mut found: Option<(usize, Audio, Protection)> = None;
        let mut refusal = SdpError::NoAudio;
        for (used, media) in session.medias.iter().enumerate() {
            let line = audio::read(&session, media, ice.is_some())
                .and_then(|audio| protection(&audio).map(|protection| (used, audio, protection)));
            match line {
                // Some phones offer a plain line and a protected one, in whatever order.
                Ok(line) if found.as_ref().is_none_or(|(.., known)| !known.is_protected()) => {
                    if found.is_none() || line.2.is_protected() {
                        found = Some(line);
                    }
                }
                Ok(_) | Err(SdpError::NoAudio | SdpError::Malformed) => {}
                // What is missing tells more than that there is video as well.
                Err(why) => refusal = why,
            }
        }
        let (used, audio, protection) = found.ok_or(refusal)?;
        let lines: Vec<_> = session.medias.iter().map(MediaLine::of).collect();
        let bundled = lines[used].mid.as_ref().is_some_and(|mid| ice::is_bundled(&session, mid));
        Ok(Description { audio, protection, ice, bundled, lines, used })
    }

    /// The answer to this offer (RFC 3264 §6): the offer's first codec that we know, our address,
    /// every other media line refused with port 0. We send or receive only what both `direction`
    /// and the offer allow. `session` numbers `o=` (id, version). `security` is that of
    /// [`Description::parse`].
    ///
    /// # Errors
    /// If no codec is in common.
    pub fn answer(
        &self,
        local: SocketAddr,
        direction: Direction,
        session: (u64, u64),
        security: &Security,
    ) -> Result<(Vec<u8>, Chosen), SdpError> {
        let mut chosen = self.chosen()?;
        chosen.direction = direction.and(chosen.direction);
        // An ICE restart gave us others since the offer was read.
        chosen.ice = security.ice;
        Ok((write::answer(self, &chosen, local, session, security), chosen))
    }

    /// What an answer to our offer chose: the first codec it lists.
    ///
    /// # Errors
    /// If no codec is in common.
    pub fn chosen(&self) -> Result<Chosen, SdpError> {
        let formats = &self.audio.formats;
        let codec = formats.iter().find_map(|format| match format {
            Format::Audio(codec, payload_type) => Some((*codec, *payload_type)),
            Format::TelephoneEvent(_) => None,
        });
        let telephone_event = formats.iter().find_map(|format| match format {
            Format::TelephoneEvent(payload_type) => Some(*payload_type),
            Format::Audio(..) => None,
        });
        let reachable = |at: SocketAddr| (!is_old_hold(at.ip()) && at.port() != 0).then_some(at);
        let by_dtls = matches!(self.protection, Protection::Dtls { .. });
        let remote_rtp = reachable(self.audio.rtp).filter(|_| self.ice.is_none());
        let remote_rtcp = match (self.audio.rtcp_mux, by_dtls) {
            (true, _) => remote_rtp,
            (false, false) => reachable(self.audio.rtcp),
            // A second handshake for reports alone is not worth its work (RFC 5764 §4).
            (false, true) => None,
        };
        Ok(Chosen {
            codec: codec.ok_or(SdpError::NoCodec)?,
            telephone_event,
            remote_rtp,
            remote_rtcp,
            direction: self.audio.direction.mirrored(),
            protection: self.protection,
            rtcp_mux: self.audio.rtcp_mux,
            ice: self.ice,
        })
    }
}

impl Codec {
    /// The static payload type (RFC 3551 table 4).
    #[must_use]
    pub fn payload_type(self) -> u8 {
        match self {
            Codec::Pcmu => 0,
            Codec::Pcma => 8,
        }
    }

    /// The encoding name in `a=rtpmap`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Codec::Pcmu => "PCMU",
            Codec::Pcma => "PCMA",
        }
    }
}

impl Direction {
    /// Whether the describing side sends.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// Whether the describing side receives.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The same from the other side's view.
    #[must_use]
    pub fn mirrored(self) -> Direction {
        Direction::of(self.receives(), self.sends())
    }

    /// What both allow.
    #[must_use]
    pub fn and(self, other: Direction) -> Direction {
        Direction::of(self.sends() && other.sends(), self.receives() && other.receives())
    }

    /// The attribute's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }

    fn of(sends: bool, receives: bool) -> Direction {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }
}

impl MediaLine {
    fn of(media: &sdp_types::Media) -> MediaLine {
        MediaLine {
            media: media.media.as_str().into(),
            proto: media.proto.as_str().into(),
            formats: media.fmt.as_str().into(),
            mid: ice::mid(media).map(Into::into),
        }
    }
}

/// The address is unspecified (old-style hold, RFC 2543).
#[must_use]
pub fn is_old_hold(address: IpAddr) -> bool {
    address.is_unspecified()
}
