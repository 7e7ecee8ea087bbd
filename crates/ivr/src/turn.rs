//! What is listened for in a menu, and how long.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dialplan::Menu;
use speech::ear::{Expects, Timeouts};
use speech::{BargeIn, Grammar, Thresholds, Turn};

/// How much longer than the listener itself a session waits for it to tell of silence.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long a session waits for the end of speech that has begun: the hard timer of a turn, after it a
/// silence that may be waited for if it was none, and patience.
pub(crate) const SPEECH_MAX: Duration = Duration::from_secs(30);

static YES_NO: LazyLock<Arc<Grammar>> = LazyLock::new(|| Arc::new(Grammar::yes_no()));

/// The words of a menu; `None` if it has none.
pub(crate) fn of_menu(menu: &Menu) -> Option<Turn> {
    menu.grammar.as_ref().map(|words| turn(menu, words))
}

/// The answer to whether a choice of it was meant.
pub(crate) fn yes_or_no(menu: &Menu) -> Turn {
    turn(menu, &YES_NO)
}

fn turn(menu: &Menu, words: &Arc<Grammar>) -> Turn {
    Turn {
        expects: Expects::Phrases(Arc::clone(words)),
        thresholds: Thresholds::default(),
        timeouts: Timeouts { no_input: menu.wait, ..Timeouts::default() },
        barge_in: BargeIn::Voice,
    }
}
