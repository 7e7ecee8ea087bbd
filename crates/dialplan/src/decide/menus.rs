//! One call in the robot's menus: what a key means there, what silence, and what an answer to a question.

use ambient::Wall;
use speech::ChoiceId;
use speech::spoken::NumberWord;

use super::Answer;
use super::answer::TYPED_MAX;
use crate::plan::Asks;
use crate::{ClinicId, Dialplan, Key, Menu, MenuChoice, MenuId, Target};

/// How many menus a call may go through. A caller who wanders about longer goes where the last menu
/// sends those who press nothing.
pub const MENUS_MAX: u32 = 32;

/// How often a caller may have one menu said again with `*`.
pub const ASKED_AGAIN_MAX: u32 = 5;

/// The key that means yes while an answer is read back, and the one that means no.
const YES_NO_KEYS: (char, char) = ('1', '2');

/// Where a call stands in the menus.
///
/// A key of the menu acts at once, also while the menu is said. A key that is not in the menu does
/// not interrupt it, since it is often an echo of speech; pressed in the silence afterwards, it is a
/// wrong key, and the menu is said again. Two keys mean the same in every menu that does not give them
/// a meaning: `*` says the menu again, and `#`, which many press to confirm, does nothing.
///
/// Where a menu asks for something, digits are an answer; `#` or a silence ends it. It is read back then,
/// and `1` says that it is right, `2` that it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InMenus {
    menu: MenuId,
    /// How often the menu was said again after silence or a wrong key.
    repeated: u32,
    /// How often the caller had it said again.
    asked_again: u32,
    /// Menus that the call has gone through, with this one.
    menus: u32,
    /// How far the answer is, where the menu asks for something.
    answer: Progress,
    /// The caller was asked whether this clinic was meant, and has not said yes.
    refused: Option<ClinicId>,
}

/// How far the answer to a question is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Progress {
    /// These digits were typed.
    Typed(String),
    /// It is read back.
    ReadBack(Answer),
}

/// What a key means.
#[derive(Clone, Debug)]
pub enum KeyMeans<'a> {
    /// The caller chose.
    Choice(&'a MenuChoice),
    /// The menu is said again, as asked.
    SaidAgain,
    /// Nothing.
    Nothing,
    /// A digit of an answer; others may follow.
    Typed,
    /// Something was told.
    Told(Told),
    /// It is no key of this menu, or an answer that is none.
    Wrong(SilenceMeans<'a>),
}

/// What follows when the caller did nothing.
#[derive(Clone, Debug)]
pub enum SilenceMeans<'a> {
    /// The menu is said again.
    SaidAgain,
    /// The call is sent on, without a choice.
    SentOn(&'a Target),
    /// What was typed before is told with it.
    Told(Told),
}

/// What follows when the caller has told what the menu asks for.
#[derive(Clone, Debug)]
pub enum Told {
    /// It is read back, and the caller asked whether it is right.
    ReadBack(Answer),
    /// The call goes there with it.
    Taken {
        /// What was told.
        answer: Answer,
        /// The caller has confirmed it, or it needed that not.
        is_sure: bool,
        /// Where the call goes.
        to: Target,
    },
}

impl InMenus {
    /// Comes to a menu from outside; `None` if there is none with this name.
    #[must_use]
    pub fn begin(plan: &Dialplan, menu: &MenuId) -> Option<InMenus> {
        plan.menus.contains_key(menu).then(|| InMenus::first_time(menu, 1))
    }

    fn first_time(menu: &MenuId, menus: u32) -> InMenus {
        let answer = Progress::default();
        InMenus { menu: menu.clone(), repeated: 0, asked_again: 0, menus, answer, refused: None }
    }

    /// The menu.
    #[must_use]
    pub fn menu<'a>(&self, plan: &'a Dialplan) -> Option<&'a Menu> {
        plan.menus.get(&self.menu)
    }

    /// A key is pressed, while the menu is said or in the silence after it.
    pub fn key<'a>(&mut self, plan: &'a Dialplan, key: Key, is_said: bool) -> KeyMeans<'a> {
        let menu = self.menu(plan);
        if let Some(asks) = menu.and_then(|menu| menu.asks.as_ref())
            && let Some(means) = self.key_of_answer(plan, asks, key.label())
        {
            return means;
        }
        let choices = menu.map(|menu| menu.choices.as_slice()).unwrap_or_default();
        match (choices.iter().find(|choice| choice.key == key), key.label()) {
            (Some(choice), _) => KeyMeans::Choice(choice),
            (None, '*') if self.asked_again < ASKED_AGAIN_MAX => {
                self.asked_again += 1;
                self.answer = Progress::default();
                KeyMeans::SaidAgain
            }
            (None, '#') => KeyMeans::Nothing,
            (None, _) if is_said => KeyMeans::Nothing,
            (None, _) => KeyMeans::Wrong(self.not_chosen(plan)),
        }
    }

    /// What a key means where something is asked for; `None` if what it means in any menu.
    fn key_of_answer<'a>(
        &mut self,
        plan: &'a Dialplan,
        asks: &'a Asks,
        label: char,
    ) -> Option<KeyMeans<'a>> {
        match &mut self.answer {
            Progress::Typed(typed) if label.is_ascii_digit() => {
                typed.push(label);
                let is_whole = asks.what.is_whole(plan, typed) || typed.len() == TYPED_MAX;
                Some(if is_whole { self.typed(plan, asks).into() } else { KeyMeans::Typed })
            }
            Progress::Typed(typed) if label == '#' && !typed.is_empty() => {
                Some(self.typed(plan, asks).into())
            }
            Progress::Typed(_) => None,
            Progress::ReadBack(answer) if label == YES_NO_KEYS.0 => {
                Some(KeyMeans::Told(taken(answer.clone(), true, asks)))
            }
            Progress::ReadBack(_) if label == YES_NO_KEYS.1 => {
                Some(KeyMeans::Wrong(self.not_chosen(plan)))
            }
            Progress::ReadBack(_) if label == '*' => None,
            Progress::ReadBack(_) => Some(KeyMeans::Nothing),
        }
    }

    /// The time for a key is over. Who says nothing against what was read back is taken to agree, though
    /// not surely; but not to a clinic, which was not clear already.
    pub fn silence<'a>(&mut self, plan: &'a Dialplan) -> SilenceMeans<'a> {
        let asks = self.menu(plan).and_then(|menu| menu.asks.as_ref());
        match (&self.answer, asks) {
            (Progress::Typed(typed), Some(asks)) if !typed.is_empty() => self.typed(plan, asks),
            (Progress::ReadBack(Answer::Clinic(_)), Some(_)) => {
                // No answer is no refusal.
                self.answer = Progress::default();
                self.not_chosen(plan)
            }
            (Progress::ReadBack(answer), Some(asks)) => {
                SilenceMeans::Told(taken(answer.clone(), false, asks))
            }
            (Progress::Typed(_) | Progress::ReadBack(_), _) => self.not_chosen(plan),
        }
    }

    /// The caller has not chosen: pressed nothing or a wrong key, was not understood, or has said that an
    /// answer is wrong.
    pub fn not_chosen<'a>(&mut self, plan: &'a Dialplan) -> SilenceMeans<'a> {
        if let Progress::ReadBack(Answer::Clinic(clinic)) = std::mem::take(&mut self.answer) {
            self.refused = Some(clinic);
        }
        match self.menu(plan) {
            Some(menu) if self.repeated < menu.repeat => {
                self.repeated += 1;
                SilenceMeans::SaidAgain
            }
            Some(menu) => SilenceMeans::SentOn(&menu.otherwise),
            None => SilenceMeans::SentOn(&Target::Hangup),
        }
    }

    /// The digits so far are all.
    fn typed<'a>(&mut self, plan: &'a Dialplan, asks: &Asks) -> SilenceMeans<'a> {
        let answer = match &self.answer {
            Progress::Typed(typed) => Answer::of_keys(plan, asks.what, typed),
            Progress::ReadBack(_) => None,
        };
        match answer {
            Some(answer) => SilenceMeans::Told(self.told(asks, answer)),
            None => self.not_chosen(plan),
        }
    }

    /// The caller has said a number; `None` if it is not what the menu asks for.
    pub fn said_number(
        &mut self,
        plan: &Dialplan,
        words: &[NumberWord],
        now: Wall,
    ) -> Option<Told> {
        let asks = self.menu(plan)?.asks.as_ref()?;
        let answer = Answer::of_words(plan, asks.what, words, now)?;
        Some(self.told(asks, answer))
    }

    /// The caller has surely said the name of a clinic; `None` if the menu does not ask for one.
    pub fn said_name(&mut self, plan: &Dialplan, choice: ChoiceId) -> Option<Told> {
        let asks = self.menu(plan)?.asks.as_ref()?;
        Some(self.told(asks, Answer::of_name(plan, choice)?))
    }

    /// The caller has said what may be the name of a clinic; `None` if there is nothing to ask, or the caller
    /// was asked so and has not said yes.
    pub fn perhaps_said_name(&mut self, plan: &Dialplan, choice: ChoiceId) -> Option<Told> {
        self.menu(plan)?.asks.as_ref()?;
        let Some(Answer::Clinic(clinic)) = Answer::of_name(plan, choice) else { return None };
        if plan.clinics.get(&clinic)?.ask.is_empty() || self.refused.as_ref() == Some(&clinic) {
            return None;
        }
        let answer = Answer::Clinic(clinic);
        self.answer = Progress::ReadBack(answer.clone());
        Some(Told::ReadBack(answer))
    }

    /// The caller has said that what was read back is right; `None` if nothing was.
    #[must_use]
    pub fn said_yes(&self, plan: &Dialplan) -> Option<Told> {
        let asks = self.menu(plan)?.asks.as_ref()?;
        match &self.answer {
            Progress::ReadBack(answer) => Some(taken(answer.clone(), true, asks)),
            Progress::Typed(_) => None,
        }
    }

    /// Whether the caller is asked if what was read back is right.
    #[must_use]
    pub fn is_reading_back(&self) -> bool {
        matches!(self.answer, Progress::ReadBack(_))
    }

    fn told(&mut self, asks: &Asks, answer: Answer) -> Told {
        if !answer.is_read_back() {
            return taken(answer, true, asks);
        }
        self.answer = Progress::ReadBack(answer.clone());
        Told::ReadBack(answer)
    }

    /// The call is led to this place: `None` if it is a menu, which it has entered, and else where
    /// it goes now that it leaves the menus.
    pub fn go<'a>(&mut self, plan: &'a Dialplan, to: &'a Target) -> Option<&'a Target> {
        let Target::Menu(menu) = to else { return Some(to) };
        if self.menus >= MENUS_MAX {
            return Some(self.way_out(plan));
        }
        if !plan.menus.contains_key(menu) {
            return Some(&Target::Hangup);
        }
        *self = InMenus::first_time(menu, self.menus + 1);
        None
    }

    /// Where the call would come to if the caller pressed nothing any more. A checked dialplan has
    /// no loop there; the ceiling holds for any.
    fn way_out<'a>(&self, plan: &'a Dialplan) -> &'a Target {
        let mut menu = self.menu(plan);
        for _ in 0..MENUS_MAX {
            match menu.map(|menu| &menu.otherwise) {
                Some(Target::Menu(next)) => menu = plan.menus.get(next),
                Some(to) => return to,
                None => break,
            }
        }
        &Target::Hangup
    }
}

impl Default for Progress {
    fn default() -> Progress {
        Progress::Typed(String::new())
    }
}

impl<'a> From<SilenceMeans<'a>> for KeyMeans<'a> {
    /// What a key means that ends an answer.
    fn from(means: SilenceMeans<'a>) -> KeyMeans<'a> {
        match means {
            SilenceMeans::Told(told) => KeyMeans::Told(told),
            means @ (SilenceMeans::SaidAgain | SilenceMeans::SentOn(_)) => KeyMeans::Wrong(means),
        }
    }
}

fn taken(answer: Answer, is_sure: bool, asks: &Asks) -> Told {
    let to = match (&asks.then, &answer) {
        (Some(then), _) => then.clone(),
        (None, Answer::Clinic(clinic)) => Target::Clinic(clinic.clone()),
        // The check of a dialplan wants to know where such a call goes.
        (None, _) => Target::Hangup,
    };
    Told::Taken { answer, is_sure, to }
}
