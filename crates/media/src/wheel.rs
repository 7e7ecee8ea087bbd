//! The 20 ms wheel: which streams are to send at which millisecond.
//!
//! The streams that need the beat are spread over 20 phases of one millisecond, so that work is
//! even and a stream's packets are exactly 20 ms apart. A few streams share a phase first: waking
//! up for each costs more than the packets.

/// Milliseconds between two packets of a stream.
pub(crate) const BEAT: u64 = 20;
/// Beats that are made up at once when the driver is late. What is beyond is left out: a burst of
/// packets would overflow the far end's jitter buffer, while a pause only delays.
pub(crate) const CATCH_UP_MAX: u64 = 3;

/// Streams that share a phase before another one is begun. Sending to so many takes some 30 µs.
const TOGETHER: usize = 8;

/// A phase of the wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Phase(u8);

/// The slots of streams by phase.
#[derive(Debug)]
pub(crate) struct Wheel {
    phases: [Vec<u32>; BEAT as usize],
    /// A bit for each phase with streams.
    occupied: u32,
    /// The last millisecond that was gone through.
    at: u64,
}

impl Wheel {
    /// A wheel without streams.
    pub(crate) fn new() -> Wheel {
        Wheel { phases: std::array::from_fn(|_| Vec::new()), occupied: 0, at: 0 }
    }

    /// Lets the stream in `slot` be called every beat from the next one after `now` on: in a phase
    /// with a few streams, or else in the one with the fewest, the soonest among equals.
    pub(crate) fn join(&mut self, now: u64, slot: u32) -> Phase {
        self.pass_empty(now);
        let soonest = (0..BEAT).map(|ahead| ((self.at + 1 + ahead) % BEAT) as usize);
        let crowd = |&phase: &usize| match self.phases[phase].len() {
            1..TOGETHER => 0,
            streams => streams + 1,
        };
        let phase = soonest.min_by_key(crowd).unwrap_or(0);
        self.phases[phase].push(slot);
        self.occupied |= 1 << phase;
        Phase(phase as u8)
    }

    /// Lets it be called no more.
    pub(crate) fn leave(&mut self, phase: Phase, slot: u32) {
        let slots = &mut self.phases[usize::from(phase.0)];
        if let Some(place) = slots.iter().position(|&taken| taken == slot) {
            slots.swap_remove(place);
        }
        if slots.is_empty() {
            self.occupied &= !(1 << phase.0);
        }
    }

    /// How many streams are on it.
    pub(crate) fn len(&self) -> usize {
        self.phases.iter().map(Vec::len).sum()
    }

    /// The next millisecond at which a stream is to be called.
    pub(crate) fn next(&self) -> Option<u64> {
        if self.occupied == 0 {
            return None;
        }
        let first = (self.at + 1) % BEAT;
        // The occupied phases, turned so that bit 0 is the next millisecond.
        let doubled = u64::from(self.occupied) | (u64::from(self.occupied) << BEAT);
        Some(self.at + 1 + u64::from((doubled >> first).trailing_zeros()))
    }

    /// Goes on to the next millisecond with streams, if it is not after `now`; takes its streams
    /// out, to be given back with [`Wheel::put_back`].
    pub(crate) fn advance(&mut self, now: u64) -> Option<(u64, Phase, Vec<u32>)> {
        self.at = self.at.max(now.saturating_sub(CATCH_UP_MAX * BEAT));
        match self.next() {
            Some(due) if due <= now => {
                self.at = due;
                let phase = (due % BEAT) as usize;
                Some((due, Phase(phase as u8), std::mem::take(&mut self.phases[phase])))
            }
            Some(_) | None => {
                self.at = self.at.max(now);
                None
            }
        }
    }

    /// Gives back the streams of a phase that are to be called again.
    pub(crate) fn put_back(&mut self, phase: Phase, slots: Vec<u32>) {
        if slots.is_empty() {
            self.occupied &= !(1 << phase.0);
        }
        self.phases[usize::from(phase.0)] = slots;
    }

    /// Goes over milliseconds without streams, so that a stream that joins now does not begin in
    /// the past.
    fn pass_empty(&mut self, now: u64) {
        if self.next().is_none_or(|due| due > now) {
            self.at = self.at.max(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(wheel: &mut Wheel, now: u64) -> Vec<(u64, u32)> {
        let mut called = Vec::new();
        while let Some((at, phase, slots)) = wheel.advance(now) {
            called.extend(slots.iter().map(|&slot| (at, slot)));
            wheel.put_back(phase, slots);
        }
        called
    }

    #[test]
    fn a_stream_is_called_every_20_ms() {
        let mut wheel = Wheel::new();
        wheel.join(1000, 7);
        assert_eq!(wheel.next(), Some(1001));
        assert_eq!(due(&mut wheel, 1041), [(1001, 7), (1021, 7), (1041, 7)]);
        assert_eq!(wheel.next(), Some(1061));
    }

    #[test]
    fn few_streams_share_phases_and_many_spread_over_all() {
        let mut wheel = Wheel::new();
        for slot in 0..40 {
            wheel.join(0, slot);
        }
        assert_eq!(wheel.phases.iter().filter(|slots| slots.len() == 8).count(), 5);
        for slot in 40..1000 {
            wheel.join(0, slot);
        }
        assert!(wheel.phases.iter().all(|slots| slots.len() == 50));
    }

    #[test]
    fn a_late_driver_makes_up_three_beats_and_no_more() {
        let mut wheel = Wheel::new();
        wheel.join(0, 1);
        assert_eq!(due(&mut wheel, 1), [(1, 1)]);
        assert_eq!(due(&mut wheel, 61), [(21, 1), (41, 1), (61, 1)]);
        assert_eq!(due(&mut wheel, 1061), [(1021, 1), (1041, 1), (1061, 1)]);
    }

    #[test]
    fn who_left_is_not_called() {
        let mut wheel = Wheel::new();
        let phase = wheel.join(0, 1);
        wheel.leave(phase, 1);
        assert_eq!(wheel.next(), None);
        assert_eq!(due(&mut wheel, 100), []);
    }
}
