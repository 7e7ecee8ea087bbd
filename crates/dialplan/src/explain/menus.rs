//! The walk through menus.

use ambient::Wall;
use speech::number_reader::NumberGrammar;
use speech::{NumberReader, Spotter, Thresholds, Verdict};

use super::question::Deed;
use super::step::{What, WhyNot};
use super::walk::{Next, Walk};
use crate::decide::{InMenus, KeyMeans, SilenceMeans, Told};
use crate::plan::MenuChoice;
use crate::{Dialplan, Key, Menu, MenuId, PromptName, Target, Thing};

/// What a deed of the caller comes to.
enum Then<'a> {
    /// The call goes there.
    Goes(Target),
    /// The menu is said again, after these words.
    SaidAgain(Option<PromptName>),
    /// The caller did not choose, and this follows.
    NotChosen(SilenceMeans<'a>, Option<PromptName>),
    /// Something was told.
    Told(Told),
    /// The caller goes on.
    GoesOn,
}

impl<'a> Walk<'a> {
    /// Through menus, until the call leaves them.
    pub(super) fn menus(&mut self, first: &MenuId) -> Next {
        let plan = self.plan;
        let Some(mut place) = InMenus::begin(plan, first) else {
            return Next::Go(Target::Hangup);
        };
        if let Some(recording) = &plan.robot_recording
            && !std::mem::replace(&mut self.told_of_recording, true)
        {
            let what = What::TellsOfRecording(recording.announce.clone());
            self.step(what, &Thing::Menu(first.clone()), "");
        }
        let mut words = None;
        loop {
            let Some(menu) = place.menu(plan) else { return Next::Go(Target::Hangup) };
            self.says(menu, words.take());
            let to = loop {
                let then = match self.deeds.next() {
                    Some(Deed::Key(key)) => self.key(menu, &mut place, *key),
                    Some(Deed::Says(said)) => self.hear(menu, &mut place, said),
                    Some(Deed::Silence) | None => self.silent(menu, &mut place),
                };
                match self.follow(menu, then) {
                    Then::Goes(to) => break Some(to),
                    Then::SaidAgain(first) => {
                        words = first;
                        break None;
                    }
                    Then::NotChosen(..) | Then::Told(_) | Then::GoesOn => {}
                }
            };
            let Some(to) = to else { continue };
            if let Some(out) = place.go(plan, &to) {
                if *out != to {
                    self.note(What::Wandered(out.clone()));
                }
                return Next::Go(out.clone());
            }
        }
    }

    fn says(&mut self, menu: &Menu, first: Option<PromptName>) {
        let words = first.into_iter().chain(menu.say.iter().cloned()).collect();
        self.step(What::Says(menu.id.clone(), words), &Thing::Menu(menu.id.clone()), "say");
    }

    /// A key is pressed.
    fn key(&mut self, menu: &'a Menu, place: &mut InMenus, key: Key) -> Then<'a> {
        self.hops = 0;
        // Prompts take no time here, so that a key always falls into the silence after.
        match place.key(self.plan, key, false) {
            KeyMeans::Choice(choice) => {
                let by = |words, to| What::Chose(menu.id.clone(), key, words, to);
                self.chose(menu, choice, by);
                Then::Goes(choice.to.clone())
            }
            KeyMeans::SaidAgain => {
                self.note(What::AskedAgain(key));
                Then::SaidAgain(None)
            }
            KeyMeans::Nothing => {
                self.note(What::IdleKey(key));
                Then::GoesOn
            }
            KeyMeans::Typed => {
                self.typed(menu, key);
                Then::GoesOn
            }
            KeyMeans::Told(told) => {
                self.typed(menu, key);
                Then::Told(told)
            }
            KeyMeans::Wrong(means) if menu.asks.is_some() => {
                self.typed(menu, key);
                let thing = Thing::Menu(menu.id.clone());
                self.step(What::NoAnswer(menu.id.clone()), &thing, "repeat");
                Then::NotChosen(means, menu.not_understood.clone())
            }
            KeyMeans::Wrong(means) => {
                let thing = Thing::Menu(menu.id.clone());
                self.step(What::WrongKey(menu.id.clone(), key), &thing, "repeat");
                self.keys_of(menu, None);
                Then::NotChosen(means, menu.wrong_key.clone())
            }
        }
    }

    /// A key of an answer: one step for all of them.
    fn typed(&mut self, menu: &Menu, key: Key) {
        if let Some(What::Typed(of, keys)) = self.last()
            && *of == menu.id
        {
            return keys.push(key);
        }
        let thing = Thing::Menu(menu.id.clone());
        self.step(What::Typed(menu.id.clone(), vec![key]), &thing, "asks_for");
    }

    /// Words are said.
    fn hear(&mut self, menu: &'a Menu, place: &mut InMenus, said: &str) -> Then<'a> {
        self.hops = 0;
        if let Some(told) = understood(self.plan, menu, place, said, self.now) {
            return Then::Told(told);
        }
        let spotted = menu.asks.is_none().then(|| spotted(menu, said)).flatten();
        if let Some(choice) = spotted.and_then(|nth| menu.choices.get(nth)) {
            let said = Box::from(said);
            let by = |words, to| What::ChoseByWords(menu.id.clone(), said, words, to);
            self.chose(menu, choice, by);
            return Then::Goes(choice.to.clone());
        }
        let thing = Thing::Menu(menu.id.clone());
        self.step(What::NotUnderstood(menu.id.clone(), said.into()), &thing, "repeat");
        self.keys_of(menu, None);
        Then::NotChosen(place.not_chosen(self.plan), menu.not_understood.clone())
    }

    /// Nothing is done for as long as the menu waits.
    fn silent(&mut self, menu: &'a Menu, place: &mut InMenus) -> Then<'a> {
        self.now = self.now + menu.wait;
        let means = place.silence(self.plan);
        if let SilenceMeans::Told(told) = means {
            return Then::Told(told);
        }
        let thing = Thing::Menu(menu.id.clone());
        self.step(What::Silence(menu.id.clone(), menu.wait), &thing, "wait");
        self.keys_of(menu, None);
        Then::NotChosen(means, menu.no_key.clone())
    }

    /// What follows, as a step where it is one.
    fn follow(&mut self, menu: &Menu, then: Then<'a>) -> Then<'a> {
        let thing = Thing::Menu(menu.id.clone());
        match then {
            Then::Told(Told::ReadBack(answer)) => {
                self.step(What::ReadsBack(menu.id.clone(), answer), &thing, "asks_for");
                Then::GoesOn
            }
            Then::Told(Told::Taken { answer, to, is_sure: _ }) => {
                let what = What::Told(menu.id.clone(), answer, to.clone());
                self.step(what, &thing, "then");
                self.other(WhyNot::Otherwise(menu.otherwise.clone()), &thing, "otherwise");
                Then::Goes(to)
            }
            Then::NotChosen(SilenceMeans::SaidAgain, words) => Then::SaidAgain(words),
            Then::NotChosen(SilenceMeans::SentOn(to), _) => {
                let what = What::SentOn(menu.id.clone(), to.clone());
                self.step(what, &thing, "otherwise");
                Then::Goes(to.clone())
            }
            Then::NotChosen(SilenceMeans::Told(told), _) => self.follow(menu, Then::Told(told)),
            then @ (Then::Goes(_) | Then::SaidAgain(_) | Then::GoesOn) => then,
        }
    }

    fn chose(
        &mut self,
        menu: &Menu,
        choice: &MenuChoice,
        what: impl FnOnce(Vec<PromptName>, Target) -> What,
    ) {
        if let Some(nth) = menu.choices.iter().position(|one| one.key == choice.key) {
            let thing = Thing::Choice(menu.id.clone(), nth);
            self.step(what(choice.say.clone(), choice.to.clone()), &thing, "to");
        }
        self.keys_of(menu, Some(choice.key));
        let thing = Thing::Menu(menu.id.clone());
        self.other(WhyNot::Otherwise(menu.otherwise.clone()), &thing, "otherwise");
    }

    /// The keys that were not pressed.
    fn keys_of(&mut self, menu: &Menu, but: Option<Key>) {
        for (index, choice) in menu.choices.iter().enumerate() {
            if Some(choice.key) != but {
                let thing = Thing::Choice(menu.id.clone(), index);
                self.other(WhyNot::Key(choice.key, choice.to.clone()), &thing, "to");
            }
        }
    }
}

/// What was told by these words, heard well, where a menu asks for something; yes to what was read back.
fn understood(
    plan: &Dialplan,
    menu: &Menu,
    place: &mut InMenus,
    said: &str,
    now: Wall,
) -> Option<Told> {
    if place.is_reading_back() {
        return says_yes(said).then(|| place.said_yes(plan)).flatten();
    }
    match menu.asks.as_ref()?.what.in_numbers() {
        None => {
            let clinic = u16::try_from(spotted(menu, said)?).ok()?;
            place.said_name(plan, speech::ChoiceId(clinic))
        }
        Some(kind) => {
            let mut reader = NumberReader::new(std::sync::Arc::new(NumberGrammar::of(kind)));
            reader.hear_text(said);
            place.said_number(plan, &reader.read()?.words, now)
        }
    }
}

/// The choice whose words these surely are.
fn spotted(menu: &Menu, said: &str) -> Option<usize> {
    surely(menu.grammar.as_ref()?, said).map(|choice| usize::from(choice.0))
}

fn says_yes(said: &str) -> bool {
    let yes_no = std::sync::Arc::new(speech::Grammar::yes_no());
    surely(&yes_no, said) == Some(speech::grammar::YES)
}

fn surely(words: &std::sync::Arc<speech::Grammar>, said: &str) -> Option<speech::ChoiceId> {
    let mut spotter = Spotter::new(words.clone());
    spotter.hear_text(said);
    match spotter.verdict(Thresholds::default()) {
        Verdict::Sure(hit) => Some(hit.choice),
        Verdict::Ask(_) | Verdict::Nothing => None,
    }
}
