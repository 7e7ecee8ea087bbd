//! Playing clips of the library.

use std::sync::Arc;

use crate::library::Clip;
use crate::rtp::FRAME;
use crate::{Law, PlayId, g711};

/// Clips in one `Play`; the rest is not played. The longest announcement of the line, a place in
/// the queue and a waiting time, has about twenty.
pub(crate) const CLIPS_MAX: usize = 64;

/// The level of nothing, in dB of full scale.
pub(crate) const SILENT: f32 = -100.0;

/// One `Play` on its way.
#[derive(Debug)]
pub(crate) struct Player {
    play: PlayId,
    clips: Vec<Arc<Clip>>,
    forever: bool,
    /// The clip that plays.
    at: usize,
    /// How far it has played.
    offset: usize,
}

impl Player {
    /// A play of `clips` from the beginning; `None` if there is nothing to hear.
    pub(crate) fn new(
        play: PlayId,
        clips: impl Iterator<Item = Arc<Clip>>,
        forever: bool,
    ) -> Option<Player> {
        let clips: Vec<_> = clips.filter(|clip| clip.len() > 0).take(CLIPS_MAX).collect();
        let audible = !clips.is_empty();
        audible.then_some(Player { play, clips, forever, at: 0, offset: 0 })
    }

    /// Which `Play` this is.
    pub(crate) fn play(&self) -> PlayId {
        self.play
    }

    /// Whether it begins anew at its end.
    pub(crate) fn is_forever(&self) -> bool {
        self.forever
    }

    /// Fills `frame` with the next sound. Clips follow each other without a gap; the last one is
    /// filled up with silence.
    pub(crate) fn fill(&mut self, law: Law, frame: &mut [u8]) {
        let mut rest = frame;
        while !rest.is_empty() {
            let Some(clip) = self.clips.get(self.at) else {
                rest.fill(g711::silence(law));
                return;
            };
            let sound = &clip.payload(law)[self.offset..];
            let length = sound.len().min(rest.len());
            rest[..length].copy_from_slice(&sound[..length]);
            rest = &mut rest[length..];
            self.go_on(length);
        }
    }

    /// The level of the next 20 ms in dB of full scale; at the end of a clip, of what is left of it.
    pub(crate) fn level(&self) -> f32 {
        let Some(clip) = self.clips.get(self.at) else { return SILENT };
        let octets = &clip.payload(Law::A)[self.offset..];
        let octets = &octets[..octets.len().min(FRAME)];
        let samples = g711::samples(Law::A);
        let square = |octet: &u8| (f32::from(samples[usize::from(*octet)]) / 32_768.0).powi(2);
        let power = octets.iter().map(square).sum::<f32>() / octets.len() as f32;
        10.0 * (power + 1e-10).log10()
    }

    /// Passes over as much sound: the far end is on hold, and time goes on.
    pub(crate) fn skip(&mut self, mut octets: usize) {
        while let Some(clip) = self.clips.get(self.at)
            && octets > 0
        {
            let length = octets.min(clip.len() - self.offset);
            octets -= length;
            self.go_on(length);
        }
    }

    /// Whether nothing is left.
    pub(crate) fn ended(&self) -> bool {
        self.at == self.clips.len()
    }

    /// Moves on by `octets` of the current clip, at most to its end.
    fn go_on(&mut self, octets: usize) {
        self.offset += octets;
        if self.clips.get(self.at).is_some_and(|clip| self.offset >= clip.len()) {
            self.offset = 0;
            self.at += 1;
            if self.forever && self.at == self.clips.len() {
                self.at = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(lengths: &[usize]) -> Vec<Arc<Clip>> {
        lengths.iter().map(|&length| Arc::new(Clip::from_samples(&vec![1000; length]))).collect()
    }

    #[test]
    fn clips_join_without_a_gap_and_the_last_is_filled_up() {
        let mut player = Player::new(PlayId(1), clip(&[100, 100]).into_iter(), false).unwrap();
        let mut frame = [0; 160];
        player.fill(Law::A, &mut frame);
        assert!(frame.iter().all(|&octet| octet == g711::encode(Law::A, 1000)));
        assert!(!player.ended());
        player.fill(Law::A, &mut frame);
        assert_eq!(frame[39], g711::encode(Law::A, 1000));
        assert!(frame[40..].iter().all(|&octet| octet == g711::silence(Law::A)));
        assert!(player.ended());
    }

    #[test]
    fn a_level_is_of_what_is_sent_next() {
        let clips = [vec![16_384; 160], vec![0; 160], vec![1638; 80]];
        let clips = clips.map(|samples| Arc::new(Clip::from_samples(&samples)));
        let mut player = Player::new(PlayId(1), clips.into_iter(), false).unwrap();
        for level in [-6.0, -72.0, -26.0] {
            assert!((player.level() - level).abs() < 1.0, "{} of {level}", player.level());
            player.skip(FRAME);
        }
        assert_eq!(player.level(), SILENT);
    }

    #[test]
    fn music_never_ends() {
        let mut player = Player::new(PlayId(1), clip(&[3]).into_iter(), true).unwrap();
        let mut frame = [0; 160];
        for _ in 0..100 {
            player.fill(Law::Mu, &mut frame);
            assert!(!player.ended() && frame[159] == g711::encode(Law::Mu, 1000));
        }
        player.skip(1_000_001);
        assert!(!player.ended());
    }

    #[test]
    fn nothing_to_hear_is_no_play() {
        assert!(Player::new(PlayId(1), clip(&[0, 0]).into_iter(), true).is_none());
        assert!(Player::new(PlayId(1), clip(&[]).into_iter(), false).is_none());
    }

    #[test]
    fn a_play_has_at_most_so_many_clips() {
        let played = |clips: usize| {
            let mut player =
                Player::new(PlayId(1), clip(&vec![160; clips]).into_iter(), false).unwrap();
            let mut frames = 0;
            while !player.ended() {
                player.skip(160);
                frames += 1;
            }
            frames
        };
        assert_eq!(played(CLIPS_MAX), CLIPS_MAX);
        assert_eq!(played(CLIPS_MAX + 1), CLIPS_MAX);
    }
}
