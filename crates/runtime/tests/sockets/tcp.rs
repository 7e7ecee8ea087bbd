//! SIP over TCP through real sockets: RFC 3261 §18.3 and its neighbours.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use crate::stub::{Bench, MOMENT, PATIENCE, loopback, options};
use runtime::{Patience, SipSettings, StreamLimits};
use sip::{Flow, Transport};
use switch::Offence;

fn tcp() -> SipSettings {
    SipSettings { tcp: vec![loopback()], ..SipSettings::default() }
}

fn limited(limits: StreamLimits) -> SipSettings {
    SipSettings { limits, ..tcp() }
}

fn connect(bench: &Bench) -> TcpStream {
    let stream = TcpStream::connect(bench.address(Transport::Tcp)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Whether the other side closed the connection.
fn is_closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    matches!(stream.read(&mut byte), Ok(0) | Err(_))
}

#[test]
fn a_message_in_pieces_is_one_message() {
    let bench = Bench::new(&tcp(), true);
    let mut stream = connect(&bench);
    let message = options("pieces");
    for piece in message.chunks(7) {
        stream.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    let (flow, payload) = bench.message();
    assert_eq!(payload, message);
    assert_eq!(flow.local, Some(bench.address(Transport::Tcp)));
    assert_eq!(flow.remote, stream.local_addr().unwrap());
    assert!(flow.connection.is_some());
    assert_eq!(read(&mut stream, message.len()), message, "the answer takes the same connection");
}

#[test]
fn two_messages_in_one_piece_are_two() {
    let bench = Bench::new(&tcp(), false);
    let mut stream = connect(&bench);
    stream.write_all(&[options("a"), options("b")].concat()).unwrap();
    assert_eq!(bench.message().1, options("a"));
    assert_eq!(bench.message().1, options("b"));
}

#[test]
fn a_keep_alive_is_answered() {
    // RFC 5626 §4.4.1.
    let bench = Bench::new(&tcp(), false);
    let mut stream = connect(&bench);
    stream.write_all(b"\r\n\r\n").unwrap();
    assert_eq!(read(&mut stream, 2), b"\r\n");
    stream.write_all(&options("after")).unwrap();
    assert_eq!(bench.message().1, options("after"));
}

#[test]
fn a_message_without_length_is_answered_with_400_and_the_connection_closed() {
    // RFC 3261 §18.3.
    let bench = Bench::new(&tcp(), false);
    let mut stream = connect(&bench);
    let text = String::from_utf8(options("x")).unwrap().replace("Content-Length: 4\r\n", "");
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("SIP/2.0 400 "), "{answer}");
    assert!(answer.contains("Call-ID: x\r\n"), "{answer}");
    drop(stream);
    assert_eq!(bench.suspect(), Offence::Malformed);
    assert!(bench.failed().connection.is_some());
}

#[test]
fn a_message_that_is_too_large_is_answered_with_513_and_the_connection_closed() {
    // RFC 3261 §21.5.7.
    let bench = Bench::new(&tcp(), false);
    let mut stream = connect(&bench);
    let text = String::from_utf8(options("x")).unwrap();
    let text = text.replace("Content-Length: 4", "Content-Length: 99999999");
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("SIP/2.0 513 "), "{answer}");
}

#[test]
fn the_last_answer_arrives_though_the_peer_goes_on_sending() {
    // A reset for what we do not read would destroy the answer on its way.
    let bench = Bench::new(&tcp(), false);
    let mut stream = connect(&bench);
    let text = String::from_utf8(options("x")).unwrap();
    let text = text.replace("Content-Length: 4", "Content-Length: 99999999");
    stream.write_all(text.as_bytes()).unwrap();
    for _ in 0..20 {
        stream.write_all(&[b'y'; 50_000]).unwrap();
    }
    std::thread::sleep(MOMENT);
    stream.write_all(b"more").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("SIP/2.0 513 "), "{answer}");
    // We have closed our side, the peer its own: that is the end.
    drop(stream);
    assert_eq!(bench.suspect(), Offence::Malformed);
    assert!(bench.failed().connection.is_some());
}

#[test]
fn what_is_no_request_is_closed_without_an_answer() {
    let bench = Bench::new(&tcp(), false);
    for text in ["SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP h\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"] {
        let mut stream = connect(&bench);
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "");
    }
}

#[test]
fn a_closed_connection_is_a_lost_flow() {
    let bench = Bench::new(&tcp(), false);
    let mut stream = connect(&bench);
    stream.write_all(&options("x")).unwrap();
    let (flow, _) = bench.message();
    stream.shutdown(Shutdown::Both).unwrap();
    assert_eq!(bench.failed(), flow);
}

#[test]
fn a_sender_that_stops_in_mid_message_is_closed() {
    let patience = Patience { message: Duration::from_millis(200), ..Patience::default() };
    let bench = Bench::new(&limited(StreamLimits { patience, ..StreamLimits::default() }), false);
    let mut slow = connect(&bench);
    slow.write_all(&options("slow")[..50]).unwrap();
    let mut silent = connect(&bench);
    assert!(is_closed(&mut slow));
    assert!(is_closed(&mut silent), "one that never sends anything at all as well");
}

#[test]
fn a_sender_of_whole_messages_may_rest() {
    let patience = Patience { message: Duration::from_millis(100), ..Patience::default() };
    let bench = Bench::new(&limited(StreamLimits { patience, ..StreamLimits::default() }), false);
    let mut stream = connect(&bench);
    stream.write_all(&options("1")).unwrap();
    bench.message();
    std::thread::sleep(MOMENT);
    stream.write_all(&options("2")).unwrap();
    assert_eq!(bench.message().1, options("2"));
}

#[test]
fn an_idle_connection_is_closed_in_the_end() {
    let patience = Patience { idle: Duration::from_millis(200), ..Patience::default() };
    let bench = Bench::new(&limited(StreamLimits { patience, ..StreamLimits::default() }), false);
    let mut stream = connect(&bench);
    stream.write_all(&options("1")).unwrap();
    let (flow, _) = bench.message();
    assert!(is_closed(&mut stream));
    assert_eq!(bench.failed(), flow);
}

#[test]
fn a_peer_that_does_not_read_is_closed_at_the_ceiling() {
    let bench = Bench::new(&tcp(), false);
    let mut stream = connect(&bench);
    stream.write_all(&options("1")).unwrap();
    let (flow, _) = bench.message();
    // The kernel takes some megabytes at most, then our own queue fills.
    let sent = flow.clone();
    bench.with(move |stub| {
        for _ in 0..400 {
            stub.send(sent.clone(), vec![b'x'; 60_000]);
        }
    });
    assert_eq!(bench.failed().remote, flow.remote);
}

#[test]
fn one_connection_above_a_ceiling_is_refused() {
    let per_address = StreamLimits { per_address_max: 2, ..StreamLimits::default() };
    let total = StreamLimits { connections_max: 2, ..StreamLimits::default() };
    for limits in [per_address, total] {
        let bench = Bench::new(&limited(limits), true);
        let (mut first, mut second) = (connect(&bench), connect(&bench));
        for stream in [&mut first, &mut second] {
            stream.write_all(&options("in")).unwrap();
            read(stream, options("in").len());
        }
        assert!(is_closed(&mut connect(&bench)));
        drop(first);
        while !matches!(bench.next(), switch::Input::FlowFailed(_)) {}
        let mut third = connect(&bench);
        third.write_all(&options("now")).unwrap();
        assert_eq!(read(&mut third, options("now").len()), options("now"));
    }
}

#[test]
fn at_the_ceiling_the_oldest_silent_connection_makes_room() {
    let limits = StreamLimits { connections_max: 3, ..StreamLimits::default() };
    let bench = Bench::new(&limited(limits), true);
    let mut proven = connect(&bench);
    proven.write_all(&options("in")).unwrap();
    read(&mut proven, options("in").len());
    let mut silent: Vec<TcpStream> = (0..2).map(|_| connect(&bench)).collect();
    // A keep-alive is no message.
    silent[0].write_all(b"\r\n\r\n").unwrap();
    assert_eq!(read(&mut silent[0], 2), b"\r\n");
    let mut late = connect(&bench);
    late.write_all(&options("now")).unwrap();
    assert_eq!(read(&mut late, options("now").len()), options("now"));
    assert!(is_closed(&mut silent[0]), "the oldest");
    proven.write_all(&options("in")).unwrap();
    assert_eq!(read(&mut proven, options("in").len()), options("in"), "who spoke stays");
}

#[test]
fn a_connection_is_opened_on_demand_and_used_again() {
    let bench = Bench::new(&tcp(), false);
    let server = TcpListener::bind(loopback()).unwrap();
    let remote = server.local_addr().unwrap();
    let send = |text: &'static str| {
        bench.with(move |stub| stub.send(Flow::to(Transport::Tcp, remote), text));
    };
    send("first");
    let (mut accepted, _) = server.accept().unwrap();
    send("second");
    assert_eq!(read(&mut accepted, 11), b"firstsecond");
    accepted.write_all(&options("back")).unwrap();
    let (flow, _) = bench.message();
    assert_eq!(flow.remote, remote);
    // The peer closes; the next packet opens a new connection.
    drop(accepted);
    assert_eq!(bench.failed(), flow);
    let asked = bench.failed();
    assert_eq!(asked, Flow::to(Transport::Tcp, remote), "told as it was asked for, too");
    let again = Flow { connection: flow.connection, ..Flow::to(Transport::Tcp, remote) };
    bench.with(move |stub| stub.send(again, "third"));
    assert_eq!(read(&mut server.accept().unwrap().0, 5), b"third");
}

#[test]
fn a_refused_connection_is_a_lost_flow() {
    let bench = Bench::new(&tcp(), false);
    let closed = TcpListener::bind(loopback()).unwrap().local_addr().unwrap();
    let asked = Flow::to(Transport::Tcp, closed);
    let flow = asked.clone();
    bench.with(move |stub| stub.send(flow, "x"));
    let told = [bench.failed(), bench.failed()];
    assert!(told.contains(&asked), "{told:?}");
}
