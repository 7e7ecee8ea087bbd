//! Recording of talks, where the dialplan says so: the caller is told first, once.
//!
//! A recording begins with the robot's menus, or with a talk with an agent of such a queue, and goes on to the end of the talk,
//! through hold and transfers. A call that goes back to a queue has a further part.

use dialplan::{PromptName, QueueId};
use journal::{RecordedOf, RecordedPart, Step, StepKind, Who};
use media::{Command, Law, PlayId, RecordingId, StreamId};
use sip::sdp::Codec;

use super::call::{Call, Next, Stage};
use super::desk::Desk;
use crate::switch::Output;

/// Whether and how a call is recorded.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// The caller has heard that talks are recorded.
    told: bool,
    /// The words that say it are on their way while agents' phones ring.
    pub(crate) telling: Option<PlayId>,
    /// Parts that were begun.
    parts: u32,
    /// The part that is being recorded, and on which stream.
    running: Option<(RecordingId, StreamId)>,
}

impl Recorded {
    /// What the steps of a call say that is taken up after a restart.
    pub(crate) fn restored(steps: &[Step]) -> Recorded {
        let begun = steps.iter().filter(|step| step.what == StepKind::RecordingBegan).count();
        Recorded {
            told: steps.iter().any(|step| step.what == StepKind::ToldOfRecording),
            parts: u32::try_from(begun).unwrap_or(u32::MAX),
            ..Recorded::default()
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }
}

/// Telling.
impl Call {
    /// Comes to a queue; where its talks are recorded the caller is told so first.
    pub(crate) fn come_to_queue(&mut self, desk: &mut Desk<'_>, queue: &QueueId) {
        match self.announcement_of(queue).cloned() {
            Some(words) => self.announce(desk, vec![words], Next::Told(queue.clone())),
            None => self.enter_queue(desk, queue, None),
        }
    }

    /// What the caller is still to be told before what is said to the robot may be recorded.
    pub(crate) fn to_be_told_by_robot(&self) -> Option<&PromptName> {
        let rule = self.plan.robot_recording.as_ref()?;
        Some(&rule.announce).filter(|_| !self.recorded.told)
    }

    /// What the caller is still to be told before talks of the call's queue may be recorded.
    pub(crate) fn to_be_told(&self) -> Option<&PromptName> {
        self.announcement_of(self.queue.as_ref()?)
    }

    fn announcement_of(&self, queue: &QueueId) -> Option<&PromptName> {
        let rule = self.plan.queues.get(queue)?.recording.as_ref()?;
        Some(&rule.announce).filter(|_| !self.recorded.told)
    }

    /// The caller has heard it.
    pub(crate) fn note_told(&mut self, desk: &mut Desk<'_>) {
        self.recorded.telling = None;
        if !std::mem::replace(&mut self.recorded.told, true) {
            self.step(desk, StepKind::ToldOfRecording);
        }
    }

    /// Words have come to their end.
    pub(crate) fn on_told(&mut self, desk: &mut Desk<'_>, play: PlayId) {
        if self.recorded.telling == Some(play) {
            self.note_told(desk);
        }
    }

    /// The same while the agent is already there.
    pub(crate) fn on_told_in_talk(&mut self, desk: &mut Desk<'_>, play: PlayId) {
        self.on_told(desk, play);
        self.record_talk(desk);
    }

    /// Whether the words that say it are what a waiting call hears now.
    pub(crate) fn is_being_told(&self) -> bool {
        let Stage::Waiting { announcing: Some(play), .. } = &self.stage else { return false };
        self.recorded.telling == Some(*play)
    }
}

/// Recording.
impl Call {
    /// Records the talk that the call is in, with an agent or with the robot, if the dialplan says so and
    /// the caller was told.
    pub(crate) fn record_talk(&mut self, desk: &mut Desk<'_>) {
        let stream = self.caller.stream;
        if self.recorded.running.is_some_and(|(_, on)| on != stream) {
            self.stop_recording(desk);
        }
        if self.recorded.is_running() || !self.recorded.told {
            return;
        }
        let Some(about) = self.about_recording(desk) else { return };
        let law = match self.caller.codec() {
            Codec::Pcma => Law::A,
            Codec::Pcmu => Law::Mu,
        };
        let recording = desk.book.new_recording();
        let alone = matches!(about.of, RecordedOf::Robot { .. });
        self.recorded.parts = about.part;
        self.recorded.running = Some((recording, stream));
        self.step(desk, StepKind::RecordingBegan);
        // Before the engine is told, so that no block comes before its beginning.
        desk.out.push_back(Output::Record { recording, law, about });
        desk.media(Command::Record { stream, recording, law, alone });
    }

    pub(crate) fn stop_recording(&mut self, desk: &mut Desk<'_>) {
        if let Some((_, stream)) = self.recorded.running.take() {
            desk.media(Command::StopRecording { stream });
            self.step(desk, StepKind::RecordingEnded);
        }
    }

    /// `None` where nothing is to be recorded: it begins with an agent alone, or with the robot.
    fn about_recording(&self, desk: &Desk<'_>) -> Option<RecordedPart> {
        let (rule, of) = match &self.stage {
            Stage::Talking(talk) => {
                let Who::Agent(agent) = &talk.who else { return None };
                let queue = self.queue.clone()?;
                let rule = self.plan.queues.get(&queue)?.recording.as_ref()?;
                (rule, RecordedOf::Talk { queue, agent: agent.clone() })
            }
            Stage::Menu(menu) => {
                let menu = menu.session.menu()?.clone();
                (self.plan.robot_recording.as_ref()?, RecordedOf::Robot { menu })
            }
            _ => return None,
        };
        let at = desk.now.wall.unix_millis();
        let keep = i64::try_from(rule.keep.as_millis()).unwrap_or(i64::MAX);
        Some(RecordedPart {
            call: self.id,
            part: self.recorded.parts.saturating_add(1),
            at,
            of,
            keep_until: at.saturating_add(keep),
        })
    }
}
