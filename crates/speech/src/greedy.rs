//! What a recogniser would write down: the best label of each frame.

use crate::alphabet::{Frame, Label};

/// Letters that are kept; of a longer speech the last.
pub const TEXT_MAX: usize = 400;

/// The text so far, for people to read.
#[derive(Clone, Debug)]
pub struct Greedy {
    text: String,
    letters: usize,
    before: Label,
}

impl Default for Greedy {
    fn default() -> Greedy {
        Greedy { text: String::new(), letters: 0, before: Label::BLANK }
    }
}

impl Greedy {
    /// Hears 30 ms more; gives the letter or space that is new.
    pub fn hear(&mut self, frame: &Frame) -> Option<char> {
        let label = frame.best();
        let is_new = label != self.before;
        self.before = label;
        let letter = label.letter().filter(|_| is_new)?;
        if letter == ' ' && (self.text.is_empty() || self.text.ends_with(' ')) {
            return None;
        }
        if self.letters >= TEXT_MAX {
            self.text.remove(0);
        } else {
            self.letters += 1;
        }
        self.text.push(letter);
        Some(letter)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.trim_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_frames_are_one_letter_and_blanks_part_two() {
        let mut greedy = Greedy::default();
        let mut say = |labels: &[Option<char>]| {
            for label in labels {
                let label = label.map_or(Label::BLANK, |c| Label::of(c).unwrap());
                greedy.hear(&Frame::certain(label));
            }
            greedy.text().to_owned()
        };
        let [a, n, space] = ['а', 'н', ' '].map(Some);
        assert_eq!(say(&[space, a, a, n, None, n, a, space, space, None, space]), "анна");
        assert_eq!(say(&[a]), "анна а");
    }

    #[test]
    fn of_a_long_speech_the_end_is_kept() {
        let mut greedy = Greedy::default();
        for nth in 0..=TEXT_MAX {
            greedy.hear(&Frame::certain(Label::of(if nth == 0 { 'я' } else { 'а' }).unwrap()));
            greedy.hear(&Frame::certain(Label::BLANK));
        }
        assert_eq!(greedy.text().chars().count(), TEXT_MAX);
        assert!(!greedy.text().contains('я'));
    }
}
