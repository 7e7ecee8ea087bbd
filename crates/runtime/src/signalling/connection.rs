//! One connection of a stream transport: bytes in and out, and TLS around them.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use ambient::Mono;
use bytes::{Buf, Bytes, BytesMut};
use sip::Flow;

use super::tls;
use crate::poll::Interest;

/// Most bytes that one turn reads from one connection, so that a fast sender starves nobody.
const READ_TURN: usize = 64 << 10;
/// Most bytes that wait for a slow reader; one more and the connection is closed.
pub(crate) const OUTBOUND_MAX: usize = 256 << 10;
/// How long the peer has to read our last answer and to close.
const LINGER: Duration = Duration::from_secs(2);

/// How long a connection has for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// To be established.
    pub connect: Duration,
    /// To end the TLS handshake.
    pub handshake: Duration,
    /// For the rest of a message whose beginning came, and for the first message at all.
    pub message: Duration,
    /// To take what we send.
    pub write: Duration,
    /// Without any traffic. Longer than a registration's time, so that a phone behind NAT that
    /// never sends a keep-alive stays reachable (RFC 5626 §4.1).
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(5),
            handshake: Duration::from_secs(10),
            message: Duration::from_secs(10),
            write: Duration::from_secs(20),
            idle: Duration::from_secs(3900),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connecting,
    Handshaking,
    Open,
}

/// A connection, from its first packet to its close.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The way of its packets, with its number.
    pub(crate) flow: Flow,
    /// What was received and not yet cut into messages.
    pub(crate) inbound: BytesMut,
    /// Flows without a connection whose packets are to go over this one: they fail with it.
    pub(crate) asked: Vec<Flow>,
    /// What the poller watches it for.
    pub(crate) watched: Interest,
    /// When its deadline is looked at next.
    pub(crate) check_at: Mono,
    /// Since when it is being closed: what waits is written, then our side is shut, and what still
    /// comes is thrown away until the peer closes too. Closed with bytes unread, the kernel would
    /// send a reset, and that can destroy our last answer before the peer has read it.
    closing_since: Option<Mono>,
    /// We have said that no more will come.
    is_shut: bool,
    socket: TcpStream,
    tls: Option<Box<rustls::Connection>>,
    stage: Stage,
    outbound: VecDeque<Bytes>,
    outbound_bytes: usize,
    stage_since: Mono,
    heard: Mono,
    /// Since when the rest of a message is missing.
    partial_since: Option<Mono>,
    /// Since when the peer takes nothing.
    blocked_since: Option<Mono>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.say_end();
    }
}

/// The connection is of no more use.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It ended, or is too slow.
    Gone,
    /// A certificate that is not believed, or what is no TLS.
    Tls(rustls::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        error.downcast().map_or(Broken::Gone, Broken::Tls)
    }
}

impl Connection {
    /// A connection whose establishment has begun.
    pub(crate) fn new(
        now: Mono,
        flow: Flow,
        socket: TcpStream,
        tls: Option<rustls::Connection>,
        connected: bool,
    ) -> Connection {
        let mut connection = Connection {
            flow,
            inbound: BytesMut::new(),
            asked: Vec::new(),
            watched: Interest::READ,
            check_at: now,
            closing_since: None,
            is_shut: false,
            socket,
            tls: tls.map(Box::new),
            stage: Stage::Connecting,
            outbound: VecDeque::new(),
            outbound_bytes: 0,
            stage_since: now,
            heard: now,
            partial_since: Some(now),
            blocked_since: None,
        };
        if connected {
            connection.established(now);
        }
        connection
    }

    /// Whether bytes of messages can pass.
    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Whom the peer's certificate names.
    pub(crate) fn peer_names(&self) -> Vec<Box<str>> {
        self.tls.as_deref().map(tls::peer_names).unwrap_or_default()
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// What it waits for.
    pub(crate) fn interest(&self) -> Interest {
        let write = self.stage == Stage::Connecting
            || !self.outbound.is_empty() && self.stage == Stage::Open
            || self.tls.as_ref().is_some_and(|tls| tls.wants_write());
        Interest { read: true, write }
    }

    /// Puts bytes in the queue.
    pub(crate) fn push(&mut self, bytes: Bytes) -> Result<(), Broken> {
        if self.outbound_bytes + bytes.len() > OUTBOUND_MAX {
            return Err(Broken::Gone);
        }
        self.outbound_bytes += bytes.len();
        self.outbound.push_back(bytes);
        Ok(())
    }

    /// Writes what the socket takes.
    pub(crate) fn write(&mut self, now: Mono) -> Result<(), Broken> {
        if self.stage == Stage::Connecting {
            match self.socket.take_error() {
                Ok(None) if self.socket.peer_addr().is_ok() => self.established(now),
                Ok(None) => return Ok(()),
                Ok(Some(_)) | Err(_) => return Err(Broken::Gone),
            }
        }
        let blocked = match &mut self.tls {
            None => self.write_plain(),
            Some(_) => self.write_tls(),
        };
        match blocked {
            Ok(()) => self.blocked_since = None,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.blocked_since.get_or_insert(now);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Reads what has come, up to a turn's share, into `inbound`.
    pub(crate) fn read(&mut self, now: Mono, buffer: &mut [u8]) -> Result<(), Broken> {
        self.heard = now;
        let ended = match &mut self.tls {
            None => self.read_plain(buffer),
            Some(_) => self.read_tls(now, buffer),
        };
        match ended {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes no more messages; what waits is still written.
    pub(crate) fn close_after_writing(&mut self, now: Mono) {
        self.closing_since = Some(now);
        self.inbound = BytesMut::new();
    }

    /// Whether it takes no more messages.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing_since.is_some()
    }

    /// Shuts our side of a connection that is being closed, once all is written.
    pub(crate) fn end_if_written(&mut self) {
        if self.is_closing() && !self.is_shut && !self.interest().write {
            self.say_end();
            let _ = self.socket.shutdown(Shutdown::Write);
        }
    }

    /// Reads what still comes and throws it away.
    pub(crate) fn discard(&mut self, buffer: &mut [u8]) -> Result<(), Broken> {
        let turn = buffer.len().min(READ_TURN);
        match (&self.socket).read(&mut buffer[..turn]) {
            Ok(0) => Err(Broken::Gone),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// TLS tells an end from a cut by close_notify (RFC 8446 §6.1).
    fn say_end(&mut self) {
        if std::mem::replace(&mut self.is_shut, true) || self.stage != Stage::Open {
            return;
        }
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            while tls.wants_write() && tls.write_tls(&mut &self.socket).is_ok() {}
        }
    }

    /// Says whether a message has begun and not ended, after messages were cut from `inbound`.
    pub(crate) fn note_rest(&mut self, now: Mono, any_message: bool) {
        if self.inbound.is_empty() && (any_message || self.partial_since.is_none()) {
            self.partial_since = None;
            // An idle connection holds no buffer.
            self.inbound = BytesMut::new();
        } else if any_message || self.partial_since.is_none() {
            self.partial_since = Some(now);
        }
    }

    /// When it is to be closed if nothing changes.
    pub(crate) fn deadline(&self, patience: &Patience) -> Mono {
        let stage = match self.stage {
            Stage::Connecting => return self.stage_since + patience.connect,
            Stage::Handshaking => return self.stage_since + patience.handshake,
            Stage::Open => self.heard + patience.idle,
        };
        if let Some(since) = self.closing_since {
            return stage.min(since + LINGER);
        }
        let partial = self.partial_since.map(|since| since + patience.message);
        let blocked = self.blocked_since.map(|since| since + patience.write);
        [partial, blocked].into_iter().flatten().fold(stage, Mono::min)
    }

    /// Whether the peer began what it did not end: a handshake or a message.
    pub(crate) fn has_kept_us_waiting(&self) -> bool {
        match self.stage {
            Stage::Connecting => false,
            Stage::Handshaking => true,
            Stage::Open => self.closing_since.is_none() && self.partial_since.is_some(),
        }
    }

    fn established(&mut self, now: Mono) {
        self.stage = if self.tls.is_some() { Stage::Handshaking } else { Stage::Open };
        self.stage_since = now;
        self.heard = now;
    }

    fn write_plain(&mut self) -> io::Result<()> {
        while let Some(front) = self.outbound.front_mut() {
            let written = (&self.socket).write(front)?;
            front.advance(written);
            self.outbound_bytes -= written;
            if front.is_empty() {
                self.outbound.pop_front();
            }
        }
        Ok(())
    }

    fn write_tls(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        loop {
            while tls.wants_write() {
                tls.write_tls(&mut &self.socket)?;
            }
            if self.stage != Stage::Open {
                return Ok(());
            }
            let Some(front) = self.outbound.front_mut() else { return Ok(()) };
            let written = tls.writer().write(front)?;
            front.advance(written);
            self.outbound_bytes -= written;
            if front.is_empty() {
                self.outbound.pop_front();
            }
        }
    }

    fn read_plain(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        let turn = buffer.len().min(READ_TURN);
        match (&self.socket).read(&mut buffer[..turn])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.inbound.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }

    fn read_tls(&mut self, now: Mono, buffer: &mut [u8]) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        if tls.read_tls(&mut &self.socket)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let state = tls.process_new_packets().map_err(io::Error::other);
        if tls.wants_write() {
            // Handshake messages, or the alert that tells the peer what was wrong.
            let _ = tls.write_tls(&mut &self.socket);
        }
        let mut left = state?.plaintext_bytes_to_read();
        while left > 0 {
            let count = tls.reader().read(buffer)?;
            self.inbound.extend_from_slice(&buffer[..count]);
            left = left.saturating_sub(count.max(1));
        }
        if self.stage == Stage::Handshaking && !tls.is_handshaking() {
            self.stage = Stage::Open;
            self.stage_since = now;
            return self.write_tls();
        }
        Ok(())
    }
}
