//! Recognition servers on the region's own network, by WebSocket: vosk-server and T-one's own.
//!
//! A connection for each stream, on one thread for all. There is no encryption: audio of calls goes to a
//! server only within the machine, or within a network that is trusted with RTP as well.

pub mod reply;
mod talk;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Sender, channel};

use crate::health::{Health, Pulse};
use crate::place::Place;
use crate::{NoRoom, Recogniser, Sink, Stream};

/// Streams of a server at most, whatever its settings say.
pub const STREAMS_MAX: usize = 4096;
/// Samples that are sent at once: 100 ms.
const SENT: usize = 800;
/// Messages of one stream that wait: three seconds. What comes beyond is lost.
const MESSAGES_MAX: usize = 30;

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// vosk-server's: its configuration first, then PCM; an answer for each message.
    Vosk,
    /// T-one's: PCM; the address ends in `/api/ws`.
    TOne,
}

/// A recognition server.
pub struct Server {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    address: Arc<str>,
    protocol: Protocol,
    open: Arc<AtomicUsize>,
    streams_max: usize,
    pulse: Arc<Pulse>,
}

/// Why a server cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// Its address begins otherwise than with `ws://`.
    #[error("{0:?} is no address of a WebSocket server: ws://HOST:PORT/PATH")]
    Address(String),
    /// There is no thread for it.
    #[error("no thread: {0}")]
    Thread(std::io::Error),
}

impl Server {
    /// A server at an address such as `ws://127.0.0.1:2700`. Nothing is sent before the first stream.
    ///
    /// # Errors
    /// If the address is none.
    pub fn new(address: &str, protocol: Protocol, streams_max: usize) -> Result<Server, Unusable> {
        if !address.starts_with("ws://") {
            return Err(Unusable::Address(address.to_owned()));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("recogniser")
            .enable_all()
            .build()
            .map_err(Unusable::Thread)?;
        Ok(Server {
            runtime: Some(runtime),
            address: address.into(),
            protocol,
            open: Arc::default(),
            streams_max: streams_max.min(STREAMS_MAX),
            pulse: Arc::default(),
        })
    }
}

impl Recogniser for Server {
    fn open(&self, sink: Sink) -> Result<Box<dyn Stream>, NoRoom> {
        let place = Place::take(&self.open, self.streams_max)?;
        let (audio, given) = channel(MESSAGES_MAX);
        let (address, pulse) = (Arc::clone(&self.address), Arc::clone(&self.pulse));
        let runtime = self.runtime.as_ref().ok_or(NoRoom)?;
        runtime.spawn(talk::talk(address, self.protocol, given, sink, pulse));
        Ok(Box::new(ServerStream { audio: Some(audio), filling: Vec::new(), _place: place }))
    }

    fn health(&self) -> Health {
        self.pulse.health()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A runtime that waited for its tasks here could wait for a server.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A stream, as the one who feeds it has it.
struct ServerStream {
    /// `None` when it is finished or lost, which the other side sees.
    audio: Option<Sender<talk::Said>>,
    filling: Vec<i16>,
    _place: Place,
}

impl Stream for ServerStream {
    fn hear(&mut self, samples: &[i16]) {
        self.filling.extend_from_slice(samples);
        if self.filling.len() >= SENT {
            let samples = std::mem::take(&mut self.filling);
            self.send(talk::Said::Audio(samples));
        }
    }

    fn finish(&mut self) {
        let samples = std::mem::take(&mut self.filling);
        self.send(talk::Said::Audio(samples));
        self.send(talk::Said::Finish);
    }
}

impl ServerStream {
    fn send(&mut self, said: talk::Said) {
        // The other side tells of the loss: it sees the end, and no word of finishing before it.
        if self.audio.as_ref().is_some_and(|audio| audio.try_send(said).is_err()) {
            self.audio = None;
        }
    }
}
