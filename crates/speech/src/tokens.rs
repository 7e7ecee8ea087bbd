//! The best ways through a network of letters, frame by frame, as CTC says them: a letter may last,
//! blanks may follow it, and a letter that is doubled needs a blank between.

use crate::alphabet::{Frame, LABELS, Label};
use crate::graph::Graph;

/// So many frames without a letter end a word, though no space was heard.
pub(crate) const PAUSE_FRAMES: u32 = 8;

/// A way that has come to some letter: how good it is, where it came from, how long it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    /// Log-probability against the best free way; 0 is as good as that.
    pub(crate) score: f32,
    /// The score with which it began, before the space in front of its first letter.
    pub(crate) from: f32,
    /// What came before it, as its user counts.
    pub(crate) tag: u32,
    /// The frame of its first letter.
    pub(crate) start: u32,
    /// Letters and spaces.
    pub(crate) letters: u32,
}

impl Token {
    /// No way at all.
    pub(crate) const NONE: Token =
        Token { score: f32::NEG_INFINITY, from: 0.0, tag: 0, start: 0, letters: 0 };

    /// A way that begins.
    pub(crate) fn begins(score: f32, tag: u32) -> Token {
        Token { score, from: score, tag, start: 0, letters: 0 }
    }

    pub(crate) fn plus(self, cost: f32) -> Token {
        Token { score: self.score + cost, ..self }
    }

    pub(crate) fn better(self, other: Token) -> Token {
        if other.score > self.score { other } else { self }
    }

    /// The score of a letter; `None` if there is no way.
    pub(crate) fn by_letter(self) -> Option<f32> {
        let is_way = self.score.is_finite() && self.letters > 0;
        is_way.then(|| (self.score - self.from) / self.letters as f32)
    }
}

/// Where ways may begin: behind a space, as it sounds or in the blanks after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begin {
    pub(crate) space: Token,
    pub(crate) blank: Token,
}

impl Begin {
    /// At the begin of an utterance, as after a space.
    pub(crate) fn new(tag: u32) -> Begin {
        Begin { space: Token::NONE, blank: Token::begins(0.0, tag) }
    }

    /// One frame on: ways that were `left` by their words begin with a space heard now.
    pub(crate) fn step(&mut self, relative: &[f32; LABELS], left: Token) {
        let (space, blank) = (self.space, self.blank);
        self.space = space.better(left).plus(relative[Label::SPACE.index()]);
        self.blank = blank.better(space).plus(relative[Label::BLANK.index()]);
    }
}

/// The ways through one graph.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    /// Of each letter of the graph: while it sounds, and in the blanks after it.
    at: Vec<[Token; 2]>,
}

impl Tokens {
    pub(crate) fn new(graph: &Graph) -> Tokens {
        Tokens { at: vec![[Token::NONE; 2]; graph.nodes.len()] }
    }

    /// One frame on. `begin` is as it was before this frame.
    pub(crate) fn step(
        &mut self,
        graph: &Graph,
        begin: &Begin,
        relative: &[f32; LABELS],
        frame: u32,
    ) {
        let blank = relative[Label::BLANK.index()];
        // From the last letter to the first, so that those before still are of the frame before.
        for (at, node) in graph.nodes.iter().enumerate().rev() {
            let [sounds, rests] = self.at[at];
            let mut comes = Token::NONE;
            if node.is_first {
                let first = begin.space.better(begin.blank);
                comes = Token { start: frame, ..first };
            }
            for edge in &graph.edges[node.edges.0 as usize..node.edges.1 as usize] {
                let from = edge.from as usize;
                let mut before = self.at[from][1];
                if graph.nodes[from].label != node.label {
                    before = before.better(self.at[from][0]);
                }
                comes = comes.better(before.plus(edge.cost));
            }
            comes.letters += 1;
            self.at[at] = [
                sounds.better(comes).plus(relative[node.label.index()]),
                rests.better(sounds).plus(blank),
            ];
        }
    }

    /// The best way that has come to the end of a phrase.
    pub(crate) fn end(&self, graph: &Graph, phrase: usize) -> Token {
        let ends = graph.ends[phrase].iter().map(|&end| self.at[end as usize]);
        // By letter: a longer form is no worse for its length.
        ends.flatten().fold(Token::NONE, |best, token| {
            match (best.by_letter(), token.by_letter()) {
                (Some(had), Some(new)) if had >= new => best,
                (_, Some(_)) => token,
                (_, None) => best,
            }
        })
    }
}

/// Counts frames in which nothing is said, one after another.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pause(u32);

impl Pause {
    /// One frame on; gives how many there are now.
    pub(crate) fn step(&mut self, frame: &Frame) -> u32 {
        // T-one's own rule for the end of a phrase.
        const SILENT: f32 = 0.9;
        self.0 = if frame.silence() > SILENT { self.0.saturating_add(1) } else { 0 };
        self.0
    }

    pub(crate) fn frames(self) -> u32 {
        self.0
    }
}
