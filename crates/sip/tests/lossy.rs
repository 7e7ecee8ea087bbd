//! Ten thousand calls over a network that loses, doubles and reorders: every transaction ends exactly
//! once, every call reaches its end, and nothing is left behind.

mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Entropy, Timers};
use sip::{
    ClientTx, Dialog, DialogId, Event, HeaderName, Message, Method, NextHop, ServerTx, StatusCode,
    Transport,
};
use wire::{Faults, Wire};

const CALLER: usize = 0;
const CALLEE: usize = 1;
const T1: Duration = Duration::from_millis(500);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// The caller begins its next call.
    Dial,
    /// The caller loses patience.
    Cancel(ClientTx),
    /// The callee decides.
    Answer(ServerTx),
    /// The callee sends its 200 again until it is acknowledged (RFC 3261 §13.3.1.4).
    Again(DialogId),
    /// The caller hangs up.
    HangUp(DialogId),
}

/// A 200 that waits for its ACK.
struct Unacknowledged {
    tx: ServerTx,
    ok: Message,
    interval: Duration,
    waited: Duration,
}

/// The transaction users of both ends.
struct Users {
    wire: Wire,
    transport: Transport,
    timers: Timers<Timer>,
    entropy: Entropy,
    to_dial: usize,
    dialled: usize,
    calls: BTreeMap<ClientTx, Message>,
    byes: BTreeMap<ClientTx, ()>,
    dialogs: BTreeMap<DialogId, Dialog>,
    unacknowledged: BTreeMap<DialogId, Unacknowledged>,
    ringing: BTreeMap<ServerTx, Message>,
    servers: [BTreeMap<ServerTx, ()>; 2],
    ends: BTreeMap<&'static str, usize>,
}

impl Users {
    fn new(calls: usize, transport: Transport, seed: u64, faults: Faults) -> Users {
        let wire = Wire::new(2, transport, seed, faults);
        let mut timers = Timers::default();
        timers.arm(Timer::Dial, wire.now.mono);
        Users {
            wire,
            transport,
            timers,
            entropy: Entropy::from_number(seed ^ 0x0122),
            to_dial: calls,
            dialled: 0,
            calls: BTreeMap::new(),
            byes: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            unacknowledged: BTreeMap::new(),
            ringing: BTreeMap::new(),
            servers: [BTreeMap::new(), BTreeMap::new()],
            ends: BTreeMap::new(),
        }
    }

    fn run(&mut self) {
        let last = self.wire.now.mono + Duration::from_secs(3600);
        loop {
            let until = self.timers.next().unwrap_or(last).min(last);
            let moved = self.wire.step(until);
            for (end, event) in std::mem::take(&mut self.wire.events) {
                match end {
                    CALLER => self.caller(event),
                    _ => self.callee(event),
                }
            }
            while let Some(timer) = self.timers.pop_due(self.wire.now.mono) {
                self.timer(timer);
            }
            if !moved && self.wire.now.mono >= last {
                return;
            }
        }
    }

    fn after(&mut self, timer: Timer, least: u64, spread: u64) {
        let millis = least + self.entropy.below(spread);
        self.timers.arm(timer, self.wire.now.mono + Duration::from_millis(millis));
    }

    fn hop(&self, end: usize) -> NextHop {
        NextHop::Flow(self.wire.flow(end, self.transport))
    }

    fn timer(&mut self, timer: Timer) {
        let now = self.wire.now;
        match timer {
            Timer::Dial => self.dial(),
            Timer::Cancel(tx) => self.wire.ends[CALLER].cancel(now, tx, None),
            Timer::Answer(tx) => self.answer(tx),
            Timer::Again(id) => self.again(id),
            Timer::HangUp(id) => {
                let Some(mut dialog) = self.dialogs.remove(&id) else { return };
                let bye = dialog.request(Method::Bye);
                let to = self.hop(CALLEE);
                let tx = self.wire.ends[CALLER].request(now, bye, to);
                self.byes.insert(tx, ());
            }
        }
    }

    fn dial(&mut self) {
        let number = self.dialled;
        let mut invite = Message::request(Method::Invite, "sip:122@192.0.2.2");
        invite.push(HeaderName::From, format_args!("<sip:citizen@192.0.2.1>;tag=c{number}"));
        invite.push(HeaderName::To, "<sip:122@192.0.2.2>");
        invite.push(HeaderName::CallId, format_args!("{number}@192.0.2.1"));
        invite.push(HeaderName::CSeq, "1 INVITE");
        invite.push(HeaderName::Contact, "<sip:citizen@192.0.2.1>");
        let to = self.hop(CALLEE);
        let tx = self.wire.ends[CALLER].request(self.wire.now, invite.clone(), to);
        self.calls.insert(tx, invite);
        if number.is_multiple_of(5) {
            self.after(Timer::Cancel(tx), 1, 4000);
        }
        self.dialled += 1;
        if self.dialled < self.to_dial {
            self.after(Timer::Dial, 1, 20);
        }
    }

    fn answer(&mut self, tx: ServerTx) {
        let Some(invite) = self.ringing.remove(&tx) else { return };
        let now = self.wire.now;
        if self.entropy.below(4) == 0 {
            let mut busy = Message::response(&invite, StatusCode(486));
            busy.set_to_tag("callee");
            self.wire.ends[CALLEE].respond(now, tx, busy);
            return;
        }
        let mut ok = Message::response(&invite, StatusCode(200));
        ok.set_to_tag("callee");
        ok.push(HeaderName::Contact, "<sip:122@192.0.2.2>");
        let id = Dialog::uas(&invite, "callee").unwrap().id;
        self.wire.ends[CALLEE].respond(now, tx, ok.clone());
        let waiting = Unacknowledged { tx, ok, interval: T1, waited: T1 };
        self.unacknowledged.insert(id.clone(), waiting);
        self.timers.arm(Timer::Again(id), now.mono + T1);
    }

    fn again(&mut self, id: DialogId) {
        let now = self.wire.now;
        let Some(waiting) = self.unacknowledged.get_mut(&id) else { return };
        if waiting.waited >= T1 * 63 {
            self.unacknowledged.remove(&id);
            return;
        }
        self.wire.ends[CALLEE].respond(now, waiting.tx, waiting.ok.clone());
        waiting.interval = (waiting.interval * 2).min(Duration::from_secs(4));
        waiting.waited += waiting.interval;
        self.timers.arm(Timer::Again(id), now.mono + waiting.interval);
    }

    fn caller(&mut self, event: Event) {
        match event {
            Event::Response { tx, message, .. } => self.caller_response(tx, &message),
            Event::Failed { tx, .. } => {
                let end = if self.calls.contains_key(&tx) { "call failed" } else { "bye failed" };
                *self.ends.entry(end).or_default() += 1;
            }
            Event::ClientDone { tx } => {
                let known = self.calls.remove(&tx).is_some() | self.byes.remove(&tx).is_some();
                assert!(known, "each client transaction ends once: {tx:?}");
            }
            // A 200 after the transaction has given up is left to the callee's patience.
            Event::StrayResponse { .. } => {}
            other => panic!("not for a caller: {other:?}"),
        }
    }

    fn caller_response(&mut self, tx: ClientTx, message: &Message) {
        let status = message.status().unwrap();
        if self.byes.contains_key(&tx) {
            *self.ends.entry("hung up").or_default() += 1;
        } else if status.is_success() {
            let invite = &self.calls[&tx];
            let dialog = Dialog::uac(invite, message).unwrap();
            let (id, to) = (dialog.id.clone(), self.hop(CALLEE));
            self.wire.ends[CALLER].send(self.wire.now, dialog.ack(1), to);
            // It hangs up after Timer M, so that no 200 is heard of a call that is over.
            if !self.dialogs.contains_key(&id) {
                self.dialogs.insert(id.clone(), dialog);
                self.after(Timer::HangUp(id), 40_000, 5000);
            }
        } else if !status.is_provisional() {
            *self.ends.entry("refused").or_default() += 1;
        }
    }

    fn callee(&mut self, event: Event) {
        let now = self.wire.now;
        match event {
            Event::Request { tx, message, .. } if *message.method() == Method::Invite => {
                assert!(self.servers[CALLEE].insert(tx, ()).is_none());
                assert!(!self.wire.ends[CALLEE].is_merged(tx), "absorbed, not a second call");
                let mut ringing = Message::response(&message, StatusCode(180));
                ringing.set_to_tag("callee");
                self.wire.ends[CALLEE].respond(now, tx, ringing);
                self.ringing.insert(tx, message);
                self.after(Timer::Answer(tx), 1, 6000);
            }
            Event::Request { tx, message, .. } => {
                assert_eq!(*message.method(), Method::Bye);
                assert!(self.servers[CALLEE].insert(tx, ()).is_none());
                let ok = Message::response(&message, StatusCode(200));
                self.wire.ends[CALLEE].respond(now, tx, ok);
            }
            Event::Ack { message, .. } => {
                self.unacknowledged.remove(&DialogId::of_request(&message).unwrap());
            }
            Event::Cancelled { tx, .. } => {
                let invite = self.ringing.remove(&tx).expect("not answered yet, cancelled once");
                let mut terminated = Message::response(&invite, StatusCode(487));
                terminated.set_to_tag("callee");
                self.wire.ends[CALLEE].respond(now, tx, terminated);
            }
            Event::ServerDone { tx, .. } => {
                assert!(self.servers[CALLEE].remove(&tx).is_some(), "each ends once: {tx:?}");
            }
            other => panic!("not for a callee: {other:?}"),
        }
    }
}

fn all_calls_end(calls: usize, transport: Transport, seed: u64, faults: Faults) {
    let mut users = Users::new(calls, transport, seed, faults);
    users.run();
    let Users { wire, ends, .. } = &users;
    let count = |end: &str| ends.get(end).copied().unwrap_or(0);
    assert!(wire.is_silent(), "seed {seed}: something is left behind");
    assert!(users.calls.is_empty() && users.byes.is_empty() && users.servers[CALLEE].is_empty());
    assert!(users.dialogs.is_empty() && users.unacknowledged.is_empty());
    let ended = count("refused") + count("call failed") + count("hung up") + count("bye failed");
    assert_eq!(ended, calls, "seed {seed}: {ends:?}");
    // A fifth is cancelled, a quarter of the others is busy; few are lost in spite of retransmission.
    assert!(count("hung up") > calls / 2 && count("refused") > calls / 5, "{ends:?}");
    assert!(count("call failed") + count("bye failed") < calls / 100 + 1, "{ends:?}");
}

#[test]
fn ten_thousand_calls_over_a_lossy_network() {
    all_calls_end(10_000, Transport::Udp, 122, Faults { lost: 15, doubled: 10, delayed: 20 });
}

#[test]
fn a_thousand_calls_over_tcp() {
    all_calls_end(1000, Transport::Tcp, 103, Faults::default());
}
