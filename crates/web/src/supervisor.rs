//! `/api/supervisor`: the telephone of a supervisor, and whose talks may be watched with it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::api::Api;
use crate::browsers::{Browsers, IceServer};
use crate::login::{Door, only_staff};

/// What the handler needs.
struct Supervisors {
    api: Arc<Api>,
    media: Arc<Browsers>,
    door: Arc<Door>,
}

/// The route, for supervisors and admins.
pub(crate) fn router(api: Arc<Api>, media: Arc<Browsers>, door: Arc<Door>) -> Router {
    let staff = axum::middleware::from_fn_with_state(door.clone(), only_staff);
    Router::new()
        .route("/api/supervisor", get(overview))
        .with_state(Arc::new(Supervisors { api, media, door }))
        .route_layer(staff)
}

/// What does not change during a shift.
#[derive(Serialize)]
struct Overview {
    /// Absent if the account has none, or if talks cannot be watched at all.
    phone: Option<PhoneView>,
}

/// With what talks are watched.
#[derive(Serialize)]
struct PhoneView {
    /// The telephone's account, and the domain of the accounts.
    user: String,
    realm: String,
    ice_servers: Vec<IceServer>,
    /// What is dialled before an agent's number.
    code: String,
    /// The agents whose talks may be watched.
    watches: Vec<String>,
}

async fn overview(
    State(supervisors): State<Arc<Supervisors>>,
    headers: HeaderMap,
) -> Json<Overview> {
    Json(Overview { phone: supervisors.phone(&headers) })
}

impl Supervisors {
    fn phone(&self, headers: &HeaderMap) -> Option<PhoneView> {
        let by = self.door.phone(headers)?;
        let plan = self.api.casework.plan();
        let code = plan.features.monitor.as_ref()?.to_string();
        let watched = plan.agents.keys().filter(|agent| plan.may_monitor(&by, agent));
        Some(PhoneView {
            realm: self.media.realm.clone(),
            ice_servers: self.media.ice_servers(self.api.casework.now(), by.as_str()),
            code,
            watches: watched.map(ToString::to_string).collect(),
            user: by.to_string(),
        })
    }
}
