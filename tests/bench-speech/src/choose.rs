//! The thresholds, from the development voices alone.

use speech::ear::Expects;
use speech::{Spotter, Thresholds, Verdict};

use crate::Case;
use crate::meant::{Fate, Meant};

/// What is tried, in hundredths: sure, ask, and how far a choice must be ahead of the next.
const SURE: [i32; 16] =
    [-10, -20, -30, -40, -50, -60, -70, -80, -90, -100, -110, -120, -130, -140, -150, -160];
const ASK: [i32; 16] =
    [-40, -60, -80, -90, -100, -110, -120, -130, -140, -150, -160, -170, -180, -190, -200, -220];
const MARGIN: [i32; 7] = [5, 10, 15, 20, 30, 40, 60];

/// Of those who named a choice, so many may get another one.
const WRONG_MAX: f64 = 0.005;
/// Of sentences and sounds that name none, so many may be taken for one.
const TAKEN_MAX: f64 = 0.005;
/// And so many asked about.
const ASKED_MAX: f64 = 0.08;
/// A question that names the right choice is worth so much of taking it.
const ASKED_WORTH: f64 = 0.6;

/// The thresholds that understand most, among those that are seldom wrong.
pub(crate) fn choose(cases: &[&Case]) -> Option<Thresholds> {
    let heard: Vec<(Spotter, &Meant)> = cases.iter().filter_map(|case| spotter(case)).collect();
    let mut best: Option<(f64, Thresholds)> = None;
    for (sure, ask, margin) in grid() {
        let thresholds = Thresholds { sure, ask, margin };
        if let Some(worth) = worth(&heard, thresholds)
            && best.is_none_or(|(had, _)| worth > had)
        {
            best = Some((worth, thresholds));
        }
    }
    best.map(|(_, thresholds)| thresholds)
}

fn grid() -> impl Iterator<Item = (f32, f32, f32)> {
    let pairs = SURE.into_iter().flat_map(|sure| ASK.into_iter().map(move |ask| (sure, ask)));
    let pairs = pairs.filter(|(sure, ask)| ask <= sure);
    let all = pairs.flat_map(|(sure, ask)| MARGIN.into_iter().map(move |by| (sure, ask, by)));
    all.map(|(sure, ask, by)| (sure as f32 / 100.0, ask as f32 / 100.0, by as f32 / 100.0))
}

/// A listener that has heard a whole recording.
fn spotter(case: &Case) -> Option<(Spotter, &Meant)> {
    let Expects::Phrases(grammar) = &case.expects else { return None };
    let mut spotter = Spotter::new(std::sync::Arc::clone(grammar));
    case.sound.frames.iter().for_each(|frame| spotter.hear(frame));
    Some((spotter, &case.meant))
}

/// What is understood, weighed; `None` if too much of it is wrong.
fn worth(heard: &[(Spotter, &Meant)], thresholds: Thresholds) -> Option<f64> {
    let (mut named, mut wrong, mut worth) = (0, 0, 0.0);
    let (mut others, mut taken, mut asked) = (0, 0, 0);
    for (spotter, meant) in heard {
        let fate = fate(spotter, meant, thresholds);
        if **meant == Meant::Other {
            others += 1;
            taken += usize::from(fate == Fate::Wrong);
            asked += usize::from(fate == Fate::AskedWrong);
            continue;
        }
        named += 1;
        match fate {
            Fate::Right => worth += 1.0,
            Fate::AskedRight => worth += ASKED_WORTH,
            Fate::Wrong => wrong += 1,
            Fate::AskedWrong | Fate::Nothing => {}
        }
    }
    let within = |count: usize, of: usize, most: f64| count as f64 <= most * of.max(1) as f64;
    let is_good = within(wrong, named, WRONG_MAX)
        && within(taken, others, TAKEN_MAX)
        && within(asked, others, ASKED_MAX);
    is_good.then_some(worth)
}

fn fate(spotter: &Spotter, meant: &Meant, thresholds: Thresholds) -> Fate {
    let verdict = spotter.verdict(thresholds);
    let is_right = verdict.hit().is_some_and(|hit| *meant == Meant::Choice(hit.choice));
    match (verdict, is_right) {
        (Verdict::Sure(_), true) => Fate::Right,
        (Verdict::Sure(_), false) => Fate::Wrong,
        (Verdict::Ask(_), true) => Fate::AskedRight,
        (Verdict::Ask(_), false) => Fate::AskedWrong,
        (Verdict::Nothing, _) => Fate::Nothing,
    }
}
