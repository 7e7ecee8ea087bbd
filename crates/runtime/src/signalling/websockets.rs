//! Browsers that speak SIP over WebSocket (RFC 7118). The web server accepts and frames them; here their messages
//! come to the signalling thread, and its answers go back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::Bytes;
use sip::{ConnectionId, Flow, Packet, Transport};
use switch::Vouched;
use tokio::sync::mpsc;

use crate::poll::Bell;

/// Numbers of these connections begin here: streams count up from the tokens of sockets and never come so far.
const FIRST_CONNECTION: u64 = 1 << 62;
/// Messages of all browsers that wait for the signalling thread. Who brings one more loses the connection.
const INBOUND_MAX: usize = 4096;
/// Messages that wait for a slow browser; one more and the connection is closed.
const OUTBOUND_MAX: usize = 64;
/// What a browser sends to keep its connection open, and the answer (RFC 5626 §4.4.1).
const PING: &[u8] = b"\r\n\r\n";
const PONG: Bytes = Bytes::from_static(b"\r\n");

/// A browser's connection, at the web server's side. Dropped, it is closed.
#[derive(Debug)]
pub struct WebSocket {
    connection: ConnectionId,
    arrivals: Arrivals,
}

impl WebSocket {
    /// Takes a whole message; `false` if the connection must be closed, for there is too much to do.
    #[must_use]
    pub fn receive(&self, message: Bytes) -> bool {
        self.arrivals.tell(Arrival::Message(self.connection, message))
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        // Not to be lost: whoever is registered over the connection cannot be reached any more.
        let _ = self.arrivals.sender.send(Arrival::Closed(self.connection));
        self.arrivals.bell.ring();
    }
}

/// What the web server tells the signalling thread.
#[derive(Debug)]
pub(crate) enum Arrival {
    Opened(Opened),
    Message(ConnectionId, Bytes),
    Closed(ConnectionId),
}

/// A new connection.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) flow: Flow,
    pub(crate) connection: ConnectionId,
    pub(crate) who: Vouched,
    to_browser: mpsc::Sender<Bytes>,
}

/// Hands connections and their messages to the signalling thread.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    sender: SyncSender<Arrival>,
    bell: Bell,
    next: Arc<AtomicU64>,
}

pub(crate) fn arrivals(bell: Bell) -> (Arrivals, Receiver<Arrival>) {
    let (sender, receiver) = sync_channel(INBOUND_MAX);
    let next = Arc::new(AtomicU64::new(FIRST_CONNECTION));
    (Arrivals { sender, bell, next }, receiver)
}

impl Arrivals {
    /// A browser has connected: its connection, and what is to be sent over it, whose end is the end of the
    /// connection. `None` if the signalling thread has too much to do, or has ended.
    pub(crate) fn open(
        &self,
        transport: Transport,
        remote: SocketAddr,
        who: Vouched,
    ) -> Option<(WebSocket, mpsc::Receiver<Bytes>)> {
        let connection = ConnectionId(self.next.fetch_add(1, Ordering::Relaxed));
        let (to_browser, outgoing) = mpsc::channel(OUTBOUND_MAX);
        let flow = Flow { connection: Some(connection), ..Flow::to(transport, remote) };
        let opened = Opened { flow, connection, who, to_browser };
        let is_open = self.tell(Arrival::Opened(opened));
        is_open.then(|| (WebSocket { connection, arrivals: self.clone() }, outgoing))
    }

    fn tell(&self, arrival: Arrival) -> bool {
        let told = self.sender.try_send(arrival).is_ok();
        self.bell.ring();
        told
    }
}

/// The connections, at the signalling thread's side.
#[derive(Debug, Default)]
pub(crate) struct WebSockets {
    open: BTreeMap<ConnectionId, (Flow, mpsc::Sender<Bytes>)>,
}

impl WebSockets {
    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn opened(&mut self, opened: Opened) {
        self.open.insert(opened.connection, (opened.flow, opened.to_browser));
    }

    /// The way that a message came, unless it only keeps the connection open, which is answered at once.
    pub(crate) fn take(&mut self, connection: ConnectionId, message: &Bytes) -> Option<Flow> {
        let (flow, to_browser) = self.open.get(&connection)?;
        if message.as_ref() == PING {
            let _ = to_browser.try_send(PONG);
            return None;
        }
        Some(flow.clone())
    }

    /// Sends a message; gives back the flow that is no more, if so.
    pub(crate) fn send(&mut self, packet: Packet) -> Result<(), Flow> {
        let Packet { flow, payload } = packet;
        // A browser cannot be connected to.
        let Some(connection) = flow.connection else { return Err(flow) };
        let Some((_, to_browser)) = self.open.get(&connection) else { return Err(flow) };
        to_browser.try_send(payload).map_err(|_| {
            self.open.remove(&connection);
            flow
        })
    }

    /// Closes a connection; gives its flow, if it was open.
    pub(crate) fn close(&mut self, connection: ConnectionId) -> Option<Flow> {
        self.open.remove(&connection).map(|(flow, _)| flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poll::Poller;

    type Outgoing = mpsc::Receiver<Bytes>;

    fn opened() -> (WebSockets, (WebSocket, Outgoing), Receiver<Arrival>, Flow) {
        let (arrivals, inbox) = arrivals(Poller::new().unwrap().bell());
        let remote = ([192, 0, 2, 1], 4000).into();
        let who = Vouched::Account("201".into());
        let socket = arrivals.open(Transport::Ws, remote, who.clone()).unwrap();
        let Ok(Arrival::Opened(opened)) = inbox.try_recv() else { panic!("it is told") };
        assert_eq!(opened.who, who);
        let flow = opened.flow.clone();
        let mut sockets = WebSockets::default();
        sockets.opened(opened);
        (sockets, socket, inbox, flow)
    }

    #[test]
    fn messages_go_both_ways_and_a_keep_alive_is_answered() {
        let (mut sockets, (socket, mut outgoing), inbox, flow) = opened();
        assert!(socket.receive(Bytes::from_static(b"REGISTER")));
        let Ok(Arrival::Message(connection, message)) = inbox.try_recv() else { panic!() };
        assert_eq!(sockets.take(connection, &message), Some(flow.clone()));
        let payload = Bytes::from_static(b"SIP/2.0 200 OK");
        sockets.send(Packet { flow, payload: payload.clone() }).unwrap();
        assert_eq!(outgoing.try_recv(), Ok(payload));
        assert_eq!(sockets.take(connection, &Bytes::from_static(PING)), None);
        assert_eq!(outgoing.try_recv(), Ok(PONG));
    }

    #[test]
    fn what_is_closed_is_told_on_both_sides() {
        let (mut sockets, socket, inbox, flow) = opened();
        drop(socket);
        let Ok(Arrival::Closed(connection)) = inbox.try_recv() else { panic!("it is told") };
        assert_eq!(sockets.close(connection), Some(flow.clone()));
        let packet = Packet { flow: flow.clone(), payload: Bytes::new() };
        assert_eq!((sockets.send(packet), sockets.len()), (Err(flow), 0));

        let (mut sockets, (_socket, mut outgoing), _inbox, flow) = opened();
        assert!(sockets.close(flow.connection.unwrap()).is_some());
        assert_eq!(outgoing.blocking_recv(), None);
    }

    #[test]
    fn a_browser_that_reads_nothing_is_closed() {
        let (mut sockets, _socket, _inbox, flow) = opened();
        let packet = || Packet { flow: flow.clone(), payload: Bytes::from_static(b"INVITE") };
        for _ in 0..OUTBOUND_MAX {
            sockets.send(packet()).unwrap();
        }
        assert_eq!((sockets.send(packet()), sockets.len()), (Err(flow.clone()), 0));
    }
}
