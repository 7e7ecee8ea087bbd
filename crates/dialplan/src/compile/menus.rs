//! The robot's menus.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use speech::{ChoiceId, Grammar};

use super::{Context, entries, seconds};
use crate::plan::{AskedFor, Key};
use crate::read::Field;
use crate::source::{At, Spot};
use crate::tables::{ChoiceTable, MenuDefaults, MenuTable};
use crate::{Menu, MenuChoice, MenuId};

/// How long a menu waits for a key unless it says otherwise.
const WAIT: Duration = seconds(8);
const WAIT_LIMITS: (Duration, Duration) = (seconds(1), seconds(60));
/// How often a menu is said again unless it says otherwise.
const REPEAT: usize = 2;
/// Nobody listens to a menu more often.
const REPEAT_MAX: usize = 9;

impl Context<'_> {
    /// All menus.
    pub(super) fn menus(&mut self) -> BTreeMap<MenuId, Menu> {
        let defaults = self.root.menu_defaults.or_empty();
        // Checked even if every menu says it itself.
        let MenuDefaults { wrong_key, no_key, not_understood, keys_only, .. } = defaults;
        let prompts = [wrong_key, no_key, not_understood, keys_only];
        for name in prompts.into_iter().filter_map(Field::given) {
            self.prompt(name);
        }
        let mut menus = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.menus) {
            let id = MenuId::from(&**name);
            if let Some(menu) = self.menu(id.clone(), spot, table, defaults) {
                menus.insert(id, menu);
            }
        }
        menus
    }

    fn menu(
        &mut self,
        id: MenuId,
        spot: Spot,
        table: &MenuTable,
        defaults: &MenuDefaults,
    ) -> Option<Menu> {
        let what = format!("menu \"{id}\"");
        let owner = (spot, what.as_str());
        let written = table.say.need("say", "[\"welcome\"]", owner, self.findings);
        if let Some(at) = written.filter(|at| at.value.is_empty()) {
            self.findings
                .error(at.spot, format!("{what} says nothing"))
                .remedy("name at least one prompt");
        }
        let say = self.prompts(&table.say);
        let otherwise =
            table.otherwise.need("otherwise", "\"queue:operator\"", owner, self.findings);
        let otherwise = otherwise.and_then(|target| self.target_of_menu(target));
        let choices = self.choices(table, owner);
        let asks = self.asks(table, owner);
        let grammar = match asks.as_ref().map(|asks| asks.what) {
            Some(AskedFor::Clinic) => self.clinic_names(owner),
            Some(_) | None => self.grammar(&choices, owner),
        };
        let repeat = self.count(table.repeat.or(&defaults.repeat), REPEAT, (0, REPEAT_MAX));
        let wrong_key = table.wrong_key.or(&defaults.wrong_key).given();
        let no_key = table.no_key.or(&defaults.no_key).given();
        let not_understood = table.not_understood.or(&defaults.not_understood).given();
        let keys_only = table.keys_only.or(&defaults.keys_only).given();
        Some(Menu {
            say,
            wait: self.duration(table.wait.or(&defaults.wait), WAIT, WAIT_LIMITS),
            repeat: u32::try_from(repeat).unwrap_or(0),
            wrong_key: wrong_key.and_then(|name| self.prompt(name)),
            no_key: no_key.and_then(|name| self.prompt(name)),
            not_understood: not_understood.and_then(|name| self.prompt(name)),
            keys_only: keys_only.and_then(|name| self.prompt(name)),
            otherwise: otherwise?,
            grammar,
            choices,
            asks,
            id,
        })
    }

    fn choices(&mut self, table: &MenuTable, owner: (Spot, &str)) -> Vec<MenuChoice> {
        let written = table.choice.value().map(Vec::as_slice).unwrap_or_default();
        let is_bad = matches!(table.choice, Field::Bad);
        if written.is_empty() && !is_bad && matches!(table.asks_for, Field::Absent) {
            self.findings
                .error(owner.0, format!("{} has no `choice`", owner.1))
                .remedy("add [[menus.NAME.choice]] with key and to");
        }
        let mut keys: BTreeMap<Key, Spot> = BTreeMap::new();
        written.iter().filter_map(|choice| self.choice(choice, owner.1, &mut keys)).collect()
    }

    fn choice(
        &mut self,
        written: &At<ChoiceTable>,
        menu: &str,
        keys: &mut BTreeMap<Key, Spot>,
    ) -> Option<MenuChoice> {
        let At { spot, value: table } = written;
        let what = format!("a choice of {menu}");
        let owner = (*spot, what.as_str());
        let key = table.key.need("key", "\"1\"", owner, self.findings);
        if let Some(key) = key
            && let Some(first) = keys.insert(key.value.0, key.spot)
        {
            self.findings
                .error(key.spot, format!("key {} is used twice in {menu}", key.value.0.label()))
                .remedy("give each choice a key of its own")
                .elsewhere(first, "first here");
        }
        let to = table.to.need("to", "\"queue:operator\"", owner, self.findings);
        let to = to.and_then(|target| self.target_of_menu(target));
        let (ask, say) = (self.prompts(&table.ask), self.prompts(&table.say));
        let words = table.words.value().map(Vec::as_slice).unwrap_or_default();
        let words = words.iter().map(|word| word.value.0.clone()).collect();
        Some(MenuChoice { key: key?.value.0, words, ask, say, to: to? })
    }

    /// What is listened for in a menu. Words that nobody can say are told by a check, and left out.
    fn grammar(&mut self, choices: &[MenuChoice], owner: (Spot, &str)) -> Option<Arc<Grammar>> {
        let sayable = |word: &str| Grammar::new([(ChoiceId(0), word)]).is_ok();
        let words = (0..).zip(choices).flat_map(|(place, choice)| {
            choice.words.iter().map(move |word| (ChoiceId(place), &**word))
        });
        match Grammar::new(words.filter(|(_, word)| sayable(word))) {
            Ok(grammar) => (!grammar.phrases().is_empty()).then(|| Arc::new(grammar)),
            Err(bad) => {
                self.findings
                    .error(owner.0, format!("the words of {}: {bad}", owner.1))
                    .remedy("let its choices have fewer words");
                None
            }
        }
    }
}
