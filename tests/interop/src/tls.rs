//! Certificates of an authority of the test's own, and SIP over a TLS session, message by message.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{Connection, RootCertStore};

use crate::sipp::Message;
use crate::wait::PATIENCE;

/// Signs certificates.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key.
#[derive(Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
}

impl Authority {
    /// One of this name, that nobody knows yet.
    ///
    /// # Panics
    /// If none can be made.
    #[must_use]
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key can be made");
        Authority(CertifiedIssuer::self_signed(params, key).expect("an authority can be made"))
    }

    /// Its certificate as a file.
    #[must_use]
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// What believes only this authority.
    ///
    /// # Panics
    /// If its certificate cannot be read.
    #[must_use]
    pub fn roots(&self) -> RootCertStore {
        roots(self.0.der())
    }

    /// Signs a certificate for this host name or address.
    ///
    /// # Panics
    /// If it is no name.
    #[must_use]
    pub fn signs(&self, name: &str) -> Identity {
        self.signs_with(name, |_| ())
    }

    /// Signs a certificate for this host name or address; it and its key as files.
    ///
    /// # Panics
    /// If it is no name.
    #[must_use]
    pub fn signs_pem(&self, name: &str) -> (String, String) {
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate can be made");
        (certificate.pem(), key.serialize_pem())
    }

    /// Signs a certificate that was over in 2020.
    ///
    /// # Panics
    /// If it is no name.
    #[must_use]
    pub fn signs_expired(&self, name: &str) -> Identity {
        self.signs_with(name, |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1))
    }

    fn signs_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate can be made");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        Identity { certificate: certificate.der().clone(), key }
    }
}

/// What believes only this certificate.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn roots(certificate: &CertificateDer<'static>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a certificate");
    roots
}

/// One side of SIP over TLS.
#[derive(Debug)]
pub struct TlsPeer {
    socket: TcpStream,
    session: Connection,
    read: Vec<u8>,
}

impl TlsPeer {
    /// Over an established connection; the handshake comes with the first message.
    ///
    /// # Panics
    /// If the socket has no timeouts.
    #[must_use]
    pub fn new(socket: TcpStream, session: impl Into<Connection>) -> TlsPeer {
        socket.set_read_timeout(Some(PATIENCE)).expect("sockets have timeouts");
        TlsPeer { socket, session: session.into(), read: Vec::new() }
    }

    /// The certificate that the other side has shown.
    #[must_use]
    pub fn shown(&self) -> Option<&CertificateDer<'static>> {
        self.session.peer_certificates()?.first()
    }

    /// Sends a message.
    ///
    /// # Errors
    /// If the other side ends the session.
    pub fn send(&mut self, message: &str) -> io::Result<()> {
        if self.session.is_handshaking() {
            self.session.complete_io(&mut self.socket)?;
        }
        self.session.writer().write_all(message.as_bytes())?;
        while self.session.wants_write() {
            self.session.write_tls(&mut self.socket)?;
        }
        Ok(())
    }

    /// The next message.
    ///
    /// # Errors
    /// If the other side ends the session, or refuses it.
    ///
    /// # Panics
    /// If what comes is no SIP.
    pub fn receive(&mut self) -> io::Result<Message> {
        loop {
            if let Some(length) = whole(&self.read) {
                let text = String::from_utf8_lossy(&self.read[..length]).into_owned();
                self.read.drain(..length);
                return Ok(Message { is_sent: false, text });
            }
            let mut buffer = [0; 4096];
            match self.session.reader().read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.read.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.session.complete_io(&mut self.socket)? == (0, 0) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The next message that is no provisional response.
    ///
    /// # Errors
    /// If the other side ends the session, or refuses it.
    pub fn receive_final(&mut self) -> io::Result<Message> {
        loop {
            let message = self.receive()?;
            if !message.text.starts_with("SIP/2.0 1") {
                return Ok(message);
            }
        }
    }
}

/// The length of the message that bytes begin with, if it is there (RFC 3261 §18.3).
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let body = Message { is_sent: false, text }.header("Content-Length")?.trim().parse::<usize>();
    Some(head + body.expect("a length")).filter(|length| *length <= bytes.len())
}
