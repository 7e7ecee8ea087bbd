//! What is recorded and kept.

use std::time::Duration;

use super::List;
use crate::read::{Name, tables};

tables! {
    /// `[recording]`
    RecordingTable {
        /// Queues whose talks are recorded; all if not given.
        queues: List<Name> = "Очереди, разговоры которых записываются; если не указано, все.",
        /// What callers say to the robot is recorded as well, so that one can see what it understood and why; `false` if not given.
        robot: bool = "Записывать и то, что звонящие говорят роботу: так видно, что он понял и почему; если не указано, `false`.",
        /// Said to the caller before anything is recorded.
        announce (needed): Name = "Что сказать звонящему до начала записи.",
        /// How long a recording is kept.
        keep (needed): Duration = "Сколько хранить запись.",
    }

    /// `[privacy]`
    PrivacyTable {
        /// How long records of calls and requests keep who called; for ever if not given.
        keep_records: Duration = "Сколько в записях о звонках и обращениях хранится, кто звонил; если не указано, всегда.",
        /// Exports and reports show only the beginning and the end of citizens' numbers; `false` if not given.
        mask_numbers: bool = "В выгрузках и отчётах видны только начало и конец номеров граждан; если не указано, `false`.",
    }
}
