//! Answers to INVITEs that we have given up: a phone that was out of reach for half a minute rings
//! when it is back, and its owner answers. RFC 3261 §13.2.2.4 wants each 2xx acknowledged; what
//! nobody waits for is ended at once, instead of leaving somebody with a silent call.

use std::collections::VecDeque;
use std::time::Duration;

use ambient::{Mono, Now};
use sip::{Endpoint, Message, Method, StatusCode};

use super::Legs;
use super::outgoing::acknowledge_and_end;

/// How long an answer may still come: a phone rings for a minute or two.
const LATE_FOR: Duration = Duration::from_secs(180);
/// INVITEs remembered; of more, the oldest is forgotten.
const LATE_MAX: usize = 256;
/// Phones of one INVITE that are ended.
const ENDED_MAX: usize = 8;

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
    /// The tags of those that were told the end.
    ended: Vec<Box<str>>,
}

impl Late {
    pub(super) fn give_up(&mut self, now: Mono, invite: &Message) {
        self.invites.retain(|late| late.until > now);
        if self.invites.len() == LATE_MAX {
            self.invites.pop_front();
        }
        self.invites.push_back(GivenUp {
            until: now + LATE_FOR,
            call_id: invite.call_id().into(),
            our_tag: invite.from_tag().unwrap_or_default().into(),
            ended: Vec::new(),
        });
    }
}

impl Legs {
    /// A response came that belongs to no transaction. Ends the call of one that answers an INVITE
    /// which we gave up; whether it was one.
    pub fn end_late(&mut self, now: Now, endpoint: &mut Endpoint, response: &Message) -> bool {
        let accepted = response.status().is_some_and(StatusCode::is_success)
            && *response.method() == Method::Invite;
        let (true, Some(theirs)) = (accepted, response.to_tag()) else { return false };
        let is_ours = |late: &&mut GivenUp| {
            *late.call_id == *response.call_id()
                && Some(&*late.our_tag) == response.from_tag()
                && late.until > now.mono
        };
        let Some(late) = self.late.invites.iter_mut().find(is_ours) else { return false };
        let known = late.ended.iter().any(|tag| **tag == *theirs);
        if !known {
            if late.ended.len() == ENDED_MAX {
                return true;
            }
            late.ended.push(theirs.into());
        }
        // Its outcome changes nothing.
        let _bye = acknowledge_and_end(now, endpoint, response, (!known).then_some(0));
        true
    }
}
