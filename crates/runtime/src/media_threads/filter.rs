//! Which packets the kernel puts into the buffer of a socket: in a flood the others would drive out those of the talk.
//!
//! A classic BPF program of a few steps (Linux, `SO_ATTACH_FILTER`), run for each packet before it is put there.

use std::io;
use std::net::{IpAddr, UdpSocket};

use media::Origin;
use socket2::{SockFilter, SockRef};

/// Load a word, or a half of one, into the accumulator.
const LOAD_32: u16 = 0x20;
const LOAD_16: u16 = 0x28;
/// The accumulator and a mask.
const AND: u16 = 0x54;
/// Go on if the accumulator is this value, else to the end of the program.
const IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
/// What a program returns is how much of the packet is taken.
const WHOLE: u32 = u32::MAX;
/// Offsets from here on count from the IP header (`SKF_NET_OFF`), others from the UDP header.
const IP: u32 = 0xfff0_0000;
/// Where the version is, and the addresses that a packet comes from.
const VERSION: u32 = 0xf000_0000;
const SOURCE_V4: u32 = 12;
const SOURCE_V6: u32 = 8;

/// The socket takes datagrams of this origin alone, or of everybody; in place of what was said before.
///
/// # Errors
///
/// The kernel's, where a container allows no filters.
pub(crate) fn narrow(socket: &UdpSocket, to: Option<Origin>) -> io::Result<()> {
    let program = to.map_or_else(|| vec![SockFilter::new(RETURN, 0, 0, WHOLE)], program);
    SockRef::from(socket).attach_filter(&program)
}

fn program(origin: Origin) -> Vec<SockFilter> {
    let words = |octets: &[u8]| -> Vec<u32> {
        octets
            .chunks(4)
            .map(|word| word.iter().fold(0, |n, octet| n << 8 | u32::from(*octet)))
            .collect()
    };
    let (version, at, source) = match origin.ip.to_canonical() {
        IpAddr::V4(ip) => (4_u32 << 28, SOURCE_V4, words(&ip.octets())),
        IpAddr::V6(ip) => (6_u32 << 28, SOURCE_V6, words(&ip.octets())),
    };
    // What is loaded, masked, and what it must be.
    let mut tests = vec![(LOAD_32, IP, VERSION, version)];
    for (offset, word) in (at..).step_by(4).zip(source) {
        tests.push((LOAD_32, IP + offset, u32::MAX, word));
    }
    tests.extend(origin.port.map(|port| (LOAD_16, 0, u32::MAX, u32::from(port))));
    let mut steps = Vec::with_capacity(3 * tests.len() + 2);
    for (left, (load, offset, mask, value)) in (1..=tests.len()).rev().zip(tests) {
        // Over what is left of this test and the others, and the step that takes the packet.
        let to_end = u8::try_from(3 * (left - 1) + 1).unwrap_or(u8::MAX);
        steps.push(SockFilter::new(load, 0, 0, offset));
        steps.push(SockFilter::new(AND, 0, 0, mask));
        steps.push(SockFilter::new(IF_EQUAL, 0, to_end, value));
    }
    steps.push(SockFilter::new(RETURN, 0, 0, WHOLE));
    steps.push(SockFilter::new(RETURN, 0, 0, 0));
    steps
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    /// What a socket gets of datagrams from each of these, narrowed to one.
    fn gets(socket: &UdpSocket, to: Option<Origin>, senders: &[&UdpSocket]) -> Vec<SocketAddr> {
        narrow(socket, to).unwrap();
        let at = socket.local_addr().unwrap();
        let at = SocketAddr::new(senders[0].local_addr().unwrap().ip(), at.port());
        let at = if at.ip().is_ipv4() { SocketAddr::from(([127, 0, 0, 1], at.port())) } else { at };
        for sender in senders {
            sender.send_to(b"sound", at).unwrap();
        }
        let mut buffer = [0; 16];
        let came = std::iter::from_fn(|| {
            let (length, from) = socket.recv_from(&mut buffer).ok()?;
            assert_eq!(length, 5, "whole");
            Some(SocketAddr::new(from.ip().to_canonical(), from.port()))
        });
        came.collect()
    }

    fn of(socket: &UdpSocket, with_port: bool) -> Option<Origin> {
        let at = socket.local_addr().unwrap();
        Some(Origin { ip: at.ip(), port: with_port.then(|| at.port()) })
    }

    fn socket(at: &str) -> UdpSocket {
        let socket = UdpSocket::bind(at).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket
    }

    #[test]
    fn others_do_not_fill_the_buffer() {
        // Of IPv4, and one that hears both.
        for ours in [socket("127.0.0.1:0"), socket("[::]:0")] {
            let peer = socket("127.0.0.2:0");
            let other_port = socket("127.0.0.2:0");
            let stranger = socket("127.0.0.3:0");
            let all = [&stranger, &other_port, &peer];
            let addresses = all.map(|socket| socket.local_addr().unwrap());
            assert_eq!(gets(&ours, None, &all), addresses);
            assert_eq!(gets(&ours, of(&peer, true), &all), addresses[2..]);
            assert_eq!(gets(&ours, of(&peer, false), &all), addresses[1..]);
            assert_eq!(gets(&ours, None, &all), addresses, "widened again");
        }
    }

    #[test]
    fn of_ipv6_every_word_of_the_address_counts() {
        let ours = socket("[::1]:0");
        let (peer, other_port) = (socket("[::1]:0"), socket("[::1]:0"));
        let all = [&other_port, &peer];
        let addresses = all.map(|socket| socket.local_addr().unwrap());
        assert_eq!(gets(&ours, of(&peer, true), &all), addresses[1..]);
        assert_eq!(gets(&ours, of(&peer, false), &all), addresses);
        for ip in ["1::1", "0:0:1::1", "::1:0:0:1", "::2", "127.0.0.1"] {
            let strange = Origin { ip: ip.parse().unwrap(), port: None };
            assert_eq!(gets(&ours, Some(strange), &all), [], "{ip}");
        }
    }
}
