//! The robot: menus and announcements.

use std::sync::Arc;

use dialplan::{Key, MenuId, PromptName};
use journal::{HangupBy, StepKind};
use media::PlayId;

use super::call::{Call, Next, Stage};
use super::desk::{CallTimer, Desk};

impl Call {
    pub(crate) fn enter_menu(&mut self, desk: &mut Desk<'_>, menu: &MenuId) {
        self.open_mouth(desk);
        let session = ivr::Session::start(desk.now, self.plan.clone(), menu);
        self.enter(desk, Stage::Menu { session: Box::new(session), playing: None });
        self.run_robot(desk);
    }

    /// Plays words; the stage ends with them.
    pub(crate) fn announce(&mut self, desk: &mut Desk<'_>, words: Vec<PromptName>, then: Next) {
        self.open_mouth(desk);
        let playing = self.caller.play(desk, clips(&words), false);
        self.enter(desk, Stage::Announcing { playing, then });
    }

    pub(crate) fn on_key(&mut self, desk: &mut Desk<'_>, key: Key) {
        self.step(desk, StepKind::Key(key));
        self.hops = 0;
        if let Stage::Menu { session, .. } = &mut self.stage {
            session.handle(desk.now, ivr::Input::Key(key));
            self.run_robot(desk);
        } else if matches!(self.stage, Stage::Waiting { .. }) {
            self.on_key_in_queue(desk, key);
        }
    }

    pub(crate) fn on_robot_timeout(&mut self, desk: &mut Desk<'_>) {
        if let Stage::Menu { session, .. } = &mut self.stage {
            session.handle_timeout(desk.now);
            self.run_robot(desk);
        } else {
            self.on_request_late(desk);
        }
    }

    pub(crate) fn on_played(&mut self, desk: &mut Desk<'_>, play: PlayId) {
        match &mut self.stage {
            Stage::Menu { session, playing } if *playing == Some(play) => {
                *playing = None;
                session.handle(desk.now, ivr::Input::Played);
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
            | Stage::Menu { .. }
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Waiting { .. }
            | Stage::Ringing(_)
            | Stage::CallingBack(_)
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
            Next::Return(queue, agent) => self.enter_queue(desk, &queue, Some(agent)),
            Next::End(outcome) => self.end(desk, outcome, HangupBy::System),
        }
    }

    /// Does what the robot's session asks for.
    fn run_robot(&mut self, desk: &mut Desk<'_>) {
        while let Stage::Menu { session, playing } = &mut self.stage {
            match session.poll_output() {
                Some(ivr::Output::Play(words)) => {
                    *playing = Some(self.caller.play(desk, clips(&words), false));
                }
                Some(ivr::Output::Stop) => {
                    *playing = None;
                    self.caller.stop(desk);
                }
                Some(ivr::Output::Leave { to, by: _ }) => {
                    desk.disarm(self.id, CallTimer::Robot);
                    self.go_to(desk, &to);
                }
                None => {
                    match session.next_timeout() {
                        Some(at) => desk.arm_at(self.id, CallTimer::Robot, at),
                        None => desk.disarm(self.id, CallTimer::Robot),
                    }
                    return;
                }
            }
        }
    }
}

/// The names of the engine's clips.
pub(crate) fn clips(words: &[PromptName]) -> Vec<Arc<str>> {
    words.iter().map(|word| Arc::from(word.as_str())).collect()
}
