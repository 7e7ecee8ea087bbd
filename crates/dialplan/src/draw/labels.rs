//! The words on the picture that are not the dialplan's own.

use crate::AskedFor;

/// Words of one language.
#[derive(Clone, Copy, Debug)]
pub struct Labels {
    pub(super) line: &'static str,
    pub(super) clinics: &'static str,
    pub(super) retired: &'static str,
    pub(super) menu: &'static str,
    pub(super) queue: &'static str,
    pub(super) group: &'static str,
    pub(super) and_more: &'static str,
    pub(super) begins: &'static str,
    pub(super) rings: &'static str,
    pub(super) no_answer: &'static str,
    pub(super) busy: &'static str,
    pub(super) unreachable: &'static str,
    pub(super) otherwise: &'static str,
    pub(super) after: &'static str,
    pub(super) longer_than: &'static str,
    pub(super) nobody: &'static str,
    pub(super) says: &'static str,
    pub(super) takes_request: &'static str,
    pub(super) calls_back: &'static str,
    pub(super) hangs_up: &'static str,
    pub(super) own_clinic: &'static str,
    pub(super) named_clinic: &'static str,
    asked_for: [&'static str; 4],
    pub(super) callers: &'static str,
    pub(super) agents: &'static str,
    pub(super) schedules: &'static str,
    pub(super) days: [&'static str; 7],
    pub(super) units: [&'static str; 3],
}

impl Labels {
    /// Of the way that is taken when this was told.
    pub(super) fn asked_for(&self, what: AskedFor) -> &'static str {
        let [telephone, birth_date, house, clinic] = self.asked_for;
        match what {
            AskedFor::Telephone => telephone,
            AskedFor::BirthDate => birth_date,
            AskedFor::House => house,
            AskedFor::Clinic => clinic,
        }
    }

    /// English words.
    pub const ENGLISH: Labels = Labels {
        line: "The line",
        clinics: "Clinics",
        retired: "Retired number",
        menu: "Menu",
        queue: "Queue",
        group: "Group",
        and_more: "and more:",
        begins: "begins",
        rings: "rings",
        no_answer: "no answer",
        busy: "busy",
        unreachable: "unreachable",
        otherwise: "no choice",
        after: "after",
        longer_than: "longer than",
        nobody: "nobody on duty",
        says: "says",
        takes_request: "takes a request for",
        calls_back: "calls back",
        hangs_up: "the end",
        own_clinic: "the clinic itself",
        named_clinic: "this clinic",
        asked_for: ["telephone told", "date of birth told", "house told", "clinic told"],
        callers: "Listed callers",
        agents: "agents:",
        schedules: "Schedules in a usual week",
        days: ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
        units: ["h", "min", "s"],
    };

    /// Russian words.
    pub const RUSSIAN: Labels = Labels {
        line: "Линия",
        clinics: "Поликлиники",
        retired: "Старый номер",
        menu: "Меню",
        queue: "Очередь",
        group: "Группа",
        and_more: "и ещё",
        begins: "начало",
        rings: "звонит",
        no_answer: "не ответили",
        busy: "занято",
        unreachable: "недоступны",
        otherwise: "ничего не выбрано",
        after: "после",
        longer_than: "дольше",
        nobody: "никого на смене",
        says: "звучит",
        takes_request: "примет заявку по теме",
        calls_back: "перезвонит",
        hangs_up: "конец",
        own_clinic: "сама поликлиника",
        named_clinic: "эта поликлиника",
        asked_for: [
            "назван телефон",
            "названа дата рождения",
            "назван номер дома",
            "названа поликлиника",
        ],
        callers: "Список звонящих",
        agents: "сотрудников:",
        schedules: "Расписания в обычную неделю",
        days: ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
        units: ["ч", "мин", "с"],
    };
}
