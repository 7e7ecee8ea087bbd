//! Bans, for `line122 bans`: listed and lifted on the machine itself only.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};

use crate::line::Line;
use crate::local::only_here;

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
