//! Dialogs (RFC 3261 §12): the peer-to-peer relation that an INVITE makes.

use crate::{Message, Method, StatusCode, UriBuf};

/// What identifies a dialog at our side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialogId {
    /// The Call-ID.
    pub call_id: Box<str>,
    /// Our tag.
    pub local_tag: Box<str>,
    /// The peer's tag.
    pub remote_tag: Box<str>,
}

/// A dialog's state.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// The identity.
    pub id: DialogId,
    /// Our From or To with its tag, as it stands in our requests' From.
    pub local: Box<str>,
    /// The peer's From or To with its tag, as it stands in our requests' To.
    pub remote: Box<str>,
    /// The peer's Contact.
    pub remote_target: UriBuf,
    /// Routes of our requests, in order.
    pub route_set: Vec<Box<str>>,
    /// CSeq of our last request.
    pub local_seq: u32,
    /// CSeq of the peer's last request, if it sent one.
    pub remote_seq: Option<u32>,
}

impl Dialog {
    /// The dialog that our response with `local_tag` to this INVITE makes (RFC 3261 §12.1.1).
    ///
    /// # Errors
    /// 400 with a reason, if From, Contact or Record-Route cannot be used.
    pub fn uas(_invite: &Message, _local_tag: &str) -> Result<Dialog, (StatusCode, &'static str)> {
        todo!()
    }
    /// The dialog that a response with a To tag to our INVITE makes (RFC 3261 §12.1.2).
    ///
    /// # Errors
    /// If To tag, Contact or Record-Route cannot be used.
    pub fn uac(_invite: &Message, _response: &Message) -> Result<Dialog, &'static str> {
        todo!()
    }
    /// A request in this dialog with the next CSeq (for ACK: the CSeq of `local_seq` given), From,
    /// To, Call-ID and Route set. The next hop is [`Dialog::next_hop`].
    #[must_use]
    pub fn request(&mut self, _method: Method) -> Message {
        todo!()
    }
    /// The ACK to a 2xx of the INVITE with CSeq `seq` (RFC 3261 §13.2.2.4).
    #[must_use]
    pub fn ack(&self, _seq: u32) -> Message {
        todo!()
    }
    /// Where requests go: the first Route, or the remote target (RFC 3261 §12.2.1.1; a strict
    /// router's first Route is handled there).
    #[must_use]
    pub fn next_hop(&self) -> UriBuf {
        todo!()
    }
    /// Takes a request of the peer into account: CSeq order and target refresh.
    ///
    /// # Errors
    /// 500 if the CSeq is lower than one seen before (RFC 3261 §12.2.2).
    pub fn accept(&mut self, _request: &Message) -> Result<(), StatusCode> {
        todo!()
    }
    /// Takes a 2xx to our target refresh request into account: new remote target.
    pub fn refresh(&mut self, _response: &Message) {
        todo!()
    }
}
