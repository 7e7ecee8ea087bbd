//! Supervisors who listen to a talk, whisper to one side of it, or join it.
//!
//! Who takes part in a watched talk has a [`Voice`], where what comes from the far end waits in order for
//! the next beat of the one clock by which all watched talks of an engine are mixed: so everybody is heard
//! by several others with each frame taken once. Who hears no more than the partner of the bridge goes on
//! being sent copies of the partner's packets; who hears more is sent sums.

use ambient::Mono;

use crate::engine::Engine;
use crate::listener::Listener;
use crate::outbox::Outbox;
use crate::recording::Side;
use crate::rtp::{FRAME, Ticks};
use crate::stream::Stream;
use crate::streams::Streams;
use crate::wheel::Phase;
use crate::{Law, MonitorMode, StreamId, g711};

/// Supervisors on one stream; one more is not attached.
pub const MONITORS_MAX: usize = 4;

/// The mixer's place among the slots of the wheel; no stream has it.
pub(crate) const MIXER: u32 = u32::MAX;

/// Who watches whom.
#[derive(Debug, Default)]
pub(crate) struct Monitors {
    list: Vec<Monitor>,
    /// Slots of streams with a voice, in order.
    voices: Vec<u32>,
    /// The mixer's place on the wheel, while there is a monitor.
    phase: Option<Phase>,
}

/// One supervisor on one stream.
#[derive(Clone, Copy, Debug)]
struct Monitor {
    by: u32,
    on: u32,
    mode: MonitorMode,
}

/// What comes from a far end, on its way to several others.
#[derive(Debug)]
pub(crate) struct Voice {
    listener: Listener,
    /// The 20 ms that are being mixed.
    frame: [i16; FRAME],
    /// The stream is sent sums instead of copies.
    pub(crate) hears_sum: bool,
}

impl Voice {
    fn new() -> Voice {
        Voice { listener: Listener::new(), frame: [0; FRAME], hears_sum: false }
    }

    /// Audio came from the far end.
    pub(crate) fn put(&mut self, start: Ticks, octets: &[u8], samples: &[i16; 256]) {
        self.listener.put(start, octets, samples);
    }

    /// The far end begins another time line.
    pub(crate) fn begin_anew(&mut self) {
        self.listener.begin_anew();
    }
}

impl Monitors {
    /// Supervisors who watch, and voices that are mixed for them.
    pub(crate) fn len(&self) -> usize {
        self.list.len() + self.voices.len()
    }

    /// Whom the stream in `slot` hears: the partner of its bridge, or both sides of the talk that it
    /// watches; and the supervisors who are to be heard there.
    fn heard_by(&self, slot: u32, ways: Ways) -> impl Iterator<Item = u32> {
        let (sides, talk) = match ways.watches {
            Some((on, beside)) => ([Some(on), beside], [Some(on), beside]),
            None => ([ways.partner, None], [Some(slot), ways.partner]),
        };
        let is_heard = move |monitor: &&Monitor| match monitor.mode {
            _ if monitor.by == slot => false,
            MonitorMode::Listen => false,
            MonitorMode::Whisper => monitor.on == slot,
            MonitorMode::Join => talk.contains(&Some(monitor.on)),
        };
        let supervisors = self.list.iter().filter(is_heard).map(|monitor| monitor.by);
        sides.into_iter().flatten().chain(supervisors)
    }

    /// How the stream in `slot` is tied to others.
    fn ways(&self, streams: &mut Streams, slot: u32) -> Ways {
        let mut partner = |slot| streams.get(slot).and_then(|stream| stream.partner);
        let watched = self.list.iter().find(|monitor| monitor.by == slot);
        Ways {
            watches: watched.map(|monitor| (monitor.on, partner(monitor.on))),
            partner: partner(slot),
        }
    }
}

/// How a stream is tied to others.
#[derive(Clone, Copy, Debug)]
struct Ways {
    /// The stream that it watches, and the partner of that one.
    watches: Option<(u32, Option<u32>)>,
    /// The partner of its own bridge.
    partner: Option<u32>,
}

/// Orders.
impl Engine {
    /// Attaches a supervisor's stream to another one, or changes how it takes part. Nobody watches who
    /// watches, and who is in a bridge leaves it first.
    pub(crate) fn monitor(&mut self, now: Mono, by: StreamId, on: StreamId, mode: MonitorMode) {
        let (Some(by), Some(on)) = (self.streams.slot(by), self.streams.slot(on)) else { return };
        let list = &self.monitors.list;
        let others = list.iter().filter(|monitor| monitor.on == on && monitor.by != by).count();
        let is_watched = list.iter().any(|monitor| monitor.on == by);
        let watches = list.iter().any(|monitor| monitor.by == on);
        if by == on || is_watched || watches || others >= MONITORS_MAX {
            return;
        }
        self.unbridge(by);
        self.monitors.list.retain(|monitor| monitor.by != by);
        self.monitors.list.push(Monitor { by, on, mode });
        self.settle_monitors(now);
    }

    /// The stream in `slot` watches nobody any more.
    pub(crate) fn stop_monitoring(&mut self, now: Mono, slot: u32) {
        self.monitors.list.retain(|monitor| monitor.by != slot);
        self.settle_monitors(now);
    }

    /// The stream in `slot` is about to go: nobody watches it, and it watches nobody.
    pub(crate) fn forget_monitors(&mut self, now: Mono, slot: u32) {
        self.monitors.list.retain(|monitor| monitor.by != slot && monitor.on != slot);
        self.settle_monitors(now);
    }

    /// Monitors or bridges have changed: gives a voice to whoever is heard by several, and takes it from
    /// whoever is not. Without monitors it costs nothing.
    pub(crate) fn settle_monitors(&mut self, now: Mono) {
        if self.monitors.list.is_empty() && self.monitors.voices.is_empty() {
            return;
        }
        let mut voices: Vec<u32> = Vec::new();
        for monitor in &self.monitors.list {
            let partner = self.streams.get(monitor.on).and_then(|stream| stream.partner);
            voices.extend([Some(monitor.by), Some(monitor.on), partner].into_iter().flatten());
        }
        voices.sort_unstable();
        voices.dedup();
        for slot in std::mem::take(&mut self.monitors.voices) {
            if voices.binary_search(&slot).is_err()
                && let Some(stream) = self.streams.get(slot)
            {
                stream.voice = None;
            }
        }
        for &slot in &voices {
            let ways = self.monitors.ways(&mut self.streams, slot);
            let supervisors =
                self.monitors.heard_by(slot, ways).any(|heard| Some(heard) != ways.partner);
            let Some(stream) = self.streams.get(slot) else { continue };
            let voice = stream.voice.get_or_insert_with(|| Box::new(Voice::new()));
            voice.hears_sum = ways.watches.is_some() || supervisors;
        }
        self.monitors.voices = voices;
        match (self.monitors.list.is_empty(), self.monitors.phase) {
            (false, None) => self.monitors.phase = Some(self.join_wheel(now, MIXER)),
            (true, Some(phase)) => {
                self.monitors.phase = None;
                self.leave_wheel(phase, MIXER);
            }
            (false, Some(_)) | (true, None) => {}
        }
    }
}

/// The beat.
impl Engine {
    /// A beat of the mixer: takes 20 ms of every voice and sends whoever hears several their sum.
    pub(crate) fn mix(&mut self, at: Mono) {
        let voices = std::mem::take(&mut self.monitors.voices);
        for &slot in &voices {
            let stream = self.streams.get(slot);
            if let Some(voice) = stream.and_then(|stream| stream.voice.as_deref_mut()) {
                voice.listener.take_into(&mut voice.frame);
            }
        }
        for &slot in &voices {
            self.send_sum(at, slot);
        }
        self.monitors.voices = voices;
    }

    fn send_sum(&mut self, at: Mono, slot: u32) {
        if !self.streams.get(slot).is_some_and(|stream| stream.hears_sum()) {
            return;
        }
        let ways = self.monitors.ways(&mut self.streams, slot);
        let mut sum = [0; FRAME];
        for heard in self.monitors.heard_by(slot, ways) {
            if let Some(voice) = self.streams.get(heard).and_then(|stream| stream.voice.as_ref()) {
                sum.iter_mut().zip(&voice.frame).for_each(|(sum, one)| *sum += i32::from(*one));
            }
        }
        let Some(stream) = self.streams.get(slot) else { return };
        if stream.send_sum(at, &sum, &mut self.outbox)
            && let Some(partner) = ways.partner
        {
            self.record_mixed(at, slot, partner);
        }
    }

    /// What is recorded of a talk is what its two sides say to each other, whoever else is heard.
    fn record_mixed(&mut self, at: Mono, slot: u32, partner: u32) {
        let Some(stream) = self.streams.get(partner) else { return };
        let Some(said) = stream.voice.as_ref().map(|voice| voice.frame) else { return };
        for (slot, side) in [(slot, Side::Far), (partner, Side::Near)] {
            let Some(stream) = self.streams.get(slot) else { continue };
            if let Some(recording) = &mut stream.recording {
                recording.put_samples(side, at, &said);
            }
        }
    }
}

impl Stream {
    /// Whether it is sent sums, not copies of its partner's packets.
    pub(crate) fn hears_sum(&self) -> bool {
        self.voice.as_ref().is_some_and(|voice| voice.hears_sum)
    }

    /// Sends 20 ms of a sum; not while it has something of its own to say, or nowhere to say it.
    fn send_sum(&mut self, at: Mono, sum: &[i32; FRAME], outbox: &mut Outbox) -> bool {
        let Some(route) = self.route().filter(|_| !self.is_speaking()) else { return false };
        self.frame(at, &route, outbox, |octets| write(route.law, sum, octets));
        true
    }
}

/// Writes samples in a law; what is too loud for it is as loud as it can be.
fn write(law: Law, sum: &[i32; FRAME], octets: &mut [u8]) {
    for (octet, sample) in octets.iter_mut().zip(sum) {
        let sample = (*sample).clamp(i32::from(i16::MIN), i32::from(i16::MAX));
        *octet = g711::encode(law, sample as i16);
    }
}
