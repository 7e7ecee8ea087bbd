//! Packets with the kernel's time: how evenly the program sends is not blurred by our own delays.

use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt,
};

use super::{Packet, Shared};

/// Asks the kernel for the time of each packet.
pub(super) fn stamp(socket: &UdpSocket) {
    setsockopt(socket, sockopt::ReceiveTimestampns, &true).expect("Linux stamps packets");
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("sockets have timeouts");
}

/// Receives until the sound is over.
pub(super) fn run(shared: &Shared) {
    let mut bytes = [0; 2048];
    while !shared.over.load(Ordering::Relaxed) {
        let Some(packet) = receive(&shared.socket, &mut bytes) else { continue };
        {
            let mut microphone = shared.microphone.lock().unwrap_or_else(PoisonError::into_inner);
            microphone.target.get_or_insert(packet.from);
        }
        shared.heard.lock().unwrap_or_else(PoisonError::into_inner).push(packet);
    }
}

fn receive(socket: &UdpSocket, bytes: &mut [u8]) -> Option<Packet> {
    let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec);
    let mut into = [IoSliceMut::new(bytes)];
    let fd = socket.as_raw_fd();
    let message =
        recvmsg::<SockaddrStorage>(fd, &mut into, Some(&mut control), MsgFlags::empty()).ok()?;
    let at = message.cmsgs().ok()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => Some(Duration::from(time)),
        _ => None,
    })?;
    let from = message.address?;
    let from = match (from.as_sockaddr_in(), from.as_sockaddr_in6()) {
        (Some(v4), _) => SocketAddr::from((v4.ip(), v4.port())),
        (_, Some(v6)) => SocketAddr::from((v6.ip(), v6.port())),
        _ => return None,
    };
    let length = message.bytes;
    Packet::read(at, from, &bytes[..length])
}
