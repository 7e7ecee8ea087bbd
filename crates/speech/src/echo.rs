//! What comes back of our own prompts: how late and how loud, learnt from a prompt's first moments.
//!
//! An echo follows what is sent, so where the prompt pauses for a breath, a quiet caller is heard.

use std::collections::VecDeque;

/// The level of nothing in dB of full scale: what is sent while no prompt plays.
pub const SILENT: f32 = -100.0;

/// Blocks from the begin of a prompt on in which its echo is learnt: 600 ms. What a caller says then stops
/// no prompt; it is mostly the end of what was said before.
const LEARNING: usize = 30;
/// No echo comes later: 600 ms, of which jitter buffers on the way can be a half.
const LATE_MAX: usize = 30;
/// An echo is so many blocks earlier or later than it was: 80 ms. Jitter buffers grow and shrink.
const SPREAD: usize = 4;
/// If what was heard is like what was sent by so much, by their correlation, it is known how late the echo is.
const ALIKE: f32 = 0.9;
/// From this level on what is sent teaches how loud its echo is, dB of full scale.
const AUDIBLE: f32 = -45.0;
/// No echo is louder than this against what was sent, in dB: who speaks while it is learnt is not for long
/// taken for it.
const GAIN_MAX: f32 = -6.0;
/// Levels that are remembered.
const MEMORY: usize = LEARNING + LATE_MAX + SPREAD;

/// The echo of one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echo {
    /// Levels of what was sent, the latest first.
    sent: VecDeque<f32>,
    state: State,
}

#[derive(Clone, Debug, Default)]
enum State {
    /// Nothing was sent yet, or nothing came back.
    #[default]
    Unknown,
    /// Levels heard since the prompt began.
    Learning(Vec<f32>),
    Known(Path),
}

/// The way that an echo takes.
#[derive(Clone, Copy, Debug)]
struct Path {
    /// It is at least and at most so many blocks late.
    late: (usize, usize),
    /// Its level against the loudest that was sent then, in dB.
    gain: f32,
}

/// How loud the echo can be in a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expected {
    /// Not known yet: all that is heard is taken for echo.
    Anything,
    /// At most at this level in dB of full scale.
    UpTo(f32),
}

impl Echo {
    /// A prompt begins.
    pub(crate) fn prompt_begins(&mut self) {
        self.state = State::Learning(Vec::new());
    }

    /// 20 ms of this level were sent, and of this level heard; gives what of them can be echo.
    pub(crate) fn step(&mut self, sent: f32, heard: f32) -> Expected {
        self.sent.push_front(sent);
        self.sent.truncate(MEMORY);
        match &mut self.state {
            State::Unknown => Expected::UpTo(SILENT),
            State::Learning(levels) => {
                levels.push(heard);
                if levels.len() == LEARNING {
                    self.state =
                        Path::learn(&self.sent, levels).map_or(State::Unknown, State::Known);
                }
                Expected::Anything
            }
            State::Known(path) => Expected::UpTo(path.loudest(&self.sent, 0) + path.gain),
        }
    }
}

impl Path {
    /// Learns the way from what was sent, the latest first, and what was heard, the latest last; `None` if
    /// nothing was sent that could be heard.
    fn learn(sent: &VecDeque<f32>, heard: &[f32]) -> Option<Path> {
        let (mut late, mut most) = (0, f32::NEG_INFINITY);
        for lag in 0..=LATE_MAX {
            // Before the first block nothing was sent.
            let sent = sent.iter().skip(lag).chain(std::iter::repeat(&SILENT));
            let alike = correlation(heard.iter().rev().zip(sent));
            if alike > most {
                (late, most) = (lag, alike);
            }
        }
        let is_sure = most >= ALIKE;
        let late =
            if is_sure { (late.saturating_sub(SPREAD), late + SPREAD) } else { (0, LATE_MAX) };
        let path = Path { late, gain: 0.0 };
        let gains = heard.iter().rev().enumerate().filter_map(|(ago, heard)| {
            let loudest = path.loudest(sent, ago);
            (loudest > AUDIBLE).then_some(heard - loudest)
        });
        let gain = gains.reduce(f32::max)?.min(GAIN_MAX);
        Some(Path { gain, ..path })
    }

    /// The level of the loudest of what was sent that can have come back so many blocks ago.
    fn loudest(&self, sent: &VecDeque<f32>, ago: usize) -> f32 {
        let (least, most) = self.late;
        let window = sent.iter().skip(ago + least).take(most - least + 1);
        window.copied().fold(SILENT, f32::max)
    }
}

/// Pearson's correlation of the amplitudes of levels.
fn correlation<'a>(pairs: impl Iterator<Item = (&'a f32, &'a f32)>) -> f32 {
    let amplitude = |level: f32| 10.0_f32.powf(level / 20.0);
    let (mut count, mut sums, mut squares, mut product) = (0.0, (0.0, 0.0), (0.0, 0.0), 0.0);
    for (one, other) in pairs {
        let (one, other) = (amplitude(*one), amplitude(*other));
        count += 1.0;
        sums = (sums.0 + one, sums.1 + other);
        squares = (squares.0 + one * one, squares.1 + other * other);
        product += one * other;
    }
    let spread = |sum: f32, squares: f32| (count * squares - sum * sum).max(0.0);
    let both = spread(sums.0, squares.0) * spread(sums.1, squares.1);
    (count * product - sums.0 * sums.1) / both.sqrt().max(1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A prompt's level in a block: syllables of 200 ms, a breath after eight of them.
    fn prompt(block: usize) -> f32 {
        match block % 100 {
            80.. => -70.0,
            at => -20.0 - 10.0 * ((at / 5 * 7) % 3) as f32 / 2.0 - ((at * 3) % 5) as f32,
        }
    }

    /// An echo so many blocks late and so many dB down, over noise; what was expected in each block.
    fn expected(late: usize, gain: f32, blocks: usize) -> Vec<(f32, Expected)> {
        let mut echo = Echo::default();
        echo.prompt_begins();
        (0..blocks)
            .map(|block| {
                let came = block.checked_sub(late).map_or(SILENT, prompt);
                let heard = (came + gain).max(-65.0);
                (heard, echo.step(prompt(block), heard))
            })
            .collect()
    }

    #[test]
    fn an_echo_is_expected_when_and_as_loud_as_it_comes() {
        for (late, gain) in [(0, -30.0), (6, -12.0), (14, -20.0)] {
            let all = expected(late, gain, 300);
            assert!(all[..LEARNING].iter().all(|(_, expected)| *expected == Expected::Anything));
            for (block, (heard, expected)) in all.iter().enumerate().skip(LEARNING) {
                let Expected::UpTo(most) = expected else { panic!("{block}") };
                assert!(most >= heard || *heard <= -65.0, "late {late}, block {block}");
                assert!(*most <= -20.0 + gain + 0.1, "late {late}, block {block}: {most}");
            }
            // In the breath it is known that nothing comes back.
            let Expected::UpTo(most) = all[80 + late + SPREAD + 2].1 else { panic!() };
            assert!(most < -65.0, "late {late}: {most}");
        }
    }

    #[test]
    fn who_speaks_while_it_is_learnt_is_taken_for_a_loud_echo_at_most() {
        let mut echo = Echo::default();
        echo.prompt_begins();
        for block in 0..LEARNING {
            echo.step(prompt(block), -5.0);
        }
        let Expected::UpTo(most) = echo.step(-20.0, -5.0) else { panic!() };
        assert!((-27.0..=-20.0 + GAIN_MAX + 5.0).contains(&most), "{most}");
    }

    #[test]
    fn without_a_prompt_nothing_comes_back() {
        let mut echo = Echo::default();
        assert_eq!(echo.step(SILENT, -10.0), Expected::UpTo(SILENT));
        echo.prompt_begins();
        for _ in 0..LEARNING {
            assert_eq!(echo.step(SILENT, -30.0), Expected::Anything);
        }
        assert_eq!(echo.step(SILENT, -30.0), Expected::UpTo(SILENT));
    }
}
