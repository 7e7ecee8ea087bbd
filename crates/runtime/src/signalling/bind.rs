//! The sockets of the signalling thread, bound before it starts.

use std::net::SocketAddr;
use std::sync::Arc;

use sip::{Flow, Listener, Transport};

use super::streams::{StreamLimits, StreamListener, Streams};
use super::tls::{Tls, TlsFiles};
use super::udp::Udp;
use crate::StartError;
use crate::advertise::reachable_address;
use crate::poll::Poller;

/// Tokens of connections begin here; those of listening sockets lie below.
const FIRST_CONNECTION: u64 = 1 << 16;

/// Where and how SIP is spoken.
#[derive(Clone, Debug, Default)]
pub struct SipSettings {
    /// UDP addresses to listen at.
    pub udp: Vec<SocketAddr>,
    /// TCP addresses to listen at.
    pub tcp: Vec<SocketAddr>,
    /// TLS addresses to listen at.
    pub tls: Vec<SocketAddr>,
    /// Where the web server takes browsers (RFC 7118).
    pub web: Option<SocketAddr>,
    /// Certificates.
    pub tls_files: TlsFiles,
    /// The host that others are told instead of the bound address: a public address or a name.
    pub advertise: Option<Arc<str>>,
    /// Ceilings of connections.
    pub limits: StreamLimits,
}

/// Bound sockets.
#[derive(Debug)]
pub struct Sockets {
    pub(crate) poller: Poller,
    pub(crate) udp: Vec<Udp>,
    pub(crate) listeners: Vec<StreamListener>,
    pub(crate) streams: Streams,
    web: Option<SocketAddr>,
    advertise: Option<Arc<str>>,
}

impl Sockets {
    /// Binds all addresses, so that one in use is told before anything else starts.
    ///
    /// # Errors
    /// If an address cannot be bound, or a certificate cannot be used.
    pub fn bind(settings: &SipSettings) -> Result<Sockets, StartError> {
        let tls = Tls::load(&settings.tls_files)?;
        if !settings.tls.is_empty() && !tls.can_accept() {
            return Err(StartError::NoCertificate);
        }
        let mut sockets = Sockets {
            poller: Poller::new()?,
            udp: Vec::new(),
            listeners: Vec::new(),
            streams: Streams::new(FIRST_CONNECTION, settings.limits, tls),
            web: settings.web,
            advertise: settings.advertise.clone(),
        };
        for address in &settings.udp {
            let bound = Udp::bind(*address);
            sockets.udp.push(bound.map_err(StartError::bind(Transport::Udp, *address))?);
        }
        let tcp = settings.tcp.iter().map(|address| (Transport::Tcp, address));
        let tls = settings.tls.iter().map(|address| (Transport::Tls, address));
        for (transport, address) in tcp.chain(tls) {
            let bound = StreamListener::bind(transport, *address);
            sockets.listeners.push(bound.map_err(StartError::bind(transport, *address))?);
        }
        sockets.watch()?;
        Ok(sockets)
    }

    /// The addresses with what others are told, for the switch.
    #[must_use]
    pub fn listeners(&self) -> Vec<Listener> {
        let udp = self.udp.iter().map(|udp| (Transport::Udp, udp.bound));
        let streams = self.listeners.iter().map(|listener| (listener.transport, listener.bound));
        // Under TLS, of a reverse proxy or our own, it is the same port.
        let web = self.web.iter().flat_map(|at| [(Transport::Ws, *at), (Transport::Wss, *at)]);
        udp.chain(streams)
            .chain(web)
            .map(|(transport, bound)| Listener {
                transport,
                bound,
                advertised_host: match &self.advertise {
                    Some(host) => host.clone(),
                    None => reachable_address(bound.ip()).to_string().into(),
                },
                advertised_port: bound.port(),
            })
            .collect()
    }

    /// The socket for a packet: the flow's own, or the first of the destination's family.
    pub(crate) fn udp_for(&self, flow: &Flow) -> Option<&Udp> {
        let own = flow.local.and_then(|local| self.udp.iter().find(|udp| udp.bound == local));
        own.or_else(|| self.udp.iter().find(|udp| udp.bound.is_ipv4() == flow.remote.is_ipv4()))
    }

    fn watch(&self) -> std::io::Result<()> {
        for (token, udp) in (0..).zip(&self.udp) {
            self.poller.add(&udp.socket, token)?;
        }
        for (token, listener) in (self.udp.len() as u64..).zip(&self.listeners) {
            self.poller.add(&listener.socket, token)?;
        }
        Ok(())
    }
}
