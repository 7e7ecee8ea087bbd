//! Targets that failed a short while ago, so that not every call waits on a dead server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ambient::Mono;

use crate::{Flow, Transport};

/// How long a target that failed is tried after all others.
pub(crate) const PENALTY: Duration = Duration::from_secs(30);
/// Targets remembered; of more, the one that is free soonest is forgotten.
pub(crate) const PENALTIES_MAX: usize = 1024;

/// The failed targets and until when each is avoided.
#[derive(Debug, Default)]
pub(crate) struct Penalties(BTreeMap<(Transport, SocketAddr), Mono>);

impl Penalties {
    /// Avoids a target for [`PENALTY`].
    pub(crate) fn add(&mut self, now: Mono, flow: &Flow) {
        self.0.retain(|_, until| *until > now);
        if self.0.len() == PENALTIES_MAX {
            let soonest = self.0.iter().min_by_key(|(_, until)| **until).map(|(key, _)| *key);
            if let Some(key) = soonest {
                self.0.remove(&key);
            }
        }
        self.0.insert((flow.transport, flow.remote), now + PENALTY);
    }

    /// A target has answered.
    pub(crate) fn clear(&mut self, flow: &Flow) {
        if !self.0.is_empty() {
            self.0.remove(&(flow.transport, flow.remote));
        }
    }

    /// Whether a target is to be tried after all others.
    pub(crate) fn is_down(&self, now: Mono, flow: &Flow) -> bool {
        self.0.get(&(flow.transport, flow.remote)).is_some_and(|until| *until > now)
    }
}
