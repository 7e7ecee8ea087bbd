//! The steps in Russian.

use std::time::Duration;

use super::step::{End, Other, Step, What, WhyNot, labels, listed};
use crate::decide::{Answer, SendOnReason};
use crate::{
    CallersId, ClinicId, Destination, Dialplan, ForwardCause, GroupId, OutsideId, QueueId, Target,
};

impl Step {
    /// The step in Russian.
    #[must_use]
    pub fn russian(&self, plan: &Dialplan) -> String {
        match &self.what {
            What::NoNumber(text) => format!("«{text}» — не телефонный номер"),
            What::NotForCitizens(number) => {
                format!("на {number} граждане позвонить не могут: отказ")
            }
            What::Dialled(number, to) => format!("{number} — {}", owner(plan, to)),
            What::ComesFrom(id) => format!("звонок передан со своей АТС: {}", clinic(plan, id)),
            What::Begins(to) => format!("линия начинается так: {}", target(plan, to)),
            What::Listed(id, to) => {
                format!("звонящий из списка {}: {}", callers(plan, id), target(plan, to))
            }
            What::Retired(_, announce, to) => {
                format!("старый номер: звучит {announce}, затем {}", target(plan, to))
            }
            What::SentBack(id, to) => format!(
                "{}: звонок передан оттуда и там больше не звонит; дальше {}",
                clinic(plan, id),
                target(plan, to)
            ),
            What::ClinicMenu(id, menu) => {
                format!("{}: линия начинается с меню {menu}", clinic(plan, id))
            }
            What::ClinicRings(id, time) => {
                format!("{}: звонят телефоны, не дольше {}", clinic(plan, id), span(*time))
            }
            What::ClinicAnswers(id) => format!("{}: трубку взяли", clinic(plan, id)),
            What::ClinicPassesOn(id, why, to) => {
                format!("{}: {}; дальше {}", clinic(plan, id), cause(*why), target(plan, to))
            }
            What::ClinicKeeps(id, why) => {
                format!("{}: {}; на этом звонок окончен", clinic(plan, id), cause(*why))
            }
            What::Says(menu, words) => format!("меню {menu}: звучит {}", listed(words)),
            What::Chose(_, key, words, to) if words.is_empty() => {
                format!("клавиша {}: {}", key.label(), target(plan, to))
            }
            What::Chose(_, key, words, to) => format!(
                "клавиша {}: звучит {}, затем {}",
                key.label(),
                listed(words),
                target(plan, to)
            ),
            What::ChoseByWords(_, said, words, to) if words.is_empty() => {
                format!("сказано «{said}»: {}", target(plan, to))
            }
            What::ChoseByWords(_, said, words, to) => {
                format!("сказано «{said}»: звучит {}, затем {}", listed(words), target(plan, to))
            }
            What::NotUnderstood(menu, said) => format!("в меню {menu} нет слов «{said}»"),
            What::Typed(_, keys) => format!("набрано {}", labels(keys)),
            What::NoAnswer(menu) => format!("меню {menu} такого ответа не принимает"),
            What::ReadsBack(_, answer) => {
                format!("{} {answer}: робот спрашивает, верно ли это", told(answer))
            }
            What::Told(_, answer, to) => {
                format!("{} {answer}: {}", told(answer), target(plan, to))
            }
            What::AskedAgain(key) => format!("клавиша {}: меню ещё раз", key.label()),
            What::IdleKey(key) => format!("клавиша {} ничего не значит", key.label()),
            What::WrongKey(menu, key) => format!("в меню {menu} нет клавиши {}", key.label()),
            What::Silence(_, wait) => format!("за {} ничего не нажато", span(*wait)),
            What::SentOn(menu, to) => {
                format!("в меню {menu} ничего не выбрано: {}", target(plan, to))
            }
            What::Wandered(to) => format!("слишком много меню: {}", target(plan, to)),
            What::TellsOfRecording(words) => {
                format!("говорит {words}: разговоры записываются")
            }
            What::Waits(id) => format!("ждёт: {}", queue(plan, id)),
            What::Served(_, Duration::ZERO, groups) => {
                format!("сразу предложен: {}", listed(groups.iter().map(|id| group(plan, id))))
            }
            What::Served(_, after, groups) => {
                format!(
                    "через {} предложен: {}",
                    span(*after),
                    listed(groups.iter().map(|id| group(plan, id)))
                )
            }
            What::WaitsNoMore(id, why, say, to) => {
                let say =
                    say.as_ref().map(|say| format!("звучит {say}, затем ")).unwrap_or_default();
                format!("{}: {}; {say}{}", queue(plan, id), reason(*why), target(plan, to))
            }
            What::WaitsOn(id) => format!("{}: ждёт, пока не положит трубку", queue(plan, id)),
            What::RingsOutside(id, number, time) => {
                format!("{} звонит ({number}), не дольше {}", outside(plan, id), span(*time))
            }
            What::OutsideAnswers(id) => format!("{}: ответили", outside(plan, id)),
            What::OutsidePassesOn(id, why, to) => {
                format!("{}: {}; дальше: {}", outside(plan, id), cause(*why), target(plan, to))
            }
            What::TakesRequest(id, _) => {
                format!("робот принимает заявку, открывается обращение: {}", queue(plan, id))
            }
            What::CannotTakeRequest(id, to) => format!(
                "заявку принять нельзя, на этот номер не перезвонить: {}; дальше: {}",
                queue(plan, id),
                target(plan, to)
            ),
            What::Announces(prompt) => format!("звучит {prompt}, затем конец звонка"),
            What::HangsUp => "конец звонка".to_owned(),
            What::Circles => "звонок ходит по кругу: конец".to_owned(),
        }
    }
}

impl Other {
    /// Why the way was not taken, in Russian.
    #[must_use]
    pub fn russian(&self, plan: &Dialplan) -> String {
        match &self.why {
            WhyNot::Key(key, to) => {
                format!("клавиша {} ведёт иначе: {}", key.label(), target(plan, to))
            }
            WhyNot::Otherwise(to) => format!("если ничего не нажать: {}", target(plan, to)),
            WhyNot::Closed(id, schedule) => {
                format!("{}: только по расписанию {schedule}, сейчас не его время", group(plan, id))
            }
            WhyNot::Later(id, after) => {
                format!("{}: только после {} ожидания", group(plan, id), span(*after))
            }
            WhyNot::NobodyOf(id) => format!("{}: никого нет на смене", group(plan, id)),
            WhyNot::BusyAll(id) => format!("{}: все заняты", group(plan, id)),
            WhyNot::Overflow(after, to) => {
                format!("если не ответят за {}: {}", span(*after), target(plan, to))
            }
            WhyNot::Full(most, to) => {
                format!("если ждущих уже {most}: {}", target(plan, to))
            }
            WhyNot::Unstaffed(to) => {
                format!("если никого нет на смене: {}", target(plan, to))
            }
            WhyNot::NotForwarded(why) => {
                format!("по этой причине звонок дальше не идёт: {}", cause(*why))
            }
            WhyNot::IfUnanswered(to) => format!("если не ответят: {}", target(plan, to)),
        }
    }
}

impl End {
    /// The end in Russian.
    #[must_use]
    pub fn russian(&self) -> &'static str {
        match self {
            End::Refused => "звонок не принят",
            End::Clinic(_) => "гражданин говорит с поликлиникой",
            End::ClinicRefused(_) => "звонок окончился в поликлинике",
            End::Served(_) => "гражданин говорит с сотрудником линии",
            End::Outside(_) => "гражданин говорит с внешним абонентом",
            End::Waits(_) => "гражданин ждёт",
            End::Announced => "звонок окончен",
            End::SentAway(SendOnReason::TooLong) => "звонок окончен: ждал слишком долго",
            End::SentAway(SendOnReason::Full) => "звонок окончен: очередь полна",
            End::SentAway(SendOnReason::NobodyOnDuty) => "звонок окончен: никого нет на смене",
            End::Request(_) => "звонок окончен: робот принял заявку",
            End::CallBack(_) => "звонок окончен: гражданину перезвонят",
            End::Circles => "звонок окончен: диалплан водит по кругу",
        }
    }
}

fn owner(plan: &Dialplan, to: &Destination) -> String {
    match to {
        Destination::Service => "номер линии".to_owned(),
        Destination::Clinic(id) => format!("номер: {}", clinic(plan, id)),
        Destination::Retired(id) => format!("старый номер ({id})"),
        Destination::Agent(id) => format!("внутренний номер {id}"),
        Destination::Feature(_) => "команда для сотрудников".to_owned(),
        Destination::Monitor(agent) => format!("подключение к разговору сотрудника {agent}"),
    }
}

fn target(plan: &Dialplan, to: &Target) -> String {
    match to {
        Target::Menu(id) => format!("меню {id}"),
        Target::Queue(id) => queue(plan, id),
        Target::Clinic(id) => clinic(plan, id),
        Target::Outside(id) => outside(plan, id),
        Target::OwnClinic => "поликлиника, в которую звонили".to_owned(),
        Target::Announce(prompt) => format!("сообщение {prompt}"),
        Target::Request(id) => format!("заявка: {}", queue(plan, id)),
        Target::CallBack => "перезвонят позже".to_owned(),
        Target::Hangup => "конец звонка".to_owned(),
    }
}

fn callers(plan: &Dialplan, id: &CallersId) -> String {
    let title = plan.callers.get(id).map(|callers| format!(" «{}»", callers.title));
    format!("{id}{}", title.unwrap_or_default())
}

fn clinic(plan: &Dialplan, id: &ClinicId) -> String {
    match plan.clinics.get(id) {
        Some(clinic) => format!("«{}» ({id})", clinic.title),
        None => format!("поликлиника {id}"),
    }
}

fn outside(plan: &Dialplan, id: &OutsideId) -> String {
    let title = plan.outside.get(id).map(|outside| format!(" «{}»", outside.title));
    format!("внешний телефон {id}{}", title.unwrap_or_default())
}

fn queue(plan: &Dialplan, id: &QueueId) -> String {
    let topic = plan.queues.get(id).map(|queue| format!(" «{}»", queue.topic));
    format!("очередь {id}{}", topic.unwrap_or_default())
}

fn group(plan: &Dialplan, id: &GroupId) -> String {
    let title = plan.groups.get(id).map(|group| format!(" «{}»", group.title));
    format!("группа {id}{}", title.unwrap_or_default())
}

fn cause(cause: ForwardCause) -> &'static str {
    match cause {
        ForwardCause::NoAnswer => "не ответили",
        ForwardCause::Busy => "занято",
        ForwardCause::Unreachable => "телефоны недоступны",
        ForwardCause::Unconditional => "переадресуются все звонки",
        ForwardCause::Deflected => "звонок передан без ответа",
        ForwardCause::Chosen => "в меню выбрана линия 122",
        ForwardCause::Unknown => "передан по своей причине",
    }
}

fn told(answer: &Answer) -> &'static str {
    match answer {
        Answer::Telephone(_) => "назван телефон",
        Answer::BirthDate(_) => "названа дата рождения",
        Answer::House(_) => "назван дом",
        Answer::Clinic(_) => "названа поликлиника",
    }
}

fn reason(why: SendOnReason) -> &'static str {
    match why {
        SendOnReason::TooLong => "ждал слишком долго",
        SendOnReason::Full => "очередь полна",
        SendOnReason::NobodyOnDuty => "никого нет на смене",
    }
}

fn span(time: Duration) -> String {
    super::step::span(time, ["ч", "мин", "с"])
}
