//! Messages from a few bytes: each chooses from a list of what telephones, carriers and nobody say.

use std::fmt::Write as _;

use sip::{Flow, HeaderName, Message};

use crate::line::LINE;

/// Which of the lists below a request has.
pub(crate) struct Choice {
    pub(crate) method: u8,
    pub(crate) target: u8,
    pub(crate) header: u8,
    pub(crate) body: u8,
}

/// Where a request stands in its dialog.
pub(crate) struct Place {
    pub(crate) flow: Flow,
    pub(crate) branch: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) uri: String,
    pub(crate) route: Vec<String>,
    /// What RAck says of the last reliable response.
    pub(crate) reliable: Option<String>,
    /// What Replaces can name.
    pub(crate) others: Vec<String>,
}

const METHODS: [&str; 14] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "INFO",
    "PRACK",
    "UPDATE",
    "REFER",
    "OPTIONS",
    "REGISTER",
    "MESSAGE",
    "SUBSCRIBE",
    "NOTIFY",
    "FOO",
];
/// The place of REGISTER.
pub(crate) const REGISTER: u8 = 9;
const TARGETS: [&str; 14] = [
    "122",
    "270001",
    "270002",
    "627766",
    "201",
    "211",
    "221",
    "*10",
    "*11",
    "*12",
    "*55201",
    "84951234567",
    "112",
    "nobody",
];
const STATUSES: [u16; 20] = [
    100, 180, 183, 200, 200, 202, 301, 302, 380, 400, 401, 404, 408, 422, 480, 481, 486, 488, 491,
    603,
];

pub(crate) fn method(choice: u8) -> String {
    METHODS[usize::from(choice) % METHODS.len()].to_owned()
}

pub(crate) fn target(choice: u8) -> &'static str {
    TARGETS[usize::from(choice) % TARGETS.len()]
}

pub(crate) fn status(choice: u8) -> u16 {
    STATUSES[usize::from(choice) % STATUSES.len()]
}

pub(crate) fn via(flow: &Flow, branch: &str) -> String {
    format!("SIP/2.0/{} {};branch={branch};rport", flow.transport.token(), flow.remote)
}

pub(crate) fn request(choice: &Choice, place: &Place) -> Vec<u8> {
    let Place { flow, branch, from, to, call_id, cseq, uri, route, reliable, others } = place;
    let method = method(choice.method);
    let mut text = format!(
        "{method} {uri} SIP/2.0\r\nVia: {}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n\
         CSeq: {cseq} {method}\r\nContact: <sip:far@{}>\r\n",
        via(flow, branch),
        flow.remote,
    );
    for hop in route {
        let _ = write!(text, "Route: {hop}\r\n");
    }
    if let Some(reliable) = reliable.as_deref().filter(|_| method == "PRACK") {
        let _ = write!(text, "RAck: {reliable}\r\n");
    }
    if let Some((name, value)) = header(choice.header, others) {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if !text.contains("Max-Forwards") {
        text += "Max-Forwards: 70\r\n";
    }
    let (kind, body) = body(choice.body, flow);
    if !body.is_empty() {
        let _ = write!(text, "Content-Type: {kind}\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n{body}", body.len());
    text.into_bytes()
}

/// Gives a response the header and the body that are chosen.
pub(crate) fn dress(
    response: &mut Message,
    chosen: u8,
    body_chosen: u8,
    flow: &Flow,
    others: &[String],
) {
    if let Some((name, value)) = header(chosen, others) {
        response.push_named(name, value);
    }
    let (kind, body) = body(body_chosen, flow);
    if !body.is_empty() {
        response.set_body(kind, body);
    } else {
        response.set(HeaderName::ContentLength, 0);
    }
}

/// A further header; the higher half of the byte chooses the dialog that it names.
fn header(choice: u8, others: &[String]) -> Option<(&'static str, String)> {
    let other = others.get(usize::from(choice >> 5) % others.len().max(1)).cloned();
    let other = other.unwrap_or_default();
    let replaces = other.replace(';', "%3B").replace('=', "%3D");
    let fixed = |name, value: &str| Some((name, value.to_owned()));
    match choice % 32 {
        1 => fixed("Max-Forwards", "0"),
        2 => fixed("Max-Forwards", "1"),
        3 => fixed("Supported", "100rel, timer, replaces"),
        4 => fixed("Require", "100rel"),
        5 => fixed("Require", "unheard-of"),
        6 => fixed("Session-Expires", "90;refresher=uas"),
        7 => fixed("Session-Expires", "1"),
        8 => fixed("Min-SE", "4000"),
        9 => Some(("Replaces", other)),
        10 => fixed("Refer-To", "<sip:122@127.0.0.1>"),
        11 => fixed("Refer-To", "<sip:84951234567@127.0.0.1>"),
        12 => Some(("Refer-To", format!("<sip:201@127.0.0.1?Replaces={replaces}>"))),
        13 => fixed("Refer-To", "<sip:221@127.0.0.1>"),
        14 => fixed("Expires", "0"),
        15 => fixed("Contact", "*"),
        16 => fixed("Contact", "<sip:other@127.0.0.8:5070>;expires=60"),
        17 => fixed("Record-Route", "<sip:127.0.0.8;lr>"),
        18 => fixed("Route", "<sip:127.0.0.1;lr>"),
        19 => fixed("Diversion", "<sip:270001@127.0.0.1>;reason=no-answer"),
        20 => fixed("Privacy", "id"),
        21 => fixed("RSeq", "1"),
        22 => fixed("Retry-After", "5"),
        23 => fixed("RAck", "1 1 INVITE"),
        24 => fixed("Subscription-State", "terminated"),
        25 => fixed("Event", "refer"),
        26 => fixed("Contact", "<sip:far@nowhere.example;transport=tls>"),
        27 => fixed("Proxy-Authenticate", "Digest realm=\"far\", nonce=\"n\", qop=\"auth\""),
        _ => None,
    }
}

/// A body with its type.
fn body(choice: u8, flow: &Flow) -> (&'static str, String) {
    let ip = flow.remote.ip();
    let port = 4000 + 2 * u16::from(choice >> 4);
    let sdp = |to: &str, profile: &str, rest: &str| {
        format!(
            "v=0\r\no=far {port} {port} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {to}\r\nt=0 0\r\n\
             m=audio {port} {profile} 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n{rest}"
        )
    };
    let at = ip.to_string();
    let crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 \
                  inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR\r\n";
    let print = "a=setup:actpass\r\na=fingerprint:SHA-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:\
                 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";
    const SDP: &str = "application/sdp";
    match choice % 16 {
        0 => (SDP, String::new()),
        1..7 => (SDP, sdp(&at, "RTP/AVP", "")),
        7 => (SDP, sdp(&at, "RTP/AVP", "a=sendonly\r\n")),
        8 => (SDP, sdp("0.0.0.0", "RTP/AVP", "a=inactive\r\n")),
        9 => (SDP, sdp(&at, "RTP/SAVP", crypto)),
        10 => (SDP, sdp(&at, "RTP/AVP", crypto)),
        11 => (SDP, sdp(&at, "UDP/TLS/RTP/SAVP", print)),
        12 => (SDP, sdp(&at, "RTP/AVP", "m=video 4002 RTP/AVP 96\r\n").replace(" 8 0", " 96")),
        13 => ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n".to_owned()),
        14 => ("message/sipfrag", format!("SIP/2.0 200 OK\r\nTo: <sip:{LINE}>\r\n")),
        _ => ("text/plain", "v=0\r\n".to_owned()),
    }
}
