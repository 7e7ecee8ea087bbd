//! Keys that are sent: as telephone events (RFC 4733) or as tones.

use std::collections::VecDeque;

use crate::key_event::ToneEvent;
use crate::rtp::{FRAME, FRAME_TICKS, Ticks};
use crate::tone;
use crate::{Key, Law, g711};

/// Keys that wait at once; what is beyond is not sent.
pub(crate) const KEYS_MAX: usize = 64;
/// Beats of 20 ms that a key lasts: 100 ms, which every receiver takes (ITU-T Q.24 asks for 40).
const PRESS_BEATS: u8 = 5;
/// Beats between the start of two keys: 80 ms of pause.
const KEY_BEATS: u8 = 9;
/// Packets that say the end (RFC 4733 §2.5.1.4).
const ENDS: u8 = 3;
/// Level of the events, in dB below 1 mW.
const VOLUME: u8 = 10;

/// What is to be sent in a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyBeat {
    /// A packet of an event that began at this time.
    Event(Ticks, ToneEvent),
    /// A frame of a tone, from this sample of it on.
    Tone(Key, usize),
    /// A frame of silence after a tone.
    Silence,
    /// Nothing: the pause after an event.
    Pause,
}

/// The keys still to be sent.
#[derive(Debug, Default)]
pub(crate) struct KeySender {
    keys: VecDeque<Key>,
    beat: u8,
    start: Option<Ticks>,
}

impl KeySender {
    /// Adds keys; such as are none are left out.
    pub(crate) fn push(&mut self, keys: impl IntoIterator<Item = Key>) {
        let room = KEYS_MAX.saturating_sub(self.keys.len());
        self.keys.extend(keys.into_iter().filter(|key| key.event().is_some()).take(room));
    }

    /// Whether all are sent.
    pub(crate) fn is_done(&self) -> bool {
        self.keys.is_empty()
    }

    /// The next beat; `start` is when an event that begins in it begins. With `events` the keys
    /// are sent as such, otherwise as tones.
    pub(crate) fn beat(&mut self, start: Ticks, events: bool) -> Option<KeyBeat> {
        let key = *self.keys.front()?;
        let code = key.event()?;
        let beat = self.beat;
        if beat == 0 {
            self.start = events.then_some(start);
        }
        self.beat += 1;
        if self.beat == KEY_BEATS {
            self.beat = 0;
            self.keys.pop_front();
        }
        // The way is chosen at a key's start: a new answer in the middle does not split it.
        Some(match self.start {
            Some(start) if beat < PRESS_BEATS + ENDS - 1 => {
                let lasted = (beat + 1).min(PRESS_BEATS);
                let duration = u16::from(lasted) * FRAME_TICKS as u16;
                let end = lasted == PRESS_BEATS;
                KeyBeat::Event(start, ToneEvent { code, end, volume: VOLUME, duration })
            }
            None if beat < PRESS_BEATS => KeyBeat::Tone(key, usize::from(beat) * FRAME),
            None => KeyBeat::Silence,
            Some(_) => KeyBeat::Pause,
        })
    }
}

/// Writes a frame of a key's tone, from its sample `from` on.
pub(crate) fn write_tone(key: Key, law: Law, from: usize, frame: &mut [u8]) {
    for (n, octet) in frame.iter_mut().enumerate() {
        *octet = g711::encode(law, tone::sample(key, from + n));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_grows_and_its_end_is_sent_three_times() {
        let mut sender = KeySender::default();
        sender.push([Key(b'1'), Key(b'?'), Key(b'#')]);
        let beats: Vec<_> = (0..18u32).map_while(|n| sender.beat(Ticks(n * 160), true)).collect();
        assert_eq!(beats.len(), 18);
        assert!(sender.is_done() && sender.beat(Ticks(0), true).is_none());
        let durations: Vec<_> = beats
            .iter()
            .map(|beat| match beat {
                KeyBeat::Event(start, event) => {
                    Some((start.0, event.code, event.duration, event.end))
                }
                KeyBeat::Tone(..) | KeyBeat::Silence | KeyBeat::Pause => None,
            })
            .collect();
        let second = 9 * 160;
        assert_eq!(durations[3], Some((0, 1, 640, false)));
        assert_eq!(durations[4..7], [Some((0, 1, 800, true)); 3]);
        assert_eq!(durations[7..9], [None; 2]);
        assert_eq!(durations[9], Some((second, 11, 160, false)));
    }

    #[test]
    fn at_most_so_many_keys_wait() {
        let mut sender = KeySender::default();
        sender.push(vec![Key(b'1'); KEYS_MAX]);
        assert_eq!(sender.keys.len(), KEYS_MAX);
        sender.push([Key(b'2')]);
        assert_eq!(sender.keys.len(), KEYS_MAX);
    }
}
