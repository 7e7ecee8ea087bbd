//! What each figure means: the formula beside the number.

use crate::Language;

/// A figure and its formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formula {
    /// The figure, as JSON names it.
    pub figure: &'static str,
    english: (&'static str, &'static str),
    russian: (&'static str, &'static str),
}

impl Formula {
    /// The figure's name for people. `{T}` stands for the seconds of the target.
    #[must_use]
    pub fn name(&self, language: Language) -> &'static str {
        language.pick(self.english.0, self.russian.0)
    }

    /// How it is computed. `{T}` stands for the seconds of the target.
    #[must_use]
    pub fn text(&self, language: Language) -> &'static str {
        language.pick(self.english.1, self.russian.1)
    }

    /// Name and formula with the target's seconds in them.
    #[must_use]
    pub fn in_words(&self, within: f64, language: Language) -> (String, String) {
        let whole = |text: &str| text.replace("{T}", &format!("{within:.0}"));
        (whole(self.name(language)), whole(self.text(language)))
    }
}

/// The formula of a figure.
#[must_use]
pub fn of(figure: &str) -> Option<&'static Formula> {
    FORMULAS.iter().find(|formula| formula.figure == figure)
}

macro_rules! formulas {
    ($($figure:ident: $english:literal = $of:literal, $russian:literal = $iz:literal;)*) => {
        /// All figures, in the order in which they are shown.
        pub const FORMULAS: &[Formula] = &[$(Formula {
            figure: stringify!($figure),
            english: ($english, $of),
            russian: ($russian, $iz),
        }),*];
    };
}

formulas! {
    calls: "calls" = "calls to the line, to clinics and to retired numbers that have arrived in the period and are over; \
            not the line's own call-backs",
        "звонки" = "звонки на линию, в поликлиники и на старые номера, поступившие за период и завершённые; \
            без обратных звонков самой линии";
    offered: "offered" = "calls that began to wait in a queue = answered + abandoned + call-back taken + sent away + broken",
        "в очередь" = "звонки, вставшие в очередь = отвечены + сброшены + выбрали обратный звонок + \
            не приняты линией + прерваны";
    answered: "answered" = "of the offered: an agent, a clinic or a telephone outside came to the caller",
        "отвечены" = "из вставших в очередь: к звонящему подошёл оператор, поликлиника или внешний телефон";
    abandoned: "abandoned" = "of the offered: the caller hung up before anybody came (short ones, within 5 s, among them)",
        "сброшены" = "из вставших в очередь: звонящий положил трубку, не дождавшись (в том числе короткие, до 5 с)";
    abandoned_short: "short" = "of the abandoned: within 5 s",
        "короткие" = "из сброшенных: в первые 5 с";
    call_back_taken: "call-back taken" = "of the offered: the caller chose to be rung back",
        "обратный звонок" = "из вставших в очередь: звонящий выбрал, чтобы ему перезвонили";
    sent_away: "sent away" = "of the offered: the line ended the wait (nobody on duty, queue full, waited too long)",
        "не приняты" = "из вставших в очередь: ожидание закончила линия (никого на смене, очередь полна, слишком долго)";
    broken: "broken" = "of the offered: lost by a fault before anybody came",
        "прерваны" = "из вставших в очередь: связь оборвалась раньше, чем кто-то подошёл";
    service_level: "in {T} s, all" = "(answered within {T} s + abandoned within {T} s) ÷ (answered + abandoned)",
        "за {T} с, из всех" = "(отвечены за {T} с + сброшены за {T} с) ÷ (отвечены + сброшены)";
    service_level_answered: "in {T} s, answered" = "answered within {T} s ÷ answered; flatters, since who has hung up is not in it",
        "за {T} с, из отвеченных" = "отвечены за {T} с ÷ отвечены; приукрашивает: тех, кто не дождался, здесь нет";
    abandonment: "lost" = "(abandoned − short) ÷ offered",
        "потеряно" = "(сброшены − короткие) ÷ вставшие в очередь";
    mean_wait: "ASA" = "mean wait of the answered: from the first queue to whoever came",
        "ожидание (ASA)" = "среднее ожидание отвеченных: от первой очереди до того, кто подошёл";
    longest_wait: "longest wait" = "the longest wait of a call, answered or not",
        "дольше всех" = "самое долгое ожидание, с ответом или без";
    mean_handling: "AHT" = "(talk + hold + wrap-up of agents) ÷ offered calls in which agents talked",
        "обработка (AHT)" = "(разговор + удержание + постобработка операторов) ÷ звонки из очереди, в которых говорили операторы";
    clinic_calls: "calls to the clinic" = "calls that rang at the clinic or were passed on by its exchange",
        "звонки в поликлинику" = "звонки, которые звонили в поликлинике или переданы её АТС";
    share_in_time: "answered in 60 s" = "taken by the clinic within 60 s of its ring ÷ calls to the clinic",
        "ответила за 60 с" = "приняты поликлиникой за 60 с от начала вызова ÷ звонки в поликлинику";
    forwarded: "passed on to 122" = "calls that came to the line from the clinic, for whatever cause",
        "переданы на 122" = "звонки, перешедшие из поликлиники на линию, по любой причине";
    lost: "lost" = "calls to the clinic in which nobody talked with the caller, neither there nor at the line, and for which no call-back was promised",
        "потеряны" = "звонки в поликлинику, в которых со звонящим не поговорил никто — ни там, ни на линии — \
            и обратный звонок не обещан";
    at_work: "at work" = "on duty and not on a break, or busy with a call or its wrap-up",
        "на линии" = "на смене и не на перерыве, либо занят звонком или постобработкой";
    talking: "talk" = "talks that came by the line, hold included; calls that the agent dialled are not in it",
        "разговор" = "разговоры, пришедшие через линию, с удержанием; исходящие звонки оператора не входят";
    wrapping_up: "wrap-up" = "from the end of a talk until ready again, at most the queue's time for it",
        "постобработка" = "от конца разговора до готовности, не дольше времени, отведённого очередью";
    on_breaks: "breaks" = "on a break and not busy",
        "перерывы" = "на перерыве и не занят звонком";
    occupancy: "occupancy" = "(talk + wrap-up) ÷ at work, overlaps counted once",
        "занятость" = "(разговор + постобработка) ÷ на линии, наложения считаются один раз";
    not_taken: "not taken" = "calls that rang with the agent, who let it ring or declined",
        "не принял" = "звонки, которые звонили у оператора, а он не ответил или отклонил";
    opened: "cases opened" = "cases that were opened in the period",
        "обращений открыто" = "обращения, открытые за период";
    due: "due" = "cases whose due time is in the period (as it stands now, if it was moved)",
        "срок наступает" = "обращения, чей срок приходится на период (каким он стал, если его переносили)";
    share_met: "due times met" = "answered, or closed without an answer, by the due time ÷ (met + late + overdue)",
        "в срок" = "с ответом (или закрыты без ответа) до срока ÷ (в срок + с опозданием + просрочены)";
    median_mos: "median MOS" = "estimated by ITU-T G.107 from loss, jitter and delay between the line and each phone; a call by its \
            worst stream; half of the calls are below",
        "медиана MOS" = "оценка по ITU-T G.107 из потерь, джиттера и задержки между линией и каждым телефоном; \
            звонок — по худшему потоку; половина звонков ниже";
    share_poor: "MOS under 3.5" = "calls (streams of a trunk or a site) under 3.5 ÷ those that were measured",
        "MOS ниже 3,5" = "звонки (для транка и площадки — потоки) ниже 3,5 ÷ все измеренные";
    rung_back: "call-backs" = "citizens whom the line rang; reached: an agent talked with them",
        "обратные звонки" = "граждане, которым звонила линия; дозвонились: с ними поговорил оператор";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_tell_every_formula() {
        let guides = [
            (Language::English, include_str!("../../../docs/admin.md")),
            (Language::Russian, include_str!("../../../docs/admin.ru.md")),
        ];
        for (language, guide) in guides {
            for formula in FORMULAS {
                let (name, text) = formula.in_words(20.0, language);
                assert!(guide.contains(&format!("| {name} | {text} |")), "{name}: {text}");
            }
        }
    }

    #[test]
    fn every_figure_has_a_formula_in_both_languages() {
        for formula in FORMULAS {
            assert_eq!(of(formula.figure), Some(formula));
            for language in [Language::English, Language::Russian] {
                let (name, text) = formula.in_words(20.0, language);
                assert!(!name.is_empty() && !text.is_empty() && !text.contains('{'), "{name}");
            }
        }
        assert_eq!(
            of("service_level").unwrap().in_words(20.0, Language::English).0,
            "in 20 s, all"
        );
    }
}
