//! How a stream is protected now.

use super::SrtpKeys;
use super::receiver::Receiver;
use super::sender::Sender;
use crate::Channel;

/// What stands between a stream and the network.
#[derive(Debug, Default)]
pub(crate) enum Guard {
    /// RTP as it is.
    #[default]
    Open,
    /// SRTP.
    Srtp(Box<Keyed>),
    /// Protection is agreed, but its keys are not there yet: nothing passes.
    Shut,
}

/// Both directions of a stream with keys.
#[derive(Debug)]
pub(crate) struct Keyed {
    sender: Sender,
    receiver: Receiver,
}

impl Guard {
    /// Protects with these keys from now on. A key that goes on keeps its count: a number is not used
    /// twice under it (RFC 3711 §9.1), and what has come is not heard again.
    pub(crate) fn set_keys(&mut self, keys: &SrtpKeys) {
        let (sender, receiver) = match std::mem::take(self) {
            Guard::Srtp(both) => {
                let Keyed { sender, receiver } = *both;
                (Some(sender), Some(receiver))
            }
            Guard::Open | Guard::Shut => (None, None),
        };
        let sender = sender.filter(|sender| sender.key == keys.local);
        let receiver = receiver
            .filter(|receiver| (&receiver.key, receiver.mki) == (&keys.remote, keys.remote_mki));
        *self = Guard::Srtp(Box::new(Keyed {
            sender: sender.unwrap_or_else(|| Sender::new(keys.local)),
            receiver: receiver.unwrap_or_else(|| Receiver::new(keys.remote, keys.remote_mki)),
        }));
    }

    /// Protects the packet from `start` to the end of `octets`; `false` if it must not be sent.
    pub(crate) fn protect(
        &mut self,
        channel: Channel,
        octets: &mut Vec<u8>,
        start: usize,
        header: usize,
    ) -> bool {
        match (self, channel) {
            (Guard::Open, _) => true,
            (Guard::Srtp(both), Channel::Rtp) => both.sender.protect_rtp(octets, start, header),
            (Guard::Srtp(both), Channel::Rtcp) => both.sender.protect_rtcp(octets, start),
            (Guard::Shut, _) => false,
        }
    }

    /// Opens a packet in place; gives its length, or `None` if it is not to be heard.
    pub(crate) fn unprotect(&mut self, channel: Channel, packet: &mut [u8]) -> Option<usize> {
        match (self, channel) {
            (Guard::Open, _) => Some(packet.len()),
            (Guard::Srtp(both), Channel::Rtp) => both.receiver.unprotect_rtp(packet),
            (Guard::Srtp(both), Channel::Rtcp) => both.receiver.unprotect_rtcp(packet),
            (Guard::Shut, _) => None,
        }
    }
}
