//! One endpoint under virtual time, and a peer played by the test: what the endpoint sends is noted
//! with its time, what the peer sends is written out as text.
#![allow(dead_code)] // each test file uses its part

use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use sip::endpoint::EndpointConfig;
use sip::locate::{DnsAnswer, DnsKind, DnsRecord};
use sip::values::Via;
use sip::{
    ClientTx, ConnectionId, Endpoint, Event, Flow, HeaderName, Listener, Message, Method, NextHop,
    ServerTx, StatusCode, Transport,
};

/// Our address.
pub(crate) const US: &str = "192.0.2.1:5060";
/// The peer's address.
pub(crate) const PEER: &str = "192.0.2.77:5070";

/// A packet that the endpoint sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Milliseconds since the start.
    pub(crate) at: u64,
    pub(crate) flow: Flow,
    pub(crate) message: Message,
}

pub(crate) struct Bench {
    pub(crate) endpoint: Endpoint,
    pub(crate) now: Now,
    sent: Vec<Sent>,
}

pub(crate) fn listener(transport: Transport, bound: &str) -> Listener {
    let bound: std::net::SocketAddr = bound.parse().unwrap();
    Listener {
        transport,
        bound,
        advertised_host: bound.ip().to_string().into(),
        advertised_port: bound.port(),
    }
}

pub(crate) fn config(listeners: Vec<Listener>, transactions_max: usize) -> EndpointConfig {
    EndpointConfig {
        listeners,
        t1: Duration::from_millis(500),
        t2: Duration::from_secs(4),
        t4: Duration::from_secs(5),
        transactions_max,
    }
}

impl Bench {
    /// An endpoint that speaks UDP, TCP and TLS.
    pub(crate) fn new() -> Bench {
        Bench::with_max(1000)
    }

    pub(crate) fn with_max(transactions_max: usize) -> Bench {
        let listeners = vec![
            listener(Transport::Udp, US),
            listener(Transport::Tcp, US),
            listener(Transport::Tls, "192.0.2.1:5061"),
        ];
        Bench::with_config(config(listeners, transactions_max))
    }

    pub(crate) fn with_config(config: EndpointConfig) -> Bench {
        let now = Now { mono: Mono::START, wall: Wall::default() };
        Bench { endpoint: Endpoint::new(config, Entropy::from_number(122)), now, sent: Vec::new() }
    }

    /// The peer sends a message.
    pub(crate) fn receive(&mut self, flow: &Flow, message: &Message) {
        self.receive_bytes(flow, &message.to_bytes());
    }

    pub(crate) fn receive_bytes(&mut self, flow: &Flow, bytes: &[u8]) {
        self.endpoint.handle_packet(self.now, flow.clone(), bytes.to_vec().into());
        self.note();
    }

    pub(crate) fn respond(&mut self, tx: ServerTx, response: Message) {
        self.endpoint.respond(self.now, tx, response);
        self.note();
    }

    pub(crate) fn request(&mut self, request: Message, to: NextHop) -> ClientTx {
        let tx = self.endpoint.request(self.now, request, to);
        self.note();
        tx
    }

    pub(crate) fn cancel(&mut self, tx: ClientTx) {
        self.endpoint.cancel(self.now, tx, Some("SIP;cause=200"));
        self.note();
    }

    pub(crate) fn fail(&mut self, flow: &Flow) {
        self.endpoint.handle_flow_failed(self.now, flow);
        self.note();
    }

    /// Answers the one question that is out.
    pub(crate) fn answer_dns(&mut self, kind: DnsKind, name: &str, records: Vec<DnsRecord>) {
        let question = self.endpoint.poll_dns().expect("a question");
        assert_eq!((question.kind, &*question.name), (kind, name));
        assert_eq!(self.endpoint.poll_dns(), None, "one question at a time");
        self.endpoint.handle_dns(self.now, DnsAnswer { id: question.id, records });
        self.note();
    }

    /// Lets time pass.
    pub(crate) fn run_for(&mut self, millis: u64) {
        self.note();
        let until = self.now.after(Duration::from_millis(millis));
        while let Some(next) = self.endpoint.next_timeout().filter(|next| *next <= until.mono) {
            self.now = self.now.after(next.since(self.now.mono));
            self.endpoint.handle_timeout(self.now);
            self.note();
        }
        self.now = until;
    }

    fn note(&mut self) {
        let at = u64::try_from(self.now.mono.since_start().as_millis()).unwrap();
        while let Some(packet) = self.endpoint.poll_transmit() {
            let message = Message::parse(packet.payload).expect("we send what can be read");
            self.sent.push(Sent { at, flow: packet.flow, message });
        }
    }

    /// What was sent since it was last asked.
    pub(crate) fn sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.sent)
    }

    /// The one message sent since it was last asked.
    pub(crate) fn sent_one(&mut self) -> Sent {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0)
    }

    /// When something was sent since it was last asked, in milliseconds.
    pub(crate) fn sent_at(&mut self) -> Vec<u64> {
        self.sent().iter().map(|sent| sent.at).collect()
    }

    /// The events since they were last asked for, in a short form.
    pub(crate) fn told(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.endpoint.poll_event()).map(|event| short(&event)).collect()
    }

    /// The transaction of the one request received.
    pub(crate) fn take_request(&mut self) -> (ServerTx, Message) {
        match self.endpoint.poll_event() {
            Some(Event::Request { tx, message, .. }) => {
                assert!(self.endpoint.poll_event().is_none(), "one event");
                (tx, message)
            }
            other => panic!("not a request: {other:?}"),
        }
    }

    /// Nothing is in work and no deadline is left.
    pub(crate) fn is_idle(&self) -> bool {
        self.endpoint.transactions() == (0, 0) && self.endpoint.next_timeout().is_none()
    }
}

fn short(event: &Event) -> String {
    match event {
        Event::Request { message, .. } => message.method().as_str().to_owned(),
        Event::Ack { .. } => "ACK".into(),
        Event::Cancelled { .. } => "cancelled".into(),
        Event::Response { message, .. } => message.status().unwrap().0.to_string(),
        Event::Failed { why, .. } => format!("{why:?}"),
        Event::StrayResponse { message } => format!("stray {}", message.status().unwrap().0),
        Event::ServerDone { acknowledged: true, .. } => "server done".into(),
        Event::ServerDone { acknowledged: false, .. } => "server done, not acknowledged".into(),
        Event::ClientDone { .. } => "client done".into(),
    }
}

/// A flow as the endpoint sees it: from the peer over UDP.
pub(crate) fn udp() -> Flow {
    Flow { local: Some(US.parse().unwrap()), ..Flow::to(Transport::Udp, PEER.parse().unwrap()) }
}

/// The same over a TCP connection.
pub(crate) fn tcp() -> Flow {
    Flow { transport: Transport::Tcp, connection: Some(ConnectionId(1)), ..udp() }
}

/// A request as the peer sends it.
pub(crate) fn from_peer(method: Method, branch: &str) -> Message {
    let cseq = match method {
        Method::Ack | Method::Cancel => "1 INVITE".replace("INVITE", method.as_str()),
        _ => format!("1 {}", method.as_str()),
    };
    let mut request = Message::request(method, "sip:122@192.0.2.1");
    request
        .push(HeaderName::Via, format_args!("SIP/2.0/UDP 192.0.2.77:5070;branch={branch};rport"));
    request.push(HeaderName::From, "<sip:citizen@192.0.2.77>;tag=peer");
    request.push(HeaderName::To, "<sip:122@192.0.2.1>");
    request.push(HeaderName::CallId, "call@192.0.2.77");
    request.push(HeaderName::CSeq, cseq);
    request
}

/// A request of our own, without Via.
pub(crate) fn from_us(method: Method) -> Message {
    let name = method.as_str().to_owned();
    let mut request = Message::request(method, "sip:270001@192.0.2.77");
    request.push(HeaderName::From, "<sip:122@192.0.2.1>;tag=us");
    request.push(HeaderName::To, "<sip:270001@192.0.2.77>");
    request.push(HeaderName::CallId, "call@192.0.2.1");
    request.push(HeaderName::CSeq, format_args!("7 {name}"));
    request
}

/// A response with a To tag, by whoever received the request.
pub(crate) fn response(request: &Message, status: u16) -> Message {
    let mut response = Message::response(request, StatusCode(status));
    response.set_to_tag("answer");
    response
}

/// The branch of the top Via.
pub(crate) fn branch(message: &Message) -> String {
    let top = message.elements(HeaderName::Via).next().expect("a Via");
    Via::parse(top).unwrap().branch().expect("a branch").to_owned()
}
