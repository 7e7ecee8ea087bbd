//! The line of a world: the switch, its media, its disk. It can crash, and starts again from what the
//! disk holds.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use ambient::{Entropy, Mono, Now};
use dialplan::Dialplan;
use journal::Restored;
use media::{Channel, Command, Event, GroupKey, Library, Origin, StreamId};
use sip::{Flow, Transport};
use switch::{Input, NextPlan, Output, Switch, SwitchConfig};

use super::LINE;
use crate::disk::Disk;
use crate::net::Datagram;
use crate::sparse::Sparse;
use crate::tap::Limits;
use crate::tape::Tapes;
use crate::voice::{Sent, Voice};

/// The line's first RTP port, and the one after the last.
const RTP_FIRST: u16 = 20_000;
const RTP_END: u16 = 60_000;

/// The line.
#[derive(Debug)]
pub struct Line {
    plan: Arc<Dialplan>,
    config: SwitchConfig,
    library: Arc<Library>,
    entropy: Entropy,
    pub(super) switch: Option<Switch>,
    /// Of a thousand groups of streams, how many the real engine plays; the rest is sparse.
    full_share: u64,
    full: Voice,
    sparse: Voice,
    /// The streams, with whether the real engine plays them.
    streams: BTreeMap<StreamId, (u16, bool)>,
    /// From where alone the kernel takes their RTP.
    narrowed: BTreeMap<StreamId, Origin>,
    ports: BTreeMap<u16, StreamId>,
    free_ports: VecDeque<u16>,
    /// What it recorded outlives it.
    pub(super) tapes: Tapes,
    /// Its disk outlives it.
    pub disk: Disk,
}

impl Line {
    pub(super) fn new(
        now: Now,
        plan: Arc<Dialplan>,
        config: SwitchConfig,
        library: Library,
        full_share: u64,
        mut entropy: Entropy,
    ) -> Line {
        let library = Arc::new(library);
        let mut line = Line {
            plan,
            config,
            switch: None,
            full_share,
            full: Voice::Full(Box::new(media::Engine::new(library.clone(), entropy.fork()))),
            sparse: Voice::Sparse(Sparse::line()),
            library,
            streams: BTreeMap::new(),
            narrowed: BTreeMap::new(),
            ports: BTreeMap::new(),
            free_ports: VecDeque::new(),
            tapes: Tapes::default(),
            disk: Disk::new(entropy.fork()),
            entropy,
        };
        line.start(now);
        line
    }

    /// Starts with empty hands.
    pub(super) fn start(&mut self, now: Now) {
        let entropy = self.entropy.fork();
        let switch = Switch::new(now, self.plan.clone(), self.config.clone(), entropy);
        self.switch = Some(switch.expect("the dialplan fits"));
    }

    /// Takes up what was before a crash.
    pub(super) fn restore(&mut self, now: Now, restored: Restored) {
        if let Some(switch) = &mut self.switch {
            switch.restore(now, restored);
        }
    }

    /// Goes over to a new dialplan, by which it also starts again after a crash.
    pub(super) fn replace_plan(&mut self, now: Now, plan: Arc<Dialplan>) {
        let running = std::mem::replace(&mut self.plan, plan.clone());
        if let Some(switch) = &mut self.switch {
            let next = NextPlan::prepare(running, plan).expect("the dialplan fits");
            switch.replace_plan(now, next).expect("the dialplan fits");
        }
    }

    /// Everything but the disk is gone.
    pub(super) fn crash(&mut self) {
        self.switch = None;
        let entropy = self.entropy.fork();
        self.full = Voice::Full(Box::new(media::Engine::new(self.library.clone(), entropy)));
        self.sparse = Voice::Sparse(Sparse::line());
        self.streams.clear();
        self.narrowed.clear();
        self.ports.clear();
        self.free_ports.clear();
        self.tapes.crash();
        self.disk.crash();
    }

    /// What its calls use.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.full.streams() + self.sparse.streams()
    }

    pub(super) fn limits(&self) -> Limits<'_> {
        Limits { config: &self.config, plan: &self.plan }
    }

    /// How large each table of its media is that grows with calls.
    pub(super) fn media_footprint(&self) -> Vec<(&'static str, usize)> {
        [self.full.footprint(), self.sparse.footprint()].concat()
    }

    /// The ports that its streams have.
    pub(super) fn ports(&self) -> usize {
        self.ports.len()
    }

    pub(super) fn next_timeout(&self) -> Option<Mono> {
        let switch = self.switch.as_ref().and_then(Switch::next_timeout);
        [switch, self.full.next_timeout(), self.sparse.next_timeout(), self.disk.next_done()]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn handle_timeout(&mut self, now: Now) {
        if let Some(switch) = &mut self.switch
            && switch.next_timeout().is_some_and(|at| at <= now.mono)
        {
            switch.handle_timeout(now);
        }
        for voice in [&mut self.full, &mut self.sparse] {
            if voice.next_timeout().is_some_and(|at| at <= now.mono) {
                voice.handle_timeout(now);
            }
        }
    }

    pub(super) fn handle(&mut self, now: Now, input: Input) {
        if let Some(switch) = &mut self.switch {
            switch.handle(now, input);
        }
    }

    /// Whose the port is, and whether the real engine plays it.
    pub(super) fn stream_at(&self, port: u16) -> Option<(StreamId, bool)> {
        let stream = self.ports.get(&(port & !1))?;
        Some((*stream, self.streams.get(stream)?.1))
    }

    pub(super) fn handle_sip(&mut self, now: Now, datagram: Datagram) {
        let mut flow = Flow::to(Transport::Udp, datagram.from);
        flow.local = Some(LINE);
        self.handle(now, Input::Packet { flow, payload: datagram.payload });
    }

    pub(super) fn handle_media(&mut self, now: Now, datagram: &Datagram) {
        let port = datagram.to.port();
        let Some((stream, full)) = self.stream_at(port) else { return };
        let channel = if port & 1 == 1 { Channel::Rtcp } else { Channel::Rtp };
        let is_strange =
            |origin: &Origin| channel == Channel::Rtp && !origin.includes(datagram.from);
        if self.narrowed.get(&stream).is_some_and(is_strange) {
            return;
        }
        let voice = if full { &mut self.full } else { &mut self.sparse };
        voice.handle_packet(now, stream, channel, datagram.from, &datagram.payload);
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.switch.as_mut()?.poll_output()
    }

    /// The next RTP or RTCP packet, with the line's port and whether the real engine made it.
    pub(super) fn poll_media(&mut self) -> Option<(Sent, u16, bool)> {
        for (voice, full) in [(&mut self.full, true), (&mut self.sparse, false)] {
            while let Some(sent) = voice.poll_transmit() {
                let Some((port, _)) = self.streams.get(&sent.stream) else { continue };
                let port = port + u16::from(sent.channel == Channel::Rtcp);
                return Some((sent, port, full));
            }
        }
        None
    }

    /// Puts what was recorded on tape.
    pub(super) fn take_recorded(&mut self) {
        while let Some(block) = self.full.poll_recorded() {
            self.tapes.take(&block);
        }
    }

    pub(super) fn poll_media_event(&mut self) -> Option<Event> {
        loop {
            match self.full.poll_event().or_else(|| self.sparse.poll_event())? {
                Event::Narrowed { stream, to: Some(origin) } => {
                    self.narrowed.insert(stream, origin);
                }
                Event::Narrowed { stream, to: None } => {
                    self.narrowed.remove(&stream);
                }
                event => return Some(event),
            }
        }
    }

    /// Obeys a command; says what the switch is to be told at once.
    pub(super) fn command(&mut self, now: Now, command: Command) -> Option<Event> {
        if let Command::Open { stream, group } = &command {
            return self.open(now, *stream, *group);
        }
        let full = self.streams.get(&command.stream()).is_some_and(|(_, full)| *full);
        let voice = if full { &mut self.full } else { &mut self.sparse };
        voice.handle_command(now, command);
        None
    }

    fn open(&mut self, now: Now, stream: StreamId, group: GroupKey) -> Option<Event> {
        if self.free_ports.is_empty() && self.ports.is_empty() {
            self.free_ports = (RTP_FIRST..RTP_END).step_by(2).collect();
        }
        let Some(port) = self.free_ports.pop_front() else {
            return Some(Event::OpenFailed { stream });
        };
        let full = group.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 1000 < self.full_share;
        self.ports.insert(port, stream);
        self.streams.insert(stream, (port, full));
        let voice = if full { &mut self.full } else { &mut self.sparse };
        voice.opened(now, stream, SocketAddr::new(LINE.ip(), port));
        None
    }

    /// The stream is gone, and its last words are sent.
    pub(super) fn free(&mut self, stream: StreamId) {
        if let Some((port, _)) = self.streams.remove(&stream) {
            self.narrowed.remove(&stream);
            self.ports.remove(&port);
            self.free_ports.push_back(port);
        }
    }
}
