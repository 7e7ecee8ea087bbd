//! Names of the running dialplan: what a case may be about, and who may have it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use cases::Owner;
use records::Role;

use super::Api;
use super::access::Asker;
use super::problem::{Problem, ProblemView};
use super::wire::{Name, Names};

/// The names of the dialplan.
#[utoipa::path(
    get, path = "/names", operation_id = "list_names", tag = "cases",
    responses((status = 200, body = Names), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
) -> Result<Response, Problem> {
    asker.may(Role::Operator)?;
    let plan = api.casework.plan();
    let name = |id: String, title: &str| Name { id, title: title.to_owned() };
    let groups = plan.groups.values();
    let organisations = plan.organisations.values();
    let owners = groups
        .map(|group| (Owner::Group(group.id.clone()), &*group.title))
        .chain(organisations.map(|one| (Owner::Organisation(one.id.clone()), &*one.title)))
        .chain(plan.agents.values().map(|one| (Owner::Agent(one.id.clone()), &*one.name)));
    let prompts = plan.prompts.iter();
    let prompts =
        prompts.map(|(id, one)| name(id.to_string(), one.text.as_deref().unwrap_or(id.as_str())));
    Ok(Json(Names {
        topics: plan.queues.values().map(|one| name(one.id.to_string(), &one.topic)).collect(),
        clinics: plan.clinics.values().map(|one| name(one.id.to_string(), &one.title)).collect(),
        prompts: prompts.collect(),
        owners: owners.map(|(owner, title)| name(owner.to_string(), title)).collect(),
    })
    .into_response())
}
