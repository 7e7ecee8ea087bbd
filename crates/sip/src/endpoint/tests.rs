//! Whatever happens in whatever order: no panic, every transaction ends exactly once, and when all
//! has ended no table remembers anything.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use proptest::prelude::*;

use super::{ClientTx, Endpoint, EndpointConfig, Event, ServerTx};
use crate::locate::{DnsAnswer, DnsRecord};
use crate::{
    ConnectionId, Flow, HeaderName, Listener, Message, Method, NextHop, StatusCode, Transport,
    UriBuf,
};

/// Something that happens; numbers choose among what is there.
#[derive(Clone, Debug)]
enum Happening {
    Request { method: usize, branch: usize, flow: usize, to_tag: bool },
    Response { to: usize, status: usize, flow: usize },
    Respond { tx: usize, status: usize },
    Send { method: usize, hop: usize, large: bool },
    SendLoose { hop: usize },
    Cancel { tx: usize },
    FlowFails { flow: usize },
    PacketFails { packet: usize },
    Dns { records: usize },
    Time { millis: u64 },
}

fn happening() -> impl Strategy<Value = Happening> {
    let n = || 0..64_usize;
    prop_oneof![
        4 => (n(), n(), n(), any::<bool>()).prop_map(|(method, branch, flow, to_tag)| {
            Happening::Request { method, branch, flow, to_tag }
        }),
        4 => (n(), n(), n()).prop_map(|(to, status, flow)| Happening::Response { to, status, flow }),
        4 => (n(), n()).prop_map(|(tx, status)| Happening::Respond { tx, status }),
        3 => (n(), n(), any::<bool>())
            .prop_map(|(method, hop, large)| Happening::Send { method, hop, large }),
        1 => n().prop_map(|hop| Happening::SendLoose { hop }),
        2 => n().prop_map(|tx| Happening::Cancel { tx }),
        1 => n().prop_map(|flow| Happening::FlowFails { flow }),
        1 => n().prop_map(|packet| Happening::PacketFails { packet }),
        3 => n().prop_map(|records| Happening::Dns { records }),
        4 => (0..40_000_u64).prop_map(|millis| Happening::Time { millis }),
    ]
}

fn pick<T: Clone>(from: &[T], number: usize) -> Option<T> {
    from.get(number.checked_rem(from.len())?).cloned()
}

const METHODS: [Method; 5] =
    [Method::Invite, Method::Ack, Method::Cancel, Method::Bye, Method::Options];
const STATUSES: [u16; 8] = [100, 180, 183, 200, 302, 401, 486, 503];

fn flows() -> Vec<Flow> {
    let remote = |port| ([192, 0, 2, 77], port).into();
    let tcp =
        |id| Flow { connection: Some(ConnectionId(id)), ..Flow::to(Transport::Tcp, remote(5070)) };
    vec![
        Flow::to(Transport::Udp, remote(5070)),
        Flow::to(Transport::Udp, remote(5071)),
        tcp(1),
        tcp(2),
        Flow::to(Transport::Tcp, remote(5070)),
    ]
}

fn hop(number: usize) -> NextHop {
    let uri = |text| NextHop::Uri(UriBuf::parse(text).unwrap());
    match number % 8 {
        0 => uri("sip:192.0.2.77:5070"),
        1 => uri("sip:trunk.example"),
        2 => uri("sip:trunk.example;transport=tcp"),
        3 => uri("tel:+7"),
        other => NextHop::Flow(flows()[other - 4].clone()),
    }
}

fn request(method: Method, branch: Option<&str>, to_tag: bool) -> Message {
    let name = method.as_str().to_owned();
    let mut request = Message::request(method, "sip:122@192.0.2.1");
    if let Some(branch) = branch {
        request.push(HeaderName::Via, format_args!("SIP/2.0/UDP 192.0.2.77:5070;branch={branch}"));
    }
    request.push(HeaderName::From, "<sip:citizen@192.0.2.77>;tag=peer");
    let tag = if to_tag { ";tag=us" } else { "" };
    request.push(HeaderName::To, format_args!("<sip:122@192.0.2.1>{tag}"));
    request.push(HeaderName::CallId, "call@192.0.2.77");
    request.push(HeaderName::CSeq, format_args!("1 {name}"));
    request
}

struct World {
    endpoint: Endpoint,
    now: Now,
    /// Live transactions as the user knows them; INVITEs true.
    servers: BTreeMap<ServerTx, bool>,
    clients: BTreeMap<ClientTx, bool>,
    sent: Vec<(Flow, Message)>,
    questions: Vec<u64>,
}

impl World {
    fn new() -> World {
        let listener = |transport| Listener {
            transport,
            bound: ([192, 0, 2, 1], 5060).into(),
            advertised_host: "192.0.2.1".into(),
            advertised_port: 5060,
        };
        let config = EndpointConfig {
            listeners: vec![listener(Transport::Udp), listener(Transport::Tcp)],
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            transactions_max: 12,
        };
        World {
            endpoint: Endpoint::new(config, Entropy::from_number(122)),
            now: Now { mono: Mono::START, wall: Wall::default() },
            servers: BTreeMap::new(),
            clients: BTreeMap::new(),
            sent: Vec::new(),
            questions: Vec::new(),
        }
    }

    fn happens(&mut self, happening: Happening) {
        let now = self.now;
        match happening {
            Happening::Request { method, branch, flow, to_tag } => {
                let branches = ["z9hG4bKa", "z9hG4bKb", "z9hG4bKc", "old", "z9hG4bK"];
                let method = pick(&METHODS, method).unwrap();
                let message = request(method, pick(&branches, branch), to_tag);
                let flow = pick(&flows(), flow).unwrap();
                self.endpoint.handle_packet(now, flow, message.to_bytes());
            }
            Happening::Response { to, status, flow } => {
                let Some((_, request)) = pick(&self.sent, to).filter(|(_, m)| m.is_request())
                else {
                    return;
                };
                let mut response = Message::response(&request, status_of(status));
                response.set_to_tag("peer");
                let flow = pick(&flows(), flow).unwrap();
                self.endpoint.handle_packet(now, flow, response.to_bytes());
            }
            Happening::Respond { tx, status } => {
                let known: Vec<ServerTx> = self.servers.keys().copied().collect();
                if let Some(tx) = pick(&known, tx) {
                    self.respond(tx, status_of(status));
                }
            }
            Happening::Send { method, hop: to, large } => {
                let method = if method % 2 == 0 { Method::Invite } else { Method::Options };
                let is_invite = method == Method::Invite;
                let mut message = request(method, None, false);
                if large {
                    message.set_body("text/plain", vec![b'.'; 1400]);
                }
                let tx = self.endpoint.request(now, message, hop(to));
                assert!(self.clients.insert(tx, is_invite).is_none());
            }
            Happening::SendLoose { hop: to } => {
                self.endpoint.send(now, request(Method::Ack, None, true), hop(to));
            }
            Happening::Cancel { tx } => {
                let known: Vec<ClientTx> = self.clients.keys().copied().collect();
                if let Some(tx) = pick(&known, tx) {
                    self.endpoint.cancel(now, tx, None);
                }
            }
            Happening::FlowFails { flow } => {
                self.endpoint.handle_flow_failed(now, &pick(&flows(), flow).unwrap());
            }
            Happening::PacketFails { packet } => {
                if let Some((flow, _)) = pick(&self.sent, packet) {
                    self.endpoint.handle_flow_failed(now, &flow);
                }
            }
            Happening::Dns { records } => {
                let Some(id) = self.questions.pop() else { return };
                let address = |last| DnsRecord::Address([192, 0, 2, last].into());
                let target = "a.example".into();
                let srv = DnsRecord::Srv { priority: 1, weight: 1, port: 5070, target };
                let records = match records % 4 {
                    0 => vec![],
                    1 => vec![address(77)],
                    2 => vec![address(77), address(78)],
                    _ => vec![srv],
                };
                self.endpoint.handle_dns(now, DnsAnswer { id, records });
            }
            Happening::Time { millis } => self.run_for(Duration::from_millis(millis)),
        }
        self.drain();
    }

    fn respond(&mut self, tx: ServerTx, status: StatusCode) {
        let Some(request) = self.endpoint.request_of(tx) else { return };
        let mut response = Message::response(request, status);
        response.set_to_tag("us");
        self.endpoint.respond(self.now, tx, response);
    }

    fn run_for(&mut self, duration: Duration) {
        let until = self.now.after(duration);
        while let Some(next) = self.endpoint.next_timeout().filter(|next| *next <= until.mono) {
            self.now = self.now.after(next.since(self.now.mono));
            self.endpoint.handle_timeout(self.now);
            let next = self.endpoint.next_timeout();
            assert!(next.is_none_or(|next| next > self.now.mono), "what was due is done");
            self.drain();
        }
        self.now = until;
    }

    fn drain(&mut self) {
        while let Some(packet) = self.endpoint.poll_transmit() {
            let message = Message::parse(packet.payload).expect("we send what can be read");
            self.sent.push((packet.flow, message));
        }
        while let Some(question) = self.endpoint.poll_dns() {
            self.questions.push(question.id);
        }
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Request { tx, message, .. } => {
                    let is_invite = *message.method() == Method::Invite;
                    assert!(self.servers.insert(tx, is_invite).is_none(), "told once");
                }
                Event::Cancelled { tx, .. } => assert_eq!(self.servers.get(&tx), Some(&true)),
                Event::Response { tx, .. } | Event::Failed { tx, .. } => {
                    assert!(self.clients.contains_key(&tx), "not after its end");
                }
                Event::ServerDone { tx, .. } => assert!(self.servers.remove(&tx).is_some()),
                Event::ClientDone { tx } => assert!(self.clients.remove(&tx).is_some()),
                Event::Ack { .. } | Event::StrayResponse { .. } => {}
            }
        }
    }

    /// The users finish their work; then nothing may be left.
    fn ends(&mut self) {
        for tx in self.servers.keys().copied().collect::<Vec<_>>() {
            self.respond(tx, StatusCode(486));
        }
        for tx in self.clients.keys().copied().collect::<Vec<_>>() {
            self.endpoint.cancel(self.now, tx, None);
        }
        self.drain();
        // Several targets in turn may each take 32 seconds, as may each silent question.
        self.run_for(Duration::from_secs(32 * 40));
        assert!(self.servers.is_empty() && self.clients.is_empty());
        let Endpoint {
            servers, clients, loose, server_keys, merge_keys, branches, asked, out, ..
        } = &self.endpoint;
        assert!(servers.is_empty() && clients.is_empty() && loose.is_empty());
        assert!(server_keys.is_empty() && merge_keys.is_empty() && branches.is_empty());
        assert!(asked.is_empty() && out.by_remote.is_empty() && out.clock.is_empty());
    }
}

fn status_of(number: usize) -> StatusCode {
    StatusCode(pick(&STATUSES, number).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_panics_and_nothing_leaks(
        happenings in prop::collection::vec(happening(), 1..120),
    ) {
        let mut world = World::new();
        for happening in happenings {
            world.happens(happening);
        }
        world.ends();
    }

    #[test]
    fn no_packet_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut world = World::new();
        let flow = flows()[0].clone();
        let text = [&b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP "[..], &bytes].concat();
        for payload in [bytes, text] {
            world.endpoint.handle_packet(world.now, flow.clone(), payload.into());
            world.drain();
        }
    }
}
