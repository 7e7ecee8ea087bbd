//! The dialogs of the line, as they are seen on its wire: which began, which are over.
//!
//! A proxied call's dialog is not the line's: its 2xx names the clinic as Contact.
//!
//! A dialog outlives a crash if the disk has it: the line takes it up again, or ends it. What the disk
//! does not have is over for the line.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use ambient::Mono;
use journal::{CallId, Entry, Side};

use crate::tap::Way;
use crate::wire::{Sip, user_of};
use crate::world::LINE;

/// Ended dialogs that are remembered, so that a late 2xx does not begin one again.
const ENDED_MAX: usize = 10_000;

/// A dialog of which the line is one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialog {
    /// Its Call-ID.
    pub call_id: String,
    /// The line's tag, and the other end's: of an INVITE that forks there may be several.
    pub tags: (String, String),
    /// The line called.
    pub outgoing: bool,
    /// The number that the INVITE's From showed.
    pub caller: String,
    /// The user that the INVITE was sent to.
    pub callee: String,
    /// Where the phone wants RTP.
    pub rtp: Option<SocketAddr>,
    /// The INVITE would replace another dialog.
    pub replaces: bool,
    /// When it was answered.
    pub since: Mono,
}

/// Call-ID and both tags.
pub(super) type Key = (String, (String, String));

impl Dialog {
    /// What names it.
    pub(super) fn key(&self) -> Key {
        (self.call_id.clone(), self.tags.clone())
    }
}

/// What a message changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The dialog is confirmed.
    Began(Dialog),
    /// It is over.
    Over(Dialog),
}

#[derive(Clone, Debug, Default)]
struct Invite {
    outgoing: bool,
    caller: String,
    callee: String,
    rtp: Option<SocketAddr>,
    replaces: bool,
    at: Mono,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Dialogs {
    invites: BTreeMap<String, Invite>,
    live: BTreeMap<Key, Dialog>,
    ended: BTreeSet<Key>,
    ended_in_order: VecDeque<Key>,
    /// Invitations in their order, so that old ones are forgotten.
    invited: VecDeque<String>,
    /// What the disk has of the calls that have no record.
    kept: BTreeMap<CallId, BTreeMap<Side, Key>>,
}

impl Dialogs {
    /// The confirmed ones.
    pub fn live(&self) -> impl Iterator<Item = &Dialog> {
        self.live.values()
    }

    /// An entry is durable.
    pub fn durable(&mut self, entry: &Entry) {
        match entry {
            Entry::Arrived(arrived) => {
                self.kept.entry(arrived.call).or_default();
            }
            Entry::LegUp(leg) => {
                if let Some(sides) = self.kept.get_mut(&leg.call) {
                    let dialog = &leg.kept.dialog;
                    let tags = (dialog.local_tag.clone(), dialog.remote_tag.clone());
                    sides.insert(leg.side, (dialog.call_id.clone(), tags));
                }
            }
            Entry::LegDown { call, side } => {
                self.kept.entry(*call).and_modify(|sides| drop(sides.remove(side)));
            }
            Entry::Ended(record) => drop(self.kept.remove(&record.call)),
            _ => {}
        }
    }

    /// The line knows nothing any more but what is on its disk: whom it was calling may answer in vain.
    pub fn crashed(&mut self) {
        self.invites.clear();
        self.invited.clear();
    }

    /// The line has started again. Gives the dialogs that it does not know.
    pub fn started(&mut self) -> Vec<Change> {
        let kept: BTreeSet<&Key> = self.kept.values().flat_map(BTreeMap::values).collect();
        let lost = self.live.keys().filter(|key| !kept.contains(key)).cloned();
        let lost: Vec<Key> = lost.collect();
        lost.into_iter().filter_map(|key| self.over(key)).collect()
    }

    /// Looks at a message.
    pub fn see(&mut self, now: Mono, way: Way, sip: &Sip<'_>) -> Option<Change> {
        if sip.is_initial("INVITE") {
            self.invited(now, way, sip);
            return None;
        }
        let (ours, theirs) = match (way, sip.is_request()) {
            (Way::Out, true) | (Way::In, false) => (sip.from_tag, sip.to_tag),
            (Way::In, true) | (Way::Out, false) => (sip.to_tag, sip.from_tag),
        };
        let key = (sip.call_id.to_owned(), (ours.to_owned(), theirs.to_owned()));
        if sip.is_answer() && !self.live.contains_key(&key) && !self.ended.contains(&key) {
            return self.answered(now, way, sip, key);
        }
        if way == Way::In
            && let (Some(dialog), Some(rtp)) = (self.live.get_mut(&key), sip.rtp())
        {
            dialog.rtp = Some(rtp);
        }
        // RFC 3261 §12.2.1.2: the other end does not know it.
        let unknown = way == Way::In
            && sip.status == 481
            && matches!(sip.cseq_method, "INVITE" | "UPDATE" | "INFO");
        // A BYE that comes may be on its way through the line's proxy to the line once more: it has arrived when it is
        // answered.
        let is_bye = match way {
            Way::Out if sip.is_request() => sip.method == "BYE",
            Way::Out => sip.cseq_method == "BYE" && sip.status >= 200,
            Way::In => false,
        };
        if is_bye || unknown { self.over(key) } else { None }
    }

    fn over(&mut self, key: Key) -> Option<Change> {
        let dialog = self.live.remove(&key)?;
        self.remember_ended(key);
        Some(Change::Over(dialog))
    }

    fn invited(&mut self, now: Mono, way: Way, sip: &Sip<'_>) {
        // The first one says whose it is: what goes out after it came in is proxied.
        if self.invites.contains_key(sip.call_id) {
            return;
        }
        if self.invited.len() == ENDED_MAX
            && let Some(oldest) = self.invited.pop_front()
        {
            self.invites.remove(&oldest);
        }
        let invite = Invite {
            outgoing: way == Way::Out,
            caller: user_of(sip.from).to_owned(),
            callee: user_of(sip.uri).to_owned(),
            rtp: sip.rtp().filter(|_| way == Way::In),
            replaces: sip.replaces,
            at: now,
        };
        self.invites.insert(sip.call_id.to_owned(), invite);
        self.invited.push_back(sip.call_id.to_owned());
    }

    fn answered(&mut self, now: Mono, way: Way, sip: &Sip<'_>, key: Key) -> Option<Change> {
        let invite = self.invites.get(sip.call_id)?;
        let own = match way {
            Way::Out => !invite.outgoing && is_line(sip.contact),
            Way::In => invite.outgoing,
        };
        if !own || now.since(invite.at).as_secs() > 3600 {
            return None;
        }
        let dialog = Dialog {
            call_id: key.0.clone(),
            tags: key.1.clone(),
            outgoing: invite.outgoing,
            caller: invite.caller.clone(),
            callee: invite.callee.clone(),
            rtp: if way == Way::In { sip.rtp().or(invite.rtp) } else { invite.rtp },
            replaces: invite.replaces,
            since: now,
        };
        self.live.insert(key, dialog.clone());
        Some(Change::Began(dialog))
    }

    fn remember_ended(&mut self, key: Key) {
        if self.ended_in_order.len() == ENDED_MAX
            && let Some(oldest) = self.ended_in_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
        self.ended_in_order.push_back(key.clone());
        self.ended.insert(key);
    }
}

/// Whether a Contact names the line.
fn is_line(contact: &str) -> bool {
    contact.contains(&format!("@{LINE}")) || contact.contains(&format!("@{}>", LINE.ip()))
}
