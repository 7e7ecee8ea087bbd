use std::fmt;
use std::net::SocketAddr;

use crate::audio::Law;

/// A session description of one audio stream (RFC 8866).
#[derive(Clone, Debug)]
pub struct Sdp {
    pub(super) local: SocketAddr,
    pub(super) laws: Vec<Law>,
    pub(super) events: Option<u8>,
    pub(super) direction: &'static str,
}

impl Sdp {
    /// With these laws alone.
    #[must_use]
    pub fn laws(mut self, laws: &[Law]) -> Sdp {
        self.laws = laws.to_vec();
        self
    }

    /// With this direction: `sendonly` to hold the far end.
    #[must_use]
    pub fn direction(mut self, direction: &'static str) -> Sdp {
        self.direction = direction;
        self
    }
}

impl fmt::Display for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sdp { local, laws, events, direction } = self;
        let family = if local.is_ipv4() { "IP4" } else { "IP6" };
        let ip = local.ip();
        write!(f, "v=0\no=phone 1 1 IN {family} {ip}\ns=-\nc=IN {family} {ip}\nt=0 0\n")?;
        write!(f, "m=audio {} RTP/AVP", local.port())?;
        for payload_type in laws.iter().map(|law| law.payload_type()).chain(*events) {
            write!(f, " {payload_type}")?;
        }
        writeln!(f)?;
        for law in laws {
            writeln!(f, "a=rtpmap:{} {}/8000", law.payload_type(), law.name())?;
        }
        if let Some(events) = events {
            writeln!(f, "a=rtpmap:{events} telephone-event/8000\na=fmtp:{events} 0-15")?;
        }
        writeln!(f, "a=ptime:20\na={direction}")
    }
}
