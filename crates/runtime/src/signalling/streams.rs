//! All connections: accepted, opened on demand, used again, closed.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use ambient::{LogLimit, Mono, Timers};
use bytes::Bytes;
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use sip::framing::{Frame, last_answer, next_frame};
use sip::{ConnectionId, Flow, Packet, Transport};
use switch::Offence;

use super::connection::{Broken, Connection, Patience};
use super::tls::Tls;
use crate::files::Spare;
use crate::poll::{Poller, Ready};

/// Most connections accepted in one turn.
const ACCEPTS_A_TURN: usize = 32;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 1024;

/// Ceilings of connections.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// All together.
    pub connections_max: usize,
    /// With one address.
    pub per_address_max: usize,
    /// How long each may take for what.
    pub patience: Patience,
}

impl Default for StreamLimits {
    fn default() -> StreamLimits {
        StreamLimits { connections_max: 4096, per_address_max: 256, patience: Patience::default() }
    }
}

/// What a connection told.
#[derive(Debug)]
pub(crate) enum StreamEvent {
    /// Who has connected showed a certificate with these names.
    Identified(ConnectionId, Vec<Box<str>>),
    /// A whole message came.
    Message(Flow, Bytes),
    /// It is closed for what it brought, or because it brought nothing whole in time.
    Suspect(Flow, Offence),
    /// What was sent, or will be sent, over this flow is lost.
    Failed(Flow),
}

/// A listening socket.
#[derive(Debug)]
pub(crate) struct StreamListener {
    pub(crate) transport: Transport,
    pub(crate) socket: TcpListener,
    pub(crate) bound: SocketAddr,
}

impl StreamListener {
    pub(crate) fn bind(transport: Transport, address: SocketAddr) -> io::Result<StreamListener> {
        let fd = stream_socket(address)?;
        // A restart must not wait for the connections of the process before it.
        sockopt::set_socket_reuseaddr(&fd, true)?;
        if address.is_ipv6() {
            sockopt::set_ipv6_v6only(&fd, true)?;
        }
        rustix::net::bind(&fd, &address)?;
        rustix::net::listen(&fd, BACKLOG)?;
        let socket = TcpListener::from(fd);
        let bound = socket.local_addr()?;
        Ok(StreamListener { transport, socket, bound })
    }
}

/// Which peer a connection leads to. A TLS connection is used again only for the name that its
/// certificate was checked against.
type PeerKey = (Transport, SocketAddr, Option<Arc<str>>);

/// The connections of the signalling thread.
#[derive(Debug)]
pub(crate) struct Streams {
    /// Numbers are also the poller's tokens, from this one on.
    next: u64,
    connections: BTreeMap<ConnectionId, Connection>,
    by_peer: HashMap<PeerKey, ConnectionId>,
    per_address: HashMap<IpAddr, usize>,
    /// Accepted ones that have brought no whole message yet, the oldest first.
    unproven: BTreeSet<ConnectionId>,
    checks: Timers<ConnectionId>,
    limits: StreamLimits,
    tls: Tls,
    /// Lines about sessions that came to nothing.
    refused_tls: LogLimit,
    spare: Spare,
    events: VecDeque<StreamEvent>,
}

impl Streams {
    pub(crate) fn new(first_token: u64, limits: StreamLimits, tls: Tls) -> Streams {
        Streams {
            next: first_token,
            connections: BTreeMap::new(),
            by_peer: HashMap::new(),
            per_address: HashMap::new(),
            unproven: BTreeSet::new(),
            checks: Timers::default(),
            limits,
            tls,
            refused_tls: LogLimit::default(),
            spare: Spare::new(),
            events: VecDeque::new(),
        }
    }

    /// Sessions that begin from now on use other certificates; those that live go on.
    pub(crate) fn set_tls(&mut self, tls: Tls) {
        self.tls = tls;
    }

    /// The next thing to know.
    pub(crate) fn poll_event(&mut self) -> Option<StreamEvent> {
        self.events.pop_front()
    }

    /// When [`Streams::handle_timeout`] is to be called.
    pub(crate) fn next_timeout(&self) -> Option<Mono> {
        self.checks.next()
    }

    /// Live connections.
    pub(crate) fn len(&self) -> usize {
        self.connections.len()
    }

    /// Takes waiting connections in, except of those who are banned.
    pub(crate) fn accept(
        &mut self,
        now: Mono,
        poller: &Poller,
        listener: &StreamListener,
        is_banned: impl Fn(&Flow) -> bool,
    ) {
        for _ in 0..ACCEPTS_A_TURN {
            let (socket, remote) = match listener.socket.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    // Out of files, most likely; or the peer has gone already.
                    self.spare.lend(|| drop(listener.socket.accept()));
                    return;
                }
            };
            let flow = Flow {
                transport: listener.transport,
                local: Some(listener.bound),
                remote,
                connection: None,
                tls_name: None,
            };
            if is_banned(&flow) {
                continue;
            }
            self.make_room();
            if !self.has_room(remote.ip()) || socket.set_nonblocking(true).is_err() {
                continue; // dropped, which closes it
            }
            let session = match listener.transport {
                Transport::Tls => match self.tls.accept() {
                    Some(session) => Some(session),
                    None => continue,
                },
                Transport::Udp | Transport::Tcp | Transport::Ws | Transport::Wss => None,
            };
            if let Some(id) = self.add(now, poller, flow, socket, session, true) {
                self.unproven.insert(id);
            }
        }
    }

    /// Sends over the flow's connection, over another one to the same peer, or over a new one.
    pub(crate) fn send(&mut self, now: Mono, poller: &Poller, packet: Packet) {
        let Packet { flow, payload } = packet;
        let key = (flow.transport, flow.remote, flow.tls_name.clone());
        let is_open = |id: &ConnectionId| self.connections.get(id).is_some_and(|c| !c.is_closing());
        let known = flow.connection.filter(is_open);
        let known = known.or_else(|| self.by_peer.get(&key).copied().filter(is_open));
        let Some(id) = known.or_else(|| self.open(now, poller, &flow)) else {
            self.events.push_back(StreamEvent::Failed(flow));
            return;
        };
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if flow.connection != Some(id) && !connection.asked.contains(&flow) {
            connection.asked.push(flow);
        }
        let sent = connection.push(payload).and_then(|()| connection.write(now));
        self.settle(poller, id, sent.is_ok());
    }

    /// A connection's socket is ready.
    pub(crate) fn ready(&mut self, now: Mono, poller: &Poller, ready: Ready, buffer: &mut [u8]) {
        let id = ConnectionId(ready.token);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let mut alive = true;
        if ready.writable || ready.error {
            alive = connection.write(now).is_ok();
        }
        if alive && ready.readable {
            if connection.is_closing() {
                alive = connection.discard(buffer).is_ok();
            } else {
                // What came before the end is still cut: a peer may send and close.
                let was_open = connection.is_open();
                let read = connection.read(now, buffer);
                alive = read.is_ok();
                if let Err(Broken::Tls(error)) = read
                    && let Some(unwritten) = self.refused_tls.pass(now)
                {
                    log_refused_tls(&connection.flow, &error, unwritten);
                }
                if !was_open && connection.is_open() && connection.flow.local.is_some() {
                    let names = connection.peer_names();
                    if !names.is_empty() {
                        self.events.push_back(StreamEvent::Identified(id, names));
                    }
                }
                if cut(now, connection, &mut self.events) {
                    self.unproven.remove(&id);
                }
            }
        }
        if alive && connection.interest().write {
            alive = connection.write(now).is_ok();
        }
        self.settle(poller, id, alive);
    }

    /// Closes what took too long.
    pub(crate) fn handle_timeout(&mut self, now: Mono) {
        while let Some(id) = self.checks.pop_due(now) {
            let Some(connection) = self.connections.get_mut(&id) else { continue };
            let deadline = connection.deadline(&self.limits.patience);
            if deadline <= now {
                if connection.has_kept_us_waiting() {
                    let flow = connection.flow.clone();
                    self.events.push_back(StreamEvent::Suspect(flow, Offence::Slow));
                }
                self.close(id);
            } else {
                connection.check_at = deadline;
                self.checks.arm(id, deadline);
            }
        }
    }

    /// At the ceiling the oldest connection goes that has brought nothing: those who only hold
    /// connections open must not keep phones out.
    fn make_room(&mut self) {
        if self.connections.len() >= self.limits.connections_max
            && let Some(oldest) = self.unproven.pop_first()
        {
            self.close(oldest);
        }
    }

    fn has_room(&self, address: IpAddr) -> bool {
        self.connections.len() < self.limits.connections_max
            && self.per_address.get(&address).is_none_or(|n| *n < self.limits.per_address_max)
    }

    fn open(&mut self, now: Mono, poller: &Poller, flow: &Flow) -> Option<ConnectionId> {
        if !self.has_room(flow.remote.ip()) {
            return None;
        }
        let session = match flow.transport {
            Transport::Tcp => None,
            Transport::Tls => Some(self.tls.connect(flow.tls_name.as_deref(), flow.remote.ip())?),
            // A browser cannot be connected to.
            Transport::Udp | Transport::Ws | Transport::Wss => return None,
        };
        let fd = stream_socket(flow.remote).ok()?;
        match rustix::net::connect(&fd, &flow.remote) {
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
            Err(_) => return None,
        }
        let flow = Flow { connection: None, ..flow.clone() };
        self.add(now, poller, flow, fd.into(), session, false)
    }

    fn add(
        &mut self,
        now: Mono,
        poller: &Poller,
        flow: Flow,
        socket: TcpStream,
        session: Option<rustls::Connection>,
        connected: bool,
    ) -> Option<ConnectionId> {
        // Messages are written whole; waiting for more would only delay them.
        let _ = socket.set_nodelay(true);
        let id = ConnectionId(self.next);
        poller.add(&socket, id.0).ok()?;
        self.next += 1;
        *self.per_address.entry(flow.remote.ip()).or_default() += 1;
        self.by_peer.insert((flow.transport, flow.remote, flow.tls_name.clone()), id);
        let flow = Flow { connection: Some(id), ..flow };
        let mut connection = Connection::new(now, flow, socket, session, connected);
        connection.check_at = connection.deadline(&self.limits.patience);
        self.checks.arm(id, connection.check_at);
        self.connections.insert(id, connection);
        self.settle(poller, id, true);
        Some(id)
    }

    /// After anything happened to a connection: closes it, or watches it for what it waits for.
    fn settle(&mut self, poller: &Poller, id: ConnectionId, alive: bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if !alive {
            self.close(id);
            return;
        }
        connection.end_if_written();
        let interest = connection.interest();
        if interest != connection.watched {
            if poller.watch(connection.socket(), id.0, interest).is_err() {
                self.close(id);
                return;
            }
            connection.watched = interest;
        }
        // A deadline that moved on is noticed when the check comes; traffic then costs no timer.
        let deadline = connection.deadline(&self.limits.patience);
        if deadline < connection.check_at {
            connection.check_at = deadline;
            self.checks.arm(id, deadline);
        }
    }

    /// Closes a connection at once.
    pub(crate) fn close(&mut self, id: ConnectionId) {
        let Some(mut connection) = self.connections.remove(&id) else { return };
        self.checks.disarm(&id);
        self.unproven.remove(&id);
        let asked = std::mem::take(&mut connection.asked);
        let flow = connection.flow.clone();
        let key = (flow.transport, flow.remote, flow.tls_name.clone());
        if self.by_peer.get(&key) == Some(&id) {
            self.by_peer.remove(&key);
        }
        if let Some(count) = self.per_address.get_mut(&flow.remote.ip()) {
            *count -= 1;
            if *count == 0 {
                self.per_address.remove(&flow.remote.ip());
            }
        }
        self.events.push_back(StreamEvent::Failed(flow));
        self.events.extend(asked.into_iter().map(StreamEvent::Failed));
    }
}

/// Cuts what has come into messages; says whether there was one. A keep-alive is none: it proves nothing.
fn cut(now: Mono, connection: &mut Connection, events: &mut VecDeque<StreamEvent>) -> bool {
    let (mut any, mut has_message) = (false, false);
    while !connection.is_closing() {
        match next_frame(&mut connection.inbound) {
            Ok(Some(Frame::Message(payload))) => {
                (any, has_message) = (true, true);
                events.push_back(StreamEvent::Message(connection.flow.clone(), payload));
            }
            Ok(Some(Frame::Ping)) => {
                any = true;
                let _ = connection.push(Bytes::from_static(b"\r\n"));
            }
            Ok(Some(Frame::Pong)) => any = true,
            Ok(None) => break,
            Err(error) => {
                let answer = last_answer(&connection.inbound, error, &connection.flow);
                if let Some(answer) = answer {
                    let _ = connection.push(answer.to_bytes());
                }
                connection.close_after_writing(now);
                let flow = connection.flow.clone();
                events.push_back(StreamEvent::Suspect(flow, Offence::Malformed));
            }
        }
    }
    connection.note_rest(now, any);
    has_message
}

fn log_refused_tls(flow: &Flow, error: &rustls::Error, unwritten: u64) {
    // Whoever opened the connection has no port of ours.
    let by = if flow.local.is_some() { "them" } else { "us" };
    tracing::warn!(remote = %flow.remote, opened_by = by, %error, unwritten, "no TLS session");
}

fn stream_socket(address: SocketAddr) -> rustix::io::Result<std::os::fd::OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family, SocketType::STREAM, flags, None)
}
