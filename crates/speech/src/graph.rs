//! The network of letters of a grammar: every phrase, every form of its words, the spaces between.

use std::collections::BTreeSet;

use crate::alphabet::Label;

/// What it costs, as a logarithm, to hear no space between two words of a phrase: «на дом» is often said
/// as one.
const NO_SPACE: f32 = -1.0;

/// Letters, each with those that may stand before it. A letter comes after all that lead to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
    /// The last letters of each phrase, by its number; a form of the last word has its own.
    pub(crate) ends: Vec<Vec<u32>>,
}

/// A letter of a phrase.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) label: Label,
    /// It may begin a phrase.
    pub(crate) is_first: bool,
    /// Its edges: a range of `Graph::edges`.
    pub(crate) edges: (u32, u32),
}

/// From a letter before, for this cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) cost: f32,
}

impl Graph {
    /// Adds a phrase: the forms of each of its words.
    pub(crate) fn add(&mut self, words: &[BTreeSet<String>]) {
        // Where the last word may end; empty before the first.
        let mut ends: Vec<u32> = Vec::new();
        for (nth, forms) in words.iter().enumerate() {
            let mut before: Vec<Edge> = Vec::new();
            if nth > 0 {
                let after = |&from: &u32| Edge { from, cost: 0.0 };
                let space = self.node(Label::SPACE, false, ends.iter().map(after).collect());
                before.extend(ends.iter().map(|&from| Edge { from, cost: NO_SPACE }));
                before.push(Edge { from: space, cost: 0.0 });
            }
            ends = self.word(forms, nth == 0, &before);
        }
        self.ends.push(ends);
    }

    /// A word's forms as a tree, so that what they share is there once; gives their last letters.
    fn word(&mut self, forms: &BTreeSet<String>, is_first: bool, before: &[Edge]) -> Vec<u32> {
        // The way to the last form added: its labels and their nodes.
        let mut way: Vec<(Label, u32)> = Vec::new();
        let mut ends = Vec::new();
        for form in forms {
            let labels: Vec<Label> = form.chars().filter_map(Label::of).collect();
            let shared = way.iter().zip(&labels).take_while(|((had, _), label)| had == *label);
            let shared = shared.count();
            way.truncate(shared);
            for &label in &labels[shared..] {
                let node = match way.last() {
                    None => self.node(label, is_first, before.to_vec()),
                    Some(&(_, from)) => self.node(label, false, vec![Edge { from, cost: 0.0 }]),
                };
                way.push((label, node));
            }
            ends.extend(way.last().map(|&(_, node)| node));
        }
        ends
    }

    fn node(&mut self, label: Label, is_first: bool, edges: Vec<Edge>) -> u32 {
        let begin = self.edges.len() as u32;
        self.edges.extend(edges);
        self.nodes.push(Node { label, is_first, edges: (begin, self.edges.len() as u32) });
        self.nodes.len() as u32 - 1
    }
}
