//! Whether keys are sought in the audio, and that none is told twice.

use std::time::Duration;

use ambient::Mono;

use crate::Key;
use crate::rtp::{Header, Seq, Ticks};
use crate::tone_detector::ToneDetector;

/// A gateway that turns tones into events lets the tone's beginning through; an event of the same
/// key so soon after the tone is the same press.
const SAME_PRESS: Duration = Duration::from_millis(300);

/// Audio from so far back is late; from farther it is another time line.
const LATE_MAX: i32 = 8000;

/// Keys heard as tones on a stream.
#[derive(Debug, Default)]
pub(crate) struct ToneKeys {
    /// Made when audio comes that is to be searched.
    detector: Option<Box<ToneDetector>>,
    /// Number of the next packet, if none is lost, and where its audio begins, if there is no pause.
    next: Option<(Seq, Ticks)>,
    last: Option<(Key, Mono)>,
    /// Whether the far end has sent an event: then it sends no keys as tones.
    sends_events: bool,
}

impl ToneKeys {
    /// Whether audio is to be searched. Where events were agreed it is until the first of them,
    /// since some gateways agree and send tones all the same; but not in a talk, where voices could
    /// press keys and only the robot asks for them.
    pub(crate) fn are_sought(&self, events_agreed: bool, in_talk: bool) -> bool {
        !events_agreed || !(in_talk || self.sends_events)
    }

    /// Searches a packet's audio.
    pub(crate) fn hear(
        &mut self,
        now: Mono,
        header: &Header,
        octets: &[u8],
        samples: &[i16; 256],
        mut pressed: impl FnMut(Key),
    ) {
        let detector = self.detector.get_or_insert_with(|| Box::new(ToneDetector::new()));
        match self.next {
            Some((_, ticks)) if (-LATE_MAX..0).contains(&header.ticks.since(ticks)) => return,
            Some((seq, ticks)) if seq == header.seq && ticks != header.ticks => detector.pause(),
            Some((seq, _)) if seq != header.seq => detector.gap(),
            Some(_) | None => {}
        }
        self.next = Some((header.seq.plus(1), header.ticks.plus(octets.len() as u32)));
        detector.hear(octets, samples, |key| {
            self.last = Some((key, now));
            pressed(key);
        });
    }

    /// A press came as an event; says whether it is news.
    pub(crate) fn event(&mut self, now: Mono, key: Key) -> bool {
        self.sends_events = true;
        self.detector = None;
        let told = |(last, at): (Key, Mono)| last == key && now.since(at) < SAME_PRESS;
        !self.last.take().is_some_and(told)
    }
}
