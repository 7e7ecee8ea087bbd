//! What is listened for in a menu, and how long.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dialplan::{AskedFor, Menu};
use speech::ear::{Expects, Timeouts};
use speech::number_reader::NumberGrammar;
use speech::{BargeIn, Grammar, Thresholds, Turn};

/// How much longer than the listener itself a session waits for it to tell of silence.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long a session waits for the end of speech that has begun: the hard timer of a turn, after it a
/// silence that may be waited for if it was none, and patience.
pub(crate) const SPEECH_MAX: Duration = Duration::from_secs(30);

static YES_NO: LazyLock<Arc<Grammar>> = LazyLock::new(|| Arc::new(Grammar::yes_no()));
static NUMBERS: LazyLock<Arc<NumberGrammar>> = LazyLock::new(Arc::default);

/// The words of a menu, or what it asks for; `None` if nothing can be said.
#[must_use]
pub fn of_menu(menu: &Menu) -> Option<Turn> {
    match menu.asks.as_ref().map(|asks| asks.what) {
        Some(AskedFor::Telephone | AskedFor::BirthDate | AskedFor::House) => {
            Some(turn(menu, Expects::Numbers(Arc::clone(&NUMBERS))))
        }
        Some(AskedFor::Clinic) | None => menu.grammar.as_ref().map(|words| phrases(menu, words)),
    }
}

/// The answer to whether a choice of it was meant.
pub(crate) fn yes_or_no(menu: &Menu) -> Turn {
    phrases(menu, &YES_NO)
}

fn phrases(menu: &Menu, words: &Arc<Grammar>) -> Turn {
    turn(menu, Expects::Phrases(Arc::clone(words)))
}

fn turn(menu: &Menu, expects: Expects) -> Turn {
    Turn {
        thresholds: Thresholds::default(),
        timeouts: Timeouts { no_input: menu.wait, ..Timeouts::of(&expects) },
        expects,
        barge_in: BargeIn::Voice,
    }
}
