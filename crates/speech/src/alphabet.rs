//! Labels and frames: the interface of T-one's models, which is ours.

use std::time::Duration;

/// Labels of a frame: 33 letters, the space, and the blank.
pub const LABELS: usize = 35;
/// Samples a second of what recognisers hear.
pub const SAMPLE_RATE: u32 = 8000;
/// The time that a frame stands for.
pub const FRAME: Duration = Duration::from_millis(30);
/// Frames that a model gives for one chunk of audio.
pub const CHUNK_FRAMES: usize = 10;
/// Samples of one chunk: 300 ms.
pub const CHUNK_SAMPLES: usize = 2400;

/// The letters by their labels, and the space.
const LETTERS: [char; 34] = [
    'а', 'б', 'в', 'г', 'д', 'е', 'ё', 'ж', 'з', 'и', 'й', 'к', 'л', 'м', 'н', 'о', 'п', 'р', 'с',
    'т', 'у', 'ф', 'х', 'ц', 'ч', 'ш', 'щ', 'ъ', 'ы', 'ь', 'э', 'ю', 'я', ' ',
];

/// The least log-probability that is believed. A single frame must not forbid a letter: models are sure
/// of themselves, and lines crackle.
const FLOOR: f32 = -8.0;

/// A model whose best label is less likely than three in ten knows nothing, and then every label costs: else
/// any phrase would fit where all labels are alike.
const UNSURE: f32 = -1.2;

/// What a model may say of 30 ms: a letter, the space between words, or nothing (blank).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(u8);

impl Label {
    /// Between words.
    pub const SPACE: Label = Label(33);
    /// No letter, or the last one held on.
    pub const BLANK: Label = Label(34);
    /// «е», which stands for «ё» as well: people write both as one.
    const E: Label = Label(5);
    const YO: Label = Label(6);

    /// The label of a small letter of the Russian alphabet, or of the space. «ё» is «е».
    #[must_use]
    pub fn of(letter: char) -> Option<Label> {
        let at = LETTERS.iter().position(|&known| known == letter)?;
        let label = u8::try_from(at).ok().map(Label)?;
        Some(if label == Label::YO { Label::E } else { label })
    }

    /// The label with this number in a model's output.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Label> {
        u8::try_from(index).ok().filter(|&index| usize::from(index) < LABELS).map(Label)
    }

    /// Its number in a model's output.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The letter, or the space; `None` for the blank.
    #[must_use]
    pub fn letter(self) -> Option<char> {
        LETTERS.get(self.index()).copied()
    }
}

/// Log-probabilities of the labels in 30 ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame([f32; LABELS]);

impl Frame {
    /// A frame as a model gave it: natural logarithms of probabilities. What is no number, or more than
    /// certain, is brought within bounds, so that a broken model cannot break what follows.
    #[must_use]
    pub fn new(logprobs: [f32; LABELS]) -> Frame {
        Frame(logprobs.map(|value| if value.is_nan() { FLOOR } else { value.clamp(FLOOR, 0.0) }))
    }

    /// A frame that is as good as certain of one label. Of a text that a server has recognised, such
    /// frames are made, so that text and sound are understood by one rule.
    #[must_use]
    pub fn certain(label: Label) -> Frame {
        // A wrong letter in a text costs as much as an unlikely one in sound.
        let mut logprobs = [-4.0; LABELS];
        logprobs[label.index()] = 0.0;
        Frame(logprobs)
    }

    /// All log-probabilities as the model gave them, within bounds.
    #[must_use]
    pub fn logprobs(&self) -> [f32; LABELS] {
        self.0
    }

    /// Log-probability of a label; of «е» the better of «е» and «ё».
    #[must_use]
    pub fn logprob(&self, label: Label) -> f32 {
        let own = self.0[label.index()];
        if label == Label::E { own.max(self.0[Label::YO.index()]) } else { own }
    }

    /// The most likely label.
    #[must_use]
    pub fn best(&self) -> Label {
        let mut best = Label::BLANK;
        for index in 0..LABELS {
            let label = Label(index as u8);
            if self.0[index] > self.0[best.index()] {
                best = label;
            }
        }
        if best == Label::YO { Label::E } else { best }
    }

    /// The probability that nothing is said: blank or space.
    #[must_use]
    pub fn silence(&self) -> f32 {
        self.0[Label::BLANK.index()].exp() + self.0[Label::SPACE.index()].exp()
    }

    /// Log-probabilities less that of the best label: 0 for the best free path, less for all else.
    pub(crate) fn relative(&self) -> [f32; LABELS] {
        let most = self.logprob(self.best()).max(UNSURE);
        std::array::from_fn(|index| self.logprob(Label(index as u8)) - most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_those_of_t_one() {
        let known = [('а', 0), ('е', 5), ('ж', 7), ('я', 32), (' ', 33)];
        for (letter, index) in known {
            let label = Label::of(letter).unwrap();
            assert_eq!((label.index(), label.letter()), (index, Some(letter)));
        }
        assert_eq!(Label::of('ё'), Label::of('е'));
        assert_eq!(Label::BLANK.index(), 34);
        assert_eq!(Label::BLANK.letter(), None);
        assert_eq!([Label::of('Я'), Label::of('z'), Label::of('-')], [None; 3]);
        assert_eq!((Label::from_index(35), Label::from_index(34)), (None, Some(Label::BLANK)));
    }

    #[test]
    fn a_broken_models_frame_stays_within_bounds() {
        let mut values = [f32::NAN; LABELS];
        values[0] = f32::INFINITY;
        values[1] = f32::NEG_INFINITY;
        let frame = Frame::new(values);
        assert_eq!(frame.best(), Label::of('а').unwrap());
        assert!(frame.relative().iter().all(|value| value.is_finite() && *value <= 0.0));
    }

    #[test]
    fn the_dots_of_yo_make_no_difference() {
        let mut values = [-6.0; LABELS];
        values[6] = -0.1;
        let frame = Frame::new(values);
        assert_eq!(frame.best(), Label::of('е').unwrap());
        assert_eq!(frame.relative()[5], 0.0);
    }
}
