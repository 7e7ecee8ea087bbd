use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// The address that others can reach for a bound one: itself, or for `0.0.0.0` and `::` that of the
/// interface by which packets leave this machine; the loopback address if none leads out.
#[must_use]
pub fn reachable_address(bound: IpAddr) -> IpAddr {
    if !bound.is_unspecified() {
        return bound;
    }
    // Connecting a UDP socket sends nothing; it only asks the kernel for the route. The addresses
    // are those of RFC 5737 and RFC 3849, which belong to nobody.
    let (any, outside, loopback): (SocketAddr, SocketAddr, IpAddr) = match bound {
        IpAddr::V4(_) => (
            (Ipv4Addr::UNSPECIFIED, 0).into(),
            (Ipv4Addr::new(192, 0, 2, 1), 9).into(),
            Ipv4Addr::LOCALHOST.into(),
        ),
        IpAddr::V6(_) => (
            (Ipv6Addr::UNSPECIFIED, 0).into(),
            (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into(),
            Ipv6Addr::LOCALHOST.into(),
        ),
    };
    let route = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind(any)?;
        socket.connect(outside)?;
        Ok(socket.local_addr()?.ip())
    };
    route().ok().filter(|address| !address.is_unspecified()).unwrap_or(loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_never_told_to_others() {
        assert!(!reachable_address(Ipv4Addr::UNSPECIFIED.into()).is_unspecified());
        assert!(!reachable_address(Ipv6Addr::UNSPECIFIED.into()).is_unspecified());
        let bound = IpAddr::from([127, 0, 0, 9]);
        assert_eq!(reachable_address(bound), bound);
    }
}
