//! What is due soon, what is overdue, and who is to be told next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use ambient::Wall;
use dialplan::requests::EscalateTo;
use dialplan::{Dialplan, QueueId};
use journal::CaseId;

use crate::change::Mark;
use crate::{Case, Marks, Owner};

/// Open cases that are watched at once: half a year of a line with ten thousand a week. A further one is
/// refused by [`Watch::put`]; who drives the watch offers it again when others have ended.
pub const WATCHED_MAX: usize = 250_000;

/// The watch over the open cases.
///
/// It lives by the time of day alone: a due time is a promise about the clock on the wall. A clock that is
/// stepped forwards makes what has become due at once; one that is stepped back makes nothing twice.
///
/// Who drives it makes each [`Notice`] a change of its case ([`What::Marked`](crate::What::Marked)). If
/// that could not be written, [`put`](Watch::put) with the case as it is stored tells it again.
#[derive(Debug)]
pub struct Watch {
    plan: Arc<Dialplan>,
    cases: BTreeMap<CaseId, Watched>,
    by_time: BTreeSet<(Wall, CaseId)>,
    outputs: VecDeque<Notice>,
}

/// Something is to be told of a case; once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The case.
    pub case: CaseId,
    /// What.
    pub mark: Mark,
}

/// What the watch has to know of a case.
#[derive(Clone, Debug)]
struct Watched {
    topic: QueueId,
    counted_from: Wall,
    due: Wall,
    marks: Marks,
    /// When something is to be told next.
    next: Option<Wall>,
}

impl Watch {
    /// A watch that knows no case.
    #[must_use]
    pub fn new(plan: Arc<Dialplan>) -> Watch {
        let (cases, by_time, outputs) = Default::default();
        Watch { plan, cases, by_time, outputs }
    }

    /// How many cases are watched.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether no case is watched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// A case as it is now: open ones are watched from now on, others are forgotten. Says `false` if it
    /// cannot be watched because there are [`WATCHED_MAX`] already.
    #[must_use]
    pub fn put(&mut self, case: &Case) -> bool {
        self.forget(case.id);
        if !case.state.is_open() {
            return true;
        }
        if self.cases.len() >= WATCHED_MAX {
            return false;
        }
        let watched = Watched {
            topic: case.topic.clone(),
            counted_from: Wall::from_unix_millis(case.counted_from),
            due: Wall::from_unix_millis(case.due),
            marks: case.marks,
            next: None,
        };
        self.schedule(case.id, watched);
        true
    }

    /// Escalation goes on by the steps of this dialplan.
    pub fn replace_plan(&mut self, plan: Arc<Dialplan>) {
        self.plan = plan;
        self.by_time.clear();
        for (id, watched) in std::mem::take(&mut self.cases) {
            self.schedule(id, watched);
        }
    }

    /// What is to be told at this time becomes output.
    pub fn handle_timeout(&mut self, now: Wall) {
        while let Some((at, id)) = self.by_time.first().copied()
            && at <= now
        {
            self.by_time.pop_first();
            let Some(mut watched) = self.cases.remove(&id) else { continue };
            while let Some((at, mark)) = watched.next_mark(&self.plan)
                && at <= now
            {
                watched.made(&mark);
                // What is overdue is not told to be due soon as well.
                if mark != Mark::DueSoon || watched.due > now {
                    self.outputs.push_back(Notice { case: id, mark });
                }
            }
            self.schedule(id, watched);
        }
    }

    /// The next thing to be told.
    pub fn poll_output(&mut self) -> Option<Notice> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Watch::handle_timeout) has something to do.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Wall> {
        self.by_time.first().map(|(at, _)| *at)
    }

    fn schedule(&mut self, id: CaseId, mut watched: Watched) {
        watched.next = watched.next_mark(&self.plan).map(|(at, _)| at);
        self.by_time.extend(watched.next.map(|at| (at, id)));
        self.cases.insert(id, watched);
    }

    fn forget(&mut self, id: CaseId) {
        if let Some(before) = self.cases.remove(&id)
            && let Some(next) = before.next
        {
            self.by_time.remove(&(next, id));
        }
        self.outputs.retain(|notice| notice.case != id);
    }
}

impl Watched {
    /// What is to be told next, and when. Of several at one time, the due time comes first.
    fn next_mark(&self, plan: &Dialplan) -> Option<(Wall, Mark)> {
        let due_soon = (!self.marks.due_soon && !self.marks.overdue)
            .then(|| (self.last_quarter(), Mark::DueSoon));
        let overdue = (!self.marks.overdue).then_some((self.due, Mark::Overdue));
        let marks = [due_soon, overdue, self.next_step(plan)];
        // The first of equals.
        marks.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn next_step(&self, plan: &Dialplan) -> Option<(Wall, Mark)> {
        let queue = plan.queues.get(&self.topic)?;
        let step = queue.escalate.get(usize::try_from(self.marks.escalated).ok()?)?;
        let at = plan.after(queue.days, self.counted_from, step.after);
        let to = match &step.to {
            EscalateTo::Group(group) => Owner::Group(group.clone()),
            EscalateTo::Organisation(id) => Owner::Organisation(id.clone()),
        };
        Some((at, Mark::Escalated { step: self.marks.escalated + 1, to }))
    }

    /// When a quarter of the time is left.
    fn last_quarter(&self) -> Wall {
        let all = self.due.since(self.counted_from);
        self.counted_from + all / 4 * 3
    }

    fn made(&mut self, mark: &Mark) {
        match mark {
            Mark::DueSoon => self.marks.due_soon = true,
            Mark::Overdue => self.marks.overdue = true,
            Mark::Escalated { step, .. } => self.marks.escalated = *step,
        }
    }
}
