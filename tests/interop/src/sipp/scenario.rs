//! Scenarios told step by step; SIPp plays them as XML.

use std::fmt::{self, Display, Write};
use std::time::Duration;

/// How SIPp speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP, one connection.
    Tcp,
}

impl Transport {
    /// SIPp's option `-t`.
    pub(super) fn option(self) -> &'static str {
        match self {
            Transport::Udp => "u1",
            Transport::Tcp => "t1",
        }
    }

    /// Linux's table of sockets.
    pub(super) fn table(self) -> &'static str {
        match self {
            Transport::Udp => "/proc/net/udp",
            Transport::Tcp => "/proc/net/tcp",
        }
    }
}

impl Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        })
    }
}

/// One party's part in a call.
#[derive(Clone, Debug)]
pub struct Scenario {
    steps: String,
    transport: Transport,
    side: Side,
    /// Headers of the next INVITE, each ending in a line end.
    headers: String,
    cseq: u32,
    max_forwards: u8,
}

/// Who sent the INVITE.
#[derive(Clone, Debug)]
enum Side {
    Caller { number: String, from: String, body: String },
    Callee,
}

/// Provisional responses that may come before a final one.
const PROVISIONAL: [u16; 5] = [100, 180, 181, 182, 183];

/// The beginning.
impl Scenario {
    /// A citizen who dials this number and offers this session.
    #[must_use]
    pub fn call(number: &str, sdp: impl Display) -> Scenario {
        Scenario::call_from("+79101234567", number, sdp)
    }

    /// Somebody with this number or account who dials.
    #[must_use]
    pub fn call_from(from: &str, number: &str, sdp: impl Display) -> Scenario {
        let side = Side::Caller {
            number: number.to_owned(),
            from: from.to_owned(),
            body: format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}"),
        };
        Scenario::new(side)
    }

    /// A phone that is called.
    #[must_use]
    pub fn callee() -> Scenario {
        Scenario::new(Side::Callee)
    }

    /// A citizen who lets the far end offer.
    #[must_use]
    pub fn call_without_offer(number: &str) -> Scenario {
        let side = Side::Caller {
            number: number.to_owned(),
            from: "+79101234567".to_owned(),
            body: "Content-Length: 0\n".to_owned(),
        };
        Scenario::new(side)
    }

    /// A phone that registers its account and is granted.
    #[must_use]
    pub fn registration(user: &str, password: &str) -> Scenario {
        let register = |cseq: u32, authentication: &str| {
            format!(
                "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n\
                 Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;\
                 branch=z9hG4bK[pid]x[call_number]x{cseq}\n\
                 From: <sip:{user}@[remote_ip]>;tag=r[pid]x[call_number]\n\
                 To: <sip:{user}@[remote_ip]>\nCall-ID: [call_id]\nCSeq: {cseq} REGISTER\n\
                 Max-Forwards: 70\nContact: <sip:{user}@[local_ip]:[local_port]>\nExpires: 600\n\
                 {authentication}Content-Length: 0\n"
            )
        };
        let side =
            Side::Caller { number: String::new(), from: user.to_owned(), body: String::new() };
        let mut scenario = Scenario::new(side).send(&register(1, ""), true);
        scenario.steps += "<recv response=\"401\" auth=\"true\"/>\n";
        let authentication = format!("[authentication username={user} password={password}]\n");
        scenario.send(&register(2, &authentication), true).gets_ok()
    }

    fn new(side: Side) -> Scenario {
        let (steps, headers) = (String::new(), String::new());
        Scenario { steps, transport: Transport::Udp, side, headers, cseq: 1, max_forwards: 70 }
    }

    /// Over this transport.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Scenario {
        self.transport = transport;
        self
    }

    /// A further header of the INVITE; before the step that sends it.
    #[must_use]
    pub fn header(mut self, header: &str) -> Scenario {
        self.headers.push_str(header);
        self.headers.push('\n');
        self
    }
}

/// The caller's steps.
impl Scenario {
    /// As if it had come a long way.
    #[must_use]
    pub fn with_max_forwards(mut self, max_forwards: u8) -> Scenario {
        self.max_forwards = max_forwards;
        self
    }

    /// Sends the INVITE.
    #[must_use]
    pub fn invites(self) -> Scenario {
        let Side::Caller { body, .. } = &self.side else { panic!("a callee sends no INVITE") };
        let headers = format!("{}{body}", self.headers);
        let invite = self.initial("INVITE", &headers);
        self.send(&invite, true)
    }

    /// Is challenged with this status, and dials again with a password.
    #[must_use]
    pub fn gives_password(mut self, status: u16, user: &str, password: &str) -> Scenario {
        let ack = self.initial("ACK", "Content-Length: 0\n");
        self.steps += "<recv response=\"100\" optional=\"true\"/>\n";
        let _ = writeln!(self.steps, "<recv response=\"{status}\" auth=\"true\"/>");
        self = self.send(&ack, false);
        self.cseq += 1;
        let authentication = format!("[authentication username={user} password={password}]\n");
        self.headers.push_str(&authentication);
        self.invites()
    }

    /// Dials and is answered.
    #[must_use]
    pub fn answered(self) -> Scenario {
        self.invites().gets_answer()
    }

    /// Is answered, and acknowledges.
    #[must_use]
    pub fn gets_answer(mut self) -> Scenario {
        self.provisionals(&PROVISIONAL);
        self.steps += "<recv response=\"200\" rrs=\"true\"/>\n";
        self.acknowledges()
    }

    /// Gets an offer with the answer to a call without one; agrees to it with this session.
    #[must_use]
    pub fn gets_offer(mut self, sdp: impl Display) -> Scenario {
        self.provisionals(&PROVISIONAL);
        self.steps += "<recv response=\"200\" rrs=\"true\"/>\n";
        let headers = format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}");
        let ack = self.within("ACK", self.cseq, &headers);
        self.send(&ack, false)
    }

    /// Is answered and hangs up soon, or is refused with this status; nothing may follow.
    #[must_use]
    pub fn gets_answer_or(mut self, refusal: u16) -> Scenario {
        self.provisionals(&PROVISIONAL);
        let _ = writeln!(
            self.steps,
            "<recv response=\"{refusal}\" optional=\"true\" next=\"1\"/>\n\
             <recv response=\"200\" rrs=\"true\"/>"
        );
        let mut scenario = self.acknowledges().waits(Duration::from_secs(1)).hangs_up();
        scenario.steps += "<nop next=\"2\"/>\n<label id=\"1\"/>\n";
        let ack = scenario.with_cseq(1).initial("ACK", "Content-Length: 0\n");
        scenario = scenario.send(&ack, false);
        scenario.steps += "<label id=\"2\"/>\n<nop/>\n";
        scenario
    }

    fn with_cseq(&self, cseq: u32) -> Scenario {
        Scenario { cseq, ..self.clone() }
    }

    /// Hears this provisional response.
    #[must_use]
    pub fn gets(mut self, status: u16) -> Scenario {
        let before: Vec<u16> = PROVISIONAL.into_iter().filter(|s| *s != status).collect();
        self.provisionals(&before);
        let _ = writeln!(self.steps, "<recv response=\"{status}\"/>");
        self
    }

    /// Is refused with this status.
    #[must_use]
    pub fn gets_refusal(mut self, status: u16) -> Scenario {
        self.provisionals(&PROVISIONAL);
        let _ = writeln!(self.steps, "<recv response=\"{status}\"/>");
        let ack = self.initial("ACK", "Content-Length: 0\n");
        self.send(&ack, false)
    }

    /// Gives up before the answer.
    #[must_use]
    pub fn cancels(mut self) -> Scenario {
        let cancel = self.initial("CANCEL", "Content-Length: 0\n");
        self = self.send(&cancel, true);
        self.provisionals(&PROVISIONAL);
        self.steps += "<recv response=\"200\"/>\n";
        self.gets_refusal(487)
    }

    fn provisionals(&mut self, statuses: &[u16]) {
        for status in statuses {
            let _ = writeln!(self.steps, "<recv response=\"{status}\" optional=\"true\"/>");
        }
    }

    fn acknowledges(self) -> Scenario {
        let ack = self.within("ACK", self.cseq, "Content-Length: 0\n");
        self.send(&ack, false)
    }

    /// A request with the branch and the number of the INVITE: itself, its CANCEL, its ACK.
    fn initial(&self, method: &str, headers: &str) -> String {
        let Side::Caller { number, from, .. } = &self.side else { panic!("a caller's request") };
        let (cseq, to_tag) = (self.cseq, if method == "ACK" { "[peer_tag_param]" } else { "" });
        let transport = self.transport;
        let contact = match method {
            "INVITE" => {
                format!("Contact: <sip:{from}@[local_ip]:[local_port];transport={transport}>\n")
            }
            _ => String::new(),
        };
        format!(
            "{method} sip:{number}@[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;\
             branch=z9hG4bK[pid]x[call_number]x{cseq}\n\
             From: <sip:{from}@[remote_ip]>;tag=c[pid]x[call_number]\n\
             To: <sip:{number}@[remote_ip]>{to_tag}\n\
             Call-ID: [call_id]\nCSeq: {cseq} {method}\nMax-Forwards: {max}\n\
             {contact}{headers}",
            max = self.max_forwards
        )
    }
}

/// The callee's steps.
impl Scenario {
    /// Is called.
    #[must_use]
    pub fn is_called(self) -> Scenario {
        self.gets_new("INVITE")
    }

    /// Gets a request outside of a dialog, and keeps what its responses need: they may come after
    /// other messages.
    #[must_use]
    pub fn gets_new(mut self, method: &str) -> Scenario {
        // All lines of a header that stand together, with their line ends.
        let lines = |name| format!("({name}:[^[:cntrl:]]*[[:space:]]+)+");
        let _ = writeln!(
            self.steps,
            "<recv request=\"{method}\" rrs=\"true\"><action>\n\
             <ereg regexp=\"{}\" search_in=\"msg\" assign_to=\"vias,via\"/>\n\
             <ereg regexp=\"{}\" search_in=\"msg\" assign_to=\"routes,route\"/>\n\
             <ereg regexp=\".*\" search_in=\"hdr\" header=\"From:\" assign_to=\"far\"/>\n\
             <ereg regexp=\".*\" search_in=\"hdr\" header=\"To:\" assign_to=\"near\"/>\n\
             <ereg regexp=\".*\" search_in=\"hdr\" header=\"CSeq:\" assign_to=\"cseq\"/>\n\
             </action></recv>\n<Reference variables=\"vias,via,routes,route,far,near,cseq\"/>",
            lines("Via"),
            lines("Record-Route"),
        );
        self
    }

    /// Is called and rings.
    #[must_use]
    pub fn rings(self) -> Scenario {
        self.is_called().responds("180 Ringing", "Content-Length: 0\n", false)
    }

    /// Answers with this session, and gets the ACK.
    #[must_use]
    pub fn answers(mut self, sdp: impl Display) -> Scenario {
        let transport = self.transport;
        let headers = format!(
            "Contact: <sip:phone@[local_ip]:[local_port];transport={transport}>\n\
             Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, REFER, NOTIFY\n\
             Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}"
        );
        self = self.responds("200 OK", &headers, true);
        self.steps += "<recv request=\"ACK\"/>\n";
        self
    }

    /// Refuses, and gets the ACK.
    #[must_use]
    pub fn refuses(self, status: &str) -> Scenario {
        self.refuses_with(status, "")
    }

    /// Refuses with a header, and gets the ACK.
    #[must_use]
    pub fn refuses_with(mut self, status: &str, header: &str) -> Scenario {
        let headers = format!("{header}Content-Length: 0\n");
        self = self.responds(status, &headers, true);
        self.steps += "<recv request=\"ACK\"/>\n";
        self
    }

    /// Is cancelled.
    #[must_use]
    pub fn is_cancelled(mut self) -> Scenario {
        self.steps += "<recv request=\"CANCEL\"/>\n";
        self.accepts_cancel().refuses("487 Request Terminated")
    }

    /// Answers the CANCEL that came last, as it must; its INVITE is another matter.
    #[must_use]
    pub fn accepts_cancel(self) -> Scenario {
        let ok = "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\nTo:[$near];tag=d[pid]x[call_number]\n\
             [last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n";
        self.send(ok, false)
    }

    /// Any response to the request that began this part.
    #[must_use]
    pub fn responds(self, status: &str, headers: &str, repeat: bool) -> Scenario {
        let response = format!(
            "SIP/2.0 {status}\n[$vias][$routes]From:[$far]\nTo:[$near];tag=d[pid]x[call_number]\n\
             Call-ID: [call_id]\nCSeq:[$cseq]\n{headers}"
        );
        self.send(&response, repeat)
    }
}

/// Steps of both in a dialog.
impl Scenario {
    /// Hangs up.
    #[must_use]
    pub fn hangs_up(self) -> Scenario {
        self.requests("BYE", "Content-Length: 0\n").gets_ok()
    }

    /// The far end hangs up.
    #[must_use]
    pub fn hears_bye(self) -> Scenario {
        self.receives("BYE").accepts("Content-Length: 0\n")
    }

    /// Stays in the dialog, and agrees with this session to each new one that the far end offers, until that
    /// hangs up or offers nothing for so long; then hangs up. The last step.
    #[must_use]
    pub fn stays(mut self, sdp: impl Display, at_most: Duration) -> Scenario {
        let _ = writeln!(
            self.steps,
            // SIPp takes the time from the first of those that it waits for.
            "<label id=\"10\"/>\n\
             <recv request=\"BYE\" optional=\"true\" next=\"12\" timeout=\"{}\" ontimeout=\"11\"/>\n\
             <recv request=\"INVITE\"/>",
            at_most.as_millis()
        );
        let session = format!("Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}");
        self = self.accepts(&session);
        self.steps += "<recv request=\"ACK\" timeout=\"10000\" ontimeout=\"11\"/>\n";
        self.steps += "<nop next=\"10\"/>\n<label id=\"11\"/>\n";
        // Others than the INVITE's number and those of requests before.
        self.cseq += 100;
        self = self.hangs_up();
        self.steps += "<nop next=\"13\"/>\n<label id=\"12\"/>\n";
        self = self.accepts("Content-Length: 0\n");
        self.steps += "<label id=\"13\"/>\n<nop/>\n";
        self
    }

    /// Offers a new session in the dialog.
    #[must_use]
    pub fn reinvites(self, sdp: impl Display) -> Scenario {
        let transport = self.transport;
        let headers = format!(
            "Contact: <sip:phone@[local_ip]:[local_port];transport={transport}>\n\
             Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}"
        );
        let mut scenario = self.requests("INVITE", &headers);
        scenario.steps += "<recv response=\"100\" optional=\"true\"/>\n\
                           <recv response=\"200\" rrs=\"true\"/>\n";
        scenario.acknowledges()
    }

    /// Sends a request in the dialog; headers and body from Content-Type or Content-Length on.
    #[must_use]
    pub fn requests(mut self, method: &str, headers: &str) -> Scenario {
        self.cseq += 1;
        let request = self.within(method, self.cseq, headers);
        self.send(&request, true)
    }

    /// Gets 200.
    #[must_use]
    pub fn gets_ok(self) -> Scenario {
        self.gets_status(200)
    }

    /// Gets this response to the request before.
    #[must_use]
    pub fn gets_status(mut self, status: u16) -> Scenario {
        let _ = writeln!(self.steps, "<recv response=\"{status}\"/>");
        self
    }

    /// Gets a request.
    #[must_use]
    pub fn receives(mut self, method: &str) -> Scenario {
        let _ = writeln!(self.steps, "<recv request=\"{method}\"/>");
        self
    }

    /// Answers 200 to the request that came last, in the dialog.
    #[must_use]
    pub fn accepts(self, headers: &str) -> Scenario {
        let response = format!(
            "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n\
             Contact: <sip:phone@[local_ip]:[local_port];transport={}>\n{headers}",
            self.transport
        );
        self.send(&response, false)
    }

    fn within(&self, method: &str, cseq: u32, headers: &str) -> String {
        let (from, to) = match &self.side {
            Side::Caller { number, from, .. } => (
                format!("From: <sip:{from}@[remote_ip]>;tag=c[pid]x[call_number]"),
                format!("To: <sip:{number}@[remote_ip]>[peer_tag_param]"),
            ),
            Side::Callee => {
                ("From:[$near];tag=d[pid]x[call_number]".to_owned(), "To:[$far]".to_owned())
            }
        };
        // An ACK to 2xx is a transaction of its own (RFC 3261 §13.2.2.4).
        let lower = method.to_lowercase();
        format!(
            "{method} [next_url] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;\
             branch=z9hG4bK{lower}[pid]x[call_number]x{cseq}\n\
             [routes]\n{from}\n{to}\nCall-ID: [call_id]\nCSeq: {cseq} {method}\n\
             Max-Forwards: 70\n{headers}"
        )
    }
}

/// Time, and the harness.
impl Scenario {
    /// Waits.
    #[must_use]
    pub fn waits(mut self, time: Duration) -> Scenario {
        let _ = writeln!(self.steps, "<pause milliseconds=\"{}\"/>", time.as_millis());
        self
    }

    /// Lets the harness know that this point was reached.
    #[must_use]
    pub fn tells(mut self, event: &str) -> Scenario {
        let log = format!("<log message=\"{event} [call_id]\"/>");
        let _ = writeln!(self.steps, "<nop><action>{log}</action></nop>");
        self
    }

    /// Waits for [`super::Sipp::nudge`]; not between a request and the response to it.
    #[must_use]
    pub fn nudged(self) -> Scenario {
        self.tells("waits").receives("NUDGE")
    }

    /// Steps in SIPp's own language.
    #[must_use]
    pub fn xml_step(mut self, xml: &str) -> Scenario {
        self.steps.push_str(xml);
        self
    }

    /// Sends a message as written here, with SIPp's keywords; UDP repeats it until it is answered.
    #[must_use]
    pub fn send(mut self, message: &str, repeat: bool) -> Scenario {
        let repeat = if repeat { " retrans=\"500\"" } else { "" };
        let _ = writeln!(self.steps, "<send{repeat}><![CDATA[\n\n{message}\n]]></send>");
        self
    }
}

impl Scenario {
    pub(super) fn transport(&self) -> Transport {
        self.transport
    }

    pub(super) fn is_callee(&self) -> bool {
        matches!(self.side, Side::Callee)
    }

    /// The scenario as SIPp reads it.
    pub(super) fn xml(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n\
             <scenario name=\"line122\">\n{}</scenario>\n",
            self.steps
        )
    }
}
