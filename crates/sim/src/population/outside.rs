//! Who is called by way of the carriers, and the carriers' names.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use sip::locate::{DnsKind, DnsRecord};

use super::{Deed, Population};
use crate::dns::Dns;
use crate::phone::News;
use crate::{PhoneId, World};

const ONE: Ipv4Addr = Ipv4Addr::new(127, 250, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 250, 0, 2);

/// The two addresses of the carrier; one may die.
pub(super) const CARRIERS: [SocketAddr; 2] =
    [SocketAddr::new(IpAddr::V4(ONE), 5060), SocketAddr::new(IpAddr::V4(OTHER), 5060)];

/// Somebody outside.
#[derive(Debug)]
pub(super) struct Outside;

/// The carrier as `dialplans` call it: `sip:carrier.example`.
pub(super) fn name_carriers(dns: &mut Dns) {
    let srv = |priority, target: &str| DnsRecord::Srv {
        priority,
        weight: 1,
        port: 5060,
        target: Arc::from(target),
    };
    let servers = vec![srv(1, "sbc1.carrier.example"), srv(1, "sbc2.carrier.example")];
    dns.add("_sip._udp.carrier.example", DnsKind::Srv, servers);
    for (name, host) in [("sbc1.carrier.example", ONE), ("sbc2.carrier.example", OTHER)] {
        dns.add(name, DnsKind::Address, vec![DnsRecord::Address(host.into())]);
    }
}

impl Population {
    pub(super) fn outside_hears(&mut self, world: &mut World, id: PhoneId, news: News) {
        match news {
            News::Rings if self.chance(800) => self.soon(world, id, (500, 25_000), Deed::Answer),
            News::Rings => self.soon(world, id, (500, 25_000), Deed::Refuse(486)),
            News::Talks => self.soon(world, id, (2_000, 90_000), Deed::HangUp),
            News::Ended
            | News::Refused(_)
            | News::Registered(_)
            | News::Transfer(_)
            | News::Hears(_) => {}
        }
    }
}
