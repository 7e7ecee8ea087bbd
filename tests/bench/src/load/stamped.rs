//! A UDP socket whose packets bear the time at which the kernel took them, so that what is measured
//! is not blurred by our own delays.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;

/// Packets taken by one call of the kernel.
const BATCH: usize = 64;
/// Room for one packet.
const ROOM: usize = 2048;
/// Memory that the kernel may use for packets that wait: none is to be lost for our sake.
const QUEUE: usize = 64 << 20;

/// The socket.
pub(crate) struct StampedSocket {
    socket: UdpSocket,
    headers: MultiHeaders<SockaddrIn>,
    buffer: Vec<u8>,
}

/// A packet that came.
pub(crate) struct Stamped<'a> {
    /// When, since the Unix epoch.
    pub(crate) at: Duration,
    /// Who sent it.
    pub(crate) from: SocketAddr,
    /// What it holds.
    pub(crate) payload: &'a [u8],
}

impl StampedSocket {
    /// Binds an address of IPv4.
    ///
    /// # Errors
    /// If it is taken.
    pub(crate) fn bind(address: SocketAddrV4) -> io::Result<StampedSocket> {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        // Only root may pass the system's ceiling; others get what they may.
        if setsockopt(&socket, sockopt::RcvBufForce, &QUEUE).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &QUEUE)?;
        }
        let headers = MultiHeaders::preallocate(BATCH, Some(nix::cmsg_space!(TimeSpec)));
        Ok(StampedSocket { socket, headers, buffer: vec![0; BATCH * ROOM] })
    }

    /// Its address.
    ///
    /// # Errors
    /// If the system cannot tell.
    pub(crate) fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Sends; gives the time just before. What the kernel does not take is lost, as on any network.
    pub(crate) fn send(&self, payload: &[u8], to: SocketAddr) -> Duration {
        let at = wall();
        let _ = self.socket.send_to(payload, to);
        at
    }

    /// Takes what has come, at most one batch; says how much that was.
    ///
    /// # Errors
    /// If the socket is broken.
    pub(crate) fn receive(&mut self, mut each: impl FnMut(Stamped<'_>)) -> io::Result<usize> {
        let mut room: Vec<[IoSliceMut<'_>; 1]> =
            self.buffer.chunks_mut(ROOM).map(|chunk| [IoSliceMut::new(chunk)]).collect();
        let fd = self.socket.as_raw_fd();
        let came = match recvmmsg(fd, &mut self.headers, &mut room, MsgFlags::MSG_DONTWAIT, None) {
            Ok(came) => came,
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ECONNREFUSED) => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        let mut count = 0;
        for message in came {
            count += 1;
            let stamp = message.cmsgs()?.find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(time) => Some(Duration::from(time)),
                _ => None,
            });
            let (Some(at), Some(from)) = (stamp, message.address) else { continue };
            if let Some(payload) = message.iovs().next() {
                each(Stamped { at, from: SocketAddr::V4(from.into()), payload });
            }
        }
        Ok(count)
    }
}

/// The time on the clock of the kernel's stamps, since the Unix epoch.
pub(crate) fn wall() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
