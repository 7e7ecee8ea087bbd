//! One call in the robot's menus: what a key means there, and what silence.

use crate::{Dialplan, Key, Menu, MenuChoice, MenuId, Target};

/// How many menus a call may go through. A caller who wanders about longer goes where the last menu
/// sends those who press nothing.
pub const MENUS_MAX: u32 = 32;

/// How often a caller may have one menu said again with `*`.
pub const ASKED_AGAIN_MAX: u32 = 5;

/// Where a call stands in the menus.
///
/// A key of the menu acts at once, also while the menu is said. A key that is not in the menu does
/// not interrupt it, since it is often an echo of speech; pressed in the silence afterwards, it is a
/// wrong key, and the menu is said again. Two keys mean the same in every menu that does not give them
/// a meaning: `*` says the menu again, and `#`, which many press to confirm, does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InMenus {
    menu: MenuId,
    /// How often the menu was said again after silence or a wrong key.
    repeated: u32,
    /// How often the caller had it said again.
    asked_again: u32,
    /// Menus that the call has gone through, with this one.
    menus: u32,
}

/// What a key means.
#[derive(Clone, Copy, Debug)]
pub enum KeyMeans<'a> {
    /// The caller chose.
    Choice(&'a MenuChoice),
    /// The menu is said again, as asked.
    SaidAgain,
    /// Nothing.
    Nothing,
    /// It is no key of this menu.
    Wrong(SilenceMeans<'a>),
}

/// What follows when the caller did not choose.
#[derive(Clone, Copy, Debug)]
pub enum SilenceMeans<'a> {
    /// The menu is said again.
    SaidAgain,
    /// The call is sent on, without a choice.
    SentOn(&'a Target),
}

impl InMenus {
    /// Comes to a menu from outside; `None` if there is none with this name.
    #[must_use]
    pub fn begin(plan: &Dialplan, menu: &MenuId) -> Option<InMenus> {
        let known = plan.menus.contains_key(menu);
        known.then(|| InMenus { menu: menu.clone(), repeated: 0, asked_again: 0, menus: 1 })
    }

    /// The menu.
    #[must_use]
    pub fn menu<'a>(&self, plan: &'a Dialplan) -> Option<&'a Menu> {
        plan.menus.get(&self.menu)
    }

    /// A key is pressed, while the menu is said or in the silence after it.
    pub fn key<'a>(&mut self, plan: &'a Dialplan, key: Key, is_said: bool) -> KeyMeans<'a> {
        let choices = self.menu(plan).map(|menu| menu.choices.as_slice()).unwrap_or_default();
        match (choices.iter().find(|choice| choice.key == key), key.label()) {
            (Some(choice), _) => KeyMeans::Choice(choice),
            (None, '*') if self.asked_again < ASKED_AGAIN_MAX => {
                self.asked_again += 1;
                KeyMeans::SaidAgain
            }
            (None, '#') => KeyMeans::Nothing,
            (None, _) if is_said => KeyMeans::Nothing,
            (None, _) => KeyMeans::Wrong(self.silence(plan)),
        }
    }

    /// The time for a key is over.
    pub fn silence<'a>(&mut self, plan: &'a Dialplan) -> SilenceMeans<'a> {
        match self.menu(plan) {
            Some(menu) if self.repeated < menu.repeat => {
                self.repeated += 1;
                SilenceMeans::SaidAgain
            }
            Some(menu) => SilenceMeans::SentOn(&menu.otherwise),
            None => SilenceMeans::SentOn(&Target::Hangup),
        }
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
        *self = InMenus { menu: menu.clone(), repeated: 0, asked_again: 0, menus: self.menus + 1 };
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
