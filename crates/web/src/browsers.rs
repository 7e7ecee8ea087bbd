//! What browsers need to know before they can call.

use ambient::Wall;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha1::Sha1;

/// How long credentials for a TURN server last: a shift.
const TURN_FOR_SECONDS: i64 = 12 * 3600;

/// Where browsers are at home.
#[derive(Clone, Debug, Default)]
pub struct Browsers {
    /// The domain of the accounts.
    pub realm: String,
    /// The way for those behind a firewall that lets no other through.
    pub turn: Option<Turn>,
}

/// A TURN server that takes credentials of a shared secret, as coturn's `use-auth-secret`.
#[derive(Clone)]
pub struct Turn {
    /// Its URIs (RFC 7065).
    pub uris: Vec<String>,
    /// The secret.
    pub secret: String,
}

/// A server as `RTCConfiguration.iceServers` of a browser wants it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct IceServer {
    urls: Vec<String>,
    username: String,
    credential: String,
}

impl Browsers {
    /// The servers for one browser, with credentials that end by themselves.
    pub(crate) fn ice_servers(&self, now: Wall, name: &str) -> Vec<IceServer> {
        let servers = self.turn.iter().filter_map(|turn| {
            let username = format!("{}:{name}", now.unix_millis() / 1000 + TURN_FOR_SECONDS);
            let mut mac = Hmac::<Sha1>::new_from_slice(turn.secret.as_bytes()).ok()?;
            mac.update(username.as_bytes());
            let credential = STANDARD.encode(mac.finalize().into_bytes());
            Some(IceServer { urls: turn.uris.clone(), username, credential })
        });
        servers.collect()
    }
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn").field("uris", &self.uris).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_what_a_turn_server_computes() {
        let turn = Turn { uris: vec!["turn:turn.example".into()], secret: "north".into() };
        let browsers = Browsers { realm: "line122".into(), turn: Some(turn) };
        let servers = browsers.ice_servers(Wall::from_unix_millis(1_000), "201");
        assert_eq!(servers[0].username, "43201:201");
        // printf 43201:201 | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(servers[0].credential, "tLACoeoZMmOGkrxJpReW7LFw204=");
        assert!(Browsers::default().ice_servers(Wall::from_unix_millis(0), "201").is_empty());
    }
}
