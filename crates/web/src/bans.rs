//! Bans, for `line122 bans`: listed and lifted on the machine itself only.
//!
//! There are no users and passwords here yet. Who can open a connection from this machine to this
//! machine may stop the line as well; others, and pages of other sites in a browser here, may not.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};

use crate::connections::Peer;
use crate::line::Line;

type Shared = State<Arc<dyn Line>>;

/// `/api/bans` and `/api/bans/ADDRESS`.
pub(crate) fn router(line: Arc<dyn Line>) -> Router {
    Router::new()
        .route("/api/bans", get(list))
        .route("/api/bans/{address}", delete(lift))
        .route_layer(axum::middleware::from_fn(only_here))
        .with_state(line)
}

async fn list(State(line): Shared) -> Response {
    match line.bans().await {
        Some(bans) => Json(bans).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn lift(State(line): Shared, Path(address): Path<IpAddr>) -> Response {
    match line.lift_bans(address).await {
        Some(lifted) => Json(lifted).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Only from this machine, and only by its address: a page whose name leads here (DNS rebinding)
/// asks by that name. Another site's page cannot send DELETE without being asked first (CORS).
async fn only_here(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.to_canonical());
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
