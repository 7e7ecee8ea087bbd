//! The audio part of SDP offers and answers (RFC 8866, RFC 3264), as much as telephony needs.

use std::net::{IpAddr, SocketAddr};

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
    /// Where it wants to receive RTP; port 0 or the address 0.0.0.0 is read as no media or hold.
    pub rtp: SocketAddr,
    /// Where it wants to receive RTCP (RFC 3605); the next port unless told otherwise.
    pub rtcp: SocketAddr,
    /// Formats that the engine knows, in the order of preference.
    pub formats: Vec<Format>,
    /// Who sends, from the describing side's view.
    pub direction: Direction,
    /// Packet time asked for, in milliseconds; 20 unless told otherwise.
    pub ptime_ms: u16,
}

/// Why SDP cannot be used: answered with 488, or 400 where it cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// Not SDP.
    #[error("the session description cannot be read")]
    Malformed,
    /// No audio line, or refused with port 0.
    #[error("no audio")]
    NoAudio,
    /// No codec in common.
    #[error("no codec in common")]
    NoCodec,
}

/// One side's session description, kept to answer it: the order and number of its media lines.
#[derive(Clone, Debug)]
pub struct Description {
    /// The first usable audio line.
    pub audio: Audio,
    _private: (),
}

impl Description {
    /// Reads an offer or an answer.
    ///
    /// # Errors
    /// If there is no audio that the engine could talk to.
    pub fn parse(_body: &[u8]) -> Result<Description, SdpError> {
        todo!()
    }
    /// The answer to this offer (RFC 3264 §6): the codecs chosen, our address, every other media
    /// line refused with port 0. `session` numbers `o=` (id, version).
    ///
    /// # Errors
    /// If no codec is in common.
    pub fn answer(
        &self,
        _local: SocketAddr,
        _direction: Direction,
        _session: (u64, u64),
    ) -> Result<(Vec<u8>, Chosen), SdpError> {
        todo!()
    }
    /// What an answer to our offer chose.
    ///
    /// # Errors
    /// If no codec is in common.
    pub fn chosen(&self) -> Result<Chosen, SdpError> {
        todo!()
    }
}

/// An offer of both laws (the preferred one first) and telephone-event 101.
#[must_use]
pub fn offer(
    _local: SocketAddr,
    _prefer: Codec,
    _direction: Direction,
    _session: (u64, u64),
) -> Vec<u8> {
    todo!()
}

/// The outcome of offer and answer, as the media engine needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The codec and the payload type that the peer wants to receive.
    pub codec: (Codec, u8),
    /// The payload type of telephone events, if agreed.
    pub telephone_event: Option<u8>,
    /// Where to send RTP; `None` while the peer is on hold without an address.
    pub remote_rtp: Option<SocketAddr>,
    /// Where to send RTCP.
    pub remote_rtcp: Option<SocketAddr>,
    /// Who sends, from our view.
    pub direction: Direction,
}

/// The address is unspecified (old-style hold, RFC 2543).
#[must_use]
pub fn is_old_hold(address: IpAddr) -> bool {
    address.is_unspecified()
}
