//! The media of one host: the real engine, or a stand-in that costs a hundredth of it.

use std::net::SocketAddr;

use ambient::{Mono, Now};
use bytes::Bytes;
use media::{Channel, Command, Engine, Event, RecordedBlock, StreamId};

use crate::sparse::Sparse;

/// Who makes the packets of a host.
#[derive(Debug)]
pub enum Voice {
    /// Every packet, every 20 ms.
    Full(Box<Engine>),
    /// A packet now and then, which says who speaks.
    Sparse(Sparse),
}

/// A packet to send.
#[derive(Debug)]
pub struct Sent {
    /// From which stream's socket.
    pub stream: StreamId,
    /// Which of the two sockets.
    pub channel: Channel,
    /// To where.
    pub to: SocketAddr,
    /// The packet.
    pub payload: Bytes,
}

impl Voice {
    /// The driver has bound the ports of a stream.
    pub fn opened(&mut self, now: Now, stream: StreamId, local: SocketAddr) {
        match self {
            Voice::Full(engine) => engine.opened(now, stream, local),
            Voice::Sparse(sparse) => sparse.opened(now, stream, local),
        }
    }

    /// Obeys a command.
    pub fn handle_command(&mut self, now: Now, command: Command) {
        match self {
            Voice::Full(engine) => engine.handle_command(now, command),
            Voice::Sparse(sparse) => sparse.handle_command(now, command),
        }
    }

    /// A packet came.
    pub fn handle_packet(
        &mut self,
        now: Now,
        stream: StreamId,
        channel: Channel,
        from: SocketAddr,
        payload: &[u8],
    ) {
        match self {
            Voice::Full(engine) => engine.handle_packet(now, stream, channel, from, payload),
            Voice::Sparse(sparse) => sparse.handle_packet(now, stream, channel, from, payload),
        }
    }

    /// The time of [`Voice::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now) {
        match self {
            Voice::Full(engine) => engine.handle_timeout(now),
            Voice::Sparse(sparse) => sparse.handle_timeout(now),
        }
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Sent> {
        match self {
            Voice::Full(engine) => engine.poll_transmit().map(|transmit| Sent {
                stream: transmit.stream,
                channel: transmit.channel,
                to: transmit.to,
                payload: Bytes::copy_from_slice(transmit.payload),
            }),
            Voice::Sparse(sparse) => sparse.poll_transmit(),
        }
    }

    /// The next piece of what is recorded.
    pub fn poll_recorded(&mut self) -> Option<RecordedBlock> {
        match self {
            Voice::Full(engine) => engine.poll_recorded(),
            Voice::Sparse(_) => None,
        }
    }

    /// The next thing to tell.
    pub fn poll_event(&mut self) -> Option<Event> {
        match self {
            Voice::Full(engine) => engine.poll_event(),
            Voice::Sparse(sparse) => sparse.poll_event(),
        }
    }

    /// When [`Voice::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        match self {
            Voice::Full(engine) => engine.next_timeout(),
            Voice::Sparse(sparse) => sparse.next_timeout(),
        }
    }

    /// Live streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        match self {
            Voice::Full(engine) => engine.streams(),
            Voice::Sparse(sparse) => sparse.streams(),
        }
    }

    /// How large each table is that grows with streams.
    #[must_use]
    pub fn footprint(&self) -> Vec<(&'static str, usize)> {
        match self {
            Voice::Full(engine) => engine.footprint().to_vec(),
            Voice::Sparse(sparse) => {
                vec![("sparse streams", sparse.streams()), ("sparse timers", sparse.timers())]
            }
        }
    }
}
