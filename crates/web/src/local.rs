//! What only this machine may ask.
//!
//! Who can open a connection from this machine to this machine may stop the line as well; others, and
//! pages of other sites in a browser here, may not.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::connections::Peer;

/// Only from this machine, and only by its address: a page whose name leads here (DNS rebinding)
/// asks by that name. Another site's page cannot send DELETE, or POST with JSON, without being asked
/// first (CORS).
pub(crate) async fn only_here(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.ip());
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if peer.is_some_and(|peer| peer.is_loopback()) && host.is_some_and(is_address) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::SocketAddr>().is_ok() || host.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_address() {
        for host in ["127.0.0.1:8122", "127.0.0.1", "[::1]:8122"] {
            assert!(is_address(host), "{host}");
        }
        for host in ["evil.example:8122", "localhost.evil.example", ""] {
            assert!(!is_address(host), "{host}");
        }
    }
}
