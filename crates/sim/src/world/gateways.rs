//! The gateways of a world: carriers' equipment that acts on its own.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ambient::Mono;

use super::{LINE, World};
use crate::gateway::{Gateway, Habits};
use crate::net::Datagram;
use crate::tap::Seen;

/// Addresses of gateways that call, where no phone is: used again after a thousand.
const CALLERS: u32 = 1000;

/// All of them, by address.
#[derive(Debug, Default)]
pub(super) struct Gateways {
    live: BTreeMap<IpAddr, Gateway>,
    /// Which has something to do next; looked up anew after each of its turns.
    due: BTreeMap<IpAddr, Mono>,
    /// Which may have something to send.
    touched: Vec<IpAddr>,
    begun: u32,
}

impl Gateways {
    pub(super) fn next_timeout(&self) -> Option<Mono> {
        self.due.values().min().copied()
    }

    pub(super) fn handle_timeout(&mut self, now: Mono) {
        let due: Vec<IpAddr> =
            self.due.iter().filter(|(_, at)| **at <= now).map(|(ip, _)| *ip).collect();
        for ip in due {
            if let Some(gateway) = self.live.get_mut(&ip) {
                gateway.handle_timeout(now);
                self.touched.push(ip);
            }
        }
    }

    pub(super) fn handle_datagram(&mut self, now: Mono, datagram: &Datagram) {
        let ip = datagram.to.ip();
        if let Some(gateway) = self.live.get_mut(&ip) {
            gateway.handle_datagram(now, datagram);
            self.touched.push(ip);
        }
    }
}

impl World {
    /// A gateway that is called at this address, for good.
    pub fn gateway_at(&mut self, address: SocketAddr, habits: Habits) {
        let entropy = self.entropy.fork();
        let gateway = Gateway::new(address, LINE, "", habits, entropy);
        self.gateways.live.insert(address.ip(), gateway);
    }

    /// A citizen calls by way of a gateway, for so many milliseconds at most; gives the gateway's
    /// address, or nothing if too many call so already.
    pub fn gateway_calls(&mut self, habits: Habits, number: &str, lasts: u64) -> Option<IpAddr> {
        self.gateways.begun += 1;
        let n = self.gateways.begun % CALLERS;
        let [_, _, high, low] = n.to_be_bytes();
        // Of the trunk for mobiles with its early media, or of the other.
        let net = if n.is_multiple_of(2) { 1 } else { 249 };
        let ip = IpAddr::V4(Ipv4Addr::new(127, net, 251 + high, low));
        if self.gateways.live.contains_key(&ip) {
            return None;
        }
        let caller = format!("+79105{:06}", self.gateways.begun);
        let entropy = self.entropy.fork();
        let mut gateway = Gateway::new(SocketAddr::new(ip, 5060), LINE, &caller, habits, entropy);
        gateway.dial(self.now.mono, number, lasts);
        self.gateways.live.insert(ip, gateway);
        self.gateways.touched.push(ip);
        self.settle();
        Some(ip)
    }

    /// A gateway that has something to do.
    #[must_use]
    pub fn gateway(&self, at: IpAddr) -> Option<&Gateway> {
        self.gateways.live.get(&at)
    }

    pub(super) fn settle_gateways(&mut self) {
        while let Some(ip) = self.gateways.touched.pop() {
            let Some(gateway) = self.gateways.live.get_mut(&ip) else { continue };
            for datagram in gateway.take_out() {
                self.net.send(self.now.mono, datagram);
            }
            for (what, call_id) in gateway.take_complaints() {
                self.tap.show(self.now, &Seen::Complaint { what: &what, call_id: &call_id });
            }
            match gateway.next_timeout() {
                Some(at) => {
                    self.gateways.due.insert(ip, at);
                }
                None => {
                    self.gateways.due.remove(&ip);
                    if gateway.has_called() {
                        self.gateways.live.remove(&ip);
                    }
                }
            }
        }
    }
}
