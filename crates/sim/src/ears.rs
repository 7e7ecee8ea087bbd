//! Who listens in a world: what callers say to the robot, and what is understood of it.
//!
//! Sound is not simulated for this. When a caller speaks, and what, is drawn; what the line hears of it is
//! drawn from the figures of the real recogniser ([`Ability`]).

mod ability;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono};
use journal::CallId;
use speech::ear::{Expects, Heard, Understood};
use speech::grammar::{NO, YES};
use speech::spoken::NumberKind;
use speech::spoken::NumberWord::{Block, Cardinal, Month, Ordinal};
use speech::{ChoiceId, Outcome, Output, Turn};
use switch::{Listening, TurnId};

pub use ability::Ability;
use ability::{Hearing, Menu};

/// Callers who speak.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Of a thousand turns, in how many the caller says something.
    pub speak: u64,
    /// Of a thousand things that are said in a menu, how many name none of its choices.
    pub beside: u64,
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
    callers: BTreeMap<CallId, Caller>,
}

/// Who speaks.
#[derive(Debug)]
struct Caller {
    /// One of the lines that the recogniser was measured on.
    line: usize,
    wants: Option<ChoiceId>,
    /// What they were asked about last.
    asked: Option<ChoiceId>,
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
            callers: BTreeMap::new(),
        }
    }

    /// What a caller wants, who has said so, and the number of their line.
    #[must_use]
    pub fn wants(&self, call: CallId) -> Option<(ChoiceId, usize)> {
        let caller = self.callers.get(&call)?;
        Some((caller.wants?, caller.line))
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
        let call = open.call;
        let grammar = match &open.terms.expects {
            Expects::Phrases(grammar) => Arc::clone(grammar),
            Expects::Numbers(numbers) => {
                let told = numbers.kind().and_then(|kind| self.number(call, kind));
                return told.unwrap_or(nothing);
            }
        };
        let mut choices: Vec<ChoiceId> = grammar.phrases().iter().map(|said| said.choice).collect();
        choices.sort_unstable();
        choices.dedup();
        let is_yes_no = grammar.phrases()[0].text == "да";
        let (menu, said) = if is_yes_no {
            choices = vec![YES, NO];
            let caller = self.caller(call);
            let is_yes = caller.asked.is_some() && caller.asked == caller.wants;
            (Menu::YesNo, Some(usize::from(!is_yes)))
        } else {
            let wants = self.wants_of(call, &choices);
            let is_beside = self.entropy.below(1000) < self.manners.beside;
            (Menu::Choices(choices.len()), (!is_beside).then_some(wants))
        };
        let line = self.caller(call).line;
        let (choice, is_sure) = match self.manners.ability.hear(&mut self.entropy, line, menu, said)
        {
            Hearing::Taken(place) => (choices[place], true),
            Hearing::Asked(place) => (choices[place], false),
            Hearing::Nothing => return nothing,
        };
        let phrase = grammar.phrases().iter().find(|phrase| phrase.choice == choice);
        let phrase = phrase.map(|phrase| phrase.text.clone()).unwrap_or_default();
        let heard = Heard { text: phrase.clone() };
        let understood = Understood { choice, phrase, score: -0.5, heard };
        if is_sure {
            return Outcome::Understood(understood);
        }
        if !is_yes_no {
            self.caller(call).asked = Some(choice);
        }
        Outcome::Ask(understood)
    }

    /// Draws whether the number that a caller tells is understood.
    fn number(&mut self, call: CallId, kind: NumberKind) -> Option<Outcome> {
        let (menu, words, others) = match kind {
            NumberKind::Telephone => {
                let said = [8, 900, 12, 300, 45, 60, 7, 80, 9].map(Cardinal);
                let other = [8, 900, 12, 300, 45, 60, 7, 80, 2].map(Cardinal);
                (Menu::Telephone, said.to_vec(), other.to_vec())
            }
            NumberKind::Date => {
                let said = vec![Ordinal(5), Month(3), Cardinal(40), Ordinal(7)];
                let other = vec![Ordinal(5), Month(3), Cardinal(40), Ordinal(6)];
                (Menu::BirthDate, said, other)
            }
            NumberKind::House => {
                let said = vec![Cardinal(20), Cardinal(2), Block, Cardinal(1)];
                (Menu::House, said, vec![Cardinal(20), Block, Cardinal(1)])
            }
        };
        let line = self.caller(call).line;
        let heard = Heard { text: "число".to_owned() };
        match self.manners.ability.hear(&mut self.entropy, line, menu, Some(0)) {
            Hearing::Taken(0) => Some(Outcome::Numbers(words, heard)),
            Hearing::Taken(_) => Some(Outcome::Numbers(others, heard)),
            Hearing::Asked(_) | Hearing::Nothing => None,
        }
    }

    /// The place of what a caller wants, whatever menu it is; who comes to another may want something else.
    fn wants_of(&mut self, call: CallId, choices: &[ChoiceId]) -> usize {
        let wants = self.caller(call).wants;
        let place = choices.iter().position(|choice| Some(*choice) == wants);
        if let Some(place) = place {
            return place;
        }
        let drawn = usize::try_from(self.entropy.below(choices.len() as u64)).unwrap_or(0);
        self.caller(call).wants = choices.get(drawn).copied();
        drawn
    }

    fn caller(&mut self, call: CallId) -> &mut Caller {
        let entropy = &mut self.entropy;
        self.callers.entry(call).or_insert_with(|| {
            let line = usize::try_from(entropy.below(Ability::lines() as u64)).unwrap_or(0);
            Caller { line, wants: None, asked: None }
        })
    }
}
