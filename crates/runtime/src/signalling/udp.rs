//! A UDP socket for SIP.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvFlags, SocketFlags, SocketType, recvmsg, sockopt,
};

/// Asked of the kernel so that a burst of arriving calls waits there instead of being lost; the
/// kernel gives at most `net.core.rmem_max`.
const RECEIVE_BUFFER: usize = 4 << 20;

/// DSCP CS3, as phones mark signalling (RFC 4594 §4.3 recommends CS5 or CS3 by deployment).
const TRAFFIC_CLASS: u8 = 24 << 2;

/// A bound UDP socket.
#[derive(Debug)]
pub(crate) struct Udp {
    pub(crate) socket: UdpSocket,
    /// The bound address, with the port that the kernel chose for port 0.
    pub(crate) bound: SocketAddr,
}

impl Udp {
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Udp> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let fd = rustix::net::socket_with(family, SocketType::DGRAM, flags, None)?;
        // ICMP errors are told with the address they are about; without this they are lost.
        if address.is_ipv4() {
            nix::sys::socket::setsockopt(&fd, nix::sys::socket::sockopt::Ipv4RecvErr, &true)?;
            sockopt::set_ip_tos(&fd, TRAFFIC_CLASS)?;
        } else {
            sockopt::set_ipv6_v6only(&fd, true)?;
            nix::sys::socket::setsockopt(&fd, nix::sys::socket::sockopt::Ipv6RecvErr, &true)?;
            sockopt::set_ipv6_tclass(&fd, TRAFFIC_CLASS.into())?;
        }
        sockopt::set_socket_recv_buffer_size(&fd, RECEIVE_BUFFER)?;
        rustix::net::bind(&fd, &address)?;
        let socket = UdpSocket::from(fd);
        let bound = socket.local_addr()?;
        Ok(Udp { socket, bound })
    }

    /// The next datagram; `None` if there is none now.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        // Any other error than "empty" is one that an ICMP message left; `unreachable` tells it.
        self.socket.recv_from(buffer).ok()
    }

    /// Sends a datagram.
    pub(crate) fn send(&self, to: SocketAddr, payload: &[u8]) -> io::Result<()> {
        match self.socket.send_to(payload, to) {
            Ok(_) => Ok(()),
            // The error may be that of an earlier datagram to someone else, told only now.
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                self.socket.send_to(payload, to).map(|_| ())
            }
            Err(error) => Err(error),
        }
    }

    /// A destination that ICMP reported as unreachable; `None` if there is none now.
    pub(crate) fn unreachable(&self) -> Option<SocketAddr> {
        let mut none = RecvAncillaryBuffer::new(&mut []);
        let flags = RecvFlags::ERRQUEUE | RecvFlags::DONTWAIT;
        let told = recvmsg(&self.socket, &mut [], &mut none, flags).ok()?;
        told.address.and_then(|address| SocketAddr::try_from(address).ok())
    }
}
