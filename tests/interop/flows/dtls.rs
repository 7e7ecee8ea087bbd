//! DTLS-SRTP with other implementations at the far end: rtpengine, which carries the sound between the
//! line and a telephone, and OpenSSL, which tells the keys that it got.
//! (baresip 1.0 shows an RSA certificate, which the line does not know.)

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;

use interop::process::Process;
use interop::rtpengine::{Control, Value};
use interop::{Host, Line, PATIENCE, Setup, Sound, until};
use journal::{Entry, Step, StepKind};
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
        let ip = self.host.ip();
        let body = format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
             m=audio {RTP} UDP/TLS/RTP/SAVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n\
             a=fingerprint:sha-256 {}\r\na=setup:{setup}\r\na=rtcp-mux\r\n",
            self.fingerprint
        );
        calls(line, &self.host, &body)
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

/// Calls the line with this description; the one of its answer.
fn calls(line: &Line, host: &Host, body: &str) -> String {
    let socket = UdpSocket::bind(host.sip()).expect("an address of its own");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let ip = host.ip();
    let at = host.sip();
    let head = |method: &str, tag: &str| {
        format!(
            "{method} sip:122@{} SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{method}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:+79101234567@{ip}>;tag=1\r\n\
             To: <sip:122@line>{tag}\r\nCall-ID: {ip}@{at}\r\nCSeq: 1 {method}\r\n\
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

/// OpenSSL ended its handshake with the line's certificate and exported keys.
#[track_caller]
fn wait_keys(openssl: &Process) {
    until("OpenSSL has keys", PATIENCE, || {
        let told = openssl.output();
        (told.contains("Keying material: ") && told.contains("SRTP_AES128_CM_SHA1_80"))
            .then_some(())
    });
}

/// rtpengine, which stands for a carrier's gateway: DTLS-SRTP towards the line, plain RTP towards a telephone.
pub(crate) struct Gateway {
    _process: Process,
    pub(crate) control: Control,
}

impl Gateway {
    pub(crate) fn start(line: &Line) -> Gateway {
        let host = line.host();
        let mut command = Command::new("rtpengine");
        command.args(["--config-file=none", "--table=-1", "--num-threads=1", "--foreground"]);
        command.args(["--log-stderr", "--log-level=6", "--port-min=10000", "--port-max=10100"]);
        command.arg("--dtls-cert-cipher=prime256v1");
        command.arg(format!("--interface={}", host.ip()));
        command.arg(format!("--listen-ng={}", host.port(2223)));
        let process = Process::start(command, &line.folder().join("rtpengine.log"));
        let mut control = Control::open(host.port(2223)).expect("a socket");
        until("rtpengine is there", PATIENCE, || control.ping().then_some(()));
        Gateway { _process: process, control }
    }

    /// The telephone calls the line through it; `role` is the gateway's in the handshake as it offers it.
    /// Gives the line's answer.
    fn calls(&mut self, line: &Line, sound: &Sound, role: &str, muxes: bool) -> String {
        let (text, host) = (Value::Text, line.host());
        let call = [("call-id", text("1")), ("from-tag", text("a")), ("ICE", text("remove"))];
        let crlf = |text: String| text.replace("\r\n", "\n").replace('\n', "\r\n");
        let plain = crlf(sound.sdp().to_string());
        let mux = if muxes { &["offer"][..] } else { &["demux"] };
        let offer = [
            ("command", text("offer")),
            ("sdp", text(&plain)),
            ("transport-protocol", text("UDP/TLS/RTP/SAVP")),
            ("SDES", Value::List(&["off"])),
            ("rtcp-mux", Value::List(mux)),
        ];
        let offered = self.control.describe(&[&call[..], &offer].concat()).expect("an offer");
        // rtpengine itself leaves the role to the other side, and takes the one that is left.
        let offered = offered.replace("a=setup:actpass", &format!("a=setup:{role}"));
        let answered = calls(line, &host, &crlf(offered));
        let answer = [
            ("command", text("answer")),
            ("to-tag", text("b")),
            ("sdp", text(&answered)),
            ("transport-protocol", text("RTP/AVP")),
        ];
        let seen = self.control.describe(&[&call[..], &answer].concat()).expect("an answer");
        sound.talk_to(media_of(&seen));
        answered
    }

    /// The robot is heard, and hears a key: sound under SRTP both ways.
    #[track_caller]
    fn calls_and_talks(mut self, line: &Line, sound: &Sound, role: &str, muxes: bool) -> String {
        let answer = self.calls(line, sound, role, muxes);
        sound.wait_prompt("welcome");
        sound.press('1');
        until("the key is heard", PATIENCE, || {
            let mut journal = line.journal().into_iter();
            let is_key = |step: &Step| matches!(step.what, StepKind::Key(_));
            journal.find(|entry| matches!(entry, Entry::Stepped { step, .. } if is_key(step)))
        });
        answer
    }
}

/// Where a description wants the sound.
pub(crate) fn media_of(sdp: &str) -> SocketAddr {
    let value = |name: &str| sdp.lines().find_map(|line| line.strip_prefix(name));
    let ip = value("c=IN IP4 ").expect("an address").trim().parse().expect("an address");
    let port = value("m=audio ").and_then(|rest| rest.split(' ').next());
    SocketAddr::new(ip, port.expect("a port").parse().expect("a port"))
}

#[test]
fn rtpengine_begins_the_handshake_and_the_talk_is_heard() {
    let line = demo();
    let sound = Sound::open(&line.host());
    let told = Gateway::start(&line).calls_and_talks(&line, &sound, "active", true);
    assert!(told.contains("a=setup:passive") && told.contains("a=rtcp-mux"), "{told}");
}

#[test]
fn the_line_begins_the_handshake_with_rtpengine() {
    let line = demo();
    let sound = Sound::open(&line.host());
    let told = Gateway::start(&line).calls_and_talks(&line, &sound, "actpass", true);
    assert!(told.contains("a=setup:active"), "{told}");
}

/// RFC 5764 §4.1 wants a second handshake for reports on a port of their own: the line has none, so it
/// leaves them out, and the talk is heard.
#[test]
fn without_rtcp_mux_there_are_no_reports() {
    let line = demo();
    let sound = Sound::open(&line.host());
    let told = Gateway::start(&line).calls_and_talks(&line, &sound, "actpass", false);
    assert!(!told.contains("a=rtcp-mux"), "{told}");
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
