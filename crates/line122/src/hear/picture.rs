//! Scores over time as a picture: the sound's level, the letters, a curve for each phrase.

use report::canvas::{BLUE, Canvas, GREEN, GREY, LEFT, MUTED, ORANGE, RIGHT};
use speech::voice::{BLOCK_TIME, Block};
use speech::{FRAME, Outcome, Output};

use super::{Heard, Hearing, told};
use crate::hearing::Which;
use crate::language::Language;

/// Scores under this one are drawn as it.
const WORST: f32 = -4.0;
/// Curves that are drawn: those of the phrases that came nearest.
const CURVES: usize = 5;
const COLOURS: [&str; CURVES] = [BLUE, ORANGE, GREEN, "#8a5fb0", "#b08a2e"];

/// Where things are in the chart of a turn.
const LEVEL: (f64, f64) = (70.0, 90.0);
const LETTERS: f64 = 190.0;
const SCORES: (f64, f64) = (220.0, 220.0);
const HEIGHT: f64 = 500.0;
/// Of a turn that is not heard again.
const LOW: f64 = 50.0;
/// The first line, and the last.
const HEAD: f64 = 10.0;
const FOOT: f64 = 20.0;
/// Seconds have names if there are no more; of longer turns some.
const NAMED: f64 = 20.0;

pub(super) fn draw(turns: &[Heard<'_>], which: &Which, language: Language) -> String {
    let mut canvas = Canvas::default();
    let mut y = HEAD;
    for turn in turns {
        let title = told::title(turn, language);
        let title = title.as_deref().unwrap_or(language.pick("What was heard", "Что услышано"));
        canvas.text(LEFT, y + 20.0, "17", title);
        match &turn.question {
            Some((_, hearing)) => {
                chart(&mut canvas, hearing, y, language);
                y += HEIGHT;
            }
            None => y += LOW,
        }
    }
    let which = which.told(language);
    canvas.small(LEFT, y + 6.0, &format!("{} {which}", language.pick("model:", "модель:")));
    canvas.finish(y + FOOT)
}

/// What was heard in a turn, from this height on.
fn chart(canvas: &mut Canvas, hearing: &Hearing, y: f64, language: Language) {
    let seconds = (FRAME.as_secs_f64() * hearing.trace.rows().len() as f64).max(0.3);
    let at = |time: f64| LEFT + (RIGHT - LEFT) * (time / seconds).min(1.0);
    words(canvas, hearing.words.as_secs_f64(), y, at, language);
    level(canvas, &hearing.voice, y, at, language);
    letters(canvas, hearing, y, at);
    scores(canvas, hearing, y, at, language);
    moments(canvas, hearing, y, at, language);
    let apart = (seconds / NAMED).ceil() as usize;
    for second in (0..=(seconds as u32)).step_by(apart) {
        let x = at(f64::from(second));
        let text = language.pick(format!("{second} s"), format!("{second} с"));
        canvas.middle(x, y + SCORES.0 + SCORES.1 + 16.0, &text);
    }
}

/// How long the robot spoke.
fn words(canvas: &mut Canvas, until: f64, y: f64, at: impl Fn(f64) -> f64, language: Language) {
    let what = language.pick("the robot speaks", "говорит робот");
    canvas.bar(LEFT, y + LEVEL.0 - 6.0, at(until) - LEFT, 4.0, GREEN, what);
}

/// The level of each 20 ms, and from which on it would have been voice.
fn level(
    canvas: &mut Canvas,
    voice: &[Block],
    top: f64,
    at: impl Fn(f64) -> f64,
    language: Language,
) {
    let (top, height) = (top + LEVEL.0, LEVEL.1);
    canvas.small(LEFT, top - 8.0, language.pick("level, dB", "уровень, дБ"));
    let y = |level: f32| top + height * (f64::from(-level) / 80.0).clamp(0.0, 1.0);
    let line = |value: fn(&Block) -> f32| -> Vec<Option<(f64, f64)>> {
        let points = voice
            .iter()
            .enumerate()
            .map(|(nth, block)| Some((at(BLOCK_TIME.as_secs_f64() * nth as f64), y(value(block)))));
        points.collect()
    };
    for (nth, _) in voice.iter().enumerate().filter(|(_, block)| block.is_sustained) {
        let x = at(BLOCK_TIME.as_secs_f64() * nth as f64);
        canvas.bar(x, top, at(BLOCK_TIME.as_secs_f64()) - LEFT, height, MUTED, "");
    }
    canvas.curve(&line(|block| block.level), BLUE);
    canvas.curve(&line(|block| block.needed), GREY);
}

/// What a recogniser would write, each letter at its time.
fn letters(canvas: &mut Canvas, hearing: &Hearing, y: f64, at: impl Fn(f64) -> f64) {
    for (nth, row) in hearing.trace.rows().iter().enumerate() {
        if let Some(letter) = row.letter {
            let x = at(FRAME.as_secs_f64() * nth as f64);
            canvas.middle(x, y + LETTERS, &letter.to_string());
        }
    }
}

/// The scores of the phrases that came nearest, and the two thresholds.
fn scores(
    canvas: &mut Canvas,
    hearing: &Hearing,
    top: f64,
    at: impl Fn(f64) -> f64,
    language: Language,
) {
    let (top, height) = (top + SCORES.0, SCORES.1);
    let y = |score: f32| top + height * f64::from(score.max(WORST) / WORST);
    canvas.small(LEFT, top - 8.0, language.pick("score of a letter", "оценка на букву"));
    let thresholds = hearing.thresholds;
    for (score, colour) in [(0.0, "#999"), (thresholds.sure, GREEN), (thresholds.ask, ORANGE)] {
        canvas.curve(&[Some((LEFT, y(score))), Some((RIGHT, y(score)))], colour);
        canvas.text(
            LEFT - 8.0,
            y(score) + 4.0,
            "11\" fill=\"#666\" text-anchor=\"end",
            &format!("{score:.1}"),
        );
    }
    let rows = hearing.trace.rows();
    let phrases = hearing.trace.spotter().grammar().phrases();
    let best = |phrase: usize| {
        let scores = rows.iter().filter_map(|row| row.scores[phrase]);
        scores.fold(f32::NEG_INFINITY, f32::max)
    };
    let mut order: Vec<usize> = (0..phrases.len()).collect();
    order.sort_by(|one, other| best(*other).total_cmp(&best(*one)));
    let mut legend = Vec::new();
    for (&phrase, colour) in order.iter().zip(COLOURS) {
        let points = rows.iter().enumerate().map(|(nth, row)| {
            let x = at(FRAME.as_secs_f64() * (nth + 1) as f64);
            row.scores[phrase].map(|score| (x, y(score)))
        });
        canvas.curve(&points.collect::<Vec<_>>(), colour);
        legend.push((colour, phrases[phrase].text.clone()));
    }
    canvas.legend(top + height + 44.0, &legend);
}

/// When speech began, and when it was decided.
fn moments(
    canvas: &mut Canvas,
    hearing: &Hearing,
    y: f64,
    at: impl Fn(f64) -> f64,
    language: Language,
) {
    for (time, output) in &hearing.said {
        let x = at(time.as_secs_f64());
        let name = match output {
            Output::SpeechStarted => language.pick("speech", "речь"),
            Output::StopPrompt => continue,
            Output::Over(Outcome::Understood(_)) => language.pick("understood", "понято"),
            Output::Over(Outcome::Ask(_)) => language.pick("asked", "переспрос"),
            Output::Over(_) => language.pick("nothing", "ничего"),
        };
        canvas.curve(&[Some((x, y + LEVEL.0)), Some((x, y + SCORES.0 + SCORES.1))], GREY);
        canvas.middle(x, y + LEVEL.0 - 20.0, name);
    }
}
