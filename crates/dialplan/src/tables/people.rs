//! Agents, groups, sites and what agents dial.

use super::List;
use crate::plan::{AgentKind, Srtp, SrtpKeys};
use crate::read::{Count, Name, NumberText, Range, Text, tables};

tables! {
    /// `[groups.NAME]`
    GroupTable {
        /// Name of the group.
        title (needed): Text = "Название группы.",
        /// Agents: single ones, or ranges.
        agents (needed): List<Range> = "Сотрудники: по одному или промежутками.",
        /// Numbers outside that its agents may call; none if not given.
        may_call: MayCallTable = "Куда сотрудники могут звонить наружу; если не указано, никуда.",
        /// Groups whose agents' talks its agents may listen to, whisper in, join and take over, with the code `monitor` of `[features]`; none if not given.
        monitors: List<Name> = "Группы, к разговорам которых сотрудники могут подключаться кодом `monitor` из `[features]`: слушать, подсказывать, говорить со всеми, забрать звонок; если не указано, ни к чьим.",
    }

    /// A group's `may_call`
    MayCallTable {
        /// `"region"`, `"country"`, `"emergency"`, beginnings of numbers, short numbers.
        numbers (needed): List<Text> = "`\"region\"` — свой регион, `\"country\"` — страна, `\"emergency\"` — 101–104 и 112; начала номеров; короткие номера.",
        /// Schedule while which they may; always if not given.
        when: Name = "По какому расписанию; если не указано, всегда.",
        /// Calls at once of each agent; 2 if not given.
        at_once: Count = "Сколько звонков одновременно у каждого; если не указано, 2.",
        /// Calls a day of each agent; 100 if not given.
        a_day: Count = "Сколько звонков в день у каждого; если не указано, 100.",
    }

    /// `[sites.NAME]`
    SiteTable {
        /// Name of the site.
        title (needed): Text = "Название площадки.",
    }

    /// `[agent_defaults]`
    AgentDefaults {
        /// Protection of speech with agents' phones; `"preferred"` if not given.
        srtp: Srtp = "Шифрование речи с телефонами сотрудников; если не указано, `\"preferred\"`.",
        /// Where keys may be sent; only over TLS if not given.
        srtp_keys: SrtpKeys = "Где можно передавать ключи; если не указано, только через TLS.",
    }

    /// `[agents.201]`, or several alike: `[agents.201-205]`
    AgentTable {
        /// Name of the agent; `{number}` stands for the number.
        name (needed): Text = "Имя; `{number}` заменяется номером.",
        /// Who it is.
        kind (needed): AgentKind = "Кто это: оператор, волонтёр или куратор.",
        /// Site where the agent sits.
        site: Name = "Площадка, на которой сотрудник работает.",
        /// The password itself; better one of the next two.
        password: Text = "Сам пароль; лучше одно из двух следующих.",
        /// Environment variable that holds it.
        password_env: Text = "Переменная окружения с паролем.",
        /// File that holds it, relative to the dialplan's folder.
        password_file: Text = "Файл с паролем, относительно каталога правил.",
        /// On duty as soon as the phone registers; `false` if not given.
        duty_on_register: bool = "На смене, как только телефон зарегистрирован; если не указано, `false`.",
    }

    /// `[features]`
    FeaturesTable {
        /// Begins the duty, and ends a break.
        on_duty: NumberText = "Начинает смену и возвращает с перерыва.",
        /// Ends the duty.
        off_duty: NumberText = "Заканчивает смену.",
        /// Breaks, by their reasons.
        breaks: BreaksTable = "Перерывы по причинам.",
        /// Watches the talk of the agent whose number is dialled behind it: with `"*55"`, `*55201` that of agent 201. Who may is said by `monitors` of groups.
        monitor: NumberText = "Подключает к разговору сотрудника, номер которого набран следом: с кодом `\"*55\"` номер `*55201` подключает к разговору сотрудника 201. Кому это можно, говорит `monitors` групп.",
    }

    /// The `breaks` of `[features]`
    BreaksTable {
        /// A short rest.
        rest: NumberText = "Отдых.",
        /// A meal.
        meal: NumberText = "Обед.",
        /// Paperwork.
        paperwork: NumberText = "Работа с бумагами.",
    }
}
