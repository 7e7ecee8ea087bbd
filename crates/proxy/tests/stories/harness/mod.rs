//! A proxy and some phones on a virtual wire, under virtual time.
//!
//! Every party is a [`sip::Endpoint`]; packets take one millisecond. A test says what people do, lets
//! time pass with [`World::run`], and looks at what reached whom.

#![allow(dead_code, unreachable_pub)] // each test file uses its part

pub mod plan;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use journal::CallRecord;
use proxy::{Admission, Arrival, Offence, Output, Proxy, ProxyConfig};
use sip::digest::Client;
use sip::endpoint::EndpointConfig;
use sip::{
    ClientTx, ConnectionId, Dialog, Endpoint, Event, Flow, HeaderName, Listener, Message, Method,
    NextHop, Packet, ServerTx, StatusCode, Transport, UriBuf,
};

/// Where the proxy listens.
pub const PROXY: &str = "127.0.0.1:5060";
/// How long a packet is on its way.
const DELAY: Duration = Duration::from_millis(1);

/// The whole test.
pub struct World {
    pub now: Now,
    pub proxy: Proxy,
    pub endpoint: Endpoint,
    /// Events that the proxy gave back.
    pub returned: Vec<Event>,
    pub outputs: VecDeque<Output>,
    phones: BTreeMap<SocketAddr, Phone>,
    wire: BTreeMap<(Mono, u64), (Packet, SocketAddr)>,
    sent: u64,
    /// Packets from here to there get lost.
    pub cut: Vec<(SocketAddr, SocketAddr)>,
    /// How many of a hundred packets get lost.
    pub loss: u64,
    entropy: Entropy,
    /// The flow over which the proxy sent last, by its far end.
    flows: BTreeMap<SocketAddr, Flow>,
    /// Packets and bytes sent to each address.
    told: BTreeMap<SocketAddr, (usize, usize)>,
    /// Answers that phones will give.
    pub later: Vec<(Mono, String, ServerTx, Message)>,
}

/// A phone, a PBX or a carrier.
pub struct Phone {
    pub address: SocketAddr,
    pub endpoint: Endpoint,
    pub events: VecDeque<Event>,
    pub entropy: Entropy,
    cseq: u32,
}

fn endpoint(address: SocketAddr, seed: u64) -> Endpoint {
    let listener = |transport| Listener {
        transport,
        bound: address,
        advertised_host: address.ip().to_string().into(),
        advertised_port: address.port(),
    };
    let config = EndpointConfig {
        listeners: vec![listener(Transport::Udp), listener(Transport::Tcp)],
        t1: Duration::from_millis(500),
        t2: Duration::from_secs(4),
        t4: Duration::from_secs(5),
        transactions_max: 10_000,
    };
    Endpoint::new(config, Entropy::from_number(seed))
}

impl World {
    pub fn new() -> World {
        World::with_plan(plan::demo())
    }

    pub fn with_plan(plan: dialplan::Dialplan) -> World {
        World::with(plan, 1000)
    }

    pub fn with(plan: dialplan::Dialplan, calls_max: usize) -> World {
        let now = Now {
            mono: Mono::from_start(Duration::from_secs(1)),
            wall: Wall::from_unix_millis(1_700_000_000_000),
        };
        let config = ProxyConfig {
            realm: "line122".into(),
            digest: sip::digest::Algorithm::ALL.to_vec(),
            domains: vec!["line.example".into()],
            calls_max,
        };
        World {
            now,
            proxy: Proxy::new(
                now,
                Arc::new(plan),
                config,
                Admission::new(now.mono, 100_000, 100_000, Duration::from_secs(10)),
                Entropy::from_number(7),
            ),
            endpoint: endpoint(PROXY.parse().unwrap(), 1),
            returned: Vec::new(),
            outputs: VecDeque::new(),
            phones: BTreeMap::new(),
            wire: BTreeMap::new(),
            sent: 0,
            cut: Vec::new(),
            loss: 0,
            entropy: Entropy::from_number(11),
            later: Vec::new(),
            flows: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    /// A phone at an address, made when it is first spoken of.
    pub fn phone(&mut self, address: &str) -> &mut Phone {
        let address: SocketAddr = address.parse().unwrap();
        let seed = 1000 + u64::from(address.port());
        self.phones.entry(address).or_insert_with(|| Phone {
            address,
            endpoint: endpoint(address, seed),
            events: VecDeque::new(),
            entropy: Entropy::from_number(seed * 3),
            cseq: 0,
        })
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now.mono + time;
        loop {
            self.pump();
            let timeouts = self.phones.values().map(|phone| phone.endpoint.next_timeout());
            let next = timeouts
                .chain([self.endpoint.next_timeout(), self.proxy.next_timeout()])
                .chain([self.wire.keys().next().map(|(at, _)| *at)])
                .flatten()
                .min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.advance(next.max(self.now.mono));
            self.fire();
        }
        self.advance(end);
    }

    /// Half a second: whatever is on the wire arrives.
    pub fn settle(&mut self) {
        self.run(Duration::from_millis(100));
    }

    fn advance(&mut self, to: Mono) {
        self.now = self.now.after(to.since(self.now.mono));
    }

    fn fire(&mut self) {
        let now = self.now;
        while let Some(entry) = self.wire.first_entry() {
            if entry.key().0 > now.mono {
                break;
            }
            let (packet, from) = entry.remove();
            self.deliver(packet, from);
        }
        for phone in self.phones.values_mut() {
            if phone.endpoint.next_timeout().is_some_and(|at| at <= now.mono) {
                phone.endpoint.handle_timeout(now);
            }
        }
        if self.endpoint.next_timeout().is_some_and(|at| at <= now.mono) {
            self.endpoint.handle_timeout(now);
        }
        if self.proxy.next_timeout().is_some_and(|at| at <= now.mono) {
            self.proxy.handle_timeout(now, &mut self.endpoint);
        }
    }

    fn deliver(&mut self, packet: Packet, from: SocketAddr) {
        let to = packet.flow.remote;
        if self.cut.contains(&(from, to)) || self.entropy.below(100) < self.loss {
            return;
        }
        let reliable = packet.flow.transport.is_reliable();
        let low = u64::from(from.port().min(to.port()));
        let high = u64::from(from.port().max(to.port()));
        let flow = Flow {
            transport: packet.flow.transport,
            local: Some(to),
            remote: from,
            connection: reliable.then_some(ConnectionId(low << 16 | high)),
            tls_name: None,
        };
        if to == PROXY.parse().unwrap() {
            if !self.proxy.lets_in(self.now, &flow, &packet.payload) {
                return;
            }
            if !self.endpoint.handle_packet(self.now, flow.clone(), packet.payload) {
                self.proxy.offence(self.now, &flow, Offence::Malformed);
            }
        } else if let Some(phone) = self.phones.get_mut(&to) {
            phone.endpoint.handle_packet(self.now, flow, packet.payload);
        }
    }

    /// Carries events up and packets down until nothing moves.
    fn pump(&mut self) {
        loop {
            let mut moved = false;
            while let Some(event) = self.endpoint.poll_event() {
                moved = true;
                let back = self.proxy.handle_event(self.now, &mut self.endpoint, event);
                self.returned.extend(back);
            }
            self.outputs.extend(std::iter::from_fn(|| self.proxy.poll_output()));
            let at = self.now.mono + DELAY;
            let proxy: SocketAddr = PROXY.parse().unwrap();
            while let Some(packet) = self.endpoint.poll_transmit() {
                moved = true;
                self.sent += 1;
                let told = self.told.entry(packet.flow.remote).or_default();
                *told = (told.0 + 1, told.1 + packet.payload.len());
                self.flows.insert(packet.flow.remote, packet.flow.clone());
                self.wire.insert((at, self.sent), (packet, proxy));
            }
            while let Some(query) = self.endpoint.poll_dns() {
                moved = true;
                let answer = sip::locate::DnsAnswer { id: query.id, records: Vec::new() };
                self.endpoint.handle_dns(self.now, answer);
            }
            for phone in self.phones.values_mut() {
                phone.events.extend(std::iter::from_fn(|| phone.endpoint.poll_event()));
                while let Some(packet) = phone.endpoint.poll_transmit() {
                    moved = true;
                    self.sent += 1;
                    self.wire.insert((at, self.sent), (packet, phone.address));
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// How many packets the proxy has sent to an address.
    pub fn sent_to(&self, address: &str) -> usize {
        self.told.get(&address.parse().unwrap()).map_or(0, |told| told.0)
    }

    /// How many bytes.
    pub fn bytes_to(&self, address: &str) -> usize {
        self.told.get(&address.parse().unwrap()).map_or(0, |told| told.1)
    }

    /// Sends raw bytes from an address to the proxy.
    pub fn send_raw(&mut self, from: &str, bytes: &str) {
        let proxy: SocketAddr = PROXY.parse().unwrap();
        let from = from.parse().unwrap();
        let flow = Flow::to(Transport::Udp, proxy);
        self.sent += 1;
        let packet = Packet { flow, payload: bytes.to_owned().into() };
        self.wire.insert((self.now.mono + DELAY, self.sent), (packet, from));
    }
}

/// What the proxy told.
impl World {
    /// The one arrival that is there.
    pub fn arrival(&mut self) -> Box<Arrival> {
        let at = self.outputs.iter().position(|output| matches!(output, Output::Arrival(_)));
        match self.outputs.remove(at.expect("an arrival")) {
            Some(Output::Arrival(arrival)) => arrival,
            _ => unreachable!(),
        }
    }

    pub fn has_arrival(&self) -> bool {
        self.outputs.iter().any(|output| matches!(output, Output::Arrival(_)))
    }

    /// All records so far.
    pub fn records(&self) -> Vec<&CallRecord> {
        let mut records = Vec::new();
        for output in &self.outputs {
            if let Output::Record(record) = output {
                records.push(record.as_ref());
            }
        }
        records
    }

    /// Call control's answer to an arrival.
    pub fn answer_arrival(&mut self, arrival: &Arrival, status: u16) {
        let mut response = Message::response(&arrival.request, StatusCode(status));
        response.set_to_tag("robot");
        response.copy_from(&arrival.request, HeaderName::RecordRoute);
        response.push(HeaderName::Contact, format_args!("<sip:122@{PROXY}>"));
        self.endpoint.respond(self.now, arrival.tx, response);
        self.settle();
    }

    /// Registers a phone and gives the status of the last answer.
    pub fn register(&mut self, address: &str, user: &str, password: &str) -> u16 {
        let contact = format!("<sip:{user}@{address}>");
        self.register_with(address, user, password, &[("Contact", &contact)]).0
    }

    /// Registers with these headers; gives the last status and answer.
    pub fn register_with(
        &mut self,
        address: &str,
        user: &str,
        password: &str,
        headers: &[(&str, &str)],
    ) -> (u16, Message) {
        self.register_over(Transport::Udp, address, user, password, headers)
    }

    pub fn register_over(
        &mut self,
        transport: Transport,
        address: &str,
        user: &str,
        password: &str,
        headers: &[(&str, &str)],
    ) -> (u16, Message) {
        let now = self.now;
        let phone = self.phone(address);
        let call_id = format!("reg-{user}-{address}");
        let mut request = phone.request(Method::Register, "sip:line122", user, user, &call_id);
        for (name, value) in headers {
            request.push_named(name, value);
        }
        let hop = NextHop::Flow(Flow::to(transport, PROXY.parse().unwrap()));
        phone.endpoint.request(now, request.clone(), hop.clone());
        self.settle();
        let phone = self.phone(address);
        let (status, response) = phone.response();
        if status != 401 {
            return (status, response);
        }
        let mut digest = Client::new(user, password, phone.entropy.fork());
        phone.raise_cseq(&mut request);
        assert!(digest.answer(&response, &mut request));
        let now = self.now;
        self.phone(address).endpoint.request(now, request, hop);
        self.settle();
        self.phone(address).response()
    }

    /// Somebody calls; nothing is waited for.
    pub fn call(&mut self, address: &str, to: &str, headers: &[(&str, &str)]) -> Outgoing {
        let request = self.phone(address).invite(to, headers);
        self.call_with(address, request)
    }

    pub fn call_with(&mut self, address: &str, request: Message) -> Outgoing {
        let now = self.now;
        let hop = NextHop::Flow(Flow::to(Transport::Udp, PROXY.parse().unwrap()));
        let phone = self.phone(address);
        let tx = phone.endpoint.request(now, request.clone(), hop);
        self.settle();
        Outgoing { tx, request, address: address.to_owned() }
    }

    /// An account calls: it answers the challenge.
    pub fn call_as(&mut self, address: &str, user: &str, password: &str, to: &str) -> Outgoing {
        let from = format!("<sip:{user}@line122>;tag=t{user}");
        let mut request = self.phone(address).invite(to, &[("From", &from)]);
        self.call_with(address, request.clone());
        let phone = self.phone(address);
        let (status, response) = phone.response();
        assert_eq!(status, 407);
        let mut digest = Client::new(user, password, phone.entropy.fork());
        phone.raise_cseq(&mut request);
        assert!(digest.answer(&response, &mut request));
        self.call_with(address, request)
    }

    /// The caller acknowledges a 2xx and gets its dialog.
    pub fn acknowledge(&mut self, call: &Outgoing, answer: &Message) -> Dialog {
        let now = self.now;
        let dialog = Dialog::uac(&call.request, answer).unwrap();
        let ack = dialog.ack(dialog.local_seq);
        let hop = NextHop::Uri(dialog.next_hop());
        self.phone(&call.address).endpoint.send(now, ack, hop);
        self.settle();
        dialog
    }

    /// A request within a dialog of a phone.
    pub fn within(&mut self, address: &str, dialog: &mut Dialog, method: Method) {
        let request = dialog.request(method);
        self.within_with(address, dialog, request);
    }

    pub fn within_with(&mut self, address: &str, dialog: &Dialog, request: Message) {
        let now = self.now;
        let hop = NextHop::Uri(dialog.next_hop());
        self.phone(address).endpoint.request(now, request, hop);
        self.settle();
    }

    /// A phone answers a request.
    pub fn answer(&mut self, address: &str, incoming: &(ServerTx, Message), status: u16) {
        self.answer_with(address, incoming, status, &[]);
    }

    pub fn answer_with(
        &mut self,
        address: &str,
        (tx, request): &(ServerTx, Message),
        status: u16,
        headers: &[(&str, &str)],
    ) {
        let now = self.now;
        let mut response = Message::response(request, StatusCode(status));
        response.set_to_tag(&format!("tag-{address}").replace([':', '.'], "-"));
        response.copy_from(request, HeaderName::RecordRoute);
        if status < 300 && !headers.iter().any(|(name, _)| *name == "Contact") {
            response.push(HeaderName::Contact, format_args!("<sip:phone@{address}>"));
        }
        for (name, value) in headers {
            response.push_named(name, value);
        }
        self.phone(address).endpoint.respond(now, *tx, response);
        self.settle();
    }

    /// The flow over which the proxy sent last to an address.
    pub fn last_flow_to(&self, address: &str) -> Flow {
        self.flows[&address.parse().unwrap()].clone()
    }

    /// Phones give the answers that are due.
    pub fn answer_later(&mut self) {
        let now = self.now;
        let (due, rest) = self.later.drain(..).partition(|(at, ..)| *at <= now.mono);
        self.later = rest;
        let due: Vec<(Mono, String, ServerTx, Message)> = due;
        for (_, address, tx, answer) in due {
            self.phone(&address).endpoint.respond(now, tx, answer);
        }
    }

    pub fn cancel(&mut self, call: &Outgoing) {
        let now = self.now;
        self.phone(&call.address).endpoint.cancel(now, call.tx, None);
        self.settle();
    }
}

/// An INVITE on its way.
pub struct Outgoing {
    pub tx: ClientTx,
    pub request: Message,
    pub address: String,
}

impl Phone {
    /// A request outside dialogs, from and to users of our domain.
    pub fn request(
        &mut self,
        method: Method,
        uri: &str,
        from: &str,
        to: &str,
        call_id: &str,
    ) -> Message {
        self.cseq += 1;
        let name = method.as_str().to_owned();
        let mut request = Message::request(method, uri);
        let tag = self.entropy.token();
        request.push(HeaderName::From, format_args!("<sip:{from}@line122>;tag={tag}"));
        request.push(HeaderName::To, format_args!("<sip:{to}@line122>"));
        request.push(HeaderName::CallId, call_id);
        request.push(HeaderName::CSeq, format_args!("{} {name}", self.cseq));
        request
    }

    /// An INVITE to a user of the proxy; `headers` replace those that are usual.
    pub fn invite(&mut self, to: &str, headers: &[(&str, &str)]) -> Message {
        let call_id = format!("call-{}", self.entropy.token());
        let uri = if to.contains(':') { to.to_owned() } else { format!("sip:{to}@{PROXY}") };
        let mut request = self.request(Method::Invite, &uri, "+79201234567", "x", &call_id);
        request.set(HeaderName::To, format_args!("<{uri}>"));
        request.push(HeaderName::Contact, format_args!("<sip:me@{}>", self.address));
        for (name, value) in headers {
            let known = HeaderName::from_bytes(name.as_bytes());
            match known {
                HeaderName::From | HeaderName::Contact | HeaderName::MaxForwards => {
                    request.set(known, value);
                }
                _ => request.push_named(name, value),
            }
        }
        request.set_body("application/sdp", &b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"[..]);
        request
    }

    pub fn raise_cseq(&mut self, request: &mut Message) {
        self.cseq += 1;
        let name = request.method().as_str().to_owned();
        request.set(HeaderName::CSeq, format_args!("{} {name}", self.cseq));
    }

    /// The oldest request with this method.
    pub fn asked(&mut self, method: &Method) -> Option<(ServerTx, Message)> {
        let is_it = |event: &Event| matches!(event, Event::Request { message, .. } if message.method() == method);
        let at = self.events.iter().position(is_it)?;
        match self.events.remove(at)? {
            Event::Request { tx, message, .. } => Some((tx, message)),
            _ => None,
        }
    }

    pub fn expect(&mut self, method: Method) -> (ServerTx, Message) {
        let address = self.address;
        self.asked(&method).unwrap_or_else(|| panic!("{address} got no {}", method.as_str()))
    }

    pub fn ack(&mut self) -> Option<Message> {
        let at = self.events.iter().position(|event| matches!(event, Event::Ack { .. }))?;
        match self.events.remove(at)? {
            Event::Ack { message, .. } => Some(message),
            _ => None,
        }
    }

    pub fn is_cancelled(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::Cancelled { .. }))
    }

    /// The statuses of all responses so far, 100 left out.
    pub fn statuses(&self) -> Vec<u16> {
        let status = |event: &Event| match event {
            Event::Response { message, .. } => message.status().map(|status| status.0),
            _ => None,
        };
        self.events.iter().filter_map(status).filter(|status| *status != 100).collect()
    }

    /// The last response, everything before forgotten.
    pub fn response(&mut self) -> (u16, Message) {
        while let Some(event) = self.events.pop_back() {
            if let Event::Response { message, .. } = event {
                self.events.clear();
                return (message.status().unwrap().0, message);
            }
        }
        panic!("{} got no response", self.address);
    }
}

pub fn uri(text: &str) -> UriBuf {
    UriBuf::parse(text).unwrap()
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
