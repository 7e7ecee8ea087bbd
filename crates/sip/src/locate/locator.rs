//! One location: from a URI to flows, a DNS question at a time.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ambient::Entropy;

use super::{DnsKind, DnsRecord};
use crate::uri::Scheme;
use crate::{Flow, Host, Listener, Transport, Uri};

/// Targets tried for one request.
pub(crate) const TARGETS_MAX: usize = 16;
/// Records of one NAPTR or SRV answer that are used, the best ones.
pub(crate) const RECORDS_MAX: usize = 10;

/// Which servers we can reach at all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    transports: u8,
    v4: bool,
    v6: bool,
}

impl Reach {
    /// What our listeners can reach.
    pub(crate) fn of(listeners: &[Listener]) -> Reach {
        let mut reach = Reach::default();
        for listener in listeners {
            reach.transports |= 1 << listener.transport as u8;
            reach.v4 |= listener.bound.is_ipv4();
            reach.v6 |= listener.bound.is_ipv6();
        }
        reach
    }

    /// Whether we speak a transport.
    pub(crate) fn speaks(self, transport: Transport) -> bool {
        self.transports & (1 << transport as u8) != 0
    }

    fn reaches(self, address: IpAddr) -> bool {
        if address.is_ipv4() { self.v4 } else { self.v6 }
    }
}

/// What a location wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A DNS question, answered with [`Locator::answer`].
    Ask(Arc<str>, DnsKind),
    /// A target to try.
    Try(Flow),
    /// No more targets.
    Done,
}

/// The state of one location. Backup targets are looked up only when they are needed.
#[derive(Debug)]
pub(crate) struct Locator {
    reach: Reach,
    secure: bool,
    /// The URI's domain, which a certificate must carry (RFC 5922 §7.2).
    domain: Arc<str>,
    asked: Option<Task>,
    agenda: VecDeque<Task>,
    ready: VecDeque<Flow>,
    /// Targets that failed a short while ago, kept for the case that nothing else answers.
    deferred: VecDeque<Flow>,
    given: usize,
    /// UDP was our choice and not the URI's, so that a large request may go over TCP.
    udp_by_default: bool,
}

#[derive(Clone, Debug)]
enum Task {
    Naptr { name: Arc<str> },
    Srv { name: Arc<str>, transport: Transport },
    Address { name: Arc<str>, transport: Transport, port: u16 },
}

impl Locator {
    /// Begins the location of a URI (RFC 3263 §4.1). A URI that stands for nothing we can reach
    /// gives a location that is done at once. A `secure` one leads over TLS, as does a `sips:` URI.
    pub(crate) fn new(uri: &Uri<'_>, secure: bool, reach: Reach) -> Locator {
        let secure = secure || uri.scheme == Scheme::Sips;
        let mut locator = Locator {
            reach,
            secure,
            domain: match uri.host {
                Host::Name(name) => name.into(),
                Host::Address(address) => address.to_string().into(),
            },
            asked: None,
            agenda: VecDeque::new(),
            ready: VecDeque::new(),
            deferred: VecDeque::new(),
            given: 0,
            udp_by_default: false,
        };
        if !matches!(uri.scheme, Scheme::Sip | Scheme::Sips) {
            return locator; // tel: and others name no server
        }
        let explicit = match uri.params.get("transport") {
            None => None,
            Some(token) => match explicit_transport(token, secure) {
                Some(transport) if reach.speaks(transport) => Some(transport),
                _ => return locator,
            },
        };
        locator.udp_by_default = explicit.is_none();
        let maddr = uri.params.get("maddr").filter(|maddr| !maddr.is_empty());
        locator.plan(maddr.map_or(uri.host, host_of), uri.port, explicit);
        locator
    }

    /// Whether UDP was chosen by us only.
    pub(crate) fn is_udp_by_default(&self) -> bool {
        self.udp_by_default
    }

    /// Whether [`Locator::next`] may give another target.
    pub(crate) fn may_go_on(&self) -> bool {
        self.given < TARGETS_MAX
            && !(self.agenda.is_empty() && self.ready.is_empty() && self.deferred.is_empty())
    }

    /// The next thing to do. `is_down` knows the targets that failed lately.
    pub(crate) fn next(&mut self, is_down: impl Fn(&Flow) -> bool) -> Step {
        loop {
            if self.given == TARGETS_MAX {
                return Step::Done;
            }
            match self.ready.pop_front() {
                Some(target) if is_down(&target) => self.deferred.push_back(target),
                Some(target) => return self.give(target),
                None => match self.agenda.pop_front() {
                    Some(task) => {
                        let (name, kind) = task.question();
                        self.asked = Some(task);
                        return Step::Ask(name, kind);
                    }
                    None => match self.deferred.pop_front() {
                        Some(target) => return self.give(target),
                        None => return Step::Done,
                    },
                },
            }
        }
    }

    /// The answer to the question asked; then [`Locator::next`] is called again.
    pub(crate) fn answer(&mut self, records: &[DnsRecord], entropy: &mut Entropy) {
        match self.asked.take() {
            None => {}
            Some(Task::Naptr { .. }) => self.take_naptr(records),
            Some(Task::Srv { transport, .. }) => self.take_srv(records, transport, entropy),
            Some(Task::Address { transport, port, .. }) => {
                for record in records {
                    if let DnsRecord::Address(address) = record {
                        self.offer(SocketAddr::new(*address, port), transport);
                    }
                }
            }
        }
    }

    fn give(&mut self, target: Flow) -> Step {
        self.given += 1;
        Step::Try(target)
    }

    /// RFC 3263 §4.1 and §4.2.
    fn plan(&mut self, host: Host<'_>, port: Option<u16>, explicit: Option<Transport>) {
        let default = if self.secure { Transport::Tls } else { Transport::Udp };
        let default =
            if self.reach.speaks(default) || self.secure { default } else { Transport::Tcp };
        let chosen = explicit.unwrap_or(default);
        match host {
            Host::Address(address) => {
                let port = port.unwrap_or(chosen.default_port());
                self.offer(SocketAddr::new(address, port), chosen);
            }
            Host::Name("") => {}
            Host::Name(name) => {
                let name: Arc<str> = name.into();
                match (explicit, port) {
                    (_, Some(port)) => {
                        self.agenda.push_back(Task::Address { name, transport: chosen, port });
                    }
                    (Some(transport), None) => {
                        self.plan_srv(&name, transport);
                        self.plan_address(name, transport);
                    }
                    (None, None) => {
                        self.agenda.push_back(Task::Naptr { name: name.clone() });
                        // Reached if there is no usable NAPTR record.
                        for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
                            self.plan_srv(&name, transport);
                        }
                        self.plan_address(name, chosen);
                    }
                }
            }
        }
    }

    fn plan_srv(&mut self, name: &str, transport: Transport) {
        if !self.allows(transport) {
            return;
        }
        let service = match transport {
            Transport::Udp => "_sip._udp",
            Transport::Tcp => "_sip._tcp",
            Transport::Tls => "_sips._tcp",
            Transport::Ws | Transport::Wss => return, // RFC 7118 defines no SRV service
        };
        self.agenda.push_back(Task::Srv { name: format!("{service}.{name}").into(), transport });
    }

    fn plan_address(&mut self, name: Arc<str>, transport: Transport) {
        if self.allows(transport) {
            let port = transport.default_port();
            self.agenda.push_back(Task::Address { name, transport, port });
        }
    }

    /// Whether the transport is ours and secure enough for the URI (RFC 3261 §26.2.2).
    fn allows(&self, transport: Transport) -> bool {
        let secure_enough = !self.secure || matches!(transport, Transport::Tls | Transport::Wss);
        secure_enough && self.reach.speaks(transport)
    }

    fn offer(&mut self, remote: SocketAddr, transport: Transport) {
        let full = self.ready.len() + self.deferred.len() >= TARGETS_MAX;
        if full || !self.allows(transport) || !self.reach.reaches(remote.ip()) || remote.port() == 0
        {
            return;
        }
        let mut flow = Flow::to(transport, remote);
        if matches!(transport, Transport::Tls | Transport::Wss) {
            flow.tls_name = Some(self.domain.clone());
        }
        self.ready.push_back(flow);
    }

    /// RFC 3263 §4.1: the services we speak, in the order that the domain wishes.
    fn take_naptr(&mut self, records: &[DnsRecord]) {
        let mut usable: Vec<_> = records
            .iter()
            .filter_map(|record| match record {
                DnsRecord::Naptr { order, preference, service, replacement } => {
                    let transport = naptr_transport(service)?;
                    let task = Task::Srv { name: replacement.clone(), transport };
                    self.allows(transport).then_some(((*order, *preference), task))
                }
                DnsRecord::Srv { .. } | DnsRecord::Address(_) => None,
            })
            .collect();
        if usable.is_empty() {
            return;
        }
        usable.sort_by_key(|(rank, _)| *rank);
        self.agenda = usable.into_iter().take(RECORDS_MAX).map(|(_, task)| task).collect();
    }

    /// RFC 3263 §4.2: servers of the first service that has any.
    fn take_srv(&mut self, records: &[DnsRecord], transport: Transport, entropy: &mut Entropy) {
        let mut servers: Vec<Server> = records
            .iter()
            .filter_map(|record| match record {
                // A target of "." says that the service is decidedly not there (RFC 2782).
                DnsRecord::Srv { priority, weight, port, target } if &**target != "." => {
                    Some(Server { rank: (*priority, *weight), port: *port, name: target.clone() })
                }
                DnsRecord::Srv { .. } | DnsRecord::Naptr { .. } | DnsRecord::Address(_) => None,
            })
            .collect();
        if servers.is_empty() {
            return;
        }
        shuffle_by_weight(&mut servers, entropy);
        self.agenda = servers
            .into_iter()
            .take(RECORDS_MAX)
            .map(|server| Task::Address { name: server.name, transport, port: server.port })
            .collect();
    }
}

impl Task {
    fn question(&self) -> (Arc<str>, DnsKind) {
        match self {
            Task::Naptr { name } => (name.clone(), DnsKind::Naptr),
            Task::Srv { name, .. } => (name.clone(), DnsKind::Srv),
            Task::Address { name, .. } => (name.clone(), DnsKind::Address),
        }
    }
}

struct Server {
    /// Priority and weight.
    rank: (u16, u16),
    port: u16,
    name: Arc<str>,
}

/// RFC 2782: lower priority first; within one, drawn by weight, so that a server with twice the
/// weight comes first twice as often. Weight 0 keeps a small chance.
fn shuffle_by_weight(servers: &mut [Server], entropy: &mut Entropy) {
    servers.sort_by_key(|server| server.rank);
    let mut start = 0;
    while start < servers.len() {
        let priority = servers[start].rank.0;
        let end = start + servers[start..].iter().take_while(|s| s.rank.0 == priority).count();
        for first in start..end {
            let total: u64 = servers[first..end].iter().map(|s| u64::from(s.rank.1)).sum();
            let drawn = entropy.below(total + 1);
            let mut sum = 0;
            let picked = servers[first..end].iter().position(|server| {
                sum += u64::from(server.rank.1);
                sum >= drawn
            });
            // A rotation keeps the rest in order: weight 0 first, as RFC 2782 asks.
            servers[first..=first + picked.unwrap_or(0)].rotate_right(1);
        }
        start = end;
    }
}

/// What a `transport` parameter asks for; `None` if it contradicts `sips:` or is unknown.
fn explicit_transport(token: &str, secure: bool) -> Option<Transport> {
    match (Transport::parse(token)?, secure) {
        (Transport::Udp, true) => None, // RFC 3261 §26.2.2
        (Transport::Tcp, true) => Some(Transport::Tls),
        (Transport::Ws, true) => Some(Transport::Wss),
        (transport, _) => Some(transport),
    }
}

fn naptr_transport(service: &str) -> Option<Transport> {
    [("SIP+D2U", Transport::Udp), ("SIP+D2T", Transport::Tcp), ("SIPS+D2T", Transport::Tls)]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(service))
        .map(|(_, transport)| transport)
}

fn host_of(text: &str) -> Host<'_> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().map_or(Host::Name(text), Host::Address)
}
