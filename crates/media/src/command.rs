//! What the engine is told and what it tells.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::SrtpKeys;

/// A stream: one leg's RTP, both ways. Given by the commander, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// Streams with the same key live on one media thread and may be bridged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey(pub u64);

/// Numbers one `Play`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayId(pub u64);

/// Numbers one recording. Given by the commander, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordingId(pub u64);

/// A G.711 law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// A-law.
    A,
    /// µ-law.
    Mu,
}

/// A telephone key: the label's ASCII byte, `0`–`9`, `*`, `#`, `A`–`D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u8);

/// RTP or RTCP of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Audio and telephone events.
    Rtp,
    /// Reports.
    Rtcp,
}

/// The far end, as offer and answer agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Where to send RTP; `None` while there is nowhere to.
    pub rtp: Option<SocketAddr>,
    /// Where to send RTCP.
    pub rtcp: Option<SocketAddr>,
    /// The codec and its payload type.
    pub law: Law,
    /// The payload type.
    pub payload_type: u8,
    /// Payload type of RFC 4733 events; without one, keys are sought in the audio.
    pub telephone_event: Option<u8>,
    /// Whether we may send.
    pub send: bool,
    /// Whether the far end is to send; while it is, silence for `dead_after` is told as dead media.
    pub receive: bool,
    /// How long without a packet is dead.
    pub dead_after: Duration,
    /// Send to where packets really come from (symmetric RTP): from the first on, to any port of the
    /// signalled host or, if the signalled address is a private one, of any host.
    pub latch: bool,
    /// How RTP and RTCP are protected.
    pub protection: Protection,
    /// RTCP comes to and goes to the ports of RTP (RFC 5761).
    pub rtcp_mux: bool,
    /// Our name and password in ICE: the peer's checks say where it is, and no address or `latch` counts.
    /// With ICE, RTCP comes to the port of RTP.
    pub ice: Option<Ice>,
}

/// What a check must know to be heard (RFC 8445 §5.3). Never shown whole: who has it, is sent the call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ice {
    /// Our name, `a=ice-ufrag`.
    pub ufrag: [u8; 8],
    /// Our password, `a=ice-pwd`.
    pub password: [u8; 24],
}

impl fmt::Debug for Ice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ice").finish_non_exhaustive()
    }
}

/// How RTP and RTCP are protected. What is to be protected is neither sent nor heard open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    #[default]
    Open,
    /// By SRTP with keys that signalling exchanged (RFC 4568).
    Srtp(SrtpKeys),
    /// By SRTP with keys from a DTLS handshake in the way of RTP (RFC 5764).
    Dtls {
        /// SHA-256 of the certificate that the peer must show.
        fingerprint: [u8; 32],
        /// We begin the handshake.
        begin: bool,
    },
}

/// Where packets come from, as far as it is sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The host.
    pub ip: IpAddr,
    /// Its port; without one, any.
    pub port: Option<u16>,
}

impl Origin {
    /// Whether a packet from this address is of it.
    #[must_use]
    pub fn includes(&self, from: SocketAddr) -> bool {
        self.ip == from.ip() && self.port.is_none_or(|port| port == from.port())
    }
}

/// How a supervisor takes part in a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MonitorMode {
    /// Hears both sides and is heard by nobody.
    Listen,
    /// Is heard by the watched side alone.
    Whisper,
    /// Is heard by everybody.
    Join,
}

/// An order to the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Take two ports for a new stream. Answered with `Opened` or `OpenFailed`.
    Open {
        /// The stream.
        stream: StreamId,
        /// The thread that it lives on.
        group: GroupKey,
    },
    /// Offer and answer agreed, or agreed anew.
    Connect {
        /// The stream.
        stream: StreamId,
        /// The far end.
        peer: Peer,
    },
    /// Play clips of the library in order, in place of what plays. Ends a bridge's sending to this
    /// stream while it plays.
    Play {
        /// The stream.
        stream: StreamId,
        /// Told back when it ends.
        play: PlayId,
        /// Names in the library.
        clips: Vec<Arc<str>>,
        /// Begin again at the end, until stopped (music).
        forever: bool,
    },
    /// Play nothing more.
    Stop {
        /// The stream.
        stream: StreamId,
    },
    /// Pass audio and keys between two streams of one group, transcoding the law where they differ.
    Bridge {
        /// One.
        a: StreamId,
        /// The other.
        b: StreamId,
    },
    /// End the bridge of this stream.
    Unbridge {
        /// Either of the two.
        stream: StreamId,
    },
    /// Let a supervisor's stream hear the talk of another stream of its group, until `StopMonitoring`, a
    /// `Bridge` of the supervisor's, or the end of either stream; when the watched one is in no bridge, what
    /// is heard of it alone. Ends a bridge of the supervisor's stream. For the stream that it watches already
    /// this changes the mode. At [`MONITORS_MAX`](crate::MONITORS_MAX), or on a stream that itself watches,
    /// nothing is done.
    Monitor {
        /// The supervisor's.
        stream: StreamId,
        /// The agent's.
        on: StreamId,
        /// Who hears the supervisor.
        mode: MonitorMode,
    },
    /// The supervisor's stream watches nobody any more.
    StopMonitoring {
        /// The supervisor's.
        stream: StreamId,
    },
    /// Send keys (RFC 4733, or tones without an agreed payload type).
    SendKeys {
        /// The stream.
        stream: StreamId,
        /// The keys.
        keys: Vec<Key>,
    },
    /// Give the audio heard on this stream as `Heard` events (the built-in phone; the recogniser).
    Listen {
        /// The stream.
        stream: StreamId,
        /// On or off.
        on: bool,
    },
    /// Record what this stream and the one that it is bridged with hear of each other, from now on
    /// until `StopRecording` or the stream's end, through all bridges between. Told block by block,
    /// by `Engine::poll_recorded`. One that is recorded already begins another recording.
    Record {
        /// The stream; its far end is the left channel.
        stream: StreamId,
        /// The recording.
        recording: RecordingId,
        /// In which law it is written.
        law: Law,
        /// What the far end says while the stream is bridged with none is recorded as well: to the robot.
        alone: bool,
    },
    /// Record no more.
    StopRecording {
        /// The stream.
        stream: StreamId,
    },
    /// End the stream and free its ports.
    Close {
        /// The stream.
        stream: StreamId,
    },
}

impl Command {
    /// The stream that it is about; of a bridge the first, which lives where the other does.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        match self {
            Command::Bridge { a, .. } => *a,
            Command::Open { stream, .. }
            | Command::Connect { stream, .. }
            | Command::Play { stream, .. }
            | Command::Stop { stream }
            | Command::Unbridge { stream }
            | Command::Monitor { stream, .. }
            | Command::StopMonitoring { stream }
            | Command::SendKeys { stream, .. }
            | Command::Listen { stream, .. }
            | Command::Record { stream, .. }
            | Command::StopRecording { stream }
            | Command::Close { stream } => *stream,
        }
    }
}

/// What the engine tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The stream has its ports.
    Opened {
        /// The stream.
        stream: StreamId,
        /// The local RTP address; RTCP is the next port.
        local: SocketAddr,
    },
    /// No ports are left.
    OpenFailed {
        /// The stream.
        stream: StreamId,
    },
    /// The first packet came: the path is open. Told again when something comes after `Dead`.
    FirstPacket {
        /// The stream.
        stream: StreamId,
    },
    /// A key was pressed; told once for each press, however it came.
    Key {
        /// The stream.
        stream: StreamId,
        /// The key.
        key: Key,
    },
    /// A `Play` came to its end (not told when it was stopped or replaced). Told with its last
    /// packet of 20 ms, so that a next one follows without a gap.
    Played {
        /// The stream.
        stream: StreamId,
        /// Which.
        play: PlayId,
    },
    /// Nothing was heard for the peer's `dead_after`; told once until packets come again.
    Dead {
        /// The stream.
        stream: StreamId,
    },
    /// Audio in order, 20 ms at 8 kHz, losses concealed.
    Heard {
        /// The stream.
        stream: StreamId,
        /// 160 samples.
        samples: Box<[i16; 160]>,
        /// The level of the prompt that was sent to the far end in this time, in dB of full scale; −100 for
        /// none. Its echo may be among the samples.
        sent: f32,
    },
    /// From now on what comes to the port of RTP is refused unless it is from there; without an origin, anybody may
    /// be heard. Whoever owns the sockets need not take the rest, so that a flood does not drive out the talk.
    Narrowed {
        /// The stream.
        stream: StreamId,
        /// Where its packets come from.
        to: Option<Origin>,
    },
    /// The stream is gone.
    Closed {
        /// The stream.
        stream: StreamId,
        /// Its figures.
        stats: StreamStats,
    },
}

/// What the far end's latest report says of all that we sent (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FarReport {
    /// Packets that it did not get.
    pub lost: u64,
    /// Interarrival jitter.
    pub jitter: Duration,
}

/// A piece of a recorded talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedBlock {
    /// Of which recording.
    pub recording: RecordingId,
    /// Its place: blocks before it have [`RECORDED_SAMPLES`](crate::RECORDED_SAMPLES) each.
    pub number: u32,
    /// Octets of G.711 in the recording's law: for each sample that of the recorded stream's far end,
    /// then that of the other one.
    pub octets: Box<[u8]>,
    /// It is the last one, and may be short or empty.
    pub last: bool,
}

/// Figures of a stream (RFC 3550 §6.4.1 and own counts).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamStats {
    /// RTP packets received.
    pub received: u64,
    /// RTP packets sent.
    pub sent: u64,
    /// Packets that never came.
    pub lost: u64,
    /// Packets that were not taken: not of the peer, not of an agreed type, duplicates.
    pub refused: u64,
    /// Interarrival jitter at the end.
    pub jitter: Duration,
    /// Round trip by RTCP, if it was measured.
    pub round_trip: Option<Duration>,
    /// What the far end reported about what we sent.
    pub far: Option<FarReport>,
}
