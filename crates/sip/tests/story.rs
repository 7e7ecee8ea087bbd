//! A call's whole life between two endpoints: INVITE, re-INVITE for hold and resume, BYE (RFC 3261
//! §12 to §15, RFC 3264 §8.4).

mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use sip::sdp::{self, Chosen, Codec, Description, Direction, Security};
use sip::{
    Dialog, DialogId, Event, HeaderName, Message, Method, NextHop, ServerTx, StatusCode, Transport,
};
use wire::{Faults, Wire};

const CITIZEN: usize = 0;
const LINE: usize = 1;
const A_WHILE: Duration = Duration::from_millis(100);

/// One party: its dialog, where it receives, and the number of its session description.
struct Party {
    end: usize,
    dialog: Dialog,
    media: SocketAddr,
    version: u64,
}

impl Party {
    fn offer(&mut self, direction: Direction) -> Vec<u8> {
        self.version += 1;
        sdp::offer(
            self.media,
            Codec::Pcma,
            direction,
            (self.end as u64, self.version),
            &Security::OPEN,
        )
        .unwrap()
    }

    /// The answer to an offer: `wanted` and what the offer allows.
    fn answer(&mut self, offer: &Message, wanted: Direction) -> (Vec<u8>, Chosen) {
        self.version += 1;
        let offer = Description::parse(offer.body(), &Security::OPEN).expect("an offer");
        offer
            .answer(self.media, wanted, (self.end as u64, self.version), &Security::OPEN)
            .expect("a codec")
    }
}

struct Story {
    wire: Wire,
    transport: Transport,
}

impl Story {
    /// Sends a request and lets the other side get it.
    fn request(&mut self, from: usize, message: Message, hop: NextHop) -> (ServerTx, Message) {
        self.wire.ends[from].request(self.wire.now, message, hop);
        self.wire.run_for(A_WHILE);
        let other = 1 - from;
        let mut requests =
            self.wire.take_events(other).into_iter().filter_map(|event| match event {
                Event::Request { tx, message, .. } => Some((tx, message)),
                _ => None,
            });
        let first = requests.next().expect("a request");
        assert!(requests.next().is_none(), "only one");
        first
    }

    /// Answers a request and lets the other side get it; gives back what it got.
    fn respond(&mut self, from: usize, tx: ServerTx, response: Message) -> Message {
        self.wire.ends[from].respond(self.wire.now, tx, response);
        self.wire.run_for(A_WHILE);
        let mut got = self.wire.take_events(1 - from).into_iter().filter_map(|event| match event {
            Event::Response { message, .. } => Some(message),
            _ => None,
        });
        got.next().expect("a response")
    }

    /// Acknowledges a 2xx and lets the other side get it.
    fn ack(&mut self, from: &Party) -> Message {
        let ack = from.dialog.ack(from.dialog.local_seq);
        let hop = NextHop::Uri(from.dialog.next_hop());
        self.wire.ends[from.end].send(self.wire.now, ack, hop);
        self.wire.run_for(A_WHILE);
        let mut acks =
            self.wire.take_events(1 - from.end).into_iter().filter_map(|event| match event {
                Event::Ack { message, .. } => Some(message),
                _ => None,
            });
        acks.next().expect("an ACK")
    }

    /// `from` offers a new direction, `to` answers as it may; gives back what each then does.
    fn reinvite(
        &mut self,
        from: &mut Party,
        to: &mut Party,
        direction: Direction,
    ) -> (Direction, Direction) {
        let mut invite = from.dialog.request(Method::Invite);
        invite.push(HeaderName::Contact, contact(from.end, self.transport));
        invite.set_body("application/sdp", from.offer(direction));
        let hop = NextHop::Uri(from.dialog.next_hop());
        let (tx, received) = self.request(from.end, invite, hop);
        assert_eq!(DialogId::of_request(&received).as_ref(), Some(&to.dialog.id));
        to.dialog.accept(&received).expect("in order");
        let (body, theirs) = to.answer(&received, Direction::SendRecv);
        let mut ok = Message::response(&received, StatusCode(200));
        ok.push(HeaderName::Contact, contact(to.end, self.transport));
        ok.set_body("application/sdp", body);
        let answer = self.respond(to.end, tx, ok);
        from.dialog.refresh(&answer);
        self.ack(from);
        let ours =
            Description::parse_answer(answer.body(), &Security::OPEN).unwrap().chosen().unwrap();
        (ours.direction, theirs.direction)
    }
}

fn contact(end: usize, transport: Transport) -> String {
    format!("<sip:user@192.0.2.{}:5060;transport={}>", end + 1, transport.uri_param())
}

fn invite(transport: Transport) -> Message {
    let mut invite = Message::request(Method::Invite, "sip:122@192.0.2.2");
    invite.push(HeaderName::From, "<sip:citizen@192.0.2.1>;tag=citizen");
    invite.push(HeaderName::To, "<sip:122@192.0.2.2>");
    invite.push(HeaderName::CallId, "story@192.0.2.1");
    invite.push(HeaderName::CSeq, "1 INVITE");
    invite.push(HeaderName::Contact, contact(CITIZEN, transport));
    invite
}

fn a_call_lives_and_ends(transport: Transport) {
    let wire = Wire::new(2, transport, 122, Faults::default());
    let mut story = Story { wire, transport };
    let media: [SocketAddr; 2] = [([192, 0, 2, 1], 4000).into(), ([192, 0, 2, 2], 5000).into()];

    // The citizen calls, the line rings.
    let mut call = invite(transport);
    let offer =
        sdp::offer(media[CITIZEN], Codec::Pcma, Direction::SendRecv, (0, 1), &Security::OPEN)
            .unwrap();
    call.set_body("application/sdp", offer);
    let to = NextHop::Flow(story.wire.flow(LINE, transport));
    let (tx, offered) = story.request(CITIZEN, call.clone(), to);
    let mut ringing = Message::response(&offered, StatusCode(180));
    ringing.set_to_tag("line");
    assert_eq!(story.respond(LINE, tx, ringing).status(), Some(StatusCode(180)));

    // The line answers, the citizen acknowledges: both know what to do with their media.
    let dialog = Dialog::uas(&offered, "line").expect("a dialog");
    let mut line = Party { end: LINE, dialog, media: media[LINE], version: 0 };
    let (body, at_line) = line.answer(&offered, Direction::SendRecv);
    let mut ok = Message::response(&offered, StatusCode(200));
    ok.set_to_tag("line");
    ok.push(HeaderName::Contact, contact(LINE, transport));
    ok.set_body("application/sdp", body);
    let answer = story.respond(LINE, tx, ok);
    let at_citizen =
        Description::parse_answer(answer.body(), &Security::OPEN).unwrap().chosen().unwrap();
    assert_eq!(at_line.remote_rtp, Some(media[CITIZEN]));
    assert_eq!(at_citizen.remote_rtp, Some(media[LINE]));
    assert_eq!((at_line.codec, at_citizen.codec), ((Codec::Pcma, 8), (Codec::Pcma, 8)));
    let dialog = Dialog::uac(&call, &answer).expect("a dialog");
    let mut citizen = Party { end: CITIZEN, dialog, media: media[CITIZEN], version: 1 };
    let ack = story.ack(&citizen);
    assert_eq!(DialogId::of_request(&ack).as_ref(), Some(&line.dialog.id));

    // The line puts the citizen on hold and takes the call up again; then the citizen does.
    use Direction::{RecvOnly, SendOnly, SendRecv};
    let held = story.reinvite(&mut line, &mut citizen, SendOnly);
    assert_eq!(held, (SendOnly, RecvOnly));
    assert_eq!(story.reinvite(&mut line, &mut citizen, SendRecv), (SendRecv, SendRecv));
    assert_eq!(story.reinvite(&mut citizen, &mut line, SendOnly), (SendOnly, RecvOnly));

    // The line hangs up.
    let bye = line.dialog.request(Method::Bye);
    let hop = NextHop::Uri(line.dialog.next_hop());
    let (tx, bye) = story.request(LINE, bye, hop);
    assert_eq!(*bye.method(), Method::Bye);
    assert_eq!(DialogId::of_request(&bye).as_ref(), Some(&citizen.dialog.id));
    citizen.dialog.accept(&bye).expect("in order");
    let ok = Message::response(&bye, StatusCode(200));
    assert_eq!(story.respond(CITIZEN, tx, ok).status(), Some(StatusCode(200)));

    story.wire.run_for(Duration::from_secs(40));
    assert!(story.wire.is_silent(), "{:?}", story.wire.ends);
}

#[test]
fn a_call_lives_and_ends_over_udp() {
    a_call_lives_and_ends(Transport::Udp);
}

#[test]
fn a_call_lives_and_ends_over_tcp() {
    a_call_lives_and_ends(Transport::Tcp);
}
