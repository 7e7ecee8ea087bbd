//! Trunks that are known by their certificate, and trunks that want to see ours (RFC 5922).

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;

use interop::sipp::Message;
use interop::tls::{Authority, Identity, TlsPeer, roots};
use interop::{Host, Line, PATIENCE, Scenario, Setup, Sound, until};
use journal::Outcome;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};

use crate::desks::Desk;

/// The domain that the carrier's certificate names.
const CARRIER: &str = "carrier.example";
/// Where a carrier listens for TLS.
const TLS_PORT: u16 = 5061;

/// A line that knows its carrier by the certificate alone.
fn line_of(authority: &Authority) -> Setup {
    Setup::demo()
        .with_tls()
        .believes(authority)
        .replace("from = [\"127.0.0.0/8\", \"::1\"]", &format!("certificate = [\"{CARRIER}\"]"))
}

/// A session with the line.
fn connect(line: &Line, shown: &CertificateDer<'static>, who: Option<Identity>) -> TlsPeer {
    let config = ClientConfig::builder().with_root_certificates(roots(shown));
    let config = match who {
        Some(Identity { certificate, key }) => {
            config.with_client_auth_cert(vec![certificate], key).expect("a certificate")
        }
        None => config.with_no_client_auth(),
    };
    let name = ServerName::IpAddress(line.tls().ip().into());
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let socket = TcpStream::connect(line.tls()).expect("the line listens");
    TlsPeer::new(socket, session)
}

/// A request of the call with this number.
fn request(host: Host, call: u32, (method, cseq): (&str, u32), to_tag: &str, rest: &str) -> String {
    let at = host.port(TLS_PORT);
    format!(
        "{method} sip:122@line SIP/2.0\r\nVia: SIP/2.0/TLS {at};branch=z9hG4bK{method}{call}\r\n\
         From: <sip:+79101234567@{CARRIER}>;tag=1\r\nTo: <sip:122@line>{to_tag}\r\n\
         Call-ID: {call}@{at}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n\
         Contact: <sip:carrier@{at};transport=tls>\r\n{rest}"
    )
}

pub(crate) fn with_body(sdp: String) -> String {
    let sdp = sdp.replace('\n', "\r\n");
    format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len())
}

pub(crate) const NO_BODY: &str = "Content-Length: 0\r\n\r\n";

fn tag(message: &Message) -> String {
    let to = message.header("To").unwrap_or_default();
    to.find(";tag=").map_or(String::new(), |at| to[at..].to_owned())
}

#[test]
fn only_the_carriers_certificate_opens_its_trunk() {
    let (authority, stranger) = (Authority::new("ours"), Authority::new("another"));
    let setup = line_of(&authority);
    let shown = setup.certificate();
    let line = setup.start();
    let host = line.host();
    let sound = Sound::open(&host);
    let mut calls = 0;
    let mut invite = |peer: &mut TlsPeer| {
        calls += 1;
        let offer = with_body(sound.sdp().to_string());
        peer.send(&request(host, calls, ("INVITE", 1), "", &offer))?;
        peer.receive_final().map(|answer| (calls, answer))
    };

    // No certificate, and one for another domain: heard, and turned away.
    for (who, named) in [(None, "[]"), (Some(authority.signs("other.example")), "other.example")] {
        let mut peer = connect(&line, &shown, who);
        let (call, answer) = invite(&mut peer).expect("an answer");
        assert!(answer.text.starts_with("SIP/2.0 403"), "{}", answer.text);
        peer.send(&request(host, call, ("ACK", 1), &tag(&answer), NO_BODY)).expect("sent");
        let told = |line: &str| line.contains("turned away") && line.contains(named);
        assert!(line.log().lines().any(told), "{}", line.log());
    }

    // Another authority's, and one that is over: no session, and the log says why.
    let refused = [
        (stranger.signs(CARRIER), "UnknownIssuer"),
        (authority.signs_expired(CARRIER), "certificate expired"),
    ];
    for (who, why) in refused {
        let mut peer = connect(&line, &shown, Some(who));
        let refusal = invite(&mut peer).expect_err("no session");
        assert!(refusal.to_string().contains("alert"), "{refusal}");
        until(why, PATIENCE, || {
            let told = |line: &str| line.contains("no TLS session") && line.contains(why);
            line.log().lines().any(told).then_some(())
        });
    }

    // The carrier's own.
    let mut peer = connect(&line, &shown, Some(authority.signs(CARRIER)));
    let (call, answer) = invite(&mut peer).expect("an answer");
    assert!(answer.text.starts_with("SIP/2.0 200"), "{}", answer.text);
    let to = tag(&answer);
    peer.send(&request(host, call, ("ACK", 1), &to, NO_BODY)).expect("sent");
    sound.wait_prompt("welcome");
    peer.send(&request(host, call, ("BYE", 2), &to, NO_BODY)).expect("sent");
    let answer = peer.receive_final().expect("an answer");
    assert!(answer.text.starts_with("SIP/2.0 200"), "{}", answer.text);
    let record = line.only_record();
    assert_eq!(record.sip_call_id, format!("{call}@{}", host.port(TLS_PORT)));
    assert_eq!(record.outcome, Outcome::LeftMenu);
}

/// A carrier over TLS that asks who calls.
pub(crate) struct Carrier {
    listener: TcpListener,
    config: Arc<ServerConfig>,
}

impl Carrier {
    pub(crate) fn new(host: Host, own: Identity, believed: &CertificateDer<'static>) -> Carrier {
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots(believed))).build();
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier.expect("an authority"))
            .with_single_cert(vec![own.certificate], own.key)
            .expect("a certificate");
        let listener = TcpListener::bind(host.port(TLS_PORT)).expect("an address of its own");
        Carrier { listener, config: Arc::new(config) }
    }

    /// What leads to it.
    pub(crate) fn trunk(host: Host) -> String {
        let at = host.port(TLS_PORT);
        format!(
            "[trunks.outside]\nto = [\"sip:{at};transport=tls\"]\n\
             caller_number = \"8-800-234-35-22\"\n"
        )
    }

    pub(crate) fn accept(&self) -> TlsPeer {
        let (socket, _) = self.listener.accept().expect("the line connects");
        TlsPeer::new(socket, ServerConnection::new(self.config.clone()).expect("a session"))
    }
}

/// The response to a request of the line.
pub(crate) fn response(host: Host, request: &Message, status: &str, rest: &str) -> String {
    let copied = |name: &str| {
        let all = request.headers(name).map(|value| format!("{name}: {value}\r\n"));
        all.collect::<String>()
    };
    let to = request.header("To").unwrap_or_default();
    let tag = if to.contains(";tag=") { "" } else { ";tag=carrier" };
    let contact = format!("<sip:carrier@{};transport=tls>", host.port(TLS_PORT));
    format!(
        "SIP/2.0 {status}\r\n{}{}To: {to}{tag}\r\n{}{}Contact: {contact}\r\n{rest}",
        copied("Via"),
        copied("From"),
        copied("Call-ID"),
        copied("CSeq"),
    )
}

/// 201 dials a number outside.
pub(crate) fn dials_outside(desk: &Desk) -> Scenario {
    let call = Scenario::call_from("201", "84951234567", desk.sound.sdp()).invites();
    call.gives_password(407, "201", "demo-201")
}

#[test]
fn a_carrier_that_asks_who_calls_is_shown_our_certificate() {
    let authority = Authority::new("ours");
    let setup = Setup::demo().with_tls().believes(&authority);
    let host = setup.host();
    let own = authority.signs(&host.ip().to_string());
    let ours = setup.certificate();
    let carrier = Carrier::new(host, own, &ours);
    let line = setup.plan("outside.toml", &Carrier::trunk(host)).start();
    let (operator, called) = (Desk::of_agent(&line, "201"), Sound::open(&host));
    let mut sipp =
        operator.plays(&line, dials_outside(&operator).gets_answer().nudged().hangs_up());

    let mut peer = carrier.accept();
    let invite = peer.receive().expect("the line calls");
    assert!(invite.text.starts_with("INVITE sip:+74951234567@"), "{}", invite.text);
    assert_eq!(peer.shown(), Some(&ours));
    let answer = with_body(called.sdp().to_string());
    peer.send(&response(host, &invite, "200 OK", &answer)).expect("sent");
    let ack = peer.receive().expect("an ACK");
    assert!(ack.text.starts_with("ACK "), "{}", ack.text);
    called.hum(500.0);
    operator.sound.wait_tone(500.0);
    sipp.nudge();
    let bye = peer.receive().expect("a BYE");
    assert!(bye.text.starts_with("BYE "), "{}", bye.text);
    peer.send(&response(host, &bye, "200 OK", NO_BODY)).expect("sent");
    sipp.finish();
    line.wait_calls(0);
}

#[test]
fn nobody_is_called_at_a_carrier_that_cannot_prove_who_it_is() {
    let (authority, stranger) = (Authority::new("ours"), Authority::new("another"));
    let setup = Setup::demo().with_tls().believes(&authority);
    let host = setup.host();
    let own = stranger.signs(&host.ip().to_string());
    let carrier = Carrier::new(host, own, &setup.certificate());
    let line = setup.plan("outside.toml", &Carrier::trunk(host)).start();
    let operator = Desk::of_agent(&line, "201");
    let sipp = operator.plays(&line, dials_outside(&operator).gets_refusal(503));
    let mut peer = carrier.accept();
    assert!(peer.receive().is_err(), "no INVITE");
    sipp.finish();
    let told = |line: &str| {
        line.contains("no TLS session") && line.contains("opened_by=\"us\"") && {
            line.contains("UnknownIssuer")
        }
    };
    assert!(line.log().lines().any(told), "{}", line.log());
}

/// RFC 3261 §26.2.2: whoever answers in the open at the same address is not asked.
#[test]
fn a_sips_target_is_called_over_tls_or_not_at_all() {
    let authority = Authority::new("ours");
    let setup = Setup::demo().with_tls().believes(&authority);
    let host = setup.host();
    let trunk = Carrier::trunk(host).replace("sip:", "sips:").replace(";transport=tls", "");
    assert!(trunk.contains(&format!("sips:{}", host.port(TLS_PORT))), "{trunk}");
    let ports = [TLS_PORT, 5060];
    let in_the_open = ports.map(|port| UdpSocket::bind(host.port(port)).expect("a free port"));
    let plain = TcpListener::bind(host.port(5060)).expect("a free port");
    let own = authority.signs(&host.ip().to_string());
    let ours = setup.certificate();
    let line = setup.plan("outside.toml", &trunk).start();
    let operator = Desk::of_agent(&line, "201");

    // Nobody listens for TLS.
    operator.plays(&line, dials_outside(&operator).gets_refusal(503)).finish();

    let carrier = Carrier::new(host, own, &ours);
    let sipp = operator.plays(&line, dials_outside(&operator).gets_refusal(486));
    let mut peer = carrier.accept();
    let invite = peer.receive().expect("the line calls");
    assert!(invite.text.starts_with("INVITE sips:+74951234567@"), "{}", invite.text);
    let contact = invite.header("Contact").unwrap_or_default();
    assert!(contact.starts_with("<sips:"), "§12.1.1: {contact}");
    peer.send(&response(host, &invite, "486 Busy Here", NO_BODY)).expect("sent");
    sipp.finish();

    for socket in in_the_open {
        socket.set_nonblocking(true).expect("sockets have modes");
        assert!(socket.recv(&mut [0; 2048]).is_err(), "nothing goes over UDP");
    }
    plain.set_nonblocking(true).expect("sockets have modes");
    assert!(plain.accept().is_err(), "nothing goes over TCP");
}
