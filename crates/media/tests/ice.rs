//! Streams to browsers: ICE says where the peer is, a handshake makes the keys (RFC 8445, RFC 5764). The
//! browser is a full agent of the crate `is` beside an engine without ICE.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use common::{Bench, ONE, Phone, Sent, hum, local, peer};
use is::stun::{StunMessage, StunPacket, TransId};
use is::{Candidate, DefaultSha1HmacProvider, IceAgent, IceCreds, Protocol, Sha1HmacProvider};
use media::{Channel, Command, Event, Ice, Identity, Peer, Protection, StreamStats};

const OURS: Ice = Ice { ufrag: *b"abcdefgh", password: *b"0123456789abcdefghijklmn" };
const LATER: Ice = Ice { ufrag: *b"ABCDEFGH", password: *b"ABCDEFGHIJKLMNOPQRSTUVWX" };
/// A network that takes so long each way.
const DELAY: Duration = Duration::from_millis(15);

/// Where the browser is; it may move.
fn home(n: u8) -> SocketAddr {
    SocketAddr::from(([203, 0, 113, n], 50_000))
}

fn credentials(ours: &Ice) -> IceCreds {
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    IceCreds { ufrag: text(&ours.ufrag), pass: text(&ours.password) }
}

fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(vec!["line".into()]).unwrap();
    Identity::new(made.cert.der().to_vec(), made.signing_key.serialize_der(), start()).unwrap()
}

#[allow(clippy::disallowed_methods, reason = "what it stands for is not looked at")]
fn start() -> Instant {
    Instant::now()
}

/// A check that no agent makes.
fn check(name: &str, password: &[u8], nominates: bool) -> Vec<u8> {
    let request = StunMessage::binding_request(name, TransId::new(), true, 7, 99, nominates);
    let mut octets = [0; 256];
    let hmac = |key: &[u8], parts: &[&[u8]]| DefaultSha1HmacProvider.sha1_hmac(key, parts);
    let length = request.to_bytes(Some(password), &mut octets, hmac).unwrap();
    octets[..length].to_vec()
}

/// How the line sees the browser.
fn browser(fingerprint: [u8; 32], begin: bool, ice: Ice) -> Peer {
    Peer {
        rtp: None,
        rtcp: None,
        rtcp_mux: true,
        protection: Protection::Dtls { fingerprint, begin },
        ice: Some(ice),
        ..peer(1)
    }
}

/// The line, a browser, and the network between them.
struct World {
    line: Bench,
    page: Bench,
    ice: IceAgent,
    start: Instant,
    at: SocketAddr,
    peer: Peer,
    wire: Vec<(ambient::Mono, bool, SocketAddr, Vec<u8>)>,
    /// Packets of the line that went to nobody, and handshakes of either.
    astray: Vec<Sent>,
    handshakes: usize,
}

impl World {
    /// The browser has been told of the line; `begin` whether the line begins the handshake.
    fn new(begin: bool) -> World {
        let clips = [("hum", hum(24_000))];
        let [mut line, mut page] = [1, 2].map(|seed| Bench::seeded(seed, &clips));
        let identities = [identity(), identity()];
        let [ours, theirs] = identities.each_ref().map(Identity::fingerprint);
        for (bench, identity) in [&mut line, &mut page].into_iter().zip(identities) {
            let engine = std::mem::replace(&mut bench.engine, Bench::new(&[]).engine);
            bench.engine = engine.with_identity(identity);
            bench.open(ONE);
        }
        let peer = browser(theirs, begin, OURS);
        line.connect(ONE, peer.clone());
        let there = Some(local(ONE));
        let protection = Protection::Dtls { fingerprint: ours, begin: !begin };
        page.connect(ONE, Peer { rtp: there, rtcp: there, ice: None, protection, ..peer.clone() });
        for bench in [&mut line, &mut page] {
            bench.command(Command::Listen { stream: ONE, on: true });
            bench.play(&["hum"], true);
        }
        let mut ice = IceAgent::new(IceCreds::new());
        ice.set_controlling(true);
        let mut world = World {
            line,
            page,
            ice,
            start: start(),
            at: home(1),
            peer,
            wire: Vec::new(),
            astray: Vec::new(),
            handshakes: 0,
        };
        world.gather(&OURS);
        world
    }

    /// The browser knows its own address and what the line described.
    fn gather(&mut self, ours: &Ice) {
        self.ice.add_local_candidate(Candidate::host(self.at, Protocol::Udp).unwrap());
        self.ice.set_remote_credentials(credentials(ours));
        self.ice.add_remote_candidate(Candidate::host(local(ONE), Protocol::Udp).unwrap());
    }

    fn instant(&self) -> Instant {
        self.start + self.line.now.mono.since_start()
    }

    fn run_ms(&mut self, ms: u64) {
        for _ in 0..ms {
            self.line.run_ms(1);
            self.page.run_ms(1);
            self.ice.handle_timeout(self.instant());
            let now = self.line.now.mono;
            while let Some(sent) = self.ice.poll_transmit() {
                self.wire.push((now + DELAY, true, sent.source, sent.contents.to_vec()));
            }
            for sent in std::mem::take(&mut self.page.sent) {
                self.handshakes += usize::from((20..64).contains(&sent.octets[0]));
                assert_eq!((sent.to, sent.channel), (local(ONE), Channel::Rtp));
                self.wire.push((now + DELAY, true, self.at, sent.octets));
            }
            for sent in std::mem::take(&mut self.line.sent) {
                self.handshakes += usize::from((20..64).contains(&sent.octets[0]));
                assert_eq!(sent.channel, Channel::Rtp, "one port for all");
                if sent.to == self.at {
                    self.wire.push((now + DELAY, false, sent.to, sent.octets));
                } else {
                    self.astray.push(sent);
                }
            }
            let (due, later) = std::mem::take(&mut self.wire)
                .into_iter()
                .partition::<Vec<_>, _>(|(at, ..)| *at <= now);
            self.wire = later;
            for (_, to_line, address, octets) in due {
                self.deliver(to_line, address, &octets);
            }
        }
    }

    fn deliver(&mut self, to_line: bool, address: SocketAddr, octets: &[u8]) {
        if to_line {
            self.line.receive(ONE, address, octets);
        } else if octets[0] < 4 {
            let message = StunMessage::parse(octets).unwrap();
            let (source, destination) = (local(ONE), address);
            let packet = StunPacket { proto: Protocol::Udp, source, destination, message };
            self.ice.handle_packet(self.instant(), packet);
        } else {
            self.page.receive(ONE, local(ONE), octets);
        }
    }

    /// How many loud samples each has heard since it was asked last.
    fn heard(&mut self) -> [usize; 2] {
        [&mut self.line, &mut self.page].map(|bench| {
            let loud = bench.heard().iter().filter(|sample| sample.abs() > 1000).count();
            bench.events.clear();
            loud
        })
    }

    fn close(&mut self) -> [StreamStats; 2] {
        [self.line.close(), self.page.close()]
    }
}

fn dead(bench: &Bench) -> usize {
    bench.told(|event| matches!(event, Event::Dead { .. }))
}

#[test]
fn a_browser_and_the_line_hear_each_other_whoever_begins() {
    for begin in [true, false] {
        let mut world = World::new(begin);
        world.run_ms(30_000);
        assert!(world.ice.state().is_connected());
        assert_eq!((dead(&world.line), dead(&world.page)), (0, 0));
        assert_eq!(world.line.told(|event| matches!(event, Event::FirstPacket { .. })), 1);
        assert!(world.heard().into_iter().all(|loud| loud > 190_000), "{begin}");
        assert!(world.astray.is_empty());
        let stats = world.close();
        assert!(stats.iter().all(|stats| stats.received > 1400), "{stats:?}");
        assert!(stats[0].round_trip.is_some(), "reports came on the port of RTP");
        assert!(stats[0].far.is_some_and(|far| far.lost == 0), "{stats:?}");
    }
}

#[test]
fn nothing_is_sent_before_it_is_known_where_to() {
    for begin in [true, false] {
        let mut line = Bench::new(&[("hum", hum(800))]);
        line.engine = Bench::new(&[("hum", hum(800))]).engine.with_identity(identity());
        line.open(ONE);
        line.connect(ONE, browser([1; 32], begin, OURS));
        line.play(&["hum"], true);
        line.run_ms(20_000);
        assert!(line.sent.is_empty());
        assert_eq!(dead(&line), 0, "the handshake has not begun");
        line.receive(ONE, home(1), &check("abcdefgh:far", &OURS.password, false));
        let sent = std::mem::take(&mut line.sent);
        assert!(sent.iter().all(|sent| sent.to == home(1)));
        assert_eq!(sent.len(), if begin { 2 } else { 1 }, "an answer, and a hello at once");
        line.run_ms(20_000);
        // Thirty seconds without a packet, or a handshake that nobody answers.
        assert_eq!(dead(&line), 1);
    }
}

#[test]
fn who_does_not_know_the_password_is_nobody() {
    let mut world = World::new(true);
    for name in ["abcdefgh:far", "ABCDEFGH:far", "abcdefgh", "abcdefg:h", ""] {
        world.line.receive(ONE, home(9), &check(name, &LATER.password, true));
    }
    world.line.receive(ONE, home(9), &check("abcdefgh:far", &[], true));
    assert!(world.line.sent.is_empty(), "not even told so");
    world.run_ms(5000);
    assert!(world.heard()[0] > 25_000);
    assert!(world.astray.is_empty());
    assert_eq!(world.line.close().refused, 6);
}

#[test]
fn a_third_party_is_neither_heard_nor_sent_anything() {
    let mut world = World::new(false);
    world.run_ms(5000);
    world.heard();
    let before = world.handshakes;
    let mut intruder = Phone::new(home(9));
    let hello = [&[22, 254, 253][..], &[0; 60]].concat();
    for _ in 0..50 {
        intruder.talk(&mut world.line, ONE, 1);
        world.line.receive(ONE, home(9), &hello);
        // Reports, on either port.
        world.line.receive(ONE, home(9), &[0x80, 201, 0, 1, 0, 0, 0, 9]);
        let (now, report) = (world.line.now, [0x80, 201, 0, 1, 0, 0, 0, 9]);
        world.line.engine.handle_packet(now, ONE, Channel::Rtcp, home(1), &report);
        // The page's clock goes on with the line's.
        world.page.run_ms(20);
    }
    world.run_ms(5000);
    assert!(world.heard().into_iter().all(|loud| loud > 25_000));
    assert!(world.astray.is_empty());
    assert_eq!(world.handshakes, before);
    assert_eq!(world.line.close().refused, 200);
}

#[test]
fn rfc_8445_9_a_restart_moves_the_speech_and_keeps_its_keys() {
    for begin in [true, false] {
        let mut world = World::new(begin);
        world.run_ms(5000);
        world.heard();
        let handshakes = world.handshakes;
        // The browser is in another network; the line is told by a new description.
        world.at = home(2);
        world.peer.ice = Some(LATER);
        world.line.connect(ONE, world.peer.clone());
        world.ice.ice_restart(IceCreds::new(), false);
        world.gather(&LATER);
        world.run_ms(5000);
        assert!(world.heard().into_iter().all(|loud| loud > 25_000), "{begin}");
        assert_eq!(world.handshakes, handshakes, "the association goes on");
        assert!(world.astray.iter().all(|sent| sent.to == home(1)));
        assert!(world.astray.len() < 20, "{}", world.astray.len());
        // The old credentials are worth nothing by now.
        world.line.receive(ONE, home(1), &check("abcdefgh:far", &OURS.password, true));
        world.run_ms(1000);
        assert!(world.heard().into_iter().all(|loud| loud > 6000));
        let [line, page] = world.close();
        assert_eq!(line.refused, 1, "{line:?}");
        assert_eq!(page.refused, 0, "no packet was protected by another key");
    }
}

#[test]
fn a_browser_with_another_certificate_is_another_far_end() {
    let mut world = World::new(true);
    world.run_ms(2000);
    // The page was loaded anew: another connection with other credentials and keys.
    let next = World::new(true);
    let Protection::Dtls { fingerprint, .. } = next.peer.protection else { unreachable!() };
    world.line.connect(ONE, browser(fingerprint, true, LATER));
    world.line.sent.clear();
    world.line.run_ms(1000);
    assert!(world.line.sent.is_empty(), "the one before is not sent to any more");
    world.line.receive(ONE, home(3), &check("ABCDEFGH:far", &LATER.password, false));
    let sent = std::mem::take(&mut world.line.sent);
    assert!(sent.len() == 2 && sent.iter().all(|sent| sent.to == home(3)), "a new handshake");
    world.line.receive(ONE, home(1), &check("abcdefgh:far", &OURS.password, false));
    assert!(world.line.sent.is_empty());
}

#[test]
fn checks_are_a_sign_of_life_once_there_are_keys() {
    let mut world = World::new(true);
    world.run_ms(2000);
    world.peer.dead_after = Duration::from_secs(5);
    world.line.connect(ONE, world.peer.clone());
    // The page says nothing more, but its checks go on.
    for _ in 0..10 {
        world.line.run_ms(2000);
        world.line.receive(ONE, home(1), &check("abcdefgh:far", &OURS.password, true));
    }
    assert_eq!(dead(&world.line), 0);
    world.line.run_ms(12_000);
    assert_eq!(dead(&world.line), 1);
}
