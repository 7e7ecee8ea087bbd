//! Invitations to the desk: a link that opens an agent's desk for some time, without a password. A volunteer of a few
//! weeks gets one in place of an account.

use std::sync::Arc;

use ambient::{Entropy, Wall};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use dialplan::{AgentId, QueueId};
use journal::CallId;
use records::{Invitation, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{self, Asker, new_secret, token_hash};
use super::problem::{self, Problem, ProblemView};
use super::{Api, time, wire};
use crate::accounts::{self, random};
use crate::connections::Peer;
use crate::login::Door;
use crate::sessions::Invited;

/// The longest invitation.
const DAYS_MAX: u32 = 92;
/// Invitations that are listed.
const LISTED_MAX: usize = 1000;
/// The longest secret that is looked at.
const SECRET_MAX: usize = 128;
/// Bytes of a request of who was invited.
const BODY_MAX: usize = 1024;

/// What routes about invitations share.
pub(crate) struct Inviting {
    pub(crate) api: Arc<Api>,
    pub(crate) door: Arc<Door>,
}

type Shared = State<Arc<Inviting>>;
type Who = Extension<Asker>;

/// The routes for who may invite.
pub(super) fn routes(inviting: &Arc<Inviting>) -> Router<Arc<Api>> {
    Router::new()
        .route("/invitations", get(list).post(create))
        .route("/invitations/{invitation}", delete(revoke))
        .with_state(inviting.clone())
}

/// The route for who was invited.
pub(super) fn door(inviting: &Arc<Inviting>) -> Router {
    Router::new()
        .route("/session/invitation", post(come))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(inviting.clone())
}

/// Who is invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvitation {
    /// The number of the agent of the dialplan whose desk it opens.
    agent: String,
    /// The queues whose calls the desk takes, of the agent's; all of them if not given.
    #[serde(default)]
    topics: Option<Vec<String>>,
    /// For how many days, 92 at most.
    days: u32,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationView {
    id: String,
    agent: String,
    topics: Option<Vec<String>>,
    made_by: String,
    made_at: String,
    expires_at: String,
    /// The way to the desk on this server, with the secret: told once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// The invitations that open a desk now, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitations {
    invitations: Vec<InvitationView>,
}

/// Comes in by an invitation.
#[derive(Deserialize)]
pub(crate) struct Coming {
    invitation: String,
}

/// The invitations that open a desk now.
#[utoipa::path(
    get, path = "/invitations", operation_id = "list_invitations", tag = "agents",
    responses((status = 200, body = Invitations), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    State(inviting): Shared,
    Extension(asker): Who,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let casework = &inviting.api.casework;
    let now = casework.now().unix_millis();
    let all = casework.ask(move |books| books.invitations(now, LISTED_MAX)).await?;
    let invitations = all.iter().map(|one| view(one, None)).collect();
    Ok(Json(Invitations { invitations }).into_response())
}

/// Invites somebody to an agent's desk. The link is told once and cannot be asked for again.
#[utoipa::path(
    post, path = "/invitations", operation_id = "invite", tag = "agents", request_body = NewInvitation,
    responses((status = 201, body = InvitationView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn create(
    State(inviting): Shared,
    Extension(asker): Who,
    body: Bytes,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let NewInvitation { agent, topics, days } = wire::read_body(&body)?;
    let api = &inviting.api;
    let plan = api.casework.plan();
    let agent = AgentId::from(agent.as_str());
    if !plan.agents.contains_key(&agent) {
        return Err(problem::NO_SUCH.of("agent"));
    }
    let known = |name: String| {
        let queue = QueueId::from(name.as_str());
        plan.queues.contains_key(&queue).then_some(queue).ok_or(problem::NO_SUCH.of("topics"))
    };
    let topics: Option<Vec<QueueId>> =
        topics.map(|topics| topics.into_iter().map(known).collect()).transpose()?;
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(problem::WRONG.of("days"));
    }
    let seed: [u8; 32] = random().map_err(|_| problem::UNAVAILABLE)?;
    let secret = new_secret().map_err(|_| problem::UNAVAILABLE)?;
    let now = api.casework.now();
    let invitation = Invitation {
        id: CallId::new(now, &mut Entropy::from_seed(seed)),
        agent,
        topics,
        made_by: asker.actor().to_string(),
        made_at: now.unix_millis(),
        expires_at: now.unix_millis() + i64::from(days) * 24 * 3_600_000,
        revoked_at: None,
    };
    let what = format!("to the desk of agent {} for {days} days", invitation.agent);
    access::note(api, &asker, "invite", what).await?;
    let (kept, hash) = (invitation.clone(), token_hash(&secret));
    api.casework.ask(move |books| books.add_invitation(&kept, &hash)).await?;
    let shown = view(&invitation, Some(format!("/desk#invitation={secret}")));
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// Takes an invitation back; who came in by it is out at once.
#[utoipa::path(
    delete, path = "/invitations/{invitation}", operation_id = "revoke_invitation", tag = "agents",
    params(("invitation" = String, Path, description = "Its identity.")),
    responses((status = 204), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn revoke(
    State(inviting): Shared,
    Extension(asker): Who,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let id: CallId = id.parse().map_err(|_| problem::UNKNOWN)?;
    let api = &inviting.api;
    access::note(api, &asker, "revoke", format!("invitation {id}")).await?;
    let at = api.casework.now().unix_millis();
    let stood = api.casework.ask(move |books| books.revoke_invitation(id, at)).await?;
    inviting.door.shut_out(id);
    if stood { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(problem::UNKNOWN) }
}

/// `POST /session/invitation`: begins the session of who was invited. What the desk takes is what the invitation says.
pub(crate) async fn come(
    State(inviting): Shared,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Json(Coming { invitation }): Json<Coming>,
) -> Response {
    let Inviting { api, door } = &*inviting;
    let peer = peer.map(|Extension(peer)| peer);
    if door.is_shut_for(peer) {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    }
    let now = api.casework.now();
    let hash = token_hash(invitation.get(..SECRET_MAX).unwrap_or(&invitation));
    let asked = api.casework.ask(move |books| books.invitation(&hash, now.unix_millis())).await;
    let found = match asked {
        Ok(found) => found,
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let known = found.filter(|found| api.casework.plan().agents.contains_key(&found.agent));
    let Some(known) = known else {
        door.count_failure(peer);
        tracing::warn!(audit = "login", "an invitation that is worth nothing");
        return StatusCode::UNAUTHORIZED.into_response();
    };
    if api.line.take_only(known.agent.clone(), known.topics.clone()).await.is_none() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let invited = Invited { by: known.id, until: Wall::from_unix_millis(known.expires_at) };
    let role = accounts::Role::Agent(known.agent.clone());
    let is_secure = peer.is_some_and(|peer| peer.is_secure(&headers));
    door.welcome(is_secure, known.agent.to_string(), role, Some(invited))
}

fn view(invitation: &Invitation, path: Option<String>) -> InvitationView {
    let Invitation { id, agent, topics, made_by, made_at, expires_at, .. } = invitation;
    InvitationView {
        id: id.to_string(),
        agent: agent.to_string(),
        topics: topics.as_ref().map(|all| all.iter().map(ToString::to_string).collect()),
        made_by: made_by.clone(),
        made_at: time::text(*made_at),
        expires_at: time::text(*expires_at),
        path,
    }
}
