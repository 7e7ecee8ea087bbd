//! The thresholds, from the development voices alone.

use speech::ear::Expects;
use speech::{Spotter, Thresholds, Verdict};

use crate::Case;
use crate::meant::{Fate, Meant};

/// What is tried, in hundredths: sure, ask, and how far a choice must be ahead of the next.
const SURE: [i32; 16] =
    [-10, -20, -30, -40, -50, -60, -70, -80, -90, -100, -110, -120, -130, -140, -150, -160];
const ASK: [i32; 17] = [
    -40, -60, -80, -90, -100, -110, -115, -120, -130, -140, -150, -160, -170, -180, -190, -200,
    -220,
];
const MARGIN: [i32; 7] = [5, 10, 15, 20, 30, 40, 60];

/// Of those who named a choice, so many may get another one: what each limit asks for is told.
pub(crate) const WRONG_MAX: [f64; 3] = [0.005, 0.01, 0.02];
/// Of sentences and sounds that name none, so many may be taken for one.
const TAKEN_MAX: f64 = 0.01;
/// And so many asked about, which costs them a few seconds.
const ASKED_MAX: f64 = 0.08;
/// A question that names the right choice is worth so much of taking it.
const ASKED_WORTH: f64 = 0.6;

/// What comes of thresholds, in shares of those who named a choice, and of what names none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Yield {
    pub(crate) thresholds: Thresholds,
    right: f64,
    asked_right: f64,
    wrong: f64,
    taken: f64,
    asked: f64,
}

impl Yield {
    fn worth(self) -> f64 {
        self.right + ASKED_WORTH * self.asked_right
    }

    pub(crate) fn tell(self) -> String {
        let Thresholds { sure, ask, margin } = self.thresholds;
        let percent = [self.right, self.asked_right, self.wrong, self.taken, self.asked];
        let [right, asked_right, wrong, taken, asked] = percent.map(|share| 100.0 * share);
        format!(
            "sure {sure:.2}, ask {ask:.2}, margin {margin:.2}: right at once {right:.1} %, asked and right \
             {asked_right:.1} %, wrong {wrong:.2} %; of others taken {taken:.2} %, asked about {asked:.1} %"
        )
    }
}

/// Recordings as listeners have heard them to their end.
pub(crate) struct Choosing<'a>(Vec<(Spotter, &'a Meant)>);

impl Choosing<'_> {
    pub(crate) fn new<'a>(cases: &[&'a Case]) -> Choosing<'a> {
        Choosing(cases.iter().filter_map(|case| spotter(case)).collect())
    }

    /// For each of [`WRONG_MAX`] the thresholds that understand most, if any are seldom enough wrong.
    pub(crate) fn best(&self) -> [Option<Yield>; WRONG_MAX.len()] {
        let mut best = [None; WRONG_MAX.len()];
        for (sure, ask, margin) in grid() {
            let got = self.yield_of(Thresholds { sure, ask, margin });
            for (wrong_max, best) in WRONG_MAX.into_iter().zip(&mut best) {
                let is_good =
                    got.wrong <= wrong_max && got.taken <= TAKEN_MAX && got.asked <= ASKED_MAX;
                if is_good && best.is_none_or(|had: Yield| got.worth() > had.worth()) {
                    *best = Some(got);
                }
            }
        }
        best
    }

    pub(crate) fn yield_of(&self, thresholds: Thresholds) -> Yield {
        let (mut named, mut wrong, mut right, mut asked_right) = (0, 0, 0, 0);
        let (mut others, mut taken, mut asked) = (0, 0, 0);
        for (spotter, meant) in &self.0 {
            let fate = fate(spotter, meant, thresholds);
            if matches!(meant, Meant::Other) {
                others += 1;
                taken += usize::from(fate == Fate::Wrong);
                asked += usize::from(fate == Fate::AskedWrong);
                continue;
            }
            named += 1;
            right += usize::from(fate == Fate::Right);
            asked_right += usize::from(fate == Fate::AskedRight);
            wrong += usize::from(fate == Fate::Wrong);
        }
        let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
        Yield {
            thresholds,
            right: share(right, named),
            asked_right: share(asked_right, named),
            wrong: share(wrong, named),
            taken: share(taken, others),
            asked: share(asked, others),
        }
    }
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

fn fate(spotter: &Spotter, meant: &Meant, thresholds: Thresholds) -> Fate {
    let verdict = spotter.verdict(thresholds);
    let is_right = verdict
        .hit()
        .is_some_and(|hit| matches!(meant, Meant::Choice(choice) if *choice == hit.choice));
    match (verdict, is_right) {
        (Verdict::Sure(_), true) => Fate::Right,
        (Verdict::Sure(_), false) => Fate::Wrong,
        (Verdict::Ask(_), true) => Fate::AskedRight,
        (Verdict::Ask(_), false) => Fate::AskedWrong,
        (Verdict::Nothing, _) => Fate::Nothing,
    }
}
