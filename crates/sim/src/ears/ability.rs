//! How well callers are heard, as the real recogniser was measured.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ambient::Entropy;
use serde::Deserialize;

/// What `cargo xtask bench speech` wrote (docs/benchmarks.md): on each line, of each menu, what was taken for what that
/// was said by voices that the embedded model was not trained on.
const CONFUSION: &str = include_str!("confusion.json");
/// The measured menu's choices, in their order.
const MAIN: [&str; 6] =
    ["doctor", "appointment", "vaccination", "medicine", "information", "operator"];
/// A question that is answered by yes or no.
const YES_NO: [&str; 2] = ["yes", "no"];
/// What names no choice.
const BESIDE: &str = "-";
/// What is told in numbers.
const NUMBERS: [&str; 2] = ["right", "wrong"];

static MEASURED: LazyLock<BTreeMap<String, Menus>> =
    LazyLock::new(|| serde_json::from_str(CONFUSION).expect("the bench wrote it"));

/// Rows by menu, and by what was said in it.
type Menus = BTreeMap<String, BTreeMap<String, Row>>;

/// What became of one thing that is said.
#[derive(Debug, Deserialize)]
struct Row {
    /// How often it was said.
    of: u64,
    /// How often each choice was taken for it.
    taken: BTreeMap<String, u64>,
    /// How often each was asked about.
    asked: BTreeMap<String, u64>,
}

/// How well callers are heard.
#[derive(Clone, Copy, Debug)]
pub enum Ability {
    /// As the embedded model hears: each caller has one of the measured lines, from clean to 5 dB.
    Measured,
    /// All alike: what becomes of a thousand phrases. The rest is not understood at all.
    Even {
        /// Taken for what was said.
        right: u64,
        /// Asked about, rightly.
        asked: u64,
        /// Taken for something else.
        wrong: u64,
        /// Asked about, and something else was said.
        asked_wrong: u64,
    },
}

/// What is listened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Menu {
    /// So many choices.
    Choices(usize),
    /// Yes is the first, no the second.
    YesNo,
    Telephone,
    BirthDate,
    House,
}

/// What was understood: places of choices; of numbers, 0 is what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    Taken(usize),
    Asked(usize),
    Nothing,
}

impl Ability {
    /// So many lines a caller may have.
    pub(super) fn lines() -> usize {
        MEASURED.len()
    }

    /// Draws what is understood when a caller on this line says the choice at a place, or something that names none.
    pub(super) fn hear(
        self,
        entropy: &mut Entropy,
        line: usize,
        menu: Menu,
        said: Option<usize>,
    ) -> Hearing {
        match (self, said) {
            (Ability::Measured, _) => menu.measured(entropy, line, said),
            (Ability::Even { .. }, None) => Hearing::Nothing,
            (Ability::Even { right, asked, wrong, asked_wrong }, Some(said)) => {
                let other = menu.other(entropy, said);
                let fates = [
                    (right, Hearing::Taken(said)),
                    (asked, Hearing::Asked(said)),
                    (wrong, Hearing::Taken(other)),
                    (asked_wrong, Hearing::Asked(other)),
                ];
                draw(entropy, 1000, fates)
            }
        }
    }
}

impl Menu {
    /// Its name in the table, and those of its choices.
    fn names(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Menu::Choices(_) => ("main", &MAIN),
            Menu::YesNo => ("yes-no", &YES_NO),
            Menu::Telephone => ("telephone", &NUMBERS),
            Menu::BirthDate => ("birth-date", &NUMBERS),
            Menu::House => ("house", &NUMBERS),
        }
    }

    fn choices(self) -> usize {
        match self {
            Menu::Choices(count) => count,
            Menu::YesNo | Menu::Telephone | Menu::BirthDate | Menu::House => 2,
        }
    }

    /// Any choice but this; this one where it is the only.
    fn other(self, entropy: &mut Entropy, said: usize) -> usize {
        let others = self.choices().saturating_sub(1).max(1) as u64;
        let drawn = usize::try_from(entropy.below(others)).unwrap_or(0);
        (said + 1 + drawn) % self.choices().max(1)
    }

    /// Choices of larger menus than the measured one are heard as its choices are, in turn; what is taken for a choice
    /// that a smaller menu has not is not understood in it.
    fn measured(self, entropy: &mut Entropy, line: usize, said: Option<usize>) -> Hearing {
        let (menu, names) = self.names();
        let rows = MEASURED.values().nth(line).and_then(|menus| menus.get(menu));
        let alike = said.map_or(BESIDE, |said| names[said % names.len()]);
        let Some(row) = rows.and_then(|rows| rows.get(alike)) else {
            return Hearing::Nothing;
        };
        let hearing = |name: &String, hearing: fn(usize) -> Hearing| {
            let place = match said.filter(|_| name == alike) {
                None => names.iter().position(|choice| choice == name),
                is_said => is_said,
            };
            place.filter(|place| *place < self.choices()).map_or(Hearing::Nothing, hearing)
        };
        let taken = row.taken.iter().map(|(name, count)| (*count, hearing(name, Hearing::Taken)));
        let asked = row.asked.iter().map(|(name, count)| (*count, hearing(name, Hearing::Asked)));
        draw(entropy, row.of, taken.chain(asked))
    }
}

/// One of the fates, which have so many cases each of all; nothing is understood in the others.
fn draw(
    entropy: &mut Entropy,
    of: u64,
    fates: impl IntoIterator<Item = (u64, Hearing)>,
) -> Hearing {
    let mut left = entropy.below(of.max(1));
    for (count, hearing) in fates {
        if left < count {
            return hearing;
        }
        left -= count;
    }
    Hearing::Nothing
}
