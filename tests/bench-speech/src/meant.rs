//! What is listened for in a recording's menu, and what of it is said.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use speech::ear::Expects;
use speech::grammar::{NO, YES};
use speech::number_reader::NumberGrammar;
use speech::spoken::{self, NumberKind, NumberWord};
use speech::{ChoiceId, Grammar, NumberReader, Outcome};

use crate::list::Recording;

/// What a listener made of what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The choice that was said is taken.
    Right,
    /// It is named in the question.
    AskedRight,
    /// Another one is named in the question.
    AskedWrong,
    /// Another one is taken, or any where none was said.
    Wrong,
    /// Nothing was understood.
    Nothing,
}

/// What is said, in the listener's terms.
#[derive(Clone, Debug)]
pub(crate) enum Meant {
    Choice(ChoiceId),
    Numbers(Vec<NumberWord>),
    /// What the numbers tell, as a menu takes it.
    Told(fn(&[NumberWord]) -> Option<String>, String),
    /// No keyword.
    Other,
}

impl Meant {
    pub(crate) fn fate(&self, outcome: &Outcome) -> Fate {
        match (outcome, self) {
            (Outcome::Understood(found), Meant::Choice(meant)) if found.choice == *meant => {
                Fate::Right
            }
            (Outcome::Ask(found), Meant::Choice(meant)) if found.choice == *meant => {
                Fate::AskedRight
            }
            (Outcome::Numbers(words, _), Meant::Numbers(meant)) if words == meant => Fate::Right,
            (Outcome::Numbers(words, _), Meant::Told(telling, meant)) => match telling(words) {
                Some(told) if told == *meant => Fate::Right,
                Some(_) => Fate::Wrong,
                None => Fate::Nothing,
            },
            (Outcome::Understood(_) | Outcome::Numbers(..), _) => Fate::Wrong,
            (Outcome::Ask(_), _) => Fate::AskedWrong,
            (Outcome::NoMatch(_) | Outcome::NoInput | Outcome::Deaf, _) => Fate::Nothing,
        }
    }
}

/// A date of birth, as the robot takes it.
fn birth_date(words: &[NumberWord]) -> Option<String> {
    const THIS_YEAR: u16 = 2026;
    spoken::date(words, THIS_YEAR).map(|date| format!("{date:?}"))
}

/// The phrases of the menus, and their grammars, each made once.
pub(crate) struct Menus {
    /// Phrases of the main menu by choice.
    main: BTreeMap<String, Vec<String>>,
    numbers: BTreeMap<Option<NumberKind>, Arc<NumberGrammar>>,
    made: BTreeMap<(String, String), Arc<Grammar>>,
}

impl Menus {
    /// Reads the main menu's words.
    pub(crate) fn read() -> Result<Menus, Box<dyn Error>> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../training/texts/menu.tsv");
        let text = std::fs::read_to_string(file)?;
        let mut main: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((choice, phrase)) = line.split_once('\t') {
                main.entry(choice.to_owned()).or_default().push(phrase.to_owned());
            }
        }
        Ok(Menus { main, numbers: BTreeMap::new(), made: BTreeMap::new() })
    }

    /// The words of a kind of numbers; of `None` all.
    fn numbers(&mut self, kind: Option<NumberKind>) -> Arc<NumberGrammar> {
        let made = self
            .numbers
            .entry(kind)
            .or_insert_with(|| Arc::new(kind.map_or_else(NumberGrammar::new, NumberGrammar::of)));
        Arc::clone(made)
    }

    /// What is listened for, and what is said; `None` of what was recorded without a menu.
    pub(crate) fn of(
        &mut self,
        recording: &Recording,
    ) -> Result<Option<(Expects, Meant)>, Box<dyn Error>> {
        let menu = &*recording.menu;
        Ok(Some(match menu {
            "-" => return Ok(None),
            "digit" | "number" => {
                let meant = self.numbers_of(&recording.text).map_or(Meant::Other, Meant::Numbers);
                (Expects::Numbers(self.numbers(None)), meant)
            }
            "telephone" => self.told(recording, NumberKind::Telephone, spoken::telephone)?,
            "birth-date" => self.told(recording, NumberKind::Date, birth_date)?,
            "house" => self.told(recording, NumberKind::House, spoken::house)?,
            "yes-no" => {
                let meant = match recording.expected() {
                    Some("yes") => Meant::Choice(YES),
                    Some(_) => Meant::Choice(NO),
                    None => Meant::Other,
                };
                (Expects::Phrases(self.grammar(recording)?), meant)
            }
            _ => {
                let choices = recording.choices();
                let place = |expected| choices.iter().position(|choice| *choice == expected);
                let nth = recording.expected().and_then(place);
                let meant = nth.map_or(Meant::Other, |nth| Meant::Choice(ChoiceId(nth as u16)));
                (Expects::Phrases(self.grammar(recording)?), meant)
            }
        }))
    }

    fn numbers_of(&mut self, text: &str) -> Option<Vec<NumberWord>> {
        let mut reader = NumberReader::new(self.numbers(None));
        reader.hear_text(text);
        reader.read().map(|read| read.words)
    }

    fn told(
        &mut self,
        recording: &Recording,
        kind: NumberKind,
        telling: fn(&[NumberWord]) -> Option<String>,
    ) -> Result<(Expects, Meant), Box<dyn Error>> {
        let told = self.numbers_of(&recording.text).and_then(|words| telling(&words));
        let told = told.ok_or_else(|| format!("{}: tells nothing", recording.text))?;
        Ok((Expects::Numbers(self.numbers(Some(kind))), Meant::Told(telling, told)))
    }

    fn grammar(&mut self, recording: &Recording) -> Result<Arc<Grammar>, Box<dyn Error>> {
        let choices = recording.choices();
        let key = (recording.menu.clone(), choices.join(","));
        if let Some(made) = self.made.get(&key) {
            return Ok(Arc::clone(made));
        }
        let grammar = match &*recording.menu {
            "yes-no" => Grammar::yes_no(),
            "main" => Grammar::new((0..).zip(&choices).flat_map(|(nth, choice)| {
                let phrases = self.main.get(*choice).into_iter().flatten();
                phrases.map(move |phrase| (ChoiceId(nth), &**phrase))
            }))?,
            // Days, months and ordinals are named as they are written.
            _ => Grammar::new((0..).zip(&choices).map(|(nth, choice)| (ChoiceId(nth), *choice)))?,
        };
        let grammar = Arc::new(grammar);
        self.made.insert(key, Arc::clone(&grammar));
        Ok(grammar)
    }
}
