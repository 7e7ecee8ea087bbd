//! `/wall`: the wallboard, for who is logged in and for screens with a reader's token.
//!
//! While somebody watches, one task looks at the line once a second, makes a picture and tells all
//! viewers what has changed; the figures of the day are read apart and less often. Nothing is computed
//! for a single viewer.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `picture.rs` | what is shown, from the line's state, the dialplan's thresholds and the figures |
//! | `figures.rs` | the figures of the day, from the records |
//! | `patch.rs` | what makes one picture of another |
//! | `channel.rs` | what viewers are told, and told again |
//! | `stream.rs` | the channel as server-sent events |

mod channel;
mod figures;
mod patch;
mod picture;
mod stream;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use switch::Status;
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::api::{self, Api};
use crate::login::Door;
use channel::{Channel, FrameId, Viewer};
use figures::{Figures, Today};
use picture::{Seen, picture};

/// How often the line is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often the figures of the day are read.
const FIGURES: Duration = Duration::from_secs(15);
/// They take at most this part of the time: a large line's are read less often.
const FIGURES_PART: u32 = 20;
/// How long the line is looked at when nobody watches any more: a viewer who comes again finds all that
/// it has missed.
const LINGER: Duration = Duration::from_secs(60);
/// Viewers at once.
const VIEWERS_MAX: usize = 64;

/// The wall.
struct Wall {
    api: Arc<Api>,
    channel: Channel,
    today: Today,
    figures: Mutex<Option<Arc<Figures>>>,
    viewers: Arc<Semaphore>,
}

/// The channel of `/wall`.
pub fn router(api: Arc<Api>, door: Arc<Door>) -> Router {
    let run = u64::try_from(api.casework.now().unix_millis()).unwrap_or_default();
    let wall = Wall {
        channel: Channel::new(run),
        today: Today::new(api.casework.clone(), &api.records),
        figures: Mutex::default(),
        viewers: Arc::new(Semaphore::new(VIEWERS_MAX)),
        api: api.clone(),
    };
    let channel =
        Router::new().route("/api/wall/stream", get(stream::stream)).with_state(Arc::new(wall));
    api::for_known(channel, api, door)
}

impl Wall {
    /// Somebody comes to see.
    fn view(self: &Arc<Wall>, last: Option<FrameId>) -> Viewer {
        let viewer = self.channel.view(last);
        if viewer.must_draw {
            tokio::spawn(self.clone().draw());
        }
        viewer
    }

    /// Draws until nobody watches.
    async fn draw(self: Arc<Wall>) {
        tokio::select! {
            never = self.count() => match never {},
            () = self.look() => {}
        }
    }

    async fn look(&self) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last: Option<Arc<Status>> = None;
        let mut seen_at = Instant::now();
        loop {
            ticks.tick().await;
            if self.channel.is_seen() {
                seen_at = Instant::now();
            } else if seen_at.elapsed() >= LINGER && self.channel.rest() {
                return;
            }
            let status = self.api.line.status().await;
            let silent = status.is_none();
            last = status.or(last);
            let Some(status) = &last else { continue };
            let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let (plan, now) = (self.api.casework.plan(), self.api.casework.now());
            let figures = figures.as_deref();
            let (now, picture) = picture(&Seen { status, silent, plan: &plan, now, figures });
            self.channel.tell(now, picture);
        }
    }

    async fn count(&self) -> Infallible {
        loop {
            let began = Instant::now();
            let figures = match self.today.look().await {
                Ok(figures) => Some(Arc::new(figures)),
                Err(error) => {
                    // Old figures would pass for those of now.
                    tracing::warn!(?error, "the wall has no figures of the day");
                    None
                }
            };
            *self.figures.lock().unwrap_or_else(PoisonError::into_inner) = figures;
            sleep(FIGURES.max(began.elapsed() * FIGURES_PART)).await;
        }
    }
}
