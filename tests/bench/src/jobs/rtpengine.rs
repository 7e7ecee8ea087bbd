//! A relayed call of rtpengine.

use std::io;
use std::net::SocketAddr;

use interop::rtpengine::{Control, Value};
use sip::sdp::{self, Codec, Description, Direction, Security};

/// Where the two sides of a relayed call are to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relayed {
    /// The caller's packets go here.
    pub(crate) from_caller: SocketAddr,
    /// The callee's packets go here.
    pub(crate) from_callee: SocketAddr,
}

/// Sets up the relaying of call `number` between two addresses.
///
/// # Errors
/// If rtpengine refuses.
pub(crate) fn relay(
    control: &mut Control,
    number: usize,
    caller: SocketAddr,
    callee: SocketAddr,
) -> io::Result<Relayed> {
    let call = format!("call-{number}");
    let describe = |at| {
        let open = &Security::OPEN;
        let text = sdp::offer(at, Codec::Pcma, Direction::SendRecv, (1, 1), open);
        String::from_utf8_lossy(&text.unwrap_or_default()).into_owned()
    };
    let mut tell = |entries: &[(&str, &str)]| -> io::Result<SocketAddr> {
        let of_call = [("call-id", &*call), ("from-tag", "a"), ("ICE", "remove")];
        let all = of_call.iter().chain(entries);
        let all: Vec<_> = all.map(|(key, value)| (*key, Value::Text(value))).collect();
        address(&control.describe(&all)?)
    };
    let from_callee = tell(&[("command", "offer"), ("sdp", &describe(caller))])?;
    let answer = describe(callee);
    let from_caller = tell(&[("command", "answer"), ("to-tag", "b"), ("sdp", &answer)])?;
    Ok(Relayed { from_caller, from_callee })
}

/// The audio address of a description.
fn address(text: &str) -> io::Result<SocketAddr> {
    Description::parse(text.as_bytes(), &Security::OPEN)
        .map(|description| description.audio.rtp)
        .map_err(|_| io::Error::other("rtpengine answers without an address"))
}
