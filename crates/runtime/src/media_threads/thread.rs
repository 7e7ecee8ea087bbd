//! The loop of one media thread.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use ambient::Now;
use media::{Channel, Command, Engine, Event, Origin, StreamId};
use recorder::Recorder;

use super::ports::{Pair, Ports};
use super::{Order, filter};
use crate::clock::Clock;
use crate::ears::Ears;
use crate::figures::Figures;
use crate::mail::MediaEvents;
use crate::poll::{Batch, Poller, Ready};

/// Packets of one turn that count as having come at the same time: reading the clock for each costs
/// as much as parsing it, and they are a tenth of a millisecond apart.
const AT_ONCE: usize = 16;
/// Most commands taken in one turn.
const COMMANDS_A_TURN: usize = 256;
/// Largest packet; a longer one is cut, and no valid RTP of telephony.
const BUFFER: usize = 2048;

/// What one media thread holds.
pub(crate) struct MediaThread {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) poller: Poller,
    pub(crate) commands: Receiver<Order>,
    pub(crate) events: MediaEvents,
    pub(crate) ears: Option<Ears>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) sockets: StreamSockets,
    pub(crate) figures: Arc<Figures>,
}

/// The sockets of all streams of a thread.
pub(crate) struct StreamSockets {
    ports: Ports,
    /// The address told to the far ends.
    advertised: IpAddr,
    slots: Vec<Option<(StreamId, Pair)>>,
    free: Vec<usize>,
    by_stream: HashMap<StreamId, usize>,
}

impl MediaThread {
    /// Runs until the signalling thread is gone.
    pub(crate) fn run(mut self) -> std::io::Result<()> {
        let mut batch = Batch::new();
        let mut buffer = [0; BUFFER];
        loop {
            let due = self.engine.next_timeout();
            let patience = due.map(|at| self.clock.until(at));
            let rang = self.poller.wait(&mut batch, patience)?;
            let mut now = self.clock.now();
            if let Some(due) = due {
                self.note_lateness(now.mono.since(due), patience.unwrap_or_default());
            }
            for (place, ready) in batch.iter().enumerate() {
                if place > 0 && place.is_multiple_of(AT_ONCE) {
                    now = self.clock.now();
                }
                self.read(now, ready, &mut buffer);
            }
            if rang && !self.obey() {
                return Ok(());
            }
            if self.engine.next_timeout().is_some_and(|at| at <= now.mono) {
                self.engine.handle_timeout(now);
                self.drain();
            }
        }
    }

    /// Takes one packet. A socket that holds more is told of again by the next wait, which costs less
    /// than to ask each whether it is empty: nearly all hold one.
    fn read(&mut self, now: Now, ready: Ready, buffer: &mut [u8]) {
        let slot = usize::try_from(ready.token / 2).unwrap_or(usize::MAX);
        let channel = if ready.token.is_multiple_of(2) { Channel::Rtp } else { Channel::Rtcp };
        let Some(Some((stream, pair))) = self.sockets.slots.get(slot) else { return };
        let stream = *stream;
        let Ok((length, from)) = socket(pair, channel).recv_from(buffer) else { return };
        self.figures.media_in.add(1);
        self.engine.handle_packet(now, stream, channel, from, &buffer[..length]);
        self.drain();
    }

    /// Takes commands; false if there will never be one again.
    fn obey(&mut self) -> bool {
        for _ in 0..COMMANDS_A_TURN {
            match self.commands.try_recv() {
                Ok(Order::Command(Command::Open { stream, .. })) => self.open(stream),
                Ok(Order::Prompts(library)) => self.engine.set_library(library),
                Ok(Order::Command(command)) => {
                    self.engine.handle_command(self.clock.now(), command)
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
            self.drain();
        }
        self.poller.bell().ring();
        true
    }

    fn open(&mut self, stream: StreamId) {
        match self.sockets.open(&self.poller, stream) {
            Some(local) => {
                self.figures.media_streams.add(1);
                self.engine.opened(self.clock.now(), stream, local);
            }
            None => {
                self.figures.media_refused.add(1);
                self.events.send(Event::OpenFailed { stream });
            }
        }
    }

    fn drain(&mut self) {
        let (mut sent, mut unsent) = (0, 0);
        while let Some(transmit) = self.engine.poll_transmit() {
            match self.sockets.send(
                transmit.stream,
                transmit.channel,
                transmit.to,
                transmit.payload,
            ) {
                Some(Ok(())) => sent += 1,
                Some(Err(_)) => unsent += 1,
                None => {}
            }
        }
        if sent + unsent > 0 {
            self.figures.media_out.add(sent);
            self.figures.media_unsent.add(unsent);
        }
        while let Some(block) = self.engine.poll_recorded() {
            if let Some(recorder) = &self.recorder {
                recorder.order(recorder::Order::Block(block));
            }
        }
        while let Some(event) = self.engine.poll_event() {
            if let Event::Closed { stream, .. } | Event::OpenFailed { stream } = &event {
                self.sockets.close(*stream);
                self.figures.media_streams.sub(1);
            }
            match (event, &self.ears) {
                (Event::Heard { stream, samples, sent }, Some(ears)) => {
                    ears.hear(stream, samples, sent);
                }
                (Event::Narrowed { stream, to }, _) => self.sockets.narrow(stream, to),
                (event, _) => self.events.send(event),
            }
        }
    }

    /// Remembers the longest delay of a wake-up by time: what RTP's pacing cannot be better than.
    fn note_lateness(&self, late: Duration, slept: Duration) {
        if !slept.is_zero() {
            let nanos = u64::try_from(late.as_nanos()).unwrap_or(u64::MAX);
            self.figures.media_latest_nanos.max(nanos);
        }
    }
}

impl StreamSockets {
    pub(crate) fn new(ports: Ports, advertised: IpAddr) -> StreamSockets {
        StreamSockets {
            ports,
            advertised,
            slots: Vec::new(),
            free: Vec::new(),
            by_stream: HashMap::new(),
        }
    }

    fn open(&mut self, poller: &Poller, stream: StreamId) -> Option<SocketAddr> {
        let pair = self.ports.take()?;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        let token = slot as u64 * 2;
        if poller.add(&pair.rtp, token).and_then(|()| poller.add(&pair.rtcp, token + 1)).is_err() {
            self.ports.give_back(pair);
            self.free.push(slot);
            return None;
        }
        let local = SocketAddr::new(self.advertised, pair.port);
        self.slots[slot] = Some((stream, pair));
        self.by_stream.insert(stream, slot);
        Some(local)
    }

    fn close(&mut self, stream: StreamId) {
        let Some(slot) = self.by_stream.remove(&stream) else { return };
        if let Some((_, pair)) = self.slots[slot].take() {
            self.ports.give_back(pair);
        }
        self.free.push(slot);
    }

    /// The kernel takes no more than the engine would. Where it cannot be told, the engine refuses the rest itself.
    fn narrow(&self, stream: StreamId, to: Option<Origin>) {
        let slot = self.by_stream.get(&stream).and_then(|slot| self.slots[*slot].as_ref());
        let Some((_, pair)) = slot else { return };
        if let Err(error) = filter::narrow(&pair.rtp, to) {
            tracing::debug!(port = pair.port, %error, "cannot filter a port of RTP");
        }
    }

    /// `None` if the stream is gone.
    fn send(
        &self,
        stream: StreamId,
        channel: Channel,
        to: SocketAddr,
        payload: &[u8],
    ) -> Option<std::io::Result<()>> {
        let (_, pair) = self.slots[*self.by_stream.get(&stream)?].as_ref()?;
        Some(socket(pair, channel).send_to(payload, to).map(|_| ()))
    }
}

fn socket(pair: &Pair, channel: Channel) -> &UdpSocket {
    match channel {
        Channel::Rtp => &pair.rtp,
        Channel::Rtcp => &pair.rtcp,
    }
}
