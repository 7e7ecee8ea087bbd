//! Who listens in a world: what callers say to the robot, and what is understood of it.
//!
//! Sound is not simulated for this. When a caller speaks, and what, is drawn; what the line hears of it is
//! drawn from the figures of the real recogniser ([`Ability`]).

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Entropy, Mono};
use journal::CallId;
use speech::ear::{Expects, Heard, Understood};
use speech::grammar::{NO, YES};
use speech::spoken::NumberWord::{Block, Cardinal, Month, Ordinal};
use speech::{ChoiceId, Outcome, Output, Turn};
use switch::{Listening, TurnId};

/// How well callers are heard: what becomes of a thousand phrases. The rest is not understood at all.
#[derive(Clone, Copy, Debug)]
pub struct Ability {
    /// Taken for what was said.
    pub right: u64,
    /// Asked about, rightly.
    pub asked: u64,
    /// Taken for something else.
    pub wrong: u64,
    /// Asked about, and something else was said.
    pub asked_wrong: u64,
}

impl Ability {
    /// That of the embedded model, as `cargo xtask bench speech` measured it on 23 November 2026 (docs/benchmarks.md):
    /// of a thousand phrases of the main menu by voices that it was not trained on, the mean of the five lines
    /// from clean to 5 dB and with lost packets, 840 phrases; 1.2 of a thousand were taken wrongly, rounded up.
    pub const MEASURED: Ability = Ability { right: 637, asked: 161, wrong: 2, asked_wrong: 14 };
}

/// Callers who speak.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Of a thousand turns, in how many the caller says something.
    pub speak: u64,
    /// Of a thousand turns, in how many there is nobody to listen.
    pub deaf: u64,
    /// How well they are heard.
    pub ability: Ability,
}

/// Who listens.
#[derive(Debug)]
pub struct Ears {
    manners: Manners,
    entropy: Entropy,
    turns: BTreeMap<TurnId, Open>,
    due: BTreeMap<(Mono, u64), (TurnId, Deed)>,
    next: u64,
    /// What each caller wants.
    pub wants: BTreeMap<CallId, ChoiceId>,
    /// What each was asked about last.
    asked: BTreeMap<CallId, ChoiceId>,
}

/// A turn of listening.
#[derive(Debug)]
struct Open {
    call: CallId,
    terms: Turn,
    /// Our words play.
    prompt: bool,
    /// What the caller does in it.
    manner: Manner,
    /// When it does so; what was planned for another time is void.
    planned: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Silent,
    /// Speaks when our words have ended.
    Waits,
    /// Speaks while they play, or after them.
    Interrupts,
    Speaks,
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Begin(u64),
    End,
    BeSilent(u64),
}

impl Ears {
    pub(crate) fn new(manners: Manners, entropy: Entropy) -> Ears {
        Ears {
            manners,
            entropy,
            turns: BTreeMap::new(),
            due: BTreeMap::new(),
            next: 0,
            wants: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    /// The line is gone, and nobody asks any more.
    pub(crate) fn crash(&mut self) {
        self.turns.clear();
        self.due.clear();
    }

    pub(crate) fn next_timeout(&self) -> Option<Mono> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// The switch tells something.
    pub(crate) fn handle(&mut self, now: Mono, told: Listening) {
        match told {
            Listening::Begin { turn, call, stream: _, terms } => self.begin(now, turn, call, terms),
            Listening::PromptBegins(turn) => {
                if let Some(open) = self.turns.get_mut(&turn) {
                    open.prompt = true;
                    if matches!(open.manner, Manner::Silent | Manner::Waits) {
                        open.planned += 1;
                    }
                }
            }
            Listening::PromptEnds(turn) => {
                let Some(open) = self.turns.get_mut(&turn) else { return };
                open.prompt = false;
                if matches!(open.manner, Manner::Silent | Manner::Waits) {
                    self.plan(now, turn);
                }
            }
            Listening::End(turn) => drop(self.turns.remove(&turn)),
        }
    }

    fn begin(&mut self, now: Mono, turn: TurnId, call: CallId, terms: Turn) {
        let manner = match (self.entropy.below(1000), self.entropy.below(2)) {
            (drawn, _) if drawn >= self.manners.speak => Manner::Silent,
            (_, 0) => Manner::Interrupts,
            (_, _) => Manner::Waits,
        };
        self.turns.insert(turn, Open { call, terms, prompt: false, manner, planned: 0 });
        self.plan(now, turn);
    }

    /// Draws when the caller speaks from now on, or how long the silence lasts.
    fn plan(&mut self, now: Mono, turn: TurnId) {
        let Some(open) = self.turns.get_mut(&turn) else { return };
        open.planned += 1;
        let planned = open.planned;
        let (after, deed) = match open.manner {
            Manner::Silent => (open.terms.timeouts.no_input, Deed::BeSilent(planned)),
            Manner::Waits | Manner::Interrupts | Manner::Speaks => {
                (Duration::from_millis(500 + self.entropy.below(4000)), Deed::Begin(planned))
            }
        };
        self.later(now + after, turn, deed);
    }

    fn later(&mut self, at: Mono, turn: TurnId, deed: Deed) {
        self.next += 1;
        self.due.insert((at, self.next), (turn, deed));
    }

    /// What is heard by now.
    pub(crate) fn pop_heard(&mut self, now: Mono) -> Option<Vec<(CallId, TurnId, Output)>> {
        let first = self.due.first_entry().filter(|first| first.key().0 <= now)?;
        let (turn, deed) = first.remove();
        let Some(open) = self.turns.get_mut(&turn) else { return Some(Vec::new()) };
        let call = open.call;
        let outputs = match deed {
            Deed::Begin(planned) if planned == open.planned => {
                open.manner = Manner::Speaks;
                let stop = open.prompt.then_some(Output::StopPrompt);
                let ends = now + Duration::from_millis(400 + self.entropy.below(2600));
                self.later(ends, turn, Deed::End);
                [Output::SpeechStarted].into_iter().chain(stop).collect()
            }
            Deed::BeSilent(planned) if planned == open.planned => {
                vec![self.over(turn, Outcome::NoInput)]
            }
            Deed::End => {
                let outcome = self.understand(turn);
                vec![self.over(turn, outcome)]
            }
            Deed::Begin(_) | Deed::BeSilent(_) => Vec::new(),
        };
        Some(outputs.into_iter().map(|output| (call, turn, output)).collect())
    }

    /// Whether there is nobody to listen in a turn that has just begun.
    pub(crate) fn is_deaf(&mut self) -> bool {
        self.entropy.below(1000) < self.manners.deaf
    }

    fn over(&mut self, turn: TurnId, outcome: Outcome) -> Output {
        self.turns.remove(&turn);
        Output::Over(outcome)
    }

    /// Draws what is understood of what the caller says.
    fn understand(&mut self, turn: TurnId) -> Outcome {
        let nothing = Outcome::NoMatch(Heard { text: "алло".to_owned() });
        let Some(open) = self.turns.get(&turn) else { return nothing };
        let (call, expects) = (open.call, open.terms.expects.clone());
        let grammar = match expects {
            Expects::Phrases(grammar) => grammar,
            Expects::Numbers(_) => return self.number(nothing),
        };
        let mut choices: Vec<ChoiceId> = grammar.phrases().iter().map(|said| said.choice).collect();
        choices.sort_unstable();
        choices.dedup();
        let is_yes_no = grammar.phrases()[0].text == "да";
        let said = match (is_yes_no, self.asked.get(&call)) {
            (true, asked) if asked.is_some() && asked == self.wants.get(&call) => YES,
            (true, _) => NO,
            (false, _) => self.wants(call, &choices),
        };
        let others: Vec<ChoiceId> = choices.into_iter().filter(|other| *other != said).collect();
        let Ability { right, asked, wrong, asked_wrong } = self.manners.ability;
        let drawn = self.entropy.below(1000);
        let other = match others.as_slice() {
            [] => said,
            others => others[usize::try_from(self.entropy.below(others.len() as u64)).unwrap_or(0)],
        };
        let choice = if drawn < right + asked { said } else { other };
        if drawn >= right + asked + wrong + asked_wrong {
            return nothing;
        }
        let is_sure = drawn < right || (right + asked..right + asked + wrong).contains(&drawn);
        let phrase = grammar.phrases().iter().find(|phrase| phrase.choice == choice);
        let phrase = phrase.map(|phrase| phrase.text.clone()).unwrap_or_default();
        let heard = Heard { text: phrase.clone() };
        let understood = Understood { choice, phrase, score: -0.5, heard };
        if is_sure {
            return Outcome::Understood(understood);
        }
        if !is_yes_no {
            self.asked.insert(call, choice);
        }
        Outcome::Ask(understood)
    }

    /// Draws a number that a caller says: a telephone, a date or a house, whichever was asked for.
    fn number(&mut self, nothing: Outcome) -> Outcome {
        let words = match self.entropy.below(3) {
            0 => [8, 900, 12, 300, 45, 60, 7, 80, 9].map(Cardinal).to_vec(),
            1 => vec![Ordinal(5), Month(3), Cardinal(40), Ordinal(7)],
            _ => vec![Cardinal(20), Cardinal(2), Block, Cardinal(1)],
        };
        let is_heard = self.entropy.below(1000) < self.manners.ability.right;
        let heard = Heard { text: "число".to_owned() };
        if is_heard { Outcome::Numbers(words, heard) } else { nothing }
    }

    /// What a caller wants, whatever menu it is; who comes to another may want something else.
    fn wants(&mut self, call: CallId, choices: &[ChoiceId]) -> ChoiceId {
        if let Some(wants) = self.wants.get(&call).filter(|wants| choices.contains(wants)) {
            return *wants;
        }
        let drawn = self.entropy.below(choices.len() as u64);
        let wants = choices[usize::try_from(drawn).unwrap_or(0)];
        self.wants.insert(call, wants);
        wants
    }
}
