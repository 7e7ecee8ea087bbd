//! Every timer of the proxy.

use std::sync::Arc;

use dialplan::TrunkId;
use sip::{ClientTx, ServerTx};

use crate::calls::CallKey;

/// A deadline of the proxy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The clinic has rung long enough.
    Ring(ServerTx),
    /// One phone of the clinic has had its share of the time.
    Share(ServerTx),
    /// Timer C: an INVITE that we forwarded brings no final response (RFC 3261 §16.6 item 11).
    C(ClientTx),
    /// Nothing was heard of a proxied dialog for so long that it must be over.
    Silent(CallKey),
    /// A binding of this account ends.
    Bindings(Arc<str>),
    /// A trunk's target is to be asked whether it lives.
    KeepAlive(TrunkId, usize),
    /// A trunk is to be registered with.
    Register(TrunkId),
}
