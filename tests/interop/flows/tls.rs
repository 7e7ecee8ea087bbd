//! TLS: certificates that change while the line runs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use interop::audio::tone;
use interop::baresip::{Baresip, Link};
use interop::{Line, PATIENCE, Setup, until};
use nix::sys::signal::Signal;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A connection to the line that believes these certificates.
fn connect(
    at: SocketAddr,
    trusted: &[CertificateDer<'static>],
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots.add(certificate.clone()).expect("a certificate");
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::IpAddress(at.ip().into());
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let socket = TcpStream::connect(at).expect("the line listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
    StreamOwned::new(session, socket)
}

/// The fingerprint of what the line shows now.
fn shown(line: &Line, trusted: &[CertificateDer<'static>]) -> Option<Vec<u8>> {
    let mut stream = connect(line.tls(), trusted);
    stream.write_all(b"\r\n\r\n").ok()?;
    stream.flush().ok()?;
    let _ = stream.read(&mut [0; 16]);
    stream.conn.peer_certificates().map(|chain| chain[0].to_vec())
}

#[test]
fn a_renewed_certificate_is_used_and_no_call_notices() {
    let mut line = Setup::demo().with_tls().start();
    line.expect_errors("certificates of before stay in use");
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
