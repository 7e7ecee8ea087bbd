//! One call: who, from where, and how far it has come.

use std::net::SocketAddr;
use std::sync::Arc;

use ambient::Mono;
use dialplan::{AgentId, Dialplan, MenuId, Number, OutsideId, QueueId, Target};
use journal::{CallId, Entry as JournalEntry, Origin, Outcome, Step, StepKind, Who};
use media::{Command, GroupKey, PlayId, StreamId};
use proxy::{Dial, Entry, Party};
use queue::OfferId;
use sip::StatusCode;
use sip::sdp::{Chosen, Codec, Direction};

use super::call_back::CallingBack;
use super::desk::{CallTimer, Desk};
use super::monitor::Monitoring;
use super::record::Recorded;
use super::replace::Successor;
use super::resume::KeptLegs;
use super::robot::InMenu;
use super::transfer::Back;
use crate::legs::{LegEvent, LegId};
use crate::peer::peer_of;

/// One side of a call: its leg and its stream.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) leg: LegId,
    pub(crate) stream: StreamId,
    /// Offer and answer are complete.
    pub(crate) agreed: Option<Chosen>,
    /// The prompt to begin with as soon as they are.
    pending: Option<(PlayId, Vec<Arc<str>>, bool)>,
}

/// Phones that ring for a call: the first to answer takes it.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) who: Who,
    /// The queue's offer, if the phones ring for one.
    pub(crate) offer: Option<OfferId>,
    /// All phones share one stream, since only one of them answers.
    pub(crate) stream: StreamId,
    pub(crate) local: Option<SocketAddr>,
    /// Phones that do not ring yet.
    pub(crate) dials: Vec<Dial>,
    /// One after another instead of all at once.
    pub(crate) in_order: bool,
    pub(crate) legs: Vec<LegId>,
    /// The best refusal so far: what the whole ring is told to have come to.
    pub(crate) refused: Option<StatusCode>,
    /// The winner, until the queue confirms it.
    pub(crate) taken: Option<Line>,
    /// The browser whose media is made ready while it rings: the stream can wait for one.
    pub(crate) prepared: Option<LegId>,
    /// How long the phones may ring; the queue's offers are timed by the queue.
    pub(crate) ring_for: Option<std::time::Duration>,
    /// The telephone of the dialplan that rings; it says how long, and where the call goes then.
    pub(crate) outside: Option<OutsideId>,
    /// It rings outside, so that the trunk works.
    pub(crate) is_reached: bool,
    /// An agent handed the caller on and has left: to whom the caller goes back if nobody answers.
    pub(crate) back: Option<Back>,
}

/// A talk.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) who: Who,
    pub(crate) far: Line,
    /// One side has put the other on hold.
    pub(crate) held: bool,
    /// A blind transfer under way.
    pub(crate) transfer: Option<Transfer>,
    /// When one came to nothing.
    pub(crate) transfer_failed: Option<Mono>,
}

/// A blind transfer under way: the new phone rings while the talk goes on.
#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) ring: Ring,
    /// The leg that asked.
    pub(crate) by: LegId,
}

/// How far a call has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Ports and the journal are waited for; the caller hears nothing yet.
    Arriving { entry: Entry, opened: bool, persisted: bool },
    /// The robot speaks and listens.
    Menu(Box<InMenu>),
    /// Words, then on.
    Announcing { playing: PlayId, then: Next },
    /// The caller's request is about to be durable.
    LeavingRequest { topic: QueueId },
    /// It waits in a queue; perhaps a phone rings for it.
    Waiting { announcing: Option<PlayId>, ring: Option<Ring> },
    /// Phones ring outside any queue: a clinic's, a person's, a number outside.
    Ringing(Ring),
    /// A citizen is being called back.
    CallingBack(Box<CallingBack>),
    /// It talks.
    Talking(Box<Talk>),
    /// A supervisor watches the talk of another call.
    Monitoring(Monitoring),
    /// After a restart: its sides are asked to go on, with whom it talked, if it did.
    Resuming(Option<Box<Talk>>),
    /// It is over and about to be forgotten.
    Over,
}

/// What follows an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Target(Target),
    /// To a queue, after the caller was told that its talks are recorded.
    Told(QueueId),
    /// To a menu, after the caller was told that what is said there is recorded.
    ToldByRobot(MenuId),
    /// Back to the head of its queue, without the agent who was lost.
    Return(QueueId, AgentId),
    End(Outcome),
}

/// A call that ends here.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    /// The dialplan of its arrival: it keeps its version.
    pub(crate) plan: Arc<Dialplan>,
    /// Who called.
    pub(crate) from: Party,
    pub(crate) sip_call_id: Box<str>,
    /// The near side: who called, or who was called by an agent who has left.
    pub(crate) caller: Line,
    /// The agent whose phone the near side is.
    pub(crate) near: Option<AgentId>,
    /// The number of who called, for the record.
    pub(crate) caller_number: Option<Number>,
    /// The number of the near side, for the displays of other phones.
    pub(crate) shown: Option<Number>,
    pub(crate) dialled: Number,
    pub(crate) origin: Origin,
    pub(crate) group: GroupKey,
    /// The caller's INVITE has its 200.
    pub(crate) answered: bool,
    /// It counts against the trunk that it came by.
    pub(crate) holds_trunk: bool,
    pub(crate) early_media: bool,
    pub(crate) queue: Option<QueueId>,
    /// Since when the caller waits for an agent, through all queues.
    pub(crate) waits_since: Option<Mono>,
    /// Places of the dialplan that the call was led to since a person last did something.
    pub(crate) hops: u8,
    pub(crate) last_agent: Option<AgentId>,
    /// Somebody has talked with the caller.
    pub(crate) talked: bool,
    /// The caller lost the agent and has not talked with another since: who leaves now is to be
    /// called back.
    pub(crate) lost_agent: bool,
    /// Whether and how its talks are recorded.
    pub(crate) recorded: Recorded,
    /// Who is about to take the place of one side.
    pub(crate) successor: Option<Successor>,
    pub(crate) steps: Vec<Step>,
    /// What the journal knows of its legs.
    pub(crate) kept_legs: KeptLegs,
    pub(crate) stage: Stage,
    pub(crate) began: Mono,
    pub(crate) stage_since: Mono,
    /// Its record is written.
    pub(crate) has_record: bool,
    pub(crate) span: tracing::Span,
}

/// Steps kept of one call, beside its end; a caller who waits for days does not fill the memory.
pub(crate) const STEPS_MAX: usize = 256;

/// So many steps may be keys and words: whoever presses and says them all the time does not push out of
/// the record who was offered the call and who took it.
const STEPS_WITH_KEYS_MAX: usize = 64;

impl Talk {
    pub(crate) fn new(who: Who, far: Line) -> Talk {
        Talk { who, far, held: false, transfer: None, transfer_failed: None }
    }
}

impl Line {
    pub(crate) fn new(leg: LegId, stream: StreamId) -> Line {
        Line { leg, stream, agreed: None, pending: None }
    }

    /// Tells the engine what was agreed, and begins what waited for it.
    pub(crate) fn agree(&mut self, desk: &mut Desk<'_>, chosen: Chosen) {
        self.agreed = Some(chosen);
        let peer = peer_of(chosen, desk.settings.dead_media_after);
        desk.media(Command::Connect { stream: self.stream, peer });
        if let Some((play, clips, forever)) = self.pending.take() {
            desk.media(Command::Play { stream: self.stream, play, clips, forever });
        }
    }

    /// Plays clips in order, in place of what plays; at once, or when offer and answer are complete.
    pub(crate) fn play(
        &mut self,
        desk: &mut Desk<'_>,
        clips: Vec<Arc<str>>,
        forever: bool,
    ) -> PlayId {
        let play = desk.book.new_play();
        if self.agreed.is_some() {
            desk.media(Command::Play { stream: self.stream, play, clips, forever });
        } else {
            self.pending = Some((play, clips, forever));
        }
        play
    }

    pub(crate) fn stop(&mut self, desk: &mut Desk<'_>) {
        self.pending = None;
        desk.media(Command::Stop { stream: self.stream });
    }

    /// The law to offer to the other side, so that nothing has to be transcoded.
    pub(crate) fn codec(&self) -> Codec {
        self.agreed.map_or(Codec::Pcma, |chosen| chosen.codec.0)
    }

    /// Whether this side hears us and we hear it.
    pub(crate) fn is_two_way(&self) -> bool {
        self.agreed.is_some_and(|chosen| {
            let reachable = chosen.remote_rtp.is_some() || chosen.ice.is_some();
            chosen.direction == Direction::SendRecv && reachable
        })
    }
}

impl Call {
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Notes what happened, for the record; the journal knows it at once.
    pub(crate) fn step(&mut self, desk: &mut Desk<'_>, what: StepKind) {
        let most = match what {
            StepKind::Key(_)
            | StepKind::Listened { .. }
            | StepKind::Said { .. }
            | StepKind::Told { .. } => STEPS_WITH_KEYS_MAX,
            StepKind::Ended => usize::MAX,
            _ => STEPS_MAX,
        };
        if self.steps.len() < most {
            let step = Step { at: desk.now.wall.unix_millis(), what };
            if step.what != StepKind::Ended {
                desk.persist(JournalEntry::Stepped { call: self.id, step: step.clone() });
            }
            self.steps.push(step);
        }
    }

    pub(crate) fn enter(&mut self, desk: &mut Desk<'_>, stage: Stage) {
        self.hear_no_more(desk);
        if !matches!(stage, Stage::Talking(_)) {
            self.stop_recording(desk);
        }
        self.stage = stage;
        self.stage_since = desk.now.mono;
    }

    /// A leg of this call told something.
    pub(crate) fn on_leg_event(&mut self, desk: &mut Desk<'_>, leg: LegId, event: LegEvent) {
        if leg == self.caller.leg {
            self.on_caller_event(desk, event);
        } else if self.successor_line().is_some_and(|line| line.leg == leg) {
            self.on_successor_event(desk, event);
        } else if self.is_far(leg) {
            self.on_far_event(desk, event);
        } else {
            self.on_ring_event(desk, leg, event);
        }
    }

    /// The media engine told something of a stream of this call.
    pub(crate) fn on_media_event(&mut self, desk: &mut Desk<'_>, event: media::Event) {
        match event {
            media::Event::Opened { stream, local } => self.on_opened(desk, stream, local),
            media::Event::OpenFailed { stream } => self.on_open_failed(desk, stream),
            media::Event::Key { stream, key } if stream == self.caller.stream => {
                if let Some(key) = dialplan::Key::new(char::from(key.0)) {
                    self.on_key(desk, key);
                }
            }
            media::Event::Played { stream, play } if stream == self.caller.stream => {
                self.on_played(desk, play);
            }
            media::Event::Dead { stream } => self.on_dead(desk, stream),
            media::Event::FirstPacket { stream } => self.on_heard_again(desk, stream),
            // Keys and prompts of the other side pass through; nobody listens yet.
            media::Event::Key { .. }
            | media::Event::Played { .. }
            | media::Event::Heard { .. }
            | media::Event::Narrowed { .. }
            | media::Event::Closed { .. } => {}
        }
    }

    pub(crate) fn on_timer(&mut self, desk: &mut Desk<'_>, timer: CallTimer) {
        match timer {
            CallTimer::SetUp => self.on_set_up_timeout(desk),
            CallTimer::Resume => self.on_resume_timeout(desk),
            CallTimer::Robot => self.on_robot_timeout(desk),
            CallTimer::Ring => self.on_ring_timeout(desk),
            CallTimer::SilentCaller => self.on_caller_silent(desk),
            CallTimer::SilentFar => self.on_far_lost(desk),
            CallTimer::HoldProbe => self.probe_holders(desk),
            CallTimer::Monitor => self.on_monitor_timeout(desk),
        }
    }

    fn on_caller_event(&mut self, desk: &mut Desk<'_>, event: LegEvent) {
        match event {
            LegEvent::Media(chosen) => {
                self.caller.agree(desk, chosen);
                desk.disarm(self.id, CallTimer::SilentCaller);
                self.on_hold_changed(desk);
                self.go_on_if_agreed(desk);
            }
            LegEvent::Key(key) => {
                self.on_key(desk, key);
                self.pass_key_on(desk, key);
            }
            LegEvent::Ended(why) => self.on_caller_ended(desk, why),
            LegEvent::Alive => self.on_probe_answered(desk, CallTimer::SilentCaller),
            // Of a leg that called us there is no answer to wait for; REFER is taken before.
            LegEvent::Ringing
            | LegEvent::EarlyMedia(_)
            | LegEvent::Answered(_)
            | LegEvent::Refused(_)
            | LegEvent::Refer(_)
            | LegEvent::Referred(_) => {}
        }
    }
}
