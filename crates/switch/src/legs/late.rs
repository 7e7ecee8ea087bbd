//! Answers to INVITEs that we have given up: a phone that was out of reach for half a minute rings
//! when it is back, and its owner answers.

use std::collections::VecDeque;
use std::time::Duration;

use ambient::{Mono, Now};
use sip::{Endpoint, Message, Method, StatusCode};

use super::Legs;
use super::vain::InVain;

/// How long an answer may still come: a phone rings for a minute or two.
const LATE_FOR: Duration = Duration::from_secs(180);
/// INVITEs remembered; of more, the oldest is forgotten.
const LATE_MAX: usize = 256;

/// INVITEs that nothing answered in time.
#[derive(Debug, Default)]
pub(super) struct Late {
    invites: VecDeque<GivenUp>,
}

#[derive(Debug)]
struct GivenUp {
    until: Mono,
    call_id: Box<str>,
    our_tag: Box<str>,
    in_vain: InVain,
}

impl Late {
    pub(super) fn give_up(&mut self, now: Mono, invite: &Message, in_vain: InVain) {
        self.invites.retain(|late| late.until > now);
        if self.invites.len() == LATE_MAX {
            self.invites.pop_front();
        }
        self.invites.push_back(GivenUp {
            until: now + LATE_FOR,
            call_id: invite.call_id().into(),
            our_tag: invite.from_tag().unwrap_or_default().into(),
            in_vain,
        });
    }
}

impl Legs {
    /// A response came that belongs to no transaction. Ends the call of one that answers an INVITE
    /// which we gave up; whether it was one.
    pub fn end_late(&mut self, now: Now, endpoint: &mut Endpoint, response: &Message) -> bool {
        let accepted = response.status().is_some_and(StatusCode::is_success)
            && *response.method() == Method::Invite;
        if !accepted || response.to_tag().is_none() {
            return false;
        }
        let is_ours = |late: &&mut GivenUp| {
            *late.call_id == *response.call_id()
                && Some(&*late.our_tag) == response.from_tag()
                && late.until > now.mono
        };
        let Some(late) = self.late.invites.iter_mut().find(is_ours) else { return false };
        // Its outcome changes nothing.
        let _bye = late.in_vain.end(now, endpoint, response);
        true
    }
}
