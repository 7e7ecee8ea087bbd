//! The robot: menus and announcements.

use std::sync::Arc;

use ambient::Now;
use dialplan::{AskedFor, Key, MenuId, PromptName};
use journal::{HangupBy, Step, StepKind};
use media::{Command, PlayId, StreamId};

use super::call::{Call, Next, Stage};
use super::desk::{CallTimer, Desk};
use crate::listening::{Listening, TurnId};

/// A call in the robot's menus.
#[derive(Debug)]
pub(crate) struct InMenu {
    pub(crate) session: ivr::Session,
    /// The words that play.
    playing: Option<PlayId>,
    /// The turn in which the caller is listened to.
    turn: Option<InTurn>,
    /// The engine gives what the caller says.
    is_tapped: bool,
}

/// A turn in which the caller is listened to.
#[derive(Debug)]
struct InTurn {
    id: TurnId,
    menu: MenuId,
    is_yes_no: bool,
    /// In milliseconds since the Unix epoch.
    since: i64,
    /// The same of the end of our words; `since` before that.
    said_until: i64,
}

/// What was said is kept up to so many letters.
const SAID_MAX: usize = 200;

impl Call {
    pub(crate) fn enter_menu(&mut self, desk: &mut Desk<'_>, menu: &MenuId) {
        self.open_mouth(desk);
        if let Some(words) = self.to_be_told_by_robot().cloned() {
            return self.announce(desk, vec![words], Next::ToldByRobot(menu.clone()));
        }
        if matches!(self.steps.iter().rev().find_map(in_queue), Some(true)) {
            self.step(desk, StepKind::SentOn);
        }
        let hears_words = desk.settings.hears_words;
        let session = ivr::Session::start(desk.now, self.plan.clone(), menu, hears_words);
        self.enter(
            desk,
            Stage::Menu(Box::new(InMenu { session, playing: None, turn: None, is_tapped: false })),
        );
        self.record_talk(desk);
        self.run_robot(desk);
    }

    /// Plays words; the stage ends with them.
    pub(crate) fn announce(&mut self, desk: &mut Desk<'_>, words: Vec<PromptName>, then: Next) {
        self.open_mouth(desk);
        let playing = self.caller.play(desk, clips(&words), false);
        self.enter(desk, Stage::Announcing { playing, then });
    }

    pub(crate) fn on_key(&mut self, desk: &mut Desk<'_>, key: Key) {
        // Those of an answer stand in what was told.
        let answers = matches!(&self.stage, Stage::Menu(menu) if menu.session.is_asking());
        if !answers {
            self.step(desk, StepKind::Key(key));
        }
        self.hops = 0;
        if let Stage::Menu(menu) = &mut self.stage {
            menu.session.handle(desk.now, ivr::Input::Key(key));
            self.run_robot(desk);
        } else if matches!(self.stage, Stage::Waiting { .. }) {
            self.on_key_in_queue(desk, key);
        } else {
            self.on_key_in_monitoring(key);
        }
    }

    /// Who listens has heard something.
    pub(crate) fn on_speech(&mut self, desk: &mut Desk<'_>, turn: TurnId, what: speech::Output) {
        let Stage::Menu(menu) = &mut self.stage else { return };
        if menu.turn.as_ref().is_none_or(|current| current.id != turn) {
            return;
        }
        if let speech::Output::Over(outcome) = &what {
            self.note_turn(desk);
            match outcome {
                speech::Outcome::Deaf => self.step(desk, StepKind::KeysOnly),
                speech::Outcome::NoInput => {}
                speech::Outcome::Understood(_)
                | speech::Outcome::Ask(_)
                | speech::Outcome::NoMatch(_)
                | speech::Outcome::Numbers(..) => self.hops = 0,
            }
        }
        if let Stage::Menu(menu) = &mut self.stage {
            menu.session.handle(desk.now, ivr::Input::Speech(what));
        }
        self.run_robot(desk);
    }

    pub(crate) fn on_robot_timeout(&mut self, desk: &mut Desk<'_>) {
        if let Stage::Menu(menu) = &mut self.stage {
            menu.session.handle_timeout(desk.now);
            self.run_robot(desk);
        } else {
            self.on_request_late(desk);
        }
    }

    pub(crate) fn on_played(&mut self, desk: &mut Desk<'_>, play: PlayId) {
        match &mut self.stage {
            Stage::Menu(menu) if menu.playing == Some(play) => {
                menu.prompt_ends(desk);
                menu.session.handle(desk.now, ivr::Input::Played);
                self.run_robot(desk);
            }
            Stage::Announcing { playing, then } if *playing == play => {
                let then = then.clone();
                self.follow(desk, then);
            }
            Stage::Waiting { announcing, .. } if *announcing == Some(play) => {
                *announcing = None;
                self.on_told(desk, play);
                self.play_music(desk);
            }
            Stage::Talking(_) => self.on_told_in_talk(desk, play),
            // The end of something that was replaced meanwhile.
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Waiting { .. }
            | Stage::Ringing(_)
            | Stage::CallingBack(_)
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => {}
        }
    }

    pub(crate) fn follow(&mut self, desk: &mut Desk<'_>, then: Next) {
        match then {
            Next::Target(target) => self.go_to(desk, &target),
            Next::Told(queue) => {
                self.note_told(desk);
                self.enter_queue(desk, &queue, None);
            }
            Next::ToldByRobot(menu) => {
                self.note_told(desk);
                self.enter_menu(desk, &menu);
            }
            Next::Return(queue, agent) => self.enter_queue(desk, &queue, Some(agent)),
            Next::End(outcome) => self.end(desk, outcome, HangupBy::System),
        }
    }

    /// Does what the robot's session asks for.
    fn run_robot(&mut self, desk: &mut Desk<'_>) {
        while let Stage::Menu(menu) = &mut self.stage {
            match menu.session.poll_output() {
                Some(ivr::Output::Play(words)) => {
                    menu.playing = Some(self.caller.play(desk, clips(&words), false));
                    if let Some(turn) = &menu.turn {
                        desk.listening(Listening::PromptBegins(turn.id));
                    }
                }
                Some(ivr::Output::Stop) => {
                    menu.prompt_ends(desk);
                    self.caller.stop(desk);
                }
                Some(ivr::Output::Listen(terms)) => self.listen(desk, terms),
                Some(ivr::Output::Deafen) => self.hear_no_more(desk),
                Some(ivr::Output::Said { text, meant, is_sure }) => {
                    let text = text.chars().take(SAID_MAX).collect();
                    self.step(desk, StepKind::Said { text, meant, is_sure });
                }
                Some(ivr::Output::Told { what, answer, is_sure }) => {
                    self.step(desk, StepKind::Told { what, answer, is_sure });
                }
                Some(ivr::Output::Leave { to, by: _ }) => {
                    desk.disarm(self.id, CallTimer::Robot);
                    self.go_to(desk, &to);
                }
                None => {
                    if menu.turn.is_none() {
                        menu.untap(desk, self.caller.stream);
                    }
                    match menu.session.next_timeout() {
                        Some(at) => desk.arm_at(self.id, CallTimer::Robot, at),
                        None => desk.disarm(self.id, CallTimer::Robot),
                    }
                    return;
                }
            }
        }
    }
}

/// Something that the caller said to the robot.
pub(crate) struct Said<'a> {
    pub(crate) text: &'a str,
    /// It was clear what to do.
    pub(crate) is_understood: bool,
}

/// Listening.
impl Call {
    /// What the caller has said to the robot, in order.
    pub(crate) fn said(&self) -> impl DoubleEndedIterator<Item = Said<'_>> {
        self.steps.iter().filter_map(|step| match &step.what {
            StepKind::Said { text, meant, is_sure } => {
                Some(Said { text, is_understood: meant.is_some() && *is_sure })
            }
            _ => None,
        })
    }

    /// What the caller has told the robot of what it asked for, in order; of each thing the last.
    pub(crate) fn told(&self) -> impl Iterator<Item = (AskedFor, &str)> {
        let told = self.steps.iter().enumerate().filter_map(|(nth, step)| match &step.what {
            StepKind::Told { what, answer, .. } => Some((nth, *what, answer.as_str())),
            _ => None,
        });
        told.filter(|(nth, what, _)| !self.steps[nth + 1..].iter().any(|step| tells(step, *what)))
            .map(|(_, what, answer)| (what, answer))
    }

    /// Begins a turn in which the caller is listened to; the one before is over.
    fn listen(&mut self, desk: &mut Desk<'_>, terms: speech::Turn) {
        self.note_turn(desk);
        let Stage::Menu(menu) = &mut self.stage else { return };
        let Some(of) = menu.session.menu().cloned() else { return };
        let (turn, stream) = (desk.book.new_turn(), self.caller.stream);
        if !std::mem::replace(&mut menu.is_tapped, true) {
            desk.media(Command::Listen { stream, on: true });
        }
        let (since, is_yes_no) = (desk.now.wall.unix_millis(), menu.session.asks_yes_or_no());
        menu.turn = Some(InTurn { id: turn, menu: of, is_yes_no, since, said_until: since });
        desk.listening(Listening::Begin { turn, call: self.id, stream, terms });
    }

    /// Ends the turn in which the caller is listened to, if there is one.
    pub(crate) fn hear_no_more(&mut self, desk: &mut Desk<'_>) {
        if let Some(turn) = self.note_turn(desk) {
            desk.listening(Listening::End(turn));
        }
        let Stage::Menu(menu) = &mut self.stage else { return };
        menu.untap(desk, self.caller.stream);
    }

    /// Notes that a turn is over, if there is one, so that it can be heard again.
    fn note_turn(&mut self, desk: &mut Desk<'_>) -> Option<TurnId> {
        let Stage::Menu(menu) = &mut self.stage else { return None };
        let (id, what) = menu.end_turn(desk.now)?;
        self.step(desk, what);
        Some(id)
    }
}

/// Whether the call waits in a queue from this step on, or no more; `None` if that stays.
fn in_queue(step: &Step) -> Option<bool> {
    match step.what {
        StepKind::Queued(_) => Some(true),
        StepKind::SentOn | StepKind::Connected(_) => Some(false),
        _ => None,
    }
}

fn tells(step: &Step, what: AskedFor) -> bool {
    matches!(&step.what, StepKind::Told { what: told, .. } if *told == what)
}

impl InMenu {
    /// Nothing of what the caller says is wanted for now.
    fn untap(&mut self, desk: &mut Desk<'_>, stream: StreamId) {
        if std::mem::take(&mut self.is_tapped) {
            desk.media(Command::Listen { stream, on: false });
        }
    }

    /// Our words have ended, or are about to be stopped.
    fn prompt_ends(&mut self, desk: &mut Desk<'_>) {
        self.playing = None;
        if let Some(turn) = &mut self.turn {
            turn.said_until = desk.now.wall.unix_millis();
            desk.listening(Listening::PromptEnds(turn.id));
        }
    }

    /// Nobody is listened to any more in the turn that there is; gives what is to be noted of it.
    fn end_turn(&mut self, now: Now) -> Option<(TurnId, StepKind)> {
        let InTurn { id, menu, is_yes_no, since, said_until } = self.turn.take()?;
        let said_until = self.playing.map_or(said_until, |_| now.wall.unix_millis());
        Some((id, StepKind::Listened { menu, is_yes_no, since, said_until }))
    }
}

/// The names of the engine's clips.
pub(crate) fn clips(words: &[PromptName]) -> Vec<Arc<str>> {
    words.iter().map(|word| Arc::from(word.as_str())).collect()
}
