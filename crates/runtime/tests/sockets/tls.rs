//! SIP over TLS through real sockets.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::stub::{Bench, PATIENCE, loopback, options};
use runtime::{Patience, SipSettings, Sockets, StreamLimits, TlsFiles};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use sip::{Flow, Transport};
use switch::Offence;

/// A certificate for `line.example`, trusted by itself.
fn files(folder: &Path) -> TlsFiles {
    let made = rcgen::generate_simple_self_signed(vec!["line.example".into()]).unwrap();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    TlsFiles {
        certificate: Some(certificate.clone()),
        key: Some(key),
        authorities: Some(certificate),
        client_authorities: None,
    }
}

fn settings(folder: &Path) -> SipSettings {
    SipSettings { tls: vec![loopback()], tls_files: files(folder), ..SipSettings::default() }
}

fn client(files: &TlsFiles, name: &str) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(files.authorities.as_ref().unwrap()).unwrap()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    ClientConnection::new(Arc::new(config), ServerName::try_from(name.to_owned()).unwrap()).unwrap()
}

fn server(files: &TlsFiles) -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(files.certificate.as_ref().unwrap()).unwrap();
    let key = PrivateKeyDer::from_pem_file(files.key.as_ref().unwrap()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

#[test]
fn messages_pass_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let bench = Bench::new(&settings, true);
    let mut tls = client(&settings.tls_files, "line.example");
    let mut socket = TcpStream::connect(bench.address(Transport::Tls)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream = rustls::Stream::new(&mut tls, &mut socket);
    for call in ["1", "2"] {
        stream.write_all(&options(call)).unwrap();
        let (flow, payload) = bench.message();
        assert_eq!((flow.transport, &payload[..]), (Transport::Tls, &options(call)[..]));
        let mut echoed = vec![0; options(call).len()];
        stream.read_exact(&mut echoed).unwrap();
        assert_eq!(echoed, options(call));
    }
    // Larger than one TLS record and than rustls's own buffer.
    let flow = Flow { connection: None, ..Flow::to(Transport::Tls, socket.local_addr().unwrap()) };
    bench.with(move |stub| stub.send(flow, vec![b'y'; 200_000]));
    let mut large = vec![0; 200_000];
    rustls::Stream::new(&mut tls, &mut socket).read_exact(&mut large).unwrap();
    assert!(large.iter().all(|byte| *byte == b'y'));
}

#[test]
fn a_server_is_believed_only_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let config = server(&settings.tls_files);
    let bench = Bench::new(&settings, false);
    for (name, is_right) in [("line.example", true), ("other.example", false)] {
        let listener = TcpListener::bind(loopback()).unwrap();
        let remote = listener.local_addr().unwrap();
        let flow = Flow { tls_name: Some(name.into()), ..Flow::to(Transport::Tls, remote) };
        let asked = flow.clone();
        bench.with(move |stub| stub.send(flow, "hello"));
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut tls = ServerConnection::new(config.clone()).unwrap();
        let mut text = [0; 5];
        let got = rustls::Stream::new(&mut tls, &mut socket).read_exact(&mut text);
        assert_eq!(got.is_ok(), is_right, "{name}: {got:?}");
        drop(socket);
        let told = [bench.failed(), bench.failed()];
        assert!(told.contains(&asked), "{told:?}");
    }
}

#[test]
fn what_is_no_tls_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let patience = Patience { handshake: Duration::from_millis(300), ..Patience::default() };
    let limits = StreamLimits { patience, ..StreamLimits::default() };
    let bench = Bench::new(&SipSettings { limits, ..settings(folder.path()) }, false);
    let address = bench.address(Transport::Tls);
    for first_words in [options("plain"), Vec::new()] {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.write_all(&first_words).unwrap();
        let mut rest = Vec::new();
        // An alert, perhaps; then the end.
        let ended = socket.read_to_end(&mut rest);
        assert!(!matches!(&ended, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock));
        if first_words.is_empty() {
            assert_eq!(bench.suspect(), Offence::Slow);
        }
        assert!(bench.failed().connection.is_some());
    }
}

#[test]
fn an_end_is_told_from_a_cut() {
    // RFC 8446 §6.1: close_notify, when a connection is closed and when the line ends.
    let folder = tempfile::tempdir().unwrap();
    let patience = Patience { idle: Duration::from_millis(300), ..Patience::default() };
    let limits = StreamLimits { patience, ..StreamLimits::default() };
    let settings = settings(folder.path());
    for settings in [SipSettings { limits, ..settings.clone() }, settings] {
        let bench = Bench::new(&settings, true);
        let mut tls = client(&settings.tls_files, "line.example");
        let mut socket = TcpStream::connect(bench.address(Transport::Tls)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut stream = rustls::Stream::new(&mut tls, &mut socket);
        stream.write_all(&options("1")).unwrap();
        stream.read_exact(&mut vec![0; options("1").len()]).unwrap();
        if settings.limits.patience.idle > PATIENCE {
            bench.remote.drain(PATIENCE);
        }
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "not UnexpectedEof");
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let no_certificate = SipSettings { tls: vec![loopback()], ..SipSettings::default() };
    let error = Sockets::bind(&no_certificate).unwrap_err().to_string();
    assert!(error.contains("sip.tls_certificate"), "{error}");

    let mut settings = settings(folder.path());
    let key = settings.tls_files.key.clone();
    settings.tls_files.key = Some(folder.path().join("absent.pem"));
    let error = Sockets::bind(&settings).unwrap_err().to_string();
    assert!(error.contains("absent.pem"), "{error}");

    settings.tls_files.certificate = key.clone();
    settings.tls_files.key = key;
    let error = Sockets::bind(&settings).unwrap_err().to_string();
    assert!(error.contains("key.pem: there is no certificate in it"), "{error}");
}
