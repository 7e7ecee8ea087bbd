//! The channel of the wall as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use super::Wall;
use super::channel::Frame;
use crate::api::{Asker, Problem, TOO_MANY};

/// The longest that somebody watches on one connection: then a token that was revoked is worth nothing.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// A sign of life where nothing changes; the page waits for it.
const SIGN: Duration = Duration::from_secs(10);
/// What a viewer who comes again shows: the id of the last event.
const LAST: &str = "last-event-id";

/// `/api/wall/stream`: the whole picture, then what changes; to who comes again only what was missed.
pub(super) async fn stream(
    State(wall): State<Arc<Wall>>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asker.sees_line()?;
    let permit = wall.viewers.clone().try_acquire_owned().map_err(|_| TOO_MANY)?;
    let last = headers.get(LAST).and_then(|id| id.to_str().ok()?.parse().ok());
    let viewer = wall.view(last);
    let watching = Watching {
        wall,
        first: viewer.first.into(),
        next: viewer.next,
        ends_at: Instant::now() + LONGEST,
        _permit: permit,
    };
    let events = stream::unfold(watching, Watching::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN)).into_response())
}

/// Somebody who watches.
struct Watching {
    wall: Arc<Wall>,
    first: VecDeque<Frame>,
    next: Receiver<Frame>,
    ends_at: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Watching {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Watching)> {
        let frame = loop {
            if let Some(frame) = self.first.pop_front() {
                break frame;
            }
            match timeout_at(self.ends_at, self.next.recv()).await.ok()? {
                Ok(frame) => break frame,
                Err(RecvError::Lagged(_)) => {
                    let viewer = self.wall.view(None);
                    (self.first, self.next) = (viewer.first.into(), viewer.next);
                }
                Err(RecvError::Closed) => return None,
            }
        };
        let event = Event::default().id(frame.id.to_string()).data(&*frame.data);
        Some((Ok(event), self))
    }
}
