//! What makes a recording unfit for callers.

use std::time::Duration;

use media::Measures;
use media::measure::LEVEL_MIN;

use crate::language::Language;

/// In so many places a wave may be cut; one is heard by nobody.
const CUT_MAX: usize = 1;
/// Direct current, as a share of full scale: more makes clicks where pieces meet.
const OFFSET_MAX: f32 = 0.01;
/// Silence before and after the words: sentences are put together from pieces.
const END_MAX: Duration = Duration::from_millis(300);
/// Silence between words: after a longer one callers begin to speak or hang up.
const PAUSE_MAX: Duration = Duration::from_millis(1000);
/// Nobody speaks faster, letters a second.
const FASTEST: f32 = 25.0;
/// Nobody speaks slower, letters a second, and a second and a half for a word alone.
const SLOWEST: f32 = 4.0;
const WORD_ALONE: f32 = 1.5;
/// Letters in a digit's name, about.
const DIGIT_LETTERS: usize = 6;

/// A fault of a recording.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// It is no sound, and why.
    Unreadable(String),
    /// Nothing is heard.
    Silent,
    /// Its level in dB: too soft to be raised.
    Soft(f32),
    /// The wave is cut flat in so many places.
    Cut(usize),
    /// Direct current, as a share of full scale.
    Offset(f32),
    /// Silence before the words.
    Before(Duration),
    /// Silence after the words.
    After(Duration),
    /// Silence between words.
    Pause(Duration),
    /// Too short or too long for its words.
    Length(Duration),
}

/// Judges speech, of which the words are known.
pub(super) fn speech(text: &str, measures: &Measures) -> Vec<Fault> {
    let Some(level) = measures.level else { return vec![Fault::Silent] };
    let mut faults = tune(measures);
    let mut found = |wrong: bool, fault: Fault| faults.extend(wrong.then_some(fault));
    found(level < LEVEL_MIN, Fault::Soft(level));
    found(measures.before > END_MAX, Fault::Before(measures.before));
    found(measures.after > END_MAX, Fault::After(measures.after));
    found(measures.pause > PAUSE_MAX, Fault::Pause(measures.pause));
    let (letters, seconds) = (letters(text) as f32, measures.length.as_secs_f32());
    let fits = (letters / FASTEST..=letters / SLOWEST + WORD_ALONE).contains(&seconds);
    found(!fits, Fault::Length(measures.length));
    faults
}

/// Judges what is no speech: pauses belong to it.
pub(super) fn tune(measures: &Measures) -> Vec<Fault> {
    let mut faults = Vec::new();
    if measures.cut > CUT_MAX {
        faults.push(Fault::Cut(measures.cut));
    }
    if measures.offset.abs() > OFFSET_MAX {
        faults.push(Fault::Offset(measures.offset));
    }
    faults
}

fn letters(text: &str) -> usize {
    let weight = |c: char| match c {
        c if c.is_ascii_digit() => DIGIT_LETTERS,
        c if c.is_alphabetic() => 1,
        _ => 0,
    };
    text.chars().map(weight).sum()
}

impl Fault {
    /// What is wrong, and the remedy.
    pub(super) fn told(&self, language: Language) -> (String, &'static str) {
        let seconds = |duration: &Duration| {
            let seconds = format!("{:.1}", duration.as_secs_f32());
            language.pick(seconds.clone(), seconds.replace('.', ","))
        };
        match self {
            Fault::Unreadable(why) => (
                language.pick(format!("cannot be played: {why}"), format!("не проигрывается: {why}")),
                language.pick(
                    "record it as wav, flac, mp3 or ogg vorbis",
                    "запишите в формате wav, flac, mp3 или ogg vorbis",
                ),
            ),
            Fault::Silent => (
                language.pick("nothing is heard", "ничего не слышно").to_owned(),
                language.pick("record it again", "запишите заново"),
            ),
            Fault::Soft(level) => (
                language.pick(
                    format!("too soft: {level:.0} dB"),
                    format!("слишком тихо: {level:.0} дБ"),
                ),
                language.pick(
                    "record it again at -30 to -12 dB; the line raises by 24 dB at most, and the noise with it",
                    "запишите заново с уровнем от -30 до -12 дБ: линия усиливает не больше чем на 24 дБ, и шум тоже",
                ),
            ),
            Fault::Cut(places) => (
                language.pick(
                    format!("clipped: the wave is cut flat in {places} places"),
                    format!("перегрузка: мест, где волна срезана, — {places}"),
                ),
                language.pick(
                    "record it again, softer, with peaks under -3 dB: what is cut off cannot be mended",
                    "запишите заново тише, с пиками ниже -3 дБ: срезанное не восстановить",
                ),
            ),
            Fault::Offset(share) => (
                language.pick(
                    format!("direct current: {:.1} % of full scale", share * 100.0),
                    format!("постоянная составляющая: {:.1} % полной шкалы", share * 100.0).replace('.', ","),
                ),
                language.pick(
                    "take it out: sox OLD.wav NEW.wav highpass 60",
                    "уберите её: sox СТАРЫЙ.wav НОВЫЙ.wav highpass 60",
                ),
            ),
            Fault::Before(silence) => (
                language.pick(
                    format!("{} s of silence before the words", seconds(silence)),
                    format!("{} с тишины перед словами", seconds(silence)),
                ),
                CUT_ENDS.told(language),
            ),
            Fault::After(silence) => (
                language.pick(
                    format!("{} s of silence after the words", seconds(silence)),
                    format!("{} с тишины после слов", seconds(silence)),
                ),
                CUT_ENDS.told(language),
            ),
            Fault::Pause(silence) => (
                language.pick(
                    format!("a pause of {} s between words", seconds(silence)),
                    format!("пауза между словами {} с", seconds(silence)),
                ),
                language.pick(
                    "shorten it to less than 1 s: callers take it for the end",
                    "сократите её, чтобы была короче 1 с: звонящие решат, что это конец",
                ),
            ),
            Fault::Length(length) => (
                language.pick(
                    format!("{} s do not fit these words", seconds(length)),
                    format!("{} с не подходят этим словам", seconds(length)),
                ),
                language.pick(
                    "listen whether it is the right recording, and whole",
                    "послушайте, та ли это запись и вся ли она",
                ),
            ),
        }
    }
}

/// A remedy in both languages.
struct Remedy {
    english: &'static str,
    russian: &'static str,
}

const CUT_ENDS: Remedy = Remedy {
    english: "cut it to less than 0.3 s",
    russian: "обрежьте, чтобы осталось меньше 0,3 с",
};

impl Remedy {
    fn told(&self, language: Language) -> &'static str {
        language.pick(self.english, self.russian)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Здравствуйте! Вы позвонили на линию 122.";

    fn good() -> Measures {
        let short = Duration::from_millis(40);
        Measures {
            length: Duration::from_millis(4000),
            level: Some(-20.0),
            cut: 0,
            offset: 0.0,
            before: short,
            after: short,
            pause: Duration::from_millis(400),
        }
    }

    #[test]
    fn each_limit_holds_at_it_and_is_told_past_it() {
        let over = |limit: Duration| limit + Duration::from_millis(10);
        assert_eq!(speech(TEXT, &good()), []);
        let at = Measures { before: END_MAX, after: END_MAX, pause: PAUSE_MAX, ..good() };
        assert_eq!(speech(TEXT, &at), []);
        let at = Measures { level: Some(LEVEL_MIN), cut: CUT_MAX, offset: -OFFSET_MAX, ..good() };
        assert_eq!(speech(TEXT, &at), []);
        let (end, pause) = (over(END_MAX), over(PAUSE_MAX));
        for (measures, fault) in [
            (Measures { level: None, ..good() }, Fault::Silent),
            (Measures { level: Some(-44.5), ..good() }, Fault::Soft(-44.5)),
            (Measures { cut: 2, ..good() }, Fault::Cut(2)),
            (Measures { offset: -0.02, ..good() }, Fault::Offset(-0.02)),
            (Measures { before: end, ..good() }, Fault::Before(end)),
            (Measures { after: end, ..good() }, Fault::After(end)),
            (Measures { pause, ..good() }, Fault::Pause(pause)),
        ] {
            assert_eq!(speech(TEXT, &measures), [fault]);
        }
    }

    #[test]
    fn the_length_fits_the_words() {
        for (seconds, fits) in [(0.5, false), (2.5, true), (13.0, true), (20.0, false)] {
            let length = Duration::from_secs_f32(seconds);
            assert_eq!(speech(TEXT, &Measures { length, ..good() }).is_empty(), fits, "{seconds}");
        }
        let word = Measures { length: Duration::from_millis(300), ..good() };
        assert_eq!(speech("и", &word), []);
    }

    #[test]
    fn a_melody_may_pause_and_be_soft_and_not_be_cut() {
        let melody = Measures { level: None, pause: Duration::from_secs(4), ..good() };
        assert_eq!(tune(&melody), []);
        assert_eq!(tune(&Measures { cut: 9, ..melody }), [Fault::Cut(9)]);
    }
}
