//! What became of everything that was said, by voice, kind and line.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::Case;
use crate::figures::{Share, Times, hourly};
use crate::list::LINES;
use crate::meant::{Fate, Meant};
use crate::play::Played;

/// Counts of what became of phrases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    of: usize,
    right: usize,
    asked_right: usize,
    asked_wrong: usize,
    wrong: usize,
    nothing: usize,
}

impl Counts {
    fn add(&mut self, fate: Fate) {
        self.of += 1;
        *match fate {
            Fate::Right => &mut self.right,
            Fate::AskedRight => &mut self.asked_right,
            Fate::AskedWrong => &mut self.asked_wrong,
            Fate::Wrong => &mut self.wrong,
            Fate::Nothing => &mut self.nothing,
        } += 1;
    }

    fn share(self, count: usize) -> Share {
        Share { count, of: self.of }
    }

    /// The right choice, at once or named in the question.
    pub(crate) fn right(self) -> Share {
        self.share(self.right + self.asked_right)
    }

    pub(crate) fn at_once(self) -> Share {
        self.share(self.right)
    }

    pub(crate) fn wrong(self) -> Share {
        self.share(self.wrong)
    }

    /// Nothing was understood, or another choice was named in the question: the caller says it again.
    pub(crate) fn again(self) -> Share {
        self.share(self.asked_wrong + self.nothing)
    }
}

/// How far the listener's moments are from the true ones.
#[derive(Clone, Debug, Default)]
struct Moments {
    start: Times,
    end: Times,
    decision: Times,
}

/// What is heard where no choice is named.
#[derive(Clone, Debug, Default)]
struct Alarms {
    hours: f64,
    taken: usize,
    asked: usize,
}

/// Voices, what is said, and the line by its place in [`LINES`].
type Key = (String, String, usize);

/// All of it.
#[derive(Default)]
pub(crate) struct Tally {
    named: BTreeMap<Key, Counts>,
    alarms: BTreeMap<(String, usize), Alarms>,
    moments: BTreeMap<(String, usize), Moments>,
}

impl Tally {
    pub(crate) fn add(&mut self, case: &Case, played: &Played) {
        let recording = &case.recording;
        let (voices, line) = (recording.voices.clone(), recording.line_nth());
        let fate =
            played.over.as_ref().map_or(Fate::Nothing, |(_, outcome)| case.meant.fate(outcome));
        if matches!(case.meant, Meant::Other) {
            let alarms = self.alarms.entry((voices, line)).or_default();
            alarms.hours += recording.seconds() / 3600.0;
            alarms.taken += usize::from(fate == Fate::Wrong);
            alarms.asked += usize::from(fate == Fate::AskedWrong);
            return;
        }
        let key = (voices.clone(), recording.kind.clone(), line);
        self.named.entry(key).or_default().add(fate);
        let Some((begin, end)) = recording.speech else { return };
        let moments = self.moments.entry((voices, line)).or_default();
        if let Some(started) = played.started {
            moments.start.add(begin, started);
        }
        if let (Some(ended), Some((over, _))) = (played.ended, &played.over) {
            moments.end.add(end, ended);
            // A number is waited for longer, since it is told in pieces.
            if !matches!(case.meant, Meant::Numbers(_) | Meant::Told(..)) {
                moments.decision.add(end, *over);
            }
        }
    }

    /// Counts of some kinds together.
    pub(crate) fn counts(&self, voices: &str, line: &str, kinds: &[&str]) -> Counts {
        let mut all = Counts::default();
        for ((of, kind, at), counts) in &self.named {
            if of == voices && LINES.get(*at) == Some(&line) && kinds.contains(&&**kind) {
                all.of += counts.of;
                all.right += counts.right;
                all.asked_right += counts.asked_right;
                all.asked_wrong += counts.asked_wrong;
                all.wrong += counts.wrong;
                all.nothing += counts.nothing;
            }
        }
        all
    }

    /// The tables, as Markdown.
    pub(crate) fn tables(&self) -> String {
        let mut text = "| voices | said | line | n | right, at once or after a question | right at once | wrong \
                        | asked again |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
        for ((voices, kind, line), counts) in &self.named {
            let _ = writeln!(
                text,
                "| {voices} | {kind} | {} | {} | {} | {} | {} | {} |",
                LINES[*line],
                counts.of,
                counts.right().tell(),
                counts.at_once().tell(),
                counts.wrong().tell(),
                counts.again().tell()
            );
        }
        text += "\n| voices | line | minutes without keywords | taken | an hour | asked about | an hour |\n\
                 | --- | --- | --- | --- | --- | --- | --- |\n";
        for ((voices, line), alarms) in &self.alarms {
            let Alarms { hours, taken, asked } = *alarms;
            let _ = writeln!(
                text,
                "| {voices} | {} | {:.1} | {taken} | {} | {asked} | {} |",
                LINES[*line],
                hours * 60.0,
                hourly(taken, hours),
                hourly(asked, hours)
            );
        }
        text += "\n| voices | line | n | start late by, ms: p50 | p95 | end late by, ms: p50 | p95 \
                 | end to decision, ms: p50 | p95 |\n\
                 | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
        for ((voices, line), moments) in &self.moments {
            let Moments { start, end, decision } = moments;
            let of =
                |times: &Times| format!("{:.0} | {:.0}", times.quantile(0.5), times.quantile(0.95));
            let (start, end, count) = (of(start), of(end), start.count());
            let decision = of(decision);
            let _ = writeln!(
                text,
                "| {voices} | {} | {count} | {start} | {end} | {decision} |",
                LINES[*line]
            );
        }
        text
    }
}
