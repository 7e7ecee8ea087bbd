//! What is seen of the line from outside: its packets, its disk, its figures. Checkers look on; a
//! hash of everything proves that a run is repeated byte by byte.

use std::collections::{BTreeMap, VecDeque};
use std::hash::Hasher;
use std::net::SocketAddr;

use ambient::{Mono, Now};
use bytes::Bytes;
use dialplan::Dialplan;
use journal::{Entry, Outcome};
use siphasher::sip::SipHasher13;
use switch::SwitchConfig;

use crate::check::dialogs::{Change, Dialogs};
use crate::check::{Check, Finding, Wrong};
use crate::wire::Sip;

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the line.
    In,
    /// From the line.
    Out,
}

/// What can be seen.
#[derive(Debug)]
pub enum Seen<'a> {
    /// A SIP message at the line's socket.
    Sip {
        /// Which way.
        way: Way,
        /// The other end.
        peer: SocketAddr,
        /// The message.
        sip: &'a Sip<'a>,
    },
    /// An RTP packet at one of the line's sockets.
    Rtp {
        /// Which way.
        way: Way,
        /// The line's port.
        port: u16,
        /// The other end.
        peer: SocketAddr,
        /// The packet.
        packet: &'a Bytes,
        /// Whether the real engine makes the packets of this stream.
        full: bool,
    },
    /// An entry is durable, as it is read back from the disk.
    Durable(&'a Entry),
    /// The line crashed.
    Crashed,
    /// The line started again.
    Started,
    /// The wall clock was stepped.
    WallStepped,
    /// A dialog of the line began, or is over.
    Dialog(&'a Change),
    /// Somebody heard somebody: their numbers.
    Heard {
        /// Who heard.
        listener: &'a str,
        /// Whom.
        speaker: &'a str,
    },
    /// A gateway complains about an answer of the line.
    Complaint {
        /// What no RFC allows.
        what: &'a str,
        /// The call.
        call_id: &'a str,
    },
    /// Nothing is broken any more, and nobody calls from now on.
    Healed,
    /// The line's figures, its streams, and what limits them.
    Figures(&'a switch::Status, usize, Limits<'a>),
    /// Everything has healed, and everybody has had the time to hang up: nothing may be left.
    Rest(&'a switch::Status, &'a [(&'static str, usize)]),
}

/// What the settings and the dialplan limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// The settings.
    pub config: &'a SwitchConfig,
    /// The dialplan that runs.
    pub plan: &'a Dialplan,
}

/// A SIP packet in the history.
#[derive(Clone, Debug)]
pub struct Noted {
    /// When.
    pub at: Mono,
    /// Which way.
    pub way: Way,
    /// The other end.
    pub peer: SocketAddr,
    /// The message.
    pub packet: Bytes,
}

/// How many packets are remembered for a ladder.
const HISTORY_MAX: usize = 200_000;
/// Findings kept of one run; the first tells most.
const FINDINGS_MAX: usize = 20;

/// The watch on one line.
#[derive(Debug, Default)]
pub struct Tap {
    checks: Vec<Box<dyn Check>>,
    dialogs: Dialogs,
    /// What was found.
    pub findings: Vec<Finding>,
    history: VecDeque<Noted>,
    keeps_history: bool,
    hash: SipHasher13,
    /// Datagrams that the line sent and received.
    pub datagrams: u64,
    /// SIP messages among them.
    pub messages: u64,
    /// Records by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    wrong: Vec<Wrong>,
}

impl Tap {
    /// A watch with these checkers.
    #[must_use]
    pub fn new(checks: Vec<Box<dyn Check>>) -> Tap {
        Tap { checks, keeps_history: true, ..Tap::default() }
    }

    /// The hash of everything so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash.finish()
    }

    /// How often each checker had something to judge.
    #[must_use]
    pub fn judged(&self) -> BTreeMap<&'static str, u64> {
        self.checks.iter().map(|check| (check.name(), check.judged())).collect()
    }

    /// The packets remembered, oldest first.
    pub fn history(&self) -> impl Iterator<Item = &Noted> {
        self.history.iter()
    }

    /// Shows something to all checkers.
    pub fn show(&mut self, now: Now, seen: &Seen<'_>) {
        let mut lost = Vec::new();
        match seen {
            Seen::Durable(entry) => self.dialogs.durable(entry),
            Seen::Crashed => self.dialogs.crashed(),
            Seen::Started => lost = self.dialogs.started(),
            _ => {}
        }
        self.tell(now, seen);
        for change in lost {
            self.tell(now, &Seen::Dialog(&change));
        }
    }

    fn tell(&mut self, now: Now, seen: &Seen<'_>) {
        for check in &mut self.checks {
            check.see(now, seen, &mut self.wrong);
            for Wrong { what, calls } in self.wrong.drain(..) {
                if self.findings.len() < FINDINGS_MAX {
                    self.findings.push(Finding { check: check.name(), at: now, what, calls });
                }
            }
        }
    }

    /// A SIP message passes the line's socket.
    pub fn sip(&mut self, now: Now, way: Way, peer: SocketAddr, packet: &Bytes) {
        self.count(now, way, peer, packet);
        self.messages += 1;
        if self.checks.is_empty() {
            return;
        }
        if self.keeps_history {
            if self.history.len() == HISTORY_MAX {
                self.history.pop_front();
            }
            self.history.push_back(Noted { at: now.mono, way, peer, packet: packet.clone() });
        }
        if let Some(sip) = Sip::read(packet) {
            self.show(now, &Seen::Sip { way, peer, sip: &sip });
            if let Some(change) = self.dialogs.see(now.mono, way, &sip) {
                self.show(now, &Seen::Dialog(&change));
            }
        }
    }

    /// An RTP packet passes one of the line's sockets.
    pub fn rtp(
        &mut self,
        now: Now,
        way: Way,
        (port, full): (u16, bool),
        peer: SocketAddr,
        packet: &Bytes,
    ) {
        self.count(now, way, peer, packet);
        self.show(now, &Seen::Rtp { way, port, peer, packet, full });
    }

    /// Lines have become durable.
    pub fn durable(&mut self, now: Now, lines: &[u8]) {
        self.hash.write(lines);
        if self.checks.is_empty() {
            return;
        }
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            // What a crash spoiled is nobody's entry.
            if let Ok(entry) = serde_json::from_slice::<Entry>(line) {
                if let Entry::Ended(record) = &entry {
                    *self.outcomes.entry(record.outcome).or_default() += 1;
                }
                self.show(now, &Seen::Durable(&entry));
            }
        }
    }

    fn count(&mut self, now: Now, way: Way, peer: SocketAddr, packet: &Bytes) {
        self.datagrams += 1;
        let at = u64::try_from(now.mono.since_start().as_nanos()).unwrap_or(u64::MAX);
        self.hash.write_u64(at ^ u64::from(way == Way::In));
        self.hash.write_u64(u64::from(peer.port()));
        self.hash.write(packet);
    }
}
