//! Connections that bring nothing, too much, or nonsense, beside a talk that is measured.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interop::sip::Client;
use interop::stream::connect_from;
use interop::{Line, until};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::siege::Siege;

/// Longer than the line waits for the rest of a message or of a handshake, on any machine.
const LONG: Duration = Duration::from_secs(60);
/// Most bytes of an endless message that are offered.
const OFFERED_MAX: usize = 4 << 20;

const HEAD: &str = "OPTIONS sip:122@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKx\r\n\
     Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:122@127.0.0.1>\r\nCall-ID: x\r\n\
     CSeq: 1 OPTIONS\r\n";

fn open(siege: &Siege) -> TcpStream {
    connect_from(siege.stranger(), siege.line.sip()).expect("the line takes connections")
}

/// Whether the line has closed it, whatever it has said before.
fn is_closed(stream: &mut TcpStream) -> bool {
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

#[track_caller]
fn wait_closed(what: &str, stream: &mut TcpStream) {
    until(&format!("{what}: closed"), LONG, || is_closed(stream).then_some(()));
}

/// Sends until everything is sent or the line takes no more.
fn pour(stream: &mut TcpStream, pieces: impl Iterator<Item = Vec<u8>>) -> usize {
    let mut sent = 0;
    for piece in pieces {
        if stream.write_all(&piece).is_err() {
            break;
        }
        sent += piece.len();
    }
    sent
}

/// Who brings a message or a handshake a byte at a time.
struct Drip {
    what: &'static str,
    stream: TcpStream,
    bytes: std::vec::IntoIter<u8>,
    /// How long it was let go on.
    lasted: Option<Duration>,
}

impl Drip {
    fn new(what: &'static str, stream: TcpStream, bytes: Vec<u8>) -> Drip {
        stream.set_nonblocking(true).expect("sockets have modes");
        Drip { what, stream, bytes: bytes.into_iter(), lasted: None }
    }

    /// Brings the next byte, unless the line has closed it by now.
    fn goes_on(&mut self, since: Instant) {
        if self.lasted.is_some() {
            return;
        }
        let byte = self.bytes.next().expect("more than enough to say");
        if is_closed(&mut self.stream) || self.stream.write_all(&[byte]).is_err() {
            self.lasted = Some(since.elapsed());
        }
    }
}

/// The first words of a phone over TLS.
fn client_hello() -> Vec<u8> {
    let mut hello = Vec::new();
    let name = ServerName::try_from("line").expect("a name");
    session((RootCertStore::empty(), name)).write_tls(&mut hello).expect("memory takes it");
    hello
}

fn session((roots, name): (RootCertStore, ServerName<'static>)) -> ClientConnection {
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    ClientConnection::new(Arc::new(config), name).expect("a session")
}

/// Who believes the line's certificate, and its name.
fn trusting(line: &Line) -> (RootCertStore, ServerName<'static>) {
    let shown = CertificateDer::from_pem_file(line.folder().join("certificate.pem"));
    let mut roots = RootCertStore::empty();
    roots.add(shown.expect("the line's certificate")).expect("a certificate");
    (roots, ServerName::IpAddress(line.tls().ip().into()))
}

#[test]
fn a_byte_at_a_time_gains_nobody_more_than_ten_seconds() {
    let siege = Siege::begin_with(interop::Setup::with_tls);
    let whole = format!("{HEAD}Content-Length: 0\r\n\r\n");
    let with_body = format!("{HEAD}Content-Length: 500\r\n\r\n{}", "x".repeat(499));
    let tls = || connect_from(siege.stranger(), siege.line.tls()).expect("TLS is on");
    let drips = siege.withstands(|| {
        let mut drips = Vec::new();
        for _ in 0..5 {
            drips.push(Drip::new("a first message", open(&siege), whole.clone().into_bytes()));
            let mut second = open(&siege);
            second.write_all(whole.as_bytes()).expect("the line reads");
            drips.push(Drip::new("a second message", second, whole.clone().into_bytes()));
            let mut body = open(&siege);
            let (head, rest) = with_body.split_at(with_body.len() - 499);
            body.write_all(head.as_bytes()).expect("the line reads");
            drips.push(Drip::new("a body", body, rest.as_bytes().to_vec()));
            drips.push(Drip::new("a handshake", tls(), client_hello()));
        }
        let mut silent: Vec<TcpStream> = (0..5).map(|_| tls()).collect();
        let since = Instant::now();
        while drips.iter().any(|drip| drip.lasted.is_none()) && since.elapsed() < LONG {
            for drip in &mut drips {
                drip.goes_on(since);
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        siege.calls_are_answered();
        for stream in &mut silent {
            stream.set_nonblocking(true).expect("sockets have modes");
            wait_closed("a handshake that does not begin", stream);
        }
        drips
    });
    let promised = Duration::from_secs(9)..Duration::from_secs(15);
    for Drip { what, lasted, .. } in drips {
        let lasted = lasted.unwrap_or_else(|| panic!("{what} goes on"));
        assert!(promised.contains(&lasted), "{what}: closed after {lasted:?}");
    }
}

#[test]
fn connections_that_say_nothing_keep_nobody_out() {
    let siege = Siege::begin_with(|setup| setup.set("sip.connections_max", 30));
    siege.withstands(|| {
        let mut held: Vec<TcpStream> = (0..60).map(|_| open(&siege)).collect();
        // What a phone sends to keep its way open, if it is one.
        for stream in held.iter_mut().step_by(2) {
            let _ = stream.write_all(b"\r\n\r\n");
        }
        // A caller's carrier connects all the same.
        let mut carrier = connect_from(siege.line.host(), siege.line.sip()).expect("a connection");
        let asks = format!("{HEAD}Content-Length: 0\r\n\r\n");
        carrier.write_all(asks.as_bytes()).expect("the line reads");
        let mut answer = [0; 4096];
        let length = carrier.read(&mut answer).expect("the line answers");
        assert!(answer[..length].starts_with(b"SIP/2.0 200"));
        siege.calls_are_answered();
        drop(held);
    });
}

/// Many times the ceiling, each with half of its first words.
#[test]
fn half_open_handshakes_keep_nobody_out() {
    let setup = |setup: interop::Setup| setup.with_tls().set("sip.connections_max", 30);
    let siege = Siege::begin_with(setup);
    let hello = client_hello();
    let (half, _) = hello.split_at(hello.len() / 2);
    siege.withstands(|| {
        let mut held = Vec::new();
        for _ in 0..300 {
            let mut stream = connect_from(siege.stranger(), siege.line.tls()).expect("TLS is on");
            // The line may have made room meanwhile.
            let _ = stream.write_all(half);
            held.push(stream);
        }
        let socket = connect_from(siege.line.host(), siege.line.tls()).expect("a connection");
        let mut carrier = StreamOwned::new(session(trusting(&siege.line)), socket);
        let asks = format!("{HEAD}Content-Length: 0\r\n\r\n");
        carrier.write_all(asks.as_bytes()).expect("the line reads");
        carrier.flush().expect("the line reads");
        let mut answer = [0; 4096];
        let length = carrier.read(&mut answer).expect("the line answers");
        assert!(answer[..length].starts_with(b"SIP/2.0 200"));
        siege.calls_are_answered();
        drop(held);
    });
}

#[test]
fn endless_headers_and_a_hundred_thousand_vias() {
    let siege = Siege::begin();
    let before = siege.line.metric("line122_process_resident_memory_bytes");
    let via = b"Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKabcdef\r\n".to_vec();
    let attacks: [(&str, Vec<u8>, usize); 4] = [
        ("one endless header", vec![b'x'; 16 << 10], OFFERED_MAX >> 14),
        ("endless headers", format!("X-{}: y\r\n", "x".repeat(100)).into_bytes(), 40_000),
        ("100 000 Vias", via, 100_000),
        ("endless folds", b" fold\r\n".to_vec(), 500_000),
    ];
    for (what, piece, count) in attacks {
        siege.withstands(|| {
            let mut stream = open(&siege);
            let head =
                if what == "one endless header" { format!("{HEAD}X: ") } else { HEAD.into() };
            stream.write_all(head.as_bytes()).expect("the line reads");
            let pieces = std::iter::repeat_n(piece.clone(), count);
            pour(&mut stream, pieces);
            wait_closed(what, &mut stream);
        });
    }
    let after = siege.line.metric("line122_process_resident_memory_bytes");
    assert!(after - before < 64e6, "{before} before, {after} after");
    siege.calls_are_answered();
}

#[test]
fn as_much_of_it_as_a_datagram_holds() {
    let siege = Siege::begin();
    for (n, line) in ["Via: SIP/2.0/UDP a;branch=z9hG4bKabc\r\n", " fold\r\n", "X:y\r\n", "\t\r\n"]
        .into_iter()
        .enumerate()
    {
        let client = Client::open(&siege.line, &siege.stranger());
        let mut text = format!("{HEAD}Subject: {n}\r\n");
        while text.len() + line.len() + 2 < 60_000 {
            text += line;
        }
        text += "\r\n";
        siege.withstands(|| {
            for _ in 0..500 {
                client.send(text.as_bytes());
            }
        });
    }
    siege.calls_are_answered();
}

#[test]
fn bogus_content_length() {
    let siege = Siege::begin();
    let lengths = [
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Content-Length: 4294967297\r\n",
        "Content-Length: abc\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n",
        "l: 0x10\r\n",
        "",
    ];
    siege.withstands(|| {
        for length in lengths {
            let message = format!("{HEAD}{length}\r\nbody");
            let mut stream = open(&siege);
            stream.write_all(message.as_bytes()).expect("the line reads");
            let mut answer = [0; 2048];
            let heard = stream.read(&mut answer).unwrap_or(0);
            let answer = String::from_utf8_lossy(&answer[..heard]).into_owned();
            let is_refused = answer.starts_with("SIP/2.0 400") || answer.starts_with("SIP/2.0 513");
            assert!(answer.is_empty() || is_refused, "{length}: {answer}");
            wait_closed(length, &mut stream);

            let client = Client::open(&siege.line, &siege.stranger());
            client.send(message.as_bytes());
        }
        // More than ever comes: closed after a while, and nobody else waits for it.
        let mut stream = open(&siege);
        let half = format!("{HEAD}Content-Length: 500\r\n\r\nhalf");
        stream.write_all(half.as_bytes()).expect("the line reads");
        siege.calls_are_answered();
        wait_closed("a body that does not come", &mut stream);
    });
}
