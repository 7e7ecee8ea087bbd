//! DTLS-SRTP with another implementation at the far end: OpenSSL, which tells the keys that it got.
//! (baresip 1.0 shows an RSA certificate, which the line does not know.)

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;

use interop::process::Process;
use interop::{Host, Line, PATIENCE, Setup, until};
use sha2::{Digest, Sha256};

/// A telephone's media end.
struct Far {
    host: Host,
    fingerprint: String,
}

const RTP: u16 = 4000;

impl Far {
    /// With a certificate in the line's folder.
    fn new(line: &Line) -> Far {
        let made = rcgen::generate_simple_self_signed(["phone".to_owned()]).expect("a certificate");
        line.write_file("phone.pem", &(made.cert.pem() + &made.signing_key.serialize_pem()));
        let octets = Sha256::digest(made.cert.der());
        let fingerprint = octets.iter().map(|o| format!("{o:02X}")).collect::<Vec<_>>().join(":");
        Far { host: line.host(), fingerprint }
    }

    fn rtp(&self) -> SocketAddr {
        self.host.port(RTP)
    }

    /// Calls the line; the SDP of its answer.
    fn calls(&self, line: &Line, setup: &str) -> String {
        let socket = UdpSocket::bind(self.host.sip()).expect("an address of its own");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let ip = self.host.ip();
        let body = format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
             m=audio {RTP} UDP/TLS/RTP/SAVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n\
             a=fingerprint:sha-256 {}\r\na=setup:{setup}\r\na=rtcp-mux\r\n",
            self.fingerprint
        );
        let at = self.host.sip();
        let head = |method: &str, tag: &str| {
            format!(
                "{method} sip:122@{} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{method}\r\n\
                 Max-Forwards: 70\r\nFrom: <sip:+79101234567@{ip}>;tag=1\r\n\
                 To: <sip:122@line>{tag}\r\nCall-ID: {setup}@{at}\r\nCSeq: 1 {method}\r\n\
                 Contact: <sip:phone@{at}>\r\n",
                line.sip()
            )
        };
        let invite = format!(
            "{}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            head("INVITE", ""),
            body.len()
        );
        socket.send_to(invite.as_bytes(), line.sip()).expect("sent");
        let mut buffer = [0; 4096];
        let answer = loop {
            let count = socket.recv(&mut buffer).expect("the line answers");
            let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
            if !text.starts_with("SIP/2.0 1") {
                break text;
            }
        };
        assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
        let to = answer.lines().find_map(|line| line.strip_prefix("To:")).unwrap_or_default();
        let tag = to.find(";tag=").map_or("", |at| &to[at..]);
        let ack = head("ACK", tag) + "Content-Length: 0\r\n\r\n";
        socket.send_to(ack.as_bytes(), line.sip()).expect("sent");
        answer.split_once("\r\n\r\n").map(|(_, sdp)| sdp.to_owned()).unwrap_or_default()
    }

    /// OpenSSL with what both roles are told.
    fn openssl(&self, line: &Line, role: &str, more: &[&str]) -> Process {
        let pem = line.folder().join("phone.pem");
        let pem = pem.display();
        // It ends with its input.
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!(
            "sleep 20 | openssl {role} -dtls1_2 -use_srtp SRTP_AES128_CM_SHA1_80 \
             -keymatexport EXTRACTOR-dtls_srtp -keymatexportlen 60 -cert {pem} -key {pem} {}",
            more.join(" ")
        ));
        Process::start(command, &line.folder().join(format!("{role}.log")))
    }
}

/// OpenSSL ended its handshake with the line's certificate and exported keys.
#[track_caller]
fn wait_keys(openssl: &Process) {
    until("OpenSSL has keys", PATIENCE, || {
        let told = openssl.output();
        (told.contains("Keying material: ") && told.contains("SRTP_AES128_CM_SHA1_80"))
            .then_some(())
    });
}

#[test]
fn the_far_end_begins_the_handshake() {
    let line = demo();
    let far = Far::new(&line);
    let sdp = far.calls(&line, "active");
    assert!(
        sdp.contains("UDP/TLS/RTP/SAVP 8 101\r\n") && sdp.contains("a=setup:passive\r\n"),
        "{sdp}"
    );
    assert!(sdp.contains("a=rtcp-mux\r\n") && sdp.contains("a=fingerprint:sha-256 "), "{sdp}");
    let port = sdp.split_once("m=audio ").and_then(|(_, rest)| rest.split(' ').next());
    let at = format!("{}:{}", line.sip().ip(), port.expect("a port"));
    let bind = far.rtp().to_string();
    let openssl = far.openssl(&line, "s_client", &["-connect", &at, "-bind", &bind]);
    wait_keys(&openssl);
    line.wait_calls(1);
}

#[test]
fn the_line_begins_the_handshake() {
    let line = demo();
    let far = Far::new(&line);
    let bind = far.rtp().to_string();
    let openssl = far.openssl(&line, "s_server", &["-accept", &bind, "-Verify", "1"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    let sdp = far.calls(&line, "passive");
    assert!(sdp.contains("a=setup:active\r\n"), "{sdp}");
    until("OpenSSL has keys", PATIENCE, || {
        openssl.output().contains("Keying material: ").then_some(())
    });
    line.wait_calls(1);
}

fn demo() -> Line {
    let networks = "from = [\"127.0.0.0/8\", \"::1\"]";
    Setup::demo().replace(networks, &format!("{networks}\nsrtp = \"required\"")).start()
}
