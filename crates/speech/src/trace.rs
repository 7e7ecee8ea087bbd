//! What was heard over time, to be shown: the scores of all phrases, the letters, the voice.

use std::sync::Arc;

use crate::alphabet::Frame;
use crate::grammar::Grammar;
use crate::greedy::Greedy;
use crate::spotter::Spotter;

/// Frames that are kept at most: a minute.
pub const FRAMES_MAX: usize = 2000;

/// Scores and letters, frame by frame.
#[derive(Clone, Debug)]
pub struct Trace {
    spotter: Spotter,
    greedy: Greedy,
    rows: Vec<Row>,
}

/// What was known after a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The score of each phrase if it ended here.
    pub scores: Vec<Option<f32>>,
    /// The letter that was new, as a recogniser would write it.
    pub letter: Option<char>,
    /// The probability that nothing was said.
    pub silence: f32,
}

impl Trace {
    /// Begins to listen.
    #[must_use]
    pub fn new(grammar: Arc<Grammar>) -> Trace {
        Trace { spotter: Spotter::new(grammar), greedy: Greedy::default(), rows: Vec::new() }
    }

    /// Hears 30 ms more. After [`FRAMES_MAX`] no rows are kept.
    pub fn hear(&mut self, frame: &Frame) {
        self.spotter.hear(frame);
        let letter = self.greedy.hear(frame);
        if self.rows.len() < FRAMES_MAX {
            let scores = self.spotter.scores().collect();
            self.rows.push(Row { scores, letter, silence: frame.silence() });
        }
    }

    /// The rows, one for each 30 ms.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The search behind the rows.
    #[must_use]
    pub fn spotter(&self) -> &Spotter {
        &self.spotter
    }

    /// What a recogniser would write.
    #[must_use]
    pub fn text(&self) -> &str {
        self.greedy.text()
    }
}
