//! The tables of test cases.

use crate::ForwardCause::{Busy, NoAnswer, Unreachable};
use crate::explain::ClinicDoes;
use crate::read::{Name, NumberText, Range, TargetText, Text, Words, tables};
use crate::source::At;

use super::run::Ending;

type List<T> = Vec<At<T>>;

tables! {
    /// A file of cases.
    CasesRoot {
        /// A call, and what must become of it.
        case: List<CaseTable> = "Звонок и то, что с ним должно стать.",
    }

    /// `[[case]]`
    CaseTable {
        /// What people call the case.
        name (needed): Text = "Как люди называют проверку.",
        /// The number as dialled.
        to (needed): NumberText = "Набранный номер.",
        /// The caller's number; withheld if not written.
        from: NumberText = "Номер звонящего; если не написан, скрыт.",
        /// When, in the region's time.
        at (needed): Text = "Когда, по времени региона.",
        /// The trunk that brings the call, if numbers are written in another way there.
        trunk: Name = "Транк, по которому поступил звонок, если номера на нём пишут иначе.",
        /// The clinic whose own PBX has passed the call on.
        origin: TargetText = "Поликлиника, АТС которой передала звонок.",
        /// Keys one after another, each after a menu's words; `-` is silence.
        keys: Text = "Клавиши по очереди, каждая после слов меню; `-` — молчание.",
        /// What the caller says, one answer after another, after the keys; `-` is silence.
        says: List<Text> = "Что звонящий говорит роботу, ответ за ответом, после клавиш; `-` — молчание.",
        /// Who is on duty; everybody if not written.
        on_duty: List<Range> = "Кто на смене; если не написано, все.",
        /// Whoever is on duty talks already.
        all_busy: bool = "Все, кто на смене, уже разговаривают.",
        /// What the clinic's phones do, or a telephone outside.
        clinic: ClinicDoes = "Что делает регистратура или внешний телефон, когда туда звонят.",
        /// What must become of the call.
        expect (needed): ExpectTable = "Что со звонком должно стать.",
    }

    /// A case's `expect`.
    ExpectTable {
        /// How it ends.
        end: Ending = "Чем он кончится.",
        /// The last queue in which it waits.
        queue: Name = "Последняя очередь, в которой он ждёт.",
        /// Menus, queues and clinics to which it comes, in this order.
        passes: List<TargetText> = "Меню, очереди и поликлиники по пути, в этом порядке.",
        /// Prompts that the caller hears, in this order.
        hears: List<Name> = "Подсказки, которые прозвучат, в этом порядке.",
        /// The groups whose agents it is offered to, and no other.
        served_by: List<Name> = "Группы, сотрудникам которых он предложен, и только они.",
    }
}

impl Words for ClinicDoes {
    const WORDS: &'static [(&'static str, ClinicDoes)] = &[
        ("answers", ClinicDoes::Answers),
        ("no-answer", ClinicDoes::DoesNot(NoAnswer)),
        ("busy", ClinicDoes::DoesNot(Busy)),
        ("unreachable", ClinicDoes::DoesNot(Unreachable)),
    ];
}

impl Words for Ending {
    const WORDS: &'static [(&'static str, Ending)] = &[
        ("refused", Ending::Refused),
        ("clinic", Ending::Clinic),
        ("clinic-refused", Ending::ClinicRefused),
        ("served", Ending::Served),
        ("outside", Ending::Outside),
        ("waits", Ending::Waits),
        ("announced", Ending::Announced),
        ("too-long", Ending::TooLong),
        ("full", Ending::Full),
        ("nobody-on-duty", Ending::NobodyOnDuty),
        ("request", Ending::Request),
        ("callback", Ending::CallBack),
        ("circles", Ending::Circles),
    ];
}
