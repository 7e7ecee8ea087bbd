//! The engine of one media thread.

use std::net::SocketAddr;
use std::sync::Arc;

use ambient::{Entropy, Mono, Now};

use crate::{Channel, Command, Event, Library, StreamId};

/// A packet to send; the payload lies in the engine's buffer until the next call.
#[derive(Debug, PartialEq, Eq)]
pub struct Transmit<'a> {
    /// From which stream's socket.
    pub stream: StreamId,
    /// Which of the two sockets.
    pub channel: Channel,
    /// To where.
    pub to: SocketAddr,
    /// The packet.
    pub payload: &'a [u8],
}

/// All streams of one media thread.
#[derive(Debug)]
pub struct Engine {
    _private: (),
}

impl Engine {
    /// An engine without streams.
    #[must_use]
    pub fn new(_library: Arc<Library>, _entropy: Entropy) -> Engine {
        todo!()
    }
    /// The driver has bound the ports of an `Open`.
    pub fn opened(&mut self, _now: Now, _stream: StreamId, _local: SocketAddr) {
        todo!()
    }
    /// Obeys a command (all but `Open`, which is the driver's). One for an unknown stream is ignored:
    /// it crossed the stream's end.
    pub fn handle_command(&mut self, _now: Now, _command: Command) {
        todo!()
    }
    /// A packet came.
    pub fn handle_packet(
        &mut self,
        _now: Now,
        _stream: StreamId,
        _channel: Channel,
        _from: SocketAddr,
        _payload: &[u8],
    ) {
        todo!()
    }
    /// The time of [`Engine::next_timeout`] has come: packets that are due are made.
    pub fn handle_timeout(&mut self, _now: Now) {
        todo!()
    }
    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit<'_>> {
        todo!()
    }
    /// The next thing to tell.
    pub fn poll_event(&mut self) -> Option<Event> {
        todo!()
    }
    /// When [`Engine::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        todo!()
    }
    /// Live streams.
    #[must_use]
    pub fn streams(&self) -> usize {
        todo!()
    }
}
