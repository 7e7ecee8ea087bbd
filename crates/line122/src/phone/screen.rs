//! What the phone's owner sees.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};

use super::PhoneOptions;
use super::ear::Ear;
use super::ua::News;
use crate::failure::Failure;
use crate::language::Language;

/// The meter is drawn anew after so many blocks of 20 ms.
const METER_BLOCKS: u64 = 10;
/// The meter's width, and the level at its left end in dB of full scale.
const METER_WIDTH: usize = 24;
const METER_FLOOR: f64 = -60.0;

/// Lines of progress, and on a terminal a level meter below them.
pub(crate) struct Screen {
    language: Language,
    about: String,
    is_call: bool,
    is_terminal: bool,
    has_meter: bool,
    blocks: u64,
    answered: bool,
    failure: Option<String>,
}

impl Screen {
    pub(crate) fn new(language: Language, options: &PhoneOptions) -> Screen {
        let server = &options.server;
        let about = match &options.dial {
            Some(number) => match language {
                Language::English => format!("Calling {number} through {server}"),
                Language::Russian => format!("Звоним на {number} через {server}"),
            },
            None => match language {
                Language::English => format!("Phone {} at {server}", options.user),
                Language::Russian => format!("Телефон {} на {server}", options.user),
            },
        };
        Screen {
            language,
            about,
            is_call: options.dial.is_some(),
            is_terminal: std::io::stdout().is_terminal(),
            has_meter: false,
            blocks: 0,
            answered: false,
            failure: None,
        }
    }

    /// The first lines.
    pub(crate) fn begin(&mut self) {
        let about = self.about.clone();
        self.line(&about);
        if self.is_terminal {
            self.line(self.language.pick(
                "  keys and Enter: press them; q and Enter or Ctrl-C: hang up",
                "  клавиши и Enter — нажать; q и Enter или Ctrl-C — положить трубку",
            ));
        }
    }

    /// Something happened.
    pub(crate) fn show(&mut self, news: &News) {
        let say = |english: &str, russian: &str| self.language.pick(english, russian).to_owned();
        let text = match news {
            News::Registered => say("  registered", "  зарегистрирован"),
            News::RegistrationFailed(status) => {
                let why = self.refusal(status.0);
                self.failure = Some(why.clone());
                format!("  {why}")
            }
            News::Called(from) => format!("  {} {from}", say("rings:", "звонок:")),
            News::Ringing => say("  ringing", "  гудки"),
            News::EarlyMedia => say("  sound before the answer", "  звук до ответа"),
            News::Answered => {
                self.answered = true;
                say("  answered", "  ответили")
            }
            News::KeySent(key) => format!("  {} {key}", say("key", "клавиша")),
            News::Refused(status) => {
                let why = self.refusal(status.0);
                self.failure = Some(why.clone());
                format!("  {why}")
            }
            News::NoPorts => {
                let why = say("no free ports for sound", "нет свободных портов для звука");
                self.failure = Some(why.clone());
                format!("  {why}")
            }
            News::EndedByPeer => {
                say("  the other side hung up", "  на той стороне положили трубку")
            }
            News::Lost => say("  connection lost", "  связь потеряна"),
            News::Figures(stats) => {
                let lost = say("lost", "потеряно");
                format!("  RTP: ↓{} ↑{}, {lost} {}", stats.received, stats.sent, stats.lost)
            }
            News::Heard(_) => return,
        };
        self.line(&text);
    }

    /// Something was heard.
    pub(crate) fn meter(&mut self, ear: &Ear) {
        self.blocks += 1;
        if !self.is_terminal || !self.blocks.is_multiple_of(METER_BLOCKS) {
            return;
        }
        let text = format!("\r  {:5.1} s {}", ear.seconds(), bar(ear.level()));
        self.has_meter = true;
        self.write(&text);
    }

    /// The last line but one: what was heard.
    pub(crate) fn sum_up(&mut self, ear: &Ear) {
        if ear.seconds() == 0.0 {
            return;
        }
        let (all, sound, level) = (ear.seconds(), ear.seconds_of_sound(), ear.mean_level());
        let mut text = match self.language {
            Language::English => {
                format!("Heard {all:.1} s, {sound:.1} s of it sound at {level:.0} dB")
            }
            Language::Russian => {
                format!("Слышно {all:.1} с, из них звук {sound:.1} с, уровень {level:.0} дБ")
            }
        };
        if let Some(path) = ear.path() {
            let _ = write!(text, " → {}", path.display());
        }
        self.line(&text);
    }

    /// Whether the phone did what it was asked to.
    pub(crate) fn verdict(self) -> Result<(), Failure> {
        match self.failure {
            Some(why) if self.is_call || !self.answered => Err(Failure::Runtime(why)),
            Some(_) | None => Ok(()),
        }
    }

    fn refusal(&self, status: u16) -> String {
        let (english, russian) = match status {
            401 | 403 | 407 => ("wrong number or password", "неверный номер или пароль"),
            404 => ("no such number", "такого номера нет"),
            408 => ("the server does not answer", "сервер не отвечает"),
            480 => ("nobody can be reached", "никто не доступен"),
            484 => ("this is no number", "это не номер"),
            486 | 600 => ("busy", "занято"),
            487 => ("given up", "вызов отменён"),
            488 => ("no sound format in common", "нет общего звукового формата"),
            503 => {
                ("the line is overloaded or cannot be reached", "линия перегружена или недоступна")
            }
            _ => ("refused", "отказ"),
        };
        format!("{} ({status})", self.language.pick(english, russian))
    }

    fn line(&mut self, text: &str) {
        // A line takes the place of the meter, which is drawn again below it.
        let clear = if std::mem::take(&mut self.has_meter) { "\r\x1b[K" } else { "" };
        self.write(&format!("{clear}{text}\n"));
    }

    fn write(&self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    }
}

/// A level as a bar.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn bar(level: f64) -> String {
    let share = ((level - METER_FLOOR) / -METER_FLOOR).clamp(0.0, 1.0);
    let full = (share * METER_WIDTH as f64).round() as usize;
    format!("{}{}", "█".repeat(full), "·".repeat(METER_WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_has_one_width() {
        for level in [-100.0, -60.0, -30.0, -0.1, 0.0, 3.0] {
            assert_eq!(bar(level).chars().count(), METER_WIDTH);
        }
        assert!(!bar(-60.0).contains('█') && !bar(0.0).contains('·'));
    }
}
