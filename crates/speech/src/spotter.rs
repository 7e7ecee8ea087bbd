//! Finds the phrases of a grammar in what is said, all at once and frame by frame.
//!
//! Each phrase is aligned with the frames, from a word's begin to a word's end, against the best free
//! way: what the recogniser would write if it might write anything. So a score says how much worse the
//! phrase explains the sound than the best explanation there is, and is 0 where they are the same.

use std::sync::Arc;
use std::time::Duration;

use crate::alphabet::{FRAME, Frame, Label};
use crate::grammar::{ChoiceId, Grammar};
use crate::text;
use crate::tokens::{Begin, PAUSE_FRAMES, Pause, Token, Tokens};

/// How far a score may be behind for the longer of two phrases to be the one that was said.
const INSIDE_MARGIN: f32 = 0.5;
/// Begin and end of a phrase are known to a few frames.
const SLACK: u32 = 4;

/// From which scores on a phrase is taken for said: natural logarithms for each letter, so at most 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// From here on it is sure.
    pub sure: f32,
    /// From here on the caller is asked whether it was meant.
    pub ask: f32,
    /// And so far ahead of another choice it must be: scores nearer each other leave open which was meant. So does
    /// another choice that was named before or after it, whatever its score.
    pub margin: f32,
}

impl Default for Thresholds {
    /// What the embedded model's development voices ask for on lines from clean to 5 dB (`cargo xtask bench speech`):
    /// with at most 1 % taken wrongly, most that is understood at once or by a question; but «верно» within «неверно» is
    /// never sure. A model that is surer of itself has scores near 0, and its callers are seldom asked.
    fn default() -> Thresholds {
        Thresholds { sure: -0.9, ask: -1.5, margin: 0.05 }
    }
}

/// A phrase that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its number in [`Grammar::phrases`].
    pub phrase: usize,
    /// Where it leads.
    pub choice: ChoiceId,
    /// Log-probability of a letter against the best free way.
    pub score: f32,
    /// Its first frame.
    pub start: u32,
    /// The frame after its last.
    pub end: u32,
    /// Letters and spaces of the form that was found.
    letters: u32,
}

impl Hit {
    /// When it began and ended, from the first frame on.
    #[must_use]
    pub fn span(&self) -> (Duration, Duration) {
        (FRAME * self.start, FRAME * self.end)
    }

    /// Whether it was said before or after another phrase: «потеряла рецепт от врача».
    fn is_apart(&self, other: &Hit) -> bool {
        self.end <= other.start + SLACK || other.end <= self.start + SLACK
    }

    /// Whether another phrase was said, of which this is a part only: «верно» of «не верно».
    fn is_inside(&self, other: &Hit) -> bool {
        other.letters > self.letters
            && other.start <= self.start + SLACK
            && other.end + SLACK >= self.end
            && other.score + INSIDE_MARGIN >= self.score
    }
}

/// What was meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// This.
    Sure(Hit),
    /// Perhaps this; ask.
    Ask(Hit),
    /// None of the phrases.
    Nothing,
}

impl Verdict {
    /// The phrase, sure or not.
    #[must_use]
    pub fn hit(&self) -> Option<Hit> {
        match self {
            Verdict::Sure(hit) | Verdict::Ask(hit) => Some(*hit),
            Verdict::Nothing => None,
        }
    }
}

/// One listener's search for the phrases of a grammar. What it keeps does not grow with time.
#[derive(Clone, Debug)]
pub struct Spotter {
    grammar: Arc<Grammar>,
    begin: Begin,
    tokens: Tokens,
    pause: Pause,
    /// Frames so far.
    frames: u32,
    /// The best of each phrase that is complete.
    found: Vec<Option<Hit>>,
}

impl Spotter {
    /// Begins to listen.
    #[must_use]
    pub fn new(grammar: Arc<Grammar>) -> Spotter {
        Spotter {
            begin: Begin::new(0),
            tokens: Tokens::new(&grammar.graph),
            pause: Pause::default(),
            frames: 0,
            found: vec![None; grammar.phrases().len()],
            grammar,
        }
    }

    /// What is listened for.
    #[must_use]
    pub fn grammar(&self) -> &Arc<Grammar> {
        &self.grammar
    }

    /// Hears 30 ms more.
    pub fn hear(&mut self, frame: &Frame) {
        let relative = frame.relative();
        // A space that is heard now ends what was being said.
        let space = relative[Label::SPACE.index()];
        self.complete(space);
        self.tokens.step(&self.grammar.graph, &self.begin, &relative, self.frames);
        self.frames = self.frames.saturating_add(1);
        self.begin.step(&relative, Token::begins(0.0, 0));
        if self.pause.step(frame) >= PAUSE_FRAMES {
            self.begin.blank = self.begin.blank.better(Token::begins(0.0, 0));
            self.complete(0.0);
        }
    }

    /// Hears a text that a server has recognised, as the letters that it is made of.
    pub fn hear_text(&mut self, text: &str) {
        text::frames(text).for_each(|frame| self.hear(&frame));
    }

    /// The score that each phrase would have if the caller fell silent now; `None` before its last
    /// letter can have been said.
    pub fn scores(&self) -> impl Iterator<Item = Option<f32>> + '_ {
        let graph = &self.grammar.graph;
        (0..self.found.len()).map(|phrase| self.tokens.end(graph, phrase).by_letter())
    }

    /// What was meant by all that was said so far, if nothing follows.
    #[must_use]
    pub fn verdict(&self, thresholds: Thresholds) -> Verdict {
        let hits: Vec<Hit> = (0..self.found.len())
            .filter_map(|phrase| better(self.found[phrase], self.ends_now(phrase, 0.0)))
            .filter(|hit| hit.score >= thresholds.ask)
            .collect();
        let kept: Vec<&Hit> =
            hits.iter().filter(|hit| !hits.iter().any(|other| hit.is_inside(other))).collect();
        // Of two that are as good, what was said last counts: people correct themselves.
        // And of forms of one word the first that was written, so from the last on.
        let best = kept.iter().rev().max_by(|one, other| {
            let key = |hit: &Hit| (hit.end, hit.letters);
            one.score.total_cmp(&other.score).then(key(one).cmp(&key(other)))
        });
        let Some(&best) = best else { return Verdict::Nothing };
        let is_open = kept.iter().any(|other| {
            let is_near = best.score - other.score < thresholds.margin;
            other.choice != best.choice && (is_near || best.is_apart(other))
        });
        if is_open {
            // «записаться на приём к врачу»: the more was said of one, the less likely it is chance.
            let weight = |hit: &Hit| hit.letters as f32 * (hit.score - thresholds.ask);
            let weighed = kept.iter().max_by(|one, other| weight(one).total_cmp(&weight(other)));
            Verdict::Ask(**weighed.unwrap_or(&best))
        } else if best.score >= thresholds.sure {
            Verdict::Sure(*best)
        } else {
            Verdict::Ask(*best)
        }
    }

    /// Whether what is said could still become a longer phrase that begins as this one does.
    #[must_use]
    pub fn may_go_on(&self, hit: &Hit) -> bool {
        let phrases = self.grammar.phrases();
        let text = &phrases[hit.phrase].text;
        phrases.iter().any(|phrase| {
            phrase.choice != hit.choice
                && phrase.text.strip_prefix(text.as_str()).is_some_and(|rest| rest.starts_with(' '))
        })
    }

    /// Keeps what ends here, at this cost.
    fn complete(&mut self, cost: f32) {
        for phrase in 0..self.found.len() {
            self.found[phrase] = better(self.found[phrase], self.ends_now(phrase, cost));
        }
    }

    fn ends_now(&self, phrase: usize, cost: f32) -> Option<Hit> {
        let end = self.tokens.end(&self.grammar.graph, phrase).plus(cost);
        let (start, letters) = (end.start, end.letters);
        let choice = self.grammar.phrases()[phrase].choice;
        let score = end.by_letter()?;
        Some(Hit { phrase, choice, score, start, end: self.frames, letters })
    }
}

/// The better of two; of the same score the first, so that an end is where the phrase ended.
fn better(one: Option<Hit>, other: Option<Hit>) -> Option<Hit> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.score > one.score { other } else { one }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
