//! Certificates that the pages get by themselves, from pebble: Let's Encrypt's own authority for tests.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use interop::process::Process;
use interop::tls::{Authority, roots};
use interop::{Folder, Host, PATIENCE, Setup, until};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The name of the pages, which the test's own name server tells.
const PAGES: &str = "pages.example";
/// Of a certificate, in seconds: the pages get a new one after two thirds.
const LIFE: u64 = 24;

/// Pebble with its name server.
struct Pebble {
    authority: Process,
    _names: Process,
    /// Who signs what it serves itself with.
    trust: Authority,
    at: Host,
    _folder: Folder,
}

impl Pebble {
    /// One that believes who answers at these pages.
    fn start(setup: &Setup) -> Pebble {
        let (folder, at) = (Folder::new(), setup.host());
        let trust = Authority::new("the test");
        let (certificate, key) = trust.signs_pem(&at.ip().to_string());
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("the folder can be written");
        };
        write("certificate.pem", &certificate);
        write("key.pem", &key);
        write(
            "pebble.json",
            &serde_json::json!({ "pebble": {
                "listenAddress": at.port(14000), "managementListenAddress": at.port(15000),
                "certificate": "certificate.pem", "privateKey": "key.pem", "httpPort": 80,
                "tlsPort": setup.web().port(), "certificateValidityPeriod": LIFE,
            }})
            .to_string(),
        );
        let program = |name: &str| {
            let mut command = Command::new(name);
            command.current_dir(folder.path()).env("PEBBLE_VA_NOSLEEP", "1");
            command
        };
        let names = at.port(8053).to_string();
        let mut server = program("pebble-challtestsrv");
        server.args([
            "-dns01",
            &names,
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
            "-management",
        ]);
        server.args([&at.port(8055).to_string(), "-defaultIPv6", "", "-defaultIPv4"]);
        server.arg(setup.web().ip().to_string());
        let mut pebble = program("pebble");
        pebble.args(["-config", "pebble.json", "-dnsserver", &names]);
        let started = Pebble {
            _names: Process::start(server, &folder.path().join("names.log")),
            authority: Process::start(pebble, &folder.path().join("pebble.log")),
            trust,
            at,
            _folder: folder,
        };
        until("pebble listens", PATIENCE, || TcpStream::connect(started.at.port(14000)).ok());
        started
    }

    fn directory(&self) -> String {
        format!("https://{}/dir", self.at.port(14000))
    }

    /// Who believes the certificates that it gives.
    fn believers(&self) -> RootCertStore {
        let asked =
            fetch(self.at.port(15000), self.trust.roots(), &self.at.ip().to_string(), "/roots/0");
        let (_, told) = asked.expect("pebble tells its root");
        let pem = told.split_once("\r\n\r\n").expect("a body").1;
        roots(&CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate"))
    }
}

/// The certificate that is shown, and the answer; nothing if it is not believed.
fn fetch(
    at: SocketAddr,
    trusted: RootCertStore,
    name: &str,
    path: &str,
) -> Option<(Vec<u8>, String)> {
    let config = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).expect("a name");
    let session = ClientConnection::new(Arc::new(config), server).expect("a session");
    let socket = TcpStream::connect(at).ok()?;
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut stream = StreamOwned::new(session, socket);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    // Some servers end the connection and not the session.
    let _ = stream.read_to_end(&mut answer);
    let shown = stream.conn.peer_certificates()?.first()?.to_vec();
    Some((shown, String::from_utf8_lossy(&answer).into_owned()))
}

#[test]
fn the_pages_get_a_certificate_renew_it_and_keep_the_old_one_while_they_cannot() {
    let setup = Setup::demo();
    let mut pebble = Pebble::start(&setup);
    let line = setup.with_acme(PAGES, &pebble.directory(), &pebble.trust).start();
    let believers = pebble.believers();
    let shown = || {
        let (shown, answer) = fetch(line.web().0, believers.clone(), PAGES, "/healthz")?;
        answer.starts_with("HTTP/1.1 200").then_some(shown)
    };
    let first = until("the pages have a certificate that is believed", PATIENCE, shown);
    let folder = line.folder().join("data/acme");
    for file in ["certificate.pem", "account.json"] {
        let kept = std::fs::metadata(folder.join(file)).expect("it is kept");
        assert_eq!(kept.permissions().mode() & 0o077, 0, "{file} is nobody else's");
    }
    let second = until("it is renewed", Duration::from_secs(LIFE) + PATIENCE, || {
        shown().filter(|now| *now != first)
    });
    assert_eq!(line.log().matches("the pages have a new certificate").count(), 2);

    pebble.authority.kill();
    until("the authority is missed", Duration::from_secs(LIFE) + PATIENCE, || {
        line.log().contains("the old one stays in use").then_some(())
    });
    assert_eq!(shown(), Some(second), "still good for some seconds");
}
