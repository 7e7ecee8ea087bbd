//! Streams through real RTP sockets, and DNS.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::stub::{Bench, PATIENCE, loopback};
use ::media::{Command, Event, GroupKey, Law, Library, Peer, PlayId, StreamId};
use runtime::SipSettings;
use sip::locate::{DnsKind, DnsQuery, DnsRecord};
use switch::{Input, Output};

impl Bench {
    fn tell(&self, command: Command) {
        self.with(move |stub| stub.wants(Output::Media(command)));
    }

    fn media_event(&self) -> Event {
        match self.next() {
            Input::Media(event) => event,
            other => panic!("no media event but {other:?}"),
        }
    }

    fn open(&self, stream: StreamId) -> Option<SocketAddr> {
        self.tell(Command::Open { stream, group: GroupKey(stream.0) });
        match self.media_event() {
            Event::Opened { stream: opened, local } if opened == stream => Some(local),
            Event::OpenFailed { stream: failed } if failed == stream => None,
            other => panic!("{other:?}"),
        }
    }
}

fn peer(rtp: SocketAddr) -> Peer {
    Peer {
        rtp: Some(rtp),
        rtcp: None,
        law: Law::A,
        payload_type: 8,
        telephone_event: Some(101),
        send: true,
        receive: true,
        dead_after: Duration::from_secs(60),
        latch: true,
        protection: media::Protection::Open,
        rtcp_mux: false,
        ice: None,
    }
}

#[test]
fn a_prompt_goes_out_every_20_ms_from_the_port_that_was_told() {
    let mut library = Library::default();
    library.add_samples("second", &[500; 8000]);
    let bench = Bench::with_media(&SipSettings::default(), false, 50_200..=50_299, library);
    let ear = UdpSocket::bind(loopback()).unwrap();
    ear.set_read_timeout(Some(PATIENCE)).unwrap();
    let stream = StreamId(7);
    let local = bench.open(stream).unwrap();
    assert_eq!(local.port() % 2, 0, "RFC 3550 §11");
    bench.tell(Command::Connect { stream, peer: peer(ear.local_addr().unwrap()) });
    let clips = vec!["second".into()];
    bench.tell(Command::Play { stream, play: PlayId(1), clips, forever: false });

    let mut buffer = [0; 2000];
    let mut times = Vec::new();
    for expected in 0..50u16 {
        let (length, from) = ear.recv_from(&mut buffer).unwrap();
        times.push(Instant::now());
        assert_eq!((length, from), (172, local));
        let sequence = u16::from_be_bytes([buffer[2], buffer[3]]);
        let first = times.len() == 1;
        if first {
            assert_eq!(buffer[1] & 0x80, 0x80, "marker at the beginning of a talkspurt");
        }
        let start = sequence.wrapping_sub(expected);
        assert_eq!(u16::from_be_bytes([buffer[2], buffer[3]]), start.wrapping_add(expected));
    }
    // A busy machine may delay packets, but it never makes them early as a whole.
    let took = times[49] - times[0];
    assert!(took >= Duration::from_millis(49 * 20 - 20), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let done = bench.media_event();
    assert_eq!(done, Event::Played { stream, play: PlayId(1) });
    bench.tell(Command::Close { stream });
    match bench.media_event() {
        Event::Closed { stream: closed, stats } => {
            assert_eq!((closed, stats.sent), (stream, 50));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_heard_comes_to_the_core() {
    let bench =
        Bench::with_media(&SipSettings::default(), false, 50_300..=50_399, Library::default());
    let mouth = UdpSocket::bind(loopback()).unwrap();
    let stream = StreamId(1);
    let local = bench.open(stream).unwrap();
    bench.tell(Command::Connect { stream, peer: peer(mouth.local_addr().unwrap()) });
    let mut packet = [0xd5; 172];
    packet[..12].copy_from_slice(&[0x80, 8, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4]);
    // The first packets may overtake the command on its way to the media thread.
    let told = (1..=100u8).find_map(|n| {
        packet[3] = n;
        mouth.send_to(&packet, local).unwrap();
        bench.seen.recv_timeout(Duration::from_millis(20)).ok()
    });
    assert!(matches!(told, Some(Input::Media(Event::FirstPacket { stream: s })) if s == stream));
}

#[test]
fn without_ports_a_stream_is_refused_and_a_closed_one_gives_its_ports_back() {
    // Two pairs, one for each of the two threads.
    let bench =
        Bench::with_media(&SipSettings::default(), false, 50_400..=50_403, Library::default());
    let (even, odd) = (StreamId(2), StreamId(3));
    assert!(bench.open(even).is_some());
    assert!(bench.open(odd).is_some());
    assert_eq!(bench.open(StreamId(4)), None);
    bench.tell(Command::Close { stream: even });
    assert!(matches!(bench.media_event(), Event::Closed { .. }));
    assert!(bench.open(StreamId(6)).is_some());
}

#[test]
fn a_command_for_a_stream_that_is_gone_is_ignored() {
    let bench =
        Bench::with_media(&SipSettings::default(), false, 50_500..=50_503, Library::default());
    bench.tell(Command::Stop { stream: StreamId(99) });
    bench.tell(Command::Close { stream: StreamId(99) });
    assert!(bench.is_quiet());
    assert!(bench.open(StreamId(1)).is_some());
}

#[test]
fn dns_answers_every_question_even_with_nothing() {
    let bench = Bench::new(&SipSettings::default(), false);
    let ask = |id, name: &'static str, kind| {
        let query = DnsQuery { id, name: name.into(), kind };
        bench.with(move |stub| stub.wants(Output::Dns(query)));
        match bench.next() {
            Input::Dns(answer) => answer,
            other => panic!("{other:?}"),
        }
    };
    let found = ask(1, "localhost", DnsKind::Address);
    assert_eq!(found.id, 1);
    assert!(
        found
            .records
            .iter()
            .all(|record| matches!(record, DnsRecord::Address(a) if a.is_loopback()))
    );
    let nothing = ask(2, "name.invalid", DnsKind::Srv);
    assert_eq!((nothing.id, nothing.records.len()), (2, 0));
    let nothing = ask(3, "..", DnsKind::Naptr);
    assert_eq!((nothing.id, nothing.records.len()), (3, 0));
}
