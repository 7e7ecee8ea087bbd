//! How media is protected.

/// How media is protected with one kind of phones, or on a trunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaSecurity {
    /// Whether it is.
    pub srtp: Srtp,
    /// Where keys may be sent in session descriptions.
    pub keys: SrtpKeys,
}

/// Whether media is protected (SRTP).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Srtp {
    /// Never.
    #[default]
    Off,
    /// If the other side can.
    Preferred,
    /// Calls without it are refused.
    Required,
}

/// Where keys of SRTP may be sent in session descriptions (RFC 4568 §7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SrtpKeys {
    /// Where signalling is protected by TLS.
    #[default]
    OverTls,
    /// Also where anybody on the way can read them.
    Anywhere,
}
