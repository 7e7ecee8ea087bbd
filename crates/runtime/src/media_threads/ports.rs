//! Pairs of ports for RTP and RTCP.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

/// How many pairs are tried for one stream before it gets none: other programs may hold some.
const TRIES: usize = 16;

/// DSCP EF, as telephony is marked (RFC 4594 §4.1).
const TRAFFIC_CLASS: u8 = 46 << 2;

/// The free pairs of one media thread. The pair that was freed first is used first, so that late
/// packets of an ended call do not reach the next one.
#[derive(Debug)]
pub(crate) struct Ports {
    address: IpAddr,
    free: VecDeque<u16>,
}

/// The two sockets of a stream.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) rtp: UdpSocket,
    pub(crate) rtcp: UdpSocket,
    /// The port of RTP, an even number; RTCP has the next (RFC 3550 §11).
    pub(crate) port: u16,
}

impl Ports {
    /// Every `threads`th pair of `range`, from the `thread`th on.
    pub(crate) fn new(
        address: IpAddr,
        range: &RangeInclusive<u16>,
        thread: usize,
        threads: usize,
    ) -> Ports {
        let first = range.start().next_multiple_of(2);
        let pairs = (first..*range.end()).step_by(2);
        Ports { address, free: pairs.skip(thread).step_by(threads.max(1)).collect() }
    }

    /// Binds a pair; `None` if none is left.
    pub(crate) fn take(&mut self) -> Option<Pair> {
        for _ in 0..TRIES {
            let port = self.free.pop_front()?;
            match bind_pair(self.address, port) {
                Ok((rtp, rtcp)) => return Some(Pair { rtp, rtcp, port }),
                Err(_) => self.free.push_back(port),
            }
        }
        None
    }

    /// Closes a pair's sockets.
    pub(crate) fn give_back(&mut self, pair: Pair) {
        self.free.push_back(pair.port);
    }
}

fn bind_pair(address: IpAddr, port: u16) -> io::Result<(UdpSocket, UdpSocket)> {
    Ok((bind(SocketAddr::new(address, port))?, bind(SocketAddr::new(address, port + 1))?))
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd = rustix::net::socket_with(family, SocketType::DGRAM, flags, None)?;
    if address.is_ipv4() {
        sockopt::set_ip_tos(&fd, TRAFFIC_CLASS)?;
    } else {
        sockopt::set_ipv6_tclass(&fd, TRAFFIC_CLASS.into())?;
    }
    rustix::net::bind(&fd, &address)?;
    Ok(fd.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn threads_share_the_range_without_overlap() {
        let range = 20001..=20010; // 20002, 20004, 20006, 20008; 20010 has no RTCP port
        let of = |thread| Ports::new(LOOPBACK, &range, thread, 2).free;
        assert_eq!(of(0), [20002, 20006]);
        assert_eq!(of(1), [20004, 20008]);
    }

    #[test]
    fn a_pair_in_use_is_passed_over_and_the_last_one_is_the_last() {
        let taken = bind((LOOPBACK, 0).into()).unwrap();
        let port = taken.local_addr().unwrap().port() & !1;
        let range = port..=port.saturating_add(3);
        let mut ports = Ports::new(LOOPBACK, &range, 0, 1);
        if let Some(pair) = ports.take() {
            assert_eq!(pair.port, port + 2);
            assert!(ports.take().is_none(), "the ceiling is the range");
            ports.give_back(pair);
            assert!(ports.take().is_some());
        }
    }

    #[test]
    fn freed_ports_rest_as_long_as_possible() {
        let mut ports = Ports::new(LOOPBACK, &(40100..=40105), 0, 1);
        let first = ports.take().unwrap();
        let port = first.port;
        ports.give_back(first);
        assert_ne!(ports.take().unwrap().port, port);
    }
}
