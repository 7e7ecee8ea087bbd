use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::digest::{Algorithm, parameter};
use crate::block::Host;
use crate::line::Line;
use crate::sipp::Message;
use crate::wait::PATIENCE;

/// A UDP socket that speaks SIP with the line.
#[derive(Debug)]
pub struct Client {
    socket: UdpSocket,
    local: SocketAddr,
    remote: SocketAddr,
    cseq: u32,
}

/// What an account registers.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The user name.
    pub user: &'a str,
    /// The password.
    pub password: &'a str,
    /// The hash to prove it with.
    pub algorithm: Algorithm,
}

impl<'a> Account<'a> {
    /// An account of the demo.
    #[must_use]
    pub fn demo(user: &'a str, password: &'a str) -> Account<'a> {
        Account { user, password, algorithm: Algorithm::Md5 }
    }
}

impl Client {
    /// A client at this host; any port.
    ///
    /// # Panics
    /// If the host has no port left.
    #[must_use]
    pub fn open(line: &Line, host: &Host) -> Client {
        let socket = UdpSocket::bind(host.port(0)).expect("a free port");
        let local = socket.local_addr().expect("a bound socket has an address");
        Client { socket, local, remote: line.sip(), cseq: 0 }
    }

    /// Where it is.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Where the line is.
    #[must_use]
    pub fn line(&self) -> SocketAddr {
        self.remote
    }

    /// Sends bytes.
    ///
    /// # Panics
    /// If the system refuses.
    pub fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.remote).expect("loopback takes packets");
    }

    /// The next message, if one comes in time.
    ///
    /// # Panics
    /// If the system refuses a timeout.
    #[must_use]
    pub fn receive(&self, patience: Duration) -> Option<Message> {
        let mut bytes = vec![0; 65_536];
        self.socket.set_read_timeout(Some(patience)).expect("sockets have timeouts");
        let length = self.socket.recv(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        Some(Message { is_sent: false, text })
    }

    /// Sends a request outside of dialogs and waits for its final response.
    ///
    /// # Panics
    /// If none comes in time.
    #[track_caller]
    pub fn request(&mut self, method: &str, uri: &str, from: &str, headers: &str) -> Message {
        self.cseq += 1;
        let (local, cseq) = (self.local, self.cseq);
        let port = local.port();
        let request = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bK{port}x{cseq}\r\n\
             From: <{from}>;tag=t{port}\r\nTo: <{to}>\r\nCall-ID: hand-{port}-{ip}\r\n\
             CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n{headers}Content-Length: 0\r\n\r\n",
            to = if method == "REGISTER" { from } else { uri },
            ip = local.ip(),
        );
        let deadline = Instant::now() + PATIENCE;
        self.send(request.as_bytes());
        while Instant::now() < deadline {
            // UDP: repeated until it is answered.
            let Some(response) = self.receive(Duration::from_millis(500)) else {
                self.send(request.as_bytes());
                continue;
            };
            let is_ours = response.header("CSeq") == Some(&format!("{cseq} {method}"));
            if is_ours && !response.text.starts_with("SIP/2.0 1") {
                return response;
            }
        }
        panic!("no answer to\n{request}");
    }

    /// Asks with REGISTER and answers the challenge; `contacts` are whole header values, `*` with
    /// `expires` 0 removes all.
    ///
    /// # Panics
    /// If there is no challenge for the account's algorithm.
    #[track_caller]
    pub fn register(&mut self, account: Account<'_>, contacts: &[&str], expires: u32) -> Message {
        self.register_with(account, contacts, expires, "")
    }

    /// The same with further headers.
    ///
    /// # Panics
    /// If there is no challenge for the account's algorithm.
    #[track_caller]
    pub fn register_with(
        &mut self,
        account: Account<'_>,
        contacts: &[&str],
        expires: u32,
        more: &str,
    ) -> Message {
        let Account { user, password, algorithm } = account;
        let uri = format!("sip:{}", self.remote);
        let aor = format!("sip:{user}@{}", self.remote);
        let mut headers: String =
            contacts.iter().map(|contact| format!("Contact: {contact}\r\n")).collect();
        headers += &format!("Expires: {expires}\r\n{more}");
        let challenged = self.request("REGISTER", &uri, &aor, &headers);
        if !challenged.text.starts_with("SIP/2.0 401") {
            return challenged;
        }
        let is_ours = |challenge: &&str| {
            parameter(challenge, "algorithm").unwrap_or("MD5") == algorithm.name()
        };
        let challenge = challenged
            .headers("WWW-Authenticate")
            .find(is_ours)
            .unwrap_or_else(|| panic!("no {algorithm:?} in {}", challenged.text));
        let answer = algorithm.answer(challenge, 1, (user, password), ("REGISTER", &uri));
        self.request("REGISTER", &uri, &aor, &format!("{headers}Authorization: {answer}\r\n"))
    }
}

/// Registers a phone that listens at this host with an account of the demo.
///
/// # Panics
/// If the line refuses it.
#[track_caller]
pub fn register(line: &Line, host: &Host, user: &str, parameters: &str) {
    let mut client = Client::open(line, host);
    let contact = format!("<sip:{user}@{}{parameters}>", host.sip());
    let password = format!("demo-{user}");
    let answer = client.register(Account::demo(user, &password), &[&contact], 300);
    assert!(answer.text.starts_with("SIP/2.0 200"), "{}", answer.text);
}
