//! A talk as it is recorded: what each of the two heard of the other, on one time line.
//!
//! Only what is relayed is recorded, so that prompts, music and what is said while the other side
//! holds leave silence; and, where that is wanted, what somebody says to nobody: to the robot. Packets are put where they belong by their time stamps; a block is given
//! out when hardly anything can still come for it.

use std::time::Duration;

use ambient::Mono;

use crate::rtp::{FRAME, Ticks};
use crate::{Law, RecordedBlock, RecordingId, g711};

/// Samples of each side in a block: half a second. What is not given out yet is lost if the program
/// dies.
pub const RECORDED_SAMPLES: usize = 4000;
/// How late a packet may come and still find its block: half a second.
const LATE_MAX: u32 = 4000;
/// A time stamp so far from the clock is that of another time line: half a second.
const LEAP: u32 = 4000;
/// Samples of each side that are kept: a block, what it waits for, and a second that comes too early.
const SPAN: usize = RECORDED_SAMPLES + LATE_MAX as usize + 8000;

/// Who speaks, for the stream that is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Its own far end.
    Near = 0,
    /// The far end of the stream that it is bridged with.
    Far = 1,
}

/// One recording on its way.
#[derive(Debug)]
pub(crate) struct Recording {
    id: RecordingId,
    law: Law,
    /// What is said to nobody is recorded too.
    alone: bool,
    /// What to add to the time stamps of who speaks alone.
    shift: Option<i32>,
    began: Mono,
    /// The block that is given out next.
    next: u32,
    /// Samples by their time, the two sides in turn.
    ring: Box<[u8; SPAN * 2]>,
}

impl Recording {
    /// A recording that begins now.
    pub(crate) fn new(id: RecordingId, law: Law, alone: bool, now: Mono) -> Recording {
        let ring = Box::new([g711::silence(law); SPAN * 2]);
        Recording { id, law, alone, shift: None, began: now, next: 0, ring }
    }

    /// Puts in what the near side said to nobody, if that is recorded; `stamp` is its own time, which is
    /// laid on the driver's clock by the first packet, and anew when it leaps.
    pub(crate) fn put_alone(&mut self, now: Mono, stamp: Ticks, law: Law, octets: &[u8]) {
        if !self.alone {
            return;
        }
        let clock = ticks(now);
        let is_near =
            |shift: &i32| clock.since(stamp.plus(shift.cast_unsigned())).unsigned_abs() < LEAP;
        let shift = self.shift.filter(is_near).unwrap_or_else(|| clock.since(stamp));
        self.shift = Some(shift);
        self.put(Side::Near, stamp.plus(shift.cast_unsigned()), law, octets);
    }

    /// Puts in what one side said; `at` is its time on the clock of the driver's start. What comes
    /// too late or far too early is left out.
    pub(crate) fn put(&mut self, side: Side, at: Ticks, law: Law, octets: &[u8]) {
        let table = g711::transcoding(law, self.law);
        let first = self.first_kept();
        let begin = i64::from(at.since(ticks(self.began)));
        for (n, octet) in (begin..).zip(octets) {
            if (first..first + SPAN as i64).contains(&n) {
                let octet = table.map_or(*octet, |table| table[usize::from(*octet)]);
                self.ring[place(n, side)] = octet;
            }
        }
    }

    /// Puts in 20 ms that one side says now.
    pub(crate) fn put_samples(&mut self, side: Side, now: Mono, samples: &[i16; FRAME]) {
        let octets = samples.map(|sample| g711::encode(self.law, sample));
        self.put(side, ticks(now), self.law, &octets);
    }

    /// When the next block is to be taken.
    pub(crate) fn due(&self) -> Mono {
        let samples = (u64::from(self.next) + 1) * RECORDED_SAMPLES as u64 + u64::from(LATE_MAX);
        self.began + Duration::from_micros(samples * 125)
    }

    /// Takes the next block.
    pub(crate) fn take(&mut self) -> RecordedBlock {
        self.block(RECORDED_SAMPLES, false)
    }

    /// Takes all up to now; the last block says that it is the last, and may be short.
    pub(crate) fn finish(&mut self, now: Mono, mut give: impl FnMut(RecordedBlock)) {
        let lasted = i64::try_from(now.since(self.began).as_micros() / 125).unwrap_or(i64::MAX);
        let mut left = usize::try_from(lasted - self.first_kept()).unwrap_or(0);
        while left > RECORDED_SAMPLES {
            give(self.take());
            left -= RECORDED_SAMPLES;
        }
        give(self.block(left, true));
    }

    fn block(&mut self, samples: usize, last: bool) -> RecordedBlock {
        let first = self.first_kept();
        let mut octets = vec![0; samples * 2].into_boxed_slice();
        for (n, pair) in (first..).zip(octets.chunks_exact_mut(2)) {
            let from = place(n, Side::Near);
            let kept = &mut self.ring[from..from + 2];
            pair.copy_from_slice(kept);
            kept.fill(g711::silence(self.law));
        }
        let number = self.next;
        self.next += 1;
        RecordedBlock { recording: self.id, number, octets, last }
    }

    /// The first sample that is not given out yet.
    fn first_kept(&self) -> i64 {
        i64::from(self.next) * RECORDED_SAMPLES as i64
    }
}

/// The driver's clock in samples.
fn ticks(at: Mono) -> Ticks {
    Ticks((at.since_start().as_micros() / 125) as u32)
}

/// Where a sample lies in the ring.
fn place(n: i64, side: Side) -> usize {
    (n.unsigned_abs() % SPAN as u64) as usize * 2 + side as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Mono {
        Mono::from_start(Duration::from_millis(ms))
    }

    fn recording() -> Box<Recording> {
        Box::new(Recording::new(RecordingId(7), Law::A, false, at(10_000)))
    }

    /// 20 ms that begin so many milliseconds after the recording.
    fn put(recording: &mut Recording, side: Side, ms: i64, octet: u8) {
        let begin = ticks(at(10_000)).plus((ms * 8) as u32);
        recording.put(side, begin, Law::A, &[octet; 160]);
    }

    fn side(block: &RecordedBlock, side: Side) -> Vec<u8> {
        block.octets.iter().skip(side as usize).step_by(2).copied().collect()
    }

    #[test]
    fn each_side_stands_at_its_time_and_what_is_missing_is_silent() {
        let mut recording = recording();
        put(&mut recording, Side::Near, 40, 1);
        put(&mut recording, Side::Far, 20, 2);
        // Overtaken, and half of it from before the beginning.
        put(&mut recording, Side::Near, 0, 3);
        put(&mut recording, Side::Far, -10, 4);
        let block = recording.take();
        assert_eq!((block.recording, block.number, block.last), (RecordingId(7), 0, false));
        let (near, far) = (side(&block, Side::Near), side(&block, Side::Far));
        assert_eq!(near[..160], [3; 160]);
        assert_eq!(near[160..320], [0xd5; 160]);
        assert_eq!(near[320..480], [1; 160]);
        assert!(far[..80] == [4; 80] && far[80..160] == [0xd5; 80] && far[160..320] == [2; 160]);
        assert!(near[480..].iter().chain(&far[320..]).all(|&octet| octet == 0xd5));
    }

    #[test]
    fn a_block_waits_for_what_is_late_and_not_for_ever() {
        let mut recording = recording();
        assert_eq!(recording.due(), at(11_000));
        put(&mut recording, Side::Near, 480, 1);
        put(&mut recording, Side::Near, 1480, 2);
        assert_eq!(side(&recording.take(), Side::Near)[3840..], [1; 160]);
        put(&mut recording, Side::Near, 400, 9);
        for _ in 1..3 {
            put(&mut recording, Side::Near, 5000, 9);
            assert!(
                side(&recording.take(), Side::Near)[..3840].iter().all(|&o| o == 0xd5 || o == 2)
            );
        }
        assert_eq!(recording.due(), at(12_500));
    }

    #[test]
    fn the_end_is_exact_and_told() {
        let mut recording = recording();
        put(&mut recording, Side::Near, 1100, 5);
        let mut blocks = Vec::new();
        recording.finish(at(11_110), |block| blocks.push(block));
        let lengths: Vec<_> = blocks.iter().map(|block| block.octets.len()).collect();
        assert_eq!(lengths, [8000, 8000, 1760]);
        assert_eq!(blocks.iter().map(|block| block.last).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(side(&blocks[2], Side::Near)[800..], [5; 80]);
        // Stopped as soon as it began.
        let mut blocks = Vec::new();
        self::recording().finish(at(10_000), |block| blocks.push(block));
        assert!(blocks.len() == 1 && blocks[0].last && blocks[0].octets.is_empty());
    }

    #[test]
    fn another_law_is_written_in_that_of_the_recording() {
        let mut recording = recording();
        let loud = g711::encode(Law::Mu, 8000);
        recording.put(Side::Far, ticks(at(10_000)), Law::Mu, &[loud; 160]);
        let heard = side(&recording.take(), Side::Far)[5];
        assert!((7500..8500).contains(&g711::samples(Law::A)[usize::from(heard)]));
    }

    #[test]
    fn the_clock_may_wrap() {
        let began = Mono::from_start(Duration::from_secs(u64::from(u32::MAX) / 8000));
        let mut recording = Recording::new(RecordingId(1), Law::A, false, began);
        recording.put(Side::Near, ticks(began + Duration::from_millis(900)), Law::A, &[1; 160]);
        recording.take();
        assert_eq!(side(&recording.take(), Side::Near)[3200..3360], [1; 160]);
    }
}
