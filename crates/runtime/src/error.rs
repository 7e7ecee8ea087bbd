use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use sip::Transport;

/// Why the line cannot start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program has the port.
    #[error(
        "{transport} {address} is in use by another program; stop that program, or choose another \
         address with {setting}"
    )]
    InUse {
        /// `SIP UDP`, `web` …
        transport: &'static str,
        /// The address.
        address: SocketAddr,
        /// The setting that names the address.
        setting: &'static str,
    },
    /// The address cannot be bound for another reason.
    #[error("cannot listen at {transport} {address} ({source}); see {setting}")]
    Bind {
        /// `SIP UDP`, `web` …
        transport: &'static str,
        /// The address.
        address: SocketAddr,
        /// The setting that names the address.
        setting: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A certificate or a key cannot be used.
    #[error("{path}: {why}", path = path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// TLS addresses without a certificate.
    #[error("sip.tls needs sip.tls_certificate and sip.tls_key")]
    NoCertificate,
    /// A file or folder cannot be used.
    #[error("{path}: {why}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The system refused something that always works.
    #[error("the system refused: {0}")]
    System(#[from] io::Error),
}

impl StartError {
    /// From the error of binding an address for SIP.
    pub(crate) fn bind(
        transport: Transport,
        address: SocketAddr,
    ) -> impl FnOnce(io::Error) -> StartError {
        let (transport, setting) = match transport {
            Transport::Udp => ("SIP UDP", "sip.udp"),
            Transport::Tcp => ("SIP TCP", "sip.tcp"),
            Transport::Tls => ("SIP TLS", "sip.tls"),
            Transport::Ws | Transport::Wss => ("WebSocket", "web.listen"),
        };
        move |source| StartError::listen(transport, address, setting, source)
    }

    /// From the error of listening at an address that a setting names.
    #[must_use]
    pub fn listen(
        transport: &'static str,
        address: SocketAddr,
        setting: &'static str,
        source: io::Error,
    ) -> StartError {
        if source.kind() == io::ErrorKind::AddrInUse {
            StartError::InUse { transport, address, setting }
        } else {
            StartError::Bind { transport, address, setting, source }
        }
    }
}
