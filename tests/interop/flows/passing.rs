//! What passes through the proxy passes unchanged.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use interop::{Line, PATIENCE};

/// A party that reads and writes bytes.
struct Party(UdpSocket);

impl Party {
    fn at(address: SocketAddr) -> Party {
        let socket = UdpSocket::bind(address).expect("the address is free");
        socket.set_read_timeout(Some(PATIENCE)).expect("sockets have timeouts");
        Party(socket)
    }

    fn send(&self, to: SocketAddr, bytes: &[u8]) {
        self.0.send_to(bytes, to).expect("loopback takes packets");
    }

    /// The next message whose first line contains this.
    #[track_caller]
    fn gets(&self, what: &str) -> Bytes {
        let mut bytes = vec![0; 65_536];
        loop {
            let length = self.0.recv(&mut bytes).unwrap_or_else(|_| panic!("no {what:?} came"));
            let message = Bytes(bytes[..length].to_vec());
            if message.line(0).contains(what) {
                return message;
            }
        }
    }
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn head(&self) -> String {
        String::from_utf8_lossy(&self.0[..self.split()]).into_owned()
    }

    fn body(&self) -> &[u8] {
        &self.0[self.split()..]
    }

    fn split(&self) -> usize {
        let end = self.0.windows(4).position(|window| window == b"\r\n\r\n");
        end.expect("a message has a blank line") + 4
    }

    fn line(&self, at: usize) -> String {
        self.head().lines().nth(at).unwrap_or_default().to_owned()
    }

    /// All lines of these headers, as they came.
    fn lines(&self, names: &[&str]) -> Vec<String> {
        let is_one = |line: &&str| names.iter().any(|name| line.starts_with(&format!("{name}:")));
        self.head().lines().filter(is_one).map(str::to_owned).collect()
    }

    fn header(&self, name: &str) -> String {
        let line = self.lines(&[name]).into_iter().next();
        let line = line.unwrap_or_else(|| panic!("no {name} in {}", self.head()));
        line[name.len() + 1..].trim().to_owned()
    }
}

/// What no part of the program knows; written in ways that a careless copy would tidy up.
const STRANGE: &str = "X-Regional:  two blanks  and\ttabs\r\n\
                       P-Strange: заголовок в UTF-8\r\n\
                       Subject: folded\r\n over two lines\r\n\
                       x-lower'strange: a, b,c ;d=\"e,f\"\r\n\
                       Accept-Language:ru;q=0.8\r\n";

fn everything() -> Vec<u8> {
    (0..=255).collect()
}

#[test]
fn unknown_headers_methods_and_bodies_pass_unchanged() {
    let line = Line::demo();
    let (caller, clinic) = (Party::at(line.host().sip()), Party::at(line.clinic().sip()));
    let (own, sip) = (caller.0.local_addr().expect("bound"), line.sip());
    let request = |method: &str,
                   uri: &str,
                   branch: u32,
                   cseq: u32,
                   to: &str,
                   more: &str,
                   body: &[u8]| {
        let head = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bKpass{branch}\r\n\
             Max-Forwards: 70\r\nFrom: \"A < B\" <sip:+79101234567@{own}>;tag=strange\r\nTo: {to}\r\n\
             Call-ID: strange@(word)\r\nCSeq: {cseq} {method}\r\nContact: <sip:me@{own}>\r\n\
             {more}Content-Type: application/x-strange;a=b\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let uri = format!("sip:270001@{sip}");
    let to = format!("<{uri}>");
    caller.send(sip, &request("INVITE", &uri, 1, 1, &to, STRANGE, &everything()));
    let invite = clinic.gets("INVITE");
    let strange: Vec<&str> = STRANGE.split_inclusive("\r\n").collect();
    let arrived = invite.head();
    for header in &strange {
        assert!(arrived.contains(header), "{header:?} is not in\n{arrived}");
    }
    assert_eq!(invite.body(), everything());
    assert_eq!(invite.header("From"), format!("\"A < B\" <sip:+79101234567@{own}>;tag=strange"));
    assert_eq!(invite.header("Max-Forwards"), "69");

    // The answer, with strange headers and a strange body of its own.
    let answer = format!(
        "SIP/2.0 200 Добро пожаловать\r\n{}\r\nFrom: {}\r\nTo: {};tag=clinic\r\nCall-ID: {}\r\n\
         CSeq: {}\r\nContact: <sip:registry@{}>\r\n{STRANGE}Content-Type: application/x-strange\r\n\
         Content-Length: 256\r\n\r\n",
        invite.lines(&["Via", "Record-Route"]).join("\r\n"),
        invite.header("From"),
        invite.header("To"),
        invite.header("Call-ID"),
        invite.header("CSeq"),
        line.clinic().sip(),
    );
    clinic.send(sip, &[answer.as_bytes(), &everything()].concat());
    let answer = caller.gets("200");
    assert_eq!(answer.line(0), "SIP/2.0 200 Добро пожаловать", "the reason phrase is kept");
    for header in &strange {
        assert!(answer.head().contains(header), "{header:?} is not in\n{}", answer.head());
    }
    assert_eq!(answer.body(), everything());
    assert_eq!(answer.lines(&["Via"]).len(), 1, "the line's own Via is gone");

    // Within the dialog: ACK, and a method that nobody has heard of.
    let routes = answer.lines(&["Record-Route"]);
    let route: String = routes
        .iter()
        .rev()
        .map(|line| format!("Route:{}\r\n", &line["Record-Route:".len()..]))
        .collect();
    let (to, target) = (answer.header("To"), format!("sip:registry@{}", line.clinic().sip()));
    caller.send(sip, &request("ACK", &target, 2, 1, &to, &route, b""));
    clinic.gets("ACK");
    let more = format!("{route}{STRANGE}");
    caller.send(sip, &request("FOO", &target, 3, 2, &to, &more, &everything()));
    let foo = clinic.gets("FOO");
    assert_eq!(foo.line(0), format!("FOO {target} SIP/2.0"));
    for header in &strange {
        assert!(foo.head().contains(header), "{header:?} is not in\n{}", foo.head());
    }
    assert_eq!(foo.body(), everything());
    let teapot = format!(
        "SIP/2.0 299 Strange But True\r\n{}\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: 2 FOO\r\n\
         Content-Length: 0\r\n\r\n",
        foo.lines(&["Via"]).join("\r\n"),
        foo.header("From"),
        foo.header("Call-ID"),
    );
    clinic.send(sip, teapot.as_bytes());
    assert_eq!(caller.gets("299").line(0), "SIP/2.0 299 Strange But True");
    caller.send(sip, &request("BYE", &target, 4, 3, &to, &route, b""));
    let bye = clinic.gets("BYE");
    let ok = format!(
        "SIP/2.0 200 OK\r\n{}\r\nFrom: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: 3 BYE\r\n\
         Content-Length: 0\r\n\r\n",
        bye.lines(&["Via"]).join("\r\n"),
        bye.header("From"),
        bye.header("Call-ID"),
    );
    clinic.send(sip, ok.as_bytes());
    caller.gets("200");
    line.wait_calls(0);
    std::thread::sleep(Duration::from_millis(100));
}
