//! Hears runs of number words: any of them, as many as are said, with other words around.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::alphabet::Frame;
use crate::graph::Graph;
use crate::spoken::{self, NumberKind, NumberWord};
use crate::text;
use crate::tokens::{Begin, PAUSE_FRAMES, Pause, Token, Tokens};

/// Ends of words that are remembered: a minute of speech.
pub const ENDS_MAX: usize = 2000;
/// What each word costs, so that «двадцать» is not heard as two short words.
const WORD: f32 = -0.5;
/// What a frame of other words costs, unless it is silent: less than a number that was not said does,
/// and more than one that was heard badly.
const OTHER: f32 = -0.9;
/// No end before.
const NOWHERE: u32 = u32::MAX;

/// The number words, as a network; made once and shared.
#[derive(Clone, Debug)]
pub struct NumberGrammar {
    graph: Graph,
    means: Vec<NumberWord>,
    kind: Option<NumberKind>,
}

impl NumberGrammar {
    /// All number words.
    #[must_use]
    pub fn new() -> NumberGrammar {
        NumberGrammar::made(None)
    }

    /// Those that have a place in this.
    #[must_use]
    pub fn of(kind: NumberKind) -> NumberGrammar {
        NumberGrammar::made(Some(kind))
    }

    /// What is told in these words; `None` of all number words.
    #[must_use]
    pub fn kind(&self) -> Option<NumberKind> {
        self.kind
    }

    fn made(kind: Option<NumberKind>) -> NumberGrammar {
        let has = |word| kind.is_none_or(|kind| kind.has(word));
        let mut graph = Graph::default();
        let mut means = Vec::new();
        for (word, meaning) in spoken::vocabulary().into_iter().filter(|(_, word)| has(*word)) {
            graph.add(&[BTreeSet::from([word])]);
            means.push(meaning);
        }
        NumberGrammar { graph, means, kind }
    }
}

impl Default for NumberGrammar {
    fn default() -> NumberGrammar {
        NumberGrammar::new()
    }
}

/// One listener's search for number words: the best sequence of them for all frames so far.
#[derive(Clone, Debug)]
pub struct NumberReader {
    grammar: Arc<NumberGrammar>,
    begin: Begin,
    tokens: Tokens,
    /// The way through words that are no numbers.
    other: Token,
    pause: Pause,
    frames: u32,
    /// Ends of words; a token's tag is the last end on its way.
    ends: Vec<End>,
}

/// The end of a word on some way.
#[derive(Clone, Copy, Debug, PartialEq)]
struct End {
    word: u32,
    start: u32,
    /// The end before; [`NOWHERE`] of the first word.
    before: u32,
    score: f32,
    letters: u32,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The words.
    pub words: Vec<NumberWord>,
    /// Log-probability of a letter of them against the best free way.
    pub score: f32,
}

impl NumberReader {
    /// Begins to listen.
    #[must_use]
    pub fn new(grammar: Arc<NumberGrammar>) -> NumberReader {
        NumberReader {
            begin: Begin::new(NOWHERE),
            tokens: Tokens::new(&grammar.graph),
            other: Token::NONE,
            pause: Pause::default(),
            frames: 0,
            ends: Vec::new(),
            grammar,
        }
    }

    /// Hears 30 ms more. After [`ENDS_MAX`] ends of words no further words are read.
    pub fn hear(&mut self, frame: &Frame) {
        let relative = frame.relative();
        let left = self.leave().better(self.other);
        let before = self.begin;
        self.tokens.step(&self.grammar.graph, &before, &relative, self.frames);
        let is_silent = self.pause.step(frame) > 0;
        let other = self.other.better(before.space).better(before.blank);
        self.other = other.plus(if is_silent { 0.0 } else { OTHER });
        self.begin.step(&relative, left);
        if self.pause.frames() >= PAUSE_FRAMES {
            self.begin.blank = self.begin.blank.better(left);
        }
        self.frames = self.frames.saturating_add(1);
    }

    /// Hears a text that a server has recognised, as the letters that it is made of.
    pub fn hear_text(&mut self, text: &str) {
        text::frames(text).for_each(|frame| self.hear(&frame));
    }

    /// The words that were said, if nothing follows; `None` if there were none.
    #[must_use]
    pub fn read(&self) -> Option<Reading> {
        let between = self.begin.space.better(self.begin.blank).better(self.other);
        let last = self.best_end().filter(|(token, _)| token.score + WORD >= between.score);
        let (first, mut at) = match last {
            Some((token, word)) => (Some(end_of(token, word)), token.tag),
            None => (None, between.tag),
        };
        let mut ends: Vec<End> = first.into_iter().collect();
        while let Some(end) = self.ends.get(at as usize) {
            ends.push(*end);
            at = end.before;
        }
        let letters: u32 = ends.iter().map(|end| end.letters).sum();
        let score: f32 = ends.iter().map(|end| end.score).sum();
        let words = ends.iter().rev().map(|end| self.grammar.means[end.word as usize]).collect();
        (letters > 0).then(|| Reading { words, score: score / letters as f32 })
    }

    /// The best way out of a word, as a way that begins anew behind it.
    fn leave(&mut self) -> Token {
        let Some((token, word)) = self.best_end() else { return Token::NONE };
        let end = end_of(token, word);
        // While the caller is silent, the same end is the best for many frames.
        let same =
            |had: &End| (had.word, had.start, had.before) == (end.word, end.start, end.before);
        let known = self.ends.iter().rposition(same);
        let at = match known {
            Some(at) => {
                // It was there a frame ago, before its last letter was well heard.
                self.ends[at].score = self.ends[at].score.max(end.score);
                at
            }
            None if self.ends.len() < ENDS_MAX => {
                self.ends.push(end);
                self.ends.len() - 1
            }
            None => return Token::NONE,
        };
        Token::begins(token.score + WORD, at as u32)
    }

    /// The best way that is at the end of a word, and which word.
    fn best_end(&self) -> Option<(Token, u32)> {
        let graph = &self.grammar.graph;
        let ends = (0..graph.ends.len()).map(|word| (self.tokens.end(graph, word), word as u32));
        ends.filter(|(token, _)| token.score.is_finite())
            .reduce(|best, next| if next.0.score > best.0.score { next } else { best })
    }
}

fn end_of(token: Token, word: u32) -> End {
    let score = token.score - token.from;
    End { word, start: token.start, before: token.tag, score, letters: token.letters }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spoken::{Date, date, house, telephone};

    fn read(said: &str) -> Vec<NumberWord> {
        let mut reader = NumberReader::new(Arc::default());
        reader.hear_text(said);
        reader.read().map(|reading| reading.words).unwrap_or_default()
    }

    #[test]
    fn numbers_are_read_among_other_words() {
        let said = "записывайте восемь девятьсот двенадцать триста сорок пять шестьдесят семь \
                    восемьдесят девять спасибо";
        assert_eq!(telephone(&read(said)).as_deref(), Some("9123456789"));
        let said = "я родилась двадцать третьего марта тысяча девятьсот пятьдесят второго года";
        assert_eq!(date(&read(said), 2026), Some(Date { year: 1952, month: 3, day: 23 }));
        assert_eq!(house(&read("дом двадцать два корпус один")).as_deref(), Some("22к1"));
        assert_eq!(read("у меня болит голова"), []);
        assert_eq!(read(""), []);
    }

    #[test]
    fn a_slip_of_the_recogniser_is_forgiven() {
        assert_eq!(read("двацать пять"), [NumberWord::Cardinal(20), NumberWord::Cardinal(5)]);
    }

    #[test]
    fn a_letter_that_nobody_said_spoils_no_number() {
        let read = |kind, said: &str| {
            let mut reader = NumberReader::new(Arc::new(NumberGrammar::of(kind)));
            reader.hear_text(said);
            reader.read().map(|reading| reading.words).unwrap_or_default()
        };
        // As the embedded model has heard them, with a letter in the silence behind.
        let told = read(NumberKind::Telephone, "два восемь один пять ноль шесть е");
        assert_eq!(spoken::digits(&told).as_deref(), Some("281506"));
        let told = read(NumberKind::Date, "пятое марта тысяча девятьсот сорок седьмого года е");
        assert_eq!(date(&told, 2026), Some(Date { year: 1947, month: 3, day: 5 }));
        let told = read(NumberKind::House, "двадцать два а");
        assert_eq!(house(&told).as_deref(), Some("22а"));
        assert_eq!(read(NumberKind::House, "двадцатое марта"), [NumberWord::Ordinal(20)]);
    }

    #[test]
    fn an_endless_speech_is_read_to_its_ceiling() {
        let mut reader = NumberReader::new(Arc::default());
        for _ in 0..ENDS_MAX {
            reader.hear_text("пять ");
        }
        assert_eq!(reader.ends.len(), ENDS_MAX);
        assert!(reader.read().is_some());
    }
}
