//! The region, the line itself, who calls it, its menus and queues.

use std::time::Duration;

use super::{List, QueueWallTable};
use crate::plan::AskedFor;
use crate::read::{Count, EscalateText, KeyLabel, Name, NumberText, TargetText, Text, tables};

tables! {
    /// `[region]`
    RegionTable {
        /// Name of the region.
        name (needed): Text = "Название региона.",
        /// Time zone of the region; schedules are read in it.
        time_zone (needed): Text = "Часовой пояс региона: по нему читаются расписания. Пример: `\"Europe/Moscow\"`.",
        /// Area code that is put before local numbers, such as `"4812"`.
        area_code (needed): Text = "Код города, который добавляется к местным номерам. Пример: `\"4812\"`.",
        /// What is dialled before a national number; `"8"` if not given.
        national_prefix: Text = "Что набирают перед междугородным номером; если не указано, `\"8\"`.",
        /// What is dialled before an international number; `"810"` if not given.
        international_prefix: Text = "Что набирают перед международным номером; если не указано, `\"810\"`.",
        /// Code of the country; `"7"` if not given.
        country_code: Text = "Код страны; если не указано, `\"7\"`.",
        /// Languages in which the robot speaks, the first one unless the caller chooses; `["ru"]` if not given.
        languages: List<Text> = "Языки, на которых говорит робот: первый, пока звонящий не выбрал другой; если не указано, `[\"ru\"]`.",
    }

    /// `[service]`
    ServiceTable {
        /// Numbers of the line, as people dial them; the first is shown to those whom the line calls.
        numbers (needed): List<NumberText> = "Номера линии, как их набирают; первый видят те, кому звонит линия.",
        /// Where its calls begin.
        start (needed): TargetText = "Где начинаются звонки.",
    }

    /// `[callers.NAME]`
    CallersTable {
        /// Who they are; agents see it.
        title (needed): Text = "Кто это; видят операторы.",
        /// Their numbers, whole.
        numbers (needed): List<NumberText> = "Их номера, целиком.",
        /// Where their calls to the line begin: `"hangup"` refuses them, `"announce:PROMPT"` tells them something, a queue or menu serves them. Clinics' own phones ring as always.
        to (needed): TargetText = "Где начинаются их звонки на линию: `\"hangup\"` — отказ, `\"announce:…\"` — сообщение, очередь или меню — обслуживание. Телефоны поликлиник звонят как обычно.",
    }

    /// `[menu_defaults]`
    MenuDefaults {
        /// How long to wait for a key after the prompts; `"8s"` if not given.
        wait: Duration = "Сколько ждать нажатия после подсказки; если не указано, `\"8s\"`.",
        /// How often the menu is said again after silence or a wrong key; 2 if not given.
        repeat: Count = "Сколько раз повторить меню после молчания или ошибки; если не указано, 2.",
        /// Said after a key that is not in the menu.
        wrong_key: Name = "Подсказка после клавиши, которой нет в меню.",
        /// Said after silence.
        no_key: Name = "Подсказка после молчания.",
        /// Said after words that are none of the menu's.
        not_understood: Name = "Подсказка после слов, которых нет в меню.",
        /// Said when callers cannot be heard, so that only keys choose: the recogniser is gone or short of time.
        keys_only: Name = "Подсказка, когда робот не может слышать и остаются только клавиши: распознаватель недоступен или не успевает.",
    }

    /// `[menus.NAME]`
    MenuTable {
        /// Prompts in order; a key stops them.
        say (needed): List<Name> = "Подсказки по порядку; нажатие их прерывает.",
        /// As in `[menu_defaults]`.
        wait: Duration = "Как в `[menu_defaults]`.",
        /// As in `[menu_defaults]`.
        repeat: Count = "Как в `[menu_defaults]`.",
        /// As in `[menu_defaults]`.
        wrong_key: Name = "Как в `[menu_defaults]`.",
        /// As in `[menu_defaults]`.
        no_key: Name = "Как в `[menu_defaults]`.",
        /// As in `[menu_defaults]`.
        not_understood: Name = "Как в `[menu_defaults]`.",
        /// As in `[menu_defaults]`.
        keys_only: Name = "Как в `[menu_defaults]`.",
        /// Where the call goes after the last repetition.
        otherwise (needed): TargetText = "Куда идёт звонок после последнего повтора.",
        /// Its choices, unless it asks for something: `[[menus.NAME.choice]]`.
        choice: List<ChoiceTable> = "Пункты меню, если оно не спрашивает о другом: `[[menus.ИМЯ.choice]]`.",
        /// What the caller is to tell in place of a choice, by voice or by keys and `#`. It is read back, and the caller confirms it; a clinic only if it was not clear, by its `ask`. Who takes the call sees it, and it stands in the case.
        asks_for: AskedFor = "Что звонящий должен назвать вместо выбора пункта: голосом или клавишами и `#`. Названное робот повторяет, и звонящий подтверждает; поликлинику — только если робот не уверен, её вопросом `ask`. Названное видит тот, кто примет звонок; оно попадает в обращение.",
        /// With `asks_for`: where the call goes then. May be left out when a clinic is asked for: its phones ring.
        then: TargetText = "Вместе с `asks_for`: куда звонок идёт потом. Если спрашивают о поликлинике, можно не указывать: зазвонят её телефоны.",
    }

    /// `[[menus.NAME.choice]]`
    ChoiceTable {
        /// The key.
        key (needed): KeyLabel = "Клавиша.",
        /// Words that mean the same when spoken; no two choices of a menu share one.
        words: List<Text> = "Слова, которые значат то же, если сказаны вслух; у каждого пункта свои.",
        /// Asked when the robot is not sure that this was said; the caller says yes or no. If not given, the menu is said again instead.
        ask: List<Name> = "Что спросить, если робот не уверен, что сказано именно это; звонящий отвечает «да» или «нет». Если не указано, меню повторяется.",
        /// Said when it was chosen.
        say: List<Name> = "Что сказать после выбора.",
        /// Where the call goes.
        to (needed): TargetText = "Куда идёт звонок.",
    }

    /// `[queue_defaults]`
    QueueDefaults {
        /// Who serves the queues.
        serve: List<ServeTable> = "Кто обслуживает очереди.",
        /// How long an agent's phone rings; `"15s"` if not given.
        ring_for: Duration = "Сколько звонит телефон оператора; если не указано, `\"15s\"`.",
        /// Time for paperwork after a talk; `"30s"` if not given.
        wrap_up: Duration = "Время на запись после разговора; если не указано, `\"30s\"`.",
        /// Music while waiting.
        music: Name = "Музыка ожидания.",
        /// How often the place and the expected wait are told; never if not given.
        announce_every: Duration = "Как часто сообщать место в очереди и ожидание; если не указано, никогда.",
        /// How many may wait; 1000 if not given. One more goes where `overflow` says.
        waiting_max: Count = "Сколько человек может ждать; если не указано, 1000. Следующему — то, что сказано в `overflow`.",
        /// What becomes of calls that wait too long or are too many.
        overflow: OverflowTable = "Что делать с теми, кто ждёт слишком долго или кому нет места.",
        /// What becomes of calls while nobody who serves is on duty; the same as `overflow` if not given.
        closed: ClosedTable = "Что делать, пока на смене нет никого из обслуживающих; если не указано, то же, что в `overflow`.",
        /// By when a request is to be answered; no limit if not given.
        answer_within: Duration = "За какое время нужно ответить на обращение; если не указано, без срока.",
        /// Only working days of the production calendar count for `answer_within` and `escalate`, whole ones; `false` if not given.
        working_days: bool = "Для `answer_within` и `escalate` считаются только рабочие дни производственного календаря, целиком; если не указано, `false`.",
        /// Who is told of a request that stays open, and when; nobody if not given.
        escalate: List<EscalateTable> = "Кому и когда сообщить об обращении, на которое не ответили; если не указано, никому.",
        /// How callers are rung back.
        call_back: CallBackTable = "Как перезванивать.",
    }

    /// `[queues.NAME]`
    QueueTable {
        /// Topic of its calls; agents see it.
        topic (needed): Text = "Тема звонков; видят операторы.",
        /// Who serves it, and when.
        serve: List<ServeTable> = "Кто и когда обслуживает очередь.",
        /// Head start of its calls: they count as if they had waited so long. None if not given.
        head_start: Duration = "Фора: звонок стоит в очереди так, будто уже ждал столько. Если не указано, форы нет.",
        /// Its requests are urgent; `false` if not given.
        urgent: bool = "Обращения срочные; если не указано, `false`.",
        /// As in `[queue_defaults]`.
        answer_within: Duration = "Как в `[queue_defaults]`.",
        /// By when a request is to be answered that somebody calls urgent though its topic is not; `"3h"` if not given.
        urgent_within: Duration = "За какое время нужно ответить на обращение, которое кто-то назвал срочным, хотя тема не срочная; если не указано, `\"3h\"`.",
        /// What agents ask and say, step by step: a Markdown file beside the dialplan, which the desk shows as a list to tick off. None if not given.
        script: Name = "Что операторы спрашивают и говорят, по шагам: файл Markdown рядом с диалпланом, рабочее место показывает его как список с отметками. Если не указано, его нет.",
        /// Organisations that are told of its cases.
        notify: List<Name> = "Организации, которым сообщают о её обращениях.",
        /// As in `[queue_defaults]`.
        working_days: bool = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        escalate: List<EscalateTable> = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        call_back: CallBackTable = "Как в `[queue_defaults]`.",
        /// How long recordings of its talks are kept; as `[recording]` says if not given.
        keep_recordings: Duration = "Сколько хранить записи её разговоров; если не указано, как в `[recording]`.",
        /// How long records of its calls and requests keep who called; as `[privacy]` says if not given.
        keep_records: Duration = "Сколько в записях о её звонках и обращениях хранится, кто звонил; если не указано, как в `[privacy]`.",
        /// Thresholds of its own for the wallboard; those of `[wall]` if not given.
        wall: QueueWallTable = "Свои пороги для табло; если не указано, как в `[wall]`.",
        /// As in `[queue_defaults]`.
        ring_for: Duration = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        wrap_up: Duration = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        music: Name = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        announce_every: Duration = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        waiting_max: Count = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        overflow: OverflowTable = "Как в `[queue_defaults]`.",
        /// As in `[queue_defaults]`.
        closed: ClosedTable = "Как в `[queue_defaults]`.",
    }

    /// One of a queue's `escalate`
    EscalateTable {
        /// So long after the request came.
        after (needed): Duration = "Через столько после обращения.",
        /// Who is told.
        to (needed): EscalateText = "Кому сообщить.",
    }

    /// A queue's `call_back`
    CallBackTable {
        /// Callers who wait may ask with a key to be rung back, and keep their place; `false` if not given.
        offer: bool = "Кто ждёт, может нажать клавишу, чтобы ему перезвонили, и место сохраняется; если не указано, `false`.",
        /// The key; `"1"` if not given.
        key: KeyLabel = "Эта клавиша; если не указано, `\"1\"`.",
        /// Schedule while which people are rung back; from 8:00 to 21:00 if not given.
        hours: Name = "По какому расписанию перезванивать; если не указано, с 8:00 до 21:00.",
        /// How often it is tried before a person has to look at it; 3 if not given.
        tries: Count = "Сколько раз пробовать, прежде чем этим займётся человек; если не указано, 3.",
        /// From one try to the next; `"30m"` if not given.
        between: Duration = "Сколько между попытками; если не указано, `\"30m\"`.",
    }

    /// One of a queue's `serve`
    ServeTable {
        /// The group.
        group (needed): Name = "Группа.",
        /// Schedule while which it serves; always if not given.
        when: Name = "Расписание, по которому она обслуживает; если не указано, всегда.",
        /// It gets only calls that have waited so long; at once if not given.
        after: Duration = "Ей достаются только те, кто прождал столько; если не указано, сразу.",
    }

    /// A queue's `overflow`
    OverflowTable {
        /// After so long a wait; if not given, only when the queue is full.
        after: Duration = "После такого ожидания; если не указано, только когда очередь полна.",
        /// Said first.
        say: Name = "Что сказать сначала.",
        /// Where the call goes.
        to (needed): TargetText = "Куда идёт звонок.",
    }

    /// A queue's `closed`
    ClosedTable {
        /// Said first.
        say: Name = "Что сказать сначала.",
        /// Where the call goes.
        to (needed): TargetText = "Куда идёт звонок.",
    }
}
