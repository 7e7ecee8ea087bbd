//! What was understood, in words.

use std::fmt::Write;
use std::time::Duration;

use dialplan::decide::Answer;
use speech::ear::Understood;
use speech::grammar::YES;
use speech::spoken::NumberWord;
use speech::{ChoiceId, FRAME, Outcome, Output, Verdict};

use super::{Heard, Hearing, Question};
use crate::hearing::Which;
use crate::language::Language;

/// So many phrases are told of, the best first.
const PHRASES: usize = 8;

pub(super) fn tell(turns: &[Heard<'_>], which: &Which, language: Language) -> String {
    let mut text = String::new();
    let which = which.told(language);
    let _ = writeln!(text, "{} {which}", language.pick("model:", "модель:"));
    for turn in turns {
        if let Some(title) = title(turn, language) {
            let _ = writeln!(text, "\n{title}");
        }
        if let Some((question, hearing)) = &turn.question {
            text += &tell_turn(hearing, *question, language);
        }
    }
    text
}

/// Which turn of a call it is; `None` of a recording that is one, in a menu that there is.
pub(super) fn title(turn: &Heard<'_>, language: Language) -> Option<String> {
    let menu = &turn.menu;
    let mut title = language.pick(format!("menu \"{menu}\""), format!("меню \"{menu}\""));
    if turn.question.as_ref().is_some_and(|(question, _)| question.is_yes_no) {
        title += language.pick(", yes or no", ", да или нет");
    }
    if let Some((from, to)) = turn.span {
        let (from, to) = (minutes(from), minutes(to));
        title += &language.pick(format!(", {from} to {to}"), format!(", с {from} по {to}"));
    }
    match turn.question {
        Some(_) => turn.span.map(|_| title),
        None => {
            let gone = language.pick(
                "the dialplan has no such menu any more, or it listens for nothing",
                "в диалплане такого меню уже нет, или оно ничего не слушает",
            );
            Some(format!("{title}: {gone}"))
        }
    }
}

fn minutes(time: Duration) -> String {
    format!("{}:{:04.1}", time.as_secs() / 60, time.as_secs_f64() % 60.0)
}

fn tell_turn(hearing: &Hearing, question: Question<'_>, language: Language) -> String {
    let mut text = String::new();
    let heard = hearing.trace.text();
    let _ = writeln!(text, "{} «{heard}»", language.pick("letters:", "буквы:"));
    for (at, output) in &hearing.said {
        let _ = writeln!(text, "{:7.2} {}", at.as_secs_f64(), step(output, &question, language));
    }
    let spotter = hearing.trace.spotter();
    if spotter.grammar().phrases().is_empty() {
        return text;
    }
    let (sure, ask) = (hearing.thresholds.sure, hearing.thresholds.ask);
    let head = language.pick(
        format!("best scores (sure from {sure:.2}, asked from {ask:.2}):"),
        format!("лучшие оценки (уверенно от {sure:.2}, переспросить от {ask:.2}):"),
    );
    let _ = writeln!(text, "{head}");
    for (score, at, phrase) in best(hearing) {
        let phrase = &spotter.grammar().phrases()[phrase];
        let key = question.name(phrase.choice, language);
        let (words, at) = (&phrase.text, at.as_secs_f64());
        let _ = writeln!(text, "{score:7.2} {at:6.2} s  {key}  {words}");
    }
    let whole = match spotter.verdict(hearing.thresholds) {
        Verdict::Sure(_) => language.pick("sure", "уверенно"),
        Verdict::Ask(_) => language.pick("to be asked", "переспросить"),
        Verdict::Nothing => language.pick("nothing", "ничего"),
    };
    let _ = writeln!(text, "{} {whole}", language.pick("of the whole:", "по всей записи:"));
    text
}

/// The best score of each phrase and when it was reached, the best first.
fn best(hearing: &Hearing) -> Vec<(f32, Duration, usize)> {
    let count = hearing.trace.spotter().grammar().phrases().len();
    let mut all: Vec<(f32, Duration, usize)> = (0..count)
        .filter_map(|phrase| {
            let rows = (1_u32..).zip(hearing.trace.rows());
            let scores = rows.filter_map(|(nth, row)| Some((row.scores[phrase]?, nth)));
            let (score, nth) = scores.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
            Some((score, FRAME * nth, phrase))
        })
        .collect();
    all.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    all.truncate(PHRASES);
    all
}

impl Question<'_> {
    /// What a phrase leads to: the key of the choice, or the clinic.
    fn name(&self, choice: ChoiceId, language: Language) -> String {
        if self.is_yes_no {
            let (yes, no) = language.pick(("yes", "no"), ("да", "нет"));
            return if choice == YES { yes } else { no }.to_owned();
        }
        let nth = usize::from(choice.0);
        let key = self.menu.choices.get(nth).map(|choice| choice.key.label().to_string());
        let clinic = || self.plan.clinics.values().nth(nth).map(|clinic| clinic.title.to_string());
        key.or_else(clinic).unwrap_or_default()
    }

    /// What number words answer; `None` if that is not what the menu asks for.
    fn answer(&self, words: &[NumberWord]) -> Option<Answer> {
        let what = self.menu.asks.as_ref()?.what;
        Answer::of_words(self.plan, what, words, crate::store::now())
    }
}

/// A number word as it is written.
fn number(word: NumberWord, language: Language) -> String {
    match word {
        NumberWord::Cardinal(value) => value.to_string(),
        NumberWord::Ordinal(value) => language.pick(format!("{value}th"), format!("{value}-е")),
        NumberWord::Month(month) => {
            language.pick(format!("month {month}"), format!("месяц {month}"))
        }
        NumberWord::Block => language.pick("block", "корпус").to_owned(),
        NumberWord::Slash => "/".to_owned(),
        NumberWord::Letter(letter) => letter.to_string(),
        NumberWord::Aside => "…".to_owned(),
    }
}

fn step(output: &Output, question: &Question<'_>, language: Language) -> String {
    let found = |understood: &Understood| {
        let Understood { choice, phrase, score, .. } = understood;
        let key = question.name(*choice, language);
        language.pick(
            format!("{key}, «{phrase}», score {score:.2}"),
            format!("{key}, «{phrase}», оценка {score:.2}"),
        )
    };
    match output {
        Output::SpeechStarted => language.pick("speech begins", "начало речи").to_owned(),
        Output::StopPrompt => language.pick("the prompt stops", "подсказка прервана").to_owned(),
        Output::Over(Outcome::Understood(what)) => {
            format!("{} {}", language.pick("understood:", "понято:"), found(what))
        }
        Output::Over(Outcome::Ask(what)) => {
            format!("{} {}", language.pick("would be asked:", "переспросил бы:"), found(what))
        }
        Output::Over(Outcome::NoMatch(_)) => {
            language.pick("none of the menu's words", "ни одного слова из меню").to_owned()
        }
        Output::Over(Outcome::Numbers(words, _)) => match question.answer(words) {
            Some(answer) => format!("{} {answer}", language.pick("understood:", "понято:")),
            None => {
                let no = language.pick("no answer to the menu:", "на вопрос меню не отвечает:");
                let words = words.iter().map(|word| number(*word, language));
                format!("{no} {}", words.collect::<Vec<_>>().join(" "))
            }
        },
        Output::Over(Outcome::NoInput | Outcome::Deaf) => {
            language.pick("nothing was said", "ничего не сказано").to_owned()
        }
    }
}
