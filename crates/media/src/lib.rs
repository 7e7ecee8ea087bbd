//! RTP without I/O: prompts, keys, bridges, pacing.
//!
//! An [`Engine`] is one value for one media thread: it is handed [`Command`]s, packets and the time,
//! and gives back packets to send, [`Event`]s and what is recorded. Its driver owns the sockets, two for
//! each stream (RTP and RTCP). After each input drain `poll_transmit`, then `poll_recorded` and
//! `poll_event`; call `handle_timeout`
//! at `next_timeout`.

mod decode;
mod dtls;
mod g711;
mod ice;
mod inbound;
mod key_event;
mod key_sender;
mod level;
mod listener;
mod monitor;
mod outbound;
mod outbox;
mod player;
mod reception;
mod recording;
mod report;
mod rtp;
mod source;
mod srtp;
mod stream;
mod streams;
mod tone;
mod tone_detector;
mod tone_keys;
mod wheel;

pub mod command;
pub mod engine;
pub mod library;
pub mod measure;

pub use command::{
    Channel, Command, Event, FarReport, GroupKey, Ice, Key, Law, MonitorMode, Origin, Peer, PlayId,
    Protection, RecordedBlock, RecordingId, StreamId, StreamStats,
};
pub use dtls::{BadIdentity, Identity};
pub use engine::Engine;
pub use g711::{samples, transcoding};
pub use library::Library;
pub use measure::{Measures, measure};
pub use monitor::MONITORS_MAX;
pub use recording::RECORDED_SAMPLES;
pub use srtp::{MasterKey, SrtpKeys, Suite};
pub use streams::STREAMS_MAX;
