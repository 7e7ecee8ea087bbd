//! Everybody but the line: who they are, the dialogs that they have, what they answer.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};

use ambient::Entropy;
use bytes::Bytes;
use sip::digest::Client;
use sip::{ConnectionId, Flow, HeaderName, Message, Method, Packet, StatusCode, Transport};

use crate::line::LINE;
use crate::text::{self, Choice, Place};

/// How many there are: citizens (0, 1), agents (2, 3), a clinic (4), a stranger (5), a carrier (6),
/// a citizen over TLS (7).
pub(crate) const PARTIES: u8 = 8;
/// Dialogs that they begin.
const DIALOGS: usize = 4;
/// Requests of the line that can still be answered.
const HEARD_MAX: usize = 16;

/// See the module.
#[derive(Default)]
pub(crate) struct Far {
    dialogs: [Dialog; DIALOGS],
    heard: VecDeque<(Flow, Message)>,
    logins: Vec<(&'static str, Client)>,
    branches: u32,
}

/// A dialog, or a registration, that one of them begins.
#[derive(Default)]
struct Dialog {
    cseq: u32,
    /// Of the last INVITE: what CANCEL and ACK have too.
    invite: Option<(u32, String)>,
    to_tag: String,
    remote: Option<String>,
    /// The proxies on the way, the nearest first.
    route: Vec<String>,
    reliable: Option<String>,
    /// The last request, for a challenge.
    last: Option<(u8, Message)>,
}

/// The way from a party to the line.
pub(crate) fn party(who: u8) -> Flow {
    let who = who % PARTIES;
    let address = |last, port| SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), port));
    let (transport, remote) = match who {
        4 => (Transport::Udp, address(1, 5091)),
        5 => (Transport::Udp, SocketAddr::from((Ipv4Addr::new(192, 0, 2, 7), 5060))),
        7 => (Transport::Tls, address(9, 40_000)),
        _ => (Transport::Udp, address(who + 2 - u8::from(who == 6) * 2, 5060)),
    };
    let mut flow = Flow::to(transport, remote);
    flow.local = Some(LINE);
    flow.connection = (transport == Transport::Tls).then_some(ConnectionId(7));
    flow
}

/// Its name, and its password if it has one.
fn name(who: u8) -> (&'static str, Option<&'static str>) {
    match who % PARTIES {
        0 => ("+79101112233", None),
        1 => ("anonymous", None),
        2 => ("201", Some("demo-201")),
        3 => ("221", Some("demo-221")),
        4 => ("270001", None),
        5 => ("100", None),
        6 => ("+74951234567", None),
        _ => ("+79104445566", None),
    }
}

impl Far {
    /// A request of a party, in a dialog of its own or of one that the line has begun.
    pub(crate) fn request(
        &mut self,
        from: u8,
        dialog: u8,
        choice: Choice,
    ) -> Option<(Flow, Vec<u8>)> {
        if dialog < 128 || self.heard.is_empty() {
            return Some(self.own_request(from, usize::from(dialog) % DIALOGS, &choice));
        }
        let (flow, request) = &self.heard[usize::from(dialog) % self.heard.len()];
        self.branches += 1;
        let tagged = tagged(request.header(HeaderName::To).unwrap_or_default());
        let place = Place {
            flow: flow.clone(),
            branch: format!("z9hG4bKb{}", self.branches),
            from: tagged,
            to: request.header(HeaderName::From).unwrap_or_default().to_owned(),
            call_id: request.call_id().to_owned(),
            cseq: 1000 + self.branches,
            uri: uri_of(request.header(HeaderName::Contact)),
            route: request.elements(HeaderName::RecordRoute).map(str::to_owned).collect(),
            reliable: None,
            others: self.names_of_dialogs(),
        };
        Some((flow.clone(), text::request(&choice, &place)))
    }

    /// A response to a request of the line.
    pub(crate) fn response(
        &self,
        which: u8,
        status: u8,
        header: u8,
        body: u8,
    ) -> Option<(Flow, Vec<u8>)> {
        let latest = self.heard.len().checked_sub(1 + usize::from(which) % HEARD_MAX)?;
        let (flow, request) = &self.heard[latest];
        let mut response = Message::response(request, StatusCode(text::status(status)));
        if request.to_tag().is_none() {
            response.set_to_tag("far");
        }
        for name in [HeaderName::RecordRoute] {
            response.remove(name);
            response.copy_from(request, name);
        }
        response.push(HeaderName::Contact, format_args!("<sip:far@{}>", flow.remote));
        text::dress(&mut response, header, body, flow, &self.names_of_dialogs());
        Some((flow.clone(), response.to_bytes().to_vec()))
    }

    /// An agent's first REGISTER; `None` for who has no password.
    pub(crate) fn registers(&mut self, who: u8) -> Option<(Flow, Vec<u8>)> {
        name(who).1?;
        let choice = Choice { method: text::REGISTER, target: 0, header: 0, body: 0 };
        let made = self.own_request(who, usize::from(who) % DIALOGS, &choice);
        Some(made)
    }

    /// What the line has sent; gives what is answered by itself: a challenge.
    pub(crate) fn hear(&mut self, packet: Packet) -> Option<(Flow, Vec<u8>)> {
        let message = Message::parse(packet.payload).expect("the line speaks SIP");
        if message.is_request() {
            if self.heard.len() == HEARD_MAX {
                self.heard.pop_front();
            }
            let mut flow = packet.flow;
            flow.local = Some(LINE);
            if *message.method() != Method::Ack {
                self.heard.push_back((flow, message));
            }
            return None;
        }
        let place = message.call_id().strip_prefix("own-")?.parse::<usize>().ok()?;
        let dialog = self.dialogs.get_mut(place)?;
        dialog.to_tag = message.to_tag().unwrap_or_default().to_owned();
        if let Some(contact) = message.header(HeaderName::Contact) {
            dialog.remote = Some(uri_of(Some(contact)));
        }
        let route = message.elements(HeaderName::RecordRoute).map(str::to_owned);
        dialog.route = route.collect::<Vec<_>>().into_iter().rev().collect();
        if let Some(number) = message.header_named("RSeq") {
            let cseq = message.header(HeaderName::CSeq).unwrap_or_default();
            dialog.reliable = Some(format!("{number} {cseq}"));
        }
        if !matches!(message.status(), Some(StatusCode(401 | 407))) {
            return None;
        }
        let (who, mut request) = dialog.last.take()?;
        let (user, password) = name(who);
        if !self.logins.iter().any(|(known, _)| *known == user) {
            self.logins.push((user, Client::new(user, password?, Entropy::from_number(1))));
        }
        let (_, login) = self.logins.iter_mut().find(|(known, _)| *known == user)?;
        dialog.cseq += 1;
        let (cseq, method) = (dialog.cseq, request.method().clone());
        let branch = format!("z9hG4bKa{cseq}x{place}");
        if method == Method::Invite {
            dialog.invite = Some((cseq, branch.clone()));
        }
        request.set(HeaderName::CSeq, format_args!("{cseq} {}", method.as_str()));
        request.set(HeaderName::Via, text::via(&party(who), &branch));
        let may = login.answer(&message, &mut request);
        dialog.to_tag.clear();
        may.then(|| (party(who), request.to_bytes().to_vec()))
    }

    fn own_request(&mut self, from: u8, number: usize, choice: &Choice) -> (Flow, Vec<u8>) {
        let flow = party(from);
        let others = self.names_of_dialogs();
        self.branches += 1;
        let dialog = &mut self.dialogs[number];
        let method = text::method(choice.method);
        let mut branch = format!("z9hG4bKc{}", self.branches);
        let mut to_tag = dialog.to_tag.clone();
        match (&*method, &dialog.invite) {
            ("ACK", Some((cseq, _))) => dialog.cseq = *cseq,
            ("CANCEL", Some((cseq, invited))) => {
                (dialog.cseq, branch) = (*cseq, invited.clone());
                to_tag.clear();
            }
            _ => dialog.cseq += 1,
        }
        if method == "REGISTER" {
            to_tag.clear();
        }
        if method == "INVITE" {
            dialog.invite = Some((dialog.cseq, branch.clone()));
        }
        let user = name(from).0;
        let to = text::target(choice.target);
        let to = if method == "REGISTER" { user } else { to };
        let tag = if to_tag.is_empty() { String::new() } else { format!(";tag={to_tag}") };
        let uri = match &dialog.remote {
            Some(remote) if !tag.is_empty() => remote.clone(),
            _ if method == "REGISTER" => format!("sip:{}", LINE.ip()),
            _ => format!("sip:{to}@{}", LINE.ip()),
        };
        let route = if tag.is_empty() { Vec::new() } else { dialog.route.clone() };
        let place = Place {
            branch,
            route,
            from: format!("<sip:{user}@{}>;tag=f{number}", LINE.ip()),
            to: format!("<sip:{to}@{}>{tag}", LINE.ip()),
            call_id: format!("own-{number}"),
            cseq: dialog.cseq,
            uri,
            reliable: dialog.reliable.clone(),
            others,
            flow: flow.clone(),
        };
        let bytes = text::request(choice, &place);
        dialog.last =
            Message::parse(Bytes::from(bytes.clone())).ok().map(|message| (from, message));
        (flow, bytes)
    }

    /// What Replaces can name: Call-ID, the line's tag, the far one.
    fn names_of_dialogs(&self) -> Vec<String> {
        let own = self.dialogs.iter().enumerate().map(|(number, dialog)| {
            format!("own-{number};to-tag={};from-tag=f{number}", dialog.to_tag)
        });
        let heard = self.heard.iter().rev().take(4).map(|(_, request)| {
            let from = request.from_tag().unwrap_or_default();
            format!("{};to-tag={from};from-tag=far", request.call_id())
        });
        own.chain(heard).collect()
    }
}

fn tagged(to: &str) -> String {
    if to.contains("tag=") { to.to_owned() } else { format!("{to};tag=far") }
}

fn uri_of(contact: Option<&str>) -> String {
    let inner = contact.and_then(|contact| Some(contact.split_once('<')?.1.split_once('>')?.0));
    inner.unwrap_or("sip:line@127.0.0.1").to_owned()
}
