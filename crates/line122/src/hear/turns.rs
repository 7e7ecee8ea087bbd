//! The turns of a call in which the robot listened, cut out of what is recorded of it.

use std::time::Duration;

use dialplan::MenuId;
use journal::{Step, StepKind};
use recorder::SaidToRobot;
use speech::{FRAME, SAMPLE_RATE};

/// What is heard behind the end of a turn: a decision comes when the sound that it needs is complete.
const BEHIND_MS: i64 = 500;
/// Of a longer turn the end is heard: as much as is drawn of one.
const TURN_MAX_MS: i64 = FRAME.as_millis() as i64 * speech::trace::FRAMES_MAX as i64;

/// A turn, to be heard again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turned {
    pub(super) menu: MenuId,
    /// Yes or no was to be said, to whether a choice of the menu was meant.
    pub(super) is_yes_no: bool,
    pub(super) samples: Vec<i16>,
    /// How long the robot itself spoke.
    pub(super) words: Duration,
    /// When it began and was over, from the beginning of the first recording on; `None` of a recording that
    /// is one turn.
    pub(super) span: Option<(Duration, Duration)>,
}

/// A recording that is one answer to a menu.
pub(super) fn whole(menu: &MenuId, samples: Vec<i16>) -> Turned {
    Turned { menu: menu.clone(), is_yes_no: false, samples, words: Duration::ZERO, span: None }
}

/// The turns of a call; all were of the menu `instead`, if that is given. What is recorded of a call of which
/// no turns are known is one.
pub(super) fn of_call(
    said: &[SaidToRobot],
    steps: &[Step],
    instead: Option<&MenuId>,
) -> Vec<Turned> {
    let first = said.first().map(|part| part.began).unwrap_or_default();
    let mut turns = Vec::new();
    for part in said {
        let before = turns.len();
        turns.extend(steps.iter().filter_map(|step| cut(part, first, step)));
        if turns.len() == before {
            turns.push(whole(&part.menu, part.samples.clone()));
        }
    }
    if let Some(menu) = instead {
        turns.iter_mut().for_each(|turn| turn.menu = menu.clone());
    }
    turns
}

/// The turn that a step tells of, if it is in this part.
fn cut(part: &SaidToRobot, first: i64, step: &Step) -> Option<Turned> {
    let StepKind::Listened { menu, is_yes_no, since, said_until } = &step.what else { return None };
    let place =
        |at: i64| usize::try_from(at - part.began).unwrap_or(0) * SAMPLE_RATE as usize / 1000;
    let begin = (*since).max(step.at + BEHIND_MS - TURN_MAX_MS);
    let end = place(step.at + BEHIND_MS).min(part.samples.len());
    // One in which nobody listened has no length.
    if *since < part.began || step.at <= *since || place(begin) >= end {
        return None;
    }
    let since_first = |at: i64| Duration::from_millis(u64::try_from(at - first).unwrap_or(0));
    Some(Turned {
        menu: menu.clone(),
        is_yes_no: *is_yes_no,
        samples: part.samples[place(begin)..end].to_vec(),
        words: Duration::from_millis(u64::try_from(*said_until - begin).unwrap_or(0)),
        span: Some((since_first(begin), since_first(step.at))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second for each number, all samples of which say it.
    fn part(began: i64, seconds: std::ops::Range<i16>) -> SaidToRobot {
        let samples = seconds.flat_map(|n| std::iter::repeat_n(n, 8000)).collect();
        SaidToRobot { began, menu: "main".into(), samples }
    }

    fn listened(menu: &str, since: i64, said_until: i64, until: i64) -> Step {
        let menu = menu.into();
        Step { at: until, what: StepKind::Listened { menu, is_yes_no: false, since, said_until } }
    }

    #[test]
    fn each_turn_is_cut_out_of_its_part() {
        let said = [part(1_000, 0..9), part(60_000, 50..55)];
        let steps = [
            listened("main", 1_000, 3_000, 5_000),
            listened("lower", 5_000, 5_000, 9_000),
            listened("main", 61_000, 62_000, 64_000),
        ];
        let turns = of_call(&said, &steps, None);
        let menus: Vec<&str> = turns.iter().map(|turn| turn.menu.as_str()).collect();
        assert_eq!(menus, ["main", "lower", "main"]);
        let span = |from, to| Some((Duration::from_secs(from), Duration::from_secs(to)));
        assert_eq!(turns[1].span, span(4, 8));
        assert_eq!(turns[2].span, span(60, 63));
        let words: Vec<u64> = turns.iter().map(|turn| turn.words.as_secs()).collect();
        assert_eq!(words, [2, 0, 1]);
        assert_eq!((turns[1].samples[0], turns[1].samples.len()), (4, 36_000));
        // As much as there is.
        assert_eq!((turns[2].samples[0], turns[2].samples.len()), (51, 28_000));
        let turns = of_call(&said, &steps, Some(&"other".into()));
        assert!(turns.iter().all(|turn| turn.menu.as_str() == "other"));
    }

    #[test]
    fn a_call_of_before_turns_were_noted_is_one() {
        let said = [part(1_000, 0..2)];
        assert_eq!(of_call(&said, &[], None), [whole(&"main".into(), said[0].samples.clone())]);
    }

    #[test]
    fn of_a_long_turn_the_end_is_heard_and_of_none_nothing() {
        let said = [part(0, 0..100)];
        let turns = of_call(&said, &[listened("main", 0, 90_000, 95_000)], None);
        assert_eq!(turns[0].samples.len() as i64, TURN_MAX_MS * 8);
        assert_eq!(turns[0].words, Duration::from_millis(54_500));
        let deaf = listened("main", 2_000, 2_000, 2_000);
        assert_eq!(of_call(&said, &[deaf], None)[0].span, None);
    }
}
