//! A leg that outlives the program: what is kept of it, and how it goes on.
//!
//! The dialog of RFC 3261 §12 is taken up where it was left, and a re-INVITE with new ports asks the
//! peer whether it still knows it: 481 ends the leg, as any loss.

use ambient::Now;
use dialplan::plan::MediaSecurity;
use journal::{KeptLeg, SavedDialog, SavedFlow};
use sip::sdp::Codec;
use sip::{Dialog, DialogId, Endpoint, Flow, Transport, UriBuf, digest};

use super::leg::{Established, Leg, State};
use super::offer_answer::Session;
use super::session_timer::SessionTimer;
use super::vain::InVain;
use super::{LEGS_MAX, LegId, Legs};

/// Numbers left free after the CSeq that was kept: requests of ours that were sent since (session
/// refreshes, probes, a re-INVITE for hold). A gap is legal (RFC 3261 §12.2.1.1), a number used twice
/// is not.
const CSEQ_GAP: u32 = 10_000;
/// The same for the version of our session description, which may only grow (RFC 3264 §8).
const VERSION_GAP: u64 = 10_000;

/// A leg to go on with.
#[derive(Debug)]
pub struct Resume<'a> {
    /// What was kept.
    pub kept: &'a KeptLeg,
    /// How media is to be protected.
    pub media: MediaSecurity,
    /// The credentials for challenges, on a trunk that makes them.
    pub login: Option<(&'a str, &'a str)>,
}

impl Legs {
    /// What is to be kept of a leg that has a dialog.
    #[must_use]
    pub fn kept(&self, leg: LegId) -> Option<KeptLeg> {
        let leg = self.legs.get(&leg)?;
        let dialog = leg.dialog.as_ref()?;
        let (session, session_version) = leg.session.origin();
        Some(KeptLeg {
            dialog: SavedDialog {
                call_id: dialog.id.call_id.to_string(),
                local_tag: dialog.id.local_tag.to_string(),
                remote_tag: dialog.id.remote_tag.to_string(),
                local: dialog.local.to_string(),
                remote: dialog.remote.to_string(),
                remote_target: dialog.remote_target.to_string(),
                route_set: dialog.route_set.iter().map(ToString::to_string).collect(),
                local_seq: dialog.local_seq,
                remote_seq: dialog.remote_seq,
            },
            flow: SavedFlow {
                transport: leg.flow.transport.uri_param().to_owned(),
                local: leg.flow.local,
                remote: leg.flow.remote,
            },
            prefer_flow: leg.prefer_flow,
            contact_user: leg.contact_user.to_string(),
            secure: leg.secure,
            session,
            session_version,
        })
    }

    /// Makes a leg of what was kept. Nothing is sent until [`Legs::offer_anew`], and that is to wait until
    /// the leg's new numbers are kept: they would be used twice after a second crash. `None` if it cannot
    /// be read, if its connection is gone and there is no other way to the peer, or if there is no
    /// room.
    pub fn resume(&mut self, resume: Resume<'_>) -> Option<LegId> {
        let Resume { kept, media, login } = resume;
        if self.legs.len() >= LEGS_MAX {
            return None;
        }
        let dialog = dialog_of(&kept.dialog)?;
        let transport = match kept.flow.transport.as_str() {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            "tls" => Transport::Tls,
            _ => return None,
        };
        // A connection did not outlive the program, and nobody behind a NAT can be reached anew.
        let prefer_flow = kept.prefer_flow && transport == Transport::Udp;
        let flow = Flow { local: kept.flow.local, ..Flow::to(transport, kept.flow.remote) };
        let security = self.security(media, transport);
        let mut session = Session::new(kept.session, Codec::Pcma, security);
        session.go_on(kept.session, kept.session_version.saturating_add(VERSION_GAP));
        let login =
            login.map(|(user, password)| digest::Client::new(user, password, self.entropy.fork()));
        let id = self.new_id();
        self.by_dialog.insert(dialog.id.clone(), id);
        self.legs.insert(
            id,
            Leg {
                state: State::Established(Established::default()),
                dialog: Some(dialog),
                early_dialogs: Vec::new(),
                in_vain: InVain::default(),
                session,
                session_timer: SessionTimer::of_interval(self.settings.session_expires),
                flow,
                prefer_flow,
                contact_user: kept.contact_user.as_str().into(),
                secure: kept.secure,
                peer_takes_update: false,
                login,
                referral: None,
                refers: false,
                let_go: false,
                transactions: 0,
            },
        );
        Some(id)
    }

    /// Offers new ports by re-INVITE, once they are known by [`Legs::set_local_media`]. What is agreed is
    /// told as [`super::LegEvent::Media`].
    pub fn offer_anew(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let leg = self.legs.get_mut(&id);
        let Some(leg) = leg.filter(|leg| leg.session.local.is_some()) else { return };
        leg.session.to_offer = true;
        self.refresh_session(now, endpoint, id);
    }
}

fn dialog_of(saved: &SavedDialog) -> Option<Dialog> {
    Some(Dialog {
        id: DialogId {
            call_id: saved.call_id.as_str().into(),
            local_tag: saved.local_tag.as_str().into(),
            remote_tag: saved.remote_tag.as_str().into(),
        },
        local: saved.local.as_str().into(),
        remote: saved.remote.as_str().into(),
        remote_target: UriBuf::parse(&saved.remote_target).ok()?,
        route_set: saved.route_set.iter().map(|route| route.as_str().into()).collect(),
        local_seq: saved.local_seq.saturating_add(CSEQ_GAP) & 0x7fff_ffff,
        remote_seq: saved.remote_seq,
    })
}
