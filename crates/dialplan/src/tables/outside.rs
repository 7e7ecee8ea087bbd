//! Telephones outside to which calls can be sent.

use std::time::Duration;

use crate::read::{Count, NumberText, TargetText, Text, tables};

tables! {
    /// `[outside.NAME]`
    OutsideTable {
        /// Whose telephone it is.
        title (needed): Text = "Чей это телефон.",
        /// Its number; a trunk leads there.
        number (needed): NumberText = "Номер; туда ведёт транк.",
        /// How long it rings; `"60s"` if not given.
        ring_for: Duration = "Сколько он звонит; если не указано, `\"60s\"`.",
        /// Where the call goes that nobody takes there.
        otherwise (needed): TargetText = "Куда идёт звонок, если там не ответили.",
        /// Calls there at once; 10 if not given.
        at_once: Count = "Сколько звонков туда одновременно; если не указано, 10.",
        /// Calls there a day; 500 if not given.
        a_day: Count = "Сколько звонков туда в день; если не указано, 500.",
    }
}
