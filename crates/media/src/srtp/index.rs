//! Which packet it is, and whether it came before (RFC 3711 §3.3).

/// Packets that may overtake each other; what is older is taken as a repetition (§3.3.2 asks for 64
/// at least).
const WINDOW: u64 = 128;

/// The packets of one source that were seen: the highest index and a window below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    highest: u64,
    /// Bit n: `highest - n` was seen.
    window: u128,
}

impl Seen {
    /// The first packet of a source.
    pub(super) fn first(index: u64) -> Seen {
        Seen { highest: index, window: 1 }
    }

    /// The index of a sequence number: with the rollover counter that puts it closest to the highest
    /// (§3.3.1). `None` for one from before the first rollover, or past the last of 2^48.
    pub(super) fn guess(&self, seq: u16) -> Option<u64> {
        let rollovers = self.highest >> 16;
        let last = (self.highest & 0xffff) as u16;
        let rollovers = if last < 0x8000 {
            if seq.saturating_sub(last) > 0x8000 { rollovers.checked_sub(1)? } else { rollovers }
        } else if last - 0x8000 > seq {
            rollovers + 1
        } else {
            rollovers
        };
        (rollovers <= u64::from(u32::MAX)).then_some((rollovers << 16) | u64::from(seq))
    }

    /// Whether a packet may be new.
    pub(super) fn is_new(&self, index: u64) -> bool {
        match self.highest.checked_sub(index) {
            None => true,
            Some(back) => back < WINDOW && self.window & (1 << back) == 0,
        }
    }

    /// A packet proved to be authentic.
    pub(super) fn note(&mut self, index: u64) {
        match index.checked_sub(self.highest) {
            None => {
                let back = self.highest - index;
                if back < WINDOW {
                    self.window |= 1 << back;
                }
            }
            Some(ahead) => {
                let shift = u32::try_from(ahead).unwrap_or(u32::MAX);
                self.window = self.window.checked_shl(shift).unwrap_or(0) | 1;
                self.highest = index;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3711_3_3_1_the_rollover_counter_follows_the_sequence() {
        let mut seen = Seen::first(65_534);
        for (seq, index) in [(65_535, 65_535), (1, 65_537), (0, 65_536), (65_533, 65_533)] {
            assert_eq!(seen.guess(seq), Some(index));
            assert!(seen.is_new(index));
            seen.note(index);
            assert!(!seen.is_new(index));
        }
        // From before the first packet that could be.
        assert_eq!(Seen::first(3).guess(65_535), None);
        assert_eq!(Seen::first((1 << 48) - 2).guess(3), None, "2^48 packets are the end of a key");
    }

    #[test]
    fn rfc_3711_3_3_2_what_is_older_than_the_window_is_a_repetition() {
        let mut seen = Seen::first(1000);
        assert!(seen.is_new(1001 - WINDOW));
        assert!(!seen.is_new(1000 - WINDOW));
        seen.note(1001 - WINDOW);
        assert!(!seen.is_new(1001 - WINDOW));
        seen.note(5000);
        assert!(seen.is_new(4999) && !seen.is_new(5000) && !seen.is_new(1000));
    }
}
