//! SIP over UDP through real sockets.

use std::net::{SocketAddr, UdpSocket};

use crate::stub::{Bench, PATIENCE, loopback, options};
use runtime::{Ending, SipSettings, Sockets, StartError};
use sip::{Flow, Transport};

fn udp(address: SocketAddr) -> SipSettings {
    SipSettings { udp: vec![address], ..SipSettings::default() }
}

fn client(server: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind(SocketAddr::new(server.ip(), 0)).unwrap();
    socket.connect(server).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

#[test]
fn a_datagram_comes_with_its_flow_and_the_answer_goes_back_over_it() {
    for address in [loopback(), "[::1]:0".parse().unwrap()] {
        let bench = Bench::new(&udp(address), true);
        let server = bench.address(Transport::Udp);
        let client = client(server);
        client.send(&options("1")).unwrap();
        let (flow, payload) = bench.message();
        assert_eq!(payload, options("1"));
        assert_eq!(flow.remote, client.local_addr().unwrap());
        assert_eq!((flow.local, flow.transport), (Some(server), Transport::Udp));
        let mut buffer = [0; 2000];
        let length = client.recv(&mut buffer).unwrap();
        assert_eq!(buffer[..length], options("1"));
    }
}

#[test]
fn what_keeps_a_nat_open_is_no_message() {
    let bench = Bench::new(&udp(loopback()), true);
    let client = client(bench.address(Transport::Udp));
    for keep_alive in [&b"\r\n\r\n"[..], b"\0", b"", b"  \r\n"] {
        client.send(keep_alive).unwrap();
    }
    client.send(b"x").unwrap();
    assert_eq!(bench.message().1, "x", "the keep-alives before it were not handed on");
}

#[test]
fn a_stun_keep_alive_is_told_where_it_came_from() {
    // RFC 5626 §4.4.2.
    let bench = Bench::new(&udp(loopback()), true);
    let client = client(bench.address(Transport::Udp));
    let header = b"\x00\x01\x00\x00\x21\x12\xa4\x42transaction!";
    client.send(header).unwrap();
    let mut answer = [0; 100];
    let length = client.recv(&mut answer).unwrap();
    assert_eq!((length, &answer[..2], &answer[4..20]), (32, &b"\x01\x01"[..], &header[4..]));
    let port = u16::from_be_bytes([answer[26], answer[27]]) ^ 0x2112;
    assert_eq!(port, client.local_addr().unwrap().port());
    client.send(&options("1")).unwrap();
    assert_eq!(bench.message().1, options("1"), "the core hears nothing of it");
}

#[test]
fn a_burst_is_taken_in_order() {
    let bench = Bench::new(&udp(loopback()), false);
    let client = client(bench.address(Transport::Udp));
    for n in 0..200 {
        client.send(n.to_string().as_bytes()).unwrap();
    }
    for n in 0..200 {
        assert_eq!(bench.message().1, n.to_string());
    }
}

#[test]
fn a_destination_where_nobody_listens_is_told() {
    // RFC 3261 §18.4: an ICMP error is told to the transactions.
    let bench = Bench::new(&udp(loopback()), false);
    let closed = {
        let socket = UdpSocket::bind(loopback()).unwrap();
        socket.local_addr().unwrap()
    };
    let alive = client(bench.address(Transport::Udp));
    let alive_address = alive.local_addr().unwrap();
    for round in 0..3 {
        bench.with(move |stub| {
            stub.send(Flow::to(Transport::Udp, closed), "to nobody");
            stub.send(Flow::to(Transport::Udp, alive_address), "to somebody");
        });
        let flow = bench.failed();
        assert_eq!((flow.remote, flow.transport), (closed, Transport::Udp), "round {round}");
        let mut buffer = [0; 100];
        // The error of one datagram must not cost the next one.
        assert_eq!(alive.recv(&mut buffer).unwrap(), "to somebody".len());
    }
}

#[test]
fn a_family_without_a_socket_fails_at_once() {
    let bench = Bench::new(&udp(loopback()), false);
    let v6: SocketAddr = "[::1]:5060".parse().unwrap();
    bench.with(move |stub| stub.send(Flow::to(Transport::Udp, v6), "x"));
    assert_eq!(bench.failed().remote, v6);
}

#[test]
fn an_address_in_use_is_named_with_its_setting() {
    let taken = UdpSocket::bind(loopback()).unwrap();
    let address = taken.local_addr().unwrap();
    let error = Sockets::bind(&udp(address)).unwrap_err();
    assert!(matches!(error, StartError::InUse { .. }));
    let text = error.to_string();
    assert!(text.contains(&address.to_string()) && text.contains("sip.udp"), "{text}");
    assert!(!text.contains('\n'));
}

#[test]
fn the_thread_ends_when_the_core_is_drained() {
    let mut bench = Bench::new(&udp(loopback()), true);
    bench.remote.drain(PATIENCE);
    assert_eq!(bench.ending(), Ending::Drained);
    assert!(bench.tokio.block_on(bench.remote.with(|_, _| ())).is_none());
}

#[test]
fn a_defect_of_the_core_ends_the_thread_and_is_told() {
    let mut bench = Bench::new(&udp(loopback()), true);
    client(bench.address(Transport::Udp)).send(b"PANIC").unwrap();
    assert_eq!(bench.ending(), Ending::Failed);
}
