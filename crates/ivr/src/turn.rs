//! What is listened for in a menu, and how long.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dialplan::Menu;
use speech::ear::{Expects, Timeouts};
use speech::number_reader::NumberGrammar;
use speech::spoken::NumberKind;
use speech::{BargeIn, Grammar, Thresholds, Turn};

/// How much longer than the listener itself a session waits for it to tell of silence.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long a session waits for the end of speech that has begun: the hard timer of a turn, after it a
/// silence that may be waited for if it was none, and patience.
pub(crate) const SPEECH_MAX: Duration = Duration::from_secs(30);

static YES_NO: LazyLock<Arc<Grammar>> = LazyLock::new(|| Arc::new(Grammar::yes_no()));
static TELEPHONE: LazyLock<Arc<NumberGrammar>> = LazyLock::new(|| numbers(NumberKind::Telephone));
static DATE: LazyLock<Arc<NumberGrammar>> = LazyLock::new(|| numbers(NumberKind::Date));
static HOUSE: LazyLock<Arc<NumberGrammar>> = LazyLock::new(|| numbers(NumberKind::House));

/// The words of a menu, or what it asks for; `None` if nothing can be said.
#[must_use]
pub fn of_menu(menu: &Menu) -> Option<Turn> {
    let numbers = match menu.asks.as_ref().and_then(|asks| asks.what.in_numbers()) {
        Some(NumberKind::Telephone) => &TELEPHONE,
        Some(NumberKind::Date) => &DATE,
        Some(NumberKind::House) => &HOUSE,
        None => return menu.grammar.as_ref().map(|words| phrases(menu, words)),
    };
    Some(turn(menu, Expects::Numbers(Arc::clone(numbers))))
}

fn numbers(kind: NumberKind) -> Arc<NumberGrammar> {
    Arc::new(NumberGrammar::of(kind))
}

/// The answer to whether a choice of it was meant.
#[must_use]
pub fn yes_or_no(menu: &Menu) -> Turn {
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
