//! What those who wait are told.

use std::time::Duration;

use dialplan::PromptName;

use super::noun::{Noun, counted};
use super::number::{Case, NUMBER_MAX};
use super::ordinal::{ORDINAL_MAX, Ordinal, ordinal};
use super::{piece, sentence};

/// «Вы следующий в очереди», «Вы двадцать первый в очереди», and beyond [`ORDINAL_MAX`] «Перед вами
/// более двух тысяч человек».
#[must_use]
pub fn place(calls_ahead: usize) -> Vec<PromptName> {
    let place = u32::try_from(calls_ahead).unwrap_or(u32::MAX).saturating_add(1);
    match place {
        1 => vec![piece("you-are-next")],
        2..=ORDINAL_MAX => sentence([
            vec![piece("word/you")],
            ordinal(place, Ordinal::Masculine),
            vec![piece("word/in-queue")],
        ]),
        _ => sentence([
            vec![piece("word/before-you"), piece("word/more-than")],
            counted(2000, Noun::Person, Case::Genitive),
        ]),
    }
}

/// «Ожидание около пяти минут»: rounded up, never less than one minute; from ten minutes on to five
/// minutes, since nobody knows it better; over an hour «более двух часов».
#[must_use]
pub fn expected_wait(wait: Duration) -> Vec<PromptName> {
    const HOUR: u64 = 60;
    let minutes = wait.as_secs().div_ceil(60).max(1);
    let minutes = if minutes <= 10 { minutes } else { minutes.next_multiple_of(5) };
    let number = |n: u64| u32::try_from(n).unwrap_or(NUMBER_MAX).min(NUMBER_MAX);
    let (word, counted) = match minutes {
        ..HOUR => ("word/about", counted(number(minutes), Noun::Minute, Case::Genitive)),
        HOUR => ("word/about", counted(1, Noun::Hour, Case::Genitive)),
        _ => ("word/more-than", counted(number(minutes / HOUR), Noun::Hour, Case::Genitive)),
    };
    sentence([vec![piece("word/wait"), piece(word)], counted])
}
