//! The loop of the signalling thread.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now};
use bytes::Bytes;
use recorder::{Order, Recorder};
use records::JournalWriter;
use sip::{ConnectionId, Flow, Packet, Transport};
use switch::{Input, Output};

use super::bind::Sockets;
use super::streams::StreamEvent;
use super::stun;
use super::websockets::{Arrival, WebSockets};
use crate::clock::Clock;
use crate::core::Core;
use crate::dns::Dns;
use crate::ears::Ears;
use crate::figures::Figures;
use crate::mail::{Mailbox, Renewal};
use crate::media_threads::MediaThreads;
use crate::poll::{Batch, Ready};

/// Most datagrams taken from one socket in one turn.
const DATAGRAMS_A_TURN: usize = 64;
/// Most pieces of mail taken in one turn.
const MAIL_A_TURN: usize = 256;
/// Largest datagram and largest read of a stream.
const BUFFER: usize = 64 << 10;

/// What the signalling thread holds.
pub(crate) struct Driver<C> {
    pub(crate) core: C,
    pub(crate) clock: Clock,
    pub(crate) sockets: Sockets,
    pub(crate) mailbox: Mailbox<C>,
    pub(crate) media: MediaThreads,
    pub(crate) dns: Dns,
    /// Without one, everything counts as durable (the built-in phone has nothing to keep).
    pub(crate) journal: Option<JournalWriter>,
    pub(crate) ears: Option<Ears>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) browsers: WebSockets,
    pub(crate) failed: VecDeque<Flow>,
    pub(crate) drained: bool,
}

impl<C: Core> Driver<C> {
    /// Runs until the core says that it is drained.
    pub(crate) fn run(mut self) -> std::io::Result<()> {
        let mut batch = Batch::new();
        let mut buffer = vec![0; BUFFER];
        // What the core wanted as soon as it was made: registrations, keep-alives.
        self.drain(self.clock.now());
        while !self.drained {
            let rang = self.sockets.poller.wait(&mut batch, self.patience())?;
            for ready in batch.iter() {
                self.ready(ready, &mut buffer);
            }
            if rang {
                self.read_mail();
            }
            self.pass_time();
            let connections = self.sockets.streams.len() + self.browsers.len();
            self.figures.connections.set(connections as u64);
        }
        Ok(())
    }

    fn patience(&self) -> Option<Duration> {
        let next = [self.core.next_timeout(), self.sockets.streams.next_timeout()];
        next.into_iter().flatten().min().map(|at| self.clock.until(at))
    }

    fn ready(&mut self, ready: Ready, buffer: &mut [u8]) {
        let index = usize::try_from(ready.token).unwrap_or(usize::MAX);
        let listeners = self.sockets.udp.len();
        if index < listeners {
            if ready.error {
                self.read_unreachable(index);
            }
            self.read_datagrams(index, buffer);
        } else if index - listeners < self.sockets.listeners.len() {
            let now = self.clock.mono();
            let Sockets { streams, poller, listeners: all, .. } = &mut self.sockets;
            let listener = &all[index - listeners];
            streams.accept(now, poller, listener, |flow| self.core.is_banned(now, flow));
        } else {
            let now = self.clock.now();
            self.sockets.streams.ready(now.mono, &self.sockets.poller, ready, buffer);
            self.drain_streams(now);
        }
    }

    fn read_datagrams(&mut self, index: usize, buffer: &mut [u8]) {
        for _ in 0..DATAGRAMS_A_TURN {
            let udp = &self.sockets.udp[index];
            let Some((length, remote)) = udp.receive(buffer) else { return };
            self.figures.datagrams_in.add(1);
            let received = &buffer[..length];
            if is_keep_alive(received) {
                continue;
            }
            if let Some(answer) = stun::binding_answer(received, remote) {
                let _ = udp.send(remote, &answer); // lost, it is asked for again
                continue;
            }
            let flow = Flow {
                transport: Transport::Udp,
                local: Some(udp.bound),
                remote,
                connection: None,
                tls_name: None,
            };
            let payload = Bytes::copy_from_slice(received);
            self.input(Input::Packet { flow, payload });
        }
    }

    fn read_unreachable(&mut self, index: usize) {
        for _ in 0..DATAGRAMS_A_TURN {
            let udp = &self.sockets.udp[index];
            let Some(remote) = udp.unreachable() else { break };
            let flow = Flow { local: Some(udp.bound), ..Flow::to(Transport::Udp, remote) };
            self.failed.push_back(flow);
        }
        let now = self.clock.now();
        self.drain(now);
    }

    fn drain_streams(&mut self, now: Now) {
        while let Some(event) = self.sockets.streams.poll_event() {
            match event {
                StreamEvent::Identified(connection, names) => {
                    self.input(Input::Identified { connection, names });
                }
                StreamEvent::Message(flow, payload) => {
                    self.input(Input::Packet { flow: flow.clone(), payload });
                    self.close_if_banned(now, &flow);
                }
                StreamEvent::Suspect(flow, what) => {
                    self.input(Input::Suspect { flow: flow.clone(), what });
                    self.close_if_banned(now, &flow);
                }
                StreamEvent::Failed(flow) => self.failed.push_back(flow),
            }
        }
        self.drain(now);
    }

    fn close_if_banned(&mut self, now: Now, flow: &Flow) {
        if let Some(connection) = flow.connection
            && self.core.is_banned(now.mono, flow)
        {
            self.sockets.streams.close(connection);
        }
    }

    fn read_mail(&mut self) {
        let mut taken = 0;
        while taken < MAIL_A_TURN {
            if let Ok(event) = self.mailbox.media.try_recv() {
                self.media.note(&event);
                self.input(Input::Media(event));
            } else if let Ok(input) = self.mailbox.inputs.try_recv() {
                self.input(input);
            } else if let Ok(arrival) = self.mailbox.browsers.try_recv() {
                self.read_browser(arrival);
            } else {
                break;
            }
            taken += 1;
        }
        // Before the core is looked at: a dialplan that it is given may name new prompts.
        while let Ok(renewal) = self.mailbox.renewals.try_recv() {
            match renewal {
                Renewal::Tls(tls) => self.sockets.streams.set_tls(tls),
                Renewal::Prompts(library) => self.media.set_prompts(&library),
            }
        }
        while let Ok(look) = self.mailbox.looks.try_recv() {
            let now = self.clock.now();
            look(&mut self.core, now);
            self.drain(now);
        }
        if taken == MAIL_A_TURN {
            // The rest waits for the next turn, after the sockets had theirs.
            self.sockets.poller.bell().ring();
        }
    }

    fn read_browser(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Opened(opened) => {
                let (connection, who) = (opened.connection, opened.who.clone());
                self.browsers.opened(opened);
                self.input(Input::Vouched { connection, who });
            }
            Arrival::Message(connection, payload) => {
                let Some(flow) = self.browsers.take(connection, &payload) else { return };
                self.input(Input::Packet { flow: flow.clone(), payload });
                if self.core.is_banned(self.clock.mono(), &flow) {
                    self.close_browser(connection);
                }
            }
            Arrival::Closed(connection) => self.close_browser(connection),
        }
    }

    fn close_browser(&mut self, connection: ConnectionId) {
        if let Some(flow) = self.browsers.close(connection) {
            self.failed.push_back(flow);
            self.drain(self.clock.now());
        }
    }

    fn pass_time(&mut self) {
        let now = self.clock.now();
        if self.core.next_timeout().is_some_and(|at| at <= now.mono) {
            self.core.handle_timeout(now);
            self.drain(now);
            self.note_duration(now.mono);
        }
        if self.sockets.streams.next_timeout().is_some_and(|at| at <= now.mono) {
            self.sockets.streams.handle_timeout(now.mono);
            self.drain_streams(now);
        }
    }

    fn input(&mut self, input: Input) {
        let now = self.clock.now();
        self.core.handle(now, input);
        self.drain(now);
        self.note_duration(now.mono);
    }

    fn note_duration(&self, began: Mono) {
        let took = self.clock.mono().since(began);
        self.figures.slowest_input_nanos.max(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Does what the core wants done, until it wants nothing more.
    fn drain(&mut self, now: Now) {
        loop {
            while let Some(output) = self.core.poll_output() {
                self.obey(now, output);
            }
            // A send that failed is an input of its own, after the outputs it was among.
            let Some(flow) = self.failed.pop_front() else { return };
            self.figures.flows_failed.add(1);
            self.core.handle(now, Input::FlowFailed(flow));
        }
    }

    fn obey(&mut self, now: Now, output: Output) {
        match output {
            Output::Packet(packet) => self.send(now, packet),
            Output::Dns(query) => {
                self.figures.dns_queries.add(1);
                if let Err(unanswered) = self.dns.ask(query) {
                    self.figures.dns_refused.add(1);
                    self.core.handle(now, Input::Dns(unanswered));
                }
            }
            Output::Media(command) => {
                if let Some(event) = self.media.command(command) {
                    self.core.handle(now, Input::Media(event));
                }
            }
            Output::Listen(told) => {
                if let Some(ears) = &self.ears {
                    ears.tell(told);
                }
            }
            Output::Record { recording, law, about } => {
                if let Some(recorder) = &self.recorder {
                    recorder.order(Order::Begin { recording, about, law });
                }
            }
            Output::Persist(sequence, entry) => match &self.journal {
                Some(journal) => journal.append(sequence, entry),
                None => self.core.handle(now, Input::Persisted(sequence)),
            },
            Output::Drained => self.drained = true,
        }
    }

    fn send(&mut self, now: Now, packet: Packet) {
        if matches!(packet.flow.transport, Transport::Ws | Transport::Wss) {
            self.failed.extend(self.browsers.send(packet).err());
            return;
        }
        if packet.flow.transport != Transport::Udp {
            self.sockets.streams.send(now.mono, &self.sockets.poller, packet);
            while let Some(event) = self.sockets.streams.poll_event() {
                match event {
                    StreamEvent::Failed(flow) => self.failed.push_back(flow),
                    StreamEvent::Message(flow, payload) => {
                        self.core.handle(now, Input::Packet { flow, payload });
                    }
                    StreamEvent::Suspect(flow, what) => {
                        self.core.handle(now, Input::Suspect { flow, what });
                    }
                    StreamEvent::Identified(connection, names) => {
                        self.core.handle(now, Input::Identified { connection, names });
                    }
                }
            }
            return;
        }
        let sent = self.sockets.udp_for(&packet.flow).is_some_and(|udp| {
            match udp.send(packet.flow.remote, &packet.payload) {
                Ok(()) => true,
                // The kernel's queue is full: lost like any datagram, and retransmitted like one.
                Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
            }
        });
        if sent {
            self.figures.datagrams_out.add(1);
        } else {
            self.failed.push_back(packet.flow);
        }
    }
}

/// What phones send to keep a NAT open: CRLFs, blanks, zero bytes, or nothing at all.
fn is_keep_alive(datagram: &[u8]) -> bool {
    datagram.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' ' | 0))
}
