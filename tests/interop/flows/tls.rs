//! TLS: certificates that change while the line runs, and trunks that prove themselves by one.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use interop::audio::tone;
use interop::baresip::{Baresip, Link};
use interop::{Line, PATIENCE, Setup, until};
use nix::sys::signal::Signal;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// An authority, and those whom it vouches for.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key can be made");
        Authority(CertifiedIssuer::self_signed(params, key).expect("a certificate can be made"))
    }

    /// A certificate with these names, and its key.
    fn vouches_for(&self, names: &[SanType]) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names.to_vec();
        let key = KeyPair::generate().expect("a key can be made");
        let made = params.signed_by(&key, &self.0).expect("a certificate can be made");
        (made, key)
    }
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().expect("a name"))
}

fn uri(uri: &str) -> SanType {
    SanType::URI(uri.try_into().expect("a URI"))
}

/// A connection to the line that shows this certificate, and believes whatever it is shown.
fn connect(
    at: SocketAddr,
    trusted: &[CertificateDer<'static>],
    shown: Option<&(rcgen::Certificate, KeyPair)>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots.add(certificate.clone()).expect("a certificate");
    }
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = match shown {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
            config.with_client_auth_cert(vec![certificate.der().clone()], key).expect("they fit")
        }
    };
    let name = ServerName::IpAddress(at.ip().into());
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let socket = TcpStream::connect(at).expect("the line listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
    StreamOwned::new(session, socket)
}

/// Asks for a clinic's number over the connection; the status of the first final answer.
fn invites(stream: &mut StreamOwned<ClientConnection, TcpStream>) -> std::io::Result<u16> {
    let body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
                m=audio 4000 RTP/AVP 8\r\n";
    let invite = format!(
        "INVITE sip:122@line SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1;branch=z9hG4bK1\r\n\
         Max-Forwards: 70\r\nFrom: <sip:+79101234567@carrier.example>;tag=1\r\n\
         To: <sip:122@line>\r\nCall-ID: {}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:carrier@127.0.0.1;transport=tls>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{body}",
        std::process::id(),
        body.len(),
    );
    stream.write_all(invite.as_bytes())?;
    let mut got = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        got.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&got);
        let status = text
            .lines()
            .filter_map(|line| line.strip_prefix("SIP/2.0 "))
            .find_map(|s| s.get(..3)?.parse::<u16>().ok().filter(|status| *status >= 200));
        if let Some(status) = status {
            return Ok(status);
        }
    }
}

/// The fingerprint of what the line shows now.
fn shown(line: &Line, trusted: &[CertificateDer<'static>]) -> Option<Vec<u8>> {
    let mut stream = connect(line.tls(), trusted, None);
    stream.write_all(b"\r\n\r\n").ok()?;
    stream.flush().ok()?;
    let _ = stream.read(&mut [0; 16]);
    stream.conn.peer_certificates().map(|chain| chain[0].to_vec())
}

#[test]
fn a_renewed_certificate_is_used_and_no_call_notices() {
    let line = Setup::demo().with_tls().start();
    let mut operator =
        Baresip::register_with(&line, "201", Link::Tls, "PCMA", &tone(700.0, 60 * 8000));
    let mut citizen = Baresip::citizen_on(&line, Link::Tls, "PCMA", &tone(1000.0, 60 * 8000));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('0');
    operator.wait_ringing();
    operator.accept();
    citizen.wait_tone(700.0);

    let name = line.tls().ip().to_string();
    let renewed = rcgen::generate_simple_self_signed([name]).expect("a certificate can be made");
    line.write_file("certificate.pem", "not one");
    line.process().signal(Signal::SIGHUP);
    until("the bad file is noticed", PATIENCE, || {
        line.log().contains("certificates of before stay in use").then_some(())
    });
    line.write_file("certificate.pem", &renewed.cert.pem());
    line.write_file("key.pem", &renewed.signing_key.serialize_pem());
    line.process().signal(Signal::SIGHUP);
    let trusted = [renewed.cert.der().clone()];
    until("the new certificate is shown", PATIENCE, || {
        shown(&line, &trusted).filter(|der| *der == trusted[0].to_vec())
    });

    // The call goes on over the connections that it had: held, taken up again, ended.
    operator.hold();
    citizen.wait_music("music/calm");
    operator.resume();
    citizen.wait_tone(700.0);
    citizen.hang_up();
    operator.wait_event("CALL_CLOSED");
    assert_eq!(line.only_record().agent.as_ref().map(|a| a.as_str()), Some("201"));
}

/// A line with a trunk that is known by its certificate alone.
fn mutual(authority: &Authority) -> Setup {
    let networks = "[trunks.loopback]\nfrom = [\"127.0.0.0/8\", \"::1\"]";
    Setup::demo()
        .with_tls()
        .replace(networks, "[trunks.carrier]\ncertificate = [\"carrier.example\"]")
        .set("sip.tls_client_authorities", "clients.pem")
        .file("clients.pem", &authority.0.pem())
}

#[test]
fn rfc_5922_a_trunk_is_known_by_the_name_in_its_certificate() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let setup = mutual(&ours);
    let trusted = [setup.certificate()];
    let line = setup.start();
    let status = |who: Option<(rcgen::Certificate, KeyPair)>| {
        invites(&mut connect(line.tls(), &trusted, who.as_ref()))
    };
    assert_eq!(status(Some(ours.vouches_for(&[dns("Carrier.example")]))).ok(), Some(200));
    assert_eq!(status(Some(ours.vouches_for(&[uri("sip:carrier.example")]))).ok(), Some(200));
    // §7.1: with a SIP URI the DNS names say nothing; a user is not a domain.
    let other = ours.vouches_for(&[uri("sip:other.example"), dns("carrier.example")]);
    assert_eq!(status(Some(other)).ok(), Some(403));
    assert_eq!(status(Some(ours.vouches_for(&[dns("other.example")]))).ok(), Some(403));
    let user = ours.vouches_for(&[uri("sip:user@carrier.example")]);
    assert_eq!(status(Some(user)).ok(), Some(403));
    assert_eq!(status(None).ok(), Some(403), "without a certificate it is a stranger");
    let forged = theirs.vouches_for(&[dns("carrier.example")]);
    assert!(status(Some(forged)).is_err(), "another authority: no session");
}
