//! When the wallboard warns and alarms.

use std::time::Duration;

use crate::read::{Count, tables};

tables! {
    /// `[wall]`
    WallTable {
        /// Within which time a call is to be answered, for the service level; `"20s"` if not given.
        within: Duration = "За какое время нужно ответить на звонок: по нему считается уровень обслуживания; если не указано, `\"20s\"`.",
        /// Calls that wait in a queue: at least so many; `{ warn = 5, alarm = 10 }` if not given.
        waiting: CountThreshold = "Сколько звонков ждут в очереди: столько или больше; если не указано, `{ warn = 5, alarm = 10 }`.",
        /// How long the first in a queue has waited: at least so long; `{ warn = "1m", alarm = "3m" }` if not given.
        longest_wait: TimeThreshold = "Сколько ждёт первый в очереди: столько или дольше; если не указано, `{ warn = \"1m\", alarm = \"3m\" }`.",
        /// Agents who are free for a queue: at most so many; `{ warn = 0 }` if not given. A queue for which nobody is on duty and in which nobody waits is quiet.
        free_agents: CountThreshold = "Сколько сотрудников свободны для очереди: столько или меньше; если не указано, `{ warn = 0 }`. Очередь, для которой никого нет на смене и в которой никто не ждёт, молчит.",
        /// Today's service level of all calls, in percent: below that; `{ warn = 80, alarm = 60 }` if not given.
        service_level: CountThreshold = "Сегодняшний уровень обслуживания из всех звонков, в процентах: ниже этого; если не указано, `{ warn = 80, alarm = 60 }`.",
        /// Callers lost today, in percent of those who waited: at least so many; `{ warn = 5, alarm = 10 }` if not given.
        abandoned: CountThreshold = "Сколько звонящих сегодня потеряно, в процентах от вставших в очередь: столько или больше; если не указано, `{ warn = 5, alarm = 10 }`.",
        /// How long somebody waits for a call-back: at least so long; `{ warn = "1h", alarm = "3h" }` if not given. From `warn` on the call-back counts as overdue.
        call_backs: TimeThreshold = "Сколько человек ждёт обратного звонка: столько или дольше; если не указано, `{ warn = \"1h\", alarm = \"3h\" }`. С порога `warn` обратный звонок считается просроченным.",
        /// Cases whose due time has passed: at least so many; `{ warn = 1, alarm = 10 }` if not given.
        cases_overdue: CountThreshold = "Сколько обращений просрочено: столько или больше; если не указано, `{ warn = 1, alarm = 10 }`.",
    }

    /// A queue's `wall`
    QueueWallTable {
        /// As in `[wall]`.
        waiting: CountThreshold = "Как в `[wall]`.",
        /// As in `[wall]`.
        longest_wait: TimeThreshold = "Как в `[wall]`.",
        /// As in `[wall]`.
        free_agents: CountThreshold = "Как в `[wall]`.",
    }

    /// A threshold that is counted
    CountThreshold {
        /// To be looked at; never if not given.
        warn: Count = "Пора обратить внимание; если не указано, никогда.",
        /// Something must be done at once; never if not given.
        alarm: Count = "Тревога; если не указано, никогда.",
    }

    /// A threshold in time
    TimeThreshold {
        /// To be looked at; never if not given.
        warn: Duration = "Пора обратить внимание; если не указано, никогда.",
        /// Something must be done at once; never if not given.
        alarm: Duration = "Тревога; если не указано, никогда.",
    }
}
