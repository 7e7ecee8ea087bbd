//! A supervisor watches an agent's talk: listens, whispers, joins, takes it over.
//!
//! The supervisor's call is one of its own, with its own record; the talk that is watched has steps in its
//! record that say who watched it, and how. Two calls are concerned, so what the supervisor wishes is
//! carried out by [`Calls`], after the call that wished it has acted.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::{AgentId, Key};
use journal::{CallId, HangupBy, Outcome, StepKind, Watching, Who};
use media::{Command, MONITORS_MAX, MonitorMode, StreamId};

use super::Calls;
use super::call::{Call, Line, Next, Stage, Talk};
use super::desk::{CallTimer, Desk};
use crate::legs::LegId;

/// How long a supervisor hears silence after the talk has ended: so that it is not taken for a fault.
const SILENT_AFTER_TALK: Duration = Duration::from_millis(1500);

/// A supervisor with a talk.
#[derive(Debug)]
pub(crate) struct Monitoring {
    /// Whose talk it is.
    agent: AgentId,
    /// The call that is watched, and the agent's stream in it; none before it begins and after it has
    /// ended.
    on: Option<(CallId, StreamId)>,
    how: Watching,
    wish: Option<Wish>,
    /// The supervisor's phone is in the watched call now.
    pub(crate) has_moved: bool,
}

/// What a supervisor wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// To hear the talk.
    Begin,
    /// To take part otherwise.
    Change(Watching),
    /// The place of the agent.
    TakeOver,
}

/// Which calls are watched.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// By whom, in the order in which they came.
    by: BTreeMap<CallId, Vec<CallId>>,
    /// Supervisors who have left, for the records of the calls that they watched.
    left: Vec<(CallId, AgentId)>,
}

impl Watched {
    /// Watches that go on.
    pub(crate) fn live(&self) -> usize {
        self.by.values().map(Vec::len).sum()
    }

    fn watchers(&self, call: CallId) -> Vec<CallId> {
        self.by.get(&call).cloned().unwrap_or_default()
    }

    fn begin(&mut self, call: CallId, by: CallId) {
        self.by.entry(call).or_default().push(by);
    }

    fn end(&mut self, call: CallId, by: CallId) {
        if let Some(watchers) = self.by.get_mut(&call) {
            watchers.retain(|watcher| *watcher != by);
            if watchers.is_empty() {
                self.by.remove(&call);
            }
        }
    }

    /// A call is gone: it watches nobody.
    fn forget(&mut self, call: CallId) {
        self.by.retain(|_, watchers| {
            watchers.retain(|watcher| *watcher != call);
            !watchers.is_empty()
        });
    }
}

/// The supervisor's call.
impl Call {
    /// An agent has dialled the code and the number of another agent.
    pub(crate) fn monitor(&mut self, desk: &mut Desk<'_>, agent: AgentId) {
        let may = self.near.as_ref().is_some_and(|by| desk.plan.may_monitor(by, &agent));
        if !may {
            tracing::warn!(%agent, "may not watch this agent's talks");
            let then = Next::End(Outcome::Announced);
            return self.announce(desk, vec!["agent/refused".into()], then);
        }
        let monitoring = Monitoring {
            agent,
            on: None,
            how: Watching::Listens,
            wish: Some(Wish::Begin),
            has_moved: false,
        };
        self.enter(desk, Stage::Monitoring(monitoring));
    }

    /// The keys of a supervisor, as telephone exchanges have them.
    pub(crate) fn on_key_in_monitoring(&mut self, key: Key) {
        let Stage::Monitoring(Monitoring { on: Some(_), wish, .. }) = &mut self.stage else {
            return;
        };
        *wish = match key.label() {
            '4' => Some(Wish::Change(Watching::Listens)),
            '5' => Some(Wish::Change(Watching::Whispers)),
            '6' => Some(Wish::Change(Watching::Joins)),
            '7' => Some(Wish::TakeOver),
            _ => None,
        };
    }

    /// Whose talk it is: for displays.
    pub(crate) fn watches(&self) -> Option<&AgentId> {
        match &self.stage {
            Stage::Monitoring(monitoring) => Some(&monitoring.agent),
            _ => None,
        }
    }

    /// There is no talk to be watched.
    fn finds_nobody_talking(&mut self, desk: &mut Desk<'_>) {
        let busy = std::iter::repeat_n("tone/busy".into(), 4).collect();
        self.announce(desk, busy, Next::End(Outcome::Announced));
    }

    /// What is to be heard of the talk is heard from now on.
    fn watch(&mut self, desk: &mut Desk<'_>, on: (CallId, StreamId), how: Watching) {
        self.answer(desk);
        let stream = self.caller.stream;
        desk.media(Command::Monitor { stream, on: on.1, mode: mode(how) });
        if let Stage::Monitoring(monitoring) = &mut self.stage {
            (monitoring.on, monitoring.how) = (Some(on), how);
        }
    }

    /// The talk has ended, or the agent has left it.
    fn has_nothing_to_watch(&mut self, desk: &mut Desk<'_>) {
        let stream = self.caller.stream;
        desk.media(Command::StopMonitoring { stream });
        self.leaves_watched(desk);
        desk.arm(self.id, CallTimer::Monitor, SILENT_AFTER_TALK);
    }

    /// The silence after the talk was long enough.
    pub(crate) fn on_monitor_timeout(&mut self, desk: &mut Desk<'_>) {
        self.end(desk, Outcome::Answered, HangupBy::System);
    }

    /// The supervisor watches no more; the record of the watched call is to say so.
    pub(crate) fn leaves_watched(&mut self, desk: &mut Desk<'_>) {
        let Stage::Monitoring(monitoring) = &mut self.stage else { return };
        let Some((call, _)) = monitoring.on.take() else { return };
        desk.book.watched.end(call, self.id);
        if let Some(by) = &self.near {
            desk.book.watched.left.push((call, by.clone()));
        }
    }
}

/// The watched call.
impl Call {
    /// The agent's leg and stream, in a talk.
    fn talks_at(&self, agent: &AgentId) -> Option<(LegId, StreamId)> {
        let Stage::Talking(talk) = &self.stage else { return None };
        let line = match (&talk.who, &self.near) {
            (Who::Agent(far), _) if far == agent => &talk.far,
            (_, Some(near)) if near == agent => &self.caller,
            _ => return None,
        };
        Some((line.leg, line.stream))
    }

    fn is_held(&self) -> bool {
        matches!(&self.stage, Stage::Talking(talk) if talk.held)
    }

    /// A supervisor takes the place of the agent at `leg`, who is let go.
    fn give_to(&mut self, desk: &mut Desk<'_>, leg: LegId, by: AgentId, line: Line) {
        self.turn_to(desk, leg);
        self.step(desk, StepKind::TakenOver(by.clone()));
        self.release_far(desk);
        self.begin_talk(desk, Talk::new(Who::Agent(by), line));
        self.on_hold_changed(desk);
    }
}

/// Both.
impl Calls {
    /// A call has acted: what it wishes of another one is carried out, and whoever watches it learns
    /// whether the talk goes on.
    pub(super) fn look_after_monitors(&mut self, desk: &mut Desk<'_>, id: CallId) {
        let wish = match self.calls.get_mut(&id) {
            Some(Call { stage: Stage::Monitoring(monitoring), .. }) => monitoring.wish.take(),
            Some(_) => None,
            None => {
                desk.book.watched.forget(id);
                None
            }
        };
        match wish {
            Some(Wish::Begin) => self.begin_monitoring(desk, id),
            Some(Wish::Change(how)) => self.change_monitoring(desk, id, how),
            Some(Wish::TakeOver) => self.take_over_watched(desk, id),
            None => {}
        }
        for (call, by) in std::mem::take(&mut desk.book.watched.left) {
            self.with(desk, call, |call, desk| call.step(desk, StepKind::MonitorLeft(by)));
        }
        for watcher in desk.book.watched.watchers(id) {
            self.follow_watched(desk, id, watcher);
        }
    }

    fn begin_monitoring(&mut self, desk: &mut Desk<'_>, id: CallId) {
        let Some((agent, by, group)) = self
            .calls
            .get(&id)
            .and_then(|call| Some((call.watches()?.clone(), call.near.clone()?, call.group)))
        else {
            return;
        };
        // The talk that is on hold while the agent asks somebody else is not the one to be heard.
        let talks = desk.book.calls_of_agent(&agent).filter_map(|id| self.calls.get(&id));
        let found = talks
            .filter(|call| call.group == group && call.talks_at(&agent).is_some())
            .min_by_key(|call| call.is_held())
            .and_then(|call| Some((call.id, call.talks_at(&agent)?.1)));
        let has_room = |on: CallId| desk.book.watched.watchers(on).len() < MONITORS_MAX;
        let Some(on) = found.filter(|(on, _)| has_room(*on)) else {
            return self.with(desk, id, Call::finds_nobody_talking);
        };
        tracing::info!(call = %id, watched = %on.0, %agent, "watches a talk");
        let how = Watching::Listens;
        desk.book.watched.begin(on.0, id);
        self.with(desk, id, |call, desk| call.watch(desk, on, how));
        self.with(desk, on.0, |call, desk| call.step(desk, StepKind::Monitored { by, how }));
    }

    fn change_monitoring(&mut self, desk: &mut Desk<'_>, id: CallId, how: Watching) {
        let Some((on, by)) = self.watched_by(id) else { return };
        self.with(desk, id, |call, desk| call.watch(desk, on, how));
        self.with(desk, on.0, |call, desk| call.step(desk, StepKind::Monitored { by, how }));
    }

    fn take_over_watched(&mut self, desk: &mut Desk<'_>, id: CallId) {
        let Some((on, by)) = self.watched_by(id) else { return };
        let Some(call) = self.calls.get(&id) else { return };
        let at = call.watches().and_then(|agent| self.calls.get(&on.0)?.talks_at(agent));
        let Some((leg, _)) = at else { return };
        tracing::info!(call = %id, watched = %on.0, "takes a talk over");
        let mut moved = None;
        self.with(desk, id, |call, desk| moved = Some(call.move_to_watched(desk, on.0)));
        if let Some(line) = moved {
            self.with(desk, on.0, |call, desk| call.give_to(desk, leg, by, line));
        }
    }

    /// Which talk a call watches, and whose call it is.
    fn watched_by(&self, id: CallId) -> Option<((CallId, StreamId), AgentId)> {
        let call = self.calls.get(&id)?;
        let Stage::Monitoring(monitoring) = &call.stage else { return None };
        Some((monitoring.on?, call.near.clone()?))
    }

    /// What is watched has changed, perhaps.
    fn follow_watched(&mut self, desk: &mut Desk<'_>, id: CallId, watcher: CallId) {
        let Some((on, _)) = self.watched_by(watcher) else {
            return desk.book.watched.end(id, watcher);
        };
        let agent = self.calls.get(&watcher).and_then(Call::watches);
        let talk = agent.and_then(|agent| self.calls.get(&id)?.talks_at(agent));
        match talk {
            Some((_, stream)) if stream == on.1 => {}
            // The agent goes on at another phone.
            Some((_, stream)) => self.with(desk, watcher, |call, desk| {
                if let Stage::Monitoring(monitoring) = &call.stage {
                    let how = monitoring.how;
                    call.watch(desk, (id, stream), how);
                }
            }),
            None => self.with(desk, watcher, Call::has_nothing_to_watch),
        }
    }
}

/// Moving.
impl Call {
    /// Ends the supervisor's call and gives its phone to the watched one.
    fn move_to_watched(&mut self, desk: &mut Desk<'_>, to: CallId) -> Line {
        self.leaves_watched(desk);
        if let Stage::Monitoring(monitoring) = &mut self.stage {
            monitoring.has_moved = true;
        }
        let line = std::mem::replace(&mut self.caller, Line::new(LegId(0), StreamId(0)));
        desk.book.own_leg(line.leg, to);
        desk.book.own_stream(line.stream, to);
        if let Some(by) = self.near.clone() {
            // Joined before left, so that the queue does not take the supervisor for free in between.
            desk.agent_joins(&by, to, self.group, true);
        }
        self.end(desk, Outcome::Answered, HangupBy::Caller);
        line
    }
}

fn mode(how: Watching) -> MonitorMode {
    match how {
        Watching::Listens => MonitorMode::Listen,
        Watching::Whispers => MonitorMode::Whisper,
        Watching::Joins => MonitorMode::Join,
    }
}
