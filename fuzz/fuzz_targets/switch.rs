//! Any sequence of messages, keys, faults and waits into the switch with the demo's dialplan: no
//! panic, no timer that never rests, no ceiling passed, one record for each call; and once everybody
//! is silent, every call ends and every table is empty.
//!
//! The input is steps, each a byte for which it is and what it needs; see [`Play::step`]. Messages
//! are made from a few bytes, so that dialogs come about, and altered by others.

#![no_main]

#[path = "../demo.rs"]
mod demo;
#[path = "../switch/far.rs"]
mod far;
#[path = "../switch/line.rs"]
mod line;
#[path = "../switch/text.rs"]
mod text;

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use media::{Event, Key};
use sip::Flow;
use switch::Input;

use far::{Far, PARTIES, party};
use line::Line;

/// Most steps of one input.
const STEPS_MAX: usize = 300;
/// How long all are silent at the end: longer than a registration, than any session, and than a call is
/// kept whose end went another way.
const QUIET: Duration = Duration::from_secs(24 * 3600);
const WAITS: [Duration; 8] = [
    Duration::from_millis(20),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(11),
    Duration::from_secs(33),
    Duration::from_secs(120),
    Duration::from_secs(1900),
];
const KEYS: [u8; 16] = *b"0123456789*#ABCD";

fuzz_target!(|data: &[u8]| {
    let mut play = Play { input: data, line: Line::start(), far: Far::default(), altered: None };
    play.agents_register();
    for _ in 0..STEPS_MAX {
        if play.step().is_none() {
            break;
        }
        play.line.check_ceilings();
    }
    play.line.heal();
    play.line.wait(QUIET);
    play.line.withdraw_call_backs();
    play.line.wait(WAITS[5]);
    play.line.check_rest();
});

struct Play<'a> {
    input: &'a [u8],
    line: Line,
    far: Far,
    /// What is done to the next message: where, how much goes, what comes.
    altered: Option<(usize, usize, &'a [u8])>,
}

impl<'a> Play<'a> {
    /// The next step; `None` at the end of the input.
    fn step(&mut self) -> Option<()> {
        match self.byte()? % 12 {
            0..3 => self.request()?,
            3..5 => self.response()?,
            5 => {
                let wait = WAITS[usize::from(self.byte()?) % WAITS.len()];
                self.line.wait(wait);
            }
            6 => self.media()?,
            7 => {
                let from = self.byte()?;
                let bytes = self.bytes()?.to_vec();
                self.send(party(from), bytes);
            }
            8 => {
                let at = u16::from_be_bytes([self.byte()?, self.byte()?]);
                let gone = self.byte()?;
                self.altered = Some((at.into(), gone.into(), self.bytes()?));
            }
            9 => {
                let flow = party(self.byte()?);
                self.line.handle(Input::FlowFailed(flow));
            }
            10 => {
                let by = self.byte()?;
                self.line.desk(by);
            }
            _ => {
                let by = self.byte()?;
                self.line.fault(by);
            }
        }
        self.listen();
        Some(())
    }

    fn request(&mut self) -> Option<()> {
        let how = [(); 6].map(|()| self.byte());
        let [from, dialog, method, target, header, body] = how;
        let choice =
            text::Choice { method: method?, target: target?, header: header?, body: body? };
        let (flow, bytes) = self.far.request(from?, dialog?, choice)?;
        self.send(flow, bytes);
        Some(())
    }

    fn response(&mut self) -> Option<()> {
        let [which, status, header, body] = [(); 4].map(|()| self.byte());
        if let Some((flow, bytes)) = self.far.response(which?, status?, header?, body?) {
            self.send(flow, bytes);
        }
        Some(())
    }

    fn media(&mut self) -> Option<()> {
        let (which, what) = (self.byte()?, self.byte()?);
        let Some(stream) = self.line.stream(which) else { return Some(()) };
        let event = match what % 32 {
            16 => Event::FirstPacket { stream },
            17 => Event::Dead { stream },
            key => Event::Key { stream, key: Key(KEYS[usize::from(key) % KEYS.len()]) },
        };
        self.line.handle(Input::Media(event));
        Some(())
    }

    /// Sends a message, altered if it was to be.
    fn send(&mut self, flow: Flow, mut bytes: Vec<u8>) {
        if let Some((at, gone, come)) = self.altered.take() {
            let at = at % (bytes.len() + 1);
            let end = (at + gone).min(bytes.len());
            bytes.splice(at..end, come.iter().copied());
        }
        self.line.handle(Input::Packet { flow, payload: bytes.into() });
    }

    /// The far side reads what the line has sent, and answers challenges.
    fn listen(&mut self) {
        // Each answer may be challenged again.
        for _ in 0..4 {
            let mut answers = Vec::new();
            for packet in self.line.sent.drain(..) {
                answers.extend(self.far.hear(packet));
            }
            if answers.is_empty() {
                return;
            }
            for (flow, bytes) in answers {
                self.line.handle(Input::Packet { flow, payload: bytes.into() });
            }
        }
        self.line.sent.clear();
    }

    fn agents_register(&mut self) {
        for who in 0..PARTIES {
            if let Some((flow, bytes)) = self.far.registers(who) {
                self.line.handle(Input::Packet { flow, payload: bytes.into() });
                self.listen();
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.input.split_first()?;
        self.input = rest;
        Some(*first)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?);
        let (bytes, rest) = self.input.split_at(length.min(self.input.len()));
        self.input = rest;
        Some(bytes)
    }
}
