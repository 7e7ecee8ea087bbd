//! Audio in order for whoever listens: a small adaptive jitter buffer with simple concealment.
//!
//! Samples lie in a ring by their time stamps, so that order, duplicates and the packets' length do
//! not matter. One frame is taken out every 20 ms. The delay grows by what comes too late and
//! shrinks when for a while everything came early.

use crate::rtp::{FRAME, Ticks};

/// Samples in the ring: more than the delay's ceiling and the longest packet together.
const RING: usize = 4096;
/// Delay at the start: 40 ms.
const DELAY_START: u32 = 320;
/// The longest delay: 200 ms; what comes earlier is too early, and the delay begins anew.
pub(crate) const DELAY_MAX: i32 = 1600;
/// What is so far behind is not late but another time line.
const BEHIND_MAX: i32 = 8000;
/// The delay shrinks when so many frames in sequence had [`SPARE`] more than they needed: 2 s.
const CALM: u16 = 100;
const SPARE: i32 = 320;
/// A lost frame is replaced by the one before, at half the level each time, so often.
const REPEATS: u8 = 3;
/// No sample in the ring: G.711 has no such.
const MISSING: i16 = i16::MIN;

/// A jitter buffer.
#[derive(Debug)]
pub(crate) struct Listener {
    ring: Box<[i16; RING]>,
    /// Time of the next sample to be taken out; unknown before the first packet.
    next: Option<Ticks>,
    /// End of the newest packet.
    end: Ticks,
    /// Frames to be inserted because packets came late.
    owed: u8,
    /// Frames since the spare was small.
    calm: u16,
    last: [i16; FRAME],
    repeats: u8,
}

impl Listener {
    /// An empty buffer.
    pub(crate) fn new() -> Listener {
        Listener {
            ring: Box::new([MISSING; RING]),
            next: None,
            end: Ticks(0),
            owed: 0,
            calm: 0,
            last: [0; FRAME],
            repeats: REPEATS,
        }
    }

    /// Whether audio has come, so that frames are to be taken out.
    pub(crate) fn is_started(&self) -> bool {
        self.next.is_some()
    }

    /// The far end begins another time line: the next packet begins the buffer anew.
    pub(crate) fn begin_anew(&mut self) {
        self.next = None;
    }

    /// Puts a packet's audio in.
    pub(crate) fn put(&mut self, start: Ticks, octets: &[u8], samples: &[i16; 256]) {
        let next = match self.next {
            Some(next) if (-BEHIND_MAX..=DELAY_MAX).contains(&start.since(next)) => next,
            Some(_) | None => self.restart(start),
        };
        let ahead = start.since(next);
        if ahead < 0 {
            let late = ahead.unsigned_abs() as usize;
            let room = (DELAY_MAX - self.end.since(next).max(0)).max(0) as usize / FRAME;
            self.owed = self.owed.max(late.div_ceil(FRAME).min(room) as u8);
            self.calm = 0;
        }
        for (n, octet) in octets.iter().enumerate() {
            let at = start.plus(n as u32);
            if at.since(next) >= 0 {
                self.ring[at.0 as usize % RING] = samples[usize::from(*octet)];
            }
        }
        self.end = self.end.later(start.plus(octets.len() as u32));
    }

    /// Takes the next frame out.
    pub(crate) fn take(&mut self) -> Box<[i16; FRAME]> {
        let mut frame = Box::new([MISSING; FRAME]);
        self.take_into(&mut frame);
        frame
    }

    /// The same into a place that is there already.
    pub(crate) fn take_into(&mut self, frame: &mut [i16; FRAME]) {
        frame.fill(MISSING);
        if let Some(next) = self.next {
            if self.owed > 0 {
                self.owed -= 1;
            } else {
                let next = self.shrink(next);
                for (n, sample) in frame.iter_mut().enumerate() {
                    let place = &mut self.ring[next.plus(n as u32).0 as usize % RING];
                    *sample = std::mem::replace(place, MISSING);
                }
                self.next = Some(next.plus(FRAME as u32));
            }
        }
        self.conceal(frame);
    }

    /// Leaves a frame out if everything has come early for a while; gives the next sample's time.
    fn shrink(&mut self, next: Ticks) -> Ticks {
        let spare = self.end.since(next) - FRAME as i32;
        self.calm = if spare >= SPARE { self.calm + 1 } else { 0 };
        if self.calm < CALM {
            return next;
        }
        self.calm = 0;
        for n in 0..FRAME as u32 {
            self.ring[next.plus(n).0 as usize % RING] = MISSING;
        }
        next.plus(FRAME as u32)
    }

    fn restart(&mut self, start: Ticks) -> Ticks {
        self.ring.fill(MISSING);
        let next = start.plus(DELAY_START.wrapping_neg());
        (self.next, self.end, self.owed, self.calm) = (Some(next), start, 0, 0);
        next
    }

    /// Fills what is missing with the frame before, ever more quietly, and then with silence.
    fn conceal(&mut self, frame: &mut [i16; FRAME]) {
        let missing = frame.iter().filter(|&&sample| sample == MISSING).count();
        if missing == 0 {
            self.repeats = 0;
        } else if self.repeats < REPEATS {
            self.repeats += 1;
        } else {
            self.last.fill(0);
        }
        for (sample, last) in frame.iter_mut().zip(&self.last) {
            if *sample == MISSING {
                *sample = last / 2;
            }
        }
        self.last = *frame;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Law, g711};

    /// Puts packet `n` of a stream, every sample of which says `n`.
    fn put(listener: &mut Listener, n: u32) {
        let octet = octet(n);
        listener.put(Ticks(5000).plus(n * 160), &[octet; 160], g711::samples(Law::A));
    }

    fn octet(n: u32) -> u8 {
        0x80 | (n % 100) as u8
    }

    /// Which packet a frame is, by its samples.
    fn which(frame: &[i16; FRAME]) -> Option<u32> {
        let table = g711::samples(Law::A);
        let all = frame.iter().all(|sample| *sample == frame[0]);
        (0..100).find(|&n| all && table[usize::from(octet(n))] == frame[0])
    }

    #[test]
    fn audio_comes_out_in_order_whatever_the_order_it_came_in() {
        let mut listener = Listener::new();
        put(&mut listener, 0);
        let mut heard = vec![which(&listener.take())];
        for pair in 0..20 {
            put(&mut listener, 2 * pair + 2);
            put(&mut listener, 2 * pair + 1);
            put(&mut listener, 2 * pair + 1);
            heard.extend([which(&listener.take()), which(&listener.take())]);
        }
        let in_order: Vec<_> = (0..39).map(Some).collect();
        assert_eq!(heard[2..], in_order);
    }

    #[test]
    fn a_loss_is_concealed_and_a_pause_fades_to_silence() {
        let mut listener = Listener::new();
        for n in [0, 1, 2, 4, 5] {
            put(&mut listener, n);
        }
        let frames: Vec<_> = (0..20).map(|_| listener.take()).collect();
        assert_eq!(which(&frames[4]), Some(2));
        assert_eq!(frames[5][0], frames[4][0] / 2);
        assert_eq!((which(&frames[6]), which(&frames[7])), (Some(4), Some(5)));
        assert!(frames[8][0] != 0 && frames[10][0] != 0);
        assert!(frames[11..].iter().all(|frame| frame.iter().all(|&sample| sample == 0)));
    }

    #[test]
    fn lateness_grows_the_delay_and_then_nothing_is_lost() {
        let mut listener = Listener::new();
        let mut heard = Vec::new();
        let mut waiting = std::collections::VecDeque::new();
        for n in 0..200 {
            // From the tenth packet on all come 100 ms later.
            waiting.push_back((if n < 10 { n } else { n + 5 }, n));
            while waiting.front().is_some_and(|(due, _)| *due <= n) {
                put(&mut listener, waiting.pop_front().unwrap().1);
            }
            heard.push(which(&listener.take()));
        }
        let after: Vec<_> = heard[30..].iter().flatten().collect();
        assert!(after.windows(2).all(|two| *two[1] == (*two[0] + 1) % 100), "{heard:?}");
    }

    #[test]
    fn a_delay_that_is_not_needed_shrinks() {
        let mut listener = Listener::new();
        let delay = |listener: &Listener| listener.end.since(listener.next.unwrap());
        put(&mut listener, 0);
        for n in 1..=8 {
            put(&mut listener, n);
        }
        let before = delay(&listener);
        for n in 9..1000 {
            listener.take();
            put(&mut listener, n);
        }
        assert!(
            delay(&listener) < before && delay(&listener) <= 160 + SPARE + 160,
            "{}",
            delay(&listener)
        );
    }

    #[test]
    fn the_delay_has_a_ceiling() {
        let mut listener = Listener::new();
        for n in 0..50 {
            put(&mut listener, n);
            assert!(listener.end.since(listener.next.unwrap()) <= DELAY_MAX + 160);
        }
        put(&mut listener, 100_000);
        assert!(listener.end.since(listener.next.unwrap()) <= 480);
    }

    #[test]
    fn before_the_first_packet_there_is_nothing_to_take() {
        let mut listener = Listener::new();
        assert!(!listener.is_started());
        put(&mut listener, 0);
        assert!(listener.is_started());
        listener.begin_anew();
        assert!(!listener.is_started());
    }
}
